//! Rows of a Parquet file, as texts: what is said of tables in CSV holds for them, problems included.

use std::fmt::Write as _;
use std::fs::File;
use std::ops::Range;

use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};

use super::parts::{Claims, Keep};
use super::said::Said;

/// A file that is being read.
pub struct Rows {
    header: csv::StringRecord,
    batches: ParquetRecordBatchReader,
    /// Numbers of the rows that are left to be read, from 1.
    numbers: std::iter::Flatten<std::vec::IntoIter<Range<u64>>>,
    /// Number of the row read last.
    last: u64,
    claims: Option<Claims>,
}

impl Rows {
    /// Opens a file that hands out so many rows at a time at most; groups of rows that are not wanted are not read.
    ///
    /// # Errors
    /// The file is no Parquet, or packed in a way that is not read.
    pub fn open(file: File, batch: usize, keep: Option<&Keep>) -> Result<Self, String> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
        let header = builder.schema().fields().iter().map(|field| field.name().trim()).collect();
        let said = keep.and_then(|keep| said(&builder).filter(|said| keep.parts.is_cut_by(said)));
        let mut first = 1;
        let groups = builder.metadata().row_groups().iter().map(|group| {
            let start = first;
            first += group.num_rows().max(0) as u64;
            start..first
        });
        let groups: Vec<Range<u64>> = groups.collect();
        let wanted = |at: &usize| match (keep, &said) {
            (Some(keep), Some(said)) => keep.wants(said, *at),
            _ => true,
        };
        let wanted: Vec<usize> = (0..groups.len()).filter(wanted).collect();
        let numbers: Vec<Range<u64>> = wanted.iter().filter_map(|at| groups.get(*at).cloned()).collect();
        let batches = builder.with_row_groups(wanted).with_batch_size(batch).build();
        let batches = batches.map_err(|error| error.to_string())?;
        let claims = said.map(|said| said.claims());
        Ok(Self { header, batches, numbers: numbers.into_iter().flatten(), last: 0, claims })
    }

    /// What the file says of the parts of its rows, where it can be relied upon.
    pub fn claims(&self) -> Option<Claims> {
        self.claims.clone()
    }

    /// The names of the columns.
    pub fn header(&self) -> &csv::StringRecord {
        &self.header
    }

    /// Reads the next rows over the first records of a list. How many; 0 at the end. The line of a row is its number, from 1.
    ///
    /// # Errors
    /// What is wrong with the file from here on.
    pub fn fill(&mut self, records: &mut Vec<csv::StringRecord>) -> Result<usize, String> {
        match self.batches.next() {
            None => Ok(0),
            Some(Ok(batch)) => self.texts(&batch, records),
            Some(Err(error)) => Err(format!("after row {}: {error}", self.last)),
        }
    }

    fn texts(&mut self, batch: &RecordBatch, records: &mut Vec<csv::StringRecord>) -> Result<usize, String> {
        let options = FormatOptions::default();
        let columns = batch.columns().iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns: Vec<ArrayFormatter> =
            columns.collect::<Result<_, _>>().map_err(|error| error.to_string())?;
        let rows = batch.num_rows();
        if records.len() < rows {
            records.resize_with(rows, csv::StringRecord::new);
        }
        let mut text = String::new();
        for (row, record) in records.iter_mut().take(rows).enumerate() {
            record.clear();
            self.last = self.numbers.next().unwrap_or(self.last + 1);
            for column in &columns {
                text.clear();
                write!(text, "{}", column.value(row))
                    .map_err(|_| format!("row {}: a value cannot be shown as text", self.last))?;
                record.push_field(text.trim());
            }
            let mut place = csv::Position::new();
            place.set_line(self.last);
            record.set_position(Some(place));
        }
        Ok(rows)
    }
}

/// What a file says of the parts of its rows, if its groups are those that it speaks of.
pub fn said<T: ::parquet::file::reader::ChunkReader>(
    builder: &ParquetRecordBatchReaderBuilder<T>,
) -> Option<Said> {
    let metadata = builder.metadata();
    let told = metadata.file_metadata().key_value_metadata()?;
    let get = |key: &str| told.iter().find(|own| own.key == key).and_then(|own| own.value.as_deref());
    let rows = metadata.row_groups().iter().map(|group| group.num_rows());
    Said::read(get).filter(|said| said.has_groups_of(rows))
}

/// The same of a file that is not opened for its rows.
pub fn said_of(file: File) -> Option<Said> {
    said(&ParquetRecordBatchReaderBuilder::try_new(file).ok()?)
}
