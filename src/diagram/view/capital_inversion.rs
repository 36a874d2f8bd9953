//! Deals by how much is promised for each dollar put in, as bars with intervals.

use serde::{Deserialize, Serialize};

use super::chart_words::{block, end_of_axis, left_out_table, whole, words_in};
use super::words::{self, count, list};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, Deals, View};
use crate::answer::{Cell, Table, Unit, format_unit};
use crate::diagram::Fill;
use crate::diagram::chart::{
    self, Axes, Axis, Bar, Category, Chart, Key, Mark, On, Page, Plot, Reference, Scale, Segment, Swatch,
};
use crate::order::Arrange;

/// Dollars promised for each dollar put in, deal by deal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct CapitalInversion {
    /// Only deals in which one of these takes part, as themselves or through what they control
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// How many deals are drawn, 1 to 40 [default: 20]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 20;
const MOST: usize = 40;

impl Figured for CapitalInversion {
    const CARD: ViewCard = ViewCard {
        name: "capital-inversion",
        title: "What is promised for each dollar put in",
        shows: "Deals with money on both sides: dollars that the customer promised to spend for each dollar that the provider's side put \
                into it, with the interval that the sources leave. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram capital-inversion",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.of.is_empty() {
            words.extend(["--of".to_string(), self.of.join(",")]);
        }
        if let Some(top) = self.top {
            words.extend(["--top".to_string(), top.to_string()]);
        }
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let answer = Deals { of: self.of.clone(), ..Deals::default() }.run(view)?;
        let nothing = || ViewError::NoData("no deal states money on both sides".to_string());
        let table = answer.table("deals").ok_or_else(nothing)?;
        let mut deals: Vec<Deal<'_>> =
            (0..table.rows.len()).filter_map(|row| Deal::read(table, row)).collect();
        if deals.is_empty() {
            return Err(nothing());
        }
        deals.arrange(|a, b| b.low.total_cmp(&a.low));
        let overview = answer.table("overview");
        let tally = |column: &str| overview.and_then(|table| table.number(0, column)).unwrap_or(0.0) as usize;
        Ok(self.chart(view, &deals, top, (tally("packages"), tally("both_sides"))))
    }
}

/// A deal with money on both sides.
struct Deal<'a> {
    cell: &'a Cell,
    name: String,
    low: f64,
    high: Option<f64>,
    sums: String,
    together: bool,
}

impl<'a> Deal<'a> {
    fn read(table: &'a Table, row: usize) -> Option<Self> {
        let investors = match table.cell(row, "investors")? {
            Cell::Items(items) => {
                let names: Vec<String> = items.iter().map(|(_, name)| name.clone()).collect();
                list(&names, "and")
            }
            cell => words_in(cell).to_string(),
        };
        let customer = words_in(table.cell(row, "customer")?);
        let sum = |low: &str, high: &str| {
            let (low, high) = (table.number(row, low).unwrap_or(0.0), table.number(row, high));
            let shown = |value: f64| format_unit(value, Unit::Usd);
            match high {
                None => format!("{} or more", shown(low)),
                Some(high) if high > low => format!("{} to {}", shown(low), shown(high)),
                Some(_) => shown(low),
            }
        };
        Some(Self {
            cell: table.cell(row, "package")?,
            name: format!("{customer} for {investors}"),
            low: table.number(row, "leverage_low")?,
            high: table.number(row, "leverage_high"),
            sums: format!(
                "{} for {}",
                sum("committed_low", "committed_high"),
                sum("invested_low", "invested_high")
            ),
            together: table.cell(row, "linked").map(words_in) == Some("together"),
        })
    }

    /// The number or the range, as the table has it.
    fn leverage(&self) -> String {
        let shown = |value: f64| format_unit(value, Unit::Ratio);
        match self.high {
            None => format!("{} or more", shown(self.low)),
            Some(high) if shown(high) != shown(self.low) => {
                format!("{} to {}", shown(self.low), shown(high))
            }
            Some(_) => shown(self.low),
        }
    }
}

impl CapitalInversion {
    fn chart(&self, view: &View<'_>, deals: &[Deal<'_>], top: usize, tally: (usize, usize)) -> Drawing {
        let (shown, rest) = deals.split_at(top.min(deals.len()));
        let marks = shown.iter().enumerate().map(|(row, deal)| {
            let fill = if deal.together { Fill::Heat(2) } else { Fill::Group };
            Mark::Bar(Bar {
                row,
                from: 0.0,
                segments: vec![Segment {
                    length: deal.low,
                    fill,
                    hatched: !deal.together,
                    labels: Vec::new(),
                    tooltip: String::new(),
                }],
                whisker: deal.high.filter(|high| high - deal.low > 0.01).map(|high| (deal.low, high)),
                text: format!("{}: {}", deal.leverage(), deal.sums),
                tooltip: format!("{}: {} promised, {}", deal.name, deal.sums, deal.leverage()),
            })
        });
        let most = shown.iter().map(|deal| deal.high.unwrap_or(deal.low)).fold(2.0, f64::max);
        let high = end_of_axis(most, f64::MAX);
        let names =
            shown.iter().map(|deal| Category { label: deal.name.clone(), detail: String::new() }).collect();
        let axes = Axes {
            x: Axis::new(
                "Dollars promised for each dollar put in",
                Scale::Quantity { unit: chart::Unit::Number, low: 0.0, high },
            ),
            y: Axis::new("", Scale::Categories(names)),
            zones: Vec::new(),
            lines: vec![Reference { on: On::X, at: 1.0, label: "above 1: inverted".to_string() }],
            marks: marks.collect(),
        };
        let mut legend: Vec<Key> = Vec::new();
        if shown.iter().any(|deal| deal.together) {
            legend.push(block(Fill::Heat(2), false, "agreed together"));
        }
        if shown.iter().any(|deal| !deal.together) {
            legend.push(block(Fill::Group, true, "by pair: not known to be agreed together"));
        }
        if shown.iter().any(|deal| deal.high.is_some_and(|high| high - deal.low > 0.01)) {
            legend.push(Key::new(Swatch::Whisker, "interval; the bar ends at the least"));
        }
        let (packages, both) = tally;
        let mut caption = vec![format!(
            "Of {}, {} money on both sides. \"Or more\": nothing bounds it from above.",
            count(packages, "package", "packages"),
            if both == 1 { "1 states".to_string() } else { format!("{both} state") }
        )];
        if both > deals.len() {
            let open =
                count(both - deals.len(), "of them states no least and is", "of them state no least and are");
            caption.push(format!("{open} not drawn."));
        }
        if !rest.is_empty() {
            caption.push(format!("{} left out.", count(rest.len(), "smaller one is", "smaller ones are")));
        }
        caption.extend(words::provenance(self, view));
        let mut folded = left_out_table("package", "Dollars promised for each dollar put in, at least");
        for deal in rest {
            folded.rows.push(vec![deal.cell.clone(), Cell::text("beyond the top"), Cell::Number(deal.low)]);
        }
        let told: Vec<String> =
            shown.iter().take(5).map(|deal| format!("{} {}", deal.name, deal.leverage())).collect();
        let chart = Chart {
            title: Self::CARD.title.to_string(),
            caption,
            alt: format!(
                "Bars of the commitment for each dollar invested, of {}. {}.",
                count(shown.len(), "deal", "deals"),
                told.join(", ")
            ),
            legend,
            page: Page::for_rows(shown.len()),
            plot: Plot::Axes(axes),
        };
        Drawing { figure: chart.into(), folded }
    }
}
