//! `linchpin completions`: what a shell needs to complete commands and options.

use clap_complete::Shell;

use super::exit::{Exit, Stop};
use super::session::Session;

/// Print completions for a shell.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin completions bash > ~/.local/share/bash-completion/completions/linchpin
  linchpin completions zsh > ~/.zfunc/_linchpin
  linchpin completions fish > ~/.config/fish/completions/linchpin.fish")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    /// Prints them.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("completions")?;
        let mut bytes = Vec::new();
        clap_complete::generate(self.shell, &mut super::command(), "linchpin", &mut bytes);
        session.write(&bytes)?;
        Ok(Exit::Ok)
    }
}
