//! Who gets what where there is not enough for all.

use super::settings::{Filling, Rationing};

/// Part by which two relative orders, or a need and what is left, may differ by rounding.
const ROUNDING: f64 = 1e-13;

/// A customer of a firm: what it orders relative to normal, and which part of the firm's normal output that is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Client {
    /// Link to the customer.
    pub link: u32,
    /// Order, relative to normal.
    pub order: f64,
    /// Part of the firm's normal output that the normal order is.
    pub base: f64,
}

/// The part of every order that is served by a rule in proportion, and what final demand gets.
pub(super) fn in_proportion(rule: Rationing, output: f64, demand: f64, ordered: f64) -> (f64, f64) {
    let all = if rule.final_last() { ordered } else { ordered + demand };
    let part = if all > 0.0 { (output / all).min(1.0) } else { 0.0 };
    let last = if rule.final_last() { (output - ordered * part).clamp(0.0, demand) } else { demand * part };
    (part, last)
}

/// Shares out `output` among `clients` and final demand; `given` is called with each link and what it gets, relative to
/// normal. Clients come back in another order. Returns what final demand gets.
pub(super) fn ration(
    rule: Rationing,
    filling: Filling,
    output: f64,
    demand: f64,
    clients: &mut [Client],
    mut given: impl FnMut(u32, f64),
) -> f64 {
    let ordered: f64 = clients.iter().map(|client| client.order * client.base).sum();
    if !rule.smallest_first() {
        let (part, last) = in_proportion(rule, output, demand, ordered);
        clients.iter().for_each(|client| given(client.link, client.order * part));
        return last;
    }
    clients.sort_unstable_by(|a, b| a.order.total_cmp(&b.order).then(a.link.cmp(&b.link)));
    let (budget, consumer) = if rule.final_last() { (output.min(ordered), 0.0) } else { (output, demand) };
    let fill = match filling {
        Filling::Level => level(budget, consumer, clients),
        Filling::Rounds => rounds(budget, consumer, clients),
    };
    for client in clients.iter() {
        given(client.link, fill.given(client.order));
    }
    if rule.final_last() { (output - budget).clamp(0.0, demand) } else { demand * fill.consumer }
}

/// Where filling ended.
struct Fill {
    /// Level up to which orders are filled.
    level: f64,
    /// What orders above the level get beside it.
    extra: f64,
    /// What those get who order nothing.
    unasked: f64,
    /// What final demand gets, relative to normal.
    consumer: f64,
}

impl Fill {
    fn given(&self, order: f64) -> f64 {
        if order <= 0.0 {
            self.unasked
        } else if order > self.level + ROUNDING * order {
            self.level + self.extra
        } else {
            order
        }
    }
}

/// One level for all: nobody gets more than was ordered.
fn level(budget: f64, consumer: f64, clients: &[Client]) -> Fill {
    let mut base = consumer + clients.iter().filter(|c| c.order > 0.0).map(|c| c.base).sum::<f64>();
    let (mut left, mut level, mut consumed) = (budget, 0.0, false);
    for client in clients.iter().filter(|client| client.order > 0.0) {
        if !consumed && client.order >= 1.0 {
            if (1.0 - level) * base >= left {
                break;
            }
            left -= (1.0 - level) * base;
            (level, consumed, base) = (1.0, true, base - consumer);
        }
        if (client.order - level) * base >= left {
            break;
        }
        left -= (client.order - level) * base;
        level = client.order;
        base -= client.base;
    }
    let top = if base > 0.0 { level + left.max(0.0) / base } else { f64::MAX };
    Fill { level: top, extra: 0.0, unasked: 0.0, consumer: top.min(1.0) }
}

/// In rounds: each gives the smallest outstanding order, relative to normal, to all who take part while that uses up less
/// than is left; the rest goes to the outstanding in proportion to their normal orders.
fn rounds(budget: f64, consumer: f64, clients: &[Client]) -> Fill {
    let asking = clients.partition_point(|client| client.order <= 0.0);
    let idle: f64 = clients.iter().take(asking).map(|client| client.base).sum();
    let rest = clients.get(asking..).unwrap_or_default();
    let mut base: f64 = rest.iter().map(|client| client.base).sum();
    let (mut fill, mut left) = (Fill { level: 0.0, extra: 0.0, unasked: 0.0, consumer: 0.0 }, budget);
    let (mut at, mut first) = (0, true);
    loop {
        let hungry = consumer > 0.0 && fill.level < 1.0 - ROUNDING;
        let smallest = rest.get(at).map(|client| client.order);
        let Some(next) = smallest.into_iter().chain(hungry.then_some(1.0)).reduce(f64::min) else { break };
        let takers = base + consumer + if first { idle } else { 0.0 };
        let need = (next - fill.level) * takers;
        if need < left * (1.0 - ROUNDING) {
            left -= need;
            if first {
                fill.unasked = next;
            }
            fill.level = next;
            while let Some(client) = rest.get(at).filter(|client| client.order <= next * (1.0 + ROUNDING)) {
                base -= client.base;
                at += 1;
            }
            first = false;
        } else {
            let outstanding: f64 = rest.iter().skip(at).map(|client| client.base).sum();
            let share = if hungry { outstanding + consumer } else { outstanding };
            fill.extra = if share > 0.0 { left / share } else { 0.0 };
            fill.consumer = fill.level + if hungry { fill.extra } else { 0.0 };
            return fill;
        }
    }
    fill.consumer = fill.level;
    fill
}

#[cfg(test)]
mod tests {
    use super::*;

    fn share_out(
        rule: Rationing,
        filling: Filling,
        output: f64,
        demand: f64,
        orders: &[(f64, f64)],
    ) -> Vec<f64> {
        let client = |(link, (order, base)): (usize, &(f64, f64))| Client {
            link: link as u32,
            order: *order,
            base: *base,
        };
        let mut clients: Vec<Client> = orders.iter().enumerate().map(client).collect();
        let mut got = vec![0.0; orders.len()];
        let last =
            ration(rule, filling, output, demand, &mut clients, |link, part| got[link as usize] = part);
        got.push(last);
        got
    }

    #[test]
    fn four_rules_on_three_customers_worked_by_hand() {
        // normal: two customers of 0.3, final demand 0.4; one orders half, one double; 0.6 is there, 1.15 wanted
        let orders = [(0.5, 0.3), (2.0, 0.3)];
        let run = |rule| share_out(rule, Filling::Level, 0.6, 0.4, &orders);
        let close = |a: Vec<f64>, b: [f64; 3]| {
            a.iter().zip(b).for_each(|(a, b)| assert!((a - b).abs() < 1e-12, "{a} {b}"))
        };
        close(run(Rationing::Proportional), [0.5 * 0.6 / 1.15, 2.0 * 0.6 / 1.15, 0.4 * 0.6 / 1.15]);
        close(run(Rationing::FinalLast), [0.5 * 0.8, 2.0 * 0.8, 0.0]);
        // all 0.5 first: uses 0.5; 0.1 left for 0.7 of base
        let level = 0.5 + 0.1 / 0.7;
        close(run(Rationing::SmallestFirst), [0.5, level, 0.4 * level]);
        // firms alone: 0.5 of 0.6 uses 0.3; 0.3 left for a base of 0.3
        close(run(Rationing::SmallestFirstFinalLast), [0.5, 1.5, 0.0]);
    }

    #[test]
    fn rounds_never_share_out_more_than_there_is() {
        for orders in
            [vec![(0.0, 0.3), (1.2, 0.2)], vec![(0.01, 0.1), (0.0, 0.4), (3.0, 0.2)], vec![(0.0, 0.5)]]
        {
            for output in [0.05, 0.3, 0.7, 1.0] {
                for rule in Rationing::ALL {
                    let got = share_out(rule, Filling::Rounds, output, 0.3, &orders);
                    let used: f64 = orders.iter().zip(&got).map(|((_, base), part)| base * part).sum();
                    let all = used + got[orders.len()];
                    assert!(all <= output + 1e-12, "{rule:?} {orders:?} {output}: {all}");
                }
            }
        }
    }
}
