//! Records → facts: ids become positions, sizes get a dimension, dates are read. What is wrong with one
//! record by itself is found here.

mod attribute;
mod dates;
mod entity;
mod evidence;
mod measure;
mod relation;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use crate::model::{Currency, Date, EntityId, Facts, Kind, ProductId, RelationId, SourceId};

use super::codes::Code;
use super::read::{Keyed, MANY, Records, clip, value};
use super::session::Session;
use super::tables::Bulk;
use super::trail::{Mark, Trail};

/// The ids of one section in order, and their positions.
#[derive(Debug, Default)]
struct Index {
    keys: Vec<Arc<str>>,
    /// Made where it is first asked for: few datasets refer to their relations.
    at: OnceLock<HashMap<Arc<str>, u32>>,
}

impl Index {
    fn new<T>(records: &[Keyed<T>], others: impl Iterator<Item = Arc<str>>) -> Self {
        let stated = records.iter().map(|keyed| Arc::from(keyed.key.as_str()));
        let mut keys: Vec<Arc<str>> = stated.chain(others).collect();
        keys.sort_unstable();
        keys.dedup();
        Self { keys, at: OnceLock::new() }
    }

    fn key(&self, at: u32) -> &str {
        self.keys.get(at as usize).map_or("", Arc::as_ref)
    }

    fn get(&self, key: &str) -> Option<u32> {
        let number = || self.keys.iter().enumerate().map(|(at, key)| (key.clone(), at as u32)).collect();
        self.at.get_or_init(number).get(key).copied()
    }
}

/// A key as the index keeps it.
fn shared(key: impl AsRef<str>) -> Arc<str> {
    Arc::from(key.as_ref())
}

/// The positions of all ids.
#[derive(Debug, Default)]
pub struct Ids {
    kinds: Index,
    products: Index,
    sources: Index,
    entities: Index,
    relations: Index,
}

impl Ids {
    /// The positions of the keys of records and tables together.
    pub fn new(records: &Records, bulk: &Bulk) -> Self {
        Self {
            kinds: Index::new(&records.kinds, bulk.kinds.iter().map(shared)),
            products: Index::new(&records.products, bulk.products.iter().map(shared)),
            sources: Index::new(&records.sources, std::iter::empty()),
            entities: Index::new(&records.entities, bulk.keys().cloned()),
            relations: Index::new(&records.relations, bulk.relations.keys().map(shared)),
        }
    }

    /// The positions of the keys of records and of checked facts together.
    pub fn beside(records: &Records, facts: &Facts) -> Self {
        Self {
            kinds: Index::new(&records.kinds, facts.kinds.iter().map(|kind| shared(&kind.key))),
            products: Index::new(&records.products, facts.products.iter().map(|one| shared(&one.key))),
            sources: Index::new(&records.sources, facts.sources.iter().map(|one| shared(&one.key))),
            entities: Index::new(&records.entities, facts.entities.iter().map(|one| shared(&one.key))),
            relations: Index::new(&records.relations, facts.relations.iter().map(|one| shared(&one.key))),
        }
    }

    /// The kind of a key.
    pub fn kind(&self, key: &str) -> Option<usize> {
        self.kinds.get(key).map(|at| at as usize)
    }

    /// The entity of a key.
    pub fn entity(&self, key: &str) -> Option<EntityId> {
        self.entities.get(key).map(EntityId)
    }

    /// The product of a key.
    pub fn product(&self, key: &str) -> Option<ProductId> {
        self.products.get(key).map(ProductId)
    }

    /// The source of a key.
    pub fn source(&self, key: &str) -> Option<SourceId> {
        self.sources.get(key).map(SourceId)
    }

    /// The relation of a key.
    pub fn relation(&self, key: &str) -> Option<RelationId> {
        self.relations.get(key).map(RelationId)
    }

    /// The key of an entity.
    pub fn entity_key(&self, id: EntityId) -> &str {
        self.entities.key(id.0)
    }

    /// The key of a product.
    pub fn product_key(&self, id: ProductId) -> &str {
        self.products.key(id.0)
    }

    /// The key of a relation.
    pub fn relation_key(&self, id: RelationId) -> &str {
        self.relations.key(id.0)
    }

    /// The keys of all entities.
    pub fn entity_keys(&self) -> &[Arc<str>] {
        &self.entities.keys
    }
}

/// An amount of money in a currency other than the dollar: where and as of when.
#[derive(Clone, Copy, Debug)]
pub struct MoneyUse {
    /// The currency.
    pub currency: Currency,
    /// The day that the fact refers to, where known.
    pub on: Option<Date>,
    /// The record.
    pub mark: Mark,
    /// The field.
    pub field: &'static str,
}

/// Turns records into facts.
pub struct Lowering<'a> {
    /// Where problems go.
    pub session: &'a mut Session,
    /// The positions of all ids.
    pub ids: &'a Ids,
    /// Money in other currencies, to be checked against the rates.
    pub money: Vec<MoneyUse>,
    /// The day that the record in hand refers to.
    on: Option<Date>,
    /// Whether a claim of the record in hand has evidence of its own, and whose sources.
    claimed: Vec<SourceId>,
    /// Whether all claims of some measure of the record in hand have evidence of their own.
    claims_complete: bool,
}

/// Facts of the records, in the order of the records.
pub fn lower(records: &Records, ids: &Ids, session: &mut Session) -> (Facts, Vec<MoneyUse>) {
    let mut lowering = Lowering::new(session, ids);
    let mut facts = Facts::default();
    let texts = |slot: &Option<(String, Mark)>| slot.as_ref().map(|(text, _)| text.clone());
    facts.meta.name = texts(&records.name).unwrap_or_default();
    facts.meta.title = texts(&records.title);
    facts.meta.description = texts(&records.description);
    if let Some((text, mark)) = &records.as_of {
        facts.meta.as_of = lowering.date(&Trail::record(*mark).to(super::trail::Step::Whole), text);
    }
    facts.kinds = lowering.each(&records.kinds, |lowering, keyed, record| {
        let trail = Trail::record(keyed.mark);
        lowering.tier(&trail, record.tier);
        let name = record.name.clone().unwrap_or_else(|| keyed.key.clone());
        Some(Kind { key: keyed.key.clone(), name, tier: record.tier })
    });
    facts.sources = lowering.each(&records.sources, |own, keyed, record| own.source(keyed, record));
    facts.products = lowering.each(&records.products, |own, keyed, record| own.product(keyed, record));
    facts.entities = lowering.each(&records.entities, |own, keyed, record| own.entity(keyed, record));
    facts.relations = lowering.each(&records.relations, |own, keyed, _| {
        let record = value(own.session, keyed.mark)?;
        own.relation(keyed, &record)
    });
    facts.attributes = lowering.each(&records.attributes, |own, keyed, record| own.attribute(keyed, record));
    facts.intensities =
        lowering.each(&records.intensities, |own, keyed, record| own.intensity(keyed, record));
    facts.rates = lowering.each(&records.rates, |own, keyed, record| own.rate(keyed, record));
    facts.rates.sort_by_key(|rate| (rate.currency, rate.on.first()));
    let money = lowering.money;
    (facts, money)
}

impl<'a> Lowering<'a> {
    fn new(session: &'a mut Session, ids: &'a Ids) -> Self {
        Self { session, ids, money: Vec::new(), on: None, claimed: Vec::new(), claims_complete: false }
    }
}

impl Lowering<'_> {
    /// Lowers the records that could be read; many of them on all threads.
    fn each<T: Sync, F: Send>(
        &mut self,
        list: &[Keyed<T>],
        lower: impl Fn(&mut Lowering<'_>, &Keyed<T>, &T) -> Option<F> + Sync,
    ) -> Vec<F> {
        if list.len() < MANY {
            return list.iter().filter_map(|keyed| self.one(keyed, &lower)).collect();
        }
        let mut facts: Vec<Option<F>> = Vec::new();
        facts.resize_with(list.len(), || None);
        let (session, ids) = (&*self.session, self.ids);
        let apart = |(records, slots): (&[Keyed<T>], &mut [Option<F>])| {
            let mut session = session.branch();
            let mut lowering = Lowering::new(&mut session, ids);
            for (keyed, slot) in records.iter().zip(slots) {
                *slot = lowering.one(keyed, &lower);
                if lowering.session.count() > 0 {
                    return None;
                }
            }
            Some(lowering.money)
        };
        let parts: Vec<Option<Vec<MoneyUse>>> =
            list.par_chunks(MANY).zip(facts.par_chunks_mut(MANY)).map(apart).collect();
        for ((records, slots), money) in list.chunks(MANY).zip(facts.chunks_mut(MANY)).zip(parts) {
            match money {
                Some(money) => self.money.extend(money),
                // what has a problem is lowered again in its turn: problems come in the order of the records
                None => {
                    for (keyed, slot) in records.iter().zip(slots) {
                        *slot = self.one(keyed, &lower);
                    }
                }
            }
        }
        facts.into_iter().flatten().collect()
    }

    /// Lowers one record.
    fn one<T, F>(
        &mut self,
        keyed: &Keyed<T>,
        lower: impl Fn(&mut Lowering<'_>, &Keyed<T>, &T) -> Option<F>,
    ) -> Option<F> {
        self.on = None;
        self.claimed.clear();
        self.claims_complete = false;
        lower(self, keyed, keyed.record.as_ref()?)
    }

    /// Reports an id that does not exist.
    fn unknown(&mut self, trail: &Trail, code: Code, what: &str, key: &str, known: &[&[Arc<str>]]) {
        if self.session.incomplete {
            return;
        }
        let nearest = self.session.nearest(key, known);
        let message = format!("there is no {what} `{}`", clip(key, 60));
        self.session.report(trail, code, message).nearest = nearest;
    }

    /// The entity that a field names.
    fn entity_id(&mut self, trail: &Trail, key: &str) -> Option<EntityId> {
        let found = self.ids.entity(key);
        if found.is_none() {
            let product = self.ids.products.get(key).is_some();
            let missing = !self.session.incomplete;
            self.unknown(trail, Code::UnknownEntity, "entity", key, &[&self.ids.entities.keys]);
            if product && missing {
                self.session.hint_last("a product has this id; an entity is wanted here");
            }
        }
        found
    }

    /// The product that a field names.
    fn product_id(&mut self, trail: &Trail, key: &str) -> Option<ProductId> {
        let found = self.ids.product(key);
        if found.is_none() {
            self.unknown(trail, Code::UnknownProduct, "product", key, &[&self.ids.products.keys]);
        }
        found
    }

    /// The product that an optional field names.
    fn product_field(&mut self, trail: &Trail, field: &'static str, key: Option<&str>) -> Option<ProductId> {
        key.and_then(|key| self.product_id(&trail.field(field), key))
    }

    /// The kind that a field names.
    fn kind_id(&mut self, trail: &Trail, key: &str) -> Option<usize> {
        let found = self.ids.kind(key);
        if found.is_none() {
            self.unknown(trail, Code::UnknownKind, "kind", key, &[&self.ids.kinds.keys]);
        }
        found
    }

    /// The relation that a field names.
    fn relation_id(&mut self, trail: &Trail, key: &str) -> Option<RelationId> {
        let found = self.ids.relations.get(key).map(RelationId);
        if found.is_none() {
            self.unknown(trail, Code::UnknownRelation, "relation", key, &[&self.ids.relations.keys]);
        }
        found
    }

    /// Checks that a number is finite.
    fn finite(&mut self, trail: &Trail, value: f64) -> bool {
        if !value.is_finite() {
            let word = if value.is_nan() { "not a number" } else { "infinite" };
            let message = format!("a number must be finite; this is {word}");
            self.session.report(trail, Code::NotFinite, message);
        }
        value.is_finite()
    }

    fn tier(&mut self, trail: &Trail, tier: Option<f64>) {
        if let Some(tier) = tier {
            self.finite(&trail.field("tier"), tier);
        }
    }
}
