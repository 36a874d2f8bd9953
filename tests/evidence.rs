//! Every answer carries its evidence: each row of each table says what it rests on, the answer names its graph by content and
//! its scope, and none of it depends on the number of threads. Walks the registry and the saved queries, so that a new
//! analysis cannot leave it out.
#![cfg(feature = "cli")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use linchpin::analysis::CARDS;
use linchpin::answer::{Answer, Provenance, Rests, to_json};
use linchpin::dataset;
use linchpin::graph::Graph;
use linchpin::query::{Query, load_dir};
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
    for ((name, answer, provenance), (_, other, _)) in answers(1).into_iter().zip(answers(3)) {
        let json = to_json(&answer, &provenance).expect("JSON");
        if json != to_json(&other, &provenance).expect("JSON") {
            bad.push(format!("{name}: other bytes at 3 threads"));
        }
        let json: serde_json::Value = serde_json::from_str(&json).expect("JSON");
        bad.extend(faults(&json).into_iter().map(|fault| format!("{name}: {fault}")));
        for table in &answer.tables {
            for row in 0..table.rows.len() {
                let Some(explained) = answer.explain(table, row) else {
                    bad.push(format!("{name}: {} row {row} is not explained", table.name));
                    continue;
                };
                let shares =
                    [explained.assumed, explained.low_confidence, explained.stale, explained.doubtful];
                if shares.iter().any(|own| {
                    !(0.0 <= own.share_low && own.share_low <= own.share_high && own.share_high <= 1.0)
                }) {
                    bad.push(format!("{name}: {} row {row}: {shares:?}", table.name));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn no_two_parts_of_the_walk_are_left_out() {
    let names: BTreeSet<&str> = CARDS.iter().map(|card| card.name).collect();
    assert_eq!(names.len(), CARDS.len(), "two analyses have one name");
}

/// Rows of the whole are rare: a table that names things does not rest on everything by default.
#[test]
fn what_is_said_of_all_is_said_of_few() {
    let (mut whole, mut all) = (0, 0);
    for (_, answer, _) in answers(2) {
        for rests in answer.tables.iter().flat_map(|table| &table.rests) {
            whole += usize::from(*rests == Rests::Whole);
            all += 1;
        }
    }
    assert!(whole * 2 < all, "{whole} of {all} rows rest on all records");
}
