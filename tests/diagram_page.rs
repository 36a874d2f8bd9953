//! Figures on sheets of paper: what fits, what is split, what is refused.

mod diagram_checks;
mod diagram_samples;

use std::collections::BTreeSet;

use diagram_checks::check;
use linchpin::diagram::page::{LEAST, Sheet, pages, printed_text_size, split};
use linchpin::diagram::{DiagramError, Edge, Figure, Flow, Layout, Node, Picture, Tier, layout};

/// Tiers with so many nodes, each tied to some of the next tier and the one after it.
fn tiers(sizes: &[usize]) -> Picture {
    let mut picture = Picture::new("A chain", Layout::Tiers);
    picture.tiers = (0..sizes.len()).map(|tier| Tier::new(format!("Tier {tier}"))).collect();
    for (tier, size) in sizes.iter().enumerate() {
        for at in 0..*size {
            let mut node = Node::new(format!("{tier}-{at}"), format!("Maker of things {tier} {at}"), tier);
            node.detail.push("stop loss 50 %".to_string());
            picture.nodes.push(node);
            for (reach, step) in [(1, 3), (2, 5)] {
                let to = sizes.get(tier + reach).map(|size| at * step % size);
                if let Some(to) = to.filter(|_| reach == 1 || at % 4 == 0) {
                    let ends = (format!("{tier}-{at}"), format!("{}-{to}", tier + reach));
                    picture.edges.push(Edge::new(ends.0, ends.1, Flow::Supply));
                }
            }
        }
    }
    picture
}

#[test]
fn a_sheet_is_as_large_as_paper_less_margins() {
    // 277 by 190 mm hold 785.2 by 538.6 pt, 400 by 277 mm 1,133.9 by 785.2 pt
    assert!((Sheet::A4.text_size((785.19, 538.58)) - 9.0).abs() < 0.01);
    assert!((Sheet::A4.text_size((2.0 * 538.58, 2.0 * 785.19)) - 4.5).abs() < 0.01);
    assert!((Sheet::A3.text_size((2.0 * 1133.86, 785.19)) - 4.5).abs() < 0.01);
    assert_eq!(Sheet::A3.text_size((10.0, 10.0)), 9.0, "nothing is enlarged");
}

#[test]
fn what_fits_stays_as_it_is() {
    let figure = Figure::Picture(tiers(&[2, 3, 2]));
    assert_eq!(pages(&figure, Sheet::A4).expect("one page"), [figure]);
}

#[test]
fn high_tiers_are_split_and_nothing_is_lost() {
    let picture = tiers(&[14, 16, 18, 17, 14, 9]);
    let figure = Figure::Picture(picture.clone());
    assert!(printed_text_size(&figure, Sheet::A4) < LEAST);
    let pages = pages(&figure, Sheet::A4).expect("pages");
    assert_eq!(pages.len(), 5);
    let (mut nodes, mut edges) = (BTreeSet::new(), Vec::new());
    for page in pages {
        assert!(printed_text_size(&page, Sheet::A4) >= LEAST);
        let page = page.into_picture().expect("a picture");
        check(&page, &layout::place(&page)).unwrap_or_else(|error| panic!("{error}"));
        assert!(page.caption[0].contains("of 5"), "{:?}", page.caption);
        nodes.extend(page.nodes.iter().map(|node| node.id.clone()));
        edges.extend(page.edges.iter().map(|edge| (edge.from.clone(), edge.to.clone())));
    }
    assert_eq!(nodes, picture.nodes.iter().map(|node| node.id.clone()).collect());
    let mut all: Vec<(String, String)> =
        picture.edges.iter().map(|edge| (edge.from.clone(), edge.to.clone())).collect();
    all.sort();
    edges.sort();
    assert_eq!(edges, all, "each line is on one page");
}

#[test]
fn what_cannot_be_split_is_refused_with_its_size() {
    let mut ring = tiers(&[60]);
    ring.layout = Layout::Circle;
    let refused = |figure: Picture| match pages(&Figure::Picture(figure), Sheet::A4) {
        Err(DiagramError::SmallPrint { sheet: "A4", size }) => assert!(size < LEAST, "{size}"),
        other => panic!("{other:?}"),
    };
    refused(ring);
    refused(tiers(&[40, 60]));
    refused(tiers(&[4, 90, 4]));
}

#[test]
fn every_sample_splits_soundly() {
    for (name, picture) in diagram_samples::all() {
        if picture.layout != Layout::Tiers || picture.tiers.len() < 2 {
            continue;
        }
        let pages = split(&picture);
        let drawn: usize = pages.iter().map(|page| page.edges.len()).sum();
        assert_eq!(drawn, picture.edges.len(), "{name}");
        for page in &pages {
            check(page, &layout::place(page)).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}
