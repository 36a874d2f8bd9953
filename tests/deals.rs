//! Deals as packages, against deals worked out by hand, and what must hold for any deals.

mod common;

use common::{ask, close, graph, view};
use linchpin::analysis::{Ask, ron_options};
use linchpin::answer::{Answer, Cell, Table};
use linchpin::graph::Graph;
use proptest::prelude::*;

/// A lab with two clouds: one deal agreed on a day, one promise years after the money, and a stake the other way.
const DEALS: &str = r#"(
    format: 1, name: "deals", as_of: "2026-07-01",
    kinds: { "lab": (), "cloud": (), "group": () },
    products: { "compute": (needed_by: { "lab": Essential }) },
    rates: { "eur": (currency: "EUR", usd: 2.0, on: "2020", assumed: "t") },
    entities: {
        "lab": (kind: "lab"), "cloud": (kind: "cloud"), "parent": (kind: "group"), "old": (kind: "cloud"),
        "new": (kind: "cloud"),
    },
    relations: {
        "owns": Owns(from: "parent", to: "cloud", share: Percent(100), assumed: "t"),
        "promise": Commits(from: "lab", to: "cloud", product: "compute", spend: AtLeast(Usd(100e9)), term: Years(10),
            status: Signed, since: "2026-04-20", deal: "april", assumed: "t"),
        "part-of-it": Commits(from: "lab", to: "cloud", product: "compute", spend: Usd(9e9), term: Years(1),
            status: Signed, since: "2026-04-20", part_of: "promise", assumed: "t"),
        "now": Invests(from: "parent", to: "lab", amount: Usd(5e9), status: Signed, since: "2026-04-20", deal: "april",
            assumed: "t"),
        "later": Invests(from: "parent", to: "lab", amount: UpTo(Usd(20e9)), status: Announced, since: "2026-04-20",
            deal: "april", assumed: "t"),
        "before": Invests(from: "parent", to: "lab", amount: Usd(8e9), status: Delivered, since: "2023-09-01", assumed: "t"),
        "old-money": Invests(from: "old", to: "lab", amount: Eur(5e9), status: Delivered, since: "2020-10-27", assumed: "t"),
        "old-promise": Commits(from: "lab", to: "old", product: "compute", spend: Usd(250e9), term: Unknown,
            status: Signed, since: "2025-10-28", deal: "october", assumed: "t"),
        "capacity-only": Commits(from: "lab", to: "old", product: "compute", capacity: Gw(1), status: Signed,
            since: "2025-10-28", deal: "october", assumed: "t"),
        "stake": Invests(from: "lab", to: "new", amount: Usd(1e9), status: Signed, since: "2025-03", deal: "march", assumed: "t"),
        "new-promise": Commits(from: "lab", to: "new", product: "compute", spend: Between(Usd(10e9), Usd(20e9)), term: Years(5),
            status: Signed, since: "2025-03", deal: "march", assumed: "t"),
    },
)"#;

fn row(table: &Table, name: &str) -> usize {
    let found = table.rows.iter().position(|row| row[0].as_key() == Some(name));
    found.unwrap_or_else(|| {
        panic!("no row {name} in {:?}", table.rows.iter().map(|r| r[0].clone()).collect::<Vec<_>>())
    })
}

fn ends(answer: &Answer, table: &str, name: &str, column: &str) -> (Option<f64>, Option<f64>) {
    let table = answer.table(table).unwrap();
    let at = row(table, name);
    (table.number(at, &format!("{column}_low")), table.number(at, &format!("{column}_high")))
}

fn keys(answer: &Answer, name: &str, column: &str) -> Vec<String> {
    match answer.tables[0].cell(row(&answer.tables[0], name), column) {
        Some(Cell::Items(items)) => items.iter().map(|(key, _)| key.clone()).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn packages_are_as_worked_out() {
    let answer = ask(&graph(DEALS), "Deals()");
    let names: Vec<_> = answer.tables[0].rows.iter().filter_map(|row| row[0].as_key()).collect();
    // by leverage: 250 / 10, then at least 100 / 5, then what has none
    assert_eq!(names, ["lab and old", "april", "march", "lab and parent"]);
    assert_eq!(ends(&answer, "deals", "april", "committed"), (Some(100e9), None));
    assert_eq!(ends(&answer, "deals", "april", "invested"), (Some(5e9), Some(5e9)));
    assert_eq!(ends(&answer, "deals", "april", "leverage"), (Some(20.0), None));
    assert_eq!(ends(&answer, "deals", "april", "annual"), (Some(10e9), None));
    // 5bn euros at 2 dollars; the term is supposed to be 3 to 15 years
    assert_eq!(ends(&answer, "deals", "lab and old", "leverage"), (Some(25.0), Some(25.0)));
    assert_eq!(ends(&answer, "deals", "lab and old", "annual"), (Some(250e9 / 15.0), Some(250e9 / 3.0)));
    let at = row(&answer.tables[0], "lab and old");
    assert!(close(answer.tables[0].number(at, "lag_years").unwrap(), 5.0, 1e-3), "five years to the day");
    assert_eq!(keys(&answer, "lab and old", "no_money_stated"), ["capacity-only"]);
    assert_eq!(keys(&answer, "april", "not_counted"), ["later"]);
    // a stake of the customer goes the same way as its promise, and is no investment in it
    assert_eq!(ends(&answer, "deals", "march", "stake"), (Some(1e9), Some(1e9)));
    assert_eq!(ends(&answer, "deals", "march", "leverage"), (None, None));
    // all that a pair did, whatever the deal: 100 for 13
    assert_eq!(ends(&answer, "pairs", "lab and parent", "leverage"), (Some(100.0 / 13.0), None));
    let codes: Vec<_> = answer.caveats.iter().map(|caveat| caveat.code.as_str()).collect();
    assert!(["unknown-terms", "unpriced", "by-pair"].iter().all(|code| codes.contains(code)), "{codes:?}");
    assert!(answer.caveats.iter().any(|c| c.code == "unknown-terms" && c.text.contains("3 to 15 years")));
    assert!(answer.findings[0].text.contains("the money came 5 years before"), "{}", answer.findings[0].text);
}

#[test]
fn what_is_announced_widens_the_range_downwards() {
    let graph = graph(DEALS);
    let mut view = view(&graph);
    view.scope.status.push(linchpin::model::Status::Announced);
    let ask: Ask = ron_options().from_str("Deals(among: [\"lab\", \"cloud\"])").unwrap();
    let answer = ask.run(&view).unwrap();
    // 5 and up to 20 more: at least 100 / 25
    assert_eq!(ends(&answer, "deals", "april", "invested"), (Some(5e9), Some(25e9)));
    assert_eq!(ends(&answer, "deals", "april", "leverage"), (Some(4.0), None));
    let statuses = answer.table("by-status").unwrap();
    let said: Vec<_> = statuses.rows.iter().map(|row| (row[0].as_key(), row[2].as_key())).collect();
    assert!(said.contains(&(Some("april"), Some("announced"))), "{said:?}");
}

#[test]
fn before_and_after_are_one_question() {
    let graph = graph(DEALS);
    let answer = ask(&graph, "Deals(among: [\"lab\", \"parent\"], before: \"2026-04-20\")");
    assert_eq!(ends(&answer, "change", "lab", "committed_before"), (None, None));
    assert_eq!(ends(&answer, "change", "lab", "committed_now"), (Some(100e9), None));
    assert_eq!(ends(&answer, "change", "lab", "committed_change"), (Some(100e9), None));
    assert_eq!(ends(&answer, "change", "lab", "invested_before"), (Some(8e9), Some(8e9)));
    assert_eq!(ends(&answer, "change", "lab", "invested_change"), (Some(5e9), Some(5e9)));
    assert_eq!(ends(&answer, "change", "lab", "leverage_now"), (Some(100.0 / 13.0), None));
    // nothing came on the day itself
    let still = ask(&graph, "Deals(among: [\"lab\", \"parent\"], before: \"2026-06-30\")");
    assert_eq!(still.table("change").unwrap().rows.len(), 1);
    assert!(still.findings[0].text.starts_with("Nothing came or went"));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let graph = graph(DEALS);
    for (question, word) in [
        ("Deals(before: \"2027\")", "no later than 2026-07-01"),
        ("Deals(before: \"soon\")", "soon"),
        ("Deals(of: [\"labb\"])", "lab"),
        ("Deals(shortest_term: 9.0, longest_term: 3.0)", "shortest"),
        ("Deals(among: [\"lab\"])", "no commitment"),
    ] {
        let ask: Ask = ron_options().from_str(question).unwrap();
        let error = ask.run(&view(&graph)).unwrap_err().to_string();
        assert!(error.contains(word), "{question}: {error}");
    }
}

/// Deals of a few parties: who promises or puts in, whom, how much, in which deal, from which month.
fn dataset(records: &[(bool, usize, usize, u32, usize, u32)], scale: f64) -> Graph {
    let mut text = String::from(
        "(format: 1, name: \"t\", as_of: \"2026-01-01\", kinds: { \"k\": () }, products: { \"p\": () }, entities: {",
    );
    (0..5).for_each(|i| text.push_str(&format!("\"e{i}\": (kind: \"k\"),")));
    text.push_str("}, relations: {");
    for (at, (commits, from, to, size, deal, month)) in records.iter().enumerate() {
        let size = f64::from(*size) * scale;
        let what = match commits {
            true => format!("Commits(product: \"p\", spend: Usd({size:?}), term: Years(2), "),
            false => format!("Invests(amount: Usd({size:?}), "),
        };
        let deal = if *deal == 0 { String::new() } else { format!("deal: \"d{deal}\", ") };
        text.push_str(&format!(
            "\"r{at:02}\": {what}from: \"e{from}\", to: \"e{to}\", status: Signed, since: \"2025-{month:02}\", {deal}assumed: \"t\"),"
        ));
    }
    text.push_str("})");
    graph(&text)
}

fn sum(table: &Table, column: &str) -> f64 {
    (0..table.rows.len()).filter_map(|at| table.number(at, column)).sum()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn packages_and_pairs_hold_every_promise_once(
        records in proptest::collection::vec((any::<bool>(), 0usize..5, 0usize..5, 1u32..100, 0usize..4, 1u32..13), 1..14),
    ) {
        let records: Vec<_> = records.into_iter().filter(|r| r.1 != r.2).collect();
        prop_assume!(!records.is_empty());
        let graph = dataset(&records, 1e9);
        let answer = ask(&graph, "Deals(before: \"2025-07\")");
        let promised: f64 = records.iter().filter(|r| r.0).map(|r| f64::from(r.3) * 1e9).sum();
        for name in ["deals", "pairs"] {
            let table = answer.table(name).unwrap();
            prop_assert!(close(sum(table, "committed_low"), promised, 1e-12));
            // leverage is the quotient of the columns beside it
            for at in 0..table.rows.len() {
                let (c, i) = (table.number(at, "committed_low"), table.number(at, "invested_high"));
                let expected = c.zip(i).map(|(c, i)| c / i);
                prop_assert_eq!(table.number(at, "leverage_low"), expected);
            }
        }
        // now is before and what came between
        let change = answer.table("change").unwrap();
        let came: f64 = records.iter().filter(|r| r.0 && r.5 >= 7).map(|r| f64::from(r.3) * 1e9).sum();
        prop_assert!(close(change.number(0, "committed_change_low").unwrap(), came, 1e-12));
        for at in 1..change.rows.len() {
            for what in ["committed", "invested"] {
                let of = |when: &str| change.number(at, &format!("{what}_{when}_low")).unwrap_or(0.0);
                prop_assert!(close(of("before") + of("change"), of("now"), 1e-12));
            }
        }
        // the currency's size changes no ratio
        let scaled = ask(&dataset(&records, 1e6), "Deals()");
        let ratios = |answer: &Answer| -> Vec<(Option<String>, Option<f64>)> {
            let table = &answer.tables[0];
            let mut all: Vec<_> = (0..table.rows.len())
                .map(|at| (table.rows[at][0].as_key().map(String::from), table.number(at, "leverage_low")))
                .collect();
            all.sort_by(|a, b| a.0.cmp(&b.0));
            all
        };
        for (a, b) in ratios(&answer).into_iter().zip(ratios(&scaled)) {
            prop_assert_eq!(&a.0, &b.0);
            prop_assert_eq!(a.1.is_some(), b.1.is_some());
            prop_assert!(a.1.zip(b.1).is_none_or(|(a, b)| close(a, b, 1e-12)));
        }
    }
}
