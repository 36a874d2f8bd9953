//! Whose loss a question is about: an entity, all of a kind, or the members of a group.

use super::{AnalysisError, View};
use crate::graph::{UnknownKey, nearest};
use crate::model::EntityId;

/// Whose loss a question is about.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    /// Its members, in rising order; at least one.
    pub members: Vec<EntityId>,
    /// For sentences: "Anthropic", "every lab".
    pub name: String,
    /// What its loss is, where it has several members.
    pub note: Option<String>,
}

impl Target {
    /// The target of that key.
    ///
    /// # Errors
    /// A key that is neither entity nor kind, with the nearest of both; one that is both; a kind without entities.
    pub fn find(view: &View<'_>, key: &str) -> Result<Self, AnalysisError> {
        let invalid = |reason: String| AnalysisError::Invalid { parameter: "target", reason };
        let graph = view.graph;
        let kinds = &graph.facts().kinds;
        let kind = kinds.iter().position(|kind| kind.key == key);
        match (graph.find_entity(key).ok(), kind) {
            (Some(_), Some(_)) => Err(invalid(format!("{key} is both an entity and a kind"))),
            (Some(id), None) => {
                let entity = graph.entity(id);
                if !entity.group || entity.members.is_empty() {
                    return Ok(Self { members: vec![id], name: entity.name.clone(), note: None });
                }
                let mut members = entity.members.clone();
                members.sort_unstable();
                members.dedup();
                Ok(Self::several(members, entity.name.clone()))
            }
            (None, Some(kind)) => {
                let of_kind = |id: &EntityId| graph.entity(*id).kind == kind;
                let members: Vec<EntityId> = graph.entity_ids().filter(of_kind).collect();
                match members.as_slice() {
                    [] => Err(invalid(format!("the dataset has no entity of kind {key}"))),
                    _ => Ok(Self::several(members, format!("the average {key}"))),
                }
            }
            (None, None) => {
                let entities = graph.entity_ids().map(|id| graph.entity(id).key.as_str());
                let known = entities.chain(kinds.iter().map(|kind| kind.key.as_str()));
                let nearest = nearest(key, known);
                Err(UnknownKey { what: "entity or kind", key: key.to_string(), nearest }.into())
            }
        }
    }

    fn several(members: Vec<EntityId>, name: String) -> Self {
        let note = format!(
            "The loss of {name} is the mean over {} members, each counted once; none of them is taken as failing by itself.",
            members.len()
        );
        Self { members, name, note: Some(note) }
    }
}

/// Positions of the kinds of these keys; nothing where none is given.
///
/// # Errors
/// A kind that the dataset does not have, with the nearest ones.
pub(super) fn kinds(view: &View<'_>, keys: &[String]) -> Result<Option<Vec<usize>>, AnalysisError> {
    let kinds = &view.graph.facts().kinds;
    let find = |key: &String| {
        kinds.iter().position(|kind| kind.key == *key).ok_or_else(|| {
            let nearest = nearest(key, kinds.iter().map(|kind| kind.key.as_str()));
            AnalysisError::from(UnknownKey { what: "kind", key: key.clone(), nearest })
        })
    };
    let found: Vec<usize> = keys.iter().map(find).collect::<Result<_, _>>()?;
    Ok((!keys.is_empty()).then_some(found))
}
