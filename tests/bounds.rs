//! Bounds hold what they bound: where an answer says that a low and a high end are what the sources allow, no draw leaves them.
//!
//! Where no bound follows from the data an answer gives none and says so: circularity (what comes back hangs on every payment at once),
//! and what a demand in money takes (the price is that of contracts as stated). Their columns are called least and most, from and to.

mod common;

use std::path::Path;

use linchpin::analysis::{Ask, View, ron_options};
use linchpin::answer::{Answer, Table};
use linchpin::dataset::load;
use linchpin::graph::Graph;
use linchpin::graph::draw::Draws;
use linchpin::scope::{Scope, ScopeSpec};
use linchpin::uncertainty::{Panel, Spot};
use proptest::prelude::*;

/// Columns that are the two ends of one number. The distance to a threshold is not: a draw may be nearest to another one. What power
/// takes goes by bills of materials alone, whose ranges are bounds.
fn pairs(question: &str, table: &Table) -> Vec<(usize, usize)> {
    let in_power = question.starts_with("Demand(") && question.contains("GW") && table.name == "inputs";
    let names = if in_power { ("_from", "_to") } else { ("_low", "_high") };
    let pair = |(at, column): (usize, &linchpin::answer::Column)| {
        let stem = column.name.strip_suffix(names.0).filter(|stem| *stem != "distance")?;
        Some((at, table.column(&format!("{stem}{}", names.1))?))
    };
    table.columns.iter().enumerate().filter_map(pair).collect()
}

/// What lies outside its bounds in any of the draws. An end that is empty bounds nothing.
fn outside(graph: &Graph, scope: &Scope, question: &str, number: u64) -> (usize, Vec<String>) {
    let ask: Ask = ron_options().from_str(question).expect("the question is well-formed");
    let run = |graph: &Graph| ask.run(&View { graph, scope: scope.clone() });
    let base: Answer = run(graph).unwrap_or_else(|why| panic!("{question}: {why}"));
    let mut ends = Vec::new();
    for (at, table) in base.tables.iter().enumerate() {
        for (low, high) in pairs(question, table) {
            for row in 0..table.rows.len() {
                let spot = |column| Spot { table: at, row, column };
                ends.push((spot(low), spot(high)));
            }
        }
    }
    let panel = Panel::new(&base, ends.iter().flat_map(|(low, high)| [*low, *high]).collect());
    let draws = Draws::new(graph, scope);
    let mut faults = Vec::new();
    for index in 0..number {
        let values = panel.read(&run(&draws.draw(11, index).graph).expect("an answer")).values;
        for ((low, high), drawn) in ends.iter().zip(values.chunks(2)) {
            let (least, most) = (low.number(&base), high.number(&base));
            let slack = 1e-9 * least.unwrap_or(0.0).abs().max(most.unwrap_or(0.0).abs()).max(1e-6);
            let below = least.is_some_and(|least| drawn[0] < least - slack);
            let above = most.is_some_and(|most| drawn[1] > most + slack);
            if below || above {
                let table = &base.tables[low.table];
                let column = &table.columns[low.column].name;
                faults.push(format!(
                    "{question}, {}, {}, {column}: {:?} to {:?} is not within {least:?} to {most:?} (draw {index})",
                    table.name,
                    low.label(&base),
                    drawn[0],
                    drawn[1]
                ));
            }
        }
    }
    (ends.len(), faults)
}

fn open(folder: &str) -> Graph {
    let facts = load(Path::new(folder)).facts.expect("the dataset is sound");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn assert_inside(graph: &Graph, scope: &Scope, questions: &[&str], number: u64) {
    let mut all = 0;
    let mut faults = Vec::new();
    for question in questions {
        let (ends, found) = outside(graph, scope, question, number);
        all += ends;
        // the first few of each are enough to find it
        faults.extend(found.into_iter().take(4));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(all > 0, "nothing is bounded");
}

/// A market, a deal, a circle of money and a flywheel whose sizes are stated in every way there is.
fn every_way(shares: &[f64; 3]) -> Graph {
    let [a, b, c] = shares.map(|share| (share * 0.3 * 1e4).round() / 1e4);
    common::graph(&format!(
        r#"(format: 1, name: "test", as_of: "2026-07-01", kinds: {{ "k": (), "lab": () }}, products: {{ "p": () }},
        entities: {{ "v": (kind: "k"), "w": (kind: "k"), "x": (kind: "k"), "l": (kind: "lab", needs: {{ "p": Essential }}),
            "m": (kind: "lab", needs: {{ "p": Essential }}), "n": (kind: "lab", needs: {{ "p": Important(0.7) }}) }},
        attributes: {{ "rev": (of: "l", what: Revenue, value: Claims([(value: Usd(8e9)), (value: About(Usd(12e9)))]), period: "2025", assumed: "t") }},
        relations: {{
            "mv": Sells(from: "v", market: "p", share: About(Share({a:?})), assumed: "t"),
            "mw": Sells(from: "w", market: "p", share: Between(Share({b:?}), Share({:?})), assumed: "t"),
            "mx": Sells(from: "x", market: "p", share: UpTo(Share({c:?})), assumed: "t"),
            "lv": Supplies(from: "v", to: "l", product: "p", share_of_need: Between(Share({a:?}), Share({:?})), assumed: "t"),
            "ev": Supplies(from: "v", to: "m", product: "p", amount: AtLeast(Usd(1e9)), over: Between(Years(1), Years(3)), assumed: "t"),
            "ew": Supplies(from: "w", to: "m", product: "p", amount: Between(Usd(1e9), Usd(4e9)), over: Years(2), assumed: "t"),
            "ex": Supplies(from: "x", to: "m", product: "p", amount: Claims([(value: UpTo(Usd(3e9))), (value: Usd(1e9))]), over: Years(1), assumed: "t"),
            "fv": Supplies(from: "v", to: "n", product: "p", quantity: About(Chips(70)), over: Years(1), assumed: "t"),
            "fw": Supplies(from: "w", to: "n", product: "p", quantity: Between(Chips(10), Chips(60)), over: Years(1), assumed: "t"),
            "fx": Supplies(from: "x", to: "n", product: "p", assumed: "t"),
            "lw": Supplies(from: "w", to: "l", product: "p", share_of_need: About(Share({b:?})), assumed: "t"),
            "c": Commits(from: "l", to: "v", product: "p", spend: AtLeast(Usd(1e9)), term: Between(Years(4), Years(9)), status: Signed, since: "2026-01-01", assumed: "t", deal: "d"),
            "i": Invests(from: "v", to: "l", amount: UpTo(Usd(3e9)), status: Signed, since: "2026-01-01", assumed: "t", deal: "d"),
        }})"#,
        b + 0.1,
        a + 0.1,
    ))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn bounds_hold_on_markets_and_deals_stated_in_every_way(shares in [0.05f64..1.0, 0.05f64..1.0, 0.05f64..1.0]) {
        let graph = every_way(&shares);
        let scope = common::view(&graph).scope;
        let questions = ["Concentration(market: \"p\")", "Deals()", "LockIn()", "Exposure(of: \"l\")", "Exposure(to: \"v\")", "Exposure(of: \"m\")", "Exposure(of: \"n\")"];
        for question in questions {
            let (_, faults) = outside(&graph, &scope, question, 12);
            prop_assert!(faults.is_empty(), "{}", faults.join("\n"));
        }
    }
}

#[test]
fn bounds_hold_on_the_toys() {
    for (folder, questions) in
        [("graph/toy/two-sided-deal", &["Deals()", "LockIn()"][..]), ("graph/aws-flywheel", &["Loops()"][..])]
    {
        let graph = open(folder);
        let scope = common::view(&graph).scope;
        for question in questions {
            let (_, faults) = outside(&graph, &scope, question, 40);
            assert!(faults.is_empty(), "{}", faults.join("\n"));
        }
    }
}

#[test]
fn bounds_hold_on_the_flagship() {
    let graph = open("graph/ai-infrastructure");
    let every = r#"(status: [Announced, Intent, Signed, Funded, Delivered])"#;
    let every: ScopeSpec = ron_options().from_str(every).expect("well-formed");
    for scope in [ScopeSpec::default(), every] {
        let scope = scope.resolve(graph.default_as_of()).expect("a day");
        let questions = [
            "Concentration(all: true)",
            "Deals()",
            "LockIn()",
            "Stacks()",
            "Stacks(ties: true, over: \"2024..2026\")",
            "Exposure(of: \"anthropic\")",
            "Exposure(of: \"xai\")",
            "Exposure(to: \"tsmc\")",
            "Exposure(to: \"nvidia\")",
            "Demand(product: \"cloud-compute\", amount: \"5GW\")",
        ];
        assert_inside(&graph, &scope, &questions, 6);
    }
}

#[test]
fn what_has_no_bound_says_so() {
    let graph = open("graph/ai-infrastructure");
    let every = r#"(status: [Announced, Intent, Signed, Funded, Delivered])"#;
    let every: ScopeSpec = ron_options().from_str(every).expect("well-formed");
    let scope = every.resolve(graph.default_as_of()).expect("a day");
    for (question, code) in [
        ("Circularity()", "no-bounds"),
        ("Demand(product: \"cloud-compute\", amount: \"100e9USD\", over: 10)", "contract-prices"),
    ] {
        let ask: Ask = ron_options().from_str(question).expect("the question is well-formed");
        let answer = ask.run(&View { graph: &graph, scope: scope.clone() }).expect("an answer");
        let caveat = answer.caveats.iter().find(|own| own.code == code).expect("it says so");
        assert!(caveat.text.contains("bound"), "{caveat:?}");
        let bounded = answer.tables.iter().flat_map(|table| &table.columns);
        let bounded: Vec<&str> = bounded
            .map(|own| own.name.as_str())
            .filter(|own| own.ends_with("_low") || own.ends_with("_high"))
            .collect();
        assert!(bounded.is_empty(), "{question}: {bounded:?}");
    }
}
