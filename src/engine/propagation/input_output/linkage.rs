//! How much hangs on a sector: linkages, and the economy without it.

use rayon::prelude::*;

use super::InputOutput;
use crate::matrix::Sparse;

/// Multipliers of each sector, dimensionless, 1 or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Linkages {
    /// Backward: output of the whole economy for one more unit of final demand for the sector (column sum of
    /// `(I - A)^-1`; Rasmussen 1956, not divided by the mean).
    pub backward: Vec<f64>,
    /// Forward: output of the whole economy for one more unit of primary inputs in the sector (row sum of
    /// `(I - B)^-1`).
    pub forward: Vec<f64>,
    /// Largest residual of the two solves.
    pub residual: f64,
    /// Whether both solves settled.
    pub converged: bool,
}

/// What the economy loses without one sector, money per year.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extraction {
    /// Loss of output, the sector's own included.
    pub total: f64,
    /// The part of it in the other sectors.
    pub others: f64,
    /// Residual of the solve, money per year.
    pub residual: f64,
    /// Whether the solve settled.
    pub converged: bool,
}

impl InputOutput {
    /// Backward and forward linkages of all sectors, from one solve each.
    pub fn linkages(&self) -> Linkages {
        let ones = vec![1.0; self.len()];
        let backward = self.technical.transposed().solve_in(&self.part, &ones, None);
        let forward = self.interdependency().solve_in(&self.part, &ones, None);
        Linkages {
            residual: backward.residual.max(forward.residual),
            converged: backward.converged && forward.converged,
            backward: backward.x,
            forward: forward.x,
        }
    }

    /// The economy without one sector: its deliveries, its purchases and its final demand are gone, everybody else's
    /// final demand stays and is met without it (hypothetical extraction; Paelinck, de Caevel and Degueldre 1965).
    ///
    /// The losses of the others solve `d = A d + a_k x_k` without row and column k. Cost: one solve.
    pub fn extraction(&self, sector: usize) -> Extraction {
        self.without(&self.technical.transposed(), sector)
    }

    /// [`InputOutput::extraction`] of every sector: in parallel, or one after the other where processes share each.
    pub fn extractions(&self) -> Vec<Extraction> {
        let columns = self.technical.transposed();
        match self.part.is_whole() {
            true => (0..self.len()).into_par_iter().map(|sector| self.without(&columns, sector)).collect(),
            false => (0..self.len()).map(|sector| self.without(&columns, sector)).collect(),
        }
    }

    fn without(&self, columns: &Sparse, sector: usize) -> Extraction {
        let own = self.output.get(sector).copied().unwrap_or(0.0);
        let mut bought = vec![0.0; self.len()];
        for (supplier, coefficient) in columns.row(sector) {
            if let Some(slot) = bought.get_mut(supplier) {
                *slot = coefficient * own;
            }
        }
        // a process knows what its own sectors deliver, which are the rows that it solves
        let solved = self.technical.solve_in(&self.part, &bought, Some(sector));
        let others: f64 = solved.x.iter().sum();
        Extraction { total: own + others, others, residual: solved.residual, converged: solved.converged }
    }
}
