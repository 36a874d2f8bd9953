//! Who caused how much: closed forms, invariants, and the same numbers at any number of threads.

mod common;

use common::{ask, close, needs_dataset, number};
use linchpin::answer::{Answer, Cell};
use linchpin::propagation::shapley::{EXACT, shapley};
use proptest::prelude::*;

/// Sum of a column over the rows of an entity.
fn sum(answer: &Answer, table: &str, key: &str, column: &str) -> f64 {
    let table = answer.table(table).expect("there");
    let rows =
        (0..table.rows.len()).filter(|row| table.cell(*row, "entity").and_then(Cell::as_key) == Some(key));
    rows.filter_map(|row| table.number(row, column)).sum()
}

/// A slow plain Shapley value: the mean over all orders.
fn plain(causes: usize, value: &dyn Fn(&[bool]) -> f64) -> Vec<f64> {
    fn orders(left: Vec<usize>, order: &mut Vec<usize>, all: &mut Vec<Vec<usize>>) {
        if left.is_empty() {
            all.push(order.clone());
        }
        for (at, cause) in left.iter().enumerate() {
            let mut rest = left.clone();
            rest.remove(at);
            order.push(*cause);
            orders(rest, order, all);
            order.pop();
        }
    }
    let mut all = Vec::new();
    orders((0..causes).collect(), &mut Vec::new(), &mut all);
    let mut parts = vec![0.0; causes];
    for order in &all {
        let mut set = vec![false; causes];
        for cause in order {
            let before = value(&set);
            set[*cause] = true;
            parts[*cause] += (value(&set) - before) / all.len() as f64;
        }
    }
    parts
}

#[test]
fn a_glove_is_worth_what_the_books_say() {
    // one left glove and two right ones: 2/3, 1/6, 1/6
    let pairs = |set: &[bool]| vec![if set[0] && (set[1] || set[2]) { 1.0 } else { 0.0 }];
    let parts = shapley(3, 0, pairs);
    for (part, expected) in parts.parts.iter().zip([2.0 / 3.0, 1.0 / 6.0, 1.0 / 6.0]) {
        assert!(close(part[0], expected, 1e-12), "{parts:?}");
    }
    assert_eq!((parts.runs, parts.errors), (8, None));
}

#[test]
fn many_causes_are_sampled_and_still_add_up() {
    let causes = EXACT + 3;
    // additive apart from a cap: the whole is known, and equal causes have equal parts
    let value = |set: &[bool]| vec![(set.iter().filter(|on| **on).count() as f64 * 0.1).min(1.0)];
    let parts = shapley(causes, 7, value);
    let whole: f64 = parts.parts.iter().map(|part| part[0]).sum();
    assert!(close(whole, 1.0, 1e-9), "{whole}");
    let errors = parts.errors.clone().expect("sampled");
    for (part, error) in parts.parts.iter().zip(errors) {
        assert!((part[0] - 1.0 / causes as f64).abs() <= 5.0 * error[0], "{part:?} {error:?}");
    }
    assert_eq!(shapley(causes, 7, value), parts);
    assert_ne!(shapley(causes, 8, value).parts, parts.parts);
}

#[test]
fn two_shocks_share_what_they_do_together() {
    // e0 and e1 each supply half of the one input of e2; the shocks add
    let graph =
        common::graph(&needs_dataset(&[vec![vec![]], vec![vec![]], vec![vec![(0, 0.5), (1, 0.5)]]], &[None]));
    let answer = ask(&graph, r#"Shock(fail: ["e0=0.4", "e1=0.2"], causes: true)"#);
    assert!(close(number(&answer, "e2", "loss").expect("hit"), 0.3, 1e-12));
    let table = answer.table("by-shock").expect("there");
    let parts: Vec<f64> = (0..table.rows.len())
        .filter(|row| table.cell(*row, "entity").and_then(Cell::as_key) == Some("e2"))
        .filter_map(|row| table.number(row, "part"))
        .collect();
    assert!(close(parts[0], 0.2, 1e-12) && close(parts[1], 0.1, 1e-12), "{parts:?}");
    let table = answer.table("by-supplier").expect("there");
    let e2: Vec<_> = table.rows.iter().filter(|row| row[0].as_key() == Some("e2")).collect();
    assert_eq!(e2[0][1].as_key(), Some("e0"));
    assert!(close(e2[0][3].as_number().expect("a number"), 0.2, 1e-12));
}

#[test]
fn a_minimum_is_shared_by_order() {
    // two essential inputs, one supplier each: the worse binds, so the lesser shock counts only where it comes first
    let graph = common::graph(&needs_dataset(
        &[vec![vec![], vec![]], vec![vec![], vec![]], vec![vec![(0, 1.0)], vec![(1, 1.0)]]],
        &[None, None],
    ));
    let answer = ask(&graph, r#"Shock(fail: ["e0=0.4", "e1=0.2"], causes: true)"#);
    let table = answer.table("by-shock").expect("there");
    let parts: Vec<f64> = (0..table.rows.len())
        .filter(|row| table.cell(*row, "entity").and_then(Cell::as_key) == Some("e2"))
        .filter_map(|row| table.number(row, "part"))
        .collect();
    // (0.4 + 0.2) / 2 and 0.2 / 2
    assert!(close(parts[0], 0.3, 1e-12) && close(parts[1], 0.1, 1e-12), "{parts:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn parts_are_those_of_all_orders(values in proptest::collection::vec(0.0f64..1.0, 16)) {
        let index = |set: &[bool]| set.iter().enumerate().map(|(at, on)| usize::from(*on) << at).sum::<usize>();
        let value = |set: &[bool]| if index(set) == 0 { 0.0 } else { values[index(set)] };
        let fast = shapley(4, 0, |set| vec![value(set)]);
        let slow = plain(4, &value);
        for (fast, slow) in fast.parts.iter().zip(slow) {
            prop_assert!(close(fast[0], slow, 1e-12));
        }
    }

    #[test]
    fn parts_add_up_to_the_loss(
        shares in proptest::collection::vec(0.05f64..0.5, 12),
        shocks in proptest::collection::vec(0.0f64..1.0, 3),
        replace in any::<bool>(),
        pessimistic in any::<bool>(),
    ) {
        // three sources, and three layers that need two products each of those before
        let mut needs: Vec<Vec<Vec<(usize, f64)>>> = vec![vec![vec![], vec![]]; 3];
        for layer in 0..3 {
            let s = &shares[layer * 4..layer * 4 + 4];
            needs.push(vec![vec![(layer, s[0]), ((layer + 1) % 3, s[1])], vec![(layer + 2, s[2]), (layer, s[3])]]);
        }
        let graph = common::graph(&needs_dataset(&needs, &[None, Some(0.6)]));
        let fail: Vec<String> = shocks.iter().enumerate().map(|(at, loss)| format!("\"e{at}={loss:?}\"")).collect();
        let question = format!(
            "Shock(fail: [{}], causes: true, replace: {replace}, pessimistic: {pessimistic})",
            fail.join(", ")
        );
        let answer = ask(&graph, &question);
        for at in 0..6 {
            let key = format!("e{at}");
            let Some(loss) = number(&answer, &key, "loss") else { continue };
            prop_assert!(close(sum(&answer, "by-shock", &key, "part"), loss, 1e-9));
            prop_assert!(close(sum(&answer, "by-supplier", &key, "part"), loss, 1e-9));
        }
    }
}
