//! Graph algorithms against other software's results and against slow plain versions.

mod oracle;

use std::collections::BTreeMap;
use std::time::Duration;

use linchpin::structure::{
    Arc, Digraph, Dominators, Edge, Ended, Limits, betweenness, betweenness_sampled, cheapest_routes,
    max_flow, raw, separators, simple_cycles, smallest_sets, strong, trophic, vertex_cut,
    vertex_cut_from_any,
};
use oracle::structure as slow;
use proptest::prelude::*;
use serde_json::Value;

const NO_LIMITS: Limits = Limits { most: usize::MAX, work: usize::MAX, time: Duration::from_secs(3600) };

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/structure/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn rows(name: &str) -> Vec<Vec<String>> {
    fixture(name).lines().skip(1).map(|line| line.split(',').map(str::to_string).collect()).collect()
}

/// Keys and the graph supplier → buyer of the fixture.
fn fixture_graph() -> (Vec<String>, Digraph) {
    let mut keys: Vec<String> = rows("nodes.csv").into_iter().map(|row| row[0].clone()).collect();
    keys.sort();
    let at = |key: &String| keys.iter().position(|k| k == key).unwrap();
    let edges = rows("edges.csv")
        .iter()
        .map(|row| Edge { from: at(&row[0]), to: at(&row[1]), weight: row[2].parse().unwrap() })
        .collect();
    let n = keys.len();
    (keys.clone(), Digraph::new(n, edges))
}

fn expected() -> Value {
    serde_json::from_str(&fixture("structure.json")).unwrap()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_string()).collect()
}

#[test]
fn loops_cuts_and_dominators_agree_with_networkx() {
    let (keys, graph) = fixture_graph();
    let expected = expected();
    let at = |key: &str| keys.iter().position(|k| k == key).unwrap();
    let mut loops: Vec<Vec<String>> =
        strong(&graph).iter().map(|nodes| nodes.iter().map(|n| keys[*n].clone()).collect()).collect();
    loops.sort();
    let theirs: Vec<_> =
        expected["strongly_connected_components"].as_array().unwrap().iter().map(strings).collect();
    assert_eq!(loops, theirs);

    let found = separators(&graph);
    let points: Vec<String> =
        (0..keys.len()).filter(|n| found.articulation[*n]).map(|n| keys[n].clone()).collect();
    assert_eq!(points, strings(&expected["articulation_points_of_undirected_graph"]));
    let mut bridges: Vec<Vec<String>> = found
        .bridges
        .iter()
        .map(|id| {
            let edge = graph.edges()[*id];
            vec![keys[edge.from.min(edge.to)].clone(), keys[edge.from.max(edge.to)].clone()]
        })
        .collect();
    bridges.sort();
    let theirs: Vec<_> =
        expected["bridges_of_undirected_graph"].as_array().unwrap().iter().map(strings).collect();
    assert_eq!(bridges, theirs);

    let upstream = graph.reversed();
    let by_buyer = expected["immediate_dominators_seen_from_buyer_going_upstream"].as_object().unwrap();
    for (buyer, theirs) in by_buyer {
        let found = Dominators::from_root(&upstream, at(buyer));
        let ours: BTreeMap<String, String> = (0..keys.len())
            .filter_map(|n| Some((keys[n].clone(), keys[found.immediate(n)?].clone())))
            .collect();
        let theirs: BTreeMap<String, String> = theirs
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().to_string()))
            .collect();
        assert_eq!(ours, theirs, "{buyer}");
    }

    for case in expected["minimum_vertex_cuts_supplier_to_buyer"].as_array().unwrap() {
        let (from, to) = (at(case["from"].as_str().unwrap()), at(case["to"].as_str().unwrap()));
        let cut = vertex_cut(&graph, from, to).unwrap();
        assert_eq!(cut.nodes.len() as u64, case["size"].as_u64().unwrap(), "{case}");
        let left = graph.induced(|n| !cut.nodes.contains(&n));
        assert_eq!(left.steps_from(from)[to], None, "{case}");
    }
}

#[test]
fn levels_and_betweenness_agree_with_networkx_and_numpy() {
    let (keys, graph) = fixture_graph();
    let at = |key: &String| keys.iter().position(|k| k == key).unwrap();
    let found = trophic::levels(&graph);
    assert!(found.converged, "{}", found.residual);
    let mut worst: f64 = 0.0;
    for row in rows("trophic.csv") {
        worst = worst.max((found.levels[at(&row[0])] - row[1].parse::<f64>().unwrap()).abs());
    }
    println!("trophic levels: largest difference {worst:.1e}, residual {:.1e}", found.residual);
    assert!(worst < 1e-8);
    let largest = expected()["trophic_incoherence_F"].as_f64().unwrap();
    assert!((found.incoherence.unwrap() - largest).abs() < 1e-10);

    let between = betweenness(&graph, |weight| 1.0 / weight);
    let mut worst: f64 = 0.0;
    for row in rows("betweenness.csv") {
        let theirs: f64 = row[1].parse().unwrap();
        worst = worst.max((between[at(&row[0])] - theirs).abs() / theirs.max(1.0));
    }
    println!("betweenness: largest difference {worst:.1e}");
    assert!(worst < 1e-9);
}

#[test]
fn the_worked_example_agrees() {
    let text = include_str!("fixtures/vectors.json");
    let vectors: Value = serde_json::from_str(text).unwrap();
    let keys = ["Lab", "CloudA", "CloudB", "ChipX", "ChipY", "Foundry", "Litho", "Power"];
    let at = |key: &str| keys.iter().position(|k| *k == key).unwrap();
    let edges = [
        ("Lab", "CloudA", 0.6),
        ("Lab", "CloudB", 0.4),
        ("CloudA", "ChipX", 0.7),
        ("CloudA", "Power", 0.2),
        ("CloudB", "ChipX", 0.3),
        ("CloudB", "ChipY", 0.4),
        ("CloudB", "Power", 0.2),
        ("ChipX", "Foundry", 0.8),
        ("ChipY", "Foundry", 0.7),
        ("Foundry", "Litho", 0.3),
        ("Foundry", "Power", 0.1),
    ];
    let edge = |(buyer, supplier, weight): &(&str, &str, f64)| Edge {
        from: at(supplier),
        to: at(buyer),
        weight: *weight,
    };
    let graph = Digraph::new(keys.len(), edges.iter().map(edge).collect());
    let found = Dominators::from_root(&graph.reversed(), at("Lab"));
    for (key, over) in vectors["idom_from_Lab_reverse"].as_object().unwrap() {
        assert_eq!(found.immediate(at(key)).map(|n| keys[n]), over.as_str(), "{key}");
    }
    // from the lithography maker down: what lies on every way to the lab, besides the fixture's source above all
    let down = Dominators::from_root(&graph, at("Litho"));
    let mut strict: Vec<&str> =
        std::iter::successors(down.immediate(at("Lab")), |node| down.immediate(*node))
            .map(|n| keys[n])
            .collect();
    strict.push("SRC");
    strict.sort_unstable();
    assert_eq!(strict, strings(&vectors["strict_dominators_Lab"]));
    let levels = trophic::levels(&graph);
    for (key, level) in vectors["trophic_level"].as_object().unwrap() {
        assert!((levels.levels[at(key)] - level.as_f64().unwrap()).abs() < 6e-5, "{key}");
    }
    let f = vectors["trophic_incoherence_F"].as_f64().unwrap();
    assert!((levels.incoherence.unwrap() - f).abs() < 1e-12);
    // without weights, over (n - 1)(n - 2) ordered pairs
    let between = betweenness(&graph, |_| 1.0);
    for (key, value) in vectors["betw_unweighted"].as_object().unwrap() {
        assert!((between[at(key)] / 42.0 - value.as_f64().unwrap()).abs() < 6e-5, "{key}");
    }
}

#[test]
fn listing_of_a_dense_graph_of_two_thousand_ends_at_its_cap() {
    // everybody reaches the 200 after it, round and round: the shortest cycles have ten edges
    const N: usize = 2000;
    let edges =
        (0..N).flat_map(|i| (1..=200).map(move |step| Edge { from: i, to: (i + step) % N, weight: 1.0 }));
    let graph = Digraph::new(N, edges.collect());
    let found = simple_cycles(&graph, 12, 500);
    assert!(found.truncated);
    assert_eq!(found.cycles.len(), 500);
    let mut seen = std::collections::BTreeSet::new();
    for cycle in &found.cycles {
        assert!((10..=12).contains(&cycle.len()));
        let ends = |id: usize| (graph.edges()[id].from, graph.edges()[id].to);
        let next = cycle.iter().cycle().skip(1);
        assert!(cycle.iter().zip(next).all(|(a, b)| ends(*a).1 == ends(*b).0), "it closes");
        let nodes: std::collections::BTreeSet<usize> = cycle.iter().map(|id| ends(*id).0).collect();
        assert_eq!(nodes.len(), cycle.len(), "no node twice");
        assert!(seen.insert(cycle.clone()), "no cycle twice");
    }
}

/// Estimates from some sources are right on average, and their errors are of the size that they say.
#[test]
fn a_sample_of_sources_is_right_on_average() {
    let edge =
        |at: usize| Edge { from: at * 7 % 30, to: (at * at + 3 * at) % 30, weight: 1.0 + (at % 5) as f64 };
    let graph = Digraph::new(30, (0..120).map(edge).collect());
    let exact = slow::betweenness(&graph);
    let seeds = 400;
    let all: Vec<_> = (0..seeds).map(|seed| betweenness_sampled(&graph, |w| w, 10, seed)).collect();
    let most = (0..30).max_by(|a, b| exact[*a].total_cmp(&exact[*b])).unwrap();
    for (node, exact) in exact.iter().enumerate() {
        let mean = all.iter().map(|one| one.value[node]).sum::<f64>() / seeds as f64;
        let variance = all.iter().map(|one| (one.value[node] - mean).powi(2)).sum::<f64>() / seeds as f64;
        let error = (variance / seeds as f64).sqrt();
        assert!((mean - exact).abs() <= 5.0 * error + 1e-9, "{node}: {mean} and {exact}, {error}");
        if node == most {
            let said = all.iter().map(|one| one.error[node].powi(2)).sum::<f64>() / seeds as f64;
            assert!((said / variance - 1.0).abs() < 0.25, "variance {said} and {variance}");
        }
    }
}

#[test]
fn a_doubled_edge_is_no_bridge() {
    let edge = |from, to| Edge { from, to, weight: 1.0 };
    let graph = Digraph::new(3, vec![edge(0, 1), edge(0, 1), edge(1, 2)]);
    let found = separators(&graph);
    assert_eq!(found.bridges, [2]);
    assert_eq!(found.articulation, [false, true, false]);
    let both_ways = Digraph::new(3, vec![edge(0, 1), edge(1, 0), edge(1, 2)]);
    assert_eq!(separators(&both_ways).bridges, [2]);
    // the first edge of a path is one
    let path = Digraph::new(4, vec![edge(0, 1), edge(1, 2), edge(2, 3)]);
    assert_eq!(separators(&path).bridges, [0, 1, 2]);
}

#[test]
fn capacities_pass_only_once() {
    let arc = |from, to, capacity| Arc { from, to, capacity };
    // the textbook network of Cormen et al., figure 26.1: 23
    let arcs = [
        arc(0, 1, 16.0),
        arc(0, 2, 13.0),
        arc(1, 3, 12.0),
        arc(2, 1, 4.0),
        arc(2, 4, 14.0),
        arc(3, 2, 9.0),
        arc(3, 5, 20.0),
        arc(4, 3, 7.0),
        arc(4, 5, 4.0),
    ];
    assert_eq!(max_flow(6, &arcs, 0, 5).0, 23.0);
    assert_eq!(max_flow(2, &[arc(0, 1, f64::INFINITY)], 0, 1).0, f64::INFINITY);
    assert_eq!(max_flow(2, &[], 0, 1).0, 0.0);
}

#[test]
fn a_large_ladder_settles() {
    // 3,000 rungs: hard for a plain iteration, exact levels known
    let edges = (0..3_000).map(|at| Edge { from: at, to: at + 1, weight: 1.0 + (at % 7) as f64 });
    let found = trophic::levels(&Digraph::new(0, edges.collect()));
    assert!(found.converged, "{} after {}", found.residual, found.rounds);
    assert!((found.levels[3_000] - 3_000.0).abs() < 1e-6);
    assert!(found.incoherence.unwrap() < 1e-12);
}

#[test]
fn levels_of_a_sparse_network_settle() {
    // who has sold sells again: hubs, and thousands of firms that hang on by a thread. The levels move together more easily than
    // apart, and a solve that goes on until nothing but that is left of the residual goes astray
    let (firms, links) = (6_000, 7_800);
    let mut state = 7u64;
    let mut below = |limit: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % limit
    };
    let mut edges: Vec<Edge> = Vec::new();
    while edges.len() < links {
        let from = match edges.is_empty() || below(3) == 0 {
            true => below(firms),
            false => edges[below(edges.len())].from,
        };
        let to = below(firms);
        if from != to {
            edges.push(Edge { from, to, weight: (1 + below(90)) as f64 / 100.0 });
        }
    }
    edges.sort_by_key(|edge| (edge.to, edge.from));
    let found = trophic::levels(&Digraph::new(firms, edges));
    assert!(found.converged, "{:e} after {}", found.residual, found.rounds);
}

prop_compose! {
    fn graphs(most: usize)(n in 2usize..=most, pairs in proptest::collection::vec((0usize..16, 0usize..16, 1u32..9), 0..26))
        -> Digraph
    {
        let edges = pairs.into_iter().map(|(from, to, weight)| Edge { from: from % n, to: to % n, weight: f64::from(weight) });
        Digraph::new(n, edges.collect())
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn separators_are_what_removal_shows(graph in graphs(10)) {
        let found = separators(&graph);
        prop_assert_eq!(&found.articulation, &slow::articulation(&graph));
        prop_assert_eq!(&found.bridges, &slow::bridges(&graph));
    }

    #[test]
    fn dominators_are_what_removal_shows(graph in graphs(9)) {
        let found = Dominators::from_root(&graph, 0);
        let reached = graph.steps_from(0);
        for (node, steps) in reached.iter().enumerate().skip(1) {
            let theirs: Vec<usize> = (0..graph.len())
                .filter(|k| *k != node && steps.is_some()
                    && (*k == 0 || graph.induced(|n| n != *k).steps_from(0)[node].is_none()))
                .collect();
            let mut ours = found.strict(node);
            ours.sort_unstable();
            prop_assert_eq!(ours, theirs);
        }
    }

    #[test]
    fn the_least_cut_is_the_least_of_all_subsets(graph in graphs(8)) {
        let to = graph.len() - 1;
        let found = vertex_cut(&graph, 0, to);
        prop_assert_eq!(found.as_ref().map(|cut| cut.nodes.len()), slow::vertex_cut(&graph, &[0], to, &[0, to]));
        if let Some(cut) = found {
            prop_assert!(graph.induced(|n| !cut.nodes.contains(&n)).steps_from(0)[to].is_none());
        }
        let from = raw(&graph);
        let found = vertex_cut_from_any(&graph, &from, to);
        let from: Vec<usize> = from.into_iter().filter(|node| *node != to).collect();
        prop_assert_eq!(Some(found.nodes.len()), slow::vertex_cut(&graph, &from, to, &[to]));
    }

    #[test]
    fn flow_is_the_least_cut_and_never_rises_when_an_edge_goes(graph in graphs(8), gone in 0usize..26) {
        let arcs: Vec<Arc> =
            graph.edges().iter().map(|e| Arc { from: e.from, to: e.to, capacity: e.weight * 0.3 }).collect();
        let sink = graph.len() - 1;
        let (total, carried) = max_flow(graph.len(), &arcs, 0, sink);
        let least = slow::least_cut(graph.len(), &arcs, 0, sink);
        prop_assert!((total - least).abs() < 1e-9, "{} and {}", total, least);
        for (arc, carried) in arcs.iter().zip(&carried) {
            prop_assert!(*carried <= arc.capacity + 1e-12);
        }
        let fewer: Vec<Arc> = arcs.iter().enumerate().filter(|(at, _)| *at != gone).map(|(_, arc)| *arc).collect();
        prop_assert!(max_flow(graph.len(), &fewer, 0, sink).0 <= total + 1e-9);
    }

    #[test]
    fn betweenness_counts_shortest_ways(graph in graphs(7)) {
        let ours = betweenness(&graph, |weight| 1.0 / weight);
        for (ours, theirs) in ours.iter().zip(slow::betweenness(&graph)) {
            prop_assert!((ours - theirs).abs() < 1e-9);
        }
    }

    #[test]
    fn a_sample_of_all_sources_is_exact(graph in graphs(7)) {
        let found = betweenness_sampled(&graph, |weight| weight, graph.len(), 3);
        prop_assert_eq!(&found.value, &betweenness(&graph, |weight| weight));
        prop_assert!(found.error.iter().all(|error| *error == 0.0));
    }

    #[test]
    fn routes_come_out_cheapest_first_and_all(graph in graphs(7)) {
        let to = graph.len() - 1;
        let cost = |id: usize| graph.edges()[id].weight;
        let found = cheapest_routes(&graph, 0, to, cost, NO_LIMITS);
        let mut theirs = slow::simple_routes(&graph, 0, to);
        theirs.sort_by(f64::total_cmp);
        prop_assert_eq!(found.ended, Ended::All);
        let ours: Vec<f64> = found.routes.iter().map(|route| route.cost).collect();
        prop_assert_eq!(ours, theirs);
        let some = cheapest_routes(&graph, 0, to, cost, Limits { most: 2, ..NO_LIMITS });
        prop_assert_eq!(&some.routes[..], &found.routes[..found.routes.len().min(2)]);
        prop_assert_eq!(some.ended == Ended::Most, found.routes.len() > 2);
    }

    #[test]
    fn smallest_sets_are_the_least_of_all_subsets(
        groups in proptest::collection::vec(proptest::collection::btree_set(0usize..8, 1..5), 0..6),
        largest in 1usize..6,
    ) {
        // stops when all of one group are lost
        let stops = |set: &[usize]| groups.iter().any(|group| group.iter().all(|member| set.contains(member)));
        let candidates: Vec<usize> = (0..8).collect();
        let found = smallest_sets(&candidates, largest, stops, NO_LIMITS);
        prop_assert_eq!(found.ended, Ended::All);
        prop_assert_eq!(found.searched, largest);
        prop_assert_eq!(found.sets, slow::smallest_sets(8, largest, &stops));
    }

    #[test]
    fn levels_solve_their_equations(graph in graphs(10)) {
        let found = trophic::levels(&graph);
        prop_assert!(found.converged);
        if let Some(f) = found.incoherence {
            prop_assert!((-1e-12..=1.0 + 1e-9).contains(&f), "{}", f);
        }
        for node in 0..graph.len() {
            let mut miss = 0.0;
            for (_, edge) in graph.out(node).filter(|(_, e)| e.to != node) {
                miss += edge.weight * (found.levels[node] - found.levels[edge.to] + 1.0);
            }
            for (_, edge) in graph.incoming(node).filter(|(_, e)| e.from != node) {
                miss += edge.weight * (found.levels[node] - found.levels[edge.from] - 1.0);
            }
            prop_assert!(miss.abs() < 1e-9);
            prop_assert!(found.levels[node] >= 0.0);
        }
    }
}
