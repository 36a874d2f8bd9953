//! `linchpin man`: manual pages, from the same words as the help.

use super::exit::{Exit, Stop};
use super::session::Session;
use crate::graph::nearest;

/// Print the manual page, of the program or of one command.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin man | man -l -
  linchpin man concentration -o linchpin-concentration.1")]
pub struct Man {
    /// The command; the program where not given
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    /// Prints it.
    ///
    /// # Errors
    /// No such command, or it cannot be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a manual page")?;
        let mut whole = super::command();
        whole.build();
        let page = match &self.command {
            None => whole,
            Some(name) => {
                let names: Vec<&str> = whole.get_subcommands().map(clap::Command::get_name).collect();
                let Some(found) = whole.find_subcommand(name) else {
                    let near = nearest(name, names.iter().copied());
                    let near = if near.is_empty() { names.join(", ") } else { near.join(" or ") };
                    return Err(Stop::usage(format!("there is no command {name:?}; there is {near}")));
                };
                found.clone()
            }
        };
        let mut bytes = Vec::new();
        clap_mangen::Man::new(page)
            .render(&mut bytes)
            .map_err(|error| Stop::failed(format!("cannot write the page: {error}")))?;
        session.write(&bytes)?;
        Ok(Exit::Ok)
    }
}
