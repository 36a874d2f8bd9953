//! Two entities become one, and sizes of relations that become one add.

use std::collections::BTreeSet;

use super::{Outcome, Patcher, one};
use crate::model::{
    AttributeSubject, Detail, Dimension, EntityId, Estimate, Measure, Relation, RelationId, SectorAccount,
    Status,
};

impl Patcher<'_> {
    pub(super) fn merge(&mut self, entity: &str, into: &str) -> Outcome {
        let (gone, stays) = (self.entity(entity)?, self.entity(into)?);
        if gone == stays {
            return Err(one(format!("{entity} cannot be merged with itself")));
        }
        let mut taken = Vec::new();
        let swap = |id: &mut EntityId| {
            let meant = *id == gone;
            if meant {
                *id = stays;
            }
            meant
        };
        for (at, relation) in self.facts.relations.iter_mut().enumerate() {
            let from = swap(&mut relation.from);
            let to = relation.to.as_mut().is_some_and(swap);
            if from || to {
                taken.push(RelationId::new(at));
            }
        }
        // between the two there is nothing left to say; what both have with a third adds
        let mut lost: BTreeSet<RelationId> = BTreeSet::new();
        for (at, relation) in self.facts.relations.iter().enumerate() {
            if relation.to == Some(relation.from) {
                lost.insert(RelationId::new(at));
            }
        }
        for id in taken.iter().filter(|id| !lost.contains(id)).copied().collect::<Vec<_>>() {
            let Some(own) = self.facts.relations.get(id.index()).cloned() else { continue };
            let alike = |(at, other): &(usize, &mut Relation)| {
                !taken.contains(&RelationId::new(*at)) && same_tie(&own, other)
            };
            if let Some((_, other)) = self.facts.relations.iter_mut().enumerate().find(alike)
                && add_sizes(&mut other.detail, &own.detail)
            {
                lost.insert(id);
            }
        }
        self.take_attributes(gone, stays);
        for link in &mut self.facts.links {
            swap(&mut link.from);
            swap(&mut link.to);
        }
        self.facts.links.retain(|link| link.from != link.to);
        self.facts.columns.join(gone, stays);
        self.join_accounts(gone, stays);
        for other in &mut self.facts.entities {
            other.members.iter_mut().for_each(|id| {
                swap(id);
            });
            other.members.sort_unstable();
            other.members.dedup();
        }
        if let Some(record) = self.facts.entities.get_mut(stays.index()) {
            record.members.retain(|id| *id != stays);
        }
        self.remove(Some(gone), &|id| lost.contains(&id));
        Ok(())
    }

    /// Accounts of two sectors become one; how fast the one that stays recovers is left as it is.
    fn join_accounts(&mut self, gone: EntityId, stays: EntityId) {
        let of = |id| move |account: &SectorAccount| account.entity == id;
        let Some(from) = self.facts.sectors.iter().position(of(gone)) else { return };
        let more = self.facts.sectors.remove(from);
        match self.facts.sectors.iter_mut().find(|account| account.entity == stays) {
            None => self.facts.sectors.push(SectorAccount { entity: stays, ..more }),
            Some(own) => {
                let sum = |a: Option<f64>, b: Option<f64>| a.zip(b).map(|(a, b)| a + b);
                own.gross_output += more.gross_output;
                own.final_demand = sum(own.final_demand, more.final_demand);
                own.value_added = sum(own.value_added, more.value_added);
            }
        }
    }

    /// Attributes of the one become the other's, where that has none of the kind.
    fn take_attributes(&mut self, gone: EntityId, stays: EntityId) {
        let (gone, stays) = (AttributeSubject::Entity(gone), AttributeSubject::Entity(stays));
        let own: Vec<_> = self
            .facts
            .attributes
            .iter()
            .filter(|a| a.of == stays)
            .map(|a| (a.kind.clone(), a.product, a.variant.clone()))
            .collect();
        for attribute in self.facts.attributes.iter_mut().filter(|a| a.of == gone) {
            if !own.contains(&(attribute.kind.clone(), attribute.product, attribute.variant.clone())) {
                attribute.of = stays;
            }
        }
    }
}

/// Whether two relations say the same sort of thing about the same two, so that their sizes add.
fn same_tie(a: &Relation, b: &Relation) -> bool {
    let last = |relation: &Relation| relation.history.last().map(|change| change.status);
    let ends = a.from == b.from && a.to == b.to && a.relation_type() == b.relation_type();
    ends && last(a) == last(b)
        && last(a) != Some(Status::Lapsed)
        && a.part_of.is_none()
        && b.part_of.is_none()
        && match (&a.detail, &b.detail) {
            (
                Detail::Sells { market, variant, region, period, metric, .. },
                Detail::Sells { market: m, variant: v, region: r, period: p, metric: k, .. },
            ) => (market, variant, region, period, metric) == (m, v, r, p, k),
            (Detail::Supplies { product, variant, .. }, Detail::Supplies { product: p, variant: v, .. }) => {
                (product, variant) == (p, v)
            }
            (Detail::Owns { .. }, Detail::Owns { .. }) => true,
            _ => false,
        }
}

/// Adds the sizes of one tie to those of another; `false` where they have none in common, and nothing is changed.
pub(super) fn add_sizes(to: &mut Detail, from: &Detail) -> bool {
    let mut from = from.clone();
    let parts = from.sizes_mut();
    let mut slots = to.sizes_mut();
    let fits = |(slot, part): (&&mut Option<Measure>, &&mut Option<Measure>)| matches!((&**slot, &**part), (Some(a), Some(b)) if a.dimension == b.dimension);
    if slots.len() != parts.len() || !slots.iter().zip(&parts).any(fits) {
        return false;
    }
    for (slot, part) in slots.iter_mut().zip(parts) {
        if let (Some(own), Some(more)) = (slot.as_mut(), part.as_ref())
            && own.dimension == more.dimension
        {
            add(own, more);
        }
    }
    true
}

/// Adds a size to every statement of another.
fn add(own: &mut Measure, more: &Measure) {
    let Some(more) = more.preferred().map(|claim| claim.estimate) else { return };
    let share = own.dimension == Dimension::Share;
    for claim in &mut own.claims {
        claim.estimate = sum(claim.estimate, more, share);
    }
}

/// The sum of two statements, as exactly as both allow; a share is at most the whole.
fn sum(a: Estimate, b: Estimate, share: bool) -> Estimate {
    let whole = |value: f64| if share && value > 1.0 && value < 1.0 + 1e-9 { 1.0 } else { value };
    match (a, b) {
        (Estimate::Exact(a), Estimate::Exact(b)) => Estimate::Exact(whole(a + b)),
        (Estimate::Unknown, _) | (_, Estimate::Unknown) => Estimate::Unknown,
        (a, b) => {
            let range = a.interval().plus(b.interval());
            match range.high {
                Some(high) => Estimate::Between(range.low, whole(high)),
                None => Estimate::AtLeast(range.low),
            }
        }
    }
}
