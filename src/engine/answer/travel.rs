//! Answers as they travel between processes.

use super::{
    Answer, AnswerStatus, Caveat, Cell, Column, EngineRef, Evidence, Explained, Finding, GraphRef, LeftOut,
    Portion, Provenance, Quote, Range, Reach, RecordRef, Rests, RestsOn, RowRange, ScopeRef, SourceRef,
    Table, Tie, Unit, WhatIfRef,
};
use crate::model::{Basis, Confidence, Reliability, Rung, Status};
use crate::travel::travels;

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::travel::{Travel, read, written};

    fn back<T: Travel>(value: T) -> T {
        read(&written(&value)).unwrap()
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
        let text = written(&vec![1_u64, 2]);
        assert_eq!(read::<Vec<u64>>(&text), Some(vec![1, 2]));
        assert_eq!(read::<u64>(&text), None, "something is left");
        assert_eq!(read::<(Vec<u64>, String)>(&text), None, "something is missing");
        assert_eq!(read::<Unit>("4,Tons"), None);
        assert_eq!(read::<Vec<u64>>("ffffffffffffffff,1,"), None);
    }
}
