//! Records and sources as answers cite them.

use std::collections::HashMap;

use super::super::View;
use crate::answer::{RecordRef, SourceRef};
use crate::graph::Graph;
use crate::model::{AttributeSubject, Date, Detail, EntityId, Measure, PartialDate, Place, SourceId};
use crate::network::Origin;

/// When a record holds and what it speaks of.
struct Said {
    since: Option<PartialDate>,
    /// The period or day that it names: its own, or else the newest of its claims.
    refers_to: Option<PartialDate>,
}

impl Said {
    fn of(graph: &Graph, origin: Origin) -> Self {
        fn newest<'a>(measures: impl Iterator<Item = &'a Measure>) -> Option<PartialDate> {
            let named = measures.flat_map(|measure| &measure.claims).filter_map(|claim| claim.as_of);
            named.max_by_key(|date| (date.end(), *date))
        }
        match origin {
            Origin::Relation(id) => {
                let relation = graph.relation(id);
                let period = if let Detail::Sells { period, .. } = &relation.detail { *period } else { None };
                let refers_to = period.or_else(|| newest(relation.detail.measures()));
                Self { since: relation.since, refers_to }
            }
            Origin::Attribute(id) => {
                let attribute = graph.attribute(id);
                Self { since: None, refers_to: attribute.period.or_else(|| newest(attribute.value.iter())) }
            }
            Origin::Intensity(at) => {
                let own = graph.facts().intensities.get(at as usize);
                Self { since: None, refers_to: newest(own.iter().map(|own| &own.amount)) }
            }
        }
    }
}

/// Whole calendar months from one day to another; none where the second is not later.
fn months_between(from: Date, to: Date) -> u32 {
    let months = |day: Date| i32::from(day.year()) * 12 + i32::from(day.month());
    let begun = i32::from(to.day() < from.day());
    u32::try_from(months(to) - months(from) - begun).unwrap_or(0)
}

/// A record as answers cite it, and its sources.
pub(super) fn record(view: &View<'_>, origin: Origin) -> (RecordRef, Vec<SourceId>) {
    let graph = view.graph;
    let said = Said::of(graph, origin);
    let (key, says, evidence, place, more): (_, _, _, &Place, Vec<SourceId>) = match origin {
        Origin::Relation(id) => {
            let r = graph.relation(id);
            let more = r.detail.measures().flat_map(|m| m.sources()).collect();
            (&r.key, graph.describe_relation(r), &r.evidence, &r.place, more)
        }
        Origin::Attribute(id) => {
            let a = graph.attribute(id);
            let more = a.value.iter().flat_map(|m| m.sources()).collect();
            (&a.key, graph.describe_attribute(a), &a.evidence, &a.place, more)
        }
        Origin::Intensity(at) => {
            let i = &graph.facts().intensities[at as usize];
            (&i.key, graph.describe_intensity(i), &i.evidence, &i.place, i.amount.sources().collect())
        }
    };
    let mut cited: Vec<SourceId> = evidence.sources.iter().copied().chain(more).collect();
    cited.sort_unstable();
    cited.dedup();
    let sources = || cited.iter().map(|id| graph.source(*id));
    let newest = || sources().filter_map(|source| source.date).max_by_key(|date| (date.end(), *date));
    let refers_to = said.refers_to.or_else(newest);
    let told = refers_to.map(PartialDate::end).or(said.since.map(PartialDate::first));
    let age_months = told.map(|told| months_between(told, view.scope.as_of));
    let record = RecordRef {
        key: key.clone(),
        says,
        sources: sources().map(|source| source.key.clone()).collect(),
        assumed: evidence.assumed.clone(),
        basis: evidence.basis,
        confidence: evidence.confidence,
        since: said.since.map(|date| date.to_string()),
        refers_to: refers_to.map(|date| date.to_string()),
        reliability: sources().map(|source| source.reliability).min(),
        age_months,
        stale: age_months.is_some_and(|age| age > view.scope.stale_after),
        rung: None,
        about: Vec::new(),
        place: format!("{}:{}", place.file, place.line),
    };
    (record, cited)
}

/// A source as answers cite it.
pub(super) fn source(graph: &Graph, id: SourceId) -> SourceRef {
    let source = graph.source(id);
    SourceRef {
        key: source.key.clone(),
        title: source.title.clone(),
        publisher: source.publisher.clone(),
        url: source.url.clone(),
        date: source.date.map(|date| date.to_string()),
        reliability: source.reliability,
    }
}

/// Who is owned by whom, looked up once.
#[derive(Default)]
pub(super) struct Owners(HashMap<EntityId, EntityId>);

impl Owners {
    /// Keys of what a record speaks of: its ends and their owners, its products.
    pub fn about(&mut self, view: &View<'_>, origin: Origin) -> Vec<String> {
        let graph = view.graph;
        let (mut entities, mut products) = (Vec::new(), Vec::new());
        match origin {
            Origin::Relation(id) => {
                let relation = graph.relation(id);
                entities.push(relation.from);
                entities.extend(relation.to);
                products.extend(relation.product());
            }
            Origin::Attribute(id) => {
                let attribute = graph.attribute(id);
                match attribute.of {
                    AttributeSubject::Entity(entity) => entities.push(entity),
                    AttributeSubject::Product(product) => products.push(product),
                }
                products.extend(attribute.product);
            }
            Origin::Intensity(at) => {
                let own = graph.facts().intensities.get(at as usize);
                products.extend(own.into_iter().flat_map(|own| [own.product, own.input]));
            }
        }
        for at in 0..entities.len() {
            let entity = entities[at];
            let owner = self.0.entry(entity).or_insert_with(|| graph.ultimate_owner(entity, &view.scope));
            entities.push(*owner);
        }
        entities.sort_unstable();
        entities.dedup();
        let entities = entities.into_iter().map(|id| graph.entity(id).key.clone());
        let mut about: Vec<String> = entities.collect();
        about.extend(products.into_iter().map(|id| graph.product(id).key.clone()));
        about.sort_unstable();
        about.dedup();
        about
    }
}

/// Who depends on whom by a relation: customers on suppliers, who is funded on who funds, owners on what they own.
pub(super) fn ends(graph: &Graph, origin: Origin) -> Option<(EntityId, EntityId)> {
    let Origin::Relation(id) = origin else { return None };
    let relation = graph.relation(id);
    let to = relation.to?;
    match relation.detail {
        Detail::Commits { .. } | Detail::Owns { .. } => Some((relation.from, to)),
        _ => Some((to, relation.from)),
    }
}
