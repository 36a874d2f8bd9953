//! Shares of cost of which every process holds the rows of its own buyers, and all links of its own suppliers.

use super::cost::{CostNetwork, Direction};
use crate::model::EntityId;
use crate::part::{Halo, Part};

/// The processes that hold other rows.
#[derive(Clone, Debug, Default)]
pub struct Shared {
    part: Part,
    /// Links of all processes.
    links: usize,
    /// What is needed to go on upstream: buyers of own suppliers.
    upstream: Option<Halo>,
    /// What is needed to go on downstream: suppliers of own buyers.
    downstream: Option<Halo>,
}

impl Shared {
    /// From rows that are not indexed by supplier yet.
    pub fn new(part: &Part, cost: &CostNetwork) -> Self {
        let own: usize = part.own(cost.len()).map(|buyer| cost.of(EntityId::new(buyer)).len()).sum();
        let mut shared = Self {
            part: part.clone(),
            links: part.sum(own as u64) as usize,
            upstream: None,
            downstream: None,
        };
        if !part.is_whole() {
            let suppliers = part.own(cost.len()).flat_map(|buyer| cost.of(EntityId::new(buyer)));
            shared.downstream = Some(Halo::new(part, suppliers.map(|link| link.supplier.0)));
        }
        shared
    }

    /// Finds what is needed upstream, once rows are indexed by supplier.
    pub fn meet(&mut self, buyers: Vec<u32>) {
        if !self.part.is_whole() {
            self.upstream = Some(Halo::new(&self.part, buyers.into_iter()));
        }
    }

    /// The part of this process.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Links of all processes.
    pub fn links(&self) -> usize {
        self.links
    }

    /// What is needed of others to follow spending one way; nothing where there are no others.
    pub(super) fn halo(&self, direction: Direction) -> Option<&Halo> {
        match direction {
            Direction::Upstream => self.upstream.as_ref(),
            Direction::Downstream => self.downstream.as_ref(),
        }
    }
}
