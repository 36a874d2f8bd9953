//! What can be asked and drawn, as tables.

use crate::analysis::CARDS;
use crate::answer::{Cell, Column, Table, Unit};
use crate::propagation::MODELS;

use super::{Shown, What};
use crate::cli::exit::Stop;
use crate::cli::session::Session;

/// The table of one registry.
pub(super) fn table(what: What, _session: &Session) -> Result<Shown, Stop> {
    match what {
        What::Models => Ok(models()),
        _ => Ok(analyses()),
    }
}

fn column(name: &str, description: &str) -> Column {
    Column::new(name, Unit::Text, description)
}

fn analyses() -> Shown {
    let columns = vec![
        column("name", "The command"),
        column("question", "What it answers"),
        column("definition", "How the measure is defined"),
        column("reads", "Which records it reads"),
        column("assumptions", "What it supposes"),
        column("cost", "How its time grows"),
        column("reference", "Where the measure comes from"),
        column("example", "A command line"),
    ];
    let mut table = Table::new("analyses", "Analyses", columns);
    table.rows = CARDS
        .iter()
        .map(|card| {
            let cells = [
                card.name,
                card.question,
                card.definition,
                card.reads,
                card.assumptions,
                card.cost,
                card.reference,
                card.example,
            ];
            cells.into_iter().map(Cell::text).collect()
        })
        .collect();
    Shown { table, columns: &["name", "question", "example"], lines: false }
}

fn models() -> Shown {
    let columns = vec![column("name", "The model"), column("carries", "What it carries, and how")];
    let mut table = Table::new("models", "Models", columns);
    table.rows = MODELS.iter().map(|(name, carries)| vec![Cell::text(*name), Cell::text(*carries)]).collect();
    Shown { table, columns: &["name", "carries"], lines: false }
}
