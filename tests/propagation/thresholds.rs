//! Linear thresholds and independent cascades.

use linchpin::matrix::Sparse;
use linchpin::propagation::independent::{exact, independent_cascade, open_ties, sampled};
use linchpin::propagation::threshold::linear_threshold;
use proptest::prelude::*;

use super::{number, table};

#[test]
fn thresholds_agree_with_ndlib_in_every_round() {
    let nodes = table("cascade/lt_nodes.csv");
    let n = nodes.len();
    let mut neighbours: Vec<Vec<usize>> = vec![Vec::new(); n];
    for row in table("cascade/lt_edges.csv") {
        let (u, v) = (number(&row, "u") as usize, number(&row, "v") as usize);
        neighbours[u].push(v);
        neighbours[v].push(u);
    }
    let ties = neighbours.iter().enumerate().flat_map(|(at, all)| {
        let weight = 1.0 / all.len() as f64;
        all.iter().map(move |other| (at, *other, weight))
    });
    let weights = Sparse::new(n, ties.collect::<Vec<_>>());
    let thresholds: Vec<f64> = nodes.iter().map(|row| number(row, "threshold")).collect();
    let seeds: Vec<usize> = (0..n).filter(|at| nodes[*at]["seed"] == "1").collect();
    let failed = linear_threshold(&weights, &thresholds, &seeds);
    for (row, failed) in nodes.iter().zip(&failed) {
        assert_eq!(row["final_failed"] == "1", failed.is_some(), "{}", row["node"]);
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cascade/lt_rounds.json");
    let rounds: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let counts: Vec<u64> =
        rounds["failed_after_each_round"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap()).collect();
    for (round, count) in counts.iter().enumerate() {
        let so_far = failed.iter().flatten().filter(|at| **at as usize <= round).count();
        assert_eq!(so_far as u64, *count, "after round {round}");
    }
}

fn cascade() -> (Sparse, Vec<usize>, serde_json::Value) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cascade/ic_exact.json");
    let exact: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let n = exact["failure_probability"].as_array().unwrap().len();
    let ties = table("cascade/ic_edges.csv");
    let ties = ties
        .iter()
        .map(|row| (number(row, "from") as usize, number(row, "to") as usize, number(row, "probability")));
    (Sparse::new(n, ties), vec![exact["seed"].as_u64().unwrap() as usize], exact)
}

#[test]
fn independent_cascades_agree_with_enumeration() {
    let (ties, seeds, wanted) = cascade();
    assert_eq!(open_ties(&ties, &seeds), 12);
    let found = independent_cascade(&ties, &seeds, 1, 0);
    assert_eq!(found.draws, None);
    let wanted_each: Vec<f64> =
        wanted["failure_probability"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    for (found, wanted) in found.probability.iter().zip(&wanted_each) {
        assert!((found - wanted).abs() < 1e-12, "{found} instead of {wanted}");
    }
    assert!((found.expected - wanted["expected_size"].as_f64().unwrap()).abs() < 1e-12);

    let drawn = sampled(&ties, &seeds, 40_000, 7);
    for ((found, error), wanted) in drawn.probability.iter().zip(&drawn.error).zip(&wanted_each) {
        assert!((found - wanted).abs() <= 4.0 * error + 1e-12, "{found} instead of {wanted} +- {error}");
    }
    assert_eq!(drawn, sampled(&ties, &seeds, 40_000, 7));
    assert_ne!(drawn.probability, sampled(&ties, &seeds, 40_000, 8).probability);
    let one = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(drawn, one.install(|| sampled(&ties, &seeds, 40_000, 7)));
}

#[test]
fn two_of_three_suppliers_are_needed() {
    let third = 1.0 / 3.0;
    let weights = Sparse::new(4, [(3, 0, third), (3, 1, third), (3, 2, third)]);
    let thresholds = [1.0, 1.0, 1.0, 2.0 / 3.0];
    assert_eq!(linear_threshold(&weights, &thresholds, &[0])[3], None);
    assert_eq!(linear_threshold(&weights, &thresholds, &[0, 2])[3], Some(1));
    // all three thirds are one, whatever they add up to in binary
    assert_eq!(linear_threshold(&weights, &[1.0; 4], &[0, 1, 2])[3], Some(1));
}

#[test]
fn two_ways_in_are_one_minus_both_failing() {
    // a fails b and c with 1/2 each, each of them d with 1/2: 1 - (3/4)^2
    let ties = Sparse::new(4, [(0, 1, 0.5), (0, 2, 0.5), (1, 3, 0.5), (2, 3, 0.5)]);
    assert_eq!(exact(&ties, &[0]).probability, [1.0, 0.5, 0.5, 0.4375]);
    // ties of probability 1 are not open
    let sure = Sparse::new(40, (0..39).map(|at| (at, at + 1, 1.0)));
    assert_eq!(open_ties(&sure, &[0]), 0);
    assert_eq!(independent_cascade(&sure, &[0], 1, 0).expected, 40.0);
}

const N: usize = 7;

proptest! {
    #[test]
    fn more_seeds_never_save_anybody(ties in super::ties(N), thresholds in prop::collection::vec(0.05..1.0_f64, N), seeds in prop::collection::vec(0..N, 1..4), more in 0..N) {
        let weights = Sparse::new(N, ties.iter().copied());
        let before = linear_threshold(&weights, &thresholds, &seeds);
        let mut all = seeds.clone();
        all.push(more);
        let after = linear_threshold(&weights, &thresholds, &all);
        for (before, after) in before.iter().zip(&after) {
            prop_assert!(before.is_none_or(|round| after.is_some_and(|after| after <= round)));
        }
        prop_assert!(linear_threshold(&weights, &thresholds, &[]).iter().all(Option::is_none));
        let turned: Vec<f64> = thresholds.iter().rev().copied().collect();
        let other = Sparse::new(N, super::relabelled(N, &ties));
        let named: Vec<usize> = seeds.iter().map(|at| N - 1 - at).collect();
        let renamed: Vec<_> = linear_threshold(&other, &turned, &named).into_iter().rev().collect();
        prop_assert_eq!(before, renamed);
    }

    #[test]
    fn branching_is_enumeration(ties in prop::collection::btree_map((0..4_usize, 0..4_usize), 0.0..1.0_f64, 1..10)) {
        // all live-edge graphs, one by one
        let ties: Vec<(usize, usize, f64)> =
            ties.into_iter().filter(|((a, b), _)| a != b).map(|((a, b), p)| (a, b, p)).collect();
        let mut wanted = [0.0; 4];
        for mask in 0..1_u32 << ties.len() {
            let live = |at: &usize| mask >> at & 1 == 1;
            let weight: f64 =
                (0..ties.len()).map(|at| if live(&at) { ties[at].2 } else { 1.0 - ties[at].2 }).product();
            let mut failed = [true, false, false, false];
            for _ in 0..4 {
                for at in (0..ties.len()).filter(live) {
                    failed[ties[at].1] |= failed[ties[at].0];
                }
            }
            (0..4).filter(|at| failed[*at]).for_each(|at| wanted[at] += weight);
        }
        let matrix = Sparse::new(4, ties.iter().copied());
        let found = exact(&matrix, &[0]);
        for (found, wanted) in found.probability.iter().zip(wanted) {
            prop_assert!((found - wanted).abs() < 1e-12);
        }
        let drawn = sampled(&matrix, &[0], 4_000, 1);
        for (found, wanted) in drawn.probability.iter().zip(wanted) {
            // six and a half standard errors: one in ten billion
            prop_assert!((found - wanted).abs() <= 6.5 * (wanted * (1.0 - wanted).max(0.0) / 4_000.0_f64).sqrt() + 1e-3);
        }
    }
}
