//! What-ifs: every change on a graph that can be checked by hand, what is refused, and comparisons.

mod common;

use common::{ask, close, number, view};
use linchpin::analysis::{Ask, ron_options};
use linchpin::dataset::patched;
use linchpin::graph::Graph;
use linchpin::what_if::{WhatIf, WhatIfSpec};
use proptest::prelude::*;

const DATASET: &str = r#"(format: 1, name: "test", kinds: { "maker": (), "lab": () },
    products: { "chip": (needed_by: {"lab": Essential}), "gas": () },
    entities: {
        "east": (kind: "maker"), "west": (kind: "maker"), "north": (kind: "maker"),
        "a": (kind: "lab"), "b": (kind: "lab"),
    },
    relations: {
        "a-east-deal": Commits(from: "a", to: "east", product: "chip", spend: Usd(8e9), term: Years(4), status: Signed, assumed: "t"),
        "east-a": Supplies(from: "east", to: "a", product: "chip", share_of_need: Share(0.8), assumed: "t"),
        "west-a": Supplies(from: "west", to: "a", product: "chip", share_of_need: Share(0.2), assumed: "t"),
        "east-b": Supplies(from: "east", to: "b", product: "chip", share_of_need: Share(0.5), assumed: "t"),
    })"#;

fn what_if(changes: &str) -> WhatIf {
    ron_options().from_str(&format!("(title: \"t\", changes: [{changes}])")).expect("well-formed")
}

fn made(graph: &Graph, changes: &str) -> Graph {
    let spec = WhatIfSpec::Inline(Box::new(what_if(changes)), None);
    patched(graph, &[spec]).unwrap_or_else(|errors| panic!("{errors}"))
}

fn refused(graph: &Graph, changes: &str) -> String {
    let spec = WhatIfSpec::Inline(Box::new(what_if(changes)), None);
    patched(graph, &[spec]).expect_err("makes no sense").to_string()
}

/// What `who` loses where `east` stops.
fn loss(graph: &Graph, fails: &str, who: &str) -> f64 {
    number(&ask(graph, &format!("Shock(fail: [{fails:?}])")), who, "loss").unwrap_or(0.0)
}

#[test]
fn a_redirected_share_moves_from_one_supplier_to_the_other() {
    let graph = common::graph(DATASET);
    let moved =
        made(&graph, r#"Redirect(product: "chip", from: "east", to: "west", customer: "a", share: 0.25)"#);
    // 0.8 and 0.2 become 0.6 and 0.4; b is left alone
    assert!(close(loss(&moved, "east", "a"), 0.6, 1e-12));
    assert!(close(loss(&moved, "west", "a"), 0.4, 1e-12));
    assert!(close(loss(&moved, "east", "b"), 0.5, 1e-12));
    assert_ne!(moved.hash(), graph.hash());
    let new = made(&graph, r#"Redirect(product: "chip", from: "east", to: "north", share: 0.5)"#);
    assert!(close(loss(&new, "north", "a"), 0.4, 1e-12));
    assert!(close(loss(&new, "north", "b"), 0.25, 1e-12));
    let record = new.find_relation("east-a-moved-to-north").expect("a relation of its own");
    assert_eq!(new.relation(record).evidence.assumed.as_deref(), Some("what-if: t"));
    let all = made(&graph, r#"Redirect(product: "chip", from: "east", to: "west", customer: "a", share: 1)"#);
    assert!(all.find_relation("east-a").is_err());
    assert!(close(loss(&all, "west", "a"), 1.0, 1e-12));
}

#[test]
fn what_is_taken_away_is_gone() {
    let graph = common::graph(DATASET);
    let without = made(&graph, r#"RemoveEntity("east")"#);
    assert!(without.find_entity("east").is_err() && without.find_relation("a-east-deal").is_err());
    assert_eq!(without.len(), 4);
    assert!(close(loss(&without, "west", "a"), 0.2, 1e-12));
    let without = made(&graph, r#"RemoveRelation("east-b")"#);
    // nobody is named any more: the vendors of the product stand in, in equal parts
    assert!(close(loss(&without, "east", "b"), 0.5, 1e-12));
    assert!(close(loss(&without, "west", "b"), 0.5, 1e-12));
}

#[test]
fn sizes_scale_and_statuses_and_needs_change() {
    let graph = common::graph(DATASET);
    let half = made(&graph, r#"Scale(relation: "east-b", by: 0.5)"#);
    assert!(close(loss(&half, "east", "b"), 0.25, 1e-12));
    let deal = made(&graph, r#"Scale(relation: "a-east-deal", by: 0.5)"#);
    let lock = ask(&deal, "LockIn()");
    assert_eq!(lock.tables[0].number(0, "committed_low"), Some(4e9));
    let off = made(&graph, r#"SetStatus(relation: "a-east-deal", status: Lapsed)"#);
    let relation = off.relation(off.find_relation("a-east-deal").expect("still there"));
    assert!(!view(&off).scope.counts(relation));
    let weak = made(&graph, r#"SetNeed(kind: "lab", product: "chip", need: Important(0.5))"#);
    assert!(close(loss(&weak, "east", "a"), 0.4, 1e-12));
    let none = made(&graph, r#"SetNeed(entity: "a", product: "chip", need: NotNeeded)"#);
    assert_eq!((loss(&none, "east", "a"), loss(&none, "east", "b")), (0.0, 0.5));
}

#[test]
fn merged_entities_add_up() {
    let graph = common::graph(DATASET);
    let one = made(&graph, r#"Merge(entity: "west", into: "east")"#);
    assert!(one.find_entity("west").is_err());
    assert!(close(loss(&one, "east", "a"), 1.0, 1e-12));
    assert!(close(loss(&one, "east", "b"), 0.5, 1e-12));
}

#[test]
fn records_are_added_as_a_dataset_writes_them() {
    let graph = common::graph(DATASET);
    let text = r#"Add(
        entities: { "south": (kind: "maker", name: "South") },
        relations: { "south-b": Supplies(from: "south", to: "b", product: "chip", share_of_need: Percent(40), assumed: "t") },
    )"#;
    let more = made(&graph, text);
    assert!(close(loss(&more, "south", "b"), 0.4, 1e-12));
    assert!(close(loss(&more, "east", "a"), 0.8, 1e-12));
    let error = refused(&graph, &text.replace("\"south\", to", "\"suoth\", to"));
    assert!(error.contains("there is no entity `suoth`") && error.contains("south"), "{error}");
    let error = refused(&graph, &text.replace("Percent(40)", "Percent(60)"));
    assert!(error.contains("what-if \"t\", change 1"), "{error}");
    let error = refused(&graph, &text.replace("\"south\":", "\"east\":"));
    assert!(error.contains("\"east\" is there already"), "{error}");
}

#[test]
fn what_changes_nothing_or_names_nobody_is_an_error_and_all_are_told() {
    let graph = common::graph(DATASET);
    for (change, expected) in [
        (r#"Scale(relation: "east-a", by: 1)"#, "it changes nothing"),
        (r#"Scale(relation: "east-a", by: 2)"#, "more than the whole"),
        (r#"Scale(relation: "east-a", by: 0)"#, "a factor above 0"),
        (r#"SetStatus(relation: "a-east-deal", status: Signed)"#, "it changes nothing"),
        (r#"RemoveRelation("east-c")"#, "did you mean east-a or east-b?"),
        (r#"RemoveEntity("eats")"#, "did you mean east?"),
        (
            r#"Redirect(product: "gas", from: "east", to: "west", share: 0.5)"#,
            "no relation says that east supplies gas",
        ),
        (r#"Redirect(product: "chip", from: "east", to: "west", share: 1.5)"#, "above 0 and at most 1"),
        (r#"Merge(entity: "east", into: "east")"#, "with itself"),
        (r#"SetNeed(product: "chip", need: Essential)"#, "an entity or a kind"),
        ("", "at least one change"),
    ] {
        let error = refused(&graph, change);
        assert!(error.contains(expected), "{change}: {error}");
    }
    let both = refused(&graph, r#"RemoveEntity("eats"), RemoveEntity("wets")"#);
    assert_eq!(both.lines().count(), 2, "{both}");
}

#[test]
fn an_answer_names_its_what_ifs_and_repeats() {
    let graph = common::graph(DATASET);
    let told = what_if(r#"Scale(relation: "east-b", by: 0.5)"#);
    let written = ron_options().to_string(&told).expect("can be written");
    assert_eq!(ron_options().from_str::<WhatIf>(&written).expect("reads back"), told);
    let added = what_if(r#"Add(entities: { "south": (kind: "maker") })"#);
    let written = ron_options().to_string(&added).expect("can be written");
    assert_eq!(ron_options().from_str::<WhatIf>(&written).expect("reads back"), added);
    let text = "(title: \"T\", question: \"Q?\", scope: (what_if: [(title: \"half\", changes: [Scale(relation: \"east-b\", \
                by: 0.5)])]), ask: Shock(fail: [\"east\"]))";
    let query = linchpin::query::load_embedded(&[("q.ron", text)]).queries.remove(0);
    let (answer, provenance) = query.run(&graph, &Default::default()).expect("has an answer");
    assert_eq!(number(&answer, "b", "loss"), Some(0.25));
    assert_eq!(provenance.scope.what_if[0].title, "half");
    assert_ne!(provenance.graph.sha256, graph.hash());
    let again = linchpin::query::load_embedded(&[("q.ron", &query.to_ron())]).queries.remove(0);
    assert_eq!(
        again.run(&graph, &Default::default()).expect("repeats").1.graph.sha256,
        provenance.graph.sha256
    );
}

#[test]
fn a_library_stands_for_its_names() {
    let query = r#"(title: "T", question: "Q?", scope: (what_if: ["half"]), ask: Shock(scenario: "stop"))"#;
    let what_if = r#"(title: "half", changes: [Scale(relation: "east-b", by: 0.5)])"#;
    let scenario = r#"(title: "stop", shocks: [(on: Entity("east"), what: Failure)])"#;
    let files = [("q.ron", query), ("scenarios/stop.ron", scenario), ("what-ifs/half.ron", what_if)];
    let loaded = linchpin::query::load_embedded(&files);
    assert!(loaded.diagnostics.is_empty());
    let (answer, provenance) =
        loaded.queries[0].run(&common::graph(DATASET), &Default::default()).expect("has an answer");
    assert_eq!(number(&answer, "b", "loss"), Some(0.25));
    assert!(provenance.query.contains("Entity(\"east\")"), "{}", provenance.query);
    let broken = r#"(titel: "x", shocks: [(on: Entty("east"), what: Failure), (on: Entity("a"), what: CapacityLoss("x"))])"#;
    let loaded = linchpin::query::load_embedded(&[
        ("scenarios/bad.ron", broken),
        ("what-ifs/bad.ron", "(title: \"t\")"),
    ]);
    let told: Vec<String> = loaded
        .diagnostics
        .iter()
        .map(|d| format!("{}:{}:{} {}", d.span.file, d.span.line, d.span.column, d.message))
        .collect();
    let expected = [
        "scenarios/bad.ron:1:1 the scenario lacks `title`",
        "scenarios/bad.ron:1:2 a scenario has no section `titel`",
        "scenarios/bad.ron:1:28 there is no target `Entty`",
        "scenarios/bad.ron:1:96 expected a number, found `\"x\"`",
        "what-ifs/bad.ron:1:1 the what-if lacks `changes`",
    ];
    assert_eq!(told, expected);
}

#[test]
fn variants_stand_side_by_side() {
    let graph = common::graph(DATASET);
    let answer = ask(
        &graph,
        r#"Compare(ask: Shock(fail: ["east"]), column: "loss", variants: [
            (title: "half", what_if: [(title: "h", changes: [Scale(relation: "east-b", by: 0.5)])]),
            (scenario: (title: "w", shocks: [(on: Entity("west"), what: Failure)])),
        ])"#,
    );
    assert_eq!(number(&answer, "b", "base"), Some(0.5));
    assert_eq!(number(&answer, "b", "half"), Some(0.25));
    assert_eq!(number(&answer, "b", "half_change"), Some(-0.25));
    // the second fails `west` on top: a loses 0.8 + 0.2
    assert!(close(number(&answer, "a", "w_change").expect("changed"), 0.2, 1e-12));
    assert_eq!(
        (number(&answer, "west", "base"), number(&answer, "west", "w_change")),
        (Some(0.0), Some(1.0))
    );
    assert!(
        answer.findings[0].text.starts_with("half: loss of b goes from 50.0"),
        "{}",
        answer.findings[0].text
    );
    let none = "Compare(ask: LockIn(), variants: [(scenario: (title: \"w\", shocks: [(on: Entity(\"west\"), \
                what: Failure)]))])";
    let question: Ask = ron_options().from_str(none).expect("well-formed");
    let error = question.run(&view(&graph)).expect_err("no scenario in it").to_string();
    assert!(error.contains("takes no scenario"), "{error}");
}

#[test]
fn without_a_base_the_first_variant_is_it() {
    let graph = common::graph(DATASET);
    let of =
        |key: &str| format!("(scenario: (title: {key:?}, shocks: [(on: Entity({key:?}), what: Failure)]))");
    let question =
        format!("Compare(ask: Shock(), column: \"loss\", variants: [{}, {}])", of("east"), of("west"));
    let answer = ask(&graph, &question);
    assert!(close(number(&answer, "a", "west_change").expect("changed"), 0.2 - 0.8, 1e-12));
    assert!(answer.caveats.iter().any(|caveat| caveat.code == "base-variant"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn a_redirect_keeps_the_need_whole(share in 0.01f64..1.0) {
        let graph = common::graph(DATASET);
        let moved = made(
            &graph,
            &format!("Redirect(product: \"chip\", from: \"east\", to: \"west\", customer: \"a\", share: {share:?})"),
        );
        let (east, west) = (loss(&moved, "east", "a"), loss(&moved, "west", "a"));
        prop_assert!(close(east + west, 1.0, 1e-12));
        prop_assert!(close(east, 0.8 * (1.0 - share), 1e-12));
    }

    #[test]
    fn scaling_there_and_back_is_where_one_was(by in 0.1f64..0.99) {
        let graph = common::graph(DATASET);
        let there = made(&graph, &format!("Scale(relation: \"east-b\", by: {by:?}), Scale(relation: \"a-east-deal\", by: {by:?})"));
        let back = made(&there, &format!("Scale(relation: \"east-b\", by: {:?})", 1.0 / by));
        prop_assert!(close(loss(&back, "east", "b"), 0.5, 1e-12));
    }
}
