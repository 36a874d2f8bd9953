//! Entities that nothing refers to.

use std::collections::HashSet;

use crate::model::{AttributeSubject, EntityId, Facts};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::tables::Bulk;
use super::Context;

pub fn check(context: &mut Context, bulk: &Bulk, facts: &Facts) {
    if context.session.incomplete || context.session.has_errors() {
        return;
    }
    let mut known: HashSet<EntityId> = HashSet::new();
    known.extend(facts.relations.iter().flat_map(|relation| [Some(relation.from), relation.to]).flatten());
    known.extend(facts.entities.iter().flat_map(|entity| entity.members.iter().copied()));
    known.extend(facts.links.iter().flat_map(|link| [link.from, link.to]));
    known.extend(facts.sectors.iter().map(|sector| sector.entity));
    known.extend(facts.attributes.iter().filter_map(|attribute| match attribute.of {
        AttributeSubject::Entity(id) => Some(id),
        AttributeSubject::Product(_) => None,
    }));
    for keyed in &context.records.entities {
        let orphan = context.ids.entity(&keyed.key).is_some_and(|id| !known.contains(&id));
        let grouped = keyed
            .record
            .as_ref()
            .is_some_and(|record| !record.members.is_empty() || !record.needs.is_empty());
        if orphan && !grouped && !bulk.entities.contains_key(&keyed.key) {
            let message = format!("nothing is said about `{}` but that it exists", keyed.key);
            let span = context.session.key(keyed.mark);
            context.session.push(
                Diagnostic::new(Code::OrphanEntity, span, message)
                    .hint("add a relation or an attribute, or remove it"),
            );
        }
    }
}
