//! Variables on a circle, signed links between them, and the loops they close.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::words::{self, Colours, count, edge_item};
use super::{Drawing, Figured, ViewCard, ViewError};
use super::{circle, fold};
use crate::analysis::{Analysis, Loops, View};
use crate::answer::{Answer, Cell, Table, format_number};
use crate::diagram::{Edge, Flow, Layout, LegendItem, Line, Mark, Node, Picture};
use crate::model::EntityId;
use crate::order::Arrange;

/// A causal-loop diagram: who pushes whom which way, and which loops reinforce or balance.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct CausalLoops {
    /// Only loops through this variable
    #[cfg_attr(feature = "cli", arg(long, value_name = "VARIABLE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// How many loops the legend names, strongest first, 1 to 20
    #[cfg_attr(feature = "cli", arg(long, value_name = "N", default_value_t = NAMED))]
    #[serde(skip_serializing_if = "is_named")]
    pub top: usize,
}

const NAMED: usize = 8;
const MOST_NAMED: usize = 20;
/// More variables than this do not fit on a circle: those on no named loop are left out.
const MOST_VARIABLES: usize = 18;

fn is_named(top: &usize) -> bool {
    *top == NAMED
}

impl Default for CausalLoops {
    fn default() -> Self {
        Self { focus: None, top: NAMED }
    }
}

impl Figured for CausalLoops {
    const CARD: ViewCard = ViewCard {
        name: "causal-loops",
        title: "Causal loops",
        shows: "Variables and signed links on a circle, with elasticities and delays, and the loops they close: reinforcing (R) or balancing (B), with \
                gains.",
        example: "linchpin diagram causal-loops --graph graph/aws-flywheel",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = Vec::new();
        if let Some(focus) = &self.focus {
            words.extend(["--focus".to_string(), focus.clone()]);
        }
        if self.top != NAMED {
            words.extend(["--top".to_string(), self.top.to_string()]);
        }
        words
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        if !(1..=MOST_NAMED).contains(&self.top) {
            let reason = format!("expected 1 to {MOST_NAMED}, not {}", self.top);
            return Err(ViewError::Invalid { parameter: "top", reason });
        }
        let answer = Loops { focus: self.focus.clone(), ..Loops::default() }.run(view)?;
        Ok(self.picture(view, &answer))
    }
}

/// A loop as the tables of the answer have it.
struct Named<'a> {
    mark: &'a str,
    /// Keys and names of its variables, in order.
    variables: &'a [(String, String)],
    row: usize,
}

impl CausalLoops {
    fn picture(&self, view: &View<'_>, answer: &Answer) -> Drawing {
        let empty = Table::new("", "", Vec::new());
        let table = |name: &str| answer.table(name).unwrap_or(&empty);
        let (loops, links) = (table("loops"), table("links"));
        let mut named: Vec<Named<'_>> =
            (0..loops.rows.len().min(self.top)).filter_map(|row| named(loops, row)).collect();
        // R before B, each with the strongest first
        named.arrange_by_key(|one| (!one.mark.starts_with('R'), one.row));
        let order = clockwise(view, links, &named);
        let on_a_loop: BTreeSet<&str> =
            named.iter().flat_map(|one| one.variables.iter().map(|(key, _)| key.as_str())).collect();
        let all_fit = order.len() <= MOST_VARIABLES && self.focus.is_none();
        let (shown, left): (Vec<EntityId>, Vec<EntityId>) = order
            .into_iter()
            .partition(|id| all_fit || on_a_loop.contains(view.graph.entity(*id).key.as_str()));

        let title = match self.focus.as_deref().and_then(|key| view.graph.find_entity(key).ok()) {
            Some(id) => format!("Loops through {}", view.graph.entity(id).name),
            None => view.graph.facts().meta.title.clone().unwrap_or_else(|| "Causal loops".to_string()),
        };
        let mut picture = Picture::new(title, Layout::Circle);
        let colours = Colours::new(view.graph, shown.iter().copied());
        for id in &shown {
            picture.nodes.push(self.node(view, *id, &colours, &named));
        }
        let mut folded = fold::sidecar("0");
        left.iter().for_each(|id| fold::note(&mut folded, view.graph, "", *id, 0.0));
        let keys: BTreeSet<&str> = shown.iter().map(|id| view.graph.entity(*id).key.as_str()).collect();
        picture.edges = edges(view, links, &keys);
        picture.legend = legend(view, &picture, &colours, loops, &named);
        picture.caption = caption(answer, links, loops.rows.len().saturating_sub(named.len()), left.len());
        picture.caption.extend(words::provenance(self, view));
        let says: Vec<String> = answer.findings.iter().map(|finding| finding.text.clone()).collect();
        picture.alt = Some(format!("{}. {}", picture.title, says.join(" ")));
        Drawing { figure: picture.into(), folded }
    }

    fn node(&self, view: &View<'_>, id: EntityId, colours: &Colours, named: &[Named<'_>]) -> Node {
        let entity = view.graph.entity(id);
        let mut node = Node::new(&entity.key, &entity.name, 0);
        node.fill = colours.of(view.graph, id);
        node.thick = self.focus.as_deref() == Some(&entity.key);
        node.tooltip = entity.note.clone();
        let marks: Vec<&str> = named
            .iter()
            .filter(|one| one.variables.iter().any(|(key, _)| *key == entity.key))
            .map(|one| one.mark)
            .collect();
        if !marks.is_empty() {
            node.detail.push(marks.join(" "));
        }
        node
    }
}

fn named(loops: &Table, row: usize) -> Option<Named<'_>> {
    let mark = loops.cell(row, "loop")?.as_key()?;
    match loops.cell(row, "variables")? {
        Cell::Items(variables) => Some(Named { mark, variables, row }),
        _ => None,
    }
}

/// Variables clockwise, so that few links cross or pass behind a box and the strongest reinforcing loop goes round.
fn clockwise(view: &View<'_>, links: &Table, named: &[Named<'_>]) -> Vec<EntityId> {
    let find = |key: &str| view.graph.find_entity(key).ok();
    let end = |row: usize, column: &str| find(links.cell(row, column)?.as_key()?);
    let pairs: Vec<(EntityId, EntityId)> =
        (0..links.rows.len()).filter_map(|row| end(row, "cause").zip(end(row, "effect"))).collect();
    let main: Vec<EntityId> = named
        .first()
        .map(|one| one.variables.iter().filter_map(|(key, _)| find(key)).collect())
        .unwrap_or_default();
    let rest: BTreeSet<EntityId> =
        pairs.iter().flat_map(|(cause, effect)| [*cause, *effect]).filter(|id| !main.contains(id)).collect();
    let ids: Vec<EntityId> = main.iter().copied().chain(rest).collect();
    let at = |id: &EntityId| ids.iter().position(|other| other == id);
    let pairs = pairs.iter().filter_map(|(cause, effect)| Some((at(cause)?, at(effect)?))).collect();
    circle::order(ids.len(), main.len(), pairs).into_iter().filter_map(|at| ids.get(at).copied()).collect()
}

fn edges(view: &View<'_>, links: &Table, shown: &BTreeSet<&str>) -> Vec<Edge> {
    let mut edges = Vec::new();
    for row in 0..links.rows.len() {
        let text = |column: &str| links.cell(row, column).and_then(Cell::as_key);
        let (Some(cause), Some(effect), Some(sign)) = (text("cause"), text("effect"), text("sign")) else {
            continue;
        };
        if !(shown.contains(cause) && shown.contains(effect)) {
            continue;
        }
        let plus = sign == "+";
        let mut edge = Edge::new(cause, effect, if plus { Flow::Capital } else { Flow::Loss });
        let size = links.number(row, "elasticity");
        edge.label = if plus { "+" } else { "−" }.to_string();
        edge.label.extend(size.map(format_number));
        edge.line = if size.is_some() { Line::Solid } else { Line::Dotted };
        edge.weight = size.unwrap_or(0.0).min(1.0);
        if let Some(months) = links.number(row, "delay_months") {
            edge.label.push_str(&format!(", {} mo", format_number(months)));
        }
        let relation =
            text("link").and_then(|key| view.graph.find_relation(key).ok()).map(|id| view.graph.relation(id));
        edge.tooltip = relation.map(|relation| {
            let why = relation
                .evidence
                .assumed
                .as_ref()
                .map(|why| format!(" (assumed: {why})"))
                .unwrap_or_default();
            format!("{}{why}", view.graph.describe_relation(relation))
        });
        edges.push(edge);
    }
    edges
}

fn legend(
    view: &View<'_>,
    picture: &Picture,
    colours: &Colours,
    loops: &Table,
    named: &[Named<'_>],
) -> Vec<LegendItem> {
    let mut items = colours.legend(view.graph);
    let mut sample = |flow: Flow, line: Line, text: &str| {
        if picture.edges.iter().any(|edge| edge.flow == flow && edge.line == line) {
            items.push(edge_item(flow, line, 0.5, text));
        }
    };
    sample(Flow::Capital, Line::Solid, "+ both move the same way");
    sample(Flow::Loss, Line::Solid, "− they move opposite ways");
    sample(Flow::Capital, Line::Dotted, "+ of unknown elasticity");
    sample(Flow::Loss, Line::Dotted, "− of unknown elasticity");
    for one in named {
        let number = |column: &str| loops.number(one.row, column).map(format_number);
        let gain = match (number("gain"), number("gain_low"), number("gain_high")) {
            (Some(gain), Some(low), Some(high)) if low != high => format!("gain {gain} ({low} to {high})"),
            (Some(gain), ..) => format!("gain {gain}"),
            _ => "gain unknown".to_string(),
        };
        let grows = match (number("amplification"), number("gain")) {
            (Some(factor), _) => format!(", {factor}x"),
            (None, Some(_)) => ", no equilibrium".to_string(),
            _ => String::new(),
        };
        items.push(LegendItem::new(Mark::Note, format!("{}: {gain}{grows}", one.mark)));
    }
    items
}

fn caption(answer: &Answer, links: &Table, more: usize, left: usize) -> Vec<String> {
    let mut lines: Vec<String> =
        answer.findings.iter().skip(1).take(4).map(|finding| finding.text.clone()).collect();
    let assumed =
        (0..links.rows.len()).filter(|row| links.cell(*row, "assumed") == Some(&Cell::Flag(true))).count();
    let mut notes = "R: reinforcing loop, B: balancing loop, with gain (range) and what a push of 1 becomes around it alone. On a link: sign, elasticity \
                     as printed, delay in months; width: elasticity. In a box: loops through it.".to_string();
    if assumed > 0 {
        notes.push_str(&format!(
            " {assumed} of {} links are assumptions, each with its reason in the dataset.",
            links.rows.len()
        ));
    }
    lines.push(notes);
    let mut missing = Vec::new();
    if more > 0 {
        missing.push(count(more, "weaker loop in the legend", "weaker loops in the legend"));
    }
    if left > 0 {
        missing.push(count(left, "variable on no named loop", "variables on no named loop"));
    }
    if !missing.is_empty() {
        lines.push(format!("Not shown: {}.", words::list(&missing, "and")));
    }
    lines
}
