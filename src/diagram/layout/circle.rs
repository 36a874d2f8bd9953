//! Loops: nodes on an ellipse, clockwise from the top; edges follow the ellipse or cut across.

use std::collections::BTreeMap;
use std::f64::consts::TAU;

use super::geometry::{Cubic, Curve, Point, Rect, border_point};
use super::{Body, NodeText, PlacedEdge, Scene, head_length};
use crate::diagram::picture::Shape;

/// How wide the ellipse and its boxes are where there are many: what keeps text at 7 pt on an A4 page.
const WIDTH: f64 = 970.0;
/// Fewer boxes than this stand on a smaller ellipse.
const MANY: usize = 9;

pub(super) fn lay_out(scene: &Scene) -> Body {
    let texts: Vec<NodeText> = (0..scene.nodes.len()).map(|n| NodeText::new(scene.node(n), 110.0)).collect();
    let rects = on_ellipse(&texts);
    let nodes = rects
        .iter()
        .enumerate()
        .map(|(n, rect)| texts[n].placed(scene.nodes[n], scene.node(n).shape, *rect))
        .collect();
    let outline = |n: usize| (scene.node(n).shape, rects[n]);
    let mut edges = Vec::with_capacity(scene.edges.len());
    let mut seen: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for edge in &scene.edges {
        let parallel = seen.entry((edge.from, edge.to)).or_default();
        let head = head_length(scene.width_of(edge));
        let (curve, tip) = if edge.from == edge.to {
            own_loop(&rects[edge.from], head, *parallel)
        } else {
            let neighbours = (edge.to + rects.len() - edge.from) % rects.len() == 1;
            let share = if neighbours || rects.len() < 4 { 0.16 } else { 0.08 };
            arc(outline(edge.from), outline(edge.to), share * (1.0 + *parallel as f64), head)
        };
        *parallel += 1;
        edges.push(PlacedEdge { index: edge.index, curve, tip, backward: false, label: None });
    }
    Body { tiers: Vec::new(), nodes, edges, label_width: 96.0, label_lines: 3 }
}

/// Boxes at equal angles on an ellipse wide enough that they keep apart.
fn on_ellipse(texts: &[NodeText]) -> Vec<Rect> {
    let count = texts.len();
    if count == 1 {
        return vec![Rect::around(Point::new(0.0, 0.0), texts[0].width, texts[0].height)];
    }
    // a page is wider than high, and legend and caption stand below: many boxes take its whole width
    let widest = texts.iter().map(|text| text.width).fold(0.0, f64::max);
    let half = (WIDTH - widest) / 2.0;
    let place = |scale: f64| -> Vec<Rect> {
        let stretch = if count >= MANY { (half / scale).clamp(1.75, 2.4) } else { 1.75 };
        let at = |(n, text): (usize, &NodeText)| {
            let angle = TAU * n as f64 / count as f64 - TAU / 4.0;
            let centre = Point::new(stretch * scale * angle.cos(), scale * angle.sin());
            Rect::around(centre, text.width, text.height)
        };
        texts.iter().enumerate().map(at).collect()
    };
    // Text boxes are bounded, so the radius is too: doubling it twenty times clears any of them.
    let mut scale = 80.0 + 6.0 * count as f64;
    let mut rects = place(scale);
    for _ in 0..80 {
        let next = |n: usize| (n + 1) % count;
        let apart = |n: usize| {
            let (a, b) = (&rects[n], &rects[next(n)]);
            let wide = (b.x - a.right()).max(a.x - b.right());
            let high = (b.y - a.bottom()).max(a.y - b.bottom());
            wide >= 26.0 || high >= 34.0
        };
        if (0..count).all(apart) {
            break;
        }
        scale *= 1.08;
        rects = place(scale);
    }
    rects
}

/// The curve from one box to another, bent to the left by a share of their distance: between
/// neighbours clockwise that is outwards, along the ellipse; edges to and fro bend apart.
fn arc(from: (Shape, Rect), to: (Shape, Rect), share: f64, head: f64) -> (Curve, Point) {
    let (a, b) = (from.1.centre(), to.1.centre());
    let along = a.towards(b);
    let middle = Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0)
        .along(Point::new(along.y, -along.x), a.distance(b) * share);
    let start = border_point(from.0, &from.1, a.towards(middle));
    let tip = border_point(to.0, &to.1, b.towards(middle));
    let end = tip.along(tip.towards(middle), head);
    let control = |p: Point| Point::new((p.x + 2.0 * middle.x) / 3.0, (p.y + 2.0 * middle.y) / 3.0);
    let mut curve = Curve::from(start);
    curve.segments.push(Cubic { c1: control(start), c2: control(end), end });
    (curve, tip)
}

/// A small loop on the side of a box that faces away from the middle of the figure.
fn own_loop(rect: &Rect, head: f64, parallel: usize) -> (Curve, Point) {
    let centre = rect.centre();
    let sideways = centre.x.abs() > centre.y.abs();
    let (out, reach, side) = if sideways {
        (Point::new(centre.x.signum(), 0.0), rect.width / 2.0, rect.height)
    } else {
        (Point::new(0.0, if centre.y > 0.0 { 1.0 } else { -1.0 }), rect.height / 2.0, rect.width)
    };
    let across = Point::new(-out.y, out.x);
    let spread = (side / 4.0).min(9.0);
    let height = 22.0 + head + 14.0 * parallel as f64;
    let foot = centre.along(out, reach);
    let (start, tip) = (foot.along(across, -spread), foot.along(across, spread));
    let end = tip.along(out, head);
    let mut curve = Curve::from(start);
    let c1 = start.along(out, height).along(across, -spread);
    curve.segments.push(Cubic { c1, c2: end.along(out, height - head).along(across, spread * 0.4), end });
    (curve, tip)
}
