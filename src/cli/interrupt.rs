//! Ctrl-C: the run ends at once, with nothing half-written and nothing left on the terminal.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::exit::Exit;

/// Files that are being written under a name of their own, to be renamed when they are whole.
static UNFINISHED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

/// From now on an interruption takes away what is half-written, clears the line of the progress bar, and ends with
/// [`Exit::Interrupted`]. Files that are whole stay.
pub fn prepare(terminal: bool) {
    let end = move || {
        // who writes just now holds the list no longer than a file is made or renamed
        let unfinished = UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
        for path in unfinished.iter() {
            // what cannot be taken away is a left-over under a hidden name: the lesser harm
            let _ = std::fs::remove_file(path);
        }
        let clear = if terminal { "\r\u{1b}[2K" } else { "" };
        let _ = writeln!(std::io::stderr(), "{clear}interrupted");
        std::process::exit(i32::from(Exit::Interrupted.code()));
    };
    // a program that embeds this one has a handler of its own, which then decides
    let _ = ctrlc::set_handler(end);
}

/// Runs what makes, fills and renames a file under a name of its own; an interruption in between takes the file away.
pub fn guarded<T>(temporary: &Path, write: impl FnOnce() -> T) -> T {
    let list = || UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner);
    list().insert(temporary.to_path_buf());
    let written = write();
    list().remove(temporary);
    written
}
