//! Changes of demand and of primary inputs as the command line gives them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::scenario::{Change, Effect, Recovery, Scenario, Target, TimedShock};

/// An entity and by how much something of it changes: in the money of the dataset, or in percent of the normal state.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Shift {
    /// Key of the entity.
    pub entity: String,
    /// The change; negative for less.
    pub change: Change,
}

impl FromStr for Shift {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let error =
            || format!("{text:?}: expected an entity and a change, as in s03=-12.5 (money) or s03=-10%");
        let (entity, change) = text.split_once('=').ok_or_else(error)?;
        let number = |text: &str| text.parse::<f64>().ok().filter(|n| n.is_finite()).ok_or_else(error);
        let change = match change.strip_suffix('%') {
            Some(percent) => Change::Relative(number(percent)? / 100.0),
            None => Change::Amount(number(change)?),
        };
        if entity.is_empty() {
            return Err(error());
        }
        Ok(Self { entity: entity.to_string(), change })
    }
}

impl TryFrom<String> for Shift {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shift> for String {
    fn from(shift: Shift) -> Self {
        shift.to_string()
    }
}

impl fmt::Display for Shift {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.change {
            Change::Amount(amount) => write!(f, "{}={amount}", self.entity),
            Change::Relative(share) => write!(f, "{}={}%", self.entity, share * 100.0),
        }
    }
}

/// A scenario with changes of demand and primary inputs added to it; `None` where there is nothing.
pub(super) fn with<'a>(
    scenario: Option<&'a Scenario>,
    demand: &[Shift],
    primary: &[Shift],
) -> Option<Cow<'a, Scenario>> {
    if demand.is_empty() && primary.is_empty() {
        return scenario.map(Cow::Borrowed);
    }
    let mut all = scenario.cloned().unwrap_or_default();
    let shock = |shift: &Shift, what: Effect| TimedShock {
        on: Target::Entity(shift.entity.clone()),
        what,
        start: 0.0,
        days: None,
        recovery: Recovery::Step,
    };
    all.shocks.extend(demand.iter().map(|shift| shock(shift, Effect::DemandChange(shift.change))));
    all.shocks.extend(primary.iter().map(|shift| shock(shift, Effect::PrimaryInputChange(shift.change))));
    Some(Cow::Owned(all))
}
