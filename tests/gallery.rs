//! The gallery: every view is in it, every figure of it can be read, and the page in `docs/` is the one it makes.

mod common;
mod diagram_checks;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use common::view;
use diagram_checks::{check, clashes, graphviz, texts};
use linchpin::diagram::view::gallery::{Exhibit, absent, exhibits, page};
use linchpin::diagram::{Engine, Figure, Format, Layout, layout};
use linchpin::graph::Graph;

/// No figure of the gallery is larger than this.
const MOST_BYTES: usize = 200_000;

static FLAGSHIP: LazyLock<Graph> = LazyLock::new(|| load("ai-infrastructure"));
static FLYWHEEL: LazyLock<Graph> = LazyLock::new(|| load("aws-flywheel"));

fn load(name: &str) -> Graph {
    let loaded = linchpin::dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("graph").join(name));
    let facts = loaded.facts.expect("the dataset is valid");
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn graph(exhibit: &Exhibit) -> &'static Graph {
    match exhibit.graph {
        None => &FLAGSHIP,
        Some("aws-flywheel") => &FLYWHEEL,
        Some(other) => panic!("no test knows the dataset {other}"),
    }
}

/// Made once: some figures take a thousand runs of a model.
static FIGURES: LazyLock<Vec<(&Exhibit, Figure)>> = LazyLock::new(|| {
    let made = |exhibit: &'static Exhibit| {
        let draw = exhibit.draw().unwrap_or_else(|error| panic!("{error}"));
        let figure = draw.figure(&view(graph(exhibit)));
        (exhibit, figure.unwrap_or_else(|error| panic!("{}: {error}", exhibit.file)))
    };
    exhibits().map(made).collect()
});

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/gallery")
}

#[test]
fn every_view_is_in_the_gallery_once_or_more() {
    assert_eq!(absent(), Vec::<&str>::new(), "views without an exhibit");
    let names: BTreeSet<&str> = exhibits().map(|exhibit| exhibit.file).collect();
    assert_eq!(names.len(), exhibits().count(), "two exhibits have one name");
}

/// Labels apart, nothing out of the canvas, no small print on A4, nothing left out for want of room.
#[test]
fn every_figure_can_be_read() {
    for (exhibit, figure) in FIGURES.iter() {
        let name = exhibit.file;
        let drawn = figure.render(Format::Svg, Engine::Embedded).expect(name);
        assert_eq!(drawn.warnings, [], "{name}");
        assert!(drawn.bytes.len() < MOST_BYTES, "{name}: {} bytes", drawn.bytes.len());
        let svg = String::from_utf8(drawn.bytes).expect("UTF-8");
        assert_eq!(clashes(&svg), Vec::<String>::new(), "{name}");
        let cut = texts(&svg).into_iter().find(|(text, _)| text.ends_with('…'));
        assert!(cut.is_none(), "{name}: a text is cut: {cut:?}");
        for part in ["<title id=", "<desc id=", "role=\"img\"", "aria-labelledby="] {
            assert!(svg.contains(part), "{name}: no {part}");
        }
        assert!(figure.alt_text().len() > 40, "{name}: {}", figure.alt_text());
        if let Figure::Picture(picture) = &figure {
            let placed = layout::place(picture);
            check(picture, &placed).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(svg.matches("class=\"cluster\"").count(), placed.tiers.len(), "{name}: clusters");
        }
    }
}

/// Graphviz draws every picture of the gallery too, with all its clusters and without a complaint.
#[test]
fn graphviz_opens_every_picture() {
    for (exhibit, figure) in FIGURES.iter() {
        let Figure::Picture(picture) = &figure else { continue };
        let dot = figure.render(Format::Dot, Engine::Embedded).expect(exhibit.file).bytes;
        let Some((success, svg, complaints)) = graphviz(&dot, "svg") else { return };
        assert!(success && complaints.is_empty(), "{}: {complaints}", exhibit.file);
        // circo draws no clusters; otherwise there is one per tier and one for the legend
        let expected = if picture.layout == Layout::Circle { 0 } else { picture.tiers.len() + 1 };
        let clusters = String::from_utf8_lossy(&svg).matches("class=\"cluster\"").count();
        assert_eq!(clusters, expected, "{}", exhibit.file);
    }
}

/// The figures are as old as the dataset was when they were drawn, which their captions say; the page is not.
#[test]
fn the_page_is_the_one_that_the_gallery_makes() {
    let command = |exhibit: &Exhibit| {
        let line = exhibit.draw().expect("a view").command(&view(graph(exhibit)));
        exhibit.graph.map_or(line.clone(), |name| format!("{line} --graph graph/{name}"))
    };
    let commands: Vec<String> = exhibits().map(command).collect();
    let text = std::fs::read_to_string(folder().join("README.md")).expect("docs/gallery/README.md");
    assert!(
        text == page(&commands).expect("a page"),
        "docs/gallery is out of date: linchpin gallery -o docs/gallery"
    );
    let mut files: BTreeSet<String> =
        exhibits().map(|exhibit| format!("{}.svg", exhibit.file)).chain(["README.md".to_string()]).collect();
    for entry in std::fs::read_dir(folder()).expect("the folder") {
        let entry = entry.expect("a file");
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(files.remove(&name), "{name} belongs to no exhibit");
        assert!(entry.metadata().expect("its size").len() < MOST_BYTES as u64, "{name} is too large");
    }
    assert!(files.is_empty(), "{files:?} are not in docs/gallery");
}
