//! Why one entity does not hang on another: the link or the rule of the scope that is missing.

mod ties;

use std::collections::BTreeSet;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell, product_cell};
use super::why::ends;
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};
use crate::structure::{Digraph, Ended, Limits, Route, cheapest_routes};
use ties::{Tie, Ties};

/// Which link or rule of the scope is missing between two entities.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct WhyNot {
    /// Who does not hang
    #[cfg_attr(feature = "cli", arg(value_name = "A"))]
    pub of: String,
    /// On whom
    #[cfg_attr(feature = "cli", arg(value_name = "B"))]
    pub to: String,
    /// List at most this many ways to join the two
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = MOST))]
    #[serde(skip_serializing_if = "is_most")]
    pub most: usize,
}

const MOST: usize = 5;
/// Routes looked at, of which those that lack the same ties count once.
const MOST_ROUTES: usize = 300;
const MOST_PARTS: usize = 50_000;
const SECONDS: u64 = 10;

fn is_most(most: &usize) -> bool {
    *most == MOST
}

impl Default for WhyNot {
    fn default() -> Self {
        Self { of: String::new(), to: String::new(), most: MOST }
    }
}

/// A way that would join the two.
struct Way {
    edges: Vec<usize>,
    missing: usize,
}

impl Analysis for WhyNot {
    const CARD: Card = Card {
        name: "why-not",
        title: "Why one does not hang on another",
        question: "Which link or rule of the scope is missing between two entities?",
        definition: "All ties of the dataset over which something is supplied, each with the reasons for which it carries no function in \
                     this scope; the ways from A upstream to B with the fewest such reasons, then the fewest steps.",
        reads: "`Supplies`, `Commits`, `Hosts`, `Designs`, `Licenses` of any date, status and confidence; needs of products; bulk \
                tables for costs.",
        assumptions: "A reason counts one, whatever it is. Ways that lack the same ties are shown once, the shortest.",
        cost: "One pass over the relations, then a best-first search that is capped.",
        reference: "Hart, Nilsson and Raphael, IEEE Transactions on Systems Science and Cybernetics 4:100, 1968 (search).",
        rests: Reach::Named,
        example: "linchpin why-not asml anthropic",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let (of, to) = ends(view, &self.of, &self.to)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let ties = Ties::collect(view, &network, &cost);
        let upstream = ties.graph.reversed();
        let limits = Limits { most: MOST_ROUTES, work: MOST_PARTS, time: Duration::from_secs(SECONDS) };
        // one missing link outweighs any number of steps
        let weight = (view.graph.len() + 1) as f64;
        let price = |id: usize| ties.faults(id) as f64 * weight + 1.0;
        let found = cheapest_routes(&upstream, of.index(), to.index(), price, limits);
        let ways = self.distinct(&ties, found.routes);
        let (a, b) = (&view.graph.entity(of).name, &view.graph.entity(to).name);
        let title = format!("Why {a} does not hang on {b}");
        let asked = format!("Which link or rule of the scope is missing, so that {a} does not hang on {b}?");
        let mut answer = Answer::new(Self::CARD.name, title, asked);
        answer.tables.push(missing(view, &ties, &ways));
        answer.tables.push(ways_table(view, &ties, &ways));
        answer.tables.push(openings(view, &network, &ties, of, to));
        answer.tables.push(other_ties(view, of, to));
        answer.tables.push(reach(view, of, to, &ties));
        say(view, (of, to), &ties, &ways, &mut answer);
        self.caveats(view, &ties, &ways, &mut answer);
        if matches!(found.ended, Ended::Work | Ended::Time) {
            let reason = "the search for ways to join the two was capped; those listed lack the fewest links"
                .to_string();
            answer.status = AnswerStatus::Truncated { reason };
        }
        Ok(answer)
    }
}

impl WhyNot {
    /// The shortest way for each set of ties that is missing.
    fn distinct(&self, ties: &Ties, routes: Vec<Route>) -> Vec<Way> {
        let mut seen: BTreeSet<Vec<usize>> = BTreeSet::new();
        let mut ways = Vec::new();
        for route in routes {
            let faulty: Vec<usize> = route.edges.iter().filter(|id| ties.faults(**id) > 0).copied().collect();
            let joined = faulty.is_empty();
            if ways.len() < self.most && seen.insert(faulty) {
                let missing = route.edges.iter().map(|id| ties.faults(*id)).sum();
                ways.push(Way { edges: route.edges, missing });
            }
            if joined {
                break;
            }
        }
        ways
    }

    fn caveats(&self, view: &View<'_>, ties: &Ties, ways: &[Way], answer: &mut Answer) {
        let mut trail = Trail::default();
        for tie in ways.iter().flat_map(|way| &way.edges).filter_map(|id| ties.ties.get(*id)) {
            if let Some(relation) = tie.relation {
                trail.relation(relation);
            }
            trail.origins(&tie.origins);
        }
        let text = "A link is missing where the dataset has the tie but this scope or its needs do not count it; a tie that the dataset does \
                    not have at all is looked for in the table of openings only.";
        answer.caveat("known-ties-only", text, None);
        if ways.len() == self.most {
            answer.caveat("more-ways", "There may be further ways to join the two (--most).", None);
        }
        trail.finish(view, answer);
    }
}

fn relation_cell(view: &View<'_>, tie: &Tie) -> Cell {
    tie.relation.map_or(Cell::Empty, |id| {
        let relation = view.graph.relation(id);
        Cell::Item { key: relation.key.clone(), name: relation.key.clone() }
    })
}

fn missing(view: &View<'_>, ties: &Ties, ways: &[Way]) -> Table {
    let columns = vec![
        Column::new("way", Unit::Count, "Number of the way, from 1; the first lacks the fewest links"),
        Column::new("customer", Unit::Text, "Who would need"),
        Column::new("product", Unit::Text, "What would pass; empty where the record names none"),
        Column::new("supplier", Unit::Text, "Who would supply"),
        Column::new("record", Unit::Text, "The record that does not count"),
        Column::new("reason", Unit::Text, "Why it carries nothing in this scope"),
        Column::new("remedy", Unit::Text, "What would make it count, if it is true"),
    ];
    let mut table = Table::new("missing", "Links that are missing", columns);
    for (at, way) in ways.iter().enumerate() {
        for tie in way.edges.iter().filter_map(|id| ties.ties.get(*id)) {
            for fault in &tie.faults {
                table.rows.push(vec![
                    Cell::Number((at + 1) as f64),
                    entity_cell(view.graph, tie.customer),
                    tie.product.map_or(Cell::Empty, |product| product_cell(view.graph, product)),
                    entity_cell(view.graph, tie.supplier),
                    relation_cell(view, tie),
                    Cell::text(&fault.reason),
                    Cell::text(&fault.remedy),
                ]);
            }
        }
    }
    table
}

fn ways_table(view: &View<'_>, ties: &Ties, ways: &[Way]) -> Table {
    let columns = vec![
        Column::new("way", Unit::Count, "Number of the way, from 1"),
        Column::new("missing", Unit::Count, "How many reasons stand against it, 0 or more"),
        Column::new("steps", Unit::Count, "How many ties long it is, 1 or more"),
        Column::new(
            "path",
            Unit::Text,
            "From the one who does not hang upstream; ties that do not count in brackets",
        ),
    ];
    let mut table = Table::new("ways", "The nearest ways that would join the two", columns);
    for (at, way) in ways.iter().enumerate() {
        table.rows.push(vec![
            Cell::Number((at + 1) as f64),
            Cell::Number(way.missing as f64),
            Cell::Number(way.edges.len() as f64),
            Cell::text(path(view, ties, &way.edges)),
        ]);
    }
    table
}

fn path(view: &View<'_>, ties: &Ties, edges: &[usize]) -> String {
    let mut text = String::new();
    for tie in edges.iter().filter_map(|id| ties.ties.get(*id)) {
        if text.is_empty() {
            text.push_str(&view.graph.entity(tie.customer).name);
        }
        let product = tie.product.map_or("", |product| view.graph.product(product).name.as_str());
        match (tie.faults.is_empty(), product.is_empty()) {
            (true, true) => {}
            (true, false) => text.push_str(&format!(" ← {product}")),
            (false, true) => text.push_str(" ← [not counted]"),
            (false, false) => text.push_str(&format!(" ← [{product}, not counted]")),
        }
        text.push_str(&format!(" ← {}", view.graph.entity(tie.supplier).name));
    }
    text
}

/// Needs upstream of A for what B sells, and who fills them.
fn openings(view: &View<'_>, network: &Network, ties: &Ties, of: EntityId, to: EntityId) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who upstream needs what the other sells"),
        Column::new("product", Unit::Text, "What it needs"),
        Column::new("suppliers", Unit::Text, "Who fills the need instead"),
        Column::new("unknown", Unit::Share, "Part of the need whose supplier is unknown, 0 to 1"),
        Column::new("known_by", Unit::Text, "How the largest share is known"),
    ];
    let mut table = Table::new("openings", "Needs that it could fill and is not known to fill", columns);
    let sound: Digraph = ties.sound();
    let reached = sound.reversed().steps_from(of.index());
    for row in network.rows().iter().filter(|row| row.binds() && reached[row.entity.index()].is_some()) {
        let suppliers = network.suppliers(row);
        let sells = network.market(row.product).vendors.iter().any(|vendor| vendor.entity == to)
            || ties.ties.iter().any(|tie| tie.supplier == to && tie.product == Some(row.product));
        if !sells || row.entity == to || suppliers.iter().any(|link| link.supplier == to) {
            continue;
        }
        let item = |id: EntityId| (view.graph.entity(id).key.clone(), view.graph.entity(id).name.clone());
        table.rows.push(vec![
            entity_cell(view.graph, row.entity),
            product_cell(view.graph, row.product),
            Cell::Items(suppliers.iter().map(|link| item(link.supplier)).collect()),
            Cell::Number((1.0 - row.known).max(0.0)),
            suppliers.first().map_or(Cell::Empty, |link| Cell::text(link.rung.describe())),
        ]);
    }
    table
}

/// Relations between the two that supply nothing.
fn other_ties(view: &View<'_>, of: EntityId, to: EntityId) -> Table {
    let columns = vec![
        Column::new("record", Unit::Text, "The record"),
        Column::new("type", Unit::Text, "Its type"),
        Column::new("says", Unit::Text, "What it says"),
        Column::new("counts", Unit::Text, "Whether it is in scope: yes or no"),
    ];
    let mut table = Table::new("direct-ties", "Records between the two, of any type and scope", columns);
    let there =
        view.graph.relations_from(of).into_iter().filter(|id| view.graph.relation(*id).to == Some(to));
    let back = view.graph.relations_from(to).into_iter().filter(|id| view.graph.relation(*id).to == Some(of));
    for id in there.chain(back) {
        let relation = view.graph.relation(id);
        table.rows.push(vec![
            Cell::Item { key: relation.key.clone(), name: relation.key.clone() },
            Cell::text(format!("{:?}", relation.relation_type())),
            Cell::text(view.graph.describe_relation(relation)),
            Cell::Flag(view.scope.counts(relation)),
        ]);
    }
    table
}

fn say(view: &View<'_>, (of, to): (EntityId, EntityId), ties: &Ties, ways: &[Way], answer: &mut Answer) {
    let (a, b) = (view.graph.entity(of), view.graph.entity(to));
    let (Some(missing), Some(listed)) = (answer.table("missing").cloned(), answer.table("ways").cloned())
    else {
        return;
    };
    let mut findings = Vec::new();
    match ways.first() {
        Some(way) if way.missing == 0 => {
            let begin = format!("{} does hang on {}, in ", a.name, b.name);
            let end = format!(" steps; `linchpin why {} {}` gives the routes.", a.key, b.key);
            findings.push(FindingBuilder::new(begin).cell(&listed, 0, "steps").words(end).done());
        }
        Some(_) => {
            let begin =
                format!("{} does not hang on {} in this scope. The nearest way lacks ", a.name, b.name);
            let finding = FindingBuilder::new(begin)
                .cell(&listed, 0, "missing")
                .words(" of its links: between ")
                .cell(&missing, 0, "customer")
                .words(" and ")
                .cell(&missing, 0, "supplier")
                .words(", ")
                .cell(&missing, 0, "reason")
                .words(".");
            findings.push(finding.done());
        }
        None => {
            let text = format!(
                "{} does not hang on {}: no chain of supplies of any date, status or confidence joins the two.",
                a.name, b.name
            );
            findings.push(FindingBuilder::new(text).done());
            if let Some(reach) = answer.table("reach") {
                let finding = FindingBuilder::new(format!("Upstream of {} the chain knows ", a.name))
                    .cell(reach, 0, "entities")
                    .words(format!(" entities; downstream of {} it knows ", b.name))
                    .cell(reach, 1, "entities")
                    .words(".");
                findings.push(finding.done());
            }
        }
    }
    let hangs = ways.first().is_some_and(|way| way.missing == 0);
    if let Some(table) = answer.table("openings").filter(|table| !hangs && !table.rows.is_empty()) {
        let finding = FindingBuilder::new("Upstream, ")
            .cell(table, 0, "entity")
            .words(" needs ")
            .cell(table, 0, "product")
            .words(format!(", which {} sells, but {} is not among its known suppliers.", b.name, b.name));
        findings.push(finding.done());
    }
    if !hangs && ties.sound().reversed().steps_from(to.index())[of.index()].is_some() {
        let text = format!("The ties run the other way: {} hangs on {}.", b.name, a.name);
        findings.push(FindingBuilder::new(text).done());
    }
    answer.findings = findings;
}

/// How far both chains go.
fn reach(view: &View<'_>, of: EntityId, to: EntityId, ties: &Ties) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "One of the two"),
        Column::new("direction", Unit::Text, "upstream or downstream of it"),
        Column::new("entities", Unit::Count, "How many entities the ties that count reach, 0 or more"),
        Column::new("farthest", Unit::Text, "One that is most steps away; empty for none"),
        Column::new("steps", Unit::Count, "How many steps that is; empty for none"),
    ];
    let mut table = Table::new("reach", "How far both chains go", columns);
    let sound = ties.sound();
    let sides = [
        (of, "upstream", sound.reversed().steps_from(of.index())),
        (to, "downstream", sound.steps_from(to.index())),
    ];
    for (end, direction, steps) in sides {
        let reached: Vec<(u32, usize)> = steps
            .into_iter()
            .enumerate()
            .filter_map(|(at, steps)| Some((steps?, at)))
            .filter(|(_, at)| *at != end.index())
            .collect();
        let farthest = reached.iter().max_by_key(|(steps, at)| (*steps, std::cmp::Reverse(*at)));
        table.rows.push(vec![
            entity_cell(view.graph, end),
            Cell::text(direction),
            Cell::Number(reached.len() as f64),
            farthest.map_or(Cell::Empty, |(_, at)| entity_cell(view.graph, EntityId::new(*at))),
            Cell::number(farthest.map(|(steps, _)| f64::from(*steps))),
        ]);
    }
    table
}
