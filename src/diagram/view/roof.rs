//! How much of each lab's compute is under one roof.

use serde::{Deserialize, Serialize};

use super::chart_words::{block, left_out_table, words_in};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, Stacks, View};
use crate::answer::{Cell, Table};
use crate::diagram::Fill;
use crate::diagram::chart::{Axes, Axis, Bar, Category, Chart, Mark, Page, Plot, Scale, Segment, Unit};
use crate::order::Arrange;

/// Stacked bars: each lab's compute by ultimate owner of the provider.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Roof {
    /// The kind of entity that is a lab [default: lab]
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labs: Option<String>,
    /// The product that is compute [default: cloud-compute]
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub compute: Option<String>,
}

/// Owners with a colour of their own; the others share one.
const COLOURED: usize = 6;
/// More labs than this do not fit on a page.
const MOST_LABS: usize = 40;
/// Parts below this may be too narrow for a name.
const NARROW: f64 = 0.13;
/// The colour of owners without one of their own.
const OTHERS: Fill = Fill::Hue(6);

impl Figured for Roof {
    const CARD: ViewCard = ViewCard {
        name: "roof",
        title: "Compute under one roof",
        shows: "Each lab's compute as a bar, parted by the ultimate owner of the provider, with the part that nobody names or that is only \
                assumed hatched. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram roof",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (name, value) in [("--labs", &self.labs), ("--compute", &self.compute)] {
            words.extend(value.iter().flat_map(|value| [name.to_string(), value.clone()]));
        }
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let usual = Stacks::default();
        let ask = Stacks {
            labs: self.labs.clone().unwrap_or(usual.labs.clone()),
            compute: self.compute.clone().unwrap_or(usual.compute.clone()),
            ..usual
        };
        let answer = ask.run(view)?;
        let (roofs, shares) = (answer.table("roofs"), answer.table("roof-shares"));
        match roofs.zip(shares).filter(|(roofs, _)| !roofs.rows.is_empty()) {
            Some((roofs, shares)) => Ok(self.chart(view, roofs, shares)),
            None => Err(ViewError::NoData("no lab's need of compute is known in the scope".to_string())),
        }
    }
}

/// One owner's part of one lab's compute.
struct Part<'a> {
    owner: &'a str,
    share: f64,
    assumed: f64,
}

fn parts<'a>(shares: &'a Table, lab: &Cell) -> Vec<Part<'a>> {
    let own = |row: &usize| shares.cell(*row, "lab").is_some_and(|cell| cell.as_key() == lab.as_key());
    let part = |row: usize| {
        let (share, assumed) = (shares.number(row, "share")?, shares.number(row, "assumed")?);
        Some(Part { owner: words_in(shares.cell(row, "owner")?), share, assumed })
    };
    (0..shares.rows.len()).filter(own).filter_map(part).collect()
}

impl Roof {
    fn chart(&self, view: &View<'_>, roofs: &Table, shares: &Table) -> Drawing {
        let labs: Vec<&Cell> = (0..roofs.rows.len()).filter_map(|row| roofs.cell(row, "lab")).collect();
        let shown = &labs[..labs.len().min(MOST_LABS)];
        let coloured = coloured(shares);
        let fill = |owner: &str| {
            coloured.iter().position(|name| *name == owner).map_or(OTHERS, |at| Fill::Hue(at as u8))
        };
        let (mut marks, mut told, mut narrow) = (Vec::new(), Vec::new(), Vec::new());
        let (mut others, mut assumed, mut unknown) = (false, false, false);
        for (row, lab) in shown.iter().enumerate() {
            let name = words_in(lab);
            let mut segments = Vec::new();
            let parts = parts(shares, lab);
            for part in &parts {
                others |= fill(part.owner) == OTHERS;
                let mut push = |length: f64, hatched: bool| {
                    let percent = words::percent(length);
                    let how = if hatched { ", assumed" } else { "" };
                    segments.push(Segment {
                        length,
                        fill: fill(part.owner),
                        hatched,
                        labels: vec![format!("{} {percent}", part.owner), percent.clone()],
                        tooltip: format!("{name}: {percent} from {}{how}", part.owner),
                    });
                };
                if part.share - part.assumed > 1e-9 {
                    push(part.share - part.assumed, false);
                }
                if part.assumed > 1e-9 {
                    assumed = true;
                    push(part.assumed, true);
                }
            }
            let rest = (1.0 - parts.iter().map(|part| part.share).sum::<f64>()).max(0.0);
            if rest > 1e-6 {
                unknown = true;
                let percent = words::percent(rest);
                segments.push(Segment {
                    length: rest,
                    fill: Fill::Neutral,
                    hatched: true,
                    labels: vec![format!("unknown {percent}"), percent.clone()],
                    tooltip: format!("{name}: {percent} from nobody knows whom"),
                });
            }
            let small = |part: &&Part<'_>| part.share < NARROW;
            let small: Vec<String> = parts
                .iter()
                .filter(small)
                .map(|part| format!("{} {}", part.owner, words::percent(part.share)))
                .collect();
            if !small.is_empty() {
                narrow.push(format!("{name}: {}", small.join(", ")));
            }
            if let Some(largest) = parts.first() {
                told.push(format!("{name} {} {}", largest.owner, words::percent(largest.share)));
            }
            marks.push(Mark::Bar(Bar {
                row,
                from: 0.0,
                segments,
                whisker: None,
                text: String::new(),
                tooltip: String::new(),
            }));
        }
        let names =
            shown.iter().map(|lab| Category { label: words_in(lab).to_string(), detail: String::new() });
        let mut legend: Vec<_> =
            coloured.iter().enumerate().map(|(at, name)| block(Fill::Hue(at as u8), false, name)).collect();
        if others {
            legend.push(block(OTHERS, false, "another owner"));
        }
        if assumed {
            legend.push(block(OTHERS, true, "hatched colour: assumed"));
        }
        if unknown {
            legend.push(block(Fill::Neutral, true, "hatched white: no named provider"));
        }
        let mut caption = vec![
            "Each bar is all compute that a lab uses; a part is what businesses under one ultimate owner supply. The largest part is the lab's \
             one roof."
                .to_string(),
        ];
        let mut folded = left_out_table("lab", "The largest share of its compute under one roof, 0 to 1");
        for (row, lab) in labs.iter().enumerate().skip(shown.len()) {
            let share = roofs.number(row, "share");
            folded.rows.push(vec![
                (*lab).clone(),
                Cell::text("beyond what a page holds"),
                Cell::number(share),
            ]);
        }
        if !narrow.is_empty() {
            caption.push(format!("Parts too narrow for a name: {}.", narrow.join("; ")));
        }
        if assumed {
            caption.push("Assumed parts are taken from market shares, or are equal.".to_string());
        }
        if !folded.rows.is_empty() {
            caption.push(format!("{} left out.", count(folded.rows.len(), "lab is", "labs are")));
        }
        caption.extend(words::provenance(self, view));
        let chart = Chart {
            title: "How much of each lab's compute is under one roof".to_string(),
            caption,
            alt: format!(
                "Stacked bars of {}. Largest part of each: {}.",
                count(shown.len(), "lab", "labs"),
                told.join("; ")
            ),
            legend,
            page: Page::Across,
            plot: Plot::Axes(Axes {
                x: Axis::new(
                    "Share of the lab's compute",
                    Scale::Quantity { unit: Unit::Share, low: 0.0, high: 1.0 },
                ),
                y: Axis::new("", Scale::Categories(names.collect())),
                zones: Vec::new(),
                lines: Vec::new(),
                marks,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// The owners with the most of all labs' compute, labs counted the same: those that have a colour.
fn coloured(shares: &Table) -> Vec<&str> {
    let mut sums: Vec<(&str, f64)> = Vec::new();
    for row in 0..shares.rows.len() {
        let Some((owner, share)) = shares.cell(row, "owner").map(words_in).zip(shares.number(row, "share"))
        else {
            continue;
        };
        match sums.iter_mut().find(|(name, _)| *name == owner) {
            Some((_, sum)) => *sum += share,
            None => sums.push((owner, share)),
        }
    }
    let rounded = |sum: f64| (sum * 1e12).round();
    sums.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.cmp(b.0)));
    sums.into_iter().take(COLOURED).map(|(name, _)| name).collect()
}
