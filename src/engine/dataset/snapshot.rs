//! A dataset as it stood on a day.

use crate::model::{Facts, PartialDate, RelationId, Renumber};
use crate::scope::Scope;

/// What a scope sees of a dataset, as a dataset of its own: relations that are valid on the day and at least as sure as the scope asks,
/// with the statuses that they had reached, and attributes whose period has begun. The day becomes the dataset's own.
///
/// Entities, products, sources and exchange rates stay, and so do statuses that the scope does not count: a reader of
/// the snapshot may ask for them. A tranche whose total is not there stands for itself, as it does on that day.
///
/// A question asked of the snapshot has the answer that it has of the dataset on the day, unless it looks at other
/// days as well (what a day changed, a series over time).
pub fn snapshot(facts: &Facts, scope: &Scope) -> Facts {
    let day = scope.as_of;
    let mut new = Renumber::identity(facts);
    let mut next = 0;
    for (slot, relation) in new.relations.iter_mut().zip(&facts.relations) {
        let stays = scope.knows(relation);
        *slot = stays.then_some(RelationId::new(next));
        next += usize::from(stays);
    }
    let mut seen = facts.clone().renumbered(&new);
    for relation in &mut seen.relations {
        relation.history.retain(|change| change.on.is_none_or(|on| on.first() <= day));
    }
    seen.attributes.retain(|own| own.period.is_none_or(|period| period.first() <= day));
    seen.meta.as_of = Some(PartialDate::Day(day));
    seen
}
