//! Files → queries. Every section is read by itself, so that all problems of all files come out in one run.

use std::ops::Range;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::DeserializeOwned;

use super::sheet::File;
use super::stories::{self, Folder};
use super::substitute::{self, Filled, fill};
use super::{Loaded, Query, Saved, Show};
use crate::analysis::{Ask, ron_options};
use crate::dataset::reading::{Groups, Lexer, Origin, Section, Text, entries, explain, items, text_of};
use crate::dataset::{Code, Diagnostic, Span};
use crate::model::PartialDate;
use crate::order::Arrange;
use crate::scope::ScopeSpec;
use crate::uncertainty::Uncertainty;

/// The sections of a file.
const SECTIONS: &[&str] =
    &["title", "question", "chapter", "order", "graph", "set", "scope", "uncertainty", "ask", "show"];

/// Reads every file. `prefix` is put before the names of files in messages.
pub fn read(origin: &Origin, prefix: &str) -> Loaded {
    let mut loaded = Loaded::default();
    let listing = origin.list();
    let full = |name: &str| Arc::<str>::from(format!("{prefix}{name}"));
    for (name, why) in listing.unreadable {
        let name: Arc<str> = if name.starts_with(prefix) { name } else { full(&name) };
        let problem =
            Diagnostic::new(Code::Unreadable, Span::file(&name), format!("cannot read `{name}`: {why}"));
        loaded.diagnostics.push(problem);
    }
    for name in listing.names {
        let path = full(&name);
        let text = match text_of(origin, &name) {
            Ok(text) => text,
            Err(problem) => {
                let mut problem = *problem;
                problem.span.file = path;
                loaded.diagnostics.push(problem);
                continue;
            }
        };
        let text = Text::new(path.clone(), text);
        let read = match Folder::of(&name) {
            Folder::Scenarios => stories::scenario(&text).map(|told| loaded.stories.scenarios.push(told)),
            Folder::WhatIfs => stories::what_if(&text).map(|told| loaded.stories.what_ifs.push(told)),
            Folder::Queries => parse(&text, None).map(|query| loaded.queries.push(query)),
        };
        if let Err(problems) = read {
            loaded.diagnostics.extend(problems);
        }
    }
    distinct(&mut loaded.queries, "queries", |query| (&query.name, &query.path), &mut loaded.diagnostics);
    loaded.stories.sort(&mut loaded.diagnostics);
    for query in &mut loaded.queries {
        // a comparison is of other questions, whose scenarios must stand in their places before
        loaded.stories.fill_ask(&mut query.ask);
    }
    let question = |query: &Query| Saved {
        name: query.name.clone(),
        path: query.path.clone(),
        told: (query.ask.clone(), query.scope.clone()),
    };
    loaded.stories.questions = loaded.queries.iter().map(question).collect();
    let held = Arc::new(loaded.stories.clone());
    loaded.queries.iter_mut().for_each(|query| query.fill(&held));
    loaded
}

/// Puts saved things into the order of their names; of two that are named alike the first by path stays.
pub(super) fn distinct<T>(
    list: &mut Vec<T>,
    what: &str,
    name: impl Fn(&T) -> (&String, &String),
    problems: &mut Vec<Diagnostic>,
) {
    list.arrange(|a, b| name(a).cmp(&name(b)));
    list.dedup_by(|later, first| {
        let ((own, path), (other, there)) = (name(later), name(first));
        if own == other {
            let message = format!("two {what} are named `{own}`");
            let there = Span::file(&Arc::from(there.as_str()));
            let problem = Diagnostic::new(Code::DuplicateId, Span::file(&Arc::from(path.as_str())), message);
            problems.push(problem.related(there, "the other"));
        }
        own == other
    });
}

/// The text of one file.
pub fn file(path: &std::path::Path) -> Result<Text, Vec<Diagnostic>> {
    let shown: Arc<str> = Arc::from(path.to_string_lossy().as_ref());
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let origin = Origin::Path(folder.unwrap_or(std::path::Path::new(".")));
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    match text_of(&origin, &Arc::from(name.as_str())) {
        Ok(text) => Ok(Text::new(shown, text)),
        Err(mut problem) => {
            problem.span.file = shown;
            Err(vec![*problem])
        }
    }
}

/// Reads one file again with other values of its parameters.
pub fn read_again(path: &str, text: &str, set: &IndexMap<String, String>) -> Result<Query, Vec<Diagnostic>> {
    parse(&Text::new(Arc::from(path), text.to_string()), Some(set))
}

/// The name of a file without folders and ending.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".ron").unwrap_or(name)
}

fn parse(text: &Text, set: Option<&IndexMap<String, String>>) -> Result<Query, Vec<Diagnostic>> {
    let mut file =
        File::new(text, "query", SECTIONS, "a query has a `title`, a `question` and what to `ask`");
    let query = file.query(set);
    file.finish(query)
}

impl File<'_> {
    fn query(&mut self, overrides: Option<&IndexMap<String, String>>) -> Option<Query> {
        let sections = self.outline()?;
        let all_text = self.text;
        let named = |s: &Section, name: &str| all_text.text.get(s.name.clone()) == Some(name);
        let section = |name: &str| sections.iter().find(|s| named(s, name)).cloned();
        let [title, question, set, scope, ask, show] =
            ["title", "question", "set", "scope", "ask", "show"].map(&section);
        self.parameters(set.as_ref());
        let mut changed = Vec::new();
        for (name, value) in overrides.into_iter().flatten() {
            if let Some(own) = self.set.get_mut(name).filter(|own| *own != value) {
                own.clone_from(value);
                changed.push(name.clone());
            }
        }
        let plain: (Option<String>, Option<String>) = (self.plain(&title), self.plain(&question));
        let title = self.required("title", &title);
        let question = self.required("question", &question);
        let chapter: Option<String> = section("chapter").and_then(|chapter| self.value(&chapter));
        let order: Option<u32> = section("order").and_then(|order| self.value(&order));
        let graph = self.dataset(section("graph").as_ref());
        let spec: Option<ScopeSpec> = match &scope {
            Some(scope) => self.value(scope),
            None => Some(ScopeSpec::default()),
        };
        self.check_day(scope.as_ref(), spec.as_ref());
        let uncertainty = self.how_sure(section("uncertainty").as_ref());
        let ask: Option<Ask> = self.required("ask", &ask);
        let show = match &show {
            Some(show) => self.shown(show),
            None => Show::usual(),
        };
        self.unused(set.as_ref());
        Some(Query {
            name: stem(&self.text.name).to_string(),
            title: title?,
            question: question?,
            chapter,
            order,
            graph,
            set: self.set.clone(),
            scope: spec?,
            uncertainty: uncertainty?,
            ask: ask?,
            show,
            path: self.text.name.to_string(),
            changed,
            plain: (plain.0?, plain.1?),
            text: Arc::from(self.text.text.as_str()),
            stories: Arc::default(),
        })
    }

    /// Reads the parameters and their values.
    fn parameters(&mut self, section: Option<&Section>) {
        let Some(section) = section else { return };
        let (entries, faults) = entries(&self.text.text, &section.value, &Groups::default());
        for fault in faults {
            self.push(Code::Syntax, fault.place, format!("expected {}", fault.expected));
        }
        for entry in entries {
            let key: Option<String> = self.parse_plain(&entry.key);
            let value: Option<String> = self.parse_plain(&entry.value);
            let Some(key) = key else { continue };
            if !substitute::is_name(&key) {
                let message = format!("`{key}` cannot name a parameter");
                let problem = self.problem(Code::BadId, entry.key, message);
                self.problems.push(problem.expected("a letter, then letters, digits and `_`"));
            } else if self.set.contains_key(&key) {
                self.push(Code::DuplicateField, entry.key, format!("parameter `{key}` stands twice"));
            } else {
                // a value that could not be read has been reported; its name is known all the same
                self.set.insert(key, value.unwrap_or_default());
            }
        }
    }

    /// A title or question as written, with the names of parameters.
    fn plain(&self, section: &Option<Section>) -> Option<String> {
        ron_options().from_str(self.slice(&section.as_ref()?.value)).ok()
    }

    fn required<T: DeserializeOwned>(&mut self, name: &str, section: &Option<Section>) -> Option<T> {
        if let Some(section) = section {
            return self.value(section);
        }
        let place = Lexer::new(&self.text.text, 0).next_token().1;
        let problem = self.problem(Code::MissingField, place, format!("the query lacks `{name}`"));
        let example = match name {
            "ask" => "ask: Exposure(to: \"tsmc\")",
            "title" => "title: \"Who hangs on TSMC\"",
            _ => "question: \"Which labs stop if TSMC stops?\"",
        };
        self.problems.push(problem.expected(format!("`{example},`")));
        None
    }

    /// The value of a section with its parameters filled in.
    fn value<T: DeserializeOwned>(&mut self, section: &Section) -> Option<T> {
        self.filled(&section.name, &section.value)
    }

    fn filled<T: DeserializeOwned>(&mut self, name: &Range<usize>, place: &Range<usize>) -> Option<T> {
        let filled = fill(&self.text.text, place, &self.set);
        self.used.extend(filled.used.iter().cloned());
        for (unknown, at) in &filled.unknown {
            let message = format!("`${unknown}` is no parameter of this query");
            let known: Vec<&str> = self.set.keys().map(String::as_str).collect();
            let hint = format!("add it: `set: {{ \"{unknown}\": \"…\" }}`; `$$` writes a dollar sign");
            let problem = self.problem(Code::UnknownField, at.clone(), message);
            self.problems.push(problem.nearest_of(unknown, known).hint(hint));
        }
        match ron_options().from_str(&filled.text) {
            Ok(value) => Some(value),
            Err(error) => {
                self.problems.push(self.explain(name, &filled, &error));
                None
            }
        }
    }

    /// The problem of a filled text at its place in the file.
    fn explain(&self, name: &Range<usize>, filled: &Filled, error: &ron::error::SpannedError) -> Diagnostic {
        let text = Text::new(self.text.name.clone(), filled.text.clone());
        let whole = 0..filled.text.len();
        let mut problem = explain(&text, &(0..0), &whole, error);
        let place = problem.span.start..problem.span.end;
        let written =
            if place.is_empty() && place.start == 0 { name.clone() } else { filled.place(place.clone()) };
        problem.span = self.text.span(written);
        if filled.is_filled(&place) && problem.hint.is_none() {
            let values: Vec<String> =
                self.set.iter().map(|(name, value)| format!("${name} is {value:?}")).collect();
            problem.hint = Some(format!("with {}", values.join(", ")));
        }
        problem
    }

    /// What is shown, each part read by itself.
    fn shown(&mut self, section: &Section) -> Vec<Show> {
        if !self.slice(&section.value).starts_with('[') {
            let problem = self.problem(Code::WrongType, section.value.clone(), "`show` is not a list");
            self.problems.push(problem.expected("`[Findings, Table(top: 20)]`"));
            return Vec::new();
        }
        let (items, faults) = items(&self.text.text, &section.value);
        for fault in faults {
            self.push(Code::Syntax, fault.place, format!("expected {}", fault.expected));
        }
        items.iter().filter_map(|item| self.filled(item, item)).collect()
    }

    /// The dataset that is asked: a name, not a path, so that a query reaches no other folder of the machine.
    fn dataset(&mut self, section: Option<&Section>) -> Option<String> {
        let section = section?;
        let name: String = self.value(section)?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        if !name.is_empty() && name.chars().all(plain) {
            return Some(name);
        }
        let message = format!("{name:?} cannot name a dataset");
        let problem = self.problem(Code::BadId, section.value.clone(), message);
        let hint = "it is the folder of that name beside the usual dataset";
        self.problems.push(problem.expected("letters, digits, `-` and `_`").hint(hint));
        None
    }

    /// How sure the answer is to be; the options must make sense.
    fn how_sure(&mut self, section: Option<&Section>) -> Option<Uncertainty> {
        let Some(section) = section else { return Some(Uncertainty::default()) };
        let how: Uncertainty = self.value(section)?;
        if let Err(error) = how.check() {
            let problem = self.problem(Code::WrongType, section.value.clone(), error.to_string());
            self.problems.push(problem);
        }
        Some(how)
    }

    /// The day of the scope must be a date.
    fn check_day(&mut self, section: Option<&Section>, scope: Option<&ScopeSpec>) {
        let (Some(section), Some(Some(day))) = (section, scope.map(|scope| &scope.as_of)) else { return };
        if let Err(error) = day.parse::<PartialDate>() {
            let inside = self.slice(&section.value);
            let found = inside.find("as_of").and_then(|at| Some(at + inside.get(at..)?.find('"')?));
            let start = section.value.start + found.unwrap_or(0);
            let place = Lexer::new(&self.text.text, start).next_token().1;
            let problem = self.problem(Code::BadDate, place, error.to_string());
            self.problems.push(problem.expected("a date such as 2026-07-01, 2026-07 or 2026"));
        }
    }

    /// Parameters must be used.
    fn unused(&mut self, section: Option<&Section>) {
        let Some(section) = section else { return };
        let (entries, _) = entries(&self.text.text, &section.value, &Groups::default());
        for entry in entries {
            let key = self.slice(&entry.key).trim_matches('"').to_string();
            if self.set.contains_key(&key) && !self.used.contains(&key) {
                let problem =
                    self.problem(Code::UnknownField, entry.key, format!("parameter `{key}` is not used"));
                self.problems
                    .push(problem.hint(format!("write `${key}` where its value belongs, or remove it")));
            }
        }
    }
}
