//! What a stop reaches on its way to those who are watched, as a linear programme.

use super::super::disruption::Economy;
use crate::model::EntityId;
use crate::propagation::time_to_survive::{Good, Operations, Recipe};

/// The part of a chain that matters for one stop.
pub(super) struct Plan {
    /// Makers, goods and recipes; maker 0 is who stops.
    pub operations: Operations,
    /// How many of those who are watched the stop reaches.
    pub reached: usize,
}

/// A chain with what it takes to cut parts out of it.
pub(super) struct Cutter<'a> {
    economy: &'a Economy,
    essential: Vec<bool>,
    /// Customers of each firm over essential inputs.
    customers: Vec<Vec<u32>>,
    watched: Vec<bool>,
    /// Whether someone who is watched hangs on it.
    matters: Vec<bool>,
    flex: Option<f64>,
}

impl<'a> Cutter<'a> {
    /// For a chain of whose inputs some are essential. Each supplier serves all its customers alike; with `flex` it serves
    /// whom it is best to serve, and delivers at most that multiple of normal to each.
    pub fn new(economy: &'a Economy, watched: &[EntityId], essential: Vec<bool>, flex: Option<f64>) -> Self {
        let chain = &economy.chain;
        let firms = chain.firms();
        let mut customers: Vec<Vec<u32>> = vec![Vec::new(); firms];
        let mut suppliers: Vec<Vec<u32>> = vec![Vec::new(); firms];
        for firm in 0..firms {
            for input in chain.inputs_of(firm).filter(|input| essential[*input]) {
                for supplier in chain.links_of(input).filter_map(|link| chain.supplier_of(link)) {
                    customers[supplier].push(firm as u32);
                    suppliers[firm].push(supplier as u32);
                }
            }
        }
        let mut is_watched = vec![false; firms];
        watched.iter().for_each(|id| is_watched[id.index()] = true);
        let starts: Vec<usize> = watched.iter().map(|id| id.index()).collect();
        let matters = reach(&suppliers, &starts);
        Self { economy, essential, customers, watched: is_watched, matters, flex }
    }

    /// The programme of a stop; `None` where it reaches nobody who is watched.
    pub fn plan(&self, stop: usize) -> Option<Plan> {
        if !self.matters[stop] {
            return None;
        }
        let chain = &self.economy.chain;
        let hit = reach(&self.customers, &[stop]);
        let mut members: Vec<usize> = vec![stop];
        members.extend((0..chain.firms()).filter(|firm| *firm != stop && hit[*firm] && self.matters[*firm]));
        let mut place = vec![usize::MAX; chain.firms()];
        members.iter().enumerate().for_each(|(at, firm)| place[*firm] = at);
        let mut operations = Operations::default();
        for firm in &members {
            let demand = if self.watched[*firm] { 1.0 } else { 0.0 };
            operations.capacity.push(1.0);
            operations.goods.push(Good { stock: 0.0, demand, loss: 1.0 });
        }
        for at in 0..members.len() {
            operations.recipes.push(Recipe { maker: at, makes: vec![(at, 1.0)], takes: Vec::new() });
        }
        for (at, firm) in members.iter().enumerate() {
            for input in chain.inputs_of(*firm).filter(|input| self.essential[*input]) {
                let is_hit = |link: &usize| chain.supplier_of(*link).is_some_and(|s| place[s] != usize::MAX);
                if at == 0 || !chain.links_of(input).any(|link| is_hit(&link)) {
                    continue;
                }
                let good = operations.goods.len();
                operations.goods.push(Good { stock: chain.target(input), demand: 0.0, loss: 0.0 });
                operations.recipes[at].takes.push((good, 1.0));
                self.deliver(&mut operations, input, good, &place);
            }
        }
        let reached = members.iter().filter(|firm| self.watched[**firm]).count();
        Some(Plan { operations, reached })
    }

    /// Deliveries of one input: from suppliers that are hit by what they make, from all others as from one maker.
    fn deliver(&self, operations: &mut Operations, input: usize, good: usize, place: &[usize]) {
        let chain = &self.economy.chain;
        let mut untouched = 0.0;
        for link in chain.links_of(input) {
            let part = chain.part(link);
            match (chain.supplier_of(link).map(|supplier| place[supplier]), self.flex) {
                (None, _) => untouched += part,
                (Some(usize::MAX), flex) => untouched += part * flex.unwrap_or(1.0),
                (Some(supplier), None) => operations.recipes[supplier].makes.push((good, part)),
                (Some(supplier), Some(flex)) => {
                    let maker = operations.capacity.len();
                    operations.capacity.push(part * flex);
                    let takes = vec![(supplier, chain.sold(link) / part)];
                    operations.recipes.push(Recipe { maker, makes: vec![(good, 1.0)], takes });
                }
            }
        }
        if untouched > 0.0 {
            let maker = operations.capacity.len();
            operations.recipes.push(Recipe { maker, makes: vec![(good, 1.0)], takes: Vec::new() });
            operations.capacity.push(untouched);
        }
    }
}

/// Everything that can be reached from some starts, these included.
fn reach(next: &[Vec<u32>], starts: &[usize]) -> Vec<bool> {
    let mut seen = vec![false; next.len()];
    let mut open = starts.to_vec();
    starts.iter().for_each(|start| seen[*start] = true);
    while let Some(at) = open.pop() {
        for to in next[at].iter().map(|to| *to as usize) {
            if !seen[to] {
                seen[to] = true;
                open.push(to);
            }
        }
    }
    seen
}
