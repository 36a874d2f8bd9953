//! Solves over the money matrix, in a fixed order.

use rayon::prelude::*;

use crate::compressed::Rows;
use crate::network::{Flows, Payment};

/// Change at which an iteration has settled.
const SETTLED: f64 = 1e-16;
/// Sweeps after which it stops; reached only where less than one part in a million leaks in a sweep.
const MOST_SWEEPS: usize = 200_000;
/// Sweeps that a typical solve takes, to choose between sweeping and inverting.
const TYPICAL_SWEEPS: usize = 100;

/// For each entity the probability that a dollar leaving it comes back: `1 - 1/N_ii` of `N = (I - P)^-1`.
///
/// Money can only come back within a strongly connected component, so each is solved by itself: a sparse one by
/// sweeps for each member (in parallel), a dense one by inverting it. Cost for s members and e payments:
/// `s e` times the sweeps, or `2 s³`.
pub(super) fn return_shares(transition: &[Vec<(usize, f64)>]) -> Vec<f64> {
    let pairs = transition.iter().enumerate();
    let pairs = pairs.flat_map(|(from, row)| row.iter().map(move |(to, _)| (from as u32, *to as u32)));
    let components = Rows::new(transition.len(), pairs).strong();
    let mut shares = vec![0.0; transition.len()];
    for members in components.iter().filter(|members| members.len() > 1) {
        let members: Vec<usize> = members.iter().map(|node| *node as usize).collect();
        let inner = restrict(transition, &members);
        let payments: usize = inner.iter().map(Vec::len).sum();
        let dense = 2 * members.len() * members.len() < TYPICAL_SWEEPS * payments;
        let inverted = if dense { by_inverse(&inner) } else { None };
        let found = inverted.unwrap_or_else(|| {
            (0..inner.len()).into_par_iter().map(|target| by_sweeps(&inner, target)).collect()
        });
        for (member, share) in members.into_iter().zip(found) {
            shares[member] = share;
        }
    }
    shares
}

/// The rows of some positions, and in them only the payments among themselves.
fn restrict(transition: &[Vec<(usize, f64)>], members: &[usize]) -> Vec<Vec<(usize, f64)>> {
    let mut local = vec![None; transition.len()];
    for (at, member) in members.iter().enumerate() {
        local[*member] = Some(at);
    }
    let inside = |(to, part): &(usize, f64)| local[*to].map(|to| (to, *part));
    members.iter().map(|member| transition[*member].iter().filter_map(inside).collect()).collect()
}

/// Return share of one member: the probability `h` of ever reaching it solves `h = P h` with `h = 1` at itself;
/// what comes back is one more step. Holds also where money circulates without a leak.
fn by_sweeps(rows: &[Vec<(usize, f64)>], target: usize) -> f64 {
    let mut reach = vec![0.0; rows.len()];
    reach[target] = 1.0;
    let step = |reach: &[f64], at: usize| rows[at].iter().map(|(to, part)| part * reach[*to]).sum::<f64>();
    for _ in 0..MOST_SWEEPS {
        let mut moved = 0.0;
        for at in (0..rows.len()).filter(|at| *at != target) {
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

/// Return shares of all members from the diagonal of the inverse; `None` where nothing leaks, so that there is
/// none. `I - P` is an M-matrix, for which elimination needs no exchange of rows.
fn by_inverse(rows: &[Vec<(usize, f64)>]) -> Option<Vec<f64>> {
    let n = rows.len();
    let mut matrix = vec![0.0; n * n];
    for (at, row) in rows.iter().enumerate() {
        matrix[at * n + at] = 1.0;
        for (to, part) in row {
            matrix[at * n + to] -= part;
        }
    }
    let mut pivot_row = vec![0.0; n];
    for k in 0..n {
        let pivot = matrix[k * n + k];
        if pivot <= 1e-13 {
            return None;
        }
        pivot_row.copy_from_slice(&matrix[k * n..(k + 1) * n]);
        pivot_row.iter_mut().for_each(|value| *value /= pivot);
        pivot_row[k] = 1.0 / pivot;
        let eliminate = |(at, row): (usize, &mut [f64])| {
            if at == k {
                row.copy_from_slice(&pivot_row);
                return;
            }
            let factor = row[k];
            if factor != 0.0 {
                row[k] = 0.0;
                for (value, above) in row.iter_mut().zip(&pivot_row) {
                    *value -= factor * above;
                }
            }
        };
        matrix.par_chunks_mut(n).enumerate().with_min_len(64).for_each(eliminate);
    }
    Some((0..n).map(|at| 1.0 - 1.0 / matrix[at * n + at]).collect())
}

/// For each entity the part of the money passing it that traces back to certain payments.
///
/// Going upstream, money that arrives is a mix of its origins: `f_n = Σ_m (F_mn / T_n) f_m`. A payment where the trace
/// `stops` is not followed further, and is 1 where it is of the kind that `counts`.
pub(super) fn traced(
    flows: &Flows,
    throughflow: &[f64],
    stops: &dyn Fn(&Payment) -> bool,
    counts: &dyn Fn(&Payment) -> bool,
) -> Vec<f64> {
    let n = throughflow.len();
    let mut direct = vec![0.0; n];
    let mut arrivals: Vec<Vec<(usize, f64)>> = vec![Vec::new(); n];
    for payment in &flows.payments {
        let to = payment.to.index();
        let part = payment.amount / throughflow[to];
        match (stops(payment), counts(payment)) {
            (true, true) => direct[to] += part,
            (true, false) => {}
            (false, _) => arrivals[to].push((payment.from.index(), part)),
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
