//! Sorting that is little code. The standard sort is some thousand lines of machine code for every comparison that it is called with; in
//! lists that are shown to somebody nobody waits for the sort, but everybody who builds the program waits for the compiler.

use std::cmp::Ordering;

/// Lists of up to so many are sorted in place.
const FEW: usize = 12;

/// Sorting a list; what compares as equal stays in its order.
pub trait Arrange<T> {
    /// As `sort_by`.
    ///
    /// Cost: n · log n comparisons through a pointer, and 4 bytes an element.
    fn arrange(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// As `sort_by_key`.
    ///
    /// Cost: as [`arrange`](Self::arrange).
    fn arrange_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.arrange(|a, b| key(a).cmp(&key(b)));
    }
}

impl<T> Arrange<T> for [T] {
    fn arrange(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        if self.len() <= FEW {
            for end in 1..self.len() {
                let mut at = end;
                while at > 0 && compare(&self[at], &self[at - 1]) == Ordering::Less {
                    self.swap(at, at - 1);
                    at -= 1;
                }
            }
            return;
        }
        let order = sorted(self.len(), &mut |a, b| compare(&self[a], &self[b]));
        settle(order, &mut |a, b| self.swap(a, b));
    }
}

/// For each place the position of what belongs there.
fn sorted(count: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

/// Swaps until every place has what stood at its position in `order`.
pub fn settle(mut order: Vec<usize>, swap: &mut dyn FnMut(usize, usize)) {
    for start in 0..order.len() {
        let mut at = start;
        loop {
            let from = std::mem::replace(&mut order[at], at);
            if from == start {
                break;
            }
            swap(at, from);
            at = from;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Arrange;

    #[test]
    fn lists_come_out_as_of_the_standard_sort() {
        let mut state = 7u64;
        for count in (0..40).chain([1000]) {
            let list: Vec<(u64, usize)> = (0..count)
                .map(|at| {
                    state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
                    ((state >> 60), at)
                })
                .collect();
            let (mut ours, mut theirs) = (list.clone(), list.clone());
            ours.arrange(|a, b| b.0.cmp(&a.0));
            theirs.sort_by_key(|row| std::cmp::Reverse(row.0));
            assert_eq!(ours, theirs);
            ours.arrange_by_key(|one| one.0);
            theirs.sort_by_key(|one| one.0);
            assert_eq!(ours, theirs);
        }
    }
}
