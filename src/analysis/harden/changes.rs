//! Single changes of sourcing that could be made.

use std::collections::BTreeSet;

use super::super::View;
use crate::model::{EntityId, ProductId};
use crate::network::Network;

/// A part of a need moves from one supplier to another.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub(super) struct Change {
    /// Position of the need.
    pub row: usize,
    pub from: EntityId,
    pub to: EntityId,
    /// Whether the other does not supply the need yet.
    pub is_new: bool,
    /// What the first has of the need today.
    pub share: f64,
}

impl Change {
    /// In the order of needs and suppliers.
    pub fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.row, self.from, self.to).cmp(&(other.row, other.from, other.to))
    }
}

/// Changes that could be made.
pub(super) struct Changes {
    pub all: Vec<Change>,
    /// Changes left out because nothing is known about what the new supplier needs.
    pub blind: usize,
}

/// Every move of a part of a need of these customers from a known supplier to a known vendor of the product.
///
/// Left out are groups of firms, to whom one could not turn, and moves from a supplier with known suppliers to one of
/// whose own needs nothing is known: it would look safe for want of data.
pub(super) fn changes(view: &View<'_>, network: &Network, customers: &[EntityId]) -> Changes {
    let vendors = vendors(view, network);
    let is_known =
        |id: EntityId| network.needs(id).iter().any(|row| row.binds() && !network.suppliers(row).is_empty());
    let mut changes = Changes { all: Vec::new(), blind: 0 };
    for (at, row) in network.rows().iter().enumerate() {
        if !row.binds() || !customers.contains(&row.entity) {
            continue;
        }
        let links = network.suppliers(row);
        for link in links {
            let others = vendors.get(row.product.index()).into_iter().flatten();
            for to in others.filter(|to| **to != link.supplier && **to != row.entity) {
                if is_known(link.supplier) && !is_known(*to) {
                    changes.blind += 1;
                    continue;
                }
                let is_new = links.iter().all(|link| link.supplier != *to);
                let change = Change { row: at, from: link.supplier, to: *to, is_new, share: link.share };
                changes.all.push(change);
            }
        }
    }
    changes
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
