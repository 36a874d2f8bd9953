//! How far edges keep within the classes of a partition, and the partition that keeps most of them.

use std::collections::BTreeMap;

use super::Digraph;

/// Sums of one class: weight of edges within it, out of its nodes and into its nodes.
#[derive(Clone, Copy, Debug, Default)]
struct Class {
    within: f64,
    out: f64,
    into: f64,
}

/// Sums by class and the weight of all edges whose two ends have a class.
fn classes(graph: &Digraph, class: &[Option<usize>]) -> (BTreeMap<usize, Class>, f64) {
    let mut sums: BTreeMap<usize, Class> = BTreeMap::new();
    let mut total = 0.0;
    let of = |node: usize| class.get(node).copied().flatten();
    for edge in graph.edges() {
        let (Some(from), Some(to)) = (of(edge.from), of(edge.to)) else { continue };
        total += edge.weight;
        sums.entry(from).or_default().out += edge.weight;
        let target = sums.entry(to).or_default();
        target.into += edge.weight;
        if from == to {
            target.within += edge.weight;
        }
    }
    (sums, total)
}

/// Modularity of a partition of a directed weighted graph: the part of the weight within classes, less what chance
/// would put there: `Q = Σ_c (w_c / m - out_c in_c / m²)`. Range -0.5 to below 1; 0 is chance. Edges with an end that has no
/// class are left out; `None` where no edge is left.
///
/// Cost: one pass over the edges. Source: Leicht and Newman, Physical Review Letters 100:118703, 2008.
pub fn modularity(graph: &Digraph, class: &[Option<usize>]) -> Option<f64> {
    let (sums, total) = classes(graph, class);
    let part = |c: &Class| c.within / total - (c.out / total) * (c.into / total);
    (total > 0.0).then(|| sums.values().map(part).sum())
}

/// Assortativity of a partition: modularity over the most that it could be, `r = (Σ e_cc - Σ a_c b_c) / (1 - Σ a_c b_c)`. 1 where
/// every edge keeps within its class, 0 at chance, below 0 where edges avoid their class. `None` where no edge is
/// left, or where all of them run from one class into the same.
///
/// Cost: one pass over the edges. Source: Newman, Physical Review E 67:026126, 2003.
pub fn assortativity(graph: &Digraph, class: &[Option<usize>]) -> Option<f64> {
    let (sums, total) = classes(graph, class);
    if total <= 0.0 {
        return None;
    }
    let within: f64 = sums.values().map(|c| c.within / total).sum();
    let chance: f64 = sums.values().map(|c| (c.out / total) * (c.into / total)).sum();
    (1.0 - chance > 1e-12).then(|| (within - chance) / (1.0 - chance))
}

/// Passes over all nodes of one level after which moving stops.
const MOST_PASSES: usize = 100;
/// A move has to raise modularity by more than this.
const LEAST_GAIN: f64 = 1e-12;

/// Communities by greedy modularity (Louvain): nodes are visited in their order, each moves to the neighbouring
/// community that raises modularity most (the smallest label where several do), and communities become nodes of the next
/// level. No randomness, one thread. Returns the community of each node, numbered from 0 in the order of first nodes.
///
/// Cost: a few passes over the edges for each level. Source: Blondel, Guillaume, Lambiotte and Lefebvre, Journal of
/// Statistical Mechanics P10008, 2008, on the directed modularity of Leicht and Newman. Greedy: a good partition, not
/// proven the best.
pub fn communities(graph: &Digraph) -> Vec<usize> {
    let mut label: Vec<usize> = (0..graph.len()).collect();
    let mut level: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for edge in graph.edges() {
        *level.entry((edge.from, edge.to)).or_default() += edge.weight;
    }
    let mut nodes = graph.len();
    loop {
        let moved = move_nodes(nodes, &level);
        let (numbered, count) = renumber(&moved);
        label.iter_mut().for_each(|label| *label = numbered[*label]);
        if count == nodes {
            break;
        }
        let mut next: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for ((from, to), weight) in &level {
            *next.entry((numbered[*from], numbered[*to])).or_default() += weight;
        }
        (level, nodes) = (next, count);
    }
    renumber(&label).0
}

/// Labels from 0 in the order in which they first occur, and how many there are.
fn renumber(label: &[usize]) -> (Vec<usize>, usize) {
    let mut seen: BTreeMap<usize, usize> = BTreeMap::new();
    let mut numbered = Vec::with_capacity(label.len());
    for old in label {
        let next = seen.len();
        numbered.push(*seen.entry(*old).or_insert(next));
    }
    (numbered, seen.len())
}

fn move_nodes(nodes: usize, edges: &BTreeMap<(usize, usize), f64>) -> Vec<usize> {
    let mut label: Vec<usize> = (0..nodes).collect();
    let total: f64 = edges.values().sum();
    if total <= 0.0 {
        return label;
    }
    let (mut out, mut into) = (vec![0.0; nodes], vec![0.0; nodes]);
    let mut near: Vec<Vec<(usize, f64)>> = vec![Vec::new(); nodes];
    for ((from, to), weight) in edges {
        out[*from] += weight;
        into[*to] += weight;
        if from != to {
            near[*from].push((*to, *weight));
            near[*to].push((*from, *weight));
        }
    }
    let (mut class_out, mut class_in) = (out.clone(), into.clone());
    for _ in 0..MOST_PASSES {
        let mut any = false;
        for node in 0..nodes {
            let own = label[node];
            class_out[own] -= out[node];
            class_in[own] -= into[node];
            let mut ties: BTreeMap<usize, f64> = BTreeMap::from([(own, 0.0)]);
            for (other, weight) in &near[node] {
                *ties.entry(label[*other]).or_default() += weight;
            }
            let gain = |class: usize, tie: f64| {
                tie / total - (out[node] * class_in[class] + into[node] * class_out[class]) / (total * total)
            };
            let mut best = (own, gain(own, ties[&own]));
            for (class, tie) in &ties {
                let found = gain(*class, *tie);
                if found > best.1 + LEAST_GAIN {
                    best = (*class, found);
                }
            }
            class_out[best.0] += out[node];
            class_in[best.0] += into[node];
            label[node] = best.0;
            any |= best.0 != own;
        }
        if !any {
            break;
        }
    }
    label
}
