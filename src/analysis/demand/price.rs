//! What one unit costs: stated prices and costs, and what contracts that state money, power and time imply.

use std::collections::{BTreeMap, BTreeSet};

use super::range::Range;
use super::unit;
use crate::analysis::View;
use crate::model::{
    AttributeId, AttributeKind, AttributeSubject, Detail, Dimension, PartialDate, ProductId, RelationId,
    RelationType, Term, years_between,
};
use crate::order::Arrange;

/// Which generation or model of each product is meant.
#[derive(Clone, Debug, Default)]
pub(super) struct Variants {
    chosen: BTreeMap<ProductId, BTreeSet<String>>,
    /// Products whose variant was chosen because its bill is the fullest, with what else there is.
    pub supposed: Vec<(ProductId, String, Vec<String>)>,
}

impl Variants {
    /// Those that the user names, and for other products the one of which most is stated.
    ///
    /// # Errors
    /// A name that no product has, with all names that there are.
    pub fn choose(view: &View<'_>, named: &[String]) -> Result<Self, (String, Vec<String>)> {
        let facts = view.graph.facts();
        let mut all: BTreeMap<ProductId, BTreeMap<String, usize>> = BTreeMap::new();
        let mut count = |product: ProductId, variant: &Option<String>| {
            if let Some(variant) = variant {
                *all.entry(product).or_default().entry(variant.clone()).or_default() += 1;
            }
        };
        for intensity in &facts.intensities {
            count(intensity.product, &intensity.variant);
        }
        for attribute in &facts.attributes {
            if let (AttributeSubject::Product(product), AttributeKind::UnitCost | AttributeKind::UnitPrice) =
                (attribute.of, &attribute.kind)
            {
                count(product, &attribute.variant);
            }
        }
        for name in named {
            if !all.values().any(|variants| variants.contains_key(name)) {
                let known = all.into_values().flat_map(BTreeMap::into_keys).collect();
                return Err((name.clone(), known));
            }
        }
        let mut variants = Self::default();
        for (product, counts) in all {
            let own: BTreeSet<String> =
                named.iter().filter(|name| counts.contains_key(*name)).cloned().collect();
            if !own.is_empty() {
                variants.chosen.insert(product, own);
                continue;
            }
            let most = counts.values().copied().max().unwrap_or(0);
            if let Some((fullest, _)) = counts.iter().find(|(_, count)| **count == most) {
                let others = counts.keys().filter(|name| *name != fullest).cloned().collect();
                variants.supposed.push((product, fullest.clone(), others));
                variants.chosen.insert(product, BTreeSet::from([fullest.clone()]));
            }
        }
        Ok(variants)
    }

    /// Whether a record about a product is about a chosen variant of it.
    pub fn has(&self, product: ProductId, variant: &Option<String>) -> bool {
        let chosen = self.chosen.get(&product);
        variant.as_ref().is_some_and(|variant| chosen.is_some_and(|chosen| chosen.contains(variant)))
    }
}

/// What one base unit of a product costs.
#[derive(Clone, Debug)]
pub(super) struct Price {
    /// Dollars for one base unit; for one and a year where it is `rented`.
    pub usd: Range,
    /// Whether it is paid by the year.
    pub rented: bool,
    /// What is stated.
    pub kind: PriceKind,
    /// Where.
    pub attributes: Vec<AttributeId>,
    /// Contracts that imply it, with what each implies and its term in years.
    pub contracts: Vec<(RelationId, f64, f64)>,
}

/// What a price was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PriceKind {
    /// What one is sold for.
    Price,
    /// What one costs to make.
    Cost,
    /// What contracts pay.
    Contracts,
}

/// What one unit of a product is stated to cost or to be sold for.
pub(super) fn stated(
    view: &View<'_>,
    variants: &Variants,
    product: ProductId,
    kind: &AttributeKind,
) -> Option<Price> {
    let of = AttributeSubject::Product(product);
    let facts = view.graph.facts();
    let all = (0..facts.attributes.len()).map(AttributeId::new);
    let about: Vec<AttributeId> = all
        .filter(|id| {
            let attribute = view.graph.attribute(*id);
            let begun = attribute.period.is_none_or(|period| period.first() <= view.scope.as_of);
            attribute.of == of && attribute.kind == *kind && begun
        })
        .collect();
    let of_variant = |id: &&AttributeId| variants.has(product, &view.graph.attribute(**id).variant);
    let of_whole = |id: &&AttributeId| view.graph.attribute(**id).variant.is_none();
    let mut used: Vec<AttributeId> = about.iter().filter(of_variant).copied().collect();
    if used.is_empty() {
        used = about.iter().filter(of_whole).copied().collect();
    }
    // a product without a bill has no chosen variant of its own price: the first stated
    if used.is_empty() {
        used = about.into_iter().take(1).collect();
    }
    used.arrange_by_key(|id| (view.graph.attribute(*id).evidence.confidence, *id));
    let (_, factor) = unit::base(view.graph.product(product));
    let dollars = |id: &AttributeId| {
        let value = view.graph.attribute(*id).value.as_ref()?;
        let rate = view.graph.usd_factor(value, view.scope.as_of)?;
        Some(Range::of(value)?.scaled(rate / factor))
    };
    let usd = used.iter().filter_map(dollars).reduce(Range::hull)?;
    let kind = if *kind == AttributeKind::UnitPrice { PriceKind::Price } else { PriceKind::Cost };
    Some(Price { usd, rented: false, kind, attributes: used, contracts: Vec::new() })
}

/// The price at which a product is bought: what it is sold for, else what it costs to make.
pub(super) fn price(view: &View<'_>, variants: &Variants, product: ProductId) -> Option<Price> {
    stated(view, variants, product, &AttributeKind::UnitPrice)
        .or_else(|| stated(view, variants, product, &AttributeKind::UnitCost))
}

/// What a megawatt and a year of a product cost in the contracts that state money, power and time: the middle one,
/// between the cheapest and the dearest.
pub(super) fn contracts(view: &View<'_>, product: ProductId) -> Option<Price> {
    let mut found: Vec<(RelationId, f64, f64)> = Vec::new();
    for (id, relation) in view.graph.in_scope(&view.scope, RelationType::Commits) {
        let Detail::Commits {
            product: own, spend: Some(spend), capacity: Some(capacity), term, starts, ..
        } = &relation.detail
        else {
            continue;
        };
        if *own != product || relation.part_of.is_some() || capacity.dimension != Dimension::Power {
            continue;
        }
        let years = match *term {
            Term::Years(years) => Some(years),
            Term::Between(low, high) => Some(0.5 * (low + high)),
            Term::Open | Term::Unknown => between(starts.or(relation.since), relation.until),
        };
        let (usd, power) = (view.graph.usd_point(spend, view.scope.as_of), capacity.point());
        if let (Some(usd), Some(power), Some(years)) = (usd, power, years)
            && power > 0.0
            && years > 0.0
        {
            found.push((id, usd / power / years, years));
        }
    }
    found.arrange(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let rates: Vec<f64> = found.iter().map(|(_, rate, _)| *rate).collect();
    let usd = Range { low: *rates.first()?, point: median(&rates)?, high: rates.last().copied() };
    Some(Price { usd, rented: true, kind: PriceKind::Contracts, attributes: Vec::new(), contracts: found })
}

/// The middle of sorted numbers, or the mean of the middle two.
pub(super) fn median(sorted: &[f64]) -> Option<f64> {
    let half = sorted.len() / 2;
    let upper = *sorted.get(half)?;
    if sorted.len() % 2 == 1 {
        return Some(upper);
    }
    Some(0.5 * (upper + sorted.get(half.checked_sub(1)?)?))
}

fn between(from: Option<PartialDate>, until: Option<PartialDate>) -> Option<f64> {
    Some(years_between(from?.first(), until?.first()))
}
