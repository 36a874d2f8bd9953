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

    /// Share of each buyer's cost that ever meets a set, 0 to 1: each member takes `absorb[k]` (0 to 1) of what
    /// passes it and lets the rest go on. With one member at 1 this is the reach share `L_ik / L_kk`; the
    /// buyer's own start does not count as a meeting.
    ///
    /// Cost: one solve for all buyers.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn reach_shares(&self, absorb: &[f64]) -> Result<Vec<f64>, SolveError> {
        let mut shares = self.gather(absorb, |at| 1.0 - absorb.get(at).copied().unwrap_or(0.0))?;
        shares.iter_mut().for_each(|share| *share = share.min(1.0));
        Ok(shares)
    }

    /// Money that ends up with a set per unit of each buyer's cost, all tiers summed, 0 or more: the
    /// look-through `E_ik` summed over the members with their weights.
    ///
    /// Cost: one solve for all buyers.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn look_through_to(&self, weights: &[f64]) -> Result<Vec<f64>, SolveError> {
        self.gather(weights, |_| 1.0)
    }

    /// Share of each buyer's cost that is paid to a set directly, 0 to 1.
    pub fn face_value_of(&self, weights: &[f64]) -> Vec<f64> {
        let weight = |supplier: EntityId| weights.get(supplier.index()).copied().unwrap_or(0.0);
        // an empty sum of floats is -0: start from 0
        let row = |buyer| {
            let links = self.of(EntityId::new(buyer)).iter();
            links.fold(0.0, |sum, link| sum + link.share * weight(link.supplier))
        };
        (0..self.len()).map(row).collect()
    }

    /// Sums `W s + W D W s + W D W D W s + …` until a round adds nothing, D being what passes on.
    fn gather(&self, start: &[f64], passes: impl Fn(usize) -> f64) -> Result<Vec<f64>, SolveError> {
        let mut wave = self.face_value_of(start);
        let mut total = vec![0.0; self.len()];
        let mut residual = 0.0;
        for _ in 0..MOST_ROUNDS {
            residual = wave.iter().fold(0.0, |most: f64, value| most.max(*value));
            for (sum, value) in total.iter_mut().zip(&wave) {
                *sum += value;
            }
            if residual <= SETTLED {
                return Ok(total);
            }
            wave.iter_mut().enumerate().for_each(|(at, value)| *value *= passes(at));
            wave = self.face_value_of(&wave);
        }
        Err(SolveError::ClosedLoop { residual, rounds: MOST_ROUNDS })
    }
}
