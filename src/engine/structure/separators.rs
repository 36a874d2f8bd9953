//! Nodes and edges without which the graph, taken without directions, falls apart.

use super::Digraph;
use crate::compressed::sorted;

/// Single points at which the undirected graph falls apart.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Separators {
    /// Whether a node is an articulation point: without it, more parts than before hang together.
    pub articulation: Vec<bool>,
    /// Ids of the edges that are bridges, in rising order. An edge with a parallel one (or with one the other
    /// way between the same two) is none.
    pub bridges: Vec<usize>,
}

/// Articulation points and bridges.
///
/// The search leaves a node by any edge except the one by whose id it came, so that a second edge to the parent is
/// seen as a way back. Self-loops change nothing.
///
/// Cost: one pass over the edges, without recursion. Source: Tarjan, Information Processing Letters 2:160, 1974.
pub fn separators(graph: &Digraph) -> Separators {
    let n = graph.len();
    let edges = || graph.edges().iter().enumerate().filter(|(_, edge)| edge.from != edge.to);
    let out = edges().map(|(id, edge)| (edge.from as u32, (id as u32, edge.to as u32)));
    let incoming = edges().map(|(id, edge)| (edge.to as u32, (id as u32, edge.from as u32)));
    let (start, neighbours) = sorted(n, out.chain(incoming));
    let mut found = Separators { articulation: vec![false; n], bridges: Vec::new() };
    // time of discovery from 1 on, 0 for not seen; the earliest time that a subtree reaches back to
    let (mut seen, mut reach, mut time) = (vec![0usize; n], vec![0usize; n], 0);
    for root in 0..n {
        if seen[root] != 0 {
            continue;
        }
        time += 1;
        (seen[root], reach[root]) = (time, time);
        let mut children_of_root = 0;
        // node, the edge by which it was entered, the next neighbour to look at
        let mut path: Vec<(usize, Option<usize>, usize)> = vec![(root, None, start[root] as usize)];
        while let Some((node, came_by, next)) = path.last_mut() {
            let node = *node;
            if *next < start[node + 1] as usize {
                let (id, other) = neighbours[*next];
                let (id, other) = (id as usize, other as usize);
                *next += 1;
                if Some(id) == *came_by {
                    continue;
                }
                if seen[other] == 0 {
                    time += 1;
                    (seen[other], reach[other]) = (time, time);
                    path.push((other, Some(id), start[other] as usize));
                } else {
                    reach[node] = reach[node].min(seen[other]);
                }
                continue;
            }
            let came_by = *came_by;
            path.pop();
            let Some((parent, ..)) = path.last() else { continue };
            reach[*parent] = reach[*parent].min(reach[node]);
            if reach[node] > seen[*parent] {
                found.bridges.extend(came_by);
            }
            if *parent == root {
                children_of_root += 1;
            } else if reach[node] >= seen[*parent] {
                found.articulation[*parent] = true;
            }
        }
        found.articulation[root] = children_of_root > 1;
    }
    found.bridges.sort_unstable();
    found
}
