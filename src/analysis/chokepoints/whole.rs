//! Measures of the whole graph, whoever asks.

use rayon::prelude::*;

use super::super::supply_graph::SupplyGraph;
use super::super::{AnalysisError, View};
use super::Size;
use crate::model::{AttributeId, AttributeKind, AttributeSubject, EntityId};
use crate::network::{CostNetwork, SolveError};
use crate::structure::trophic::{Trophic, levels};
use crate::structure::{Digraph, Edge, Separators, betweenness, separators, strong};

/// How much each entity counts.
pub(super) struct Sizes {
    pub of: Vec<f64>,
    /// Records that state them.
    pub attributes: Vec<AttributeId>,
    /// Entities without a stated size, where sizes are asked for.
    pub missing: usize,
    pub size: Size,
}

impl Sizes {
    pub fn new(view: &View<'_>, size: Size) -> Self {
        let mut sizes = Self { of: vec![1.0; view.graph.len()], attributes: Vec::new(), missing: 0, size };
        if size == Size::Revenue {
            for entity in view.graph.entity_ids() {
                let of = AttributeSubject::Entity(entity);
                let kind = AttributeKind::Revenue;
                let found =
                    view.graph.latest_attribute(of, &kind, None, view.scope.as_of).and_then(|(id, a)| {
                        let usd = view.graph.usd_point(a.value.as_ref()?, view.scope.as_of)?;
                        Some((id, usd / a.per_years?))
                    });
                match found.filter(|(_, value)| *value > 0.0 && value.is_finite()) {
                    Some((id, value)) => {
                        sizes.of[entity.index()] = value;
                        sizes.attributes.push(id);
                    }
                    None => {
                        sizes.of[entity.index()] = 0.0;
                        sizes.missing += 1;
                    }
                }
            }
        }
        sizes
    }
}

/// Measures of all entities at once.
pub(super) struct Whole {
    pub separators: Separators,
    /// `None` where the graph is too large.
    pub betweenness: Option<Vec<f64>>,
    pub trophic: Trophic,
    /// Loops of the basis, largest first, and the loop of each entity.
    pub loops: Vec<Vec<usize>>,
    pub loop_of: Vec<Option<usize>>,
    /// Diagonal of L, known for entities in a loop of payments; 1 elsewhere.
    diagonal: Vec<f64>,
    /// `None` without costs, or where the graph is too large.
    pub criticality: Option<Vec<f64>>,
    /// What was not computed.
    pub left_out: Vec<&'static str>,
}

/// Most steps, nodes times edges, of a measure that takes one search for each node.
const MOST_STEPS: usize = 1_000_000_000;

/// Whether so many searches over so many edges are done in a few seconds.
pub(super) fn affordable(searches: usize, edges: usize) -> bool {
    searches.saturating_mul(edges) <= MOST_STEPS
}

impl Whole {
    pub fn measure(
        supply: &SupplyGraph<'_>,
        cost: &CostNetwork,
        sizes: &Sizes,
    ) -> Result<Self, AnalysisError> {
        let graph = &supply.graph;
        let loops = strong(graph);
        let mut loop_of = vec![None; graph.len()];
        for (at, nodes) in loops.iter().enumerate() {
            for node in nodes {
                loop_of[*node] = Some(at);
            }
        }
        let mut left_out = Vec::new();
        let betweenness = affordable(graph.len(), graph.edges().len() + graph.len())
            .then(|| betweenness(graph, |share| 1.0 / share));
        if betweenness.is_none() {
            left_out.push("betweenness");
        }
        let payments = cost_graph(cost);
        let circulating: Vec<usize> = strong(&payments).into_iter().flatten().collect();
        let mut diagonal = vec![1.0; cost.len()];
        let mut criticality = None;
        // a solve takes some tens of rounds
        if affordable(32 * circulating.len(), payments.edges().len() + payments.len()) {
            let own: Result<Vec<f64>, SolveError> = circulating
                .par_iter()
                .map(|node| Ok(cost.leontief_row(EntityId::new(*node))?[*node]))
                .collect();
            for (node, own) in circulating.iter().zip(own.map_err(no_data)?) {
                diagonal[*node] = own;
            }
            if !cost.is_empty() {
                let sum = cost.leontief_sum(&sizes.of).map_err(no_data)?;
                let of = |k: usize| (sum[k] / diagonal[k] - sizes.of[k]).max(0.0);
                criticality = Some((0..cost.len()).map(of).collect());
            }
        } else {
            left_out.push("criticality");
        }
        Ok(Self {
            separators: separators(graph),
            betweenness,
            trophic: levels(graph),
            loops,
            loop_of,
            diagonal,
            criticality,
            left_out,
        })
    }

    /// R_ik from L_ik.
    pub fn reach_share(&self, cost: &CostNetwork, look_through: f64, supplier: usize) -> f64 {
        let known = if self.left_out.contains(&"criticality") {
            cost.leontief_row(EntityId::new(supplier)).ok().map(|row| row[supplier])
        } else {
            None
        };
        look_through / known.unwrap_or(self.diagonal[supplier])
    }
}

/// Payments as a graph supplier → buyer.
pub(super) fn cost_graph(cost: &CostNetwork) -> Digraph {
    let edges = (0..cost.len()).flat_map(|buyer| {
        let links = cost.of(EntityId::new(buyer)).iter();
        links.map(move |link| Edge { from: link.supplier.index(), to: buyer, weight: link.share })
    });
    Digraph::new(cost.len(), edges.collect())
}

pub(super) fn no_data(error: SolveError) -> AnalysisError {
    AnalysisError::NoData(error.to_string())
}
