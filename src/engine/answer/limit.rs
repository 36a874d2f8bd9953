//! Limits on the numbers of a column: `hhi_low>2500`, `cr1>=50%`.

use std::fmt;
use std::str::FromStr;

use super::{Cell, Table, Unit};

/// A limit on a column of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct Limit {
    /// Name of the column.
    pub column: String,
    side: Side,
    /// The number that is not to be crossed.
    pub limit: f64,
    text: String,
}

/// On which side of the limit a number crosses it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Side {
    Above,
    AtLeast,
    Below,
    AtMost,
}

impl FromStr for Limit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let sides = [(">=", Side::AtLeast), ("<=", Side::AtMost), (">", Side::Above), ("<", Side::Below)];
        let parsed = sides.iter().find_map(|(sign, side)| {
            let (column, number) = text.split_once(sign)?;
            Some((column.trim().to_string(), *side, parse_number(number.trim())?))
        });
        match parsed {
            Some((column, side, limit)) if !column.is_empty() => {
                Ok(Self { column, side, limit, text: text.to_string() })
            }
            _ => Err("expected a column, one of > >= < <=, and a number, as in 'hhi_low>2500' or 'cr1>=50%'"
                .to_string()),
        }
    }
}

/// A finite number, or a percentage.
fn parse_number(text: &str) -> Option<f64> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().ok()? / 100.0,
        None => text.parse().ok()?,
    };
    number.is_finite().then_some(number)
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Limit {
    /// Whether a number lies on the far side of the limit.
    pub fn crosses(&self, value: f64) -> bool {
        match self.side {
            Side::Above => value > self.limit,
            Side::AtLeast => value >= self.limit,
            Side::Below => value < self.limit,
            Side::AtMost => value <= self.limit,
        }
    }

    /// The rows that cross the limit, in words: what stands first in each, and its number.
    ///
    /// # Errors
    /// No such column, or one without numbers.
    pub fn crossings(&self, table: &Table) -> Result<Vec<String>, String> {
        let numeric =
            |at: usize| table.rows.iter().any(|row| row.get(at).and_then(Cell::as_number).is_some());
        let known = || {
            let columns =
                table.columns.iter().enumerate().filter(|(at, _)| table.rows.is_empty() || numeric(*at));
            columns.map(|(_, column)| column.name.as_str()).collect::<Vec<_>>().join(", ")
        };
        let Some(at) = table.column(&self.column) else {
            let message = format!("{self}: table {:?} has no column {:?}", table.name, self.column);
            return Err(format!("{message}; columns with numbers: {}", known()));
        };
        if !table.rows.is_empty()
            && !numeric(at)
            && table.columns.get(at).is_some_and(|column| column.unit == Unit::Text)
        {
            let message = format!("{self}: column {:?} holds words", self.column);
            return Err(format!("{message}; columns with numbers: {}", known()));
        }
        let crossed = table.rows.iter().filter_map(|row| {
            let value = row.get(at)?.as_number().filter(|value| self.crosses(*value))?;
            let name = row.iter().find_map(Cell::as_key).unwrap_or("a row");
            Some(format!("{name} ({value})"))
        });
        Ok(crossed.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Column;

    fn table() -> Table {
        let columns = vec![Column::new("market", Unit::Text, ""), Column::new("hhi", Unit::Hhi, "")];
        let mut table = Table::new("t", "T", columns);
        table.rows = vec![
            vec![Cell::text("a"), Cell::Number(2500.0)],
            vec![Cell::text("b"), Cell::Number(2500.5)],
            vec![Cell::text("c"), Cell::Empty],
        ];
        table
    }

    #[test]
    fn limits_are_strict_or_not() {
        let crossings = |text: &str| text.parse::<Limit>().unwrap().crossings(&table()).unwrap();
        assert_eq!(crossings("hhi>2500"), ["b (2500.5)"]);
        assert_eq!(crossings("hhi >= 2500"), ["a (2500)", "b (2500.5)"]);
        assert_eq!(crossings("hhi<2500.5"), ["a (2500)"]);
        assert!(crossings("hhi<=10%").is_empty());
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "hhi", "hhi>", ">3", "hhi>x", "hhi>NaN", "hhi>inf"] {
            assert!(text.parse::<Limit>().is_err(), "{text}");
        }
        for text in ["hhj>1", "market>1"] {
            assert!(text.parse::<Limit>().unwrap().crossings(&table()).is_err(), "{text}");
        }
    }
}
