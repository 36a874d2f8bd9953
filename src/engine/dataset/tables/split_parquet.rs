//! Tables in Parquet written anew, cut into parts.

use std::fs::{self, File};
use std::io;
use std::ops::Range;
use std::sync::Arc;

use ::parquet::arrow::ArrowWriter;
use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use ::parquet::basic::Compression;
use ::parquet::file::metadata::KeyValue;
use ::parquet::file::properties::WriterProperties;
use arrow_array::{ArrayRef, Float64Array, RecordBatch, StringArray, UInt16Array};
use arrow_cast::display::{ArrayFormatter, FormatOptions};

use super::entities;
use super::said::Said;
use super::split::{Splitter, position};

/// Rows of a group at most.
const GROUP: usize = 1 << 20;
/// Rows that are turned into columns at a time.
const BATCH: usize = 1 << 16;

/// Turns the rows of a part, in CSV in the folder, into a file in columns: its name. The rows with suppliers of one part follow each
/// other and make groups of their own; those with an end in no part are no groups, and of them the file says nothing.
///
/// Cost: the bytes of the part's rows and 24 bytes a row.
pub fn links(
    splitter: &Splitter,
    part: u16,
    name: &str,
    (ends, weight): ([usize; 2], usize),
) -> io::Result<String> {
    let from = splitter.folder.join(name);
    let text = fs::read(&from)?;
    let mut reader = csv::Reader::from_reader(text.as_slice());
    let header = reader.headers()?.clone();
    let is_part = part < splitter.parts;
    // the part of the supplier and the place of each row
    let mut rows: Vec<(u16, Range<usize>)> = Vec::new();
    let mut record = csv::StringRecord::new();
    let mut start = reader.position().byte() as usize;
    while reader.read_record(&mut record)? {
        let end = reader.position().byte() as usize;
        let supplier = record.get(ends[0]).filter(|_| is_part).and_then(|key| (splitter.of)(key));
        rows.push((supplier.unwrap_or(0), start..end));
        start = end;
    }
    rows.sort_by_key(|(part, range)| (*part, range.start));
    let to = format!("{}.parquet", name.strip_suffix(".csv").unwrap_or(name));
    let batch = |rows: &[(u16, Range<usize>)]| columns(&text, rows, &header, weight);
    let schema = batch(&[])?.schema();
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_max_row_group_row_count(Some(GROUP))
        .build();
    let mut writer =
        ArrowWriter::try_new(File::create(splitter.folder.join(&to))?, schema, Some(properties))?;
    let mut groups: Vec<(u16, u64)> = Vec::new();
    for own in rows.chunk_by(|a, b| a.0 == b.0).flat_map(|own| own.chunks(GROUP)) {
        for rows in own.chunks(BATCH) {
            writer.write(&batch(rows)?)?;
        }
        writer.flush()?;
        groups.extend(own.first().map(|(part, _)| (*part, own.len() as u64)));
    }
    if is_part {
        for (key, value) in Said::words(part, splitter.parts, &groups, splitter.mark) {
            writer.append_key_value_metadata(KeyValue::new(key.to_string(), value));
        }
    }
    writer.close()?;
    fs::remove_file(from)?;
    Ok(to)
}

/// Rows as columns: weights as numbers, all else as texts.
fn columns(
    text: &[u8],
    rows: &[(u16, Range<usize>)],
    header: &csv::StringRecord,
    weight: usize,
) -> io::Result<RecordBatch> {
    let bytes: Vec<u8> =
        rows.iter().flat_map(|(_, range)| text.get(range.clone()).unwrap_or_default()).copied().collect();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    let records: Vec<csv::StringRecord> = reader.records().collect::<Result<_, _>>()?;
    let column = |at: usize| -> ArrayRef {
        let texts = records.iter().map(|record| record.get(at).unwrap_or_default());
        match at == weight {
            true => Arc::new(texts.map(|text| text.parse::<f64>().ok()).collect::<Float64Array>()),
            false => Arc::new(texts.map(Some).collect::<StringArray>()),
        }
    };
    let columns = header.iter().enumerate().map(|(at, name)| (name, column(at), true));
    RecordBatch::try_from_iter_with_nullable(columns).map_err(io::Error::other)
}

/// A table of entities with the part of each; all else stays of its type.
pub fn entities(splitter: &Splitter, file: &str) -> io::Result<()> {
    let from =
        splitter.origin.file(file, u64::MAX).map_err(|_| io::Error::other("it is not there any more"))?;
    let builder = ParquetRecordBatchReaderBuilder::try_new(from)?;
    let header = builder.schema().fields().iter().map(|field| field.name().trim()).collect();
    let find = |at: usize| entities::COLUMNS.get(at).and_then(|column| position(&header, column));
    let (id, part) = (find(entities::ID), find(entities::PART));
    let with_part = |batch: &RecordBatch| -> io::Result<RecordBatch> {
        let options = FormatOptions::default();
        let keys = id.map(|id| ArrayFormatter::try_new(batch.column(id).as_ref(), &options)).transpose();
        let keys = keys.map_err(io::Error::other)?;
        let of = |row: usize| (splitter.of)(keys.as_ref()?.value(row).to_string().trim());
        let parts: ArrayRef = Arc::new((0..batch.num_rows()).map(of).collect::<UInt16Array>());
        let schema = batch.schema();
        let others =
            schema.fields().iter().zip(batch.columns()).enumerate().filter(|(at, _)| Some(*at) != part);
        let others = others.map(|(_, (field, column))| (field.name().clone(), column.clone(), true));
        RecordBatch::try_from_iter_with_nullable(others.chain([("part".to_string(), parts, true)]))
            .map_err(io::Error::other)
    };
    let empty = with_part(&RecordBatch::new_empty(builder.schema().clone()))?;
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let to = File::create(splitter.folder.join(file))?;
    let mut writer = ArrowWriter::try_new(to, empty.schema(), Some(properties))?;
    for batch in builder.with_batch_size(BATCH).build()? {
        let batch = batch.map_err(io::Error::other)?;
        splitter.observer.read(batch.num_rows());
        writer.write(&with_part(&batch)?)?;
    }
    writer.close()?;
    Ok(())
}
