//! Shares of cost: who receives which part of whose spending, followed through all tiers.

use std::collections::BTreeMap;

use super::{Network, Origin, build};
use crate::graph::Graph;
use crate::model::{AttributeKind, AttributeSubject, Dimension, EntityId, LinkKind, ProductId};
use crate::scope::Scope;

/// The matrix W of cost shares in compressed rows: `W[buyer, supplier]`, rows adding up to at most 1.
#[derive(Clone, Debug)]
pub struct CostNetwork {
    start: Vec<u32>,
    links: Vec<CostLink>,
    origins: Vec<Origin>,
    /// The same links by supplier: positions in `links` with their buyers.
    start_by_supplier: Vec<u32>,
    by_supplier: Vec<(u32, u32)>,
    /// Buyers whose stated cost shares added up to more than 1 and were scaled down.
    scaled: usize,
    /// Whether weights come from a bulk table without sources.
    unsourced: bool,
}

/// One supplier's share of one buyer's total cost.
#[derive(Clone, Debug, PartialEq)]
pub struct CostLink {
    /// Who is paid.
    pub supplier: EntityId,
    /// Share of the buyer's total cost, above 0 and at most 1.
    pub share: f64,
    origins: std::ops::Range<u32>,
}

/// Why a look-through has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum SolveError {
    /// Money circulates among these and never leaves.
    #[error("spending circulates without a leak, so it cannot be followed to an end")]
    ClosedLoop {
        /// Largest change in the last round.
        residual: f64,
        /// Rounds done.
        rounds: usize,
    },
}

/// Change at which a solve has settled, relative to the largest value.
pub(super) const SETTLED: f64 = 1e-15;
/// Rounds after which a solve gives up: shares that leak less than about 1 in 2,000 a round take longer.
pub(super) const MOST_ROUNDS: usize = 100_000;

impl CostNetwork {
    /// Cost shares of every entity: from bulk tables as they stand, otherwise the cost shares of the products it
    /// makes (intensities) times its suppliers' shares of those inputs.
    pub fn build(graph: &Graph, scope: &Scope, network: &Network) -> Self {
        let mut rows: Vec<BTreeMap<EntityId, (f64, Vec<Origin>)>> = vec![BTreeMap::new(); graph.len()];
        let unsourced = add_links(graph, scope, &mut rows);
        add_intensities(graph, scope, network, &mut rows);
        let mut cost = Self {
            start: vec![0],
            links: Vec::new(),
            origins: Vec::new(),
            start_by_supplier: Vec::new(),
            by_supplier: Vec::new(),
            scaled: 0,
            unsourced,
        };
        for row in rows {
            let total: f64 = row.values().map(|(share, _)| share).sum();
            let scale = if total > 1.0 { 1.0 / total } else { 1.0 };
            cost.scaled += usize::from(total > 1.0 + 1e-9);
            for (supplier, (share, origins)) in row {
                let from = cost.origins.len() as u32;
                cost.origins.extend(origins);
                let origins = from..cost.origins.len() as u32;
                cost.links.push(CostLink { supplier, share: share * scale, origins });
            }
            cost.start.push(cost.links.len() as u32);
        }
        cost.index_by_supplier();
        cost
    }

    fn index_by_supplier(&mut self) {
        let n = self.len();
        let mut count = vec![0u32; n + 1];
        for link in &self.links {
            count[link.supplier.index() + 1] += 1;
        }
        for at in 0..n {
            count[at + 1] += count[at];
        }
        self.start_by_supplier = count.clone();
        self.by_supplier = vec![(0, 0); self.links.len()];
        for buyer in 0..n {
            for at in self.start[buyer]..self.start[buyer + 1] {
                let slot = &mut count[self.links[at as usize].supplier.index()];
                self.by_supplier[*slot as usize] = (buyer as u32, at);
                *slot += 1;
            }
        }
    }

    /// Number of entities.
    pub fn len(&self) -> usize {
        self.start.len() - 1
    }

    /// Whether no cost share is known at all.
    pub fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    /// Buyers whose cost shares added up to more than 1 and were scaled down to it.
    pub fn scaled(&self) -> usize {
        self.scaled
    }

    /// Whether weights come from a bulk table, which carries no sources.
    pub fn unsourced(&self) -> bool {
        self.unsourced
    }

    /// Cost shares of a buyer, in the order of the suppliers' keys.
    pub fn of(&self, buyer: EntityId) -> &[CostLink] {
        &self.links[self.start[buyer.index()] as usize..self.start[buyer.index() + 1] as usize]
    }

    /// The records that a cost share comes from.
    pub fn origins(&self, link: &CostLink) -> &[Origin] {
        &self.origins[link.origins.start as usize..link.origins.end as usize]
    }

    /// Buyers of a supplier with their shares, in the order of the buyers' keys.
    pub fn buyers_of(&self, supplier: EntityId) -> impl Iterator<Item = (EntityId, f64)> + '_ {
        let range = self.start_by_supplier[supplier.index()]..self.start_by_supplier[supplier.index() + 1];
        self.by_supplier[range.start as usize..range.end as usize]
            .iter()
            .map(|(buyer, at)| (EntityId(*buyer), self.links[*at as usize].share))
    }

    /// Face value `W[buyer, supplier]`.
    pub fn face_value(&self, buyer: EntityId, supplier: EntityId) -> f64 {
        self.of(buyer).iter().filter(|link| link.supplier == supplier).map(|link| link.share).sum::<f64>()
            + 0.0
    }

    /// Row of `L = (I - W)^-1`: how much of one unit of the buyer's cost passes each entity, all tiers and
    /// rounds summed, its own unit included.
    ///
    /// Cost: one pass over the upstream links for each round until it settles.
    pub fn leontief_row(&self, buyer: EntityId) -> Result<Vec<f64>, SolveError> {
        self.follow(self.unit(buyer))
    }

    /// Sum of the rows of `L`, each times the size of its buyer: how much of all their cost passes each entity.
    ///
    /// Sizes are 0 or more, by entity. Cost: as one row.
    pub fn leontief_sum(&self, sizes: &[f64]) -> Result<Vec<f64>, SolveError> {
        let largest = sizes.iter().copied().fold(0.0, f64::max);
        if largest <= 0.0 {
            return Ok(vec![0.0; self.len()]);
        }
        let mut wave: Vec<f64> = sizes.iter().map(|size| size.max(0.0) / largest).collect();
        wave.resize(self.len(), 0.0);
        Ok(self.follow(wave)?.into_iter().map(|value| value * largest).collect())
    }

    fn follow(&self, wave: Vec<f64>) -> Result<Vec<f64>, SolveError> {
        self.solve(wave, |at, value, next| {
            for link in self.of(EntityId::new(at)) {
                next[link.supplier.index()] += value * link.share;
            }
        })
    }

    fn unit(&self, entity: EntityId) -> Vec<f64> {
        let mut wave = vec![0.0; self.len()];
        wave[entity.index()] = 1.0;
        wave
    }

    /// Column of `L`: how much of one unit of each buyer's cost passes the supplier.
    pub fn leontief_column(&self, supplier: EntityId) -> Result<Vec<f64>, SolveError> {
        self.solve(self.unit(supplier), |at, value, next| {
            for (buyer, share) in self.buyers_of(EntityId::new(at)) {
                next[buyer.index()] += value * share;
            }
        })
    }

    /// Sums `wave + push(wave) + push(push(wave)) + …` until a round adds nothing.
    fn solve(
        &self,
        mut wave: Vec<f64>,
        push: impl Fn(usize, f64, &mut [f64]),
    ) -> Result<Vec<f64>, SolveError> {
        let n = self.len();
        let mut total = vec![0.0; n];
        let mut residual = f64::INFINITY;
        for _ in 0..MOST_ROUNDS {
            residual = wave.iter().fold(0.0, |most: f64, value| most.max(*value));
            for (sum, value) in total.iter_mut().zip(&wave) {
                *sum += value;
            }
            if residual <= SETTLED {
                return Ok(total);
            }
            let mut next = vec![0.0; n];
            for (at, value) in wave.iter().enumerate().filter(|(_, value)| **value > 0.0) {
                push(at, *value, &mut next);
            }
            wave = next;
        }
        Err(SolveError::ClosedLoop { residual, rounds: MOST_ROUNDS })
    }
}

type Rows = [BTreeMap<EntityId, (f64, Vec<Origin>)>];

/// Links of bulk tables: cost shares as they stand; amounts against the buyer's total cost, where known, or
/// else against its known purchases.
fn add_links(graph: &Graph, scope: &Scope, rows: &mut Rows) -> bool {
    let mut any = false;
    let mut amounts: BTreeMap<EntityId, f64> = BTreeMap::new();
    for link in graph.facts().links.iter().filter(|link| link.kind == LinkKind::Amount) {
        *amounts.entry(link.to).or_default() += link.weight;
    }
    for (buyer, sum) in &mut amounts {
        let of = AttributeSubject::Entity(*buyer);
        let cost = graph.latest_attribute(of, &AttributeKind::Cost, None, scope.as_of);
        let cost =
            cost.and_then(|(_, a)| Some(graph.usd_point(a.value.as_ref()?, scope.as_of)? / a.per_years?));
        *sum = cost.map_or(*sum, |cost| cost.max(*sum));
    }
    for link in &graph.facts().links {
        let share = match link.kind {
            LinkKind::CostShare => link.weight,
            LinkKind::Amount => match amounts.get(&link.to) {
                Some(sum) if *sum > 0.0 => link.weight / sum,
                _ => continue,
            },
            LinkKind::Flow | LinkKind::Exposure => continue,
        };
        if share > 0.0 {
            any = true;
            rows[link.to.index()].entry(link.from).or_default().0 += share;
        }
    }
    any
}

/// What an entity makes costs it inputs; who supplies those inputs is in its rows.
fn add_intensities(graph: &Graph, scope: &Scope, network: &Network, rows: &mut Rows) {
    let recipes = recipes(graph);
    let mut made: Vec<Vec<ProductId>> = vec![Vec::new(); graph.len()];
    for (product, vendors) in build::vendors(graph, scope).into_iter().enumerate() {
        let product = ProductId::new(product);
        if recipes.contains_key(&product) {
            for (vendor, _) in vendors {
                made[vendor.index()].push(product);
            }
        }
    }
    for entity in graph.entity_ids().filter(|id| !graph.entity(*id).group) {
        let met = |product: &&ProductId| {
            let inputs = recipes.get(*product).into_iter().flat_map(BTreeMap::keys);
            inputs.into_iter().any(|input| network.needs(entity).iter().any(|row| row.product == *input))
        };
        let products: Vec<&ProductId> = made[entity.index()].iter().filter(met).collect();
        for product in &products {
            let Some(recipe) = recipes.get(*product) else { continue };
            for (input, (share, origins)) in recipe {
                let Some(row) = network.needs(entity).iter().find(|row| row.product == *input) else {
                    continue;
                };
                for link in network.suppliers(row).iter().filter(|link| link.supplier != entity) {
                    let slot = rows[entity.index()].entry(link.supplier).or_default();
                    slot.0 += share * link.share / products.len() as f64;
                    slot.1.extend(origins.iter().chain(network.origins(link)));
                }
            }
        }
    }
}

type Recipe = BTreeMap<ProductId, (f64, Vec<Origin>)>;
/// Stated cost shares of one input of one product: whether of a variant, the share, the record.
type Stated = BTreeMap<(ProductId, ProductId), Vec<(bool, f64, Origin)>>;

/// Cost share of each input of each product: the record without a variant, or else the mean over variants.
fn recipes(graph: &Graph) -> BTreeMap<ProductId, Recipe> {
    let mut all = Stated::new();
    for (at, intensity) in graph.facts().intensities.iter().enumerate() {
        if intensity.amount.dimension == Dimension::Share
            && let Some(share) = intensity.amount.point()
        {
            let entry = (intensity.variant.is_some(), share, Origin::Intensity(at as u32));
            all.entry((intensity.product, intensity.input)).or_default().push(entry);
        }
    }
    let mut recipes: BTreeMap<ProductId, Recipe> = BTreeMap::new();
    for ((product, input), entries) in all {
        let general = entries.iter().any(|(variant, ..)| !variant);
        let used: Vec<_> = entries.into_iter().filter(|(variant, ..)| !(general && *variant)).collect();
        let mean = used.iter().map(|(_, share, _)| share).sum::<f64>() / used.len() as f64;
        let origins = used.into_iter().map(|(.., origin)| origin).collect();
        recipes.entry(product).or_default().insert(input, (mean, origins));
    }
    recipes
}
