use super::*;
use crate::analysis::Exposure;

const GOOD: &str = r#"(
    title: "Who hangs on $who",
    question: "Which labs stop if $who stops, at $$5bn or $5bn?",
    set: { "who": "tsmc" },
    scope: (as_of: "2026-07-01", status: [Signed]),
    ask: Exposure(to: "$who", kinds: ["lab"]),
    show: [Findings, Table(name: "exposure", top: 5), Diagram(SupplyMap(focus: "$who"))],
)"#;

fn one(text: &str) -> Loaded {
    load_embedded(&[("queries/who.ron", text)])
}

fn sound(text: &str) -> Query {
    let mut loaded = one(text);
    assert!(loaded.diagnostics.is_empty(), "{}", render_all(&loaded.diagnostics, false));
    loaded.queries.remove(0)
}

fn problems(text: &str) -> Vec<String> {
    let loaded = one(text);
    assert!(loaded.queries.is_empty());
    let line = |d: &Diagnostic| format!("{}:{} {}", d.span.line, d.span.column, d.message);
    loaded.diagnostics.iter().map(line).collect()
}

#[test]
fn a_file_becomes_a_query() {
    let query = sound(GOOD);
    assert_eq!((query.name.as_str(), query.title.as_str()), ("who", "Who hangs on tsmc"));
    assert_eq!(query.question, "Which labs stop if tsmc stops, at $5bn or $5bn?");
    let ask = Exposure { to: Some("tsmc".into()), kinds: vec!["lab".into()], ..Exposure::default() };
    assert_eq!(query.ask, Ask::Exposure(ask));
    assert_eq!(query.show.len(), 3);
    assert_eq!(query.scope.as_of.as_deref(), Some("2026-07-01"));
}

#[test]
fn other_values_make_another_question() {
    let query = sound(GOOD).with(&[("who".into(), "as\"ml".into())]).expect("known parameter");
    let Ask::Exposure(ask) = &query.ask else { panic!("an exposure") };
    assert_eq!(ask.to.as_deref(), Some("as\"ml"));
    assert_eq!(query.command(&ScopeSpec::default()), "linchpin run who --set 'who=as\"ml'");
    let error = sound(GOOD).with(&[("whom".into(), "x".into())]).expect_err("no such parameter");
    assert_eq!(error.to_string(), "query who has no parameter \"whom\"; it has who");
}

#[test]
fn a_value_that_makes_no_sense_is_shown_in_the_file() {
    let text = r#"(title: "t", question: "q", set: {"loss": "0.5"}, ask: Shock(fail: ["tsmc=$loss"]))"#;
    let error = sound(text).with(&[("loss".into(), "much".into())]).expect_err("no number");
    let text = error.to_string();
    assert!(text.contains("queries/who.ron:1:"), "{text}");
    assert!(text.contains("expected an entity and a loss"), "{text}");
}

#[test]
fn all_problems_of_a_file_come_at_once() {
    let text = r#"(
    title: "t $nobody",
    question: 7,
    set: { "who": "tsmc", "idle": "x" },
    scope: (as_of: "2026-13-01"),
    ask: Exposure(too: "$who"),
    show: [Findigs, Table(rows: 3)],
    extra: 1,
)"#;
    let found = problems(text);
    let expected = [
        "2:15 `$nobody` is no parameter of this query",
        "3:15 expected a text in quotes, found `7`",
        "4:27 parameter `idle` is not used",
    ];
    assert_eq!(&found[..3], expected);
    assert!(found[3].starts_with("5:20 "), "{found:#?}");
    assert_eq!(found[4], "6:19 `Exposure` has no field `too`");
    assert_eq!(found[5], "7:12 there is no show `Findigs`");
    assert_eq!(found[6], "7:27 `Table` has no field `rows`");
    assert_eq!(found[7], "8:5 a query has no section `extra`");
    assert_eq!(found.len(), 8);
}

#[test]
fn every_broken_file_is_named() {
    let files = [
        ("a.ron", ""),
        ("b.ron", "(title: \"x\""),
        ("c.ron", "<<<<<<< ours\n"),
        ("d.ron", "()"),
        ("x/who.ron", GOOD),
        ("who.ron", GOOD),
    ];
    let loaded = load_embedded(&files);
    assert_eq!(loaded.queries.len(), 1);
    let codes: Vec<_> = loaded.diagnostics.iter().map(|d| (d.span.file.to_string(), d.code.name())).collect();
    let expected = [
        ("a.ron", "empty-file"),
        ("b.ron", "syntax"),
        ("c.ron", "conflict-marker"),
        ("d.ron", "missing-field"),
        ("d.ron", "missing-field"),
        ("d.ron", "missing-field"),
        ("x/who.ron", "duplicate-id"),
    ];
    assert_eq!(codes, expected.map(|(file, code)| (file.to_string(), code)));
}

#[test]
fn what_is_written_reads_back() {
    let query = sound(GOOD);
    let written = query.to_ron();
    let again = sound(&written);
    assert_eq!((&again.ask, &again.scope, &again.show), (&query.ask, &query.scope, &query.show));
    assert_eq!((&again.title, &again.question), (&query.title, &query.question));
    let odd = Exposure { of: Some("$who \"$$".into()), ..Exposure::default() };
    let odd = Query::new("odd", "$x", "a \\ $y?", Ask::Exposure(odd), ScopeSpec::default());
    let again = sound(&odd.to_ron());
    assert_eq!((&again.ask, &again.title, &again.question), (&odd.ask, &odd.title, &odd.question));
}

#[test]
fn a_dataset_is_named_and_not_reached_by_a_path() {
    let with = |name: &str| format!(r#"(title: "T", question: "Q", graph: {name:?}, ask: Loops())"#);
    let query = sound(&with("aws-flywheel"));
    assert_eq!(query.graph.as_deref(), Some("aws-flywheel"));
    assert_eq!(sound(&query.to_ron()).graph, query.graph);
    for name in ["", "../secret", "a/b", "a b"] {
        let loaded = load_embedded(&[("q.ron", &with(name))]);
        assert!(loaded.queries.is_empty(), "{name}");
        assert_eq!(loaded.diagnostics[0].code.name(), "bad-id", "{name}");
    }
}
