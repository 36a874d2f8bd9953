//! What-ifs made real: facts and patches → other facts, checked like any dataset.

mod add;
mod join;
mod redirect;

use super::check;
use super::diagnostic::{Diagnostic, nearest};
use super::lower::Ids;
use super::read::Records;
use super::session::Session;
use super::tables::Bulk;
use crate::graph::Graph;
use crate::model::{
    EntityId, Estimate, Facts, Measure, Need, ProductId, Relation, RelationId, Renumber, StatusChange,
};
use crate::what_if::{Change, WhatIf, WhatIfSpec};

/// Why a patch cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("what-if {title:?}{}: {reason}", place(.change))]
pub struct PatchError {
    /// Heading of the patch, or its name where it is not known.
    pub title: String,
    /// Which change, from 1; none where it is the patch as a whole.
    pub change: Option<usize>,
    /// What is wrong, and what was expected.
    pub reason: String,
}

fn place(change: &Option<usize>) -> String {
    change.map_or(String::new(), |change| format!(", change {change}"))
}

/// Problems of patches: all that were found.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct PatchErrors(pub Vec<PatchError>);

/// A graph as it would be: the patches are made one after the other, and the result is checked and hashed like a dataset.
///
/// Cost: a copy of the facts for each change, and the checks of a load.
///
/// # Errors
/// Names that were not looked up, unknown keys with the nearest known ones, changes that change nothing, and results
/// that are no sound dataset; all changes are tried.
pub fn patched(graph: &Graph, what_ifs: &[WhatIfSpec]) -> Result<Graph, PatchErrors> {
    let mut facts = graph.facts().clone();
    let mut problems = Vec::new();
    for spec in what_ifs {
        match spec {
            WhatIfSpec::Named(name) => problems.push(PatchError {
                title: name.clone(),
                change: None,
                reason: "there is no what-if of this name".to_string(),
            }),
            WhatIfSpec::Inline(what_if, _) => {
                let (next, more) = patch(facts, what_if);
                facts = next;
                problems.extend(more);
            }
        }
    }
    if !problems.is_empty() {
        return Err(PatchErrors(problems));
    }
    let hash = facts.content_hash();
    Ok(Graph::new(facts, hash))
}

/// Facts with one patch, as far as it could be made, and all problems.
fn patch(facts: Facts, what_if: &WhatIf) -> (Facts, Vec<PatchError>) {
    let mut problems = Vec::new();
    let title = &what_if.title;
    let mut problem = |change, reason| problems.push(PatchError { title: title.clone(), change, reason });
    if what_if.changes.is_empty() {
        problem(None, "expected at least one change".to_string());
    }
    let mut patcher = Patcher { facts, title };
    for (at, change) in what_if.changes.iter().enumerate() {
        let before = patcher.facts.clone();
        if let Err(reasons) = patcher.change(change) {
            patcher.facts = before;
            reasons.into_iter().for_each(|reason| problem(Some(at + 1), reason));
        } else if patcher.facts == before {
            problem(Some(at + 1), "it changes nothing".to_string());
        }
    }
    for reason in unsound(&mut patcher.facts) {
        problem(None, reason);
    }
    (patcher.facts, problems)
}

/// What keeps facts from being a sound dataset.
fn unsound(facts: &mut Facts) -> Vec<String> {
    let (records, bulk) = (Records::default(), Bulk::default());
    let ids = Ids::beside(&records, facts);
    let mut session = Session::default();
    check::check(&mut session, &records, &ids, &bulk, &[], facts);
    errors(session)
}

/// The problems of a session that stop a load, in words.
fn errors(session: Session) -> Vec<String> {
    let failed = session.finish();
    let words = |d: &Diagnostic| {
        let hint =
            d.hint.as_ref().or(d.expected.as_ref()).map(|hint| format!("; {hint}")).unwrap_or_default();
        let near = match d.nearest.is_empty() {
            true => String::new(),
            false => format!("; did you mean {}?", d.nearest.join(" or ")),
        };
        format!("{}{near}{hint}", d.message)
    };
    failed.iter().filter(|d| d.severity == super::Severity::Error).map(words).collect()
}

/// Facts that are being changed.
struct Patcher<'a> {
    facts: Facts,
    /// Heading of the patch, which becomes the reason of what it supposes.
    title: &'a str,
}

/// Why a change cannot be made; several reasons where records are added.
type Outcome = Result<(), Vec<String>>;

fn one(reason: impl Into<String>) -> Vec<String> {
    vec![reason.into()]
}

impl Patcher<'_> {
    fn change(&mut self, change: &Change) -> Outcome {
        match change {
            Change::RemoveEntity(key) => {
                let id = self.entity(key)?;
                self.remove(Some(id), &|_| false);
                Ok(())
            }
            Change::RemoveRelation(key) => {
                let id = self.relation(key)?;
                self.remove(None, &|own| own == id);
                Ok(())
            }
            Change::Scale { relation, by } => self.scale(relation, *by),
            Change::Redirect { product, from, to, customer, share } => {
                self.redirect(product, from, to, customer.as_deref(), *share)
            }
            Change::Add(added) => self.add(added),
            Change::Merge { entity, into } => self.merge(entity, into),
            Change::SetStatus { relation, status } => {
                let id = self.relation(relation)?;
                if let Some(relation) = self.facts.relations.get_mut(id.index())
                    && relation.history.last().is_none_or(|last| last.status != *status)
                {
                    relation.history.push(StatusChange { status: *status, on: None });
                }
                Ok(())
            }
            Change::SetNeed { entity, kind, product, need } => {
                self.set_need(entity.as_deref(), kind.as_deref(), product, (*need).into())
            }
        }
    }

    fn entity(&self, key: &str) -> Result<EntityId, Vec<String>> {
        let known = || self.facts.entities.iter().map(|entity| entity.key.as_str());
        find("entity", key, known).map(EntityId::new)
    }

    fn product(&self, key: &str) -> Result<ProductId, Vec<String>> {
        let known = || self.facts.products.iter().map(|product| product.key.as_str());
        find("product", key, known).map(ProductId::new)
    }

    fn relation(&self, key: &str) -> Result<RelationId, Vec<String>> {
        let known = || self.facts.relations.iter().map(|relation| relation.key.as_str());
        find("relation", key, known).map(RelationId::new)
    }

    /// Takes away an entity with all that is tied to it, and relations.
    fn remove(&mut self, entity: Option<EntityId>, gone: &dyn Fn(RelationId) -> bool) {
        let facts = &self.facts;
        let mut new = Renumber::identity(facts);
        let mut next = 0;
        for (at, slot) in new.entities.iter_mut().enumerate() {
            let stays = entity != Some(EntityId::new(at));
            *slot = stays.then_some(EntityId::new(next));
            next += usize::from(stays);
        }
        let lost =
            |relation: &Relation| entity.is_some_and(|id| relation.from == id || relation.to == Some(id));
        next = 0;
        for (at, (slot, relation)) in new.relations.iter_mut().zip(&facts.relations).enumerate() {
            let stays = !gone(RelationId::new(at)) && !lost(relation);
            *slot = stays.then_some(RelationId::new(next));
            next += usize::from(stays);
        }
        self.facts = std::mem::take(&mut self.facts).renumbered(&new);
    }

    /// Puts relations back into the order of their keys.
    fn sort_relations(&mut self) {
        let mut order: Vec<usize> = (0..self.facts.relations.len()).collect();
        let key = |at: &usize| self.facts.relations.get(*at).map(|relation| relation.key.clone());
        order.sort_by_key(key);
        let mut new = Renumber::identity(&self.facts);
        for (rank, at) in order.into_iter().enumerate() {
            if let Some(slot) = new.relations.get_mut(at) {
                *slot = Some(RelationId::new(rank));
            }
        }
        self.facts = std::mem::take(&mut self.facts).renumbered(&new);
        self.facts.relations.sort_by(|a, b| a.key.cmp(&b.key));
    }

    fn scale(&mut self, key: &str, by: f64) -> Outcome {
        let id = self.relation(key)?;
        if !by.is_finite() || by <= 0.0 {
            return Err(one(format!("by {by}: expected a factor above 0; RemoveRelation takes it away")));
        }
        let Some(relation) = self.facts.relations.get_mut(id.index()) else { return Ok(()) };
        let mut sizes = relation.detail.sizes_mut();
        if sizes.iter().all(|slot| slot.is_none()) {
            return Err(one(format!("{key} states no size that could be scaled")));
        }
        let too_large =
            |m: &Measure| m.dimension == crate::model::Dimension::Share && m.interval().low * by > 1.0;
        if sizes.iter().filter_map(|slot| slot.as_ref()).any(too_large) {
            return Err(one(format!("by {by}: a share of {key} would be more than the whole")));
        }
        sizes.iter_mut().filter_map(|slot| slot.as_mut()).for_each(|measure| scale(measure, by));
        Ok(())
    }

    fn set_need(&mut self, entity: Option<&str>, kind: Option<&str>, product: &str, need: Need) -> Outcome {
        let id = self.product(product)?;
        if let Need::Important(weight) = need
            && !(0.0..=1.0).contains(&weight)
        {
            return Err(one(format!("Important({weight}): expected a share between 0 and 1")));
        }
        match (entity, kind) {
            (Some(key), None) => {
                let at = self.entity(key)?;
                if let Some(entity) = self.facts.entities.get_mut(at.index()) {
                    entity.needs.insert(id, need);
                    entity.needs.sort_unstable_keys();
                }
                Ok(())
            }
            (None, Some(key)) => {
                let known = || self.facts.kinds.iter().map(|kind| kind.key.as_str());
                let at = find("kind", key, known)?;
                if let Some(product) = self.facts.products.get_mut(id.index()) {
                    product.needed_by.insert(at, need);
                    product.needed_by.sort_unstable_keys();
                }
                Ok(())
            }
            _ => Err(one("expected an entity or a kind, one of them")),
        }
    }
}

/// The position of a key, or an error with the nearest ones.
fn find<'a, I: Iterator<Item = &'a str>>(
    what: &str,
    key: &str,
    known: impl Fn() -> I,
) -> Result<usize, Vec<String>> {
    known().position(|own| own == key).ok_or_else(|| {
        let near = nearest(key, known());
        let hint =
            if near.is_empty() { String::new() } else { format!("; did you mean {}?", near.join(" or ")) };
        one(format!("there is no {what} {key:?}{hint}"))
    })
}

/// Multiplies every statement of a size.
fn scale(measure: &mut Measure, by: f64) {
    for claim in &mut measure.claims {
        claim.estimate = match claim.estimate.scale(by) {
            // no share is more than the whole
            Estimate::Between(low, high) if measure.dimension == crate::model::Dimension::Share => {
                Estimate::Between(low, high.min(1.0))
            }
            other => other,
        };
    }
}
