//! Which column an entity stands in.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Graph;
use crate::model::EntityId;

/// A supplier's tie to a customer, as positions in a list of members.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Step {
    pub supplier: usize,
    pub customer: usize,
    pub weight: f64,
    /// Where the dataset places the product that flows.
    pub product_tier: Option<f64>,
}

/// How far downstream each member stands: where its kind is placed by the dataset, else where the products are
/// that it supplies, else between its neighbours; trophic levels where the dataset places nothing.
pub(super) fn levels(graph: &Graph, members: &[EntityId], steps: &[Step]) -> Vec<f64> {
    let kind_tier =
        |id: &EntityId| graph.facts().kinds.get(graph.entity(*id).kind).and_then(|kind| kind.tier);
    let mut levels: Vec<Option<f64>> =
        members.iter().map(|id| kind_tier(id).filter(|tier| tier.is_finite())).collect();
    for step in steps {
        if kind_tier(&members[step.supplier]).is_none() {
            let slot = &mut levels[step.supplier];
            *slot = match (*slot, step.product_tier.filter(|tier| tier.is_finite())) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            };
        }
    }
    if levels.iter().all(Option::is_none) {
        return trophic(members.len(), steps);
    }
    for _ in 0..members.len().min(30) {
        let mut sums: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
        for step in steps {
            match (levels[step.supplier], levels[step.customer]) {
                (Some(level), None) => add(&mut sums, step.customer, level + 1.0),
                (None, Some(level)) => add(&mut sums, step.supplier, level - 1.0),
                _ => {}
            }
        }
        if sums.is_empty() {
            break;
        }
        for (at, (sum, count)) in sums {
            levels[at] = Some((sum / count).round());
        }
    }
    let lowest = levels.iter().flatten().fold(f64::INFINITY, |a, b| a.min(*b));
    levels.into_iter().map(|level| level.unwrap_or(lowest)).collect()
}

fn add(sums: &mut BTreeMap<usize, (f64, f64)>, at: usize, value: f64) {
    let slot = sums.entry(at).or_default();
    slot.0 += value;
    slot.1 += 1.0;
}

/// Levels h that minimise Σ w (h_customer - h_supplier - 1)², rounded (MacKay, Johnson and Sansom 2020).
fn trophic(count: usize, steps: &[Step]) -> Vec<f64> {
    let mut weights = vec![0.0; count];
    let mut near: Vec<Vec<(usize, f64, f64)>> = vec![Vec::new(); count];
    for step in steps {
        let weight = step.weight.max(0.01);
        near[step.customer].push((step.supplier, weight, 1.0));
        near[step.supplier].push((step.customer, weight, -1.0));
        weights[step.customer] += weight;
        weights[step.supplier] += weight;
    }
    let mut levels = vec![0.0; count];
    for _ in 0..200 {
        for at in 0..count {
            if weights[at] > 0.0 {
                let sum: f64 =
                    near[at].iter().map(|(other, weight, rise)| weight * (levels[*other] + rise)).sum();
                levels[at] = sum / weights[at];
            }
        }
    }
    let lowest = levels.iter().copied().fold(f64::INFINITY, f64::min);
    levels.into_iter().map(|level: f64| (level - lowest).round()).collect()
}

/// The column of each member, from 0: levels in their order, neighbouring ones put together until no more than
/// `most` are left. Levels with few members and few ties between them go first.
pub(super) fn columns(levels: &[f64], steps: &[Step], top: usize, most: usize) -> Vec<usize> {
    let distinct: BTreeSet<i64> = levels.iter().map(|level| fixed(*level)).collect();
    let mut groups: Vec<Vec<i64>> = distinct.into_iter().map(|level| vec![level]).collect();
    let of = |groups: &[Vec<i64>], level: f64| {
        groups.iter().position(|group| group.contains(&fixed(level))).unwrap_or(0)
    };
    while groups.len() > most.max(1) {
        let mut members = vec![0usize; groups.len()];
        let mut ties = vec![0usize; groups.len()];
        for level in levels {
            members[of(&groups, *level)] += 1;
        }
        for step in steps {
            let (a, b) = (of(&groups, levels[step.supplier]), of(&groups, levels[step.customer]));
            if a.abs_diff(b) == 1 {
                ties[a.min(b)] += 1;
            }
        }
        let price = |at: usize| members[at].min(top) + members[at + 1].min(top) + 2 * ties[at];
        let best = (0..groups.len() - 1).min_by_key(|at| (price(*at), *at)).unwrap_or(0);
        let joined = groups.remove(best + 1);
        groups[best].extend(joined);
    }
    levels.iter().map(|level| of(&groups, *level)).collect()
}

/// A level that can be compared exactly.
fn fixed(level: f64) -> i64 {
    (level * 1_000.0).round() as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(supplier: usize, customer: usize) -> Step {
        Step { supplier, customer, weight: 1.0, product_tier: None }
    }

    #[test]
    fn a_chain_without_hints_stands_in_a_row() {
        assert_eq!(trophic(4, &[step(0, 1), step(1, 2), step(2, 3)]), [0.0, 1.0, 2.0, 3.0]);
    }

    #[test]
    fn a_loop_has_levels_too() {
        assert_eq!(trophic(2, &[step(0, 1), step(1, 0)]), [0.0, 0.0]);
    }

    #[test]
    fn columns_join_where_they_are_thin_and_apart() {
        let levels = [0.0, 1.0, 2.0, 2.0, 2.0, 3.0];
        let steps = [step(1, 2), step(1, 3), step(2, 5)];
        assert_eq!(columns(&levels, &steps, 12, 3), [0, 0, 1, 1, 1, 2]);
        assert_eq!(columns(&levels, &steps, 12, 9), [0, 1, 2, 2, 2, 3]);
    }
}
