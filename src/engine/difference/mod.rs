//! What differs between two datasets, record by record, and every dataset that lies between them: the old one with some of
//! the changes. No words for people and no numbers of analyses here.

mod between;
mod group;

pub use between::{Between, Part};
pub use group::{By, Group, grouped};

use std::collections::BTreeMap;

use crate::dataset::{Section, WrittenRecord, written_records};
use crate::model::Facts;

/// How a record differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// Only the new dataset has it.
    Added,
    /// Only the old dataset has it.
    Removed,
    /// Both have it, with other fields.
    Changed,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldChange {
    /// Its name; `type` where a relation became one of another type.
    pub field: &'static str,
    /// What it said, in RON; nothing where it was not there.
    pub old: Option<String>,
    /// What it says.
    pub new: Option<String>,
}

/// One record that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordChange {
    /// The section it stands in.
    pub section: Section,
    /// Its key.
    pub key: String,
    /// How it differs.
    pub how: How,
    /// The fields that differ, in the order in which they are written; empty where the whole record came or went.
    pub fields: Vec<FieldChange>,
    /// The record as it was and as it is; one of them where it came or went.
    pub records: (Option<WrittenRecord>, Option<WrittenRecord>),
}

impl RecordChange {
    /// The record as it is, or else as it was.
    pub fn record(&self) -> Option<&WrittenRecord> {
        self.records.1.as_ref().or(self.records.0.as_ref())
    }
}

/// The records that differ, section by section and by key. Rows of bulk tables are no records: see
/// [`tables_differ`].
pub fn changes(old: &Facts, new: &Facts) -> Vec<RecordChange> {
    type Sides = (Option<WrittenRecord>, Option<WrittenRecord>);
    let mut all: BTreeMap<(Section, String), Sides> = BTreeMap::new();
    for record in written_records(old) {
        let key = (record.section, record.key.clone());
        all.entry(key).or_default().0 = Some(record);
    }
    for record in written_records(new) {
        let key = (record.section, record.key.clone());
        all.entry(key).or_default().1 = Some(record);
    }
    let change = |((section, key), records): ((Section, String), Sides)| {
        let (how, fields) = match &records {
            (Some(old), Some(new)) if old == new => return None,
            (Some(old), Some(new)) => (How::Changed, fields(old, new)),
            (None, _) => (How::Added, Vec::new()),
            (_, None) => (How::Removed, Vec::new()),
        };
        Some(RecordChange { section, key, how, fields, records })
    };
    all.into_iter().filter_map(change).collect()
}

/// Whether the bulk tables of two datasets say something else.
pub fn tables_differ(old: &Facts, new: &Facts) -> bool {
    let between = Between::new(old, new);
    between.tables_differ()
}

fn fields(old: &WrittenRecord, new: &WrittenRecord) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    if old.variant != new.variant {
        let word = |variant: Option<&'static str>| variant.map(str::to_string);
        changes.push(FieldChange { field: "type", old: word(old.variant), new: word(new.variant) });
    }
    let mut names: Vec<&'static str> = old.fields.iter().map(|own| own.name).collect();
    names.extend(new.fields.iter().map(|own| own.name).filter(|name| old.get(name).is_none()));
    for field in names {
        let value = |record: &WrittenRecord| record.get(field).map(str::to_string);
        let (before, after) = (value(old), value(new));
        if before != after {
            changes.push(FieldChange { field, old: before, new: after });
        }
    }
    changes
}
