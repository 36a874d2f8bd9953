//! Properties of the embedded layout, on random graphs and on the samples.

mod diagram_samples;

use linchpin::diagram::check::problems;
use linchpin::diagram::layout::geometry::Rect;
use linchpin::diagram::layout::{Placed, place};
use linchpin::diagram::{Edge, Flow, Layout, Node, Picture, Shape, Tier};
use proptest::prelude::*;

fn inside(outer: &Rect, inner: &Rect) -> bool {
    let slack = 0.01;
    inner.x >= outer.x - slack
        && inner.y >= outer.y - slack
        && inner.right() <= outer.right() + slack
        && inner.bottom() <= outer.bottom() + slack
}

/// What must hold for every figure.
fn check(picture: &Picture, placed: &Placed) -> Result<(), TestCaseError> {
    let canvas = Rect { x: 0.0, y: 0.0, width: placed.width, height: placed.height };
    for (i, node) in placed.nodes.iter().enumerate() {
        prop_assert!(inside(&canvas, &node.rect), "{:?} outside {canvas:?}", node.rect);
        for other in &placed.nodes[i + 1..] {
            prop_assert!(!node.rect.overlaps(&other.rect), "{:?} on {:?}", node.rect, other.rect);
        }
        if let Some(tier) = placed.tiers.get(picture.nodes[node.index].tier) {
            prop_assert!(inside(&tier.rect, &node.rect), "{:?} outside its tier {:?}", node.rect, tier.rect);
        }
    }
    for (i, tier) in placed.tiers.iter().enumerate() {
        prop_assert!(placed.tiers[i + 1..].iter().all(|other| !tier.rect.overlaps(&other.rect)));
    }
    let labels: Vec<Rect> =
        placed.edges.iter().filter_map(|edge| edge.label.as_ref()).map(|label| label.rect).collect();
    for (i, label) in labels.iter().enumerate() {
        prop_assert!(inside(&canvas, label));
        prop_assert!(labels[i + 1..].iter().all(|other| !label.overlaps(other)), "labels overlap");
        prop_assert!(placed.nodes.iter().all(|node| !label.overlaps(&node.rect)), "a label covers a box");
    }
    for edge in &placed.edges {
        for point in edge.curve.samples(3.0) {
            prop_assert!(point.x.is_finite() && point.y.is_finite());
            prop_assert!(
                point.x >= 0.0 && point.x <= placed.width && point.y >= 0.0 && point.y <= placed.height
            );
            if picture.layout != Layout::Circle {
                let through = placed.nodes.iter().find(|node| node.rect.grown(-1.0).contains(point));
                // Slanted outlines stand back from their rectangles, so an edge may enter its own.
                if let Some(node) = through {
                    let id = &picture.nodes[node.index].id;
                    let ends = &picture.edges[edge.index];
                    prop_assert!(
                        *id == ends.from || *id == ends.to,
                        "{} -> {} runs through {id} {:?} at {point:?}: {:?}",
                        ends.from,
                        ends.to,
                        node.rect,
                        edge.curve
                    );
                }
            }
        }
    }
    Ok(())
}

#[test]
fn samples_are_sound() {
    for (name, picture) in diagram_samples::all() {
        assert_eq!(problems(&picture), [], "{name}");
        if let Err(error) = check(&picture, &place(&picture)) {
            panic!("{name}: {error}");
        }
    }
}

#[test]
fn edges_of_the_supply_map_seldom_lose_their_labels() {
    let picture = diagram_samples::supply_map();
    let lost = place(&picture).unlabelled(&picture).count();
    assert!(lost <= 6, "{lost} of {} labels", picture.edges.len());
}

#[test]
fn tiers_keep_their_order_and_may_be_empty() {
    let mut picture = Picture::new("Sparse", Layout::Tiers);
    picture.tiers = ["A", "B", "C", "D"].map(Tier::new).into();
    picture.nodes = vec![Node::new("first", "First", 0), Node::new("last", "Last", 3)];
    picture.edges = vec![Edge::new("last", "first", Flow::Supply)];
    let placed = place(&picture);
    assert!(placed.tiers.windows(2).all(|pair| pair[0].rect.right() < pair[1].rect.x));
    assert!(placed.edges[0].backward && placed.edges[0].tip.x < placed.edges[0].curve.start.x);
}

fn random_picture() -> impl Strategy<Value = Picture> {
    let layout = prop::sample::select(vec![Layout::Tiers, Layout::Tiers, Layout::Pair, Layout::Circle]);
    let nodes = prop::collection::vec((0usize..6, "[A-Za-z ]{1,24}", 0usize..6, 0usize..3), 1..40);
    let edges = prop::collection::vec((0usize..1000, 0usize..1000, 0.0f64..1.0, "[a-z0-9 %]{0,18}"), 0..80);
    (layout, 2usize..7, nodes, edges).prop_map(|(layout, tiers, nodes, edges)| {
        let mut picture = Picture::new("Random", layout);
        let tiers = if layout == Layout::Pair { 2 + tiers % 2 } else { tiers };
        picture.tiers = (0..tiers).map(|tier| Tier::new(format!("Tier {tier}"))).collect();
        let shapes =
            [Shape::Box, Shape::Rounded, Shape::Octagon, Shape::Ellipse, Shape::Hexagon, Shape::Cylinder];
        for (n, (tier, label, shape, details)) in nodes.into_iter().enumerate() {
            let mut node = Node::new(format!("n{n}"), label, tier % tiers);
            node.shape = shapes[shape];
            node.detail = vec!["stop loss 82 %".to_string(); details];
            picture.nodes.push(node);
        }
        let count = picture.nodes.len();
        for (from, to, weight, label) in edges {
            let mut edge = Edge::new(format!("n{}", from % count), format!("n{}", to % count), Flow::Supply);
            (edge.weight, edge.label) = (weight, label);
            picture.edges.push(edge);
        }
        picture
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn random_graphs_are_sound(picture in random_picture()) {
        check(&picture, &place(&picture))?;
    }
}
