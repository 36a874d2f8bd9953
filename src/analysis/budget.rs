//! How much of a measure that takes one search for each node is worked out: work is counted, not time, so that answers do not hang on
//! the machine.

/// Most steps, searches times edges, of a measure that takes one search for each of many nodes: some seconds.
const MOST_STEPS: usize = 1_000_000_000;
/// Steps of a sparse solve, relative to its links.
const ROUNDS: usize = 64;
/// Answers have this many of a measure at least, however large the graph.
const LEAST: usize = 16;

/// Whether so many searches over so many edges are done in a few seconds.
pub(super) fn affordable(searches: usize, edges: usize) -> bool {
    searches.saturating_mul(edges) <= MOST_STEPS
}

/// How many sparse solves over so many links are worked out.
pub(super) fn solves(links: usize) -> usize {
    (4 * MOST_STEPS / (ROUNDS * links.max(1))).max(LEAST)
}

/// How many searches over so many edges are worked out.
pub(super) fn searches(edges: usize) -> usize {
    (MOST_STEPS / edges.max(1)).max(LEAST)
}

/// How many single-source searches by length a sample takes.
pub(super) fn sources(edges: usize) -> usize {
    (MOST_STEPS / 5 / edges.max(1)).max(LEAST)
}
