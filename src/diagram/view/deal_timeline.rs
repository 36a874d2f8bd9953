//! The deals on a line of time: when, between whom, how much, for how long, how firm.

use serde::{Deserialize, Serialize};

use super::chart_words::{left_out_table, moment, whole};
use super::ties::short;
use super::words::{self, count, list, some, status_name};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::View;
use crate::answer::{Cell, Unit, format_unit};
use crate::diagram::Fill;
use crate::diagram::chart::{
    Axes, Axis, Category, Chart, Estimate, Glyph, Key, Mark, On, Page, Plot, Point, Reference, Scale, Swatch,
};
use crate::model::{Date, Detail, EntityId, Measure, Relation, Status, Term};
use crate::order::Arrange;

/// Commitments, investments and loans by date.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct DealTimeline {
    /// Only deals with these, on either side
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY", value_delimiter = ','))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// How many deals are drawn, the largest first, 1 to 34 [default: 24]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 24;
const MOST: usize = 34;
/// The most years that the line goes on after the day: a longer term ends at the edge.
const AHEAD: f64 = 8.0;

impl Figured for DealTimeline {
    const CARD: ViewCard = ViewCard {
        name: "deal-timeline",
        title: "Deals over time",
        shows: "Commitments, investments and loans by date: parties, amounts, terms, and which are no more than announced. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram deal-timeline --of openai,anthropic",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.of.is_empty() {
            words.extend(["--of".to_string(), self.of.join(",")]);
        }
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let of: Result<Vec<EntityId>, _> = self.of.iter().map(|key| view.graph.find_entity(key)).collect();
        let of = of?;
        let ids = view.graph.relation_ids();
        let mut undated = 0;
        let mut deals: Vec<Deal<'_>> =
            ids.filter_map(|id| deal(view, view.graph.relation(id), &of, &mut undated)).collect();
        if deals.is_empty() {
            return Err(ViewError::NoData(
                "no deal with a date and a stated amount is known on the day".to_string(),
            ));
        }
        deals.arrange(|a, b| {
            b.usd.round().total_cmp(&a.usd.round()).then(a.relation.key.cmp(&b.relation.key))
        });
        let rest = deals.split_off(top.min(deals.len()));
        deals.arrange(|a, b| a.day.cmp(&b.day).then(a.relation.key.cmp(&b.relation.key)));
        Ok(self.chart(view, &of, &deals, &rest, undated))
    }
}

/// What a deal is, and how it looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sort {
    Commitment,
    Equity,
    Debt,
}

impl Sort {
    const ALL: [Self; 3] = [Self::Commitment, Self::Equity, Self::Debt];

    fn looks(self) -> (Glyph, Fill, &'static str) {
        match self {
            Self::Commitment => (Glyph::Diamond, Fill::Hue(5), "committed to be spent"),
            Self::Equity => (Glyph::Disc, Fill::Hue(0), "invested in equity"),
            Self::Debt => (Glyph::Square, Fill::Hue(2), "lent as debt"),
        }
    }
}

/// One deal with a date and an amount.
struct Deal<'g> {
    relation: &'g Relation,
    from: EntityId,
    to: EntityId,
    sort: Sort,
    status: Status,
    day: Date,
    /// Until when it runs at the latest, in years; `None` where nobody says.
    end: Option<f64>,
    usd: f64,
    amount: String,
}

/// A relation as a deal, where it is one, known on the day, and no tranche of another one that is drawn.
fn deal<'g>(
    view: &View<'g>,
    relation: &'g Relation,
    of: &[EntityId],
    undated: &mut usize,
) -> Option<Deal<'g>> {
    let (sort, measure, term): (Sort, &Option<Measure>, Option<Term>) = match &relation.detail {
        Detail::Commits { spend, term, .. } => (Sort::Commitment, spend, Some(*term)),
        Detail::Invests { amount, .. } => (Sort::Equity, amount, None),
        Detail::Finances { amount, term, .. } => (Sort::Debt, amount, Some(*term)),
        _ => return None,
    };
    let to = relation.to?;
    if !of.is_empty() && !of.contains(&relation.from) && !of.contains(&to) {
        return None;
    }
    let scope = &view.scope;
    let status = scope.status_of(relation)?;
    if relation.evidence.confidence > scope.min_confidence || relation.part_of.is_some() {
        return None;
    }
    let measure = measure.as_ref()?;
    let usd = view.graph.usd_point(measure, scope.as_of)?;
    let Some(day) = relation.since.map(|since| since.first()) else {
        *undated += 1;
        return None;
    };
    if day > scope.as_of {
        return None;
    }
    let years = match term {
        Some(Term::Years(years) | Term::Between(_, years)) => Some(years),
        _ => None,
    };
    let end = years.map(|years| moment(day) + years);
    let amount = short(measure)?;
    Some(Deal { relation, from: relation.from, to, sort, status, day, end, usd, amount })
}

impl DealTimeline {
    fn chart(
        &self,
        view: &View<'_>,
        of: &[EntityId],
        deals: &[Deal<'_>],
        rest: &[Deal<'_>],
        undated: usize,
    ) -> Drawing {
        let name = |id: EntityId| view.graph.entity(id).name.as_str();
        let parties = |deal: &Deal<'_>| format!("{} → {}", name(deal.from), name(deal.to));
        let today = moment(view.scope.as_of);
        let first = deals.iter().map(|deal| moment(deal.day)).fold(today, f64::min);
        let ends = deals.iter().filter_map(|deal| deal.end).fold(today, f64::max);
        let (low, high) = ((first - 0.7).floor(), ends.min(today + AHEAD).max(today + 0.5).ceil());
        let mut marks = Vec::new();
        let mut rows = Vec::new();
        let mut cut = 0;
        for (row, deal) in deals.iter().enumerate() {
            rows.push(Category { label: parties(deal), detail: String::new() });
            let at = moment(deal.day);
            let end = deal.end.unwrap_or(at).max(at);
            cut += usize::from(end > high);
            let (glyph, fill, says) = deal.sort.looks();
            let lapsed = deal.status == Status::Lapsed;
            let firm = !matches!(deal.status, Status::Announced | Status::Intent | Status::Lapsed);
            marks.push(Mark::Point(Point {
                x: Some(Estimate { at, low: at, high: end.min(high) }),
                y: Some(Estimate::exact(row as f64)),
                label: deal.amount.clone(),
                rank: deal.usd,
                glyph: if lapsed { Glyph::Cross } else { glyph },
                fill: if firm { fill } else { Fill::Neutral },
                tooltip: format!(
                    "{}: {} {says} ({}, {}). {}",
                    parties(deal),
                    deal.amount,
                    status_name(deal.status),
                    deal.day,
                    view.graph.describe_relation(deal.relation)
                ),
            }));
        }
        let mut legend = Vec::new();
        for sort in Sort::ALL {
            let (glyph, fill, says) = sort.looks();
            if deals.iter().any(|deal| deal.sort == sort) {
                legend.push(Key::new(Swatch::Glyph { glyph, fill }, says));
            }
        }
        let has = |wanted: &[Status]| deals.iter().any(|deal| wanted.contains(&deal.status));
        if has(&[Status::Announced, Status::Intent]) {
            let white = Swatch::Glyph { glyph: Glyph::Diamond, fill: Fill::Neutral };
            legend.push(Key::new(white, "white: announced or intended, not signed"));
        }
        if has(&[Status::Lapsed]) {
            let cross = Swatch::Glyph { glyph: Glyph::Cross, fill: Fill::Neutral };
            legend.push(Key::new(cross, "lapsed"));
        }
        if deals.iter().any(|deal| deal.end.is_some()) {
            legend.push(Key::new(Swatch::Whisker, "its term, at the longest"));
        }
        let mut folded = left_out_table("deal", "US dollars");
        for deal in rest {
            folded.rows.push(vec![
                Cell::text(parties(deal)),
                Cell::text("beyond the top"),
                Cell::Number(deal.usd),
            ]);
        }
        let sum: f64 = deals.iter().map(|deal| deal.usd).sum();
        let open = deals.iter().filter(|deal| deal.end.is_none() && deal.sort == Sort::Commitment).count();
        let mut caption = vec![format!(
            "{} of {} in all, with the status of the day; tranches of a total are left out. Who gives or promises → who receives; the amount is as the sources state it.",
            count(deals.len(), "deal", "deals"),
            format_unit(sum, Unit::Usd)
        )];
        let mut notes = Vec::new();
        if open > 0 {
            notes.push(format!("{} no term.", count(open, "commitment states", "commitments state")));
        }
        if cut > 0 {
            notes.push(format!("{} beyond the right edge.", count(cut, "term goes", "terms go")));
        }
        if !rest.is_empty() {
            let left: f64 = rest.iter().map(|deal| deal.usd).sum();
            let what = count(rest.len(), "smaller deal", "smaller deals");
            notes.push(format!("{what} of {} in all left out.", format_unit(left, Unit::Usd)));
        }
        if undated > 0 {
            notes.push(format!("{} no date.", count(undated, "deal has", "deals have")));
        }
        if !notes.is_empty() {
            caption.push(notes.join(" "));
        }
        let statuses: Vec<&str> = view.scope.status.iter().map(|status| status_name(*status)).collect();
        let counted = format!("deals {}", list(&statuses, "and"));
        caption.extend(
            words::provenance(self, view).iter().map(|line| line.replace(&counted, "deals of every status")),
        );
        let title = if of.is_empty() {
            "The largest deals over time".to_string()
        } else {
            let names: Vec<&str> = of.iter().map(|id| name(*id)).collect();
            format!("Deals of {} over time", list(&names, "and"))
        };
        let told: Vec<String> = (deals.iter())
            .map(|deal| {
                format!("{}: {} {}, {}", deal.day, parties(deal), deal.amount, status_name(deal.status))
            })
            .collect();
        let chart = Chart {
            alt: format!("{title}. {}.", some(&told, 12)),
            title,
            caption,
            legend,
            page: Page::for_rows(deals.len()),
            plot: Plot::Axes(Axes {
                x: Axis::new("", Scale::Time { low, high }),
                y: Axis::new("", Scale::Categories(rows)),
                zones: Vec::new(),
                lines: vec![Reference { on: On::X, at: today, label: format!("as of {}", view.scope.as_of) }],
                marks,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}
