//! A small network halved again and again: grown from a node, then improved by moving one node after the other.

use std::collections::BinaryHeap;

use super::mixed;
use super::net::Net;

/// From how many nodes a half is grown, of which the best is kept.
const TRIES: u32 = 4;
/// Passes of moves at most.
const PASSES: usize = 6;
/// A side may miss what it should count by one such share.
const SLACK: u64 = 50;

/// A part for each node.
pub fn shared_out(net: &Net, parts: usize) -> Vec<u16> {
    let mut part = vec![0u16; net.len()];
    let mut place = vec![u32::MAX; net.len()];
    let mut open: Vec<(Vec<u32>, usize, usize)> = vec![((0..net.len() as u32).collect(), 0, parts)];
    while let Some((nodes, first, count)) = open.pop() {
        if count <= 1 || nodes.is_empty() {
            nodes.iter().for_each(|node| part[*node as usize] = first as u16);
            continue;
        }
        let inner = net.within(&nodes, &mut place);
        let low = count / 2;
        let target = (u128::from(inner.total()) * low as u128 / count as u128) as u64;
        let upper = halved(&inner, target);
        let side = |wanted: bool| {
            let own = nodes.iter().zip(&upper).filter(|(_, upper)| **upper == wanted);
            own.map(|(node, _)| *node).collect::<Vec<u32>>()
        };
        open.push((side(true), first + low, count - low));
        open.push((side(false), first, low));
    }
    part
}

/// Whether each node is in the upper half; the lower is to count `target`.
fn halved(net: &Net, target: u64) -> Vec<bool> {
    let slack = (target.min(net.total() - target) / SLACK).max(net.largest());
    let tries = (0..TRIES).map(|nth| {
        let mut upper = grown(net, target, mixed(nth, net.len() as u32) % net.len() as u32);
        let cut = improved(net, &mut upper, (target, slack));
        (cut, nth, upper)
    });
    tries.min_by_key(|(cut, nth, _)| (*cut, *nth)).map_or_else(Vec::new, |(.., upper)| upper)
}

/// Grows the lower half from a node: next comes who has most links into it, less those out of it.
fn grown(net: &Net, target: u64, seed: u32) -> Vec<bool> {
    let mut upper = vec![true; net.len()];
    let mut gain: Vec<i64> = (0..net.len() as u32)
        .map(|node| -(net.links(node).map(|(_, weight)| weight as i64).sum::<i64>()))
        .collect();
    let mut heap: BinaryHeap<(i64, u32)> = BinaryHeap::new();
    // those that nothing leads to come in their order, from the seed on
    let mut rest = (seed..net.len() as u32).chain(0..seed);
    let mut load = 0;
    while load < target {
        let next = loop {
            match heap.pop() {
                Some((known, node)) if upper[node as usize] && gain[node as usize] == known => {
                    break Some(node);
                }
                Some(_) => {}
                None => break rest.find(|node| upper[*node as usize]),
            }
        };
        let Some(node) = next else { break };
        // who would take more above than is missing stays out
        if (load + net.size(node)).saturating_sub(target) > target - load {
            continue;
        }
        upper[node as usize] = false;
        load += net.size(node);
        for (end, weight) in net.links(node) {
            gain[end as usize] += 2 * weight as i64;
            if upper[end as usize] {
                heap.push((gain[end as usize], end));
            }
        }
    }
    upper
}

/// Moves nodes, the best first and each once a pass, and keeps the best of all states on the way. How many links are cut.
fn improved(net: &Net, upper: &mut [bool], (target, slack): (u64, u64)) -> u64 {
    let n = net.len() as u32;
    let mut low: u64 = (0..n).filter(|node| !upper[*node as usize]).map(|node| net.size(node)).sum();
    let mut gain = vec![0i64; net.len()];
    let off = |low: u64| low.abs_diff(target).saturating_sub(slack);
    let patience = 100 + net.len() / 20;
    for _ in 0..PASSES {
        let mut heaps = [BinaryHeap::new(), BinaryHeap::new()];
        for node in 0..n {
            let side = upper[node as usize];
            let sign = |end: u32| if upper[end as usize] == side { -1 } else { 1 };
            gain[node as usize] = net.links(node).map(|(end, weight)| sign(end) * weight as i64).sum();
            heaps[usize::from(side)].push((gain[node as usize], node));
        }
        let mut fixed = vec![false; net.len()];
        let mut moves: Vec<u32> = Vec::new();
        let (mut sum, mut best, mut kept) = (0i64, (off(low), 0i64), 0);
        while moves.len() < kept + patience {
            for side in [false, true] {
                let heap = &mut heaps[usize::from(side)];
                while heap.peek().is_some_and(|(known, node)| {
                    fixed[*node as usize] || upper[*node as usize] != side || gain[*node as usize] != *known
                }) {
                    heap.pop();
                }
            }
            let after =
                |side: bool, node: u32| if side { low + net.size(node) } else { low - net.size(node) };
            let top = [false, true].into_iter().filter_map(|side| {
                let (gain, node) = *heaps[usize::from(side)].peek()?;
                let then = off(after(side, node));
                (then == 0 || then < off(low)).then_some((gain, side, node))
            });
            let next = top.max_by_key(|(gain, side, node)| {
                (*gain, std::cmp::Reverse(after(*side, *node).abs_diff(target)), std::cmp::Reverse(*node))
            });
            let Some((gained, side, node)) = next else { break };
            low = after(side, node);
            upper[node as usize] = !side;
            fixed[node as usize] = true;
            heaps[usize::from(side)].pop();
            moves.push(node);
            sum += gained;
            for (end, weight) in net.links(node) {
                let change = if upper[end as usize] == side { 2 } else { -2 };
                gain[end as usize] += change * weight as i64;
                if !fixed[end as usize] {
                    heaps[usize::from(upper[end as usize])].push((gain[end as usize], end));
                }
            }
            let now = (off(low), -sum);
            if now < best {
                (best, kept) = (now, moves.len());
            }
        }
        for node in moves.drain(kept..) {
            let side = &mut upper[node as usize];
            low = if *side { low + net.size(node) } else { low - net.size(node) };
            *side = !*side;
        }
        if kept == 0 {
            break;
        }
    }
    cut(net, upper)
}

/// How many links lead from half to half.
fn cut(net: &Net, upper: &[bool]) -> u64 {
    let across = |node: u32| {
        let out = net.links(node).filter(move |(end, _)| upper[node as usize] && !upper[*end as usize]);
        out.map(|(_, weight)| weight).sum::<u64>()
    };
    (0..net.len() as u32).map(across).sum()
}
