//! Trade that the dataset records: money per year between countries of seat.

use std::collections::BTreeMap;

use jiff::ToSpan;

use super::super::trail::Trail;
use super::Ground;
use crate::model::{Currency, Detail, Dimension, EntityId, LinkKind, ProductId};
use crate::network::amounts_of;
use crate::scope::Scope;

/// Imports and exports of one product in one year, seen from home.
#[derive(Clone, Debug, Default)]
pub(super) struct Trade {
    /// Imports from outside by country of origin.
    pub imports: BTreeMap<String, f64>,
    /// Imports from other countries of the same bloc.
    pub inside: f64,
    /// Exports to outside.
    pub exports: f64,
}

impl Trade {
    /// Imports from outside.
    pub fn total(&self) -> f64 {
        self.imports.values().sum()
    }

    fn add(&mut self, ground: &Ground<'_>, customer: EntityId, supplier: EntityId, amount: f64) -> bool {
        let (Some(to), Some(from)) = (ground.seat(customer), ground.seat(supplier)) else { return false };
        match (ground.home.contains(from), ground.home.contains(to)) {
            (false, true) => *self.imports.entry(from.to_string()).or_default() += amount,
            (true, false) => self.exports += amount,
            (true, true) if from != to => self.inside += amount,
            _ => return false,
        }
        true
    }
}

/// Trade of each product (none: of all together, from bulk tables) in this and the two years before.
pub(super) fn years(ground: &Ground<'_>, trail: &mut Trail) -> [BTreeMap<Option<ProductId>, Trade>; 3] {
    [0, 1, 2].map(|back: i64| {
        let as_of = ground.view.scope.as_of.saturating_sub(back.years());
        year(ground, &Scope { as_of, ..ground.view.scope.clone() }, back == 0, trail)
    })
}

fn year(
    ground: &Ground<'_>,
    scope: &Scope,
    current: bool,
    trail: &mut Trail,
) -> BTreeMap<Option<ProductId>, Trade> {
    let graph = ground.view.graph;
    let mut all: BTreeMap<Option<ProductId>, Trade> = BTreeMap::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        let (Some(to), Some(product)) = (relation.to, relation.product()) else { continue };
        let (customer, supplier) = match relation.detail {
            Detail::Supplies { .. } => (to, relation.from),
            Detail::Commits { .. } => (relation.from, to),
            _ => continue,
        };
        // a tie without a first day says nothing about the years before
        let dated = current || relation.since.is_some();
        if !dated
            || scope.is_still_to_come(relation)
            || !scope.counts(relation)
            || graph.is_inside_total(relation, scope)
        {
            continue;
        }
        let money = |(dimension, _): &&(Dimension, f64)| *dimension == Dimension::Money(Currency::USD);
        let amount: f64 = amounts_of(graph, scope, id).iter().filter(money).map(|(_, amount)| amount).sum();
        if amount > 0.0 && all.entry(Some(product)).or_default().add(ground, customer, supplier, amount) {
            trail.relation(id);
        }
    }
    if current {
        for link in graph.facts().links.iter().filter(|link| link.kind == LinkKind::Amount) {
            all.entry(None).or_default().add(ground, link.to, link.from, link.weight);
        }
    }
    all
}
