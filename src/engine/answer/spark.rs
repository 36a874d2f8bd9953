//! Series as lines of blocks, for terminals.

use super::{Cell, Table, Unit, format_unit, printable};

/// Heights from nothing to full.
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Points below which a series is read more easily from its rows.
const FEWEST: usize = 4;
/// The widest line of blocks; longer series show the mean of neighbours.
const WIDEST: usize = 60;

/// A line of blocks for each thing of a table of things by days: the first share that stands behind the day, drawn from 0
/// to 1. Nothing for other tables.
pub(super) fn sparks(table: &Table, width: usize) -> Option<String> {
    let day = table.columns.iter().position(|column| column.name == "day" && column.unit == Unit::Days)?;
    let share = day + table.columns.get(day..)?.iter().position(|column| column.unit == Unit::Share)?;
    let mut series: Vec<(String, Vec<f64>)> = Vec::new();
    for row in &table.rows {
        let name = match row.first()? {
            Cell::Item { name, .. } | Cell::Text(name) => printable(name).into_owned(),
            _ => return None,
        };
        let value = row.get(share).and_then(Cell::as_number)?;
        match series.last_mut() {
            Some((own, values)) if *own == name => values.push(value),
            _ => series.push((name, vec![value])),
        }
    }
    if series.is_empty() || series.iter().any(|(_, values)| values.len() < FEWEST) {
        return None;
    }
    let longest = series.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(width / 3);
    let room = width.saturating_sub(longest + 24).min(WIDEST);
    if room < 2 * FEWEST {
        return None;
    }
    let heading = &table.columns.get(share)?.heading;
    let mut out = format!("{heading} over the days, from 0 to 1:\n");
    for (name, values) in &series {
        let name: String = name.chars().take(longest).collect();
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let (least, last) = (format_unit(least, Unit::Share), format_unit(*values.last()?, Unit::Share));
        out.push_str(&format!("{name:<longest$}  {}  least {least}, last {last}\n", blocks(values, room)));
    }
    Some(out)
}

/// The values as blocks, in at most so many characters.
fn blocks(values: &[f64], room: usize) -> String {
    let count = values.len().min(room);
    let part = |at: usize| at * values.len() / count.max(1);
    (0..count)
        .filter_map(|at| {
            let own = values.get(part(at)..part(at + 1))?;
            let mean = own.iter().sum::<f64>() / own.len().max(1) as f64;
            let step = (mean.clamp(0.0, 1.0) * (BLOCKS.len() - 1) as f64).round() as usize;
            BLOCKS.get(step).copied()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::Column;
    use super::*;

    #[test]
    fn a_series_is_a_line_of_blocks() {
        let columns = vec![
            Column::new("entity", Unit::Text, "Who"),
            Column::new("day", Unit::Days, "When"),
            Column::new("functionality", Unit::Share, "What"),
        ];
        let mut table = Table::new("days", "Days", columns);
        for (day, value) in [1.0, 0.5, 0.0, 1.0].into_iter().enumerate() {
            table.rows.push(vec![Cell::text("Maker"), Cell::Number(day as f64), Cell::Number(value)]);
        }
        let text = sparks(&table, 80).expect("a series");
        assert!(text.contains("Maker  █▅▁█  least 0.0 %, last 100.0 %\n"), "{text}");
        assert_eq!(sparks(&table, 20), None);
        table.rows.truncate(3);
        assert_eq!(sparks(&table, 80), None, "three rows are read as they are");
    }

    #[test]
    fn long_series_show_means() {
        let values: Vec<f64> = (0..100).map(|day| if day % 2 == 0 { 0.0 } else { 1.0 }).collect();
        assert_eq!(blocks(&values, 10).chars().count(), 10);
        assert!(blocks(&values, 10).chars().all(|c| c == '▅'), "{}", blocks(&values, 10));
    }
}
