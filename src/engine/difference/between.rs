//! The datasets that lie between two: each record as the one or as the other has it.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::{Section, rescale_shares, written_records};
use crate::model::{
    Attribute, AttributeSubject, Columns, Entity, EntityId, Evidence, Facts, Intensity, Kind, Link, Measure,
    Meta, Product, ProductId, Rate, Relation, RelationId, Renormalised, Renumber, SectorAccount, Source,
    SourceId,
};
use crate::order::Arrange;

/// A part of a dataset that is as the old or as the new one has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part<'k> {
    /// A record.
    Record(Section, &'k str),
    /// All bulk tables together.
    Tables,
    /// Name, title, description and day of the dataset.
    Meta,
}

/// The same record of both datasets, with ids that count the records of both.
type Pair<T> = (Option<T>, Option<T>);

/// What the bulk tables say.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tables {
    links: Vec<Link>,
    sectors: Vec<SectorAccount>,
    columns: Columns,
}

/// Two datasets, and all that lie between them.
#[derive(Clone, Debug)]
pub struct Between {
    meta: (Meta, Meta),
    kinds: BTreeMap<String, Pair<Kind>>,
    products: BTreeMap<String, Pair<Product>>,
    sources: BTreeMap<String, Pair<Source>>,
    entities: BTreeMap<String, Pair<Entity>>,
    relations: BTreeMap<String, Pair<Relation>>,
    attributes: BTreeMap<String, Pair<Attribute>>,
    intensities: BTreeMap<String, Pair<Intensity>>,
    rates: BTreeMap<String, Pair<Rate>>,
    tables: (Tables, Tables),
    renormalised: (Vec<Renormalised>, Vec<Renormalised>),
}

impl Between {
    /// Two datasets side by side.
    pub fn new(old: &Facts, new: &Facts) -> Self {
        let sides = [old, new].map(rate_keys);
        let numbering = Numbering::new(old, new);
        let [old, new] = [old, new].map(|facts| numbering.apply(facts));
        let [old_rates, new_rates] = sides;
        Self {
            kinds: pairs(old.kinds, new.kinds, |own| &own.key),
            products: pairs(old.products, new.products, |own| &own.key),
            sources: pairs(old.sources, new.sources, |own| &own.key),
            entities: pairs(old.entities, new.entities, |own| &own.key),
            relations: pairs(old.relations, new.relations, |own| &own.key),
            attributes: pairs(old.attributes, new.attributes, |own| &own.key),
            intensities: pairs(old.intensities, new.intensities, |own| &own.key),
            rates: keyed(old_rates.into_iter().zip(old.rates), new_rates.into_iter().zip(new.rates)),
            tables: (
                Tables { links: old.links, sectors: old.sectors, columns: old.columns },
                Tables { links: new.links, sectors: new.sectors, columns: new.columns },
            ),
            renormalised: (old.renormalised, new.renormalised),
            meta: (old.meta, new.meta),
        }
    }

    /// Whether the bulk tables differ.
    pub fn tables_differ(&self) -> bool {
        self.tables.0 != self.tables.1
    }

    /// The dataset in which the parts that `taken` names are as the new one has them, and the others as the old one. A record that
    /// refers to one that is not there is left out, and so is a mention of it in a list. Shares that add up to
    /// more than their whole are scaled down to it; how many wholes were.
    ///
    /// With no part taken that is the old dataset, with all of them the new one.
    pub fn facts(&self, taken: impl Fn(Part<'_>) -> bool) -> (Facts, usize) {
        let pick = Picker { taken: &taken };
        let kinds = pick.all(Section::Kinds, &self.kinds);
        let products = pick.all(Section::Products, &self.products);
        let entities = pick.all(Section::Entities, &self.entities);
        let has_kind = |at: usize| kinds.get(at).is_some_and(Option::is_some);
        let has_product = |id: ProductId| products.get(id.index()).is_some_and(Option::is_some);
        let entity_kept = |own: &&Entity| has_kind(own.kind);
        let entities: Vec<Option<&Entity>> =
            entities.into_iter().map(|own| own.filter(|own| entity_kept(own))).collect();
        let has_entity = |id: EntityId| entities.get(id.index()).is_some_and(Option::is_some);
        let relation_kept = |own: &&Relation| {
            has_entity(own.from) && own.to.is_none_or(has_entity) && own.product().is_none_or(has_product)
        };
        let relations: Vec<Option<&Relation>> = pick
            .all(Section::Relations, &self.relations)
            .into_iter()
            .map(|own| own.filter(relation_kept))
            .collect();
        let attributes: Vec<&Attribute> = pick
            .all(Section::Attributes, &self.attributes)
            .into_iter()
            .flatten()
            .filter(|own| {
                let subject = match own.of {
                    AttributeSubject::Entity(id) => has_entity(id),
                    AttributeSubject::Product(id) => has_product(id),
                };
                subject && own.product.is_none_or(has_product)
            })
            .collect();
        let intensities: Vec<&Intensity> = pick
            .all(Section::Intensities, &self.intensities)
            .into_iter()
            .flatten()
            .filter(|own| has_product(own.product) && has_product(own.input))
            .collect();
        let mut rates: Vec<Rate> =
            pick.all(Section::Rates, &self.rates).into_iter().flatten().cloned().collect();
        rates.arrange_by_key(|rate| (rate.currency, rate.on.first()));
        let tables = if taken(Part::Tables) { &self.tables.1 } else { &self.tables.0 };
        let mut kept_products: Vec<Option<Product>> = products.iter().map(|own| own.cloned()).collect();
        for own in kept_products.iter_mut().flatten() {
            own.market = own.market.filter(|id| has_product(*id));
            own.needed_by.retain(|kind, _| has_kind(*kind));
        }
        // entities and relations that are not there keep their places until all are renumbered
        let stand_in = |own: &Option<&Entity>, pair: &Pair<Entity>| {
            own.cloned().or_else(|| pair.0.clone()).or_else(|| pair.1.clone())
        };
        let mut all_entities: Vec<Entity> = entities
            .iter()
            .zip(self.entities.values())
            .filter_map(|(own, pair)| stand_in(own, pair))
            .collect();
        for own in &mut all_entities {
            own.needs.retain(|id, _| has_product(*id));
        }
        let all_relations: Vec<Relation> = relations
            .iter()
            .zip(self.relations.values())
            .filter_map(|(own, pair)| own.cloned().or_else(|| pair.0.clone()).or_else(|| pair.1.clone()))
            .collect();
        let mut facts = Facts {
            meta: Meta {
                tables: if taken(Part::Tables) { &self.meta.1 } else { &self.meta.0 }.tables.clone(),
                ..if taken(Part::Meta) { self.meta.1.clone() } else { self.meta.0.clone() }
            },
            kinds: kinds.iter().flatten().map(|own| (*own).clone()).collect(),
            products: kept_products.into_iter().flatten().collect(),
            sources: Vec::new(),
            entities: all_entities,
            relations: all_relations,
            attributes: attributes.into_iter().cloned().collect(),
            intensities: intensities.into_iter().cloned().collect(),
            rates,
            links: tables.links.clone(),
            sectors: tables.sectors.clone(),
            columns: tables.columns.clone(),
            renormalised: self.scaled(&taken),
        };
        let cited = cited(&facts, |id| relations.get(id.index()).is_some_and(Option::is_some));
        let sources: Vec<Option<&Source>> = pick
            .all(Section::Sources, &self.sources)
            .into_iter()
            .zip(self.sources.values())
            .enumerate()
            .map(|(at, (own, pair))| {
                let needed = cited.contains(&SourceId::new(at));
                own.or_else(|| pair.1.as_ref().or(pair.0.as_ref()).filter(|_| needed))
            })
            .collect();
        facts.sources = sources.iter().flatten().map(|own| (*own).clone()).collect();
        let renumber = Renumber {
            kinds: places(&kinds).into_iter().map(|place| place.unwrap_or(0)).collect(),
            products: places(&products).into_iter().map(|at| ProductId::new(at.unwrap_or(0))).collect(),
            sources: places(&sources).into_iter().map(|at| SourceId::new(at.unwrap_or(0))).collect(),
            entities: places(&entities).into_iter().map(|at| at.map(EntityId::new)).collect(),
            relations: places(&relations).into_iter().map(|at| at.map(RelationId::new)).collect(),
        };
        let mut facts = facts.renumbered(&renumber);
        let scaled = rescale_shares(&mut facts);
        (facts, scaled)
    }

    /// The notes of shares that were scaled down when a dataset was read, as far as the shares are its own.
    fn scaled(&self, taken: &impl Fn(Part<'_>) -> bool) -> Vec<Renormalised> {
        let from_new = |id: &RelationId| {
            let (key, pair) = self.relations.iter().nth(id.index())?;
            (pair.0 != pair.1).then(|| taken(Part::Record(Section::Relations, key)))
        };
        let of = |own: &Renormalised, new: bool| match own.relations.is_empty() {
            true => taken(Part::Tables) == new,
            false => own.relations.iter().all(|id| from_new(id).is_none_or(|taken| taken == new)),
        };
        let mut kept: Vec<Renormalised> =
            self.renormalised.0.iter().filter(|own| of(own, false)).cloned().collect();
        for own in self.renormalised.1.iter().filter(|own| of(own, true)) {
            if !kept.contains(own) {
                kept.push(own.clone());
            }
        }
        kept
    }
}

/// Which of two records is meant.
struct Picker<'t, F> {
    taken: &'t F,
}

impl<F: Fn(Part<'_>) -> bool> Picker<'_, F> {
    fn all<'p, T>(&self, section: Section, pairs: &'p BTreeMap<String, Pair<T>>) -> Vec<Option<&'p T>> {
        let pick = |(key, pair): (&'p String, &'p Pair<T>)| match (self.taken)(Part::Record(section, key)) {
            true => pair.1.as_ref(),
            false => pair.0.as_ref(),
        };
        pairs.iter().map(pick).collect()
    }
}

/// The place of each record that is there among those that are.
fn places<T>(list: &[Option<T>]) -> Vec<Option<usize>> {
    let mut next = 0;
    let place = |own: &Option<T>| {
        own.as_ref().map(|_| {
            next += 1;
            next - 1
        })
    };
    list.iter().map(place).collect()
}

/// The sources that records cite; of relations, those that are there.
fn cited(facts: &Facts, has_relation: impl Fn(RelationId) -> bool) -> BTreeSet<SourceId> {
    let mut all = BTreeSet::new();
    let mut cite = |evidence: &Evidence| all.extend(evidence.sources.iter().copied());
    let relations = facts.relations.iter().enumerate().filter(|(at, _)| has_relation(RelationId::new(*at)));
    let mut measures: Vec<&Measure> = Vec::new();
    for (_, own) in relations {
        cite(&own.evidence);
        measures.extend(own.detail.measures());
    }
    for own in &facts.attributes {
        cite(&own.evidence);
        measures.extend(&own.value);
    }
    for own in &facts.intensities {
        cite(&own.evidence);
        measures.push(&own.amount);
    }
    for own in &facts.products {
        measures.extend(own.lead_time.iter().chain(&own.inventory));
    }
    facts.rates.iter().for_each(|own| cite(&own.evidence));
    measures.iter().flat_map(|own| &own.claims).filter_map(|claim| claim.evidence.as_ref()).for_each(cite);
    all
}

fn pairs<T>(old: Vec<T>, new: Vec<T>, key: impl Fn(&T) -> &String) -> BTreeMap<String, Pair<T>> {
    let named =
        |list: Vec<T>| list.into_iter().map(|own| (key(&own).clone(), own)).collect::<Vec<_>>().into_iter();
    keyed(named(old), named(new))
}

fn keyed<T>(
    old: impl Iterator<Item = (String, T)>,
    new: impl Iterator<Item = (String, T)>,
) -> BTreeMap<String, Pair<T>> {
    let mut all: BTreeMap<String, Pair<T>> = BTreeMap::new();
    for (key, own) in old {
        all.entry(key).or_insert((None, None)).0 = Some(own);
    }
    for (key, own) in new {
        all.entry(key).or_insert((None, None)).1 = Some(own);
    }
    all
}

/// The keys under which exchange rates are written, in their order.
fn rate_keys(facts: &Facts) -> Vec<String> {
    let records = written_records(facts).into_iter();
    records.filter(|own| own.section == Section::Rates).map(|own| own.key).collect()
}

/// Positions that count the records of both datasets.
struct Numbering {
    kinds: Vec<String>,
    products: Vec<String>,
    sources: Vec<String>,
    entities: Vec<String>,
    relations: Vec<String>,
}

impl Numbering {
    fn new(old: &Facts, new: &Facts) -> Self {
        fn both<'f, T: 'f>(old: &'f [T], new: &'f [T], key: impl Fn(&T) -> &String) -> Vec<String> {
            let all: BTreeSet<String> = old.iter().chain(new).map(|own| key(own).clone()).collect();
            all.into_iter().collect()
        }
        Self {
            kinds: both(&old.kinds, &new.kinds, |own| &own.key),
            products: both(&old.products, &new.products, |own| &own.key),
            sources: both(&old.sources, &new.sources, |own| &own.key),
            entities: both(&old.entities, &new.entities, |own| &own.key),
            relations: both(&old.relations, &new.relations, |own| &own.key),
        }
    }

    fn apply(&self, facts: &Facts) -> Facts {
        let at = |list: &[String], key: &String| list.binary_search(key).unwrap_or(0);
        let renumber = Renumber {
            kinds: facts.kinds.iter().map(|own| at(&self.kinds, &own.key)).collect(),
            products: facts.products.iter().map(|own| ProductId::new(at(&self.products, &own.key))).collect(),
            sources: facts.sources.iter().map(|own| SourceId::new(at(&self.sources, &own.key))).collect(),
            entities: facts
                .entities
                .iter()
                .map(|own| Some(EntityId::new(at(&self.entities, &own.key))))
                .collect(),
            relations: facts
                .relations
                .iter()
                .map(|own| Some(RelationId::new(at(&self.relations, &own.key))))
                .collect(),
        };
        let mut facts = facts.clone().renumbered(&renumber);
        facts.columns.fit(self.entities.len());
        for own in &mut facts.products {
            own.needed_by.sort_unstable_keys();
        }
        for own in &mut facts.entities {
            own.needs.sort_unstable_keys();
        }
        facts
    }
}
