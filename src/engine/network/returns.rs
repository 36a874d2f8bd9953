//! What of a unit of cost comes back, and what of it ever meets a set: the parts of `L = (I - W)^-1` that need
//! no solve over the whole network.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::cost::{MOST_ROUNDS, Spending};
use super::{CostNetwork, SolveError};
use crate::compressed::Components;
use crate::model::EntityId;

/// Largest loop that is inverted densely; in larger ones members are followed round by round.
const MOST_DENSE: usize = 1_000;
/// A pivot below this means that what circulates never leaves.
const LEAST_LEAK: f64 = 1e-13;
/// Members of a large loop that are followed side by side: one pass over its links serves them all.
const LANES: usize = 8;
/// What is left in a round, of one unit, when following a member of a large loop ends.
const LANES_SETTLED: f64 = 1e-13;

/// The links of one strongly connected component, by buyer.
struct Loop {
    start: Vec<u32>,
    links: Vec<(u32, f64)>,
}

impl CostNetwork {
    /// `L_kk` of every entity: how often a unit of its own cost passes it, the start included; 1 or more, and
    /// exactly 1 for who buys from nobody that buys from it, directly or in turn.
    ///
    /// A way back to k stays within k's strongly connected component, so only components are inverted.
    /// Cost: linear, m³ for each component of m members up to 1,000; a larger one takes a solve on its links for every eight members.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn leontief_diagonal(&self) -> Result<Vec<f64>, SolveError> {
        let all: Vec<EntityId> = (0..self.len()).map(EntityId::new).collect();
        self.leontief_diagonal_of(&all)
    }

    /// The same for some entities, in their order; nothing is spent on loops in which none of them stands.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn leontief_diagonal_of(&self, entities: &[EntityId]) -> Result<Vec<f64>, SolveError> {
        let components = self.payments().strong();
        let mut asked: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, entity) in entities.iter().enumerate() {
            asked.entry(components.of(entity.0)).or_default().push(at);
        }
        let mut diagonal = vec![1.0; entities.len()];
        for (component, places) in asked {
            let members = components.members(component as usize);
            let values = if members.len() <= MOST_DENSE {
                let members: Vec<EntityId> = members.iter().map(|member| EntityId(*member)).collect();
                let all = self.dense_diagonal(&members)?;
                let of = |place: &usize| members.binary_search(&entities[*place]).map_or(1.0, |at| all[at]);
                places.iter().map(of).collect()
            } else {
                let inside = self.inside(&components, component);
                let targets: Vec<u32> = places
                    .iter()
                    .filter_map(|place| members.binary_search(&entities[*place].0).ok())
                    .map(|at| at as u32)
                    .collect();
                inside.diagonal_of(&targets)?
            };
            for (place, value) in places.into_iter().zip(values) {
                diagonal[place] = value;
            }
        }
        Ok(diagonal)
    }

    /// The links within a component, its members numbered in their order.
    fn inside(&self, components: &Components, component: u32) -> Loop {
        let members = components.members(component as usize);
        let mut local = vec![0u32; self.len()];
        members.iter().enumerate().for_each(|(at, member)| local[*member as usize] = at as u32);
        let mut inside = Loop { start: vec![0], links: Vec::new() };
        for member in members {
            let links = self.of(EntityId(*member)).iter();
            let links = links.filter(|link| components.of(link.supplier.0) == component);
            inside.links.extend(links.map(|link| (local[link.supplier.index()], link.share)));
            inside.start.push(inside.links.len() as u32);
        }
        inside
    }

    /// Whether each entity stands in a loop too large to invert, so that its `L_kk` takes a solve of its own.
    ///
    /// Cost: one pass over the links.
    pub fn in_large_loops(&self) -> Vec<bool> {
        let components = self.payments().strong();
        let mut large = vec![false; self.len()];
        for members in components.iter().filter(|members| members.len() > MOST_DENSE) {
            members.iter().for_each(|member| large[*member as usize] = true);
        }
        large
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

    /// Share of each buyer's cost that ever meets a set, 0 to 1: each member takes `absorb[k]` (0 to 1) of what
    /// passes it and lets the rest go on. With one member at 1 this is the reach share `L_ik / L_kk`; the
    /// buyer's own start does not count as a meeting.
    ///
    /// Cost: one solve for all buyers.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn reach_shares(&self, absorb: &[f64]) -> Result<Vec<f64>, SolveError> {
        let passes: Vec<f64> =
            (0..self.len()).map(|at| 1.0 - absorb.get(at).copied().unwrap_or(0.0)).collect();
        let met = self.solve(&self.by_entity(absorb), Spending::through(self, &passes))?;
        Ok(self.pay(&met).into_iter().map(|share| share.min(1.0)).collect())
    }

    /// Money that ends up with a set per unit of each buyer's cost, all tiers summed, 0 or more: the
    /// look-through `E_ik` summed over the members with their weights.
    ///
    /// Cost: one solve for all buyers.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn look_through_to(&self, weights: &[f64]) -> Result<Vec<f64>, SolveError> {
        let met = self.solve(&self.by_entity(weights), Spending::downstream(self))?;
        Ok(self.pay(&met))
    }

    /// Share of each buyer's cost that is paid to a set directly, 0 to 1.
    pub fn face_value_of(&self, weights: &[f64]) -> Vec<f64> {
        self.pay(&self.by_entity(weights))
    }

    /// Numbers of the first entities, and 0 for the rest.
    fn by_entity(&self, numbers: &[f64]) -> Vec<f64> {
        (0..self.len()).map(|at| numbers.get(at).copied().unwrap_or(0.0)).collect()
    }
}

impl Loop {
    /// `L_kk` of some members: what a unit that starts there leaves there, round by round.
    fn diagonal_of(&self, targets: &[u32]) -> Result<Vec<f64>, SolveError> {
        let mut diagonal = Vec::with_capacity(targets.len());
        for lanes in targets.chunks(LANES) {
            diagonal.extend(self.follow(lanes)?);
        }
        Ok(diagonal)
    }

    fn follow(&self, targets: &[u32]) -> Result<Vec<f64>, SolveError> {
        let n = self.start.len() - 1;
        let mut wave = vec![[0.0; LANES]; n];
        let mut found = [0.0; LANES];
        targets.iter().enumerate().for_each(|(lane, target)| wave[*target as usize][lane] = 1.0);
        let mut next = vec![[0.0; LANES]; n];
        let mut residual = f64::INFINITY;
        for _ in 0..MOST_ROUNDS {
            for (lane, target) in targets.iter().enumerate() {
                found[lane] += wave[*target as usize][lane];
            }
            residual = wave.iter().flatten().fold(0.0, |most: f64, value| most.max(*value));
            if residual <= LANES_SETTLED {
                return Ok(found[..targets.len()].to_vec());
            }
            next.par_iter_mut().enumerate().for_each(|(at, sums)| {
                *sums = [0.0; LANES];
                for (supplier, share) in &self.links[self.start[at] as usize..self.start[at + 1] as usize] {
                    let from = &wave[*supplier as usize];
                    sums.iter_mut().zip(from).for_each(|(sum, value)| *sum += value * share);
                }
            });
            std::mem::swap(&mut wave, &mut next);
        }
        Err(SolveError::ClosedLoop { residual, rounds: MOST_ROUNDS })
    }
}
