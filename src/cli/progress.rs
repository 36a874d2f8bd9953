//! How far a long analysis has come, on a terminal.

use std::io::Write as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::analysis::Observer;

/// Work that takes less than this shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);
/// Cells of the bar.
const WIDTH: usize = 30;

/// A bar on stderr, drawn where it is a terminal and removed at the end.
#[derive(Debug)]
pub struct Bar {
    shown: bool,
    pieces: AtomicUsize,
    done: AtomicUsize,
    /// Hundredths drawn last, counted from 1; 0 before the first.
    drawn: AtomicUsize,
    begun: Instant,
}

impl Bar {
    /// A bar; `shown` says whether there is someone to see it.
    pub fn new(shown: bool) -> Self {
        let zero = || AtomicUsize::new(0);
        Self { shown, pieces: zero(), done: zero(), drawn: zero(), begun: Instant::now() }
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

impl Observer for Bar {
    fn begin(&self, pieces: usize) {
        self.pieces.store(pieces, Ordering::Relaxed);
        self.done.store(0, Ordering::Relaxed);
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
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown && self.begun.elapsed() > PATIENCE && self.drawn.load(Ordering::Relaxed) > 0 {
            self.draw("");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bar;

    #[test]
    fn a_bar_fills_up() {
        assert_eq!(bar(0, 0, 8), format!("[{}]   0 % (0 of 8)", ".".repeat(30)));
        assert_eq!(bar(50, 4, 8), format!("[{}{}]  50 % (4 of 8)", "#".repeat(15), ".".repeat(15)));
        assert_eq!(bar(100, 8, 8), format!("[{}] 100 % (8 of 8)", "#".repeat(30)));
    }
}
