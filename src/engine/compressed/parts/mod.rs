//! Nodes shared out to parts that few links cross: coarsened by label propagation, halved again and again, refined on the way back.
//!
//! Sources: Raghavan, Albert, Kumara, Physical Review E 76:036106, 2007 (label propagation); Meyerhenke, Sanders, Schulz, IEEE TPDS
//! 28:2625, 2017 (bounded by size, in levels); Fiduccia, Mattheyses, 19th Design Automation Conference:175, 1982 (halves).

mod clusters;
mod halves;
mod net;
mod refine;

use net::Net;

/// Nodes for each part down to which a network is coarsened.
const NODES_PER_PART: usize = 64;
/// Nodes of the coarsest network at least.
const COARSEST: usize = 512;
/// How many clusters make a part: none is larger than such a share of it.
const CLUSTERS_PER_PART: u64 = 24;
/// A part may be larger than the mean by one such share.
const SLACK: u64 = 20;

/// A part, from 0, of each node: few links lead from part to part, and those with near numbers have most links between them.
///
/// A node counts as one and one more for each end of a link that it has. No part counts more than 5 % above the mean, or above the mean
/// by the largest node where that is more; each has a node where there are as many nodes as parts. Links in both directions count alike, those
/// from a node to itself not at all, those with an end at or beyond `nodes` are passed over. The same on every machine and with any
/// number of threads.
///
/// Cost: some ten passes over the links and 16 bytes a link, a third more for the coarser levels. At most 2^31 links.
pub fn parts(nodes: usize, links: impl Iterator<Item = (u32, u32)> + Clone, parts: u16) -> Vec<u16> {
    let parts = usize::from(parts.max(1)).min(nodes.max(1));
    if parts == 1 {
        return vec![0; nodes];
    }
    let mut levels = vec![Net::new(nodes, links)];
    let mut coarser: Vec<Vec<u32>> = Vec::new();
    let mean = levels[0].total() / parts as u64;
    let enough = (NODES_PER_PART * parts).max(COARSEST);
    while let Some(net) = levels.last().filter(|net| net.len() > enough) {
        let (of, count) = clusters::clusters(net, (mean / CLUSTERS_PER_PART).max(2));
        // what hardly shrinks any more would only cost time
        if count * 20 > net.len() * 19 {
            break;
        }
        let next = net.contracted(&of, count);
        coarser.push(of);
        levels.push(next);
    }
    let mut part = levels.last().map(|net| halves::shared_out(net, parts)).unwrap_or_default();
    while let Some(net) = levels.pop() {
        refine::refine(&net, &mut part, &refine::Bound { parts, most: most(&net, parts) });
        if let Some(of) = coarser.pop() {
            part = of.iter().map(|cluster| part[*cluster as usize]).collect();
        }
    }
    fill(&mut part, parts);
    part
}

/// What a part may count: above the mean by 5 %, or by the largest node.
fn most(net: &Net, parts: usize) -> u64 {
    let mean = net.total().div_ceil(parts as u64);
    (mean + mean / SLACK).max(mean + net.largest())
}

/// Gives a node to each part that has none, out of those that have most nodes.
fn fill(part: &mut [u16], parts: usize) {
    let mut nodes = vec![0usize; parts];
    part.iter().for_each(|own| nodes[usize::from(*own)] += 1);
    while let Some(empty) = nodes.iter().position(|count| *count == 0) {
        let most = nodes.iter().enumerate().max_by_key(|(at, count)| (**count, std::cmp::Reverse(*at)));
        let Some((fullest, _)) = most.filter(|(_, count)| **count > 1) else { return };
        let Some(own) = part.iter_mut().rev().find(|own| usize::from(**own) == fullest) else { return };
        *own = empty as u16;
        nodes[fullest] -= 1;
        nodes[empty] = 1;
    }
}

/// Bits that look drawn, from two numbers: decides between equals without favouring low numbers.
fn mixed(a: u32, b: u32) -> u32 {
    let word = (u64::from(a) << 32 | u64::from(b)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((word ^ (word >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32) as u32
}
