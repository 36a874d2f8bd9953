//! Whether stated numbers can be true together.

mod backlog;
mod capacity;
mod revenue;
mod scale;
mod tables;
mod tranches;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, Upon};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, FindingBuilder, Reach};
use crate::model::Dimension;
use crate::network::Origin;
use crate::order::Arrange;

/// Whether stated numbers can be true together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Plausibility {
    /// Part by which a sum may exceed what it should fit into before it is flagged
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = SLACK))]
    #[serde(skip_serializing_if = "is_slack")]
    pub slack: f64,
    /// Times a number may be its like, or the other way round, before its unit is doubted
    #[cfg_attr(feature = "cli", arg(long, value_name = "TIMES", default_value_t = FAR))]
    #[serde(skip_serializing_if = "is_far")]
    pub far: f64,
}

const SLACK: f64 = 0.1;
const FAR: f64 = 100.0;

fn is_slack(slack: &f64) -> bool {
    *slack == SLACK
}

fn is_far(far: &f64) -> bool {
    *far == FAR
}

impl Default for Plausibility {
    fn default() -> Self {
        Self { slack: SLACK, far: FAR }
    }
}

/// A check: its name, what it holds against what, and what it finds.
struct Check {
    name: &'static str,
    says: &'static str,
    run: fn(&View<'_>) -> Vec<Comparison>,
    verdict: Verdict,
}

/// When a comparison is flagged.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Verdict {
    /// Where the sum exceeds what it should fit into.
    Exceeds,
    /// Where the two are of another order of magnitude, either way.
    Apart,
}

/// Two numbers that should go together.
struct Comparison {
    /// Whose numbers they are.
    about: Cell,
    /// What it is held against, in words.
    known: String,
    /// What is stated, in words.
    statement: String,
    /// What is stated: the most that it may be.
    stated: f64,
    /// What it is held against: the least that it is.
    against: f64,
    /// Unit of both.
    dimension: Dimension,
    /// The records behind them.
    origins: Vec<Origin>,
}

/// The checks: one file each and a line here.
const CHECKS: &[Check] = &[
    revenue::CHECK,
    backlog::CHECK,
    capacity::CHECK,
    tranches::CHECK,
    scale::TIME,
    scale::PRICE,
    scale::PAYMENT,
    scale::FIGURES,
];

impl Analysis for Plausibility {
    const CARD: Card = Card {
        name: "plausibility",
        title: "Whether stated numbers can be true together",
        question: "Which stated numbers do not go together: sales that are less than what customers are known to pay, promises beyond capacity, \
                   tranches beyond their total, numbers in the wrong unit?",
        definition: "Each check holds what is known against what is stated; ratio = known / stated. Sums are flagged above 1 + --slack, \
                     orders of magnitude beyond --far times or below 1 / --far. Sums of backlogs, capacities \
                     and tranches take the least that each record allows, what they should fit into the most.",
        reads: "Relations that count in the scope; `Revenue`, `Backlog`, `Capacity`, `SpareCapacity`, `Power` and money figures of entities.",
        assumptions: "Businesses stand on the account of the group that controls them. Sums paid once are spread over four years and commitments \
                      without a term over five. A flag is a reason to look, not an error: a contract that grows year by year exceeds today's sales.",
        cost: "A few passes over the records.",
        reference: "Comparison of statements; no model. Medians of logarithms for orders of magnitude.",
        rests: Reach::Named,
        example: "linchpin plausibility",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let invalid =
            |parameter, reason: &str| AnalysisError::Invalid { parameter, reason: reason.to_string() };
        if !(self.slack >= 0.0 && self.slack.is_finite()) {
            return Err(invalid("slack", "expected a share of at least 0"));
        }
        if !(self.far > 1.0 && self.far.is_finite()) {
            return Err(invalid("far", "expected a number above 1"));
        }
        let mut answer = Answer::new(Self::CARD.name, Self::CARD.title, Self::CARD.question);
        let mut trail = Trail::default();
        let mut rows = Vec::new();
        let mut counts = Vec::new();
        for check in CHECKS {
            let found = (check.run)(view);
            let flagged = found.iter().filter(|comparison| self.flags(check, comparison)).count();
            counts.push((check, found.len(), flagged));
            rows.extend(found.into_iter().map(|comparison| (check, comparison)));
        }
        if rows.is_empty() {
            let text = "no two stated numbers can be held against each other";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        let strength = |check: &Check, comparison: &Comparison| match check.verdict {
            Verdict::Exceeds => comparison.ratio(),
            Verdict::Apart => comparison.ratio().max(1.0 / comparison.ratio()) / self.far,
        };
        rows.arrange(|(a, left), (b, right)| {
            let flags = self.flags(b, right).cmp(&self.flags(a, left));
            flags.then(strength(b, right).total_cmp(&strength(a, left)))
        });
        for (row, (_, comparison)) in rows.iter().enumerate() {
            trail.row("comparisons", row, Upon::of(&comparison.origins));
        }
        trail.table("checks", Upon::whole());
        let checks = tables::checks(&counts);
        let main = tables::comparisons(self, view, &rows);
        let all = (0..checks.rows.len()).fold([0.0; 2], |[compared, flagged], at| {
            let number = |column| checks.number(at, column).unwrap_or(0.0);
            [compared + number("compared"), flagged + number("flagged")]
        });
        let words = format!("{} of {} comparisons are flagged.", all[1], all[0]);
        answer.findings.push(FindingBuilder::new(words).done());
        let flagged =
            rows.iter().enumerate().filter(|(_, (check, comparison))| self.flags(check, comparison));
        answer.findings.extend(flagged.take(6).map(|(at, (_, comparison))| {
            FindingBuilder::new("")
                .cell(&main, at, "about")
                .words(format!(": {} against {}: ", comparison.known, comparison.statement))
                .cell(&main, at, "ratio")
                .words(".")
                .done()
        }));
        answer.tables = vec![main, checks];
        let text = "A flag is a reason to look: contracts that grow, options that are not drawn and products counted twice exceed what is \
                    stated today without any number being wrong.";
        answer.caveat("flags", text, None);
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

impl Plausibility {
    fn flags(&self, check: &Check, comparison: &Comparison) -> bool {
        let ratio = comparison.ratio();
        match check.verdict {
            Verdict::Exceeds => ratio > 1.0 + self.slack,
            Verdict::Apart => ratio > self.far || ratio < 1.0 / self.far,
        }
    }
}

impl Comparison {
    fn ratio(&self) -> f64 {
        self.against / self.stated
    }

    /// The comparison, where both numbers say something.
    fn sound(self) -> Option<Self> {
        let said = |value: f64| value > 0.0 && value.is_finite();
        (said(self.stated) && said(self.against)).then_some(self)
    }
}

/// A number of things, in words.
fn count(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
