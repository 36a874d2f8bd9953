//! The lines of the edges between columns: ports at the sides of boxes, curves through the gaps.

use crate::order::Arrange;

use super::columns::{Chains, Spacing};
use super::geometry::{Cubic, Curve, Point, Rect, setback};
use super::{PlacedEdge, Scene, SceneEdge, head_length};

/// Where a column stands.
pub(super) struct Column {
    /// Its left side.
    pub(super) x: f64,
    /// Its width.
    pub(super) width: f64,
    /// The gap to its right.
    pub(super) gap: f64,
}

impl Column {
    pub(super) fn right(&self) -> f64 {
        self.x + self.width
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Left,
    Right,
}

/// The sides at which an edge leaves and arrives.
fn sides(scene: &Scene, edge: &SceneEdge) -> (Side, Side) {
    let (from, to) = (scene.node(edge.from).tier, scene.node(edge.to).tier);
    match from.cmp(&to) {
        std::cmp::Ordering::Less => (Side::Right, Side::Left),
        std::cmp::Ordering::Greater => (Side::Left, Side::Right),
        std::cmp::Ordering::Equal => {
            let side = if from == 0 { Side::Left } else { Side::Right };
            (side, side)
        }
    }
}

/// The height that each node needs so that the lines at its sides keep apart.
pub(super) fn port_heights(scene: &Scene, spacing: &Spacing) -> Vec<f64> {
    let mut heights = vec![[0.0f64; 2]; scene.nodes.len()];
    for edge in &scene.edges {
        let (leaves, arrives) = sides(scene, edge);
        for (node, side) in [(edge.from, leaves), (edge.to, arrives)] {
            heights[node][side as usize] += scene.width_of(edge) + spacing.port_room;
        }
    }
    heights.into_iter().map(|[left, right]| left.max(right) + 6.0).collect()
}

/// One end of an edge at one side of a box.
struct Port {
    edge: usize,
    start: bool,
    /// Sorts the ports of a side from top to bottom.
    key: f64,
    width: f64,
}

pub(super) fn route(
    scene: &Scene,
    spacing: &Spacing,
    chains: &Chains,
    columns: &[Column],
    rects: &[Rect],
    y: &[f64],
) -> Vec<PlacedEdge> {
    let ports = ports(scene, spacing, chains, rects, y);
    let side_point = |node: usize, side: Side, y: f64| {
        let (rect, shape) = (&rects[node], scene.node(node).shape);
        let back = setback(shape, rect, y);
        Point::new(if side == Side::Left { rect.x + back } else { rect.right() - back }, y)
    };
    let route_one = |(e, edge): (usize, &SceneEdge)| {
        let (leaves, arrives) = sides(scene, edge);
        let start = side_point(edge.from, leaves, ports[e].0);
        let tip = side_point(edge.to, arrives, ports[e].1);
        let head = head_length(scene.width_of(edge));
        let end = Point::new(if arrives == Side::Left { tip.x - head } else { tip.x + head }, tip.y);
        let mut curve = Curve::from(start);
        let backward = leaves == Side::Left && arrives == Side::Right;
        if leaves == arrives {
            bulge(&mut curve, end, leaves, &columns[scene.node(edge.from).tier]);
        } else {
            let chain = &chains.items[e];
            let lanes = &chain[1..chain.len() - 1];
            let left_tier = scene.node(edge.from).tier.min(scene.node(edge.to).tier);
            // a box narrower than its column is left and reached on a level line, clear of wider ones
            curve.line_to_if_apart(outer(&columns[scene.node(edge.from).tier], leaves, start));
            let lane = |(i, &item): (usize, &usize)| (&columns[left_tier + 1 + i], y[item]);
            if backward {
                for (column, y) in lanes.iter().enumerate().map(lane).rev() {
                    curve.level_to(Point::new(column.right(), y));
                    curve.line_to(Point::new(column.x, y));
                }
            } else {
                for (column, y) in lanes.iter().enumerate().map(lane) {
                    curve.level_to(Point::new(column.x, y));
                    curve.line_to(Point::new(column.right(), y));
                }
            }
            curve.level_to(outer(&columns[scene.node(edge.to).tier], arrives, end));
            curve.line_to_if_apart(end);
        }
        PlacedEdge { index: edge.index, curve, tip, backward, label: None }
    };
    scene.edges.iter().enumerate().map(route_one).collect()
}

/// The point level with `at` that is out of the column on this side.
fn outer(column: &Column, side: Side, at: Point) -> Point {
    Point::new(if side == Side::Left { at.x.min(column.x) } else { at.x.max(column.right()) }, at.y)
}

/// An arc beside the column, for an edge within a tier. Narrow boxes are left on a level line to the side of the
/// column first, so that the arc clears wider boxes between its ends.
fn bulge(curve: &mut Curve, end: Point, side: Side, column: &Column) {
    let (from, to) = (outer(column, side, curve.end()), outer(column, side, end));
    curve.line_to_if_apart(from);
    let reach = (14.0 + (to.y - from.y).abs() * 0.1).min(column.gap * 0.42);
    let (edge_x, out) =
        if side == Side::Left { (from.x.min(to.x), -reach) } else { (from.x.max(to.x), reach) };
    let x = edge_x + out * 4.0 / 3.0;
    curve.segments.push(Cubic { c1: Point::new(x, from.y), c2: Point::new(x, to.y), end: to });
    curve.line_to_if_apart(end);
}

/// The heights of both ports of every edge.
fn ports(scene: &Scene, spacing: &Spacing, chains: &Chains, rects: &[Rect], y: &[f64]) -> Vec<(f64, f64)> {
    let mut at: Vec<[Vec<Port>; 2]> = (0..rects.len()).map(|_| [Vec::new(), Vec::new()]).collect();
    for (e, edge) in scene.edges.iter().enumerate() {
        let (leaves, arrives) = sides(scene, edge);
        let chain = &chains.items[e];
        for (node, other, side, start) in
            [(edge.from, edge.to, leaves, true), (edge.to, edge.from, arrives, false)]
        {
            let key = if chain.is_empty() {
                arc_key(y[node], y[other], start)
            } else if side == Side::Right {
                y[chain[1]]
            } else {
                y[chain[chain.len() - 2]]
            };
            at[node][side as usize].push(Port { edge: e, start, key, width: scene.width_of(edge) });
        }
    }
    let mut heights = vec![(0.0, 0.0); scene.edges.len()];
    for (rect, sides) in rects.iter().zip(&mut at) {
        for side in sides {
            side.arrange(|a, b| a.key.total_cmp(&b.key).then(a.edge.cmp(&b.edge)));
            let needed: f64 = side.iter().map(|port| port.width + spacing.port_room).sum();
            // Lines spread over the middle of the side, not further apart than reads as one bundle.
            let stretch = ((rect.height * 0.7) / needed.max(1.0)).clamp(1.0, 3.0);
            let mut y = rect.centre().y - needed * stretch / 2.0;
            for port in side.iter() {
                let room = (port.width + spacing.port_room) * stretch;
                let height = y + room / 2.0;
                if port.start {
                    heights[port.edge].0 = height;
                } else {
                    heights[port.edge].1 = height;
                }
                y += room;
            }
        }
    }
    heights
}

/// Arcs leave above or below all other lines; among themselves the nearest is the outermost port,
/// so that arcs nest.
fn arc_key(here: f64, other: f64, start: bool) -> f64 {
    const BEYOND: f64 = 1e7;
    if other < here {
        -BEYOND + (here - other)
    } else if other > here {
        BEYOND - (other - here)
    } else if start {
        -BEYOND
    } else {
        BEYOND
    }
}
