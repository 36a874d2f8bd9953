//! Failing sets, sources of inputs, dual sourcing and foreign dependence: hand-worked graphs and invariants.

mod common;
#[path = "common/needs.rs"]
mod needs;

use common::{ask, close, graph, needs_dataset, number};
use linchpin::analysis::{Ask, View, ron_options};
use linchpin::answer::{Answer, Cell, Finding};
use linchpin::graph::Graph;
use needs::needs;
use proptest::prelude::*;

/// Two clouds, of which one buys from X and Y and the other from X; X and Y need one foundry; Y is of Z's group.
const WORKED: &str = r#"(
    format: 1, name: "worked", as_of: "2026-07-01",
    kinds: { "lab": (), "cloud": (), "maker": (), "foundry": (), "holding": () },
    products: {
        "compute": (needed_by: { "lab": Essential }),
        "accelerator": (needed_by: { "cloud": Essential }),
        "wafer": (needed_by: { "maker": Essential }),
        "power": (needed_by: { "cloud": Important(0.5) }),
    },
    entities: {
        "lab": (kind: "lab", seat: "US"),
        "a": (kind: "cloud", seat: "US", production: ["US"]), "b": (kind: "cloud", seat: "DE", production: ["DE"]),
        "x": (kind: "maker", seat: "US", production: ["TW", "US"]), "y": (kind: "maker", seat: "FR"),
        "f": (kind: "foundry", seat: "TW", production: ["TW"]),
        "z": (kind: "holding", seat: "FR"),
    },
    relations: {
        "1": Supplies(from: "a", to: "lab", product: "compute", share_of_need: Percent(60), assumed: "toy"),
        "2": Supplies(from: "b", to: "lab", product: "compute", share_of_need: Percent(40), assumed: "toy"),
        "3": Supplies(from: "x", to: "a", product: "accelerator", share_of_need: Percent(70), assumed: "toy"),
        "4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Percent(30), assumed: "toy"),
        "5": Supplies(from: "x", to: "b", product: "accelerator", share_of_need: Percent(100), assumed: "toy",
                      amount: Usd(30e6)),
        "6": Supplies(from: "f", to: "x", product: "wafer", share_of_need: Percent(100), assumed: "toy",
                      amount: Usd(60e6)),
        "7": Supplies(from: "f", to: "y", product: "wafer", share_of_need: Percent(100), assumed: "toy"),
        "8": Owns(from: "z", to: "y", share: Percent(100), control: Controlling, assumed: "toy"),
        "9": Owns(from: "z", to: "b", share: Percent(100), control: Controlling, assumed: "toy"),
        "m1": Sells(from: "f", market: "wafer", period: "2025", share: Percent(100), assumed: "toy"),
        "m2": Sells(from: "x", market: "accelerator", period: "2025", share: Percent(80), assumed: "toy"),
        "m3": Sells(from: "y", market: "accelerator", period: "2025", share: Percent(20), assumed: "toy"),
        "m4": Sells(from: "x", market: "accelerator", period: "2024", share: Percent(75), assumed: "toy"),
        "m5": Sells(from: "y", market: "accelerator", period: "2024", share: Percent(25), assumed: "toy"),
    },
)"#;

/// The number in the row of `keys` (leading columns) of a named table.
fn of(answer: &Answer, table: &str, keys: &[&str], column: &str) -> Option<f64> {
    let row = row(answer, table, keys)?;
    answer.table(table)?.number(row, column)
}

fn row(answer: &Answer, table: &str, keys: &[&str]) -> Option<usize> {
    let rows = &answer.table(table)?.rows;
    rows.iter().position(|row| keys.iter().zip(row).all(|(key, cell)| cell.as_key() == Some(*key)))
}

fn cell(answer: &Answer, table: &str, keys: &[&str], column: &str) -> Cell {
    let at = row(answer, table, keys).unwrap_or_else(|| panic!("no row {keys:?} in {table}"));
    answer.table(table).unwrap().cell(at, column).unwrap().clone()
}

/// Every number that a finding quotes stands in the table that it names.
fn quotes_stand(answer: &Answer) {
    for Finding { quotes, text } in &answer.findings {
        for quote in quotes {
            let table = answer.table(&quote.table).unwrap();
            assert_eq!(table.number(quote.row, &quote.column), Some(quote.value), "{text}");
            assert!(text.contains(&quote.shown), "{text}");
        }
    }
}

#[test]
fn countries_and_owners_fail_at_once() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"Exposure(of: "lab")"#);
    quotes_stand(&answer);
    // z owns cloud b (40 %) and maker y (30 % of a): 0.4 + 0.6 * 0.3
    assert!(close(of(&answer, "owners", &["z"], "stop_loss").unwrap(), 0.58, 1e-12));
    // seats: FR holds y alone, TW the foundry, the US a and x with the lab itself left out
    assert!(close(of(&answer, "countries", &["FR"], "stop_loss").unwrap(), 0.18, 1e-12));
    assert!(close(of(&answer, "countries", &["TW"], "stop_loss").unwrap(), 1.0, 1e-12));
    assert_eq!(cell(&answer, "countries", &["US"], "own"), Cell::Flag(true));
    assert_eq!(cell(&answer, "countries", &["US"], "worst_member").as_key(), Some("x"));
    // production: half of x is made in the US, nobody says so: equal parts
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "equal-production" && caveat.count == Some(1)));
    // the US: cloud a (all) and half of x, on which b hangs
    assert!(close(of(&answer, "production", &["US"], "stop_loss").unwrap(), 0.6 + 0.4 * 0.5, 1e-12));
}

#[test]
fn products_stop_and_narrow_upstream() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"Exposure(of: "lab", by: Product)"#);
    assert_eq!(answer.tables[0].name, "products");
    let loss = |product| of(&answer, "products", &[product], "stop_loss").unwrap();
    assert!(close(loss("wafer"), 1.0, 1e-12) && close(loss("accelerator"), 1.0, 1e-12));
    // no supplier of power is known: nothing known stops, half of it if the unknown ones do
    assert!(close(loss("power"), 0.0, 1e-12));
    assert!(close(of(&answer, "products", &["power"], "stop_loss_high").unwrap(), 0.5, 1e-12));
    // accelerators at tier 2: x 0.6 * 0.7 + 0.4, y 0.6 * 0.3
    let hhi = 10_000.0 * (0.82f64.powi(2) + 0.18f64.powi(2));
    assert!(close(of(&answer, "products", &["accelerator"], "hhi").unwrap(), hhi, 1e-9));
    assert!(close(of(&answer, "products", &["wafer"], "effective_number").unwrap(), 1.0, 1e-12));
    assert_eq!(of(&answer, "products", &["wafer"], "tier"), Some(3.0));
}

#[test]
fn single_and_sole_are_told_apart() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"Exposure(of: "lab")"#);
    let said = |keys: &[&str], column| cell(&answer, "inputs", keys, column);
    let sourcing = |buyer: &str| {
        let table = answer.table("inputs").unwrap();
        let at = table.rows.iter().position(|row| row[0].as_key() == Some(buyer)).unwrap();
        table.cell(at, "sourcing").unwrap().as_key().unwrap().to_string()
    };
    assert_eq!(sourcing("lab"), "several");
    // b buys all from x, though y exists
    assert_eq!(sourcing("b"), "single");
    // the market of wafers has one vendor
    assert_eq!(sourcing("x"), "sole");
    assert_eq!(said(&["x"], "single_source"), Cell::Flag(false));
    assert_eq!(said(&["x"], "sole_source"), Cell::Flag(true));
}

#[test]
fn what_is_not_known_is_not_sole() {
    let text = |share: &str, group: &str| {
        format!(
            r#"(format: 1, name: "t", kinds: {{ "k": (), "c": () }}, products: {{ "p": (needed_by: {{ "c": Essential }}) }},
            entities: {{ "c": (kind: "c"), "v": (kind: "k", group: {group}) }}, relations: {{
            "m": Sells(from: "v", market: "p", share: Percent({share}), assumed: "t"),
            "s": Supplies(from: "v", to: "c", product: "p", share_of_need: Percent(100), assumed: "t") }})"#
        )
    };
    for (share, group, verdict) in
        [("100", "false", "sole"), ("90", "false", "single or sole"), ("100", "true", "unknown")]
    {
        let answer = ask(&graph(&text(share, group)), r#"Exposure(of: "c")"#);
        assert_eq!(cell(&answer, "inputs", &["c"], "sourcing").as_key(), Some(verdict), "{share} {group}");
        if verdict != "sole" {
            assert_eq!(cell(&answer, "inputs", &["c"], "sole_source"), Cell::Empty);
            assert_eq!(cell(&answer, "inputs", &["c"], "single_source"), Cell::Empty);
        }
    }
}

#[test]
fn two_clouds_are_one_foundry() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"DualSource(entity: "lab")"#);
    quotes_stand(&answer);
    assert_eq!(cell(&answer, "inputs", &["compute"], "verdict").as_key(), Some("meets"));
    assert_eq!(cell(&answer, "inputs", &["compute"], "meeting_point").as_key(), Some("f"));
    assert_eq!(of(&answer, "inputs", &["compute"], "meeting_tier"), Some(3.0));
    assert!(close(of(&answer, "inputs", &["compute"], "effective_number").unwrap(), 1.0 / 0.52, 1e-12));
    // x hits both and stops one: 0.6 * 0.7 + 0.4
    assert!(close(of(&answer, "meeting-points", &["compute", "x"], "input_loss").unwrap(), 0.82, 1e-12));
    assert!(close(of(&answer, "meeting-points", &["compute", "x"], "least_loss").unwrap(), 0.7, 1e-12));
    let through = cell(&answer, "inputs", &["compute"], "through");
    assert_eq!(through, Cell::Items(vec![("wafer".into(), "wafer".into())]));
    // y and x have a way around neither: one product
    let answer = ask(&graph, r#"DualSource(entity: "x")"#);
    assert_eq!(cell(&answer, "inputs", &["wafer"], "verdict").as_key(), Some("sole"));
}

#[test]
fn suppliers_of_one_owner_or_apart() {
    let text = |owner: &str| {
        format!(
            r#"(format: 1, name: "t", kinds: {{ "k": (), "c": () }}, products: {{ "p": (needed_by: {{ "c": Essential }}), "q": () }},
            entities: {{ "c": (kind: "c"), "v": (kind: "k", needs: {{ "q": Essential }}), "w": (kind: "k", needs: {{ "q": Essential }}),
                         "h": (kind: "k"), "i": (kind: "k"), "j": (kind: "k") }}, relations: {{
            {owner}
            "n": Supplies(from: "i", to: "v", product: "q", share_of_need: Percent(100), assumed: "t"),
            "o": Supplies(from: "j", to: "w", product: "q", share_of_need: Percent(100), assumed: "t"),
            "r": Supplies(from: "v", to: "c", product: "p", share_of_need: Percent(50), assumed: "t"),
            "s": Supplies(from: "w", to: "c", product: "p", share_of_need: Percent(50), assumed: "t") }})"#
        )
    };
    let apart = ask(&graph(&text("")), r#"DualSource(entity: "c")"#);
    assert_eq!(cell(&apart, "inputs", &["p"], "verdict").as_key(), Some("independent"));
    let owned = r#""y": Owns(from: "h", to: "v", share: Percent(100), control: Controlling, assumed: "t"),
                   "z": Owns(from: "h", to: "w", share: Percent(100), control: Controlling, assumed: "t"),"#;
    let one = ask(&graph(&text(owned)), r#"DualSource(entity: "c")"#);
    assert_eq!(cell(&one, "inputs", &["p"], "verdict").as_key(), Some("one owner"));
}

#[test]
fn foreign_countries_stop_and_hold_markets() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"Foreign(entity: "lab")"#);
    quotes_stand(&answer);
    assert!(row(&answer, "countries", &["US"]).is_none(), "home is not foreign");
    assert!(close(of(&answer, "countries", &["TW"], "stop_loss").unwrap(), 1.0, 1e-12));
    assert!(close(of(&answer, "countries", &["DE"], "stop_loss").unwrap(), 0.4, 1e-12));
    assert!(close(of(&answer, "markets", &["accelerator"], "home_share").unwrap(), 0.8, 1e-12));
    assert!(close(of(&answer, "markets", &["accelerator"], "foreign_share").unwrap(), 0.2, 1e-12));
    assert!(close(of(&answer, "markets", &["wafer"], "largest_foreign_share").unwrap(), 1.0, 1e-12));
    // y's place of production is not known: its seat does not stand in
    assert!(close(of(&answer, "markets", &["accelerator"], "unknown_production").unwrap(), 0.2, 1e-12));
    // the US sells accelerators for 30m and buys none; wafers: 60m imports, no exports
    let value = |product, indicator| of(&answer, "indicators", &[product, indicator], "value");
    assert_eq!(value("wafer", "CDI1"), Some(1.0));
    assert_eq!(value("wafer", "CDI2"), None);
    assert_eq!(value("wafer", "CDI3"), None);
    assert_eq!(value("accelerator", "CDI1"), None);
    // world supply by seat: 0.8² + 0.2² and 0.75² + 0.25², over 0.4 in both years
    let world = |column| of(&answer, "indicators", &["accelerator", "World supply HHI"], column);
    assert!(close(world("value").unwrap(), 0.68, 1e-12) && close(world("distance").unwrap(), 0.28, 1e-12));
    assert_eq!((world("years"), world("years_over")), (Some(2.0), Some(2.0)));
    assert_eq!(
        cell(&answer, "indicators", &["accelerator", "World supply HHI"], "persistent"),
        Cell::Flag(true)
    );
    // one year says nothing about lasting
    assert_eq!(cell(&answer, "indicators", &["wafer", "World supply HHI"], "persistent"), Cell::Empty);
    for at in 0..answer.table("indicators").unwrap().rows.len() {
        let table = answer.table("indicators").unwrap();
        let empty = table.cell(at, "value") == Some(&Cell::Empty);
        let reason = table.cell(at, "reason").unwrap().as_key().unwrap_or("");
        assert!(!empty || !reason.is_empty(), "an empty value says why");
    }
}

#[test]
fn a_bloc_tells_its_own_trade_from_that_with_others() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"Foreign(country: "EU")"#);
    quotes_stand(&answer);
    // b (DE) buys accelerators from x (US); nothing inside the bloc
    let value = |indicator| of(&answer, "indicators", &["accelerator", indicator], "value");
    assert_eq!(value("CDI2"), Some(1.0));
    assert_eq!(value("CDI1"), Some(1.0));
    assert!(row(&answer, "countries", &["FR"]).is_none());
    // if the US stops, b stops and y does not: the mean over both
    assert!(close(of(&answer, "countries", &["US"], "stop_loss").unwrap(), 0.5, 1e-12));
    assert_eq!(of(&answer, "countries", &["TW"], "stopped"), Some(2.0));
}

#[test]
fn questions_are_written_as_they_are_read() {
    let graph = graph(WORKED);
    for text in [
        r#"Exposure(of: "lab", by: Owner)"#,
        r#"DualSource(entity: "lab", product: "compute")"#,
        r#"Foreign(entity: "lab")"#,
        r#"Foreign(country: "EU")"#,
    ] {
        let ask: Ask = ron_options().from_str(text).unwrap();
        let again: Ask = ron_options().from_str(&ask.to_ron()).unwrap();
        assert_eq!(ask, again);
        ask.run(&common::view(&graph)).unwrap();
    }
    for text in [
        r#"Foreign(country: "Taiwan")"#,
        r#"Foreign()"#,
        r#"Exposure(to: "x", by: Owner)"#,
        r#"DualSource(entity: "nobody")"#,
        r#"DualSource(entity: "lab", product: "wafer")"#,
    ] {
        let ask: Ask = ron_options().from_str(text).unwrap();
        assert!(ask.run(&common::view(&graph)).is_err(), "{text}");
    }
}

#[test]
fn what_ends_before_the_day_is_as_if_it_were_not_there() {
    let ended = WORKED.replace(
        r#""4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Percent(30),"#,
        r#""4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Percent(30), until: "2025","#,
    );
    assert_ne!(ended, WORKED);
    let absent: String =
        WORKED.lines().filter(|line| !line.contains(r#""4": "#)).collect::<Vec<_>>().join("\n");
    let (ended, absent) = (graph(&ended), graph(&absent));
    for question in [r#"Exposure(of: "lab")"#, r#"DualSource(entity: "lab")"#, r#"Foreign(entity: "lab")"#] {
        let tables = |graph: &Graph| {
            ask(graph, question).tables.iter().map(|t| format!("{:?}", t.rows)).collect::<Vec<_>>()
        };
        assert_eq!(tables(&ended), tables(&absent), "{question}");
    }
}

#[test]
fn answers_are_the_same_at_any_thread_count() {
    let graph = graph(WORKED);
    for question in [r#"Exposure(of: "lab")"#, r#"DualSource(entity: "lab")"#, r#"Foreign(country: "US")"#] {
        let run = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| format!("{:?}", ask(&graph, question)))
        };
        assert_eq!(run(1), run(4));
    }
}

/// The dataset with seats dealt out in turn.
fn seated(needs: &[Vec<Vec<(usize, f64)>>], seats: &[&str]) -> String {
    let mut text = needs_dataset(needs, &[None, None, Some(0.4)]);
    for i in 0..needs.len() {
        let seat = seats[i % seats.len()];
        text = text.replace(
            &format!("\"e{i}\": (kind: \"k\","),
            &format!("\"e{i}\": (kind: \"k\", seat: \"{seat}\","),
        );
    }
    text
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_country_fails_as_the_shock_of_all_its_members(needs in needs()) {
        let graph = graph(&seated(&needs, &["US", "TW", "DE"]));
        let answer = ask(&graph, r#"Exposure(of: "e0")"#);
        quotes_stand(&answer);
        for (at, seat) in ["US", "TW", "DE"].iter().enumerate() {
            let Some(row) = row(&answer, "countries", &[seat]) else { continue };
            let table = answer.table("countries").unwrap();
            let members: Vec<String> =
                (1..needs.len()).filter(|i| i % 3 == at).map(|i| format!("\"e{i}\"")).collect();
            let fail = members.join(", ");
            for (column, more) in [("stop_loss", ""), ("stop_loss_high", ", pessimistic: true"), ("stop_loss_replaced", ", replace: true")] {
                let shock = ask(&graph, &format!("Shock(fail: [{fail}]{more})"));
                let expected = number(&shock, "e0", "loss").unwrap_or(0.0);
                // empty where nothing is known about function
                let found = table.number(row, column).unwrap_or(0.0);
                prop_assert!((found - expected).abs() < 1e-9, "{seat} {column}: {found} and {expected}");
            }
            // never less than the worst of its members
            if let (Some(all), Some(worst)) = (table.number(row, "stop_loss"), table.number(row, "worst_stop_loss")) {
                prop_assert!(all >= worst - 1e-9);
            }
        }
    }

    #[test]
    fn a_larger_set_never_loses_less(needs in needs()) {
        // every seat of the finer split lies within one of the coarser
        let fine = ask(&graph(&seated(&needs, &["US", "TW", "DE", "JP"])), r#"Exposure(of: "e0")"#);
        let coarse = ask(&graph(&seated(&needs, &["US", "TW"])), r#"Exposure(of: "e0")"#);
        for (part, whole) in [("US", "US"), ("DE", "US"), ("TW", "TW"), ("JP", "TW")] {
            for column in ["stop_loss", "stop_loss_high"] {
                let Some(less) = of(&fine, "countries", &[part], column) else { continue };
                let more = of(&coarse, "countries", &[whole], column).unwrap();
                prop_assert!(more >= less - 1e-9, "{part} in {whole} {column}: {less} and {more}");
            }
        }
    }

    #[test]
    fn meeting_points_stop_all_known_suppliers(needs in needs()) {
        prop_assume!(needs[0].iter().any(|suppliers| !suppliers.is_empty()));
        let graph = graph(&seated(&needs, &["US"]));
        let answer = ask(&graph, r#"DualSource(entity: "e0")"#);
        quotes_stand(&answer);
        let table = answer.table("meeting-points").unwrap();
        for at in 0..table.rows.len() {
            let product = table.rows[at][0].as_key().unwrap();
            let entity = table.rows[at][1].as_key().unwrap();
            let p: usize = product[1..].parse().unwrap();
            let shock = ask(&graph, &format!("Shock(fail: [{entity:?}])"));
            let loss = |j: usize| number(&shock, &format!("e{j}"), "loss").unwrap_or(0.0);
            let expected: f64 = needs[0][p].iter().map(|(j, share)| share * loss(*j)).sum();
            prop_assert!((table.number(at, "input_loss").unwrap() - expected).abs() < 1e-9);
            if table.cell(at, "stops_all") == Some(&Cell::Flag(true)) {
                prop_assert!(needs[0][p].iter().all(|(j, _)| loss(*j) > 1.0 - 1e-9));
            }
            prop_assert!(table.number(at, "tier") <= table.number(at, "meeting_tier"));
        }
    }

    #[test]
    fn a_missing_product_is_worse_than_any_of_its_suppliers(needs in needs()) {
        // suppliers of one product only: what fails with one of them is no more than what fails with the product
        let one: Vec<Vec<Vec<(usize, f64)>>> =
            needs.iter().map(|products| vec![products[0].clone(), Vec::new(), Vec::new()]).collect();
        prop_assume!(!one[0][0].is_empty());
        let answer = ask(&graph(&seated(&one, &["US"])), r#"Exposure(of: "e0")"#);
        let loss = of(&answer, "products", &["p0"], "stop_loss").unwrap();
        let worst = of(&answer, "products", &["p0"], "worst_stop_loss").unwrap();
        prop_assert!(loss >= worst - 1e-9);
        let known: f64 = one[0][0].iter().map(|(_, share)| share).sum();
        prop_assert!(loss >= known - 1e-9, "{loss} and {known}");
    }
}

#[test]
fn a_day_before_the_surveys_knows_no_market() {
    let graph = graph(WORKED);
    let mut view: View<'_> = common::view(&graph);
    view.scope.as_of = "2020-01-01".parse().unwrap();
    let ask: Ask = ron_options().from_str(r#"Foreign(entity: "lab")"#).unwrap();
    let answer = ask.run(&view).unwrap();
    assert_eq!(of(&answer, "markets", &["wafer"], "home_share"), None);
}
