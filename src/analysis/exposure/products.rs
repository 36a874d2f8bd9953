//! Exposure by product: who makes it where the chain first needs it, and what stops if nobody delivers it.

use std::collections::BTreeMap;

use super::super::AnalysisError;
use super::super::failing::Losses;
use super::super::trail::{entity_cell, product_cell};
use super::chain::{Chain, at};
use super::sets::About;
use super::tiers::concentration;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{EntityId, ProductId};
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

/// A product that the chain needs.
pub(super) struct ProductLine {
    pub product: ProductId,
    /// Least number of steps from the focal entity to who makes it.
    pub tier: u32,
    /// Everyone upstream who supplies it to someone upstream.
    suppliers: Vec<EntityId>,
    /// What each supplier delivers at the first tier, as parts of what is known.
    first: BTreeMap<EntityId, f64>,
    /// Part of the need at the first tier whose supplier is known.
    known: f64,
}

/// The products of the chain with their suppliers where it first needs them.
///
/// At the first tier of a product each customer counts by what reaches it: a unit of function is walked
/// upstream, split by the suppliers' shares of each need and carried by every binding need in full.
fn products(chain: &Chain<'_>) -> Vec<ProductLine> {
    let mut lines: BTreeMap<ProductId, ProductLine> = BTreeMap::new();
    let mut mass: BTreeMap<EntityId, f64> = BTreeMap::from([(chain.of, 1.0)]);
    let last = chain.tiers.iter().flatten().copied().max().unwrap_or(0);
    for tier in 1..=last + 1 {
        let mut at_tier: BTreeMap<ProductId, (BTreeMap<EntityId, f64>, f64)> = BTreeMap::new();
        for (entity, mass) in &mass {
            for row in chain.network.needs(*entity).iter().filter(|row| row.binds()) {
                let slot = at_tier.entry(row.product).or_default();
                slot.1 += mass;
                for link in chain.network.suppliers(row) {
                    *slot.0.entry(link.supplier).or_default() += mass * link.share;
                }
            }
        }
        let mut next: BTreeMap<EntityId, f64> = BTreeMap::new();
        for (product, (first, needed)) in at_tier {
            for (supplier, part) in &first {
                *next.entry(*supplier).or_default() += part;
            }
            let known =
                if needed > 0.0 { first.values().fold(0.0, |sum, part| sum + part) / needed } else { 0.0 };
            lines.entry(product).or_insert(ProductLine {
                product,
                tier,
                suppliers: Vec::new(),
                first,
                known,
            });
        }
        let total: f64 = next.values().sum();
        next.values_mut().for_each(|part| *part /= total);
        mass = next;
    }
    for row in chain.network.rows().iter().filter(|row| row.binds() && chain.needs(row.entity)) {
        if let Some(line) = lines.get_mut(&row.product) {
            line.suppliers.extend(chain.network.suppliers(row).iter().map(|link| link.supplier));
        }
    }
    let mut lines: Vec<ProductLine> = lines.into_values().collect();
    for line in &mut lines {
        line.suppliers.retain(|supplier| *supplier != chain.of);
        line.suppliers.sort_unstable();
        line.suppliers.dedup();
    }
    lines
}

/// The table by product: most function lost first, then the most concentrated, then by key.
pub(super) fn table(chain: &Chain<'_>) -> Result<About, AnalysisError> {
    let columns = vec![
        Column::new("product", Unit::Text, "A product that the entity or someone upstream cannot do without"),
        Column::new("tier", Unit::Count, "Least number of steps to who makes it, 1 or more"),
        Column::new("suppliers", Unit::Count, "Suppliers of it anywhere upstream, 0 or more"),
        Column::new(
            "known_share",
            Unit::Share,
            "Part of the need at that tier whose supplier is known, 0 to 1",
        ),
        Column::new(
            "hhi",
            Unit::Hhi,
            "Concentration of the known part over suppliers at that tier, to 10,000",
        ),
        Column::new(
            "effective_number",
            Unit::Number,
            "10,000 / HHI: as concentrated as so many equal suppliers",
        ),
        Column::new("largest_supplier", Unit::Text, "Who delivers most of it at that tier"),
        Column::new("largest_share", Unit::Share, "Its part of the need at that tier, 0 to 1"),
        Column::new("stop_loss", Unit::Share, "Function lost if no known supplier delivers it, 0 to 1"),
        Column::new("stop_loss_high", Unit::Share, "The same if the unknown suppliers do not either, 0 to 1"),
        Column::new("worst_supplier", Unit::Text, "Its supplier with the largest stop loss"),
        Column::new("worst_stop_loss", Unit::Share, "Stop loss of that supplier, 0 to 1"),
        Column::new(
            "reach_share",
            Unit::Share,
            "Share of cost that passes through any of its suppliers, 0 to 1",
        ),
    ];
    let title = "By product, where the chain first needs it";
    let mut table = Table::new("products", title, columns);
    let graph = chain.view.graph;
    let lines = products(chain);
    let rows: Result<Vec<_>, AnalysisError> = lines
        .side_by_side(|line| {
            let losses = Losses::without(&chain.network, line.product);
            let parts: Vec<f64> = line.first.values().copied().collect();
            let spread = concentration(&parts);
            let largest = largest(line.first.iter().map(|(id, part)| (*id, *part)));
            let worst = largest_of(chain, &line.suppliers);
            let total: f64 = parts.iter().sum();
            let set: Vec<(EntityId, f64)> = line.suppliers.iter().map(|id| (*id, 1.0)).collect();
            let reach = match line.suppliers.iter().any(|id| at(&chain.row, *id) > 0.0) {
                true => Cell::number(chain.reach_share(&set)?),
                false => Cell::Empty,
            };
            let loss = losses.low(chain.of);
            let cells = vec![
                product_cell(graph, line.product),
                Cell::Number(f64::from(line.tier)),
                Cell::Number(line.suppliers.len() as f64),
                Cell::Number(line.known),
                Cell::number(spread.map(|(_, hhi, _)| hhi)),
                Cell::number(spread.map(|(_, hhi, _)| 10_000.0 / hhi)),
                largest.map_or(Cell::Empty, |(id, _)| entity_cell(graph, id)),
                Cell::number(largest.map(|(_, part)| part / total * line.known)),
                Cell::Number(loss),
                Cell::Number(losses.high(chain.of)),
                worst.map_or(Cell::Empty, |(id, _)| entity_cell(graph, id)),
                Cell::number(worst.map(|(_, loss)| loss)),
                reach,
            ];
            let key = ((loss * 1e12).round(), spread.map_or(0.0, |(_, hhi, _)| (hhi * 1e6).round()));
            Ok((key, cells, line.suppliers.clone()))
        })
        .into_iter()
        .collect();
    let mut rows = rows?;
    rows.arrange(|((loss_a, hhi_a), ..), ((loss_b, hhi_b), ..)| {
        loss_b.total_cmp(loss_a).then(hhi_b.total_cmp(hhi_a))
    });
    let about = rows.iter_mut().map(|(.., suppliers)| std::mem::take(suppliers)).collect();
    table.rows = rows.into_iter().map(|(_, cells, _)| cells).collect();
    Ok((table, about))
}

/// The largest value with its entity, the first by key among equals.
pub(in crate::analysis) fn largest(values: impl Iterator<Item = (EntityId, f64)>) -> Option<(EntityId, f64)> {
    values.fold(None, |best: Option<(EntityId, f64)>, (id, value)| match best {
        Some((_, most)) if value <= most + 1e-12 => best,
        _ => Some((id, value)),
    })
}

/// The entity of a set, in rising order, with the largest stop loss.
pub(super) fn largest_of(chain: &Chain<'_>, set: &[EntityId]) -> Option<(EntityId, f64)> {
    largest(
        chain
            .lines
            .iter()
            .filter(|line| set.binary_search(&line.entity).is_ok())
            .map(|line| (line.entity, line.stop_loss)),
    )
}
