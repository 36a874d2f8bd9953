//! One graph algorithm on a network from a file, timed: what `tests/bench/peers/compare.py` sets beside other libraries.
//!
//! ```text
//! cargo bench --no-default-features --bench graphs -- --file links.csv --task scc --root 0 --runs 3 --out found.txt
//! ```
//!
//! The file has a line `from,to,weight` for each link. Tasks are `betweenness` (every edge of length 1), `scc`, `dominators` (from the
//! root along the edges) and `leontief` (how much of a unit of the root's cost passes each entity, where a buyer pays
//! its suppliers four fifths of its cost, in proportion to the weights). Reading and building are not timed; the result
//! has a number a node, -1 for none.

use std::fmt::Write as _;

use linchpin::compressed::{Rows, immediate_dominators};
use linchpin::graph::Graph;
use linchpin::model::{Entity, EntityId, Facts, Kind, Link, LinkKind};
use linchpin::network::{CostNetwork, Network};
use linchpin::scope::Scope;
use linchpin::structure::{Digraph, Edge, betweenness};

/// Processor time of all threads of this process in seconds.
fn processor() -> f64 {
    let threads = std::fs::read_dir("/proc/self/task").expect("a system that tells processor time");
    let spent = |thread: std::fs::DirEntry| {
        let text = std::fs::read_to_string(thread.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse::<f64>().ok()
    };
    threads.filter_map(|thread| spent(thread.ok()?)).sum::<f64>() / 1e9
}

fn costs(nodes: usize, links: &[(u32, u32, f64)]) -> CostNetwork {
    let entity = |at: usize| Entity {
        key: format!("{at:09}"),
        name: String::new(),
        kind: 0,
        tier: None,
        seat: None,
        production: Vec::new(),
        group: false,
        members: Vec::new(),
        needs: Default::default(),
        note: None,
        place: Default::default(),
    };
    let mut paid = vec![0.0; nodes];
    links.iter().for_each(|(_, to, weight)| paid[*to as usize] += weight);
    let link = |(from, to, weight): &(u32, u32, f64)| Link {
        from: EntityId(*from),
        to: EntityId(*to),
        weight: weight / (1.25 * paid[*to as usize]),
        kind: LinkKind::CostShare,
    };
    let facts = Facts {
        kinds: vec![Kind { key: "k".into(), name: "k".into(), tier: None }],
        entities: (0..nodes).map(entity).collect(),
        links: links.iter().map(link).collect(),
        ..Facts::default()
    };
    let graph = Graph::new(facts, String::new());
    let scope = Scope::on(graph.default_as_of());
    CostNetwork::build(&graph, &scope, &Network::build(&graph, &scope))
}

/// The numbers that a call gives, and the median of the seconds that it took.
fn timed(runs: usize, call: impl Fn() -> Vec<f64>) -> (Vec<f64>, f64) {
    // the system counts in ticks of some milliseconds: short calls are timed many at once
    const LEAST: f64 = 0.2;
    let one = || {
        let (begun, mut calls) = (processor(), 0);
        loop {
            let found = call();
            calls += 1;
            let spent = processor() - begun;
            if spent >= LEAST {
                return (found, spent / f64::from(calls));
            }
        }
    };
    let mut all: Vec<(Vec<f64>, f64)> = (0..runs.max(1)).map(|_| one()).collect();
    all.sort_by(|a, b| a.1.total_cmp(&b.1));
    all.swap_remove(all.len() / 2)
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let option = |name: &str| {
        let at = arguments.iter().position(|argument| argument == name)?;
        arguments.get(at + 1).cloned()
    };
    let Some(file) = option("--file") else {
        println!("expected --file, see the head of tests/bench/graphs.rs");
        return;
    };
    let text = std::fs::read_to_string(file).expect("the file is there");
    let links: Vec<(u32, u32, f64)> = text
        .lines()
        .map(|line| {
            let mut fields = line.split(',');
            let mut next = || fields.next().expect("three fields");
            (
                next().parse().expect("a node"),
                next().parse().expect("a node"),
                next().parse().expect("a weight"),
            )
        })
        .collect();
    let nodes = links.iter().map(|(from, to, _)| *from.max(to) as usize + 1).max().unwrap_or(0);
    let root: u32 = option("--root").map_or(0, |text| text.parse().expect("a node"));
    let runs: usize = option("--runs").map_or(3, |text| text.parse().expect("a number"));
    let rows = || Rows::new(nodes, links.iter().map(|(from, to, _)| (*from, *to)));
    let (found, seconds) = match option("--task").as_deref() {
        Some("betweenness") => {
            let edge = |(from, to, _): &(u32, u32, f64)| Edge {
                from: *from as usize,
                to: *to as usize,
                weight: 1.0,
            };
            let graph = Digraph::new(nodes, links.iter().map(edge).collect());
            timed(runs, || betweenness(&graph, |weight| weight))
        }
        Some("scc") => {
            let rows = rows();
            timed(runs, || {
                let components = rows.strong();
                (0..nodes as u32).map(|node| f64::from(components.of(node))).collect()
            })
        }
        Some("dominators") => {
            let rows = rows();
            timed(runs, || {
                immediate_dominators(&rows, root)
                    .into_iter()
                    .map(|over| over.map_or(-1.0, f64::from))
                    .collect()
            })
        }
        Some("leontief") => {
            let cost = costs(nodes, &links);
            timed(runs, || cost.leontief_row(EntityId(root)).expect("a fifth leaks"))
        }
        _ => panic!("expected --task betweenness, scc, dominators or leontief"),
    };
    println!("seconds {seconds}");
    if let Some(out) = option("--out") {
        let mut text = String::new();
        found.iter().for_each(|value| writeln!(text, "{value}").expect("a string takes all"));
        std::fs::write(out, text).expect("the folder is writable");
    }
}
