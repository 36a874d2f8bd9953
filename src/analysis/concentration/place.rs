//! Where a vendor produces, as far as it is known.

use std::collections::BTreeMap;

use super::Part;
use super::holders::Stake;
use crate::analysis::View;
use crate::model::{Attribute, AttributeId, AttributeKind, AttributeSubject, ProductId};
use crate::order::Arrange;

/// A vendor's share of the market, by country of production.
#[derive(Clone, Debug)]
pub(super) struct Spread {
    /// Countries with the part of the market that comes from them, in the order of their codes.
    pub places: Vec<(String, Part)>,
    /// What comes from nobody knows where.
    pub unknown: Part,
    /// Whether the split between several countries is an assumption.
    pub assumed: bool,
    /// Records that state the split.
    pub attributes: Vec<AttributeId>,
    /// What is sure to come from one of several countries, but not from which: those that may have it.
    loose: (f64, Vec<String>),
}

const NOTHING: Part = Part { low: 0.0, point: 0.0, high: 0.0, group: false };

/// Splits a stake over countries: by `Production` attributes with their shares where there are any; what they leave,
/// over the other countries of the entity's `production` list, equally for the number that is printed and anything
/// from none to all for the range; what neither places stays unknown. The seat is not a place of production.
pub(super) fn spread(view: &View<'_>, stake: &Stake, product: Option<ProductId>) -> Spread {
    let stated = stated(view, stake, product);
    let sum = |of: fn(&(f64, f64, f64, AttributeId)) -> f64| stated.values().map(of).sum::<f64>();
    let scale = 1.0 / sum(|s| s.1).max(1.0);
    let mut places: BTreeMap<String, Part> = BTreeMap::new();
    for (country, (low, point, high, _)) in &stated {
        let part = Part {
            low: stake.low * (low * scale).min(1.0),
            point: stake.point * point * scale,
            high: stake.high * high.min(1.0),
            group: false,
        };
        places.insert(country.clone(), part);
    }
    let left = (1.0 - sum(|s| s.1) * scale).max(0.0);
    let open = (1.0 - sum(|s| s.0) * scale).max(0.0);
    let list = &view.graph.entity(stake.entity).production;
    let others: Vec<String> = list.iter().filter(|c| !stated.contains_key(*c)).cloned().collect();
    let mut loose = (0.0, Vec::new());
    let mut unknown = NOTHING;
    let mut assumed = false;
    if others.is_empty() {
        let high = if open > 1e-12 { stake.high * open } else { 0.0 };
        unknown = Part { low: 0.0, point: stake.point * left, high, group: true };
        if stated.is_empty() {
            unknown.low = stake.low;
        }
    } else {
        let single = others.len() == 1 && stated.is_empty();
        assumed = !single && open > 1e-12;
        let part = Part {
            low: if single { stake.low } else { 0.0 },
            point: stake.point * left / others.len() as f64,
            high: stake.high * open,
            group: false,
        };
        places.extend(others.iter().map(|country| (country.clone(), part)));
        if !single {
            // statements that are ranges may reach into what is left
            let may: Vec<String> = places.keys().cloned().collect();
            loose = (stake.low * open, may);
        }
    }
    let attributes = stated.values().map(|(.., id)| *id).collect();
    Spread { places: places.into_iter().collect(), unknown, assumed, attributes, loose }
}

/// Share of output by country with its range and record, of the latest period: for the product where that is
/// stated, for the whole firm otherwise.
fn stated(
    view: &View<'_>,
    stake: &Stake,
    product: Option<ProductId>,
) -> BTreeMap<String, (f64, f64, f64, AttributeId)> {
    let graph = view.graph;
    let of = AttributeSubject::Entity(stake.entity);
    let counts = |a: &&Attribute| {
        let begun = a.period.is_none_or(|period| period.first() <= view.scope.as_of);
        a.kind == AttributeKind::Production
            && begun
            && a.country.is_some()
            && a.value.as_ref().is_some_and(|value| value.point().is_some())
            && a.evidence.confidence <= view.scope.min_confidence
    };
    let all: Vec<&Attribute> = graph.attributes_of(of).filter(counts).collect();
    let special = product.is_some() && all.iter().any(|a| a.product == product);
    let fits = |a: &&&Attribute| if special { a.product == product } else { a.product.is_none() };
    let latest = all.iter().filter(fits).map(|a| a.period.map(|p| p.end())).max().flatten();
    let mut found = BTreeMap::new();
    for attribute in all.iter().filter(fits).filter(|a| a.period.map(|p| p.end()) == latest) {
        let (Some(country), Some(value)) = (&attribute.country, &attribute.value) else { continue };
        let Some(id) = position(view, attribute) else { continue };
        let (range, point) = (value.interval(), value.point().unwrap_or(0.0));
        let entry = (range.low, point, range.high.unwrap_or(1.0), id);
        found.entry(country.clone()).or_insert(entry);
    }
    found
}

/// The id of an attribute of the graph.
fn position(view: &View<'_>, attribute: &Attribute) -> Option<AttributeId> {
    view.graph.facts().attributes.iter().position(|a| std::ptr::eq(a, attribute)).map(AttributeId::new)
}

/// A number that Σ (share of a country)² cannot fall below, whatever the countries' parts of each vendor are.
///
/// Each vendor in turn is poured over its countries so that the lowest are level, until nothing moves: that
/// minimises the convex sum. The bound holds wherever it stops: no split lies below the tangent plane at this one.
pub(super) fn least_square(spreads: &[Spread]) -> f64 {
    const ROUNDS: usize = 200;
    let mut load: BTreeMap<&str, f64> = BTreeMap::new();
    for (country, part) in spreads.iter().flat_map(|spread| &spread.places) {
        *load.entry(country).or_default() += part.low;
    }
    let vendors: Vec<(f64, Vec<&str>)> = spreads
        .iter()
        .filter(|spread| spread.loose.0 > 0.0)
        .map(|spread| (spread.loose.0, spread.loose.1.iter().map(String::as_str).collect()))
        .collect();
    let mut poured: Vec<Vec<f64>> = vendors.iter().map(|(_, may)| vec![0.0; may.len()]).collect();
    for _ in 0..ROUNDS {
        let mut moved: f64 = 0.0;
        for ((mass, may), own) in vendors.iter().zip(&mut poured) {
            let base: Vec<f64> = may
                .iter()
                .zip(own.iter())
                .map(|(country, part)| load.get(country).copied().unwrap_or(0.0) - part)
                .collect();
            let level = water_level(&base, *mass);
            for ((country, base), part) in may.iter().zip(&base).zip(own.iter_mut()) {
                let new = (level - base).max(0.0);
                moved = moved.max((new - *part).abs());
                *part = new;
                load.insert(country, base + new);
            }
        }
        if moved < 1e-14 {
            break;
        }
    }
    let value: f64 = load.values().map(|load| load * load).sum();
    let gap = |((mass, may), own): (&(f64, Vec<&str>), &Vec<f64>)| {
        let at = |country: &&str| load.get(country).copied().unwrap_or(0.0);
        let here: f64 = may.iter().zip(own).map(|(country, part)| part * at(country)).sum();
        let least = may.iter().map(at).fold(f64::INFINITY, f64::min);
        2.0 * (here - mass * least)
    };
    (value - vendors.iter().zip(&poured).map(gap).sum::<f64>()).max(0.0)
}

/// The level to which `mass` fills vessels that already stand at `base`.
fn water_level(base: &[f64], mass: f64) -> f64 {
    let mut sorted = base.to_vec();
    sorted.arrange(f64::total_cmp);
    let mut sum = 0.0;
    let mut level = 0.0;
    for (at, low) in sorted.iter().enumerate() {
        sum += low;
        level = (mass + sum) / (at as f64 + 1.0);
        if sorted.get(at + 1).is_none_or(|next| level <= *next) {
            break;
        }
    }
    level
}
