//! Comparisons as tables.

use super::super::View;
use super::super::statements::unit_words;
use super::super::trail::origin_key;
use super::{Check, Comparison, Plausibility};
use crate::answer::{Cell, Column, Table, Unit};

/// One row a comparison.
pub(super) fn comparisons(params: &Plausibility, view: &View<'_>, rows: &[(&Check, Comparison)]) -> Table {
    let text = |name: &str, words: &str| Column::new(name, Unit::Text, words);
    let columns = vec![
        text("check", "Which check"),
        text("about", "Whose numbers"),
        text("what", "What is held against what"),
        text("unit", "Unit of both numbers; money is in dollars"),
        Column::new("stated", Unit::Quantity, "What is stated, the most that it may be"),
        Column::new("known", Unit::Quantity, "What it is held against, the least that it is"),
        Column::new("ratio", Unit::Ratio, "Known over stated"),
        text("flagged", "Whether they do not go together"),
        text("records", "Records behind them"),
    ];
    let mut table = Table::new("comparisons", "Numbers held against each other, flagged ones first", columns);
    for (check, comparison) in rows {
        let key = |origin| {
            let key = origin_key(view.graph, origin);
            (key.clone(), key)
        };
        table.rows.push(vec![
            Cell::text(check.name),
            comparison.about.clone(),
            Cell::text(format!("{} against {}", comparison.known, comparison.statement)),
            Cell::text(unit_words(&comparison.dimension)),
            Cell::Number(comparison.stated),
            Cell::Number(comparison.against),
            Cell::Number(comparison.ratio()),
            Cell::Flag(params.flags(check, comparison)),
            Cell::Items(comparison.origins.iter().map(|origin| key(*origin)).collect()),
        ]);
    }
    table
}

/// One row a check.
pub(super) fn checks(counts: &[(&Check, usize, usize)]) -> Table {
    let columns = vec![
        Column::new("check", Unit::Text, "Which check"),
        Column::new("says", Unit::Text, "What it holds against what"),
        Column::new("compared", Unit::Count, "How many comparisons the dataset allows"),
        Column::new("flagged", Unit::Count, "How many of them do not go together"),
    ];
    let mut table = Table::new("checks", "What was checked", columns);
    for (check, compared, flagged) in counts {
        table.rows.push(vec![
            Cell::text(check.name),
            Cell::text(check.says),
            Cell::Number(*compared as f64),
            Cell::Number(*flagged as f64),
        ]);
    }
    table
}
