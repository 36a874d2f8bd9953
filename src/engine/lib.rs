//! What the analyses of Linchpin stand on: facts and their reader, networks of a scope, kernels, answers.

pub mod answer;
pub mod compressed;
pub mod crew;
pub mod dataset;
pub mod difference;
pub mod graph;
pub mod matrix;
pub mod model;
pub mod network;
pub mod observer;
pub mod order;
pub mod part;
pub mod propagation;
pub mod reproducible;
pub mod scenario;
pub mod scope;
pub mod side_by_side;
pub mod structure;
#[cfg(feature = "cluster")]
pub mod travel;
pub mod uncertainty;
pub mod what_if;
