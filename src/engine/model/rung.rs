//! How a weight is known.

use serde::Serialize;

/// How a weight is known, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// A source states the share.
    Stated,
    /// An amount against the known total.
    Amounts,
    /// An amount against the sum of known contracts: an assumption.
    KnownContracts,
    /// The vendor's market share: an assumption.
    MarketShare,
    /// An equal part: an assumption.
    EqualSplit,
}

impl Rung {
    /// All rungs, surest first.
    pub const ALL: [Self; 5] =
        [Self::Stated, Self::Amounts, Self::KnownContracts, Self::MarketShare, Self::EqualSplit];

    /// In words.
    pub fn describe(self) -> &'static str {
        match self {
            Self::Stated => "stated share",
            Self::Amounts => "amount against the known total",
            Self::KnownContracts => "amount against the known contracts (assumed whole)",
            Self::MarketShare => "market share (assumed)",
            Self::EqualSplit => "equal split (assumed)",
        }
    }

    /// Whether the weight is an assumption of the engine, however well its records are sourced.
    pub fn is_assumed(self) -> bool {
        self >= Self::KnownContracts
    }
}
