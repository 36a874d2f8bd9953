//! Relations as edges: what flows, which way, how firm, how much.

use crate::analysis::View;
use crate::answer::{Unit, format_unit};
use crate::diagram::{Flow, Line};
use crate::graph::{Graph, describe_measure};
use crate::model::{
    Control, Detail, Dimension, EntityId, Estimate, FinanceKind, Measure, Relation, RelationId, Status,
};

/// One relation as an edge.
#[derive(Clone, Debug)]
pub(super) struct Tie {
    pub relation: RelationId,
    /// The end that stands upstream: supplier, investor, owner.
    pub up: EntityId,
    pub down: EntityId,
    pub flow: Flow,
    pub line: Line,
    /// Amounts, shortest first: `$100bn`, `5 GW`, `70 %`.
    pub amounts: Vec<String>,
    /// What it is where no amount says so: `owns`, `designs`.
    pub verb: &'static str,
    /// How strong it is, 0 to 1: what it is ranked by and drawn as wide as.
    pub strength: f64,
    pub status: Option<Status>,
    /// The record in a line.
    pub says: String,
}

/// Money of which a tie counts as half as strong as one can be.
const HALF_MONEY: f64 = 20e9;
/// Power of the same, in megawatts.
const HALF_POWER: f64 = 1_000.0;

/// The relation as an edge, where it is valid on the day, has two ends, has not lapsed and is no tranche of a total
/// that is shown as well.
pub(super) fn tie(view: &View<'_>, id: RelationId) -> Option<Tie> {
    let (graph, scope) = (view.graph, &view.scope);
    let relation = graph.relation(id);
    let to = relation.to.filter(|to| *to != relation.from)?;
    let status = scope.status_of(relation);
    let alive = status.is_some_and(|status| status != Status::Lapsed);
    if !alive || !scope.is_valid(relation) || relation.evidence.confidence > scope.min_confidence {
        return None;
    }
    let inside = relation.part_of.is_some_and(|total| {
        let total = graph.relation(total);
        scope.is_valid(total) && scope.status_of(total).is_some_and(|status| status != Status::Lapsed)
    });
    if inside {
        return None;
    }
    let (up, down) = match relation.detail {
        Detail::Commits { .. } => (to, relation.from),
        _ => (relation.from, to),
    };
    let (flow, verb, measures) = looks(&relation.detail);
    let strength = measures.iter().filter_map(|m| strength(graph, view, m)).fold(0.0, f64::max);
    let mut amounts: Vec<String> = measures.iter().filter_map(|m| short(m)).collect();
    amounts.dedup();
    let line = match status {
        Some(Status::Announced | Status::Intent) => Line::Dotted,
        _ if relation.evidence.basis >= crate::model::Basis::Inferred => Line::Dashed,
        _ => Line::Solid,
    };
    let says = says(graph, relation, status);
    Some(Tie { relation: id, up, down, flow, line, amounts, verb, strength, status, says })
}

fn looks(detail: &Detail) -> (Flow, &'static str, Vec<&Measure>) {
    let (flow, verb, measures) = match detail {
        Detail::Supplies { amount, quantity, share_of_need, .. } => {
            (Flow::Supply, "supplies", vec![share_of_need, amount, quantity])
        }
        Detail::Commits { spend, capacity, quantity, .. } => {
            (Flow::Supply, "committed", vec![spend, capacity, quantity])
        }
        Detail::Invests { amount, stake, .. } => (Flow::Capital, "invests", vec![amount, stake]),
        Detail::Finances { amount, kind, .. } => {
            let verb = if *kind == FinanceKind::Guarantee { "guarantees" } else { "finances" };
            (Flow::Capital, verb, vec![amount])
        }
        Detail::Owns { share, control } => {
            (Flow::Ownership, if *control == Control::Minority { "holds" } else { "owns" }, vec![share])
        }
        Detail::Hosts { power, chips, .. } => (Flow::Power, "hosts", vec![power, chips]),
        Detail::Designs { .. } => (Flow::Supply, "designs", vec![]),
        Detail::Licenses { .. } => (Flow::Supply, "licenses", vec![]),
        Detail::Regulates { .. } => (Flow::Neutral, "regulates", vec![]),
        Detail::Influences { .. } => (Flow::Neutral, "influences", vec![]),
        Detail::Sells { .. } => (Flow::Neutral, "sells", vec![]),
    };
    (flow, verb, measures.into_iter().flatten().collect())
}

/// How strong a size makes a tie.
fn strength(graph: &Graph, view: &View<'_>, measure: &Measure) -> Option<f64> {
    let value = measure.point()?;
    let strength = match &measure.dimension {
        Dimension::Share => value,
        Dimension::Money(_) => {
            let usd = graph.usd_point(measure, view.scope.as_of)?;
            usd / (usd + HALF_MONEY)
        }
        Dimension::Power => value / (value + HALF_POWER),
        _ => return None,
    };
    Some(strength.clamp(0.0, 1.0))
}

/// The preferred claim in few letters; `None` where the size is unknown.
pub(super) fn short(measure: &Measure) -> Option<String> {
    let claim = measure.preferred()?;
    let show = |value: f64| match &measure.dimension {
        Dimension::Money(currency) if currency.code() == "USD" => format_unit(value, Unit::Usd),
        Dimension::Money(currency) => {
            format!("{} {}", currency.code(), format_unit(value, Unit::Usd).replace('$', ""))
        }
        Dimension::Power => format_unit(value, Unit::Megawatt),
        Dimension::Share => super::words::percent(value),
        _ => {
            let single = Measure::single(measure.dimension.clone(), Estimate::Exact(value));
            describe_measure(&single)
        }
    };
    match claim.estimate {
        Estimate::Exact(value) => Some(show(value)),
        Estimate::AtLeast(value) => Some(format!("≥ {}", show(value))),
        Estimate::UpTo(value) => Some(format!("≤ {}", show(value))),
        Estimate::About(value) => Some(format!("~{}", show(value))),
        Estimate::Between(low, high) => Some(format!("{} to {}", show(low), show(high))),
        Estimate::Unknown => None,
    }
}

fn says(graph: &Graph, relation: &Relation, status: Option<Status>) -> String {
    let since = relation.since.map(|since| format!(", from {since}")).unwrap_or_default();
    let status = status.map(super::words::status_name).unwrap_or_default();
    format!("{} ({status}{since})", graph.describe_relation(relation))
}
