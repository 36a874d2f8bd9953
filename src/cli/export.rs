//! `linchpin export`: the dataset as one file, whole or as it stood on a day.

use crate::dataset::{PlainGraph, snapshot, to_ron};
use crate::scope::ScopeSpec;

use super::exit::{Exit, Stop};
use super::session::Session;

/// Write the dataset as one file.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin export -o economy.ron
  linchpin export --as-of 2026-03-31 -o before-the-deal.ron
  linchpin export --what-if aws-shifts-to-trainium -o shifted.ron
  linchpin export --to graphml -o economy.graphml

As RON the file is a dataset: it reads back to the same content hash. With --as-of it holds what is valid on
that day, at the status reached by then; with --min-confidence what is at least as sure.")]
pub struct Export {
    /// The form of the file [default: what its name says, else ron]
    #[arg(long, value_enum, value_name = "FORM")]
    to: Option<Form>,
}

/// The form of an exported dataset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    /// A dataset in one file, nothing lost
    Ron,
    /// Nodes and edges for other graph programs
    Graphml,
    /// Entities as a CSV table
    Nodes,
    /// Relations between two entities as a CSV table
    Edges,
}

impl Export {
    /// Writes the dataset.
    ///
    /// # Errors
    /// As the dataset and the output say; a dataset of bulk tables cannot be written as records.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("an export")?;
        let scope = &session.options.scope;
        if !scope.status.is_empty() {
            return Err(Stop::usage(
                "--status: an export keeps deals of every status; ask the exported dataset with --status",
            ));
        }
        let opened = session.open()?;
        let mut facts = opened.graph.facts().clone();
        if scope.as_of.is_some() || scope.min_confidence.is_some() {
            facts = snapshot(&facts, &session.scope(&opened.graph, &ScopeSpec::default())?);
        }
        let form = self.form(session);
        let text = match form {
            Form::Ron => to_ron(&facts).map_err(|error| Stop::failed(error.to_string()))?,
            other => {
                let plain = PlainGraph::new(&facts);
                plain.lost.iter().for_each(|lost| session.note(lost));
                match other {
                    Form::Nodes => plain.nodes_csv(),
                    Form::Edges => plain.edges_csv(),
                    _ => plain.graphml(),
                }
            }
        };
        session.write(text.as_bytes())?;
        if form == Form::Ron {
            session.note(&format!("content hash {}", facts.content_hash()));
        }
        Ok(Exit::Ok)
    }

    fn form(&self, session: &Session) -> Form {
        let file = session.options.output_file().and_then(|path| path.extension()).and_then(|e| e.to_str());
        self.to.unwrap_or(match file {
            Some("graphml" | "xml") => Form::Graphml,
            _ => Form::Ron,
        })
    }
}
