//! Records → facts: ids become positions, sizes get a dimension, dates are read. What is wrong with one
//! record by itself is found here.

mod attribute;
mod dates;
mod entity;
mod evidence;
mod measure;
mod relation;

use std::collections::HashMap;

use crate::model::{Currency, Date, EntityId, Facts, Kind, ProductId, RelationId, SourceId};

use super::codes::Code;
use super::read::{Keyed, Records, clip};
use super::session::Session;
use super::trail::{Mark, Trail};

/// The positions of all ids.
#[derive(Debug, Default)]
pub struct Ids {
    kinds: HashMap<String, u32>,
    products: HashMap<String, u32>,
    sources: HashMap<String, u32>,
    entities: HashMap<String, u32>,
    relations: HashMap<String, u32>,
}

impl Ids {
    /// The positions of the records' keys, which are in order.
    pub fn new(records: &Records) -> Self {
        fn index<T>(list: &[Keyed<T>]) -> HashMap<String, u32> {
            list.iter().enumerate().map(|(at, keyed)| (keyed.key.clone(), at as u32)).collect()
        }
        Self {
            kinds: index(&records.kinds),
            products: index(&records.products),
            sources: index(&records.sources),
            entities: index(&records.entities),
            relations: index(&records.relations),
        }
    }

    /// The entity of a key.
    pub fn entity(&self, key: &str) -> Option<EntityId> {
        self.entities.get(key).copied().map(EntityId)
    }

    /// The product of a key.
    pub fn product(&self, key: &str) -> Option<ProductId> {
        self.products.get(key).copied().map(ProductId)
    }

    /// The keys of all entities.
    pub fn entity_keys(&self) -> impl Iterator<Item = &str> {
        self.entities.keys().map(String::as_str)
    }

    /// The keys of all products.
    pub fn product_keys(&self) -> impl Iterator<Item = &str> {
        self.products.keys().map(String::as_str)
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
    let mut lowering =
        Lowering { session, ids, money: Vec::new(), on: None, claimed: Vec::new(), claims_complete: false };
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
    facts.sources = lowering.each(&records.sources, Lowering::source);
    facts.products = lowering.each(&records.products, Lowering::product);
    facts.entities = lowering.each(&records.entities, Lowering::entity);
    facts.relations = lowering.each(&records.relations, Lowering::relation);
    facts.attributes = lowering.each(&records.attributes, Lowering::attribute);
    facts.intensities = lowering.each(&records.intensities, Lowering::intensity);
    facts.rates = lowering.each(&records.rates, Lowering::rate);
    facts.rates.sort_by_key(|rate| (rate.currency, rate.on.first()));
    let money = lowering.money;
    (facts, money)
}

impl Lowering<'_> {
    /// Lowers the records that could be read.
    fn each<T, F>(
        &mut self,
        list: &[Keyed<T>],
        lower: impl Fn(&mut Self, &Keyed<T>, &T) -> Option<F>,
    ) -> Vec<F> {
        list.iter()
            .filter_map(|keyed| {
                self.on = None;
                self.claimed.clear();
                self.claims_complete = false;
                lower(self, keyed, keyed.record.as_ref()?)
            })
            .collect()
    }

    /// Reports an id that does not exist.
    fn unknown<'k>(
        &mut self,
        trail: &Trail,
        code: Code,
        what: &str,
        key: &str,
        known: impl Iterator<Item = &'k String>,
    ) {
        if self.session.incomplete {
            return;
        }
        let nearest = super::diagnostic::nearest(key, known.map(String::as_str));
        let message = format!("there is no {what} `{}`", clip(key, 60));
        self.session.report(trail, code, message).nearest = nearest;
    }

    /// The entity that a field names.
    fn entity_id(&mut self, trail: &Trail, key: &str) -> Option<EntityId> {
        let found = self.ids.entity(key);
        if found.is_none() {
            let product = self.ids.products.contains_key(key);
            let missing = !self.session.incomplete;
            self.unknown(trail, Code::UnknownEntity, "entity", key, self.ids.entities.keys());
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
            self.unknown(trail, Code::UnknownProduct, "product", key, self.ids.products.keys());
        }
        found
    }

    /// The product that an optional field names.
    fn product_field(&mut self, trail: &Trail, field: &'static str, key: Option<&str>) -> Option<ProductId> {
        key.and_then(|key| self.product_id(&trail.field(field), key))
    }

    /// The kind that a field names.
    fn kind_id(&mut self, trail: &Trail, key: &str) -> Option<usize> {
        let found = self.ids.kinds.get(key).map(|at| *at as usize);
        if found.is_none() {
            self.unknown(trail, Code::UnknownKind, "kind", key, self.ids.kinds.keys());
        }
        found
    }

    /// The relation that a field names.
    fn relation_id(&mut self, trail: &Trail, key: &str) -> Option<RelationId> {
        let found = self.ids.relations.get(key).copied().map(RelationId);
        if found.is_none() {
            self.unknown(trail, Code::UnknownRelation, "relation", key, self.ids.relations.keys());
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
