//! Findings: sentences whose numbers are cells of a table.

use serde::Serialize;

use super::{Cell, Table, format};

/// A sentence that an analyst could quote.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The sentence.
    pub text: String,
    /// The numbers in it, and where they stand.
    pub quotes: Vec<Quote>,
}

/// A number in a finding, as it stands in a table.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quote {
    /// How the sentence prints it.
    pub shown: String,
    /// The exact number.
    pub value: f64,
    /// Name of the table.
    pub table: String,
    /// Row, from 0.
    pub row: usize,
    /// Name of the column.
    pub column: String,
}

/// Writes a finding piece by piece, so that every number in it comes from a table.
#[derive(Debug, Default)]
pub struct FindingBuilder {
    text: String,
    quotes: Vec<Quote>,
}

impl FindingBuilder {
    /// Starts with words.
    pub fn new(words: impl AsRef<str>) -> Self {
        Self::default().words(words)
    }

    /// Adds words.
    pub fn words(mut self, words: impl AsRef<str>) -> Self {
        self.text.push_str(words.as_ref());
        self
    }

    /// Adds a cell of a table, printed in the column's unit; "unknown" where it is empty.
    pub fn cell(mut self, table: &Table, row: usize, column: &str) -> Self {
        let unit = table.column(column).and_then(|at| table.columns.get(at)).map(|column| column.unit);
        match (table.cell(row, column), unit) {
            (Some(cell @ Cell::Number(value)), Some(unit)) => {
                let shown = format::format_cell(cell, unit);
                self.text.push_str(&shown);
                let (table, column) = (table.name.clone(), column.to_string());
                self.quotes.push(Quote { shown, value: *value, table, row, column });
            }
            (Some(cell), Some(unit)) if *cell != Cell::Empty => {
                self.text.push_str(&format::format_cell(cell, unit))
            }
            _ => self.text.push_str("unknown"),
        }
        self
    }

    /// Adds the range between two cells: one number where they agree, "or more" where the upper is open.
    pub fn range(mut self, table: &Table, row: usize, low: &str, high: &str) -> Self {
        let (from, to) = (table.number(row, low), table.number(row, high));
        match (from, to) {
            (Some(from), Some(to)) if from == to => self.cell(table, row, low),
            (Some(_), Some(_)) => {
                let at = table.column(low).and_then(|at| table.columns.get(at)).map(|column| column.unit);
                let shown = |v: f64| at.map(|unit| format::format_unit(v, unit)).unwrap_or_default();
                if from.map(shown) == to.map(shown) {
                    return self.cell(table, row, low);
                }
                self = self.cell(table, row, low).words(" to ");
                self.cell(table, row, high)
            }
            (Some(_), None) => self.cell(table, row, low).words(" or more"),
            _ => self.words("unknown"),
        }
    }

    /// The finding.
    pub fn done(self) -> Finding {
        Finding { text: self.text, quotes: self.quotes }
    }
}
