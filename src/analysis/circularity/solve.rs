//! Sparse solves over the money matrix, in a fixed order.

use rayon::prelude::*;

use crate::model::EntityId;
use crate::network::{Flows, Layer};

/// Change at which an iteration has settled.
const SETTLED: f64 = 1e-16;
/// Sweeps after which it stops; reached only where less than one part in a million leaks in a sweep.
const MOST_SWEEPS: usize = 200_000;

/// For each entity the probability that a dollar leaving it comes back: `1 - 1/N_ii` of `N = (I - P)^-1`.
///
/// The probability `h` of ever reaching i solves `h = P h` with `h_i = 1`; what comes back is `Σ_j P_ij h_j`. This
/// form also holds where money circulates without a leak. Cost: one solve for each entity that can be reached
/// from itself, in parallel; each sweep passes the payments of those that can reach it.
pub(super) fn return_shares(transition: &[Vec<(usize, f64)>]) -> Vec<f64> {
    (0..transition.len()).into_par_iter().map(|target| return_share(transition, target)).collect()
}

fn return_share(transition: &[Vec<(usize, f64)>], target: usize) -> f64 {
    let members = strongly_connected_with(transition, target);
    if members.is_empty() {
        return 0.0;
    }
    let mut reach = vec![0.0; transition.len()];
    reach[target] = 1.0;
    let step =
        |reach: &[f64], at: usize| transition[at].iter().map(|(to, part)| part * reach[*to]).sum::<f64>();
    for _ in 0..MOST_SWEEPS {
        let mut moved = 0.0;
        for at in members.iter().copied().filter(|at| *at != target) {
            let value = step(&reach, at);
            moved = f64::max(moved, (value - reach[at]).abs());
            reach[at] = value;
        }
        if moved <= SETTLED {
            break;
        }
    }
    step(&reach, target).min(1.0)
}

/// Entities on some way from the target back to it, in order; empty where there is none.
fn strongly_connected_with(transition: &[Vec<(usize, f64)>], target: usize) -> Vec<usize> {
    let mut forward = vec![false; transition.len()];
    let mut stack = vec![target];
    let mut returns = false;
    while let Some(at) = stack.pop() {
        for (to, _) in &transition[at] {
            returns |= *to == target;
            if !forward[*to] {
                forward[*to] = true;
                stack.push(*to);
            }
        }
    }
    if !returns {
        return Vec::new();
    }
    let mut back: Vec<Vec<usize>> = vec![Vec::new(); transition.len()];
    for at in (0..transition.len()).filter(|at| forward[*at]) {
        for (to, _) in &transition[at] {
            back[*to].push(at);
        }
    }
    let mut reaches = vec![false; transition.len()];
    reaches[target] = true;
    let mut stack = vec![target];
    while let Some(at) = stack.pop() {
        for from in &back[at] {
            if !reaches[*from] {
                reaches[*from] = true;
                stack.push(*from);
            }
        }
    }
    (0..transition.len()).filter(|at| forward[*at] && reaches[*at]).collect()
}

/// For each entity the part of the money passing it that traces back to equity or debt from certain funders.
///
/// Going upstream, money that arrives is a mix of its origins: `f_n = Σ_m (F_mn / T_n) f_m`, and money that a funder
/// put in as equity or debt counts as 1 and is not followed further.
pub(super) fn funded(flows: &Flows, throughflow: &[f64], is_funder: &dyn Fn(EntityId) -> bool) -> Vec<f64> {
    let n = throughflow.len();
    let mut direct = vec![0.0; n];
    let mut arrivals: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for payment in &flows.payments {
        let to = payment.to.index();
        let part = payment.amount / throughflow[to];
        if matches!(payment.layer, Layer::Equity | Layer::Debt) && is_funder(payment.from) {
            direct[to] += part;
        } else {
            arrivals[to].push((payment.from.index(), part));
        }
    }
    let mut share = direct.clone();
    for _ in 0..MOST_SWEEPS {
        let mut moved = 0.0;
        for at in 0..n {
            let value = direct[at] + arrivals[at].iter().map(|(from, part)| part * share[*from]).sum::<f64>();
            moved = f64::max(moved, (value - share[at]).abs());
            share[at] = value;
        }
        if moved <= SETTLED {
            break;
        }
    }
    share.into_iter().map(|share| share.min(1.0)).collect()
}
