//! The rows of a table, one after the other, by the columns that its header names.

use std::sync::Arc;

use rayon::prelude::*;

use crate::model::Place;
use crate::observer::Observer;

use super::super::codes::Code;
use super::super::diagnostic::{Diagnostic, Span, nearest};
use super::super::files::{MAX_TABLE_BYTES, OpenError, Origin};
use super::super::read::{clip, quoted};
use super::super::session::{MAX_PER_FILE, Session};
use super::super::trail::{Mark, Trail};
use super::pairs::Pairs;
use super::parts::{Claims, Keep};
use super::source::{self, Batch, Closed, Stopped};

/// A column that a table may have.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// What it may be called; the first name is the usual one.
    pub names: &'static [&'static str],
    /// Whether the table needs it.
    pub required: bool,
}

pub const fn required(names: &'static [&'static str]) -> Column {
    Column { names, required: true }
}

pub const fn optional(names: &'static [&'static str]) -> Column {
    Column { names, required: false }
}

/// One row of a table.
pub struct Row<'r> {
    file: &'r Arc<str>,
    record: &'r csv::StringRecord,
    columns: &'r [Option<usize>],
    pub(super) line: u32,
    byte: usize,
    /// What the file says of the parts of its rows, where it can be relied upon.
    pub(super) claims: Option<&'r Claims>,
}

impl Row<'_> {
    /// The text of a column by its position in the list of columns; empty where there is none.
    pub fn text(&self, column: usize) -> &str {
        self.columns.get(column).copied().flatten().and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    /// The text of a column that is not blank.
    pub fn given(&self, column: usize) -> Option<&str> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    /// Where the row stands.
    pub fn place(&self) -> Place {
        Place { file: self.file.clone(), line: self.line }
    }

    /// A column of the row, or the whole row.
    pub fn span(&self, column: Option<usize>) -> Span {
        let at = column.and_then(|column| self.columns.get(column).copied().flatten());
        let mut text = String::new();
        let mut within = 0..0;
        for (position, field) in self.record.iter().enumerate() {
            if position > 0 {
                text.push(',');
            }
            let start = text.len();
            text.push_str(field);
            if at == Some(position) {
                within = start..text.len();
            }
        }
        if at.is_none() {
            within = 0..text.len();
        }
        let mut span = Span::of(self.file, &text, within, self.line, 0);
        (span.start, span.end) = (self.byte + span.start, self.byte + span.end);
        span
    }

    /// A number that is not negative.
    pub fn number(&self, session: &mut Session, column: usize, what: &str) -> Option<f64> {
        let text = self.text(column);
        let problem = match text.parse::<f64>() {
            Ok(value) if !value.is_finite() => (Code::NotFinite, format!("{what} must be finite")),
            Ok(value) if value < 0.0 => (Code::Negative, format!("{what} cannot be negative")),
            Ok(value) => return Some(value),
            Err(_) => (Code::TableRow, format!("{} is not a number", quoted(text))),
        };
        session.push(Diagnostic::new(problem.0, self.span(Some(column)), problem.1));
        None
    }

    /// A name that must be given.
    pub fn name(&self, session: &mut Session, column: usize, what: &str) -> Option<&str> {
        let given = self.given(column);
        if given.is_none() {
            let message = format!("the row names no {what}");
            session.push(Diagnostic::new(Code::TableRow, self.span(None), message));
        }
        given
    }
}

/// A table that a dataset names.
pub struct Table<'t> {
    pub(super) origin: &'t Origin<'t>,
    /// Hears how many rows have been read.
    pub(super) observer: &'t dyn Observer,
    pub(super) file: Arc<str>,
    pub(super) mark: Mark,
    /// Which rows of a table of links are wanted; all where nothing is said.
    pub(super) keep: Option<&'t Keep<'t>>,
}

impl Table<'_> {
    /// Reads the rows, one at a time.
    pub fn rows(&self, session: &mut Session, columns: &[Column], mut each: impl FnMut(&mut Session, &Row)) {
        self.rows_seen(session, columns, |_| (), |session, row, ()| each(session, row));
    }

    /// Reads the rows: `see` looks at each by itself, on all threads, while further rows are read; `each` then gets them in order,
    /// with what was seen.
    pub fn rows_seen<T: Send>(
        &self,
        session: &mut Session,
        columns: &[Column],
        see: impl Fn(&Row) -> T + Sync,
        mut each: impl FnMut(&mut Session, &Row, T),
    ) {
        let trail = Trail::record(self.mark);
        let field = trail.field("file");
        let (mut source, header) = match source::open(self.origin, &self.file, self.keep) {
            Ok(opened) => opened,
            Err(Closed::Header(error)) => return self.unreadable(session, &error),
            Err(Closed::Format(why)) => {
                let message = format!("cannot read the table `{}`: {why}", self.file);
                session.report(&field, Code::Unreadable, message);
                return;
            }
            Err(Closed::Open(error)) => {
                let (code, why) = match error {
                    OpenError::NotFound => (Code::TableNotFound, "it does not exist".to_string()),
                    OpenError::Io(why) => (Code::Unreadable, why),
                    OpenError::TooLarge(size) => {
                        let (size, limit) = (size.div_ceil(1 << 20), MAX_TABLE_BYTES >> 20);
                        (Code::TooLarge, format!("it has {size} MiB; at most {limit} MiB are read"))
                    }
                };
                let message = format!("cannot read the table `{}`: {why}", self.file);
                let hint = "a table lies in the folder of the file that names it, or below it";
                session.report(&field, code, message).hint = Some(hint.to_string());
                return;
            }
        };
        let Some(positions) = self.header(session, &header, columns) else { return };
        let before = session.count();
        let is_hopeless = |session: &mut Session| {
            let many = session.count() - before > MAX_PER_FILE;
            if many {
                let message = format!("the rest of `{}` is not read: it has too many problems", self.file);
                session.push(Diagnostic::new(Code::Suppressed, Span::file(&self.file), message));
            }
            many
        };
        let claims = source.claims();
        let (mut batch, mut next) = (Batch::default(), Batch::default());
        batch.fill(&mut source);
        loop {
            let ends = batch.stopped.as_ref().is_some_and(Stopped::ends);
            let records = batch.records();
            let look = || {
                records
                    .par_iter()
                    .map(|record| see(&self.row(record, &positions, claims.as_ref())))
                    .collect::<Vec<T>>()
            };
            let read_on = || {
                if !ends {
                    next.fill(&mut source);
                }
            };
            let (seen, ()) = rayon::join(look, read_on);
            self.observer.read(records.len());
            for (record, seen) in records.iter().zip(seen) {
                if is_hopeless(session) {
                    return;
                }
                each(session, &self.row(record, &positions, claims.as_ref()), seen);
            }
            match &batch.stopped {
                Some(Stopped::Refused(error)) => self.unreadable(session, error),
                #[cfg(feature = "parquet")]
                Some(Stopped::Broken(why)) => {
                    session.push(Diagnostic::new(Code::Unreadable, Span::file(&self.file), why.clone()));
                }
                Some(Stopped::End) | None => {}
            }
            if ends || is_hopeless(session) {
                return;
            }
            std::mem::swap(&mut batch, &mut next);
        }
    }

    fn row<'r>(
        &'r self,
        record: &'r csv::StringRecord,
        columns: &'r [Option<usize>],
        claims: Option<&'r Claims>,
    ) -> Row<'r> {
        let position = record.position();
        Row {
            file: &self.file,
            record,
            columns,
            line: position.map_or(0, |at| at.line()) as u32,
            byte: position.map_or(0, |at| at.byte()) as usize,
            claims,
        }
    }

    /// The place of a row that has been read, counted from 0.
    fn row_span(&self, columns: &[Column], nth: usize) -> Span {
        let (mut count, mut span) = (0, Span::file(&self.file));
        // problems have been told when the rows were read first
        self.rows(&mut Session::default(), columns, |_, row| {
            if count == nth {
                span = row.span(None);
            }
            count += 1;
        });
        span
    }

    /// Warns of rows that name a pair of entities once more.
    pub fn warn_repeated(&self, session: &mut Session, columns: &[Column], pairs: &Pairs, adds: &str) {
        if let Some((count, first)) = pairs.repeated() {
            let message = format!("rows that name a pair once more: {count}; their {adds} add up");
            let span = self.row_span(columns, first);
            session.push(Diagnostic::new(Code::RepeatedPair, span, message).label("the first of them"));
        }
    }

    /// Finds the columns in the header; `None` where one that is needed is absent.
    fn header(
        &self,
        session: &mut Session,
        header: &csv::StringRecord,
        columns: &[Column],
    ) -> Option<Vec<Option<usize>>> {
        let find = |column: &Column| header.iter().position(|name| column.names.contains(&name));
        let positions: Vec<Option<usize>> = columns.iter().map(find).collect();
        let known = || columns.iter().flat_map(|column| column.names.iter().copied());
        let span = |at: Option<usize>| {
            let columns = [at];
            let row =
                Row { file: &self.file, record: header, columns: &columns, line: 1, byte: 0, claims: None };
            row.span(at.map(|_| 0))
        };
        let mut complete = true;
        for (column, position) in columns.iter().zip(&positions) {
            if let (true, None, Some(name)) = (column.required, position, column.names.first()) {
                let unread = header.iter().filter(|name| !known().any(|known| known == *name));
                let mut problem = Diagnostic::new(
                    Code::TableColumn,
                    span(None),
                    format!("the table has no column `{name}`"),
                )
                .expected(known().collect::<Vec<_>>().join(", "));
                let near = nearest(name, unread);
                if let Some(near) = near.first() {
                    problem.hint = Some(format!("rename the column `{}` to `{name}`", clip(near, 40)));
                }
                session.push(problem);
                complete = false;
            }
        }
        for (at, name) in header.iter().enumerate() {
            if !known().any(|known| known == name) {
                let message = format!("the column {} is not read", quoted(name));
                let near = nearest(name, known());
                let mut problem = Diagnostic::new(Code::UnknownColumn, span(Some(at)), message);
                problem.nearest = near;
                session.push(problem.expected(known().collect::<Vec<_>>().join(", ")));
            }
        }
        complete.then_some(positions)
    }

    /// Reports a row that the CSV reader refuses.
    fn unreadable(&self, session: &mut Session, error: &csv::Error) {
        let mut span = Span::file(&self.file);
        let line = error.position().map_or(0, |position| position.line());
        span.start = error.position().map_or(0, |position| position.byte()) as usize;
        span.end = span.start;
        let at = if line > 0 { format!("line {line}: ") } else { String::new() };
        let (code, why) = match error.kind() {
            csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
                (Code::TableRow, format!("the row has {len} values, the header {expected_len}"))
            }
            csv::ErrorKind::Utf8 { .. } => (Code::NotUtf8, "the row is not UTF-8".to_string()),
            csv::ErrorKind::Io(error) => (Code::Unreadable, error.to_string()),
            _ => (Code::TableRow, error.to_string()),
        };
        session.push(Diagnostic::new(code, span, format!("{at}{why}")));
    }
}
