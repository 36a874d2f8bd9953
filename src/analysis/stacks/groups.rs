//! Who stands together: entities under one ultimate owner, and labs that investment and commitments tie to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::analysis::View;
use crate::model::{EntityId, RelationType};
use crate::order::Arrange;

/// Entities under one ultimate owner, and those tied to them.
#[derive(Clone, Debug)]
pub struct Stack {
    /// Who controls it in the end.
    pub owner: EntityId,
    /// The owner and all that it controls, in the order of their keys.
    pub owned: BTreeSet<EntityId>,
    /// Labs that it has invested in and that have committed to it, with what they control.
    pub tied: BTreeSet<EntityId>,
    /// Labs among `tied`.
    pub labs: Vec<EntityId>,
}

impl Stack {
    /// Whether an entity is owned or tied.
    pub fn holds(&self, id: EntityId) -> bool {
        self.owned.contains(&id) || self.tied.contains(&id)
    }

    /// All owned and tied entities, in the order of their keys.
    pub fn members(&self) -> impl Iterator<Item = EntityId> + '_ {
        self.owned.union(&self.tied).copied()
    }

    /// The tiers with a member, from upstream.
    pub fn tiers(&self, view: &View<'_>) -> Vec<f64> {
        let mut tiers: Vec<f64> = self.members().filter_map(|id| tier_of(view, id)).collect();
        tiers.arrange(f64::total_cmp);
        tiers.dedup();
        tiers
    }
}

/// The tier of an entity: its own, or else its kind's.
pub fn tier_of(view: &View<'_>, id: EntityId) -> Option<f64> {
    let entity = view.graph.entity(id);
    entity.tier.or_else(|| view.graph.facts().kinds.get(entity.kind).and_then(|kind| kind.tier))
}

/// Ultimate owner of every entity.
pub fn owners(view: &View<'_>) -> Vec<EntityId> {
    view.graph.entity_ids().map(|id| view.graph.ultimate_owner(id, &view.scope)).collect()
}

/// Every group of entities under one owner, in the order of the owners' keys; with `ties` also the labs tied to each.
pub fn stacks(view: &View<'_>, owners: &[EntityId], labs: &[EntityId], ties: bool) -> Vec<Stack> {
    let mut groups: BTreeMap<EntityId, BTreeSet<EntityId>> = BTreeMap::new();
    for (at, owner) in owners.iter().enumerate() {
        groups.entry(*owner).or_default().insert(EntityId::new(at));
    }
    let tied = if ties { tied(view, owners, labs) } else { BTreeMap::new() };
    let stack = |(owner, owned): (&EntityId, &BTreeSet<EntityId>)| {
        let labs = tied.get(owner).cloned().unwrap_or_default();
        let with_them = labs.iter().filter_map(|lab| {
            let own = owners.get(lab.index()) == Some(lab);
            if own { groups.get(lab).cloned() } else { Some(BTreeSet::from([*lab])) }
        });
        let tied = with_them.flatten().collect();
        Stack { owner: *owner, owned: owned.clone(), tied, labs }
    };
    groups.iter().map(stack).collect()
}

/// Labs by the group that has both invested in them and is owed commitments by them.
fn tied(view: &View<'_>, owners: &[EntityId], labs: &[EntityId]) -> BTreeMap<EntityId, Vec<EntityId>> {
    let owner = |id: EntityId| owners.get(id.index()).copied().unwrap_or(id);
    let pairs = |kind: RelationType| {
        view.graph.in_scope(&view.scope, kind).filter_map(|(_, relation)| Some((relation.from, relation.to?)))
    };
    let invested: BTreeSet<(EntityId, EntityId)> =
        pairs(RelationType::Invests).map(|(from, to)| (owner(from), to)).collect();
    let committed: BTreeSet<(EntityId, EntityId)> =
        pairs(RelationType::Commits).map(|(from, to)| (owner(to), from)).collect();
    let mut tied: BTreeMap<EntityId, Vec<EntityId>> = BTreeMap::new();
    for (group, lab) in invested.intersection(&committed) {
        if labs.contains(lab) && owner(*lab) != *group {
            tied.entry(*group).or_default().push(*lab);
        }
    }
    tied
}
