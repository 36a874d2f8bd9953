//! Where the spend of one lands: the interface that it pays on one side, the server farm on the other.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::chart_words::{left_out_table, whole};
use super::words::{self, count, percent, some};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::View;
use crate::answer::Cell;
use crate::diagram::chart::{Category, Chart, Flows, Key, Page, Plot, Ribbon, Swatch};
use crate::diagram::{Fill, Line};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};
use crate::order::Arrange;

/// Whom one pays, and where the money ends behind them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct SpendLanding {
    /// Whose spend
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    pub of: String,
    /// How many of those who are paid are named, the largest first, 1 to 10 [default: 7]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 7;
const MOST: usize = 10;
/// How many kinds of end have a line of their own; the others are added up.
const ENDS: usize = 8;
/// Ribbons below this part of the spend are too thin to see.
const THINNEST: f64 = 0.004;

impl Figured for SpendLanding {
    const CARD: ViewCard = ViewCard {
        name: "spend-landing",
        title: "Where the spend lands",
        shows: "Of each dollar that a lab spends: whom it pays (the interface), and with whom it ends behind them (the server farm), followed \
                through all tiers. A chart: SVG or PNG, no DOT.",
        example: "linchpin diagram spend-landing --of anthropic",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = vec!["--of".to_string(), self.of.clone()];
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let of = view.graph.find_entity(&self.of)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let landing = Landing::follow(view, &cost, of)?;
        if landing.paid.is_empty() {
            let name = &view.graph.entity(of).name;
            return Err(ViewError::NoData(format!(
                "no part of the cost of {name} is known to go to anybody: there is nothing to follow"
            )));
        }
        Ok(self.chart(view, of, &landing, top))
    }
}

/// What of one unit of cost ends where, by whom it was paid to first.
struct Landing {
    /// Whom it pays, with the share of its cost, the largest first.
    paid: Vec<(EntityId, f64)>,
    /// The part of the cost that is paid to the first and ends with the second.
    ends: BTreeMap<(EntityId, EntityId), f64>,
}

impl Landing {
    /// Money ends with an entity as far as no share of its cost says whom it pays with it: `L (1 - Σ W)`, whose
    /// sum over all entities is the whole that was paid.
    fn follow(view: &View<'_>, cost: &CostNetwork, of: EntityId) -> Result<Self, ViewError> {
        let mut paid: Vec<(EntityId, f64)> =
            cost.of(of).iter().map(|link| (link.supplier, link.share)).filter(|(id, _)| *id != of).collect();
        paid.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let kept: Vec<f64> = (view.graph.entity_ids())
            .map(|id| 1.0 - cost.of(id).iter().map(|link| link.share).sum::<f64>())
            .collect();
        let mut ends = BTreeMap::new();
        for (first, share) in &paid {
            let passes = cost.leontief_row(*first).map_err(|error| ViewError::NoData(error.to_string()))?;
            for (at, (through, kept)) in passes.iter().zip(&kept).enumerate() {
                let part = share * through * kept.max(0.0);
                if part > 1e-12 {
                    ends.insert((*first, EntityId::new(at)), part);
                }
            }
        }
        Ok(Self { paid, ends })
    }
}

impl SpendLanding {
    fn chart(&self, view: &View<'_>, of: EntityId, landing: &Landing, top: usize) -> Drawing {
        let graph = view.graph;
        let name = |id: EntityId| graph.entity(id).name.as_str();
        let kind_name = |id: EntityId| {
            graph
                .facts()
                .kinds
                .get(graph.entity(id).kind)
                .map_or("other", |kind| kind.name.as_str())
                .to_string()
        };
        let (shown, rest) = landing.paid.split_at(top.min(landing.paid.len()));
        let mut kinds: BTreeMap<String, f64> = BTreeMap::new();
        for ((_, end), part) in &landing.ends {
            *kinds.entry(kind_name(*end)).or_default() += part;
        }
        let mut order: Vec<(String, f64)> = kinds.into_iter().collect();
        order.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let many = order.len() > ENDS + 1;
        let named = if many { ENDS } else { order.len() };
        let place = |kind: &str| order.iter().position(|(own, _)| own == kind).unwrap_or(named).min(named);
        let mut right: Vec<Category> = (order.iter().take(named))
            .map(|(kind, sum)| Category { label: kind.clone(), detail: percent(*sum) })
            .collect();
        if many {
            let sum = order.iter().skip(named).map(|(_, part)| part).sum::<f64>();
            let label = count(order.len() - named, "other kind", "other kinds");
            right.push(Category { label, detail: percent(sum) });
        }
        let mut left: Vec<Category> = (shown.iter())
            .map(|(id, share)| Category { label: name(*id).to_string(), detail: percent(*share) })
            .collect();
        if !rest.is_empty() {
            let sum = rest.iter().map(|(_, share)| share).sum::<f64>();
            left.push(Category { label: count(rest.len(), "other", "others"), detail: percent(sum) });
        }
        let mut parts: BTreeMap<(usize, usize), BTreeMap<EntityId, f64>> = BTreeMap::new();
        for ((first, end), part) in &landing.ends {
            let from = shown.iter().position(|(id, _)| id == first).unwrap_or(shown.len());
            *parts.entry((from, place(&kind_name(*end)))).or_default().entry(*end).or_default() += part;
        }
        let mut thin = 0.0;
        let mut ribbons = Vec::new();
        for ((from, to), ends) in &parts {
            let amount: f64 = ends.values().sum();
            if amount < THINNEST {
                thin += amount;
                continue;
            }
            let mut who: Vec<(&EntityId, &f64)> = ends.iter().collect();
            who.arrange(|a, b| b.1.total_cmp(a.1).then(a.0.cmp(b.0)));
            let says: Vec<String> =
                who.iter().map(|(id, part)| format!("{} {}", name(**id), percent(**part))).collect();
            // with those who are paid themselves it ends at once: no server farm behind it
            let at_once = ends.keys().all(|end| landing.paid.iter().any(|(id, _)| id == end));
            let (fill, line) =
                if at_once { (Fill::Hue(0), Line::Dashed) } else { (Fill::Hue(1), Line::Solid) };
            ribbons.push(Ribbon {
                from: *from,
                to: *to,
                amount,
                fill,
                line,
                label: percent(amount),
                tooltip: format!(
                    "{} → {}: {} of the spend: {}",
                    left[*from].label,
                    right[*to].label,
                    percent(amount),
                    some(&says, 6)
                ),
            });
        }
        let paid: f64 = landing.paid.iter().map(|(_, share)| share).sum();
        let behind: f64 = (landing.ends.iter())
            .filter(|((_, end), _)| !landing.paid.iter().any(|(id, _)| id == end))
            .map(|(_, part)| part)
            .sum();
        let mut caption = vec![format!(
            "Of the cost of {}, {} goes to those on the left; {} of it is its own, or nobody says whom it is paid to. {} ends behind them, with firms that it does not pay.",
            name(of),
            percent(paid),
            percent((1.0 - paid).max(0.0)),
            percent(behind)
        )];
        caption.push(format!(
            "Ends with: wages, margin, and what no record says the further way of, so that a firm whose inputs are not known keeps all. Followed through all tiers and circles. Numbers are \
             shares of the whole cost{}.",
            if thin > 0.0 { format!("; ribbons below {} are not drawn, {} in all", percent_fine(THINNEST), percent_fine(thin)) } else { String::new() }
        ));
        caption.extend(words::provenance(self, view));
        let mut folded = left_out_table("entity", "Share of the cost that is paid to it, 0 to 1");
        for (id, share) in rest {
            folded.rows.push(vec![Cell::text(name(*id)), Cell::text("beyond the top"), Cell::Number(*share)]);
        }
        let told = |side: &[Category]| {
            side.iter().map(|one| format!("{} {}", one.label, one.detail)).collect::<Vec<_>>()
        };
        let chart = Chart {
            title: format!("Where the spend of {} lands: the interface and the server farm", name(of)),
            alt: format!("Paid to {}. Ends with {}.", some(&told(&left), 8), some(&told(&right), 10)),
            caption,
            legend: vec![
                Key::new(
                    Swatch::Ribbon { fill: Fill::Hue(0), line: Line::Dashed },
                    "stays with those who are paid",
                ),
                Key::new(
                    Swatch::Ribbon { fill: Fill::Hue(1), line: Line::Solid },
                    "goes on to firms behind them",
                ),
                Key::new(Swatch::Note, "width: share of the cost"),
            ],
            page: Page::Across,
            plot: Plot::Flows(Flows {
                from: "Interface: whom it pays".to_string(),
                to: "Server farm: with whom it ends".to_string(),
                left,
                right,
                ribbons,
            }),
        };
        Drawing { figure: chart.into(), folded }
    }
}

/// A small share in tenths of a percent.
fn percent_fine(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::graph::Graph;
    use crate::scope::Scope;

    /// What is paid ends somewhere, and nowhere twice.
    #[test]
    fn the_ends_add_up_to_what_is_paid() {
        let loaded =
            crate::dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/ai-infrastructure"));
        let graph = Graph::new(loaded.facts.unwrap(), String::new());
        let view = View { graph: &graph, scope: Scope::on(graph.default_as_of()) };
        let network = Network::build(&graph, &view.scope);
        let cost = CostNetwork::build(&graph, &view.scope, &network);
        let mut followed = 0;
        for id in graph.entity_ids() {
            let landing = Landing::follow(&view, &cost, id).unwrap();
            for (first, share) in &landing.paid {
                let ends: f64 =
                    landing.ends.iter().filter(|((by, _), _)| by == first).map(|(_, part)| part).sum();
                assert!((ends - share).abs() < 1e-9, "{ends} of {share}");
                followed += 1;
            }
        }
        assert!(followed > 100, "{followed}");
    }
}
