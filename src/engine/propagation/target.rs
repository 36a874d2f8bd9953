//! What outages cost a target, under a model that can be asked backwards.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::functional::{Settings, propagate};
use crate::matrix::Sparse;
use crate::model::EntityId;
use crate::network::Network;

/// What outages cost a target. Searches for the least outages stand on this alone, so that any model with these
/// properties can be asked backwards:
///
/// - *monotone*: a longer list, or a greater share lost, never costs less (a model that is not says so);
/// - *one number*: the loss at the end of a cascade, or on the worst day of a run.
pub trait TargetLoss: Sync {
    /// Loss of the target, 0 to 1, where these lose the given shares (0 to 1) of their function.
    fn loss(&self, outages: &[(EntityId, f64)]) -> f64;

    /// Everyone whose outage can reach the target, without the target itself, in rising order.
    fn reaching(&self) -> Vec<EntityId>;

    /// Whether the loss is a convex function of the shares lost. The least total outage then has at most one member
    /// that fails in part, and bisection finds it; of other models it finds an upper bound.
    fn is_convex(&self) -> bool;

    /// Whether every loss asked for so far is the end of its cascade.
    fn has_settled(&self) -> bool;

    /// Whether a greater outage never costs less. Where it may, as over time, searches that skip what a smaller
    /// set already reaches are heuristics.
    fn is_monotone(&self) -> bool {
        true
    }
}

/// Any model, seen from a target: the mean loss of its members, each between 0 and 1 and counted once.
pub struct ModelTarget<R> {
    reaching: Vec<EntityId>,
    is_convex: bool,
    run: R,
    unsettled: AtomicBool,
}

impl<R> ModelTarget<R>
where
    R: Fn(&[(EntityId, f64)]) -> (Vec<f64>, bool) + Sync,
{
    /// `run` carries outages to the losses of the members, and says whether it came to an end. `reaching` are those
    /// whose outage may matter, in rising order, without the members.
    pub fn new(reaching: Vec<EntityId>, is_convex: bool, run: R) -> Self {
        Self { reaching, is_convex, run, unsettled: AtomicBool::new(false) }
    }
}

impl<R> TargetLoss for ModelTarget<R>
where
    R: Fn(&[(EntityId, f64)]) -> (Vec<f64>, bool) + Sync,
{
    fn loss(&self, outages: &[(EntityId, f64)]) -> f64 {
        let (losses, settled) = (self.run)(outages);
        if !settled {
            self.unsettled.store(true, Ordering::Relaxed);
        }
        losses.iter().map(|loss| loss.clamp(0.0, 1.0)).sum::<f64>() / losses.len().max(1) as f64
    }

    fn reaching(&self) -> Vec<EntityId> {
        self.reaching.clone()
    }

    fn is_convex(&self) -> bool {
        self.is_convex
    }

    fn has_settled(&self) -> bool {
        !self.unsettled.load(Ordering::Relaxed)
    }
}

/// Those whom the members lean on, directly or not, without the members: `leans` has in the row of each entity those it
/// leans on.
pub fn leant_on(leans: &Sparse, members: &[EntityId]) -> Vec<EntityId> {
    let mut reached = vec![false; leans.len()];
    let mut open: Vec<usize> = members.iter().map(|id| id.index()).collect();
    while let Some(at) = open.pop() {
        for (next, _) in leans.row(at) {
            if let Some(slot) = reached.get_mut(next).filter(|slot| !**slot) {
                *slot = true;
                open.push(next);
            }
        }
    }
    let ids = reached.iter().enumerate().filter(|(_, reached)| **reached).map(|(at, _)| EntityId::new(at));
    ids.filter(|id| !members.contains(id)).collect()
}

/// The functional cascade, seen from a target: the mean loss of its members, each counted once.
///
/// Losses are the least fixed point of maxima of sums with coefficients of 0 and above, so they are monotone; where
/// nobody is replaced the coefficients do not hang on the losses, and the loss is convex as well.
#[derive(Debug)]
pub struct FunctionalTarget<'n> {
    network: Cow<'n, Network>,
    settings: Settings,
    members: Vec<EntityId>,
    unsettled: AtomicBool,
}

impl<'n> FunctionalTarget<'n> {
    /// The members must be entities of the network; a target without members loses nothing.
    pub fn new(network: Cow<'n, Network>, settings: Settings, members: Vec<EntityId>) -> Self {
        Self { network, settings, members, unsettled: AtomicBool::new(false) }
    }
}

impl TargetLoss for FunctionalTarget<'_> {
    fn loss(&self, outages: &[(EntityId, f64)]) -> f64 {
        let outcome = propagate(&self.network, outages, self.settings);
        if !outcome.converged {
            self.unsettled.store(true, Ordering::Relaxed);
        }
        let levels = outcome.functionality;
        let lost = |member: &EntityId| levels.get(member.index()).map_or(0.0, |level| 1.0 - level);
        let sum: f64 = self.members.iter().map(lost).sum();
        sum / self.members.len().max(1) as f64
    }

    fn reaching(&self) -> Vec<EntityId> {
        let mut reached = vec![false; self.network.len()];
        for member in &self.members {
            let tiers = self.network.tiers_upstream(*member);
            reached.iter_mut().zip(tiers).for_each(|(reached, tier)| *reached |= tier.is_some());
        }
        let ids = (0..self.network.len()).map(EntityId::new).zip(reached);
        ids.filter(|(id, reached)| *reached && !self.members.contains(id)).map(|(id, _)| id).collect()
    }

    fn is_convex(&self) -> bool {
        !self.settings.replacement
    }

    fn has_settled(&self) -> bool {
        !self.unsettled.load(Ordering::Relaxed)
    }
}
