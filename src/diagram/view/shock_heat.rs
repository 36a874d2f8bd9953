//! A shock on the supply map.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::chain::{Chain, Plan, Slot};
use super::fold;
use super::heat::{BINS, bin};
use super::supply_map::{PLAIN, check_top, edge_legend, left_out, remark};
use super::words::{self, count, list, node_item, percent, some};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Failure, Mention, Shock, Struck, View};
use crate::diagram::{Fill, Flow, Layout, LegendItem, Line, Node, Picture, Shape};
use crate::model::{EntityId, ProductId};
use crate::network::Network;
use crate::order::Arrange;
use crate::propagation::functional::{Outcome, Settings, propagate_blow};
use crate::scenario::{Hits, ScenarioSpec};

/// Losses of a shock, as heat on the supply map.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct ShockHeat {
    /// What fails and how much of its function it loses: tsmc=0.5, or tsmc for all of it; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=LOSS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fail: Vec<Failure>,
    /// A scenario: the name of a saved one, a file, or one of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME|FILE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioSpec>,
    /// Draw the same map before the shock: every box stands at the same place
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub before: bool,
    /// Let customers turn to other vendors, in proportion to market shares
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// How many each tier shows by name, 1 to 13 [default: as many as a page holds]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

impl Figured for ShockHeat {
    const CARD: ViewCard = ViewCard {
        name: "shock-heat",
        title: "A shock as heat on the supply map",
        shows: "Who loses how much when something fails, in five bins, and which product's shortage carries it. The same \
                entities stand at the same places for every size of the shock.",
        example: "linchpin diagram shock-heat --fail tsmc=0.5",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words: Vec<String> =
            self.fail.iter().flat_map(|failure| ["--fail".to_string(), failure.to_string()]).collect();
        if let Some(scenario) = &self.scenario {
            words.extend(["--scenario".to_string(), scenario.word()]);
        }
        if self.before {
            words.push("--before".to_string());
        }
        if self.replace {
            words.push("--replace".to_string());
        }
        if let Some(top) = self.top {
            words.extend(["--top".to_string(), top.to_string()]);
        }
        words
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        self.scenario.as_mut().map(Mention::Scenario).into_iter().collect()
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        check_top(self.top)?;
        let asked = Shock { fail: self.fail.clone(), scenario: self.scenario.clone(), ..Shock::default() };
        let hits = asked.hits(view)?;
        asked.check_kinds(&hits)?;
        let network = Network::build(view.graph, &view.scope);
        let struck = Struck::new(view, &network, &hits)?;
        let blow = struck.blow();
        let outcome = propagate_blow(&network, &blow, Settings { replacement: self.replace, ..PLAIN });
        // whoever may be hit is chosen by a full failure, so that the size of the shock moves nothing
        let full = struck.in_full();
        let worst = propagate_blow(&network, &full.blow(), PLAIN);
        let cut = cut_supplies(&network, &struck);
        let mut keep: BTreeSet<EntityId> = struck.losses.iter().map(|(id, _)| *id).collect();
        keep.extend(most_cut(&cut));
        let members = members(view, &worst, &keep);
        let plan = Plan {
            members: &members,
            keep: &keep,
            top: self.top,
            products: &BTreeSet::new(),
            matters: &|id| 1.0 - worst.functionality[id.index()],
            wanted: &|from, to, product| carries(&worst, &cut, from, to, product),
        };
        let chain = Chain::new(view, &network, &plan);
        let run = Run { hits: &hits, shocks: &struck.losses, outcome: &outcome, cut: &cut };
        Ok(self.picture(view, &run, &chain))
    }
}

/// The widest loss that a box may have to hold.
const ROOM: &str = "loss ≤\u{a0}>99\u{a0}%";

/// The failing and all whom their failure reaches: ends of the chain, which supply nobody who is hit, last among equals.
fn members(view: &View<'_>, worst: &Outcome, failing: &BTreeSet<EntityId>) -> Vec<EntityId> {
    let loss = |id: &EntityId| ((1.0 - worst.functionality[id.index()]) * 1e9).round();
    let ties = |id: &EntityId| view.graph.relations_from(*id).len() + view.graph.relations_to(*id).len();
    let mut members: Vec<EntityId> =
        view.graph.entity_ids().filter(|id| failing.contains(id) || loss(id) > 0.0).collect();
    // equals stand in the order of how much the dataset knows about them
    members.arrange(|a, b| loss(b).total_cmp(&loss(a)).then(ties(b).cmp(&ties(a))).then(a.cmp(b)));
    members
}

impl ShockHeat {
    fn picture(&self, view: &View<'_>, run: &Run<'_>, chain: &Chain) -> Drawing {
        let graph = view.graph;
        let (shocks, outcome) = (run.shocks, run.outcome);
        let after = |id: EntityId| (1.0 - outcome.functionality[id.index()]).max(0.0);
        let loss = |id: EntityId| if self.before { 0.0 } else { after(id) };
        let said: Vec<String> = shocks
            .iter()
            .map(|(id, loss)| format!("{} loses {}", graph.entity(*id).name, percent(*loss)))
            .collect();
        let title = match run.hits.title.is_empty() {
            true => format!("If {} of its function", list(&said, "and")),
            false => run.hits.title.clone(),
        };
        let title = if self.before { format!("{title}: before") } else { title };
        let mut picture = Picture::new(title, Layout::Tiers);
        picture.tiers = chain.tiers.clone();
        let failing = |id: EntityId| shocks.iter().any(|(hit, _)| *hit == id);
        let mut folded = fold::sidecar("Share of function lost, 0 to 1");
        for slot in &chain.slots {
            let mut node = match slot.entity() {
                Some(id) => {
                    let mut node = Node::new(&slot.id, &graph.entity(id).name, slot.column);
                    node.detail = vec![format!("loss {}", percent(loss(id)))];
                    node.dashed = graph.entity(id).group;
                    let cut = run.cut.keys().any(|(supplier, _)| *supplier == id);
                    if failing(id) || cut {
                        (node.thick, node.shape) = (true, Shape::Hexagon);
                    }
                    if cut {
                        node.detail.push("deliveries cut".to_string());
                    }
                    if let Some(product) = outcome.binding[id.index()].filter(|_| !self.before) {
                        node.tooltip = Some(format!("for want of {}", graph.product(product).name));
                    }
                    node
                }
                None => others(view, slot, &loss),
            };
            node.room = Some(ROOM.to_string());
            let worst = slot.who.iter().map(|id| loss(*id)).fold(0.0, f64::max);
            node.fill = Fill::Heat(bin(worst));
            if slot.entity().is_none() {
                for id in &slot.who {
                    fold::note(&mut folded, graph, &slot.id, *id, loss(*id));
                }
            }
            picture.nodes.push(node);
        }
        self.edges(view, run, chain, &mut picture);
        picture.legend = legend(&picture);
        picture.caption = vec![self.result(view, run), self.reading(), left_out(chain)];
        picture.caption.extend(words::provenance(self, view));
        picture.alt = Some(match self.before {
            true => format!("{}. {}", picture.title, picture.alt_text()),
            false => alt(view, &picture, shocks, outcome),
        });
        Drawing { figure: picture.into(), folded }
    }

    /// Edges that carry the binding shortage are named after the product, once for each tier of suppliers.
    fn edges(&self, view: &View<'_>, run: &Run<'_>, chain: &Chain, picture: &mut Picture) {
        let mut named: BTreeMap<(usize, ProductId), (f64, usize)> = BTreeMap::new();
        for (at, strand) in chain.strands.iter().enumerate() {
            let mut edge = chain.edge(strand);
            edge.label = String::new();
            if carries(
                run.outcome,
                run.cut,
                &chain.slots[strand.from],
                &chain.slots[strand.to],
                strand.product,
            ) {
                if !self.before {
                    edge.flow = Flow::Loss;
                }
                let best = named
                    .entry((chain.slots[strand.from].column, strand.product))
                    .or_insert((strand.share, at));
                if strand.share > best.0 {
                    *best = (strand.share, at);
                }
            }
            picture.edges.push(edge);
        }
        for (_, at) in named.values() {
            picture.edges[*at].label = view.graph.product(chain.strands[*at].product).name.clone();
        }
    }

    /// What the marks mean.
    fn reading(&self) -> String {
        if self.before {
            return "After it every box stands at the same place. The product is named on the heaviest line of a tier."
                .to_string();
        }
        format!(
            "Loss: share of normal function lost once the shock has run its course, no stocks, {}. Coloured edges \
             carry the shortage that limits the customer; the product is named on the heaviest of a tier. \
             The unknown part of a need is taken as unaffected.",
            if self.replace {
                "other vendors take over in proportion to their market shares"
            } else {
                "nobody replaces a supplier"
            }
        )
    }

    /// The outcome in a sentence.
    fn result(&self, view: &View<'_>, run: &Run<'_>) -> String {
        if self.before {
            return "Before the shock nobody has lost anything. Those drawn are whom its full size would reach.".to_string();
        }
        let (outcome, hit) = (run.outcome, hit(view, run.shocks, run.outcome));
        let first = match run.hits.title.is_empty() {
            true => String::new(),
            false => format!("{}. ", words::capitalised(&list(&run.hits.words, "and"))),
        };
        let stopped = hit.iter().filter(|(_, loss)| *loss > 1.0 - 1e-9).count();
        let settled = if outcome.converged { "" } else { " (not settled)" };
        format!(
            "{first}Beside what fails itself, {} and {}, within {} along the chain{settled}.",
            count(hit.len(), "entity loses function", "entities lose function"),
            if stopped == 0 {
                "none stops".to_string()
            } else {
                count(stopped, "stops altogether", "stop altogether")
            },
            count(outcome.rounds, "round", "rounds")
        )
    }
}

/// A shock that has run its course.
struct Run<'a> {
    hits: &'a Hits,
    /// Who is hit itself, and how hard.
    shocks: &'a [(EntityId, f64)],
    outcome: &'a Outcome,
    /// Whose deliveries of what are cut.
    cut: &'a Cut,
}

/// Whose deliveries of what are cut, and to how many customers.
type Cut = BTreeMap<(EntityId, ProductId), usize>;

/// The most of those whose deliveries are cut that are shown by name, whatever the page holds.
const MOST_CUT: usize = 6;

/// Those whose deliveries to most customers are cut, first by key among equals.
fn most_cut(cut: &Cut) -> Vec<EntityId> {
    let mut each: BTreeMap<EntityId, usize> = BTreeMap::new();
    for ((supplier, _), customers) in cut {
        *each.entry(*supplier).or_default() += customers;
    }
    let mut all: Vec<(EntityId, usize)> = each.into_iter().collect();
    all.arrange_by_key(|(id, customers)| (std::cmp::Reverse(*customers), *id));
    all.into_iter().take(MOST_CUT).map(|(id, _)| id).collect()
}

/// Whose deliveries of what are cut, to anyone who is hurt by it.
fn cut_supplies(network: &Network, struck: &Struck) -> Cut {
    let mut cut = Cut::new();
    let Some(cuts) = &struck.cuts else { return cut };
    for (at, row) in network.rows().iter().enumerate().filter(|(_, row)| row.binds()) {
        let whole = cuts.rows.get(at).is_some_and(|part| *part > 0.0);
        for (link, index) in network.suppliers(row).iter().zip(network.link_range(row)) {
            if whole || cuts.links.get(index).is_some_and(|part| *part > 0.0) {
                *cut.entry((link.supplier, row.product)).or_default() += 1;
            }
        }
    }
    cut
}

/// Whether a shortage of the product limits the customer and the supplier has lost function or cannot deliver.
fn carries(outcome: &Outcome, cut: &Cut, from: &Slot, to: &Slot, product: ProductId) -> bool {
    let hit = to.who.iter().any(|id| outcome.binding[id.index()] == Some(product));
    let short =
        |id: &EntityId| 1.0 - outcome.functionality[id.index()] > 1e-12 || cut.contains_key(&(*id, product));
    hit && from.who.iter().any(short)
}

/// Whom the shock reaches beside those that it hits itself, with their losses, largest first.
fn hit(view: &View<'_>, shocks: &[(EntityId, f64)], outcome: &Outcome) -> Vec<(EntityId, f64)> {
    let loss = |id: EntityId| (id, 1.0 - outcome.functionality[id.index()]);
    let others = view.graph.entity_ids().filter(|id| shocks.iter().all(|(own, _)| own != id));
    let mut hit: Vec<(EntityId, f64)> = others.map(loss).filter(|(_, loss)| *loss > 1e-12).collect();
    hit.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    hit
}

fn others(view: &View<'_>, slot: &Slot, loss: &impl Fn(EntityId) -> f64) -> Node {
    let mut node = Node::new(&slot.id, format!("{} others", slot.who.len()), slot.column);
    node.dashed = true;
    let most = slot.who.iter().map(|id| loss(*id)).fold(0.0, f64::max);
    node.detail = vec![format!("loss ≤\u{a0}{}", percent(most))];
    let name = |id: &EntityId| format!("{} {}", view.graph.entity(*id).name, percent(loss(*id)));
    node.tooltip = Some(slot.who.iter().map(name).collect::<Vec<_>>().join(", "));
    node
}

fn legend(picture: &Picture) -> Vec<LegendItem> {
    let mut items = Vec::new();
    if picture.nodes.iter().any(|node| node.shape == Shape::Hexagon) {
        let cut = picture.nodes.iter().any(|node| node.detail.iter().any(|line| line == "deliveries cut"));
        let name = if cut { "fails itself, or its deliveries are cut" } else { "fails itself" };
        items.push(node_item(Shape::Hexagon, Fill::Neutral, true, false, name));
    }
    for (at, (_, name)) in BINS.iter().enumerate() {
        items.push(node_item(Shape::Rounded, Fill::Heat(at as u8), false, false, &format!("loss {name}")));
    }
    if picture.edges.iter().any(|edge| edge.flow == Flow::Loss) {
        items.push(words::edge_item(Flow::Loss, Line::Solid, 0.5, "carries the binding shortage"));
    }
    items.extend(edge_legend(picture).into_iter().filter(|item| !item.text.starts_with("share stated")));
    items.push(remark("width: share of the customer's need"));
    items
}

fn alt(view: &View<'_>, picture: &Picture, shocks: &[(EntityId, f64)], outcome: &Outcome) -> String {
    let hit = hit(view, shocks, outcome);
    let name = |(id, loss): &(EntityId, f64)| format!("{} {}", view.graph.entity(*id).name, percent(*loss));
    let names: Vec<String> = hit.iter().map(name).collect();
    let tiers = count(picture.tiers.len(), "tier", "tiers");
    format!(
        "{}: losses in {tiers}. Hit: {}.",
        picture.title,
        if names.is_empty() { "nobody".to_string() } else { some(&names, 8) }
    )
}
