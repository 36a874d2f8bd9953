//! Exposure to sets that fail at once: countries by seat, countries by production, owners.

use rayon::prelude::*;

use super::super::failing::{FailingSet, Losses};
use super::super::trail::{entity_cell, product_cell};
use super::super::{AnalysisError, budget};
use super::chain::Chain;
use super::lines::Line;
use super::products::largest;
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

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

/// A table, and which entities upstream each row is about.
pub(super) type About = (Table, Vec<Vec<EntityId>>);

/// Stop loss and reach share that a row is ranked by, its cells, and the members upstream.
type Ranked = (f64, f64, Row, Vec<EntityId>);

/// One row for each set that has a member upstream: most function lost first, then the largest reach share.
/// The focal entity itself never counts as failing.
pub(super) fn table(
    chain: &Chain<'_>,
    naming: &Naming,
    sets: &[FailingSet],
    label: impl Fn(&str) -> Cell + Sync,
    unsolved: &mut Unsolved,
) -> Result<About, AnalysisError> {
    let mut table = Table::new(naming.table, naming.title, columns(naming));
    let found: Vec<Found<'_>> =
        sets.side_by_side(|set| Found::new(chain, set)).into_iter().flatten().collect();
    let solved = affordable(chain, &found, unsolved);
    let rows: Result<Vec<Ranked>, AnalysisError> =
        found.par_iter().zip(solved).map(|(found, solve)| row(chain, found, solve, &label)).collect();
    let mut rows = rows?;
    // stable: sets come in the order of their keys
    rows.arrange(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    let about = rows.iter_mut().map(|(.., members)| std::mem::take(members)).collect();
    table.rows = rows.into_iter().map(|(_, _, cells, _)| cells).collect();
    Ok((table, about))
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

/// Sets whose reach share or stop losses would take solves of their own, of which there are too many.
#[derive(Default)]
pub(super) struct Unsolved {
    sets: usize,
}

impl Unsolved {
    /// What an answer says of them.
    pub fn said(&self) -> Option<String> {
        let Self { sets } = self;
        (*sets > 0).then(|| {
            format!("stop losses and reach shares of {sets} countries and owners with the least look-through are left out: each would take cascades and a solve of its own")
        })
    }
}

/// A set with the lines of its members upstream.
struct Found<'c> {
    set: &'c FailingSet,
    /// Who fails, the focal entity left out.
    failing: Vec<(EntityId, f64)>,
    upstream: Vec<(&'c Line, f64)>,
}

impl<'c> Found<'c> {
    /// The set, where it has a member upstream.
    fn new(chain: &'c Chain<'_>, set: &'c FailingSet) -> Option<Self> {
        let failing = set.without(chain.of);
        let line = |(id, part): &(EntityId, f64)| {
            let at = chain.lines.binary_search_by_key(id, |line| line.entity).ok()?;
            Some((chain.lines.get(at)?, *part))
        };
        let mut upstream: Vec<(&Line, f64)> = failing.iter().filter_map(line).collect();
        upstream.arrange_by_key(|(line, _)| line.entity);
        (!upstream.is_empty()).then_some(Self { set, failing, upstream })
    }

    /// The only member, where it fails altogether: its line says all.
    fn alone(&self) -> Option<&'c Line> {
        match (self.failing.as_slice(), self.upstream.as_slice()) {
            ([(_, part)], [(line, _)]) if *part >= 1.0 => Some(*line),
            _ => None,
        }
    }

    fn look_through(&self) -> f64 {
        let money = |(line, part): &(&Line, f64)| line.cost.map_or(0.0, |cost| cost.look_through * part);
        self.upstream.iter().map(money).sum()
    }
}

/// For which sets cascades and solves are run: all where they can be afforded, else those with the largest look-through.
fn affordable(chain: &Chain<'_>, found: &[Found<'_>], unsolved: &mut Unsolved) -> Vec<bool> {
    let most = budget::solves(chain.cost.links_len())
        .min(budget::searches(chain.network.links().len() + chain.network.len()));
    let mut dear: Vec<usize> = (0..found.len()).filter(|at| found[*at].alone().is_none()).collect();
    let money: Vec<f64> = found.iter().map(Found::look_through).collect();
    dear.arrange(|a, b| money[*b].total_cmp(&money[*a]).then(a.cmp(b)));
    let mut solved = vec![true; found.len()];
    for at in dear.into_iter().skip(most) {
        solved[at] = false;
        unsolved.sets += 1;
    }
    solved
}

fn row(
    chain: &Chain<'_>,
    found: &Found<'_>,
    solve: bool,
    label: &impl Fn(&str) -> Cell,
) -> Result<Ranked, AnalysisError> {
    let Found { set, failing, upstream } = found;
    // who fails alone is a line already
    let alone = found.alone();
    let (loss, high, replaced, via) = match alone {
        Some(line) => (line.stop_loss, line.stop_loss_most, line.replaced, line.via),
        // losses that are left out are empty cells
        None if !solve || !chain.function => (f64::NAN, f64::NAN, f64::NAN, None),
        None => {
            let losses = Losses::of(&chain.network, failing);
            (losses.low(chain.of), losses.high(chain.of), losses.replaced(chain.of), losses.via(chain.of))
        }
    };
    let paid: Vec<_> =
        upstream.iter().filter_map(|(line, part)| line.cost.map(|cost| (cost, *part))).collect();
    let reach = match (paid.as_slice(), alone) {
        ([], _) => None,
        ([(cost, _)], Some(_)) => cost.reach_share,
        _ if !solve => None,
        _ => Some(chain.reach_share(failing)?),
    };
    let sum = |get: fn(&super::lines::CostLine) -> f64| {
        let total = || paid.iter().map(|(cost, part)| get(cost) * part).sum::<f64>();
        if paid.is_empty() { Cell::Empty } else { Cell::Number(total()) }
    };
    let function = |value: f64| if chain.function { Cell::number(value) } else { Cell::Empty };
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
    let loss = if loss.is_nan() { 0.0 } else { loss };
    let members = upstream.iter().map(|(line, _)| line.entity).collect();
    Ok(((loss * 1e12).round(), (reach.unwrap_or(0.0) * 1e12).round(), cells, members))
}
