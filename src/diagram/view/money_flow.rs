//! Who pays whom how much a year, as ribbons from payers to receivers.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chart_words::{left_out_table, whole};
use super::words::{self, count};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Circularity, View};
use crate::answer::{Cell, Unit, format_unit};
use crate::diagram::chart::{Category, Chart, Flows as Ribbons, Key, Page, Plot, Ribbon, Swatch};
use crate::diagram::{Fill, Line};
use crate::model::{EntityId, ProductId};
use crate::network::{Flows, Layer};
use crate::order::Arrange;

/// Flows of money in a year.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct MoneyFlow {
    /// Only money that these pay or receive
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Keep businesses apart from the groups that control them
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub separate: bool,
    /// How many flows are drawn, the largest first, 1 to 60 [default: 24]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 24;
const MOST: usize = 60;

/// What money is paid for, coarsely: one look each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum For {
    Goods,
    Equity,
    Debt,
    Unspecified,
}

impl For {
    const ALL: [Self; 4] = [Self::Goods, Self::Equity, Self::Debt, Self::Unspecified];

    fn of(layer: Layer) -> Self {
        match layer {
            Layer::Product(_) => Self::Goods,
            Layer::Equity => Self::Equity,
            Layer::Debt => Self::Debt,
            Layer::Unspecified => Self::Unspecified,
        }
    }

    fn looks(self) -> (Fill, Line, &'static str) {
        match self {
            Self::Goods => (Fill::Hue(0), Line::Solid, "paid for goods and services"),
            Self::Equity => (Fill::Hue(1), Line::Dashed, "invested in equity"),
            Self::Debt => (Fill::Hue(4), Line::Dotted, "lent as debt"),
            Self::Unspecified => (Fill::Hue(6), Line::Solid, "for what is not said"),
        }
    }
}

/// All payments of one kind between two.
struct Flow {
    from: EntityId,
    to: EntityId,
    what: For,
    amount: f64,
    /// What for, by name, the largest first.
    items: Vec<(String, f64)>,
}

impl Figured for MoneyFlow {
    const CARD: ViewCard = ViewCard {
        name: "money-flow",
        title: "Flows of money",
        shows: "Who pays whom in a year: payers left, receivers right, width by dollars; purchases, investment and loans apart. A chart: SVG or \
                PNG, no DOT.",
        example: "linchpin diagram money-flow --of openai,anthropic",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if !self.of.is_empty() {
            words.extend(["--of".to_string(), self.of.join(",")]);
        }
        if self.separate {
            words.push("--separate".to_string());
        }
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let usual = Circularity::default();
        let flows =
            Flows::collect(view.graph, &view.scope, usual.spread, usual.supposed_term, !self.separate);
        let mut wanted = Vec::new();
        for key in &self.of {
            let id = view.graph.find_entity(key)?;
            wanted.push(if self.separate { id } else { view.graph.ultimate_owner(id, &view.scope) });
        }
        let mut found = gather(view, &flows);
        found.retain(|flow| wanted.is_empty() || wanted.contains(&flow.from) || wanted.contains(&flow.to));
        if found.is_empty() {
            return Err(ViewError::NoData("no payments between entities are known in the scope".to_string()));
        }
        let rounded = |flow: &Flow| flow.amount.round();
        found.arrange(|a, b| {
            rounded(b).total_cmp(&rounded(a)).then((a.from, a.to, a.what).cmp(&(b.from, b.to, b.what)))
        });
        Ok(self.chart(view, &found, &flows, top, (usual.spread, usual.supposed_term)))
    }
}

/// Payments of one kind: those without a product, and those for each product.
type Sum = (f64, BTreeMap<ProductId, f64>);

/// Payments added up by payer, receiver and kind.
fn gather(view: &View<'_>, flows: &Flows) -> Vec<Flow> {
    // what is sold is told item by item; other payments have one name each, and there may be millions
    let mut sums: BTreeMap<(EntityId, EntityId, For), Sum> = BTreeMap::new();
    for payment in &flows.payments {
        let sum = sums.entry((payment.from, payment.to, For::of(payment.layer))).or_default();
        match payment.layer {
            Layer::Product(id) => *sum.1.entry(id).or_default() += payment.amount,
            _ => sum.0 += payment.amount,
        }
    }
    let flow = |((from, to, what), (sum, items)): (_, Sum)| {
        let name = |(id, amount)| (view.graph.product(id).name.clone(), amount);
        let mut items: Vec<(String, f64)> = items.into_iter().map(name).collect();
        // added up in the order of names
        items.arrange(|a, b| a.0.cmp(&b.0));
        let amount = items.iter().fold(sum, |sum, (_, amount)| sum + amount);
        items.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        Flow { from, to, what, amount, items }
    };
    sums.into_iter().map(flow).collect()
}

fn money(amount: f64) -> String {
    format_unit(amount, Unit::Usd)
}

impl MoneyFlow {
    fn chart(
        &self,
        view: &View<'_>,
        found: &[Flow],
        flows: &Flows,
        top: usize,
        (spread, term): (f64, f64),
    ) -> Drawing {
        let name = |id: EntityId| view.graph.entity(id).name.as_str();
        let (shown, rest) = found.split_at(top.min(found.len()));
        let payers = side(shown, |flow| flow.from);
        let receivers = side(shown, |flow| flow.to);
        let place =
            |side: &[(EntityId, f64)], id: EntityId| side.iter().position(|(at, _)| *at == id).unwrap_or(0);
        let category =
            |(id, sum): &(EntityId, f64)| Category { label: name(*id).to_string(), detail: money(*sum) };
        let ribbon = |flow: &Flow| {
            let (fill, line, says) = flow.what.looks();
            let item = |(what, amount): &(String, f64)| format!("\n{what}: {} a year", money(*amount));
            let items: String =
                if flow.what == For::Goods { flow.items.iter().map(item).collect() } else { String::new() };
            Ribbon {
                from: place(&payers, flow.from),
                to: place(&receivers, flow.to),
                amount: flow.amount,
                fill,
                line,
                label: money(flow.amount),
                tooltip: format!(
                    "{} → {}: {} a year, {says}{items}",
                    name(flow.from),
                    name(flow.to),
                    money(flow.amount)
                ),
            }
        };
        let ribbons: Vec<Ribbon> = shown.iter().map(ribbon).collect();
        let legend: Vec<Key> = For::ALL
            .into_iter()
            .filter(|what| shown.iter().any(|flow| flow.what == *what))
            .map(|what| {
                let (fill, line, says) = what.looks();
                Key::new(Swatch::Ribbon { fill, line }, says)
            })
            .chain([Key::new(Swatch::Note, "width: dollars a year")])
            .collect();
        let total: f64 = shown.iter().map(|flow| flow.amount).sum();
        let mut caption = vec![format!(
            "Dollars a year: sums paid once are spread over {spread} years, commitments over their term, or over {term} years where they state none. Sums at the sides are of the flows that are drawn."
        )];
        if !self.separate {
            caption.push("A business that a group controls is on the group's account.".to_string());
        }
        let mut folded = left_out_table("flow", "Dollars a year");
        for flow in rest {
            let says = format!("{} → {} ({})", name(flow.from), name(flow.to), flow.what.looks().2);
            folded.rows.push(vec![Cell::text(says), Cell::text("beyond the top"), Cell::Number(flow.amount)]);
        }
        if !rest.is_empty() {
            let sum: f64 = rest.iter().map(|flow| flow.amount).sum();
            let left = count(rest.len(), "smaller flow", "smaller flows");
            caption.push(format!("{left} of {} together left out; {} is drawn.", money(sum), money(total)));
        }
        if flows.unpriced > 0 {
            let left = count(flows.unpriced, "payment of the scope has", "payments of the scope have");
            caption.push(format!("{left} no stated size and cannot be drawn."));
        }
        caption.extend(words::provenance(self, view));
        let told: Vec<String> = shown
            .iter()
            .take(5)
            .map(|flow| {
                format!(
                    "{} to {} {} ({})",
                    name(flow.from),
                    name(flow.to),
                    money(flow.amount),
                    flow.what.looks().2
                )
            })
            .collect();
        let whose: Vec<&str> =
            self.of.iter().filter_map(|key| view.graph.find_entity(key).ok()).map(name).collect();
        let title = if whose.is_empty() {
            "Who pays whom in a year".to_string()
        } else {
            format!("Who pays whom in a year: money of {}", words::list(&whose, "and"))
        };
        let chart = Chart {
            title,
            caption,
            alt: format!(
                "Flows from {} to {}, {} a year. Largest: {}.",
                count(payers.len(), "payer", "payers"),
                count(receivers.len(), "receiver", "receivers"),
                money(total),
                told.join("; ")
            ),
            legend,
            page: Page::Across,
            plot: Plot::Flows(Ribbons {
                from: "Pays".to_string(),
                to: "Receives".to_string(),
                left: payers.iter().map(category).collect(),
                right: receivers.iter().map(category).collect(),
                ribbons,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// The entities at one end, the largest sum first.
fn side(shown: &[Flow], end: fn(&Flow) -> EntityId) -> Vec<(EntityId, f64)> {
    let mut sums: BTreeMap<EntityId, f64> = BTreeMap::new();
    for flow in shown {
        *sums.entry(end(flow)).or_default() += flow.amount;
    }
    let mut side: Vec<(EntityId, f64)> = sums.into_iter().collect();
    side.arrange(|a, b| b.1.round().total_cmp(&a.1.round()).then(a.0.cmp(&b.0)));
    side
}
