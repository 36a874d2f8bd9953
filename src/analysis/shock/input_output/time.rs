//! How strong a shock is on a day.

use crate::scenario::{Recovery, TimedShock};

/// Part of its full strength that a shock has on a day of the scenario, 0 to 1: none before it begins, all while it
/// holds, then what its recovery leaves.
pub(super) fn strength(shock: &TimedShock, day: f64) -> f64 {
    let since = day - shock.start;
    let Some(days) = shock.days else { return if since >= 0.0 { 1.0 } else { 0.0 } };
    let after = since - days;
    if since < 0.0 {
        return 0.0;
    }
    if after < 0.0 {
        return 1.0;
    }
    match shock.recovery {
        Recovery::Step => 0.0,
        Recovery::Linear { days } => (1.0 - after / days).max(0.0),
        Recovery::Exponential { half_life } => 0.5_f64.powf(after / half_life),
        Recovery::Logistic { days } => {
            // half is gone after half of the days, 99 % after all: a slope of ln 99 over half the days
            let slope = 99.0_f64.ln() / (0.5 * days);
            1.0 / (1.0 + (slope * (after - 0.5 * days)).exp())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Effect, Target};

    #[test]
    fn shocks_begin_hold_and_fade() {
        let shock = |days, recovery| TimedShock {
            on: Target::Entity("x".into()),
            what: Effect::Failure,
            start: 10.0,
            days,
            recovery,
        };
        let levels = |shock: TimedShock| [9.0, 10.0, 29.0, 30.0, 40.0, 50.0].map(|day| strength(&shock, day));
        assert_eq!(levels(shock(None, Recovery::Step)), [0.0, 1.0, 1.0, 1.0, 1.0, 1.0]);
        assert_eq!(levels(shock(Some(20.0), Recovery::Step)), [0.0, 1.0, 1.0, 0.0, 0.0, 0.0]);
        assert_eq!(
            levels(shock(Some(20.0), Recovery::Linear { days: 20.0 })),
            [0.0, 1.0, 1.0, 1.0, 0.5, 0.0]
        );
        assert_eq!(
            levels(shock(Some(20.0), Recovery::Exponential { half_life: 10.0 }))[3..],
            [1.0, 0.5, 0.25]
        );
        let logistic = levels(shock(Some(20.0), Recovery::Logistic { days: 20.0 }));
        assert!((logistic[4] - 0.5).abs() < 1e-15 && (logistic[5] - 0.01).abs() < 1e-15);
    }
}
