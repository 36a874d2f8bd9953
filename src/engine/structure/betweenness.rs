//! Who stands on the shortest ways between others.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use chacha20::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use rayon::prelude::*;

use super::Digraph;
use super::breadth::Breadth;
use crate::compressed::{Rows, sorted};

/// A node at a distance; the nearest comes first out of a heap, ties by node.
#[derive(PartialEq)]
struct At(f64, u32);

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
/// Searches whose parts are kept before they are added up in order.
const AT_ONCE: usize = 16;

/// Betweenness estimated from the shortest ways out of some nodes.
#[derive(Clone, Debug, PartialEq)]
pub struct Sampled {
    /// Estimate for each node, 0 or more; all nodes were searched from where `sources` is their number.
    pub value: Vec<f64>,
    /// Standard error of each estimate; nought where all nodes were searched from.
    pub error: Vec<f64>,
    /// Nodes that were searched from.
    pub sources: usize,
}

/// Shortest-path betweenness: for each node the sum, over ordered pairs of other nodes, of the part of their
/// shortest ways that pass it. 0 or more; the ends of a way are left out; not normalised.
///
/// The length of an edge is `length` of its weight and must be above 0: a strong tie is a short one only if the
/// caller says so (1 / weight). Of parallel edges the shortest counts.
///
/// Cost: for each node one search, nodes · edges · log in all, spread over threads and summed in a fixed order.
/// Source: Brandes, Journal of Mathematical Sociology 25:163, 2001.
pub fn betweenness(graph: &Digraph, length: impl Fn(f64) -> f64 + Sync) -> Vec<f64> {
    betweenness_sampled(graph, length, graph.len(), 0).value
}

/// The same, estimated from the ways out of `sources` nodes drawn without replacement: their sum times nodes / sources, which is
/// right on average, and its standard error from how much the nodes drawn differ.
///
/// Cost: one search for each node drawn. Source: Brandes and Pich, International Journal of Bifurcation and
/// Chaos 17:2303, 2007.
pub fn betweenness_sampled(
    graph: &Digraph,
    length: impl Fn(f64) -> f64 + Sync,
    sources: usize,
    seed: u64,
) -> Sampled {
    let n = graph.len();
    let ways = Ways::new(graph, length);
    let level = ways.level();
    let drawn = draw(n, sources, seed);
    let (mut sum, mut squares) = (vec![0.0; n], vec![0.0; n]);
    for chunk in drawn.chunks(AT_ONCE) {
        let parts: Vec<Vec<(u32, f64)>> = match &level {
            Some(rows) => chunk
                .par_iter()
                .map_init(|| Breadth::new(n), |search, source| search.from(rows, *source))
                .collect(),
            None => chunk
                .par_iter()
                .map_init(|| Search::new(n), |search, source| search.from(&ways, *source))
                .collect(),
        };
        for (node, part) in parts.into_iter().flatten() {
            sum[node as usize] += part;
            squares[node as usize] += part * part;
        }
    }
    let (k, all) = (drawn.len() as f64, n as f64);
    if drawn.len() == n {
        return Sampled { value: sum, error: vec![0.0; n], sources: n };
    }
    let error = |(sum, squares): (&f64, &f64)| {
        let variance = ((squares - sum * sum / k) / (k - 1.0)).max(0.0);
        all * (variance / k * (1.0 - k / all)).sqrt()
    };
    let error = sum.iter().zip(&squares).map(error).collect();
    Sampled { value: sum.iter().map(|sum| sum * all / k).collect(), error, sources: drawn.len() }
}

/// Nodes to search from, in rising order: all, or at least two of them.
fn draw(n: usize, sources: usize, seed: u64) -> Vec<u32> {
    let mut all: Vec<u32> = (0..n as u32).collect();
    if sources >= n || n <= 2 {
        return all;
    }
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let sources = sources.max(2);
    for at in 0..sources {
        // the bias of a remainder of 64 bits is below one in 2^32
        let other = at + (random.next_u64() % (n - at) as u64) as usize;
        all.swap(at, other);
    }
    all.truncate(sources);
    all.sort_unstable();
    all
}

/// A simple graph with lengths, in rows: of parallel edges the shortest.
struct Ways {
    start: Vec<u32>,
    links: Vec<(u32, f64)>,
    /// The same by the node that they lead to.
    before_start: Vec<u32>,
    before: Vec<(u32, f64)>,
}

impl Ways {
    fn new(graph: &Digraph, length: impl Fn(f64) -> f64) -> Self {
        let n = graph.len();
        let (mut start, mut links) = (vec![0u32], Vec::with_capacity(graph.edges().len()));
        for node in 0..n {
            let mut row: Vec<(u32, f64)> = graph
                .out(node)
                .map(|(_, edge)| (edge.to as u32, length(edge.weight)))
                .filter(|(to, length)| *to as usize != node && *length > 0.0 && length.is_finite())
                .collect();
            row.sort_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            row.dedup_by_key(|(to, _)| *to);
            links.extend(row);
            start.push(links.len() as u32);
        }
        let turned = (0..n).flat_map(|node| {
            let row = &links[start[node] as usize..start[node + 1] as usize];
            row.iter().map(move |(to, length)| (*to, (node as u32, *length)))
        });
        let (before_start, before) = sorted(n, turned);
        Self { start, links, before_start, before }
    }

    /// The links without lengths, where all are equally long: the first found is the nearest.
    fn level(&self) -> Option<Rows> {
        let (_, first) = self.links.first()?;
        let nodes = self.start.len() - 1;
        let pairs = (0..nodes as u32).flat_map(|node| self.of(node).iter().map(move |(to, _)| (node, *to)));
        self.links.iter().all(|(_, length)| length == first).then(|| Rows::new(nodes, pairs))
    }

    fn of(&self, node: u32) -> &[(u32, f64)] {
        &self.links[self.start[node as usize] as usize..self.start[node as usize + 1] as usize]
    }

    fn before(&self, node: u32) -> &[(u32, f64)] {
        &self.before[self.before_start[node as usize] as usize..self.before_start[node as usize + 1] as usize]
    }
}

/// What one search writes into; used again and again by one thread.
struct Search {
    distance: Vec<f64>,
    /// Number of shortest ways.
    ways: Vec<f64>,
    credit: Vec<f64>,
    /// Place in the order in which nodes are settled.
    place: Vec<u32>,
    order: Vec<u32>,
    heap: BinaryHeap<At>,
}

/// Not settled.
const OPEN: u32 = u32::MAX;

impl Search {
    fn new(n: usize) -> Self {
        Self {
            distance: vec![f64::INFINITY; n],
            ways: vec![0.0; n],
            credit: vec![0.0; n],
            place: vec![OPEN; n],
            order: Vec::new(),
            heap: BinaryHeap::new(),
        }
    }

    /// What the shortest ways from one source add to each node.
    fn from(&mut self, graph: &Ways, source: u32) -> Vec<(u32, f64)> {
        self.settle(graph, source);
        self.ways[source as usize] = 1.0;
        for at in 1..self.order.len() {
            let node = self.order[at];
            let ways = self.earlier(graph, node).map(|earlier| self.ways[earlier as usize]).sum();
            self.ways[node as usize] = ways;
        }
        for at in (1..self.order.len()).rev() {
            let node = self.order[at];
            for (earlier, length) in graph.before(node) {
                if self.is_before(*earlier, *length, node) {
                    self.credit[*earlier as usize] += self.ways[*earlier as usize] / self.ways[node as usize]
                        * (1.0 + self.credit[node as usize]);
                }
            }
        }
        let found = self.order.iter().skip(1).map(|node| (*node, self.credit[*node as usize]));
        let found = found.filter(|(_, credit)| *credit > 0.0).collect();
        self.clear();
        found
    }

    /// Settles nodes in the order of their distance: the nearest first, out of a heap.
    fn settle(&mut self, graph: &Ways, source: u32) {
        self.distance[source as usize] = 0.0;
        self.heap.push(At(0.0, source));
        while let Some(At(distance, node)) = self.heap.pop() {
            if self.place[node as usize] != OPEN {
                continue;
            }
            self.place[node as usize] = self.order.len() as u32;
            self.order.push(node);
            for (to, length) in graph.of(node) {
                let reached = distance + length;
                if reached < self.distance[*to as usize] - TIE * reached {
                    self.distance[*to as usize] = reached;
                    self.heap.push(At(reached, *to));
                }
            }
        }
    }

    /// Whether a shortest way to a node comes over an edge of that length from another.
    fn is_before(&self, earlier: u32, length: f64, node: u32) -> bool {
        let reached = self.distance[earlier as usize] + length;
        self.place[earlier as usize] < self.place[node as usize]
            && reached <= self.distance[node as usize] + TIE * reached
    }

    fn earlier<'a>(&'a self, graph: &'a Ways, node: u32) -> impl Iterator<Item = u32> + 'a {
        let before = graph.before(node).iter();
        before
            .filter(move |(earlier, length)| self.is_before(*earlier, *length, node))
            .map(|(earlier, _)| *earlier)
    }

    fn clear(&mut self) {
        for node in self.order.drain(..) {
            let node = node as usize;
            self.distance[node] = f64::INFINITY;
            (self.ways[node], self.credit[node], self.place[node]) = (0.0, 0.0, OPEN);
        }
    }
}
