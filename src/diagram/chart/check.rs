//! Whether a chart can be drawn: every problem, each with its place.

use std::fmt;

use super::model::{Axes, Axis, Chart, Estimate, Fill, Flows, Mark, On, Panels, Plot, Scale, Swatch};

/// The most marks, cells or flows of a chart; more cannot be read on any page.
pub const MAX_MARKS: usize = 3_000;
/// The most names on an axis, stocks on a side, or panels.
pub const MAX_CATEGORIES: usize = 200;
/// The most points of a line of a panel: ten years of days.
const MAX_POINTS: usize = 4_000;

/// Something in a [`Chart`] that keeps it from being drawn.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// An axis without values: its ends are not finite, or the upper one is not above the lower one, or it has no names.
    EmptyAxis(&'static str),
    /// A mark that needs another kind of axis.
    WrongAxis {
        /// The index of the mark.
        mark: usize,
        /// What it needs.
        needs: &'static str,
    },
    /// A number that is not finite, not between its bounds, or not on the axis.
    Value {
        /// The index of the mark, reference line or flow.
        index: usize,
        /// What is wrong with it.
        what: &'static str,
    },
    /// A row, column or stock that does not exist.
    Position {
        /// The index of the mark or flow.
        index: usize,
        /// The position that it asks for.
        position: usize,
        /// How many there are.
        count: usize,
    },
    /// A point without a value on an axis that has no strip for such points.
    NoGutter(usize),
    /// A heat bin above 4.
    HeatBin(u8),
    /// More than can be read.
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How many there are.
        count: usize,
        /// How many there may be.
        limit: usize,
    },
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::EmptyAxis(axis) => write!(f, "the {axis} axis has no values between its ends"),
            Self::WrongAxis { mark, needs } => write!(f, "mark {mark} needs {needs}"),
            Self::Value { index, what } => write!(f, "entry {index}: {what}"),
            Self::Position { index, position, count } => {
                write!(f, "entry {index} stands at position {position}, but there are {count}")
            }
            Self::NoGutter(mark) => {
                write!(f, "point {mark} has no value on an axis without a strip for unknown values")
            }
            Self::HeatBin(bin) => write!(f, "heat bin {bin} is above 4"),
            Self::TooMany { what, count, limit } => {
                write!(f, "{count} {what} are more than the {limit} that can be drawn")
            }
        }
    }
}

/// Every contradiction in a chart, in the order of its parts; empty when it can be drawn.
pub fn problems(chart: &Chart) -> Vec<Problem> {
    let mut found = Vec::new();
    match &chart.plot {
        Plot::Axes(axes) => axes_problems(axes, &mut found),
        Plot::Flows(flows) => flow_problems(flows, &mut found),
        Plot::Panels(panels) => panel_problems(panels, &mut found),
    }
    for item in &chart.legend {
        match item.swatch {
            Swatch::Glyph { fill, .. } | Swatch::Block { fill, .. } | Swatch::Ribbon { fill, .. } => {
                heat(fill, &mut found);
            }
            _ => {}
        }
    }
    found
}

fn axis_problems(axis: &Axis, name: &'static str, found: &mut Vec<Problem>) {
    match &axis.scale {
        Scale::Quantity { low, high, .. } | Scale::Time { low, high } => {
            if !(low.is_finite() && high.is_finite() && high > low) {
                found.push(Problem::EmptyAxis(name));
            }
        }
        Scale::Categories(names) if names.is_empty() => found.push(Problem::EmptyAxis(name)),
        Scale::Categories(names) => few("names on an axis", names.len(), MAX_CATEGORIES, found),
    }
}

fn panel_problems(panels: &Panels, found: &mut Vec<Problem>) {
    axis_problems(&panels.x, "horizontal", found);
    panels.y.iter().for_each(|axis| axis_problems(axis, "vertical", found));
    if panels.y.len() != 1 && panels.y.len() != panels.columns {
        found.push(Problem::Position { index: 0, position: panels.y.len(), count: panels.columns });
    }
    few("panels", panels.panels.len(), MAX_CATEGORIES, found);
    for (index, panel) in panels.panels.iter().enumerate() {
        let Some(y) = panels.y.get(index % panels.columns.max(1)).or(panels.y.first()) else { continue };
        for curve in &panel.curves {
            few("points of a line", curve.points.len(), MAX_POINTS, found);
            let known = curve.points.iter().filter_map(|(x, y)| Some((*x, (*y)?)));
            let events = curve.events.iter().map(|event| (event.x, Estimate::exact(event.y)));
            for (at, up) in known.chain(events) {
                on_axis(&panels.x, &Estimate::exact(at), index, found);
                on_axis(y, &up, index, found);
            }
            if curve.points.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
                found.push(Problem::Value { index, what: "the points of a line do not ascend" });
            }
        }
    }
}

fn axes_problems(axes: &Axes, found: &mut Vec<Problem>) {
    axis_problems(&axes.x, "horizontal", found);
    axis_problems(&axes.y, "vertical", found);
    few("marks", axes.marks.len(), MAX_MARKS, found);
    for (index, line) in axes.lines.iter().enumerate() {
        let axis = if line.on == On::X { &axes.x } else { &axes.y };
        on_axis(axis, &Estimate::exact(line.at), index, found);
    }
    for (index, mark) in axes.marks.iter().enumerate() {
        mark_problems(axes, index, mark, found);
    }
}

fn mark_problems(axes: &Axes, index: usize, mark: &Mark, found: &mut Vec<Problem>) {
    match mark {
        Mark::Point(point) => {
            heat(point.fill, found);
            for (axis, value) in [(&axes.x, point.x), (&axes.y, point.y)] {
                match value {
                    // a point may stand in the middle of a row or a column
                    Some(Estimate { at, low, high }) if is_place(axis, at) && low == at && high == at => {}
                    Some(value) => on_axis(axis, &value, index, found),
                    None if axis.gutter.is_none() => found.push(Problem::NoGutter(index)),
                    None => {}
                }
            }
        }
        Mark::Bar(bar) => {
            row(&axes.y, bar.row, index, "a vertical axis of names", found);
            let Scale::Quantity { low, .. } = axes.x.scale else {
                found.push(Problem::WrongAxis { mark: index, needs: "a horizontal axis of quantities" });
                return;
            };
            bar.segments.iter().for_each(|segment| heat(segment.fill, found));
            on_axis(&axes.x, &Estimate::exact(bar.from.max(low)), index, found);
            if bar.segments.iter().any(|segment| segment.length.is_nan() || segment.length < 0.0) {
                found.push(Problem::Value { index, what: "a segment has no length of 0 or more" });
            }
            let length: f64 = bar.segments.iter().map(|segment| segment.length).sum();
            on_axis(&axes.x, &Estimate::exact((bar.from + length).max(low)), index, found);
            if let Some((low, high)) = bar.whisker {
                on_axis(&axes.x, &Estimate { at: low, low, high }, index, found);
            }
        }
        Mark::Series(series) => {
            for (x, y) in &series.points {
                on_axis(&axes.x, &Estimate::exact(*x), index, found);
                y.iter().for_each(|y| on_axis(&axes.y, y, index, found));
            }
            if series.points.windows(2).any(|pair| pair[1].0 <= pair[0].0) {
                found.push(Problem::Value { index, what: "the points of a line do not ascend" });
            }
        }
        Mark::Cell(cell) => {
            row(&axes.y, cell.row, index, "a vertical axis of names", found);
            row(&axes.x, cell.column, index, "a horizontal axis of names", found);
            cell.bin.iter().for_each(|bin| heat(Fill::Heat(*bin), found));
        }
    }
}

fn flow_problems(flows: &Flows, found: &mut Vec<Problem>) {
    if flows.ribbons.is_empty() {
        found.push(Problem::EmptyAxis("flow"));
    }
    few("flows", flows.ribbons.len(), MAX_MARKS, found);
    for side in [&flows.left, &flows.right] {
        few("stocks on a side", side.len(), MAX_CATEGORIES, found);
    }
    for (index, ribbon) in flows.ribbons.iter().enumerate() {
        for (position, count) in [(ribbon.from, flows.left.len()), (ribbon.to, flows.right.len())] {
            if position >= count {
                found.push(Problem::Position { index, position, count });
            }
        }
        if !(ribbon.amount > 0.0 && ribbon.amount.is_finite()) {
            found.push(Problem::Value { index, what: "a flow has no size above 0" });
        }
        heat(ribbon.fill, found);
    }
}

fn few(what: &'static str, count: usize, limit: usize, found: &mut Vec<Problem>) {
    if count > limit {
        found.push(Problem::TooMany { what, count, limit });
    }
}

fn row(axis: &Axis, position: usize, index: usize, needs: &'static str, found: &mut Vec<Problem>) {
    match &axis.scale {
        Scale::Categories(names) if position >= names.len() => {
            found.push(Problem::Position { index, position, count: names.len() });
        }
        Scale::Categories(_) => {}
        _ => found.push(Problem::WrongAxis { mark: index, needs }),
    }
}

/// Whether a value is a position on an axis of names.
fn is_place(axis: &Axis, value: f64) -> bool {
    let Scale::Categories(names) = &axis.scale else { return false };
    value >= 0.0 && value.fract() == 0.0 && value < names.len() as f64
}

/// Sums may miss the end of an axis by rounding, hence the tolerance.
fn on_axis(axis: &Axis, value: &Estimate, index: usize, found: &mut Vec<Problem>) {
    let (low, high) = match &axis.scale {
        Scale::Quantity { low, high, .. } | Scale::Time { low, high } => (*low, *high),
        Scale::Categories(_) => {
            found.push(Problem::WrongAxis { mark: index, needs: "an axis of quantities or time" });
            return;
        }
    };
    let tolerance = (high - low) * 1e-9;
    let inside = |value: f64| value >= low - tolerance && value <= high + tolerance;
    if !(inside(value.at) && inside(value.low) && inside(value.high)) {
        found.push(Problem::Value { index, what: "a value is not on its axis" });
    } else if value.low > value.at + tolerance || value.high < value.at - tolerance {
        found.push(Problem::Value { index, what: "a value is not between its bounds" });
    }
}

fn heat(fill: Fill, found: &mut Vec<Problem>) {
    if let Fill::Heat(bin) = fill
        && bin > 4
    {
        found.push(Problem::HeatBin(bin));
    }
}
