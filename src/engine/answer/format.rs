//! Numbers as people read them. Machines get them exact, in CSV and JSON.

use std::borrow::Cow;

use super::{Cell, Unit};

/// A number with its unit, in three or four significant digits: `$100bn`, `2.2 GW`, `41.0 %`.
///
/// ```
/// # use linchpin_engine as linchpin;
/// use linchpin::answer::{Unit, format_unit};
/// assert_eq!(format_unit(100e9, Unit::Usd), "$100bn");
/// assert_eq!(format_unit(2200.0, Unit::Megawatt), "2.2 GW");
/// assert_eq!(format_unit(0.41, Unit::Share), "41.0 %");
/// ```
pub fn format_unit(value: f64, unit: Unit) -> String {
    match unit {
        Unit::Share => format!("{:.1} %", clean(value * 100.0, 1)),
        Unit::Usd => format!("{}${}", sign(value), scaled(value.abs())),
        Unit::UsdPerYear => format!("{}${} a year", sign(value), scaled(value.abs())),
        Unit::Megawatt if value.abs() >= 1000.0 => format!("{} GW", significant(value / 1000.0)),
        Unit::Megawatt => format!("{} MW", significant(value)),
        Unit::Hhi => grouped(value.round()),
        Unit::Count => grouped(value.round()),
        Unit::Quantity => rough(value),
        Unit::Ratio => format!("{}x", significant(value)),
        Unit::Years => format!("{} years", significant(value)),
        Unit::Months => format!("{} months", significant(value)),
        Unit::Days => format!("{} days", significant(value)),
        Unit::Number | Unit::Text => significant(value),
    }
}

/// A plain number in three or four significant digits, with separators from 10,000 on.
pub fn format_number(value: f64) -> String {
    significant(value)
}

/// Characters that a page or a terminal cannot carry, or that turn the direction of the text around them.
pub fn unprintable(c: char) -> bool {
    let turns =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{fffe}' | '\u{ffff}')
}

/// The text with a mark in place of each such character.
///
/// ```
/// # use linchpin_engine as linchpin;
/// assert_eq!(linchpin::answer::printable("a\u{1b}[2Jb"), "a\u{fffd}[2Jb");
/// ```
pub fn printable(text: &str) -> Cow<'_, str> {
    if text.chars().any(unprintable) {
        text.chars().map(|c| if unprintable(c) { '\u{fffd}' } else { c }).collect()
    } else {
        Cow::Borrowed(text)
    }
}

/// A cell as people read it.
pub(super) fn format_cell(cell: &Cell, unit: Unit) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(value) => format_unit(*value, unit),
        Cell::Item { name, .. } => name.clone(),
        Cell::Items(items) => items.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "),
        Cell::Flag(true) => "yes".to_string(),
        Cell::Flag(false) => "no".to_string(),
    }
}

fn sign(value: f64) -> &'static str {
    if value < 0.0 { "-" } else { "" }
}

/// Zero without its sign once rounded.
fn clean(value: f64, digits: i32) -> f64 {
    let step = 10f64.powi(digits);
    if (value * step).round() == 0.0 { 0.0 } else { value }
}

fn scaled(value: f64) -> String {
    let steps = [(1e12, "tn"), (1e9, "bn"), (1e6, "m")];
    match steps.iter().find(|(size, _)| value >= *size * 0.9995) {
        Some((size, name)) => format!("{}{name}", significant(value / size)),
        None => significant(value),
    }
}

/// Three digits, with words for the large.
fn rough(value: f64) -> String {
    match value.abs() {
        size if size >= 0.9995e9 => format!("{} billion", significant(value / 1e9)),
        size if size >= 0.9995e6 => format!("{} million", significant(value / 1e6)),
        size if size >= 1000.0 => {
            let step = 10f64.powf(size.log10().floor() - 2.0);
            grouped((value / step).round() * step)
        }
        _ => significant(value),
    }
}

fn significant(value: f64) -> String {
    if value == 0.0 {
        return "0".to_string();
    }
    let size = value.abs();
    if size >= 9999.5 {
        return grouped(value.round());
    }
    if size < 0.001 {
        return format!("{value:.1e}");
    }
    let digits = if size >= 100.0 {
        0
    } else if size >= 10.0 {
        1
    } else if size >= 0.1 {
        2
    } else {
        3
    };
    let text = format!("{value:.digits$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_string() } else { text }
}

fn grouped(value: f64) -> String {
    let plain = format!("{:.0}", value.abs());
    let mut out = String::with_capacity(plain.len() + plain.len() / 3 + 1);
    if value < 0.0 && plain != "0" {
        out.push('-');
    }
    for (at, digit) in plain.chars().enumerate() {
        if at > 0 && (plain.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(format_unit(5e9, Unit::Usd), "$5bn");
        assert_eq!(format_unit(13.75e9, Unit::Usd), "$13.8bn");
        assert_eq!(format_unit(999.9e6, Unit::Usd), "$1bn");
        assert_eq!(format_unit(-2e9, Unit::Usd), "-$2bn");
        assert_eq!(format_unit(20.0, Unit::Ratio), "20x");
        assert_eq!(format_unit(7.692307, Unit::Ratio), "7.69x");
        assert_eq!(format_unit(5276.0, Unit::Hhi), "5,276");
        assert_eq!(format_unit(-0.00001, Unit::Share), "0.0 %");
        assert_eq!(format_unit(300.0, Unit::Megawatt), "300 MW");
        assert_eq!(format_unit(638_242.0, Unit::Quantity), "638,000");
        assert_eq!(format_unit(8_864.2, Unit::Quantity), "8,860");
        assert_eq!(format_unit(999_600.0, Unit::Quantity), "1 million");
        assert_eq!(format_unit(5_105_939.0, Unit::Quantity), "5.11 million");
        assert_eq!(format_unit(6.55, Unit::Quantity), "6.55");
    }
}
