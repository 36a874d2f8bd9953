//! Linchpin finds what a supply chain hangs on.
