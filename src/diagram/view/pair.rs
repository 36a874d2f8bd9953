//! Two parties and their gears: money one way, compute the other, tied by ownership.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::fold;
use super::neighbourhood::tie_legend;
use super::ties::{Tie, short, tie};
use super::words::{self, Colours, count, node_item};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Analysis, AnalysisError, LockIn, View};
use crate::diagram::{Edge, Flow, Layout, Node, Picture, Shape, Tier};
use crate::model::{Control, Detail, EntityId};
use crate::order::Arrange;

/// All that two parties and their groups have promised and paid each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Pair {
    /// One party; a group stands for the businesses that it controls
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    pub a: String,
    /// The other party
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    pub b: String,
}

/// More edges than this do not fit between two columns; the strongest are drawn.
const MOST_EDGES: usize = 14;

impl Figured for Pair {
    const CARD: ViewCard = ViewCard {
        name: "pair",
        title: "Interlocking gears of two parties",
        shows: "Every relation between two parties and their groups: money one way, compute the other, ownership, with amounts, dates, \
                firmness, sums and leverage.",
        example: "linchpin diagram pair --a anthropic --b amazon",
    };

    fn arguments(&self) -> Vec<String> {
        ["--a", &self.a, "--b", &self.b].map(str::to_string).into()
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let (a, b) = (view.graph.find_entity(&self.a)?, view.graph.find_entity(&self.b)?);
        let groups = [group(view, a), group(view, b)];
        if groups[0].contains(&b) || groups[1].contains(&a) {
            let reason = "expected a party outside the other's group".to_string();
            return Err(ViewError::Invalid { parameter: "b", reason });
        }
        let mut ties: Vec<Tie> = Vec::new();
        for id in view.graph.relation_ids() {
            let relation = view.graph.relation(id);
            let Some(to) = relation.to else { continue };
            let across = |x: usize, y: usize| groups[x].contains(&relation.from) && groups[y].contains(&to);
            if across(0, 1) || across(1, 0) {
                ties.extend(tie(view, id));
            }
        }
        if ties.is_empty() {
            let name = |id: EntityId| &view.graph.entity(id).name;
            let text =
                format!("{} and {} have no tie that is valid on {}", name(a), name(b), view.scope.as_of);
            return Err(ViewError::NoData(text));
        }
        ties.arrange(|x, y| y.strength.total_cmp(&x.strength).then(x.relation.cmp(&y.relation)));
        Ok(self.picture(view, [a, b], &groups, &ties))
    }
}

/// A party and all that it controls, through any number of steps.
fn group(view: &View<'_>, head: EntityId) -> BTreeSet<EntityId> {
    let mut group = BTreeSet::from([head]);
    let mut open = vec![head];
    while let Some(owner) = open.pop() {
        for id in view.graph.relations_from(owner) {
            let relation = view.graph.relation(id);
            let controls = matches!(relation.detail, Detail::Owns { control: Control::Controlling, .. });
            let owned = relation.to.filter(|_| controls && view.scope.counts(relation));
            if let Some(owned) = owned.filter(|owned| group.insert(*owned)) {
                open.push(owned);
            }
        }
    }
    group
}

impl Pair {
    fn picture(
        &self,
        view: &View<'_>,
        heads: [EntityId; 2],
        groups: &[BTreeSet<EntityId>; 2],
        ties: &[Tie],
    ) -> Drawing {
        let graph = view.graph;
        let name = |id: EntityId| graph.entity(id).name.as_str();
        let mut picture =
            Picture::new(format!("{} and {}: the gears", name(heads[0]), name(heads[1])), Layout::Pair);
        picture.tiers = heads.map(|head| Tier::new(name(head))).into();
        let shown: Vec<&Tie> = ties.iter().take(MOST_EDGES).collect();
        let mut members: BTreeSet<EntityId> = heads.into();
        members.extend(shown.iter().flat_map(|tie| [tie.up, tie.down]));
        let colours = Colours::new(graph, members.iter().copied());
        for id in &members {
            let side = usize::from(groups[1].contains(id));
            let mut node = Node::new(&graph.entity(*id).key, name(*id), side);
            node.fill = colours.of(graph, *id);
            (node.thick, node.shape) = (heads.contains(id), Shape::Box);
            node.detail.extend(graph.facts().kinds.get(graph.entity(*id).kind).map(|kind| kind.name.clone()));
            picture.nodes.push(node);
        }
        for tie in &shown {
            picture.edges.extend(gear_edges(view, tie));
        }
        self.ownership(view, groups, &members, &mut picture);
        picture.legend = colours
            .legend(graph)
            .into_iter()
            .chain([node_item(Shape::Box, crate::diagram::Fill::Neutral, true, false, "the two parties")])
            .chain(tie_legend(&picture, "other goods and services"))
            .collect();
        let mut folded = fold::sidecar("Strength of the tie, 0 to 1");
        for tie in ties.iter().skip(MOST_EDGES) {
            fold::note(&mut folded, graph, "", tie.up, tie.strength);
        }
        picture.caption = self.sums(view);
        picture.caption.push(
            "Amounts as sources state them, with the date from which they hold. Tranches inside a total that is shown are left out."
                .to_string(),
        );
        if ties.len() > MOST_EDGES {
            let more = count(ties.len() - MOST_EDGES, "weaker relation is", "weaker relations are");
            picture.caption.push(format!("{more} left out."));
        }
        picture.caption.extend(words::provenance(self, view));
        let says: Vec<&str> = shown.iter().map(|tie| tie.says.as_str()).collect();
        picture.alt = Some(format!("{}. {}.", picture.title, says.join("; ")));
        Drawing { figure: picture.into(), folded }
    }

    /// Control within each group, so that it shows why two names are one party.
    fn ownership(
        &self,
        view: &View<'_>,
        groups: &[BTreeSet<EntityId>; 2],
        members: &BTreeSet<EntityId>,
        picture: &mut Picture,
    ) {
        let mut seen = BTreeSet::new();
        for id in members.iter().flat_map(|id| view.graph.relations_from(*id)) {
            let relation = view.graph.relation(id);
            let Some(to) = relation.to.filter(|to| members.contains(to)) else { continue };
            let within = groups.iter().any(|group| group.contains(&relation.from) && group.contains(&to));
            let owns = matches!(relation.detail, Detail::Owns { .. }) && view.scope.counts(relation);
            if within && owns && seen.insert((relation.from, to)) {
                let key = |id: EntityId| view.graph.entity(id).key.as_str();
                let mut edge = Edge::new(key(relation.from), key(to), Flow::Ownership);
                edge.label = "owns".to_string();
                edge.tooltip = Some(view.graph.describe_relation(relation));
                picture.edges.push(edge);
            }
        }
    }

    /// Committed, invested and leverage, whichever of the two is the customer; nothing where neither is.
    fn sums(&self, view: &View<'_>) -> Vec<String> {
        let mut lines = Vec::new();
        for (customer, provider) in [(&self.a, &self.b), (&self.b, &self.a)] {
            let ask = LockIn {
                customer: Some(customer.clone()),
                provider: Some(provider.clone()),
                ..LockIn::default()
            };
            let answer: Result<_, AnalysisError> = ask.run(view);
            if let Ok(answer) = answer {
                lines.extend(answer.findings.into_iter().take(3).map(|finding| finding.text));
            }
        }
        lines
    }
}

/// The edges of one relation: a promise to buy is money to the provider and, where stated, compute back.
fn gear_edges(view: &View<'_>, tie: &Tie) -> Vec<Edge> {
    let relation = view.graph.relation(tie.relation);
    let key = |id: EntityId| view.graph.entity(id).key.as_str();
    let status = tie.status.map(words::status_name).unwrap_or_default();
    let since = relation.since.map(|since| format!(" {since}")).unwrap_or_default();
    let when = format!("({status}{since})");
    let make = |from: EntityId, to: EntityId, flow: Flow, what: String, weight: f64| Edge {
        label: format!("{what} {when}"),
        weight,
        line: tie.line,
        tooltip: Some(tie.says.clone()),
        ..Edge::new(key(from), key(to), flow)
    };
    let compute = |id: Option<crate::model::ProductId>| {
        let named = id.map(|id| view.graph.product(id));
        named.is_some_and(|p| {
            p.key.contains("compute") || p.key.contains("cloud") || p.unit.as_deref() == Some("MW")
        })
    };
    let goods = if compute(relation.product()) { Flow::Compute } else { Flow::Supply };
    let product = relation.product().map(|id| words::uncapitalised(&view.graph.product(id).name));
    match &relation.detail {
        Detail::Commits { spend, capacity, quantity, .. } => {
            let mut edges = Vec::new();
            let spend = spend.as_ref().and_then(short);
            let size = capacity.as_ref().and_then(short).or(quantity.as_ref().and_then(short));
            if let Some(spend) = &spend {
                let what = format!("commits {spend}");
                edges.push(make(tie.down, tie.up, Flow::Capital, what, tie.strength));
            }
            if size.is_some() || spend.is_none() {
                let what = size.or(product).unwrap_or_else(|| "goods".to_string());
                edges.push(make(tie.up, tie.down, goods, what, tie.strength));
            }
            edges
        }
        _ => {
            let amounts = tie.amounts.join(", ");
            let what = match &relation.detail {
                Detail::Supplies { .. } if amounts.is_empty() => product.unwrap_or_default(),
                Detail::Supplies { share_of_need: Some(_), .. } => format!("{amounts} of its need"),
                Detail::Supplies { .. } => amounts,
                _ => format!("{} {amounts}", tie.verb).trim().to_string(),
            };
            let flow = if tie.flow == Flow::Supply { goods } else { tie.flow };
            vec![make(tie.up, tie.down, flow, what, tie.strength)]
        }
    }
}
