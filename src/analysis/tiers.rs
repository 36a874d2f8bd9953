//! How far downstream everything stands, worked out from the ties instead of declared.

use serde::{Deserialize, Serialize};

use super::cost_words::say_costs;
use super::supply_graph::{Basis, SupplyGraph};
use super::trail::{Trail, entity_cell, product_cell, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::{EntityId, ProductId};
use crate::network::{CostNetwork, Network};
use crate::part::{Numbers, Part, bits};
use crate::structure::{Edge, strong_in, trophic};

/// Trophic levels of all entities, and the ties that run against them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Tiers {
    /// Which ties count [default: function where needs bind, else cost]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// List at most this many ties that run against the order
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = MOST))]
    #[serde(skip_serializing_if = "is_most")]
    pub most: usize,
}

const MOST: usize = 20;

/// Why processes that each hold a part of the links of bulk tables do not share the work on needs.
const WRITTEN_OUT: &str = "needs are written out and known to all processes";

fn is_most(most: &usize) -> bool {
    *most == MOST
}

impl Default for Tiers {
    fn default() -> Self {
        Self { basis: None, most: MOST }
    }
}

impl Analysis for Tiers {
    const CARD: Card = Card {
        name: "tiers",
        title: "Tiers of the chain",
        question: "How far downstream does everything stand, and how near is the chain to perfect layers?",
        definition: "Trophic levels h: (diag(u) - A - Aᵀ) h = v, with A the shares supplier → customer, u what goes in and out of an entity \
                     and v what comes in less what goes out; the lowest of each weakly connected component is 0. Incoherence \
                     F = Σ a_ij (h_j - h_i - 1)² / Σ a_ij, 0 for perfect layers.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares; intensities and bulk tables for costs.",
        assumptions: "One basis, needs that bind or else payments. Every share weighs as much as it is large.",
        cost: "Conjugate gradients: a pass over the ties for each of some tens of rounds.",
        reference: "MacKay, Johnson and Sansom, How directed is a directed network?, Royal Society Open Science 7:201138, 2020.",
        rests: Reach::Connected,
        example: "linchpin tiers",
    };

    fn shares_links(&self) -> Result<(), String> {
        match self.basis {
            Some(Basis::Function) => Err(format!("of tiers it goes with the cost basis: {WRITTEN_OUT}")),
            Some(Basis::Cost) | None => Ok(()),
        }
    }

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let supply = SupplyGraph::new(&network, &cost, self.basis);
        let part = view.graph.part();
        if supply.basis == Basis::Function && !part.is_whole() && !supply.graph.edges().is_empty() {
            let text = format!("{WRITTEN_OUT}; leave --share links out, or ask for --basis cost");
            return Err(AnalysisError::NoData(text));
        }
        let found = trophic::levels_in(part, &supply.graph);
        let mut answer = Answer::new(
            Self::CARD.name,
            "Tiers of the chain",
            "How far downstream does everything stand, and how near is the chain to perfect layers?",
        );
        answer.tables.push(levels(view, &supply, &found));
        answer.tables.push(order(&supply, &found));
        answer.tables.push(self.against(view, &supply, &found));
        say(&mut answer);
        let text = format!(
            "Levels rest on the {} basis: an edge is {}. They were solved in {} rounds to a residual of {:.1e}.",
            supply.basis.name(),
            supply.basis.weight(),
            found.rounds,
            found.residual
        );
        answer.caveat("levels", text, Some(found.rounds));
        let mut trail = Trail::default();
        if supply.basis == Basis::Function {
            say_weights(&mut answer, &network, network.rungs(|row| row.binds()));
            for row in network.rows().iter().filter(|row| row.binds()) {
                for link in network.suppliers(row) {
                    trail.link(&network, row, link);
                }
            }
        } else {
            say_costs(view, &cost, &mut answer);
            for buyer in view.graph.entity_ids() {
                cost.of(buyer).iter().for_each(|link| trail.cost(&cost, buyer, link));
            }
        }
        if !found.converged {
            let (residual, rounds) = (found.residual, found.rounds);
            answer.status = AnswerStatus::NotConverged { residual, rounds };
        }
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

fn levels(view: &View<'_>, supply: &SupplyGraph<'_>, found: &trophic::Trophic) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "The entity"),
        Column::new("kind", Unit::Text, "Its kind"),
        Column::new("trophic_level", Unit::Number, "Height in the chain, 0 for the lowest of its component"),
        Column::new(
            "declared_tier",
            Unit::Number,
            "The tier that the dataset gives it or its kind; empty for none",
        ),
        Column::new("component", Unit::Count, "Number of its weakly connected component, from 1"),
        Column::new("suppliers", Unit::Count, "How many ties lead to it, 0 or more"),
        Column::new("customers", Unit::Count, "How many ties lead from it, 0 or more"),
        Column::new("loop", Unit::Text, "The loop that it stands in; empty for none"),
    ];
    let mut table = Table::new("tiers", "Entities from upstream to downstream", columns);
    let mut ids: Vec<EntityId> = view.graph.entity_ids().collect();
    let rounded = |id: &EntityId| (found.levels[id.index()] * 1e9).round();
    let component = |id: &EntityId| found.component[id.index()];
    ids.sort_by(|a, b| {
        component(a).cmp(&component(b)).then(rounded(a).total_cmp(&rounded(b))).then(a.cmp(b))
    });
    let mut loop_of: Vec<Option<usize>> = vec![None; view.graph.len()];
    for (number, nodes) in strong_in(view.graph.part(), &supply.graph).iter().enumerate() {
        nodes.iter().for_each(|node| loop_of[*node] = Some(number));
    }
    let mut ties = [vec![0.0; view.graph.len()], vec![0.0; view.graph.len()]];
    for edge in supply.graph.edges() {
        ties[0][edge.to] += 1.0;
        ties[1][edge.from] += 1.0;
    }
    ties.iter_mut().for_each(|count| view.graph.part().complete(count));
    for id in ids {
        let at = id.index();
        let (in_, out) = (ties[0][at], ties[1][at]);
        let kind = view.graph.facts().kinds.get(view.graph.entity(id).kind);
        let tier = view.graph.entity(id).tier.or(kind.and_then(|kind| kind.tier));
        table.rows.push(vec![
            entity_cell(view.graph, id),
            Cell::text(view.graph.kind_of(id)),
            if in_ + out == 0.0 { Cell::Empty } else { Cell::Number(found.levels[at]) },
            Cell::number(tier),
            Cell::Number((found.component[at] + 1) as f64),
            Cell::Number(in_),
            Cell::Number(out),
            loop_of[at].map_or(Cell::Empty, |number| Cell::text(format!("loop-{}", number + 1))),
        ]);
    }
    table
}

fn order(supply: &SupplyGraph<'_>, found: &trophic::Trophic) -> Table {
    let columns = vec![
        Column::new(
            "component",
            Unit::Text,
            "Number of the weakly connected component, from 1; all for the whole",
        ),
        Column::new("entities", Unit::Count, "How many entities it holds"),
        Column::new("height", Unit::Number, "Its highest level, 0 or more"),
        Column::new("incoherence", Unit::Number, "Trophic incoherence F, 0 (perfect layers) to 1"),
    ];
    let mut table = Table::new("components", "How near the chain is to perfect layers", columns);
    let mut heights = vec![0.0_f64; found.incoherence_of.len()];
    for (level, component) in found.levels.iter().zip(&found.component) {
        heights[*component] = heights[*component].max(*level);
    }
    let tied =
        (0..supply.graph.len()).filter(|at| found.incoherence_of[found.component[*at]].is_some()).count();
    table.rows.push(vec![
        Cell::text("all"),
        Cell::Number(tied as f64),
        Cell::Number(heights.iter().copied().fold(0.0, f64::max)),
        Cell::number(found.incoherence),
    ]);
    let mut size = vec![0usize; found.incoherence_of.len()];
    for component in &found.component {
        size[*component] += 1;
    }
    for (at, incoherence) in found.incoherence_of.iter().enumerate().filter(|(_, f)| f.is_some()) {
        table.rows.push(vec![
            Cell::text((at + 1).to_string()),
            Cell::Number(size[at] as f64),
            Cell::Number(heights[at]),
            Cell::number(*incoherence),
        ]);
    }
    table
}

impl Tiers {
    fn against(&self, view: &View<'_>, supply: &SupplyGraph<'_>, found: &trophic::Trophic) -> Table {
        let columns = vec![
            Column::new("supplier", Unit::Text, "Who supplies"),
            Column::new("customer", Unit::Text, "Who receives"),
            Column::new("product", Unit::Text, "What passes; empty on the cost basis"),
            Column::new("share", Unit::Share, "Share of the need, or of the buyer's cost, 0 to 1"),
            Column::new("rise", Unit::Number, "Level of the customer less that of the supplier, below 0"),
        ];
        let mut table = Table::new("against", "Ties that run down the order, the strongest first", columns);
        let part = view.graph.part();
        let edges = supply.graph.edges();
        let rise = |edge: &Edge| found.levels[edge.to] - found.levels[edge.from];
        let weight = |edge: &Edge| (-rise(edge) * edge.weight * 1e12).round();
        let mut ids: Vec<usize> =
            (0..edges.len()).filter(|id| part.holds(edges[*id].to) && rise(&edges[*id]) < -1e-9).collect();
        ids.sort_by(|a, b| weight(&edges[*b]).total_cmp(&weight(&edges[*a])).then(a.cmp(b)));
        ids.truncate(self.most);
        let mut ties: Vec<(Edge, Option<ProductId>)> =
            ids.into_iter().map(|id| (edges[id], supply.product(id))).collect();
        if !part.is_whole() {
            ties = gather(part, &ties);
            // ties of the cost basis stand in the order of buyers and then of suppliers
            ties.sort_by(|(a, _), (b, _)| {
                weight(b).total_cmp(&weight(a)).then((a.to, a.from).cmp(&(b.to, b.from)))
            });
            ties.truncate(self.most);
        }
        for (edge, product) in ties {
            table.rows.push(vec![
                entity_cell(view.graph, EntityId::new(edge.from)),
                entity_cell(view.graph, EntityId::new(edge.to)),
                product.map_or(Cell::Empty, |product| product_cell(view.graph, product)),
                Cell::Number(edge.weight),
                Cell::Number(rise(&edge)),
            ]);
        }
        table
    }
}

/// Payments that some processes know, for all of them.
fn gather(part: &Part, known: &[(Edge, Option<ProductId>)]) -> Vec<(Edge, Option<ProductId>)> {
    let mut mine = Vec::new();
    for (edge, _) in known {
        mine.extend((edge.from as u32).to_le_bytes());
        mine.extend((edge.to as u32).to_le_bytes());
        mine.extend(bits(&edge.weight));
    }
    let read = |bytes: &Vec<u8>| {
        let mut heard = Numbers(bytes);
        let edge = || {
            let (from, to) = (heard.half()? as usize, heard.half()? as usize);
            Some((Edge { from, to, weight: heard.number()? }, None))
        };
        std::iter::from_fn(edge).collect::<Vec<_>>()
    };
    part.tell(&mine).iter().flat_map(read).collect()
}

fn say(answer: &mut Answer) {
    let Some(order) = answer.table("components").filter(|table| table.number(0, "incoherence").is_some())
    else {
        answer.findings.push(FindingBuilder::new("There are no ties on this basis.").done());
        return;
    };
    let finding = FindingBuilder::new("The chain is ")
        .cell(order, 0, "height")
        .words(" layers high, with an incoherence of ")
        .cell(order, 0, "incoherence")
        .words(", where nought is perfect layers and one is none.")
        .done();
    let against = answer.table("against").filter(|table| !table.rows.is_empty()).map(|table| {
        FindingBuilder::new("Most against the order is what ")
            .cell(table, 0, "supplier")
            .words(" supplies to ")
            .cell(table, 0, "customer")
            .words(".")
            .done()
    });
    answer.findings.push(finding);
    answer.findings.extend(against);
}
