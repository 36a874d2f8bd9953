//! What hangs together in a graph, and its levels, worked out by processes that each hold the edges of their own nodes: as on the whole
//! graph, whoever owns what. Processes are threads here.

use linchpin::part::{Part, Together, Traffic};
use linchpin::structure::trophic::{Trophic, levels, levels_in};
use linchpin::structure::{Digraph, Edge, strong, strong_in, weak, weak_in};
use proptest::prelude::*;

/// What a process holds: edges of its own nodes, in their order in the whole.
fn held(part: &Part, graph: &Digraph) -> Digraph {
    let own = |edge: &&Edge| part.holds(edge.from) || part.holds(edge.to);
    Digraph::new(graph.len(), graph.edges().iter().filter(own).copied().collect())
}

fn in_parts<T: Send>(
    graph: &Digraph,
    owner: &[u16],
    processes: usize,
    work: impl Fn(&Part, &Digraph) -> T + Sync,
) -> Vec<(T, Traffic)> {
    let all = Together::run(processes, owner, |part| {
        let found = work(part, &held(part, graph));
        (found, part.traffic())
    });
    assert_eq!(all.len(), processes);
    all
}

fn graph(nodes: usize, edges: impl IntoIterator<Item = (usize, usize, u32)>) -> Digraph {
    let edge = |(from, to, weight)| Edge { from, to, weight: f64::from(weight) / 10.0 };
    Digraph::new(nodes, edges.into_iter().map(edge).collect())
}

/// A graph with the processes that own its nodes.
fn owned() -> impl Strategy<Value = (Digraph, Vec<u16>, usize)> {
    (2usize..40, 1usize..6).prop_flat_map(|(nodes, processes)| {
        let edges = prop::collection::vec((0..nodes, 0..nodes, 1u32..90), 0..2 * nodes);
        let owner = prop::collection::vec(0..processes as u16, nodes);
        (edges, owner).prop_map(move |(edges, owner)| (graph(nodes, edges), owner, processes))
    })
}

fn same_levels(found: &Trophic, whole: &Trophic) {
    let bits = |levels: &[f64]| levels.iter().map(|level| level.to_bits()).collect::<Vec<u64>>();
    assert_eq!(bits(&found.levels), bits(&whole.levels));
    assert_eq!(found, whole);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn components_and_levels_are_those_of_the_whole((graph, owner, processes) in owned()) {
        let whole = (weak(&graph), strong(&graph), levels(&graph));
        let all = in_parts(&graph, &owner, processes, |part, held| {
            (weak_in(part, held), strong_in(part, held), levels_in(part, held))
        });
        for (found, _) in all {
            prop_assert_eq!(&found.0, &whole.0);
            prop_assert_eq!(&found.1, &whole.1);
            same_levels(&found.2, &whole.2);
        }
    }
}

#[test]
fn a_long_chain_takes_no_more_rounds_than_a_short_one() {
    let rounds = |nodes: usize| {
        let chain = graph(nodes, (1..nodes).map(|at| (at - 1, at, 1)));
        let owner: Vec<u16> = (0..nodes).map(|at| (at % 4) as u16).collect();
        let all = in_parts(&chain, &owner, 4, weak_in);
        assert!(all.iter().all(|(label, _)| label.iter().all(|label| *label == 0)));
        all[0].1.rounds
    };
    // two to bring all together, two to tell all
    assert_eq!((rounds(8), rounds(3_000)), (4, 4));
}

#[test]
fn a_ring_takes_as_many_rounds_as_it_crosses_borders() {
    let ring = graph(3_000, (0..3_000).map(|at| (at, (at + 1) % 3_000, 1)));
    let owner: Vec<u16> = (0..3_000).map(|at| (at / 750) as u16).collect();
    for (found, traffic) in in_parts(&ring, &owner, 4, strong_in) {
        assert_eq!(found, vec![(0..3_000).collect::<Vec<usize>>()]);
        assert!(traffic.rounds <= 20, "{traffic:?}");
    }
}

#[test]
fn many_loops_one_after_the_other_are_told_apart_in_few_rounds() {
    // 400 pairs that buy from each other, each selling to the next one
    let pairs = (0..400).flat_map(|at| [(2 * at, 2 * at + 1, 1), (2 * at + 1, 2 * at, 1)]);
    let between = (1..400).map(|at| (2 * at - 1, 2 * at, 1));
    let graph = graph(800, pairs.chain(between));
    let owner: Vec<u16> = (0..800).map(|at| (at / 400) as u16).collect();
    for (found, traffic) in in_parts(&graph, &owner, 2, strong_in) {
        assert_eq!(found, (0..400).map(|at| vec![2 * at, 2 * at + 1]).collect::<Vec<_>>());
        // one at a time would take 400 times several
        assert!(traffic.rounds <= 150, "{traffic:?}");
    }
}

/// A made-up network of firms: who sells much sells to more (preferential attachment, with some links at random).
fn firms(nodes: usize, links: usize) -> Digraph {
    let mut state = 7u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let mut edges: Vec<(usize, usize, u32)> = Vec::with_capacity(links);
    while edges.len() < links {
        let from = match edges.is_empty() || below(3) == 0 {
            true => below(nodes),
            false => edges[below(edges.len())].0,
        };
        let to = below(nodes);
        if from != to {
            edges.push((from, to, 1 + below(90) as u32));
        }
    }
    edges.sort_unstable_by_key(|(from, to, _)| (*to, *from));
    graph(nodes, edges)
}

#[test]
fn two_thousand_firms() {
    let graph = firms(2_000, 8_000);
    let whole = (weak(&graph), strong(&graph), levels(&graph));
    println!("{} rounds of the solver, {} loops", whole.2.rounds, whole.1.len());
    for processes in [2, 4] {
        let owner: Vec<u16> = (0..2_000u32)
            .map(|at| (at.wrapping_mul(2_654_435_761) >> 16) as u16 % processes as u16)
            .collect();
        let tell = |what: &str, all: Vec<Traffic>| {
            let bytes: Vec<u64> = all.iter().map(|own| own.bytes).collect();
            println!("{processes} processes, {what}: {} rounds, bytes {bytes:?}", all[0].rounds);
        };
        let found = in_parts(&graph, &owner, processes, weak_in);
        assert!(found.iter().all(|(found, _)| *found == whole.0));
        tell("weak", found.into_iter().map(|own| own.1).collect());
        let found = in_parts(&graph, &owner, processes, strong_in);
        assert!(found.iter().all(|(found, _)| *found == whole.1));
        tell("strong", found.into_iter().map(|own| own.1).collect());
        let found = in_parts(&graph, &owner, processes, levels_in);
        found.iter().for_each(|(found, _)| same_levels(found, &whole.2));
        tell("levels", found.into_iter().map(|own| own.1).collect());
    }
}
