//! Bulk tables in CSV or Parquet, for graphs too large to write by hand. One file per sort of table; rows are read some
//! thousands at a time, and problems name the file and the row.

mod entities;
mod essentiality;
mod exposures;
mod flows;
mod pairs;
#[cfg(feature = "parquet")]
mod parquet;
mod parts;
mod rows;
#[cfg(feature = "parquet")]
mod said;
mod sectors;
mod sells;
mod shocks;
mod source;
#[cfg(feature = "cluster")]
mod split;
#[cfg(all(feature = "cluster", feature = "parquet"))]
mod split_parquet;
mod supplies;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;
use rayon::prelude::*;

use crate::model::{Basis, Confidence, Evidence, Facts, Figure, InputClass, Link, LinkKind, Place};
use crate::observer::Observer;
use crate::part::Part;

use super::codes::Code;
use super::diagnostic::{Diagnostic, Span};
use super::files::Origin;
use super::lower::Ids;
use super::read::{Keyed, Records, clip};
use super::record::TableRecord;
use super::session::Session;
use super::trail::Mark;
#[cfg(feature = "cluster")]
pub use entities::MOST_PARTS;
#[cfg(all(feature = "cluster", feature = "parquet"))]
pub use parts::mark_of;
pub use parts::{Keep, Parts};
use rows::{Column, Row, Table, optional, required};
#[cfg(feature = "cluster")]
pub use split::{Form, Splitter, lists_links};

/// In the place of a part in the name of a file: for rows that are in none.
const REST: &str = "rest";
/// The kind of an entity of a table that gives none.
const KIND: &str = "entity";
/// The kind of an owner that is not an entity of the dataset.
const OWNER_KIND: &str = "owner";
/// The entity that stands for the rest of the world in a table of payments.
const OUTSIDE: &str = "outside";

/// What the tables add to the records before ids get their positions.
#[derive(Debug, Default)]
pub struct Bulk {
    /// Entities by key, in the order of keys once all are declared.
    entities: IndexMap<Arc<str>, BulkEntity>,
    /// Kinds that the dataset does not declare.
    pub kinds: BTreeSet<String>,
    /// Markets that the dataset does not declare.
    pub products: BTreeSet<String>,
    /// Relations by key.
    pub relations: BTreeMap<String, BulkRelation>,
    /// Classes of inputs by the sectors of supplier and customer.
    pub classes: BTreeMap<(String, String), InputClass>,
    /// Kinds, countries and sectors that entities share.
    words: HashSet<Arc<str>>,
}

impl Bulk {
    /// Into how many parts the tables cut the entities, 1 or more.
    pub fn parts(&self) -> usize {
        let last = self.entities.values().filter_map(|entity| entity.part).max();
        last.map_or(1, |last| usize::from(last) + 1)
    }

    /// The part of an entity.
    pub fn part_of(&self, key: &str) -> Option<u16> {
        self.entities.get(key)?.part
    }

    /// Whether a table defines or names an entity, and no record does.
    pub fn has(&self, key: &str) -> bool {
        self.entities.contains_key(key)
    }

    /// The keys of these entities, in rising order.
    pub fn keys(&self) -> impl Iterator<Item = &Arc<str>> {
        self.entities.keys()
    }

    /// A text that many entities share.
    fn word(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.words.get(text) {
            return known.clone();
        }
        let word: Arc<str> = Arc::from(text);
        self.words.insert(word.clone());
        word
    }

    /// Makes an entity of a name that a row gives, where it is not one yet.
    fn imply(&mut self, key: &str, (name, kind): (Option<&str>, &str), place: impl FnOnce() -> Place) {
        if !self.entities.contains_key(key) {
            let entity = BulkEntity {
                name: name.map(Box::from),
                kind: self.word(kind),
                country: None,
                tier: None,
                sector: None,
                part: None,
                figures: None,
                implied: true,
                place: place(),
            };
            self.entities.insert(Arc::from(key), entity);
        }
    }

    /// Entities that no table of entities lists: key, name and kind.
    #[cfg(feature = "cluster")]
    pub fn implied(&self) -> impl Iterator<Item = [&str; 3]> {
        let implied = self.entities.iter().filter(|(_, entity)| entity.implied);
        implied.map(|(key, entity)| [key, entity.name(key), &entity.kind])
    }
}

/// An entity of a table.
#[derive(Debug)]
struct BulkEntity {
    /// Where it is not the key.
    name: Option<Box<str>>,
    kind: Arc<str>,
    country: Option<Arc<str>>,
    tier: Option<f64>,
    sector: Option<Arc<str>>,
    /// With which others it lies together, where a network is cut into parts.
    part: Option<u16>,
    /// Numbers in the order of [`Figure::ALL`], where there are any.
    figures: Option<Box<[Option<f64>; Figure::ALL.len()]>>,
    /// Known only as the end of a link.
    implied: bool,
    place: Place,
}

impl BulkEntity {
    fn name<'e>(&'e self, key: &'e str) -> &'e str {
        self.name.as_deref().unwrap_or(key)
    }
}

/// A relation of a table.
#[derive(Debug)]
pub struct BulkRelation {
    from: String,
    tie: BulkTie,
    place: Place,
}

/// What a relation of a table says.
#[derive(Debug)]
enum BulkTie {
    /// The whole of this entity is owned.
    Owns(String),
    /// A share of this market.
    Sells(String, f64),
}

/// The file of a table, relative to the dataset: it stands beside the file that names it.
pub fn beside(session: &Session, mark: Mark, file: &str) -> Arc<str> {
    let named_in = session.texts.get(mark.file as usize).map(|text| text.name.clone());
    match named_in.as_deref().and_then(|name| name.rsplit_once('/')) {
        Some((folder, _)) => Arc::from(format!("{folder}/{file}")),
        None => Arc::from(file),
    }
}

/// Where tables lie, and who hears how far reading has come.
type Source<'t> = (&'t Origin<'t>, &'t dyn Observer);

fn table<'t>(
    (origin, observer): Source<'t>,
    session: &Session,
    record: &'t TableRecord,
    mark: Mark,
) -> Table<'t> {
    Table { origin, observer, file: beside(session, mark, record.file()), mark, keep: None }
}

/// Reads what the tables define: entities, kinds, markets, owners and sales. Where processes share the links, `shared`, a table of
/// payments is not read for its names if it says that the entities are known.
pub fn declare(source: Source<'_>, shared: bool, session: &mut Session, records: &Records) -> Bulk {
    let mut bulk = Bulk::default();
    let closed = !records.entities.is_empty()
        || records.tables.iter().any(|(record, _)| matches!(record, TableRecord::Entities { .. }));
    for (record, mark) in &records.tables {
        let table = table(source, session, record, *mark);
        match record {
            TableRecord::Entities { .. } => entities::declare(&table, session, &mut bulk),
            TableRecord::Sells { .. } => sells::declare(&table, session, records, &mut bulk),
            TableRecord::Sectors { .. } => sectors::declare(&table, session, &mut bulk),
            TableRecord::Essentiality { .. } => essentiality::declare(&table, session, &mut bulk),
            _ => {}
        }
    }
    let known = shared.then(|| {
        bulk.entities.sort_unstable_keys();
        parts::mark(&bulk)
    });
    for (record, mark) in &records.tables {
        let table = table(source, session, record, *mark);
        // ends of links are checked when the links are read
        let mut quiet = Session::default();
        match record {
            TableRecord::Flows { .. } if known.as_ref().is_some_and(|known| table.is_cut_by(known)) => {}
            TableRecord::Flows { .. } => flows::declare(&table, &mut quiet, &mut bulk),
            TableRecord::Supplies { .. } if !closed => supplies::declare(&table, &mut quiet, &mut bulk),
            _ => {}
        }
    }
    bulk.entities.sort_unstable_keys();
    bulk.entities.retain(|key, entity| {
        let stated = find(&records.entities, key);
        if let Some(stated) = stated
            && !entity.implied
        {
            let first = session.key(stated.mark);
            let message = format!("entity `{}` is defined twice", clip(key, 60));
            let span = Span::file(&entity.place.file);
            let label = format!("defined again on line {}", entity.place.line);
            session.push(
                Diagnostic::new(Code::DuplicateId, span, message).label(label).related(first, "first here"),
            );
        }
        stated.is_none()
    });
    let owners: Vec<(String, Place)> = bulk
        .relations
        .values()
        .filter(|relation| !bulk.has(&relation.from))
        .filter(|relation| find(&records.entities, &relation.from).is_none())
        .filter(|relation| matches!(relation.tie, BulkTie::Owns(_)))
        .map(|relation| (relation.from.clone(), relation.place.clone()))
        .collect();
    if !owners.is_empty() {
        for (key, place) in owners {
            bulk.imply(&key, (None, OWNER_KIND), || place);
        }
        bulk.entities.sort_unstable_keys();
    }
    let kinds: HashSet<&Arc<str>> = bulk.entities.values().map(|entity| &entity.kind).collect();
    let new = kinds.into_iter().filter(|kind| find(&records.kinds, kind).is_none());
    bulk.kinds = new.map(ToString::to_string).collect();
    bulk
}

/// The record of a key in a sorted list.
fn find<'r, T>(list: &'r [Keyed<T>], key: &str) -> Option<&'r Keyed<T>> {
    super::read::find(list, key)
}

/// Adds what the tables define and the links that they list to the facts.
pub fn lower(
    source: Source<'_>,
    session: &mut Session,
    records: &Records,
    (ids, part): (&Ids, &Part),
    bulk: &Bulk,
    facts: &mut Facts,
) {
    let parts = Parts::new(ids, bulk);
    let keep = Keep { ids, part, parts: &parts };
    let scaled = facts.renormalised.len();
    entities::lower(ids, bulk, facts);
    sells::lower(session, ids, bulk, facts);
    let closed_hint = |session: &mut Session| {
        session.hint_last("every end of a link must be an entity of the dataset");
    };
    // an input-output table lists who delivers to whom; elsewhere flows are payments
    let sectors = records.tables.iter().any(|(record, _)| matches!(record, TableRecord::Sectors { .. }));
    let meaning = if sectors { LinkKind::Amount } else { LinkKind::Flow };
    for (record, mark) in &records.tables {
        let table = Table { keep: Some(&keep), ..table(source, session, record, *mark) };
        match record {
            TableRecord::Supplies { weight, .. } => {
                supplies::lower(&table, session, &keep, *weight, facts, closed_hint);
            }
            TableRecord::Flows { .. } => flows::lower(&table, session, &keep, meaning, facts),
            TableRecord::Exposures { .. } => exposures::lower(&table, session, &keep, facts),
            TableRecord::Sectors { .. } => sectors::lower(&table, session, ids, facts),
            TableRecord::Shocks { .. } => shocks::lower(&table, session, ids, facts),
            TableRecord::Entities { .. } | TableRecord::Sells { .. } | TableRecord::Essentiality { .. } => {}
        }
        facts.meta.tables.push(table.file);
    }
    facts.meta.tables = gathered(std::mem::take(&mut facts.meta.tables));
    facts.links.par_sort_unstable_by(order);
    // tables in many files say the same as in one
    facts.renormalised.get_mut(scaled..).unwrap_or_default().sort_by(|a, b| a.what.cmp(&b.what));
    facts.sectors.sort_by_key(|sector| sector.entity);
    sectors::balance(session, part, facts);
}

/// Names of tables in order, each once; the files of a table that is cut into parts, `flows-000.csv` and so on, are one: `flows-*.csv`.
fn gathered(tables: Vec<Arc<str>>) -> Vec<Arc<str>> {
    let common = |name: &str| {
        let (stem, ending) = name.rsplit_once('.')?;
        let (table, part) = stem.rsplit_once('-')?;
        let is_part = part == REST || part.len() >= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
        is_part.then(|| format!("{table}-*.{ending}"))
    };
    let mut files: BTreeMap<String, BTreeSet<Arc<str>>> = BTreeMap::new();
    for name in tables {
        files.entry(common(&name).unwrap_or_else(|| name.to_string())).or_default().insert(name);
    }
    let one = |(common, files): (String, BTreeSet<Arc<str>>)| match files.len() {
        1 => files.into_iter().next().unwrap_or_default(),
        _ => Arc::from(common),
    };
    files.into_iter().map(one).collect()
}

/// By kind, customer and supplier; links that are equal in all of this are the same bytes.
fn order(a: &Link, b: &Link) -> Ordering {
    (a.kind, a.to, a.from).cmp(&(b.kind, b.to, b.from)).then(a.weight.total_cmp(&b.weight))
}

/// The evidence of a row: none.
fn unsourced() -> Evidence {
    Evidence {
        sources: Vec::new(),
        assumed: None,
        basis: Basis::Reported,
        confidence: Confidence::Medium,
        note: None,
    }
}
