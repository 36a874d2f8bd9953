//! The equations of trophic levels, and conjugate gradients on many components side by side.
//!
//! Every sum over nodes is the same bits in any order, and all else is worked out node by node. So a component comes out the same
//! whether it is solved alone or beside others, by one process or by several.

use std::ops::Range;

use rayon::prelude::*;

use super::super::Digraph;
use super::super::web::{Web, larger};
use super::SETTLED;
use crate::compressed::sorted;
use crate::part::Mirror;
use crate::reproducible::{Split, largest};

/// Λ and v, in the undirected rows of the graph.
pub(super) struct System {
    /// Rows of node `i` are `rows[start[i]..start[i + 1]]`: the other end, and the weight, below 0 where the edge comes from it.
    start: Vec<u32>,
    rows: Vec<(u32, f64)>,
    weight: Vec<f64>,
    surplus: Vec<f64>,
}

/// Nodes of one component from which on a product is spread over threads.
const MANY: usize = 20_000;
/// How often a solve starts again from the true residual.
const STARTS: usize = 4;
/// Residual that is left as it is: ten times what rounding leaves of it where levels are some tens.
const ENOUGH: f64 = SETTLED * 1e-1;
/// Residual at which a start is left. Levels are free to move together, and rounding does move them: some steps further on there is
/// nothing else in the residual, and a way that goes nowhere is followed for as long as all rounds before.
const TARGET: f64 = SETTLED * 1e-2;

impl System {
    /// Where only some nodes have all of their edges, it holds for these.
    pub fn new(graph: &Digraph) -> Self {
        let n = graph.len();
        let (mut weight, mut surplus) = (vec![0.0; n], vec![0.0; n]);
        let counts = |edge: &&super::super::Edge| edge.from != edge.to && edge.weight > 0.0;
        for edge in graph.edges().iter().filter(counts) {
            weight[edge.from] += edge.weight;
            weight[edge.to] += edge.weight;
            surplus[edge.from] -= edge.weight;
            surplus[edge.to] += edge.weight;
        }
        // both ends of an edge side by side, so that each row is in the order of the edges
        let ends = graph.edges().iter().filter(counts).flat_map(|edge| {
            let (from, to) = (edge.from as u32, edge.to as u32);
            [(from, (to, edge.weight)), (to, (from, -edge.weight))]
        });
        let (start, rows) = sorted(n, ends);
        Self { start, rows, weight, surplus }
    }

    fn row(&self, node: u32) -> &[(u32, f64)] {
        &self.rows[self.start[node as usize] as usize..self.start[node as usize + 1] as usize]
    }

    /// (Λ x)_node.
    fn apply(&self, node: u32, x: &[f64]) -> f64 {
        let neighbours: f64 =
            self.row(node).iter().map(|(other, weight)| weight.abs() * x[*other as usize]).sum();
        self.weight[node as usize] * x[node as usize] - neighbours
    }
}

/// Components that are solved side by side.
pub(super) struct Batch<'s> {
    system: &'s System,
    web: Web,
    /// Nodes of this process, one component after the other.
    nodes: Vec<u32>,
    /// Nodes of others to which these are tied, likewise.
    near: Vec<u32>,
    components: Vec<Component>,
    /// Where each solve goes next, by node, and the residual over the weight of the node.
    way: Vec<f64>,
    scaled: Vec<f64>,
    /// The residual, the product and terms of a sum, by place in `nodes`.
    left: Vec<f64>,
    image: Vec<f64>,
    terms: Vec<f64>,
}

/// How far the solve of a component has come: the same in every process.
struct Component {
    first: u32,
    /// How many nodes it has, of all processes.
    size: usize,
    nodes: Range<usize>,
    near: Range<usize>,
    state: State,
    starts: usize,
    /// Rounds since the last start, and all before.
    round: usize,
    rounds: usize,
    /// Residual at the last start, and at the end.
    best: f64,
    energy: f64,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Has to take its residual anew.
    Starts,
    /// Is on its way.
    Goes,
    Done,
}

/// In the place of a level of 0 while those that are not known yet stand at 0.
const BASE: f64 = 4_294_967_296.0;
/// A node that has not been reached.
const FAR: u32 = u32::MAX;

impl<'s> Batch<'s> {
    /// From the nodes of components of two or more, in rising order; of each component this process knows all nodes.
    pub fn new<'n>(system: &'s System, web: Web, all: impl Iterator<Item = &'n [u32]>) -> Self {
        let n = system.weight.len();
        let (mut nodes, mut near, mut components) = (Vec::new(), Vec::new(), Vec::new());
        for members in all {
            let (from, from_near) = (nodes.len(), near.len());
            for node in members {
                if web.part().holds(*node as usize) {
                    nodes.push(*node);
                } else if web.near.binary_search(node).is_ok() {
                    near.push(*node);
                }
            }
            components.push(Component {
                first: members.first().copied().unwrap_or(FAR),
                size: members.len(),
                nodes: from..nodes.len(),
                near: from_near..near.len(),
                state: State::Starts,
                starts: 0,
                round: 0,
                rounds: 0,
                best: f64::INFINITY,
                energy: 0.0,
            });
        }
        let here = nodes.len();
        Self {
            system,
            web,
            nodes,
            near,
            components,
            way: vec![0.0; n],
            scaled: vec![0.0; n],
            left: vec![0.0; here],
            image: vec![0.0; here],
            terms: vec![0.0; here],
        }
    }

    /// Levels of own nodes, the lowest of each component at 0; rounds over all components, and the largest residual.
    ///
    /// Conjugate gradients, scaled by the diagonal, started again from the true residual as long as that helps.
    pub fn solve(mut self, h: &mut [f64]) -> (usize, f64) {
        self.guess(h);
        let mut mirror = self.web.mirror();
        loop {
            let open = |at: &usize| self.components[*at].state != State::Done;
            let open: Vec<usize> = (0..self.components.len()).filter(open).collect();
            if open.is_empty() {
                break;
            }
            self.advance(&open, h);
            self.start(&open, h);
            self.turn(&open, &mut mirror);
        }
        let lowest = |at: &Component| {
            let levels = self.nodes[at.nodes.clone()].iter().map(|node| h[*node as usize]);
            -levels.fold(f64::INFINITY, f64::min)
        };
        let lowest = self.web.most(self.components.iter().map(lowest).collect(), None);
        for (component, lowest) in self.components.iter().zip(lowest) {
            self.nodes[component.nodes.clone()].iter().for_each(|node| h[*node as usize] += lowest);
        }
        let rounds = self.components.iter().map(|component| component.rounds).sum();
        (rounds, self.components.iter().fold(0.0, |most, component| larger(most, component.best)))
    }

    /// A first guess: one up or down for each edge of a tree of shortest ways from the first node. Exact where layers are perfect, and
    /// near enough elsewhere that long thin chains settle. Whoever is reached takes the first of its edges that comes from the
    /// layer before.
    fn guess(&self, h: &mut [f64]) {
        let mut layer = vec![FAR; h.len()];
        let mut front: Vec<u32> = self.components.iter().map(|component| component.first).collect();
        for node in &front {
            (layer[*node as usize], h[*node as usize]) = (0, BASE);
        }
        let (mut mirror, mut waiting) = (self.web.mirror(), self.near.clone());
        for depth in 0..FAR - 1 {
            let mut next = Vec::new();
            for (other, _) in front.iter().flat_map(|node| self.system.row(*node)) {
                if layer[*other as usize] == FAR && self.web.part().holds(*other as usize) {
                    layer[*other as usize] = depth + 1;
                    next.push(*other);
                }
            }
            for node in &next {
                let before = |(other, _): &&(u32, f64)| layer[*other as usize] == depth;
                if let Some((other, weight)) = self.system.row(*node).iter().find(before) {
                    // what the edge comes from stands lower
                    h[*node as usize] = h[*other as usize] - weight.signum();
                }
            }
            if !self.web.share(&mut mirror, h, !next.is_empty()) {
                break;
            }
            waiting.retain(|node| {
                let at = *node as usize;
                let reached = h[at] > 0.0;
                if reached && layer[at] == FAR {
                    layer[at] = depth + 1;
                    next.push(*node);
                }
                !reached
            });
            front = next;
        }
        self.nodes.iter().chain(&self.near).for_each(|node| h[*node as usize] -= BASE);
    }

    /// Of each component that goes, one step on its way.
    fn advance(&mut self, open: &[usize], h: &mut [f64]) {
        let going = self.those(open, State::Goes);
        if going.is_empty() {
            return;
        }
        for at in &going {
            let range = self.components[*at].nodes.clone();
            let (nodes, image) = (&self.nodes[range.clone()], &mut self.image[range.clone()]);
            let (system, way) = (self.system, &self.way);
            if range.len() >= MANY {
                let both = image.par_iter_mut().zip(nodes);
                both.for_each(|(image, node)| *image = system.apply(*node, way));
            } else {
                image.iter_mut().zip(nodes).for_each(|(image, node)| *image = system.apply(*node, way));
            }
            for place in range {
                self.terms[place] = self.way[self.nodes[place] as usize] * self.image[place];
            }
        }
        let most = self.web.most(self.largest(&going), None);
        let slopes = self.totals(&going, &most);
        for (at, slope) in going.into_iter().zip(slopes) {
            let component = &mut self.components[at];
            // what is no number ends it too
            if !(slope > 0.0 && component.energy > 0.0) {
                component.end_start();
                continue;
            }
            let step = component.energy / slope;
            for place in component.nodes.clone() {
                let node = self.nodes[place] as usize;
                h[node] += step * self.way[node];
                self.left[place] -= step * self.image[place];
            }
            for node in &self.near[component.near.clone()] {
                // as its own process does
                h[*node as usize] += step * self.way[*node as usize];
            }
        }
    }

    /// The true residual of components that start.
    fn start(&mut self, open: &[usize], h: &[f64]) {
        for at in self.those(open, State::Starts) {
            for place in self.components[at].nodes.clone() {
                let node = self.nodes[place];
                self.left[place] = self.system.surplus[node as usize] - self.system.apply(node, h);
            }
        }
    }

    /// Weighs what is left of each component, and where it goes from there.
    fn turn(&mut self, open: &[usize], mirror: &mut Mirror) {
        let mut mine = Vec::with_capacity(2 * open.len());
        for at in open {
            let mut worst: f64 = 0.0;
            for place in self.components[*at].nodes.clone() {
                let node = self.nodes[place] as usize;
                let scaled = self.left[place] / self.system.weight[node];
                self.scaled[node] = scaled;
                self.terms[place] = self.left[place] * scaled;
                worst = larger(worst, scaled.abs());
            }
            mine.push(worst);
        }
        mine.extend(self.largest(open));
        let all = self.web.most(mine, Some((mirror, &mut self.scaled)));
        let (worst, most) = all.split_at(open.len());
        let (mut going, mut most_of) = (Vec::new(), Vec::new());
        for ((at, worst), most) in open.iter().zip(worst).zip(most) {
            self.components[*at].look(*worst);
            if self.components[*at].state == State::Goes {
                going.push(*at);
                most_of.push(*most);
            }
        }
        let energies = self.totals(&going, &most_of);
        for (at, energy) in going.into_iter().zip(energies) {
            let component = &mut self.components[at];
            let turn = if component.round == 0 { None } else { Some(energy / component.energy) };
            component.energy = energy;
            let near = &self.near[component.near.clone()];
            for node in self.nodes[component.nodes.clone()].iter().chain(near) {
                let (way, scaled) = (&mut self.way[*node as usize], self.scaled[*node as usize]);
                *way = turn.map_or(scaled, |turn| scaled + turn * *way);
            }
        }
    }

    fn those(&self, open: &[usize], state: State) -> Vec<usize> {
        open.iter().copied().filter(|at| self.components[*at].state == state).collect()
    }

    /// The largest of this process's terms of some components.
    fn largest(&self, of: &[usize]) -> Vec<f64> {
        of.iter().map(|at| largest(&self.terms[self.components[*at].nodes.clone()])).collect()
    }

    /// The sums of the terms of some components, whose largest terms are given.
    fn totals(&self, of: &[usize], most: &[f64]) -> Vec<f64> {
        if of.is_empty() {
            return Vec::new();
        }
        let sums = of.iter().zip(most).map(|(at, most)| {
            let component = &self.components[*at];
            Split::new(*most, component.size).sums(&self.terms[component.nodes.clone()])
        });
        self.web.sums(sums.collect()).iter().map(|sums| sums.total()).collect()
    }
}

impl Component {
    fn end_start(&mut self) {
        self.rounds += self.round;
        self.state = State::Starts;
    }

    /// What to do, once it is known by how much the worst of its nodes misses.
    fn look(&mut self, worst: f64) {
        if self.state == State::Goes {
            self.round += 1;
            if self.round == 10 * self.size + 100 || worst <= TARGET {
                self.end_start();
            }
            return;
        }
        if worst <= ENOUGH || worst >= self.best || self.starts == STARTS {
            self.state = State::Done;
        } else {
            self.starts += 1;
            self.round = 0;
            self.state = State::Goes;
        }
        self.best = worst;
    }
}
