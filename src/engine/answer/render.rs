//! Answers as text, CSV, Markdown and JSON.

use serde_json::json;

use super::explain::{explained_to_markdown, explained_to_text};
use super::json::to_lines;
use super::text_table::table_to_text;
use super::{Answer, AnswerStatus, Cell, Provenance, Table, Unit, format::printable};

/// How text for a terminal looks.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    /// Width to keep within, in columns.
    pub width: usize,
    /// Whether to use bold and colour.
    pub colour: bool,
    /// Rows of a table to show; the rest is counted.
    pub rows: usize,
    /// Whether shares have bars, and series a line of blocks; for terminals.
    pub bars: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { width: 110, colour: false, rows: 25, bars: false }
    }
}

/// Why an answer could not be written.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The answer has no table of that name.
    #[error("there is no table {name:?}; there is {}", .known.join(", "))]
    NoTable {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: Vec<String>,
    },
    /// A table could not be written.
    #[error("the table could not be written: {0}")]
    Write(String),
}

/// Picks a table by name; the first where none is named.
pub(super) fn pick<'a>(answer: &'a Answer, name: Option<&str>) -> Result<Option<&'a Table>, RenderError> {
    match name {
        None => Ok(answer.tables.first()),
        Some(name) => answer.table(name).map(Some).ok_or_else(|| RenderError::NoTable {
            name: name.to_string(),
            known: answer.tables.iter().map(|table| table.name.clone()).collect(),
        }),
    }
}

/// One table as CSV: numbers exact, things by their keys.
pub fn to_csv(answer: &Answer, table: Option<&str>) -> Result<String, RenderError> {
    pick(answer, table)?.map_or(Ok(String::new()), table_to_csv)
}

/// A table as CSV: numbers exact, things by their keys.
/// Numbers that were drawn have columns for their ranges.
pub fn table_to_csv(table: &Table) -> Result<String, RenderError> {
    let with_ranges = table.with_ranges_as_columns();
    let table = with_ranges.as_ref().unwrap_or(table);
    let fail = |error: csv::Error| RenderError::Write(error.to_string());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(table.columns.iter().map(|column| column.name.as_str())).map_err(fail)?;
    for row in &table.rows {
        writer.write_record(row.iter().map(csv_cell)).map_err(fail)?;
    }
    let bytes = writer.into_inner().map_err(|error| RenderError::Write(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| RenderError::Write(error.to_string()))
}

pub(super) fn csv_cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) | Cell::Item { key: text, .. } => text.clone(),
        Cell::Number(value) => format!("{value}"),
        Cell::Items(items) => items.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>().join(";"),
        Cell::Flag(flag) => flag.to_string(),
    }
}

/// The whole answer with all that repeats it, as JSON (`schema` 1).
pub fn to_json(answer: &Answer, provenance: &Provenance) -> Result<String, RenderError> {
    let mut value = json!({
        "schema": 1,
        "engine": provenance.engine,
        "graph": provenance.graph,
        "scope": provenance.scope,
        "query": provenance.query,
        "command": provenance.command,
        "seed": provenance.seed,
        "analysis": answer.analysis,
        "title": answer.title,
        "question": answer.question,
        "findings": answer.findings,
        "tables": answer.tables,
        "caveats": answer.caveats,
        "evidence": answer.evidence,
        "status": answer.status,
    });
    if let (Some(how), Some(object)) = (&provenance.uncertainty, value.as_object_mut()) {
        object.insert("uncertainty".to_string(), json!(how));
    }
    let text = to_lines(&value).map_err(|error| RenderError::Write(error.to_string()))?;
    Ok(text + "\n")
}

/// The whole answer as Markdown.
pub fn to_markdown(answer: &Answer, provenance: &Provenance) -> String {
    let mut out = format!("# {}\n\n{}\n", answer.title, answer.question);
    if !answer.findings.is_empty() {
        out.push_str("\n## Findings\n\n");
        for finding in &answer.findings {
            out.push_str(&format!("- {}\n", markdown(&finding.text)));
        }
    }
    for table in answer.tables.iter().filter(|table| !table.rows.is_empty()) {
        out.push_str(&format!("\n## {}\n\n", table.title));
        out.push_str(&table_to_markdown(table));
    }
    if !answer.caveats.is_empty() || answer.status != AnswerStatus::Complete {
        out.push_str("\n## Caveats\n\n");
        for line in caveat_lines(answer) {
            out.push_str(&format!("- {}\n", markdown(&line)));
        }
    }
    if !answer.evidence.values.is_empty() {
        out.push_str(&explained_to_markdown(&answer.evidence.values, &answer.evidence));
    }
    if !answer.evidence.sources.is_empty() {
        out.push_str("\n## Sources\n\n");
        for (at, source) in answer.evidence.sources.iter().enumerate() {
            let date = source.date.as_deref().map(|date| format!(", {date}")).unwrap_or_default();
            let (title, publisher) = (markdown(&source.title), markdown(&source.publisher));
            out.push_str(&format!("{}. {title}, {publisher}{date}. <{}>\n", at + 1, source.url));
        }
    }
    out.push_str(&format!("\n{}\n", provenance_line(provenance)));
    out
}

/// A table in Markdown, all rows.
pub fn table_to_markdown(table: &Table) -> String {
    let headings: Vec<String> = table.columns.iter().map(|column| markdown(&column.heading)).collect();
    let mut out = format!("| {} |\n", headings.join(" | "));
    let rules = table.columns.iter().map(|c| if c.unit == Unit::Text { "---" } else { "---:" });
    out.push_str(&format!("| {} |\n", rules.collect::<Vec<_>>().join(" | ")));
    for at in 0..table.rows.len() {
        let cells = table.shown_row(at, " ").into_iter().map(|cell| markdown(&cell));
        out.push_str(&format!("| {} |\n", cells.collect::<Vec<_>>().join(" | ")));
    }
    out
}

/// A text that stands in a line of Markdown as it is.
pub(super) fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '#' => {
                out.push('\\');
                out.push(letter);
            }
            '\n' | '\r' => out.push(' '),
            _ => out.push(letter),
        }
    }
    out
}

/// What a reader must know, one line each, the state of an unfinished answer first.
pub fn caveat_lines(answer: &Answer) -> Vec<String> {
    let state = match &answer.status {
        AnswerStatus::Complete => None,
        AnswerStatus::Truncated { reason } => Some(format!("Truncated: {reason}.")),
        AnswerStatus::NotConverged { residual, rounds } => {
            Some(format!("Not converged: after {rounds} rounds values still moved by {residual:.1e}."))
        }
    };
    state.into_iter().chain(answer.caveats.iter().map(|caveat| caveat.text.clone())).collect()
}

/// One line that says what was asked of which graph.
pub fn provenance_line(provenance: &Provenance) -> String {
    let hash: String = provenance.graph.sha256.chars().take(12).collect();
    let status: Vec<String> =
        provenance.scope.status.iter().map(|s| format!("{s:?}").to_lowercase()).collect();
    let what_ifs: Vec<&str> = provenance.scope.what_if.iter().map(|own| own.title.as_str()).collect();
    let what_if = match what_ifs.is_empty() {
        true => String::new(),
        false => format!(", what if: {}", what_ifs.join("; ")),
    };
    format!(
        "{} {} on {} ({hash}), as of {}, status {}{what_if}",
        provenance.engine.name,
        provenance.engine.version,
        provenance.graph.name,
        provenance.scope.as_of,
        status.join(", ")
    )
}

/// The answer for a terminal: the main table, what was found, what to mind.
pub fn to_text(answer: &Answer, provenance: &Provenance, style: Style) -> String {
    let bold = |text: &str| {
        let text = printable(text);
        if style.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.into_owned() }
    };
    let mut out = format!("{}\n{}\n", bold(&answer.title), printable(&answer.question));
    for table in answer.tables.iter().filter(|table| !table.rows.is_empty()) {
        out.push_str(&format!("\n{}\n", bold(&table.title)));
        out.push_str(&table_to_text(table, style));
    }
    if !answer.findings.is_empty() {
        out.push('\n');
        out.push_str(&bold("Findings"));
        out.push('\n');
        for finding in &answer.findings {
            out.push_str(&wrapped(&finding.text, style.width));
        }
    }
    let caveats = caveat_lines(answer);
    if !caveats.is_empty() {
        out.push('\n');
        out.push_str(&bold("To mind"));
        out.push('\n');
        for line in caveats {
            out.push_str(&wrapped(&line, style.width));
        }
    }
    if !answer.evidence.values.is_empty() {
        out.push_str(&explained_to_text(&answer.evidence.values, &answer.evidence, style));
    }
    let (records, sources) = (answer.evidence.records.len(), answer.evidence.sources.len());
    let plural = |count: usize, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    let (records, sources) = (plural(records, "record"), plural(sources, "source"));
    out.push_str(&format!("\nRests on {records} from {sources} (--explain says which number on which).\n"));
    out.push_str(&format!("{}\n", printable(&provenance_line(provenance))));
    out
}

/// A list item wrapped to the width.
pub(super) fn wrapped(text: &str, width: usize) -> String {
    let mut out = String::new();
    let mut column = 0;
    out.push_str("- ");
    for word in printable(text).split_whitespace() {
        let length = word.chars().count();
        if column > 0 && column + 1 + length + 2 > width {
            out.push_str("\n  ");
            column = 0;
        } else if column > 0 {
            out.push(' ');
            column += 1;
        }
        out.push_str(word);
        column += length;
    }
    out.push('\n');
    out
}
