//! What a process needs of entities that others compute, and what they need of its own.

use super::{Numbers, Part};

/// Which numbers of other processes this one needs, and which of its own they need.
#[derive(Clone, Debug)]
pub struct Halo {
    part: Part,
    /// For each process, entities of this one that it needs.
    gives: Vec<Vec<u32>>,
    /// For each process, its entities that this one needs.
    takes: Vec<Vec<u32>>,
}

impl Halo {
    /// From the entities that this process needs, own ones and repetitions among them. Every process calls it at the same time.
    pub fn new(part: &Part, needed: impl Iterator<Item = u32>) -> Self {
        let mut takes = vec![Vec::new(); part.processes()];
        if let Some(cut) = &part.0 {
            let mut seen = vec![false; cut.owner.len()];
            for at in needed {
                if let (Some(seen), Some(owner)) = (seen.get_mut(at as usize), cut.owner.get(at as usize))
                    && !std::mem::replace(seen, true)
                    && usize::from(*owner) != cut.process()
                    && let Some(list) = takes.get_mut(usize::from(*owner))
                {
                    list.push(at);
                }
            }
        }
        takes.iter_mut().for_each(|list| list.sort_unstable());
        let words = |list: &Vec<u32>| list.iter().flat_map(|at| at.to_le_bytes()).collect();
        let asked = part.exchange(takes.iter().map(words).collect());
        let read = |bytes: &Vec<u8>| {
            let mut words = Numbers(bytes);
            std::iter::from_fn(|| words.half()).collect()
        };
        Self { part: part.clone(), gives: asked.iter().map(read).collect(), takes }
    }

    /// That of a process that computes everything.
    pub fn whole() -> Self {
        Self { part: Part::default(), gives: vec![Vec::new()], takes: vec![Vec::new()] }
    }

    /// The part that it belongs to.
    pub fn part(&self) -> &Part {
        &self.part
    }

    /// How many numbers of others this process needs.
    pub fn len(&self) -> usize {
        self.takes.iter().map(Vec::len).sum()
    }

    /// Whether it needs none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Numbers that have not been told yet: they count as told where they are 0.
    pub fn mirror(&self) -> Mirror {
        Mirror { told: self.gives.iter().map(|list| vec![0; list.len()]).collect() }
    }

    /// Takes over numbers of others that have changed since the last time, and tells them of own ones. 0 the first time.
    pub fn renew(&self, mirror: &mut Mirror, values: &mut [f64]) {
        if self.part.is_whole() {
            return;
        }
        let mut parcels = vec![Vec::new(); self.part.processes()];
        self.write(mirror, values, &mut parcels);
        let heard = self.part.exchange(parcels);
        let mut heard: Vec<Numbers<'_>> = heard.iter().map(|bytes| Numbers(bytes)).collect();
        self.read(values, &mut heard);
    }

    /// Adds to the parcel of each process the own numbers that it needs and that have changed.
    ///
    /// A count, then positions in the list of what it needs and numbers; or, where most have changed, all numbers.
    pub fn write(&self, mirror: &mut Mirror, values: &[f64], parcels: &mut [Vec<u8>]) {
        for ((list, told), parcel) in self.gives.iter().zip(&mut mirror.told).zip(parcels) {
            let value = |at: &u32| values.get(*at as usize).copied().unwrap_or(0.0);
            let differs = |(at, told): &(&u32, &u64)| value(at).to_bits() != **told;
            let changed = list.iter().zip(told.iter()).filter(differs).count();
            if changed * 12 > list.len() * 8 {
                parcel.extend(ALL.to_le_bytes());
                for (at, told) in list.iter().zip(told) {
                    *told = value(at).to_bits();
                    parcel.extend(told.to_le_bytes());
                }
                continue;
            }
            parcel.extend((changed as u32).to_le_bytes());
            for (place, (at, told)) in list.iter().zip(told).enumerate() {
                let now = value(at).to_bits();
                if now != *told {
                    *told = now;
                    parcel.extend((place as u32).to_le_bytes());
                    parcel.extend(now.to_le_bytes());
                }
            }
        }
    }

    /// Reads what [`Halo::write`] has written in each process.
    pub fn read(&self, values: &mut [f64], heard: &mut [Numbers<'_>]) {
        for (list, heard) in self.takes.iter().zip(heard) {
            let mut set = |at: Option<&u32>, value: Option<f64>| {
                if let (Some(slot), Some(value)) = (at.and_then(|at| values.get_mut(*at as usize)), value) {
                    *slot = value;
                }
            };
            match heard.half() {
                Some(ALL) => list.iter().for_each(|at| set(Some(at), heard.number())),
                Some(changed) => {
                    for _ in 0..changed {
                        let place = heard.half().unwrap_or(u32::MAX);
                        set(list.get(place as usize), heard.number());
                    }
                }
                None => {}
            }
        }
    }
}

/// In the place of a count: all numbers follow.
const ALL: u32 = u32::MAX;

/// What the others have been told last.
#[derive(Clone, Debug)]
pub struct Mirror {
    told: Vec<Vec<u64>>,
}

impl Mirror {
    /// Nothing counts as told, so that all is told the next time.
    pub fn doubt(&mut self) {
        // the bits of a NaN that no calculation gives
        self.told.iter_mut().for_each(|told| told.fill(u64::MAX));
    }

    /// Everything counts as 0 again, for everybody.
    pub fn forget(&mut self) {
        self.told.iter_mut().for_each(|told| told.fill(0));
    }
}
