//! What is counted: units of products, and amounts as a user writes them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::model::Product;

/// Megawatts in one unit of power; `None` for a unit of anything else.
pub(super) fn megawatts(unit: &str) -> Option<f64> {
    match unit.to_ascii_lowercase().as_str() {
        "w" => Some(1e-6),
        "kw" => Some(1e-3),
        "mw" => Some(1.0),
        "gw" => Some(1e3),
        _ => None,
    }
}

/// A unit by one name: `stacks` and `stack` are the same.
pub(super) fn singular(unit: &str) -> String {
    let unit = unit.trim();
    let cut =
        if unit.ends_with("ches") || unit.ends_with("xes") { 2 } else { usize::from(unit.ends_with('s')) };
    let short = unit.len() > 3 && !unit.ends_with("ss") && unit.chars().all(|c| c.is_lowercase());
    unit.get(..unit.len() - if short { cut } else { 0 }).unwrap_or(unit).to_string()
}

/// The unit in which a product is counted here, and how many of these its own unit is: all power is in megawatts.
pub(super) fn base(product: &Product) -> (String, f64) {
    let own = product.unit.as_deref().unwrap_or("unit");
    match megawatts(own) {
        Some(factor) => ("MW".to_string(), factor),
        None => (singular(own), 1.0),
    }
}

/// How many base units of a product a text such as `1 GW` names; `None` where it is of another unit.
pub(super) fn per(text: &str, product: &Product) -> Option<f64> {
    let (number, unit) = text.trim().split_once(' ')?;
    let number: f64 = number.parse().ok().filter(|n: &f64| n.is_finite() && *n > 0.0)?;
    let (own, _) = base(product);
    match megawatts(unit) {
        Some(factor) => (own == "MW").then_some(number * factor),
        None => (singular(unit) == own).then_some(number),
    }
}

/// How much is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Amount {
    /// Dollars in all.
    Usd(f64),
    /// Megawatts.
    Megawatts(f64),
    /// Units of the product.
    Units(f64),
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let split =
            text.find(|c: char| c.is_ascii_alphabetic() && !matches!(c, 'e' | 'E')).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let error = || format!("{text:?}: expected 100e9USD, 5GW, 800MW, or a number of units such as 1e6");
        let number: f64 = number.trim().parse().map_err(|_| error())?;
        if !number.is_finite() || number <= 0.0 {
            return Err(format!("{text:?}: expected more than 0"));
        }
        match unit.trim() {
            "" => Ok(Self::Units(number)),
            "USD" => Ok(Self::Usd(number)),
            unit => megawatts(unit).map(|factor| Self::Megawatts(number * factor)).ok_or_else(error),
        }
    }
}

impl TryFrom<String> for Amount {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> Self {
        amount.to_string()
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usd(usd) => write!(f, "{usd:e}USD"),
            Self::Megawatts(mw) => write!(f, "{mw}MW"),
            Self::Units(units) => write!(f, "{units}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_written() {
        for (text, amount) in [
            ("100e9USD", Amount::Usd(100e9)),
            ("1.5E9USD", Amount::Usd(1.5e9)),
            ("5GW", Amount::Megawatts(5000.0)),
            ("800 MW", Amount::Megawatts(800.0)),
            ("1e6", Amount::Units(1e6)),
        ] {
            assert_eq!(text.parse(), Ok(amount));
            assert_eq!(amount.to_string().parse(), Ok(amount));
        }
        for wrong in ["", "USD", "100e9EUR", "-5GW", "0", "1e999USD", "5 gigawatts"] {
            assert!(wrong.parse::<Amount>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn units_have_one_name() {
        for (unit, name) in
            [("stacks", "stack"), ("switches", "switch"), ("GB", "GB"), ("SWU", "SWU"), ("dies", "die")]
        {
            assert_eq!(singular(unit), name);
        }
    }
}
