//! A dataset that is written out reads back as it was, and a snapshot answers as the dataset did on the day.

mod common;

use std::path::Path;

use linchpin::analysis::View;
use linchpin::dataset::{self, PlainGraph, patched, snapshot, to_ron, written_records};
use linchpin::graph::Graph;
use linchpin::model::Facts;
use linchpin::query;
use linchpin::scope::{Scope, ScopeSpec};
use proptest::prelude::*;

fn load(folder: &str) -> Facts {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    dataset::load(&path).facts.expect("a sound dataset")
}

fn reload(facts: &Facts) -> Facts {
    let text = to_ron(facts).expect("records only");
    let loaded = dataset::load_embedded(&[("export.ron", &text)]);
    loaded.facts.unwrap_or_else(|| panic!("{}", dataset::render_all(&loaded.diagnostics, false)))
}

fn graph_of(facts: Facts) -> Graph {
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

#[test]
fn every_dataset_reads_back_to_the_same_hash() {
    for folder in ["ai-infrastructure", "aws-flywheel", "toy/merger", "toy/one-foundry", "toy/two-sided-deal"]
    {
        let facts = load(&format!("graph/{folder}"));
        let again = reload(&facts);
        let (a, b) = (written_records(&facts), written_records(&again));
        let changed: Vec<_> = a.iter().zip(&b).filter(|(a, b)| a != b).take(3).collect();
        assert!(changed.is_empty(), "{folder}: {changed:#?}");
        assert_eq!(facts.content_hash(), again.content_hash(), "{folder}");
        assert_eq!(to_ron(&facts), to_ron(&again), "{folder}");
    }
}

#[test]
fn what_ifs_can_be_written_too() {
    let graph = graph_of(load("graph/ai-infrastructure"));
    let library = query::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).stories;
    assert!(!library.what_ifs.is_empty());
    for saved in &library.what_ifs {
        let told = linchpin::what_if::Told::Inline(Box::new(saved.told.clone()), None);
        let other = patched(&graph, &[told]).expect("it can be made");
        assert_eq!(reload(other.facts()).content_hash(), other.hash(), "{}", saved.name);
    }
}

#[test]
fn no_what_if_changes_nothing() {
    let graph = graph_of(load("graph/ai-infrastructure"));
    let same = patched(&graph, &[]).expect("nothing to do");
    assert_eq!(same.hash(), graph.hash());
    assert_eq!(to_ron(same.facts()), to_ron(graph.facts()));
    let queries = query::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).queries;
    let names = [
        "what-hangs-on-tsmc",
        "how-concentrated-is-hbm",
        "which-deals-invert-capital",
        "where-money-runs-in-circles",
    ];
    for query in queries.iter().filter(|query| names.contains(&query.name.as_str())) {
        let run = |graph: &Graph| {
            let (answer, provenance) = query.run(graph, &ScopeSpec::default()).expect("an answer");
            linchpin::answer::to_json(&answer, &provenance).expect("JSON")
        };
        assert_eq!(run(&graph), run(&same), "{}", query.name);
    }
}

#[test]
fn tables_are_refused_with_a_reason() {
    let facts = load("graph/toy/look-through");
    let error = to_ron(&facts).expect_err("bulk tables");
    assert!(error.to_string().contains("edges.csv"), "{error}");
    let plain = PlainGraph::new(&facts);
    assert_eq!(plain.edges_csv().lines().count(), 1 + facts.links.len());
}

/// An answer without what must differ: which lines of which files its records stand in. Why there is none, where that is so; nothing
/// where a cap on time cut it short, which a busy machine may do on one side only.
fn told(graph: &Graph, query: &query::Query, day: &str) -> Option<String> {
    let over = ScopeSpec { as_of: Some(day.to_string()), ..ScopeSpec::default() };
    let mut answer = match query.run(graph, &over) {
        Ok((answer, _)) => answer,
        Err(error) => return Some(error.to_string()),
    };
    if matches!(answer.status, linchpin::answer::AnswerStatus::Truncated { .. }) {
        return None;
    }
    answer.evidence.records.iter_mut().for_each(|record| record.place.clear());
    let lone = linchpin::answer::Provenance {
        engine: linchpin::answer::EngineRef::default(),
        graph: linchpin::answer::GraphRef { name: String::new(), sha256: String::new() },
        scope: linchpin::answer::ScopeRef {
            as_of: String::new(),
            status: Vec::new(),
            min_confidence: linchpin::model::Confidence::Low,
            stale_after: 0,
            what_if: Vec::new(),
        },
        query: String::new(),
        command: String::new(),
        seed: 0,
        uncertainty: None,
    };
    Some(linchpin::answer::to_json(&answer, &lone).expect("JSON"))
}

#[test]
fn a_day_and_the_snapshot_of_that_day_have_the_same_answers() {
    let graph = graph_of(load("graph/ai-infrastructure"));
    let queries = query::load_dir(&Path::new(env!("CARGO_MANIFEST_DIR")).join("queries")).queries;
    // these look at other days than the one that counts, or draw the sizes of all records, whatever their day
    let timed = ["Deals", "Stacks", "Series", "Diff", "Dossier"];
    let day = "2025-10-01";
    let scope = Scope::on(day.parse().expect("a day"));
    let then = graph_of(reload(&snapshot(graph.facts(), &scope)));
    assert_eq!(then.default_as_of(), scope.as_of);
    let mut compared = 0;
    for query in queries.iter().filter(|query| query.graph.is_none()) {
        let name = format!("{:?}", query.ask);
        let ron = query.ask.to_ron();
        // a what-if may name a record that is not there on the day
        let supposed = ron.contains("changes:") || !query.scope.what_if.is_empty();
        if timed.iter().any(|timed| name.starts_with(timed)) || ron.contains("draws:") || supposed {
            continue;
        }
        let (Some(a), Some(b)) = (told(&graph, query, day), told(&then, query, day)) else { continue };
        if a != b {
            let lines: Vec<_> = a.lines().zip(b.lines()).filter(|(a, b)| a != b).take(6).collect();
            panic!("{}: {lines:#?}", query.name);
        }
        compared += usize::from(a.starts_with('{'));
    }
    assert!(compared > 30, "{compared}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Names of every sort come back, and so do numbers to the last bit.
    #[test]
    fn texts_and_numbers_read_back(name in "\\PC{0,30}", note in any::<String>(), usd in 1e-9f64..1e15, share in 0.0f64..1.0) {
        let text = format!(
            "(format: 1, name: \"t\", kinds: {{\"k\": ()}}, products: {{\"p\": ()}}, \
             sources: {{\"s\": (title: {0}, publisher: {1}, reliability: Primary)}}, \
             entities: {{\"a\": (name: {0}, kind: \"k\", note: {1}), \"b\": (kind: \"k\")}}, \
             relations: {{\"r\": Supplies(from: \"a\", to: \"b\", product: \"p\", amount: Claims([(value: AtLeast(Usd({usd:?})), \
             sources: [\"s\"], confidence: Low), (value: Between(Usd(0), Usd({usd:?})), as_of: \"2026-Q1\")]), \
             share_of_need: About(Share({share:?})), over: Unknown, sources: [\"s\"], note: {1})}})",
            ron::to_string(&name).expect("text"),
            ron::to_string(&note).expect("text"),
        );
        let loaded = dataset::load_embedded(&[("t.ron", &text)]);
        prop_assume!(loaded.facts.is_some());
        let facts = loaded.facts.expect("just looked");
        prop_assert_eq!(reload(&facts).content_hash(), facts.content_hash());
    }

    /// A written dataset may be cut into files and its records put into any order.
    #[test]
    fn files_and_order_do_not_matter(cut in 1usize..60, seed in 0usize..1000) {
        let facts = load("graph/toy/two-sided-deal");
        let mut records: Vec<String> = Vec::new();
        for record in written_records(&facts) {
            let fields: Vec<String> = record.fields.iter().map(|f| format!("{}: {}", f.name, f.ron)).collect();
            records.push(format!(
                "{}: {{ {:?}: {}({}) }}",
                record.section.name(), record.key, record.variant.unwrap_or_default(), fields.join(", ")
            ));
        }
        // a fixed shuffle
        let len = records.len();
        for at in 0..len {
            records.swap(at, (at * 7919 + seed * 31) % len);
        }
        let meta = &facts.meta;
        let mut files = vec![("meta.ron".to_string(), format!(
            "(format: 1, name: {:?}, {}{}{})", meta.name,
            meta.title.as_ref().map(|t| format!("title: {t:?}, ")).unwrap_or_default(),
            meta.description.as_ref().map(|t| format!("description: {t:?}, ")).unwrap_or_default(),
            meta.as_of.map(|d| format!("as_of: \"{d}\"")).unwrap_or_default(),
        ))];
        for (at, record) in records.iter().enumerate() {
            files.push((format!("{}/{at}.ron", at % cut), format!("/* a comment */ (format: 1, {record}) // and one more")));
        }
        let files: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        let loaded = dataset::load_embedded(&files);
        let again = loaded.facts.unwrap_or_else(|| panic!("{}", dataset::render_all(&loaded.diagnostics, false)));
        prop_assert_eq!(again.content_hash(), facts.content_hash());
    }
}

#[test]
fn a_view_of_a_snapshot_is_made_like_any_other() {
    let graph = common::graph(
        "(format: 1, name: \"t\", as_of: \"2026\", kinds: {\"k\": ()}, products: {\"p\": ()}, \
         entities: {\"a\": (kind: \"k\"), \"b\": (kind: \"k\")}, relations: { \
         \"over\": Supplies(from: \"a\", to: \"b\", product: \"p\", until: \"2025\", assumed: \"x\"), \
         \"new\": Supplies(from: \"a\", to: \"b\", product: \"p\", since: \"2025\", assumed: \"x\"), \
         \"later\": Supplies(from: \"b\", to: \"a\", product: \"p\", history: [(status: Signed, on: \"2024\"), (status: Delivered, on: \"2026\")], assumed: \"x\")})",
    );
    let keys = |day: &str| -> Vec<String> {
        let scope = Scope::on(day.parse().expect("a day"));
        snapshot(graph.facts(), &scope).relations.iter().map(|own| own.key.clone()).collect()
    };
    // half-open: what ends with 2024 is not there on the first day of 2025, what begins then is
    assert_eq!(keys("2024-12-31"), ["later", "over"]);
    assert_eq!(keys("2025-01-01"), ["later", "new"]);
    assert_eq!(keys("2023-06-01"), ["over"]);
    let view: View<'_> = common::view(&graph);
    assert_eq!(view.scope.as_of.to_string(), "2026-01-01");
    let then = snapshot(graph.facts(), &Scope::on("2025-06-01".parse().expect("a day")));
    assert_eq!(then.relations[0].history.len(), 1);
}
