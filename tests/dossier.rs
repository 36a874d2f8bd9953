//! All that is known of a number in one place: its ends as the sources state them, its spread over draws against the quantiles of
//! the distributions, its swing, and the day before; and what is not on record is nowhere printed as nothing.

mod common;

use linchpin::analysis::{Ask, View, ron_options};
use linchpin::answer::{Answer, Cell, Rests, Table};
use linchpin::graph::Graph;
use linchpin::scope::Scope;

/// A lab that took 2 in 2024 and promises 100 to 200 for 5 more on 20 April 2026.
fn deal() -> Graph {
    common::graph(
        r#"(format: 1, name: "t", as_of: "2026-07-01", kinds: { "k": () }, products: { "p": () },
        entities: { "lab": (kind: "k"), "cloud": (kind: "k") },
        sources: { "s": (title: "A filing", publisher: "Cloud", url: "https://example.org/a", date: "2026-04-20", reliability: Primary) },
        relations: {
            "old": Invests(from: "cloud", to: "lab", amount: Usd(2e9), status: Funded, since: "2024-03-01", assumed: "x"),
            "now": Invests(from: "cloud", to: "lab", amount: Usd(5e9), status: Funded, since: "2026-04-20", sources: ["s"], deal: "d"),
            "promise": Commits(from: "lab", to: "cloud", product: "p", spend: Between(Usd(100e9), Usd(200e9)), term: Years(10), status: Signed, since: "2026-04-20", sources: ["s"], deal: "d"),
        })"#,
    )
}

const ASKED: &str = r#"Dossier(ask: Deals(), number: ["deals/d:committed_low", "deals/d:leverage_low", "pairs/lab:invested_low", "pairs/lab:leverage_low"],
    before: "2026-04-20", through: "2024..2026", drawn: 2000)"#;

fn reading(table: &Table, of: &str, reading: &str) -> usize {
    let starts = |row: usize, column: &str, with: &str| {
        table.cell(row, column).and_then(Cell::as_key).is_some_and(|own| own.starts_with(with))
    };
    let found = (0..table.rows.len()).find(|row| starts(*row, "of", of) && starts(*row, "reading", reading));
    found.unwrap_or_else(|| panic!("no {reading} of {of} in {table:?}"))
}

fn number(answer: &Answer, of: &str, what: &str, column: &str) -> Option<f64> {
    let table = answer.table("numbers").expect("the numbers");
    table.number(reading(table, of, what), column)
}

#[test]
fn a_deal_with_its_interval_its_swing_and_the_day_before() {
    let graph = deal();
    let answer = common::ask(&graph, ASKED);
    let on = |what: &str, column: &str| number(&answer, "d", what, column);
    assert_eq!(
        [on("as counted, least", "committed"), on("as counted, most", "committed")],
        [Some(100e9), Some(200e9)]
    );
    assert_eq!(
        [on("as counted, least", "leverage"), on("as counted, most", "leverage")],
        [Some(20.0), Some(40.0)]
    );
    // uniform from 20 to 40: quantiles at 21, 30 and 39, each within four standard errors of a quantile of 2,000 draws
    let error = |q: f64| 4.0 * 20.0 * (q * (1.0 - q) / 2000.0).sqrt();
    for (what, expected, q) in [
        ("draws: a twentieth below", 21.0, 0.05),
        ("draws: the middle", 30.0, 0.5),
        ("draws: a twentieth above", 39.0, 0.95),
    ] {
        let found = on(what, "leverage").expect("a number");
        assert!((found - expected).abs() < error(q), "{what}: {found}");
    }
    let moved =
        ["least", "most"].map(|end| on(&format!("by the fact that moves it most, {end}"), "leverage"));
    assert_eq!(moved, [Some(20.0), Some(40.0)]);
    // the deal was not there on the day before; the pair had its first 2, and no promise: not one of nothing
    assert_eq!(
        [on("on 2026-04-19, least", "committed"), on("on 2026-04-19, least", "leverage")],
        [None, None]
    );
    let pair = "cloud and lab";
    assert_eq!(number(&answer, pair, "on 2026-04-19, least", "invested"), Some(2e9));
    assert_eq!(number(&answer, pair, "on 2026-04-19, least", "leverage"), None);
    assert_eq!(number(&answer, pair, "as counted, least", "invested"), Some(7e9));
    assert!(
        answer.findings.iter().any(|own| own.text.contains("nothing of it is on record")),
        "{:?}",
        answer.findings
    );
}

#[test]
fn every_reading_is_that_of_the_question_itself() {
    let graph = deal();
    let answer = common::ask(&graph, ASKED);
    let days = answer.table("through-time").expect("the days");
    let ask: Ask = ron_options().from_str("Deals()").expect("well-formed");
    let mut compared = 0;
    for row in 0..days.rows.len() {
        let day = days.cell(row, "as_of").and_then(Cell::as_key).expect("a day").to_string();
        let view = View { graph: &graph, scope: Scope::on(day.parse().expect("a day")) };
        let then = ask.run(&view).expect("an answer");
        let of = days.cell(row, "of").and_then(Cell::as_key).expect("whose").to_string();
        let table = then.table(if of == "d" { "deals" } else { "pairs" }).expect("a table");
        let own = (0..table.rows.len()).find(|own| table.rows[*own][0].as_key() == Some(&of));
        for (mine, theirs) in [("invested_least", "invested_low"), ("leverage_most", "leverage_high")] {
            let asked =
                answer.table("numbers").expect("numbers").column(mine.split('_').next().expect("a stem"));
            assert!(asked.is_some());
            let expected = own.and_then(|own| table.number(own, theirs));
            // the deal's own investment is not asked for
            let expected = if of == "d" && mine == "invested_least" { None } else { expected };
            assert_eq!(days.number(row, mine), expected, "{of} on {day}: {mine}");
            compared += usize::from(expected.is_some());
        }
    }
    assert!(compared >= 4, "{compared}");
}

#[test]
fn records_and_sources_are_those_that_the_rows_rest_on() {
    let graph = deal();
    let answer = common::ask(&graph, ASKED);
    let records = answer.table("records").expect("the records");
    let keys: Vec<_> = records.rows.iter().filter_map(|row| row[0].as_key()).collect();
    assert_eq!(keys, ["now", "old", "promise"]);
    let source = match records.cell(2, "sources") {
        Some(Cell::Items(items)) => items.clone(),
        other => panic!("{other:?}"),
    };
    assert_eq!(source, [("s".to_string(), "A filing (Cloud, 2026-04-20)".to_string())]);
    assert_eq!(records.cell(2, "leaves_open"), Some(&Cell::text("spend $100bn to $200bn")));
    let numbers = answer.table("numbers").expect("the numbers");
    let then = numbers.rests_of(reading(numbers, "cloud and lab", "on 2026-04-19, least"));
    let Some(Rests::Records(then)) = then else { panic!("{then:?}") };
    let on: Vec<_> = then.iter().map(|on| answer.evidence.records[on.record].key.as_str()).collect();
    assert_eq!(on, ["old"], "what came later is no ground for the day before");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let graph = deal();
    let refused = |question: &str| {
        let ask: Ask = ron_options().from_str(question).expect("well-formed");
        ask.run(&common::view(&graph)).expect_err(question).to_string()
    };
    assert!(refused("Dossier(query: \"nobody\")").contains("nobody"));
    assert!(refused("Dossier(ask: Dossier(ask: Deals()))").contains("not itself a dossier"));
    assert!(
        refused("Dossier(ask: Deals(), number: [\"elsewhere/loss\"])").contains("no table \"elsewhere\"")
    );
    assert!(refused("Dossier(ask: Deals(), number: [\"pairs/loss\"])").contains("table pairs does not have"));
    assert!(refused("Dossier(ask: Deals(), before: \"2027\")").contains("no later than"));
    assert!(refused("Dossier(ask: Deals(), drawn: 1)").contains("expected 2"));
    assert!(refused("Dossier(ask: Deals(), through: \"then\")").contains("expected two dates"));
}

/// The number of a row in a comparison, a difference or a series.
fn compared(question: &str, graph: &Graph, row: &str, column: &str) -> Option<f64> {
    let answer = common::ask(graph, question);
    common::number(&answer, row, column)
}

#[test]
fn whoever_is_not_hit_works_as_usual_and_whoever_is_gone_is_unknown() {
    let needs = [vec![vec![(1, 1.0)]], vec![vec![]], vec![vec![(1, 0.5), (3, 0.5)]], vec![vec![]]];
    let graph = common::graph(&common::needs_dataset(&needs, &[None]));
    let variants = r#"variants: [(title: "gone", what_if: [(title: "gone", changes: [RemoveEntity("e2")])]), (title: "cut", what_if: [(title: "cut", changes: [RemoveRelation("s2-0-1")])])]"#;
    let ask = |column: &str, row: &str, of: &str| {
        let question = format!(r#"Compare(ask: Shock(fail: ["e1"]), {variants}, column: "{column}")"#);
        compared(&question, &graph, row, of)
    };
    assert_eq!(ask("loss", "e2", "base"), Some(0.5));
    assert_eq!(ask("loss", "e2", "cut"), Some(0.0));
    assert_eq!(
        ask("loss", "e2", "gone"),
        None,
        "an entity that is not there loses nothing and keeps nothing"
    );
    assert_eq!(ask("functionality", "e2", "cut"), Some(1.0), "whoever is not hit keeps all of its function");
    assert_eq!(ask("round_first_hit", "e2", "cut"), None, "it is never hit");
}

#[test]
fn what_was_put_in_without_a_promise_is_not_nothing() {
    let graph = deal();
    let series = |column: &str| {
        let question =
            format!(r#"Series(over: "2025..2026", ask: Deals(), of_table: "pairs", column: "{column}")"#);
        let answer = common::ask(&graph, &question);
        assert_eq!(answer.tables[0].rows.len(), 1, "one pair, whoever takes part on which side by then");
        ["on_2025_07_01", "on_2026_07_01"].map(|day| answer.tables[0].number(0, day))
    };
    assert_eq!(series("invested_low"), [Some(2e9), Some(7e9)]);
    assert_eq!(series("committed_low"), [None, Some(100e9)]);
    // commitments by pair: the least of a pair without a record is nothing, what was put in is not known to that table
    let graph = common::graph(
        r#"(format: 1, name: "t", as_of: "2026-07-01", kinds: { "k": () }, products: { "p": () },
        entities: { "lab": (kind: "k"), "one": (kind: "k"), "two": (kind: "k") },
        relations: {
            "a": Commits(from: "lab", to: "one", product: "p", spend: Usd(1e9), term: Years(1), status: Signed, since: "2024-01-01", assumed: "x"),
            "b": Commits(from: "lab", to: "two", product: "p", spend: AtLeast(Usd(3e9)), term: Years(1), status: Signed, since: "2026-01-01", assumed: "x"),
            "i": Invests(from: "two", to: "lab", amount: Usd(2e9), status: Funded, since: "2024-01-01", assumed: "x"),
        })"#,
    );
    let lock_in = |column: &str| {
        let question =
            format!(r#"Series(over: "2025..2026", ask: LockIn(customer: "lab"), column: "{column}")"#);
        let answer = common::ask(&graph, &question);
        let row =
            answer.tables[0].rows.iter().position(|row| row[1].as_key() == Some("two")).expect("the pair");
        ["on_2025_07_01", "on_2026_07_01"].map(|day| answer.tables[0].number(row, day))
    };
    assert_eq!(lock_in("committed_low"), [Some(0.0), Some(3e9)]);
    assert_eq!(lock_in("committed_high"), [None, None]);
    assert_eq!(lock_in("invested_low"), [None, Some(2e9)]);
    let diff = r#"Diff(old: "2025-07-01", new: "2026-07-01", on: [(ask: LockIn(customer: "lab"), column: "invested_low")])"#;
    let answer = common::ask(&graph, diff);
    let numbers = answer.table("numbers-1").map_or(0, |table| table.rows.len());
    assert_eq!(numbers, 0, "a number that one side does not know has no difference: {:?}", answer.tables);
}
