//! Numbers of another order of magnitude than their like, as a wrong unit makes them.

use std::collections::BTreeMap;

use super::super::View;
use super::super::statements;
use super::super::trail::entity_cell;
use super::{Check, Comparison, Verdict};
use crate::answer::Cell;
use crate::model::{
    Attribute, AttributeId, AttributeKind, AttributeSubject, Currency, Dimension, EntityId, ProductId,
};
use crate::network::{Origin, amounts_of};
use crate::order::Arrange;

/// Fewest numbers whose median says what is usual.
const FEWEST: usize = 3;

pub(super) const TIME: Check = Check {
    name: "over time",
    says: "statements of one thing by different sources and for different periods, against their median",
    run: over_time,
    verdict: Verdict::Apart,
};

pub(super) const PRICE: Check = Check {
    name: "price",
    says: "money for one unit of a product in one deal, against the median of deals over that product",
    run: prices,
    verdict: Verdict::Apart,
};

pub(super) const PAYMENT: Check = Check {
    name: "payment",
    says: "the largest payment of a deal in a year, against the stated yearly sales of the larger party",
    run: payments,
    verdict: Verdict::Apart,
};

pub(super) const FIGURES: Check = Check {
    name: "figures",
    says: "money figures of one firm, against the median of the others",
    run: figures,
    verdict: Verdict::Apart,
};

/// Positions of statements, each with a number.
type Numbers = Vec<(usize, f64)>;

/// A deal, who supplies, and what one unit costs a year.
type Price = (Origin, EntityId, f64);

/// The median of numbers above zero, between the two middle ones by their geometric mean.
fn median(mut values: Vec<f64>) -> Option<f64> {
    values.retain(|value| *value > 0.0 && value.is_finite());
    values.arrange(f64::total_cmp);
    let (low, high) = (values.get(values.len().checked_sub(1)? / 2)?, values.get(values.len() / 2)?);
    Some((low * high).sqrt())
}

/// The median of all numbers but one.
fn of_others(values: &[f64], at: usize) -> Option<f64> {
    median(values.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, value)| *value).collect())
}

fn over_time(view: &View<'_>) -> Vec<Comparison> {
    let all = statements::collect(view);
    let mut groups: BTreeMap<(&[String], String), Numbers> = BTreeMap::new();
    for (at, statement) in all.iter().enumerate() {
        let Some(factor) = statement.factor(view) else { continue };
        let unit = statements::unit_words(&statement.measure.dimension);
        let points = statement.known().filter_map(|claim| claim.estimate.point());
        groups.entry((&statement.about, unit)).or_default().extend(points.map(|point| (at, point * factor)));
    }
    let mut found = Vec::new();
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let values: Vec<f64> = group.iter().map(|(_, value)| *value).collect();
        for (at, (statement, value)) in group.iter().enumerate() {
            let Some(usual) = of_others(&values, at) else { continue };
            let statement = &all[*statement];
            let period = statement.period.map_or_else(String::new, |period| format!(" ({period})"));
            let comparison = Comparison {
                about: Cell::text(&statement.words),
                known: format!("{}{period}", statement.field.replace('_', " ")),
                statement: "its other statements".to_string(),
                stated: usual,
                against: *value,
                dimension: dollars(&statement.measure.dimension),
                origins: group.iter().map(|(other, _)| all[*other].origin).collect(),
            };
            found.extend(comparison.sound());
        }
    }
    found
}

fn prices(view: &View<'_>) -> Vec<Comparison> {
    let graph = view.graph;
    let mut groups: BTreeMap<(ProductId, Dimension), Vec<Price>> = BTreeMap::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        let Some(product) = relation.product().filter(|_| view.scope.counts(relation)) else { continue };
        let amounts = amounts_of(graph, &view.scope, id);
        let money = amounts.iter().find(|(dimension, _)| matches!(dimension, Dimension::Money(_)));
        let Some((_, money)) = money else { continue };
        for (dimension, amount) in amounts.iter().filter(|(d, _)| !matches!(d, Dimension::Money(_))) {
            let price = (Origin::Relation(id), relation.from, money / amount);
            groups.entry((product, dimension.clone())).or_default().push(price);
        }
    }
    let mut found = Vec::new();
    for ((product, dimension), group) in groups.into_iter().filter(|(_, group)| group.len() >= FEWEST) {
        let values: Vec<f64> = group.iter().map(|(.., price)| *price).collect();
        for (at, (origin, from, price)) in group.iter().enumerate() {
            let Some(usual) = of_others(&values, at) else { continue };
            let comparison = Comparison {
                about: entity_cell(graph, *from),
                known: format!("a year's price of one {dimension} of {}", graph.product(product).name),
                statement: "that in other deals".to_string(),
                stated: usual,
                against: *price,
                dimension: Dimension::Money(Currency::USD),
                origins: vec![*origin],
            };
            found.extend(comparison.sound());
        }
    }
    found
}

/// The largest yearly payment of a deal that either side states sales for.
fn payments(view: &View<'_>) -> Vec<Comparison> {
    let (graph, day) = (view.graph, view.scope.as_of);
    let sales = |id: EntityId| {
        let owner = graph.ultimate_owner(id, &view.scope);
        [id, owner].into_iter().find_map(|id| {
            let of = AttributeSubject::Entity(id);
            let (at, attribute) = graph.latest_attribute(of, &AttributeKind::Revenue, None, day)?;
            let usd = graph.usd_point(attribute.value.as_ref()?, day)?;
            Some((at, usd / attribute.per_years?))
        })
    };
    let mut found = Vec::new();
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        let Some(to) = relation.to.filter(|_| view.scope.counts(relation)) else { continue };
        let amounts = amounts_of(graph, &view.scope, id);
        let money = amounts.iter().find(|(dimension, _)| matches!(dimension, Dimension::Money(_)));
        let larger =
            [sales(relation.from), sales(to)].into_iter().flatten().max_by(|a, b| a.1.total_cmp(&b.1));
        let (Some((_, money)), Some((stated, most))) = (money, larger) else { continue };
        // small deals are no sign of a wrong unit
        if *money > most {
            let comparison = Comparison {
                about: entity_cell(graph, relation.from),
                known: format!("a year of {}", relation.key),
                statement: "the larger party's sales".to_string(),
                stated: most,
                against: *money,
                dimension: Dimension::Money(Currency::USD),
                origins: vec![Origin::Relation(id), Origin::Attribute(stated)],
            };
            found.extend(comparison.sound());
        }
    }
    found
}

fn figures(view: &View<'_>) -> Vec<Comparison> {
    let (graph, day) = (view.graph, view.scope.as_of);
    let mut firms: BTreeMap<EntityId, Vec<(AttributeId, &Attribute, f64)>> = BTreeMap::new();
    for (at, attribute) in graph.facts().attributes.iter().enumerate() {
        let AttributeSubject::Entity(id) = attribute.of else { continue };
        let money = matches!(
            attribute.kind,
            AttributeKind::Revenue
                | AttributeKind::Capex
                | AttributeKind::Cost
                | AttributeKind::Backlog
                | AttributeKind::Debt
                | AttributeKind::Equity
                | AttributeKind::Valuation
        );
        let begun = attribute.period.is_none_or(|period| period.first() <= day);
        let sure = attribute.evidence.confidence <= view.scope.min_confidence;
        let usd = attribute.value.as_ref().and_then(|value| graph.usd_point(value, day));
        if let Some(usd) = usd.filter(|_| money && begun && sure) {
            let yearly = usd / attribute.per_years.unwrap_or(1.0);
            firms.entry(id).or_default().push((AttributeId(at as u32), attribute, yearly));
        }
    }
    let mut found = Vec::new();
    for (firm, figures) in firms.into_iter().filter(|(_, figures)| figures.len() >= FEWEST) {
        let values: Vec<f64> = figures.iter().map(|(.., value)| *value).collect();
        for (at, (id, attribute, value)) in figures.iter().enumerate() {
            let Some(usual) = of_others(&values, at) else { continue };
            let comparison = Comparison {
                about: entity_cell(graph, firm),
                known: format!("{:?}", attribute.kind).to_lowercase(),
                statement: "its other figures".to_string(),
                stated: usual,
                against: *value,
                dimension: Dimension::Money(Currency::USD),
                origins: vec![Origin::Attribute(*id)],
            };
            found.extend(comparison.sound());
        }
    }
    found
}

fn dollars(dimension: &Dimension) -> Dimension {
    match dimension {
        Dimension::Money(_) => Dimension::Money(Currency::USD),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::{median, of_others};

    #[test]
    fn the_median_of_logarithms() {
        assert_eq!(median(vec![1.0, 4.0]), Some(2.0));
        assert_eq!(median(vec![9.0, 1.0, 4.0]), Some(4.0));
        assert_eq!(median(vec![0.0]), None);
        assert_eq!(of_others(&[1.0, 4000.0, 4.0], 1), Some(2.0));
    }
}
