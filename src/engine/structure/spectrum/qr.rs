//! All eigenvalues of a real matrix by the shifted QR method.

use num_complex::Complex64;

/// Sweeps for one eigenvalue before the method gives up.
const MOST_SWEEPS: usize = 60;
/// Every so many sweeps the shift is an exceptional one: without it matrices that are one loop never settle.
const EXCEPTIONAL: usize = 10;

/// Eigenvalues of a square matrix in rows; `None` where the method does not settle, which is not known to happen.
///
/// Reduction to Hessenberg form by stabilised elimination, then double-shifted QR with exceptional shifts.
/// Cost: about 10 n³. Source: Martin, Peters and Wilkinson, Numerische Mathematik 14:219, 1970 (EISPACK `hqr`).
pub(super) fn eigenvalues(mut a: Vec<Vec<f64>>) -> Option<Vec<Complex64>> {
    hessenberg(&mut a);
    let n = a.len();
    let mut found = Vec::with_capacity(n);
    let size: f64 = a.iter().flatten().map(|v| v.abs()).sum();
    let (mut end, mut sweeps, mut shifted) = (n, 0, 0.0);
    // rows from `end` on are done
    while end > 0 {
        let last = end - 1;
        let start = deflate(&mut a, last, size);
        let x = a[last][last];
        if start == last {
            found.push(Complex64::new(x + shifted, 0.0));
            (end, sweeps) = (end - 1, 0);
            continue;
        }
        let y = a[last - 1][last - 1];
        let w = a[last][last - 1] * a[last - 1][last];
        if start + 1 == last {
            found.extend(pair(x, y, w).map(|value| value + shifted));
            (end, sweeps) = (end - 2, 0);
            continue;
        }
        if sweeps == MOST_SWEEPS {
            return None;
        }
        sweeps += 1;
        let shift = if sweeps % EXCEPTIONAL == 0 {
            shifted += x;
            (0..end).for_each(|i| a[i][i] -= x);
            let s = a[last][last - 1].abs() + a[last - 1][last - 2].abs();
            (0.75 * s, 0.75 * s, -0.4375 * s * s)
        } else {
            (x, y, w)
        };
        sweep(&mut a, start, last, shift);
    }
    Some(found)
}

/// Similarity transform to zeros below the first subdiagonal.
fn hessenberg(a: &mut [Vec<f64>]) {
    let n = a.len();
    for m in 1..n.saturating_sub(1) {
        let mut pivot = m;
        for j in m + 1..n {
            if a[j][m - 1].abs() > a[pivot][m - 1].abs() {
                pivot = j;
            }
        }
        let x = a[pivot][m - 1];
        if x == 0.0 {
            continue;
        }
        a.swap(pivot, m);
        a.iter_mut().for_each(|row| row.swap(pivot, m));
        for i in m + 1..n {
            let factor = a[i][m - 1] / x;
            if factor == 0.0 {
                continue;
            }
            let above = a[m].clone();
            a[i].iter_mut().zip(&above).skip(m - 1).for_each(|(value, above)| *value -= factor * above);
            a[i][m - 1] = 0.0;
            a.iter_mut().for_each(|row| row[m] += factor * row[i]);
        }
    }
}

/// Where the active block that ends at `last` starts: behind the nearest subdiagonal entry that is negligible, which
/// becomes zero.
fn deflate(a: &mut [Vec<f64>], last: usize, size: f64) -> usize {
    for l in (1..=last).rev() {
        let near = a[l - 1][l - 1].abs() + a[l][l].abs();
        let scale = if near == 0.0 { size } else { near };
        if a[l][l - 1].abs() <= f64::EPSILON * scale {
            a[l][l - 1] = 0.0;
            return l;
        }
    }
    0
}

/// Eigenvalues of the last two rows: diagonal `y`, `x`, product of the others `w`.
fn pair(x: f64, y: f64, w: f64) -> [Complex64; 2] {
    let p = 0.5 * (y - x);
    let q = p * p + w;
    let z = q.abs().sqrt();
    if q < 0.0 {
        return [Complex64::new(x + p, z), Complex64::new(x + p, -z)];
    }
    let z = p + z.copysign(p);
    let second = if z == 0.0 { x } else { x - w / z };
    [Complex64::new(x + z, 0.0), Complex64::new(second, 0.0)]
}

/// One double QR step on the rows `start..=last`.
fn sweep(a: &mut [Vec<f64>], start: usize, last: usize, (x, y, w): (f64, f64, f64)) {
    let mut m = last - 2;
    let mut column;
    loop {
        let z = a[m][m];
        let (r, s) = (x - z, y - z);
        let p = (r * s - w) / a[m + 1][m] + a[m][m + 1];
        let q = a[m + 1][m + 1] - z - r - s;
        let r = a[m + 2][m + 1];
        let scale = p.abs() + q.abs() + r.abs();
        column = if scale == 0.0 { [0.0; 3] } else { [p / scale, q / scale, r / scale] };
        if m == start {
            break;
        }
        let beside = a[m][m - 1].abs() * (column[1].abs() + column[2].abs());
        let around = column[0].abs() * (a[m - 1][m - 1].abs() + z.abs() + a[m + 1][m + 1].abs());
        if beside <= f64::EPSILON * around {
            break;
        }
        m -= 1;
    }
    for i in m + 2..=last {
        a[i][i - 2] = 0.0;
        if i > m + 2 {
            a[i][i - 3] = 0.0;
        }
    }
    for k in m..last {
        let three = k + 1 < last;
        let mut norm = 1.0;
        if k > m {
            column = [a[k][k - 1], a[k + 1][k - 1], if three { a[k + 2][k - 1] } else { 0.0 }];
            norm = column.iter().map(|v| v.abs()).sum();
            if norm == 0.0 {
                continue;
            }
            column.iter_mut().for_each(|v| *v /= norm);
        }
        let [p, q, r] = column;
        let s = (p * p + q * q + r * r).sqrt().copysign(p);
        if s == 0.0 {
            continue;
        }
        if k > m {
            a[k][k - 1] = -s * norm;
        } else if start < m {
            a[k][k - 1] = -a[k][k - 1];
        }
        let p = p + s;
        let (x, y, z) = (p / s, q / s, r / s);
        let (q, r) = (q / p, r / p);
        #[allow(clippy::needless_range_loop)] // three rows are changed side by side
        for j in k..=last {
            let mut sum = a[k][j] + q * a[k + 1][j];
            if three {
                sum += r * a[k + 2][j];
                a[k + 2][j] -= sum * z;
            }
            a[k + 1][j] -= sum * y;
            a[k][j] -= sum * x;
        }
        for row in a.iter_mut().take(last.min(k + 3) + 1).skip(start) {
            let mut sum = x * row[k] + y * row[k + 1];
            if three {
                sum += z * row[k + 2];
                row[k + 2] -= sum * r;
            }
            row[k + 1] -= sum * q;
            row[k] -= sum;
        }
    }
}
