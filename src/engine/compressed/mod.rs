//! Graphs of millions of links as two lists of 32-bit numbers, and what is worked out on them without recursion: what hangs
//! together, and what lies on every way. Knows no entity and no weight.

mod components;
mod dominators;
#[cfg(feature = "cluster")]
mod parts;

pub use components::Components;
pub use dominators::immediate_dominators;
#[cfg(feature = "cluster")]
pub use parts::parts;

/// The links of a directed graph by their first ends: 4 bytes a node and 4 bytes a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Links of node `i` are `to[start[i]..start[i + 1]]`.
    start: Vec<u32>,
    to: Vec<u32>,
}

impl Rows {
    /// Links from pairs of ends, each node's in the order of the pairs; pairs with an end at or beyond `nodes` are passed over.
    ///
    /// Cost: two passes over the pairs.
    pub fn new(nodes: usize, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let (start, to) = sorted(nodes, pairs.filter(|(_, to)| (*to as usize) < nodes));
        Self { start, to }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.start.len().saturating_sub(1)
    }

    /// Whether there are no nodes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of links.
    pub fn links(&self) -> usize {
        self.to.len()
    }

    /// Where the links of a node lead; nowhere for a node that there is not.
    pub fn of(&self, node: u32) -> &[u32] {
        let at = node as usize;
        match (self.start.get(at), self.start.get(at + 1)) {
            (Some(from), Some(to)) => &self.to[*from as usize..*to as usize],
            _ => &[],
        }
    }

    /// The same links from their other ends.
    ///
    /// Cost: two passes over the links.
    pub fn transposed(&self) -> Self {
        let pairs = (0..self.len() as u32).flat_map(|from| self.of(from).iter().map(move |to| (*to, from)));
        Self::new(self.len(), pairs)
    }

    /// Strongly connected components: sets of nodes each of which reaches all others.
    ///
    /// Cost: one pass over the links. Source: Tarjan, SIAM Journal on Computing 1:146, 1972.
    pub fn strong(&self) -> Components {
        components::strong(self)
    }
}

/// Values sorted by a number below `nodes`, those of one number in their order: where each begins, and the values.
pub fn sorted<T: Copy + Default>(
    nodes: usize,
    pairs: impl Iterator<Item = (u32, T)> + Clone,
) -> (Vec<u32>, Vec<T>) {
    let mut start = vec![0u32; nodes + 1];
    for (at, _) in pairs.clone() {
        if let Some(slot) = start.get_mut(at as usize + 1) {
            *slot += 1;
        }
    }
    let mut sum = 0;
    for slot in &mut start {
        sum += *slot;
        *slot = sum;
    }
    let mut next = start.clone();
    let mut values = vec![T::default(); sum as usize];
    for (at, value) in pairs {
        if (at as usize) < nodes {
            let slot = &mut next[at as usize];
            values[*slot as usize] = value;
            *slot += 1;
        }
    }
    (start, values)
}
