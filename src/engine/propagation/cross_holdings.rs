//! What firms that own shares of each other are worth once the circles are taken out.
//!
//! With `C_ij` the share of j that i owns, `D p` the value of what each owns outside the circle, and `b_i` the cost that
//! falls due when i fails,
//!
//! ```text
//! V = C V + D p - b(v)         book value: what each owns, stakes in each other counted in full
//! v_i = (1 - Σ_j C_ji) V_i     market value: the part of V_i that belongs to holders outside
//! ```
//!
//! `Σ v = Σ (D p - b)`: to the outside the circle is worth what lies in it. `Σ V` counts a stake once for every owner on the way,
//! so `Σ V / Σ v` says how often the same money is counted. A firm fails when `v_i` falls below its threshold, pays its cost, and may
//! draw others below theirs: iterated from the state in which all stand, to the fixed point with the fewest failures.
//!
//! Reference: M. Elliott, B. Golub, M. Jackson, American Economic Review 104, 3115, 2014.

use crate::matrix::Sparse;

/// Firms with stakes in each other.
#[derive(Clone, Debug)]
pub struct Holdings {
    /// `C` by row of the owner.
    stakes: Sparse,
    /// Part of each firm that belongs to holders outside, 0 to 1.
    outside: Vec<f64>,
}

/// When a firm fails, and what that costs it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Fragility {
    /// Market value below which it fails, money.
    pub threshold: f64,
    /// Value lost when it does, money.
    pub cost: f64,
}

/// Values of firms, with the failures that they lead to.
#[derive(Clone, Debug, PartialEq)]
pub struct Valuation {
    /// `V`, money.
    pub book: Vec<f64>,
    /// `v`, money.
    pub market: Vec<f64>,
    /// Wave in which a firm fails, 1 for those that fail by themselves; `None` for those that stand.
    pub failed: Vec<Option<u32>>,
    /// Residual of the last solve, money.
    pub residual: f64,
    /// Whether all solves settled.
    pub converged: bool,
}

impl Valuation {
    /// `Σ V / Σ v`: how often the same money is counted; 1 without cross-holdings. `None` where nothing is left.
    pub fn circularity(&self) -> Option<f64> {
        let (book, market): (f64, f64) = (self.book.iter().sum(), self.market.iter().sum());
        (market > 0.0).then(|| book / market)
    }
}

impl Holdings {
    /// Stakes (owner, owned, share of the owned). Stakes of one pair add up; a firm's stakes in itself are left out.
    ///
    /// `None` where the stakes in a firm add up to more than the whole of it, or to all of it in a circle, so that nobody
    /// outside owns anything.
    pub fn new(firms: usize, stakes: &[(usize, usize, f64)]) -> Option<Self> {
        let others = stakes.iter().filter(|(owner, owned, _)| owner != owned);
        let stakes = Sparse::new(firms, others.copied());
        let outside: Vec<f64> = stakes.column_sums().into_iter().map(|sum| 1.0 - sum).collect();
        // sums of stated shares may miss 1 by rounding
        let sound = outside.iter().all(|part| *part >= -1e-9);
        let held = Self { stakes, outside: outside.into_iter().map(|part| part.max(0.0)).collect() };
        (sound && super::spectral::spectral_radius(&held.stakes).below_one() == Some(true)).then_some(held)
    }

    /// Part of each firm that belongs to holders outside, 0 to 1.
    pub fn outside(&self) -> &[f64] {
        &self.outside
    }

    /// Values the firms: `assets` is what each owns outside the circle (money), `fragility` when it fails; firms beyond
    /// the end of `fragility` do not fail.
    ///
    /// Cost: one solve for each wave of failures.
    pub fn value(&self, assets: &[f64], fragility: &[Fragility]) -> Valuation {
        let n = self.stakes.len();
        let mut failed: Vec<Option<u32>> = vec![None; n];
        let mut wave = 0;
        loop {
            wave += 1;
            let own: Vec<f64> = (0..n)
                .map(|at| {
                    let cost = fragility.get(at).map_or(0.0, |fragility| fragility.cost);
                    let due = failed.get(at).copied().flatten().map_or(0.0, |_| cost);
                    assets.get(at).copied().unwrap_or(0.0) - due
                })
                .collect();
            let solved = self.stakes.solve(&own);
            let market: Vec<f64> =
                solved.x.iter().zip(&self.outside).map(|(value, part)| value * part).collect();
            let mut more = false;
            for ((slot, value), fragility) in failed.iter_mut().zip(&market).zip(fragility) {
                if slot.is_none() && *value < fragility.threshold {
                    (*slot, more) = (Some(wave), true);
                }
            }
            if !more {
                return Valuation {
                    book: solved.x,
                    market,
                    failed,
                    residual: solved.residual,
                    converged: solved.converged,
                };
            }
        }
    }
}
