//! Who loses what when somebody fails: equity, loans and contracted sales between the accounts of a graph.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::View;
use crate::model::{
    AttributeId, AttributeKind, AttributeSubject, Detail, EntityId, Figure, LinkKind, Measure, Relation,
    RelationId, Status, Term, years_between,
};
use crate::order::Arrange;

/// What stands in for the equity of an entity of which neither equity nor valuation is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum StandIn {
    /// One year's revenue.
    Revenue,
}

/// What a loss is a loss of. Sums over unlike layers are only formed to compare them with equity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Layer {
    /// Shares, and what turns into shares.
    Equity,
    /// Loans, bonds, leases, guarantees; exposures of a bulk table.
    Debt,
    /// Sales under contract that are still to come.
    Backlog,
}

impl Layer {
    pub fn describe(self) -> &'static str {
        match self {
            Self::Equity => "equity",
            Self::Debt => "debt",
            Self::Backlog => "backlog",
        }
    }
}

/// What one entity loses if another fails.
#[derive(Clone, Debug)]
pub(super) struct Stake {
    /// On whose account the loss comes.
    pub lender: EntityId,
    /// The business that is party to it; often the lender itself.
    pub party: EntityId,
    pub borrower: EntityId,
    pub layer: Layer,
    /// Dollars (the unit of a bulk table, where it comes from one), before the haircut.
    pub amount: f64,
    /// Part of it that counts, 0 to 1, by the status of the deal.
    pub haircut: f64,
    pub status: Option<Status>,
    /// The record; `None` for a row of a bulk table.
    pub relation: Option<RelationId>,
}

impl Stake {
    /// A row of a bulk table.
    pub fn of_table(lender: EntityId, borrower: EntityId, party: EntityId, amount: f64) -> Self {
        let (layer, haircut) = (Layer::Debt, 1.0);
        Self { lender, party, borrower, layer, amount, haircut, status: None, relation: None }
    }
}

/// How an equity is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Basis {
    Table,
    Equity,
    Valuation,
    Revenue,
}

impl Basis {
    pub fn describe(self) -> &'static str {
        match self {
            Self::Table => "equity of a table",
            Self::Equity => "book equity",
            Self::Valuation => "valuation",
            Self::Revenue => "one year's revenue (assumed)",
        }
    }
}

/// Equity of one entity.
#[derive(Clone, Copy, Debug)]
pub(super) struct Capital {
    pub amount: f64,
    pub basis: Basis,
    pub attribute: Option<AttributeId>,
}

/// Everything that a failure can cost, and what there is to bear it.
#[derive(Clone, Debug, Default)]
pub(super) struct Stakes {
    pub all: Vec<Stake>,
    /// By entity; `None` where nobody states any.
    pub capital: Vec<Option<Capital>>,
    /// On whose account an entity stands: its own, or that of the owner who controls it in the end.
    pub account: Vec<EntityId>,
    /// Deals whose size nobody states.
    pub unpriced: usize,
    /// Amounts that are "more than", "up to" or a range, taken at the number said.
    pub rough: usize,
    /// Stakes valued by the owned firm's value instead of the money put in.
    pub marked: usize,
}

/// Part of a deal that counts as exposure, by how firm it is: an assumption for what is not signed.
pub(super) fn haircut(status: Option<Status>) -> f64 {
    match status {
        Some(Status::Delivered | Status::Funded | Status::Signed) => 1.0,
        Some(Status::Announced) => 0.5,
        Some(Status::Intent) => 0.25,
        Some(Status::Lapsed) => 0.0,
        None => 1.0,
    }
}

impl Stakes {
    /// Collects what counts in the scope. Sales under contract are those of the rest of the term.
    pub fn collect(view: &View<'_>, stand_in: Option<StandIn>) -> Self {
        let graph = view.graph;
        let account: Vec<EntityId> =
            graph.entity_ids().map(|id| graph.ultimate_owner(id, &view.scope)).collect();
        let capital = graph.entity_ids().map(|id| capital(view, id, stand_in)).collect();
        let mut stakes = Self { account, capital, ..Self::default() };
        for link in graph.facts().links.iter().filter(|link| link.kind == LinkKind::Exposure) {
            let lender = stakes.account_of(link.from);
            stakes.all.push(Stake::of_table(lender, link.to, link.from, link.weight));
        }
        for id in graph.relation_ids() {
            let relation = graph.relation(id);
            if view.scope.counts(relation) && !graph.is_inside_total_of_pair(relation, &view.scope) {
                stakes.add(view, id, relation);
            }
        }
        stakes.mark(view);
        stakes
    }

    pub fn account_of(&self, id: EntityId) -> EntityId {
        self.account.get(id.index()).copied().unwrap_or(id)
    }

    fn add(&mut self, view: &View<'_>, id: RelationId, relation: &Relation) {
        let Some(to) = relation.to else { return };
        let (party, borrower, layer, measure, part) = match &relation.detail {
            Detail::Invests { amount, .. } => (relation.from, to, Layer::Equity, amount, 1.0),
            Detail::Finances { amount, .. } => (relation.from, to, Layer::Debt, amount, 1.0),
            Detail::Commits { spend, .. } => {
                (to, relation.from, Layer::Backlog, spend, to_come(view, relation))
            }
            _ => return,
        };
        if self.account_of(party) == self.account_of(borrower) {
            return;
        }
        let dollars = |measure: &Measure| view.graph.usd_point(measure, view.scope.as_of);
        let Some(amount) = measure.as_ref().and_then(dollars).filter(|amount| *amount > 0.0) else {
            self.unpriced += 1;
            return;
        };
        let exact = measure.as_ref().is_some_and(|m| m.interval().high == Some(m.interval().low));
        self.rough += usize::from(!exact);
        let status = view.scope.status_of(relation);
        self.all.push(Stake {
            lender: self.account_of(party),
            party,
            borrower,
            layer,
            amount: amount * part,
            haircut: haircut(status),
            status,
            relation: Some(id),
        });
    }

    /// Values stated shares in firms whose value is known by that value, in place of the money put in.
    fn mark(&mut self, view: &View<'_>) {
        let mut marked: BTreeMap<(EntityId, EntityId), Stake> = BTreeMap::new();
        for id in view.graph.relation_ids() {
            let relation = view.graph.relation(id);
            let (Detail::Owns { share: Some(share), .. }, Some(to)) = (&relation.detail, relation.to) else {
                continue;
            };
            let (lender, value) =
                (self.account_of(relation.from), self.capital.get(to.index()).copied().flatten());
            let value = value.filter(|value| value.basis != Basis::Revenue);
            let (Some(share), Some(value)) = (share.point(), value) else { continue };
            if !view.scope.counts(relation) || lender == self.account_of(to) {
                continue;
            }
            let status = view.scope.status_of(relation);
            let stake = Stake {
                lender,
                party: relation.from,
                borrower: to,
                layer: Layer::Equity,
                amount: share * value.amount,
                haircut: 1.0,
                status,
                relation: Some(id),
            };
            marked.insert((lender, to), stake);
        }
        self.marked = marked.len();
        self.all.retain(|stake| {
            stake.layer != Layer::Equity || !marked.contains_key(&(stake.lender, stake.borrower))
        });
        self.all.extend(marked.into_values());
        self.all.arrange_by_key(|stake| (stake.borrower, stake.lender, stake.layer, stake.relation));
    }
}

/// Part of a commitment's term that is still to come; all of it where no term or no beginning is known.
fn to_come(view: &View<'_>, relation: &Relation) -> f64 {
    let Detail::Commits { term, starts, .. } = &relation.detail else { return 1.0 };
    let years = match *term {
        Term::Years(years) => years,
        Term::Between(low, high) => 0.5 * (low + high),
        Term::Open | Term::Unknown => return 1.0,
    };
    let Some(begun) = starts.or(relation.since) else { return 1.0 };
    let gone = years_between(begun.first(), view.scope.as_of).max(0.0);
    if years > 0.0 { (1.0 - gone / years).clamp(0.0, 1.0) } else { 1.0 }
}

/// The number of an entity in a column of a bulk table.
fn column(view: &View<'_>, id: EntityId, figure: Figure) -> Option<f64> {
    view.graph.facts().columns.figure(figure)?.get(id.index()).copied().flatten()
}

/// Equity of an entity in a bulk table, above 0.
fn equity(view: &View<'_>, id: EntityId) -> Option<f64> {
    column(view, id, Figure::Equity).filter(|equity| *equity > 0.0)
}

/// What an entity says it sells in a year, in dollars, above 0.
pub(super) fn revenue(view: &View<'_>, id: EntityId) -> Option<f64> {
    let of = AttributeSubject::Entity(id);
    let (_, record) = view.graph.latest_attribute(of, &AttributeKind::Revenue, None, view.scope.as_of)?;
    let usd = view.graph.usd_point(record.value.as_ref()?, view.scope.as_of)?;
    Some(usd / record.per_years?).filter(|revenue| *revenue > 0.0)
}

/// Weight of an entity in sums over all: of a bulk table, else its equity; 0 where neither is known.
pub(super) fn weight(view: &View<'_>, id: EntityId, capital: Option<Capital>) -> f64 {
    column(view, id, Figure::Weight).or(capital.map(|capital| capital.amount)).unwrap_or(0.0)
}

/// Equity of an entity: of a table, stated, its valuation, or what stands in for it.
fn capital(view: &View<'_>, id: EntityId, stand_in: Option<StandIn>) -> Option<Capital> {
    if let Some(amount) = equity(view, id) {
        return Some(Capital { amount, basis: Basis::Table, attribute: None });
    }
    let stated = |kind: &AttributeKind, basis: Basis| {
        let of = AttributeSubject::Entity(id);
        let (attribute, record) = view.graph.latest_attribute(of, kind, None, view.scope.as_of)?;
        let usd = view.graph.usd_point(record.value.as_ref()?, view.scope.as_of)?;
        let amount = match basis {
            Basis::Revenue => usd / record.per_years?,
            _ => usd,
        };
        (amount > 0.0).then_some(Capital { amount, basis, attribute: Some(attribute) })
    };
    stated(&AttributeKind::Equity, Basis::Equity)
        .or_else(|| stated(&AttributeKind::Valuation, Basis::Valuation))
        .or_else(|| stand_in.and_then(|StandIn::Revenue| stated(&AttributeKind::Revenue, Basis::Revenue)))
}
