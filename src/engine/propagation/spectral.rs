//! How far a non-negative matrix is from having no inverse of `I - M`: its spectral radius between two bounds.

use crate::compressed::Rows;
use crate::matrix::Sparse;
use crate::part::{Halo, Part};

/// The spectral radius of a non-negative matrix, enclosed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radius {
    /// It is at least this.
    pub low: f64,
    /// It is at most this.
    pub high: f64,
    /// Steps of the power iteration, over all components.
    pub steps: usize,
}

impl Radius {
    /// The middle of the enclosure.
    pub fn value(&self) -> f64 {
        0.5 * (self.low + self.high)
    }

    /// With room for the rounding of one product.
    fn rounded(self) -> Self {
        let slack = 4.0 * f64::EPSILON;
        Self { low: self.low * (1.0 - slack), high: self.high * (1.0 + slack), steps: self.steps }
    }

    /// Whether it is below 1 for sure (`Some(true)`), 1 or more for sure (`Some(false)`), or too close to tell.
    ///
    /// For a matrix of input coefficients this is the condition of Hawkins and Simon: `(I - M)^-1` exists and has no
    /// negative entry.
    pub fn below_one(&self) -> Option<bool> {
        match self {
            Self { high, .. } if *high < 1.0 => Some(true),
            Self { low, .. } if *low >= 1.0 => Some(false),
            _ => None,
        }
    }
}

/// Width of the enclosure, relative to its upper end, that is good enough.
const CLOSE: f64 = 1e-13;
/// Steps after which a component's enclosure is left as it is.
const MOST_STEPS: usize = 5_000;
/// Part of the upper bound that is added to the diagonal while iterating, so that cycles of equal modulus do not hold
/// the iteration up; taken off again.
const SHIFT: f64 = 0.25;

/// Encloses the spectral radius of a non-negative matrix.
///
/// It is the largest of those of the strongly connected components. In each, which is irreducible, any positive vector
/// encloses it between the least and the largest of `(M x)_i / x_i` (Collatz 1942, Wielandt 1950), and power iteration
/// closes the gap. So the bounds hold whether or not the iteration has settled.
/// Cost: one pass over the component's entries a step; slow where a component is one long loop.
pub fn spectral_radius(matrix: &Sparse) -> Radius {
    let n = matrix.len();
    let pairs = (0..n).flat_map(|from| matrix.row(from).map(move |(to, _)| (from as u32, to as u32)));
    let pairs: Vec<(u32, u32)> = pairs.collect();
    let components = Rows::new(n, pairs.into_iter()).strong();
    let mut all = Radius { low: 0.0, high: 0.0, steps: 0 };
    let mut local = vec![None; n];
    for members in components.iter() {
        let members: Vec<usize> = members.iter().map(|node| *node as usize).collect();
        for (at, member) in members.iter().enumerate() {
            if let Some(slot) = local.get_mut(*member) {
                *slot = Some(at);
            }
        }
        let entries = members.iter().enumerate().flat_map(|(row, member)| {
            let local = &local;
            let inside = move |(column, value): (usize, f64)| {
                Some((row, local.get(column).copied().flatten()?, value))
            };
            matrix.row(*member).filter_map(inside)
        });
        let inner = Sparse::new(members.len(), entries.collect::<Vec<_>>());
        let one = enclose(&inner);
        all.low = all.low.max(one.low);
        all.high = all.high.max(one.high);
        all.steps += one.steps;
        for member in &members {
            if let Some(slot) = local.get_mut(*member) {
                *slot = None;
            }
        }
    }
    all
}

/// The same where processes each have the rows of a part of the matrix. `components` are its strongly connected components that hold an
/// entry, the same in all of them.
///
/// Cost: three exchanges a step, for all components side by side.
pub fn spectral_radius_in(part: &Part, matrix: &Sparse, components: &[Vec<usize>]) -> Radius {
    let n = matrix.len();
    let mut of = vec![usize::MAX; n];
    for (at, members) in components.iter().enumerate() {
        members.iter().for_each(|member| of[*member] = at);
    }
    let own: Vec<usize> = part.own(n).filter(|at| of[*at] != usize::MAX).collect();
    let inside = |at: usize| matrix.row(at).filter(move |(column, _)| *column < n);
    let halo = Halo::new(part, own.iter().flat_map(|at| inside(*at)).map(|(at, _)| at as u32));
    let mut mirror = halo.mirror();
    mirror.doubt();
    let mut x = vec![1.0; n];
    let mut image = vec![0.0; n];
    let mut found = vec![Radius { low: 0.0, high: f64::INFINITY, steps: 0 }; components.len()];
    let mut open = vec![true; components.len()];
    while open.contains(&true) {
        // the least as the largest of what is negative
        let mut ends = vec![f64::NEG_INFINITY; 2 * components.len()];
        for at in own.iter().copied().filter(|at| open[of[*at]]) {
            let row = inside(at).filter(|(column, _)| of[*column] == of[at]);
            image[at] = row.map(|(column, value)| value * x[column]).sum();
            let ratio = image[at] / x[at];
            ends[2 * of[at]] = ends[2 * of[at]].max(-ratio);
            ends[2 * of[at] + 1] = ends[2 * of[at] + 1].max(ratio);
        }
        let ends = part.most_of(&ends);
        let mut size = vec![0.0_f64; components.len()];
        for (at, (found, open)) in found.iter_mut().zip(&mut open).enumerate().filter(|(_, (_, open))| **open)
        {
            found.steps += 1;
            found.low = found.low.max(-ends[2 * at]);
            found.high = found.high.min(ends[2 * at + 1].max(0.0));
            *open = found.high - found.low > CLOSE * found.high && found.steps < MOST_STEPS;
        }
        for at in own.iter().copied().filter(|at| open[of[*at]]) {
            image[at] += SHIFT * found[of[at]].high * x[at];
            size[of[at]] = size[of[at]].max(image[at]);
        }
        let size = part.most_of(&size);
        for at in own.iter().copied().filter(|at| open[of[*at]]) {
            x[at] = (image[at] / size[of[at]]).max(f64::MIN_POSITIVE);
        }
        halo.renew(&mut mirror, &mut x);
    }
    let mut all = Radius { low: 0.0, high: 0.0, steps: 0 };
    for one in found.into_iter().map(Radius::rounded) {
        (all.low, all.high) = (all.low.max(one.low), all.high.max(one.high));
        all.steps += one.steps;
    }
    all
}

/// The radius of an irreducible matrix.
fn enclose(matrix: &Sparse) -> Radius {
    let mut x = vec![1.0; matrix.len()];
    let mut found = Radius { low: 0.0, high: f64::INFINITY, steps: 0 };
    if matrix.entries() == 0 {
        return Radius { low: 0.0, high: 0.0, steps: 0 };
    }
    while found.steps < MOST_STEPS {
        found.steps += 1;
        let image = matrix.times(&x);
        let (mut low, mut high) = (f64::INFINITY, 0.0_f64);
        for (y, x) in image.iter().zip(&x) {
            low = low.min(y / x);
            high = high.max(y / x);
        }
        found.low = found.low.max(low);
        found.high = found.high.min(high);
        if found.high - found.low <= CLOSE * found.high {
            break;
        }
        let shift = SHIFT * found.high;
        let next: Vec<f64> = image.iter().zip(&x).map(|(y, x)| y + shift * x).collect();
        let size = next.iter().fold(0.0, |most: f64, v| most.max(*v));
        // an entry that underflows would no longer enclose anything
        x = next.into_iter().map(|v| (v / size).max(f64::MIN_POSITIVE)).collect();
    }
    found.rounded()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closed_forms() {
        // a loop of n has the geometric mean of its entries
        let ring = Sparse::new(4, [(0, 1, 0.5), (1, 2, 2.0), (2, 3, 0.25), (3, 0, 4.0)]);
        let found = spectral_radius(&ring);
        assert!((found.value() - 1.0).abs() < 1e-12 && found.low <= 1.0 && found.high >= 1.0, "{found:?}");
        assert_eq!(found.below_one(), None);
        // [[1/2, 1/4], [1/2, 0]]: (1/2 + sqrt(1/4 + 1/2)) / 2
        let pair = Sparse::new(2, [(0, 0, 0.5), (0, 1, 0.25), (1, 0, 0.5)]);
        let radius = 0.25 + 0.75_f64.sqrt() / 2.0;
        assert!((spectral_radius(&pair).value() - radius).abs() < 1e-13);
        assert_eq!(spectral_radius(&pair).below_one(), Some(true));
        // without a loop it is zero
        let chain = Sparse::new(3, [(0, 1, 9.0), (1, 2, 9.0)]);
        assert_eq!(spectral_radius(&chain).value(), 0.0);
        let apart = Sparse::new(3, [(0, 0, 0.25), (0, 1, 9.0), (1, 1, 1.5)]);
        assert_eq!(spectral_radius(&apart).below_one(), Some(false));
    }
}
