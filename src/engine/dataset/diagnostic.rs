//! A problem of a dataset: where it is, what was expected and what may help.

use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::codes::{Code, Severity};

/// A stretch of a file, with the line it stands on, so that it can be shown without the file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Span {
    /// File name, relative to the dataset's folder.
    pub file: Arc<str>,
    /// Line, 1-based; 0 where the problem is the file as a whole.
    pub line: u32,
    /// Column in characters, 1-based; 0 where the problem is the file as a whole.
    pub column: u32,
    /// Byte offset of the first byte in the file.
    pub start: usize,
    /// Byte offset after the last byte in the file.
    pub end: usize,
    /// The line, or the part of a long line around the span.
    pub excerpt: String,
    /// The span inside `excerpt`, in bytes.
    pub within: Range<usize>,
}

impl Span {
    /// How much of a long line is kept on either side of a span.
    const CONTEXT: usize = 120;

    /// A file as a whole.
    pub fn file(file: &Arc<str>) -> Self {
        Self {
            file: file.clone(),
            line: 0,
            column: 0,
            start: 0,
            end: 0,
            excerpt: String::new(),
            within: 0..0,
        }
    }

    /// The span of bytes `range` of `text`, cut at the end of its first line. `line` and `line_start` are
    /// the 1-based number and the byte offset of that line.
    pub(super) fn of(file: &Arc<str>, text: &str, range: Range<usize>, line: u32, line_start: usize) -> Self {
        let start = floor(text, range.start);
        let rest = text.get(start..).unwrap_or_default();
        let line_end = start + rest.find(['\n', '\r']).unwrap_or(rest.len());
        let end = floor(text, range.end).clamp(start, line_end);
        let from = floor(text, start.saturating_sub(Self::CONTEXT).max(line_start));
        let to = floor(text, (end + Self::CONTEXT).min(line_end));
        let column = text.get(line_start..start).map_or(0, |before| before.chars().count()) as u32 + 1;
        Self {
            file: file.clone(),
            line,
            column,
            start,
            end: floor(text, range.end).max(start),
            excerpt: text.get(from..to).unwrap_or_default().to_string(),
            within: start - from..end.min(to).max(start) - from,
        }
    }
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A place that belongs to a problem beside its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Where.
    pub span: Span,
    /// What is there.
    pub label: String,
}

/// One problem of a dataset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Diagnostic {
    /// Whether it stops the load.
    pub severity: Severity,
    /// What sort of problem it is; stable.
    pub code: Code,
    /// What is wrong, in a line.
    pub message: String,
    /// Where.
    pub span: Span,
    /// What is said at the place itself.
    pub label: String,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// What would be right here.
    pub expected: Option<String>,
    /// What may help.
    pub hint: Option<String>,
    /// The known ids or names that are most similar to an unknown one.
    pub nearest: Vec<String>,
}

impl Diagnostic {
    /// A problem at a place; the code decides how severe it is.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            severity: code.severity(),
            code,
            message: message.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            expected: None,
            hint: None,
            nearest: Vec::new(),
        }
    }

    /// With words at the place itself.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With what would be right here.
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// With what may help.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// With another place.
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push(Related { span, label: label.into() });
        self
    }

    /// With the known names that are most similar to `unknown`.
    pub fn nearest_of<'a>(mut self, unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        self.nearest = nearest(unknown, known);
        self
    }

    /// Adds another place.
    pub(super) fn related_mut(&mut self, span: Span, label: &str) -> &mut Self {
        self.related.push(Related { span, label: label.to_string() });
        self
    }

    /// The order in which problems are shown.
    pub(super) fn order(&self) -> impl Ord + use<'_> {
        (&self.span.file, self.span.start, self.span.line, self.code, &self.message)
    }
}

/// Up to three names that are most similar to `unknown`.
pub(super) fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let asked: String = unknown.chars().take(80).flat_map(char::to_lowercase).collect();
    let length = asked.chars().count();
    let limit = if length < 3 { 0 } else { (length / 3).max(1) };
    let score = |name: &str| -> Option<usize> {
        let lower = name.to_lowercase();
        if lower.len().abs_diff(asked.len()) > limit * 4 && !lower.contains(&asked) && !asked.contains(&lower)
        {
            return None;
        }
        let distance = strsim::damerau_levenshtein(&asked, &lower);
        let inside =
            asked.len() > 2 && (lower.contains(&asked) || (lower.len() > 2 && asked.contains(&lower)));
        if distance <= limit {
            Some(distance)
        } else if inside {
            Some(limit + distance)
        } else {
            None
        }
    };
    let close = |name: &&str| name.len() <= 120;
    let mut scored: Vec<(usize, &str)> =
        known.into_iter().filter(close).filter_map(|name| Some((score(name)?, name))).collect();
    scored.sort_unstable();
    scored.dedup();
    scored.into_iter().take(3).map(|(_, name)| name.to_string()).collect()
}
