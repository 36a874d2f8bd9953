//! A module uses only modules below it: the order of the rooms, held.

use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up. Rooms on one floor do not see each other.
const FLOORS: &[&[&str]] = &[
    &["order", "side_by_side"],
    &["compressed", "model", "reproducible", "travel"],
    &["crew", "part"],
    &["cluster", "matrix", "observer", "what_if"],
    &["answer", "scope"],
    &["graph"],
    &["dataset", "network", "scenario"],
    &["propagation", "structure", "difference", "uncertainty"],
    &["analysis"],
    &["diagram"],
    &["query"],
    &["report", "builtin"],
    &["cli"],
];

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// The room of a file: the first part of its path below `src`, or below `src/engine`.
fn room(path: &Path, src: &Path) -> String {
    let inside = path.strip_prefix(src.join("engine")).or_else(|_| path.strip_prefix(src)).unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_string()
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&src, &mut files);
    let mut faults = Vec::new();
    for path in files {
        let own = room(&path, &src);
        if own == "main" || own == "lib" {
            continue;
        }
        let Some(rank) = floor(&own) else {
            faults.push(format!("{}: {own} stands on no floor", path.display()));
            continue;
        };
        let text = fs::read_to_string(&path).unwrap();
        for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for part in line.split("crate::").skip(1) {
                let used: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                assert!(
                    !part.starts_with('{'),
                    "{}:{}: write one `use crate::room` a line",
                    path.display(),
                    at + 1
                );
                let allowed = used == own || floor(&used).is_none_or(|other| other < rank);
                if !allowed {
                    faults.push(format!("{}:{}: {own} may not use {used}", path.display(), at + 1));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
