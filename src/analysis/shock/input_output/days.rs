//! Inoperability over days.

use super::economy::Economy;
use super::{perturbation, time};
use crate::analysis::shock::Asked;
use crate::analysis::trail::entity_cell;
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::order::Arrange;
use crate::propagation::input_output::Dynamics;

/// Inoperability day by day, with the shocks as strong as their times say.
pub(super) fn follow(asked: &Asked<'_>, economy: &Economy, answer: &mut Answer) {
    let horizon = asked.params.days.unwrap_or(365) as usize;
    let dynamics = Dynamics::new(&economy.io, economy.resilience.clone());
    let runs = dynamics.daily(&vec![0.0; economy.io.len()], horizon, |day, slot| {
        let strength = |shock: usize| {
            asked.hits.shocks.get(shock).map_or(0.0, |shock| time::strength(shock, day as f64))
        };
        slot.copy_from_slice(&perturbation(asked, economy, strength));
    });
    let columns = vec![
        Column::new("entity", Unit::Text, "Whose output is missing"),
        Column::new("peak", Unit::Share, "Largest part of normal output that is missing on a day"),
        Column::new("peak_day", Unit::Days, "The day of it, from 0"),
        Column::new("lost_days", Unit::Days, "Output lost over the whole time, in days of normal output"),
        Column::new("lost", Unit::Number, "The same, in the unit of the table"),
        Column::new("left", Unit::Share, "Part still missing at the end"),
    ];
    let mut table = Table::new("days", format!("Day by day, over {horizon} days"), columns);
    for id in economy.members() {
        let at = id.index();
        let q = |day: &Vec<f64>| day.get(at).copied().unwrap_or(0.0);
        let mut peak = (0, 0.0);
        for (day, state) in runs.iter().enumerate() {
            if q(state) > peak.1 {
                peak = (day, q(state));
            }
        }
        let lost: f64 = runs.iter().take(horizon).map(q).sum();
        let normal = economy.io.output().get(at).copied().unwrap_or(0.0) / 365.0;
        table.rows.push(vec![
            entity_cell(asked.view.graph, *id),
            Cell::Number(peak.1),
            Cell::Number(peak.0 as f64),
            Cell::Number(lost),
            Cell::Number(lost * normal),
            Cell::number(runs.last().map(q)),
        ]);
    }
    let by_loss = |row: &Vec<Cell>| row.get(4).and_then(Cell::as_number).unwrap_or(0.0);
    table.rows.arrange(|a, b| by_loss(b).total_cmp(&by_loss(a)));
    if !table.rows.is_empty() {
        let finding = FindingBuilder::new("Day by day most is lost at ")
            .cell(&table, 0, "entity")
            .words(": ")
            .cell(&table, 0, "lost_days")
            .words(" of its normal output, at worst ")
            .cell(&table, 0, "peak")
            .words(" on day ")
            .words(table.number(0, "peak_day").map_or_else(String::new, |day| format!("{day}")))
            .words(".");
        answer.findings.push(finding.done());
    }
    answer.tables.push(table);
    let fast = economy.resilience.iter().filter(|k| **k > 1.0).count();
    let text = "Steps of one day; the model in continuous time differs a little.".to_string();
    let swing = format!(" {fast} sectors recover within a day and may swing.");
    answer.caveat("daily-steps", if fast > 0 { text + &swing } else { text }, None);
}
