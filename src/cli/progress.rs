//! How far a long analysis has come, on a terminal.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::analysis::Observer;
use crate::crew::Crew;

/// Work that takes less than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// Cells of the bar.
const WIDTH: usize = 30;

/// A bar on stderr, drawn where it is a terminal and removed at the end.
pub struct Bar<'c> {
    shown: bool,
    pieces: AtomicUsize,
    done: AtomicUsize,
    /// Hundredths drawn last, counted from 1; 0 before the first.
    drawn: AtomicUsize,
    /// Rows of bulk tables read so far, and millions of them drawn last.
    rows: AtomicUsize,
    begun: Instant,
    /// How long the work may take.
    limit: Option<Duration>,
    /// Other processes that share the work.
    crew: Option<&'c dyn Crew>,
}

impl<'c> Bar<'c> {
    /// A bar; `shown` says whether there is someone to see it.
    pub fn new(shown: bool) -> Self {
        let zero = || AtomicUsize::new(0);
        let (pieces, done, drawn, rows) = (zero(), zero(), zero(), zero());
        Self { shown, pieces, done, drawn, rows, begun: Instant::now(), limit: None, crew: None }
    }

    /// The same for work that is to end after a time, from now on.
    pub fn until(mut self, limit: Option<Duration>) -> Self {
        self.limit = limit;
        self
    }

    /// The same for work that others share.
    pub fn with(mut self, crew: Option<&'c dyn Crew>) -> Self {
        self.crew = crew;
        self
    }

    fn draw(&self, text: &str) {
        let mut out = std::io::stderr().lock();
        // who has closed stderr does not look at it
        let _ = write!(out, "\r\u{1b}[2K{text}").and_then(|()| out.flush());
    }
}

/// A bar of so many hundredths.
fn bar(hundredths: usize, done: usize, pieces: usize) -> String {
    let full = hundredths.min(100) * WIDTH / 100;
    format!("[{}{}] {hundredths:3} % ({done} of {pieces})", "#".repeat(full), ".".repeat(WIDTH - full))
}

/// Rows after which their number is drawn again.
const ROWS: usize = 250_000;

/// How many rows have been read, with the thousands apart.
fn told(rows: usize) -> String {
    let digits = rows.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    format!("reading tables: {text} rows")
}

impl Observer for Bar<'_> {
    fn begin(&self, pieces: usize) {
        self.pieces.store(pieces, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
        self.drawn.store(0, Ordering::Relaxed);
    }

    fn read(&self, rows: usize) {
        let before = self.rows.fetch_add(rows, Ordering::Relaxed);
        if self.shown && (before + rows) / ROWS > before / ROWS && self.begun.elapsed() > PATIENCE {
            self.drawn.store(1, Ordering::Relaxed);
            self.draw(&told(before + rows));
        }
    }

    fn stopped(&self) -> bool {
        self.limit.is_some_and(|limit| self.begun.elapsed() >= limit)
    }

    fn done(&self) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if !self.shown {
            return;
        }
        let pieces = self.pieces.load(Ordering::Relaxed).max(1);
        let hundredths = done * 100 / pieces;
        let new = self.drawn.fetch_max(hundredths + 1, Ordering::Relaxed) < hundredths + 1;
        if new && self.begun.elapsed() > PATIENCE {
            self.draw(&bar(hundredths, done, pieces));
        }
    }

    fn crew(&self) -> Option<&dyn Crew> {
        self.crew
    }
}

impl Drop for Bar<'_> {
    fn drop(&mut self) {
        if self.shown && self.begun.elapsed() > PATIENCE && self.drawn.load(Ordering::Relaxed) > 0 {
            self.draw("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{bar, told};

    #[test]
    fn rows_are_told_in_thousands() {
        assert_eq!(told(999), "reading tables: 999 rows");
        assert_eq!(told(1_250_000), "reading tables: 1,250,000 rows");
    }

    #[test]
    fn a_bar_fills_up() {
        assert_eq!(bar(0, 0, 8), format!("[{}]   0 % (0 of 8)", ".".repeat(30)));
        assert_eq!(bar(50, 4, 8), format!("[{}{}]  50 % (4 of 8)", "#".repeat(15), ".".repeat(15)));
        assert_eq!(bar(100, 8, 8), format!("[{}] 100 % (8 of 8)", "#".repeat(30)));
    }
}
