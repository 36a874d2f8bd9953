//! Who caused how much, where causes act together: the Shapley value.
//!
//! The part of a cause is what it adds, averaged over all orders in which the causes may come:
//! `φ_i = Σ_S |S|! (m - |S| - 1)! / m! [v(S ∪ i) - v(S)]`. The parts add up to the whole. Up to [`EXACT`] causes all
//! sets are run; beyond that orders are drawn, whose parts add up to the whole as well, with standard errors.
//!
//! Reference: L. S. Shapley, A value for n-person games, 1953; J. Castro, D. Gómez, J. Tejada, Polynomial calculation of
//! the Shapley value based on sampling, Computers & Operations Research 36, 1726, 2009.

use rayon::prelude::*;

use crate::graph::draw::Stream;

/// Causes up to which all sets are run.
pub const EXACT: usize = 12;
/// Orders that are drawn beyond that.
pub const ORDERS: usize = 200;
/// Sets that are run before they are added up.
const CHUNK: usize = 64;

/// The parts of each cause.
#[derive(Clone, Debug, PartialEq)]
pub struct Parts {
    /// By cause, then by what is explained.
    pub parts: Vec<Vec<f64>>,
    /// Standard errors of the parts; nothing where they are exact.
    pub errors: Option<Vec<Vec<f64>>>,
    /// Sets that were run.
    pub runs: usize,
}

/// The parts of `causes` causes in what `value` gives for a set of them (a flag for each), all numbers of it at once.
///
/// Cost: 2^causes runs, or `causes` · [`ORDERS`] beyond [`EXACT`].
pub fn shapley(causes: usize, seed: u64, value: impl Fn(&[bool]) -> Vec<f64> + Sync) -> Parts {
    if causes <= EXACT { exact(causes, &value) } else { sampled(causes, seed, &value) }
}

fn exact(causes: usize, value: &(impl Fn(&[bool]) -> Vec<f64> + Sync)) -> Parts {
    // |S|! (m - |S| - 1)! / m! for a set without the cause
    let mut weights = vec![1.0 / causes.max(1) as f64; causes];
    for size in 1..causes {
        if let Some(before) = weights.get(size - 1).copied()
            && let Some(weight) = weights.get_mut(size)
        {
            *weight = before * size as f64 / (causes - size) as f64;
        }
    }
    let weight = |size: usize| weights.get(size).copied().unwrap_or(0.0);
    let sets: Vec<u32> = (0..1u32 << causes).collect();
    let mut parts: Vec<Vec<f64>> = vec![Vec::new(); causes];
    for chunk in sets.chunks(CHUNK) {
        let values: Vec<Vec<f64>> = chunk
            .par_iter()
            .map(|set| value(&(0..causes).map(|cause| set >> cause & 1 == 1).collect::<Vec<_>>()))
            .collect();
        for (set, values) in chunk.iter().zip(values) {
            let size = set.count_ones() as usize;
            for (cause, part) in parts.iter_mut().enumerate() {
                part.resize(values.len(), 0.0);
                let sign = if set >> cause & 1 == 1 { weight(size - 1) } else { -weight(size) };
                part.iter_mut().zip(&values).for_each(|(part, value)| *part += sign * value);
            }
        }
    }
    Parts { parts, errors: None, runs: sets.len() }
}

fn sampled(causes: usize, seed: u64, value: &(impl Fn(&[bool]) -> Vec<f64> + Sync)) -> Parts {
    let marginals: Vec<Vec<Vec<f64>>> = (0..ORDERS as u64)
        .into_par_iter()
        .map(|draw| {
            let mut stream = Stream::new(seed, draw);
            let mut order: Vec<usize> = (0..causes).collect();
            for at in (1..causes).rev() {
                order.swap(at, stream.below(at + 1));
            }
            let mut set = vec![false; causes];
            let mut before = value(&set);
            let mut parts = vec![Vec::new(); causes];
            for cause in order {
                if let Some(flag) = set.get_mut(cause) {
                    *flag = true;
                }
                let after = value(&set);
                let added = after.iter().zip(&before).map(|(after, before)| after - before).collect();
                if let Some(part) = parts.get_mut(cause) {
                    *part = added;
                }
                before = after;
            }
            parts
        })
        .collect();
    let wide = marginals.first().and_then(|parts| parts.first()).map_or(0, Vec::len);
    let (mut parts, mut errors) = (vec![vec![0.0; wide]; causes], vec![vec![0.0; wide]; causes]);
    let number = ORDERS as f64;
    for cause in 0..causes {
        for at in 0..wide {
            let of = |parts: &Vec<Vec<f64>>| {
                parts.get(cause).and_then(|part| part.get(at)).copied().unwrap_or(0.0)
            };
            let mean = marginals.iter().map(of).sum::<f64>() / number;
            let square = marginals.iter().map(|parts| (of(parts) - mean).powi(2)).sum::<f64>();
            if let (Some(part), Some(error)) = (
                parts.get_mut(cause).and_then(|part| part.get_mut(at)),
                errors.get_mut(cause).and_then(|error| error.get_mut(at)),
            ) {
                (*part, *error) = (mean, (square / (number - 1.0) / number).sqrt());
            }
        }
    }
    Parts { parts, errors: Some(errors), runs: ORDERS * (causes + 1) }
}
