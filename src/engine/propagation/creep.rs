//! Where a cascade ends that creeps: in dense loops each round adds a little to every loss, for thousands of
//! rounds. The end is the same and is found in a few linear solves.
//!
//! For fixed parts that rivals replace (none, or those of the present round: losses only raise them) the loss of an entity is the largest of several sums of its suppliers' losses: one for
//! each essential input, one for all important ones, and its own shock. To choose one of them for every entity
//! is a policy; under a policy the losses solve a linear system. Howard's policy iteration solves it, lets every
//! entity choose anew, and ends where nobody chooses otherwise: at the least losses that satisfy all.
//!
//! Reference: R. A. Howard, Dynamic Programming and Markov Processes, 1960; H. A. van der Vorst, Bi-CGSTAB,
//! SIAM J. Sci. Stat. Comput. 13, 631, 1992.

use super::functional::{Blow, UnknownSupplier};
use crate::model::{EntityId, Need, ProductId};
use crate::network::{NeedRow, Network};

/// Policies tried before giving up; in practice a handful do.
const MOST_POLICIES: usize = 100;
/// Steps of a linear solve before giving up.
const MOST_STEPS: usize = 2_000;
/// A choice counts as better from here on: below is rounding, and switching on rounding may go in circles.
const BETTER: f64 = 1e-13;
/// Largest residual of a linear solve.
const EXACT: f64 = 1e-14;

/// The part of a supplier's loss of a product that its customers cannot replace.
type Kept<'a> = &'a dyn Fn(ProductId, EntityId) -> f64;

/// One way in which an entity may lose function: a constant and parts of its suppliers' losses.
struct Sum {
    constant: f64,
    terms: Vec<(usize, f64)>,
}

impl Sum {
    fn at(&self, loss: &[f64]) -> f64 {
        self.constant
            + self
                .terms
                .iter()
                .map(|(supplier, part)| part * loss.get(*supplier).unwrap_or(&0.0))
                .sum::<f64>()
    }
}

/// The losses in which a cascade ends, from those of some round of it; `None` where this way does not lead there
/// (important inputs that weigh more than 1 together, or a solve that stalls), so that rounds have to. Never more
/// than the end of the cascade, as long as `start` is not.
pub(super) fn settle(
    network: &Network,
    shock: &[f64],
    blow: &Blow<'_>,
    unknown: UnknownSupplier,
    kept: Kept<'_>,
    start: &[f64],
) -> Option<Vec<f64>> {
    let choices: Vec<Vec<Sum>> = shock
        .iter()
        .enumerate()
        .map(|(at, shock)| choices(network, EntityId::new(at), *shock, blow, unknown, kept))
        .collect::<Option<_>>()?;
    let mut loss = start.to_vec();
    let mut policy = vec![0; loss.len()];
    choose(&choices, &loss, &mut policy, 0.0);
    for _ in 0..MOST_POLICIES {
        let chosen: Vec<&Sum> = choices.iter().zip(&policy).filter_map(|(sums, at)| sums.get(*at)).collect();
        loss = solve(&chosen, &loss)?;
        if !choose(&choices, &loss, &mut policy, BETTER) {
            return Some(loss);
        }
    }
    None
}

/// The sums among which an entity's loss is the largest; the first is its shock.
fn choices(
    network: &Network,
    entity: EntityId,
    shock: f64,
    blow: &Blow<'_>,
    unknown: UnknownSupplier,
    kept: Kept<'_>,
) -> Option<Vec<Sum>> {
    let mut all = vec![Sum { constant: shock, terms: Vec::new() }];
    let mut important = Sum { constant: 0.0, terms: Vec::new() };
    let mut weights = 0.0;
    for (at, row) in network.needs_at(entity) {
        match row.need {
            Need::Essential => all.push(row_sum(network, (at, row), 1.0, blow, unknown, kept)),
            Need::Important(weight) => {
                weights += weight;
                let sum = row_sum(network, (at, row), weight, blow, unknown, kept);
                important.constant += sum.constant;
                important.terms.extend(sum.terms);
            }
            Need::Optional | Need::NotNeeded => {}
        }
    }
    all.push(important);
    (weights <= 1.0).then_some(all)
}

fn row_sum(
    network: &Network,
    (at, row): (usize, &NeedRow),
    weight: f64,
    blow: &Blow<'_>,
    unknown: UnknownSupplier,
    kept: Kept<'_>,
) -> Sum {
    let like_known = unknown == UnknownSupplier::LikeKnown;
    if blow.missing.contains(&row.product) {
        return Sum { constant: weight * if like_known { 1.0 } else { row.known }, terms: Vec::new() };
    }
    // (1 - lost) (1 - whole) is lost by whole + (1 - whole) lost
    let whole = blow.cuts.map_or(0.0, |cuts| cuts.row(at));
    let scale = (1.0 - whole) * if like_known && row.known > 0.0 { weight / row.known } else { weight };
    let mut sum = Sum { constant: weight * whole, terms: Vec::new() };
    for (link, index) in network.suppliers(row).iter().zip(network.link_range(row)) {
        let cut = blow.cuts.map_or(0.0, |cuts| cuts.link(index));
        let part = link.share * scale * kept(row.product, link.supplier);
        sum.constant += part * cut;
        sum.terms.push((link.supplier.index(), part * (1.0 - cut)));
    }
    sum
}

/// Lets every entity choose its largest sum where that is better by more than `by`; whether any chose anew.
fn choose(choices: &[Vec<Sum>], loss: &[f64], policy: &mut [usize], by: f64) -> bool {
    let mut anew = false;
    for (sums, own) in choices.iter().zip(policy) {
        let mut best = sums.get(*own).map_or(0.0, |sum| sum.at(loss)) + by;
        for (at, sum) in sums.iter().enumerate() {
            let value = sum.at(loss);
            if value > best {
                (best, *own) = (value, at);
                anew = true;
            }
        }
    }
    anew
}

/// Least solution of `x = c + A x`: those from which no constant is reached lose nothing, and on the others
/// `I - A` is regular.
fn solve(rows: &[&Sum], start: &[f64]) -> Option<Vec<f64>> {
    let n = rows.len();
    let mut customers: Vec<Vec<usize>> = vec![Vec::new(); n];
    for (at, row) in rows.iter().enumerate() {
        for (supplier, _) in row.terms.iter().filter(|(_, part)| *part > 0.0) {
            if let Some(list) = customers.get_mut(*supplier) {
                list.push(at);
            }
        }
    }
    let mut hit: Vec<bool> = rows.iter().map(|row| row.constant > 0.0).collect();
    let mut stack: Vec<usize> =
        (0..n).filter(|at| rows.get(*at).is_some_and(|row| row.constant > 0.0)).collect();
    while let Some(at) = stack.pop() {
        for customer in customers.get(at).into_iter().flatten() {
            if let Some(flag) = hit.get_mut(*customer).filter(|flag| !**flag) {
                *flag = true;
                stack.push(*customer);
            }
        }
    }
    // b - (I - A) x on those that are hit
    let apply = |x: &[f64], with_constant: bool| -> Vec<f64> {
        let value = |(at, row): (usize, &&Sum)| {
            if !hit.get(at).copied().unwrap_or(false) {
                return 0.0;
            }
            let own = x.get(at).copied().unwrap_or(0.0);
            let sum: f64 =
                row.terms.iter().map(|(supplier, part)| part * x.get(*supplier).unwrap_or(&0.0)).sum();
            if with_constant { row.constant + sum - own } else { own - sum }
        };
        rows.iter().enumerate().map(value).collect()
    };
    let mut x: Vec<f64> =
        start.iter().zip(&hit).map(|(value, hit)| if *hit { *value } else { 0.0 }).collect();
    let mut residual = apply(&x, true);
    let mut steps = 0;
    while largest(&residual) > EXACT {
        // a fresh shadow residual whenever the old one has become useless
        let shadow = residual.clone();
        let (mut rho, mut alpha, mut omega) = (1.0, 1.0, 1.0);
        let (mut v, mut p) = (vec![0.0; n], vec![0.0; n]);
        let before = largest(&residual);
        loop {
            steps += 1;
            let next = dot(&shadow, &residual);
            let beta = next / rho * (alpha / omega);
            rho = next;
            for ((p, v), r) in p.iter_mut().zip(&v).zip(&residual) {
                *p = r + beta * (*p - omega * v);
            }
            v = apply(&p, false);
            alpha = rho / dot(&shadow, &v);
            let s: Vec<f64> = residual.iter().zip(&v).map(|(r, v)| r - alpha * v).collect();
            let t = apply(&s, false);
            let square = dot(&t, &t);
            omega = if square > 0.0 { dot(&t, &s) / square } else { 0.0 };
            if !alpha.is_finite() || !omega.is_finite() {
                return None;
            }
            for ((x, p), s) in x.iter_mut().zip(&p).zip(&s) {
                *x += alpha * p + omega * s;
            }
            residual = s.iter().zip(&t).map(|(s, t)| s - omega * t).collect();
            let useless = omega == 0.0 || rho == 0.0;
            if useless || steps >= MOST_STEPS || largest(&residual) <= EXACT {
                break;
            }
        }
        // what the recurrence carries drifts from the truth
        residual = apply(&x, true);
        if largest(&residual) > EXACT && (steps >= MOST_STEPS || largest(&residual) > 0.5 * before) {
            // as exact as the numbers allow, or stalled
            return (largest(&residual) <= 10.0 * EXACT).then_some(x);
        }
    }
    Some(x)
}

fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |most, value| value.abs().max(most))
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
