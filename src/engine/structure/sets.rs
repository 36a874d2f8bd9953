//! The smallest sets whose joint loss stops something, found by asking what keeps it going.

use std::collections::BTreeSet;

use super::ended::{Ended, Limits, Meter};

/// Sets that stop something together, and no part of which does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmallestSets {
    /// The sets, each in rising order; the smallest first, then in the order of their members.
    pub sets: Vec<Vec<usize>>,
    /// All sets up to this size were found.
    pub searched: usize,
    /// Why the search ended; `All` where nothing up to the largest size is missing.
    pub ended: Ended,
}

/// All least sets of `candidates` of at most `largest` members for which `stops` holds, smallest first.
///
/// `stops` has to be monotone: a set that holds a stopping set stops too. The search alternates between the two sides
/// of that: a set that does not stop leaves a *support*, a set of candidates whose survival alone keeps things going,
/// and every stopping set must take a member of every support. So sets grow only by members of a support that they
/// have not hit yet, level by level, and supersets of what was found are left out; a support once found is used
/// again.
///
/// Cost: one evaluation of `stops` for each set that hits all known supports, and about
/// (members · log candidates) for each support. Source: Reiter, Artificial Intelligence 32:57, 1987 (hitting-set
/// tree); supports are shrunk by halving.
pub fn smallest_sets(
    candidates: &[usize],
    largest: usize,
    stops: impl Fn(&[usize]) -> bool,
    limits: Limits,
) -> SmallestSets {
    let mut search = Search { candidates, stops, meter: Meter::new(limits), supports: Vec::new() };
    let mut found = SmallestSets { sets: Vec::new(), searched: 0, ended: Ended::All };
    if let Err(ended) = search.levels(largest, limits.most, &mut found) {
        found.ended = ended;
    }
    found.sets.sort_by(|a, b| a.len().cmp(&b.len()).then(a.cmp(b)));
    found
}

struct Search<'c, S> {
    candidates: &'c [usize],
    stops: S,
    meter: Meter,
    supports: Vec<BTreeSet<usize>>,
}

impl<S: Fn(&[usize]) -> bool> Search<'_, S> {
    fn levels(&mut self, largest: usize, most: usize, found: &mut SmallestSets) -> Result<(), Ended> {
        if !self.ask(self.candidates)? {
            // not even all of them together stop it
            found.searched = largest;
            return Ok(());
        }
        if self.ask(&[])? {
            found.sets.push(Vec::new());
            found.searched = largest;
            return Ok(());
        }
        let mut open: BTreeSet<Vec<usize>> = BTreeSet::from([Vec::new()]);
        for size in 1..=largest {
            let mut next: BTreeSet<Vec<usize>> = BTreeSet::new();
            let mut looked_at: BTreeSet<Vec<usize>> = BTreeSet::new();
            for set in &open {
                let support = self.support(set)?;
                for member in support {
                    let mut grown = set.clone();
                    grown.push(member);
                    grown.sort_unstable();
                    if !looked_at.insert(grown.clone()) || holds_any(&found.sets, &grown) {
                        continue;
                    }
                    if !self.hits_all(&grown) || !self.ask(&grown)? {
                        next.insert(grown);
                        continue;
                    }
                    if found.sets.len() == most {
                        return Err(Ended::Most);
                    }
                    found.sets.push(grown);
                }
            }
            found.searched = size;
            if next.is_empty() {
                found.searched = largest;
                break;
            }
            open = next;
        }
        Ok(())
    }

    fn ask(&mut self, set: &[usize]) -> Result<bool, Ended> {
        self.meter.step()?;
        Ok((self.stops)(set))
    }

    fn hits_all(&self, set: &[usize]) -> bool {
        self.supports.iter().all(|support| set.iter().any(|member| support.contains(member)))
    }

    /// A support that a set which does not stop leaves untouched.
    fn support(&mut self, set: &[usize]) -> Result<BTreeSet<usize>, Ended> {
        let untouched = |support: &&BTreeSet<usize>| set.iter().all(|member| !support.contains(member));
        if let Some(known) = self.supports.iter().find(untouched) {
            return Ok(known.clone());
        }
        let mut kept: Vec<usize> = self.candidates.iter().filter(|c| !set.contains(c)).copied().collect();
        let mut chunk = kept.len().div_ceil(2).max(1);
        loop {
            let mut at = 0;
            while at < kept.len() {
                let mut fewer = kept.clone();
                fewer.drain(at..(at + chunk).min(kept.len()));
                let lost: Vec<usize> =
                    self.candidates.iter().filter(|c| !fewer.contains(c)).copied().collect();
                if self.ask(&lost)? {
                    at += chunk;
                } else {
                    kept = fewer;
                }
            }
            if chunk == 1 {
                break;
            }
            chunk = chunk.div_ceil(2);
        }
        let support: BTreeSet<usize> = kept.into_iter().collect();
        self.supports.push(support.clone());
        Ok(support)
    }
}

/// Whether a set holds one of the sets.
fn holds_any(sets: &[Vec<usize>], set: &[usize]) -> bool {
    sets.iter().any(|small| small.len() < set.len() && small.iter().all(|member| set.contains(member)))
}
