//! The end of an upstream cascade that creeps.
//!
//! Upstream losses are the least solution of `u = max(ψ, P u)`, where P has rows that add up to at most 1: the value of
//! stopping a walk along customers at the best of the shocks. Where firms sell nearly all to each other, steps come
//! near it ever more slowly. So who is held by its own shock is told from who is not, `u = P u` is solved for the
//! others, and whoever of the first would lose more is let go, until nobody is. The solution is the least one: everyone in
//! it reaches a shock, and of those who hold the largest shock in a closed circle none is ever let go.

use super::channel::Channel;
use crate::part::{Halo, Mirror};
use crate::reproducible::largest;

/// Iterations of one solve.
const MOST_ITERATIONS: usize = 1_000;
/// Rounds of letting go.
const MOST_ROUNDS: usize = 50;
/// Residual at which a solve has settled.
const SETTLED: f64 = 1e-14;
/// Cosine of two vectors below which they have nothing in common any more.
const BREAKDOWN: f64 = 1e-12;
/// A difference below this lets nobody go.
const NOTICEABLE: f64 = 1e-13;

/// Losses where the cascade ends, from losses on the way that already reach everyone; `None` where the solve fails.
///
/// Where processes each hold the links of a part of the firms they all call it, and each gets the losses of its own firms and of those
/// that it needs, the same bits as one alone.
///
/// Cost: some tens of passes over the links.
pub(super) fn upstream(channel: &Channel, halo: &Halo, loss: &[f64], shock: &[f64]) -> Option<Vec<f64>> {
    let part = halo.part();
    let own = || part.own(loss.len());
    let held_by =
        |loss: &[f64], at: usize| shock[at] > 0.0 && channel.sum(at, loss) <= shock[at] + NOTICEABLE;
    let mut held = vec![false; loss.len()];
    own().for_each(|at| held[at] = held_by(loss, at));
    let mut now = loss.to_vec();
    let mut mirror = halo.mirror();
    mirror.doubt();
    for _ in 0..MOST_ROUNDS {
        for at in own().filter(|at| held[*at]) {
            now[at] = shock[at];
        }
        let free: Vec<u32> = own().filter(|at| loss[*at] > 0.0 && !held[*at]).map(|at| at as u32).collect();
        solve(channel, (halo, &mut mirror), &free, &mut now)?;
        halo.renew(&mut mirror, &mut now);
        let let_go: Vec<usize> = own().filter(|at| held[*at] && !held_by(&now, *at)).collect();
        if !part.any(!let_go.is_empty()) {
            own().for_each(|at| now[at] = now[at].clamp(shock[at], 1.0));
            halo.renew(&mut mirror, &mut now);
            return Some(now);
        }
        let_go.into_iter().for_each(|at| held[at] = false);
    }
    None
}

/// Solves `x = P x` for the free firms, the others standing as they are, by stabilised biconjugate gradients from `x` on.
/// (van der Vorst, SIAM Journal on Scientific and Statistical Computing 13:631, 1992.)
fn solve(channel: &Channel, (halo, mirror): (&Halo, &mut Mirror), free: &[u32], x: &mut [f64]) -> Option<()> {
    let part = halo.part();
    let apply = |full: &[f64]| {
        free.iter().map(|at| full[*at as usize] - channel.sum(*at as usize, full)).collect::<Vec<f64>>()
    };
    // vectors over the free firms are spread over all of them to be multiplied
    let (mut wide, mut spread) = (vec![0.0; x.len()], halo.mirror());
    let mut times = |v: &[f64]| {
        free.iter().zip(v).for_each(|(at, value)| wide[*at as usize] = *value);
        halo.renew(&mut spread, &mut wide);
        apply(&wide)
    };
    let mut residual = |x: &mut [f64]| {
        halo.renew(mirror, x);
        apply(x).iter().map(|value| -value).collect::<Vec<f64>>()
    };
    let largest = |r: &[f64]| {
        part.most(match largest(r) {
            most if most.is_nan() => f64::INFINITY,
            most => most,
        })
    };
    // in any order of the firms the same bits
    let dot = |a: &[f64], b: &[f64]| part.sum_of(&a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<f64>>());
    let (mut r, mut direction) = (residual(x), None);
    for _ in 0..MOST_ITERATIONS {
        if largest(&r) <= SETTLED {
            // what was carried along may have drifted from what it stands for
            r = residual(x);
            direction = None;
            if largest(&r) <= 2.0 * SETTLED {
                return Some(());
            }
        }
        let Direction { first, size, rho, p, v } = match direction.take() {
            Some(direction) => direction,
            None => {
                let size = dot(&r, &r);
                Direction { first: r.clone(), size, rho: size, p: r.clone(), v: times(&r) }
            }
        };
        let alpha = rho / dot(&first, &v);
        let s: Vec<f64> = r.iter().zip(&v).map(|(r, v)| r - alpha * v).collect();
        let t = times(&s);
        let square = dot(&t, &t);
        let omega = if square > 0.0 { dot(&t, &s) / square } else { 0.0 };
        if !(alpha.is_finite() && omega.is_finite()) {
            return None;
        }
        for (at, firm) in free.iter().enumerate() {
            x[*firm as usize] += alpha * p[at] + omega * s[at];
            r[at] = s[at] - omega * t[at];
        }
        let next = dot(&first, &r);
        let beta = next / rho * (alpha / omega);
        // where the directions are used up they begin anew from where x stands
        let common = size.sqrt() * dot(&r, &r).sqrt();
        if beta.is_finite() && next.abs() > BREAKDOWN * common {
            let p: Vec<f64> = (0..p.len()).map(|at| r[at] + beta * (p[at] - omega * v[at])).collect();
            let v = times(&p);
            direction = Some(Direction { first, size, rho: next, p, v });
        } else {
            r = residual(x);
        }
    }
    None
}

/// Where a solve looks next.
struct Direction {
    first: Vec<f64>,
    /// Its square with itself.
    size: f64,
    rho: f64,
    p: Vec<f64>,
    v: Vec<f64>,
}
