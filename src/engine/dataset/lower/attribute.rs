//! Attributes, intensities and exchange rates.

use std::sync::Arc;

use crate::model::{Attribute, AttributeKind, AttributeSubject, Intensity, Rate};

use super::super::codes::Code;
use super::super::read::{Keyed, clip, quoted};
use super::super::record::{AttributeRecord, IntensityRecord, PeriodRecord, RateRecord};
use super::super::trail::Trail;
use super::Lowering;
use super::measure::{Limits, Sort};

/// What the value of a property may be. Zero is a statement: no debt, no spare capacity.
fn limits(kind: &AttributeKind) -> Limits {
    use AttributeKind as K;
    Limits::with_zero(match kind {
        K::Backlog => Sort::QUANTITY_OR_MONEY,
        K::Revenue | K::Capex | K::Cost | K::Debt | K::Equity | K::Valuation => &[Sort::Money],
        K::UnitCost | K::UnitPrice => &[Sort::Money],
        K::Need | K::MarketSize => Sort::QUANTITY_OR_MONEY,
        K::Capacity => Sort::QUANTITY_OR_MONEY,
        K::SpareCapacity => &[Sort::Share, Sort::Count, Sort::Power, Sort::Energy, Sort::Money],
        K::Shortfall => &[Sort::Share, Sort::Count, Sort::Power, Sort::Energy],
        K::LeadTime | K::Inventory => &[Sort::Time],
        K::Power => &[Sort::Power],
        K::Stock => &[Sort::Count, Sort::Power],
        K::Production => &[Sort::Share, Sort::Count],
        K::Seat | K::Other(_) => Sort::ANY,
    })
}

impl Lowering<'_> {
    /// Whose property an attribute is.
    fn subject(&mut self, trail: &Trail, key: &str) -> Option<AttributeSubject> {
        match (self.ids.entity(key), self.ids.product(key)) {
            (Some(_), Some(_)) => {
                let message = format!("`{}` is both an entity and a product", clip(key, 60));
                self.session.report(trail, Code::AmbiguousSubject, message).hint =
                    Some("rename one of the two".to_string());
                None
            }
            (Some(entity), None) => Some(AttributeSubject::Entity(entity)),
            (None, Some(product)) => Some(AttributeSubject::Product(product)),
            (None, None) => {
                let known: [&[Arc<str>]; 2] = [&self.ids.entities.keys, &self.ids.products.keys];
                self.unknown(trail, Code::UnknownEntity, "entity or product", key, &known);
                None
            }
        }
    }

    pub(super) fn attribute(
        &mut self,
        keyed: &Keyed<AttributeRecord>,
        record: &AttributeRecord,
    ) -> Option<Attribute> {
        let trail = Trail::record(keyed.mark);
        let of = self.subject(&trail.field("of"), &record.of);
        let period = self.date_field(&trail, "period", record.period.as_deref());
        self.on = period.map(|period| period.first());
        let value = self.measure(&trail, "value", record.value.as_ref(), limits(&record.what));
        let product = self.product_field(&trail, "product", record.product.as_deref());
        if let Some(country) = &record.country {
            self.country(&trail.field("country"), country);
        }
        let of_country = matches!(record.what, AttributeKind::Seat | AttributeKind::Production);
        let missing = if of_country && record.country.is_none() {
            Some("country")
        } else if !of_country && record.value.is_none() {
            Some("value")
        } else {
            None
        };
        if let Some(field) = missing {
            let message = format!("an attribute that says {} has a `{field}`", word(&record.what));
            let diagnostic = self.session.report(&trail, Code::MissingMeasure, message);
            diagnostic.label = format!("`{field}` is required");
        }
        if let AttributeKind::Other(name) = &record.what
            && !super::super::read::is_id(name)
        {
            let message = format!("{} is not a valid name of a property", quoted(name));
            self.session.report(&trail.field("what"), Code::BadId, message).expected =
                Some("lower-case letters, digits and single hyphens".to_string());
        }
        let evidence = self.evidence(&trail, record.evidence());
        Some(Attribute {
            key: keyed.key.clone(),
            of: of?,
            kind: record.what.clone(),
            value,
            period,
            per_years: record.per.map(|per| match per {
                PeriodRecord::Month => 1.0 / 12.0,
                PeriodRecord::Quarter => 0.25,
                PeriodRecord::Half => 0.5,
                PeriodRecord::Year => 1.0,
            }),
            product,
            country: record.country.clone(),
            variant: record.variant.clone(),
            evidence,
            place: self.session.place(keyed.mark),
        })
    }

    pub(super) fn intensity(
        &mut self,
        keyed: &Keyed<IntensityRecord>,
        record: &IntensityRecord,
    ) -> Option<Intensity> {
        let trail = Trail::record(keyed.mark);
        let product = self.product_id(&trail.field("product"), &record.product);
        let input = self.product_id(&trail.field("input"), &record.input);
        let limits = Limits::positive(Sort::ANY);
        let amount = self.measure(&trail, "amount", Some(&record.amount), limits);
        let evidence = self.evidence(&trail, record.evidence());
        Some(Intensity {
            key: keyed.key.clone(),
            product: product?,
            variant: record.variant.clone(),
            input: input?,
            amount: amount?,
            per: record.per.clone(),
            evidence,
            place: self.session.place(keyed.mark),
        })
    }

    pub(super) fn rate(&mut self, keyed: &Keyed<RateRecord>, record: &RateRecord) -> Option<Rate> {
        let trail = Trail::record(keyed.mark);
        let currency = self.currency(&trail.field("currency"), &record.currency);
        let number = trail.field("usd");
        let usd = self.finite(&number, record.usd) && self.positive(&number, record.usd, "an exchange rate");
        let on = self.date(&trail.field("on"), &record.on);
        let evidence = self.evidence(&trail, record.evidence());
        Some(Rate { currency: currency?, usd: usd.then_some(record.usd)?, on: on?, evidence })
    }
}

fn word(kind: &AttributeKind) -> String {
    match kind {
        AttributeKind::Other(name) => format!("`{}`", clip(name, 40)),
        kind => format!("`{kind:?}`"),
    }
}
