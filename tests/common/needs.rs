//! Small networks of needs drawn at random.

use proptest::prelude::*;

prop_compose! {
    /// Up to 7 entities and 3 products; shares of a need add up to at most 1.
    pub fn needs()(n in 2usize..8, seed in proptest::collection::vec(0.0f64..1.0, 8 * 3 * 8 * 2))
        -> Vec<Vec<Vec<(usize, f64)>>>
    {
        let mut draw = seed.into_iter().cycle();
        let mut next = || draw.next().unwrap();
        (0..n).map(|i| (0..3).map(|_| {
            let raw: Vec<(usize, f64)> =
                (0..n).filter(|j| *j != i).map(|j| (j, next())).filter(|(_, v)| *v > 0.6).collect();
            let total: f64 = raw.iter().map(|(_, v)| v).sum();
            let known = 0.5 + 0.5 * next();
            raw.into_iter().map(|(j, v)| (j, v / total * known)).collect()
        }).collect()).collect()
    }
}
