//! Dates as sources give them: a day, a month, a quarter, a half-year, a year or a fiscal year.

use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;

/// A day of the proleptic Gregorian calendar.
pub type Date = jiff::civil::Date;

/// Years from one day to another, of 365.25 days each; negative where the second is earlier.
pub fn years_between(from: Date, to: Date) -> f64 {
    from.until(to).map_or(0.0, |span| f64::from(span.get_days()) / 365.25)
}

/// A date with the precision that its source gave.
///
/// ```
/// # use linchpin_engine as linchpin;
/// use linchpin::model::PartialDate;
/// let quarter: PartialDate = "2026-Q1".parse().unwrap();
/// assert_eq!(quarter.first().to_string(), "2026-01-01");
/// assert_eq!(quarter.end().to_string(), "2026-04-01");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PartialDate {
    /// `2026`
    Year(i16),
    /// `FY2026`: the fiscal year that ends in that calendar year. Taken as the calendar year.
    FiscalYear(i16),
    /// `2026-H1`
    Half(i16, i8),
    /// `2026-Q1`
    Quarter(i16, i8),
    /// `2026-04`
    Month(i16, i8),
    /// `2026-04-20`
    Day(Date),
}

impl PartialDate {
    /// The first day that the date may mean.
    pub fn first(self) -> Date {
        match self {
            Self::Year(y) | Self::FiscalYear(y) => jiff::civil::date(y, 1, 1),
            Self::Half(y, h) => jiff::civil::date(y, 6 * (h - 1) + 1, 1),
            Self::Quarter(y, q) => jiff::civil::date(y, 3 * (q - 1) + 1, 1),
            Self::Month(y, m) => jiff::civil::date(y, m, 1),
            Self::Day(day) => day,
        }
    }

    /// The day after the last day that the date may mean, so that `[first, end)` is the date.
    pub fn end(self) -> Date {
        let span = match self {
            Self::Year(_) | Self::FiscalYear(_) => 1.year(),
            Self::Half(..) => 6.months(),
            Self::Quarter(..) => 3.months(),
            Self::Month(..) => 1.month(),
            Self::Day(_) => 1.day(),
        };
        self.first().saturating_add(span)
    }
}

/// Why a text is not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{text:?} is not a date: expected a year, quarter, month or day such as 2026, 2026-Q1, 2026-H1, 2026-04, 2026-04-20 or FY2026"
)]
pub struct DateError {
    text: String,
}

impl FromStr for PartialDate {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let error = || DateError { text: text.chars().take(40).collect() };
        let year = |part: &str| -> Option<i16> {
            let plain = part.len() == 4 && part.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| part.parse().ok()).flatten().filter(|y| (1..=9998).contains(y))
        };
        let within =
            |part: &str, limit: i8| -> Option<i8> { part.parse().ok().filter(|n| (1..=limit).contains(n)) };
        if let Some(rest) = text.strip_prefix("FY") {
            return year(rest).map(Self::FiscalYear).ok_or_else(error);
        }
        let parts: Vec<&str> = text.split('-').collect();
        let parsed = match parts.as_slice() {
            [y] => year(y).map(Self::Year),
            [y, part] => year(y).and_then(|y| {
                if let Some(q) = part.strip_prefix('Q') {
                    within(q, 4).map(|q| Self::Quarter(y, q))
                } else if let Some(h) = part.strip_prefix('H') {
                    within(h, 2).map(|h| Self::Half(y, h))
                } else {
                    (part.len() == 2).then(|| within(part, 12)).flatten().map(|m| Self::Month(y, m))
                }
            }),
            [y, m, d] if m.len() == 2 && d.len() == 2 => year(y)
                .zip(within(m, 12))
                .zip(within(d, 31))
                .and_then(|((y, m), d)| Date::new(y, m, d).ok())
                .map(Self::Day),
            _ => None,
        };
        parsed.ok_or_else(error)
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(y) => write!(f, "{y}"),
            Self::FiscalYear(y) => write!(f, "FY{y}"),
            Self::Half(y, h) => write!(f, "{y}-H{h}"),
            Self::Quarter(y, q) => write!(f, "{y}-Q{q}"),
            Self::Month(y, m) => write!(f, "{y}-{m:02}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

impl serde::Serialize for PartialDate {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
