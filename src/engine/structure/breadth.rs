//! Shortest ways where all edges are equally long: level by level, without lengths.

use crate::compressed::Rows;

/// Not reached.
const OPEN: u32 = u32::MAX;

/// How a node is reached: both are looked up together.
#[derive(Clone, Copy)]
struct Reached {
    /// Number of shortest ways.
    ways: f64,
    level: u32,
}

/// What one search writes into; used again and again by one thread.
pub struct Breadth {
    reached: Vec<Reached>,
    /// For nodes of the level below the one in hand what each way to them passes on; else 0.
    share: Vec<f64>,
    order: Vec<u32>,
    /// Where each level begins in the order.
    levels: Vec<usize>,
    /// Shares of the level in hand.
    next: Vec<f64>,
}

const NOT: Reached = Reached { ways: 0.0, level: OPEN };

impl Breadth {
    /// Room for searches of a graph.
    pub fn new(nodes: usize) -> Self {
        Self {
            reached: vec![NOT; nodes],
            share: vec![0.0; nodes],
            order: Vec::new(),
            levels: Vec::new(),
            next: Vec::new(),
        }
    }

    /// What the shortest ways from one source add to each node between their ends: `ways` of the node times the sum, over those one
    /// level on, of (1 + what is added to them) / ways. Each link is looked at twice, along itself.
    pub fn from(&mut self, links: &Rows, source: u32) -> Vec<(u32, f64)> {
        self.spread(links, source);
        let mut found = Vec::new();
        let mut below: &[u32] = &[];
        let mut end = self.order.len();
        for start in self.levels.drain(..).rev() {
            let level = &self.order[start..end];
            self.next.clear();
            for node in level {
                let sum: f64 = links.of(*node).iter().map(|to| self.share[*to as usize]).sum();
                let ways = self.reached[*node as usize].ways;
                let credit = ways * sum;
                self.next.push((1.0 + credit) / ways);
                if credit > 0.0 && start > 0 {
                    found.push((*node, credit));
                }
            }
            for node in below {
                self.share[*node as usize] = 0.0;
            }
            for (node, share) in level.iter().zip(&self.next) {
                self.share[*node as usize] = *share;
            }
            (below, end) = (level, start);
        }
        for node in self.order.drain(..) {
            self.reached[node as usize] = NOT;
            self.share[node as usize] = 0.0;
        }
        found
    }

    /// Reaches all nodes that can be reached, and counts the shortest ways to them.
    fn spread(&mut self, links: &Rows, source: u32) {
        self.reached[source as usize] = Reached { ways: 1.0, level: 0 };
        self.order.push(source);
        let mut start = 0;
        while start < self.order.len() {
            self.levels.push(start);
            let (end, level) = (self.order.len(), self.levels.len() as u32);
            for at in start..end {
                let node = self.order[at];
                let ways = self.reached[node as usize].ways;
                for to in links.of(node) {
                    let other = &mut self.reached[*to as usize];
                    if other.level == OPEN {
                        other.level = level;
                        self.order.push(*to);
                    }
                    // without a branch: which links go one level on cannot be guessed
                    other.ways += if other.level == level { ways } else { 0.0 };
                }
            }
            start = end;
        }
    }
}
