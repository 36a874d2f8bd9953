//! The marks of a chart on axes as SVG, each with a tooltip.

use super::axes::Origin;
use super::frame::{Frame, centred, short};
use super::labels::{crosses, extent};
use super::model::{Bar, Cell, Fill, Mark, Point as Dot, Series};
use super::swatch::{STROKE, block, dash, glyph, glyph_of, straight, whisker};
use crate::diagram::layout::TextLine;
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::paint::{num, push, rect, text, xy};
use crate::diagram::palette;
use crate::diagram::quote::escape_xml;
use crate::diagram::text::{self as type_size, SIZE, Weight};

/// How much of a row a bar takes.
const THICKNESS: f64 = 0.66;
/// Intervals of points stand back behind the points.
const SOFT: &str = "#767676";

/// All marks: bands and cells, then lines and bars, then points.
pub(super) fn draw(out: &mut String, frame: &Frame<'_>, origin: Origin, key: &str) {
    for mark in &frame.axes.marks {
        if let Mark::Series(series) = mark {
            band(out, frame, series, origin);
        }
    }
    for (index, mark) in frame.axes.marks.iter().enumerate() {
        let id = format!("{key}-m{index}");
        match mark {
            Mark::Bar(bar) => draw_bar(out, frame, bar, origin, &id),
            Mark::Cell(cell) => draw_cell(out, frame, cell, origin, &id),
            Mark::Series(series) => draw_series(out, frame, series, origin, &id),
            Mark::Point(_) => {}
        }
    }
    // intervals of all points first: none may hide a point
    for placed in &frame.points {
        if let Mark::Point(point) = &frame.axes.marks[placed.mark] {
            intervals(out, frame, point, origin, placed.at);
        }
    }
    for placed in &frame.points {
        if let Mark::Point(point) = &frame.axes.marks[placed.mark] {
            mark(out, &format!("{key}-m{}", placed.mark), "point", &point.tooltip, |out| {
                glyph(out, point.glyph, origin.point(placed.at), palette::ground(point.fill));
            });
        }
    }
}

/// The names of points and lines, over all marks.
pub(super) fn names(out: &mut String, frame: &Frame<'_>, origin: Origin) {
    for placed in &frame.points {
        if let Some((from, to)) = placed.leader {
            straight(out, origin.point(from), origin.point(to), SOFT, 0.7, "");
        }
        for line in placed.label.iter().flatten() {
            let room = extent(line);
            if frame.rules.iter().any(|(from, to, _)| crosses(*from, *to, &room)) {
                // so that the line does not run through it
                let plate = format!("rx=\"2\" fill=\"{}\" fill-opacity=\"0.9\"", palette::PAPER);
                rect(out, &origin.rect(&room), &plate);
            }
            origin.text(out, line, palette::INK);
        }
    }
    for (_, lines) in &frame.ends {
        lines.iter().for_each(|line| origin.text(out, line, palette::INK));
    }
}

/// One mark with its id, where it has one, and its tooltip.
pub(super) fn mark(out: &mut String, id: &str, class: &str, tooltip: &str, inside: impl FnOnce(&mut String)) {
    let id = if id.is_empty() { String::new() } else { format!("id=\"{id}\" ") };
    push(out, format_args!("<g {id}class=\"mark {class}\">\n"));
    if !tooltip.is_empty() {
        push(out, format_args!("<title>{}</title>\n", escape_xml(tooltip)));
    }
    inside(out);
    out.push_str("</g>\n");
}

fn intervals(out: &mut String, frame: &Frame<'_>, point: &Dot, origin: Origin, at: Point) {
    let place = |x: f64, y: f64| origin.point(Point::new(x, y));
    if let Some(x) = point.x.filter(|x| x.is_wide()) {
        let (from, to) = (place(frame.x.place(x.low), at.y), place(frame.x.place(x.high), at.y));
        whisker(out, from, to, SOFT);
    }
    if let Some(y) = point.y.filter(|y| y.is_wide()) {
        let (from, to) = (place(at.x, frame.y.place(y.high)), place(at.x, frame.y.place(y.low)));
        whisker(out, from, to, SOFT);
    }
}

fn draw_bar(out: &mut String, frame: &Frame<'_>, bar: &Bar, origin: Origin, id: &str) {
    let height = frame.y.extent(1.0) * THICKNESS;
    let middle = frame.y.place(bar.row as f64);
    mark(out, id, "bar", &bar.tooltip, |out| {
        let mut from = bar.from;
        for (at, segment) in bar.segments.iter().enumerate() {
            let (left, right) = (frame.x.place(from), frame.x.place(from + segment.length));
            from += segment.length;
            let place = Rect { x: left, y: middle - height / 2.0, width: right - left, height };
            mark(out, &format!("{id}-{at}"), "segment", &segment.tooltip, |out| {
                block(out, &origin.rect(&place), segment.fill, segment.hatched);
                let fits =
                    |label: &&String| type_size::width(label, SIZE, Weight::Regular) + 5.0 <= place.width;
                if let Some(label) = segment.labels.iter().find(fits) {
                    inside(out, label, &origin.rect(&place), segment.fill, segment.hatched);
                }
            });
        }
        let mut end = frame.x.place(from);
        if let Some((low, high)) = bar.whisker {
            let (from, to) =
                (Point::new(frame.x.place(low), middle), Point::new(frame.x.place(high), middle));
            whisker(out, origin.point(from), origin.point(to), palette::INK);
            end = end.max(to.x);
        }
        let words = short(&bar.text);
        if !words.is_empty() {
            let at = origin.point(Point::new(end + 7.0, middle + 3.2));
            // a plate of paper, so that grid lines do not run through the text
            let width = type_size::width(&words, SIZE, Weight::Regular) + 3.0;
            let plate = Rect { x: at.x - 1.5, y: at.y - 8.5, width, height: 11.0 };
            rect(out, &plate, &format!("fill=\"{}\"", palette::PAPER));
            let line = TextLine { at, centred: false, text: words, size: SIZE, weight: Weight::Regular };
            text(out, &line, palette::INK);
        }
    });
}

/// Text in the middle of a block; on hatching it has a plate.
fn inside(out: &mut String, label: &str, place: &Rect, fill: Fill, hatched: bool) {
    let centre = place.centre();
    if hatched {
        let width = type_size::width(label, SIZE, Weight::Regular) + 4.0;
        let plate = format!("rx=\"1.5\" fill=\"{}\"", palette::ground(fill));
        rect(out, &Rect::around(centre, width, 10.0), &plate);
    }
    text(out, &centred(Point::new(centre.x, centre.y + 3.2), label), palette::text_on(fill));
}

fn draw_cell(out: &mut String, frame: &Frame<'_>, cell: &Cell, origin: Origin, id: &str) {
    let (width, height) = (frame.x.extent(1.0), frame.y.extent(1.0));
    let centre = Point::new(frame.x.place(cell.column as f64), frame.y.place(cell.row as f64));
    let place = origin.rect(&Rect::around(centre, width - 1.5, height - 1.5));
    let fill = cell.bin.map_or(Fill::Group, Fill::Heat);
    mark(out, id, "cell", &cell.tooltip, |out| {
        block(out, &place, fill, cell.bin.is_none());
        inside(out, &cell.text, &place, fill, cell.bin.is_none());
    });
}

/// The distance between lines whose intervals stand side by side.
const DODGE: f64 = 6.0;

/// How far a line is moved aside, so that its intervals do not cover those of the others.
fn aside(frame: &Frame<'_>, series: &Series) -> f64 {
    let all: Vec<&Series> = frame
        .axes
        .marks
        .iter()
        .filter_map(|mark| match mark {
            Mark::Series(other) if other.whiskers => Some(other),
            _ => None,
        })
        .collect();
    let place = all.iter().position(|other| std::ptr::eq(*other, series));
    place.map_or(0.0, |at| (at as f64 - (all.len() as f64 - 1.0) / 2.0) * DODGE)
}

/// The points of a line in parts without gaps, as places of (low, at, high).
fn parts(frame: &Frame<'_>, series: &Series) -> Vec<Vec<(Point, f64, f64)>> {
    let aside = aside(frame, series);
    let mut parts = vec![Vec::new()];
    for (x, y) in &series.points {
        match y {
            Some(y) => {
                let at = Point::new(frame.x.place(*x) + aside, frame.y.place(y.at));
                if let Some(part) = parts.last_mut() {
                    part.push((at, frame.y.place(y.low), frame.y.place(y.high)));
                }
            }
            None => parts.push(Vec::new()),
        }
    }
    parts
}

/// The band of a line's intervals; a part of one point has a whisker instead.
fn band(out: &mut String, frame: &Frame<'_>, series: &Series, origin: Origin) {
    if series.whiskers {
        return;
    }
    for part in parts(frame, series) {
        if part.len() < 2 || part.iter().all(|(_, low, high)| (low - high).abs() < 0.05) {
            continue;
        }
        let upper = part.iter().map(|(at, _, high)| Point::new(at.x, *high));
        let lower = part.iter().rev().map(|(at, low, _)| Point::new(at.x, *low));
        let corners: Vec<String> = upper
            .chain(lower)
            .map(|corner| origin.point(corner))
            .map(|corner| format!("{},{}", num(corner.x), num(corner.y)))
            .collect();
        let (corners, colour) = (corners.join(" "), palette::series(series.style));
        push(
            out,
            format_args!(
                "<polygon class=\"band\" points=\"{corners}\" fill=\"{colour}\" fill-opacity=\"0.16\"/>\n"
            ),
        );
    }
}

fn draw_series(out: &mut String, frame: &Frame<'_>, series: &Series, origin: Origin, id: &str) {
    let colour = palette::series(series.style);
    mark(out, id, "series", &series.name, |out| {
        for part in parts(frame, series) {
            let d: Vec<String> = part.iter().map(|(at, ..)| xy(origin.point(*at))).collect();
            if d.len() > 1 {
                let (d, width, dashes) = (d.join(" L"), num(STROKE), dash(series.line, STROKE));
                push(
                    out,
                    format_args!(
                        "<path d=\"M{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{width}\"{dashes}/>\n"
                    ),
                );
            }
            for (at, low, high) in part.iter().filter(|_| series.whiskers || part.len() == 1) {
                if low - high > 1.0 {
                    let (from, to) = (Point::new(at.x, *low), Point::new(at.x, *high));
                    whisker(out, origin.point(from), origin.point(to), colour);
                }
            }
        }
        let aside = aside(frame, series);
        for (at, (x, y)) in series.points.iter().enumerate() {
            let Some(y) = y else { continue };
            let place = origin.point(Point::new(frame.x.place(*x) + aside, frame.y.place(y.at)));
            let tooltip = series.tooltips.get(at).map_or("", String::as_str);
            mark(out, &format!("{id}-{at}"), "point", tooltip, |out| {
                glyph(out, glyph_of(series.style), place, colour);
            });
        }
    });
}
