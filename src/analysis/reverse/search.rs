//! Least outages that cost a target a given loss: all of them under a monotone model, by the same steps a heuristic
//! under any other.

use std::cell::Cell as Counter;
use std::time::Duration;

use crate::model::EntityId;
use crate::propagation::target::TargetLoss;
use crate::side_by_side::SideBySide;
use crate::structure::{Limits, SmallestSets, smallest_sets};

/// Halvings of a share: what is left of the interval is below the last digit that anybody reads.
const HALVINGS: usize = 34;
/// Losses that differ by less are the same.
pub(super) const ROUNDING: f64 = 1e-9;

/// A target, and the loss that must be reached.
pub(in crate::analysis) struct Search<'t> {
    pub target: &'t dyn TargetLoss,
    /// Loss to be reached, above 0, at most 1.
    pub least: f64,
}

/// A least set of outages.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Found {
    /// Who fails, in rising order.
    pub members: Vec<EntityId>,
    /// Loss of the target where all of them fail altogether.
    pub loss: f64,
    /// The least sum of shares lost within the set, where it was asked for.
    pub least: Option<Partial>,
    /// The share that each must lose where all lose the same, where it was asked for.
    pub even: Option<f64>,
    /// Probability that all fail, where each states one.
    pub probability: Option<f64>,
}

/// All but one fail altogether, that one in part.
#[derive(Clone, Debug)]
pub(in crate::analysis) struct Partial {
    pub member: Option<EntityId>,
    /// Share that it loses.
    pub share: f64,
    /// Sum of the shares lost by all.
    pub total: f64,
}

/// What a search by count found.
pub(in crate::analysis) struct Sets {
    pub found: SmallestSets,
    /// Losses that were computed.
    pub runs: usize,
}

fn stopped(members: &[EntityId]) -> Vec<(EntityId, f64)> {
    members.iter().map(|member| (*member, 1.0)).collect()
}

impl Search<'_> {
    /// Whether outages cost enough.
    pub fn reaches(&self, outages: &[(EntityId, f64)]) -> bool {
        self.target.loss(outages) >= self.least - ROUNDING
    }

    /// All least sets of candidates of at most `largest` members. Supports are looked for in the order of the
    /// candidates, so those who matter least should come first.
    pub fn sets(&self, candidates: &[EntityId], largest: usize, most: usize, runs: usize) -> Sets {
        let positions: Vec<usize> = candidates.iter().map(|id| id.index()).collect();
        let count = Counter::new(0);
        let reaches = |set: &[usize]| {
            count.set(count.get() + 1);
            let members: Vec<EntityId> = set.iter().map(|at| EntityId::new(*at)).collect();
            self.reaches(&stopped(&members))
        };
        // no cap on time: what is found must not hang on the machine
        let limits = Limits { most, work: runs, time: Duration::MAX };
        let mut found = smallest_sets(&positions, largest, reaches, limits);
        if !self.target.is_monotone() {
            // what a skipped part might do is looked up for those that are listed
            found.sets.retain(|set| {
                (0..set.len()).all(|left_out| {
                    let part = set.iter().enumerate().filter(|(at, _)| *at != left_out);
                    !reaches(&part.map(|(_, member)| *member).collect::<Vec<_>>())
                })
            });
        }
        Sets { found, runs: count.get() }
    }

    /// One set of which no part suffices, by leaving out one candidate after another; `None` where not even all of
    /// them suffice. An upper bound on how many are needed.
    pub fn some_set(&self, candidates: &[EntityId]) -> Option<Vec<EntityId>> {
        let mut kept = candidates.to_vec();
        if !self.reaches(&stopped(&kept)) {
            return None;
        }
        for candidate in candidates {
            let fewer: Vec<EntityId> = kept.iter().filter(|id| *id != candidate).copied().collect();
            if self.reaches(&stopped(&fewer)) {
                kept = fewer;
            }
        }
        Some(kept)
    }

    /// The least share that all `moving` must lose, beside `fixed` who fail altogether; `None` where not even all of
    /// it suffices.
    pub fn least_share(&self, fixed: &[EntityId], moving: &[EntityId]) -> Option<f64> {
        let at = |share: f64| {
            let mut outages = stopped(fixed);
            outages.extend(moving.iter().map(|id| (*id, share)));
            self.reaches(&outages)
        };
        if !at(1.0) {
            return None;
        }
        let (mut low, mut high) = (0.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            if at(middle) { high = middle } else { low = middle }
        }
        Some(high)
    }

    /// A set with the loss that its full outage costs.
    pub fn whole(&self, set: &[usize]) -> Found {
        let members: Vec<EntityId> = set.iter().map(|at| EntityId::new(*at)).collect();
        let loss = self.target.loss(&stopped(&members));
        Found { members, loss, least: None, even: None, probability: None }
    }

    /// The same with the least partial outage of a set no part of which suffices.
    ///
    /// Where the loss is convex, its greatest value over all outages of one total within the set lies at a corner,
    /// where at most one member fails in part; no set without one of the members suffices, so all others fail
    /// altogether.
    pub fn partial(&self, set: &[usize]) -> Found {
        let mut found = self.whole(set);
        let members = &found.members;
        let one = |member: &EntityId| {
            let others: Vec<EntityId> = members.iter().filter(|id| *id != member).copied().collect();
            let share = self.least_share(&others, &[*member])?;
            Some(Partial { member: Some(*member), share, total: others.len() as f64 + share })
        };
        let better = |a: Partial, b: Partial| if b.total < a.total - ROUNDING { b } else { a };
        let mut least = members.iter().filter_map(one).reduce(better);
        let even = match (members.as_slice(), &least) {
            ([_], Some(least)) => Some(least.share),
            _ => self.least_share(&[], members),
        };
        // losing evenly can be less where the model is not convex
        if let Some(share) = even {
            let total = share * members.len() as f64;
            let evenly = Partial { member: None, share, total };
            least = least.map(|least| better(least, evenly.clone())).or(Some(evenly));
        }
        (found.least, found.even) = (least, even);
        found
    }

    /// Loss of the target for the full outage of each alone.
    pub fn alone(&self, candidates: &[EntityId]) -> Vec<f64> {
        candidates.side_by_side(|id| self.target.loss(&[(*id, 1.0)]))
    }
}
