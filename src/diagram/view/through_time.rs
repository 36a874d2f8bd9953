//! The numbers of any question over many days, as lines.

use serde::{Deserialize, Serialize};

#[cfg(feature = "cli")]
use super::chart_words::parse_ask;
use super::chart_words::{end_of_axis, left_out_table, moment, whole};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Ask, Followed, Mention, Series, Unobserved, View, rows};
use crate::answer::{Cell, Column, Unit, format_unit};
use crate::diagram::Line;
use crate::diagram::chart::{self, Axes, Axis, Chart, Estimate, Key, Mark, Page, Plot, Scale, Swatch};
use crate::model::Date;
use crate::order::Arrange;

const USUAL: usize = 5;
const MOST: usize = 10;

/// The numbers of a question over many days.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct ThroughTime {
    /// The saved query whose question is asked: its name, or a file
    #[cfg_attr(feature = "cli", arg(long, value_name = "QUERY", required_unless_present = "ask"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself, as a saved query writes it
    #[cfg_attr(feature = "cli", arg(long, value_name = "RON", value_parser = parse_ask))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// The days: 2023..2026, '2023..2026 by quarter' or '2025-06..2026-07 by month'
    #[cfg_attr(feature = "cli", arg(long, value_name = "FROM..TO"))]
    pub over: String,
    /// The table of the answer [default: the first]
    #[cfg_attr(feature = "cli", arg(long = "of-table", value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_table: Option<String>,
    /// The column that is drawn [default: the first that changes]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// How many lines are drawn, those that change most first, 1 to 10 [default: 5]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

impl Figured for ThroughTime {
    const CARD: ViewCard = ViewCard {
        name: "through-time",
        title: "A question through time",
        shows: "One number of each row of an answer, as of many days, with the interval where the answer has one. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram through-time --query how-concentrated-is-cloud --over 2023..2026",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [format!("--{name}"), value]));
        };
        option("query", self.query.clone());
        option("ask", self.ask.as_ref().map(|ask| ask.to_line()));
        option("over", Some(self.over.clone()));
        option("of-table", self.of_table.clone());
        option("column", self.column.clone());
        option("top", self.top.map(|top| top.to_string()));
        words
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        if self.ask.is_some() {
            return self.ask.iter_mut().flat_map(|ask| ask.mentions()).collect();
        }
        vec![Mention::Question { query: &mut self.query, ask: &mut self.ask, scope: None }]
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let series = Series {
            query: self.query.clone(),
            ask: self.ask.clone(),
            over: self.over.clone(),
            of_table: self.of_table.clone(),
            column: self.column.clone(),
        };
        let followed = series.follow(view, &Unobserved)?;
        let mut lines = self.lines(&followed);
        lines.retain(|line| line.points.iter().any(Option::is_some));
        if lines.is_empty() {
            return Err(ViewError::NoData("none of its numbers is known on any of these days".to_string()));
        }
        without_common_head(&mut lines);
        // those that change most, then the largest; equals stay in the order of the table
        let rounded = |value: f64| (value * 1e12).round();
        lines.arrange(|a, b| {
            let keys = |line: &Told| (rounded(line.change()), rounded(line.greatest()));
            let ((change, size), (other_change, other_size)) = (keys(a), keys(b));
            other_change.total_cmp(&change).then(other_size.total_cmp(&size))
        });
        let mut folded = left_out_table("row", "Its last known value");
        for line in lines.iter().skip(top) {
            let last = line.points.iter().rev().flatten().next().map(|own| own.at);
            folded.rows.push(vec![
                Cell::text(&line.name),
                Cell::text("changes less than those shown"),
                Cell::number(last),
            ]);
        }
        lines.truncate(top);
        Ok(self.chart(view, &followed, lines, folded))
    }
}

/// One row through time.
struct Told {
    name: String,
    points: Vec<Option<Estimate>>,
}

impl Told {
    fn known(&self) -> impl DoubleEndedIterator<Item = &Estimate> {
        self.points.iter().flatten()
    }

    fn change(&self) -> f64 {
        let lows = || self.known().map(|own| own.at);
        lows().fold(f64::NEG_INFINITY, f64::max) - lows().fold(f64::INFINITY, f64::min)
    }

    fn greatest(&self) -> f64 {
        self.known().map(|own| own.high.abs()).fold(0.0, f64::max)
    }
}

impl ThroughTime {
    /// The rows of all days, in the order of the last one, then those that were there before.
    fn lines(&self, followed: &Followed) -> Vec<Told> {
        let wanted = self.of_table.as_deref();
        let tables: Vec<_> = (0..followed.moments.len()).map(|at| followed.table(at, wanted)).collect();
        let upper = tables.iter().flatten().last().and_then(|table| upper(&followed.column, &table.columns));
        let mut lines: Vec<(Vec<String>, Told)> = Vec::new();
        for table in tables.iter().rev().flatten() {
            let leading = rows::leading(table);
            for row in &table.rows {
                let key = rows::key(row, leading);
                if lines.iter().any(|(known, _)| *known == key) {
                    continue;
                }
                let points = tables.iter().map(|own| {
                    let at = rows::value((*own)?, &key, &followed.column.name)?;
                    let high = upper.and_then(|upper| rows::value((*own)?, &key, upper));
                    Some(Estimate { at, low: at, high: high.unwrap_or(at).max(at) })
                });
                let name = rows::name(row, leading);
                lines.push((key.clone(), Told { points: points.collect(), name }));
            }
        }
        lines.into_iter().map(|(_, line)| line).collect()
    }

    fn chart(
        &self,
        view: &View<'_>,
        followed: &Followed,
        lines: Vec<Told>,
        folded: crate::answer::Table,
    ) -> Drawing {
        let column = &followed.column;
        let days: Vec<Date> = followed.moments.iter().map(|own| own.day).collect();
        let all = || lines.iter().flat_map(Told::known);
        let least = all().map(|own| own.low).fold(0.0, f64::min);
        let greatest = all().map(|own| own.high).fold(0.0, f64::max);
        let (unit, most) = match column.unit {
            Unit::Share => (chart::Unit::Share, 1.0),
            Unit::Usd | Unit::UsdPerYear => (chart::Unit::Usd, f64::INFINITY),
            Unit::Hhi => (chart::Unit::Number, 10_000.0),
            _ => (chart::Unit::Number, f64::INFINITY),
        };
        let high = if greatest > 0.0 { end_of_axis(greatest, most.max(greatest)) } else { 1.0 };
        let low = if least < 0.0 { -end_of_axis(-least, f64::INFINITY) } else { 0.0 };
        let wide = all().any(Estimate::is_wide);
        let many = lines.len() > 1;
        let marks: Vec<chart::Series> = lines
            .iter()
            .enumerate()
            .map(|(style, line)| marked(line, style, &days, column.unit, many))
            .collect();
        let mut legend: Vec<Key> = marks
            .iter()
            .map(|own| Key::new(Swatch::Series { style: own.style, line: own.line }, own.name.clone()))
            .collect();
        if wide {
            let swatch = if many { Swatch::Whisker } else { Swatch::Band };
            legend.push(Key::new(swatch, "up to: the upper end of the answer's interval"));
        }
        let title = match followed.moments.iter().rev().find_map(|own| own.answer.as_ref().ok()) {
            Some(last) => format!("{}, through time", last.title),
            None => "Through time".to_string(),
        };
        let mut caption = vec![format!(
            "{}: {}. One point for each day asked; a break is a day without a value.",
            column.heading,
            column.description.trim_end_matches('.')
        )];
        if !folded.rows.is_empty() {
            let left_out = count(folded.rows.len(), "row that changes less is", "rows that change less are");
            caption.push(format!("{left_out} left out."));
        }
        caption.extend(words::provenance(self, view));
        let told: Vec<String> = lines.iter().map(|line| line_in_words(line, &days, column.unit)).collect();
        let moments = || days.iter().map(|day| moment(*day));
        let (from, to) =
            (moments().fold(f64::INFINITY, f64::min), moments().fold(f64::NEG_INFINITY, f64::max));
        // room on both sides, so that a single day has an axis too
        let room = ((to - from) / 16.0).max(0.1);
        let chart = Chart {
            title,
            caption,
            alt: format!("Lines over {}. {}", count(days.len(), "day", "days"), told.join(" ")),
            legend,
            page: Page::Across,
            plot: Plot::Axes(Axes {
                x: Axis::new("", Scale::Time { low: from - room, high: to + room }),
                y: Axis::new(column.heading.clone(), Scale::Quantity { unit, low, high }),
                zones: Vec::new(),
                lines: Vec::new(),
                marks: marks.into_iter().map(Mark::Series).collect(),
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// Leaves out the first words of the names as long as they are those of all lines.
fn without_common_head(lines: &mut [Told]) {
    const JOINT: &str = " / ";
    if lines.len() < 2 {
        return;
    }
    while let Some((head, _)) = lines.first().and_then(|line| line.name.split_once(JOINT)) {
        let head = format!("{head}{JOINT}");
        if !lines.iter().all(|line| line.name.starts_with(&head)) {
            return;
        }
        for line in lines.iter_mut() {
            line.name = line.name.split_off(head.len());
        }
    }
}

/// The column with the upper end of what a column has the lower end of.
fn upper<'c>(column: &Column, columns: &'c [Column]) -> Option<&'c str> {
    let stem = column.name.strip_suffix("_low").unwrap_or(&column.name);
    let wanted = format!("{stem}_high");
    columns.iter().map(|own| own.name.as_str()).find(|name| *name == wanted && column.name != wanted)
}

fn marked(line: &Told, style: usize, days: &[Date], unit: Unit, whiskers: bool) -> chart::Series {
    let points: Vec<(f64, Option<Estimate>)> =
        days.iter().zip(&line.points).map(|(day, own)| (moment(*day), *own)).collect();
    let tooltips = days.iter().zip(&line.points).map(|(day, own)| {
        format!("{}, {day}: {}", line.name, own.map_or("unknown".to_string(), |own| in_words(&own, unit)))
    });
    chart::Series {
        name: line.name.clone(),
        points,
        style: style as u8,
        line: if style < chart::Glyph::ALL.len() { Line::Solid } else { Line::Dashed },
        tooltips: tooltips.collect(),
        whiskers,
    }
}

fn in_words(own: &Estimate, unit: Unit) -> String {
    match own.is_wide() {
        true => format!("{} to {}", format_unit(own.low, unit), format_unit(own.high, unit)),
        false => format_unit(own.at, unit),
    }
}

/// The first and the last value of a line.
fn line_in_words(line: &Told, days: &[Date], unit: Unit) -> String {
    let known: Vec<String> = days
        .iter()
        .zip(&line.points)
        .filter_map(|(day, own)| Some(format!("{day} {}", in_words(own.as_ref()?, unit))))
        .collect();
    match known.as_slice() {
        [] => format!("{}: unknown.", line.name),
        [only] => format!("{}: {only}.", line.name),
        [first, .., last] => format!("{}: {first}, {last}.", line.name),
    }
}
