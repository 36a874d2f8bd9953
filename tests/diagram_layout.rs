//! Properties of the embedded layout, on random graphs and on the samples.

mod diagram_checks;
mod diagram_samples;

use diagram_checks::check;
use linchpin::diagram::check::problems;
use linchpin::diagram::layout::place;
use linchpin::diagram::{Edge, Flow, Layout, Node, Picture, Shape, Tier};
use proptest::prelude::*;

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
