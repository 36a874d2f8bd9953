//! Tables of one question held against each other: what a row is about, and its number in a column.

use crate::answer::{Answer, Cell, Column, LeftOut, Row, Table, Unit};
use crate::graph::Graph;

use super::AnalysisError;

/// How many columns from the left say what a row is about.
pub fn leading(table: &Table) -> usize {
    let words = || table.columns.iter().take_while(|column| column.unit == Unit::Text).count().max(1);
    table.keyed.unwrap_or_else(words)
}

/// What is known of rows that are left out about entities: all that the graph has.
pub fn left_out(graph: &Graph, values: &[(&str, f64)]) -> LeftOut {
    let things = graph.entity_ids().map(|id| graph.entity(id).key.clone()).collect();
    let values = values.iter().map(|(column, value)| (column.to_string(), *value)).collect();
    LeftOut { things, values }
}

/// What a row is about, for look-ups.
pub fn key(row: &Row, leading: usize) -> Vec<String> {
    let word = |cell: &Cell| match cell {
        Cell::Number(value) => value.to_string(),
        Cell::Items(items) => items.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(";"),
        other => other.as_key().unwrap_or_default().to_string(),
    };
    row.iter().take(leading).map(word).collect()
}

/// What a row is about, for people.
pub fn name(row: &Row, leading: usize) -> String {
    let word = |cell: &Cell| match cell {
        Cell::Item { name, .. } => name.clone(),
        cell => cell.as_key().unwrap_or_default().to_string(),
    };
    let words: Vec<String> = row.iter().take(leading).map(word).filter(|word| !word.is_empty()).collect();
    words.join(" / ")
}

/// The number of a column in the row with that key. Of a row that is not there a number is known only where the table says why it
/// leaves such rows out.
pub fn value(table: &Table, wanted: &[String], column: &str) -> Option<f64> {
    let leading = wanted.len();
    let place = table.column(column)?;
    match table.rows.iter().find(|row| key(row, leading) == wanted) {
        Some(row) => row.get(place).and_then(Cell::as_number),
        None => table.left_out.as_ref()?.value(wanted, column),
    }
}

/// The table of an answer that is meant: the one of that name, or else the first.
///
/// # Errors
/// The answer has no such table.
pub fn table<'a>(answer: &'a Answer, wanted: Option<&str>) -> Result<&'a Table, AnalysisError> {
    let found = match wanted {
        Some(name) => answer.table(name),
        None => answer.tables.first(),
    };
    found.ok_or_else(|| {
        let known: Vec<&str> = answer.tables.iter().map(|table| table.name.as_str()).collect();
        let reason = format!("the answer has no such table; it has {}", known.join(", "));
        AnalysisError::Invalid { parameter: "of-table", reason }
    })
}

/// The column that is meant: the one of that name, or else the first with numbers that `moves` accepts, or else the first with
/// numbers.
///
/// # Errors
/// There is no such column with numbers.
pub fn column(
    columns: &[Column],
    wanted: Option<&str>,
    moves: impl Fn(&Column) -> bool,
) -> Result<Column, AnalysisError> {
    let numeric = || columns.iter().filter(|column| column.unit != Unit::Text);
    let found = match wanted {
        Some(name) => numeric().find(|column| column.name == name),
        None => {
            let moved = numeric().find(|column| column.unit != Unit::Count && moves(column));
            moved.or_else(|| numeric().next())
        }
    };
    found.cloned().ok_or_else(|| {
        let known: Vec<&str> = numeric().map(|column| column.name.as_str()).collect();
        let reason = format!("expected a column with numbers: {}", known.join(", "));
        AnalysisError::Invalid { parameter: "column", reason }
    })
}
