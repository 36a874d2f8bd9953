//! Label propagation bounded by size: each node joins the cluster that most of its links lead to, where there is room.

use super::mixed;
use super::net::Net;

/// Rounds of label propagation.
const ROUNDS: u32 = 4;

/// A node that no cluster stands beside.
const ALONE: u32 = u32::MAX;

/// The cluster of each node, from 0 in the order of their first nodes, and how many there are. None counts more than `most`, but for
/// single nodes.
pub fn clusters(net: &Net, most: u64) -> (Vec<u32>, usize) {
    let n = net.len() as u32;
    let mut label: Vec<u32> = (0..n).collect();
    let mut load: Vec<u64> = (0..n).map(|node| net.size(node)).collect();
    let order = net.by_degree();
    let mut near = Near::new(net.len());
    for round in 0..ROUNDS {
        let mut moved = 0usize;
        for &node in &order {
            let (own, size) = (label[node as usize], net.size(node));
            near.look(net, node, |end| label[end as usize]);
            let mut best = (near.pull(own), 0, own);
            for &other in near.met() {
                let candidate = (near.pull(other), 1 + mixed(other, node ^ round), other);
                let room = other != own && load[other as usize] + size <= most;
                // who is drawn as much to its own stays
                if room && candidate.0 > near.pull(own) && candidate > best {
                    best = candidate;
                }
            }
            if best.2 != own {
                load[own as usize] -= size;
                load[best.2 as usize] += size;
                label[node as usize] = best.2;
                moved += 1;
            }
        }
        if moved * 100 < net.len() {
            break;
        }
    }
    bundle(net, &mut label, &mut load, most, &mut near);
    numbered(&label)
}

/// Single nodes that are left because there was no room where they belong, or that have no links: together those that belong to the same.
fn bundle(net: &Net, label: &mut [u32], load: &mut [u64], most: u64, near: &mut Near) {
    let mut members = vec![0u32; label.len()];
    label.iter().for_each(|own| members[*own as usize] += 1);
    let single = |node: &u32| members[label[*node as usize] as usize] == 1;
    let mut left: Vec<(u32, u32)> = (0..label.len() as u32)
        .filter(single)
        .map(|node| {
            near.look(net, node, |end| label[end as usize]);
            let best = near.met().iter().max_by_key(|other| (near.pull(**other), std::cmp::Reverse(**other)));
            (best.copied().unwrap_or(ALONE), node)
        })
        .collect();
    left.sort_unstable();
    for group in left.chunk_by(|a, b| a.0 == b.0) {
        let mut into: Option<u32> = None;
        for (_, node) in group {
            let (own, size) = (label[*node as usize], net.size(*node));
            match into {
                Some(into) if load[into as usize] + size <= most => {
                    load[into as usize] += size;
                    load[own as usize] -= size;
                    label[*node as usize] = into;
                }
                _ => into = Some(own),
            }
        }
    }
}

/// Labels as numbers without gaps, in the order in which they come.
fn numbered(label: &[u32]) -> (Vec<u32>, usize) {
    let mut number = vec![u32::MAX; label.len()];
    let mut count = 0;
    let of = label.iter().map(|own| {
        let slot = &mut number[*own as usize];
        if *slot == u32::MAX {
            *slot = count;
            count += 1;
        }
        *slot
    });
    (of.collect(), count as usize)
}

/// To what a node's links lead, and how many to each.
pub struct Near {
    sum: Vec<u64>,
    met: Vec<u32>,
}

impl Near {
    /// For so many clusters or parts.
    pub fn new(count: usize) -> Self {
        Self { sum: vec![0; count], met: Vec::new() }
    }

    /// Looks at the links of a node; `of` says what an end belongs to.
    pub fn look(&mut self, net: &Net, node: u32, of: impl Fn(u32) -> u32) {
        self.met.drain(..).for_each(|other| self.sum[other as usize] = 0);
        for (end, weight) in net.links(node) {
            let other = of(end);
            if self.sum[other as usize] == 0 {
                self.met.push(other);
            }
            self.sum[other as usize] += weight;
        }
    }

    /// How many links lead there.
    pub fn pull(&self, other: u32) -> u64 {
        self.sum[other as usize]
    }

    /// To what they lead, each once.
    pub fn met(&self) -> &[u32] {
        &self.met
    }
}
