//! What `show` collects: headings, lines, records and small tables, for people and for programs.

use serde_json::json;

use crate::analysis::View;
use crate::answer::{Cell, Column, Style, Table, Unit, printable, table_to_text};
use crate::cli::print::Listing;
use crate::cli::words::{bold, lower, wrap};
use crate::model::SourceId;

use super::record::Record;
use super::sketch::Sketch;

/// All that is known about one or more things of the same key.
#[derive(Default)]
pub(super) struct Page<'g> {
    subjects: Vec<(&'static str, String)>,
    blocks: Vec<Block<'g>>,
    sources: Vec<SourceId>,
    tables: Vec<Table>,
}

/// A part of the page, as a terminal shows it.
enum Block<'g> {
    Title(String),
    Heading(String),
    Line(String),
    Record(Record<'g>, &'static str),
    Table(Table),
    Sketch(Sketch),
}

impl<'g> Page<'g> {
    /// Begins a thing: its sort, key and name.
    pub(super) fn subject(&mut self, sort: &'static str, key: &str, name: &str) {
        self.subjects.push((sort, key.to_string()));
        let title = if name == key { key.to_string() } else { format!("{name} ({key})") };
        self.blocks.push(Block::Title(title));
    }

    /// Adds a line of words; nothing where there are none.
    pub(super) fn line(&mut self, words: impl Into<String>) {
        let words = words.into();
        if !words.is_empty() {
            self.blocks.push(Block::Line(words));
        }
    }

    /// Adds a drawing for terminals; nothing where there is nothing to draw.
    pub(super) fn sketch(&mut self, sketch: Sketch) {
        if !sketch.is_empty() {
            self.blocks.push(Block::Sketch(sketch));
        }
    }

    /// Adds a document to cite; its number.
    fn cite(&mut self, id: SourceId) -> usize {
        match self.sources.iter().position(|known| *known == id) {
            Some(at) => at + 1,
            None => {
                self.sources.push(id);
                self.sources.len()
            }
        }
    }

    /// Adds a document to the list at the end.
    pub(super) fn source(&mut self, id: SourceId) {
        self.cite(id);
    }

    /// Adds records under a heading; nothing where there are none.
    pub(super) fn records(&mut self, heading: &str, section: &'static str, records: Vec<Record<'g>>) {
        if records.is_empty() {
            return;
        }
        self.blocks.push(Block::Heading(heading.to_string()));
        self.blocks.extend(records.into_iter().map(|record| Block::Record(record, section)));
    }

    /// Adds a table under its title; nothing where it has no rows.
    pub(super) fn table(&mut self, table: Table) {
        if !table.rows.is_empty() {
            self.blocks.push(Block::Heading(table.title.clone()));
            self.blocks.push(Block::Table(table.clone()));
            self.tables.push(table);
        }
    }

    /// The page for a terminal and as tables: records, those that were added, sources.
    pub(super) fn into_listing(mut self, view: &View<'g>, style: Style) -> Listing {
        let mut records = Table::new("records", "Records", Record::columns());
        let mut text = String::new();
        let mut subject = String::new();
        let mut subjects = self.subjects.clone().into_iter();
        for block in std::mem::take(&mut self.blocks) {
            match block {
                Block::Title(title) => {
                    if !text.is_empty() {
                        text.push('\n');
                    }
                    subject = subjects.next().map(|(_, key)| key).unwrap_or_default();
                    text.push_str(&format!("{}\n", bold(&title, style)));
                }
                Block::Heading(heading) => text.push_str(&format!("\n{}\n", bold(&heading, style))),
                Block::Line(line) => text.push_str(&wrap(&line, style.width, "")),
                Block::Table(table) => text.push_str(&table_to_text(&table, style)),
                Block::Sketch(sketch) => {
                    let drawn = sketch.text(style.width);
                    if !drawn.is_empty() {
                        text.push_str(&format!("\n{}", printable(&drawn)));
                    }
                }
                Block::Record(record, section) => {
                    let numbers: Vec<usize> = record.sources().into_iter().map(|id| self.cite(id)).collect();
                    let says = wrap(&record.says, style.width.saturating_sub(2), "  ");
                    text.push_str(&format!("- {}", says.trim_start()));
                    text.push_str(&wrap(&record.small_print(&numbers), style.width, "    "));
                    records.rows.push(record.row(view, &subject, section));
                }
            }
        }
        let sources = self.source_table(view);
        if !self.sources.is_empty() {
            text.push_str(&format!("\n{}\n", bold("Sources", style)));
            for (at, id) in self.sources.iter().enumerate() {
                let source = view.graph.source(*id);
                let day = source.date.map(|date| format!(", {date}")).unwrap_or_default();
                let line =
                    format!("[{}] {}, {}{day}. {}", at + 1, source.title, source.publisher, source.url);
                text.push_str(&wrap(&line, style.width, ""));
            }
        }
        let mut listing = Listing::new(records).of(view);
        listing.tables.extend(self.tables);
        listing.tables.push(sources);
        listing.text = Some(text);
        let subjects: Vec<_> =
            self.subjects.iter().map(|(sort, key)| json!({ "sort": sort, "key": key })).collect();
        listing.json.insert("subjects".into(), json!(subjects));
        listing
    }

    fn source_table(&self, view: &View<'_>) -> Table {
        let columns = vec![
            Column::new("number", Unit::Count, "Number on the page"),
            Column::new("key", Unit::Text, "Key in the dataset"),
            Column::new("title", Unit::Text, "Title of the document"),
            Column::new("publisher", Unit::Text, "Who published it"),
            Column::new("date", Unit::Text, "When"),
            Column::new("reliability", Unit::Text, "How close it is to the facts"),
            Column::new("url", Unit::Text, "Where it can be read"),
        ];
        let mut table = Table::new("sources", "Sources", columns);
        for (at, id) in self.sources.iter().enumerate() {
            let source = view.graph.source(*id);
            table.rows.push(vec![
                Cell::Number((at + 1) as f64),
                Cell::text(&source.key),
                Cell::text(&source.title),
                Cell::text(&source.publisher),
                crate::cli::words::date(source.date),
                Cell::text(lower(source.reliability)),
                Cell::text(&source.url),
            ]);
        }
        table
    }
}
