//! The kernels of the linear, financial and threshold models: against tables that other software computed, closed forms, and
//! what has to hold on any network.

mod contagion;
mod holdings;
mod input_output;
mod thresholds;

use std::collections::BTreeMap;
use std::path::Path;

/// Rows of a fixture by column name.
pub fn table(path: &str) -> Vec<BTreeMap<String, String>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(path);
    let mut reader = csv::Reader::from_path(file).expect("the fixture is there");
    reader.deserialize().map(|row| row.expect("the fixture is sound")).collect()
}

/// A number of a row.
pub fn number(row: &BTreeMap<String, String>, column: &str) -> f64 {
    row[column].parse().unwrap_or_else(|_| panic!("{column}: {}", row[column]))
}

/// Whether two numbers agree within a part of the larger.
#[track_caller]
pub fn close(found: f64, expected: f64, relative: f64, what: &str) {
    let size = found.abs().max(expected.abs());
    assert!((found - expected).abs() <= relative * size, "{what}: {found} instead of {expected}");
}

/// Random ties (from, to, strength between 0 and 1) among `n`, without loops on one node.
pub fn ties(n: usize) -> impl proptest::strategy::Strategy<Value = Vec<(usize, usize, f64)>> {
    use proptest::prelude::*;
    prop::collection::vec((0..n, 0..n, 0.01..1.0_f64), 1..4 * n)
        .prop_map(|ties| ties.into_iter().filter(|(from, to, _)| from != to).collect())
}

/// The same ties with every node `i` called `n - 1 - i`.
pub fn relabelled(n: usize, ties: &[(usize, usize, f64)]) -> Vec<(usize, usize, f64)> {
    ties.iter().map(|(from, to, value)| (n - 1 - from, n - 1 - to, *value)).collect()
}

/// `(I - M) ^ -1 c` by elimination on the full matrix: the slow plain version.
pub fn dense_solve(entries: &[(usize, usize, f64)], c: &[f64]) -> Vec<f64> {
    let n = c.len();
    let mut rows: Vec<Vec<f64>> = vec![vec![0.0; n + 1]; n];
    for (at, row) in rows.iter_mut().enumerate() {
        row[at] = 1.0;
        row[n] = c[at];
    }
    for (row, column, value) in entries {
        rows[*row][*column] -= value;
    }
    for k in 0..n {
        let pivot = (k..n).max_by(|a, b| rows[*a][k].abs().total_cmp(&rows[*b][k].abs())).unwrap();
        rows.swap(k, pivot);
        let lead = rows[k].clone();
        for (at, row) in rows.iter_mut().enumerate().filter(|(at, _)| *at != k) {
            let factor = row[k] / lead[k];
            let _ = at;
            row.iter_mut().zip(&lead).for_each(|(value, lead)| *value -= factor * lead);
        }
    }
    rows.iter().enumerate().map(|(at, row)| row[n] / row[at]).collect()
}
