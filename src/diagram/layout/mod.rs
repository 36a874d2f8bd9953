//! Where everything goes: from a [`Picture`] to a [`Placed`] figure, without any program installed.
//!
//! Tiers and pairs are laid out in columns (`columns`), loops on an ellipse (`circle`). Labels
//! are put where there is room (`labels`); title, legend and caption go around (`furniture`).
//! The same picture gives the same coordinates everywhere: nothing depends on hash order, fonts of
//! the machine or time.

mod circle;
mod columns;
mod coordinates;
pub(super) mod furniture;
pub mod geometry;
mod labels;
mod order;
mod routes;

use std::collections::BTreeMap;

use crate::order::Arrange;

use self::geometry::{CYLINDER_LID, Curve, HEXAGON_POINT, Point, Rect};
use super::chart::Swatch;
use super::picture::{Layout, Mark, Node, Picture, Shape};
use super::text::{self, LEADING, SIZE, Weight};

/// The width of A4 across, less margins: 277 mm in points.
pub const PAGE_WIDTH: f64 = 277.0 / 25.4 * 72.0;
/// The height of A4 across, less margins: 190 mm in points.
pub const PAGE_HEIGHT: f64 = 190.0 / 25.4 * 72.0;

/// A figure with coordinates, in points.
#[derive(Debug, Clone, PartialEq)]
pub struct Placed {
    /// The width of the canvas.
    pub width: f64,
    /// The height of the canvas.
    pub height: f64,
    /// The title.
    pub title: Vec<TextLine>,
    /// The tiers, from left to right.
    pub tiers: Vec<PlacedTier>,
    /// The nodes, sorted by id.
    pub nodes: Vec<PlacedNode>,
    /// The edges, sorted by ends, flow and label.
    pub edges: Vec<PlacedEdge>,
    /// The legend.
    pub legend: Option<PlacedLegend>,
    /// The caption.
    pub caption: Vec<TextLine>,
}

/// One line of text.
#[derive(Debug, Clone, PartialEq)]
pub struct TextLine {
    /// The baseline, at the left end or the middle of the line.
    pub at: Point,
    /// Whether `at` is the middle.
    pub centred: bool,
    /// The text.
    pub text: String,
    /// The size.
    pub size: f64,
    /// The weight of the font.
    pub weight: Weight,
}

/// A tier with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedTier {
    /// Its box.
    pub rect: Rect,
    /// Its heading.
    pub lines: Vec<TextLine>,
}

/// A node with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedNode {
    /// Its index in [`Picture::nodes`].
    pub index: usize,
    /// Its outline.
    pub rect: Rect,
    /// Its text.
    pub lines: Vec<TextLine>,
}

/// An edge with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedEdge {
    /// Its index in [`Picture::edges`].
    pub index: usize,
    /// Its line, up to the back of the arrow head.
    pub curve: Curve,
    /// The tip of the arrow head.
    pub tip: Point,
    /// Whether it runs against the tiers.
    pub backward: bool,
    /// Its label: none when it has no text or there was no room.
    pub label: Option<PlacedLabel>,
}

/// The label of an edge with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLabel {
    /// The room that it takes.
    pub rect: Rect,
    /// Its text.
    pub lines: Vec<TextLine>,
}

/// The legend with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct PlacedLegend {
    /// Its frame.
    pub rect: Rect,
    /// Its heading.
    pub heading: TextLine,
    /// Samples and texts.
    pub entries: Vec<LegendEntry>,
}

/// One entry of a placed legend.
#[derive(Debug, Clone, PartialEq)]
pub struct LegendEntry {
    /// What the sample shows.
    pub sample: Sample,
    /// Where the sample goes.
    pub rect: Rect,
    /// What it means.
    pub lines: Vec<TextLine>,
}

/// The sample of a legend entry.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Sample {
    /// A mark of the picture's own legend.
    Mark(Mark),
    /// An edge that runs against the tiers.
    Backward,
    /// A mark of a chart.
    Swatch(Swatch),
}

impl Placed {
    /// The size of the smallest text in points on an A4 page, across or upright, whichever is larger.
    pub fn printed_text_size(&self) -> f64 {
        printed_text_size(self.width, self.height)
    }

    /// The edges, by index in the picture, whose labels found no room.
    pub fn unlabelled<'p>(&'p self, picture: &'p Picture) -> impl Iterator<Item = usize> + 'p {
        let has_text = |edge: &&PlacedEdge| !picture.edges[edge.index].label.trim().is_empty();
        self.edges.iter().filter(|edge| edge.label.is_none()).filter(has_text).map(|edge| edge.index)
    }
}

/// The size in points of the text of a canvas on an A4 page, across or upright, whichever is larger.
pub fn printed_text_size(width: f64, height: f64) -> f64 {
    let across = (PAGE_WIDTH / width).min(PAGE_HEIGHT / height);
    let upright = (PAGE_HEIGHT / width).min(PAGE_WIDTH / height);
    SIZE * across.max(upright).min(1.0)
}

/// Places a picture that has neither [`problems`](crate::diagram::check::problems) nor [`excesses`](crate::diagram::check::excesses).
///
/// Cost: the crossing reduction dominates, about 50 rounds over all edges and their way points.
pub fn place(picture: &Picture) -> Placed {
    let scene = Scene::new(picture);
    let mut body = match picture.layout {
        Layout::Tiers | Layout::Pair => columns::lay_out(&scene),
        Layout::Circle => circle::lay_out(&scene),
    };
    labels::place(&scene, &mut body);
    furniture::assemble(picture, body)
}

/// A picture with its parts in a fixed order and its edges resolved.
struct Scene<'p> {
    picture: &'p Picture,
    /// Indices into the picture's nodes: sorted by id, or as given for a circle.
    nodes: Vec<usize>,
    edges: Vec<SceneEdge>,
}

/// An edge between positions in [`Scene::nodes`].
struct SceneEdge {
    index: usize,
    from: usize,
    to: usize,
}

impl<'p> Scene<'p> {
    fn new(picture: &'p Picture) -> Self {
        let mut nodes: Vec<usize> = (0..picture.nodes.len()).collect();
        if picture.layout != Layout::Circle {
            nodes.arrange(|&a, &b| picture.nodes[a].id.cmp(&picture.nodes[b].id));
        }
        let place: BTreeMap<&str, usize> =
            nodes.iter().enumerate().map(|(place, &node)| (picture.nodes[node].id.as_str(), place)).collect();
        let edges = sorted_edges(picture)
            .into_iter()
            .filter_map(|index| {
                let edge = &picture.edges[index];
                let (&from, &to) = (place.get(edge.from.as_str())?, place.get(edge.to.as_str())?);
                Some(SceneEdge { index, from, to })
            })
            .collect();
        Scene { picture, nodes, edges }
    }

    fn node(&self, place: usize) -> &'p Node {
        &self.picture.nodes[self.nodes[place]]
    }

    fn width_of(&self, edge: &SceneEdge) -> f64 {
        self.picture.edges[edge.index].width()
    }
}

/// The indices of the edges, sorted by ends, flow and label.
pub(super) fn sorted_edges(picture: &Picture) -> Vec<usize> {
    let mut edges: Vec<usize> = (0..picture.edges.len()).collect();
    edges.arrange(|&a, &b| {
        let key = |i: usize| {
            let edge = &picture.edges[i];
            (edge.from.as_str(), edge.to.as_str(), edge.flow, edge.label.as_str())
        };
        key(a).cmp(&key(b))
    });
    edges
}

/// The figure without title, legend and caption.
struct Body {
    tiers: Vec<PlacedTier>,
    nodes: Vec<PlacedNode>,
    edges: Vec<PlacedEdge>,
    /// How wide and how high the labels of edges may be.
    label_width: f64,
    label_lines: usize,
}

/// How far an arrow head reaches.
pub(crate) fn head_length(width: f64) -> f64 {
    4.6 + 1.15 * width
}

/// The wrapped text of a node and the size of the outline around it.
struct NodeText {
    lines: Vec<String>,
    width: f64,
    height: f64,
}

impl NodeText {
    fn new(node: &Node, max_width: f64) -> Self {
        let mut lines = text::wrap(&node.label, max_width, 3, SIZE, Weight::Regular);
        for detail in node.detail.iter().take(4) {
            lines.extend(text::wrap(detail, max_width, 2, SIZE, Weight::Regular));
        }
        let kept = node.room.iter().chain(&lines);
        let inner = kept.map(|line| text::width(line, SIZE, Weight::Regular)).fold(20.0, f64::max);
        let (width, height) = (inner + 12.0, (lines.len().max(1) as f64) * LEADING + 6.0);
        let (width, height) = match node.shape {
            Shape::Box | Shape::Rounded => (width, height),
            Shape::Octagon => (width + 4.0, height + 2.0),
            Shape::Ellipse => (width * 1.18, height * 1.35),
            Shape::Hexagon => (width + HEXAGON_POINT, height),
            Shape::Cylinder => (width, height + 2.5 * CYLINDER_LID),
        };
        NodeText { lines, width, height }
    }

    fn placed(&self, index: usize, shape: Shape, rect: Rect) -> PlacedNode {
        let mut centre = rect.centre();
        if shape == Shape::Cylinder {
            centre.y += CYLINDER_LID * 0.7;
        }
        PlacedNode { index, rect, lines: centred_lines(&self.lines, centre, Weight::Regular) }
    }
}

/// Lines set around a centre.
fn centred_lines(lines: &[String], centre: Point, weight: Weight) -> Vec<TextLine> {
    let top = centre.y - lines.len() as f64 * LEADING / 2.0;
    let line = |(i, text): (usize, &String)| TextLine {
        at: Point::new(centre.x, top + i as f64 * LEADING + LEADING * 0.79),
        centred: true,
        text: text.clone(),
        size: SIZE,
        weight,
    };
    lines.iter().enumerate().map(line).collect()
}
