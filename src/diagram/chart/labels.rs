//! Where the names of points and of lines go.
//!
//! The highest rank chooses first. A name may cover no point, no other name and no name of a zone or line, and keeps
//! inside the plot; among the free places it takes the one nearest to its point that covers the fewest intervals. A name
//! that stands apart from its point has a thin line to it. A name without a free place is left out.

use super::frame::{Frame, line};
use super::model::{Estimate, Mark};
use crate::diagram::layout::TextLine;
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::text::{self, LEADING, SIZE, Weight};
use crate::order::Arrange;

/// Half of the room that the form of a point takes.
pub(super) const REACH: f64 = 5.0;
/// How far from the point names are tried.
const RINGS: [f64; 7] = [3.0, 8.0, 15.0, 24.0, 36.0, 50.0, 66.0];
/// Directions, the preferred first.
const WAYS: [(f64, f64); 12] = [
    (1.0, 0.0),
    (-1.0, 0.0),
    (0.0, -1.0),
    (0.0, 1.0),
    (0.8, -0.6),
    (0.8, 0.6),
    (-0.8, -0.6),
    (-0.8, 0.6),
    (0.5, -0.87),
    (0.5, 0.87),
    (-0.5, -0.87),
    (-0.5, 0.87),
];
/// The widest that a name grows before it wraps.
const NAME: f64 = 170.0;
/// Names farther than this from their point have a line to it.
const NEAR: f64 = 9.0;

/// A point with its place.
pub(super) struct PlacedPoint {
    /// Its index among the marks.
    pub mark: usize,
    pub at: Point,
    /// Its name: none where there was no room, without lines where it has none.
    pub label: Option<Vec<TextLine>>,
    /// The line from the name to the point.
    pub leader: Option<(Point, Point)>,
}

/// The points on the plot and in the strip at its side.
pub(super) fn points(frame: &Frame<'_>) -> Vec<PlacedPoint> {
    let middle = frame.strips.0.map_or(frame.plot.x, |strip| strip.centre().x);
    let mut placed: Vec<PlacedPoint> = Vec::new();
    let mut ranks: Vec<(f64, usize, &str)> = Vec::new();
    let mut lines: Vec<(Point, Point)> = Vec::new();
    for (mark, what) in frame.axes.marks.iter().enumerate() {
        let Mark::Point(point) = what else { continue };
        let Some(y) = point.y.or(Some(Estimate::exact(0.0)).filter(|_| point.x.is_none())) else { continue };
        let at = Point::new(point.x.map_or(middle, |x| frame.x.place(x.at)), frame.y.place(y.at));
        if let Some(x) = point.x.filter(Estimate::is_wide) {
            lines.push((Point::new(frame.x.place(x.low), at.y), Point::new(frame.x.place(x.high), at.y)));
        }
        if y.is_wide() {
            lines.push((Point::new(at.x, frame.y.place(y.high)), Point::new(at.x, frame.y.place(y.low))));
        }
        ranks.push((point.rank, placed.len(), point.label.as_str()));
        placed.push(PlacedPoint { mark, at, label: Some(Vec::new()), leader: None });
    }
    ranks.arrange(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let room = frame.strips.0.map_or(frame.plot, |strip| strip.union(&frame.plot)).grown(-1.0);
    let mut taken: Vec<Rect> =
        placed.iter().map(|point| Rect::around(point.at, 2.0 * REACH, 2.0 * REACH)).collect();
    taken.extend(names_of(frame).map(extent));
    lines.extend(frame.rules.iter().map(|(from, to, _)| (*from, *to)));
    for (_, at, label) in ranks.into_iter().filter(|(_, _, label)| !label.trim().is_empty()) {
        let wrapped = text::wrap(label, NAME, 2, SIZE, Weight::Regular);
        let found = best(placed[at].at, &wrapped, &room, &taken, &lines);
        placed[at].label = found.map(|(rect, leader)| {
            taken.push(rect);
            placed[at].leader = leader;
            let row = |(n, text): (usize, &String)| {
                let baseline = rect.y + n as f64 * LEADING + LEADING * 0.79;
                line(Point::new(rect.x + 1.5, baseline), text, Weight::Regular)
            };
            wrapped.iter().enumerate().map(row).collect()
        });
        if let Some(leader) = placed[at].leader {
            lines.push(leader);
        }
    }
    placed
}

/// Names of zones and of level lines.
fn names_of<'f>(frame: &'f Frame<'_>) -> impl Iterator<Item = &'f TextLine> {
    let zones = frame.zones.iter().flat_map(|zone| zone.label.iter().chain(&zone.detail));
    zones.chain(frame.rules.iter().map(|(_, _, name)| name))
}

/// The room of a line of text that begins at its place.
pub(super) fn extent(name: &TextLine) -> Rect {
    let width = text::width(&name.text, name.size, name.weight);
    Rect { x: name.at.x - 1.0, y: name.at.y - 8.0, width: width + 2.0, height: LEADING }
}

type Place = (Rect, Option<(Point, Point)>);

fn best(
    at: Point,
    wrapped: &[String],
    room: &Rect,
    taken: &[Rect],
    lines: &[(Point, Point)],
) -> Option<Place> {
    let widest = wrapped.iter().map(|line| text::width(line, SIZE, Weight::Regular)).fold(0.0, f64::max);
    let (width, height) = (widest + 3.0, wrapped.len() as f64 * LEADING);
    let mut best: Option<(f64, Place)> = None;
    for (ring, distance) in RINGS.into_iter().enumerate() {
        for (way, (dx, dy)) in WAYS.into_iter().enumerate() {
            let reach = REACH + distance;
            let side = |d: f64, half: f64| {
                if d > 0.3 {
                    half
                } else if d < -0.3 {
                    -half
                } else {
                    0.0
                }
            };
            let centre = Point::new(
                at.x + dx * reach + side(dx, width / 2.0),
                at.y + dy * reach + if dx.abs() > 0.9 { 0.0 } else { side(dy, height / 2.0) },
            );
            let mut rect = Rect::around(centre, width, height);
            if dx.abs() < 0.1 {
                // above or below, a name near a side moves in
                rect.x = rect.x.min(room.right() - width).max(room.x);
            }
            let inside = rect.x >= room.x
                && rect.right() <= room.right()
                && rect.y >= room.y
                && rect.bottom() <= room.bottom();
            if !inside || taken.iter().any(|other| other.overlaps(&rect)) {
                continue;
            }
            let near = Point::new(at.x.clamp(rect.x, rect.right()), at.y.clamp(rect.y, rect.bottom()));
            let leader =
                (at.distance(near) > NEAR).then_some((near, at.along(at.towards(near), REACH * 0.8)));
            let covers = |(from, to): &&(Point, Point)| crosses(*from, *to, &rect);
            let blocked = leader.is_some_and(|(from, to)| {
                taken.iter().filter(|other| !other.contains(at)).any(|other| crosses(from, to, other))
            });
            if blocked {
                continue;
            }
            let cost =
                ring as f64 * 2.0 + way as f64 * 0.05 + 2.6 * lines.iter().filter(covers).count() as f64;
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, (rect, leader)));
            }
        }
    }
    best.map(|(_, place)| place)
}

/// Whether a straight line runs through a rectangle (Liang and Barsky, 1984).
pub(super) fn crosses(from: Point, to: Point, rect: &Rect) -> bool {
    let (dx, dy) = (to.x - from.x, to.y - from.y);
    let (mut enter, mut leave) = (0.0f64, 1.0f64);
    let sides = [
        (-dx, from.x - rect.x),
        (dx, rect.right() - from.x),
        (-dy, from.y - rect.y),
        (dy, rect.bottom() - from.y),
    ];
    for (towards, room) in sides {
        if towards.abs() < 1e-12 {
            if room <= 0.0 {
                return false;
            }
        } else if towards < 0.0 {
            enter = enter.max(room / towards);
        } else {
            leave = leave.min(room / towards);
        }
    }
    enter < leave
}

/// The names of lines right of their last points, moved apart where they would meet.
pub(super) fn ends(frame: &Frame<'_>, room: f64) -> Vec<(usize, Vec<TextLine>)> {
    let mut ends: Vec<(f64, usize, Vec<String>)> = Vec::new();
    for (mark, what) in frame.axes.marks.iter().enumerate() {
        let Mark::Series(series) = what else { continue };
        let last = series.points.iter().rev().find_map(|(_, y)| *y);
        let Some(last) = last.filter(|_| !series.name.is_empty()) else { continue };
        let lines = text::wrap(&series.name, room, 3, SIZE, Weight::Regular);
        ends.push((frame.y.place(last.at), mark, lines));
    }
    ends.arrange(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let heights: Vec<f64> = ends.iter().map(|(_, _, lines)| lines.len() as f64 * LEADING + 2.0).collect();
    let tops = spread(
        &ends.iter().map(|end| end.0).collect::<Vec<_>>(),
        &heights,
        frame.plot.y,
        frame.plot.bottom(),
    );
    let x = frame.plot.right() + 8.0;
    let place = |((_, mark, lines), top): ((f64, usize, Vec<String>), f64)| {
        let row = |(n, text): (usize, &String)| {
            line(Point::new(x, top + n as f64 * LEADING + LEADING * 0.79), text, Weight::Regular)
        };
        (mark, lines.iter().enumerate().map(row).collect())
    };
    ends.into_iter().zip(tops).map(place).collect()
}

/// Tops of boxes whose centres want to be at these places (ascending), without overlap and within two ends where they
/// fit: pushed down from the top, then up from the bottom.
fn spread(centres: &[f64], heights: &[f64], top: f64, bottom: f64) -> Vec<f64> {
    let mut tops: Vec<f64> = Vec::with_capacity(centres.len());
    let mut floor = top;
    for (centre, height) in centres.iter().zip(heights) {
        let at = (centre - height / 2.0).max(floor);
        floor = at + height;
        tops.push(at);
    }
    let mut ceiling = bottom.max(top + heights.iter().sum::<f64>());
    for (at, height) in tops.iter_mut().zip(heights).rev() {
        *at = at.min(ceiling - height);
        ceiling = *at;
    }
    tops
}

#[cfg(test)]
mod tests {
    use super::super::model::{Axes, Axis, Fill, Glyph, Point as Dot, Scale, Unit};
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_through_a_corner_is_seen() {
        let rect = Rect { x: 0.0, y: 0.0, width: 10.0, height: 10.0 };
        assert!(crosses(Point::new(-1.0, 5.0), Point::new(5.0, -1.0 + 4.0), &rect));
        assert!(!crosses(Point::new(-1.0, 0.5), Point::new(0.5, -1.0), &rect));
        assert!(crosses(Point::new(5.0, -5.0), Point::new(5.0, 15.0), &rect));
        assert!(!crosses(Point::new(15.0, -5.0), Point::new(15.0, 15.0), &rect));
    }

    fn cloud(points: &[(f64, f64)]) -> Axes {
        let share = || Scale::Quantity { unit: Unit::Share, low: 0.0, high: 1.0 };
        let mark = |(at, (x, y)): (usize, &(f64, f64))| {
            Mark::Point(Dot {
                x: Some(Estimate::exact(*x)),
                y: Some(Estimate::exact(*y)),
                label: format!("Customer {at} → Provider"),
                rank: 0.0,
                glyph: Glyph::Disc,
                fill: Fill::Neutral,
                tooltip: String::new(),
            })
        };
        Axes {
            x: Axis::new("x", share()),
            y: Axis::new("y", share()),
            zones: Vec::new(),
            lines: Vec::new(),
            marks: points.iter().enumerate().map(mark).collect(),
        }
    }

    #[test]
    fn a_lonely_point_has_its_name_beside_it() {
        let axes = cloud(&[(0.5, 0.5)]);
        let frame = Frame::new(&axes, 500.0);
        let point = &frame.points[0];
        let name = point.label.as_ref().and_then(|lines| lines.first()).expect("a name");
        assert!(name.at.x > point.at.x && name.at.x < point.at.x + 15.0 && point.leader.is_none());
    }

    proptest! {
        #[test]
        fn names_meet_neither_points_nor_names(points in prop::collection::vec((0f64..=1.0, 0f64..=1.0), 0..30)) {
            let axes = cloud(&points);
            let frame = Frame::new(&axes, 700.0);
            let mut taken: Vec<Rect> = Vec::new();
            for point in &frame.points {
                let spot = Rect::around(point.at, 2.0 * REACH - 0.2, 2.0 * REACH - 0.2);
                for other in &frame.points {
                    let names = other.label.iter().flatten().map(extent);
                    // the measured extent is a point wider than the text on both sides
                    prop_assert!(names.into_iter().all(|name| !name.grown(-1.5).overlaps(&spot)));
                }
                for name in point.label.iter().flatten().map(extent) {
                    let name = name.grown(-1.5);
                    prop_assert!(taken.iter().all(|other| !other.overlaps(&name)));
                    prop_assert!(name.x >= frame.plot.x && name.right() <= frame.plot.right());
                    prop_assert!(name.y >= frame.plot.y && name.bottom() <= frame.plot.bottom());
                    taken.push(name);
                }
            }
        }

        #[test]
        fn spread_boxes_do_not_meet(mut centres in prop::collection::vec(0f64..100.0, 0..9), height in 1f64..11.0) {
            centres.sort_by(f64::total_cmp);
            let heights = vec![height; centres.len()];
            let tops = spread(&centres, &heights, 0.0, 100.0);
            prop_assert!(tops.windows(2).all(|pair| pair[1] >= pair[0] + height - 1e-9));
            prop_assert!(tops.iter().all(|top| *top >= -1e-9 && top + height <= 100.0 + 1e-9));
        }
    }
}
