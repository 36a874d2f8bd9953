//! Ticks at round values, and values as places.

use super::model::{Scale, Unit};

/// A place on an axis and what is printed there.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Tick {
    pub at: f64,
    pub text: String,
}

/// Round values within `low` to `high`, at most `most` of them (at least two steps are tried): multiples of 1, 2 or
/// 5 times a power of ten (Heckbert, Graphics Gems, 1990).
///
/// ```
/// use linchpin::diagram::chart::ticks;
/// assert_eq!(ticks(0.0, 1.0, 6), [0.0, 0.2, 0.4, 0.6000000000000001, 0.8, 1.0]);
/// assert_eq!(ticks(0.0, 10_000.0, 6), [0.0, 2000.0, 4000.0, 6000.0, 8000.0, 10000.0]);
/// ```
pub fn ticks(low: f64, high: f64, most: usize) -> Vec<f64> {
    let span = high - low;
    if !(span > 0.0 && span.is_finite()) {
        return vec![low];
    }
    let decade = 10f64.powf((span / most.max(2) as f64).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0, 20.0, 50.0].map(|step| step * decade);
    let fits = |step: &f64| multiples(low, high, *step).len() <= most.max(2);
    let step = steps.into_iter().find(fits).unwrap_or(span);
    multiples(low, high, step)
}

/// The multiples of `step` in the range, ends included where they miss by rounding only.
fn multiples(low: f64, high: f64, step: f64) -> Vec<f64> {
    let first = (low / step - 1e-9).ceil() as i64;
    let last = (high / step + 1e-9).floor() as i64;
    (first..=last).take(1000).map(|n| n as f64 * step).collect()
}

/// A tick in its unit, with the decimals that a step between ticks needs: `20 %`, `$2.5bn`, `1,800`.
///
/// ```
/// use linchpin::diagram::chart::{Unit, format_tick};
/// assert_eq!(format_tick(0.2, Unit::Share, 0.2), "20 %");
/// assert_eq!(format_tick(0.025, Unit::Share, 0.025), "2.5 %");
/// assert_eq!(format_tick(60e9, Unit::Usd, 20e9), "$60bn");
/// assert_eq!(format_tick(2000.0, Unit::Number, 2000.0), "2,000");
/// ```
pub fn format_tick(value: f64, unit: Unit, step: f64) -> String {
    match unit {
        Unit::Share => format!("{} %", decimal(value * 100.0, step * 100.0)),
        Unit::Number => decimal(value, step),
        Unit::Usd => {
            if value == 0.0 {
                return "$0".to_string();
            }
            let sizes = [(1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1.0, "")];
            let (size, name) = sizes.into_iter().find(|(size, _)| value.abs() >= *size).unwrap_or((1.0, ""));
            let sign = if value < 0.0 { "-" } else { "" };
            format!("{sign}${}{name}", decimal(value.abs() / size, step / size))
        }
    }
}

/// A number with as many decimals as its step has, and separators between thousands.
fn decimal(value: f64, step: f64) -> String {
    let has = |digits: &i32| {
        let scaled = step * 10f64.powi(*digits);
        (scaled - scaled.round()).abs() < 1e-6 * scaled.abs().max(1.0)
    };
    let digits = (0..6).find(has).unwrap_or(6) as usize;
    let text = format!("{:.digits$}", value.abs());
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let mut out = String::new();
    if value < 0.0 && text.chars().any(|c| ('1'..='9').contains(&c)) {
        out.push('-');
    }
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

/// Steps of time in months.
const MONTHS: [u32; 8] = [1, 3, 6, 12, 24, 60, 120, 240];

/// Months and years: each tick stands where its month or year begins.
fn times(low: f64, high: f64, most: usize) -> Vec<Tick> {
    let all = |months: u32| multiples(low, high, f64::from(months) / 12.0);
    let months = MONTHS.into_iter().find(|months| all(*months).len() <= most.max(2)).unwrap_or(1200);
    let text = |at: f64| {
        let months_since = (at * 12.0).round() as i64;
        let (year, month) = (months_since.div_euclid(12), months_since.rem_euclid(12) + 1);
        if months % 12 == 0 { year.to_string() } else { format!("{year}-{month:02}") }
    };
    all(months).into_iter().map(|at| Tick { at, text: text(at) }).collect()
}

/// An axis of this many points, from `start` on; `upwards` where values grow against the coordinate.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ruler {
    low: f64,
    high: f64,
    pub start: f64,
    pub length: f64,
    upwards: bool,
}

impl Ruler {
    /// The ruler of a scale that is not one of categories.
    pub fn new(scale: &Scale, start: f64, length: f64, upwards: bool) -> Self {
        let (low, high) = match scale {
            Scale::Quantity { low, high, .. } | Scale::Time { low, high } => (*low, *high),
            Scale::Categories(names) => (-0.5, names.len() as f64 - 0.5),
        };
        Self { low, high, start, length, upwards }
    }

    /// The place of a value, kept within the ruler.
    pub fn place(&self, value: f64) -> f64 {
        let part = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.start + self.length * if self.upwards { 1.0 - part } else { part }
    }

    /// How long a difference of values is.
    pub fn extent(&self, difference: f64) -> f64 {
        self.length * difference / (self.high - self.low)
    }
}

/// The ticks of a scale with room for `most`; none for categories.
pub(super) fn ticks_of(scale: &Scale, most: usize) -> Vec<Tick> {
    match scale {
        Scale::Quantity { unit, low, high } => {
            let all = ticks(*low, *high, most);
            let step = all.windows(2).next().map_or(high - low, |pair| pair[1] - pair[0]);
            all.into_iter().map(|at| Tick { at, text: format_tick(at, *unit, step) }).collect()
        }
        Scale::Time { low, high } => times(*low, *high, most),
        Scale::Categories(_) => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn years_and_months_begin_where_they_begin() {
        let texts = |low, high, most| -> Vec<String> {
            times(low, high, most).into_iter().map(|tick| tick.text).collect()
        };
        assert_eq!(
            texts(2023.3, 2026.7, 8),
            ["2023-07", "2024-01", "2024-07", "2025-01", "2025-07", "2026-01", "2026-07"]
        );
        assert_eq!(texts(2023.3, 2026.7, 5), ["2024", "2025", "2026"]);
        assert_eq!(texts(2026.0, 2026.25, 5), ["2026-01", "2026-02", "2026-03", "2026-04"]);
    }

    #[test]
    fn numbers_have_the_decimals_of_their_step() {
        assert_eq!(decimal(12345.0, 5.0), "12,345");
        assert_eq!(decimal(0.25, 0.05), "0.25");
        assert_eq!(decimal(-0.0001, 0.1), "0.0");
        assert_eq!(format_tick(-2.5e9, Unit::Usd, 0.5e9), "-$2.5bn");
    }

    proptest! {
        #[test]
        fn ticks_are_few_round_and_inside(low in -1e6f64..1e6, span in 1e-3f64..1e7, most in 2usize..12) {
            let all = ticks(low, low + span, most);
            prop_assert!(all.len() <= most, "{:?}", all);
            let slack = span * 1e-6;
            prop_assert!(all.iter().all(|at| *at >= low - slack && *at <= low + span + slack));
            prop_assert!(all.windows(2).all(|pair| pair[1] > pair[0]));
        }

        #[test]
        fn places_keep_order(a in 0f64..1.0, b in 0f64..1.0) {
            let scale = Scale::Quantity { unit: Unit::Share, low: 0.0, high: 1.0 };
            let (right, up) = (Ruler::new(&scale, 10.0, 200.0, false), Ruler::new(&scale, 10.0, 200.0, true));
            prop_assert_eq!(a < b, right.place(a) < right.place(b));
            prop_assert_eq!(a < b, up.place(a) > up.place(b));
        }
    }
}
