//! Single changes of sourcing that could be made.

use std::collections::BTreeSet;

use super::super::View;
use crate::model::{EntityId, ProductId};
use crate::network::Network;

/// A part of a need moves from one supplier to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Change {
    /// Position of the need.
    pub row: usize,
    pub from: EntityId,
    pub to: EntityId,
    /// Whether the other does not supply the need yet.
    pub is_new: bool,
}

/// Every move of a part of a need of these customers from a known supplier to a known vendor of the product. Groups of
/// firms are no supplier that one could turn to.
pub(super) fn changes(view: &View<'_>, network: &Network, customers: &[EntityId], moved: f64) -> Vec<Change> {
    let vendors = vendors(view, network);
    let mut all = Vec::new();
    for (at, row) in network.rows().iter().enumerate() {
        if !row.binds() || !customers.contains(&row.entity) || moved <= 0.0 {
            continue;
        }
        let links = network.suppliers(row);
        for link in links {
            let others = vendors.get(row.product.index()).into_iter().flatten();
            for to in others.filter(|to| **to != link.supplier && **to != row.entity) {
                let is_new = links.iter().all(|link| link.supplier != *to);
                all.push(Change { row: at, from: link.supplier, to: *to, is_new });
            }
        }
    }
    all
}

/// Who is known to sell each product.
fn vendors(view: &View<'_>, network: &Network) -> Vec<BTreeSet<EntityId>> {
    let mut all: Vec<BTreeSet<EntityId>> = vec![BTreeSet::new(); view.graph.facts().products.len()];
    for (at, sellers) in all.iter_mut().enumerate() {
        let market = network.market(ProductId::new(at));
        sellers.extend(market.vendors.iter().map(|vendor| vendor.entity));
    }
    for row in network.rows() {
        if let Some(sellers) = all.get_mut(row.product.index()) {
            sellers.extend(network.suppliers(row).iter().map(|link| link.supplier));
        }
    }
    all.iter_mut().for_each(|sellers| sellers.retain(|id| !view.graph.entity(*id).group));
    all
}
