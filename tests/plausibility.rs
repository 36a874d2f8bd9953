//! Sources that disagree, and numbers that cannot be true together.

mod common;

use common::{ask, graph};
use linchpin::answer::{Answer, Cell};
use linchpin::graph::Graph;

const HEAD: &str = r#"(format: 1, name: "toy", as_of: "2026-07-01", kinds: { "firm": () },
    products: { "power": (unit: "MW"), "cloud": () },
    sources: { "s": (title: "Filing", publisher: "A", url: "https://example.org", reliability: Primary),
               "t": (title: "Paper", publisher: "B", url: "https://example.org/b", reliability: Secondary) },
    entities: { "a": (name: "A", kind: "firm"), "b": (name: "B", kind: "firm"), "c": (name: "C", kind: "firm") },
"#;

fn with(attributes: &str, relations: &str) -> Graph {
    graph(&format!("{HEAD} attributes: {{ {attributes} }}, relations: {{ {relations} }})"))
}

/// The words in a column.
fn words(answer: &Answer, table: &str, column: &str) -> Vec<String> {
    let table = answer.table(table).unwrap();
    let word = |row: usize| match table.cell(row, column).unwrap() {
        Cell::Text(text) | Cell::Item { name: text, .. } => text.clone(),
        other => format!("{other:?}"),
    };
    (0..table.rows.len()).map(word).collect()
}

/// Ratios of the flagged comparisons of a check.
fn flagged(answer: &Answer, check: &str) -> Vec<f64> {
    let table = answer.table("comparisons").unwrap();
    let hit = |row: &usize| {
        table.cell(*row, "check") == Some(&Cell::text(check))
            && table.cell(*row, "flagged") == Some(&Cell::Flag(true))
    };
    (0..table.rows.len()).filter(hit).map(|row| table.number(row, "ratio").unwrap()).collect()
}

#[test]
fn claims_of_one_record_that_differ_are_a_conflict() {
    let graph = with(
        r#""x": (of: "a", what: Revenue, per: Year, period: "2025", value: Claims([
            (value: Usd(2e9), sources: ["s"], confidence: High), (value: Usd(3e9), sources: ["t"], confidence: Low)]),
            sources: ["s"])"#,
        "",
    );
    let answer = ask(&graph, "Conflicts()");
    let table = answer.table("conflicts").unwrap();
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.number(0, "low"), Some(2e9));
    assert_eq!(table.number(0, "high"), Some(3e9));
    assert_eq!(table.number(0, "ratio"), Some(1.5));
    assert_eq!(table.cell(0, "overlap"), Some(&Cell::Flag(false)));
    // the surest
    assert_eq!(table.number(0, "used"), Some(2e9));
    assert_eq!(answer.table("claims").unwrap().rows.len(), 2);
    assert_eq!(ask(&graph, "Conflicts(at_least: Some(1.6))").table("conflicts").unwrap().rows.len(), 0);
}

#[test]
fn surveys_of_one_market_conflict_and_deals_of_one_pair_do_not() {
    let survey = |key: &str, share: f64| {
        format!(
            r#""{key}": Sells(from: "a", market: "cloud", period: "2025", metric: Revenue, share: Share({share}), sources: ["s"]),"#
        )
    };
    let deal = |key: &str, usd: f64| {
        format!(
            r#""{key}": Commits(from: "b", to: "a", product: "cloud", spend: Usd({usd:e}), status: Signed, sources: ["s"]),"#
        )
    };
    let relations = [survey("m1", 0.3), survey("m2", 0.4), deal("d1", 1e9), deal("d2", 2e9)].concat();
    let answer = ask(&with("", &relations), "Conflicts()");
    assert_eq!(words(&answer, "conflicts", "size"), ["share"]);
    assert!((answer.table("conflicts").unwrap().number(0, "ratio").unwrap() - 4.0 / 3.0).abs() < 1e-12);
}

#[test]
fn what_one_number_could_satisfy_overlaps() {
    let graph = with(
        r#""x": (of: "a", what: Revenue, per: Year, period: "2025", value: UpTo(Usd(3e9)), sources: ["s"]),
           "y": (of: "a", what: Revenue, per: Year, period: "2025", value: Usd(2e9), sources: ["t"])"#,
        "",
    );
    let answer = ask(&graph, "Conflicts()");
    assert_eq!(answer.table("conflicts").unwrap().cell(0, "overlap"), Some(&Cell::Flag(true)));
}

#[test]
fn payments_beyond_sales_and_promises_beyond_backlog_are_flagged() {
    let attributes = r#""x": (of: "a", what: Revenue, per: Year, period: "2025", value: Usd(1e9), sources: ["s"]),
        "y": (of: "a", what: Backlog, period: "2026", value: Usd(4e9), sources: ["s"])"#;
    let commits = |usd: f64| {
        format!(
            r#""d": Commits(from: "b", to: "a", product: "cloud", spend: Usd({usd:e}), term: Years(4), status: Signed,
                since: "2026-01", sources: ["s"])"#
        )
    };
    let answer = ask(&with(attributes, &commits(8e9)), "Plausibility()");
    assert_eq!(flagged(&answer, "revenue"), [2.0]);
    assert_eq!(flagged(&answer, "backlog"), [2.0]);
    let answer = ask(&with(attributes, &commits(4e9)), "Plausibility()");
    assert!(flagged(&answer, "revenue").is_empty() && flagged(&answer, "backlog").is_empty());
}

#[test]
fn a_site_that_serves_an_operator_and_its_customer_is_used_once() {
    let attributes = r#""x": (of: "a", what: Power, value: Mw(100), sources: ["s"])"#;
    let host = |key: &str, to: &str| {
        format!(
            r#""{key}": Hosts(from: "a", to: "{to}", product: "power", power: Mw(100), status: Delivered, sources: ["s"]),"#
        )
    };
    let both = [host("h1", "b"), host("h2", "c")].concat();
    assert_eq!(flagged(&ask(&with(attributes, &both), "Plausibility()"), "capacity"), [2.0]);
    let chain = format!(
        r#"{both} "r": Supplies(from: "b", to: "c", product: "cloud", status: Delivered, sources: ["s"])"#
    );
    assert!(flagged(&ask(&with(attributes, &chain), "Plausibility()"), "capacity").is_empty());
}

#[test]
fn tranches_beyond_their_total_are_flagged() {
    let part = |key: &str, usd: f64, total: &str| {
        format!(
            r#""{key}": Invests(from: "b", to: "a", amount: Usd({usd:e}), instrument: Equity, status: Delivered, since: "2025",
                {total} sources: ["s"]),"#
        )
    };
    let relations =
        [part("t", 5e9, ""), part("t1", 4e9, r#"part_of: "t","#), part("t2", 3e9, r#"part_of: "t","#)];
    let answer = ask(&with("", &relations.concat()), "Plausibility()");
    assert_eq!(flagged(&answer, "tranches"), [1.4]);
}

#[test]
fn a_unit_off_by_a_thousand_is_caught() {
    let years = |last: f64| {
        format!(
            r#""x1": (of: "a", what: Revenue, per: Year, period: "2023", value: Usd(1e9), sources: ["s"]),
               "x2": (of: "a", what: Revenue, per: Year, period: "2024", value: Usd(1.5e9), sources: ["s"]),
               "x3": (of: "a", what: Revenue, per: Year, period: "2025", value: Usd({last:e}), sources: ["s"])"#
        )
    };
    assert!(flagged(&ask(&with(&years(2e9), ""), "Plausibility()"), "over time").is_empty());
    let caught = flagged(&ask(&with(&years(2e12), ""), "Plausibility()"), "over time");
    assert_eq!(caught.len(), 1);
    assert!((caught[0] - 2e12 / (1e9f64 * 1.5e9).sqrt()).abs() < 1e-9 * caught[0]);
    assert_eq!(flagged(&ask(&with(&years(2e6), ""), "Plausibility()"), "over time").len(), 1);
}

#[test]
fn a_fact_ages_from_the_end_of_what_it_speaks_of() {
    let graph = with(
        r#""old": (of: "a", what: Revenue, per: Year, period: "2023", value: Usd(1e9), sources: ["s"]),
           "new": (of: "a", what: Revenue, per: Year, period: "2025", value: Usd(1e9), sources: ["s"])"#,
        "",
    );
    // 2023 ends 30 months before July 2026, 2025 six
    let answer = ask(&graph, "Stale()");
    assert_eq!(words(&answer, "facts", "record"), ["old"]);
    assert_eq!(answer.table("facts").unwrap().number(0, "age"), Some(30.0));
    // after how many months a fact counts as old is the reader's choice
    let after = |months: u32| {
        let mut view = common::view(&graph);
        view.scope.stale_after = months;
        let ask: linchpin::analysis::Ask = linchpin::analysis::ron_options().from_str("Stale()").unwrap();
        let answer = ask.run(&view).unwrap();
        let marked = answer.evidence.records.iter().filter(|record| record.stale).count();
        (words(&answer, "facts", "record"), marked)
    };
    assert_eq!(after(29).0, ["old"]);
    assert_eq!(after(5), (vec!["old".to_string(), "new".to_string()], 2));
    assert!(after(31).0.is_empty());
    let all = ask(&graph, "Stale(all: true)");
    assert_eq!(words(&all, "facts", "record"), ["old", "new"]);
    let classes = all.table("ages").unwrap();
    assert_eq!((classes.number(1, "facts"), classes.number(4, "facts")), (Some(1.0), Some(1.0)));
}
