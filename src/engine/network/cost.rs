//! Shares of cost: who receives which part of whose spending, followed through all tiers.

use rayon::prelude::*;

use super::purchases::{Bulk, SUPPOSED_VALUE_ADDED, Wholes};
use super::recipes::by_recipe;
use super::shared::Shared;
use super::{Network, Origin};
use crate::compressed::Rows;
use crate::graph::Graph;
use crate::matrix::{Matrix, Sparse, solve};
use crate::model::EntityId;
use crate::part::{Halo, Part};
use crate::scope::Scope;

/// The matrix W of cost shares in compressed rows: `W[buyer, supplier]`, rows adding up to at most 1.
#[derive(Clone, Debug)]
pub struct CostNetwork {
    start: Vec<u32>,
    links: Vec<CostLink>,
    origins: Vec<Origin>,
    /// The same shares by supplier: its row has the buyers as columns.
    by_supplier: Sparse,
    /// Buyers whose stated cost shares added up to more than 1 and were scaled down.
    scaled: usize,
    /// Whether weights come from a bulk table without sources.
    unsourced: bool,
    wholes: Wholes,
    /// The processes that hold other rows, where there are any.
    pub(super) shared: Shared,
}

/// One supplier's share of one buyer's total cost.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLink {
    /// Who is paid.
    pub supplier: EntityId,
    /// Share of the buyer's total cost, above 0 and at most 1.
    pub share: f64,
    origins: std::ops::Range<u32>,
}

/// Why a look-through has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// Money circulates among these and never leaves.
    #[error(
        "spending circulates without a leak, so it cannot be followed to an end: some buyers' cost shares add up to the whole, all \
         within one circle; state what else they pay (wages, taxes, profit), so that shares add up to less than 1"
    )]
    ClosedLoop {
        /// Largest change in the last round.
        residual: f64,
        /// Rounds done.
        rounds: usize,
    },
}

/// Which way spending is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// From buyers to those whom they pay.
    Upstream,
    /// From those who are paid to their buyers.
    Downstream,
}

/// Groups of entities all of which keep nothing and pay nobody outside the group, members in their order: strongly connected
/// components of the payments that none leaves.
pub(super) fn closed_circles(payments: &Rows, keeps_nothing: impl Fn(usize) -> bool) -> Vec<Vec<EntityId>> {
    let components = payments.strong();
    let closed = |(at, members): &(usize, &[u32])| {
        let inside = |member: &u32| payments.of(*member).iter().all(|to| components.of(*to) == *at as u32);
        members.iter().all(|member| keeps_nothing(*member as usize) && inside(member))
    };
    let all = components.iter().enumerate().filter(closed);
    all.map(|(_, members)| members.iter().map(|member| EntityId(*member)).collect()).collect()
}

/// A row that keeps less than this keeps nothing.
const CLOSED: f64 = 1e-12;
/// Links from which on a round is spread over threads.
pub(super) const MANY_LINKS: usize = 100_000;

impl CostNetwork {
    /// Cost shares of every entity: from bulk tables, and the cost shares of the products it makes (intensities) times its
    /// suppliers' shares of those inputs.
    ///
    /// Rows of a table that state shares are taken as they stand. Amounts are set against the buyer's total cost: what is stated
    /// of it, or else what it sells or buys in the table, whichever is more ([`Wholes`]).
    /// Cost: two passes over the tables, 36 bytes a tie.
    pub fn build(graph: &Graph, scope: &Scope, network: &Network) -> Self {
        let bulk = Bulk::collect(graph, scope);
        let mut recipes = by_recipe(graph, scope, network);
        let mut cost = Self {
            start: Vec::with_capacity(graph.len() + 1),
            links: Vec::with_capacity(bulk.len()),
            origins: Vec::new(),
            by_supplier: Sparse::default(),
            scaled: 0,
            unsourced: !bulk.is_empty(),
            wholes: Wholes::default(),
            shared: Shared::default(),
        };
        let part = graph.part();
        let mut totals = Vec::with_capacity(graph.len());
        cost.start.push(0);
        for buyer in graph.entity_ids() {
            let mut row: Vec<(EntityId, f64, Vec<Origin>)> =
                bulk.row(buyer).into_iter().map(|(supplier, share)| (supplier, share, Vec::new())).collect();
            if let Some(recipe) = recipes.remove(&buyer) {
                for (supplier, (share, origins)) in recipe {
                    match row.binary_search_by_key(&supplier, |own| own.0) {
                        Ok(at) => {
                            row[at].1 += share;
                            row[at].2.extend(origins);
                        }
                        Err(at) => row.insert(at, (supplier, share, origins)),
                    }
                }
            }
            totals.push(row.iter().map(|(_, share, _)| share).sum::<f64>());
            for (supplier, share, origins) in row {
                let from = cost.origins.len() as u32;
                cost.origins.extend(origins);
                let origins = from..cost.origins.len() as u32;
                cost.links.push(CostLink { supplier, share, origins });
            }
            cost.start.push(cost.links.len() as u32);
        }
        part.complete(&mut totals);
        cost.scale(&totals);
        cost.shared = Shared::new(part, &cost);
        cost.unsourced = part.any(cost.unsourced);
        cost.open_circles(&bulk);
        cost.wholes.count(&bulk);
        cost.index_by_supplier();
        let buyers = part.own(cost.len()).flat_map(|supplier| cost.buyers_of(EntityId::new(supplier)));
        let buyers = buyers.map(|(buyer, _)| buyer.0).collect();
        cost.shared.meet(buyers);
        cost
    }

    /// Rows that add up to more than the whole are scaled down to it.
    fn scale(&mut self, totals: &[f64]) {
        for (range, total) in self.start.windows(2).zip(totals).filter(|(_, total)| **total > 1.0) {
            self.scaled += usize::from(*total > 1.0 + 1e-9);
            let scale = 1.0 / total;
            let row = &mut self.links[range[0] as usize..range[1] as usize];
            row.iter_mut().for_each(|link| link.share *= scale);
        }
    }

    /// Buyers as a graph: links lead to those whom they pay.
    pub(super) fn payments(&self) -> Rows {
        let pairs = (0..self.len()).flat_map(|buyer| {
            self.of(EntityId::new(buyer)).iter().map(move |link| (buyer as u32, link.supplier.0))
        });
        Rows::new(self.len(), pairs)
    }

    fn closed_circles(&self, keeps_nothing: impl Fn(usize) -> bool) -> Vec<Vec<EntityId>> {
        #[cfg(feature = "cluster")]
        if !self.shared.part().is_whole() {
            return self.closed_circles_together(keeps_nothing);
        }
        closed_circles(&self.payments(), keeps_nothing)
    }

    /// Circles of firms that pay all they receive to each other: nothing in the tables says what they keep, so a part is supposed.
    fn open_circles(&mut self, bulk: &Bulk<'_>) {
        if !bulk.has_amounts() {
            return;
        }
        let keeps_nothing = |buyer: usize| {
            let row = self.of(EntityId::new(buyer));
            1.0 - row.iter().map(|link| link.share).sum::<f64>() < CLOSED
                && bulk.by_amounts(EntityId::new(buyer))
        };
        self.wholes.circles = self.closed_circles(keeps_nothing);
        for member in self.wholes.circles.iter().flatten() {
            let range = self.start[member.index()] as usize..self.start[member.index() + 1] as usize;
            self.links[range].iter_mut().for_each(|link| link.share *= 1.0 - SUPPOSED_VALUE_ADDED);
        }
        self.wholes.circles.sort();
    }

    /// What the cost shares of bulk tables were taken of.
    pub fn wholes(&self) -> &Wholes {
        &self.wholes
    }

    fn index_by_supplier(&mut self) {
        let buyers = 0..self.len();
        let links =
            buyers.flat_map(|buyer| self.of(EntityId::new(buyer)).iter().map(move |link| (buyer, link)));
        let links = links.map(|(buyer, link)| (link.supplier.index(), buyer, link.share));
        self.by_supplier = Sparse::sorted(self.len(), links);
    }

    /// Number of entities.
    pub fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// Whether no cost share is known at all.
    pub fn is_empty(&self) -> bool {
        self.links_len() == 0
    }

    /// Number of cost shares, of all processes that hold any.
    pub fn links_len(&self) -> usize {
        self.shared.links()
    }

    /// Buyers whose cost shares added up to more than 1 and were scaled down to it.
    pub fn scaled(&self) -> usize {
        self.scaled
    }

    /// Whether weights come from a bulk table, which carries no sources.
    pub fn unsourced(&self) -> bool {
        self.unsourced
    }

    /// Cost shares of a buyer, in the order of the suppliers' keys.
    pub fn of(&self, buyer: EntityId) -> &[CostLink] {
        &self.links[self.start[buyer.index()] as usize..self.start[buyer.index() + 1] as usize]
    }

    /// The records that a cost share comes from.
    pub fn origins(&self, link: &CostLink) -> &[Origin] {
        &self.origins[link.origins.start as usize..link.origins.end as usize]
    }

    /// Buyers of a supplier with their shares, in the order of the buyers' keys.
    pub fn buyers_of(&self, supplier: EntityId) -> impl Iterator<Item = (EntityId, f64)> + '_ {
        self.by_supplier.row(supplier.index()).map(|(buyer, share)| (EntityId::new(buyer), share))
    }

    /// Face values `W[·, supplier]` of all buyers. Cost: the buyers of the supplier.
    pub fn face_values(&self, supplier: EntityId) -> Vec<f64> {
        let mut values = vec![0.0; self.len()];
        for (buyer, share) in self.buyers_of(supplier) {
            values[buyer.index()] += share;
        }
        self.shared.part().complete(&mut values);
        values
    }

    /// Face value `W[buyer, supplier]`. Cost: a search in the buyer's row.
    pub fn face_value(&self, buyer: EntityId, supplier: EntityId) -> f64 {
        let links = self.of(buyer);
        links.binary_search_by_key(&supplier, |link| link.supplier).map_or(0.0, |at| links[at].share)
    }

    /// Row of `L = (I - W)^-1`: how much of one unit of the buyer's cost passes each entity, all tiers and
    /// rounds summed, its own unit included.
    ///
    /// Cost: one solve ([`solve`](crate::matrix::solve)): some tens of passes over the links.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn leontief_row(&self, buyer: EntityId) -> Result<Vec<f64>, SolveError> {
        self.solve(&self.unit(buyer), Spending::upstream(self))
    }

    /// Sum of the rows of `L`, each times the size of its buyer: how much of all their cost passes each entity.
    ///
    /// Sizes are 0 or more, by entity. Cost: as one row.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn leontief_sum(&self, sizes: &[f64]) -> Result<Vec<f64>, SolveError> {
        let sizes: Vec<f64> = sizes.iter().map(|size| size.max(0.0)).collect();
        self.solve(&sizes, Spending::upstream(self))
    }

    fn unit(&self, entity: EntityId) -> Vec<f64> {
        let mut unit = vec![0.0; self.len()];
        unit[entity.index()] = 1.0;
        unit
    }

    /// Column of `L`: how much of one unit of each buyer's cost passes the supplier.
    ///
    /// Cost: as one row.
    ///
    /// # Errors
    /// Spending that circulates without a leak.
    pub fn leontief_column(&self, supplier: EntityId) -> Result<Vec<f64>, SolveError> {
        self.solve(&self.unit(supplier), Spending::downstream(self))
    }

    /// One step upstream: `wave W`, the shares of cost one tier further up.
    pub fn step_upstream(&self, wave: &[f64]) -> Vec<f64> {
        self.by_supplier.times(wave)
    }

    /// Solves `x = c + M x`, M being W or a part of it.
    pub(super) fn solve(&self, c: &[f64], spending: Spending<'_>) -> Result<Vec<f64>, SolveError> {
        let solved = solve(&spending, self.shared.part(), c, None);
        match solved.converged {
            true => Ok(solved.x),
            false => Err(SolveError::ClosedLoop { residual: solved.residual, rounds: solved.sweeps }),
        }
    }

    /// Row of W times a vector: what a buyer pays to all suppliers, each times its number.
    fn paid(&self, buyer: usize, skipped: Option<usize>, x: &[f64]) -> f64 {
        let mut sum = 0.0;
        for link in self.of(EntityId::new(buyer)) {
            let supplier = link.supplier.index();
            if Some(supplier) != skipped {
                sum += link.share * x[supplier];
            }
        }
        sum
    }

    /// What of each buyer's cost is paid to suppliers directly, each times its number: `W x`.
    pub(super) fn pay(&self, x: &[f64]) -> Vec<f64> {
        let row = |buyer| self.paid(buyer, None, x);
        let mut sums: Vec<f64> = match self.links.len() < MANY_LINKS {
            true => (0..self.len()).map(row).collect(),
            false => (0..self.len()).into_par_iter().map(row).collect(),
        };
        self.shared.part().complete(&mut sums);
        sums
    }
}

/// Spending followed one way, as a solve reads it.
pub(super) struct Spending<'c> {
    cost: &'c CostNetwork,
    direction: Direction,
    /// What each buyer passes on of what it pays: all where nothing is said.
    passes: &'c [f64],
}

impl<'c> Spending<'c> {
    /// From buyers to those whom they pay: W transposed.
    fn upstream(cost: &'c CostNetwork) -> Self {
        Self { cost, direction: Direction::Upstream, passes: &[] }
    }

    /// From those who are paid to their buyers: W.
    pub fn downstream(cost: &'c CostNetwork) -> Self {
        Self::through(cost, &[])
    }

    /// The same where each buyer passes a part on, 0 to 1: rows of W, each times that part.
    pub fn through(cost: &'c CostNetwork, passes: &'c [f64]) -> Self {
        Self { cost, direction: Direction::Downstream, passes }
    }

    fn passes(&self, row: usize) -> f64 {
        self.passes.get(row).copied().unwrap_or(1.0)
    }
}

impl Matrix for Spending<'_> {
    fn len(&self) -> usize {
        self.cost.len()
    }

    fn entries(&self) -> usize {
        self.cost.links.len()
    }

    fn own(&self, row: usize) -> f64 {
        let id = EntityId::new(row);
        self.passes(row) * self.cost.face_value(id, id)
    }

    fn dot_beside(&self, row: usize, x: &[f64]) -> f64 {
        match self.direction {
            Direction::Upstream => self.cost.by_supplier.dot_beside(row, x),
            Direction::Downstream => self.passes(row) * self.cost.paid(row, Some(row), x),
        }
    }

    fn halo(&self, _part: &Part) -> Halo {
        self.cost.shared.halo(self.direction).cloned().unwrap_or_else(Halo::whole)
    }
}
