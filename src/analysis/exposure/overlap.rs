//! Shared suppliers of the first tier's suppliers: the diamond in the chain, on both bases.

use std::collections::BTreeMap;

use super::super::trail::entity_cell;
use super::super::{AnalysisError, budget};
use super::chain::{Chain, NOTICEABLE, at, solved};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{EntityId, ProductId};
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

/// Most pairs of suppliers that are listed.
pub(super) const MOST_PAIRS: usize = 1_000;

/// A direct supplier, with the product on the function basis.
type Link = (Option<ProductId>, EntityId);

/// One basis: the first tier, what each of it buys directly, and what each of it hangs on at any tier.
struct Basis {
    name: &'static str,
    first: Vec<EntityId>,
    direct: Vec<BTreeMap<Link, f64>>,
    /// By entity upstream: what it is to each of the first tier (stop loss, or reach share).
    deep: BTreeMap<EntityId, Vec<f64>>,
}

/// The three tables, and whether the pairs were cut short.
pub(super) struct Overlap {
    pub tables: Vec<Table>,
    pub truncated: bool,
    /// What was left out because the graph is too large.
    pub left_out: Option<String>,
}

/// Most values, direct suppliers times entities upstream, that are kept to compare suppliers over all tiers.
const MOST_VALUES: usize = 20_000_000;

/// Shared suppliers on each basis that knows at least one supplier of the first tier.
pub(super) fn overlap(chain: &Chain<'_>) -> Result<Overlap, AnalysisError> {
    let (direct, upstream) = (chain.cost.of(chain.of).len(), chain.lines.len());
    let pairs = direct.saturating_mul(direct).saturating_mul(upstream);
    let large = direct.saturating_mul(upstream) > MOST_VALUES
        || pairs / 2 > 50 * MOST_VALUES
        || direct > budget::solves(chain.cost.links_len());
    let by_cost = if large { None } else { cost(chain)? };
    let left_out = large
        .then(|| format!("what {direct} direct suppliers share by cost is left out: the graph is too large"));
    let bases: Vec<Basis> = [function(chain), by_cost].into_iter().flatten().collect();
    let mut truncated = false;
    let mut tables = vec![summary_table(), shared_table(), pairs_table()];
    if let [summary, shared, pairs] = tables.as_mut_slice() {
        for basis in &bases {
            let second = basis.second_tier(chain.of);
            let (rows, mean) = basis.pairs(chain);
            summary.rows.push(basis.summary(&second, mean));
            shared.rows.extend(basis.shared(chain, &second));
            truncated |= rows.len() > MOST_PAIRS;
            pairs.rows.extend(rows.into_iter().take(MOST_PAIRS));
        }
    }
    Ok(Overlap { tables, truncated, left_out })
}

fn function(chain: &Chain<'_>) -> Option<Basis> {
    let network = &chain.network;
    let direct = |entity: &EntityId| {
        let mut links: BTreeMap<Link, f64> = BTreeMap::new();
        for row in network.needs(*entity).iter().filter(|row| row.binds()) {
            for link in network.suppliers(row).iter().filter(|link| link.supplier != chain.of) {
                *links.entry((Some(row.product), link.supplier)).or_default() += link.share;
            }
        }
        links
    };
    let first = chain.first_tier.clone();
    let deep = chain.lines.iter().map(|line| (line.entity, line.first_tier.clone())).collect();
    let direct = first.iter().map(direct).collect();
    (!first.is_empty()).then_some(Basis { name: "function", first, direct, deep })
}

fn cost(chain: &Chain<'_>) -> Result<Option<Basis>, AnalysisError> {
    let suppliers = |of: EntityId| chain.cost.of(of).iter().filter(|link| link.supplier != chain.of);
    let first: Vec<EntityId> = suppliers(chain.of).map(|link| link.supplier).collect();
    if first.is_empty() {
        return Ok(None);
    }
    let direct =
        |entity: &EntityId| suppliers(*entity).map(|link| ((None, link.supplier), link.share)).collect();
    let rows: Result<Vec<Vec<f64>>, AnalysisError> =
        first.side_by_side(|entity| solved(chain.cost.leontief_row(*entity))).into_iter().collect();
    let rows = rows?;
    let mut deep: BTreeMap<EntityId, Vec<f64>> = BTreeMap::new();
    for line in &chain.lines {
        let Some(own) = at(&chain.diagonal, line.entity) else { continue };
        let reach = |row: &Vec<f64>| (at(row, line.entity) / own).min(1.0);
        deep.insert(line.entity, rows.iter().map(reach).collect());
    }
    let direct = first.iter().map(direct).collect();
    Ok(Some(Basis { name: "cost", first, direct, deep }))
}

impl Basis {
    /// Suppliers of the first tier with the number of those that they serve directly.
    fn second_tier(&self, of: EntityId) -> BTreeMap<EntityId, usize> {
        let mut serves: BTreeMap<EntityId, usize> = BTreeMap::new();
        for links in &self.direct {
            let mut suppliers: Vec<EntityId> = links.keys().map(|(_, supplier)| *supplier).collect();
            suppliers.sort_unstable();
            suppliers.dedup();
            for supplier in suppliers.into_iter().filter(|supplier| *supplier != of) {
                *serves.entry(supplier).or_default() += 1;
            }
        }
        serves
    }

    fn summary(&self, second: &BTreeMap<EntityId, usize>, cosine: Option<f64>) -> Vec<Cell> {
        let (firsts, seconds) = (self.first.len() as f64, second.len() as f64);
        let paths: usize = second.values().sum();
        let shared =
            |least: usize| second.values().filter(|serves| **serves >= least).count() as f64 / seconds;
        vec![
            Cell::text(self.name),
            Cell::Number(firsts),
            Cell::Number(seconds),
            Cell::number(paths as f64 / (firsts * seconds)),
            Cell::number(shared(2)),
            Cell::number(shared(5)),
            Cell::number(cosine),
        ]
    }

    fn shared(&self, chain: &Chain<'_>, second: &BTreeMap<EntityId, usize>) -> Vec<Vec<Cell>> {
        let mut rows: Vec<(usize, usize, f64, EntityId, Vec<Cell>)> = Vec::new();
        for line in &chain.lines {
            let Some(deep) = self.deep.get(&line.entity) else { continue };
            // what a supplier is to itself says nothing about sharing
            let others = || self.first.iter().zip(deep).filter(|(first, _)| **first != line.entity);
            let any = others().filter(|(_, value)| **value > NOTICEABLE).count();
            let whole = others().filter(|(_, value)| **value > 1.0 - 1e-9).count();
            let direct = second.get(&line.entity).copied().unwrap_or(0);
            if direct == 0 && any < 2 {
                continue;
            }
            let sum: f64 = others().map(|(_, value)| value).sum();
            let mean = sum / others().count() as f64;
            let cells = vec![
                Cell::text(self.name),
                entity_cell(chain.view.graph, line.entity),
                Cell::number(line.tier.map(f64::from)),
                Cell::Number(direct as f64),
                Cell::Number(any as f64),
                Cell::Number(whole as f64),
                Cell::number(mean),
            ];
            rows.push((any, direct, (mean * 1e12).round(), line.entity, cells));
        }
        rows.arrange(|a, b| (b.0, b.1).cmp(&(a.0, a.1)).then(b.2.total_cmp(&a.2)).then(a.3.cmp(&b.3)));
        rows.into_iter().map(|(.., cells)| cells).collect()
    }

    /// Pairs of the first tier, most alike first, and the mean of their cosines.
    fn pairs(&self, chain: &Chain<'_>) -> (Vec<Vec<Cell>>, Option<f64>) {
        let graph = chain.view.graph;
        let mut rows: Vec<(f64, Vec<Cell>)> = Vec::new();
        let mut cosines = Vec::new();
        let squares = |links: &BTreeMap<Link, f64>| links.values().map(|share| share * share).sum::<f64>();
        let squares: Vec<f64> = self.direct.iter().map(squares).collect();
        // what each hangs on as one list: pairs are many
        let column =
            |at| self.deep.values().map(|row| row.get(at).copied().unwrap_or(0.0)).collect::<Vec<f64>>();
        let columns: Vec<Vec<f64>> = (0..self.first.len()).map(column).collect();
        let lengths: Vec<f64> = columns.iter().map(|column| dot(column, column)).collect();
        for (a, first) in self.first.iter().enumerate() {
            for (b, second) in self.first.iter().enumerate().skip(a + 1) {
                let both = self.direct[a].iter();
                let both = both.filter_map(|(link, share)| Some(share * self.direct[b].get(link)?));
                // an empty sum of floats is -0: start from 0
                let direct = cosine(both.fold(0.0, |sum, both| sum + both), squares[a], squares[b]);
                let deep = cosine(dot(&columns[a], &columns[b]), lengths[a], lengths[b]);
                cosines.extend(direct);
                let cells = vec![
                    Cell::text(self.name),
                    entity_cell(graph, *first),
                    entity_cell(graph, *second),
                    Cell::number(direct),
                    Cell::number(deep),
                ];
                rows.push(((deep.unwrap_or(0.0) * 1e12).round(), cells));
            }
        }
        // stable: pairs come in the order of their keys
        rows.arrange(|a, b| b.0.total_cmp(&a.0));
        let mean = (!cosines.is_empty()).then(|| cosines.iter().sum::<f64>() / cosines.len() as f64);
        (rows.into_iter().map(|(_, cells)| cells).collect(), mean)
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).fold(0.0, |sum, (a, b)| sum + a * b)
}

/// Cosine of two vectors from their product and their own squares.
fn cosine(product: f64, own: f64, other: f64) -> Option<f64> {
    (own > 0.0 && other > 0.0).then(|| (product / own.sqrt() / other.sqrt()).min(1.0))
}

fn summary_table() -> Table {
    let columns = vec![
        Column::new("basis", Unit::Text, "function (needs) or cost (money)"),
        Column::new("first_tier", Unit::Count, "Direct suppliers, 1 or more"),
        Column::new("second_tier", Unit::Count, "Their direct suppliers, each once, 0 or more"),
        Column::new(
            "diamond_ratio",
            Unit::Share,
            "Two-step ways over all possible ones, 1 / first tier to 1",
        ),
        Column::new(
            "shared_by_two",
            Unit::Share,
            "Part of the second tier that serves 2 or more of the first, 0 to 1",
        ),
        Column::new("shared_by_five", Unit::Share, "The same for 5 or more, 0 to 1"),
        Column::new(
            "mean_cosine",
            Unit::Share,
            "Mean cosine of the first tier's purchases over all pairs, 0 to 1",
        ),
    ];
    Table::new("overlap", "How far the suppliers' suppliers are the same", columns)
}

fn shared_table() -> Table {
    let columns = vec![
        Column::new("basis", Unit::Text, "function (needs) or cost (money)"),
        Column::new("entity", Unit::Text, "A supplier of suppliers, at any tier"),
        Column::new("tier", Unit::Count, "Least number of steps to it, 1 or more"),
        Column::new(
            "commonality",
            Unit::Count,
            "Degree of commonality: how many of the first tier it serves directly, 0 or more",
        ),
        Column::new(
            "reaches",
            Unit::Count,
            "How many of the others of the first tier hang on it at any tier, 0 or more",
        ),
        Column::new(
            "whole",
            Unit::Count,
            "How many of them hang on it wholly (stop loss or reach share 1), 0 or more",
        ),
        Column::new(
            "mean",
            Unit::Share,
            "Mean stop loss (function) or reach share (cost) of those others, 0 to 1",
        ),
    ];
    Table::new("shared", "Who stands behind several direct suppliers", columns)
}

fn pairs_table() -> Table {
    let columns = vec![
        Column::new("basis", Unit::Text, "function (needs) or cost (money)"),
        Column::new("supplier", Unit::Text, "A direct supplier"),
        Column::new("other", Unit::Text, "Another one"),
        Column::new(
            "cosine",
            Unit::Share,
            "Cosine of what they buy from whom directly, 0 to 1: 1 is the same",
        ),
        Column::new("cosine_all_tiers", Unit::Share, "Cosine of what hangs on whom at any tier, 0 to 1"),
    ];
    Table::new("pairs", "How alike two direct suppliers are in what they hang on", columns)
}
