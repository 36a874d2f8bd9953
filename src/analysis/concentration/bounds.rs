//! The range of the HHI that follows from partly known shares.

use crate::order::Arrange;

/// A holder's share of the market.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Part {
    /// The least it can be, 0 to 1.
    pub low: f64,
    /// The number that tables print.
    pub point: f64,
    /// The most it can be.
    pub high: f64,
    /// Whether it is several firms.
    pub group: bool,
}

/// How concentrated the unlisted rest of a market can be at most.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Rest {
    /// The rest is one unlisted firm, each group another one.
    OneFirm,
    /// No unlisted firm, and no member of a group, holds more than this share of the market.
    Capped(f64),
    /// The rest and the groups belong to the largest that is listed: so for countries, where what is not
    /// placed may well stand in a listed one.
    Largest,
}

/// What is known of the concentration of a market.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// HHI on the scale 0 to 1 if groups and the unlisted rest are many small firms.
    pub hhi_low: f64,
    /// HHI if the groups and the unlisted rest are as concentrated as [`Rest`] allows.
    pub hhi_high: f64,
    /// Share of the market that single firms hold.
    pub coverage: f64,
    /// The least and the most that the largest firm can hold.
    pub largest_low: f64,
    /// See `largest_low`.
    pub largest_high: f64,
    /// Whether `hhi_high` is the exact maximum.
    pub tight: bool,
    /// Points of the single firms, largest first.
    points: Vec<f64>,
    /// Shares of the single firms at their lower ends, largest first: they give `hhi_low`.
    least: Vec<f64>,
    /// Shares that give `hhi_high`, largest first; what they lack to 1 is many small firms.
    worst: Vec<f64>,
}

/// Ranges of shares over which the maximum is searched exactly.
const MOST_RANGES: usize = 12;
/// Unlisted firms that are counted one by one; more are many small ones.
const MOST_PIECES: f64 = 10_000.0;

/// The range of the HHI over all markets that the parts allow, with the unlisted rest as one firm at most.
///
/// ```
/// use linchpin::analysis::{Part, bounds};
/// let part = |share| Part { low: share, point: share, high: share, group: false };
/// let known = bounds(&[part(0.5), part(0.2)]);
/// assert!((known.hhi_low - 0.29).abs() < 1e-12);
/// assert!((known.hhi_high - 0.38).abs() < 1e-12);
/// ```
pub fn bounds(parts: &[Part]) -> Bounds {
    bounds_with(parts, Rest::OneFirm)
}

/// The range of the HHI over all markets that the parts and the rest allow.
///
/// Cost: exact over up to 12 parts that are ranges (all ends tried); beyond that, and for ranges beside
/// [`Rest::Capped`], a safe bound, and `tight` is false.
///
/// ```
/// use linchpin::analysis::{Part, Rest, bounds_with};
/// let part = |share| Part { low: share, point: share, high: share, group: false };
/// let parts = [part(0.5), part(0.2)];
/// assert!((bounds_with(&parts, Rest::Capped(0.1)).hhi_high - 0.32).abs() < 1e-12);
/// assert!((bounds_with(&parts, Rest::Largest).hhi_high - 0.68).abs() < 1e-12);
/// ```
pub fn bounds_with(parts: &[Part], rest: Rest) -> Bounds {
    let firms = || parts.iter().filter(|part| !part.group);
    let sorted = |mut shares: Vec<f64>| {
        shares.arrange(|a, b| b.total_cmp(a));
        shares
    };
    let points = sorted(firms().map(|part| part.point).collect());
    let least = sorted(firms().map(|part| part.low).collect());
    // an empty sum is -0.0, which would be printed with its sign
    let hhi_low = least.iter().map(|share| share * share).sum::<f64>() + 0.0;
    let (hhi_high, worst, tight) = highest(parts, rest);
    let known: f64 = parts.iter().map(|part| part.low).sum();
    let unknown = (1.0 - known).max(0.0);
    let largest_low = least.first().copied().unwrap_or(0.0);
    let most = |part: &Part| part.high.min(1.0);
    let largest_high = match rest {
        Rest::OneFirm => parts.iter().map(most).fold(unknown, f64::max),
        Rest::Capped(cap) => firms().map(most).fold(unknown.min(cap), f64::max),
        Rest::Largest => worst.first().copied().unwrap_or(0.0).max(firms().map(most).fold(unknown, f64::max)),
    };
    let coverage = points.iter().sum::<f64>().min(1.0) + 0.0;
    let hhi_high = hhi_high.max(hhi_low);
    let worst = sorted(worst);
    Bounds { hhi_low, hhi_high, coverage, largest_low, largest_high, tight, points, least, worst }
}

/// The largest Σ s² with every share in its range, all of them at most 1, and the rest as it may be: the value,
/// the shares that reach it, and whether it is exact.
fn highest(parts: &[Part], rest: Rest) -> (f64, Vec<f64>, bool) {
    let ranges = parts.iter().filter(|p| p.low < p.high).count();
    let vector = |at: &dyn Fn(&Part) -> f64| parts.iter().map(at).collect::<Vec<f64>>();
    if ranges == 0 {
        let (value, shares) = concentrate(parts, &vector(&|part| part.low), rest);
        return (value, shares, true);
    }
    if ranges > MOST_RANGES {
        return loosely(parts, rest);
    }
    let Rest::Capped(cap) = rest else {
        let (value, shares) = corners(parts, |shares| concentrate(parts, shares, rest));
        return (value, shares, true);
    };
    // The most that a mass x of firms up to `cap` adds is neither convex nor concave in x; x² and cap·x are both
    // above it and convex, and so is the least of the two maxima.
    let (one, shares) = corners(parts, |shares| concentrate(parts, shares, Rest::OneFirm));
    let (even, capped) = corners(parts, |shares| {
        let (value, shares) = concentrate(parts, shares, rest);
        let firms = parts.iter().zip(&shares).filter(|(part, _)| !part.group).map(|(_, s)| s);
        let (squares, sum) = firms.fold((0.0, 0.0), |(squares, sum), s| (squares + s * s, sum + s));
        (f64::max(value, squares + cap * (1.0 - sum).max(0.0)), shares)
    });
    if one <= even { (one, shares, false) } else { (even, capped, false) }
}

/// The best value over all choices of ends. What is maximised is convex in the shares, so its maximum lies where
/// all but one of the shares stand at an end of their range, and that one there too or where it fills the market.
fn corners(parts: &[Part], score: impl Fn(&[f64]) -> (f64, Vec<f64>)) -> (f64, Vec<f64>) {
    let open: Vec<usize> = (0..parts.len()).filter(|at| parts[*at].low < parts[*at].high).collect();
    let least: Vec<f64> = parts.iter().map(|part| part.low).collect();
    let mut best: Option<(f64, Vec<f64>)> = None;
    let mut keep = |shares: &[f64]| {
        let found = score(shares);
        if best.as_ref().is_none_or(|best| found.0 > best.0) {
            best = Some(found);
        }
    };
    for choice in 0..1usize << open.len() {
        let mut shares = least.clone();
        for (_, at) in open.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 1) {
            shares[*at] = parts[*at].high;
        }
        let sum: f64 = shares.iter().sum();
        if sum <= 1.0 + 1e-12 {
            keep(&shares);
        }
        for at in open.iter().enumerate().filter(|(bit, _)| choice >> bit & 1 == 0).map(|(_, at)| *at) {
            let value = 1.0 - (sum - parts[at].low);
            if value > parts[at].low && value < parts[at].high {
                let was = std::mem::replace(&mut shares[at], value);
                keep(&shares);
                shares[at] = was;
            }
        }
    }
    // where even the lower ends exceed the whole: shares as stated, nothing left over
    best.unwrap_or_else(|| score(&least))
}

/// The HHI, and its shares, of a market whose listed shares are `shares` and whose rest is as concentrated as
/// it may be.
fn concentrate(parts: &[Part], shares: &[f64], rest: Rest) -> (f64, Vec<f64>) {
    let left = (1.0 - shares.iter().sum::<f64>()).max(0.0);
    let pairs = || parts.iter().zip(shares).map(|(part, share)| (part.group, *share));
    let mut all: Vec<f64>;
    match rest {
        Rest::OneFirm => {
            all = shares.to_vec();
            all.push(left);
        }
        Rest::Capped(cap) => {
            all = pairs().filter(|(group, _)| !group).map(|(_, share)| share).collect();
            let several = pairs().filter(|(group, _)| *group).map(|(_, share)| share);
            if (several_mass(parts, shares) + left) / cap > MOST_PIECES {
                // firms that small add cap times their mass at most, and count as many small ones
                let squares: f64 = all.iter().map(|s| s * s).sum();
                return (squares + cap * (several_mass(parts, shares) + left), all);
            }
            for mass in several.chain([left]) {
                let pieces = (mass / cap).floor();
                all.extend(std::iter::repeat_n(cap, pieces as usize));
                all.push(mass - pieces * cap);
            }
        }
        Rest::Largest => {
            all = pairs().filter(|(group, _)| !group).map(|(_, share)| share).collect();
            let more = left + several_mass(parts, shares);
            match all.iter_mut().max_by(|a, b| a.total_cmp(b)) {
                Some(largest) => *largest += more,
                None => all.push(more),
            }
        }
    }
    (all.iter().map(|s| s * s).sum(), all)
}

fn several_mass(parts: &[Part], shares: &[f64]) -> f64 {
    parts.iter().zip(shares).filter(|(part, _)| part.group).map(|(_, share)| share).sum()
}

/// A safe bound where too many shares are ranges: all at their upper ends, or all in the largest.
fn loosely(parts: &[Part], rest: Rest) -> (f64, Vec<f64>, bool) {
    let least: f64 = parts.iter().map(|part| part.low).sum();
    let left = (1.0 - least).max(0.0);
    let mut shares: Vec<f64> = parts.iter().map(|part| part.high.min(1.0)).collect();
    let value = match rest {
        Rest::Largest => {
            // Σ s² is at most the largest share, as the shares add up to 1
            let groups: f64 = parts.iter().filter(|p| p.group).map(|p| p.high.min(1.0)).sum();
            parts.iter().filter(|p| !p.group).map(|p| p.high).fold(0.0, f64::max) + left + groups
        }
        _ => {
            shares.push(left);
            shares.iter().map(|share| share * share).sum()
        }
    };
    (value.min(1.0), shares, false)
}

impl Bounds {
    /// The number of equal firms with that HHI; `None` in an empty market.
    pub fn effective(&self, hhi: f64) -> Option<f64> {
        (hhi > 0.0).then(|| 1.0 / hhi)
    }

    /// Sum of the k largest known shares of single firms.
    pub fn largest(&self, k: usize) -> f64 {
        self.points.iter().take(k).sum::<f64>().min(1.0) + 0.0
    }

    /// The least that the k largest firms can hold together.
    pub fn largest_at_least(&self, k: usize) -> f64 {
        self.least.iter().take(k).sum::<f64>().min(1.0) + 0.0
    }

    /// Shares of the single firms at their lower ends, largest first.
    pub fn least(&self) -> &[f64] {
        &self.least
    }

    /// Shares that give the upper HHI, largest first.
    pub fn worst(&self) -> &[f64] {
        &self.worst
    }

    /// The same with a lower HHI that is known to be at least `floor`.
    pub(super) fn at_least(mut self, floor: f64) -> Self {
        self.hhi_low = self.hhi_low.max(floor).min(self.hhi_high);
        self
    }
}
