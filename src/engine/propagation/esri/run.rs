//! Whole cascades: one with all its losses, or many side by side with the index of each.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::cascade::Workspace;
use super::lanes::{Exit, Lanes};
#[cfg(feature = "cluster")]
use super::parts;
use super::system::System;
use super::{Carry, Mode};
use crate::observer::{Observer, Unobserved};

/// Losses that a cascade begins with: (firm, part of its function lost, above 0 up to 1), for each channel.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shock {
    /// Losses that customers feel.
    pub downstream: Vec<(u32, f64)>,
    /// Losses that suppliers feel.
    pub upstream: Vec<(u32, f64)>,
}

impl Shock {
    /// The complete failure of one firm.
    pub fn failure(firm: u32) -> Self {
        Self::of(vec![(firm, 1.0)])
    }

    /// Losses that both channels begin with.
    pub fn of(losses: Vec<(u32, f64)>) -> Self {
        Self { downstream: losses.clone(), upstream: losses }
    }
}

/// Weighted mean loss over all firms, 0 to 1, the shock's own part included.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Index {
    /// Each firm with the larger of its two losses.
    pub both: f64,
    /// With the downstream loss alone.
    pub downstream: f64,
    /// With the upstream loss alone.
    pub upstream: f64,
}

/// What a cascade amounts to.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// The index, by list of weights.
    pub index: Vec<Index>,
    /// Steps done; not those that a solve stands for.
    pub steps: u32,
    /// Largest growth of a loss in the last step.
    pub residual: f64,
    /// How much further losses may grow, if they go on growing as in the last steps; infinite where the steps do not
    /// shrink.
    pub remaining: f64,
    /// Whether the stop rule ended it, rather than the limit of steps.
    pub settled: bool,
}

#[cfg(feature = "cluster")]
crate::travel::travels! {
    struct Summary { index, steps, residual, remaining, settled }
    struct Index { both, downstream, upstream }
}

/// Where a cascade ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// Part of its function that each firm loses for want of inputs, 0 to 1.
    pub downstream: Vec<f64>,
    /// Part that it loses for want of customers, 0 to 1.
    pub upstream: Vec<f64>,
    /// What it amounts to.
    pub summary: Summary,
}

/// Carries a shock to where the mode stops.
///
/// Cost: for each step the links of those who have lost.
pub fn run(system: &System, shock: &Shock, mode: Mode) -> Outcome {
    run_as(system, shock, mode, Carry::Both)
}

/// Carries a shock in the way given, to the same result, bit for bit, as [`run`].
pub fn run_as(system: &System, shock: &Shock, mode: Mode, carry_as: Carry) -> Outcome {
    let mut workspace = Workspace::new(system, carry_as);
    let summary = carry(system, shock, mode, &mut workspace, |_, _| {});
    Outcome { downstream: workspace.down.loss, upstream: workspace.up.loss, summary }
}

/// The complete failure of every firm, one at a time, in the order of the firms.
///
/// Cascades run side by side over the threads at hand; none depends on another, so neither order nor number of
/// threads changes a bit.
pub fn run_all(system: &System, mode: Mode) -> Vec<Summary> {
    let all = run_many(system, system.firms(), |firm| Shock::failure(firm as u32), mode, &Unobserved);
    all.into_iter().map(|(_, summary)| summary).collect()
}

/// Many shocks, one at a time, in their order, each by its number. The observer hears of each; where it stops the work, those are
/// left out that have not ended.
///
/// Every thread takes the next shock that nobody has taken, carries it while its front is small, and then puts it into a lane
/// beside others.
pub fn run_many(
    system: &System,
    count: usize,
    shock: impl Fn(usize) -> Shock + Sync,
    mode: Mode,
    observer: &dyn Observer,
) -> Vec<(usize, Summary)> {
    run_many_as(system, count, shock, mode, Carry::Both, observer)
}

/// Many shocks in the way given, to the same results, bit for bit, as [`run_many`].
pub fn run_many_as(
    system: &System,
    count: usize,
    shock: impl Fn(usize) -> Shock + Sync,
    mode: Mode,
    carry_as: Carry,
    observer: &dyn Observer,
) -> Vec<(usize, Summary)> {
    #[cfg(feature = "cluster")]
    if !system.part().is_whole() {
        return parts::run_many(system, count, &shock, mode, observer);
    }
    let next = AtomicUsize::new(0);
    let worker = |_| {
        let mut mine = Vec::new();
        let mut workspace = Workspace::new(system, carry_as);
        let mut lanes = Lanes::new(system);
        loop {
            if observer.stopped() {
                return mine;
            }
            while lanes.has_room() && !observer.stopped() {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= count {
                    break;
                }
                let shock = shock(at);
                let mut progress = Progress::begin(system, &shock, mode, &mut workspace);
                match progress.carry(system, mode, &mut workspace, true, |_, _| {}) {
                    Some(settled) => {
                        mine.push((at, progress.conclude(system, &workspace, settled)));
                        observer.done();
                    }
                    None => lanes.enter(at, shock, progress, &workspace),
                }
            }
            if lanes.are_empty() {
                return mine;
            }
            lanes.step(mode, &mut workspace, |workspace, exit| {
                mine.push(match exit {
                    Exit::Ended(at, summary) => (at, summary),
                    Exit::Creeps(at, mut progress) => {
                        let settled = progress.look(system, mode, workspace);
                        let settled =
                            settled.or_else(|| progress.carry(system, mode, workspace, false, |_, _| {}));
                        (at, progress.conclude(system, workspace, settled.unwrap_or(false)))
                    }
                });
                observer.done();
            });
        }
    };
    let workers = rayon::current_num_threads().min(count);
    let mut all: Vec<(usize, Summary)> =
        (0..workers).into_par_iter().with_max_len(1).flat_map_iter(worker).collect();
    all.sort_unstable_by_key(|(at, _)| *at);
    all
}

/// Steps between looks at whether a cascade creeps.
const PATIENCE: u32 = 16;

/// Carries a shock in a workspace; `each` sees the state after every step.
pub(super) fn carry(
    system: &System,
    shock: &Shock,
    mode: Mode,
    workspace: &mut Workspace,
    each: impl FnMut(u32, &Workspace),
) -> Summary {
    let mut progress = Progress::begin(system, shock, mode, workspace);
    let settled = progress.carry(system, mode, workspace, false, each);
    progress.conclude(system, workspace, settled.unwrap_or(false))
}

/// How far a cascade has come.
#[derive(Clone, Debug)]
pub(super) struct Progress {
    steps: u32,
    /// Largest growth of a loss in the last step, and in the one before.
    residual: f64,
    last: f64,
    /// Total loss after the last step, where the stop rule asks for it.
    total: f64,
}

impl Progress {
    /// Puts a shock into a workspace.
    fn begin(system: &System, shock: &Shock, mode: Mode, workspace: &mut Workspace) -> Self {
        workspace.start(shock);
        Self::from_total(if mode.stops_by_loss() { total(system, workspace) } else { 0.0 })
    }

    /// Before the first step; the total loss of the shock, where the stop rule asks for it.
    pub fn from_total(total: f64) -> Self {
        Self { steps: 0, residual: f64::INFINITY, last: f64::INFINITY, total }
    }

    /// Goes on to the end: whether the stop rule made it; or, if asked to stop there, to where it is to be gathered: `None`.
    fn carry(
        &mut self,
        system: &System,
        mode: Mode,
        workspace: &mut Workspace,
        hands_over: bool,
        mut each: impl FnMut(u32, &Workspace),
    ) -> Option<bool> {
        loop {
            if self.steps >= mode.most_steps() {
                return Some(false);
            }
            if !workspace.gathers && workspace.is_to_gather(system) {
                if hands_over && !workspace.is_solved() {
                    return None;
                }
                workspace.gathers = true;
            }
            self.step(workspace.step(system, mode));
            each(self.steps, workspace);
            if let Some(settled) = self.look(system, mode, workspace) {
                return Some(settled);
            }
        }
    }

    /// Counts a step.
    pub fn step(&mut self, residual: f64) {
        self.steps += 1;
        (self.last, self.residual) = (self.residual, residual);
    }

    /// The tolerance, where it is time to look whether the cascade creeps.
    pub fn looks_for_creep(&self, mode: Mode) -> Option<f64> {
        match mode {
            Mode::Converged(converged) if self.steps.is_multiple_of(PATIENCE) => Some(converged.tolerance),
            _ => None,
        }
    }

    /// Whether a step was the last one, after going to the end at once where it creeps.
    fn look(&mut self, system: &System, mode: Mode, workspace: &mut Workspace) -> Option<bool> {
        if let Some(tolerance) = self.looks_for_creep(mode) {
            workspace.leap(system, tolerance);
        }
        self.ends(mode, || total(system, workspace))
    }

    /// Whether a step was the last one, and then whether the stop rule made it so.
    pub fn ends(&mut self, mode: Mode, total: impl FnOnce() -> f64) -> Option<bool> {
        let goes_on = match mode {
            Mode::Converged(converged) => self.residual > converged.tolerance,
            Mode::Compatible(compatible) if mode.stops_by_loss() => {
                let now = total();
                // nothing lost before and after is no growth, as it is in the published software
                let growth = now / self.total;
                self.total = now;
                growth > 1.0 + compatible.eps
            }
            Mode::Compatible(compatible) => self.residual > compatible.eps,
        };
        match goes_on {
            false => Some(true),
            true if self.steps >= mode.most_steps() => Some(false),
            true => None,
        }
    }

    /// What a cascade that ends in a workspace amounts to.
    fn conclude(&self, system: &System, workspace: &Workspace, settled: bool) -> Summary {
        let index = system.weights.iter().map(|weights| weights.index(workspace.weigh(&weights.of)));
        self.summary(index.collect(), settled)
    }

    /// What it amounts to.
    pub fn summary(&self, index: Vec<Index>, settled: bool) -> Summary {
        let remaining = remaining(self.last, self.residual);
        Summary { index, steps: self.steps, residual: self.residual, remaining, settled }
    }
}

/// Total loss by the first weight.
fn total(system: &System, workspace: &Workspace) -> f64 {
    system.weights.first().map_or(0.0, |weights| workspace.weigh(&weights.of)[0])
}

/// What a geometric series of steps still adds.
fn remaining(last: f64, residual: f64) -> f64 {
    if residual == 0.0 {
        0.0
    } else if last.is_finite() && residual < last {
        let rate = residual / last;
        residual * rate / (1.0 - rate)
    } else {
        f64::INFINITY
    }
}
