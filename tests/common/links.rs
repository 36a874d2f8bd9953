//! Small graphs drawn at random: how many nodes, and links as pairs of them.

use proptest::prelude::*;

prop_compose! {
    pub fn graphs()(nodes in 1u32..40)(nodes in Just(nodes), pairs in proptest::collection::vec((0..nodes, 0..nodes), 0..90))
        -> (u32, Vec<(u32, u32)>) {
        (nodes, pairs)
    }
}
