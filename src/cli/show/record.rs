//! A record as `show` prints it.

use crate::analysis::View;
use crate::answer::{Cell, Column, Unit};
use crate::cli::words::{date, lower, place, place_words};
use crate::model::{Attribute, Evidence, Intensity, Measure, PartialDate, Place, Relation, SourceId};

/// A relation, attribute or intensity with all that stands around its size.
pub(super) struct Record<'g> {
    key: &'g str,
    sort: String,
    pub(super) says: String,
    status: Option<String>,
    since: Option<PartialDate>,
    until: Option<PartialDate>,
    /// Whether it counts in the scope; attributes and intensities have no scope.
    counts: Option<bool>,
    disputed: bool,
    evidence: &'g Evidence,
    claimed: Vec<SourceId>,
    place: &'g Place,
}

impl<'g> Record<'g> {
    pub(super) fn relation(view: &View<'g>, relation: &'g Relation) -> Self {
        let measures: Vec<&Measure> = relation.detail.measures().collect();
        Self {
            key: &relation.key,
            sort: lower(relation.relation_type()),
            says: view.graph.describe_relation(relation),
            status: view.scope.status_of(relation).map(lower),
            since: relation.since,
            until: relation.until,
            counts: Some(view.scope.counts(relation)),
            disputed: measures.iter().any(|measure| measure.is_disputed()),
            evidence: &relation.evidence,
            claimed: measures.iter().flat_map(|measure| measure.sources()).collect(),
            place: &relation.place,
        }
    }

    pub(super) fn attribute(view: &View<'g>, attribute: &'g Attribute) -> Self {
        Self {
            key: &attribute.key,
            sort: "attribute".to_string(),
            says: view.graph.describe_attribute(attribute),
            status: None,
            since: attribute.period,
            until: None,
            counts: None,
            disputed: attribute.value.as_ref().is_some_and(Measure::is_disputed),
            evidence: &attribute.evidence,
            claimed: attribute.value.iter().flat_map(Measure::sources).collect(),
            place: &attribute.place,
        }
    }

    pub(super) fn intensity(view: &View<'g>, intensity: &'g Intensity) -> Self {
        Self {
            key: &intensity.key,
            sort: "intensity".to_string(),
            says: view.graph.describe_intensity(intensity),
            status: None,
            since: None,
            until: None,
            counts: None,
            disputed: intensity.amount.is_disputed(),
            evidence: &intensity.evidence,
            claimed: intensity.amount.sources().collect(),
            place: &intensity.place,
        }
    }

    /// The documents that it and its claims cite.
    pub(super) fn sources(&self) -> Vec<SourceId> {
        let mut all: Vec<SourceId> = self.evidence.sources.iter().chain(&self.claimed).copied().collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// What stands below its words; `numbers` are those of its sources.
    pub(super) fn small_print(&self, numbers: &[usize]) -> String {
        let mut parts = vec![self.key.to_string()];
        parts.extend(self.status.clone());
        if self.sort != "attribute" {
            parts.extend(self.since.map(|since| format!("since {since}")));
            parts.extend(self.until.map(|until| format!("until {until}")));
        }
        if self.counts == Some(false) {
            parts.push("does not count in this scope".to_string());
        }
        parts.push(format!("{}, {} confidence", lower(self.evidence.basis), lower(self.evidence.confidence)));
        if self.disputed {
            parts.push("sources disagree".to_string());
        }
        parts.extend(self.evidence.assumed.as_ref().map(|why| format!("assumed: {why}")));
        parts.extend(self.evidence.note.as_ref().map(|note| format!("note: {note}")));
        parts.push(place_words(self.place));
        let cited: Vec<String> = numbers.iter().map(|number| format!("[{number}]")).collect();
        let text = parts.join(" · ");
        if cited.is_empty() { text } else { format!("{text} {}", cited.join("")) }
    }

    /// The columns of the table of records.
    pub(super) fn columns() -> Vec<Column> {
        let text = |name: &str, description: &str| Column::new(name, Unit::Text, description);
        vec![
            text("subject", "Key of what is shown"),
            text("section", "How the record concerns it"),
            text("key", "Key of the record"),
            text("type", "Type of the relation, or what else it is"),
            text("says", "What it says, in a line"),
            text("status", "Status on the day"),
            text("since", "First day of validity, or the period of a figure"),
            text("until", "First day after validity"),
            text("counts", "Whether it counts in the scope"),
            text("basis", "How the value came about"),
            text("confidence", "How sure the dataset's author is"),
            text("disputed", "Whether sources disagree"),
            text("assumed", "Why it is supposed, where it is"),
            text("note", "A remark"),
            text("sources", "Documents that state it"),
            text("place", "File and line"),
        ]
    }

    /// Its row in the table of records.
    pub(super) fn row(&self, view: &View<'_>, subject: &str, section: &str) -> Vec<Cell> {
        let maybe = |text: &Option<String>| text.as_ref().map_or(Cell::Empty, Cell::text);
        let sources = self.sources().into_iter().map(|id| view.graph.source(id));
        vec![
            Cell::text(subject),
            Cell::text(section),
            Cell::text(self.key),
            Cell::text(&self.sort),
            Cell::text(&self.says),
            maybe(&self.status),
            date(self.since),
            date(self.until),
            self.counts.map_or(Cell::Empty, Cell::Flag),
            Cell::text(lower(self.evidence.basis)),
            Cell::text(lower(self.evidence.confidence)),
            Cell::Flag(self.disputed),
            maybe(&self.evidence.assumed),
            maybe(&self.evidence.note),
            Cell::Items(sources.map(|source| (source.key.clone(), source.title.clone())).collect()),
            place(self.place),
        ]
    }
}
