//! Pairs of entities that a table of links names, in the order of its rows: which it names twice.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::model::EntityId;

/// Pairs of ends, eight bytes each.
#[derive(Debug, Default)]
pub struct Pairs(Vec<u64>);

impl Pairs {
    /// Adds the pair of the next row.
    pub fn push(&mut self, from: EntityId, to: EntityId) {
        self.0.push(u64::from(from.0) << 32 | u64::from(to.0));
    }

    /// Passes over the next row, which names no pair: it gets one that no other has, of ends that do not exist.
    pub fn skip(&mut self) {
        self.0.push(u64::MAX - self.0.len() as u64);
    }

    /// How many rows name a pair once more, and the first of them, counted from 0; `None` where all
    /// are different.
    ///
    /// Cost: a sort, for which the pairs are held twice.
    pub fn repeated(&self) -> Option<(usize, usize)> {
        let mut sorted = self.0.clone();
        sorted.par_sort_unstable();
        let count = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
        if count == 0 {
            return None;
        }
        let twice: HashSet<u64> =
            sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let mut seen = HashSet::new();
        let first = self.0.iter().position(|pair| twice.contains(pair) && !seen.insert(*pair))?;
        Some((count, first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_name_a_pair_once_more_are_counted_from_the_first() {
        let of = |rows: &[(u32, u32)]| {
            let mut pairs = Pairs::default();
            for (from, to) in rows {
                match (from, to) {
                    (0, 0) => pairs.skip(),
                    _ => pairs.push(EntityId(*from), EntityId(*to)),
                }
            }
            pairs.repeated()
        };
        assert_eq!(of(&[(1, 2), (2, 1), (1, 1)]), None);
        assert_eq!(of(&[(1, 2), (2, 1), (0, 0), (0, 0), (2, 1), (1, 2), (2, 1)]), Some((3, 4)));
    }
}
