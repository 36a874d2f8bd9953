//! The order of nodes on a circle.

/// More nodes than this are left in the order given: the search grows with the third power of their number.
const MOST_SEARCHED: usize = 24;
/// Rounds of moves; each makes the order better, so it ends long before.
const MOST_ROUNDS: usize = 50;

/// An order of nodes `0..n` on a circle in which few links cross and few pass behind the box between their ends; the first
/// `main` nodes are a loop that should go round clockwise. Starts from the order given and moves one node at a time, the best
/// move first, until none helps. Deterministic; the first node stays first.
pub(super) fn order(n: usize, main: usize, links: Vec<(usize, usize)>) -> Vec<usize> {
    let mut order: Vec<usize> = (0..n).collect();
    if n > MOST_SEARCHED {
        return order;
    }
    let mut best = faults(&order, main, &links);
    for _ in 0..MOST_ROUNDS {
        let mut found = None;
        for from in 1..n {
            for to in (1..n).filter(|to| *to != from) {
                let tried = moved(&order, from, to);
                let faults = faults(&tried, main, &links);
                if faults < best {
                    (best, found) = (faults, Some(tried));
                }
            }
        }
        match found {
            Some(better) => order = better,
            None => break,
        }
    }
    order
}

fn moved(order: &[usize], from: usize, to: usize) -> Vec<usize> {
    let mut order = order.to_vec();
    let node = order.remove(from);
    order.insert(to, node);
    order
}

/// Crossings, and a weight for every link that passes behind a box or turns the main loop back.
fn faults(order: &[usize], main: usize, links: &[(usize, usize)]) -> usize {
    let n = order.len();
    let mut at = vec![0; n];
    for (position, node) in order.iter().enumerate() {
        at[*node] = position;
    }
    let chords: Vec<(usize, usize)> =
        links.iter().map(|(a, b)| (at[*a].min(at[*b]), at[*a].max(at[*b]))).collect();
    let mut faults = 0;
    for (i, (a, b)) in chords.iter().enumerate() {
        let behind = b - a == 2 || n - (b - a) == 2;
        faults += if behind { 3 } else { 0 };
        faults += chords[i + 1..]
            .iter()
            .filter(|(c, d)| (a < c && c < b && b < d) || (c < a && a < d && d < b))
            .count();
    }
    let steps = (0..main).filter(|node| {
        let next = at[(node + 1) % main];
        next != (at[*node] + 1) % n
    });
    faults + 4 * steps.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_loop_goes_round_and_others_stand_beside_their_links() {
        // 0 → 1 → 2 → 0 is the loop; 3 is tied to 1 and 2 only
        let order = order(4, 3, vec![(0, 1), (1, 2), (2, 0), (1, 3), (3, 2)]);
        assert_eq!(order.first(), Some(&0));
        assert_eq!(order.len(), 4);
        assert!(
            faults(&order, 3, &[(0, 1), (1, 2), (2, 0), (1, 3), (3, 2)])
                <= faults(&[0, 1, 2, 3], 3, &[(0, 1), (1, 2), (2, 0), (1, 3), (3, 2)])
        );
    }

    #[test]
    fn crossing_links_are_untangled() {
        let links = vec![(0, 2), (1, 3)];
        let found = order(4, 0, links.clone());
        assert_eq!(faults(&found, 0, &links), 0);
    }
}
