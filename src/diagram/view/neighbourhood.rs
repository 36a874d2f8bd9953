//! One entity and all its ties.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::fold;
use super::supply_map::check_top;
use super::ties::{Tie, tie};
use super::words::{self, Colours, count, edge_item, node_item, some};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::View;
use crate::answer::Table;
use crate::diagram::{Edge, Fill, Flow, Layout, LegendItem, Line, Node, Picture, Shape, Tier};
use crate::model::EntityId;
use crate::order::Arrange;

/// One entity with its ties of all types, and theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Neighbourhood {
    /// Whose neighbourhood
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    pub of: String,
    /// Steps to those who supply, fund, own, host or regulate it, 0 to 4
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS", default_value_t = 2))]
    pub up: u32,
    /// Steps to those whom it supplies, funds, owns or hosts, 0 to 4
    #[cfg_attr(feature = "cli", arg(long, value_name = "STEPS", default_value_t = 1))]
    pub down: u32,
    /// How many each step shows by name, 1 to 13
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = TOP))]
    pub top: usize,
    /// Draw the rest of each step as one node, instead of counting it in the caption
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub others: bool,
}

impl Default for Neighbourhood {
    fn default() -> Self {
        Self { of: String::new(), up: 2, down: 1, top: TOP, others: false }
    }
}

/// How many each step shows where nothing else is asked: what a page holds.
const TOP: usize = 10;
/// More steps make columns that no page holds.
const MOST_STEPS: u32 = 4;
/// A tie without an amount is ranked and drawn like one of this strength.
const LEAST: f64 = 0.05;

impl Figured for Neighbourhood {
    const CARD: ViewCard = ViewCard {
        name: "neighbourhood",
        title: "One entity and all its ties",
        shows: "Who supplies, funds, owns, hosts and regulates an entity, and whom it serves, with amounts and firmness.",
        example: "linchpin diagram neighbourhood --of openai",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = vec!["--of".to_string(), self.of.clone()];
        let standard = Self::default();
        let mut add = |name: &str, value: usize, usual: usize| {
            if value != usual {
                words.extend([format!("--{name}"), value.to_string()]);
            }
        };
        add("up", self.up as usize, standard.up as usize);
        add("down", self.down as usize, standard.down as usize);
        add("top", self.top, standard.top);
        if self.others {
            words.push("--others".to_string());
        }
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        check_top(Some(self.top))?;
        for (parameter, steps) in [("up", self.up), ("down", self.down)] {
            if steps > MOST_STEPS {
                let reason = format!("expected 0 to {MOST_STEPS}, not {steps}");
                return Err(ViewError::Invalid { parameter, reason });
            }
        }
        let focus = view.graph.find_entity(&self.of)?;
        let mut places = Places::new(view, focus);
        for step in 1..=self.up.max(self.down) as i32 {
            if step <= self.up as i32 {
                places.grow(view, -step, self.top);
            }
            if step <= self.down as i32 {
                places.grow(view, step, self.top);
            }
        }
        if places.column.len() == 1 {
            let name = &view.graph.entity(focus).name;
            return Err(ViewError::NoData(format!(
                "{name} has no tie that is valid on {}",
                view.scope.as_of
            )));
        }
        Ok(self.picture(view, focus, &places))
    }
}

/// Who stands how many steps upstream (below 0) or downstream.
struct Places {
    column: BTreeMap<EntityId, i32>,
    /// Those beyond the top of their column.
    beyond: BTreeMap<EntityId, i32>,
    /// All ties of the entities in the columns, each once.
    ties: BTreeMap<crate::model::RelationId, Tie>,
}

impl Places {
    fn new(view: &View<'_>, focus: EntityId) -> Self {
        let mut places =
            Self { column: BTreeMap::from([(focus, 0)]), beyond: BTreeMap::new(), ties: BTreeMap::new() };
        places.collect(view, focus);
        places
    }

    fn collect(&mut self, view: &View<'_>, id: EntityId) {
        let all = view.graph.relations_from(id).into_iter().chain(view.graph.relations_to(id));
        for relation in all {
            if let Some(tie) = tie(view, relation) {
                self.ties.insert(relation, tie);
            }
        }
    }

    /// Fills a column with the strongest neighbours of the column before it.
    fn grow(&mut self, view: &View<'_>, column: i32, top: usize) {
        let inner = column - column.signum();
        let mut found: BTreeMap<EntityId, f64> = BTreeMap::new();
        for tie in self.ties.values() {
            let (near, far) = if column < 0 { (tie.down, tie.up) } else { (tie.up, tie.down) };
            let known = self.column.contains_key(&far) || self.beyond.contains_key(&far);
            if self.column.get(&near) == Some(&inner) && !known {
                *found.entry(far).or_default() += tie.strength.max(LEAST);
            }
        }
        let mut order: Vec<(EntityId, f64)> = found.into_iter().collect();
        let rounded = |strength: f64| (strength * 1e9).round();
        order.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.cmp(&b.0)));
        let positions: Vec<usize> = (0..order.len()).collect();
        let folded = fold::fold(&positions, |_| false, top);
        self.beyond.extend(folded.others.iter().map(|at| (order[*at].0, column)));
        for at in folded.shown {
            self.column.insert(order[at].0, column);
            self.collect(view, order[at].0);
        }
    }
}

/// Ties between the same two nodes that look the same, drawn as one.
#[derive(Default)]
struct Bundle<'t> {
    ties: Vec<&'t Tie>,
}

impl Bundle<'_> {
    fn label(&self, direct: bool) -> String {
        let mut order: Vec<&&Tie> = self.ties.iter().collect();
        order.arrange(|a, b| b.strength.total_cmp(&a.strength).then(a.relation.cmp(&b.relation)));
        let Some(first) = order.first() else { return String::new() };
        if !direct {
            // at the second step only what is large, and in one number
            let large = first.strength >= 0.3;
            // nor that a subsidiary is owned altogether, which its line says
            let large = large && !(first.flow == Flow::Ownership && first.strength >= 1.0);
            return first.amounts.first().filter(|_| large).cloned().unwrap_or_default();
        }
        let mut said = first.amounts.iter().take(2).cloned().collect::<Vec<_>>().join(", ");
        if said.is_empty() {
            said = first.verb.to_string();
        } else if first.verb == "committed" {
            said.push_str(" committed");
        }
        let more = order.iter().skip(1).filter(|tie| !tie.amounts.is_empty()).count();
        if more > 0 { format!("{said} +{more}") } else { said }
    }

    fn strength(&self) -> f64 {
        self.ties.iter().map(|tie| tie.strength).fold(LEAST, f64::max)
    }
}

impl Neighbourhood {
    fn picture(&self, view: &View<'_>, focus: EntityId, places: &Places) -> Drawing {
        let graph = view.graph;
        let (first, last) = (
            places.column.values().copied().min().unwrap_or(0),
            places.column.values().copied().max().unwrap_or(0),
        );
        let tier = |column: i32| (column - first) as usize;
        let name = &graph.entity(focus).name;
        let mut picture = Picture::new(format!("{name} and its ties"), Layout::Tiers);
        picture.tiers = (first..=last).map(|column| Tier::new(heading(column, name))).collect();
        let colours = Colours::new(graph, places.column.keys().copied().filter(|id| *id != focus));
        for (id, column) in &places.column {
            let entity = graph.entity(*id);
            let mut node = Node::new(&entity.key, &entity.name, tier(*column));
            node.fill = if *id == focus { Fill::Focus } else { colours.of(graph, *id) };
            node.dashed = entity.group;
            node.tooltip = graph.facts().kinds.get(entity.kind).map(|kind| kind.name.clone());
            picture.nodes.push(node);
        }
        let mut folded = fold::sidecar("Steps from the focus, upstream below 0");
        self.fold(view, places, &tier, &mut picture, &mut folded);
        let hidden = edges(view, focus, places, self.others, &mut picture);
        picture.legend = legend(view, focus, &picture, &colours);
        picture.caption = caption(places, hidden, self.others);
        picture.caption.extend(words::provenance(self, view));
        picture.alt = Some(alt(view, focus, places));
        Drawing { figure: picture.into(), folded }
    }

    /// The nodes of those who are not named, where asked for, and their lines in the sidecar.
    fn fold(
        &self,
        view: &View<'_>,
        places: &Places,
        tier: &impl Fn(i32) -> usize,
        picture: &mut Picture,
        folded: &mut Table,
    ) {
        let columns: BTreeSet<i32> = places.beyond.values().copied().collect();
        for column in columns {
            let who: Vec<EntityId> =
                places.beyond.iter().filter(|(_, at)| **at == column).map(|(id, _)| *id).collect();
            let id = others_id(column);
            for entity in &who {
                let node = if self.others { id.as_str() } else { "" };
                fold::note(folded, view.graph, node, *entity, f64::from(column));
            }
            if self.others {
                let mut node = Node::new(id, format!("{} others", who.len()), tier(column));
                (node.fill, node.dashed) = (Fill::Group, true);
                let names: Vec<&str> = who.iter().map(|id| view.graph.entity(*id).name.as_str()).collect();
                node.tooltip = Some(names.join(", "));
                picture.nodes.push(node);
            }
        }
    }
}

fn others_id(column: i32) -> String {
    format!("+others{column:+}")
}

fn heading(column: i32, name: &str) -> String {
    match column {
        0 => name.to_string(),
        -1 => "Suppliers, funders, owners, hosts".to_string(),
        1 => "Customers and holdings".to_string(),
        far if far < 0 => format!("{} steps upstream", -far),
        far => format!("{far} steps downstream"),
    }
}

/// Adds the edges; says how many ties between shown nodes are not drawn.
fn edges(view: &View<'_>, focus: EntityId, places: &Places, others: bool, picture: &mut Picture) -> usize {
    let mut bundles: BTreeMap<Ends, Bundle<'_>> = BTreeMap::new();
    let mut hidden = 0;
    for tie in places.ties.values() {
        let side = |id: EntityId| -> Option<(i32, String)> {
            if let Some(column) = places.column.get(&id) {
                return Some((*column, view.graph.entity(id).key.clone()));
            }
            let column = places.beyond.get(&id).filter(|_| others)?;
            Some((*column, others_id(*column)))
        };
        let (Some((from, up)), Some((to, down))) = (side(tie.up), side(tie.down)) else { continue };
        let direct = tie.up == focus || tie.down == focus;
        let folded = up.starts_with('+') && down.starts_with('+');
        // beside the focus's own ties: those that lead outward step by step, and who owns whom
        let outward = from.abs_diff(to) == 1 && (from < to) && !folded;
        let owns = tie.flow == Flow::Ownership && from.abs_diff(to) <= 1;
        if up == down || !(direct || outward || owns) {
            hidden += usize::from(up != down);
            continue;
        }
        // far from the focus one line for all that flows the same way
        let line = if direct { tie.line as u8 } else { 0 };
        bundles.entry((up, down, tie.flow, line)).or_default().ties.push(tie);
    }
    let kept = strongest(&bundles, &view.graph.entity(focus).key);
    for ((up, down, flow, line), bundle) in bundles {
        if !kept.contains(&(up.clone(), down.clone(), flow, line)) {
            hidden += bundle.ties.len();
            continue;
        }
        let folded = up.starts_with('+') || down.starts_with('+');
        let mut edge = Edge::new(up, down, flow);
        edge.line =
            bundle.ties.iter().map(|tie| tie.line).min_by_key(|line| *line as u8).unwrap_or(Line::Solid);
        edge.weight = drawn(flow, bundle.strength());
        edge.label = bundle.label(bundle.ties.iter().any(|tie| tie.up == focus || tie.down == focus));
        // one share says nothing of several firms, and shares of different needs do not add up
        if folded && bundle.ties.len() > 1 && edge.label.contains('%') {
            edge.label.clear();
        }
        let says: Vec<&str> = bundle.ties.iter().map(|tie| tie.says.as_str()).collect();
        edge.tooltip = Some(says.join("; "));
        picture.edges.push(edge);
    }
    hidden
}

/// The weight of a line: thinner than on a map, as many end at one node. Who owns whom is told by the
/// number on the line; all of a subsidiary would else be the heaviest line of the figure.
fn drawn(flow: Flow, strength: f64) -> f64 {
    if flow == Flow::Ownership { 0.2 } else { 0.7 * strength }
}

/// Upper and lower end, what flows, and the stroke.
type Ends = (String, String, Flow, u8);

/// All of the focus's own, and of others the two strongest of each end, so that a page holds them.
fn strongest(bundles: &BTreeMap<Ends, Bundle<'_>>, focus: &str) -> BTreeSet<Ends> {
    let mut order: Vec<(&Ends, f64)> =
        bundles.iter().map(|(ends, bundle)| (ends, bundle.strength())).collect();
    order.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    let mut kept = BTreeSet::new();
    for (ends, _) in order {
        let (up, down, flow, _) = ends;
        let direct = up == focus || down == focus || *flow == Flow::Ownership;
        let used = |end: &str| count.get(end).copied().unwrap_or(0);
        if direct || used(up) == 0 || used(up).max(used(down)) < MOST_FAR {
            kept.insert(ends.clone());
            if !direct {
                *count.entry(up).or_default() += 1;
                *count.entry(down).or_default() += 1;
            }
        }
    }
    kept
}

/// How many ties of one neighbour with other neighbours are drawn.
const MOST_FAR: usize = 3;

/// The samples of flows and strokes that a picture of ties has.
pub(super) fn tie_legend(picture: &Picture, supply: &str) -> Vec<LegendItem> {
    let flows = [
        (Flow::Supply, supply),
        (Flow::Compute, "computing power"),
        (Flow::Capital, "money"),
        (Flow::Ownership, "ownership and control"),
        (Flow::Power, "hosting in data centres"),
        (Flow::Neutral, "rules and influence"),
    ];
    let mut items: Vec<LegendItem> = flows
        .into_iter()
        .filter(|(flow, _)| picture.edges.iter().any(|edge| edge.flow == *flow))
        .map(|(flow, text)| edge_item(flow, Line::Solid, 0.3, text))
        .collect();
    let strokes =
        [(Line::Dashed, "inferred or assumed"), (Line::Dotted, "announced or intended, not signed")];
    items.extend(
        strokes
            .into_iter()
            .filter(|(line, _)| picture.edges.iter().any(|edge| edge.line == *line))
            .map(|(line, text)| edge_item(Flow::Neutral, line, 0.3, text)),
    );
    items
}

fn legend(view: &View<'_>, focus: EntityId, picture: &Picture, colours: &Colours) -> Vec<LegendItem> {
    let name = &view.graph.entity(focus).name;
    let mut items = vec![node_item(Shape::Rounded, Fill::Focus, false, false, name)];
    items.extend(colours.legend(view.graph));
    if picture.nodes.iter().any(|node| node.dashed) {
        items.push(node_item(Shape::Rounded, Fill::Group, false, true, "several firms in one node"));
    }
    items.extend(tie_legend(picture, "goods and services (committed: by the customer)"));
    items
}

fn caption(places: &Places, hidden: usize, others: bool) -> Vec<String> {
    let mut left = Vec::new();
    if !places.beyond.is_empty() && !others {
        left.push(count(places.beyond.len(), "neighbour with weaker ties", "neighbours with weaker ties"));
    }
    if hidden > 0 {
        left.push(count(hidden, "tie among the neighbours", "ties among the neighbours"));
    }
    let mut lines = vec![
        "Amounts as sources state them; \"+2\": two more amounts, in the tooltip of the SVG. Width: the largest stated share, or \
         money over (money + $20bn), or power over (power + 1 GW). Tranches inside a total that is shown are left out."
            .to_string(),
    ];
    if !left.is_empty() {
        lines.push(format!("Not drawn: {}.", words::list(&left, "and")));
    }
    lines
}

fn alt(view: &View<'_>, focus: EntityId, places: &Places) -> String {
    let mut direct: Vec<&Tie> =
        places.ties.values().filter(|tie| tie.up == focus || tie.down == focus).collect();
    direct.arrange(|a, b| b.strength.total_cmp(&a.strength).then(a.relation.cmp(&b.relation)));
    let says: Vec<&str> = direct.iter().take(5).map(|tie| tie.says.as_str()).collect();
    let names: Vec<&str> = places
        .column
        .iter()
        .filter(|(_, column)| column.abs() == 1)
        .map(|(id, _)| view.graph.entity(*id).name.as_str())
        .collect();
    format!(
        "{} with {}. Next to it: {}. Strongest ties: {}.",
        view.graph.entity(focus).name,
        count(direct.len(), "tie", "ties"),
        some(&names, 10),
        says.join("; ")
    )
}
