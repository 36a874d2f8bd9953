//! The command line: one file for each command. Parses, delivers, decides the exit code; computes nothing.

mod ask;
mod check;
#[cfg(feature = "cluster")]
mod cluster;
mod completions;
mod crew;
#[cfg(feature = "cluster")]
mod cut;
mod diagram;
mod exit;
mod explain;
mod export;
mod gallery;
mod home;
mod init;
mod interrupt;
mod library;
mod list;
mod man;
mod options;
mod output;
mod print;
mod progress;
mod repeat;
mod report;
mod run_query;
mod session;
mod show;
mod stories;
mod verify;
mod words;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::analysis::Ask;

pub use exit::{Exit, Stop};

use options::Options;
use output::Terminal;
use session::{Session, tell_stop};

/// Finds what a supply chain hangs on.
#[derive(Debug, Parser)]
#[command(
    name = "linchpin",
    version,
    about = "Finds what a supply chain hangs on: concentration, lock-in, exposure, shocks, with evidence on every number",
    after_help = HELP,
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Cli {
    #[command(flatten)]
    options: Options,
    #[command(subcommand)]
    task: Task,
}

/// What a command does.
#[derive(Debug, Subcommand)]
enum Task {
    /// Check a dataset: all problems at once, with places and hints
    Check(check::Check),
    /// List what a dataset holds, or what can be asked
    List(list::List),
    /// Show all that is known about an entity, product, relation or source
    Show(show::Show),
    /// Start a dataset of your own from a small commented one
    Init(init::Init),
    #[command(flatten)]
    Ask(Ask),
    /// Ask a saved question
    Run(run_query::Run),
    /// Draw a view as DOT, SVG, PNG or PDF
    Diagram(diagram::Diagram),
    /// Draw every view into a folder, with a page that says what to read in each
    Gallery(gallery::Gallery),
    /// Bind the answers to saved questions into one page
    Report(report::Report),
    /// Ask answers again, or those of a report, and tell what differs
    Verify(verify::Verify),
    /// Write the dataset as one file, whole or as it stood on a day
    Export(export::Export),
    /// Run a command on several processes that share its work, or cut a dataset for them
    #[cfg(feature = "cluster")]
    Cluster(cluster::Cluster),
    /// Print completions for a shell
    Completions(completions::Completions),
    /// Print the manual page, of the program or of one command
    Man(man::Man),
}

/// The end of the help text.
const HELP: &str = "\
Examples:
  linchpin concentration --market hbm          how concentrated is the market for memory?
  linchpin exposure --to tsmc --kinds lab      which labs hang on TSMC, and through what?
  linchpin init my-economy                     start a dataset of your own

Answers go to stdout, messages to stderr. `linchpin COMMAND --help` tells how a measure is defined and ends
with an example.";

/// Runs the program on its arguments, the first of which is its name.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let args: Vec<OsString> = args.into_iter().collect();
    let no_color = args.iter().any(|arg| arg == "--no-color");
    ExitCode::from(run_parsed(args, no_color).code())
}

/// The whole command with its help texts.
pub fn command() -> clap::Command {
    let command = diagram::describe(ask::describe(Cli::command()));
    command.after_long_help(format!("{HELP}\n\n{}", Exit::HELP))
}

fn run_parsed(args: Vec<OsString>, no_color: bool) -> Exit {
    let mut command = command();
    if no_color || !output::colour_allowed() {
        command = command.color(ColorChoice::Never);
    }
    let parsed = command.try_get_matches_from_mut(args).and_then(|matches| {
        let line = repeat::command_line(&command, &matches);
        let over = ask::over(&matches);
        Cli::from_arg_matches(&matches)
            .map(|cli| (cli, line, over))
            .map_err(|error| error.format(&mut command))
    });
    let (cli, line, over) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help that nobody reads any more, and a stderr that is closed, are no reason to fail.
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage } else { Exit::Ok };
        }
    };
    let terminal = Terminal::detect(cli.options.no_color);
    if let Some(threads) = cli.options.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads));
        if let Err(error) = pool.build_global() {
            tell_stop(&Stop::failed(format!("--threads: {error}")), terminal.stderr_colour);
            return Exit::Failed;
        }
    }
    let mut session = Session { options: cli.options, command: line, terminal, over };
    interrupt::prepare(terminal.stderr_terminal);
    let ready = cli.task.takes_uncertainty(&session).and_then(|()| cli.task.takes_time_limit(&session));
    let ready = ready.and_then(|()| cli.task.takes_a_cluster(&session));
    let ready = ready.and_then(|()| session.fill_what_ifs());
    match ready.and_then(|()| cli.task.run(&session)) {
        Ok(exit) => exit,
        Err(stop) => {
            tell_stop(&stop, terminal.stderr_colour);
            stop.exit
        }
    }
}

impl Task {
    /// Refuses a limit of time where nothing heeds it.
    fn takes_time_limit(&self, session: &Session) -> Result<(), Stop> {
        match self {
            Self::Ask(_) | Self::Run(_) => Ok(()),
            _ if session.options.time_limit.is_none() => Ok(()),
            _ => Err(Stop::usage("--time-limit goes with questions: analyses and `linchpin run`")),
        }
    }

    /// Refuses to be told how sure an answer is to be where there is none.
    fn takes_uncertainty(&self, session: &Session) -> Result<(), Stop> {
        let given = session.options.uncertainty.options();
        match (self, given.first()) {
            (Self::Ask(_) | Self::Run(_), _) | (_, None) => Ok(()),
            (_, Some(option)) => {
                Err(Stop::usage(format!("{option} goes with questions: analyses and `linchpin run`")))
            }
        }
    }

    /// Refuses a cluster where there is no work to share.
    #[cfg(feature = "cluster")]
    fn takes_a_cluster(&self, session: &Session) -> Result<(), Stop> {
        match self {
            Self::Cluster(_) if session.options.cluster.is_some() => {
                Err(Stop::usage("`linchpin cluster` makes the --cluster file itself"))
            }
            Self::Cluster(_) => Ok(()),
            _ if session.options.cluster.is_none() && session.options.resume.is_none() => Ok(()),
            _ if session.options.cluster.is_none() => {
                Err(Stop::usage("--resume goes with --cluster and `linchpin cluster`"))
            }
            _ if session.options.time_limit.is_some() => Err(Stop::usage(
                "--time-limit does not go with --cluster: the bytes would hang on who is fast",
            )),
            Self::Ask(ask) => crew::shares(ask, session),
            Self::Report(_) => crew::shares_work(session),
            _ => Err(Stop::usage("--cluster goes with questions and `linchpin report`")),
        }
    }

    /// Without the feature there is none to refuse.
    #[cfg(not(feature = "cluster"))]
    fn takes_a_cluster(&self, _session: &Session) -> Result<(), Stop> {
        Ok(())
    }

    fn run(&self, session: &Session) -> Result<Exit, Stop> {
        match self {
            Self::Check(task) => task.run(session),
            Self::List(task) => task.run(session),
            Self::Show(task) => task.run(session),
            Self::Init(task) => task.run(session),
            Self::Completions(task) => task.run(session),
            Self::Man(task) => task.run(session),
            Self::Run(task) => task.run(session),
            Self::Diagram(task) => task.run(session),
            Self::Gallery(task) => task.run(session),
            Self::Report(task) => task.run(session),
            Self::Verify(task) => task.run(session),
            Self::Export(task) => task.run(session),
            #[cfg(feature = "cluster")]
            Self::Cluster(task) => task.run(session),
            Self::Ask(ask) => ask::run(session, ask),
        }
    }
}
