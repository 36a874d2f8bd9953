//! Square matrices of non-negative numbers in compressed rows, and the solve that all linear models share.

/// A square matrix in compressed rows: row `i` lists its columns in rising order, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparse {
    start: Vec<usize>,
    columns: Vec<usize>,
    values: Vec<f64>,
}

/// Solution of a linear system, and how exact it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Solved {
    /// The unknowns.
    pub x: Vec<f64>,
    /// Largest `|c + M x - x|`, in the unit of `x`.
    pub residual: f64,
    /// Sweeps done.
    pub sweeps: usize,
    /// Whether the residual fell to rounding within the limit of sweeps.
    pub converged: bool,
}

/// Sweeps after which a solve gives up and says so.
pub const MOST_SWEEPS: usize = 100_000;
/// Residual, relative to the largest unknown, at which a solve has settled.
pub const SETTLED: f64 = 1e-15;

impl Sparse {
    /// A matrix of `n` rows from (row, column, value); entries of one place add up in the order given, zeros and
    /// places outside are left out.
    ///
    /// Cost: one sort of the entries.
    pub fn new(n: usize, entries: impl IntoIterator<Item = (usize, usize, f64)>) -> Self {
        let inside = |(row, column, value): &(usize, usize, f64)| *row < n && *column < n && *value != 0.0;
        let mut all: Vec<(usize, usize, f64)> = entries.into_iter().filter(inside).collect();
        all.sort_by_key(|(row, column, _)| (*row, *column));
        all.dedup_by(|later, first| {
            let same = (later.0, later.1) == (first.0, first.1);
            if same {
                first.2 += later.2;
            }
            same
        });
        let mut start = vec![0; n + 1];
        for (row, ..) in &all {
            if let Some(slot) = start.get_mut(row + 1) {
                *slot += 1;
            }
        }
        let mut sum = 0;
        for slot in &mut start {
            sum += *slot;
            *slot = sum;
        }
        let columns = all.iter().map(|(_, column, _)| *column).collect();
        Self { start, columns, values: all.into_iter().map(|(.., value)| value).collect() }
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of entries that are not zero.
    pub fn entries(&self) -> usize {
        self.values.len()
    }

    /// Columns and values of a row; none for a row that there is not.
    pub fn row(&self, at: usize) -> impl Iterator<Item = (usize, f64)> + '_ {
        let range = match (self.start.get(at), self.start.get(at + 1)) {
            (Some(from), Some(to)) => *from..*to,
            _ => 0..0,
        };
        let columns = self.columns.get(range.clone()).unwrap_or_default();
        columns.iter().copied().zip(self.values.get(range).unwrap_or_default().iter().copied())
    }

    /// Row `at` times a vector.
    pub fn dot(&self, at: usize, x: &[f64]) -> f64 {
        self.row(at).map(|(column, value)| value * x.get(column).copied().unwrap_or(0.0)).sum()
    }

    /// The matrix times a vector.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.len()).map(|at| self.dot(at, x)).collect()
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let all = (0..self.len()).flat_map(|row| self.row(row).map(move |(column, v)| (column, row, v)));
        Self::new(self.len(), all.collect::<Vec<_>>())
    }

    /// The matrix with every entry given anew from row, column and value.
    pub fn map(&self, f: impl Fn(usize, usize, f64) -> f64) -> Self {
        let all = (0..self.len()).flat_map(|row| self.row(row).map(move |(column, v)| (row, column, v)));
        Self::new(
            self.len(),
            all.map(|(row, column, v)| (row, column, f(row, column, v))).collect::<Vec<_>>(),
        )
    }

    /// Sums of the columns.
    pub fn column_sums(&self) -> Vec<f64> {
        let mut sums = vec![0.0; self.len()];
        for (column, value) in self.columns.iter().zip(&self.values) {
            if let Some(sum) = sums.get_mut(*column) {
                *sum += value;
            }
        }
        sums
    }

    /// Solves `x = c + M x`, that is `(I - M) x = c`, for a non-negative matrix of spectral radius below 1.
    ///
    /// Gauss-Seidel sweeps in the order of the rows and back, which converge for every such matrix; the diagonal is taken
    /// to the left side. Where the radius reaches 1 there is no such solution: the sweeps grow or creep, and the result
    /// says that it did not converge.
    /// Cost: two passes over the entries a sweep; the error shrinks at least by the square of the spectral radius.
    pub fn solve(&self, c: &[f64]) -> Solved {
        self.solve_without(c, None)
    }

    /// The same with one row and column left out, whose unknown is 0.
    pub fn solve_without(&self, c: &[f64], left_out: Option<usize>) -> Solved {
        let n = self.len();
        let mut x = vec![0.0; n];
        let own: Vec<f64> = (0..n)
            .map(|at| self.row(at).filter(|(column, _)| *column == at).map(|(_, value)| value).sum())
            .collect();
        let value = |at: usize, x: &[f64]| -> f64 {
            let others: f64 = self
                .row(at)
                .filter(|(column, _)| *column != at)
                .map(|(column, value)| value * x.get(column).copied().unwrap_or(0.0))
                .sum();
            c.get(at).copied().unwrap_or(0.0) + others
        };
        let (mut residual, mut best, mut stalled, mut sweeps) = (f64::INFINITY, f64::INFINITY, 0, 0);
        let feeds_itself = |at: usize| Some(at) != left_out && own.get(at).is_some_and(|own| *own >= 1.0);
        if (0..n).any(feeds_itself) {
            return Solved { x, residual, sweeps, converged: false };
        }
        while sweeps < MOST_SWEEPS {
            sweeps += 1;
            for at in (0..n).chain((0..n).rev()).filter(|at| Some(*at) != left_out) {
                let fresh = value(at, &x) / (1.0 - own.get(at).copied().unwrap_or(0.0));
                if let Some(slot) = x.get_mut(at) {
                    *slot = fresh;
                }
            }
            let off =
                |at: usize| value(at, &x) - (1.0 - own.get(at).unwrap_or(&0.0)) * x.get(at).unwrap_or(&0.0);
            residual = (0..n).filter(|at| Some(*at) != left_out).map(|at| off(at).abs()).fold(0.0, f64::max);
            let size = x.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
            // first, because beyond all bounds differences are not numbers and the residual seems small
            if !residual.is_finite() || !size.is_finite() || x.iter().any(|v| v.is_nan()) {
                residual = f64::INFINITY;
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
        }
        Solved { x, residual, sweeps, converged: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_of_one_place_add_up_and_rows_are_sorted() {
        let m =
            Sparse::new(3, [(2, 1, 1.0), (0, 2, 0.5), (0, 1, 0.25), (0, 2, 0.25), (1, 1, 0.0), (7, 0, 1.0)]);
        assert_eq!(m.row(0).collect::<Vec<_>>(), [(1, 0.25), (2, 0.75)]);
        assert_eq!(m.row(1).count(), 0);
        assert_eq!(m.times(&[1.0, 2.0, 4.0]), [3.5, 0.0, 2.0]);
        assert_eq!(m.transposed().row(1).collect::<Vec<_>>(), [(0, 0.25), (2, 1.0)]);
        assert_eq!(m.column_sums(), [0.0, 1.25, 0.75]);
    }

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
        for own in [1.0, 1.5] {
            assert!(!Sparse::new(1, [(0, 0, own)]).solve(&[1.0]).converged);
        }
        assert!(Sparse::new(0, []).solve(&[]).converged);
    }
}
