//! Small charts side by side: the room of each, and their SVG.
//!
//! All panels of a column have the same axes, so that the eye may compare them; ticks stand left of the first column, or
//! of each where columns measure different things, and under the last panel of each column.

use super::axes::{GRID, Origin};
use super::frame::{centred, line};
use super::marks::mark;
use super::model::{Curve, Estimate, Panel, Panels};
use super::scale::{Ruler, Tick, ticks_of};
use super::swatch::{curve_dash, glyph, straight};
use crate::diagram::layout::TextLine;
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::paint::{group, num, push, rect, xy};
use crate::diagram::palette;
use crate::diagram::text::{self, LEADING, SIZE, Weight};

/// The gap between numbers and their axis.
const GAP: f64 = 5.0;
/// The gap between panels.
const GUTTER: f64 = 18.0;
/// The least and the greatest height of a panel's plot, and the part of its width that it takes in between.
const HEIGHT: (f64, f64, f64) = (58.0, 96.0, 0.36);
/// The sample of a line before what is said of it.
const SAMPLE: f64 = 22.0;
/// The width of curves.
const STROKE: f64 = 1.5;

/// Panels with their places.
pub(super) struct Board<'c> {
    panels: &'c Panels,
    pub height: f64,
    places: Vec<Placed>,
    x_ticks: Vec<Tick>,
    y_ticks: Vec<Vec<Tick>>,
    names: Vec<TextLine>,
    details: Vec<TextLine>,
    samples: Vec<(Point, u8)>,
}

/// One panel's plot.
struct Placed {
    plot: Rect,
    x: Ruler,
    y: Ruler,
}

fn width(text: &str) -> f64 {
    text::width(text, SIZE, Weight::Regular)
}

impl<'c> Board<'c> {
    /// Shares out panels over this width.
    pub fn new(panels: &'c Panels, inner: f64) -> Self {
        let columns = panels.columns.max(1);
        let y_ticks: Vec<Vec<Tick>> = panels.y.iter().map(|axis| ticks_of(&axis.scale, 4)).collect();
        let room_of =
            |ticks: &Vec<Tick>| ticks.iter().map(|tick| width(&tick.text)).fold(0.0, f64::max) + GAP;
        let rooms: Vec<f64> = (0..columns)
            .map(|column| match (panels.y.len(), column) {
                (1, 1..) => 0.0,
                _ => y_ticks.get(column).map_or(0.0, room_of),
            })
            .collect();
        // half of the last tick stands out to the right
        let taken = rooms.iter().sum::<f64>() + GUTTER * (columns - 1) as f64 + 10.0;
        let each = ((inner - taken) / columns as f64).max(60.0);
        let mut lefts = Vec::with_capacity(columns);
        let mut x = 0.0;
        for room in &rooms {
            lefts.push(x + room);
            x += room + each + GUTTER;
        }
        let x_ticks = ticks_of(&panels.x.scale, ((each / 32.0) as usize).max(2));
        let mut board = Self {
            panels,
            height: 0.0,
            places: Vec::with_capacity(panels.panels.len()),
            x_ticks,
            y_ticks,
            names: Vec::new(),
            details: Vec::new(),
            samples: Vec::new(),
        };
        board.fill(&lefts, each);
        board
    }

    fn fill(&mut self, lefts: &[f64], each: f64) {
        let columns = lefts.len();
        let tall = (each * HEIGHT.2).clamp(HEIGHT.0, HEIGHT.1);
        let mut y = self.head(lefts, each);
        for (row, panels) in self.panels.panels.chunks(columns).enumerate() {
            // a row with one name is named as a whole
            let whole = lefts.last().copied().unwrap_or(0.0) + each - lefts.first().copied().unwrap_or(0.0);
            let one = panels.iter().skip(1).all(|panel| panel.title.is_empty());
            let room = if one { whole } else { each };
            let told: Vec<Told> = panels.iter().map(|panel| Told::new(panel, room, each)).collect();
            let (titles, says) =
                told.iter().fold((0, 0), |most, own| (most.0.max(own.title.len()), most.1.max(own.said())));
            for ((told, panel), left) in told.iter().zip(panels).zip(lefts) {
                self.tell(told, panel, Point::new(*left, y), titles);
            }
            y += (titles + says) as f64 * LEADING + 4.0;
            let mut ticked = false;
            for (column, left) in lefts.iter().enumerate().take(panels.len()) {
                let at = row * columns + column;
                let plot = Rect { x: *left, y, width: each, height: tall };
                let axis = self.panels.y.get(column).or(self.panels.y.first());
                let Some(axis) = axis else { continue };
                let (x, up) = (
                    Ruler::new(&self.panels.x.scale, *left, each, false),
                    Ruler::new(&axis.scale, y, tall, true),
                );
                if self.panels.y.len() > 1 || column == 0 {
                    for tick in self.y_ticks.get(column).into_iter().flatten() {
                        let at = Point::new(left - GAP - width(&tick.text), up.place(tick.at) + 3.2);
                        self.names.push(line(at, &tick.text, Weight::Regular));
                    }
                }
                if at + columns >= self.panels.panels.len() {
                    ticked = true;
                    for tick in &self.x_ticks {
                        let at = Point::new(x.place(tick.at), y + tall + 3.0 + LEADING * 0.79);
                        self.names.push(centred(at, &tick.text));
                    }
                }
                self.places.push(Placed { plot, x, y: up });
            }
            y += tall + if ticked { LEADING + 3.0 } else { 0.0 } + 9.0;
        }
        let title = &self.panels.x.title;
        if !title.is_empty() {
            let (from, to) =
                (lefts.first().copied().unwrap_or(0.0), lefts.last().copied().unwrap_or(0.0) + each);
            let length = text::width(title, SIZE, Weight::Bold);
            let at = Point::new(from + ((to - from - length) / 2.0).max(0.0), y - 6.0 + LEADING * 0.79);
            self.names.push(line(at, title, Weight::Bold));
            y += LEADING;
        }
        self.height = y - 3.0;
    }

    /// What the vertical axes measure: over the first column, or over each.
    fn head(&mut self, lefts: &[f64], each: f64) -> f64 {
        let mut most = 0;
        for (column, axis) in self.panels.y.iter().enumerate() {
            let from = if column == 0 { 0.0 } else { lefts.get(column).copied().unwrap_or(0.0) };
            let to = if self.panels.y.len() == 1 { lefts.last() } else { lefts.get(column) };
            let room = to.copied().unwrap_or(0.0) + each - from;
            let lines = text::wrap(&axis.title, room, 2, SIZE, Weight::Bold);
            most = most.max(lines.len());
            for (at, words) in lines.iter().enumerate() {
                let place = Point::new(from, at as f64 * LEADING + LEADING * 0.79);
                self.names.push(line(place, words, Weight::Bold));
            }
        }
        if most > 0 { most as f64 * LEADING + 5.0 } else { 0.0 }
    }

    /// What is printed above a panel, from this corner down: its title, and below those of its row what its lines say.
    fn tell(&mut self, told: &Told, panel: &Panel, corner: Point, titles: usize) {
        let first = corner.y + LEADING * 0.79;
        for (at, words) in told.title.iter().enumerate() {
            self.names.push(line(Point::new(corner.x, first + at as f64 * LEADING), words, Weight::Bold));
        }
        let mut y = first + titles as f64 * LEADING;
        for (lines, curve) in told.says.iter().zip(&panel.curves) {
            if told.sampled && !lines.is_empty() {
                self.samples.push((Point::new(corner.x, y - 3.0), curve.style));
            }
            for words in lines {
                let at = Point::new(corner.x + told.indent(), y);
                self.details.push(line(at, words, Weight::Regular));
                y += LEADING;
            }
        }
    }

    /// Draws it with its upper left corner at `corner`; ids begin with `key`.
    pub fn draw(&self, out: &mut String, corner: Point, key: &str) {
        let origin = Origin(corner);
        group(out, "axes", |out| {
            for (at, place) in self.places.iter().enumerate() {
                self.grid(out, origin, at, place);
            }
            self.names.iter().for_each(|line| origin.text(out, line, palette::INK));
            self.details.iter().for_each(|line| origin.text(out, line, palette::SOFT_INK));
            for (from, style) in &self.samples {
                let (from, to) =
                    (origin.point(*from), origin.point(Point::new(from.x + SAMPLE - 4.0, from.y)));
                straight(out, from, to, palette::series(*style), STROKE, &curve_dash(*style));
            }
        });
        group(out, "marks", |out| {
            for (at, (place, panel)) in self.places.iter().zip(&self.panels.panels).enumerate() {
                for (n, curve) in panel.curves.iter().enumerate() {
                    draw_curve(out, origin, place, curve, &format!("{key}-p{at}-{n}"));
                }
                // marks of events over all lines: none may hide one
                for curve in &panel.curves {
                    for event in &curve.events {
                        let spot = Point::new(place.x.place(event.x), place.y.place(event.y));
                        mark(out, "", "point", &event.tooltip, |out| {
                            glyph(out, event.glyph, origin.point(spot), palette::series(curve.style));
                        });
                    }
                }
            }
        });
    }

    fn grid(&self, out: &mut String, origin: Origin, at: usize, place: &Placed) {
        let plot = &place.plot;
        let ends = |from: Point, to: Point| (origin.point(from), origin.point(to));
        for tick in &self.x_ticks {
            let x = place.x.place(tick.at);
            let (from, to) = ends(Point::new(x, plot.y), Point::new(x, plot.bottom()));
            straight(out, from, to, GRID, 0.7, "");
        }
        let column = if self.y_ticks.len() > 1 { at % self.panels.columns.max(1) } else { 0 };
        for tick in self.y_ticks.get(column).into_iter().flatten() {
            let y = place.y.place(tick.at);
            let (from, to) = ends(Point::new(plot.x, y), Point::new(plot.right(), y));
            straight(out, from, to, GRID, 0.7, "");
        }
        let border = format!("fill=\"none\" stroke=\"{}\" stroke-width=\"0.7\"", palette::TIER_BORDER);
        rect(out, &origin.rect(plot), &border);
    }
}

/// The words above a panel, broken into lines.
struct Told {
    title: Vec<String>,
    says: Vec<Vec<String>>,
    /// Whether a sample of its line stands before each.
    sampled: bool,
}

impl Told {
    /// With room for its title, and for the panel.
    fn new(panel: &Panel, room: f64, each: f64) -> Self {
        let sampled = panel.curves.len() > 1;
        let indent = if sampled { SAMPLE } else { 0.0 };
        let wrap = |words: &str| text::wrap(words, each - indent, 2, SIZE, Weight::Regular);
        Self {
            title: text::wrap(&panel.title, room, 2, SIZE, Weight::Bold),
            says: panel.curves.iter().map(|curve| wrap(&curve.says)).collect(),
            sampled,
        }
    }

    fn indent(&self) -> f64 {
        if self.sampled { SAMPLE } else { 0.0 }
    }

    /// How many lines are said under the title.
    fn said(&self) -> usize {
        self.says.iter().map(Vec::len).sum()
    }
}

/// A line of daily values, without the points that lie on a level stretch.
fn draw_curve(out: &mut String, origin: Origin, place: &Placed, curve: &Curve, id: &str) {
    let colour = palette::series(curve.style);
    let spot = |x: f64, y: f64| origin.point(Point::new(place.x.place(x), place.y.place(y)));
    let path = |points: &[Point]| points.iter().map(|point| xy(*point)).collect::<Vec<_>>().join(" L");
    mark(out, id, "curve", &curve.name, |out| {
        for part in curve.parts() {
            let along = |value: fn(&Estimate) -> f64| -> Vec<Point> {
                without_level(&part.iter().map(|(x, y)| spot(*x, value(y))).collect::<Vec<_>>())
            };
            let kept = along(|y| y.at);
            let (Some(first), Some(last)) = (kept.first(), kept.last()) else { continue };
            let d = path(&kept);
            if curve.filled && part.iter().any(|(_, y)| y.is_wide()) {
                let (upper, mut lower) = (along(|y| y.high), along(|y| y.low));
                lower.reverse();
                let (upper, lower) = (path(&upper), path(&lower));
                push(
                    out,
                    format_args!(
                        "<path class=\"band\" d=\"M{upper} L{lower} Z\" fill=\"{colour}\" fill-opacity=\"0.3\"/>\n"
                    ),
                );
            }
            if curve.filled {
                let ground = origin.point(Point::new(0.0, place.plot.bottom())).y;
                let (left, right) = (num(first.x), num(last.x));
                push(
                    out,
                    format_args!(
                        "<path d=\"M{left},{0} L{d} L{right},{0} Z\" fill=\"{colour}\" fill-opacity=\"0.18\"/>\n",
                        num(ground)
                    ),
                );
            }
            let (dashes, stroke) = (curve_dash(curve.style), num(STROKE));
            push(
                out,
                format_args!(
                    "<path d=\"M{d}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"{stroke}\"{dashes}/>\n"
                ),
            );
        }
    });
}

/// Points whose neighbours stand at the same height say nothing.
fn without_level(points: &[Point]) -> Vec<Point> {
    let level = |a: &Point, b: &Point| (a.y - b.y).abs() < 0.02;
    let keeps =
        |at: usize| match (at.checked_sub(1).and_then(|before| points.get(before)), points.get(at + 1)) {
            (Some(before), Some(after)) => !(level(before, &points[at]) && level(&points[at], after)),
            _ => true,
        };
    (0..points.len()).filter(|at| keeps(*at)).map(|at| points[at]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_stretches_keep_their_ends() {
        let points: Vec<Point> = [5.0, 5.0, 5.0, 5.0, 2.0, 2.0, 3.0]
            .iter()
            .enumerate()
            .map(|(x, y)| Point::new(x as f64, *y))
            .collect();
        let kept: Vec<f64> = without_level(&points).iter().map(|point| point.x).collect();
        assert_eq!(kept, [0.0, 3.0, 4.0, 5.0, 6.0]);
        assert!(without_level(&[]).is_empty());
    }
}
