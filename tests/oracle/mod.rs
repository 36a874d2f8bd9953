//! Slow plain versions of what the engine computes: dense, obvious, written from the definitions.
#![allow(dead_code)]

pub mod esri;
pub mod structure;

/// The inverse of `I - W` by Gauss-Jordan elimination with partial pivoting.
pub fn leontief_inverse(w: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let n = w.len();
    let mut a: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j)) - w[i][j]).collect()).collect();
    let mut inverse: Vec<Vec<f64>> =
        (0..n).map(|i| (0..n).map(|j| f64::from(u8::from(i == j))).collect()).collect();
    for column in 0..n {
        let pivot = (column..n).max_by(|x, y| a[*x][column].abs().total_cmp(&a[*y][column].abs())).unwrap();
        a.swap(column, pivot);
        inverse.swap(column, pivot);
        let scale = a[column][column];
        for j in 0..n {
            a[column][j] /= scale;
            inverse[column][j] /= scale;
        }
        for i in (0..n).filter(|i| *i != column) {
            let factor = a[i][column];
            for j in 0..n {
                a[i][j] -= factor * a[column][j];
                inverse[i][j] -= factor * inverse[column][j];
            }
        }
    }
    inverse
}

/// The functional cascade by iterating its definition from the shocked level, every entity in every round.
pub fn functional(needs: &[Vec<Vec<(usize, f64)>>], weights: &[Option<f64>], loss: &[f64]) -> Vec<f64> {
    let mut phi: Vec<f64> = loss.iter().map(|loss| 1.0 - loss).collect();
    for _ in 0..10_000 {
        let next: Vec<f64> = (0..needs.len())
            .map(|i| {
                let mut level = 1.0 - loss[i];
                let mut important = 1.0;
                for (p, suppliers) in needs[i].iter().enumerate() {
                    let lost: f64 = suppliers.iter().map(|(j, share)| share * (1.0 - phi[*j])).sum();
                    match weights[p] {
                        None => level = level.min(1.0 - lost),
                        Some(weight) => important -= weight * lost,
                    }
                }
                level.min(important).max(0.0)
            })
            .collect();
        let moved = next.iter().zip(&phi).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
        phi = next;
        if moved < 1e-15 {
            break;
        }
    }
    phi
}
