//! Leave-one-out: what becomes of a market when one of its holders goes.

use super::family::{hhi, renormalised};
use super::holders::Holder;
use super::subject::Row;
use super::{By, Concentration, Part, Rest, bounds_with};
use crate::answer::{Cell, Column, Table, Unit};
use crate::order::Arrange;

/// Shares of the others once one has gone and they have taken its customers in proportion to their own shares, each
/// up to its limit (`None`: no limit), and the share that nobody could take. Whoever is full leaves the rest to those
/// who are not.
///
/// ```
/// use linchpin::analysis::exit::refill;
/// let (shares, unserved) = refill(&[0.4, 0.2], &[Some(0.1), Some(0.1)], 0.4);
/// assert!((shares[0] - 0.5).abs() < 1e-12 && (unserved - 0.2).abs() < 1e-12);
/// ```
pub fn refill(shares: &[f64], limits: &[Option<f64>], lost: f64) -> (Vec<f64>, f64) {
    let mut taken = vec![0.0; shares.len()];
    let mut full = vec![false; shares.len()];
    let mut left = lost;
    // each round fills at least one, or gives all away
    for _ in 0..=shares.len() {
        let open: f64 = shares.iter().zip(&full).filter(|(_, full)| !**full).map(|(s, _)| s).sum();
        if left <= 0.0 || open <= 0.0 {
            break;
        }
        let give = left / open;
        let mut over = false;
        for at in (0..shares.len()).filter(|at| !full[*at]).collect::<Vec<_>>() {
            let limit = limits.get(at).copied().flatten();
            if limit.is_some_and(|limit| taken[at] + shares[at] * give > limit) {
                let room = (limit.unwrap_or(0.0) - taken[at]).max(0.0);
                taken[at] += room;
                left -= room;
                full[at] = true;
                over = true;
            }
        }
        if !over {
            for at in (0..shares.len()).filter(|at| !full[*at]) {
                taken[at] += shares[at] * give;
            }
            left = 0.0;
        }
    }
    (shares.iter().zip(&taken).map(|(share, more)| share + more).collect(), left.max(0.0))
}

/// What a market is without one of its holders.
struct Exit<'r> {
    holder: &'r Holder,
    after: Option<f64>,
    after_range: Option<(f64, f64)>,
    /// HHI and unserved share with refill up to spare capacity.
    limited: Option<(Option<f64>, f64)>,
    /// Σ s² of those that stay, in shares of the market as it was.
    unfilled: f64,
}

impl Concentration {
    /// One row for each holder that could go, by the HHI after it.
    pub(super) fn exits(&self, rows: &[Row]) -> Table {
        let mut table = Table::new("leave-one-out", "Who props up diversity", columns());
        for row in rows {
            let before = hhi(&row.known);
            let mut exits: Vec<Exit<'_>> =
                row.holders.single().map(|holder| self.exit(row, holder)).collect();
            exits.arrange(|a, b| {
                let unserved = |exit: &Exit<'_>| exit.limited.map_or(0.0, |(_, unserved)| unserved);
                let rank = |exit: &Exit<'_>| exit.after.unwrap_or(f64::INFINITY);
                rank(b)
                    .total_cmp(&rank(a))
                    .then(unserved(b).total_cmp(&unserved(a)))
                    .then_with(|| a.holder.cell.as_key().cmp(&b.holder.cell.as_key()))
            });
            for (at, exit) in exits.iter().enumerate() {
                let change = exit.after.zip(before).map(|(after, before)| (after - before) * 1e4);
                table.rows.push(vec![
                    row.subject.cell.clone(),
                    Cell::Number(at as f64 + 1.0),
                    exit.holder.cell.clone(),
                    Cell::Number(exit.holder.part.point),
                    Cell::number(before.map(|before| before * 1e4)),
                    Cell::number(exit.after.map(|after| after * 1e4)),
                    Cell::number(change),
                    Cell::number(exit.after_range.map(|(low, _)| low * 1e4)),
                    Cell::number(exit.after_range.map(|(_, high)| high * 1e4)),
                    Cell::number(exit.limited.and_then(|(hhi, _)| hhi).map(|hhi| hhi * 1e4)),
                    Cell::number(exit.limited.map(|(_, unserved)| unserved)),
                    Cell::Number(exit.unfilled * 1e4),
                    Cell::Number(exit.holder.part.point),
                ]);
            }
        }
        table
    }

    fn exit<'r>(&self, row: &'r Row, gone: &'r Holder) -> Exit<'r> {
        let stays = |holder: &&Holder| !std::ptr::eq(*holder, gone);
        let others: Vec<&Holder> = row.holders.single().filter(stays).collect();
        let points: Vec<f64> = others.iter().map(|holder| holder.part.point).collect();
        let after = hhi(&renormalised(&points));
        let spares: Vec<Option<f64>> = others.iter().map(|holder| holder.spare).collect();
        let firms = matches!(self.by, By::Entity | By::Owner);
        let known = firms && spares.iter().any(Option::is_some);
        let limited = known.then(|| {
            let (shares, unserved) = refill(&points, &spares, gone.part.point);
            (hhi(&renormalised(&shares)), unserved)
        });
        let parts: Vec<Part> =
            row.holders.all.iter().filter(|h| !h.aside).filter(stays).map(|holder| holder.part).collect();
        Exit {
            holder: gone,
            after,
            after_range: self.remaining(&parts, gone.part),
            limited,
            unfilled: points.iter().map(|share| share * share).sum::<f64>() + 0.0,
        }
    }

    /// The range of the HHI of what stays, once it and the unlisted rest have grown in proportion.
    fn remaining(&self, parts: &[Part], gone: Part) -> Option<(f64, f64)> {
        let (most, least) = (1.0 - gone.low, 1.0 - gone.high.min(1.0));
        if most <= 1e-12 {
            return None;
        }
        // where nothing may be left, whoever is left may be one
        let up = |share: f64| if least > 1e-12 { (share / least).min(1.0) } else { 1.0 };
        let grown: Vec<Part> = parts
            .iter()
            .map(|part| Part {
                low: part.low / most,
                point: part.point / (1.0 - gone.point).max(1e-12),
                high: up(part.high).max(part.low / most),
                group: part.group,
            })
            .collect();
        let rest = match self.rest() {
            Rest::Capped(cap) => Rest::Capped(up(cap)),
            rest => rest,
        };
        let found = bounds_with(&grown, rest);
        Some((found.hhi_low, found.hhi_high))
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("market", Unit::Text, "The market"),
        Column::new("rank", Unit::Count, "1 for the one whose exit leaves the most concentrated market"),
        Column::new("leaves", Unit::Text, "Who goes"),
        Column::new("share", Unit::Share, "Its share of the market, 0 to 1"),
        Column::new(
            "hhi_before",
            Unit::Hhi,
            "HHI, 0 to 10,000, of the known single holders taken as the whole market",
        ),
        Column::new(
            "hhi_after",
            Unit::Hhi,
            "The same without it, the others taking its customers in proportion to their shares, 0 to 10,000; empty where \
             nobody is left",
        ),
        Column::new("change", Unit::Hhi, "hhi_after less hhi_before, -10,000 to 10,000"),
        Column::new(
            "hhi_after_low",
            Unit::Hhi,
            "HHI after, 0 to 10,000, if the unlisted rest, which takes its part too, is many small firms",
        ),
        Column::new(
            "hhi_after_high",
            Unit::Hhi,
            "HHI after, 0 to 10,000, if the unlisted rest is as concentrated as it may be",
        ),
        Column::new(
            "hhi_capacity",
            Unit::Hhi,
            "HHI after, 0 to 10,000, if nobody takes more than its SpareCapacity; who states none takes any amount; empty \
             where none of the others states it",
        ),
        Column::new(
            "unserved_capacity",
            Unit::Share,
            "Share of the market that nobody can then serve, 0 to 1",
        ),
        Column::new(
            "hhi_no_refill",
            Unit::Hhi,
            "Sum of squares of those that stay, in shares of the market as it was, 0 to 10,000, if nobody takes its customers",
        ),
        Column::new("unserved_no_refill", Unit::Share, "Share of the market that is then not served, 0 to 1"),
    ]
}
