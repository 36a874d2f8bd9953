//! What charts share: legends, ends of axes, limits, what is left out.

use super::ViewError;
#[cfg(feature = "cli")]
use crate::analysis::{Ask, ron_options};
use crate::answer::{Cell, Column, Table, Unit};
use crate::diagram::Fill;
use crate::diagram::chart::{Key, Swatch, ticks};
use crate::model::Date;

/// A legend entry for a bar, a segment or a cell.
pub(super) fn block(fill: Fill, hatched: bool, text: &str) -> Key {
    Key::new(Swatch::Block { fill, hatched }, text)
}

/// A number of things to draw, 1 to `most`.
pub(super) fn whole(
    parameter: &'static str,
    wanted: Option<usize>,
    usual: usize,
    most: usize,
) -> Result<usize, ViewError> {
    match wanted {
        None => Ok(usual),
        Some(n) if (1..=most).contains(&n) => Ok(n),
        Some(n) => {
            let reason = format!("expected 1 to {most}, which is what a page holds, not {n}");
            Err(ViewError::Invalid { parameter, reason })
        }
    }
}

/// The round value at or above the greatest one, and at most `most`.
pub(super) fn end_of_axis(greatest: f64, most: f64) -> f64 {
    let all = ticks(0.0, greatest, 6);
    let step = all.get(1).copied().unwrap_or(greatest);
    ((greatest / step - 1e-9).ceil() * step).min(most)
}

/// A day as a year with its fraction.
pub(super) fn moment(day: Date) -> f64 {
    f64::from(day.year()) + (f64::from(day.day_of_year()) - 1.0) / f64::from(day.days_in_year())
}

/// The words in a cell, as people read them.
pub(super) fn words_in(cell: &Cell) -> &str {
    match cell {
        Cell::Text(text) | Cell::Item { name: text, .. } => text,
        _ => "",
    }
}

/// A question on a command line.
#[cfg(feature = "cli")]
pub(super) fn parse_ask(text: &str) -> Result<Box<Ask>, String> {
    let ask = ron_options().from_str::<Ask>(text).map(Box::new);
    ask.map_err(|error| format!("expected a question, as Concentration(market: \"hbm\"): {error}"))
}

/// The sidecar of a chart: what is left out, why, and its value.
pub(super) fn left_out_table(what: &str, measure: &str) -> Table {
    let columns = vec![
        Column::new(what, Unit::Text, "What is left out"),
        Column::new("why", Unit::Text, "Why it is left out"),
        Column::new("value", Unit::Number, measure),
    ];
    Table::new("folded", "Not shown in the chart", columns)
}
