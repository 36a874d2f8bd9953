//! Day by day.

use super::chain::Chain;
use super::events::{Event, Hit};
use super::ration::{Client, in_proportion, ration};
use super::settings::{Filling, Limit, Settings, Split, Stocks};

/// Distance from normal demand that is rounding.
const ROUNDING: f64 = 1e-12;

/// A day of a run, after output is shared out and before the next orders. All by firm, relative to its normal output, but
/// for `cover`.
#[derive(Clone, Copy, Debug)]
pub struct Day<'a> {
    /// Number of the day, from 0.
    pub number: usize,
    /// What it made.
    pub output: &'a [f64],
    /// What it could have made with all inputs and orders.
    pub capacity: &'a [f64],
    /// What was asked of it, by firms and final demand.
    pub demand: &'a [f64],
    /// What final demand got of it.
    pub consumed: &'a [f64],
    /// What final demand wanted of it.
    pub wanted: &'a [f64],
    /// Days of normal use on stock in the morning, by input.
    pub cover: &'a [f64],
    /// The input that limited it most; `None` where capacity or demand did.
    pub binding: &'a [Option<u32>],
    /// What arrives over each link, relative to normal.
    pub delivered: &'a [f64],
    /// Whether an event holds on the day.
    pub shocked: bool,
}

/// Everything that changes from day to day; allocated once.
struct State {
    output: Vec<f64>,
    capacity: Vec<f64>,
    optimal: Vec<f64>,
    /// What a firm would make if it got all that is used as it is made.
    keen: Vec<f64>,
    demand: Vec<f64>,
    wanted: Vec<f64>,
    consumed: Vec<f64>,
    growth: Vec<f64>,
    binding: Vec<Option<u32>>,
    /// What is left of capacity and of final demand after events, by firm.
    able: Vec<f64>,
    appetite: Vec<f64>,
    /// What is left of deliveries, by link.
    open: Vec<f64>,
    /// Days of normal use, by input.
    cover: Vec<f64>,
    /// The same by link, where stocks are kept by supplier; in days of the supplier's normal part.
    shelf: Vec<f64>,
    orders: Vec<f64>,
    /// What firms order of each firm, relative to its normal output: the sum of `orders` over its customers.
    ordered: Vec<f64>,
    /// The part of every order that a firm serves; not a number where customers are served differently.
    part: Vec<f64>,
    /// Orders of the day before, where something is used as it is made.
    asked: Vec<f64>,
    delivered: Vec<f64>,
    clients: Vec<Client>,
}

impl State {
    fn new(chain: &Chain, settings: &Settings, cuts: bool) -> Self {
        let (firms, links) = (chain.firms(), chain.links());
        let most = (0..firms).map(|firm| chain.customers_of(firm).len()).max().unwrap_or(0);
        let mut shelf = Vec::new();
        if settings.stocks == Stocks::Supplier {
            for input in 0..chain.inputs() {
                shelf.extend(chain.links_of(input).map(|_| chain.target[input]));
            }
        }
        Self {
            output: vec![1.0; firms],
            capacity: vec![1.0; firms],
            optimal: vec![1.0; firms],
            keen: vec![1.0; firms],
            demand: vec![1.0; firms],
            wanted: chain.demand.clone(),
            consumed: chain.demand.clone(),
            growth: vec![1.0; firms],
            binding: vec![None; firms],
            able: vec![1.0; firms],
            appetite: vec![1.0; firms],
            open: if cuts { vec![1.0; links] } else { Vec::new() },
            cover: chain.target.clone(),
            shelf,
            orders: vec![1.0; links],
            ordered: (0..firms).map(|firm| chain.sold_to_firms(firm)).collect(),
            part: vec![1.0; firms],
            asked: if chain.has_flows() { vec![1.0; links] } else { Vec::new() },
            delivered: vec![1.0; links],
            clients: Vec::with_capacity(most),
        }
    }

    /// Adds the order of a link to what its supplier is asked for.
    fn count(&mut self, chain: &Chain, link: usize) {
        if let Some(ordered) = self.ordered.get_mut(chain.supplier[link] as usize) {
            *ordered += chain.sold[link] * self.orders[link];
        }
    }
}

/// Runs a chain from its normal day through `days` days and shows each to `see`.
///
/// Events that name firms or links that are not there are left out. Without events everything stays at 1.
pub fn simulate(
    chain: &Chain,
    settings: &Settings,
    events: &[Event],
    days: usize,
    mut see: impl FnMut(Day<'_>),
) {
    let cuts = events.iter().any(|event| matches!(event.hit, Hit::Link(_)));
    let mut state = State::new(chain, settings, cuts);
    for number in 0..days {
        let shocked = happen(chain, events, number, &mut state);
        ask(chain, number, settings, &mut state);
        produce(chain, settings, &mut state);
        share_out(chain, settings, &mut state);
        see(Day {
            number,
            output: &state.output,
            capacity: &state.capacity,
            demand: &state.demand,
            consumed: &state.consumed,
            wanted: &state.wanted,
            cover: &state.cover,
            binding: &state.binding,
            delivered: &state.delivered,
            shocked,
        });
        // deliveries are held against these orders the next day, where nothing is stored
        if !state.asked.is_empty() {
            state.asked.copy_from_slice(&state.orders);
        }
        state.ordered.fill(0.0);
        match settings.stocks {
            Stocks::Class => by_class(chain, settings, &mut state),
            Stocks::Supplier => by_supplier(chain, settings, &mut state),
        }
    }
}

/// What events leave of capacity, deliveries and final demand.
fn happen(chain: &Chain, events: &[Event], number: usize, state: &mut State) -> bool {
    state.able.fill(1.0);
    state.appetite.fill(1.0);
    state.open.fill(1.0);
    let mut shocked = false;
    for event in events {
        let strength = event.strength(number) * event.size;
        let (values, at, factor) = match event.hit {
            Hit::Capacity(firm) => (&mut state.able, firm, 1.0 - strength),
            Hit::Link(link) => (&mut state.open, link, 1.0 - strength),
            Hit::Demand(firm) => (&mut state.appetite, firm, 1.0 + strength),
        };
        if let Some(value) = values.get_mut(at) {
            *value *= factor.max(0.0);
            shocked |= strength != 0.0 && !event.is_over(number);
        }
    }
    for (wanted, (normal, appetite)) in state.wanted.iter_mut().zip(chain.demand.iter().zip(&state.appetite))
    {
        *wanted = normal * appetite;
    }
    shocked
}

/// What is asked of each firm, and what it could make.
fn ask(chain: &Chain, number: usize, settings: &Settings, state: &mut State) {
    for firm in 0..chain.firms() {
        let demand = state.ordered[firm] + state.wanted[firm];
        // long stocks that are restored fast amplify small changes along the chain: rounding must not start one
        state.demand[firm] = if (demand - 1.0).abs() < ROUNDING { 1.0 } else { demand };
        if let Some(over) = settings.overproduction.filter(|_| number >= 2) {
            let (demand, growth) = (state.demand[firm], state.growth[firm]);
            let scarcity = if demand > 0.0 { (demand - state.output[firm]) / demand } else { 0.0 };
            let change = if scarcity == 0.0 { 1.0 - growth } else { (over.most - growth) * scarcity };
            state.growth[firm] = (growth + change / over.days).max(1.0);
        }
        state.capacity[firm] = state.growth[firm] * state.able[firm];
        state.optimal[firm] = state.demand[firm].min(state.capacity[firm]);
    }
}

/// What each firm makes with its stocks, and with what reached it of what nobody can store.
fn produce(chain: &Chain, settings: &Settings, state: &mut State) {
    for firm in 0..chain.firms() {
        let optimal = state.optimal[firm];
        let (mut stored, mut all) = (Shortage::default(), Shortage::default());
        for input in chain.inputs_of(firm) {
            let allowed = allowed(chain, settings, state, input, optimal);
            all.add(input, allowed, optimal, chain.weight[input]);
            if !chain.is_flow(input) {
                stored.add(input, allowed, optimal, chain.weight[input]);
            }
        }
        state.keen[firm] = stored.output(optimal).0.min(optimal);
        let (output, binding) = all.output(optimal);
        let limited = output < optimal;
        state.output[firm] = output.min(optimal);
        state.binding[firm] = binding.filter(|_| limited);
    }
}

/// Output that an input allows: a part of the optimum, or of normal output.
fn allowed(chain: &Chain, settings: &Settings, state: &State, input: usize, optimal: f64) -> f64 {
    if chain.is_flow(input) {
        return optimal * served(chain, state, input);
    }
    match settings.limit {
        Limit::Tolerance(psi) => {
            let wanted = chain.target[input] * optimal * psi;
            let tolerated =
                if wanted > 0.0 { (state.cover[input] / wanted).min(1.0) * optimal } else { optimal };
            // a tolerance below a day's use does not make more out of a stock than is in it
            tolerated.min(state.cover[input])
        }
        Limit::Cover => state.cover[input],
    }
}

/// The part of what was asked of an input on the day before that arrived; of one that nobody was asked for, the part that
/// its suppliers could give.
fn served(chain: &Chain, state: &State, input: usize) -> f64 {
    let row = chain.links_of(input);
    let sum = |values: &[f64]| row.clone().map(|link| chain.part[link] * values[link]).sum::<f64>();
    let asked = sum(&state.asked);
    if asked > 0.0 {
        return (sum(&state.delivered) / asked).min(1.0);
    }
    let able =
        |link: usize| chain.supplier_of(link).map_or(1.0, |supplier| state.capacity[supplier].min(1.0));
    let lost: f64 = row
        .clone()
        .map(|link| chain.part[link] * (1.0 - state.open.get(link).copied().unwrap_or(1.0) * able(link)))
        .sum();
    (1.0 - lost).max(0.0)
}

/// How inputs limit a firm's output.
struct Shortage {
    /// The least that an essential input allows, and which.
    least: f64,
    binds: Option<u32>,
    /// What important inputs take off, and which takes most.
    short: f64,
    shortest: (f64, Option<u32>),
}

impl Default for Shortage {
    fn default() -> Self {
        Self { least: f64::INFINITY, binds: None, short: 0.0, shortest: (0.0, None) }
    }
}

impl Shortage {
    fn add(&mut self, input: usize, allowed: f64, optimal: f64, weight: Option<f64>) {
        match weight {
            None if allowed < self.least => (self.least, self.binds) = (allowed, Some(input as u32)),
            None => {}
            Some(weight) => {
                let missing = if optimal > 0.0 { weight * (1.0 - (allowed / optimal).min(1.0)) } else { 0.0 };
                self.short += missing;
                if missing > self.shortest.0 {
                    self.shortest = (missing, Some(input as u32));
                }
            }
        }
    }

    fn output(&self, optimal: f64) -> (f64, Option<u32>) {
        let without = optimal * (1.0 - self.short).max(0.0);
        if without < self.least { (without, self.shortest.1) } else { (self.least, self.binds) }
    }
}

/// What each customer gets.
///
/// Links are passed in their own order, with what their suppliers give looked up: the few numbers of firms stay in cache,
/// the many of links would not.
fn share_out(chain: &Chain, settings: &Settings, state: &mut State) {
    let in_turn = settings.rationing.smallest_first();
    for firm in 0..chain.firms() {
        let (output, wanted, ordered) = (state.output[firm], state.wanted[firm], state.ordered[firm]);
        // filled in rounds, those who order nothing may get something
        let rounds = in_turn && settings.filling == Filling::Rounds;
        if output >= state.demand[firm] && !rounds {
            (state.part[firm], state.consumed[firm]) = (1.0, wanted);
        } else if !in_turn {
            (state.part[firm], state.consumed[firm]) =
                in_proportion(settings.rationing, output, wanted, ordered);
        } else {
            state.clients.clear();
            for link in chain.customers_of(firm) {
                let (order, base) = (state.orders[*link as usize], chain.sold[*link as usize]);
                state.clients.push(Client { link: *link, order, base });
            }
            let delivered = &mut state.delivered;
            let give = |link: u32, part: f64| delivered[link as usize] = part;
            state.part[firm] = f64::NAN;
            state.consumed[firm] =
                ration(settings.rationing, settings.filling, output, wanted, &mut state.clients, give);
        }
    }
    for ((delivered, order), supplier) in state.delivered.iter_mut().zip(&state.orders).zip(&chain.supplier) {
        match state.part.get(*supplier as usize) {
            Some(part) if part.is_nan() => {}
            Some(part) => *delivered = order * part,
            None => *delivered = order.min(1.0),
        }
    }
    // nothing is cut where no event cuts a link
    for (delivered, open) in state.delivered.iter_mut().zip(&state.open) {
        *delivered *= open;
    }
}

/// Stocks by input: used and filled, then ordered for.
fn by_class(chain: &Chain, settings: &Settings, state: &mut State) {
    for firm in 0..chain.firms() {
        let (output, optimal) = (state.output[firm], state.optimal[firm]);
        for input in chain.inputs_of(firm) {
            let row = chain.links_of(input);
            let links = || chain.supplier[row.clone()].iter().zip(&chain.part[row.clone()]);
            let able = |supplier: u32| match settings.orders {
                // the unknown one can always
                Split::ByCapacity => state.capacity.get(supplier as usize).copied().unwrap_or(1.0),
                Split::Fixed => 1.0,
            };
            let (mut arrived, mut all) = (0.0, 0.0);
            for ((supplier, part), delivered) in links().zip(&state.delivered[row.clone()]) {
                arrived += part * delivered;
                all += part * able(*supplier);
            }
            let order = if chain.is_flow(input) {
                state.keen[firm]
            } else {
                state.cover[input] = (state.cover[input] + arrived - output).max(0.0);
                let gap = (chain.target[input] * optimal - state.cover[input]).max(0.0);
                output + gap / settings.restoration
            };
            // where no supplier can make anything the order waits
            let scale = if all > 0.0 { order / all } else { 0.0 };
            for ((supplier, sold), own) in chain.supplier[row.clone()]
                .iter()
                .zip(&chain.sold[row.clone()])
                .zip(&mut state.orders[row.clone()])
            {
                *own = scale * able(*supplier);
                if let Some(ordered) = state.ordered.get_mut(*supplier as usize) {
                    *ordered += sold * *own;
                }
            }
        }
    }
}

/// Stocks by supplier: use is spread over them in proportion to what is there; each is ordered for by itself.
fn by_supplier(chain: &Chain, settings: &Settings, state: &mut State) {
    for firm in 0..chain.firms() {
        let output = state.output[firm];
        for input in chain.inputs_of(firm) {
            let row = chain.links_of(input);
            if chain.is_flow(input) {
                for link in row {
                    state.orders[link] = state.keen[firm];
                    state.count(chain, link);
                }
                continue;
            }
            let pool: f64 = row.clone().map(|link| chain.part[link] * state.shelf[link]).sum();
            let used = if pool > 0.0 { (output / pool).min(1.0) } else { 0.0 };
            for link in row.clone() {
                let shelf = (state.shelf[link] - state.shelf[link] * used + state.delivered[link]).max(0.0);
                state.shelf[link] = shelf;
                let gap = chain.target[input] * output - shelf;
                state.orders[link] = (output + gap / settings.restoration).max(0.0);
                state.count(chain, link);
            }
            state.cover[input] = row.map(|link| chain.part[link] * state.shelf[link]).sum();
        }
    }
}
