//! All that is known of a few numbers, in one place: the interval, the sources, what would move them, and how they stood before.

mod study;
mod tables;

use serde::{Deserialize, Serialize};

use super::series::days;
use super::{Analysis, AnalysisError, Ask, Card, Mention, Observer, Unobserved, View};
use crate::answer::{Answer, Reach};
use crate::model::{Date, PartialDate};
use crate::uncertainty::Watch;
use study::Study;

/// All that is known of a few numbers of a question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Dossier {
    /// The saved query whose numbers they are: its name, or a file
    #[cfg_attr(feature = "cli", arg(value_name = "QUERY", required = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// The numbers, as in loss, openai:loss or TABLE/openai:loss; may be repeated [default: the first that the findings
    /// quote]
    #[cfg_attr(feature = "cli", arg(long, value_name = "[TABLE/][KEY:]COLUMN"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub number: Vec<Watch>,
    /// Also how they stood the day before this one
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    /// Also how they stood on these days: 2023..2026, '2023..2026 by quarter' or '2025-06..2026-07 by month'
    #[cfg_attr(feature = "cli", arg(long, value_name = "FROM..TO"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub through: Option<String>,
    /// How many datasets are drawn for the ranges
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = DRAWN))]
    pub drawn: usize,
    /// Seed of the draws; the command line takes it from --seed.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

const DRAWN: usize = 500;

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

impl Default for Dossier {
    fn default() -> Self {
        Self {
            query: None,
            ask: None,
            number: Vec::new(),
            before: None,
            through: None,
            drawn: DRAWN,
            seed: 0,
        }
    }
}

impl Analysis for Dossier {
    const CARD: Card = Card {
        name: "dossier",
        title: "All that is known of a number",
        question: "How sure is a number, on which sources does it rest, what would move it, and how did it stand before?",
        definition: "As counted = the two ends that the sources allow. In draws = quantiles over datasets whose open sizes are drawn. \
                     By one fact = least and most of the number with the one fact that moves it most settled at its ends, all others as they \
                     count. Before = the same question as of the day before. Each row is the same row of the question's own table.",
        reads: "What the question reads.",
        assumptions: "Those of the question, and those of draws. A number that a day does not have is unknown on that day, not zero.",
        cost: "One answer for each draw, for each end of each uncertain fact that the answer rests on, and for each day.",
        reference: "Answers, draws, swings and days of the question; no model of its own.",
        rests: Reach::Named,
        example: "linchpin dossier which-deals-invert-capital --before 2026-04-20 --drawn 50",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        let Some(ask) = self.ask.as_deref() else {
            let name = self.query.as_deref().unwrap_or_default();
            let reason = format!("there is no query {name:?}; expected one, or `ask`");
            return Err(AnalysisError::Invalid { parameter: "query", reason });
        };
        if matches!(ask, Ask::Dossier(_)) {
            let reason = "expected a question that is not itself a dossier".to_string();
            return Err(AnalysisError::Invalid { parameter: "query", reason });
        }
        let before = self.before.as_deref().map(|day| before(day, view.scope.as_of)).transpose()?;
        let (days, later) = match &self.through {
            Some(through) => days::days(through, view.scope.as_of)?,
            None => (Vec::new(), 0),
        };
        let study = Study::run(self, ask, view, (before, &days), observer)?;
        Ok(study.answer(view, later))
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        let mut all = if self.ask.is_some() {
            self.ask.iter_mut().flat_map(|ask| ask.mentions()).collect()
        } else {
            vec![Mention::Question { query: &mut self.query, ask: &mut self.ask, scope: None }]
        };
        all.push(Mention::Seed(&mut self.seed));
        all
    }
}

/// The day before a day that is no later than another.
fn before(text: &str, as_of: Date) -> Result<Date, AnalysisError> {
    let invalid = |reason: String| AnalysisError::Invalid { parameter: "before", reason };
    let day = text.parse::<PartialDate>().map_err(|error| invalid(error.to_string()))?.first();
    if day > as_of {
        return Err(invalid(format!("expected a day no later than {as_of}, not {day}")));
    }
    day.yesterday().map_err(|error| invalid(error.to_string()))
}
