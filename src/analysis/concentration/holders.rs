//! Whose shares are added up before squaring: vendors, owners, countries of seat or of production.

use std::collections::{BTreeMap, BTreeSet};

use super::place::{Spread, least_square, spread};
use super::{Bounds, By, Part, Rest, bounds_with};
use crate::analysis::View;
use crate::analysis::trail::entity_cell;
use crate::answer::Cell;
use crate::graph::Graph;
use crate::model::{AttributeId, AttributeKind, AttributeSubject, Dimension, EntityId, ProductId};
use crate::order::Arrange;

/// One vendor's, supplier's or customer's share as the records state it.
#[derive(Clone, Debug)]
pub(super) struct Stake {
    pub entity: EntityId,
    pub low: f64,
    pub point: f64,
    pub high: f64,
    /// Whether it is several firms.
    pub group: bool,
}

/// Who holds a share once stakes are added up.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub cell: Cell,
    pub part: Part,
    /// A group that may overlap with others that are listed: shown, and left to the unlisted rest.
    pub aside: bool,
    /// Positions of its stakes.
    pub stakes: Vec<usize>,
    /// What its idle capacity could add, as a share of the market; `None` where it is not known of all its stakes.
    pub spare: Option<f64>,
}

/// Holders with what was decided on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Holders {
    pub all: Vec<Holder>,
    /// Groups from which listed members were taken out.
    pub opened: usize,
    /// Groups whose listed members hold more than the group.
    pub contradicted: usize,
    /// Vendors whose place is not known.
    pub unplaced: usize,
    /// Vendors whose share of each place is an assumption.
    pub assumed: usize,
    /// Attributes that state where vendors produce or what they could add.
    pub attributes: Vec<AttributeId>,
    /// Lower bound of the HHI over all splits between places.
    floor: f64,
}

impl Holders {
    /// Adds up the stakes, largest first, ties by key. `apart` says that groups do not overlap with others that are
    /// listed except their members; otherwise a group beside others is left to the unlisted rest.
    pub fn new(
        view: &View<'_>,
        by: By,
        product: Option<ProductId>,
        stakes: &mut Vec<Stake>,
        apart: bool,
    ) -> Self {
        let mut holders = Self::default();
        holders.open_groups(view.graph, stakes);
        let aside = !apart && stakes.len() > 1;
        let mut all: BTreeMap<(bool, String), Holder> = BTreeMap::new();
        let mut spreads = Vec::new();
        for (at, stake) in stakes.iter().enumerate() {
            let spread = holders.places(view, by, product, stake, &mut spreads);
            let spare = spare(view, stake, product);
            holders.attributes.extend(spare.map(|(id, _)| id));
            for (key, cell, group, part) in spread {
                let empty = Part { low: 0.0, point: 0.0, high: 0.0, group };
                let new = || Holder {
                    cell,
                    part: empty,
                    aside: aside && group,
                    stakes: Vec::new(),
                    spare: Some(0.0),
                };
                let holder = all.entry((group, key)).or_insert_with(new);
                holder.part.low += part.low;
                holder.part.point += part.point;
                holder.part.high += part.high;
                holder.stakes.push(at);
                holder.spare = holder.spare.zip(spare).map(|(sum, (_, spare))| sum + spare * stake.point);
            }
        }
        holders.floor = least_square(&spreads);
        holders.all = all.into_values().collect();
        holders.all.arrange(|a, b| {
            b.part.point.total_cmp(&a.part.point).then_with(|| a.cell.as_key().cmp(&b.cell.as_key()))
        });
        holders
    }

    /// The range of the HHI over the holders.
    pub fn bounds(&self, rest: Rest) -> Bounds {
        let mut found = bounds_with(&self.parts(), rest).at_least(self.floor);
        found.tight &= self.assumed == 0;
        found
    }

    /// The parts that count, in the order of the holders.
    pub fn parts(&self) -> Vec<Part> {
        self.all.iter().filter(|holder| !holder.aside).map(|holder| holder.part).collect()
    }

    /// Holders that are single and hold something.
    pub fn single(&self) -> impl Iterator<Item = &Holder> {
        self.all.iter().filter(|holder| !holder.part.group && holder.part.point > 0.0)
    }

    /// A listed member of a listed group is a part of the group's share: the group keeps what is left.
    fn open_groups(&mut self, graph: &Graph, stakes: &mut Vec<Stake>) {
        let members: Vec<BTreeSet<EntityId>> =
            stakes.iter().map(|stake| members(graph, stake.entity)).collect();
        let stated = stakes.clone();
        for (at, stake) in stakes.iter_mut().enumerate().filter(|(_, stake)| stake.group) {
            let inside = |entity: EntityId| members[at].contains(&entity);
            // a member of a listed subgroup is already a part of that
            let deeper = |entity: EntityId| {
                stated
                    .iter()
                    .enumerate()
                    .any(|(i, sub)| i != at && inside(sub.entity) && members[i].contains(&entity))
            };
            let listed: Vec<&Stake> =
                stated.iter().filter(|s| inside(s.entity) && !deeper(s.entity)).collect();
            if listed.is_empty() {
                continue;
            }
            let sum = |of: fn(&Stake) -> f64| listed.iter().map(|s| of(s)).sum::<f64>();
            self.opened += 1;
            self.contradicted += usize::from(sum(|s| s.low) > stake.high + 1e-9);
            stake.low = (stake.low - sum(|s| s.high)).max(0.0);
            stake.point = (stake.point - sum(|s| s.point)).max(0.0);
            stake.high = (stake.high - sum(|s| s.low)).max(stake.low);
        }
        stakes.retain(|stake| !stake.group || stake.high > 1e-12);
    }

    /// The holders of a stake, with the part that each has of it.
    fn places(
        &mut self,
        view: &View<'_>,
        by: By,
        product: Option<ProductId>,
        stake: &Stake,
        spreads: &mut Vec<Spread>,
    ) -> Vec<(String, Cell, bool, Part)> {
        let graph = view.graph;
        let whole = |group| Part { low: stake.low, point: stake.point, high: stake.high, group };
        let own = |entity: EntityId, group: bool| {
            vec![(graph.entity(entity).key.clone(), entity_cell(graph, entity), group, whole(group))]
        };
        match by {
            By::Owner if !stake.group => own(graph.ultimate_owner(stake.entity, &view.scope), false),
            By::Entity | By::Owner => own(stake.entity, stake.group),
            By::Country => match &graph.entity(stake.entity).seat {
                Some(seat) => vec![(seat.clone(), Cell::text(seat), false, whole(false))],
                None => {
                    self.unplaced += 1;
                    own(stake.entity, true)
                }
            },
            By::Production => {
                let found = spread(view, stake, product);
                self.attributes.extend(&found.attributes);
                self.unplaced += usize::from(found.unknown.high > 0.0);
                self.assumed += usize::from(found.assumed);
                let mut parts: Vec<_> = found
                    .places
                    .iter()
                    .map(|(country, part)| (country.clone(), Cell::text(country), false, *part))
                    .collect();
                if found.unknown.high > 0.0 {
                    let key = graph.entity(stake.entity).key.clone();
                    parts.push((key, entity_cell(graph, stake.entity), true, found.unknown));
                }
                spreads.push(found);
                parts
            }
        }
    }
}

/// All members of a group, members of members included.
fn members(graph: &Graph, group: EntityId) -> BTreeSet<EntityId> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<EntityId> = graph.entity(group).members.clone();
    while let Some(member) = open.pop() {
        if member != group && seen.insert(member) {
            open.extend(&graph.entity(member).members);
        }
    }
    seen
}

/// The record of a vendor's idle capacity, and how much it could add as a multiple of what it sells.
fn spare(view: &View<'_>, stake: &Stake, product: Option<ProductId>) -> Option<(AttributeId, f64)> {
    let of = AttributeSubject::Entity(stake.entity);
    let kind = AttributeKind::SpareCapacity;
    let (id, attribute) = view.graph.latest_attribute(of, &kind, Some(product?), view.scope.as_of)?;
    let value = attribute.value.as_ref()?;
    let spare = (value.dimension == Dimension::Share).then(|| value.point()).flatten()?;
    Some((id, spare))
}
