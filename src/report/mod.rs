//! Many answers bound into one document: a page that needs nothing else, Markdown, a PDF, a workbook.
//!
//! [`ask`] asks the queries, and [`Asked`] makes the files of a folder, puts them there or makes one form alone; [`bind`], [`write()`] and
//! [`single`] do both. The same graph and queries give the same bytes; a report holds no time of writing. Reads no dataset and no query
//! file.

mod asked;
mod document;
mod evidence;
mod folder;
mod markdown;
mod page;
#[cfg(feature = "render")]
mod pdf;
mod section;
mod slug;
mod sources;
mod tables;
mod template;
#[cfg(feature = "xlsx")]
mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::graph::Graph;
use crate::observer::{Observer, Unobserved};
use crate::query::Query;
use crate::scope::ScopeSpec;

use document::Document;

pub use folder::{Files, MANIFEST};
pub use template::{BUILT_IN, Chapter, Template};

/// A form of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A page for a browser.
    Html,
    /// Text in Markdown.
    Markdown,
    /// Pages for print.
    Pdf,
    /// A workbook for spreadsheets.
    Xlsx,
}

impl Form {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Html, Self::Markdown, Self::Pdf, Self::Xlsx];

    /// How the names of such files end.
    pub fn ending(self) -> &'static str {
        match self {
            Self::Html => "html",
            Self::Markdown => "md",
            Self::Pdf => "pdf",
            Self::Xlsx => "xlsx",
        }
    }

    /// The file in the folder of a report.
    fn file(self) -> &'static str {
        match self {
            Self::Html => "index.html",
            Self::Markdown => "report.md",
            Self::Pdf => "report.pdf",
            Self::Xlsx => "report.xlsx",
        }
    }

    /// What it is, in a word.
    fn word(self) -> &'static str {
        match self {
            Self::Html => "page",
            Self::Markdown => "Markdown",
            Self::Pdf => "PDF",
            Self::Xlsx => "workbook",
        }
    }
}

/// What a report is made with.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The headline; that of the template, or the dataset's title, where not given.
    pub title: Option<String>,
    /// What the report holds, and in which order.
    pub template: Template,
    /// Forms beside the page in the folder of the report.
    pub also: Vec<Form>,
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
    /// A form could not be put together.
    #[error("the {} could not be written: {reason}", .form.word())]
    Form {
        /// Which.
        form: Form,
        /// Why.
        reason: String,
    },
    /// The program was built without a form.
    #[error("this program was built without the form {}: it needs the feature `{}`", .0.ending(), feature(*.0))]
    NotBuilt(Form),
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

fn feature(form: Form) -> &'static str {
    if form == Form::Xlsx { "xlsx" } else { "render" }
}

/// A report whose questions are answered and whose figures are drawn, before it takes a form.
pub struct Asked<'r> {
    graph: &'r Graph,
    options: &'r Options,
    queries: Vec<Query>,
    answers: Vec<Result<asked::Answered, String>>,
}

/// Asks the queries that the template chooses and draws their figures: side by side, or shared with other processes where the
/// observer knows of some. Cost: that of the answers and figures; all that follows is short.
pub fn ask<'r>(
    graph: &'r Graph,
    queries: &[Query],
    options: &'r Options,
    observer: &dyn Observer,
) -> Asked<'r> {
    let queries = options.template.choose(queries);
    let answers = asked::ask(graph, &queries, options, observer);
    Asked { graph, options, queries, answers }
}

impl Asked<'_> {
    /// The files of a report, and what became of it.
    ///
    /// # Errors
    /// No queries, or none with an answer; a form that cannot be made.
    pub fn bind(self) -> Result<(Files, Summary), ReportError> {
        let (graph, options) = (self.graph, self.options);
        let mut bound = self.sections()?;
        let mut files = std::mem::take(&mut bound.files);
        let mut warnings = std::mem::take(&mut bound.warnings);
        let document = Document::new(graph, options, &bound);
        let mut forms: Vec<Form> = options.also.clone();
        forms.push(Form::Html);
        forms.sort_unstable();
        forms.dedup();
        for form in &forms {
            let (bytes, warning) = make(&document, *form, Some(&forms))?;
            files.insert(form.file().to_string(), bytes);
            warnings.extend(warning);
        }
        let summary = Summary {
            files: files.len(),
            answered: bound.sections.len(),
            unanswered: bound.unanswered,
            warnings,
            ..Summary::default()
        };
        Ok((files, summary))
    }

    /// One form alone, without files beside it.
    ///
    /// # Errors
    /// As [`Asked::bind`].
    pub fn single(self, form: Form) -> Result<(Vec<u8>, Summary), ReportError> {
        let (graph, options) = (self.graph, self.options);
        let mut bound = self.sections()?;
        let mut warnings = std::mem::take(&mut bound.warnings);
        let (bytes, warning) = make(&Document::new(graph, options, &bound), form, None)?;
        warnings.extend(warning);
        let answered = bound.sections.len();
        let summary =
            Summary { files: 1, answered, unanswered: bound.unanswered, warnings, ..Summary::default() };
        Ok((bytes, summary))
    }

    /// Writes a report into a folder. A report that is there is replaced; any other content is left alone.
    ///
    /// # Errors
    /// As [`Asked::bind`]; a folder that holds something else; a disk that cannot be written.
    pub fn write(self, dir: &Path) -> Result<Summary, ReportError> {
        let (files, mut summary) = self.bind()?;
        folder::replace(dir, &files)?;
        summary.index = dir.join("index.html");
        summary.files = files.len();
        Ok(summary)
    }

    fn sections(self) -> Result<section::Bound, ReportError> {
        if self.queries.is_empty() {
            return Err(ReportError::NoQueries);
        }
        let bound = section::bind(&self.queries, self.answers, self.options);
        if bound.sections.is_empty() { Err(ReportError::NoAnswers(bound.unanswered)) } else { Ok(bound) }
    }
}

/// The files of a report, and what became of it.
///
/// # Errors
/// As [`Asked::bind`].
pub fn bind(graph: &Graph, queries: &[Query], options: &Options) -> Result<(Files, Summary), ReportError> {
    ask(graph, queries, options, &Unobserved).bind()
}

/// One form alone, without files beside it.
///
/// # Errors
/// As [`Asked::single`].
pub fn single(
    graph: &Graph,
    queries: &[Query],
    options: &Options,
    form: Form,
) -> Result<(Vec<u8>, Summary), ReportError> {
    ask(graph, queries, options, &Unobserved).single(form)
}

/// Writes a report into a folder.
///
/// # Errors
/// As [`Asked::write`].
pub fn write(
    dir: &Path,
    graph: &Graph,
    queries: &[Query],
    options: &Options,
) -> Result<Summary, ReportError> {
    ask(graph, queries, options, &Unobserved).write(dir)
}

/// The bytes of one form of a document, and a warning about it: where, and what.
type Made = (Vec<u8>, Option<(String, String)>);

/// One form of a document; `beside` are the forms of the folder that it stands in, where it stands in one. With what a
/// reader should know about it.
fn make(document: &Document<'_>, form: Form, beside: Option<&[Form]>) -> Result<Made, ReportError> {
    let failed = |reason: String| ReportError::Form { form, reason };
    match form {
        Form::Html => {
            let others = beside.unwrap_or_default().iter().filter(|other| **other != Form::Html);
            let others: Vec<(&str, &str)> = others.map(|other| (other.file(), other.word())).collect();
            let page = page::page(document, beside.is_some(), &others);
            page.map(|page| (page.into_bytes(), None)).map_err(|error| failed(error.to_string()))
        }
        Form::Markdown => Ok((markdown::markdown(document, beside.is_some()).into_bytes(), None)),
        #[cfg(feature = "render")]
        Form::Pdf => {
            let made = pdf::pdf(document, beside.is_some()).map_err(failed)?;
            let missing: String = made.missing.into_iter().collect();
            let warning = crate::diagram::Warning::MissingGlyphs(missing.clone()).to_string();
            Ok((made.bytes, (!missing.is_empty()).then(|| ("PDF".to_string(), warning))))
        }
        #[cfg(feature = "xlsx")]
        Form::Xlsx => {
            let made = workbook::workbook(document).map_err(|error| failed(error.to_string()))?;
            Ok((made, None))
        }
        #[cfg(not(all(feature = "render", feature = "xlsx")))]
        _ => Err(ReportError::NotBuilt(form)),
    }
}
