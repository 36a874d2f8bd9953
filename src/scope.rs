//! Which part of a graph counts: a day, the statuses of deals, the least confidence.

use crate::model::{Confidence, Date, Relation, Status};

/// Which part of a graph counts in an answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Scope {
    /// The day; validity is half-open, `[since, until)`.
    pub as_of: Date,
    /// Statuses of deals that count.
    pub status: Vec<Status>,
    /// The least confidence that counts.
    pub min_confidence: Confidence,
}

impl Scope {
    /// Signed and better, at any confidence.
    pub const DEFAULT_STATUS: [Status; 3] = [Status::Signed, Status::Funded, Status::Delivered];

    /// The default scope on a day.
    pub fn on(as_of: Date) -> Self {
        Self { as_of, status: Self::DEFAULT_STATUS.to_vec(), min_confidence: Confidence::Low }
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

    /// Whether a relation counts.
    pub fn counts(&self, relation: &Relation) -> bool {
        self.is_valid(relation)
            && relation.evidence.confidence <= self.min_confidence
            && self.status_of(relation).is_some_and(|status| self.status.contains(&status))
    }
}
