//! Why everyone loses what it loses: which shock, and which direct supplier.

use super::super::AnalysisError;
use super::super::trail::{entity_cell, product_cell};
use super::Asked;
use super::functional::settings;
use super::strike::Struck;
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::EntityId;
use crate::network::Network;
use crate::propagation::explain::{Cause, parts};
use crate::propagation::functional::{Outcome, propagate_blow};
use crate::propagation::shapley::{EXACT, ORDERS, shapley};

/// A part below this is rounding.
const NOTICEABLE: f64 = 1e-12;
/// Parts that a finding names.
const MOST_SAID: usize = 3;

/// Adds the two tables of causes.
pub(super) fn add(
    asked: &Asked<'_>,
    network: &Network,
    struck: &Struck,
    outcome: &Outcome,
    order: &[EntityId],
    answer: &mut Answer,
) -> Result<(), AnalysisError> {
    let shocks = by_shock(asked, network, order, answer)?;
    let suppliers = by_supplier(asked, network, struck, outcome, order);
    let struck_itself = |id: &&EntityId| asked.hits.entities.iter().any(|hit| hit.entity == **id);
    // the worst hit among those that others depend on least: ends of the chain
    let others = || order.iter().filter(|id| !struck_itself(id));
    let end = others().find(|id| network.customers().get(id.index()).is_none_or(Vec::is_empty));
    if let Some(id) = end.or(others().next()) {
        say(asked, *id, &shocks, &suppliers, answer);
    }
    answer.tables.push(shocks);
    answer.tables.push(suppliers);
    let text = "Parts by supplier are those of the input that binds; of inputs that are equally short the first has all of it. \
                Parts by shock are Shapley values: what a shock adds, averaged over all orders in which the shocks may come.";
    answer.caveat("attribution", text, None);
    Ok(())
}

/// Where the loss of one entity comes from.
fn say(asked: &Asked<'_>, id: EntityId, shocks: &Table, suppliers: &Table, answer: &mut Answer) {
    let entity = asked.view.graph.entity(id);
    let rows = |table: &Table| -> Vec<usize> {
        let own = |row: &usize| table.cell(*row, "entity").and_then(Cell::as_key) == Some(&entity.key);
        (0..table.rows.len()).filter(own).collect()
    };
    let word = |table: &Table, row: usize, column: &str| match table.cell(row, column) {
        Some(Cell::Item { name, .. }) => name.clone(),
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let of_shocks = rows(shocks);
    if of_shocks.len() > 1 {
        let mut finding = FindingBuilder::new(format!("Of the loss of {}, ", entity.name));
        for (place, row) in of_shocks.iter().take(MOST_SAID).enumerate() {
            let link = if place == 0 { "" } else { ", " };
            finding = finding
                .words(link)
                .cell(shocks, *row, "part_of_loss")
                .words(format!(" is because {}", word(shocks, *row, "shock")));
        }
        answer.findings.push(finding.words(".").done());
    }
    let named = rows(suppliers).into_iter().filter(|row| !word(suppliers, *row, "supplier").is_empty());
    let named: Vec<usize> = named.take(MOST_SAID).collect();
    if !named.is_empty() {
        let mut finding = FindingBuilder::new(format!("The loss of {} reaches it by way of ", entity.name));
        for (place, row) in named.iter().enumerate() {
            finding = finding
                .words(format!(
                    "{}{} (",
                    if place == 0 { "" } else { ", " },
                    word(suppliers, *row, "supplier")
                ))
                .cell(suppliers, *row, "part_of_loss")
                .words(")");
        }
        let products: Vec<String> = named.iter().map(|row| word(suppliers, *row, "product")).collect();
        let one = products.first().filter(|first| products.iter().all(|own| own == *first));
        let end = one.map_or(".".to_string(), |product| format!(", through {product}."));
        answer.findings.push(finding.words(end).done());
    }
}

fn by_shock(
    asked: &Asked<'_>,
    network: &Network,
    order: &[EntityId],
    answer: &mut Answer,
) -> Result<Table, AnalysisError> {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new("shock", Unit::Text, "Which shock of the scenario"),
        Column::new(
            "part",
            Unit::Share,
            "Share of its function that this shock costs; the parts add up to its loss",
        ),
        Column::new("part_of_loss", Unit::Share, "The same as a share of its loss, 0 to 1"),
        Column::new(
            "standard_error",
            Unit::Share,
            "Standard error of the part; 0 where all sets of shocks were run",
        ),
    ];
    let mut table = Table::new("by-shock", "Losses by shock", columns);
    let settings = settings(asked.params);
    let causes = asked.hits.shocks.len();
    let run = |set: &[bool]| -> Vec<f64> {
        let some = asked.hits.only(|shock| set.get(shock).copied().unwrap_or(false));
        // what lands all together lands in part as well
        let Ok(struck) = Struck::new(asked.view, network, &some) else { return vec![0.0; order.len()] };
        let outcome = propagate_blow(network, &struck.blow(), settings);
        let level = |id: &EntityId| outcome.functionality.get(id.index()).copied().unwrap_or(1.0);
        order.iter().map(|id| 1.0 - level(id)).collect()
    };
    let shapley = shapley(causes, asked.params.seed, run);
    for (at, id) in order.iter().enumerate() {
        let part = |shock: usize| shapley.parts.get(shock).and_then(|p| p.get(at)).copied().unwrap_or(0.0);
        let whole: f64 = (0..causes).map(part).sum();
        for shock in (0..causes).filter(|shock| part(*shock).abs() > NOTICEABLE) {
            let error = shapley.errors.as_ref().and_then(|errors| errors.get(shock)?.get(at).copied());
            table.rows.push(vec![
                entity_cell(asked.view.graph, *id),
                Cell::text(asked.hits.words.get(shock).map_or("", String::as_str)),
                Cell::Number(part(shock)),
                Cell::number((whole > 0.0).then(|| part(shock) / whole)),
                Cell::Number(error.unwrap_or(0.0)),
            ]);
        }
    }
    if causes > EXACT {
        let text = format!(
            "{causes} shocks are more than the {EXACT} of which all sets are run: parts by shock come from {ORDERS} drawn \
             orders (seed {}), with standard errors.",
            asked.params.seed
        );
        answer.caveat("sampled-attribution", text, Some(ORDERS));
    }
    Ok(table)
}

fn by_supplier(
    asked: &Asked<'_>,
    network: &Network,
    struck: &Struck,
    outcome: &Outcome,
    order: &[EntityId],
) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new(
            "supplier",
            Unit::Text,
            "The direct supplier; empty for the shock itself and for shortages of all supply",
        ),
        Column::new("product", Unit::Text, "What it supplies; empty for the shock itself"),
        Column::new(
            "part",
            Unit::Share,
            "Share of the entity's function lost by way of it; the parts add up to its loss",
        ),
        Column::new("part_of_loss", Unit::Share, "The same as a share of its loss, 0 to 1"),
    ];
    let mut table = Table::new("by-supplier", "Losses by direct supplier", columns);
    let graph = asked.view.graph;
    let all = parts(network, &struck.blow(), settings(asked.params), outcome);
    for id in order {
        let parts = all.get(id.index()).map(Vec::as_slice).unwrap_or_default();
        let whole: f64 = parts.iter().map(|(_, part)| part).sum();
        for (cause, part) in parts.iter().filter(|(_, part)| *part > NOTICEABLE) {
            let (supplier, product) = match cause {
                Cause::Own => (Cell::Empty, Cell::Empty),
                Cause::Supplier(id, product) => (entity_cell(graph, *id), product_cell(graph, *product)),
                Cause::Shortage(product) => (Cell::Empty, product_cell(graph, *product)),
            };
            table.rows.push(vec![
                entity_cell(graph, *id),
                supplier,
                product,
                Cell::Number(*part),
                Cell::Number(part / whole),
            ]);
        }
    }
    table
}
