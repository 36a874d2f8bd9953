//! How far downstream everything stands: trophic levels, which also give the tiers of a supply map.

use rayon::prelude::*;

use super::{Digraph, weak};
use crate::compressed::sorted;
use crate::reproducible::{Split, Sums, sum};

/// Levels of all nodes, and how far the graph is from perfect layers.
#[derive(Clone, Debug, PartialEq)]
pub struct Trophic {
    /// Level of each node: in each weakly connected component the lowest is 0, and an edge goes up by 1 on
    /// average. A node without edges stands at 0.
    pub levels: Vec<f64>,
    /// Incoherence F of the whole, 0 (every edge goes up by exactly 1) to 1 (no order at all); `None` without edges.
    pub incoherence: Option<f64>,
    /// Weakly connected component of each node, numbered from 0.
    pub component: Vec<usize>,
    /// Incoherence of each component, by its number.
    pub incoherence_of: Vec<Option<f64>>,
    /// Largest |(Λh - v)_i| / u_i over all nodes: by how much a node may miss the mean of its neighbours.
    pub residual: f64,
    /// Rounds of the solver, over all components.
    pub rounds: usize,
    /// Whether the residual fell below [`SETTLED`].
    pub converged: bool,
}

/// Residual at which levels have settled.
pub const SETTLED: f64 = 1e-12;

/// Trophic levels h by (diag(u) - A - Aᵀ) h = v, where `A[supplier, customer]` sums the weights of the edges,
/// u is the weight in and out of a node and v what comes in less what goes out; and the incoherence
/// F = Σ a_ij (h_j - h_i - 1)² / Σ a_ij.
///
/// Cycles are allowed and no node need be a beginning, unlike in the older definition. Self-loops are left out.
///
/// Cost: conjugate gradients on each component, a pass over the edges a round, usually far fewer rounds than nodes.
/// Source: MacKay, Johnson and Sansom, Royal Society Open Science 7:201138, 2020.
pub fn levels(graph: &Digraph) -> Trophic {
    let n = graph.len();
    let component = weak(graph);
    let parts = component.iter().max().map_or(0, |last| last + 1);
    let numbered = component.iter().enumerate().map(|(node, part)| (*part as u32, node as u32));
    let (first, members) = sorted(parts, numbered);
    let system = System::new(graph);
    let mut work = Work::new(n);
    let mut levels = vec![0.0; n];
    let (mut rounds, mut residual): (usize, f64) = (0, 0.0);
    for part in first.windows(2) {
        let nodes = &members[part[0] as usize..part[1] as usize];
        if nodes.len() < 2 {
            continue;
        }
        system.start(nodes, &mut levels, &mut work.seen);
        let (used, left) = system.solve(nodes, &mut levels, &mut work);
        rounds += used;
        residual = residual.max(left);
        let lowest = nodes.iter().map(|node| levels[*node as usize]).fold(f64::INFINITY, f64::min);
        for node in nodes {
            levels[*node as usize] -= lowest;
        }
    }
    let missed = by_component(graph, &component, parts, |edge| {
        let miss = levels[edge.to] - levels[edge.from] - 1.0;
        edge.weight * miss * miss
    });
    let weight = by_component(graph, &component, parts, |edge| edge.weight);
    let part = |missed: f64, weight: f64| (weight > 0.0).then(|| missed / weight);
    Trophic {
        levels,
        incoherence: part(sum(&missed), sum(&weight)),
        component,
        incoherence_of: missed.iter().zip(&weight).map(|(missed, weight)| part(*missed, *weight)).collect(),
        residual,
        rounds,
        converged: residual <= SETTLED,
    }
}

/// Sums over the edges of each component, in whatever order the edges are.
fn by_component(
    graph: &Digraph,
    component: &[usize],
    parts: usize,
    term: impl Fn(&super::Edge) -> f64,
) -> Vec<f64> {
    let edges = || graph.edges().iter().filter(|edge| edge.from != edge.to);
    let mut seen = vec![(0.0f64, 0); parts];
    for edge in edges() {
        let (largest, count) = &mut seen[component[edge.from]];
        *largest = largest.max(term(edge).abs());
        *count += 1;
    }
    let split = seen.into_iter().map(|(largest, count)| (Split::new(largest, count), Sums::default()));
    let mut split: Vec<(Split, Sums)> = split.collect();
    for edge in edges() {
        let (split, sums) = &mut split[component[edge.from]];
        split.add(sums, term(edge));
    }
    split.into_iter().map(|(_, sums)| sums.total()).collect()
}

/// Λ and v, in the undirected rows of the graph.
struct System {
    /// Rows of node `i` are `rows[start[i]..start[i + 1]]`: the other end, and the weight, below 0 where the edge comes from it.
    start: Vec<u32>,
    rows: Vec<(u32, f64)>,
    weight: Vec<f64>,
    surplus: Vec<f64>,
}

/// Lists over all nodes, used for one component after the other.
struct Work {
    seen: Vec<bool>,
    left: Vec<f64>,
    way: Vec<f64>,
    image: Vec<f64>,
    /// Terms of a sum over the nodes of a component.
    terms: Vec<f64>,
}

impl Work {
    fn new(n: usize) -> Self {
        Self {
            seen: vec![false; n],
            left: vec![0.0; n],
            way: vec![0.0; n],
            image: vec![0.0; n],
            terms: Vec::new(),
        }
    }
}

/// Nodes from which on a product is spread over threads.
const MANY: usize = 20_000;

impl System {
    fn new(graph: &Digraph) -> Self {
        let n = graph.len();
        let (mut weight, mut surplus) = (vec![0.0; n], vec![0.0; n]);
        let counts = |edge: &&super::Edge| edge.from != edge.to && edge.weight > 0.0;
        for edge in graph.edges().iter().filter(counts) {
            weight[edge.from] += edge.weight;
            weight[edge.to] += edge.weight;
            surplus[edge.from] -= edge.weight;
            surplus[edge.to] += edge.weight;
        }
        // both ends of an edge side by side, so that each row is in the order of the edges
        let ends = graph.edges().iter().filter(counts).flat_map(|edge| {
            let (from, to) = (edge.from as u32, edge.to as u32);
            [(from, (to, edge.weight)), (to, (from, -edge.weight))]
        });
        let (start, rows) = sorted(n, ends);
        Self { start, rows, weight, surplus }
    }

    fn row(&self, node: usize) -> &[(u32, f64)] {
        &self.rows[self.start[node] as usize..self.start[node + 1] as usize]
    }

    /// (Λ x)_node.
    fn apply(&self, node: usize, x: &[f64]) -> f64 {
        let neighbours: f64 =
            self.row(node).iter().map(|(other, weight)| weight.abs() * x[*other as usize]).sum();
        self.weight[node] * x[node] - neighbours
    }

    /// A first guess: one up or down for each edge of a spanning tree. Exact where layers are perfect, and near
    /// enough elsewhere that long thin chains settle.
    fn start(&self, nodes: &[u32], h: &mut [f64], seen: &mut [bool]) {
        let Some(root) = nodes.first() else { return };
        let mut queue = std::collections::VecDeque::from([*root]);
        seen[*root as usize] = true;
        while let Some(node) = queue.pop_front() {
            for (other, weight) in self.row(node as usize) {
                if !std::mem::replace(&mut seen[*other as usize], true) {
                    h[*other as usize] = h[node as usize] + weight.signum();
                    queue.push_back(*other);
                }
            }
        }
    }

    /// Conjugate gradients, scaled by the diagonal, started again from the true residual as long as that helps.
    fn solve(&self, nodes: &[u32], h: &mut [f64], work: &mut Work) -> (usize, f64) {
        const STARTS: usize = 4;
        let most = 10 * nodes.len() + 100;
        let (mut rounds, mut best) = (0, f64::INFINITY);
        for _ in 0..STARTS {
            for node in nodes {
                let node = *node as usize;
                work.left[node] = self.surplus[node] - self.apply(node, h);
            }
            let now = self.worst(nodes, &work.left);
            if now <= SETTLED * 1e-2 || now >= best {
                return (rounds, now);
            }
            best = now;
            rounds += self.correct(nodes, work, h, most);
        }
        let miss = |node: &u32| {
            let node = *node as usize;
            (self.surplus[node] - self.apply(node, h)).abs() / self.weight[node]
        };
        (rounds, nodes.iter().map(miss).fold(0.0, f64::max))
    }

    fn worst(&self, nodes: &[u32], left: &[f64]) -> f64 {
        nodes.iter().map(|node| left[*node as usize].abs() / self.weight[*node as usize]).fold(0.0, f64::max)
    }

    fn correct(&self, nodes: &[u32], work: &mut Work, h: &mut [f64], most: usize) -> usize {
        let target = SETTLED * 1e-3;
        let Work { left, way, image, terms, .. } = work;
        let scaled = |left: &[f64], node: usize| left[node] / self.weight[node];
        for node in nodes {
            way[*node as usize] = scaled(left, *node as usize);
        }
        // the same bits in any order of the nodes
        let mut over_nodes = |term: &dyn Fn(usize) -> f64| {
            terms.clear();
            terms.extend(nodes.iter().map(|node| term(*node as usize)));
            sum(terms)
        };
        let mut energy = over_nodes(&|node| left[node] * scaled(left, node));
        for round in 0..most {
            if self.worst(nodes, left) <= target {
                return round;
            }
            if nodes.len() >= MANY {
                // a node of another component gets what it has no use for
                image.par_iter_mut().enumerate().for_each(|(node, image)| *image = self.apply(node, way));
            } else {
                nodes.iter().for_each(|node| image[*node as usize] = self.apply(*node as usize, way));
            }
            let slope = over_nodes(&|node| way[node] * image[node]);
            // what is no number ends it too
            if !(slope > 0.0 && energy > 0.0) {
                return round;
            }
            let step = energy / slope;
            for node in nodes {
                let node = *node as usize;
                h[node] += step * way[node];
                left[node] -= step * image[node];
            }
            let next = over_nodes(&|node| left[node] * scaled(left, node));
            let turn = next / energy;
            energy = next;
            for node in nodes {
                let node = *node as usize;
                way[node] = scaled(left, node) + turn * way[node];
            }
        }
        most
    }
}
