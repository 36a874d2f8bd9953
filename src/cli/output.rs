//! Where bytes go: stdout, or a file that is there whole or not at all.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use super::exit::Stop;
use super::interrupt;

/// What the streams of this run can show.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// Whether stdout takes colour.
    pub stdout_colour: bool,
    /// Whether stderr takes colour.
    pub stderr_colour: bool,
    /// Whether stdout is a terminal.
    pub stdout_terminal: bool,
    /// Whether stderr is a terminal.
    pub stderr_terminal: bool,
    /// Columns of the terminal that stdout is.
    pub width: usize,
}

impl Terminal {
    /// Width where stdout is no terminal.
    pub const WIDTH: usize = 110;

    /// Asks the environment; `no_color` is the option.
    pub fn detect(no_color: bool) -> Self {
        let allowed = !no_color && colour_allowed();
        let width = terminal_size::terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0));
        Self {
            stdout_colour: allowed && io::stdout().is_terminal(),
            stderr_colour: allowed && io::stderr().is_terminal(),
            stdout_terminal: io::stdout().is_terminal(),
            stderr_terminal: io::stderr().is_terminal(),
            width: width.filter(|width| *width >= 40).unwrap_or(Self::WIDTH),
        }
    }
}

/// Whether the environment allows colour: not with a non-empty `NO_COLOR` or `TERM=dumb`.
pub fn colour_allowed() -> bool {
    let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !forbidden && !dumb
}

/// Writes to stdout. A reader that has closed its end has what it wanted: no error.
pub fn to_stdout(bytes: &[u8]) -> Result<(), Stop> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Stop::failed(format!("cannot write to stdout: {error}")))
        }
        _ => Ok(()),
    }
}

/// Writes a file under another name beside it and renames it, so that a reader sees the old file or the new
/// one and never a half.
pub fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Stop> {
    let fail = |error: io::Error| Stop::failed(format!("cannot write {}: {error}", path.display()));
    if path.is_dir() {
        return Err(Stop::usage(format!("{} is a folder, expected the name of a file", path.display())));
    }
    if is_device(path) {
        return fs::write(path, bytes).map_err(fail);
    }
    let (temporary, mut file) = create_beside(path).map_err(fail)?;
    let written = interrupt::guarded(&temporary, || {
        let written = file.write_all(bytes).and_then(|()| file.sync_all());
        drop(file);
        written.and_then(|()| fs::rename(&temporary, path))
    });
    written.map_err(|error| {
        // The error that matters is the first one; a left-over file is the lesser harm.
        let _ = fs::remove_file(&temporary);
        fail(error)
    })
}

/// Whether the path is there and neither file nor link, like `/dev/null`, which must not be replaced.
fn is_device(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|meta| !meta.is_file() && !meta.is_dir())
}

/// A new file beside a path.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::Error::from(io::ErrorKind::InvalidInput))?;
    for attempt in 0..100 {
        let mut hidden = OsString::from(".");
        hidden.push(name);
        hidden.push(format!(".{}-{attempt}.tmp", std::process::id()));
        let candidate = path.with_file_name(hidden);
        match OpenOptions::new().write(true).create_new(true).open(&candidate) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => return opened.map(|file| (candidate, file)),
        }
    }
    Err(io::Error::from(io::ErrorKind::AlreadyExists))
}
