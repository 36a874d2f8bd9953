//! Diagnostics as a compiler prints them.

use std::fmt::Write as _;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Renderer, Snippet};

use super::codes::Severity;
use super::diagnostic::{Diagnostic, Span};

impl Diagnostic {
    /// The problem with its excerpt, as lines of text; with colours for a terminal where asked.
    pub fn render(&self, colour: bool) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let mut group = level
            .primary_title(self.message.as_str())
            .id(self.code.name())
            .elements(Vec::<Snippet<Annotation>>::new());
        group = place(group, &self.span, AnnotationKind::Primary, &self.label);
        for related in &self.related {
            group = place(group, &related.span, AnnotationKind::Context, &related.label);
        }
        if let Some(expected) = &self.expected {
            group = group.element(Level::NOTE.with_name(Some("expected")).message(expected.as_str()));
        }
        if !self.nearest.is_empty() {
            let names: Vec<String> = self.nearest.iter().map(|name| format!("`{name}`")).collect();
            group = group.element(Level::HELP.message(format!("did you mean {}?", names.join(" or "))));
        }
        if let Some(hint) = &self.hint {
            group = group.element(Level::HELP.message(hint.as_str()));
        }
        let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
        renderer.render(&[group])
    }
}

/// Adds the excerpt of a place, or its file alone where the file as a whole is meant.
fn place<'a>(group: Group<'a>, span: &'a Span, kind: AnnotationKind, label: &'a str) -> Group<'a> {
    if span.line == 0 {
        let group = group.element(Origin::path(span.file.as_ref()));
        return if label.is_empty() { group } else { group.element(Level::NOTE.message(label)) };
    }
    let annotation = kind.span(span.within.clone());
    let annotation = if label.is_empty() { annotation } else { annotation.label(label) };
    group.element(
        Snippet::source(span.excerpt.as_str())
            .path(span.file.as_ref())
            .line_start(span.line as usize)
            .annotation(annotation),
    )
}

/// All problems, one after another, and a line that counts them.
pub fn render_all(diagnostics: &[Diagnostic], colour: bool) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let _ = writeln!(text, "{}\n", diagnostic.render(colour));
    }
    let count = |severity| diagnostics.iter().filter(|d| d.severity == severity).count();
    let words = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    if errors + warnings > 0 {
        let _ = writeln!(text, "{}, {}", words(errors, "error"), words(warnings, "warning"));
    }
    text
}
