//! Square matrices of non-negative numbers, and the solve of `x = c + M x` that everything shares which follows amounts to their
//! end. Knows no entity.

mod returned;
mod solve;
mod sparse;

pub use returned::Returned;
pub use solve::{MOST_SWEEPS, SETTLED, Solved, solve};
pub use sparse::Sparse;

use crate::part::{Halo, Part};

/// A square matrix of non-negative numbers, row by row. A process that has a part of the rows answers for these alone.
pub trait Matrix: Sync {
    /// Number of rows.
    fn len(&self) -> usize;

    /// Whether there are no rows.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries that are not zero.
    fn entries(&self) -> usize;

    /// The entry of a row in its own column.
    fn own(&self, row: usize) -> f64;

    /// A row without its diagonal times a vector of as many numbers as there are rows.
    fn dot_beside(&self, row: usize, x: &[f64]) -> f64;

    /// What the rows of this process need of others.
    fn halo(&self, part: &Part) -> Halo;
}
