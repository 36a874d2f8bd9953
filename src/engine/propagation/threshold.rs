//! Cascades of failures where only the weight of a tie is known: an entity fails once enough of what it leans on has.
//!
//! An entity with weights `w_ji` and threshold `θ_i` fails in the round after `Σ w_ji` over the failed j has reached `θ_i`; nobody
//! recovers. Weights of 1 / degree and fixed thresholds give Granovetter's and Watts' cascades; "needs any two of three
//! suppliers" is three weights of 1/3 and a threshold of 2/3.
//!
//! References: M. Granovetter, American Journal of Sociology 83, 1420, 1978; D. Watts, PNAS 99, 5766, 2002; D. Kempe, J. Kleinberg,
//! É. Tardos, Maximizing the spread of influence through a social network, KDD 2003.

use crate::matrix::Sparse;
use crate::part::Part;

/// Sums of weights that miss a threshold by less than this have reached it: a third thrice is one.
const ROUNDING: f64 = 1e-12;

/// Runs a linear threshold cascade: the round in which each entity fails, 0 for the seeds, `None` for those that stand.
///
/// `weights` has a row for each entity with those it leans on, and `thresholds` the sum at which it fails. An entity with a
/// threshold of 0 fails in the first round. Monotone: more seeds never save anybody.
/// Cost: each tie is read once.
pub fn linear_threshold(weights: &Sparse, thresholds: &[f64], seeds: &[usize]) -> Vec<Option<u32>> {
    linear_threshold_in(&Part::default(), weights, thresholds, seeds)
}

/// The same where processes each have the rows of a part of the entities: all call it with the same thresholds and seeds, and all
/// get the rounds of all entities. A round exchanges who failed in it.
pub fn linear_threshold_in(
    part: &Part,
    weights: &Sparse,
    thresholds: &[f64],
    seeds: &[usize],
) -> Vec<Option<u32>> {
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
        let fails = |at: &usize| {
            let reached =
                load.get(*at).zip(thresholds.get(*at)).is_some_and(|(load, most)| *load >= most - ROUNDING);
            reached && failed.get(*at).is_some_and(Option::is_none)
        };
        let own: Vec<(u32, f64)> = part.own(n).filter(fails).map(|at| (at as u32, 1.0)).collect();
        front.extend(part.gather(&own).into_iter().map(|(at, _)| at as usize));
        // loads are added up in the order of those who failed
        front.sort_unstable();
        if front.is_empty() {
            return failed;
        }
        for at in &front {
            if let Some(slot) = failed.get_mut(*at) {
                *slot = Some(round);
            }
        }
    }
}
