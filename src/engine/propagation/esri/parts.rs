//! Cascades on a network of which every process holds the links of its own firms.
//!
//! Every firm gathers from its own links, as in a gathered step on one machine ([`super::Carry::Gathered`]), so that each loss is
//! the same to the bit. Between steps a firm's loss goes once to each process in which it has a customer or supplier, if it has
//! changed; what is left of a market is added up by one process, in the order of its sellers, and told to all. Several cascades go
//! side by side, so that one exchange serves them all.

use rayon::prelude::*;

use super::cascade::creeps;
use super::channel::Channel;
use super::leap;
use super::run::{Progress, Shock, Summary};
use super::system::System;
use super::{Index, Mode};
use crate::observer::Observer;
use crate::part::{Halo, Mirror, Numbers, Part, bits};

/// Cascades side by side.
const BATCH: usize = 8;

/// Many shocks, in their order, each by its number: the same in every process. The observer hears of each.
pub(super) fn run_many(
    system: &System,
    count: usize,
    shock: &(impl Fn(usize) -> Shock + Sync),
    mode: Mode,
    observer: &dyn Observer,
) -> Vec<(usize, Summary)> {
    let parts = Parts::new(system, mode);
    let mut all = Vec::with_capacity(count);
    let (mut running, mut idle): (Vec<Cascade>, Vec<Cascade>) = (Vec::new(), Vec::new());
    let mut next = 0;
    loop {
        while running.len() < BATCH && next < count {
            let mut cascade = idle.pop().unwrap_or_else(|| Cascade::new(&parts));
            cascade.begin(&parts, next, shock(next));
            running.push(cascade);
            next += 1;
        }
        if running.is_empty() {
            all.sort_unstable_by_key(|(at, _)| *at);
            return all;
        }
        parts.step(&mut running);
        let mut going = Vec::with_capacity(running.len());
        for mut cascade in running {
            match parts.ends(&mut cascade) {
                None => going.push(cascade),
                Some(settled) => {
                    let index = parts.weigh(&cascade, system.weights.len());
                    all.push((cascade.at, cascade.progress.summary(index, settled)));
                    observer.done();
                    idle.push(cascade);
                }
            }
        }
        running = going;
    }
}

/// What all cascades of a process share.
struct Parts<'s> {
    system: &'s System,
    mode: Mode,
    part: &'s Part,
    down: Halo,
    up: Halo,
    /// Markets that this process adds up.
    markets: Vec<usize>,
    /// One over each market's size before any loss.
    inverse: Vec<f64>,
}

/// A cascade under way.
struct Cascade {
    at: usize,
    progress: Progress,
    down: Wave,
    up: Wave,
    /// One over what is left of each market.
    inverse: Vec<f64>,
    /// What each source passes on, by rank.
    passed: Vec<f64>,
    /// Whether the published rule for a market that is gone has let a loss fall.
    falls: bool,
}

/// The state of one channel.
struct Wave {
    loss: Vec<f64>,
    shock: Vec<f64>,
    mirror: Mirror,
    step: f64,
    reached: bool,
    growth: [f64; 2],
    solved: bool,
}

impl<'s> Parts<'s> {
    fn new(system: &'s System, mode: Mode) -> Self {
        let part = system.part();
        let owners = market_owners(system, part.processes());
        let owned = |at: &usize| owners.get(*at).copied() == Some(part.process());
        let markets: Vec<usize> = (0..system.markets.len()).filter(owned).collect();
        let firm_of = |offer: u32| system.offers[offer as usize].firm;
        let sellers = markets.iter().flat_map(|at| system.sellers_in(&system.markets[*at]));
        let sources = system.downstream.sources().chain(sellers.copied());
        let down = Halo::new(part, sources.map(firm_of));
        let up = Halo::new(part, system.upstream.sources());
        let inverse = system.markets.iter().map(|market| market.inverse(market.total, mode).0).collect();
        Self { system, mode, part, down, up, markets, inverse }
    }

    /// One step of all cascades, up to the exchange of their losses.
    fn step(&self, running: &mut [Cascade]) {
        self.exchange_markets(running);
        running.par_iter_mut().for_each(|cascade| cascade.step(self.system, self.part));
        self.exchange_losses(running);
    }

    /// Every market is added up by its process, and what has changed is told to all.
    fn exchange_markets(&self, running: &mut [Cascade]) {
        if self.system.markets.is_empty() {
            return;
        }
        let changed: Vec<Vec<u8>> = running.par_iter_mut().map(|cascade| self.add_up(cascade)).collect();
        let told = self.part.tell(&changed.concat());
        for bytes in &told {
            let mut heard = Numbers(bytes);
            for cascade in running.iter_mut() {
                cascade.falls |= heard.half() == Some(1);
                for _ in 0..heard.half().unwrap_or(0) {
                    if let (Some(at), Some(inverse)) = (heard.half(), heard.number())
                        && let Some(slot) = cascade.inverse.get_mut(at as usize)
                    {
                        *slot = inverse;
                    }
                }
            }
        }
    }

    /// The markets of this process after a cascade's losses: whether a loss may fall, and those that have changed.
    fn add_up(&self, cascade: &Cascade) -> Vec<u8> {
        let loss = &cascade.down.loss;
        let (mut falls, mut changed, mut bytes) = (false, 0u32, Vec::new());
        for at in &self.markets {
            let market = &self.system.markets[*at];
            let left = self.system.left(market, self.system.lost(market, loss), loss);
            let (inverse, gone) = market.inverse(left, self.mode);
            falls |= gone;
            if inverse.to_bits() != cascade.inverse[*at].to_bits() {
                changed += 1;
                bytes.extend((*at as u32).to_le_bytes());
                bytes.extend(bits(&inverse));
            }
        }
        let mut all = u32::from(falls).to_le_bytes().to_vec();
        all.extend(changed.to_le_bytes());
        all.extend(bytes);
        all
    }

    /// Losses go to who needs them, with how far each cascade has come.
    fn exchange_losses(&self, running: &mut [Cascade]) {
        let mut parcels = vec![Vec::new(); self.part.processes()];
        for cascade in running.iter_mut() {
            self.down.write(&mut cascade.down.mirror, &cascade.down.loss, &mut parcels);
            self.up.write(&mut cascade.up.mirror, &cascade.up.loss, &mut parcels);
            for parcel in &mut parcels {
                parcel.extend(bits(&cascade.down.step));
                parcel.extend(bits(&cascade.up.step));
                parcel.extend(u32::from(cascade.up.reached).to_le_bytes());
            }
        }
        let heard = self.part.exchange(parcels);
        let mut heard: Vec<Numbers<'_>> = heard.iter().map(|bytes| Numbers(bytes)).collect();
        for cascade in running {
            self.down.read(&mut cascade.down.loss, &mut heard);
            self.up.read(&mut cascade.up.loss, &mut heard);
            (cascade.down.step, cascade.up.step, cascade.up.reached) = (0.0, 0.0, false);
            for heard in &mut heard {
                let (down, up) = (heard.number().unwrap_or(0.0), heard.number().unwrap_or(0.0));
                cascade.down.step = cascade.down.step.max(down);
                cascade.up.step = cascade.up.step.max(up);
                cascade.up.reached |= heard.half() == Some(1);
            }
        }
    }

    /// Whether the step just made was the last one, and then whether the stop rule made it so.
    fn ends(&self, cascade: &mut Cascade) -> Option<bool> {
        let (down, up) = (&mut cascade.down, &mut cascade.up);
        up.growth = [up.step, up.growth[0]];
        cascade.progress.step(down.step.max(up.step));
        if let Some(tolerance) = cascade.progress.looks_for_creep(self.mode)
            && !up.solved
            && creeps(up.growth, up.reached, tolerance)
            && let Some(end) = leap::upstream(&self.system.upstream, &self.up, &up.loss, &up.shock)
        {
            up.loss = end;
            up.solved = true;
            // what others were told last is not what they have now
            up.mirror.doubt();
        }
        let mut progress = cascade.progress.clone();
        let ends = progress.ends(self.mode, || self.total(cascade));
        cascade.progress = progress;
        ends
    }

    /// Total loss by the first weight.
    fn total(&self, cascade: &Cascade) -> f64 {
        let index = self.sums(cascade, 1);
        index.first().map_or(0.0, |sums| sums[0])
    }

    /// The index by so many lists of weights.
    fn weigh(&self, cascade: &Cascade, lists: usize) -> Vec<Index> {
        let sums = self.sums(cascade, lists);
        self.system.weights.iter().zip(sums).map(|(weights, sums)| weights.index(sums)).collect()
    }

    /// Sums over all firms of a weight times the larger loss of the two channels, and each: process 0 adds up in the order of
    /// firms and tells.
    fn sums(&self, cascade: &Cascade, lists: usize) -> Vec<[f64; 3]> {
        let mut parcels = vec![Vec::new(); self.part.processes()];
        for at in self.part.own(self.system.firms()) {
            let (down, up) = (cascade.down.loss[at], cascade.up.loss[at]);
            if down > 0.0 || up > 0.0 {
                parcels[0].extend((at as u32).to_le_bytes());
                parcels[0].extend(bits(&down));
                parcels[0].extend(bits(&up));
            }
        }
        let heard = self.part.exchange(parcels);
        let mut losses: Vec<(u32, f64, f64)> = Vec::new();
        for bytes in &heard {
            let mut heard = Numbers(bytes);
            losses.extend(std::iter::from_fn(|| Some((heard.half()?, heard.number()?, heard.number()?))));
        }
        losses.sort_unstable_by_key(|(firm, ..)| *firm);
        let mut mine = Vec::new();
        for weights in self.system.weights.iter().take(lists).filter(|_| self.part.process() == 0) {
            let mut sums = [0.0; 3];
            for (firm, down, up) in &losses {
                let weight = weights.of[*firm as usize];
                sums[0] += weight * down.max(*up);
                sums[1] += weight * down;
                sums[2] += weight * up;
            }
            mine.extend(sums.iter().flat_map(bits));
        }
        let told = self.part.tell(&mine);
        let mut told = Numbers(told.first().map_or(&[], Vec::as_slice));
        (0..lists).map(|_| [(); 3].map(|()| told.number().unwrap_or(f64::NAN))).collect()
    }
}

/// The process that adds up each market: those with most sellers first, each to who has fewest so far.
fn market_owners(system: &System, processes: usize) -> Vec<usize> {
    let sellers = |at: &usize| system.sellers_in(&system.markets[*at]).len();
    let mut order: Vec<usize> = (0..system.markets.len()).collect();
    order.sort_by_key(|at| std::cmp::Reverse(sellers(at)));
    let (mut owners, mut load) = (vec![0; order.len()], vec![0; processes]);
    for at in order {
        let least = (0..processes).min_by_key(|process| load[*process]).unwrap_or(0);
        owners[at] = least;
        load[least] += sellers(&at);
    }
    owners
}

impl Cascade {
    fn new(parts: &Parts<'_>) -> Self {
        let (firms, offers) = (parts.system.firms(), parts.system.offers.len());
        Self {
            at: 0,
            progress: Progress::from_total(0.0),
            down: Wave::new(firms, &parts.down),
            up: Wave::new(firms, &parts.up),
            inverse: Vec::new(),
            passed: vec![0.0; offers.max(firms)],
            falls: false,
        }
    }

    fn begin(&mut self, parts: &Parts<'_>, at: usize, shock: Shock) {
        self.at = at;
        self.down.begin(&shock.downstream);
        self.up.begin(&shock.upstream);
        self.inverse.clone_from(&parts.inverse);
        self.falls = false;
        self.progress = Progress::from_total(0.0);
        if parts.mode.stops_by_loss() {
            self.progress = Progress::from_total(parts.total(self));
        }
    }

    /// One step of the firms of this process.
    fn step(&mut self, system: &System, part: &Part) {
        let Self { down, up, passed, inverse, falls, .. } = self;
        for (at, offer) in system.offers.iter().enumerate() {
            let loss = down.loss[offer.firm as usize];
            passed[system.downstream.rank(at)] =
                if loss > 0.0 { loss * offer.irreplaceable(inverse) } else { 0.0 };
        }
        down.gather(&system.downstream, passed, part, *falls);
        for (firm, loss) in up.loss.iter().enumerate() {
            passed[system.upstream.rank(firm)] = *loss;
        }
        up.gather(&system.upstream, passed, part, false);
    }
}

impl Wave {
    fn new(firms: usize, halo: &Halo) -> Self {
        Self {
            loss: vec![0.0; firms],
            shock: vec![0.0; firms],
            mirror: halo.mirror(),
            step: 0.0,
            reached: true,
            growth: [f64::INFINITY; 2],
            solved: false,
        }
    }

    /// Every process knows the shocks, so that nobody need be told of them.
    fn begin(&mut self, shocks: &[(u32, f64)]) {
        self.loss.fill(0.0);
        self.shock.fill(0.0);
        self.mirror.forget();
        (self.step, self.reached) = (0.0, true);
        (self.growth, self.solved) = ([f64::INFINITY; 2], false);
        for (firm, loss) in shocks.iter().filter(|(_, loss)| *loss > 0.0) {
            let shock = &mut self.shock[*firm as usize];
            *shock = shock.max(loss.min(1.0));
            self.loss[*firm as usize] = *shock;
        }
    }

    fn gather(&mut self, channel: &Channel, passed: &[f64], part: &Part, falls: bool) {
        (self.step, self.reached) = (0.0, false);
        for at in part.own(self.loss.len()) {
            let loss = self.loss[at];
            let floor = if falls || self.solved { self.shock[at] } else { loss };
            if floor >= 1.0 {
                continue;
            }
            let next = channel.worst(at, passed).min(1.0).max(floor);
            let growth = if self.solved { (next - loss).abs() } else { next - loss };
            self.step = if growth > self.step { growth } else { self.step };
            self.reached |= loss == 0.0 && next > 0.0;
            self.loss[at] = next;
        }
    }
}
