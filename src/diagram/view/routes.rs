//! The routes by which one entity hangs on another: `why`, drawn.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fold;
use super::tiers::{self, Step};
use super::words::{self, Colours, count, edge_item, node_item, percent, some};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, View, Why};
use crate::answer::{Answer, Cell, Table};
use crate::diagram::{Edge, Fill, Flow, Layout, LegendItem, Line, Node, Picture, Shape, Tier};
use crate::model::EntityId;
use crate::network::Rung;
use crate::order::Arrange;

/// The routes along which function is lost, from one entity up to another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Routes {
    /// Who hangs
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    pub of: String,
    /// On whom
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    pub to: String,
    /// How many routes are drawn, the strongest first, 1 to 20
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = USUAL))]
    pub most: usize,
}

const USUAL: usize = 10;
const MOST: usize = 20;
/// The most columns that print on A4.
const COLUMNS: usize = 8;

impl Default for Routes {
    fn default() -> Self {
        Self { of: String::new(), to: String::new(), most: USUAL }
    }
}

impl Figured for Routes {
    const CARD: ViewCard = ViewCard {
        name: "routes",
        title: "Routes of dependence",
        shows: "By which routes one entity hangs on another, how much of its function each carries, and whom all of them pass.",
        example: "linchpin diagram routes --of anthropic --to asml",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = vec!["--of".to_string(), self.of.clone(), "--to".to_string(), self.to.clone()];
        if self.most != USUAL {
            words.extend(["--most".to_string(), self.most.to_string()]);
        }
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        if !(1..=MOST).contains(&self.most) {
            let reason = format!("expected 1 to {MOST}, which is what a page holds, not {}", self.most);
            return Err(ViewError::Invalid { parameter: "most", reason });
        }
        let ask = Why { of: self.of.clone(), to: self.to.clone(), most: self.most, ..Why::default() };
        let answer = ask.run(view)?;
        let ends = (view.graph.find_entity(&self.of)?, view.graph.find_entity(&self.to)?);
        let paths = Paths::read(view, &answer);
        if paths.routes.is_empty() {
            let names = (&view.graph.entity(ends.0).name, &view.graph.entity(ends.1).name);
            return Err(ViewError::NoData(format!(
                "no route carries a loss of function from {} to {}; `linchpin why-not {} {}` says what is missing",
                names.1, names.0, self.of, self.to
            )));
        }
        Ok(self.picture(view, ends, &answer, &paths))
    }
}

/// One step: who needs what from whom.
struct Tread {
    customer: EntityId,
    supplier: EntityId,
    product: String,
    share: f64,
    rung: String,
}

/// A route: the share of function that is lost over it, and its steps from the one who hangs.
struct Route {
    share: f64,
    treads: Vec<Tread>,
}

/// The routes that carry, the strongest first.
struct Paths {
    routes: Vec<Route>,
}

impl Paths {
    fn read(view: &View<'_>, answer: &Answer) -> Self {
        let empty = Table::new("", "", Vec::new());
        let table = |name: &str| answer.table(name).unwrap_or(&empty);
        let (routes, steps) = (table("routes"), table("steps"));
        let entity =
            |row: usize, column: &str| view.graph.find_entity(steps.cell(row, column)?.as_key()?).ok();
        let tread = |row: usize| {
            let product = match steps.cell(row, "product")? {
                Cell::Item { name, .. } => name.clone(),
                _ => String::new(),
            };
            let rung = steps.cell(row, "rung").and_then(Cell::as_key).unwrap_or_default().to_string();
            Some(Tread {
                customer: entity(row, "customer")?,
                supplier: entity(row, "supplier")?,
                product,
                share: steps.number(row, "share")?,
                rung,
            })
        };
        let mut treads: BTreeMap<u64, Vec<Tread>> = BTreeMap::new();
        for row in 0..steps.rows.len() {
            if let (Some(route), Some(tread)) = (steps.number(row, "route"), tread(row)) {
                treads.entry(route as u64).or_default().push(tread);
            }
        }
        let mut found = Vec::new();
        for row in 0..routes.rows.len() {
            let function = routes.cell(row, "basis").and_then(Cell::as_key) == Some("function");
            if !function || routes.cell(row, "carries") != Some(&Cell::Flag(true)) {
                continue;
            }
            let number = routes.number(row, "route").map(|number| number as u64);
            let share = routes.number(row, "share").unwrap_or(0.0);
            if let Some(treads) = number.and_then(|number| treads.remove(&number)) {
                found.push(Route { share, treads });
            }
        }
        Self { routes: found }
    }

    /// Who stands on the routes, with the sum of the shares of the routes that pass there: the one who hangs first,
    /// then by share, then by key.
    fn members(&self, of: EntityId) -> Vec<(EntityId, f64)> {
        let mut sums: BTreeMap<EntityId, f64> = BTreeMap::new();
        for route in &self.routes {
            let passed: BTreeSet<EntityId> =
                route.treads.iter().flat_map(|tread| [tread.customer, tread.supplier]).collect();
            for id in passed {
                *sums.entry(id).or_default() += route.share;
            }
        }
        let mut members: Vec<(EntityId, f64)> = sums.into_iter().collect();
        let rounded = |sum: f64| (sum * 1e9).round();
        members.arrange(|a, b| {
            (b.0 == of).cmp(&(a.0 == of)).then(rounded(b.1).total_cmp(&rounded(a.1))).then(a.0.cmp(&b.0))
        });
        members
    }

    fn listed(&self) -> f64 {
        self.routes.iter().map(|route| route.share).sum()
    }

    /// The steps, each once, with the sum of the shares of the routes that take it.
    fn ties(&self) -> Vec<(&Tread, f64)> {
        let mut found: BTreeMap<(EntityId, EntityId, &str), (&Tread, f64)> = BTreeMap::new();
        for route in &self.routes {
            for tread in &route.treads {
                let key = (tread.supplier, tread.customer, tread.product.as_str());
                found.entry(key).or_insert((tread, 0.0)).1 += route.share;
            }
        }
        found.into_values().collect()
    }
}

impl Routes {
    fn picture(
        &self,
        view: &View<'_>,
        (of, to): (EntityId, EntityId),
        answer: &Answer,
        paths: &Paths,
    ) -> Drawing {
        let graph = view.graph;
        let (members, ties, listed) = (paths.members(of), paths.ties(), paths.listed());
        let ids: Vec<EntityId> = members.iter().map(|(id, _)| *id).collect();
        let columns = columns(view, &ids, &ties, (of, to));
        let name = |id: EntityId| graph.entity(id).name.as_str();
        let title = format!("Why {} hangs on {}", name(of), name(to));
        let mut picture = Picture::new(title, Layout::Tiers);
        let last = columns.iter().max().map_or(0, |most| most + 1);
        picture.tiers = (0..last).map(|at| Tier::new(heading(view, &ids, &columns, at))).collect();
        let colours = Colours::new(graph, ids.iter().copied().filter(|id| *id != of));
        for ((id, sum), column) in members.iter().zip(&columns) {
            let mut node = Node::new(&graph.entity(*id).key, name(*id), *column);
            node.fill = if *id == of { Fill::Focus } else { colours.of(graph, *id) };
            let end = *id == of || *id == to;
            if !end {
                node.detail.push(format!("passes {}", percent(sum / listed)));
            }
            if !end && (sum / listed) > 1.0 - 1e-9 {
                (node.shape, node.thick) = (Shape::Octagon, true);
            }
            if *id == to {
                (node.shape, node.thick) = (Shape::Hexagon, true);
            }
            picture.nodes.push(node);
        }
        let named = named(&ties, |id| ids.iter().position(|other| *other == id).map_or(0, |at| columns[at]));
        for (at, (tread, carried)) in ties.iter().enumerate() {
            let from = &graph.entity(tread.supplier).key;
            let mut edge = Edge::new(from, &graph.entity(tread.customer).key, Flow::Supply);
            edge.label = match named.contains(&at) {
                true => format!("{} {}", tread.product, percent(tread.share)),
                false => percent(tread.share),
            };
            edge.weight = (carried / listed).clamp(0.0, 1.0) * 0.75;
            let known = [Rung::Stated, Rung::Amounts].iter().any(|rung| rung.describe() == tread.rung);
            edge.line = if known { Line::Solid } else { Line::Dashed };
            edge.tooltip = Some(format!(
                "{} of the need for {} ({}); the routes over it carry {}",
                percent(tread.share),
                tread.product,
                tread.rung,
                percent(*carried)
            ));
            picture.edges.push(edge);
        }
        picture.legend = legend(&picture, name(of), name(to), &colours, view);
        let findings = answer.findings.iter().map(|finding| finding.text.clone());
        let mut caption: Vec<String> = findings.take(1).collect();
        caption.push(format!(
            "{} along the products that bind. On a line: share of the customer's need, with the product on the heaviest; width: the part of the listed loss that takes it. In a box: \
             how much of the listed loss passes it. Nobody replaces a supplier, the unknown part of a need goes on.",
            count(paths.routes.len(), "route", "routes"),
        ));
        caption.extend(words::provenance(self, view));
        picture.caption = caption;
        let passed: Vec<String> = (members.iter())
            .filter(|(id, _)| *id != of && *id != to)
            .map(|(id, sum)| format!("{} {}", name(*id), percent(sum / listed)))
            .collect();
        picture.alt = Some(format!(
            "{}: {} of function lost in all over {}. They pass: {}.",
            picture.title,
            percent(listed),
            count(paths.routes.len(), "route", "routes"),
            some(&passed, 8)
        ));
        Drawing { figure: picture.into(), folded: fold::sidecar("Nothing is folded") }
    }
}

/// The ties that name their product: the heaviest of each product out of each column.
fn named(ties: &[(&Tread, f64)], column: impl Fn(EntityId) -> usize) -> BTreeSet<usize> {
    let mut heaviest: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for (at, (tread, carried)) in ties.iter().enumerate() {
        let slot = heaviest.entry((column(tread.supplier), tread.product.as_str())).or_insert(at);
        if *carried > ties[*slot].1 {
            *slot = at;
        }
    }
    heaviest.into_values().collect()
}

/// Columns by how far upstream each stands; both ends have one of their own.
fn columns(
    view: &View<'_>,
    ids: &[EntityId],
    ties: &[(&Tread, f64)],
    (of, to): (EntityId, EntityId),
) -> Vec<usize> {
    let at = |id: EntityId| ids.iter().position(|other| *other == id);
    let steps: Vec<Step> = (ties.iter())
        .filter_map(|(tread, _)| {
            let (supplier, customer) = (at(tread.supplier)?, at(tread.customer)?);
            Some(Step { supplier, customer, weight: tread.share, product_tier: None })
        })
        .collect();
    let mut levels = tiers::levels(view.graph, ids, &steps);
    let (low, high) =
        levels.iter().fold((f64::MAX, f64::MIN), |(a, b), level| (a.min(*level), b.max(*level)));
    for (id, level) in ids.iter().zip(&mut levels) {
        if *id == of {
            *level = high + 1.0;
        } else if *id == to {
            *level = low - 1.0;
        }
    }
    tiers::columns(&levels, &steps, &[low - 1.0, high + 1.0], COLUMNS)
}

/// The kinds in a column.
fn heading(view: &View<'_>, ids: &[EntityId], columns: &[usize], column: usize) -> String {
    let mut names: Vec<String> = Vec::new();
    for (id, _) in ids.iter().zip(columns).filter(|(_, at)| **at == column) {
        let kind = view.graph.facts().kinds.get(view.graph.entity(*id).kind);
        let name = kind.map_or("other", |kind| kind.name.as_str()).to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for later in names.iter_mut().skip(1) {
        *later = words::uncapitalised(later);
    }
    match names.as_slice() {
        [first, _, _, ..] => format!("{first} and others"),
        _ => words::list(&names, "and"),
    }
}

fn legend(picture: &Picture, of: &str, to: &str, colours: &Colours, view: &View<'_>) -> Vec<LegendItem> {
    let mut items = vec![
        node_item(Shape::Rounded, Fill::Focus, false, false, of),
        node_item(Shape::Hexagon, Fill::Neutral, true, false, to),
    ];
    if picture.nodes.iter().any(|node| node.shape == Shape::Octagon) {
        items.push(node_item(
            Shape::Octagon,
            Fill::Neutral,
            true,
            false,
            "chokepoint: on every listed route",
        ));
    }
    items.extend(colours.legend(view.graph));
    let has = |line: Line| picture.edges.iter().any(|edge| edge.line == line);
    if has(Line::Solid) {
        items.push(edge_item(Flow::Supply, Line::Solid, 0.4, "share stated or from amounts"));
    }
    if has(Line::Dashed) {
        items.push(edge_item(Flow::Supply, Line::Dashed, 0.4, "share assumed: market share, equal split"));
    }
    items
}
