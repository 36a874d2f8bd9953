//! Networks cut into parts: planted blocks are found again, hubs are shared out, no part counts too much.

#[path = "common/links.rs"]
mod links;

use linchpin::compressed::parts as cut;
use links::graphs;
use proptest::prelude::*;

/// Numbers that look drawn.
fn drawn(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

/// Blocks of nodes with so many of 100 links inside: the links, and the block of each node, whose numbers say nothing of it.
fn planted(nodes: u64, links: u64, blocks: u64, inside: u64) -> (Vec<(u32, u32)>, Vec<u64>) {
    let mut next = drawn(7);
    let block: Vec<u64> = (0..nodes).map(|node| node * 7_919 % nodes * blocks / nodes).collect();
    let mut members = vec![Vec::new(); blocks as usize];
    block.iter().zip(0..).for_each(|(block, node)| members[*block as usize].push(node));
    let pair = |_| {
        let from = next(nodes);
        let own: &Vec<u32> = &members[block[from as usize] as usize];
        let to = if next(100) < inside { own[next(own.len() as u64) as usize] } else { next(nodes) as u32 };
        (from as u32, to)
    };
    ((0..links).map(pair).collect(), block)
}

fn crossing(links: &[(u32, u32)], part: impl Fn(u32) -> u64) -> usize {
    links.iter().filter(|(from, to)| part(*from) != part(*to)).count()
}

/// What a part counts: a node one, and one for each end of a link.
fn counts(nodes: usize, links: &[(u32, u32)], part: &[u16], parts: u16) -> (Vec<u64>, u64) {
    let mut size = vec![1u64; nodes];
    links.iter().flat_map(|(from, to)| [from, to]).for_each(|end| size[*end as usize] += 1);
    let mut counts = vec![0; usize::from(parts)];
    part.iter().zip(&size).for_each(|(part, size)| counts[usize::from(*part)] += size);
    (counts, size.into_iter().max().unwrap_or(0))
}

fn is_within_bounds(nodes: usize, links: &[(u32, u32)], part: &[u16], parts: u16) -> bool {
    let (counts, largest) = counts(nodes, links, part, parts);
    let mean = counts.iter().sum::<u64>().div_ceil(u64::from(parts));
    counts.iter().all(|count| *count <= (mean + mean / 20).max(mean + largest))
}

#[test]
fn planted_blocks_are_found_again() {
    let (links, block) = planted(4_000, 40_000, 8, 80);
    let part = cut(4_000, links.iter().copied(), 8);
    let (found, best) =
        (crossing(&links, |node| part[node as usize].into()), crossing(&links, |node| block[node as usize]));
    assert!(found * 100 <= best * 103, "{found} links from part to part; {best} from block to block");
    // a part is a block, but for a node here and there
    let mut pairs = std::collections::BTreeMap::new();
    part.iter().zip(&block).for_each(|pair| *pairs.entry(pair).or_insert(0) += 1);
    let together: usize = pairs.values().filter(|count| **count > 250).sum();
    assert!(together > 3_950, "{together} of 4000 nodes are in the part of their block");
    assert!(is_within_bounds(4_000, &links, &part, 8));
}

#[test]
fn parts_with_near_numbers_have_most_links_between_them() {
    // blocks within halves: seven in ten links in the block, two more in the half
    let mut next = drawn(11);
    let links: Vec<(u32, u32)> = (0..30_000)
        .map(|_| {
            let from = next(3_000);
            let same = match next(10) {
                0..7 => 4,
                7..9 => 2,
                _ => 1,
            };
            let mut to = next(3_000);
            while to % same != from % same {
                to = next(3_000);
            }
            (from as u32, to as u32)
        })
        .collect();
    let part = cut(3_000, links.iter().copied(), 4);
    let four = crossing(&links, |node| part[node as usize].into());
    let two = crossing(&links, |node| u64::from(part[node as usize]) / 2);
    let best = crossing(&links, |node| u64::from(node) % 2);
    assert!(two * 100 <= best * 103, "{two} between halves, {four} between parts; {best} can be had");
}

#[test]
fn a_hub_and_nodes_without_links_are_shared_out() {
    let star: Vec<(u32, u32)> = (1..1_500).map(|leaf| (0, leaf)).collect();
    let part = cut(4_000, star.iter().copied(), 16);
    assert!(is_within_bounds(4_000, &star, &part, 16));
    assert_eq!(cut(3, std::iter::empty(), 5).len(), 3);
    assert!(cut(0, std::iter::empty(), 5).is_empty());
}

proptest! {
    #[test]
    fn every_node_has_one_part_and_no_part_counts_too_much(
        (nodes, pairs) in graphs(),
        parts in 1u16..9,
    ) {
        let part = cut(nodes as usize, pairs.iter().copied(), parts);
        prop_assert_eq!(part.len(), nodes as usize);
        let named: std::collections::BTreeSet<u16> = part.iter().copied().collect();
        prop_assert!(is_within_bounds(nodes as usize, &pairs, &part, named.len() as u16));
        // none is empty where there are nodes enough
        let all: Vec<u16> = (0..parts.min(nodes as u16)).collect();
        prop_assert_eq!(named.into_iter().collect::<Vec<_>>(), all);
        prop_assert_eq!(&part, &cut(nodes as usize, pairs.iter().copied(), parts));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn larger_networks_are_coarsened_within_the_bounds(
        nodes in 600usize..2_000,
        seed in 1u64..1_000,
        parts in 2u16..8,
    ) {
        let mut next = drawn(seed);
        let pairs: Vec<(u32, u32)> =
            (0..3 * nodes).map(|_| (next(nodes as u64) as u32, (next(nodes as u64) * next(100) / 100) as u32)).collect();
        let part = cut(nodes, pairs.iter().copied(), parts);
        prop_assert!(is_within_bounds(nodes, &pairs, &part, parts));
        let hashed = |node: u32| u64::from(node).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 33;
        let found = crossing(&pairs, |node| part[node as usize].into());
        let other = crossing(&pairs, |node| hashed(node) % u64::from(parts));
        prop_assert!(found < other, "{} links from part to part, by hash {}", found, other);
    }
}
