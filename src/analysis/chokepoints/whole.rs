//! Measures of the whole graph, whoever asks.

use super::super::supply_graph::SupplyGraph;
use super::super::{AnalysisError, View, budget};
use super::Size;
use crate::model::{AttributeId, AttributeKind, AttributeSubject, EntityId};
use crate::network::{CostNetwork, SolveError};
use crate::order::Arrange;
use crate::structure::trophic::{Trophic, levels};
use crate::structure::{Digraph, Edge, Sampled, Separators, betweenness_sampled, separators, strong};

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
    /// With its standard error where it is estimated from some searches.
    pub betweenness: Sampled,
    pub trophic: Trophic,
    /// Loops of the basis, largest first, and the loop of each entity.
    pub loops: Vec<Vec<usize>>,
    pub loop_of: Vec<Option<usize>>,
    /// `None` without costs; none of an entity that is too many down the order for a solve of its own.
    pub criticality: Option<Vec<Option<f64>>>,
    /// What was not computed.
    pub left_out: Vec<String>,
}

/// How much of the measures of all entities is worked out.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Effort {
    /// All of it, however long that takes.
    pub exact: bool,
    /// Draws the nodes that are searched from where not all are.
    pub seed: u64,
}

impl Whole {
    pub fn measure(
        supply: &SupplyGraph<'_>,
        cost: &CostNetwork,
        sizes: &Sizes,
        effort: Effort,
    ) -> Result<Self, AnalysisError> {
        let graph = &supply.graph;
        let loops = strong(graph);
        let mut loop_of = vec![None; graph.len()];
        for (at, nodes) in loops.iter().enumerate() {
            for node in nodes {
                loop_of[*node] = Some(at);
            }
        }
        let edges = graph.edges().len() + graph.len();
        let all = effort.exact || budget::affordable(graph.len(), 5 * edges);
        let sources = if all { graph.len() } else { budget::sources(edges) };
        let mut left_out = Vec::new();
        let criticality = criticality(cost, sizes, effort, &mut left_out)?;
        Ok(Self {
            separators: separators(graph),
            betweenness: betweenness_sampled(graph, |share| 1.0 / share, sources, effort.seed),
            trophic: levels(graph),
            loops,
            loop_of,
            criticality,
            left_out,
        })
    }
}

impl Whole {
    /// Whether betweenness is estimated from some searches.
    pub fn is_sampled(&self) -> bool {
        self.betweenness.sources < self.loop_of.len()
    }
}

/// Criticality of the entities, `s_k / L_kk - v_k` with `s` the sum of the rows of L, each times its size. As `L_kk` is 1 at least, `s_k - v_k`
/// bounds it from above: where only some `L_kk` can be afforded, those with the largest bounds are worked out, and those are
/// kept that no bound of the others exceeds, so that the order from the top is the true one.
fn criticality(
    cost: &CostNetwork,
    sizes: &Sizes,
    effort: Effort,
    left_out: &mut Vec<String>,
) -> Result<Option<Vec<Option<f64>>>, AnalysisError> {
    if cost.is_empty() {
        return Ok(None);
    }
    let sum = cost.leontief_sum(&sizes.of).map_err(no_data)?;
    let large = cost.in_large_loops();
    let bound = |k: usize| (sum[k] - sizes.of[k]).max(0.0);
    let mut dear: Vec<usize> = (0..cost.len()).filter(|k| large[*k]).collect();
    dear.arrange(|a, b| bound(*b).total_cmp(&bound(*a)).then(a.cmp(b)));
    let most = if effort.exact { dear.len() } else { budget::solves(cost.links_len()).min(dear.len()) };
    let (asked, others) = dear.split_at(most);
    let floor = others.first().map_or(0.0, |k| bound(*k));
    let mut ids: Vec<usize> = (0..cost.len()).filter(|k| !large[*k]).chain(asked.iter().copied()).collect();
    ids.sort_unstable();
    let entities: Vec<EntityId> = ids.iter().map(|k| EntityId::new(*k)).collect();
    let diagonal = cost.leontief_diagonal_of(&entities).map_err(no_data)?;
    let mut found = vec![None; cost.len()];
    for (k, own) in ids.iter().zip(diagonal) {
        let value = (sum[*k] / own - sizes.of[*k]).max(0.0);
        found[*k] = (value >= floor).then_some(value);
    }
    if !others.is_empty() {
        let below = found.iter().filter(|value| value.is_none()).count();
        left_out.push(format!(
            "the criticality of {below} entities, none of which exceeds {floor:.3e}, is left out: a solve each (--exact works all out)"
        ));
    }
    Ok(Some(found))
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
