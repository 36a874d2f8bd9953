//! The flagship dataset, those that saved queries name beside it, and the saved queries, as they were when the
//! library was compiled, so that an installed program is useful at once.

use crate::dataset::{self, Loaded};
use crate::query;

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// The name of the flagship dataset.
pub const FLAGSHIP: &str = "ai-infrastructure";

/// The names of the compiled-in datasets, the flagship first.
pub fn names() -> impl Iterator<Item = &'static str> {
    GRAPHS.iter().map(|(name, _)| *name)
}

/// Reads and checks the compiled-in dataset of that name; `None` where there is none.
pub fn load(name: &str) -> Option<Loaded> {
    let (_, files) = GRAPHS.iter().find(|(own, _)| *own == name)?;
    Some(dataset::load_embedded(files))
}

/// Reads the compiled-in queries.
pub fn queries() -> query::Loaded {
    query::load_embedded(QUERIES)
}
