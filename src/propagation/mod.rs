//! Models that carry a shock through a network. One file a model, and its name in [`MODELS`].

mod creep;
pub mod cross_holdings;
pub mod debt_rank;
pub mod functional;
pub mod independent;
pub mod input_output;
mod replacement;
pub mod sparse;
pub mod spectral;
pub mod threshold;

/// The models by name, and what each carries.
pub const MODELS: &[(&str, &str)] = &[(
    "functional",
    "loss of function downstream: the scarcest essential input binds, others add; no stocks, no time",
)];
