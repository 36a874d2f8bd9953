//! Answers as they travel between processes: as text in which nothing is lost. JSON is for people and programs: there a thing is its key,
//! parts are rounded, and what is only used while an answer is made is left out.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{
    Answer, AnswerStatus, Caveat, Cell, Column, EngineRef, Evidence, Explained, Finding, GraphRef, LeftOut,
    Portion, Provenance, Quote, Range, Reach, RecordRef, Rests, RestsOn, RowRange, ScopeRef, SourceRef,
    Table, Tie, Unit, WhatIfRef,
};
use crate::model::{Basis, Confidence, Reliability, Rung, Status};

/// What can be written as text and read again as it was, to the bit.
pub trait Travel: Sized {
    /// Writes it at the end of a text.
    fn put(&self, out: &mut String);

    /// Reads it from the beginning of a text, and leaves the rest. `None` where something else stands there.
    fn take(from: &mut &str) -> Option<Self>;
}

/// Something that travels, as a result of shared work.
#[derive(Clone, Debug, PartialEq)]
pub struct Sent<T>(pub T);

impl<T: Travel> Serialize for Sent<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        self.0.put(&mut text);
        serializer.serialize_str(&text)
    }
}

impl<'de, T: Travel> Deserialize<'de> for Sent<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut rest = text.as_str();
        let whole = T::take(&mut rest).filter(|_| rest.is_empty());
        whole.map(Self).ok_or_else(|| D::Error::custom("written in another form"))
    }
}

/// Says how structs and enums travel: field by field, an enum after the name of its variant. A field or variant that is not named here
/// does not compile.
macro_rules! travels {
    ($(struct $type:ident { $($field:ident),* $(,)? })*) => {$(
        impl $crate::answer::Travel for $type {
            fn put(&self, out: &mut String) {
                let Self { $($field),* } = self;
                $($crate::answer::Travel::put($field, out);)*
            }

            fn take(from: &mut &str) -> Option<Self> {
                Some(Self { $($field: $crate::answer::Travel::take(from)?),* })
            }
        }
    )*};
    ($(enum $type:ident { $($variant:ident $({ $($field:tt: $name:ident),* })?),* $(,)? })*) => {$(
        impl $crate::answer::Travel for $type {
            fn put(&self, out: &mut String) {
                match self {
                    $(Self::$variant { $($($field: $name),*)? } => {
                        $crate::answer::Travel::put(&stringify!($variant).to_string(), out);
                        $($($crate::answer::Travel::put($name, out);)*)?
                    })*
                }
            }

            fn take(from: &mut &str) -> Option<Self> {
                let variant: String = $crate::answer::Travel::take(from)?;
                match variant.as_str() {
                    $(stringify!($variant) => Some(Self::$variant { $($($field: $crate::answer::Travel::take(from)?),*)? }),)*
                    _ => None,
                }
            }
        }
    )*};
}
pub(crate) use travels;

travels! {
    struct Answer { analysis, title, question, findings, tables, caveats, evidence, status }
    struct Finding { text, quotes }
    struct Quote { shown, value, table, row, column }
    struct Table { name, title, columns, rows, rests, ranges, keyed, left_out }
    struct Column { name, heading, unit, description }
    struct LeftOut { things, values }
    struct RestsOn { record, part, rung }
    struct RowRange { present, cells }
    struct Range { mean, sd, q05, q50, q95, draws }
    struct Caveat { code, text, count }
    struct Evidence { records, sources, ties, reach, about, values }
    struct RecordRef {
        key, says, sources, assumed, basis, confidence, since, refers_to, reliability, age_months, stale, rung, place, about,
    }
    struct SourceRef { key, title, publisher, url, date, reliability }
    struct Tie { customer, supplier, record }
    struct Explained {
        table, row, about, column, shown, value, coverage, whole, none, records, sources, reliability, refers_to, rungs, by_parts,
        carrying, assumed, assumed_weights, low_confidence, stale, doubtful, rests_on,
    }
    struct Portion { records, share_low, share_high }
    struct Provenance { engine, graph, scope, query, command, seed, uncertainty }
    struct EngineRef { name, version }
    struct GraphRef { name, sha256 }
    struct ScopeRef { as_of, status, min_confidence, stale_after, what_if }
    struct WhatIfRef { title, ron }
}

travels! {
    enum Cell {
        Empty, Text { 0: text }, Number { 0: number }, Item { key: key, name: name }, Items { 0: items }, Flag { 0: flag },
    }
    enum Rests { Records { 0: records }, Whole, None { 0: reason } }
    enum AnswerStatus {
        Complete, Truncated { reason: reason }, NotConverged { residual: residual, rounds: rounds },
    }
    enum Unit {
        Text, Share, Usd, UsdPerYear, Megawatt, Hhi, Count, Quantity, Ratio, Years, Months, Days, Number,
    }
    enum Reach { Named, Upstream, Downstream, Connected }
    enum Basis { Observed, Reported, Estimated, Inferred, Assumed }
    enum Confidence { High, Medium, Low }
    enum Reliability { Primary, Secondary, Tertiary }
    enum Rung { Stated, Amounts, KnownContracts, MarketShare, EqualSplit }
    enum Status { Announced, Intent, Signed, Funded, Delivered, Lapsed }
}

impl Travel for u64 {
    fn put(&self, out: &mut String) {
        out.push_str(&format!("{self:x},"));
    }

    fn take(from: &mut &str) -> Option<Self> {
        let (digits, rest) = from.split_once(',')?;
        *from = rest;
        Self::from_str_radix(digits, 16).ok()
    }
}

/// Numbers travel as 64 bits.
macro_rules! as_bits {
    ($($type:ty: $to:expr, $of:expr;)*) => {$(
        impl Travel for $type {
            fn put(&self, out: &mut String) {
                let to: fn($type) -> u64 = $to;
                to(*self).put(out);
            }

            fn take(from: &mut &str) -> Option<Self> {
                let of: fn(u64) -> Option<Self> = $of;
                of(u64::take(from)?)
            }
        }
    )*};
}

as_bits! {
    f64: f64::to_bits, |bits| Some(f64::from_bits(bits));
    usize: |count| count as u64, |bits| usize::try_from(bits).ok();
    u32: u64::from, |bits| u32::try_from(bits).ok();
    bool: u64::from, |bits| Some(bits == 1);
}

impl Travel for String {
    fn put(&self, out: &mut String) {
        self.len().put(out);
        out.push_str(self);
    }

    fn take(from: &mut &str) -> Option<Self> {
        let length = usize::take(from)?;
        let (own, rest) = from.split_at_checked(length)?;
        *from = rest;
        Some(own.to_string())
    }
}

impl Travel for Cow<'static, str> {
    fn put(&self, out: &mut String) {
        self.to_string().put(out);
    }

    fn take(from: &mut &str) -> Option<Self> {
        String::take(from).map(Self::Owned)
    }
}

impl<T: Travel> Travel for Box<T> {
    fn put(&self, out: &mut String) {
        T::put(self, out);
    }

    fn take(from: &mut &str) -> Option<Self> {
        T::take(from).map(Self::new)
    }
}

impl<T: Travel> Travel for Option<T> {
    fn put(&self, out: &mut String) {
        self.is_some().put(out);
        self.iter().for_each(|own| own.put(out));
    }

    fn take(from: &mut &str) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Some) } else { Some(None) }
    }
}

impl<T: Travel, E: Travel> Travel for Result<T, E> {
    fn put(&self, out: &mut String) {
        self.is_ok().put(out);
        match self {
            Ok(own) => own.put(out),
            Err(why) => why.put(out),
        }
    }

    fn take(from: &mut &str) -> Option<Self> {
        if bool::take(from)? { T::take(from).map(Ok) } else { E::take(from).map(Err) }
    }
}

impl<A: Travel, B: Travel> Travel for (A, B) {
    fn put(&self, out: &mut String) {
        self.0.put(out);
        self.1.put(out);
    }

    fn take(from: &mut &str) -> Option<Self> {
        Some((A::take(from)?, B::take(from)?))
    }
}

/// Lists travel as their length and their elements.
macro_rules! as_list {
    ($([$($of:tt)*] $type:ty;)*) => {$(
        impl<$($of)*> Travel for $type {
            fn put(&self, out: &mut String) {
                self.len().put(out);
                self.iter().for_each(|own| own.put(out));
            }

            fn take(from: &mut &str) -> Option<Self> {
                let length = usize::take(from)?;
                (0..length).map(|_| T::take(from)).collect()
            }
        }
    )*};
}

as_list! {
    [T: Travel] Vec<T>;
    [T: Travel + Ord] BTreeSet<T>;
}

impl<K: Travel + Ord, V: Travel> Travel for BTreeMap<K, V> {
    fn put(&self, out: &mut String) {
        self.len().put(out);
        self.iter().for_each(|(key, value)| {
            key.put(out);
            value.put(out);
        });
    }

    fn take(from: &mut &str) -> Option<Self> {
        Some(Vec::<(K, V)>::take(from)?.into_iter().collect())
    }
}

impl<T: Travel, const N: usize> Travel for [T; N] {
    fn put(&self, out: &mut String) {
        self.iter().for_each(|own| own.put(out));
    }

    fn take(from: &mut &str) -> Option<Self> {
        let all: Option<Vec<T>> = (0..N).map(|_| T::take(from)).collect();
        all?.try_into().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn back<T: Travel>(value: T) -> T {
        let text = serde_json::to_string(&Sent(value)).unwrap();
        serde_json::from_str::<Sent<T>>(&text).unwrap().0
    }

    #[test]
    fn an_answer_arrives_as_it_left() {
        let columns =
            vec![Column::new("who", Unit::Text, "Who"), Column::new("share", Unit::Share, "How much")];
        let mut table = Table::new("main", "Main, \"quoted\"\n", columns);
        let item = Cell::Item { key: "é,1".into(), name: "Ünï, 3".into() };
        table.push(
            vec![item, Cell::Number(0.1 + 0.2)],
            Rests::Records(vec![RestsOn { record: 7, part: Some(1.0 / 3.0), rung: Some(Rung::MarketShare) }]),
        );
        table.push(vec![Cell::Items(vec![("a".into(), "A".into())]), Cell::Flag(true)], Rests::Whole);
        table.push(vec![Cell::Empty, Cell::text("")], Rests::None("a count".into()));
        let range =
            Range { mean: f64::MIN_POSITIVE, sd: f64::INFINITY, q05: -0.0, q50: 1e300, q95: 0.7, draws: 3 };
        table.ranges = vec![RowRange { present: 0.5, cells: vec![None, Some(range)] }];
        table.left_out =
            Some(LeftOut { things: ["x".to_string()].into(), values: vec![("share".into(), 0.0)] });
        let mut answer = Answer::new("tiers", "Title", "Question?");
        answer.findings.push(super::super::FindingBuilder::new("It is ").cell(&table, 0, "share").done());
        answer.tables.push(table);
        answer.caveat("code", "Text.", Some(2));
        answer.evidence.reach.insert("main".into(), Reach::Upstream);
        answer.evidence.about.insert("main".into(), [(1, vec!["b".to_string()])].into());
        answer.evidence.ties.push(Tie { customer: "c".into(), supplier: "s".into(), record: 1 });
        answer.status = AnswerStatus::NotConverged { residual: 1e-3, rounds: 9 };
        assert_eq!(format!("{:?}", back(answer.clone())), format!("{answer:?}"));
        assert!(back(f64::NAN).is_nan());
    }

    #[test]
    fn what_is_cut_off_or_something_else_is_not_read() {
        let text = serde_json::to_string(&Sent(vec![1_u64, 2])).unwrap();
        assert!(serde_json::from_str::<Sent<Vec<u64>>>(&text).is_ok());
        assert!(serde_json::from_str::<Sent<u64>>(&text).is_err(), "something is left");
        assert!(serde_json::from_str::<Sent<(Vec<u64>, String)>>(&text).is_err(), "something is missing");
        assert!(serde_json::from_str::<Sent<Unit>>("\"4,Tons\"").is_err());
        assert!(serde_json::from_str::<Sent<Vec<u64>>>("\"ffffffffffffffff,1,\"").is_err());
    }
}
