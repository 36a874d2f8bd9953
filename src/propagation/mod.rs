//! Kernels of the models that carry a shock through a network: numbers only. `analysis/shock/` names them and says what
//! they mean.

mod creep;
pub mod cross_holdings;
pub mod debt_rank;
pub mod esri;
pub mod functional;
pub mod independent;
pub mod input_output;
pub mod inventory;
mod replacement;
pub mod sparse;
pub mod spectral;
pub mod threshold;
pub mod time_to_survive;
