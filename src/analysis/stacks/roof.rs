//! How much of each lab's compute is under one roof, and how few roofs hold how few labs.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::{Part, View, bounds};
use crate::model::{Date, EntityId, ProductId};
use crate::network::{Network, Origin, Rung};
use crate::order::Arrange;

/// Where one lab's compute comes from, by ultimate owner.
#[derive(Clone, Debug)]
pub struct Roof {
    pub lab: EntityId,
    /// Shares of its need by owner, largest first, ties by key.
    pub owners: Vec<(EntityId, f64)>,
    /// What each of those shares may be, in the same order.
    pub ranges: Vec<Part>,
    /// The part of each of those shares that is only assumed, in the same order.
    pub assumed_of: Vec<f64>,
    /// Share of its need without a named supplier.
    pub unknown: f64,
    /// Share of its need whose supplier is only assumed (market shares or equal parts).
    pub assumed: f64,
    pub origins: Vec<Origin>,
    pub rungs: [usize; 5],
}

impl Roof {
    /// Bounds of the HHI by owner on the scale 0 to 1: every share within what its sources allow, the unknown rest from many small
    /// providers to one.
    pub fn hhi(&self) -> (f64, f64) {
        let bounds = bounds(&self.ranges);
        (bounds.hhi_low, bounds.hhi_high)
    }

    /// Whether more of it is known than assumed or unknown.
    pub fn is_known(&self) -> bool {
        self.assumed + self.unknown < 0.5
    }
}

/// The roofs of all labs that need compute, in the order of the labs.
pub fn roofs(network: &Network, owners: &[EntityId], labs: &[EntityId], compute: ProductId) -> Vec<Roof> {
    let mut roofs = Vec::new();
    for lab in labs {
        let Some(row) = network.needs(*lab).iter().find(|row| row.product == compute) else { continue };
        let mut by_owner: BTreeMap<EntityId, f64> = BTreeMap::new();
        let mut guessed: BTreeMap<EntityId, f64> = BTreeMap::new();
        let (mut assumed, mut origins, mut rungs) = (0.0, Vec::new(), [0; 5]);
        let mut ends: BTreeMap<EntityId, (f64, f64)> = BTreeMap::new();
        for (link, at) in network.suppliers(row).iter().zip(network.link_range(row)) {
            let owner = owners.get(link.supplier.index()).copied().unwrap_or(link.supplier);
            *by_owner.entry(owner).or_default() += link.share;
            let (range, slot) = (network.range(at), ends.entry(owner).or_default());
            *slot = (slot.0 + range.least, slot.1 + range.most);
            if link.rung >= Rung::MarketShare {
                assumed += link.share;
                *guessed.entry(owner).or_default() += link.share;
            }
            rungs[link.rung as usize] += 1;
            origins.extend(network.origins(link));
        }
        if by_owner.is_empty() {
            continue;
        }
        let mut shares: Vec<(EntityId, f64)> = by_owner.into_iter().collect();
        let rounded = |share: f64| (share * 1e12).round();
        shares.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.cmp(&b.0)));
        let unknown = (1.0 - row.known).max(0.0);
        let assumed_of = shares.iter().map(|(owner, _)| guessed.get(owner).copied().unwrap_or(0.0)).collect();
        let range = |(owner, point): &(EntityId, f64)| {
            let (low, high) = ends.get(owner).copied().unwrap_or((*point, *point));
            Part { low: low.min(1.0), point: *point, high: high.min(1.0), group: false }
        };
        let ranges = shares.iter().map(range).collect();
        roofs.push(Roof { lab: *lab, owners: shares, ranges, assumed_of, unknown, assumed, origins, rungs });
    }
    roofs
}

/// Both sides of "few providers host few labs", over labs whose compute is mostly known, each counted the same.
#[derive(Clone, Debug)]
pub struct TwoSided {
    /// Labs that count.
    pub labs: usize,
    /// Labs whose compute is mostly assumed or unknown.
    pub left_out: usize,
    /// Owners that supply the labs that count.
    pub providers: usize,
    /// Mean share of a lab's compute under its largest roof.
    pub one_roof: Option<f64>,
    /// The same over labs that are known on every day compared; `None` for a single day.
    pub one_roof_same: Option<f64>,
    /// Mean HHI of a lab's compute by owner, both bounds, 0 to 1.
    pub hhi: Option<(f64, f64)>,
    /// Share of all the labs' compute that the three largest owners hold.
    pub top_three: Option<f64>,
    /// HHI of owners over all the labs' compute, both bounds, 0 to 1.
    pub provider_hhi: Option<(f64, f64)>,
    /// Mean HHI of labs among what each owner hosts, weighted by that, 0 to 1.
    pub lab_hhi: Option<f64>,
}

impl TwoSided {
    pub fn new(roofs: &[Roof]) -> Self {
        let known: Vec<&Roof> = roofs.iter().filter(|roof| roof.is_known()).collect();
        let labs = known.len() as f64;
        let mean = |of: &dyn Fn(&Roof) -> f64| {
            (!known.is_empty()).then(|| known.iter().map(|roof| of(roof)).sum::<f64>() / labs)
        };
        let mut by_owner: BTreeMap<EntityId, Vec<f64>> = BTreeMap::new();
        for (owner, share) in known.iter().flat_map(|roof| &roof.owners) {
            by_owner.entry(*owner).or_default().push(share / labs);
        }
        let mut totals: Vec<f64> = by_owner.values().map(|shares| shares.iter().sum()).collect();
        totals.arrange(|a, b| b.total_cmp(a));
        let mut of_all: BTreeMap<EntityId, Part> = BTreeMap::new();
        for roof in &known {
            for ((owner, _), own) in roof.owners.iter().zip(&roof.ranges) {
                let none = Part { low: 0.0, point: 0.0, high: 0.0, group: false };
                let sum = of_all.entry(*owner).or_insert(none);
                let [low, point, high] = [own.low, own.point, own.high].map(|share| share / labs);
                *sum = Part {
                    low: sum.low + low,
                    point: sum.point + point,
                    high: sum.high + high,
                    group: false,
                };
            }
        }
        let providers = bounds(&of_all.into_values().collect::<Vec<_>>());
        let hosted: f64 = totals.iter().sum();
        let lab_hhi = by_owner.values().map(|shares| {
            let total: f64 = shares.iter().sum();
            if total > 0.0 { shares.iter().map(|share| share * share).sum::<f64>() / total } else { 0.0 }
        });
        Self {
            labs: known.len(),
            left_out: roofs.len() - known.len(),
            providers: by_owner.len(),
            one_roof: mean(&|roof| roof.owners.first().map_or(0.0, |(_, share)| *share)),
            one_roof_same: None,
            hhi: mean(&|roof| roof.hhi().0).zip(mean(&|roof| roof.hhi().1)),
            top_three: (!known.is_empty()).then(|| totals.iter().take(3).sum()),
            provider_hhi: (!known.is_empty()).then_some((providers.hhi_low, providers.hhi_high)),
            lab_hhi: (hosted > 0.0).then(|| lab_hhi.sum::<f64>() / hosted),
        }
    }
}

/// Both sides on several days, with a mean over the labs that are known on each day on which any is.
pub fn over_time(days: &[(Date, Vec<Roof>)]) -> Vec<(Date, TwoSided)> {
    let known = |roofs: &[Roof]| -> BTreeSet<EntityId> {
        roofs.iter().filter(|roof| roof.is_known()).map(|roof| roof.lab).collect()
    };
    let sets = days.iter().map(|(_, roofs)| known(roofs)).filter(|labs| !labs.is_empty());
    let same = sets.reduce(|a, b| &a & &b).unwrap_or_default();
    let point = |(day, roofs): &(Date, Vec<Roof>)| {
        let kept: Vec<Roof> = roofs.iter().filter(|roof| same.contains(&roof.lab)).cloned().collect();
        (*day, TwoSided { one_roof_same: TwoSided::new(&kept).one_roof, ..TwoSided::new(roofs) })
    };
    days.iter().map(point).collect()
}

/// A view on the same day of another year.
pub fn in_year<'g>(view: &View<'g>, year: i16) -> Option<View<'g>> {
    let day = view.scope.as_of;
    let same = Date::new(year, day.month(), day.day());
    let as_of = same.or_else(|_| Date::new(year, day.month(), 28)).ok()?;
    let mut view = view.clone();
    view.scope.as_of = as_of;
    Some(view)
}
