//! One cascade, step by step, in buffers that are used again. A small front is pushed along the links of those
//! who lose; once it has some part of all links, every firm gathers from its own, which is several times faster a
//! link and can be done for many cascades side by side (`lanes.rs`). The front only grows, so there is no way back.
//!
//! Either way the results are the same bits. Every sum is taken in the order of firms: a front is kept in rising order, so that what
//! it pushes comes to each row in the order in which the row would gather it, and the zeros of those who have lost nothing change
//! no sum. And what is left of a market follows one rule ([`System::left`]).

use super::channel::Channel;
use super::leap;
use super::reached::Reached;
use super::system::System;
use super::{Carry, Mode, Shock};
use crate::part::Halo;

/// Part of all links above which a front gathers instead of pushing: about the ratio of what a link costs in a gathered
/// step of many cascades to what it costs in a pushed one.
const GATHER: f64 = 0.02;
/// Steps that are quicker than a solve.
const FEW: f64 = 60.0;

/// Buffers of one cascade, to be used for the next.
#[derive(Clone, Debug)]
pub(super) struct Workspace {
    pub(super) down: Wave,
    pub(super) up: Wave,
    pub(super) markets: Markets,
    /// What each source passes on in a step that gathers, by rank.
    passed: Vec<f64>,
    carry: Carry,
    /// Whether steps gather.
    pub(super) gathers: bool,
}

/// The state of one channel.
#[derive(Clone, Debug)]
pub(super) struct Wave {
    /// Part of its function that each firm has lost.
    pub loss: Vec<f64>,
    pub shock: Vec<f64>,
    shocked: Vec<u32>,
    /// Firms with a loss, while the front is pushed.
    pub active: Reached,
    /// Their links.
    front: usize,
    /// What firms lose in a step.
    next: Vec<f64>,
    /// Rows that a step reaches, and what they add up to.
    rows: Vec<u32>,
    sums: Vec<f64>,
    /// Whether the last step moved nothing at all, so that none will.
    still: bool,
    /// Whether the last step reached someone new.
    pub reached: bool,
    /// Largest growth of a loss in the last step and in the one before.
    pub growth: [f64; 2],
    /// Whether losses come from a solve, from which they may also fall.
    solved: bool,
}

/// What is left of each market.
#[derive(Clone, Debug)]
pub(super) struct Markets {
    lost: Vec<f64>,
    /// One over what is left.
    inverse: Vec<f64>,
    /// Markets of the front, while it is pushed.
    touched: Reached,
    /// Whether the published rule for a market that is gone has let a loss fall.
    pub falls: bool,
}

impl Workspace {
    /// Buffers for cascades on a system.
    pub(super) fn new(system: &System, carry: Carry) -> Self {
        let markets = system.markets.len();
        Self {
            down: Wave::new(system.firms(), &system.downstream),
            up: Wave::new(system.firms(), &system.upstream),
            markets: Markets {
                lost: vec![0.0; markets],
                inverse: vec![0.0; markets],
                touched: Reached::new(markets),
                falls: false,
            },
            passed: vec![0.0; system.offers.len().max(system.firms())],
            carry,
            gathers: false,
        }
    }

    /// Begins a cascade: forgets the one before and applies the shocks.
    pub(super) fn start(&mut self, shock: &Shock) {
        self.down.start(&shock.downstream, self.gathers);
        self.up.start(&shock.upstream, self.gathers);
        self.markets.falls = false;
        self.markets.touched.clear();
        self.gathers = false;
    }

    /// One step of both channels. The largest growth of a loss.
    pub(super) fn step(&mut self, system: &System, mode: Mode) -> f64 {
        let down = if self.down.still { 0.0 } else { self.step_down(system, mode) };
        let up = if self.up.still { 0.0 } else { self.step_up(system) };
        down.max(up)
    }

    /// Whether to gather from here on: where both ways are open, once the front has grown so far that it is the quicker one.
    pub(super) fn is_to_gather(&self, system: &System) -> bool {
        let (down, up) = system.links();
        match self.carry {
            Carry::Pushed => false,
            Carry::Gathered => true,
            Carry::Both => (self.down.front + self.up.front) as f64 > GATHER * (down + up) as f64,
        }
    }

    fn step_down(&mut self, system: &System, mode: Mode) -> f64 {
        let Self { down: wave, markets, passed, .. } = self;
        if self.gathers {
            markets.all(system, &wave.loss, mode);
            markets.pass_on(system, &wave.loss, |offer, value| passed[system.downstream.rank(offer)] = value);
            return wave.gather(&system.downstream, passed, markets.falls);
        }
        markets.update(system, wave, mode);
        for at in 0..wave.active.list().len() {
            let firm = wave.active.list()[at] as usize;
            let loss = wave.loss[firm];
            for offer in system.offers_of(firm) {
                let passed = loss * markets.irreplaceable(&system.offers[offer]);
                wave.push(&system.downstream, offer, passed);
            }
        }
        let links = |firm: usize| system.offers_of(firm).map(|offer| system.downstream.links_of(offer)).sum();
        wave.settle(&system.downstream, markets.falls, links)
    }

    fn step_up(&mut self, system: &System) -> f64 {
        let Self { up: wave, passed, .. } = self;
        if self.gathers {
            for (firm, loss) in wave.loss.iter().enumerate() {
                passed[system.upstream.rank(firm)] = *loss;
            }
            return wave.gather(&system.upstream, passed, false);
        }
        for at in 0..wave.active.list().len() {
            let firm = wave.active.list()[at] as usize;
            wave.push(&system.upstream, firm, wave.loss[firm]);
        }
        wave.settle(&system.upstream, false, |firm| system.upstream.links_of(firm))
    }

    /// Goes to the end of an upstream cascade that would take many more steps to come within the tolerance; leaves it as it is
    /// where that cannot be found.
    pub(super) fn leap(&mut self, system: &System, tolerance: f64) {
        if self.up.creeps(tolerance)
            && let Some(end) = leap::upstream(&system.upstream, &Halo::whole(), &self.up.loss, &self.up.shock)
        {
            self.up.loss = end;
            self.up.solved = true;
        }
    }

    /// What each offer passes on at the losses as they are.
    pub(super) fn passed_down(&mut self, system: &System, mode: Mode) -> Vec<f64> {
        let Self { down, markets, .. } = self;
        let mut passed = vec![0.0; system.offers.len()];
        markets.all(system, &down.loss, mode);
        markets.pass_on(system, &down.loss, |offer, value| passed[offer] = value);
        passed
    }

    /// Whether its losses come from a solve.
    pub(super) fn is_solved(&self) -> bool {
        self.up.solved
    }

    /// Sum over the firms of a weight times the loss of either channel, and of each, in the order of firms.
    pub(super) fn weigh(&self, weights: &[f64]) -> [f64; 3] {
        let mut sums = [0.0; 3];
        let mut add = |firm: usize| {
            let (down, up, weight) = (self.down.loss[firm], self.up.loss[firm], weights[firm]);
            sums[0] += weight * down.max(up);
            sums[1] += weight * down;
            sums[2] += weight * up;
        };
        if self.gathers {
            (0..weights.len()).for_each(&mut add);
        } else {
            let (down, up) = (self.down.active.list(), self.up.active.list());
            let (mut of_down, mut of_up) = (0, 0);
            while let Some(firm) = down.get(of_down).into_iter().chain(up.get(of_up)).min() {
                of_down += usize::from(down.get(of_down) == Some(firm));
                of_up += usize::from(up.get(of_up) == Some(firm));
                add(*firm as usize);
            }
        }
        sums
    }
}

impl Wave {
    fn new(firms: usize, channel: &Channel) -> Self {
        Self {
            loss: vec![0.0; firms],
            shock: vec![0.0; firms],
            shocked: Vec::new(),
            active: Reached::new(firms),
            front: 0,
            next: vec![0.0; firms],
            rows: Vec::new(),
            sums: vec![0.0; channel.rows()],
            still: false,
            reached: true,
            growth: [f64::INFINITY; 2],
            solved: false,
        }
    }

    fn start(&mut self, shocks: &[(u32, f64)], gathered: bool) {
        if gathered {
            self.loss.fill(0.0);
        } else {
            self.active.list().iter().for_each(|firm| self.loss[*firm as usize] = 0.0);
        }
        self.shocked.drain(..).for_each(|firm| self.shock[firm as usize] = 0.0);
        self.active.clear();
        self.front = 0;
        self.still = false;
        self.reached = true;
        self.growth = [f64::INFINITY; 2];
        self.solved = false;
        for (firm, loss) in shocks.iter().filter(|(_, loss)| *loss > 0.0) {
            let shock = &mut self.shock[*firm as usize];
            if *shock == 0.0 {
                self.shocked.push(*firm);
                self.active.insert(*firm);
            }
            *shock = shock.max(loss.min(1.0));
            self.loss[*firm as usize] = *shock;
        }
        self.active.arrange();
    }

    /// Adds what a source passes on to the rows that it is in.
    fn push(&mut self, channel: &Channel, source: usize, passed: f64) {
        for (row, factor) in channel.of_source(source) {
            let sum = &mut self.sums[row as usize];
            if *sum == 0.0 {
                self.rows.push(row);
            }
            *sum += passed * factor;
        }
    }

    /// Turns the sums of rows into losses. The largest growth of a loss.
    fn settle(&mut self, channel: &Channel, falls: bool, links: impl Fn(usize) -> usize) -> f64 {
        for row in self.rows.drain(..) {
            let sum = std::mem::take(&mut self.sums[row as usize]);
            // a sum so small that it is zero stands in the list twice
            if sum > 0.0 {
                let target = channel.target(row);
                let next = &mut self.next[target as usize];
                if *next == 0.0 {
                    self.active.insert(target);
                }
                *next = if sum > *next { sum } else { *next };
            }
        }
        if self.active.arrange() {
            self.front = self.active.list().iter().map(|firm| links(*firm as usize)).sum();
        }
        let (mut step, mut moved, mut reached) = (0.0, false, false);
        for firm in self.active.list() {
            let at = *firm as usize;
            let loss = self.loss[at];
            let floor = if falls || self.solved { self.shock[at] } else { loss };
            let next = std::mem::take(&mut self.next[at]).min(1.0).max(floor);
            let growth = if self.solved { (next - loss).abs() } else { next - loss };
            step = if growth > step { growth } else { step };
            moved |= growth != 0.0;
            reached |= loss == 0.0 && next > 0.0;
            self.loss[at] = next;
        }
        self.end_of_step(step, moved, reached)
    }

    /// Every firm adds up what its sources pass on. The largest growth of a loss.
    fn gather(&mut self, channel: &Channel, passed: &[f64], falls: bool) -> f64 {
        let (mut step, mut moved, mut reached) = (0.0, false, false);
        for at in 0..self.loss.len() {
            let loss = self.loss[at];
            let floor = if falls || self.solved { self.shock[at] } else { loss };
            if floor >= 1.0 {
                continue;
            }
            let next = channel.worst(at, passed).min(1.0).max(floor);
            let growth = if self.solved { (next - loss).abs() } else { next - loss };
            step = if growth > step { growth } else { step };
            moved |= growth != 0.0;
            reached |= loss == 0.0 && next > 0.0;
            self.loss[at] = next;
        }
        self.end_of_step(step, moved, reached)
    }

    fn end_of_step(&mut self, step: f64, moved: bool, reached: bool) -> f64 {
        self.still = !moved;
        self.reached = reached;
        self.growth = [step, self.growth[0]];
        step
    }

    /// Whether it creeps, as [`creeps`] has it.
    fn creeps(&self, tolerance: f64) -> bool {
        !self.solved && creeps(self.growth, self.reached, tolerance)
    }
}

/// Whether an upstream cascade reaches nobody new any more but would take many steps to come within the tolerance, by the largest
/// growth of a loss in the last step and in the one before.
pub(super) fn creeps([now, before]: [f64; 2], reached: bool, tolerance: f64) -> bool {
    if reached || now <= tolerance {
        return false;
    }
    // steps left, if they go on shrinking as the last one did
    now >= before || (tolerance / now).ln() / (now / before).ln() > FEW
}

impl Markets {
    /// What is left of the markets in which one of the front sells.
    fn update(&mut self, system: &System, wave: &Wave, mode: Mode) {
        if self.lost.is_empty() {
            return;
        }
        for firm in wave.active.list() {
            for offer in &system.offers[system.offers_of(*firm as usize)] {
                if let Some(market) = offer.market {
                    self.touched.insert(market);
                    self.lost[market as usize] += offer.size * wave.loss[*firm as usize];
                }
            }
        }
        self.touched.arrange();
        for at in self.touched.list() {
            let at = *at as usize;
            let market = &system.markets[at];
            let lost = std::mem::take(&mut self.lost[at]);
            let (inverse, falls) = market.inverse(system.left(market, lost, &wave.loss), mode);
            self.inverse[at] = inverse;
            self.falls |= falls;
        }
    }

    /// What is left of every market.
    fn all(&mut self, system: &System, loss: &[f64], mode: Mode) {
        for (market, to) in system.markets.iter().zip(&mut self.inverse) {
            let left = system.left(market, system.lost(market, loss), loss);
            let (inverse, falls) = market.inverse(left, mode);
            *to = inverse;
            self.falls |= falls;
        }
    }

    /// Hands over what each offer passes on.
    fn pass_on(&self, system: &System, loss: &[f64], mut take: impl FnMut(usize, f64)) {
        for (at, offer) in system.offers.iter().enumerate() {
            let loss = loss[offer.firm as usize];
            take(at, if loss > 0.0 { loss * self.irreplaceable(offer) } else { 0.0 });
        }
    }

    fn irreplaceable(&self, offer: &super::Offer) -> f64 {
        offer.irreplaceable(&self.inverse)
    }
}
