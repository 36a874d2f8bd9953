//! Every answer carries its evidence: each row of each table says what it rests on, the answer names its graph by content and
//! its scope, and none of it depends on the number of threads. Walks the registry and the saved queries, so that a new
//! analysis cannot leave it out.
#![cfg(feature = "cli")]

mod common;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use linchpin::analysis::CARDS;
use linchpin::answer::{Answer, Provenance, Rests, Style, to_json, to_markdown, to_text};
use linchpin::dataset;
use linchpin::graph::Graph;
use linchpin::query::{Query, load_dir};
use linchpin::report;
use linchpin::scope::ScopeSpec;

fn open(name: &str) -> Graph {
    let facts = dataset::load(&Path::new("graph").join(name)).facts.expect("the dataset is sound");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

/// What is wrong with the rows of an answer's JSON.
fn faults(answer: &serde_json::Value) -> Vec<String> {
    let records = answer["evidence"]["records"].as_array().map_or(0, Vec::len);
    let mut faults = Vec::new();
    for table in answer["tables"].as_array().expect("an answer has tables") {
        let (name, rows) = (&table["name"], table["rows"].as_array().map_or(0, Vec::len));
        let rests = table["rests"].as_array().cloned().unwrap_or_default();
        if rests.len() != rows {
            faults.push(format!("{name}: {rows} rows, {} say what they rest on", rests.len()));
        }
        for (at, rests) in rests.iter().enumerate() {
            let of = |on: &serde_json::Value| on.as_u64().or(on[0].as_u64()).unwrap_or(u64::MAX);
            let sound = match rests {
                serde_json::Value::Array(on) => !on.is_empty() && on.iter().all(|on| of(on) < records as u64),
                serde_json::Value::Object(none) => none
                    .get("none")
                    .and_then(|reason| reason.as_str())
                    .is_some_and(|reason| !reason.is_empty()),
                other => other == "whole" && records > 0,
            };
            if !sound {
                faults.push(format!("{name}, row {at}: {rests}"));
            }
        }
    }
    let hash = answer["graph"]["sha256"].as_str().unwrap_or_default();
    if hash.len() != 64 || !hash.chars().all(|c| c.is_ascii_hexdigit()) {
        faults.push(format!("no content hash: {hash:?}"));
    }
    for field in ["as_of", "status", "min_confidence", "stale_after"] {
        if answer["scope"][field].is_null() {
            faults.push(format!("scope without {field}"));
        }
    }
    faults
}

#[test]
fn the_example_of_every_analysis_carries_its_evidence_at_any_number_of_threads() {
    let run = |line: &str, threads: &str| {
        let mut words = line.split_whitespace();
        assert_eq!(words.next(), Some("linchpin"), "{line}");
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command.args(words).args(["--format", "json", "--quiet", "--threads", threads]);
        let output = command.env_remove("LINCHPIN_GRAPH").output().expect("the program runs");
        assert!(output.status.success(), "{line}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    };
    let mut bad = Vec::new();
    for card in CARDS {
        let one = run(card.example, "1");
        if one != run(card.example, "3") {
            bad.push(format!("{}: other bytes at 3 threads", card.name));
        }
        let answer: serde_json::Value = serde_json::from_str(&one).expect("JSON");
        if answer["analysis"] != card.name {
            bad.push(format!("{}: its example asks {}", card.name, answer["analysis"]));
        }
        bad.extend(faults(&answer).into_iter().map(|fault| format!("{}: {fault}", card.name)));
        // what the main numbers rest on can be asked of every analysis
        let told: serde_json::Value =
            serde_json::from_str(&run(&format!("{} --explain", card.example), "2")).expect("JSON");
        let values = told["evidence"]["values"].as_array().map_or(0, Vec::len);
        let rows =
            told["tables"].as_array().into_iter().flatten().filter_map(|table| table["rows"].as_array());
        if values == 0 && rows.map(Vec::len).sum::<usize>() > 0 {
            bad.push(format!("{}: --explain tells nothing", card.name));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

/// The answers to the saved queries, each with what repeats it.
fn answers(threads: usize) -> Vec<(String, Answer, Provenance)> {
    let loaded = load_dir(Path::new("queries"));
    let flagship = open("ai-infrastructure");
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
    let ask = |query: &Query| {
        let other = query.graph.as_deref().map(open);
        let graph = other.as_ref().unwrap_or(&flagship);
        let (answer, provenance) = query.run(graph, &ScopeSpec::default()).expect("it has an answer");
        (query.name.clone(), answer, provenance)
    };
    pool.install(|| loaded.queries.iter().map(ask).collect())
}

#[test]
fn every_saved_query_carries_its_evidence_at_any_number_of_threads() {
    let mut bad = Vec::new();
    let mut kinds = [0; 3];
    let (one, three) = (answers(1), answers(3));
    assert_eq!(one.len(), three.len());
    for ((name, answer, provenance), (same, other, _)) in one.into_iter().zip(three) {
        assert_eq!(name, same);
        let json = to_json(&answer, &provenance).expect("JSON");
        if json != to_json(&other, &provenance).expect("JSON") {
            bad.push(format!("{name}: other bytes at 3 threads"));
        }
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        bad.extend(faults(&json).into_iter().map(|fault| format!("{name}: {fault}")));
        let hash = &provenance.graph.sha256[..12];
        let written = [to_text(&answer, &provenance, Style::default()), to_markdown(&answer, &provenance)];
        if !written.iter().all(|text| text.contains(hash)) {
            bad.push(format!("{name}: does not print the content hash"));
        }
        for (table, row) in answer.tables.iter().flat_map(|t| (0..t.rows.len()).map(move |row| (t, row))) {
            let told = answer.explain(table, row).expect("there is a row");
            let place = format!("{name}: {} row {row}", table.name);
            kinds[if told.whole {
                0
            } else if told.by_parts {
                1
            } else {
                2
            }] += 1;
            for own in [told.assumed, told.assumed_weights, told.low_confidence, told.stale] {
                let within = 0.0 <= own.share_low && own.share_low <= own.share_high && own.share_high <= 1.0;
                if !within || own.share_high > told.doubtful.share_high + 1e-12 {
                    bad.push(format!("{place}: {own:?} of {:?}", told.doubtful));
                }
            }
            if told.lines().is_empty() {
                bad.push(format!("{place}: nothing to say"));
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
    assert!(kinds.iter().all(|count| *count > 100), "whole, by parts, by records: {kinds:?}");
}

#[test]
fn the_report_tells_what_each_row_rests_on_and_every_figure_names_the_graph() {
    let flagship = open("ai-infrastructure");
    let queries: Vec<Query> = load_dir(Path::new("queries"))
        .queries
        .into_iter()
        .filter(|query| query.graph.is_none())
        .take(12)
        .collect();
    let (files, _) = report::bind(&flagship, &queries, &report::Options::default()).expect("a report");
    let page = std::str::from_utf8(&files["index.html"]).expect("text");
    assert!(page.contains(flagship.hash()));
    let figures: Vec<&String> = files.keys().filter(|name| name.starts_with("svg/")).collect();
    assert!(!figures.is_empty());
    for name in figures {
        let figure = std::str::from_utf8(&files[name]).expect("text");
        assert!(figure.contains(&flagship.hash()[..12]), "{name} does not name the graph");
    }
    let (_, data) = page.split_once("id=\"evidence-data\">").expect("the page has the evidence");
    let (data, _) = data.split_once("</script>").expect("which ends");
    let data: serde_json::Value = serde_json::from_str(data).expect("JSON");
    let (rows, records) = (data["rows"].as_array().unwrap(), data["records"].as_array().unwrap());
    let places = page.split("data-e=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let places: Vec<usize> = places.map(|place| place.parse().expect("a number")).collect();
    assert!(places.len() > 100 && places.iter().all(|place| *place < rows.len()), "{}", places.len());
    for row in rows {
        assert!(!row["lines"].as_array().unwrap().is_empty());
        for told in row["records"].as_array().unwrap() {
            assert!((told[0].as_u64().unwrap() as usize) < records.len());
        }
    }
}

/// The part that each record carries of the loss of an entity when another fails.
fn parts(needs: &[Vec<Vec<(usize, f64)>>], of: &str, fail: &str) -> BTreeMap<String, f64> {
    let graph = common::graph(&common::needs_dataset(needs, &[None]));
    let answer = common::ask(&graph, &format!("Shock(fail: [\"{fail}\"])"));
    let table = &answer.tables[0];
    let row = table.rows.iter().position(|row| row[0].as_key() == Some(of)).expect("it is hit");
    let Some(Rests::Records(rests)) = table.rests_of(row) else { panic!("{:?}", table.rests_of(row)) };
    rests
        .iter()
        .map(|on| (answer.evidence.records[on.record].key.clone(), on.part.expect("a part")))
        .collect()
}

fn assert_parts(found: &BTreeMap<String, f64>, expected: &[(&str, f64)]) {
    let keys: Vec<&str> = found.keys().map(String::as_str).collect();
    assert_eq!(keys, expected.iter().map(|(key, _)| *key).collect::<Vec<_>>());
    for (key, part) in expected {
        assert!((found[*key] - part).abs() < 1e-4, "{key}: {} instead of {part}", found[*key]);
    }
}

#[test]
fn parts_of_a_loss_split_by_share_times_loss_and_go_on_upstream() {
    // 0 buys 0.6 of 1 and 0.4 of 2; 1 hangs on 3 with all, 2 with half: losses 1, 0.5 and 0.8
    let needs = [vec![vec![(1, 0.6), (2, 0.4)]], vec![vec![(3, 1.0)]], vec![vec![(3, 0.5)]], vec![vec![]]];
    let all = [("s0-0-1", 0.75), ("s0-0-2", 0.25), ("s1-0-3", 0.75), ("s2-0-3", 0.25)];
    assert_parts(&parts(&needs, "e0", "e3"), &all);
    assert_parts(&parts(&needs, "e2", "e3"), &[("s2-0-3", 1.0)]);
}

#[test]
fn parts_that_go_round_add_up_as_a_geometric_series() {
    // l1 = l0 / 2 + 1 / 2 and l0 = l1 / 2, so l1 = 2/3 and l0 = 1/3; of what reaches 1 a quarter goes back to 0
    let needs = [vec![vec![(1, 0.5)]], vec![vec![(0, 0.5), (2, 0.5)]], vec![vec![]]];
    let all = [("s0-0-1", 1.0), ("s1-0-0", 1.0 / 3.0), ("s1-0-2", 1.0)];
    assert_parts(&parts(&needs, "e0", "e2"), &all);
}

#[test]
fn explain_names_rows_and_refuses_what_it_cannot_explain() {
    let run = |words: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linchpin"));
        command.args(["run", "what-hangs-on-tsmc", "--quiet"]).args(words).env_remove("LINCHPIN_GRAPH");
        let output = command.output().expect("the program runs");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    for format in ["table", "md"] {
        let (code, text) = run(&["--explain=xai", "--format", format]);
        assert_eq!(code, Some(0));
        for words in
            ["What these numbers rest on", "xAI: stop loss", "Rests on ", "carr", "Nvidia supplies xAI"]
        {
            assert!(text.contains(words), "{format}: {words}\n{text}");
        }
    }
    let json: serde_json::Value = serde_json::from_str(&run(&["--explain", "--json"]).1).expect("JSON");
    let values = json["evidence"]["values"].as_array().expect("values");
    assert_eq!(values.len(), 3);
    for words in [
        &["--explain=nobody"][..],
        &["--explain=0"],
        &["--explain=100000"],
        &["--explain", "--format", "csv"],
    ] {
        assert_eq!(run(words).0, Some(2), "{words:?}");
    }
}

/// The keys of the records that a row rests on, in their order.
fn rests_on(answer: &Answer, table: &str, row: usize) -> Vec<String> {
    let table = answer.table(table).unwrap_or_else(|| panic!("there is no table {table}"));
    match table.rests_of(row) {
        Some(Rests::Records(list)) => {
            list.iter().map(|on| answer.evidence.records[on.record].key.clone()).collect()
        }
        Some(Rests::Whole) => answer.evidence.records.iter().map(|record| record.key.clone()).collect(),
        other => panic!("{}, row {row}: {other:?}", table.name),
    }
}

fn row(answer: &Answer, table: &str, key: &str) -> usize {
    let own = answer.table(table).unwrap_or_else(|| panic!("there is no table {table}"));
    let named = |row: &Vec<linchpin::answer::Cell>| row.iter().any(|cell| cell.as_key() == Some(key));
    own.rows.iter().position(named).unwrap_or_else(|| panic!("{table} has no {key}"))
}

/// A lab on two clouds, one on chips from Taiwan and one on chips from Korea, both on one maker of tools from the Netherlands; and
/// somebody else's supply, which has nothing to do with it.
fn two_ways() -> Graph {
    common::graph(
        r#"(format: 1, name: "t", as_of: "2026-07-01", kinds: { "lab": (), "cloud": (), "fab": (), "tool": () },
        products: { "compute": (), "chip": (), "machine": () },
        entities: {
            "lab": (kind: "lab", needs: { "compute": Essential }),
            "c1": (kind: "cloud", seat: "US", needs: { "chip": Essential }),
            "c2": (kind: "cloud", seat: "US", needs: { "chip": Essential }),
            "tw": (kind: "fab", seat: "TW", needs: { "machine": Essential }),
            "kr": (kind: "fab", seat: "KR", needs: { "machine": Essential }),
            "nl": (kind: "tool", seat: "NL"),
            "other": (kind: "lab", needs: { "compute": Essential }), "c3": (kind: "cloud", seat: "JP"),
        },
        relations: {
            "l1": Supplies(from: "c1", to: "lab", product: "compute", share_of_need: Share(0.5), assumed: "t"),
            "l2": Supplies(from: "c2", to: "lab", product: "compute", share_of_need: Share(0.5), assumed: "t"),
            "a": Supplies(from: "tw", to: "c1", product: "chip", share_of_need: Share(1.0), assumed: "t"),
            "b": Supplies(from: "kr", to: "c2", product: "chip", share_of_need: Share(1.0), assumed: "t"),
            "m": Supplies(from: "nl", to: "tw", product: "machine", share_of_need: Share(1.0), assumed: "t"),
            "n": Supplies(from: "nl", to: "kr", product: "machine", share_of_need: Share(1.0), assumed: "t"),
            "o": Supplies(from: "c3", to: "other", product: "compute", share_of_need: Share(1.0), assumed: "t"),
        })"#,
    )
}

#[test]
fn rows_rest_on_the_relations_that_their_numbers_were_computed_from() {
    let graph = two_ways();
    let exposure = common::ask(&graph, "Exposure(of: \"lab\")");
    let on = |table: &str, key: &str| rests_on(&exposure, table, row(&exposure, table, key));
    assert_eq!(on("countries", "TW"), ["a", "l1"]);
    assert_eq!(on("countries", "KR"), ["b", "l2"]);
    assert_eq!(on("owners", "tw"), ["a", "l1"]);
    assert_eq!(on("shared", "nl").len(), 6, "all ways from the maker of tools");
    let inputs = exposure.table("inputs").expect("there");
    let of = |buyer: &str| inputs.rows.iter().position(|row| row[0].as_key() == Some(buyer)).expect("there");
    assert_eq!(rests_on(&exposure, "inputs", of("c2")), ["b"]);
    let sourcing = common::ask(&graph, "DualSource(entity: \"lab\")");
    assert_eq!(rests_on(&sourcing, "suppliers", row(&sourcing, "suppliers", "c1")), ["l1"]);
    assert_eq!(
        rests_on(&sourcing, "meeting-points", row(&sourcing, "meeting-points", "nl")),
        ["a", "b", "l1", "l2", "m", "n"]
    );
    let shock = common::ask(&graph, "Shock(fail: [\"tw\"], causes: true)");
    assert_eq!(rests_on(&shock, "kinds", row(&shock, "kinds", "cloud")), ["a"]);
    assert_eq!(rests_on(&shock, "kinds", row(&shock, "kinds", "lab")), ["a", "l1"]);
    assert_eq!(rests_on(&shock, "by-supplier", row(&shock, "by-supplier", "lab")), ["a", "l1"]);
    let question = r#"Compare(ask: Shock(fail: ["tw"]), variants: [(title: "v", what_if: [(title: "v", changes: [RemoveRelation("o")])])])"#;
    let compared = common::ask(&graph, question);
    assert_eq!(rests_on(&compared, "compare", row(&compared, "compare", "c1")), ["a"]);
    let foreign = common::ask(&graph, "Foreign(entity: \"lab\", country: \"US\")");
    assert_eq!(rests_on(&foreign, "countries", row(&foreign, "countries", "KR")), ["b", "l2"]);
}
