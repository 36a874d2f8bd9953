//! The linear models of input-output economics on a table of deliveries: what a change of final demand or of primary
//! inputs does to output.
//!
//! For deliveries `z_ij` of i to j, output `x`, final demand `y` and primary inputs (value added) `v`, all money per year,
//!
//! ```text
//! A_ij = z_ij / x_j    what a unit of j's output takes of i         x = A x + y       (Leontief: upstream)
//! B_ij = z_ij / x_i    the part of i's output that goes to j        x' = x' B + v'    (Ghosh: downstream)
//! ```
//!
//! `B = diag(x)^-1 A diag(x)`, so both have one spectral radius. Inoperability `q = -dx / x` is the same in other units:
//! `q = A* q + c*` with `A* = B` and `c* = -dy / x` (Haimes and Jiang 2001), and for supply `p = p A + z*` with `z* = -dv / x`.
//!
//! Ghosh's model supposes that customers replace any input by any other without loss, which is accepted for prices and
//! disputed for quantities (Oosterhaven 1988; Dietzenbacher 1997): read it as who is exposed, not as a forecast.
//!
//! References: W. Leontief, Review of Economic Statistics 18, 105, 1936; A. Ghosh, Economica 25, 58, 1958; Y. Haimes and
//! P. Jiang, Journal of Infrastructure Systems 7, 1, 2001; D. Hawkins and H. Simon, Econometrica 17, 245, 1949.

mod dynamic;
mod linkage;

pub use dynamic::Dynamics;
pub use linkage::{Extraction, Linkages};

use super::spectral::{Radius, spectral_radius};
use crate::matrix::{Solved, Sparse};
use crate::part::Part;

/// Deliveries between sectors (or firms) with their output, as coefficients.
#[derive(Clone, Debug)]
pub struct InputOutput {
    part: Part,
    output: Vec<f64>,
    /// `A_ij` by row: who buys from i.
    technical: Sparse,
    /// `B_ji` in row i: who sells to i, as a part of what each sells in all.
    allocation: Sparse,
}

impl InputOutput {
    /// Coefficients of deliveries (from, to, money per year) and gross outputs (money per year). Several deliveries
    /// between one pair add up. A sector without output has no coefficients: its deliveries are left out.
    ///
    /// Cost: one sort of the deliveries.
    pub fn new(output: Vec<f64>, deliveries: &[(usize, usize, f64)]) -> Self {
        Self::new_in(&Part::default(), output, deliveries)
    }

    /// The same where processes each have all deliveries from and to a part of the sectors, and the outputs of all.
    pub fn new_in(part: &Part, output: Vec<f64>, deliveries: &[(usize, usize, f64)]) -> Self {
        let n = output.len();
        let of = |at: usize| output.get(at).copied().unwrap_or(0.0);
        let alive = |(from, to, _): &&(usize, usize, f64)| of(*from) > 0.0 && of(*to) > 0.0;
        let all = || deliveries.iter().filter(alive);
        let technical = Sparse::new(n, all().map(|(from, to, z)| (*from, *to, z / of(*to))));
        let allocation = Sparse::new(n, all().map(|(from, to, z)| (*to, *from, z / of(*from))));
        Self { part: part.clone(), output, technical, allocation }
    }

    /// Number of sectors.
    pub fn len(&self) -> usize {
        self.output.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.output.is_empty()
    }

    /// The part of the sectors whose deliveries it has.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Gross output by sector, money per year.
    pub fn output(&self) -> &[f64] {
        &self.output
    }

    /// `A`, by row of the supplier.
    pub fn technical(&self) -> &Sparse {
        &self.technical
    }

    /// `B` transposed: in row i, who sells to i, as a part of the seller's output.
    pub fn allocation(&self) -> &Sparse {
        &self.allocation
    }

    /// The spectral radius of `A` (and of `B`), enclosed: below 1 is the condition of Hawkins and Simon, under which
    /// every final demand can be met. Of deliveries that are all here.
    pub fn radius(&self) -> Radius {
        spectral_radius(&self.technical)
    }

    /// Largest column sum of `A`: below 1 where every sector adds value, which suffices for [`Radius::below_one`].
    pub fn largest_column_sum(&self) -> f64 {
        self.technical.largest_column_sum(&self.part)
    }

    /// Change of output for a change of final demand (both money per year): `dx = A dx + dy`. Reads upstream.
    pub fn leontief(&self, demand: &[f64]) -> Solved {
        self.technical.solve_in(&self.part, demand, None)
    }

    /// Change of output for a change of primary inputs (both money per year): `dx' = dx' B + dv'`. Reads downstream.
    pub fn ghosh(&self, primary: &[f64]) -> Solved {
        self.allocation.solve_in(&self.part, primary, None)
    }

    /// Inoperability (share of normal output that is missing) for a perturbation of demand as a share of output:
    /// `q = A* q + c*`. Equals `-dx / x` of [`InputOutput::leontief`] with `dy = -c* x`; not bounded by 1.
    pub fn inoperability(&self, demand: &[f64]) -> Solved {
        self.interdependency().solve_in(&self.part, demand, None)
    }

    /// Inoperability for a perturbation of supply as a share of output: `p = p A + z*`. Equals `-dx / x` of
    /// [`InputOutput::ghosh`] with `dv = -z* x`.
    pub fn supply_inoperability(&self, supply: &[f64]) -> Solved {
        self.technical.transposed().solve_in(&self.part, supply, None)
    }

    /// `A*_ij = A_ij x_j / x_i`, by row: how far the inoperability of a customer j reaches its supplier i.
    pub fn interdependency(&self) -> Sparse {
        self.allocation.transposed()
    }
}
