//! What a change of sourcing does to the losses over all single outages, and to the distance from a loss.

use std::borrow::Cow;

use super::super::reverse::search::Search;
use super::Goal;
use super::changes::Change;
use crate::model::EntityId;
use crate::network::Network;
use crate::order::Arrange;
use crate::propagation::functional::{Settings, propagate};
use crate::propagation::linear::Binding;
use crate::propagation::target::{FunctionalTarget, TargetLoss};
use crate::side_by_side::SideBySide;

/// Losses below this are rounding.
const NOTICEABLE: f64 = 1e-12;
/// Gains below this are none.
const GAINED: f64 = 1e-9;
/// Changes that are carried through at once; a fixed number, so that what is carried through does not hang on the machine.
const BATCH: usize = 16;

/// One outage, where its cascade ends.
struct Outage {
    entity: EntityId,
    /// Functionality of everyone.
    levels: Vec<f64>,
    /// What each row's loss weighs in the loss of the target; 0 where the row does not bind.
    weights: Vec<f64>,
    /// Loss of the target.
    loss: f64,
    settled: bool,
}

impl Outage {
    fn run(
        network: &Network,
        settings: Settings,
        members: &[EntityId],
        entity: EntityId,
        share: f64,
    ) -> Self {
        let outcome = propagate(network, &[(entity, share)], settings);
        let mut shock = vec![0.0; network.len()];
        if let Some(own) = shock.get_mut(entity.index()) {
            *own = share;
        }
        let levels = outcome.functionality;
        let binding = Binding::at_end(network, &shock, &levels, &outcome.first_hit, settings);
        let reach = binding.weights(network, members);
        let mut weights = vec![0.0; network.rows().len()];
        for (rows, reach) in binding.rows.iter().zip(&reach) {
            for (row, weight) in rows {
                if let Some(own) = weights.get_mut(*row) {
                    *own = weight * reach;
                }
            }
        }
        let loss =
            members.iter().map(|member| lost(&levels, *member)).sum::<f64>() / members.len().max(1) as f64;
        Self { entity, levels, weights, loss, settled: outcome.converged }
    }

    /// What a change lowers the loss of the target by, at what binds today: it cannot lower it by more where nobody
    /// supplies himself in a circle, because whatever comes to bind instead is a larger loss.
    fn at_most(&self, change: &Change, moved: f64) -> f64 {
        let weight = self.weights.get(change.row).copied().unwrap_or(0.0);
        weight * moved.min(change.share) * (lost(&self.levels, change.from) - lost(&self.levels, change.to))
    }
}

fn lost(levels: &[f64], id: EntityId) -> f64 {
    levels.get(id.index()).map_or(0.0, |level| 1.0 - level)
}

/// The state before any change.
pub(super) struct Baseline<'n> {
    network: &'n Network,
    settings: Settings,
    members: &'n [EntityId],
    least: f64,
    outages: Vec<Outage>,
    /// Sum of the losses.
    pub sum: f64,
    /// Least share that one must lose, and who; nothing where nobody alone costs so much.
    pub nearest: Option<(f64, EntityId)>,
}

/// What a change makes of sum and distance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gain {
    pub sum: f64,
    /// Nothing where nobody alone costs so much any more.
    pub distance: Option<f64>,
}

/// An end of a search for the best changes.
pub(super) struct Best {
    /// Changes that help, most first.
    pub gains: Vec<(Change, Gain)>,
    /// Changes that were carried through.
    pub tried: usize,
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

    fn by(&self, goal: Goal, before: &Baseline<'_>) -> f64 {
        match goal {
            Goal::Sum => self.sum_falls(before),
            Goal::Distance => self.distance_rises(before),
        }
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
        let outages: Vec<Outage> =
            outages.side_by_side(|id| Outage::run(network, settings, members, *id, 1.0));
        let sum = outages.iter().map(|outage| outage.loss).sum();
        let mut before = Self { network, settings, members, least, outages, sum, nearest: None };
        before.nearest = before.nearest_in(network);
        before
    }

    /// Number of outages.
    pub fn len(&self) -> usize {
        self.outages.len()
    }

    /// Whether every cascade came to its end.
    pub fn has_settled(&self) -> bool {
        self.outages.iter().all(|outage| outage.settled)
    }

    /// The least share that one must lose, and who.
    fn nearest_in(&self, network: &Network) -> Option<(f64, EntityId)> {
        let target = FunctionalTarget::new(Cow::Borrowed(network), self.settings, self.members.to_vec());
        let search = Search { target: &target, least: self.least };
        let mut nearest: Option<(f64, EntityId)> = None;
        // those who cost most first: hardly anybody after them is nearer
        let mut order: Vec<&Outage> = self.outages.iter().collect();
        order.arrange(|a, b| b.loss.total_cmp(&a.loss).then(a.entity.cmp(&b.entity)));
        for outage in order {
            let most = nearest.map_or(1.0, |(share, _)| share);
            if nearest.is_some() && !search.reaches(&[(outage.entity, (most - GAINED).max(0.0))]) {
                continue;
            }
            if let Some(share) = search.least_share(&[], &[outage.entity]) {
                nearest = Some((share, outage.entity));
            }
        }
        nearest
    }

    /// The best changes by a goal, at least `top` of them where so many help.
    ///
    /// Changes are carried through in the order of what they can do at most, until nothing that is left can come among
    /// the best.
    pub fn best(&self, goal: Goal, changes: Vec<Change>, moved: f64, top: usize) -> Best {
        let mut bounds = self.bounds(goal, &changes, moved);
        bounds.retain(|(bound, _)| *bound > GAINED);
        let rounded = |value: f64| (value / GAINED).round();
        bounds.arrange(|a, b| rounded(b.0).total_cmp(&rounded(a.0)).then(a.1.cmp(&b.1)));
        let mut gains: Vec<(Change, Gain)> = Vec::new();
        let mut tried = 0;
        for batch in bounds.chunks(BATCH) {
            let worst = gains.get(top.saturating_sub(1)).map_or(0.0, |(_, gain)| gain.by(goal, self));
            if batch.first().is_some_and(|(bound, _)| *bound < worst - GAINED) {
                break;
            }
            tried += batch.len();
            let more: Vec<Option<(Change, Gain)>> =
                batch.side_by_side(|(_, change)| self.gain(change, moved).map(|gain| (*change, gain)));
            gains.extend(more.into_iter().flatten().filter(|(_, gain)| gain.by(goal, self) > GAINED));
            let other = if goal == Goal::Sum { Goal::Distance } else { Goal::Sum };
            gains.arrange(|(a, x), (b, y)| {
                let by = |goal| rounded(y.by(goal, self)).total_cmp(&rounded(x.by(goal, self)));
                by(goal).then(by(other)).then(a.cmp(b))
            });
        }
        Best { gains, tried }
    }

    /// What each change can do at most.
    fn bounds(&self, goal: Goal, changes: &[Change], moved: f64) -> Vec<(f64, Change)> {
        match (goal, self.nearest) {
            (Goal::Sum, _) => {
                let bound =
                    |change: &Change| self.outages.iter().map(|outage| outage.at_most(change, moved)).sum();
                changes.side_by_side(|change| (bound(change), *change))
            }
            (Goal::Distance, None) => Vec::new(),
            (Goal::Distance, Some((share, id))) => {
                let nearest = Outage::run(self.network, self.settings, self.members, id, share);
                // with what binds at this outage the loss is proportional to it
                let bound = |change: &Change| {
                    let left = nearest.loss - nearest.at_most(change, moved);
                    let farther = if left > 0.0 { share * self.least / left } else { 1.0 };
                    farther.min(1.0) - share
                };
                changes.iter().map(|change| (bound(change), *change)).collect()
            }
        }
    }

    /// What a change does; nothing where it cannot be made.
    fn gain(&self, change: &Change, moved: f64) -> Option<Gain> {
        let network = self.network.redirected(change.row, change.from, change.to, moved)?;
        let target = FunctionalTarget::new(Cow::Borrowed(&network), self.settings, self.members.to_vec());
        let after = |outage: &Outage| {
            // an outage that reaches neither supplier never meets the change
            let meets = [change.from, change.to].iter().any(|id| lost(&outage.levels, *id) > NOTICEABLE);
            if meets { target.loss(&[(outage.entity, 1.0)]) } else { outage.loss }
        };
        let sum = self.outages.iter().map(after).sum();
        // where the nearest is as near as before, no distance has risen
        let search = Search { target: &target, least: self.least };
        let distance = match self.nearest {
            Some((share, id)) if search.reaches(&[(id, share)]) => Some(share),
            _ => self.nearest_in(&network).map(|(share, _)| share),
        };
        Some(Gain { sum, distance })
    }
}
