//! Every input of the entity and of those upstream: single-sourced, sole-sourced, or not known.

use super::super::sourcing::sourcing;
use super::super::trail::{Upon, entity_cell, product_cell};
use super::chain::{Chain, at};
use super::tiers::concentration;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::Need;
use crate::order::Arrange;

/// One row for each binding need of the entity (tier 0) and of everyone upstream, nearest first, and what each rests on.
pub(super) fn table(chain: &Chain<'_>) -> (Table, Vec<Upon>) {
    let columns = vec![
        Column::new("buyer", Unit::Text, "Who needs it"),
        Column::new("tier", Unit::Count, "Steps from the focal entity to the buyer; 0 is itself"),
        Column::new("product", Unit::Text, "What is needed"),
        Column::new("need", Unit::Text, "essential or important"),
        Column::new("suppliers", Unit::Count, "Known suppliers, 0 or more"),
        Column::new("known_share", Unit::Share, "Part of the need whose supplier is known, 0 to 1"),
        Column::new("largest_supplier", Unit::Text, "Who covers most of it"),
        Column::new("largest_share", Unit::Share, "Its share of the need, 0 to 1"),
        Column::new("effective_number", Unit::Number, "10,000 / HHI of the known part, 1 or more"),
        Column::new(
            "single_source",
            Unit::Text,
            "One supplier covers it though others exist; empty: not known",
        ),
        Column::new("sole_source", Unit::Text, "Only one vendor exists; empty: not known"),
        Column::new("vendors", Unit::Count, "Vendors of the product that are known, 0 or more"),
        Column::new("sourcing", Unit::Text, "several, single, sole, single or sole, one known, or unknown"),
        Column::new("note", Unit::Text, "Why a flag is empty, or what it rests on"),
    ];
    let mut table = Table::new("inputs", "Inputs along the chain, and whether they have one source", columns);
    let graph = chain.view.graph;
    let mut rows: Vec<_> = chain
        .network
        .rows()
        .iter()
        .filter(|row| row.binds())
        .filter_map(|row| at(&chain.tiers, row.entity).map(|tier| (tier, row)))
        .collect();
    rows.arrange_by_key(|(tier, row)| (*tier, row.entity, row.product));
    let mut rests = Vec::new();
    for (tier, row) in rows {
        let links = chain.network.suppliers(row).iter();
        let upon = links.fold(Upon::default(), |upon, link| upon.link(&chain.network, link, None));
        rests.push(upon.or_nothing("nobody is known to supply it"));
        let sourcing = sourcing(graph, &chain.network, row);
        let links = chain.network.suppliers(row);
        let shares: Vec<f64> = links.iter().map(|link| link.share).collect();
        let flag = |flag: Option<bool>| flag.map_or(Cell::Empty, Cell::Flag);
        table.rows.push(vec![
            entity_cell(graph, row.entity),
            Cell::Number(f64::from(tier)),
            product_cell(graph, row.product),
            Cell::text(if row.need == Need::Essential { "essential" } else { "important" }),
            Cell::Number(links.len() as f64),
            Cell::Number(row.known),
            links.first().map_or(Cell::Empty, |link| entity_cell(graph, link.supplier)),
            Cell::number(links.first().map(|link| link.share)),
            Cell::number(concentration(&shares).map(|(_, hhi, _)| 10_000.0 / hhi)),
            flag(sourcing.single),
            flag(sourcing.sole),
            Cell::Number(sourcing.vendors as f64),
            Cell::text(sourcing.verdict),
            Cell::text(sourcing.note),
        ]);
    }
    (table, rests)
}
