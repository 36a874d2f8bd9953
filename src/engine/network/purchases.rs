//! Cost shares of bulk tables: shares as they stand, and amounts against what is known of the buyer's total.

use crate::compressed::sorted;
use crate::graph::Graph;
use crate::model::{AttributeKind, AttributeSubject, EntityId, Figure, LinkKind};
use crate::scope::Scope;

/// Part of its payments that a firm of a closed circle is supposed to keep as value added: nearly the ratio of value added to gross
/// output of the world's economies taken together.
pub const SUPPOSED_VALUE_ADDED: f64 = 0.5;

/// What buyers' amounts in bulk tables are shares of. What a buyer does not pay on within the tables is its value added, and
/// leaves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wholes {
    /// Buyers whose total is stated: costs, or else revenue, and never less than what they buy.
    pub stated: usize,
    /// Buyers without a stated total who sell more in the tables than they buy: what they sell.
    pub sold: usize,
    /// All other buyers: what they buy, so that nothing is kept.
    pub bought: usize,
    /// Circles of such buyers who pay each other alone and would keep nothing: each is supposed to keep
    /// [`SUPPOSED_VALUE_ADDED`]. Members in the order of their keys.
    pub circles: Vec<Vec<EntityId>>,
}

impl Wholes {
    pub(super) fn count(&mut self, bulk: &Bulk<'_>) {
        for basis in &bulk.basis {
            match basis {
                Some(Basis::Stated) => self.stated += 1,
                Some(Basis::Sold) => self.sold += 1,
                Some(Basis::Bought) => self.bought += 1,
                None => {}
            }
        }
    }
}

/// What a buyer's amounts are shares of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    Stated,
    Sold,
    Bought,
}

/// Links of bulk tables by buyer.
pub(super) struct Bulk<'g> {
    graph: &'g Graph,
    /// Positions of the links of cost by buyer.
    start: Vec<u32>,
    links: Vec<u32>,
    /// Total of each buyer in the unit of the amounts; 0 where it has none.
    whole: Vec<f64>,
    basis: Vec<Option<Basis>>,
}

impl<'g> Bulk<'g> {
    /// Cost: two passes over the links, and one look-up a buyer.
    pub fn collect(graph: &'g Graph, scope: &Scope) -> Self {
        let all = &graph.facts().links;
        let of_cost = all.iter().enumerate().filter(|(_, link)| {
            matches!(link.kind, LinkKind::CostShare | LinkKind::Amount) && link.weight > 0.0
        });
        let (start, links) = sorted(graph.len(), of_cost.map(|(at, link)| (link.to.0, at as u32)));
        let mut bulk = Self { graph, start, links, whole: Vec::new(), basis: Vec::new() };
        if graph.part().any(all.iter().any(|link| link.kind == LinkKind::Amount)) {
            bulk.find_wholes(scope);
        }
        bulk
    }

    fn find_wholes(&mut self, scope: &Scope) {
        let n = self.graph.len();
        let (mut bought, mut sold) = (vec![0.0; n], vec![0.0; n]);
        for link in self.graph.facts().links.iter().filter(|link| link.kind == LinkKind::Amount) {
            bought[link.to.index()] += link.weight;
            sold[link.from.index()] += link.weight;
        }
        let part = self.graph.part();
        part.complete(&mut bought);
        part.complete(&mut sold);
        self.basis = vec![None; n];
        for (at, whole) in bought.iter_mut().enumerate().filter(|(_, bought)| **bought > 0.0) {
            let (basis, total) = match stated_total(self.graph, scope, EntityId::new(at)) {
                Some(stated) => (Basis::Stated, stated),
                None if sold[at] > *whole => (Basis::Sold, sold[at]),
                None => (Basis::Bought, *whole),
            };
            *whole = total.max(*whole);
            self.basis[at] = Some(basis);
        }
        self.whole = bought;
    }

    pub fn len(&self) -> usize {
        self.links.len()
    }

    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Whether any table states amounts.
    pub fn has_amounts(&self) -> bool {
        !self.whole.is_empty()
    }

    /// Whether what a buyer's shares are taken of follows from the amounts alone.
    pub fn by_amounts(&self, buyer: EntityId) -> bool {
        matches!(self.basis.get(buyer.index()), Some(Some(Basis::Sold | Basis::Bought)))
    }

    /// A buyer's suppliers with their shares of its cost, in the order of their keys, each once.
    pub fn row(&self, buyer: EntityId) -> Vec<(EntityId, f64)> {
        let range = self.start[buyer.index()] as usize..self.start[buyer.index() + 1] as usize;
        let links = &self.graph.facts().links;
        let share = |at: &u32| {
            let link = &links[*at as usize];
            match link.kind {
                LinkKind::Amount => (link.from, link.weight / self.whole[buyer.index()]),
                _ => (link.from, link.weight),
            }
        };
        let mut row: Vec<(EntityId, f64)> = self.links[range].iter().map(share).collect();
        // stable: shares of one supplier add up in the order of the tables
        row.sort_by_key(|(supplier, _)| *supplier);
        row.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1 += later.1;
            }
            same
        });
        row
    }
}

/// Costs of a year as stated, or else revenue: by an attribute, or by a column of a table.
fn stated_total(graph: &Graph, scope: &Scope, id: EntityId) -> Option<f64> {
    let attribute = |kind| {
        let (_, found) = graph.latest_attribute(AttributeSubject::Entity(id), &kind, None, scope.as_of)?;
        Some(graph.usd_point(found.value.as_ref()?, scope.as_of)? / found.per_years?)
    };
    let column = |figure| graph.facts().columns.figure(figure)?.get(id.index()).copied().flatten();
    let costs = attribute(AttributeKind::Cost).or_else(|| column(Figure::Costs));
    costs.or_else(|| attribute(AttributeKind::Revenue)).or_else(|| column(Figure::Revenue))
}
