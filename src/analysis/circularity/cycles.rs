//! Named cycles of payments, for people to read.

use std::collections::{BTreeMap, BTreeSet};

use super::{View, layer_name};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{EntityId, PartialDate};
use crate::network::{Flows, Payment};
use crate::order::Arrange;
use crate::structure::{Digraph, Edge, simple_cycles};

/// Cycles of payments by the entities that pay, each starting at the first by key.
pub(super) struct Named {
    pub cycles: Vec<Vec<usize>>,
    pub truncated: bool,
}

/// Lists them, up to a length and a number.
pub(super) fn named(flows: &Flows, longest: usize, most: usize) -> Named {
    let rows = flows.transition();
    let edge = |from: usize, (to, weight): &(usize, f64)| Edge { from, to: *to, weight: *weight };
    let edges = rows.iter().enumerate().flat_map(|(from, row)| row.iter().map(move |to| edge(from, to)));
    let graph = Digraph::new(rows.len(), edges.collect());
    let found = simple_cycles(&graph, longest, most);
    let payers = |cycle: &Vec<usize>| cycle.iter().map(|id| graph.edges()[*id].from).collect();
    Named { cycles: found.cycles.iter().map(payers).collect(), truncated: found.truncated }
}

/// The table of cycles, by bottleneck.
pub(super) fn table(view: &View<'_>, flows: &Flows, found: &Named) -> Table {
    let columns = vec![
        Column::new("cycle", Unit::Text, "Whom the money passes, in order"),
        Column::new("payments", Unit::Count, "Number of payments, 2 or more"),
        Column::new("bottleneck", Unit::UsdPerYear, "The smallest payment in it, dollars a year"),
        Column::new("layers", Unit::Text, "What is paid for, in order; the largest where several"),
        Column::new("from", Unit::Text, "First day on which all its payments run, where dated"),
        Column::new("until", Unit::Text, "First day on which one of them has ended, where dated"),
    ];
    let mut table = Table::new("cycles", "Named cycles, by bottleneck", columns);
    let mut by_pair: BTreeMap<(EntityId, EntityId), Vec<&Payment>> = BTreeMap::new();
    let shown: BTreeSet<(EntityId, EntityId)> = found.cycles.iter().flat_map(|cycle| pairs(cycle)).collect();
    for payment in flows.payments.iter().filter(|payment| shown.contains(&(payment.from, payment.to))) {
        by_pair.entry((payment.from, payment.to)).or_default().push(payment);
    }
    let mut rows = Vec::new();
    for cycle in &found.cycles {
        let ids: Vec<EntityId> = cycle.iter().map(|at| EntityId::new(*at)).collect();
        let steps = pairs(cycle);
        let sum = |step: &(EntityId, EntityId)| {
            by_pair.get(step).map_or(0.0, |all| all.iter().map(|p| p.amount).sum())
        };
        let bottleneck = steps.iter().map(sum).fold(f64::INFINITY, f64::min);
        let largest = |step: &(EntityId, EntityId)| {
            let all = by_pair.get(step)?;
            all.iter().copied().reduce(|a, b| if b.amount > a.amount { b } else { a })
        };
        let main: Vec<_> = steps.iter().filter_map(largest).collect();
        let layers: Vec<String> = main.iter().map(|payment| layer_name(view, payment.layer)).collect();
        let relation = |payment: &&Payment| payment.relation.map(|id| view.graph.relation(id));
        let from = main.iter().filter_map(relation).filter_map(|r| r.since).max_by_key(|date| date.first());
        let until = main.iter().filter_map(relation).filter_map(|r| r.until).min_by_key(|date| date.first());
        rows.push((bottleneck, ids, layers, from, until));
    }
    rows.arrange(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let date = |date: Option<PartialDate>| date.map_or(Cell::Empty, |date| Cell::text(date.to_string()));
    for (bottleneck, ids, layers, from, until) in rows {
        let names = ids.iter().chain(ids.first()).map(|id| view.graph.entity(*id).name.clone());
        table.rows.push(vec![
            Cell::text(names.collect::<Vec<_>>().join(" → ")),
            Cell::Number(ids.len() as f64),
            Cell::Number(bottleneck),
            Cell::text(layers.join(", ")),
            date(from),
            date(until),
        ]);
    }
    table
}

/// Who pays whom in a cycle, in order.
fn pairs(cycle: &[usize]) -> Vec<(EntityId, EntityId)> {
    let next = cycle.iter().cycle().skip(1);
    cycle.iter().zip(next).map(|(a, b)| (EntityId::new(*a), EntityId::new(*b))).collect()
}
