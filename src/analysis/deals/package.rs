//! Which commitments and investments belong together.

use std::collections::{BTreeMap, BTreeSet};

use super::View;
use crate::analysis::totals::{Supposed, Totals};
use crate::graph::Graph;
use crate::model::{Date, EntityId, PartialDate, RelationId, RelationType};
use crate::scope::Scope;

/// How the records of a package were put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Link {
    /// The dataset says that they were agreed together.
    Together,
    /// They are between the same two groups, and nothing says that they were agreed together.
    Pair,
}

/// What one customer promised, and what was put into it for that.
#[derive(Clone, Debug)]
pub(super) struct Package {
    pub name: String,
    pub link: Link,
    /// Who commits, or is invested in where nobody commits: the head of its group.
    pub customer: EntityId,
    /// Who is promised spending: the entities that the records name.
    pub providers: BTreeSet<EntityId>,
    /// Who puts money into the customer.
    pub investors: BTreeSet<EntityId>,
    pub commits: Vec<RelationId>,
    pub invests: Vec<RelationId>,
    /// Investments of the customer in a provider: money that goes the same way as the promise.
    pub stakes: Vec<RelationId>,
}

/// The commitments and investments that are valid on one of the days, whatever their status.
pub(super) struct Records<'v, 'g> {
    view: &'v View<'g>,
    ids: Vec<RelationId>,
}

/// The two ends of a record, as heads of their groups.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Ends {
    from: EntityId,
    to: EntityId,
}

impl<'v, 'g> Records<'v, 'g> {
    /// Collects them. `wanted` says which groups matter, by the heads of the two ends.
    pub fn collect(
        view: &'v View<'g>,
        days: &[&Scope],
        wanted: impl Fn(EntityId, EntityId) -> bool,
    ) -> Records<'v, 'g> {
        let mut records = Self { view, ids: Vec::new() };
        records.ids = view
            .graph
            .relation_ids()
            .filter(|id| {
                let relation = view.graph.relation(*id);
                matches!(relation.relation_type(), RelationType::Commits | RelationType::Invests)
                    && days.iter().any(|day| day.is_valid(relation))
            })
            .filter(|id| {
                records.ends(*id).is_some_and(|ends| ends.from != ends.to && wanted(ends.from, ends.to))
            })
            .collect();
        records
    }

    pub fn ids(&self) -> &[RelationId] {
        &self.ids
    }

    fn ends(&self, id: RelationId) -> Option<Ends> {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let relation = graph.relation(id);
        let to = graph.ultimate_owner(relation.to?, scope);
        Some(Ends { from: graph.ultimate_owner(relation.from, scope), to })
    }

    fn commits(&self, id: RelationId) -> bool {
        self.view.graph.relation(id).relation_type() == RelationType::Commits
    }

    /// What was agreed together, and by pair what belongs to no such deal. A deal that shows only one side of the
    /// exchange joins what its pair did outside deals, so that a promise meets the money that went before it.
    pub fn packages(&self) -> Vec<Package> {
        let mut deals: BTreeMap<&str, Vec<RelationId>> = BTreeMap::new();
        let mut loose = Vec::new();
        for id in &self.ids {
            match self.deal(*id) {
                Some(deal) => deals.entry(deal).or_default().push(*id),
                None => loose.push(*id),
            }
        }
        let whole = |ids: &[RelationId]| {
            let any = |commits: bool| ids.iter().any(|id| self.commits(*id) == commits);
            any(true) && any(false)
        };
        let one_sided = deals.values().filter(|ids| !whole(ids)).flatten();
        let open: Vec<RelationId> = loose.iter().chain(one_sided).copied().collect();
        let mut packages = Vec::new();
        for (deal, ids) in deals {
            if !whole(&ids) && self.meets(&ids, &open) {
                loose.extend(ids);
            } else {
                packages.extend(self.by_customer(deal, Link::Together, &ids));
            }
        }
        loose.sort_unstable();
        packages.extend(self.by_pair(&loose));
        packages
    }

    /// The deal of a record: its own, or that of the total that it is a tranche of.
    fn deal(&self, id: RelationId) -> Option<&'g str> {
        let graph = self.view.graph;
        let mut at = graph.relation(id);
        for _ in 0..=self.ids.len() {
            if let Some(deal) = &at.deal {
                return Some(deal);
            }
            at = graph.relation(at.part_of?);
        }
        None
    }

    /// Whether a pair of these records has the other side of the exchange among those.
    fn meets(&self, these: &[RelationId], those: &[RelationId]) -> bool {
        these.iter().any(|id| {
            those.iter().any(|other| {
                let (Some(a), Some(b)) = (self.ends(*id), self.ends(*other)) else { return false };
                self.commits(*id) != self.commits(*other) && a.from == b.to && a.to == b.from
            })
        })
    }

    /// All that two groups promised and put into each other.
    pub fn pairs(&self) -> Vec<Package> {
        self.by_pair(&self.ids)
    }

    fn by_pair(&self, ids: &[RelationId]) -> Vec<Package> {
        let mut pairs: BTreeMap<Ends, Vec<RelationId>> = BTreeMap::new();
        for id in ids {
            let Some(Ends { from, to }) = self.ends(*id) else { continue };
            pairs.entry(Ends { from: from.min(to), to: from.max(to) }).or_default().push(*id);
        }
        let key = |id: EntityId| self.view.graph.entity(id).key.as_str();
        let named = |(ends, ids): (Ends, Vec<RelationId>)| {
            self.by_customer(&format!("{} and {}", key(ends.from), key(ends.to)), Link::Pair, &ids)
        };
        pairs.into_iter().flat_map(named).collect()
    }

    /// One package for each group that commits, or that is invested in where nobody commits.
    fn by_customer(&self, name: &str, link: Link, ids: &[RelationId]) -> Vec<Package> {
        let commits = |id: &&RelationId| self.commits(**id);
        let mut customers: BTreeSet<EntityId> =
            ids.iter().filter(commits).filter_map(|id| Some(self.ends(*id)?.from)).collect();
        if customers.is_empty() {
            customers = ids.iter().filter_map(|id| Some(self.ends(*id)?.to)).collect();
        }
        let many = customers.len() > 1;
        let one = |customer: EntityId| {
            let key = &self.view.graph.entity(customer).key;
            let mut package = Package {
                name: if many { format!("{name} ({key})") } else { name.to_string() },
                link,
                customer,
                providers: BTreeSet::new(),
                investors: BTreeSet::new(),
                commits: Vec::new(),
                invests: Vec::new(),
                stakes: Vec::new(),
            };
            ids.iter().for_each(|id| self.add(&mut package, *id));
            package
        };
        customers.into_iter().map(one).collect()
    }

    fn add(&self, package: &mut Package, id: RelationId) {
        let relation = self.view.graph.relation(id);
        let (Some(ends), Some(to)) = (self.ends(id), relation.to) else { return };
        match (self.commits(id), ends.from == package.customer, ends.to == package.customer) {
            (true, true, _) => {
                package.providers.insert(to);
                package.commits.push(id);
            }
            (false, _, true) => {
                package.investors.insert(relation.from);
                package.invests.push(id);
            }
            (false, true, _) => package.stakes.push(id),
            _ => {}
        }
    }
}

impl Package {
    /// Sums over the records that count in a scope, at rates of the day.
    pub fn totals(&self, graph: &Graph, scope: &Scope, day: Date, supposed: Supposed) -> Totals {
        let ids = self.commits.iter().chain(&self.invests).copied();
        Totals::of(graph, day, supposed, ids.filter(|id| self.counts(graph, scope, *id)))
    }

    /// What the customer put into the providers.
    pub fn staked(&self, graph: &Graph, scope: &Scope, day: Date, supposed: Supposed) -> Totals {
        let ids = self.stakes.iter().copied();
        Totals::of(graph, day, supposed, ids.filter(|id| self.counts(graph, scope, *id)))
    }

    /// Whether a record is added up: it counts in the scope, and no total that it is a tranche of does.
    pub fn counts(&self, graph: &Graph, scope: &Scope, id: RelationId) -> bool {
        let relation = graph.relation(id);
        let all = || self.commits.iter().chain(&self.invests).chain(&self.stakes);
        let mut total = relation.part_of;
        // a chain of totals is no longer than there are records
        for _ in 0..all().count() {
            let Some(at) = total else { break };
            if all().any(|own| *own == at) && scope.counts(graph.relation(at)) {
                return false;
            }
            total = graph.relation(at).part_of;
        }
        scope.counts(relation)
    }

    /// All records of the package.
    pub fn ids(&self) -> impl Iterator<Item = RelationId> {
        self.commits.iter().chain(&self.invests).chain(&self.stakes).copied()
    }

    /// The date of the earliest of these records that counts in a scope, as precise as it is stated.
    pub fn since(&self, graph: &Graph, scope: &Scope, ids: &[RelationId]) -> Option<PartialDate> {
        let counted = ids.iter().filter(|id| self.counts(graph, scope, **id));
        counted.filter_map(|id| graph.relation(*id).since).min_by_key(|date| (date.first(), date.end()))
    }
}
