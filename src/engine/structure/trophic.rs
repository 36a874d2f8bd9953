//! How far downstream everything stands: trophic levels, which also give the tiers of a supply map.

mod solve;

use self::solve::{Batch, System};
use super::web::{Web, larger};
use super::{Digraph, weak_in};
use crate::compressed::sorted;
use crate::part::{Numbers, Part, bits};
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
    levels_in(&Part::default(), graph)
}

/// The same of a graph of which every process holds all edges of its own nodes, in the order in which they stand in the whole: each gets
/// all of it, the same bits.
///
/// Cost: the passes of [`levels`] over the edges of own nodes. Components that lie in more than one process go side by side: 4 exchanges for a round of
/// all of them, in which a process sends 8 bytes to each other for each own node that has an edge there, and 72 at most for each component
/// that has not settled; and one exchange for each step from the first node of a component to its farthest. At the end 8 bytes for each own node, and 40
/// for each component, go to everybody.
pub fn levels_in(part: &Part, graph: &Digraph) -> Trophic {
    let n = graph.len();
    let component = weak_in(part, graph);
    let parts = component.iter().max().map_or(0, |last| last + 1);
    let numbered = component.iter().enumerate().map(|(node, part)| (*part as u32, node as u32));
    let (first, members) = sorted(parts, numbered);
    let system = System::new(graph);
    let mut levels = vec![0.0; n];
    let nodes = |at: &usize| &members[first[*at] as usize..first[*at + 1] as usize];
    let tied: Vec<usize> = (0..parts).filter(|at| nodes(at).len() > 1).collect();
    let held = |at: &usize| nodes(at).iter().all(|node| part.holds(*node as usize));
    let (alone, others): (Vec<usize>, Vec<usize>) = tied.iter().partition(|at| held(at));
    let (rounds, residual) = Batch::new(&system, Web::whole(), alone.iter().map(nodes)).solve(&mut levels);
    let (mut rounds, mut residual) = (part.sum(rounds as u64) as usize, part.most(residual));
    let shared = of_several(part, &alone, others);
    if !shared.is_empty() {
        let batch = Batch::new(&system, Web::new(part, graph), shared.iter().map(nodes));
        let (used, left) = batch.solve(&mut levels);
        rounds += used;
        residual = larger(residual, left);
    }
    part.complete(&mut levels);
    let missed = by_component(part, graph, &component, parts, |edge| {
        let miss = levels[edge.to] - levels[edge.from] - 1.0;
        edge.weight * miss * miss
    });
    let weight = by_component(part, graph, &component, parts, |edge| edge.weight);
    let ratio = |missed: f64, weight: f64| (weight > 0.0).then(|| missed / weight);
    Trophic {
        levels,
        incoherence: ratio(sum(&missed), sum(&weight)),
        component,
        incoherence_of: missed.iter().zip(&weight).map(|(missed, weight)| ratio(*missed, *weight)).collect(),
        residual,
        rounds,
        converged: residual <= SETTLED,
    }
}

/// Which of the components that a process does not hold alone no other holds alone either.
fn of_several(part: &Part, alone: &[usize], others: Vec<usize>) -> Vec<usize> {
    if part.is_whole() {
        return others;
    }
    let mine: Vec<u8> = alone.iter().flat_map(|at| (*at as u32).to_le_bytes()).collect();
    let told = part.tell(&mine);
    let held = |bytes: &Vec<u8>| {
        let mut heard = Numbers(bytes);
        std::iter::from_fn(|| heard.half()).map(|at| at as usize).collect::<Vec<usize>>()
    };
    let mut held: Vec<usize> = told.iter().flat_map(held).collect();
    held.sort_unstable();
    others.into_iter().filter(|at| held.binary_search(at).is_err()).collect()
}

/// Sums over the edges of each component, in whatever order the edges are. Of several processes each adds what enters its own nodes.
fn by_component(
    part: &Part,
    graph: &Digraph,
    component: &[usize],
    parts: usize,
    term: impl Fn(&super::Edge) -> f64,
) -> Vec<f64> {
    let edges = || graph.edges().iter().filter(|edge| edge.from != edge.to && part.holds(edge.to));
    let mut seen = vec![(0.0f64, 0usize); parts];
    for edge in edges() {
        let (largest, count) = &mut seen[component[edge.from]];
        *largest = largest.max(term(edge).abs());
        *count += 1;
    }
    let touched: Vec<u32> = (0..parts as u32).filter(|at| seen[*at as usize].1 > 0).collect();
    merge(
        part,
        &touched,
        &mut seen,
        |(largest, count)| [*largest, *count as f64],
        |own, [largest, count]| {
            *own = (own.0.max(largest), own.1 + count as usize);
        },
    );
    let split: Vec<Split> = seen.into_iter().map(|(largest, count)| Split::new(largest, count)).collect();
    let mut sums = vec![Sums::default(); parts];
    for edge in edges() {
        let at = component[edge.from];
        split[at].add(&mut sums[at], term(edge));
    }
    merge(part, &touched, &mut sums, Sums::parts, |own, others| *own = own.and(Sums::of(others)));
    sums.into_iter().map(|sums| sums.total()).collect()
}

/// Merges into what stands at `touched` places what other processes have at theirs.
fn merge<T, const N: usize>(
    part: &Part,
    touched: &[u32],
    own: &mut [T],
    tell: impl Fn(&T) -> [f64; N],
    hear: impl Fn(&mut T, [f64; N]),
) {
    if part.is_whole() {
        return;
    }
    let mut mine = Vec::with_capacity(touched.len() * (4 + 8 * N));
    for at in touched {
        mine.extend(at.to_le_bytes());
        tell(&own[*at as usize]).iter().for_each(|number| mine.extend(bits(number)));
    }
    let told = part.tell(&mine);
    for bytes in told.iter().enumerate().filter(|(from, _)| *from != part.process()).map(|(_, bytes)| bytes) {
        let mut heard = Numbers(bytes);
        while let Some(at) = heard.half() {
            let numbers = [(); N].map(|()| heard.number().unwrap_or(f64::NAN));
            if let Some(slot) = own.get_mut(at as usize) {
                hear(slot, numbers);
            }
        }
    }
}
