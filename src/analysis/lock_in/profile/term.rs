//! How long a pair is bound, and how strictly.

use super::Reading;
use super::field::Field;
use crate::answer::Unit;
use crate::model::{Detail, Exclusivity, Interval, RelationId, years_between};
use crate::network::Origin;

impl Reading<'_, '_> {
    pub fn tenor(&self) -> Field {
        let (graph, day) = (self.view.graph, self.view.scope.as_of);
        let (mut weight, mut low, mut high) = (0.0, 0.0, 0.0);
        let mut unknown = self.unpriced();
        for id in self.counted(&self.pair.commits) {
            let relation = graph.relation(id);
            let Detail::Commits { spend: Some(spend), term, starts, .. } = &relation.detail else { continue };
            let Some(size) = graph.usd_point(spend, day) else { continue };
            let begun = starts.or(relation.since).map_or(0.0, |date| years_between(date.first(), day));
            let (shortest, longest, supposed) = self.params.supposed().years(term);
            if supposed {
                unknown.push(format!("term of {}", relation.key));
            }
            weight += size;
            low += size * (shortest - begun).max(0.0);
            high += size * (longest - begun).max(0.0);
        }
        let range = (weight > 0.0).then(|| Interval { low: low / weight, high: Some(high / weight) });
        let mut basis = "remaining years, weighted by size".to_string();
        if unknown.iter().any(|what| what.starts_with("term of")) {
            let (shortest, longest) = (self.params.shortest_term, self.params.longest_term);
            basis.push_str(&format!("; unknown terms are taken as {shortest} to {longest} years"));
        }
        Field::new("tenor", Unit::Years, range, basis)
            .above(self.params.tenor_threshold)
            .unknown(unknown)
            .rests_on(self.commitments())
    }

    pub fn tenure(&self) -> Field {
        let graph = self.view.graph;
        let all = self.pair.commits.iter().chain(&self.pair.invests);
        let dated = all.filter_map(|id| Some((graph.relation(*id).since?.first(), *id)));
        let first = dated.min();
        let range = first.map(|(first, _)| years_between(first, self.view.scope.as_of).max(0.0));
        let basis = "since the first dated tie of the pair";
        Field::new("tenure so far", Unit::Years, range.map(Interval::exact), basis)
            .unknown(first.is_none().then(|| "dates of the ties".to_string()))
            .rests_on(first.map(|(_, id)| Origin::Relation(id)))
    }

    pub fn exclusivity(&self) -> Field {
        let graph = self.view.graph;
        let stated = |detail: &Detail| match detail {
            Detail::Commits { exclusivity, .. } | Detail::Supplies { exclusivity, .. } => *exclusivity,
            _ => None,
        };
        let customer = self.pair.customer;
        let of_pair = |id: &RelationId| {
            let relation = graph.relation(*id);
            let other = if relation.from == customer { relation.to } else { Some(relation.from) };
            self.view.scope.counts(relation) && other.is_some_and(|other| self.in_group(other))
        };
        let ties = graph.relations_from(customer).into_iter().chain(graph.relations_to(customer));
        let best = ties
            .filter(of_pair)
            .filter_map(|id| Some((stated(&graph.relation(id).detail)?, std::cmp::Reverse(id))))
            .max();
        let Some((level, std::cmp::Reverse(id))) = best else {
            return Field::new("exclusivity", Unit::Number, None, "0 non-exclusive to 3 exclusive")
                .above(0.0)
                .unknown(["whether the customer may use others".to_string()]);
        };
        let (rank, word) = match level {
            Exclusivity::NonExclusive => (0.0, "non-exclusive"),
            Exclusivity::Preferred => (1.0, "preferred"),
            Exclusivity::Primary => (2.0, "primary"),
            Exclusivity::Exclusive => (3.0, "exclusive"),
        };
        let until = graph.relation(id).until;
        let mut basis = "0 non-exclusive, 1 preferred, 2 primary, 3 exclusive".to_string();
        basis.push_str(&until.map(|until| format!("; until {until}")).unwrap_or_default());
        let mut field = Field::new("exclusivity", Unit::Number, Some(Interval::exact(rank)), basis)
            .above(0.0)
            .unknown(until.is_none().then(|| "until when".to_string()))
            .rests_on([Origin::Relation(id)]);
        field.reading = word.to_string();
        field
    }
}
