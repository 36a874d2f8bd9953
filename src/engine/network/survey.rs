//! Market surveys: which vendor has which share of a market in a period, from `Sells` relations.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::graph::Graph;
use crate::model::{Detail, EntityId, Interval, Metric, PartialDate, ProductId, RelationId, RelationType};
use crate::scope::Scope;

/// Shares of one market that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Survey {
    /// The market.
    pub product: ProductId,
    /// A generation or model: a market of its own.
    pub variant: Option<String>,
    /// Region; world where absent.
    pub region: Option<String>,
    /// The period that the shares refer to.
    pub period: Option<PartialDate>,
    /// What the shares are shares of.
    pub metric: Metric,
    /// The vendors, largest first, ties in the order of their keys.
    pub vendors: Vec<Vendor>,
}

/// A vendor's share of a market.
#[derive(Clone, Debug, PartialEq)]
pub struct Vendor {
    /// Who sells.
    pub entity: EntityId,
    /// The number that a table prints, 0 to 1.
    pub share: f64,
    /// The range that the sources allow, within 0 to 1.
    pub range: Interval,
    /// The record that states it.
    pub relation: RelationId,
    /// Whether the share was worked out from sales of vendors whose share is stated.
    pub inferred: bool,
    /// Whether the vendor is an aggregate of several firms.
    pub group: bool,
}

impl Survey {
    /// Share of the market that vendors which are single firms cover.
    pub fn coverage(&self) -> f64 {
        self.vendors.iter().filter(|vendor| !vendor.group).map(|vendor| vendor.share).sum()
    }

    /// The survey in a few words: `HBM4, UK, 2026-Q1, revenue`.
    pub fn describe(&self) -> String {
        let mut parts: Vec<String> = Vec::new();
        parts.extend(self.variant.clone());
        parts.extend(self.region.clone());
        parts.extend(self.period.map(|period| period.to_string()));
        if self.metric != Metric::Unspecified {
            parts.push(format!("{:?}", self.metric).to_lowercase());
        }
        if parts.is_empty() { "undated".to_string() } else { parts.join(", ") }
    }
}

type SurveyKey = (Option<String>, Option<String>, Option<PartialDate>, Metric);

/// All surveys of a market in scope, the one that answers use first: of the world before a region, of the
/// whole product before a variant, then the most recent, then the one that covers most.
pub fn surveys(graph: &Graph, scope: &Scope, product: ProductId) -> Vec<Survey> {
    let mut groups: BTreeMap<SurveyKey, Vec<RelationId>> = BTreeMap::new();
    for (id, relation) in graph.in_scope(scope, RelationType::Sells) {
        if let Detail::Sells { market, variant, region, period, metric, .. } = &relation.detail {
            let begun = period.is_none_or(|period| period.first() <= scope.as_of);
            if *market == product && begun {
                let key = (variant.clone(), region.clone(), *period, *metric);
                groups.entry(key).or_default().push(id);
            }
        }
    }
    let build = |(key, relations): (SurveyKey, Vec<RelationId>)| {
        let (variant, region, period, metric) = key;
        let vendors = vendors(graph, &relations);
        Survey { product, variant, region, period, metric, vendors }
    };
    let mut all: Vec<Survey> =
        groups.into_iter().map(build).filter(|survey| !survey.vendors.is_empty()).collect();
    all.sort_by(|a, b| {
        let rank = |s: &Survey| (s.region.is_some(), s.variant.is_some(), Reverse(s.period.map(|p| p.end())));
        rank(a).cmp(&rank(b)).then(b.coverage().total_cmp(&a.coverage()))
    });
    all
}

/// The survey that stands for a product's market: its own, or that of the market it names.
pub fn market_of(graph: &Graph, scope: &Scope, product: ProductId) -> Option<Survey> {
    let own = surveys(graph, scope, product).into_iter().next();
    own.or_else(|| {
        graph.product(product).market.and_then(|market| surveys(graph, scope, market).into_iter().next())
    })
}

fn vendors(graph: &Graph, relations: &[RelationId]) -> Vec<Vendor> {
    // sales of vendors whose share is stated tell the size of the market, and so the share of the others
    let (mut known_sales, mut known_share) = (0.0, 0.0);
    for id in relations {
        if let (Some(share), Some(amount)) = stated(graph, *id) {
            known_share += share.0;
            known_sales += amount;
        }
    }
    let size = (known_share > 0.0 && known_sales > 0.0).then(|| known_sales / known_share);
    let mut all: Vec<Vendor> = Vec::new();
    for id in relations {
        let relation = graph.relation(*id);
        let group = graph.entity(relation.from).group;
        let vendor = |share: f64, range: Interval, inferred: bool| Vendor {
            entity: relation.from,
            share,
            range,
            relation: *id,
            inferred,
            group,
        };
        match (stated(graph, *id), size) {
            ((Some((share, range)), _), _) => all.push(vendor(share, range, false)),
            ((None, Some(amount)), Some(size)) => {
                let share = (amount / size).min(1.0);
                all.push(vendor(share, Interval::exact(share), true));
            }
            _ => {}
        }
    }
    all.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.entity.cmp(&b.entity)));
    all.dedup_by(|later, first| later.entity == first.entity);
    all
}

/// Share with its range, and sales in dollars, as the record states them.
fn stated(graph: &Graph, id: RelationId) -> (Option<(f64, Interval)>, Option<f64>) {
    let relation = graph.relation(id);
    let Detail::Sells { share, amount, period, .. } = &relation.detail else { return (None, None) };
    let day = period.map_or_else(|| graph.default_as_of(), |period| period.first());
    let share = share.as_ref().and_then(|share| {
        let range = share.interval();
        let range = Interval { low: range.low, high: Some(range.high.unwrap_or(1.0).min(1.0)) };
        share.point().map(|point| (point, range))
    });
    (share, amount.as_ref().and_then(|amount| graph.usd_point(amount, day)))
}
