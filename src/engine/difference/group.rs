//! Changes in groups: what is attributed together.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::RecordChange;
use crate::dataset::{Section, WrittenRecord};

/// What changes have in common that are one group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum By {
    /// The two entities that a relation ties, or the entity or product that a record is about
    #[default]
    Pair,
    /// The product that flows
    Product,
    /// The type of relation, or else the section of the dataset
    Section,
    /// The record: each by itself
    Record,
}

/// Some changes that are one cause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The keys that name it: of entities, products or records, or the word for a section.
    pub keys: Vec<String>,
    /// Positions in the list of changes.
    pub changes: Vec<usize>,
}

/// Changes in groups, in the order of the keys that name them. Sources are in none: no number depends on them.
pub fn grouped(changes: &[RecordChange], by: By) -> Vec<Group> {
    let mut groups: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        if change.section != Section::Sources
            && let Some(record) = change.record()
        {
            groups.entry(keys(record, by)).or_default().push(at);
        }
    }
    groups.into_iter().map(|(keys, changes)| Group { keys, changes }).collect()
}

/// The text of a field.
fn text(record: &WrittenRecord, field: &str) -> Option<String> {
    ron::from_str(record.get(field)?).ok()
}

fn keys(record: &WrittenRecord, by: By) -> Vec<String> {
    let section = || record.variant.unwrap_or(record.section.name()).to_string();
    let product = || text(record, "product").or_else(|| text(record, "market"));
    match by {
        By::Record => vec![record.key.clone()],
        By::Section => vec![section()],
        By::Product => match record.section {
            Section::Products => vec![record.key.clone()],
            _ => vec![product().unwrap_or_else(section)],
        },
        By::Pair => match record.section {
            Section::Relations => {
                let to = text(record, "to").or_else(product);
                let mut ends: Vec<String> = [text(record, "from"), to].into_iter().flatten().collect();
                ends.sort();
                ends
            }
            Section::Attributes => vec![text(record, "of").unwrap_or_else(section)],
            Section::Intensities => vec![product().unwrap_or_else(section)],
            Section::Entities | Section::Products => vec![record.key.clone()],
            Section::Kinds | Section::Sources | Section::Rates => vec![section()],
        },
    }
}
