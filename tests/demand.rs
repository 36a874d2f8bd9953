//! What a commitment takes, by hand.

mod common;

use common::{ask, cell, graph, number, view};
use linchpin::analysis::{Analysis, AnalysisError, Demand};
use linchpin::answer::{Answer, AnswerStatus, Cell};

const BASE: &str = r#"
    format: 1,
    as_of: "2026-07-01",
    kinds: { "cloud": (name: "Cloud"), "lab": (name: "Lab"), "maker": (name: "Maker"), "memory": (name: "Memory maker") },
    products: {
        "compute": (name: "Compute", unit: "MW", needed_by: { "lab": Essential }),
        "plant": (name: "Plant", unit: "GW"),
        "chip": (name: "Chip", unit: "chip", needed_by: { "cloud": Essential }),
        "rack": (name: "Rack", unit: "rack"),
        "memory": (name: "Memory", unit: "stack", needed_by: { "maker": Essential }),
        "gas": (name: "Gas", needed_by: { "memory": Essential }),
        "tool": (name: "Tool", unit: "tool"),
        "staff": (name: "Staff"),
    },
    entities: {
        "lab": (name: "Lab", kind: "lab"), "near": (name: "Near", kind: "cloud"), "far": (name: "Far", kind: "cloud"),
        "alpha": (name: "Alpha", kind: "maker"), "beta": (name: "Beta", kind: "maker"), "mem": (name: "Mem", kind: "memory"),
    },
    relations: {
        "dear": Commits(from: "lab", to: "near", product: "compute", spend: Usd(40e9), capacity: Gw(1), term: Years(5), status: Signed, assumed: "t"),
        "cheap": Commits(from: "lab", to: "far", product: "compute", spend: Usd(20e9), capacity: Gw(1), term: Years(10), status: Signed, assumed: "t"),
        "said": Commits(from: "lab", to: "far", product: "compute", spend: Usd(1e9), capacity: Gw(1), term: Years(10), status: Announced, assumed: "t"),
        "alpha-chips": Sells(from: "alpha", market: "chip", share: Percent(75), assumed: "t"),
        "beta-chips": Sells(from: "beta", market: "chip", share: Percent(20), assumed: "t"),
        "near-chips": Supplies(from: "beta", to: "near", product: "chip", share_of_need: Percent(100), assumed: "t"),
        "mem-memory": Sells(from: "mem", market: "memory", share: Percent(100), assumed: "t"),
    },
"#;

const BILLS: &str = r#"
    attributes: {
        "plant-cost": (of: "plant", what: UnitCost, value: Between(Usd(30e9), Usd(50e9)), assumed: "t"),
        "chip-price": (of: "chip", variant: "A", what: UnitPrice, value: Usd(20e3), assumed: "t"),
        "chip-cost": (of: "chip", variant: "A", what: UnitCost, value: Usd(5e3), assumed: "t"),
    },
    intensities: {
        "compute-plant": (product: "compute", input: "plant", amount: Mw(1), assumed: "t"),
        "compute-chips-cost": (product: "compute", input: "chip", amount: Percent(90), assumed: "t"),
        "compute-tools": (product: "compute", input: "tool", amount: Count(3, "tools"), per: "1 GW", assumed: "t"),
        "compute-odd": (product: "compute", input: "staff", amount: Count(3, "people"), per: "2 shifts", assumed: "t"),
        "plant-chips": (product: "plant", input: "chip", amount: Percent(50), assumed: "t"),
        "chip-memory": (product: "chip", variant: "A", input: "memory", amount: Count(8, "stacks"), assumed: "t"),
        "chip-memory-b": (product: "chip", variant: "B", input: "memory", amount: Count(5, "stacks"), assumed: "t"),
        "chip-memory-cost": (product: "chip", input: "memory", amount: Percent(40), assumed: "t"),
        "rack-chips": (product: "rack", input: "chip", amount: Count(100, "chips"), assumed: "t"),
    },
"#;

fn demand(bills: &str, question: &str) -> Answer {
    ask(&graph(&format!("({BASE}{bills})")), question)
}

fn three(answer: &Answer, key: &str, column: &str) -> [Option<f64>; 3] {
    ["", "_from", "_to"].map(|end| number(answer, key, &format!("{column}{end}")))
}

#[test]
fn a_commitment_in_power_chips_and_memory() {
    let answer = demand(BILLS, r#"Demand(product: "compute", amount: "100e9USD", over: 10)"#);
    // the dear contract pays 8 million for a megawatt-year, the cheap one 2: the middle is 5, and 10 bn a year buy 2 GW
    let bought = answer.table("commitment").unwrap();
    let power = ["power", "power_from", "power_to"].map(|column| bought.number(0, column));
    assert_eq!(power, [Some(2000.0), Some(1250.0), Some(5000.0)]);
    assert_eq!(bought.number(0, "contracts"), Some(2.0));
    // a plant of 2 GW at 40 bn a gigawatt, between 30 and 50
    assert_eq!(three(&answer, "plant", "quantity"), [Some(2000.0), Some(1250.0), Some(5000.0)]);
    assert_eq!(three(&answer, "plant", "money"), [Some(80e9), Some(37.5e9), Some(250e9)]);
    assert_eq!(number(&answer, "tool", "quantity"), Some(6.0));
    // half of it chips, at 20,000 each; compute's own share of chips is the same money once more
    assert_eq!(three(&answer, "chip", "money"), [Some(40e9), Some(18.75e9), Some(125e9)]);
    assert_eq!(number(&answer, "chip", "quantity"), Some(2e6));
    assert_eq!(cell(&answer, "chip", "for"), Some(Cell::Items(vec![("plant".into(), "Plant".into())])));
    // eight stacks each: variant A is the one of which most is stated
    assert_eq!(number(&answer, "memory", "quantity"), Some(16e6));
    assert_eq!(number(&answer, "memory", "step"), Some(3.0));
    let steps = answer.table("steps").unwrap();
    let used = |record: &str| {
        let row =
            (0..steps.rows.len()).find(|row| steps.cell(*row, "record").unwrap().as_key() == Some(record))?;
        steps.cell(row, "used")?.as_key().map(str::to_string)
    };
    assert_eq!(used("compute-plant").unwrap(), "yes");
    assert!(used("compute-chips-cost").unwrap().starts_with("set aside"));
    assert_eq!(used("chip-memory-b").unwrap(), "another variant");
    assert_eq!(used("chip-memory-cost").unwrap(), "the chosen variant has its own statement");
    assert!(used("compute-odd").unwrap().starts_with("stated for a unit"));
    // racks would hold a hundred chips each
    assert_eq!(answer.table("packed").unwrap().number(0, "number"), Some(20e3));
    // gas is needed by who makes memory, and nobody says how much
    let missing = answer.table("missing").unwrap();
    let gap = missing.rows.iter().find(|row| row[0].as_key() == Some("memory")).unwrap();
    assert_eq!(gap[1], Cell::text("no price"));
    let gap = missing.rows.iter().rfind(|row| row[0].as_key() == Some("memory")).unwrap();
    assert_eq!(gap[2], Cell::Items(vec![("gas".into(), "Gas".into())]));
    let said = &answer.findings[0].text;
    assert_eq!(
        said,
        "$100bn of Compute over 10 years is $10bn a year and buys 2 GW (1.25 GW to 5 GW), at the prices that 2 contracts imply \
         for a megawatt and a year."
    );
    assert_eq!(answer.status, AnswerStatus::Complete);
}

#[test]
fn power_and_units_are_other_ways_to_ask() {
    let power = demand(BILLS, r#"Demand(product: "compute", amount: "2GW", over: 10)"#);
    assert_eq!(number(&power, "memory", "quantity"), Some(16e6));
    assert_eq!(power.table("commitment").unwrap().number(0, "money"), Some(100e9));
    let units = demand(BILLS, r#"Demand(product: "chip", amount: "1000")"#);
    assert_eq!(number(&units, "memory", "quantity"), Some(8000.0));
    assert_eq!(units.table("commitment").unwrap().number(0, "money"), Some(20e6));
    // in money: 20 million buy a thousand chips, without any years
    let money = demand(BILLS, r#"Demand(product: "chip", amount: "20e6USD", variant: ["A"])"#);
    assert_eq!(number(&money, "memory", "quantity"), Some(8000.0));
    // variant B states neither price nor cost of its own
    let other = demand(BILLS, r#"Demand(product: "chip", amount: "1000", variant: ["B"])"#);
    assert_eq!(number(&other, "memory", "quantity"), Some(5000.0));
    // without years the middle term of the contracts holds
    let supposed = demand(BILLS, r#"Demand(product: "compute", amount: "100e9USD")"#);
    assert_eq!(supposed.table("commitment").unwrap().number(0, "years"), Some(7.5));
    assert!(supposed.caveats.iter().any(|caveat| caveat.code == "supposed-term"));
}

#[test]
fn suppliers_share_it_out() {
    let answer = demand(BILLS, r#"Demand(product: "compute", amount: "100e9USD", over: 10)"#);
    let table = answer.table("suppliers").unwrap();
    let chips: Vec<_> = table
        .rows
        .iter()
        .filter(|row| row[0].as_key() == Some("chip"))
        .map(|row| {
            (row[1].as_key().map(str::to_string), row[2].as_number().unwrap(), row[8].as_number().unwrap())
        })
        .collect();
    assert_eq!(chips[0], (Some("alpha".into()), 0.75, 30e9));
    assert_eq!(chips[1], (Some("beta".into()), 0.2, 8e9));
    assert!(chips[2].0.is_none() && (chips[2].1 - 0.05).abs() < 1e-12);
    // one cloud buys all its chips from beta
    let near = demand(BILLS, r#"Demand(product: "compute", amount: "100e9USD", over: 10, provider: "near")"#);
    let table = near.table("suppliers").unwrap();
    let row = table.rows.iter().find(|row| row[0].as_key() == Some("chip")).unwrap();
    assert_eq!((row[1].as_key(), row[8].as_number()), (Some("beta"), Some(40e9)));
}

#[test]
fn a_circle_adds_up() {
    // a chip takes two stacks, a stack a tenth of a chip: x = 100 + 0.2 x
    let bills = r#"intensities: {
        "chip-memory": (product: "chip", input: "memory", amount: Count(2, "stacks"), assumed: "t"),
        "memory-chip": (product: "memory", input: "chip", amount: Count(0.1, "chips"), assumed: "t"),
    },"#;
    let answer = demand(bills, r#"Demand(product: "chip", amount: "100")"#);
    assert!((number(&answer, "memory", "quantity").unwrap() - 250.0).abs() < 1e-9);
    assert_eq!(answer.status, AnswerStatus::Complete);
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "circle"));
    // where a chip takes more than itself there is no end
    let bills = bills.replace("0.1", "0.6");
    let endless = demand(&bills, r#"Demand(product: "chip", amount: "100")"#);
    assert!(matches!(endless.status, AnswerStatus::NotConverged { .. }));
}

#[test]
fn what_makes_no_sense_is_refused() {
    let graph = graph(&format!("({BASE}{BILLS})"));
    let run = |demand: Demand| demand.run(&view(&graph)).map(|_| ());
    let good = Demand {
        product: "compute".into(),
        amount: "100e9USD".parse().unwrap(),
        over: Some(10.0),
        variant: Vec::new(),
        provider: None,
    };
    assert!(run(good.clone()).is_ok());
    assert!(matches!(
        run(Demand { product: "computer".into(), ..good.clone() }),
        Err(AnalysisError::UnknownKey(_))
    ));
    assert!(matches!(
        run(Demand { provider: Some("nera".into()), ..good.clone() }),
        Err(AnalysisError::UnknownKey(_))
    ));
    for bad in [
        Demand { over: Some(0.0), ..good.clone() },
        Demand { variant: vec!["C".into()], ..good.clone() },
        Demand { product: "chip".into(), amount: "1GW".parse().unwrap(), ..good },
    ] {
        assert!(matches!(run(bad), Err(AnalysisError::Invalid { .. })));
    }
}
