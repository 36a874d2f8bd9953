//! What several processes find out of shares of cost of which each holds a part.
//!
//! Each process adds up the rows of its own entities, in the order in which one alone would, and gives what has changed to those
//! who need it.

use super::cost::{CostNetwork, Direction, closed_circles};
use crate::compressed::Rows;
use crate::model::EntityId;
use crate::part::Numbers;

impl CostNetwork {
    /// Groups of entities all of which keep nothing and pay nobody outside the group.
    ///
    /// Whoever pays somebody who keeps something, or who pays such a one, is in none: these are taken out until nobody is. Those who are left
    /// are few, if any, and every process gets all of them with their payments.
    pub(super) fn closed_circles_together(
        &self,
        keeps_nothing: impl Fn(usize) -> bool,
    ) -> Vec<Vec<EntityId>> {
        let part = self.shared.part();
        let Some(halo) = self.shared.halo(Direction::Downstream) else { return Vec::new() };
        let mut mirror = halo.mirror();
        let mut left = vec![0.0; self.len()];
        part.own(self.len()).for_each(|at| left[at] = f64::from(keeps_nothing(at)));
        loop {
            halo.renew(&mut mirror, &mut left);
            let mut goes = part.own(self.len()).filter(|at| left[*at] > 0.0).collect::<Vec<usize>>();
            goes.retain(|at| {
                self.of(EntityId::new(*at)).iter().any(|link| left[link.supplier.index()] == 0.0)
            });
            if !part.any(!goes.is_empty()) {
                break;
            }
            goes.into_iter().for_each(|at| left[at] = 0.0);
        }
        let mut mine = Vec::new();
        for at in part.own(self.len()).filter(|at| left[*at] > 0.0) {
            for link in self.of(EntityId::new(at)) {
                mine.extend((at as u32).to_le_bytes());
                mine.extend(link.supplier.0.to_le_bytes());
            }
        }
        let mut payments = Vec::new();
        for bytes in part.tell(&mine) {
            let mut heard = Numbers(&bytes);
            payments.extend(std::iter::from_fn(|| Some((heard.half()?, heard.half()?))));
        }
        payments.sort_unstable();
        let mut is_left = vec![false; self.len()];
        payments.iter().for_each(|(buyer, _)| is_left[*buyer as usize] = true);
        closed_circles(&Rows::new(self.len(), payments.into_iter()), |at| is_left[at])
    }
}
