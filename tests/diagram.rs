//! Drawing, from outside: formats, determinism, hostile input, Graphviz.

mod diagram_checks;
mod diagram_samples;

use std::path::Path;

use diagram_checks::graphviz;
use linchpin::diagram::{
    DiagramError, Edge, Engine, Fill, Flow, Format, Layout, LegendItem, Line, Mark, Node, Picture, Problem,
    Shape, Tier, Warning, render,
};
use proptest::prelude::*;

fn drawn(picture: &Picture, format: Format) -> Vec<u8> {
    render(picture, format, Engine::Embedded).expect("a picture without problems").bytes
}

fn svg(picture: &Picture) -> String {
    String::from_utf8(drawn(picture, Format::Svg)).expect("UTF-8")
}

/// Three nodes, one of each kind of statement.
fn small() -> Picture {
    let mut picture = Picture::new("Small \"figure\"", Layout::Tiers);
    picture.caption = vec!["As of 2026-09-30 & later".into()];
    picture.tiers = ["Foundry", "Chips"].map(Tier::new).into();
    picture.nodes = vec![
        Node { shape: Shape::Octagon, thick: true, fill: Fill::Heat(3), ..Node::new("z", "TSMC", 0) },
        Node {
            detail: vec!["R&D \\ \"core\"".into()],
            url: Some("https://example.org/?a=1&b=2".into()),
            ..Node::new("a", "NVIDIA", 1)
        },
        Node { fill: Fill::Group, dashed: true, ..Node::new("m", "3 others", 1) },
    ];
    picture.edges = vec![
        Edge { label: "90 %".into(), weight: 0.9, ..Edge::new("z", "a", Flow::Supply) },
        Edge { line: Line::Dashed, ..Edge::new("z", "m", Flow::Supply) },
        Edge { tooltip: Some("a loan".into()), ..Edge::new("a", "z", Flow::Capital) },
    ];
    let mark = Mark::Node { shape: Shape::Octagon, fill: Fill::Heat(3), thick: true, dashed: false };
    picture.legend = vec![LegendItem::new(mark, "loss > 60 %")];
    picture
}

/// Writes every sample to the directory in `LINCHPIN_SAMPLES`, to be looked at.
#[test]
fn samples_can_be_written_out() {
    let Some(directory) = std::env::var_os("LINCHPIN_SAMPLES") else { return };
    for (name, picture) in diagram_samples::all() {
        for (format, ending) in [(Format::Dot, "dot"), (Format::Svg, "svg"), (Format::PNG, "png")] {
            let figure = render(&picture, format, Engine::Embedded).expect("a sample");
            println!("{name}.{ending}: {:?}", figure.warnings);
            let file = Path::new(&directory).join(format!("{name}.{ending}"));
            std::fs::write(file, figure.bytes).expect("a directory");
        }
    }
}

/// To accept a change, set `LINCHPIN_BLESS=1` and read the difference.
#[test]
fn dot_matches_the_golden_file() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/diagram-small.dot");
    let dot = String::from_utf8(drawn(&small(), Format::Dot)).expect("UTF-8");
    if std::env::var_os("LINCHPIN_BLESS").is_some() {
        std::fs::write(&file, &dot).expect("the golden file");
    }
    assert_eq!(dot, std::fs::read_to_string(&file).expect("the golden file"));
}

#[test]
fn the_same_picture_gives_the_same_bytes() {
    for (name, picture) in diagram_samples::all() {
        for format in [Format::Dot, Format::Svg] {
            assert_eq!(drawn(&picture, format), drawn(&picture, format), "{name}");
        }
    }
}

#[test]
fn the_order_of_nodes_and_edges_does_not_matter() {
    let picture = diagram_samples::supply_map();
    let mut reversed = picture.clone();
    reversed.edges.reverse();
    assert_eq!(drawn(&picture, Format::Dot), drawn(&reversed, Format::Dot));
    assert_eq!(svg(&picture), svg(&reversed));
    reversed.nodes.reverse();
    assert_eq!(drawn(&picture, Format::Dot), drawn(&reversed, Format::Dot));
}

#[test]
fn every_part_is_in_the_svg() {
    let picture = diagram_samples::supply_map();
    let svg = svg(&picture);
    let count = |what: &str| svg.matches(what).count();
    assert_eq!(count("class=\"cluster\""), picture.tiers.len());
    assert_eq!(count("class=\"node\"") + count("class=\"node "), picture.nodes.len());
    assert_eq!(count("class=\"edge "), picture.edges.len());
    assert!(
        svg.contains("role=\"img\"") && svg.contains("class=\"legend\"") && svg.contains("sha256 1a2b3c4d")
    );
    assert!(svg.contains("Marked as chokepoints: Zeiss SMT, ASML, TSMC."));
}

#[test]
fn samples_print_legibly() {
    for (name, picture) in diagram_samples::all() {
        let figure = render(&picture, Format::Svg, Engine::Embedded).expect("a sample");
        let small = figure.warnings.iter().any(|warning| matches!(warning, Warning::SmallPrint { .. }));
        assert!(!small, "{name}: {:?}", figure.warnings);
    }
}

#[test]
fn links_are_escaped() {
    assert!(svg(&small()).contains("href=\"https://example.org/?a=1&amp;b=2\""));
}

#[test]
fn an_empty_picture_is_drawn() {
    for layout in [Layout::Tiers, Layout::Pair, Layout::Circle] {
        for picture in [Picture::new("", layout), Picture::new("Nothing", layout)] {
            assert!(svg(&picture).ends_with("</svg>\n"));
            assert!(!drawn(&picture, Format::Dot).is_empty());
        }
    }
}

#[test]
fn contradictions_are_reported_all_at_once() {
    let mut picture = small();
    picture.edges[0].to = "nobody".into();
    picture.edges[1].weight = f64::NAN;
    picture.edges[2].weight = 1.5;
    picture.nodes[0].tier = 9;
    picture.nodes[1].url = Some("javascript:alert(1)".into());
    picture.nodes[2].fill = Fill::Heat(5);
    picture.nodes.push(Node::new("a", "again", 0));
    let Err(DiagramError::Invalid(problems)) = render(&picture, Format::Svg, Engine::Embedded) else {
        panic!("should not be drawn");
    };
    assert_eq!(problems.len(), 7, "{problems:?}");
    assert!(problems.contains(&Problem::UnknownNode { edge: 0, id: "nobody".into() }));
    assert!(problems.contains(&Problem::DuplicateNode("a".into())));
}

#[test]
fn too_large_a_picture_is_refused_but_not_as_dot() {
    let mut picture = Picture::new("Everything", Layout::Tiers);
    picture.tiers = vec![Tier::new("All")];
    picture.nodes = (0..1_500).map(|n| Node::new(format!("{n}"), format!("Node {n}"), 0)).collect();
    assert!(matches!(render(&picture, Format::Svg, Engine::Embedded), Err(DiagramError::Invalid(_))));
    assert!(render(&picture, Format::Dot, Engine::Embedded).is_ok());
}

#[cfg(feature = "render")]
#[test]
fn png_is_the_same_every_time_and_reports_missing_glyphs() {
    let mut picture = small();
    let first = render(&picture, Format::PNG, Engine::Embedded).expect("a picture");
    assert!(first.bytes.starts_with(b"\x89PNG") && first.warnings.is_empty(), "{:?}", first.warnings);
    assert_eq!(first, render(&picture, Format::PNG, Engine::Embedded).expect("a picture"));
    // A character of the private use area, which no font should have.
    picture.nodes[0].label = "TSMC \u{10FF00}".into();
    let figure = render(&picture, Format::PNG, Engine::Embedded).expect("a picture");
    assert_eq!(figure.warnings, [Warning::MissingGlyphs("\u{10FF00}".into())]);
}

#[cfg(feature = "render")]
fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = vec![
        "\"",
        "\\",
        "\n",
        "\r",
        "\0",
        "&amp;",
        "&",
        "<b>",
        "</svg>",
        "</script>",
        "]]>",
        "--",
        "\\N",
        "\\G",
        "שלום",
        "台積電",
        "🏭",
        "e\u{301}",
        "\u{202e}",
        "node",
        ";",
        "}",
        "a b",
        "\u{FFFE}",
        "\u{1b}[31m",
        "<!--",
        "%s",
    ];
    prop_oneof![
        prop::collection::vec(prop::sample::select(pieces), 0..12).prop_map(|parts| parts.concat()),
        any::<String>(),
        Just("x".repeat(500)),
        Just("Donau-dampf/schiff ".repeat(30)),
    ]
}

#[cfg(feature = "render")]
fn hostile_picture() -> impl Strategy<Value = Picture> {
    let layouts = prop::sample::select(vec![Layout::Tiers, Layout::Pair, Layout::Circle]);
    (layouts, prop::collection::vec(hostile_text(), 12)).prop_map(|(layout, texts)| {
        let mut picture = Picture::new(texts[0].clone(), layout);
        picture.caption = vec![texts[1].clone()];
        picture.tiers = vec![Tier::new(texts[2].clone()), Tier::new(texts[3].clone())];
        let shapes = [Shape::Box, Shape::Ellipse, Shape::Hexagon, Shape::Cylinder, Shape::Octagon];
        picture.nodes = (0..5)
            .map(|n| Node {
                shape: shapes[n],
                detail: vec![texts[4 + n].clone()],
                tooltip: Some(texts[3 + n].clone()),
                ..Node::new(format!("{n}{}", texts[5 + n]), texts[4 + n].clone(), n % 2)
            })
            .collect();
        let ids: Vec<String> = picture.nodes.iter().map(|node| node.id.clone()).collect();
        picture.edges = [(0, 1), (1, 0), (0, 2), (3, 3), (4, 1)]
            .map(|(a, b)| Edge {
                label: texts[a + 5].clone(),
                tooltip: Some(texts[b].clone()),
                ..Edge::new(ids[a].clone(), ids[b].clone(), Flow::Supply)
            })
            .into();
        picture.legend = vec![LegendItem::new(Mark::Note, texts[10].clone())];
        picture
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[cfg(feature = "render")]
    #[test]
    fn hostile_names_give_a_well_formed_svg(picture in hostile_picture()) {
        use resvg::usvg::roxmltree::Document;
        let svg = svg(&picture);
        let document = Document::parse(&svg);
        prop_assert!(document.is_ok(), "{:?}", document.err());
        let nodes = document.iter().flat_map(|d| d.descendants())
            .filter(|n| n.attribute("class").is_some_and(|class| class.starts_with("node")))
            .filter(|n| n.has_tag_name("g"));
        prop_assert_eq!(nodes.filter(|n| n.attribute("class") != Some("nodes")).count(), 5);
    }
}

/// One node for each, one cluster for each tier and the legend, and no complaint, whatever the names are.
#[cfg(feature = "render")]
#[test]
fn graphviz_opens_hostile_pictures_without_warnings() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..24 {
        let picture = hostile_picture().new_tree(&mut runner).expect("a picture").current();
        let dot = drawn(&picture, Format::Dot);
        let Some((success, svg, complaints)) = graphviz(&dot, "svg") else { return };
        let text = String::from_utf8_lossy(&dot);
        assert!(success && complaints.is_empty(), "{complaints} about {text}");
        let svg = String::from_utf8_lossy(&svg);
        assert_eq!(svg.matches("class=\"edge\"").count(), 5, "{text}");
        let clusters = if picture.layout == Layout::Circle { 0 } else { 3 };
        assert_eq!(svg.matches("class=\"cluster\"").count(), clusters, "{text}");
    }
}

#[test]
fn graphviz_opens_the_samples_without_warnings() {
    for (name, picture) in diagram_samples::all() {
        let Some((success, svg, complaints)) = graphviz(&drawn(&picture, Format::Dot), "svg") else { return };
        assert!(success && complaints.is_empty(), "{name}: {complaints}");
        let clusters = String::from_utf8_lossy(&svg).matches("class=\"cluster\"").count();
        // circo draws no clusters; otherwise there is one per tier and one for the legend.
        let expected = if picture.layout == Layout::Circle { 0 } else { picture.tiers.len() + 1 };
        assert_eq!(clusters, expected, "{name}");
    }
}

#[test]
fn graphviz_keeps_hostile_labels() {
    let labels = [
        "a \"b\" c",
        "back\\slash\\",
        "\\N \\G \\l",
        "R&D &amp; &lt;",
        "",
        "} -> {",
        "台積電",
        "tab\there\r\0",
    ];
    let mut picture = Picture::new("Hostile", Layout::Tiers);
    picture.tiers = vec![Tier::new("<b>\"tier\"</b>")];
    picture.nodes =
        labels.iter().enumerate().map(|(n, label)| Node::new(format!("{n}"), *label, 0)).collect();
    let Some((success, json, complaints)) = graphviz(&drawn(&picture, Format::Dot), "json") else { return };
    assert!(success && complaints.is_empty(), "{complaints}");
    let json: serde_json::Value = serde_json::from_slice(&json).expect("JSON");
    let objects = json["objects"].as_array().expect("objects");
    // What is drawn: escapes and entities resolved.
    let drawn = |name: &str| -> String {
        let object = objects.iter().find(|object| object["name"] == name).expect("the node");
        let texts = object["_ldraw_"].as_array().into_iter().flatten().filter_map(|op| op["text"].as_str());
        texts.collect()
    };
    assert_eq!(drawn("n0"), "a \"b\" c");
    assert_eq!(drawn("n1"), "back\\slash\\");
    assert_eq!(drawn("n2"), "\\N \\G \\l");
    assert_eq!(drawn("n3"), "R&D &amp; &lt;");
    assert_eq!(drawn("n4"), "");
    assert_eq!(drawn("n5"), "} -> {");
    assert_eq!(drawn("n6"), "台積電");
    assert_eq!(drawn("n7"), "tab here");
}

#[test]
fn the_program_dot_can_be_asked_for() {
    match render(&small(), Format::Svg, Engine::Dot) {
        Ok(figure) => assert!(String::from_utf8_lossy(&figure.bytes).contains("</svg>")),
        Err(DiagramError::DotMissing) => {
            eprintln!("skipped: the program `dot` (Graphviz) is not on the PATH")
        }
        Err(error) => panic!("{error}"),
    }
}
