//! `linchpin report`: many answers in one page.

use std::path::PathBuf;

use crate::report::{self, ReportError};

use super::exit::{Exit, Stop};
use super::library::QueryFolder;
use super::session::{Home, Session};

/// Bind the answers to saved questions into one page.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin report                                  all saved queries, into ./report
  linchpin report -o out what-hangs-on-tsmc        one of them

Writes index.html, which needs nothing else, and beside it the tables as CSV and the figures as SVG. A folder
that holds anything but a report is left alone. Prints the name of the page.")]
pub struct Report {
    /// The queries, by name or file; all where none is given
    #[arg(value_name = "QUERY")]
    names: Vec<String>,
    /// The headline
    #[arg(long)]
    title: Option<String>,
    #[command(flatten)]
    from: QueryFolder,
}

/// The folder of a report where none is named.
const FOLDER: &str = "report";

/// Remarks on figures that are told one by one.
const SHOWN: usize = 3;

impl Report {
    /// Writes it.
    ///
    /// # Errors
    /// As the queries, the dataset and the folder say.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a report")?;
        let folder = match &session.options.output {
            Some(path) if path.as_os_str() == "-" => {
                return Err(Stop::usage("--output: a report is a folder, it cannot go to stdout"));
            }
            Some(path) => path.clone(),
            None => PathBuf::from(FOLDER),
        };
        let queries = if self.names.is_empty() {
            let library = self.from.open()?;
            library.all_sound(session)?;
            library.queries
        } else {
            self.names.iter().map(|name| self.from.find(session, name)).collect::<Result<_, _>>()?
        };
        let opened = session.open_plain()?;
        let builtin = opened.home == Home::Builtin;
        let options = report::Options {
            title: self.title.clone(),
            scope: session.options.scope.clone(),
            command: Some(session.command.clone()),
            note: builtin.then(|| Home::BUILTIN_NOTE.to_string()),
        };
        let summary = report::write(&folder, &opened.graph, &queries, &options)?;
        if builtin {
            session.note(Home::BUILTIN_NOTE);
        }
        for (query, why) in summary.unanswered.iter().chain(summary.warnings.iter().take(SHOWN)) {
            session.note(&format!("{query}: {why}"));
        }
        if summary.warnings.len() > SHOWN {
            session.note(&format!("{} more remarks on figures", summary.warnings.len() - SHOWN));
        }
        let all = summary.answered + summary.unanswered.len();
        session.note(&format!("{} of {all} questions answered, {} files", summary.answered, summary.files));
        session.print(&format!("{}\n", summary.index.display()))?;
        let whole = summary.unanswered.is_empty();
        Ok(if session.options.strict && !whole { Exit::Incomplete } else { Exit::Ok })
    }
}

impl From<ReportError> for Stop {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotOurs { .. } | ReportError::Current(_) | ReportError::NoQueries => {
                Self::usage(error.to_string())
            }
            ReportError::NoAnswers(_) | ReportError::Io { .. } | ReportError::Page(_) => {
                Self::failed(error.to_string())
            }
        }
    }
}
