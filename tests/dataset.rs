//! Datasets that load, and what comes out.

use std::path::Path;

use linchpin::dataset::{load, render_all};

#[test]
fn toy_graphs_load_without_a_problem() {
    for folder in std::fs::read_dir("graph/toy").expect("toy graphs are there") {
        let folder = folder.expect("readable").path();
        let loaded = load(&folder);
        assert!(loaded.diagnostics.is_empty(), "{}", render_all(&loaded.diagnostics, false));
        assert!(loaded.facts.is_some());
    }
    assert!(load(Path::new("graph/toy/merger/toy.ron")).facts.is_some());
}
