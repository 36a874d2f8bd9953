//! Whole cascades: one with all its losses, or many side by side with the index of each.

use rayon::prelude::*;

use super::cascade::Workspace;
use super::system::System;
use super::{Mode, Stop};

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
    let mut workspace = Workspace::new(system);
    let summary = carry(system, shock, mode, &mut workspace, |_, _| {});
    Outcome { downstream: workspace.down.loss, upstream: workspace.up.loss, summary }
}

/// The complete failure of every firm, one at a time, in the order of the firms. `done` is called after each.
///
/// Cascades run side by side over the threads at hand; none depends on another, so neither order nor number of
/// threads changes a bit.
pub fn run_all(system: &System, mode: Mode, done: &(dyn Fn() + Sync)) -> Vec<Summary> {
    run_many(system, system.firms(), |firm| Shock::failure(firm as u32), mode, done)
}

/// Many shocks, one at a time, in their order. `done` is called after each.
pub fn run_many(
    system: &System,
    count: usize,
    shock: impl Fn(usize) -> Shock + Sync,
    mode: Mode,
    done: &(dyn Fn() + Sync),
) -> Vec<Summary> {
    let one = |workspace: &mut Workspace, at: usize| {
        let summary = carry(system, &shock(at), mode, workspace, |_, _| {});
        done();
        summary
    };
    // a workspace is made for each piece of work: pieces of some size, or making them takes the time
    let least = (count / 256).clamp(1, 64);
    (0..count).into_par_iter().with_min_len(least).map_init(|| Workspace::new(system), one).collect()
}

/// Steps between looks at whether a cascade creeps.
const PATIENCE: u32 = 16;

/// Carries a shock in a workspace; `each` sees the state after every step.
pub(super) fn carry(
    system: &System,
    shock: &Shock,
    mode: Mode,
    workspace: &mut Workspace,
    mut each: impl FnMut(u32, &Workspace),
) -> Summary {
    workspace.start(shock);
    let first = system.weights.first();
    let total = |workspace: &Workspace| first.map_or(0.0, |weights| workspace.weigh(&weights.of)[0]);
    let by_loss = matches!(mode, Mode::Compatible(c) if c.stop == Stop::Loss);
    let mut before = if by_loss { total(workspace) } else { 0.0 };
    let (mut steps, mut residual, mut last) = (0, f64::INFINITY, f64::INFINITY);
    let settled = loop {
        if steps >= mode.most_steps() {
            break false;
        }
        (last, residual) = (residual, workspace.step(system, mode));
        steps += 1;
        each(steps, workspace);
        if let Mode::Converged(converged) = mode
            && steps % PATIENCE == 0
        {
            workspace.leap(system, converged.tolerance);
        }
        let goes_on = match mode {
            Mode::Converged(converged) => residual > converged.tolerance,
            Mode::Compatible(compatible) if by_loss => {
                let now = total(workspace);
                // nothing lost before and after is no growth, as it is in the published software
                let growth = now / before;
                before = now;
                growth > 1.0 + compatible.eps
            }
            Mode::Compatible(compatible) => residual > compatible.eps,
        };
        if !goes_on {
            break true;
        }
    };
    let index = system.weights.iter().map(|weights| {
        let [both, downstream, upstream] = workspace.weigh(&weights.of).map(|sum| sum / weights.total);
        Index { both, downstream, upstream }
    });
    let index = index.collect();
    Summary { index, steps, residual, remaining: remaining(last, residual), settled }
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
