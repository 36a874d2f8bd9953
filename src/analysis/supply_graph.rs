//! The ties of a network as a graph supplier → customer, for structural questions.

use serde::{Deserialize, Serialize};

use crate::model::{EntityId, Need, ProductId};
use crate::network::{CostNetwork, NeedRow, Network, SupplyLink};
use crate::structure::{Digraph, Edge};

/// Which ties make the graph. The two are never mixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Basis {
    /// Needs that bind: one edge for each customer, product and supplier, with the supplier's share of the need
    Function,
    /// Payments: one edge for each buyer and supplier, with the share of the buyer's total cost
    Cost,
}

impl Basis {
    /// In a word.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Cost => "cost",
        }
    }

    /// What the weight of an edge is.
    pub(super) fn weight(self) -> &'static str {
        match self {
            Self::Function => "the supplier's share of a need that binds",
            Self::Cost => "the supplier's share of the buyer's total cost",
        }
    }
}

/// The ties of one basis. Node k is entity k.
pub(super) struct SupplyGraph<'n> {
    pub basis: Basis,
    pub graph: Digraph,
    /// What stands behind each edge, by its id; empty on the cost basis.
    ties: Vec<(&'n NeedRow, &'n SupplyLink)>,
}

impl<'n> SupplyGraph<'n> {
    /// The asked basis, or function where any need binds and cost otherwise.
    pub fn new(network: &'n Network, cost: &CostNetwork, basis: Option<Basis>) -> Self {
        let basis = basis.unwrap_or_else(|| {
            let any = network.rows().iter().any(|row| row.binds() && !network.suppliers(row).is_empty());
            if any || cost.is_empty() { Basis::Function } else { Basis::Cost }
        });
        let mut ties = Vec::new();
        let mut edges = Vec::new();
        match basis {
            Basis::Function => {
                for row in network.rows().iter().filter(|row| row.binds()) {
                    for link in network.suppliers(row) {
                        ties.push((row, link));
                        edges.push(Edge {
                            from: link.supplier.index(),
                            to: row.entity.index(),
                            weight: link.share,
                        });
                    }
                }
            }
            Basis::Cost => {
                for buyer in 0..cost.len() {
                    edges.extend(cost.of(EntityId::new(buyer)).iter().map(|link| Edge {
                        from: link.supplier.index(),
                        to: buyer,
                        weight: link.share,
                    }));
                }
            }
        }
        Self { basis, graph: Digraph::new(network.len(), edges), ties }
    }

    /// The need and the share behind an edge; `None` on the cost basis.
    pub fn tie(&self, edge: usize) -> Option<(&'n NeedRow, &'n SupplyLink)> {
        self.ties.get(edge).copied()
    }

    /// The product that passes over an edge; `None` on the cost basis.
    pub fn product(&self, edge: usize) -> Option<ProductId> {
        self.tie(edge).map(|(row, _)| row.product)
    }

    /// Share of the customer's function (or of the buyer's cost) that an edge carries: the share of the need, times
    /// the weight of an important product.
    pub fn carries(&self, edge: usize) -> f64 {
        let share = self.graph.edges().get(edge).map_or(0.0, |edge| edge.weight);
        match self.tie(edge).map(|(row, _)| row.need) {
            Some(Need::Important(weight)) => share * weight,
            _ => share,
        }
    }
}
