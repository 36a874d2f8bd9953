//! Cascades with wide fronts, several side by side: one pass over the links serves them all.
//!
//! Each cascade has a lane. What a firm has lost lies side by side for all lanes, a cache line of it, so that a link costs one
//! line and its own twelve bytes, whatever number of lanes is in use. Lanes never mix, and each adds up what the cascade would add up
//! alone, in the same order: neither who travels in the next lane nor when it was entered changes a bit.

use multiversion::multiversion;

use super::cascade::{Workspace, creeps};
use super::channel::{Channel, FIRST};
use super::run::{Progress, Summary};
use super::system::{System, Weights};
use super::{Mode, Shock};

/// Cascades side by side: numbers of a cache line.
pub(super) const WIDTH: usize = 8;

/// A number for each lane, within one cache line.
#[derive(Clone, Copy)]
#[repr(align(64))]
struct Wide([f64; WIDTH]);

const NOTHING: Wide = Wide([0.0; WIDTH]);

/// Lanes and what is lost in them.
pub(super) struct Lanes<'a> {
    system: &'a System,
    /// Losses of each firm.
    down: Vec<Wide>,
    up: Vec<Wide>,
    /// What each source passes on, by rank.
    passed: Vec<Wide>,
    lanes: [Option<Lane>; WIDTH],
    /// 1 where a loss never falls, 0 where the published rule for a market that is gone has let one fall.
    keeps: Wide,
}

/// A cascade under way.
struct Lane {
    /// Its place among the shocks.
    at: usize,
    shock: Shock,
    progress: Progress,
    /// Largest growth of an upstream loss in the last step and in the one before.
    growth: [f64; 2],
}

/// How a cascade leaves its lane.
pub(super) enum Exit {
    /// It has ended.
    Ended(usize, Summary),
    /// It creeps and is to be solved: it goes on in the workspace.
    Creeps(usize, Progress),
}

impl<'a> Lanes<'a> {
    /// Empty lanes. Memory: three numbers for each firm and lane.
    pub fn new(system: &'a System) -> Self {
        let firms = system.firms();
        Self {
            system,
            down: vec![NOTHING; firms],
            up: vec![NOTHING; firms],
            passed: vec![NOTHING; system.offers.len().max(firms)],
            lanes: [const { None }; WIDTH],
            keeps: Wide([1.0; WIDTH]),
        }
    }

    /// Whether a cascade can enter.
    pub fn has_room(&self) -> bool {
        self.lanes.iter().any(Option::is_none)
    }

    /// Whether no cascade is under way.
    pub fn are_empty(&self) -> bool {
        self.lanes.iter().all(Option::is_none)
    }

    /// Takes over a cascade from where it stands in the workspace. There must be room.
    pub fn enter(&mut self, at: usize, shock: Shock, progress: Progress, from: &Workspace) {
        let Some(place) = self.lanes.iter().position(Option::is_none) else { return };
        for (to, wave) in [(&mut self.down, &from.down), (&mut self.up, &from.up)] {
            for firm in wave.active.list() {
                to[*firm as usize].0[place] = wave.loss[*firm as usize];
            }
        }
        self.keeps.0[place] = if from.markets.falls { 0.0 } else { 1.0 };
        self.lanes[place] = Some(Lane { at, shock, progress, growth: from.up.growth });
    }

    /// One step of all lanes. Whoever leaves one is told, with the workspace in which it goes on if it has not ended.
    pub fn step(
        &mut self,
        mode: Mode,
        workspace: &mut Workspace,
        mut leaves: impl FnMut(&mut Workspace, Exit),
    ) {
        let system = self.system;
        pass_on(system, &self.down, &mut self.passed, mode, &mut self.keeps);
        let (down, _) = gather(&system.downstream, &self.passed, &mut self.down, &self.keeps);
        self.hold_shocks();
        copy(&system.upstream, &self.up, &mut self.passed);
        let (up, reached) = gather(&system.upstream, &self.passed, &mut self.up, &Wide([1.0; WIDTH]));
        let total = match system.weights.first() {
            Some(first) if mode.stops_by_loss() => {
                weigh(&mut self.down, &mut self.up, &first.of, &[u64::MAX; WIDTH])[0]
            }
            _ => NOTHING,
        };
        let mut ended = [None; WIDTH];
        for (place, ended) in ended.iter_mut().enumerate() {
            let Some(lane) = &mut self.lanes[place] else { continue };
            lane.growth = [up.0[place], lane.growth[0]];
            lane.progress.step(if down.0[place] > up.0[place] { down.0[place] } else { up.0[place] });
            if let Some(tolerance) = lane.progress.looks_for_creep(mode)
                && creeps(lane.growth, reached.0[place] > 0.0, tolerance)
            {
                if let Some(lane) = self.lanes[place].take() {
                    self.leave_to(workspace, place, &lane);
                    leaves(workspace, Exit::Creeps(lane.at, lane.progress));
                }
                continue;
            }
            *ended = lane.progress.ends(mode, || total.0[place]);
        }
        if ended.iter().any(Option::is_some) {
            for (place, summary) in self.summaries(&ended) {
                if let Some(lane) = self.lanes[place].take() {
                    leaves(workspace, Exit::Ended(lane.at, summary));
                }
            }
        }
    }

    /// Where losses may fall, none falls below its shock.
    fn hold_shocks(&mut self) {
        for (place, lane) in self.lanes.iter().enumerate().filter(|(place, _)| self.keeps.0[*place] == 0.0) {
            for (firm, loss) in lane.iter().flat_map(|lane| &lane.shock.downstream) {
                let held = &mut self.down[*firm as usize].0[place];
                *held = held.max(loss.min(1.0));
            }
        }
    }

    /// The sums of the lanes that have ended, which are emptied.
    fn summaries(&mut self, ended: &[Option<bool>; WIDTH]) -> Vec<(usize, Summary)> {
        let keep = ended.map(|ended| if ended.is_some() { 0 } else { u64::MAX });
        let Self { system, down, up, .. } = self;
        let last = system.weights.len().saturating_sub(1);
        let sums = system.weights.iter().enumerate().map(|(list, weights)| {
            let keep = if list == last { keep } else { [u64::MAX; WIDTH] };
            (weights, weigh(down, up, &weights.of, &keep))
        });
        let sums: Vec<(&Weights, [Wide; 3])> = sums.collect();
        let mut all = Vec::new();
        for (place, settled) in ended.iter().enumerate() {
            if let (Some(settled), Some(lane)) = (settled, &self.lanes[place]) {
                let of_lane =
                    sums.iter().map(|(weights, sums)| weights.index(sums.map(|wide| wide.0[place])));
                all.push((place, lane.progress.summary(of_lane.collect(), *settled)));
            }
        }
        all
    }

    /// Puts a cascade back into a workspace and empties its lane.
    fn leave_to(&mut self, workspace: &mut Workspace, place: usize, lane: &Lane) {
        workspace.start(&lane.shock);
        workspace.gathers = true;
        workspace.markets.falls = self.keeps.0[place] == 0.0;
        for (from, wave) in [(&mut self.down, &mut workspace.down), (&mut self.up, &mut workspace.up)] {
            for (from, loss) in from.iter_mut().zip(&mut wave.loss) {
                *loss = std::mem::take(&mut from.0[place]);
            }
        }
        workspace.up.growth = lane.growth;
        // a lane is left only where nobody new was reached
        workspace.up.reached = false;
    }
}

/// What each offer passes on: its firm's loss as far as the rest of its market cannot make up for it.
#[multiversion(targets("x86_64+avx+avx2+avx512f+avx512vl+avx512dq", "x86_64+avx+avx2"))]
fn pass_on(system: &System, loss: &[Wide], passed: &mut [Wide], mode: Mode, keeps: &mut Wide) {
    for market in &system.markets {
        let sellers = system.sellers_in(market);
        let mut lost = NOTHING;
        for seller in sellers {
            let offer = &system.offers[*seller as usize];
            let loss = &loss[offer.firm as usize];
            for lane in 0..WIDTH {
                lost.0[lane] += offer.size * loss.0[lane];
            }
        }
        let left = lost.0.map(|lost| market.without(lost));
        let mut afresh = NOTHING;
        if left.iter().any(Option::is_none) {
            for seller in sellers {
                let offer = &system.offers[*seller as usize];
                let loss = &loss[offer.firm as usize];
                for lane in 0..WIDTH {
                    afresh.0[lane] += offer.size * (1.0 - loss.0[lane]);
                }
            }
        }
        let mut inverse = NOTHING;
        for lane in 0..WIDTH {
            let left = left[lane].unwrap_or(afresh.0[lane] + market.outside);
            let (value, falls) = market.inverse(left, mode);
            inverse.0[lane] = value;
            keeps.0[lane] = if falls { 0.0 } else { keeps.0[lane] };
        }
        for seller in sellers {
            let offer = &system.offers[*seller as usize];
            let loss = &loss[offer.firm as usize];
            let passed = &mut passed[system.downstream.rank(*seller as usize)];
            for lane in 0..WIDTH {
                let part = offer.size * inverse.0[lane];
                passed.0[lane] = loss.0[lane] * if part < 1.0 { part } else { 1.0 };
            }
        }
    }
    for alone in system.alone() {
        passed[system.downstream.rank(*alone as usize)] = loss[system.offers[*alone as usize].firm as usize];
    }
}

fn copy(channel: &Channel, loss: &[Wide], passed: &mut [Wide]) {
    for (firm, loss) in loss.iter().enumerate() {
        passed[channel.rank(firm)] = *loss;
    }
}

/// What a sum takes along from one link to the next: all, or nothing where a row begins. As a factor from a table it costs
/// no branch, and with 1 and 0 it is exact.
const CARRY: [f64; 2] = [1.0, 0.0];

/// Every firm adds up what its sources pass on. The largest growth of a loss in each lane, and the largest loss of
/// someone reached for the first time.
#[multiversion(targets("x86_64+avx+avx2+avx512f+avx512vl+avx512dq", "x86_64+avx+avx2"))]
fn gather(channel: &Channel, passed: &[Wide], loss: &mut [Wide], keeps: &Wide) -> (Wide, Wide) {
    let (start, marked, factor) = channel.gathered();
    let (mut step, mut reached) = (NOTHING, NOTHING);
    for (loss, range) in loss.iter_mut().zip(start.windows(2)) {
        let range = range[0] as usize..range[1] as usize;
        let (mut worst, mut sum) = (NOTHING, NOTHING);
        for (marked, factor) in marked[range.clone()].iter().zip(&factor[range]) {
            let passed = &passed[(marked & !FIRST) as usize];
            let carry = CARRY[(marked >> 31) as usize];
            for lane in 0..WIDTH {
                sum.0[lane] = sum.0[lane] * carry + factor * passed.0[lane];
                worst.0[lane] = if sum.0[lane] > worst.0[lane] { sum.0[lane] } else { worst.0[lane] };
            }
        }
        for lane in 0..WIDTH {
            let before = loss.0[lane];
            let floor = before * keeps.0[lane];
            let next = if worst.0[lane] < 1.0 { worst.0[lane] } else { 1.0 };
            let next = if next > floor { next } else { floor };
            let growth = next - before;
            step.0[lane] = if growth > step.0[lane] { growth } else { step.0[lane] };
            let new = if before == 0.0 { next } else { 0.0 };
            reached.0[lane] = if new > reached.0[lane] { new } else { reached.0[lane] };
            loss.0[lane] = next;
        }
    }
    (step, reached)
}

/// Sums over the firms of a weight times the larger loss of the two channels, and each; losses keep only the bits given.
#[multiversion(targets("x86_64+avx+avx2+avx512f+avx512vl+avx512dq", "x86_64+avx+avx2"))]
fn weigh(down: &mut [Wide], up: &mut [Wide], weights: &[f64], keep: &[u64; WIDTH]) -> [Wide; 3] {
    let mut sums = [NOTHING; 3];
    for ((down, up), weight) in down.iter_mut().zip(up).zip(weights) {
        for (lane, keep) in keep.iter().enumerate() {
            let (d, u) = (down.0[lane], up.0[lane]);
            sums[0].0[lane] += weight * if d > u { d } else { u };
            sums[1].0[lane] += weight * d;
            sums[2].0[lane] += weight * u;
            down.0[lane] = f64::from_bits(d.to_bits() & keep);
            up.0[lane] = f64::from_bits(u.to_bits() & keep);
        }
    }
    sums
}
