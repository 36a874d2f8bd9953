//! Stacks against a toy worked out by hand and plain versions of the partition measures.

mod common;

use common::{ask, cell, close, graph, number};
use linchpin::analysis::{Analysis, Stacks};
use linchpin::answer::{Answer, Cell};
use linchpin::structure::{Digraph, Edge, assortativity, communities, modularity};
use proptest::prelude::*;

/// A group with a cloud, a chip business and a site; a rival cloud; a lab that has taken the group's money and
/// promised to buy from its cloud.
const TOY: &str = r#"(format: 1, name: "toy", as_of: "2026-07-01",
    kinds: { "lab": (tier: 12), "cloud": (tier: 10), "site": (tier: 9), "chip-maker": (tier: 7), "foundry": (tier: 5), "holding": () },
    products: {
        "cloud-compute": (tier: 10, needed_by: { "lab": Essential }),
        "hosting": (tier: 9, needed_by: { "cloud": Essential }),
        "chip": (tier: 7, needed_by: { "cloud": Essential }),
        "wafer": (tier: 5, needed_by: { "chip-maker": Essential }),
    },
    entities: {
        "group": (kind: "holding", seat: "US"), "cloud": (kind: "cloud", seat: "US"), "own-site": (kind: "site"), "own-chip": (kind: "chip-maker"),
        "rival": (kind: "cloud", seat: "FR"), "other-site": (kind: "site"), "merchant": (kind: "chip-maker", seat: "US"),
        "fab": (kind: "foundry", seat: "TW"), "lab": (kind: "lab", seat: "US"),
    },
    relations: {
        "o1": Owns(from: "group", to: "cloud", control: Controlling, assumed: "t"),
        "o2": Owns(from: "group", to: "own-site", control: Controlling, assumed: "t"),
        "o3": Owns(from: "group", to: "own-chip", control: Controlling, assumed: "t"),
        "i": Invests(from: "group", to: "lab", amount: Usd(1e9), status: Signed, assumed: "t"),
        "c": Commits(from: "lab", to: "cloud", product: "cloud-compute", spend: Usd(9e9), status: Signed, since: "2025", assumed: "t"),
        "s0": Supplies(from: "rival", to: "lab", product: "cloud-compute", share_of_need: Share(1), since: "2023", until: "2025", assumed: "t"),
        "s1": Supplies(from: "cloud", to: "lab", product: "cloud-compute", share_of_need: Share(0.6), since: "2025", assumed: "t"),
        "s2": Supplies(from: "rival", to: "lab", product: "cloud-compute", share_of_need: Share(0.3), since: "2025", assumed: "t"),
        "s3": Supplies(from: "own-site", to: "cloud", product: "hosting", share_of_need: Share(1), assumed: "t"),
        "s4": Supplies(from: "other-site", to: "rival", product: "hosting", share_of_need: Share(1), assumed: "t"),
        "s5": Supplies(from: "own-chip", to: "cloud", product: "chip", share_of_need: Share(0.5), assumed: "t"),
        "s6": Supplies(from: "merchant", to: "cloud", product: "chip", share_of_need: Share(0.5), assumed: "t"),
        "s7": Supplies(from: "merchant", to: "rival", product: "chip", share_of_need: Share(1), assumed: "t"),
        "s8": Supplies(from: "fab", to: "own-chip", product: "wafer", share_of_need: Share(1), assumed: "t"),
        "s9": Supplies(from: "fab", to: "merchant", product: "wafer", share_of_need: Share(1), assumed: "t"),
    },
    intensities: {
        "chips-in-compute": (product: "cloud-compute", input: "chip", amount: Share(0.4), assumed: "t"),
        "hosting-in-compute": (product: "cloud-compute", input: "hosting", amount: Share(0.3), assumed: "t"),
    },
)"#;

/// The number of a table in the row whose cells have these keys.
fn at(answer: &Answer, table: &str, wanted: &[(&str, &str)], column: &str) -> Option<f64> {
    let table = answer.table(table)?;
    let fits = |row: &usize| {
        wanted.iter().all(|(column, key)| table.cell(*row, column).and_then(Cell::as_key) == Some(key))
    };
    table.number((0..table.rows.len()).find(fits)?, column)
}

fn tier(answer: &Answer, tier: f64, column: &str) -> f64 {
    let table = answer.table("tiers").unwrap();
    let row = (0..table.rows.len())
        .find(|row| {
            table.cell(*row, "stack").unwrap().as_key() == Some("group")
                && table.cell(*row, "basis").unwrap().as_key() == Some("function")
                && table.number(*row, "tier") == Some(tier)
        })
        .unwrap();
    table.number(row, column).unwrap()
}

#[test]
fn the_owned_stack_closes_as_worked_out() {
    // the cloud's needs: hosting 1/2 (all own), chips 1/2 (half own); then wafers for both chip makers 1/2 (none own)
    let answer = ask(&graph(TOY), "Stacks()");
    assert_eq!(answer.tables[0].rows.len(), 1, "one owner spans more than one tier");
    assert_eq!(number(&answer, "group", "tiers"), Some(3.0));
    assert!(close(number(&answer, "group", "closure").unwrap(), 0.75 / 1.5, 1e-12));
    assert!(close(number(&answer, "group", "closure_high").unwrap(), 0.75 / 1.5, 1e-12));
    assert_eq!(cell(&answer, "group", "largest_outside").unwrap().as_key(), Some("fab"));
    assert!(close(number(&answer, "group", "largest_outside_share").unwrap(), 0.5 / 1.5, 1e-12));
    // money: chips 0.4 half own, hosting 0.3 all own
    assert!(close(number(&answer, "group", "closure_cost").unwrap(), 0.5 / 0.7, 1e-12));
    for (t, share) in [(9.0, 1.0), (7.0, 0.5), (5.0, 0.0)] {
        assert!(close(tier(&answer, t, "closure"), share, 1e-12), "tier {t}");
        assert!(close(tier(&answer, t, "weight"), 0.5, 1e-12), "tier {t}");
    }
}

#[test]
fn a_tied_lab_lengthens_the_stack() {
    // lab: compute 1 (0.6 own, 0.1 unknown); then hosting 0.3 + 0.15, chips 0.3 + 0.15; then wafers 0.45
    let answer = ask(&graph(TOY), "Stacks(ties: true)");
    assert_eq!(number(&answer, "group", "tiers"), Some(4.0));
    let needs = 1.0 + 3.0 * 0.45;
    assert!(close(number(&answer, "group", "closure").unwrap(), 1.05 / needs, 1e-12));
    assert!(close(number(&answer, "group", "closure_high").unwrap(), 1.15 / needs, 1e-12));
    assert!(close(number(&answer, "group", "largest_outside_share").unwrap(), 0.45 / needs, 1e-12));
    assert!(close(tier(&answer, 9.0, "closure"), 0.3 / 0.45, 1e-12));
    assert!(close(tier(&answer, 7.0, "unbroken"), 0.15 / 0.45, 1e-12));
    assert!(matches!(cell(&answer, "group", "tied_labs"), Some(Cell::Items(labs)) if labs.len() == 1));
    // the rival stands in no stack of two tiers, so nothing crosses
    assert!(answer.table("cross-stack").unwrap().rows.is_empty());
}

#[test]
fn compute_under_one_roof_over_the_years() {
    let answer = ask(&graph(TOY), "Stacks(over: \"2022..2026\")");
    let roof = |column| at(&answer, "roofs", &[("lab", "lab")], column).unwrap();
    assert!(close(roof("share"), 0.6, 1e-12));
    assert!(close(roof("hhi_low"), 4500.0, 1e-12));
    assert!(close(roof("hhi_high"), 4600.0, 1e-12));
    assert!(close(roof("unknown"), 0.1, 1e-12));
    let over = |year: &str, column| at(&answer, "over-time", &[("as_of", year)], column);
    assert_eq!(over("2022-07-01", "labs"), Some(0.0), "nobody is known to host it yet");
    assert!(close(over("2024-07-01", "one_roof").unwrap(), 1.0, 1e-12));
    assert!(close(over("2025-07-01", "one_roof").unwrap(), 0.6, 1e-12));
    assert!(close(over("2024-07-01", "one_roof_same").unwrap(), 1.0, 1e-12));
    assert!(close(over("2026-07-01", "provider_hhi_high").unwrap(), 4600.0, 1e-12));
    assert!(close(over("2026-07-01", "lab_hhi").unwrap(), 1e4, 1e-12));
    assert_eq!(answer.table("over-time").unwrap().rows.len(), 5);
}

#[test]
fn partitions_of_the_toy_are_as_worked_out() {
    // weights add up to 6.9; within the group 1.5; Σ out · in = 2.1 · 3 + 0.3 · 2 + 1.5 · 1
    let answer = ask(&graph(TOY), "Stacks()");
    let of = |partition, column| {
        at(&answer, "structure", &[("partition", partition), ("weights", "known")], column)
    };
    assert!(close(of("owner", "within").unwrap(), 1.5 / 6.9, 1e-12));
    let (within, chance) = (1.5 / 6.9, 8.4 / (6.9 * 6.9));
    assert!(close(of("owner", "modularity").unwrap(), within - chance, 1e-12));
    assert!(close(of("owner", "assortativity").unwrap(), (within - chance) / (1.0 - chance), 1e-12));
    assert_eq!(of("tier", "within"), Some(0.0), "every link runs between tiers");
    assert!(of("tier", "assortativity").unwrap() < 0.0);
    assert!(of("community", "modularity").unwrap() >= of("owner", "modularity").unwrap());
}

#[test]
fn bad_parameters_are_named() {
    let graph = graph(TOY);
    for (stacks, wanted) in [
        (Stacks { over: Some("2026..2023".into()), ..Stacks::default() }, "over"),
        (Stacks { depth: 0, ..Stacks::default() }, "depth"),
        (Stacks { labs: "labs".into(), ..Stacks::default() }, "lab"),
        (Stacks { compute: "chips".into(), ..Stacks::default() }, "chip"),
        (Stacks { stack: Some("grop".into()), ..Stacks::default() }, "group"),
    ] {
        let error = stacks.run(&common::view(&graph)).unwrap_err().to_string();
        assert!(error.contains(wanted), "{error}");
    }
}

#[test]
fn the_flagship_has_its_stacks() {
    let loaded = linchpin::dataset::load(std::path::Path::new("graph/ai-infrastructure"));
    let graph = linchpin::graph::Graph::new(loaded.facts.expect("the dataset is valid"), String::new());
    let answer = ask(&graph, "Stacks(ties: true, over: \"2023..2026\")");
    if std::env::var_os("SHOW").is_some() {
        let provenance = common::view(&graph).provenance(
            &linchpin::analysis::Ask::Stacks(Stacks::default()),
            String::new(),
            0,
        );
        let style = linchpin::answer::Style { rows: 60, width: 220, ..Default::default() };
        println!("{}", linchpin::answer::to_text(&answer, &provenance, style));
    }
    for owner in ["amazon", "google", "microsoft"] {
        let closure = number(&answer, owner, "closure").unwrap();
        assert!((0.0..=1.0).contains(&closure), "{owner}");
        assert!(number(&answer, owner, "tiers").unwrap() >= 3.0, "{owner}");
    }
    let tied = |owner: &str| match cell(&answer, owner, "tied_labs") {
        Some(Cell::Items(labs)) => labs.into_iter().map(|(key, _)| key).collect(),
        _ => Vec::new(),
    };
    assert!(tied("amazon").contains(&"anthropic".to_string()));
    assert!(tied("microsoft").contains(&"openai".to_string()));
    assert_eq!(answer.table("over-time").unwrap().rows.len(), 4);
    // a stack on a day of the series is what it is when that day is asked for
    let series = answer.table("stacks-over-time").unwrap();
    let then = linchpin::analysis::View {
        graph: &graph,
        scope: linchpin::scope::Scope::on(linchpin::model::Date::constant(2025, 7, 1)),
    };
    let asked: linchpin::analysis::Ask =
        linchpin::analysis::ron_options().from_str("Stacks(ties: true)").unwrap();
    let then = asked.run(&then).unwrap();
    for owner in ["amazon", "google", "microsoft"] {
        let key = [("as_of", "2025-07-01"), ("stack", owner)];
        for column in ["tiers", "members", "closure", "closure_high"] {
            assert_eq!(
                at(&answer, "stacks-over-time", &key, column),
                number(&then, owner, column),
                "{owner} {column}"
            );
        }
    }
    assert_eq!(series.rows.len() % 4, 0);
}

fn digraph(n: usize, seed: &[f64]) -> Digraph {
    let mut edges = Vec::new();
    for from in 0..n {
        for to in (0..n).filter(|to| *to != from) {
            let weight = seed[(from * n + to) % seed.len()];
            if weight > 0.5 {
                edges.push(Edge { from, to, weight });
            }
        }
    }
    Digraph::new(n, edges)
}

#[test]
fn two_groups_of_four_are_two_communities() {
    let mut edges = Vec::new();
    for group in [0, 4] {
        for from in group..group + 4 {
            for to in (group..group + 4).filter(|to| *to != from) {
                edges.push(Edge { from, to, weight: 1.0 });
            }
        }
    }
    edges.push(Edge { from: 3, to: 4, weight: 1.0 });
    let graph = Digraph::new(8, edges);
    let found = communities(&graph);
    assert_eq!(found, [0, 0, 0, 0, 1, 1, 1, 1]);
    // 24 of 25 within; out and in: 13 · 12 and 12 · 13
    let class: Vec<_> = found.into_iter().map(Some).collect();
    let expected = 24.0 / 25.0 - 2.0 * 13.0 * 12.0 / 625.0;
    assert!(close(modularity(&graph, &class).unwrap(), expected, 1e-12));
}

proptest! {
    #[test]
    fn modularity_is_that_of_the_plain_double_sum(
        n in 2usize..9, seed in proptest::collection::vec(0.0f64..1.0, 81), labels in proptest::collection::vec(0usize..3, 9),
    ) {
        let graph = digraph(n, &seed);
        prop_assume!(!graph.edges().is_empty());
        let mut a = vec![vec![0.0; n]; n];
        graph.edges().iter().for_each(|edge| a[edge.from][edge.to] += edge.weight);
        let m: f64 = a.iter().flatten().sum();
        let plain = |label: &dyn Fn(usize) -> usize| {
            let mut sum = 0.0;
            for i in 0..n {
                for j in (0..n).filter(|j| label(*j) == label(i)) {
                    let (out, into): (f64, f64) = (a[i].iter().sum(), a.iter().map(|row| row[j]).sum());
                    sum += a[i][j] - out * into / m;
                }
            }
            sum / m
        };
        let class: Vec<Option<usize>> = (0..n).map(|i| Some(labels[i])).collect();
        let found = modularity(&graph, &class).unwrap();
        prop_assert!((found - plain(&|i| labels[i])).abs() < 1e-12);
        if let Some(r) = assortativity(&graph, &class) {
            prop_assert!(r <= 1.0 + 1e-12);
        }
        let best = communities(&graph);
        let classes: Vec<Option<usize>> = best.iter().copied().map(Some).collect();
        let reached = modularity(&graph, &classes).unwrap();
        prop_assert!((reached - plain(&|i| best[i])).abs() < 1e-12);
        // never worse than everybody alone, from where it starts
        prop_assert!(reached >= plain(&|i| i) - 1e-12);
        prop_assert!(modularity(&graph, &vec![Some(0); n]).unwrap().abs() < 1e-12);
        prop_assert_eq!(best, communities(&graph));
    }
}
