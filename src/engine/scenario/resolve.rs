//! Keys and sets of a scenario → ids of a graph.

use std::collections::BTreeMap;

use super::{
    Change, Effect, EffectKind, EntityHit, Failure, Hits, Link, RelationHit, Scenario, ScenarioError, Size,
    Target, TimedShock,
};
use crate::graph::{Graph, UnknownKey, nearest};
use crate::model::{EntityId, ProductId};
use crate::scope::Scope;

/// Entities with the part of each that is meant.
type Parts = BTreeMap<EntityId, f64>;

impl Hits {
    /// What a scenario and single failures hit in a scope of a graph.
    ///
    /// Cost: one pass over the entities for each shock on a set.
    ///
    /// # Errors
    /// Unknown keys, with the nearest known ones; sizes out of range; shocks that cannot land where they are aimed.
    pub fn resolve(
        graph: &Graph,
        scope: &Scope,
        scenario: Option<&Scenario>,
        failures: &[Failure],
    ) -> Result<Self, ScenarioError> {
        let mut hits = Self::default();
        if let Some(scenario) = scenario {
            if scenario.shocks.is_empty() {
                return Err(ScenarioError::Empty);
            }
            hits.title.clone_from(&scenario.title);
            for shock in &scenario.shocks {
                let at = hits.shocks.len();
                hits.shocks.push(shock.clone());
                Resolver { graph, scope, at, hits: &mut hits }.land(shock)?;
            }
        }
        for failure in failures {
            let shock = hits.shocks.len();
            let unknown = |unknown| ScenarioError::UnknownKey { shock: shock + 1, unknown };
            let entity = graph.find_entity(&failure.entity).map_err(unknown)?;
            hits.shocks.push(TimedShock {
                on: Target::Entity(failure.entity.clone()),
                what: Effect::Failure,
                start: 0.0,
                days: None,
                recovery: super::Recovery::Step,
            });
            let name = &graph.entity(entity).name;
            hits.words.push(format!("{name} loses {} of its function", percent(failure.loss)));
            hits.entities.push(EntityHit {
                shock,
                entity,
                kind: EffectKind::Failure,
                size: Size::Lost(failure.loss),
            });
        }
        Ok(hits)
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

/// Lands one shock.
struct Resolver<'a> {
    graph: &'a Graph,
    scope: &'a Scope,
    /// Position of the shock.
    at: usize,
    hits: &'a mut Hits,
}

impl Resolver<'_> {
    fn invalid(&self, reason: impl Into<String>) -> ScenarioError {
        ScenarioError::Invalid { shock: self.at + 1, reason: reason.into() }
    }

    fn unknown(&self, unknown: UnknownKey) -> ScenarioError {
        ScenarioError::UnknownKey { shock: self.at + 1, unknown }
    }

    fn entity(&self, key: &str) -> Result<EntityId, ScenarioError> {
        self.graph.find_entity(key).map_err(|unknown| self.unknown(unknown))
    }

    fn product(&self, key: &str) -> Result<ProductId, ScenarioError> {
        self.graph.find_product(key).map_err(|unknown| self.unknown(unknown))
    }

    fn land(&mut self, shock: &TimedShock) -> Result<(), ScenarioError> {
        self.check_times(shock)?;
        let size = self.size(&shock.what)?;
        let kind = shock.what.kind();
        let whom = match &shock.on {
            Target::Relation(key) => {
                let relation = self.graph.find_relation(key).map_err(|unknown| self.unknown(unknown))?;
                self.hits.relations.push(RelationHit { shock: self.at, relation, kind, size });
                self.graph.describe_relation(self.graph.relation(relation))
            }
            Target::Product(key) => {
                let product = self.product(key)?;
                self.link(kind, size, Some(product), None, None);
                self.graph.product(product).name.clone()
            }
            Target::Link { from, to, product } => {
                if kind != EffectKind::SupplyCut {
                    return Err(self.invalid(format!("{kind} on a Link: expected SupplyCut")));
                }
                if from.is_none() && to.is_none() && product.is_none() {
                    return Err(self.invalid("a Link without ends: expected from, to or product"));
                }
                let end = |key: &Option<String>| key.as_deref().map(|key| self.entity(key)).transpose();
                let (supplier, customer) = (end(from)?, end(to)?);
                let product = product.as_deref().map(|key| self.product(key)).transpose()?;
                let one = |id: Option<EntityId>| id.map(|id| Parts::from([(id, 1.0)]));
                self.link(kind, size, product, one(supplier), one(customer));
                self.link_words(supplier, customer, product)
            }
            Target::Country { code, product, to } => {
                self.country(kind, size, code, product.as_deref(), to.as_deref())?
            }
            Target::Entity(_) | Target::Owner(_) | Target::Group(_) | Target::Kind(_) => {
                let (members, name) = self.members(&shock.on)?;
                let members: Parts = members.into_iter().map(|id| (id, 1.0)).collect();
                if kind == EffectKind::SupplyCut {
                    let outside = self.others(|id| !members.contains_key(&id));
                    self.link(kind, size, None, Some(members), Some(outside));
                } else {
                    self.entities(kind, size, &members);
                }
                name
            }
        };
        self.hits.words.push(words(&whom, &shock.what));
        Ok(())
    }

    fn check_times(&self, shock: &TimedShock) -> Result<(), ScenarioError> {
        let days = match shock.recovery {
            super::Recovery::Step => None,
            super::Recovery::Linear { days } | super::Recovery::Logistic { days } => Some(days),
            super::Recovery::Exponential { half_life } => Some(half_life),
        };
        let bad = |days: f64| !days.is_finite() || days <= 0.0;
        if !shock.start.is_finite() || shock.start < 0.0 {
            return Err(self.invalid(format!("start {}: expected a day from 0 on", shock.start)));
        }
        if let Some(days) = shock.days.into_iter().chain(days).find(|days| bad(*days)) {
            return Err(self.invalid(format!("{days} days: expected more than 0")));
        }
        if shock.days.is_none() && !shock.recovery.is_step() {
            return Err(
                self.invalid("a recovery without days: expected how long the shock holds before it fades")
            );
        }
        Ok(())
    }

    fn size(&self, effect: &Effect) -> Result<Size, ScenarioError> {
        let share = |share: f64| match (0.0..=1.0).contains(&share) {
            true => Ok(Size::Lost(share)),
            false => Err(self.invalid(format!("{share}: expected a share between 0 and 1"))),
        };
        let change = |change: Change| match change {
            Change::Relative(c) if c.is_finite() && c >= -1.0 => Ok(Size::Relative(c)),
            Change::Relative(c) => {
                Err(self.invalid(format!("{c}: expected a relative change of -1 or more")))
            }
            Change::Amount(amount) if amount.is_finite() => Ok(Size::Amount(amount)),
            Change::Amount(amount) => Err(self.invalid(format!("{amount}: expected an amount"))),
        };
        match effect {
            Effect::CapacityLoss(s) | Effect::SupplyCut(s) | Effect::EquityLoss(s) => share(*s),
            Effect::DemandChange(c) | Effect::PrimaryInputChange(c) => change(*c),
            Effect::PriceChange(c) => change(Change::Relative(*c)),
            Effect::Failure => Ok(Size::Lost(1.0)),
        }
    }

    fn note(&mut self, code: &'static str, text: String) {
        if self.hits.notes.iter().all(|known| *known != (code, text.clone())) {
            self.hits.notes.push((code, text));
        }
    }

    fn link(
        &mut self,
        kind: EffectKind,
        size: Size,
        product: Option<ProductId>,
        suppliers: Option<Parts>,
        customers: Option<Parts>,
    ) {
        self.hits.links.push(Link { shock: self.at, kind, size, product, suppliers, customers });
    }

    fn entities(&mut self, kind: EffectKind, size: Size, parts: &Parts) {
        let hit = |(entity, part): (&EntityId, &f64)| EntityHit {
            shock: self.at,
            entity: *entity,
            kind,
            size: size.times(*part),
        };
        self.hits.entities.extend(parts.iter().map(hit));
    }

    fn others(&self, counts: impl Fn(EntityId) -> bool) -> Parts {
        self.graph.entity_ids().filter(|id| counts(*id)).map(|id| (id, 1.0)).collect()
    }

    /// Who produces in a country, and what of it is meant.
    fn country(
        &mut self,
        kind: EffectKind,
        size: Size,
        code: &str,
        product: Option<&str>,
        to: Option<&str>,
    ) -> Result<String, ScenarioError> {
        self.check_code(code)?;
        let product = product.map(|key| self.product(key)).transpose()?;
        if let Some(to) = to {
            self.check_code(to)?;
            if kind != EffectKind::SupplyCut {
                return Err(self.invalid(format!("{kind} with `to`: only a SupplyCut has customers")));
            }
        }
        let mut producers = Parts::new();
        let (mut assumed, mut placeless) = (0, 0);
        for id in self.graph.entity_ids() {
            let (shares, equal) = self.graph.production_of(id, self.scope);
            if let Some(share) = shares.get(code).filter(|share| **share > 0.0) {
                producers.insert(id, *share);
                assumed += usize::from(equal);
            } else if shares.is_empty() && self.graph.entity(id).seat.as_deref() == Some(code) {
                placeless += 1;
            }
        }
        if producers.is_empty() {
            let made = self.graph.entity_ids().flat_map(|id| self.graph.production_of(id, self.scope).0);
            let mut known: Vec<String> = made.map(|(country, _)| country).collect();
            known.sort_unstable();
            known.dedup();
            return Err(self.invalid(format!(
                "nobody is known to produce in {code}; expected one of {}",
                known.join(", ")
            )));
        }
        if placeless > 0 {
            let text = format!(
                "{placeless} entities have their seat in {code} but no known place of production: a shock on the country \
                 leaves them alone."
            );
            self.note("placeless-entities", text);
        }
        if assumed > 0 {
            let text = format!(
                "{assumed} entities produce in {code} and elsewhere in shares that nobody states: equal parts are assumed."
            );
            self.note("assumed-production", text);
        }
        let what = product.map_or(String::new(), |id| format!(" of {}", self.graph.product(id).name));
        let seat = |id: EntityId| self.graph.entity(id).seat.as_deref();
        Ok(match (kind, product) {
            (EffectKind::SupplyCut, _) => {
                let abroad = self.others(|id| match to {
                    Some(to) => seat(id) == Some(to),
                    None => seat(id) != Some(code),
                });
                self.link(kind, size, product, Some(producers), Some(abroad));
                let whither = to.map_or(String::new(), |to| format!(" to {to}"));
                format!("exports{what} from {code}{whither}")
            }
            (_, Some(_)) => {
                self.link(kind, size, product, Some(producers), None);
                format!("production{what} in {code}")
            }
            (_, None) => {
                self.entities(kind, size, &producers);
                format!("production in {code}")
            }
        })
    }

    fn check_code(&self, code: &str) -> Result<(), ScenarioError> {
        if code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()) {
            return Ok(());
        }
        Err(self.invalid(format!("{code:?} is no country: expected a two-letter code such as TW")))
    }

    /// The entities of a set, and its name.
    fn members(&self, target: &Target) -> Result<(Vec<EntityId>, String), ScenarioError> {
        let named = |id: EntityId| self.graph.entity(id).name.clone();
        match target {
            Target::Owner(key) => {
                let owner = self.entity(key)?;
                let owned =
                    |id: &EntityId| self.graph.ultimate_owner(*id, self.scope) == owner || *id == owner;
                let all: Vec<EntityId> = self.graph.entity_ids().filter(owned).collect();
                Ok((all, format!("{} and all whom it controls", named(owner))))
            }
            Target::Group(key) => {
                let group = self.entity(key)?;
                let record = self.graph.entity(group);
                if !record.group {
                    return Err(self.invalid(format!("{key} is no group: expected Entity({key:?})")));
                }
                let mut all = record.members.clone();
                all.push(group);
                all.sort_unstable();
                all.dedup();
                Ok((all, format!("{} with its members", named(group))))
            }
            Target::Kind(key) => {
                let kinds = &self.graph.facts().kinds;
                let Some(at) = kinds.iter().position(|kind| kind.key == *key) else {
                    let nearest = nearest(key, kinds.iter().map(|kind| kind.key.as_str()));
                    return Err(self.unknown(UnknownKey { what: "kind", key: key.clone(), nearest }));
                };
                let all = self.graph.entity_ids().filter(|id| self.graph.entity(*id).kind == at).collect();
                let name = kinds.get(at).map_or("", |kind| kind.name.as_str());
                Ok((all, format!("every entity of kind {name}")))
            }
            Target::Entity(key) => {
                let entity = self.entity(key)?;
                Ok((vec![entity], named(entity)))
            }
            Target::Relation(_) | Target::Product(_) | Target::Link { .. } | Target::Country { .. } => {
                Ok((Vec::new(), String::new()))
            }
        }
    }

    fn link_words(
        &self,
        supplier: Option<EntityId>,
        customer: Option<EntityId>,
        product: Option<ProductId>,
    ) -> String {
        let name = |id: EntityId| self.graph.entity(id).name.as_str();
        let mut words = product.map_or("supplies", |id| self.graph.product(id).name.as_str()).to_string();
        if let Some(supplier) = supplier {
            words.push_str(&format!(" from {}", name(supplier)));
        }
        if let Some(customer) = customer {
            words.push_str(&format!(" to {}", name(customer)));
        }
        words
    }
}

/// A shock in words, as part of a sentence.
fn words(whom: &str, effect: &Effect) -> String {
    let change = |change: &Change| match change {
        Change::Relative(share) => format!("{}{} %", sign(*share), (share.abs() * 1000.0).round() / 10.0),
        Change::Amount(amount) => format!("{}{}", sign(*amount), amount.abs()),
    };
    match effect {
        Effect::CapacityLoss(1.0) => format!("{whom} stops"),
        Effect::SupplyCut(1.0) => format!("nothing arrives of {whom}"),
        Effect::CapacityLoss(share) => format!("{whom} loses {} of capacity", percent(*share)),
        Effect::SupplyCut(share) => format!("{} of {whom} does not arrive", percent(*share)),
        Effect::DemandChange(by) => format!("final demand for {whom} changes by {}", change(by)),
        Effect::PrimaryInputChange(by) => format!("primary inputs of {whom} change by {}", change(by)),
        Effect::PriceChange(by) => {
            format!("the price of {whom} changes by {}", change(&Change::Relative(*by)))
        }
        Effect::EquityLoss(share) => format!("{whom} loses {} of its equity", percent(*share)),
        Effect::Failure => format!("{whom} fails"),
    }
}

fn sign(value: f64) -> &'static str {
    if value < 0.0 { "-" } else { "+" }
}
