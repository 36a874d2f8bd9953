//! One row for each foreign country on which something hangs.

use std::collections::BTreeMap;

use super::super::AnalysisError;
use super::super::failing::{FailingSet, Losses, by_production, by_seat};
use super::super::trail::{Trail, entity_cell, product_cell};
use super::{Ground, NOTICEABLE};
use crate::answer::{Cell, Column, Reach, Row, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;
use crate::side_by_side::SideBySide;

/// What a row is ranked by, its cells, and the members of the country in the chain.
type Ranked = (f64, f64, Row, Vec<EntityId>);

/// Most function lost first, then the largest reach share, then by code.
pub(super) fn table(ground: &Ground<'_>, trail: &mut Trail) -> Result<Table, AnalysisError> {
    let mut table = Table::new("countries", "Foreign countries, by what stops without them", columns());
    let seats = keyed(by_seat(ground.view));
    let production = keyed(by_production(ground.view).sets);
    let mut codes: Vec<&String> = seats.keys().chain(production.keys()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.retain(|code| !ground.home.contains(code));
    let rows: Result<Vec<_>, AnalysisError> = codes
        .side_by_side(|code| row(ground, code, seats.get(*code), production.get(*code)))
        .into_iter()
        .collect();
    let mut rows: Vec<Ranked> = rows?.into_iter().flatten().collect();
    rows.arrange(|a, b| b.0.total_cmp(&a.0).then(b.1.total_cmp(&a.1)));
    // all that is collected lies upstream of home, so following it from the members of a country stays on the ways to home
    trail.reach(["countries"], Reach::Downstream);
    for (at, (_, _, cells, members)) in rows.into_iter().enumerate() {
        table.rows.push(cells);
        trail.about("countries", at, members);
    }
    Ok(table)
}

fn keyed(sets: Vec<FailingSet>) -> BTreeMap<String, FailingSet> {
    sets.into_iter().map(|set| (set.key.clone(), set)).collect()
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("country", Unit::Text, "A country other than home, as an ISO 3166 two-letter code"),
        Column::new("suppliers", Unit::Count, "Entities of the chain with their seat there, 0 or more"),
        Column::new("producers", Unit::Count, "Entities of the chain that produce there, 0 or more"),
        Column::new(
            "stop_loss",
            Unit::Share,
            "Function lost if everyone with their seat there stops, 0 to 1; for a country the mean over its entities",
        ),
        Column::new(
            "stop_loss_high",
            Unit::Share,
            "The same if unknown suppliers are hit like the known, 0 to 1",
        ),
        Column::new("stop_loss_replaced", Unit::Share, "The same where vendors elsewhere take over, 0 to 1"),
        Column::new(
            "stop_loss_production",
            Unit::Share,
            "Function lost if only production there stops, 0 to 1",
        ),
        Column::new("hit", Unit::Count, "Entities at home that lose function, 0 or more"),
        Column::new("stopped", Unit::Count, "Those that lose all of it, 0 or more"),
        Column::new("worst_hit", Unit::Text, "Who loses most"),
        Column::new("via", Unit::Text, "The product that binds who loses most"),
        Column::new("face_value", Unit::Share, "Share of cost paid there directly, 0 to 1"),
        Column::new("look_through", Unit::Number, "Money that ends up there, all tiers, 0 or more"),
        Column::new("reach_share", Unit::Share, "Share of cost that passes through there, 0 to 1"),
    ]
}

fn row(
    ground: &Ground<'_>,
    code: &str,
    seated: Option<&FailingSet>,
    producing: Option<&FailingSet>,
) -> Result<Option<Ranked>, AnalysisError> {
    let outside = |set: Option<&FailingSet>| -> Vec<(EntityId, f64)> {
        let members = set.map_or(&[][..], |set| set.members.as_slice());
        members.iter().copied().filter(|(id, _)| !ground.focal.contains(id)).collect()
    };
    let (seated, producing) = (outside(seated), outside(producing));
    let in_chain = |set: &[(EntityId, f64)]| set.iter().filter(|(id, _)| ground.in_chain(*id)).count();
    let money = Money::of(ground, &seated)?;
    if in_chain(&seated) == 0
        && in_chain(&producing) == 0
        && money.as_ref().is_none_or(|m| m.reach <= NOTICEABLE)
    {
        return Ok(None);
    }
    let losses = Losses::of(&ground.network, &seated);
    let made = Losses::of(&ground.network, &producing);
    let known = ground.network.rows().iter().any(|row| row.binds());
    let count = ground.focal.len() as f64;
    let mean = |get: &dyn Fn(EntityId) -> f64| {
        let sum: f64 = ground.focal.iter().map(|id| get(*id)).sum();
        if known { Cell::Number(sum / count) } else { Cell::Empty }
    };
    let tally = |least: f64| {
        let count = ground.focal.iter().filter(|id| losses.low(**id) > least).count();
        if known { Cell::Number(count as f64) } else { Cell::Empty }
    };
    let worst = super::super::exposure::largest(ground.focal.iter().map(|id| (*id, losses.low(*id))));
    let worst = worst.filter(|(_, loss)| *loss > NOTICEABLE).map(|(id, _)| id);
    let graph = ground.view.graph;
    let loss = mean(&|id| losses.low(id));
    let order = (loss.as_number().unwrap_or(0.0) * 1e12).round();
    let reach = money.as_ref().map(|money| money.reach);
    let cells = vec![
        Cell::text(code),
        Cell::Number(in_chain(&seated) as f64),
        Cell::Number(in_chain(&producing) as f64),
        loss,
        mean(&|id| losses.high(id)),
        mean(&|id| losses.replaced(id)),
        mean(&|id| made.low(id)),
        tally(NOTICEABLE),
        tally(1.0 - 1e-9),
        worst.map_or(Cell::Empty, |id| entity_cell(graph, id)),
        worst.and_then(|id| losses.via(id)).map_or(Cell::Empty, |product| product_cell(graph, product)),
        Cell::number(money.as_ref().map(|money| money.face)),
        Cell::number(money.as_ref().map(|money| money.look_through)),
        Cell::number(reach),
    ];
    let members =
        seated.iter().chain(&producing).map(|(id, _)| *id).filter(|id| ground.in_chain(*id)).collect();
    Ok(Some((order, (reach.unwrap_or(0.0) * 1e12).round(), cells, members)))
}

/// The cost basis: means over the focal entities whose cost shares are known.
struct Money {
    face: f64,
    look_through: f64,
    reach: f64,
}

impl Money {
    fn of(ground: &Ground<'_>, set: &[(EntityId, f64)]) -> Result<Option<Self>, AnalysisError> {
        let buyers: Vec<EntityId> =
            ground.focal.iter().copied().filter(|id| !ground.cost.of(*id).is_empty()).collect();
        if buyers.is_empty() || set.is_empty() {
            return Ok(None);
        }
        let mut weights = vec![0.0; ground.cost.len()];
        for (id, share) in set {
            if let Some(slot) = weights.get_mut(id.index()) {
                *slot = *share;
            }
        }
        let fail = |error: crate::network::SolveError| AnalysisError::NoData(error.to_string());
        let reach = ground.cost.reach_shares(&weights).map_err(fail)?;
        let look_through = ground.cost.look_through_to(&weights).map_err(fail)?;
        let face = ground.cost.face_value_of(&weights);
        let mean = |values: &[f64]| {
            let sum: f64 = buyers.iter().filter_map(|id| values.get(id.index())).sum();
            sum / buyers.len() as f64
        };
        Ok(Some(Self { face: mean(&face), look_through: mean(&look_through), reach: mean(&reach) }))
    }
}
