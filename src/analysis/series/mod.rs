//! The same question on many days.

pub mod days;
mod tables;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, Ask, Card, Mention, Observer, Unobserved, View, rows};
use crate::answer::{Answer, AnswerStatus, Column, Evidence, Reach, Table};
use crate::model::Date;

/// The same question on many days: every number of its main table through time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Series {
    /// The saved query whose question is asked: its name, or a file
    #[cfg_attr(feature = "cli", arg(value_name = "QUERY", required = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// The days: 2023..2026, '2023..2026 by quarter' or '2025-06..2026-07 by month'
    #[cfg_attr(feature = "cli", arg(long, value_name = "FROM..TO"))]
    pub over: String,
    /// The table of the answer that is followed [default: the first]
    #[cfg_attr(feature = "cli", arg(long = "of-table", value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_table: Option<String>,
    /// The column that is set side by side [default: the first that changes]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// The answer of one day, or why there is none.
#[derive(Debug)]
pub struct Moment {
    /// The day.
    pub day: Date,
    /// The answer.
    pub answer: Result<Answer, AnalysisError>,
}

/// The answers of all days with the column that is followed.
#[derive(Debug)]
pub struct Followed {
    /// The days with their answers, in order.
    pub moments: Vec<Moment>,
    /// Days that lie after the day that counts and were left out.
    pub later: usize,
    /// The column.
    pub column: Column,
}

impl Followed {
    /// The table that is followed on one of the days.
    pub fn table(&self, at: usize, wanted: Option<&str>) -> Option<&Table> {
        let answer = self.moments.get(at)?.answer.as_ref().ok()?;
        rows::table(answer, wanted).ok()
    }
}

impl Analysis for Series {
    const CARD: Card = Card {
        name: "series",
        title: "A question through time",
        question: "How did the answer to a question change from day to day?",
        definition: "The question is asked as of each day. A fact counts from its first day and until the day before its end (half-open: \
                     [since, until)), a status from the day it was reached, a figure from the first day of its period. Change = last known value - first known value.",
        reads: "What the question reads.",
        assumptions: "Those of the question. What is not in the dataset before a date may have been so all the same: a series tells what the dataset \
                      knows of each day, and early days are known less well.",
        cost: "One answer for each day, at most 120.",
        reference: "Answers as of days; no model of its own.",
        rests: Reach::Connected,
        example: "linchpin concentration --market hbm --over 2023..2026",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        let followed = self.follow(view, observer)?;
        self.answer(view, &followed)
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        if self.ask.is_some() {
            return self.ask.iter_mut().flat_map(|ask| ask.mentions()).collect();
        }
        vec![Mention::Question { query: &mut self.query, ask: &mut self.ask, scope: None }]
    }
}

impl Series {
    /// Asks on every day, and finds the column that is followed.
    ///
    /// # Errors
    /// No question, no such days, column or table, or no answer on any day.
    pub fn follow(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Followed, AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        let Some(ask) = &self.ask else {
            let name = self.query.as_deref().unwrap_or_default();
            return Err(invalid("query", format!("there is no query {name:?}; expected one, or `ask`")));
        };
        if matches!(**ask, Ask::Series(_)) {
            return Err(invalid("query", "a series of series makes no sense".to_string()));
        }
        let (days, later) = days::days(&self.over, view.scope.as_of)?;
        observer.begin(days.len());
        let moments: Vec<Moment> = days
            .into_par_iter()
            .map(|day| {
                let mut then = view.clone();
                then.scope.as_of = day;
                let answer = ask.run(&then);
                observer.done();
                Moment { day, answer }
            })
            .collect();
        // a key or parameter that makes no sense does so on every day
        if let Some(Moment { answer: Err(error), .. }) = moments.last()
            && (moments.iter().all(|own| own.answer.is_err()) || !matches!(error, AnalysisError::NoData(_)))
        {
            return Err(error.clone());
        }
        let column = self.column(&moments)?;
        Ok(Followed { moments, later, column })
    }

    /// The column that is followed.
    fn column(&self, moments: &[Moment]) -> Result<Column, AnalysisError> {
        let wanted = self.of_table.as_deref();
        let answers = moments.iter().filter_map(|own| own.answer.as_ref().ok());
        let tables: Vec<&Table> = match answers.clone().next_back() {
            Some(last) => {
                rows::table(last, wanted)?;
                answers.filter_map(|answer| rows::table(answer, wanted).ok()).collect()
            }
            None => Vec::new(),
        };
        let Some(last) = tables.last() else {
            return Err(AnalysisError::NoData("no day has an answer".to_string()));
        };
        let leading = rows::leading(last);
        let moves = |column: &Column| {
            last.rows.iter().any(|row| {
                let key = rows::key(row, leading);
                let mut values = tables.iter().filter_map(|table| rows::value(table, &key, &column.name));
                values.next().is_some_and(|first| values.any(|value| value != first))
            })
        };
        rows::column(&last.columns, self.column.as_deref(), moves)
    }

    fn answer(&self, view: &View<'_>, followed: &Followed) -> Result<Answer, AnalysisError> {
        let wanted = self.of_table.as_deref();
        let moments = &followed.moments;
        let known: Vec<(Date, &Answer)> =
            moments.iter().filter_map(|own| Some((own.day, own.answer.as_ref().ok()?))).collect();
        let (Some((first_day, _)), Some((last_day, last))) = (known.first(), known.last()) else {
            return Err(AnalysisError::NoData("no day has an answer".to_string()));
        };
        let title = format!("{}, {first_day} to {last_day}", last.title);
        let question = format!("{} How did that change from {first_day} to {last_day}?", last.question);
        let mut answer = Answer::new(Self::CARD.name, title, question);
        let parts: Vec<&Evidence> = known.iter().map(|(_, own)| &own.evidence).collect();
        let (evidence, places) = Evidence::merged(&parts);
        let tables: Vec<(Date, &Table)> =
            known.iter().filter_map(|(day, own)| Some((*day, rows::table(own, wanted).ok()?))).collect();
        let days: Vec<Date> = moments.iter().map(|own| own.day).collect();
        let side = tables::side_by_side(&days, &tables, &places, &followed.column);
        answer.findings = tables::say(&side, &days, &followed.column);
        answer.tables = vec![side, tables::all(&tables, &places)];
        answer.evidence = evidence;
        answer.caveats.clone_from(&last.caveats);
        self.caveats(view, followed, &known, &mut answer);
        for (_, own) in &known {
            if own.status != AnswerStatus::Complete && answer.status == AnswerStatus::Complete {
                answer.status = own.status.clone();
            }
        }
        Ok(answer)
    }

    fn caveats(&self, view: &View<'_>, followed: &Followed, known: &[(Date, &Answer)], answer: &mut Answer) {
        if let Some((day, _)) = known.last().filter(|_| known.len() > 1) {
            let text = format!(
                "The caveats above are those of {day}; earlier days have their own, which `--as-of` shows. Ages of records count to {}.",
                view.scope.as_of
            );
            answer.caveat("caveats-of-last-day", text, None);
        }
        let silent: Vec<&Moment> = followed.moments.iter().filter(|own| own.answer.is_err()).collect();
        if let Some(Moment { day, answer: Err(error) }) = silent.first() {
            let text = format!(
                "{} of {} days have no answer; on {day}: {error}",
                silent.len(),
                followed.moments.len()
            );
            answer.caveat("no-answer", text, Some(silent.len()));
        }
        if followed.later > 0 {
            let text = format!(
                "{} days after {}, the day that counts, are left out; --as-of names a later one.",
                followed.later, view.scope.as_of
            );
            answer.caveat("later-days", text, Some(followed.later));
        }
    }
}
