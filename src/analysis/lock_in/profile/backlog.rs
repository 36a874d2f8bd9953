//! How much of the provider's order book is the customer.

use super::field::Field;
use super::{Figure, Reading};
use crate::answer::Unit;
use crate::model::{AttributeKind, EntityId, Interval, RelationType};
use crate::network::Origin;

impl Reading<'_, '_> {
    pub fn backlog(&self) -> Field {
        let name = "provider's backlog from the customer";
        let backlog = self.figure_of_provider(&AttributeKind::Backlog, false);
        let backlog = backlog.filter(|figure| figure.range.low > 0.0);
        let derived = self.derived(backlog, |totals, backlog| {
            let (committed, backlog) = (totals.committed?, backlog?);
            let least = backlog.high.map_or(0.0, |high| committed.low / (high + committed.low));
            let most = committed.high.map_or(1.0, |high| (high / backlog.low).min(1.0));
            Some(Interval { low: least, high: Some(most) })
        });
        let basis = match backlog {
            Some(figure) => {
                let name = &self.view.graph.entity(figure.of).name;
                format!("commitment over the backlog of {name}, whether or not that includes it yet")
            }
            None => "commitment over the provider's backlog".to_string(),
        };
        Field::derived(name, Unit::Share, derived, basis)
            .unknown(backlog.is_none().then(|| "the provider's backlog".to_string()))
            .unknown(self.unpriced())
            .rests_on(self.commitments().into_iter().chain(backlog.map(Figure::origin)))
    }

    /// HHI of the provider's commitments by customer; what is not known of the backlog may be anybody's.
    pub fn backlog_concentration(&self) -> Field {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let mut by_customer: Vec<(EntityId, f64)> = Vec::new();
        let mut records = Vec::new();
        for (id, relation) in graph.in_scope(scope, RelationType::Commits) {
            let here = relation.to.is_some_and(|to| self.in_group(to));
            if !here || graph.is_inside_total_of_pair(relation, scope) {
                continue;
            }
            let crate::model::Detail::Commits { spend: Some(spend), .. } = &relation.detail else { continue };
            if let Some(size) = graph.usd_point(spend, scope.as_of) {
                match by_customer.iter_mut().find(|(customer, _)| *customer == relation.from) {
                    Some((_, sum)) => *sum += size,
                    None => by_customer.push((relation.from, size)),
                }
                records.push(Origin::Relation(id));
            }
        }
        let known: f64 = by_customer.iter().map(|(_, size)| size).sum();
        let backlog = self.figure_of_provider(&AttributeKind::Backlog, false);
        let stated = backlog.map_or(0.0, |figure| figure.range.high.unwrap_or(figure.range.low));
        let total = stated.max(known);
        let squares: f64 = by_customer.iter().map(|(_, size)| (size / total).powi(2)).sum();
        let rest = if total > 0.0 { 1.0 - known / total } else { 0.0 };
        let range =
            (known > 0.0).then(|| Interval { low: squares, high: Some((squares + rest * rest).min(1.0)) });
        let basis = format!(
            "HHI (0 to 1) over {} customers with known commitments; the rest as many or as one",
            by_customer.len()
        );
        let silent =
            backlog.is_none().then(|| "the provider's backlog, and so whose the rest is".to_string());
        let rest =
            (backlog.is_some() && rest > 0.005).then(|| "whose the rest of the backlog is".to_string());
        Field::new("provider's backlog concentration", Unit::Number, range, basis)
            .unknown(silent.into_iter().chain(rest))
            .rests_on(records.into_iter().chain(backlog.map(Figure::origin)))
    }
}
