//! How much of what reaches an entity is lost with each supplier, where capacities are known.

use std::collections::{BTreeMap, BTreeSet};

use super::super::View;
use super::super::budget::affordable;
use crate::model::EntityId;
use crate::network::{Capacity, CapacityUnit, capacities};
use crate::order::Arrange;
use crate::side_by_side::SideBySide;
use crate::structure::{Arc, max_flow};

/// Maximum flows into one entity, whole and without each supplier.
pub(super) struct FlowDrops {
    /// One for each unit in which something reaches the entity; power first.
    pub units: Vec<UnitDrops>,
    /// Whether the graph was too large to try every supplier.
    pub left_out: bool,
}

pub(super) struct UnitDrops {
    pub unit: CapacityUnit,
    /// Maximum flow with everybody there.
    pub whole: f64,
    /// Suppliers whose loss lowers it, with what still passes; largest drop first.
    pub without: Vec<(EntityId, f64)>,
    /// All upstream along ties with a capacity.
    reached: BTreeSet<EntityId>,
    /// The ties counted.
    pub ties: Vec<Capacity>,
}

impl FlowDrops {
    pub fn measure(view: &View<'_>, of: EntityId, candidates: &[EntityId]) -> Self {
        let mut drops = Self { units: Vec::new(), left_out: false };
        for unit in CapacityUnit::ALL {
            match in_unit(view, of, candidates, unit) {
                Ok(found) => drops.units.extend(found),
                Err(TooLarge) => drops.left_out = true,
            }
        }
        drops
    }

    /// Part of the flow that is lost with an entity, in the first unit in which it is upstream.
    pub fn of(&self, entity: EntityId) -> Option<f64> {
        let unit = self.units.iter().find(|unit| unit.reached.contains(&entity))?;
        let left = unit.without.iter().find(|(id, _)| *id == entity).map_or(unit.whole, |(_, left)| *left);
        Some(1.0 - left / unit.whole)
    }
}

/// Passes over the arcs that one maximum flow is reckoned to take.
const FLOW_PASSES: usize = 500;
/// The same of each of many.
const EACH: usize = 20;

/// Trying every supplier would take too long.
struct TooLarge;

fn in_unit(
    view: &View<'_>,
    of: EntityId,
    candidates: &[EntityId],
    unit: CapacityUnit,
) -> Result<Option<UnitDrops>, TooLarge> {
    let mut ties = capacities(view.graph, &view.scope, unit);
    let reached = upstream(&ties, of);
    ties.retain(|tie| tie.customer == of || reached.contains(&tie.customer));
    ties.retain(|tie| tie.supplier != of);
    let n = view.graph.len();
    let (mut received, mut handed_on) = (vec![0.0; n], vec![0.0; n]);
    for tie in &ties {
        received[tie.customer.index()] += tie.amount;
        handed_on[tie.supplier.index()] += tie.amount;
    }
    // what is handed on beyond what is known to be received has a source of its own
    let own = |at: usize| Arc { from: n, to: at, capacity: handed_on[at] - received[at] };
    let mut arcs: Vec<Arc> = (0..n).map(own).filter(|arc| arc.capacity > 0.0).collect();
    arcs.extend(ties.iter().map(|tie| Arc {
        from: tie.supplier.index(),
        to: tie.customer.index(),
        capacity: tie.amount,
    }));
    if !affordable(FLOW_PASSES, arcs.len()) {
        return Err(TooLarge);
    }
    let (whole, carried) = max_flow(n + 1, &arcs, n, of.index());
    if whole <= 0.0 {
        return Ok(None);
    }
    // who carries nothing in one maximum flow is not missed
    let mut busy = vec![false; n + 1];
    for (arc, _) in arcs.iter().zip(&carried).filter(|(_, carried)| **carried > 0.0) {
        busy[arc.from] = true;
        busy[arc.to] = true;
    }
    let left = |entity: &EntityId| {
        let stays = |arc: &&Arc| arc.from != entity.index() && arc.to != entity.index();
        let arcs: Vec<Arc> = arcs.iter().filter(stays).copied().collect();
        (*entity, max_flow(n + 1, &arcs, n, of.index()).0.min(whole))
    };
    let asked: Vec<EntityId> = candidates.iter().filter(|id| busy[id.index()]).copied().collect();
    if !affordable(EACH * asked.len(), arcs.len()) {
        return Err(TooLarge);
    }
    let mut without: Vec<(EntityId, f64)> = asked.side_by_side(left);
    without.retain(|(_, left)| *left < whole * (1.0 - 1e-12));
    let rounded = |left: f64| (left / whole * 1e12).round();
    without.arrange(|a, b| rounded(a.1).total_cmp(&rounded(b.1)).then(a.0.cmp(&b.0)));
    Ok(Some(UnitDrops { unit, whole, without, reached, ties }))
}

/// All upstream of an entity along the ties, itself left out.
fn upstream(ties: &[Capacity], of: EntityId) -> BTreeSet<EntityId> {
    let mut reached = BTreeSet::new();
    let mut suppliers: BTreeMap<EntityId, Vec<EntityId>> = BTreeMap::new();
    for tie in ties.iter().filter(|tie| tie.supplier != of) {
        suppliers.entry(tie.customer).or_default().push(tie.supplier);
    }
    let mut open = vec![of];
    while let Some(at) = open.pop() {
        for supplier in suppliers.get(&at).into_iter().flatten() {
            if reached.insert(*supplier) {
                open.push(*supplier);
            }
        }
    }
    reached
}
