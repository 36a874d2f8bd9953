//! How a question gives single failures.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// An entity and the share that it loses: of its function, or of its equity where that is what fails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Failure {
    /// Key of the entity.
    pub entity: String,
    /// Share lost, 0 to 1.
    pub loss: f64,
}

impl FromStr for Failure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (entity, loss) = text.split_once('=').unwrap_or((text, "1"));
        let number = match loss.strip_suffix('%') {
            Some(percent) => percent.parse::<f64>().map(|p| p / 100.0),
            None => loss.parse::<f64>(),
        };
        match number {
            Ok(loss) if (0.0..=1.0).contains(&loss) && !entity.is_empty() => {
                Ok(Self { entity: entity.to_string(), loss })
            }
            _ => Err(format!(
                "{text:?}: expected an entity and a loss between 0 and 1, as in tsmc=0.5 or tsmc=50%"
            )),
        }
    }
}

impl TryFrom<String> for Failure {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.to_string()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.entity, self.loss)
    }
}
