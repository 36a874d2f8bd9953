//! The linear, financial and threshold models as questions: on the tables that other software computed on, and on small
//! graphs by hand.

mod common;

use std::collections::BTreeMap;
use std::path::Path;

use common::{ask, cell, graph, number, view};
use linchpin::analysis::{Analysis, AnalysisError, Ask, Shock};
use linchpin::answer::{Answer, AnswerStatus, Cell, Table, to_csv};
use linchpin::dataset::load;
use linchpin::graph::Graph;

fn fixture(name: &str) -> Graph {
    let loaded = load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name));
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    let facts = loaded.facts.expect("the fixture is sound");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn rows(path: &str) -> Vec<BTreeMap<String, String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    csv::Reader::from_path(file).unwrap().deserialize().map(|row| row.unwrap()).collect()
}

fn of(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap()
}

/// A column of the first table by the key in its first.
fn column(answer: &Answer, name: &str) -> BTreeMap<String, f64> {
    let table = &answer.tables[0];
    let at = table.column(name).unwrap();
    table
        .rows
        .iter()
        .map(|row| (row[0].as_key().unwrap().to_string(), row[at].as_number().unwrap()))
        .collect()
}

#[test]
fn debt_rank_prints_what_network_risk_measures_computed() {
    let graph = fixture("debtrank");
    let mut expected: BTreeMap<(String, String), BTreeMap<String, f64>> = BTreeMap::new();
    for row in rows("debtrank/stress.csv") {
        let stress = of(&row, "stress_uncapped").min(1.0);
        expected
            .entry((row["method"].clone(), row["scenario"].clone()))
            .or_default()
            .insert(row["bank"].clone(), stress);
    }
    let summaries = rows("debtrank/summary.csv");
    for ((method, scenario), expected) in expected {
        let variant = match method.as_str() {
            "multi_hit" => "MultiHit",
            "single_hit" => "SingleHit",
            _ => "Threshold",
        };
        let fail = match scenario.as_str() {
            "partial" => "\"b01=0.2\", \"b02=0.5\", \"b03=0.1\"".to_string(),
            "uniform5" => (1..=15).map(|bank| format!("\"b{bank:02}=0.05\"")).collect::<Vec<_>>().join(", "),
            bank => format!("\"{bank}=1\""),
        };
        let answer = ask(&graph, &format!("Shock(model: DebtRank, variant: {variant}, fail: [{fail}])"));
        let stress = column(&answer, "stress");
        assert_eq!(stress.len(), 15);
        for (bank, stress) in stress {
            assert!((stress - expected[&bank]).abs() < 1e-10, "{method} {scenario} {bank}: {stress}");
        }
        let wanted =
            summaries.iter().find(|row| row["method"] == method && row["scenario"] == scenario).unwrap();
        let summary = answer.table("summary").unwrap();
        for name in ["original_stress", "additional_stress"] {
            assert!(
                (summary.number(0, name).unwrap() - of(wanted, name)).abs() < 1e-10,
                "{method} {scenario}"
            );
        }
    }
    let answer = ask(&graph, r#"Shock(model: DebtRank, fail: ["b01"])"#);
    let text = to_csv(&answer, None).unwrap();
    assert!(text.starts_with("entity,stress\nb01,1\n"), "{text}");
    assert!(
        answer
            .caveats
            .iter()
            .any(|caveat| caveat.code == "spectral-radius" && caveat.text.contains("0.806894"))
    );
}

#[test]
fn leontief_and_ghosh_print_what_pymrio_computed() {
    let graph = fixture("io");
    for (file, model, option, change, loss) in [
        ("io/leontief_demand.csv", "Leontief", "demand", "change_of_final_demand", "inoperability"),
        ("io/ghosh_supply.csv", "Ghosh", "primary", "change_of_primary_input", "relative_loss"),
    ] {
        let mut shocks: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
        for row in rows(file) {
            shocks.entry(row["shock"].clone()).or_default().push(row);
        }
        for (name, expected) in shocks {
            let given: Vec<String> = expected
                .iter()
                .filter(|row| of(row, change) != 0.0)
                .map(|row| format!("\"{}={}\"", row["sector"], row[change]))
                .collect();
            let answer = ask(&graph, &format!("Shock(model: {model}, {option}: [{}])", given.join(", ")));
            assert!(to_csv(&answer, None).unwrap().starts_with("entity,change,relative_loss\n"));
            let (changes, losses) = (column(&answer, "change"), column(&answer, "relative_loss"));
            for row in &expected {
                let near = |found: f64, wanted: f64| (found - wanted).abs() <= 1e-11 * wanted.abs();
                assert!(near(changes[&row["sector"]], of(row, "change_of_output")), "{name}");
                assert!(near(losses[&row["sector"]], of(row, loss)), "{name}");
            }
            if model == "Leontief" {
                let same =
                    ask(&graph, &format!("Shock(model: Inoperability, demand: [{}])", given.join(", ")));
                for (sector, lost) in column(&same, "relative_loss") {
                    assert!((lost - losses[&sector]).abs() < 1e-14);
                }
            }
        }
    }
}

#[test]
fn linkages_and_extraction_stand_beside() {
    let answer = ask(&fixture("io"), r#"Shock(model: Leontief, demand: ["s03=-1"])"#);
    let table = answer.table("linkages").unwrap();
    let at =
        |sector: &str| (0..table.rows.len()).find(|at| table.rows[*at][0].as_key() == Some(sector)).unwrap();
    let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() <= 1e-11 * wanted.abs();
    for row in rows("io/linkages.csv") {
        assert!(near(table.number(at(&row["sector"]), "backward"), of(&row, "backward_column_sum_of_L")));
        assert!(near(table.number(at(&row["sector"]), "forward"), of(&row, "forward_row_sum_of_G")));
    }
    for row in rows("io/hypothetical_extraction.csv") {
        assert!(near(table.number(at(&row["sector"]), "extraction_loss"), of(&row, "loss_of_total_output")));
        assert!(near(
            table.number(at(&row["sector"]), "extraction_others"),
            of(&row, "of_which_in_other_sectors")
        ));
    }
}

#[test]
fn inoperability_follows_its_shock_over_days() {
    let graph = fixture("io");
    // from rest under a lasting perturbation, day by day on the full matrix
    let sectors = rows("io/sectors.csv");
    let n = sectors.len();
    let at: BTreeMap<&str, usize> =
        sectors.iter().enumerate().map(|(at, row)| (row["sector"].as_str(), at)).collect();
    let x: Vec<f64> = sectors.iter().map(|row| of(row, "gross_output")).collect();
    let mut star = vec![vec![0.0; n]; n];
    for row in rows("io/flows.csv") {
        let (i, j) = (at[row["from"].as_str()], at[row["to"].as_str()]);
        star[i][j] += of(&row, "value") / x[j] * x[j] / x[i];
    }
    let hit = at["s03"];
    let mut q = vec![0.0; n];
    for _ in 0..60 {
        let next = |i: usize| {
            let pull: f64 = (0..n).map(|j| star[i][j] * q[j]).sum();
            let c = if i == hit { 12.5 / x[i] } else { 0.0 };
            q[i] + of(&sectors[i], "resilience_k_per_day") * (pull + c - q[i])
        };
        q = (0..n).map(next).collect();
    }
    let answer = ask(&graph, r#"Shock(model: Inoperability, demand: ["s03=-12.5"], days: 60)"#);
    let table = answer.table("days").unwrap();
    for row in 0..table.rows.len() {
        let (left, wanted) =
            (table.number(row, "left").unwrap(), q[at[table.rows[row][0].as_key().unwrap()]]);
        assert!((left - wanted).abs() <= 1e-12, "{left} for {wanted}");
    }
    // a shock that ends is worked off
    let timed = r#"Shock(model: Inoperability, days: 2000, scenario: (title: "A month", shocks: [
        (on: Entity("s03"), what: DemandChange(Relative(-0.2)), start: 10, days: 30, recovery: Linear(days: 30))]))"#;
    let answer = ask(&graph, timed);
    let table = answer.table("days").unwrap();
    assert_eq!(table.rows[0][0].as_key(), Some("s03"));
    let (peak, day) = (table.number(0, "peak").unwrap(), table.number(0, "peak_day").unwrap());
    assert!(peak > 0.01 && (20.0..80.0).contains(&day), "{peak} on day {day}");
    assert!(table.number(0, "left").unwrap() < 1e-9);
    assert!(answer.caveats.iter().all(|caveat| caveat.code != "no-time"));
}

const MONEY: &str = r#"(
    format: 1, as_of: "2026-07-01",
    kinds: { "firm": (name: "Firm") },
    products: { "compute": (name: "Compute") },
    entities: {
        "lab": (name: "Lab", kind: "firm"), "cloud": (name: "Cloud", kind: "firm"), "group": (name: "Group", kind: "firm"),
        "fund": (name: "Fund", kind: "firm"), "bank": (name: "Bank", kind: "firm"),
    },
    relations: {
        "group-owns-cloud": Owns(from: "group", to: "cloud", share: Percent(100), assumed: "t"),
        "contract": Commits(from: "lab", to: "cloud", product: "compute", spend: Usd(100), term: Years(10), since: "2021-07-01", status: Signed, assumed: "t"),
        "said": Commits(from: "lab", to: "cloud", product: "compute", spend: Usd(40), status: Announced, assumed: "t"),
        "stake": Invests(from: "fund", to: "lab", amount: Usd(8), status: Delivered, assumed: "t"),
        "fund-owns-lab": Owns(from: "fund", to: "lab", share: Percent(25), assumed: "t"),
        "loan": Finances(from: "bank", to: "group", amount: Usd(20), kind: Loan, status: Signed, assumed: "t"),
        "open": Finances(from: "bank", to: "fund", kind: Loan, status: Signed, assumed: "t"),
    },
    attributes: {
        "group-equity": (of: "group", what: Equity, value: Usd(200), assumed: "t"),
        "lab-value": (of: "lab", what: Valuation, value: Usd(60), assumed: "t"),
        "bank-equity": (of: "bank", what: Equity, value: Usd(10), assumed: "t"),
        "fund-revenue": (of: "fund", what: Revenue, value: Usd(30), period: "2025", per: Year, assumed: "t"),
    },
)"#;

fn lost(answer: &Answer, who: &str, column: &str) -> Option<f64> {
    let table: &Table = answer.table("losses").unwrap();
    let row = (0..table.rows.len()).find(|row| table.rows[*row][0].as_key() == Some(who))?;
    table.number(row, column)
}

#[test]
fn a_lab_fails_and_its_backlog_and_equity_go() {
    let graph = graph(MONEY);
    let answer = ask(&graph, r#"Shock(model: DebtRank, fail: ["lab"])"#);
    // half of the term is over, the contract stands on the group's account: 50 of 200
    assert!((lost(&answer, "group", "backlog_lost").unwrap() - 50.0).abs() < 0.1);
    assert!((number(&answer, "group", "stress").unwrap() - 0.25).abs() < 5e-4);
    // a quarter of a firm worth 60, not the 8 put in; nobody knows the fund's equity
    assert_eq!(lost(&answer, "fund", "equity_lost"), Some(15.0));
    assert_eq!(cell(&answer, "fund", "stress"), Some(Cell::Empty));
    // the bank has lent 20 to the group and has 10 itself: 0.25 * 20 / 10
    assert!((number(&answer, "bank", "stress").unwrap() - 0.5).abs() < 1e-3);
    assert!((lost(&answer, "bank", "loss_capped").unwrap() - 5.0).abs() < 1e-2);
    let said = &answer.findings[0].text;
    assert!(said.starts_with("If Lab fails, Group loses $50 of contracted sales still to come"), "{said}");
    for code in ["unknown-equity", "backlog", "unpriced", "marked-stakes", "equity-basis"] {
        assert!(answer.caveats.iter().any(|caveat| caveat.code == code), "{code}");
    }
    // only what counts as lost equity, and a year's revenue where nothing better is known
    let softer =
        ask(&graph, r#"Shock(model: DebtRank, fail: ["lab"], backlog_loss: 0.2, stand_in: Revenue)"#);
    assert!((number(&softer, "group", "stress").unwrap() - 0.05).abs() < 1e-3);
    assert_eq!(number(&softer, "fund", "stress"), Some(0.5));
    // the announced contract counts half once the scope lets it in
    let scoped = {
        let mut view = view(&graph);
        view.scope.status.push(linchpin::model::Status::Announced);
        let ask: Ask =
            linchpin::analysis::ron_options().from_str(r#"Shock(model: DebtRank, fail: ["lab"])"#).unwrap();
        ask.run(&view).unwrap()
    };
    assert!((lost(&scoped, "group", "backlog_lost").unwrap() - 70.0).abs() < 0.1);
    // a loss beyond the equity is capped, and the rest named
    let group = ask(&graph, r#"Shock(model: DebtRank, fail: ["group"])"#);
    assert_eq!(number(&group, "bank", "stress"), Some(1.0));
    assert_eq!(
        (lost(&group, "bank", "loss_capped"), lost(&group, "bank", "excess_loss")),
        (Some(10.0), Some(10.0))
    );
    // nobody waits for the cloud's money but its own creditors: there are none
    let cloud = ask(&graph, r#"Shock(model: DebtRank, fail: ["cloud"])"#);
    assert_eq!(number(&cloud, "bank", "stress"), Some(0.0));
    assert!(cloud.caveats.iter().any(|caveat| caveat.code == "business-fails"));
}

#[test]
fn payments_make_a_table() {
    let graph = graph(MONEY);
    // the lab pays 10 a year, and that is all that is known of it and of the cloud
    let answer = ask(&graph, r#"Shock(model: Ghosh, fail: ["cloud=50%"])"#);
    assert_eq!(number(&answer, "cloud", "change"), Some(-5.0));
    assert_eq!(number(&answer, "lab", "change"), Some(-5.0));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "approximated-shock"));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "ghosh"));
    assert_eq!(answer.evidence.records.len(), 1);
    let unknown: Shock = serde_json::from_str(r#"{"model": "Ghosh", "primary": ["bank=-1"]}"#).unwrap();
    assert!(matches!(unknown.run(&view(&graph)), Err(AnalysisError::NoData(_))));
}

const TIES: &str = r#"(
    format: 1,
    kinds: { "user": (name: "User"), "maker": (name: "Maker") },
    products: {
        "chip": (name: "Chip", needed_by: { "user": Essential }),
        "gas": (name: "Gas", needed_by: { "user": Important(0.5) }),
    },
    entities: {
        "user": (name: "User", kind: "user"), "one": (name: "One", kind: "maker"), "two": (name: "Two", kind: "maker"),
        "gas-maker": (name: "Gas maker", kind: "maker"),
    },
    relations: {
        "a": Supplies(from: "one", to: "user", product: "chip", share_of_need: Percent(60), assumed: "t"),
        "b": Supplies(from: "two", to: "user", product: "chip", share_of_need: Percent(40), assumed: "t"),
        "c": Supplies(from: "gas-maker", to: "user", product: "gas", share_of_need: Percent(100), assumed: "t"),
    },
)"#;

#[test]
fn shares_of_cost_carry_demand_up_the_chain() {
    let text = TIES.replace("relations: {", r#"intensities: {
        "app-chip": (product: "app", input: "chip", amount: Percent(40), assumed: "t"),
        "chip-gas": (product: "chip", input: "gas", amount: Percent(50), assumed: "t"),
    },
    relations: {
        "app": Sells(from: "user", market: "app", share: Percent(100), assumed: "t"),
        "d": Supplies(from: "gas-maker", to: "one", product: "gas", share_of_need: Percent(100), assumed: "t"),"#);
    let text = text.replace("products: {", r#"products: { "app": (name: "App"),"#);
    let answer = ask(&graph(&text), r#"Shock(model: Leontief, demand: ["user=-100"])"#);
    // 40 go to chips, 24 of them to one and 16 to two; half of what one sells goes to gas
    for (who, wanted) in [("user", -100.0), ("one", -24.0), ("two", -16.0), ("gas-maker", -12.0)] {
        let change = number(&answer, who, "change").unwrap();
        assert!((change - wanted).abs() < 1e-12, "{who}: {change}");
    }
    // nobody states revenues, so the largest change comes first whatever part of output it is
    assert!(
        answer.findings[1].text.contains("most changes at One (-$24 a year)"),
        "{}",
        answer.findings[1].text
    );
    let unknown: Shock = serde_json::from_str(r#"{"model": "Leontief", "demand": ["user=-10%"]}"#).unwrap();
    assert!(matches!(unknown.run(&view(&graph(&text))), Err(AnalysisError::NoData(_))));
}

#[test]
fn strengths_decide_where_nothing_else_is_known() {
    let graph = graph(TIES);
    let round = |answer: &Answer| number(answer, "user", "round");
    let one = ask(&graph, r#"Shock(model: LinearThreshold, fail: ["one"])"#);
    assert_eq!((round(&one), number(&one, "user", "load")), (Some(1.0), Some(0.6)));
    assert_eq!(round(&ask(&graph, r#"Shock(model: LinearThreshold, fail: ["two"])"#)), None);
    assert_eq!(
        round(&ask(&graph, r#"Shock(model: LinearThreshold, fail: ["two"], threshold: 0.4)"#)),
        Some(1.0)
    );
    // an important need counts with its weight: 0.4 + 0.5 of one essential need
    assert_eq!(
        round(&ask(&graph, r#"Shock(model: LinearThreshold, fail: ["two", "gas-maker"], threshold: 0.9)"#)),
        Some(1.0)
    );

    let chance = |answer: &Answer| number(answer, "user", "probability").unwrap();
    let exact = ask(&graph, r#"Shock(model: IndependentCascade, fail: ["one", "gas-maker"])"#);
    assert!((chance(&exact) - (1.0 - 0.4 * 0.5)).abs() < 1e-15);
    // a loss of half is a failure with probability one half
    let half = ask(&graph, r#"Shock(model: IndependentCascade, fail: ["one=0.5"])"#);
    assert!(
        (chance(&half) - 0.3).abs() < 1e-15
            && (number(&half, "one", "probability").unwrap() - 0.5).abs() < 1e-15
    );
    assert!(half.caveats.iter().any(|caveat| caveat.code == "exact"));
    assert_eq!(half.status, AnswerStatus::Complete);
}

#[test]
fn what_a_model_cannot_carry_is_refused_with_the_reason() {
    let graph = graph(MONEY);
    let said = |json: &str| {
        let shock: Shock = serde_json::from_str(json).unwrap();
        shock.run(&view(&graph)).map(|_| ()).unwrap_err().to_string()
    };
    assert!(said(r#"{"model": "Leontief", "fail": ["lab"]}"#).contains("it carries changes of final demand"));
    assert!(
        said(r#"{"model": "DebtRank", "demand": ["lab=-1"]}"#).contains("it knows what is owed and owned")
    );
    assert!(
        said(r#"{"model": "DebtRank", "fail": ["lab"], "threshold": 0.5}"#).contains("linear-threshold does")
    );
    assert!(
        said(r#"{"model": "DebtRank", "fail": ["lab"], "backlog_loss": 2.0}"#).contains("between 0 and 1")
    );
    assert!(said(r#"{"model": "LinearThreshold", "fail": ["lab"]}"#).contains("nobody"));
    assert!(said(r#"{"model": "Ghosh", "primary": ["labb=-1"]}"#).contains("did you mean lab"));
    assert!(serde_json::from_str::<Shock>(r#"{"primary": ["lab"]}"#).is_err());
}
