//! What a cascade has reached, in rising order.

/// A growing set of positions that is read in rising order, whatever the order in which they came.
///
/// A bit for each position, and above them one for each word that is not empty: cheaper than to sort, and a small set among many
/// positions is read at a glance.
#[derive(Clone, Debug)]
pub(super) struct Reached {
    bits: Vec<u64>,
    words: Vec<u64>,
    list: Vec<u32>,
    /// Whether there are more than are listed.
    grown: bool,
}

/// Bits of a word.
const BITS: usize = u64::BITS as usize;

impl Reached {
    /// Nothing yet, of so many positions.
    pub fn new(positions: usize) -> Self {
        let words = positions.div_ceil(BITS);
        Self { bits: vec![0; words], words: vec![0; words.div_ceil(BITS)], list: Vec::new(), grown: false }
    }

    pub fn insert(&mut self, at: u32) {
        let at = at as usize;
        let (word, bit) = (&mut self.bits[at / BITS], 1 << (at % BITS));
        if *word & bit == 0 {
            *word |= bit;
            self.words[at / BITS / BITS] |= 1 << (at / BITS % BITS);
            self.grown = true;
        }
    }

    /// Lists those that have come since. Whether there were any.
    pub fn arrange(&mut self) -> bool {
        if !std::mem::take(&mut self.grown) {
            return false;
        }
        self.list.clear();
        for (above, words) in self.words.iter().enumerate() {
            for word in ones(*words).map(|word| above * BITS + word) {
                self.list.extend(ones(self.bits[word]).map(|bit| (word * BITS + bit) as u32));
            }
        }
        true
    }

    /// Those listed, in rising order.
    pub fn list(&self) -> &[u32] {
        &self.list
    }

    pub fn clear(&mut self) {
        self.arrange();
        for at in self.list.drain(..) {
            self.bits[at as usize / BITS] = 0;
            self.words[at as usize / BITS / BITS] = 0;
        }
    }
}

/// Positions of the bits of a word that are set, lowest first.
fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let lowest = (word != 0).then_some(word.trailing_zeros() as usize)?;
        word &= word - 1;
        Some(lowest)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::Reached;

    proptest! {
        #[test]
        fn it_is_a_sorted_set(rounds in prop::collection::vec(prop::collection::vec(0u32..10_000, 0..200), 0..5)) {
            let (mut found, mut plain) = (Reached::new(10_000), BTreeSet::new());
            for round in rounds {
                let before = plain.len();
                round.iter().for_each(|at| found.insert(*at));
                plain.extend(round);
                prop_assert_eq!(found.arrange(), plain.len() > before);
                prop_assert!(found.list().iter().eq(&plain));
            }
            found.clear();
            prop_assert!(found.list().is_empty());
            found.insert(7);
            found.arrange();
            prop_assert_eq!(found.list(), [7]);
        }
    }
}
