//! Typed amounts, and how sure their size is.

use std::fmt;

use super::{Evidence, PartialDate, SourceId};

/// What a unit measures. Quantities of unlike dimensions are never added.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Dimension {
    /// A currency; two currencies are only added through a dated rate.
    Money(Currency),
    /// Power; base unit megawatt.
    Power,
    /// Energy; base unit megawatt-hour.
    Energy,
    /// A number of things of one name.
    Count(String),
    /// A part of a whole, 0 to 1.
    Share,
    /// Time; base unit day.
    Time,
    /// A plain number without unit.
    Number,
}

/// An ISO 4217 code such as `USD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Currency(pub [u8; 3]);

impl Currency {
    /// The dollar of the United States, in which answers are given.
    pub const USD: Self = Self(*b"USD");

    /// The code as text.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

/// A size as its source states it, in the base unit of its quantity.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub enum Estimate {
    /// Stated plainly.
    Exact(f64),
    /// "more than"
    AtLeast(f64),
    /// "up to"
    UpTo(f64),
    /// A range.
    Between(f64, f64),
    /// "about": read as within [`Estimate::ABOUT`] of the value.
    About(f64),
    /// Known to exist, size not known.
    Unknown,
}

impl Estimate {
    /// Half width of "about", as a share of the value.
    pub const ABOUT: f64 = 0.1;

    /// The range of sizes that the statement allows. Amounts are not negative.
    pub fn interval(self) -> Interval {
        match self {
            Self::Exact(v) => Interval { low: v, high: Some(v) },
            Self::AtLeast(v) => Interval { low: v, high: None },
            Self::UpTo(v) => Interval { low: 0.0, high: Some(v) },
            Self::Between(a, b) => Interval { low: a, high: Some(b) },
            Self::About(v) => Interval { low: v * (1.0 - Self::ABOUT), high: Some(v * (1.0 + Self::ABOUT)) },
            Self::Unknown => Interval { low: 0.0, high: None },
        }
    }

    /// The single number that a table would print: the value said, or the middle of a range.
    pub fn point(self) -> Option<f64> {
        match self {
            Self::Exact(v) | Self::AtLeast(v) | Self::UpTo(v) | Self::About(v) => Some(v),
            Self::Between(a, b) => Some(0.5 * (a + b)),
            Self::Unknown => None,
        }
    }

    /// The same statement with its numbers multiplied by `factor`, which must be positive.
    pub fn scale(self, factor: f64) -> Self {
        match self {
            Self::Exact(v) => Self::Exact(v * factor),
            Self::AtLeast(v) => Self::AtLeast(v * factor),
            Self::UpTo(v) => Self::UpTo(v * factor),
            Self::Between(a, b) => Self::Between(a * factor, b * factor),
            Self::About(v) => Self::About(v * factor),
            Self::Unknown => Self::Unknown,
        }
    }
}

/// A range of non-negative numbers; no `high` means that nothing bounds it from above.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Interval {
    /// The least it can be.
    pub low: f64,
    /// The most it can be.
    pub high: Option<f64>,
}

impl Interval {
    /// Nothing known.
    pub const UNKNOWN: Self = Self { low: 0.0, high: None };

    /// A single number.
    pub fn exact(value: f64) -> Self {
        Self { low: value, high: Some(value) }
    }

    /// The sum of two independent ranges.
    pub fn plus(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high.zip(other.high).map(|(a, b)| a + b) }
    }

    /// The smallest range that holds both.
    pub fn hull(self, other: Self) -> Self {
        Self { low: self.low.min(other.low), high: self.high.zip(other.high).map(|(a, b)| a.max(b)) }
    }
}

/// One source's statement of a size.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Claim {
    /// What it says.
    pub estimate: Estimate,
    /// Evidence of this claim; the record's own evidence where `None`.
    pub evidence: Option<Evidence>,
    /// The date that the claim refers to.
    pub as_of: Option<PartialDate>,
}

/// A size with all that is claimed about it. Sources that disagree stay apart.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Measure {
    /// What is measured.
    pub dimension: Dimension,
    /// The statements, in the order of the file; never empty.
    pub claims: Vec<Claim>,
}

impl Measure {
    /// A measure that one statement gives.
    pub fn single(dimension: Dimension, estimate: Estimate) -> Self {
        Self { dimension, claims: vec![Claim { estimate, evidence: None, as_of: None }] }
    }

    /// The range that covers every claim.
    pub fn interval(&self) -> Interval {
        let mut claims = self.claims.iter().map(|claim| claim.estimate.interval());
        let first = claims.next().unwrap_or(Interval::UNKNOWN);
        claims.fold(first, Interval::hull)
    }

    /// The single number that a table would print: of the surest claims the most recent, and of those the
    /// first in the file.
    pub fn point(&self) -> Option<f64> {
        self.preferred().and_then(|claim| claim.estimate.point())
    }

    /// The claim that [`Measure::point`] is taken from.
    pub fn preferred(&self) -> Option<&Claim> {
        let rank = |claim: &Claim| {
            let confidence = claim.evidence.as_ref().map(|evidence| evidence.confidence);
            (confidence, std::cmp::Reverse(claim.as_of.map(PartialDate::end)))
        };
        let known = self.claims.iter().filter(|claim| claim.estimate.point().is_some());
        known.min_by_key(|claim| rank(claim)).or(self.claims.first())
    }

    /// Whether sources disagree on it.
    pub fn is_disputed(&self) -> bool {
        self.claims.windows(2).any(|pair| pair[0].estimate != pair[1].estimate)
    }

    /// Sources that the claims name beside the record's own.
    pub fn sources(&self) -> impl Iterator<Item = SourceId> + '_ {
        self.claims.iter().filter_map(|claim| claim.evidence.as_ref()).flat_map(|e| e.sources.iter().copied())
    }
}

/// What one unit of a currency was worth in dollars on a date.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Rate {
    /// The currency.
    pub currency: Currency,
    /// Dollars for one unit of it.
    pub usd: f64,
    /// From when the rate is used.
    pub on: PartialDate,
    /// What it rests on.
    pub evidence: Evidence,
}

impl fmt::Display for Dimension {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Money(currency) => write!(f, "{}", currency.code()),
            Self::Power => write!(f, "MW"),
            Self::Energy => write!(f, "MWh"),
            Self::Count(name) => write!(f, "{name}"),
            Self::Share => write!(f, "share"),
            Self::Time => write!(f, "days"),
            Self::Number => write!(f, "number"),
        }
    }
}
