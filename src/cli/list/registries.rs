//! What can be asked and drawn, as tables.

use crate::analysis::{CARDS, Model};
use crate::answer::{Cell, Column, Table, Unit};
use crate::diagram::view::{VIEWS, ViewCard};

use super::{Shown, What};
use crate::cli::exit::Stop;
use crate::cli::library::QueryFolder;
use crate::cli::session::Session;

/// The table of one registry.
pub(super) fn table(what: What, session: &Session, from: &QueryFolder) -> Result<Shown, Stop> {
    match what {
        What::Models => Ok(models()),
        What::Views => Ok(views()),
        What::Queries => queries(session, from),
        What::Scenarios => scenarios(session, from),
        What::Patches => what_ifs(session, from),
        _ => Ok(analyses()),
    }
}

fn views() -> Shown {
    let columns = vec![
        column("name", "The view"),
        column("shows", "What it shows"),
        column("example", "A command line"),
    ];
    let mut table = Table::new("views", "Views", columns);
    let row = |card: &ViewCard| [card.name, card.shows, card.example].into_iter().map(Cell::text).collect();
    table.rows = VIEWS.iter().map(row).collect();
    Shown { table, columns: &["name", "shows", "example"], lines: false }
}

fn queries(session: &Session, from: &QueryFolder) -> Result<Shown, Stop> {
    let library = from.open()?;
    let columns = vec![
        column("name", "Name, for `linchpin run`"),
        column("question", "What it asks"),
        column("parameters", "What --set may change, with the values it has"),
        column("analysis", "Which analysis answers"),
        column("graph", "The dataset that it asks, where that is not the usual one"),
        column("file", "Where it is saved"),
    ];
    let mut table = Table::new("queries", "Queries", columns);
    for query in &library.queries {
        let set: Vec<String> = query.set.iter().map(|(name, value)| format!("{name}={value}")).collect();
        table.rows.push(vec![
            Cell::text(&query.name),
            Cell::text(&query.question),
            Cell::text(set.join(" ")),
            Cell::text(query.ask.card().name),
            query.graph.as_ref().map_or(Cell::Empty, Cell::text),
            Cell::text(&query.path),
        ]);
    }
    library.all_sound(session)?;
    Ok(Shown { table, columns: &["name", "question", "parameters"], lines: false })
}

fn scenarios(session: &Session, from: &QueryFolder) -> Result<Shown, Stop> {
    let library = from.open()?;
    let columns = vec![
        column("name", "Name, for --scenario"),
        column("title", "What happens"),
        Column::new("shocks", Unit::Count, "How many shocks it has"),
        column("note", "What it rests on"),
        column("file", "Where it is saved"),
    ];
    let mut table = Table::new("scenarios", "Scenarios", columns);
    for saved in &library.stories.scenarios {
        table.rows.push(vec![
            Cell::text(&saved.name),
            Cell::text(&saved.told.title),
            Cell::Number(saved.told.shocks.len() as f64),
            Cell::text(saved.told.note.as_deref().unwrap_or_default()),
            Cell::text(&saved.path),
        ]);
    }
    library.all_sound(session)?;
    Ok(Shown { table, columns: &["name", "title", "shocks"], lines: false })
}

fn what_ifs(session: &Session, from: &QueryFolder) -> Result<Shown, Stop> {
    let library = from.open()?;
    let columns = vec![
        column("name", "Name, for --what-if"),
        column("title", "What is supposed"),
        Column::new("changes", Unit::Count, "How many changes it makes"),
        column("note", "What it rests on"),
        column("file", "Where it is saved"),
    ];
    let mut table = Table::new("what-ifs", "What-ifs", columns);
    for saved in &library.stories.what_ifs {
        table.rows.push(vec![
            Cell::text(&saved.name),
            Cell::text(&saved.told.title),
            Cell::Number(saved.told.changes.len() as f64),
            Cell::text(saved.told.note.as_deref().unwrap_or_default()),
            Cell::text(&saved.path),
        ]);
    }
    library.all_sound(session)?;
    Ok(Shown { table, columns: &["name", "title", "changes"], lines: false })
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
    let columns = vec![
        column("name", "The model, for `linchpin shock --model`"),
        column("question", "What it answers"),
        column("equations", "What it computes"),
        column("reads", "Which records it reads"),
        column("assumptions", "What it supposes"),
        column("cost", "How its time grows"),
        column("reference", "Where it comes from"),
        column("shocks", "Which shocks it carries on entities, deliveries and records; * in another form"),
    ];
    let mut table = Table::new("models", "Models", columns);
    for model in Model::ALL {
        let card = model.card();
        let cells = [
            card.name,
            card.question,
            card.equations,
            card.reads,
            card.assumptions,
            card.cost,
            card.reference,
        ];
        let mut row: Vec<Cell> = cells.into_iter().map(Cell::text).collect();
        row.push(Cell::text(model.carried()));
        table.rows.push(row);
    }
    Shown { table, columns: &["name", "question", "shocks"], lines: false }
}
