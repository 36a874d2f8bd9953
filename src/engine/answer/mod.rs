//! What an analysis returns: tables with units, findings in words, caveats, evidence, and what it takes
//! to repeat it. Knows nothing of graphs; any table can be printed as text, CSV, Markdown or JSON.

mod explain;
mod finding;
mod format;
mod json;
mod limit;
#[cfg(feature = "parquet")]
mod parquet;
mod ranges;
mod reach;
mod render;
mod repeat;
mod rests;
#[cfg(feature = "cli")]
mod spark;
mod table;
mod text_table;
#[cfg(feature = "cluster")]
mod travel;

pub use explain::{Explained, Portion, explained_to_markdown, explained_to_text};
pub use finding::{Finding, FindingBuilder, Quote};
pub use format::{format_number, format_unit, printable, unprintable};
pub use limit::Limit;
#[cfg(feature = "parquet")]
pub use parquet::to_parquet;
pub use ranges::{Range, RowRange};
pub use reach::{Reach, Tie};
pub use render::{
    RenderError, Style, caveat_lines, provenance_line, table_to_csv, table_to_markdown, to_csv, to_json,
    to_markdown, to_text,
};
pub use repeat::differences;
pub use rests::{Rests, RestsOn};
pub use table::{Cell, Column, LeftOut, Row, Table, Unit};
pub use text_table::table_to_text;

use std::collections::BTreeMap;

use serde::Serialize;

/// The result of one analysis.
#[derive(Clone, Debug, Serialize)]
pub struct Answer {
    /// Name of the analysis, as on the command line.
    pub analysis: String,
    /// A heading for a report.
    pub title: String,
    /// What was asked, in words.
    pub question: String,
    /// What was found, most important first. Numbers quoted are cells of the tables.
    pub findings: Vec<Finding>,
    /// The tables; the first is the one that CSV prints.
    pub tables: Vec<Table>,
    /// What the reader has to know before using a number.
    pub caveats: Vec<Caveat>,
    /// The records that the answer rests on.
    pub evidence: Evidence,
    /// Whether the answer is whole.
    pub status: AnswerStatus,
}

impl Answer {
    /// An answer without content yet.
    pub fn new(analysis: &str, title: impl Into<String>, question: impl Into<String>) -> Self {
        Self {
            analysis: analysis.to_string(),
            title: title.into(),
            question: question.into(),
            findings: Vec::new(),
            tables: Vec::new(),
            caveats: Vec::new(),
            evidence: Evidence::default(),
            status: AnswerStatus::Complete,
        }
    }

    /// Adds a caveat.
    pub fn caveat(&mut self, code: &str, text: impl Into<String>, count: Option<usize>) {
        self.caveats.push(Caveat { code: code.to_string(), text: text.into(), count });
    }

    /// The table of that name.
    pub fn table(&self, name: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.name == name)
    }
}

/// A condition on the numbers of an answer.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Caveat {
    /// Stable kebab-case name.
    pub code: String,
    /// What it means, in a sentence.
    pub text: String,
    /// How many items it concerns.
    pub count: Option<usize>,
}

/// The records that an answer rests on, in the order of their keys.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Evidence {
    /// Relations, attributes, intensities and rates.
    pub records: Vec<RecordRef>,
    /// The sources they cite.
    pub sources: Vec<SourceRef>,
    /// Who depends on whom by which record, for rows that do not say what they rest on.
    #[serde(skip)]
    pub ties: Vec<Tie>,
    /// How far records reach for the rows of a table, those that say what they rest on included, where that is not what the
    /// analysis' card says.
    #[serde(skip)]
    pub reach: BTreeMap<String, Reach>,
    /// What rows are about beside what their cells name, by table and row: the members of a country, say.
    #[serde(skip)]
    pub about: BTreeMap<String, BTreeMap<usize, Vec<String>>>,
    /// What chosen numbers rest on, where that is asked.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<Explained>,
}

/// A record of the dataset as an answer cites it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordRef {
    /// The record's key.
    pub key: String,
    /// What the record says, in a line.
    pub says: String,
    /// Keys of its sources.
    pub sources: Vec<String>,
    /// Why it is supposed, where it is.
    pub assumed: Option<String>,
    /// How the value came about.
    pub basis: crate::model::Basis,
    /// How sure the author is.
    pub confidence: crate::model::Confidence,
    /// First day of validity, as the record gives it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// What its newest statement refers to: the period or day that the record names, or else the date of its newest source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refers_to: Option<String>,
    /// Reliability of its best source.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reliability: Option<crate::model::Reliability>,
    /// Whole months from the end of what it refers to, or else from its first day of validity, to the day that counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub age_months: Option<u32>,
    /// Whether it is older than the scope allows before a fact counts as stale.
    pub stale: bool,
    /// How the weights are known that the answer takes from it: the least sure way, where it gives weights.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rung: Option<crate::model::Rung>,
    /// File and line of the dataset.
    pub place: String,
    /// Keys of what it speaks of: its ends, their owners, its products.
    #[serde(skip)]
    pub about: Vec<String>,
}

/// A source as an answer cites it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceRef {
    /// The source's key.
    pub key: String,
    /// Title of the document.
    pub title: String,
    /// Who published it.
    pub publisher: String,
    /// Where it can be read.
    pub url: String,
    /// When it was published, as far as known.
    pub date: Option<String>,
    /// How close the document is to the fact.
    pub reliability: crate::model::Reliability,
}

/// Whether an answer is whole.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum AnswerStatus {
    /// Everything asked for is there.
    Complete,
    /// A cap cut it short.
    Truncated {
        /// Which cap.
        reason: String,
    },
    /// An iteration was stopped before it settled.
    NotConverged {
        /// Largest change in its last round.
        residual: f64,
        /// Rounds done.
        rounds: usize,
    },
}

/// What repeats an answer: printed with it in JSON, reports and captions.
#[derive(Clone, Debug, Serialize)]
pub struct Provenance {
    /// Name and version of the engine.
    pub engine: EngineRef,
    /// The graph that was asked.
    pub graph: GraphRef,
    /// Which part of it counted.
    pub scope: ScopeRef,
    /// The query in RON.
    pub query: String,
    /// The command line that gives the same answer.
    pub command: String,
    /// Seed of random draws.
    pub seed: u64,
    /// How sure the answer was asked to be, in RON; nothing where that was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncertainty: Option<String>,
}

/// Name and version of the engine.
#[derive(Clone, Debug, Serialize)]
pub struct EngineRef {
    /// Name of the program.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Default for EngineRef {
    fn default() -> Self {
        Self { name: "linchpin".to_string(), version: env!("CARGO_PKG_VERSION").to_string() }
    }
}

/// Name and content of a graph.
#[derive(Clone, Debug, Serialize)]
pub struct GraphRef {
    /// Name of the dataset.
    pub name: String,
    /// SHA-256 of its canonical content, in hex.
    pub sha256: String,
}

/// Which part of a graph counted.
#[derive(Clone, Debug, Serialize)]
pub struct ScopeRef {
    /// The day.
    pub as_of: String,
    /// The statuses that count.
    pub status: Vec<crate::model::Status>,
    /// The least confidence that counts.
    pub min_confidence: crate::model::Confidence,
    /// Months after which a fact counts as stale.
    pub stale_after: u32,
    /// What-ifs that the graph was patched with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<WhatIfRef>,
}

/// A what-if that a graph was patched with.
#[derive(Clone, Debug, Serialize)]
pub struct WhatIfRef {
    /// Its heading.
    pub title: String,
    /// All of it in RON, which repeats it.
    pub ron: String,
}
