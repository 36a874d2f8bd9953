//! Scenarios of a bulk table → what they hit.

use super::resolve::percent;
use super::{Change, Effect, EntityHit, Hits, Recovery, Size, Target, TimedShock};
use crate::graph::Graph;
use crate::model::TableScenario;

impl Hits {
    /// What a scenario of the dataset's tables hits: one shock for each loss. A loss that customers and suppliers feel alike
    /// is a loss of capacity; where they differ, what customers feel is a cut of all that the entity delivers, and what
    /// suppliers feel is a loss of final demand for it.
    pub fn of_table(graph: &Graph, scenario: &TableScenario) -> Self {
        let mut hits = Self { title: scenario.name.clone(), ..Self::default() };
        for loss in &scenario.losses {
            if loss.downstream == loss.upstream {
                hits.add(
                    graph,
                    loss.entity,
                    Effect::CapacityLoss(loss.downstream),
                    Size::Lost(loss.downstream),
                );
                continue;
            }
            if loss.downstream > 0.0 {
                hits.add(graph, loss.entity, Effect::SupplyCut(loss.downstream), Size::Lost(loss.downstream));
            }
            if loss.upstream > 0.0 {
                let effect = Effect::DemandChange(Change::Relative(-loss.upstream));
                hits.add(graph, loss.entity, effect, Size::Relative(-loss.upstream));
            }
        }
        hits
    }

    fn add(&mut self, graph: &Graph, entity: crate::model::EntityId, what: Effect, size: Size) {
        let record = graph.entity(entity);
        let name = &record.name;
        self.words.push(match what {
            Effect::SupplyCut(share) => format!("{} of what {name} delivers does not arrive", percent(share)),
            Effect::DemandChange(Change::Relative(change)) => {
                format!("{name} loses {} of its demand", percent(-change))
            }
            Effect::CapacityLoss(share) => format!("{name} loses {} of its function", percent(share)),
            _ => name.clone(),
        });
        self.entities.push(EntityHit { shock: self.shocks.len(), entity, kind: what.kind(), size });
        let on = Target::Entity(record.key.clone());
        self.shocks.push(TimedShock { on, what, start: 0.0, days: None, recovery: Recovery::Step });
    }

    /// Adds what other shocks hit.
    pub fn join(&mut self, other: Self) {
        let offset = self.shocks.len();
        self.shocks.extend(other.shocks);
        self.words.extend(other.words);
        self.notes.extend(other.notes);
        self.entities
            .extend(other.entities.into_iter().map(|hit| EntityHit { shock: hit.shock + offset, ..hit }));
        self.links
            .extend(other.links.into_iter().map(|hit| super::Link { shock: hit.shock + offset, ..hit }));
        let relations = other.relations.into_iter();
        self.relations.extend(relations.map(|hit| super::RelationHit { shock: hit.shock + offset, ..hit }));
    }
}
