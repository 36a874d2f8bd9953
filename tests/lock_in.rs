//! Lock-in against deals worked out by hand.

mod common;

use common::{ask, graph};
use linchpin::answer::Cell;

/// Five for a hundred, after eight invested before, with twenty more announced.
const DEALS: &str = r#"(
    format: 1, name: "deals", as_of: "2026-07-01",
    kinds: { "lab": (), "cloud": (), "group": () },
    products: { "cloud-compute": (needed_by: { "lab": Essential }) },
    entities: {
        "lab": (kind: "lab"), "cloud": (kind: "cloud"), "parent": (kind: "group"), "rival": (kind: "cloud"),
    },
    relations: {
        "owns": Owns(from: "parent", to: "cloud", share: Percent(100), assumed: "t"),
        "commitment": Commits(from: "lab", to: "cloud", product: "cloud-compute", spend: AtLeast(Usd(100e9)),
            capacity: UpTo(Gw(5)), term: Years(10), status: Signed, since: "2026-04-20", deal: "april", assumed: "t"),
        "other": Commits(from: "lab", to: "rival", product: "cloud-compute", spend: Usd(25e9), term: Unknown,
            status: Signed, since: "2025-01", assumed: "t"),
        "earlier": Invests(from: "parent", to: "lab", amount: Usd(8e9), status: Delivered, since: "2023-09", assumed: "t"),
        "tranche": Invests(from: "parent", to: "lab", amount: Usd(4e9), status: Delivered, since: "2023-09",
            part_of: "earlier", assumed: "t"),
        "now": Invests(from: "parent", to: "lab", amount: Usd(5e9), status: Signed, since: "2026-04-20", deal: "april",
            assumed: "t"),
        "later": Invests(from: "parent", to: "lab", amount: UpTo(Usd(20e9)), contingent: "milestones", status: Announced,
            since: "2026-04-20", deal: "april", assumed: "t"),
    },
)"#;

#[test]
fn five_for_a_hundred_is_twenty_times() {
    let graph = graph(DEALS);
    // the provider may be named by its parent: they are matched through ownership
    for provider in ["cloud", "parent"] {
        let answer = ask(&graph, &format!("LockIn(customer: \"lab\", provider: \"{provider}\")"));
        let main = &answer.tables[0];
        let at = |row: usize, column: &str| main.number(row, column);
        assert_eq!(main.cell(0, "status"), Some(&Cell::text("counted")));
        assert_eq!(at(0, "committed_low"), Some(100e9));
        assert_eq!(at(0, "committed_high"), None, "more than a hundred has no upper end");
        // the tranche lies inside the eight
        assert_eq!(at(0, "invested_low"), Some(13e9));
        assert_eq!(at(0, "leverage_low"), Some(100.0 / 13.0));
        assert_eq!(at(0, "annual_low"), Some(10e9));
        let deals = answer.table("deals").unwrap();
        assert_eq!(deals.number(0, "leverage_low"), Some(20.0));
        assert_eq!(deals.number(0, "announced_high"), Some(20e9));
        // by status: what is delivered, signed, announced
        let by_status = |status: &str| {
            (0..main.rows.len()).find(|r| main.cell(*r, "status") == Some(&Cell::text(status)))
        };
        assert_eq!(at(by_status("delivered").unwrap(), "invested_low"), Some(8e9));
        assert_eq!(at(by_status("signed").unwrap(), "invested_low"), Some(5e9));
        assert_eq!(at(by_status("announced").unwrap(), "invested_high"), Some(20e9));
        let said = &answer.findings[0].text;
        assert!(
            said.contains("$100bn or more") && said.contains("$13bn") && said.contains("80.0 %"),
            "{said}"
        );
        let counted = answer.table("claims").unwrap();
        let why = |key: &str| {
            let row = counted.rows.iter().find(|row| row[0].as_key() == Some(key)).unwrap();
            row[4].as_key().unwrap().to_string()
        };
        assert_eq!(why("tranche"), "no: a tranche of a total");
        assert_eq!(why("later"), "no: status");
    }
}

#[test]
fn an_unknown_term_gives_a_range() {
    let graph = graph(DEALS);
    let answer =
        ask(&graph, r#"LockIn(customer: "lab", provider: "rival", shortest_term: 5.0, longest_term: 10.0)"#);
    let main = &answer.tables[0];
    assert_eq!((main.number(0, "annual_low"), main.number(0, "annual_high")), (Some(2.5e9), Some(5e9)));
    assert_eq!(main.cell(0, "leverage_low"), Some(&Cell::Empty), "no investment is no ratio");
    assert!(answer.caveats.iter().any(|c| c.code == "unknown-terms" && c.text.contains("5 to 10 years")));
}

#[test]
fn before_the_deal_there_was_none_of_it() {
    let graph = graph(DEALS);
    let before = linchpin::analysis::View {
        graph: &graph,
        scope: linchpin::scope::Scope::on(linchpin::model::Date::constant(2026, 4, 19)),
    };
    let ask: linchpin::analysis::Ask =
        linchpin::analysis::ron_options().from_str(r#"LockIn(customer: "lab", provider: "cloud")"#).unwrap();
    assert!(ask.run(&before).is_err());
    let mut on_the_day = before.clone();
    on_the_day.scope.as_of = linchpin::model::Date::constant(2026, 4, 20);
    assert!(ask.run(&on_the_day).is_ok());
}

#[test]
fn pairs_are_ranked_by_what_is_committed() {
    let answer = ask(&graph(DEALS), "LockIn()");
    let main = &answer.tables[0];
    assert_eq!(main.rows.len(), 2);
    assert_eq!(main.rows[0][1].as_key(), Some("cloud"));
    assert_eq!(main.rows[1][1].as_key(), Some("rival"));
}
