//! Tables with typed columns.

use std::collections::BTreeSet;

use serde::{Serialize, Serializer};

use super::{Rests, RowRange};

/// A table of an answer.
#[derive(Clone, Debug, Serialize)]
pub struct Table {
    /// Short kebab-case name, for `--table`.
    pub name: String,
    /// A heading.
    pub title: String,
    /// What stands in which column.
    pub columns: Vec<Column>,
    /// The rows, in the order in which they are to be read.
    pub rows: Vec<Row>,
    /// What each row rests on, row by row; empty where the table does not say it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rests: Vec<Rests>,
    /// How far each row's numbers range over draws, row by row; empty where nothing was drawn.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<RowRange>,
    /// How many columns from the left say what a row is about; all words before the first number where not given.
    #[serde(skip)]
    pub keyed: Option<usize>,
    /// What is known of rows that are left out, where that is so.
    #[serde(skip)]
    pub left_out: Option<LeftOut>,
}

/// What is known of the rows that a table leaves out. A thing that is not named here has no row because nothing is known of it, and a
/// column that is not named is not known in rows that are left out: neither is zero.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LeftOut {
    /// Keys of things: rows about these alone are left out for what their numbers are.
    pub things: BTreeSet<String>,
    /// Columns, and the number that each has in a row that is left out.
    pub values: Vec<(String, f64)>,
}

impl LeftOut {
    /// The number of a column in the row about these things, where it is left out for being that.
    pub fn value(&self, about: &[String], column: &str) -> Option<f64> {
        let all = !about.is_empty() && about.iter().all(|key| self.things.contains(key));
        self.values.iter().find(|(own, _)| all && *own == column).map(|(_, value)| *value)
    }
}

/// One row: as many cells as the table has columns.
pub type Row = Vec<Cell>;

/// What stands in a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Name in CSV and JSON: snake_case.
    pub name: String,
    /// Heading for people.
    pub heading: String,
    /// What the numbers measure.
    pub unit: Unit,
    /// What the column says, with its range.
    pub description: String,
}

impl Column {
    /// A column; the heading is its name with blanks.
    pub fn new(name: &str, unit: Unit, description: &str) -> Self {
        let words = name.replace('_', " ");
        let mut letters = words.chars();
        let heading = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
        Self { name: name.to_string(), heading, unit, description: description.to_string() }
    }
}

/// What the numbers of a column measure; decides how people see them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Words.
    Text,
    /// A part of a whole, 0 to 1; shown in percent.
    Share,
    /// US dollars.
    Usd,
    /// US dollars per year.
    UsdPerYear,
    /// Megawatts.
    Megawatt,
    /// Herfindahl-Hirschman index on the scale 0 to 10,000.
    Hhi,
    /// A whole number of things.
    Count,
    /// A number of things that is known roughly at best; shown in three digits, as `638,000` or `5.11 million`.
    Quantity,
    /// A multiple; shown as `20x`.
    Ratio,
    /// Years.
    Years,
    /// Months.
    Months,
    /// Days.
    Days,
    /// A plain number.
    Number,
}

/// One value of a table.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// Not known, not applicable, or without bound.
    Empty,
    /// Words.
    Text(String),
    /// A number in the column's unit.
    Number(f64),
    /// A thing of the dataset: its key for machines, its name for people.
    Item {
        /// Key in the dataset.
        key: String,
        /// Name for people.
        name: String,
    },
    /// Several things of the dataset.
    Items(Vec<(String, String)>),
    /// Yes or no.
    Flag(bool),
}

impl Cell {
    /// A number that may be missing. What is not finite is missing too.
    pub fn number(value: impl Into<Option<f64>>) -> Self {
        value.into().filter(|v| v.is_finite()).map_or(Self::Empty, Self::Number)
    }

    /// Words.
    pub fn text(value: impl Into<String>) -> Self {
        Self::Text(value.into())
    }

    /// The number in the cell.
    pub fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(v) => Some(*v),
            _ => None,
        }
    }

    /// The words or key in the cell, as CSV has them.
    pub fn as_key(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Item { key: text, .. } => Some(text),
            _ => None,
        }
    }
}

impl Serialize for Cell {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Empty => serializer.serialize_none(),
            Self::Text(text) | Self::Item { key: text, .. } => serializer.serialize_str(text),
            Self::Number(v) => serializer.serialize_f64(*v),
            Self::Items(items) => serializer.collect_seq(items.iter().map(|(key, _)| key)),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}

impl Table {
    /// A table without rows.
    pub fn new(name: &str, title: impl Into<String>, columns: Vec<Column>) -> Self {
        Self {
            name: name.to_string(),
            title: title.into(),
            columns,
            rows: Vec::new(),
            rests: Vec::new(),
            ranges: Vec::new(),
            keyed: None,
            left_out: None,
        }
    }

    /// Position of the column of that name.
    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.name == name)
    }

    /// The cell in a row and a named column.
    pub fn cell(&self, row: usize, column: &str) -> Option<&Cell> {
        self.rows.get(row)?.get(self.column(column)?)
    }

    /// The number in a row and a named column.
    pub fn number(&self, row: usize, column: &str) -> Option<f64> {
        self.cell(row, column)?.as_number()
    }
}
