//! What a customer and a provider's group have promised and paid each other.

use super::View;
use crate::graph::Graph;
use crate::model::{Detail, EntityId, Interval, Measure, RelationId, Status, Term};
use crate::scope::Scope;

/// All statuses, firmest first.
pub(super) const STATUSES: [Status; 6] =
    [Status::Delivered, Status::Funded, Status::Signed, Status::Intent, Status::Announced, Status::Lapsed];

/// A status as tables print it.
pub(super) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Announced => "announced",
        Status::Intent => "intent",
        Status::Signed => "signed",
        Status::Funded => "funded",
        Status::Delivered => "delivered",
        Status::Lapsed => "lapsed",
    }
}

/// A customer, a provider, and the records between them that are valid on the day, of whatever status.
pub(super) struct Pair {
    pub customer: EntityId,
    pub provider: EntityId,
    pub commits: Vec<RelationId>,
    pub invests: Vec<RelationId>,
    /// Least sum of the customer's commitments to anyone that the scope counts.
    known: f64,
}

/// Sums over a pair's records.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Totals {
    pub committed: Option<Interval>,
    pub invested: Option<Interval>,
    pub annual: Option<Interval>,
}

impl Totals {
    /// Committed over invested; `None` where either is unknown or nothing is invested.
    pub fn leverage(&self) -> Option<Interval> {
        let (committed, invested) = (self.committed?, self.invested?);
        let most = invested.high.filter(|high| *high > 0.0);
        let low = most.map_or(0.0, |most| committed.low / most);
        let high = committed.high.filter(|_| invested.low > 0.0).map(|high| high / invested.low);
        (invested.low > 0.0 || most.is_some()).then_some(Interval { low, high })
    }
}

impl Pair {
    pub fn collect(view: &View<'_>, customer: EntityId, provider: EntityId) -> Self {
        let (graph, scope) = (view.graph, &view.scope);
        let group = graph.ultimate_owner(provider, scope);
        let mut pair = Self { customer, provider, commits: Vec::new(), invests: Vec::new(), known: 0.0 };
        for id in graph.relations_from(customer) {
            let relation = graph.relation(id);
            let Detail::Commits { spend, .. } = &relation.detail else { continue };
            if !scope.is_valid(relation) {
                continue;
            }
            let Some(to) = relation.to else { continue };
            if controls(graph, scope, provider, to) {
                pair.commits.push(id);
            }
            if scope.counts(relation) && !graph.is_inside_total_of_pair(relation, scope) {
                pair.known += usd(graph, scope, spend).map_or(0.0, |range| range.low);
            }
        }
        for id in graph.relations_to(customer) {
            let relation = graph.relation(id);
            let invests = matches!(relation.detail, Detail::Invests { .. }) && scope.is_valid(relation);
            if invests && graph.ultimate_owner(relation.from, scope) == group {
                pair.invests.push(id);
            }
        }
        pair
    }

    /// Sums over the records that count in a scope, of one deal where given.
    pub fn totals(&self, view: &View<'_>, scope: &Scope, years: (f64, f64), deal: Option<&str>) -> Totals {
        let graph = view.graph;
        let counts = |id: &&RelationId| {
            let relation = graph.relation(**id);
            let asked = deal.is_none() || relation.deal.as_deref() == deal;
            asked && scope.counts(relation) && !graph.is_inside_total_of_pair(relation, scope)
        };
        let mut totals = Totals { committed: None, invested: None, annual: None };
        for id in self.commits.iter().filter(counts) {
            let Detail::Commits { spend, term, .. } = &graph.relation(*id).detail else { continue };
            if let Some(range) = usd(graph, scope, spend) {
                add(&mut totals.committed, range);
                let (shortest, longest) = match term {
                    Term::Years(n) => (*n, *n),
                    Term::Between(a, b) => (*a, *b),
                    Term::Open | Term::Unknown => years,
                };
                let high = range.high.map(|high| high / shortest);
                add(&mut totals.annual, Interval { low: range.low / longest, high });
            }
        }
        for id in self.invests.iter().filter(counts) {
            let Detail::Invests { amount, .. } = &graph.relation(*id).detail else { continue };
            if let Some(range) = usd(graph, scope, amount) {
                add(&mut totals.invested, range);
            }
        }
        totals
    }

    /// The pair's part of all that the customer is known to have committed, least sums of both.
    pub fn share_of_known(&self, totals: &Totals) -> Option<f64> {
        let committed = totals.committed?.low;
        (self.known > 0.0).then(|| committed / self.known)
    }
}

fn add(sum: &mut Option<Interval>, range: Interval) {
    *sum = Some(sum.map_or(range, |sum| sum.plus(range)));
}

/// The range of a money measure in dollars; `None` where its size is not stated.
fn usd(graph: &Graph, scope: &Scope, measure: &Option<Measure>) -> Option<Interval> {
    let measure = measure.as_ref().filter(|measure| measure.point().is_some())?;
    graph.usd(measure, scope.as_of)
}

/// Whether `entity` is `owner` or is controlled by it through any number of steps.
pub(super) fn controls(graph: &Graph, scope: &Scope, owner: EntityId, entity: EntityId) -> bool {
    let mut at = entity;
    for _ in 0..=graph.len() {
        if at == owner {
            return true;
        }
        match graph.controlling_owner(at, scope) {
            Some(next) => at = next,
            None => return false,
        }
    }
    false
}

/// Whether a commitment of stated size states no term.
pub(super) fn term_is_open(graph: &Graph, id: RelationId) -> bool {
    let Detail::Commits { spend, term, .. } = &graph.relation(id).detail else { return false };
    spend.is_some() && matches!(term, Term::Open | Term::Unknown)
}

/// Whether a commitment states no money.
pub(super) fn spend_is_unknown(graph: &Graph, id: RelationId) -> bool {
    let Detail::Commits { spend, .. } = &graph.relation(id).detail else { return false };
    spend.as_ref().and_then(Measure::point).is_none()
}
