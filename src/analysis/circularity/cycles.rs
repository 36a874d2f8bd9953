//! Simple cycles for people to read: bounded in length, number and steps, and saying when a bound was met.

/// Cycles, each starting at its smallest position, in the order of a depth-first search.
pub(super) struct Found {
    pub cycles: Vec<Vec<usize>>,
    /// Whether a bound on number or steps cut the list short.
    pub truncated: bool,
}

/// Payments followed before the search gives up; a bound in steps, not in seconds, so that the same graph
/// gives the same list on any machine.
const MOST_STEPS: usize = 20_000_000;

/// Lists simple cycles of 2 to `longest` payments, at most `most` of them.
///
/// From each start only larger positions are visited that can still come back within the length left, so that
/// every step can end in a cycle. Cost: bounded by the steps; without a bound exponential in `longest`.
pub(super) fn list(rows: &[Vec<(usize, f64)>], longest: usize, most: usize) -> Found {
    let mut search = Search { rows, longest, most, steps: 0, cycles: Vec::new(), truncated: false };
    for start in 0..rows.len() {
        let distance = search.distances_to(start);
        let mut on_path = vec![false; rows.len()];
        search.extend(start, &mut vec![start], &mut on_path, &distance);
        if search.truncated {
            break;
        }
    }
    Found { cycles: search.cycles, truncated: search.truncated }
}

struct Search<'a> {
    rows: &'a [Vec<(usize, f64)>],
    longest: usize,
    most: usize,
    steps: usize,
    cycles: Vec<Vec<usize>>,
    truncated: bool,
}

impl Search<'_> {
    /// Least number of payments from each position to `start` over positions not smaller than it.
    fn distances_to(&self, start: usize) -> Vec<Option<usize>> {
        let mut back: Vec<Vec<usize>> = vec![Vec::new(); self.rows.len()];
        for (at, row) in self.rows.iter().enumerate().skip(start) {
            for (to, _) in row.iter().filter(|(to, _)| *to >= start) {
                back[*to].push(at);
            }
        }
        let mut distance = vec![None; self.rows.len()];
        distance[start] = Some(0);
        let (mut front, mut steps) = (vec![start], 0);
        while !front.is_empty() && steps < self.longest {
            steps += 1;
            let mut next = Vec::new();
            for from in front.iter().flat_map(|at| &back[*at]) {
                if distance[*from].is_none() {
                    distance[*from] = Some(steps);
                    next.push(*from);
                }
            }
            front = next;
        }
        distance
    }

    fn extend(
        &mut self,
        start: usize,
        path: &mut Vec<usize>,
        on_path: &mut [bool],
        distance: &[Option<usize>],
    ) {
        let at = path[path.len() - 1];
        on_path[at] = true;
        for (to, _) in &self.rows[at] {
            self.steps += 1;
            if self.steps > MOST_STEPS || self.truncated {
                self.truncated = true;
                break;
            }
            if *to == start && path.len() >= 2 {
                if self.cycles.len() == self.most {
                    self.truncated = true;
                    break;
                }
                self.cycles.push(path.clone());
            } else if *to > start && !on_path[*to] {
                let within = distance[*to].is_some_and(|back| path.len() + back <= self.longest);
                if within {
                    path.push(*to);
                    self.extend(start, path, on_path, distance);
                    path.pop();
                }
            }
        }
        on_path[at] = false;
    }
}
