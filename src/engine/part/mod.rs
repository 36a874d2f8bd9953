//! A network cut into parts: every process knows all entities and holds the links of its own.
//!
//! What an analysis computes for an entity is computed by the one process that holds all of its links, in the order in which one
//! process alone would, so that every number has one writer and comes out the same to the bit whatever the number of processes.
//! What others need of it travels once to each process that needs it, not once a link, and only when it has changed.
//!
//! Without the feature `cluster` there are never others: then a part is the whole, takes no memory and nothing is left of it in a kernel
//! that is made for parts.

#[cfg(feature = "cluster")]
mod cut;
#[cfg(feature = "cluster")]
mod halo;
mod numbers;
#[cfg(feature = "cluster")]
mod together;
#[cfg(not(feature = "cluster"))]
mod whole;

#[cfg(feature = "cluster")]
pub use cut::{Exchange, Line, Own, Part, Traffic};
#[cfg(feature = "cluster")]
pub use halo::{Halo, Mirror};
pub use numbers::{Numbers, bits};
#[cfg(feature = "cluster")]
pub use together::Together;
#[cfg(not(feature = "cluster"))]
pub use whole::{Halo, Line, Mirror, Part};

#[cfg(all(test, feature = "cluster"))]
mod tests {
    use super::*;

    const OWNER: [u16; 7] = [0, 1, 2, 1, 0, 2, 1];

    #[test]
    fn numbers_of_others_are_filled_in_and_counts_add_up() {
        let all = Together::run(3, &OWNER, |part| {
            let mut values: Vec<f64> =
                (0..7).map(|at| if part.holds(at) { at as f64 } else { -1.0 }).collect();
            part.complete(&mut values);
            (values, part.sum(part.own(7).count() as u64), part.most(part.process() as f64 / 2.0))
        });
        for (values, count, most) in all {
            assert_eq!(values, [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
            assert_eq!((count, most), (7, 1.0));
        }
    }

    #[test]
    fn only_what_is_needed_and_has_changed_travels() {
        let all = Together::run(3, &OWNER, |part| {
            let needed: &[u32] = if part.process() == 0 { &[0, 1, 2, 3, 5, 6, 6] } else { &[] };
            let halo = Halo::new(part, needed.iter().copied());
            let mut mirror = halo.mirror();
            let mut values: Vec<f64> =
                (0..7).map(|at| if part.holds(at) { 1.0 + at as f64 } else { 0.0 }).collect();
            halo.renew(&mut mirror, &mut values);
            let first = values.clone();
            let before = part.traffic().bytes;
            if part.holds(3) {
                values[3] = 9.0;
            }
            halo.renew(&mut mirror, &mut values);
            (first, values, part.traffic().bytes - before)
        });
        assert_eq!(all[0].0, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(all[0].1, [1.0, 2.0, 3.0, 9.0, 5.0, 6.0, 7.0]);
        // a count for each other process, and from process 1 a place and a number
        assert_eq!(all.iter().map(|own| own.2).collect::<Vec<_>>(), [8, 8 + 12, 8]);
        assert_eq!(all[1].0, [0.0, 2.0, 0.0, 4.0, 0.0, 0.0, 7.0], "who needs nothing hears nothing");
    }
}

#[cfg(test)]
mod whole_tests {
    use super::*;

    #[test]
    fn the_whole_needs_nobody() {
        let part = Part::default();
        let mut values = vec![1.0, 2.0];
        part.complete(&mut values);
        let halo = Halo::new(&part, [0, 1].into_iter());
        halo.renew(&mut halo.mirror(), &mut values);
        assert_eq!(
            (values, part.sum(3), part.most(2.5), part.own(3).collect()),
            (vec![1.0, 2.0], 3, 2.5, vec![0, 1, 2])
        );
    }
}
