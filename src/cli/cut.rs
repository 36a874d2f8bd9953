//! `linchpin cluster cut`: a dataset cut into parts that few links cross, for processes that each read one.

use std::path::PathBuf;

use crate::answer::{Cell, Column, Table, Unit, table_to_text};
use crate::dataset::{Cut, CutError, Share, TableForm, cut};

use super::exit::{Exit, Stop};
use super::home::Home;
use super::session::Session;

/// Write a dataset cut into parts that few links cross.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  linchpin cluster cut --parts 16 -o my-economy-cut --graph my-economy

What is written has the same content hash. Its tables of entities have a column `part`. Each table of
links is a file for each part of the customers, in Parquet with rows in groups by the part of the
suppliers: a process of `--share links` reads those that concern its parts. It serves any number of
processes up to the number of parts. The folder must be new or empty; it gets tables and RON files,
nothing else that lies beside them.")]
pub struct CutInto {
    /// How many parts, 1 to 4096: at least as many as processes will share the links
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=4096))]
    parts: u16,
    /// How tables of links are written [default: parquet, where the program is built with it]
    #[arg(long, value_enum, value_name = "FORM")]
    tables: Option<TableForm>,
}

impl CutInto {
    /// Cuts the dataset and says how that came out.
    ///
    /// # Errors
    /// No folder is named; a dataset that is compiled in; as [`cut`].
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a cut")?;
        if !session.options.scope.what_if.is_empty() {
            return Err(Stop::usage("--what-if goes with questions: a cut writes the dataset as it is"));
        }
        let Some(into) = session.options.output_file().cloned() else {
            return Err(Stop::usage("expected a folder to write to, with -o DIR"));
        };
        let path = self.dataset(session)?;
        let form = self.tables.unwrap_or(TableForm::USUAL);
        let done = cut(&path, self.parts, form, &into, &session.bar()).map_err(|error| match error {
            CutError::Invalid(problems) => {
                session.tell_problems(&problems);
                Stop::invalid(format!("{} has errors, see above", path.display()))
            }
            CutError::Refused(why) => Stop::usage(why),
            error @ CutError::File { .. } => Stop::failed(error.to_string()),
        })?;
        session.print(&table_to_text(&table(&done), session.list_style()))?;
        session.note(&format!("wrote {}", into.display()));
        Ok(Exit::Ok)
    }

    fn dataset(&self, session: &Session) -> Result<PathBuf, Stop> {
        match session.home() {
            Home::Path(path) if path.exists() => Ok(path),
            Home::Path(path) => Err(Stop::usage(format!("there is no {}", path.display()))),
            Home::Builtin(_) => Err(Stop::usage("a dataset in a folder is cut: expected --graph DIR")),
        }
    }
}

/// How the parts came out, beside parts by hash.
fn table(cut: &Cut) -> Table {
    let columns = vec![
        Column::new("what", Unit::Text, "What is counted"),
        Column::new("by_locality", Unit::Count, "In the parts that were written"),
        Column::new("by_hash", Unit::Count, "In as many parts by a hash of the keys"),
    ];
    let title = format!("{} parts of {} entities and {} links", cut.parts, cut.entities, cut.links);
    let mut table = Table::new("cut", &title, columns);
    let mut row = |what: &str, of: &dyn Fn(&Share) -> f64| {
        let cells = [&cut.by_locality, &cut.by_hash].map(|share| Cell::Number(of(share)));
        table.rows.push([Cell::text(what)].into_iter().chain(cells).collect());
    };
    let entities = |share: &Share| share.entities.clone();
    let links = |share: &Share| share.links.clone();
    let mut counts = |what: &str, of: &dyn Fn(&Share) -> Vec<u64>| {
        let number = |count: Option<u64>| count.unwrap_or(0) as f64;
        let mean = |share: &Share| of(share).iter().sum::<u64>() as f64 / f64::from(cut.parts);
        row(&format!("{what}, least"), &|share| number(of(share).into_iter().min()));
        row(&format!("{what}, mean"), &|share| mean(share).round());
        row(&format!("{what}, most"), &|share| number(of(share).into_iter().max()));
    };
    counts("entities of a part", &entities);
    counts("links with an end in a part", &links);
    row("links from part to part", &|share| share.crossing as f64);
    let percent = |share: &Share| 100.0 * share.crossing as f64 / cut.links.max(1) as f64;
    row("links from part to part, in 100", &|share| (percent(share) * 10.0).round() / 10.0);
    row("entities that parts need of others", &|share| share.needed as f64);
    table
}
