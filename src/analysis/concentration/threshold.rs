//! How far a market is from a threshold, and how much of it has to change hands to cross it.

use crate::order::Arrange;

/// The smallest share of the market that has to change hands for the HHI (0 to 1) to fall to `target`: the
/// largest are cut down to one level, and what they lose goes to many small firms. No other change of that size
/// lowers Σ s² more, as the result is majorised by all others within the same distance. `None` where it is not
/// above the target.
///
/// ```
/// use linchpin::analysis::threshold::fall;
/// // one firm of 60 % has to shrink to 50 % for 0.36 to become 0.25
/// assert!((fall(&[0.6], 0.25).unwrap() - 0.1).abs() < 1e-12);
/// ```
pub fn fall(shares: &[f64], target: f64) -> Option<f64> {
    let mut sorted = shares.to_vec();
    sorted.arrange(|a, b| b.total_cmp(a));
    let total: f64 = sorted.iter().map(|s| s * s).sum();
    if total <= target || target < 0.0 {
        return None;
    }
    let mut tail = total;
    let mut cut = 0.0;
    for (at, share) in sorted.iter().enumerate() {
        tail = (tail - share * share).max(0.0);
        cut += share;
        let firms = at as f64 + 1.0;
        let next = sorted.get(at + 1).copied().unwrap_or(0.0);
        let level = ((target - tail).max(0.0) / firms).sqrt();
        if target >= tail && level >= next {
            return Some((cut - firms * level).max(0.0));
        }
    }
    None
}

/// The smallest share of the market that has to change hands for the HHI (0 to 1) to rise to `target`: the largest
/// gains from many small firms first (what `shares` lack to 1), then from the smallest. No other change of that size
/// raises Σ s² more. `None` where it is not below the target, or the target is above 1.
///
/// ```
/// use linchpin::analysis::threshold::rise;
/// // one firm of 50 % has to grow to 60 %
/// assert!((rise(&[0.5], 0.36).unwrap() - 0.1).abs() < 1e-12);
/// ```
pub fn rise(shares: &[f64], target: f64) -> Option<f64> {
    let mut sorted = shares.to_vec();
    sorted.arrange(f64::total_cmp);
    let mut top = sorted.pop().unwrap_or(0.0);
    let start: f64 = shares.iter().map(|s| s * s).sum();
    if start >= target || target > 1.0 {
        return None;
    }
    let mut need = target - start;
    let mut moved = 0.0;
    let rest = (1.0 - shares.iter().sum::<f64>()).max(0.0);
    let small = (top * top + need).sqrt() - top;
    if small <= rest {
        return Some(small);
    }
    need -= (top + rest) * (top + rest) - top * top;
    top += rest;
    moved += rest;
    for donor in sorted {
        // taking x from the donor changes Σ s² by 2x(top - donor) + 2x²
        let gap = top - donor;
        let part = 0.5 * ((gap * gap + 2.0 * need.max(0.0)).sqrt() - gap);
        if part <= donor {
            return Some(moved + part.max(0.0));
        }
        need -= 2.0 * donor * gap + 2.0 * donor * donor;
        top += donor;
        moved += donor;
    }
    // all in one hand, which is 1 up to rounding
    Some(moved)
}
