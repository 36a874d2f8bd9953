//! What of a unit of cost comes back, and what of it ever meets a set: the parts of `L = (I - W)^-1` that need
//! no solve over the whole network.

use std::collections::BTreeMap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::DiGraph;
use rayon::prelude::*;

use super::cost::{MOST_ROUNDS, SETTLED};
use super::{CostNetwork, SolveError};
use crate::model::EntityId;

/// Largest loop that is inverted densely; larger ones are followed round by round, one solve a member.
const MOST_DENSE: usize = 1_000;
/// A pivot below this means that what circulates never leaves.
const LEAST_LEAK: f64 = 1e-13;

impl CostNetwork {
    /// `L_kk` of every entity: how often a unit of its own cost passes it, the start included; 1 or more, and
    /// exactly 1 for who buys from nobody that buys from it, directly or in turn.
    ///
    /// A way back to k stays within k's strongly connected component, so only components are inverted.
    /// Cost: linear, and m³ for each component of m members.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn leontief_diagonal(&self) -> Result<Vec<f64>, SolveError> {
        let mut ties: DiGraph<(), ()> = DiGraph::with_capacity(self.len(), 0);
        for _ in 0..self.len() {
            ties.add_node(());
        }
        for buyer in (0..self.len()).map(EntityId::new) {
            for link in self.of(buyer) {
                ties.add_edge(buyer.0.into(), link.supplier.0.into(), ());
            }
        }
        let mut diagonal = vec![1.0; self.len()];
        for component in kosaraju_scc(&ties) {
            let mut members: Vec<EntityId> = component.iter().map(|at| EntityId::new(at.index())).collect();
            members.sort_unstable();
            let values = if members.len() <= MOST_DENSE {
                self.dense_diagonal(&members)?
            } else {
                let row = |member: &EntityId| Ok(self.leontief_row(*member)?[member.index()]);
                members.par_iter().map(row).collect::<Result<Vec<f64>, SolveError>>()?
            };
            for (member, value) in members.iter().zip(values) {
                diagonal[member.index()] = value;
            }
        }
        Ok(diagonal)
    }

    /// Diagonal of the inverse of `I - W` on a component by Gauss-Jordan elimination. Rows are diagonally
    /// dominant, so it needs no pivoting.
    fn dense_diagonal(&self, members: &[EntityId]) -> Result<Vec<f64>, SolveError> {
        let m = members.len();
        let position: BTreeMap<EntityId, usize> =
            members.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let mut a = vec![0.0; m * m];
        for (row, member) in members.iter().enumerate() {
            a[row * m + row] += 1.0;
            for link in self.of(*member) {
                if let Some(column) = position.get(&link.supplier) {
                    a[row * m + column] -= link.share;
                }
            }
        }
        let mut pivot_row = vec![0.0; m];
        for k in 0..m {
            let pivot = a[k * m + k];
            if pivot < LEAST_LEAK {
                return Err(SolveError::ClosedLoop { residual: 1.0 - pivot, rounds: 0 });
            }
            a[k * m + k] = 1.0;
            for value in &mut a[k * m..(k + 1) * m] {
                *value /= pivot;
            }
            pivot_row.copy_from_slice(&a[k * m..(k + 1) * m]);
            for row in (0..m).filter(|row| *row != k) {
                let factor = std::mem::replace(&mut a[row * m + k], 0.0);
                if factor != 0.0 {
                    for (value, pivot) in a[row * m..(row + 1) * m].iter_mut().zip(&pivot_row) {
                        *value -= factor * pivot;
                    }
                }
            }
        }
        Ok((0..m).map(|k| a[k * m + k]).collect())
    }

    /// One step upstream: `wave W`, the shares of cost one tier further up.
    pub fn step_upstream(&self, wave: &[f64]) -> Vec<f64> {
        let mut next = vec![0.0; self.len()];
        for (at, value) in wave.iter().enumerate().filter(|(_, value)| **value > 0.0) {
            for link in self.of(EntityId::new(at)) {
                next[link.supplier.index()] += value * link.share;
            }
        }
        next
    }

    /// Share of the buyer's cost that ever meets a set, 0 to 1: each member takes `absorb[k]` (0 to 1) of what
    /// passes it and lets the rest go on. With one member at 1 this is the reach share `L_ik / L_kk`; the
    /// buyer's own start does not count as a meeting.
    ///
    /// # Errors
    /// Spending that circulates without a leak and never meets the set.
    pub fn reach_share(&self, buyer: EntityId, absorb: &[f64]) -> Result<f64, SolveError> {
        let mut wave = vec![0.0; self.len()];
        if let Some(start) = wave.get_mut(buyer.index()) {
            *start = 1.0;
        }
        let mut met = 0.0;
        let mut residual = 1.0;
        for _ in 0..MOST_ROUNDS {
            wave = self.step_upstream(&wave);
            residual = 0.0;
            for (value, absorb) in wave.iter_mut().zip(absorb) {
                met += *value * absorb;
                *value *= 1.0 - absorb;
                residual = f64::max(residual, *value);
            }
            if residual <= SETTLED {
                return Ok(met.min(1.0));
            }
        }
        Err(SolveError::ClosedLoop { residual, rounds: MOST_ROUNDS })
    }
}
