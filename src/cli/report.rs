//! `linchpin report`: many answers in one page.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::query::Query;
use crate::report::{self, Dataset, ReportError};

use super::exit::{Exit, Stop};
use super::library::QueryFolder;
use super::session::Session;

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
        let options = report::Options {
            title: self.title.clone(),
            scope: session.options.scope.clone(),
            command: Some(session.command.clone()),
            note: opened.home.note(),
            option: opened.home.option(),
            others: others(session, &queries),
        };
        let summary = report::write(&folder, &opened.graph, &queries, &options)?;
        options.note.iter().for_each(|note| session.note(note));
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

/// The datasets that queries name instead of the usual one, or why they are not at hand.
fn others(session: &Session, queries: &[Query]) -> BTreeMap<String, Result<Dataset, String>> {
    let mut others = BTreeMap::new();
    for query in queries {
        let Some(name) = query.graph.as_ref().filter(|name| !others.contains_key(*name)) else { continue };
        let opened = session.open_for(query).map_err(|stop| stop.message);
        let dataset = opened.map(|opened| Dataset { option: opened.home.option(), graph: opened.graph });
        others.insert(name.clone(), dataset);
    }
    others
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
