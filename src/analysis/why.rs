//! By which routes one entity hangs on another, on two bases that are never mixed.

mod fold;
mod trace;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::supply_graph::{Basis, SupplyGraph};
use super::trail::{Trail, Upon, entity_cell, product_cell};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};
use crate::structure::{Ended, Limits};
use fold::{Folded, chain, fold};
use trace::{Traced, by_cost, by_function};

/// The routes by which one entity hangs on another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Why {
    /// Who hangs
    #[cfg_attr(feature = "cli", arg(value_name = "A"))]
    pub of: String,
    /// On whom
    #[cfg_attr(feature = "cli", arg(value_name = "B"))]
    pub to: String,
    /// List at most this many routes on each basis
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = MOST))]
    #[serde(skip_serializing_if = "is_most")]
    pub most: usize,
    /// Stop looking for routes after this many seconds
    #[cfg_attr(feature = "cli", arg(long, value_name = "SECONDS", default_value_t = SECONDS))]
    #[serde(skip_serializing_if = "is_seconds")]
    pub seconds: u64,
}

const MOST: usize = 10;
const SECONDS: u64 = 10;
/// Parts of routes looked at; reached before the time on any usual machine.
const MOST_PARTS: usize = 100_000;

fn is_most(most: &usize) -> bool {
    *most == MOST
}

fn is_seconds(seconds: &u64) -> bool {
    *seconds == SECONDS
}

impl Default for Why {
    fn default() -> Self {
        Self { of: String::new(), to: String::new(), most: MOST, seconds: SECONDS }
    }
}

impl Analysis for Why {
    const CARD: Card = Card {
        name: "why",
        title: "Why one hangs on another",
        question: "By which routes does one entity hang on another, and how much does each carry?",
        definition: "A route is a chain of ties that visits nobody twice. Function: share of a route = product of the suppliers' \
                     shares of the needs along it (times the weight of important products); the routes along the products that bind \
                     add up to the stop loss. Cost: product of the cost shares; the routes add up to the reach share \
                     R = L_ik / L_kk. Remainder = total - listed, through further routes and through loops.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes; intensities and bulk \
                tables for costs.",
        assumptions: "Shares come down a ladder (stated, amounts, market shares, equal split); each step says its rung. Where several \
                      essential products bind equally, the first in the order of keys carries; routes through the others are listed \
                      as not carrying.",
        cost: "One cascade and two sparse solves, then a best-first search that is capped by count and time.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022 (function); Kemeny and Snell 1960 (reach share); Hart, Nilsson and \
                    Raphael 1968 (search).",
        rests: Reach::Connected,
        example: "linchpin why anthropic tsmc",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let (of, to) = ends(view, &self.of, &self.to)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let limits = Limits { most: self.most, work: MOST_PARTS, time: Duration::from_secs(self.seconds) };
        let function = SupplyGraph::new(&network, &cost, Some(Basis::Function));
        let money = SupplyGraph::new(&network, &cost, Some(Basis::Cost));
        let traced = [
            by_function(&network, &function, of, to, limits),
            by_cost(&cost, &money, of, to, limits)
                .map_err(|error| AnalysisError::NoData(error.to_string()))?,
        ];
        let (a, b) = (&view.graph.entity(of).name, &view.graph.entity(to).name);
        let title = format!("Why {a} hangs on {b}");
        let asked = format!("By which routes does {a} hang on {b}, and how much does each carry?");
        let mut answer = Answer::new(Self::CARD.name, title, asked);
        let folded =
            [fold(view, &function, &traced[0], 0), fold(view, &money, &traced[1], traced[0].routes.len())];
        answer.tables.push(routes(view, &traced, &folded));
        answer.tables.push(totals(view, &traced));
        answer.tables.push(tails(&traced, &folded));
        answer.tables.push(steps(view, &[&function, &money], &traced, &folded));
        say(view, (of, to), &[&function, &money], &traced, &mut answer);
        caveats(view, &network, &cost, &[&function, &money], &traced, &mut answer);
        let cut = traced.iter().find(|traced| matches!(traced.ended, Ended::Work | Ended::Time));
        if let Some(traced) = cut {
            let cap = if traced.ended == Ended::Time {
                format!("{} s", self.seconds)
            } else {
                format!("{MOST_PARTS} parts of routes")
            };
            let reason = format!("the search for routes by {} ended after {cap}", traced.basis.name());
            answer.status = AnswerStatus::Truncated { reason };
        }
        Ok(answer)
    }
}

/// The two ends of a question.
pub(super) fn ends(view: &View<'_>, of: &str, to: &str) -> Result<(EntityId, EntityId), AnalysisError> {
    let ends = (view.graph.find_entity(of)?, view.graph.find_entity(to)?);
    if ends.0 == ends.1 {
        let reason = "the two ends are the same".to_string();
        return Err(AnalysisError::Invalid { parameter: "to", reason });
    }
    Ok(ends)
}

fn routes(view: &View<'_>, traced: &[Traced; 2], folded: &[Folded; 2]) -> Table {
    let columns = vec![
        Column::new("route", Unit::Count, "Number of the route, from 1"),
        Column::new("basis", Unit::Text, "function (what stops) or cost (where money ends); never added up"),
        Column::new(
            "share",
            Unit::Share,
            "Product of the shares along the route: the part of function lost over it, or of cost that passes it, 0 to 1",
        ),
        Column::new(
            "carries",
            Unit::Text,
            "Whether the loss arrives this way: every step is through the product that binds; yes on the cost basis",
        ),
        Column::new("through", Unit::Text, "The first product; empty on the cost basis"),
        Column::new("steps", Unit::Count, "How many ties long it is, 1 or more"),
        Column::new(
            "path",
            Unit::Text,
            "From the one who hangs upstream; a tail that routes share stands in the table of tails",
        ),
        Column::new("tail", Unit::Text, "Name of the shared tail; empty for none"),
    ];
    let mut table = Table::new("routes", "Routes, those that carry the loss first", columns);
    for (traced, folded) in traced.iter().zip(folded) {
        for (at, route) in traced.routes.iter().enumerate() {
            let shown = folded.routes.get(at);
            table.rows.push(vec![
                Cell::Number((folded.offset + at + 1) as f64),
                Cell::text(traced.basis.name()),
                Cell::Number(route.share),
                Cell::Flag(route.carries),
                route.through.map_or(Cell::Empty, |product| product_cell(view.graph, product)),
                Cell::Number(route.edges.len() as f64),
                shown.map_or(Cell::Empty, |shown| Cell::text(&shown.path)),
                shown.and_then(|shown| shown.tail.clone()).map_or(Cell::Empty, Cell::text),
            ]);
        }
    }
    table
}

fn totals(view: &View<'_>, traced: &[Traced; 2]) -> Table {
    let columns = vec![
        Column::new("basis", Unit::Text, "function or cost"),
        Column::new("through", Unit::Text, "The first product; empty for the whole"),
        Column::new("binds", Unit::Text, "Whether this product sets the loss; empty for the whole"),
        Column::new(
            "total",
            Unit::Share,
            "Function lost through it (the stop loss for the whole), or reach share by cost, 0 to 1",
        ),
        Column::new("listed", Unit::Share, "Carried by the routes listed, 0 to 1"),
        Column::new("remainder", Unit::Share, "The most that further routes and loops carry, 0 to 1"),
        Column::new("routes", Unit::Count, "How many listed routes that is"),
    ];
    let mut table = Table::new("totals", "What the routes add up to", columns);
    for traced in traced {
        for total in &traced.totals {
            table.rows.push(vec![
                Cell::text(traced.basis.name()),
                total.through.map_or(Cell::Empty, |product| product_cell(view.graph, product)),
                total.binds.map_or(Cell::Empty, Cell::Flag),
                Cell::Number(total.total),
                Cell::Number(total.listed),
                Cell::Number((total.total - total.listed).max(0.0)),
                Cell::Number(total.routes as f64),
            ]);
        }
    }
    table
}

fn tails(traced: &[Traced; 2], folded: &[Folded; 2]) -> Table {
    let columns = vec![
        Column::new("tail", Unit::Text, "Name of the tail"),
        Column::new("basis", Unit::Text, "function or cost"),
        Column::new("path", Unit::Text, "The steps that the routes share, up to the end"),
        Column::new("share", Unit::Share, "Product of the shares along it, 0 to 1"),
        Column::new("routes", Unit::Count, "How many listed routes end this way, 2 or more"),
    ];
    let mut table = Table::new("tails", "Shared tails of routes", columns);
    for (traced, folded) in traced.iter().zip(folded) {
        for tail in &folded.tails {
            table.rows.push(vec![
                Cell::text(&tail.name),
                Cell::text(traced.basis.name()),
                Cell::text(&tail.path),
                Cell::Number(tail.share),
                Cell::Number(tail.routes as f64),
            ]);
        }
    }
    table
}

fn steps(
    view: &View<'_>,
    graphs: &[&SupplyGraph<'_>; 2],
    traced: &[Traced; 2],
    folded: &[Folded; 2],
) -> Table {
    let columns = vec![
        Column::new("route", Unit::Count, "Number of the route"),
        Column::new("step", Unit::Count, "Number of the step, from 1 at the one who hangs"),
        Column::new("customer", Unit::Text, "Who needs or pays"),
        Column::new("product", Unit::Text, "What passes; empty on the cost basis"),
        Column::new("supplier", Unit::Text, "Who supplies"),
        Column::new(
            "share",
            Unit::Share,
            "Share of the need times the weight of the product, or share of cost, 0 to 1",
        ),
        Column::new("rung", Unit::Text, "How the share is known; empty on the cost basis"),
    ];
    let mut table = Table::new("steps", "Every step of every route", columns);
    for ((graph, traced), folded) in graphs.iter().zip(traced).zip(folded) {
        for (at, route) in traced.routes.iter().enumerate() {
            for (step, id) in route.edges.iter().enumerate() {
                let Some(edge) = graph.graph.edges().get(*id) else { continue };
                table.rows.push(vec![
                    Cell::Number((folded.offset + at + 1) as f64),
                    Cell::Number((step + 1) as f64),
                    entity_cell(view.graph, EntityId::new(edge.to)),
                    graph.product(*id).map_or(Cell::Empty, |product| product_cell(view.graph, product)),
                    entity_cell(view.graph, EntityId::new(edge.from)),
                    Cell::Number(graph.carries(*id)),
                    graph.tie(*id).map_or(Cell::Empty, |(_, link)| Cell::text(link.rung.describe())),
                ]);
            }
        }
    }
    table
}

fn say(
    view: &View<'_>,
    (of, to): (EntityId, EntityId),
    graphs: &[&SupplyGraph<'_>; 2],
    traced: &[Traced; 2],
    answer: &mut Answer,
) {
    let (a, b) = (&view.graph.entity(of).name, &view.graph.entity(to).name);
    let (Some(routes), Some(totals)) = (answer.table("routes").cloned(), answer.table("totals").cloned())
    else {
        return;
    };
    if traced.iter().all(|traced| traced.routes.is_empty()) {
        let text = format!(
            "{a} does not hang on {b} in this scope; `linchpin why-not {} {}` says what is missing.",
            view.graph.entity(of).key,
            view.graph.entity(to).key
        );
        answer.findings.push(FindingBuilder::new(text).done());
        return;
    }
    let (mut row, mut first) = (0, 0);
    for (graph, traced) in graphs.iter().zip(traced) {
        let strongest =
            traced.routes.first().map(|route| chain(view, graph, &route.edges)).unwrap_or_default();
        // the row of the whole is the first of its basis
        if !traced.totals.is_empty() && !traced.routes.is_empty() {
            let begin = match traced.basis {
                Basis::Function => FindingBuilder::new(format!("{a} loses "))
                    .cell(&totals, row, "total")
                    .words(format!(" of its function without {b}")),
                Basis::Cost => FindingBuilder::default()
                    .cell(&totals, row, "total")
                    .words(format!(" of the cost of {a} passes through {b}")),
            };
            let finding = begin
                .words("; the strongest route carries ")
                .cell(&routes, first, "share")
                .words(": ")
                .words(strongest)
                .words(". The listed routes carry ")
                .cell(&totals, row, "listed")
                .words(", all others and loops at most ")
                .cell(&totals, row, "remainder")
                .words(".");
            answer.findings.push(finding.done());
        }
        row += traced.totals.len();
        first += traced.routes.len();
    }
}

fn caveats(
    view: &View<'_>,
    network: &Network,
    cost: &CostNetwork,
    graphs: &[&SupplyGraph<'_>; 2],
    traced: &[Traced; 2],
    answer: &mut Answer,
) {
    let mut trail = Trail::default();
    let (mut route_row, mut step_row) = (0, 0);
    for (graph, traced) in graphs.iter().zip(traced) {
        for route in traced.routes.iter().filter(|_| traced.basis == Basis::Function) {
            // all of a route passes each of its steps
            let mut whole = Upon::default();
            for (_, link) in route.edges.iter().filter_map(|id| graph.tie(*id)) {
                let step = Upon::default().link(network, link, Some(1.0));
                whole = whole.and(step.clone());
                trail.row("steps", step_row, step);
                step_row += 1;
            }
            trail.row("routes", route_row, whole);
            route_row += 1;
        }
        for id in traced.routes.iter().flat_map(|route| &route.edges) {
            if let Some((row, link)) = graph.tie(*id) {
                trail.link(network, row, link);
            } else if let Some(edge) = graph.graph.edges().get(*id) {
                let (buyer, supplier) = (EntityId::new(edge.to), EntityId::new(edge.from));
                for link in cost.of(buyer).iter().filter(|link| link.supplier == supplier) {
                    trail.cost(cost, buyer, link);
                }
            }
        }
        if traced.ended == Ended::Most {
            let text = format!(
                "By {} there are more routes than listed; the remainder bounds what they carry.",
                traced.basis.name()
            );
            answer.caveat("more-routes", text, None);
        }
    }
    if traced[0].routes.is_empty() {
        answer.caveat("no-function-route", "No chain of needs that bind joins the two.", None);
    } else {
        let text = "Shares of routes through different products of one entity do not add up: the scarcest essential product sets the \
                    loss. The unknown part of a need goes on, and nobody turns to another vendor.";
        answer.caveat("scarcest-binds", text, None);
    }
    if cost.is_empty() {
        answer.caveat("no-costs", "The dataset has no costs here: there are no routes by cost.", None);
    } else if traced[1].routes.is_empty() {
        answer.caveat("no-cost-route", "No chain of known cost shares joins the two.", None);
    }
    trail.finish(view, answer);
}
