//! What hangs together: strongly, where everything reaches everything; weakly, whatever the direction.

use super::Digraph;
#[cfg(feature = "cluster")]
use super::components_in;
use crate::part::Part;

/// Strongly connected components with more than one node, or with a self-loop: the loops of a supply chain.
/// Each in rising order of nodes, the largest first, ties by their first node.
///
/// Cost: one pass over the edges. Source: Tarjan, SIAM Journal on Computing 1:146, 1972.
pub fn strong(graph: &Digraph) -> Vec<Vec<usize>> {
    let rows = graph.rows();
    let loops = |nodes: &&[u32]| nodes.len() > 1 || nodes.iter().any(|node| rows.of(*node).contains(node));
    let wide = |nodes: &[u32]| nodes.iter().map(|node| *node as usize).collect();
    let mut all: Vec<Vec<usize>> = rows.strong().iter().filter(loops).map(wide).collect();
    all.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
    all
}

/// [`strong`] of a graph of which every process holds all edges of its own nodes; each gets all components.
#[cfg_attr(not(feature = "cluster"), allow(unused_variables, reason = "no process has others"))]
pub fn strong_in(part: &Part, graph: &Digraph) -> Vec<Vec<usize>> {
    #[cfg(feature = "cluster")]
    if !part.is_whole() {
        return components_in::strong(part, graph);
    }
    strong(graph)
}

fn components(graph: &Digraph) -> Vec<Vec<usize>> {
    let found = graph.rows().strong();
    found.iter().map(|nodes| nodes.iter().map(|node| *node as usize).collect()).collect()
}

/// The weakly connected component of each node: components are numbered from 0 in the order of their
/// first nodes.
///
/// Cost: one pass over the edges.
pub fn weak(graph: &Digraph) -> Vec<usize> {
    let mut label = vec![usize::MAX; graph.len()];
    let mut count = 0;
    for root in 0..graph.len() {
        if label[root] != usize::MAX {
            continue;
        }
        label[root] = count;
        let mut open = vec![root];
        while let Some(node) = open.pop() {
            let ends = graph.out(node).map(|(_, e)| e.to).chain(graph.incoming(node).map(|(_, e)| e.from));
            for other in ends {
                if label[other] == usize::MAX {
                    label[other] = count;
                    open.push(other);
                }
            }
        }
        count += 1;
    }
    label
}

/// [`weak`] of a graph of which every process holds all edges of its own nodes; each gets the components of all nodes.
#[cfg_attr(not(feature = "cluster"), allow(unused_variables, reason = "no process has others"))]
pub fn weak_in(part: &Part, graph: &Digraph) -> Vec<usize> {
    #[cfg(feature = "cluster")]
    if !part.is_whole() {
        return components_in::weak(part, graph);
    }
    weak(graph)
}

/// Where chains begin: nodes without suppliers and, where a loop has no supplier outside itself, every node of
/// that loop. In rising order; a node without any edge counts as a beginning.
///
/// Cost: one pass over the edges.
pub fn raw(graph: &Digraph) -> Vec<usize> {
    let components = components(graph);
    let mut label = vec![0; graph.len()];
    for (at, nodes) in components.iter().enumerate() {
        for node in nodes {
            label[*node] = at;
        }
    }
    let fed = |nodes: &Vec<usize>| {
        let outside = |node: &usize| graph.incoming(*node).any(|(_, e)| label[e.from] != label[*node]);
        nodes.iter().any(outside)
    };
    let mut all: Vec<usize> = components.iter().filter(|nodes| !fed(nodes)).flatten().copied().collect();
    all.sort_unstable();
    all
}
