//! Who supplies whom, by tiers.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::chain::{Chain, PRINTED, Plan, Slot};
use super::fold;
use super::words::{self, Colours, count, edge_item, node_item, percent, some};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::View;
use crate::diagram::{Fill, Flow, Layout, LegendItem, Line, Mark, Node, Picture, Shape};
use crate::model::{EntityId, ProductId};
use crate::network::Network;
use crate::order::Arrange;
use crate::propagation::functional::{Outcome, Settings, UnknownSupplier, propagate};
use crate::side_by_side::SideBySide;

/// The chain by tiers, around one entity or as a whole.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct SupplyMap {
    /// Only what is upstream and downstream of this entity, with what stops without what
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// Most steps upstream of the focus [default: all]
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS", requires = "focus"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub up: Option<u32>,
    /// Most steps downstream of the focus [default: all]
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS", requires = "focus"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub down: Option<u32>,
    /// How many each tier shows by name, 1 to 13 [default: as many as a page holds]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
    /// Only needs for these products
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT", value_delimiter = ','))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub products: Vec<String>,
}

/// Below this a loss is rounding.
const NOTICEABLE: f64 = 1e-12;
/// Above this many entities the map ranks by direct shares; a cascade for each would take too long.
const MOST_CASCADES: usize = 3_000;

/// Without replacement, with the unknown part of needs unaffected.
pub(super) const PLAIN: Settings = Settings { replacement: false, unknown: UnknownSupplier::Unaffected };

impl Figured for SupplyMap {
    const CARD: ViewCard = ViewCard {
        name: "supply-map",
        title: "Supply map by tiers",
        shows: "Who supplies whom, upstream left: around one entity with what stops without what, or the weightiest of each tier.",
        example: "linchpin diagram supply-map --focus anthropic",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        let mut add = |name: &str, value: Option<String>| {
            if let Some(value) = value {
                words.extend([format!("--{name}"), value]);
            }
        };
        add("focus", self.focus.clone());
        add("up", self.up.map(|up| up.to_string()));
        add("down", self.down.map(|down| down.to_string()));
        add("top", self.top.map(|top| top.to_string()));
        add("products", (!self.products.is_empty()).then(|| self.products.join(",")));
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        check_top(self.top)?;
        let products: Result<BTreeSet<ProductId>, _> =
            self.products.iter().map(|key| view.graph.find_product(key)).collect();
        let products = products?;
        let focus = self.focus.as_deref().map(|key| view.graph.find_entity(key)).transpose()?;
        let network = Network::build(view.graph, &view.scope);
        let found = match focus {
            Some(focus) => self.around(&network, focus),
            None => whole(&network, &products),
        };
        if found.len() < 2 {
            let name = focus.map_or("the dataset", |id| view.graph.entity(id).name.as_str());
            return Err(ViewError::NoData(format!(
                "{name} has no need in scope that a supplier covers: there is nothing to map"
            )));
        }
        let members: Vec<EntityId> = found.iter().map(|member| member.id).collect();
        let keep: BTreeSet<EntityId> = focus.into_iter().collect();
        let most = found.iter().map(|member| member.rank).fold(1e-12, f64::max);
        let ranks: BTreeMap<EntityId, f64> =
            found.iter().map(|member| (member.id, member.rank / most)).collect();
        let plan = Plan {
            members: &members,
            keep: &keep,
            top: self.top,
            products: &products,
            matters: &|id| ranks.get(&id).copied().unwrap_or(0.0),
            wanted: &|_, _, _| true,
        };
        let chain = Chain::new(view, &network, &plan);
        Ok(self.picture(view, focus, &found, &chain))
    }
}

/// Refuses columns that no page holds.
pub(super) fn check_top(top: Option<usize>) -> Result<(), ViewError> {
    let Some(top) = top.filter(|top| !(1..=fold::MOST_TOP).contains(top)) else { return Ok(()) };
    let reason = format!("expected 1 to {}, which is what a page holds, not {top}", fold::MOST_TOP);
    Err(ViewError::Invalid { parameter: "top", reason })
}

/// What stands in the map, and what it is to the focus or to all.
#[derive(Clone, Debug)]
struct Member {
    id: EntityId,
    /// Function that the focus loses when it stops.
    stop_loss: Option<f64>,
    /// Function that it loses when the focus stops.
    loses: Option<f64>,
    /// How many others lose function when it stops, and how many of them stop.
    reach: (usize, usize),
    rank: f64,
}

impl Member {
    fn stops_focus(&self) -> bool {
        self.stop_loss.is_some_and(|loss| loss > 1.0 - 1e-9)
    }

    fn detail(&self, focus: Option<EntityId>) -> Vec<String> {
        let mut lines = Vec::new();
        if focus == Some(self.id) {
            return lines;
        }
        lines.extend(self.stop_loss.map(|loss| format!("stop loss {}", percent(loss))));
        lines.extend(self.loses.map(|loss| format!("loses {}", percent(loss))));
        if focus.is_none() && self.reach.0 > 0 {
            let stops =
                if self.reach.1 > 0 { format!(", stops\u{a0}{}", self.reach.1) } else { String::new() };
            lines.push(format!("hits {}{stops}", self.reach.0));
        }
        lines
    }
}

/// Whom a failure hits, the failing entity left out: how many lose function, how many stop, all losses added.
fn reach(outcome: &Outcome, failing: EntityId) -> ((usize, usize), f64) {
    let (mut hit, mut stopped, mut sum) = (0, 0, 0.0);
    for (at, level) in outcome.functionality.iter().enumerate() {
        let loss = 1.0 - level;
        if at != failing.index() && loss > NOTICEABLE {
            hit += 1;
            stopped += usize::from(loss > 1.0 - 1e-9);
            sum += loss;
        }
    }
    ((hit, stopped), sum)
}

/// Most important first, ties in the order of their keys.
fn ranked(mut members: Vec<Member>) -> Vec<Member> {
    let rounded = |rank: f64| (rank * 1e9).round();
    members.arrange(|a, b| rounded(b.rank).total_cmp(&rounded(a.rank)).then(a.id.cmp(&b.id)));
    members
}

/// Everyone with a part in a need, by the sum of the losses of others when it stops.
fn whole(network: &Network, products: &BTreeSet<ProductId>) -> Vec<Member> {
    let mut direct = vec![0.0; network.len()];
    let mut inside = BTreeSet::new();
    for row in network.rows().iter().filter(|row| row.binds()) {
        if products.is_empty() || products.contains(&row.product) {
            for link in network.suppliers(row) {
                direct[link.supplier.index()] += link.share;
                inside.extend([row.entity, link.supplier]);
            }
        }
    }
    let cascades = inside.len() <= MOST_CASCADES;
    let ids: Vec<EntityId> = inside.into_iter().collect();
    let member = |id: &EntityId| {
        let (reach, sum) =
            if cascades { reach(&propagate(network, &[(*id, 1.0)], PLAIN), *id) } else { ((0, 0), 0.0) };
        // those who supply nobody stand in the order of what they need
        let needs = network.needs(*id).iter().filter(|row| row.binds()).map(|row| row.known).sum::<f64>();
        Member { id: *id, stop_loss: None, loses: None, reach, rank: sum + direct[id.index()] + needs / 1e3 }
    };
    ranked(ids.side_by_side(member))
}

impl SupplyMap {
    /// The focus and all that is upstream or downstream of it, by what stops without what.
    fn around(&self, network: &Network, focus: EntityId) -> Vec<Member> {
        let within = |steps: Option<u32>, most: Option<u32>| {
            steps.is_some_and(|steps| steps > 0 && most.is_none_or(|most| steps <= most))
        };
        let (up, down) = (network.tiers_upstream(focus), network.tiers_downstream(focus));
        let without = propagate(network, &[(focus, 1.0)], PLAIN);
        let cascades = network.len() <= MOST_CASCADES;
        let ids: Vec<EntityId> = (0..network.len()).map(EntityId::new).collect();
        let member = |id: &EntityId| {
            let at = id.index();
            let (is_up, is_down) = (within(up[at], self.up), within(down[at], self.down));
            if *id != focus && !is_up && !is_down {
                return None;
            }
            let mut stop_loss = None;
            let mut others = 0.0;
            if (is_up || cascades) && *id != focus {
                let outcome = propagate(network, &[(*id, 1.0)], PLAIN);
                stop_loss = is_up.then(|| 1.0 - outcome.functionality[focus.index()]);
                others = reach(&outcome, *id).1;
            }
            let loses = (is_down && *id != focus).then(|| 1.0 - without.functionality[at]);
            Some(Member { id: *id, stop_loss, loses, reach: (0, 0), rank: others })
        };
        let mut found: Vec<Member> = ids.side_by_side(member).into_iter().flatten().collect();
        let most = found.iter().map(|member| member.rank).fold(NOTICEABLE, f64::max);
        for member in &mut found {
            // what stops the focus stands first, and among the like of it what stops the most besides
            let own = member.stop_loss.unwrap_or(0.0).max(member.loses.unwrap_or(0.0));
            member.rank = own * (0.75 + 0.25 * member.rank / most);
        }
        ranked(found)
    }

    fn title(&self, view: &View<'_>, focus: Option<EntityId>, found: &[Member]) -> String {
        let products: Vec<&str> = self
            .products
            .iter()
            .filter_map(|key| view.graph.find_product(key).ok())
            .map(|id| view.graph.product(id).name.as_str())
            .collect();
        let of =
            if products.is_empty() { String::new() } else { format!(" ({})", words::list(&products, "and")) };
        match focus {
            Some(focus) => {
                let name = &view.graph.entity(focus).name;
                let up = found.iter().any(|member| member.stop_loss.is_some());
                let down = found.iter().any(|member| member.loses.is_some());
                match (up, down) {
                    (true, true) => format!("What {name} hangs on, and who hangs on it{of}"),
                    (false, true) => format!("Who hangs on {name}{of}"),
                    _ => format!("What {name} hangs on{of}"),
                }
            }
            None => {
                let facts = view.graph.facts();
                format!("{}: the supply map{of}", facts.meta.title.as_ref().unwrap_or(&facts.meta.name))
            }
        }
    }

    fn picture(&self, view: &View<'_>, focus: Option<EntityId>, found: &[Member], chain: &Chain) -> Drawing {
        let graph = view.graph;
        let of = |id: EntityId| found.iter().find(|member| member.id == id);
        let mut picture = Picture::new(self.title(view, focus, found), Layout::Tiers);
        picture.tiers = chain.tiers.clone();
        let shown = chain.slots.iter().filter_map(Slot::entity).filter(|id| focus != Some(*id));
        let colours = Colours::new(graph, shown);
        let mut folded =
            fold::sidecar("What it is ranked by: losses of or through the focus, or of all when it stops");
        for slot in &chain.slots {
            let Some(id) = slot.entity() else {
                let members: Vec<&Member> = slot.who.iter().filter_map(|id| of(*id)).collect();
                for member in &members {
                    fold::note(&mut folded, graph, &slot.id, member.id, member.rank);
                }
                picture.nodes.push(others(graph, slot, &members));
                continue;
            };
            let entity = graph.entity(id);
            let mut node = Node::new(&slot.id, &entity.name, slot.column);
            node.fill = if focus == Some(id) { Fill::Focus } else { colours.of(graph, id) };
            node.dashed = entity.group;
            if let Some(member) = of(id) {
                node.detail = member.detail(focus);
                node.thick = member.stops_focus();
                node.shape = if node.thick { Shape::Octagon } else { Shape::Rounded };
            }
            picture.nodes.push(node);
        }
        picture.edges = chain.strands.iter().map(|strand| chain.edge(strand)).collect();
        picture.legend = legend(view, focus, &picture, &colours);
        picture.caption = vec![reading(focus.map(|id| graph.entity(id).name.as_str()))];
        picture.caption.push(left_out(chain));
        picture.caption.extend(words::provenance(self, view));
        picture.alt = Some(alt(&picture));
        Drawing { figure: picture.into(), folded }
    }
}

fn others(graph: &crate::graph::Graph, slot: &Slot, members: &[&Member]) -> Node {
    let mut node = Node::new(&slot.id, format!("{} others", slot.who.len()), slot.column);
    (node.fill, node.dashed) = (Fill::Group, true);
    let most = |get: fn(&Member) -> Option<f64>| members.iter().filter_map(|m| get(m)).reduce(f64::max);
    let say = |words: &str, loss: f64| format!("{words} ≤\u{a0}{}", percent(loss));
    node.detail.extend(most(|m| m.stop_loss).map(|loss| say("stop loss", loss)));
    node.detail.extend(most(|m| m.loses).map(|loss| say("lose", loss)));
    let names: Vec<&str> = slot.who.iter().map(|id| graph.entity(*id).name.as_str()).collect();
    node.tooltip = Some(names.join(", "));
    node
}

/// What the numbers in the boxes and on the edges mean.
fn reading(focus: Option<&str>) -> String {
    let width = format!(
        "Width and printed share (from {}): the part of the customer's need that the supplier covers, largest over products.",
        percent(PRINTED)
    );
    match focus {
        Some(name) => format!(
            "{width} Stop loss: function that {name} loses if the supplier stops and nobody replaces it. Loses: function \
             lost if {name} stops. The unknown part of a need is taken as unaffected."
        ),
        None => format!(
            "{width} Hits, stops: how many others lose function, or all of it, if it stops and nobody replaces it."
        ),
    }
}

/// What a chain does not show.
pub(super) fn left_out(chain: &Chain) -> String {
    let folded: usize =
        chain.slots.iter().filter(|slot| slot.entity().is_none()).map(|slot| slot.who.len()).sum();
    let mut parts = Vec::new();
    if folded > 0 {
        parts.push(format!(
            "{folded} entities are folded into \"others\"; their edges are added up (mean over customers)."
        ));
    }
    if chain.dropped > 0 {
        parts.push(format!("{} left out.", count(chain.dropped, "weaker edge is", "weaker edges are")));
    }
    if parts.is_empty() { "Nothing in scope is left out.".to_string() } else { parts.join(" ") }
}

fn legend(view: &View<'_>, focus: Option<EntityId>, picture: &Picture, colours: &Colours) -> Vec<LegendItem> {
    let mut items = Vec::new();
    if let Some(focus) = focus {
        let name = &view.graph.entity(focus).name;
        items.push(node_item(Shape::Rounded, Fill::Focus, false, false, name));
        if picture.nodes.iter().any(|node| node.shape == Shape::Octagon) {
            let text = format!("chokepoint: {name} stops without it");
            items.push(node_item(Shape::Octagon, Fill::Neutral, true, false, &text));
        }
    }
    items.extend(colours.legend(view.graph));
    items.extend(edge_legend(picture));
    items
}

/// The legend of shares and folded nodes, as far as the picture has them.
pub(super) fn edge_legend(picture: &Picture) -> Vec<LegendItem> {
    let mut items = Vec::new();
    if picture.nodes.iter().any(|node| node.dashed) {
        items.push(node_item(Shape::Rounded, Fill::Group, false, true, "several firms in one node"));
    }
    if picture.edges.iter().any(|edge| edge.line == Line::Solid) {
        items.push(edge_item(Flow::Supply, Line::Solid, 0.5, "share stated or from amounts"));
    }
    if picture.edges.iter().any(|edge| edge.line == Line::Dashed) {
        items.push(edge_item(Flow::Supply, Line::Dashed, 0.5, "share assumed: market share, equal split"));
    }
    items
}

fn alt(picture: &Picture) -> String {
    let names = |octagon: bool| -> Vec<&str> {
        let wanted = |node: &&Node| (node.shape == Shape::Octagon) == octagon && node.fill != Fill::Group;
        picture.nodes.iter().filter(wanted).map(|node| node.label.as_str()).collect()
    };
    let tiers: Vec<&str> = picture.tiers.iter().map(|tier| tier.title.as_str()).collect();
    let mut text = format!(
        "{}. {} in {} from upstream to downstream: {}.",
        picture.title,
        count(picture.nodes.len(), "node", "nodes"),
        count(tiers.len(), "tier", "tiers"),
        tiers.join("; ")
    );
    let chokepoints = names(true);
    if !chokepoints.is_empty() {
        text.push_str(&format!(" Chokepoints: {}.", some(&chokepoints, 8)));
    }
    let heaviest = picture.edges.iter().max_by(|a, b| a.weight.total_cmp(&b.weight));
    if let Some(tip) = heaviest.and_then(|edge| edge.tooltip.as_ref()) {
        text.push_str(&format!(" Heaviest edge: {tip}."));
    }
    text
}

/// A legend line without a sample.
pub(super) fn remark(text: &str) -> LegendItem {
    LegendItem::new(Mark::Note, text)
}
