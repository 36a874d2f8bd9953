//! Losses shared out over causes, links and ways: closed forms of linear cases, axioms, and sums that come out.

mod common;
mod oracle;

use common::{ask, close, graph, needs_dataset};
use linchpin::answer::Cell;
use linchpin::propagation::paths::paths;
use linchpin::propagation::shapley::shapley;
use proptest::prelude::*;

/// A clear lab: two clouds on one chip.
const LAB: &str = r#"(format: 1, name: "lab", kinds: { "k": () }, products: { "compute": (), "accelerator": () },
    entities: {
        "lab": (kind: "k", needs: { "compute": Essential }),
        "a": (kind: "k", needs: { "accelerator": Essential }),
        "b": (kind: "k", needs: { "accelerator": Essential }),
        "x": (kind: "k"),
    },
    relations: {
        "r1": Supplies(from: "a", to: "lab", product: "compute", share_of_need: Share(0.6), assumed: "t"),
        "r2": Supplies(from: "b", to: "lab", product: "compute", share_of_need: Share(0.4), assumed: "t"),
        "r3": Supplies(from: "x", to: "a", product: "accelerator", share_of_need: Share(1.0), assumed: "t"),
        "r4": Supplies(from: "x", to: "b", product: "accelerator", share_of_need: Share(0.5), assumed: "t"),
    })"#;

#[test]
fn links_and_ways_of_the_worked_example() {
    let graph = graph(LAB);
    let answer = ask(&graph, r#"Attribution(target: "lab", fail: ["x=0.5"])"#);
    // over a 0.3, over b 0.1; of each way the two links have a half
    let links = answer.table("links").unwrap();
    for (from, to, part) in [("a", "lab", 0.15), ("x", "a", 0.15), ("b", "lab", 0.05), ("x", "b", 0.05)] {
        let is = |row: &&Vec<Cell>| row[0].as_key() == Some(from) && row[1].as_key() == Some(to);
        let row = links.rows.iter().find(is).unwrap();
        assert!(close(row[4].as_number().unwrap(), part, 1e-12), "{from} to {to}");
    }
    let ways = answer.table("ways").unwrap();
    let names: Vec<Vec<String>> = ways
        .rows
        .iter()
        .map(|row| match &row[0] {
            Cell::Items(items) => items.iter().map(|(key, _)| key.clone()).collect(),
            _ => Vec::new(),
        })
        .collect();
    assert_eq!(names, [["x", "a", "lab"], ["x", "b", "lab"]]);
    assert!(close(ways.number(0, "part").unwrap(), 0.3, 1e-12));
    assert!(close(ways.number(1, "part").unwrap(), 0.1, 1e-12));
    assert_eq!(answer.table("summary").unwrap().number(0, "remainder"), Some(0.0));
    // two links only: the others pass losses on throughout
    let answer = ask(&graph, r#"Attribution(target: "lab", fail: ["x=0.5"], links: 2, least: 0.5)"#);
    let summary = answer.table("summary").unwrap();
    assert!(close(summary.number(0, "remainder_of_loss").unwrap(), 0.25, 1e-12));
    let parts: f64 = answer.table("links").unwrap().rows.iter().filter_map(|row| row[4].as_number()).sum();
    assert!(close(parts, 0.4, 1e-12));
}

/// Random coefficients whose rows sum to less than one.
fn matrix(n: usize, seed: &[f64]) -> Vec<Vec<f64>> {
    (0..n)
        .map(|i| {
            let raw: Vec<f64> =
                (0..n).map(|j| if i == j { 0.0 } else { (seed[i * n + j] - 0.5).max(0.0) }).collect();
            let sum: f64 = raw.iter().sum::<f64>().max(1e-9);
            raw.iter().map(|v| v / sum * 0.8).collect()
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn linear_losses_have_a_closed_form(n in 2usize..9, seed in proptest::collection::vec(0.0f64..1.0, 100)) {
        let inverse = oracle::leontief_inverse(&matrix(n, &seed));
        let shocks = &seed[90..90 + n];
        // loss of node 0: row 0 of the inverse times the shocks that come
        let value = |set: &[bool]| {
            vec![(0..n).filter(|i| set[*i]).map(|i| inverse[0][i] * shocks[i]).sum::<f64>()]
        };
        let parts = shapley(n, 7, value);
        prop_assert!(parts.errors.is_none());
        for i in 0..n {
            prop_assert!((parts.parts[i][0] - inverse[0][i] * shocks[i]).abs() < 1e-10);
        }
    }

    #[test]
    fn parts_add_up_and_equals_are_equal(n in 2usize..15, cap in 0.1f64..2.0, seed in proptest::collection::vec(0.0f64..1.0, 15)) {
        let mut size = seed[..n].to_vec();
        size[1] = size[0];
        // capped and with a bonus where the first two come together: neither linear nor convex
        let value = |set: &[bool]| {
            let sum: f64 = (0..n).filter(|i| set[*i]).map(|i| size[i]).sum();
            let both = if set[0] && set[1] { 0.3 } else { 0.0 };
            vec![sum.min(cap) + both]
        };
        let parts = shapley(n, 3, value);
        let whole = value(&vec![true; n])[0] - value(&vec![false; n])[0];
        prop_assert!((parts.parts.iter().map(|part| part[0]).sum::<f64>() - whole).abs() < 1e-10);
        match &parts.errors {
            None => prop_assert!((parts.parts[0][0] - parts.parts[1][0]).abs() < 1e-12),
            Some(errors) => {
                let spread = errors[0][0].hypot(errors[1][0]);
                prop_assert!((parts.parts[0][0] - parts.parts[1][0]).abs() <= 6.0 * spread + 1e-9);
            }
        }
        // the same bytes again
        prop_assert_eq!(shapley(n, 3, value), parts);
    }

    #[test]
    fn ways_and_remainder_add_up(n in 2usize..9, least in 1e-4f64..0.05, seed in proptest::collection::vec(0.0f64..1.0, 100)) {
        let a = matrix(n, &seed);
        let inverse = oracle::leontief_inverse(&a);
        let outside = &seed[90..90 + n];
        let whole: Vec<f64> =
            (0..n).map(|i| (0..n).map(|j| inverse[i][j] * outside[j]).sum()).collect();
        let terms = |i: usize| (0..n).filter(|j| a[i][*j] > 0.0).map(|j| (i * n + j, j, a[i][j])).collect();
        let found = paths(0, terms, outside, &whole, least, 1_000_000);
        let sum: f64 = found.paths.iter().map(|path| path.part).sum();
        prop_assert!(!found.capped && found.remainder >= 0.0);
        prop_assert!((sum + found.remainder - whole[0]).abs() < 1e-10, "{sum} + {} != {}", found.remainder, whole[0]);
        for path in &found.paths {
            let product: f64 = path.nodes.windows(2).map(|pair| a[pair[1]][pair[0]]).product();
            prop_assert!((product * outside[path.nodes[0]] - path.part).abs() < 1e-12 && path.part >= least);
            prop_assert_eq!(path.terms.len() + 1, path.nodes.len());
        }
        // every way of one or two links that is worth so much is there
        let longest = |path: &&linchpin::propagation::paths::Path| path.nodes.len() <= 3;
        let listed = found.paths.iter().filter(longest).count();
        let worth = |product: f64, from: usize| usize::from(product > 0.0 && product * outside[from] >= least);
        let mut theirs = worth(1.0, 0);
        for (i, first) in a[0].iter().enumerate() {
            theirs += worth(*first, i);
            theirs += (0..n).map(|j| worth(first * a[i][j], j)).sum::<usize>();
        }
        prop_assert_eq!(listed, theirs);
        // fewer steps leave more out, and the sum still comes out
        let cut = paths(0, terms, outside, &whole, least, 3);
        let sum: f64 = cut.paths.iter().map(|path| path.part).sum();
        prop_assert!((sum + cut.remainder - whole[0]).abs() < 1e-10);
    }

    #[test]
    fn ways_of_a_cascade_add_up(n in 3usize..9, seed in proptest::collection::vec(0.0f64..1.0, 8 * 2 * 10), sizes in proptest::collection::vec(0.1f64..1.0, 2)) {
        let mut draw = seed.into_iter().cycle();
        let mut next = || draw.next().unwrap();
        let needs: Vec<Vec<Vec<(usize, f64)>>> = (0..n).map(|i| (0..2).map(|_| {
            let raw: Vec<(usize, f64)> = (0..n).filter(|j| *j != i).map(|j| (j, next())).filter(|(_, v)| *v > 0.6).collect();
            let total: f64 = raw.iter().map(|(_, v)| v).sum();
            raw.into_iter().map(|(j, v)| (j, v / total * 0.9)).collect()
        }).collect()).collect();
        let weights = [None, Some(0.7)];
        let mut shock = vec![0.0; n];
        (shock[1], shock[2]) = (sizes[0], sizes[1]);
        let loss = 1.0 - oracle::functional(&needs, &weights, &shock)[0];
        prop_assume!(loss > 1e-6);
        let graph = graph(&needs_dataset(&needs, &weights));
        let question = format!("Attribution(target: \"e0\", fail: [\"e1={:?}\", \"e2={:?}\"], least: 0.001, links: 6)", sizes[0], sizes[1]);
        let answer = ask(&graph, &question);
        let summary = answer.table("summary").unwrap();
        let of = |column: &str| summary.number(0, column).unwrap();
        prop_assert!(close(of("loss"), loss, 1e-9));
        prop_assert!(close(of("carried") + of("remainder"), loss, 1e-8), "{} + {} != {loss}", of("carried"), of("remainder"));
        let links = answer.table("links").unwrap();
        let parts: f64 = links.rows.iter().filter_map(|row| row[4].as_number()).sum();
        prop_assert!(close(parts, loss, 1e-10), "{parts} {loss}");
    }
}
