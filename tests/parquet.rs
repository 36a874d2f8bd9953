//! Bulk tables in Parquet say what the same tables in CSV say, and their problems name the row.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, DictionaryArray, Float64Array, Int64Array, RecordBatch, StringArray};
use linchpin::dataset;
use parquet::arrow::ArrowWriter;
use parquet::basic::Compression;
use parquet::file::properties::WriterProperties;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("parquet").join(name);
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(path: &Path, columns: Vec<(&str, ArrayRef)>, compression: Compression) {
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    // more than one group of rows
    let properties =
        WriterProperties::builder().set_compression(compression).set_max_row_group_row_count(Some(7)).build();
    let mut writer =
        ArrowWriter::try_new(File::create(path).unwrap(), batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

#[test]
fn the_same_rows_are_the_same_facts() {
    let (csv, parquet) = (folder("csv"), folder("columns"));
    let ron = |ending: &str| {
        format!(
            "(format: 1, name: \"t\", tables: [Entities(file: \"n.{ending}\"), Supplies(file: \"e.{ending}\")])"
        )
    };
    std::fs::write(csv.join("t.ron"), ron("csv")).unwrap();
    std::fs::write(parquet.join("t.ron"), ron("parquet")).unwrap();
    let sectors = ["chips", "clouds", "chips", "labs"];
    let revenue = [Some(1_000_000.25), None, Some(1e-7), Some(123_456_789_012.5)];
    let links: Vec<(i64, i64, f64)> =
        (0..20).map(|at| (at % 4, (at + 1 + at / 4) % 4, 0.1 * (1 + at) as f64)).collect();
    let mut nodes = String::from("id,sector,revenue\n");
    for (at, (sector, revenue)) in sectors.iter().zip(revenue).enumerate() {
        nodes +=
            &format!("{at},{sector},{}\n", revenue.map_or(String::new(), |value: f64| value.to_string()));
    }
    let mut edges = String::from("supplier,customer,weight\n");
    links.iter().for_each(|(from, to, weight)| edges += &format!("{from},{to},{weight}\n"));
    std::fs::write(csv.join("n.csv"), nodes).unwrap();
    std::fs::write(csv.join("e.csv"), edges).unwrap();
    let nodes: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(StringArray::from(vec!["0", "1", "2", "3"]))),
        ("sector", Arc::new(sectors.into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("revenue", Arc::new(Float64Array::from(revenue.to_vec()))),
    ];
    write(&parquet.join("n.parquet"), nodes, Compression::ZSTD(Default::default()));
    let whole =
        |of: fn(&(i64, i64, f64)) -> i64| Arc::new(Int64Array::from_iter_values(links.iter().map(of)));
    let edges: Vec<(&str, ArrayRef)> = vec![
        ("supplier", whole(|link| link.0)),
        ("customer", whole(|link| link.1)),
        ("weight", Arc::new(Float64Array::from_iter_values(links.iter().map(|link| link.2)))),
    ];
    write(&parquet.join("e.parquet"), edges, Compression::SNAPPY);
    let facts = |folder: &Path| {
        let loaded = dataset::load(folder);
        loaded.facts.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
    };
    let (first, second) = (facts(&csv), facts(&parquet));
    assert_eq!(first.links.len(), 20);
    assert_eq!((&first.links, &first.columns), (&second.links, &second.columns));
    assert_eq!(first.content_hash(), second.content_hash());
}

#[test]
fn a_problem_names_its_row_and_what_is_no_parquet_is_told() {
    let folder = folder("broken");
    let ron = "(format: 1, name: \"t\", tables: [Entities(file: \"n.parquet\"), Supplies(file: \"e.parquet\"), Flows(file: \"f.parquet\")])";
    std::fs::write(folder.join("t.ron"), ron).unwrap();
    let ids: Vec<(&str, ArrayRef)> = vec![("id", Arc::new(StringArray::from(vec!["a", "b"])))];
    write(&folder.join("n.parquet"), ids, Compression::UNCOMPRESSED);
    let edges: Vec<(&str, ArrayRef)> = vec![
        ("supplier", Arc::new(StringArray::from(vec!["a", "c", "b"]))),
        ("customer", Arc::new(StringArray::from(vec!["b", "a", "a"]))),
        ("weight", Arc::new(Float64Array::from(vec![Some(1.0), Some(2.0), Some(-3.0)]))),
    ];
    write(&folder.join("e.parquet"), edges, Compression::UNCOMPRESSED);
    std::fs::write(folder.join("f.parquet"), "from,to,value\na,b,1\n").unwrap();
    let loaded = dataset::load(&folder);
    assert!(loaded.facts.is_none());
    let found: Vec<(String, usize, String)> = loaded
        .diagnostics
        .iter()
        .map(|problem| (problem.span.file.to_string(), problem.span.line as usize, problem.message.clone()))
        .collect();
    let has = |file: &str, line: usize, words: &str| {
        assert!(
            found.iter().any(|(f, l, message)| f == file && *l == line && message.contains(words)),
            "{file}:{line} {words}: {found:#?}"
        );
    };
    has("e.parquet", 2, "there is no entity `c`");
    has("e.parquet", 3, "a weight cannot be negative");
    assert!(
        found.iter().any(|(.., message)| message.contains("cannot read the table `f.parquet`")),
        "{found:#?}"
    );
}
