//! Which numbers of an answer are looked at.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::UncertaintyError;
use super::cells::Spot;
use crate::answer::{Answer, Cell, Limit, Table, Unit};

/// Numbers to look at, written as `COLUMN`, `KEY:COLUMN`, `COLUMN>NUMBER` or `KEY:COLUMN>NUMBER`: a column of the first table that has
/// it, the rows in which a thing of that key stands, and a limit whose crossings are counted. `TABLE/` before it names the table.
#[derive(Clone, Debug, PartialEq)]
pub struct Watch {
    table: Option<String>,
    key: Option<String>,
    column: String,
    limit: Option<Limit>,
    text: String,
}

impl FromStr for Watch {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("{text:?}: expected a column, as in 'loss', 'openai:loss' or 'openai:loss>20%'");
        let (table, rest) = match text.split_once('/') {
            Some((table, rest)) => (Some(table.trim().to_string()), rest),
            None => (None, text),
        };
        let (key, rest) = match rest.split_once(':') {
            Some((key, rest)) => (Some(key.trim().to_string()), rest.trim()),
            None => (None, rest.trim()),
        };
        let limited = rest.contains(['<', '>']);
        let limit: Option<Limit> = if limited { Some(rest.parse()?) } else { None };
        let column = limit.as_ref().map_or(rest.to_string(), |limit| limit.column.clone());
        let is_name = |name: &str| !name.is_empty() && !name.contains(char::is_whitespace);
        if !is_name(&column) || key.iter().chain(&table).any(|name| !is_name(name)) {
            return Err(wrong());
        }
        Ok(Self { table, key, column, limit, text: text.to_string() })
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Serialize for Watch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Watch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Rows that one watch without a key looks at.
const ROWS: usize = 25;

impl Watch {
    /// The limit, where one is given.
    pub fn limit(&self) -> Option<&Limit> {
        self.limit.as_ref()
    }

    /// The cells of an answer that it means.
    fn spots(&self, answer: &Answer) -> Result<Vec<Spot>, UncertaintyError> {
        let named = |row: &[Cell]| {
            let is = |cell: &Cell| match (&self.key, cell) {
                (Some(key), Cell::Items(items)) => items.iter().any(|(own, _)| own == key),
                (Some(key), cell) => cell.as_key() == Some(key),
                (None, _) => true,
            };
            row.iter().any(is)
        };
        let numbers = |table: &&Table| {
            let meant = self.table.as_ref().is_none_or(|name| table.name == *name);
            meant
                && table.column(&self.column).is_some_and(|at| {
                    table.rows.iter().any(|row| named(row) && row.get(at).and_then(Cell::as_number).is_some())
                })
        };
        let Some((at, table)) = answer.tables.iter().enumerate().find(|(_, table)| numbers(table)) else {
            let meant = |table: &&Table| self.table.as_ref().is_none_or(|name| table.name == *name);
            let columns = answer.tables.iter().filter(meant).flat_map(|table| &table.columns);
            let mut known: Vec<&str> =
                columns.filter(|column| column.unit != Unit::Text).map(|c| c.name.as_str()).collect();
            known.sort_unstable();
            known.dedup();
            let whose = self.key.as_ref().map(|key| format!(" in a row of {key:?}")).unwrap_or_default();
            let which = match &self.table {
                Some(name) if answer.table(name).is_none() => {
                    let tables: Vec<&str> = answer.tables.iter().map(|table| table.name.as_str()).collect();
                    let reason =
                        format!("{self}: there is no table {name:?}; there are {}", tables.join(", "));
                    return Err(UncertaintyError::new("look-at", reason));
                }
                Some(name) => format!("table {name} does not have"),
                None => "no table has".to_string(),
            };
            let reason = format!(
                "{self}: {which} a number {:?}{whose}; columns with numbers: {}",
                self.column,
                known.join(", ")
            );
            return Err(UncertaintyError::new("look-at", reason));
        };
        let column = table.column(&self.column).unwrap_or_default();
        let rows = table.rows.iter().enumerate().filter(|(_, row)| named(row));
        let rows = rows.filter(|(_, row)| row.get(column).and_then(Cell::as_number).is_some());
        Ok(rows.take(ROWS).map(|(row, _)| Spot { table: at, row, column }).collect())
    }
}

/// The cells that the findings of an answer quote, in that order, each once.
fn quoted(answer: &Answer) -> Vec<Spot> {
    let mut spots = Vec::new();
    for quote in answer.findings.iter().flat_map(|finding| &finding.quotes) {
        let Some(table) = answer.tables.iter().position(|table| table.name == quote.table) else { continue };
        let Some(column) = answer.tables.get(table).and_then(|own| own.column(&quote.column)) else {
            continue;
        };
        let spot = Spot { table, row: quote.row, column };
        if !spots.contains(&spot) {
            spots.push(spot);
        }
    }
    spots
}

/// The first number of the first rows, where no finding quotes any.
fn first(answer: &Answer, rows: usize) -> Vec<Spot> {
    let Some(table) = answer.tables.first() else { return Vec::new() };
    let measured = |column: &usize| {
        table.columns.get(*column).is_some_and(|column| !matches!(column.unit, Unit::Text | Unit::Count))
            && table.rows.first().and_then(|row| row.get(*column)).and_then(Cell::as_number).is_some()
    };
    let column = (0..table.columns.len()).find(measured);
    let rows = 0..table.rows.len().min(rows);
    column
        .into_iter()
        .flat_map(|column| rows.clone().map(move |row| Spot { table: 0, row, column }))
        .collect()
}

/// The numbers that are meant and the watches that mean them: those watched, or all that findings quote, or the first column.
///
/// # Errors
/// A watch that means no number.
pub fn all(answer: &Answer, watches: &[Watch]) -> Result<Vec<(Spot, Option<usize>)>, UncertaintyError> {
    if watches.is_empty() {
        // how many rows there are is not what an answer is about
        let counts = |spot: &Spot| spot.column(answer).is_some_and(|column| column.unit == Unit::Count);
        let quoted: Vec<Spot> = quoted(answer).into_iter().filter(|spot| !counts(spot)).collect();
        let spots = if quoted.is_empty() { first(answer, ROWS) } else { quoted };
        return Ok(spots.into_iter().take(ROWS).map(|spot| (spot, None)).collect());
    }
    let mut all = Vec::new();
    for (at, watch) in watches.iter().enumerate() {
        let spots = watch.spots(answer)?;
        all.extend(spots.into_iter().map(|spot| (spot, watch.limit().map(|_| at))));
    }
    Ok(all)
}

/// The numbers of them, each once.
///
/// # Errors
/// A watch that means no number.
pub fn main(answer: &Answer, watches: &[Watch]) -> Result<Vec<Spot>, UncertaintyError> {
    let mut spots: Vec<Spot> = Vec::new();
    for (spot, _) in all(answer, watches)? {
        if !spots.contains(&spot) {
            spots.push(spot);
        }
    }
    spots.truncate(ROWS);
    Ok(spots)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_to_look_at_is_a_column_with_a_row_and_a_limit() {
        let parse = |text: &str| text.parse::<Watch>().unwrap();
        let watch = parse("openai:loss>20%");
        assert_eq!((watch.key.as_deref(), watch.column.as_str()), (Some("openai"), "loss"));
        assert!(watch.limit().unwrap().crosses(0.21));
        assert_eq!(parse("loss").key, None);
        let watch = parse("pairs/anthropic:leverage_low");
        assert_eq!((watch.table.as_deref(), watch.column.as_str()), (Some("pairs"), "leverage_low"));
        assert_eq!(parse("pairs/loss").key, None);
        for text in ["", "openai:", ":loss", "loss>", "a b", "/loss", "pairs/"] {
            assert!(text.parse::<Watch>().is_err(), "{text}");
        }
    }
}
