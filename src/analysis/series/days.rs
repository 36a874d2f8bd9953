//! The days of a series: `2023..2026`, `2023..2026 by quarter`, `2025-06..2026-07 by month`.

use jiff::ToSpan;

use super::super::AnalysisError;
use crate::model::{Date, PartialDate};

/// Most days of a series.
pub const MOST: usize = 120;

/// How far apart the days are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The same day of each year.
    Year,
    /// Every three months.
    Quarter,
    /// Every month.
    Month,
}

impl Step {
    fn months(self) -> i32 {
        match self {
            Self::Year => 12,
            Self::Quarter => 3,
            Self::Month => 1,
        }
    }
}

/// The days, in order, and how many were left out because they lie after the day that counts.
///
/// By year between two plain years it is the same day of each year as `as_of`; else it is the first day of the first
/// date and every step from there that begins within the last date.
///
/// # Errors
/// No such range, or more than [`MOST`] days.
pub fn days(over: &str, as_of: Date) -> Result<(Vec<Date>, usize), AnalysisError> {
    let invalid = |reason: String| AnalysisError::Invalid { parameter: "over", reason };
    let shape = || {
        invalid(format!(
            "{over:?}: expected two dates and a step, as 2023..2026, \"2023..2026 by quarter\" or \"2025-06..2026-07 by month\""
        ))
    };
    let (range, step) = match over.split_once(" by ") {
        Some((range, step)) => (range.trim(), Some(step.trim())),
        None => (over.trim(), None),
    };
    let (from, to) = range.split_once("..").ok_or_else(shape)?;
    let date = |text: &str| text.trim().parse::<PartialDate>().map_err(|error| invalid(error.to_string()));
    let (from, to) = (date(from)?, date(to)?);
    let step = match step {
        None | Some("year") => Step::Year,
        Some("quarter") => Step::Quarter,
        Some("month") => Step::Month,
        Some(other) => {
            return Err(invalid(format!("by {other:?}: expected year, quarter or month")));
        }
    };
    if from.first() > to.first() {
        return Err(invalid(format!("{from} lies after {to}")));
    }
    let plain = |date: PartialDate| matches!(date, PartialDate::Year(_));
    let same_day = step == Step::Year && plain(from) && plain(to);
    let start = match same_day {
        true => on_day(from.first().year(), as_of).ok_or_else(shape)?,
        false => from.first(),
    };
    let mut days = Vec::new();
    let mut later = 0;
    for number in 0.. {
        let day = start.saturating_add((step.months() * number).months());
        if day >= to.end() {
            break;
        }
        if number as usize >= MOST {
            return Err(invalid(format!("{over:?} has more than {MOST} days; expected a longer step")));
        }
        if day > as_of {
            later += 1;
        } else {
            days.push(day);
        }
    }
    if days.is_empty() {
        return Err(invalid(format!("{over:?} has no day on or before {as_of}, the day that counts")));
    }
    Ok((days, later))
}

/// The same day in another year; the 28th for a 29 February that is not there.
fn on_day(year: i16, like: Date) -> Option<Date> {
    Date::new(year, like.month(), like.day()).or_else(|_| Date::new(year, like.month(), 28)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(over: &str) -> Vec<String> {
        let as_of = "2026-07-01".parse().expect("a day");
        days(over, as_of).expect("a range").0.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn years_keep_the_day_that_counts() {
        assert_eq!(told("2024..2026"), ["2024-07-01", "2025-07-01", "2026-07-01"]);
        assert_eq!(told("2026..2026"), ["2026-07-01"]);
    }

    #[test]
    fn steps_begin_with_the_first_day() {
        assert_eq!(
            told("2025-07..2026 by quarter"),
            ["2025-07-01", "2025-10-01", "2026-01-01", "2026-04-01", "2026-07-01"]
        );
        assert_eq!(told("2026-04-15..2026-06-15 by month"), ["2026-04-15", "2026-05-15", "2026-06-15"]);
    }

    #[test]
    fn later_days_are_counted() {
        let (days, later) =
            days("2026..2026 by quarter", "2026-07-01".parse().expect("a day")).expect("a range");
        assert_eq!((days.len(), later), (3, 1));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        for over in
            ["2026", "2026..2023", "x..2026", "2023..2026 by week", "1900..2026 by month", "2027..2028"]
        {
            assert!(days(over, "2026-07-01".parse().expect("a day")).is_err(), "{over}");
        }
    }
}
