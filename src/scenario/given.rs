//! How a question gives a scenario: by name, as a whole, or as single failures.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Scenario;

/// A scenario by its name, or written out.
#[derive(Clone, Debug, PartialEq)]
pub enum ScenarioSpec {
    /// The name of a scenario file or of a scenario of the dataset.
    Named(String),
    /// The scenario itself.
    Inline(Scenario),
}

impl FromStr for ScenarioSpec {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::Named(text.to_string()))
    }
}

impl Serialize for ScenarioSpec {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Named(name) => serializer.serialize_str(name),
            Self::Inline(scenario) => scenario.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ScenarioSpec {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Given)
    }
}

struct Given;

impl<'de> Visitor<'de> for Given {
    type Value = ScenarioSpec;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a scenario, or one written out as (title: \"…\", shocks: […])")
    }

    fn visit_str<E>(self, name: &str) -> Result<ScenarioSpec, E> {
        Ok(ScenarioSpec::Named(name.to_string()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ScenarioSpec, A::Error> {
        Scenario::deserialize(MapAccessDeserializer::new(map)).map(ScenarioSpec::Inline)
    }
}

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
