//! Which part of a graph counts: a day, the statuses of deals, the least confidence.

use serde::{Deserialize, Serialize};

use crate::model::{Confidence, Date, DateError, Detail, PartialDate, Relation, Status};
use crate::what_if::WhatIfSpec;

/// A scope as a query or a command line gives it; what is absent takes the graph's default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct ScopeSpec {
    /// The day that counts, as 2026-07-01, 2026-07 or 2026
    #[cfg_attr(feature = "cli", arg(long, global = true, value_name = "DATE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// Statuses of deals that count [default: signed,funded,delivered]
    #[cfg_attr(
        feature = "cli",
        arg(long, global = true, value_enum, value_delimiter = ',', value_name = "STATUS")
    )]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<Status>,
    /// The least confidence that counts [default: low]
    #[cfg_attr(feature = "cli", arg(long, global = true, value_enum, value_name = "CONFIDENCE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_confidence: Option<Confidence>,
    /// Months after which a fact counts as stale [default: 18]
    #[cfg_attr(feature = "cli", arg(long, global = true, value_name = "MONTHS"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale_after: Option<u32>,
    /// A what-if: what the dataset would be like. The name of a saved one, or a file; may be repeated
    #[cfg_attr(feature = "cli", arg(long, global = true, value_name = "NAME|FILE"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<WhatIfSpec>,
}

impl ScopeSpec {
    /// The scope, with `today` for the day where none is given.
    ///
    /// # Errors
    /// A day that is not a date.
    pub fn resolve(&self, today: Date) -> Result<Scope, DateError> {
        let as_of = match &self.as_of {
            Some(text) => text.parse::<PartialDate>()?.first(),
            None => today,
        };
        let mut scope = Scope::on(as_of);
        if !self.status.is_empty() {
            scope.status = self.status.clone();
            scope.status.sort_unstable();
            scope.status.dedup();
        }
        scope.min_confidence = self.min_confidence.unwrap_or(scope.min_confidence);
        scope.stale_after = self.stale_after.unwrap_or(scope.stale_after);
        scope.what_if.clone_from(&self.what_if);
        Ok(scope)
    }

    /// This scope where it says something, `other` elsewhere.
    pub fn or(&self, other: &Self) -> Self {
        let status = if self.status.is_empty() { &other.status } else { &self.status };
        Self {
            as_of: self.as_of.clone().or_else(|| other.as_of.clone()),
            status: status.clone(),
            min_confidence: self.min_confidence.or(other.min_confidence),
            stale_after: self.stale_after.or(other.stale_after),
            what_if: if self.what_if.is_empty() { other.what_if.clone() } else { self.what_if.clone() },
        }
    }
}

/// Which part of a graph counts in an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The day; validity is half-open, `[since, until)`.
    pub as_of: Date,
    /// Statuses of deals that count.
    pub status: Vec<Status>,
    /// The least confidence that counts.
    pub min_confidence: Confidence,
    /// Months after which a fact counts as stale; changes what is said of numbers, never a number.
    pub stale_after: u32,
    /// The what-ifs that the graph has been patched with; they change nothing more here, but answers name them.
    pub what_if: Vec<WhatIfSpec>,
}

impl Scope {
    /// Signed and better, at any confidence.
    pub const DEFAULT_STATUS: [Status; 3] = [Status::Signed, Status::Funded, Status::Delivered];

    /// A year and a half: a yearly figure is stale once the next one is out for half a year.
    pub const STALE_AFTER: u32 = 18;

    /// The default scope on a day.
    pub fn on(as_of: Date) -> Self {
        Self {
            as_of,
            status: Self::DEFAULT_STATUS.to_vec(),
            min_confidence: Confidence::Low,
            stale_after: Self::STALE_AFTER,
            what_if: Vec::new(),
        }
    }

    /// The status that a relation had on the day; `None` before its first one.
    pub fn status_of(&self, relation: &Relation) -> Option<Status> {
        let reached = |on: Option<crate::model::PartialDate>| on.is_none_or(|on| on.first() <= self.as_of);
        relation.history.iter().rev().find(|change| reached(change.on)).map(|change| change.status)
    }

    /// Whether a relation is valid on the day, whatever its status.
    pub fn is_valid(&self, relation: &Relation) -> bool {
        let begun = relation.since.is_none_or(|since| since.first() <= self.as_of);
        let over = relation.until.is_some_and(|until| until.first() <= self.as_of);
        begun && !over
    }

    /// Whether a commitment's deliveries begin after the day.
    pub fn is_still_to_come(&self, relation: &Relation) -> bool {
        matches!(&relation.detail, Detail::Commits { starts: Some(starts), .. } if starts.first() > self.as_of)
    }

    /// Whether a relation is known on the day and sure enough, whatever its status.
    pub fn knows(&self, relation: &Relation) -> bool {
        self.is_valid(relation)
            && relation.evidence.confidence <= self.min_confidence
            && self.status_of(relation).is_some()
    }

    /// Whether a relation counts.
    pub fn counts(&self, relation: &Relation) -> bool {
        self.is_valid(relation)
            && relation.evidence.confidence <= self.min_confidence
            && self.status_of(relation).is_some_and(|status| self.status.contains(&status))
    }
}
