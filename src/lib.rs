//! Linchpin finds what a supply chain hangs on.
pub mod dataset;
pub mod model;
