//! What customers have promised a provider against the backlog that it states.

use super::super::View;
use super::super::totals::money;
use super::super::trail::entity_cell;
use super::{Check, Comparison, Verdict, count};
use crate::model::{AttributeKind, AttributeSubject, Currency, Dimension, RelationType};
use crate::network::Origin;
use crate::scope::Scope;

pub(super) const CHECK: Check = Check {
    name: "backlog",
    says: "commitments of customers on the day of the backlog, against the stated backlog",
    run,
    verdict: Verdict::Exceeds,
};

fn run(view: &View<'_>) -> Vec<Comparison> {
    let graph = view.graph;
    let mut found = Vec::new();
    for id in graph.entity_ids() {
        let of = AttributeSubject::Entity(id);
        let latest = graph.latest_attribute(of, &AttributeKind::Backlog, None, view.scope.as_of);
        let Some((stated, attribute)) = latest else { continue };
        let day = attribute.period.map_or(view.scope.as_of, |period| period.end().min(view.scope.as_of));
        let Some(most) =
            attribute.value.as_ref().and_then(|value| graph.usd(value, day)).and_then(|r| r.high)
        else {
            continue;
        };
        let scope = Scope { as_of: day, ..view.scope.clone() };
        let (mut sum, mut origins) = (0.0, vec![Origin::Attribute(stated)]);
        for (relation, record) in graph.in_scope(&scope, RelationType::Commits) {
            let provider = record.to.map(|to| graph.ultimate_owner(to, &scope));
            if (record.to == Some(id) || provider == Some(id)) && !graph.is_inside_total(record, &scope) {
                let Some(range) = money(graph, day, relation) else { continue };
                sum += range.low;
                origins.push(Origin::Relation(relation));
            }
        }
        let comparison = Comparison {
            about: entity_cell(graph, id),
            known: count(origins.len() - 1, "commitment", "commitments"),
            statement: "the stated backlog".to_string(),
            stated: most,
            against: sum,
            dimension: Dimension::Money(Currency::USD),
            origins,
        };
        found.extend(comparison.sound());
    }
    found
}
