//! What a change of sourcing does to the losses over all single outages, and to the distance from a loss.

use std::borrow::Cow;

use rayon::prelude::*;

use super::super::reverse::search::Search;
use super::changes::Change;
use crate::model::EntityId;
use crate::network::Network;
use crate::propagation::functional::{Settings, propagate};
use crate::propagation::target::{FunctionalTarget, TargetLoss};

/// Losses below this are rounding.
const NOTICEABLE: f64 = 1e-12;

/// The state before any change.
pub(super) struct Baseline<'n> {
    network: &'n Network,
    settings: Settings,
    members: &'n [EntityId],
    least: f64,
    /// Who may fail, with the functionality of everyone where it does alone, and the loss of the target.
    pub outages: Vec<(EntityId, Vec<f64>, f64)>,
    /// Sum of the losses.
    pub sum: f64,
    /// Least share that one must lose, and who; nothing where nobody alone costs so much.
    pub nearest: Option<(f64, EntityId)>,
    pub settled: bool,
}

/// What a change makes of sum and distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gain {
    pub sum: f64,
    /// Nothing where nobody alone costs so much any more.
    pub distance: Option<f64>,
}

impl Gain {
    /// What the sum of losses falls by.
    pub fn sum_falls(&self, before: &Baseline<'_>) -> f64 {
        before.sum - self.sum
    }

    /// What the distance rises by; where nobody alone costs so much it is one.
    pub fn distance_rises(&self, before: &Baseline<'_>) -> f64 {
        let far = |distance: Option<f64>| distance.unwrap_or(1.0);
        far(self.distance) - far(before.nearest.map(|(share, _)| share))
    }
}

impl<'n> Baseline<'n> {
    pub fn new(
        network: &'n Network,
        settings: Settings,
        members: &'n [EntityId],
        outages: &[EntityId],
        least: f64,
    ) -> Self {
        let runs: Vec<_> =
            outages.par_iter().map(|id| (*id, propagate(network, &[(*id, 1.0)], settings))).collect();
        let settled = runs.iter().all(|(_, outcome)| outcome.converged);
        let lost = |levels: &[f64]| {
            let of = |member: &EntityId| levels.get(member.index()).map_or(0.0, |level| 1.0 - level);
            members.iter().map(of).sum::<f64>() / members.len().max(1) as f64
        };
        let outages: Vec<_> = runs
            .into_iter()
            .map(|(id, outcome)| {
                let loss = lost(&outcome.functionality);
                (id, outcome.functionality, loss)
            })
            .collect();
        let sum = outages.iter().map(|(.., loss)| loss).sum();
        let mut before = Self { network, settings, members, least, outages, sum, nearest: None, settled };
        before.nearest = before.nearest_in(network);
        before
    }

    /// The least share that one must lose, and who.
    fn nearest_in(&self, network: &Network) -> Option<(f64, EntityId)> {
        let target = FunctionalTarget::new(Cow::Borrowed(network), self.settings, self.members.to_vec());
        let search = Search { target: &target, least: self.least };
        let mut nearest: Option<(f64, EntityId)> = None;
        // those who cost most first: hardly anybody after them is nearer
        let mut order: Vec<&(EntityId, Vec<f64>, f64)> = self.outages.iter().collect();
        order.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.0.cmp(&b.0)));
        for (id, ..) in order {
            let most = nearest.map_or(1.0, |(share, _)| share);
            if nearest.is_some() && !search.reaches(&[(*id, (most - 1e-9).max(0.0))]) {
                continue;
            }
            if let Some(share) = search.least_share(&[], &[*id]) {
                nearest = Some((share, *id));
            }
        }
        nearest
    }

    /// Changes that help, with what they do; in the order given.
    pub fn gains(&self, changes: Vec<Change>, moved: f64) -> Vec<(Change, Gain)> {
        let gains: Vec<Option<(Change, Gain)>> = changes
            .into_par_iter()
            .map(|change| self.gain(&change, moved).map(|gain| (change, gain)))
            .collect();
        let helps = |gain: &Gain| gain.sum_falls(self) > 1e-9 || gain.distance_rises(self) > 1e-8;
        gains.into_iter().flatten().filter(|(_, gain)| helps(gain)).collect()
    }

    /// What a change does; nothing where it cannot help.
    fn gain(&self, change: &Change, moved: f64) -> Option<Gain> {
        let lost = |levels: &[f64], id: EntityId| levels.get(id.index()).map_or(0.0, |level| 1.0 - level);
        // where every outage hits the new supplier as hard as the old, no loss of anyone can fall
        let lighter = |levels: &[f64]| lost(levels, change.from) > lost(levels, change.to) + NOTICEABLE;
        if !self.outages.iter().any(|(_, levels, loss)| *loss > NOTICEABLE && lighter(levels)) {
            return None;
        }
        let network = self.network.redirected(change.row, change.from, change.to, moved)?;
        let target = FunctionalTarget::new(Cow::Borrowed(&network), self.settings, self.members.to_vec());
        let after = |(id, levels, loss): &(EntityId, Vec<f64>, f64)| {
            // an outage that reaches neither supplier never meets the change
            let meets = lost(levels, change.from) > NOTICEABLE || lost(levels, change.to) > NOTICEABLE;
            if meets { target.loss(&[(*id, 1.0)]) } else { *loss }
        };
        let sum = self.outages.iter().map(after).sum();
        // the nearest before must have become farther, else no distance has risen
        let search = Search { target: &target, least: self.least };
        let distance = match self.nearest {
            Some((share, id)) if search.reaches(&[(id, share)]) => Some(share),
            _ => self.nearest_in(&network).map(|(share, _)| share),
        };
        Some(Gain { sum, distance })
    }
}
