//! How much of what a stack takes in, through all tiers, comes from itself.

use std::collections::BTreeMap;

use super::groups::{Stack, tier_of};
use crate::analysis::View;
use crate::model::EntityId;
use crate::network::{CostNetwork, Network, Origin};

/// What was met on the way upstream, for one tier.
#[derive(Clone, Debug, Default)]
pub struct Met {
    /// Weight of all inputs of the tier.
    pub needs: f64,
    /// Of that, supplied by members.
    pub inside: f64,
    /// Of that, supplied by members to members on a way that never left the stack.
    pub unbroken: f64,
    /// Of the needs, by suppliers that nobody names.
    pub unknown: f64,
}

/// A look-through from the head of a stack upstream.
#[derive(Clone, Debug, Default)]
pub struct LookThrough {
    /// Where it starts: members on the highest tier that need something.
    pub heads: Vec<EntityId>,
    /// By tier in thousandths, so that tiers are keys; `None` for what has no tier.
    pub tiers: BTreeMap<Option<i64>, Met>,
    /// Weight supplied from outside, by ultimate owner.
    pub outside: BTreeMap<EntityId, f64>,
    /// Records behind the weights.
    pub origins: Vec<Origin>,
    /// How many weights stand on each rung.
    pub rungs: [usize; 5],
}

/// A tier as a key of a map.
pub fn tier_key(tier: f64) -> i64 {
    (tier * 1e3).round() as i64
}

impl LookThrough {
    /// All tiers together.
    pub fn total(&self) -> Met {
        let mut all = Met::default();
        for met in self.tiers.values() {
            all.needs += met.needs;
            all.inside += met.inside;
            all.unbroken += met.unbroken;
            all.unknown += met.unknown;
        }
        all
    }

    /// The outsider that supplies most.
    pub fn largest_outside(&self) -> Option<(EntityId, f64)> {
        let needs = self.total().needs;
        let rounded = |weight: f64| (weight * 1e12).round();
        let all = self.outside.iter().map(|(owner, weight)| (*owner, *weight));
        all.reduce(|a, b| if rounded(b.1) > rounded(a.1) { b } else { a })
            .map(|(owner, weight)| (owner, weight / needs))
    }
}

/// Function basis: what stops without what. A unit starts at the heads in equal parts. At each step it spreads evenly over the needs
/// that bind and over their suppliers by share; what has no named supplier is unknown and ends. At most `depth` steps, so that
/// loops end.
pub fn by_function(
    view: &View<'_>,
    network: &Network,
    owners: &[EntityId],
    stack: &Stack,
    depth: usize,
) -> LookThrough {
    let binds = |id: EntityId| network.needs(id).iter().any(|row| row.binds());
    let heads = heads(view, stack, binds);
    let mut found = LookThrough { heads, ..LookThrough::default() };
    let mut wave = start(&found.heads);
    let mut counted = vec![false; network.len()];
    for _ in 0..depth {
        let mut next: BTreeMap<EntityId, (f64, f64)> = BTreeMap::new();
        for (entity, (weight, unbroken)) in wave {
            let rows: Vec<_> = network.needs(entity).iter().filter(|row| row.binds()).collect();
            let first = !std::mem::replace(&mut counted[entity.index()], true);
            for row in &rows {
                let part = 1.0 / rows.len() as f64;
                let tier = view.graph.product(row.product).tier.map(tier_key);
                let met = found.tiers.entry(tier).or_default();
                met.needs += weight * part;
                met.unknown += weight * part * (1.0 - row.known);
                for link in network.suppliers(row) {
                    let inside = stack.holds(link.supplier);
                    let (all, own) = (weight * part * link.share, unbroken * part * link.share);
                    let slot = next.entry(link.supplier).or_default();
                    slot.0 += all;
                    if inside {
                        met.inside += all;
                        met.unbroken += own;
                        slot.1 += own;
                    } else {
                        let owner = owners.get(link.supplier.index()).copied().unwrap_or(link.supplier);
                        *found.outside.entry(owner).or_default() += all;
                    }
                    if first {
                        found.origins.extend(network.origins(link));
                        found.rungs[link.rung as usize] += 1;
                    }
                }
            }
        }
        wave = next;
    }
    found
}

/// Cost basis: where money ends. As [`by_function`], over shares of cost; tiers are those of the suppliers.
pub fn by_cost(
    view: &View<'_>,
    cost: &CostNetwork,
    owners: &[EntityId],
    stack: &Stack,
    depth: usize,
) -> LookThrough {
    let heads = heads(view, stack, |id| !cost.of(id).is_empty());
    let mut found = LookThrough { heads, ..LookThrough::default() };
    let mut wave = start(&found.heads);
    let mut counted = vec![false; cost.len()];
    for _ in 0..depth {
        let mut next: BTreeMap<EntityId, (f64, f64)> = BTreeMap::new();
        for (entity, (weight, unbroken)) in wave {
            let first = !std::mem::replace(&mut counted[entity.index()], true);
            for link in cost.of(entity) {
                let (all, own) = (weight * link.share, unbroken * link.share);
                let met = found.tiers.entry(tier_of(view, link.supplier).map(tier_key)).or_default();
                met.needs += all;
                let slot = next.entry(link.supplier).or_default();
                slot.0 += all;
                if stack.holds(link.supplier) {
                    met.inside += all;
                    met.unbroken += own;
                    slot.1 += own;
                } else {
                    let owner = owners.get(link.supplier.index()).copied().unwrap_or(link.supplier);
                    *found.outside.entry(owner).or_default() += all;
                }
                if first {
                    found.origins.extend(cost.origins(link));
                }
            }
        }
        wave = next;
    }
    found
}

/// Members on the highest tier among those that take something in; those without a tier where none has one.
fn heads(view: &View<'_>, stack: &Stack, takes: impl Fn(EntityId) -> bool) -> Vec<EntityId> {
    let all: Vec<EntityId> = stack.members().filter(|id| takes(*id)).collect();
    let highest = all.iter().filter_map(|id| tier_of(view, *id)).max_by(f64::total_cmp);
    all.into_iter().filter(|id| tier_of(view, *id) == highest).collect()
}

fn start(heads: &[EntityId]) -> BTreeMap<EntityId, (f64, f64)> {
    let part = 1.0 / heads.len().max(1) as f64;
    heads.iter().map(|head| (*head, (part, part))).collect()
}
