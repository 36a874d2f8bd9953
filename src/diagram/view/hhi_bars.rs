//! Markets by concentration, as bars with intervals and thresholds.

use serde::{Deserialize, Serialize};

use super::chart_words::{block, end_of_axis, left_out_table, whole};
use super::words::{self, count, list};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, By, Concentration, Preset, View};
use crate::answer::{Cell, Table, Unit, format_unit};
use crate::diagram::Fill;
use crate::diagram::chart::{
    self, Axes, Axis, Bar, Category, Chart, Key, Mark, On, Page, Plot, Reference, Scale, Segment, Swatch,
};

/// HHI of all markets, most concentrated first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct HhiBars {
    /// Whose shares are added up before squaring
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = By::Entity))]
    pub by: By,
    /// Whose thresholds are drawn
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Preset::Us2023))]
    pub preset: Preset,
    /// How many markets are drawn, 1 to 60 [default: 32]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

/// What a page holds.
const USUAL: usize = 32;
const MOST: usize = 60;
/// Where the bounds fall in two bands.
const UNDETERMINED: &str = "undetermined";

impl Figured for HhiBars {
    const CARD: ViewCard = ViewCard {
        name: "hhi-bars",
        title: "Markets by concentration",
        shows: "The HHI of each market as a bar, with the interval that unlisted vendors leave open and the thresholds of an \
                authority. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram hhi-bars",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if self.by != By::default() {
            words.extend(["--by".to_string(), self.by.name().to_string()]);
        }
        if self.preset != Preset::default() {
            words.extend(["--preset".to_string(), self.preset.name().to_string()]);
        }
        if let Some(top) = self.top {
            words.extend(["--top".to_string(), top.to_string()]);
        }
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        if self.preset.bands().is_empty() {
            let reason = format!("{} has no threshold of the HHI", self.preset.name());
            return Err(ViewError::Invalid { parameter: "preset", reason });
        }
        let ask = Concentration { all: true, by: self.by, preset: self.preset, ..Concentration::default() };
        let answer = ask.run(view)?;
        let nothing = || ViewError::NoData("no market has a known HHI".to_string());
        let table = answer.table("concentration").ok_or_else(nothing)?;
        let markets: Vec<Market<'_>> =
            (0..table.rows.len()).filter_map(|row| Market::read(table, row)).collect();
        if markets.is_empty() {
            return Err(nothing());
        }
        Ok(self.chart(view, &markets, top))
    }
}

/// One row of the answer.
struct Market<'a> {
    cell: &'a Cell,
    name: &'a str,
    low: f64,
    high: f64,
    coverage: f64,
    largest: Option<(&'a str, f64)>,
    label: &'a str,
}

impl<'a> Market<'a> {
    fn read(table: &'a Table, row: usize) -> Option<Self> {
        let words = |column: &str| match table.cell(row, column)? {
            Cell::Text(text) | Cell::Item { name: text, .. } => Some(text.as_str()),
            _ => None,
        };
        Some(Self {
            cell: table.cell(row, "market")?,
            name: words("market")?,
            low: table.number(row, "hhi_low")?,
            high: table.number(row, "hhi_high")?,
            coverage: table.number(row, "coverage")?,
            largest: words("top").zip(table.number(row, "cr1")),
            label: words("label")?,
        })
    }

    /// The number or the range, as the table has it.
    fn hhi(&self) -> String {
        let (low, high) = (format_unit(self.low, Unit::Hhi), format_unit(self.high, Unit::Hhi));
        if low == high { low } else { format!("{low} to {high}") }
    }
}

impl HhiBars {
    fn chart(&self, view: &View<'_>, markets: &[Market<'_>], top: usize) -> Drawing {
        let bands = self.preset.bands();
        let band = |label: &str| bands.iter().position(|(_, name)| *name == label);
        let shade = |at: usize| Fill::Heat(if bands.len() == 2 { at as u8 * 2 } else { at as u8 });
        let (shown, rest) = markets.split_at(top.min(markets.len()));
        let mut marks = Vec::new();
        for (row, market) in shown.iter().enumerate() {
            let largest = market.largest.map(|(name, share)| format!("; {name} {}", words::percent(share)));
            let fill = band(market.label).map_or(Fill::Group, shade);
            marks.push(Mark::Bar(Bar {
                row,
                from: 0.0,
                segments: vec![Segment {
                    length: market.low,
                    fill,
                    hatched: band(market.label).is_none(),
                    labels: Vec::new(),
                    tooltip: String::new(),
                }],
                whisker: (market.high - market.low > 0.5).then_some((market.low, market.high)),
                text: format!("{}{}", market.hhi(), largest.clone().unwrap_or_default()),
                tooltip: format!(
                    "{}: HHI {}, {}{}; named firms hold {} of the market",
                    market.name,
                    market.hhi(),
                    market.label,
                    largest.unwrap_or_default(),
                    words::percent(market.coverage)
                ),
            }));
        }
        let names = shown
            .iter()
            .map(|market| Category { label: market.name.to_string(), detail: String::new() })
            .collect();
        let lines = bands.windows(2).map(|pair| Reference {
            on: On::X,
            at: pair[0].0,
            label: format!("above {}: {}", format_unit(pair[0].0, Unit::Hhi), pair[1].1),
        });
        let high = end_of_axis(shown.iter().map(|market| market.high).fold(2000.0, f64::max), 10_000.0);
        let axes = Axes {
            x: Axis::new(
                "Herfindahl-Hirschman index, 0 to 10,000",
                Scale::Quantity { unit: chart::Unit::Number, low: 0.0, high },
            ),
            y: Axis::new("", Scale::Categories(names)),
            zones: Vec::new(),
            lines: lines.collect(),
            marks,
        };
        let mut legend: Vec<Key> = bands
            .iter()
            .enumerate()
            .filter(|(_, (_, name))| shown.iter().any(|market| market.label == *name))
            .map(|(at, (_, name))| block(shade(at), false, name))
            .collect();
        if shown.iter().any(|market| band(market.label).is_none()) {
            legend.push(block(Fill::Group, true, "undetermined: bounds in two bands"));
        }
        legend.push(Key::new(Swatch::Whisker, "interval: unlisted rest as many firms, or one"));
        legend.push(Key::new(Swatch::Rule, self.preset.name().to_string() + " threshold"));
        let whose = match self.by {
            By::Entity => "each vendor by itself",
            By::Owner => "vendors under one owner as one",
            By::Country => "vendors with their seat in one country as one",
            By::Production => "what is produced in one country as one",
        };
        let mut caption = vec![
            format!("{} Shares are of {whose}; the largest is named.", tally(markets, bands)),
            format!("Thresholds: {}", self.preset.describe()),
        ];
        if !rest.is_empty() {
            caption.push(format!(
                "{} left out.",
                count(rest.len(), "less concentrated market is", "less concentrated markets are")
            ));
        }
        caption.extend(words::provenance(self, view));
        let mut folded = left_out_table("market", "The HHI of the market at most, 0 to 10,000");
        for market in rest {
            folded.rows.push(vec![
                market.cell.clone(),
                Cell::text("beyond the top"),
                Cell::Number(market.high),
            ]);
        }
        let told: Vec<String> =
            shown.iter().take(5).map(|market| format!("{} {}", market.name, market.hhi())).collect();
        let chart = Chart {
            title: match self.by {
                By::Entity => "Concentration of markets".to_string(),
                by => format!("Concentration of markets, by {}", by.name()),
            },
            caption,
            alt: format!(
                "Bars of the HHI of {}. {} Most concentrated: {}.",
                count(shown.len(), "market", "markets"),
                tally(markets, bands),
                told.join(", ")
            ),
            legend,
            page: Page::for_rows(shown.len()),
            plot: Plot::Axes(axes),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// How many markets stand in each band, in a sentence.
fn tally(markets: &[Market<'_>], bands: &[(f64, &str)]) -> String {
    let of = |label: &str| markets.iter().filter(|market| market.label == label).count();
    let mut parts: Vec<String> = bands
        .iter()
        .rev()
        .map(|(_, name)| *name)
        .chain([UNDETERMINED])
        .map(|name| (of(name), name))
        .filter(|(n, _)| *n > 0)
        .map(|(n, name)| format!("{n} {name}"))
        .collect();
    if parts.is_empty() {
        parts.push("none in a band".to_string());
    }
    format!("Of {}, {}.", count(markets.len(), "market", "markets"), list(&parts, "and"))
}
