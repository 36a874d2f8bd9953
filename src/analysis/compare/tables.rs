//! Answers side by side.

use std::collections::BTreeMap;

use super::super::rows::{self, key, leading};
use crate::answer::{Answer, Cell, Column, Evidence, Finding, FindingBuilder, Rests, Table, Unit};
use crate::order::Arrange;

/// A change below this is rounding.
const NOTICEABLE: f64 = 1e-12;

/// One of the answers that are compared.
#[derive(Debug)]
pub(super) struct Side {
    /// The stem of its columns.
    pub name: String,
    /// What is supposed.
    pub title: String,
    /// The answer.
    pub answer: Answer,
}

impl Side {
    /// An answer under a name.
    pub fn base(name: &str, title: &str, answer: Answer) -> Self {
        let word = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
        let stem = name.rsplit(['/', '\\']).next().unwrap_or(name).trim_end_matches(".ron");
        let name: String = stem.chars().map(word).collect();
        Self { name: name.trim_matches('_').to_string(), title: title.to_string(), answer }
    }
}

/// Makes names differ, so that columns do.
pub(super) fn distinct(sides: &mut [Side]) {
    let mut seen: Vec<String> = Vec::new();
    for side in sides {
        let stem = side.name.clone();
        let mut number = 2;
        while seen.contains(&side.name) || side.name.is_empty() {
            side.name = format!("{stem}_{number}").trim_start_matches('_').to_string();
            number += 1;
        }
        seen.push(side.name.clone());
    }
}

/// What a row is about, and its value in each answer.
type Compared = (Vec<Cell>, Vec<Option<f64>>);

/// The rows of all answers with the values of one column and their changes, largest change first.
pub(super) fn compared(sides: &[Side], tables: &[Table], column: &Column) -> Table {
    let Some(first) = tables.first() else { return Table::new("compare", "Compared", Vec::new()) };
    let leading = leading(first);
    let mut rows: BTreeMap<Vec<String>, Compared> = BTreeMap::new();
    for row in tables.iter().flat_map(|table| &table.rows) {
        let key = key(row, leading);
        let values = tables.iter().map(|table| rows::value(table, &key, &column.name)).collect();
        rows.entry(key).or_insert_with(|| (row.iter().take(leading).cloned().collect(), values));
    }
    let mut columns: Vec<Column> = first.columns.iter().take(leading).cloned().collect();
    for (at, side) in sides.iter().enumerate() {
        let mut value =
            Column::new(&side.name, column.unit, &format!("{}: {}", side.title, column.description));
        value.heading = if at == 0 { format!("{}, {}", column.heading, short(side)) } else { short(side) };
        columns.push(value);
        if at > 0 {
            let name = format!("{}_change", side.name);
            let mut change =
                Column::new(&name, column.unit, &format!("{} minus the first of these columns", side.title));
            change.heading = "Change".to_string();
            columns.push(change);
        }
    }
    let mut table = Table::new("compare", format!("{}, side by side", column.heading), columns);
    let mut all: Vec<(f64, Vec<Cell>)> = Vec::new();
    for (head, values) in rows.into_values() {
        let base = values.first().copied().flatten();
        let mut cells = head;
        let mut most: f64 = 0.0;
        for (at, value) in values.iter().enumerate() {
            cells.push(Cell::number(*value));
            if at > 0 {
                let change = value.zip(base).map(|(value, base)| value - base);
                most = most.max(change.unwrap_or(0.0).abs());
                cells.push(Cell::number(change));
            }
        }
        all.push((most, cells));
    }
    // stable: equals stay in the order of their keys
    all.arrange(|a, b| (b.0 * 1e12).round().total_cmp(&(a.0 * 1e12).round()));
    table.rows = all.into_iter().map(|(_, cells)| cells).collect();
    table
}

/// Whether any value differs from that of the first answer.
pub(super) fn changes(sides: &[Side], compared: &Table) -> bool {
    let moved = |side: &Side, row: usize| {
        compared.number(row, &format!("{}_change", side.name)).is_some_and(|c| c.abs() > NOTICEABLE)
    };
    (0..compared.rows.len()).any(|row| sides.iter().skip(1).any(|side| moved(side, row)))
}

fn short(side: &Side) -> String {
    side.name.replace('_', " ")
}

/// What each variant changes, in a row.
pub(super) fn variants(sides: &[Side], compared: &Table) -> Table {
    let columns = vec![
        Column::new("variant", Unit::Text, "Stem of its columns"),
        Column::new("title", Unit::Text, "What is supposed"),
        Column::new("rows_changed", Unit::Count, "Rows whose value differs from the first column"),
        Column::new("only_here", Unit::Count, "Rows that have a value only here or only in the first column"),
    ];
    let mut table = Table::new("variants", "Variants", columns);
    let Some(base) = sides.first() else { return table };
    for side in sides.iter().skip(1) {
        let changes = (0..compared.rows.len())
            .filter_map(|row| compared.number(row, &format!("{}_change", side.name)))
            .filter(|change| change.abs() > NOTICEABLE)
            .count();
        let one_sided = (0..compared.rows.len())
            .filter(|row| {
                compared.number(*row, &side.name).is_some() != compared.number(*row, &base.name).is_some()
            })
            .count();
        table.rows.push(vec![
            Cell::text(&side.name),
            Cell::text(&side.title),
            Cell::Number(changes as f64),
            Cell::Number(one_sided as f64),
        ]);
    }
    table
}

/// What changes most under each variant.
pub(super) fn say(sides: &[Side], compared: &Table, variants: &Table, column: &Column) -> Vec<Finding> {
    let Some(base) = sides.first() else { return Vec::new() };
    let leading = leading(compared);
    let name = |row: usize| -> String {
        compared.rows.get(row).map(|cells| rows::name(cells, leading)).unwrap_or_default()
    };
    let mut findings = Vec::new();
    if base.name != "base" {
        // scenarios among each other: whom all of them hit, worst of all the one that is hit least
        let values =
            |row: usize| sides.iter().map(move |s| compared.number(row, &s.name).unwrap_or(0.0).abs());
        let least = |row: &usize| values(*row).fold(f64::INFINITY, f64::min);
        let mut rows: Vec<usize> = (0..compared.rows.len()).filter(|row| least(row) > NOTICEABLE).collect();
        rows.arrange(|a, b| least(b).total_cmp(&least(a)).then(a.cmp(b)));
        for row in rows.iter().take(3) {
            let mut finding =
                FindingBuilder::new(format!("{}: {} of ", name(*row), column.heading.to_lowercase()));
            for (place, side) in sides.iter().enumerate() {
                finding = finding
                    .words(if place == 0 { "" } else { ", " })
                    .cell(compared, *row, &side.name)
                    .words(format!(" ({})", side.title));
            }
            findings.push(finding.words(".").done());
        }
        if rows.is_empty() {
            findings.push(FindingBuilder::new("Nobody is hit in every variant.").done());
        }
        return findings;
    }
    for (at, side) in sides.iter().skip(1).enumerate() {
        let change = format!("{}_change", side.name);
        let size = |row: &usize| compared.number(*row, &change).unwrap_or(0.0).abs();
        let order = |a: &usize, b: &usize| size(b).total_cmp(&size(a)).then(a.cmp(b));
        let mut rows: Vec<usize> = (0..compared.rows.len()).filter(|row| size(row) > NOTICEABLE).collect();
        rows.arrange(order);
        let finding = FindingBuilder::new(format!("{}: ", side.title));
        let Some((first, rest)) = rows.split_first() else {
            findings.push(finding.words(format!("no {} changes.", column.heading.to_lowercase())).done());
            continue;
        };
        let mut finding = finding
            .words(format!("{} of {} goes from ", column.heading.to_lowercase(), name(*first)))
            .cell(compared, *first, &base.name)
            .words(" to ")
            .cell(compared, *first, &side.name);
        for row in rest.iter().take(2) {
            finding = finding
                .words(format!(", of {} from ", name(*row)))
                .cell(compared, *row, &base.name)
                .words(" to ")
                .cell(compared, *row, &side.name);
        }
        findings
            .push(finding.words(". Rows that change: ").cell(variants, at, "rows_changed").words(".").done());
    }
    findings
}

/// What each row of the comparison rests on: the rows about the same in all answers. `places` says where the records of each answer
/// stand in the evidence of all.
pub(super) fn rests(compared: &mut Table, tables: &[Table], places: &[Vec<usize>]) {
    let leading = tables.first().map_or(1, rows::leading);
    let mut all = Vec::with_capacity(compared.rows.len());
    for row in &compared.rows {
        let wanted = key(row, leading);
        let own = |(table, to): (&Table, &Vec<usize>)| {
            let at = table.rows.iter().position(|row| key(row, leading) == wanted)?;
            Some(table.rests_of(at)?.moved(to))
        };
        let found = tables.iter().zip(places).filter_map(own).reduce(|a, b| a.and(&b));
        all.push(found.unwrap_or(Rests::Records(Vec::new())));
    }
    compared.rests = all;
}

/// Caveats and evidence of all answers; a caveat that only some have is told of whom. Gives where the records of each stand.
pub(super) fn caveats(sides: &[Side], answer: &mut Answer) -> Vec<Vec<usize>> {
    let mut texts: Vec<(String, String, Option<usize>, Vec<&str>)> = Vec::new();
    for side in sides {
        for caveat in &side.answer.caveats {
            let same = |own: &&mut (String, String, Option<usize>, Vec<&str>)| {
                own.0 == caveat.code && own.1 == caveat.text
            };
            match texts.iter_mut().find(same) {
                Some(known) => known.3.push(&side.name),
                None => {
                    texts.push((caveat.code.clone(), caveat.text.clone(), caveat.count, vec![&side.name]))
                }
            }
        }
    }
    for (code, text, count, who) in texts {
        let text = if who.len() == sides.len() { text } else { format!("{}: {text}", who.join(", ")) };
        answer.caveat(&code, text, count);
    }
    let parts: Vec<&Evidence> = sides.iter().map(|side| &side.answer.evidence).collect();
    let (evidence, places) = Evidence::merged(&parts);
    answer.evidence = evidence;
    places
}
