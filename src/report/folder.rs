//! The folder of a report: written beside, then moved into place. A folder that is not ours stays as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ReportError;

/// The file that marks a folder as a report and lists what belongs to it.
pub const MANIFEST: &str = "linchpin-report.txt";
/// The folders of a report.
const FOLDERS: [&str; 3] = ["csv", "json", "svg"];
/// Its first line.
const HEADER: &str = "A report written by linchpin. Files that belong to it, one a line:";

/// Files by name, with `/` between folders.
pub type Files = BTreeMap<String, Vec<u8>>;

fn io_error(path: &Path) -> impl FnOnce(io::Error) -> ReportError + '_ {
    move |source| ReportError::Io { path: path.to_path_buf(), source }
}

/// Writes the files as the whole content of a folder.
pub fn replace(dir: &Path, files: &Files) -> Result<(), ReportError> {
    let dir = absolute(dir)?;
    let (Some(parent), Some(name)) = (dir.parent(), dir.file_name()) else {
        return Err(ReportError::NotOurs { dir: dir.clone(), found: None });
    };
    let old = belongings(&dir)?;
    if old.is_some()
        && std::env::current_dir().and_then(|here| here.canonicalize()).ok().as_ref() == Some(&dir)
    {
        return Err(ReportError::Current(dir));
    }
    fs::create_dir_all(parent).map_err(io_error(parent))?;
    let beside = |what: &str| -> PathBuf {
        let mut own = std::ffi::OsString::from(".");
        own.push(name);
        own.push(format!(".{what}-{}", std::process::id()));
        parent.join(own)
    };
    let fresh = beside("new");
    fs::create_dir(&fresh).map_err(io_error(&fresh))?;
    let written = write_all(&fresh, files);
    if let Err(error) = written {
        let _ = fs::remove_dir_all(&fresh);
        return Err(error);
    }
    let Some(old_files) = old else {
        return fs::rename(&fresh, &dir).map_err(io_error(&dir));
    };
    let aside = beside("old");
    let moved = fs::rename(&dir, &aside).and_then(|()| {
        fs::rename(&fresh, &dir).inspect_err(|_| {
            let _ = fs::rename(&aside, &dir);
        })
    });
    if let Err(error) = moved {
        let _ = fs::remove_dir_all(&fresh);
        return Err(io_error(&dir)(error));
    }
    remove(&aside, &old_files).map_err(io_error(&aside))
}

/// The folder's own path, through links.
fn absolute(dir: &Path) -> Result<PathBuf, ReportError> {
    match dir.canonicalize() {
        Ok(dir) => Ok(dir),
        Err(_) => std::path::absolute(dir).map_err(io_error(dir)),
    }
}

/// The files of an existing report; `None` where there is no folder yet.
fn belongings(dir: &Path) -> Result<Option<BTreeSet<String>>, ReportError> {
    match fs::metadata(dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(dir)(error)),
        Ok(meta) if !meta.is_dir() => return Err(ReportError::NotOurs { dir: dir.into(), found: None }),
        Ok(_) => {}
    }
    let mut found = BTreeSet::new();
    walk(dir, "", 0, &mut found).map_err(io_error(dir))?;
    if found.is_empty() {
        return Ok(Some(found));
    }
    let refuse = |found: Option<String>| ReportError::NotOurs { dir: dir.to_path_buf(), found };
    let manifest = fs::read_to_string(dir.join(MANIFEST)).unwrap_or_default();
    let mut lines = manifest.lines();
    if lines.next() != Some(HEADER) {
        return Err(refuse(None));
    }
    let mut known: BTreeSet<&str> = lines.collect();
    known.insert(MANIFEST);
    match found.iter().find(|file| !known.contains(file.as_str())) {
        Some(foreign) => Err(refuse(Some(foreign.clone()))),
        None => Ok(Some(found)),
    }
}

/// Adds the files below a folder. Links are files here; they are not followed.
fn walk(dir: &Path, prefix: &str, depth: usize, found: &mut BTreeSet<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        // a report has one level of folders: what lies deeper, or a folder of another name, is not ours
        if entry.file_type()?.is_dir() && depth == 0 && FOLDERS.contains(&name.as_str()) {
            walk(&entry.path(), &format!("{name}/"), depth + 1, found)?;
        } else {
            found.insert(name);
        }
    }
    Ok(())
}

fn write_all(dir: &Path, files: &Files) -> Result<(), ReportError> {
    let mut manifest = format!("{HEADER}\n");
    for (name, bytes) in files {
        let path = dir.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error(parent))?;
        }
        fs::write(&path, bytes).map_err(io_error(&path))?;
        manifest.push_str(&format!("{name}\n"));
    }
    let path = dir.join(MANIFEST);
    fs::write(&path, manifest).map_err(io_error(&path))
}

/// Removes the files of an old report, and its folders.
fn remove(dir: &Path, files: &BTreeSet<String>) -> io::Result<()> {
    for name in files {
        fs::remove_file(dir.join(name))?;
    }
    for folder in FOLDERS {
        let path = dir.join(folder);
        if path.is_dir() {
            fs::remove_dir(path)?;
        }
    }
    fs::remove_dir(dir)
}
