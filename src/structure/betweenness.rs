//! Who stands on the shortest ways between others.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::Digraph;

/// A node at a distance; the nearest comes first out of a heap, ties by node.
#[derive(PartialEq)]
struct At(f64, usize);

impl Eq for At {}

impl Ord for At {
    fn cmp(&self, other: &Self) -> Ordering {
        other.0.total_cmp(&self.0).then(other.1.cmp(&self.1))
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Two lengths closer than this, relatively, count as equal, so that ties do not hang on rounding.
const TIE: f64 = 1e-12;

/// Shortest-path betweenness: for each node the sum, over ordered pairs of other nodes, of the part of their
/// shortest ways that pass it. 0 or more; the ends of a way are left out; not normalised.
///
/// The length of an edge is `length` of its weight and must be above 0: a strong tie is a short one only if the
/// caller says so (1 / weight). Of parallel edges the shortest counts.
///
/// Cost: for each node one search, nodes · edges · log in all, spread over threads and summed in a fixed order.
/// Source: Brandes, Journal of Mathematical Sociology 25:163, 2001.
pub fn betweenness(graph: &Digraph, length: impl Fn(f64) -> f64 + Sync) -> Vec<f64> {
    let n = graph.len();
    // a simple graph: of parallel edges the shortest
    let rows: Vec<Vec<(usize, f64)>> = (0..n)
        .map(|node| {
            let mut row: Vec<(usize, f64)> = graph
                .out(node)
                .map(|(_, edge)| (edge.to, length(edge.weight)))
                .filter(|(to, length)| *to != node && *length > 0.0 && length.is_finite())
                .collect();
            row.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            row.dedup_by_key(|(to, _)| *to);
            row
        })
        .collect();
    const AT_ONCE: usize = 64;
    let mut total = vec![0.0; n];
    let nodes: Vec<usize> = (0..n).collect();
    for chunk in nodes.chunks(AT_ONCE) {
        let parts: Vec<Vec<(usize, f64)>> = chunk.par_iter().map(|source| from(&rows, *source)).collect();
        for (node, part) in parts.into_iter().flatten() {
            total[node] += part;
        }
    }
    total
}

/// What the shortest ways from one source add to each node.
fn from(rows: &[Vec<(usize, f64)>], source: usize) -> Vec<(usize, f64)> {
    let n = rows.len();
    let mut distance = vec![f64::INFINITY; n];
    let mut ways = vec![0.0; n];
    let mut before: Vec<Vec<usize>> = vec![Vec::new(); n];
    let mut done = vec![false; n];
    let mut order = Vec::new();
    (distance[source], ways[source]) = (0.0, 1.0);
    let mut heap = BinaryHeap::from([At(0.0, source)]);
    while let Some(At(_, node)) = heap.pop() {
        if std::mem::replace(&mut done[node], true) {
            continue;
        }
        order.push(node);
        for (to, length) in &rows[node] {
            let (to, reached) = (*to, distance[node] + length);
            let tie = TIE * reached;
            if reached < distance[to] - tie {
                distance[to] = reached;
                before[to] = vec![node];
                heap.push(At(reached, to));
            } else if reached <= distance[to] + tie && !done[to] {
                before[to].push(node);
            }
        }
    }
    // ways are counted once all that lie before a node are settled
    for node in order.iter().skip(1) {
        ways[*node] = before[*node].iter().map(|node| ways[*node]).sum();
    }
    let mut credit = vec![0.0; n];
    for node in order.iter().skip(1).rev() {
        for earlier in &before[*node] {
            credit[*earlier] += ways[*earlier] / ways[*node] * (1.0 + credit[*node]);
        }
    }
    order.into_iter().skip(1).map(|node| (node, credit[node])).collect()
}
