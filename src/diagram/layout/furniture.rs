//! Title, legend and caption, and the canvas around everything.

use super::geometry::{Point, Rect};
use super::{Body, LegendEntry, Placed, PlacedLegend, Sample, TextLine};
use crate::diagram::picture::{Layout, LegendItem, Mark, Picture};
use crate::diagram::text::{self, LEADING, SIZE, TITLE_SIZE, Weight};

/// The white border of the canvas.
const MARGIN: f64 = 12.0;
/// The least width of a canvas, for title, legend and caption.
const LEAST_WIDTH: f64 = 420.0;
/// The greatest width of a legend text before it wraps.
const LEGEND_TEXT: f64 = 230.0;
/// The most lines of a part of the caption; the longest part is a command with its whole question.
const CAPTION_LINES: usize = 14;
/// The size of a legend sample.
const SAMPLE: (f64, f64) = (26.0, 12.0);

/// The canvas around a body: title above it, legend and caption below.
pub(in crate::diagram) struct Surround {
    pub width: f64,
    pub height: f64,
    pub title: Vec<TextLine>,
    /// The top left corner of the body.
    pub body: Point,
    pub legend: Option<PlacedLegend>,
    pub caption: Vec<TextLine>,
}

/// The canvas around a body of this size.
pub(in crate::diagram) fn surround(
    title: &str,
    legend_items: Vec<(Sample, String)>,
    caption: &[String],
    (body_width, body_height): (f64, f64),
) -> Surround {
    let inner = body_width.max(LEAST_WIDTH - 2.0 * MARGIN);
    let mut y = MARGIN;
    let mut title_lines = Vec::new();
    for line in text::wrap(title, inner, 3, TITLE_SIZE, Weight::Bold) {
        let at = Point::new(MARGIN, y + TITLE_SIZE * 0.85);
        title_lines.push(TextLine { at, centred: false, text: line, size: TITLE_SIZE, weight: Weight::Bold });
        y += TITLE_SIZE * 1.25;
    }
    y += if title_lines.is_empty() { 0.0 } else { 5.0 };
    let body = Point::new(MARGIN + (inner - body_width) / 2.0, y);
    y += body_height + if body_height > 0.0 { 10.0 } else { 0.0 };
    let legend = legend(legend_items, MARGIN, y, inner);
    if let Some(legend) = &legend {
        y = legend.rect.bottom() + 8.0;
    }
    let mut lines = Vec::new();
    for text in caption.iter().flat_map(|line| text::wrap(line, inner, CAPTION_LINES, SIZE, Weight::Regular))
    {
        let at = Point::new(MARGIN, y + LEADING * 0.79);
        lines.push(TextLine { at, centred: false, text, size: SIZE, weight: Weight::Regular });
        y += LEADING;
    }
    let height = (y + MARGIN).max(2.0 * MARGIN);
    Surround { width: inner + 2.0 * MARGIN, height, title: title_lines, body, legend, caption: lines }
}

pub(super) fn assemble(picture: &Picture, mut body: Body) -> Placed {
    let bounds = bounds(&body);
    let items = legend_items(picture, &body);
    let size = (bounds.width, bounds.height);
    let Surround { width, height, title, body: corner, legend, caption } =
        surround(&picture.title, items, &picture.caption, size);
    move_body(&mut body, corner.x - bounds.x, corner.y - bounds.y);
    Placed { width, height, title, tiers: body.tiers, nodes: body.nodes, edges: body.edges, legend, caption }
}

fn bounds(body: &Body) -> Rect {
    let boxes = body.tiers.iter().map(|tier| tier.rect).chain(body.nodes.iter().map(|node| node.rect));
    let labels = body.edges.iter().filter_map(|edge| edge.label.as_ref()).map(|label| label.rect);
    let lines = body.edges.iter().flat_map(|edge| {
        let points = edge.curve.samples(6.0).into_iter().chain([edge.tip]);
        points.map(|p| Rect::around(p, 8.0, 8.0)).collect::<Vec<_>>()
    });
    let all = boxes.chain(labels).chain(lines);
    let bounds = all.reduce(|a, b| a.union(&b)).unwrap_or_default();
    if bounds.width > 0.0 { bounds.grown(1.5) } else { bounds }
}

fn move_body(body: &mut Body, dx: f64, dy: f64) {
    let shift = |lines: &mut Vec<TextLine>| {
        for line in lines {
            line.at = Point::new(line.at.x + dx, line.at.y + dy);
        }
    };
    for tier in &mut body.tiers {
        tier.rect = tier.rect.moved(dx, dy);
        shift(&mut tier.lines);
    }
    for node in &mut body.nodes {
        node.rect = node.rect.moved(dx, dy);
        shift(&mut node.lines);
    }
    for edge in &mut body.edges {
        edge.curve = edge.curve.moved(dx, dy);
        edge.tip = Point::new(edge.tip.x + dx, edge.tip.y + dy);
        if let Some(label) = &mut edge.label {
            label.rect = label.rect.moved(dx, dy);
            shift(&mut label.lines);
        }
    }
}

/// The picture's legend and what the layout has to add to it.
fn legend_items(picture: &Picture, body: &Body) -> Vec<(Sample, String)> {
    let mut items: Vec<(Sample, String)> =
        picture.legend.iter().map(|LegendItem { mark, text }| (Sample::Mark(*mark), text.clone())).collect();
    if picture.layout == Layout::Tiers && body.edges.iter().any(|e| e.backward) {
        items.push((Sample::Backward, "long dashes: runs back, against the tiers".to_string()));
    }
    let unplaced =
        |e: &&super::PlacedEdge| e.label.is_none() && !picture.edges[e.index].label.trim().is_empty();
    let left_out = body.edges.iter().filter(unplaced).count();
    if left_out > 0 {
        let labels = if left_out == 1 { "label" } else { "labels" };
        let note = format!("{left_out} edge {labels} left out for want of room (in the SVG: tooltips)");
        items.push((Sample::Mark(Mark::Note), note));
    }
    items
}

/// The legend in a grid of equal columns.
fn legend(items: Vec<(Sample, String)>, x: f64, y: f64, width: f64) -> Option<PlacedLegend> {
    if items.is_empty() {
        return None;
    }
    let text_width = LEGEND_TEXT.min(width - SAMPLE.0 - 30.0);
    let wrapped: Vec<Vec<String>> =
        items.iter().map(|(_, t)| text::wrap(t, text_width, 3, SIZE, Weight::Regular)).collect();
    let widest =
        wrapped.iter().flatten().map(|line| text::width(line, SIZE, Weight::Regular)).fold(0.0, f64::max);
    let cell = widest + SAMPLE.0 + 22.0;
    let columns = (((width - 12.0) / cell).floor() as usize).clamp(1, items.len());
    let rows = items.len().div_ceil(columns);
    let cell = ((width - 8.0) / items.len().div_ceil(rows) as f64).max(cell).min(cell * 1.35);
    let mut entries = Vec::with_capacity(items.len());
    let mut row_y = y + 5.0 + LEADING + 2.0;
    let mut heights = vec![0usize; rows];
    for (i, lines) in wrapped.iter().enumerate() {
        heights[i % rows] = heights[i % rows].max(lines.len().max(1));
    }
    let row_tops: Vec<f64> = heights
        .iter()
        .map(|&lines| {
            let at = row_y;
            row_y += lines as f64 * LEADING + 3.0;
            at
        })
        .collect();
    for (i, ((sample, _), lines)) in items.into_iter().zip(wrapped).enumerate() {
        let (left, top) = (x + 8.0 + (i / rows) as f64 * cell, row_tops[i % rows]);
        let rect = Rect { x: left, y: top - 0.5, width: SAMPLE.0, height: SAMPLE.1 };
        let note = matches!(sample, Sample::Mark(Mark::Note));
        let text_x = if note { left } else { left + SAMPLE.0 + 6.0 };
        let line = |(n, text): (usize, String)| TextLine {
            at: Point::new(text_x, top + n as f64 * LEADING + LEADING * 0.79),
            centred: false,
            text,
            size: SIZE,
            weight: Weight::Regular,
        };
        entries.push(LegendEntry { sample, rect, lines: lines.into_iter().enumerate().map(line).collect() });
    }
    let rect = Rect { x, y, width, height: row_y - y + 2.0 };
    let heading = TextLine {
        at: Point::new(x + 8.0, y + 5.0 + LEADING * 0.79),
        centred: false,
        text: "Legend".to_string(),
        size: SIZE,
        weight: Weight::Bold,
    };
    Some(PlacedLegend { rect, heading, entries })
}
