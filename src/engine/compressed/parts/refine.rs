//! Nodes at the edge of a part go over to the part that most of their links lead to, where there is room.

use super::clusters::Near;
use super::net::Net;

/// Rounds at each level.
const ROUNDS: usize = 6;

/// How many parts there are, and what each may count.
pub struct Bound {
    pub parts: usize,
    /// At least the mean and the largest node together, so that the smallest part has room for any node.
    pub most: u64,
}

/// Empties parts that are too large, then moves nodes where that saves links, or costs none and evens out sizes.
pub fn refine(net: &Net, part: &mut [u16], bound: &Bound) {
    let mut load = vec![0u64; bound.parts];
    part.iter().zip(0..).for_each(|(own, node)| load[usize::from(*own)] += net.size(node));
    let mut near = Near::new(bound.parts);
    even_out(net, part, bound, &mut load, &mut near);
    for _ in 0..ROUNDS {
        let mut moved = 0usize;
        for node in 0..net.len() as u32 {
            let (own, size) = (u32::from(part[node as usize]), net.size(node));
            near.look(net, node, |end| u32::from(part[end as usize]));
            let here = load[own as usize];
            let room = |other: &u32| *other != own && load[*other as usize] + size <= bound.most;
            let gains = |other: &u32| {
                let there = load[*other as usize];
                near.pull(*other) > near.pull(own)
                    || near.pull(*other) == near.pull(own) && there + size < here
            };
            let free = near.met().iter().filter(|other| room(other) && gains(other));
            let best = free.max_by_key(|other| {
                (near.pull(**other), std::cmp::Reverse((load[**other as usize], **other)))
            });
            if let Some(&best) = best {
                load[own as usize] -= size;
                load[best as usize] += size;
                part[node as usize] = best as u16;
                moved += 1;
            }
        }
        if moved * 1000 < net.len() {
            break;
        }
    }
}

/// Moves nodes out of parts that count too much, first those that cost least links for what they count.
fn even_out(net: &Net, part: &mut [u16], bound: &Bound, load: &mut [u64], near: &mut Near) {
    if load.iter().all(|load| *load <= bound.most) {
        return;
    }
    let mut leaving: Vec<(i64, u32)> = Vec::new();
    for node in 0..net.len() as u32 {
        let own = part[node as usize];
        if load[usize::from(own)] > bound.most {
            near.look(net, node, |end| u32::from(part[end as usize]));
            let others = near.met().iter().filter(|other| **other != u32::from(own));
            let best = others.map(|other| near.pull(*other)).max().unwrap_or(0);
            let loss = near.pull(u32::from(own)) as i64 - best as i64;
            leaving.push((loss * 1024 / net.size(node).max(1) as i64, node));
        }
    }
    leaving.sort_unstable();
    for (_, node) in leaving {
        let (own, size) = (u32::from(part[node as usize]), net.size(node));
        if load[own as usize] <= bound.most {
            continue;
        }
        near.look(net, node, |end| u32::from(part[end as usize]));
        let room = |other: &u32| *other != own && load[*other as usize] + size <= bound.most;
        let best = near
            .met()
            .iter()
            .copied()
            .filter(room)
            .max_by_key(|other| (near.pull(*other), std::cmp::Reverse(*other)));
        let smallest = || (0..bound.parts as u32).min_by_key(|other| (load[*other as usize], *other));
        if let Some(to) = best.or_else(smallest).filter(|to| *to != own) {
            load[own as usize] -= size;
            load[to as usize] += size;
            part[node as usize] = to as u16;
        }
    }
}
