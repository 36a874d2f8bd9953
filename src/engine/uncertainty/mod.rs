//! How sure the numbers of any answer are: drawn ranges, what moves a number, and how much of its spread each fact explains.
//!
//! Whatever can be asked is here a function from a graph to an answer. [`add`] runs it on graphs whose uncertain sizes are drawn or
//! settled, finds the rows again, and writes into the answer how its numbers move. Which analysis it is does not matter, so that a
//! new one has all of it.

mod cells;
mod draws;
pub mod moves;
pub mod sobol;
mod sobol_table;
mod watch;

pub use cells::{Panel, Spot};
pub use watch::Watch;

use std::fmt::Display;

use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::observer::Observer;
use crate::scope::Scope;

/// How sure an answer is to be: what is run beside the question itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Uncertainty {
    /// Ask it of so many graphs whose uncertain sizes are drawn, and give each number its range
    #[cfg_attr(feature = "cli", arg(long, global = true, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub draws: Option<usize>,
    /// Tell for the main numbers which uncertain facts move them most
    #[cfg_attr(feature = "cli", arg(long, global = true))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub what_moves: bool,
    /// Tell for the main numbers which part of their spread each uncertain fact explains, alone and with others: Sobol
    /// indices from N samples, N (k + 2) runs for k facts
    #[cfg_attr(feature = "cli", arg(long, global = true, value_name = "N", hide_short_help = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sobol: Option<usize>,
    /// The numbers to look at, as in loss, openai:loss, openai:loss>20% or TABLE/openai:loss; may be repeated
    /// [default: those that the findings quote]
    #[cfg_attr(
        feature = "cli",
        arg(long, global = true, value_name = "[TABLE/][KEY:]COLUMN[>NUMBER]", hide_short_help = true)
    )]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub look_at: Vec<Watch>,
    /// Seed of the draws; the command line takes it from --seed.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

/// The most draws of one run.
const MOST_DRAWS: usize = 1_000_000;
/// The most samples for Sobol indices.
const MOST_SAMPLES: usize = 100_000;
/// The fewest.
const FEWEST_SAMPLES: usize = 8;

/// Why it cannot be told how sure an answer is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{option}: {reason}")]
pub struct UncertaintyError {
    /// The option that makes no sense.
    pub option: &'static str,
    /// What is wrong, and what was expected.
    pub reason: String,
}

impl UncertaintyError {
    fn new(option: &'static str, reason: impl Into<String>) -> Self {
        Self { option, reason: reason.into() }
    }
}

impl Uncertainty {
    /// Whether anything is to be run.
    pub fn is_asked(&self) -> bool {
        self.draws.is_some() || self.what_moves || self.sobol.is_some()
    }

    /// This where it says something, `other` elsewhere.
    pub fn or(&self, other: &Self) -> Self {
        Self {
            draws: self.draws.or(other.draws),
            what_moves: self.what_moves || other.what_moves,
            sobol: self.sobol.or(other.sobol),
            look_at: if self.look_at.is_empty() { other.look_at.clone() } else { self.look_at.clone() },
            seed: if self.seed == 0 { other.seed } else { self.seed },
        }
    }

    /// The options of a command line that say the same; the seed is left to the caller.
    pub fn options(&self) -> Vec<String> {
        let mut options = Vec::new();
        options.extend(self.draws.map(|draws| format!("--draws {draws}")));
        options.extend(self.what_moves.then(|| "--what-moves".to_string()));
        options.extend(self.sobol.map(|samples| format!("--sobol {samples}")));
        options.extend(self.look_at.iter().map(|watch| format!("--look-at '{watch}'")));
        options
    }

    /// Whether the numbers make sense.
    ///
    /// # Errors
    /// Too few or too many draws or samples; numbers to look at where nothing is run.
    pub fn check(&self) -> Result<(), UncertaintyError> {
        let out = |option, low: usize, high: usize| {
            Err(UncertaintyError::new(option, format!("expected {low} to {high}")))
        };
        match (self.draws, self.sobol) {
            (Some(draws), _) if !(2..=MOST_DRAWS).contains(&draws) => out("draws", 2, MOST_DRAWS),
            (_, Some(samples)) if !(FEWEST_SAMPLES..=MOST_SAMPLES).contains(&samples) => {
                out("sobol", FEWEST_SAMPLES, MOST_SAMPLES)
            }
            _ if !self.look_at.is_empty() && !self.is_asked() => {
                Err(UncertaintyError::new("look-at", "goes with --draws, --what-moves or --sobol"))
            }
            _ => Ok(()),
        }
    }
}

/// The numbers that an answer is about: those that its findings quote and that are no counts, or else the first of its first rows.
pub fn main_numbers(answer: &Answer) -> Vec<Spot> {
    watch::main(answer, &[]).unwrap_or_default()
}

/// The numbers that watches mean, or the main numbers where there is none.
///
/// # Errors
/// A watch that means no number.
pub fn watched(answer: &Answer, watches: &[Watch]) -> Result<Vec<Spot>, UncertaintyError> {
    watch::main(answer, watches)
}

/// Adds to an answer how sure it is: ranges of its cells, tables and findings. `ask` is the question that `answer` answers on `graph` in `scope`.
///
/// Cost: a run of the question for each draw; for what moves the numbers, one for each end of each uncertain fact that the answer
/// rests on; for Sobol indices, see [`sobol`].
///
/// # Errors
/// Options that make no sense, numbers to look at that the answer does not have.
pub fn add<E: Display + Send>(
    how: &Uncertainty,
    (graph, scope): (&Graph, &Scope),
    answer: &mut Answer,
    ask: &(impl Fn(&Graph) -> Result<Answer, E> + Sync),
    observer: &dyn Observer,
) -> Result<(), UncertaintyError> {
    how.check()?;
    if !how.is_asked() {
        return Ok(());
    }
    let graph = Draws::new(graph, scope);
    // what is quoted is looked up before findings about the spread quote more
    let base = answer.clone();
    if let Some(number) = how.draws {
        draws::add(&draws::Asked { how, draws: &graph, number }, &base, answer, ask, observer)?;
    }
    if how.what_moves || how.sobol.is_some() {
        let spots = watch::main(&base, &how.look_at)?;
        observer.begin(moves::Moves::runs(&graph, &base));
        let moved = moves::Moves::run(&graph, &base, spots, ask, observer);
        let moved = if how.look_at.is_empty() { moved.of_main() } else { moved };
        if how.what_moves {
            moves::tell(&moved, &graph, &base, answer);
        }
        if let Some(samples) = how.sobol {
            sobol_table::add(&moved, &graph, (samples, how.seed), answer, ask, observer);
        }
    }
    Ok(())
}
