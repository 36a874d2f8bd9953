//! A part among others, and how processes exchange what they have computed.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Numbers, bits};
use crate::reproducible::{self, Split, Sums, largest};

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

/// To the processes that hold other links of the same graph.
pub type Line = Arc<dyn Exchange>;

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
pub struct Part(pub(super) Option<Arc<Cut>>);

/// Who computes what.
pub(super) struct Cut {
    line: Line,
    /// The process of each entity.
    pub(super) owner: Vec<u16>,
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
    pub fn new(line: Line, owner: Vec<u16>) -> Self {
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

    pub(super) fn process(&self) -> usize {
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
