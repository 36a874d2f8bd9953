//! What the numbers of the page rest on, once for all of it: rows of tables point into this list.

use std::collections::HashMap;

use serde::Serialize;

use super::sources::{ShownRecord, Sources};
use crate::answer::{Answer, Explained, Table, Unit, format_unit};

/// Records that the page tells of a row; the others are counted, and in the CSV file of the section.
const TOLD: usize = 6;

/// What rows rest on, each said once.
#[derive(Debug, Default, Serialize)]
pub struct Block {
    rows: Vec<Told>,
    records: Vec<ShownRecord>,
    #[serde(skip)]
    row_at: HashMap<String, usize>,
    #[serde(skip)]
    record_at: HashMap<(String, String, String), usize>,
}

/// What a row rests on, in words.
#[derive(Debug, Serialize)]
struct Told {
    /// What is said of all its records together.
    lines: Vec<String>,
    /// The records that carry most: each its place in the list, and what it carries and how its weight is known.
    records: Vec<(usize, String)>,
    /// How many records are not told.
    more: usize,
}

impl Block {
    /// The places in the list of what the first rows of a table rest on.
    pub fn rows(
        &mut self,
        sources: &Sources,
        hash: &str,
        answer: &Answer,
        table: &Table,
        top: usize,
    ) -> Vec<usize> {
        let rows = 0..table.rows.len().min(top);
        rows.filter_map(|row| answer.explain(table, row))
            .map(|told| self.row(sources, hash, answer, &told))
            .collect()
    }

    fn row(&mut self, sources: &Sources, hash: &str, answer: &Answer, explained: &Explained) -> usize {
        let mut records = Vec::new();
        for on in explained.rests_on.iter().take(TOLD) {
            let Some(record) = answer.evidence.records.get(on.record) else { continue };
            let key = (hash.to_string(), record.key.clone(), record.says.clone());
            let at = *self.record_at.entry(key).or_insert_with(|| {
                self.records.push(sources.record(hash, record));
                self.records.len() - 1
            });
            let part = on.part.map(|part| format!("carries {}", format_unit(part, Unit::Share)));
            let rung = on.rung.map(|rung| rung.describe().to_string());
            records.push((at, part.into_iter().chain(rung).collect::<Vec<_>>().join(", ")));
        }
        let more = explained.rests_on.len() - records.len();
        let told = Told { lines: explained.lines(), records, more };
        let key = format!("{told:?}");
        *self.row_at.entry(key).or_insert_with(|| {
            self.rows.push(told);
            self.rows.len() - 1
        })
    }

    /// The list as JSON that may stand inside a page.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default().replace('<', "\\u003c")
    }
}
