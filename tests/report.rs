//! A report on toy graphs: the same bytes each time, hostile names harmless, other folders left alone.

use std::fs;
use std::path::{Path, PathBuf};

use linchpin::dataset::{load, load_embedded, render_all};
use linchpin::graph::Graph;
use linchpin::query::{self, Query};
use linchpin::report::{MANIFEST, Options, ReportError, bind, write};

const QUERIES: &[(&str, &str)] = &[
    (
        "market.ron",
        r#"(title: "Concentration: $m", question: "How concentrated?", chapter: "B", order: 2, set: {"m": "widget"},
            ask: Concentration(market: "$m"), show: [Table(), Table(name: "shares")])"#,
    ),
    (
        "who.ron",
        r#"(title: "Who hangs on $who", question: "Who stops?", chapter: "A", order: 1, set: {"who": "maker"},
            ask: Exposure(to: "$who"), show: [Findings, Diagram(SupplyMap(focus: "$who")), Table(top: 1)])"#,
    ),
    ("nothing.ron", r#"(title: "Nobody", question: "Who?", ask: Exposure(of: "nobody"))"#),
];

fn hostile(name: &str) -> Graph {
    let text = format!(
        r#"(
    format: 1, name: "toy", title: {name:?}, as_of: "2026-01-01",
    kinds: {{ "firm": (name: "Firm"), "user": (name: "User") }},
    products: {{ "widget": (name: "Widget", needed_by: {{ "user": Essential }}) }},
    sources: {{ "paper": (title: {name:?}, publisher: "P", url: "https://example.org/?a=1&b=\"2\"", date: "2025", reliability: Secondary) }},
    entities: {{
        "maker": (name: {name:?}, kind: "firm"), "other": (name: "Other", kind: "firm"),
        "user": (name: "User", kind: "user"), "user-two": (name: "User two", kind: "user"),
    }},
    relations: {{
        "a": Supplies(from: "maker", to: "user", product: "widget", share_of_need: Percent(60), sources: ["paper"]),
        "b": Supplies(from: "maker", to: "user-two", product: "widget", share_of_need: Percent(40), sources: ["paper"]),
        "c": Sells(from: "maker", market: "widget", share: Percent(70), sources: ["paper"]),
        "d": Sells(from: "other", market: "widget", share: Percent(20), sources: ["paper"]),
    }},
)"#
    );
    let loaded = load_embedded(&[("toy.ron", &text)]);
    let Some(facts) = loaded.facts else { panic!("{}", render_all(&loaded.diagnostics, false)) };
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn queries() -> Vec<Query> {
    let loaded = query::load_embedded(QUERIES);
    assert!(loaded.diagnostics.is_empty(), "{}", render_all(&loaded.diagnostics, false));
    loaded.queries
}

fn page(graph: &Graph) -> String {
    let (files, _) = bind(graph, &queries(), &Options::default()).expect("a report");
    String::from_utf8(files["index.html"].clone()).expect("text")
}

/// A folder of this test's own.
fn scratch(name: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("report-{name}"));
    let _ = fs::remove_dir_all(&dir);
    fs::create_dir_all(&dir).expect("scratch");
    dir
}

#[test]
fn a_report_holds_what_was_found_and_what_was_not() {
    let graph = hostile("Maker");
    let (files, summary) = bind(&graph, &queries(), &Options::default()).expect("a report");
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = ["csv/market.csv", "csv/market.shares.csv", "csv/who.csv", "index.html", "svg/who-1.svg"];
    for name in expected {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert_eq!(summary.answered, 2);
    assert_eq!(summary.unanswered.len(), 1);
    let page = page(&graph);
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    assert!(at("Who hangs on Maker") < at("Concentration: Widget"), "the order of the queries");
    at("User loses");
}

#[test]
fn the_same_inputs_give_the_same_bytes() {
    let graph = hostile("Maker");
    let once = bind(&graph, &queries(), &Options::default()).expect("a report").0;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
    let again = pool.install(|| bind(&graph, &queries(), &Options::default())).expect("a report").0;
    assert!(once == again);
}

#[test]
fn hostile_names_stay_text() {
    let page = page(&hostile("</script><img src=x onerror=alert(1)>'\" \u{202e}evil"));
    assert!(!page.contains("<img"), "markup came through");
    assert_eq!(page.matches("<script").count(), 2, "the data and the script of the page");
    assert_eq!(page.matches("</script").count(), 2, "the data and the script of the page");
    assert!(!page.contains('\u{202e}'), "a mark that turns the text came through");
    let named = page.match_indices("onerror=").all(|(at, _)| {
        let before = &page[..at];
        before.rfind('<') < before.rfind('>') || before.rfind("&lt;img") > before.rfind('<')
    });
    assert!(named, "an attribute came through");
}

#[test]
fn a_page_asks_nothing_of_the_network() {
    let page = page(&hostile("Maker"));
    for word in ["src=\"http", "@import", "url(", "<link", "fetch(", "<iframe"] {
        assert!(!page.contains(word), "{word}");
    }
}

#[test]
fn a_report_is_replaced_and_nothing_else_is() {
    let graph = hostile("Maker");
    let dir = scratch("replace").join("out");
    let write = || write(&dir, &graph, &queries(), &Options::default());
    let summary = write().expect("a new folder");
    assert_eq!(summary.index, dir.join("index.html"));
    fs::write(dir.join("csv/who.csv"), "edited").expect("edited");
    write().expect("an old report");
    assert_ne!(fs::read_to_string(dir.join("csv/who.csv")).expect("there"), "edited");
    // a file of someone else's in it
    fs::write(dir.join("mine.txt"), "mine").expect("written");
    let error = write().expect_err("not ours alone");
    assert!(
        matches!(&error, ReportError::NotOurs { found: Some(file), .. } if file == "mine.txt"),
        "{error}"
    );
    fs::remove_file(dir.join("mine.txt")).expect("removed");
    write().expect("ours again");
    // no leftovers beside it
    let parent = dir.parent().expect("a parent");
    assert_eq!(fs::read_dir(parent).expect("readable").count(), 1);
    // a folder without the marker
    fs::remove_file(dir.join(MANIFEST)).expect("removed");
    assert!(matches!(write(), Err(ReportError::NotOurs { found: None, .. })));
    assert!(dir.join("index.html").is_file());
}

#[test]
fn a_file_in_the_way_is_left_alone() {
    let path = scratch("file").join("out");
    fs::write(&path, "mine").expect("written");
    let error = write(&path, &hostile("Maker"), &queries(), &Options::default()).expect_err("a file");
    assert!(matches!(error, ReportError::NotOurs { .. }));
    assert_eq!(fs::read_to_string(&path).expect("there"), "mine");
}

#[test]
fn toy_graphs_that_answer_nothing_say_so() {
    let facts = load(Path::new("graph/toy/look-through")).facts.expect("sound");
    let graph = Graph::new(facts, String::new());
    let error = bind(&graph, &queries(), &Options::default()).expect_err("no answers");
    assert!(matches!(error, ReportError::NoAnswers(reasons) if reasons.len() == 3));
    assert!(matches!(bind(&graph, &[], &Options::default()), Err(ReportError::NoQueries)));
}

#[test]
fn a_section_may_ask_another_dataset_and_says_which() {
    let graph = |name: &str, title: &str| {
        let text = format!(
            r#"(format: 1, name: "{name}", kinds: {{ "v": () }},
                sources: {{ "paper": (title: "{title}", publisher: "P", url: "https://example.org", reliability: Primary) }},
                products: {{ "p": () }}, entities: {{ "a": (kind: "v"), "b": (kind: "v") }},
                relations: {{
                    "ab": Influences(from: "a", to: "b", sign: Plus, elasticity: Number(0.5), sources: ["paper"]),
                    "ba": Influences(from: "b", to: "a", sign: Plus, elasticity: Number(0.5), sources: ["paper"]),
                    "m": Sells(from: "a", market: "p", share: Percent(70), sources: ["paper"]),
                }})"#
        );
        let loaded = load_embedded(&[("a.ron", &text)]);
        let facts = loaded.facts.unwrap_or_else(|| panic!("{}", render_all(&loaded.diagnostics, false)));
        let hash = facts.content_hash();
        Graph::new(facts, hash)
    };
    let (main, other) = (graph("main", "First paper"), graph("wheel", "Second paper"));
    let queries = query::load_embedded(&[
        ("loops.ron", r#"(title: "L", question: "Q", order: 2, graph: "wheel", ask: Loops(), show: [Diagram(CausalLoops())])"#),
        ("gone.ron", r#"(title: "G", question: "Q", order: 3, graph: "gone", ask: Loops())"#),
        ("market.ron", r#"(title: "M", question: "Q", order: 1, ask: Concentration(market: "p"))"#),
    ])
    .queries;
    let hash = other.hash().to_string();
    let dataset = linchpin::report::Dataset { graph: other, option: Some("--graph wheel".to_string()) };
    let options = Options {
        others: [
            ("wheel".to_string(), Ok(dataset)),
            ("gone".to_string(), Err("none of that name".to_string())),
        ]
        .into(),
        ..Options::default()
    };
    let (files, summary) = bind(&main, &queries, &options).unwrap();
    assert_eq!(summary.unanswered, [("gone".to_string(), "none of that name".to_string())]);
    let page = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(page.contains("Data: wheel, content hash") && page.contains(&hash));
    assert!(
        page.contains("<code>linchpin diagram causal-loops --graph wheel</code>"),
        "the caption names the dataset"
    );
    let svg = String::from_utf8(files["svg/loops-1.svg"].clone()).unwrap();
    assert!(svg.contains("--graph wheel"), "and so does the figure");
    assert!(page.contains("<code>linchpin run loops</code>"), "the query names it itself");
    // one key in two datasets is two sources
    assert!(page.contains("First paper") && page.contains("Second paper"));
}
