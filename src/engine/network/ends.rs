//! The two ends of a network: what its shares may be at least and at most, as far as their sources leave them open.
//!
//! A loss that is carried along needs grows with every share, so carried over all shares at their least it is a lower bound, and over
//! all at their most an upper one, whatever the shares are within their ranges.

use super::Network;

/// What a share may be, 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ShareRange {
    /// At least.
    pub least: f64,
    /// At most.
    pub most: f64,
}

impl ShareRange {
    /// A share that is known.
    pub fn exact(share: f64) -> Self {
        Self { least: share, most: share }
    }

    /// Whether it is open.
    pub fn is_open(self) -> bool {
        self.most > self.least
    }

    /// The range that holds a share too.
    pub(super) fn with(self, share: f64) -> Self {
        Self { least: self.least.min(share), most: self.most.max(share) }
    }
}

/// The ranges of shares of one whole, of which each is known within a range. Where they cannot add up to the whole or less they are
/// scaled down, as shares that are more than their whole always are.
pub(super) fn of_whole(ranges: &[ShareRange]) -> Vec<ShareRange> {
    let sum = |end: fn(&ShareRange) -> f64| ranges.iter().map(end).sum::<f64>();
    let (least, most) = (sum(|own| own.least), sum(|own| own.most));
    let scale = if least > 1.0 { 1.0 / most } else { 1.0 };
    let one = |own: &ShareRange| {
        // others take at least what they must
        let room = (1.0 - (least - own.least)).max(own.least);
        ShareRange { least: own.least * scale, most: own.most.min(room).min(1.0) }
    };
    ranges.iter().map(one).collect()
}

/// The ranges of amounts against their sum.
pub(super) fn of_sum(amounts: &[ShareRange]) -> Vec<ShareRange> {
    let one = |at: usize, own: &ShareRange| {
        let others = || amounts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, other)| other);
        let part = |own: f64, rest: f64| match (own.is_infinite(), rest.is_infinite()) {
            (true, _) => 1.0,
            (_, true) => 0.0,
            _ if own > 0.0 => own / (own + rest),
            _ => 0.0,
        };
        ShareRange {
            least: part(own.least, others().map(|other| other.most).sum()),
            most: part(own.most, others().map(|other| other.least).sum()),
        }
    };
    amounts.iter().enumerate().map(|(at, own)| one(at, own)).collect()
}

impl Network {
    /// What a share may be, by the position of its link.
    pub fn range(&self, link: usize) -> ShareRange {
        let at = self.open.binary_search_by_key(&(link as u32), |(at, _)| *at);
        let own = at.ok().and_then(|at| self.open.get(at)).map(|(_, range)| *range);
        own.unwrap_or_else(|| ShareRange::exact(self.links.get(link).map_or(0.0, |link| link.share)))
    }

    /// Whether the sources leave any share open.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// The network with every share at its least; the rest of each need is unknown.
    ///
    /// Cost: one copy of the network.
    pub fn at_least(&self) -> Self {
        let least = |ranges: &[ShareRange], at: usize| ranges.get(at).map_or(0.0, |own| own.least);
        self.with_shares(least, |_, shares| shares.iter().sum::<f64>().min(1.0))
    }

    /// The network with every share at the most that it may be of what is known, and nothing unknown: what is unknown is hit like
    /// the known part. Shares of one need may add up to more than the whole, as not all can be at their most at once.
    ///
    /// Cost: one copy of the network.
    pub fn at_most(&self) -> Self {
        let of_known = |ranges: &[ShareRange], at: usize| {
            let Some(own) = ranges.get(at) else { return 0.0 };
            let rest: f64 = ranges
                .iter()
                .enumerate()
                .filter(|(other, _)| *other != at)
                .map(|(_, other)| other.least)
                .sum();
            if own.most > 0.0 { own.most / (own.most + rest) } else { 0.0 }
        };
        self.with_shares(of_known, |known, _| if known > 0.0 { 1.0 } else { 0.0 })
    }

    /// The same links with other shares: `share` of the ranges of a need and the place in them, `known` of what was known of the
    /// need and of its new shares.
    fn with_shares(
        &self,
        share: impl Fn(&[ShareRange], usize) -> f64,
        known: impl Fn(f64, &[f64]) -> f64,
    ) -> Self {
        let mut network = self.clone();
        for row in &mut network.rows {
            let places = row.links.start as usize..row.links.end as usize;
            let ranges: Vec<ShareRange> = places.clone().map(|link| self.range(link)).collect();
            let shares: Vec<f64> = (0..ranges.len()).map(|at| share(&ranges, at)).collect();
            row.known = known(row.known, &shares);
            for (link, share) in network.links.get_mut(places).into_iter().flatten().zip(shares) {
                link.share = share;
            }
        }
        network.open.clear();
        network
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(least: f64, most: f64) -> ShareRange {
        ShareRange { least, most }
    }

    fn close(found: &[ShareRange], expected: &[(f64, f64)]) {
        for (own, (least, most)) in found.iter().zip(expected) {
            assert!((own.least - least).abs() < 1e-12 && (own.most - most).abs() < 1e-12, "{found:?}");
        }
    }

    #[test]
    fn shares_of_a_whole_leave_room_for_each_other() {
        close(&of_whole(&[range(0.2, 0.9), range(0.4, 0.5)]), &[(0.2, 0.6), (0.4, 0.5)]);
        // more than the whole even at their least: scaled down
        close(&of_whole(&[range(0.9, 1.0), range(0.6, 1.0)]), &[(0.45, 0.9), (0.3, 0.6)]);
    }

    #[test]
    fn amounts_against_their_sum() {
        close(&of_sum(&[range(1.0, 3.0), range(1.0, 1.0)]), &[(0.5, 0.75), (0.25, 0.5)]);
        let open = f64::INFINITY;
        close(&of_sum(&[range(2.0, open), range(1.0, 2.0)]), &[(0.5, 1.0), (0.0, 0.5)]);
        close(&of_sum(&[range(2.0, open), range(1.0, open)]), &[(0.0, 1.0), (0.0, 1.0)]);
        close(&of_sum(&[range(0.0, 4.0), range(1.0, 1.0)]), &[(0.0, 0.8), (0.2, 1.0)]);
    }
}
