//! One line of a profile.

use super::Derived;
use crate::answer::{Unit, format_unit};
use crate::model::{Interval, Status};
use crate::network::Origin;

/// One line of the profile.
pub struct Field {
    pub name: &'static str,
    pub reading: String,
    pub range: Option<Interval>,
    pub unit: Unit,
    /// The value on the numbers as printed, where ranges and unknown terms leave one.
    pub printed: Option<f64>,
    /// The value from which it counts as a barrier, and whether it lies above or below.
    pub threshold: Option<(f64, Side)>,
    /// What it is worked out from.
    pub basis: String,
    /// What nobody knows that it would need.
    pub unknowns: Vec<String>,
    /// The same for the deals of one status alone, where it is worked out from deals.
    pub by_status: Vec<(Status, Interval)>,
    /// The records that it rests on.
    pub records: Vec<Origin>,
}

/// On which side of its threshold a value is a barrier.
#[derive(Clone, Copy, PartialEq)]
pub enum Side {
    Above,
    Below,
}

/// Whether a barrier stands.
#[derive(Clone, Copy, PartialEq)]
pub enum Standing {
    Above,
    Below,
    Undetermined,
    Unknown,
}

impl Field {
    pub fn new(name: &'static str, unit: Unit, range: Option<Interval>, basis: impl Into<String>) -> Self {
        let reading = range.map_or("unknown".to_string(), |range| words(range, unit));
        Self {
            name,
            reading,
            range,
            unit,
            printed: range.filter(|range| range.high == Some(range.low)).map(|range| range.low),
            threshold: None,
            basis: basis.into(),
            unknowns: Vec::new(),
            by_status: Vec::new(),
            records: Vec::new(),
        }
    }

    /// A barrier above this value.
    pub fn above(mut self, threshold: f64) -> Self {
        self.threshold = Some((threshold, Side::Above));
        self
    }

    /// A barrier below this value.
    pub fn below(mut self, threshold: f64) -> Self {
        self.threshold = Some((threshold, Side::Below));
        self
    }

    pub fn unknown(mut self, what: impl IntoIterator<Item = String>) -> Self {
        self.unknowns.extend(what);
        self
    }

    /// A field that is worked out from the pair's deals.
    pub fn derived(name: &'static str, unit: Unit, derived: Derived, basis: impl Into<String>) -> Self {
        let field = Self::new(name, unit, derived.range, basis);
        Self { printed: derived.printed, by_status: derived.by_status, ..field }
    }

    pub fn rests_on(mut self, records: impl IntoIterator<Item = Origin>) -> Self {
        self.records.extend(records);
        self.records.sort_unstable();
        self.records.dedup();
        self
    }

    pub fn standing(&self) -> Option<Standing> {
        let (threshold, side) = self.threshold?;
        let Some(range) = self.range else { return Some(Standing::Unknown) };
        let high = range.high.unwrap_or(f64::INFINITY);
        let (sure, never) = match side {
            Side::Above => (range.low > threshold, high <= threshold),
            Side::Below => (high < threshold, range.low >= threshold),
        };
        Some(match (sure, never) {
            (true, _) => Standing::Above,
            (_, true) => Standing::Below,
            _ => Standing::Undetermined,
        })
    }
}

/// A range as people read it.
pub fn words(range: Interval, unit: Unit) -> String {
    let low = format_unit(range.low, unit);
    match range.high {
        None => format!("{low} or more"),
        Some(high) => {
            let high = format_unit(high, unit);
            if low == high { low } else { format!("{low} to {high}") }
        }
    }
}
