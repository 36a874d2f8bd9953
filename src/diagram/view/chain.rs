//! A map of who supplies whom: columns, folded members and the edges between what is shown.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::{self, Folded};
use super::tiers::{self, Step};
use super::words::{list, percent, uncapitalised};
use crate::analysis::View;
use crate::diagram::{Edge, Flow, Line, Tier};
use crate::graph::Graph;
use crate::model::{EntityId, ProductId};
use crate::network::{Network, Origin, Rung};
use crate::order::Arrange;

/// The most columns that print on A4 with names of usual length.
const MOST_COLUMNS: usize = 7;
/// Above this many edges the weakest are left out, but never the strongest of a node.
const MOST_EDGES: usize = 36;
/// How much of the greatest width the line of a whole need has: maps have many lines, and most are of nearly all of a need.
const WIDEST: f64 = 0.55;
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

/// What a map is to hold.
pub(super) struct Plan<'p> {
    /// Who stands in it, most important first.
    pub members: &'p [EntityId],
    /// Those who are never folded and whose columns are their own.
    pub keep: &'p BTreeSet<EntityId>,
    /// How many a column shows by name; as many as a page holds where not given.
    pub top: Option<usize>,
    /// The products that count; all where none is given.
    pub products: &'p BTreeSet<ProductId>,
    /// How much an edge from this supplier matters, 0 to 1.
    pub matters: &'p dyn Fn(EntityId) -> f64,
    /// Which edges are wanted at all.
    pub wanted: &'p dyn Fn(&Slot, &Slot, ProductId) -> bool,
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
    /// Lays out what is asked for.
    pub fn new(view: &View<'_>, network: &Network, plan: &Plan<'_>) -> Self {
        let Plan { members, keep, top, products, .. } = plan;
        let pieces = pieces(view.graph, network, members, products);
        let place: BTreeMap<EntityId, usize> = members.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        let step = |piece: &Piece| {
            let (supplier, customer) = (*place.get(&piece.supplier)?, *place.get(&piece.customer)?);
            let product_tier = view.graph.product(piece.product).tier;
            Some(Step { supplier, customer, weight: piece.share, product_tier })
        };
        let steps: Vec<Step> = pieces.iter().filter_map(step).collect();
        let levels = tiers::levels(view.graph, members, &steps);
        let apart: Vec<f64> =
            (0..members.len()).filter(|at| keep.contains(&members[*at])).map(|at| levels[at]).collect();
        let column_of = tiers::columns(&levels, &steps, &apart, MOST_COLUMNS);
        let count = column_of.iter().max().map_or(0, |most| most + 1);
        let here = |column: usize| -> Vec<usize> {
            (0..members.len()).filter(|at| column_of[*at] == column).collect()
        };
        let top = top.unwrap_or_else(|| {
            let sizes: Vec<usize> = (0..count).map(|column| here(column).len()).collect();
            fold::top_for_a_page(&sizes)
        });
        let mut slots = Vec::new();
        for column in 0..count {
            let Folded { shown, others } = fold::fold(&here(column), |at| keep.contains(&members[at]), top);
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
        chain.strands.retain(|strand| {
            (plan.wanted)(&chain.slots[strand.from], &chain.slots[strand.to], strand.product)
        });
        chain.thin(plan);
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

    /// Leaves out the weakest edges, but no node without one. Strong is what
    /// covers much of a need, comes from a supplier that matters, and does not cross the whole map.
    fn thin(&mut self, plan: &Plan<'_>) {
        let score = |strand: &Strand| {
            let (from, to) = (&self.slots[strand.from], &self.slots[strand.to]);
            let matters = from.who.iter().map(|id| (plan.matters)(*id)).fold(0.0, f64::max);
            let span = from.column.abs_diff(to.column).max(1) as f64;
            let back = if from.column >= to.column { 2.0 } else { 1.0 };
            let folded = if from.entity().is_none() { 3.0 } else { 1.0 };
            strand.share * (0.1 + matters) / (span.sqrt() * back * folded)
        };
        let scores: Vec<f64> = self.strands.iter().map(score).collect();
        let named =
            |strand: &Strand| [strand.from, strand.to].iter().all(|end| self.slots[*end].entity().is_some());
        // of each node the strongest in and out, those of folded nodes only where it has no other
        let mut strongest = BTreeMap::new();
        for (at, strand) in self.strands.iter().enumerate() {
            for end in [(strand.from, true), (strand.to, false)] {
                let slot = strongest.entry(end).or_insert(at);
                let rank = |at: usize| (named(&self.strands[at]), scores[at]);
                let ((new, score), (old, best)) = (rank(at), rank(*slot));
                if (new && !old) || (new == old && score > best) {
                    *slot = at;
                }
            }
        }
        let tied: BTreeSet<usize> = (strongest.iter())
            .filter(|(_, at)| named(&self.strands[**at]))
            .flat_map(|(_, at)| [self.strands[*at].from, self.strands[*at].to])
            .collect();
        let must: BTreeSet<usize> = (strongest.iter())
            .filter(|((slot, out), at)| {
                let folded = self.slots[*slot].entity().is_none();
                named(&self.strands[**at]) || (folded && *out) || !tied.contains(slot)
            })
            .map(|(_, at)| *at)
            .collect();
        let mut order: Vec<usize> = (0..self.strands.len()).collect();
        order.arrange(|a, b| {
            must.contains(b).cmp(&must.contains(a)).then(scores[*b].total_cmp(&scores[*a])).then(a.cmp(b))
        });
        let strong = |at: &usize| named(&self.strands[*at]) && self.strands[*at].share >= PRINTED;
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
            weight: strand.share.clamp(0.0, 1.0) * WIDEST,
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

/// The kinds that a column names, most frequent first.
fn heading(graph: &Graph, slots: &[Slot], column: usize) -> String {
    let mut kinds: Vec<(usize, usize)> = Vec::new();
    for id in slots.iter().filter(|slot| slot.column == column).filter_map(Slot::entity) {
        let kind = graph.entity(id).kind;
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    // equals stay in the order of what matters
    kinds.arrange_by_key(|(_, count)| std::cmp::Reverse(*count));
    let name = |kind: usize| graph.facts().kinds.get(kind).map_or("other", |kind| kind.name.as_str());
    let mut names: Vec<String> = kinds.iter().map(|(kind, _)| name(*kind).to_string()).collect();
    for later in names.iter_mut().skip(1) {
        *later = uncapitalised(later);
    }
    let long = |names: &[&String]| names.iter().map(|name| name.chars().count()).sum::<usize>() > 30;
    match names.as_slice() {
        [first, second] if !long(&[first, second]) => list(&names, "and"),
        [first, second, _, ..] if !long(&[first, second]) => format!("{first}, {second} and others"),
        [first, _, ..] => format!("{first} and others"),
        _ => list(&names, "and"),
    }
}
