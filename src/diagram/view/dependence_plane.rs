//! Pairs of customer and provider in the plane of mutual dependence.

use serde::{Deserialize, Serialize};

use super::chart_words::{left_out_table, whole, words_in};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, LockIn, View};
use crate::answer::{Answer, Cell, Table, Unit, format_unit};
use crate::diagram::Fill;
use crate::diagram::chart::{
    self, Axes, Axis, Chart, Estimate, Glyph, Key, Mark, On, Page, Plot, Point, Reference, Scale, Swatch,
    Zone,
};
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

/// Who depends on whom, both ways.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct DependencePlane {
    /// Only pairs of this customer
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// Only pairs of this provider
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// How many pairs are named, the largest commitments first, 1 to 60 [default: 40]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 40;
const MOST: usize = 60;
/// Share from which a side counts as dependent, as `lock-in` has it.
const DEPENDENT: f64 = 0.2;
/// Names of the two measures in the profile of a pair.
const SPEND: &str = "spend share";
const REVENUE: &str = "provider's dependence on the customer";

impl Figured for DependencePlane {
    const CARD: ViewCard = ViewCard {
        name: "dependence-plane",
        title: "Plane of mutual dependence",
        shows: "Each pair of customer and provider by how much either depends on the other: hostage, captive, mutual or loose, with the \
                intervals that sources leave open. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram dependence-plane",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (name, value) in [("--customer", &self.customer), ("--provider", &self.provider)] {
            words.extend(value.iter().flat_map(|key| [name.to_string(), key.clone()]));
        }
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let ask =
            LockIn { customer: self.customer.clone(), provider: self.provider.clone(), ..LockIn::default() };
        let answer = ask.run(view)?;
        let mut pairs = pairs(view, &answer);
        // the largest first, those of unknown size last
        pairs.arrange(|a, b| {
            b.size
                .total_cmp(&a.size)
                .then((&a.customer.1, &a.provider.1).cmp(&(&b.customer.1, &b.provider.1)))
        });
        if pairs.iter().all(|pair| pair.spend.is_none()) {
            return Err(ViewError::NoData("no share of a need is known of any committed pair".to_string()));
        }
        Ok(self.chart(view, &pairs, top))
    }
}

/// A pair with both measures, as far as they are known.
struct Pair {
    /// Key and name.
    customer: (String, String),
    provider: (String, String),
    /// Share of the customer's need that the provider covers.
    spend: Option<Estimate>,
    /// Share of the provider's revenue that the customer's commitment makes.
    revenue: Option<Estimate>,
    /// Least money committed, dollars.
    size: f64,
}

impl Pair {
    fn name(&self) -> String {
        format!("{} → {}", self.customer.1, self.provider.1)
    }

    /// The quadrant, or what is not known.
    fn position(&self) -> &'static str {
        match (self.spend.map(|s| s.at >= DEPENDENT), self.revenue.map(|r| r.at >= DEPENDENT)) {
            (Some(true), Some(true)) => "mutual",
            (Some(true), Some(false)) => "hostage",
            (Some(false), Some(true)) => "captive",
            (Some(false), Some(false)) => "loose",
            _ => "unknown",
        }
    }

    fn tooltip(&self) -> String {
        let told = |value: Option<Estimate>| match value {
            None => "unknown".to_string(),
            Some(value) if value.is_wide() => {
                format!("{} to {}", words::percent(value.low), words::percent(value.high))
            }
            Some(value) => words::percent(value.at),
        };
        let size =
            if self.size > 0.0 { format_unit(self.size, Unit::Usd) } else { "of unknown size".to_string() };
        format!(
            "{}: {}\nshare of the customer's need {}\nshare of the provider's revenue {}\ncommitted: {size}",
            self.name(),
            self.position(),
            told(self.spend),
            told(self.revenue)
        )
    }
}

fn item(cell: Option<&Cell>) -> Option<(String, String)> {
    match cell? {
        Cell::Item { key, name } => Some((key.clone(), name.clone())),
        _ => None,
    }
}

/// The pairs of an answer, with the intervals of their profiles.
fn pairs(view: &View<'_>, answer: &Answer) -> Vec<Pair> {
    let empty = Table::new("", "", Vec::new());
    let main = answer.table("lock-in").unwrap_or(&empty);
    let plane = answer.table("plane").unwrap_or(&empty);
    let counted: Vec<usize> = (0..main.rows.len())
        .filter(|row| main.cell(*row, "status").is_some_and(|cell| words_in(cell) == "counted"))
        .collect();
    let pair = |row: &usize| {
        let (customer, provider) = (item(main.cell(*row, "customer"))?, item(main.cell(*row, "provider"))?);
        let same = |at: &usize| {
            item(plane.cell(*at, "customer")).as_ref() == Some(&customer)
                && item(plane.cell(*at, "provider")).as_ref() == Some(&provider)
        };
        let stated = (0..plane.rows.len()).find(same);
        let least = |column: &str| plane.number(stated?, column).filter(|at| *at <= 1.0).map(Estimate::exact);
        let ask = LockIn {
            customer: Some(customer.0.clone()),
            provider: Some(provider.0.clone()),
            ..LockIn::default()
        };
        // a group as provider has a profile for each of its businesses only
        let own = ask.run(view).ok();
        let profile = own.as_ref().and_then(|own| own.table("profile"));
        let range = |field: &str| profile.and_then(|table| range(table, field));
        Some(Pair {
            spend: range(SPEND).or(least("spend_share")),
            revenue: range(REVENUE).or(least("provider_dependence")),
            size: main.number(*row, "committed_low").unwrap_or(0.0),
            customer,
            provider,
        })
    };
    counted.side_by_side(pair).into_iter().flatten().collect()
}

/// A field of a profile: its least value, and how far up it may be. A commitment beyond the whole revenue counts as all.
fn range(profile: &Table, field: &str) -> Option<Estimate> {
    let row = (0..profile.rows.len())
        .find(|row| profile.cell(*row, "field").is_some_and(|cell| words_in(cell) == field))?;
    let low = profile.number(row, "low")?.clamp(0.0, 1.0);
    let high = profile.number(row, "high").unwrap_or(1.0).clamp(low, 1.0);
    Some(Estimate { at: low, low, high })
}

impl DependencePlane {
    fn chart(&self, view: &View<'_>, pairs: &[Pair], top: usize) -> Drawing {
        let mut marks = Vec::new();
        let mut folded = left_out_table("pair", "Least money committed, dollars; empty where unknown");
        for (rank, pair) in pairs.iter().enumerate() {
            if pair.spend.is_none() {
                let why = "neither share of a need is known";
                let why = if pair.revenue.is_some() { "no share of a need is known" } else { why };
                let size = Some(pair.size).filter(|size| *size > 0.0);
                folded.rows.push(vec![Cell::text(pair.name()), Cell::text(why), Cell::number(size)]);
                continue;
            }
            let (glyph, fill) = looks(pair.position());
            marks.push(Mark::Point(Point {
                x: pair.spend,
                y: pair.revenue,
                label: if rank < top { pair.name() } else { String::new() },
                rank: -(rank as f64),
                glyph,
                fill,
                tooltip: pair.tooltip(),
            }));
        }
        let share = || Scale::Quantity { unit: chart::Unit::Share, low: 0.0, high: 1.0 };
        let axes = Axes {
            x: Axis::new("Share of the customer's need that the provider covers", share()),
            y: Axis {
                gutter: marks.iter().any(is_half).then(|| "unknown".to_string()),
                ..Axis::new("Share of the provider's revenue that a year's commitment makes", share())
            },
            zones: zones(),
            lines: [On::X, On::Y]
                .into_iter()
                .map(|on| Reference {
                    on,
                    at: DEPENDENT,
                    label: format!("dependent from {}", words::percent(DEPENDENT)),
                })
                .collect(),
            marks,
        };
        let of = |position: &str| {
            pairs.iter().filter(|pair| pair.spend.is_some() && pair.position() == position).count()
        };
        let legend = QUADRANTS
            .iter()
            .filter(|(name, _)| of(name) > 0)
            .map(|(name, says)| {
                let (glyph, fill) = looks(name);
                Key::new(Swatch::Glyph { glyph, fill }, format!("{name}: {says}"))
            })
            .chain([Key::new(Swatch::Whisker, "interval; the mark stands at the least")])
            .collect();
        let tally: Vec<String> = QUADRANTS
            .iter()
            .map(|(name, _)| (of(name), name))
            .filter(|(n, _)| *n > 0)
            .map(|(n, name)| format!("{n} {name}"))
            .collect();
        let mut caption = vec![format!(
            "Of {} with commitments: {}. A commitment beyond a year's revenue counts as all of it.",
            count(pairs.len(), "pair", "pairs"),
            words::list(&tally, "and")
        )];
        if !folded.rows.is_empty() {
            let left = count(folded.rows.len(), "pair is", "pairs are");
            caption.push(format!(
                "{left} not drawn, because no share of the customer's need is known: unknown is not none."
            ));
        }
        caption.extend(words::provenance(self, view));
        let told: Vec<String> = pairs
            .iter()
            .filter(|pair| pair.revenue.is_some() && pair.spend.is_some())
            .take(8)
            .map(|pair| format!("{} {}", pair.name(), pair.position()))
            .collect();
        let chart = Chart {
            title: "Who depends on whom: the plane of mutual dependence".to_string(),
            caption,
            alt: format!(
                "Points in four quadrants, one for each pair of customer and provider: {}. {}.",
                words::list(&tally, "and"),
                told.join("; ")
            ),
            legend,
            page: Page::Across,
            plot: Plot::Axes(axes),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// Whether a point has a value on the horizontal axis only.
fn is_half(mark: &Mark) -> bool {
    matches!(mark, Mark::Point(point) if point.y.is_none())
}

/// The positions and what they mean.
const QUADRANTS: [(&str, &str); 5] = [
    ("hostage", "only the customer depends"),
    ("captive", "only the provider depends"),
    ("mutual", "both depend"),
    ("loose", "neither depends"),
    ("unknown", "how far the provider depends"),
];

fn looks(position: &str) -> (Glyph, Fill) {
    match position {
        "hostage" => (Glyph::Triangle, Fill::Hue(5)),
        "captive" => (Glyph::Diamond, Fill::Hue(0)),
        "mutual" => (Glyph::Square, Fill::Hue(2)),
        "loose" => (Glyph::Disc, Fill::Hue(6)),
        _ => (Glyph::Disc, Fill::Neutral),
    }
}

fn zones() -> Vec<Zone> {
    let (low, high) = ((None, Some(DEPENDENT)), (Some(DEPENDENT), None));
    let zone = |x, y, label: &str, detail: &str, shade| Zone {
        x,
        y,
        label: label.to_string(),
        detail: detail.to_string(),
        shade,
    };
    vec![
        zone(low, high, "Captive", "the provider depends", 1),
        zone(high, high, "Mutual", "both depend", 2),
        zone(low, low, "Loose", "neither depends", 0),
        zone(high, low, "Hostage", "the customer depends", 1),
    ]
}
