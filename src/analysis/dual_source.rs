//! Am I really dual-sourced? Where the routes of several suppliers of one input meet again upstream.

use serde::{Deserialize, Serialize};

use super::sourcing::{Sourcing, sourcing};
use super::trail::{Trail, Upon, entity_cell, product_cell, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::{EntityId, Need, ProductId};
use crate::network::{NeedRow, Network};
use crate::order::Arrange;
use crate::propagation::functional::{MOST_ROUNDS, Outcome, Settings, TOLERANCE, UnknownSupplier, propagate};
use crate::side_by_side::SideBySide;

/// Whether an entity's inputs have suppliers that can fail independently.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct DualSource {
    /// Whose inputs
    #[cfg_attr(feature = "cli", arg(value_name = "ENTITY"))]
    pub entity: String,
    /// Only this input
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub product: Option<String>,
}

/// Below this a loss is rounding.
const NOTICEABLE: f64 = 1e-12;
/// A loss from here on is a standstill.
const STOPPED: f64 = 1.0 - 1e-9;
/// Inputs that get a sentence.
const SAID: usize = 8;

impl Analysis for DualSource {
    const CARD: Card = Card {
        name: "dual-source",
        title: "Dual sourcing, looked through",
        question: "Is each input really sourced from several suppliers that can fail independently, and if not, where do their \
                   routes meet?",
        definition: "Suppliers of an input meet at X where each of them stops without X (stop loss 1, the unknown part of their \
                     needs unaffected). Meeting tier: steps to X by the longest of their shortest ways; the first meeting point \
                     is the one with the least. Input loss: Σ_j s_j SL_j(X).",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes, `Owns`.",
        assumptions: "Nobody replaces X. Suppliers about whose own inputs nothing is known count as standing on their own, and the \
                      verdict says so. Shares come down a ladder (stated, amounts, market shares, equal split).",
        cost: "One cascade for each entity upstream, in parallel.",
        reference: "Functional dominators over AND/OR needs; commonality after Wang, Li and Anupindi, Risky suppliers or risky \
                    supply chains; single and sole source after Larson and Kulchitsky 1998.",
        rests: Reach::Connected,
        example: "linchpin dual-source anthropic",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let graph = view.graph;
        let of = graph.find_entity(&self.entity)?;
        let only = self.product.as_ref().map(|key| graph.find_product(key)).transpose()?;
        let network = Network::build(graph, &view.scope);
        let mut rows: Vec<&NeedRow> = network
            .needs(of)
            .iter()
            .filter(|row| row.binds() && only.is_none_or(|product| row.product == product))
            .collect();
        rows.arrange_by_key(|row| (row.need != Need::Essential, row.product));
        let name = &graph.entity(of).name;
        if rows.is_empty() {
            let what = only.map_or("any input".to_string(), |product| graph.product(product).name.clone());
            return Err(AnalysisError::NoData(format!("the dataset does not say that {name} needs {what}")));
        }
        let cascades = Cascades::run(&network, of);
        let inputs: Vec<Input<'_>> =
            rows.into_iter().map(|row| Input::new(view, &network, &cascades, of, row)).collect();
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Is {name} really dual-sourced?"),
            format!(
                "Can the suppliers of each of {name}'s inputs fail independently, and where do their routes meet?"
            ),
        );
        answer.tables.push(inputs_table(view, &inputs));
        answer.tables.push(points_table(view, &inputs));
        answer.tables.push(suppliers_table(view, &network, &inputs));
        say(view, name, &inputs, &mut answer);
        finish((view, &network, of), &cascades, &inputs, &mut answer);
        Ok(answer)
    }
}

/// What follows where each entity upstream stops.
struct Cascades {
    each: Vec<(EntityId, Outcome)>,
    /// Steps upstream of the focal entity.
    tiers: Vec<Option<u32>>,
}

impl Cascades {
    fn run(network: &Network, of: EntityId) -> Self {
        let tiers = network.tiers_upstream(of);
        let upstream: Vec<EntityId> = (0..network.len())
            .map(EntityId::new)
            .filter(|id| *id != of && steps(&tiers, *id).is_some())
            .collect();
        let settings = Settings { replacement: false, unknown: UnknownSupplier::Unaffected };
        let each = upstream.side_by_side(|id| (*id, propagate(network, &[(*id, 1.0)], settings)));
        Self { each, tiers }
    }

    /// The records over which the loss of an entity comes to the suppliers of an input.
    fn met(&self, network: &Network, input: &Input<'_>, entity: EntityId) -> Upon {
        let outcome = self.each.iter().find(|(id, _)| *id == entity).map(|(_, outcome)| outcome);
        let passing = |(id, _): &(EntityId, f64)| Some(Upon::passing(network, outcome?, *id));
        let all = input.suppliers.iter().filter_map(passing);
        all.fold(Upon::default(), Upon::and).without_parts()
    }
}

fn steps(tiers: &[Option<u32>], id: EntityId) -> Option<u32> {
    tiers.get(id.index()).copied().flatten()
}

fn loss(outcome: &Outcome, id: EntityId) -> f64 {
    outcome.functionality.get(id.index()).map_or(0.0, |level| 1.0 - level)
}

/// An entity upstream of every supplier of an input.
struct Point {
    entity: EntityId,
    /// Part of the input that is lost without it.
    input_loss: f64,
    /// Loss of the supplier that it hits least.
    least: f64,
    /// Least steps from the focal entity.
    tier: u32,
    /// Steps by which every supplier's route has reached it.
    meeting_tier: u32,
    /// What it delivers to those that are hit.
    through: Vec<ProductId>,
}

impl Point {
    fn stops_all(&self) -> bool {
        self.least > STOPPED
    }
}

/// One input with its suppliers and where they meet.
struct Input<'n> {
    row: &'n NeedRow,
    sourcing: Sourcing,
    suppliers: Vec<(EntityId, f64)>,
    owners: Vec<EntityId>,
    /// First meeting points first.
    points: Vec<Point>,
    verdict: &'static str,
    note: &'static str,
}

impl<'n> Input<'n> {
    fn new(view: &View<'_>, network: &Network, cascades: &Cascades, of: EntityId, row: &'n NeedRow) -> Self {
        let suppliers: Vec<(EntityId, f64)> =
            network.suppliers(row).iter().map(|link| (link.supplier, link.share)).collect();
        let mut owners: Vec<EntityId> =
            suppliers.iter().map(|(id, _)| view.graph.ultimate_owner(*id, &view.scope)).collect();
        owners.sort_unstable();
        owners.dedup();
        let sourcing = sourcing(view.graph, network, row);
        let points = if suppliers.len() > 1 {
            meeting_points(network, cascades, of, row, &suppliers)
        } else {
            Vec::new()
        };
        let blind = |(id, _): &(EntityId, f64)| {
            !network.needs(*id).iter().any(|row| row.binds() && !network.suppliers(row).is_empty())
        };
        let (verdict, note) = if suppliers.len() < 2 {
            (sourcing.verdict, sourcing.note)
        } else if owners.len() == 1 {
            ("one owner", "all suppliers have one controlling owner")
        } else if points.first().is_some_and(Point::stops_all) {
            ("meets", "no supplier works without the meeting point")
        } else if suppliers.iter().all(blind) {
            ("unknown", "nothing is known about the suppliers' own inputs")
        } else if suppliers.iter().any(blind) {
            ("independent", "as far as known: nothing is known about the inputs of some suppliers")
        } else {
            ("independent", "as far as known: no single failure upstream stops all suppliers")
        };
        Self { row, sourcing, suppliers, owners, points, verdict, note }
    }

    fn effective(&self) -> Option<f64> {
        let squares: f64 = self.suppliers.iter().map(|(_, share)| share * share).sum();
        let known: f64 = self.suppliers.iter().map(|(_, share)| share).sum();
        (squares > 0.0).then(|| known * known / squares)
    }

    /// The entity whose failure costs most of the input, the suppliers themselves left out.
    fn worst(&self) -> Option<&Point> {
        let deeper =
            self.points.iter().filter(|point| !self.suppliers.iter().any(|(id, _)| *id == point.entity));
        deeper.fold(None, |best: Option<&Point>, point| match best {
            Some(most) if point.input_loss <= most.input_loss + NOTICEABLE => best,
            _ => Some(point),
        })
    }
}

/// Entities whose failure hits every supplier: those that stop all of them first, nearest first.
fn meeting_points(
    network: &Network,
    cascades: &Cascades,
    of: EntityId,
    row: &NeedRow,
    suppliers: &[(EntityId, f64)],
) -> Vec<Point> {
    let ways: Vec<Vec<Option<u32>>> = suppliers.iter().map(|(id, _)| network.tiers_upstream(*id)).collect();
    let mut points: Vec<Point> = Vec::new();
    for (entity, outcome) in &cascades.each {
        let least = suppliers.iter().map(|(id, _)| loss(outcome, *id)).fold(1.0, f64::min);
        let distances: Vec<u32> = ways.iter().filter_map(|way| steps(way, *entity)).collect();
        let (Some(near), Some(far)) = (distances.iter().min(), distances.iter().max()) else { continue };
        if least <= NOTICEABLE {
            continue;
        }
        points.push(Point {
            entity: *entity,
            input_loss: suppliers.iter().map(|(id, share)| share * loss(outcome, *id)).sum(),
            least,
            tier: near + 1,
            meeting_tier: far + 1,
            through: through(network, &ways, outcome, *entity, of, row),
        });
    }
    points.arrange(|a, b| {
        b.stops_all()
            .cmp(&a.stops_all())
            .then(if a.stops_all() {
                (a.meeting_tier, a.tier).cmp(&(b.meeting_tier, b.tier))
            } else {
                (b.input_loss * 1e12).round().total_cmp(&(a.input_loss * 1e12).round())
            })
            .then(a.entity.cmp(&b.entity))
    });
    points
}

/// The products that an entity delivers on the way: to those upstream of the input that lose function without it.
fn through(
    network: &Network,
    ways: &[Vec<Option<u32>>],
    outcome: &Outcome,
    entity: EntityId,
    of: EntityId,
    input: &NeedRow,
) -> Vec<ProductId> {
    let on_way = |id: EntityId| ways.iter().any(|way| steps(way, id).is_some());
    let mut products: Vec<ProductId> = network
        .rows()
        .iter()
        .filter(|row| row.binds())
        .filter(|row| {
            let customer = row.entity == of && row.product == input.product;
            let upstream = row.entity != of && on_way(row.entity) && row.entity != entity;
            customer || (upstream && loss(outcome, row.entity) > NOTICEABLE)
        })
        .filter(|row| network.suppliers(row).iter().any(|link| link.supplier == entity))
        .map(|row| row.product)
        .collect();
    products.sort_unstable();
    products.dedup();
    products
}

fn items(view: &View<'_>, products: &[ProductId]) -> Cell {
    if products.is_empty() {
        return Cell::Empty;
    }
    let item = |id: &ProductId| (view.graph.product(*id).key.clone(), view.graph.product(*id).name.clone());
    Cell::Items(products.iter().map(item).collect())
}

fn inputs_table(view: &View<'_>, inputs: &[Input<'_>]) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "What is needed"),
        Column::new("need", Unit::Text, "essential or important"),
        Column::new("suppliers", Unit::Count, "Known suppliers, 0 or more"),
        Column::new("owners", Unit::Count, "Their ultimate owners, each once, 0 or more"),
        Column::new("known_share", Unit::Share, "Part of the need whose supplier is known, 0 to 1"),
        Column::new("largest_supplier", Unit::Text, "Who covers most of it"),
        Column::new("largest_share", Unit::Share, "Its share of the need, 0 to 1"),
        Column::new(
            "effective_number",
            Unit::Number,
            "1 / Σ s² over the known part: so many equal suppliers",
        ),
        Column::new(
            "verdict",
            Unit::Text,
            "independent, meets, one owner, single, sole, single or sole, one known, or unknown",
        ),
        Column::new(
            "meeting_point",
            Unit::Text,
            "The first entity upstream without which every supplier stops",
        ),
        Column::new(
            "meeting_tier",
            Unit::Count,
            "Steps by which every supplier's route has reached it, 1 or more",
        ),
        Column::new("through", Unit::Text, "What it delivers on the way"),
        Column::new(
            "meeting_points",
            Unit::Count,
            "All entities without which every supplier stops, 0 or more",
        ),
        Column::new("worst_point", Unit::Text, "Who, upstream of all suppliers, costs most of the input"),
        Column::new("worst_input_loss", Unit::Share, "Part of the input lost without it, 0 to 1"),
        Column::new("note", Unit::Text, "What the verdict rests on"),
    ];
    let mut table = Table::new("inputs", "Each input, and where its routes meet", columns);
    let graph = view.graph;
    for input in inputs {
        let first = input.points.first().filter(|point| point.stops_all());
        let worst = input.worst();
        let several = input.suppliers.len() > 1;
        let all = input.points.iter().filter(|point| point.stops_all()).count() as f64;
        table.rows.push(vec![
            product_cell(graph, input.row.product),
            Cell::text(if input.row.need == Need::Essential { "essential" } else { "important" }),
            Cell::Number(input.suppliers.len() as f64),
            Cell::Number(input.owners.len() as f64),
            Cell::Number(input.row.known),
            input.suppliers.first().map_or(Cell::Empty, |(id, _)| entity_cell(graph, *id)),
            Cell::number(input.suppliers.first().map(|(_, share)| *share)),
            Cell::number(input.effective()),
            Cell::text(input.verdict),
            first.map_or(Cell::Empty, |point| entity_cell(graph, point.entity)),
            Cell::number(first.map(|point| f64::from(point.meeting_tier))),
            first.map_or(Cell::Empty, |point| items(view, &point.through)),
            if several { Cell::Number(all) } else { Cell::Empty },
            worst.map_or(Cell::Empty, |point| entity_cell(graph, point.entity)),
            Cell::number(worst.map(|point| point.input_loss)),
            Cell::text(input.note),
        ]);
    }
    table
}

fn points_table(view: &View<'_>, inputs: &[Input<'_>]) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "The input"),
        Column::new(
            "entity",
            Unit::Text,
            "Who is upstream of every supplier of it, or one of them that feeds the others",
        ),
        Column::new("stops_all", Unit::Text, "Whether every supplier stops without it"),
        Column::new("input_loss", Unit::Share, "Part of the input lost without it, 0 to 1"),
        Column::new("least_loss", Unit::Share, "Loss of the supplier that it hits least, above 0 to 1"),
        Column::new("tier", Unit::Count, "Least number of steps to it, 1 or more"),
        Column::new(
            "meeting_tier",
            Unit::Count,
            "Steps by which every supplier's route has reached it, 1 or more",
        ),
        Column::new("through", Unit::Text, "What it delivers on the way"),
    ];
    let mut table = Table::new("meeting-points", "Where the routes meet", columns);
    for input in inputs {
        for point in &input.points {
            table.rows.push(vec![
                product_cell(view.graph, input.row.product),
                entity_cell(view.graph, point.entity),
                Cell::Flag(point.stops_all()),
                Cell::Number(point.input_loss),
                Cell::Number(point.least),
                Cell::Number(f64::from(point.tier)),
                Cell::Number(f64::from(point.meeting_tier)),
                items(view, &point.through),
            ]);
        }
    }
    table
}

fn suppliers_table(view: &View<'_>, network: &Network, inputs: &[Input<'_>]) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "The input"),
        Column::new("supplier", Unit::Text, "Who supplies it"),
        Column::new("share", Unit::Share, "Share of the need, 0 to 1"),
        Column::new("known_by", Unit::Text, "How the share is known"),
        Column::new("owner", Unit::Text, "Ultimate controlling owner; itself where nobody controls it"),
        Column::new("seat", Unit::Text, "Country of its legal seat, as an ISO 3166 code"),
    ];
    let mut table = Table::new("suppliers", "Who supplies what", columns);
    let graph = view.graph;
    for input in inputs {
        for link in network.suppliers(input.row) {
            table.rows.push(vec![
                product_cell(graph, input.row.product),
                entity_cell(graph, link.supplier),
                Cell::Number(link.share),
                Cell::text(link.rung.describe()),
                entity_cell(graph, graph.ultimate_owner(link.supplier, &view.scope)),
                graph.entity(link.supplier).seat.as_ref().map_or(Cell::Empty, Cell::text),
            ]);
        }
    }
    table
}

fn say(view: &View<'_>, name: &str, inputs: &[Input<'_>], answer: &mut Answer) {
    let Some(table) = answer.table("inputs").cloned() else { return };
    for (at, input) in inputs.iter().enumerate().take(SAID) {
        let product = &view.graph.product(input.row.product).name;
        let start = FindingBuilder::new(format!("{product}: "));
        let several = |start: FindingBuilder| {
            start.cell(&table, at, "suppliers").words(" suppliers, effectively ").cell(
                &table,
                at,
                "effective_number",
            )
        };
        let finding = match input.verdict {
            "meets" => several(start)
                .words("; none of them works without ")
                .cell(&table, at, "meeting_point")
                .words(", where all routes have met by tier ")
                .cell(&table, at, "meeting_tier")
                .words(", through ")
                .cell(&table, at, "through")
                .words("."),
            "one owner" => several(start).words(", all of one controlling owner."),
            "independent" if input.worst().is_some() => several(start)
                .words("; no single failure upstream is known to stop them all, the worst being ")
                .cell(&table, at, "worst_point")
                .words(" with ")
                .cell(&table, at, "worst_input_loss")
                .words(" of the input."),
            "independent" => several(start).words("; no failure upstream is known to hit them all."),
            "unknown" if input.suppliers.len() > 1 => {
                several(start).words("; nothing is known about what they hang on themselves.")
            }
            "sole" => start
                .words("sole source, ")
                .cell(&table, at, "largest_supplier")
                .words(" is the only vendor."),
            "single" => start
                .words("single source, ")
                .cell(&table, at, "largest_supplier")
                .words(", though other vendors exist."),
            _ if input.suppliers.is_empty() => start.words(format!("nobody knows who supplies {name}.")),
            _ => start
                .words("one supplier is known, ")
                .cell(&table, at, "largest_supplier")
                .words(format!(" ({}).", input.sourcing.note)),
        };
        answer.findings.push(finding.done());
    }
}

fn finish(
    (view, network, of): (&View<'_>, &Network, EntityId),
    cascades: &Cascades,
    inputs: &[Input<'_>],
    answer: &mut Answer,
) {
    let mut trail = Trail::default();
    let (mut point_row, mut link_row) = (0, 0);
    for (row, input) in inputs.iter().enumerate() {
        let mut links = Upon::default();
        for link in network.suppliers(input.row) {
            let own = Upon::default().link(network, link, None);
            trail.row("suppliers", link_row, own.clone());
            links = links.and(own);
            link_row += 1;
        }
        let first = input.points.first().filter(|point| point.stops_all());
        let named = [first, input.worst()].into_iter().flatten();
        let met =
            named.fold(links.clone(), |upon, point| upon.and(cascades.met(network, input, point.entity)));
        trail.row("inputs", row, met.or_nothing("nobody is known to supply it"));
        for point in &input.points {
            trail.row(
                "meeting-points",
                point_row,
                links.clone().and(cascades.met(network, input, point.entity)),
            );
            point_row += 1;
        }
    }
    let reached =
        |row: &NeedRow| row.binds() && (row.entity == of || steps(&cascades.tiers, row.entity).is_some());
    for row in network.rows().iter().filter(|row| reached(row)) {
        for link in network.suppliers(row) {
            trail.link(network, row, link);
        }
    }
    say_weights(answer, network, network.rungs(reached));
    let text = "Nobody replaces a supplier that stops, and the unknown part of every need goes on: routes may meet where the \
                dataset does not look.";
    answer.caveat("unknown-supplier", text, None);
    if cascades.each.iter().any(|(_, outcome)| !outcome.converged) {
        answer.status = AnswerStatus::NotConverged { residual: TOLERANCE, rounds: MOST_ROUNDS };
    }
    trail.finish(view, answer);
}
