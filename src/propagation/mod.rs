//! Models that carry a shock through a network. One file a model.

pub mod functional;
