//! What moves a number: the facts that sources leave open, as bars from least to most around what it counts as.

use serde::{Deserialize, Serialize};

#[cfg(feature = "cli")]
use super::chart_words::parse_ask;
use super::chart_words::{block, end_of_axis, left_out_table, whole};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{AnalysisError, Ask, Mention, Unobserved, View};
use crate::answer::{Answer, Cell, Unit, format_unit};
use crate::diagram::Fill;
use crate::diagram::chart::{
    self, Axes, Axis, Bar, Category, Chart, Key, Mark, On, Page, Plot, Reference, Scale, Segment, Swatch,
};
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::uncertainty::moves::{Moves, Swing, by_key, measured, source};
use crate::uncertainty::{self, Spot, Watch};

/// The facts that move one number of a question.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Tornado {
    /// The saved query whose number it is: its name, or a file
    #[cfg_attr(feature = "cli", arg(long, value_name = "QUERY", required_unless_present = "ask"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself, as a saved query writes it
    #[cfg_attr(feature = "cli", arg(long, value_name = "RON", value_parser = parse_ask))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// The number, as in loss, openai:loss or TABLE/openai:loss [default: the first that the findings quote and a fact moves]
    #[cfg_attr(feature = "cli", arg(long, value_name = "[TABLE/][KEY:]COLUMN"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Watch>,
    /// How many facts are drawn, those that move it most first, 1 to 20 [default: 8]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 8;
const MOST: usize = 20;

impl Figured for Tornado {
    const CARD: ViewCard = ViewCard {
        name: "tornado",
        title: "What moves a number",
        shows: "The facts that sources leave open, each as a bar from the least to the most that the number is with that fact settled at its ends, \
                around what it counts as; those that move it most on top. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram tornado --query which-deals-invert-capital",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut option = |name: &str, value: Option<String>| {
            words.extend(value.into_iter().flat_map(|value| [format!("--{name}"), value]));
        };
        option("query", self.query.clone());
        option("ask", self.ask.as_ref().map(|ask| ask.to_line()));
        option("number", self.number.as_ref().map(Watch::to_string));
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
        let Some(ask) = self.ask.as_deref() else {
            let name = self.query.as_deref().unwrap_or_default();
            let reason = format!("there is no query {name:?}; expected one, or `ask`");
            return Err(ViewError::Invalid { parameter: "query", reason });
        };
        let base = ask.run(view)?;
        let watches: Vec<Watch> = self.number.iter().cloned().collect();
        let spots = uncertainty::watched(&base, &watches).map_err(AnalysisError::from)?;
        let draws = Draws::new(view.graph, &view.scope);
        let bare = |graph: &Graph| ask.run_bare(&View { graph, scope: view.scope.clone() }, &Unobserved);
        let moves = Moves::run(&draws, &base, spots, &bare, &Unobserved);
        let moved = (0..moves.panel.spots.len()).find(|number| !moves.of_number(*number).is_empty());
        let number = moved.ok_or_else(|| {
            let text = "no fact that sources leave open moves this number";
            ViewError::NoData(text.to_string())
        })?;
        let spot = moves.panel.spots[number];
        let records = by_key(&base.evidence);
        let told = |(at, swing): &(usize, Swing)| {
            let open = draws.uncertain().get(moves.facts.get(*at)?.uncertain)?;
            let key = view.graph.record_of(open.slot);
            let from =
                records.get(key).map(|(record, evidence)| source(record, evidence)).unwrap_or_default();
            let ends = [swing.least, swing.most].map(|(size, value)| (open.words(size), value));
            Some(Fact {
                key: key.to_string(),
                size: open.field.replace('_', " "),
                from,
                ends,
                swing: swing.size,
            })
        };
        let mut facts: Vec<Fact> = moves.of_number(number).iter().filter_map(told).collect();
        let rest = facts.split_off(top.min(facts.len()));
        let counted = moves.base.get(number).copied().filter(|value| !value.is_nan());
        self.chart(view, &base, (spot, counted), (facts, rest))
    }
}

/// One fact, and the number at its ends.
struct Fact {
    key: String,
    size: String,
    from: String,
    /// What the size is where the number is least and where it is most, and the number there.
    ends: [(String, f64); 2],
    swing: f64,
}

impl Tornado {
    fn chart(
        &self,
        view: &View<'_>,
        base: &Answer,
        (spot, counted): (Spot, Option<f64>),
        (facts, rest): (Vec<Fact>, Vec<Fact>),
    ) -> Result<Drawing, ViewError> {
        let column =
            spot.column(base).ok_or_else(|| ViewError::NoData("there is no such number".to_string()))?;
        let (of, what) = (spot.label(base), measured(&column.heading));
        let shown = |value: f64| format_unit(value, column.unit);
        let ends = || facts.iter().flat_map(|fact| fact.ends.iter().map(|(_, value)| *value)).chain(counted);
        let least = ends().fold(f64::INFINITY, f64::min);
        let most = ends().fold(f64::NEG_INFINITY, f64::max);
        let (unit, cap) = match column.unit {
            Unit::Share => (chart::Unit::Share, 1.0),
            Unit::Usd | Unit::UsdPerYear => (chart::Unit::Usd, f64::INFINITY),
            _ => (chart::Unit::Number, f64::INFINITY),
        };
        let high = if most > 0.0 { end_of_axis(most, cap.max(most)) } else { 0.0 };
        let low = if least < 0.0 { -end_of_axis(-least, f64::INFINITY) } else { 0.0 };
        let marks = facts.iter().enumerate().map(|(row, fact)| {
            let [(at_least, from), (at_most, to)] = &fact.ends;
            let (from, to) =
                (counted.map_or(*from, |own| own.min(*from)), counted.map_or(*to, |own| own.max(*to)));
            let middle = counted.unwrap_or(from);
            let part = |length: f64, fill| Segment {
                length,
                fill,
                hatched: false,
                labels: Vec::new(),
                tooltip: String::new(),
            };
            Mark::Bar(Bar {
                row,
                from,
                segments: vec![part(middle - from, LESS), part(to - middle, MORE)],
                whisker: None,
                text: format!(
                    "{} at {at_least}, {} at {at_most}",
                    shown(fact.ends[0].1),
                    shown(fact.ends[1].1)
                ),
                tooltip: format!(
                    "{} of {} ({}): {} at {at_least}, {} at {at_most}",
                    fact.size,
                    fact.key,
                    fact.from,
                    shown(fact.ends[0].1),
                    shown(fact.ends[1].1)
                ),
            })
        });
        let names = facts.iter().map(|fact| Category {
            label: format!("{}: {}", fact.key, fact.size),
            detail: fact.from.clone(),
        });
        let axes = Axes {
            x: Axis::new(format!("{of}: {what}"), Scale::Quantity { unit, low, high }),
            y: Axis::new("", Scale::Categories(names.collect())),
            zones: Vec::new(),
            lines: counted
                .map(|at| Reference { on: On::X, at, label: format!("as it counts: {}", shown(at)) })
                .into_iter()
                .collect(),
            marks: marks.collect(),
        };
        let below = |fact: &Fact| counted.is_some_and(|own| fact.ends[0].1 < own);
        let above = |fact: &Fact| counted.is_none_or(|own| fact.ends[1].1 > own);
        let mut legend = Vec::new();
        legend.extend(facts.iter().any(below).then(|| block(LESS, false, "less than it counts as")));
        legend.extend(facts.iter().any(above).then(|| block(MORE, false, "more than it counts as")));
        legend.extend(counted.map(|_| Key::new(Swatch::Rule, "as it counts")));
        let mut caption = vec![
            "One fact at a time is settled at each end of what its sources allow, all others as they count; an end without bound stops \
             where \"more than\" is exceeded in one draw of twenty."
                .to_string(),
        ];
        if !rest.is_empty() {
            let left_out = count(rest.len(), "fact that moves it less is", "facts that move it less are");
            caption.push(format!("{left_out} left out."));
        }
        caption.extend(words::provenance(self, view));
        let mut folded = left_out_table("fact", "How far apart the number lies at the ends of the fact");
        for fact in &rest {
            folded.rows.push(vec![
                Cell::text(format!("{}: {}", fact.key, fact.size)),
                Cell::text("moves it less than those shown"),
                Cell::Number(fact.swing),
            ]);
        }
        let told: Vec<String> = facts
            .iter()
            .take(5)
            .map(|fact| {
                let [(_, from), (_, to)] = &fact.ends;
                format!("{} of {} {} to {}", fact.size, fact.key, shown(*from), shown(*to))
            })
            .collect();
        let chart = Chart {
            title: format!("What moves the {what} of {of}"),
            caption,
            alt: format!(
                "Bars of {} that move the {what} of {of}{}. {}.",
                count(facts.len(), "fact", "facts"),
                counted.map(|own| format!(", which counts as {}", shown(own))).unwrap_or_default(),
                told.join("; ")
            ),
            legend,
            page: Page::for_rows(facts.len()),
            plot: Plot::Axes(axes),
        };
        Ok(Drawing { figure: chart.into(), folded })
    }
}

/// The colours of what lies below and above.
const LESS: Fill = Fill::Heat(1);
const MORE: Fill = Fill::Heat(3);
