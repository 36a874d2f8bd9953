//! What outages cost a target, under a static model that can be asked backwards.

use std::borrow::Cow;
use std::sync::atomic::{AtomicBool, Ordering};

use super::functional::{Settings, propagate};
use crate::model::EntityId;
use crate::network::Network;

/// What outages cost a target. Searches for the least outages stand on this alone, so that any model with these
/// properties can be asked backwards:
///
/// - *monotone*: a longer list, or a greater share lost, never costs less;
/// - *static*: the loss at the end of the cascade, with no time in it.
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
