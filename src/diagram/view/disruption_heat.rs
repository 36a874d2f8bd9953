//! Who makes how much week by week during a disruption: a heat strip, entities by days.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::chart_words::{block, left_out_table, whole, words_in};
use super::heat::{BINS, bin};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, DaysOf, Disruption, View};
use crate::answer::{Cell as Value, Table};
use crate::diagram::Fill;
use crate::diagram::chart::{Axes, Axis, Category, Cell, Chart, Mark, Page, Plot, Scale};
use crate::scenario::Failure;

/// A disruption as a heat strip.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct DisruptionHeat {
    /// What fails and how much of its capacity it loses: tsmc=0.5, or tsmc for all of it; may be repeated
    #[cfg_attr(feature = "cli", arg(long, required = true, value_name = "ENTITY=LOSS"))]
    pub fail: Vec<Failure>,
    /// First day of the run, on which what fails begins to; the day that counts unless said
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Days for which what fails is out; for good unless said
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// Days over which what failed comes back in a straight line after that; at once unless said
    #[cfg_attr(feature = "cli", arg(long, requires = "days"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_over: Option<f64>,
    /// Days to run
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 365))]
    pub horizon: u32,
    /// Days of stock of every product for which neither --stock nor the dataset says
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 30.0))]
    pub stock_days: f64,
    /// Days of stock of a product: hbm=30; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT=DAYS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<DaysOf>,
    /// Products that last longer than the run: what stands goes on, and orders for them too; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "PRODUCT"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub durable: Vec<String>,
    /// How many entities are drawn, those who lose most first, 1 to 40 [default: 20]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

impl Default for DisruptionHeat {
    fn default() -> Self {
        let Disruption { horizon, stock_days, .. } = Disruption::default();
        Self {
            fail: Vec::new(),
            from: None,
            days: None,
            back_over: None,
            horizon,
            stock_days,
            stock: Vec::new(),
            durable: Vec::new(),
            top: None,
        }
    }
}

const USUAL: usize = 20;
const MOST: usize = 40;
/// Columns that leave room for a number in each.
const COLUMNS: u32 = 14;

impl Figured for DisruptionHeat {
    const CARD: ViewCard = ViewCard {
        name: "disruption-heat",
        title: "A disruption as a heat strip",
        shows: "Entities by days: the share of its normal output that each lacks, as a mean over some days where the run is long, in five bins with the number in the cell, those who \
                lose most first. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram disruption-heat --fail tsmc --days 56",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words: Vec<String> = Vec::new();
        let mut option = |name: &str, value: String| words.extend([format!("--{name}"), value]);
        self.fail.iter().for_each(|failure| option("fail", failure.to_string()));
        self.from.iter().for_each(|from| option("from", from.clone()));
        self.days.iter().for_each(|days| option("days", days.to_string()));
        self.back_over.iter().for_each(|days| option("back-over", days.to_string()));
        option("horizon", self.horizon.to_string());
        option("stock-days", self.stock_days.to_string());
        self.stock.iter().for_each(|stock| option("stock", stock.to_string()));
        if !self.durable.is_empty() {
            option("durable", self.durable.join(","));
        }
        self.top.iter().for_each(|top| option("top", top.to_string()));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let every = self.horizon.div_ceil(COLUMNS).max(1);
        let ask = Disruption {
            fail: self.fail.clone(),
            from: self.from.clone(),
            days: self.days,
            back_over: self.back_over,
            horizon: self.horizon,
            stock_days: self.stock_days,
            stock: self.stock.clone(),
            durable: self.durable.clone(),
            every: 1,
            ..Disruption::default()
        };
        let answer = ask.run(view)?;
        let tables = (answer.table("disruption"), answer.table("days"));
        let (Some(entities), Some(days)) = tables else {
            return Err(ViewError::NoData("nobody is hit".to_string()));
        };
        if entities.rows.is_empty() {
            return Err(ViewError::NoData("nobody is hit within the run".to_string()));
        }
        Ok(self.chart(view, &answer.question, entities, days, top, every))
    }
}

/// A mean that is being taken.
#[derive(Clone, Copy, Debug, Default)]
struct Mean {
    sum: f64,
    count: usize,
}

impl Mean {
    fn add(&mut self, value: f64) {
        self.sum += value;
        self.count += 1;
    }

    fn value(self) -> f64 {
        self.sum / self.count.max(1) as f64
    }
}

impl DisruptionHeat {
    #[allow(clippy::too_many_arguments)]
    fn chart(
        &self,
        view: &View<'_>,
        asked: &str,
        entities: &Table,
        days: &Table,
        top: usize,
        every: u32,
    ) -> Drawing {
        let shown = top.min(entities.rows.len());
        let spans = self.horizon.div_ceil(every).max(1) as usize;
        let mut lacks = vec![Mean::default(); shown * spans];
        let place_of: HashMap<&str, usize> = (0..shown)
            .filter_map(|row| Some((entities.cell(row, "entity").and_then(Value::as_key)?, row)))
            .collect();
        for row in 0..days.rows.len() {
            let place = days.cell(row, "entity").and_then(Value::as_key).and_then(|key| place_of.get(key));
            let (Some(place), Some(day)) = (place, days.number(row, "day")) else { continue };
            let span = (day.max(0.0) / f64::from(every)) as usize;
            let lack = (1.0 - days.number(row, "functionality").unwrap_or(1.0)).max(0.0);
            if let Some(mean) = lacks.get_mut(place * spans + span).filter(|_| span < spans) {
                mean.add(lack);
            }
        }
        let last = |span: usize| ((span as u32 + 1) * every).min(self.horizon).saturating_sub(1);
        let mut marks = Vec::new();
        for (at, mean) in lacks.iter().enumerate().filter(|(_, mean)| mean.count > 0) {
            let (place, span) = (at / spans, at % spans);
            let lack = mean.value();
            let percent = words::percent(lack);
            let name = entities.cell(place, "entity").map(words_in).unwrap_or_default();
            let tooltip = format!(
                "{name}, days {} to {}: lacks {percent} of normal output on average",
                span as u32 * every,
                last(span)
            );
            let text = if lack < 0.005 { String::new() } else { percent };
            marks.push(Mark::Cell(Cell { row: place, column: span, bin: Some(bin(lack)), text, tooltip }));
        }
        let names = (0..shown).map(|row| Category {
            label: entities.cell(row, "entity").map(words_in).unwrap_or_default().to_string(),
            detail: String::new(),
        });
        let heads = (0..spans)
            .map(|span| Category { label: format!("{}", span as u32 * every), detail: String::new() });
        let legend = BINS.iter().enumerate().map(|(at, (_, text))| {
            block(Fill::Heat(at as u8), false, &format!("lacks {text} of normal output"))
        });
        let mut folded = left_out_table("entity", "Output lost, in days of normal output");
        for row in shown..entities.rows.len() {
            let cell = entities.cell(row, "entity").cloned().unwrap_or(Value::Empty);
            let lost = Value::number(entities.number(row, "lost"));
            folded.rows.push(vec![cell, Value::text("beyond the top"), lost]);
        }
        let mut caption = vec![
            asked.to_string(),
            format!(
                "Columns: {}, from the day at their head. Stocks of {} days where nothing else is said, rules of the firm-level model with the \
                 smallest relative order first; the picture hangs on both, as `disruption` shows.",
                if every == 1 {
                    "days of the run".to_string()
                } else {
                    format!("means over {every} days of the run")
                },
                self.stock_days
            ),
        ];
        if !folded.rows.is_empty() {
            let rest = count(folded.rows.len(), "entity that loses less is", "entities that lose less are");
            caption.push(format!("{rest} left out."));
        }
        caption.extend(words::provenance(self, view));
        let told: Vec<String> = (0..shown.min(5))
            .map(|row| {
                let name = entities.cell(row, "entity").map(words_in).unwrap_or_default();
                format!("{name} {:.0}", entities.number(row, "lost").unwrap_or(0.0))
            })
            .collect();
        let chart = Chart {
            title: "A disruption, day by day".to_string(),
            caption,
            alt: format!(
                "Heat strip of {} over {}. Days of normal output lost: {}.",
                count(shown, "entity", "entities"),
                count(self.horizon as usize, "day", "days"),
                told.join(", ")
            ),
            legend: legend.collect(),
            page: Page::for_rows(shown),
            plot: Plot::Axes(Axes {
                x: Axis::new("Day", Scale::Categories(heads.collect())),
                y: Axis::new("", Scale::Categories(names.collect())),
                zones: Vec::new(),
                lines: Vec::new(),
                marks,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}
