//! A placed figure as an SVG document.
//!
//! Plain SVG 1.1 with a title, a description, a tooltip per node and edge, and ids and classes for
//! style sheets. Coordinates have two decimals, so the same picture gives the same bytes.

use super::chart;
use super::layout::geometry::{CYLINDER_LID, Curve, HEXAGON_POINT, Point, Rect, octagon_cut};
use super::layout::{Placed, PlacedEdge, PlacedNode, Sample, head_length};
use super::paint::{Document, caption, group, heading, legend, num, push, rect, text, xy};
use super::palette::{self, Head};
use super::picture::{Edge, Fill, Flow, Layout, Line, Mark, Node, Picture, Shape};
use super::quote::escape_xml;

/// The SVG document of a placed picture.
pub fn svg(picture: &Picture, placed: &Placed) -> String {
    let key = document_key(picture);
    let document = Document {
        key: &key,
        width: placed.width,
        height: placed.height,
        title: &picture.title,
        alt: &picture.alt_text(),
    };
    document.write(|out| write_all(out, picture, placed, &key))
}

fn write_all(out: &mut String, picture: &Picture, placed: &Placed, key: &str) {
    heading(out, &placed.title);
    group(out, "tiers", |out| {
        for (index, tier) in placed.tiers.iter().enumerate() {
            push(out, format_args!("<g id=\"{key}-t{index}\" class=\"cluster\">\n"));
            let (ground, border) = (palette::TIER_GROUND, palette::TIER_BORDER);
            let frame = format!("rx=\"6\" fill=\"{ground}\" stroke=\"{border}\"");
            rect(out, &tier.rect, &frame);
            tier.lines.iter().for_each(|line| text(out, line, palette::INK));
            out.push_str("</g>\n");
        }
    });
    group(out, "edges", |out| {
        for (place, edge) in placed.edges.iter().enumerate() {
            draw_edge(out, picture, edge, &format!("{key}-e{place}"));
        }
    });
    group(out, "nodes", |out| {
        for (place, node) in placed.nodes.iter().enumerate() {
            draw_node(out, &picture.nodes[node.index], node, &format!("{key}-n{place}"));
        }
    });
    group(out, "labels", |out| {
        for edge in &placed.edges {
            let colour = palette::label(picture.edges[edge.index].flow);
            if let Some(label) = &edge.label {
                // A plate of paper under the text, so that the line does not run through it.
                let plate = format!("rx=\"2\" fill=\"{}\"", palette::PAPER);
                rect(out, &label.rect.grown(-0.6), &plate);
                label.lines.iter().for_each(|line| text(out, line, colour));
            }
        }
    });
    if let Some(placed) = &placed.legend {
        legend(out, placed, |out, entry| sample(out, entry.sample, &entry.rect));
    }
    caption(out, &placed.caption);
}

fn document_key(picture: &Picture) -> String {
    let caption = picture.caption.iter().map(String::as_str);
    let nodes = picture.nodes.iter().map(|node| node.id.as_str());
    super::paint::key([picture.title.as_str()].into_iter().chain(caption).chain(nodes))
}

fn draw_edge(out: &mut String, picture: &Picture, placed: &PlacedEdge, id: &str) {
    let edge = &picture.edges[placed.index];
    let (flow, line) = (flow_class(edge.flow), palette::dot_line(edge.line));
    let back = if placed.backward { " backward" } else { "" };
    // which nodes it ties, for pages that light up what the pointer is on
    let node = |id: &str| picture.nodes.iter().position(|node| node.id == id).unwrap_or_default();
    let (from, to) = (node(&edge.from), node(&edge.to));
    push(
        out,
        format_args!(
            "<g id=\"{id}\" class=\"edge {flow} {line}{back}\" data-from=\"{from}\" data-to=\"{to}\">\n"
        ),
    );
    push(out, format_args!("<title>{}</title>\n", escape_xml(&edge_tooltip(picture, edge))));
    let backward = placed.backward && picture.layout == Layout::Tiers;
    stroke(out, &path(&placed.curve), edge.flow, edge.line, edge.width(), backward);
    draw_head(out, edge.flow, placed.curve.end(), placed.tip, edge.width());
    out.push_str("</g>\n");
}

/// Who, to whom, the label (even when it found no room) and the note.
fn edge_tooltip(picture: &Picture, edge: &Edge) -> String {
    let name =
        |id: &str| picture.nodes.iter().find(|node| node.id == id).map_or("", |node| node.label.as_str());
    let mut lines = vec![format!("{} → {}", name(&edge.from), name(&edge.to))];
    lines.extend([edge.label.as_str()].into_iter().filter(|label| !label.is_empty()).map(String::from));
    lines.extend(edge.tooltip.clone());
    lines.join("\n")
}

fn flow_class(flow: Flow) -> &'static str {
    match flow {
        Flow::Supply => "supply",
        Flow::Capital => "capital",
        Flow::Compute => "compute",
        Flow::Ownership => "ownership",
        Flow::Power => "power",
        Flow::Loss => "loss",
        Flow::Neutral => "neutral",
    }
}

fn stroke(out: &mut String, d: &str, flow: Flow, line: Line, width: f64, backward: bool) {
    let dashes = match (backward, palette::dashes(line, width)) {
        (false, None) => String::new(),
        (false, Some([on, off])) => format!(" stroke-dasharray=\"{} {}\"", num(on), num(off)),
        (true, None) => format!(" stroke-dasharray=\"{} {}\"", num(10.0 + width), num(2.5 + width * 0.5)),
        (true, Some([on, off])) => {
            let (long, off) = (num(10.0 + width), num(off));
            format!(" stroke-dasharray=\"{long} {off} {} {off}\"", num(on))
        }
    };
    let colour = palette::stroke(flow);
    push(
        out,
        format_args!(
            "<path d=\"{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{}\"{dashes}/>\n",
            num(width)
        ),
    );
}

fn draw_head(out: &mut String, flow: Flow, back: Point, tip: Point, width: f64) {
    let colour = palette::stroke(flow);
    let along = back.towards(tip);
    let across = Point::new(-along.y, along.x);
    let length = back.distance(tip);
    let half = 1.9 + 0.8 * width;
    let filled = |points: &[Point]| {
        let points: Vec<String> = points.iter().map(|p| format!("{},{}", num(p.x), num(p.y))).collect();
        format!("<polygon points=\"{}\" fill=\"{colour}\"/>\n", points.join(" "))
    };
    let bar = |a: Point, b: Point, width: f64| {
        let (from, to) = (xy(a), xy(b));
        let width = num(width);
        format!("<path d=\"M{from} L{to}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"/>\n")
    };
    let wings = [back.along(across, half), back.along(across, -half)];
    match palette::head(flow) {
        Head::Triangle => out.push_str(&filled(&[tip, wings[0], wings[1]])),
        Head::OpenTriangle => {
            let (inner, paper) = (tip.along(along, -0.9), palette::PAPER);
            push(
                out,
                format_args!(
                    "<path d=\"M{} L{} L{} Z\" fill=\"{paper}\" stroke=\"{colour}\" stroke-width=\"1.1\"/>\n",
                    xy(inner),
                    xy(wings[0]),
                    xy(wings[1])
                ),
            );
        }
        Head::Vee => {
            let swept = |wing: Point| wing.along(along, -length * 0.4);
            out.push_str(&filled(&[tip, swept(wings[0]), back, swept(wings[1])]));
        }
        Head::Diamond => {
            let middle = back.along(along, length / 2.0);
            let (a, b) = (middle.along(across, half * 0.85), middle.along(across, -half * 0.85));
            out.push_str(&filled(&[tip, a, back, b]));
        }
        Head::Dot => {
            let centre = back.along(along, length / 2.0);
            push(
                out,
                format_args!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"{}\" fill=\"{colour}\"/>\n",
                    num(centre.x),
                    num(centre.y),
                    num(length / 2.0)
                ),
            );
        }
        Head::Bar => {
            out.push_str(&bar(back, tip, width));
            let foot = tip.along(along, -1.6);
            out.push_str(&bar(foot.along(across, half * 1.15), foot.along(across, -half * 1.15), 2.2));
        }
        Head::Open => {
            out.push_str(&bar(back, tip, width));
            out.push_str(&bar(wings[0], tip, 1.2));
            out.push_str(&bar(wings[1], tip, 1.2));
        }
    }
}

fn draw_node(out: &mut String, node: &Node, placed: &PlacedNode, id: &str) {
    let mut class = String::from("node");
    match node.fill {
        Fill::Neutral => {}
        Fill::Kind(kind) | Fill::Hue(kind) => push(&mut class, format_args!(" kind-{kind}")),
        Fill::Heat(bin) => push(&mut class, format_args!(" heat-{bin}")),
        Fill::Focus => class.push_str(" focus"),
        Fill::Group => class.push_str(" group"),
    }
    push(out, format_args!("<g id=\"{id}\" class=\"{class}\" data-node=\"{}\">\n", placed.index));
    let mut tooltip = vec![node.label.clone()];
    tooltip.extend(node.detail.iter().cloned());
    tooltip.extend(node.tooltip.clone());
    push(out, format_args!("<title>{}</title>\n", escape_xml(&tooltip.join("\n"))));
    if let Some(url) = &node.url {
        push(out, format_args!("<a href=\"{}\">\n", escape_xml(url)));
    }
    outline(out, node.shape, &placed.rect, node.fill, node.thick, node.dashed);
    placed.lines.iter().for_each(|line| text(out, line, palette::text_on(node.fill)));
    if let Some(mark) = palette::mark(node.fill) {
        let at = Point::new(placed.rect.x + mark_inset(node.shape, &placed.rect), placed.rect.y - 2.0);
        chart::glyph(out, mark, at, palette::INK);
    }
    if node.url.is_some() {
        out.push_str("</a>\n");
    }
    out.push_str("</g>\n");
}

/// How far from its left edge the upper border of a node has its mark.
fn mark_inset(shape: Shape, r: &Rect) -> f64 {
    match shape {
        Shape::Box | Shape::Rounded => MARK_INSET,
        Shape::Octagon => octagon_cut(r).max(MARK_INSET),
        Shape::Hexagon => HEXAGON_POINT.max(MARK_INSET),
        // the top of a curve
        Shape::Ellipse | Shape::Cylinder => r.width / 2.0,
    }
}

/// Beyond the round of the corner.
const MARK_INSET: f64 = 6.5;

fn outline(out: &mut String, shape: Shape, r: &Rect, fill: Fill, thick: bool, dashed: bool) {
    let width = if thick { 2.6 } else { 1.0 };
    let dashes = if dashed { " stroke-dasharray=\"4 2.5\"" } else { "" };
    let style = format!(
        "fill=\"{}\" stroke=\"{}\" stroke-width=\"{}\"{dashes}",
        palette::ground(fill),
        palette::INK,
        num(width)
    );
    let polygon = |points: &[(f64, f64)]| {
        let points: Vec<String> = points.iter().map(|&(x, y)| format!("{},{}", num(x), num(y))).collect();
        format!("<polygon points=\"{}\" {style}/>\n", points.join(" "))
    };
    let (left, right, top, bottom) = (r.x, r.right(), r.y, r.bottom());
    let middle = r.centre();
    match shape {
        Shape::Box => rect(out, r, &style),
        Shape::Rounded => rect(out, r, &format!("rx=\"5\" {style}")),
        Shape::Octagon => {
            let cut = octagon_cut(r);
            out.push_str(&polygon(&[
                (left + cut, top),
                (right - cut, top),
                (right, top + cut),
                (right, bottom - cut),
                (right - cut, bottom),
                (left + cut, bottom),
                (left, bottom - cut),
                (left, top + cut),
            ]));
        }
        Shape::Hexagon => out.push_str(&polygon(&[
            (left + HEXAGON_POINT, top),
            (right - HEXAGON_POINT, top),
            (right, middle.y),
            (right - HEXAGON_POINT, bottom),
            (left + HEXAGON_POINT, bottom),
            (left, middle.y),
        ])),
        Shape::Ellipse => push(
            out,
            format_args!(
                "<ellipse cx=\"{}\" cy=\"{}\" rx=\"{}\" ry=\"{}\" {style}/>\n",
                num(middle.x),
                num(middle.y),
                num(r.width / 2.0),
                num(r.height / 2.0)
            ),
        ),
        Shape::Cylinder => {
            let (rx, ry) = (num(r.width / 2.0), num(CYLINDER_LID));
            let (x0, x1) = (num(left), num(right));
            let (y0, y1) = (num(top + CYLINDER_LID), num(bottom - CYLINDER_LID));
            push(
                out,
                format_args!(
                    "<path d=\"M{x0} {y0} A{rx} {ry} 0 0 1 {x1} {y0} L{x1} {y1} A{rx} {ry} 0 0 1 {x0} {y1} Z\" \
                     {style}/>\n<path d=\"M{x0} {y0} A{rx} {ry} 0 0 0 {x1} {y0}\" {style}/>\n"
                ),
            );
        }
    }
}

/// A sample of the legend.
pub(super) fn sample(out: &mut String, sample: Sample, rect: &Rect) {
    let (flow, line, weight, backward) = match sample {
        Sample::Mark(Mark::Note) => return,
        Sample::Mark(Mark::Node { shape, fill, thick, dashed }) => {
            outline(out, shape, &rect.grown(-1.0), fill, thick, dashed);
            if let Some(mark) = palette::mark(fill) {
                chart::glyph(out, mark, rect.centre(), palette::INK);
            }
            return;
        }
        Sample::Mark(Mark::Edge { flow, line, weight }) => (flow, line, weight, false),
        Sample::Swatch(swatch) => return chart::swatch(out, swatch, rect),
        Sample::Backward => (Flow::Neutral, Line::Solid, 0.1, true),
    };
    let width = 1.0 + 4.0 * weight.clamp(0.0, 1.0);
    let middle = rect.centre().y;
    let tip = Point::new(rect.right(), middle);
    let mut curve = Curve::from(Point::new(rect.x, middle));
    curve.line_to(Point::new(tip.x - head_length(width), middle));
    stroke(out, &path(&curve), flow, line, width, backward);
    draw_head(out, flow, curve.end(), tip, width);
}

fn path(curve: &Curve) -> String {
    let mut d = format!("M{}", xy(curve.start));
    for segment in &curve.segments {
        push(&mut d, format_args!(" C{} {} {}", xy(segment.c1), xy(segment.c2), xy(segment.end)));
    }
    d
}
