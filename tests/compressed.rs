//! Compressed rows: components and dominators against another library, and against removal; deep graphs without recursion.

#[path = "common/links.rs"]
mod links;

use linchpin::compressed::{Rows, immediate_dominators};
use links::graphs;
use petgraph::algo::{dominators::simple_fast, kosaraju_scc};
use petgraph::graph::DiGraph;
use proptest::prelude::*;

fn both(nodes: u32, pairs: &[(u32, u32)]) -> (Rows, DiGraph<(), ()>) {
    let mut graph = DiGraph::new();
    (0..nodes).for_each(|_| {
        graph.add_node(());
    });
    for (from, to) in pairs {
        graph.add_edge((*from).into(), (*to).into(), ());
    }
    (Rows::new(nodes as usize, pairs.iter().copied()), graph)
}

proptest! {
    #[test]
    fn components_are_those_of_petgraph((nodes, pairs) in graphs()) {
        let (rows, graph) = both(nodes, &pairs);
        let found = rows.strong();
        let mut own: Vec<Vec<u32>> = found.iter().map(<[u32]>::to_vec).collect();
        let mut other: Vec<Vec<u32>> = kosaraju_scc(&graph)
            .into_iter()
            .map(|nodes| {
                let mut nodes: Vec<u32> = nodes.into_iter().map(|node| node.index() as u32).collect();
                nodes.sort_unstable();
                nodes
            })
            .collect();
        own.sort();
        other.sort();
        prop_assert_eq!(own, other);
        for (from, to) in &pairs {
            prop_assert!(found.of(*to) <= found.of(*from), "links lead to lower components");
        }
    }

    #[test]
    fn dominators_are_those_of_petgraph((nodes, pairs) in graphs()) {
        let (rows, graph) = both(nodes, &pairs);
        let other = simple_fast(&graph, 0.into());
        let other: Vec<Option<u32>> = (0..nodes)
            .map(|node| other.immediate_dominator(node.into()).map(|over| over.index() as u32))
            .collect();
        prop_assert_eq!(immediate_dominators(&rows, 0), other);
    }

    #[test]
    fn turning_all_links_twice_changes_nothing_but_their_order((nodes, pairs) in graphs()) {
        let (rows, _) = both(nodes, &pairs);
        let back = rows.transposed().transposed();
        for node in 0..nodes {
            let sorted = |rows: &Rows| {
                let mut to = rows.of(node).to_vec();
                to.sort_unstable();
                to
            };
            prop_assert_eq!(sorted(&rows), sorted(&back));
        }
    }
}

#[test]
fn a_chain_of_a_million_needs_no_stack() {
    let nodes = 1_000_000u32;
    let rows = Rows::new(nodes as usize, (1..nodes).map(|at| (at - 1, at)));
    assert_eq!(rows.strong().len(), nodes as usize);
    let dominators = immediate_dominators(&rows, 0);
    assert!((1..nodes).all(|at| dominators[at as usize] == Some(at - 1)));
    let ring = Rows::new(nodes as usize, (0..nodes).map(|at| (at, (at + 1) % nodes)));
    assert_eq!(ring.strong().len(), 1);
}

#[test]
fn what_is_out_of_reach_or_out_of_range_is_left_out() {
    let rows = Rows::new(3, [(0, 1), (7, 0), (1, 2)].into_iter());
    assert_eq!((rows.len(), rows.of(0), rows.of(7)), (3, &[1][..], &[][..]));
    assert_eq!(immediate_dominators(&rows, 1), [None, None, Some(1)]);
    assert_eq!(immediate_dominators(&rows, 9), [None, None, None]);
}
