//! A file as sections and values, each with its place: what queries, scenarios and what-ifs have in common.

use std::ops::Range;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use crate::analysis::ron_options;
use crate::dataset::reading::{
    BracketFault, Groups, Lexer, MAX_DEPTH, Section, Text, Token, closing, explain, groups, outline,
};
use crate::dataset::{Code, Diagnostic, Span};
use crate::order::Arrange;

/// A file that is being read.
pub(super) struct File<'t> {
    pub text: &'t Text,
    pub problems: Vec<Diagnostic>,
    /// Parameters and their values.
    pub set: IndexMap<String, String>,
    /// Parameters that are used.
    pub used: Vec<String>,
    /// What the file holds: `query`.
    pub noun: &'static str,
    /// The sections that it may have.
    pub known: &'static [&'static str],
    /// What is said where it is empty.
    pub hint_empty: &'static str,
}

impl<'t> File<'t> {
    /// A file of some sort.
    pub fn new(
        text: &'t Text,
        noun: &'static str,
        known: &'static [&'static str],
        hint_empty: &'static str,
    ) -> Self {
        Self { text, problems: Vec::new(), set: IndexMap::new(), used: Vec::new(), noun, known, hint_empty }
    }

    /// What was read, or all problems in the order of their places.
    pub fn finish<T>(self, read: Option<T>) -> Result<T, Vec<Diagnostic>> {
        let mut problems = self.problems;
        match read {
            Some(read) if problems.is_empty() => Ok(read),
            _ => {
                problems.arrange(|a, b| (a.span.start, &a.message).cmp(&(b.span.start, &b.message)));
                Err(problems)
            }
        }
    }

    /// The known sections of the file; nothing where it cannot be taken apart.
    pub fn outline(&mut self) -> Option<Vec<Section>> {
        let all = self.text.text.as_str();
        if !self.is_whole(all) {
            return None;
        }
        let shape = outline(all, &Groups::default());
        for fault in &shape.faults {
            let expected = fault.expected.replace("the dataset", &format!("the {}", self.noun));
            self.push(Code::Syntax, fault.place.clone(), format!("expected {expected}"));
        }
        Some(self.sections(shape.sections))
    }

    pub(super) fn problem(&self, code: Code, place: Range<usize>, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, self.text.span(place), message)
    }

    pub(super) fn push(&mut self, code: Code, place: Range<usize>, message: impl Into<String>) {
        let problem = self.problem(code, place, message);
        self.problems.push(problem);
    }

    pub(super) fn slice(&self, place: &Range<usize>) -> &str {
        self.text.text.get(place.clone()).unwrap_or_default()
    }

    /// Whether the file can be taken apart at all; says why not.
    pub(super) fn is_whole(&mut self, all: &str) -> bool {
        let mut at = 0;
        for line in all.split_inclusive('\n') {
            if line.starts_with("<<<<<<< ") {
                let place = at..at + line.trim_end().len();
                let hint = "choose one side, and remove the lines `<<<<<<<`, `=======` and `>>>>>>>`";
                let problem = self.problem(Code::ConflictMarker, place, "unresolved merge conflict");
                self.problems.push(problem.hint(hint));
                return false;
            }
            at += line.len();
        }
        if Lexer::new(all, 0).next_token().0 == Token::End {
            let message = format!("`{}` is empty", self.text.name);
            let problem = Diagnostic::new(Code::EmptyFile, Span::file(&self.text.name), message);
            self.problems.push(problem.hint(self.hint_empty));
            return false;
        }
        let Err(fault) = groups(all) else { return true };
        let name = |bracket: u8| char::from(bracket);
        let problem = match fault {
            BracketFault::Mismatch { open: (open, first), close: (close, place) } => {
                let message = format!("`{}` does not close `{}`", name(close), name(open));
                let first = self.text.span(first);
                self.problem(Code::Syntax, place, message)
                    .related(first, "this bracket is still open")
                    .expected(format!("`{}`", name(closing(open))))
            }
            BracketFault::Stray(close, place) => {
                self.problem(Code::Syntax, place, format!("`{}` closes nothing", name(close)))
            }
            BracketFault::Unclosed(open, place) => {
                self.problem(Code::Syntax, place, format!("this `{}` is never closed", name(open)))
            }
            BracketFault::UnclosedText(place) => {
                self.problem(Code::Syntax, place, "a text or comment that begins here never ends")
            }
            BracketFault::TooDeep(place) => {
                let message = format!("brackets are nested deeper than {MAX_DEPTH}");
                self.problem(Code::TooDeep, place, message)
            }
        };
        self.problems.push(problem);
        false
    }

    /// The known sections, each once.
    pub(super) fn sections(&mut self, all: Vec<Section>) -> Vec<Section> {
        let mut kept: Vec<Section> = Vec::new();
        for section in all {
            let name = self.slice(&section.name).to_string();
            if !self.known.contains(&name.as_str()) {
                let message = format!("a {} has no section `{name}`", self.noun);
                let problem = self
                    .problem(Code::UnknownSection, section.name, message)
                    .expected(self.known.join(", "))
                    .nearest_of(&name, self.known.iter().copied());
                self.problems.push(problem);
            } else if let Some(first) = kept.iter().find(|other| self.slice(&other.name) == name) {
                let first = self.text.span(first.name.clone());
                let message = format!("section `{name}` stands twice");
                let problem = self.problem(Code::DuplicateField, section.name, message);
                self.problems.push(problem.related(first, "first here"));
            } else {
                kept.push(section);
            }
        }
        kept
    }

    /// A value in which nothing is filled in.
    pub(super) fn parse_plain<T: DeserializeOwned>(&mut self, place: &Range<usize>) -> Option<T> {
        match ron_options().from_str(self.slice(place)) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(explain(self.text, place, place, &error));
                None
            }
        }
    }
}
