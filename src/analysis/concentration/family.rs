//! Measures of concentration of a list of shares that add up to one.

use crate::order::Arrange;

/// Shares scaled to add up to one; empty where there is nothing to scale.
///
/// ```
/// use linchpin::analysis::family::renormalised;
/// assert_eq!(renormalised(&[3.0, 1.0]), [0.75, 0.25]);
/// assert!(renormalised(&[0.0]).is_empty());
/// ```
pub fn renormalised(shares: &[f64]) -> Vec<f64> {
    let positive: Vec<f64> = shares.iter().copied().filter(|share| *share > 0.0).collect();
    let sum: f64 = positive.iter().sum();
    positive.into_iter().map(|share| share / sum).collect()
}

/// Herfindahl-Hirschman index Σ s² on the scale 0 to 1. `None` for an empty market.
pub fn hhi(shares: &[f64]) -> Option<f64> {
    (!shares.is_empty()).then(|| shares.iter().map(|s| s * s).sum())
}

/// `(H - 1/N) / (1 - 1/N)`, 0 for equal firms and 1 for a monopoly. With one firm the formula is 0/0; it is taken
/// as 1, the value of a monopoly, so that a single vendor ranks where it belongs.
///
/// ```
/// use linchpin::analysis::family::normalised_hhi;
/// assert_eq!(normalised_hhi(&[1.0]), Some(1.0));
/// assert_eq!(normalised_hhi(&[0.5, 0.5]), Some(0.0));
/// ```
pub fn normalised_hhi(shares: &[f64]) -> Option<f64> {
    let least = 1.0 / shares.len() as f64;
    let found = hhi(shares)?;
    if shares.len() == 1 { Some(1.0) } else { Some((found - least) / (1.0 - least)) }
}

/// Shannon entropy `-Σ s ln s` in nats, 0 to ln N.
pub fn shannon(shares: &[f64]) -> Option<f64> {
    let term = |s: &f64| if *s > 0.0 { -s * s.ln() } else { 0.0 };
    (!shares.is_empty()).then(|| shares.iter().map(term).sum::<f64>().max(0.0))
}

/// Theil index against equal shares, `ln N - Shannon`, 0 to ln N.
pub fn theil(shares: &[f64]) -> Option<f64> {
    let even = 1.0 / shares.len() as f64;
    let term = |s: &f64| if *s > 0.0 { s * (s / even).ln() } else { 0.0 };
    (!shares.is_empty()).then(|| shares.iter().map(term).sum::<f64>().max(0.0))
}

/// Hill number of order q, `(Σ s^q)^(1/(1-q))`: the number of equal firms with the same diversity, 1 to N. Order 0
/// counts the firms, 1 is exp(Shannon), 2 is 1/HHI, infinity is 1 over the largest share (Hill, Ecology 54:427, 1973).
///
/// ```
/// use linchpin::analysis::family::hill;
/// assert_eq!(hill(&[0.5, 0.25, 0.25], f64::INFINITY), Some(2.0));
/// ```
pub fn hill(shares: &[f64], order: f64) -> Option<f64> {
    if order == 1.0 {
        return shannon(shares).map(f64::exp);
    }
    if order.is_infinite() {
        return shares.iter().copied().reduce(f64::max).map(|largest| 1.0 / largest);
    }
    let sum: f64 = shares.iter().filter(|s| **s > 0.0).map(|s| s.powf(order)).sum();
    (!shares.is_empty()).then(|| sum.powf(1.0 / (1.0 - order)))
}

/// Gini coefficient of the shares, 0 to 1 - 1/N: how unequal they are, **not** how concentrated. Two equal firms
/// give 0, and so do two thousand.
pub fn gini(shares: &[f64]) -> Option<f64> {
    let mut sorted = shares.to_vec();
    sorted.arrange(f64::total_cmp);
    let n = sorted.len() as f64;
    let sum: f64 = sorted.iter().sum();
    let weighted = |(at, s): (usize, &f64)| (2.0 * (at as f64 + 1.0) - n - 1.0) * s;
    (sum > 0.0).then(|| sorted.iter().enumerate().map(weighted).sum::<f64>() / (n * sum))
}

/// A Theil index split by groups of firms.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// The whole index.
    pub theil: f64,
    /// Between the groups: `Σ S ln(S / (n/N))` over groups with share S and n of the N firms.
    pub between: f64,
    /// Within the groups: `Σ S T` with the Theil index T of each group.
    pub within: f64,
    /// For each group, in the order of the first appearance in `of`: share, firms, its part of `between`, its part of
    /// `within`.
    pub groups: Vec<(f64, usize, f64, f64)>,
}

/// Splits the Theil index of shares that add up to one by groups, `of[i]` the group of firm i (0, 1, …). The
/// reference is uniform: every firm weighs 1/N, so a group of n firms is expected to hold n/N (Theil 1967).
///
/// ```
/// use linchpin::analysis::family::split_theil;
/// let split = split_theil(&[0.5, 0.3, 0.2], &[0, 0, 1]);
/// assert!((split.between + split.within - split.theil).abs() < 1e-15);
/// ```
pub fn split_theil(shares: &[f64], of: &[usize]) -> Split {
    let total = shares.len() as f64;
    let count = of.iter().copied().max().map_or(0, |most| most + 1);
    let mut groups = Vec::with_capacity(count);
    for group in 0..count {
        let own: Vec<f64> = shares.iter().zip(of).filter(|(_, g)| **g == group).map(|(s, _)| *s).collect();
        let sum: f64 = own.iter().sum();
        let between = if sum > 0.0 { sum * (sum * total / own.len() as f64).ln() } else { 0.0 };
        let within = sum * theil(&renormalised(&own)).unwrap_or(0.0);
        groups.push((sum, own.len(), between, within));
    }
    let between = groups.iter().map(|group| group.2).sum();
    let within = groups.iter().map(|group| group.3).sum();
    Split { theil: theil(shares).unwrap_or(0.0), between, within, groups }
}
