//! One line for each entity on the other end of an exposure, and the two tables made of them.

use super::super::View;
use super::super::failing::{Ends, Losses};
use super::super::trail::{Upon, entity_cell, product_cell};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{EntityId, ProductId};
use crate::network::Network;
use crate::order::Arrange;

/// One line of an exposure.
#[derive(Clone, Debug)]
pub(super) struct Line {
    pub entity: EntityId,
    pub tier: Option<u32>,
    pub stop_loss: f64,
    pub stop_loss_most: f64,
    /// The least and the most that the loss can be.
    pub bounds: (f64, f64),
    pub replaced: f64,
    pub via: Option<ProductId>,
    pub cost: Option<CostLine>,
    pub converged: bool,
    /// Whether its losses are worked out; they stand as nought where they are not.
    pub known: bool,
    /// What the loss came over.
    pub upon: Upon,
    /// What each first-tier supplier loses if this one stops.
    pub first_tier: Vec<f64>,
}

/// The cost basis of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct CostLine {
    pub face_value: f64,
    pub look_through: f64,
    /// `None` where it would take a solve of its own and there are too many of them.
    pub reach_share: Option<f64>,
}

impl Line {
    /// A line of someone whose failure stops nothing.
    pub fn of(entity: EntityId, tier: Option<u32>) -> Self {
        Self {
            entity,
            tier,
            stop_loss: 0.0,
            stop_loss_most: 0.0,
            bounds: (0.0, 0.0),
            replaced: 0.0,
            via: None,
            cost: None,
            converged: true,
            known: true,
            upon: Upon::default(),
            first_tier: Vec::new(),
        }
    }

    /// What `at` loses in the cascades of `entity`.
    pub fn new(
        network: &Network,
        (losses, ends): (&Losses, Option<&Ends>),
        entity: EntityId,
        at: EntityId,
        tier: Option<u32>,
    ) -> Self {
        Self {
            entity,
            tier,
            stop_loss: losses.low(at),
            stop_loss_most: losses.high(at),
            bounds: ends.map_or((losses.low(at), losses.high(at)), |ends| ends.of(at)),
            replaced: losses.replaced(at),
            via: losses.via(at),
            cost: None,
            converged: losses.converged(),
            known: true,
            upon: Upon::passing(network, &losses.low, at),
            first_tier: Vec::new(),
        }
    }

    /// Whether everything stops with it.
    pub fn is_chokepoint(&self) -> bool {
        self.stop_loss > 1.0 - 1e-9
    }
}

/// By stop loss, then reach share, then key.
pub(super) fn sort(lines: &mut [Line]) {
    let reach = |line: &Line| line.cost.as_ref().and_then(|cost| cost.reach_share).unwrap_or(0.0);
    let money = |line: &Line| line.cost.as_ref().map_or(0.0, |cost| cost.look_through);
    // by money where neither has a reach share; losses that differ by rounding count as equal
    let rounded = |value: f64| (value * 1e12).round();
    lines.arrange(|a, b| {
        rounded(b.stop_loss)
            .total_cmp(&rounded(a.stop_loss))
            .then(rounded(reach(b)).total_cmp(&rounded(reach(a))))
            .then_with(|| match reach(a) + reach(b) == 0.0 {
                true => rounded(money(b)).total_cmp(&rounded(money(a))),
                false => std::cmp::Ordering::Equal,
            })
            .then(a.entity.cmp(&b.entity))
    });
}

/// The lines as the first table. `function` says whether anything is known about function.
pub(super) fn table(view: &View<'_>, title: &str, lines: &[Line], function: bool) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "The other entity"),
        Column::new("tier", Unit::Count, "Least number of steps between the two, 1 or more"),
        Column::new(
            "stop_loss",
            Unit::Share,
            "Share of function lost if it stops and nobody replaces it, 0 to 1; empty where no needs are stated",
        ),
        Column::new("stop_loss_replaced", Unit::Share, "The same where other vendors take over, 0 to 1"),
        Column::new("via", Unit::Text, "The product that binds first"),
        Column::new("face_value", Unit::Share, "Share of cost paid to it directly, 0 to 1"),
        Column::new(
            "look_through",
            Unit::Number,
            "Money that ends up with it per unit of cost, all tiers, 0 or more",
        ),
        Column::new("reach_share", Unit::Share, "Share of cost that passes through it at some tier, 0 to 1"),
        Column::new(
            "hidden_ratio",
            Unit::Ratio,
            "Look-through over face value, 1 or more; empty without a face value",
        ),
    ];
    let mut main = Table::new("exposure", title, columns);
    for line in lines {
        let loss = |value: f64| if function && line.known { Cell::Number(value) } else { Cell::Empty };
        let cost = |get: fn(&CostLine) -> f64| Cell::number(line.cost.as_ref().map(get));
        main.rows.push(vec![
            entity_cell(view.graph, line.entity),
            Cell::number(line.tier.map(f64::from)),
            loss(line.stop_loss),
            loss(line.replaced),
            line.via.map_or(Cell::Empty, |product| product_cell(view.graph, product)),
            cost(|c| c.face_value),
            cost(|c| c.look_through),
            Cell::number(line.cost.as_ref().and_then(|cost| cost.reach_share)),
            cost(|c| if c.face_value > 0.0 { c.look_through / c.face_value } else { f64::INFINITY }),
        ]);
    }
    main
}

/// Stop losses that the sources leave open, with their bounds.
pub(super) fn bounds_table(view: &View<'_>, lines: &[Line]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "The other entity"),
        Column::new(
            "stop_loss_low",
            Unit::Share,
            "Function lost at least: every share at its least, and the unknown part of every need goes on, 0 to 1",
        ),
        Column::new(
            "stop_loss_high",
            Unit::Share,
            "Function lost at most: every share at its most, and the unknown part is hit like the known one, 0 to 1",
        ),
    ];
    let title = "Stop losses that open shares and unknown suppliers leave open";
    let mut table = Table::new("bounds", title, columns);
    for line in lines.iter().filter(|line| line.bounds.1 - line.bounds.0 > 1e-9) {
        table.rows.push(vec![
            entity_cell(view.graph, line.entity),
            Cell::Number(line.bounds.0),
            Cell::Number(line.bounds.1),
        ]);
    }
    table
}
