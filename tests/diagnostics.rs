//! Every folder of `graph/invalid` is broken in one way; `expected.txt` is what the reader says about it.
//! `LINCHPIN_BLESS=1 cargo test --test diagnostics` writes the files anew.

use std::collections::BTreeSet;
use std::path::PathBuf;

use linchpin::dataset::{Code, Severity, load, load_embedded, render_all};

fn cases() -> Vec<PathBuf> {
    let folders = std::fs::read_dir("graph/invalid").expect("the cases are there");
    let mut cases: Vec<PathBuf> = folders.map(|folder| folder.expect("readable").path()).collect();
    cases.retain(|case| case.is_dir());
    cases.sort();
    cases
}

#[test]
fn every_case_says_what_is_expected() {
    let bless = std::env::var_os("LINCHPIN_BLESS").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let said = render_all(&load(&case).diagnostics, false);
        let file = case.join("expected.txt");
        if bless {
            std::fs::write(&file, &said).expect("writable");
        } else if std::fs::read_to_string(&file).unwrap_or_default() != said {
            wrong.push(format!("{}:\n{said}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{} cases differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_case_has_its_code_and_every_code_a_case() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        let loaded = load(&case);
        let name = case.file_name().expect("named").to_string_lossy().into_owned();
        let codes: BTreeSet<Code> = loaded.diagnostics.iter().map(|d| d.code).collect();
        let named = codes.iter().any(|code| name.starts_with(code.name()));
        let free = name.starts_with("table-") || name == "many-problems";
        assert!(named || free && !codes.is_empty(), "{name} gives {codes:?}");
        let error = loaded.diagnostics.iter().any(|d| d.severity == Severity::Error);
        assert_eq!(loaded.facts.is_none(), error, "{name}: errors stop a load, warnings do not");
        seen.extend(codes);
    }
    // these need a folder or a size that is not kept in the repository; see tests/dataset.rs
    // a misplaced row takes a file in Parquet: tests/cut.rs
    let elsewhere = [Code::NoFiles, Code::Unreadable, Code::TooLarge, Code::Suppressed, Code::MisplacedRow];
    let missing: Vec<_> = Code::ALL.iter().filter(|c| !seen.contains(c) && !elsewhere.contains(c)).collect();
    assert!(missing.is_empty(), "codes without a case: {missing:?}");
}

#[test]
fn names_of_codes_are_unique_and_kebab_case() {
    let names: BTreeSet<&str> = Code::ALL.iter().map(|code| code.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
    for name in names {
        assert!(
            name.split('-').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric()))
        );
    }
}

#[test]
fn diagnostics_are_data() {
    let loaded = load_embedded(&[("a.ron", "(\n    format: 1,\n    entities: { \"é\": (kind: 5) },\n)")]);
    let json = serde_json::to_value(&loaded.diagnostics).expect("serialisable");
    let first = &json[0];
    assert_eq!(first["code"], "bad-id");
    assert_eq!(first["severity"], "error");
    assert_eq!((first["span"]["line"].as_u64(), first["span"]["column"].as_u64()), (Some(3), Some(17)));
    assert_eq!(json[1]["span"]["column"], 29, "columns count characters");
}
