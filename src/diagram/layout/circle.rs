//! Loops: nodes on an ellipse, clockwise from the top; edges follow the ellipse or cut across.

use std::f64::consts::TAU;

use super::geometry::{Cubic, Curve, Point, Rect, border_point};
use super::{Body, NodeText, PlacedEdge, Scene, head_length};

pub(super) fn lay_out(scene: &Scene) -> Body {
    let texts: Vec<NodeText> = (0..scene.nodes.len()).map(|n| NodeText::new(scene.node(n), 110.0)).collect();
    let rects = on_ellipse(&texts);
    let nodes = rects
        .iter()
        .enumerate()
        .map(|(n, rect)| texts[n].placed(scene.nodes[n], scene.node(n).shape, *rect))
        .collect();
    let mut edges = Vec::with_capacity(scene.edges.len());
    let mut seen: Vec<(usize, usize)> = Vec::new();
    for edge in &scene.edges {
        let ends = (edge.from.min(edge.to), edge.from.max(edge.to));
        let parallel = seen.iter().filter(|&&other| other == ends).count();
        seen.push(ends);
        let head = head_length(scene.width_of(edge));
        let (curve, tip) = if edge.from == edge.to {
            own_loop(&rects[edge.from], head, parallel)
        } else {
            arc(&rects, edge.from, edge.to, head, parallel)
        };
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
    let place = |scale: f64| -> Vec<Rect> {
        let at = |(n, text): (usize, &NodeText)| {
            let angle = TAU * n as f64 / count as f64 - TAU / 4.0;
            let centre = Point::new(1.75 * scale * angle.cos(), scale * angle.sin());
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

/// The curve from one box to another: outwards along the ellipse between neighbours, else across
/// with a slight bend; parallel edges bend differently.
fn arc(rects: &[Rect], from: usize, to: usize, head: f64, parallel: usize) -> (Curve, Point) {
    let count = rects.len();
    let (a, b) = (rects[from].centre(), rects[to].centre());
    let along = a.towards(b);
    // The normal that points away from the centre of the ellipse when walking clockwise.
    let normal = Point::new(along.y, -along.x);
    let steps = (to + count - from) % count;
    let neighbours = (steps == 1 || steps == count - 1) && count > 2;
    let side = if steps == 1 || !neighbours { 1.0 } else { -1.0 };
    let share = if neighbours { 0.16 } else { 0.08 };
    let sign = if parallel % 2 == 1 { -1.0 } else { 1.0 };
    let bend = a.distance(b) * share * side * sign * (1.0 + (parallel / 2) as f64 * 0.9)
        + if count == 2 { a.distance(b) * 0.12 } else { 0.0 };
    let middle = Point::new((a.x + b.x) / 2.0, (a.y + b.y) / 2.0).along(normal, bend);
    let start = border_point(&rects[from], a.towards(middle));
    let tip = border_point(&rects[to], b.towards(middle));
    let end = tip.along(tip.towards(middle), head);
    let control = |p: Point| Point::new((p.x + 2.0 * middle.x) / 3.0, (p.y + 2.0 * middle.y) / 3.0);
    let mut curve = Curve::from(start);
    curve.segments.push(Cubic { c1: control(start), c2: control(end), end });
    (curve, tip)
}

/// A small loop above a box.
fn own_loop(rect: &Rect, head: f64, parallel: usize) -> (Curve, Point) {
    let spread = (rect.width / 4.0).min(12.0);
    let height = 26.0 + 12.0 * parallel as f64;
    let start = Point::new(rect.centre().x - spread, rect.y);
    let tip = Point::new(rect.centre().x + spread, rect.y);
    let end = Point::new(tip.x, tip.y - head);
    let mut curve = Curve::from(start);
    let top = rect.y - height;
    curve.segments.push(Cubic { c1: Point::new(start.x - 6.0, top), c2: Point::new(tip.x + 2.0, top), end });
    (curve, tip)
}
