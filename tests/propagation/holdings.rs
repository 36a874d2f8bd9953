//! Cross-holdings.

use linchpin::propagation::cross_holdings::{Fragility, Holdings};
use proptest::prelude::*;

#[test]
fn two_firms_that_hold_halves_of_each_other() {
    // V = 10 + V/2 each: book 20 and 20, of which half belongs outside: 10 and 10
    let pair = Holdings::new(2, &[(0, 1, 0.5), (1, 0, 0.5)]).unwrap();
    let value = pair.value(&[10.0, 10.0], &[]);
    assert!(value.converged);
    for at in 0..2 {
        assert!((value.book[at] - 20.0).abs() < 1e-12 && (value.market[at] - 10.0).abs() < 1e-12);
    }
    assert!((value.circularity().unwrap() - 2.0).abs() < 1e-13);
}

#[test]
fn a_failure_draws_another_and_stops() {
    // a holds 1/4 of b, b holds 1/3 of c: V_c = 3, V_b = 8 + 1 = 9, V_a = 4 + 9/4 = 6.25
    let chain = Holdings::new(3, &[(0, 1, 0.25), (1, 2, 1.0 / 3.0)]).unwrap();
    let at = |threshold: f64, cost: f64| Fragility { threshold, cost };
    let sound = chain.value(&[4.0, 8.0, 3.0], &[at(6.0, 1.0), at(6.5, 4.0), at(1.0, 2.0)]);
    assert_eq!(sound.failed, [None, None, None]);
    for (found, by_hand) in sound.market.iter().zip([6.25, 6.75, 2.0]) {
        assert!((found - by_hand).abs() < 1e-14);
    }
    // c's assets fall to 1.2: v_c = 0.8 < 1, it pays 2, V_c = -0.8, V_b = 7.7333, v_b = 5.8 < 6.5, it pays 4, V_b = 3.7333,
    // V_a = 4.9333 < 6 and it pays 1
    let hit = chain.value(&[4.0, 8.0, 1.2], &[at(6.0, 1.0), at(6.5, 4.0), at(1.0, 2.0)]);
    assert_eq!(hit.failed, [Some(2), Some(1), Some(1)]);
    let by_hand =
        [4.0 - 1.0 + (8.0 - 4.0 - 0.8 / 3.0) / 4.0, (8.0 - 4.0 - 0.8 / 3.0) * 0.75, -0.8 * 2.0 / 3.0];
    for (found, by_hand) in hit.market.iter().zip(by_hand) {
        assert!((found - by_hand).abs() < 1e-13, "{found} {by_hand}");
    }
}

#[test]
fn stakes_that_leave_nothing_outside_are_refused() {
    assert!(Holdings::new(2, &[(0, 1, 1.0), (1, 0, 1.0)]).is_none());
    assert!(Holdings::new(2, &[(0, 1, 0.7), (0, 1, 0.7)]).is_none());
    // owning the whole of somebody is sound as long as somebody outside owns the owner
    assert!(Holdings::new(2, &[(0, 1, 1.0)]).is_some());
}

const N: usize = 8;

proptest! {
    #[test]
    fn the_outside_gets_what_lies_inside(ties in super::ties(N), assets in prop::collection::vec(0.0..100.0_f64, N), cost in 0.0..1.0_f64) {
        let mut held = [0.05; N];
        ties.iter().for_each(|(_, owned, part)| held[*owned] += part);
        let stakes: Vec<_> = ties.iter().map(|(owner, owned, part)| (*owner, *owned, part / held[*owned])).collect();
        let firms = Holdings::new(N, &stakes).unwrap();
        let free = firms.value(&assets, &[]);
        let inside: f64 = assets.iter().sum();
        prop_assert!((free.market.iter().sum::<f64>() - inside).abs() < 1e-9 * inside.max(1.0));
        prop_assert!(free.circularity().is_none_or(|times| times >= 1.0 - 1e-12));
        // failures only take value, and the sum still adds up
        let fragile: Vec<_> = assets.iter().map(|a| Fragility { threshold: 0.4 * a, cost: cost * a }).collect();
        let hit = firms.value(&assets, &fragile);
        let due: f64 = hit.failed.iter().zip(&fragile).filter(|(failed, _)| failed.is_some()).map(|(_, f)| f.cost).sum();
        prop_assert!((hit.market.iter().sum::<f64>() - (inside - due)).abs() < 1e-9 * inside.max(1.0));
        for (with, without) in hit.market.iter().zip(&free.market) {
            prop_assert!(*with <= without + 1e-9);
        }
        // book value counts stakes at least once
        for (book, market) in free.book.iter().zip(&free.market) {
            prop_assert!(book >= market);
        }
    }
}
