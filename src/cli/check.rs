//! `linchpin check`: all problems of a dataset at once.

use std::path::PathBuf;

use serde_json::json;

use crate::answer::{Cell, Column, Table, Unit};
use crate::dataset::{Diagnostic, Loaded, Severity, render_all};
use crate::model::Facts;

use super::exit::{Exit, Stop};
use super::home::Home;
use super::print::{Listing, listing};
use super::session::Session;

/// Check a dataset.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin check graph/ai-infrastructure
  linchpin check --format json
  linchpin check --fail-on 'warnings>0'

Ends with code 3 where the dataset has errors; warnings alone are code 0.")]
pub struct Check {
    /// The dataset: a folder of RON files, or one file [default: as --graph]
    #[arg(value_name = "GRAPH")]
    dataset: Option<PathBuf>,
}

impl Check {
    /// Checks, tells all problems, counts what there is.
    ///
    /// # Errors
    /// Nothing is there, or the report cannot be written.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        if !session.options.scope.what_if.is_empty() {
            return Err(Stop::usage("--what-if: a check is one of files; ask a question to check a what-if"));
        }
        let home = self.dataset.as_deref().map_or_else(|| session.home(), |path| Home::usual(Some(path)));
        let loaded = home.load(&session.bar())?;
        let mut report = Listing::new(summary_table(&loaded));
        report.tables.push(problem_table(&loaded.diagnostics));
        report.text = Some(text(&loaded, &home, session));
        let hash = loaded.facts.as_ref().map(Facts::content_hash);
        let name = loaded.facts.as_ref().map(|facts| &facts.meta.name);
        report.json.insert("graph".into(), json!({ "name": name, "sha256": hash }));
        report.json.insert("valid".into(), json!(loaded.facts.is_some()));
        report.json.insert("diagnostics".into(), json!(loaded.diagnostics));
        if session.options.table.is_none() && session.options.fail_on.is_empty() {
            // For a spreadsheet the problems are the list; the counts are what a limit is about.
            report.tables.reverse();
        }
        let exit = listing(session, Some(&home), report)?;
        let valid = loaded.facts.is_some();
        // the process ends here, and the system takes memory back faster than record by record
        std::mem::forget(loaded);
        Ok(if valid { exit } else { Exit::Invalid })
    }
}

/// The problems as a compiler prints them, and a line that counts what there is.
fn text(loaded: &Loaded, home: &Home, session: &Session) -> String {
    let mut text = render_all(&loaded.diagnostics, session.style().colour);
    match &loaded.facts {
        Some(_) if session.options.quiet => {}
        Some(facts) => {
            let counts = counts(facts).into_iter().filter(|(_, number)| *number > 0);
            let counts: Vec<String> = counts.map(|(plural, number)| counted(number, plural)).collect();
            let counts = if counts.is_empty() { "nothing in it".to_string() } else { counts.join(", ") };
            text.push_str(&format!("{}: {counts}\n", home.name()));
        }
        None => text.push_str(&format!("{}: not valid\n", home.name())),
    }
    text
}

/// A number and a word in the plural, or in the singular where it is one.
fn counted(number: usize, plural: &str) -> String {
    match (number, plural.strip_suffix("ies"), plural.strip_suffix('s')) {
        (1, Some(stem), _) => format!("1 {stem}y"),
        (1, None, Some(singular)) => format!("1 {singular}"),
        _ => format!("{number} {plural}"),
    }
}

/// How many there are of each sort of record.
fn counts(facts: &Facts) -> [(&'static str, usize); 7] {
    [
        ("entities", facts.entities.len()),
        ("relations", facts.relations.len()),
        ("products", facts.products.len()),
        ("attributes", facts.attributes.len()),
        ("intensities", facts.intensities.len()),
        ("sources", facts.sources.len()),
        ("links", facts.links.len()),
    ]
}

fn summary_table(loaded: &Loaded) -> Table {
    let problems = |severity| loaded.diagnostics.iter().filter(|d| d.severity == severity).count();
    let mut columns = vec![
        Column::new("errors", Unit::Count, "Problems that stop the dataset from being used"),
        Column::new("warnings", Unit::Count, "Problems that do not"),
    ];
    let mut row = vec![number(problems(Severity::Error)), number(problems(Severity::Warning))];
    for (name, count) in loaded.facts.as_ref().map(counts).into_iter().flatten() {
        columns.push(Column::new(name, Unit::Count, "Records of this sort"));
        row.push(number(count));
    }
    let mut table = Table::new("summary", "Summary", columns);
    table.rows.push(row);
    table
}

fn number(count: usize) -> Cell {
    Cell::Number(count as f64)
}

fn problem_table(diagnostics: &[Diagnostic]) -> Table {
    let columns = vec![
        Column::new("severity", Unit::Text, "error or warning"),
        Column::new("code", Unit::Text, "What sort of problem it is"),
        Column::new("file", Unit::Text, "File of the dataset"),
        Column::new("line", Unit::Count, "Line, from 1; empty where it is the file as a whole"),
        Column::new("column", Unit::Count, "Column in characters, from 1"),
        Column::new("message", Unit::Text, "What is wrong"),
        Column::new("hint", Unit::Text, "What may help"),
    ];
    let mut table = Table::new("diagnostics", "Problems", columns);
    for problem in diagnostics {
        let severity = if problem.severity == Severity::Error { "error" } else { "warning" };
        let place = |n: u32| if n == 0 { Cell::Empty } else { Cell::Number(f64::from(n)) };
        table.rows.push(vec![
            Cell::text(severity),
            Cell::text(problem.code.name()),
            Cell::text(problem.span.file.as_ref()),
            place(problem.span.line),
            place(problem.span.column),
            Cell::text(&problem.message),
            problem.hint.as_ref().map_or(Cell::Empty, Cell::text),
        ]);
    }
    table
}
