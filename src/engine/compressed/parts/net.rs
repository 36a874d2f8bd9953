//! A network whose nodes and links have sizes.

use super::super::sorted;

/// Links in both directions by their ends, with how many each stands for.
pub struct Net {
    /// Links of node `i` are those at `start[i]..start[i + 1]`.
    start: Vec<u32>,
    to: Vec<u32>,
    /// How many links each stands for; 1 each where nothing is said.
    weight: Vec<u32>,
    /// What each node counts.
    size: Vec<u64>,
}

impl Net {
    /// A node counts as one and one more for each end of a link.
    pub fn new(nodes: usize, links: impl Iterator<Item = (u32, u32)> + Clone) -> Self {
        let inside = move |(from, to): &(u32, u32)| (*from.max(to) as usize) < nodes;
        let all = links.filter(inside);
        let mut size = vec![1u64; nodes];
        for (from, to) in all.clone() {
            size[from as usize] += 1;
            size[to as usize] += 1;
        }
        let both = all.filter(|(from, to)| from != to).flat_map(|(from, to)| [(from, to), (to, from)]);
        let (start, to) = sorted(nodes, both);
        Self { start, to, weight: Vec::new(), size }
    }

    /// Number of nodes.
    pub fn len(&self) -> usize {
        self.size.len()
    }

    /// What a node counts.
    pub fn size(&self, node: u32) -> u64 {
        self.size[node as usize]
    }

    /// What all nodes count.
    pub fn total(&self) -> u64 {
        self.size.iter().sum()
    }

    /// What the largest node counts.
    pub fn largest(&self) -> u64 {
        self.size.iter().copied().max().unwrap_or(0)
    }

    /// The ends of a node's links, with how many each stands for.
    pub fn links(&self, node: u32) -> impl Iterator<Item = (u32, u64)> + '_ {
        let (from, to) = (self.start[node as usize] as usize, self.start[node as usize + 1] as usize);
        let weight = |at: usize| self.weight.get(at).copied().map_or(1, u64::from);
        (from..to).map(move |at| (self.to[at], weight(at)))
    }

    /// Nodes by rising number of links, equal ones by their number.
    pub fn by_degree(&self) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.len() as u32).collect();
        order.sort_by_key(|node| self.start[*node as usize + 1] - self.start[*node as usize]);
        order
    }

    /// The network of clusters of nodes; links within a cluster go.
    pub fn contracted(&self, of: &[u32], count: usize) -> Self {
        let (first, members) = sorted(count, of.iter().copied().zip(0..self.len() as u32));
        let mut next =
            Self { start: vec![0], to: Vec::new(), weight: Vec::new(), size: Vec::with_capacity(count) };
        let mut sum = vec![0u64; count];
        let mut met: Vec<u32> = Vec::new();
        for cluster in 0..count {
            let own = &members[first[cluster] as usize..first[cluster + 1] as usize];
            next.size.push(own.iter().map(|node| self.size(*node)).sum());
            for (end, weight) in own.iter().flat_map(|node| self.links(*node)) {
                let other = of[end as usize];
                if other as usize != cluster {
                    if sum[other as usize] == 0 {
                        met.push(other);
                    }
                    sum[other as usize] += weight;
                }
            }
            for other in met.drain(..) {
                next.to.push(other);
                // both directions of all links together are below 2^32
                next.weight.push(std::mem::take(&mut sum[other as usize]) as u32);
            }
            next.start.push(next.to.len() as u32);
        }
        next
    }

    /// The network of some nodes alone, in the order given; `place` is as long as there are nodes, and all `u32::MAX`.
    pub fn within(&self, nodes: &[u32], place: &mut [u32]) -> Self {
        nodes.iter().enumerate().for_each(|(at, node)| place[*node as usize] = at as u32);
        let mut inner = Self { start: vec![0], to: Vec::new(), weight: Vec::new(), size: Vec::new() };
        for node in nodes {
            inner.size.push(self.size(*node));
            for (end, weight) in self.links(*node) {
                if place[end as usize] != u32::MAX {
                    inner.to.push(place[end as usize]);
                    inner.weight.push(weight as u32);
                }
            }
            inner.start.push(inner.to.len() as u32);
        }
        nodes.iter().for_each(|node| place[*node as usize] = u32::MAX);
        inner
    }
}
