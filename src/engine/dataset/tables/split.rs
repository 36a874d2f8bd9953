//! Tables written anew, cut into parts: tables of links as a file for each part of their customers, tables of entities with the part of
//! each.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use crate::observer::Observer;

use super::super::files::Origin;
use super::super::record::TableRecord;
use super::source::{self, Batch, Source, Stopped};
use super::{Column, REST, entities, exposures, flows, supplies};

/// How tables of links are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Form {
    /// Values separated by commas.
    Csv,
    /// Columns, in groups by the part of the suppliers.
    #[cfg(feature = "parquet")]
    Parquet,
}

impl Form {
    /// Parquet where this program writes it, else CSV.
    #[cfg(feature = "parquet")]
    pub const USUAL: Self = Self::Parquet;
    /// Parquet where this program writes it, else CSV.
    #[cfg(not(feature = "parquet"))]
    pub const USUAL: Self = Self::Csv;
}

/// Bytes of rows that wait to be written.
const WAITING: usize = 64 << 20;

/// Writes the tables of a dataset into another folder.
pub struct Splitter<'s> {
    /// The dataset that is read.
    pub origin: &'s Origin<'s>,
    /// Hears how many rows have been read.
    pub observer: &'s dyn Observer,
    /// Where the tables are written.
    pub folder: &'s Path,
    /// How tables of links are written.
    pub form: Form,
    /// How many parts there are.
    pub parts: u16,
    /// The part of an entity; `None` for one that no table lists.
    pub of: &'s dyn Fn(&str) -> Option<u16>,
    /// A fingerprint of all that.
    #[cfg(feature = "parquet")]
    pub mark: &'s str,
    /// Names of files that are taken.
    pub taken: BTreeSet<String>,
}

/// The columns of a table of links, the first two of which are its ends.
fn columns(record: &TableRecord) -> Option<&'static [Column]> {
    match record {
        TableRecord::Supplies { .. } => Some(supplies::COLUMNS),
        TableRecord::Flows { .. } => Some(flows::COLUMNS),
        TableRecord::Exposures { .. } => Some(exposures::COLUMNS),
        _ => None,
    }
}

/// Whether a table lists links.
pub fn lists_links(record: &TableRecord) -> bool {
    columns(record).is_some()
}

/// Where in a header a column stands.
pub fn position(header: &csv::StringRecord, column: &Column) -> Option<usize> {
    header.iter().position(|name| column.names.contains(&name))
}

impl Splitter<'_> {
    /// Writes a table; its new files, relative to the dataset.
    ///
    /// # Errors
    /// It cannot be read or written.
    pub fn write(&mut self, record: &TableRecord, file: &str) -> io::Result<Vec<String>> {
        if let Some(columns) = columns(record) {
            return self.links(columns, file);
        }
        fs::create_dir_all(self.folder.join(file).parent().unwrap_or(self.folder))?;
        match record {
            #[cfg(feature = "parquet")]
            TableRecord::Entities { .. } if file.ends_with(".parquet") => {
                super::split_parquet::entities(self, file)?;
            }
            TableRecord::Entities { .. } => self.entities(file)?,
            _ => {
                let mut from = self.origin.file(file, u64::MAX).map_err(|_| unread(file))?;
                io::copy(&mut from, &mut File::create(self.folder.join(file))?)?;
            }
        }
        Ok(vec![file.to_string()])
    }

    /// A table of entities that no other table lists; its file, relative to the dataset.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn implied<'k>(
        &mut self,
        beside: &str,
        entities: impl Iterator<Item = [&'k str; 3]>,
    ) -> io::Result<String> {
        let file = self.free(&format!("{beside}named-by-links"), "csv");
        fs::create_dir_all(self.folder.join(beside))?;
        let mut writer = csv::Writer::from_path(self.folder.join(&file))?;
        writer.write_record(["id", "name", "kind", "part"])?;
        for [key, name, kind] in entities {
            writer.write_record([key, name, kind, &self.words_of(key)])?;
        }
        writer.flush()?;
        Ok(file)
    }

    /// A name that no file has, with an ending.
    fn free(&mut self, stem: &str, ending: &str) -> String {
        let names = (1..).map(|nth| match nth {
            1 => format!("{stem}.{ending}"),
            _ => format!("{stem}-{nth}.{ending}"),
        });
        let free = names.into_iter().find(|name| !self.taken.contains(name)).unwrap_or_default();
        self.taken.insert(free.clone());
        free
    }

    /// Opens a table to be read once more: its rows and the names of its columns.
    fn open<'t>(&'t self, file: &str) -> io::Result<(Source<'t>, csv::StringRecord)> {
        source::open(self.origin, file, None).map_err(|_| unread(file))
    }

    /// Reads the rows of a table.
    fn rows(
        &self,
        file: &str,
        mut source: Source<'_>,
        mut each: impl FnMut(&csv::StringRecord) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut batch = Batch::default();
        loop {
            batch.fill(&mut source);
            self.observer.read(batch.records().len());
            batch.records().iter().try_for_each(&mut each)?;
            match &batch.stopped {
                None => {}
                Some(Stopped::End) => return Ok(()),
                Some(_) => return Err(unread(file)),
            }
        }
    }

    /// A table of entities in CSV with the part of each.
    fn entities(&self, file: &str) -> io::Result<()> {
        let (source, header) = self.open(file)?;
        let find = |at: usize| entities::COLUMNS.get(at).and_then(|column| position(&header, column));
        let (id, part) = (find(entities::ID), find(entities::PART));
        let with = |record: &csv::StringRecord, text: &str| {
            let others = record.iter().enumerate().filter(|(at, _)| Some(*at) != part);
            others.map(|(_, text)| text).chain([text]).collect::<csv::StringRecord>()
        };
        let mut writer = csv::Writer::from_path(self.folder.join(file))?;
        writer.write_record(&with(&header, "part"))?;
        self.rows(file, source, |record| {
            let key = id.and_then(|id| record.get(id)).unwrap_or_default();
            Ok(writer.write_record(&with(record, &self.words_of(key)))?)
        })?;
        writer.flush()
    }

    /// The part of an entity as a table says it.
    fn words_of(&self, key: &str) -> String {
        (self.of)(key).map_or(String::new(), |part| part.to_string())
    }

    /// A table of links, as a file for each part of the customers; one more takes what has an end in no part.
    fn links(&mut self, columns: &[Column], file: &str) -> io::Result<Vec<String>> {
        let stem = self.free_stem(file);
        let (source, header) = self.open(file)?;
        let find =
            |at: usize| columns.get(at).and_then(|column| position(&header, column)).unwrap_or(usize::MAX);
        let ends = [find(0), find(1)];
        let mut buckets = Buckets::new(self, &stem, &header)?;
        self.rows(file, source, |record| {
            let part = |at: usize| (self.of)(record.get(at)?);
            let bucket = part(ends[0]).and_then(|_| part(ends[1]));
            buckets.push(bucket.unwrap_or(self.parts), record)
        })?;
        let written = buckets.finish()?;
        let name = |bucket: (u16, String)| match self.form {
            Form::Csv => Ok(bucket.1),
            #[cfg(feature = "parquet")]
            Form::Parquet => super::split_parquet::links(self, bucket.0, &bucket.1, (ends, find(2))),
        };
        written.into_iter().map(name).collect()
    }

    /// The beginning of the names of the files of a table of links, which no others share.
    fn free_stem(&mut self, file: &str) -> String {
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        let names = (1..).map(|nth| if nth == 1 { stem.to_string() } else { format!("{stem}-{nth}") });
        let is_free = |stem: &String| {
            let begins = format!("{stem}-");
            !self.taken.iter().any(|name| name.starts_with(&begins))
        };
        let free = names.into_iter().find(is_free).unwrap_or_default();
        self.taken.insert(format!("{free}-"));
        free
    }
}

/// A table that could be read before.
fn unread(file: &str) -> io::Error {
    io::Error::other(format!("cannot read the table `{file}` a second time"))
}

/// Rows of a table of links on their way to the files of the parts.
struct Buckets<'b> {
    folder: &'b Path,
    names: Vec<String>,
    /// The first line of every file.
    head: Vec<u8>,
    rows: Vec<Vec<u8>>,
    begun: Vec<bool>,
    waiting: usize,
}

impl<'b> Buckets<'b> {
    fn new(splitter: &Splitter<'b>, stem: &str, header: &csv::StringRecord) -> io::Result<Self> {
        let digits = (splitter.parts - 1).to_string().len().max(3);
        let parts = (0..splitter.parts).map(|part| format!("{stem}-{part:0digits$}.csv"));
        let names: Vec<String> = parts.chain([format!("{stem}-{REST}.csv")]).collect();
        let mut head = Vec::new();
        push_row(&mut head, header);
        let first = splitter.folder.join(names.first().map_or("", String::as_str));
        fs::create_dir_all(first.parent().unwrap_or(splitter.folder))?;
        let count = names.len();
        Ok(Self {
            folder: splitter.folder,
            names,
            head,
            rows: vec![Vec::new(); count],
            begun: vec![false; count],
            waiting: 0,
        })
    }

    fn push(&mut self, bucket: u16, record: &csv::StringRecord) -> io::Result<()> {
        if let Some(rows) = self.rows.get_mut(usize::from(bucket)) {
            let before = rows.len();
            push_row(rows, record);
            self.waiting += rows.len() - before;
        }
        if self.waiting > WAITING { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.waiting = 0;
        for ((name, rows), begun) in self.names.iter().zip(&mut self.rows).zip(&mut self.begun) {
            if rows.is_empty() {
                continue;
            }
            let mut file = OpenOptions::new().create(true).append(true).open(self.folder.join(name))?;
            if !std::mem::replace(begun, true) {
                file.write_all(&self.head)?;
            }
            file.write_all(rows)?;
            rows.clear();
        }
        Ok(())
    }

    /// The files that have rows, with their parts; a table without rows keeps its header.
    fn finish(mut self) -> io::Result<Vec<(u16, String)>> {
        self.flush()?;
        if let (false, Some(name), Some(begun)) =
            (self.begun.contains(&true), self.names.first(), self.begun.first_mut())
        {
            fs::write(self.folder.join(name), &self.head)?;
            *begun = true;
        }
        let written = (0..).zip(self.names).zip(self.begun).filter(|(_, begun)| *begun);
        Ok(written.map(|(file, _)| file).collect())
    }
}

/// Adds a row in CSV.
fn push_row(out: &mut Vec<u8>, record: &csv::StringRecord) {
    for (at, field) in record.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        if field.contains(['"', ',', '\n', '\r']) {
            out.push(b'"');
            out.extend(field.replace('"', "\"\"").bytes());
            out.push(b'"');
        } else {
            out.extend(field.bytes());
        }
    }
    out.push(b'\n');
}
