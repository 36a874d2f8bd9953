//! `linchpin list`: what there is to ask about, and what can be asked.

mod facts;
mod registries;

use crate::answer::{Cell, Style, Table, table_to_text};
use crate::graph::nearest;

use super::exit::{Exit, Stop};
use super::library::QueryFolder;
use super::print::{Listing, listing};
use super::session::Session;
use super::words::{bold, wrap};

/// List what a dataset holds, or what can be asked.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin list entities --kind lab
  linchpin list relations anthropic
  linchpin list sources 10-K --format csv
  linchpin list scenarios
  linchpin list analyses")]
pub struct List {
    /// What to list
    #[arg(value_enum)]
    what: What,
    /// Only what has this text in its key or words
    #[arg(value_name = "TEXT")]
    text: Option<String>,
    /// Only entities of this kind, relations of this type, or products that this kind needs
    #[arg(long, value_name = "KIND")]
    kind: Option<String>,
    #[command(flatten)]
    from: QueryFolder,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum What {
    /// Who acts
    Entities,
    /// What flows, and the markets it is sold in
    Products,
    /// Dated ties
    Relations,
    /// Documents that facts come from
    Sources,
    /// Sorts of entity
    Kinds,
    /// Questions that can be asked
    Analyses,
    /// Saved questions
    Queries,
    /// Saved scenarios: shocks that belong to one story
    Scenarios,
    /// Saved what-ifs: patches to a dataset
    #[value(name = "what-ifs")]
    Patches,
    /// Models that carry a shock
    Models,
    /// Diagrams that can be drawn
    Views,
}

/// A table, and which of its columns a terminal shows.
struct Shown {
    table: Table,
    columns: &'static [&'static str],
    /// Whether each row is a key and a paragraph.
    lines: bool,
}

impl List {
    /// Lists.
    ///
    /// # Errors
    /// As the dataset and the output say; a kind that is not there.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        let (mut shown, home, base) = match self.what {
            What::Analyses | What::Queries | What::Scenarios | What::Patches | What::Models | What::Views => {
                if self.kind.is_some() {
                    return Err(Stop::usage("--kind goes with entities, products and relations"));
                }
                (registries::table(self.what, session, &self.from)?, None, None)
            }
            _ => {
                let opened = session.open()?;
                let view = session.view(&opened.graph)?;
                let shown = facts::table(self.what, &view, self.kind.as_deref())?;
                (
                    shown,
                    Some(opened.home.clone()),
                    Some(Listing::new(Table::new("", "", Vec::new())).of(&view)),
                )
            }
        };
        if let Some(text) = &self.text {
            keep(&mut shown.table, text);
            if shown.table.rows.is_empty() {
                session.note(&format!("nothing here has {text:?} in it"));
            }
        }
        let mut list = base.unwrap_or_else(|| Listing::new(Table::new("", "", Vec::new())));
        list.text = Some(self.for_terminal(&shown, session));
        list.tables = vec![shown.table];
        listing(session, home.as_ref(), list)
    }

    fn for_terminal(&self, shown: &Shown, session: &Session) -> String {
        let narrow = narrow(&shown.table, shown.columns);
        let style = session.list_style();
        let mut text = if shown.lines { lines(&narrow, style) } else { table_to_text(&narrow, style) };
        let number = narrow.rows.len();
        let title = shown.table.title.to_lowercase();
        text.push_str(&if number == 1 { format!("1 of {title}\n") } else { format!("{number} {title}\n") });
        text
    }
}

/// A key and below it what is known, for tables whose keys are long and whose words are many.
fn lines(table: &Table, style: Style) -> String {
    let mut text = String::new();
    for row in table.rows.iter().take(style.rows) {
        let mut cells = row.iter().map(words).filter(|words| !words.is_empty());
        let (key, rest) = (cells.next().unwrap_or_default(), cells.collect::<Vec<_>>().join(" · "));
        text.push_str(&format!("{}\n{}", bold(&key, style), wrap(&rest, style.width, "  ")));
    }
    text
}

/// Keeps the rows that have a text in any cell, in any case.
fn keep(table: &mut Table, text: &str) {
    let wanted = text.to_lowercase();
    table.rows.retain(|row| row.iter().any(|cell| words(cell).to_lowercase().contains(&wanted)));
}

fn words(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) => text.clone(),
        Cell::Item { key, name } => format!("{key} {name}"),
        Cell::Items(items) => items.iter().map(|(key, name)| format!("{key} {name} ")).collect(),
        Cell::Empty | Cell::Number(_) | Cell::Flag(_) => String::new(),
    }
}

/// A table with some of its columns, in their order.
fn narrow(table: &Table, columns: &[&str]) -> Table {
    let at: Vec<usize> = columns.iter().filter_map(|name| table.column(name)).collect();
    let chosen = at.iter().filter_map(|at| table.columns.get(*at).cloned()).collect();
    let mut narrow = Table::new(&table.name, &table.title, chosen);
    let row = |row: &Vec<_>| at.iter().filter_map(|at| row.get(*at).cloned()).collect();
    narrow.rows = table.rows.iter().map(row).collect();
    narrow
}

/// An error for a kind or type that is not there.
fn no_kind<'a>(what: &str, key: &str, known: impl Iterator<Item = &'a str> + Clone) -> Stop {
    let near = nearest(key, known.clone());
    let hint = if near.is_empty() {
        format!("; there is {}", known.collect::<Vec<_>>().join(", "))
    } else {
        format!("; did you mean {}?", near.join(" or "))
    };
    Stop::usage(format!("--kind: there is no {what} {key:?}{hint}"))
}
