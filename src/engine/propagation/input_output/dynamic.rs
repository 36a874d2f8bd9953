//! Inoperability over time: how sectors fall and recover at their own pace.
//!
//! `dq/dt = K (A* q + c* - q)` with `K = diag(k)`, k per day the resilience of a sector; in steps of one day
//! `q(t+1) = q(t) + K (A* q(t) + c*(t) - q(t))`. The two are different models and differ.
//!
//! Reference: C. Lian and Y. Haimes, Systems Engineering 9, 241, 2006.

use super::InputOutput;
use crate::matrix::{Solved, Sparse};

/// Sectors with their resilience, ready to run.
#[derive(Clone, Debug)]
pub struct Dynamics {
    interdependency: Sparse,
    resilience: Vec<f64>,
}

/// Rate times time of one part of a continuous run: keeps `e^-rate` far from underflow.
const LONGEST: f64 = 32.0;
/// Terms of the series are added until the next is this part of the largest state.
const NEGLIGIBLE: f64 = 1e-17;

impl Dynamics {
    /// `resilience` is k by sector, per day, 0 or more.
    pub fn new(table: &InputOutput, resilience: Vec<f64>) -> Self {
        Self { interdependency: table.interdependency(), resilience }
    }

    /// The resilience of sectors that fall to `rest` of their inoperability (usually 0.01) in `days` days when nobody
    /// else is hit: `k = ln(1 / rest) / (days (1 - a*_ii))`. In the network they take a little longer.
    pub fn calibrated(table: &InputOutput, days: &[f64], rest: f64) -> Self {
        let interdependency = table.interdependency();
        let own =
            |at: usize| interdependency.row(at).find(|(column, _)| *column == at).map_or(0.0, |(_, v)| v);
        let resilience =
            days.iter().enumerate().map(|(at, days)| -rest.ln() / (days * (1.0 - own(at)))).collect();
        Self { interdependency, resilience }
    }

    /// The resilience by sector, per day.
    pub fn resilience(&self) -> &[f64] {
        &self.resilience
    }

    /// Where a lasting perturbation of demand (share of output) leads in the end: the static model.
    pub fn end(&self, demand: &[f64]) -> Solved {
        self.interdependency.solve(demand)
    }

    /// Inoperability on the days 0 to `days`, in steps of a day. `perturbation` writes `c*` of a day, as a share of
    /// output, into a vector of zeros.
    ///
    /// With k above 1 a sector overshoots and may swing.
    /// Cost: one pass over the entries a day.
    pub fn daily(
        &self,
        start: &[f64],
        days: usize,
        mut perturbation: impl FnMut(usize, &mut [f64]),
    ) -> Vec<Vec<f64>> {
        let mut all = Vec::with_capacity(days + 1);
        let mut q = start.to_vec();
        for day in 0..days {
            let mut hit = vec![0.0; q.len()];
            perturbation(day, &mut hit);
            let next = q
                .iter()
                .zip(&hit)
                .zip(&self.resilience)
                .enumerate()
                .map(|(at, ((own, hit), k))| own + k * (self.interdependency.dot(at, &q) + hit - own));
            let next = next.collect();
            all.push(std::mem::replace(&mut q, next));
        }
        all.push(q);
        all
    }

    /// Inoperability after `time` days in continuous time under a constant perturbation:
    /// `q = q_end + e^(-K (I - A*) t) (q_0 - q_end)`.
    ///
    /// The exponential acts on the vector without being formed. With `m = max k_i (1 - a*_ii)` the matrix
    /// `P = m I - K (I - A*)` has no negative entry, so that `e^(-m t) Σ (t P)^n / n!` adds terms of one sign for a vector of one
    /// sign and loses no digits (uniformisation). Times above `32 / m` are cut into equal parts.
    /// Cost: about `3 m t` passes over the entries, at least 60 a part.
    pub fn continuous(&self, start: &[f64], demand: &[f64], time: f64) -> Solved {
        let mut end = self.end(demand);
        let gap: Vec<f64> = start.iter().zip(&end.x).map(|(start, end)| start - end).collect();
        let left = self.decay(gap, time);
        end.x.iter_mut().zip(left).for_each(|(end, left)| *end += left);
        end
    }

    fn decay(&self, mut state: Vec<f64>, time: f64) -> Vec<f64> {
        let own = |at: usize| {
            self.interdependency.row(at).find(|(column, _)| *column == at).map_or(0.0, |(_, value)| value)
        };
        let rates: Vec<f64> = self.resilience.iter().enumerate().map(|(at, k)| k * (1.0 - own(at))).collect();
        let fastest = rates.iter().copied().fold(0.0, f64::max);
        let parts = (fastest * time / LONGEST).ceil().max(1.0);
        let step = time / parts;
        for _ in 0..parts as usize {
            let (mut term, mut sum) = (state.clone(), state.clone());
            let mut order = 0.0;
            loop {
                order += 1.0;
                let next: Vec<f64> = (0..term.len())
                    .map(|at| {
                        let k = self.resilience.get(at).copied().unwrap_or(0.0);
                        let stays = fastest - k;
                        let kept = stays * term.get(at).copied().unwrap_or(0.0);
                        (kept + k * self.interdependency.dot(at, &term)) * step / order
                    })
                    .collect();
                term = next;
                let size = term.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
                let whole = sum.iter().fold(0.0, |most: f64, v| most.max(v.abs()));
                sum.iter_mut().zip(&term).for_each(|(sum, term)| *sum += term);
                // terms fall for good once the order has passed the rate
                let negligible = size <= NEGLIGIBLE * whole || size.is_nan();
                if negligible && order > fastest * step {
                    break;
                }
            }
            let scale = (-fastest * step).exp();
            state = sum.into_iter().map(|value| value * scale).collect();
        }
        state
    }
}
