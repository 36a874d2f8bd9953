//! Who pays whom how much a year, by layer: the money matrix of circular finance.

use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::{
    Attribute, AttributeKind, AttributeSubject, Detail, EntityId, LinkKind, Measure, ProductId, Relation,
    RelationId, years_between,
};
use crate::scope::Scope;

use super::quantities::years;

/// What money is paid for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Layer {
    /// Shares and what turns into shares.
    Equity,
    /// Loans, bonds, leases, vendor credit.
    Debt,
    /// Purchases of the product with that position.
    Product(ProductId),
    /// Rows of a bulk table, which says no more.
    Unspecified,
}

/// Money that one entity pays another in a year.
#[derive(Clone, Debug, PartialEq)]
pub struct Payment {
    /// Who pays.
    pub from: EntityId,
    /// Who is paid.
    pub to: EntityId,
    /// What for.
    pub layer: Layer,
    /// Dollars a year (the unit of a bulk table, where it comes from one).
    pub amount: f64,
    /// The record behind it; `None` for a row of a bulk table.
    pub relation: Option<RelationId>,
}

/// All payments of a scope, and what passes between the entities and the rest of the world.
#[derive(Clone, Debug, Default)]
pub struct Flows {
    /// Payments between entities, in the order of their records.
    pub payments: Vec<Payment>,
    /// Received from outside, by entity.
    pub inflow: Vec<f64>,
    /// Paid to outside, by entity.
    pub outflow: Vec<f64>,
    /// Payments whose size nobody states; they are left out.
    pub unpriced: usize,
    /// Commitments that state no term and are spread over the supposed one.
    pub supposed_terms: usize,
    /// Entities whose stated revenue fills up what comes from outside.
    pub topped_up: Vec<EntityId>,
}

/// Key of the entity of a bulk table that stands for the rest of the world.
const OUTSIDE: &str = "outside";

impl Flows {
    /// Collects the payments that count in a scope.
    ///
    /// Sums that are paid once (investments, loans, one-off orders) are spread evenly over `spread` years from
    /// their date, commitments over their term, or over `term` years where they state none. Where an entity's
    /// stated yearly revenue exceeds what it receives for what it sells, the difference comes from outside.
    ///
    /// `consolidated` puts every business that an owner controls on its owner's account, so that money invested by a
    /// group and spent at its business comes back.
    pub fn collect(graph: &Graph, scope: &Scope, spread: f64, term: f64, consolidated: bool) -> Self {
        let n = graph.len();
        let mut flows = Self { inflow: vec![0.0; n], outflow: vec![0.0; n], ..Self::default() };
        let outside = graph.find_entity(OUTSIDE).ok();
        for link in
            graph.facts().links.iter().filter(|link| matches!(link.kind, LinkKind::Flow | LinkKind::Amount))
        {
            // a supply of a bulk table is paid the other way
            let (from, to) =
                if link.kind == LinkKind::Flow { (link.from, link.to) } else { (link.to, link.from) };
            flows.add(
                outside,
                Payment { from, to, layer: Layer::Unspecified, amount: link.weight, relation: None },
            );
        }
        for id in graph.relation_ids() {
            let relation = graph.relation(id);
            let counts = scope.counts(relation) && !scope.is_still_to_come(relation);
            if counts && !graph.is_inside_total(relation, scope) {
                match payment(graph, scope, id, relation, (spread, term)) {
                    Found::Payment(payment, supposed) => {
                        flows.supposed_terms += usize::from(supposed);
                        flows.add(outside, payment);
                    }
                    Found::Unpriced => flows.unpriced += 1,
                    Found::Nothing => {}
                }
            }
        }
        let account = |id: EntityId| if consolidated { graph.ultimate_owner(id, scope) } else { id };
        let owner: Vec<EntityId> = graph.entity_ids().map(account).collect();
        flows.consolidate(&owner);
        flows.top_up(graph, scope, &owner);
        flows
    }

    fn add(&mut self, outside: Option<EntityId>, payment: Payment) {
        if payment.amount <= 0.0 || payment.from == payment.to {
            return;
        }
        if Some(payment.from) == outside {
            self.inflow[payment.to.index()] += payment.amount;
        } else if Some(payment.to) == outside {
            self.outflow[payment.from.index()] += payment.amount;
        } else {
            self.payments.push(payment);
        }
    }

    /// Puts every controlled business on its ultimate owner's account; payments within a group vanish.
    fn consolidate(&mut self, owner: &[EntityId]) {
        for (at, owner) in owner.iter().enumerate().filter(|(at, owner)| owner.index() != *at) {
            self.inflow[owner.index()] += std::mem::take(&mut self.inflow[at]);
            self.outflow[owner.index()] += std::mem::take(&mut self.outflow[at]);
        }
        for payment in &mut self.payments {
            payment.from = owner[payment.from.index()];
            payment.to = owner[payment.to.index()];
        }
        self.payments.retain(|payment| payment.from != payment.to);
    }

    /// Revenue beyond the payments that are known comes from outside. A group's revenue is its own statement, or
    /// else the sum of what its businesses state, but never less than a part of it that it states itself.
    fn top_up(&mut self, graph: &Graph, scope: &Scope, owner: &[EntityId]) {
        let mut received = vec![0.0; graph.len()];
        for payment in self.payments.iter().filter(|p| matches!(p.layer, Layer::Product(_))) {
            received[payment.to.index()] += payment.amount;
        }
        let mut revenue: Vec<Option<f64>> =
            graph.entity_ids().map(|id| yearly_revenue(graph, scope, id)).collect();
        let own = revenue.clone();
        for (at, owner) in owner.iter().enumerate().filter(|(at, owner)| owner.index() != *at) {
            if let (Some(part), None) = (revenue[at].take(), own[owner.index()]) {
                *revenue[owner.index()].get_or_insert(0.0) += part;
            }
        }
        let heads = graph.entity_ids().filter(|id| owner[id.index()] == *id && own[id.index()].is_none());
        for id in heads {
            let least = largest_part(graph, scope, id);
            revenue[id.index()] = revenue[id.index()].into_iter().chain(least).reduce(f64::max);
        }
        for (at, revenue) in revenue.into_iter().enumerate() {
            if let Some(rest) = revenue.map(|revenue| revenue - received[at]).filter(|rest| *rest > 0.0) {
                self.inflow[at] += rest;
                self.topped_up.push(EntityId::new(at));
            }
        }
    }

    /// What passes each entity in a year: the larger of what it receives and what it pays.
    pub fn throughflow(&self) -> Vec<f64> {
        let (mut received, mut paid) = (self.inflow.clone(), self.outflow.clone());
        for payment in &self.payments {
            received[payment.to.index()] += payment.amount;
            paid[payment.from.index()] += payment.amount;
        }
        received.into_iter().zip(paid).map(|(a, b)| a.max(b)).collect()
    }

    /// Compressed rows of `P`: for each entity, whom it pays which part of its throughflow, in the order of keys.
    pub fn transition(&self) -> Vec<Vec<(usize, f64)>> {
        let throughflow = self.throughflow();
        let mut rows: Vec<Vec<(usize, f64)>> = vec![Vec::new(); throughflow.len()];
        for payment in &self.payments {
            let from = payment.from.index();
            rows[from].push((payment.to.index(), payment.amount / throughflow[from]));
        }
        for row in &mut rows {
            row.sort_by_key(|(to, _)| *to);
            row.dedup_by(|later, first| {
                let same = later.0 == first.0;
                if same {
                    first.1 += later.1;
                }
                same
            });
        }
        rows
    }
}

enum Found {
    /// The payment, and whether its term is supposed.
    Payment(Payment, bool),
    Unpriced,
    Nothing,
}

fn payment(
    graph: &Graph,
    scope: &Scope,
    id: RelationId,
    relation: &Relation,
    (spread, term): (f64, f64),
) -> Found {
    let Some(to) = relation.to else { return Found::Nothing };
    let usd = |measure: &Option<Measure>| measure.as_ref().and_then(|m| graph.usd_point(m, scope.as_of));
    let begun = relation.since.map(|date| date.first());
    let running = |years: f64| begun.is_none_or(|begun| years_between(begun, scope.as_of) < years);
    let (from, to, layer, amount, over) = match &relation.detail {
        Detail::Invests { amount, .. } => (relation.from, to, Layer::Equity, usd(amount), Some(spread)),
        Detail::Finances { amount, .. } => (relation.from, to, Layer::Debt, usd(amount), Some(spread)),
        Detail::Commits { product, spend, term: stated, .. } => {
            (relation.from, to, Layer::Product(*product), usd(spend), years(*stated).or(Some(term)))
        }
        Detail::Supplies { product, amount, over, .. } => {
            let over = years(*over).or(Some(spread));
            (to, relation.from, Layer::Product(*product), usd(amount), over)
        }
        _ => return Found::Nothing,
    };
    match (amount, over) {
        (Some(amount), Some(over)) => {
            let yearly =
                matches!(&relation.detail, Detail::Supplies { over, .. } if years(*over) == Some(1.0));
            if !yearly && !running(over) {
                return Found::Nothing;
            }
            let supposed = matches!(&relation.detail, Detail::Commits { term, .. } if years(*term).is_none());
            Found::Payment(Payment { from, to, layer, amount: amount / over, relation: Some(id) }, supposed)
        }
        _ => Found::Unpriced,
    }
}

/// What an entity says it sells in a year, in dollars.
fn yearly_revenue(graph: &Graph, scope: &Scope, id: EntityId) -> Option<f64> {
    let of = AttributeSubject::Entity(id);
    let (_, whole) = graph.latest_attribute(of, &AttributeKind::Revenue, None, scope.as_of)?;
    yearly(graph, scope, whole)
}

/// The largest part of its revenue that an entity states (of a division or a product), which the whole is at least.
fn largest_part(graph: &Graph, scope: &Scope, id: EntityId) -> Option<f64> {
    let begun = |a: &Attribute| a.period.is_none_or(|period| period.first() <= scope.as_of);
    let mut latest: BTreeMap<(Option<&String>, Option<ProductId>), &Attribute> = BTreeMap::new();
    let parts = graph.attributes_of(AttributeSubject::Entity(id));
    for part in parts.filter(|a| a.kind == AttributeKind::Revenue && begun(a)) {
        let kept = latest.entry((part.variant.as_ref(), part.product)).or_insert(part);
        if part.period.map(|p| p.end()) > kept.period.map(|p| p.end()) {
            *kept = part;
        }
    }
    latest.into_values().filter_map(|part| yearly(graph, scope, part)).reduce(f64::max)
}

fn yearly(graph: &Graph, scope: &Scope, attribute: &Attribute) -> Option<f64> {
    Some(graph.usd_point(attribute.value.as_ref()?, scope.as_of)? / attribute.per_years?)
}
