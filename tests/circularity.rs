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
    let at = |key: &String| EntityId::new(keys.binary_search(&key).unwrap());
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
    let names: Vec<&str> = answer.tables[0].columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["entity", "throughflow", "return_share"]);
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

#[test]
fn two_thousand_entities_are_solved_whole_while_the_listing_is_cut() {
    // everybody pays four others the same and 99 % to outside: a circulant matrix, whose inverse has the mean of
    // 1 / (1 - λ_j) on its diagonal, with λ_j = 0.01 · mean over the steps of exp(2πi j step / n)
    const N: usize = 2000;
    const STEPS: [usize; 4] = [1, 7, 333, 777];
    let names: Vec<String> = (0..N).map(|i| format!("e{i:04}")).collect();
    let mut edges = Vec::new();
    for i in 0..N {
        for step in STEPS {
            edges.push((names[i].clone(), names[(i + step) % N].clone(), 1.0));
        }
        edges.push((names[i].clone(), "outside".to_string(), 396.0));
    }
    let answer = ask(&flow_graph(&edges), "Circularity(longest: 12, cycles: 100)");
    let linchpin::answer::AnswerStatus::Truncated { reason } = &answer.status else { panic!("not cut") };
    assert!(reason.contains("return shares and the index are complete"), "{reason}");
    assert_eq!(answer.table("cycles").unwrap().rows.len(), 100);
    let mean: f64 = (0..N)
        .map(|j| {
            let angle = |step: &usize| 2.0 * std::f64::consts::PI * ((j * step) % N) as f64 / N as f64;
            let re = 0.01 / 4.0 * STEPS.iter().map(|step| angle(step).cos()).sum::<f64>();
            let im = 0.01 / 4.0 * STEPS.iter().map(|step| angle(step).sin()).sum::<f64>();
            // the imaginary parts of the inverses cancel
            (1.0 - re) / ((1.0 - re).powi(2) + im * im)
        })
        .sum::<f64>()
        / N as f64;
    let expected = 1.0 - 1.0 / mean;
    assert_eq!(answer.tables[0].rows.len(), N, "return shares are complete");
    for at in 0..N {
        let found = answer.tables[0].number(at, "return_share").unwrap();
        assert!((found - expected).abs() < 1e-15, "{found} and {expected}");
    }
    let index = answer.table("index").unwrap().number(0, "cycling_index").unwrap();
    assert!((index - expected).abs() < 1e-15, "all have the same throughflow");
}

/// A chip maker puts 10 a year into a lab, a rival of it 5; the lab, which has 5 from customers, spends 12 at a cloud; the cloud,
/// which has 8 from others, spends 10 at the maker, which says that it sells for 40.
const ROUND: &str = r#"(
    format: 1, name: "round", as_of: "2026-07-01",
    kinds: { "chips": (), "lab": (), "cloud": () },
    products: { "compute": (), "accelerator": () },
    entities: {
        "maker": (kind: "chips"), "rival": (kind: "chips"), "lab": (kind: "lab"), "cloud": (kind: "cloud"),
        "silent": (kind: "cloud"),
    },
    relations: {
        "m": Invests(from: "maker", to: "lab", amount: Usd(40e9), status: Signed, since: "2026-01", assumed: "t"),
        "r": Finances(from: "rival", to: "lab", amount: Usd(20e9), kind: Loan, status: Announced, since: "2026-01", assumed: "t"),
        "c": Commits(from: "lab", to: "cloud", product: "compute", spend: Usd(72e9), term: TERM, status: Signed,
            since: "2026-01", assumed: "t"),
        "s": Supplies(from: "maker", to: "cloud", product: "accelerator", amount: Usd(10e9), assumed: "t"),
    },
    attributes: {
        "lab-revenue": (of: "lab", what: Revenue, value: Usd(5e9), period: "2026", per: Year, assumed: "t"),
        "cloud-revenue": (of: "cloud", what: Revenue, value: Usd(20e9), period: "2026", per: Year, assumed: "t"),
        "maker-division": (of: "maker", what: Revenue, variant: "Division", value: Usd(10e9), period: "2026-Q1", per: Quarter,
            assumed: "t"),
    },
)"#;

#[test]
fn revenue_traces_back_to_those_who_paid_for_it() {
    let round = common::graph(&ROUND.replace("TERM", "Years(6)"));
    let question = "Circularity(of: [\"maker\", \"silent\"])";
    let row = |answer: &linchpin::answer::Answer, column: &str| {
        let table = answer.table("funding").unwrap();
        assert_eq!(table.rows.len(), 1);
        table.number(0, column).unwrap()
    };
    let all = linchpin::analysis::View {
        graph: &round,
        scope: linchpin::scope::ScopeSpec {
            status: vec![
                linchpin::model::Status::Announced,
                linchpin::model::Status::Signed,
                linchpin::model::Status::Delivered,
            ],
            ..Default::default()
        }
        .resolve(round.default_as_of())
        .unwrap(),
    };
    let asked: linchpin::analysis::Ask = linchpin::analysis::ron_options().from_str(question).unwrap();
    let answer = asked.run(&all).unwrap();
    // the lab has 10 + 5 + 5: half is the maker's, a quarter the rival's; the cloud has 12 of 20 from it; a quarter of what
    // the maker sells comes from the cloud
    assert!(close(row(&answer, "revenue"), 40e9, 1e-12), "a division is the least that the whole can be");
    assert!(close(row(&answer, "explained"), 0.25, 1e-12));
    assert!(close(row(&answer, "invested_over_revenue"), 0.25, 1e-12));
    assert!(close(row(&answer, "own_equity"), 0.25 * 0.6 * 0.5, 1e-12));
    assert!(close(row(&answer, "funded_by_own"), 0.075, 1e-12));
    // the maker's own money is traced on for its peers, and part of that came round through the cloud and the lab
    assert!(close(row(&answer, "peers_debt"), 0.25 * 0.6 * 0.25 / (1.0 - 0.25 * 0.6 * 0.5), 1e-12));
    assert_eq!((row(&answer, "own_debt"), row(&answer, "peers_equity")), (0.0, 0.0));
    assert!(answer.caveats.iter().any(|c| c.code == "no-revenue" && c.text.contains("silent")));
    // without the announced loan the lab has 10 + 5
    let cases = answer.table("funding-cases").unwrap();
    let signed = (0..cases.rows.len())
        .find(|at| cases.cell(*at, "case") == Some(&linchpin::answer::Cell::text("signed and better")))
        .unwrap();
    assert!(close(cases.number(signed, "funded_by_own").unwrap(), 0.25 * 0.6 * (10.0 / 15.0), 1e-12));
}

#[test]
fn an_unknown_term_gives_a_range_that_says_so() {
    let round = common::graph(&ROUND.replace("TERM", "Unknown"));
    let answer = ask(&round, "Circularity(supposed_term: 7.2, shortest_term: 6.0, longest_term: 9.0)");
    // signed only: two thirds of the lab's money is the maker's; it pays the cloud 72 over 9, 7.2 or 6 years: 8, 10 or 12 of 20
    let funding = answer.table("funding").unwrap();
    let found =
        ["funded_by_own_least", "funded_by_own", "funded_by_own_most"].map(|c| funding.number(0, c).unwrap());
    for (found, paid) in found.into_iter().zip([8.0, 10.0, 12.0]) {
        assert!(close(found, 0.25 * paid / 20.0 * (10.0 / 15.0), 1e-12), "{found}");
    }
    let said = answer.caveats.iter().find(|c| c.code == "supposed-terms").unwrap();
    assert!(
        said.text.contains("7.2 years are supposed") && said.text.contains("6 and 9 years"),
        "{}",
        said.text
    );
    let index = answer.table("index").unwrap();
    let [low, usual, high] =
        ["cycling_index_least", "cycling_index", "cycling_index_most"].map(|c| index.number(0, c).unwrap());
    assert!(low < usual && usual < high);
    let wrong: linchpin::analysis::Ask =
        linchpin::analysis::ron_options().from_str("Circularity(supposed_term: 2.0)").unwrap();
    let error = wrong.run(&common::view(&round)).unwrap_err().to_string();
    assert!(error.contains("shortest term <= supposed term"), "{error}");
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
