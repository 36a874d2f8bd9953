//! How a run ends: exit codes are part of the interface.

use crate::analysis::AnalysisError;
use crate::answer::RenderError;
use crate::graph::UnknownKey;
use crate::model::DateError;
use crate::scenario::ScenarioError;

use super::stories::near_scenarios;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// All went well.
    Ok = 0,
    /// Something failed: a file could not be written, there is nothing to answer with.
    Failed = 1,
    /// The command line makes no sense, or names something that is not there.
    Usage = 2,
    /// The dataset or a saved query has errors.
    Invalid = 3,
    /// A `--fail-on` limit was crossed.
    Crossed = 4,
    /// The answer is cut short or did not converge, under `--strict`.
    Incomplete = 5,
    /// Interrupted from the keyboard.
    Interrupted = 130,
}

impl Exit {
    /// The codes for the help text.
    pub const HELP: &str = "\
Exit codes:
  0  answered
  1  failed: nothing to answer with, or a file could not be written
  2  the command line makes no sense, or names something that is not there
  3  the dataset or the saved query has errors
  4  a limit of --fail-on was crossed
  5  the answer is cut short or did not converge, under --strict
  130  interrupted (Ctrl-C); no file is left half-written";

    /// The end that a number stands for.
    #[cfg(feature = "cluster")]
    pub fn of(code: i32) -> Option<Self> {
        [Self::Ok, Self::Failed, Self::Usage, Self::Invalid, Self::Crossed, Self::Incomplete]
            .into_iter()
            .find(|exit| i32::from(exit.code()) == code)
    }

    /// The number that the shell sees.
    pub fn code(self) -> u8 {
        self as u8
    }
}

/// Why a run stopped.
#[derive(Clone, Debug)]
pub struct Stop {
    /// How it ends.
    pub exit: Exit,
    /// What to tell the user; empty where it has been told.
    pub message: String,
}

impl Stop {
    /// The command line makes no sense.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    /// Something failed.
    pub fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into() }
    }

    /// The dataset or query has errors.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self { exit: Exit::Invalid, message: message.into() }
    }
}

impl From<AnalysisError> for Stop {
    fn from(error: AnalysisError) -> Self {
        match error {
            AnalysisError::UnknownKey(unknown) => unknown.into(),
            AnalysisError::Scenario(ScenarioError::UnknownScenario(mut unknown)) => {
                unknown.nearest.extend(near_scenarios(&unknown.key));
                Self::usage(format!("{unknown}\n`linchpin list scenarios` lists those that are saved"))
            }
            AnalysisError::Invalid { .. } | AnalysisError::Scenario(_) => Self::usage(error.to_string()),
            AnalysisError::WhatIf(errors) => errors.into(),
            AnalysisError::NoData(_) => Self::failed(error.to_string()),
        }
    }
}

impl From<UnknownKey> for Stop {
    fn from(error: UnknownKey) -> Self {
        let list = match error.what {
            "entity" => "entities",
            "product" => "products",
            "relation" => "relations",
            _ => return Self::usage(error.to_string()),
        };
        Self::usage(format!("{error}\n`linchpin list {list}` lists them"))
    }
}

impl From<DateError> for Stop {
    fn from(error: DateError) -> Self {
        Self::usage(format!("--as-of: {error}"))
    }
}

impl From<RenderError> for Stop {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::NoTable { .. } => Self::usage(format!("--table: {error}")),
            RenderError::Write(_) => Self::failed(error.to_string()),
        }
    }
}
