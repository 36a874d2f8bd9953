//! The dominant eigenvalue of a signed matrix with its vectors, and the inverse that gives long-run effects.

mod qr;

use std::iter::Sum;
use std::ops::SubAssign;

use num_complex::{Complex64, ComplexFloat};
use rayon::prelude::*;

/// The eigenvalue of largest modulus of a real matrix.
#[derive(Clone, Debug, PartialEq)]
pub struct Dominant {
    /// Its modulus: the spectral radius.
    pub radius: f64,
    /// The eigenvalue: of those with that modulus the one with the largest real part, and of a conjugate pair the
    /// one above the real axis.
    pub value: Complex64,
    /// `|A v - λ v|` with `|v| = 1`: how far value and vector are from exact.
    pub residual: f64,
    /// How many eigenvalues have that modulus, 1 or more: 2 for a conjugate pair, n for a single loop of n.
    pub tied: usize,
    right: Vec<Complex64>,
    left: Vec<Complex64>,
    /// `uᵀ v` of the unit vectors; near 0 where the eigenvalue is defective.
    overlap: Complex64,
}

/// Moduli that differ by less than this, relatively, are the same.
const SAME: f64 = 1e-9;
/// Rounds of inverse iteration; each multiplies the error by about the gap times 1e-10.
const ROUNDS: usize = 4;

/// The method did not settle, or the numbers are too large for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the eigenvalues did not settle")]
pub struct Unsettled;

/// The dominant eigenvalue of a square matrix in rows, `A[target][origin]`; `None` where all eigenvalues are 0.
///
/// # Errors
/// [`Unsettled`], which is not known to happen to finite numbers of ordinary size.
///
/// All eigenvalues come from shifted QR; power iteration would not settle, because a single loop of n has n
/// eigenvalues of the same modulus and a balancing loop a conjugate pair. Vectors come from inverse iteration, and the
/// value is refined by the two-sided Rayleigh quotient. Cost: about 10 n³.
pub fn dominant(a: &[Vec<f64>]) -> Result<Option<Dominant>, Unsettled> {
    let values = qr::eigenvalues(a.to_vec()).ok_or(Unsettled)?;
    if !values.iter().all(|value| value.is_finite()) {
        return Err(Unsettled);
    }
    let radius = values.iter().map(|value| value.norm()).fold(0.0, f64::max);
    let size = a.iter().flatten().map(|v| v.abs()).fold(0.0, f64::max);
    if radius <= f64::EPSILON * size {
        return Ok(None);
    }
    let tied: Vec<Complex64> =
        values.into_iter().filter(|value| value.norm() >= radius * (1.0 - SAME)).collect();
    let ahead = |a: &Complex64, b: &Complex64| {
        let near = (a.re - b.re).abs() <= SAME * radius;
        if near { a.im.total_cmp(&b.im) } else { a.re.total_cmp(&b.re) }
    };
    let first = tied.iter().copied().reduce(|a, b| if ahead(&b, &a).is_gt() { b } else { a });
    let first = first.ok_or(Unsettled)?;
    let right = vector(a, first, false).ok_or(Unsettled)?;
    let left = vector(a, first, true).ok_or(Unsettled)?;
    let overlap = dot(&left, &right);
    let image = times(a, &right);
    let value = if overlap.norm() > 1e-8 { dot(&left, &image) / overlap } else { first };
    let off = image.iter().zip(&right).map(|(a, v)| (a - value * v).norm_sqr()).sum::<f64>();
    let (radius, residual) = (value.norm(), off.sqrt());
    Ok(Some(Dominant { radius, value, residual, tied: tied.len(), right, left, overlap }))
}

impl Dominant {
    /// Elasticity of the spectral radius to an entry `A[target][origin]` of that size: the relative change of `|λ|` for a
    /// relative change of the entry, `Re(a u_target v_origin / (λ uᵀ v))`. Over all entries they add up to 1. `None` where the
    /// eigenvalue is defective and has no derivative.
    pub fn elasticity(&self, target: usize, origin: usize, entry: f64) -> Option<f64> {
        let (u, v) = (self.left.get(target)?, self.right.get(origin)?);
        let whole = self.value * self.overlap;
        (self.overlap.norm() > 1e-8).then(|| (entry * u * v / whole).re)
    }
}

fn dot(a: &[Complex64], b: &[Complex64]) -> Complex64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn times(a: &[Vec<f64>], v: &[Complex64]) -> Vec<Complex64> {
    a.iter().map(|row| row.iter().zip(v).map(|(a, v)| v * *a).sum()).collect()
}

/// A unit eigenvector near `value` by inverse iteration, of the matrix or of its transpose.
fn vector(a: &[Vec<f64>], value: Complex64, transposed: bool) -> Option<Vec<Complex64>> {
    let n = a.len();
    // a little off the eigenvalue, so that the matrix can be solved with
    let near = value * (1.0 + 1e-10);
    let entry = |i: usize, j: usize| if transposed { a[j][i] } else { a[i][j] };
    let matrix = (0..n).map(|i| {
        (0..n)
            .map(|j| Complex64::from(entry(i, j)) - if i == j { near } else { Complex64::default() })
            .collect()
    });
    let factors = Factors::new(matrix.collect())?;
    // a start that no symmetry of the matrix makes orthogonal to the vector
    let mut v: Vec<Complex64> =
        (0..n).map(|i| Complex64::new(1.0 + 0.3 * (i as f64).sin(), 0.2 * (2.0 * i as f64).cos())).collect();
    for _ in 0..ROUNDS {
        v = factors.solve(&v);
        let norm = v.iter().map(Complex64::norm_sqr).sum::<f64>().sqrt();
        if !(norm.is_finite() && norm > 0.0) {
            return None;
        }
        v.iter_mut().for_each(|v| *v /= norm);
    }
    Some(v)
}

/// A matrix split into triangles, for repeated solving; rows are exchanged for the largest pivot. Real matrices stay real, which
/// costs a quarter.
struct Factors<T> {
    rows: Vec<Vec<T>>,
    order: Vec<usize>,
}

impl<T: ComplexFloat<Real = f64> + From<f64> + SubAssign + Sum + Default> Factors<T> {
    fn new(mut rows: Vec<Vec<T>>) -> Option<Self> {
        let n = rows.len();
        let mut order: Vec<usize> = (0..n).collect();
        let size = rows.iter().flatten().map(|v| v.abs()).fold(0.0, f64::max);
        for k in 0..n {
            let mut pivot = k;
            for i in k + 1..n {
                if rows[i][k].abs() > rows[pivot][k].abs() {
                    pivot = i;
                }
            }
            rows.swap(k, pivot);
            order.swap(k, pivot);
            if rows[k][k].abs() <= f64::MIN_POSITIVE {
                rows[k][k] = <T as From<f64>>::from((f64::EPSILON * size).max(f64::MIN_POSITIVE));
            }
            let (above, below) = rows.split_at_mut(k + 1);
            let lead = &above[k];
            for row in below {
                let factor = row[k] / lead[k];
                if factor != T::default() {
                    row[k] = factor;
                    for (value, lead) in row.iter_mut().zip(lead).skip(k + 1) {
                        *value -= factor * *lead;
                    }
                }
            }
        }
        rows.iter().flatten().all(|v| v.is_finite()).then_some(Self { rows, order })
    }

    fn solve(&self, right: &[T]) -> Vec<T> {
        let mut x: Vec<T> = self.order.iter().map(|at| right[*at]).collect();
        for i in 0..x.len() {
            let sum: T = self.rows[i].iter().zip(&x).take(i).map(|(a, x)| *a * *x).sum();
            x[i] -= sum;
        }
        for i in (0..x.len()).rev() {
            let sum: T = self.rows[i].iter().zip(&x).skip(i + 1).map(|(a, x)| *a * *x).sum();
            x[i] = (x[i] - sum) / self.rows[i][i];
        }
        x
    }
}

/// `(I - A)^-1` of a square matrix in rows, by elimination with exchange of rows; `None` where there is none.
///
/// Cost: `2 n³`.
pub fn long_run(a: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let n = a.len();
    let identity = |i: usize, j: usize| f64::from(u8::from(i == j));
    let matrix: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| identity(i, j) - a[i][j]).collect()).collect();
    let factors = Factors::new(matrix)?;
    let column = |j: usize| factors.solve(&(0..n).map(|i| identity(i, j)).collect::<Vec<_>>());
    let columns: Vec<Vec<f64>> = (0..n).into_par_iter().map(column).collect();
    let rows: Vec<Vec<f64>> = (0..n).map(|i| (0..n).map(|j| columns[j][i]).collect()).collect();
    rows.iter().flatten().all(|v| v.is_finite()).then_some(rows)
}
