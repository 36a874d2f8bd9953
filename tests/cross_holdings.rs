//! Value net of stakes in each other, by hand.

mod common;

use common::{ask, graph, number, view};
use linchpin::analysis::{Analysis, AnalysisError, CrossHoldings};

const FIRMS: &str = r#"(
    format: 1, as_of: "2026-07-01",
    kinds: { "firm": (name: "Firm") },
    entities: {
        "a": (name: "A", kind: "firm"), "b": (name: "B", kind: "firm"), "c": (name: "C", kind: "firm"), "d": (name: "D", kind: "firm"),
    },
    relations: {
        "a-b": Owns(from: "a", to: "b", share: Percent(50), assumed: "t"),
        "b-a": Owns(from: "b", to: "a", share: Percent(50), assumed: "t"),
        "a-c": Invests(from: "a", to: "c", amount: Usd(4), stake: Percent(10), status: Signed, assumed: "t"),
        "a-d": Owns(from: "a", to: "d", share: Percent(5), assumed: "t"),
    },
    attributes: {
        "a-value": (of: "a", what: Valuation, value: Usd(20), assumed: "t"),
        "b-value": (of: "b", what: Valuation, value: Usd(20), assumed: "t"),
    },
)"#;

#[test]
fn a_circle_counts_its_money_twice() {
    let graph = graph(FIRMS);
    let answer = ask(&graph, "CrossHoldings()");
    // a holds half of b (10) and a tenth of c, which is worth 4 / 10 % = 40 (4), and owns 6 beside
    assert_eq!(number(&answer, "a", "stakes"), Some(14.0));
    assert_eq!(number(&answer, "a", "own_assets"), Some(6.0));
    assert_eq!(number(&answer, "c", "value"), Some(40.0));
    assert!((number(&answer, "a", "net_value").unwrap() - 10.0).abs() < 1e-12);
    // a and b belong to outsiders by half, c by nine tenths: 10 + 10 + 36 of 80, which is 6 + 10 + 40
    let whole = answer.table("whole").unwrap();
    for (column, wanted) in
        [("value", 80.0), ("net_value", 56.0), ("counted_twice", 24.0), ("circularity", 80.0 / 56.0)]
    {
        assert!((whole.number(0, column).unwrap() - wanted).abs() < 1e-12, "{column}");
    }
    let text = "The 3 firms of known value are worth $80 together, of which $24 is stakes in each other: net of those $56, a \
                circularity of 1.43x.";
    assert_eq!(answer.findings[0].text, text);
    assert!(
        answer
            .caveats
            .iter()
            .any(|caveat| caveat.code == "unknown-value" && caveat.text.contains("A 5 % of D"))
    );
}

#[test]
fn losses_run_round_the_circle() {
    let graph = graph(FIRMS);
    // c loses everything: a loses 4 of its assets' worth, V_a = 6 + V_b/2, V_b = 10 + V_a/2: 44/3 and 52/3
    let answer = ask(&graph, r#"CrossHoldings(loss: ["c"])"#);
    assert!((number(&answer, "a", "net_value_after").unwrap() - 22.0 / 3.0).abs() < 1e-12);
    assert!((number(&answer, "b", "change").unwrap() - (26.0 / 30.0 - 1.0)).abs() < 1e-12);
    assert_eq!(number(&answer, "a", "failed_in_wave"), None);
    // at 80 % of its value a fails, and what that costs takes b below its line as well
    let fails = ask(&graph, r#"CrossHoldings(loss: ["c"], threshold: 0.8, cost: 0.5)"#);
    assert_eq!(number(&fails, "a", "failed_in_wave"), Some(1.0));
    assert_eq!(number(&fails, "b", "failed_in_wave"), Some(2.0));
    let run = |json: &str| {
        let question: CrossHoldings = serde_json::from_str(json).unwrap();
        question.run(&view(&graph)).map(|_| ())
    };
    assert!(matches!(run(r#"{"loss": ["d"]}"#), Err(AnalysisError::NoData(_))));
    assert!(matches!(run(r#"{"loss": ["e"]}"#), Err(AnalysisError::UnknownKey(_))));
    assert!(matches!(run(r#"{"loss": ["a", "a=0.5"]}"#), Err(AnalysisError::Invalid { .. })));
    assert!(matches!(run(r#"{"threshold": 1.5}"#), Err(AnalysisError::Invalid { .. })));
}
