//! A graph of which every process holds the edges of its own nodes, and what processes tell each other to work on it together.

use super::Digraph;
use crate::part::{Halo, Mirror, Numbers, Part, bits};
use crate::reproducible::Sums;

/// What one process needs of others: numbers of their nodes to which an edge ties an own one.
pub(super) struct Web {
    part: Part,
    halo: Halo,
    /// Those nodes, in rising order.
    pub near: Vec<u32>,
}

impl Web {
    /// That of a process that needs nobody.
    pub fn whole() -> Self {
        Self { part: Part::default(), halo: Halo::whole(), near: Vec::new() }
    }

    /// Of a graph of which this process holds all edges of its own nodes; others may be there too. One round.
    pub fn new(part: &Part, graph: &Digraph) -> Self {
        let ends =
            graph.edges().iter().filter_map(|edge| match (part.holds(edge.from), part.holds(edge.to)) {
                (true, false) => Some(edge.to as u32),
                (false, true) => Some(edge.from as u32),
                _ => None,
            });
        let mut near: Vec<u32> = ends.collect();
        near.sort_unstable();
        near.dedup();
        Self { part: part.clone(), halo: Halo::new(part, near.iter().copied()), near }
    }

    /// The part of this process.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// Numbers that have not been told yet: they count as told where they are 0.
    pub fn mirror(&self) -> Mirror {
        self.halo.mirror()
    }

    /// Tells numbers of own nodes that have changed and takes over those of near ones; whether anything has changed for anybody. One
    /// round.
    pub fn share(&self, mirror: &mut Mirror, values: &mut [f64], changed: bool) -> bool {
        if self.part.is_whole() {
            return changed;
        }
        let mine = u32::from(changed).to_le_bytes();
        let mut any = false;
        self.meet(&mine, Some((mirror, values)), |heard| any |= heard.half() == Some(1));
        any
    }

    /// The largest of each of several numbers over the processes, which all call it with as many; NaN where one is. One round, in which
    /// numbers of nodes may go along as in [`Web::share`].
    pub fn most(&self, mine: Vec<f64>, nodes: Option<(&mut Mirror, &mut [f64])>) -> Vec<f64> {
        if self.part.is_whole() {
            return mine;
        }
        let bytes: Vec<u8> = mine.iter().flat_map(bits).collect();
        let mut all = vec![f64::NEG_INFINITY; mine.len()];
        self.meet(&bytes, nodes, |heard| {
            for most in &mut all {
                let value = heard.number().unwrap_or(f64::NAN);
                *most = larger(*most, value);
            }
        });
        all
    }

    /// Several sums merged over the processes, which all call it with as many. One round.
    pub fn sums(&self, mine: Vec<Sums>) -> Vec<Sums> {
        if self.part.is_whole() {
            return mine;
        }
        let bytes: Vec<u8> = mine.iter().flat_map(Sums::parts).flat_map(|part| bits(&part)).collect();
        let mut all = vec![Sums::default(); mine.len()];
        self.meet(&bytes, None, |heard| {
            for sums in &mut all {
                *sums = sums.and(Sums::of([(); 3].map(|()| heard.number().unwrap_or(f64::NAN))));
            }
        });
        all
    }

    /// The same bytes to everybody and, behind them, numbers of nodes to who needs them; `read` has to take what each process tells.
    fn meet(
        &self,
        mine: &[u8],
        nodes: Option<(&mut Mirror, &mut [f64])>,
        mut read: impl FnMut(&mut Numbers<'_>),
    ) {
        let mut parcels = vec![mine.to_vec(); self.part.processes()];
        let nodes = nodes.map(|(mirror, values)| {
            self.halo.write(mirror, values, &mut parcels);
            values
        });
        let heard = self.part.exchange(parcels);
        let mut heard: Vec<Numbers<'_>> = heard.iter().map(|bytes| Numbers(bytes)).collect();
        heard.iter_mut().for_each(&mut read);
        if let Some(values) = nodes {
            self.halo.read(values, &mut heard);
        }
    }

    /// Lets numbers spread from node to node until none changes. `open` are own nodes whose number is no longer 0; numbers of near ones are
    /// 0. `step` takes a node whose number has changed, sets those of own nodes that follow from it, and adds these to the list.
    ///
    /// Between two rounds a process goes on alone as far as it comes, those with the largest numbers first, so that there are as many rounds as
    /// a number has to pass borders of processes, and one.
    #[cfg(feature = "cluster")]
    pub fn spread(
        &self,
        values: &mut [f64],
        mut open: Vec<u32>,
        mut step: impl FnMut(u32, &mut [f64], &mut Vec<u32>),
    ) {
        let mut mirror = self.mirror();
        let mut last = vec![0.0; self.near.len()];
        let mut changed = !open.is_empty();
        loop {
            open.sort_by(|a, b| values[*a as usize].total_cmp(&values[*b as usize]));
            while let Some(node) = open.pop() {
                let before = open.len();
                step(node, values, &mut open);
                changed |= open.len() > before;
            }
            if !self.share(&mut mirror, values, changed) {
                return;
            }
            changed = false;
            for (node, last) in self.near.iter().zip(&mut last) {
                let now = values[*node as usize];
                if now != *last {
                    *last = now;
                    open.push(*node);
                }
            }
        }
    }
}

/// The larger of two numbers; NaN where one is.
pub(super) fn larger(most: f64, value: f64) -> f64 {
    if value > most || value.is_nan() { value } else { most }
}
