//! What one number rests on, for whoever is asked about it: records by what they carry, how the weights are known, how much of
//! it is supposed, doubtful or old.

mod words;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use serde::Serialize;

use super::format::format_cell;
use super::{Answer, Cell, RecordRef, Rests, RestsOn, Row, Table, Unit, format_unit};
use crate::model::{Confidence, Reliability, Rung};

pub use words::{explained_to_markdown, explained_to_text};

/// Records that are shown of a row; the others are counted.
pub const SHOWN: usize = 8;

/// What the main number of a row rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Explained {
    /// The table.
    pub table: String,
    /// The row, counted from 1.
    pub row: usize,
    /// What the row is about, in words.
    pub about: String,
    /// The column of its main number, and that number as people read it; empty where the row has none.
    pub column: String,
    /// The number as people read it.
    pub shown: String,
    /// The number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<f64>,
    /// The part that is known of what the number is about, 0 to 1, where the row says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<f64>,
    /// Whether it rests on all records of the answer.
    pub whole: bool,
    /// Why it rests on no record, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub none: Option<String>,
    /// How many records it rests on.
    pub records: usize,
    /// How many sources these cite.
    pub sources: usize,
    /// How many of the records have a best source of each reliability: primary, secondary, tertiary.
    pub reliability: [usize; 3],
    /// The oldest and the newest period or day that the records speak of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<[String; 2]>,
    /// How many of the records give weights of each rung of the ladder, surest first.
    pub rungs: [usize; 5],
    /// Whether parts of the value are known; otherwise shares are of the number of records.
    pub by_parts: bool,
    /// How many of the records carry a known part of the value; the others bear on other numbers of the row.
    pub carrying: usize,
    /// What rests on assumptions of the dataset.
    pub assumed: Portion,
    /// What rests on weights that are assumptions of the engine: market shares, equal parts, known contracts taken as all.
    pub assumed_weights: Portion,
    /// What rests on facts of low confidence.
    pub low_confidence: Portion,
    /// What rests on facts that are older than the scope allows.
    pub stale: Portion,
    /// What rests on facts that are one or more of these.
    pub doubtful: Portion,
    /// The records by position in the evidence: those that carry most first, then those that speak of what the row names.
    pub rests_on: Vec<RestsOn>,
}

/// How much of a number rests on records of one sort.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Portion {
    /// How many records.
    pub records: usize,
    /// The least share of the value or of the records, 0 to 1.
    pub share_low: f64,
    /// The largest share. It differs from the least where parts of records overlap, as on one route.
    pub share_high: f64,
}

impl Portion {
    /// Parts lie between full overlap (the largest) and none (the sum).
    fn of(rests_on: &[RestsOn], by_parts: bool, sort: impl Fn(&RestsOn) -> bool) -> Self {
        let counts = |on: &&RestsOn| !by_parts || on.part.is_some();
        let own = || rests_on.iter().filter(counts).filter(|on| sort(on));
        let records = own().count();
        if by_parts {
            let parts = || own().filter_map(|on| on.part);
            let share_low = parts().fold(0.0, f64::max).min(1.0);
            return Self {
                records,
                share_low,
                share_high: parts().fold(0.0, |sum, part| sum + part).clamp(share_low, 1.0),
            };
        }
        let share = if rests_on.is_empty() { 0.0 } else { records as f64 / rests_on.len() as f64 };
        Self { records, share_low: share, share_high: share }
    }

    /// The share in words: `12.0 %`, `5.0 % to 9.0 %`.
    pub fn share(&self) -> String {
        let (low, high) =
            (format_unit(self.share_low, Unit::Share), format_unit(self.share_high, Unit::Share));
        if low == high { low } else { format!("{low} to {high}") }
    }
}

impl Answer {
    /// What the main number of a row rests on: its first number that is no count. `None` where there is no such row.
    pub fn explain(&self, table: &Table, row: usize) -> Option<Explained> {
        let cells = table.rows.get(row)?;
        let (column, shown, value) = main_number(table, cells);
        let rests = table.rests_of(row);
        let mut rests_on: Vec<RestsOn> = match rests {
            Some(Rests::Records(records)) => records.clone(),
            Some(Rests::Whole) => (0..self.evidence.records.len()).map(RestsOn::record).collect(),
            Some(Rests::None(_)) | None => Vec::new(),
        };
        rests_on.retain(|on| on.record < self.evidence.records.len());
        let record = |on: &RestsOn| self.evidence.records.get(on.record);
        for on in &mut rests_on {
            on.rung = on.rung.or(self.evidence.records.get(on.record).and_then(|record| record.rung));
        }
        let names: BTreeSet<&str> = cells.iter().flat_map(keys).collect();
        let near = |on: &RestsOn| {
            record(on).map_or(0, |r| r.about.iter().filter(|key| names.contains(key.as_str())).count())
        };
        rests_on.sort_by_cached_key(|on| {
            let part = on.part.unwrap_or(0.0).abs();
            // positive numbers order as their bits do
            (Reverse(part.to_bits()), Reverse(near(on)), on.record)
        });
        let by_parts = rests_on.iter().any(|on| on.part.is_some());
        let carrying = rests_on.iter().filter(|on| on.part.is_some()).count();
        let is = |on: &RestsOn, sort: fn(&RecordRef) -> bool| record(on).is_some_and(sort);
        let by_weight = |on: &RestsOn| on.rung.is_some_and(Rung::is_assumed);
        let portion = |sort: &dyn Fn(&RestsOn) -> bool| Portion::of(&rests_on, by_parts, sort);
        let sources: BTreeSet<&str> =
            rests_on.iter().filter_map(record).flat_map(|r| r.sources.iter().map(String::as_str)).collect();
        let mut reliability = [0; 3];
        let mut rungs = [0; 5];
        for on in &rests_on {
            if let Some(rung) = on.rung {
                rungs[rung as usize] += 1;
            }
            match record(on).and_then(|record| record.reliability) {
                Some(Reliability::Primary) => reliability[0] += 1,
                Some(Reliability::Secondary) => reliability[1] += 1,
                Some(Reliability::Tertiary) => reliability[2] += 1,
                None => {}
            }
        }
        let doubtful = |on: &RestsOn| {
            by_weight(on) || is(on, |r| supposed(r) || r.confidence == Confidence::Low || r.stale)
        };
        Some(Explained {
            table: table.name.clone(),
            row: row + 1,
            about: about(table, cells),
            column,
            shown,
            value,
            coverage: coverage(table, cells),
            whole: matches!(rests, Some(Rests::Whole)),
            none: match rests {
                Some(Rests::None(reason)) => Some(reason.to_string()),
                None => Some("the table does not say".to_string()),
                _ => None,
            },
            records: rests_on.len(),
            sources: sources.len(),
            reliability,
            refers_to: span(rests_on.iter().filter_map(record)),
            rungs,
            by_parts,
            carrying,
            assumed: portion(&|on| is(on, supposed)),
            assumed_weights: portion(&by_weight),
            low_confidence: portion(&|on| is(on, |r| r.confidence == Confidence::Low)),
            stale: portion(&|on| is(on, |r| r.stale)),
            doubtful: portion(&doubtful),
            rests_on,
        })
    }
}

fn supposed(record: &RecordRef) -> bool {
    record.assumed.is_some() || record.basis == crate::model::Basis::Assumed
}

/// The keys of the things that a cell names.
pub(super) fn keys(cell: &Cell) -> Vec<&str> {
    match cell {
        Cell::Item { key, .. } => vec![key],
        Cell::Items(items) => items.iter().map(|(key, _)| key.as_str()).collect(),
        Cell::Text(text) => vec![text],
        _ => Vec::new(),
    }
}

/// The first number of a row that is no count, or else the first number, with its column: tiers and places in a list come before
/// what the row is about.
fn main_number(table: &Table, cells: &Row) -> (String, String, Option<f64>) {
    let number = |cell: &Cell| matches!(cell, Cell::Number(_));
    let numbers = || table.columns.iter().zip(cells).filter(|(c, cell)| c.unit != Unit::Text && number(cell));
    let main = numbers().find(|(column, _)| column.unit != Unit::Count).or_else(|| numbers().next());
    main.map_or_else(Default::default, |(column, cell)| {
        (column.name.clone(), format_cell(cell, column.unit), cell.as_number())
    })
}

/// The words that a row begins with.
fn about(table: &Table, cells: &Row) -> String {
    let words = table.columns.iter().zip(cells).take_while(|(column, _)| column.unit == Unit::Text);
    let words = words.take(3).map(|(column, cell)| format_cell(cell, column.unit));
    words.filter(|text| !text.is_empty()).collect::<Vec<_>>().join(", ")
}

/// The part that is known, where a column says so.
fn coverage(table: &Table, cells: &Row) -> Option<f64> {
    let says = |name: &str| name.ends_with("coverage") || name == "known_share";
    let mut told = table.columns.iter().zip(cells).filter(|(c, _)| c.unit == Unit::Share && says(&c.name));
    told.next().and_then(|(_, cell)| cell.as_number())
}

/// The first and the last of what records refer to; dates begin with the year, so they sort as texts.
fn span<'a>(records: impl Iterator<Item = &'a RecordRef>) -> Option<[String; 2]> {
    let dates: BTreeSet<&str> =
        records.filter_map(|r| r.refers_to.as_deref().or(r.since.as_deref())).collect();
    Some([dates.first()?.to_string(), dates.last()?.to_string()])
}

#[cfg(test)]
mod tests;
