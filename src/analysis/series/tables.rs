//! The tables of a series, and what they say.

use std::collections::BTreeMap;

use super::super::rows;
use crate::answer::{Cell, Column, Finding, FindingBuilder, Rests, Table, Unit};
use crate::model::Date;
use crate::order::Arrange;

/// Rows whose change is told.
const TOLD: usize = 3;

/// The name of the column of a day.
pub fn day_column(day: Date) -> String {
    format!("on_{}", day.to_string().replace('-', "_"))
}

/// One column of all days side by side: a row for each row that any day has, in the order of the last day, then those that were there
/// before. `days` are all days that were asked; `places` says where the records of each day's answer stand in the evidence of all.
pub fn side_by_side(
    days: &[Date],
    tables: &[(Date, &Table)],
    places: &[Vec<usize>],
    column: &Column,
) -> Table {
    let Some((_, last)) = tables.last() else { return Table::new("series", "Through time", Vec::new()) };
    let leading = rows::leading(last);
    let mut columns: Vec<Column> = last.columns.iter().take(leading).cloned().collect();
    for day in days {
        let says = format!("{}; as of {day}", column.description.trim_end_matches('.'));
        let mut own = Column::new(&day_column(*day), column.unit, &says);
        own.heading = day.to_string();
        columns.push(own);
    }
    let says = "The last known value minus the first known one";
    columns.push(Column::new("change", column.unit, says));
    let title = format!("{} through time", column.heading);
    let mut table = Table::new("series", title, columns);
    let mut order: Vec<Vec<String>> = Vec::new();
    let mut heads: BTreeMap<Vec<String>, (Vec<Cell>, Option<Rests>)> = BTreeMap::new();
    for (at, (_, own)) in tables.iter().enumerate().rev() {
        for (number, row) in own.rows.iter().enumerate() {
            let key = rows::key(row, leading);
            let rests = own.rests_of(number).zip(places.get(at)).map(|(rests, to)| rests.moved(to));
            match heads.get_mut(&key) {
                Some((_, known)) => {
                    *known = known.take().zip(rests).map(|(known, rests)| known.and(&rests));
                }
                None => {
                    order.push(key.clone());
                    heads.insert(key, (row.iter().take(leading).cloned().collect(), rests));
                }
            }
        }
    }
    for key in order {
        let Some((mut cells, rests)) = heads.remove(&key) else { continue };
        let on = |day: &Date| tables.iter().find(|(own, _)| own == day).map(|(_, table)| *table);
        let value = |day: &Date| on(day).and_then(|own| rows::value(own, &key, &column.name));
        let values: Vec<Option<f64>> = days.iter().map(value).collect();
        let mut known = values.iter().flatten();
        let first = known.next().copied();
        let change = first.zip(known.next_back().copied()).map(|(first, last)| last - first);
        cells.extend(values.iter().map(|value| Cell::number(*value)));
        cells.push(Cell::number(change));
        match rests {
            Some(rests) => table.push(cells, rests),
            None => table.rows.push(cells),
        }
    }
    if table.rests.len() != table.rows.len() {
        table.rests.clear();
    }
    table
}

/// All columns of all days, a row for each row of each day.
pub fn all(tables: &[(Date, &Table)], places: &[Vec<usize>]) -> Table {
    let mut columns = vec![Column::new("as_of", Unit::Text, "The day")];
    columns.extend(tables.last().iter().flat_map(|(_, last)| last.columns.iter().cloned()));
    let mut table = Table::new("all-numbers", "All numbers of all days", columns);
    let mut whole = true;
    for (at, (day, own)) in tables.iter().enumerate() {
        for (number, row) in own.rows.iter().enumerate() {
            let mut cells = vec![Cell::text(day.to_string())];
            for column in table.columns.iter().skip(1) {
                let place = own.column(&column.name);
                cells.push(place.and_then(|place| row.get(place)).cloned().unwrap_or(Cell::Empty));
            }
            match own.rests_of(number).zip(places.get(at)).map(|(rests, to)| rests.moved(to)) {
                Some(rests) => table.push(cells, rests),
                None => {
                    whole = false;
                    table.rows.push(cells);
                }
            }
        }
    }
    if !whole {
        table.rests.clear();
    }
    table
}

/// What changed most, and what stayed.
pub fn say(side: &Table, days: &[Date], column: &Column) -> Vec<Finding> {
    let days: Vec<(String, Date)> = days.iter().map(|day| (day_column(*day), *day)).collect();
    let leading = side.columns.len().saturating_sub(days.len() + 1);
    let what = column.heading.to_lowercase();
    let size = |row: &usize| side.number(*row, "change").unwrap_or(0.0).abs();
    let mut rows: Vec<usize> = (0..side.rows.len()).filter(|row| size(row) > 0.0).collect();
    rows.arrange(|a, b| (size(b) * 1e12).round().total_cmp(&(size(a) * 1e12).round()).then(a.cmp(b)));
    let mut findings = Vec::new();
    for row in rows.iter().take(TOLD) {
        let known = || days.iter().filter(|(name, _)| side.number(*row, name).is_some());
        let (Some(first), Some(last)) = (known().next(), known().next_back()) else { continue };
        let name = side.rows.get(*row).map(|cells| rows::name(cells, leading)).unwrap_or_default();
        let of = if name.is_empty() { String::new() } else { format!(" of {name}") };
        let finding = FindingBuilder::new(format!("From {} to {}, {what}{of} goes from ", first.1, last.1))
            .cell(side, *row, &first.0)
            .words(" to ")
            .cell(side, *row, &last.0)
            .words(steepest(side, *row, &days))
            .words(".");
        findings.push(finding.done());
    }
    if findings.is_empty() {
        let words = match days.len() {
            1 => format!("One day only: no change of {what} can be told."),
            number => format!("No {what} differs between the first and the last of {number} days."),
        };
        findings.push(FindingBuilder::new(words).done());
    }
    findings
}

/// Between which two days most of it happened, where there are more than two.
fn steepest(side: &Table, row: usize, days: &[(String, Date)]) -> String {
    let known: Vec<(f64, Date)> =
        days.iter().filter_map(|(name, day)| Some((side.number(row, name)?, *day))).collect();
    if known.len() < 3 {
        return String::new();
    }
    let steps = known.windows(2).filter_map(|pair| match pair {
        [a, b] => Some(((b.0 - a.0).abs(), a.1, b.1)),
        _ => None,
    });
    let largest = steps.fold(None, |best: Option<(f64, Date, Date)>, step| match best {
        Some(best) if best.0 >= step.0 => Some(best),
        _ => Some(step),
    });
    largest
        .map(|(_, from, to)| format!("; its largest step lies between {from} and {to}"))
        .unwrap_or_default()
}
