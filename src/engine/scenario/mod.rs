//! Scenarios: timed shocks as an analyst writes them, and what they hit in a graph. No model, no file, no
//! network: which shocks a model can carry is the model's to say.
//!
//! ```ron
//! (
//!     title: "TSMC is out for half a year",
//!     note: "An earthquake; the fabs come back over three months.",
//!     shocks: [
//!         (on: Entity("tsmc"), what: CapacityLoss(1.0), days: 182, recovery: Linear(days: 90)),
//!         (on: Country(code: "CN", product: "gallium"), what: SupplyCut(1.0), start: 30),
//!     ],
//! )
//! ```

mod given;
mod hits;
mod resolve;
mod table;

pub use given::Failure;
pub use hits::{EntityHit, Hits, Link, Place, RelationHit, Size};

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::graph::UnknownKey;
use crate::what_if::{Telling, Told};

/// Shocks that happen in one story; they add to each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// A heading, as "TSMC is out for half a year".
    pub title: String,
    /// What the story rests on, for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What happens; at least one.
    pub shocks: Vec<TimedShock>,
}

/// A scenario by its name, or written out.
pub type ScenarioSpec = Told<Scenario>;

impl Telling for Scenario {
    const NOUN: &'static str = "scenario";
    const EXAMPLE: &'static str = "(title: \"…\", shocks: […])";
}

/// One shock: on what, how hard, from when to when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimedShock {
    /// What is hit.
    pub on: Target,
    /// How.
    pub what: Effect,
    /// Day of the scenario on which it begins, 0 or later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub start: f64,
    /// Days for which it holds at full strength; for good where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// How it fades after that.
    #[serde(default, skip_serializing_if = "Recovery::is_step")]
    pub recovery: Recovery,
}

fn is_zero(value: &f64) -> bool {
    *value == 0.0
}

/// What a shock hits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Target {
    /// One entity, by its key.
    Entity(String),
    /// One record of the dataset, by its key.
    Relation(String),
    /// All supply of a product, whoever it comes from.
    Product(String),
    /// Supplies from one to another, of one product; what is left out stands for all.
    Link {
        /// The supplier's key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        from: Option<String>,
        /// The customer's key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
        /// The product's key.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        product: Option<String>,
    },
    /// Everyone who produces in a country, each with the share of its production there.
    Country {
        /// ISO 3166 two-letter code.
        code: String,
        /// Only this product.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        product: Option<String>,
        /// Only what goes to customers with their legal seat in this country; for supply cuts.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        to: Option<String>,
    },
    /// An owner and all whom it controls in the end.
    Owner(String),
    /// A group of the dataset and its members.
    Group(String),
    /// All entities of a kind.
    Kind(String),
}

/// How a target is hit. Shares are of the normal state, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Effect {
    /// Loses this share of what it can make.
    CapacityLoss(f64),
    /// This share of what it delivers does not arrive: an export ban on a country spares customers at home, one
    /// on a set of firms spares customers in the set.
    SupplyCut(f64),
    /// Final demand for what it makes changes.
    DemandChange(Change),
    /// Primary inputs (labour, capital) that it has change.
    PrimaryInputChange(Change),
    /// The price of what it sells changes by this share; negative for cheaper.
    PriceChange(f64),
    /// Loses this share of its equity.
    EquityLoss(f64),
    /// Fails altogether: function and equity alike.
    Failure,
}

/// A change, relative to the normal state or in the money unit of the dataset; negative for less.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Change {
    /// Share of the normal state: -0.1 is a tenth less.
    Relative(f64),
    /// In the money unit of the dataset's tables.
    Amount(f64),
}

/// How a shock fades after it has held at full strength.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Recovery {
    /// At once.
    #[default]
    Step,
    /// In a straight line over so many days.
    Linear {
        /// Days until nothing of it is left.
        days: f64,
    },
    /// By half in so many days, and again.
    Exponential {
        /// Days in which half of it fades.
        half_life: f64,
    },
    /// Slowly, fast, slowly: half of it is gone after half of so many days, 99 % after all of them.
    Logistic {
        /// Days until 1 % of it is left.
        days: f64,
    },
}

impl Recovery {
    /// Whether it ends at once.
    pub fn is_step(&self) -> bool {
        *self == Self::Step
    }
}

/// A sort of effect, without its size: what models declare support for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum EffectKind {
    /// See [`Effect::CapacityLoss`].
    CapacityLoss,
    /// See [`Effect::SupplyCut`].
    SupplyCut,
    /// See [`Effect::DemandChange`].
    DemandChange,
    /// See [`Effect::PrimaryInputChange`].
    PrimaryInputChange,
    /// See [`Effect::PriceChange`].
    PriceChange,
    /// See [`Effect::EquityLoss`].
    EquityLoss,
    /// See [`Effect::Failure`].
    Failure,
}

impl EffectKind {
    /// All sorts.
    pub const ALL: [Self; 7] = [
        Self::CapacityLoss,
        Self::SupplyCut,
        Self::DemandChange,
        Self::PrimaryInputChange,
        Self::PriceChange,
        Self::EquityLoss,
        Self::Failure,
    ];
}

impl fmt::Display for EffectKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl Effect {
    /// Its sort.
    pub fn kind(&self) -> EffectKind {
        match self {
            Self::CapacityLoss(_) => EffectKind::CapacityLoss,
            Self::SupplyCut(_) => EffectKind::SupplyCut,
            Self::DemandChange(_) => EffectKind::DemandChange,
            Self::PrimaryInputChange(_) => EffectKind::PrimaryInputChange,
            Self::PriceChange(_) => EffectKind::PriceChange,
            Self::EquityLoss(_) => EffectKind::EquityLoss,
            Self::Failure => EffectKind::Failure,
        }
    }
}

/// Why a scenario makes no sense on a graph.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ScenarioError {
    /// A shock names a key that the graph does not know.
    #[error("shock {shock} of the scenario: {unknown}")]
    UnknownKey {
        /// Which shock, from 1.
        shock: usize,
        /// The key and the nearest ones.
        unknown: UnknownKey,
    },
    /// A shock makes no sense.
    #[error("shock {shock} of the scenario: {reason}")]
    Invalid {
        /// Which shock, from 1.
        shock: usize,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// There is no scenario of that name.
    #[error(transparent)]
    UnknownScenario(UnknownKey),
    /// Nothing happens in it.
    #[error("the scenario has no shocks: expected at least one")]
    Empty,
}
