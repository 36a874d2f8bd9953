//! Linchpin finds what a supply chain hangs on.

pub mod analysis;
pub mod answer;
pub mod dataset;
pub mod diagram;
pub mod graph;
pub mod model;
pub mod network;
pub mod propagation;
pub mod scope;
pub mod structure;
