//! The functional cascade where it ends, as one linear system: what binds each entity there.
//!
//! Every loss is the largest of the shock itself, the sums of the essential inputs and the sum of the important ones.
//! Where the cascade has ended one of them holds with equality, so that `x = s + A x` with the rows that hold: losses
//! are then sums over paths, and their derivatives a solve. That is exact at this end, and the whole truth where
//! nothing else comes to bind.

use super::functional::{Settings, UnknownSupplier};
use crate::model::{EntityId, Need};
use crate::network::{NeedRow, Network};

/// Losses that differ by less are the same.
const ROUNDING: f64 = 1e-9;
/// Rounds after which a sum over ever longer paths is given up.
const MOST_ROUNDS: usize = 10_000;

/// What binds each entity where a cascade ends.
#[derive(Clone, Debug, PartialEq)]
pub struct Binding {
    /// By entity: the rows, by position, whose weighted sums make up its loss. Nothing where the shock itself binds, or
    /// where nothing is lost.
    pub rows: Vec<Vec<(usize, f64)>>,
    /// By entity: the part of its loss that comes from outside.
    pub outside: Vec<f64>,
}

impl Binding {
    /// What binds where the losses `shock` (by entity) have ended at these levels; nobody is replaced.
    ///
    /// Of several that hold with equality the shock comes first, then the rows in their order, but those whose suppliers
    /// were all hit before the customer before others, so that no loop holds itself up.
    pub fn at_end(
        network: &Network,
        shock: &[f64],
        levels: &[f64],
        first_hit: &[Option<u32>],
        settings: Settings,
    ) -> Self {
        let loss = |id: EntityId| levels.get(id.index()).map_or(0.0, |level| 1.0 - level);
        let weight = |row: &NeedRow, weight: f64| match settings.unknown {
            UnknownSupplier::LikeKnown if row.known > 0.0 => weight / row.known,
            _ => weight,
        };
        let sum = |row: &NeedRow| {
            network.suppliers(row).iter().map(|link| link.share * loss(link.supplier)).sum::<f64>()
        };
        let hit = |id: EntityId| first_hit.get(id.index()).copied().flatten();
        let mut binding = Self { rows: vec![Vec::new(); network.len()], outside: vec![0.0; network.len()] };
        for at in 0..network.len() {
            let entity = EntityId::new(at);
            let (own, shocked) = (loss(entity), shock.get(at).copied().unwrap_or(0.0));
            if own <= ROUNDING {
                continue;
            }
            if shocked >= own - ROUNDING {
                if let Some(outside) = binding.outside.get_mut(at) {
                    *outside = own;
                }
                continue;
            }
            let mut choices: Vec<Vec<(usize, f64)>> = Vec::new();
            let mut important = Vec::new();
            for (position, row) in network.needs_at(entity) {
                match row.need {
                    Need::Essential => choices.push(vec![(position, weight(row, 1.0))]),
                    Need::Important(part) => important.push((position, weight(row, part))),
                    Need::Optional | Need::NotNeeded => {}
                }
            }
            choices.push(important);
            let row_of = |position: &usize| network.rows().get(*position);
            let holds = |choice: &&Vec<(usize, f64)>| {
                let all =
                    choice.iter().filter_map(|(position, weight)| Some(weight * sum(row_of(position)?)));
                (all.sum::<f64>() - own).abs() <= ROUNDING
            };
            let later = |choice: &&Vec<(usize, f64)>| {
                let rows = choice.iter().filter_map(|(position, _)| row_of(position));
                let links =
                    rows.flat_map(|row| network.suppliers(row)).filter(|link| loss(link.supplier) > ROUNDING);
                links.filter_map(|link| hit(link.supplier)).max()
            };
            if let (Some(choice), Some(rows)) =
                (choices.iter().filter(holds).min_by_key(later), binding.rows.get_mut(at))
            {
                rows.clone_from(choice);
            }
        }
        binding
    }

    /// The terms of an entity's loss: position of the link, supplier, coefficient.
    pub fn terms<'b>(
        &'b self,
        network: &'b Network,
        entity: EntityId,
    ) -> impl Iterator<Item = (usize, EntityId, f64)> + 'b {
        let rows = self.rows.get(entity.index()).into_iter().flatten();
        rows.filter_map(|(position, weight)| Some((network.rows().get(*position)?, *weight))).flat_map(
            move |(row, weight)| {
                let links = network.suppliers(row).iter().zip(network.link_range(row));
                links.map(move |(link, at)| (at, link.supplier, weight * link.share))
            },
        )
    }

    /// For each entity, what its loss weighs in the mean loss of the members, over paths of all lengths: `g = e + g A`.
    ///
    /// Cost: one pass over what binds for each step of the longest path that matters.
    pub fn weights(&self, network: &Network, members: &[EntityId]) -> Vec<f64> {
        let mut all = vec![0.0; network.len()];
        let mut front = vec![0.0; network.len()];
        for member in members {
            if let Some(front) = front.get_mut(member.index()) {
                *front = 1.0 / members.len() as f64;
            }
        }
        for _ in 0..MOST_ROUNDS {
            let mut next = vec![0.0; network.len()];
            let mut moved = false;
            for (at, weight) in front.iter().enumerate().filter(|(_, weight)| **weight > ROUNDING) {
                moved = true;
                if let Some(sum) = all.get_mut(at) {
                    *sum += weight;
                }
                for (_, supplier, part) in self.terms(network, EntityId::new(at)) {
                    if let Some(next) = next.get_mut(supplier.index()) {
                        *next += weight * part;
                    }
                }
            }
            if !moved {
                break;
            }
            front = next;
        }
        all
    }
}
