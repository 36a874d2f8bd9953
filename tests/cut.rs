//! A dataset cut into parts says what it said, and a process that reads the rows of its parts alone holds what it would hold otherwise.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use linchpin::dataset::{self, CutError, TableForm};
use linchpin::model::Facts;
use linchpin::observer::Unobserved;
use linchpin::part::{Exchange, Part, Together};

/// A folder that goes when the test is over.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("linchpin-cut-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A dataset of every sort of table of links: firms in six blocks that mostly buy within, payments that name further payers, loans, and
/// records beside the tables.
fn network(folder: &Folder) -> PathBuf {
    let mut state = 99_u64;
    let mut next = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let firms = 300;
    let mut nodes = String::from("id,name,sector,owner,equity\n");
    for firm in 0..firms {
        let owner = if firm % 17 == 0 { format!("holding-{}", firm % 5) } else { String::new() };
        nodes += &format!("f{firm},\"Firm {firm}, plc\",s{},{owner},{}\n", firm % 7, 10 + firm);
    }
    let mut pair = |firm: usize| {
        let other = if next(10) < 8 { firm % 6 + 6 * next(firms / 6) } else { next(firms) };
        (other, 1 + next(50))
    };
    let (mut supplies, mut flows, mut loans) = (
        String::from("note,supplier,buyer,weight\n"),
        String::from("from,to,value\n"),
        String::from("lender,borrower,exposure\n"),
    );
    for firm in 0..firms {
        let mut seen = BTreeSet::from([firm]);
        for _ in 0..4 {
            let (other, weight) = pair(firm);
            if seen.insert(other) {
                supplies += &format!("\"a, \"\"b\"\"\",f{other},f{firm},{}\n", weight as f64 / 210.0);
                flows += &format!("f{firm},f{other},{weight}\n");
                loans += &format!("f{other},f{firm},{}\n", weight as f64 * 1e-3);
            }
        }
        flows += &format!("shop-{},f{firm},1.5\n", firm % 40);
        flows += &format!("f{firm},outside,0.25\n");
    }
    folder.write("whole/tables/nodes.csv", &nodes);
    folder.write("whole/tables/supplies.csv", &supplies);
    folder.write("whole/tables/flows.csv", &flows);
    folder.write("whole/tables/loans.csv", &loans);
    folder.write(
        "whole/tables/facts.ron",
        "(format: 1, name: \"cut\", // kept\n    tables: [Flows(file: \"flows.csv\"), Entities(file: \"nodes.csv\"),\n        \
         Supplies(file: \"supplies.csv\", weight: ShareOfCost), Exposures(file: \"loans.csv\"), /* and kept */\n    ],\n    \
         products: { \"chips\": (name: \"Chips\") },\n)\n",
    );
    folder.write("whole/more.ron", "(format: 1, kinds: { \"lab\": (name: \"Lab\") })\n");
    folder.path("whole")
}

fn facts(path: &Path) -> Facts {
    let loaded = dataset::load(path);
    loaded.facts.unwrap_or_else(|| panic!("{:?}", loaded.diagnostics))
}

/// What each of so many processes holds: its links, those of its customers among them, and the hash of all.
fn held(path: &Path, processes: usize) -> Vec<(usize, usize, String)> {
    let ends: Vec<Arc<dyn Exchange>> =
        Together::of(processes).into_iter().map(|end| Arc::new(end) as Arc<dyn Exchange>).collect();
    std::thread::scope(|scope| {
        let start = |line: Arc<dyn Exchange>| {
            scope.spawn(move || {
                let loaded = dataset::load_part(path, &Unobserved, line);
                let part: &Part = &loaded.part;
                let Some(facts) = loaded.facts else { panic!("{:?}", loaded.diagnostics) };
                let own = facts.links.iter().filter(|link| part.holds(link.to.index())).count();
                (facts.links.len(), own, facts.content_hash_in(part))
            })
        };
        let running: Vec<_> = ends.into_iter().map(start).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

#[test]
fn what_is_written_says_the_same() {
    let folder = Folder::new("same");
    let whole = network(&folder);
    let before = facts(&whole);
    for form in [TableForm::Csv, TableForm::USUAL] {
        let into = folder.path("cut");
        let cut = dataset::cut(&whole, 6, form, &into, &Unobserved).unwrap();
        let after = facts(&into);
        assert_eq!(before.content_hash(), after.content_hash());
        assert_eq!((&before.links, &before.entities.len()), (&after.links, &after.entities.len()));
        assert!(
            dataset::load(&into)
                .diagnostics
                .iter()
                .all(|problem| problem.message.contains("`note`") || problem.message.contains("\"note\"")),
            "{:?}",
            dataset::load(&into).diagnostics
        );
        let ron = fs::read_to_string(into.join("tables/facts.ron")).unwrap();
        assert!(
            ron.contains("// kept") && ron.contains("/* and kept */") && ron.contains("\"chips\""),
            "{ron}"
        );
        assert!(ron.contains("supplies-005.") && ron.contains("weight: ShareOfCost"), "{ron}");
        // each entity has one part, whoever names it
        let listed = ["nodes.csv", "named-by-links.csv"]
            .map(|name| fs::read_to_string(into.join("tables").join(name)).unwrap());
        let parts: Vec<usize> = listed
            .iter()
            .flat_map(|text| text.lines().skip(1))
            .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(parts.len(), before.entities.len());
        let counted: Vec<u64> =
            (0..6).map(|part| parts.iter().filter(|own| **own == part).count() as u64).collect();
        assert_eq!(counted, cut.by_locality.entities);
        assert!(
            cut.by_locality.crossing < cut.by_hash.crossing && cut.by_locality.needed < cut.by_hash.needed
        );
        fs::remove_dir_all(into).unwrap();
    }
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 1, "no draft is left");
}

#[test]
fn the_figures_of_a_cut_are_those_of_the_plain_count() {
    let folder = Folder::new("figures");
    let whole = network(&folder);
    let cut = dataset::cut(&whole, 5, TableForm::Csv, &folder.path("cut"), &Unobserved).unwrap();
    let mut part = std::collections::BTreeMap::new();
    for name in ["nodes.csv", "named-by-links.csv"] {
        let text = fs::read_to_string(folder.path("cut/tables").join(name)).unwrap();
        for line in text.lines().skip(1) {
            let own: usize = line.rsplit(',').next().unwrap().parse().unwrap();
            part.insert(line.split(',').next().unwrap().to_string(), own);
        }
    }
    let facts = facts(&whole);
    let of = |at: usize| part[&facts.entities[at].key];
    let mut links = vec![0u64; 5];
    let (mut crossing, mut needed) = (0, BTreeSet::new());
    for link in &facts.links {
        let (from, to) = (of(link.from.index()), of(link.to.index()));
        BTreeSet::from([from, to]).iter().for_each(|own| links[*own] += 1);
        if from != to {
            crossing += 1;
            needed.extend([(from, link.to), (to, link.from)]);
        }
    }
    let share = &cut.by_locality;
    assert_eq!((&share.links, share.crossing, share.needed), (&links, crossing, needed.len() as u64));
}

#[test]
fn processes_hold_the_same_whatever_they_leave_unread() {
    let folder = Folder::new("held");
    let whole = network(&folder);
    let hash = facts(&whole).content_hash();
    let count = facts(&whole).links.len();
    for (name, form) in [("csv", TableForm::Csv), ("usual", TableForm::USUAL)] {
        dataset::cut(&whole, 6, form, &folder.path(name), &Unobserved).unwrap();
    }
    for processes in [1, 2, 4, 6] {
        let (plain, skipping) =
            (held(&folder.path("csv"), processes), held(&folder.path("usual"), processes));
        assert_eq!(plain, skipping);
        assert_eq!(skipping.iter().map(|own| own.1).sum::<usize>(), count);
        assert!(skipping.iter().all(|own| own.2 == hash));
        if processes > 1 {
            assert!(skipping.iter().all(|own| own.0 < count));
        }
    }
}

#[test]
fn what_cannot_be_cut_is_told_and_leaves_nothing() {
    let folder = Folder::new("refused");
    let whole = network(&folder);
    let refused = |path: &Path, parts: u16, into: &str| {
        let error = dataset::cut(path, parts, TableForm::Csv, &folder.path(into), &Unobserved);
        error.unwrap_err().to_string()
    };
    assert!(refused(&whole, 2, "whole").contains("not empty"));
    assert!(refused(&whole, 4_000, "out").contains("parts"));
    folder.write("plain/a.ron", "(format: 1, name: \"a\")");
    assert!(refused(&folder.path("plain"), 1, "out").contains("no table of links"));
    folder.write("wrong/a.ron", "(format: 1, name: \"a\", tables: [Supplies(file: \"none.csv\")])");
    let error = dataset::cut(&folder.path("wrong"), 1, TableForm::Csv, &folder.path("out"), &Unobserved);
    assert!(matches!(error, Err(CutError::Invalid(_))));
    assert!(!folder.path("out").exists());
}

/// Links with entities that are written as records, which no table gives a part.
#[test]
fn entities_in_records_stay_where_their_keys_put_them() {
    let folder = Folder::new("records");
    folder.write(
        "whole/a.ron",
        "(format: 1, name: \"a\", kinds: {\"firm\": (name: \"Firm\")}, entities: { \"x\": (name: \"X\", kind: \"firm\") },\n\
         tables: [Entities(file: \"n.csv\"), Supplies(file: \"e.csv\")])",
    );
    folder.write("whole/n.csv", "id,part\na,7\nb,7\nc,7\nd,7\n");
    folder.write("whole/e.csv", "supplier,buyer,weight\na,b,1\nb,a,1\nc,d,1\nd,c,1\nx,a,2\nd,x,3\n");
    let whole = folder.path("whole");
    dataset::cut(&whole, 2, TableForm::USUAL, &folder.path("cut"), &Unobserved).unwrap();
    let text = fs::read_to_string(folder.path("cut/n.csv")).unwrap();
    assert!(text.starts_with("id,part\na,") && !text.contains('7'), "{text}");
    let ron = fs::read_to_string(folder.path("cut/a.ron")).unwrap();
    assert!(ron.contains("e-rest."), "{ron}");
    let all = held(&folder.path("cut"), 2);
    assert!(all.iter().all(|own| own.2 == facts(&whole).content_hash()));
    assert_eq!(all.iter().map(|own| own.1).sum::<usize>(), 6);
}

#[cfg(feature = "parquet")]
mod columns {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use arrow_array::RecordBatch;
    use linchpin::dataset::Code;
    use linchpin::observer::Observer;
    use parquet::arrow::ArrowWriter;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    use parquet::file::properties::WriterProperties;

    use super::*;

    /// Counts rows that are read.
    #[derive(Default)]
    struct Counter(AtomicUsize);

    impl Observer for Counter {
        fn begin(&self, _: usize) {}
        fn done(&self) {}
        fn read(&self, rows: usize) {
            self.0.fetch_add(rows, Ordering::Relaxed);
        }
    }

    /// A problem: its code, row and words.
    type Told = (Code, u32, String);

    /// How many rows each of two processes reads, and the problems that stop it.
    fn rows_read(path: &Path) -> Vec<(usize, Vec<Told>)> {
        let ends: Vec<Arc<dyn Exchange>> =
            Together::of(2).into_iter().map(|end| Arc::new(end) as Arc<dyn Exchange>).collect();
        std::thread::scope(|scope| {
            let start = |line: Arc<dyn Exchange>| {
                scope.spawn(move || {
                    let counter = Counter::default();
                    let loaded = dataset::load_part(path, &counter, line);
                    let told = loaded.diagnostics.iter().filter(|_| loaded.facts.is_none());
                    let told = told.map(|own| (own.code, own.span.line, own.message.clone())).collect();
                    (counter.0.into_inner(), told)
                })
            };
            let running: Vec<_> = ends.into_iter().map(start).collect();
            running.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    /// Two blocks and a link between them.
    fn blocks(folder: &Folder) -> PathBuf {
        let mut edges = String::from("supplier,buyer,weight\n");
        for block in ["a", "b"] {
            for at in 0..20 {
                edges += &format!("{block}{at},{block}{},{}\n", (at + 1) % 20, at + 1);
                edges += &format!("{block}{at},{block}{},{}\n", (at + 7) % 20, at + 1);
            }
        }
        edges += "a3,b4,5\n";
        folder.write("whole/t.ron", "(format: 1, name: \"t\", tables: [Supplies(file: \"e.csv\")])");
        folder.write("whole/e.csv", &edges);
        dataset::cut(&folder.path("whole"), 2, TableForm::Parquet, &folder.path("cut"), &Unobserved).unwrap();
        folder.path("cut")
    }

    /// Writes a file anew with what was said of it, its rows in the order of groups as `change` leaves them.
    fn rewrite(path: &Path, change: impl Fn(Vec<RecordBatch>) -> Vec<RecordBatch>) {
        let builder = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
        let said = builder.metadata().file_metadata().key_value_metadata().cloned();
        let groups = builder.metadata().num_row_groups();
        let schema = builder.schema().clone();
        let group = |at: usize| {
            let file = fs::File::open(path).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_row_groups(vec![at]);
            let batches: Vec<RecordBatch> = reader.build().unwrap().map(Result::unwrap).collect();
            arrow_select_concat(&batches)
        };
        let batches = change((0..groups).map(group).collect());
        let properties = WriterProperties::builder().set_key_value_metadata(said).build();
        let mut writer =
            ArrowWriter::try_new(fs::File::create(path).unwrap(), schema, Some(properties)).unwrap();
        for batch in batches {
            writer.write(&batch).unwrap();
            writer.flush().unwrap();
        }
        writer.close().unwrap();
    }

    /// The rows of a group are few, and come as one.
    fn arrow_select_concat(batches: &[RecordBatch]) -> RecordBatch {
        assert_eq!(batches.len(), 1);
        batches[0].clone()
    }

    #[test]
    fn rows_of_other_parts_are_left_unread() {
        let folder = Folder::new("unread");
        let cut = blocks(&folder);
        // 40 names, 40 own links and the one between the blocks
        assert_eq!(rows_read(&cut), vec![(81, vec![]), (81, vec![])]);
    }

    #[test]
    fn entities_that_were_moved_since_are_read_all_through() {
        let folder = Folder::new("moved");
        let cut = blocks(&folder);
        let names = fs::read_to_string(cut.join("named-by-links.csv")).unwrap();
        let line = names.lines().find(|line| line.starts_with("a3,")).unwrap();
        let (head, part) = line.rsplit_once(',').unwrap();
        let other = if part == "0" { "1" } else { "0" };
        let moved = names.replace(line, &format!("{head},{other}"));
        fs::write(cut.join("named-by-links.csv"), moved).unwrap();
        assert_eq!(rows_read(&cut), vec![(40 + 81, vec![]), (40 + 81, vec![])]);
        let all = held(&cut, 2);
        assert_eq!(all.iter().map(|own| own.1).sum::<usize>(), 81);
        assert!(all.iter().all(|own| own.2 == facts(&folder.path("whole")).content_hash()));
    }

    #[test]
    fn files_whose_groups_are_not_those_that_were_cut_are_read_all_through() {
        let folder = Folder::new("groups");
        let cut = blocks(&folder);
        let longest = |batches: Vec<RecordBatch>| {
            let mut halves = Vec::new();
            for batch in batches {
                let half = batch.num_rows().div_ceil(2);
                halves.push(batch.slice(0, half));
                halves.push(batch.slice(half, batch.num_rows() - half));
            }
            halves.retain(|half| half.num_rows() > 0);
            halves
        };
        for name in ["e-000.parquet", "e-001.parquet"] {
            rewrite(&cut.join(name), longest);
        }
        assert_eq!(rows_read(&cut), vec![(40 + 81, vec![]), (40 + 81, vec![])]);
    }

    #[test]
    fn a_row_in_the_file_of_another_part_is_an_error_where_it_could_be_lost() {
        let folder = Folder::new("misplaced");
        let cut = blocks(&folder);
        // the files of the two parts change places, but for what they say of themselves
        let read = |name: &str| {
            let file = fs::File::open(cut.join(name)).unwrap();
            let reader = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().with_row_groups(vec![0]);
            reader.build().unwrap().map(Result::unwrap).next().unwrap()
        };
        let first = read("e-000.parquet");
        rewrite(&cut.join("e-001.parquet"), |batches| {
            let others = batches.iter().map(|batch| match batch.num_rows() {
                40 => first.slice(0, 40),
                _ => batch.clone(),
            });
            others.collect()
        });
        let told = rows_read(&cut);
        let problems: Vec<_> = told.iter().flat_map(|own| &own.1).collect();
        assert!(problems.iter().any(|(code, ..)| *code == Code::MisplacedRow), "{told:?}");
        // one process reads all, so that nothing is lost
        let loaded = dataset::load(&cut);
        assert!(loaded.facts.is_some_and(|facts| facts.links.len() == 81));
        assert!(loaded.diagnostics.iter().any(|own| own.code == Code::MisplacedRow));
    }

    #[test]
    fn tables_in_columns_are_cut_too() {
        let folder = Folder::new("again");
        let cut = blocks(&folder);
        let again = folder.path("again");
        dataset::cut(&cut, 3, TableForm::Parquet, &again, &Unobserved).unwrap();
        assert_eq!(facts(&cut).content_hash(), facts(&again).content_hash());
        let names = fs::read_to_string(again.join("named-by-links.csv")).unwrap();
        assert_eq!(names.lines().next(), Some("id,name,kind,part"));
        // entities in columns keep their types and get a part
        let nodes: Vec<(&str, arrow_array::ArrayRef)> = vec![
            ("id", Arc::new(arrow_array::Int64Array::from_iter_values(0..40))),
            ("part", Arc::new(arrow_array::Int64Array::from_iter_values((0..40).map(|at| at % 3)))),
            ("revenue", Arc::new(arrow_array::Float64Array::from_iter_values((0..40).map(f64::from)))),
        ];
        let batch = RecordBatch::try_from_iter(nodes).unwrap();
        fs::create_dir_all(folder.path("typed")).unwrap();
        let file = fs::File::create(folder.path("typed/n.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        let links: String =
            (0..40).map(|at| format!("{at},{},{}\n", (at + 2) % 40, 0.1 * f64::from(at))).collect();
        folder.write("typed/e.csv", &format!("supplier,buyer,weight\n{links}"));
        folder.write(
            "typed/t.ron",
            "(format: 1, name: \"t\", tables: [Entities(file: \"n.parquet\"), Supplies(file: \"e.csv\")])",
        );
        let into = folder.path("typed-cut");
        dataset::cut(&folder.path("typed"), 2, TableForm::Csv, &into, &Unobserved).unwrap();
        let file = fs::File::open(into.join("n.parquet")).unwrap();
        let schema = ParquetRecordBatchReaderBuilder::try_new(file).unwrap().schema().clone();
        let fields: Vec<String> =
            schema.fields().iter().map(|field| format!("{} {}", field.name(), field.data_type())).collect();
        assert_eq!(fields, ["id Int64", "revenue Float64", "part UInt16"]);
        assert!(into.join("e-001.csv").exists());
    }
}

#[cfg(feature = "cluster")]
mod command {
    use std::process::{Command, Output};

    use super::*;

    fn linchpin(words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_linchpin"))
            .args(words)
            .env_remove("LINCHPIN_GRAPH")
            .output()
            .unwrap()
    }

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn a_cut_is_written_told_and_clean() {
        let folder = Folder::new("command");
        let whole = network(&folder);
        // a note is no column that is read
        let supplies = fs::read_to_string(whole.join("tables/supplies.csv")).unwrap();
        let supplies = supplies.replace("\"a, \"\"b\"\"\",", "").replace("note,", "");
        fs::write(whole.join("tables/supplies.csv"), supplies).unwrap();
        let (whole, into) = (whole.to_str().unwrap().to_string(), folder.path("into"));
        let into = into.to_str().unwrap();
        let words = ["cluster", "cut", "--parts", "6", "-o", into, "-g", &whole];
        let done = linchpin(&words);
        assert!(done.status.success(), "{}", text(&done.stderr));
        let told = text(&done.stdout);
        for row in ["entities of a part, least", "links from part to part, in 100", "parts need of others"] {
            assert!(told.contains(row), "{told}");
        }
        let check = linchpin(&["check", "-g", into]);
        assert!(
            check.status.success() && !text(&check.stdout).contains("warning"),
            "{}",
            text(&check.stdout)
        );
        // the files of a table are told as one
        let ending = if TableForm::USUAL == TableForm::Csv { "csv" } else { "parquet" };
        let tables =
            ["flows", "loans", "supplies"].map(|name| (format!("{name}-*.{ending}"), format!("{name}.csv")));
        let answer = |graph: &str| {
            let mut all = String::new();
            for question in ["tiers", "chokepoints", "circularity"] {
                let words: Vec<&str> = question.split(' ').chain(["-g", graph, "--json"]).collect();
                let done = linchpin(&words);
                all += &(text(&done.stdout) + &text(&done.stderr));
            }
            all = all
                .replace(graph, "GRAPH")
                .replace("tables/named-by-links.csv, ", "")
                .replace("\"count\": 5", "\"count\": 4");
            tables.iter().fold(all, |all, (cut, whole)| all.replace(cut, whole))
        };
        assert!(answer(&whole).contains("trophic_level") && answer(&whole) == answer(into));
        let again = linchpin(&words);
        assert_eq!(again.status.code(), Some(2), "{}", text(&again.stderr));
        let nowhere = linchpin(&["cluster", "cut", "--parts", "2", "-g", &whole]);
        assert!(text(&nowhere.stderr).contains("-o DIR"));
    }
}
