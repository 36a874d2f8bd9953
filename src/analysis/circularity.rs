//! How much of the money that leaves an entity comes back to it, and through whom.

mod solve;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::graph::nearest;
use crate::model::{EntityId, PartialDate, Status};
use crate::network::{Flows, Layer};
use crate::scope::Scope;
use crate::structure::{Digraph, Edge, simple_cycles};

/// Circular finance in a scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Circularity {
    /// Only these layers: equity, debt, or products that are paid for
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "LAYER"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    /// Years over which sums that are paid once are spread
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 4.0))]
    pub spread: f64,
    /// Term supposed where a commitment states none, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 7.0))]
    pub supposed_term: f64,
    /// Keep businesses apart from the groups that control them
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub separate: bool,
    /// Longest cycle that is listed, in payments
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 6))]
    pub longest: usize,
    /// Most cycles that are listed
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 200))]
    pub cycles: usize,
}

impl Default for Circularity {
    fn default() -> Self {
        Self { layers: Vec::new(), spread: 4.0, supposed_term: 7.0, separate: false, longest: 6, cycles: 200 }
    }
}

impl Analysis for Circularity {
    const CARD: Card = Card {
        name: "circularity",
        title: "Circular finance",
        question: "How much of the money that leaves an entity comes back to it, and through whom?",
        definition: "P = payments / throughflow of the payer, N = (I - P)^-1. Return share = 1 - 1/N_ii: the expected part of a dollar that \
                     leaves i and comes back to i through anyone. Finn cycling index = Σ T_i (1 - 1/N_ii) / Σ T_i, with T the throughflow \
                     (the larger of money received and money paid). Funded share of i's revenue = the part that traces back to \
                     investment by i itself, or by others of its kind.",
        reads: "`Invests`, `Finances`, `Commits`, `Supplies` with money; `Revenue`, whose unexplained part comes from outside; bulk `Flows`.",
        assumptions: "Dollars mix in every account, so a share of flow is not proof of round-tripping. Sums paid once are spread over --spread \
                      years, commitments over their term or --supposed-term. What leaves the dataset does not come back.",
        cost: "One sparse solve for each entity; listing of cycles is capped by length, number and steps.",
        reference: "Finn, Journal of Theoretical Biology 56:363, 1976; Allesina and Ulanowicz, Computational Biology and Chemistry 28:227, 2004 \
                    (the index misses some cycling: a lower measure). Borrowed from ecology.",
        example: "linchpin circularity",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        for (parameter, years) in [("spread", self.spread), ("supposed-term", self.supposed_term)] {
            if !(years > 0.0 && years.is_finite()) {
                let reason = "expected a positive number of years".to_string();
                return Err(AnalysisError::Invalid { parameter, reason });
            }
        }
        let flows = self.flows(view, &view.scope)?;
        if flows.payments.is_empty() {
            return Err(AnalysisError::NoData(
                "no payments between entities are known in the scope".to_string(),
            ));
        }
        let mut answer = Answer::new(Self::CARD.name, Self::CARD.title, Self::CARD.question);
        let measured = Measured::new(&flows);
        answer.tables.push(main_table(view, &measured));
        answer.tables.push(index_table(&measured));
        answer.tables.push(self.funding_table(view, &flows, &measured));
        answer.tables.push(self.layer_table(view)?);
        let found = named_cycles(&flows, self.longest, self.cycles);
        answer.tables.push(cycle_table(view, &flows, &found));
        if found.truncated {
            answer.status = AnswerStatus::Truncated {
                reason: format!(
                    "listing of cycles stopped at {} cycles of up to {} payments; return shares and the index are complete",
                    found.cycles.len(),
                    self.longest
                ),
            };
        }
        self.say(view, &measured, &mut answer);
        self.caveats(view, &flows, &mut answer);
        let mut trail = Trail::default();
        flows.payments.iter().filter_map(|payment| payment.relation).for_each(|id| trail.relation(id));
        trail.finish(view.graph, &mut answer);
        Ok(answer)
    }
}

/// Throughflow and return share of every entity, and the index of the whole.
struct Measured {
    throughflow: Vec<f64>,
    return_share: Vec<f64>,
    index: f64,
}

impl Measured {
    fn new(flows: &Flows) -> Self {
        let throughflow = flows.throughflow();
        let return_share = solve::return_shares(&flows.transition());
        let total: f64 = throughflow.iter().sum();
        let cycled: f64 = throughflow.iter().zip(&return_share).map(|(t, r)| t * r).sum();
        Self { throughflow, return_share, index: if total > 0.0 { cycled / total } else { 0.0 } }
    }

    /// Entities through which money passes, by what comes back to them.
    fn order(&self) -> Vec<EntityId> {
        let mut all: Vec<usize> =
            (0..self.throughflow.len()).filter(|at| self.throughflow[*at] > 0.0).collect();
        let rounded = |at: &usize| (self.return_share[*at] * 1e12).round();
        all.sort_by(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.cmp(b)));
        all.into_iter().map(EntityId::new).collect()
    }
}

impl Circularity {
    fn flows(&self, view: &View<'_>, scope: &Scope) -> Result<Flows, AnalysisError> {
        let mut flows = Flows::collect(view.graph, scope, self.spread, self.supposed_term, !self.separate);
        if !self.layers.is_empty() {
            let wanted: Result<Vec<Layer>, AnalysisError> =
                self.layers.iter().map(|name| layer(view, name)).collect();
            let wanted = wanted?;
            flows.payments.retain(|payment| wanted.contains(&payment.layer));
        }
        Ok(flows)
    }

    /// The index with each layer left out, and with softer and harder statuses.
    fn layer_table(&self, view: &View<'_>) -> Result<Table, AnalysisError> {
        let columns = vec![
            Column::new("case", Unit::Text, "Which payments count"),
            Column::new("payments", Unit::Count, "How many there are"),
            Column::new("money", Unit::UsdPerYear, "What they add up to, dollars a year"),
            Column::new("cycling_index", Unit::Share, "Finn cycling index, 0 to below 1"),
        ];
        let mut table = Table::new("cases", "The cycling index by layer and status", columns);
        let mut push = |name: String, flows: &Flows| {
            let money = flows.payments.iter().map(|payment| payment.amount).sum();
            let index = if flows.payments.is_empty() {
                Cell::Empty
            } else {
                Cell::Number(Measured::new(flows).index)
            };
            let count = Cell::Number(flows.payments.len() as f64);
            table.rows.push(vec![Cell::text(name), count, Cell::Number(money), index]);
        };
        let flows = self.flows(view, &view.scope)?;
        push("all that the scope counts".to_string(), &flows);
        let mut layers: Vec<Layer> = flows.payments.iter().map(|payment| payment.layer).collect();
        layers.sort_unstable();
        layers.dedup();
        for left_out in layers.iter().filter(|_| layers.len() > 1) {
            let mut rest = flows.clone();
            rest.payments.retain(|payment| payment.layer != *left_out);
            push(format!("without {}", layer_name(view, *left_out)), &rest);
        }
        let firm = vec![Status::Funded, Status::Delivered];
        let soft = vec![Status::Announced, Status::Intent, Status::Signed, Status::Funded, Status::Delivered];
        for (name, status) in
            [("delivered and funded only", firm), ("with announced and intended deals", soft)]
        {
            if view.scope.status != status {
                push(name.to_string(), &self.flows(view, &Scope { status, ..view.scope.clone() })?);
            }
        }
        Ok(table)
    }

    /// Which part of a seller's revenue traces back to its own or its peers' investment.
    fn funding_table(&self, view: &View<'_>, flows: &Flows, measured: &Measured) -> Table {
        let columns = vec![
            Column::new("entity", Unit::Text, "Who sells"),
            Column::new(
                "revenue",
                Unit::UsdPerYear,
                "What it receives for sales, what comes from outside included",
            ),
            Column::new(
                "funded_by_own",
                Unit::Share,
                "Part that traces back to equity and debt from itself or its group, 0 to 1",
            ),
            Column::new(
                "funded_by_peers",
                Unit::Share,
                "Part that traces back to others of its kind, 0 to 1",
            ),
        ];
        let mut table = Table::new("funding", "Revenue that investment has paid for", columns);
        let group = |id: EntityId| view.graph.ultimate_owner(id, &view.scope);
        let mut rows = Vec::new();
        for id in measured.order() {
            let sales: Vec<_> = flows
                .payments
                .iter()
                .filter(|p| p.to == id && matches!(p.layer, Layer::Product(_)))
                .collect();
            let revenue = sales.iter().map(|p| p.amount).sum::<f64>() + flows.inflow[id.index()];
            if sales.is_empty() || revenue <= 0.0 {
                continue;
            }
            let kind = view.graph.entity(id).kind;
            let own = |payer: EntityId| group(payer) == group(id);
            let peer = |payer: EntityId| !own(payer) && view.graph.entity(payer).kind == kind;
            let funded = |is_funder: &dyn Fn(EntityId) -> bool| {
                let share = solve::funded(flows, &measured.throughflow, is_funder);
                sales.iter().map(|sale| sale.amount * share[sale.from.index()]).sum::<f64>() / revenue
            };
            let (by_own, by_peers) = (funded(&own), funded(&peer));
            if by_own > 1e-12 || by_peers > 1e-12 {
                rows.push((id, revenue, by_own, by_peers));
            }
        }
        rows.sort_by(|a, b| {
            let rounded = |share: f64| (share * 1e12).round();
            rounded(b.2).total_cmp(&rounded(a.2)).then(a.0.cmp(&b.0))
        });
        for (id, revenue, own, peers) in rows {
            let cells = [Cell::Number(revenue), Cell::Number(own), Cell::Number(peers)];
            table.rows.push([entity_cell(view.graph, id)].into_iter().chain(cells).collect());
        }
        table
    }

    fn say(&self, view: &View<'_>, measured: &Measured, answer: &mut Answer) {
        let (main, index) = (answer.tables[0].clone(), answer.tables[1].clone());
        let funding = answer.tables[2].clone();
        let finding = FindingBuilder::new("Of all money that passes the entities of the dataset in a year (")
            .cell(&index, 0, "throughflow")
            .words("), ")
            .cell(&index, 0, "cycling_index")
            .words(" returns to where it came from (Finn cycling index).");
        answer.findings.push(finding.done());
        for at in (0..main.rows.len())
            .take(3)
            .filter(|at| main.number(*at, "return_share").is_some_and(|r| r > 1e-9))
        {
            let name = view.graph.entity(measured.order()[at]).name.clone();
            let finding = FindingBuilder::new("Of a dollar that leaves ")
                .words(&name)
                .words(", ")
                .cell(&main, at, "return_share")
                .words(" is expected to come back to it through others.");
            answer.findings.push(finding.done());
        }
        let telling = |at: &usize| funding.number(*at, "funded_by_own").is_some_and(|share| share >= 0.001);
        for at in (0..funding.rows.len()).take(2).filter(telling) {
            let finding = FindingBuilder::new("")
                .cell(&funding, at, "funded_by_own")
                .words(" of the revenue of ")
                .cell(&funding, at, "entity")
                .words(" (")
                .cell(&funding, at, "revenue")
                .words(") traces back to equity or debt that it put into others itself; ")
                .cell(&funding, at, "funded_by_peers")
                .words(" to that of its peers.");
            answer.findings.push(finding.done());
        }
    }

    fn caveats(&self, view: &View<'_>, flows: &Flows, answer: &mut Answer) {
        let text = "Money mixes in every account: a return share says how much of the flow closes, not that a deal was made for it.";
        answer.caveat("mixed-dollars", text, None);
        let text = format!(
            "Sums paid once (investments, loans, one-off orders) are spread over {} years.",
            self.spread
        );
        answer.caveat("spread", text, None);
        if !self.separate && view.graph.facts().meta.tables.is_empty() {
            let text =
                "A business that a group controls is on the group's account (--separate keeps them apart).";
            answer.caveat("consolidated", text, None);
        }
        if flows.supposed_terms > 0 {
            let text = format!(
                "{} commitments state no term; {} years are supposed.",
                flows.supposed_terms, self.supposed_term
            );
            answer.caveat("supposed-terms", text, Some(flows.supposed_terms));
        }
        if flows.unpriced > 0 {
            let text = format!("{} deals state no money and are left out.", flows.unpriced);
            answer.caveat("unpriced", text, Some(flows.unpriced));
        }
        let sellers: Vec<EntityId> = view
            .graph
            .entity_ids()
            .filter(|id| flows.payments.iter().any(|p| p.to == *id) && !flows.topped_up.contains(id))
            .collect();
        if !sellers.is_empty() && view.graph.facts().meta.tables.is_empty() {
            let text = format!(
                "{} entities that are paid state no revenue, so nothing comes to them from outside: their return shares are upper ends.",
                sellers.len()
            );
            answer.caveat("no-end-demand", text, Some(sellers.len()));
        }
    }
}

/// The layer of a name, or which names there are.
fn layer(view: &View<'_>, name: &str) -> Result<Layer, AnalysisError> {
    match name {
        "equity" => Ok(Layer::Equity),
        "debt" => Ok(Layer::Debt),
        product => view.graph.find_product(product).map(Layer::Product).map_err(|_| {
            let products = view.graph.facts().products.iter().map(|p| p.key.as_str());
            let near = nearest(product, products.chain(["equity", "debt"]));
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(" or "))
            };
            let reason = format!("there is no layer {product:?}: expected equity, debt or a product{hint}");
            AnalysisError::Invalid { parameter: "layers", reason }
        }),
    }
}

fn layer_name(view: &View<'_>, layer: Layer) -> String {
    match layer {
        Layer::Equity => "equity".to_string(),
        Layer::Debt => "debt".to_string(),
        Layer::Product(product) => view.graph.product(product).name.clone(),
        Layer::Unspecified => "unspecified".to_string(),
    }
}

fn main_table(view: &View<'_>, measured: &Measured) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who pays and is paid"),
        Column::new(
            "throughflow",
            Unit::UsdPerYear,
            "The larger of money received and money paid in a year, dollars",
        ),
        Column::new(
            "return_share",
            Unit::Share,
            "Expected part of a dollar leaving it that comes back, 0 to 1",
        ),
    ];
    let mut table = Table::new("circularity", "What comes back", columns);
    for id in measured.order() {
        let cells =
            [Cell::Number(measured.throughflow[id.index()]), Cell::Number(measured.return_share[id.index()])];
        table.rows.push([entity_cell(view.graph, id)].into_iter().chain(cells).collect());
    }
    table
}

fn index_table(measured: &Measured) -> Table {
    let columns = vec![
        Column::new("throughflow", Unit::UsdPerYear, "Money that passes all entities in a year, dollars"),
        Column::new("cycling_index", Unit::Share, "Finn cycling index, 0 to below 1"),
    ];
    let mut table = Table::new("index", "The whole", columns);
    table.rows.push(vec![Cell::Number(measured.throughflow.iter().sum()), Cell::Number(measured.index)]);
    table
}

/// Cycles of payments by the entities that pay, each starting at the first by key.
struct Named {
    cycles: Vec<Vec<usize>>,
    truncated: bool,
}

fn named_cycles(flows: &Flows, longest: usize, most: usize) -> Named {
    let rows = flows.transition();
    let edge = |from: usize, (to, weight): &(usize, f64)| Edge { from, to: *to, weight: *weight };
    let edges = rows.iter().enumerate().flat_map(|(from, row)| row.iter().map(move |to| edge(from, to)));
    let graph = Digraph::new(rows.len(), edges.collect());
    let found = simple_cycles(&graph, longest, most);
    let payers = |cycle: &Vec<usize>| cycle.iter().map(|id| graph.edges()[*id].from).collect();
    Named { cycles: found.cycles.iter().map(payers).collect(), truncated: found.truncated }
}

fn cycle_table(view: &View<'_>, flows: &Flows, found: &Named) -> Table {
    let columns = vec![
        Column::new("cycle", Unit::Text, "Whom the money passes, in order"),
        Column::new("payments", Unit::Count, "Number of payments, 2 or more"),
        Column::new("bottleneck", Unit::UsdPerYear, "The smallest payment in it, dollars a year"),
        Column::new("layers", Unit::Text, "What is paid for, in order; the largest where several"),
        Column::new("from", Unit::Text, "First day on which all its payments run, where dated"),
        Column::new("until", Unit::Text, "First day on which one of them has ended, where dated"),
    ];
    let mut table = Table::new("cycles", "Named cycles, by bottleneck", columns);
    let mut by_pair: BTreeMap<(EntityId, EntityId), Vec<&crate::network::Payment>> = BTreeMap::new();
    for payment in &flows.payments {
        by_pair.entry((payment.from, payment.to)).or_default().push(payment);
    }
    let mut rows = Vec::new();
    for cycle in &found.cycles {
        let ids: Vec<EntityId> = cycle.iter().map(|at| EntityId::new(*at)).collect();
        let steps: Vec<_> = ids.iter().zip(ids.iter().cycle().skip(1)).map(|(a, b)| (*a, *b)).collect();
        let sum = |step: &(EntityId, EntityId)| {
            by_pair.get(step).map_or(0.0, |all| all.iter().map(|p| p.amount).sum())
        };
        let bottleneck = steps.iter().map(sum).fold(f64::INFINITY, f64::min);
        let largest = |step: &(EntityId, EntityId)| {
            let all = by_pair.get(step)?;
            all.iter().copied().reduce(|a, b| if b.amount > a.amount { b } else { a })
        };
        let main: Vec<_> = steps.iter().filter_map(largest).collect();
        let layers: Vec<String> = main.iter().map(|payment| layer_name(view, payment.layer)).collect();
        let relation =
            |payment: &&crate::network::Payment| payment.relation.map(|id| view.graph.relation(id));
        let from = main.iter().filter_map(relation).filter_map(|r| r.since).max_by_key(|date| date.first());
        let until = main.iter().filter_map(relation).filter_map(|r| r.until).min_by_key(|date| date.first());
        rows.push((bottleneck, ids, layers, from, until));
    }
    rows.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let date = |date: Option<PartialDate>| date.map_or(Cell::Empty, |date| Cell::text(date.to_string()));
    for (bottleneck, ids, layers, from, until) in rows {
        let names = ids.iter().chain(ids.first()).map(|id| view.graph.entity(*id).name.clone());
        table.rows.push(vec![
            Cell::text(names.collect::<Vec<_>>().join(" → ")),
            Cell::Number(ids.len() as f64),
            Cell::Number(bottleneck),
            Cell::text(layers.join(", ")),
            date(from),
            date(until),
        ]);
    }
    table
}
