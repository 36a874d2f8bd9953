//! The range of the HHI that follows from partly known shares.

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

/// What is known of the concentration of a market.
#[derive(Clone, Debug, PartialEq)]
pub struct Bounds {
    /// HHI on the scale 0 to 1 if groups and the unlisted rest are many small firms.
    pub hhi_low: f64,
    /// HHI if each group is one firm and the unlisted rest is another.
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
}

/// Ranges of shares over which the maximum is searched exactly.
const MOST_RANGES: usize = 12;

/// The range of the HHI over all markets that the parts allow.
///
/// ```
/// use linchpin::analysis::{Part, bounds};
/// let part = |share| Part { low: share, point: share, high: share, group: false };
/// let known = bounds(&[part(0.5), part(0.2)]);
/// assert!((known.hhi_low - 0.29).abs() < 1e-12);
/// assert!((known.hhi_high - 0.38).abs() < 1e-12);
/// ```
pub fn bounds(parts: &[Part]) -> Bounds {
    let firms = || parts.iter().filter(|part| !part.group);
    let mut points: Vec<f64> = firms().map(|part| part.point).collect();
    points.sort_by(|a, b| b.total_cmp(a));
    let hhi_low = firms().map(|part| part.low * part.low).sum();
    let (hhi_high, tight) = highest(parts);
    let known: f64 = parts.iter().map(|part| part.low).sum();
    let rest = (1.0 - known).max(0.0);
    let largest_low = firms().map(|part| part.low).fold(0.0, f64::max);
    let largest_high = parts.iter().map(|part| part.high.min(1.0)).fold(rest, f64::max);
    let coverage = points.iter().sum::<f64>().min(1.0);
    Bounds { hhi_low, hhi_high: hhi_high.max(hhi_low), coverage, largest_low, largest_high, tight, points }
}

/// The largest Σ s² + rest² with every share in its range and all of them at most 1. The sum of squares is
/// convex, so the maximum lies where all but one of the shares stand at an end of their range.
fn highest(parts: &[Part]) -> (f64, bool) {
    let fixed: Vec<f64> = parts.iter().filter(|p| p.low >= p.high).map(|p| p.low).collect();
    let open: Vec<&Part> = parts.iter().filter(|p| p.low < p.high).collect();
    let squares: f64 = fixed.iter().map(|s| s * s).sum();
    let room = 1.0 - fixed.iter().sum::<f64>();
    if open.len() > MOST_RANGES {
        let least: f64 = open.iter().map(|p| p.low).sum();
        let most: f64 = open.iter().map(|p| p.high.min(1.0).powi(2)).sum();
        return ((squares + most + (room - least).max(0.0).powi(2)).min(1.0), false);
    }
    let mut best = f64::NEG_INFINITY;
    for choice in 0..1usize << open.len() {
        let at = |i: usize| if choice >> i & 1 == 1 { open[i].high } else { open[i].low };
        let sum: f64 = (0..open.len()).map(at).sum();
        let square: f64 = (0..open.len()).map(|i| at(i) * at(i)).sum();
        if sum <= room + 1e-12 {
            best = best.max(square + (room - sum).max(0.0).powi(2));
        }
        // one share takes what room is left between its ends
        for (_, part) in open.iter().enumerate().filter(|(i, _)| choice >> i & 1 == 0) {
            let others = sum - part.low;
            let value = room - others;
            if value > part.low && value < part.high {
                best = best.max(square - part.low * part.low + value * value);
            }
        }
    }
    if best == f64::NEG_INFINITY {
        // even the lower ends exceed the whole: shares as stated, nothing left over
        best = open.iter().map(|p| p.low * p.low).sum();
    }
    (squares + best, true)
}

impl Bounds {
    /// The number of equal firms with that HHI; `None` in an empty market.
    pub fn effective(&self, hhi: f64) -> Option<f64> {
        (hhi > 0.0).then(|| 1.0 / hhi)
    }

    /// Sum of the k largest known shares of single firms.
    pub fn largest(&self, k: usize) -> f64 {
        self.points.iter().take(k).sum::<f64>().min(1.0)
    }
}
