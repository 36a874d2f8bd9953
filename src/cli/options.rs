//! Options that every command takes, before or after its name.

use std::path::PathBuf;
use std::time::Duration;

use crate::scope::ScopeSpec;
use crate::uncertainty::Uncertainty;

use crate::answer::Limit;

/// Options that every command takes.
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Options of every command")]
pub struct Options {
    /// The dataset: a folder of RON files, or one file [default: graph/ai-infrastructure here, else the one
    /// compiled into the program]
    #[arg(short, long, global = true, value_name = "DIR", env = "LINCHPIN_GRAPH", hide_env_values = true)]
    pub graph: Option<PathBuf>,
    /// Which part of it counts
    #[command(flatten)]
    pub scope: ScopeSpec,
    /// How the answer is written [default: table, or what the name of the output file says]
    #[arg(short, long, global = true, value_enum, value_name = "FORMAT")]
    pub format: Option<Format>,
    /// The same as --format json
    #[arg(long, global = true, conflicts_with = "format")]
    pub json: bool,
    /// The table of the answer to write [default: all, in csv the first]
    #[arg(long, global = true, value_name = "NAME")]
    pub table: Option<String>,
    /// Say what the main numbers rest on: records, sources and dates, how weights are known, how much is assumed, doubtful
    /// or stale; with =ROW that row (its number, or the key or name of what it is about) of the table
    #[arg(long, global = true, value_name = "ROW", num_args = 0..=1, require_equals = true)]
    pub explain: Option<Option<String>>,
    /// Rows of a table to show as text, 0 for all [default: 25, in a list all]
    #[arg(long, global = true, value_name = "N", hide_short_help = true)]
    pub rows: Option<usize>,
    /// Write to a file instead of the terminal; - is the terminal
    #[arg(short, long, global = true, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Save the question, to be asked again with `linchpin run FILE`
    #[arg(long, global = true, value_name = "FILE.ron")]
    pub save: Option<PathBuf>,
    /// How sure the answer is to be
    #[command(flatten)]
    pub uncertainty: Uncertainty,
    /// Seed of random draws
    #[arg(long, global = true, value_name = "N", default_value_t = 0, hide_short_help = true)]
    pub seed: u64,
    /// Threads to use [default: one for each core]; answers do not depend on it
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024), hide_short_help = true)]
    pub threads: Option<u16>,
    /// End after so many seconds with what is there, marked as cut short; with questions that try one thing after another:
    /// systemic-risk, exposure --of, and --draws with any
    #[arg(long, global = true, value_name = "SECONDS", value_parser = seconds, hide_short_help = true)]
    pub time_limit: Option<Duration>,
    /// The processes that share the work of a question or a report, one host:port a line; all run the same command, each
    /// with its --process. The traffic is neither encrypted nor authenticated: keep it on a private network
    #[cfg(feature = "cluster")]
    #[arg(long, global = true, value_name = "FILE", requires = "process", hide_short_help = true)]
    pub cluster: Option<PathBuf>,
    /// Which line of the --cluster file this process is, from 0; process 0 writes the answer or the report
    #[cfg(feature = "cluster")]
    #[arg(long, global = true, value_name = "K", requires = "cluster", hide_short_help = true)]
    pub process: Option<usize>,
    /// What the processes share
    #[cfg(feature = "cluster")]
    #[arg(
        long,
        global = true,
        value_enum,
        default_value = "work",
        requires = "cluster",
        hide_short_help = true
    )]
    pub share: Share,
    /// Keep finished pieces of shared work in a folder, and go on from those of a run that was cut off
    #[cfg(feature = "cluster")]
    #[arg(long, global = true, value_name = "DIR", hide_short_help = true)]
    pub resume: Option<PathBuf>,
    /// Say nothing on stderr but errors
    #[arg(short, long, global = true, hide_short_help = true)]
    pub quiet: bool,
    /// No colour; NO_COLOR=1 and TERM=dumb do the same
    #[arg(long, global = true, hide_short_help = true)]
    pub no_color: bool,
    /// End with code 5 where the answer is cut short or did not converge
    #[arg(long, global = true, hide_short_help = true)]
    pub strict: bool,
    /// End with code 4 where a row of the main table crosses a limit, as in 'hhi_low>2500' or 'cr1>=50%'; may
    /// be repeated
    #[arg(long, global = true, value_name = "COLUMN>NUMBER", hide_short_help = true)]
    pub fail_on: Vec<Limit>,
}

/// What the processes of a cluster share.
#[cfg(feature = "cluster")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Share {
    /// The work: each holds all links, and pieces of the work are handed out
    #[default]
    Work,
    /// The links of bulk tables: each holds those of a part of the entities, for networks that are too large for one memory
    Links,
}

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, on a terminal
    Table,
    /// The whole answer with its evidence and all that repeats it, for programs
    Json,
    /// One table, numbers exact, for spreadsheets
    Csv,
    /// The whole answer, for documents
    Md,
    /// One table in columns, into a file
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Options {
    /// Options that change how an answer is delivered and never what it says.
    pub const DELIVERY: &[&str] = &[
        "format", "json", "table", "explain", "rows", "output", "save", "threads", "quiet", "no_color",
        "strict", "fail_on", "cluster", "process", "share", "resume",
    ];

    /// How the answer is written: as told, or as the name of the output file says.
    pub fn format(&self) -> Format {
        if self.json {
            return Format::Json;
        }
        let extension = self.output_file().and_then(|path| path.extension()).and_then(|e| e.to_str());
        self.format.unwrap_or(match extension {
            Some("json") => Format::Json,
            Some("csv") => Format::Csv,
            Some("md" | "markdown") => Format::Md,
            #[cfg(feature = "parquet")]
            Some("parquet") => Format::Parquet,
            _ => Format::Table,
        })
    }

    /// The file to write to; `None` is stdout.
    pub fn output_file(&self) -> Option<&PathBuf> {
        self.output.as_ref().filter(|path| path.as_os_str() != "-")
    }

    /// The dataset named by option or environment; an empty name is none.
    pub fn graph(&self) -> Option<&PathBuf> {
        self.graph.as_ref().filter(|path| !path.as_os_str().is_empty())
    }

    /// How sure the answer is to be, with the seed of the options.
    pub fn uncertainty(&self) -> Uncertainty {
        Uncertainty { seed: self.seed, ..self.uncertainty.clone() }
    }

    /// Rows of a table of an answer to show.
    pub fn shown_rows(&self) -> usize {
        match self.rows {
            Some(0) => usize::MAX,
            Some(rows) => rows,
            None => 25,
        }
    }
}

/// A number of seconds above nought.
fn seconds(text: &str) -> Result<Duration, String> {
    let given = text.parse().ok().filter(|seconds: &f64| *seconds > 0.0);
    given
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or("expected seconds, above 0".to_string())
}
