//! DebtRank, its single-hit form, and threshold defaults.

use std::collections::BTreeMap;

use linchpin::propagation::debt_rank::{Exposures, Variant};
use proptest::prelude::*;

use super::{dense_solve, number, relabelled, table};

const VARIANTS: [(&str, Variant); 3] =
    [("multi_hit", Variant::MultiHit), ("single_hit", Variant::SingleHit), ("threshold", Variant::Threshold)];

#[test]
fn every_scenario_agrees_with_network_risk_measures() {
    let banks = table("debtrank/banks.csv");
    let at: BTreeMap<String, usize> =
        banks.iter().enumerate().map(|(i, row)| (row["bank"].clone(), i)).collect();
    let equity: Vec<f64> = banks.iter().map(|row| number(row, "equity")).collect();
    let weight: Vec<f64> = banks.iter().map(|row| number(row, "weight")).collect();
    let whole: f64 = weight.iter().sum();
    let exposures: Vec<(usize, usize, f64)> = table("debtrank/exposures.csv")
        .iter()
        .map(|row| (at[&row["lender"]], at[&row["borrower"]], number(row, "exposure")))
        .collect();
    let network = Exposures::new(&equity, &exposures);
    let radius = network.radius();
    assert!((radius.value() - 0.806_893_989_373).abs() < 1e-12, "{radius:?}");

    let mut expected: BTreeMap<(String, String), Vec<f64>> = BTreeMap::new();
    for row in table("debtrank/stress.csv") {
        let all =
            expected
                .entry((row["method"].clone(), row["scenario"].clone()))
                .or_insert(vec![0.0; equity.len()]);
        all[at[&row["bank"]]] = number(&row, "stress_uncapped");
    }
    for row in table("debtrank/summary.csv") {
        let (method, scenario) = (&row["method"], &row["scenario"]);
        let mut shock = vec![0.0; equity.len()];
        match scenario.as_str() {
            "partial" => shock[..3].copy_from_slice(&[0.2, 0.5, 0.1]),
            "uniform5" => shock.fill(0.05),
            bank => shock[at[bank]] = 1.0,
        }
        let (_, variant) = VARIANTS.iter().find(|(name, _)| name == method).unwrap();
        let stress = network.propagate(&shock, *variant);
        assert!(stress.converged && stress.residual <= 1e-13);
        let capped = stress.capped();
        for ((found, uncapped), wanted) in
            capped.iter().zip(&stress.uncapped).zip(&expected[&(method.clone(), scenario.clone())])
        {
            assert!((found - wanted.min(1.0)).abs() < 1e-10, "{method} {scenario}: {found} for {wanted}");
            assert!((uncapped - wanted).abs() < 1e-10, "{method} {scenario}: {uncapped} for {wanted}");
        }
        // not a law (see the next test), but so here
        let single = network.propagate(&shock, Variant::SingleHit).capped();
        let threshold = network.propagate(&shock, Variant::Threshold).capped();
        assert!(threshold.iter().zip(&single).all(|(less, more)| *less <= more + 1e-12), "{scenario}");
        let of = |h: &[f64]| h.iter().zip(&weight).map(|(h, w)| h * w).sum::<f64>() / whole;
        let (first, last) = (of(&shock), of(&capped));
        assert!((first - number(&row, "original_stress")).abs() < 1e-10);
        assert!((last - first - number(&row, "additional_stress")).abs() < 1e-10, "{method} {scenario}");
    }
}

#[test]
fn a_first_loss_may_be_small_and_the_last_large() {
    // b is hit twice: first lightly, through a, then to death, through c; a single hit passes on the light one only
    let twice = Exposures::new(&[1.0; 4], &[(1, 0, 0.1), (2, 0, 1.0), (1, 2, 0.9), (3, 1, 1.0)]);
    let shock = [1.0, 0.0, 0.0, 0.0];
    let [multi, single, threshold] =
        VARIANTS.map(|(_, variant)| twice.propagate(&shock, variant).capped()[3]);
    assert_eq!((multi, single, threshold), (1.0, 0.1, 1.0));
}

#[test]
fn a_chain_and_a_pair_by_hand() {
    // c has lent 5 to b, b 8 to a; equities 10 each
    let chain = Exposures::new(&[10.0; 3], &[(1, 0, 8.0), (2, 1, 5.0)]);
    let stress = chain.propagate(&[0.5, 0.0, 0.0], Variant::MultiHit);
    assert_eq!(stress.uncapped, [0.5, 0.4, 0.2]);
    assert_eq!(stress.first_hit, [Some(0), Some(1), Some(2)]);
    // two that hold half of each other's equity: 1 / (1 - 1/4) of the shock
    let pair = Exposures::new(&[1.0, 1.0], &[(0, 1, 0.5), (1, 0, 0.5)]);
    let multi = pair.propagate(&[0.3, 0.0], Variant::MultiHit).uncapped;
    assert!((multi[0] - 0.4).abs() < 1e-12 && (multi[1] - 0.2).abs() < 1e-12);
    let single = pair.propagate(&[0.3, 0.0], Variant::SingleHit).uncapped;
    assert!((single[0] - 0.375).abs() < 1e-15 && (single[1] - 0.15).abs() < 1e-15);
    assert_eq!(pair.propagate(&[0.3, 0.0], Variant::Threshold).uncapped, [0.3, 0.0]);
    assert_eq!(pair.propagate(&[1.0, 0.0], Variant::Threshold).uncapped, [1.0, 0.5]);
    // above a radius of 1 the smallest shock takes everything
    let fragile = Exposures::new(&[1.0, 1.0], &[(0, 1, 1.25), (1, 0, 1.25)]);
    assert_eq!(fragile.radius().below_one(), Some(false));
    assert_eq!(fragile.propagate(&[0.01, 0.0], Variant::MultiHit).capped(), [1.0, 1.0]);
    // a lender without equity has no leverage
    assert_eq!(Exposures::new(&[0.0, 1.0], &[(0, 1, 1.0)]).leverage().entries(), 0);
}

const N: usize = 8;

proptest! {
    #[test]
    fn losses_are_ordered_by_variant(ties in super::ties(N), shock in prop::collection::vec(0.0..1.0_f64, N), failed in 0..N) {
        let mut shock = shock;
        shock[failed] = 1.0;
        let network = Exposures::new(&[1.0; N], &ties);
        let [multi, single, threshold] =
            VARIANTS.map(|(_, variant)| network.propagate(&shock, variant)).map(|stress| {
                assert!(stress.converged);
                stress.capped()
            });
        for at in 0..N {
            prop_assert!(threshold[at] <= multi[at] + 1e-12 && single[at] <= multi[at] + 1e-12);
            prop_assert!(shock[at] <= threshold[at] && multi[at] <= 1.0);
        }
    }

    #[test]
    fn without_failures_it_is_the_inverse(ties in super::ties(N), shock in prop::collection::vec(0.0..1e-3_f64, N)) {
        // equities large enough that every lender's leverages add up to less than 0.9
        let mut lent = [0.0; N];
        ties.iter().for_each(|(lender, _, money)| lent[*lender] += money);
        let equity: Vec<f64> = lent.iter().map(|lent| lent / 0.9 + 1.0).collect();
        let network = Exposures::new(&equity, &ties);
        prop_assert_eq!(network.radius().below_one(), Some(true));
        let entries: Vec<_> = ties.iter().map(|(i, j, money)| (*i, *j, money / equity[*i])).collect();
        let exact = dense_solve(&entries, &shock);
        prop_assume!(exact.iter().all(|h| *h < 1.0));
        for (h, exact) in network.propagate(&shock, Variant::MultiHit).uncapped.iter().zip(exact) {
            prop_assert!((h - exact).abs() < 1e-11);
        }
    }

    #[test]
    fn nothing_names_and_money_units(ties in super::ties(N), shock in prop::collection::vec(0.0..1.0_f64, N), unit in 1e-6..1e6_f64) {
        let network = Exposures::new(&[1.5; N], &ties);
        for (_, variant) in VARIANTS {
            prop_assert_eq!(network.propagate(&[0.0; N], variant).uncapped, vec![0.0; N]);
            let stress = network.propagate(&shock, variant).uncapped;
            let scaled: Vec<_> = ties.iter().map(|(i, j, money)| (*i, *j, money * unit)).collect();
            let other = Exposures::new(&[1.5 * unit; N], &scaled).propagate(&shock, variant).uncapped;
            let turned: Vec<f64> = shock.iter().rev().copied().collect();
            let named = Exposures::new(&[1.5; N], &relabelled(N, &ties)).propagate(&turned, variant).uncapped;
            for at in 0..N {
                prop_assert!((stress[at] - other[at]).abs() < 1e-10);
                prop_assert!((stress[at] - named[N - 1 - at]).abs() < 1e-10);
            }
        }
    }
}
