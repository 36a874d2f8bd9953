//! The room of a chart on axes: how much the names take, where the plot is, and where names go.
//!
//! All places are relative to the upper left corner of the chart's inside.

use super::labels::{self, PlacedPoint, REACH};
use super::model::{Axes, Axis, Category, Mark, On, Scale, Zone};
use super::scale::{Ruler, Tick, ticks_of};
use crate::diagram::layout::TextLine;
use crate::diagram::layout::geometry::{Point, Rect};
use crate::diagram::text::{self, LEADING, SIZE, Weight};
use crate::order::Arrange;

/// The gap between a name and what it names.
const GAP: f64 = 6.0;
/// The widest that names on an axis, and names at the ends of lines, grow before they wrap.
const NAME: f64 = 200.0;
const END_NAME: f64 = 118.0;
/// The widest that a line grows which does not wrap: text beside a bar, the name of a reference line.
const LINE: f64 = 230.0;
/// The least height of a row.
const ROW: f64 = 16.0;
/// The least height of a row of cells, or of bars with text inside.
const TEXT_ROW: f64 = 19.0;
/// The width of the strip for points without a value on the horizontal axis.
const SIDE_STRIP: f64 = 64.0;
/// The height of a line of the strip for points without a value on the vertical axis.
const STRIP_ROW: f64 = 13.5;
/// The room that one tick takes at least: numbers, and months.
const TICK_ROOM: (f64, f64) = (40.0, 58.0);

/// A chart on axes with its room shared out.
pub(super) struct Frame<'c> {
    pub axes: &'c Axes,
    pub height: f64,
    /// Where the marks are.
    pub plot: Rect,
    /// The strips for points without a value on the horizontal and on the vertical axis.
    pub strips: (Option<Rect>, Option<Rect>),
    pub x: Ruler,
    pub y: Ruler,
    pub x_ticks: Vec<Tick>,
    pub y_ticks: Vec<Tick>,
    /// Names and numbers along the axes, and their titles.
    pub names: Vec<TextLine>,
    /// The same in softer ink.
    pub details: Vec<TextLine>,
    /// Reference lines: both ends and the name.
    pub rules: Vec<(Point, Point, TextLine)>,
    pub zones: Vec<PlacedZone>,
    /// The points among the marks, by index.
    pub points: Vec<PlacedPoint>,
    /// The names at the ends of lines, by index of the mark.
    pub ends: Vec<(usize, Vec<TextLine>)>,
}

/// A zone with its place.
pub(super) struct PlacedZone {
    pub rect: Rect,
    pub shade: u8,
    pub label: Vec<TextLine>,
    pub detail: Vec<TextLine>,
}

pub(super) fn line(at: Point, text: impl Into<String>, weight: Weight) -> TextLine {
    TextLine { at, centred: false, text: text.into(), size: SIZE, weight }
}

pub(super) fn centred(at: Point, text: impl Into<String>) -> TextLine {
    TextLine { centred: true, ..line(at, text, Weight::Regular) }
}

fn width(text: &str) -> f64 {
    text::width(text, SIZE, Weight::Regular)
}

fn widest<'t>(texts: impl IntoIterator<Item = &'t String>) -> f64 {
    texts.into_iter().map(|text| width(text)).fold(0.0, f64::max)
}

/// The lines of a category: its name and its detail.
pub(super) struct Named {
    pub name: Vec<String>,
    pub detail: Vec<String>,
}

impl Named {
    pub fn new(category: &Category, room: f64) -> Self {
        let wrap = |text: &str| text::wrap(text, room, 2, SIZE, Weight::Regular);
        Self { name: wrap(&category.label), detail: wrap(&category.detail) }
    }

    pub fn lines(&self) -> usize {
        (self.name.len() + self.detail.len()).max(1)
    }

    pub fn width(&self) -> f64 {
        widest(self.name.iter().chain(&self.detail))
    }
}

/// Text cut to one line that a page holds.
pub(super) fn short(line: &str) -> String {
    text::wrap(line, LINE, 1, SIZE, Weight::Regular).into_iter().next().unwrap_or_default()
}

fn categories(axis: &Axis) -> Option<&[Category]> {
    match &axis.scale {
        Scale::Categories(names) => Some(names),
        _ => None,
    }
}

impl<'c> Frame<'c> {
    /// Shares out a chart of this width.
    pub fn new(axes: &'c Axes, inner: f64) -> Self {
        let rows: Option<Vec<Named>> =
            categories(&axes.y).map(|names| names.iter().map(|name| Named::new(name, NAME)).collect());
        // the number of ticks of the vertical axis hangs on its height, which hangs on its width: a guess is enough
        let guess = ticks_of(&axes.y.scale, 7);
        let strip =
            axes.y.gutter.as_deref().map_or(0.0, |name| text::longest_piece(name, SIZE, Weight::Regular));
        let left = match &rows {
            Some(rows) => rows.iter().map(Named::width).fold(0.0, f64::max),
            None => guess.iter().map(|tick| width(&tick.text)).fold(strip, f64::max),
        } + GAP;
        let side_strip = axes.x.gutter.as_ref().map(|_| SIDE_STRIP);
        let plot_left = left + side_strip.map_or(0.0, |strip| strip + GAP);
        let plot_width = plot_width(axes, inner - plot_left).max(60.0);
        let written = |mark: &Mark| match mark {
            Mark::Cell(_) => true,
            Mark::Bar(bar) => bar.segments.iter().any(|segment| !segment.labels.is_empty()),
            _ => false,
        };
        let least = if axes.marks.iter().any(written) { TEXT_ROW } else { ROW };
        let plot_height = match &rows {
            Some(rows) => {
                let lines = rows.iter().map(Named::lines).max().unwrap_or(1);
                rows.len() as f64 * (lines as f64 * LEADING + 4.0).max(least)
            }
            None if inner > 600.0 => plot_width * 0.42,
            None => plot_width * 0.68,
        };
        let tick_room = if matches!(axes.x.scale, Scale::Time { .. }) { TICK_ROOM.1 } else { TICK_ROOM.0 };
        let x = Ruler::new(&axes.x.scale, plot_left, plot_width, false);
        let mut frame = Frame {
            axes,
            height: 0.0,
            plot: Rect { x: plot_left, y: 0.0, width: plot_width, height: plot_height },
            strips: (None, None),
            y: Ruler::new(&axes.y.scale, 0.0, plot_height, rows.is_none()),
            x_ticks: ticks_of(&axes.x.scale, (plot_width / tick_room) as usize),
            y_ticks: ticks_of(&axes.y.scale, 7),
            x,
            names: Vec::new(),
            details: Vec::new(),
            rules: Vec::new(),
            zones: Vec::new(),
            points: Vec::new(),
            ends: Vec::new(),
        };
        let top = frame.head();
        frame.plot.y = top;
        frame.y.start = top;
        if side_strip.is_some() {
            let rect = Rect { x: left, y: top, width: SIDE_STRIP, height: plot_height };
            frame.strips.0 = Some(rect);
        }
        frame.level_rules();
        let spots = frame.spots();
        frame.zones = axes.zones.iter().map(|zone| frame.zone(zone, &spots)).collect();
        frame.strip_below();
        frame.foot();
        frame.side(rows.as_deref(), left - GAP);
        frame.ends = labels::ends(&frame, END_NAME);
        frame.points.extend(labels::points(&frame));
        frame.points.arrange_by_key(|point| point.mark);
        frame
    }

    /// How many points have a label without a place.
    pub fn unlabelled(&self) -> usize {
        let wanted = |point: &&PlacedPoint| match &self.axes.marks[point.mark] {
            Mark::Point(mark) => !mark.label.trim().is_empty(),
            _ => false,
        };
        self.points.iter().filter(|point| point.label.is_none()).filter(wanted).count()
    }

    /// Titles, names of columns and of upright lines above the plot; returns where the plot begins.
    fn head(&mut self) -> f64 {
        let mut y = 0.0;
        let mut titled = false;
        if !self.axes.y.title.is_empty() {
            self.names.push(line(Point::new(0.0, LEADING * 0.79), &self.axes.y.title, Weight::Bold));
            titled = true;
        }
        if let Some(columns) = categories(&self.axes.x) {
            if !self.axes.x.title.is_empty() {
                let at = Point::new(self.plot.x + self.plot.width / 2.0, LEADING * 0.79);
                self.names.push(TextLine { weight: Weight::Bold, ..centred(at, &self.axes.x.title) });
                titled = true;
            }
            y += if titled { LEADING + 3.0 } else { 0.0 };
            let room = self.plot.width / columns.len() as f64 - 4.0;
            let named: Vec<Named> = columns.iter().map(|column| Named::new(column, room)).collect();
            let most = named.iter().map(Named::lines).max().unwrap_or(0) as f64;
            for (at, name) in named.iter().enumerate() {
                let from = y + (most - name.lines() as f64) * LEADING;
                let x = self.x.place(at as f64);
                for (row, text) in name.name.iter().chain(&name.detail).enumerate() {
                    let place = Point::new(x, from + row as f64 * LEADING + LEADING * 0.79);
                    let into = if row < name.name.len() { &mut self.names } else { &mut self.details };
                    into.push(centred(place, text));
                }
            }
            return y + most * LEADING + 3.0;
        }
        y += if titled { LEADING + 7.0 } else { 2.0 };
        self.upright_rules(y)
    }

    /// Names of upright lines in steps above the plot, so that none runs through another's name.
    fn upright_rules(&mut self, top: f64) -> f64 {
        let mut lines: Vec<(f64, String)> = self
            .axes
            .lines
            .iter()
            .filter(|line| line.on == On::X)
            .map(|line| (self.x.place(line.at), short(&line.label)))
            .collect();
        lines.arrange(|a, b| b.0.total_cmp(&a.0));
        let mut placed: Vec<(f64, usize, f64, String)> = Vec::new();
        for (x, label) in lines {
            let length = width(&label);
            let limit = self.plot.right() + 40.0;
            let from = if x + 3.0 + length > limit { limit - length } else { x + 3.0 };
            // the row above all lines to the right that the name would meet
            let row = placed
                .iter()
                .filter(|(other, ..)| from + length + 3.0 > *other)
                .map(|(_, row, ..)| row + 1)
                .max()
                .unwrap_or(0);
            placed.push((x, row, from, label));
        }
        let rows = placed.iter().map(|(_, row, ..)| row + 1).max().unwrap_or(0);
        let plot_top = top + rows as f64 * LEADING + if rows > 0 { 2.0 } else { 0.0 };
        for (x, row, from, label) in placed {
            let baseline = plot_top - 3.5 - row as f64 * LEADING;
            let ends = (Point::new(x, baseline - 7.0), Point::new(x, plot_top + self.plot.height));
            self.rules.push((ends.0, ends.1, line(Point::new(from, baseline), label, Weight::Regular)));
        }
        plot_top
    }

    /// Names of level lines stand above their right ends.
    fn level_rules(&mut self) {
        for reference in self.axes.lines.iter().filter(|line| line.on == On::Y) {
            let (y, label) = (self.y.place(reference.at), short(&reference.label));
            let from = self.plot.right() - 4.0 - width(&label);
            let name = line(Point::new(from, y - 3.0), label, Weight::Regular);
            let ends = (Point::new(self.plot.x, y), Point::new(self.plot.right(), y));
            self.rules.push((ends.0, ends.1, name));
        }
    }

    /// What names of zones keep clear of: points and their intervals.
    fn spots(&self) -> Vec<Rect> {
        let spot = |mark: &Mark| {
            let Mark::Point(point) = mark else { return Vec::new() };
            let (Some(x), Some(y)) = (point.x, point.y) else { return Vec::new() };
            let (at, up) = (self.x.place(x.at), self.y.place(y.at));
            let span = |from: f64, to: f64, low: f64, high: f64| {
                Rect { x: from, y: high, width: to - from, height: low - high }.grown(REACH)
            };
            vec![
                span(self.x.place(x.low), self.x.place(x.high), up, up),
                span(at, at, self.y.place(y.low), self.y.place(y.high)),
            ]
        };
        self.axes.marks.iter().flat_map(spot).collect()
    }

    /// A zone; its name stands in the first corner that is free, or else in the upper left one.
    fn zone(&self, zone: &Zone, spots: &[Rect]) -> PlacedZone {
        let end =
            |ruler: &Ruler, value: Option<f64>, fallback: f64| value.map_or(fallback, |v| ruler.place(v));
        let (plot, x, y) = (&self.plot, &self.x, &self.y);
        let (left, right) = (end(x, zone.x.0, plot.x), end(x, zone.x.1, plot.right()));
        let (low, high) = (end(y, zone.y.0, plot.bottom()), end(y, zone.y.1, plot.y));
        let rect = Rect { x: left, y: high.min(low), width: right - left, height: (low - high).abs() };
        let room = (rect.width - 10.0).max(0.0);
        let wrap = |text: &str, weight| {
            if room < 24.0 { Vec::new() } else { text::wrap(text, room, 2, SIZE, weight) }
        };
        let (label, detail) = (wrap(&zone.label, Weight::Bold), wrap(&zone.detail, Weight::Regular));
        let bold = label.iter().map(|line| text::width(line, SIZE, Weight::Bold)).fold(0.0, f64::max);
        let size = (bold.max(widest(&detail)), (label.len() + detail.len()) as f64 * LEADING);
        let (east, south) = (rect.right() - 5.0 - size.0, rect.bottom() - 4.0 - size.1);
        let corners =
            [(rect.x + 5.0, rect.y + 4.0), (rect.x + 5.0, south), (east, rect.y + 4.0), (east, south)];
        let place = |(x, y): (f64, f64)| Rect { x, y, width: size.0, height: size.1 };
        let mut taken: Vec<Rect> = spots.to_vec();
        taken.extend(self.rules.iter().map(|(_, _, name)| labels::extent(name)));
        let free = |corner: &(f64, f64)| taken.iter().all(|spot| !spot.overlaps(&place(*corner)));
        let (from, top) = corners.into_iter().find(free).unwrap_or(corners[0]);
        let mut baseline = top + LEADING * 0.79;
        let mut lines = |all: Vec<String>, weight: Weight| -> Vec<TextLine> {
            let mut placed = Vec::new();
            for text in all {
                placed.push(line(Point::new(from, baseline), text, weight));
                baseline += LEADING;
            }
            placed
        };
        let (label, detail) = (lines(label, Weight::Bold), lines(detail, Weight::Regular));
        PlacedZone { rect, shade: zone.shade, label, detail }
    }

    /// The strip under the plot: points on their place of the horizontal axis, in as many lines as their names need.
    fn strip_below(&mut self) {
        let Some(name) = &self.axes.y.gutter else { return };
        let top = self.plot.bottom() + GAP;
        let mut waiting: Vec<(usize, f64, f64, f64)> = Vec::new();
        for (index, mark) in self.axes.marks.iter().enumerate() {
            let Mark::Point(point) = mark else { continue };
            if let (Some(x), None) = (point.x, point.y) {
                waiting.push((index, self.x.place(x.at), self.x.place(x.high), width(&short(&point.label))));
            }
        }
        waiting.arrange(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
        let mut rows: Vec<Vec<(f64, f64)>> = Vec::new();
        let mut placed = Vec::new();
        for (index, x, end, length) in waiting {
            // right of the interval, or left of the point
            let to_right = end + 9.0 + length <= self.plot.right() + 2.0;
            let span = if to_right { (x - 6.0, end + 12.0 + length) } else { (x - 12.0 - length, end + 6.0) };
            let free = |row: &Vec<(f64, f64)>| row.iter().all(|other| span.1 <= other.0 || span.0 >= other.1);
            let row = rows.iter().position(free).unwrap_or(rows.len());
            if row == rows.len() {
                rows.push(Vec::new());
            }
            rows[row].push(span);
            placed.push((index, x, row, if to_right { end + 8.0 } else { x - 8.0 - length }));
        }
        let named = text::wrap(name, self.plot.x - GAP, 3, SIZE, Weight::Regular);
        let height = (rows.len() as f64 * STRIP_ROW + 5.0).max(named.len() as f64 * LEADING + 4.0);
        for (index, x, row, from) in placed {
            let y = top + 2.5 + (row as f64 + 0.5) * STRIP_ROW;
            let label = match &self.axes.marks[index] {
                Mark::Point(point) if !point.label.is_empty() => {
                    vec![line(Point::new(from, y + 3.2), short(&point.label), Weight::Regular)]
                }
                _ => Vec::new(),
            };
            self.points.push(PlacedPoint {
                mark: index,
                at: Point::new(x, y),
                label: Some(label),
                leader: None,
            });
        }
        let middle = top + height / 2.0 - named.len() as f64 * LEADING / 2.0;
        for (row, text) in named.iter().enumerate() {
            let at =
                Point::new(self.plot.x - GAP - width(text), middle + row as f64 * LEADING + LEADING * 0.79);
            self.details.push(line(at, text, Weight::Regular));
        }
        self.strips.1 = Some(Rect { x: self.plot.x, y: top, width: self.plot.width, height });
    }

    /// Ticks and title of the horizontal axis.
    fn foot(&mut self) {
        let mut y = self.strips.1.map_or(self.plot.bottom(), |strip| strip.bottom());
        if categories(&self.axes.x).is_some() {
            self.height = y + 2.0;
            return;
        }
        y += 4.0 + LEADING * 0.79;
        for tick in &self.x_ticks {
            self.names.push(centred(Point::new(self.x.place(tick.at), y), &tick.text));
        }
        if let (Some(name), Some(strip)) = (&self.axes.x.gutter, self.strips.0) {
            let at = strip.centre().x;
            for (row, text) in text::wrap(name, strip.width, 2, SIZE, Weight::Regular).iter().enumerate() {
                self.details.push(centred(Point::new(at, y + row as f64 * LEADING), text));
            }
            y += LEADING;
        }
        if !self.axes.x.title.is_empty() {
            y += LEADING + 1.0;
            let length = text::width(&self.axes.x.title, SIZE, Weight::Bold);
            let from = self.plot.x + ((self.plot.width - length) / 2.0).max(0.0);
            self.names.push(line(Point::new(from, y), &self.axes.x.title, Weight::Bold));
        }
        self.height = y + LEADING * 0.3;
    }

    /// Names of rows, or ticks of the vertical axis.
    fn side(&mut self, rows: Option<&[Named]>, right: f64) {
        match rows {
            Some(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    let middle = self.y.place(at as f64);
                    let top = middle - row.lines() as f64 * LEADING / 2.0;
                    for (n, text) in row.name.iter().chain(&row.detail).enumerate() {
                        let baseline = top + n as f64 * LEADING + LEADING * 0.79;
                        let into = if n < row.name.len() { &mut self.names } else { &mut self.details };
                        into.push(line(Point::new(right - width(text), baseline), text, Weight::Regular));
                    }
                }
            }
            None => {
                for tick in &self.y_ticks {
                    let at = Point::new(right - width(&tick.text), self.y.place(tick.at) + 3.2);
                    self.names.push(line(at, &tick.text, Weight::Regular));
                }
            }
        }
    }
}

/// The width of the plot out of what is left for it: texts beside bars, names of lines and half of the last tick
/// need room to its right.
fn plot_width(axes: &Axes, room: f64) -> f64 {
    let high = match axes.x.scale {
        Scale::Quantity { high, .. } => high,
        _ => 1.0,
    };
    let least = if categories(&axes.x).is_some() { 2.0 } else { 16.0 };
    let of = |mark: &Mark| match mark {
        Mark::Bar(bar) if !bar.text.is_empty() => {
            let length = bar.from + bar.segments.iter().map(|segment| segment.length).sum::<f64>();
            let end = bar.whisker.map_or(length, |(_, end)| end.max(length)) / high;
            (room - width(&short(&bar.text)) - 9.0) / end.max(0.05)
        }
        Mark::Series(series) => {
            room - widest(&text::wrap(&series.name, END_NAME, 3, SIZE, Weight::Regular)) - 2.0 * GAP
        }
        _ => room,
    };
    axes.marks.iter().map(of).fold(room - least, f64::min)
}
