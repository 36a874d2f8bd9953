//! A map of who supplies whom: columns, folded members and the edges between what is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::{self, Folded};
use super::tiers::{self, Step};
use super::words::{list, percent};
use crate::analysis::View;
use crate::diagram::{Edge, Flow, Line, Tier};
use crate::graph::Graph;
use crate::model::{EntityId, ProductId};
use crate::network::{Network, Origin, Rung};

/// The most columns that print on A4 with names of usual length.
const MOST_COLUMNS: usize = 8;
/// Above this many edges the weakest are left out, but never the strongest of a node.
const MOST_EDGES: usize = 72;
/// Weaker edges are left out where the node has stronger ones; the share of stronger edges is printed.
pub(super) const PRINTED: f64 = 0.05;

/// One node: an entity, or several folded into one.
pub(super) struct Slot {
    /// Unique in the picture: the key of the entity, or `+others` and the column.
    pub id: String,
    pub column: usize,
    /// The entity, or those folded.
    pub who: Vec<EntityId>,
}

impl Slot {
    /// The entity where it stands for one.
    pub fn entity(&self) -> Option<EntityId> {
        match self.who.as_slice() {
            [only] => Some(*only),
            _ => None,
        }
    }
}

/// What one node supplies another with.
pub(super) struct Strand {
    pub from: usize,
    pub to: usize,
    /// The largest share of a need over the products: a sum over folded suppliers, a mean over folded customers.
    pub share: f64,
    /// The product of that share.
    pub product: ProductId,
    /// Whether that share is assumed: a market share, an equal split, or an assumed record.
    pub assumed: bool,
    /// All shares in words.
    pub tooltip: String,
}

/// A map without looks.
pub(super) struct Chain {
    pub tiers: Vec<Tier>,
    pub slots: Vec<Slot>,
    pub strands: Vec<Strand>,
    /// Edges left out as too weak.
    pub dropped: usize,
}

/// One supplier's share of one customer's need.
struct Piece {
    supplier: EntityId,
    customer: EntityId,
    product: ProductId,
    share: f64,
    rung: Rung,
    assumed: bool,
}

impl Chain {
    /// Lays out `members`, most important first; those in `keep` are never folded.
    pub fn new(
        view: &View<'_>,
        network: &Network,
        members: &[EntityId],
        keep: &BTreeSet<EntityId>,
        top: usize,
        products: &BTreeSet<ProductId>,
    ) -> Self {
        let pieces = pieces(view.graph, network, members, products);
        let place: BTreeMap<EntityId, usize> = members.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let step = |piece: &Piece| {
            let (supplier, customer) = (*place.get(&piece.supplier)?, *place.get(&piece.customer)?);
            let product_tier = view.graph.product(piece.product).tier;
            Some(Step { supplier, customer, weight: piece.share, product_tier })
        };
        let steps: Vec<Step> = pieces.iter().filter_map(step).collect();
        let levels = tiers::levels(view.graph, members, &steps);
        let column_of = tiers::columns(&levels, &steps, top, MOST_COLUMNS);
        let count = column_of.iter().max().map_or(0, |most| most + 1);
        let mut slots = Vec::new();
        for column in 0..count {
            let here: Vec<usize> = (0..members.len()).filter(|at| column_of[*at] == column).collect();
            let Folded { shown, others } = fold::fold(&here, |at| keep.contains(&members[at]), top);
            for at in shown {
                let id = view.graph.entity(members[at]).key.clone();
                slots.push(Slot { id, column, who: vec![members[at]] });
            }
            if !others.is_empty() {
                let who = others.into_iter().map(|at| members[at]).collect();
                slots.push(Slot { id: format!("+others-{column}"), column, who });
            }
        }
        let tiers = (0..count).map(|column| Tier::new(heading(view.graph, &slots, column))).collect();
        let mut chain = Self { tiers, slots, strands: Vec::new(), dropped: 0 };
        chain.tie(view.graph, &pieces);
        chain.thin();
        chain
    }

    /// Joins pieces between the same two nodes.
    fn tie(&mut self, graph: &Graph, pieces: &[Piece]) {
        let mut slot_of: BTreeMap<EntityId, usize> = BTreeMap::new();
        for (at, slot) in self.slots.iter().enumerate() {
            slot_of.extend(slot.who.iter().map(|id| (*id, at)));
        }
        let mut between: BTreeMap<(usize, usize), BTreeMap<ProductId, Vec<&Piece>>> = BTreeMap::new();
        for piece in pieces {
            let (Some(from), Some(to)) = (slot_of.get(&piece.supplier), slot_of.get(&piece.customer)) else {
                continue;
            };
            let folded = [*from, *to].iter().all(|at| self.slots[*at].entity().is_none());
            if from != to && !folded {
                between.entry((*from, *to)).or_default().entry(piece.product).or_default().push(piece);
            }
        }
        for ((from, to), by_product) in between {
            let mut best: Option<(f64, ProductId, bool)> = None;
            let mut said = Vec::new();
            for (product, pieces) in &by_product {
                let customers: BTreeSet<EntityId> = pieces.iter().map(|piece| piece.customer).collect();
                let sum: f64 = pieces.iter().map(|piece| piece.share).sum();
                let share = (sum / customers.len().max(1) as f64).min(1.0);
                let surest = |piece: &&&Piece| (piece.rung, piece.assumed);
                let assumed = pieces.iter().any(|piece| piece.assumed || piece.rung > Rung::Amounts);
                let rung = pieces.iter().max_by_key(surest).map_or("", |piece| piece.rung.describe());
                let mean = if customers.len() > 1 { ", mean of its customers" } else { "" };
                said.push(format!("{}: {} ({rung}{mean})", graph.product(*product).name, percent(share)));
                if best.is_none_or(|(most, _, _)| share > most) {
                    best = Some((share, *product, assumed));
                }
            }
            if let Some((share, product, assumed)) = best {
                let name = |slot: &Slot| slot.entity().map_or("others", |id| graph.entity(id).name.as_str());
                let ends = format!("{} → {}", name(&self.slots[from]), name(&self.slots[to]));
                let tooltip = format!("{ends}. Share of the need: {}", said.join("; "));
                self.strands.push(Strand { from, to, share, product, assumed, tooltip });
            }
        }
    }

    /// Leaves out the weakest edges, but neither the strongest into a node nor the strongest out of it.
    fn thin(&mut self) {
        let mut strongest = BTreeMap::new();
        for (at, strand) in self.strands.iter().enumerate() {
            for end in [(strand.from, true, None), (strand.to, false, Some(strand.product))] {
                let slot = strongest.entry(end).or_insert(at);
                if strand.share > self.strands[*slot].share {
                    *slot = at;
                }
            }
        }
        let must: BTreeSet<usize> = strongest.into_values().collect();
        let mut order: Vec<usize> = (0..self.strands.len()).collect();
        order.sort_by(|a, b| {
            let share = |at: &usize| self.strands[*at].share;
            must.contains(b).cmp(&must.contains(a)).then(share(b).total_cmp(&share(a))).then(a.cmp(b))
        });
        let strong = |at: &usize| self.strands[*at].share >= PRINTED;
        let stays: BTreeSet<usize> = order
            .iter()
            .enumerate()
            .filter(|(rank, at)| must.contains(at) || (*rank < MOST_EDGES && strong(at)))
            .map(|(_, at)| *at)
            .collect();
        let before = self.strands.len();
        let mut at = 0;
        self.strands.retain(|_| {
            at += 1;
            stays.contains(&(at - 1))
        });
        self.dropped = before - self.strands.len();
    }

    /// An edge with its share printed where it is not small.
    pub fn edge(&self, strand: &Strand) -> Edge {
        Edge {
            label: if strand.share >= PRINTED { percent(strand.share) } else { String::new() },
            weight: strand.share.clamp(0.0, 1.0),
            line: if strand.assumed { Line::Dashed } else { Line::Solid },
            tooltip: Some(strand.tooltip.clone()),
            ..Edge::new(&self.slots[strand.from].id, &self.slots[strand.to].id, Flow::Supply)
        }
    }
}

/// The shares of needs between members, of the given products where any are given.
fn pieces(
    graph: &Graph,
    network: &Network,
    members: &[EntityId],
    products: &BTreeSet<ProductId>,
) -> Vec<Piece> {
    let inside: BTreeSet<EntityId> = members.iter().copied().collect();
    let mut pieces = Vec::new();
    for customer in &inside {
        for row in network.needs(*customer) {
            if !row.binds() || !(products.is_empty() || products.contains(&row.product)) {
                continue;
            }
            for link in network.suppliers(row).iter().filter(|link| inside.contains(&link.supplier)) {
                let assumed = network.origins(link).iter().any(|origin| match origin {
                    Origin::Relation(id) => graph.relation(*id).evidence.is_assumed(),
                    Origin::Attribute(id) => graph.attribute(*id).evidence.is_assumed(),
                    Origin::Intensity(_) => false,
                });
                pieces.push(Piece {
                    supplier: link.supplier,
                    customer: *customer,
                    product: row.product,
                    share: link.share,
                    rung: link.rung,
                    assumed,
                });
            }
        }
    }
    pieces
}

/// The kinds that stand in a column, most frequent first.
fn heading(graph: &Graph, slots: &[Slot], column: usize) -> String {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for id in slots.iter().filter(|slot| slot.column == column).flat_map(|slot| &slot.who) {
        *counts.entry(graph.entity(*id).kind).or_default() += 1;
    }
    let mut kinds: Vec<(usize, usize)> = counts.into_iter().collect();
    kinds.sort_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    let name = |kind: usize| graph.facts().kinds.get(kind).map_or("other", |kind| kind.name.as_str());
    let mut names: Vec<&str> = kinds.iter().take(2).map(|(kind, _)| name(*kind)).collect();
    if kinds.len() == 3 {
        names.push(name(kinds[2].0));
    } else if kinds.len() > 3 {
        names.push("others");
    }
    list(&names, "and")
}
