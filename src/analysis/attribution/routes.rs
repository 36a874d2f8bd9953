//! The ways that a loss takes.

use std::collections::BTreeMap;

use super::super::trail::product_cell;
use super::Study;
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;
use crate::propagation::linear::Binding;
use crate::propagation::paths::{Path, paths};

/// Terms looked at before the search for ways is cut short.
const STEPS: usize = 200_000;

/// Adds the table of ways.
pub(super) fn add(study: &Study<'_>, least: f64, answer: &mut Answer) {
    let network = study.network;
    let mut shock = vec![0.0; network.len()];
    for (id, loss) in &study.shocks {
        if let Some(own) = shock.get_mut(id.index()) {
            *own = *loss;
        }
    }
    let levels = &study.outcome.functionality;
    let binding = Binding::at_end(network, &shock, levels, &study.outcome.first_hit, study.settings);
    let whole: Vec<f64> = levels.iter().map(|level| 1.0 - level).collect();
    let terms = |node: usize| {
        binding
            .terms(network, EntityId::new(node))
            .map(|(id, supplier, part)| (id, supplier.index(), part))
            .collect()
    };
    let count = study.target.members.len() as f64;
    let (mut found, mut remainder, mut capped): (Vec<Path>, f64, bool) = (Vec::new(), 0.0, false);
    for member in &study.target.members {
        let threshold = least * study.loss * count;
        let ways = paths(member.index(), terms, &binding.outside, &whole, threshold, STEPS);
        found.extend(ways.paths.into_iter().map(|path| Path { part: path.part / count, ..path }));
        remainder += ways.remainder / count;
        capped |= ways.capped;
    }
    // parallel ways over the same nodes differ by product: their terms tell them apart
    let rounded = |path: &Path| (path.part * 1e12).round();
    found.arrange(|a, b| {
        rounded(b).total_cmp(&rounded(a)).then(a.nodes.cmp(&b.nodes)).then(a.terms.cmp(&b.terms))
    });
    let products = products(study);
    let columns = vec![
        Column::new("way", Unit::Text, "From the shock to the target, each the supplier of the next"),
        Column::new("steps", Unit::Count, "Links on the way, 0 or more"),
        Column::new(
            "into_target",
            Unit::Text,
            "The product that the last link delivers; empty for the shock itself",
        ),
        Column::new("part", Unit::Share, "What the way carries of the target's function, 0 to 1"),
        Column::new("part_of_loss", Unit::Share, "The same as a share of the loss, 0 to 1"),
    ];
    let graph = study.view.graph;
    let mut table = Table::new("ways", "The ways that the loss takes", columns);
    for path in &found {
        let name = |at: &usize| {
            let entity = graph.entity(EntityId::new(*at));
            (entity.key.clone(), entity.name.clone())
        };
        let last = path.terms.last().and_then(|at| products.get(at));
        table.rows.push(vec![
            Cell::Items(path.nodes.iter().map(name).collect()),
            Cell::Number(path.terms.len() as f64),
            last.map_or(Cell::Empty, |product| product_cell(graph, *product)),
            Cell::Number(path.part),
            Cell::Number(path.part / study.loss),
        ]);
    }
    let columns = vec![
        Column::new("loss", Unit::Share, "Loss of the target, 0 to 1"),
        Column::new("ways", Unit::Count, "Ways listed, 0 or more"),
        Column::new("carried", Unit::Share, "What they carry together, 0 to 1"),
        Column::new("remainder", Unit::Share, "What all other ways carry together, 0 to 1"),
        Column::new("remainder_of_loss", Unit::Share, "The same as a share of the loss, 0 to 1"),
    ];
    let mut summary = Table::new("summary", "The loss, and what the ways listed carry of it", columns);
    summary.rows.push(vec![
        Cell::Number(study.loss),
        Cell::Number(found.len() as f64),
        Cell::Number(found.iter().map(|path| path.part).sum()),
        Cell::Number(remainder),
        Cell::Number(remainder / study.loss),
    ]);
    if let Some(first) = found.first() {
        let names: Vec<&str> =
            first.nodes.iter().map(|at| graph.entity(EntityId::new(*at)).name.as_str()).collect();
        let finding = FindingBuilder::new(format!("{} loses ", study.target.name))
            .cell(&summary, 0, "loss")
            .words("; the way that carries most of it, ")
            .cell(&table, 0, "part_of_loss")
            .words(format!(", is {}. ", names.join(" to ")))
            .cell(&summary, 0, "ways")
            .words(" ways are listed; all others together carry ")
            .cell(&summary, 0, "remainder_of_loss")
            .words(" of the loss.");
        answer.findings.insert(0, finding.done());
    }
    answer.tables.extend([table, summary]);
    let text = "The model is not linear: ways are those of what binds where the cascade ends (the scarcest essential input of each, or \
                its important ones together). Of inputs that are equally short the one hit first has all of it.";
    answer.caveat("linear-at-the-end", text, None);
    if capped {
        let reason =
            format!("the search for ways ended at {STEPS} terms; the remainder holds what was left out");
        answer.status = AnswerStatus::Truncated { reason };
    }
}

/// The product of each link.
fn products(study: &Study<'_>) -> BTreeMap<usize, crate::model::ProductId> {
    let rows = study.network.rows().iter();
    rows.flat_map(|row| study.network.link_range(row).map(|at| (at, row.product))).collect()
}
