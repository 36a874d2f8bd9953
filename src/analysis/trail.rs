//! The records that an answer rests on, collected on the way.

use std::collections::BTreeSet;

use crate::answer::{Answer, Cell, Evidence, RecordRef, SourceRef};
use crate::graph::Graph;
use crate::model::{AttributeId, Confidence, EntityId, Place, ProductId, RelationId, Reliability, SourceId};
use crate::network::{Network, Origin, Rung};

/// Collects the records that an answer uses.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    origins: BTreeSet<Origin>,
}

impl Trail {
    /// Adds a relation.
    pub fn relation(&mut self, id: RelationId) {
        self.origins.insert(Origin::Relation(id));
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, id: AttributeId) {
        self.origins.insert(Origin::Attribute(id));
    }

    /// Adds the records of a weight.
    pub fn origins(&mut self, origins: &[Origin]) {
        self.origins.extend(origins.iter().copied());
    }

    /// Writes the records and their sources into the answer, with caveats on assumed, doubtful and disputed ones.
    pub fn finish(self, graph: &Graph, answer: &mut Answer) {
        let mut sources = BTreeSet::new();
        let mut disputed = Vec::new();
        for origin in &self.origins {
            let (record, cited) = record(graph, *origin);
            sources.extend(cited);
            answer.evidence.records.push(record);
            if let Origin::Relation(id) = origin
                && measures(graph, *id).any(|measure| measure.is_disputed())
            {
                disputed.push(graph.relation(*id).key.clone());
            }
        }
        answer.evidence.records.sort_by(|a, b| a.key.cmp(&b.key));
        answer.evidence.sources = sources.into_iter().map(|id| source(graph, id)).collect();
        let Evidence { records, .. } = &answer.evidence;
        let assumed: Vec<_> = records.iter().filter(|r| r.assumed.is_some()).map(|r| r.key.clone()).collect();
        let doubtful = records.iter().filter(|r| r.confidence == Confidence::Low).count();
        let all = records.len();
        if !assumed.is_empty() {
            let names = some(&assumed);
            let text = format!("{} of {all} records are assumptions of the dataset: {names}.", assumed.len());
            answer.caveat("assumed-records", text, Some(assumed.len()));
        }
        if doubtful > 0 {
            let text = format!("{doubtful} of {all} records are of low confidence.");
            answer.caveat("low-confidence", text, Some(doubtful));
        }
        if !disputed.is_empty() {
            let text = format!(
                "Sources disagree on {} records ({}): the surest and latest statement is used, ranges cover all.",
                disputed.len(),
                some(&disputed)
            );
            answer.caveat("disputed", text, Some(disputed.len()));
        }
        if !graph.facts().meta.tables.is_empty() {
            let tables: Vec<_> = graph.facts().meta.tables.iter().map(|t| t.to_string()).collect();
            let text = format!("Rests on bulk tables without sources: {}.", tables.join(", "));
            answer.caveat("unsourced-table", text, Some(tables.len()));
        }
        let used = |id: &RelationId| self.origins.contains(&Origin::Relation(*id));
        for shares in &graph.facts().renormalised {
            if shares.relations.is_empty() || shares.relations.iter().any(used) {
                let text = format!("Scaled down to the whole: {}.", shares.what);
                answer.caveat("renormalised", text, Some(shares.relations.len()));
            }
        }
    }
}

/// The first few names, and how many more there are.
fn some(names: &[String]) -> String {
    const SHOWN: usize = 4;
    let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN { format!("{first} and {} more", names.len() - SHOWN) } else { first }
}

fn measures(graph: &Graph, id: RelationId) -> impl Iterator<Item = &crate::model::Measure> {
    graph.relation(id).detail.measures()
}

fn record(graph: &Graph, origin: Origin) -> (RecordRef, Vec<SourceId>) {
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
    let record = RecordRef {
        key: key.clone(),
        says,
        sources: cited.iter().map(|id| graph.source(*id).key.clone()).collect(),
        assumed: evidence.assumed.clone(),
        basis: evidence.basis,
        confidence: evidence.confidence,
        place: format!("{}:{}", place.file, place.line),
    };
    (record, cited)
}

fn source(graph: &Graph, id: SourceId) -> SourceRef {
    let source = graph.source(id);
    let reliability: Reliability = source.reliability;
    SourceRef {
        key: source.key.clone(),
        title: source.title.clone(),
        publisher: source.publisher.clone(),
        url: source.url.clone(),
        date: source.date.map(|date| date.to_string()),
        reliability,
    }
}

/// The key of a record.
pub(super) fn origin_key(graph: &Graph, origin: Origin) -> String {
    match origin {
        Origin::Relation(id) => graph.relation(id).key.clone(),
        Origin::Attribute(id) => graph.attribute(id).key.clone(),
        Origin::Intensity(at) => {
            graph.facts().intensities.get(at as usize).map(|own| own.key.clone()).unwrap_or_default()
        }
    }
}

/// A cell that names an entity.
pub(super) fn entity_cell(graph: &Graph, id: EntityId) -> Cell {
    let entity = graph.entity(id);
    Cell::Item { key: entity.key.clone(), name: entity.name.clone() }
}

/// A cell that names a product.
pub(super) fn product_cell(graph: &Graph, id: ProductId) -> Cell {
    let product = graph.product(id);
    Cell::Item { key: product.key.clone(), name: product.name.clone() }
}

/// Says how many weights stand on each rung, and what is missing from the network.
pub(super) fn say_weights(answer: &mut Answer, network: &Network, tally: [usize; 5]) {
    let all: usize = tally.iter().sum();
    let parts: Vec<String> = Rung::ALL
        .iter()
        .zip(tally)
        .filter(|(_, count)| *count > 0)
        .map(|(rung, count)| format!("{count} {}", rung.describe()))
        .collect();
    if all > 0 {
        answer.caveat("weights", format!("Of {all} weights: {}.", parts.join(", ")), Some(all));
    }
    if network.unplaced() > 0 {
        let text = format!(
            "{} named suppliers carry no share, because others' shares of the same need are stated; they are part \
             of the unknown supplier.",
            network.unplaced()
        );
        answer.caveat("unplaced-suppliers", text, Some(network.unplaced()));
    }
    if network.not_begun() > 0 {
        let text = format!(
            "{} commitments begin later than the day that counts; they supply nothing yet.",
            network.not_begun()
        );
        answer.caveat("not-begun", text, Some(network.not_begun()));
    }
    if network.undeclared() > 0 {
        let text = format!(
            "{} supplies reach customers whose kind does not declare a need for the product; they carry no function.",
            network.undeclared()
        );
        answer.caveat("undeclared-needs", text, Some(network.undeclared()));
    }
}
