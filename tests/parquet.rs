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

/// A table of an answer, read back by another reader of the format: the same numbers to the bit, keys, flags and nulls.
#[test]
fn an_answer_comes_back_from_its_file() {
    use arrow_array::cast::AsArray;
    use arrow_array::types::Float64Type;
    use arrow_array::{Array, BooleanArray};
    use linchpin::analysis::{Ask, View, ron_options};
    use linchpin::answer::{Cell, to_parquet};
    use linchpin::graph::Graph;
    use linchpin::scope::Scope;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    let loaded = dataset::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("graph/ai-infrastructure"));
    let facts = loaded.facts.unwrap();
    let hash = facts.content_hash();
    let graph = Graph::new(facts, hash);
    let view = View { graph: &graph, scope: Scope::on(graph.default_as_of()) };
    let ask: Ask = ron_options().from_str(r#"Chokepoints(of: Some("anthropic"))"#).unwrap();
    let answer = ask.run(&view).unwrap();
    let provenance = view.provenance(&ask, "linchpin".to_string(), 0);
    let path = folder("answer").join("answer.parquet");
    std::fs::write(&path, to_parquet(&answer, None, &provenance).unwrap()).unwrap();
    let builder = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap();
    let told = builder.metadata().file_metadata().key_value_metadata().unwrap().clone();
    assert!(told.iter().any(|own| own.key == "query" && own.value.as_deref() == Some(&provenance.query)));
    let batches: Vec<RecordBatch> =
        builder.with_batch_size(1 << 20).build().unwrap().map(Result::unwrap).collect();
    let [batch] = batches.as_slice() else { panic!("one batch") };
    let table = &answer.tables[0];
    assert_eq!(batch.num_rows(), table.rows.len());
    let mut kinds = [0; 4];
    for (at, column) in table.columns.iter().enumerate() {
        assert_eq!(batch.schema().field(at).name(), &column.name);
        let array = batch.column(at);
        for (row, cells) in table.rows.iter().enumerate() {
            match &cells[at] {
                Cell::Empty => {
                    kinds[0] += 1;
                    assert!(array.is_null(row));
                }
                Cell::Number(value) => {
                    kinds[1] += 1;
                    assert_eq!(array.as_primitive::<Float64Type>().value(row).to_bits(), value.to_bits());
                }
                Cell::Flag(flag) => {
                    kinds[2] += 1;
                    assert_eq!(array.as_any().downcast_ref::<BooleanArray>().unwrap().value(row), *flag);
                }
                cell => {
                    kinds[3] += 1;
                    assert_eq!(array.as_string::<i32>().value(row), cell.as_key().unwrap());
                }
            }
        }
    }
    assert!(kinds.iter().all(|count| *count > 0), "{kinds:?}");
    assert!(to_parquet(&answer, Some("no-such"), &provenance).is_err());
}
