//! Entities that nothing refers to.

use crate::model::{AttributeSubject, EntityId, Facts};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::tables::Bulk;
use super::Context;

pub fn check(context: &mut Context, bulk: &Bulk, facts: &Facts) {
    if context.session.incomplete || context.session.has_errors() {
        return;
    }
    let mut known = vec![false; facts.entities.len()];
    let mut know = |id: EntityId| {
        if let Some(known) = known.get_mut(id.index()) {
            *known = true;
        }
    };
    facts
        .relations
        .iter()
        .flat_map(|relation| [Some(relation.from), relation.to])
        .flatten()
        .for_each(&mut know);
    facts.entities.iter().flat_map(|entity| entity.members.iter().copied()).for_each(&mut know);
    facts.links.iter().flat_map(|link| [link.from, link.to]).for_each(&mut know);
    facts.sectors.iter().map(|sector| sector.entity).for_each(&mut know);
    for attribute in &facts.attributes {
        if let AttributeSubject::Entity(id) = attribute.of {
            know(id);
        }
    }
    for keyed in &context.records.entities {
        let orphan =
            context.ids.entity(&keyed.key).is_some_and(|id| !known.get(id.index()).copied().unwrap_or(false));
        let grouped = keyed
            .record
            .as_ref()
            .is_some_and(|record| !record.members.is_empty() || !record.needs.is_empty());
        if orphan && !grouped && !bulk.has(&keyed.key) {
            let message = format!("nothing is said about `{}` but that it exists", keyed.key);
            let span = context.session.key(keyed.mark);
            context.session.push(
                Diagnostic::new(Code::OrphanEntity, span, message)
                    .hint("add a relation or an attribute, or remove it"),
            );
        }
    }
}
