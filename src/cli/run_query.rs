//! `linchpin run`: asks a saved question.

use crate::query::{RunError, SetError, Show};
use crate::uncertainty::Uncertainty;

use super::ask::through_time;
use super::exit::{Exit, Stop};
use super::library::QueryFolder;
use super::print;
use super::session::Session;

/// Ask a saved question.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin run what-hangs-on-tsmc
  linchpin run what-hangs-on-tsmc --set who=asml
  linchpin run my/question.ron --as-of 2025-12-31

`linchpin list queries` lists the names and their parameters; --save on any analysis makes a new one.")]
pub struct Run {
    /// Name of a saved query, or a file
    #[arg(value_name = "QUERY")]
    query: String,
    /// Another value for a parameter of the query; may be repeated
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_set)]
    set: Vec<(String, String)>,
    /// Ask as of many days and set the answers side by side: 2023..2026, '2023..2026 by quarter'
    #[arg(long, value_name = "FROM..TO")]
    over: Option<String>,
    #[command(flatten)]
    from: QueryFolder,
}

/// A name and its value.
fn parse_set(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err("expected a name and a value, as in who=tsmc".to_string()),
    }
}

impl Run {
    /// Asks it.
    ///
    /// # Errors
    /// As the query, the dataset, the analysis and the output say.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        let mut query = self.from.find(session, &self.query)?.with(&self.set)?;
        session.fill_ask(&mut query.ask)?;
        if let Some(over) = &self.over {
            query.ask = through_time(query.ask, over);
            query.show = Show::usual();
            query.uncertainty = Uncertainty::default();
        }
        let opened = session.open_for(&query)?;
        let overrides = &session.options.scope;
        query.uncertainty = session.options.uncertainty().or(&query.uncertainty);
        let (answer, mut provenance) = {
            let bar = session.bar_for(&query.ask, &query.uncertainty)?;
            query.run_observed(&opened.graph, overrides, &bar)?
        };
        provenance.command = session.command.clone();
        provenance.seed = session.options.seed;
        let mut saved = query;
        saved.scope = overrides.or(&saved.scope);
        print::save(session, &saved)?;
        print::answer(session, &opened, answer, &provenance)
    }
}

impl From<SetError> for Stop {
    fn from(error: SetError) -> Self {
        match error {
            SetError::Unknown { .. } => Self::usage(format!("--set: {error}")),
            SetError::Invalid(_) => {
                Self::usage(format!("--set: with these values the query makes no sense\n{error}"))
            }
        }
    }
}

impl From<RunError> for Stop {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Analysis(error) => error.into(),
            RunError::Date(error) => error.into(),
            RunError::WhatIf(error) => error.into(),
            RunError::NoTable { .. } => Self::invalid(format!("show: {error}")),
        }
    }
}
