//! What stops without what: single losses, and the smallest sets.

use super::whole::Sizes;
use crate::model::{EntityId, ProductId};
use crate::network::Network;
use crate::propagation::functional::{Outcome, Settings, UnknownSupplier, settle};
use crate::structure::{Limits, SmallestSets, smallest_sets};

/// A functionality below this is a standstill: what cycles leave of it is rounding.
pub(super) const STOPPED: f64 = 1e-9;

fn run(network: &Network, lost: &[EntityId], unknown: UnknownSupplier) -> Outcome {
    let shocks: Vec<(EntityId, f64)> = lost.iter().map(|entity| (*entity, 1.0)).collect();
    settle(network, &shocks, &[], Settings { replacement: false, unknown })
}

/// What the loss of one entity does, to a focal entity and to all.
pub(super) struct Cascade {
    /// Share of the focal entity's function lost, the unknown part of needs going on.
    pub stop_loss: f64,
    /// The same, the unknown part hit like the known part.
    pub stop_loss_high: f64,
    pub via: Option<ProductId>,
    pub weight: Weight,
    pub converged: bool,
}

impl Cascade {
    pub fn of(network: &Network, lost: EntityId, focal: EntityId, sizes: &Sizes) -> Self {
        let low = run(network, &[lost], UnknownSupplier::Unaffected);
        let high = run(network, &[lost], UnknownSupplier::LikeKnown);
        let at = focal.index();
        Self {
            stop_loss: 1.0 - low.functionality[at],
            stop_loss_high: 1.0 - high.functionality[at],
            via: low.binding[at].or(high.binding[at]),
            weight: weigh(&low, lost, sizes),
            converged: low.converged && high.converged,
        }
    }

    /// Whether the focal entity stops altogether.
    pub fn is_chokepoint(&self) -> bool {
        self.stop_loss > 1.0 - STOPPED
    }

    /// Whether it does if the unknown part of needs is hit like the known part.
    pub fn may_be_chokepoint(&self) -> bool {
        self.stop_loss_high > 1.0 - STOPPED
    }
}

/// What the loss of one entity does to all others.
pub(super) struct Weight {
    /// Sum over all others of size times stop loss.
    pub criticality: f64,
    /// How many others stop altogether.
    pub stops: usize,
}

/// What the loss of one entity does to all others.
pub(super) fn weight(network: &Network, lost: EntityId, sizes: &Sizes) -> Weight {
    weigh(&run(network, &[lost], UnknownSupplier::Unaffected), lost, sizes)
}

fn weigh(outcome: &Outcome, lost: EntityId, sizes: &Sizes) -> Weight {
    let others = || outcome.functionality.iter().enumerate().filter(|(at, _)| *at != lost.index());
    Weight {
        criticality: others().map(|(at, level)| sizes.of[at] * (1.0 - level)).sum::<f64>() + 0.0,
        stops: others().filter(|(_, level)| **level < STOPPED).count(),
    }
}

/// The smallest sets of suppliers whose joint loss stops an entity.
pub(super) struct Sets {
    pub found: SmallestSets,
    /// What the unknown part of needs does in them.
    pub unknown: UnknownSupplier,
}

/// Looks for sets with the unknown part of needs going on; where there are none at all because every input has an unknown
/// part, with the unknown part hit like the known.
pub(super) fn smallest(
    network: &Network,
    of: EntityId,
    suppliers: &[EntityId],
    largest: usize,
    limits: Limits,
) -> Sets {
    let candidates: Vec<usize> = suppliers.iter().map(|entity| entity.index()).collect();
    let search = |unknown| {
        let stops = |set: &[usize]| {
            let lost: Vec<EntityId> = set.iter().map(|at| EntityId::new(*at)).collect();
            run(network, &lost, unknown).functionality[of.index()] < STOPPED
        };
        Sets { found: smallest_sets(&candidates, largest, stops, limits), unknown }
    };
    let low = search(UnknownSupplier::Unaffected);
    let all_stop =
        || run(network, suppliers, UnknownSupplier::Unaffected).functionality[of.index()] < STOPPED;
    if low.found.sets.is_empty() && !all_stop() { search(UnknownSupplier::LikeKnown) } else { low }
}
