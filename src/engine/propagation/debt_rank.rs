//! Losses of equity that run from borrower to lender: DebtRank and its relatives.
//!
//! A lender with equity `E_i` and an exposure `X_ij` to borrower j loses the part `Λ_ij = X_ij / E_i` of its equity for each unit
//! of relative loss of j. With `h` the relative loss of equity and `min(1, h)` what an entity passes on,
//!
//! ```text
//! h_i(t+1) = h_i(t) + Σ_j Λ_ij ( min(1, h_j(t)) - min(1, h_j(t-1)) ),   h(0) = 0, h(1) = shock
//! ```
//!
//! (multi-hit: Bardoscia, Battiston, Caccioli, Caldarelli, PLoS ONE 10, e0130406, 2015). Nobody can lose more than its equity:
//! the loss is `min(1, h)`, what lies above is named apart as excess and falls on creditors outside. Where nobody reaches 1,
//! `h = (I - Λ)^-1 shock`. With a spectral radius of Λ above 1, small shocks grow until somebody fails.
//!
//! Single-hit (Battiston, Puliga, Kaushik, Tasca, Caldarelli, Scientific Reports 2, 541, 2012): everybody passes on its first loss only,
//! so that losses do not run round a cycle twice. Threshold: nobody passes on anything before it has lost all its equity, and
//! then everything (C. Furfine, Journal of Money, Credit and Banking 35, 111, 2003). Multi-hit is never below the other two; these two are
//! usually ordered (threshold below single-hit), but whoever is hit lightly first and to death later passes on more under the threshold.

use super::spectral::{Radius, spectral_radius};
use crate::matrix::Sparse;
use crate::part::{Halo, Part};

/// Who owes whom, as parts of the lenders' equity.
#[derive(Clone, Debug)]
pub struct Exposures {
    /// `Λ`: in the row of the lender, borrowers with exposure over the lender's equity.
    leverage: Sparse,
    /// The same turned round: in the row of the borrower, its lenders.
    lenders: Sparse,
}

/// When an entity passes its loss on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Variant {
    /// Every time that it grows.
    #[default]
    MultiHit,
    /// Once, when it is first hit.
    SingleHit,
    /// Once, in full, when all equity is lost.
    Threshold,
}

impl Variant {
    /// Whether an entity passes its loss on, from its loss, what it has passed on, and whether it has passed on anything.
    fn is_ready(self, level: f64, passed: f64, done: bool) -> bool {
        match self {
            Self::MultiHit => level > passed,
            Self::SingleHit => level > 0.0 && !done,
            Self::Threshold => level >= 1.0 && !done,
        }
    }
}

/// Where a financial shock ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Stress {
    /// Relative loss of equity, not capped: what lies above 1 is the excess beyond the equity.
    pub uncapped: Vec<f64>,
    /// Round in which an entity was first hit; 0 for those that the shock hits.
    pub first_hit: Vec<Option<u32>>,
    /// Rounds done.
    pub rounds: usize,
    /// Largest change in the last round.
    pub residual: f64,
    /// Whether it settled within the limit of rounds.
    pub converged: bool,
}

/// Change of a relative loss at which the iteration has settled.
pub const TOLERANCE: f64 = 1e-13;
/// Rounds after which the iteration gives up and says so.
pub const MOST_ROUNDS: usize = 100_000;

impl Stress {
    /// Relative loss of equity, 0 to 1.
    pub fn capped(&self) -> Vec<f64> {
        self.uncapped.iter().map(|h| h.min(1.0)).collect()
    }
}

impl Exposures {
    /// Exposures (lender, borrower, money) against equities (money). Several exposures of one pair add up. A lender
    /// without equity above 0 has no leverage that could be computed: its exposures are left out.
    pub fn new(equity: &[f64], exposures: &[(usize, usize, f64)]) -> Self {
        let of = |at: usize| equity.get(at).copied().unwrap_or(0.0);
        let counts = |(lender, _, _): &&(usize, usize, f64)| of(*lender) > 0.0;
        let all = exposures.iter().filter(counts);
        let leverage = Sparse::new(equity.len(), all.map(|(i, j, money)| (*i, *j, money / of(*i))));
        let lenders = leverage.transposed();
        Self { leverage, lenders }
    }

    /// `Λ`, by row of the lender.
    pub fn leverage(&self) -> &Sparse {
        &self.leverage
    }

    /// The spectral radius of `Λ`: from 1 on small losses grow by themselves.
    pub fn radius(&self) -> Radius {
        spectral_radius(&self.leverage)
    }

    /// The same as [`Exposures::propagate`] where processes each have the exposures of a part of the lenders: all call it with the
    /// same shock, and all get the losses of all. A round exchanges what borrowers pass on, where it is new.
    pub fn propagate_in(&self, part: &Part, shock: &[f64], variant: Variant) -> Stress {
        if part.is_whole() {
            return self.propagate(shock, variant);
        }
        let n = self.leverage.len();
        let own = || part.own(n);
        let mut h: Vec<f64> =
            (0..n).map(|at| shock.get(at).copied().unwrap_or(0.0).clamp(0.0, 1.0)).collect();
        let halo = Halo::new(part, own().flat_map(|at| self.leverage.row(at)).map(|(at, _)| at as u32));
        let (mut mirror, mut passes) = (halo.mirror(), vec![0.0; n]);
        let (mut passed, mut done) = (vec![0.0; n], vec![false; n]);
        let mut first_hit: Vec<f64> = h.iter().map(|h| if *h > 0.0 { 0.0 } else { f64::NAN }).collect();
        let (mut rounds, mut residual, mut moving) = (0, 0.0, true);
        while moving && rounds < MOST_ROUNDS {
            rounds += 1;
            for at in own() {
                let level = h[at].min(1.0);
                let ready = variant.is_ready(level, passed[at], done[at]);
                passes[at] = if ready { level - passed[at] } else { 0.0 };
                if ready {
                    (passed[at], done[at]) = (level, true);
                }
            }
            halo.renew(&mut mirror, &mut passes);
            residual = 0.0;
            for at in own() {
                // in the order of borrowers, as if each pushed its loss in turn
                let row = self.leverage.row(at);
                let push = row.fold(0.0, |sum, (borrower, leverage)| sum + leverage * passes[borrower]);
                residual = f64::max(residual, push);
                h[at] += push;
                if push > 0.0 && first_hit[at].is_nan() {
                    first_hit[at] = rounds as f64;
                }
            }
            residual = part.most(residual);
            moving = residual > TOLERANCE;
        }
        part.complete(&mut h);
        part.complete(&mut first_hit);
        let first_hit =
            first_hit.into_iter().map(|round| (!round.is_nan()).then_some(round as u32)).collect();
        Stress { uncapped: h, first_hit, rounds, residual, converged: !moving }
    }

    /// Carries relative losses of equity (by entity, 0 to 1) until nothing moves.
    ///
    /// All entities are updated at once. Cost: for each round the lenders of those that changed.
    pub fn propagate(&self, shock: &[f64], variant: Variant) -> Stress {
        let n = self.leverage.len();
        let mut h: Vec<f64> =
            (0..n).map(|at| shock.get(at).copied().unwrap_or(0.0).clamp(0.0, 1.0)).collect();
        let mut passed = vec![0.0; n];
        let mut done = vec![false; n];
        let mut first_hit: Vec<Option<u32>> = h.iter().map(|h| (*h > 0.0).then_some(0)).collect();
        let (mut rounds, mut residual, mut moving) = (0, 0.0, true);
        while moving && rounds < MOST_ROUNDS {
            rounds += 1;
            let mut push = vec![0.0; n];
            for (at, ((h, passed), done)) in h.iter().zip(&mut passed).zip(&mut done).enumerate() {
                let level = h.min(1.0);
                if variant.is_ready(level, *passed, *done) {
                    *done = true;
                    for (lender, leverage) in self.lenders.row(at) {
                        if let Some(slot) = push.get_mut(lender) {
                            *slot += leverage * (level - *passed);
                        }
                    }
                    *passed = level;
                }
            }
            residual = 0.0;
            for ((push, h), first) in push.into_iter().zip(&mut h).zip(&mut first_hit) {
                residual = f64::max(residual, push);
                *h += push;
                if push > 0.0 && first.is_none() {
                    *first = Some(rounds as u32);
                }
            }
            moving = residual > TOLERANCE;
        }
        Stress { uncapped: h, first_hit, rounds, residual, converged: !moving }
    }
}
