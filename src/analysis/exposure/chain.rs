//! The chain upstream of one entity: what every table of an exposure reads.

use rayon::prelude::*;

use super::super::failing::Losses;
use super::super::{AnalysisError, View};
use super::lines::{CostLine, Line};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network, SolveError};

/// Below this a loss or a share is rounding.
pub(super) const NOTICEABLE: f64 = 1e-12;

/// One entity and all that is upstream of it, on both bases.
pub(super) struct Chain<'v> {
    pub view: &'v View<'v>,
    pub network: Network,
    pub cost: CostNetwork,
    pub of: EntityId,
    /// Least number of steps along needs that bind.
    pub tiers: Vec<Option<u32>>,
    /// Row of L: what passes each entity per unit of cost.
    pub row: Vec<f64>,
    /// Diagonal of L.
    pub diagonal: Vec<f64>,
    /// Suppliers of the entity's binding needs, in the order of their keys.
    pub first_tier: Vec<EntityId>,
    /// Everything upstream, in the order of the keys.
    pub lines: Vec<Line>,
    /// Whether anything is known about function.
    pub function: bool,
}

impl<'v> Chain<'v> {
    /// Follows both networks upstream. Cost: three cascades for each entity upstream, in parallel.
    pub fn new(view: &'v View<'v>, of: EntityId) -> Result<Self, AnalysisError> {
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let tiers = network.tiers_upstream(of);
        let row = solved(cost.leontief_row(of))?;
        let diagonal = solved(cost.leontief_diagonal())?;
        let cost_tiers = cost_tiers(&cost, of);
        let rows = network.needs(of).iter().filter(|row| row.binds());
        let mut first_tier: Vec<EntityId> = rows
            .flat_map(|row| network.suppliers(row))
            .map(|link| link.supplier)
            .filter(|id| *id != of)
            .collect();
        first_tier.sort_unstable();
        first_tier.dedup();
        let upstream = |id: &EntityId| *id != of && (at(&tiers, *id).is_some() || at(&row, *id) > NOTICEABLE);
        let candidates: Vec<EntityId> = view.graph.entity_ids().filter(upstream).collect();
        let lines: Vec<Line> = candidates
            .par_iter()
            .map(|entity| {
                let tier = at(&tiers, *entity);
                let losses = Losses::of(&network, &[(*entity, 1.0)]);
                let mut line = Line::new(&network, &losses, *entity, of, tier.or(at(&cost_tiers, *entity)));
                line.first_tier = first_tier.iter().map(|supplier| losses.low(*supplier)).collect();
                let look_through = at(&row, *entity);
                if look_through > 0.0 {
                    let face_value = cost.face_value(of, *entity);
                    let reach_share = (look_through / at(&diagonal, *entity)).min(1.0);
                    line.cost = Some(CostLine { face_value, look_through, reach_share });
                }
                line
            })
            .collect();
        let function = lines.iter().any(|line| line.stop_loss > 0.0 || line.via.is_some());
        Ok(Self { view, network, cost, of, tiers, row, diagonal, first_tier, lines, function })
    }

    /// Whether an entity is upstream or the focal one itself, along needs that bind.
    pub fn needs(&self, entity: EntityId) -> bool {
        at(&self.tiers, entity).is_some()
    }

    /// Name of the focal entity.
    pub fn name(&self) -> &str {
        &self.view.graph.entity(self.of).name
    }

    /// Share of the focal entity's cost that meets any of these, each taking its part.
    pub fn reach_share(&self, set: &[(EntityId, f64)]) -> Result<f64, AnalysisError> {
        let mut absorb = vec![0.0; self.cost.len()];
        for (entity, share) in set {
            if let Some(slot) = absorb.get_mut(entity.index()) {
                *slot = *share;
            }
        }
        Ok(at(&solved(self.cost.reach_shares(&absorb))?, self.of))
    }
}

/// The value of an entity in a list over all of them.
pub(super) fn at<T: Copy + Default>(values: &[T], id: EntityId) -> T {
    values.get(id.index()).copied().unwrap_or_default()
}

/// The solution, or why there is none.
pub(super) fn solved(result: Result<Vec<f64>, SolveError>) -> Result<Vec<f64>, AnalysisError> {
    result.map_err(|error| AnalysisError::NoData(error.to_string()))
}

/// Least number of steps upstream along cost shares.
fn cost_tiers(cost: &CostNetwork, of: EntityId) -> Vec<Option<u32>> {
    let mut tiers = vec![None; cost.len()];
    tiers[of.index()] = Some(0);
    let (mut front, mut steps) = (vec![of], 0);
    while !front.is_empty() {
        steps += 1;
        let mut next = Vec::new();
        for link in front.iter().flat_map(|entity| cost.of(*entity)) {
            let slot = &mut tiers[link.supplier.index()];
            if slot.is_none() {
                *slot = Some(steps);
                next.push(link.supplier);
            }
        }
        front = next;
    }
    tiers
}
