//! What each customer loses when each supplier stops, as a matrix of cells.

use serde::{Deserialize, Serialize};

use super::chart_words::{block, left_out_table, whole};
use super::heat::{BINS, bin};
use super::supply_map::PLAIN;
use super::words::{self, count, list};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::View;
use crate::answer::Cell as Value;
use crate::diagram::Fill;
use crate::diagram::chart::{Axes, Axis, Category, Cell, Chart, Mark, Page, Plot, Scale};
use crate::graph::nearest;
use crate::model::EntityId;
use crate::network::Network;
use crate::order::Arrange;
use crate::propagation::functional::{Outcome, propagate};
use crate::side_by_side::SideBySide;

/// Stop losses of customers by suppliers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct ExposureHeat {
    /// Who may lose; all of one kind where not given
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub customers: Vec<String>,
    /// The kind of customer, where none is named [default: lab]
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND", conflicts_with = "customers"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Who may stop; those with the largest mean stop loss where not given
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub suppliers: Vec<String>,
    /// How many suppliers are drawn where none is named, 1 to 40 [default: 20]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const KIND: &str = "lab";
const USUAL: usize = 20;
const MOST: usize = 40;
/// More customers than this leave no room for numbers.
const MOST_CUSTOMERS: usize = 16;
/// Means below this are not worth a row.
const LEAST: f64 = 1e-6;

impl Figured for ExposureHeat {
    const CARD: ViewCard = ViewCard {
        name: "exposure-heat",
        title: "Exposure as a matrix",
        shows: "Customers by suppliers: the share of its function that each customer loses if the supplier stops and nobody replaces it, in five \
                bins with the number in the cell. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram exposure-heat --suppliers tsmc,asml,sk-hynix",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        for (name, keys) in [("--customers", &self.customers), ("--suppliers", &self.suppliers)] {
            if !keys.is_empty() {
                words.extend([name.to_string(), keys.join(",")]);
            }
        }
        words.extend(self.kind.iter().flat_map(|kind| ["--kind".to_string(), kind.clone()]));
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let network = Network::build(view.graph, &view.scope);
        let mut customers = self.customers(view)?;
        if self.customers.is_empty() {
            // whoever states no need cannot lose anything that is known
            customers.retain(|id| network.needs(*id).iter().any(|row| row.binds()));
        }
        if customers.is_empty() {
            let kind = self.kind.as_deref().unwrap_or(KIND);
            return Err(ViewError::NoData(format!("no needs of any {kind} are known in the scope")));
        }
        if customers.len() > MOST_CUSTOMERS {
            let reason =
                format!("{} customers are more than the {MOST_CUSTOMERS} that a page holds", customers.len());
            return Err(ViewError::Invalid { parameter: "customers", reason });
        }
        let suppliers = self.suppliers(view, &network, &customers)?;
        let stop = |id: &EntityId| Row::new(*id, propagate(&network, &[(*id, 1.0)], PLAIN), &customers);
        let mut rows: Vec<Row> = suppliers.side_by_side(stop);
        let rank = |row: &Row| (row.mean * 1e9).round();
        rows.arrange(|a, b| rank(b).total_cmp(&rank(a)).then(a.supplier.cmp(&b.supplier)));
        let named = !self.suppliers.is_empty();
        rows.retain(|row| named || row.mean > LEAST);
        if rows.is_empty() {
            return Err(ViewError::NoData(
                "no supplier whose stop would be felt is known in the scope".to_string(),
            ));
        }
        let shown = if named { rows.len() } else { top };
        Ok(self.chart(view, &customers, &rows, shown))
    }
}

/// One supplier's stop.
struct Row {
    supplier: EntityId,
    /// Losses of the customers, in their order; none for the supplier itself.
    losses: Vec<Option<f64>>,
    mean: f64,
    outcome: Outcome,
}

impl Row {
    fn new(supplier: EntityId, outcome: Outcome, customers: &[EntityId]) -> Self {
        let loss = |id: &EntityId| {
            let kept = outcome.functionality.get(id.index()).copied().unwrap_or(1.0);
            (*id != supplier).then_some((1.0 - kept).max(0.0))
        };
        let losses: Vec<Option<f64>> = customers.iter().map(loss).collect();
        let mean = losses.iter().flatten().sum::<f64>() / losses.iter().flatten().count().max(1) as f64;
        Self { supplier, losses, mean, outcome }
    }
}

impl ExposureHeat {
    fn customers(&self, view: &View<'_>) -> Result<Vec<EntityId>, ViewError> {
        if !self.customers.is_empty() {
            return entities(view, &self.customers, "customers");
        }
        let kind = self.kind.as_deref().unwrap_or(KIND);
        let kinds = || view.graph.facts().kinds.iter().map(|kind| kind.key.as_str());
        if !kinds().any(|known| known == kind) {
            let near = nearest(kind, kinds());
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(" or "))
            };
            let reason = format!("there is no kind {kind:?}{hint}");
            return Err(ViewError::Invalid { parameter: "kind", reason });
        }
        let wanted = |id: &EntityId| view.graph.kind_of(*id) == kind && !view.graph.entity(*id).group;
        Ok(view.graph.entity_ids().filter(wanted).collect())
    }

    /// Those that are named, or all upstream of a customer that are no customers themselves.
    fn suppliers(
        &self,
        view: &View<'_>,
        network: &Network,
        customers: &[EntityId],
    ) -> Result<Vec<EntityId>, ViewError> {
        if !self.suppliers.is_empty() {
            if self.suppliers.len() > MOST {
                let reason = format!("{} are more than the {MOST} that a page holds", self.suppliers.len());
                return Err(ViewError::Invalid { parameter: "suppliers", reason });
            }
            return entities(view, &self.suppliers, "suppliers");
        }
        let mut upstream = vec![false; network.len()];
        for customer in customers {
            let tiers = network.tiers_upstream(*customer);
            upstream.iter_mut().zip(tiers).for_each(|(is, tier)| *is |= tier.is_some());
        }
        let counts = |id: &EntityId| {
            upstream.get(id.index()).copied().unwrap_or(false)
                && !customers.contains(id)
                && !view.graph.entity(*id).group
        };
        Ok(view.graph.entity_ids().filter(counts).collect())
    }

    fn chart(&self, view: &View<'_>, customers: &[EntityId], rows: &[Row], top: usize) -> Drawing {
        let graph = view.graph;
        let name = |id: EntityId| graph.entity(id).name.as_str();
        let (shown, rest) = rows.split_at(top.min(rows.len()));
        let mut marks = Vec::new();
        for (row, stop) in shown.iter().enumerate() {
            for (column, (customer, loss)) in customers.iter().zip(&stop.losses).enumerate() {
                let pair = format!("{} if {} stops", name(*customer), name(stop.supplier));
                let via = stop.outcome.binding.get(customer.index()).copied().flatten();
                let via =
                    via.map(|id| format!(", for want of {}", words::uncapitalised(&graph.product(id).name)));
                let (text, tooltip) = match loss {
                    None => ("itself".to_string(), format!("{pair}: the same entity")),
                    Some(loss) => {
                        let percent = words::percent(*loss);
                        let tooltip = format!("{pair}: loses {percent}{}", via.unwrap_or_default());
                        (percent, tooltip)
                    }
                };
                marks.push(Mark::Cell(Cell { row, column, bin: loss.map(bin), text, tooltip }));
            }
        }
        let kind =
            |id: EntityId| graph.facts().kinds.get(graph.entity(id).kind).map(|kind| kind.name.as_str());
        let names = shown.iter().map(|row| {
            let what = kind(row.supplier).map(words::uncapitalised).unwrap_or_default();
            Category { label: format!("{} ({what})", name(row.supplier)), detail: String::new() }
        });
        let heads =
            customers.iter().map(|id| Category { label: name(*id).to_string(), detail: String::new() });
        let mut legend: Vec<_> = BINS
            .iter()
            .enumerate()
            .map(|(at, (_, text))| block(Fill::Heat(at as u8), false, &format!("loses {text}")))
            .collect();
        if shown.iter().any(|row| row.losses.contains(&None)) {
            legend.push(block(Fill::Group, true, "the customer is the supplier"));
        }
        let mut caption = vec![
            "Share of its function that the customer loses if the supplier stops for good, at any distance along the chain: no stocks, nobody \
             replaces it, the unknown part of every need goes on."
                .to_string(),
        ];
        let mut folded = left_out_table("supplier", "Mean stop loss of the customers, 0 to 1");
        for row in rest {
            let entity = graph.entity(row.supplier);
            let cell = Value::Item { key: entity.key.clone(), name: entity.name.clone() };
            folded.rows.push(vec![cell, Value::text("beyond the top"), Value::Number(row.mean)]);
        }
        if !rest.is_empty() {
            caption.push(format!(
                "The suppliers with the largest mean over the customers; {} a smaller one left out.",
                count(rest.len(), "other with", "others with")
            ));
        }
        caption.extend(words::provenance(self, view));
        let told: Vec<String> = shown
            .iter()
            .take(5)
            .map(|row| format!("{} {}", name(row.supplier), words::percent(row.mean)))
            .collect();
        let whom: Vec<&str> = customers.iter().map(|id| name(*id)).collect();
        let chart = Chart {
            title: "What each loses if a supplier stops".to_string(),
            caption,
            alt: format!(
                "Matrix of {} by {} ({}). Largest mean losses: {}.",
                count(shown.len(), "supplier", "suppliers"),
                count(customers.len(), "customer", "customers"),
                list(&whom, "and"),
                told.join(", ")
            ),
            legend,
            page: Page::for_rows(shown.len()),
            plot: Plot::Axes(Axes {
                x: Axis::new("", Scale::Categories(heads.collect())),
                y: Axis::new("If this one stops", Scale::Categories(names.collect())),
                zones: Vec::new(),
                lines: Vec::new(),
                marks,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// Entities by key, each once.
fn entities(view: &View<'_>, keys: &[String], parameter: &'static str) -> Result<Vec<EntityId>, ViewError> {
    let mut ids = Vec::new();
    for key in keys {
        let id = view.graph.find_entity(key)?;
        if ids.contains(&id) {
            return Err(ViewError::Invalid { parameter, reason: format!("{key} is given twice") });
        }
        ids.push(id);
    }
    Ok(ids)
}
