//! A share as people write it.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::AnalysisError;

/// A share, 0 to 1: `30%` or `0.3` on the command line, a plain number in RON.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Percent(pub f64);

impl Percent {
    /// The share, where it is above 0 and at most 1.
    ///
    /// # Errors
    /// Any other number.
    pub(super) fn above_zero(self, parameter: &'static str) -> Result<f64, AnalysisError> {
        if self.0 > 0.0 && self.0 <= 1.0 {
            return Ok(self.0);
        }
        let reason = format!("expected a share above 0 and at most 1, as in 30% or 0.3; got {}", self.0);
        Err(AnalysisError::Invalid { parameter, reason })
    }
}

impl FromStr for Percent {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = match text.strip_suffix('%') {
            Some(percent) => percent.trim().parse::<f64>().map(|percent| percent / 100.0),
            None => text.parse::<f64>(),
        };
        match number {
            Ok(share) if (0.0..=1.0).contains(&share) => Ok(Self(share)),
            _ => Err(format!("{text:?}: expected a share from 0 to 1, as in 30% or 0.3")),
        }
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}%", (self.0 * 1e6).round() / 1e4)
    }
}
