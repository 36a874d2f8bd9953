//! Runs of a disruption as the lines of panels.

use std::collections::BTreeMap;

use super::ViewError;
use super::chart_words::{end_of_axis, words_in};
use super::disruption_panels::Shown;
use super::words;
use crate::answer::{Answer, Cell, Table};
use crate::diagram::chart::{Axis, Curve, Estimate, Event, Glyph, Panel, Scale, Unit};

/// Most points of a line that a panel shows apart; longer runs are drawn as means over some days.
const POINTS: u32 = 60;

/// One run: what is supposed, and its tables.
pub(super) struct Run {
    pub title: String,
    pub entities: Table,
    days: Table,
    /// Rows of the table of days by entity.
    rows: BTreeMap<String, Vec<usize>>,
    pub rules: Option<String>,
}

impl Run {
    pub(super) fn new(title: String, answer: Answer) -> Result<Self, ViewError> {
        let table = |name: &str| answer.table(name).cloned();
        let (Some(entities), Some(days)) = (table("disruption"), table("days")) else {
            return Err(ViewError::NoData("the question has no days".to_string()));
        };
        let mut rows: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for row in 0..days.rows.len() {
            if let Some(key) = days.cell(row, "entity").and_then(Cell::as_key) {
                rows.entry(key.to_string()).or_default().push(row);
            }
        }
        let rules = answer.caveats.iter().find(|caveat| caveat.code == "rules");
        Ok(Self { title, entities, days, rows, rules: rules.map(|caveat| caveat.text.clone()) })
    }

    /// The row of an entity among those that are hit.
    fn row(&self, key: &str) -> Option<usize> {
        (0..self.entities.rows.len())
            .find(|row| self.entities.cell(*row, "entity").and_then(Cell::as_key) == Some(key))
    }

    fn number(&self, key: &str, column: &str) -> Option<f64> {
        self.entities.number(self.row(key)?, column)
    }

    /// The values of an entity, day by day.
    fn daily(&self, key: &str, shown: Shown, horizon: f64) -> Vec<(f64, Option<f64>)> {
        match self.rows.get(key) {
            None => vec![(0.0, shown.untouched()), (horizon - 1.0, shown.untouched())],
            Some(rows) => rows
                .iter()
                .filter_map(|row| {
                    Some((self.days.number(*row, "day")?, self.days.number(*row, shown.column())))
                })
                .collect(),
        }
    }
}

/// An entity that is drawn.
pub(super) struct Who {
    pub key: String,
    pub cell: Cell,
    /// The most that it loses in any run, in days.
    pub lost: f64,
}

/// The letter of a run: what tells lines apart in words.
pub(super) fn letter(at: usize) -> char {
    char::from(b'A' + (at % 26) as u8)
}

/// The axis of all panels of a column.
pub(super) fn axis(shown: Shown, panels: &[Panel], column: usize, columns: usize) -> Axis {
    let own = panels.iter().enumerate().filter(|(at, _)| at % columns == column);
    let values = own
        .flat_map(|(_, panel)| &panel.curves)
        .flat_map(|curve| curve.points.iter().filter_map(|(_, y)| y.map(|y| y.high)));
    let greatest = values.fold(0.0, f64::max);
    let (unit, high) = match shown {
        Shown::Functionality if greatest <= 1.0 => (Unit::Share, 1.0),
        Shown::Functionality => (Unit::Share, end_of_axis(greatest, f64::INFINITY)),
        Shown::Unmet if greatest > 0.0 => (Unit::Share, end_of_axis(greatest, f64::INFINITY)),
        Shown::Unmet => (Unit::Share, 1.0),
        Shown::Stock if greatest > 0.0 => (Unit::Number, end_of_axis(greatest, f64::INFINITY)),
        Shown::Stock => (Unit::Number, 1.0),
    };
    Axis::new(shown.title(), Scale::Quantity { unit, low: 0.0, high })
}

/// Means over some days, with the least and the most of them, in the middle of these days.
fn means(daily: &[(f64, Option<f64>)], every: u32) -> Vec<(f64, Option<Estimate>)> {
    let mean = |days: &[(f64, Option<f64>)]| {
        let known: Vec<f64> = days.iter().filter_map(|(_, y)| *y).collect();
        let middle = days.iter().map(|(x, _)| x).sum::<f64>() / days.len() as f64;
        let low = known.iter().copied().fold(f64::INFINITY, f64::min);
        let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let at = (known.iter().sum::<f64>() / known.len().max(1) as f64).clamp(low, high.max(low));
        (middle, (!known.is_empty()).then_some(Estimate { at, low, high }))
    };
    daily.chunks(every.max(1) as usize).map(mean).collect()
}

/// How many days a point of a line stands for: one, or an even number, so that what alternates from day to day levels out.
pub(super) fn span(horizon: f64) -> u32 {
    match (horizon as u32).div_ceil(POINTS) {
        0 | 1 => 1,
        days => days.next_multiple_of(2),
    }
}

/// One line of one panel.
pub(super) fn curve(run: &Run, at: usize, runs: usize, who: &Who, shown: Shown, horizon: f64) -> Curve {
    let daily = run.daily(&who.key, shown, horizon);
    let known = || daily.iter().filter_map(|(x, y)| Some((*x, (*y)?)));
    let value = |day: f64| known().find(|(x, _)| *x == day).map(|(_, y)| y);
    // who is not hit has two points
    let points = means(&daily, if daily.len() > 2 { span(horizon) } else { 1 });
    let mut events = Vec::new();
    if shown == Shown::Functionality {
        let marks = [
            ("first_hit", Glyph::Triangle, "first loss"),
            ("trough_day", Glyph::Disc, "trough"),
            ("back", Glyph::Diamond, "back"),
        ];
        for (column, glyph, what) in marks {
            let day = run.number(&who.key, column);
            if let Some((day, y)) = day.and_then(|day| Some((day, value(day)?))) {
                let tooltip = format!("{what}: day {day:.0}, {}", words::percent(y));
                events.push(Event { x: day, y, glyph, tooltip });
            }
        }
    }
    let says = match shown {
        Shown::Functionality => in_words(run, &who.key),
        Shown::Stock => match known().min_by(|a, b| a.1.total_cmp(&b.1)) {
            Some((day, least)) => format!("least {least:.1} days, on day {day:.0}"),
            None => "nothing is stored".to_string(),
        },
        Shown::Unmet => {
            let all: f64 = known().map(|(_, y)| y).sum();
            match known().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.total_cmp(&a.0))) {
                Some((day, most)) if most > 0.0 => {
                    format!("most {} on day {day:.0}, {all:.1} days in all", words::percent(most))
                }
                _ => "all is served".to_string(),
            }
        }
    };
    let name = match runs {
        1 => format!("{}: {says}", words_in(&who.cell)),
        _ => format!("{}, {}: {says}", words_in(&who.cell), run.title),
    };
    let says = if runs == 1 { says } else { format!("{}: {says}", letter(at)) };
    let filled = runs == 1;
    Curve { name, says, points, style: at as u8, filled, events }
}

/// When somebody is hit, how deep it goes and when it is over.
pub(super) fn in_words(run: &Run, key: &str) -> String {
    let Some(hit) = run.number(key, "first_hit") else { return "not hit".to_string() };
    let trough = words::percent(run.number(key, "trough").unwrap_or(1.0));
    let day = run.number(key, "trough_day").unwrap_or(0.0);
    let back = match run.number(key, "back") {
        Some(back) => format!("back {back:.0}"),
        None => "not back".to_string(),
    };
    format!("hit day {hit:.0}, least {trough} on {day:.0}, {back}")
}
