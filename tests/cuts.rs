//! Cuts of deliveries against a slow plain cascade, in rounds and where the end is solved for.

mod common;

use common::{ask, close, needs_dataset, number};
use proptest::prelude::*;

/// Supplies of one product: supplier and share.
type Row = Vec<(usize, f64)>;

/// The losses in which a cascade with cuts ends, by plain repetition. `cuts[i][p][k]` is what is cut of the k-th
/// supply of product p of entity i, `whole[p]` what is cut of all supply of a product.
fn plain(
    needs: &[Vec<Row>],
    weights: &[Option<f64>],
    own: &[f64],
    cuts: &dyn Fn(usize, usize, usize) -> f64,
    whole: &[f64],
    like_known: bool,
) -> Vec<f64> {
    let mut level: Vec<f64> = own.iter().map(|loss| 1.0 - loss).collect();
    for _ in 0..200_000 {
        let next: Vec<f64> = (0..needs.len())
            .map(|i| {
                let (mut lowest, mut important) = (1.0f64, 1.0);
                for (p, row) in needs[i].iter().enumerate().filter(|(_, row)| !row.is_empty()) {
                    let known: f64 = row.iter().map(|(_, share)| share).sum();
                    let mut met: f64 =
                        row.iter().map(|(j, share)| share * level[*j] * (1.0 - cuts(i, p, *j))).sum();
                    met = if like_known { met / known } else { met + 1.0 - known };
                    met *= 1.0 - whole[p];
                    match weights[p] {
                        None => lowest = lowest.min(met),
                        Some(weight) => important -= weight * (1.0 - met),
                    }
                }
                lowest.min(important).min(1.0 - own[i]).max(0.0)
            })
            .collect();
        let moved = next.iter().zip(&level).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        level = next;
        if moved < 1e-15 {
            break;
        }
    }
    level.iter().map(|level| 1.0 - level).collect()
}

fn question(fail: f64, pairs: &[(usize, usize, f64)], product: f64, pessimistic: bool) -> String {
    let mut shocks = vec![format!("(on: Entity(\"e0\"), what: CapacityLoss({fail:?}))")];
    shocks.extend(pairs.iter().map(|(from, to, cut)| {
        format!("(on: Link(from: \"e{from}\", to: \"e{to}\"), what: SupplyCut({cut:?}))")
    }));
    if product > 0.0 {
        shocks.push(format!("(on: Product(\"p0\"), what: SupplyCut({product:?}))"));
    }
    format!("Shock(scenario: (title: \"t\", shocks: [{}]), pessimistic: {pessimistic})", shocks.join(", "))
}

/// Ranks of suppliers, so that every entity but the first two has suppliers among all others: loops included.
fn network(shares: &[f64], n: usize, dense: f64) -> Vec<Vec<Row>> {
    let mut at = 0;
    let mut next = || {
        at += 1;
        shares[(at - 1) % shares.len()]
    };
    (0..n)
        .map(|i| {
            (0..2)
                .map(|p| {
                    let (a, b) = ((i + 1 + p) % n, (i + 2 + 2 * p) % n);
                    let mut row: Row = Vec::new();
                    if i > 0 && a != i {
                        row.push((a, dense * next()));
                    }
                    if i > 0 && b != i && b != a {
                        row.push((b, dense * (1.0 - row.first().map_or(0.0, |(_, s)| *s)) * next()));
                    }
                    row
                })
                .collect()
        })
        .collect()
}

fn check(needs: &[Vec<Row>], weights: &[Option<f64>], cut: f64, fail: f64, product: f64, pessimistic: bool) {
    let graph = common::graph(&needs_dataset(needs, weights));
    let pairs: Vec<(usize, usize, f64)> = needs
        .iter()
        .enumerate()
        .filter_map(|(to, rows)| rows.iter().flatten().next().map(|(from, _)| (*from, to, cut)))
        .collect();
    let answer = ask(&graph, &question(fail, &pairs, product, pessimistic));
    let mut own = vec![0.0; needs.len()];
    own[0] = fail;
    let cuts = |i: usize, _: usize, j: usize| {
        pairs.iter().find(|(from, to, _)| (*from, *to) == (j, i)).map_or(0.0, |(_, _, cut)| *cut)
    };
    let slow = plain(needs, weights, &own, &cuts, &[product, 0.0], pessimistic);
    for (at, slow) in slow.iter().enumerate() {
        let fast = number(&answer, &format!("e{at}"), "loss").unwrap_or(0.0);
        assert!(close(fast, *slow, 1e-9), "e{at}: {fast} against {slow}");
    }
}

#[test]
fn a_cut_in_a_dense_loop_is_solved_for() {
    // nearly all of everything comes from the others: plain rounds creep for thousands of steps
    let needs = network(&[0.5, 0.999], 6, 0.9999);
    check(&needs, &[None, None], 0.001, 0.0, 0.0, false);
    check(&needs, &[None, Some(0.4)], 0.01, 0.05, 0.02, true);
}

#[test]
fn other_vendors_make_up_for_a_cut_but_not_for_a_missing_product() {
    let text = r#"(format: 1, name: "test", kinds: { "maker": (), "lab": () },
        products: { "chip": (needed_by: {"lab": Essential}) },
        entities: { "x": (kind: "maker"), "y": (kind: "maker"), "a": (kind: "lab") },
        relations: {
            "x-sells": Sells(from: "x", market: "chip", share: Share(0.2), assumed: "t"),
            "y-sells": Sells(from: "y", market: "chip", share: Share(0.8), assumed: "t"),
            "x-a": Supplies(from: "x", to: "a", product: "chip", share_of_need: Share(1), assumed: "t"),
        })"#;
    let graph = common::graph(text);
    let story = |shock: &str| {
        let question = format!("Shock(scenario: (title: \"t\", shocks: [{shock}]), replace: true)");
        number(&ask(&graph, &question), "a", "loss").unwrap_or(0.0)
    };
    // all of x's deliveries are cut: its market share 0.2 over the working 0.8
    assert!(close(story(r#"(on: Link(from: "x", to: "a"), what: SupplyCut(1))"#), 0.25, 1e-12));
    assert!(close(story(r#"(on: Entity("x"), what: CapacityLoss(1))"#), 0.25, 1e-12));
    assert!(close(story(r#"(on: Product("chip"), what: SupplyCut(1))"#), 1.0, 1e-12));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn cuts_end_where_plain_rounds_end(
        shares in proptest::collection::vec(0.05f64..0.95, 8),
        cut in 0.01f64..1.0,
        fail in 0.0f64..1.0,
        product in prop_oneof![Just(0.0), 0.01f64..0.9],
        pessimistic in any::<bool>(),
        important in any::<bool>(),
    ) {
        let needs = network(&shares, 6, 1.0);
        check(&needs, &[None, important.then_some(0.5)], cut, fail, product, pessimistic);
    }

    #[test]
    fn a_cut_of_nothing_is_nothing_and_more_is_never_less(less in 0.0f64..0.5, more in 0.0f64..0.5) {
        let needs = network(&[0.3, 0.6, 0.8], 5, 1.0);
        let graph = common::graph(&needs_dataset(&needs, &[None, Some(0.5)]));
        let lost = |cut: f64| {
            let shock = format!("(on: Link(from: \"e2\"), what: SupplyCut({cut:?}))");
            let answer = ask(&graph, &format!("Shock(scenario: (title: \"t\", shocks: [{shock}]))"));
            (0..5).map(|at| number(&answer, &format!("e{at}"), "loss").unwrap_or(0.0)).collect::<Vec<f64>>()
        };
        prop_assert!(lost(0.0).iter().all(|loss| *loss == 0.0));
        for (some, rest) in lost(less).iter().zip(lost(less + more)) {
            prop_assert!(*some <= rest + 1e-12);
        }
    }
}
