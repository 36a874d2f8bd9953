//! Saved questions: RON files → [`Query`] → answer. The only reader of query files.
//!
//! ```ron
//! (
//!     title: "Who hangs on $who",
//!     question: "Which labs stop, and for want of what, if $who stops?",
//!     set: { "who": "tsmc" },
//!     scope: (as_of: "2026-07-01", status: [Signed, Funded, Delivered]),
//!     ask: Exposure(to: "$who", kinds: ["lab"]),
//!     show: [Findings, Table(top: 20), Diagram(SupplyMap(focus: "$who"))],
//! )
//! ```
//!
//! `title`, `question` and `ask` are required; `chapter` and `order` say where in a report it stands; `graph` names another
//! dataset to ask, the folder of that name beside the usual one; `uncertainty: (draws: 1000, what_moves: true)` says how sure its
//! numbers are. `$name` inside a text stands for the value of that parameter;
//! in titles and questions the names of entities and products are printed for their keys.
//!
//! The folder `scenarios/` beside the queries holds a scenario a file, `what-ifs/` a patch a file. Queries name them; the name is
//! replaced by what it stands for before the question is asked, so that an answer repeats without the file.

mod read;
mod sheet;
mod show;
mod stories;
mod substitute;
mod write;

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;

use crate::analysis::{AnalysisError, Ask, Observer, Unobserved, View, ron_options};
use crate::answer::{Answer, Provenance};
use crate::dataset::reading::Origin;
use crate::dataset::{Diagnostic, PatchErrors, patched, render_all};
use crate::graph::{Graph, nearest};
use crate::model::DateError;
use crate::order::Arrange;
use crate::scenario::Scenario;
use crate::scope::ScopeSpec;
use crate::uncertainty::Uncertainty;
use crate::what_if::WhatIf;

pub use show::{Show, ShowTable};
pub use stories::{Saved, Stories};

/// A saved question.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The name of its file without the ending.
    pub name: String,
    /// A heading; parameters stand as keys of the graph, see [`Query::words`].
    pub title: String,
    /// What is asked, in words.
    pub question: String,
    /// The chapter of a report that it belongs to.
    pub chapter: Option<String>,
    /// Where in a report it stands, lowest first; without one it comes last.
    pub order: Option<u32>,
    /// The dataset to ask where it is not the usual one: the name of a folder beside that.
    pub graph: Option<String>,
    /// Parameters and their values, in the order of the file.
    pub set: IndexMap<String, String>,
    /// Which part of the graph counts.
    pub scope: ScopeSpec,
    /// How sure the answer is to be: draws, what moves its numbers.
    pub uncertainty: Uncertainty,
    /// The analysis and its parameters.
    pub ask: Ask,
    /// What to show of the answer.
    pub show: Vec<Show>,
    /// The file, as it was named to the reader.
    pub path: String,
    /// Parameters whose values differ from those in the file.
    changed: Vec<String>,
    /// Title and question with `$name` in them.
    plain: (String, String),
    /// The file's text, for other values of the parameters; empty where the query was never a file.
    text: Arc<str>,
    /// The scenarios and what-ifs that its names stand for.
    stories: Arc<Stories>,
}

/// What a reading gives: every query that is sound, and all problems of all files.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The queries in the order of their names.
    pub queries: Vec<Query>,
    /// The scenarios and what-ifs.
    pub stories: Stories,
    /// All problems, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Why parameters could not be set.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SetError {
    /// The query has no such parameter.
    #[error("query {query} has no parameter {name:?}; {}", known_words(.known))]
    Unknown {
        /// The query.
        query: String,
        /// The parameter asked for.
        name: String,
        /// The parameters there are.
        known: Vec<String>,
    },
    /// With these values the query makes no sense.
    #[error("{}", render_all(.0, false).trim_end())]
    Invalid(Vec<Diagnostic>),
}

fn known_words(known: &[String]) -> String {
    if known.is_empty() { "it has none".to_string() } else { format!("it has {}", known.join(", ")) }
}

/// Why a query has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The analysis cannot answer.
    #[error(transparent)]
    Analysis(#[from] AnalysisError),
    /// The day is not a date.
    #[error(transparent)]
    Date(#[from] DateError),
    /// A what-if cannot be made.
    #[error(transparent)]
    WhatIf(#[from] PatchErrors),
    /// The query shows a table that the answer does not have.
    #[error("the answer has no table {name:?}; it has {}", .known.join(", "))]
    NoTable {
        /// The name in the query.
        name: String,
        /// The tables there are.
        known: Vec<String>,
    },
}

/// Reads every query of a folder, or one file.
pub fn load_dir(path: &Path) -> Loaded {
    let shown = path.to_string_lossy();
    let shown = shown.trim_end_matches(['/', '\\']);
    let prefix = if path.is_dir() { format!("{shown}/") } else { parent(shown) };
    read::read(&Origin::Path(path), &prefix)
}

/// Reads one query file.
pub fn load_file(path: &Path) -> Loaded {
    load_dir(path)
}

/// Reads one file with a scenario.
///
/// # Errors
/// All problems of the file.
pub fn load_scenario(path: &Path) -> Result<Saved<Scenario>, Vec<Diagnostic>> {
    stories::scenario(&read::file(path)?)
}

/// Reads one file with a what-if.
///
/// # Errors
/// All problems of the file.
pub fn load_what_if(path: &Path) -> Result<Saved<WhatIf>, Vec<Diagnostic>> {
    stories::what_if(&read::file(path)?)
}

/// Reads queries that are compiled into the program: names and texts of their files.
pub fn load_embedded(files: &[(&str, &str)]) -> Loaded {
    read::read(&Origin::Embedded(files), "")
}

/// The folder part of a path, with its slash.
fn parent(path: &str) -> String {
    path.rfind(['/', '\\']).and_then(|at| path.get(..=at)).unwrap_or_default().to_string()
}

impl Query {
    /// A question that was put together elsewhere, as a command line does.
    pub fn new(name: &str, title: &str, question: &str, ask: Ask, scope: ScopeSpec) -> Self {
        Self {
            name: name.to_string(),
            title: title.to_string(),
            question: question.to_string(),
            chapter: None,
            order: None,
            graph: None,
            set: IndexMap::new(),
            scope,
            uncertainty: Uncertainty::default(),
            ask,
            show: Show::usual(),
            path: String::new(),
            changed: Vec::new(),
            plain: (substitute::escape(title), substitute::escape(question)),
            text: Arc::from(""),
            stories: Arc::default(),
        }
    }

    /// The same query with other values of its parameters.
    ///
    /// # Errors
    /// Parameters that it does not have; values with which it makes no sense.
    pub fn with(&self, set: &[(String, String)]) -> Result<Self, SetError> {
        if set.is_empty() {
            return Ok(self.clone());
        }
        let mut values = self.set.clone();
        for (name, value) in set {
            match values.get_mut(name) {
                Some(old) => *old = value.clone(),
                None => {
                    let mut known: Vec<String> = self.set.keys().cloned().collect();
                    let near = nearest(name, self.set.keys().map(String::as_str));
                    known.arrange_by_key(|key| near.iter().position(|n| n == key).unwrap_or(usize::MAX));
                    return Err(SetError::Unknown { query: self.name.clone(), name: name.clone(), known });
                }
            }
        }
        let mut query = read::read_again(&self.path, &self.text, &values).map_err(SetError::Invalid)?;
        query.fill(&self.stories);
        Ok(query)
    }

    /// Puts scenarios and what-ifs in place of the names that stand for them, where these are known. Names that are
    /// left may be of the dataset's own scenarios.
    pub fn fill(&mut self, stories: &Arc<Stories>) {
        stories.fill_scope(&mut self.scope);
        stories.fill_ask(&mut self.ask);
        for show in &mut self.show {
            if let Show::Diagram(draw) = show {
                draw.mentions().into_iter().for_each(|mention| stories.fill_mention(mention));
            }
        }
        self.stories = stories.clone();
    }

    /// Title and question, with the names of entities and products in place of their keys.
    pub fn words(&self, graph: &Graph) -> (String, String) {
        let name = |parameter: &str| {
            let value = self.set.get(parameter)?;
            let entity = graph.find_entity(value).ok().map(|id| graph.entity(id).name.clone());
            let product = || graph.find_product(value).ok().map(|id| graph.product(id).name.clone());
            Some(entity.or_else(product).unwrap_or_else(|| value.clone()))
        };
        (substitute::expand(&self.plain.0, name), substitute::expand(&self.plain.1, name))
    }

    /// The graph as the what-ifs of the query or of `overrides` make it; nothing where there are none.
    ///
    /// # Errors
    /// A what-if that cannot be made.
    pub fn patched(&self, graph: &Graph, overrides: &ScopeSpec) -> Result<Option<Graph>, PatchErrors> {
        let what_ifs = overrides.or(&self.scope).what_if;
        if what_ifs.is_empty() { Ok(None) } else { patched(graph, &what_ifs).map(Some) }
    }

    /// The view of a graph, patched where the query says so, that the query has; `overrides` count where they say something.
    ///
    /// # Errors
    /// A day that is not a date.
    pub fn view<'g>(&self, graph: &'g Graph, overrides: &ScopeSpec) -> Result<View<'g>, DateError> {
        let scope = overrides.or(&self.scope).resolve(graph.default_as_of())?;
        Ok(View { graph, scope })
    }

    /// Answers the query. Title and question of the answer are the query's own.
    ///
    /// # Errors
    /// Unknown keys, what-ifs that cannot be made, nothing to answer with, or a table to show that the answer does not
    /// have.
    pub fn run(&self, graph: &Graph, overrides: &ScopeSpec) -> Result<(Answer, Provenance), RunError> {
        self.run_observed(graph, overrides, &Unobserved)
    }

    /// The same, telling an observer how far it has come.
    ///
    /// # Errors
    /// As [`Query::run`].
    pub fn run_observed(
        &self,
        graph: &Graph,
        overrides: &ScopeSpec,
        observer: &dyn Observer,
    ) -> Result<(Answer, Provenance), RunError> {
        let what_if = self.patched(graph, overrides)?;
        let view = self.view(what_if.as_ref().unwrap_or(graph), overrides)?;
        let mut answer = self.ask.run_how_sure(&view, &self.uncertainty, observer)?;
        (answer.title, answer.question) = self.words(graph);
        for show in &self.show {
            if let Show::Table(ShowTable { name: Some(name), .. }) = show
                && answer.table(name).is_none()
            {
                let known = answer.tables.iter().map(|table| table.name.clone()).collect();
                return Err(RunError::NoTable { name: name.clone(), known });
            }
        }
        let mut provenance = view.provenance(&self.ask, self.command(overrides), self.uncertainty.seed);
        provenance.uncertainty = how_sure(&self.uncertainty);
        Ok((answer, provenance))
    }

    /// The command line that gives the same answer.
    pub fn command(&self, overrides: &ScopeSpec) -> String {
        let mut command = format!("linchpin run {}", quoted(&self.name));
        for name in &self.changed {
            let value = self.set.get(name).map(String::as_str).unwrap_or_default();
            command.push_str(&format!(" --set {}", quoted(&format!("{name}={value}"))));
        }
        for what_if in &overrides.what_if {
            command.push_str(&format!(" --what-if {}", quoted(&what_if.word())));
        }
        if let Some(as_of) = &overrides.as_of {
            command.push_str(&format!(" --as-of {}", quoted(as_of)));
        }
        if !overrides.status.is_empty() {
            let status: Vec<String> =
                overrides.status.iter().map(|status| format!("{status:?}").to_lowercase()).collect();
            command.push_str(&format!(" --status {}", status.join(",")));
        }
        if let Some(confidence) = overrides.min_confidence {
            command.push_str(&format!(" --min-confidence {}", format!("{confidence:?}").to_lowercase()));
        }
        if let Some(months) = overrides.stale_after {
            command.push_str(&format!(" --stale-after {months}"));
        }
        command
    }
}

/// How sure an answer is asked to be, as a query writes it; nothing where that is not asked.
pub fn how_sure(uncertainty: &Uncertainty) -> Option<String> {
    uncertainty.is_asked().then(|| ron_options().to_string(uncertainty).unwrap_or_default())
}

/// A word for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests;
