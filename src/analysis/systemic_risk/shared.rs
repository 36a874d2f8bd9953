//! Failures shared with other processes.

use crate::crew::{self, Crew};
use crate::propagation::esri::Summary;

/// Most failures in a piece of work: many beside each other go faster, few balance better.
const MOST: usize = 256;
/// Fewest: the cascades that one step carries side by side.
const FEWEST: usize = 16;
/// Into so many pieces work is cut, if they do not become too small.
const PIECES: usize = 64;

/// How many failures make a piece of work.
fn each(count: usize) -> usize {
    count.div_ceil(PIECES).clamp(FEWEST, MOST)
}

/// Into how many pieces the failures of so many are cut.
pub fn pieces(count: usize) -> usize {
    count.div_ceil(each(count))
}

/// The summaries of `0..count`, in their order; `run` gives those of a range.
///
/// The cut depends on `count` alone, so that a run of other processes can go on from finished pieces.
pub fn share(
    crew: &dyn Crew,
    count: usize,
    run: &dyn Fn(std::ops::Range<usize>) -> Vec<Summary>,
    done: &dyn Fn(),
) -> Vec<Summary> {
    let each = each(count);
    let work = |piece: usize| {
        let from = piece * each;
        run(from..count.min(from + each))
    };
    crew::share(crew, pieces(count), &work, done).into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::propagation::esri::Index;

    struct Alone;

    impl Crew for Alone {
        fn share(&self, pieces: usize, work: &dyn Fn(usize) -> Vec<u8>, done: &dyn Fn()) -> Vec<Vec<u8>> {
            // done in any order, given in theirs
            let mut all: Vec<(usize, Vec<u8>)> = (0..pieces).rev().map(|at| (at, work(at))).collect();
            all.sort();
            all.iter().for_each(|_| done());
            all.into_iter().map(|(_, bytes)| bytes).collect()
        }
    }

    #[test]
    fn numbers_arrive_as_they_left() {
        let summary = |at: usize| Summary {
            index: vec![Index { both: 0.1 * at as f64, downstream: 1.0 / 3.0, upstream: f64::MIN_POSITIVE }],
            steps: at as u32,
            residual: f64::EPSILON,
            remaining: f64::INFINITY,
            settled: at.is_multiple_of(2),
        };
        let sent = share(&Alone, 1_000, &|range| range.map(summary).collect(), &|| {});
        assert_eq!(sent, (0..1_000).map(summary).collect::<Vec<_>>());
        assert_eq!(share(&Alone, 0, &|_| Vec::new(), &|| {}), []);
    }
}
