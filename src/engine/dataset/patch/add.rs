//! Records that a patch adds: read like a file of the dataset.

use super::super::files::Origin;
use super::super::lower::{self, Ids};
use super::super::read::{self, Keyed};
use super::super::session::Session;
use super::super::tables::Bulk;
use super::super::{check, read::Records};
use super::{Outcome, Patcher, errors};
use crate::model::{EntityId, Facts, ProductId, RelationId, Renumber, SourceId};
use crate::what_if::Added;

impl Patcher<'_> {
    pub(super) fn add(&mut self, added: &Added) -> Outcome {
        let sections: Vec<String> =
            added.sections().iter().map(|(name, raw)| format!("{name}: {raw}")).collect();
        let text = format!("(format: 1, {})", sections.join(", "));
        let mut session = Session::default();
        let file = format!("what-if: {}", self.title);
        let name = format!("{file}.ron");
        let records = read::read(&Origin::Embedded(&[(&name, &text)]), &mut session);
        let twice = self.already_there(&records);
        if !twice.is_empty() {
            return Err(twice);
        }
        let ids = Ids::beside(&records, &self.facts);
        let (new, money) = lower::lower(&records, &ids, &mut session);
        if session.has_errors() {
            return Err(errors(session));
        }
        let mut facts = together(std::mem::take(&mut self.facts), new, &ids);
        check::check(&mut session, &records, &ids, &Bulk::default(), &money, &mut facts);
        self.facts = facts;
        if session.has_errors() { Err(errors(session)) } else { Ok(()) }
    }

    /// Keys that the dataset has already.
    fn already_there(&self, records: &Records) -> Vec<String> {
        let facts = &self.facts;
        let mut reasons = Vec::new();
        let mut look = |what: &str, keys: Vec<&String>, has: &dyn Fn(&str) -> bool| {
            for key in keys.into_iter().filter(|key| has(key)) {
                reasons
                    .push(format!("{what} {key:?} is there already; remove it first, or choose another key"));
            }
        };
        look("source", keys(&records.sources), &|key| facts.sources.iter().any(|own| own.key == key));
        look("product", keys(&records.products), &|key| facts.products.iter().any(|own| own.key == key));
        look("entity", keys(&records.entities), &|key| facts.entities.iter().any(|own| own.key == key));
        look("relation", keys(&records.relations), &|key| facts.relations.iter().any(|own| own.key == key));
        look("attribute", keys(&records.attributes), &|key| {
            facts.attributes.iter().any(|own| own.key == key)
        });
        reasons
    }
}

fn keys<T>(list: &[Keyed<T>]) -> Vec<&String> {
    list.iter().map(|keyed| &keyed.key).collect()
}

/// Facts and further facts that already have the positions of `ids`, as one, in the order of their keys.
fn together(facts: Facts, new: Facts, ids: &Ids) -> Facts {
    let renumber = Renumber {
        kinds: facts.kinds.iter().enumerate().map(|(at, kind)| ids.kind(&kind.key).unwrap_or(at)).collect(),
        products: at(&facts.products, |product| ids.product(&product.key), ProductId::new),
        sources: at(&facts.sources, |source| ids.source(&source.key), SourceId::new),
        entities: at(&facts.entities, |e| ids.entity(&e.key), EntityId::new).into_iter().map(Some).collect(),
        relations: at(&facts.relations, |relation| ids.relation(&relation.key), RelationId::new)
            .into_iter()
            .map(Some)
            .collect(),
    };
    let mut facts = facts.renumbered(&renumber);
    facts.products.extend(new.products);
    facts.sources.extend(new.sources);
    facts.entities.extend(new.entities);
    facts.relations.extend(new.relations);
    facts.attributes.extend(new.attributes);
    facts.columns.fit(facts.entities.len());
    facts.products.sort_by(|a, b| a.key.cmp(&b.key));
    facts.sources.sort_by(|a, b| a.key.cmp(&b.key));
    facts.entities.sort_by(|a, b| a.key.cmp(&b.key));
    facts.relations.sort_by(|a, b| a.key.cmp(&b.key));
    facts.attributes.sort_by(|a, b| a.key.cmp(&b.key));
    facts
}

/// The new position of each record.
fn at<T, Id>(list: &[T], find: impl Fn(&T) -> Option<Id>, own: impl Fn(usize) -> Id) -> Vec<Id> {
    list.iter().enumerate().map(|(place, record)| find(record).unwrap_or_else(|| own(place))).collect()
}
