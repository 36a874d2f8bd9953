//! Sobol indices of the main numbers of an answer over its uncertain facts.

use std::fmt::Display;

use super::cells::Spot;
use super::moves::{Moves, by_key, fact_cells, fact_columns, measured};
use super::sobol::{Design, Indices, indices};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::graph::uncertain::ASSUMED;
use crate::observer::Observer;
use crate::order::Arrange;

/// Facts that are inputs of their own; all others that move a number are one input together.
const OWN: usize = 12;

/// The facts that are sampled: those on their own, and the rest.
fn inputs(moves: &Moves) -> (Vec<usize>, Vec<usize>) {
    // by the largest swing of any number, as a part of the largest swing of that number
    let mut parts: Vec<(usize, f64)> = Vec::new();
    for number in 0..moves.panel.spots.len() {
        let all = moves.of_number(number);
        let Some(largest) = all.first().map(|(_, swing)| swing.size) else { continue };
        for (at, swing) in all {
            let part = swing.size / largest;
            match parts.iter_mut().find(|(own, _)| *own == at) {
                Some((_, own)) => *own = own.max(part),
                None => parts.push((at, part)),
            }
        }
    }
    parts.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let uncertain = |(at, _): &(usize, f64)| moves.facts.get(*at).map(|fact| fact.uncertain);
    let mut own: Vec<usize> = parts.iter().filter_map(uncertain).collect();
    // one more fact alone says more than a group of one
    let rest = if own.len() > OWN + 1 { own.split_off(OWN) } else { Vec::new() };
    (own, rest)
}

/// Adds a table of indices for each number that facts move, and what they say.
pub fn add<E: Display + Send>(
    moves: &Moves,
    draws: &Draws<'_>,
    (samples, seed): (usize, u64),
    answer: &mut Answer,
    ask: &(impl Fn(&Graph) -> Result<Answer, E> + Sync),
    observer: &dyn Observer,
) {
    let (own, rest) = inputs(moves);
    if own.is_empty() {
        let text = "No uncertain fact moves a main number, so there is no spread to explain.";
        answer.caveat("sobol", text, None);
        return;
    }
    let sampled: Vec<usize> = own.iter().chain(&rest).copied().collect();
    let mut columns: Vec<Vec<usize>> = (0..own.len()).map(|at| vec![at]).collect();
    if !rest.is_empty() {
        columns.push((own.len()..sampled.len()).collect());
    }
    let outputs = moves.panel.spots.len();
    let run = |row: &[f64]| {
        let size = |(at, u): (&usize, &f64)| Some((*at, draws.uncertain().get(*at)?.quantile(*u)));
        let given: Vec<(usize, f64)> = sampled.iter().zip(row).filter_map(size).collect();
        let (graph, _) = draws.with(&given);
        ask(&graph).map_or(vec![f64::NAN; outputs], |own| moves.panel.read(&own).values)
    };
    let design = Design { columns: sampled.len(), inputs: &columns, samples, seed };
    observer.begin(samples);
    let found = indices(&design, outputs, &run, observer);
    let mut left_out = 0;
    let mut tables = Vec::new();
    for (spot, indices) in moves.panel.spots.iter().zip(&found) {
        left_out += samples - indices.samples;
        if indices.variance > 0.0 {
            let table = table(draws, answer, (*spot, indices), (&own, rest.len()), tables.len());
            answer.findings.push(finding(&table, *spot, answer, indices));
            tables.push(table);
        }
    }
    answer.tables.extend(tables);
    let runs = samples * (columns.len() + 2);
    let mut text = format!(
        "Sobol indices from {samples} samples (seed {seed}), {runs} runs, over the {} uncertain sizes that move a main number: {ASSUMED}. \
         Shares that are more than their whole are scaled down.",
        sampled.len()
    );
    if !rest.is_empty() {
        text.push_str(&format!(" The {} that move them least are one input together.", rest.len()));
    }
    if left_out > 0 {
        text.push_str(&format!(" In {left_out} samples a number was not there; they are left out."));
    }
    answer.caveat("sobol", text, Some(samples));
}

fn table(
    draws: &Draws<'_>,
    answer: &Answer,
    (spot, indices): (Spot, &Indices),
    (own, rest): (&[usize], usize),
    earlier: usize,
) -> Table {
    let records = by_key(&answer.evidence);
    let share = |name: &str, description: &str| Column::new(name, Unit::Share, description);
    let mut columns = fact_columns();
    columns.extend([
        share("first_order", "Part of the variance that it explains alone"),
        share("first_order_error", "Standard error of that"),
        share("total", "Part of the variance that it explains together with others"),
        share("total_error", "Standard error of that"),
    ]);
    let name = if earlier == 0 { "sobol".to_string() } else { format!("sobol-{}", earlier + 1) };
    let heading = spot.column(answer).map(|column| column.heading.to_lowercase()).unwrap_or_default();
    let title = format!("What explains its spread. {}: {heading}", spot.label(answer));
    let mut table = Table::new(&name, title, columns);
    for at in 0..indices.first.len() {
        let mut row = match own.get(at) {
            Some(uncertain) => fact_cells(draws, *uncertain, &records),
            None => {
                vec![Cell::text(format!("{rest} others together")), Cell::Empty, Cell::Empty, Cell::Empty]
            }
        };
        let parts = [&indices.first, &indices.first_error, &indices.total, &indices.total_error];
        row.extend(parts.map(|part| Cell::number(part.get(at).copied())));
        table.rows.push(row);
    }
    table.sort_by(|a, b| {
        let total = |row: &crate::answer::Row| row.get(6).and_then(Cell::as_number).unwrap_or_default();
        total(b).total_cmp(&total(a))
    });
    table
}

fn finding(table: &Table, spot: Spot, answer: &Answer, indices: &Indices) -> crate::answer::Finding {
    let heading = spot.column(answer).map(|column| measured(&column.heading)).unwrap_or_default();
    let word = |column: &str| table.cell(0, column).and_then(Cell::as_key).unwrap_or_default().to_string();
    let what = match word("size").as_str() {
        "" => word("record"),
        size => format!("the {size} of {}", word("record")),
    };
    let text = format!("{}, {heading}: {what} explains ", spot.label(answer));
    FindingBuilder::new(text)
        .cell(table, 0, "first_order")
        .words(" of the variance alone and ")
        .cell(table, 0, "total")
        .words(format!(" with what it does together with others, from {} samples.", indices.samples))
        .done()
}
