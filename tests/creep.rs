//! Cascades that creep: dense loops in which each round adds little, against many plain rounds and closed forms.

mod common;
mod oracle;

use common::{ask, close, graph, needs_dataset, number};

/// A ring of `n`, each needing its one product from the next (`share`), and from entity 0 the rest of it.
fn ring(n: usize, share: f64) -> Vec<Vec<Vec<(usize, f64)>>> {
    let suppliers = |i: usize| match i {
        0 => Vec::new(),
        _ if i + 1 == n => vec![(1, share), (0, 1.0 - share)],
        _ => vec![(i + 1, share), (0, 1.0 - share)],
    };
    (0..n).map(|i| vec![suppliers(i)]).collect()
}

#[test]
fn a_ring_that_leaks_a_thousandth_stops_in_the_end() {
    // every loss is x = 0.999 x + 0.001, so x = 1; plain rounds need some 30,000 to see it
    let needs = ring(12, 0.999);
    let graph = graph(&needs_dataset(&needs, &[None]));
    let answer = ask(&graph, r#"Shock(fail: ["e0"])"#);
    assert_eq!(answer.status, linchpin::answer::AnswerStatus::Complete);
    for i in 1..12 {
        let loss = number(&answer, &format!("e{i}"), "loss").unwrap();
        assert!((loss - 1.0).abs() < 1e-9, "e{i}: {loss}");
    }
}

#[test]
fn a_loop_never_keeps_itself_down() {
    // a and b need each other wholly, a also a half of k's product: without the other half lost, nothing more is
    // lost than that half, although any larger loss would also satisfy the equations
    let needs = vec![
        vec![Vec::new(), Vec::new()],
        vec![vec![(0, 0.5)], vec![(2, 1.0)]],
        vec![Vec::new(), vec![(1, 1.0)]],
        vec![Vec::new(), vec![(4, 1.0)]],
        vec![Vec::new(), vec![(3, 1.0)]],
    ];
    let graph = graph(&needs_dataset(&needs, &[None, None]));
    let answer = ask(&graph, r#"Shock(fail: ["e0"])"#);
    assert!(close(number(&answer, "e1", "loss").unwrap(), 0.5, 1e-12));
    assert!(close(number(&answer, "e2", "loss").unwrap(), 0.5, 1e-12));
    // a loop that the shock does not reach loses nothing
    assert_eq!(number(&answer, "e3", "loss"), None);
}

#[test]
fn a_dense_network_ends_where_plain_rounds_do() {
    // 40 entities, two essential products and one important, three suppliers of each, little unknown
    let n = 40;
    let mut state = 12_345u64;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize
    };
    let needs: Vec<Vec<Vec<(usize, f64)>>> = (0..n)
        .map(|i| {
            (0..3)
                .map(|_| {
                    let mut all: Vec<(usize, f64)> = Vec::new();
                    while all.len() < 3 {
                        let (j, part) = (draw() % n, 1.0 + (draw() % 100) as f64);
                        if j != i && !all.iter().any(|(k, _)| *k == j) {
                            all.push((j, part));
                        }
                    }
                    let total: f64 = all.iter().map(|(_, part)| part).sum();
                    all.into_iter().map(|(j, part)| (j, 0.97 * part / total)).collect()
                })
                .collect()
        })
        .collect();
    let weights = [None, None, Some(0.3)];
    let graph = graph(&needs_dataset(&needs, &weights));
    for failing in [0, 7, 23] {
        let mut shock = vec![0.0; n];
        shock[failing] = 0.8;
        let expected = oracle::functional(&needs, &weights, &shock);
        let answer = ask(&graph, &format!("Shock(fail: [\"e{failing}=0.8\"])"));
        for (i, level) in expected.iter().enumerate() {
            let found = number(&answer, &format!("e{i}"), "functionality").unwrap_or(1.0);
            assert!((found - level).abs() < 1e-10, "e{i}: {found} and {level}");
        }
    }
}
