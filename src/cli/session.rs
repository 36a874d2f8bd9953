//! What every command works with: the options, the dataset they name, and the two streams.

use std::path::PathBuf;

use crate::analysis::{Ask, View};
use crate::answer::{Provenance, Style};
use crate::dataset::{Diagnostic, Severity, patched, render_all};
use crate::graph::Graph;
use crate::part::Line;
use crate::query::Query;
use crate::scope::{Scope, ScopeSpec};
use crate::uncertainty::Uncertainty;

use super::exit::Stop;
use super::home::Home;
use super::options::Options;
use super::output::{self, Terminal};
use super::progress::Bar;

/// One run of the program.
#[derive(Clone, Debug)]
pub struct Session {
    /// The options that every command takes.
    pub options: Options,
    /// The command line that repeats this run.
    pub command: String,
    /// What the streams can show.
    pub terminal: Terminal,
    /// The days of `--over`, where an analysis is asked through time.
    pub over: Option<String>,
}

/// A checked dataset, and where it comes from.
#[derive(Clone, Debug)]
pub struct Opened {
    /// The dataset.
    pub graph: Graph,
    /// Where it comes from.
    pub home: Home,
}

impl Session {
    /// Where the dataset comes from: as told, or from the working directory, or from the program.
    pub fn home(&self) -> Home {
        Home::usual(self.options.graph().map(PathBuf::as_path))
    }

    /// Shows how far work has come, where somebody looks.
    pub fn bar(&self) -> Bar<'_> {
        Bar::new(self.terminal.stderr_terminal && !self.options.quiet)
    }

    /// The same for a question; a limit of time counts from now on.
    ///
    /// # Errors
    /// A limit of time with a question that does not end early.
    pub fn bar_for(&self, ask: &Ask, how: &Uncertainty) -> Result<Bar<'_>, Stop> {
        let limit = self.options.time_limit;
        if limit.is_some() && !ask.can_stop() && how.draws.is_none() {
            let name = ask.card().name;
            return Err(Stop::usage(format!(
                "--time-limit goes with questions that try one thing after another: systemic-risk, exposure --of, and --draws with any; \
                 {name} ends when it ends"
            )));
        }
        Ok(self.bar().until(limit))
    }

    /// Reads, checks and indexes the dataset, as the what-ifs of the options make it.
    ///
    /// # Errors
    /// Nothing is there, or it has errors, which are then told on stderr; a what-if that cannot be made.
    pub fn open(&self) -> Result<Opened, Stop> {
        self.open_in(None)
    }

    /// The same, where there are other processes the part of it that this one is to hold.
    ///
    /// # Errors
    /// As [`Session::open`]; the others read other data.
    pub fn open_in(&self, line: Option<Line>) -> Result<Opened, Stop> {
        let mut opened = self.open_part(self.home(), line)?;
        let what_ifs = &self.options.scope.what_if;
        if !what_ifs.is_empty() {
            opened.graph = patched(&opened.graph, what_ifs)?;
        }
        Ok(opened)
    }

    /// The same without what-ifs, for questions that make them themselves.
    ///
    /// # Errors
    /// Nothing is there, or it has errors, which are then told on stderr.
    pub fn open_plain(&self) -> Result<Opened, Stop> {
        self.open_at(self.home())
    }

    /// Reads, checks and indexes the dataset that a query asks: the one that it names, or the usual one, without what-ifs.
    ///
    /// # Errors
    /// Nothing is there, or it has errors, which are then told on stderr.
    pub fn open_for(&self, query: &Query) -> Result<Opened, Stop> {
        match &query.graph {
            None => self.open_plain(),
            Some(name) => {
                let home = Home::beside(self.options.graph().map(PathBuf::as_path), name);
                let home = home.map_err(|why| Stop::usage(format!("query {}: {why}", query.name)))?;
                self.open_at(home)
            }
        }
    }

    /// Reads and checks a dataset beside the one that is asked.
    ///
    /// # Errors
    /// Nothing is there, or it has errors, which are then told on stderr.
    pub fn read_dataset(&self, path: &std::path::Path) -> Result<Graph, Stop> {
        self.open_at(Home::Path(path.to_path_buf())).map(|opened| opened.graph)
    }

    /// Reads, checks and indexes a dataset, without what-ifs.
    ///
    /// # Errors
    /// Nothing is there, or it has errors, which are then told on stderr.
    pub fn open_at(&self, home: Home) -> Result<Opened, Stop> {
        self.open_part(home, None)
    }

    fn open_part(&self, home: Home, line: Option<Line>) -> Result<Opened, Stop> {
        let loaded = home.load_in(&self.bar(), line)?;
        let count = |severity| loaded.diagnostics.iter().filter(|d| d.severity == severity).count();
        let Some(facts) = loaded.facts else {
            self.tell_problems(&loaded.diagnostics);
            return Err(Stop::invalid(format!("{} has errors, see above", home.name())));
        };
        let warnings = count(Severity::Warning);
        // who reads a part misses what others know
        if warnings > 0 && loaded.part.is_whole() {
            let words = if warnings == 1 { "1 warning" } else { &format!("{warnings} warnings") };
            self.note(&format!("{words} about {}; `linchpin check` shows them", home.name()));
        }
        let hash = facts.content_hash_in(&loaded.part);
        let hashes = loaded.part.tell(hash.as_bytes());
        if !facts.ends_agree(&loaded.part) {
            return Err(Stop::failed(
                "the data differ: a process has read other links between two parts than the other of the two; nothing was begun",
            ));
        }
        if let Some(other) = hashes.iter().position(|other| *other != hash.as_bytes()) {
            let reason =
                format!("process {other} has read other data than process {}", loaded.part.process());
            return Err(Stop::failed(reason));
        }
        Ok(Opened { graph: Graph::new(facts, hash).held_in_part(loaded.part), home })
    }

    /// The scope that the options ask for on a graph; `other` says what they leave open.
    ///
    /// # Errors
    /// A day that is not a date.
    pub fn scope(&self, graph: &Graph, other: &ScopeSpec) -> Result<Scope, Stop> {
        Ok(self.options.scope.or(other).resolve(graph.default_as_of())?)
    }

    /// A graph and the part of it that the options ask for.
    ///
    /// # Errors
    /// A day that is not a date.
    pub fn view<'g>(&self, graph: &'g Graph) -> Result<View<'g>, Stop> {
        Ok(View { graph, scope: self.scope(graph, &ScopeSpec::default())? })
    }

    /// What repeats an answer of this run.
    pub fn provenance(&self, view: &View<'_>, ask: &Ask) -> Provenance {
        view.provenance(ask, self.command.clone(), self.options.seed)
    }

    /// How text looks where it goes.
    pub fn style(&self) -> Style {
        let rows = self.options.shown_rows();
        match self.options.output_file() {
            Some(_) => Style { width: Terminal::WIDTH, rows, ..Style::default() },
            None => Style {
                width: self.terminal.width,
                colour: self.terminal.stdout_colour,
                bars: self.terminal.stdout_terminal,
                rows,
            },
        }
    }

    /// How the text of a list looks: all rows, unless told otherwise.
    pub fn list_style(&self) -> Style {
        Style { rows: self.options.rows.map_or(usize::MAX, |_| self.options.shown_rows()), ..self.style() }
    }

    /// Delivers what was asked for, to stdout or to the file of `--output`.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&self, bytes: &[u8]) -> Result<(), Stop> {
        match self.options.output_file() {
            None => output::to_stdout(bytes),
            Some(path) => {
                output::to_file(path, bytes)?;
                self.note(&format!("wrote {}", path.display()));
                Ok(())
            }
        }
    }

    /// Prints a line to stdout, whatever `--output` says.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn print(&self, text: &str) -> Result<(), Stop> {
        output::to_stdout(text.as_bytes())
    }

    /// Refuses the options that are about answers; `what` is what is made instead.
    ///
    /// # Errors
    /// One of them is given.
    pub fn no_answer_options(&self, what: &str) -> Result<(), Stop> {
        let Options { format, json, table, explain, save, fail_on, .. } = &self.options;
        let given = [
            ("--format", format.is_some()),
            ("--json", *json),
            ("--table", table.is_some()),
            ("--explain", explain.is_some()),
            ("--save", save.is_some()),
            ("--fail-on", !fail_on.is_empty()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((option, _)) => {
                Err(Stop::usage(format!("{option} goes with answers and lists, not with {what}")))
            }
            None => Ok(()),
        }
    }

    /// Tells something on stderr that is no error.
    pub fn note(&self, text: &str) {
        if !self.options.quiet {
            tell("note", "\u{1b}[1;36m", text, self.terminal.stderr_colour);
        }
    }

    /// Tells the problems of a dataset on stderr.
    pub fn tell_problems(&self, diagnostics: &[Diagnostic]) {
        eprint_all(&render_all(diagnostics, self.terminal.stderr_colour));
    }
}

/// Tells why a run stopped.
pub fn tell_stop(stop: &Stop, colour: bool) {
    if !stop.message.is_empty() {
        tell("error", "\u{1b}[1;31m", &stop.message, colour);
    }
}

fn tell(word: &str, ink: &str, text: &str, colour: bool) {
    let word = if colour { format!("{ink}{word}\u{1b}[0m") } else { word.to_string() };
    eprint_all(&format!("{word}: {text}\n"));
}

/// Prints to stderr; where that is closed there is nobody to tell.
fn eprint_all(text: &str) {
    use std::io::Write as _;
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
