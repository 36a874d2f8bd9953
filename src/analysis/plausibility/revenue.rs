//! What customers are known to pay a year against the sales that are stated.

use super::super::View;
use super::super::trail::entity_cell;
use super::{Check, Comparison, Verdict, count};
use crate::model::{AttributeKind, AttributeSubject, Currency, Dimension};
use crate::network::{Flows, Layer, Origin};

/// Years over which sums are spread that are paid once, and commitments that state no term.
const SPREAD: (f64, f64) = (4.0, 5.0);

pub(super) const CHECK: Check = Check {
    name: "revenue",
    says: "what customers are known to pay a year, against stated sales of a year",
    run,
    verdict: Verdict::Exceeds,
};

fn run(view: &View<'_>) -> Vec<Comparison> {
    let (graph, day) = (view.graph, view.scope.as_of);
    let flows = Flows::collect(graph, &view.scope, SPREAD.0, SPREAD.1, true);
    let mut found = Vec::new();
    for id in graph.entity_ids() {
        let of = AttributeSubject::Entity(id);
        let Some((stated, attribute)) = graph.latest_attribute(of, &AttributeKind::Revenue, None, day) else {
            continue;
        };
        let (Some(value), Some(years)) = (&attribute.value, attribute.per_years) else { continue };
        let Some(most) = graph.usd(value, day).and_then(|range| range.high) else { continue };
        let sales = flows.payments.iter().filter(|payment| payment.to == id);
        let sales = sales.filter(|payment| !matches!(payment.layer, Layer::Equity | Layer::Debt));
        let (mut sum, mut origins) = (0.0, vec![Origin::Attribute(stated)]);
        for payment in sales {
            sum += payment.amount;
            origins.extend(payment.relation.map(Origin::Relation));
        }
        let comparison = Comparison {
            about: entity_cell(graph, id),
            known: format!("a year's known payments of {}", count(origins.len() - 1, "deal", "deals")),
            statement: "stated sales".to_string(),
            stated: most / years,
            against: sum,
            dimension: Dimension::Money(Currency::USD),
            origins,
        };
        found.extend(comparison.sound());
    }
    found
}
