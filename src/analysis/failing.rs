//! Sets that fail at once: a country, an owner; and the cascades of a failing set.

use std::collections::BTreeMap;

use super::View;
use crate::model::{EntityId, ProductId};
use crate::network::Network;
use crate::propagation::functional::{Blow, Outcome, Settings, UnknownSupplier, propagate_blow};

/// The cascades of one failing set: as bounds, and with replacement.
pub(super) struct Losses {
    /// The unknown part of every need goes on.
    pub low: Outcome,
    /// The unknown part is hit like the known one.
    pub high: Outcome,
    /// Customers turn to other vendors; the unknown part goes on.
    pub replaced: Outcome,
}

impl Losses {
    /// What follows where these lose the given shares of their function.
    pub fn of(network: &Network, failing: &[(EntityId, f64)]) -> Self {
        Self::run(network, failing, &[])
    }

    /// What follows where no known supplier delivers a product any more.
    pub fn without(network: &Network, product: ProductId) -> Self {
        Self::run(network, &[], &[product])
    }

    fn run(network: &Network, failing: &[(EntityId, f64)], missing: &[ProductId]) -> Self {
        let run = |replacement, unknown| {
            propagate_blow(
                network,
                &Blow { losses: failing, missing, cuts: None },
                Settings { replacement, unknown },
            )
        };
        Self {
            low: run(false, UnknownSupplier::Unaffected),
            high: run(false, UnknownSupplier::LikeKnown),
            replaced: run(true, UnknownSupplier::Unaffected),
        }
    }

    /// Share of function that an entity loses, at least.
    pub fn low(&self, at: EntityId) -> f64 {
        loss(&self.low, at)
    }

    /// The same at most.
    pub fn high(&self, at: EntityId) -> f64 {
        loss(&self.high, at)
    }

    /// The same where other vendors take over.
    pub fn replaced(&self, at: EntityId) -> f64 {
        loss(&self.replaced, at)
    }

    /// The product that binds an entity.
    pub fn via(&self, at: EntityId) -> Option<ProductId> {
        let binding = |outcome: &Outcome| outcome.binding.get(at.index()).copied().flatten();
        binding(&self.low).or(binding(&self.high))
    }

    /// Whether all cascades settled.
    pub fn converged(&self) -> bool {
        self.low.converged && self.high.converged && self.replaced.converged
    }
}

/// The networks with all shares at their least and at their most; none where no share is open.
pub(super) struct OpenShares(Option<[Network; 2]>);

impl OpenShares {
    /// Of a network. Cost: two copies of it.
    pub fn of(network: &Network) -> Self {
        Self(network.is_open().then(|| [network.at_least(), network.at_most()]))
    }

    /// The bounds of what follows where these fail; nothing where no share is open, as then the two cascades of [`Losses`] are the
    /// bounds. Cost: two cascades.
    pub fn ends(&self, failing: &[(EntityId, f64)]) -> Option<Ends> {
        let [least, most] = self.0.as_ref()?;
        let blow = Blow { losses: failing, missing: &[], cuts: None };
        let run = |network, unknown| propagate_blow(network, &blow, Settings { replacement: false, unknown });
        Some(Ends {
            low: run(least, UnknownSupplier::Unaffected),
            high: run(most, UnknownSupplier::LikeKnown),
        })
    }
}

/// Cascades with all shares at their least and at their most.
pub(super) struct Ends {
    low: Outcome,
    high: Outcome,
}

impl Ends {
    /// The least and the most that an entity can lose.
    pub fn of(&self, at: EntityId) -> (f64, f64) {
        (loss(&self.low, at), loss(&self.high, at))
    }
}

fn loss(outcome: &Outcome, at: EntityId) -> f64 {
    outcome.functionality.get(at.index()).map_or(0.0, |level| 1.0 - level)
}

/// Entities that fail together, with the share of function that each loses.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct FailingSet {
    /// Country code, or key of the owner.
    pub key: String,
    /// Who fails and how much of it, in the order of the keys.
    pub members: Vec<(EntityId, f64)>,
}

impl FailingSet {
    /// The set without one entity: its own loss is not a dependency on others.
    pub fn without(&self, entity: EntityId) -> Vec<(EntityId, f64)> {
        self.members.iter().copied().filter(|(member, _)| *member != entity).collect()
    }

    /// Whether an entity belongs to it.
    pub fn contains(&self, entity: EntityId) -> bool {
        self.members.iter().any(|(member, _)| *member == entity)
    }
}

fn sets(by_key: BTreeMap<String, Vec<(EntityId, f64)>>) -> Vec<FailingSet> {
    by_key.into_iter().map(|(key, members)| FailingSet { key, members }).collect()
}

/// Entities by the country of their legal seat; those without a seat are in no set.
pub(super) fn by_seat(view: &View<'_>) -> Vec<FailingSet> {
    let mut all: BTreeMap<String, Vec<(EntityId, f64)>> = BTreeMap::new();
    for id in view.graph.entity_ids() {
        if let Some(seat) = &view.graph.entity(id).seat {
            all.entry(seat.clone()).or_default().push((id, 1.0));
        }
    }
    sets(all)
}

/// Entities by ultimate controlling owner, the owner included.
pub(super) fn by_owner(view: &View<'_>) -> Vec<FailingSet> {
    let mut all: BTreeMap<String, Vec<(EntityId, f64)>> = BTreeMap::new();
    for id in view.graph.entity_ids() {
        let owner = view.graph.ultimate_owner(id, &view.scope);
        all.entry(view.graph.entity(owner).key.clone()).or_default().push((id, 1.0));
    }
    sets(all)
}

/// Entities by country of production.
pub(super) struct Production {
    /// Each country with who produces there and the share of its production.
    pub sets: Vec<FailingSet>,
    /// Entities that produce in several countries in shares that nobody states: equal parts.
    pub assumed: usize,
}

/// Entities by country of production: if it stops, each loses the share of its production there.
pub(super) fn by_production(view: &View<'_>) -> Production {
    let mut all: BTreeMap<String, Vec<(EntityId, f64)>> = BTreeMap::new();
    let mut assumed = 0;
    for id in view.graph.entity_ids() {
        let (shares, equal) = view.graph.production_of(id, &view.scope);
        assumed += usize::from(equal);
        for (country, share) in shares.into_iter().filter(|(_, share)| *share > 0.0) {
            all.entry(country).or_default().push((id, share));
        }
    }
    Production { sets: sets(all), assumed }
}
