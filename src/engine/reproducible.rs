//! Sums of numbers that are the same bits in whatever order and in however many parts they are added.
//!
//! Each term is split into a high part, what remains of it into another, and once more. The high parts of all terms are multiples
//! of one power of two, and there are so few of them, and none so large, that their sum is exact: no order can change it. So
//! whoever holds some of the terms adds its own, and the sums are merged as they come. All have to know the largest term first,
//! which is free of order too.
//!
//! Source: ExtractVector in Rump, Ogita, Oishi, "Accurate floating-point summation part I: faithful rounding", SIAM Journal on
//! Scientific Computing 31:189, 2008; sums that can be reproduced, by a fixed number of such parts, in Demmel and Nguyen,
//! "Fast reproducible floating-point summation", IEEE Symposium on Computer Arithmetic, 2013.

use multiversion::multiversion;

/// Parts of a term.
const PARTS: usize = 3;
/// Terms taken side by side.
const WIDTH: usize = 8;
/// Half of the distance from 1 to the next larger number, 2^-53.
const ROUNDOFF: f64 = f64::EPSILON / 2.0;

/// How terms are split: fixed by the largest of all and by how many there may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split([f64; PARTS]);

/// The sums of the parts of some terms.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sums([f64; PARTS]);

impl Split {
    /// For at most `count` terms of at most `largest` in absolute value, as [`largest`] finds it. Where that is infinite, no
    /// number, or so large that all terms together could pass 2^1022, totals are NaN.
    pub fn new(largest: f64, count: usize) -> Self {
        // a power of two above so many times the largest; below 2^-1022 there is no finer unit to be had
        let room = power_above(count as f64 + 2.0);
        let first = power_above(largest.max(f64::MIN_POSITIVE)) * room;
        if !(largest <= f64::MAX && first <= f64::MAX / 2.0) {
            return Self([f64::NAN; PARTS]);
        }
        let finer = ROUNDOFF * room;
        Self([first, first * finer, first * finer * finer])
    }

    /// Adds a term. Cost: a dozen additions.
    #[inline]
    pub fn add(&self, sums: &mut Sums, term: f64) {
        let mut rest = term;
        for (sigma, sum) in self.0.iter().zip(&mut sums.0) {
            let high = (sigma + rest) - sigma;
            *sum += high;
            rest -= high;
        }
    }

    /// The sums of some terms. Cost: about a nanosecond a term.
    pub fn sums(&self, terms: &[f64]) -> Sums {
        sums(self, terms)
    }
}

impl Sums {
    /// The sums of the parts, to travel.
    pub fn parts(&self) -> [f64; PARTS] {
        self.0
    }

    /// Sums that have travelled.
    pub fn of(parts: [f64; PARTS]) -> Self {
        Self(parts)
    }

    /// The sums of these terms and of others that were split alike.
    #[must_use]
    pub fn and(mut self, others: Self) -> Self {
        for (sum, other) in self.0.iter_mut().zip(others.0) {
            *sum += other;
        }
        self
    }

    /// The sum of all terms. Of at most 2^m - 2 terms it misses the exact sum by about a unit of its last place and 2^(4m - 158)
    /// times the largest term: 2^-78 times, of a million.
    pub fn total(&self) -> f64 {
        let [high, middle, low] = self.0;
        // the parts may nearly cancel: what each addition rounds off is kept
        let (upper, first) = add_exactly(high, middle);
        let (upper, second) = add_exactly(upper, low);
        upper + (first + second)
    }
}

/// A sum, and what rounding took from it. (Knuth, The Art of Computer Programming 2, 4.2.2.)
fn add_exactly(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let of_b = sum - a;
    (sum, (a - (sum - of_b)) + (b - of_b))
}

/// The sum of terms in any order. Cost: two passes over them.
pub fn sum(terms: &[f64]) -> f64 {
    Split::new(largest(terms), terms.len()).sums(terms).total()
}

/// A power of two that is no smaller than a positive normal number.
fn power_above(value: f64) -> f64 {
    let power = f64::from_bits(value.to_bits() & f64::INFINITY.to_bits());
    if power < value { power * 2.0 } else { power }
}

/// The largest absolute value; NaN if one is no number, and 0 of nothing.
#[multiversion(targets("x86_64+avx+avx2+avx512f+avx512vl+avx512dq", "x86_64+avx+avx2"))]
pub fn largest(terms: &[f64]) -> f64 {
    // without the sign, numbers are in the order of their bits, infinity comes after them and NaN last
    let mut most = [0; WIDTH];
    let eights = terms.chunks_exact(WIDTH);
    let rest = eights.remainder();
    for eight in eights {
        for (most, term) in most.iter_mut().zip(eight) {
            *most = (term.abs().to_bits() as i64).max(*most);
        }
    }
    let most = rest.iter().map(|term| term.abs().to_bits() as i64).chain(most).max();
    f64::from_bits(most.unwrap_or(0) as u64)
}

#[multiversion(targets("x86_64+avx+avx2+avx512f+avx512vl+avx512dq", "x86_64+avx+avx2"))]
fn sums(split: &Split, terms: &[f64]) -> Sums {
    // sums side by side: as no order matters, this one may be the quickest
    let mut parts = [[0.0; WIDTH]; PARTS];
    let eights = terms.chunks_exact(WIDTH);
    let rest = eights.remainder();
    for eight in eights {
        let mut left = [0.0; WIDTH];
        left.copy_from_slice(eight);
        for (sigma, sums) in split.0.iter().zip(&mut parts) {
            for lane in 0..WIDTH {
                let high = (sigma + left[lane]) - sigma;
                sums[lane] += high;
                left[lane] -= high;
            }
        }
    }
    let mut all = Sums(parts.map(|part| part.iter().sum()));
    for term in rest {
        split.add(&mut all, *term);
    }
    all
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{Split, Sums, largest, sum};

    /// Numbers of all sizes within some powers of two, that nearly cancel now and then.
    fn terms(most: usize) -> impl Strategy<Value = Vec<f64>> {
        let term = (-1.0f64..1.0, -200i32..200).prop_map(|(part, power)| part * f64::from(power).exp2());
        let near = (-1.0f64..1.0, 0i32..20).prop_map(|(part, power)| part * f64::from(power).exp2());
        let lists = prop_oneof![prop::collection::vec(term, 0..most), prop::collection::vec(near, 0..most)];
        (lists, any::<bool>()).prop_map(|(mut list, cancel)| {
            if cancel {
                let against: Vec<f64> = list.iter().skip(1).map(|term| -term).collect();
                list.extend(against);
            }
            list
        })
    }

    /// The exact sum of multiples of 2^-60 below 2^20 in 128 bits, rounded to the nearest.
    fn exactly(terms: &[f64]) -> f64 {
        let unit = 60f64.exp2();
        terms.iter().map(|term| (term * unit) as i128).sum::<i128>() as f64 / unit
    }

    proptest! {
        #[test]
        fn neither_order_nor_parts_change_a_bit(
            (list, mixed) in terms(400).prop_flat_map(|list| (Just(list.clone()), Just(list).prop_shuffle())),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..6),
        ) {
            let expected = sum(&list).to_bits();
            prop_assert_eq!(sum(&mixed).to_bits(), expected);
            // by parts that are merged from the last, one of them term by term
            let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(mixed.len() + 1)).collect();
            cuts.extend([0, mixed.len()]);
            cuts.sort_unstable();
            let parts: Vec<&[f64]> = cuts.windows(2).map(|cut| &mixed[cut[0]..cut[1]]).collect();
            let most = parts.iter().map(|part| largest(part)).fold(0.0, f64::max);
            prop_assert_eq!(most.to_bits(), largest(&list).to_bits());
            let split = Split::new(most, list.len());
            let mut merged = Sums::default();
            parts[0].iter().for_each(|term| split.add(&mut merged, *term));
            for part in parts[1..].iter().rev() {
                merged = split.sums(part).and(merged);
            }
            prop_assert_eq!(merged.total().to_bits(), expected);
        }

        #[test]
        fn it_is_the_exact_sum_but_for_its_last_place(
            list in prop::collection::vec((-(1i64 << 60)..1 << 60, 0i32..20), 0..400), cancel in any::<bool>(),
        ) {
            let unit = (-60f64).exp2();
            // of 53 bits at most, so that each is a number
            let number = |(whole, power): &(i64, i32)| {
                ((whole >> 8) << 8) as f64 * unit * f64::from(*power).exp2()
            };
            let mut list: Vec<f64> = list.iter().map(number).collect();
            if cancel {
                let against: Vec<f64> = list.iter().skip(1).map(|term| -term).collect();
                list.extend(against);
            }
            let (found, exact) = (sum(&list), exactly(&list));
            prop_assert!((found - exact).abs() <= f64::EPSILON * exact.abs(), "{found:e} and {exact:e}");
        }

        #[test]
        fn the_largest_is_that(list in terms(50)) {
            let plain = list.iter().fold(0.0, |most: f64, term| most.max(term.abs()));
            prop_assert_eq!(largest(&list).to_bits(), plain.to_bits());
        }
    }

    #[test]
    fn sums_that_are_known() {
        assert_eq!(sum(&[]), 0.0);
        assert_eq!(sum(&[-0.0, 0.0]), 0.0);
        assert_eq!(sum(&[0.1; 10]), 1.0);
        assert_eq!(
            sum(&[1.0, 1e100, 1.0, -1e100]),
            0.0,
            "what is 2^-159 of the largest is lost, in any order"
        );
        assert_eq!(sum(&[1.0, 1e20, 1.0, -1e20]), 2.0);
        // 1 + 2 + … + n, and its mirror
        let whole: Vec<f64> = (1..=100_000).map(f64::from).collect();
        assert_eq!(sum(&whole), 5_000_050_000.0);
        // sum of 1 / (k (k + 1)) = 1 - 1 / (n + 1)
        let parts: Vec<f64> = (1..=1_000_000).map(|k| 1.0 / (f64::from(k) * f64::from(k + 1))).collect();
        assert!((sum(&parts) - (1.0 - 1.0 / 1_000_001.0)).abs() < 2e-16);
    }

    #[test]
    fn ends_of_the_range() {
        let tiny = f64::from_bits(1);
        assert_eq!(sum(&[tiny; 100]), 100.0 * tiny);
        assert_eq!(sum(&[f64::MIN_POSITIVE, tiny, -f64::MIN_POSITIVE]), tiny);
        assert_eq!(sum(&[1e300, -1e300, 1e290]), 1e290);
        assert_eq!(sum(&[990f64.exp2(); 1_024]), 1_000f64.exp2());
        for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX] {
            for at in [0, 3, 20] {
                let mut list = vec![1.0; 21];
                list[at] = odd;
                assert!(sum(&list).is_nan(), "{odd} at {at}");
            }
        }
        assert!(largest(&[f64::INFINITY, f64::NAN, 1.0]).is_nan());
        assert_eq!(largest(&[1.0, f64::NEG_INFINITY]), f64::INFINITY);
    }
}
