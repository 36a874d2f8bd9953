//! How much of a vendor's loss its rivals cannot make up for, with the sums over a market taken once a round.

use std::collections::HashMap;

use super::functional::Cuts;
use crate::model::{EntityId, ProductId};
use crate::network::{MarketVendor, Network};

/// A share below this is rounding.
const NOBODY: f64 = 1e-12;

/// The markets of a network, ready for look-up by vendor.
pub(super) struct Markets<'n> {
    network: &'n Network,
    vendors: HashMap<(ProductId, EntityId), MarketVendor>,
    /// Part of its deliveries that still arrives, of vendors some of whose are cut: the mean over their customers.
    delivered: HashMap<(ProductId, EntityId), f64>,
    rounds: Vec<Round>,
}

/// Sums over the vendors of a market at the levels of one round.
#[derive(Clone, Copy, Default)]
struct Round {
    listed: f64,
    working: f64,
    lost: f64,
    /// Spare capacity of the working vendors where it is known, …
    spare: f64,
    /// … and how many working vendors' is not.
    unknown: usize,
}

impl<'n> Markets<'n> {
    /// The surveyed markets of these products, before any loss.
    pub fn new(network: &'n Network, products: &[ProductId], cuts: Option<&Cuts>) -> Self {
        let mut vendors = HashMap::new();
        // without a survey nobody is known to be a rival
        for product in products.iter().filter(|product| network.market(**product).surveyed) {
            for vendor in &network.market(*product).vendors {
                vendors.entry((*product, vendor.entity)).or_insert(*vendor);
            }
        }
        let most = products.iter().map(|product| product.index() + 1).max().unwrap_or(0);
        let delivered = cuts.map(|cuts| delivered(network, cuts)).unwrap_or_default();
        Self { network, vendors, delivered, rounds: vec![Round::default(); most] }
    }

    /// Takes the levels of a round.
    pub fn update(&mut self, products: &[ProductId], functionality: &[f64]) {
        for product in products {
            let market = self.network.market(*product);
            let mut round = Round::default();
            for vendor in &market.vendors {
                let works = functionality.get(vendor.entity.index()).copied().unwrap_or(1.0);
                let level = self.level(*product, vendor.entity, works);
                round.listed += vendor.share;
                round.working += vendor.share * level;
                round.lost += vendor.share * (1.0 - level);
                if level > 0.0 {
                    match vendor.spare {
                        Some(spare) => round.spare += spare * vendor.share * level,
                        None => round.unknown += 1,
                    }
                }
            }
            if let Some(slot) = self.rounds.get_mut(product.index()) {
                *slot = round;
            }
        }
    }

    /// What a vendor sells against normal, where it works at `works`.
    fn level(&self, product: ProductId, vendor: EntityId, works: f64) -> f64 {
        works * self.delivered.get(&(product, vendor)).copied().unwrap_or(1.0)
    }

    /// The part of a vendor's loss that its rivals cannot make up for, 0 to 1: its share of what still works in
    /// the market, of which vendors that the survey does not list work as well as the listed rivals do; where the
    /// spare capacity of all others is known, no less than what that leaves. All of it without a survey.
    pub fn irreplaceable(&self, product: ProductId, supplier: EntityId, works: f64) -> f64 {
        let Some(own) = self.vendors.get(&(product, supplier)) else { return 1.0 };
        let level = self.level(product, supplier, works);
        let round = self.rounds.get(product.index()).copied().unwrap_or_default();
        let unlisted = self.network.market(product).unlisted;
        let rivals = round.listed - own.share;
        let rivals_working = (round.working - own.share * level).max(0.0);
        // a difference of sums: below this there is no rival but rounding
        let lively = if rivals > NOBODY { (rivals_working / rivals).min(1.0) } else { 1.0 };
        let working = round.working + unlisted * lively;
        let by_share = if working > NOBODY { (own.share / working).min(1.0) } else { 1.0 };
        let own_unknown = usize::from(level > 0.0 && own.spare.is_none());
        if round.unknown != own_unknown || unlisted > 1e-9 || round.lost <= 0.0 {
            return by_share;
        }
        let own_spare = if level > 0.0 { own.spare.unwrap_or(0.0) * own.share * level } else { 0.0 };
        by_share.max(1.0 - (round.spare - own_spare).max(0.0) / round.lost)
    }
}

/// The part of the deliveries of each vendor that is not cut, product by product.
fn delivered(network: &Network, cuts: &Cuts) -> HashMap<(ProductId, EntityId), f64> {
    let mut sums: HashMap<(ProductId, EntityId), (f64, f64)> = HashMap::new();
    for row in network.rows() {
        for (link, at) in network.suppliers(row).iter().zip(network.link_range(row)) {
            let sum = sums.entry((row.product, link.supplier)).or_default();
            *sum = (sum.0 + 1.0 - cuts.link(at), sum.1 + 1.0);
        }
    }
    sums.into_iter().map(|(key, (arrives, all))| (key, arrives / all)).collect()
}
