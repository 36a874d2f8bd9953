//! Sizes: a unit around a number, and words of estimate around that.

use crate::model::{Claim, Currency, Dimension, Estimate, Measure};

use super::super::codes::Code;
use super::super::read::quoted;
use super::super::record::{ClaimRecord, MeasureRecord};
use super::super::trail::Trail;
use super::{Lowering, MoneyUse};

/// What a field takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Money,
    Power,
    Energy,
    Count,
    Share,
    Time,
    Number,
}

impl Sort {
    /// Any sort of size.
    pub const ANY: &[Sort] =
        &[Sort::Money, Sort::Power, Sort::Energy, Sort::Count, Sort::Share, Sort::Time, Sort::Number];
    /// What is made, ordered or installed.
    pub const QUANTITY: &[Sort] = &[Sort::Count, Sort::Power, Sort::Energy];
    /// What is made, ordered or installed, or the money for it.
    pub const QUANTITY_OR_MONEY: &[Sort] = &[Sort::Money, Sort::Count, Sort::Power, Sort::Energy];

    /// The sort of a dimension.
    pub fn of(dimension: &Dimension) -> Self {
        match dimension {
            Dimension::Money(_) => Self::Money,
            Dimension::Power => Self::Power,
            Dimension::Energy => Self::Energy,
            Dimension::Count(_) => Self::Count,
            Dimension::Share => Self::Share,
            Dimension::Time => Self::Time,
            Dimension::Number => Self::Number,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Money => "money",
            Self::Power => "power",
            Self::Energy => "energy",
            Self::Count => "a number of things",
            Self::Share => "a share",
            Self::Time => "time",
            Self::Number => "a plain number",
        }
    }

    fn units(self) -> &'static str {
        match self {
            Self::Money => "Usd(..), Eur(..), Money(.., \"INR\")",
            Self::Power => "Mw(..), Gw(..)",
            Self::Energy => "Mwh(..), Gwh(..), Twh(..)",
            Self::Count => "Units(..), Chips(..), Wafers(..), Count(.., \"stacks\")",
            Self::Share => "Share(0.6), Percent(60)",
            Self::Time => "Days(..), Weeks(..), Months(..), Years(..)",
            Self::Number => "Number(..)",
        }
    }
}

fn any_of(sorts: &[Sort], words: fn(Sort) -> &'static str, join: &str) -> String {
    sorts.iter().map(|sort| words(*sort)).collect::<Vec<_>>().join(join)
}

/// What the numbers of a field may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    sorts: &'static [Sort],
    zero: bool,
}

impl Limits {
    /// Positive sizes of one of these sorts; a share may be zero.
    pub const fn positive(sorts: &'static [Sort]) -> Self {
        Self { sorts, zero: false }
    }

    /// Sizes of one of these sorts, zero included.
    pub const fn with_zero(sorts: &'static [Sort]) -> Self {
        Self { sorts, zero: true }
    }
}

impl Lowering<'_> {
    /// Reads the size of a field that may be absent.
    pub(super) fn measure(
        &mut self,
        trail: &Trail,
        field: &'static str,
        record: Option<&MeasureRecord>,
        limits: Limits,
    ) -> Option<Measure> {
        let record = record?;
        let at = trail.field(field);
        let measure = match record {
            MeasureRecord::Claims(claims) => self.claims(&at.item(0), field, claims, limits)?,
            record => {
                let (dimension, estimate) = self.estimate(&at, field, record, limits)?;
                let dimension = dimension.or_else(|| first(limits))?;
                Measure::single(dimension, estimate)
            }
        };
        if let Dimension::Money(currency) = measure.dimension
            && currency != Currency::USD
        {
            self.money.push(MoneyUse { currency, on: self.on, mark: trail.mark(), field });
        }
        Some(measure)
    }

    /// Reads several statements of one size.
    fn claims(
        &mut self,
        trail: &Trail,
        field: &'static str,
        records: &[ClaimRecord],
        limits: Limits,
    ) -> Option<Measure> {
        if records.is_empty() {
            self.session.report(trail, Code::NoClaims, format!("`{field}` holds no claim"));
            return None;
        }
        let mut claims = Vec::with_capacity(records.len());
        let mut dimension: Option<Dimension> = None;
        let mut complete = true;
        for (at, record) in records.iter().enumerate() {
            let item = trail.item(at);
            let evidence = self.claim_evidence(&item, record);
            match &evidence {
                Some(evidence) if !evidence.is_unsourced() => self.claimed.extend(&evidence.sources),
                _ => complete = false,
            }
            let as_of = self.date_field(&item, "as_of", record.as_of.as_deref());
            let Some((own, estimate)) = self.estimate(&item.field("value"), field, &record.value, limits)
            else {
                continue;
            };
            match (&dimension, own) {
                (Some(known), Some(own)) if *known != own => {
                    let message = format!("claims of one size are in unlike units: {known} and {own}");
                    self.session.report(&item.field("value"), Code::UnlikeUnits, message).hint =
                        Some("state all claims of one size in the same unit".to_string());
                }
                (None, Some(own)) => dimension = Some(own),
                _ => {}
            }
            claims.push(Claim { estimate, evidence, as_of });
        }
        self.claims_complete |= complete;
        let dimension = dimension.or_else(|| first(limits))?;
        (!claims.is_empty()).then_some(Measure { dimension, claims })
    }

    /// Reads one statement. No dimension where the size is not known.
    fn estimate(
        &mut self,
        trail: &Trail,
        field: &'static str,
        record: &MeasureRecord,
        limits: Limits,
    ) -> Option<(Option<Dimension>, Estimate)> {
        let inner = trail.item(0);
        let (dimension, estimate) = match record {
            MeasureRecord::Unknown => return Some((None, Estimate::Unknown)),
            MeasureRecord::Claims(_) => {
                let message = "claims cannot stand inside another size";
                self.session.report(trail, Code::NestedEstimate, message);
                return None;
            }
            MeasureRecord::AtLeast(size) => {
                let (dimension, value) = self.size(&inner, field, size, limits, limits.zero)?;
                (dimension, Estimate::AtLeast(value))
            }
            MeasureRecord::UpTo(size) => {
                let (dimension, value) = self.size(&inner, field, size, limits, limits.zero)?;
                (dimension, Estimate::UpTo(value))
            }
            MeasureRecord::About(size) => {
                let (dimension, value) = self.size(&inner, field, size, limits, limits.zero)?;
                (dimension, Estimate::About(value))
            }
            MeasureRecord::Between(low, high) => {
                let second = trail.item(1);
                let low = self.size(&inner, field, low, limits, true);
                let high = self.size(&second, field, high, limits, limits.zero);
                let ((dimension, low), (other, high)) = (low?, high?);
                if dimension != other {
                    let message = format!("the ends of a range are in unlike units: {dimension} and {other}");
                    self.session.report(trail, Code::UnlikeUnits, message);
                    return None;
                }
                if low > high {
                    self.empty_range(trail);
                    return None;
                }
                (dimension, Estimate::Between(low, high))
            }
            size => {
                let (dimension, value) = self.size(trail, field, size, limits, limits.zero)?;
                (dimension, Estimate::Exact(value))
            }
        };
        Some((Some(dimension), estimate))
    }

    /// Reads a unit around a number, in the base unit of its dimension.
    fn size(
        &mut self,
        trail: &Trail,
        field: &'static str,
        record: &MeasureRecord,
        limits: Limits,
        zero: bool,
    ) -> Option<(Dimension, f64)> {
        use MeasureRecord as M;
        let money = |code: &[u8; 3]| Dimension::Money(Currency(*code));
        let count = |name: &str| Dimension::Count(name.to_string());
        let (dimension, stated, factor): (Dimension, f64, f64) = match record {
            M::Usd(v) => (money(b"USD"), *v, 1.0),
            M::Eur(v) => (money(b"EUR"), *v, 1.0),
            M::Gbp(v) => (money(b"GBP"), *v, 1.0),
            M::Jpy(v) => (money(b"JPY"), *v, 1.0),
            M::Krw(v) => (money(b"KRW"), *v, 1.0),
            M::Twd(v) => (money(b"TWD"), *v, 1.0),
            M::Cny(v) => (money(b"CNY"), *v, 1.0),
            M::Money(v, code) => (Dimension::Money(self.currency(&trail.item(1), code)?), *v, 1.0),
            M::W(v) => (Dimension::Power, *v, 1e-6),
            M::Kw(v) => (Dimension::Power, *v, 1e-3),
            M::Mw(v) => (Dimension::Power, *v, 1.0),
            M::Gw(v) => (Dimension::Power, *v, 1e3),
            M::Kwh(v) => (Dimension::Energy, *v, 1e-3),
            M::Mwh(v) => (Dimension::Energy, *v, 1.0),
            M::Gwh(v) => (Dimension::Energy, *v, 1e3),
            M::Twh(v) => (Dimension::Energy, *v, 1e6),
            M::Chips(v) => (count("chips"), *v, 1.0),
            M::Wafers(v) => (count("wafers"), *v, 1.0),
            M::Units(v) => (count("units"), *v, 1.0),
            M::Count(v, name) => (count(name), *v, 1.0),
            M::Share(v) => (Dimension::Share, *v, 1.0),
            M::Percent(v) => (Dimension::Share, *v, 1e-2),
            M::Days(v) => (Dimension::Time, *v, 1.0),
            M::Weeks(v) => (Dimension::Time, *v, 7.0),
            M::Months(v) => (Dimension::Time, *v, 365.25 / 12.0),
            M::Years(v) => (Dimension::Time, *v, 365.25),
            M::Number(v) => (Dimension::Number, *v, 1.0),
            M::AtLeast(_) | M::UpTo(_) | M::Between(..) | M::About(_) | M::Unknown | M::Claims(_) => {
                let message = "a word of estimate stands inside another";
                self.session.report(trail, Code::NestedEstimate, message).hint =
                    Some("write one of AtLeast, UpTo, Between and About around plain sizes".to_string());
                return None;
            }
        };
        let sort = Sort::of(&dimension);
        if !limits.sorts.contains(&sort) {
            let takes = any_of(limits.sorts, Sort::word, " or ");
            let message = format!("`{field}` takes {takes}, found {}", sort.word());
            self.session.report(trail, Code::WrongDimension, message).expected =
                Some(any_of(limits.sorts, Sort::units, ", "));
            return None;
        }
        let number = trail.item(0);
        // dividing keeps `Percent(60)` equal to `Share(0.6)`
        let value = if factor < 1.0 { stated / (1.0 / factor).round() } else { stated * factor };
        if !self.finite(&number, stated) || !self.finite(&number, value) {
            return None;
        }
        let bad_share = sort == Sort::Share && !(0.0..=1.0).contains(&value);
        if value < 0.0 && !bad_share {
            self.session.report(&number, Code::Negative, format!("`{field}` cannot be negative"));
        } else if value == 0.0 && !zero && sort != Sort::Share {
            self.session.report(&number, Code::Zero, format!("`{field}` cannot be zero")).hint =
                Some("write `Unknown` where the size is not known".to_string());
        } else if bad_share {
            let message = format!("a share lies between 0 and 1 (0 and 100 percent); this is {value}");
            let diagnostic = self.session.report(&number, Code::ShareRange, message);
            if matches!(record, M::Share(v) if (1.0..=100.0).contains(v)) {
                diagnostic.hint = Some(format!("for a percentage write `Percent({stated})`"));
            }
        } else {
            return Some((dimension, value));
        }
        None
    }

    /// Reads a currency.
    pub(super) fn currency(&mut self, trail: &Trail, code: &str) -> Option<Currency> {
        match <[u8; 3]>::try_from(code.as_bytes()) {
            Ok(bytes) if bytes.iter().all(u8::is_ascii_uppercase) => Some(Currency(bytes)),
            _ => {
                let message = format!("{} is not a currency", quoted(code));
                self.session.report(trail, Code::BadCurrency, message).expected =
                    Some("an ISO 4217 code such as USD or INR".to_string());
                None
            }
        }
    }
}

/// The dimension of a size that is not known.
fn first(limits: Limits) -> Option<Dimension> {
    limits.sorts.first().map(|sort| match sort {
        Sort::Money => Dimension::Money(Currency::USD),
        Sort::Power => Dimension::Power,
        Sort::Energy => Dimension::Energy,
        Sort::Count => Dimension::Count("units".to_string()),
        Sort::Share => Dimension::Share,
        Sort::Time => Dimension::Time,
        Sort::Number => Dimension::Number,
    })
}
