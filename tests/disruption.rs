//! Disruptions and times to survive on small graphs that can be followed by hand.

mod common;

use common::{ask, graph, number, view};
use linchpin::analysis::{Ask, ron_options};
use linchpin::answer::{Answer, Cell};
use linchpin::graph::Graph;

/// Mine → smelter → works → lab, one product each; the works have a second source for half of their metal.
const CHAIN: &str = r#"(
    format: 1, name: "chain",
    kinds: { "firm": (), "lab": () },
    products: {
        "ore": (inventory: Days(10)), "metal": (), "chips": (),
    },
    entities: {
        "mine": (kind: "firm"), "smelter": (kind: "firm", needs: { "ore": Essential }),
        "other": (kind: "firm"), "works": (kind: "firm", needs: { "metal": Essential }),
        "lab": (kind: "lab", needs: { "chips": Essential }),
    },
    relations: {
        "a": Supplies(from: "mine", to: "smelter", product: "ore", share_of_need: Share(1.0), share_of_output: Share(1.0), assumed: "test"),
        "b": Supplies(from: "smelter", to: "works", product: "metal", share_of_need: Share(0.5), share_of_output: Share(1.0), assumed: "test"),
        "c": Supplies(from: "other", to: "works", product: "metal", share_of_need: Share(0.5), share_of_output: Share(1.0), assumed: "test"),
        "d": Supplies(from: "works", to: "lab", product: "chips", share_of_need: Share(1.0), share_of_output: Share(1.0), assumed: "test"),
    },
)"#;

fn fails(graph: &Graph, question: &str) -> String {
    let ask: Ask = ron_options().from_str(question).expect("the question is well-formed");
    ask.run(&view(graph)).expect_err("the question has no answer").to_string()
}

fn near(answer: &Answer, key: &str, column: &str, expected: f64) {
    let found = number(answer, key, column).unwrap_or(f64::NAN);
    assert!((found - expected).abs() < 1e-6, "{key}.{column}: {found}, expected {expected}");
}

#[test]
fn stocks_carry_each_tier_for_as_long_as_they_last() {
    let graph = graph(CHAIN);
    let answer = ask(
        &graph,
        r#"Disruption(fail: ["mine"], days: 100.0, from: "2026-08-01", stock_days: 20.0, stock: ["chips=5"], horizon: 60)"#,
    );
    near(&answer, "mine", "first_hit", 0.0);
    // 10 days of ore in the dataset; 20 of metal, of which half keeps arriving for the day after: 20 - k / 2 on the morning of
    // day 10 + k, below a day's use from k = 39 on; then half of the chips, 5 - k / 2 on day 49 + k, from k = 9 on
    near(&answer, "smelter", "first_hit", 10.0);
    near(&answer, "works", "first_hit", 49.0);
    near(&answer, "lab", "first_hit", 58.0);
    let date = answer.tables[0].rows.iter().find(|row| row[0].as_key() == Some("lab")).unwrap();
    assert_eq!(date[3], Cell::text("2026-09-28"));
    let stocks = answer.caveats.iter().find(|caveat| caveat.code == "assumed-stocks").unwrap();
    assert!(
        stocks.text.starts_with("Of 3 inputs, the stock of 1 is in the dataset, of 1 in the question, of 1 ")
    );
}

#[test]
fn a_stop_shorter_than_the_stocks_is_not_felt_and_a_longer_one_passes() {
    let graph = graph(CHAIN);
    let question = |days: f64| {
        format!(
            "Disruption(fail: [\"mine\"], days: {days:?}, stock_days: 20.0, horizon: 365, rationing: SmallestFirst)"
        )
    };
    let short = ask(&graph, &question(5.0));
    assert_eq!(number(&short, "smelter", "first_hit"), None, "ten days of ore carry five days");
    near(&short, "mine", "lost", 5.0);
    near(&short, "mine", "back", 5.0);
    let table = short.table("hangs-on").unwrap();
    assert_eq!(table.rows.len(), 12);
    assert!(short.findings[0].text.contains("loses output within the run"), "{}", short.findings[0].text);
}

fn says<'a>(answer: &'a Answer, code: &str) -> Option<&'a str> {
    answer.caveats.iter().find(|caveat| caveat.code == code).map(|caveat| caveat.text.as_str())
}

#[test]
fn who_stands_still_because_orders_follow_output_is_named() {
    let graph = graph(CHAIN);
    // ten days of ore, forty days without the mine: the smelter makes nothing, so that it orders nothing when the mine is back
    let question = |preset: &str| {
        format!("Disruption(fail: [\"mine\"], days: 40, stock_days: 20, horizon: 400, preset: {preset})")
    };
    let firms = ask(&graph, &question("InoueTodo"));
    near(&firms, "mine", "trough", 0.0);
    near(&firms, "smelter", "trough", 0.0);
    assert_eq!(number(&firms, "smelter", "back"), None);
    let text = says(&firms, "standing-still").expect("said");
    assert!(
        text.starts_with("1 of those who make nothing at the end could be served: smelter (ore)."),
        "{text}"
    );
    // by what is wanted it orders again, and comes back
    let sectors = ask(&graph, &question("Ario"));
    assert!(number(&sectors, "smelter", "trough").is_some_and(|least| least < 0.01));
    assert!(number(&sectors, "smelter", "trough_day").is_some_and(|day| day < 60.0));
    assert_eq!(says(&sectors, "standing-still"), None);
    let table = sectors.table("days").unwrap();
    let last = (0..table.rows.len())
        .rfind(|row| table.cell(*row, "entity").and_then(Cell::as_key) == Some("smelter"));
    assert!(last.and_then(|row| table.number(row, "functionality")).is_some_and(|output| output > 0.0));
    // while the mine is out nobody could serve it
    let short = ask(&graph, &question("InoueTodo").replace("horizon: 400", "horizon: 40"));
    assert_eq!(says(&short, "standing-still"), None);
}

#[test]
fn output_that_jumps_up_and_down_is_said() {
    let graph = graph(CHAIN);
    let stops = |count: u32| {
        let stop =
            |at: u32| format!("(on: Entity(\"mine\"), what: CapacityLoss(0.6), start: {}, days: 1)", 2 * at);
        let all: Vec<String> = (1..=count).map(stop).collect();
        format!(
            "Disruption(scenario: (title: \"stops\", shocks: [{}]), stock_days: 20, horizon: 40)",
            all.join(", ")
        )
    };
    // each stop is two jumps: five are ten jumps, six are twelve
    assert_eq!(says(&ask(&graph, &stops(5)), "swings"), None);
    let text = says(&ask(&graph, &stops(6)), "swings").expect("said").to_string();
    assert!(text.starts_with("The output of one entity jumps"), "{text}");
}

#[test]
fn a_sweep_has_every_combination() {
    let graph = graph(CHAIN);
    let answer = ask(
        &graph,
        r#"Disruption(fail: ["mine=0.5"], days: 40.0, sweep: [Psi, TauInv, Stocks], horizon: 30)"#,
    );
    assert_eq!(answer.table("sweep").unwrap().rows.len(), 5 * 6 * 5);
}

#[test]
fn timed_shocks_of_a_scenario_add_up() {
    let graph = graph(CHAIN);
    let answer = ask(
        &graph,
        r#"Disruption(scenario: (title: "two", shocks: [
            (on: Entity("mine"), what: CapacityLoss(0.5), start: 3, days: 4),
            (on: Link(from: "other", to: "works"), what: SupplyCut(1.0), start: 5),
        ]), stock_days: 20.0, horizon: 60)"#,
    );
    near(&answer, "mine", "first_hit", 3.0);
    near(&answer, "mine", "trough", 0.5);
    // half of the metal is missing from day 5 on: 20 - k / 2 days on the morning of day 5 + k
    near(&answer, "works", "first_hit", 44.0);
}

#[test]
fn what_makes_no_sense_is_refused() {
    let graph = graph(CHAIN);
    let cases = [
        (
            r#"Disruption(fail: ["mine"], psi: 0.8, preset: InoueTodo)"#,
            "inoue-todo has no inventory tolerance",
        ),
        (r#"Disruption(fail: ["mine"], stock: ["ores=3"])"#, "ore"),
        (r#"Disruption(fail: ["mine"], watch: "labs")"#, "expected one of firm, lab"),
        (r#"Disruption(fail: ["mine"], from: "next week")"#, "expected a day such as"),
        (r#"Disruption(fail: ["mine"], horizon: 0)"#, "expected 1 to"),
        (r#"Disruption(fail: ["mine"], back_over: 3.0)"#, "expected how many days"),
        (r#"Disruption()"#, "expected"),
        (r#"Reverse(target: "works", over: (days: -1.0))"#, "more than 0 days"),
        (r#"Reverse(target: "works", over: (horizon: 9))"#, "how many days outages last"),
        (r#"Reverse(target: "works", replace: true, over: (days: 9))"#, "no model, replace or pessimistic"),
        (r#"Harden(target: "works", by: Distance, over: (days: 9))"#, "ranked by sum"),
        (r#"Harden(target: "works", add_stock: 0.0, over: (days: 9))"#, "more than 0 days"),
        (r#"Harden(target: "works", add_stock: 3)"#, "expected days beside it"),
        (r#"Harden(target: "works", runs: 0, over: (days: 9))"#, "1 or more"),
        (r#"TimeToSurvive(ttr: 0.0)"#, "more than 0"),
        (r#"TimeToSurvive(flex: 0.5)"#, "1 or more"),
        (r#"TimeToSurvive(ttr_of: ["smith=3"])"#, "is no kind"),
    ];
    for (question, expected) in cases {
        let error = fails(&graph, question);
        assert!(error.contains(expected), "{question}: {error}");
    }
}

#[test]
fn times_to_survive_are_those_of_the_stocks() {
    let graph = graph(CHAIN);
    let answer = ask(&graph, r#"TimeToSurvive(stock_days: 20.0, stock: ["chips=5"], ttr: 50.0)"#);
    // over t days half of the metal is missing after 10 days of ore: 0.5 (t - 10) = 20 of metal + 5 of chips
    near(&answer, "mine", "time_to_survive", 60.0);
    near(&answer, "smelter", "time_to_survive", 50.0);
    near(&answer, "other", "time_to_survive", 50.0);
    near(&answer, "works", "time_to_survive", 5.0);
    near(&answer, "works", "impact", 45.0);
    near(&answer, "works", "risk_exposure_index", 1.0);
    near(&answer, "mine", "impact", 0.0);
    near(&answer, "mine", "impact_double", 20.0);
    assert_eq!(answer.tables[0].rows[0][0].as_key(), Some("works"));
    let errors = answer.table("errors").unwrap();
    assert_eq!(errors.number(2, "exposed"), Some(4.0));
}
