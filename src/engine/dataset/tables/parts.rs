//! Tables of links that are cut into parts: which of their rows a process can leave unread, and whether that can be relied upon.
//!
//! A file says the part of its customers, and for each group of rows the part of its suppliers. It also says for which parts of which
//! entities that holds; where the tables of entities say anything else by now, all rows are read.

use sha2::{Digest, Sha256};

use crate::model::EntityId;
use crate::part::Part;

use super::super::codes::{Code, Severity};
use super::super::diagnostic::Diagnostic;
use super::super::lower::Ids;
use super::super::session::Session;
#[cfg(not(feature = "parquet"))]
use super::Table;
use super::{Bulk, Row};

/// A fingerprint of the entities that have a part, with their parts.
pub fn mark(bulk: &Bulk) -> String {
    let cut = bulk.entities.iter().filter_map(|(key, entity)| Some((&**key, entity.part?)));
    mark_of(cut)
}

/// The same of keys in rising order.
pub fn mark_of<'k>(entities: impl Iterator<Item = (&'k str, u16)>) -> String {
    let mut hash = Sha256::new();
    for (key, part) in entities {
        hash.update((key.len() as u64).to_le_bytes());
        hash.update(key);
        hash.update(part.to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The part of each entity.
pub struct Parts {
    of: Vec<Option<u16>>,
    /// How many there are.
    #[cfg(feature = "parquet")]
    pub count: usize,
    /// The fingerprint of the entities.
    #[cfg(feature = "parquet")]
    pub mark: String,
}

impl Parts {
    /// As the tables of entities say.
    pub fn new(ids: &Ids, bulk: &Bulk) -> Self {
        let cut = bulk.entities.values().any(|entity| entity.part.is_some());
        let of = ids.entity_keys().iter().take_while(|_| cut).map(|key| bulk.part_of(key));
        Self {
            of: of.collect(),
            #[cfg(feature = "parquet")]
            count: bulk.parts(),
            #[cfg(feature = "parquet")]
            mark: mark(bulk),
        }
    }

    fn of(&self, entity: EntityId) -> Option<u16> {
        self.of.get(entity.index()).copied().flatten()
    }
}

/// Which links a process keeps: those with an end in its part.
pub struct Keep<'k> {
    /// Positions of entities.
    pub ids: &'k Ids,
    /// The entities of this process.
    pub part: &'k Part,
    /// The parts that the tables of entities name.
    pub parts: &'k Parts,
}

impl Keep<'_> {
    /// Reports a row whose ends are in other parts than its file says, which another process may have left unread.
    ///
    /// The process of the file's part reads all of its rows, so that none is lost without a word.
    pub(super) fn check(&self, session: &mut Session, row: &Row, from: EntityId, to: EntityId) {
        let Some(claimed) = row.claims.and_then(|claims| claims.of(row.line)) else { return };
        if (self.parts.of(from), self.parts.of(to)) != (Some(claimed.0), Some(claimed.1)) {
            let message = format!(
                "the row stands among those from part {} to part {}, and its ends are in others",
                claimed.0, claimed.1
            );
            let mut problem = Diagnostic::new(Code::MisplacedRow, row.span(None), message);
            if !self.part.is_whole() {
                problem.severity = Severity::Error;
            }
            session.push(
                problem.hint("the table was changed since it was cut: `linchpin cluster cut` cuts it again"),
            );
        }
    }
}

/// What that means for each row.
#[derive(Clone, Debug)]
pub struct Claims {
    pub part: u16,
    /// The first row of each group, from 1, and the part of its suppliers.
    pub groups: Vec<(u64, u16)>,
}

impl Claims {
    /// The parts of the supplier and the customer of a row.
    fn of(&self, line: u32) -> Option<(u16, u16)> {
        let after = self.groups.partition_point(|(first, _)| *first <= u64::from(line));
        let (_, supplier) = self.groups.get(after.checked_sub(1)?)?;
        Some((*supplier, self.part))
    }
}

/// Without Parquet no file says by which parts it was cut.
#[cfg(not(feature = "parquet"))]
impl Table<'_> {
    /// Never.
    pub(super) fn is_cut_by(&self, _: &str) -> bool {
        false
    }
}
