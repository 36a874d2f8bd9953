//! Kernels of the models that carry a shock through a network: numbers only. `analysis/shock/` names them and says what
//! they mean.

mod creep;
pub mod cross_holdings;
pub mod debt_rank;
pub mod esri;
pub mod explain;
pub mod functional;
pub mod independent;
pub mod input_output;
pub mod inventory;
pub mod linear;
pub mod paths;
mod replacement;
pub mod shapley;
pub mod spectral;
pub mod target;
pub mod threshold;
pub mod time_to_survive;
