//! What a tie says about how much of a product passes over it, in units that can be compared.

use super::ends::ShareRange;
use crate::graph::Graph;
use crate::model::{Detail, Dimension, EntityId, Interval, Measure, ProductId, Relation, RelationId, Term};
use crate::scope::Scope;

/// A tie over which a product reaches a customer.
#[derive(Clone, Debug)]
pub(super) struct Tie {
    pub supplier: EntityId,
    pub relation: RelationId,
    /// Share of the customer's need, where stated.
    pub share: Option<f64>,
    /// What that may be.
    pub may_be: Option<Interval>,
    /// Amounts per year (money, as dollars) or at one time (power, things), by what they measure.
    pub amounts: Vec<(Dimension, f64)>,
}

/// Customer, product and tie of a relation, where it carries a product.
pub(super) fn tie(graph: &Graph, scope: &Scope, id: RelationId) -> Option<(EntityId, ProductId, Tie)> {
    let relation = graph.relation(id);
    let to = relation.to?;
    let (customer, supplier, product) = match &relation.detail {
        Detail::Supplies { product, .. } => (to, relation.from, *product),
        Detail::Commits { product, .. } => (relation.from, to, *product),
        Detail::Hosts { product: Some(product), .. } => (to, relation.from, *product),
        _ => return None,
    };
    let stated = match &relation.detail {
        Detail::Supplies { share_of_need, .. } => share_of_need.as_ref(),
        _ => None,
    };
    let (share, may_be) = (stated.and_then(Measure::point), stated.map(Measure::interval));
    let amounts = amounts(graph, scope, relation, Measure::point, years);
    Some((customer, product, Tie { supplier, relation: id, share, may_be, amounts }))
}

impl Tie {
    /// What its share of the need may be; nothing where none is stated.
    pub fn share_range(&self) -> ShareRange {
        let share = self.share.unwrap_or(0.0);
        let stated = self.may_be.map(|range| ShareRange {
            least: range.low.clamp(0.0, 1.0),
            most: range.high.unwrap_or(1.0).min(1.0),
        });
        stated.unwrap_or(ShareRange::exact(share)).with(share)
    }
}

/// The least and the most that a tie's amounts may be: sizes at their ends over the longest and the shortest time.
pub(super) fn amount_ends(graph: &Graph, scope: &Scope, id: RelationId) -> [Vec<(Dimension, f64)>; 2] {
    let relation = graph.relation(id);
    let longest = |term: Term| match term {
        Term::Between(_, years) => Some(years),
        other => years(other),
    };
    let shortest = |term: Term| match term {
        Term::Between(years, _) => Some(years).filter(|years| *years > 0.0),
        other => years(other),
    };
    let most = |measure: &Measure| Some(measure.interval().high.unwrap_or(f64::INFINITY));
    [
        amounts(graph, scope, relation, |measure| Some(measure.interval().low), longest),
        amounts(graph, scope, relation, most, shortest),
    ]
}

/// Amounts of a tie by what they measure: per year (money in dollars, things), or at one time (power). Empty where it
/// states none, or over a time that nobody knows.
pub fn amounts_of(graph: &Graph, scope: &Scope, id: RelationId) -> Vec<(Dimension, f64)> {
    amounts(graph, scope, graph.relation(id), Measure::point, years)
}

/// The same with the least that the record allows: nothing for "up to".
pub fn least_amounts_of(graph: &Graph, scope: &Scope, id: RelationId) -> Vec<(Dimension, f64)> {
    amounts(graph, scope, graph.relation(id), |measure| Some(measure.interval().low), years)
}

fn amounts(
    graph: &Graph,
    scope: &Scope,
    relation: &Relation,
    size: impl Fn(&Measure) -> Option<f64>,
    years: impl Fn(Term) -> Option<f64>,
) -> Vec<(Dimension, f64)> {
    let mut all = Vec::new();
    let mut add = |measure: &Option<Measure>, years: Option<f64>| {
        let Some(measure) = measure else { return };
        let amount = match (&measure.dimension, years) {
            (Dimension::Money(_), Some(years)) => {
                let factor = graph.usd_factor(measure, scope.as_of);
                size(measure).zip(factor).map(|(value, factor)| value * factor / years)
            }
            (Dimension::Money(_), None) => None,
            (Dimension::Power, _) => size(measure),
            (_, Some(years)) => size(measure).map(|value| value / years),
            (_, None) => None,
        };
        if let Some(amount) = amount.filter(|amount| *amount > 0.0) {
            let dimension = match &measure.dimension {
                Dimension::Money(_) => Dimension::Money(crate::model::Currency::USD),
                other => other.clone(),
            };
            all.push((dimension, amount));
        }
    };
    match &relation.detail {
        Detail::Supplies { amount, over, quantity, .. } => {
            add(amount, years(*over));
            add(quantity, years(*over));
        }
        Detail::Commits { spend, capacity, quantity, term, .. } => {
            add(spend, years(*term));
            add(capacity, None);
            add(quantity, years(*term));
        }
        Detail::Hosts { power, .. } => add(power, None),
        _ => {}
    }
    all
}

/// The number of years that a term is counted as; the middle of a range; `None` where nobody knows.
pub(super) fn years(term: Term) -> Option<f64> {
    match term {
        Term::Years(years) => Some(years),
        Term::Between(low, high) => Some(0.5 * (low + high)),
        Term::Open | Term::Unknown => None,
    }
    .filter(|years| *years > 0.0)
}
