//! The forms of a report: the same bytes each time and at any number of threads, hostile names intact or escaped in
//! every one, templates obeyed. Workbooks are read back by another program's library, PDF files by `pdftotext` where it
//! is installed.

use std::collections::BTreeSet;
use std::io::Cursor;

use calamine::{Data, Reader, Xlsx, open_workbook_from_rs};
use linchpin::answer::{Style, printable, to_csv, to_json, to_markdown, to_text};
use linchpin::dataset::{load_embedded, render_all};
use linchpin::graph::Graph;
use linchpin::query::{self, Query};
use linchpin::report::{Chapter, Files, Form, Options, Template, bind, single};
use linchpin::scope::ScopeSpec;
use proptest::prelude::*;

const QUERIES: &[(&str, &str)] = &[
    (
        "market.ron",
        r#"(title: "Concentration: $m", question: "How concentrated?", chapter: "Markets", order: 2, set: {"m": "widget"},
            ask: Concentration(market: "$m"), show: [Table(), Table(name: "shares")])"#,
    ),
    (
        "who.ron",
        r#"(title: "Who hangs on $who", question: "Who stops?", chapter: "Single sources", order: 1, set: {"who": "maker"},
            ask: Exposure(to: "$who"), show: [Findings, Diagram(SupplyMap(focus: "$who")), Table(top: 20)])"#,
    ),
    (
        "bound.ron",
        r#"(title: "Who is bound", question: "To whom?", chapter: "Single sources", order: 3, ask: LockIn())"#,
    ),
];

/// Names that break what does not quote them.
const HOSTILE: &[&str] = &[
    "</script><img src=x onerror=alert(1)>",
    "\"quoted\" 'single' back\\slash \\",
    "two\nlines\r\nand\ttabs",
    "=HYPERLINK(\"http://example.org\")",
    "| a | b | `code` *bold* [link](x) <b>",
    "شركة الرقائق العربية \u{202e}evil",
    "חברת השבבים",
    "台積電 🏭 👩‍👩‍👧",
    "\u{1b}[2J\u{7}bell\u{0}nul",
    "&amp; %20 $x $$ {{ braces }} {% raw %}",
];

fn graph(name: &str) -> Graph {
    let text = format!(
        r#"(
    format: 1, name: "toy", title: {name:?}, as_of: "2026-01-01",
    kinds: {{ "firm": (name: "Firm"), "user": (name: "User") }},
    products: {{ "widget": (name: "Widget", needed_by: {{ "user": Essential }}) }},
    sources: {{ "paper": (title: {name:?}, publisher: {name:?}, url: "https://example.org/?a=1&b=2", date: "2025", reliability: Secondary) }},
    entities: {{
        "maker": (name: {name:?}, kind: "firm"), "other": (name: "Other", kind: "firm"),
        "user": (name: "User", kind: "user"), "user-two": (name: "User two", kind: "user"),
    }},
    relations: {{
        "a": Supplies(from: "maker", to: "user", product: "widget", share_of_need: Percent(60), sources: ["paper"]),
        "b": Supplies(from: "maker", to: "user-two", product: "widget", share_of_need: Percent(40), sources: ["paper"]),
        "c": Sells(from: "maker", market: "widget", share: Percent(70), sources: ["paper"]),
        "d": Sells(from: "other", market: "widget", share: Percent(20), sources: ["paper"]),
        "e": Commits(from: "user", to: "maker", product: "widget", spend: AtLeast(Usd(1e9)), status: Signed, sources: ["paper"]),
    }},
)"#
    );
    let loaded = load_embedded(&[("toy.ron", &text)]);
    let Some(facts) = loaded.facts else { panic!("{}", render_all(&loaded.diagnostics, false)) };
    let hash = facts.content_hash();
    Graph::new(facts, hash)
}

fn queries() -> Vec<Query> {
    let loaded = query::load_embedded(QUERIES);
    assert!(loaded.diagnostics.is_empty(), "{}", render_all(&loaded.diagnostics, false));
    loaded.queries
}

/// The forms that this program is built with.
fn forms() -> Vec<Form> {
    let built = |form: &Form| match form {
        Form::Pdf => cfg!(feature = "render"),
        Form::Xlsx => cfg!(feature = "xlsx"),
        Form::Html | Form::Markdown => true,
    };
    Form::ALL.into_iter().filter(built).collect()
}

fn all(graph: &Graph) -> Files {
    let options = Options { also: forms(), ..Options::default() };
    bind(graph, &queries(), &options).expect("a report").0
}

#[test]
fn every_form_gives_the_same_bytes_at_any_number_of_threads() {
    let graph = graph("Maker");
    let once = all(&graph);
    assert!(once.keys().any(|name| name.ends_with(".csv")) && once.keys().any(|name| name.ends_with(".svg")));
    for form in forms() {
        assert!(once.keys().any(|name| name.ends_with(form.ending())), "{form:?}");
    }
    for threads in [1, 4] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("a pool");
        let again = pool.install(|| all(&graph));
        let differ: Vec<_> = once.iter().filter(|(name, bytes)| again.get(*name) != Some(bytes)).collect();
        assert!(differ.is_empty(), "{threads} threads: {:?}", differ.iter().map(|d| d.0).collect::<Vec<_>>());
    }
}

/// All texts of a workbook, and the names of its sheets.
fn workbook(bytes: &[u8]) -> (Vec<String>, Vec<String>) {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes.to_vec())).expect("a workbook");
    let sheets = book.sheet_names();
    let mut texts = Vec::new();
    for sheet in &sheets {
        let range = book.worksheet_range(sheet).expect("a sheet");
        texts.extend(range.rows().flatten().filter_map(|cell| match cell {
            Data::String(text) => Some(text.clone()),
            _ => None,
        }));
    }
    (sheets, texts)
}

#[cfg(feature = "xlsx")]
#[test]
fn a_workbook_has_a_sheet_for_each_table_with_exact_numbers() {
    let bytes = single(&graph("Maker"), &queries(), &Options::default(), Form::Xlsx).expect("a workbook").0;
    let (sheets, texts) = workbook(&bytes);
    assert_eq!(sheets.first().map(String::as_str), Some("Contents"));
    for name in ["Columns", "To mind", "Evidence", "Sources"] {
        assert!(sheets.iter().any(|sheet| sheet == name), "{name} in {sheets:?}");
    }
    assert!(texts.iter().any(|text| text == "Maker"));
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes)).expect("a workbook");
    let shares = sheets.iter().find(|sheet| sheet.ends_with(" shares")).expect("the table of shares");
    let range = book.worksheet_range(shares).expect("a sheet");
    // 70 % of the market, as the dataset has it
    let exact = range.rows().flatten().any(|cell| matches!(cell, Data::Float(value) if *value == 0.7));
    assert!(exact, "{:?}", range.rows().collect::<Vec<_>>());
}

/// What `pdftotext` reads, where it is installed.
#[cfg(feature = "render")]
fn pdf_text(name: &str, bytes: &[u8]) -> Option<String> {
    let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.pdf"));
    std::fs::write(&path, bytes).expect("written");
    let output = std::process::Command::new("pdftotext").arg("-layout").arg(&path).arg("-").output().ok()?;
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(feature = "render")]
#[test]
fn a_pdf_has_real_text_contents_and_pages() {
    let bytes = single(&graph("Maker"), &queries(), &Options::default(), Form::Pdf).expect("a PDF").0;
    assert!(bytes.starts_with(b"%PDF-") && bytes.trim_ascii_end().ends_with(b"%%EOF"));
    let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
    assert!(has(b"/FontFile2"), "fonts are embedded");
    assert!(has(b"/Outlines") && has(b"/Annots"), "bookmarks and links");
    let Some(text) = pdf_text("plain", &bytes) else {
        println!("pdftotext is not installed: the text of the PDF is not read");
        return;
    };
    for part in ["Contents", "Summary", "Who hangs on Maker", "Figure 1.", "User loses", "Sources", "1 / "] {
        assert!(text.contains(part), "{part} is missing from\n{text}");
    }
}

#[cfg(feature = "render")]
#[test]
fn characters_that_no_font_shows_are_told() {
    // a private character: in no font
    let graph = graph("Maker \u{10ff00}");
    let (_, summary) = single(&graph, &queries(), &Options::default(), Form::Pdf).expect("a PDF");
    assert!(summary.warnings.iter().any(|(_, text)| text.contains("no font shows")), "{summary:?}");
}

#[cfg(feature = "render")]
#[test]
fn arabic_is_joined_and_can_be_read_back() {
    let bytes = single(&graph("شركة"), &queries(), &Options::default(), Form::Pdf).expect("a PDF").0;
    let Some(text) = pdf_text("arabic", &bytes) else { return };
    assert!(text.contains("شركة") || text.contains("ﺷﺮﻛﺔ"), "{text}");
}

#[test]
fn a_template_chooses_orders_and_shortens() {
    let graph = graph("Maker");
    let template = Template {
        title: Some("For the board".to_string()),
        front: vec!["What we were asked.".to_string()],
        chapters: vec![
            Chapter {
                title: "First".to_string(),
                text: Some("Why this matters.".to_string()),
                queries: vec!["market".to_string()],
            },
            Chapter { title: "Second".to_string(), text: None, queries: vec!["who".to_string()] },
        ],
        tables: Some(1),
        rows: Some(1),
        figures: Some(0),
        methods: false,
        ..Template::default()
    };
    let options = Options { template, ..Options::default() };
    let text = single(&graph, &queries(), &options, Form::Markdown).expect("Markdown").0;
    let text = String::from_utf8(text).expect("UTF-8");
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part} is missing from\n{text}"));
    assert!(at("# For the board") < at("What we were asked."));
    assert!(at("# First") < at("Why this matters.") && at("# First") < at("# Second"));
    assert!(!text.contains("Who is bound") && !text.contains("Figure 1") && !text.contains("## Methods"));
    let rows = |text: &str| text.lines().filter(|line| line.starts_with("| ")).count();
    // for each of two tables: headings, rules, one row
    assert_eq!(rows(&text), 6, "{text}");
}

#[test]
fn brief_is_shorter_than_full() {
    let graph = graph("Maker");
    let length = |name: &str| {
        let template = Template::built_in(name).expect("a template");
        let options = Options { template, ..Options::default() };
        single(&graph, &queries(), &options, Form::Markdown).expect("Markdown").0.len()
    };
    assert!(length("brief") < length("full"));
}

/// Fields of a row of a table in GitHub's dialect.
fn fields(line: &str) -> usize {
    let mut escaped = false;
    let mut bars = 0;
    for c in line.chars() {
        match c {
            '\\' if !escaped => escaped = true,
            '|' if !escaped => bars += 1,
            _ => escaped = false,
        }
    }
    bars
}

/// Checks every output of a dataset whose names are hostile.
fn come_through(name: &str) {
    let graph = graph(name);
    let clean = printable(name).into_owned();
    let files = all(&graph);
    for (file, bytes) in &files {
        if file.ends_with(".pdf") || file.ends_with(".xlsx") {
            continue;
        }
        let text = std::str::from_utf8(bytes).unwrap_or_else(|_| panic!("{file} is no UTF-8"));
        match file.rsplit('.').next() {
            Some("html") => {
                assert_eq!(text.matches("<script").count(), 2, "{file}");
                assert_eq!(text.matches("</script").count(), 2, "{file}");
                assert!(!text.contains("<img"), "{file}");
                assert!(text.chars().all(|c| c == '\r' || !linchpin::answer::unprintable(c)), "{file}");
            }
            Some("md") => {
                assert!(
                    !text.contains("<script") && !text.contains("<img") && !text.contains("</script"),
                    "{file}"
                );
                let mut width = None;
                for line in text.lines() {
                    if !line.starts_with("| ") {
                        width = None;
                        continue;
                    }
                    let own = fields(line);
                    assert_eq!(*width.get_or_insert(own), own, "{file}: {line}");
                }
            }
            Some("csv") => {
                let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
                let width = reader.headers().expect("headings").len();
                assert!(reader.records().all(|row| row.is_ok_and(|row| row.len() == width)), "{file}");
            }
            Some("svg") => {
                assert!(
                    text.trim_end().ends_with("</svg>")
                        && !text.contains("<script")
                        && !text.contains("<img")
                );
            }
            _ => {}
        }
    }
    if cfg!(feature = "xlsx") {
        let (sheets, texts) = workbook(&files["report.xlsx"]);
        let names: BTreeSet<String> = sheets.iter().map(|sheet| sheet.to_lowercase()).collect();
        assert_eq!(names.len(), sheets.len());
        assert!(sheets.iter().all(|sheet| sheet.chars().count() <= 31));
        // line ends are those of XML
        let plain = |text: &str| text.replace("\r\n", "\n").replace('\r', "\n");
        assert!(texts.iter().any(|text| plain(text) == plain(&clean)), "{clean:?} not in {texts:?}");
    }
    if cfg!(feature = "render") {
        let pdf = &files["report.pdf"];
        assert!(pdf.starts_with(b"%PDF-") && pdf.trim_ascii_end().ends_with(b"%%EOF"));
    }
    for query in queries() {
        let (answer, provenance) = query.run(&graph, &ScopeSpec::default()).expect("an answer");
        for style in [Style::default(), Style { bars: true, width: 60, ..Style::default() }] {
            let text = to_text(&answer, &provenance, style);
            assert!(text.chars().all(|c| !linchpin::answer::unprintable(c)), "{text:?}");
        }
        let json: serde_json::Value =
            serde_json::from_str(&to_json(&answer, &provenance).expect("JSON")).expect("JSON again");
        let titles: Vec<&str> = json["evidence"]["sources"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|source| source["title"].as_str())
            .collect();
        assert!(titles.iter().all(|title| *title == name), "{titles:?}");
        assert!(!to_markdown(&answer, &provenance).contains("<script"));
        to_csv(&answer, None).expect("CSV");
    }
}

#[test]
fn hostile_names_come_through_every_form() {
    let long = "a long name ".repeat(42);
    let word = "x".repeat(500);
    for name in HOSTILE.iter().copied().chain([long.as_str(), word.as_str()]) {
        println!("{name:?}");
        come_through(name);
    }
}

#[test]
fn an_entity_without_a_name_is_told_by_its_key() {
    let graph = graph("");
    let files = all(&graph);
    assert!(String::from_utf8_lossy(&files["report.md"]).contains("Who hangs on"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn any_name_comes_through_every_form(name in "\\PC{1,40}|(.|\n){1,60}") {
        // a name of blanks alone is refused by the dataset
        prop_assume!(!name.trim().is_empty() && !name.to_lowercase().contains("script"));
        come_through(&name);
    }
}
