//! Measures of stacks and roofs over the years, as lines.

use serde::{Deserialize, Serialize};

use super::chart_words::{end_of_axis, left_out_table, moment, whole, words_in};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, Stacks, View};
use crate::answer::{Answer, Cell, Table, Unit, format_unit};
use crate::diagram::Line;
use crate::diagram::chart::{
    self, Axes, Axis, Chart, Estimate, Key, Mark, Page, Plot, Scale, Series, Swatch,
};
use crate::model::Date;
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

/// Stacks and roofs on the same day of several years.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct StackSeries {
    /// Years of which the same day is compared, as 2023..2026
    #[cfg_attr(feature = "cli", arg(long, value_name = "FROM..TO", default_value = OVER))]
    pub over: String,
    /// What is measured
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Measure::Closure))]
    pub measure: Measure,
    /// Count labs in that a group has both invested in and is owed commitments by (closure only)
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ties: bool,
    /// How many stacks are drawn, the most closed first, 1 to 10 [default: 5] (closure only)
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

/// What lines show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Measure {
    /// How much of what each stack takes in comes from itself.
    #[default]
    Closure,
    /// How much of the labs' compute is under the largest roofs.
    Roofs,
    /// The HHI of both sides: providers of a lab, labs of a provider.
    Hhi,
}

const OVER: &str = "2023..2026";
const USUAL: usize = 5;
const MOST: usize = 10;

impl Default for StackSeries {
    fn default() -> Self {
        Self { over: OVER.to_string(), measure: Measure::Closure, ties: false, top: None }
    }
}

impl Figured for StackSeries {
    const CARD: ViewCard = ViewCard {
        name: "stack-series",
        title: "Stacks over time",
        shows: "Closure of the stacks, or how few roofs hold the labs, on the same day of several years, with the band that unknown suppliers \
                leave open. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram stack-series --over 2023..2026 --ties",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = vec!["--over".to_string(), self.over.clone()];
        match self.measure {
            Measure::Closure => {}
            Measure::Roofs => words.extend(["--measure".to_string(), "roofs".to_string()]),
            Measure::Hhi => words.extend(["--measure".to_string(), "hhi".to_string()]),
        }
        if self.ties {
            words.push("--ties".to_string());
        }
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let ask = Stacks { over: Some(self.over.clone()), ties: self.ties, ..Stacks::default() };
        let answer = ask.run(view)?;
        let over = answer.table("over-time").filter(|table| !table.rows.is_empty());
        let over =
            over.ok_or_else(|| ViewError::NoData("no day of these years can be compared".to_string()))?;
        let days: Vec<Date> = (0..over.rows.len())
            .filter_map(|row| over.cell(row, "as_of").and_then(|cell| words_in(cell).parse().ok()))
            .collect();
        let mut folded = left_out_table("stack", "Its closure on the last day, 0 to 1");
        let (lines, axis) = match self.measure {
            Measure::Closure => {
                let lines = self.closures(view, &days, top, &mut folded);
                (lines, "Share of what the stack takes in that it supplies itself")
            }
            Measure::Roofs => {
                (columns(over, &days, &ROOFS, Unit::Share), "Share of compute, labs counted the same")
            }
            Measure::Hhi => {
                (columns(over, &days, &INDICES, Unit::Hhi), "Herfindahl-Hirschman index, 0 to 10,000")
            }
        };
        if lines.iter().all(|line| line.points.iter().all(|(_, y)| y.is_none())) {
            return Err(ViewError::NoData("nothing of this measure is known in these years".to_string()));
        }
        Ok(self.chart(view, lines, axis, &days, folded))
    }
}

/// A line of the table `over-time`: its name, its column or both bounds, and its stroke.
type Told = (&'static str, (&'static str, &'static str), Line);

const ROOFS: [Told; 3] = [
    ("three largest owners, of all labs' compute", ("top_three", "top_three"), Line::Solid),
    ("one roof: a lab's largest owner, mean", ("one_roof", "one_roof"), Line::Solid),
    ("the same, labs known every year", ("one_roof_same", "one_roof_same"), Line::Dashed),
];
const INDICES: [Told; 3] = [
    ("an owner's labs, mean", ("lab_hhi", "lab_hhi"), Line::Solid),
    ("a lab's owners, mean", ("hhi_low", "hhi_high"), Line::Solid),
    ("owners of all labs' compute", ("provider_hhi_low", "provider_hhi_high"), Line::Dashed),
];

/// Columns of the table as lines.
fn columns(over: &Table, days: &[Date], told: &[Told], unit: Unit) -> Vec<Series> {
    let mut lines = Vec::new();
    for (style, (name, (low, high), line)) in told.iter().enumerate() {
        let value = |row: usize| {
            let low = over.number(row, low)?;
            Some(Estimate { at: low, low, high: over.number(row, high).unwrap_or(low).max(low) })
        };
        lines.push(series(name, style, *line, days, value, unit));
    }
    lines
}

fn series(
    name: &str,
    style: usize,
    line: Line,
    days: &[Date],
    value: impl Fn(usize) -> Option<Estimate>,
    unit: Unit,
) -> Series {
    let points: Vec<(f64, Option<Estimate>)> =
        days.iter().enumerate().map(|(at, day)| (moment(*day), value(at))).collect();
    let say = |(day, (_, y)): (&Date, &(f64, Option<Estimate>))| {
        let told = match y {
            None => "unknown".to_string(),
            Some(y) if y.is_wide() => {
                format!("{} to {}", format_unit(y.low, unit), format_unit(y.high, unit))
            }
            Some(y) => format_unit(y.at, unit),
        };
        format!("{name}, {day}: {told}")
    };
    let tooltips = days.iter().zip(&points).map(say).collect();
    Series { name: name.to_string(), points, style: style as u8, line, tooltips, whiskers: false }
}

impl StackSeries {
    /// The closure of each stack on each day, the most closed on the last day first.
    fn closures(&self, view: &View<'_>, days: &[Date], top: usize, folded: &mut Table) -> Vec<Series> {
        let on = |day: &Date| -> Option<Answer> {
            let mut then = view.clone();
            then.scope.as_of = *day;
            Stacks { ties: self.ties, ..Stacks::default() }.run(&then).ok()
        };
        let answers: Vec<Option<Answer>> = days.side_by_side(on);
        let tables: Vec<Option<&Table>> =
            answers.iter().map(|answer| answer.as_ref().and_then(|answer| answer.table("stacks"))).collect();
        let last = tables.iter().rev().flatten().next();
        let mut stacks: Vec<(&Cell, f64)> = last
            .iter()
            .flat_map(|table| {
                (0..table.rows.len()).map(|row| (table.cell(row, "stack"), table.number(row, "closure")))
            })
            .filter_map(|(cell, closure)| Some((cell?, closure.unwrap_or(0.0))))
            .collect();
        let rounded = |closure: f64| (closure * 1e12).round();
        stacks.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.as_key().cmp(&b.0.as_key())));
        for (cell, closure) in stacks.iter().skip(top) {
            folded.rows.push(vec![(*cell).clone(), Cell::text("beyond the top"), Cell::Number(*closure)]);
        }
        let line = |(style, (stack, _)): (usize, &(&Cell, f64))| {
            let value = |at: usize| {
                let table = tables.get(at).copied().flatten()?;
                let row = (0..table.rows.len()).find(|row| table.cell(*row, "stack") == Some(stack))?;
                let low = table.number(row, "closure")?;
                let high = table.number(row, "closure_high").unwrap_or(low).max(low);
                Some(Estimate { at: low, low, high })
            };
            let line = if style < chart::Glyph::ALL.len() { Line::Solid } else { Line::Dashed };
            // many wide bands would cover each other
            Series { whiskers: true, ..series(words_in(stack), style, line, days, value, Unit::Share) }
        };
        stacks.iter().take(top).enumerate().map(line).collect()
    }

    fn chart(
        &self,
        view: &View<'_>,
        lines: Vec<Series>,
        axis: &str,
        days: &[Date],
        folded: Table,
    ) -> Drawing {
        let all = || lines.iter().flat_map(|line| line.points.iter().filter_map(|(_, y)| *y));
        let greatest = all().map(|y| y.high).fold(0.0, f64::max);
        let (unit, most) = if self.measure == Measure::Hhi {
            (chart::Unit::Number, 10_000.0)
        } else {
            (chart::Unit::Share, 1.0)
        };
        let high = if greatest > 0.0 { end_of_axis(greatest, most) } else { most };
        let moments = || days.iter().map(|day| moment(*day));
        // half a year of room on both sides, so that a single day has an axis too
        let from = moments().fold(f64::INFINITY, f64::min) - 0.25;
        let to = moments().fold(f64::NEG_INFINITY, f64::max) + 0.25;
        let mut legend: Vec<Key> = lines
            .iter()
            .map(|line| Key::new(Swatch::Series { style: line.style, line: line.line }, line.name.clone()))
            .collect();
        if all().any(|y| y.is_wide()) {
            legend.push(match self.measure {
                Measure::Closure => Key::new(Swatch::Whisker, "up to: unknown suppliers as members"),
                _ => Key::new(Swatch::Band, "up to: the unknown rest as one provider"),
            });
        }
        let told: Vec<String> = lines.iter().map(line_in_words).collect();
        let (title, says) = match self.measure {
            Measure::Closure => (
                "How closed the stacks are, over time",
                "Closure: share of what a stack takes in, through all tiers, that its own members supply (function basis). A line stands at the \
                 least: unknown suppliers are outside; at the upper end of its interval they are members. Lines stand side by side so that intervals can be seen; all are of the same days.",
            ),
            Measure::Roofs => (
                "How much compute is under one roof, over time",
                "Labs whose compute is mostly known, each counted the same; providers under one ultimate owner are one.",
            ),
            Measure::Hhi => (
                "How concentrated both sides of compute are, over time",
                "Labs whose compute is mostly known, each counted the same; providers under one ultimate owner are one. Bands: unknown rests as \
                 many small providers, or as one.",
            ),
        };
        let mut caption = vec![says.to_string()];
        if self.measure == Measure::Closure && self.ties {
            caption.push(
                "Labs that a group has invested in and that have committed to it count as members."
                    .to_string(),
            );
        }
        if !folded.rows.is_empty() {
            caption.push(format!(
                "{} left out.",
                count(folded.rows.len(), "less closed stack is", "less closed stacks are")
            ));
        }
        caption.extend(words::provenance(self, view));
        let chart = Chart {
            title: title.to_string(),
            caption,
            alt: format!("Lines over {}. {}", count(days.len(), "day", "days"), told.join(" ")),
            legend,
            page: Page::Across,
            plot: Plot::Axes(Axes {
                x: Axis::new("", Scale::Time { low: from, high: to }),
                y: Axis::new(axis, Scale::Quantity { unit, low: 0.0, high }),
                zones: Vec::new(),
                lines: Vec::new(),
                marks: lines.into_iter().map(Mark::Series).collect(),
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// The first and the last value of a line.
fn line_in_words(line: &Series) -> String {
    let known: Vec<&String> = line
        .points
        .iter()
        .zip(&line.tooltips)
        .filter(|((_, y), _)| y.is_some())
        .map(|(_, says)| says)
        .collect();
    match known.as_slice() {
        [] => format!("{}: unknown.", line.name),
        [only] => format!("{only}."),
        [first, .., last] => format!("{first}; {last}."),
    }
}
