//! The EU's indicators of dependence, with thresholds, distances and whether they last.

use std::collections::BTreeMap;

use super::super::trail::{Trail, product_cell};
use super::{Ground, markets, trade};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::ProductId;
use crate::network::{Survey, surveys};

/// Years that the rule of persistence looks at, and in how many of them an indicator has to hold.
const WINDOW: i16 = 3;
const LASTING: usize = 2;

/// One indicator of one product: its values from the latest year back, or why there are none.
struct Indicator {
    name: &'static str,
    threshold: f64,
    /// Latest first; the first is the value of the table.
    values: Vec<f64>,
    basis: &'static str,
    /// Why there is no value, or why it is not known whether it lasts.
    reason: &'static str,
}

impl Indicator {
    fn row(&self, product: Cell) -> Vec<Cell> {
        let value = self.values.first().copied();
        let over = self.values.iter().filter(|value| **value > self.threshold).count();
        let known = self.values.len();
        // two years that agree settle it; one says nothing about lasting
        let persistent = (known >= LASTING).then_some(over >= LASTING);
        let reason = match (value, persistent) {
            (None, _) => self.reason,
            (_, None) => "one year only: whether it lasts is not known",
            _ => "",
        };
        vec![
            product,
            Cell::text(self.name),
            Cell::number(value),
            Cell::Number(self.threshold),
            Cell::number(value.map(|value| value - self.threshold)),
            value.map_or(Cell::Empty, |value| Cell::Flag(value > self.threshold)),
            Cell::Number(known as f64),
            Cell::Number(over as f64),
            persistent.map_or(Cell::Empty, Cell::Flag),
            Cell::text(self.basis),
            Cell::text(reason),
        ]
    }
}

/// Five rows for each product: three of recorded trade, two of market surveys.
pub(super) fn table(ground: &Ground<'_>, products: &[ProductId], trail: &mut Trail) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "A product that the chain cannot do without; empty: all together"),
        Column::new("indicator", Unit::Text, "CDI1, CDI2, CDI3, CDI1 by market shares, or world supply HHI"),
        Column::new(
            "value",
            Unit::Number,
            "In the latest year; HHI and shares 0 to 1, CDI3 0 or more; empty: see reason",
        ),
        Column::new("threshold", Unit::Number, "Above it the product counts as dependent"),
        Column::new("distance", Unit::Number, "Value minus threshold"),
        Column::new("over", Unit::Text, "Whether the latest value is above the threshold"),
        Column::new("years", Unit::Count, "Years with a value, of the last three, 0 to 3"),
        Column::new("years_over", Unit::Count, "Those above the threshold, 0 to 3"),
        Column::new("persistent", Unit::Text, "Whether it held in 2 or more of 3 years; empty: not known"),
        Column::new("basis", Unit::Text, "What it is computed from"),
        Column::new("reason", Unit::Text, "Why a cell is empty"),
    ];
    let mut table =
        Table::new("indicators", "EU indicators of dependence, as far as the data allows", columns);
    let years = trade::years(ground, trail);
    let all_together = years[0].contains_key(&None).then_some(None);
    for product in all_together.into_iter().chain(products.iter().map(|product| Some(*product))) {
        let trades: Vec<Option<&trade::Trade>> = years.iter().map(|year| year.get(&product)).collect();
        let name = product.map_or(Cell::Empty, |product| product_cell(ground.view.graph, product));
        let mut rows = by_trade(ground, &trades);
        if let Some(product) = product {
            rows.extend(by_surveys(ground, product));
        }
        table.rows.extend(rows.iter().map(|indicator| indicator.row(name.clone())));
    }
    table
}

fn by_trade(ground: &Ground<'_>, years: &[Option<&trade::Trade>]) -> Vec<Indicator> {
    const BASIS: &str = "recorded trade";
    // the latest year has to be there: an older one is no value of today
    let values = |get: &dyn Fn(&trade::Trade) -> Option<f64>| -> Vec<f64> {
        let found: Vec<Option<f64>> = years.iter().map(|year| year.and_then(get)).collect();
        if found.first().copied().flatten().is_some() {
            found.into_iter().flatten().collect()
        } else {
            Vec::new()
        }
    };
    let imports = |trade: &trade::Trade| Some(trade.total()).filter(|total| *total > 0.0);
    let none = "no imports in money are recorded";
    let any = years.first().copied().flatten().and_then(imports).is_some();
    vec![
        Indicator {
            name: "CDI1",
            threshold: 0.4,
            values: values(&|trade| {
                let total = imports(trade)?;
                Some(trade.imports.values().map(|value| (value / total).powi(2)).sum())
            }),
            basis: BASIS,
            reason: none,
        },
        Indicator {
            name: "CDI2",
            threshold: 0.5,
            values: values(&|trade| {
                let total = imports(trade)?;
                ground.home.is_bloc().then_some(total / (total + trade.inside))
            }),
            basis: BASIS,
            reason: if ground.home.is_bloc() {
                none
            } else {
                "for one country all imports come from outside"
            },
        },
        Indicator {
            name: "CDI3",
            threshold: 1.0,
            values: values(&|trade| {
                let total = imports(trade)?;
                (trade.exports > 0.0).then(|| total / trade.exports)
            }),
            basis: BASIS,
            reason: if any { "imports are recorded, but no exports" } else { none },
        },
    ]
}

fn by_surveys(ground: &Ground<'_>, product: ProductId) -> Vec<Indicator> {
    let yearly = yearly(ground, product);
    let none =
        if yearly.is_empty() { "no survey of the market" } else { "no vendor with a known foreign seat" };
    let imports = |survey: &Survey| {
        let shares = markets::by_seat(ground, survey);
        let foreign: Vec<f64> = shares
            .iter()
            .filter(|(country, _)| !ground.home.contains(country))
            .map(|(_, share)| *share)
            .collect();
        let total: f64 = foreign.iter().sum();
        (total > 0.0).then(|| foreign.iter().map(|share| (share / total).powi(2)).sum())
    };
    let world = |survey: &Survey| {
        let shares = markets::by_seat(ground, survey);
        (!shares.is_empty()).then(|| shares.values().map(|share| share * share).sum())
    };
    let values = |get: &dyn Fn(&Survey) -> Option<f64>| yearly.iter().filter_map(get).collect();
    vec![
        Indicator {
            name: "CDI1 by market shares",
            threshold: 0.4,
            values: values(&imports),
            basis: "market shares by seat: imports are assumed to follow the world market",
            reason: none,
        },
        Indicator {
            name: "World supply HHI",
            threshold: 0.4,
            values: values(&world),
            basis: "market shares by seat, the unknown rest atomised: at least",
            reason: none,
        },
    ]
}

/// Surveys like the one that stands for the product, one for each of the last three years, latest first.
fn yearly(ground: &Ground<'_>, product: ProductId) -> Vec<Survey> {
    let (graph, scope) = (ground.view.graph, &ground.view.scope);
    let mut all = surveys(graph, scope, product);
    if all.is_empty() {
        all = graph.product(product).market.map_or(Vec::new(), |market| surveys(graph, scope, market));
    }
    let Some(first) = all.first().cloned() else { return Vec::new() };
    let year = |survey: &Survey| survey.period.map(|period| period.first().year());
    let latest = year(&first);
    let mut found: BTreeMap<i16, Survey> = BTreeMap::new();
    for survey in all {
        let like =
            survey.region == first.region && survey.variant == first.variant && survey.metric == first.metric;
        let (Some(year), Some(latest)) = (year(&survey), latest) else { continue };
        if like && year <= latest && year > latest - WINDOW {
            found.entry(year).or_insert(survey);
        }
    }
    if found.is_empty() { vec![first] } else { found.into_values().rev().collect() }
}
