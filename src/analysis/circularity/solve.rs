//! Solves over the money matrix, in a fixed order.

use chacha20::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::super::budget;
use crate::compressed::{Components, Rows};
use crate::matrix::{Returned, Sparse};
use crate::network::{Flows, Payment};
use crate::order::Arrange;

/// Change at which an iteration has settled.
const SETTLED: f64 = 1e-16;
/// Sweeps after which it stops; reached only where less than one part in a million leaks in a sweep.
const MOST_SWEEPS: usize = 200_000;
/// Most steps, members times payments, for which all members of a component are solved.
const MOST_STEPS: usize = 200_000_000;

/// What comes back to whom, and how much of all flow that is.
pub(super) struct Returns {
    /// For each entity the probability that a dollar leaving it comes back, 0 to 1; `NaN` where it is not worked out.
    pub share: Vec<f64>,
    /// Σ T (1 - 1/N): the flow that comes back.
    pub cycled: f64,
    /// Standard error of that, where it is estimated from a sample; else 0.
    pub error: f64,
    /// Entities whose share is not worked out.
    pub unknown: usize,
    /// Where something was not followed to its end: the largest amount of a unit still on its way, and the rounds done.
    pub unsettled: Option<(f64, usize)>,
}

impl Returns {
    fn none(entities: usize) -> Self {
        Self { share: vec![0.0; entities], cycled: 0.0, error: 0.0, unknown: 0, unsettled: None }
    }

    /// Whether a solve fell short.
    fn look(&mut self, returned: &Returned) {
        if !returned.converged {
            let (residual, rounds) = self.unsettled.unwrap_or_default();
            self.unsettled = Some((residual.max(returned.residual), rounds.max(returned.rounds)));
        }
    }
}

/// For each entity the probability that a dollar leaving it comes back: `1 - 1/N_ii` of `N = (I - P)^-1`.
///
/// Money can only come back within a strongly connected component, so each is solved by itself ([`Sparse::returned`]). Of a
/// component that is too large for a solve for each member the
/// members with the most throughflow are solved, and others drawn in proportion to it: the mean share of those drawn, times the
/// throughflow of all others, estimates without bias what comes back to them.
/// Cost for s members and e payments: `s³`, or `s e` times some rounds; for large ones some tens of solves.
pub(super) fn return_shares(transition: &[Vec<(usize, f64)>], throughflow: &[f64], seed: u64) -> Returns {
    let pairs = transition.iter().enumerate();
    let pairs = pairs.flat_map(|(from, row)| row.iter().map(move |(to, _)| (from as u32, *to as u32)));
    let components = Rows::new(transition.len(), pairs).strong();
    let mut returns = Returns::none(transition.len());
    let (mut estimated, mut variance) = (0.0, 0.0);
    let places = components.places();
    for (at, members) in components.iter().enumerate().filter(|(_, members)| members.len() > 1) {
        let members: Vec<usize> = members.iter().map(|node| *node as usize).collect();
        let inner = restrict(transition, &components, at as u32, &places);
        let steps = members.len().saturating_mul(inner.entries());
        let found = match inner.is_inverted_for(members.len()) || steps <= MOST_STEPS {
            true => {
                let all: Vec<u32> = (0..members.len() as u32).collect();
                let returned = inner.returned(&all);
                returns.look(&returned);
                returned.share
            }
            false => {
                let flow: Vec<f64> = members.iter().map(|member| throughflow[*member]).collect();
                let (sampled, returned) = sample(&inner, &flow, budget::solves(inner.entries()), seed);
                estimated += sampled.cycled;
                variance += sampled.error * sampled.error;
                returns.unknown += sampled.unknown;
                returns.look(&returned);
                sampled.share
            }
        };
        for (member, share) in members.into_iter().zip(found) {
            returns.share[member] = share;
        }
    }
    let known = throughflow.iter().zip(&returns.share).filter(|(_, share)| !share.is_nan());
    returns.cycled = known.map(|(flow, share)| flow * share).sum::<f64>() + estimated;
    returns.error = variance.sqrt();
    returns
}

/// Solves half of `solves` for the members with the most throughflow and half for members drawn in proportion to it. `cycled` and
/// `error` are those of the members that are not solved.
fn sample(rows: &Sparse, flow: &[f64], solves: usize, seed: u64) -> (Returns, Returned) {
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.arrange(|a, b| flow[*b].total_cmp(&flow[*a]).then(a.cmp(b)));
    let (first, rest) = order.split_at((solves / 2).min(order.len()));
    let whole: f64 = rest.iter().map(|at| flow[*at]).sum();
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let draws = (solves / 2).max(2);
    let mut points: Vec<f64> =
        (0..draws).map(|_| (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64 * whole).collect();
    points.arrange(f64::total_cmp);
    let (mut sum, mut at, mut drawn) = (0.0, 0, Vec::new());
    for point in points {
        while at + 1 < rest.len() && sum + flow[rest[at]] <= point {
            sum += flow[rest[at]];
            at += 1;
        }
        drawn.extend(rest.get(at).copied());
    }
    let mut asked: Vec<usize> = first.iter().chain(&drawn).copied().collect();
    asked.sort_unstable();
    asked.dedup();
    let of: Vec<u32> = asked.iter().map(|at| *at as u32).collect();
    let returned = rows.returned(&of);
    let mut share = vec![f64::NAN; rows.len()];
    asked.iter().zip(&returned.share).for_each(|(at, value)| share[*at] = *value);
    let count = drawn.len().max(1) as f64;
    let mean = drawn.iter().map(|at| share[*at]).sum::<f64>() / count;
    let spread = drawn.iter().map(|at| (share[*at] - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    // those drawn are counted by their own shares elsewhere
    let own: f64 = drawn_once(&drawn).map(|at| flow[at] * share[at]).sum();
    let unknown = share.iter().filter(|share| share.is_nan()).count();
    let (cycled, error) = (whole * mean - own, whole * (spread / count).sqrt());
    (Returns { share, cycled, error, unknown, unsettled: None }, returned)
}

/// Each of some positions in rising order once.
fn drawn_once(drawn: &[usize]) -> impl Iterator<Item = usize> {
    let mut once = drawn.to_vec();
    once.sort_unstable();
    once.dedup();
    once.into_iter()
}

/// The rows of a component, its members at their places, and in them only the payments among themselves.
fn restrict(
    transition: &[Vec<(usize, f64)>],
    components: &Components,
    component: u32,
    places: &[u32],
) -> Sparse {
    let members = components.members(component as usize);
    let entries = members.iter().enumerate().flat_map(|(at, member)| {
        let inside =
            transition[*member as usize].iter().filter(|(to, _)| components.of(*to as u32) == component);
        inside.map(move |(to, part)| (at, places[*to] as usize, *part))
    });
    Sparse::new(members.len(), entries)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_of_all_is_all_and_a_part_is_right_on_average() {
        // a ring with chords: entity i pays 0.5 to the next and 0.3 to the third one on, but two
        let n = 24;
        let part = |at: usize, to: usize, part: f64| match (at, to) {
            (5, 1) => 0.1,
            (11, 3) => 0.5,
            _ => part,
        };
        let payments =
            |at: usize| [(1, 0.5), (3, 0.3)].map(|(to, paid)| (at, (at + to) % n, part(at, to, paid)));
        let rows = Sparse::new(n, (0..n).flat_map(payments));
        let flow: Vec<f64> = (0..n).map(|at| 1.0 + (at * at % 7) as f64).collect();
        let shares = rows.returned(&(0..n as u32).collect::<Vec<u32>>()).share;
        let exact: f64 = flow.iter().zip(&shares).map(|(flow, share)| flow * share).sum();
        let estimate = |seed| {
            let (found, _) = sample(&rows, &flow, 8, seed);
            let known = flow.iter().zip(&found.share).filter(|(_, share)| !share.is_nan());
            (found.cycled + known.map(|(flow, share)| flow * share).sum::<f64>(), found.error)
        };
        let seeds = 400;
        let all: Vec<(f64, f64)> = (0..seeds).map(estimate).collect();
        let mean = all.iter().map(|(value, _)| value).sum::<f64>() / seeds as f64;
        let spread = (all.iter().map(|(value, _)| (value - mean).powi(2)).sum::<f64>() / seeds as f64).sqrt();
        assert!((mean - exact).abs() < 4.0 * spread / (seeds as f64).sqrt(), "{mean} and {exact}, {spread}");
        let said = (all.iter().map(|(_, error)| error * error).sum::<f64>() / seeds as f64).sqrt();
        assert!((said / spread - 1.0).abs() < 0.2, "standard error {said}, spread {spread}");
    }

    #[test]
    fn where_all_pay_all_nobody_is_left_out() {
        // q(J - I) has the eigenvalues q(n - 1), once, and -q
        let (n, q) = (600, 0.9 / 599.0);
        let payments = |from: usize| (0..n).filter(|to| *to != from).map(|to| (to, q)).collect();
        let transition: Vec<Vec<(usize, f64)>> = (0..n).map(payments).collect();
        let returns = return_shares(&transition, &vec![1.0; n], 1);
        assert_eq!((returns.unknown, returns.error), (0, 0.0));
        let all = n as f64;
        let own = 1.0 / all / (1.0 - 0.9) + (1.0 - 1.0 / all) / (1.0 + q);
        assert!(returns.share.iter().all(|share| (share - (1.0 - 1.0 / own)).abs() < 1e-12));
    }
}
