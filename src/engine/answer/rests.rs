//! What each row of a table rests on: records of the answer's evidence, with parts where they are known.

use std::borrow::Cow;

use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

use super::{Evidence, RecordRef, Table, Tie};
use crate::model::Rung;
use crate::order::Arrange;

/// What a row of a table rests on.
///
/// In JSON: a list of records, each its index in `evidence.records` alone or `[index, part, rung]` with `null` for what
/// is not known; the word `"whole"`; or `{"none": reason}`.
#[derive(Clone, Debug, PartialEq)]
pub enum Rests {
    /// These records, in the order of the evidence.
    Records(Vec<RestsOn>),
    /// Every record of the answer: an index of a whole network, an eigenvalue.
    Whole,
    /// No record, for this reason: a parameter, a count of what is missing.
    None(Cow<'static, str>),
}

/// One record that a row rests on.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RestsOn {
    /// Its position in the evidence of the answer.
    pub record: usize,
    /// The part of the row's main number that it carries, 0 to 1, where that is known. Parts overlap where several records make
    /// one weight or lie on one route, so they may add up to more than 1.
    pub part: Option<f64>,
    /// How the weight is known that the record gives, where it gives one.
    pub rung: Option<Rung>,
}

impl RestsOn {
    /// A record without part or rung.
    pub fn record(record: usize) -> Self {
        Self { record, part: None, rung: None }
    }
}

impl Rests {
    /// Whether it names a record, or says why not.
    pub fn is_said(&self) -> bool {
        !matches!(self, Self::Records(records) if records.is_empty())
    }

    /// The same with records at other positions, as [`Evidence::merged`] gives them.
    pub fn moved(&self, to: &[usize]) -> Self {
        let Self::Records(records) = self else { return self.clone() };
        let moved = records.iter().filter_map(|on| Some(RestsOn { record: *to.get(on.record)?, ..*on }));
        let mut moved: Vec<RestsOn> = moved.collect();
        moved.arrange_by_key(|on| on.record);
        Self::Records(moved)
    }

    /// What rests on both. Parts that differ are parts of different numbers, so they are left out.
    pub fn and(&self, other: &Self) -> Self {
        let (mine, theirs) = match (self, other) {
            (Self::Records(mine), Self::Records(theirs)) => (mine, theirs),
            (Self::Whole, _) | (_, Self::None(_)) => return self.clone(),
            (_, Self::Whole) | (Self::None(_), _) => return other.clone(),
        };
        let mut all: Vec<RestsOn> = mine.iter().chain(theirs).copied().collect();
        all.arrange_by_key(|on| on.record);
        all.dedup_by(|next, kept| {
            if next.record != kept.record {
                return false;
            }
            if next.part != kept.part {
                kept.part = None;
            }
            kept.rung = kept.rung.max(next.rung);
            true
        });
        if mine.iter().chain(theirs).any(|on| on.part.is_none()) {
            all.iter_mut().for_each(|on| on.part = None);
        }
        Self::Records(all)
    }
}

impl Serialize for RestsOn {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.part.is_none() && self.rung.is_none() {
            return serializer.serialize_u64(self.record as u64);
        }
        (self.record, self.part.map(rounded), self.rung).serialize(serializer)
    }
}

/// Four digits are more than a part is ever used to.
fn rounded(part: f64) -> f64 {
    (part * 1e4).round() / 1e4
}

impl Serialize for Rests {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Records(records) => {
                let mut list = serializer.serialize_seq(Some(records.len()))?;
                records.iter().try_for_each(|on| list.serialize_element(on))?;
                list.end()
            }
            Self::Whole => serializer.serialize_str("whole"),
            Self::None(reason) => {
                use serde::ser::SerializeMap;
                let mut map = serializer.serialize_map(Some(1))?;
                map.serialize_entry("none", reason)?;
                map.end()
            }
        }
    }
}

impl Evidence {
    /// The records and sources of several answers as one, and for each answer the new positions of its records. A record that
    /// answers tell alike is there once.
    pub fn merged(parts: &[&Evidence]) -> (Self, Vec<Vec<usize>>) {
        let mut all: Vec<(&RecordRef, usize, usize)> = Vec::new();
        for (part, evidence) in parts.iter().enumerate() {
            all.extend(evidence.records.iter().enumerate().map(|(at, record)| (record, part, at)));
        }
        all.arrange(|a, b| (&a.0.key, &a.0.says, a.1).cmp(&(&b.0.key, &b.0.says, b.1)));
        let mut merged = Self::default();
        let mut places: Vec<Vec<usize>> = parts.iter().map(|own| vec![0; own.records.len()]).collect();
        for (record, part, at) in all {
            match merged.records.last_mut() {
                Some(last) if last.told_as(record) => {
                    last.rung = last.rung.max(record.rung);
                    last.about.extend(record.about.iter().cloned());
                    last.about.sort_unstable();
                    last.about.dedup();
                }
                _ => merged.records.push(record.clone()),
            }
            if let Some(place) = places.get_mut(part).and_then(|own| own.get_mut(at)) {
                *place = merged.records.len() - 1;
            }
        }
        for (part, place) in parts.iter().zip(&places) {
            let moved = |tie: &Tie| Some(Tie { record: *place.get(tie.record)?, ..tie.clone() });
            merged.ties.extend(part.ties.iter().filter_map(moved));
        }
        merged.ties.sort_unstable();
        merged.ties.dedup();
        for part in parts {
            merged.reach.extend(part.reach.iter().map(|(table, reach)| (table.clone(), *reach)));
            merged.about.extend(part.about.iter().map(|(table, rows)| (table.clone(), rows.clone())));
        }
        merged.sources = parts.iter().flat_map(|own| own.sources.iter().cloned()).collect();
        merged.sources.arrange(|a, b| a.key.cmp(&b.key));
        merged.sources.dedup_by(|a, b| a.key == b.key);
        (merged, places)
    }
}

impl RecordRef {
    /// Whether both tell the same, whatever weights are taken from them and whoever owns whom.
    fn told_as(&self, other: &Self) -> bool {
        self.key == other.key
            && Self { rung: other.rung, about: other.about.clone(), ..self.clone() } == *other
    }
}

impl Table {
    /// Keeps the rows that `keep` accepts, each with what it rests on.
    pub fn retain(&mut self, mut keep: impl FnMut(&super::Row) -> bool) {
        let kept: Vec<bool> = self.rows.iter().map(&mut keep).collect();
        let mut of_row = kept.iter();
        self.rows.retain(|_| of_row.next().copied().unwrap_or(false));
        let mut of_ranges = kept.iter();
        self.ranges.retain(|_| of_ranges.next().copied().unwrap_or(false));
        let mut of_rests = kept.iter();
        self.rests.retain(|_| of_rests.next().copied().unwrap_or(false));
    }

    /// Orders the rows, each with what it rests on; rows that are alike stay in their order.
    pub fn sort_by(&mut self, mut compare: impl FnMut(&super::Row, &super::Row) -> std::cmp::Ordering) {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.arrange(|a, b| match (self.rows.get(*a), self.rows.get(*b)) {
            (Some(a), Some(b)) => compare(a, b),
            _ => a.cmp(b),
        });
        let has_rests = self.rests.len() == self.rows.len();
        self.rows = order.iter().filter_map(|at| self.rows.get(*at).cloned()).collect();
        if has_rests {
            self.rests = order.iter().filter_map(|at| self.rests.get(*at).cloned()).collect();
        }
        if !self.ranges.is_empty() {
            self.ranges = order.iter().filter_map(|at| self.ranges.get(*at).cloned()).collect();
        }
    }

    /// Keeps the first rows, each with what it rests on.
    pub fn truncate(&mut self, rows: usize) {
        self.rows.truncate(rows);
        self.rests.truncate(rows);
        self.ranges.truncate(rows);
    }

    /// Adds a row with what it rests on. A table whose earlier rows do not say what they rest on stays without.
    pub fn push(&mut self, row: super::Row, rests: Rests) {
        if self.rests.len() == self.rows.len() {
            self.rests.push(rests);
        }
        self.rows.push(row);
    }

    /// Whether each row says what it rests on.
    pub fn says_rests(&self) -> bool {
        self.rests.len() == self.rows.len() && self.rests.iter().all(Rests::is_said)
    }

    /// What a row rests on, where the table says it.
    pub fn rests_of(&self, row: usize) -> Option<&Rests> {
        self.rests.get(row)
    }
}
