//! A chart on axes as SVG.

use super::frame::Frame;
use super::marks;
use super::model::Scale;
use super::swatch::straight;
use crate::diagram::layout::TextLine;
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::paint::{group, rect, text};
use crate::diagram::palette;

/// Grounds of zones, by shade.
const SHADES: [&str; 4] = ["#FFFFFF", "#F6F6F6", "#EDEDED", "#E3E3E3"];
pub(super) const GRID: &str = "#DDDDDD";

/// Moves what is placed relative to the inside of the chart to its place on the canvas.
#[derive(Clone, Copy)]
pub(super) struct Origin(pub Point);

impl Origin {
    pub fn point(self, at: Point) -> Point {
        Point::new(at.x + self.0.x, at.y + self.0.y)
    }

    pub fn rect(self, place: &Rect) -> Rect {
        place.moved(self.0.x, self.0.y)
    }

    pub fn text(self, out: &mut String, line: &TextLine, colour: &str) {
        text(out, &TextLine { at: self.point(line.at), ..line.clone() }, colour);
    }
}

/// Draws it with its inside at `corner`; ids begin with `key`.
pub(super) fn draw(out: &mut String, frame: &Frame<'_>, corner: Point, key: &str) {
    let origin = Origin(corner);
    group(out, "zones", |out| {
        for zone in &frame.zones {
            let ground = SHADES[usize::from(zone.shade).min(SHADES.len() - 1)];
            rect(out, &origin.rect(&zone.rect), &format!("fill=\"{ground}\""));
        }
        for strip in [frame.strips.0, frame.strips.1].iter().flatten() {
            let style = format!("fill=\"{}\" stroke=\"{}\"", palette::TIER_GROUND, palette::TIER_BORDER);
            rect(out, &origin.rect(strip), &style);
        }
    });
    group(out, "axes", |out| grid(out, frame, origin));
    group(out, "marks", |out| marks::draw(out, frame, origin, key));
    group(out, "references", |out| {
        for (from, to, name) in &frame.rules {
            let (from, to) = (origin.point(*from), origin.point(*to));
            straight(out, from, to, palette::INK, 1.1, " stroke-dasharray=\"5 3\"");
            origin.text(out, name, palette::INK);
        }
        for zone in &frame.zones {
            zone.label.iter().for_each(|line| origin.text(out, line, palette::INK));
            zone.detail.iter().for_each(|line| origin.text(out, line, palette::SOFT_INK));
        }
    });
    group(out, "labels", |out| marks::names(out, frame, origin));
}

/// Grid lines, the frame, and names along the axes.
fn grid(out: &mut String, frame: &Frame<'_>, origin: Origin) {
    let plot = &frame.plot;
    for tick in &frame.x_ticks {
        let x = frame.x.place(tick.at);
        let (from, to) = (Point::new(x, plot.y), Point::new(x, plot.bottom()));
        straight(out, origin.point(from), origin.point(to), GRID, 0.8, "");
    }
    for tick in &frame.y_ticks {
        let y = frame.y.place(tick.at);
        let (from, to) = (Point::new(plot.x, y), Point::new(plot.right(), y));
        straight(out, origin.point(from), origin.point(to), GRID, 0.8, "");
    }
    let border = palette::TIER_BORDER;
    match (&frame.axes.x.scale, &frame.axes.y.scale) {
        (Scale::Categories(_), Scale::Categories(_)) => {}
        // texts beside bars may stand beyond the plot: no frame, only the line where bars begin
        (_, Scale::Categories(_)) => {
            let (from, to) = (Point::new(plot.x, plot.y), Point::new(plot.x, plot.bottom()));
            straight(out, origin.point(from), origin.point(to), border, 0.8, "");
        }
        _ => {
            rect(out, &origin.rect(plot), &format!("fill=\"none\" stroke=\"{border}\" stroke-width=\"0.8\""))
        }
    }
    frame.names.iter().for_each(|line| origin.text(out, line, palette::INK));
    frame.details.iter().for_each(|line| origin.text(out, line, palette::SOFT_INK));
}
