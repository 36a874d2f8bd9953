//! Kernels of the models that carry a shock through a network: numbers only. `analysis/shock/` names them and says what
//! they mean.

mod creep;
pub mod functional;
pub mod inventory;
mod replacement;
pub mod time_to_survive;
