//! Differences in words.

use super::effect::Effects;
use super::state::Stand;
use crate::answer::{Cell, Finding, FindingBuilder, Table};

/// Causes of a number that are named.
const TOLD: usize = 3;

/// What changed, in numbers first, then in records.
pub fn findings(
    changes: &Table,
    groups: &Table,
    effects: &Effects,
    old: &Stand,
    new: &Stand,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let tables = effects.tables(&[]);
    let table = |name: &str| tables.iter().find(|table| table.name == name);
    for (numbers, parts, column, leading) in effects.names() {
        let Some(numbers) = table(&numbers) else { continue };
        let parts = table(&parts);
        let what = column.heading.to_lowercase();
        if numbers.rows.is_empty() {
            findings.push(FindingBuilder::new(format!("{}: no change.", numbers.title)).done());
        }
        for (row, cells) in numbers.rows.iter().enumerate().take(TOLD) {
            let name = super::super::rows::name(cells, leading);
            let of = if name.is_empty() { what.clone() } else { format!("{what} of {name}") };
            let mut finding =
                FindingBuilder::new(format!("From {} to {}, {of} goes from ", old.label, new.label))
                    .cell(numbers, row, "before")
                    .words(" to ")
                    .cell(numbers, row, "after");
            if let Some(parts) = parts {
                let own: Vec<usize> = (0..parts.rows.len())
                    .filter(|at| parts.cell(*at, "number") == Some(&Cell::text(&name)))
                    .filter(|at| parts.number(*at, "part").is_some())
                    .collect();
                for (place, at) in own.iter().take(TOLD).enumerate() {
                    let cause = parts.cell(*at, "cause").and_then(Cell::as_key).unwrap_or_default();
                    let head = if place == 0 { ": " } else { ", " };
                    let sign =
                        if parts.number(*at, "part").is_some_and(|part| part > 0.0) { "+" } else { "" };
                    finding = finding.words(format!("{head}{cause} {sign}")).cell(parts, *at, "part");
                }
                if own.len() > TOLD {
                    finding = finding.words(format!(", and {} more", own.len() - TOLD));
                }
            }
            findings.push(finding.words(".").done());
        }
    }
    findings.push(records(changes, groups, old, new));
    findings
}

fn records(changes: &Table, groups: &Table, old: &Stand, new: &Stand) -> Finding {
    let count = |word: &str| {
        let mut keys: Vec<&str> = (0..changes.rows.len())
            .filter(|row| changes.cell(*row, "change").and_then(Cell::as_key) == Some(word))
            .filter_map(|row| changes.cell(row, "record").and_then(Cell::as_key))
            .collect();
        keys.dedup();
        keys.len()
    };
    let (added, removed, changed) = (count("added"), count("removed"), count("changed"));
    if added + removed + changed == 0 {
        return FindingBuilder::new(format!("No fact differs between {} and {}.", old.label, new.label))
            .done();
    }
    let mut words = format!(
        "Between {} and {}, {added} records come, {removed} go and {changed} say something else",
        old.label, new.label
    );
    if let Some(most) = groups.cell(0, "group").and_then(Cell::as_key).filter(|_| groups.rows.len() > 1) {
        words.push_str(&format!(", in {} groups, most of them about {most}", groups.rows.len()));
    }
    FindingBuilder::new(words + ".").done()
}
