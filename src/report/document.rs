//! What every form of a report prints: the front matter, and the sections with what they share.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Options;
use super::evidence::Block;
use super::section::{Bound, Section, ShownData};
use super::sources::ShownSource;
use crate::answer::EngineRef;
use crate::graph::Graph;

/// A report before it takes a form.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// Headline.
    pub title: &'a str,
    /// What the dataset is about.
    pub description: Option<&'a str>,
    /// Paragraphs of the template after the headline.
    pub front: &'a [String],
    /// Where the data came from, where that has to be said.
    pub note: Option<&'a str>,
    /// The command that makes the report.
    pub command: &'a str,
    /// Name of the dataset.
    pub data: &'a str,
    /// Its content hash.
    pub hash: &'a str,
    /// The first figures of that.
    pub short_hash: String,
    /// The day that counts.
    pub day: String,
    /// The statuses that count.
    pub status: String,
    /// The program.
    pub engine: EngineRef,
    /// How much there is.
    pub counts: Counts,
    /// The answers.
    pub sections: &'a [Section],
    /// Caveats that several share.
    pub notes: &'a [String],
    /// All sources.
    pub sources: &'a [ShownSource],
    /// Queries without an answer, and why.
    pub unanswered: &'a [(String, String)],
    /// Datasets beside the usual one.
    pub others: Vec<&'a ShownData>,
    /// What the rows of tables rest on, as the page tells it.
    #[serde(skip)]
    pub rests: &'a Block,
    /// Whether measures are defined.
    pub methods: bool,
    /// Whether records are listed.
    pub evidence: bool,
}

/// How much there is in the dataset.
#[derive(Debug, Serialize)]
pub struct Counts {
    /// Entities.
    pub entities: usize,
    /// Relations.
    pub relations: usize,
    /// Properties.
    pub attributes: usize,
    /// Sources.
    pub sources: usize,
}

impl<'a> Document<'a> {
    /// What was bound, with the front matter.
    pub fn new(graph: &'a Graph, options: &'a Options, bound: &'a Bound) -> Self {
        let facts = graph.facts();
        let meta = &facts.meta;
        let title = options.title.as_ref().or(options.template.title.as_ref()).or(meta.title.as_ref());
        Self {
            title: title.unwrap_or(&meta.name),
            description: meta.description.as_deref(),
            front: &options.template.front,
            note: options.note.as_deref(),
            command: options.command.as_deref().unwrap_or("linchpin report"),
            data: &meta.name,
            hash: graph.hash(),
            short_hash: graph.hash().chars().take(12).collect(),
            day: usual(bound.sections.iter().map(|section| section.as_of.as_str())),
            status: usual(bound.sections.iter().map(|section| section.status.as_str())),
            engine: EngineRef::default(),
            counts: Counts {
                entities: facts.entities.len(),
                relations: facts.relations.len(),
                attributes: facts.attributes.len(),
                sources: facts.sources.len(),
            },
            sections: &bound.sections,
            notes: &bound.notes,
            sources: &bound.sources,
            unanswered: &bound.unanswered,
            others: others(&bound.sections),
            rests: &bound.evidence,
            methods: options.template.methods,
            evidence: options.template.evidence,
        }
    }

    /// The day that counts in most sections.
    #[cfg(any(feature = "render", feature = "xlsx"))]
    pub fn as_of(&self) -> String {
        self.day.split(',').next().unwrap_or_default().to_string()
    }

    /// The first section of each analysis, in order: each measure is told once.
    pub fn methods(&self) -> Vec<&'a Section> {
        let mut told = BTreeSet::new();
        self.sections.iter().filter(|section| told.insert(section.card.name)).collect()
    }

    /// The front matter as names and values.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        let Counts { entities, relations, attributes, sources } = self.counts;
        vec![
            ("Data", self.data.to_string()),
            ("As of", self.day.clone()),
            ("Deals that count", self.status.clone()),
            (
                "Content",
                format!(
                    "{entities} entities, {relations} relations, {attributes} properties, {sources} sources"
                ),
            ),
            ("Content hash", self.hash.to_string()),
            ("Engine", format!("{} {}", self.engine.name, self.engine.version)),
        ]
    }
}

/// The datasets that sections ask beside the usual one, each once.
fn others(sections: &[Section]) -> Vec<&ShownData> {
    let mut others: Vec<&ShownData> = Vec::new();
    for data in sections.iter().filter_map(|section| section.data.as_ref()) {
        if !others.contains(&data) {
            others.push(data);
        }
    }
    others
}

/// What most sections have; says so where some have another.
fn usual<'a>(values: impl Iterator<Item = &'a str>) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    values.for_each(|value| *counts.entry(value).or_insert(0) += 1);
    let most = counts.iter().max_by_key(|(value, count)| (**count, Reverse(**value)));
    let most = most.map(|(value, _)| value.to_string()).unwrap_or_default();
    if counts.len() > 1 { format!("{most}, where a section says nothing else") } else { most }
}
