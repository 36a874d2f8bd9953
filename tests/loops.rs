//! Feedback loops against closed forms, a slow plain version, and the dataset of the AWS flywheel.

mod common;
mod oracle;

use std::path::Path;

use common::{ask, close, graph};
use linchpin::analysis::{Analysis, Ask, Loops};
use linchpin::answer::{Answer, AnswerStatus, Style, to_csv, to_text};
use linchpin::graph::Graph;
use proptest::prelude::*;

/// `(cause, effect, elasticity)`, negative where the sign is minus, `None` where nobody states it.
fn flywheel(variables: usize, links: &[(usize, usize, Option<f64>)]) -> Graph {
    let mut text = String::from("(format: 1, name: \"t\", kinds: { \"variable\": () }, entities: {");
    for i in 0..variables {
        text.push_str(&format!("\"v{i:03}\": (kind: \"variable\"),"));
    }
    text.push_str("}, relations: {");
    for (at, (from, to, size)) in links.iter().enumerate() {
        let sign = if size.is_some_and(|size| size < 0.0) { "Minus" } else { "Plus" };
        let size = size.map(|size| format!("elasticity: Number({:?}),", size.abs())).unwrap_or_default();
        text.push_str(&format!(
            "\"l{at:04}\": Influences(from: \"v{from:03}\", to: \"v{to:03}\", sign: {sign}, {size} delay: Months(2), assumed: \"t\"),"
        ));
    }
    text.push_str("})");
    graph(&text)
}

fn cell<'a>(answer: &'a Answer, table: &str, row: usize, column: &str) -> Option<&'a str> {
    answer.table(table)?.cell(row, column)?.as_key()
}

fn number(answer: &Answer, table: &str, row: usize, column: &str) -> Option<f64> {
    answer.table(table)?.number(row, column)
}

fn vectors(name: &str) -> f64 {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vectors.json");
    let all: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    all[name].as_f64().unwrap()
}

#[test]
fn the_worked_loop_amplifies_as_worked_out() {
    // 0.5 · 0.8 · 0.9 = 0.36; 1 / (1 - 0.36) = 1.5625; the eigenvalues are the cube roots of 0.36
    let graph = flywheel(3, &[(0, 1, Some(0.5)), (1, 2, Some(0.8)), (2, 0, Some(0.9))]);
    let answer = ask(&graph, "Loops()");
    assert_eq!(cell(&answer, "loops", 0, "loop"), Some("R1"));
    for (column, name) in [
        ("gain", "loop_gain"),
        ("gain_low", "loop_gain"),
        ("gain_high", "loop_gain"),
        ("amplification", "amplification"),
    ] {
        assert!(close(number(&answer, "loops", 0, column).unwrap(), vectors(name), 1e-14), "{column}");
    }
    assert!(close(number(&answer, "loops", 0, "delay_months").unwrap(), 6.0, 1e-12));
    let radius = number(&answer, "system", 0, "spectral_radius").unwrap();
    assert!(close(radius, vectors("spectral_radius"), 1e-13), "{radius}");
    assert!(number(&answer, "system", 0, "residual").unwrap() < 1e-13);
    assert_eq!(number(&answer, "system", 0, "tied"), Some(3.0));
    for row in 0..3 {
        assert!(close(number(&answer, "links", row, "drive").unwrap(), 1.0 / 3.0, 1e-12));
    }
    // a variable's own long-run multiplier in a single loop is the loop's amplification
    let multipliers = answer.table("multipliers").unwrap();
    let of = |a: &str, b: &str| {
        let at = (0..9).find(|at| {
            cell(&answer, "multipliers", *at, "cause") == Some(a)
                && cell(&answer, "multipliers", *at, "effect") == Some(b)
        });
        multipliers.number(at.unwrap(), "multiplier").unwrap()
    };
    assert!(close(of("v001", "v001"), 1.5625, 1e-13));
    assert!(close(of("v000", "v002"), 0.4 * 1.5625, 1e-13));
    let csv = to_csv(&answer, None).unwrap();
    assert!(
        csv.starts_with("loop,polarity,variables,gain_low,gain_high,amplification,delay_months"),
        "{csv}"
    );
    assert!(csv.contains("v000;v001;v002"), "{csv}");
}

#[test]
fn a_balancing_loop_damps_and_turns() {
    // two links of 0.5, one minus: gain -0.25, 1 / 1.25 = 0.8, eigenvalues ±0.5i
    let answer = ask(&flywheel(2, &[(0, 1, Some(0.5)), (1, 0, Some(-0.5))]), "Loops()");
    assert_eq!(cell(&answer, "loops", 0, "loop"), Some("B1"));
    assert!(close(number(&answer, "loops", 0, "gain").unwrap(), -0.25, 1e-15));
    assert!(close(number(&answer, "loops", 0, "amplification").unwrap(), 0.8, 1e-15));
    assert!(close(number(&answer, "system", 0, "spectral_radius").unwrap(), 0.5, 1e-13));
    assert!(close(number(&answer, "system", 0, "eigenvalue_imaginary").unwrap(), 0.5, 1e-13));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "oscillates"));
}

#[test]
fn ranges_give_intervals_with_the_signs_in_order() {
    let text = r#"(format: 1, name: "t", kinds: { "variable": () }, entities: {
        "a": (kind: "variable"), "b": (kind: "variable"), "c": (kind: "variable") }, relations: {
        "ab": Influences(from: "a", to: "b", sign: Plus, elasticity: Between(Number(0.5), Number(0.9)), assumed: "t"),
        "ba": Influences(from: "b", to: "a", sign: Minus, elasticity: Between(Number(0.2), Number(0.4)), assumed: "t"),
        "bc": Influences(from: "b", to: "c", sign: Plus, elasticity: AtLeast(Number(1)), delay: Months(3), assumed: "t"),
        "ca": Influences(from: "c", to: "a", sign: Plus, elasticity: Between(Number(0.4), Number(0.6)), delay: Months(3), assumed: "t"),
    })"#;
    let answer = ask(&graph(text), "Loops()");
    // R1: (0.5..0.9) (1..) (0.4..0.6): 0.2 or more, printed 0.7 · 1 · 0.5
    assert_eq!(cell(&answer, "loops", 0, "loop"), Some("R1"));
    assert!(close(number(&answer, "loops", 0, "gain_low").unwrap(), 0.2, 1e-14));
    assert_eq!(number(&answer, "loops", 0, "gain_high"), None);
    assert!(close(number(&answer, "loops", 0, "gain").unwrap(), 0.35, 1e-14));
    // B1: -(0.5..0.9)(0.2..0.4)
    assert!(close(number(&answer, "loops", 1, "gain_low").unwrap(), -0.36, 1e-14));
    assert!(close(number(&answer, "loops", 1, "gain_high").unwrap(), -0.1, 1e-14));
    assert_eq!(number(&answer, "loops", 1, "delay_months"), None, "an unknown delay is not none");
    assert_eq!(number(&answer, "system", 2, "spectral_radius"), None, "a range without an upper end");
}

#[test]
fn an_unknown_elasticity_leaves_the_polarity() {
    let graph = flywheel(3, &[(0, 1, Some(0.5)), (1, 0, Some(-0.4)), (1, 2, None), (2, 0, Some(-0.3))]);
    let answer = ask(&graph, "Loops()");
    assert_eq!(cell(&answer, "loops", 0, "loop"), Some("B1"));
    assert_eq!(cell(&answer, "loops", 1, "loop"), Some("B2"));
    assert_eq!(cell(&answer, "loops", 1, "equilibrium"), Some("unknown"));
    for column in ["gain", "gain_low", "gain_high", "amplification"] {
        assert_eq!(number(&answer, "loops", 1, column), None, "{column}");
    }
    assert!(
        answer.caveats.iter().any(|caveat| caveat.code == "unknown-elasticity" && caveat.count == Some(1))
    );
}

#[test]
fn a_gain_of_one_or_more_has_no_equilibrium() {
    let answer = ask(&flywheel(2, &[(0, 1, Some(2.0)), (1, 0, Some(0.5))]), "Loops()");
    assert_eq!(number(&answer, "loops", 0, "amplification"), None);
    assert_eq!(cell(&answer, "loops", 0, "equilibrium"), Some("no"));
    assert!(answer.table("multipliers").is_none());
    assert!(answer.findings.iter().any(|f| f.text.contains("no equilibrium in this linearisation")));
}

#[test]
fn a_focus_keeps_numbers_and_starts_its_loops_at_itself() {
    let links = [(0, 1, Some(0.9)), (1, 0, Some(0.9)), (1, 2, Some(0.5)), (2, 1, Some(0.5))];
    let answer = ask(&flywheel(3, &links), "Loops(focus: \"v002\")");
    assert_eq!(answer.tables[0].rows.len(), 1);
    assert_eq!(cell(&answer, "loops", 0, "loop"), Some("R2"));
    assert!(to_csv(&answer, None).unwrap().contains("v002;v001"));
    let unknown = Loops { focus: Some("v00".into()), ..Loops::default() };
    let graph = flywheel(3, &links);
    assert!(unknown.run(&common::view(&graph)).unwrap_err().to_string().contains("v000"));
}

#[test]
fn a_dense_system_is_truncated_and_its_solves_are_complete() {
    let mut links = Vec::new();
    for i in 0..60 {
        for step in [1, 7, 19, 23, 41] {
            links.push((i, (i + step) % 60, Some(0.1)));
        }
    }
    let answer = ask(&flywheel(60, &links), "Loops(longest: 30, most: 40)");
    assert!(matches!(answer.status, AnswerStatus::Truncated { .. }));
    assert_eq!(answer.tables[0].rows.len(), 40);
    // every row of the matrix adds up to 0.5
    assert!(close(number(&answer, "system", 0, "spectral_radius").unwrap(), 0.5, 1e-12));
}

#[test]
fn the_aws_flywheel_checks_clean_and_its_readme_is_right() {
    let loaded = linchpin::dataset::load(Path::new("graph/aws-flywheel"));
    let told = linchpin::dataset::render_all(&loaded.diagnostics, false);
    assert!(loaded.diagnostics.is_empty(), "{told}");
    let facts = loaded.facts.expect("the dataset is valid");
    let hash = facts.content_hash();
    let graph = Graph::new(facts, hash);
    assert!(
        graph
            .facts()
            .relations
            .iter()
            .all(|link| link.evidence.assumed.is_some() && link.evidence.is_assumed())
    );
    let answer = ask(&graph, "Loops()");
    if std::env::var_os("SHOW").is_some() {
        let provenance = common::view(&graph).provenance(&Ask::Loops(Loops::default()), String::new(), 0);
        println!("{}", to_text(&answer, &provenance, Style { rows: 60, width: 200, ..Style::default() }));
    }
    assert_eq!(answer.status, AnswerStatus::Complete);
    // drive (a) by hand, as in the README: low, printed and high ends of six links
    let drive = [
        "commitments",
        "revenue-predictability",
        "capital-spending",
        "custom-silicon",
        "cost-per-inference",
        "tenants",
    ];
    let csv = to_csv(&answer, None).unwrap();
    let mut wanted = drive.to_vec();
    // a loop is listed from its first variable by key on
    wanted.rotate_left(2);
    let row =
        csv.lines().skip(1).position(|line| line.contains(&wanted.join(";"))).expect("drive (a) is a loop");
    let low = 0.4 * 0.4 * 0.4 * 0.3 * 0.7 * 0.5;
    let point = 0.6 * 0.65 * 0.6 * 0.45 * 1.0 * 0.7;
    let high = 0.8 * 0.9 * 0.8 * 0.6 * 1.3 * 0.9;
    for (column, value) in
        [("gain_low", low), ("gain", point), ("gain_high", high), ("amplification", 1.0 / (1.0 - point))]
    {
        assert!(close(number(&answer, "loops", row, column).unwrap(), value, 1e-12), "{column}");
    }
    assert!(close(number(&answer, "loops", row, "delay_months").unwrap(), 58.0, 1e-12));
    let readme = std::fs::read_to_string("graph/aws-flywheel/README.md").unwrap();
    for number in ["0.0067", "0.0737", "0.4044", "1.080"] {
        assert!(readme.contains(number), "{number}");
    }
    // several loops of both kinds, each of the three drives, and the limits
    assert!(csv.lines().filter(|line| line.starts_with('R')).count() >= 6);
    assert!(csv.lines().filter(|line| line.starts_with('B')).count() >= 4);
}

/// The spectral radius by squaring the matrix over and over: `|A^k|^(1/k)`.
fn radius_by_squaring(a: &[Vec<f64>]) -> f64 {
    let n = a.len();
    let mut power = a.to_vec();
    let (mut log, mut k) = (0.0, 1.0);
    for _ in 0..40 {
        let norm = power.iter().flatten().map(|v| v.abs()).fold(0.0, f64::max);
        if norm == 0.0 {
            return 0.0;
        }
        power.iter_mut().flatten().for_each(|v| *v /= norm);
        log += norm.ln() / k;
        let old = power.clone();
        for i in 0..n {
            for j in 0..n {
                power[i][j] = (0..n).map(|m| old[i][m] * old[m][j]).sum();
            }
        }
        k *= 2.0;
    }
    log.exp()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn the_whole_agrees_with_the_slow_version(n in 2usize..8, seed in proptest::collection::vec(-1.0f64..1.0, 64)) {
        let mut links = Vec::new();
        let mut j = vec![vec![0.0; n]; n];
        for from in 0..n {
            for to in (0..n).filter(|to| *to != from) {
                let value = seed[from * 8 + to];
                if value.abs() > 0.4 {
                    let value = (value * 1e3).round() / 2e3;
                    j[to][from] = value;
                    links.push((from, to, Some(value)));
                }
            }
        }
        prop_assume!(!links.is_empty());
        let answer = ask(&flywheel(n, &links), "Loops(most: 100000)");
        let radius = number(&answer, "system", 0, "spectral_radius").unwrap();
        let slow = radius_by_squaring(&j);
        prop_assert!((radius - slow).abs() < 1e-6 * slow.max(1e-3), "{radius} and {slow}");
        let bound = number(&answer, "system", 3, "spectral_radius").unwrap();
        prop_assert!(radius <= bound * (1.0 + 1e-9));
        let drives: Vec<f64> = (0..links.len()).filter_map(|at| number(&answer, "links", at, "drive")).collect();
        if drives.len() == links.len() && radius > 1e-3 {
            prop_assert!((drives.iter().sum::<f64>() - 1.0).abs() < 1e-6, "{drives:?}");
        }
        // the links of a loop multiply to its gain, and the loops are as many as a plain search finds
        prop_assert_eq!(answer.tables[0].rows.len(), plain_cycles(&j));
        if radius < 0.95 {
            let inverse = oracle::leontief_inverse(&j);
            let table = answer.table("multipliers").unwrap();
            for row in 0..table.rows.len() {
                let at = |column: &str| table.cell(row, column).unwrap().as_key().unwrap()[1..].parse::<usize>().unwrap();
                let expected = inverse[at("effect")][at("cause")];
                let found = table.number(row, "multiplier").unwrap();
                prop_assert!((found - expected).abs() < 1e-9, "{found} and {expected}");
            }
        }
    }
}

/// Number of simple cycles by trying every path.
fn plain_cycles(j: &[Vec<f64>]) -> usize {
    fn extend(j: &[Vec<f64>], start: usize, path: &mut Vec<usize>) -> usize {
        let at = *path.last().unwrap();
        let mut found = 0;
        for to in start..j.len() {
            if j[to][at] == 0.0 {
                continue;
            }
            if to == start {
                found += 1;
            } else if !path.contains(&to) {
                path.push(to);
                found += extend(j, start, path);
                path.pop();
            }
        }
        found
    }
    (0..j.len()).map(|start| extend(j, start, &mut vec![start])).sum()
}

#[test]
fn the_causal_loop_diagram_names_signs_loops_and_gains() {
    use linchpin::diagram::view::{CausalLoops, Figured};
    use linchpin::diagram::{Engine, Format, render};
    let loaded = linchpin::dataset::load(Path::new("graph/aws-flywheel"));
    let graph = Graph::new(loaded.facts.expect("the dataset is valid"), String::new());
    let view = common::view(&graph);
    let drawing = CausalLoops::default().draw(&view).unwrap();
    let picture = &drawing.figure.into_picture().expect("a picture");
    assert_eq!((picture.nodes.len(), picture.edges.len()), (14, 25));
    assert!(picture.edges.iter().all(|edge| edge.label.starts_with(['+', '−'])));
    let legend: Vec<&str> = picture.legend.iter().map(|item| item.text.as_str()).collect();
    assert!(legend.iter().any(|text| text.starts_with("R1: gain 0.074 (0.007 to 0.4), 1.08x")), "{legend:?}");
    assert!(legend.iter().any(|text| text.starts_with("B1: gain -0.13")), "{legend:?}");
    let focus = CausalLoops { focus: Some("moat".into()), top: 3 }.draw(&view).unwrap();
    assert!(!focus.folded.rows.is_empty());
    let focus = focus.figure.into_picture().expect("a picture");
    assert!(focus.nodes.len() < 14);
    if let Some(dir) = std::env::var_os("PICTURES") {
        for (name, picture) in [("all", picture), ("moat", &focus)] {
            let figure = render(picture, Format::PNG, Engine::Embedded).unwrap();
            println!("{name}: {:?}", figure.warnings);
            std::fs::write(Path::new(&dir).join(format!("causal-{name}.png")), figure.bytes).unwrap();
        }
    }
}
