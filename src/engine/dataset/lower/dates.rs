//! Dates, terms and the history of a status.

use crate::model::{PartialDate, Status, StatusChange, Term};

use super::super::codes::Code;
use super::super::record::{CommonFields, TermRecord};
use super::super::trail::Trail;
use super::Lowering;

impl Lowering<'_> {
    /// Reads a date.
    pub(super) fn date(&mut self, trail: &Trail, text: &str) -> Option<PartialDate> {
        match text.parse() {
            Ok(date) => Some(date),
            Err(_) => {
                let parts: Vec<&str> = text.split('-').collect();
                let shaped = matches!(parts.as_slice(), [y, m, d] if y.len() == 4 && m.len() == 2 && d.len() == 2)
                    && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
                let message = if shaped {
                    format!("there is no day {text}")
                } else {
                    format!("{} is not a date", super::super::read::quoted(text))
                };
                let expected = "2026, 2026-H1, 2026-Q1, 2026-04, 2026-04-20 or FY2026";
                self.session.report(trail, Code::BadDate, message).expected = Some(expected.to_string());
                None
            }
        }
    }

    /// Reads the date of a field that may be absent.
    pub(super) fn date_field(
        &mut self,
        trail: &Trail,
        field: &'static str,
        text: Option<&str>,
    ) -> Option<PartialDate> {
        text.and_then(|text| self.date(&trail.field(field), text))
    }

    /// Reads how long a promise runs.
    pub(super) fn term(&mut self, trail: &Trail, record: &TermRecord) -> Option<Term> {
        match record {
            TermRecord::Open => Some(Term::Open),
            TermRecord::Unknown => Some(Term::Unknown),
            TermRecord::Years(_) | TermRecord::Months(_) => self.years(trail, record).map(Term::Years),
            TermRecord::Between(low, high) => {
                let (first, second) = (trail.item(0), trail.item(1));
                let (low, high) = (self.years(&first, low)?, self.years(&second, high)?);
                if low > high {
                    self.empty_range(trail);
                    return None;
                }
                Some(Term::Between(low, high))
            }
        }
    }

    /// Reads a known number of years.
    fn years(&mut self, trail: &Trail, record: &TermRecord) -> Option<f64> {
        let years = match record {
            TermRecord::Years(years) => *years,
            TermRecord::Months(months) => *months / 12.0,
            _ => {
                let message = "a range of terms takes two numbers of years or months";
                self.session.report(trail, Code::NestedEstimate, message);
                return None;
            }
        };
        let inside = trail.item(0);
        if !self.finite(&inside, years) || !self.positive(&inside, years, "a term") {
            return None;
        }
        Some(years)
    }

    /// Checks that a number is above zero.
    pub(super) fn positive(&mut self, trail: &Trail, value: f64, what: &str) -> bool {
        if value < 0.0 {
            self.session.report(trail, Code::Negative, format!("{what} cannot be negative"));
        } else if value == 0.0 {
            self.session.report(trail, Code::Zero, format!("{what} cannot be zero"));
        }
        value > 0.0
    }

    pub(super) fn empty_range(&mut self, trail: &Trail) {
        let message = "the low end of the range lies above its high end";
        self.session.report(trail, Code::EmptyRange, message).hint = Some("swap the two".to_string());
    }

    /// Reads the term of a field; `absent` where it is not given.
    pub(super) fn term_field(
        &mut self,
        trail: &Trail,
        field: &'static str,
        record: Option<&TermRecord>,
        absent: Term,
    ) -> Option<Term> {
        match record {
            Some(record) => self.term(&trail.field(field), record),
            None => Some(absent),
        }
    }

    /// Reads how the status went. `default` is the status of a relation that need not state one.
    pub(super) fn history(
        &mut self,
        trail: &Trail,
        common: &CommonFields,
        default: Option<Status>,
        type_name: &str,
    ) -> Option<Vec<StatusChange>> {
        let mut history: Vec<StatusChange> = Vec::with_capacity(common.history.len().max(1));
        let field = trail.field("history");
        let mut latest: Option<PartialDate> = None;
        for (at, change) in common.history.iter().enumerate() {
            let item = field.item(at);
            let on = self.date_field(&item, "on", change.on.as_deref());
            if let (Some(before), Some(on)) = (latest, on)
                && on.end() <= before.first()
            {
                let message = format!("the history goes back from {before} to {on}");
                self.session.report(&item.field("on"), Code::DateOrder, message).hint =
                    Some("write the oldest status first".to_string());
            }
            latest = on.or(latest);
            history.push(StatusChange { status: change.status, on });
        }
        match (history.last(), common.status) {
            (Some(last), Some(status)) if last.status != status => {
                let message =
                    format!("the status is {status:?}, but its history ends with {:?}", last.status);
                self.session.report(&trail.field("status"), Code::StatusConflict, message).hint =
                    Some("leave `status` out where there is a `history`".to_string());
            }
            (Some(_), _) => {}
            (None, status) => match status.or(default) {
                Some(status) => history.push(StatusChange { status, on: None }),
                None => {
                    let message = format!("`{type_name}` does not say how firm it is");
                    let diagnostic = self.session.report(trail, Code::MissingStatus, message);
                    diagnostic.label = "`status` is required".to_string();
                    let words = "Announced, Intent, Signed, Funded, Delivered, Lapsed";
                    diagnostic.expected = Some(format!("one of {words}"));
                    return None;
                }
            },
        }
        Some(history)
    }
}
