//! A chart as data: what is to be drawn, not where.

pub use crate::diagram::picture::{Fill, Line};

/// One chart: marks on axes or flows between two sides, and the words around them.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The headline, drawn above the chart and used as the title of the SVG document.
    pub title: String,
    /// Lines under the chart: what was measured, as-of date, file hash, version.
    pub caption: Vec<String>,
    /// Alternative text for readers who cannot see the chart.
    pub alt: String,
    /// What the marks mean, in the order in which they are listed.
    pub legend: Vec<Key>,
    /// How wide it is.
    pub page: Page,
    /// What is drawn.
    pub plot: Plot,
}

/// How wide a chart is. Text is 9 pt either way and keeps that size on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Page {
    /// The width of an upright A4 page, less margins.
    Upright,
    /// The width of an A4 page across, less margins.
    Across,
}

/// The inside of a chart.
#[derive(Debug, Clone, PartialEq)]
pub enum Plot {
    /// Marks on two axes.
    Axes(Axes),
    /// Flows from left to right (Sankey).
    Flows(Flows),
    /// Small charts of the same axes side by side.
    Panels(Panels),
}

impl Page {
    /// The page on which this many rows keep their text large enough: few across, many upright.
    pub fn for_rows(rows: usize) -> Self {
        if rows <= 22 { Self::Across } else { Self::Upright }
    }
}

/// Two axes and what stands on them.
#[derive(Debug, Clone, PartialEq)]
pub struct Axes {
    /// The horizontal axis.
    pub x: Axis,
    /// The vertical axis; categories run from top to bottom.
    pub y: Axis,
    /// Named regions behind the marks: quadrants, bands between thresholds.
    pub zones: Vec<Zone>,
    /// Named lines across the plot: thresholds.
    pub lines: Vec<Reference>,
    /// The marks, drawn in this order.
    pub marks: Vec<Mark>,
}

/// An axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Axis {
    /// What it measures.
    pub title: String,
    /// Its values.
    pub scale: Scale,
    /// The name of a strip beside the plot for points whose value on this axis is not known.
    pub gutter: Option<String>,
}

impl Axis {
    /// An axis without a strip for unknown values.
    pub fn new(title: impl Into<String>, scale: Scale) -> Self {
        Self { title: title.into(), scale, gutter: None }
    }
}

/// The values of an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Scale {
    /// Numbers between two ends.
    Quantity {
        /// What the numbers are.
        unit: Unit,
        /// The least value.
        low: f64,
        /// The greatest value.
        high: f64,
    },
    /// Time in years: 2026.5 is the middle of 2026.
    Time {
        /// The first moment.
        low: f64,
        /// The last moment.
        high: f64,
    },
    /// Names; a mark's value is a position in the list.
    Categories(Vec<Category>),
}

/// One name on an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// The name.
    pub label: String,
    /// A second line in softer ink; may be empty.
    pub detail: String,
}

/// What numbers are, which decides how ticks read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A part of a whole, 0 to 1; ticks in percent.
    Share,
    /// US dollars; ticks in $m, $bn or $tn.
    Usd,
    /// Counts, indices and other plain numbers.
    Number,
}

/// A value and the interval that it lies in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate {
    /// The value that is marked.
    pub at: f64,
    /// The least that it may be.
    pub low: f64,
    /// The most that it may be.
    pub high: f64,
}

impl Estimate {
    /// A value without doubt.
    pub fn exact(at: f64) -> Self {
        Self { at, low: at, high: at }
    }

    /// Whether there is an interval to show.
    pub fn is_wide(&self) -> bool {
        self.high - self.low > 1e-12
    }
}

/// A named region; an end that is `None` is the end of the axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Zone {
    /// From and to on the horizontal axis.
    pub x: (Option<f64>, Option<f64>),
    /// From and to on the vertical axis.
    pub y: (Option<f64>, Option<f64>),
    /// Its name, printed in a corner that is free of points; may be empty.
    pub label: String,
    /// A line under the name; may be empty.
    pub detail: String,
    /// How dark its ground is, 0 (white) to 3.
    pub shade: u8,
}

/// A named line across the plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// The axis that the value is on.
    pub on: On,
    /// The value.
    pub at: f64,
    /// What it is, with its value.
    pub label: String,
}

/// One of the two axes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum On {
    /// The horizontal axis: an upright line.
    X,
    /// The vertical axis: a level line.
    Y,
}

/// A mark.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A point.
    Point(Point),
    /// A bar to the right, of one or more segments.
    Bar(Bar),
    /// A line through points.
    Series(Series),
    /// A cell of a matrix.
    Cell(Cell),
}

/// A point; a coordinate that is not known puts it into the strip of that axis.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// On the horizontal axis.
    pub x: Option<Estimate>,
    /// On the vertical axis.
    pub y: Option<Estimate>,
    /// Text beside it; may be empty.
    pub label: String,
    /// Labels of higher rank find room first.
    pub rank: f64,
    /// Its form.
    pub glyph: Glyph,
    /// Its colour.
    pub fill: Fill,
    /// Text shown when the pointer rests on it.
    pub tooltip: String,
}

/// The form of a point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Glyph {
    /// A filled circle.
    Disc,
    /// A square.
    Square,
    /// A square on its corner.
    Diamond,
    /// A triangle.
    Triangle,
    /// Two crossed strokes.
    Cross,
    /// A triangle on its tip.
    Down,
    /// A star of five points.
    Star,
}

impl Glyph {
    /// All forms, in the order in which series take them.
    pub const ALL: [Self; 7] =
        [Self::Disc, Self::Square, Self::Diamond, Self::Triangle, Self::Cross, Self::Down, Self::Star];

    /// The letter that looks most like it, for formats that have text only.
    pub fn letter(self) -> char {
        match self {
            Self::Disc => '●',
            Self::Square => '■',
            Self::Diamond => '◆',
            Self::Triangle => '▲',
            Self::Cross => '✖',
            Self::Down => '▼',
            Self::Star => '★',
        }
    }
}

/// A bar in a row of the vertical axis, to the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// The position of its category.
    pub row: usize,
    /// Where it begins; mostly at zero.
    pub from: f64,
    /// Its parts, from left to right.
    pub segments: Vec<Segment>,
    /// An interval drawn over it.
    pub whisker: Option<(f64, f64)>,
    /// Text to the right of it; may be empty.
    pub text: String,
    /// Text shown when the pointer rests on it.
    pub tooltip: String,
}

/// A part of a bar.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// How long it is, 0 or more, on the horizontal axis.
    pub length: f64,
    /// Its colour.
    pub fill: Fill,
    /// Whether it is hatched: not known, or assumed.
    pub hatched: bool,
    /// Texts for the inside, the longest first: the first that fits is printed.
    pub labels: Vec<String>,
    /// Text shown when the pointer rests on it.
    pub tooltip: String,
}

/// A line through points, with the band of their intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name, printed at its end.
    pub name: String,
    /// Its points, by ascending first coordinate; a value that is not known breaks the line.
    pub points: Vec<(f64, Option<Estimate>)>,
    /// Its colour and the form of its points, by position in their lists.
    pub style: u8,
    /// Its stroke.
    pub line: Line,
    /// What to say of each point, in their order.
    pub tooltips: Vec<String>,
    /// Whether intervals are drawn point by point, beside those of the other lines, and not as a band.
    pub whiskers: bool,
}

/// A cell of a matrix of categories.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The position of its row on the vertical axis.
    pub row: usize,
    /// The position of its column on the horizontal axis.
    pub column: usize,
    /// The bin of its colour, 0 (least) to 4 (most); `None` where nothing is known.
    pub bin: Option<u8>,
    /// The number in it.
    pub text: String,
    /// Text shown when the pointer rests on it.
    pub tooltip: String,
}

/// Flows from the stocks on the left to those on the right.
#[derive(Debug, Clone, PartialEq)]
pub struct Flows {
    /// A heading over the left side.
    pub from: String,
    /// A heading over the right side.
    pub to: String,
    /// Where flows come from, from top to bottom.
    pub left: Vec<Category>,
    /// Where they go, from top to bottom.
    pub right: Vec<Category>,
    /// The flows.
    pub ribbons: Vec<Ribbon>,
}

/// One flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Ribbon {
    /// Where it comes from, by position on the left.
    pub from: usize,
    /// Where it goes, by position on the right.
    pub to: usize,
    /// Its size, above 0: what its width is proportional to.
    pub amount: f64,
    /// Its colour.
    pub fill: Fill,
    /// The stroke of its border.
    pub line: Line,
    /// Text on it where it is wide enough; may be empty.
    pub label: String,
    /// Text shown when the pointer rests on it.
    pub tooltip: String,
}

/// Small charts side by side (small multiples).
#[derive(Debug, Clone, PartialEq)]
pub struct Panels {
    /// How many stand side by side, 1 or more.
    pub columns: usize,
    /// The horizontal axis of all.
    pub x: Axis,
    /// The vertical axes: one for all panels, or one for each column.
    pub y: Vec<Axis>,
    /// The panels, from left to right and then down.
    pub panels: Vec<Panel>,
}

/// One small chart.
#[derive(Debug, Clone, PartialEq)]
pub struct Panel {
    /// Its name; may be empty.
    pub title: String,
    /// Its lines.
    pub curves: Vec<Curve>,
}

/// A line of many points, which have no marks of their own.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    /// Text shown when the pointer rests on it.
    pub name: String,
    /// What is printed of it above its panel, behind a sample of it where there are several; may be empty.
    pub says: String,
    /// Its points, by ascending first coordinate; a value that is not known breaks the line.
    pub points: Vec<(f64, Option<Estimate>)>,
    /// Its colour and its dashes, by position in their lists, 0 to 5.
    pub style: u8,
    /// Whether the area under it is shaded, and that between its bounds is darker; without, bounds are not drawn.
    pub filled: bool,
    /// Points that are marked.
    pub events: Vec<Event>,
}

impl Curve {
    /// Its points in parts without gaps.
    pub fn parts(&self) -> Vec<Vec<(f64, Estimate)>> {
        let mut parts = vec![Vec::new()];
        for (x, y) in &self.points {
            match (y, parts.last_mut()) {
                (Some(y), Some(part)) => part.push((*x, *y)),
                _ => parts.push(Vec::new()),
            }
        }
        parts.retain(|part| !part.is_empty());
        parts
    }
}

/// A marked point of a curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// On the horizontal axis.
    pub x: f64,
    /// On the vertical axis.
    pub y: f64,
    /// Its form.
    pub glyph: Glyph,
    /// Text shown when the pointer rests on it.
    pub tooltip: String,
}

/// One line of the legend.
#[derive(Debug, Clone, PartialEq)]
pub struct Key {
    /// The sample drawn in front.
    pub swatch: Swatch,
    /// What it means.
    pub text: String,
}

impl Key {
    /// A legend line.
    pub fn new(swatch: Swatch, text: impl Into<String>) -> Self {
        Self { swatch, text: text.into() }
    }
}

/// A sample in the legend of a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Swatch {
    /// A point.
    Glyph {
        /// Its form.
        glyph: Glyph,
        /// Its colour.
        fill: Fill,
    },
    /// A bar, a segment or a cell.
    Block {
        /// Its colour.
        fill: Fill,
        /// Whether it is hatched.
        hatched: bool,
    },
    /// An interval.
    Whisker,
    /// A line with points.
    Series {
        /// Its colour and the form of its points.
        style: u8,
        /// Its stroke.
        line: Line,
    },
    /// A line of a panel.
    Curve(u8),
    /// The band of a line's intervals.
    Band,
    /// A reference line.
    Rule,
    /// A flow.
    Ribbon {
        /// Its colour.
        fill: Fill,
        /// The stroke of its border.
        line: Line,
    },
    /// No sample: a remark.
    Note,
}
