//! Forms, hatching and samples of the legend.

use super::model::{Fill, Glyph, Line, Swatch};
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::paint::{num, push, rect, xy};
use crate::diagram::palette;

/// The width of lines of series.
pub(super) const STROKE: f64 = 1.8;
/// The distance between hatch lines.
const HATCH: f64 = 5.0;

/// A point's form, about 8 pt across.
pub(in crate::diagram) fn glyph(out: &mut String, glyph: Glyph, at: Point, fill: &str) {
    let (x, y) = (at.x, at.y);
    let style = format!("fill=\"{fill}\" stroke=\"{}\" stroke-width=\"0.9\"", palette::INK);
    let polygon = |points: &[(f64, f64)]| {
        let points: Vec<String> =
            points.iter().map(|(dx, dy)| format!("{},{}", num(x + dx), num(y + dy))).collect();
        format!("<polygon points=\"{}\" {style}/>\n", points.join(" "))
    };
    match glyph {
        Glyph::Disc => {
            push(out, format_args!("<circle cx=\"{}\" cy=\"{}\" r=\"3.8\" {style}/>\n", num(x), num(y)));
        }
        Glyph::Square => rect(out, &Rect::around(at, 6.8, 6.8), &style),
        Glyph::Diamond => out.push_str(&polygon(&[(0.0, -4.9), (4.9, 0.0), (0.0, 4.9), (-4.9, 0.0)])),
        Glyph::Triangle => out.push_str(&polygon(&[(0.0, -4.8), (4.6, 3.5), (-4.6, 3.5)])),
        Glyph::Down => out.push_str(&polygon(&[(0.0, 4.8), (4.6, -3.5), (-4.6, -3.5)])),
        Glyph::Star => {
            // the inner corners of a regular five-pointed star lie at 0.382 of its radius
            let corner = |at: u8| {
                let radius = if at.is_multiple_of(2) { 5.2 } else { 5.2 * 0.382 };
                let angle = f64::from(at) * std::f64::consts::PI / 5.0;
                (radius * angle.sin(), -radius * angle.cos())
            };
            let points: Vec<(f64, f64)> = (0..10).map(corner).collect();
            out.push_str(&polygon(&points));
        }
        Glyph::Cross => {
            for (from, to, colour, width) in [
                ((-3.4, -3.4), (3.4, 3.4), palette::INK, 3.2),
                ((-3.4, 3.4), (3.4, -3.4), palette::INK, 3.2),
                ((-3.4, -3.4), (3.4, 3.4), fill, 1.8),
                ((-3.4, 3.4), (3.4, -3.4), fill, 1.8),
            ] {
                let ends = (Point::new(x + from.0, y + from.1), Point::new(x + to.0, y + to.1));
                straight(out, ends.0, ends.1, colour, width, "");
            }
        }
    }
}

/// A straight line; `more` holds further attributes.
pub(super) fn straight(out: &mut String, from: Point, to: Point, colour: &str, width: f64, more: &str) {
    let (from, to, width) = (xy(from), xy(to), num(width));
    push(
        out,
        format_args!(
            "<path d=\"M{from} L{to}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{more}/>\n"
        ),
    );
}

/// An interval from one place to another, level or upright, with bars at its ends.
pub(super) fn whisker(out: &mut String, from: Point, to: Point, colour: &str) {
    straight(out, from, to, colour, 1.1, "");
    let along = from.towards(to);
    let across = Point::new(-along.y, along.x);
    for end in [from, to] {
        straight(out, end.along(across, 3.0), end.along(across, -3.0), colour, 1.1, "");
    }
}

/// A filled rectangle with a dark border, hatched where it stands for what is not known.
pub(super) fn block(out: &mut String, place: &Rect, fill: Fill, hatched: bool) {
    let ground = palette::ground(fill);
    rect(out, place, &format!("fill=\"{ground}\""));
    if hatched {
        hatch(out, place);
    }
    rect(out, place, &format!("fill=\"none\" stroke=\"{}\" stroke-width=\"0.8\"", palette::INK));
}

/// Slanted lines over a rectangle, each cut at its borders: no pattern with an id is needed.
fn hatch(out: &mut String, place: &Rect) {
    let mut d = String::new();
    let (x, y, width, height) = (place.x, place.y, place.width, place.height);
    // lines x + y = offset, seen from the upper left corner
    let lines = ((width + height) / HATCH) as usize;
    for line in 1..=lines.min(400) {
        let offset = line as f64 * HATCH;
        let from = (offset.min(width), (offset - width).max(0.0));
        let to = ((offset - height).max(0.0), offset.min(height));
        let start = Point::new(x + from.0, y + from.1);
        let end = Point::new(x + to.0, y + to.1);
        push(&mut d, format_args!("M{} L{} ", xy(start), xy(end)));
    }
    if !d.is_empty() {
        let d = d.trim_end();
        push(out, format_args!("<path d=\"{d}\" fill=\"none\" stroke=\"#707070\" stroke-width=\"0.8\"/>\n"));
    }
}

/// The attribute that dashes a line of this width.
pub(super) fn dash(line: Line, width: f64) -> String {
    palette::dashes(line, width)
        .map(|[on, off]| format!(" stroke-dasharray=\"{} {}\"", num(on), num(off)))
        .unwrap_or_default()
}

/// The attribute that dashes a line of a panel: six patterns, so that lines differ without colour.
pub(super) fn curve_dash(style: u8) -> String {
    const PATTERNS: [&str; 6] = ["", "5 2.4", "1.5 2", "8 2 1.5 2", "2.6 1.4", "11 3"];
    match PATTERNS[usize::from(style) % PATTERNS.len()] {
        "" => String::new(),
        pattern => format!(" stroke-dasharray=\"{pattern}\""),
    }
}

/// The form of the points of a line.
pub(super) fn glyph_of(style: u8) -> Glyph {
    Glyph::ALL[usize::from(style) % Glyph::ALL.len()]
}

/// A sample of the legend.
pub(in crate::diagram) fn swatch(out: &mut String, swatch: Swatch, place: &Rect) {
    let middle = place.centre();
    let (left, right) = (Point::new(place.x, middle.y), Point::new(place.right(), middle.y));
    match swatch {
        Swatch::Glyph { glyph: form, fill } => glyph(out, form, middle, palette::ground(fill)),
        Swatch::Block { fill, hatched } => block(out, &place.grown(-1.0), fill, hatched),
        Swatch::Whisker => {
            whisker(out, Point::new(left.x + 2.0, left.y), Point::new(right.x - 2.0, right.y), palette::INK);
        }
        Swatch::Series { style, line } => {
            let colour = palette::series(style);
            straight(out, left, right, colour, STROKE, &dash(line, STROKE));
            glyph(out, glyph_of(style), middle, colour);
        }
        Swatch::Curve(style) => {
            straight(out, left, right, palette::series(style), STROKE, &curve_dash(style));
        }
        Swatch::Band => {
            rect(out, &place.grown(-1.0), "fill=\"#595959\" fill-opacity=\"0.22\"");
        }
        Swatch::Rule => straight(out, left, right, palette::INK, 1.1, " stroke-dasharray=\"5 3\""),
        Swatch::Ribbon { fill, line } => {
            let inside = place.grown(-1.0);
            let style = format!(
                "fill=\"{}\" fill-opacity=\"0.75\" stroke=\"{}\" stroke-width=\"0.9\"{}",
                palette::ground(fill),
                palette::INK,
                dash(line, 0.9)
            );
            rect(out, &inside, &style);
        }
        Swatch::Note => {}
    }
}
