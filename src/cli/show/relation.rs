//! A relation: what it says, how its status went, what it belongs to, each claim on its sizes.

use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit};
use crate::cli::words::{date, lower};
use crate::graph::describe_measure;
use crate::model::{Measure, RelationId};

use super::page::Page;
use super::record::Record;

/// Adds a relation to the page.
pub(super) fn show<'g>(view: &View<'g>, id: RelationId, page: &mut Page<'g>) {
    let graph = view.graph;
    let relation = graph.relation(id);
    page.subject("relation", &relation.key, &relation.key);
    let ends = [Some(relation.from), relation.to].into_iter().flatten();
    let ends: Vec<String> =
        ends.map(|id| format!("{} ({})", graph.entity(id).name, graph.entity(id).key)).collect();
    page.line(format!("{} · {}", lower(relation.relation_type()), ends.join(" → ")));
    page.records("What it says", "self", vec![Record::relation(view, relation)]);
    let history = relation.history.iter().map(|change| match change.on {
        Some(on) => format!("{} on {on}", lower(change.status)),
        None => lower(change.status),
    });
    if relation.history.len() > 1 {
        page.line(format!("Status: {}", history.collect::<Vec<_>>().join(", then ")));
    }
    page.table(claims(view, relation.detail.measures()));
    let total = relation.part_of.map(|id| Record::relation(view, graph.relation(id)));
    page.records("The total that it is a part of", "total", total.into_iter().collect());
    let all = || graph.facts().relations.iter();
    let parts = all().filter(|other| other.part_of == Some(id));
    page.records("Its parts", "part", parts.map(|part| Record::relation(view, part)).collect());
    let agreed = all().filter(|other| relation.deal.is_some() && other.deal == relation.deal);
    let agreed = agreed.filter(|other| other.key != relation.key);
    page.records(
        "Agreed together with it",
        "deal",
        agreed.map(|other| Record::relation(view, other)).collect(),
    );
}

/// Every statement of a size of which there are several.
fn claims<'a>(view: &View<'_>, measures: impl Iterator<Item = &'a Measure>) -> Table {
    let columns = vec![
        Column::new("claim", Unit::Text, "What is said"),
        Column::new("as_of", Unit::Text, "The date that it refers to"),
        Column::new("used", Unit::Text, "Whether answers print this one"),
        Column::new("confidence", Unit::Text, "How sure the dataset's author is"),
        Column::new("sources", Unit::Text, "Who says so"),
    ];
    let mut table = Table::new("claims", "Where sources differ", columns);
    for measure in measures.filter(|measure| measure.claims.len() > 1) {
        for claim in &measure.claims {
            let alone = Measure { dimension: measure.dimension.clone(), claims: vec![claim.clone()] };
            let evidence = claim.evidence.as_ref();
            let sources = evidence.map(|evidence| {
                let sources = evidence.sources.iter().map(|id| view.graph.source(*id));
                Cell::Items(sources.map(|source| (source.key.clone(), source.key.clone())).collect())
            });
            table.rows.push(vec![
                Cell::text(describe_measure(&alone)),
                date(claim.as_of),
                Cell::Flag(measure.preferred() == Some(claim)),
                evidence.map_or(Cell::Empty, |evidence| Cell::text(lower(evidence.confidence))),
                sources.unwrap_or(Cell::Empty),
            ]);
        }
    }
    table
}
