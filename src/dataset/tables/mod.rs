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
#[cfg(feature = "parquet")]
mod said;
mod sectors;
mod sells;
mod shocks;
mod source;
mod split;
#[cfg(feature = "parquet")]
mod split_parquet;
mod supplies;

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::model::{Basis, Confidence, Evidence, Facts, Figure, InputClass, Link, LinkKind, Place};
use crate::observer::Observer;
use crate::part::Part;

use super::codes::Code;
use super::diagnostic::{Diagnostic, Span, nearest};
use super::files::{MAX_TABLE_BYTES, OpenError, Origin};
use super::lower::Ids;
use super::read::{Keyed, Records, clip, quoted};
use super::record::TableRecord;
use super::session::{MAX_PER_FILE, Session};
use super::trail::{Mark, Trail};
pub use entities::MOST_PARTS;
use pairs::Pairs;
use parts::Claims;
#[cfg(feature = "parquet")]
pub use parts::mark_of;
pub use parts::{Keep, Parts};
use source::{Batch, Closed, Stopped};
pub use split::{Form, Splitter, lists_links};

/// The kind of an entity of a table that gives none.
const KIND: &str = "entity";
/// The kind of an owner that is not an entity of the dataset.
const OWNER_KIND: &str = "owner";
/// The entity that stands for the rest of the world in a table of payments.
const OUTSIDE: &str = "outside";

/// A column that a table may have.
#[derive(Clone, Copy, Debug)]
struct Column {
    /// What it may be called; the first name is the usual one.
    names: &'static [&'static str],
    /// Whether the table needs it.
    required: bool,
}

const fn required(names: &'static [&'static str]) -> Column {
    Column { names, required: true }
}

const fn optional(names: &'static [&'static str]) -> Column {
    Column { names, required: false }
}

/// One row of a table.
struct Row<'r> {
    file: &'r Arc<str>,
    record: &'r csv::StringRecord,
    columns: &'r [Option<usize>],
    line: u32,
    byte: usize,
    /// What the file says of the parts of its rows, where it can be relied upon.
    claims: Option<&'r Claims>,
}

impl Row<'_> {
    /// The text of a column by its position in the list of columns; empty where there is none.
    fn text(&self, column: usize) -> &str {
        self.columns.get(column).copied().flatten().and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    /// The text of a column that is not blank.
    fn given(&self, column: usize) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Where the row stands.
    fn place(&self) -> Place {
        Place { file: self.file.clone(), line: self.line }
    }

    /// A column of the row, or the whole row.
    fn span(&self, column: Option<usize>) -> Span {
        let at = column.and_then(|column| self.columns.get(column).copied().flatten());
        let mut text = String::new();
        let mut within = 0..0;
        for (position, field) in self.record.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            let start = text.len();
            text.push_str(field);
            if at == Some(position) {
                within = start..text.len();
            }
        }
        if at.is_none() {
            within = 0..text.len();
        }
        let mut span = Span::of(self.file, &text, within, self.line, 0);
        (span.start, span.end) = (self.byte + span.start, self.byte + span.end);
        span
    }

    /// A number that is not negative.
    fn number(&self, session: &mut Session, column: usize, what: &str) -> Option<f64> {
        let text = self.text(column);
        let problem = match text.parse::<f64>() {
            Ok(value) if !value.is_finite() => (Code::NotFinite, format!("{what} must be finite")),
            Ok(value) if value < 0.0 => (Code::Negative, format!("{what} cannot be negative")),
            Ok(value) => return Some(value),
            Err(_) => (Code::TableRow, format!("{} is not a number", quoted(text))),
        };
        session.push(Diagnostic::new(problem.0, self.span(Some(column)), problem.1));
        None
    }

    /// A name that must be given.
    fn name(&self, session: &mut Session, column: usize, what: &str) -> Option<&str> {
        let given = self.given(column);
        if given.is_none() {
            let message = format!("the row names no {what}");
            session.push(Diagnostic::new(Code::TableRow, self.span(None), message));
        }
        given
    }
}

/// A table that a dataset names.
struct Table<'t> {
    origin: &'t Origin<'t>,
    /// Hears how many rows have been read.
    observer: &'t dyn Observer,
    file: Arc<str>,
    mark: Mark,
    /// Which rows of a table of links are wanted; all where nothing is said.
    keep: Option<&'t Keep<'t>>,
}

impl Table<'_> {
    /// Reads the rows, one at a time.
    fn rows(&self, session: &mut Session, columns: &[Column], mut each: impl FnMut(&mut Session, &Row)) {
        self.rows_seen(session, columns, |_| (), |session, row, ()| each(session, row));
    }

    /// Reads the rows: `see` looks at each by itself, on all threads, while further rows are read; `each` then gets them in order,
    /// with what was seen.
    fn rows_seen<T: Send>(
        &self,
        session: &mut Session,
        columns: &[Column],
        see: impl Fn(&Row) -> T + Sync,
        mut each: impl FnMut(&mut Session, &Row, T),
    ) {
        let trail = Trail::record(self.mark);
        let field = trail.field("file");
        let (mut source, header) = match source::open(self.origin, &self.file, self.keep) {
            Ok(opened) => opened,
            Err(Closed::Header(error)) => return self.unreadable(session, &error),
            Err(Closed::Format(why)) => {
                let message = format!("cannot read the table `{}`: {why}", self.file);
                session.report(&field, Code::Unreadable, message);
                return;
            }
            Err(Closed::Open(error)) => {
                let (code, why) = match error {
                    OpenError::NotFound => (Code::TableNotFound, "it does not exist".to_string()),
                    OpenError::Io(why) => (Code::Unreadable, why),
                    OpenError::TooLarge(size) => {
                        let (size, limit) = (size.div_ceil(1 << 20), MAX_TABLE_BYTES >> 20);
                        (Code::TooLarge, format!("it has {size} MiB; at most {limit} MiB are read"))
                    }
                };
                let message = format!("cannot read the table `{}`: {why}", self.file);
                let hint = "a table lies in the folder of the file that names it, or below it";
                session.report(&field, code, message).hint = Some(hint.to_string());
                return;
            }
        };
        let Some(positions) = self.header(session, &header, columns) else { return };
        let before = session.count();
        let is_hopeless = |session: &mut Session| {
            let many = session.count() - before > MAX_PER_FILE;
            if many {
                let message = format!("the rest of `{}` is not read: it has too many problems", self.file);
                session.push(Diagnostic::new(Code::Suppressed, Span::file(&self.file), message));
            }
            many
        };
        let claims = source.claims();
        let (mut batch, mut next) = (Batch::default(), Batch::default());
        batch.fill(&mut source);
        loop {
            let ends = batch.stopped.as_ref().is_some_and(Stopped::ends);
            let records = batch.records();
            let look = || {
                records
                    .par_iter()
                    .map(|record| see(&self.row(record, &positions, claims.as_ref())))
                    .collect::<Vec<T>>()
            };
            let read_on = || {
                if !ends {
                    next.fill(&mut source);
                }
            };
            let (seen, ()) = rayon::join(look, read_on);
            self.observer.read(records.len());
            for (record, seen) in records.iter().zip(seen) {
                if is_hopeless(session) {
                    return;
                }
                each(session, &self.row(record, &positions, claims.as_ref()), seen);
            }
            match &batch.stopped {
                Some(Stopped::Refused(error)) => self.unreadable(session, error),
                #[cfg(feature = "parquet")]
                Some(Stopped::Broken(why)) => {
                    session.push(Diagnostic::new(Code::Unreadable, Span::file(&self.file), why.clone()));
                }
                Some(Stopped::End) | None => {}
            }
            if ends || is_hopeless(session) {
                return;
            }
            std::mem::swap(&mut batch, &mut next);
        }
    }

    fn row<'r>(
        &'r self,
        record: &'r csv::StringRecord,
        columns: &'r [Option<usize>],
        claims: Option<&'r Claims>,
    ) -> Row<'r> {
        let position = record.position();
        Row {
            file: &self.file,
            record,
            columns,
            line: position.map_or(0, |at| at.line()) as u32,
            byte: position.map_or(0, |at| at.byte()) as usize,
            claims,
        }
    }

    /// The place of a row that has been read, counted from 0.
    fn row_span(&self, columns: &[Column], nth: usize) -> Span {
        let (mut count, mut span) = (0, Span::file(&self.file));
        // problems have been told when the rows were read first
        self.rows(&mut Session::default(), columns, |_, row| {
            if count == nth {
                span = row.span(None);
            }
            count += 1;
        });
        span
    }

    /// Warns of rows that name a pair of entities once more.
    fn warn_repeated(&self, session: &mut Session, columns: &[Column], pairs: &Pairs, adds: &str) {
        if let Some((count, first)) = pairs.repeated() {
            let message = format!("rows that name a pair once more: {count}; their {adds} add up");
            let span = self.row_span(columns, first);
            session.push(Diagnostic::new(Code::RepeatedPair, span, message).label("the first of them"));
        }
    }

    /// Finds the columns in the header; `None` where one that is needed is absent.
    fn header(
        &self,
        session: &mut Session,
        header: &csv::StringRecord,
        columns: &[Column],
    ) -> Option<Vec<Option<usize>>> {
        let find = |column: &Column| header.iter().position(|name| column.names.contains(&name));
        let positions: Vec<Option<usize>> = columns.iter().map(find).collect();
        let known = || columns.iter().flat_map(|column| column.names.iter().copied());
        let span = |at: Option<usize>| {
            let columns = [at];
            let row =
                Row { file: &self.file, record: header, columns: &columns, line: 1, byte: 0, claims: None };
            row.span(at.map(|_| 0))
        };
        let mut complete = true;
        for (column, position) in columns.iter().zip(&positions) {
            if let (true, None, Some(name)) = (column.required, position, column.names.first()) {
                let unread = header.iter().filter(|name| !known().any(|known| known == *name));
                let mut problem = Diagnostic::new(
                    Code::TableColumn,
                    span(None),
                    format!("the table has no column `{name}`"),
                )
                .expected(known().collect::<Vec<_>>().join(", "));
                let near = nearest(name, unread);
                if let Some(near) = near.first() {
                    problem.hint = Some(format!("rename the column `{}` to `{name}`", clip(near, 40)));
                }
                session.push(problem);
                complete = false;
            }
        }
        for (at, name) in header.iter().enumerate() {
            if !known().any(|known| known == name) {
                let message = format!("the column {} is not read", quoted(name));
                let near = nearest(name, known());
                let mut problem = Diagnostic::new(Code::UnknownColumn, span(Some(at)), message);
                problem.nearest = near;
                session.push(problem.expected(known().collect::<Vec<_>>().join(", ")));
            }
        }
        complete.then_some(positions)
    }

    /// Reports a row that the CSV reader refuses.
    fn unreadable(&self, session: &mut Session, error: &csv::Error) {
        let mut span = Span::file(&self.file);
        let line = error.position().map_or(0, |position| position.line());
        span.start = error.position().map_or(0, |position| position.byte()) as usize;
        span.end = span.start;
        let at = if line > 0 { format!("line {line}: ") } else { String::new() };
        let (code, why) = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                (Code::TableRow, format!("the row has {len} values, the header {expected_len}"))
            }
            csv::ErrorKind::Utf8 { .. } => (Code::NotUtf8, "the row is not UTF-8".to_string()),
            csv::ErrorKind::Io(error) => (Code::Unreadable, error.to_string()),
            _ => (Code::TableRow, error.to_string()),
        };
        session.push(Diagnostic::new(code, span, format!("{at}{why}")));
    }
}

/// What the tables add to the records before ids get their positions.
#[derive(Debug, Default)]
pub struct Bulk {
    /// Entities by key.
    pub entities: BTreeMap<String, BulkEntity>,
    /// Kinds that the dataset does not declare.
    pub kinds: BTreeSet<String>,
    /// Markets that the dataset does not declare.
    pub products: BTreeSet<String>,
    /// Relations by key.
    pub relations: BTreeMap<String, BulkRelation>,
    /// Classes of inputs by the sectors of supplier and customer.
    pub classes: BTreeMap<(String, String), InputClass>,
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
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.entities.keys().map(String::as_str)
    }

    /// Entities that no table of entities lists: key, name and kind.
    pub fn implied(&self) -> impl Iterator<Item = [&str; 3]> {
        let implied = self.entities.iter().filter(|(_, entity)| entity.implied);
        implied.map(|(key, entity)| [key.as_str(), entity.name.as_str(), entity.kind.as_str()])
    }
}

/// An entity of a table.
#[derive(Debug)]
pub struct BulkEntity {
    name: String,
    kind: String,
    country: Option<String>,
    tier: Option<f64>,
    sector: Option<String>,
    /// With which others it lies together, where a network is cut into parts.
    part: Option<u16>,
    /// Numbers in the order of [`Figure::ALL`].
    figures: [Option<f64>; Figure::ALL.len()],
    /// Known only as the end of a link.
    implied: bool,
    place: Place,
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
    let known = shared.then(|| parts::mark(&bulk));
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
        .filter(|relation| !bulk.entities.contains_key(&relation.from))
        .filter(|relation| find(&records.entities, &relation.from).is_none())
        .filter(|relation| matches!(relation.tie, BulkTie::Owns(_)))
        .map(|relation| (relation.from.clone(), relation.place.clone()))
        .collect();
    for (key, place) in owners {
        let holder = BulkEntity {
            name: key.clone(),
            kind: OWNER_KIND.to_string(),
            country: None,
            tier: None,
            sector: None,
            part: None,
            figures: [None; Figure::ALL.len()],
            implied: true,
            place,
        };
        bulk.entities.entry(key).or_insert(holder);
    }
    let kinds = bulk.entities.values().map(|entity| &entity.kind);
    bulk.kinds = kinds.filter(|kind| find(&records.kinds, kind).is_none()).cloned().collect();
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
    facts.meta.tables.sort();
    facts.meta.tables.dedup();
    facts.links.par_sort_unstable_by(order);
    // tables in many files say the same as in one
    facts.renormalised.get_mut(scaled..).unwrap_or_default().sort_by(|a, b| a.what.cmp(&b.what));
    facts.sectors.sort_by_key(|sector| sector.entity);
    sectors::balance(session, part, facts);
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
