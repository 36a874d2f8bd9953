//! Datasets of which several threads, as processes, hold a part of the links each.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use linchpin::analysis::{Ask, View};
use linchpin::dataset::{Loaded, load, load_part};
use linchpin::graph::Graph;
use linchpin::observer::Unobserved;
use linchpin::part::{Exchange, Together};
use linchpin::scope::ScopeSpec;

/// A folder that goes when the test is over.
pub struct Folder(pub PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A sequence of numbers that look random and are always the same.
pub struct Numbers(pub u64);

impl Numbers {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % limit
    }
}

/// The hash of the data and the answers to the questions, as JSON; or what stands against them.
fn answers(loaded: Loaded, asks: &[Ask]) -> (String, Vec<String>) {
    let facts = loaded.facts.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics));
    let hash = facts.content_hash_in(&loaded.part);
    let graph = Graph::new(facts, hash.clone()).held_in_part(loaded.part);
    let scope = ScopeSpec::default().resolve(graph.default_as_of()).unwrap();
    let view = View { graph: &graph, scope };
    let answer = |ask: &Ask| match ask.run(&view) {
        Ok(answer) => serde_json::to_string(&answer).unwrap(),
        Err(error) => error.to_string(),
    };
    (hash, asks.iter().map(answer).collect())
}

/// The same of each of so many processes.
pub fn asked_of_parts(folder: &Path, processes: usize, asks: &[Ask]) -> Vec<(String, Vec<String>)> {
    std::thread::scope(|scope| {
        let start = |end: Together| {
            let line: Arc<dyn Exchange> = Arc::new(end);
            scope.spawn(move || answers(load_part(folder, &Unobserved, line), asks))
        };
        let running: Vec<_> = Together::of(processes).into_iter().map(start).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

/// Whether 2, 3 and 5 processes that share the links of a dataset give the bytes of one.
pub fn same(folder: &Path, asks: &[Ask]) {
    let alone = answers(load(folder), asks);
    assert!(asks.iter().all(|ask| ask.shares_links().is_ok()));
    for answer in &alone.1 {
        assert!(answer.starts_with('{'), "{answer}");
    }
    for processes in [2, 3, 5] {
        for (process, told) in asked_of_parts(folder, processes, asks).into_iter().enumerate() {
            assert_eq!(told.0, alone.0, "hash in process {process} of {processes}");
            for ((told, own), ask) in told.1.iter().zip(&alone.1).zip(asks) {
                assert!(told == own, "process {process} of {processes}: {ask:?}\n{told}\n{own}");
            }
        }
    }
}
