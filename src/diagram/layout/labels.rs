//! Where the labels of edges go.
//!
//! The heaviest edge chooses first. A label may cover no box, no heading, no arrow head and no other
//! label; among the places along its own line it takes the one that covers the fewest other lines,
//! then the one nearest to the middle. A label without such a place is left out.

use std::collections::BTreeMap;

use super::geometry::{Point, Rect};
use super::{Body, PlacedLabel, Scene, centred_lines};
use crate::diagram::text::{self, LEADING, SIZE, Weight};
use crate::order::Arrange;

/// The side of a cell of the index of points on lines.
const CELL: f64 = 24.0;

pub(super) fn place(scene: &Scene, body: &mut Body) {
    let mut taken = obstacles(body);
    let lines = LineIndex::new(body);
    let mut order: Vec<usize> = (0..body.edges.len()).collect();
    let weight = |e: usize| scene.picture.edges[scene.edges[e].index].weight;
    order.arrange(|&a, &b| weight(b).total_cmp(&weight(a)).then(a.cmp(&b)));
    for e in order {
        let label = &scene.picture.edges[scene.edges[e].index].label;
        let wrapped = text::wrap(label, body.label_width, body.label_lines, SIZE, Weight::Regular);
        if wrapped.is_empty() {
            continue;
        }
        let widest = wrapped.iter().map(|line| text::width(line, SIZE, Weight::Regular)).fold(0.0, f64::max);
        let (width, height) = (widest + 3.0, wrapped.len() as f64 * LEADING);
        let shift = height / 2.0 + scene.width_of(&scene.edges[e]) / 2.0 + 0.5;
        if let Some(rect) =
            best_place(&body.edges[e].curve.samples(5.0), width, height, shift, &taken, &lines, e)
        {
            taken.push(rect);
            let lines = centred_lines(&wrapped, rect.centre(), Weight::Regular);
            body.edges[e].label = Some(PlacedLabel { rect, lines });
        }
    }
}

/// Everything that no label may cover.
fn obstacles(body: &Body) -> Vec<Rect> {
    let boxes = body.nodes.iter().map(|node| node.rect.grown(1.0));
    let headings = body.tiers.iter().flat_map(|tier| &tier.lines).map(|line| {
        let width = text::width(&line.text, line.size, line.weight);
        Rect::around(Point::new(line.at.x, line.at.y - 3.0), width, LEADING)
    });
    let heads = body.edges.iter().map(|edge| {
        let (a, b) = (edge.curve.end(), edge.tip);
        Rect { x: a.x.min(b.x), y: a.y.min(b.y), width: (a.x - b.x).abs(), height: (a.y - b.y).abs() }
            .grown(1.5)
    });
    boxes.chain(headings).chain(heads).collect()
}

fn best_place(
    samples: &[Point],
    width: f64,
    height: f64,
    shift: f64,
    taken: &[Rect],
    lines: &LineIndex,
    edge: usize,
) -> Option<Rect> {
    let last = samples.len().saturating_sub(1).max(1) as f64;
    let mut best: Option<(f64, Rect)> = None;
    for (i, sample) in samples.iter().enumerate() {
        let off_middle = (i as f64 / last - 0.5).abs();
        for (dy, penalty) in [(0.0, 0.0), (-shift, 1.0), (shift, 1.2)] {
            let cost = off_middle * 12.0 + penalty;
            if best.is_some_and(|(least, _)| least <= cost) {
                continue;
            }
            let rect = Rect::around(Point::new(sample.x, sample.y + dy), width, height);
            if taken.iter().any(|other| other.overlaps(&rect)) {
                continue;
            }
            let cost = cost + 2.5 * lines.others_within(&rect, edge) as f64;
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, rect));
            }
        }
    }
    best.map(|(_, rect)| rect)
}

/// Points on all lines, by cell of a grid.
struct LineIndex {
    cells: BTreeMap<(i64, i64), Vec<(usize, Point)>>,
}

impl LineIndex {
    fn new(body: &Body) -> Self {
        let mut cells: BTreeMap<(i64, i64), Vec<(usize, Point)>> = BTreeMap::new();
        for (e, edge) in body.edges.iter().enumerate() {
            for point in edge.curve.samples(4.0) {
                cells.entry(Self::cell(point)).or_default().push((e, point));
            }
        }
        LineIndex { cells }
    }

    fn cell(point: Point) -> (i64, i64) {
        ((point.x / CELL).floor() as i64, (point.y / CELL).floor() as i64)
    }

    /// How many other lines run through the rectangle.
    fn others_within(&self, rect: &Rect, edge: usize) -> usize {
        let low = Self::cell(Point::new(rect.x, rect.y));
        let high = Self::cell(Point::new(rect.right(), rect.bottom()));
        let mut others: Vec<usize> = Vec::new();
        for x in low.0..=high.0 {
            for points in self.cells.range((x, low.1)..=(x, high.1)).map(|(_, points)| points) {
                for &(other, point) in points {
                    if other != edge && rect.contains(point) && !others.contains(&other) {
                        others.push(other);
                    }
                }
            }
        }
        others.len()
    }
}
