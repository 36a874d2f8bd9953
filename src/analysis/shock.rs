//! What happens when something fails: the functional cascade, converged.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell, product_cell, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::EntityId;
use crate::network::Network;
use crate::propagation::functional::{Outcome, Settings, UnknownSupplier, propagate};

/// A shock carried through the chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Shock {
    /// What fails and how much of its function it loses: tsmc=0.5, or tsmc for all of it; may be repeated
    #[cfg_attr(feature = "cli", arg(long, required = true, value_name = "ENTITY=LOSS"))]
    pub fail: Vec<Failure>,
    /// Let customers turn to other vendors, in proportion to market shares
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// Take the unknown part of every need as hit like the known part
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pessimistic: bool,
}

/// An entity and the share of its function that it loses.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Failure {
    /// Key of the entity.
    pub entity: String,
    /// Share of function lost, 0 to 1.
    pub loss: f64,
}

impl FromStr for Failure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (entity, loss) = text.split_once('=').unwrap_or((text, "1"));
        let number = match loss.strip_suffix('%') {
            Some(percent) => percent.parse::<f64>().map(|p| p / 100.0),
            None => loss.parse::<f64>(),
        };
        match number {
            Ok(loss) if (0.0..=1.0).contains(&loss) && !entity.is_empty() => {
                Ok(Self { entity: entity.to_string(), loss })
            }
            _ => Err(format!(
                "{text:?}: expected an entity and a loss between 0 and 1, as in tsmc=0.5 or tsmc=50%"
            )),
        }
    }
}

impl TryFrom<String> for Failure {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Failure> for String {
    fn from(failure: Failure) -> Self {
        failure.to_string()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.entity, self.loss)
    }
}

/// Below this a loss is rounding.
const NOTICEABLE: f64 = 1e-12;

impl Analysis for Shock {
    const CARD: Card = Card {
        name: "shock",
        title: "A shock and whom it reaches",
        question: "What happens when something fails: who loses how much function, in which round, for want of what?",
        definition: "φ_i = min(1 - shock_i, min over essential products p of Σ_j s_ipj φ_j, 1 - Σ over important p of d_p \
                     (1 - Σ_j s_ipj φ_j)), all at once, until nothing moves. Loss = 1 - φ.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes.",
        assumptions: "No stocks, no time: rounds are steps along the chain, not days. Without --replace nobody turns to another \
                      vendor; without --pessimistic the unknown part of a need goes on.",
        cost: "For each round the needs of the customers of those that changed.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022, downstream channel, on inputs by product.",
        example: "linchpin shock --fail tsmc=0.5",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let mut shocks: Vec<(EntityId, f64)> = Vec::new();
        for failure in &self.fail {
            let entity = view.graph.find_entity(&failure.entity)?;
            if shocks.iter().any(|(known, _)| *known == entity) {
                let reason = format!("{} is given twice", failure.entity);
                return Err(AnalysisError::Invalid { parameter: "fail", reason });
            }
            shocks.push((entity, failure.loss));
        }
        if shocks.is_empty() {
            let reason = "expected at least one entity that fails".to_string();
            return Err(AnalysisError::Invalid { parameter: "fail", reason });
        }
        let network = Network::build(view.graph, &view.scope);
        let unknown = if self.pessimistic { UnknownSupplier::LikeKnown } else { UnknownSupplier::Unaffected };
        let outcome = propagate(&network, &shocks, Settings { replacement: self.replace, unknown });
        let mut answer = Answer::new(Self::CARD.name, self.title(view, &shocks), self.asked(view, &shocks));
        let order = order(&outcome);
        answer.tables.push(table(view, &outcome, &order));
        answer.tables.push(by_kind(view, &outcome));
        self.say(view, &shocks, &outcome, &order, &mut answer);
        self.caveats(view, &network, &outcome, &mut answer);
        Ok(answer)
    }
}

/// Everyone who lost function, most first, ties in the order of their keys.
fn order(outcome: &Outcome) -> Vec<EntityId> {
    let loss = |id: &EntityId| 1.0 - outcome.functionality[id.index()];
    let all = (0..outcome.functionality.len()).map(EntityId::new);
    let mut hit: Vec<EntityId> = all.filter(|id| loss(id) > NOTICEABLE).collect();
    let rounded = |id: &EntityId| (loss(id) * 1e12).round();
    hit.sort_by(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.cmp(b)));
    hit
}

fn table(view: &View<'_>, outcome: &Outcome, order: &[EntityId]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new("functionality", Unit::Share, "Actual over normal, 0 to 1"),
        Column::new("loss", Unit::Share, "1 - functionality, 0 to 1"),
        Column::new(
            "round_first_hit",
            Unit::Count,
            "Round of the first loss; 0 for the shock itself; rounds are not days",
        ),
        Column::new(
            "binding_input",
            Unit::Text,
            "The product whose shortage limits it; empty for the shock itself",
        ),
    ];
    let mut table = Table::new("shock", "Who is hit", columns);
    for id in order {
        let level = outcome.functionality[id.index()];
        table.rows.push(vec![
            entity_cell(view.graph, *id),
            Cell::Number(level),
            Cell::Number(1.0 - level),
            Cell::number(outcome.first_hit[id.index()].map(f64::from)),
            outcome.binding[id.index()].map_or(Cell::Empty, |product| product_cell(view.graph, product)),
        ]);
    }
    table
}

fn by_kind(view: &View<'_>, outcome: &Outcome) -> Table {
    let columns = vec![
        Column::new("kind", Unit::Text, "Kind of entity"),
        Column::new("entities", Unit::Count, "How many there are"),
        Column::new("hit", Unit::Count, "How many lose function"),
        Column::new("stopped", Unit::Count, "How many stop altogether"),
        Column::new("mean_loss", Unit::Share, "Mean loss over all of the kind, each counted once"),
    ];
    let mut table = Table::new("kinds", "Losses by kind", columns);
    for (at, kind) in view.graph.facts().kinds.iter().enumerate() {
        let members = view.graph.entity_ids().filter(|id| view.graph.entity(*id).kind == at);
        let losses: Vec<f64> = members.map(|id| 1.0 - outcome.functionality[id.index()]).collect();
        let hit = losses.iter().filter(|loss| **loss > NOTICEABLE).count();
        if hit > 0 {
            let stopped = losses.iter().filter(|loss| **loss > 1.0 - 1e-9).count();
            table.rows.push(vec![
                Cell::text(&kind.name),
                Cell::Number(losses.len() as f64),
                Cell::Number(hit as f64),
                Cell::Number(stopped as f64),
                Cell::Number(losses.iter().sum::<f64>() / losses.len() as f64),
            ]);
        }
    }
    table
}

impl Shock {
    fn title(&self, view: &View<'_>, shocks: &[(EntityId, f64)]) -> String {
        let names: Vec<_> = shocks.iter().map(|(id, _)| view.graph.entity(*id).name.as_str()).collect();
        format!("Shock: {}", names.join(", "))
    }

    fn asked(&self, view: &View<'_>, shocks: &[(EntityId, f64)]) -> String {
        let name = |id: &EntityId| view.graph.entity(*id).name.clone();
        let parts: Vec<String> = shocks
            .iter()
            .map(|(id, loss)| format!("{} loses {:.0} % of its function", name(id), loss * 100.0))
            .collect();
        format!("What happens if {}?", parts.join(" and "))
    }

    fn say(
        &self,
        view: &View<'_>,
        shocks: &[(EntityId, f64)],
        outcome: &Outcome,
        order: &[EntityId],
        answer: &mut Answer,
    ) {
        let table = answer.tables[0].clone();
        let shocked = |id: &EntityId| shocks.iter().any(|(hit, _)| hit == id);
        let others: Vec<usize> = (0..order.len()).filter(|at| !shocked(&order[*at])).collect();
        let stopped = others.iter().filter(|at| outcome.functionality[order[**at].index()] < 1e-9).count();
        let ends = others.iter().filter(|at| view.graph.kind_of(order[**at]) == "lab");
        let mut named: Vec<usize> = ends.take(3).copied().collect();
        if named.is_empty() {
            named = others.iter().take(3).copied().collect();
        }
        if !named.is_empty() {
            let what: Vec<String> = shocks
                .iter()
                .map(|(id, loss)| format!("{} loses {:.0} %", view.graph.entity(*id).name, loss * 100.0))
                .collect();
            let mut finding = FindingBuilder::new(format!("If {}, ", what.join(" and ")));
            for (place, at) in named.iter().enumerate() {
                let link = match (place, named.len()) {
                    (0, _) => "",
                    (place, all) if place + 1 == all => " and ",
                    _ => ", ",
                };
                finding = finding
                    .words(format!("{link}{} loses ", view.graph.entity(order[*at]).name))
                    .cell(&table, *at, "loss")
                    .words(" for want of ")
                    .cell(&table, *at, "binding_input");
            }
            answer.findings.push(finding.words(".").done());
        }
        let reach = format!(
            "Beside what fails itself, {} entities lose function and {stopped} of them stop, within {} rounds along the chain.",
            others.len(),
            outcome.rounds
        );
        answer.findings.push(FindingBuilder::new(reach).done());
    }

    fn caveats(&self, view: &View<'_>, network: &Network, outcome: &Outcome, answer: &mut Answer) {
        let hit = |id: EntityId| outcome.functionality[id.index()] < 1.0 - NOTICEABLE;
        let mut trail = Trail::default();
        for row in network.rows().iter().filter(|row| row.binds() && hit(row.entity)) {
            for link in network.suppliers(row).iter().filter(|link| hit(link.supplier)) {
                trail.origins(network.origins(link));
            }
        }
        say_weights(answer, network, network.rungs(|row| row.binds() && hit(row.entity)));
        let unknown = if self.pessimistic {
            "The part of a need whose supplier is unknown is taken as hit like the known part: losses are upper bounds."
        } else {
            "The part of a need whose supplier is unknown is taken as unaffected: losses are lower bounds (--pessimistic gives \
             the upper)."
        };
        answer.caveat("unknown-supplier", unknown, None);
        let replace = if self.replace {
            "Customers turn to other vendors in proportion to market shares, without limit unless spare capacity is known."
        } else {
            "Nobody turns to another vendor (--replace lets them)."
        };
        answer.caveat("replacement", replace, None);
        let text = format!(
            "Converged in {} rounds, last change {:.1e}. Rounds are not days.",
            outcome.rounds, outcome.residual
        );
        if outcome.converged {
            answer.caveat("rounds", text, Some(outcome.rounds));
        } else {
            answer.status = AnswerStatus::NotConverged { residual: outcome.residual, rounds: outcome.rounds };
        }
        trail.finish(view.graph, answer);
    }
}
