//! Where a fact comes from and how far it can be trusted.

use serde::{Deserialize, Serialize};

use super::{PartialDate, SourceId};

/// A document that states facts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Source {
    /// The key that records cite.
    pub key: String,
    /// Title of the document.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// Where it can be read.
    pub url: String,
    /// When it was published, as far as known.
    pub date: Option<PartialDate>,
    /// How close the document is to the fact.
    pub reliability: Reliability,
}

/// How close a source is to the fact it states, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Reliability {
    /// A filing, a regulator's decision, a statistical office, the party itself.
    Primary,
    /// Journalism or research that restates a primary source.
    Secondary,
    /// A page that restates others, or whose origin is unclear.
    Tertiary,
}

/// How a value came about, strongest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Basis {
    /// Seen directly: delivered, measured, counted.
    Observed,
    /// Stated by a party to it or in a filing.
    Reported,
    /// An analyst's estimate or forecast.
    Estimated,
    /// Concluded from other facts.
    Inferred,
    /// Supposed, with a reason.
    Assumed,
}

/// How sure the dataset's author is of a fact, surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Confidence {
    /// Several sources agree, or one that is hard to doubt.
    High,
    /// One plausible source.
    Medium,
    /// Doubtful, contradicted or unclear.
    Low,
}

/// What a record rests on.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evidence {
    /// The documents that state it.
    pub sources: Vec<SourceId>,
    /// Why it is supposed, where no document states it.
    pub assumed: Option<String>,
    /// How the value came about.
    pub basis: Basis,
    /// How sure the author is.
    pub confidence: Confidence,
    /// A remark for the reader.
    pub note: Option<String>,
}

impl Evidence {
    /// Whether the record is a supposition and not a stated fact.
    pub fn is_assumed(&self) -> bool {
        self.basis == Basis::Assumed
    }

    /// Whether nothing is said about where the record comes from: a row of a bulk table.
    pub fn is_unsourced(&self) -> bool {
        self.sources.is_empty() && self.assumed.is_none()
    }
}

/// Where a record stands: a file of the dataset and a line in it (1-based; the row of a table).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// File name, relative to the dataset's folder.
    pub file: std::sync::Arc<str>,
    /// Line of the record's key, or row of a table; 1-based.
    pub line: u32,
}
