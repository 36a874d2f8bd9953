//! A network cut into parts: every process knows all entities and holds the links of its own.
//!
//! What an analysis computes for an entity is computed by the one process that holds all of its links, in the order in which one
//! process alone would, so that every number has one writer and comes out the same to the bit whatever the number of processes.
//! What others need of it travels once to each process that needs it, not once a link, and only when it has changed.

mod halo;
mod together;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::reproducible::{self, Split, Sums, largest};

pub use halo::{Halo, Mirror};
pub use together::Together;

/// Several processes that work in rounds.
pub trait Exchange: Send + Sync {
    /// How many there are, 1 or more.
    fn processes(&self) -> usize;

    /// Which of them this is, from 0.
    fn process(&self) -> usize;

    /// Sends the bytes at place `p` to process `p` and gives what each process sent to this one, in the order of their numbers.
    ///
    /// Every process calls it equally often; it returns when all have sent.
    fn exchange(&self, parcels: Vec<Vec<u8>>) -> Vec<Vec<u8>>;
}

/// What has travelled so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Rounds in which processes exchanged anything.
    pub rounds: u64,
    /// Bytes that this process sent to others.
    pub bytes: u64,
}

/// The part of the entities that this process computes. The whole, where no others are.
#[derive(Clone, Default)]
pub struct Part(Option<Arc<Cut>>);

/// Who computes what.
struct Cut {
    line: Arc<dyn Exchange>,
    /// The process of each entity.
    owner: Vec<u16>,
    /// Entities of this process, in rising order.
    own: Vec<u32>,
    rounds: AtomicU64,
    bytes: AtomicU64,
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("Part(whole)"),
            Some(cut) => write!(f, "Part({} of {} entities)", cut.own.len(), cut.owner.len()),
        }
    }
}

impl Part {
    /// The part of this process, from the process of each entity.
    pub fn new(line: Arc<dyn Exchange>, owner: Vec<u16>) -> Self {
        let process = line.process();
        let own = owner.iter().enumerate().filter(|(_, owner)| usize::from(**owner) == process);
        let own = own.map(|(at, _)| at as u32).collect();
        Self(Some(Arc::new(Cut { line, owner, own, rounds: AtomicU64::new(0), bytes: AtomicU64::new(0) })))
    }

    /// Whether this process computes everything.
    pub fn is_whole(&self) -> bool {
        self.0.is_none()
    }

    /// Whether this process computes an entity.
    pub fn holds(&self, entity: usize) -> bool {
        self.0.as_ref().is_none_or(|cut| cut.owner.get(entity).copied() == Some(cut.process() as u16))
    }

    /// The entities of `0..count` that this process computes, in rising order.
    pub fn own(&self, count: usize) -> Own<'_> {
        match &self.0 {
            None => Own::All(0..count as u32),
            Some(cut) => Own::Some(cut.own.iter()),
        }
    }

    /// How many processes there are.
    pub fn processes(&self) -> usize {
        self.0.as_ref().map_or(1, |cut| cut.processes())
    }

    /// Which of them this is.
    pub fn process(&self) -> usize {
        self.0.as_ref().map_or(0, |cut| cut.process())
    }

    /// What has travelled so far.
    pub fn traffic(&self) -> Traffic {
        let count = |counter: fn(&Cut) -> &AtomicU64| {
            self.0.as_ref().map_or(0, |cut| counter(cut).load(Ordering::Relaxed))
        };
        Traffic { rounds: count(|cut| &cut.rounds), bytes: count(|cut| &cut.bytes) }
    }

    /// Everybody's bytes for this process, in the order of the processes, for this one's for everybody.
    pub fn exchange(&self, parcels: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        match &self.0 {
            None => parcels,
            Some(cut) => {
                let away = parcels.iter().enumerate().filter(|(to, _)| *to != cut.process());
                let bytes: usize = away.map(|(_, parcel)| parcel.len()).sum();
                cut.rounds.fetch_add(1, Ordering::Relaxed);
                cut.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
                cut.line.exchange(parcels)
            }
        }
    }

    /// The same bytes to everybody; what each process told, in their order.
    pub fn tell(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        self.exchange(vec![bytes.to_vec(); self.processes()])
    }

    /// Fills in the numbers of entities that other processes compute. Cost: each number travels once to each process.
    pub fn complete(&self, values: &mut [f64]) {
        let Some(cut) = &self.0 else { return };
        let mine: Vec<u8> = cut.own.iter().filter_map(|at| values.get(*at as usize)).flat_map(bits).collect();
        let told = self.tell(&mine);
        let mut heard: Vec<Numbers<'_>> = told.iter().map(|bytes| Numbers(bytes)).collect();
        for (value, owner) in values.iter_mut().zip(&cut.owner) {
            if let Some(next) = heard.get_mut(usize::from(*owner)).and_then(Numbers::number) {
                *value = next;
            }
        }
    }

    /// The sum of a count over all processes.
    pub fn sum(&self, count: u64) -> u64 {
        match self.is_whole() {
            true => count,
            false => {
                let told = self.tell(&count.to_le_bytes());
                told.iter().filter_map(|bytes| Numbers(bytes).word()).sum()
            }
        }
    }

    /// The largest of a number over all processes, which none of them calls less than 0.
    pub fn most(&self, value: f64) -> f64 {
        match self.is_whole() {
            true => value,
            false => {
                let told = self.tell(&bits(&value));
                let all = told.iter().filter_map(|bytes| Numbers(bytes).number());
                all.fold(0.0, |most, value| if value > most || value.is_nan() { value } else { most })
            }
        }
    }

    /// The largest of each of several numbers over all processes; NaN counts as nothing.
    pub fn most_of(&self, values: &[f64]) -> Vec<f64> {
        if self.is_whole() {
            return values.to_vec();
        }
        let mut all = vec![f64::NEG_INFINITY; values.len()];
        for bytes in self.tell(&values.iter().flat_map(bits).collect::<Vec<u8>>()) {
            let mut heard = Numbers(&bytes);
            all.iter_mut().for_each(|most| *most = most.max(heard.number().unwrap_or(f64::NAN)));
        }
        all
    }

    /// The sum of terms over all processes, the same bits however they are spread over them.
    pub fn sum_of(&self, terms: &[f64]) -> f64 {
        if self.is_whole() {
            return reproducible::sum(terms);
        }
        let mut mine = bits(&largest(terms)).to_vec();
        mine.extend((terms.len() as u64).to_le_bytes());
        let (mut most, mut count) = (0.0_f64, 0);
        for bytes in self.tell(&mine) {
            let mut heard = Numbers(&bytes);
            let largest = heard.number().unwrap_or(f64::NAN);
            most = if largest > most || largest.is_nan() { largest } else { most };
            count += heard.word().unwrap_or(0);
        }
        let split = Split::new(most, count as usize);
        let mine: Vec<u8> = split.sums(terms).parts().iter().flat_map(bits).collect();
        let read = |bytes: &Vec<u8>| {
            let mut heard = Numbers(bytes);
            Sums::of([(); 3].map(|()| heard.number().unwrap_or(f64::NAN)))
        };
        self.tell(&mine).iter().map(read).fold(Sums::default(), Sums::and).total()
    }

    /// Whether it holds in any process.
    pub fn any(&self, holds: bool) -> bool {
        self.sum(u64::from(holds)) > 0
    }

    /// Positions and numbers that some processes know, for all of them: in the order of the processes and then as given.
    pub fn gather(&self, known: &[(u32, f64)]) -> Vec<(u32, f64)> {
        if self.is_whole() {
            return known.to_vec();
        }
        let mine: Vec<u8> =
            known.iter().flat_map(|(at, value)| at.to_le_bytes().into_iter().chain(bits(value))).collect();
        let told = self.tell(&mine);
        told.iter().flat_map(|bytes| Numbers(bytes).pairs()).collect()
    }
}

impl Cut {
    fn processes(&self) -> usize {
        self.line.processes()
    }

    fn process(&self) -> usize {
        self.line.process()
    }
}

/// Entities that a process computes.
#[derive(Clone, Debug)]
pub enum Own<'p> {
    /// All of them.
    All(std::ops::Range<u32>),
    /// Those of a part.
    Some(std::slice::Iter<'p, u32>),
}

impl Iterator for Own<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        match self {
            Self::All(range) => range.next().map(|at| at as usize),
            Self::Some(own) => own.next().map(|at| *at as usize),
        }
    }
}

/// The bits of a number.
pub fn bits(value: &f64) -> [u8; 8] {
    value.to_bits().to_le_bytes()
}

/// Numbers that are read off bytes one after the other.
#[derive(Clone, Copy, Debug)]
pub struct Numbers<'b>(pub &'b [u8]);

impl Numbers<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (first, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*first)
    }

    /// The next number.
    pub fn number(&mut self) -> Option<f64> {
        self.word().map(f64::from_bits)
    }

    /// The next 64 bits.
    pub fn word(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    /// The next 32 bits.
    pub fn half(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    /// All that is left, as positions with numbers.
    pub fn pairs(mut self) -> Vec<(u32, f64)> {
        std::iter::from_fn(|| Some((self.half()?, self.number()?))).collect()
    }
}

#[cfg(test)]
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
