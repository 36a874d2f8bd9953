//! The flagship dataset and the saved queries as they were when the library was compiled, so that an
//! installed program is useful at once.

use crate::dataset::{self, Loaded};

include!(concat!(env!("OUT_DIR"), "/builtin.rs"));

/// Reads and checks the compiled-in dataset.
pub fn load() -> Loaded {
    dataset::load_embedded(GRAPH_FILES)
}
