//! What a report holds and in which order: a file that says it, and the two that come with the program.

use std::sync::Arc;

use serde::Deserialize;

use crate::analysis::ron_options;
use crate::dataset::reading::{Text, explain};
use crate::dataset::{Code, Diagnostic};
use crate::order::Arrange;
use crate::query::Query;

/// The templates that come with the program, by name.
pub const BUILT_IN: [(&str, &str); 2] =
    [("full", include_str!("templates/full.ron")), ("brief", include_str!("templates/brief.ron"))];

/// What a report holds, and in which order. In RON; every field may be left out.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Template {
    /// The headline; the dataset's title where not given.
    pub title: Option<String>,
    /// Paragraphs after the headline.
    pub front: Vec<String>,
    /// The chapters with their questions; where there are none, all questions in the chapters that they name.
    pub chapters: Vec<Chapter>,
    /// How many questions of each chapter; all where not given.
    pub each: Option<usize>,
    /// How many findings of each answer; all where not given.
    pub findings: Option<usize>,
    /// How many tables of each answer; all that the question shows where not given.
    pub tables: Option<usize>,
    /// How many rows of each table at most.
    pub rows: Option<usize>,
    /// How many figures of each answer; all that the question shows where not given.
    pub figures: Option<usize>,
    /// Names of questions of which nothing is cut: all findings, tables, rows and figures that they show.
    pub whole: Vec<String>,
    /// Whether the report tells how each measure is defined.
    pub methods: bool,
    /// Whether it lists the records that each answer rests on.
    pub evidence: bool,
}

impl Default for Template {
    /// All of it.
    fn default() -> Self {
        Self {
            title: None,
            front: Vec::new(),
            chapters: Vec::new(),
            each: None,
            findings: None,
            tables: None,
            rows: None,
            figures: None,
            whole: Vec::new(),
            methods: true,
            evidence: true,
        }
    }
}

/// A chapter of a template.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Chapter {
    /// Its heading.
    pub title: String,
    /// A paragraph under it.
    #[serde(default)]
    pub text: Option<String>,
    /// Names of saved questions, in order.
    pub queries: Vec<String>,
}

/// How much of an answer a report shows at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cuts {
    /// Findings.
    pub findings: usize,
    /// Tables.
    pub tables: usize,
    /// Rows of each table.
    pub rows: usize,
    /// Figures.
    pub figures: usize,
}

impl Template {
    /// How much of the answer to a question it shows.
    pub fn cuts(&self, query: &str) -> Cuts {
        let most = |limit: Option<usize>| match limit {
            Some(limit) if !self.is_whole(query) => limit,
            _ => usize::MAX,
        };
        Cuts {
            findings: most(self.findings),
            tables: most(self.tables),
            rows: most(self.rows),
            figures: most(self.figures),
        }
    }

    fn is_whole(&self, query: &str) -> bool {
        self.whole.iter().any(|own| own == query)
    }

    /// The one that comes with the program under that name.
    pub fn built_in(name: &str) -> Option<Self> {
        let (_, text) = BUILT_IN.iter().find(|(own, _)| *own == name)?;
        ron_options().from_str(text).ok()
    }

    /// Reads a template and checks that the questions it names are there.
    ///
    /// # Errors
    /// What is wrong, and where.
    pub fn parse(path: &str, text: &str, queries: &[Query]) -> Result<Self, Vec<Diagnostic>> {
        let text = Text::new(Arc::from(path), text.to_string());
        let template: Self = match ron_options().from_str(&text.text) {
            Ok(template) => template,
            Err(error) => return Err(vec![explain(&text, &(0..0), &(0..text.text.len()), &error)]),
        };
        let mut problems = Vec::new();
        for name in template.chapters.iter().flat_map(|chapter| &chapter.queries).chain(&template.whole) {
            if queries.iter().any(|query| query.name == *name) {
                continue;
            }
            let written = format!("{name:?}");
            let at = text.text.find(&written).unwrap_or(0);
            let message = format!("there is no saved question `{name}`");
            let problem = Diagnostic::new(Code::UnknownVariant, text.span(at..at + written.len()), message);
            problems.push(problem.nearest_of(name, queries.iter().map(|query| query.name.as_str())));
        }
        if problems.is_empty() { Ok(template) } else { Err(problems) }
    }

    /// The questions of the report, in their order and chapters.
    pub fn choose(&self, queries: &[Query]) -> Vec<Query> {
        let mut chosen: Vec<Query> = Vec::new();
        if self.chapters.is_empty() {
            chosen.extend(queries.iter().cloned());
            chosen.arrange_by_key(|query| query.order.unwrap_or(u32::MAX));
        }
        for chapter in &self.chapters {
            for name in &chapter.queries {
                let found = queries.iter().find(|query| query.name == *name);
                chosen.extend(found.cloned().map(|mut query| {
                    query.chapter = Some(chapter.title.clone());
                    query
                }));
            }
        }
        let mut counts: std::collections::BTreeMap<Option<String>, usize> = Default::default();
        chosen.retain(|query| {
            let count = counts.entry(query.chapter.clone()).or_insert(0);
            *count += 1;
            self.each.is_none_or(|each| *count <= each) || self.is_whole(&query.name)
        });
        chosen
    }

    /// The paragraph under the heading of a chapter.
    pub fn text(&self, chapter: &str) -> Option<&str> {
        self.chapters.iter().find(|own| own.title == chapter)?.text.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_that_come_with_the_program_are_sound() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("queries");
        let queries = crate::query::load_dir(&folder).queries;
        for (name, text) in BUILT_IN {
            assert!(Template::parse(name, text, &queries).is_ok(), "{name}");
            assert!(Template::built_in(name).is_some());
        }
        assert_eq!(Template::built_in("full"), Some(Template::default()));
    }

    #[test]
    fn faults_have_places() {
        let faults = |text: &str| Template::parse("t.ron", text, &[]).expect_err("a fault");
        let unknown = faults("(\n    titel: \"x\",\n)");
        assert_eq!(unknown[0].span.line, 2, "{unknown:?}");
        let missing =
            faults("(\n    chapters: [\n        (title: \"A\", queries: [\"nothing\"]),\n    ],\n)");
        assert_eq!(missing[0].span.line, 3, "{missing:?}");
    }
}
