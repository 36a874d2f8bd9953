//! What a customer and a provider's group have promised and paid each other.

use super::View;
use crate::analysis::Upon;
use crate::analysis::totals::{Supposed, Totals, money};
use crate::graph::Graph;
use crate::model::{Detail, EntityId, RelationId};
use crate::scope::Scope;

/// A customer, a provider, and the records between them that are valid on the day, of whatever status.
pub(super) struct Pair {
    pub customer: EntityId,
    pub provider: EntityId,
    pub commits: Vec<RelationId>,
    pub invests: Vec<RelationId>,
    /// Least sum of the customer's commitments to anyone that the scope counts.
    known: f64,
}

impl Pair {
    pub fn collect(view: &View<'_>, customer: EntityId, provider: EntityId) -> Self {
        let (graph, scope) = (view.graph, &view.scope);
        let group = graph.ultimate_owner(provider, scope);
        let mut pair = Self { customer, provider, commits: Vec::new(), invests: Vec::new(), known: 0.0 };
        for id in graph.relations_from(customer) {
            let relation = graph.relation(id);
            let commits = matches!(relation.detail, Detail::Commits { .. });
            if !(commits && scope.is_valid(relation)) {
                continue;
            }
            let Some(to) = relation.to else { continue };
            if controls(graph, scope, provider, to) {
                pair.commits.push(id);
            }
            if scope.counts(relation) && !graph.is_inside_total_of_pair(relation, scope) {
                pair.known += money(graph, scope.as_of, id).map_or(0.0, |range| range.low);
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

    /// The records between the two, of one deal where given: those of every status, as what is not counted decides too.
    pub fn upon(&self, graph: &Graph, deal: Option<&str>) -> Upon {
        let asked = |id: &&RelationId| deal.is_none() || graph.relation(**id).deal.as_deref() == deal;
        let all = self.commits.iter().chain(&self.invests).filter(asked);
        all.fold(Upon::default(), |upon, id| upon.relation(*id))
    }

    /// Sums over the records that count in a scope, of one deal where given.
    pub fn totals(&self, view: &View<'_>, scope: &Scope, supposed: Supposed, deal: Option<&str>) -> Totals {
        let graph = view.graph;
        let counts = |id: &RelationId| {
            let relation = graph.relation(*id);
            let asked = deal.is_none() || relation.deal.as_deref() == deal;
            asked && scope.counts(relation) && !graph.is_inside_total_of_pair(relation, scope)
        };
        let all = self.commits.iter().chain(&self.invests).copied().filter(counts);
        Totals::of(graph, scope.as_of, supposed, all)
    }

    /// The same over what the scope of the view counts, on the numbers as printed.
    pub fn printed(&self, view: &View<'_>) -> Totals {
        let counts = |id: &RelationId| {
            let relation = view.graph.relation(*id);
            view.scope.counts(relation) && !view.graph.is_inside_total_of_pair(relation, &view.scope)
        };
        let all = self.commits.iter().chain(&self.invests).copied().filter(counts);
        Totals::printed(view.graph, view.scope.as_of, all)
    }

    /// The pair's part of all that the customer is known to have committed, least sums of both.
    pub fn share_of_known(&self, totals: &Totals) -> Option<f64> {
        let committed = totals.committed?.low;
        (self.known > 0.0).then(|| committed / self.known)
    }
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
