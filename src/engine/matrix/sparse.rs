//! Square matrices of non-negative numbers in compressed rows.

use super::Matrix;
use crate::part::{Halo, Part};

/// A square matrix in compressed rows: row `i` lists its columns in rising order, each once.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sparse {
    start: Vec<usize>,
    columns: Vec<u32>,
    values: Vec<f64>,
}

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
        let columns = all.iter().map(|(_, column, _)| *column as u32).collect();
        Self { start, columns, values: all.into_iter().map(|(.., value)| value).collect() }
    }

    /// A matrix from entries in rising order of their columns, each place once, in two passes over them.
    pub fn sorted(n: usize, entries: impl Iterator<Item = (usize, usize, f64)> + Clone) -> Self {
        let mut start = vec![0; n + 1];
        for (row, ..) in entries.clone() {
            if let Some(slot) = start.get_mut(row + 1) {
                *slot += 1;
            }
        }
        let mut sum = 0;
        for slot in &mut start {
            sum += *slot;
            *slot = sum;
        }
        let mut next = start.clone();
        let (mut columns, mut values) = (vec![0; sum], vec![0.0; sum]);
        for (row, column, value) in entries.filter(|(row, ..)| *row < n) {
            let at = next[row];
            (columns[at], values[at]) = (column as u32, value);
            next[row] += 1;
        }
        Self { start, columns, values }
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

    pub(super) fn lists(&self, at: usize) -> (&[u32], &[f64]) {
        let range = match (self.start.get(at), self.start.get(at + 1)) {
            (Some(from), Some(to)) => *from..*to,
            _ => 0..0,
        };
        let columns = self.columns.get(range.clone()).unwrap_or_default();
        (columns, self.values.get(range).unwrap_or_default())
    }

    /// Columns and values of a row; none for a row that there is not.
    pub fn row(&self, at: usize) -> impl Iterator<Item = (usize, f64)> + Clone + '_ {
        let (columns, values) = self.lists(at);
        columns.iter().map(|column| *column as usize).zip(values.iter().copied())
    }

    /// Row `at` times a vector.
    pub fn dot(&self, at: usize, x: &[f64]) -> f64 {
        // an empty sum of floats is -0: start from 0
        self.row(at).fold(0.0, |sum, (column, value)| sum + value * x.get(column).copied().unwrap_or(0.0))
    }

    /// The matrix times a vector.
    pub fn times(&self, x: &[f64]) -> Vec<f64> {
        (0..self.len()).map(|at| self.dot(at, x)).collect()
    }

    /// Rows and columns exchanged.
    pub fn transposed(&self) -> Self {
        let all = (0..self.len()).flat_map(|row| self.row(row).map(move |(column, v)| (column, row, v)));
        Self::sorted(self.len(), all)
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
            if let Some(sum) = sums.get_mut(*column as usize) {
                *sum += value;
            }
        }
        sums
    }

    /// The largest sum of a column, of those of the columns all of whose entries this process has: its own ones.
    pub fn largest_column_sum(&self, part: &Part) -> f64 {
        let sums = self.column_sums();
        let own = part.own(self.len()).filter_map(|at| sums.get(at));
        part.most(own.copied().fold(0.0, f64::max))
    }
}

impl Matrix for Sparse {
    fn len(&self) -> usize {
        self.len()
    }

    fn entries(&self) -> usize {
        self.entries()
    }

    fn own(&self, row: usize) -> f64 {
        let (columns, values) = self.lists(row);
        columns.binary_search(&(row as u32)).map_or(0.0, |at| values[at])
    }

    fn dot_beside(&self, row: usize, x: &[f64]) -> f64 {
        let (columns, values) = self.lists(row);
        let mut sum = 0.0;
        for (column, value) in columns.iter().zip(values) {
            if *column as usize != row {
                sum += value * x[*column as usize];
            }
        }
        sum
    }

    fn halo(&self, part: &Part) -> Halo {
        let rows = part.own(self.len());
        Halo::new(part, rows.flat_map(|row| self.lists(row).0.iter().copied()))
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
}
