//! Where an entity's loss comes from, one step up the chain: the parts of its suppliers in the input that binds.

use super::functional::{Blow, Outcome, Settings, UnknownSupplier};
use super::replacement::Markets;
use crate::model::{EntityId, Need, ProductId};
use crate::network::{NeedRow, Network};

/// One step up the chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The shock itself.
    Own,
    /// A supplier that has lost function or cannot deliver.
    Supplier(EntityId, ProductId),
    /// A shortage of the product that is nobody's in particular.
    Shortage(ProductId),
}

/// What a cause takes of an entity's function, 0 to 1.
pub type Part = (Cause, f64);

/// For each entity the parts of its loss in an outcome; they add up to the loss. Where several inputs are equally
/// short the first one binds and has all of it.
///
/// Cost: one pass over the network.
pub fn parts(network: &Network, blow: &Blow<'_>, settings: Settings, outcome: &Outcome) -> Vec<Vec<Part>> {
    let mut products: Vec<ProductId> =
        network.rows().iter().filter(|row| row.binds()).map(|row| row.product).collect();
    products.sort_unstable();
    products.dedup();
    let markets = settings.replacement.then(|| {
        let mut markets = Markets::new(network, &products, blow.cuts);
        markets.update(&products, &outcome.functionality);
        markets
    });
    let ground = Ground { network, blow, settings, outcome, markets: markets.as_ref() };
    (0..network.len()).map(|at| ground.entity(EntityId::new(at))).collect()
}

struct Ground<'a> {
    network: &'a Network,
    blow: &'a Blow<'a>,
    settings: Settings,
    outcome: &'a Outcome,
    markets: Option<&'a Markets<'a>>,
}

impl Ground<'_> {
    fn level(&self, entity: EntityId) -> f64 {
        self.outcome.functionality.get(entity.index()).copied().unwrap_or(1.0)
    }

    fn entity(&self, entity: EntityId) -> Vec<Part> {
        let loss = 1.0 - self.level(entity);
        if loss <= 0.0 {
            return Vec::new();
        }
        let binding = self.outcome.binding.get(entity.index()).copied().flatten();
        let Some(binding) = binding else { return vec![(Cause::Own, loss)] };
        let essential = self
            .network
            .needs_at(entity)
            .find(|(_, row)| row.product == binding && row.need == Need::Essential);
        let mut parts = match essential {
            Some(row) => self.row(row, 1.0),
            None => {
                let important = self.network.needs_at(entity).filter_map(|(at, row)| match row.need {
                    Need::Important(weight) => Some(self.row((at, row), weight)),
                    _ => None,
                });
                important.flatten().collect()
            }
        };
        // the round of the last change, rounding, and important inputs that weigh more than the whole together
        let sum: f64 = parts.iter().map(|(_, part)| part).sum();
        if sum > 0.0 {
            parts.iter_mut().for_each(|(_, part)| *part *= loss / sum);
        }
        parts.retain(|(_, part)| *part > 0.0);
        parts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        parts
    }

    /// The parts of one input, weighed.
    fn row(&self, (at, row): (usize, &NeedRow), weight: f64) -> Vec<Part> {
        if self.blow.missing.contains(&row.product) {
            return vec![(Cause::Shortage(row.product), weight * row.known)];
        }
        let whole = self.blow.cuts.map_or(0.0, |cuts| cuts.row(at));
        let like_known = self.settings.unknown == UnknownSupplier::LikeKnown && row.known > 0.0;
        let scale = weight * (1.0 - whole) / if like_known { row.known } else { 1.0 };
        let mut parts = vec![(Cause::Shortage(row.product), weight * whole)];
        for (link, index) in self.network.suppliers(row).iter().zip(self.network.link_range(row)) {
            let works = self.level(link.supplier);
            let cut = self.blow.cuts.map_or(0.0, |cuts| cuts.link(index));
            let kept = self.markets.map_or(1.0, |m| m.irreplaceable(row.product, link.supplier, works));
            let lost = 1.0 - works * (1.0 - cut);
            parts.push((Cause::Supplier(link.supplier, row.product), link.share * scale * kept * lost));
        }
        parts
    }
}
