//! Cascades of failures where only the weight of a tie is known: an entity fails once enough of what it leans on has.
//!
//! An entity with weights `w_ji` and threshold `θ_i` fails in the round after `Σ w_ji` over the failed j has reached `θ_i`; nobody
//! recovers. Weights of 1 / degree and fixed thresholds give Granovetter's and Watts' cascades; "needs any two of three
//! suppliers" is three weights of 1/3 and a threshold of 2/3.
//!
//! References: M. Granovetter, American Journal of Sociology 83, 1420, 1978; D. Watts, PNAS 99, 5766, 2002; D. Kempe, J. Kleinberg,
//! É. Tardos, Maximizing the spread of influence through a social network, KDD 2003.

use super::sparse::Sparse;

/// Sums of weights that miss a threshold by less than this have reached it: a third thrice is one.
const ROUNDING: f64 = 1e-12;

/// Runs a linear threshold cascade: the round in which each entity fails, 0 for the seeds, `None` for those that stand.
///
/// `weights` has a row for each entity with those it leans on, and `thresholds` the sum at which it fails. An entity with a
/// threshold of 0 fails in the first round. Monotone: more seeds never save anybody.
/// Cost: each tie is read once.
pub fn linear_threshold(weights: &Sparse, thresholds: &[f64], seeds: &[usize]) -> Vec<Option<u32>> {
    let n = weights.len();
    let leaning = weights.transposed();
    let mut failed: Vec<Option<u32>> = vec![None; n];
    let mut load = vec![0.0; n];
    let mut front: Vec<usize> = Vec::new();
    for seed in seeds {
        if let Some(slot) = failed.get_mut(*seed).filter(|slot| slot.is_none()) {
            *slot = Some(0);
            front.push(*seed);
        }
    }
    front.sort_unstable();
    let mut round = 0;
    loop {
        round += 1;
        for at in front.drain(..) {
            for (entity, weight) in leaning.row(at) {
                if let Some(slot) = load.get_mut(entity) {
                    *slot += weight;
                }
            }
        }
        for ((at, slot), (load, threshold)) in failed.iter_mut().enumerate().zip(load.iter().zip(thresholds))
        {
            if slot.is_none() && *load >= threshold - ROUNDING {
                *slot = Some(round);
                front.push(at);
            }
        }
        if front.is_empty() {
            return failed;
        }
    }
}
