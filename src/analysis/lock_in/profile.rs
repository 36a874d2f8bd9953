//! The lock-in profile of one pair: named barriers, each with its range, its threshold, what it rests on and what is
//! not known. There is no accepted single score, so none is given.

mod backlog;
mod capital;
mod dependence;
mod exit;
mod field;
mod market;
mod table;
mod term;

use super::pair::{Pair, controls};
use super::{LockIn, View};
use crate::analysis::totals::{STATUSES, Totals, money};
use crate::model::{
    AttributeId, AttributeKind, AttributeSubject, EntityId, Interval, ProductId, RelationId, Status,
};
use crate::network::{Network, Origin};
use crate::scope::Scope;
use field::{Field, Standing};

pub(super) use table::plane;

/// What the profile of a pair consists of.
pub(super) struct Profile {
    fields: Vec<Field>,
}

/// What the fields are worked out from.
struct Reading<'a, 'g> {
    view: &'a View<'g>,
    network: &'a Network,
    pair: &'a Pair,
    params: &'a LockIn,
    totals: Totals,
    /// The same on the numbers as printed.
    printed: Totals,
    /// The same at each status alone, whether or not the scope counts it.
    by_status: Vec<(Status, Totals)>,
}

/// A money figure of an entity.
#[derive(Clone, Copy)]
struct Figure {
    range: Interval,
    /// The number that its source prints.
    printed: f64,
    id: AttributeId,
    of: EntityId,
}

impl Figure {
    fn origin(self) -> Origin {
        Origin::Attribute(self.id)
    }
}

/// A measure of a pair's sums.
struct Derived {
    range: Option<Interval>,
    printed: Option<f64>,
    by_status: Vec<(Status, Interval)>,
}

impl Profile {
    pub fn of(params: &LockIn, view: &View<'_>, network: &Network, pair: &Pair) -> Self {
        let supposed = params.supposed();
        let at = |status: Status| {
            let scope = Scope { status: vec![status], ..view.scope.clone() };
            (status, pair.totals(view, &scope, supposed, None))
        };
        let reading = Reading {
            view,
            network,
            pair,
            params,
            totals: pair.totals(view, &view.scope, supposed, None),
            printed: pair.printed(view),
            by_status: STATUSES.into_iter().map(at).collect(),
        };
        let mut fields = vec![reading.spend_share(), reading.committed_share()];
        fields.extend(reading.capital());
        fields.extend([reading.tenor(), reading.tenure(), reading.exclusivity(), reading.proprietary()]);
        fields.extend([reading.exit_cost(), reading.exit_time()]);
        fields.extend(reading.alternatives());
        fields.extend([reading.customer_revenue(), reading.backlog(), reading.backlog_concentration()]);
        let back = reading.provider_dependence();
        fields.extend(dependence::mutual(&fields[0], &back));
        fields.push(back);
        Self { fields }
    }

    /// The records that the fields rest on.
    pub fn records(&self) -> impl Iterator<Item = Origin> {
        self.fields.iter().flat_map(|field| field.records.iter().copied())
    }

    /// Barriers over their thresholds, below them, undetermined, unknown.
    fn tally(&self) -> [usize; 4] {
        let count = |standing| self.fields.iter().filter(|field| field.standing() == Some(standing)).count();
        [Standing::Above, Standing::Below, Standing::Undetermined, Standing::Unknown].map(count)
    }

    /// Dependence of the customer on the provider, and of the provider on the customer.
    fn dependence(&self) -> [Option<Interval>; 2] {
        [dependence::SPEND_SHARE, dependence::PROVIDER]
            .map(|name| self.fields.iter().find(|field| field.name == name)?.range)
    }
}

impl Reading<'_, '_> {
    /// A measure of the pair's sums and, where it needs one, of a figure: over the whole range, as printed, and at each
    /// status alone.
    fn derived(
        &self,
        figure: Option<Figure>,
        measure: impl Fn(&Totals, Option<Interval>) -> Option<Interval>,
    ) -> Derived {
        let range = figure.map(|figure| figure.range);
        let split = self.by_status.iter().filter_map(|(status, sums)| Some((*status, measure(sums, range)?)));
        let printed = measure(&self.printed, figure.map(|figure| Interval::exact(figure.printed)));
        Derived {
            range: measure(&self.totals, range),
            printed: printed.filter(|value| value.high == Some(value.low)).map(|value| value.low),
            by_status: split.collect(),
        }
    }

    /// Whether a record of the pair is added up.
    fn counts(&self, id: RelationId) -> bool {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let relation = graph.relation(id);
        scope.counts(relation) && !graph.is_inside_total_of_pair(relation, scope)
    }

    fn counted<'s>(&'s self, ids: &'s [RelationId]) -> impl Iterator<Item = RelationId> + 's {
        ids.iter().copied().filter(|id| self.counts(*id))
    }

    fn commitments(&self) -> Vec<Origin> {
        self.counted(&self.pair.commits).map(Origin::Relation).collect()
    }

    fn investments(&self) -> Vec<Origin> {
        self.counted(&self.pair.invests).map(Origin::Relation).collect()
    }

    /// Counted commitments that state no money, in words.
    fn unpriced(&self) -> Vec<String> {
        let silent = |id: &RelationId| money(self.view.graph, self.view.scope.as_of, *id).is_none();
        let name = |id: RelationId| format!("money of {}", self.view.graph.relation(id).key);
        self.counted(&self.pair.commits).filter(silent).map(name).collect()
    }

    /// A yearly or total money figure of an entity, in dollars.
    fn figure(&self, of: EntityId, kind: &AttributeKind, yearly: bool) -> Option<Figure> {
        let (graph, day) = (self.view.graph, self.view.scope.as_of);
        let (id, attribute) = graph.latest_attribute(AttributeSubject::Entity(of), kind, None, day)?;
        let value = attribute.value.as_ref()?;
        let (range, printed) = (graph.usd(value, day)?, graph.usd_point(value, day)?);
        let years = if yearly { attribute.per_years? } else { 1.0 };
        let range = Interval { low: range.low / years, high: range.high.map(|high| high / years) };
        Some(Figure { range, printed: printed / years, id, of })
    }

    /// The same of the provider or of the nearest owner that states it.
    fn figure_of_provider(&self, kind: &AttributeKind, yearly: bool) -> Option<Figure> {
        let mut at = self.pair.provider;
        for _ in 0..=self.view.graph.len() {
            if let Some(figure) = self.figure(at, kind, yearly) {
                return Some(figure);
            }
            at = self.view.graph.controlling_owner(at, &self.view.scope)?;
        }
        None
    }

    /// Products that the pair's commitments are about.
    fn products(&self) -> Vec<ProductId> {
        let graph = self.view.graph;
        let mut all: Vec<ProductId> =
            self.pair.commits.iter().filter_map(|id| graph.relation(*id).product()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Whether an entity is the provider or controlled by it.
    fn in_group(&self, entity: EntityId) -> bool {
        controls(self.view.graph, &self.view.scope, self.pair.provider, entity)
    }
}

/// A range over another: least over most to most over least. `None` where the lower end of the second is nothing.
fn quotient(above: Interval, below: Interval) -> Option<Interval> {
    (below.low > 0.0).then(|| Interval {
        low: below.high.map_or(0.0, |high| above.low / high),
        high: above.high.map(|high| high / below.low),
    })
}
