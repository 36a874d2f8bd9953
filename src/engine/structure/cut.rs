//! How many nodes must fail to part two others, and which.

use super::Digraph;
use super::flow::{Arc, Residual};

/// The least set of nodes that parts a beginning from an end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VertexCut {
    /// Its nodes in rising order; by Menger's theorem as many as there are ways without a common node. Empty where
    /// there is no way. Of several least sets, the one nearest to the beginning.
    pub nodes: Vec<usize>,
}

/// The least number of nodes strictly between two others whose removal leaves no way along the edges.
///
/// `None` where an edge joins the two directly, so that nothing between them can be cut.
///
/// Cost: one unit flow on the split graph: (cut size + 1) passes over the edges at least. Source: Menger 1927; Even
/// and Tarjan, SIAM Journal on Computing 4:507, 1975.
pub fn vertex_cut(graph: &Digraph, from: usize, to: usize) -> Option<VertexCut> {
    cut(graph, &[from], to, |node| node == from)
}

/// The least number of nodes whose removal leaves no way from any of several beginnings, which may be removed
/// themselves, to an end.
///
/// Cost and source as [`vertex_cut`].
pub fn vertex_cut_from_any(graph: &Digraph, from: &[usize], to: usize) -> VertexCut {
    cut(graph, from, to, |_| false).unwrap_or(VertexCut { nodes: Vec::new() })
}

fn cut(graph: &Digraph, from: &[usize], to: usize, stays: impl Fn(usize) -> bool) -> Option<VertexCut> {
    let n = graph.len();
    // node v is entered at 2v and left at 2v + 1; passing through costs 1
    let (entry, exit) = (|v: usize| 2 * v, |v: usize| 2 * v + 1);
    let (source, nodes) = (2 * n, 2 * n + 1);
    let mut arcs: Vec<Arc> = Vec::with_capacity(n + graph.edges().len() + from.len());
    for v in 0..n {
        let capacity = if v == to || stays(v) { f64::INFINITY } else { 1.0 };
        arcs.push(Arc { from: entry(v), to: exit(v), capacity });
    }
    for edge in graph.edges().iter().filter(|edge| edge.from != edge.to) {
        arcs.push(Arc { from: exit(edge.from), to: entry(edge.to), capacity: f64::INFINITY });
    }
    for start in from.iter().filter(|start| **start != to) {
        arcs.push(Arc { from: source, to: entry(*start), capacity: f64::INFINITY });
    }
    let mut network = Residual::new(nodes, &arcs);
    if network.run(source, entry(to)).is_infinite() {
        return None;
    }
    let side = network.source_side(source);
    Some(VertexCut { nodes: (0..n).filter(|v| side[entry(*v)] && !side[exit(*v)]).collect() })
}
