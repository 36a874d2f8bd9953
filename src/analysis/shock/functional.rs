//! The functional cascade, converged: loss of function downstream, by product.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::rows::left_out;
use super::super::trail::{Trail, Upon, entity_cell, product_cell, say_weights};
use super::super::{AnalysisError, View};
use super::strike::Struck;
use super::{Asked, BackWords, Backwards, ModelCard, Shock, ShockModel, Support, explain};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::EntityId;
use crate::network::{NeedRow, Network};
use crate::order::Arrange;
use crate::propagation::functional::{Outcome, Settings, UnknownSupplier, propagate_blow};
use crate::propagation::target::FunctionalTarget;
use crate::scenario::{EffectKind, Place};

/// The functional cascade.
pub struct Functional;

/// Shocks that a finding spells out; of more it gives the title.
const SPELT: usize = 3;
/// Below this a loss is rounding.
const NOTICEABLE: f64 = 1e-12;

impl ShockModel for Functional {
    const CARD: ModelCard = ModelCard {
        name: "functional",
        question: "Who loses how much function, and for want of which product?",
        equations: "φ_i = min(1 - shock_i, min over essential products p of Σ_j s_ipj φ_j (1 - cut_ipj), 1 - Σ over important p \
                    of d_p (1 - Σ_j s_ipj φ_j (1 - cut_ipj))), all at once, until nothing moves. Several shocks on one thing \
                    multiply what is left of it.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes.",
        assumptions: "No stocks, no time. Only suppliers' failures pass on; lost customers do not.",
        cost: "For each round the needs of the customers of those that changed.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022, downstream channel, on inputs by product.",
        options: &["replace", "pessimistic", "causes"],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        match (kind, place) {
            (EffectKind::CapacityLoss | EffectKind::SupplyCut | EffectKind::Failure, _) => Support::Native,
            (EffectKind::DemandChange, _) => {
                Support::Rejected("function is lost downstream; lost demand runs upstream")
            }
            (EffectKind::PrimaryInputChange | EffectKind::PriceChange, _) => {
                Support::Rejected("it knows what works, not what it costs")
            }
            (EffectKind::EquityLoss, _) => Support::Rejected("it knows what works, not what it is worth"),
        }
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let view = asked.view;
        let network = Network::build(view.graph, &view.scope);
        let blow = Struck::new(view, &network, asked.hits)?;
        let outcome = propagate_blow(&network, &blow.blow(), settings(asked.params));
        let shocks = &blow.losses;
        let mut answer = Answer::new("shock", title(asked, shocks), self::asked(asked, shocks));
        let order = order(&outcome);
        answer.tables.push(table(view, &outcome, &order));
        answer.tables.push(by_kind(view, &outcome));
        say(asked, shocks, &outcome, &order, &mut answer);
        caveats(asked, &network, &outcome, &order, &mut answer);
        for (code, text) in &blow.notes {
            answer.caveat(code, text, None);
        }
        if asked.params.causes {
            explain::add(asked, &network, &blow, &outcome, &order, &mut answer)?;
        }
        Ok(answer)
    }

    fn backwards(view: &View<'_>, params: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        let network = Network::build(view.graph, &view.scope);
        let said = upstream_said(view, params, &network, members);
        let target = FunctionalTarget::new(Cow::Owned(network), settings(params), members.to_vec());
        Ok(Backwards { target: Box::new(target), said, words: BackWords::SUPPLIERS })
    }
}

/// What the answer to a question asked backwards rests on: everything upstream of the target.
pub(in crate::analysis) fn upstream_said(
    view: &View<'_>,
    params: &Shock,
    network: &Network,
    members: &[EntityId],
) -> Answer {
    let mut said = Answer::new("", "", "");
    let mut reached = vec![false; network.len()];
    for member in members {
        let tiers = network.tiers_upstream(*member);
        reached.iter_mut().zip(tiers).for_each(|(reached, tier)| *reached |= tier.is_some());
    }
    let counts = |row: &NeedRow| row.binds() && reached.get(row.entity.index()).copied().unwrap_or_default();
    let mut trail = Trail::default();
    for row in network.rows().iter().filter(|row| counts(row)) {
        network.suppliers(row).iter().for_each(|link| trail.link(network, row, link));
    }
    // all ties that are collected lie upstream of the target, so following them from who fails stays on the ways to it
    trail.reach(["sets", "distance", "suppliers"], Reach::Downstream);
    say_weights(&mut said, network, network.rungs(counts));
    say_settings(params, &mut said);
    trail.finish(view, &mut said);
    said
}

/// How the parameters ask for the shock to be carried.
pub(in crate::analysis) fn settings(params: &Shock) -> Settings {
    let unknown = if params.pessimistic { UnknownSupplier::LikeKnown } else { UnknownSupplier::Unaffected };
    Settings { replacement: params.replace, unknown }
}

/// Everyone who lost function, most first, ties in the order of their keys.
fn order(outcome: &Outcome) -> Vec<EntityId> {
    let loss = |id: &EntityId| 1.0 - outcome.functionality[id.index()];
    let all = (0..outcome.functionality.len()).map(EntityId::new);
    let mut hit: Vec<EntityId> = all.filter(|id| loss(id) > NOTICEABLE).collect();
    let rounded = |id: &EntityId| (loss(id) * 1e12).round();
    hit.arrange(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.cmp(b)));
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
    // whoever is not hit works as usual; a round of a loss that never came there is not
    table.left_out = Some(left_out(view.graph, &[("functionality", 1.0), ("loss", 0.0)]));
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

fn title(asked: &Asked<'_>, shocks: &[(EntityId, f64)]) -> String {
    let view = asked.view;
    if !asked.hits.title.is_empty() {
        return asked.hits.title.clone();
    }
    let names: Vec<_> = shocks.iter().map(|(id, _)| view.graph.entity(*id).name.as_str()).collect();
    format!("Shock: {}", names.join(", "))
}

fn asked(asked: &Asked<'_>, shocks: &[(EntityId, f64)]) -> String {
    let view = asked.view;
    if !asked.hits.title.is_empty() {
        return format!("What happens if {}?", asked.hits.words.join(", and "));
    }
    let name = |id: &EntityId| view.graph.entity(*id).name.clone();
    let parts: Vec<String> = shocks
        .iter()
        .map(|(id, loss)| format!("{} loses {:.0} % of its function", name(id), loss * 100.0))
        .collect();
    format!("What happens if {}?", parts.join(" and "))
}

fn say(
    asked: &Asked<'_>,
    shocks: &[(EntityId, f64)],
    outcome: &Outcome,
    order: &[EntityId],
    answer: &mut Answer,
) {
    let view = asked.view;
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
        let single = |(id, loss): &(EntityId, f64)| {
            format!("{} loses {:.0} %", view.graph.entity(*id).name, loss * 100.0)
        };
        let what: Vec<String> = match asked.hits.title.is_empty() {
            true => shocks.iter().map(single).collect(),
            false => asked.hits.words.clone(),
        };
        let start = match what.len() {
            1..=SPELT => format!("If {}, ", what.join(" and ")),
            _ => format!("{}: ", asked.hits.title),
        };
        let mut finding = FindingBuilder::new(start);
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
    let reach = reach(others.len(), stopped, outcome.rounds);
    let finding = FindingBuilder::new("Beside what fails itself, ").cell(&reach, 0, "hit");
    let finding = finding.words(if others.len() == 1 {
        " entity loses function and "
    } else {
        " entities lose function and "
    });
    let finding = match stopped {
        0 => finding.words("none stops"),
        1 => finding.cell(&reach, 0, "stopped").words(" of them stops"),
        _ => finding.cell(&reach, 0, "stopped").words(" of them stop"),
    };
    let finding = finding.words(", within ").cell(&reach, 0, "rounds").words(" rounds along the chain.");
    answer.findings.push(finding.done());
    answer.tables.push(reach);
}

/// How far the shock goes, in a row.
fn reach(hit: usize, stopped: usize, rounds: usize) -> Table {
    let columns = vec![
        Column::new(
            "hit",
            Unit::Count,
            "Entities that lose function beside those that the shock hits itself",
        ),
        Column::new("stopped", Unit::Count, "Those of them that stop altogether"),
        Column::new("rounds", Unit::Count, "Rounds until nothing moved; rounds are not days"),
    ];
    let mut table = Table::new("reach", "Reach", columns);
    table.rows.push([hit, stopped, rounds].map(|number| Cell::Number(number as f64)).to_vec());
    table
}

fn caveats(asked: &Asked<'_>, network: &Network, outcome: &Outcome, order: &[EntityId], answer: &mut Answer) {
    let (view, params) = (asked.view, asked.params);
    let hit = |id: EntityId| outcome.functionality[id.index()] < 1.0 - NOTICEABLE;
    let mut trail = Trail::default();
    for row in network.rows().iter().filter(|row| row.binds() && hit(row.entity)) {
        for link in network.suppliers(row).iter().filter(|link| hit(link.supplier)) {
            trail.link(network, row, link);
        }
    }
    let hit_itself = "the shock itself, or a loss that is supposed";
    let mut kinds: BTreeMap<usize, Upon> = BTreeMap::new();
    for (row, id) in order.iter().enumerate() {
        let upon = Upon::passing(network, outcome, *id);
        let of_kind = kinds.entry(view.graph.entity(*id).kind).or_default();
        *of_kind = std::mem::take(of_kind).and(upon.clone().without_parts());
        trail.row("shock", row, upon.or_nothing(hit_itself));
    }
    // the kinds of those hit, in the order of the dataset, are the rows of their table
    for (row, upon) in kinds.into_values().enumerate() {
        trail.row("kinds", row, upon.or_nothing(hit_itself));
    }
    // all ties that are collected are between those hit
    trail.reach(["by-shock", "by-supplier"], Reach::Upstream);
    say_weights(answer, network, network.rungs(|row| row.binds() && hit(row.entity)));
    say_settings(params, answer);
    let text = format!(
        "Converged in {} rounds, last change {:.1e}. Rounds are not days.",
        outcome.rounds, outcome.residual
    );
    if outcome.converged {
        answer.caveat("rounds", text, Some(outcome.rounds));
    } else {
        answer.status = AnswerStatus::NotConverged { residual: outcome.residual, rounds: outcome.rounds };
    }
    trail.finish(view, answer);
}

/// What is supposed of unknown suppliers and of other vendors.
fn say_settings(params: &Shock, answer: &mut Answer) {
    let unknown = if params.pessimistic {
        "The part of a need whose supplier is unknown is taken as hit like the known part: losses are upper bounds."
    } else {
        "The part of a need whose supplier is unknown is taken as unaffected: losses are lower bounds (--pessimistic gives \
         the upper)."
    };
    answer.caveat("unknown-supplier", unknown, None);
    let replace = if params.replace {
        "Customers turn to other vendors in proportion to market shares, without limit unless spare capacity is known."
    } else {
        "Nobody turns to another vendor (--replace lets them)."
    };
    answer.caveat("replacement", replace, None);
}
