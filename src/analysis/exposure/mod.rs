//! What hangs on whom, on two bases that are never mixed: what stops without it, and how much money ends there.

mod chain;
mod inputs;
mod lines;
mod overlap;
mod params;
mod products;
mod say;
mod sets;
mod tiers;

pub use params::{Depth, Grouping};
pub(super) use products::largest;

use serde::{Deserialize, Serialize};

use super::failing::{Losses, OpenShares, by_owner, by_production, by_seat};
use super::trail::entity_cell;
use super::{Analysis, AnalysisError, Card, Observer, Unobserved, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, Reach, Table, Unit};
use crate::graph::nearest;
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};
use crate::order::Arrange;
use chain::{Chain, NOTICEABLE, at, solved};
use lines::{CostLine, Line};
use say::{Ground, Said};
use sets::Naming;

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
    /// What the first table lists; the others follow it
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Grouping::Entity))]
    #[serde(skip_serializing_if = "Grouping::is_default")]
    pub by: Grouping,
}

impl Analysis for Exposure {
    const CARD: Card = Card {
        name: "exposure",
        title: "Exposure along the chain",
        question: "What is each supplier at any tier to this entity: what stops without it, and how much money ends there?",
        definition: "Function: stop loss = 1 - φ of the customer when the supplier stops (φ = 0), where the scarcest \
                     essential input binds and suppliers of one product add up; the unknown part of a need goes on. Cost: face \
                     value W, look-through E = (I - W)^-1 - I, reach share R_ik = L_ik / L_kk, hidden ratio E / W. By tier: the \
                     row of W^t, its HHI and effective number. By product: stop loss if no known supplier delivers it. By \
                     country or owner: stop loss if all members fail at once; money as the sum of look-through and the share \
                     that meets any member. Single source: one supplier covers a need though others exist; sole: one vendor \
                     exists. Diamond ratio: two-step ways over |T1| |T2|; commonality: how many of T1 a supplier serves.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes; intensities for costs.",
        assumptions: "Shares come down a ladder (stated, amounts, market shares, equal split); each answer counts the rungs. With \
                      replacement, customers turn to other vendors in proportion to their market shares, without limit unless \
                      spare capacity is known.",
        cost: "Three cascades for each entity, product, country and owner upstream, in parallel; one sparse solve for the row, \
               m³ for each loop of m entities, one solve for each direct supplier and each set.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022 (function); Baldwin, Freeman and Theodorakopoulos, Hidden \
                    Exposure, Brookings Papers on Economic Activity, Fall 2023 (cost); Kemeny and Snell 1960 (reach share); Wang, Li and Anupindi, Risky suppliers or \
                    risky supply chains (commonality).",
        rests: Reach::Connected,
        example: "linchpin exposure --of anthropic",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn can_stop(&self) -> bool {
        self.of.is_some()
    }

    fn shares_links(&self) -> Result<(), String> {
        match self.to.is_some() {
            true => Ok(()),
            false => Err("of exposure it goes with --to; --of needs all links in one place".to_string()),
        }
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        match (&self.of, &self.to) {
            (Some(of), None) => self.upstream(view, view.graph.find_entity(of)?, observer),
            (None, Some(to)) => self.downstream(view, view.graph.find_entity(to)?),
            _ => {
                let reason =
                    "expected either the entity whose exposure it is, or `to`, the one that others hang on";
                Err(AnalysisError::Invalid { parameter: "of", reason: reason.to_string() })
            }
        }
    }
}

impl Exposure {
    fn upstream(
        &self,
        view: &View<'_>,
        of: EntityId,
        observer: &dyn Observer,
    ) -> Result<Answer, AnalysisError> {
        let kinds = self.kinds(view)?;
        let chain = Chain::new(view, of, observer)?;
        let name = chain.name().to_string();
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Exposure of {name}"),
            format!(
                "What does {name} hang on, at any tier: what stops without it, and how much money ends there?"
            ),
        );
        let lines = self.select(view, chain.lines.clone(), &kinds);
        let title = "Exposure, by what stops first";
        answer.tables.push(lines::table(view, title, &lines, chain.function));
        let mut said = Said::default();
        let mut add = |(table, about): sets::About, answer: &mut Answer| {
            said.about.push((table.name.clone(), about));
            answer.tables.push(table);
        };
        add(tiers::table(&chain), &mut answer);
        add(products::table(&chain)?, &mut answer);
        let production = by_production(view);
        let keyed = |key: &str| Cell::text(key);
        let mut unsolved = sets::Unsolved::default();
        add(sets::table(&chain, &BY_SEAT, &by_seat(view), keyed, &mut unsolved)?, &mut answer);
        add(sets::table(&chain, &BY_PRODUCTION, &production.sets, keyed, &mut unsolved)?, &mut answer);
        let owner =
            |key: &str| view.graph.find_entity(key).map_or(Cell::text(key), |id| entity_cell(view.graph, id));
        add(sets::table(&chain, &BY_OWNER, &by_owner(view), owner, &mut unsolved)?, &mut answer);
        let (inputs, upon) = inputs::table(&chain);
        said.inputs = upon;
        answer.tables.push(inputs);
        let overlap = overlap::overlap(&chain)?;
        answer.tables.extend(overlap.tables);
        answer.tables.push(lines::bounds_table(view, &lines));
        say::upstream(view, of, &lines, &mut answer);
        let mut reasons = chain.left_out.clone();
        if overlap.truncated {
            reasons.push(format!("the table of pairs ends after {} on each basis", overlap::MOST_PAIRS));
        }
        reasons.extend(overlap.left_out);
        reasons.extend(unsolved.said());
        if !reasons.is_empty() {
            answer.status = AnswerStatus::Truncated { reason: reasons.join("; ") };
        }
        self.say_sets(&chain, production.assumed, &mut answer);
        let Chain { network, cost, tiers, .. } = &chain;
        let ground = Ground { network, cost, tiers, focus: of, upstream: true };
        say::finish(view, &ground, (&lines, said), &mut answer);
        let first = self.by.table();
        answer.tables.arrange_by_key(|table| table.name != first);
        Ok(answer)
    }

    fn say_sets(&self, chain: &Chain<'_>, assumed: usize, answer: &mut Answer) {
        let graph = chain.view.graph;
        let text = "A country or an owner fails with all its members in the dataset, the focal entity left out; by country of \
                    production each loses the share of its production there. Groups of firms count by their own seat.";
        answer.caveat("joint-failure", text, None);
        let seatless = chain.lines.iter().filter(|line| graph.entity(line.entity).seat.is_none()).count();
        if seatless > 0 {
            let text = format!(
                "{seatless} of {} entities upstream have no known seat and are in no country.",
                chain.lines.len()
            );
            answer.caveat("no-seat", text, Some(seatless));
        }
        let nowhere =
            |line: &&Line| chain.view.graph.production_of(line.entity, &chain.view.scope).0.is_empty();
        let unplaced = chain.lines.iter().filter(nowhere).count();
        if unplaced > 0 {
            let text = format!(
                "{unplaced} of {} entities upstream have no known country of production; the seat does not stand in for it.",
                chain.lines.len()
            );
            answer.caveat("no-production", text, Some(unplaced));
        }
        if assumed > 0 {
            let text = format!(
                "{assumed} entities produce in several countries in shares that nobody states: equal parts are assumed."
            );
            answer.caveat("equal-production", text, Some(assumed));
        }
        if chain.function {
            let text = "The table of products takes each product where the chain first needs it: every customer counts by what \
                        reaches the focal entity through it, every binding need in full.";
            answer.caveat("product-tiers", text, None);
        }
    }

    fn downstream(&self, view: &View<'_>, to: EntityId) -> Result<Answer, AnalysisError> {
        if !self.by.is_default() {
            let reason = "the lists by product, country and owner exist for `of`, not for `to`".to_string();
            return Err(AnalysisError::Invalid { parameter: "by", reason });
        }
        let kinds = self.kinds(view)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let tiers = network.tiers_downstream(to);
        let column = solved(cost.leontief_column(to))?;
        let own = at(&column, to).max(1.0);
        let face_values = cost.face_values(to);
        let losses = Losses::of(&network, &[(to, 1.0)]);
        let ends = OpenShares::of(&network).ends(&[(to, 1.0)]);
        let lines: Vec<Line> = view
            .graph
            .entity_ids()
            .filter(|id| *id != to && (at(&tiers, *id).is_some() || at(&column, *id) > NOTICEABLE))
            .map(|entity| {
                let tier = at(&tiers, entity);
                let mut line = Line::new(&network, (&losses, ends.as_ref()), entity, entity, tier);
                let look_through = at(&column, entity);
                if look_through > 0.0 {
                    let face_value = at(&face_values, entity);
                    let reach_share = Some((look_through / own).min(1.0));
                    line.cost = Some(CostLine { face_value, look_through, reach_share });
                }
                line
            })
            .collect();
        let function = lines.iter().any(|line| line.stop_loss > 0.0 || line.via.is_some());
        let name = view.graph.entity(to).name.clone();
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Who hangs on {name}"),
            format!(
                "Who stops without {name}, through which product, and how much of whose money ends there?"
            ),
        );
        let lines = self.select(view, lines, &kinds);
        answer.tables.push(lines::table(view, "Who hangs on it, by what stops first", &lines, function));
        answer.tables.push(summary(&lines, function));
        answer.tables.push(lines::bounds_table(view, &lines));
        say::downstream(view, to, &lines, &mut answer);
        let ground = Ground { network: &network, cost: &cost, tiers: &tiers, focus: to, upstream: false };
        say::finish(view, &ground, (&lines, Said::default()), &mut answer);
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

    /// The lines that are asked for, in their order.
    fn select(&self, view: &View<'_>, mut lines: Vec<Line>, kinds: &[usize]) -> Vec<Line> {
        lines.retain(|line| {
            let wanted = kinds.is_empty() || kinds.contains(&view.graph.entity(line.entity).kind);
            wanted && line.tier.is_none_or(|tier| self.depth.reaches(tier))
        });
        lines::sort(&mut lines);
        lines
    }
}

const BY_SEAT: Naming = Naming {
    table: "countries",
    title: "By country of the legal seat: all members stop at once",
    column: "country",
    describes: "Country of the legal seat, as an ISO 3166 two-letter code",
};

const BY_PRODUCTION: Naming = Naming {
    table: "production",
    title: "By country of production: production there stops",
    column: "country",
    describes: "Country of production, as an ISO 3166 two-letter code",
};

const BY_OWNER: Naming = Naming {
    table: "owners",
    title: "By ultimate owner: all that it controls stops at once",
    column: "owner",
    describes: "Who controls the members in the end; itself where nobody does",
};

/// Who hangs on one entity, in one row.
fn summary(lines: &[Line], function: bool) -> Table {
    let columns = vec![
        Column::new("entities", Unit::Count, "Entities downstream that are listed, 0 or more"),
        Column::new(
            "hit",
            Unit::Count,
            "Those that lose function, 0 or more; empty where no needs are stated",
        ),
        Column::new("stopped", Unit::Count, "Those that lose all of it, 0 or more"),
        Column::new("mean_stop_loss", Unit::Share, "Mean stop loss, every entity counted once, 0 to 1"),
    ];
    let mut table = Table::new("summary", "How many hang on it", columns);
    let known = |value: f64| if function { Cell::number(value) } else { Cell::Empty };
    let hit = lines.iter().filter(|line| line.stop_loss > NOTICEABLE).count();
    let stopped = lines.iter().filter(|line| line.is_chokepoint()).count();
    let sum: f64 = lines.iter().map(|line| line.stop_loss).sum();
    table.rows.push(vec![
        Cell::Number(lines.len() as f64),
        known(hit as f64),
        known(stopped as f64),
        known(sum / lines.len() as f64),
    ]);
    table
}
