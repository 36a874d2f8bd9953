use super::*;
use crate::answer::{Column, Evidence};
use crate::model::Basis;

fn record(key: &str, basis: Basis, confidence: Confidence, stale: bool) -> RecordRef {
    RecordRef {
        key: key.to_string(),
        says: format!("{key} says"),
        sources: vec![format!("source-{key}")],
        assumed: None,
        basis,
        confidence,
        since: None,
        refers_to: Some(if stale { "2020" } else { "2026-04" }.to_string()),
        reliability: Some(Reliability::Secondary),
        age_months: None,
        stale,
        rung: None,
        place: String::new(),
        about: Vec::new(),
    }
}

/// Four records: two assumed, one of low confidence, one stale.
fn answer(rests: Rests) -> Answer {
    let mut answer = Answer::new("", "", "");
    answer.evidence = Evidence {
        records: vec![
            record("a", Basis::Assumed, Confidence::Medium, false),
            record("b", Basis::Assumed, Confidence::Low, false),
            record("c", Basis::Reported, Confidence::High, true),
            record("d", Basis::Reported, Confidence::High, false),
        ],
        ..Evidence::default()
    };
    let columns = vec![
        Column::new("who", Unit::Text, ""),
        Column::new("tier", Unit::Count, ""),
        Column::new("coverage", Unit::Share, ""),
        Column::new("loss", Unit::Share, ""),
    ];
    let mut table = Table::new("t", "T", columns);
    table.push(vec![Cell::text("x"), Cell::Number(2.0), Cell::Empty, Cell::Number(0.25)], rests);
    answer.tables.push(table);
    answer
}

fn explained(rests: Rests) -> Explained {
    let answer = answer(rests);
    answer.explain(&answer.tables[0], 0).expect("there is a row")
}

fn shares(portion: Portion) -> (usize, f64, f64) {
    (portion.records, portion.share_low, portion.share_high)
}

#[test]
fn parts_lie_between_full_overlap_and_none() {
    let part = |record, part| RestsOn { part: Some(part), ..RestsOn::record(record) };
    let told = explained(Rests::Records(vec![part(0, 0.5), part(1, 0.75), part(2, 0.125), part(3, 1.0)]));
    assert!(told.by_parts);
    assert_eq!(shares(told.assumed), (2, 0.75, 1.0));
    assert_eq!(shares(told.low_confidence), (1, 0.75, 0.75));
    assert_eq!(shares(told.stale), (1, 0.125, 0.125));
    assert_eq!(shares(told.doubtful), (3, 0.75, 1.0));
    let order: Vec<usize> = told.rests_on.iter().map(|on| on.record).collect();
    assert_eq!(order, [3, 1, 0, 2]);
    assert_eq!((told.column.as_str(), told.shown.as_str(), told.coverage), ("loss", "25.0 %", None));
}

#[test]
fn without_parts_shares_are_of_the_number_of_records_and_say_so() {
    let told = explained(Rests::Whole);
    assert!(told.whole && !told.by_parts);
    assert_eq!(shares(told.assumed), (2, 0.5, 0.5));
    assert_eq!(shares(told.doubtful), (3, 0.75, 0.75));
    assert_eq!((told.records, told.sources, told.reliability), (4, 4, [0, 4, 0]));
    let lines = told.lines();
    assert_eq!(lines[0], "Rests on all 4 records from 4 sources, of 2020 to 2026-04.");
    assert_eq!(
        lines[2],
        "Of the records, as their parts of the value are not known: 50.0 % assumed (2 records), 25.0 % of low confidence \
         (1 record), 25.0 % stale (1 record); one or more of these: 75.0 %."
    );
}

#[test]
fn no_record_has_a_reason_and_an_assumed_weight_is_doubtful() {
    let told = explained(Rests::None("a parameter".into()));
    assert_eq!(told.lines(), ["Rests on no record: a parameter."]);
    let on = RestsOn { rung: Some(Rung::EqualSplit), ..RestsOn::record(3) };
    let told = explained(Rests::Records(vec![on]));
    assert_eq!((told.rungs, shares(told.assumed_weights)), ([0, 0, 0, 0, 1], (1, 1.0, 1.0)));
    assert_eq!(shares(told.doubtful), (1, 1.0, 1.0));
}

#[test]
fn nothing_is_no_negative_zero() {
    let told = explained(Rests::Records(vec![RestsOn { part: Some(1.0), ..RestsOn::record(3) }]));
    assert!(told.stale.share_high.is_sign_positive() && told.assumed.share_low.is_sign_positive());
}
