//! Cascades where each tie passes a failure on with some probability, once.
//!
//! Each newly failed j fails i with probability `p_ji`. That is the same as keeping every tie with its probability and failing
//! whatever the seeds reach over the ties kept (live-edge graphs). The exact probabilities are hard to compute, so they are
//! enumerated where few ties matter, and sampled elsewhere.
//!
//! Reference: D. Kempe, J. Kleinberg, É. Tardos, Maximizing the spread of influence through a social network, KDD 2003.

use rayon::prelude::*;

use crate::matrix::Sparse;

/// Ties whose outcome is open (probability above 0 and below 1, and within reach of the seeds), up to which all their
/// outcomes are enumerated.
pub const MOST_OPEN_TIES: usize = 20;

/// Probability that each entity fails.
#[derive(Clone, Debug, PartialEq)]
pub struct Chances {
    /// By entity, 0 to 1.
    pub probability: Vec<f64>,
    /// Standard error of each: `sqrt(p (1 - p) / draws)`; all 0 where they are exact.
    pub error: Vec<f64>,
    /// Expected number of failures, the seeds included.
    pub expected: f64,
    /// Draws made; `None` where the probabilities are exact.
    pub draws: Option<u64>,
}

/// Probabilities of failure when the seeds have failed: exact where at most [`MOST_OPEN_TIES`] ties are open, else from
/// `draws` samples.
///
/// `ties` has a row for each entity with those it may fail and with which probability. Every draw has a generator of its own,
/// counted from the seed, the number of the draw and the tie, so that the result is the same at any number of threads.
/// Cost: at most `2^open` branches, or `draws` passes over the ties reached.
pub fn independent_cascade(ties: &Sparse, seeds: &[usize], draws: u64, seed: u64) -> Chances {
    if open_ties(ties, seeds) <= MOST_OPEN_TIES {
        exact(ties, seeds)
    } else {
        sampled(ties, seeds, draws, seed)
    }
}

/// Number of ties whose outcome is open and within reach of the seeds.
pub fn open_ties(ties: &Sparse, seeds: &[usize]) -> usize {
    let reached = reach(ties, seeds, |_, _, p| p > 0.0);
    let open = |at: usize| ties.row(at).filter(|(_, p)| *p > 0.0 && *p < 1.0).count();
    reached.iter().enumerate().filter(|(_, reached)| **reached).map(|(at, _)| open(at)).sum()
}

/// Exact probabilities, by branching on the ties that leave the failed: kept or not. A tie between two that have failed
/// is not branched on.
pub fn exact(ties: &Sparse, seeds: &[usize]) -> Chances {
    let n = ties.len();
    let mut probability = vec![0.0; n];
    let mut state = State { failed: vec![false; n], decided: Vec::new() };
    for seed in seeds {
        if let Some(slot) = state.failed.get_mut(*seed) {
            *slot = true;
        }
    }
    branch(ties, &mut state, 1.0, &mut probability);
    let expected = probability.iter().sum();
    Chances { probability, error: vec![0.0; n], expected, draws: None }
}

struct State {
    failed: Vec<bool>,
    /// Ties that are known not to pass the failure on.
    decided: Vec<(usize, usize)>,
}

fn branch(ties: &Sparse, state: &mut State, weight: f64, probability: &mut [f64]) {
    let open = (0..ties.len()).filter(|at| state.failed.get(*at).copied().unwrap_or(false)).find_map(|at| {
        let stands = |to: usize| state.failed.get(to).is_some_and(|failed| !failed);
        let fresh = |(to, p): &(usize, f64)| *p > 0.0 && stands(*to) && !state.decided.contains(&(at, *to));
        ties.row(at).find(fresh).map(|(to, p)| (at, to, p))
    });
    let Some((from, to, p)) = open else {
        for (slot, failed) in probability.iter_mut().zip(&state.failed) {
            if *failed {
                *slot += weight;
            }
        }
        return;
    };
    if let Some(slot) = state.failed.get_mut(to) {
        *slot = true;
    }
    branch(ties, state, weight * p.min(1.0), probability);
    if let Some(slot) = state.failed.get_mut(to) {
        *slot = false;
    }
    if p < 1.0 {
        state.decided.push((from, to));
        branch(ties, state, weight * (1.0 - p), probability);
        state.decided.pop();
    }
}

/// Probabilities from samples, with their standard errors.
pub fn sampled(ties: &Sparse, seeds: &[usize], draws: u64, seed: u64) -> Chances {
    let n = ties.len();
    let draws = draws.max(1);
    let one = |draw: u64| reach(ties, seeds, |from, to, p| uniform(seed, draw, (from * n + to) as u64) < p);
    let count = |mut counts: Vec<u64>, failed: Vec<bool>| {
        counts.iter_mut().zip(failed).for_each(|(count, failed)| *count += u64::from(failed));
        counts
    };
    let add = |mut a: Vec<u64>, b: Vec<u64>| {
        a.iter_mut().zip(b).for_each(|(a, b)| *a += b);
        a
    };
    // counts are whole numbers: their sum does not depend on the order
    let counts = (0..draws)
        .into_par_iter()
        .fold(|| vec![0_u64; n], |counts, draw| count(counts, one(draw)))
        .reduce(|| vec![0_u64; n], add);
    let probability: Vec<f64> = counts.into_iter().map(|count| count as f64 / draws as f64).collect();
    let error = probability.iter().map(|p| (p * (1.0 - p) / draws as f64).sqrt()).collect();
    let expected = probability.iter().sum();
    Chances { probability, error, expected, draws: Some(draws) }
}

/// Whatever the seeds reach over ties that `keeps` accepts.
fn reach(ties: &Sparse, seeds: &[usize], keeps: impl Fn(usize, usize, f64) -> bool) -> Vec<bool> {
    let mut failed = vec![false; ties.len()];
    let mut stack: Vec<usize> = Vec::new();
    for seed in seeds {
        if let Some(slot) = failed.get_mut(*seed).filter(|slot| !**slot) {
            *slot = true;
            stack.push(*seed);
        }
    }
    while let Some(at) = stack.pop() {
        for (to, p) in ties.row(at) {
            if let Some(slot) = failed.get_mut(to).filter(|slot| !**slot)
                && keeps(at, to, p)
            {
                *slot = true;
                stack.push(to);
            }
        }
    }
    failed
}

/// A number between 0 (included) and 1 that depends on the three counters alone: SplitMix64's mixing, chained (G. Steele, D. Lea,
/// C. Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
fn uniform(seed: u64, draw: u64, tie: u64) -> f64 {
    let mix = |mut z: u64| {
        z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    };
    let bits = mix(mix(mix(seed) ^ draw) ^ tie);
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}
