//! Pairs of entities that a table of links names, in the order of its rows: which it names twice.

use std::collections::HashSet;

use rayon::prelude::*;

use crate::model::EntityId;
use crate::part::Part;

/// Pairs of ends, eight bytes each.
#[derive(Debug, Default)]
pub struct Pairs {
    pairs: Vec<u64>,
    /// Whether nothing is kept.
    blind: bool,
}

impl Pairs {
    /// Pairs of a table. Who reads a part of it alone keeps none: the place of a row among all would have to be kept with it.
    pub fn of(part: &Part) -> Self {
        Self { pairs: Vec::new(), blind: !part.is_whole() }
    }

    /// Adds the pair of the next row.
    pub fn push(&mut self, from: EntityId, to: EntityId) {
        if !self.blind {
            self.pairs.push(u64::from(from.0) << 32 | u64::from(to.0));
        }
    }

    /// Passes over the next row, which names no pair: it gets one that no other has, of ends that do not exist.
    pub fn skip(&mut self) {
        if !self.blind {
            self.pairs.push(u64::MAX - self.pairs.len() as u64);
        }
    }

    /// How many rows name a pair once more, and the first of them, counted from 0; `None` where all
    /// are different.
    ///
    /// Cost: a sort, for which the pairs are held twice.
    pub fn repeated(&self) -> Option<(usize, usize)> {
        let mut sorted = self.pairs.clone();
        sorted.par_sort_unstable();
        let count = sorted.windows(2).filter(|pair| pair[0] == pair[1]).count();
        if count == 0 {
            return None;
        }
        let twice: HashSet<u64> =
            sorted.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect();
        let mut seen = HashSet::new();
        let first = self.pairs.iter().position(|pair| twice.contains(pair) && !seen.insert(*pair))?;
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
