//! Rows found again in another answer, and the numbers in them.

use std::collections::HashMap;

use crate::answer::{Answer, Cell, Column, Row, Table, Unit};

/// A cell of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Spot {
    /// Position of the table.
    pub table: usize,
    /// Row, from 0.
    pub row: usize,
    /// Column, from 0.
    pub column: usize,
}

impl Spot {
    /// The number that stands there.
    pub fn number(self, answer: &Answer) -> Option<f64> {
        answer.tables.get(self.table)?.rows.get(self.row)?.get(self.column)?.as_number()
    }

    /// The column.
    pub fn column(self, answer: &Answer) -> Option<&Column> {
        answer.tables.get(self.table)?.columns.get(self.column)
    }

    /// Whose number it is: the words and things that tell its row from the others.
    pub fn label(self, answer: &Answer) -> String {
        let Some(table) = answer.tables.get(self.table) else { return String::new() };
        let columns = key_columns(table);
        let words = |cell: &Cell| match cell {
            Cell::Item { name, .. } => Some(name.clone()),
            Cell::Text(text) => Some(text.clone()),
            Cell::Items(items) => {
                Some(items.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "))
            }
            _ => None,
        };
        let cell = |at: &usize| table.rows.get(self.row)?.get(*at);
        let parts: Vec<String> = columns.iter().filter_map(cell).filter_map(words).collect();
        if parts.is_empty() { table.title.clone() } else { parts.join(", ") }
    }
}

/// How a row is told from the others: words in the columns that do so, and which of those it is where several are alike.
type Key = (Vec<String>, usize);

fn word(cell: Option<&Cell>) -> String {
    match cell {
        Some(Cell::Text(text) | Cell::Item { key: text, .. }) => text.clone(),
        Some(Cell::Items(items)) => {
            items.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join("\u{1f}")
        }
        _ => String::new(),
    }
}

/// The fewest first columns of words in which no two rows are alike, all of them where some are. Words that follow from numbers, such as
/// "high" or a route, mostly stand further back, and so do not make a row another one when it moves.
fn key_columns(table: &Table) -> Vec<usize> {
    let words: Vec<usize> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.unit == Unit::Text)
        .map(|(at, _)| at)
        .collect();
    let distinct = |columns: &[usize]| {
        let mut seen = std::collections::HashSet::new();
        table
            .rows
            .iter()
            .all(|row| seen.insert(columns.iter().map(|at| word(row.get(*at))).collect::<Vec<_>>()))
    };
    let found = (1..=words.len()).find(|number| distinct(&words[..*number]));
    words[..found.unwrap_or(words.len())].to_vec()
}

/// The rows of a table by what tells them apart.
#[derive(Clone, Debug)]
struct Keyed {
    name: String,
    columns: Vec<String>,
    rows: HashMap<Key, usize>,
    /// Names of all columns.
    all: Vec<String>,
}

impl Keyed {
    fn of(table: &Table) -> Self {
        let name = |at: &usize| table.columns.get(*at).map(|column| column.name.clone());
        let columns: Vec<String> = key_columns(table).iter().filter_map(name).collect();
        let rows = keys(table, &columns).into_iter().enumerate().map(|(row, key)| (key, row)).collect();
        let all = table.columns.iter().map(|column| column.name.clone()).collect();
        Self { name: table.name.clone(), columns, rows, all }
    }
}

/// What tells each row of a table apart, in these columns.
fn keys(table: &Table, columns: &[String]) -> Vec<Key> {
    let places: Vec<Option<usize>> = columns.iter().map(|name| table.column(name)).collect();
    let mut seen: HashMap<Vec<String>, usize> = HashMap::new();
    let mut key = |row: &Row| {
        let words: Vec<String> = places.iter().map(|at| word(at.and_then(|at| row.get(at)))).collect();
        let earlier = seen.entry(words.clone()).or_default();
        *earlier += 1;
        (words, *earlier - 1)
    };
    table.rows.iter().map(&mut key).collect()
}

/// Cells of an answer that are looked up in others.
#[derive(Clone, Debug)]
pub struct Panel {
    tables: Vec<Keyed>,
    /// The cells, in the order in which they are read.
    pub spots: Vec<Spot>,
}

/// What another answer has in the cells of a panel.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// The numbers, NaN where there is none.
    pub values: Vec<f64>,
    /// Which rows of which tables are there.
    pub present: Vec<Vec<bool>>,
}

impl Panel {
    /// These cells of an answer.
    pub fn new(answer: &Answer, spots: Vec<Spot>) -> Self {
        Self { tables: answer.tables.iter().map(Keyed::of).collect(), spots }
    }

    /// Where the rows of the first answer stand in another one, table by table.
    fn places(&self, answer: &Answer) -> Vec<Vec<Option<usize>>> {
        self.tables
            .iter()
            .map(|own| {
                let mut places = vec![None; own.rows.len()];
                if let Some(table) = answer.table(&own.name) {
                    for (row, key) in keys(table, &own.columns).iter().enumerate() {
                        if let Some(place) = own.rows.get(key).and_then(|at| places.get_mut(*at)) {
                            *place = Some(row);
                        }
                    }
                }
                places
            })
            .collect()
    }

    /// Where the cells stand in another answer to the same question; nothing where it has no such row.
    pub fn find(&self, answer: &Answer) -> Vec<Option<Spot>> {
        let places = self.places(answer);
        let find = |spot: &Spot| {
            let own = self.tables.get(spot.table)?;
            let table = answer.tables.iter().position(|table| table.name == own.name)?;
            let row = (*places.get(spot.table)?.get(spot.row)?)?;
            let column = answer.tables.get(table)?.column(own.all.get(spot.column)?)?;
            Some(Spot { table, row, column })
        };
        self.spots.iter().map(find).collect()
    }

    /// The same cells in another answer to the same question.
    pub fn read(&self, answer: &Answer) -> Reading {
        let places = self.places(answer);
        let tables: Vec<Option<&Table>> = self.tables.iter().map(|own| answer.table(&own.name)).collect();
        let value = |spot: &Spot| {
            let row = (*places.get(spot.table)?.get(spot.row)?)?;
            let table = (*tables.get(spot.table)?)?;
            let column = table.column(self.tables.get(spot.table)?.all.get(spot.column)?)?;
            table.rows.get(row)?.get(column)?.as_number()
        };
        Reading {
            values: self.spots.iter().map(|spot| value(spot).unwrap_or(f64::NAN)).collect(),
            present: places.into_iter().map(|rows| rows.iter().map(Option::is_some).collect()).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rows: &[(&str, &str, f64)]) -> Answer {
        let columns = vec![
            Column::new("who", Unit::Text, ""),
            Column::new("level", Unit::Text, ""),
            Column::new("loss", Unit::Share, ""),
        ];
        let mut table = Table::new("t", "T", columns);
        table.rows = rows
            .iter()
            .map(|(who, level, loss)| vec![Cell::text(*who), Cell::text(*level), Cell::Number(*loss)])
            .collect();
        let mut answer = Answer::new("a", "", "");
        answer.tables.push(table);
        answer
    }

    #[test]
    fn rows_are_found_by_what_tells_them_apart() {
        let base = answer(&[("a", "low", 0.1), ("b", "low", 0.2)]);
        let spots = (0..2).map(|row| Spot { table: 0, row, column: 2 }).collect();
        let panel = Panel::new(&base, spots);
        // another order, another level, and a row that is gone
        let reading = panel.read(&answer(&[("b", "high", 0.7), ("c", "low", 0.3)]));
        assert!(reading.values[0].is_nan());
        assert_eq!(reading.values[1], 0.7);
        assert_eq!(reading.present, [[false, true]]);
    }

    #[test]
    fn rows_that_are_alike_are_counted() {
        let base = answer(&[("a", "low", 0.1), ("a", "low", 0.2)]);
        let panel = Panel::new(&base, vec![Spot { table: 0, row: 1, column: 2 }]);
        assert_eq!(panel.read(&answer(&[("a", "low", 0.3), ("a", "low", 0.4)])).values, [0.4]);
    }
}
