//! The cheapest ways between two nodes, one after the other.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::Digraph;
use super::ended::{Ended, Limits, Meter};

/// A way without a repeated node.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Its edges, from the beginning to the end.
    pub edges: Vec<usize>,
    /// The sum of their costs.
    pub cost: f64,
}

/// The cheapest ways, cheapest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Routes {
    /// Ways, cheapest first, ties in the order in which they were met.
    pub routes: Vec<Route>,
    /// Why the enumeration ended; `All` where there are no others.
    pub ended: Ended,
}

/// A node at a cost; the cheapest comes first out of a heap, ties by age.
struct At {
    cost: f64,
    age: usize,
}

impl PartialEq for At {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for At {}

impl Ord for At {
    fn cmp(&self, other: &Self) -> Ordering {
        other.cost.total_cmp(&self.cost).then(other.age.cmp(&self.age))
    }
}

impl PartialOrd for At {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A way that has not reached the end yet: its last step, and the way before it.
struct Partial {
    node: usize,
    step: Option<(usize, usize)>,
    cost: f64,
}

/// Ways along the edges from one node to another that visit no node twice, cheapest first. `cost` gives the cost of
/// each edge, 0 or more; infinite where it may not be used.
///
/// Parts of ways are continued in the order of what they cost and must still cost at least, which a search back from
/// the end tells exactly but for the ban on repeated nodes. So ways come out in order, and memory grows with the
/// number of parts looked at.
///
/// Cost: one search over the edges, then in the worst case all ways that are cheaper than the last one listed.
/// Source: Hart, Nilsson and Raphael, IEEE Transactions on Systems Science and Cybernetics 4:100, 1968.
pub fn cheapest_routes(
    graph: &Digraph,
    from: usize,
    to: usize,
    cost: impl Fn(usize) -> f64,
    limits: Limits,
) -> Routes {
    let mut found = Routes { routes: Vec::new(), ended: Ended::All };
    if from == to || from.max(to) >= graph.len() {
        return found;
    }
    let remaining = remaining(graph, to, &cost);
    if remaining[from].is_infinite() {
        return found;
    }
    let mut meter = Meter::new(limits);
    let mut parts = vec![Partial { node: from, step: None, cost: 0.0 }];
    let mut heap = BinaryHeap::from([At { cost: remaining[from], age: 0 }]);
    while let Some(At { age, .. }) = heap.pop() {
        let (node, so_far) = (parts[age].node, parts[age].cost);
        if node == to {
            if found.routes.len() == limits.most {
                found.ended = Ended::Most;
                break;
            }
            found.routes.push(Route { edges: steps(&parts, age), cost: so_far });
            continue;
        }
        if let Err(ended) = meter.step() {
            found.ended = ended;
            break;
        }
        let passed = nodes(&parts, age);
        for (id, edge) in graph.out(node) {
            let least = so_far + cost(id) + remaining[edge.to];
            if least.is_finite() && !passed.contains(&edge.to) {
                heap.push(At { cost: least, age: parts.len() });
                parts.push(Partial { node: edge.to, step: Some((id, age)), cost: so_far + cost(id) });
            }
        }
    }
    found
}

/// The least cost from each node to the end.
fn remaining(graph: &Digraph, to: usize, cost: &impl Fn(usize) -> f64) -> Vec<f64> {
    let mut least = vec![f64::INFINITY; graph.len()];
    least[to] = 0.0;
    let mut heap = BinaryHeap::from([At { cost: 0.0, age: to }]);
    while let Some(At { cost: reached, age: node }) = heap.pop() {
        if reached > least[node] {
            continue;
        }
        for (id, edge) in graph.incoming(node) {
            let further = reached + cost(id);
            if further < least[edge.from] {
                least[edge.from] = further;
                heap.push(At { cost: further, age: edge.from });
            }
        }
    }
    least
}

fn steps(parts: &[Partial], last: usize) -> Vec<usize> {
    let before = |(_, part): &(usize, usize)| parts[*part].step;
    let mut edges: Vec<usize> =
        std::iter::successors(parts[last].step, before).map(|(edge, _)| edge).collect();
    edges.reverse();
    edges
}

fn nodes(parts: &[Partial], last: usize) -> Vec<usize> {
    let before = |part: &usize| parts[*part].step.map(|(_, part)| part);
    std::iter::successors(Some(last), before).map(|part| parts[part].node).collect()
}
