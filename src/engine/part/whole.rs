//! A part where there are no others: all of what several processes have, in one and at no cost.

use super::Numbers;
use crate::reproducible;

/// To other processes: there are none.
#[derive(Clone, Debug)]
pub enum Line {}

impl Line {
    /// None is ever asked.
    pub fn processes(&self) -> usize {
        match *self {}
    }
}

/// The entities that this process computes: all.
#[derive(Clone, Debug, Default)]
pub struct Part(());

impl Part {
    /// None is ever made.
    pub fn new(line: Line, _owner: Vec<u16>) -> Self {
        match line {}
    }

    /// This process computes everything.
    pub fn is_whole(&self) -> bool {
        true
    }

    /// This process computes every entity.
    pub fn holds(&self, _entity: usize) -> bool {
        true
    }

    /// The entities `0..count`.
    pub fn own(&self, count: usize) -> std::ops::Range<usize> {
        0..count
    }

    /// There is one.
    pub fn processes(&self) -> usize {
        1
    }

    /// This is the first.
    pub fn process(&self) -> usize {
        0
    }

    /// The own bytes.
    pub fn exchange(&self, parcels: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
        parcels
    }

    /// The own bytes.
    pub fn tell(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        vec![bytes.to_vec()]
    }

    /// All numbers are there.
    pub fn complete(&self, _values: &mut [f64]) {}

    /// The own count.
    pub fn sum(&self, count: u64) -> u64 {
        count
    }

    /// The own number.
    pub fn most(&self, value: f64) -> f64 {
        value
    }

    /// The own numbers.
    pub fn most_of(&self, values: &[f64]) -> Vec<f64> {
        values.to_vec()
    }

    /// The sum of the own terms, the same bits whatever their order.
    pub fn sum_of(&self, terms: &[f64]) -> f64 {
        reproducible::sum(terms)
    }

    /// Whether it holds here.
    pub fn any(&self, holds: bool) -> bool {
        holds
    }

    /// What is known here.
    pub fn gather(&self, known: &[(u32, f64)]) -> Vec<(u32, f64)> {
        known.to_vec()
    }
}

/// Nothing is needed of others.
#[derive(Clone, Debug)]
pub struct Halo;

impl Halo {
    /// Nothing, whatever is needed.
    pub fn new(_part: &Part, _needed: impl Iterator<Item = u32>) -> Self {
        Self
    }

    /// Nothing.
    pub fn whole() -> Self {
        Self
    }

    /// The whole.
    pub fn part(&self) -> &Part {
        &Part(())
    }

    /// Nothing has to be told.
    pub fn mirror(&self) -> Mirror {
        Mirror
    }

    /// All numbers are there.
    pub fn renew(&self, _mirror: &mut Mirror, _values: &mut [f64]) {}

    /// Nothing is told.
    pub fn write(&self, _mirror: &mut Mirror, _values: &[f64], _parcels: &mut [Vec<u8>]) {}

    /// Nothing is heard.
    pub fn read(&self, _values: &mut [f64], _heard: &mut [Numbers<'_>]) {}
}

/// Nobody has been told anything.
#[derive(Clone, Debug)]
pub struct Mirror;

impl Mirror {
    /// Nobody has been told anything.
    pub fn doubt(&mut self) {}
}
