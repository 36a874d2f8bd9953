//! Rows of a Parquet file, as texts: what is said of tables in CSV holds for them, problems included.

use std::fmt::Write as _;
use std::fs::File;

use ::parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use arrow_array::RecordBatch;
use arrow_cast::display::{ArrayFormatter, FormatOptions};

/// A file that is being read.
pub struct Rows {
    header: csv::StringRecord,
    batches: ParquetRecordBatchReader,
    /// Rows read so far.
    count: u64,
}

impl Rows {
    /// Opens a file that hands out so many rows at a time at most.
    ///
    /// # Errors
    /// The file is no Parquet, or packed in a way that is not read.
    pub fn open(file: File, batch: usize) -> Result<Self, String> {
        let builder = ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| error.to_string())?;
        let header = builder.schema().fields().iter().map(|field| field.name().trim()).collect();
        let batches = builder.with_batch_size(batch).build().map_err(|error| error.to_string())?;
        Ok(Self { header, batches, count: 0 })
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
            Some(Err(error)) => Err(format!("after row {}: {error}", self.count)),
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
            for column in &columns {
                text.clear();
                write!(text, "{}", column.value(row))
                    .map_err(|_| format!("row {}: a value cannot be shown as text", self.count + 1))?;
                record.push_field(text.trim());
            }
            self.count += 1;
            let mut place = csv::Position::new();
            place.set_line(self.count);
            record.set_position(Some(place));
        }
        Ok(rows)
    }
}
