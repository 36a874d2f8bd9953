//! What a scenario hits, in ids of a graph.

use std::collections::BTreeMap;

use super::{EffectKind, TimedShock};
use crate::model::{EntityId, ProductId, RelationId};

/// What a scenario hits. Shocks that hit the same thing stay apart: a model says how they combine.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hits {
    /// Heading of the scenario; empty where there is none but single shocks.
    pub title: String,
    /// The shocks, in the order in which they are given; hits name them by position.
    pub shocks: Vec<TimedShock>,
    /// Each shock in words, as "TSMC loses 50 % of its capacity".
    pub words: Vec<String>,
    /// Entities hit.
    pub entities: Vec<EntityHit>,
    /// Deliveries hit.
    pub links: Vec<Link>,
    /// Records hit.
    pub relations: Vec<RelationHit>,
    /// What was supposed when the scenario was read against the graph: stable code and sentence.
    pub notes: Vec<(&'static str, String)>,
}

/// Where a hit lands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Place {
    /// On an entity.
    Entity,
    /// On deliveries.
    Link,
    /// On a record.
    Relation,
}

/// How hard a hit is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Size {
    /// Share lost, 0 to 1: of capacity, deliveries, equity, or all of it.
    Lost(f64),
    /// Change as a share of the normal state; negative for less.
    Relative(f64),
    /// Change in the money unit of the dataset's tables; negative for less.
    Amount(f64),
}

impl Size {
    /// The share lost; `None` for a change.
    pub fn lost(self) -> Option<f64> {
        match self {
            Self::Lost(share) => Some(share),
            Self::Relative(_) | Self::Amount(_) => None,
        }
    }

    /// The same for a part of what is hit.
    pub(super) fn times(self, part: f64) -> Self {
        match self {
            Self::Lost(share) => Self::Lost(share * part),
            Self::Relative(change) => Self::Relative(change * part),
            Self::Amount(amount) => Self::Amount(amount * part),
        }
    }
}

/// An entity that is hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EntityHit {
    /// Which shock does it, by position.
    pub shock: usize,
    /// Who is hit.
    pub entity: EntityId,
    /// How.
    pub kind: EffectKind,
    /// How hard.
    pub size: Size,
}

/// Deliveries that are hit: from some suppliers to some customers, of one product or of all.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    /// Which shock does it, by position.
    pub shock: usize,
    /// How.
    pub kind: EffectKind,
    /// How hard, where supplier and customer are hit in full.
    pub size: Size,
    /// What is delivered; all products where absent.
    pub product: Option<ProductId>,
    /// The suppliers with the part of each that is hit; every one, known or not, where absent.
    pub suppliers: Option<BTreeMap<EntityId, f64>>,
    /// The customers; every one where absent.
    pub customers: Option<BTreeMap<EntityId, f64>>,
}

impl Link {
    /// Part of a delivery that is hit, 0 to 1: of a known supplier, or of the unknown one (`None`).
    pub fn part(&self, supplier: Option<EntityId>, customer: EntityId, product: ProductId) -> f64 {
        if self.product.is_some_and(|own| own != product) {
            return 0.0;
        }
        let from = match (&self.suppliers, supplier) {
            (None, _) => 1.0,
            (Some(parts), Some(supplier)) => parts.get(&supplier).copied().unwrap_or(0.0),
            (Some(_), None) => 0.0,
        };
        let to = self.customers.as_ref().map_or(1.0, |parts| parts.get(&customer).copied().unwrap_or(0.0));
        from * to
    }
}

/// A record that is hit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RelationHit {
    /// Which shock does it, by position.
    pub shock: usize,
    /// The record.
    pub relation: RelationId,
    /// How.
    pub kind: EffectKind,
    /// How hard.
    pub size: Size,
}

impl Hits {
    /// Every sort of hit and where it lands, each once.
    pub fn kinds(&self) -> Vec<(EffectKind, Place)> {
        let mut all: Vec<_> = self.entities.iter().map(|hit| (hit.kind, Place::Entity)).collect();
        all.extend(self.links.iter().map(|hit| (hit.kind, Place::Link)));
        all.extend(self.relations.iter().map(|hit| (hit.kind, Place::Relation)));
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether any shock says when it happens.
    pub fn is_timed(&self) -> bool {
        self.shocks.iter().any(|s| s.start > 0.0 || s.days.is_some() || !s.recovery.is_step())
    }

    /// The same hits with some of the shocks only.
    pub fn only(&self, counts: impl Fn(usize) -> bool) -> Self {
        let mut some = self.clone();
        some.entities.retain(|hit| counts(hit.shock));
        some.links.retain(|hit| counts(hit.shock));
        some.relations.retain(|hit| counts(hit.shock));
        some
    }
}
