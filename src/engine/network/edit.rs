//! The same network with other shares: what a change of sourcing would make of it.

use super::{Network, SupplyLink};
use crate::model::EntityId;

impl Network {
    /// The same network where a part of a need (`part`, 0 to 1, of the whole need) moves from one supplier to another,
    /// who need not supply it yet. No more moves than the supplier has. `None` where there is no such row, the first
    /// does not supply it, the two are one, or the second is the customer itself.
    ///
    /// What is known of the need as a whole stays; the moved share keeps the rung of the share it is taken from and
    /// rests on no record.
    ///
    /// Cost: one copy of the network.
    pub fn redirected(&self, row: usize, from: EntityId, to: EntityId, part: f64) -> Option<Self> {
        let changed = self.rows.get(row)?;
        let mut links = self.suppliers(changed).to_vec();
        let giver = links.iter().position(|link| link.supplier == from)?;
        if from == to || to == changed.entity {
            return None;
        }
        let (moved, rung) = {
            let link = links.get_mut(giver)?;
            let moved = part.clamp(0.0, link.share);
            link.share -= moved;
            (moved, link.rung)
        };
        match links.iter_mut().find(|link| link.supplier == to) {
            Some(link) => link.share += moved,
            None => links.push(SupplyLink { supplier: to, share: moved, rung, origins: 0..0 }),
        }
        links.retain(|link| link.share > 0.0);
        links.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.supplier.cmp(&b.supplier)));
        Some(self.with_links(|at, own| if at == row { links.clone() } else { own.to_vec() }))
    }

    /// The same network where some links, by their positions, pass no loss on: as if their suppliers always worked.
    /// What is known of each need stays.
    ///
    /// Cost: one copy of the network.
    pub fn without_links(&self, gone: &[usize]) -> Self {
        let mut mark = vec![false; self.links.len()];
        for at in gone {
            if let Some(mark) = mark.get_mut(*at) {
                *mark = true;
            }
        }
        self.with_links(|row, own| {
            let first = self.rows.get(row).map_or(0, |row| row.links.start as usize);
            let stays = |(at, _): &(usize, &SupplyLink)| !mark.get(first + at).copied().unwrap_or_default();
            own.iter().enumerate().filter(stays).map(|(_, link)| link.clone()).collect()
        })
    }

    /// The same network with other links in the rows.
    fn with_links(&self, links: impl Fn(usize, &[SupplyLink]) -> Vec<SupplyLink>) -> Self {
        let mut all = Vec::with_capacity(self.links.len() + 1);
        let mut rows = self.rows.clone();
        for (at, (row, own)) in rows.iter_mut().zip(&self.rows).enumerate() {
            let start = all.len() as u32;
            all.extend(links(at, self.suppliers(own)));
            row.links = start..all.len() as u32;
        }
        let mut network = Self {
            row_start: self.row_start.clone(),
            rows,
            links: all,
            origins: self.origins.clone(),
            // links stand elsewhere now, and a changed share is supposed, not stated
            open: Vec::new(),
            markets: self.markets.clone(),
            customers: Vec::new(),
            undeclared: self.undeclared,
            unplaced: self.unplaced,
            not_begun: self.not_begun,
        };
        network.index_customers();
        network
    }
}
