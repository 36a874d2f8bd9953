//! What of a unit comes back to where it started: the diagonal of `N = (I - M)^-1`, and no other entry of it.
//!
//! Small matrices are inverted. In larger ones a unit is followed round by round from each row asked for, eight rows side by side,
//! and what comes back is taken out. Rounds of a closely knit matrix soon differ by a factor alone; what they would still
//! add is then the sum of a geometric series, and only what that leaves open is followed on.
//!
//! Reference: J. G. Kemeny and J. L. Snell, Finite Markov Chains, 1960, 3.5 (returns and the fundamental matrix); A. C. Aitken, Proc. R. Soc.
//! Edinburgh 46, 289, 1927 (sums of what has become geometric).

use rayon::prelude::*;

use super::Sparse;

/// What comes back, and how exact it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Returned {
    /// For each row asked for the share of a unit that ever comes back, 0 to 1: `1 - 1/N_kk`.
    pub share: Vec<f64>,
    /// Largest amount that was still on its way, of a unit.
    pub residual: f64,
    /// Most rounds of a row; 0 where the matrix was inverted.
    pub rounds: usize,
    /// Whether all were followed to the end.
    pub converged: bool,
}

/// Rows followed side by side: one pass over the entries serves them all.
const LANES: usize = 8;
/// A number for each lane, within one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Wide([f64; LANES]);

const NOTHING: Wide = Wide([0.0; LANES]);
/// Amount on its way at which following ends.
const SETTLED: f64 = 1e-15;
/// Rounds after which it gives up.
const MOST_ROUNDS: usize = 100_000;
/// Rounds of a closely knit matrix, to choose between following and inverting.
const TYPICAL_ROUNDS: usize = 40;
/// Most rows of a matrix that is inverted.
const MOST_INVERTED: usize = 4_000;
/// A pivot below this means that nothing leaves.
const LEAST_LEAK: f64 = 1e-13;
/// Rounds between looks at whether they differ by a factor alone.
const LOOK: usize = 4;
/// Entries from which on a round is spread over threads.
const MANY_ENTRIES: usize = 100_000;
/// Rows whose sums are taken together, on whatever number of threads.
const PIECE: usize = 4_096;

impl Sparse {
    /// For some rows the share of a unit that starts there which ever comes back, rows adding up to at most 1; also where nothing
    /// leaves the matrix.
    ///
    /// Cost: for small matrices m³; else some tens of passes over the entries for every eight rows, more where little leaves.
    pub fn returned(&self, rows: &[u32]) -> Returned {
        if self.entries() == 0 {
            return Returned { share: vec![0.0; rows.len()], residual: 0.0, rounds: 0, converged: true };
        }
        if self.is_inverted_for(rows.len())
            && let Some(all) = self.returned_by_inverse()
        {
            let share = rows.iter().map(|row| all[*row as usize]).collect();
            return Returned { share, residual: 0.0, rounds: 0, converged: true };
        }
        let follow = |rows: &[u32]| Lanes::new(self, rows).follow();
        let all: Vec<Returned> = match self.entries() < MANY_ENTRIES {
            true => rows.par_chunks(LANES).map(follow).collect(),
            false => rows.chunks(LANES).map(follow).collect(),
        };
        let mut returned = Returned { share: Vec::new(), residual: 0.0, rounds: 0, converged: true };
        for some in all {
            returned.share.extend(some.share);
            returned.residual = returned.residual.max(some.residual);
            returned.rounds = returned.rounds.max(some.rounds);
            returned.converged &= some.converged;
        }
        returned
    }

    /// Whether [`Sparse::returned`] inverts the matrix, where it has an inverse, to answer for so many rows.
    pub fn is_inverted_for(&self, rows: usize) -> bool {
        let followed = TYPICAL_ROUNDS.saturating_mul(rows).saturating_mul(self.entries());
        self.len() <= MOST_INVERTED && self.len().pow(3) <= followed
    }

    /// The same of all rows by Gauss-Jordan elimination; `None` where nothing leaves, so that there is no inverse. `I - M` is an
    /// M-matrix, for which it needs no exchange of rows.
    fn returned_by_inverse(&self) -> Option<Vec<f64>> {
        let n = self.len();
        let mut matrix = vec![0.0; n * n];
        for row in 0..n {
            matrix[row * n + row] = 1.0;
            self.row(row).for_each(|(column, value)| matrix[row * n + column] -= value);
        }
        let mut pivot_row = vec![0.0; n];
        for k in 0..n {
            let pivot = matrix[k * n + k];
            if pivot <= LEAST_LEAK {
                return None;
            }
            pivot_row.copy_from_slice(&matrix[k * n..(k + 1) * n]);
            pivot_row.iter_mut().for_each(|value| *value /= pivot);
            pivot_row[k] = 1.0 / pivot;
            let eliminate = |(at, row): (usize, &mut [f64])| {
                if at == k {
                    row.copy_from_slice(&pivot_row);
                    return;
                }
                let factor = std::mem::replace(&mut row[k], 0.0);
                if factor != 0.0 {
                    for (value, above) in row.iter_mut().zip(&pivot_row) {
                        *value -= factor * above;
                    }
                }
            };
            matrix.par_chunks_mut(n).enumerate().with_min_len(64).for_each(eliminate);
        }
        Some((0..n).map(|at| 1.0 - 1.0 / matrix[at * n + at]).collect())
    }
}

/// Units that started at up to eight rows.
struct Lanes<'m> {
    matrix: &'m Sparse,
    rows: &'m [u32],
    /// What of each is on its way, and where it is a round later.
    wave: Vec<Wide>,
    next: Vec<Wide>,
}

impl<'m> Lanes<'m> {
    fn new(matrix: &'m Sparse, rows: &'m [u32]) -> Self {
        let mut wave = vec![NOTHING; matrix.len()];
        rows.iter().enumerate().for_each(|(lane, row)| wave[*row as usize].0[lane] = 1.0);
        Self { matrix, rows, next: wave.clone(), wave }
    }

    fn follow(mut self) -> Returned {
        let (mut back, mut residual) = ([0.0; LANES], 1.0);
        for round in 0..MOST_ROUNDS {
            residual = self.step();
            let came: Vec<f64> = self
                .rows
                .iter()
                .enumerate()
                .map(|(lane, row)| std::mem::take(&mut self.next[*row as usize].0[lane]))
                .collect();
            let mut factors = [0.0; LANES];
            if round > 0 && round % LOOK == 0 {
                (factors, residual) = self.factors();
            }
            for ((back, came), factor) in back.iter_mut().zip(came).zip(factors) {
                *back += came / (1.0 - factor);
            }
            if factors != [0.0; LANES] {
                self.sum_up(factors);
            }
            std::mem::swap(&mut self.wave, &mut self.next);
            if residual <= SETTLED {
                let share = back[..self.rows.len()].iter().map(|share| share.clamp(0.0, 1.0)).collect();
                return Returned { share, residual, rounds: round + 1, converged: true };
            }
        }
        let share = back[..self.rows.len()].iter().map(|share| share.clamp(0.0, 1.0)).collect();
        Returned { share, residual, rounds: MOST_ROUNDS, converged: false }
    }

    /// A round of all lanes; the largest amount in any.
    fn step(&mut self) -> f64 {
        let (matrix, wave) = (self.matrix, &self.wave);
        let piece = |(at, piece): (usize, &mut [Wide])| {
            let mut most: f64 = 0.0;
            for (row, place) in piece.iter_mut().enumerate() {
                let (columns, values) = matrix.lists(at * PIECE + row);
                let mut sums = [0.0; LANES];
                for (column, value) in columns.iter().zip(values) {
                    let from = &wave[*column as usize].0;
                    sums.iter_mut().zip(from).for_each(|(sum, amount)| *sum += value * amount);
                }
                for sum in sums {
                    let size = sum.abs();
                    most = if size > most { size } else { most };
                }
                place.0 = sums;
            }
            most
        };
        match matrix.entries() < MANY_ENTRIES {
            true => self.next.chunks_mut(PIECE).enumerate().map(piece).fold(0.0, f64::max),
            false => self.next.par_chunks_mut(PIECE).enumerate().map(piece).reduce(|| 0.0, f64::max),
        }
    }

    /// For each lane the factor by which the next round differs from this one, or 0 where another factor would be needed elsewhere; and
    /// the largest amount that is left open so.
    fn factors(&self) -> ([f64; LANES], f64) {
        let sums = self.pieces(|wave, next| {
            let (mut both, mut own) = ([0.0; LANES], [0.0; LANES]);
            for (wave, next) in wave.iter().zip(next) {
                for lane in 0..LANES {
                    both[lane] += wave.0[lane] * next.0[lane];
                    own[lane] += wave.0[lane] * wave.0[lane];
                }
            }
            [both, own]
        });
        let mut factors = [0.0; LANES];
        for (lane, factor) in factors.iter_mut().enumerate() {
            let [both, own] = [0, 1].map(|at| sums.iter().map(|sums| sums[at][lane]).sum::<f64>());
            let least = both / own;
            *factor = if least > 0.0 && least < 1.0 { least } else { 0.0 };
        }
        let most = self.pieces(|wave, next| {
            let (mut open, mut plain) = ([0.0f64; LANES], [0.0f64; LANES]);
            for (wave, next) in wave.iter().zip(next) {
                for lane in 0..LANES {
                    open[lane] = open[lane].max((next.0[lane] - factors[lane] * wave.0[lane]).abs());
                    plain[lane] = plain[lane].max(next.0[lane].abs());
                }
            }
            [open, plain]
        });
        let mut left: f64 = 0.0;
        for (lane, factor) in factors.iter_mut().enumerate() {
            let [open, plain] =
                [0, 1].map(|at| most.iter().fold(0.0, |most: f64, piece| most.max(piece[at][lane])));
            let open = open / (1.0 - *factor);
            if open < 0.5 * plain {
                left = left.max(open);
            } else {
                (*factor, left) = (0.0, left.max(plain));
            }
        }
        (factors, left)
    }

    /// What is left open where a round and all that follow it are summed up as a geometric series.
    fn sum_up(&mut self, factors: [f64; LANES]) {
        for (next, wave) in self.next.iter_mut().zip(&self.wave) {
            for ((next, wave), factor) in next.0.iter_mut().zip(wave.0).zip(factors) {
                *next = (*next - factor * wave) / (1.0 - factor);
            }
        }
    }

    /// Something of each piece of the rows, in their order.
    fn pieces<T: Send>(&self, of: impl Fn(&[Wide], &[Wide]) -> T + Sync) -> Vec<T> {
        let (wave, next) = (self.wave.chunks(PIECE), self.next.chunks(PIECE));
        match self.matrix.entries() < MANY_ENTRIES {
            true => wave.zip(next).map(|(wave, next)| of(wave, next)).collect(),
            false => {
                let both = self.wave.par_chunks(PIECE).zip(self.next.par_chunks(PIECE));
                both.map(|(wave, next)| of(wave, next)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ring with chords: row i has 0.5 in the next column and `chord` in the third one on.
    fn ring(n: usize, chord: f64) -> Sparse {
        Sparse::new(n, (0..n).flat_map(|at| [(at, (at + 1) % n, 0.5), (at, (at + 3) % n, chord)]))
    }

    #[test]
    fn what_comes_back_around_a_ring_is_the_product() {
        let ring = Sparse::new(5, (0..5).map(|at| (at, (at + 1) % 5, 0.9)));
        let returned = ring.returned(&[3]);
        assert!(returned.converged && (returned.share[0] - 0.9f64.powi(5)).abs() < 1e-15);
        // on its own diagonal
        assert_eq!(Sparse::new(1, [(0, 0, 0.25)]).returned(&[0]).share, [0.25]);
    }

    #[test]
    fn followed_and_inverted_are_the_same() {
        for (n, chord) in [(9, 0.3), (40, 0.45), (120, 0.4999), (9, 0.0)] {
            let m = ring(n, chord);
            let rows: Vec<u32> = (0..n as u32).collect();
            let inverted = m.returned_by_inverse().expect("a part leaves");
            for some in rows.chunks(LANES) {
                let followed = Lanes::new(&m, some).follow();
                assert!(followed.converged);
                for (row, share) in some.iter().zip(followed.share) {
                    assert!(
                        (share - inverted[*row as usize]).abs() < 1e-12,
                        "{share} {}",
                        inverted[*row as usize]
                    );
                }
            }
        }
    }

    #[test]
    fn where_nothing_leaves_all_comes_back() {
        let returned = ring(31, 0.5).returned(&[0, 7]);
        assert!(
            returned.converged && returned.share.iter().all(|share| (share - 1.0).abs() < 1e-12),
            "{returned:?}"
        );
    }

    #[test]
    fn a_large_matrix_on_all_threads_agrees_with_the_solve() {
        let m = ring(60_000, 0.3);
        // all rows are alike: one solve is enough
        let mut unit = vec![0.0; m.len()];
        unit[7] = 1.0;
        let n = m.solve(&unit).x[7];
        for share in m.returned(&[0, 59_999]).share {
            assert!((share - (1.0 - 1.0 / n)).abs() < 1e-12, "{share} and {n}");
        }
    }
}
