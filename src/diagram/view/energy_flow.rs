//! Energy and compute: who makes the power, which grid carries it to which site, who runs it, whom it serves.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::chart_words::whole;
use super::fold;
use super::words::{self, count, edge_item, node_item, percent};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::View;
use crate::answer::{Unit, format_unit};
use crate::diagram::{Edge, Fill, Flow, Layout, LegendItem, Line, Node, Picture, Shape, Tier};
use crate::model::{Detail, Dimension, EntityId, ProductId, RelationType};
use crate::network::{Network, Rung};
use crate::order::Arrange;

/// Power from its makers over grids and sites to operators and those who compute.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct EnergyFlow {
    /// Beside the sites, draw the makers of this product, which the operators need as well
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<String>,
    /// The product that grids carry to sites
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT", default_value = POWER))]
    pub power: String,
    /// The product that operators supply
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT", default_value = COMPUTE))]
    pub compute: String,
    /// How many sites are named, the largest first, 1 to 13 [default: 10, with others beside them 6]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const POWER: &str = "electricity";
const COMPUTE: &str = "cloud-compute";
/// How many sites, and how many of each other column, are named.
const SITES: usize = 10;
const SITES_BESIDE: usize = 6;
const OTHERS: usize = 7;
const OTHERS_BESIDE: usize = 5;
/// How many makers stand beside the sites.
const BESIDE: usize = 4;
/// The least share of an operator's need that is drawn from there.
const NOTABLE: f64 = 0.1;
/// Of a folded node's lines only those of at least this part of it are drawn.
const WEAK: f64 = 0.12;

/// The columns, from left to right.
const MAKERS: usize = 0;
const GRIDS: usize = 1;
const HALLS: usize = 2;
const OPERATORS: usize = 3;
const USERS: usize = 4;

impl Default for EnergyFlow {
    fn default() -> Self {
        Self { beside: None, power: POWER.to_string(), compute: COMPUTE.to_string(), top: None }
    }
}

impl Figured for EnergyFlow {
    const CARD: ViewCard = ViewCard {
        name: "energy-flow",
        title: "Energy and compute",
        shows: "Where the power of data centres comes from and whom it serves: producers, grids by region, sites in megawatts, operators, labs.",
        example: "linchpin diagram energy-flow --beside ai-accelerator",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        words.extend(self.beside.iter().flat_map(|key| ["--beside".to_string(), key.clone()]));
        for (name, value, usual) in [("--power", &self.power, POWER), ("--compute", &self.compute, COMPUTE)] {
            if value != usual {
                words.extend([name.to_string(), value.clone()]);
            }
        }
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        // what stands beside them takes room from the sites
        let usual = if self.beside.is_some() { SITES_BESIDE } else { SITES };
        let top = whole("top", self.top, usual, fold::MOST_TOP)?;
        let power = view.graph.find_product(&self.power)?;
        let compute = view.graph.find_product(&self.compute)?;
        let beside = self.beside.as_deref().map(|key| view.graph.find_product(key)).transpose()?;
        let network = Network::build(view.graph, &view.scope);
        let halls = halls(view);
        if halls.is_empty() {
            let none = "no site in scope hosts anybody with a stated power".to_string();
            return Err(ViewError::NoData(none));
        }
        let mut map = Map::new(view, &network, (power, compute, beside), &halls);
        map.fold(top, if beside.is_some() { OTHERS_BESIDE } else { OTHERS });
        Ok(self.picture(view, &map))
    }
}

/// A site: its power in megawatts, and whom it hosts with how much.
struct Hall {
    site: EntityId,
    power: f64,
    users: BTreeMap<EntityId, f64>,
}

/// The sites that host somebody in scope. Tenants draw on the operator's power: a site has the most that one row says.
fn halls(view: &View<'_>) -> Vec<Hall> {
    let mut found: BTreeMap<EntityId, Hall> = BTreeMap::new();
    for (_, relation) in view.graph.in_scope(&view.scope, RelationType::Hosts) {
        let Detail::Hosts { power: Some(measure), .. } = &relation.detail else { continue };
        let (Some(user), Some(power)) = (relation.to, measure.point()) else { continue };
        if measure.dimension != Dimension::Power
            || power <= 0.0
            || view.graph.is_inside_total(relation, &view.scope)
        {
            continue;
        }
        let hall = found.entry(relation.from).or_insert_with(|| Hall {
            site: relation.from,
            power: 0.0,
            users: BTreeMap::new(),
        });
        hall.power = hall.power.max(power);
        let slot = hall.users.entry(user).or_default();
        *slot = slot.max(power);
    }
    found.into_values().collect()
}

/// What flows from one to another.
#[derive(Clone, Debug, Default)]
struct Stream {
    /// Megawatts of the sites, or for compute and what stands beside the share of the customer's need.
    size: f64,
    assumed: bool,
    says: Vec<String>,
}

/// Entities in columns and what flows between them.
struct Map<'g> {
    view: &'g View<'g>,
    /// Column and size of each entity: megawatts of the sites that it serves or runs.
    size: BTreeMap<(usize, EntityId), f64>,
    streams: BTreeMap<(usize, EntityId, usize, EntityId, Flow), Stream>,
    /// The node of each entity.
    node: BTreeMap<(usize, EntityId), String>,
    folded: BTreeMap<usize, Vec<EntityId>>,
    /// Power of the sites, and how much of it no supplier is known for.
    power: f64,
    unknown: f64,
}

impl<'g> Map<'g> {
    fn new(
        view: &'g View<'g>,
        network: &Network,
        (power, compute, beside): (ProductId, ProductId, Option<ProductId>),
        halls: &[Hall],
    ) -> Self {
        let mut map = Self {
            view,
            size: BTreeMap::new(),
            streams: BTreeMap::new(),
            node: BTreeMap::new(),
            folded: BTreeMap::new(),
            power: halls.iter().map(|hall| hall.power).sum(),
            unknown: 0.0,
        };
        // who computes: whoever needs compute; all other users of sites run them
        let needs = |id: EntityId, product: ProductId| {
            network.needs(id).iter().find(move |row| row.product == product && row.binds())
        };
        let column = |id: EntityId| if needs(id, compute).is_some() { USERS } else { OPERATORS };
        for hall in halls {
            *map.size.entry((HALLS, hall.site)).or_default() += hall.power;
            for (user, power) in &hall.users {
                let to = column(*user);
                *map.size.entry((to, *user)).or_default() += power;
                let flow = if to == USERS { Flow::Compute } else { Flow::Power };
                map.add(
                    (HALLS, hall.site),
                    (to, *user),
                    flow,
                    *power,
                    false,
                    &format_unit(*power, Unit::Megawatt),
                );
            }
            let known = map.feed(network, power, (HALLS, hall.site), GRIDS, hall.power);
            map.unknown += hall.power * (1.0 - known).max(0.0);
        }
        let grids: Vec<(EntityId, f64)> = map.column(GRIDS);
        for (grid, size) in grids {
            map.feed(network, power, (GRIDS, grid), MAKERS, size);
        }
        for user in view.graph.entity_ids() {
            let Some(row) = needs(user, compute).filter(|_| map.serves(network, user, compute)) else {
                continue;
            };
            map.size.entry((USERS, user)).or_default();
            for link in network.suppliers(row) {
                let from = if map.size.contains_key(&(USERS, link.supplier)) { USERS } else { OPERATORS };
                let known = map.size.contains_key(&(from, link.supplier));
                if known && link.supplier != user {
                    let says = format!("{} of its compute ({})", percent(link.share), link.rung.describe());
                    let assumed = link.rung > Rung::Amounts;
                    map.add((from, link.supplier), (USERS, user), Flow::Compute, link.share, assumed, &says);
                }
            }
        }
        if let Some(product) = beside {
            map.beside(network, product);
        }
        map
    }

    /// Whether somebody in the map supplies it.
    fn serves(&self, network: &Network, user: EntityId, compute: ProductId) -> bool {
        let known =
            |id: EntityId| self.size.contains_key(&(OPERATORS, id)) || self.size.contains_key(&(USERS, id));
        let row = network.needs(user).iter().find(|row| row.product == compute);
        row.is_some_and(|row| network.suppliers(row).iter().any(|link| known(link.supplier)))
    }

    /// Adds the suppliers of a need of power of this size; gives the known part of it.
    fn feed(
        &mut self,
        network: &Network,
        product: ProductId,
        to: (usize, EntityId),
        column: usize,
        size: f64,
    ) -> f64 {
        let Some(row) = network.needs(to.1).iter().find(|row| row.product == product) else { return 0.0 };
        for link in network.suppliers(row) {
            if column == MAKERS && self.size.contains_key(&(GRIDS, link.supplier)) {
                continue;
            }
            let part = size * link.share;
            *self.size.entry((column, link.supplier)).or_default() += part;
            let says = format!(
                "{} of its power, {} of the sites' ({})",
                percent(link.share),
                format_unit(part, Unit::Megawatt),
                link.rung.describe()
            );
            self.add((column, link.supplier), to, Flow::Power, part, link.rung > Rung::Amounts, &says);
        }
        row.known
    }

    /// The makers of a product that operators need, beside the sites.
    fn beside(&mut self, network: &Network, product: ProductId) {
        let operators = self.column(OPERATORS);
        let mut makers: BTreeMap<EntityId, f64> = BTreeMap::new();
        let mut found = Vec::new();
        for (operator, size) in operators {
            let Some(row) = network.needs(operator).iter().find(|row| row.product == product) else {
                continue;
            };
            for link in network.suppliers(row) {
                *makers.entry(link.supplier).or_default() += size * link.share;
                found.push((link.supplier, (OPERATORS, operator), link.share, link.rung));
            }
        }
        let first: Vec<EntityId> = ranked(makers).into_iter().take(BESIDE).map(|(id, _)| id).collect();
        let name = &self.view.graph.product(product).name;
        for (supplier, to, share, rung) in found {
            if first.contains(&supplier) && share >= NOTABLE {
                // in the column of the sites, but no site: it has no megawatts
                self.size.entry((HALLS, supplier)).or_insert(0.0);
                let says = format!("{} of its {name} ({})", percent(share), rung.describe());
                self.add((HALLS, supplier), to, Flow::Supply, share, rung > Rung::Amounts, &says);
            }
        }
    }

    fn add(
        &mut self,
        from: (usize, EntityId),
        to: (usize, EntityId),
        flow: Flow,
        size: f64,
        assumed: bool,
        says: &str,
    ) {
        let stream = self.streams.entry((from.0, from.1, to.0, to.1, flow)).or_default();
        stream.size += size;
        stream.assumed |= assumed;
        stream.says.push(says.to_string());
    }

    /// The entities of a column, the largest first.
    fn column(&self, column: usize) -> Vec<(EntityId, f64)> {
        let own = self.size.iter().filter(|((at, _), _)| *at == column);
        ranked(own.map(|((_, id), size)| (*id, *size)).collect())
    }

    /// Names the largest of each column and puts the others into one node.
    fn fold(&mut self, top: usize, others: usize) {
        for column in MAKERS..=USERS {
            let all = self.column(column);
            let keep = if column == HALLS { top } else { others };
            let (makers, rest): (Vec<_>, Vec<_>) =
                all.into_iter().partition(|(_, size)| column == HALLS && *size <= 0.0);
            let shown = if rest.len() <= keep + 1 { rest.len() } else { keep };
            for (at, (id, _)) in makers.iter().chain(&rest).enumerate() {
                let named = at < makers.len() + shown;
                let node =
                    if named { self.view.graph.entity(*id).key.clone() } else { format!("+others-{column}") };
                if !named {
                    self.folded.entry(column).or_default().push(*id);
                }
                self.node.insert((column, *id), format!("{column}:{node}"));
            }
        }
    }
}

/// The largest first, then in the order of keys.
fn ranked(sizes: BTreeMap<EntityId, f64>) -> Vec<(EntityId, f64)> {
    let mut all: Vec<(EntityId, f64)> = sizes.into_iter().collect();
    let rounded = |size: f64| (size * 1e6).round();
    all.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.cmp(&b.0)));
    all
}

impl EnergyFlow {
    fn picture(&self, view: &View<'_>, map: &Map<'_>) -> Drawing {
        let graph = view.graph;
        let beside = self.beside.as_deref().and_then(|key| graph.find_product(key).ok());
        let beside = beside.map(|product| graph.product(product).name.as_str());
        let title = match beside {
            Some(_) => "AI infrastructure and energy",
            None => "Energy and compute: from power to labs",
        };
        let mut picture = Picture::new(title, Layout::Tiers);
        let headings = [
            "Producers",
            "Grids and utilities",
            if beside.is_some() { "Sites, and makers" } else { "Sites" },
            "Operators and tenants",
            "Users",
        ];
        picture.tiers = headings.map(Tier::new).into();
        let mut nodes: BTreeMap<&String, Node> = BTreeMap::new();
        let mut sizes: BTreeMap<&String, f64> = BTreeMap::new();
        for ((column, id), key) in &map.node {
            let size = map.size.get(&(*column, *id)).copied().unwrap_or(0.0);
            *sizes.entry(key).or_default() += size;
            nodes.entry(key).or_insert_with(|| self.node(map, *column, *id, key));
        }
        for (key, mut node) in nodes {
            let size = sizes.get(key).copied().unwrap_or(0.0);
            if size >= 0.5 && node.tier != MAKERS {
                node.detail.push(format_unit(size, Unit::Megawatt));
            }
            picture.nodes.push(node);
        }
        let left_out = edges(map, &mut picture);
        let tied: BTreeSet<String> =
            picture.edges.iter().flat_map(|edge| [edge.from.clone(), edge.to.clone()]).collect();
        picture.nodes.retain(|node| tied.contains(&node.id));
        picture.legend = legend(&picture, beside);
        picture.caption = caption(map, left_out, beside.is_some());
        picture.caption.extend(words::provenance(self, view));
        let mut folded = fold::sidecar("Megawatts of the sites that it is, serves, runs or uses");
        for (column, who) in &map.folded {
            for id in who {
                let size = map.size.get(&(*column, *id)).copied().unwrap_or(0.0);
                fold::note(&mut folded, graph, &format!("{column}:+others-{column}"), *id, size);
            }
        }
        picture.alt = Some(alt(map, &picture));
        Drawing { figure: picture.into(), folded }
    }

    fn node(&self, map: &Map<'_>, column: usize, id: EntityId, key: &str) -> Node {
        let graph = map.view.graph;
        let Some(others) = map.folded.get(&column).filter(|who| who.contains(&id)) else {
            let mut node = Node::new(key, &graph.entity(id).name, column);
            node.dashed = graph.entity(id).group;
            let made = column == HALLS && map.size.get(&(column, id)) == Some(&0.0);
            (node.shape, node.fill) = match column {
                MAKERS => (Shape::Cylinder, Fill::Hue(3)),
                GRIDS => (Shape::Hexagon, Fill::Hue(1)),
                HALLS if made => (Shape::Rounded, Fill::Kind(4)),
                HALLS => (Shape::Box, Fill::Hue(2)),
                OPERATORS => (Shape::Rounded, Fill::Hue(0)),
                _ => (Shape::Ellipse, Fill::Neutral),
            };
            if column == HALLS && !made {
                // the town, which the dataset notes
                node.tooltip = graph.entity(id).note.clone();
            }
            return node;
        };
        let mut node = Node::new(key, format!("{} others", others.len()), column);
        (node.fill, node.dashed) = (Fill::Group, true);
        let names: Vec<&str> = others.iter().map(|id| graph.entity(*id).name.as_str()).collect();
        node.tooltip = Some(names.join(", "));
        node
    }
}

/// Adds the edges; says how many weak ones of folded nodes are left out.
fn edges(map: &Map<'_>, picture: &mut Picture) -> usize {
    let mut joined: BTreeMap<(&String, &String, Flow), Vec<&Stream>> = BTreeMap::new();
    for ((from, supplier, to, customer, flow), stream) in &map.streams {
        if let (Some(a), Some(b)) = (map.node.get(&(*from, *supplier)), map.node.get(&(*to, *customer)))
            && a != b
        {
            joined.entry((a, b, *flow)).or_default().push(stream);
        }
    }
    let megawatts =
        |from: &str, flow: Flow| flow == Flow::Power || (flow == Flow::Compute && from.starts_with("2:"));
    let size = |streams: &[&Stream]| streams.iter().map(|stream| stream.size).sum::<f64>();
    let mut most: BTreeMap<&String, f64> = BTreeMap::new();
    let mut largest = 1.0f64;
    for ((from, to, flow), streams) in &joined {
        for end in [*from, *to] {
            let slot = most.entry(end).or_default();
            *slot = slot.max(size(streams));
        }
        if megawatts(from, *flow) {
            largest = largest.max(size(streams));
        }
    }
    let before = joined.len();
    let weak = |from: &String, to: &String, own: f64| {
        [from, to]
            .iter()
            .any(|end| end.contains("+others") && own < WEAK * most.get(*end).copied().unwrap_or(0.0))
    };
    for ((from, to, flow), streams) in &joined {
        let own = size(streams);
        if weak(from, to, own) {
            continue;
        }
        let mut edge = Edge::new(from.as_str(), to.as_str(), *flow);
        let power = megawatts(from, *flow);
        // of folded customers the mean
        let share = own / streams.len() as f64;
        edge.weight = if power { 0.85 * own / largest } else { 0.45 * share.clamp(0.0, 1.0) };
        let printed = if power { own >= 0.04 * largest } else { share >= 0.05 };
        edge.label = match (printed, power) {
            (false, _) => String::new(),
            (true, true) => format_unit(own, Unit::Megawatt),
            (true, false) => percent(share),
        };
        edge.line = if streams.iter().any(|stream| stream.assumed) { Line::Dashed } else { Line::Solid };
        let says: Vec<&str> = streams.iter().flat_map(|stream| &stream.says).map(String::as_str).collect();
        edge.tooltip = Some(says.join("; "));
        picture.edges.push(edge);
    }
    before - picture.edges.len()
}

fn legend(picture: &Picture, beside: Option<&str>) -> Vec<LegendItem> {
    let mut items = vec![
        node_item(Shape::Cylinder, Fill::Hue(3), false, false, "makes power"),
        node_item(Shape::Hexagon, Fill::Hue(1), false, false, "grid operator or utility"),
        node_item(Shape::Box, Fill::Hue(2), false, false, "data centre"),
    ];
    if let Some(product) = beside {
        let text = format!("maker of: {product}");
        items.push(node_item(Shape::Rounded, Fill::Kind(4), false, false, &text));
    }
    items.push(node_item(Shape::Rounded, Fill::Hue(0), false, false, "runs or rents sites"));
    items.push(node_item(Shape::Ellipse, Fill::Neutral, false, false, "computes"));
    if picture.nodes.iter().any(|node| node.fill == Fill::Group) {
        items.push(node_item(Shape::Rounded, Fill::Group, false, true, "several in one node"));
    }
    let flows = [
        (Flow::Power, "power, in MW of the sites"),
        (Flow::Compute, "compute: MW hosted, or share of the user's need"),
        (Flow::Supply, "goods: share of the operator's need"),
    ];
    for (flow, text) in flows {
        if picture.edges.iter().any(|edge| edge.flow == flow) {
            items.push(edge_item(flow, Line::Solid, 0.35, text));
        }
    }
    if picture.edges.iter().any(|edge| edge.line == Line::Dashed) {
        items.push(edge_item(
            Flow::Neutral,
            Line::Dashed,
            0.2,
            "assumed: where it stands, market share, equal split",
        ));
    }
    items
}

fn caption(map: &Map<'_>, left_out: usize, beside: bool) -> Vec<String> {
    let sites = map.size.iter().filter(|((column, _), size)| *column == HALLS && **size > 0.0).count();
    let mut first = format!(
        "{} with {} of power in scope. Tenants draw on the operator's power, so lines out of one site are not to be added up; a site counts once, with the most \
         that one record says.",
        count(sites, "site", "sites"),
        format_unit(map.power, Unit::Megawatt)
    );
    if map.unknown >= 0.5 {
        let part = percent(map.unknown / map.power);
        first.push_str(&format!(
            " For {} ({part}) no grid is known.",
            format_unit(map.unknown, Unit::Megawatt)
        ));
    }
    let mut second = String::from(
        "A grid's megawatts are its shares of these sites' need, a producer's its shares of that",
    );
    second.push_str(if beside {
        "; of makers those with the largest shares, weighted by the operators' megawatts, and of their shares those of 10 % or more."
    } else {
        "."
    });
    let folded: usize = map.folded.values().map(Vec::len).sum();
    if folded > 0 {
        second.push_str(&format!(" {folded} smaller ones are folded into \"others\"."));
    }
    if left_out > 0 {
        second.push_str(&format!(" {} of theirs left out.", count(left_out, "weak line", "weak lines")));
    }
    vec![first, second]
}

fn alt(map: &Map<'_>, picture: &Picture) -> String {
    let largest: Vec<String> = (map.column(HALLS).into_iter().take(5))
        .map(|(id, size)| format!("{} {}", map.view.graph.entity(id).name, format_unit(size, Unit::Megawatt)))
        .collect();
    let grids: Vec<String> = (map.column(GRIDS).into_iter().take(4))
        .map(|(id, size)| format!("{} {}", map.view.graph.entity(id).name, format_unit(size, Unit::Megawatt)))
        .collect();
    format!(
        "{}. {} in five columns. Largest sites: {}. Largest grids: {}.",
        picture.title,
        count(picture.nodes.len(), "node", "nodes"),
        largest.join(", "),
        grids.join(", ")
    )
}
