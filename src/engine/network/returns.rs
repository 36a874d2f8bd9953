//! What of a unit of cost comes back, and what of it ever meets a set: the parts of `L = (I - W)^-1` that need
//! no solve over the whole network.

use std::collections::BTreeMap;

use super::cost::Spending;
use super::{CostNetwork, SolveError};
use crate::compressed::Components;
use crate::matrix::Sparse;
use crate::model::EntityId;

/// Largest loop whose members' own numbers come with everything else; in a larger one each takes a solve of its own.
const MOST_MEMBERS: usize = 1_000;
/// Where less than this ever leaves, what circulates never does.
const LEAST_LEAK: f64 = 1e-13;

impl CostNetwork {
    /// `L_kk` of every entity: how often a unit of its own cost passes it, the start included; 1 or more, and
    /// exactly 1 for who buys from nobody that buys from it, directly or in turn.
    ///
    /// A way back to k stays within k's strongly connected component, so only components are looked at, as [`Sparse::returned`] does.
    /// Cost: linear, and for each component of m members m³, or some passes over its links for every eight of them.
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
        let local = components.places();
        let mut diagonal = vec![1.0; entities.len()];
        for (component, places) in asked {
            let rows: Vec<u32> = places.iter().map(|place| local[entities[*place].index()]).collect();
            let returned = self.inside(&components, component, &local).returned(&rows);
            for (place, share) in places.into_iter().zip(returned.share) {
                if !returned.converged || 1.0 - share < LEAST_LEAK {
                    let (residual, rounds) = (returned.residual, returned.rounds);
                    return Err(SolveError::ClosedLoop { residual, rounds });
                }
                diagonal[place] = 1.0 / (1.0 - share);
            }
        }
        Ok(diagonal)
    }

    /// The shares within a component, its members at their places.
    fn inside(&self, components: &Components, component: u32, place: &[u32]) -> Sparse {
        let members = components.members(component as usize);
        let at = |entity: usize| place[entity] as usize;
        let links = members.iter().flat_map(|member| {
            let links = self.of(EntityId(*member)).iter();
            let links = links.filter(|link| components.of(link.supplier.0) == component);
            links.map(move |link| (at(*member as usize), at(link.supplier.index()), link.share))
        });
        Sparse::sorted(members.len(), links)
    }

    /// Whether each entity stands in a large loop, so that its `L_kk` takes a solve of its own.
    ///
    /// Cost: one pass over the links.
    pub fn in_large_loops(&self) -> Vec<bool> {
        let components = self.payments().strong();
        let mut large = vec![false; self.len()];
        for members in components.iter().filter(|members| members.len() > MOST_MEMBERS) {
            members.iter().for_each(|member| large[*member as usize] = true);
        }
        large
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
