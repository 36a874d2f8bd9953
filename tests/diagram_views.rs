//! Views on a chain small enough to check by hand.

mod common;

use std::path::Path;

use common::{graph, view};
use linchpin::analysis::ron_options;
use linchpin::diagram::view::{Draw, VIEWS, ViewError};
use linchpin::diagram::{Engine, Fill, Flow, Format, Line, Picture, Shape, render};
use linchpin::graph::Graph;
use proptest::prelude::*;

/// Litho → foundry → two chip makers → cloud → lab; the cloud's parent pays the lab.
const CHAIN: &str = r#"(
    format: 1, name: "chain", title: "A chain", as_of: "2026-07-01",
    kinds: {
        "maker": (name: "Tool maker", tier: 0), "foundry": (name: "Foundry", tier: 1), "chips": (name: "Chip maker", tier: 2),
        "cloud": (name: "Cloud", tier: 3), "lab": (name: "Lab", tier: 4), "holding": (name: "Holding"),
    },
    products: {
        "tool": (name: "Tool", tier: 0, needed_by: { "foundry": Essential }),
        "wafer": (name: "Wafer", tier: 1, needed_by: { "chips": Essential }),
        "chip": (name: "Chip", tier: 2, needed_by: { "cloud": Essential }),
        "cloud-compute": (name: "Compute", unit: "MW", tier: 3, needed_by: { "lab": Essential }),
    },
    entities: {
        "litho": (name: "Litho", kind: "maker"), "fab": (name: "Fab", kind: "foundry"),
        "one": (name: "Chips \"One\"", kind: "chips"), "two": (name: "Chips Two", kind: "chips"),
        "cloud": (name: "Cloud", kind: "cloud"), "parent": (name: "Parent", kind: "holding"),
        "lab": (name: "Lab", kind: "lab"),
    },
    relations: {
        "r1": Supplies(from: "litho", to: "fab", product: "tool", share_of_need: Percent(100), assumed: "t"),
        "r2": Supplies(from: "fab", to: "one", product: "wafer", share_of_need: Percent(100), assumed: "t"),
        "r3": Supplies(from: "fab", to: "two", product: "wafer", share_of_need: Percent(60), assumed: "t"),
        "r4": Supplies(from: "one", to: "cloud", product: "chip", share_of_need: Percent(75), assumed: "t"),
        "r5": Supplies(from: "two", to: "cloud", product: "chip", share_of_need: Percent(25), assumed: "t"),
        "r6": Commits(from: "lab", to: "cloud", product: "cloud-compute", spend: AtLeast(Usd(100e9)), capacity: UpTo(Gw(5)),
            term: Years(10), status: Signed, since: "2026-04-20", deal: "april", assumed: "t"),
        "r7": Owns(from: "parent", to: "cloud", share: Percent(100), control: Controlling, assumed: "t"),
        "r8": Invests(from: "parent", to: "lab", amount: Usd(5e9), status: Signed, since: "2026-04-20", deal: "april",
            assumed: "t"),
        "r9": Invests(from: "parent", to: "lab", amount: UpTo(Usd(20e9)), contingent: "milestones", status: Announced,
            since: "2026-04-20", deal: "april", assumed: "t"),
    },
)"#;

const DRAWN: [(&str, &str); 6] = [
    ("supply-map", "SupplyMap()"),
    ("supply-map-focus", r#"SupplyMap(focus: "fab")"#),
    ("neighbourhood", r#"Neighbourhood(of: "lab")"#),
    ("pair", r#"Pair(a: "lab", b: "parent")"#),
    ("shock-heat", r#"ShockHeat(fail: ["fab=0.5"])"#),
    ("what-changed", CHANGED),
];

/// A promise and its money come, one relation goes and one says something else, seen from the day before the deal.
const CHANGED: &str = r#"WhatChanged(old: (as_of: "2026-04-19"), new: (as_of: "2026-07-01", what_if: [(title: "a shift", changes: [
    RemoveRelation("r5"), Scale(relation: "r4", by: 0.8),
])]))"#;

fn draw(question: &str) -> Draw {
    ron_options().from_str(question).expect("the view is well-formed")
}

fn picture(graph: &Graph, question: &str) -> Picture {
    draw(question).figure(&view(graph)).expect("a figure").into_picture().expect("a picture")
}

fn detail<'p>(picture: &'p Picture, id: &str) -> &'p [String] {
    &picture.nodes.iter().find(|node| node.id == id).expect("a node").detail
}

/// To accept a change, set `LINCHPIN_BLESS=1` and read the difference.
#[test]
fn dot_matches_the_golden_files() {
    let graph = graph(CHAIN);
    for (name, question) in DRAWN {
        let dot = render(&picture(&graph, question), Format::Dot, Engine::Embedded).expect("DOT").bytes;
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/view-{name}.dot"));
        // neither a new field of the format nor a new version changes a picture
        let dot = String::from_utf8(dot).expect("UTF-8").replace(&graph.hash()[..12], "hash");
        let dot = dot.replace(&format!("linchpin {}", env!("CARGO_PKG_VERSION")), "linchpin version");
        if std::env::var_os("LINCHPIN_BLESS").is_some() {
            std::fs::write(&file, &dot).expect("the golden file");
        }
        assert_eq!(dot, std::fs::read_to_string(&file).expect("the golden file"), "{name}");
    }
}

/// What a reader learns of a kind from one picture holds for the next.
#[test]
fn a_kind_keeps_its_colour_from_picture_to_picture() {
    let graph = graph(CHAIN);
    let mut seen: std::collections::BTreeMap<String, linchpin::diagram::Fill> = Default::default();
    for (name, question) in DRAWN {
        for node in picture(&graph, question).nodes {
            let Ok(id) = graph.find_entity(&node.id) else { continue };
            let kind = graph.facts().kinds[graph.entity(id).kind].key.clone();
            if let fill @ linchpin::diagram::Fill::Kind(_) = node.fill {
                assert_eq!(*seen.entry(kind).or_insert(fill), fill, "{} in {name}", node.label);
            }
        }
    }
    assert!(seen.len() >= 4, "{seen:?}");
}

#[test]
fn every_picture_says_what_it_shows_and_how_it_was_made() {
    let graph = graph(CHAIN);
    for (name, question) in DRAWN {
        let picture = picture(&graph, question);
        let caption = picture.caption.join("\n");
        for part in
            ["2026-07-01", "chain", &graph.hash()[..12], env!("CARGO_PKG_VERSION"), "linchpin diagram "]
        {
            assert!(caption.contains(part), "{name}: {part} is not in {caption}");
        }
        assert!(!picture.legend.is_empty() && !picture.title.is_empty(), "{name}");
        let alt = picture.alt.clone().expect("alternative text");
        assert!(alt.contains("Lab"), "{name}: {alt}");
        let svg = |picture: &Picture| render(picture, Format::Svg, Engine::Embedded).expect("SVG").bytes;
        assert_eq!(svg(&picture), svg(&self::picture(&graph, question)), "{name}");
    }
}

#[test]
fn the_map_around_the_foundry_knows_both_sides() {
    let graph = graph(CHAIN);
    let map = picture(&graph, r#"SupplyMap(focus: "fab")"#);
    assert_eq!(detail(&map, "litho"), ["stop loss 100 %"]);
    // one loses all, two 60 % of it: the cloud loses 0.75 + 0.25 * 0.6
    assert_eq!(detail(&map, "cloud"), ["loses 90 %"]);
    let node = |id: &str| map.nodes.iter().find(|node| node.id == id).expect("a node");
    assert_eq!(node("litho").shape, Shape::Octagon);
    assert_eq!(node("fab").fill, Fill::Focus);
    assert_eq!(map.tiers.len(), 5);
    assert!(map.edges.iter().all(|edge| edge.line == Line::Dashed), "all records are assumed");
}

#[test]
fn what_changed_says_it_in_signs_and_strokes() {
    let picture = picture(&graph(CHAIN), CHANGED);
    let edge = |from: &str, to: &str| {
        let found: Vec<_> = picture.edges.iter().filter(|e| e.from == from && e.to == to).collect();
        found.iter().map(|e| (e.label.clone(), e.line)).collect::<Vec<_>>()
    };
    assert_eq!(edge("two", "cloud"), [("− supplies 25 %".to_string(), Line::Dashed)]);
    assert_eq!(edge("one", "cloud"), [("Δ supplies 75 % → supplies 60 %".to_string(), Line::Dotted)]);
    assert_eq!(edge("cloud", "lab"), [("+ committed ≥ $100bn".to_string(), Line::Solid)]);
    assert!(
        picture.caption[0].contains("3 came (+), 1 went (−), 1 say something else"),
        "{:?}",
        picture.caption
    );
    let same = draw("WhatChanged()").draw(&view(&graph(CHAIN)));
    assert!(matches!(same, Err(ViewError::NoData(_))));
}

#[test]
fn steps_limit_the_map() {
    let graph = graph(CHAIN);
    let map = picture(&graph, r#"SupplyMap(focus: "fab", up: 0, down: 1)"#);
    let ids: Vec<&str> = map.nodes.iter().map(|node| node.id.as_str()).collect();
    assert_eq!(ids, ["fab", "one", "two"]);
}

#[test]
fn what_is_beyond_the_top_is_folded_and_listed() {
    let makers: String = (0..9)
        .map(|at| format!(r#""m{at}": Supplies(from: "e{at}", to: "fab", product: "tool", share_of_need: Percent({}), assumed: "t"),"#, at + 2))
        .collect();
    let entities: String = (0..9).map(|at| format!(r#""e{at}": (kind: "maker"),"#)).collect();
    let text = CHAIN.replace(r#""litho": (name"#, &format!(r#"{entities} "litho": (name"#)).replace(
        "Percent(100), assumed: \"t\"),\n        \"r2\"",
        &format!("Percent(40), assumed: \"t\"),\n {makers} \"r2\""),
    );
    let graph = graph(&text);
    let drawing = draw(r#"SupplyMap(focus: "fab", top: 2)"#).draw(&view(&graph)).expect("a figure");
    let picture = drawing.figure.into_picture().expect("a picture");
    let others = picture.nodes.iter().find(|node| node.id.starts_with("+others")).expect("others");
    assert_eq!(others.label, "8 others");
    assert_eq!(drawing.folded.rows.len(), 8);
    // 2 + … + 9 %: all but the largest two, of 40 % and 10 %
    let edge = picture.edges.iter().find(|edge| edge.from == others.id).expect("an edge");
    assert_eq!(edge.label, "44 %");
    let whole = picture.edges.iter().find(|edge| edge.label == "100 %").expect("an edge of a whole need");
    assert!((edge.weight - 0.44 * whole.weight).abs() < 1e-9, "{} of {}", edge.weight, whole.weight);
}

#[test]
fn the_gears_turn_both_ways() {
    let pair = picture(&graph(CHAIN), r#"Pair(a: "lab", b: "parent")"#);
    let has = |from: &str, to: &str, flow: Flow, label: &str| {
        pair.edges
            .iter()
            .any(|e| e.from == from && e.to == to && e.flow == flow && e.label.starts_with(label))
    };
    assert!(has("lab", "cloud", Flow::Capital, "commits ≥ $100bn (signed 2026-04-20)"), "{:?}", pair.edges);
    assert!(has("cloud", "lab", Flow::Compute, "≤ 5 GW"));
    assert!(has("parent", "lab", Flow::Capital, "invests $5bn"));
    assert!(has("parent", "cloud", Flow::Ownership, "owns"));
    let announced = pair.edges.iter().find(|edge| edge.label.contains("20bn")).expect("the announced money");
    assert_eq!(announced.line, Line::Dotted);
    assert!(pair.caption[0].contains("20x"), "{}", pair.caption[0]);
}

#[test]
fn a_shock_changes_colours_and_numbers_only() {
    let graph = graph(CHAIN);
    let shape = |loss: &str| {
        let picture = picture(&graph, &format!(r#"ShockHeat(fail: ["fab={loss}"])"#));
        let nodes: Vec<_> = picture.nodes.iter().map(|node| (node.id.clone(), node.tier)).collect();
        let edges: Vec<_> =
            picture.edges.iter().map(|edge| (edge.from.clone(), edge.to.clone(), edge.weight)).collect();
        (nodes, edges)
    };
    assert_eq!(shape("0"), shape("0.5"));
    assert_eq!(shape("0"), shape("1"));
    let half = picture(&graph, r#"ShockHeat(fail: ["fab=0.5"])"#);
    assert_eq!(detail(&half, "cloud"), ["loss 45 %"]);
    assert!(half.edges.iter().any(|edge| edge.label == "Wafer" && edge.flow == Flow::Loss));
}

#[test]
fn faults_are_named() {
    let graph = graph(CHAIN);
    let error = |question: &str| draw(question).figure(&view(&graph)).expect_err("a fault");
    let message = error(r#"Neighbourhood(of: "clowd")"#).to_string();
    assert!(message.contains("did you mean cloud"), "{message}");
    assert!(matches!(error(r#"SupplyMap(top: 99)"#), ViewError::Invalid { parameter: "top", .. }));
    assert!(matches!(error(r#"SupplyMap(products: ["wafers"])"#), ViewError::UnknownKey(_)));
    assert!(matches!(error(r#"Pair(a: "parent", b: "cloud")"#), ViewError::Invalid { .. }));
    assert!(matches!(error(r#"Pair(a: "litho", b: "lab")"#), ViewError::NoData(_)));
    assert!(matches!(error("ShockHeat()"), ViewError::Invalid { parameter: "fail", .. }));
    assert!(matches!(error(r#"ShockHeat(fail: ["fab", "fab"])"#), ViewError::Invalid { .. }));
}

#[test]
fn cards_have_names_and_examples() {
    for card in VIEWS {
        assert!(card.example.starts_with(&format!("linchpin diagram {}", card.name)), "{}", card.name);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]
    #[test]
    fn any_network_can_be_drawn(ties in prop::collection::vec((0usize..12, 0usize..12, 1u32..40), 0..60), hit in 0usize..12, tiers: bool) {
        let entities: String = (0..12).map(|at| format!(r#""e{at}": (kind: "k{}"),"#, at % 3)).collect();
        let mut seen = std::collections::BTreeSet::new();
        let relations: String = ties
            .iter()
            .enumerate()
            .filter(|(_, (from, to, _))| from != to && seen.insert((*from, *to)))
            .map(|(at, (from, to, _))| format!(r#""r{at}": Supplies(from: "e{from}", to: "e{to}", product: "p{}", assumed: "t"),"#, from % 2))
            .collect();
        let tier = |at: usize| if tiers { format!("tier: {at}") } else { String::new() };
        let text = format!(
            r#"(format: 1, name: "n", as_of: "2026-01-01", kinds: {{ "k0": ({}), "k1": ({}), "k2": () }},
            products: {{ "p0": (needed_by: {{ "k0": Essential, "k1": Essential }}), "p1": (needed_by: {{ "k1": Essential, "k2": Important(0.5) }}) }},
            entities: {{ {entities} }}, relations: {{ {relations} }})"#,
            tier(0), tier(7)
        );
        let graph = graph(&text);
        for question in [
            "SupplyMap()".to_string(),
            format!("SupplyMap(focus: \"e{hit}\", top: 1)"),
            format!("Neighbourhood(of: \"e{hit}\", up: 4, down: 4, top: 2, others: true)"),
            format!("Pair(a: \"e{hit}\", b: \"e{}\")", (hit + 1) % 12),
            format!("ShockHeat(fail: [\"e{hit}=0.3\"], replace: true)"),
        ] {
            if let Ok(figure) = draw(&question).figure(&view(&graph)) {
                prop_assert!(figure.render(Format::Svg, Engine::Embedded).is_ok(), "{}", question);
            }
        }
    }
}
