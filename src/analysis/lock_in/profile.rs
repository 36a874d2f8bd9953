//! The lock-in profile of one pair: named barriers, each with its range, its threshold and what it rests on.
//! There is no accepted single score, so none is given.

use super::pair::{Pair, controls};
use super::{LockIn, View};
use crate::analysis::totals::Totals;
use crate::answer::{Cell, Column, FindingBuilder, Table, Unit, format_unit};
use crate::model::{
    AttributeId, AttributeKind, AttributeSubject, Date, Detail, EntityId, Exclusivity, Interval, ProductId,
    RelationId, Term, years_between,
};
use crate::network::{Network, market_of};

/// One line of the profile.
pub(super) struct Field {
    name: &'static str,
    reading: String,
    range: Option<Interval>,
    unit: Unit,
    /// The value from which it counts as a barrier, and whether it lies above or below.
    threshold: Option<(f64, Side)>,
    /// What it is worked out from, or what is missing.
    basis: String,
}

/// On which side of its threshold a value is a barrier.
#[derive(Clone, Copy, PartialEq)]
enum Side {
    Above,
    Below,
}

/// Whether a barrier stands.
#[derive(Clone, Copy, PartialEq)]
enum Standing {
    Above,
    Below,
    Undetermined,
    Unknown,
}

impl Field {
    fn standing(&self) -> Option<Standing> {
        let (threshold, side) = self.threshold?;
        let Some(range) = self.range else { return Some(Standing::Unknown) };
        let high = range.high.unwrap_or(f64::INFINITY);
        let (sure, never) = match side {
            Side::Above => (range.low > threshold, high <= threshold),
            Side::Below => (high < threshold, range.low >= threshold),
        };
        Some(match (sure, never) {
            (true, _) => Standing::Above,
            (_, true) => Standing::Below,
            _ => Standing::Undetermined,
        })
    }
}

/// What the profile of a pair consists of.
pub(super) struct Profile {
    pub fields: Vec<Field>,
    pub relations: Vec<RelationId>,
    pub attributes: Vec<AttributeId>,
}

/// Share of a market from which another vendor counts as an alternative.
const ABLE: f64 = 0.05;
/// The day on which European providers may no longer charge for switching: Regulation (EU) 2023/2854, Article 29.
const EU_SWITCHING_FREE: Date = Date::constant(2027, 1, 12);

impl Profile {
    pub fn of(params: &LockIn, view: &View<'_>, network: &Network, pair: &Pair, totals: &Totals) -> Self {
        let mut build = Build {
            view,
            pair,
            totals,
            params,
            profile: Self { fields: Vec::new(), relations: Vec::new(), attributes: Vec::new() },
        };
        build.spend_share(network);
        build.committed_share();
        build.leverage();
        build.recycling();
        build.net_position();
        build.tenor();
        build.tenure();
        build.exclusivity();
        build.proprietary(network);
        build.exit();
        build.alternatives();
        build.backlog();
        build.customer_revenue();
        build.mutual();
        build.profile
    }

    /// Barriers over their thresholds, below them, undetermined, unknown.
    pub fn tally(&self) -> (usize, usize, usize, usize) {
        let count = |standing| self.fields.iter().filter(|field| field.standing() == Some(standing)).count();
        (
            count(Standing::Above),
            count(Standing::Below),
            count(Standing::Undetermined),
            count(Standing::Unknown),
        )
    }

    /// Least dependence of the customer on the provider, and of the provider on the customer.
    pub fn dependence(&self) -> (Option<f64>, Option<f64>) {
        let low =
            |name: &str| self.fields.iter().find(|field| field.name == name)?.range.map(|range| range.low);
        (low("spend share"), low("provider's dependence on the customer"))
    }

    pub fn table(&self) -> Table {
        let columns = vec![
            Column::new("field", Unit::Text, "Which barrier or measure"),
            Column::new("reading", Unit::Text, "The value in words"),
            Column::new("low", Unit::Number, "Least value, in the unit of the field; empty where unknown"),
            Column::new("high", Unit::Number, "Most value; empty where nothing bounds it"),
            Column::new("unit", Unit::Text, "Unit of low and high"),
            Column::new(
                "threshold",
                Unit::Number,
                "Value from which it counts as a barrier; empty where it is none",
            ),
            Column::new(
                "standing",
                Unit::Text,
                "barrier, below, undetermined or unknown; empty where there is no threshold",
            ),
            Column::new("basis", Unit::Text, "What it is worked out from, or what is missing"),
        ];
        let mut table = Table::new("profile", "Lock-in profile", columns);
        for field in &self.fields {
            let standing = match field.standing() {
                None => "",
                Some(Standing::Above) => "barrier",
                Some(Standing::Below) => "below",
                Some(Standing::Undetermined) => "undetermined",
                Some(Standing::Unknown) => "unknown",
            };
            let unit = match field.unit {
                Unit::Share => "share",
                Unit::Usd => "USD",
                Unit::Ratio => "ratio",
                Unit::Years => "years",
                Unit::Months => "months of spend",
                Unit::Count => "count",
                _ => "",
            };
            table.rows.push(vec![
                Cell::text(field.name),
                Cell::text(&field.reading),
                Cell::number(field.range.map(|range| range.low)),
                Cell::number(field.range.and_then(|range| range.high)),
                Cell::text(unit),
                Cell::number(field.threshold.map(|(threshold, _)| threshold)),
                Cell::text(standing),
                Cell::text(&field.basis),
            ]);
        }
        table
    }

    /// The roll-up: how many barriers stand, and which nobody knows.
    pub fn finding(&self, customer: &str, provider: &str) -> crate::answer::Finding {
        let (above, below, undetermined, unknown) = self.tally();
        let named = |standing| {
            let names =
                self.fields.iter().filter(|field| field.standing() == Some(standing)).map(|field| field.name);
            names.collect::<Vec<_>>().join(", ")
        };
        let all = above + below + undetermined + unknown;
        let mut text = format!(
            "Of {all} barriers between {customer} and {provider}, {above} stand above their thresholds"
        );
        if above > 0 {
            text.push_str(&format!(" ({})", named(Standing::Above)));
        }
        text.push_str(&format!(", {below} below"));
        if undetermined > 0 {
            text.push_str(&format!(", {undetermined} are undetermined ({})", named(Standing::Undetermined)));
        }
        if unknown > 0 {
            text.push_str(&format!(
                ", {unknown} are unknown ({}): unknown is not none",
                named(Standing::Unknown)
            ));
        }
        text.push('.');
        FindingBuilder::new(text).done()
    }
}

/// Share from which a side counts as dependent in the plane.
const DEPENDENT: f64 = 0.2;

/// Where a pair stands in the plane of mutual dependence.
pub(super) fn position(customer: Option<f64>, provider: Option<f64>) -> &'static str {
    match (customer.map(|share| share >= DEPENDENT), provider.map(|share| share >= DEPENDENT)) {
        (Some(true), Some(true)) => "mutual",
        (Some(true), Some(false)) => "hostage",
        (Some(false), Some(true)) => "captive",
        (Some(false), Some(false)) => "loose",
        _ => "unknown",
    }
}

struct Build<'a, 'g> {
    view: &'a View<'g>,
    pair: &'a Pair,
    totals: &'a Totals,
    params: &'a LockIn,
    profile: Profile,
}

impl Build<'_, '_> {
    fn push(
        &mut self,
        name: &'static str,
        unit: Unit,
        range: Option<Interval>,
        threshold: Option<(f64, Side)>,
        basis: impl Into<String>,
    ) {
        let reading = range.map_or("unknown".to_string(), |range| words(range, unit));
        self.profile.fields.push(Field { name, reading, range, unit, threshold, basis: basis.into() });
    }

    /// A yearly or total money figure of an entity, in dollars, with its record noted.
    fn figure(&mut self, of: EntityId, kind: &AttributeKind, yearly: bool) -> Option<Interval> {
        let (graph, day) = (self.view.graph, self.view.scope.as_of);
        let (id, attribute) = graph.latest_attribute(AttributeSubject::Entity(of), kind, None, day)?;
        let range = graph.usd(attribute.value.as_ref()?, day)?;
        let years = if yearly { attribute.per_years? } else { 1.0 };
        self.profile.attributes.push(id);
        Some(Interval { low: range.low / years, high: range.high.map(|high| high / years) })
    }

    /// The same of the nearest owner that states it.
    fn figure_of_group(
        &mut self,
        of: EntityId,
        kind: &AttributeKind,
        yearly: bool,
    ) -> Option<(Interval, EntityId)> {
        let mut at = of;
        for _ in 0..=self.view.graph.len() {
            if let Some(range) = self.figure(at, kind, yearly) {
                return Some((range, at));
            }
            at = self.view.graph.controlling_owner(at, &self.view.scope)?;
        }
        None
    }

    /// Products that the counted commitments are about.
    fn products(&self) -> Vec<ProductId> {
        let graph = self.view.graph;
        let mut all: Vec<ProductId> =
            self.pair.commits.iter().filter_map(|id| graph.relation(*id).product()).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn in_group(&self, entity: EntityId) -> bool {
        controls(self.view.graph, &self.view.scope, self.pair.provider, entity)
    }

    fn spend_share(&mut self, network: &Network) {
        let products = self.products();
        let mut found = None;
        for product in products {
            let Some(row) = network.needs(self.pair.customer).iter().find(|row| row.product == product)
            else {
                continue;
            };
            let links: Vec<_> =
                network.suppliers(row).iter().filter(|link| self.in_group(link.supplier)).collect();
            let share: f64 = links.iter().map(|link| link.share).sum();
            if share > 0.0 {
                let rung = links.iter().map(|link| link.rung).max().map_or("", |rung| rung.describe());
                let name = self.view.graph.product(product).name.clone();
                let range = Interval { low: share, high: Some((share + 1.0 - row.known).min(1.0)) };
                found = Some((
                    range,
                    format!("share of {name}, {rung}; the unknown rest may be the provider's too"),
                ));
                break;
            }
        }
        let (range, basis) =
            found.map_or((None, "no share of any need is known".to_string()), |(r, b)| (Some(r), b));
        self.push("spend share", Unit::Share, range, Some((self.params.spend_threshold, Side::Above)), basis);
    }

    fn committed_share(&mut self) {
        let spend = self.figure(self.pair.customer, &AttributeKind::Cost, true);
        let (range, basis) = match (self.totals.annual, spend) {
            (Some(annual), Some(cost)) if cost.low > 0.0 => {
                let low = cost.high.map_or(0.0, |high| annual.low / high);
                let range = Interval { low, high: annual.high.map(|high| high / cost.low) };
                (Some(range), "a year's commitment over the customer's latest yearly cost")
            }
            (None, _) => (None, "no commitment of known size"),
            _ => (None, "the customer's yearly cost is not known"),
        };
        self.push("committed share of cost", Unit::Share, range, Some((0.5, Side::Above)), basis);
    }

    fn leverage(&mut self) {
        let basis = match self.totals.invested {
            Some(_) => "committed over cumulative investment by the provider's group",
            None => "no investment is known",
        };
        self.push(
            "commitment leverage",
            Unit::Ratio,
            self.totals.leverage(),
            Some((1.0, Side::Above)),
            basis,
        );
    }

    fn recycling(&mut self) {
        let range = match (self.totals.invested, self.totals.committed) {
            (Some(invested), Some(committed)) if invested.low > 0.0 => {
                let high = invested.high.unwrap_or(f64::INFINITY);
                let least = (committed.low / high).min(1.0);
                let most = committed.high.map_or(1.0, |most| (most / invested.low).min(1.0));
                Some(Interval { low: least, high: Some(most) })
            }
            _ => None,
        };
        let basis = "smaller of investment and commitment over investment: what can flow back to the investor's group";
        self.push("recycling share", Unit::Share, range, Some((0.5, Side::Above)), basis);
    }

    fn net_position(&mut self) {
        let range = self.totals.committed.map(|committed| {
            let invested = self.totals.invested.unwrap_or(Interval::exact(0.0));
            let low = committed.low - invested.high.unwrap_or(f64::INFINITY);
            Interval { low, high: committed.high.map(|high| high - invested.low) }
        });
        self.push(
            "net position",
            Unit::Usd,
            range,
            None,
            "commitments less investments, at rates of the day",
        );
    }

    /// Commitments that count, with their size and dates.
    fn counted(&self) -> Vec<RelationId> {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let counts = |id: &&RelationId| {
            let relation = graph.relation(**id);
            scope.counts(relation) && !graph.is_inside_total_of_pair(relation, scope)
        };
        self.pair.commits.iter().filter(counts).copied().collect()
    }

    fn tenor(&mut self) {
        let (mut weight, mut low, mut high) = (0.0, 0.0, 0.0);
        let mut supposed = 0;
        for id in self.counted() {
            let relation = self.view.graph.relation(id);
            let Detail::Commits { spend: Some(spend), term, starts, .. } = &relation.detail else { continue };
            let Some(size) = self.view.graph.usd_point(spend, self.view.scope.as_of) else { continue };
            let begun = starts
                .or(relation.since)
                .map_or(0.0, |date| years_between(date.first(), self.view.scope.as_of));
            let (shortest, longest) = match term {
                Term::Years(n) => (*n, *n),
                Term::Between(a, b) => (*a, *b),
                Term::Open | Term::Unknown => {
                    supposed += 1;
                    (self.params.shortest_term, self.params.longest_term)
                }
            };
            weight += size;
            low += size * (shortest - begun).max(0.0);
            high += size * (longest - begun).max(0.0);
        }
        let range = (weight > 0.0).then(|| Interval { low: low / weight, high: Some(high / weight) });
        let basis = match supposed {
            0 => "remaining years, weighted by size".to_string(),
            n => format!("remaining years, weighted by size; {n} terms supposed"),
        };
        self.push("tenor", Unit::Years, range, Some((self.params.tenor_threshold, Side::Above)), basis);
    }

    fn tenure(&mut self) {
        let all = self.pair.commits.iter().chain(&self.pair.invests);
        let first = all.filter_map(|id| self.view.graph.relation(*id).since).map(|date| date.first()).min();
        let years = first.map(|first| years_between(first, self.view.scope.as_of).max(0.0));
        self.push(
            "tenure so far",
            Unit::Years,
            years.map(Interval::exact),
            None,
            "since the first dated tie of the pair",
        );
    }

    fn exclusivity(&mut self) {
        let graph = self.view.graph;
        let stated = |detail: &Detail| match detail {
            Detail::Commits { exclusivity, .. } | Detail::Supplies { exclusivity, .. } => *exclusivity,
            _ => None,
        };
        let known: Vec<(Exclusivity, RelationId)> = graph
            .relations_from(self.pair.customer)
            .into_iter()
            .chain(graph.relations_to(self.pair.customer))
            .filter(|id| {
                let relation = graph.relation(*id);
                let other =
                    if relation.from == self.pair.customer { relation.to } else { Some(relation.from) };
                self.view.scope.counts(relation) && other.is_some_and(|other| self.in_group(other))
            })
            .filter_map(|id| stated(&graph.relation(id).detail).map(|level| (level, id)))
            .collect();
        let best = known.iter().max_by_key(|(level, id)| (*level, std::cmp::Reverse(*id))).copied();
        let (range, reading, basis) = match best {
            Some((level, id)) => {
                self.profile.relations.push(id);
                let word = match level {
                    Exclusivity::NonExclusive => "non-exclusive",
                    Exclusivity::Preferred => "preferred",
                    Exclusivity::Primary => "primary",
                    Exclusivity::Exclusive => "exclusive",
                };
                (
                    Some(Interval::exact(level as u8 as f64)),
                    word,
                    "0 non-exclusive, 1 preferred, 2 primary, 3 exclusive",
                )
            }
            None => (None, "unknown", "no source says whether the customer may use others"),
        };
        self.push("exclusivity", Unit::Number, range, Some((0.0, Side::Above)), basis);
        if let Some(field) = self.profile.fields.last_mut() {
            field.reading = reading.to_string();
        }
    }

    fn proprietary(&mut self, network: &Network) {
        let graph = self.view.graph;
        let owner = graph.ultimate_owner(self.pair.provider, &self.view.scope);
        let mut best: Option<(Interval, String)> = None;
        let providers: Vec<EntityId> = graph.entity_ids().filter(|id| self.in_group(*id)).collect();
        for provider in providers {
            for row in network.needs(provider).iter().filter(|row| row.binds()) {
                let own: f64 = network
                    .suppliers(row)
                    .iter()
                    .filter(|link| link.supplier != provider)
                    .filter(|link| graph.ultimate_owner(link.supplier, &self.view.scope) == owner)
                    .map(|link| link.share)
                    .sum();
                if own > best.as_ref().map_or(0.0, |(range, _)| range.low)
                    && graph.product(row.product).key.contains("accelerator")
                {
                    let range = Interval { low: own, high: Some((own + 1.0 - row.known).min(1.0)) };
                    best = Some((
                        range,
                        format!(
                            "part of {}'s {} that is the provider's own design: what the customer runs there is built for it in proportion (a proxy)",
                            graph.entity(provider).name,
                            graph.product(row.product).name
                        ),
                    ));
                }
            }
        }
        let (range, basis) = best
            .map_or((None, "own designs of the provider are not known".to_string()), |(r, b)| (Some(r), b));
        self.push(
            "proprietary share",
            Unit::Share,
            range,
            Some((self.params.proprietary_threshold, Side::Above)),
            basis,
        );
    }

    fn exit(&mut self) {
        let mut termination: Option<f64> = None;
        let annual = self.totals.annual.map(|annual| annual.low).filter(|annual| *annual > 0.0);
        for id in self.counted() {
            let Detail::Commits { take_or_pay: Some(share), spend: Some(spend), .. } =
                &self.view.graph.relation(id).detail
            else {
                continue;
            };
            let size = self.view.graph.usd_point(spend, self.view.scope.as_of).zip(share.point());
            if let (Some((size, share)), Some(annual)) = (size, annual) {
                *termination.get_or_insert(0.0) += size * share / (annual / 12.0);
            }
        }
        let seat = self.view.graph.entity(self.pair.customer).seat.as_deref();
        let european = seat.is_some_and(|seat| EU_MEMBERS.contains(&seat));
        let switching = match (european, self.view.scope.as_of >= EU_SWITCHING_FREE) {
            (true, true) => "switching charges are banned in the EU since 12 January 2027",
            (true, false) => {
                "switching charges are limited to cost in the EU until 12 January 2027, then banned"
            }
            (false, _) => {
                "the EU's ban on switching charges from 12 January 2027 does not cover this customer's seat"
            }
        };
        let (range, basis) = match termination {
            Some(months) => (
                Some(Interval { low: months, high: None }),
                format!(
                    "termination (take-or-pay) only; egress, re-engineering and dual running are not known; {switching}"
                ),
            ),
            None => {
                (None, format!("missing: termination, egress, re-engineering, dual running; {switching}"))
            }
        };
        self.push("exit cost", Unit::Months, range, Some((self.params.exit_threshold, Side::Above)), basis);
        let basis = "missing: notice, transition, ramp of an alternative";
        self.push("exit time", Unit::Months, None, Some((self.params.exit_threshold, Side::Above)), basis);
    }

    fn alternatives(&mut self) {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let survey = self.products().into_iter().find_map(|product| market_of(graph, scope, product));
        let Some(survey) = survey else {
            let basis = "the market has no survey";
            self.push(
                "alternatives",
                Unit::Count,
                None,
                Some((self.params.fewest_alternatives, Side::Below)),
                basis,
            );
            return;
        };
        let owner = graph.ultimate_owner(self.pair.provider, scope);
        let others: Vec<_> = survey
            .vendors
            .iter()
            .filter(|vendor| !vendor.group && graph.ultimate_owner(vendor.entity, scope) != owner)
            .collect();
        let able: Vec<_> = others.iter().filter(|vendor| vendor.share >= ABLE).collect();
        let total: f64 = others.iter().map(|vendor| vendor.share).sum();
        let hhi: f64 = others.iter().map(|vendor| (vendor.share / total).powi(2)).sum::<f64>() * 1e4;
        let names: Vec<_> = able.iter().map(|vendor| graph.entity(vendor.entity).name.clone()).collect();
        let own: f64 = survey.vendors.iter().map(|v| v.share).sum();
        let unlisted = ((1.0 - own).max(0.0) / ABLE).floor();
        let basis = format!(
            "vendors with 5 % or more of {} ({}): {}; HHI among the known others {}",
            graph.product(survey.product).name,
            survey.describe(),
            if names.is_empty() { "none listed".to_string() } else { names.join(", ") },
            format_unit(hhi, Unit::Hhi)
        );
        self.profile.relations.extend(survey.vendors.iter().map(|vendor| vendor.relation));
        let range = Interval { low: able.len() as f64, high: Some(able.len() as f64 + unlisted) };
        self.push(
            "alternatives",
            Unit::Count,
            Some(range),
            Some((self.params.fewest_alternatives, Side::Below)),
            basis,
        );
    }

    fn backlog(&mut self) {
        let backlog = self.figure_of_group(self.pair.provider, &AttributeKind::Backlog, false);
        let (range, basis) = match (self.totals.committed, backlog) {
            (Some(committed), Some((backlog, whose))) if backlog.low > 0.0 => {
                let least = backlog.high.map_or(0.0, |high| committed.low / (high + committed.low));
                let most = committed.high.map(|high| (high / backlog.low).min(1.0)).or(Some(1.0));
                let name = &self.view.graph.entity(whose).name;
                let text =
                    format!("commitment over the backlog of {name}, whether or not that includes it yet");
                (Some(Interval { low: least, high: most }), text)
            }
            (_, None) => (None, "the provider's backlog is not known".to_string()),
            _ => (None, "no commitment of known size".to_string()),
        };
        self.push("provider's backlog from the customer", Unit::Share, range, None, basis);
        self.backlog_concentration();
    }

    /// HHI of the provider's commitments by customer; what is not known of the backlog may be anybody's.
    fn backlog_concentration(&mut self) {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let mut by_customer: Vec<(EntityId, f64)> = Vec::new();
        for id in graph.relation_ids() {
            let relation = graph.relation(id);
            let Detail::Commits { spend: Some(spend), .. } = &relation.detail else { continue };
            let here = relation.to.is_some_and(|to| self.in_group(to));
            if !here || !scope.counts(relation) || graph.is_inside_total_of_pair(relation, scope) {
                continue;
            }
            if let Some(size) = graph.usd_point(spend, scope.as_of) {
                match by_customer.iter_mut().find(|(customer, _)| *customer == relation.from) {
                    Some((_, sum)) => *sum += size,
                    None => by_customer.push((relation.from, size)),
                }
                self.profile.relations.push(id);
            }
        }
        let known: f64 = by_customer.iter().map(|(_, size)| size).sum();
        let backlog = self.figure_of_group(self.pair.provider, &AttributeKind::Backlog, false);
        let total = backlog.map(|(range, _)| range.high.unwrap_or(range.low)).unwrap_or(0.0).max(known);
        let squares: f64 = by_customer.iter().map(|(_, size)| (size / total).powi(2)).sum();
        let rest = 1.0 - known / total;
        let range =
            (known > 0.0).then(|| Interval { low: squares, high: Some((squares + rest * rest).min(1.0)) });
        let basis = format!(
            "HHI (0 to 1) over {} customers with known commitments; the rest as many or as one",
            by_customer.len()
        );
        self.push("provider's backlog concentration", Unit::Number, range, None, basis);
    }

    fn customer_revenue(&mut self) {
        let revenue = self.figure(self.pair.customer, &AttributeKind::Revenue, true);
        let (range, basis) = match (self.totals.annual, revenue) {
            (Some(annual), Some(revenue)) if revenue.low > 0.0 => {
                let low = revenue.high.map_or(0.0, |high| annual.low / high);
                let range = Interval { low, high: annual.high.map(|high| high / revenue.low) };
                (
                    Some(range),
                    "a year's commitment over the customer's latest revenue at a yearly rate; above 1: more than it earns",
                )
            }
            (None, _) => (None, "no commitment of known size"),
            _ => (None, "the customer's revenue is not known"),
        };
        let threshold = Some((self.params.revenue_threshold, Side::Above));
        self.push("customer's revenue pre-allocated", Unit::Share, range, threshold, basis);
    }

    fn mutual(&mut self) {
        let revenue = self.figure_of_group(self.pair.provider, &AttributeKind::Revenue, true);
        let back = match (self.totals.annual, revenue) {
            (Some(annual), Some((revenue, _))) if revenue.low > 0.0 => {
                let low = revenue.high.map_or(0.0, |high| (annual.low / high).min(1.0));
                Some(Interval {
                    low,
                    high: annual.high.map(|high| (high / revenue.low).min(1.0)).or(Some(1.0)),
                })
            }
            _ => None,
        };
        let basis = "a year's commitment over the provider's revenue at a yearly rate";
        self.push("provider's dependence on the customer", Unit::Share, back, None, basis);
        let spend = self
            .profile
            .fields
            .iter()
            .find(|field| field.name == "spend share")
            .and_then(|field| field.range);
        let (mutual, imbalance) = match (spend, back) {
            (Some(a), Some(b)) => {
                let (a_high, b_high) = (a.high.unwrap_or(1.0), b.high.unwrap_or(1.0));
                let sum = Interval { low: a.low + b.low, high: Some(a_high + b_high) };
                (Some(sum), Some(Interval { low: a.low - b_high, high: Some(a_high - b.low) }))
            }
            _ => (None, None),
        };
        self.push(
            "mutual dependence",
            Unit::Number,
            mutual,
            None,
            "spend share plus the provider's dependence",
        );
        let basis =
            "spend share less the provider's dependence: positive where the customer is the weaker side";
        self.push("imbalance of dependence", Unit::Number, imbalance, None, basis);
    }
}

const EU_MEMBERS: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

fn words(range: Interval, unit: Unit) -> String {
    let low = format_unit(range.low, unit);
    match range.high {
        None => format!("{low} or more"),
        Some(high) => {
            let high = format_unit(high, unit);
            if low == high { low } else { format!("{low} to {high}") }
        }
    }
}
