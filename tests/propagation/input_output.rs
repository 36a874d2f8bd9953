//! Leontief, Ghosh, inoperability, linkages and extraction.

use std::collections::BTreeMap;

use linchpin::propagation::input_output::{Dynamics, InputOutput};
use proptest::prelude::*;

use super::{close, dense_solve, number, relabelled, table};

struct Economy {
    io: InputOutput,
    at: BTreeMap<String, usize>,
    days: Vec<f64>,
    resilience: Vec<f64>,
}

fn economy() -> Economy {
    let sectors = table("io/sectors.csv");
    let at: BTreeMap<String, usize> =
        sectors.iter().enumerate().map(|(at, row)| (row["sector"].clone(), at)).collect();
    let flows: Vec<(usize, usize, f64)> = table("io/flows.csv")
        .iter()
        .map(|row| (at[&row["from"]], at[&row["to"]], number(row, "value")))
        .collect();
    let column = |name: &str| sectors.iter().map(|row| number(row, name)).collect::<Vec<_>>();
    Economy {
        io: InputOutput::new(column("gross_output"), &flows),
        at,
        days: column("days_to_one_percent"),
        resilience: column("resilience_k_per_day"),
    }
}

/// Rows of a fixture by shock, and within a shock by position of the sector.
fn shocks(economy: &Economy, path: &str) -> BTreeMap<String, Vec<BTreeMap<String, String>>> {
    let mut all: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in table(path) {
        all.entry(row["shock"].clone()).or_default().push(row);
    }
    all.values_mut().for_each(|rows| rows.sort_by_key(|row| economy.at[&row["sector"]]));
    all
}

#[test]
fn the_table_has_the_radius_and_column_sums_that_were_computed() {
    let economy = economy();
    let radius = economy.io.radius();
    close(radius.value(), 0.592_049_112_772_722_2, 1e-12, "spectral radius");
    assert!(radius.low <= 0.592_049_112_772_722_2 && radius.high >= 0.592_049_112_772_722_2, "{radius:?}");
    assert_eq!(radius.below_one(), Some(true));
    close(economy.io.largest_column_sum(), 0.939_261_716_104_852, 1e-13, "column sum");
}

#[test]
fn leontief_and_inoperability_agree_with_pymrio() {
    let economy = economy();
    for (name, rows) in shocks(&economy, "io/leontief_demand.csv") {
        let demand: Vec<f64> = rows.iter().map(|row| number(row, "change_of_final_demand")).collect();
        let change = economy.io.leontief(&demand);
        let relative: Vec<f64> = demand.iter().zip(economy.io.output()).map(|(dy, x)| -dy / x).collect();
        let lost = economy.io.inoperability(&relative);
        assert!(change.converged && lost.converged && change.residual < 1e-12);
        for ((row, dx), q) in rows.iter().zip(&change.x).zip(&lost.x) {
            close(*dx, number(row, "change_of_output"), 1e-11, &name);
            close(*q, number(row, "inoperability"), 1e-11, &name);
        }
    }
}

#[test]
fn ghosh_and_supply_inoperability_agree_with_pymrio() {
    let economy = economy();
    for (name, rows) in shocks(&economy, "io/ghosh_supply.csv") {
        let primary: Vec<f64> = rows.iter().map(|row| number(row, "change_of_primary_input")).collect();
        let change = economy.io.ghosh(&primary);
        let relative: Vec<f64> = primary.iter().zip(economy.io.output()).map(|(dv, x)| -dv / x).collect();
        let lost = economy.io.supply_inoperability(&relative);
        for ((row, dx), p) in rows.iter().zip(&change.x).zip(&lost.x) {
            close(*dx, number(row, "change_of_output"), 1e-11, &name);
            close(*p, number(row, "relative_loss"), 1e-11, &name);
        }
    }
}

#[test]
fn dynamic_inoperability_agrees_with_scipy() {
    let economy = economy();
    let dynamics = Dynamics::new(&economy.io, economy.resilience.clone());
    for (k, given) in
        Dynamics::calibrated(&economy.io, &economy.days, 0.01).resilience().iter().zip(&economy.resilience)
    {
        close(*k, *given, 1e-13, "resilience");
    }
    for (name, rows) in shocks(&economy, "io/dynamic_inoperability.csv") {
        let day = |row: &BTreeMap<String, String>| number(row, "day") as usize;
        let column = |at: usize, name: &str| -> Vec<f64> {
            rows.iter().filter(|row| day(row) == at).map(|row| number(row, name)).collect()
        };
        let start = column(0, "q0");
        let lasting = column(0, "constant_demand_perturbation");
        let daily = dynamics.daily(&start, 200, |_, hit| hit.copy_from_slice(&lasting));
        let mut days: Vec<usize> = rows.iter().map(day).collect();
        days.sort_unstable();
        days.dedup();
        for at in days {
            let what = format!("{name} on day {at}");
            for (q, expected) in daily[at].iter().zip(column(at, "q_discrete")) {
                close(*q, expected, 1e-11, &what);
            }
            let solved = dynamics.continuous(&start, &lasting, at as f64);
            for (q, expected) in solved.x.iter().zip(column(at, "q_continuous")) {
                assert!((q - expected).abs() <= 1e-9, "{what}: {q} instead of {expected}");
                close(*q, expected, 1e-9, &what);
            }
        }
        let end = dynamics.end(&lasting).x;
        let late = dynamics.continuous(&start, &lasting, 1e5).x;
        for (end, late) in end.iter().zip(late) {
            assert!((end - late).abs() < 1e-13, "{name}: {late} instead of {end}");
        }
    }
}

#[test]
fn extraction_and_linkages_agree_with_pymrio() {
    let economy = economy();
    let all = economy.io.extractions();
    for row in table("io/hypothetical_extraction.csv") {
        let found = all[economy.at[&row["sector"]]];
        assert!(found.converged);
        assert_eq!(found, economy.io.extraction(economy.at[&row["sector"]]));
        close(found.total, number(&row, "loss_of_total_output"), 1e-11, &row["sector"]);
        close(found.others, number(&row, "of_which_in_other_sectors"), 1e-11, &row["sector"]);
    }
    let linkages = economy.io.linkages();
    for row in table("io/linkages.csv") {
        let at = economy.at[&row["sector"]];
        close(linkages.backward[at], number(&row, "backward_column_sum_of_L"), 1e-11, &row["sector"]);
        close(linkages.forward[at], number(&row, "forward_row_sum_of_G"), 1e-11, &row["sector"]);
    }
}

#[test]
fn a_chain_of_two_by_hand() {
    // s delivers 40 of its 100 to t, whose output is 80: A_st = 1/2, B_st = 2/5
    let io = InputOutput::new(vec![100.0, 80.0], &[(0, 1, 40.0)]);
    assert_eq!(io.leontief(&[0.0, -8.0]).x, [-4.0, -8.0]);
    assert_eq!(io.ghosh(&[-10.0, 0.0]).x, [-10.0, -4.0]);
    close(io.inoperability(&[0.0, 0.1]).x[0], 0.04, 1e-15, "demand side");
    close(io.supply_inoperability(&[0.1, 0.0]).x[1], 0.05, 1e-15, "supply side");
    let without = io.extraction(1);
    assert_eq!((without.total, without.others), (120.0, 40.0));
    // a fall that starts alone dies away as e^-kt, and reaches the supplier behind it
    let dynamics = Dynamics::new(&io, vec![0.1, 0.1]);
    let q = dynamics.continuous(&[0.0, 0.5], &[0.0, 0.0], 10.0).x;
    close(q[1], 0.5 * (-1.0_f64).exp(), 1e-14, "own");
    close(q[0], 0.4 * 0.5 * (-1.0_f64).exp(), 1e-14, "supplier");
}

#[test]
fn more_inputs_than_output_are_seen() {
    let io = InputOutput::new(vec![10.0, 10.0], &[(0, 1, 12.0), (1, 0, 12.0)]);
    assert_eq!(io.radius().below_one(), Some(false));
    assert!(!io.leontief(&[1.0, 0.0]).converged);
}

/// Deliveries and outputs of an economy in which everybody adds value.
fn sound(n: usize, ties: &[(usize, usize, f64)]) -> (Vec<f64>, Vec<(usize, usize, f64)>) {
    let mut output = vec![1.0; n];
    for (from, to, z) in ties {
        output[*from] += z;
        output[*to] += z;
    }
    (output, ties.to_vec())
}

const N: usize = 9;

proptest! {
    #[test]
    fn the_linear_models_are_one(ties in super::ties(N), shock in prop::collection::vec(-1.0..1.0_f64, N)) {
        let (output, deliveries) = sound(N, &ties);
        let io = InputOutput::new(output.clone(), &deliveries);
        // A* = B, entry by entry
        for at in 0..N {
            for (customer, value) in io.interdependency().row(at) {
                let technical = io.technical().row(at).find(|(column, _)| *column == customer).map(|(_, a)| a);
                let star = technical.unwrap() * output[customer] / output[at];
                prop_assert!((value - star).abs() <= 1e-15);
            }
        }
        let relative: Vec<f64> = shock.iter().zip(&output).map(|(dy, x)| -dy / x).collect();
        let pairs = [
            (io.leontief(&shock), io.inoperability(&relative)),
            (io.ghosh(&shock), io.supply_inoperability(&relative)),
        ];
        for (change, lost) in pairs {
            prop_assert!(change.converged && lost.converged);
            for ((dx, q), x) in change.x.iter().zip(&lost.x).zip(&output) {
                prop_assert!((q + dx / x).abs() < 1e-12);
            }
        }
        // against elimination on the full matrix
        let entries: Vec<_> =
            deliveries.iter().map(|(from, to, z)| (*from, *to, z / output[*to])).collect();
        for (fast, slow) in io.leontief(&shock).x.iter().zip(dense_solve(&entries, &shock)) {
            prop_assert!((fast - slow).abs() < 1e-11);
        }
        prop_assert_eq!(io.radius().below_one(), Some(true));
        let sums: f64 = io.radius().high;
        prop_assert!(sums <= io.largest_column_sum() * (1.0 + 1e-12));
        prop_assert_eq!(io.leontief(&[0.0; N]).x, vec![0.0; N]);
    }

    #[test]
    fn names_and_money_units_change_nothing(ties in super::ties(N), shock in prop::collection::vec(0.0..1.0_f64, N), unit in 1e-6..1e6_f64) {
        let (output, deliveries) = sound(N, &ties);
        let io = InputOutput::new(output.clone(), &deliveries);
        let lost = io.inoperability(&shock).x;
        let scaled: Vec<f64> = output.iter().map(|x| x * unit).collect();
        let more: Vec<_> = deliveries.iter().map(|(from, to, z)| (*from, *to, z * unit)).collect();
        for (a, b) in lost.iter().zip(InputOutput::new(scaled, &more).inoperability(&shock).x) {
            prop_assert!((a - b).abs() <= 1e-12 * a.abs());
        }
        let turned = |values: &[f64]| values.iter().rev().copied().collect::<Vec<f64>>();
        let other = InputOutput::new(turned(&output), &relabelled(N, &deliveries));
        for (a, b) in lost.iter().zip(turned(&other.inoperability(&turned(&shock)).x)) {
            prop_assert!((a - b).abs() <= 1e-12);
        }
    }

    #[test]
    fn dynamic_inoperability_ends_at_the_static_one(ties in super::ties(N), hit in prop::collection::vec(0.0..0.5_f64, N), k in 0.05..1.0_f64) {
        let (output, deliveries) = sound(N, &ties);
        let io = InputOutput::new(output, &deliveries);
        let dynamics = Dynamics::new(&io, vec![k; N]);
        let end = io.inoperability(&hit).x;
        let days = (400.0 / (k * (1.0 - io.radius().high))) as usize;
        prop_assume!(days < 200_000);
        let daily = dynamics.daily(&[0.0; N], days, |_, slot| slot.copy_from_slice(&hit));
        for (q, end) in daily.last().unwrap().iter().zip(&end) {
            prop_assert!((q - end).abs() < 1e-11);
        }
        let q = dynamics.continuous(&[0.3; N], &hit, days as f64).x;
        for (q, end) in q.iter().zip(&end) {
            prop_assert!((q - end).abs() < 1e-11);
        }
        // two halves of a time are the whole of it
        let whole = dynamics.continuous(&[0.3; N], &hit, 7.0).x;
        let half = dynamics.continuous(&[0.3; N], &hit, 3.5).x;
        for (a, b) in whole.iter().zip(dynamics.continuous(&half, &hit, 3.5).x) {
            prop_assert!((a - b).abs() < 1e-13);
        }
    }

    #[test]
    fn extraction_is_what_the_inverse_says(ties in super::ties(N), sector in 0..N) {
        // the others lose L_ik / L_kk of sector k's output
        let (output, deliveries) = sound(N, &ties);
        let io = InputOutput::new(output.clone(), &deliveries);
        let entries: Vec<_> = deliveries.iter().map(|(from, to, z)| (*from, *to, z / output[*to])).collect();
        let unit: Vec<f64> = (0..N).map(|at| f64::from(u8::from(at == sector))).collect();
        let column = dense_solve(&entries, &unit);
        let lost: f64 = column.iter().map(|l| l / column[sector] * output[sector]).sum();
        prop_assert!((io.extraction(sector).total - lost).abs() < 1e-10 * lost);
    }
}
