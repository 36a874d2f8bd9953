//! Finds and opens the files of a dataset: a folder, or texts compiled into the program.

use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The largest RON file that is read.
pub const MAX_RON_BYTES: u64 = 256 << 20;
/// The largest table that is read; rows are read one at a time.
pub const MAX_TABLE_BYTES: u64 = 4 << 30;
/// How deep folders may be nested.
const MAX_FOLDER_DEPTH: usize = 32;

/// Where a dataset comes from.
#[derive(Clone, Copy, Debug)]
pub enum Origin<'a> {
    /// A folder, or a single RON file.
    Path(&'a Path),
    /// Names and texts.
    Embedded(&'a [(&'a str, &'a str)]),
}

/// Why a file cannot be had.
#[derive(Debug)]
pub enum OpenError {
    /// It is not there, or outside the dataset.
    NotFound,
    /// It is larger than accepted: its size.
    TooLarge(u64),
    /// It is there and cannot be read.
    Io(String),
}

/// The names of the RON files found, sorted, and what could not be read.
#[derive(Debug, Default)]
pub struct Listing {
    /// File names relative to the dataset, with `/` between folders.
    pub names: Vec<Arc<str>>,
    /// Paths that could not be read and why.
    pub unreadable: Vec<(Arc<str>, String)>,
}

impl Origin<'_> {
    /// Finds every RON file.
    pub fn list(&self) -> Listing {
        let mut listing = Listing::default();
        match self {
            Self::Embedded(files) => {
                let ron = files.iter().filter(|(name, _)| name.ends_with(".ron"));
                listing.names.extend(ron.map(|(name, _)| Arc::from(*name)));
            }
            Self::Path(path) => match fs::metadata(path) {
                Err(error) => listing.unreadable.push((display(path), error.to_string())),
                Ok(meta) if meta.is_dir() => {
                    if let Err(error) = walk(path, "", 0, &mut HashSet::new(), &mut listing) {
                        listing.unreadable.push((display(path), error.to_string()));
                    }
                }
                Ok(_) => {
                    let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
                    listing.names.extend(name.map(Arc::from));
                }
            },
        }
        listing.names.sort();
        listing
    }

    /// Opens a file of the dataset for reading. Nothing outside the dataset is opened.
    pub fn open(&self, name: &str, limit: u64) -> Result<Box<dyn Read + Send + '_>, OpenError> {
        match self {
            Self::Embedded(files) => {
                let file = files.iter().find(|(other, _)| *other == name);
                file.map(|(_, text)| Box::new(text.as_bytes()) as Box<dyn Read + Send>)
                    .ok_or(OpenError::NotFound)
            }
            Self::Path(_) => Ok(Box::new(self.file(name, limit)?.take(limit))),
        }
    }

    /// Opens a file of a dataset that lies in a folder, to be read here and there. Nothing outside the dataset is opened.
    pub fn file(&self, name: &str, limit: u64) -> Result<File, OpenError> {
        let inside = !name.is_empty() && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
        if !inside || name.contains('\\') || name.contains('\0') {
            return Err(OpenError::NotFound);
        }
        match self {
            Self::Embedded(_) => Err(OpenError::Io("it is not in a folder".to_string())),
            Self::Path(path) => {
                let path: PathBuf = if path.is_dir() { path.join(name) } else { self.beside(name) };
                let meta = fs::metadata(&path).map_err(|error| match error.kind() {
                    io::ErrorKind::NotFound => OpenError::NotFound,
                    _ => OpenError::Io(error.to_string()),
                })?;
                if !meta.is_file() {
                    return Err(OpenError::Io("not a regular file".to_string()));
                }
                if meta.len() > limit {
                    return Err(OpenError::TooLarge(meta.len()));
                }
                File::open(&path).map_err(|error| OpenError::Io(error.to_string()))
            }
        }
    }

    /// The path of a file in the folder of a dataset that is a single file.
    fn beside(&self, name: &str) -> PathBuf {
        match self {
            Self::Path(path) => path.parent().unwrap_or(Path::new("")).join(name),
            Self::Embedded(_) => PathBuf::new(),
        }
    }

    /// Reads a whole file.
    pub fn read(&self, name: &str) -> Result<Vec<u8>, OpenError> {
        let mut bytes = Vec::new();
        let mut file = self.open(name, MAX_RON_BYTES)?;
        file.read_to_end(&mut bytes).map_err(|error| OpenError::Io(error.to_string()))?;
        Ok(bytes)
    }
}

fn display(path: &Path) -> Arc<str> {
    Arc::from(path.to_string_lossy().as_ref())
}

/// Adds the RON files below a folder. A folder that is reached a second time, through a link, is passed over.
fn walk(
    folder: &Path,
    prefix: &str,
    depth: usize,
    visited: &mut HashSet<PathBuf>,
    listing: &mut Listing,
) -> io::Result<()> {
    if depth > MAX_FOLDER_DEPTH {
        return Err(io::Error::other(format!("folders are nested deeper than {MAX_FOLDER_DEPTH}")));
    }
    if !visited.insert(folder.canonicalize()?) {
        return Ok(());
    }
    let entries: io::Result<Vec<_>> = fs::read_dir(folder)?.collect();
    let mut entries: Vec<_> =
        entries?.iter().map(|e| (e.file_name().to_string_lossy().into_owned(), e.path())).collect();
    entries.sort();
    for (file_name, path) in entries {
        if file_name.starts_with('.') {
            continue;
        }
        let name = if prefix.is_empty() { file_name } else { format!("{prefix}/{file_name}") };
        // a link that leads nowhere matters only where it is named like a file of the dataset
        let outcome = match fs::metadata(&path) {
            Ok(meta) if meta.is_dir() => walk(&path, &name, depth + 1, visited, listing),
            Ok(_) if name.ends_with(".ron") => {
                listing.names.push(Arc::from(name.as_str()));
                Ok(())
            }
            Err(error) if name.ends_with(".ron") => Err(error),
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            listing.unreadable.push((Arc::from(name), error.to_string()));
        }
    }
    Ok(())
}
