//! RON files and tables of a folder → a checked [`crate::model`]. The only reader of datasets; all
//! validation happens here.

mod canonical;
mod check;
mod codes;
#[cfg(feature = "cluster")]
mod cut;
mod diagnostic;
mod files;
mod lower;
mod outline;
mod patch;
mod read;
mod record;
mod render;
mod ron_error;
mod scan;
mod session;
mod snapshot;
mod tables;
mod trail;
mod write;

use std::path::Path;

use crate::model::Facts;
use crate::observer::{Observer, Unobserved};
use crate::part::{Line, Part};

pub use check::rescale_shares;
pub use codes::{Code, Severity};
#[cfg(feature = "cluster")]
pub use cut::{Cut, CutError, Share, cut};
pub use diagnostic::{Diagnostic, Related, Span};
pub use patch::{PatchError, PatchErrors, patched};
pub use render::render_all;
pub use snapshot::snapshot;
#[cfg(feature = "cluster")]
pub use tables::Form as TableForm;
pub use write::{Field, PlainGraph, Section, WriteError, WrittenRecord, to_ron, written_records};

use files::Origin;
use session::Session;

/// What reads RON text with the places of its parts, and says what is wrong with it: for other files of the same sort, as saved queries.
pub mod reading {
    pub use super::files::Origin;
    pub use super::outline::{Section, entries, items, outline};
    pub use super::read::text_of;
    pub use super::ron_error::explain;
    pub use super::scan::{BracketFault, Groups, Lexer, MAX_DEPTH, Token, closing, groups};
    pub use super::session::Text;
}

/// What a load gives: the facts, unless a problem stops it, and all problems.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The checked facts; `None` where any problem is an error.
    pub facts: Option<Facts>,
    /// All problems, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
    /// The entities whose links were read: all, but where processes share them.
    pub part: Part,
}

/// Reads and checks the dataset in a folder, or in a single RON file.
pub fn load(path: &Path) -> Loaded {
    load_observed(path, &Unobserved)
}

/// The same, telling an observer how many rows of bulk tables have been read.
pub fn load_observed(path: &Path, observer: &dyn Observer) -> Loaded {
    load_from(&Origin::Path(path), observer, None)
}

/// The same for one of several processes: rows of bulk tables are kept where one of their ends is an entity of its part.
///
/// Whose an entity is says the column `part` of a table of entities (parts are shared out evenly among the processes, neighbouring
/// ones together), or else a hash of its key. All processes call it on the same files.
pub fn load_part(path: &Path, observer: &dyn Observer, line: Line) -> Loaded {
    load_from(&Origin::Path(path), observer, Some(line))
}

/// Reads and checks a dataset that is compiled into the program: names and texts of its files.
pub fn load_embedded(files: &[(&str, &str)]) -> Loaded {
    load_from(&Origin::Embedded(files), &Unobserved, None)
}

fn load_from(origin: &Origin, observer: &dyn Observer, line: Option<Line>) -> Loaded {
    let Opened { session, facts, part, .. } = open(origin, observer, line);
    let facts = (!session.has_errors()).then_some(facts);
    Loaded { facts, diagnostics: session.finish(), part }
}

/// A dataset with what it was read from.
struct Opened {
    session: Session,
    #[cfg(feature = "cluster")]
    records: read::Records,
    #[cfg(feature = "cluster")]
    bulk: tables::Bulk,
    #[cfg(feature = "cluster")]
    ids: lower::Ids,
    facts: Facts,
    part: Part,
}

fn open(origin: &Origin, observer: &dyn Observer, line: Option<Line>) -> Opened {
    let mut session = Session::default();
    let records = read::read(origin, &mut session);
    let bulk = tables::declare((origin, observer), line.is_some(), &mut session, &records);
    let ids = lower::Ids::new(&records, &bulk);
    let (mut facts, money) = lower::lower(&records, &ids, &mut session);
    let part = line
        .map_or_else(Part::default, |line| Part::new(line.clone(), owners(line.processes(), &ids, &bulk)));
    tables::lower((origin, observer), &mut session, &records, (&ids, &part), &bulk, &mut facts);
    check::check(&mut session, &records, &ids, &bulk, &money, &mut facts);
    Opened {
        session,
        #[cfg(feature = "cluster")]
        records,
        #[cfg(feature = "cluster")]
        bulk,
        #[cfg(feature = "cluster")]
        ids,
        facts,
        part,
    }
}

/// The process of each entity.
fn owners(processes: usize, ids: &lower::Ids, bulk: &tables::Bulk) -> Vec<u16> {
    let parts = bulk.parts();
    let owner = |key: &str| match bulk.part_of(key) {
        Some(part) => owner(part, parts, processes),
        None => by_hash(key, processes),
    };
    ids.entity_keys().iter().map(|key| owner(key) as u16).collect()
}

/// The process of a part: neighbouring parts together.
fn owner(part: u16, parts: usize, processes: usize) -> usize {
    usize::from(part) * processes / parts.max(1)
}

/// The process of an entity that is in no part.
fn by_hash(key: &str, processes: usize) -> usize {
    (hash(key) % processes as u64) as usize
}

/// FNV-1a, with its bits mixed once more: the same on every machine and in every version of the program.
fn hash(key: &str) -> u64 {
    let mixed = key.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (mixed ^ (mixed >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32
}
