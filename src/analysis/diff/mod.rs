//! What differs between two days, datasets or suppositions, and what that did to chosen numbers.

mod changes;
mod effect;
mod say;
mod state;

pub use state::{Held, Stand, State};

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, Ask, Card, Mention, Observer, Unobserved, View, ron_options};
use crate::answer::{Answer, AnswerStatus, Evidence, Reach};
use crate::difference::{self, By, RecordChange};
use crate::graph::Graph;
use crate::what_if::Told;

use effect::Effects;

/// What differs between two days, datasets or what-ifs, and what that did to chosen numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Diff {
    /// What it was: a day, a what-if, a dataset's folder, or `base` for the dataset as it is
    #[cfg_attr(feature = "cli", arg(value_name = "OLD"))]
    pub old: Told<State>,
    /// What it is
    #[cfg_attr(feature = "cli", arg(value_name = "NEW"))]
    pub new: Told<State>,
    /// A saved query whose numbers are compared and explained, and after a colon the column; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "QUERY[:COLUMN]"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub on: Vec<Asked>,
    /// Which changes are explained together
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = By::Pair))]
    pub by: By,
    /// Numbers of each query that are explained, those that change most
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = TOP))]
    pub top: usize,
    /// Groups of changes that are told apart, those that matter most; the others are one. Up to 12 exactly, beyond that by drawing
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = GROUPS))]
    pub groups: usize,
    /// Seed of the orders that are drawn
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

const TOP: usize = 5;
const GROUPS: usize = 8;

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

impl Default for Diff {
    fn default() -> Self {
        let base = || Told::Named("base".to_string());
        Self { old: base(), new: base(), on: Vec::new(), by: By::Pair, top: TOP, groups: GROUPS, seed: 0 }
    }
}

/// A question whose numbers are compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Asked {
    /// The saved query: its name, or a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// The table of its answer; the first where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_table: Option<String>,
    /// The column; the first that changes where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

impl FromStr for Asked {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('(') {
            let ask: Ask = ron_options().from_str(text).map_err(|error| {
                format!(
                    "expected the name of a query, or a question as Concentration(market: \"hbm\"): {error}"
                )
            })?;
            return Ok(Self { ask: Some(Box::new(ask)), ..Self::default() });
        }
        let (query, column) = match text.rsplit_once(':') {
            Some((query, column)) if !column.contains(['/', '\\']) => (query, Some(column.to_string())),
            _ => (text, None),
        };
        Ok(Self { query: Some(query.to_string()), column, ..Self::default() })
    }
}

impl Diff {
    /// The two sides, and the records that differ.
    ///
    /// # Errors
    /// A side that cannot be made.
    pub fn records(&self, view: &View<'_>) -> Result<(Stand, Stand, Vec<RecordChange>), AnalysisError> {
        let (old, new) = (Stand::of("old", &self.old, view)?, Stand::of("new", &self.new, view)?);
        let pair = state::sides(&old, &new);
        let changes = difference::changes(&pair.old, &pair.new);
        Ok((old, new, changes))
    }
}

impl Analysis for Diff {
    const CARD: Card = Card {
        name: "diff",
        title: "What changed",
        question: "Which facts differ between two days, datasets or suppositions, and what did that do to chosen numbers?",
        definition: "Records are compared by key, field by field, in the canonical form that `export` writes. Between two days each side holds what is valid on its \
                     day, [since, until), at the status reached by then, with the figures whose period has begun. A number's change is split: first what the day alone does \
                     (ages, remaining terms) with the old records, then each group's Shapley value, its effect averaged over all orders in which the groups may come, \
                     φ_i = Σ_S |S|! (m - |S| - 1)! / m! [v(S ∪ i) - v(S)]; v(S) is the answer on the old records with the changes of the groups S. The parts add up to the change.",
        reads: "All records of both sides; what the questions read.",
        assumptions: "Those of the questions. A record that refers to one that is not there yet is left out of a dataset in between, and shares that add up to more than their whole there \
                      are scaled down to it. Groups beyond --groups are one cause.",
        cost: "Two answers for each question; with numbers that change 2^m more for m causes up to 12, or 200 (m + 1) drawn ones, and 2 for each group to find those that matter.",
        reference: "L. S. Shapley, A value for n-person games, 1953; J. Castro, D. Gómez, J. Tejada, Computers & Operations Research 36, 1726, 2009.",
        rests: Reach::Connected,
        example: "linchpin diff 2026-03-31 2026-07-01 --on who-is-bound-to-whom",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        let (old, new) = (Stand::of("old", &self.old, view)?, Stand::of("new", &self.new, view)?);
        let pair = state::sides(&old, &new);
        let changes = difference::changes(&pair.old, &pair.new);
        let groups = difference::grouped(&changes, self.by);
        let effects = Effects::of(self, &old, &new, &pair, &changes, &groups, observer)?;
        let title = format!("What changed: {} to {}", old.label, new.label);
        let question =
            format!("Which facts differ between {} and {}, and what did that do?", old.label, new.label);
        let mut answer = Answer::new(Self::CARD.name, title, question);
        let (own, sides) = changes::evidence(&old, &new, &changes);
        let mut parts: Vec<&Evidence> = vec![&own];
        parts.extend(effects.answers().map(|answer| &answer.evidence));
        let (evidence, places) = Evidence::merged(&parts);
        let listed = changes::table(&old, &new, &changes, &sides, places.first());
        let counted = changes::counted(&old, &new, &changes, &groups);
        answer.findings = say::findings(&listed, &counted, &effects, &old, &new);
        answer.tables = match effects.tables(places.get(1..).unwrap_or_default()) {
            tables if tables.is_empty() => vec![listed, counted],
            mut tables => {
                tables.extend([listed, counted]);
                tables
            }
        };
        answer.tables.push(state::table(&old, &new));
        answer.evidence = evidence;
        if difference::tables_differ(&pair.old, &pair.new) {
            let text = "Bulk tables differ too; their rows are no records and are not listed. In datasets in between they are the new ones.";
            answer.caveat("bulk-tables", text, None);
        }
        effects.caveats(&mut answer);
        for own in effects.answers() {
            if own.status != AnswerStatus::Complete && answer.status == AnswerStatus::Complete {
                answer.status = own.status.clone();
            }
        }
        Ok(answer)
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        let mut all = vec![Mention::State(&mut self.old), Mention::State(&mut self.new)];
        for own in &mut self.on {
            if own.ask.is_some() {
                all.extend(own.ask.iter_mut().flat_map(|ask| ask.mentions()));
            } else {
                all.push(Mention::Question { query: &mut own.query, ask: &mut own.ask, scope: None });
            }
        }
        all.push(Mention::Seed(&mut self.seed));
        all
    }

    fn own_graph(&self) -> Option<&Graph> {
        match &self.new {
            Told::Inline(state, _) => state.held.as_ref().map(Held::graph),
            Told::Named(_) => None,
        }
    }
}
