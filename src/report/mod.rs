//! Many answers bound into one document: a page that needs nothing else, with its tables and figures beside.
//!
//! [`bind`] makes the files, [`write()`] puts them into a folder. The same graph and queries give the same
//! bytes; a report holds no time of writing. Reads no dataset and no query file.

mod evidence;
mod folder;
mod page;
mod section;
mod slug;
mod sources;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::graph::Graph;
use crate::query::Query;
use crate::scope::ScopeSpec;

pub use folder::{Files, MANIFEST};

/// What a report is made with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The headline; the dataset's title where not given.
    pub title: Option<String>,
    /// What counts instead of the queries' own scopes.
    pub scope: ScopeSpec,
    /// The command line that makes the report, printed in it.
    pub command: Option<String>,
    /// What the reader should know about where the data came from, such as that it is the built-in dataset.
    pub note: Option<String>,
    /// The option that names the dataset on a command line, where it is not the usual one.
    pub option: Option<String>,
    /// The datasets that queries name instead, or why there is none of that name.
    pub others: BTreeMap<String, Result<Dataset, String>>,
}

/// A dataset beside the one that the report is about.
#[derive(Clone, Debug)]
pub struct Dataset {
    /// The dataset.
    pub graph: Graph,
    /// The option that names it on a command line.
    pub option: Option<String>,
}

/// What became of a report.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    /// The page.
    pub index: PathBuf,
    /// How many files there are, the page included.
    pub files: usize,
    /// How many queries are answered.
    pub answered: usize,
    /// Queries that the dataset cannot answer, and why. The report says so too.
    pub unanswered: Vec<(String, String)>,
    /// Figures that could not be drawn or are hard to read: the query and what is wrong.
    pub warnings: Vec<(String, String)>,
}

/// Why there is no report.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// There is nothing to ask.
    #[error("there are no queries to report on")]
    NoQueries,
    /// No query has an answer.
    #[error("the dataset answers none of the queries: {}", list(.0))]
    NoAnswers(Vec<(String, String)>),
    /// The folder holds something that no report put there.
    #[error("{} is not replaced: {}", .dir.display(), foreign(.found))]
    NotOurs {
        /// The folder.
        dir: PathBuf,
        /// A file that no report put there.
        found: Option<String>,
    },
    /// The folder is the one that the program runs in.
    #[error("{} is the folder that this runs in; name another one, such as {}", .0.display(), .0.join("report").display())]
    Current(PathBuf),
    /// A file could not be written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What happened.
        source: std::io::Error,
    },
    /// The page could not be put together.
    #[error("the page could not be written: {0}")]
    Page(String),
}

fn list(reasons: &[(String, String)]) -> String {
    reasons.iter().map(|(query, reason)| format!("{query}: {reason}")).collect::<Vec<_>>().join("; ")
}

fn foreign(found: &Option<String>) -> String {
    match found {
        Some(file) => format!("{file} in it is no part of a report; move it, or name another folder"),
        None => "it is not a report of ours; name another folder, or an empty one".to_string(),
    }
}

/// The files of a report, and what became of it.
///
/// # Errors
/// No queries, or none with an answer.
pub fn bind(graph: &Graph, queries: &[Query], options: &Options) -> Result<(Files, Summary), ReportError> {
    if queries.is_empty() {
        return Err(ReportError::NoQueries);
    }
    let bound = section::bind(graph, queries, options);
    if bound.sections.is_empty() {
        return Err(ReportError::NoAnswers(bound.unanswered));
    }
    page::files(graph, options, bound)
}

/// Writes a report into a folder. A report that is there is replaced; any other content is left alone.
///
/// # Errors
/// No queries, or none with an answer; a folder that holds something else; a disk that cannot be written.
pub fn write(
    dir: &Path,
    graph: &Graph,
    queries: &[Query],
    options: &Options,
) -> Result<Summary, ReportError> {
    let (files, mut summary) = bind(graph, queries, options)?;
    folder::replace(dir, &files)?;
    summary.index = dir.join("index.html");
    summary.files = files.len();
    Ok(summary)
}
