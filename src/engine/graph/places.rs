//! Where entities produce.

use std::collections::BTreeMap;

use super::Graph;
use crate::model::{AttributeKind, AttributeSubject, EntityId};
use crate::scope::Scope;

impl Graph {
    /// Where an entity produces, with shares: as `Production` attributes state them; what they leave goes in equal
    /// parts to the other countries of its list. Nothing where neither is known: the seat is not a place of
    /// production. The flag says whether equal parts were assumed.
    pub fn production_of(&self, id: EntityId, scope: &Scope) -> (BTreeMap<String, f64>, bool) {
        let counts = |a: &&crate::model::Attribute| {
            a.kind == AttributeKind::Production
                && a.product.is_none()
                && a.period.is_none_or(|period| period.first() <= scope.as_of)
                && a.evidence.confidence <= scope.min_confidence
        };
        let all: Vec<_> = self.attributes_of(AttributeSubject::Entity(id)).filter(counts).collect();
        let latest = all.iter().map(|a| a.period.map(|p| p.end())).max().flatten();
        let mut shares: BTreeMap<String, f64> = BTreeMap::new();
        for attribute in all.iter().filter(|a| a.period.map(|p| p.end()) == latest) {
            let share = attribute.value.as_ref().and_then(|value| value.point());
            if let (Some(country), Some(share)) = (&attribute.country, share) {
                shares.entry(country.clone()).or_insert(share.clamp(0.0, 1.0));
            }
        }
        let stated: f64 = shares.values().sum();
        if stated > 1.0 {
            shares.values_mut().for_each(|share| *share /= stated);
        }
        let mut others: Vec<&String> =
            self.entity(id).production.iter().filter(|c| !shares.contains_key(*c)).collect();
        others.sort_unstable();
        others.dedup();
        let left = 1.0 - stated;
        if others.is_empty() || left <= 1e-9 {
            return (shares, false);
        }
        let part = left / others.len() as f64;
        let assumed = others.len() > 1;
        shares.extend(others.into_iter().map(|country| (country.clone(), part)));
        (shares, assumed)
    }
}
