//! Compiles the flagship dataset, those that saved queries name beside it, and the saved queries into the
//! library: writes tables of names and `include_str!` lines into `OUT_DIR`. Reads nothing outside the package and asks no network.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Folders below this depth are not looked into.
const MAX_DEPTH: usize = 8;
/// The datasets that are compiled in: folders of `graph/`, the flagship first.
const GRAPHS: [&str; 2] = ["ai-infrastructure", "aws-flywheel"];

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    let variable = |name: &str| env::var_os(name).map(PathBuf::from).ok_or(io::ErrorKind::NotFound);
    let (package, out) = (variable("CARGO_MANIFEST_DIR")?, variable("OUT_DIR")?);
    let mut code = String::from(
        "/// A dataset: its name, and its files by name relative to its folder, with their texts.\n",
    );
    code.push_str("type Files = (&'static str, &'static [(&'static str, &'static str)]);\n");
    code.push_str("/// The datasets, the flagship first.\nstatic GRAPHS: &[Files] = &[\n");
    for name in GRAPHS {
        let _ = writeln!(code, "(\"{name}\", &[");
        files(&mut code, &package, &format!("graph/{name}"))?;
        code.push_str("]),\n");
    }
    code.push_str("];\n/// The saved queries: names of their files and texts, in the order of names.\n");
    code.push_str("static QUERIES: &[(&str, &str)] = &[\n");
    files(&mut code, &package, "queries")?;
    code.push_str("];\n");
    fs::write(out.join("builtin.rs"), code)
}

/// Writes the files of a folder, in the order of their names.
fn files(code: &mut String, package: &Path, folder: &str) -> io::Result<()> {
    let root = package.join(folder);
    let mut files = Vec::new();
    if root.is_dir() {
        println!("cargo::rerun-if-changed={folder}");
        collect(&root, "", 0, &mut files)?;
    }
    files.sort();
    for name in files {
        let path = root.join(&name);
        let _ = writeln!(code, "    ({name:?}, include_str!({:?})),", path.to_string_lossy());
    }
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
