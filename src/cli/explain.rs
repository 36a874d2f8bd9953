//! `--explain`: which rows of an answer are explained.

use crate::answer::{Answer, Cell, Table};
use crate::graph::nearest;

use super::exit::Stop;

/// Rows that are explained where none is named.
const MAIN: usize = 3;
/// Rows that one name may explain.
const MOST: usize = 10;

/// Puts into the evidence of the answer what its main numbers rest on, or those of the rows that are named: a number counts
/// rows from 1, any other text is the key or name of something in the row.
///
/// # Errors
/// No such row.
pub fn explain(answer: &mut Answer, wanted: Option<&str>, table: Option<&str>) -> Result<(), Stop> {
    let of = |name: &str| answer.tables.iter().position(|own| own.name == name);
    let at = table.map_or(Some(0), of);
    let Some(main) = at.and_then(|at| answer.tables.get(at)) else {
        return Err(Stop::usage("--explain: the answer has no table"));
    };
    let rows = match wanted {
        Some(wanted) => named(main, wanted)?.into_iter().map(|row| (main, row)).collect(),
        None if table.is_some() => (0..main.rows.len().min(MAIN)).map(|row| (main, row)).collect(),
        None => quoted(answer, main),
    };
    let values = rows.into_iter().filter_map(|(table, row)| answer.explain(table, row)).collect();
    answer.evidence.values = values;
    Ok(())
}

/// The rows that findings quote, first ones first; the first rows of the main table where they quote none.
fn quoted<'a>(answer: &'a Answer, main: &'a Table) -> Vec<(&'a Table, usize)> {
    let mut rows: Vec<(&str, usize)> = Vec::new();
    for quote in answer.findings.iter().flat_map(|finding| &finding.quotes) {
        let row = (quote.table.as_str(), quote.row);
        if rows.len() < MAIN && !rows.contains(&row) {
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return (0..main.rows.len().min(MAIN)).map(|row| (main, row)).collect();
    }
    rows.into_iter().filter_map(|(name, row)| Some((answer.table(name)?, row))).collect()
}

/// The rows that a text names.
fn named(table: &Table, wanted: &str) -> Result<Vec<usize>, Stop> {
    if let Some(row) = wanted.parse::<usize>().ok().and_then(|row| row.checked_sub(1)) {
        if row < table.rows.len() {
            return Ok(vec![row]);
        }
        let text =
            format!("--explain={wanted}: expected a row from 1 to {} of {}", table.rows.len(), table.name);
        return Err(Stop::usage(text));
    }
    let words = |cell: &Cell| match cell {
        Cell::Text(text) => vec![text.clone()],
        Cell::Item { key, name } => vec![key.clone(), name.clone()],
        Cell::Items(items) => items.iter().flat_map(|(key, name)| [key.clone(), name.clone()]).collect(),
        _ => Vec::new(),
    };
    // what a row is about stands in its first cells: other cells count where no row is about it
    let about = |row: &[Cell]| row.first().is_some_and(|cell| words(cell).iter().any(|word| word == wanted));
    let mentions = |row: &[Cell]| row.iter().flat_map(words).any(|word| word == wanted);
    let found = |is: &dyn Fn(&[Cell]) -> bool| -> Vec<usize> {
        let rows = table.rows.iter().enumerate().filter(|(_, row)| is(row));
        rows.map(|(at, _)| at).take(MOST).collect()
    };
    let mut rows = found(&about);
    if rows.is_empty() {
        rows = found(&mentions);
    }
    if rows.is_empty() {
        let known: Vec<String> = table.rows.iter().flatten().flat_map(words).collect();
        let near = nearest(wanted, known.iter().map(String::as_str));
        let near = if near.is_empty() { String::new() } else { format!("; near it: {}", near.join(", ")) };
        let text = format!("--explain={wanted}: no row of {} names it{near}", table.name);
        return Err(Stop::usage(text));
    }
    Ok(rows)
}
