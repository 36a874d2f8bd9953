//! What an entity has promised or delivers of a product against what it can make or host.

use std::collections::{BTreeMap, BTreeSet};

use super::super::View;
use super::super::trail::entity_cell;
use super::{Check, Comparison, Verdict, count};
use crate::model::{
    Attribute, AttributeId, AttributeKind, AttributeSubject, Detail, Dimension, EntityId, Measure, ProductId,
    Relation,
};
use crate::network::{Origin, least_amounts_of};

pub(super) const CHECK: Check = Check {
    name: "capacity",
    says: "what is promised or delivered of a product, against stated capacity or power",
    run,
    verdict: Verdict::Exceeds,
};

/// Whose capacity, of which product, counted in what.
type Of = (EntityId, Option<ProductId>, Dimension);

fn run(view: &View<'_>) -> Vec<Comparison> {
    let graph = view.graph;
    let mut stated: BTreeMap<Of, (AttributeId, &Attribute)> = BTreeMap::new();
    for (at, attribute) in graph.facts().attributes.iter().enumerate() {
        let AttributeSubject::Entity(id) = attribute.of else { continue };
        let counts = matches!(attribute.kind, AttributeKind::Capacity | AttributeKind::Power);
        let begun = attribute.period.is_none_or(|period| period.first() <= view.scope.as_of);
        let sure = attribute.evidence.confidence <= view.scope.min_confidence;
        let Some(value) =
            attribute.value.as_ref().filter(|_| counts && begun && sure && attribute.variant.is_none())
        else {
            continue;
        };
        let own = (AttributeId(at as u32), attribute);
        let kept = stated.entry((id, attribute.product, value.dimension.clone())).or_insert(own);
        if attribute.period.map(|period| period.end()) > kept.1.period.map(|period| period.end()) {
            *kept = own;
        }
    }
    // a site serves an operator, and through it the operator's customers: that is one use, not two
    let buys: BTreeSet<(EntityId, EntityId)> = customers(view);
    let passed_on = |relation: &Relation| {
        let (Detail::Hosts { .. }, Some(user)) = (&relation.detail, relation.to) else { return false };
        let tenants = graph.relations_from(relation.from).into_iter().map(|id| graph.relation(id));
        let mut others = tenants.filter(|other| {
            matches!(other.detail, Detail::Hosts { .. }) && view.scope.counts(other) && other.to != Some(user)
        });
        others.any(|other| other.to.is_some_and(|operator| buys.contains(&(operator, user))))
    };
    let mut used: BTreeMap<Of, (f64, Vec<Origin>)> = BTreeMap::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        if !view.scope.counts(relation)
            || view.scope.is_still_to_come(relation)
            || graph.is_inside_total(relation, &view.scope)
        {
            continue;
        }
        let provider = match &relation.detail {
            Detail::Supplies { .. } | Detail::Hosts { .. } => Some(relation.from),
            Detail::Commits { .. } => relation.to,
            _ => None,
        };
        let Some(provider) = provider else { continue };
        if passed_on(relation) {
            continue;
        }
        for (dimension, amount) in least_amounts_of(graph, &view.scope, id) {
            // one product's capacity is that of the whole where nothing else is said
            for product in [relation.product(), None] {
                let sum = used.entry((provider, product, dimension.clone())).or_default();
                sum.0 += amount;
                sum.1.push(Origin::Relation(id));
                if relation.product().is_none() {
                    break;
                }
            }
        }
    }
    let compared = stated.into_iter().filter_map(|(of, (id, attribute))| {
        let (sum, relations) = used.get(&of)?;
        let high = attribute.value.as_ref().map(Measure::interval)?.high?;
        let product = of.1.map_or_else(String::new, |product| format!(" of {}", graph.product(product).name));
        let mut origins = vec![Origin::Attribute(id)];
        origins.extend(relations);
        Comparison {
            about: entity_cell(graph, of.0),
            known: format!(
                "{}{product}",
                count(relations.len(), "delivery or promise", "deliveries and promises")
            ),
            statement: "stated capacity".to_string(),
            stated: high / attribute.per_years.unwrap_or(1.0),
            against: *sum,
            dimension: of.2,
            origins,
        }
        .sound()
    });
    compared.collect()
}

/// Who buys from whom: (provider, customer), each also on the account of its group.
fn customers(view: &View<'_>) -> BTreeSet<(EntityId, EntityId)> {
    let graph = view.graph;
    let mut all = BTreeSet::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        let Some(to) = relation.to.filter(|_| view.scope.counts(relation)) else { continue };
        let (provider, customer) = match relation.detail {
            Detail::Supplies { .. } => (relation.from, to),
            Detail::Commits { .. } => (to, relation.from),
            _ => continue,
        };
        let owner = |id| graph.ultimate_owner(id, &view.scope);
        if owner(provider) != owner(customer) {
            all.extend([(provider, customer), (owner(provider), customer)]);
        }
    }
    all
}
