//! Caps on enumeration, and which of them cut it short.

use std::time::{Duration, Instant};

/// Caps on an enumeration. The count caps are reached first on any usual machine, so that results do not hang
/// on its speed; the time cap is a last resort.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The most results.
    pub most: usize,
    /// The most steps of work: evaluations, or partial results looked at.
    pub work: usize,
    /// The most time.
    pub time: Duration,
}

/// Why an enumeration came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Everything asked for was found.
    All,
    /// The cap on the number of results was reached.
    Most,
    /// The cap on work was reached.
    Work,
    /// The cap on time was reached.
    Time,
}

/// Counts work against the limits.
pub(super) struct Meter {
    limits: Limits,
    start: Instant,
    done: usize,
}

impl Meter {
    pub(super) fn new(limits: Limits) -> Self {
        Self { limits, start: Instant::now(), done: 0 }
    }

    /// Counts one step; says which cap is reached, if one is.
    pub(super) fn step(&mut self) -> Result<(), Ended> {
        self.done += 1;
        if self.done > self.limits.work {
            Err(Ended::Work)
        } else if self.start.elapsed() > self.limits.time {
            Err(Ended::Time)
        } else {
            Ok(())
        }
    }
}
