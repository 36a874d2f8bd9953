//! How much can pass from supplier to customer, where a record says so in a unit that passes through an entity.

use super::Origin;
use super::build::ties;
use crate::graph::Graph;
use crate::model::{Dimension, EntityId, LinkKind};
use crate::scope::Scope;

/// What capacities are counted in: the two units that mean the same before and behind an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapacityUnit {
    /// Power: from producers over sites to those who compute.
    Megawatt,
    /// Money: what customers pay, supplier by supplier.
    UsdPerYear,
}

impl CapacityUnit {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Megawatt, Self::UsdPerYear];
}

/// The most that passes over one tie.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Capacity {
    /// Who supplies.
    pub supplier: EntityId,
    /// Who receives.
    pub customer: EntityId,
    /// Megawatts, or dollars a year (the unit of a bulk table, where it comes from one); above 0.
    pub amount: f64,
    /// The record that states it; `None` for a row of a bulk table.
    pub origin: Option<Origin>,
}

/// Capacities of all ties in a scope that state one in the unit; tranches within a total are left out. In the order of
/// customers, products and records, then of the rows of bulk tables.
///
/// Cost: one pass over the relations.
pub fn capacities(graph: &Graph, scope: &Scope, unit: CapacityUnit) -> Vec<Capacity> {
    let counts = |dimension: &Dimension| match unit {
        CapacityUnit::Megawatt => *dimension == Dimension::Power,
        CapacityUnit::UsdPerYear => matches!(dimension, Dimension::Money(_)),
    };
    let mut all = Vec::new();
    for ((customer, _), ties) in ties(graph, scope).0 {
        for tie in ties {
            let amount: f64 = tie.amounts.iter().filter(|(d, _)| counts(d)).map(|(_, amount)| amount).sum();
            if amount > 0.0 {
                let origin = Some(Origin::Relation(tie.relation));
                all.push(Capacity { supplier: tie.supplier, customer, amount, origin });
            }
        }
    }
    let amounts = graph.facts().links.iter().filter(|link| link.kind == LinkKind::Amount);
    for link in
        amounts.filter(|link| unit == CapacityUnit::UsdPerYear && link.weight > 0.0 && link.from != link.to)
    {
        all.push(Capacity { supplier: link.from, customer: link.to, amount: link.weight, origin: None });
    }
    all
}
