//! What a saved query shows of its answer.

use serde::{Deserialize, Serialize};

use crate::diagram::view::Draw;

/// One part of an answer, as a report shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Show {
    /// The findings in words. A report has them first, whether or not they are named.
    Findings,
    /// A table.
    Table(ShowTable),
    /// A figure.
    Diagram(Draw),
}

/// Which table, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ShowTable {
    /// Name of the table; the first where not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Rows to print; the rest is counted.
    pub top: usize,
}

impl Default for ShowTable {
    fn default() -> Self {
        Self { name: None, top: 20 }
    }
}

impl Show {
    /// What is shown where a query does not say: the findings and the first table.
    pub fn usual() -> Vec<Self> {
        vec![Self::Findings, Self::Table(ShowTable::default())]
    }
}
