//! What hangs on whom, on two bases that are never mixed: what stops without it, and how much money ends there.

use std::fmt;
use std::str::FromStr;

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell, product_cell, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::graph::nearest;
use crate::model::{EntityId, ProductId};
use crate::network::{CostNetwork, Network};
use crate::propagation::functional::{Outcome, Settings, UnknownSupplier, propagate};

/// Exposure of one entity to all upstream of it, or of all downstream to one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Exposure {
    /// Whose exposure: everything upstream of this entity
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY", required_unless_present = "to"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Exposure to whom: everything downstream of this entity
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY", conflicts_with = "of"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// How many steps to list: a number, or all
    #[cfg_attr(feature = "cli", arg(long, default_value_t = Depth::All))]
    #[serde(skip_serializing_if = "Depth::is_all")]
    pub depth: Depth,
    /// Only entities of these kinds
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "KIND"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
}

/// How many steps upstream or downstream to list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Depth {
    /// As far as the chain goes.
    #[default]
    All,
    /// This many steps.
    Steps(u32),
}

impl Depth {
    fn is_all(&self) -> bool {
        *self == Self::All
    }

    fn reaches(self, tier: u32) -> bool {
        match self {
            Self::All => true,
            Self::Steps(most) => tier <= most,
        }
    }
}

impl FromStr for Depth {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self::All),
            _ => text.parse().map(Self::Steps).map_err(|_| "expected a number of steps, or all".to_string()),
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => write!(f, "all"),
            Self::Steps(steps) => write!(f, "{steps}"),
        }
    }
}

/// Below this a loss or a share is rounding.
const NOTICEABLE: f64 = 1e-12;

impl Analysis for Exposure {
    const CARD: Card = Card {
        name: "exposure",
        title: "Exposure along the chain",
        question: "What is each supplier at any tier to this entity: what stops without it, and how much money ends there?",
        definition: "Function: stop loss = 1 - φ of the customer when the supplier stops (φ = 0), where the scarcest \
                     essential input binds and suppliers of one product add up; the unknown part of a need goes on. Cost: face \
                     value W, look-through E = (I - W)^-1 - I, reach share R_ik = L_ik / L_kk, hidden ratio E / W.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes; intensities for costs.",
        assumptions: "Shares come down a ladder (stated, amounts, market shares, equal split); each answer counts the rungs. With \
                      replacement, customers turn to other vendors in proportion to their market shares, without limit unless \
                      spare capacity is known.",
        cost: "One cascade for each entity upstream, in parallel; two sparse solves for each entity with a cost share.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022 (function); Baldwin, Freeman and Theodorakopoulos, Hidden \
                    Exposure, Brookings Papers on Economic Activity, Fall 2023 (cost); Kemeny and Snell 1960 (reach share).",
        example: "linchpin exposure --of anthropic",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        match (&self.of, &self.to) {
            (Some(of), None) => self.upstream(view, view.graph.find_entity(of)?),
            (None, Some(to)) => self.downstream(view, view.graph.find_entity(to)?),
            _ => {
                let reason =
                    "expected either the entity whose exposure it is, or `to`, the one that others hang on";
                Err(AnalysisError::Invalid { parameter: "of", reason: reason.to_string() })
            }
        }
    }
}

/// One line of an exposure.
struct Line {
    entity: EntityId,
    tier: Option<u32>,
    stop_loss: f64,
    stop_loss_most: f64,
    replaced: f64,
    via: Option<ProductId>,
    cost: Option<CostLine>,
    converged: bool,
}

struct CostLine {
    face_value: f64,
    look_through: f64,
    reach_share: f64,
}

/// The cascades of one failing entity: as bounds, and with replacement.
struct Failure {
    low: Outcome,
    high: Outcome,
    replaced: Outcome,
}

impl Failure {
    fn of(network: &Network, entity: EntityId) -> Self {
        let run =
            |replacement, unknown| propagate(network, &[(entity, 1.0)], Settings { replacement, unknown });
        Self {
            low: run(false, UnknownSupplier::Unaffected),
            high: run(false, UnknownSupplier::LikeKnown),
            replaced: run(true, UnknownSupplier::Unaffected),
        }
    }

    fn line(&self, entity: EntityId, at: EntityId, tier: Option<u32>) -> Line {
        let loss = |outcome: &Outcome| 1.0 - outcome.functionality[at.index()];
        Line {
            entity,
            tier,
            stop_loss: loss(&self.low),
            stop_loss_most: loss(&self.high),
            replaced: loss(&self.replaced),
            via: self.low.binding[at.index()].or(self.high.binding[at.index()]),
            cost: None,
            converged: self.low.converged && self.high.converged && self.replaced.converged,
        }
    }
}

impl Exposure {
    fn upstream(&self, view: &View<'_>, of: EntityId) -> Result<Answer, AnalysisError> {
        let kinds = self.kinds(view)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let tiers = network.tiers_upstream(of);
        let row = solved(cost.leontief_row(of))?;
        let candidates: Vec<EntityId> = view
            .graph
            .entity_ids()
            .filter(|id| *id != of && (tiers[id.index()].is_some() || row[id.index()] > NOTICEABLE))
            .collect();
        let lines: Result<Vec<Line>, AnalysisError> = candidates
            .par_iter()
            .map(|entity| {
                let tier = tiers[entity.index()];
                let mut line = Failure::of(&network, *entity).line(*entity, of, tier);
                let look_through = row[entity.index()];
                if look_through > 0.0 {
                    let own = solved(cost.leontief_row(*entity))?[entity.index()];
                    let face_value = cost.face_value(of, *entity);
                    line.cost = Some(CostLine { face_value, look_through, reach_share: look_through / own });
                }
                Ok(line)
            })
            .collect();
        let name = view.graph.entity(of).name.clone();
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Exposure of {name}"),
            format!(
                "What does {name} hang on, at any tier: what stops without it, and how much money ends there?"
            ),
        );
        let cost_tiers = cost_tiers(&cost, of);
        let lines = self.select(view, lines?, &kinds, &cost_tiers);
        answer.tables.push(table(view, "exposure", "Exposure, by what stops first", &lines));
        answer.tables.push(bounds_table(view, &lines));
        self.say_upstream(view, of, &lines, &mut answer);
        self.finish(view, &network, &cost, &tiers, of, &lines, &mut answer);
        Ok(answer)
    }

    fn downstream(&self, view: &View<'_>, to: EntityId) -> Result<Answer, AnalysisError> {
        let kinds = self.kinds(view)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let tiers = network.tiers_downstream(to);
        let column = solved(cost.leontief_column(to))?;
        let own = column[to.index()];
        let failure = Failure::of(&network, to);
        let lines: Vec<Line> = view
            .graph
            .entity_ids()
            .filter(|id| *id != to && (tiers[id.index()].is_some() || column[id.index()] > NOTICEABLE))
            .map(|entity| {
                let mut line = failure.line(entity, entity, tiers[entity.index()]);
                let look_through = column[entity.index()];
                if look_through > 0.0 {
                    let face_value = cost.face_value(entity, to);
                    line.cost = Some(CostLine { face_value, look_through, reach_share: look_through / own });
                }
                line
            })
            .collect();
        let name = view.graph.entity(to).name.clone();
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Who hangs on {name}"),
            format!(
                "Who stops without {name}, through which product, and how much of whose money ends there?"
            ),
        );
        let cost_tiers = vec![None; view.graph.len()];
        let lines = self.select(view, lines, &kinds, &cost_tiers);
        answer.tables.push(table(view, "exposure", "Who hangs on it, by what stops first", &lines));
        answer.tables.push(bounds_table(view, &lines));
        self.say_downstream(view, to, &lines, &mut answer);
        self.finish(view, &network, &cost, &tiers, to, &lines, &mut answer);
        Ok(answer)
    }

    fn kinds(&self, view: &View<'_>) -> Result<Vec<usize>, AnalysisError> {
        let known = &view.graph.facts().kinds;
        let find = |key: &String| {
            known.iter().position(|kind| kind.key == *key).ok_or_else(|| {
                let near = nearest(key, known.iter().map(|kind| kind.key.as_str()));
                let hint = if near.is_empty() {
                    String::new()
                } else {
                    format!("; did you mean {}?", near.join(" or "))
                };
                AnalysisError::Invalid {
                    parameter: "kinds",
                    reason: format!("there is no kind {key:?}{hint}"),
                }
            })
        };
        self.kinds.iter().map(find).collect()
    }

    /// The lines that are asked for: by stop loss, then reach share, then key.
    fn select(
        &self,
        view: &View<'_>,
        mut lines: Vec<Line>,
        kinds: &[usize],
        cost_tiers: &[Option<u32>],
    ) -> Vec<Line> {
        for line in &mut lines {
            line.tier = line.tier.or(cost_tiers[line.entity.index()]);
        }
        lines.retain(|line| {
            let wanted = kinds.is_empty() || kinds.contains(&view.graph.entity(line.entity).kind);
            wanted && line.tier.is_none_or(|tier| self.depth.reaches(tier))
        });
        let reach = |line: &Line| line.cost.as_ref().map_or(0.0, |cost| cost.reach_share);
        // losses that differ by rounding count as equal, so that their order does not hang on it
        let rounded = |value: f64| (value * 1e12).round();
        lines.sort_by(|a, b| {
            rounded(b.stop_loss)
                .total_cmp(&rounded(a.stop_loss))
                .then(rounded(reach(b)).total_cmp(&rounded(reach(a))))
                .then(a.entity.cmp(&b.entity))
        });
        lines
    }

    fn say_upstream(&self, view: &View<'_>, of: EntityId, lines: &[Line], answer: &mut Answer) {
        let name = &view.graph.entity(of).name;
        let table = answer.tables[0].clone();
        let total: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].stop_loss > 1.0 - 1e-9).collect();
        if !total.is_empty() {
            let names: Vec<_> =
                total.iter().take(6).map(|at| view.graph.entity(lines[*at].entity).name.clone()).collect();
            let more = if total.len() > 6 { format!(" and {} more", total.len() - 6) } else { String::new() };
            let text = format!(
                "{name} stops altogether without any one of {} suppliers, at whatever tier: {}{more}.",
                total.len(),
                names.join(", ")
            );
            answer.findings.push(FindingBuilder::new(text).done());
        }
        let partial = (0..lines.len())
            .find(|at| lines[*at].stop_loss <= 1.0 - 1e-9 && lines[*at].stop_loss > NOTICEABLE);
        if let Some(at) = partial {
            let finding = FindingBuilder::new(format!(
                "Losing {} costs {name} ",
                view.graph.entity(lines[at].entity).name
            ))
            .cell(&table, at, "stop_loss")
            .words(" of its function, through ")
            .cell(&table, at, "via")
            .words("; ")
            .cell(&table, at, "stop_loss_replaced")
            .words(" if customers can turn to other vendors.");
            answer.findings.push(finding.done());
        }
        let hidden = (0..lines.len())
            .filter(|at| lines[*at].cost.as_ref().is_some_and(|c| c.face_value <= NOTICEABLE))
            .max_by(|a, b| {
                let value = |at: &usize| lines[*at].cost.as_ref().map_or(0.0, |c| c.look_through);
                value(a).total_cmp(&value(b)).then(b.cmp(a))
            });
        if let Some(at) = hidden {
            let finding = FindingBuilder::new(format!(
                "{name} pays {} nothing directly, but ",
                view.graph.entity(lines[at].entity).name
            ))
            .cell(&table, at, "reach_share")
            .words(" of its cost passes through it (look-through ")
            .cell(&table, at, "look_through")
            .words(").");
            answer.findings.push(finding.done());
        }
    }

    fn say_downstream(&self, view: &View<'_>, to: EntityId, lines: &[Line], answer: &mut Answer) {
        let name = &view.graph.entity(to).name;
        let table = answer.tables[0].clone();
        let stopped = lines.iter().filter(|line| line.stop_loss > 1.0 - 1e-9).count();
        let hit = lines.iter().filter(|line| line.stop_loss > NOTICEABLE).count();
        let text = format!(
            "If {name} stops and nobody replaces it, {hit} of the {} entities downstream lose function and {stopped} stop \
             altogether.",
            lines.len()
        );
        answer.findings.push(FindingBuilder::new(text).done());
        for at in (0..lines.len()).take(3).filter(|at| lines[*at].stop_loss > NOTICEABLE) {
            let finding = FindingBuilder::new(format!("{} loses ", view.graph.entity(lines[at].entity).name))
                .cell(&table, at, "stop_loss")
                .words(" of its function, through ")
                .cell(&table, at, "via")
                .words("; ")
                .cell(&table, at, "stop_loss_replaced")
                .words(" if customers can turn to other vendors.");
            answer.findings.push(finding.done());
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn finish(
        &self,
        view: &View<'_>,
        network: &Network,
        cost: &CostNetwork,
        tiers: &[Option<u32>],
        focus: EntityId,
        lines: &[Line],
        answer: &mut Answer,
    ) {
        let mut trail = Trail::default();
        let reached = |entity: EntityId| tiers[entity.index()].is_some();
        let upstream = self.of.is_some();
        for row in network.rows().iter().filter(|row| row.binds() && reached(row.entity)) {
            for link in network.suppliers(row).iter().filter(|link| upstream || reached(link.supplier)) {
                trail.origins(network.origins(link));
            }
        }
        for entity in lines.iter().filter(|line| line.cost.is_some()).map(|line| line.entity).chain([focus]) {
            for link in cost.of(entity) {
                trail.origins(cost.origins(link));
            }
        }
        say_weights(answer, network, network.rungs(|row| row.binds() && reached(row.entity)));
        let text = "Stop loss takes the unknown part of a need as unaffected; the table of bounds gives the loss \
                    if it is hit like the known part. With replacement, other vendors take over in proportion to their market shares, without \
                    limit unless their spare capacity is known.";
        answer.caveat("unknown-supplier", text, None);
        if cost.is_empty() {
            answer.caveat(
                "no-costs",
                "The dataset has no costs here: face value, look-through and reach share are empty.",
                None,
            );
        } else {
            let without = lines.iter().filter(|line| line.cost.is_none()).count();
            if without > 0 {
                let text = format!(
                    "{without} of {} entities have no known cost share: those cells are empty.",
                    lines.len()
                );
                answer.caveat("partial-costs", text, Some(without));
            }
        }
        if cost.scaled() > 0 {
            let text = format!(
                "Cost shares of {} buyers added up to more than the whole and were scaled down.",
                cost.scaled()
            );
            answer.caveat("scaled-costs", text, Some(cost.scaled()));
        }
        if network.rows().iter().all(|row| !row.binds()) {
            let text =
                "The dataset states no needs, so nothing can be said about function: stop losses are empty.";
            answer.caveat("no-needs", text, None);
        }
        if lines.iter().any(|line| !line.converged) {
            answer.status = AnswerStatus::NotConverged {
                residual: crate::propagation::functional::TOLERANCE,
                rounds: crate::propagation::functional::MOST_ROUNDS,
            };
        }
        trail.finish(view.graph, answer);
    }
}

fn solved(result: Result<Vec<f64>, crate::network::SolveError>) -> Result<Vec<f64>, AnalysisError> {
    result.map_err(|error| AnalysisError::NoData(error.to_string()))
}

/// Least number of steps upstream along cost shares.
fn cost_tiers(cost: &CostNetwork, of: EntityId) -> Vec<Option<u32>> {
    let mut tiers = vec![None; cost.len()];
    tiers[of.index()] = Some(0);
    let (mut front, mut steps) = (vec![of], 0);
    while !front.is_empty() {
        steps += 1;
        let mut next = Vec::new();
        for link in front.iter().flat_map(|entity| cost.of(*entity)) {
            let slot = &mut tiers[link.supplier.index()];
            if slot.is_none() {
                *slot = Some(steps);
                next.push(link.supplier);
            }
        }
        front = next;
    }
    tiers
}

fn table(view: &View<'_>, name: &str, title: &str, lines: &[Line]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "The other entity"),
        Column::new("tier", Unit::Count, "Least number of steps between the two, 1 or more"),
        Column::new(
            "stop_loss",
            Unit::Share,
            "Share of function lost if it stops and nobody replaces it, 0 to 1",
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
    let mut main = Table::new(name, title, columns);
    let any_function = lines.iter().any(|line| line.stop_loss > 0.0 || line.via.is_some());
    for line in lines {
        let function = |value: f64| if any_function { Cell::Number(value) } else { Cell::Empty };
        let cost = |get: fn(&CostLine) -> f64| {
            line.cost.as_ref().map_or(Cell::Empty, |cost| Cell::number(get(cost)))
        };
        main.rows.push(vec![
            entity_cell(view.graph, line.entity),
            Cell::number(line.tier.map(f64::from)),
            function(line.stop_loss),
            function(line.replaced),
            line.via.map_or(Cell::Empty, |product| product_cell(view.graph, product)),
            cost(|c| c.face_value),
            cost(|c| c.look_through),
            cost(|c| c.reach_share),
            cost(|c| if c.face_value > 0.0 { c.look_through / c.face_value } else { f64::INFINITY }),
        ]);
    }
    main
}

/// Stop losses whose size hangs on what the unknown suppliers do.
fn bounds_table(view: &View<'_>, lines: &[Line]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "The other entity"),
        Column::new(
            "stop_loss_low",
            Unit::Share,
            "Function lost if the unknown part of every need goes on, 0 to 1",
        ),
        Column::new("stop_loss_high", Unit::Share, "Function lost if it is hit like the known part, 0 to 1"),
    ];
    let title = "Stop losses that hang on unknown suppliers";
    let mut table = Table::new("bounds", title, columns);
    for line in lines.iter().filter(|line| line.stop_loss_most - line.stop_loss > 1e-9) {
        table.rows.push(vec![
            entity_cell(view.graph, line.entity),
            Cell::Number(line.stop_loss),
            Cell::Number(line.stop_loss_most),
        ]);
    }
    table
}
