//! A table of an answer as a Parquet file, for programs that read columns.

use std::sync::Arc;

use arrow_array::{ArrayRef, BooleanArray, Float64Array, RecordBatch, StringArray};
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::render::{csv_cell, pick};
use super::{Answer, Cell, Provenance, RenderError, Table};

/// One table as Parquet (Snappy): numbers as 64-bit floats, yes and no as booleans, all else as texts, things by their keys; what is
/// not known is null. The metadata of the file holds the question (`query`), the command that repeats it, the content
/// hash of the dataset, and whether the answer is complete (`status`).
///
/// # Errors
/// No table of that name, or it cannot be written.
pub fn to_parquet(
    answer: &Answer,
    table: Option<&str>,
    provenance: &Provenance,
) -> Result<Vec<u8>, RenderError> {
    let Some(table) = pick(answer, table)? else {
        return Err(RenderError::Write("the answer has no table".to_string()));
    };
    let status =
        serde_json::to_string(&answer.status).map_err(|error| RenderError::Write(error.to_string()))?;
    let told = [
        ("query", provenance.query.clone()),
        ("command", provenance.command.clone()),
        ("graph_sha256", provenance.graph.sha256.clone()),
        ("as_of", provenance.scope.as_of.clone()),
        ("status", status),
    ];
    let told = told.into_iter().map(|(key, value)| KeyValue::new(key.to_string(), value)).collect();
    write(table, told)
}

fn write(table: &Table, told: Vec<KeyValue>) -> Result<Vec<u8>, RenderError> {
    let with_ranges = table.with_ranges_as_columns();
    let table = with_ranges.as_ref().unwrap_or(table);
    let columns = (0..table.columns.len()).map(|at| (table.columns[at].name.clone(), column(table, at)));
    let fail = |error: String| RenderError::Write(error);
    // a list of columns that may all be null
    let batch = RecordBatch::try_from_iter_with_nullable(columns.map(|(name, column)| (name, column, true)))
        .map_err(|error| fail(error.to_string()))?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::SNAPPY)
        .set_key_value_metadata(Some(told))
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, batch.schema(), Some(properties))
        .map_err(|error| fail(error.to_string()))?;
    writer.write(&batch).map_err(|error| fail(error.to_string()))?;
    writer.close().map_err(|error| fail(error.to_string()))?;
    Ok(bytes)
}

/// A column by what its cells are: numbers where all that are known are, flags likewise, else texts.
fn column(table: &Table, at: usize) -> ArrayRef {
    let cells = || table.rows.iter().map(|row| row.get(at).unwrap_or(&Cell::Empty));
    let known = || cells().filter(|cell| **cell != Cell::Empty);
    if known().next().is_some() && known().all(|cell| matches!(cell, Cell::Number(_))) {
        return Arc::new(cells().map(Cell::as_number).collect::<Float64Array>());
    }
    if known().next().is_some() && known().all(|cell| matches!(cell, Cell::Flag(_))) {
        let flag = |cell: &Cell| if let Cell::Flag(flag) = cell { Some(*flag) } else { None };
        return Arc::new(cells().map(flag).collect::<BooleanArray>());
    }
    let text = |cell: &Cell| (*cell != Cell::Empty).then(|| csv_cell(cell));
    Arc::new(cells().map(text).collect::<StringArray>())
}
