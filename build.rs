//! Compiles the flagship dataset and the saved queries into the library: writes a table of names and
//! `include_str!` lines into `OUT_DIR`. Reads nothing outside the package and asks no network.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders below this depth are not looked into.
const MAX_DEPTH: usize = 8;

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let (package, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let mut code = String::new();
    table(&mut code, "GRAPH_FILES", "Files of the flagship dataset", &package, "graph/ai-infrastructure")?;
    table(&mut code, "QUERY_FILES", "The saved queries", &package, "queries")?;
    fs::write(out.join("builtin.rs"), code)
}

/// Writes one constant: the files of a folder, by name, with their texts.
fn table(code: &mut String, constant: &str, doc: &str, package: &Path, folder: &str) -> io::Result<()> {
    let root = package.join(folder);
    let mut files = Vec::new();
    if root.is_dir() {
        println!("cargo::rerun-if-changed={folder}");
        collect(&root, "", 0, &mut files)?;
    }
    files.sort();
    let _ = writeln!(code, "/// {doc}: names relative to `{folder}` and texts, in the order of names.");
    let _ = writeln!(code, "pub const {constant}: &[(&str, &str)] = &[");
    for name in files {
        let path = root.join(&name);
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", path.to_string_lossy());
    }
    let _ = writeln!(code, "];");
    Ok(())
}

/// Adds the RON files and tables below a folder, named relative to its root with `/` between folders.
fn collect(folder: &Path, prefix: &str, depth: usize, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let path = entry.path();
        if path.is_dir() && depth < MAX_DEPTH {
            collect(&path, &format!("{prefix}{name}/"), depth + 1, files)?;
        } else if name.ends_with(".ron") || name.ends_with(".csv") {
            files.push(format!("{prefix}{name}"));
        }
    }
    Ok(())
}
