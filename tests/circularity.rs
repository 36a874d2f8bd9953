//! Circular finance against the worked example and other software's numbers.

mod common;
mod oracle;

use common::{ask, close, number};
use linchpin::graph::Graph;
use linchpin::model::{Entity, EntityId, Facts, Kind, Link, LinkKind, Meta};
use proptest::prelude::*;

fn flow_graph(edges: &[(String, String, f64)]) -> Graph {
    let mut keys: Vec<&String> = edges.iter().flat_map(|(a, b, _)| [a, b]).collect();
    keys.sort_unstable();
    keys.dedup();
    let entity = |key: &&String| Entity {
        key: key.to_string(),
        name: key.to_string(),
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
    let at = |key: &String| EntityId::new(keys.iter().position(|k| *k == key).unwrap());
    let link = |(from, to, weight): &(String, String, f64)| Link {
        from: at(from),
        to: at(to),
        weight: *weight,
        kind: LinkKind::Flow,
    };
    let facts = Facts {
        meta: Meta { name: "flows".into(), tables: vec!["flows.csv".into()], ..Meta::default() },
        kinds: vec![Kind { key: "k".into(), name: "k".into(), tier: None }],
        entities: keys.iter().map(entity).collect(),
        links: edges.iter().map(link).collect(),
        ..Facts::default()
    };
    Graph::new(facts, String::new())
}

fn csv(name: &str) -> Vec<(String, String, f64)> {
    let path = format!("{}/tests/fixtures/structure/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.records().map(|r| r.unwrap()).map(|r| (r[0].into(), r[1].into(), r[2].parse().unwrap())).collect()
}

fn json(path: &str) -> serde_json::Value {
    let path = format!("{}/tests/fixtures/{path}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn worked() -> Vec<(String, String, f64)> {
    // a chip maker invests 10 in a lab, which spends 12 at a cloud, which buys chips for 8
    [
        ("Chip", "Lab", 10.0),
        ("Lab", "Cloud", 12.0),
        ("Cloud", "Chip", 8.0),
        ("Chip", "Foundry", 5.0),
        ("Customers", "Lab", 3.0),
        ("Cloud", "Power", 3.0),
    ]
    .map(|(a, b, v)| (a.to_string(), b.to_string(), v))
    .to_vec()
}

#[test]
fn the_worked_example_returns_what_other_software_says() {
    let vectors = json("vectors.json");
    let answer = ask(&flow_graph(&worked()), "Circularity()");
    for (entity, expected) in vectors["return_prob"].as_object().unwrap() {
        let found = number(&answer, entity, "return_share").unwrap();
        assert!(close(found, expected.as_f64().unwrap(), 6e-7), "{entity}: {found}");
        let throughflow = number(&answer, entity, "throughflow").unwrap();
        assert_eq!(throughflow, vectors["throughflow"][entity].as_f64().unwrap());
    }
    let index = answer.table("index").unwrap().number(0, "cycling_index").unwrap();
    assert!(close(index, vectors["FCI"].as_f64().unwrap(), 1e-12), "{index}");
    let cycles = answer.table("cycles").unwrap();
    assert_eq!(cycles.rows.len(), 1);
    assert_eq!(cycles.rows[0][0].as_key(), Some("Chip → Lab → Cloud → Chip"));
    assert_eq!(cycles.number(0, "bottleneck"), Some(8.0));
}

#[test]
fn a_fixture_folder_agrees() {
    let dir = std::env::temp_dir().join(format!("linchpin-circularity-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let flows = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/structure/flows.csv");
    std::fs::copy(flows, dir.join("flows.csv")).unwrap();
    std::fs::write(dir.join("a.ron"), r#"(format: 1, name: "fixture", tables: [Flows(file: "flows.csv")])"#)
        .unwrap();
    let loaded = linchpin::dataset::load(&dir);
    std::fs::remove_dir_all(&dir).unwrap();
    let facts = loaded
        .facts
        .unwrap_or_else(|| panic!("{}", linchpin::dataset::render_all(&loaded.diagnostics, false)));
    let answer = ask(&Graph::new(facts, String::new()), "Circularity()");
    let expected = json("structure/cycling.json");
    for (entity, share) in expected["return_share"].as_object().unwrap() {
        let found = number(&answer, entity, "return_share").unwrap();
        assert!((found - share.as_f64().unwrap()).abs() < 1e-10, "{entity}: {found} and {share}");
        let throughflow = number(&answer, entity, "throughflow").unwrap();
        assert!(close(throughflow, expected["throughflow"][entity].as_f64().unwrap(), 1e-12));
    }
    let index = answer.table("index").unwrap().number(0, "cycling_index").unwrap();
    assert!((index - expected["finn_cycling_index"].as_f64().unwrap()).abs() < 1e-10, "{index}");
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "unsourced-table"));
}

#[test]
fn cycles_are_those_that_other_software_lists() {
    let structure = json("structure/structure.json");
    let answer = ask(&flow_graph(&csv("edges.csv")), "Circularity(longest: 5, cycles: 100000)");
    let cycles = answer.table("cycles").unwrap();
    assert_eq!(cycles.rows.len() as u64, structure["simple_cycles_up_to_length_5"].as_u64().unwrap());
    let listed: Vec<&str> = cycles.rows.iter().filter_map(|row| row[0].as_key()).collect();
    for cycle in structure["cycles"].as_array().unwrap() {
        let mut names: Vec<&str> = cycle.as_array().unwrap().iter().map(|n| n.as_str().unwrap()).collect();
        names.push(names[0]);
        let text = names.join(" → ");
        assert!(listed.contains(&text.as_str()), "{text} is missing");
    }
}

#[test]
fn a_dense_graph_is_truncated_and_says_so() {
    let names: Vec<String> = (0..200).map(|i| format!("e{i:03}")).collect();
    let mut edges = Vec::new();
    for i in 0..200 {
        for step in [1, 7, 19, 101, 133] {
            edges.push((names[i].clone(), names[(i + step) % 200].clone(), 1.0 + step as f64));
        }
        edges.push((names[i].clone(), "outside".to_string(), 100.0));
    }
    let answer = ask(&flow_graph(&edges), "Circularity(longest: 40, cycles: 50)");
    assert!(matches!(answer.status, linchpin::answer::AnswerStatus::Truncated { .. }));
    assert_eq!(answer.tables[0].rows.len(), 200, "return shares are complete");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn return_shares_agree_with_a_dense_inverse(n in 2usize..8, seed in proptest::collection::vec(0.0f64..1.0, 64)) {
        let names: Vec<String> = (0..n).map(|i| format!("e{i}")).collect();
        let mut edges = Vec::new();
        for i in 0..n {
            for j in (0..n).filter(|j| *j != i) {
                if seed[i * 8 + j] > 0.5 {
                    edges.push((names[i].clone(), names[j].clone(), seed[i * 8 + j] * 10.0));
                }
            }
            edges.push((names[i].clone(), "outside".to_string(), 1.0 + seed[i]));
        }
        prop_assume!(edges.len() > n);
        let answer = ask(&flow_graph(&edges), "Circularity()");
        let mut p = vec![vec![0.0; n]; n];
        let (mut paid, mut received) = (vec![0.0; n], vec![0.0; n]);
        let at = |name: &String| names.iter().position(|k| k == name);
        for (from, to, value) in &edges {
            paid[at(from).unwrap()] += value;
            if let Some(to) = at(to) {
                received[to] += value;
            }
        }
        for (from, to, value) in &edges {
            let from = at(from).unwrap();
            if let Some(to) = at(to) {
                p[from][to] += value / f64::max(paid[from], received[from]);
            }
        }
        let inverse = oracle::leontief_inverse(&p);
        let mut total = 0.0;
        for i in 0..n {
            let expected = 1.0 - 1.0 / inverse[i][i];
            let found = number(&answer, &names[i], "return_share").unwrap();
            prop_assert!((found - expected).abs() < 1e-10, "{found} and {expected}");
            prop_assert!((0.0..1.0).contains(&found));
            total += f64::max(paid[i], received[i]);
        }
        let index = answer.table("index").unwrap();
        prop_assert!(close(index.number(0, "throughflow").unwrap(), total, 1e-12));
        // scaling all money changes nothing
        let scaled: Vec<_> = edges.iter().map(|(a, b, v)| (a.clone(), b.clone(), v * 1e9)).collect();
        let same = ask(&flow_graph(&scaled), "Circularity()");
        let again = same.table("index").unwrap().number(0, "cycling_index").unwrap();
        prop_assert!((again - index.number(0, "cycling_index").unwrap()).abs() < 1e-12);
    }

    #[test]
    fn nothing_returns_without_a_cycle(n in 2usize..8, seed in proptest::collection::vec(0.0f64..1.0, 64)) {
        let mut edges = vec![("e0".to_string(), "e1".to_string(), 1.0)];
        for i in 0..n {
            for j in i + 1..n {
                if seed[i * 8 + j] > 0.4 {
                    edges.push((format!("e{i}"), format!("e{j}"), seed[i * 8 + j]));
                }
            }
        }
        let answer = ask(&flow_graph(&edges), "Circularity()");
        prop_assert_eq!(answer.table("index").unwrap().number(0, "cycling_index"), Some(0.0));
        prop_assert!(answer.table("cycles").unwrap().rows.is_empty());
    }
}
