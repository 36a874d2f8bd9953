//! Exposure to sets that fail at once: countries by seat, countries by production, owners.

use rayon::prelude::*;

use super::super::AnalysisError;
use super::super::failing::{FailingSet, Losses};
use super::super::trail::{entity_cell, product_cell};
use super::chain::Chain;
use super::products::largest;
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::EntityId;

/// What a table of sets is called.
pub(super) struct Naming {
    /// Name of the table.
    pub table: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// Name of the first column.
    pub column: &'static str,
    /// What the first column says.
    pub describes: &'static str,
}

/// Stop loss and reach share that a row is ranked by, and its cells.
type Ranked = (f64, f64, Row);

/// One row for each set that has a member upstream: most function lost first, then the largest reach share.
/// The focal entity itself never counts as failing.
pub(super) fn table(
    chain: &Chain<'_>,
    naming: &Naming,
    sets: &[FailingSet],
    label: impl Fn(&str) -> Cell + Sync,
) -> Result<Table, AnalysisError> {
    let mut table = Table::new(naming.table, naming.title, columns(naming));
    let rows: Result<Vec<Option<Ranked>>, AnalysisError> =
        sets.par_iter().map(|set| row(chain, set, &label)).collect();
    let mut rows: Vec<_> = rows?.into_iter().flatten().collect();
    // stable: sets come in the order of their keys
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    table.rows = rows.into_iter().map(|(.., cells)| cells).collect();
    Ok(table)
}

fn columns(naming: &Naming) -> Vec<Column> {
    vec![
        Column::new(naming.column, Unit::Text, naming.describes),
        Column::new(
            "own",
            Unit::Text,
            "Whether the focal entity belongs to it too; it is left out of the failure",
        ),
        Column::new("entities", Unit::Count, "Members upstream, 1 or more"),
        Column::new("stop_loss", Unit::Share, "Function lost if all members fail at once, 0 to 1"),
        Column::new(
            "stop_loss_high",
            Unit::Share,
            "The same if unknown suppliers are hit like the known, 0 to 1",
        ),
        Column::new("stop_loss_replaced", Unit::Share, "The same where other vendors take over, 0 to 1"),
        Column::new("via", Unit::Text, "The product that binds first"),
        Column::new("worst_member", Unit::Text, "The member whose failure alone costs most function"),
        Column::new("worst_stop_loss", Unit::Share, "Function lost if only that member stops, 0 to 1"),
        Column::new("face_value", Unit::Share, "Share of cost paid to members directly, 0 to 1"),
        Column::new(
            "look_through",
            Unit::Number,
            "Money that ends up with members, all tiers, summed, 0 or more",
        ),
        Column::new("reach_share", Unit::Share, "Share of cost that passes through any member, 0 to 1"),
    ]
}

fn row(
    chain: &Chain<'_>,
    set: &FailingSet,
    label: &impl Fn(&str) -> Cell,
) -> Result<Option<Ranked>, AnalysisError> {
    let failing = set.without(chain.of);
    let part = |id: EntityId| failing.iter().find(|(member, _)| *member == id).map(|(_, part)| *part);
    let upstream: Vec<_> =
        chain.lines.iter().filter_map(|line| part(line.entity).map(|part| (line, part))).collect();
    if upstream.is_empty() {
        return Ok(None);
    }
    // who fails alone is a line already
    let alone = match (failing.as_slice(), upstream.as_slice()) {
        ([(_, part)], [(line, _)]) if *part >= 1.0 => Some(*line),
        _ => None,
    };
    let (loss, high, replaced, via) = match alone {
        Some(line) => (line.stop_loss, line.stop_loss_most, line.replaced, line.via),
        None => {
            let losses = Losses::of(&chain.network, &failing);
            (losses.low(chain.of), losses.high(chain.of), losses.replaced(chain.of), losses.via(chain.of))
        }
    };
    let paid: Vec<_> =
        upstream.iter().filter_map(|(line, part)| line.cost.map(|cost| (cost, *part))).collect();
    let reach = match (paid.as_slice(), alone) {
        ([], _) => None,
        ([(cost, _)], Some(_)) => Some(cost.reach_share),
        _ => Some(chain.reach_share(&failing)?),
    };
    let sum = |get: fn(&super::lines::CostLine) -> f64| {
        let total = || paid.iter().map(|(cost, part)| get(cost) * part).sum::<f64>();
        if paid.is_empty() { Cell::Empty } else { Cell::Number(total()) }
    };
    let function = |value: f64| if chain.function { Cell::Number(value) } else { Cell::Empty };
    let worst = largest(upstream.iter().map(|(line, _)| (line.entity, line.stop_loss)));
    let worst = worst.filter(|_| chain.function);
    let graph = chain.view.graph;
    let cells = vec![
        label(&set.key),
        Cell::Flag(set.contains(chain.of)),
        Cell::Number(upstream.len() as f64),
        function(loss),
        function(high),
        function(replaced),
        via.map_or(Cell::Empty, |product| product_cell(graph, product)),
        worst.map_or(Cell::Empty, |(id, _)| entity_cell(graph, id)),
        Cell::number(worst.map(|(_, loss)| loss)),
        sum(|cost| cost.face_value),
        sum(|cost| cost.look_through),
        Cell::number(reach),
    ];
    Ok(Some(((loss * 1e12).round(), (reach.unwrap_or(0.0) * 1e12).round(), cells)))
}
