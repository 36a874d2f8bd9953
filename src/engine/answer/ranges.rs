//! How far the numbers of a table range over draws.

use serde::Serialize;

use super::format::{format_cell, printable};
use super::{Cell, Column, Table, Unit, format_unit};

/// How a number is spread over the draws in which it is there.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Range {
    /// Mean.
    pub mean: f64,
    /// Standard deviation, of the sample.
    pub sd: f64,
    /// A twentieth of the draws lies below.
    pub q05: f64,
    /// Half of the draws lies below.
    pub q50: f64,
    /// A twentieth of the draws lies above.
    pub q95: f64,
    /// In how many draws it is there.
    pub draws: usize,
}

/// How the numbers of one row are spread.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RowRange {
    /// The share of the draws in which the row is there.
    pub present: f64,
    /// A range for each column; nothing where the draws do not move the cell.
    pub cells: Vec<Option<Range>>,
}

/// The columns that CSV adds for a column whose numbers range.
const PARTS: [&str; 5] = ["mean", "sd", "q05", "q50", "q95"];

impl Range {
    fn parts(&self) -> [f64; 5] {
        [self.mean, self.sd, self.q05, self.q50, self.q95]
    }

    /// The middle nine tenths, as people read them: `[41.2 % – 48.8 %]`.
    pub fn shown(&self, unit: Unit) -> String {
        // held together but behind the dash, so that a narrow column has an end a line
        let shown = |value: f64| format_unit(value, unit).replace(' ', "\u{a0}");
        let (low, high) = (shown(self.q05), shown(self.q95));
        if low == high { format!("[{low}]") } else { format!("[{low}\u{a0}– {high}]") }
    }
}

impl Table {
    /// How a cell is spread over the draws, where they move it.
    pub fn range_of(&self, row: usize, column: usize) -> Option<&Range> {
        self.ranges.get(row)?.cells.get(column)?.as_ref()
    }

    /// The cells of a row as people read them, each with its range after a `gap` where it has one.
    pub(super) fn shown_row(&self, row: usize, gap: &str) -> Vec<String> {
        let cells = self.rows.get(row).into_iter().flatten().zip(&self.columns).enumerate();
        let shown = cells.map(|(at, (cell, column))| match self.range_of(row, at) {
            Some(range) => {
                format!("{}{gap}{}", printable(&format_cell(cell, column.unit)), range.shown(column.unit))
            }
            None => printable(&format_cell(cell, column.unit)).into_owned(),
        });
        shown.collect()
    }

    /// Positions of the columns whose numbers range.
    fn ranging(&self) -> Vec<usize> {
        let ranges =
            |at: &usize| self.ranges.iter().any(|row| row.cells.get(*at).is_some_and(Option::is_some));
        (0..self.columns.len()).filter(ranges).collect()
    }

    /// The table with a column for each number that its ranges hold: `loss_q05`, `loss_q95` and so on behind `loss`, and at the end
    /// `present`, the share of the draws in which the row is there.
    pub(super) fn with_ranges_as_columns(&self) -> Option<Self> {
        if self.ranges.is_empty() {
            return None;
        }
        let ranging = self.ranging();
        let mut table = Self::new(&self.name, self.title.clone(), Vec::new());
        for (at, column) in self.columns.iter().enumerate() {
            table.columns.push(column.clone());
            if ranging.contains(&at) {
                let part =
                    |part| Column::new(&format!("{}_{part}", column.name), column.unit, "Over the draws");
                table.columns.extend(PARTS.map(part));
            }
        }
        table.columns.push(Column::new(
            "present",
            Unit::Share,
            "Share of the draws in which the row is there",
        ));
        for (row, own) in self.rows.iter().zip(&self.ranges) {
            let mut cells = Vec::with_capacity(table.columns.len());
            for (at, cell) in row.iter().enumerate() {
                cells.push(cell.clone());
                if !ranging.contains(&at) {
                    continue;
                }
                match (own.cells.get(at).and_then(Option::as_ref), cell.as_number()) {
                    (Some(range), _) => cells.extend(range.parts().map(Cell::Number)),
                    (None, Some(value)) => cells.extend([value, 0.0, value, value, value].map(Cell::Number)),
                    (None, None) => cells.extend(PARTS.map(|_| Cell::Empty)),
                }
            }
            cells.push(Cell::Number(own.present));
            table.rows.push(cells);
        }
        Some(table)
    }
}
