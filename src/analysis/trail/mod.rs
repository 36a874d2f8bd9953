//! The records that an answer rests on, collected on the way.

mod passing;
mod record;
mod upon;

pub use upon::{Carried, Upon};

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::View;
use crate::answer::{Answer, Cell, Evidence, Reach, Rests, RestsOn, Row, Table, Tie};
use crate::graph::Graph;
use crate::model::{AttributeId, Confidence, EntityId, ProductId, RelationId};
use crate::network::{CostLink, CostNetwork, NeedRow, Network, Origin, Rung, SupplyLink};
use crate::order::Arrange;

/// Collects the records that an answer uses, and which row of which table uses which.
#[derive(Clone, Debug, Default)]
pub struct Trail {
    /// Each record with the least sure of the rungs of its weights.
    origins: BTreeMap<Origin, Option<Rung>>,
    /// Who depends on whom by which record.
    ties: BTreeSet<(EntityId, EntityId, Origin)>,
    rows: BTreeMap<String, BTreeMap<usize, Upon>>,
    tables: BTreeMap<String, Upon>,
    reach: BTreeMap<String, Reach>,
    about: BTreeMap<String, BTreeMap<usize, Vec<EntityId>>>,
}

impl Trail {
    /// Says how far records reach for the rows of some tables, where that is not what the card says. Rows of which something is
    /// said rest on that, and without known parts on what is reached too: a row has more numbers than its main one.
    pub fn reach<'a>(&mut self, tables: impl IntoIterator<Item = &'a str>, reach: Reach) {
        self.reach.extend(tables.into_iter().map(|table| (table.to_string(), reach)));
    }

    /// Says that a row is about entities that its cells do not name, as a country is about its members: records are followed from
    /// these too.
    pub fn about(&mut self, table: &str, row: usize, entities: Vec<EntityId>) {
        self.about.entry(table.to_string()).or_default().insert(row, entities);
    }

    /// Adds a relation.
    pub fn relation(&mut self, id: RelationId) {
        self.add(Origin::Relation(id), None);
    }

    /// Adds an attribute.
    pub fn attribute(&mut self, id: AttributeId) {
        self.add(Origin::Attribute(id), None);
    }

    /// Adds records that give no weight, or of which none is known.
    pub fn origins<'a>(&mut self, origins: impl IntoIterator<Item = &'a Origin>) {
        origins.into_iter().for_each(|origin| self.add(*origin, None));
    }

    /// Adds the records of a share of a need.
    pub fn link(&mut self, network: &Network, row: &NeedRow, link: &SupplyLink) {
        for origin in network.origins(link) {
            self.add(*origin, Some(link.rung));
            self.ties.insert((row.entity, link.supplier, *origin));
        }
    }

    /// Adds the records of a share of a buyer's cost.
    pub fn cost(&mut self, cost: &CostNetwork, buyer: EntityId, link: &CostLink) {
        for origin in cost.origins(link) {
            self.add(*origin, None);
            self.ties.insert((buyer, link.supplier, *origin));
        }
    }

    fn add(&mut self, origin: Origin, rung: Option<Rung>) {
        let slot = self.origins.entry(origin).or_default();
        *slot = (*slot).max(rung);
    }

    /// Says what a row of a table rests on, counted from 0 in the table as it is when the trail is finished.
    pub fn row(&mut self, table: &str, row: usize, upon: Upon) {
        self.named(&upon);
        self.rows.entry(table.to_string()).or_default().insert(row, upon);
    }

    /// Says of each row of a table what it rests on.
    pub fn rows(&mut self, table: &Table, mut each: impl FnMut(usize, &Row) -> Upon) {
        for (at, row) in table.rows.iter().enumerate() {
            self.row(&table.name, at, each(at, row));
        }
    }

    /// Says what all rows of a table rest on for which nothing else is said.
    pub fn table(&mut self, table: &str, upon: Upon) {
        self.named(&upon);
        self.tables.insert(table.to_string(), upon);
    }

    fn named(&mut self, upon: &Upon) {
        upon.carried().for_each(|(origin, carried)| self.add(origin, carried.rung));
    }

    /// Writes the records and their sources into the answer, and into its tables what each row rests on, with caveats on assumed,
    /// doubtful and disputed records. The tables must be there.
    pub fn finish(self, view: &View<'_>, answer: &mut Answer) {
        let graph = view.graph;
        let mut sources = BTreeSet::new();
        let mut disputed = Vec::new();
        let mut records = Vec::with_capacity(self.origins.len());
        let mut owners = record::Owners::default();
        for (origin, rung) in &self.origins {
            let (mut record, cited) = record::record(view, *origin);
            record.rung = *rung;
            record.about = owners.about(view, *origin);
            sources.extend(cited);
            records.push((*origin, record));
            if let Origin::Relation(id) = origin
                && measures(graph, *id).any(|measure| measure.is_disputed())
            {
                disputed.push(graph.relation(*id).key.clone());
            }
        }
        records.arrange(|a, b| a.1.key.cmp(&b.1.key));
        let place: HashMap<Origin, usize> = records.iter().enumerate().map(|(at, own)| (own.0, at)).collect();
        answer.evidence.records = records.into_iter().map(|(_, record)| record).collect();
        answer.evidence.sources = sources.into_iter().map(|id| record::source(graph, id)).collect();
        answer.evidence.ties = self.told_ties(view, &place);
        answer.evidence.reach = self.reach.clone();
        let keys = |ids: &Vec<EntityId>| ids.iter().map(|id| graph.entity(*id).key.clone()).collect();
        for (table, rows) in &self.about {
            let rows = rows.iter().map(|(row, ids)| (*row, keys(ids))).collect();
            answer.evidence.about.insert(table.clone(), rows);
        }
        self.write_rests(&place, answer);
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
        let used = |id: &RelationId| self.origins.contains_key(&Origin::Relation(*id));
        for shares in &graph.facts().renormalised {
            if shares.relations.is_empty() || shares.relations.iter().any(used) {
                let text = format!("Scaled down to the whole: {}.", shares.what);
                answer.caveat("renormalised", text, Some(shares.relations.len()));
            }
        }
    }
}

impl Trail {
    /// Who depends on whom: by the weights that were used, and by what each other relation says.
    fn told_ties(&self, view: &View<'_>, place: &HashMap<Origin, usize>) -> Vec<Tie> {
        let tied: BTreeSet<Origin> = self.ties.iter().map(|(.., origin)| *origin).collect();
        let others = self.origins.keys().filter(|origin| !tied.contains(origin));
        let others = others.filter_map(|origin| {
            let (customer, supplier) = record::ends(view.graph, *origin)?;
            Some((customer, supplier, *origin))
        });
        let tie = |(customer, supplier, origin): (EntityId, EntityId, Origin)| {
            let key = |id| view.graph.entity(id).key.clone();
            Some(Tie { customer: key(customer), supplier: key(supplier), record: *place.get(&origin)? })
        };
        let mut ties: Vec<Tie> = self.ties.iter().copied().chain(others).filter_map(tie).collect();
        ties.sort_unstable();
        ties
    }

    /// Writes into each table what its rows rest on; a table of which nothing is said stays without.
    fn write_rests(&self, place: &HashMap<Origin, usize>, answer: &mut Answer) {
        let nothing = Upon::default();
        for table in &mut answer.tables {
            let usual = self.tables.get(&table.name);
            let own = self.rows.get(&table.name);
            let said = |row: usize| own.and_then(|own| own.get(&row)).or(usual);
            if (0..table.rows.len()).any(|row| said(row).is_some()) {
                let rests = (0..table.rows.len()).map(|row| rests(said(row).unwrap_or(&nothing), place));
                table.rests = rests.collect();
            }
        }
    }
}

/// What a row rests on, by positions in the evidence.
fn rests(upon: &Upon, place: &HashMap<Origin, usize>) -> Rests {
    match upon {
        Upon::Whole => Rests::Whole,
        Upon::Nothing(reason) => Rests::None(reason.clone()),
        Upon::Records(records) => {
            let on = |(origin, carried): (&Origin, &Carried)| {
                let record = *place.get(origin)?;
                Some(RestsOn { record, part: carried.part, rung: carried.rung })
            };
            let mut on: Vec<RestsOn> = records.iter().filter_map(on).collect();
            on.arrange_by_key(|on| on.record);
            Rests::Records(on)
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
