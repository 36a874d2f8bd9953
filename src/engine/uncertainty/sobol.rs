//! Which part of a number's spread each input explains, alone and together with others: Sobol indices.
//!
//! | here | paper |
//! |---|---|
//! | first order | `S_i = V(E(f given x_i)) / V(f)` |
//! | total | `T_i = E(V(f given all but x_i)) / V(f)` |
//! | sample | rows of `A` and `B`; `A_B^i` is `A` with the columns of input i from `B` |
//!
//! First order by `mean(f(B) (f(A_B^i) - f(A))) / V`, total by `mean((f(A) - f(A_B^i))²) / 2V`. An input may be several columns that are
//! taken together.
//!
//! Cost: `samples · (inputs + 2)` runs.
//!
//! Reference: I. M. Sobol, Mathematics and Computers in Simulation 55, 271, 2001; A. Saltelli et al., Variance based sensitivity analysis of
//! model output, Computer Physics Communications 181, 259, 2010 (estimators b and f of its table 2); M. J. W. Jansen, Computer Physics
//! Communications 117, 35, 1999.

use crate::graph::draw::Stream;
use crate::observer::{Observer, spread};

/// The indices of one output.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Indices {
    /// Variance of the output.
    pub variance: f64,
    /// Its mean.
    pub mean: f64,
    /// Samples in which all runs gave a number.
    pub samples: usize,
    /// First-order index of each input.
    pub first: Vec<f64>,
    /// Standard errors of those, with the variance taken as known.
    pub first_error: Vec<f64>,
    /// Total index of each input.
    pub total: Vec<f64>,
    /// Standard errors of those.
    pub total_error: Vec<f64>,
}

/// What is sampled: `columns` numbers from 0 to below 1 each, and the columns that make up each input.
#[derive(Clone, Copy, Debug)]
pub struct Design<'a> {
    /// How many numbers a run takes.
    pub columns: usize,
    /// The columns of each input.
    pub inputs: &'a [Vec<usize>],
    /// How many rows `A` and `B` have.
    pub samples: usize,
    /// Seed of the rows.
    pub seed: u64,
}

/// The indices of each output of `run`, which gets a row of numbers and returns as many outputs each time, NaN where there is none.
/// The observer hears of each sample.
pub fn indices(
    design: &Design<'_>,
    outputs: usize,
    run: &(impl Fn(&[f64]) -> Vec<f64> + Sync),
    observer: &dyn Observer,
) -> Vec<Indices> {
    // for each sample f(A), f(B), f(A_B^i), each with all outputs
    let found: Vec<Vec<Vec<f64>>> =
        spread(observer, design.samples, &|row: usize| sample(design, row as u64, run));
    (0..outputs).map(|output| of_output(&found, output, design.inputs.len())).collect()
}

fn sample(design: &Design<'_>, row: u64, run: &(impl Fn(&[f64]) -> Vec<f64> + Sync)) -> Vec<Vec<f64>> {
    let mut stream = Stream::new(design.seed, row);
    let mut draw = || (0..design.columns).map(|_| stream.unit()).collect::<Vec<f64>>();
    let (a, b) = (draw(), draw());
    let mixed = |columns: &Vec<usize>| {
        let mut mixed = a.clone();
        for at in columns {
            if let (Some(slot), Some(value)) = (mixed.get_mut(*at), b.get(*at)) {
                *slot = *value;
            }
        }
        mixed
    };
    let mut runs = vec![run(&a), run(&b)];
    runs.extend(design.inputs.iter().map(|columns| run(&mixed(columns))));
    runs
}

fn of_output(found: &[Vec<Vec<f64>>], output: usize, inputs: usize) -> Indices {
    let row = |runs: &Vec<Vec<f64>>| -> Option<Vec<f64>> {
        runs.iter().map(|own| own.get(output).copied().filter(|value| value.is_finite())).collect()
    };
    let rows: Vec<Vec<f64>> = found.iter().filter_map(row).collect();
    let samples = rows.len();
    if samples < 2 {
        return Indices { samples, ..Indices::default() };
    }
    let number = samples as f64;
    let plain = || rows.iter().flat_map(|row| row.iter().take(2));
    let mean = plain().sum::<f64>() / (2.0 * number);
    let variance = plain().map(|value| (value - mean).powi(2)).sum::<f64>() / (2.0 * number - 1.0);
    let mut indices = Indices { variance, mean, samples, ..Indices::default() };
    for input in 0..inputs {
        let term = |row: &Vec<f64>| match (row.first(), row.get(1), row.get(input + 2)) {
            // the mean changes no expectation, and taking it away makes the error small
            (Some(a), Some(b), Some(mixed)) => ((b - mean) * (mixed - a), 0.5 * (a - mixed).powi(2)),
            _ => (0.0, 0.0),
        };
        let terms: Vec<(f64, f64)> = rows.iter().map(term).collect();
        let estimate = |pick: fn(&(f64, f64)) -> f64| {
            if variance <= 0.0 {
                return (0.0, 0.0);
            }
            let mean = terms.iter().map(pick).sum::<f64>() / number;
            let square: f64 = terms.iter().map(|own| (pick(own) - mean).powi(2)).sum();
            (mean / variance, (square / (number - 1.0) / number).sqrt() / variance)
        };
        let ((first, first_error), (total, total_error)) = (estimate(|own| own.0), estimate(|own| own.1));
        indices.first.push(first);
        indices.first_error.push(first_error);
        indices.total.push(total);
        indices.total_error.push(total_error);
    }
    indices
}

#[cfg(test)]
mod tests {
    use std::f64::consts::PI;

    use super::*;
    use crate::observer::Unobserved;

    fn run(
        f: impl Fn(&[f64]) -> f64 + Sync,
        columns: usize,
        inputs: &[Vec<usize>],
        samples: usize,
    ) -> Indices {
        let design = Design { columns, inputs, samples, seed: 7 };
        indices(&design, 1, &|x: &[f64]| vec![f(x)], &Unobserved).remove(0)
    }

    fn near(found: &[f64], errors: &[f64], expected: &[f64]) {
        for ((found, error), expected) in found.iter().zip(errors).zip(expected) {
            assert!((found - expected).abs() < 5.0 * error + 1e-12, "{found} ± {error}, not {expected}");
            assert!(*error < 0.05, "an error of {error} shows nothing");
        }
    }

    #[test]
    fn a_sum_has_the_shares_of_its_variances() {
        // variances 1/12, 4/12, 9/12: shares 1/14, 4/14, 9/14, and nothing together
        let inputs: Vec<Vec<usize>> = (0..3).map(|at| vec![at]).collect();
        let found = run(|x| x[0] + 2.0 * x[1] + 3.0 * x[2], 3, &inputs, 20_000);
        let expected = [1.0, 4.0, 9.0].map(|part| part / 14.0);
        near(&found.first, &found.first_error, &expected);
        near(&found.total, &found.total_error, &expected);
        assert!((found.variance - 14.0 / 12.0).abs() < 0.03);
        let groups = run(|x| x[0] + 2.0 * x[1] + 3.0 * x[2], 3, &[vec![0, 2], vec![1]], 20_000);
        near(&groups.first, &groups.first_error, &[10.0 / 14.0, 4.0 / 14.0]);
    }

    #[test]
    fn ishigami_has_its_closed_form() {
        let (a, b) = (7.0f64, 0.1f64);
        let f = |u: &[f64]| {
            let x: Vec<f64> = u.iter().map(|u| PI * (2.0 * u - 1.0)).collect();
            x[0].sin() + a * x[1].sin().powi(2) + b * x[2].powi(4) * x[0].sin()
        };
        let inputs: Vec<Vec<usize>> = (0..3).map(|at| vec![at]).collect();
        let found = run(f, 3, &inputs, 40_000);
        let v1 = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let v2 = a * a / 8.0;
        let v13 = b * b * PI.powi(8) * (1.0 / 18.0 - 1.0 / 50.0);
        let all = v1 + v2 + v13;
        near(&found.first, &found.first_error, &[v1 / all, v2 / all, 0.0]);
        near(&found.total, &found.total_error, &[(v1 + v13) / all, v2 / all, v13 / all]);
        assert!((found.variance / all - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_constant_has_no_parts() {
        let found = run(|_| 3.0, 2, &[vec![0], vec![1]], 10);
        assert_eq!((found.first, found.total, found.variance), (vec![0.0; 2], vec![0.0; 2], 0.0));
    }
}
