//! Graph algorithms over compressed rows: who dominates whom, what must be cut, how far upstream something
//! stands. Pure functions from a [`Digraph`] to numbers: no words, no records, no dataset.
//!
//! Every edge keeps its position as its id, so that parallel edges (two products over one tie) stay two
//! edges. All results are the same at any number of threads.

mod betweenness;
mod breadth;
mod components;
#[cfg(feature = "cluster")]
mod components_in;
mod cut;
mod cycles;
mod digraph;
mod dominators;
mod ended;
mod flow;
mod modularity;
mod routes;
mod separators;
mod sets;
mod spectrum;
pub mod trophic;
mod web;

pub use betweenness::{Sampled, betweenness, betweenness_sampled};
pub use components::{raw, strong, strong_in, weak, weak_in};
pub use cut::{VertexCut, vertex_cut, vertex_cut_from_any};
pub use cycles::{Cycles, simple_cycles};
pub use digraph::{Digraph, Edge};
pub use dominators::Dominators;
pub use ended::{Ended, Limits};
pub use flow::{Arc, max_flow};
pub use modularity::{assortativity, communities, modularity};
pub use routes::{Route, Routes, cheapest_routes};
pub use separators::{Separators, separators};
pub use sets::{SmallestSets, smallest_sets};
pub use spectrum::{Dominant, Unsettled, dominant, long_run};
