//! The solve that linear models and spending followed to its end share: `x = c + M x` for a non-negative matrix, by one process or
//! by several that each hold a part of the rows, with the same bits.
//!
//! Sweeps renew all unknowns at once (Jacobi). From 0 they rise to the solution of a system whose right side has one sign, and
//! leave at 0 what nothing reaches. Where they creep, steps of BiCGSTAB come between; what they find is taken where it leaves
//! less of the system open, and sweeps go on from there, so that they always have the last word. Sums over all rows are
//! reproducible ones, and everything else is of one row, so that no number depends on who holds which rows.
//!
//! Reference: R. S. Varga, Matrix Iterative Analysis, 1962 (non-negative matrices); H. A. van der Vorst, Bi-CGSTAB, SIAM J. Sci.
//! Stat. Comput. 13, 631, 1992.

use rayon::prelude::*;

use super::{Matrix, Sparse};
use crate::part::{Halo, Mirror, Part};
use crate::reproducible::largest;

/// Solution of a linear system, and how exact it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The unknowns.
    pub x: Vec<f64>,
    /// Largest `|c + M x - x|`, in the unit of `x`.
    pub residual: f64,
    /// Products with the matrix.
    pub sweeps: usize,
    /// Whether the residual fell to rounding within the limit of sweeps.
    pub converged: bool,
}

/// Sweeps after which a solve gives up and says so.
pub const MOST_SWEEPS: usize = 100_000;
/// Residual, relative to the largest unknown, at which a solve has settled.
pub const SETTLED: f64 = 1e-15;
/// Sweeps before it is asked for the first time whether they creep.
const FIRST: usize = 8;
/// Sweeps creep that would not have settled after two to this power more: steps of BiCGSTAB take about as many products.
const CREEPS: usize = 5;
/// Steps of BiCGSTAB before sweeps go on.
const MOST_STEPS: usize = 100;
/// Entries from which on a product is spread over threads.
const MANY_ENTRIES: usize = 100_000;

impl Sparse {
    /// Solves `x = c + M x`, that is `(I - M) x = c`, for a non-negative matrix of spectral radius below 1.
    ///
    /// The diagonal is taken to the left side. Where the radius reaches 1 there is no such solution: the sweeps grow or creep, and
    /// the result says that it did not converge.
    /// Cost: one pass over the entries a sweep; the error shrinks by the spectral radius, and faster where that would creep.
    pub fn solve(&self, c: &[f64]) -> Solved {
        self.solve_without(c, None)
    }

    /// The same with one row and column left out, whose unknown is 0.
    pub fn solve_without(&self, c: &[f64], left_out: Option<usize>) -> Solved {
        self.solve_in(&Part::default(), c, left_out)
    }

    /// The same where processes each have the rows of a part of the matrix: all call it with the same right side, and all get the
    /// whole solution, the same to the bit as one process would. Cost: two exchanges a sweep.
    pub fn solve_in(&self, part: &Part, c: &[f64], left_out: Option<usize>) -> Solved {
        solve(self, part, c, left_out)
    }
}

/// Solves `x = c + M x` for any matrix, as [`Sparse::solve_in`] does.
pub fn solve(matrix: &impl Matrix, part: &Part, c: &[f64], left_out: Option<usize>) -> Solved {
    let mut system = System::new(matrix, part, c, left_out);
    let mut solved = system.solve(|| {
        let sizes: Vec<f64> = c.iter().map(|c| c.abs()).collect();
        solve(matrix, part, &sizes, left_out).converged
    });
    let mut x = vec![0.0; matrix.len()];
    system.rows.iter().zip(&solved.x).for_each(|(row, value)| x[*row] = *value);
    part.complete(&mut x);
    solved.x = x;
    solved
}

/// The rows of this process. Vectors have one entry for each, in their order.
struct System<'m, M> {
    matrix: &'m M,
    rows: Vec<usize>,
    /// 1 less the diagonal.
    kept: Vec<f64>,
    c: Vec<f64>,
    halo: Halo,
    mirror: Mirror,
    /// A vector by entity, with what is needed of other processes.
    wide: Vec<f64>,
}

impl<'m, M: Matrix> System<'m, M> {
    fn new(matrix: &'m M, part: &Part, c: &[f64], left_out: Option<usize>) -> Self {
        let rows: Vec<usize> = part.own(matrix.len()).filter(|at| Some(*at) != left_out).collect();
        let kept = rows.iter().map(|row| 1.0 - matrix.own(*row)).collect();
        let c = rows.iter().map(|at| c.get(*at).copied().unwrap_or(0.0)).collect();
        let halo = matrix.halo(part);
        let mirror = halo.mirror();
        Self { matrix, rows, kept, c, halo, mirror, wide: vec![0.0; matrix.len()] }
    }

    /// What the others bring to each row: the matrix without its diagonal times a vector.
    fn others(&mut self, x: &[f64]) -> Vec<f64> {
        self.rows.iter().zip(x).for_each(|(row, value)| self.wide[*row] = *value);
        self.halo.renew(&mut self.mirror, &mut self.wide);
        let (matrix, wide) = (self.matrix, &self.wide);
        let sum = |at: &usize| matrix.dot_beside(*at, wide);
        match matrix.entries() < MANY_ENTRIES {
            true => self.rows.iter().map(sum).collect(),
            false => self.rows.par_iter().map(sum).collect(),
        }
    }

    /// The largest size in each vector, over all rows; infinite where one is no number.
    fn largest<const N: usize>(&self, vectors: [&[f64]; N]) -> [f64; N] {
        let sizes = vectors.map(largest).map(|size| if size.is_nan() { f64::INFINITY } else { size });
        let sizes = self.halo.part().most_of(&sizes);
        std::array::from_fn(|at| sizes.get(at).copied().unwrap_or(0.0))
    }

    fn dot(&self, a: &[f64], b: &[f64]) -> f64 {
        self.halo.part().sum_of(&a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<f64>>())
    }

    /// What is left open of each row, and the unknowns that a sweep makes of these.
    fn sweep(&mut self, x: &[f64]) -> (Vec<f64>, Vec<f64>) {
        let others = self.others(x);
        let rows = others.iter().zip(&self.c).zip(&self.kept).zip(x);
        rows.map(|(((others, c), kept), x)| (c + others - kept * x, (c + others) / kept)).unzip()
    }

    /// Solves it; `holds` tells whether the system with the sizes of its right side has a solution.
    fn solve(&mut self, holds: impl Fn() -> bool) -> Solved {
        let mut x = vec![0.0; self.rows.len()];
        let feeds_itself = self.kept.iter().any(|kept| *kept <= 0.0);
        if self.halo.part().any(feeds_itself) {
            return Solved { x, residual: f64::INFINITY, sweeps: 0, converged: false };
        }
        let (mut residual, mut best, mut stalled, mut sweeps) = (f64::INFINITY, f64::INFINITY, 0, 0);
        let (mut wait, mut next, mut before) = (FIRST, FIRST, f64::INFINITY);
        let (mut sign, mut held) = (None, None);
        while sweeps < MOST_SWEEPS {
            sweeps += 1;
            let (open, fresh) = self.sweep(&x);
            let [left, size] = self.largest([&open, &x]);
            residual = left;
            if !residual.is_finite() || !size.is_finite() {
                (x, residual) = (fresh, f64::INFINITY);
                break;
            }
            if residual <= SETTLED * size {
                return Solved { x, residual, sweeps, converged: true };
            }
            // rounding may keep the residual above the goal: settled where it no longer falls and is tiny
            stalled = if residual < best { 0 } else { stalled + 1 };
            best = best.min(residual);
            if stalled >= 4 && residual <= 64.0 * SETTLED * size {
                return Solved { x, residual, sweeps, converged: true };
            }
            x = fresh;
            let after = (0..CREEPS).fold(residual / before, |rate, _| rate * rate);
            let creeps = residual * after > SETTLED * size;
            before = residual;
            if sweeps < next || !creeps {
                continue;
            }
            let sign = match sign {
                Some(sign) => sign,
                None => *sign.insert(self.sign()),
            };
            if sign == Sign::Mixed && !*held.get_or_insert_with(&holds) {
                next = MOST_SWEEPS;
                continue;
            }
            let (found, products) = self.leap(&x);
            let found = sign.beyond(&x, found);
            let [left, _] = {
                let (open, fresh) = self.sweep(&found);
                self.largest([&open, &fresh])
            };
            sweeps += products + 1;
            // a step that does not help is tried less and less often
            match left < 0.5 * residual {
                true => (x, wait) = (found, FIRST),
                false => wait *= 2,
            }
            next = sweeps + wait;
        }
        Solved { x, residual, sweeps, converged: false }
    }

    fn sign(&self) -> Sign {
        let most = |sign: f64| self.c.iter().fold(0.0, |most: f64, c| most.max(sign * c));
        let most = self.halo.part().most_of(&[most(1.0), most(-1.0)]);
        match most.as_slice() {
            [above, below] if *above > 0.0 && *below > 0.0 => Sign::Mixed,
            [_, below] if *below > 0.0 => Sign::Negative,
            _ => Sign::Positive,
        }
    }

    /// The best of some steps of BiCGSTAB on `x = D (c + N x)`, with N the matrix without its diagonal, and the products that they
    /// took. Entries that nothing reaches stay 0.
    fn leap(&mut self, start: &[f64]) -> (Vec<f64>, usize) {
        let times = |system: &mut Self, v: &[f64]| -> Vec<f64> {
            let others = system.others(v);
            v.iter().zip(others).zip(&system.kept).map(|((v, others), kept)| v - others / kept).collect()
        };
        let (_, fresh) = self.sweep(start);
        let mut x = start.to_vec();
        let mut r: Vec<f64> = fresh.iter().zip(start).map(|(fresh, x)| fresh - x).collect();
        let (shadow, mut p) = (r.clone(), r.clone());
        let mut rho = self.dot(&shadow, &r);
        let [mut least, _] = self.largest([&r, &x]);
        let (mut best, mut products) = (x.clone(), 1);
        for _ in 0..MOST_STEPS {
            let v = times(self, &p);
            let alpha = rho / self.dot(&shadow, &v);
            r.iter_mut().zip(&v).for_each(|(r, v)| *r -= alpha * v);
            let t = times(self, &r);
            let size = self.dot(&t, &t);
            let omega = if size > 0.0 { self.dot(&t, &r) / size } else { 0.0 };
            products += 2;
            for (((x, r), p), t) in x.iter_mut().zip(&mut r).zip(&p).zip(&t) {
                *x += alpha * p + omega * *r;
                *r -= omega * t;
            }
            let [left, size] = self.largest([&r, &x]);
            if left < least {
                least = left;
                best.copy_from_slice(&x);
            }
            let now = self.dot(&shadow, &r);
            let beta = now / rho * (alpha / omega);
            // a step that breaks down makes no numbers of the rest
            if left <= SETTLED * size || !left.is_finite() || !size.is_finite() || !beta.is_finite() {
                break;
            }
            rho = now;
            for ((p, r), v) in p.iter_mut().zip(&r).zip(&v) {
                *p = r + beta * (*p - omega * v);
            }
        }
        (best, products)
    }
}

/// The sign of a right side, and with it of the solution.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Positive,
    Negative,
    Mixed,
}

impl Sign {
    /// What is found, but not on the wrong side of what sweeps have come to: of a right side of one sign, the solution lies beyond it,
    /// and where there is none no such vector leaves little open.
    fn beyond(self, swept: &[f64], found: Vec<f64>) -> Vec<f64> {
        let further = |(swept, found): (&f64, f64)| match self {
            Self::Positive => swept.max(found),
            Self::Negative => swept.min(found),
            Self::Mixed => found,
        };
        swept.iter().zip(found).map(further).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_that_feeds_itself_is_solved() {
        // x = 1 + x/2 + y/4, y = 2 + x/2: x = 1.5/0.375 = 4, y = 4
        let m = Sparse::new(2, [(0, 0, 0.5), (0, 1, 0.25), (1, 0, 0.5)]);
        let solved = m.solve(&[1.0, 2.0]);
        assert!(solved.converged && solved.residual < 1e-14);
        assert!((solved.x[0] - 4.0).abs() < 1e-13 && (solved.x[1] - 4.0).abs() < 1e-13);
        assert_eq!(m.solve_without(&[1.0, 2.0], Some(1)).x, [2.0, 0.0]);
    }

    #[test]
    fn a_system_without_a_solution_says_so() {
        let grows = Sparse::new(2, [(0, 1, 2.0), (1, 0, 2.0)]);
        assert!(!grows.solve(&[1.0, 0.0]).converged);
        // a pair whose loop grows slowly, so that steps between sweeps would find what solves the equations with losses for gains
        let slow = Sparse::new(2, [(0, 1, 1.0), (1, 0, 1.000_1)]);
        for c in [[1.0, 0.0], [-1.0, -2.0], [1.0, -1.0]] {
            assert!(!slow.solve(&c).converged, "{c:?}");
        }
        for own in [1.0, 1.5] {
            assert!(!Sparse::new(1, [(0, 0, own)]).solve(&[1.0]).converged);
        }
        assert!(Sparse::new(0, []).solve(&[]).converged);
    }

    /// Rings of three sizes that pass on all but a small part, the second fed by the first, and one apart.
    fn rings(leak: f64) -> Sparse {
        let ring = |first: usize, n: usize| {
            (0..n).map(move |at| (first + (at + 1) % n, first + at, 1.0 - leak * (1.0 + at as f64)))
        };
        Sparse::new(29, ring(0, 7).chain(ring(7, 12)).chain(ring(19, 10)).chain([(9, 3, leak / 2.0)]))
    }

    #[test]
    fn sweeps_that_creep_are_helped_and_reach_the_sums_around_each_ring() {
        let m = rings(1e-6);
        let mut c = vec![0.0; 29];
        c[2] = 1.0;
        let solved = m.solve(&c);
        assert!(solved.converged && solved.sweeps < 5_000, "{} sweeps", solved.sweeps);
        // once around, and over again: a geometric series
        let once: f64 = (0..7).map(|at| 1.0 - 1e-6 * (1.0 + f64::from(at))).product();
        assert!((solved.x[2] * (1.0 - once) - 1.0).abs() < 1e-9, "{}", solved.x[2]);
        assert!(solved.x[7..19].iter().all(|x| *x > 0.0));
        assert_eq!(solved.x[19..], [0.0; 10], "what nothing reaches stays 0");
        let less: Vec<f64> = c.iter().map(|c| -c).collect();
        let turned: Vec<f64> = solved.x.iter().map(|x| -x).collect();
        assert_eq!(m.solve(&less).x, turned);
    }

    #[cfg(feature = "cluster")]
    #[test]
    fn whoever_holds_the_rows_the_bits_are_the_same() {
        let some: Vec<f64> =
            (0..29).map(|at| if at % 5 == 0 { 1.0 + at as f64 / 7.0 } else { 0.0 }).collect();
        let mixed: Vec<f64> =
            some.iter().enumerate().map(|(at, c)| if at % 2 == 0 { *c } else { -c }).collect();
        for leak in [0.05, 1e-4, 1e-5] {
            let m = rings(leak);
            for c in [&some, &mixed] {
                for left_out in [None, Some(8)] {
                    let alone = m.solve_without(c, left_out);
                    assert!(alone.converged, "leak {leak}: {} left", alone.residual);
                    for processes in [2, 3, 5] {
                        let owner: Vec<u16> = (0..29).map(|at| (at * 7 % processes) as u16).collect();
                        let told = crate::part::Together::run(processes as usize, &owner, |part| {
                            m.solve_in(part, c, left_out)
                        });
                        assert_eq!(told.len(), processes as usize);
                        told.iter()
                            .for_each(|told| assert_eq!(told, &alone, "leak {leak}, {processes} processes"));
                    }
                }
            }
        }
    }
}
