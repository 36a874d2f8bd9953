//! The tables of a stress test asked backwards.

use rayon::prelude::*;

use super::super::View;
use super::super::trail::entity_cell;
use super::search::Found;
use super::{Least, Study};
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;

pub(super) fn items(view: &View<'_>, members: &[EntityId]) -> Cell {
    let name = |id: &EntityId| (view.graph.entity(*id).key.clone(), view.graph.entity(*id).name.clone());
    Cell::Items(members.iter().map(name).collect())
}

/// The least sets, in the order asked for.
pub(super) fn sets(study: &Study<'_>) -> Table {
    let mut columns = vec![
        Column::new("size", Unit::Count, "How many fail, 1 or more"),
        Column::new("entities", Unit::Text, "Who they are; no smaller part of them suffices"),
        Column::new("loss", Unit::Share, "Loss of the target where all of them fail altogether, 0 to 1"),
    ];
    let title = match study.params.by {
        Least::Count => "Least sets of outages that cost so much, fewest first",
        Least::Size => {
            columns.extend([
                Column::new(
                    "total_outage",
                    Unit::Number,
                    "Least sum of the shares of function that members lose, 0 to size",
                ),
                Column::new("partial_entity", Unit::Text, "Who fails in part; the others fail altogether"),
                Column::new("partial_outage", Unit::Share, "The share that it loses, 0 to 1"),
                Column::new(
                    "even_outage",
                    Unit::Share,
                    "The share that each must lose where all lose the same, 0 to 1",
                ),
            ]);
            "Least outages that cost so much, least total first"
        }
        Least::Likelihood => {
            columns.push(Column::new(
                "probability",
                Unit::Share,
                "Probability that all of them fail in the period stated, as independent events, 0 to 1",
            ));
            "Outages that cost so much, likeliest first"
        }
    };
    let mut table = Table::new("sets", title, columns);
    table.rows = study.found.iter().map(|found| set(study, found)).collect();
    table
}

fn set(study: &Study<'_>, found: &Found) -> Row {
    let mut row = vec![
        Cell::Number(found.members.len() as f64),
        items(study.view, &found.members),
        Cell::Number(found.loss),
    ];
    match study.params.by {
        Least::Count => {}
        Least::Size => {
            let least = found.least.as_ref();
            row.push(Cell::number(least.map(|least| least.total)));
            row.push(least.map_or(Cell::Empty, |least| match least.member {
                Some(id) => entity_cell(study.view.graph, id),
                None => Cell::text("all alike"),
            }));
            row.push(Cell::number(least.map(|least| least.share)));
            row.push(Cell::number(found.even));
        }
        Least::Likelihood => row.push(Cell::number(found.probability)),
    }
    row
}

/// Who may fail, and how often each is in a least set.
pub(super) fn members(study: &Study<'_>) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who may fail"),
        Column::new("loss_alone", Unit::Share, "Loss of the target where it alone fails, 0 to 1"),
        Column::new("reaches", Unit::Text, "Whether that is enough"),
        Column::new("in_sets", Unit::Count, "Least sets listed of which it is a member, 0 or more"),
    ];
    let mut table = Table::new("suppliers", "Who may fail, and what each costs alone", columns);
    for (id, loss) in &study.candidates {
        let sets = study.found.iter().filter(|found| found.members.contains(id)).count();
        table.rows.push(vec![
            entity_cell(study.view.graph, *id),
            Cell::Number(*loss),
            Cell::Flag(*loss >= study.search.least - super::ROUNDING),
            Cell::Number(sets as f64),
        ]);
    }
    table
}

/// What the search covered.
pub(super) fn summary(study: &Study<'_>) -> Table {
    let columns = vec![
        Column::new("candidates", Unit::Count, "Who may fail, 1 or more"),
        Column::new("loss_asked", Unit::Share, "Loss to be reached, 0 to 1"),
        Column::new("loss_if_all", Unit::Share, "Loss where all candidates fail, 0 to 1"),
        Column::new("sets", Unit::Count, "Least sets found, 0 or more"),
        Column::new("smallest", Unit::Count, "Members of the smallest; empty where none was found"),
        Column::new("of_smallest", Unit::Count, "How many sets are as small, 0 or more"),
        Column::new(
            "searched",
            Unit::Count,
            "Least sets of up to so many members were looked for: all of them, unless the search is a heuristic",
        ),
        Column::new(
            "at_least",
            Unit::Count,
            "No set of fewer members suffices; empty where not even all suffice, or the search is a heuristic",
        ),
        Column::new(
            "at_most",
            Unit::Count,
            "Some set of so many members suffices; empty where not even all suffice",
        ),
        Column::new("runs", Unit::Count, "Runs of the model in the search for sets"),
    ];
    let found = &study.found;
    let smallest = found.iter().map(|found| found.members.len()).min();
    let of_smallest = found.iter().filter(|found| Some(found.members.len()) == smallest).count();
    let searched = study.sets.found.searched;
    let at_most = smallest.or(study.some.as_ref().map(Vec::len));
    // a heuristic proves nothing about smaller sets
    let proven = study.search.target.is_monotone();
    let at_least = at_most.map(|most| most.min(searched + 1)).filter(|_| proven);
    let count = |number: Option<usize>| Cell::number(number.map(|number| number as f64));
    let mut table = Table::new("summary", "What the search covered", columns);
    table.rows.push(vec![
        Cell::Number(study.candidates.len() as f64),
        Cell::Number(study.search.least),
        Cell::Number(study.all),
        Cell::Number(found.len() as f64),
        count(smallest),
        Cell::Number(of_smallest as f64),
        Cell::Number(searched as f64),
        count(at_least),
        count(at_most),
        Cell::Number(study.sets.runs as f64),
    ]);
    table
}

/// How far the graph is from the loss.
pub(super) fn distance(study: &Study<'_>) -> Table {
    let columns = vec![
        Column::new("who", Unit::Text, "Who loses function: all, all of a kind, or one"),
        Column::new("entities", Unit::Count, "How many that are"),
        Column::new(
            "least_outage",
            Unit::Share,
            "The least share of function that each must lose for the target to lose so much, 0 to 1; empty where all of it \
             is not enough",
        ),
        Column::new("loss_at_full", Unit::Share, "Loss of the target where it loses all of it, 0 to 1"),
    ];
    let mut table = Table::new("distance", "How far the graph is from the loss", columns);
    let graph = study.view.graph;
    let everyone: Vec<EntityId> = study.candidates.iter().map(|(id, _)| *id).collect();
    let mut rows: Vec<(Cell, Vec<EntityId>)> = vec![(Cell::text("all at once"), everyone.clone())];
    let mut of_kinds: Vec<(Cell, Vec<EntityId>)> = Vec::new();
    for (at, kind) in graph.facts().kinds.iter().enumerate() {
        let members: Vec<EntityId> =
            everyone.iter().filter(|id| graph.entity(**id).kind == at).copied().collect();
        if members.len() > 1 {
            of_kinds.push((Cell::text(format!("every {}", kind.name.to_lowercase())), members));
        }
    }
    let ones = everyone.iter().map(|id| (entity_cell(graph, *id), vec![*id])).collect();
    for group in [&mut of_kinds, &mut { ones }] {
        rows.append(group);
    }
    type Line = (Cell, usize, Option<f64>, f64);
    let mut lines: Vec<Line> = rows
        .into_par_iter()
        .map(|(who, members)| {
            let full: Vec<(EntityId, f64)> = members.iter().map(|id| (*id, 1.0)).collect();
            let share = study.search.least_share(&[], &members);
            (who, members.len(), share, study.search.target.loss(&full))
        })
        .collect();
    // stable: kinds and entities come in the order of their keys
    let rounded = |line: &Line| line.2.map_or(f64::INFINITY, |share| (share * 1e9).round());
    lines.arrange(|a, b| rounded(a).total_cmp(&rounded(b)));
    for (who, members, share, full) in lines {
        table.rows.push(vec![who, Cell::Number(members as f64), Cell::number(share), Cell::Number(full)]);
    }
    table
}
