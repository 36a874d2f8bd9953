//! Chokepoints: worked by hand, against other software, and against slow plain versions.

mod common;
mod oracle;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use common::{ask, cell, close, graph, needs_dataset, number, view};
use linchpin::analysis::{Ask, ron_options};
use linchpin::answer::{Answer, AnswerStatus, Cell};
use linchpin::graph::Graph;
use proptest::prelude::*;
use serde_json::Value;

/// The worked example of the definition: a lab on two clouds, two chips and one foundry.
const LAB: &str = r#"(format: 1, name: "lab", kinds: { "k": () },
    products: { "compute": (), "accelerator": (), "wafer": () },
    entities: {
        "lab": (kind: "k", needs: { "compute": Essential }),
        "a": (kind: "k", needs: { "accelerator": Essential }),
        "b": (kind: "k", needs: { "accelerator": Essential }),
        "x": (kind: "k", needs: { "wafer": Essential }),
        "y": (kind: "k", needs: { "wafer": Essential }),
        "f": (kind: "k"),
    },
    relations: {
        "r1": Supplies(from: "a", to: "lab", product: "compute", share_of_need: Share(0.6), assumed: "t"),
        "r2": Supplies(from: "b", to: "lab", product: "compute", share_of_need: Share(0.4), assumed: "t"),
        "r3": Supplies(from: "x", to: "a", product: "accelerator", share_of_need: Share(0.7), assumed: "t"),
        "r4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Share(0.3), assumed: "t"),
        "r5": Supplies(from: "x", to: "b", product: "accelerator", share_of_need: Share(1.0), assumed: "t"),
        "r6": Supplies(from: "f", to: "x", product: "wafer", share_of_need: Share(1.0), assumed: "t"),
        "r7": Supplies(from: "f", to: "y", product: "wafer", share_of_need: Share(1.0), assumed: "t"),
    })"#;

/// A folder with the bulk tables of the fixture, as a user would lay it out; one of its own for each call, as tests run side
/// by side.
fn bulk(name: &str, files: &[(&str, &str)]) -> Graph {
    static CALLS: AtomicUsize = AtomicUsize::new(0);
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("chokepoints-{name}-{call}"));
    std::fs::create_dir_all(&dir).unwrap();
    for (file, text) in files {
        std::fs::write(dir.join(file), text).unwrap();
    }
    let loaded = linchpin::dataset::load(&dir);
    let facts = loaded.facts.expect("the folder is valid");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn fixture() -> Graph {
    let ron = r#"(format: 1, name: "fixture", tables: [Entities(file: "nodes.csv"), Supplies(file: "edges.csv", weight: ShareOfCost)])"#;
    bulk(
        "fixture",
        &[
            ("fixture.ron", ron),
            ("nodes.csv", include_str!("fixtures/structure/nodes.csv")),
            ("edges.csv", include_str!("fixtures/structure/edges.csv")),
        ],
    )
}

fn column(text: &str) -> BTreeMap<String, f64> {
    let row = |line: &str| {
        let (key, value) = line.split_once(',').unwrap();
        (key.to_string(), value.parse().unwrap())
    };
    text.lines().skip(1).map(row).collect()
}

fn key(cell: Option<Cell>) -> Option<String> {
    cell.and_then(|cell| cell.as_key().map(str::to_string))
}

/// The members of the smallest sets.
fn sets(answer: &Answer) -> Vec<BTreeSet<String>> {
    let members = |row: &Vec<Cell>| match &row[1] {
        Cell::Items(items) => items.iter().map(|(key, _)| key.clone()).collect(),
        _ => BTreeSet::new(),
    };
    answer.table("smallest-sets").unwrap().rows.iter().map(members).collect()
}

fn set(members: &[&str]) -> BTreeSet<String> {
    members.iter().map(|member| member.to_string()).collect()
}

#[test]
fn the_worked_example() {
    let graph = graph(LAB);
    let answer = ask(&graph, r#"Chokepoints(of: "lab")"#);
    for (entity, loss) in [("f", 1.0), ("x", 0.82), ("a", 0.6), ("b", 0.4), ("y", 0.18)] {
        assert!(close(number(&answer, entity, "stop_loss").unwrap(), loss, 1e-12), "{entity}");
        assert_eq!(cell(&answer, entity, "functional_chokepoint"), Some(Cell::Flag(loss == 1.0)));
    }
    // f stops both chips, both clouds and the lab; x stops b alone
    assert_eq!(number(&answer, "f", "stops"), Some(5.0));
    assert_eq!(number(&answer, "x", "stops"), Some(1.0));
    assert!(close(number(&answer, "x", "functional_criticality").unwrap(), 0.7 + 1.0 + 0.82, 1e-12));
    // y is reached only through a; f through either chip
    assert_eq!(key(cell(&answer, "y", "immediate_dominator")).as_deref(), Some("a"));
    assert_eq!(key(cell(&answer, "f", "immediate_dominator")).as_deref(), Some("lab"));
    assert_eq!(cell(&answer, "a", "dominator"), Some(Cell::Flag(true)));
    assert_eq!(number(&answer, "f", "min_cut"), Some(2.0));
    assert_eq!(cell(&answer, "a", "min_cut"), Some(Cell::Empty));
    assert_eq!(sets(&answer), [set(&["f"]), set(&["a", "b"]), set(&["a", "x"]), set(&["x", "y"])]);
    assert_eq!(answer.status, AnswerStatus::Complete);
    assert!(answer.findings[0].text.contains("stops altogether without f"), "{}", answer.findings[0].text);
    let few = ask(&graph, r#"Chokepoints(of: "lab", most: 2)"#);
    assert_eq!(sets(&few), [set(&["f"]), set(&["a", "b"])]);
    assert!(matches!(few.status, AnswerStatus::Truncated { .. }));
}

#[test]
fn an_unknown_rest_keeps_things_going_and_says_so() {
    let graph = graph(&LAB.replace("share_of_need: Share(0.4)", "share_of_need: Share(0.3)"));
    let answer = ask(&graph, r#"Chokepoints(of: "lab")"#);
    assert_eq!(cell(&answer, "f", "functional_chokepoint"), Some(Cell::Flag(false)));
    assert!(close(number(&answer, "f", "stop_loss").unwrap(), 0.9, 1e-12));
    assert!(close(number(&answer, "f", "stop_loss_high").unwrap(), 1.0, 1e-12));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "sets-if-unknown-hit"));
    assert!(sets(&answer).contains(&set(&["f"])));
    assert!(answer.findings[0].text.contains("unknown part"), "{}", answer.findings[0].text);
}

#[test]
fn a_bulk_folder_agrees_with_other_software() {
    let graph = fixture();
    let all = ask(&graph, "Chokepoints(all: true)");
    let expected = [
        ("criticality", include_str!("fixtures/structure/criticality.csv"), 1e-10),
        ("betweenness", include_str!("fixtures/structure/betweenness.csv"), 1e-9),
        ("trophic_level", include_str!("fixtures/structure/trophic.csv"), 1e-8),
    ];
    for (name, text, tolerance) in expected {
        let mut worst: f64 = 0.0;
        for (entity, theirs) in column(text) {
            let ours = number(&all, &entity, name).unwrap();
            worst = worst.max((ours - theirs).abs() / theirs.abs().max(1.0));
        }
        println!("{name}: largest difference {worst:.1e}");
        assert!(worst <= tolerance, "{name}: {worst:e}");
    }
    let structure: Value = serde_json::from_str(include_str!("fixtures/structure/structure.json")).unwrap();
    let points: BTreeSet<String> = all.tables[0]
        .rows
        .iter()
        .filter(|row| row[1] == Cell::Flag(true))
        .map(|row| row[0].as_key().unwrap().to_string())
        .collect();
    assert_eq!(points, set(&["n000", "n038"]));
    let f = all.table("order").unwrap().number(0, "incoherence").unwrap();
    assert!(close(f, structure["trophic_incoherence_F"].as_f64().unwrap(), 1e-10));

    let by_buyer = structure["immediate_dominators_seen_from_buyer_going_upstream"].as_object().unwrap();
    for (buyer, theirs) in by_buyer {
        let answer = ask(&graph, &format!("Chokepoints(of: {buyer:?})"));
        let ours: BTreeMap<String, String> = answer.tables[0]
            .rows
            .iter()
            .filter_map(|row| {
                let entity = row[0].as_key()?.to_string();
                key(cell(&answer, &entity, "immediate_dominator")).map(|over| (entity.clone(), over))
            })
            .collect();
        let theirs: BTreeMap<String, String> = theirs
            .as_object()
            .unwrap()
            .iter()
            .map(|(k, v)| (k.clone(), v.as_str().unwrap().to_string()))
            .collect();
        assert_eq!(ours, theirs);
        assert_eq!(cell(&answer, ours.keys().next().unwrap(), "stop_loss"), Some(Cell::Empty));
        assert!(answer.caveats.iter().any(|caveat| caveat.code == "no-needs"));
        assert!(answer.caveats.iter().any(|caveat| caveat.code == "unsourced-table"));
    }
    for case in structure["minimum_vertex_cuts_supplier_to_buyer"].as_array().unwrap() {
        let (from, to) = (case["from"].as_str().unwrap(), case["to"].as_str().unwrap());
        let answer = ask(&graph, &format!("Chokepoints(of: {to:?}, to: {from:?})"));
        let size = answer.table("cuts").unwrap().number(1, "size");
        assert_eq!(size, case["size"].as_f64(), "{case}");
        assert_eq!(number(&answer, from, "min_cut"), size);
    }
}

#[test]
fn what_no_longer_passes() {
    let ron = r#"(format: 1, name: "t", tables: [Entities(file: "n.csv"), Supplies(file: "e.csv")])"#;
    let edges = "supplier,buyer,weight\ns,a,10\ns,b,5\na,t,8\nb,t,5\n";
    let graph = bulk("flow", &[("t.ron", ron), ("n.csv", "id\na\nb\ns\nt\n"), ("e.csv", edges)]);
    let answer = ask(&graph, r#"Chokepoints(of: "t")"#);
    for (entity, drop) in [("s", 1.0), ("a", 8.0 / 13.0), ("b", 5.0 / 13.0)] {
        assert!(close(number(&answer, entity, "flow_drop").unwrap(), drop, 1e-12), "{entity}");
    }
    assert_eq!(answer.table("flow-money").unwrap().number(0, "max_flow"), Some(13.0));
}

#[test]
fn revenue_weighs() {
    let ron = r#"(format: 1, name: "t", as_of: "2026-01-01",
        attributes: { "r": (of: "t", what: Revenue, value: Usd(50.0), period: "2025", per: Year, assumed: "t") },
        tables: [Entities(file: "n.csv"), Supplies(file: "e.csv", weight: ShareOfCost)])"#;
    let edges = "supplier,buyer,weight\ns,a,0.5\na,t,0.2\n";
    let graph = bulk("size", &[("t.ron", ron), ("n.csv", "id\na\ns\nt\n"), ("e.csv", edges)]);
    let alike = ask(&graph, "Chokepoints()");
    assert!(close(number(&alike, "s", "criticality").unwrap(), 0.5 + 0.1, 1e-12));
    let weighed = ask(&graph, "Chokepoints(size: Revenue)");
    assert!(close(number(&weighed, "s", "criticality").unwrap(), 5.0, 1e-12));
    assert!(weighed.caveats.iter().any(|caveat| caveat.code == "sizes" && caveat.count == Some(2)));
}

#[test]
fn questions_that_make_no_sense_are_refused() {
    let graph = graph(LAB);
    for question in [
        r#"Chokepoints(to: "f")"#,
        r#"Chokepoints(of: "lab", to: "lab")"#,
        r#"Chokepoints(of: "lab", all: true)"#,
        r#"Chokepoints(of: "nobody")"#,
    ] {
        let ask: Ask = ron_options().from_str(question).unwrap();
        assert!(ask.run(&view(&graph)).is_err(), "{question}");
    }
}

#[test]
fn numbers_in_findings_are_cells() {
    let (lab, bulk) = (graph(LAB), fixture());
    let mut seen = 0;
    for (graph, questions) in [
        (
            &lab,
            vec![
                r#"Chokepoints(of: "lab", to: "f")"#,
                "Chokepoints()",
                r#"Why(of: "lab", to: "f")"#,
                "Tiers()",
                r#"WhyNot(of: "f", to: "lab")"#,
                r#"WhyNot(of: "lab", to: "f")"#,
            ],
        ),
        (
            &bulk,
            vec![
                r#"Chokepoints(of: "n054")"#,
                "Chokepoints(all: true)",
                r#"Why(of: "n036", to: "n002")"#,
                "Tiers()",
            ],
        ),
    ] {
        for question in questions {
            let answer = ask(graph, question);
            assert!(!answer.findings.is_empty(), "{question}");
            for finding in &answer.findings {
                let mut rest = finding.text.clone();
                for quote in &finding.quotes {
                    let table = answer.table(&quote.table).unwrap();
                    assert_eq!(table.number(quote.row, &quote.column), Some(quote.value), "{}", finding.text);
                    rest = rest.replacen(&quote.shown, "", 1);
                    seen += 1;
                }
                for entity in &graph.facts().entities {
                    rest = rest.replace(&entity.name, "");
                }
                assert!(!rest.contains(|c: char| c.is_ascii_digit()), "{question}: {}", finding.text);
            }
        }
    }
    assert!(seen > 20);
}

prop_compose! {
    /// Up to 7 entities and 2 products; about half of the needs are covered in full.
    fn needs()(n in 3usize..8, seed in proptest::collection::vec(0.0f64..1.0, 8 * 2 * 10))
        -> Vec<Vec<Vec<(usize, f64)>>>
    {
        let mut draw = seed.into_iter().cycle();
        let mut next = || draw.next().unwrap();
        (0..n).map(|i| (0..2).map(|_| {
            let raw: Vec<(usize, f64)> =
                (0..n).filter(|j| *j != i).map(|j| (j, next())).filter(|(_, v)| *v > 0.6).collect();
            let total: f64 = raw.iter().map(|(_, v)| v).sum();
            let known = if next() > 0.3 { 1.0 } else { 0.75 };
            raw.into_iter().map(|(j, v)| (j, v / total * known)).collect()
        }).collect()).collect()
    }
}

/// Least sets that stop entity 0, by trying all subsets.
fn brute(needs: &[Vec<Vec<(usize, f64)>>], weights: &[Option<f64>], largest: usize) -> Vec<BTreeSet<String>> {
    let stops = |set: &[usize]| {
        let mut shock = vec![0.0; needs.len()];
        for at in set {
            shock[at + 1] = 1.0;
        }
        oracle::functional(needs, weights, &shock)[0] < 1e-6
    };
    oracle::structure::smallest_sets(needs.len() - 1, largest, &stops)
        .into_iter()
        .map(|set| set.into_iter().map(|at| format!("e{}", at + 1)).collect())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn smallest_sets_agree_with_all_subsets(needs in needs()) {
        let weights = [None, None];
        let graph = graph(&needs_dataset(&needs, &weights));
        let answer = ask(&graph, r#"Chokepoints(of: "e0", largest_set: 4, most: 1000)"#);
        if let Some(table) = answer.table("smallest-sets").filter(|table| !table.rows.is_empty()) {
            let if_hit = table.cell(0, "unknown_part").and_then(Cell::as_key) != Some("goes on");
            let taken: Vec<Vec<Vec<(usize, f64)>>> = if if_hit {
                let whole = |row: &Vec<(usize, f64)>| {
                    let known: f64 = row.iter().map(|(_, share)| share).sum();
                    row.iter().map(|(at, share)| (*at, share / known)).collect()
                };
                needs.iter().map(|rows| rows.iter().map(whole).collect()).collect()
            } else {
                needs.clone()
            };
            prop_assert_eq!(sets(&answer), brute(&taken, &weights, 4));
        } else {
            prop_assert!(brute(&needs, &weights, 4).is_empty());
        }
        // chokepoints are the sets of one
        let sure = answer.table("smallest-sets").is_none_or(|t| t.cell(0, "unknown_part").and_then(Cell::as_key) == Some("goes on"));
        for row in answer.tables[0].rows.iter().filter(|_| sure) {
            let entity = row[0].as_key().unwrap();
            let alone = sets(&answer).contains(&set(&[entity]));
            prop_assert_eq!(cell(&answer, entity, "functional_chokepoint"), Some(Cell::Flag(alone)));
        }
    }

    #[test]
    fn reach_multiplies_over_a_dominator(n in 3usize..9, seed in proptest::collection::vec(0.0f64..1.0, 81)) {
        let mut edges = String::from("supplier,buyer,weight\n");
        for i in 0..n {
            let raw: Vec<f64> = (0..n).map(|j| if seed[i * 9 + j] > 0.7 && i != j { seed[i * 9 + j] } else { 0.0 }).collect();
            let total: f64 = raw.iter().sum();
            for (j, weight) in raw.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
                edges.push_str(&format!("e{j},e{i},{:?}\n", weight / total * 0.9));
            }
        }
        let nodes: String = std::iter::once("id\n".to_string()).chain((0..n).map(|i| format!("e{i}\n"))).collect();
        let ron = r#"(format: 1, name: "t", tables: [Entities(file: "n.csv"), Supplies(file: "e.csv", weight: ShareOfCost)])"#;
        let graph = bulk("dominators", &[("t.ron", ron), ("n.csv", &nodes), ("e.csv", &edges)]);
        let seen: Vec<Answer> = (0..n).map(|i| ask(&graph, &format!("Chokepoints(of: \"e{i}\")"))).collect();
        for i in 0..n {
            for row in &seen[i].tables[0].rows {
                let k = row[0].as_key().unwrap();
                let reach = number(&seen[i], k, "reach_share").unwrap();
                prop_assert!((0.0..=1.0 + 1e-12).contains(&reach));
                let Some(d) = key(cell(&seen[i], k, "immediate_dominator")).filter(|d| *d != format!("e{i}")) else { continue };
                let from_d: usize = d[1..].parse().unwrap();
                let product = number(&seen[i], &d, "reach_share").unwrap() * number(&seen[from_d], k, "reach_share").unwrap();
                prop_assert!(close(reach, product, 1e-11), "R({i},{k}) = {reach}, over {d}: {product}");
            }
        }
    }
}
