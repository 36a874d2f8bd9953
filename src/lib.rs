//! Linchpin finds what a supply chain hangs on.

pub mod analysis;
pub mod builtin;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod diagram;
pub mod query;
pub mod report;

#[cfg(feature = "cluster")]
#[doc(inline)]
pub use linchpin_engine::travel;
#[doc(inline)]
pub use linchpin_engine::{
    answer, compressed, crew, dataset, difference, graph, matrix, model, network, observer, order, part,
    propagation, reproducible, scenario, scope, side_by_side, structure, uncertainty, what_if,
};
/// The graphs that [`graph::Graph::to_petgraph`] gives.
pub use petgraph;
