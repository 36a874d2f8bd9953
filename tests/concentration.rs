//! Concentration against closed forms, other software's numbers and brute force.

mod common;

use common::{ask, cell, close, graph, number};
use linchpin::analysis::{Part, bounds};
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
    // half of the market unknown: .5 and .2 known, rest .3 (METRICS: .29 to .38)
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
