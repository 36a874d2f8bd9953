//! Which weights a loss of function came over, and with how much of it.

use std::collections::BTreeMap;

use super::Upon;
use crate::model::{EntityId, Need};
use crate::network::Network;
use crate::propagation::functional::Outcome;

/// A part of the loss below this is not followed further: parts are given in four digits.
const SMALL: f64 = 1e-5;
/// Rounds after which what still circulates is given up; what it carries is then below its share of loops.
const MOST_ROUNDS: usize = 1_000;

impl Upon {
    /// The records of the weights over which the loss of an entity came, each with the part of the loss that passed it.
    ///
    /// An entity hands its loss on to the suppliers of the product that binds it, in proportion to share times loss; what the
    /// unknown supplier carries has no record. So the parts of the suppliers of one need add up to 1 at most, and each way of the
    /// loss adds up like a way of `why`. Ways end where the shock hits. Empty where the entity loses nothing, or is hit itself.
    ///
    /// Cost: one pass over the needs upstream, more where the loss goes round in loops.
    pub fn passing(network: &Network, outcome: &Outcome, entity: EntityId) -> Self {
        let loss = |id: EntityId| outcome.functionality.get(id.index()).map_or(0.0, |level| 1.0 - level);
        let mut upon = Self::default();
        let mut front = BTreeMap::from([(entity, 1.0)]);
        for _ in 0..MOST_ROUNDS {
            let mut next: BTreeMap<EntityId, f64> = BTreeMap::new();
            for (customer, part) in front {
                let binding = outcome.binding.get(customer.index()).copied().flatten();
                let needs = network.needs(customer).iter();
                let Some(row) = needs.clone().find(|row| row.binds() && Some(row.product) == binding) else {
                    continue;
                };
                let weight = if let Need::Important(weight) = row.need { weight } else { 1.0 };
                let links = || network.suppliers(row).iter();
                let known: f64 = links().map(|link| link.share * loss(link.supplier)).sum();
                // others take over a part, or the unknown supplier adds one
                let whole = known.max(loss(customer) / weight);
                for link in links() {
                    let passed = part * link.share * loss(link.supplier) / whole;
                    if passed > SMALL {
                        upon.add_link(network, link, Some(passed));
                        *next.entry(link.supplier).or_default() += passed;
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            front = next;
        }
        upon
    }
}
