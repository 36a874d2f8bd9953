//! What one load has at hand: the texts of the files and the problems found so far.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::codes::{Code, Severity};
use super::diagnostic::{Diagnostic, Span, nearest};
use super::trail::{Mark, Trail};

/// How many problems of one file are shown.
pub const MAX_PER_FILE: usize = 1000;

/// How many problems of one file are kept before they are put in order.
const MAX_KEPT_PER_FILE: usize = 5 * MAX_PER_FILE;

/// How many names are compared with unknown ones in one load.
const MAX_COMPARED: usize = 3_000_000;

/// The text of a file and where its lines begin.
#[derive(Clone, Debug)]
pub struct Text {
    /// File name, relative to the dataset's folder.
    pub name: Arc<str>,
    /// What it holds.
    pub text: String,
    lines: Vec<u32>,
}

impl Text {
    /// Indexes the lines of a text.
    pub fn new(name: Arc<str>, text: String) -> Self {
        let breaks = text.match_indices('\n').map(|(at, _)| at as u32 + 1);
        let lines = std::iter::once(0).chain(breaks).collect();
        Self { name, text, lines }
    }

    /// The 1-based line of a byte.
    pub fn line(&self, at: usize) -> u32 {
        self.lines.partition_point(|start| *start as usize <= at) as u32
    }

    /// A stretch of this file.
    pub fn span(&self, range: Range<usize>) -> Span {
        let line = self.line(range.start).max(1);
        let start = self.lines.get(line as usize - 1).copied().unwrap_or(0) as usize;
        Span::of(&self.name, &self.text, range, line, start)
    }
}

/// Texts and problems of one load.
#[derive(Debug, Default)]
pub struct Session {
    /// The RON files.
    pub texts: Vec<Arc<Text>>,
    /// Whether parts of a file could not be read at all, so that an unknown id may stand in one of them.
    pub incomplete: bool,
    diagnostics: Vec<Diagnostic>,
    /// Problems of each file so far.
    counts: HashMap<Arc<str>, usize>,
    /// Whether any problem stops the load.
    failed: bool,
    /// How many names were compared with unknown ones.
    compared: usize,
    /// Takes the words for a problem that is counted and not kept.
    spare: Option<Diagnostic>,
}

impl Session {
    /// Another session about the same texts, without problems so far.
    pub fn branch(&self) -> Self {
        Self { texts: self.texts.clone(), incomplete: self.incomplete, ..Self::default() }
    }

    /// Adds a problem.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.last(diagnostic);
    }

    /// The text of a file.
    pub fn text(&self, file: u32) -> &str {
        self.texts.get(file as usize).map_or("", |text| text.text.as_str())
    }

    /// A stretch of a file.
    pub fn span(&self, file: u32, range: Range<usize>) -> Span {
        match self.texts.get(file as usize) {
            Some(text) => text.span(range),
            None => Span::file(&Arc::from("")),
        }
    }

    /// The key of a record.
    pub fn key(&self, mark: Mark) -> Span {
        self.span(mark.file, mark.key_range())
    }

    /// The value at the end of a trail.
    pub fn at(&self, trail: &Trail) -> Span {
        let mark = trail.mark();
        self.span(mark.file, trail.locate(self.text(mark.file)))
    }

    /// A problem at the end of a trail.
    pub fn report(&mut self, trail: &Trail, code: Code, message: impl Into<String>) -> &mut Diagnostic {
        let diagnostic = Diagnostic::new(code, self.at(trail), message);
        self.last(diagnostic)
    }

    /// Adds a problem and lends it for further words.
    pub fn last(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        let count = self.counts.entry(diagnostic.span.file.clone()).or_default();
        *count += 1;
        self.failed |= diagnostic.severity == Severity::Error;
        if *count > MAX_KEPT_PER_FILE {
            return self.spare.insert(diagnostic);
        }
        self.diagnostics.push_mut(diagnostic)
    }

    /// Adds a place to the problem that was added last.
    pub fn relate_last(&mut self, span: Span, label: &str) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.related_mut(span, label);
        }
    }

    /// Adds a hint to the problem that was added last.
    pub fn hint_last(&mut self, hint: &str) {
        if let Some(last) = self.diagnostics.last_mut() {
            last.hint = Some(hint.to_string());
        }
    }

    /// Where a record is written.
    pub fn place(&self, mark: Mark) -> crate::model::Place {
        self.texts.get(mark.file as usize).map_or_else(Default::default, |text| crate::model::Place {
            file: text.name.clone(),
            line: text.line(mark.key as usize),
        })
    }

    /// How many problems there are so far.
    pub fn count(&self) -> usize {
        self.counts.values().sum()
    }

    /// The known names that are most similar to an unknown one, as long as looking for them does not take
    /// all the time.
    pub fn nearest(&mut self, unknown: &str, known: &[&[Arc<str>]]) -> Vec<String> {
        let count = known.iter().map(|list| list.len()).sum();
        self.compared = self.compared.saturating_add(count);
        if self.compared > MAX_COMPARED {
            return Vec::new();
        }
        nearest(unknown, known.iter().copied().flatten().map(Arc::as_ref))
    }

    /// Whether any problem stops the load.
    pub fn has_errors(&self) -> bool {
        self.failed
    }

    /// The problems in the order of files and places, cut where one file has too many.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        self.diagnostics.sort_by(|a, b| a.order().cmp(&b.order()));
        self.diagnostics.dedup();
        let mut shown: Vec<Diagnostic> = Vec::new();
        for group in self.diagnostics.chunk_by(|a, b| a.span.file == b.span.file) {
            shown.extend(group.iter().take(MAX_PER_FILE).cloned());
            if let (true, Some(first)) = (group.len() > MAX_PER_FILE, group.first()) {
                let all = self.counts.get(&first.span.file).copied().unwrap_or_default();
                let more = all.max(group.len()) - MAX_PER_FILE;
                let message = format!("{more} more problems in this file are not shown");
                let mut rest = Diagnostic::new(Code::Suppressed, Span::file(&first.span.file), message);
                if !self.failed {
                    rest.severity = Severity::Warning;
                }
                shown.push(rest);
            }
        }
        shown
    }
}
