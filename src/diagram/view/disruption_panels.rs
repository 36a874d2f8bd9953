//! A disruption day by day in small multiples: a panel for each entity, a line for each scenario.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

#[cfg(feature = "cli")]
use super::chart_words::parse_ask;
use super::chart_words::{left_out_table, whole, words_in};
use super::daily::{Run, Who, axis, curve, in_words, letter, span};
use super::words::{self, count, list};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, Ask, Compare, Disruption, Mention, Variant, View};
use crate::answer::{Cell, Table};
use crate::diagram::Fill;
use crate::diagram::chart::{Axis, Chart, Glyph, Key, Page, Panel, Panels, Plot, Scale, Swatch, Unit};
use crate::order::Arrange;
use crate::what_if::Told;

const USUAL: usize = 8;
const MOST: usize = 12;
/// Most lines of a panel: as many as differ without colour.
const LINES: usize = 6;

/// A disruption, or several side by side, in small multiples.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct DisruptionPanels {
    /// The saved query that asks for a disruption, or compares several: its name, or a file
    #[cfg_attr(feature = "cli", arg(long, value_name = "QUERY", required_unless_present = "ask"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself, as a saved query writes it: a disruption, or a comparison of several
    #[cfg_attr(feature = "cli", arg(long, value_name = "RON", value_parser = parse_ask))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// A what-if or a scenario, by name or file, that has a line of its own beside the question as it is; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "VARIANT"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub with: Vec<Told<Variant>>,
    /// What is drawn [default: all three of one run, functionality of several]
    #[cfg_attr(feature = "cli", arg(long, value_enum, value_delimiter = ','))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub show: Vec<Shown>,
    /// Only entities of this kind; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// How many entities are drawn, those that lose most first, 1 to 12 [default: 8]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

/// What panels show of an entity, day by day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Shown {
    /// Output over normal output
    Functionality,
    /// Days of normal use on stock of the input that would run out first
    Stock,
    /// Orders and demand not served on the day, as a part of a normal day's output
    Unmet,
}

impl Shown {
    const ALL: [Self; 3] = [Self::Functionality, Self::Stock, Self::Unmet];

    /// Its column of the table of days.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Functionality => "functionality",
            Self::Stock => "least_stock",
            Self::Unmet => "unmet",
        }
    }

    /// What its axis says.
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Functionality => "Output, of normal",
            Self::Stock => "Scarcest stock, days",
            Self::Unmet => "Unserved, of a normal day",
        }
    }

    /// The value of somebody who is not hit, where it is known.
    pub(super) fn untouched(self) -> Option<f64> {
        match self {
            Self::Functionality => Some(1.0),
            Self::Stock => None,
            Self::Unmet => Some(0.0),
        }
    }
}

impl Figured for DisruptionPanels {
    const CARD: ViewCard = ViewCard {
        name: "disruption-panels",
        title: "A disruption in small multiples",
        shows: "A panel for each entity on the same axes: its output, its scarcest stock and what it leaves unserved, day by day, with the day of the first loss, the trough and the return to \
                normal marked; of several scenarios or what-ifs one line each. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram disruption-panels --query what-eight-weeks-without-tsmc-do --kinds lab",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        self.query.iter().for_each(|query| option("query", query.clone()));
        self.ask.iter().for_each(|ask| option("ask", ask.to_line()));
        self.with.iter().for_each(|with| option("with", with.word()));
        for shown in &self.show {
            let word = match shown {
                Shown::Functionality => "functionality",
                Shown::Stock => "stock",
                Shown::Unmet => "unmet",
            };
            option("show", word.to_string());
        }
        self.kinds.iter().for_each(|kind| option("kinds", kind.clone()));
        self.top.iter().for_each(|top| option("top", top.to_string()));
        words
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        let mut all = if self.ask.is_some() {
            self.ask.iter_mut().flat_map(|ask| ask.mentions()).collect()
        } else {
            vec![Mention::Question { query: &mut self.query, ask: &mut self.ask, scope: None }]
        };
        all.extend(self.with.iter_mut().map(Mention::Variant));
        all
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let known = &view.graph.facts().kinds;
        for key in &self.kinds {
            if !known.iter().any(|kind| kind.key == *key) {
                let keys: Vec<&str> = known.iter().map(|kind| kind.key.as_str()).collect();
                let reason = format!("{key:?} is no kind: expected one of {}", keys.join(", "));
                return Err(ViewError::Invalid { parameter: "kinds", reason });
            }
        }
        let (asked, runs, horizon) = self.runs(view)?;
        let mut show: Vec<Shown> = Vec::new();
        let usual = if runs.len() == 1 { &Shown::ALL[..] } else { &Shown::ALL[..1] };
        for shown in if self.show.is_empty() { usual } else { &self.show[..] } {
            if !show.contains(shown) {
                show.push(*shown);
            }
        }
        let mut who = self.who(view, &runs);
        if who.is_empty() {
            return Err(ViewError::NoData("nobody of these kinds is hit within the run".to_string()));
        }
        let mut folded =
            left_out_table("entity", "The most output lost in any run, in days of normal output");
        for own in who.iter().skip(top) {
            folded.rows.push(vec![own.cell.clone(), Cell::text("beyond the top"), Cell::Number(own.lost)]);
        }
        who.truncate(top);
        Ok(self.chart(view, &asked, &runs, &show, &who, horizon, folded))
    }
}

impl DisruptionPanels {
    /// What was asked, the runs, every day of each, and how many days they have.
    fn runs(&self, view: &View<'_>) -> Result<(String, Vec<Run>, u32), ViewError> {
        let invalid = |parameter, reason: String| ViewError::Invalid { parameter, reason };
        let Some(ask) = &self.ask else {
            let name = self.query.as_deref().unwrap_or_default();
            return Err(invalid("query", format!("there is no query {name:?}; expected one, or an ask")));
        };
        let other = "expected a disruption, or a comparison of a disruption with variants of it";
        let (question, mut variants) = match &**ask {
            Ask::Disruption(question) => (question, Vec::new()),
            Ask::Compare(compare) => match compare.ask.as_deref() {
                Some(Ask::Disruption(question)) => (question, compare.variants.clone()),
                _ => return Err(invalid("ask", other.to_string())),
            },
            _ => return Err(invalid("ask", other.to_string())),
        };
        variants.extend(self.with.iter().cloned());
        // a sweep has no line
        let daily = Disruption { every: 1, sweep: Vec::new(), ..question.clone() };
        if variants.is_empty() {
            let answer = daily.run(view)?;
            let asked = answer.question.clone();
            return Ok((asked, vec![Run::new(String::new(), answer)?], daily.horizon));
        }
        if variants.len() > LINES {
            return Err(invalid(
                "with",
                format!("expected at most {LINES} variants, which is what a panel holds"),
            ));
        }
        let horizon = daily.horizon;
        let compare = Compare { ask: Some(Box::new(Ask::Disruption(daily))), variants, ..Compare::default() };
        let answers = compare.answers(view)?;
        if answers.len() > LINES {
            return Err(invalid(
                "with",
                format!("expected at most {} variants beside the question", LINES - 1),
            ));
        }
        let asked = answers.first().map(|(_, answer)| answer.question.clone()).unwrap_or_default();
        let runs: Result<Vec<Run>, ViewError> =
            answers.into_iter().map(|(title, answer)| Run::new(title, answer)).collect();
        Ok((asked, runs?, horizon))
    }

    /// Everyone of the kinds asked for who is hit in any run, most lost first.
    fn who(&self, view: &View<'_>, runs: &[Run]) -> Vec<Who> {
        let mut all: BTreeMap<String, Who> = BTreeMap::new();
        let of_kind = |key: &str| {
            let kinds = &view.graph.facts().kinds;
            view.graph
                .find_entity(key)
                .ok()
                .and_then(|id| kinds.get(view.graph.entity(id).kind))
                .is_some_and(|kind| self.kinds.is_empty() || self.kinds.contains(&kind.key))
        };
        for run in runs {
            for row in 0..run.entities.rows.len() {
                let Some(cell) = run.entities.cell(row, "entity") else { continue };
                let Some(key) = cell.as_key().filter(|key| of_kind(key)) else { continue };
                let lost = run.entities.number(row, "lost").unwrap_or(0.0);
                let new = || Who { key: key.to_string(), cell: cell.clone(), lost };
                let own = all.entry(key.to_string()).or_insert_with(new);
                own.lost = own.lost.max(lost);
            }
        }
        let mut all: Vec<Who> = all.into_values().collect();
        let rounded = |who: &Who| (who.lost * 1e9).round();
        // stable: equals stay in the order of their keys
        all.arrange(|a, b| rounded(b).total_cmp(&rounded(a)));
        all
    }

    #[allow(clippy::too_many_arguments)]
    fn chart(
        &self,
        view: &View<'_>,
        asked: &str,
        runs: &[Run],
        show: &[Shown],
        who: &[Who],
        horizon: u32,
        folded: Table,
    ) -> Drawing {
        let columns = if show.len() > 1 { show.len() } else { 2 };
        let horizon = f64::from(horizon.max(2));
        let mut panels = Vec::new();
        for own in who {
            for (place, shown) in show.iter().enumerate() {
                let curves =
                    runs.iter().enumerate().map(|(at, run)| curve(run, at, runs.len(), own, *shown, horizon));
                let title = if place == 0 { words_in(&own.cell).to_string() } else { String::new() };
                panels.push(Panel { title, curves: curves.collect() });
            }
        }
        let y: Vec<Axis> =
            show.iter().enumerate().map(|(at, shown)| axis(*shown, &panels, at, show.len())).collect();
        let mut legend: Vec<Key> = Vec::new();
        if runs.len() > 1 {
            for (at, run) in runs.iter().enumerate() {
                legend.push(Key::new(Swatch::Curve(at as u8), format!("{}: {}", letter(at), run.title)));
            }
        }
        if runs.len() == 1 && span(horizon) > 1 {
            legend.push(Key::new(Swatch::Band, format!("least to most within {} days", span(horizon))));
        }
        if show.contains(&Shown::Functionality) {
            let glyph = |glyph, text: &str| Key::new(Swatch::Glyph { glyph, fill: Fill::Neutral }, text);
            legend.push(glyph(Glyph::Triangle, "first loss"));
            legend.push(glyph(Glyph::Disc, "trough: least output"));
            legend.push(glyph(Glyph::Diamond, "back: above 99 % from here on"));
        }
        let mut caption = vec![match runs.len() {
            1 => asked.to_string(),
            several => format!("The same run in {several} variants, one line each."),
        }];
        let rules: Vec<&String> = runs.iter().filter_map(|run| run.rules.as_ref()).collect();
        caption.extend(rules.first().map(|rules| (*rules).clone()));
        if show.contains(&Shown::Stock) {
            caption.push(
                "Scarcest stock: days of normal use on hand, in the morning, of the input that would run out first; none for who stores nothing."
                    .to_string(),
            );
        }
        let every = span(horizon);
        if every > 1 {
            let band = if runs.len() == 1 { ", the darker band their least and most" } else { "" };
            caption.push(format!(
                "Lines are means over {every} days{band}; marks stand on the days themselves."
            ));
        }
        if !folded.rows.is_empty() {
            let rest = count(folded.rows.len(), "entity that loses less is", "entities that lose less are");
            caption.push(format!("{rest} left out."));
        }
        caption.extend(words::provenance(self, view));
        let told: Vec<String> = who
            .iter()
            .map(|own| {
                let of = |(at, run): (usize, &Run)| match runs.len() {
                    1 => in_words(run, &own.key),
                    _ => format!("{}: {}", letter(at), in_words(run, &own.key)),
                };
                let says: Vec<String> = runs.iter().enumerate().map(of).collect();
                format!("{}: {}.", words_in(&own.cell), says.join("; "))
            })
            .collect();
        let names: Vec<&str> = show.iter().map(|shown| shown.title()).collect();
        let chart = Chart {
            title: if runs.len() > 1 {
                "A disruption, day by day, in several variants".to_string()
            } else {
                "A disruption, day by day, entity by entity".to_string()
            },
            caption,
            alt: format!(
                "Panels of {} over {}: {}. {}",
                count(who.len(), "entity", "entities"),
                count(horizon as usize, "day", "days"),
                list(&names, "and"),
                told.join(" ")
            ),
            legend,
            page: Page::Upright,
            plot: Plot::Panels(Panels {
                columns,
                x: Axis::new(
                    "Days from the start of the run",
                    Scale::Quantity { unit: Unit::Number, low: 0.0, high: horizon },
                ),
                y,
                panels,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}
