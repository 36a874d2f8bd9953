//! Lock-in against deals worked out by hand.

mod common;

use common::{ask, graph};
use linchpin::answer::Cell;
use proptest::prelude::*;

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

fn field(answer: &linchpin::answer::Answer, name: &str, column: &str) -> Option<Cell> {
    let table = answer.table("profile").unwrap();
    let at = table.rows.iter().position(|row| row[0].as_key() == Some(name));
    table.cell(at.unwrap_or_else(|| panic!("no field {name}")), column).cloned()
}

fn words(answer: &linchpin::answer::Answer, name: &str, column: &str) -> String {
    field(answer, name, column).and_then(|cell| cell.as_key().map(String::from)).unwrap_or_default()
}

fn range(answer: &linchpin::answer::Answer, name: &str) -> (Option<f64>, Option<f64>) {
    let end = |column| field(answer, name, column).and_then(|cell| cell.as_number());
    (end("low"), end("high"))
}

#[test]
fn a_field_says_what_it_rests_on_what_is_unknown_and_what_is_of_which_status() {
    let answer = ask(&graph(DEALS), "LockIn(customer: \"lab\", provider: \"cloud\")");
    let Some(Cell::Items(records)) = field(&answer, "commitment leverage", "rests_on") else {
        panic!("no records")
    };
    let keys: Vec<_> = records.iter().map(|(key, _)| key.as_str()).collect();
    // the tranche and what is only announced are not in it
    assert_eq!(keys, ["commitment", "earlier", "now"]);
    assert_eq!(words(&answer, "invested", "by_status"), "delivered $8bn; signed $5bn; announced $0 to $20bn");
    assert_eq!(words(&answer, "exit time", "unknown"), "notice; transition; ramp of an alternative");
    assert_eq!(words(&answer, "customer's revenue pre-allocated", "unknown"), "the customer's revenue");
    assert_eq!(range(&answer, "recycling share"), (Some(1.0), Some(1.0)));
    assert_eq!(range(&answer, "net position"), (Some(87e9), None));
    let split = answer.table("profile-by-status").unwrap();
    let at = split
        .rows
        .iter()
        .position(|row| (row[0].as_key(), row[1].as_key()) == (Some("commitment leverage"), Some("signed")));
    assert_eq!(split.number(at.unwrap(), "low"), Some(20.0), "five for a hundred are signed");
    // every record that a field names is in the evidence
    for row in &answer.table("profile").unwrap().rows {
        let Some(Cell::Items(records)) = row.last() else { panic!("no records") };
        for (key, _) in records {
            assert!(answer.evidence.records.iter().any(|record| record.key == *key), "{key}");
        }
    }
    // the tally is that of the standings
    let count = |standing: &str| {
        let rows = &answer.table("profile").unwrap().rows;
        let column = answer.table("profile").unwrap().column("standing").unwrap();
        rows.iter().filter(|row| row[column].as_key() == Some(standing)).count() as f64
    };
    let tally = answer.table("barriers").unwrap();
    for (column, standing) in
        [("above", "barrier"), ("below", "below"), ("undetermined", "undetermined"), ("unknown", "unknown")]
    {
        assert_eq!(tally.number(0, column), Some(count(standing)), "{column}");
    }
}

/// A lab in Europe that pays half of its commitment whether it uses it or not.
const EUROPEAN: &str = r#"(
    format: 1, name: "eu", as_of: "2026-07-01",
    kinds: { "lab": (), "cloud": () },
    products: { "compute": (needed_by: { "lab": Essential }) },
    entities: { "lab": (kind: "lab", seat: "FR"), "cloud": (kind: "cloud"), "b": (kind: "cloud"), "c": (kind: "cloud") },
    relations: {
        "promise": Commits(from: "lab", to: "cloud", product: "compute", spend: Usd(120e6), term: Years(10),
            take_or_pay: Percent(50), status: Signed, since: "2022-01-01", assumed: "t"),
        "m1": Sells(from: "cloud", market: "compute", share: Percent(40), period: "2025", assumed: "t"),
        "m2": Sells(from: "b", market: "compute", share: Percent(36), period: "2025", assumed: "t"),
        "m3": Sells(from: "c", market: "compute", share: Percent(12), period: "2025", assumed: "t"),
    },
    attributes: {
        "lab-revenue": (of: "lab", what: Revenue, value: Usd(12e6), period: "2022-Q1", per: Quarter, assumed: "t"),
        "cloud-revenue": (of: "cloud", what: Revenue, value: Usd(240e6), period: "2022", per: Year, assumed: "t"),
        "cloud-backlog": (of: "cloud", what: Backlog, value: Usd(480e6), period: "2022", assumed: "t"),
    },
)"#;

fn on(graph: &linchpin::graph::Graph, year: i16, month: i8, day: i8) -> linchpin::answer::Answer {
    let ask: linchpin::analysis::Ask =
        linchpin::analysis::ron_options().from_str(r#"LockIn(customer: "lab", provider: "cloud")"#).unwrap();
    let scope = linchpin::scope::Scope::on(linchpin::model::Date::constant(year, month, day));
    ask.run(&linchpin::analysis::View { graph, scope }).unwrap()
}

#[test]
fn the_law_on_switching_is_that_of_the_day() {
    let graph = graph(EUROPEAN);
    // 120m over ten years is 1m a month; half of 120m is 60 months
    for (day, missing, basis) in [
        ((2023, 12, 31), "egress; re-engineering; dual running", "no rule on switching holds yet"),
        (
            (2025, 9, 11),
            "egress; re-engineering; dual running",
            "limited to cost in the EU until 12 January 2027",
        ),
        (
            (2027, 1, 11),
            "egress; re-engineering; dual running",
            "limited to cost in the EU until 12 January 2027",
        ),
        ((2027, 1, 12), "re-engineering; dual running", "banned in the EU since 12 January 2027"),
    ] {
        let answer = on(&graph, day.0, day.1, day.2);
        assert_eq!(range(&answer, "exit cost"), (Some(60.0), None), "{day:?}");
        assert_eq!(words(&answer, "exit cost", "unknown"), missing, "{day:?}");
        assert!(words(&answer, "exit cost", "basis").contains(basis), "{day:?}");
    }
    assert_eq!(
        words(&on(&graph, 2025, 9, 11), "exit time", "unknown"),
        "notice; transition; ramp of an alternative"
    );
    assert_eq!(words(&on(&graph, 2025, 9, 12), "exit time", "unknown"), "ramp of an alternative");
    let american = common::graph(&EUROPEAN.replace("\"FR\"", "\"US\""));
    assert!(words(&on(&american, 2027, 1, 12), "exit cost", "basis").contains("does not cover"));
}

#[test]
fn parts_of_a_whole_are_as_worked_out() {
    let answer = on(&graph(EUROPEAN), 2026, 7, 1);
    // 12m a year of 48m and of 240m; 120m of a backlog of 480m that may or may not hold it yet
    assert_eq!(range(&answer, "customer's revenue pre-allocated"), (Some(0.25), Some(0.25)));
    assert_eq!(range(&answer, "provider's dependence on the customer"), (Some(0.05), Some(0.05)));
    assert_eq!(range(&answer, "provider's backlog from the customer"), (Some(0.2), Some(0.25)));
    // 120m of 480m by one customer, the rest as many or as one: 1/16 to 1/16 + 9/16
    assert_eq!(range(&answer, "provider's backlog concentration"), (Some(0.0625), Some(0.625)));
    // without the provider 36 + 12 known and 12 unlisted: squares of .6 and .2, and of .2 where the unlisted is one
    let (low, high) = range(&answer, "concentration of alternatives");
    assert!(common::close(low.unwrap(), 4000.0, 1e-12) && common::close(high.unwrap(), 4400.0, 1e-12));
    assert_eq!(range(&answer, "alternatives"), (Some(2.0), Some(4.0)));
    // the whole need is met by the one that is known: geometric mean of 1 and .05
    let spend = range(&answer, "spend share");
    let mutual = range(&answer, "mutual lock-in");
    assert!(common::close(mutual.0.unwrap(), (spend.0.unwrap() * 0.05).sqrt(), 1e-12));
    assert_eq!(words(&answer, "exclusivity", "unknown"), "whether the customer may use others");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn profiles_hold_what_must_hold(
        promised in 1u32..1000, open in 0usize..4, invested in 0u32..1000, up_to in any::<bool>(), years in 1u32..20, unknown in any::<bool>(),
    ) {
        let size = |usd: u32, kind: usize| match kind {
            0 => format!("Usd({usd}e9)"),
            1 => format!("AtLeast(Usd({usd}e9))"),
            2 => format!("UpTo(Usd({usd}e9))"),
            _ => format!("About(Usd({usd}e9))"),
        };
        let term = if unknown { "Unknown".to_string() } else { format!("Years({years})") };
        let money = if invested == 0 {
            String::new()
        } else {
            let amount = size(invested, if up_to { 2 } else { 0 });
            format!("\"i\": Invests(from: \"cloud\", to: \"lab\", amount: {amount}, status: Signed, since: \"2025\", assumed: \"t\"),")
        };
        let text = |scale: &str| {
            format!(
                r#"(format: 1, name: "p", as_of: "2026-01-01", kinds: {{ "k": () }}, products: {{ "c": () }},
                    entities: {{ "lab": (kind: "k"), "cloud": (kind: "k") }},
                    relations: {{ {money} "c": Commits(from: "lab", to: "cloud", product: "c", spend: {}, term: {term}, status: Signed,
                        since: "2025", assumed: "t") }})"#,
                size(promised, open)
            )
            .replace("e9", scale)
        };
        let answer = ask(&graph(&text("e9")), "LockIn(customer: \"lab\", provider: \"cloud\")");
        let profile = answer.table("profile").unwrap();
        for at in 0..profile.rows.len() {
            let (low, printed, high) =
                (profile.number(at, "low"), profile.number(at, "as_printed"), profile.number(at, "high"));
            // what is printed lies in the range, and the range is one
            prop_assert!(low.zip(high).is_none_or(|(low, high)| low <= high), "{:?}", profile.rows[at]);
            prop_assert!(low.zip(printed).is_none_or(|(low, printed)| low <= printed + 1e-12 * printed.abs()), "{:?}", profile.rows[at]);
            prop_assert!(high.zip(printed).is_none_or(|(high, printed)| printed <= high + 1e-12 * high.abs()), "{:?}", profile.rows[at]);
        }
        let (low, high) = range(&answer, "recycling share");
        prop_assert!(low.is_none_or(|low| (0.0..=1.0).contains(&low)) && high.is_none_or(|high| high <= 1.0));
        prop_assert_eq!(range(&answer, "commitment leverage").0.is_some(), invested > 0);
        // a ratio does not depend on the size of the currency
        let small = ask(&graph(&text("e6")), "LockIn(customer: \"lab\", provider: \"cloud\")");
        for name in ["commitment leverage", "recycling share", "tenor"] {
            let (a, b) = (range(&answer, name), range(&small, name));
            prop_assert!(a.0.zip(b.0).is_none_or(|(a, b)| common::close(a, b, 1e-12)), "{name}");
            prop_assert_eq!(a.1.is_some(), b.1.is_some());
        }
        prop_assert_eq!(answer.caveats.iter().any(|c| c.code == "unknown-terms"), unknown);
    }
}
