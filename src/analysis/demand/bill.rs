//! The bill of a product: what one unit of it takes, as far as the dataset's intensities say.

use std::collections::BTreeMap;

use super::price::Variants;
use super::range::Range;
use super::unit;
use crate::analysis::View;
use crate::model::{Dimension, ProductId};
use crate::order::Arrange;

/// What one line of a bill takes for one unit of the product.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Takes {
    /// Base units of the input, and their name.
    Quantity(Range, String),
    /// Dollars' worth of the input.
    Money(Range),
    /// A share of the product's cost.
    Share(Range),
}

/// One statement about one input.
#[derive(Clone, Debug)]
pub(super) struct Line {
    /// Position of the intensity.
    pub at: usize,
    pub takes: Takes,
}

/// Why an intensity is not walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unused {
    /// It is about a generation or model that was not chosen.
    OtherVariant,
    /// The chosen variant says more of the same input.
    VariantKnows,
    /// It is stated for a unit in which the product is not counted.
    OtherUnit,
    /// It states no number.
    NoNumber,
    /// The bill is walked by its physical lines; with this one it would cost more than the product.
    Overlaps,
    /// Neither a number nor a price of the product is known that it could be applied to.
    NothingToApplyTo,
}

impl Unused {
    pub fn describe(self) -> &'static str {
        match self {
            Self::OtherVariant => "another variant",
            Self::VariantKnows => "the chosen variant has its own statement",
            Self::OtherUnit => "stated for a unit in which the product is not counted",
            Self::NoNumber => "states no number",
            Self::Overlaps => "set aside: the same money is in the lines in physical units",
            Self::NothingToApplyTo => "neither number nor price of the product is known",
        }
    }
}

/// The bill of one product.
#[derive(Clone, Debug, Default)]
pub(super) struct Bill {
    /// Statements by input, surest first.
    pub inputs: BTreeMap<ProductId, Vec<Line>>,
    /// Intensities that are not walked.
    pub unused: Vec<(usize, Unused)>,
}

/// The bills of all products that have one.
pub(super) fn bills(view: &View<'_>, variants: &Variants) -> BTreeMap<ProductId, Bill> {
    let mut all: BTreeMap<ProductId, Bill> = BTreeMap::new();
    let intensities = &view.graph.facts().intensities;
    // of each input: whether the chosen variant states anything
    let chosen = |product: ProductId, input: ProductId| {
        intensities
            .iter()
            .any(|i| i.product == product && i.input == input && variants.has(product, &i.variant))
    };
    for (at, intensity) in intensities.iter().enumerate() {
        let bill = all.entry(intensity.product).or_default();
        let own = variants.has(intensity.product, &intensity.variant);
        if intensity.variant.is_some() && !own {
            bill.unused.push((at, Unused::OtherVariant));
            continue;
        }
        if !own && chosen(intensity.product, intensity.input) {
            bill.unused.push((at, Unused::VariantKnows));
            continue;
        }
        match takes(view, at) {
            Ok(takes) => bill.inputs.entry(intensity.input).or_default().push(Line { at, takes }),
            Err(why) => bill.unused.push((at, why)),
        }
    }
    for lines in all.values_mut().flat_map(|bill| bill.inputs.values_mut()) {
        lines.arrange_by_key(|line| {
            let evidence = intensities.get(line.at).map(|intensity| &intensity.evidence);
            (evidence.is_some_and(|e| e.assumed.is_some()), evidence.map(|e| e.confidence), line.at)
        });
    }
    all
}

/// What an intensity takes for one base unit of its product.
pub(super) fn takes(view: &View<'_>, at: usize) -> Result<Takes, Unused> {
    let intensity = view.graph.facts().intensities.get(at).ok_or(Unused::NoNumber)?;
    let product = view.graph.product(intensity.product);
    let units = match &intensity.per {
        Some(text) => unit::per(text, product).ok_or(Unused::OtherUnit)?,
        None => unit::base(product).1,
    };
    let range = Range::of(&intensity.amount).ok_or(Unused::NoNumber)?;
    let each = range.scaled(1.0 / units);
    Ok(match &intensity.amount.dimension {
        Dimension::Share => Takes::Share(range.share()),
        Dimension::Money(_) => {
            let rate = view.graph.usd_factor(&intensity.amount, view.scope.as_of).ok_or(Unused::NoNumber)?;
            Takes::Money(each.scaled(rate))
        }
        Dimension::Power => Takes::Quantity(each, "MW".to_string()),
        Dimension::Count(name) => Takes::Quantity(each, unit::singular(name)),
        Dimension::Energy => Takes::Quantity(each, "MWh".to_string()),
        Dimension::Time | Dimension::Number => {
            Takes::Quantity(each, unit::base(view.graph.product(intensity.input)).0)
        }
    })
}
