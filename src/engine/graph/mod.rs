//! The validated, immutable, indexed whole: facts with look-ups by key and by end.

mod describe;
pub mod draw;
mod places;
pub mod uncertain;

pub use describe::describe_measure;

use std::collections::HashMap;
use std::sync::Arc;

use petgraph::graph::DiGraph;

use crate::compressed::sorted;
use crate::model::{
    Attribute, AttributeId, AttributeKind, AttributeSubject, Control, Currency, Date, Detail, Dimension,
    Entity, EntityId, Facts, Interval, Measure, Product, ProductId, Relation, RelationId, RelationType,
    Source, SourceId,
};
use crate::order::Arrange;
use crate::part::Part;
use crate::scope::Scope;

/// A dataset that has been checked, with look-ups by key and by end.
#[derive(Clone, Debug)]
pub struct Graph {
    facts: Facts,
    hash: String,
    part: Part,
    index: Arc<Index>,
}

/// Look-ups by end; shared by graphs that differ in sizes alone.
#[derive(Clone, Debug)]
struct Index {
    /// Relations by the entity that they start at, those without another end included.
    from: ByEnd,
    /// Relations by the entity that they end at.
    to: ByEnd,
    attributes: HashMap<AttributeSubject, Vec<AttributeId>>,
}

/// Positions of relations by one of their ends, in the order of their keys.
#[derive(Clone, Debug)]
struct ByEnd {
    start: Vec<u32>,
    ids: Vec<u32>,
}

impl ByEnd {
    fn new(entities: usize, ends: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let (start, ids) = sorted(entities, ends);
        Self { start, ids }
    }

    fn of(&self, id: EntityId) -> Vec<RelationId> {
        let range = self.start[id.index()] as usize..self.start[id.index() + 1] as usize;
        self.ids[range].iter().map(|at| RelationId(*at)).collect()
    }
}

/// A key that the graph does not know, with the nearest ones it does.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} {key:?}{}", hint(.nearest))]
pub struct UnknownKey {
    /// Entity, product or relation.
    pub what: &'static str,
    /// The key asked for.
    pub key: String,
    /// The most similar keys.
    pub nearest: Vec<String>,
}

fn hint(nearest: &[String]) -> String {
    if nearest.is_empty() { String::new() } else { format!("; did you mean {}?", nearest.join(" or ")) }
}

impl Graph {
    /// Indexes checked facts. `hash` identifies their content.
    pub fn new(facts: Facts, hash: String) -> Self {
        let relations = || facts.relations.iter().enumerate().map(|(at, relation)| (at as u32, relation));
        let from = ByEnd::new(facts.entities.len(), relations().map(|(at, relation)| (relation.from.0, at)));
        let ended = relations().filter_map(|(at, relation)| Some((relation.to?.0, at)));
        let to = ByEnd::new(facts.entities.len(), ended);
        let mut attributes: HashMap<_, Vec<_>> = HashMap::new();
        for (at, attribute) in facts.attributes.iter().enumerate() {
            attributes.entry(attribute.of).or_default().push(AttributeId::new(at));
        }
        let index = Index { from, to, attributes };
        Self { facts, hash, part: Part::default(), index: Arc::new(index) }
    }

    /// The same graph of which this process holds the links of a part of the entities alone. The hash is that of the whole.
    pub fn held_in_part(self, part: Part) -> Self {
        Self { part, ..self }
    }

    /// The entities whose links this process holds: all, but where several processes share the links of one graph.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// The facts as the dataset states them.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// SHA-256 of the canonical content, in hex.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The day that answers refer to when the user gives none: the dataset's own, or else the day after its
    /// latest date.
    pub fn default_as_of(&self) -> Date {
        let stated = self.facts.meta.as_of.map(|date| date.first());
        let latest = || self.facts.relations.iter().filter_map(|r| r.since).map(|date| date.end()).max();
        stated.or_else(latest).unwrap_or(Date::constant(2026, 1, 1))
    }

    /// Number of entities.
    pub fn len(&self) -> usize {
        self.facts.entities.len()
    }

    /// Whether there are no entities.
    pub fn is_empty(&self) -> bool {
        self.facts.entities.is_empty()
    }

    /// All entity ids in the order of their keys.
    pub fn entity_ids(&self) -> impl Iterator<Item = EntityId> + use<> {
        (0..self.facts.entities.len()).map(EntityId::new)
    }

    /// All product ids in the order of their keys.
    pub fn product_ids(&self) -> impl Iterator<Item = ProductId> + use<> {
        (0..self.facts.products.len()).map(ProductId::new)
    }

    /// All relation ids in the order of their keys.
    pub fn relation_ids(&self) -> impl Iterator<Item = RelationId> + use<> {
        (0..self.facts.relations.len()).map(RelationId::new)
    }

    /// The entity of an id of this graph.
    pub fn entity(&self, id: EntityId) -> &Entity {
        &self.facts.entities[id.index()]
    }

    /// The product of an id of this graph.
    pub fn product(&self, id: ProductId) -> &Product {
        &self.facts.products[id.index()]
    }

    /// The relation of an id of this graph.
    pub fn relation(&self, id: RelationId) -> &Relation {
        &self.facts.relations[id.index()]
    }

    /// The source of an id of this graph.
    pub fn source(&self, id: SourceId) -> &Source {
        &self.facts.sources[id.index()]
    }

    /// The attribute of an id of this graph.
    pub fn attribute(&self, id: AttributeId) -> &Attribute {
        &self.facts.attributes[id.index()]
    }

    /// Key of the kind of an entity.
    pub fn kind_of(&self, id: EntityId) -> &str {
        self.facts.kinds.get(self.entity(id).kind).map_or("", |kind| kind.key.as_str())
    }

    /// The entity with that key.
    pub fn find_entity(&self, key: &str) -> Result<EntityId, UnknownKey> {
        let known = || self.facts.entities.iter().map(|e| e.key.as_str());
        let found = find(&self.facts.entities, key, |entity| &entity.key);
        found.map(EntityId::new).ok_or_else(|| unknown("entity", key, known()))
    }

    /// The product or market with that key.
    pub fn find_product(&self, key: &str) -> Result<ProductId, UnknownKey> {
        let known = || self.facts.products.iter().map(|p| p.key.as_str());
        let found = find(&self.facts.products, key, |product| &product.key);
        found.map(ProductId::new).ok_or_else(|| unknown("product", key, known()))
    }

    /// The relation with that key.
    pub fn find_relation(&self, key: &str) -> Result<RelationId, UnknownKey> {
        let known = || self.facts.relations.iter().map(|r| r.key.as_str());
        let found = find(&self.facts.relations, key, |relation| &relation.key);
        found.map(RelationId::new).ok_or_else(|| unknown("relation", key, known()))
    }

    /// Relations that start at an entity, in the order of their keys, those without another end included.
    pub fn relations_from(&self, id: EntityId) -> Vec<RelationId> {
        self.index.from.of(id)
    }

    /// Relations that end at an entity, in the order of their keys.
    pub fn relations_to(&self, id: EntityId) -> Vec<RelationId> {
        self.index.to.of(id)
    }

    /// The ties as a petgraph, for algorithms of other libraries: nodes are entities, edges are relations that have both
    /// ends, each in the order of their keys.
    ///
    /// Cost: a copy, linear in entities and relations.
    pub fn to_petgraph(&self) -> DiGraph<EntityId, RelationId> {
        let mut ties = DiGraph::with_capacity(self.facts().entities.len(), self.facts().relations.len());
        self.entity_ids().for_each(|id| {
            ties.add_node(id);
        });
        for from in self.entity_ids() {
            for relation in self.relations_from(from) {
                if let Some(to) = self.relation(relation).to {
                    ties.add_edge(from.0.into(), to.0.into(), relation);
                }
            }
        }
        ties
    }

    /// Attributes of an entity or product.
    pub fn attributes_of(&self, of: AttributeSubject) -> impl Iterator<Item = &Attribute> + '_ {
        self.index.attributes.get(&of).into_iter().flatten().map(|id| self.attribute(*id))
    }

    /// The attribute of that kind whose period is the latest that begins on or before the day: about the product
    /// where one is given, about the whole (no product, no variant) where none is.
    pub fn latest_attribute(
        &self,
        of: AttributeSubject,
        kind: &AttributeKind,
        product: Option<ProductId>,
        as_of: Date,
    ) -> Option<(AttributeId, &Attribute)> {
        let whole = |a: &Attribute| product.is_some() || a.variant.is_none();
        let fits = |a: &Attribute| &a.kind == kind && a.product == product && whole(a);
        let begun = |a: &Attribute| a.period.is_none_or(|period| period.first() <= as_of);
        let all = self.index.attributes.get(&of).into_iter().flatten().map(|id| (*id, self.attribute(*id)));
        all.filter(|(_, a)| fits(a) && begun(a))
            .min_by_key(|(id, a)| (std::cmp::Reverse(a.period.map(|p| p.end())), a.evidence.confidence, *id))
    }

    /// Who controls an entity in the end: up the chain of controlling owners in scope. Itself where nobody does.
    pub fn ultimate_owner(&self, id: EntityId, scope: &Scope) -> EntityId {
        let mut seen = vec![id];
        let mut at = id;
        while let Some(owner) = self.controlling_owner(at, scope) {
            if seen.contains(&owner) {
                break;
            }
            seen.push(owner);
            at = owner;
        }
        at
    }

    /// The relation's owner, where one controls the entity in scope.
    pub fn controlling_owner(&self, id: EntityId, scope: &Scope) -> Option<EntityId> {
        let controls = |relation: &&Relation| {
            matches!(relation.detail, Detail::Owns { control: Control::Controlling, .. })
        };
        self.relations_to(id)
            .into_iter()
            .map(|id| self.relation(id))
            .filter(controls)
            .find(|relation| scope.counts(relation))
            .map(|relation| relation.from)
    }

    /// Relations of a type that count in a scope, in the order of their keys.
    pub fn in_scope(
        &self,
        scope: &Scope,
        kind: RelationType,
    ) -> impl Iterator<Item = (RelationId, &Relation)> {
        self.relation_ids()
            .map(|id| (id, self.relation(id)))
            .filter(move |(_, relation)| relation.relation_type() == kind && scope.counts(relation))
    }

    /// Whether the total that a tranche is part of counts in the scope, so that a sum over everybody must not
    /// add the tranche.
    pub fn is_inside_total(&self, relation: &Relation, scope: &Scope) -> bool {
        self.totals_of(relation).any(|total| scope.counts(total))
    }

    /// The same for a sum over one pair: only a total between the same two (or their owners) holds the tranche.
    pub fn is_inside_total_of_pair(&self, relation: &Relation, scope: &Scope) -> bool {
        let owner = |id: EntityId| self.ultimate_owner(id, scope);
        let ends = |relation: &Relation| (owner(relation.from), relation.to.map(owner));
        self.totals_of(relation).any(|total| scope.counts(total) && ends(total) == ends(relation))
    }

    /// The total that a tranche is part of, the total of that, and so on.
    fn totals_of<'g>(&'g self, relation: &Relation) -> impl Iterator<Item = &'g Relation> {
        let next = |total: &&'g Relation| total.part_of.map(|id| self.relation(id));
        let first = relation.part_of.map(|id| self.relation(id));
        std::iter::successors(first, next).take(self.facts.relations.len())
    }

    /// A money measure in dollars at the rate that held on the day; `None` where it is not money or no rate
    /// is known.
    pub fn usd_factor(&self, measure: &Measure, on: Date) -> Option<f64> {
        let Dimension::Money(currency) = &measure.dimension else { return None };
        if *currency == Currency::USD {
            return Some(1.0);
        }
        let rates = || self.facts.rates.iter().filter(|rate| rate.currency == *currency);
        let past = rates().filter(|rate| rate.on.first() <= on).max_by_key(|rate| rate.on.first());
        past.or_else(|| rates().min_by_key(|rate| rate.on.first())).map(|rate| rate.usd)
    }

    /// The range of a money measure in dollars.
    pub fn usd(&self, measure: &Measure, on: Date) -> Option<Interval> {
        let factor = self.usd_factor(measure, on)?;
        let range = measure.interval();
        Some(Interval { low: range.low * factor, high: range.high.map(|high| high * factor) })
    }

    /// The printed number of a money measure in dollars.
    pub fn usd_point(&self, measure: &Measure, on: Date) -> Option<f64> {
        Some(measure.point()? * self.usd_factor(measure, on)?)
    }
}

/// The position of a key in a list that is in the order of keys.
fn find<T>(list: &[T], key: &str, of: impl Fn(&T) -> &String) -> Option<usize> {
    list.binary_search_by(|item| of(item).as_str().cmp(key)).ok()
}

/// An error that names the most similar keys.
fn unknown<'a>(what: &'static str, key: &str, known: impl Iterator<Item = &'a str>) -> UnknownKey {
    UnknownKey { what, key: key.to_string(), nearest: nearest(key, known) }
}

/// Up to three keys that are most similar to `key`.
pub fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut scored: Vec<(f64, &str)> = known
        .map(|candidate| (strsim::jaro_winkler(key, candidate), candidate))
        .filter(|(score, candidate)| *score >= 0.8 || (key.len() > 2 && candidate.contains(key)))
        .collect();
    scored.arrange(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    scored.into_iter().take(3).map(|(_, candidate)| candidate.to_string()).collect()
}
