//! RON files and tables of a folder → a checked [`crate::model`]. The only reader of datasets; all
//! validation happens here.

mod canonical;
mod check;
mod codes;
mod diagnostic;
pub(crate) mod files;
mod lower;
pub(crate) mod outline;
mod patch;
pub(crate) mod read;
mod record;
mod render;
pub(crate) mod ron_error;
pub(crate) mod scan;
pub(crate) mod session;
mod snapshot;
mod tables;
mod trail;
mod write;

use std::path::Path;

use crate::model::Facts;
use crate::observer::{Observer, Unobserved};

pub use check::rescale_shares;
pub use codes::{Code, Severity};
pub use diagnostic::{Diagnostic, Related, Span};
pub use patch::{PatchError, PatchErrors, patched};
pub use render::render_all;
pub use snapshot::snapshot;
pub use write::{Field, PlainGraph, Section, WriteError, WrittenRecord, to_ron, written_records};

use files::Origin;
use session::Session;

/// What a load gives: the facts, unless a problem stops it, and all problems.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The checked facts; `None` where any problem is an error.
    pub facts: Option<Facts>,
    /// All problems, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads and checks the dataset in a folder, or in a single RON file.
pub fn load(path: &Path) -> Loaded {
    load_observed(path, &Unobserved)
}

/// The same, telling an observer how many rows of bulk tables have been read.
pub fn load_observed(path: &Path, observer: &dyn Observer) -> Loaded {
    load_from(&Origin::Path(path), observer)
}

/// Reads and checks a dataset that is compiled into the program: names and texts of its files.
pub fn load_embedded(files: &[(&str, &str)]) -> Loaded {
    load_from(&Origin::Embedded(files), &Unobserved)
}

fn load_from(origin: &Origin, observer: &dyn Observer) -> Loaded {
    let mut session = Session::default();
    let records = read::read(origin, &mut session);
    let bulk = tables::declare((origin, observer), &mut session, &records);
    let ids = lower::Ids::new(&records, &bulk);
    let (mut facts, money) = lower::lower(&records, &ids, &mut session);
    tables::lower((origin, observer), &mut session, &records, &ids, &bulk, &mut facts);
    check::check(&mut session, &records, &ids, &bulk, &money, &mut facts);
    let facts = (!session.has_errors()).then_some(facts);
    Loaded { facts, diagnostics: session.finish() }
}
