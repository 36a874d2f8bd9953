//! How far an exposure goes and by what it is listed.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How many steps upstream or downstream to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// As far as the chain goes.
    #[default]
    All,
    /// This many steps.
    Steps(u32),
}

impl Depth {
    /// Whether this is the default.
    pub(super) fn is_all(&self) -> bool {
        *self == Self::All
    }

    /// Whether a tier is listed.
    pub(super) fn reaches(self, tier: u32) -> bool {
        match self {
            Self::All => true,
            Self::Steps(most) => tier <= most,
        }
    }
}

impl FromStr for Depth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => text.parse().map(Self::Steps).map_err(|_| "expected a number of steps, or all".to_string()),
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(f, "all"),
            Self::Steps(steps) => write!(f, "{steps}"),
        }
    }
}

/// By what an exposure is listed first; the other lists follow as further tables.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Grouping {
    /// Each supplier at any tier by itself.
    #[default]
    Entity,
    /// Each product: what if no known supplier delivers it?
    Product,
    /// Suppliers with their legal seat in one country fail at once.
    Country,
    /// Each country stops producing.
    Production,
    /// Suppliers with one controlling owner fail at once.
    Owner,
}

impl Grouping {
    /// Whether this is the default.
    pub(super) fn is_default(&self) -> bool {
        *self == Self::Entity
    }

    /// Name of the table that lists it.
    pub(super) fn table(self) -> &'static str {
        match self {
            Self::Entity => "exposure",
            Self::Product => "products",
            Self::Country => "countries",
            Self::Production => "production",
            Self::Owner => "owners",
        }
    }
}
