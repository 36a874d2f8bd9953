//! Linchpin finds what a supply chain hangs on.

pub mod diagram;
