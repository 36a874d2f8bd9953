//! What a disruption comes to, in tables.

use super::super::View;
use super::super::trail::{entity_cell, product_cell};
use super::params::Point;
use super::{Case, Run};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;
use crate::propagation::inventory::Ending;

/// An ending in a word.
pub(super) fn word(ending: Ending) -> &'static str {
    match ending {
        Ending::Untouched => "untouched",
        Ending::Recovered => "recovered",
        Ending::Persisting => "persisting",
        Ending::Collapsed => "collapsed",
    }
}

fn days(value: Option<usize>) -> Cell {
    Cell::number(value.map(|day| day as f64))
}

/// Everyone who is hit, most lost first, ties in the order of their keys.
pub(super) fn order(run: &Run) -> Vec<EntityId> {
    let lost = |id: &EntityId| run.courses.get(id.index()).map_or(0.0, |course| course.lost);
    let hit = |id: &EntityId| run.courses.get(id.index()).is_some_and(|course| course.first_hit.is_some());
    let mut order: Vec<EntityId> = (0..run.courses.len()).map(EntityId::new).filter(hit).collect();
    let rounded = |id: &EntityId| (lost(id) * 1e9).round();
    order.arrange(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.cmp(b)));
    order
}

/// One row for each entity that is hit.
pub(super) fn entities(view: &View<'_>, case: &Case, run: &Run, order: &[EntityId]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new("kind", Unit::Text, "Its kind"),
        Column::new("first_hit", Unit::Days, "Days from the start of the run to the first loss, 0 or more"),
        Column::new("first_hit_date", Unit::Text, "The same as a date"),
        Column::new("trough", Unit::Share, "Least functionality: output over normal output, 0 to 1"),
        Column::new("trough_day", Unit::Days, "Days to the least functionality"),
        Column::new(
            "back",
            Unit::Days,
            "Days to the first day after which functionality stays above 99 %; empty where it is not back within the run",
        ),
        Column::new(
            "time_to_recover",
            Unit::Days,
            "Days from the first loss to being back, 0 or more; empty where it is not",
        ),
        Column::new("lost", Unit::Days, "Output lost, in days of normal output, 0 or more"),
        Column::new(
            "unmet",
            Unit::Days,
            "Orders and demand not served on their day, in days of normal output",
        ),
        Column::new(
            "binding_input",
            Unit::Text,
            "The product that limited it at its least; empty where its own capacity or lost orders did",
        ),
        Column::new("ending", Unit::Text, "recovered, persisting or collapsed at the end of the run"),
    ];
    let mut table = Table::new("disruption", "Who is hit, and when", columns);
    for id in order {
        let Some(course) = run.courses.get(id.index()) else { continue };
        let binding = course.binding.and_then(|input| run.economy.inputs.get(input as usize));
        table.rows.push(vec![
            entity_cell(view.graph, *id),
            Cell::text(view.graph.kind_of(*id)),
            days(course.first_hit),
            course.first_hit.map_or(Cell::Empty, |day| Cell::text(case.date(day))),
            Cell::Number(course.trough),
            Cell::Number(course.trough_day as f64),
            days(course.back),
            days(course.back.zip(course.first_hit).map(|(back, hit)| back.saturating_sub(hit))),
            Cell::Number(course.lost),
            Cell::Number(course.unmet),
            binding.map_or(Cell::Empty, |(_, product)| product_cell(view.graph, *product)),
            Cell::text(word(course.ending)),
        ]);
    }
    table
}

/// One row for each kind with members that are hit.
pub(super) fn kinds(view: &View<'_>, run: &Run) -> Table {
    let columns = vec![
        Column::new("kind", Unit::Text, "Kind of entity"),
        Column::new("entities", Unit::Count, "How many there are"),
        Column::new("hit", Unit::Count, "How many lose output"),
        Column::new("first_hit", Unit::Days, "Days to the first loss of any"),
        Column::new(
            "mean_lost",
            Unit::Days,
            "Output lost, in days of normal output: mean over all of the kind",
        ),
        Column::new("not_back", Unit::Count, "How many are not back at the end of the run"),
        Column::new("collapsed", Unit::Count, "How many of these are gone"),
    ];
    let mut table = Table::new("kinds", "By kind", columns);
    for (at, kind) in view.graph.facts().kinds.iter().enumerate() {
        let members = view.graph.entity_ids().filter(|id| view.graph.entity(*id).kind == at);
        let courses: Vec<_> = members.filter_map(|id| run.courses.get(id.index())).collect();
        let hit = courses.iter().filter(|course| course.first_hit.is_some()).count();
        if hit == 0 {
            continue;
        }
        let ended = |ending: Ending| courses.iter().filter(|course| course.ending == ending).count() as f64;
        table.rows.push(vec![
            Cell::text(&kind.name),
            Cell::Number(courses.len() as f64),
            Cell::Number(hit as f64),
            days(courses.iter().filter_map(|course| course.first_hit).min()),
            Cell::Number(courses.iter().map(|course| course.lost).sum::<f64>() / courses.len() as f64),
            Cell::Number(ended(Ending::Persisting) + ended(Ending::Collapsed)),
            Cell::Number(ended(Ending::Collapsed)),
        ]);
    }
    table
}

/// Every so many days, everyone who is hit.
pub(super) fn days_of(view: &View<'_>, case: &Case, run: &Run, order: &[EntityId], every: u32) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new("date", Unit::Text, "The day as a date"),
        Column::new("day", Unit::Days, "The same in days from the start of the run, 0 or more"),
        Column::new("functionality", Unit::Share, "Output over normal output, 0 or more"),
        Column::new(
            "least_stock",
            Unit::Days,
            "Stock of the input that would run out first, in days of normal use, in the morning; empty without inputs",
        ),
        Column::new(
            "unmet",
            Unit::Days,
            "Orders and demand not served on that day, in days of normal output, 0 or more",
        ),
    ];
    let title = if every == 1 { "Day by day".to_string() } else { format!("Every {every} days") };
    let mut table = Table::new("days", title, columns);
    for id in order {
        for row in run.days.iter().filter(|row| row.firm == id.index()) {
            table.rows.push(vec![
                entity_cell(view.graph, *id),
                Cell::text(case.date(row.day)),
                Cell::Number(row.day as f64),
                Cell::Number(row.output),
                Cell::number(row.cover),
                Cell::Number(row.unmet),
            ]);
        }
    }
    table
}

/// One row for each run of other assumptions.
pub(super) fn varied(name: &str, title: &str, case: &Case, runs: &[(Point, &Run)]) -> Table {
    let columns = vec![
        Column::new("rationing", Unit::Text, "Who is served first where there is not enough"),
        Column::new("stocks", Unit::Ratio, "All stocks, as a multiple of what the question assumes"),
        Column::new("tau_inv", Unit::Days, "Days in which a gap of stock is to be closed"),
        Column::new("psi", Unit::Share, "Inventory tolerance; empty where the rules have none"),
        Column::new(
            "first_hit",
            Unit::Days,
            "Days to the first loss of any that is watched; empty without one",
        ),
        Column::new("trough", Unit::Share, "Least mean functionality of those who are watched, 0 to 1"),
        Column::new("mean_lost", Unit::Days, "Output that they lose, in days of normal output, mean"),
        Column::new("hit", Unit::Count, "How many entities of all kinds lose output"),
        Column::new("collapsed", Unit::Count, "How many of these are gone at the end"),
        Column::new("ending", Unit::Text, "How those who are watched end, taken together"),
    ];
    let mut table = Table::new(name, title, columns);
    for (point, run) in runs {
        let watched: Vec<_> = case.watched.iter().filter_map(|id| run.courses.get(id.index())).collect();
        let lost: f64 = watched.iter().map(|course| course.lost).sum();
        let hit = run.courses.iter().filter(|course| course.first_hit.is_some()).count();
        let gone = run.courses.iter().filter(|course| course.ending == Ending::Collapsed).count();
        table.rows.push(vec![
            Cell::text(point.rule.name()),
            Cell::Number(point.factor),
            Cell::Number(point.tau),
            Cell::number(point.psi),
            days(watched.iter().filter_map(|course| course.first_hit).min()),
            Cell::Number(run.total.iter().copied().fold(1.0, f64::min)),
            Cell::number((!watched.is_empty()).then(|| lost / watched.len() as f64)),
            Cell::Number(hit as f64),
            Cell::Number(gone as f64),
            Cell::text(word(run.ending)),
        ]);
    }
    table
}
