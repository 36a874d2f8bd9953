//! `linchpin init`: a small commented dataset to start from.

use std::fs;
use std::path::{Path, PathBuf};

use super::exit::{Exit, Stop};
use super::output;
use super::repeat::quoted;
use super::session::Session;

/// Start a dataset.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Example:
  linchpin init my-economy

Writes two commented files, economy.ron and sources.ron, into a new or empty folder.")]
pub struct Init {
    /// The folder to make; it must not hold anything yet
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// The files by name.
const FILES: &[(&str, &str)] =
    &[("economy.ron", include_str!("economy.ron")), ("sources.ron", include_str!("sources.ron"))];

impl Init {
    /// Writes the files and says what to do next.
    ///
    /// # Errors
    /// The folder holds something, or cannot be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a new dataset")?;
        let folder = &self.folder;
        refuse_unless_empty(folder)?;
        let fail = |error: std::io::Error| Stop::failed(format!("cannot make {}: {error}", folder.display()));
        fs::create_dir_all(folder).map_err(fail)?;
        for (name, text) in FILES {
            output::to_file(&folder.join(name), text.as_bytes())?;
            session.note(&format!("wrote {}", folder.join(name).display()));
        }
        let graph = quoted(&folder.to_string_lossy());
        let graph = if graph.starts_with('-') { format!("./{graph}") } else { graph };
        let next = format!(
            "Next:\n\
             \x20 linchpin check {graph}\n\
             \x20 linchpin exposure --of north-lab --graph {graph}\n\
             \x20 linchpin lock-in --graph {graph}\n\
             \x20 linchpin shock --fail the-foundry=50% --graph {graph}\n\
             Then put your own facts into {graph}/economy.ron.\n"
        );
        if !session.options.quiet {
            session.write(next.as_bytes())?;
        }
        Ok(Exit::Ok)
    }
}

/// A folder that is not there, or that holds nothing.
fn refuse_unless_empty(folder: &Path) -> Result<(), Stop> {
    if !folder.exists() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)
        .map_err(|error| Stop::usage(format!("{} is not a folder: {error}", folder.display())))?;
    match entries.next() {
        None => Ok(()),
        Some(_) => {
            Err(Stop::usage(format!("{} is not empty; expected a new or an empty folder", folder.display())))
        }
    }
}
