//! The flagship dataset and the saved queries as they were when the library was compiled, so that an
//! installed program is useful at once.

use crate::dataset::{self, Loaded};
use crate::query;

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// Reads and checks the compiled-in dataset.
pub fn load() -> Loaded {
    dataset::load_embedded(GRAPH_FILES)
}

/// Reads the compiled-in queries.
pub fn queries() -> query::Loaded {
    query::load_embedded(QUERY_FILES)
}
