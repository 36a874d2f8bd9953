//! Tranches against the total that they are part of.

use std::collections::BTreeMap;

use super::super::View;
use super::super::trail::entity_cell;
use super::{Check, Comparison, Verdict, count};
use crate::model::{Dimension, RelationId};
use crate::network::Origin;

pub(super) const CHECK: Check = Check {
    name: "tranches",
    says: "tranches together, against the total that they are part of",
    run,
    verdict: Verdict::Exceeds,
};

fn run(view: &View<'_>) -> Vec<Comparison> {
    let graph = view.graph;
    let mut tranches: BTreeMap<RelationId, Vec<RelationId>> = BTreeMap::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        if let Some(total) = relation.part_of.filter(|_| view.scope.counts(relation)) {
            tranches.entry(total).or_default().push(id);
        }
    }
    let mut found = Vec::new();
    for (total, parts) in tranches {
        let record = graph.relation(total);
        for (field, whole) in record.detail.named_measures() {
            // shares of different wholes do not add up
            if whole.dimension == Dimension::Share {
                continue;
            }
            let Some(high) = whole.interval().high else { continue };
            let (mut sum, mut origins) = (0.0, vec![Origin::Relation(total)]);
            for part in &parts {
                let detail = &graph.relation(*part).detail;
                let own = detail.named_measures().into_iter().find(|(name, _)| *name == field);
                let Some((_, measure)) = own.filter(|(_, m)| m.dimension == whole.dimension) else {
                    continue;
                };
                sum += measure.interval().low;
                origins.push(Origin::Relation(*part));
            }
            let comparison = Comparison {
                about: entity_cell(graph, record.from),
                known: count(origins.len() - 1, "tranche", "tranches"),
                statement: format!("the {} of {}", field.replace('_', " "), record.key),
                stated: high,
                against: sum,
                dimension: whole.dimension.clone(),
                origins,
            };
            found.extend(comparison.sound());
        }
    }
    found
}
