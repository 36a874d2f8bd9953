//! Why and why not: routes that add up, and the reason for each missing link.

mod common;

use common::{ask, close, graph, needs_dataset};
use linchpin::answer::{Answer, Cell};
use linchpin::graph::Graph;
use proptest::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

const LAB: &str = r#"(format: 1, name: "lab", as_of: "2026-07-01", kinds: { "k": () },
    products: { "compute": (), "accelerator": (), "wafer": (), "power": (), "gas": () },
    entities: {
        "lab": (kind: "k", needs: { "compute": Essential, "power": Optional }),
        "a": (kind: "k", needs: { "accelerator": Essential }),
        "b": (kind: "k", needs: { "accelerator": Essential }),
        "x": (kind: "k", needs: { "wafer": Essential }),
        "y": (kind: "k", needs: { "wafer": Essential }),
        "f": (kind: "k"), "g": (kind: "k"), "h": (kind: "k"), "i": (kind: "k"), "j": (kind: "k"), "l": (kind: "k"),
        "m": (kind: "k"), "n": (kind: "k"),
    },
    relations: {
        "r1": Supplies(from: "a", to: "lab", product: "compute", share_of_need: Share(0.6), assumed: "t"),
        "r2": Supplies(from: "b", to: "lab", product: "compute", share_of_need: Share(0.4), assumed: "t"),
        "r3": Supplies(from: "x", to: "a", product: "accelerator", share_of_need: Share(0.7), assumed: "t"),
        "r4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Share(0.3), assumed: "t"),
        "r5": Supplies(from: "x", to: "b", product: "accelerator", share_of_need: Share(1.0), assumed: "t"),
        "r6": Supplies(from: "f", to: "x", product: "wafer", share_of_need: Share(1.0), assumed: "t"),
        "r7": Supplies(from: "f", to: "y", product: "wafer", share_of_need: Share(1.0), assumed: "t"),
        "announced": Commits(from: "lab", to: "g", product: "compute", status: Announced, assumed: "t"),
        "future": Supplies(from: "h", to: "a", product: "accelerator", since: "2027", assumed: "t"),
        "past": Supplies(from: "h", to: "b", product: "accelerator", until: "2025", assumed: "t"),
        "shareless": Supplies(from: "i", to: "a", product: "accelerator", assumed: "t"),
        "undeclared": Supplies(from: "j", to: "a", product: "power", assumed: "t"),
        "optional": Supplies(from: "l", to: "lab", product: "power", assumed: "t"),
        "far": Supplies(from: "m", to: "j", product: "gas", assumed: "t"),
    })"#;

fn table_cell(answer: &Answer, table: &str, row: usize, column: &str) -> String {
    match answer.table(table).and_then(|table| table.cell(row, column)) {
        Some(Cell::Number(value)) => value.to_string(),
        Some(cell) => cell.as_key().unwrap_or_default().to_string(),
        None => String::new(),
    }
}

fn total(answer: &Answer, basis: &str, column: &str) -> f64 {
    let table = answer.table("totals").unwrap();
    let row = table.rows.iter().position(|row| row[0].as_key() == Some(basis)).unwrap();
    table.number(row, column).unwrap()
}

#[test]
fn routes_add_up_to_the_stop_loss() {
    let graph = graph(LAB);
    let answer = ask(&graph, r#"Why(of: "lab", to: "f")"#);
    let routes = answer.table("routes").unwrap();
    let shares: Vec<f64> = (0..routes.rows.len()).map(|row| routes.number(row, "share").unwrap()).collect();
    assert_eq!(shares.len(), 3);
    for (share, expected) in shares.iter().zip([0.42, 0.4, 0.18]) {
        assert!(close(*share, expected, 1e-12), "{shares:?}");
    }
    assert!(close(total(&answer, "function", "total"), 1.0, 1e-12));
    assert!(total(&answer, "function", "remainder") < 1e-12);
    // the step from x to f is shared, and folded
    assert_eq!(table_cell(&answer, "tails", 0, "path"), "x ← wafer 100.0 % ← f");
    assert_eq!(answer.table("tails").unwrap().number(0, "routes"), Some(2.0));
    assert_eq!(answer.table("steps").unwrap().rows.len(), 9);
    let one = ask(&graph, r#"Why(of: "lab", to: "f", most: 1)"#);
    assert!(close(total(&one, "function", "remainder"), 0.58, 1e-12));
    assert!(one.caveats.iter().any(|caveat| caveat.code == "more-routes"));
    let none = ask(&graph, r#"Why(of: "f", to: "lab")"#);
    assert!(none.findings[0].text.contains("why-not f lab"), "{}", none.findings[0].text);
}

#[test]
fn each_missing_link_has_its_reason() {
    let graph = graph(LAB);
    let cases = [
        ("g", "announced", "its status is announced"),
        ("i", "shareless", "its share is unknown"),
        ("j", "undeclared", "no need for power is declared"),
        ("l", "optional", "the need for power is optional"),
    ];
    for (to, record, reason) in cases {
        let answer = ask(&graph, &format!("WhyNot(of: \"lab\", to: {to:?})"));
        assert_eq!(table_cell(&answer, "missing", 0, "record"), record);
        let said = table_cell(&answer, "missing", 0, "reason");
        assert!(said.starts_with(reason), "{to}: {said}");
        assert!(answer.findings[0].text.contains(reason), "{}", answer.findings[0].text);
        assert!(!table_cell(&answer, "missing", 0, "remedy").is_empty());
    }
    // two ways to h, one too early and one too late, each with a need whose other shares are known
    let answer = ask(&graph, r#"WhyNot(of: "lab", to: "h")"#);
    let reasons: Vec<String> =
        (0..4).map(|row| table_cell(&answer, "missing", row, "reason")).filter(|r| !r.is_empty()).collect();
    assert!(reasons.iter().any(|reason| reason.contains("begins only in 2027")), "{reasons:?}");
    assert!(reasons.iter().any(|reason| reason.contains("ended by 2025")), "{reasons:?}");
    // two links are missing to m
    let far = ask(&graph, r#"WhyNot(of: "lab", to: "m")"#);
    assert_eq!(far.table("ways").unwrap().number(0, "missing"), Some(2.0));
    // nothing leads to n
    let never = ask(&graph, r#"WhyNot(of: "lab", to: "n")"#);
    assert!(never.table("ways").unwrap().rows.is_empty());
    assert!(never.findings[0].text.contains("no chain of supplies"), "{}", never.findings[0].text);
    // the other way round, and where it hangs after all
    let back = ask(&graph, r#"WhyNot(of: "f", to: "lab")"#);
    assert!(back.findings.iter().any(|finding| finding.text.contains("run the other way")));
    let hangs = ask(&graph, r#"WhyNot(of: "lab", to: "f")"#);
    assert!(hangs.findings[0].text.contains("does hang"), "{}", hangs.findings[0].text);
}

#[test]
fn a_wider_scope_finds_what_was_missing() {
    use linchpin::analysis::{Ask, View, ron_options};
    use linchpin::model::Status;
    let graph = graph(LAB);
    let mut scope = common::view(&graph).scope;
    scope.status.insert(0, Status::Announced);
    let view = View { graph: &graph, scope };
    let ask: Ask = ron_options().from_str(r#"WhyNot(of: "lab", to: "g")"#).unwrap();
    // the status no longer stands against it, the share does
    let answer = ask.run(&view).unwrap();
    assert!(table_cell(&answer, "missing", 0, "reason").starts_with("its share is unknown"));
    assert_eq!(answer.table("ways").unwrap().number(0, "missing"), Some(1.0));
}

#[test]
fn levels_follow_the_chain() {
    let graph = graph(LAB);
    let answer = ask(&graph, "Tiers()");
    for (entity, level) in [("f", 0.0), ("x", 1.0), ("y", 1.0), ("a", 2.0), ("b", 2.0), ("lab", 3.0)] {
        assert!(close(common::number(&answer, entity, "trophic_level").unwrap(), level, 1e-9), "{entity}");
    }
    assert!(answer.table("components").unwrap().number(0, "incoherence").unwrap() < 1e-12);
    assert!(answer.table("against").unwrap().rows.is_empty());
}

/// A chain with cost shares.
fn costs(edges: &[(&str, &str, f64)]) -> Graph {
    // one folder a call, as tests run side by side
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("why-{call}"));
    std::fs::create_dir_all(&dir).unwrap();
    let rows: String = edges.iter().map(|(buyer, supplier, w)| format!("{supplier},{buyer},{w}\n")).collect();
    let mut keys: Vec<&str> = edges.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    keys.sort_unstable();
    keys.dedup();
    let ron = r#"(format: 1, name: "t", tables: [Entities(file: "n.csv"), Supplies(file: "e.csv", weight: ShareOfCost)])"#;
    std::fs::write(dir.join("t.ron"), ron).unwrap();
    std::fs::write(dir.join("n.csv"), format!("id\n{}\n", keys.join("\n"))).unwrap();
    std::fs::write(dir.join("e.csv"), format!("supplier,buyer,weight\n{rows}")).unwrap();
    let facts = linchpin::dataset::load(&dir).facts.unwrap();
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

#[test]
fn routes_by_cost_add_up_to_the_reach_share() {
    let mut edges = vec![
        ("lab", "cloud-a", 0.6),
        ("lab", "cloud-b", 0.4),
        ("cloud-a", "chip-x", 0.7),
        ("cloud-a", "power", 0.2),
        ("cloud-b", "chip-x", 0.3),
        ("cloud-b", "chip-y", 0.4),
        ("cloud-b", "power", 0.2),
        ("chip-x", "foundry", 0.8),
        ("chip-y", "foundry", 0.7),
        ("foundry", "litho", 0.3),
        ("foundry", "power", 0.1),
    ];
    let vectors: serde_json::Value = serde_json::from_str(include_str!("fixtures/vectors.json")).unwrap();
    let answer = ask(&costs(&edges), r#"Why(of: "lab", to: "litho")"#);
    let expected = vectors["reach_prob_Lab"]["Litho"].as_f64().unwrap();
    assert!(close(total(&answer, "cost", "total"), expected, 6e-7));
    assert!(total(&answer, "cost", "remainder") < 1e-12);
    // with cycles, ways that go round are in the remainder
    edges.extend([("litho", "cloud-a", 0.05), ("foundry", "cloud-a", 0.05)]);
    let answer = ask(&costs(&edges), r#"Why(of: "lab", to: "litho")"#);
    let expected = vectors["cyc_reach_Lab"]["Litho"].as_f64().unwrap();
    assert!(close(total(&answer, "cost", "total"), expected, 6e-7));
    assert!(total(&answer, "cost", "remainder") > 1e-3);
    let missing = ask(&costs(&edges), r#"WhyNot(of: "power", to: "litho")"#);
    assert!(missing.findings.iter().any(|finding| finding.text.contains("run the other way")));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Without loops all routes together are the whole loss, product by product; with important products too.
    #[test]
    fn carrying_routes_are_the_whole_loss(n in 3usize..8, seed in proptest::collection::vec(0.0f64..1.0, 200)) {
        let mut draw = seed.into_iter().cycle();
        let mut next = || draw.next().unwrap();
        let needs: Vec<Vec<Vec<(usize, f64)>>> = (0..n).map(|i| (0..3).map(|_| {
            // suppliers stand behind their customers, so that there are no loops
            let raw: Vec<(usize, f64)> = (i + 1..n).map(|j| (j, next())).filter(|(_, v)| *v > 0.4).collect();
            let total: f64 = raw.iter().map(|(_, v)| v).sum();
            let known = 0.5 + 0.5 * next();
            raw.into_iter().map(|(j, v)| (j, v / total * known)).collect()
        }).collect()).collect();
        let graph = graph(&needs_dataset(&needs, &[None, None, Some(0.4)]));
        let to = n - 1;
        let answer = ask(&graph, &format!("Why(of: \"e0\", to: \"e{to}\", most: 100000)"));
        let exposure = ask(&graph, r#"Exposure(of: "e0")"#);
        let loss = common::number(&exposure, &format!("e{to}"), "stop_loss").unwrap_or(0.0);
        let totals = answer.table("totals").unwrap();
        prop_assert_eq!(totals.rows.is_empty(), loss < 1e-12);
        for row in 0..totals.rows.len() {
            let (total, listed) = (totals.number(row, "total").unwrap(), totals.number(row, "listed").unwrap());
            prop_assert!((total - listed).abs() < 1e-9, "row {row}: {total} and {listed}");
        }
        if !totals.rows.is_empty() {
            prop_assert!((totals.number(0, "total").unwrap() - loss).abs() < 1e-12);
        }
    }
}
