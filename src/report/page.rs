//! Sections → one HTML page, by templates whose values are escaped.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, escape_formatter};
use serde::Serialize;

use super::folder::Files;
use super::section::{Bound, Section, ShownData};
use super::sources::ShownSource;
use super::{Options, ReportError, Summary};
use crate::answer::EngineRef;
use crate::graph::Graph;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page and the files beside it.
pub fn files(graph: &Graph, options: &Options, bound: Bound) -> Result<(Files, Summary), ReportError> {
    let html = render(graph, options, &bound).map_err(|error| ReportError::Page(error.to_string()))?;
    let mut files = bound.files;
    files.insert("index.html".to_string(), html.into_bytes());
    let summary = Summary {
        files: files.len(),
        answered: bound.sections.len(),
        unanswered: bound.unanswered,
        warnings: bound.warnings,
        ..Summary::default()
    };
    Ok((files, summary))
}

/// What the template sees.
#[derive(Serialize)]
struct Page<'a> {
    style: &'a str,
    script: &'a str,
    title: &'a str,
    description: Option<&'a str>,
    note: Option<&'a str>,
    command: Option<&'a str>,
    data: &'a str,
    hash: &'a str,
    short_hash: String,
    day: String,
    status: String,
    engine: EngineRef,
    counts: Counts,
    #[serde(flatten)]
    bound: Shared<'a>,
}

/// How much there is.
#[derive(Serialize)]
struct Counts {
    entities: usize,
    relations: usize,
    attributes: usize,
    sources: usize,
}

/// The answers and what they share.
#[derive(Serialize)]
struct Shared<'a> {
    sections: &'a [Section],
    notes: &'a [String],
    sources: &'a [ShownSource],
    evidence: String,
    unanswered: &'a [(String, String)],
    others: Vec<&'a ShownData>,
}

fn render(graph: &Graph, options: &Options, bound: &Bound) -> Result<String, minijinja::Error> {
    let mut env = Environment::new();
    env.set_auto_escape_callback(|_| AutoEscape::Html);
    env.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() && text.chars().any(unprintable) => {
            escape_formatter(out, state, &Value::from(printable(text)))
        }
        _ => escape_formatter(out, state, value),
    });
    // for our own style and script, and for figures, which escape what they print themselves
    env.add_filter("as_is", |text: &str| Value::from_safe_string(printable(text)));
    env.add_template("page", PAGE)?;
    let facts = graph.facts();
    let meta = &facts.meta;
    let page = Page {
        style: STYLE,
        script: SCRIPT,
        title: options.title.as_ref().or(meta.title.as_ref()).unwrap_or(&meta.name),
        description: meta.description.as_deref(),
        note: options.note.as_deref(),
        command: options.command.as_deref(),
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
        bound: Shared {
            sections: &bound.sections,
            notes: &bound.notes,
            sources: &bound.sources,
            evidence: bound.evidence.json(),
            unanswered: &bound.unanswered,
            others: others(&bound.sections),
        },
    };
    env.get_template("page")?.render(Serde(&page))
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

/// Characters that a page cannot carry, or that turn the direction of the text around them.
fn unprintable(c: char) -> bool {
    let turns =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The text with a mark in place of each such character.
fn printable(text: &str) -> String {
    text.chars().map(|c| if unprintable(c) { '\u{fffd}' } else { c }).collect()
}
