//! Part of what one supplier delivers moves to another.

use super::join::add_sizes;
use super::{Outcome, Patcher, one, scale};
use crate::model::{Basis, Detail, EntityId, Evidence, Place, ProductId, Relation, RelationId, Status};

/// Which end of a relation the supplier is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    From,
    To,
}

/// The end at which the supplier stands, in relations that carry supply of a product.
fn supply_end(relation: &Relation, product: ProductId) -> Option<End> {
    if relation.product() != Some(product) {
        return None;
    }
    match relation.detail {
        Detail::Supplies { .. } | Detail::Hosts { .. } => Some(End::From),
        Detail::Commits { .. } => Some(End::To),
        _ => None,
    }
}

fn supplier(relation: &Relation, end: End) -> Option<EntityId> {
    if end == End::From { Some(relation.from) } else { relation.to }
}

fn customer(relation: &Relation, end: End) -> Option<EntityId> {
    if end == End::From { relation.to } else { Some(relation.from) }
}

fn lapsed(relation: &Relation) -> bool {
    relation.history.last().is_some_and(|change| change.status == Status::Lapsed)
}

fn variant(relation: &Relation) -> Option<&String> {
    match &relation.detail {
        Detail::Supplies { variant, .. } => variant.as_ref(),
        _ => None,
    }
}

impl Patcher<'_> {
    pub(super) fn redirect(
        &mut self,
        product: &str,
        from: &str,
        to: &str,
        whose: Option<&str>,
        share: f64,
    ) -> Outcome {
        let mut reasons = Vec::new();
        let mut keep = |found: Result<EntityId, Vec<String>>| found.map_err(|r| reasons.extend(r)).ok();
        let (giver, taker) = (keep(self.entity(from)), keep(self.entity(to)));
        let buyer = whose.map(|key| keep(self.entity(key)));
        let goods = self.product(product).map_err(|r| reasons.extend(r)).ok();
        if !(share > 0.0 && share <= 1.0) {
            reasons.push(format!("share {share}: expected a part above 0 and at most 1"));
        }
        if from == to {
            reasons.push(format!("{from} cannot take over from itself"));
        }
        let (Some(giver), Some(taker), Some(goods), true) = (giver, taker, goods, reasons.is_empty()) else {
            return Err(reasons);
        };
        let buyer = buyer.flatten();
        let meant = |relation: &Relation| {
            supply_end(relation, goods).filter(|end| {
                let to_whom = customer(relation, *end);
                supplier(relation, *end) == Some(giver)
                    && !lapsed(relation)
                    && to_whom.is_some_and(|id| buyer.is_none_or(|buyer| buyer == id) && id != taker)
            })
        };
        let all: Vec<(RelationId, End)> = self
            .facts
            .relations
            .iter()
            .enumerate()
            .filter_map(|(at, relation)| Some((RelationId::new(at), meant(relation)?)))
            .collect();
        if all.is_empty() {
            return Err(one(format!(
                "no relation says that {from} supplies {product}{}; a supply that comes from market shares alone is \
                 changed by adding one",
                whose.map_or(String::new(), |key| format!(" to {key}"))
            )));
        }
        let mut gone = Vec::new();
        let mut moved = 0;
        for (id, end) in all {
            let Some(own) = self.facts.relations.get_mut(id.index()) else { continue };
            let sized = own.detail.sizes_mut().iter().any(|slot| slot.is_some());
            if !sized && share < 1.0 {
                continue;
            }
            moved += 1;
            let mut part = own.clone();
            part.detail.sizes_mut().into_iter().flatten().for_each(|measure| scale(measure, share));
            if share < 1.0 {
                own.detail.sizes_mut().into_iter().flatten().for_each(|measure| scale(measure, 1.0 - share));
            } else {
                gone.push(id);
            }
            self.hand_over(part, end, taker, goods);
        }
        if moved == 0 {
            return Err(one(format!(
                "no relation states how much {from} supplies; only all of it can move (share: 1)"
            )));
        }
        self.remove(None, &|id| gone.contains(&id));
        self.sort_relations();
        Ok(())
    }

    /// Gives a part of a supply to another supplier: on top of what it delivers, or as a new relation.
    fn hand_over(&mut self, mut part: Relation, end: End, taker: EntityId, goods: ProductId) {
        let buyer = customer(&part, end);
        if let Detail::Supplies { share_of_revenue, share_of_output, .. } = &mut part.detail {
            // parts of the other supplier's sales and output
            (*share_of_revenue, *share_of_output) = (None, None);
        }
        let alike = |own: &&mut Relation| {
            supply_end(own, goods) == Some(end)
                && own.relation_type() == part.relation_type()
                && supplier(own, end) == Some(taker)
                && customer(own, end) == buyer
                && variant(own) == variant(&part)
                && !lapsed(own)
                && own.part_of.is_none()
        };
        if let Some(own) = self.facts.relations.iter_mut().find(alike)
            && add_sizes(&mut own.detail, &part.detail)
        {
            return;
        }
        let taker_key = self.facts.entities.get(taker.index()).map_or("", |entity| entity.key.as_str());
        let mut key = format!("{}-moved-to-{taker_key}", part.key);
        while self.facts.relations.iter().any(|relation| relation.key == key) {
            key.push_str("-again");
        }
        part.key = key;
        match end {
            End::From => part.from = taker,
            End::To => part.to = Some(taker),
        }
        part.part_of = None;
        part.evidence = Evidence {
            sources: Vec::new(),
            assumed: Some(format!("what-if: {}", self.title)),
            basis: Basis::Assumed,
            confidence: part.evidence.confidence,
            note: None,
        };
        part.place = Place::default();
        self.facts.relations.push(part);
    }
}
