//! Concentration against closed forms, other software's numbers and brute force.

mod common;

use common::{ask, cell, close, graph, number};
use linchpin::analysis::{Ask, Part, Rest, bounds, bounds_with, exit, family, ownership, threshold};
use linchpin::answer::{Answer, Cell};
use linchpin::graph::Graph;
use proptest::prelude::*;

fn market(shares: &[(&str, &str)]) -> linchpin::graph::Graph {
    let entities: String =
        shares.iter().map(|(id, _)| format!("\"{id}\": (kind: \"k\", seat: \"US\"),")).collect();
    let sells: String = shares
        .iter()
        .map(|(id, share)| {
            format!("\"m-{id}\": Sells(from: \"{id}\", market: \"p\", share: {share}, assumed: \"t\"),")
        })
        .collect();
    graph(&format!(
        "(format: 1, name: \"t\", kinds: {{ \"k\": () }}, products: {{ \"p\": () }}, \
         entities: {{ {entities} }}, relations: {{ {sells} }})"
    ))
}

fn exact(shares: &[f64]) -> Vec<Part> {
    shares.iter().map(|s| Part { low: *s, point: *s, high: *s, group: false }).collect()
}

#[test]
fn the_family_agrees_with_other_software() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let graph = market(&[("a", "Share(0.4)"), ("b", "Share(0.3)"), ("c", "Share(0.2)"), ("d", "Share(0.1)")]);
    let answer = ask(&graph, r#"Concentration(market: "p")"#);
    let expect = |column: &str, name: &str| {
        let (found, expected) = (number(&answer, "p", column).unwrap(), vectors[name].as_f64().unwrap());
        assert!(close(found, expected, 1e-12), "{column}: {found} and {expected}");
    };
    expect("hhi_low", "hhi");
    expect("hhi_high", "hhi");
    expect("effective_low", "ens");
    expect("cr1", "cr1");
    expect("cr4", "cr4");
    assert_eq!(cell(&answer, "p", "label").unwrap().as_key(), Some("highly concentrated"));
}

#[test]
fn the_edge_cases_have_their_answers() {
    // one supplier
    let answer = ask(&market(&[("a", "Percent(100)")]), r#"Concentration(market: "p")"#);
    assert_eq!(number(&answer, "p", "hhi_low"), Some(10_000.0));
    assert_eq!(number(&answer, "p", "effective_high"), Some(1.0));
    // half of the market unknown: .5 and .2 known, rest .3: .29 to .38
    let answer = ask(&market(&[("a", "Share(0.5)"), ("b", "Share(0.2)")]), r#"Concentration(market: "p")"#);
    assert!(close(number(&answer, "p", "hhi_low").unwrap(), 2900.0, 1e-12));
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), 3800.0, 1e-12));
    assert!(close(number(&answer, "p", "coverage").unwrap(), 0.7, 1e-12));
    // bounds in two bands give no label: .3 known gives 900 to 5,800
    let answer = ask(&market(&[("a", "Share(0.3)")]), r#"Concentration(market: "p")"#);
    assert_eq!(cell(&answer, "p", "label").unwrap().as_key(), Some("undetermined"));
    // thresholds of 2010 are other ones: 1,850 is high in 2023 and moderate in 2010
    let shares = [
        ("a", "Share(0.35)"),
        ("b", "Share(0.15)"),
        ("c", "Share(0.15)"),
        ("d", "Share(0.1)"),
        ("e", "Share(0.1)"),
        ("f", "Share(0.05)"),
        ("g", "Share(0.05)"),
        ("h", "Share(0.05)"),
    ];
    let graph = market(&shares);
    let hhi = 1e4 * (0.35f64.powi(2) + 2.0 * 0.15f64.powi(2) + 2.0 * 0.1f64.powi(2) + 3.0 * 0.05f64.powi(2));
    let label = |preset: &str| {
        let answer = ask(&graph, &format!("Concentration(market: \"p\", preset: \"{preset}\")"));
        assert!(close(number(&answer, "p", "hhi_low").unwrap(), hhi, 1e-12));
        cell(&answer, "p", "label").unwrap().as_key().unwrap().to_string()
    };
    assert_eq!(label("us-2023"), "highly concentrated");
    assert_eq!(label("us-2010"), "moderately concentrated");
    // a band of shares: 60 to 80 % of one firm, nothing else known
    let answer = ask(&market(&[("a", "Between(Percent(60), Percent(80))")]), r#"Concentration(market: "p")"#);
    assert!(close(number(&answer, "p", "hhi_low").unwrap(), 3600.0, 1e-12));
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), 6400.0 + 400.0, 1e-12));
}

#[test]
fn owners_and_countries_are_added_up_before_squaring() {
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () },
            entities: { "a": (kind: "k", seat: "US"), "b": (kind: "k", seat: "KR"), "c": (kind: "k", seat: "US"),
                        "holding": (kind: "k", seat: "US"), "makers": (kind: "k", group: true) },
            relations: {
                "1": Sells(from: "a", market: "p", share: Share(0.4), assumed: "t"),
                "2": Sells(from: "b", market: "p", share: Share(0.2), assumed: "t"),
                "3": Sells(from: "c", market: "p", share: Share(0.1), assumed: "t"),
                "4": Sells(from: "makers", market: "p", share: Share(0.3), assumed: "t"),
                "5": Owns(from: "holding", to: "a", share: Percent(100), assumed: "t"),
                "6": Owns(from: "holding", to: "b", share: Percent(60), assumed: "t"),
            })"#,
    );
    let hhi = |by: &str| {
        let answer = ask(&graph, &format!("Concentration(market: \"p\", by: {by})"));
        (number(&answer, "p", "hhi_low").unwrap(), number(&answer, "p", "hhi_high").unwrap())
    };
    // the group is never squared into the lower bound, and is one firm at most in the upper
    let (low, high) = hhi("Entity");
    assert!(close(low, 1e4 * (0.16 + 0.04 + 0.01), 1e-12) && close(high, low + 900.0, 1e-12));
    let (low, _) = hhi("Owner");
    assert!(close(low, 1e4 * (0.36 + 0.01), 1e-12));
    let (low, _) = hhi("Country");
    assert!(close(low, 1e4 * (0.25 + 0.04), 1e-12));
}

prop_compose! {
    fn shares()(raw in proptest::collection::vec(0.01f64..1.0, 1..9), known in 0.2f64..=1.0) -> Vec<f64> {
        let total: f64 = raw.iter().sum();
        raw.iter().map(|s| s / total * known).collect()
    }
}

proptest! {
    #[test]
    fn the_hhi_keeps_its_invariants(shares in shares(), at in 0usize..8, with in 0usize..8) {
        let whole: f64 = shares.iter().sum();
        let found = bounds(&exact(&shares));
        prop_assert!(found.hhi_low <= found.hhi_high + 1e-15);
        prop_assert!(found.hhi_high <= 1.0 + 1e-12);
        prop_assert!(found.hhi_low >= whole * whole / shares.len() as f64 - 1e-12);
        // the order of the vendors changes nothing
        let mut turned = shares.clone();
        turned.reverse();
        prop_assert!(close(bounds(&exact(&turned)).hhi_low, found.hhi_low, 1e-14));
        // merging never lowers it, and raises it by twice the product
        let (a, b) = (at % shares.len(), with % shares.len());
        if a != b {
            let mut merged = shares.clone();
            merged[a] += merged[b];
            merged.remove(b);
            let rise = bounds(&exact(&merged)).hhi_low - found.hhi_low;
            prop_assert!(close(rise, 2.0 * shares[a] * shares[b], 1e-12) && rise >= 0.0);
        }
        // splitting never raises it
        let mut split = shares.clone();
        split[a] *= 0.3;
        split.push(shares[a] * 0.7);
        prop_assert!(bounds(&exact(&split)).hhi_low <= found.hhi_low + 1e-15);
    }

    #[test]
    fn no_market_that_the_ranges_allow_escapes_the_bounds(
        parts in proptest::collection::vec((0.0f64..0.3, 0.0f64..0.3), 1..6),
        draws in proptest::collection::vec(0.0f64..=1.0, 6 * 40),
    ) {
        let parts: Vec<Part> = parts
            .iter()
            .map(|(low, width)| Part { low: *low, point: low + width / 2.0, high: low + width, group: false })
            .collect();
        let least: f64 = parts.iter().map(|p| p.low).sum();
        prop_assume!(least <= 1.0);
        let found = bounds(&parts);
        prop_assert!(found.tight);
        let mut best: f64 = 0.0;
        for draw in draws.chunks(6) {
            // a market drawn within the ranges; ends are drawn often
            let value = |p: &Part, d: f64| p.low + (p.high - p.low) * ((d * 1.6 - 0.3).clamp(0.0, 1.0));
            let shares: Vec<f64> = parts.iter().zip(draw).map(|(p, d)| value(p, *d)).collect();
            let sum: f64 = shares.iter().sum();
            if sum <= 1.0 {
                let squares: f64 = shares.iter().map(|s| s * s).sum();
                prop_assert!(squares >= found.hhi_low - 1e-12);
                best = best.max(squares + (1.0 - sum).powi(2));
            }
        }
        prop_assert!(best <= found.hhi_high + 1e-12);
    }
}

const NODES: &str = include_str!("fixtures/structure/nodes.csv");
const MARKETS: &str = include_str!("fixtures/structure/markets.csv");
const EDGES: &str = include_str!("fixtures/structure/edges.csv");
const EXPECTED: &str = include_str!("fixtures/structure/concentration.json");
const TIERS: &str = include_str!("fixtures/structure/tier_hhi.csv");

fn folder(files: &[(&str, &str)]) -> Graph {
    let loaded = linchpin::dataset::load_embedded(files);
    let facts = loaded.facts.expect("the folder loads");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn structure() -> Graph {
    let ron = "(format: 1, name: \"fixture\", tables: [Entities(file: \"nodes.csv\"), Sells(file: \"markets.csv\")])";
    folder(&[("a.ron", ron), ("nodes.csv", NODES), ("markets.csv", MARKETS)])
}

/// The number in a column of the row whose cells begin with `keys`.
fn at(answer: &Answer, table: &str, keys: &[&str], column: &str) -> Option<f64> {
    let table = answer.table(table).unwrap_or_else(|| panic!("there is a table {table}"));
    let fits = |row: &&Vec<Cell>| keys.iter().all(|key| row.iter().any(|cell| cell.as_key() == Some(key)));
    let row = table.rows.iter().position(|row| fits(&row)).unwrap_or_else(|| panic!("no row {keys:?}"));
    assert!(table.column(column).is_some(), "no column {column} in {}", table.name);
    table.number(row, column)
}

fn text(answer: &Answer, table: &str, keys: &[&str], column: &str) -> String {
    let table = answer.table(table).unwrap();
    let fits = |row: &&Vec<Cell>| keys.iter().all(|key| row.iter().any(|cell| cell.as_key() == Some(key)));
    let row = table.rows.iter().position(|row| fits(&row)).unwrap();
    table.cell(row, column).and_then(Cell::as_key).unwrap_or_default().to_string()
}

fn refused(graph: &Graph, question: &str) -> String {
    let ask: Ask = linchpin::analysis::ron_options().from_str(question).expect("the question is well-formed");
    ask.run(&common::view(graph)).expect_err("the question makes no sense").to_string()
}

#[test]
fn a_folder_of_tables_agrees_with_other_software() {
    let graph = structure();
    let expected: serde_json::Value = serde_json::from_str(EXPECTED).unwrap();
    let answer = ask(&graph, "Concentration(all: true)");
    let csv = linchpin::answer::to_csv(&answer, None).unwrap();
    let head = "market,by,hhi_low,hhi_high,coverage,effective_low,effective_high,cr1,cr4,top,preset,label";
    assert_eq!(csv.lines().next(), Some(head));
    let markets = expected.as_object().unwrap();
    assert_eq!(csv.lines().count(), markets.len() + 1);
    let by_country = ask(&graph, "Concentration(all: true, by: Country)");
    let by_owner = ask(&graph, "Concentration(all: true, by: Owner)");
    let mut worst: f64 = 0.0;
    let mut check = |found: Option<f64>, expected: &serde_json::Value, what: &str| {
        let (found, expected) = (found.unwrap(), expected.as_f64().unwrap());
        let scale = found.abs().max(expected.abs()).max(1.0);
        worst = worst.max((found - expected).abs() / scale);
        assert!(close(found, expected, 1e-10), "{what}: {found} and {expected}");
    };
    for (market, expected) in markets {
        let first = |column: &str| number(&answer, market, column);
        check(first("hhi_low"), &expected["hhi_low"], "hhi_low");
        check(first("hhi_high"), &expected["hhi_high_rest_is_one_unlisted_firm"], "hhi_high");
        for name in ["coverage", "cr1", "cr4"] {
            check(first(name), &expected[name], name);
        }
        let largest = &expected["hhi_high_rest_goes_to_largest_listed"];
        check(at(&answer, "family", &[market], "hhi_high_largest"), largest, "hhi_high_largest");
        check(number(&by_country, market, "hhi_low"), &expected["hhi_by_country_low"], "by country");
        check(number(&by_owner, market, "hhi_low"), &expected["hhi_by_owner_low"], "by owner");
        let known = &expected["of_known_shares_renormalised"];
        for (table, column, name) in [
            ("family", "hhi_known", "hhi"),
            ("family", "hhi_normalised", "hhi_normalised"),
            ("family", "effective", "effective_number"),
            ("diversity", "hill_2", "effective_number"),
            ("diversity", "exp_shannon", "exp_shannon"),
            ("diversity", "theil", "theil"),
        ] {
            check(at(&answer, table, &[market], column), &known[name], name);
        }
        let split = |column: &str| at(&answer, "theil", &[market, "country"], column);
        check(split("between"), &known["theil_between_countries"], "between");
        check(split("within"), &known["theil_within_countries"], "within");
        for (vendor, after) in expected["leave_one_out_hhi_prorata"].as_object().unwrap() {
            check(at(&answer, "leave-one-out", &[market, vendor], "hhi_after"), after, vendor);
        }
        // the two largest, as the shares table lists them
        let shares = answer.table("shares").unwrap();
        let listed: Vec<&str> = shares
            .rows
            .iter()
            .filter(|row| row[0].as_key() == Some(market))
            .filter_map(|row| row[1].as_key())
            .collect();
        let question =
            format!("Concentration(market: \"{market}\", merge: [\"{}\", \"{}\"])", listed[0], listed[1]);
        let merged = ask(&graph, &question);
        let delta = &expected["merger_delta_of_the_two_largest"];
        check(at(&merged, "merger", &[market], "delta"), delta, "merger delta");
    }
    println!("largest relative difference: {worst:e}");
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "unsourced-table"));
}

#[test]
fn tiers_agree_with_other_software() {
    let ron = "(format: 1, name: \"fixture\", tables: [Entities(file: \"nodes.csv\"), \
               Supplies(file: \"edges.csv\", weight: ShareOfCost)])";
    let graph = folder(&[("a.ron", ron), ("nodes.csv", NODES), ("edges.csv", EDGES)]);
    let answer = ask(&graph, "Concentration(of: \"n036\", per_tier: true)");
    let table = answer.table("tiers").unwrap();
    for (row, line) in TIERS.lines().skip(1).enumerate() {
        let numbers: Vec<f64> = line.split(',').map(|n| n.parse().unwrap()).collect();
        assert_eq!(table.number(row, "tier"), Some(numbers[0]));
        assert!(close(table.number(row, "spend_share").unwrap(), numbers[1], 1e-10));
        assert!(close(table.number(row, "hhi_low").unwrap(), numbers[2], 1e-10));
    }
    quotes_are_cells(&answer);
}

fn four() -> Graph {
    market(&[("a", "Share(0.4)"), ("b", "Share(0.3)"), ("c", "Share(0.2)"), ("d", "Share(0.1)")])
}

fn vectors() -> serde_json::Value {
    serde_json::from_str(include_str!("fixtures/vectors.json")).unwrap()
}

#[test]
fn the_whole_family_agrees_with_the_vectors() {
    let vectors = vectors();
    let answer = ask(&four(), "Concentration(market: \"p\", merge: [\"b\", \"c\"], gini: true, k: 2)");
    let expect = |table: &str, column: &str, name: &str| {
        let (found, expected) =
            (at(&answer, table, &["p"], column).unwrap(), vectors[name].as_f64().unwrap());
        assert!(close(found, expected, 1e-12), "{column}: {found} and {expected}");
    };
    expect("family", "hhi_normalised", "hhi_norm");
    expect("diversity", "shannon", "shannon_nats");
    expect("diversity", "exp_shannon", "exp_shannon");
    expect("diversity", "theil", "theil");
    expect("diversity", "gini", "gini");
    expect("merger", "delta", "merge_BC_delta");
    expect("merger", "post_low", "merge_BC_post");
    expect("merger", "post_high", "merge_BC_post");
    assert!(close(at(&answer, "family", &["p"], "crk_low").unwrap(), 0.7, 1e-12));
    assert!(close(at(&answer, "family", &["p"], "crk_high").unwrap(), 0.7, 1e-12));
    for (vendor, after) in vectors["leave_one_out_hhi_prorata"].as_object().unwrap() {
        let row = ["p", &vendor.to_lowercase()];
        for column in ["hhi_after", "hhi_after_low", "hhi_after_high"] {
            let found = at(&answer, "leave-one-out", &row, column).unwrap();
            assert!(close(found, after.as_f64().unwrap(), 1e-12), "{vendor}: {column}");
        }
    }
    // b's exit leaves the most concentrated market
    let ranked = answer.table("leave-one-out").unwrap();
    assert_eq!(ranked.rows[0][2].as_key(), Some("b"));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "gini"));
    assert!(
        !ask(&four(), "Concentration(market: \"p\")")
            .table("diversity")
            .unwrap()
            .columns
            .iter()
            .any(|c| c.name == "gini")
    );
}

#[test]
fn common_ownership_agrees_with_the_vectors() {
    let vectors = vectors();
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () },
            entities: { "a": (kind: "k"), "b": (kind: "k"), "x": (kind: "k"), "y": (kind: "k"), "z": (kind: "k") },
            relations: {
                "1": Sells(from: "a", market: "p", share: Share(0.6), assumed: "t"),
                "2": Sells(from: "b", market: "p", share: Share(0.4), assumed: "t"),
                "3": Owns(from: "x", to: "a", share: Share(0.6), assumed: "t"),
                "4": Owns(from: "x", to: "b", share: Share(0.4), assumed: "t"),
                "5": Owns(from: "y", to: "a", share: Share(0.4), assumed: "t"),
                "6": Owns(from: "z", to: "b", share: Share(0.6), assumed: "t"),
            })"#,
    );
    let answer = ask(&graph, "Concentration(market: \"p\", mhhi: Proportional)");
    for (column, name) in [
        ("hhi", "hhi_64"),
        ("mhhi", "mhhi"),
        ("mhhi_block", "mhhi"),
        ("delta", "mhhi_delta"),
        ("delta_block", "mhhi_delta"),
    ] {
        let found = at(&answer, "mhhi", &["p"], column).unwrap();
        assert!(close(found, vectors[name].as_f64().unwrap(), 1e-12), "{column}: {found}");
    }
    assert_eq!(at(&answer, "mhhi", &["p"], "ownership_coverage"), Some(1.0));
    let lambda = answer.table("lambda").unwrap();
    let row = lambda.rows.iter().position(|row| row[1].as_key() == Some("a") && row[2].as_key() == Some("b"));
    let found = lambda.number(row.unwrap(), "weight").unwrap();
    assert!(close(found, vectors["lambda_AB"].as_f64().unwrap(), 1e-12));
    // control as stated: whoever has the majority decides alone, so a minds x's 0.4 of b against its own 0.6
    let answer = ask(&graph, "Concentration(market: \"p\", mhhi: Stated)");
    let lambda = answer.table("lambda").unwrap();
    assert!(close(lambda.number(row.unwrap(), "weight").unwrap(), 0.4 / 0.6, 1e-12));
    assert!(answer.caveats.iter().any(|c| c.code == "mhhi" && c.text.contains("not bounded by 10,000")));
    assert!(refused(&graph, "Concentration(of: \"a\", mhhi: Stated)").contains("mhhi"));
}

#[test]
fn a_stake_in_a_rival_is_minded() {
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () },
            entities: { "a": (kind: "k"), "b": (kind: "k") },
            relations: {
                "1": Sells(from: "a", market: "p", share: Share(0.5), assumed: "t"),
                "2": Sells(from: "b", market: "p", share: Share(0.5), assumed: "t"),
                "3": Owns(from: "a", to: "b", share: Share(0.2), assumed: "t"),
            })"#,
    );
    let answer = ask(&graph, "Concentration(market: \"p\", mhhi: Proportional)");
    let lambda = answer.table("lambda").unwrap();
    let weight = |from: &str, column: &str| {
        let row = lambda.rows.iter().position(|row| row[1].as_key() == Some(from)).unwrap();
        lambda.number(row, column).unwrap()
    };
    // a keeps a fifth of b's profit
    assert!(close(weight("a", "weight"), 0.2, 1e-12) && close(weight("a", "weight_block"), 0.2, 1e-12));
    // b's only named owner is a: with dispersed others it decides all, with one other it is outvoted
    assert!(close(weight("b", "weight"), 5.0, 1e-12));
    assert!(close(weight("b", "weight_block"), 0.2 / (0.04 + 0.64), 1e-12));
    let total = answer.table("mhhi").unwrap();
    assert!(total.number(0, "mhhi").unwrap() > 10_000.0);
    assert!(close(total.number(0, "ownership_coverage").unwrap(), 0.1, 1e-12));
}

#[test]
fn the_rest_is_as_concentrated_as_is_said() {
    let graph = market(&[("a", "Share(0.5)"), ("b", "Share(0.2)")]);
    // .29 at the least, .38 as one firm, .68 with the largest, .32 in firms of .1
    let answer = ask(&graph, "Concentration(market: \"p\", largest_unlisted: 0.1)");
    assert!(close(number(&answer, "p", "hhi_low").unwrap(), 2900.0, 1e-12));
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), 3200.0, 1e-12));
    assert!(close(at(&answer, "family", &["p"], "hhi_high_largest").unwrap(), 6800.0, 1e-12));
    // whole firms of the cap and one of what is left: floor(.3/.08) = 3
    let answer = ask(&graph, "Concentration(market: \"p\", largest_unlisted: 0.08)");
    let expected = 1e4 * (0.29 + 3.0 * 0.0064 + 0.06f64.powi(2));
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), expected, 1e-12));
    for cap in ["0.0", "-1.0", "1.5", "NaN"] {
        let question = format!("Concentration(market: \"p\", largest_unlisted: {cap})");
        assert!(refused(&graph, &question).contains("largest_unlisted"), "{cap}");
    }
    // one country may hold all that is not placed
    let answer = ask(&graph, "Concentration(market: \"p\", by: Country)");
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), 1e4, 1e-12));
}

#[test]
fn a_member_inside_a_group_counts_once() {
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () },
            entities: { "a": (kind: "k"), "b": (kind: "k"), "c": (kind: "k"),
                "two": (kind: "k", group: true, members: ["a", "b"]),
                "more": (kind: "k", group: true, members: ["two", "c"]) },
            relations: {
                "1": Sells(from: "a", market: "p", share: Share(0.1), assumed: "t"),
                "2": Sells(from: "two", market: "p", share: Share(0.3), assumed: "t"),
                "3": Sells(from: "more", market: "p", share: Share(0.5), assumed: "t"),
            })"#,
    );
    let answer = ask(&graph, "Concentration(market: \"p\")");
    let share = |who: &str| at(&answer, "shares", &["p", who], "share").unwrap();
    assert!(
        close(share("a"), 0.1, 1e-12) && close(share("two"), 0.2, 1e-12) && close(share("more"), 0.2, 1e-12)
    );
    assert!(close(number(&answer, "p", "hhi_low").unwrap(), 100.0, 1e-12));
    // a, what is left of each group, and the rest, which is half of the market
    let high = 1e4 * (0.01 + 0.04 + 0.04 + 0.25);
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), high, 1e-12));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "groups-opened" && caveat.count == Some(2)));
}

#[test]
fn production_is_not_the_seat() {
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () },
            entities: { "a": (kind: "k", seat: "US", production: ["TW"]), "b": (kind: "k", seat: "US", production: ["TW", "JP"]),
                        "c": (kind: "k", seat: "US"), "d": (kind: "k", seat: "KR", production: ["KR", "CN"]) },
            attributes: {
                "d-kr": (of: "d", what: Production, country: "KR", value: Share(0.75), assumed: "t"),
            },
            relations: {
                "1": Sells(from: "a", market: "p", share: Share(0.3), assumed: "t"),
                "2": Sells(from: "b", market: "p", share: Share(0.2), assumed: "t"),
                "3": Sells(from: "c", market: "p", share: Share(0.1), assumed: "t"),
                "4": Sells(from: "d", market: "p", share: Share(0.4), assumed: "t"),
            })"#,
    );
    let answer = ask(&graph, "Concentration(market: \"p\", by: Production)");
    let share = |place: &str, column: &str| at(&answer, "shares", &["p", place], column).unwrap();
    assert!(close(share("TW", "share"), 0.4, 1e-12) && close(share("JP", "share"), 0.1, 1e-12));
    assert!(close(share("KR", "share"), 0.3, 1e-12) && close(share("CN", "share"), 0.1, 1e-12));
    assert!(close(share("TW", "share_low"), 0.3, 1e-12) && close(share("TW", "share_high"), 0.5, 1e-12));
    // c is nowhere known to be; its seat says nothing
    assert!(close(share("c", "share"), 0.1, 1e-12));
    assert!(!answer.table("shares").unwrap().rows.iter().any(|row| row[1].as_key() == Some("US")));
    // b pours into JP: TW .3, JP .2, KR .3, CN .1
    let low = number(&answer, "p", "hhi_low").unwrap();
    assert!(close(low, 1e4 * (0.09 + 0.04 + 0.09 + 0.01), 1e-9), "{low}");
    // all of b in TW, and c too
    let high = number(&answer, "p", "hhi_high").unwrap();
    assert!(high >= 1e4 * (0.36 + 0.09 + 0.01) - 1e-9, "{high}");
    for code in ["unknown-production", "assumed-production"] {
        assert!(answer.caveats.iter().any(|caveat| caveat.code == code), "{code}");
    }
}

#[test]
fn spare_capacity_limits_who_can_step_in() {
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () },
            entities: { "a": (kind: "k"), "b": (kind: "k"), "c": (kind: "k") },
            attributes: {
                "b-spare": (of: "b", what: SpareCapacity, product: "p", value: Percent(20), assumed: "t"),
                "c-spare": (of: "c", what: SpareCapacity, product: "p", value: Percent(100), assumed: "t"),
            },
            relations: {
                "1": Sells(from: "a", market: "p", share: Share(0.4), assumed: "t"),
                "2": Sells(from: "b", market: "p", share: Share(0.5), assumed: "t"),
                "3": Sells(from: "c", market: "p", share: Share(0.1), assumed: "t"),
            })"#,
    );
    let answer = ask(&graph, "Concentration(market: \"p\")");
    let of = |column: &str| at(&answer, "leave-one-out", &["p", "a"], column).unwrap();
    // b can add .1 and c .1: half of a's customers go without
    assert!(close(of("unserved_capacity"), 0.2, 1e-12));
    let (b, c) = (0.6 / 0.8, 0.2 / 0.8);
    assert!(close(of("hhi_capacity"), 1e4 * (b * b + c * c), 1e-12));
    assert!(close(of("hhi_no_refill"), 1e4 * (0.25 + 0.01), 1e-12));
    assert!(close(of("unserved_no_refill"), 0.4, 1e-12));
    // without b, a has no known limit and takes what c cannot
    let free = at(&answer, "leave-one-out", &["p", "b"], "unserved_capacity").unwrap();
    assert!(close(free, 0.0, 1e-12));
    assert!(answer.evidence.records.iter().any(|record| record.key == "b-spare"));
    quotes_are_cells(&answer);
}

#[test]
fn a_market_of_groups_alone_is_a_plain_zero_at_the_least() {
    let graph = graph(
        r#"(format: 1, name: "t", kinds: { "k": () }, products: { "p": () }, entities: { "g": (kind: "k", group: true) },
            relations: { "1": Sells(from: "g", market: "p", share: Share(0.9), assumed: "t") })"#,
    );
    let answer = ask(&graph, "Concentration(market: \"p\")");
    let csv = linchpin::answer::to_csv(&answer, None).unwrap();
    assert_eq!(csv.lines().nth(1).map(|line| &line[..9]), Some("p,entity,"));
    assert!(!csv.contains("-0"), "{csv}");
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), 8200.0, 1e-12));
    assert_eq!(at(&answer, "family", &["p"], "hhi_normalised"), None);
    quotes_are_cells(&answer);
}

#[test]
fn the_exit_of_the_only_vendor_leaves_nothing() {
    let answer = ask(&market(&[("a", "Percent(100)")]), "Concentration(market: \"p\")");
    assert_eq!(at(&answer, "leave-one-out", &["p", "a"], "hhi_after"), None);
    assert_eq!(at(&answer, "leave-one-out", &["p", "a"], "unserved_no_refill"), Some(1.0));
    assert_eq!(at(&answer, "family", &["p"], "hhi_normalised"), Some(1.0));
}

#[test]
fn mergers_meet_the_rule_of_their_preset() {
    let verdict = |graph: &Graph, pair: &str, preset: &str| {
        let answer =
            ask(graph, &format!("Concentration(market: \"p\", merge: [{pair}], preset: \"{preset}\")"));
        quotes_are_cells(&answer);
        text(&answer, "merger", &["p"], "verdict")
    };
    let graph = four();
    assert_eq!(verdict(&graph, "\"b\", \"c\"", "us-2023"), "presumed to lessen competition");
    assert_eq!(verdict(&graph, "\"b\", \"c\"", "us-2010"), "presumed to enhance market power");
    assert_eq!(verdict(&graph, "\"b\", \"c\"", "eu-horizontal"), "outside the safe harbour");
    assert_eq!(verdict(&graph, "\"b\", \"c\"", "import-0.4"), "no rule for mergers");
    // a rise of 2 · 40 · 1.2 = 96 in a market above 2,500: nothing under the US rule of 2023, harmless in the EU's
    let small =
        market(&[("a", "Share(0.4)"), ("b", "Share(0.3)"), ("c", "Share(0.288)"), ("d", "Share(0.012)")]);
    assert_eq!(verdict(&small, "\"a\", \"d\"", "us-2023"), "no structural presumption");
    assert_eq!(verdict(&small, "\"a\", \"d\"", "us-2010"), "unlikely to have adverse effects");
    assert_eq!(verdict(&small, "\"a\", \"d\"", "eu-horizontal"), "unlikely to raise concerns");
    // ranges that reach over the rule leave it open
    let wide = market(&[("a", "Share(0.2)"), ("b", "Between(Share(0.01), Share(0.2))")]);
    assert_eq!(verdict(&wide, "\"a\", \"b\"", "us-2023"), "undetermined");
    for (merge, by, word) in [
        ("\"a\"", "Entity", "two or more"),
        ("\"a\", \"a\"", "Entity", "two or more"),
        ("\"a\", \"zz\"", "Entity", "zz"),
        ("\"a\", \"b\"", "Country", "countries"),
    ] {
        let question = format!("Concentration(market: \"p\", by: {by}, merge: [{merge}])");
        assert!(refused(&graph, &question).contains(word), "{question}");
    }
}

#[test]
fn distances_and_flips_are_those_of_the_bounds() {
    // 3,000: 1,200 above 1,800; the largest have to come down to one level
    let answer = ask(&four(), "Concentration(market: \"p\")");
    let table = answer.table("thresholds").unwrap();
    assert_eq!(table.rows.len(), 2);
    let row = (0..2).find(|row| table.number(*row, "threshold") == Some(1800.0)).unwrap();
    assert!(close(table.number(row, "distance_low").unwrap(), 1200.0, 1e-12));
    assert!(close(table.number(row, "distance_high").unwrap(), 1200.0, 1e-12));
    let level = (0.13f64 / 2.0).sqrt();
    assert!(close(table.number(row, "flip_change").unwrap(), 0.7 - 2.0 * level, 1e-9));
    assert_eq!(text(&answer, "thresholds", &["p", "above"], "flips_to"), "unconcentrated");
    // bounds on both sides of a threshold: no label, and nothing to flip
    let answer = ask(&market(&[("a", "Share(0.3)")]), "Concentration(market: \"p\")");
    let table = answer.table("thresholds").unwrap();
    assert!((0..2).all(|row| table.number(row, "flip_change").is_none()));
    assert_eq!(text(&answer, "thresholds", &["p"], "side"), "straddles");
    // 10 %: a quarter of the market is 15 points above it
    let quarters = market(&[("a", "Share(0.25)"), ("b", "Share(0.05)")]);
    let answer = ask(&quarters, "Concentration(market: \"p\", preset: \"asc280-10\")");
    assert!(close(at(&answer, "thresholds", &["p"], "distance_low").unwrap(), 0.15, 1e-12));
    assert!(close(at(&answer, "thresholds", &["p"], "flip_change").unwrap(), 0.15, 1e-12));
}

fn sellers() -> Graph {
    graph(
        r#"(format: 1, name: "t", as_of: "2026-06-01", kinds: { "k": () },
            products: { "p": (needed_by: { "k": Optional }) },
            entities: { "s": (kind: "k"), "t": (kind: "k"), "u": (kind: "k"), "x": (kind: "k"), "y": (kind: "k"), "z": (kind: "k"),
                        "holding": (kind: "k"), "some": (kind: "k", group: true) },
            attributes: { "t-sales": (of: "t", what: Revenue, value: Usd(100.0), period: "2025", per: Year, assumed: "t") },
            relations: {
                "1": Supplies(from: "s", to: "x", product: "p", share_of_revenue: Share(0.5), share_of_need: Share(0.9), assumed: "t"),
                "2": Supplies(from: "s", to: "y", product: "p", share_of_revenue: Share(0.06), share_of_need: Share(0.8), assumed: "t"),
                "3": Supplies(from: "s", to: "z", product: "p", share_of_revenue: Share(0.05), share_of_need: Share(0.04), assumed: "t"),
                "4": Supplies(from: "s", to: "some", product: "p", share_of_revenue: Share(0.6), assumed: "t"),
                "5": Supplies(from: "s", to: "x", product: "p", share_of_revenue: Share(0.1), until: "2020", assumed: "t"),
                "6": Supplies(from: "t", to: "x", product: "p", amount: Usd(30.0), assumed: "t"),
                "7": Supplies(from: "t", to: "y", product: "p", amount: Usd(10.0), assumed: "t"),
                "8": Supplies(from: "u", to: "y", product: "p", amount: Usd(10.0), assumed: "t"),
                "9": Owns(from: "holding", to: "y", share: Share(1.0), assumed: "t"),
                "a": Owns(from: "holding", to: "z", share: Share(1.0), assumed: "t"),
            })"#,
    )
}

#[test]
fn a_supplier_is_hostage_to_few_customers() {
    let graph = sellers();
    let answer = ask(&graph, "Concentration(all: true, side: Buyers)");
    // s: stated shares; the group may hold those that are named, so it is left to the rest
    let low = 1e4 * (0.25 + 0.0036 + 0.0025);
    assert!(close(number(&answer, "s", "hhi_low").unwrap(), low, 1e-12));
    assert!(close(number(&answer, "s", "hhi_high").unwrap(), low + 1e4 * 0.39f64.powi(2), 1e-12));
    assert!(close(number(&answer, "s", "coverage").unwrap(), 0.61, 1e-12));
    // t: amounts against its revenue
    assert!(close(number(&answer, "t", "hhi_low").unwrap(), 1000.0, 1e-12));
    assert!(close(number(&answer, "t", "coverage").unwrap(), 0.4, 1e-12));
    // u: amounts without a revenue tell no share
    assert_eq!(number(&answer, "u", "hhi_low"), None);
    assert!(
        answer.caveats.iter().any(|caveat| caveat.code == "unknown-customers" && caveat.count == Some(1))
    );
    // y and z have one owner and together reach 10 %; the rest could hide three more
    assert_eq!(at(&answer, "disclosure", &["s"], "customers_at_least"), Some(2.0));
    assert_eq!(at(&answer, "disclosure", &["s"], "customers_at_most"), Some(5.0));
    let tie = |customer: &str| text(&answer, "dependence", &["s", customer], "hostage");
    assert_eq!(tie("x"), "customer");
    assert_eq!(tie("z"), "neither");
    let gap = at(&answer, "dependence", &["s", "y"], "imbalance").unwrap();
    assert!(close(gap, 0.74, 1e-12), "{gap}");
    quotes_are_cells(&answer);
    let one = ask(&graph, "Concentration(of: \"s\", side: Buyers)");
    assert_eq!(one.tables[0].rows.len(), 1);
    quotes_are_cells(&one);
    assert!(refused(&graph, "Concentration(of: \"x\", side: Buyers)").contains("customers of x"));
}

#[test]
fn the_needs_of_a_customer_are_measured_one_by_one() {
    let answer = ask(&sellers(), "Concentration(of: \"y\")");
    assert!(close(number(&answer, "p", "hhi_low").unwrap(), 6400.0, 1e-12));
    assert!(close(number(&answer, "p", "hhi_high").unwrap(), 6800.0, 1e-12));
    assert_eq!(text(&answer, "dependence", &["s", "y"], "hostage"), "customer");
    quotes_are_cells(&answer);
}

/// Every number of every finding is a cell.
fn quotes_are_cells(answer: &Answer) {
    assert!(!answer.findings.is_empty());
    for finding in &answer.findings {
        for quote in &finding.quotes {
            let table = answer.table(&quote.table).expect("the table is in the answer");
            assert_eq!(table.number(quote.row, &quote.column), Some(quote.value), "{}", finding.text);
            assert!(finding.text.contains(&quote.shown));
        }
    }
    for table in &answer.tables {
        assert!(table.columns.iter().all(|column| !column.description.is_empty()));
        assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.name);
    }
}

#[test]
fn findings_quote_cells() {
    for question in [
        "Concentration(all: true)",
        "Concentration(market: \"m00\", by: Owner)",
        "Concentration(market: \"m00\", by: Production)",
        "Concentration(market: \"m00\", mhhi: Stated, merge: [\"n048\", \"n055\"])",
        "Concentration(market: \"m04\", by: Country, preset: \"eu-horizontal\")",
        "Concentration(market: \"m04\", preset: \"asc280-10\")",
    ] {
        quotes_are_cells(&ask(&structure(), question));
    }
}

#[test]
fn senseless_questions_are_refused() {
    let graph = four();
    for (question, word) in [
        ("Concentration()", "market"),
        ("Concentration(all: true, market: \"p\")", "all"),
        ("Concentration(market: \"p\", k: 0)", "k:"),
        ("Concentration(market: \"p\", largest_unlisted: 0.1, by: Country)", "countries"),
        ("Concentration(all: true, region: \"US\")", "region"),
        ("Concentration(market: \"p\", per_tier: true)", "per_tier"),
        ("Concentration(of: \"a\", per_tier: true)", "cost"),
        ("Concentration(of: \"nobody\")", "nobody"),
        ("Concentration(of: \"a\")", "no supplier"),
        ("Concentration(market: \"p\", side: Buyers, merge: [\"a\", \"b\"])", "merge"),
        ("Concentration(market: \"p\", side: Buyers)", "customers"),
    ] {
        let said = refused(&graph, question);
        assert!(said.contains(word), "{question}: {said}");
    }
}

proptest! {
    #[test]
    fn the_family_keeps_its_invariants(shares in shares(), groups in proptest::collection::vec(0usize..3, 9)) {
        let s = family::renormalised(&shares);
        let n = s.len() as f64;
        let order = |q: f64| family::hill(&s, q).unwrap();
        prop_assert!(close(order(0.0), n, 1e-12));
        prop_assert!(close(order(2.0), 1.0 / family::hhi(&s).unwrap(), 1e-12));
        // diversity falls with the order
        let orders = [0.0, 0.5, 1.0, 2.0, 5.0, f64::INFINITY];
        prop_assert!(orders.windows(2).all(|pair| order(pair[0]) >= order(pair[1]) - 1e-9));
        prop_assert!((1.0 - 1e-9..=n + 1e-9).contains(&order(1.0)));
        prop_assert!((-1e-12..=1.0 + 1e-12).contains(&family::normalised_hhi(&s).unwrap()));
        prop_assert!((-1e-12..=1.0).contains(&family::gini(&s).unwrap()));
        // Theil splits without a rest, and neither part is negative
        let mut names: Vec<usize> = groups.iter().take(s.len()).copied().collect();
        let mut seen = names.clone();
        seen.sort_unstable();
        seen.dedup();
        names.iter_mut().for_each(|name| *name = seen.iter().position(|s| s == name).unwrap());
        let split = family::split_theil(&s, &names);
        prop_assert!(close(split.between + split.within, split.theil, 1e-12));
        prop_assert!(split.between >= -1e-12 && split.within >= -1e-12);
        let theil = family::theil(&s).unwrap();
        prop_assert!(close(theil, n.ln() - family::shannon(&s).unwrap(), 1e-12) && theil >= 0.0);
    }

    #[test]
    fn flips_reach_the_threshold_and_nothing_smaller_does(
        shares in shares(),
        target in 0.01f64..0.99,
        moves in proptest::collection::vec((0usize..9, 0usize..10, 0.0f64..=1.0), 30),
    ) {
        let before: f64 = shares.iter().map(|s| s * s).sum();
        let found = if before > target { threshold::fall(&shares, target) } else { threshold::rise(&shares, target) };
        prop_assume!((before - target).abs() > 1e-9);
        let needed = found.unwrap();
        prop_assert!((0.0..=1.0).contains(&needed));
        // single transfers of less, from one holder or the rest to another or to many small ones, do not reach it
        for (from, to, part) in moves {
            let mut moved = shares.clone();
            let from = from % (shares.len() + 1);
            let rest = 1.0 - shares.iter().sum::<f64>();
            let have = shares.get(from).copied().unwrap_or(rest.max(0.0));
            let amount = (part * needed * 0.999).min(have);
            if let Some(share) = moved.get_mut(from) {
                *share -= amount;
            }
            if let Some(share) = moved.get_mut(to % (shares.len() + 1)) {
                *share += amount;
            }
            let after: f64 = moved.iter().map(|s| s * s).sum();
            let holds = if before > target { after >= target - 1e-12 } else { after <= target + 1e-12 };
            prop_assert!(holds, "{before} to {after}, past {target}");
        }
    }

    #[test]
    fn a_refill_loses_nothing(
        shares in shares(),
        limits in proptest::collection::vec(proptest::option::of(0.0f64..0.3), 9),
        lost in 0.0f64..1.0,
    ) {
        let limits = &limits[..shares.len()];
        let (after, unserved) = exit::refill(&shares, limits, lost);
        let (before, sum): (f64, f64) = (shares.iter().sum(), after.iter().sum());
        prop_assert!(close(sum + unserved, before + lost, 1e-12));
        for ((was, is), limit) in shares.iter().zip(&after).zip(limits) {
            prop_assert!(is - was >= -1e-12);
            prop_assert!(limit.is_none_or(|limit| is - was <= limit + 1e-12));
        }
        // nobody goes without while somebody has room
        if unserved > 1e-12 {
            let full = |((was, is), limit): ((&f64, &f64), &Option<f64>)| limit.is_some_and(|l| is - was >= l - 1e-9);
            prop_assert!(shares.iter().zip(&after).zip(limits).all(full));
        }
    }

    #[test]
    fn unlisted_firms_below_the_cap_stay_in_the_bounds(
        parts in proptest::collection::vec((0.0f64..0.2, 0.0f64..0.1, any::<bool>()), 1..5),
        cap in 0.01f64..0.5,
        draws in proptest::collection::vec(0.0f64..=1.0, 5 * 20),
        sizes in proptest::collection::vec(0.01f64..=1.0, 40),
    ) {
        let parts: Vec<Part> = parts
            .iter()
            .map(|(low, width, group)| Part { low: *low, point: *low, high: low + width, group: *group })
            .collect();
        let found = bounds_with(&parts, Rest::Capped(cap));
        prop_assert!(found.hhi_low <= found.hhi_high);
        for draw in draws.chunks(5) {
            let shares: Vec<f64> = parts.iter().zip(draw).map(|(p, d)| p.low + (p.high - p.low) * d).collect();
            let sum: f64 = shares.iter().sum();
            if sum > 1.0 {
                continue;
            }
            let mut squares: f64 = shares.iter().zip(&parts).filter(|(_, p)| !p.group).map(|(s, _)| s * s).sum();
            let several = shares.iter().zip(&parts).filter(|(_, p)| p.group).map(|(s, _)| *s);
            for mut mass in several.chain([1.0 - sum]) {
                for size in &sizes {
                    let firm = (size * cap).min(mass);
                    squares += firm * firm;
                    mass -= firm;
                }
            }
            prop_assert!(squares <= found.hhi_high + 1e-12, "{squares} above {}", found.hhi_high);
            prop_assert!(squares >= found.hhi_low - 1e-12);
        }
        // what may belong to the largest is never less than what stands alone
        prop_assert!(bounds_with(&parts, Rest::Largest).hhi_high >= bounds_with(&parts, Rest::OneFirm).hhi_high - 1e-12
            || parts.iter().all(|part| part.group || part.low < cap));
    }

    #[test]
    fn every_split_between_countries_is_in_the_bounds(
        shares in shares(),
        lists in proptest::collection::vec(1usize..8, 9),
        splits in proptest::collection::vec(0.0f64..=1.0, 27),
    ) {
        let places = ["US", "TW", "KR"];
        let list = |at: usize| (0..3).filter(|bit| lists[at] >> bit & 1 == 1).collect::<Vec<usize>>();
        let mut entities = String::new();
        let mut sells = String::new();
        for (at, share) in shares.iter().enumerate() {
            let codes: Vec<String> = list(at).iter().map(|p| format!("\"{}\"", places[*p])).collect();
            entities.push_str(&format!("\"e{at}\": (kind: \"k\", production: [{}]),", codes.join(", ")));
            sells.push_str(&format!(
                "\"s{at}\": Sells(from: \"e{at}\", market: \"p\", share: Share({share:?}), assumed: \"t\"),"
            ));
        }
        let graph = graph(&format!(
            "(format: 1, name: \"t\", kinds: {{ \"k\": () }}, products: {{ \"p\": () }}, \
             entities: {{ {entities} }}, relations: {{ {sells} }})"
        ));
        let answer = ask(&graph, "Concentration(market: \"p\", by: Production)");
        let (low, high) = (number(&answer, "p", "hhi_low").unwrap(), number(&answer, "p", "hhi_high").unwrap());
        let mut load = [0.0; 3];
        for (at, share) in shares.iter().enumerate() {
            let own = list(at);
            let weights: Vec<f64> = own.iter().map(|p| splits[3 * at + p] + 1e-6).collect();
            let sum: f64 = weights.iter().sum();
            own.iter().zip(&weights).for_each(|(p, w)| load[*p] += share * w / sum);
        }
        let squares = 1e4 * load.iter().map(|l| l * l).sum::<f64>();
        let rest = 1.0 - shares.iter().sum::<f64>();
        let most = load.iter().copied().fold(0.0, f64::max);
        let topped = squares + 1e4 * ((most + rest).powi(2) - most * most);
        prop_assert!(squares >= low - 1e-9, "{squares} below {low}");
        prop_assert!(topped <= high + 1e-9, "{topped} above {high}");
    }

    #[test]
    fn common_owners_never_lower_the_index(
        shares in shares(),
        stakes in proptest::collection::vec(0.01f64..1.0, 27),
    ) {
        let s = family::renormalised(&shares);
        let held = |share: f64| ownership::Holding { control: share, rights: share };
        // apart: each firm has its own owner
        let apart: Vec<_> = (0..s.len()).map(|at| vec![(at, held(1.0))]).collect();
        let plain = ownership::modified(&s, &ownership::weights(s.len(), &apart));
        prop_assert!(close(plain, family::hhi(&s).unwrap(), 1e-12));
        // three owners share all firms
        let shared: Vec<_> = (0..3)
            .map(|owner| (0..s.len()).map(|at| (at, held(stakes[3 * at + owner] / 3.0))).collect())
            .collect();
        let found = ownership::weights(s.len(), &shared);
        prop_assert!(ownership::modified(&s, &found) >= plain - 1e-12);
        prop_assert!(found.iter().enumerate().all(|(j, row)| row[j] == 1.0 && row.iter().all(|w| *w >= 0.0)));
    }
}
