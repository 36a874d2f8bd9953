//! The chain upstream of one entity: what every table of an exposure reads.

use std::sync::atomic::{AtomicUsize, Ordering};

use super::super::failing::{Losses, OpenShares};
use super::super::{AnalysisError, View, budget};
use super::lines::{CostLine, Line};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network, SolveError};
use crate::observer::Observer;
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

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
    /// Diagonal of L; `None` where it would take a solve of its own and there are too many of them.
    pub diagonal: Vec<Option<f64>>,
    /// Suppliers of the entity's binding needs, in the order of their keys.
    pub first_tier: Vec<EntityId>,
    /// Everything upstream, in the order of the keys.
    pub lines: Vec<Line>,
    /// Whether anything is known about function.
    pub function: bool,
    /// What was left out because the graph is too large.
    pub left_out: Vec<String>,
}

impl<'v> Chain<'v> {
    /// Follows both networks upstream. Cost: three to five cascades for each entity upstream, in parallel, where any need binds; on
    /// large graphs for the nearest ones only.
    pub fn new(view: &'v View<'v>, of: EntityId, observer: &dyn Observer) -> Result<Self, AnalysisError> {
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let tiers = network.tiers_upstream(of);
        let row = solved(cost.leontief_row(of))?;
        let mut left_out = Vec::new();
        let (diagonal, unknown) = diagonal(&cost, &row)?;
        if unknown > 0 {
            left_out.push(format!(
                "the reach shares of {unknown} entities with the least look-through are left out: each stands in a large loop and would take a \
                 solve of its own"
            ));
        }
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
        let carried = with_cascades(&network, &candidates, &tiers, &mut left_out);
        let open = OpenShares::of(&network);
        observer.begin(candidates.len());
        let unheard = AtomicUsize::new(0);
        let lines: Vec<Line> = candidates.side_by_side(|entity| {
            let tier = at(&tiers, *entity);
            let any_tier = tier.or(at(&cost_tiers, *entity));
            let cascades = tier.is_some_and(|tier| tier <= carried);
            let stopped = cascades && observer.stopped();
            if stopped {
                unheard.fetch_add(1, Ordering::Relaxed);
            }
            let mut line = if cascades && !stopped {
                let failing = [(*entity, 1.0)];
                let (losses, ends) = (Losses::of(&network, &failing), open.ends(&failing));
                let mut line = Line::new(&network, (&losses, ends.as_ref()), *entity, of, any_tier);
                line.first_tier = first_tier.iter().map(|supplier| losses.low(*supplier)).collect();
                line
            } else {
                Line { known: tier.is_none(), ..Line::of(*entity, any_tier) }
            };
            let look_through = at(&row, *entity);
            if look_through > 0.0 {
                let face_value = cost.face_value(of, *entity);
                let reach_share = at(&diagonal, *entity).map(|own| (look_through / own).min(1.0));
                line.cost = Some(CostLine { face_value, look_through, reach_share });
            }
            observer.done();
            line
        });
        match unheard.into_inner() {
            0 => {}
            late => left_out.push(format!(
                "the time was up before the stop losses of {late} entities upstream, which are empty"
            )),
        }
        let function = lines.iter().any(|line| line.stop_loss > 0.0 || line.via.is_some());
        Ok(Self { view, network, cost, of, tiers, row, diagonal, first_tier, lines, function, left_out })
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

/// Diagonal of L as far as it is worked out, those with the largest look-through first, and of how many upstream it is not.
fn diagonal(cost: &CostNetwork, row: &[f64]) -> Result<(Vec<Option<f64>>, usize), AnalysisError> {
    let large = cost.in_large_loops();
    let most = budget::solves(cost.links_len());
    let mut asked: Vec<EntityId> = Vec::new();
    let mut dear: Vec<EntityId> = Vec::new();
    for id in (0..cost.len()).map(EntityId::new).filter(|id| at(row, *id) > 0.0) {
        if large[id.index()] { dear.push(id) } else { asked.push(id) }
    }
    dear.arrange(|a, b| at(row, *b).total_cmp(&at(row, *a)).then(a.cmp(b)));
    let unknown = dear.len().saturating_sub(most);
    asked.extend(dear.into_iter().take(most));
    asked.sort_unstable();
    let values = solved(cost.leontief_diagonal_of(&asked))?;
    let mut diagonal = vec![None; cost.len()];
    for (id, value) in asked.into_iter().zip(values) {
        diagonal[id.index()] = Some(value);
    }
    Ok((diagonal, unknown))
}

/// The furthest tier for which cascades are run: all where no more than can be afforded, else the last that fits as a whole, and
/// the first at least. Without cascades of those who are upstream for money alone: their failure stops nothing.
fn with_cascades(
    network: &Network,
    candidates: &[EntityId],
    tiers: &[Option<u32>],
    left_out: &mut Vec<String>,
) -> u32 {
    let most = budget::searches(network.len() + network.links().len());
    let mut in_tier: Vec<usize> = Vec::new();
    for tier in candidates.iter().filter_map(|id| at(tiers, *id)) {
        in_tier.resize(in_tier.len().max(tier as usize + 1), 0);
        in_tier[tier as usize] += 1;
    }
    let (mut last, mut sum) = (0, 0);
    for (tier, count) in in_tier.iter().enumerate() {
        if sum + count > most && tier > 1 {
            let beyond = in_tier.iter().sum::<usize>() - sum;
            left_out.push(format!(
                "the stop losses of {beyond} entities beyond tier {last} are left out: the graph is too large"
            ));
            return last;
        }
        sum += count;
        last = tier as u32;
    }
    last
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
