//! Exposure and shocks against hand-worked examples, other software's numbers and slow plain versions.

mod common;
#[path = "common/needs.rs"]
mod needs;
mod oracle;

use common::{ask, cell, close, graph, needs_dataset, number};
use linchpin::answer::Cell;
use needs::needs;
use proptest::prelude::*;

/// A lab buys 60 % of its compute from cloud A and 40 % from cloud B; A's accelerators come to 70 % from X
/// and 30 % from Y, B's all from X; X and Y both need the one foundry F.
const WORKED: &str = r#"(
    format: 1, name: "worked",
    kinds: { "lab": (), "cloud": (), "maker": (), "foundry": () },
    products: {
        "compute": (needed_by: { "lab": Essential }),
        "accelerator": (needed_by: { "cloud": Essential }),
        "wafer": (needed_by: { "maker": Essential }),
    },
    entities: {
        "lab": (kind: "lab"), "a": (kind: "cloud"), "b": (kind: "cloud"),
        "x": (kind: "maker"), "y": (kind: "maker"), "f": (kind: "foundry"),
    },
    relations: {
        "1": Supplies(from: "a", to: "lab", product: "compute", share_of_need: Percent(60), assumed: "toy"),
        "2": Supplies(from: "b", to: "lab", product: "compute", share_of_need: Percent(40), assumed: "toy"),
        "3": Supplies(from: "x", to: "a", product: "accelerator", share_of_need: Percent(70), assumed: "toy"),
        "4": Supplies(from: "y", to: "a", product: "accelerator", share_of_need: Percent(30), assumed: "toy"),
        "5": Supplies(from: "x", to: "b", product: "accelerator", share_of_need: Percent(100), assumed: "toy"),
        "6": Supplies(from: "f", to: "x", product: "wafer", share_of_need: Percent(100), assumed: "toy"),
        "7": Supplies(from: "f", to: "y", product: "wafer", share_of_need: Percent(100), assumed: "toy"),
    },
)"#;

#[test]
fn the_worked_example_gives_its_stop_losses() {
    let graph = graph(WORKED);
    let answer = ask(&graph, r#"Exposure(of: "lab")"#);
    let loss = |key| number(&answer, key, "stop_loss").unwrap();
    // 0.6 * 0.7 + 0.4; everything; A's own share
    assert!(close(loss("x"), 0.82, 1e-12));
    assert!(close(loss("f"), 1.0, 1e-12));
    assert!(close(loss("a"), 0.6, 1e-12));
    assert!(close(loss("y"), 0.6 * 0.3, 1e-12));
    assert_eq!(number(&answer, "f", "tier"), Some(3.0));
    assert_eq!(cell(&answer, "x", "via").unwrap().as_key(), Some("compute"));
    // no costs: empty, and said so
    assert_eq!(cell(&answer, "x", "face_value"), Some(Cell::Empty));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "no-costs"));
    let shock = ask(&graph, r#"Shock(fail: ["x=0.5"])"#);
    // clouds lose 0.35 and 0.5, the lab 0.6 * 0.35 + 0.4 * 0.5
    assert!(close(number(&shock, "lab", "loss").unwrap(), 0.41, 1e-12));
    assert_eq!(number(&shock, "lab", "round_first_hit"), Some(2.0));
    assert_eq!(cell(&shock, "a", "binding_input").unwrap().as_key(), Some("accelerator"));
}

#[test]
fn a_vendor_with_rivals_passes_on_its_market_share_of_a_loss() {
    // of a market of two, each serving one customer: a rival as large as the failed one replaces nothing
    // (0.5 / 0.5 = 1), one of three equal vendors leaves half (1/3 over 2/3)
    let text = |vendors: usize| {
        let entities: String = (0..vendors).map(|v| format!("\"v{v}\": (kind: \"k\"),")).collect();
        let sells: String = (0..vendors)
            .map(|v| {
                format!(
                    "\"m{v}\": Sells(from: \"v{v}\", market: \"p\", share: Share({:?}), assumed: \"t\"),",
                    1.0 / vendors as f64
                )
            })
            .collect();
        format!(
            "(format: 1, name: \"t\", kinds: {{ \"k\": (), \"c\": () }}, products: {{ \"p\": (needed_by: {{ \"c\": Essential }}) }},
              entities: {{ \"c\": (kind: \"c\"), {entities} }}, relations: {{ {sells}
              \"s\": Supplies(from: \"v0\", to: \"c\", product: \"p\", share_of_need: Share(1.0), assumed: \"t\") }})"
        )
    };
    for (vendors, expected) in [(1, 1.0), (2, 1.0), (3, 0.5), (5, 0.25)] {
        let answer = ask(&graph(&text(vendors)), r#"Exposure(of: "c")"#);
        assert!(close(number(&answer, "v0", "stop_loss").unwrap(), 1.0, 1e-12));
        assert!(
            close(number(&answer, "v0", "stop_loss_replaced").unwrap(), expected, 1e-12),
            "{vendors} vendors"
        );
    }
}

/// A chain with costs, as a bulk table of cost shares.
fn cost_graph(edges: &[(&str, &str, f64)]) -> linchpin::graph::Graph {
    bulk_graph(linchpin::model::LinkKind::CostShare, edges, Vec::new())
}

/// A bulk table of (buyer, supplier, weight), beside it the costs of entities in the order of their keys.
fn bulk_graph(
    kind: linchpin::model::LinkKind,
    edges: &[(&str, &str, f64)],
    costs: Vec<Option<f64>>,
) -> linchpin::graph::Graph {
    use linchpin::model::{Columns, Entity, EntityId, Facts, Figure, Kind, Link};
    let mut keys: Vec<&str> = edges.iter().flat_map(|(a, b, _)| [*a, *b]).collect();
    keys.sort_unstable();
    keys.dedup();
    let entity = |key: &&str| Entity {
        key: key.to_string(),
        name: key.to_string(),
        kind: 0,
        tier: None,
        seat: None,
        production: Vec::new(),
        group: false,
        members: Vec::new(),
        needs: Default::default(),
        note: None,
        place: Default::default(),
    };
    let at = |key: &str| EntityId::new(keys.iter().position(|k| *k == key).unwrap());
    let link = |(buyer, supplier, weight): &(&str, &str, f64)| Link {
        from: at(supplier),
        to: at(buyer),
        weight: *weight,
        kind,
    };
    let figures = if costs.is_empty() { Vec::new() } else { vec![(Figure::Costs, costs)] };
    let facts = Facts {
        kinds: vec![Kind { key: "k".into(), name: "k".into(), tier: None }],
        entities: keys.iter().map(entity).collect(),
        links: edges.iter().map(link).collect(),
        columns: Columns { figures, ..Columns::default() },
        ..Facts::default()
    };
    linchpin::graph::Graph::new(facts, String::new())
}

const ACYCLIC: [(&str, &str, f64); 11] = [
    ("Lab", "CloudA", 0.6),
    ("Lab", "CloudB", 0.4),
    ("CloudA", "ChipX", 0.7),
    ("CloudA", "Power", 0.2),
    ("CloudB", "ChipX", 0.3),
    ("CloudB", "ChipY", 0.4),
    ("CloudB", "Power", 0.2),
    ("ChipX", "Foundry", 0.8),
    ("ChipY", "Foundry", 0.7),
    ("Foundry", "Litho", 0.3),
    ("Foundry", "Power", 0.1),
];

#[test]
fn look_through_agrees_with_other_software() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vectors.json")).unwrap();
    let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut cyclic = ACYCLIC.to_vec();
    cyclic.extend([("Litho", "CloudA", 0.05), ("Foundry", "CloudA", 0.05)]);
    let cases = [
        (ACYCLIC.to_vec(), "lookthrough_Lab", "reach_prob_Lab", Some("face_value_Lab")),
        (cyclic, "cyc_lookthrough_Lab", "cyc_reach_Lab", None),
    ];
    for (edges, look_through, reach, face) in cases {
        let graph = cost_graph(&edges);
        let answer = ask(&graph, r#"Exposure(of: "Lab")"#);
        let mut columns = vec![("look_through", look_through), ("reach_share", reach)];
        columns.extend(face.map(|face| ("face_value", face)));
        for (column, name) in columns {
            for (key, expected) in vectors[name].as_object().unwrap() {
                let value = number(&answer, key, column).unwrap();
                // the fixture is rounded to six digits
                assert!(
                    close(value, expected.as_f64().unwrap(), 6e-7),
                    "{name} {key}: {value} and {expected}"
                );
            }
        }
    }
}

#[test]
fn spending_that_never_leaks_is_refused() {
    let graph = cost_graph(&[("a", "b", 1.0), ("b", "a", 1.0)]);
    let ask: linchpin::analysis::Ask =
        linchpin::analysis::ron_options().from_str(r#"Exposure(of: "a")"#).unwrap();
    let error = ask.run(&common::view(&graph)).unwrap_err();
    assert!(error.to_string().contains("without a leak"), "{error}");
}

/// Amounts without costs: what a firm sells in the table is its total where that is more than it buys.
#[test]
fn amounts_are_shares_of_what_is_known_of_the_total() {
    use linchpin::model::LinkKind::Amount;
    // c buys 20 of a and sells nothing; a sells 20 and buys 10 of b; b buys nothing
    let edges = [("c", "a", 20.0), ("a", "b", 10.0)];
    let answer = ask(&bulk_graph(Amount, &edges, Vec::new()), r#"Exposure(of: "c")"#);
    assert_eq!(number(&answer, "a", "look_through"), Some(1.0));
    assert_eq!(number(&answer, "b", "look_through"), Some(0.5));
    let said = answer.caveats.iter().find(|caveat| caveat.code == "total-costs").unwrap();
    assert_eq!(said.count, Some(1), "c keeps nothing by what is known: {}", said.text);
    // the stated costs of a say more than what it sells
    let answer = ask(&bulk_graph(Amount, &edges, vec![Some(40.0), None, None]), r#"Exposure(of: "c")"#);
    assert_eq!(number(&answer, "b", "look_through"), Some(0.25));
}

/// Two firms that buy as much from each other as they sell: the data let nothing leave, so half is supposed to stay at each stop.
#[test]
fn a_closed_circle_of_amounts_keeps_a_supposed_part() {
    use linchpin::model::LinkKind::Amount;
    let edges = [("a", "b", 10.0), ("b", "a", 10.0), ("c", "a", 5.0), ("b", "d", 0.0), ("a", "c", 5.0)];
    // with c the circle stays closed: a buys 15 and sells 15, b and c pass all on
    let answer = ask(&bulk_graph(Amount, &edges[..2], Vec::new()), r#"Exposure(of: "a")"#);
    // W_ab = W_ba = 1/2, so L_ab = (1/2) / (1 - 1/4)
    assert!(close(number(&answer, "b", "look_through").unwrap(), 2.0 / 3.0, 1e-12));
    assert!(close(number(&answer, "b", "reach_share").unwrap(), 0.5, 1e-12));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "supposed-value-added"));
    let answer = ask(&bulk_graph(Amount, &edges, Vec::new()), r#"Exposure(of: "b")"#);
    // b pays half of 1 to a, who pays a third of a half on to b and a sixth to c, who pays half of that back to a
    let (to_b, to_c) = (1.0 / 3.0, 1.0 / 6.0);
    let passes_a = 0.5 / (1.0 - to_b * 0.5 - to_c * 0.5);
    assert!(close(number(&answer, "a", "look_through").unwrap(), passes_a, 1e-12));
    // one firm outside that buys from the circle pays for what it keeps: nothing is supposed
    let open = [("a", "b", 10.0), ("b", "a", 10.0), ("x", "a", 10.0)];
    let answer = ask(&bulk_graph(Amount, &open, Vec::new()), r#"Exposure(of: "x")"#);
    assert!(answer.caveats.iter().all(|caveat| caveat.code != "supposed-value-added"));
    // a sells 20 and buys 10, so W_ab = 1/2, W_ba = 1, and x passes 1 to a: L_xa = 1 / (1 - 1/2)
    assert!(close(number(&answer, "a", "look_through").unwrap(), 2.0, 1e-12));
    assert!(close(number(&answer, "b", "look_through").unwrap(), 1.0, 1e-12));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_cascade_agrees_with_its_slow_version(needs in needs(), first in 0usize..8, loss in 0.0f64..=1.0) {
        let weights = [None, None, Some(0.4)];
        let graph = graph(&needs_dataset(&needs, &weights));
        let failing = first % needs.len();
        let mut shock = vec![0.0; needs.len()];
        shock[failing] = loss;
        let expected = oracle::functional(&needs, &weights, &shock);
        let answer = ask(&graph, &format!("Shock(fail: [\"e{failing}={loss:?}\"])"));
        for (i, level) in expected.iter().enumerate() {
            let found = number(&answer, &format!("e{i}"), "functionality").unwrap_or(1.0);
            prop_assert!((found - level).abs() < 1e-9, "e{i}: {found} and {level}");
        }
        // the pessimistic and the hopeful run enclose it
        let worst = ask(&graph, &format!("Shock(fail: [\"e{failing}={loss:?}\"], pessimistic: true)"));
        let best = ask(&graph, &format!("Shock(fail: [\"e{failing}={loss:?}\"], replace: true)"));
        for i in 0..needs.len() {
            let level = |answer| number(answer, &format!("e{i}"), "functionality").unwrap_or(1.0);
            prop_assert!(level(&worst) <= level(&answer) + 1e-9);
            prop_assert!(level(&best) >= level(&answer) - 1e-9);
        }
    }

    #[test]
    fn no_loss_hits_nobody(needs in needs()) {
        let graph = graph(&needs_dataset(&needs, &[None, None, Some(0.4)]));
        let answer = ask(&graph, r#"Shock(fail: ["e0=0"])"#);
        prop_assert!(answer.tables[0].rows.is_empty());
    }

    #[test]
    fn a_larger_loss_never_helps(needs in needs(), small in 0.0f64..0.5) {
        let graph = graph(&needs_dataset(&needs, &[None, None, Some(0.4)]));
        let some = ask(&graph, &format!("Shock(fail: [\"e0={small:?}\"])"));
        let more = ask(&graph, &format!("Shock(fail: [\"e0={:?}\"])", small + 0.5));
        for i in 0..needs.len() {
            let level = |answer| number(answer, &format!("e{i}"), "functionality").unwrap_or(1.0);
            prop_assert!(level(&more) <= level(&some) + 1e-12);
        }
    }

    #[test]
    fn look_through_agrees_with_a_dense_inverse(n in 2usize..9, seed in proptest::collection::vec(0.0f64..1.0, 81)) {
        let mut w = vec![vec![0.0; n]; n];
        let mut edges = Vec::new();
        let names: Vec<String> = (0..n).map(|i| format!("e{i}")).collect();
        for i in 0..n {
            let raw: Vec<f64> = (0..n).map(|j| if seed[i * 9 + j] > 0.5 && i != j { seed[i * 9 + j] } else { 0.0 }).collect();
            let total: f64 = raw.iter().sum::<f64>().max(1e-9);
            for j in 0..n {
                w[i][j] = raw[j] / total * 0.9;
                if w[i][j] > 0.0 {
                    edges.push((names[i].as_str(), names[j].as_str(), w[i][j]));
                }
            }
        }
        prop_assume!(edges.iter().any(|(buyer, ..)| *buyer == "e0"));
        let inverse = oracle::leontief_inverse(&w);
        let answer = ask(&cost_graph(&edges), r#"Exposure(of: "e0")"#);
        for k in 1..n {
            let Some(look_through) = number(&answer, &names[k], "look_through") else { continue };
            let reach = number(&answer, &names[k], "reach_share").unwrap();
            let face = number(&answer, &names[k], "face_value").unwrap();
            prop_assert!(close(look_through, inverse[0][k], 1e-11));
            prop_assert!(close(reach, inverse[0][k] / inverse[k][k], 1e-11));
            prop_assert!(look_through >= face - 1e-12);
            prop_assert!((0.0..=1.0 + 1e-12).contains(&reach) && reach <= look_through + 1e-12);
        }
    }
}
