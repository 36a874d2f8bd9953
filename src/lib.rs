//! Linchpin finds what a supply chain hangs on.

pub mod analysis;
pub mod answer;
pub mod builtin;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "cluster")]
pub mod cluster;
pub mod compressed;
pub mod crew;
pub mod dataset;
pub mod diagram;
pub mod difference;
pub mod graph;
pub mod model;
pub mod network;
pub mod observer;
pub mod part;
pub mod propagation;
pub mod query;
pub mod report;
pub mod reproducible;
pub mod scenario;
pub mod scope;
pub mod structure;
pub mod uncertainty;
pub mod what_if;
