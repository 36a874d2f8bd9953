//! The numbers of a scope, frozen in compressed rows: who covers which share of whose need, what that
//! costs, and which records each number comes from. Knows no analysis and no shock.

mod build;
mod capacity;
mod cost;
mod edit;
mod ends;
mod flows;
mod purchases;
mod quantities;
mod recipes;
mod returns;
mod shared;
mod survey;
#[cfg(feature = "cluster")]
mod together;

pub use crate::model::Rung;
pub use capacity::{Capacity, CapacityUnit, capacities};
pub use cost::{CostLink, CostNetwork, SolveError};
pub use ends::ShareRange;
pub use flows::{Flows, Layer, Payment};
pub use purchases::{SUPPOSED_VALUE_ADDED, Wholes};
pub use quantities::{amounts_of, least_amounts_of};
pub use survey::{Survey, Vendor, market_of, surveys};

use std::ops::Range;

use crate::graph::Graph;
use crate::model::{AttributeId, EntityId, Need, ProductId, RelationId};
use crate::scope::Scope;

/// Who covers which share of whose need.
#[derive(Clone, Debug)]
pub struct Network {
    /// Rows of entity `i` are `rows[row_start[i]..row_start[i + 1]]`.
    row_start: Vec<u32>,
    rows: Vec<NeedRow>,
    links: Vec<SupplyLink>,
    origins: Vec<Origin>,
    /// Shares that their sources leave open, by position of the link.
    open: Vec<(u32, ShareRange)>,
    /// Market of each product, by product.
    markets: Vec<Market>,
    /// Customers whose binding needs each entity serves.
    customers: Vec<Vec<EntityId>>,
    /// Supply ties without a declared need, which therefore carry no function.
    undeclared: usize,
    /// Named suppliers whose share nobody states, beside others whose share is stated.
    unplaced: usize,
    /// Commitments whose deliveries begin after the day.
    not_begun: usize,
}

/// One entity's need for one product.
#[derive(Clone, Debug, PartialEq)]
pub struct NeedRow {
    /// Who needs it.
    pub entity: EntityId,
    /// What is needed.
    pub product: ProductId,
    /// How it is needed.
    pub need: Need,
    /// Sum of the suppliers' shares; the rest is the unknown supplier.
    pub known: f64,
    links: Range<u32>,
}

/// One supplier's share of one need.
#[derive(Clone, Debug, PartialEq)]
pub struct SupplyLink {
    /// Who supplies.
    pub supplier: EntityId,
    /// Share of the need, above 0 and at most 1.
    pub share: f64,
    /// How the share is known.
    pub rung: Rung,
    origins: Range<u32>,
}

/// A record that a number comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Origin {
    /// A relation.
    Relation(RelationId),
    /// An attribute.
    Attribute(AttributeId),
    /// An intensity, by position.
    Intensity(u32),
}

/// Vendors of a product, for replacing one by others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Market {
    /// Vendors with their shares.
    pub vendors: Vec<MarketVendor>,
    /// Share of vendors that the survey does not list.
    pub unlisted: f64,
    /// Whether the shares come from a survey; otherwise they are equal parts.
    pub surveyed: bool,
}

/// A vendor in a market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MarketVendor {
    /// Who sells.
    pub entity: EntityId,
    /// Share of the market.
    pub share: f64,
    /// Idle part of its own capacity, where known.
    pub spare: Option<f64>,
}

impl Network {
    /// Fills every need of every entity in a scope, down the ladder of weights.
    ///
    /// Cost: one pass over the relations and one row for each entity and product it needs.
    pub fn build(graph: &Graph, scope: &Scope) -> Self {
        build::build(graph, scope)
    }

    /// Number of entities.
    pub fn len(&self) -> usize {
        self.row_start.len().saturating_sub(1)
    }

    /// Whether there are no entities.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The needs of an entity, in the order of its products.
    pub fn needs(&self, entity: EntityId) -> &[NeedRow] {
        &self.rows[self.row_start[entity.index()] as usize..self.row_start[entity.index() + 1] as usize]
    }

    /// The needs of an entity with their positions among all rows.
    pub fn needs_at(&self, entity: EntityId) -> impl Iterator<Item = (usize, &NeedRow)> {
        let first = self.row_start[entity.index()] as usize;
        self.needs(entity).iter().enumerate().map(move |(at, row)| (first + at, row))
    }

    /// All rows.
    pub fn rows(&self) -> &[NeedRow] {
        &self.rows
    }

    /// The suppliers in a row, largest share first.
    pub fn suppliers(&self, row: &NeedRow) -> &[SupplyLink] {
        &self.links[row.links.start as usize..row.links.end as usize]
    }

    /// All shares of all needs, row by row.
    pub fn links(&self) -> &[SupplyLink] {
        &self.links
    }

    /// Where the suppliers of a row stand among all links.
    pub fn link_range(&self, row: &NeedRow) -> Range<usize> {
        row.links.start as usize..row.links.end as usize
    }

    /// The records that a share comes from.
    pub fn origins(&self, link: &SupplyLink) -> &[Origin] {
        &self.origins[link.origins.start as usize..link.origins.end as usize]
    }

    /// The vendors of a product.
    pub fn market(&self, product: ProductId) -> &Market {
        &self.markets[product.index()]
    }

    /// Supply ties whose product the customer's kind does not declare as needed.
    pub fn undeclared(&self) -> usize {
        self.undeclared
    }

    /// Commitments whose deliveries begin after the day and which therefore supply nothing.
    pub fn not_begun(&self) -> usize {
        self.not_begun
    }

    /// Named suppliers whose share nobody states.
    pub fn unplaced(&self) -> usize {
        self.unplaced
    }

    /// How many weights stand on each rung, over the rows that `counts` accepts.
    pub fn rungs(&self, counts: impl Fn(&NeedRow) -> bool) -> [usize; 5] {
        let mut tally = [0; 5];
        for row in self.rows.iter().filter(|row| counts(row)) {
            for link in self.suppliers(row) {
                tally[link.rung as usize] += 1;
            }
        }
        tally
    }

    /// Entities upstream of one along needs that bind, with the least number of steps; itself at 0.
    pub fn tiers_upstream(&self, of: EntityId) -> Vec<Option<u32>> {
        let mut tier = vec![None; self.len()];
        tier[of.index()] = Some(0);
        let mut front = vec![of];
        let mut steps = 0;
        while !front.is_empty() {
            steps += 1;
            let mut next = Vec::new();
            for entity in front {
                for row in self.needs(entity).iter().filter(|row| row.binds()) {
                    for link in self.suppliers(row) {
                        let slot = &mut tier[link.supplier.index()];
                        if slot.is_none() {
                            *slot = Some(steps);
                            next.push(link.supplier);
                        }
                    }
                }
            }
            front = next;
        }
        tier
    }

    /// Entities downstream of one along needs that bind, with the least number of steps; itself at 0.
    pub fn tiers_downstream(&self, of: EntityId) -> Vec<Option<u32>> {
        let customers = self.customers();
        let mut tier = vec![None; self.len()];
        tier[of.index()] = Some(0);
        let mut front = vec![of];
        let mut steps = 0;
        while !front.is_empty() {
            steps += 1;
            let mut next = Vec::new();
            for entity in front {
                for customer in &customers[entity.index()] {
                    let slot = &mut tier[customer.index()];
                    if slot.is_none() {
                        *slot = Some(steps);
                        next.push(*customer);
                    }
                }
            }
            front = next;
        }
        tier
    }

    /// For each entity the customers whose binding needs it serves, each once, in the order of their keys.
    pub fn customers(&self) -> &[Vec<EntityId>] {
        &self.customers
    }

    /// Fills the list of customers from the rows.
    fn index_customers(&mut self) {
        let mut customers: Vec<Vec<EntityId>> = vec![Vec::new(); self.len()];
        for row in self.rows.iter().filter(|row| row.binds()) {
            for link in self.suppliers(row) {
                let list = &mut customers[link.supplier.index()];
                if list.last() != Some(&row.entity) {
                    list.push(row.entity);
                }
            }
        }
        self.customers = customers;
    }
}

impl NeedRow {
    /// Whether a shortage of it costs function.
    pub fn binds(&self) -> bool {
        matches!(self.need, Need::Essential | Need::Important(_))
    }
}
