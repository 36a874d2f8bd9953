//! Answers and lists in the format that was asked for, limits checked, questions saved.

use serde_json::json;

use crate::analysis::View;
use crate::answer::{
    Answer, AnswerStatus, EngineRef, Provenance, Table, table_to_csv, table_to_markdown, table_to_text,
    to_csv, to_json, to_markdown, to_text,
};
use crate::query::Query;

use super::exit::{Exit, Stop};
use super::explain::explain;
use super::home::Home;
use super::options::Format;
use super::output;
use super::repeat::quoted;
use super::session::{Opened, Session};

/// Delivers an answer and decides how the run ends.
///
/// # Errors
/// No such table or column, or it cannot be written.
pub fn answer(
    session: &Session,
    opened: &Opened,
    mut answer: Answer,
    provenance: &Provenance,
) -> Result<Exit, Stop> {
    if let Some(note) = opened.home.note() {
        answer.caveat("compiled-in", note, None);
    }
    let (format, wanted) = (session.options.format(), session.options.table.as_deref());
    let main = match wanted {
        Some(name) => pick(&answer.tables, name)?,
        None => answer.tables.first(),
    };
    let crossed = crossings(session, main)?;
    if let Some(row) = &session.options.explain {
        if !matches!(format, Format::Table | Format::Md | Format::Json) {
            return Err(Stop::usage(
                "--explain goes with the formats table, md and json: others are one table",
            ));
        }
        explain(&mut answer, row.as_deref(), wanted)?;
    }
    if let (Some(name), Format::Table | Format::Md) = (wanted, format) {
        answer.tables.retain(|table| table.name == name);
    }
    let bytes = match format {
        Format::Table => to_text(&answer, provenance, session.style()).into_bytes(),
        Format::Json => to_json(&answer, provenance)?.into_bytes(),
        Format::Csv => to_csv(&answer, wanted)?.into_bytes(),
        Format::Md => to_markdown(&answer, provenance).into_bytes(),
        #[cfg(feature = "parquet")]
        Format::Parquet if session.options.output_file().is_none() && session.terminal.stdout_terminal => {
            return Err(Stop::usage("--format parquet: expected a file to write to, with -o FILE.parquet"));
        }
        #[cfg(feature = "parquet")]
        Format::Parquet => crate::answer::to_parquet(&answer, wanted, provenance)?,
    };
    session.write(&bytes)?;
    if !matches!(format, Format::Table | Format::Md | Format::Json) {
        tell_what_csv_leaves_out(session, opened, &answer);
    }
    tell_crossings(session, &crossed);
    Ok(match answer.status {
        _ if session.options.strict && answer.status != AnswerStatus::Complete => Exit::Incomplete,
        _ if !crossed.is_empty() => Exit::Crossed,
        _ => Exit::Ok,
    })
}

/// A table has no room for what the reader must know.
fn tell_what_csv_leaves_out(session: &Session, opened: &Opened, answer: &Answer) {
    opened.home.note().iter().for_each(|note| session.note(note));
    if answer.status != AnswerStatus::Complete {
        session.note("the answer is not complete; --format table says why");
    }
    if !answer.caveats.is_empty() {
        session.note(&format!("{} caveats; --format table or json shows them", answer.caveats.len()));
    }
}

/// The table of that name.
fn pick<'a>(tables: &'a [Table], name: &str) -> Result<Option<&'a Table>, Stop> {
    match tables.iter().find(|table| table.name == name) {
        Some(table) => Ok(Some(table)),
        None => {
            let known: Vec<&str> = tables.iter().map(|table| table.name.as_str()).collect();
            Err(Stop::usage(format!("--table: there is no table {name:?}; there is {}", known.join(", "))))
        }
    }
}

/// The limits that a table crosses, in words.
fn crossings(session: &Session, table: Option<&Table>) -> Result<Vec<String>, Stop> {
    let mut crossed = Vec::new();
    for limit in &session.options.fail_on {
        let Some(table) = table else {
            return Err(Stop::usage(format!("--fail-on {limit}: the answer has no table")));
        };
        let rows = limit.crossings(table).map_err(|why| Stop::usage(format!("--fail-on {why}")))?;
        if !rows.is_empty() {
            let more = if rows.len() > 5 { format!(" and {} more", rows.len() - 5) } else { String::new() };
            let shown: Vec<&str> = rows.iter().take(5).map(String::as_str).collect();
            crossed.push(format!("{limit} holds for {}{more}", shown.join(", ")));
        }
    }
    Ok(crossed)
}

fn tell_crossings(session: &Session, crossed: &[String]) {
    for line in crossed {
        session.note(&format!("limit crossed: {line}"));
    }
}

/// A list: tables that are no answer to a question, with what else a program may want to know of them.
#[derive(Debug)]
pub struct Listing {
    /// The tables; the first is the one that CSV prints.
    pub tables: Vec<Table>,
    /// The list for a terminal, where it is more than its tables.
    pub text: Option<String>,
    /// Further members of the JSON object.
    pub json: serde_json::Map<String, serde_json::Value>,
}

impl Listing {
    /// A list that is one table.
    pub fn new(table: Table) -> Self {
        Self { tables: vec![table], text: None, json: serde_json::Map::new() }
    }

    /// With what graph and scope it was made from.
    pub fn of(mut self, view: &View<'_>) -> Self {
        let graph = json!({ "name": view.graph.facts().meta.name, "sha256": view.graph.hash() });
        let scope = json!({
            "as_of": view.scope.as_of.to_string(),
            "status": view.scope.status,
            "min_confidence": view.scope.min_confidence,
            "stale_after": view.scope.stale_after,
        });
        self.json.insert("graph".into(), graph);
        self.json.insert("scope".into(), scope);
        self
    }
}

/// Delivers a list.
///
/// # Errors
/// No such table or column, or it cannot be written.
pub fn listing(session: &Session, home: Option<&Home>, listing: Listing) -> Result<Exit, Stop> {
    if session.options.save.is_some() {
        return Err(Stop::usage("--save: only an analysis is a question that can be saved"));
    }
    if session.options.explain.is_some() {
        return Err(Stop::usage("--explain goes with answers; a list shows what the records say"));
    }
    let (format, wanted) = (session.options.format(), session.options.table.as_deref());
    let main = match wanted {
        Some(name) => pick(&listing.tables, name)?,
        None => listing.tables.first(),
    };
    let crossed = crossings(session, main)?;
    let shown: Vec<&Table> = match wanted {
        Some(_) => main.into_iter().collect(),
        None => listing.tables.iter().collect(),
    };
    let text = match format {
        #[cfg(feature = "parquet")]
        Format::Parquet => {
            return Err(Stop::usage("--format parquet goes with answers; lists are written as csv"));
        }
        Format::Csv => main.map(table_to_csv).transpose()?.unwrap_or_default(),
        Format::Json => {
            let mut value =
                json!({ "schema": 1, "engine": EngineRef::default(), "command": session.command });
            if let Some(object) = value.as_object_mut() {
                object.extend(listing.json);
                object.insert("tables".into(), json!(listing.tables));
            }
            let text =
                serde_json::to_string_pretty(&value).map_err(|error| Stop::failed(error.to_string()))?;
            text + "\n"
        }
        Format::Md => shown.iter().map(|table| table_to_markdown(table)).collect::<Vec<_>>().join("\n"),
        Format::Table => match listing.text {
            Some(text) if wanted.is_none() => text,
            _ => shown
                .iter()
                .map(|table| table_to_text(table, session.list_style()))
                .collect::<Vec<_>>()
                .join("\n"),
        },
    };
    session.write(text.as_bytes())?;
    home.and_then(Home::note).iter().for_each(|note| session.note(note));
    tell_crossings(session, &crossed);
    Ok(if crossed.is_empty() { Exit::Ok } else { Exit::Crossed })
}

/// Saves the question where `--save` says, as a query that `linchpin run` asks again.
///
/// # Errors
/// It cannot be written.
pub fn save(session: &Session, query: &Query) -> Result<(), Stop> {
    let Some(path) = &session.options.save else { return Ok(()) };
    if path.extension().is_none_or(|ending| ending != "ron") {
        return Err(Stop::usage(format!("--save: {}: expected a name that ends in .ron", path.display())));
    }
    output::to_file(path, query.to_ron().as_bytes())?;
    let again = quoted(&path.to_string_lossy());
    session.note(&format!("saved the question; `linchpin run {again}` asks it again"));
    Ok(())
}
