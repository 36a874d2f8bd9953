//! Who is bound to whom: commitments to buy against investments that come back.

mod pair;
mod profile;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::totals::{
    STATUSES, Supposed, Totals, ends, money, range_cells, range_columns, status_name, term_is_open,
};
use super::trail::{Trail, entity_cell};
use super::{Analysis, AnalysisError, Card, View, rows};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::{EntityId, Interval, RelationType, Status};
use crate::network::Network;
use crate::order::Arrange;
use crate::scope::Scope;
use pair::Pair;
use profile::Profile;

/// Commitments of a customer to a provider against the provider's investment in the customer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct LockIn {
    /// Who is committed; all customers where not given
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// To whom; a group stands for the businesses that it controls
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
    /// Shortest term supposed where a commitment states none, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 3.0))]
    pub shortest_term: f64,
    /// Longest term supposed where a commitment states none, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 15.0))]
    pub longest_term: f64,
    /// All pairs, the largest commitment first: the same as naming neither side
    #[cfg_attr(feature = "cli", arg(long, conflicts_with_all = ["customer", "provider"]))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rank: bool,
    /// Share of a need above which spend share is a barrier
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = 0.3))]
    pub spend_threshold: f64,
    /// Remaining years above which tenor is a barrier
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 3.0))]
    pub tenor_threshold: f64,
    /// Share of work on the provider's own designs above which it is a barrier
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = 0.25))]
    pub proprietary_threshold: f64,
    /// Months of spend, or of time, above which leaving is a barrier
    #[cfg_attr(feature = "cli", arg(long, value_name = "MONTHS", default_value_t = 6.0))]
    pub exit_threshold: f64,
    /// Number of alternatives below which their scarcity is a barrier
    #[cfg_attr(feature = "cli", arg(long, value_name = "NUMBER", default_value_t = 3.0))]
    pub fewest_alternatives: f64,
    /// Share of the customer's revenue above which a year's commitment is a barrier
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = 0.25))]
    pub revenue_threshold: f64,
    /// Product whose designs bind the customer where they are the provider's own [default: ai-accelerator]
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technology: Option<String>,
}

impl Default for LockIn {
    fn default() -> Self {
        Self {
            customer: None,
            provider: None,
            shortest_term: 3.0,
            longest_term: 15.0,
            rank: false,
            spend_threshold: 0.3,
            tenor_threshold: 3.0,
            proprietary_threshold: 0.25,
            exit_threshold: 6.0,
            fewest_alternatives: 3.0,
            revenue_threshold: 0.25,
            technology: None,
        }
    }
}

impl Analysis for LockIn {
    const CARD: Card = Card {
        name: "lock-in",
        title: "Commitments against investments",
        question: "Who is bound to whom, by how much, and how much investment came back for it?",
        definition: "Committed = spend promised by the customer to the provider or a business that it controls. Invested = money put \
                     into the customer by the provider's whole group, cumulative. Leverage = committed / invested. Annual = committed / \
                     term. For one pair the profile: named barriers with range, value as printed, threshold, what is unknown, the same by \
                     status, and the records behind it; for all pairs the plane of spend share against the provider's dependence. No score.",
        reads: "`Commits`, `Invests`, and `Owns` with control; status, tranches (`part_of`) and deals. For the profile also needs and \
                shares, `Revenue`, `Cost`, `Backlog`, market surveys, `exclusivity`, `take_or_pay` and seats.",
        assumptions: "A commitment without a term is spread over --shortest-term to --longest-term years. What is announced or intended \
                      is shown and not counted, unless --status says so. Tranches are not added to their totals. \
                      Switching in the EU follows Regulation (EU) 2023/2854, Articles 25 and 29, as it holds on the day.",
        cost: "One pass over the relations for each pair.",
        reference: "US Federal Trade Commission, Partnerships between cloud service providers and AI developers, staff report, \
                    17 January 2025 (spend required back on the investor's cloud); Emerson, American Sociological Review 27:31, 1962 (dependence \
                    both ways); Regulation (EU) 2023/2854 (switching).",
        rests: Reach::Named,
        example: "linchpin lock-in --customer anthropic --provider amazon",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let years = self.supposed();
        if !years.is_sound() {
            let reason = "expected 0 < shortest term <= longest term".to_string();
            return Err(AnalysisError::Invalid { parameter: "shortest-term", reason });
        }
        let customer = self.customer.as_deref().map(|key| view.graph.find_entity(key)).transpose()?;
        let provider = self.provider.as_deref().map(|key| view.graph.find_entity(key)).transpose()?;
        self.technology.as_deref().map(|key| view.graph.find_product(key)).transpose()?;
        let pairs = self.pairs(view, customer, provider);
        let name = |id: Option<EntityId>, all: &str| {
            id.map_or(all.to_string(), |id| view.graph.entity(id).name.clone())
        };
        let (who, whom) = (name(customer, "every customer"), name(provider, "every provider"));
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Lock-in: {who} and {whom}"),
            format!("How far is {who} committed to {whom}, and how much investment came back?"),
        );
        if pairs.is_empty() {
            let text = format!("{who} has no commitment to {whom} in the dataset");
            return Err(AnalysisError::NoData(text));
        }
        let mut lines = Vec::new();
        for pair in &pairs {
            lines.extend(pair_lines(view, pair, years));
        }
        let one = pairs.len() == 1;
        if !one {
            lines.retain(|line| line.status == COUNTED);
            lines.arrange(|a, b| {
                let key = |line: &Line| line.totals.committed.map_or(0.0, |c| c.low);
                key(b)
                    .total_cmp(&key(a))
                    .then((a.pair.customer, a.pair.provider).cmp(&(b.pair.customer, b.pair.provider)))
            });
        }
        answer.tables.push(main_table(view, &lines));
        let deals = deal_lines(view, &pairs, years);
        answer.tables.push(deal_table(view, &deals));
        answer.tables.push(self.claim_table(view, &pairs));
        let mut trail = Trail::default();
        for (row, line) in lines.iter().enumerate() {
            trail.row("lock-in", row, line.pair.upon(view.graph, None));
        }
        for (row, line) in deals.iter().enumerate() {
            trail.row("deals", row, line.pair.upon(view.graph, Some(&line.deal)));
        }
        for id in pairs.iter().flat_map(|pair| pair.commits.iter().chain(&pair.invests)) {
            trail.relation(*id);
        }
        self.say(view, &lines, &deals, one, &mut answer);
        let network = Network::build(view.graph, &view.scope);
        let of = |pair| (pair, Profile::of(self, view, &network, pair));
        let profiles: Vec<(&Pair, Profile)> = pairs.iter().map(of).collect();
        if let [(pair, profile)] = profiles.as_slice() {
            let name = |id: EntityId| view.graph.entity(id).name.as_str();
            let (customer, provider) = (name(pair.customer), name(pair.provider));
            let (shares, tally) = (profile.share_table(), profile.tally_table());
            answer.findings.extend(profile.quotes(&shares, customer, provider));
            answer.findings.push(profile.finding(&tally, customer, provider));
            answer.tables.extend([profile.table(view.graph), shares, profile.status_table(), tally]);
            for table in ["profile", "shares", "profile-by-status"] {
                if let Some(table) = answer.table(table) {
                    trail.rows(table, |_, row| profile.upon(row));
                }
            }
        } else {
            answer.tables.push(profile::plane(view, &profiles));
        }
        let origins: Vec<_> = profiles.iter().flat_map(|(_, profile)| profile.records()).collect();
        trail.origins(&origins);
        self.caveats(view, &pairs, &mut answer);
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

/// The status of the rows that add up what the scope counts.
const COUNTED: &str = "counted";

/// One row: a pair at a status.
struct Line<'p> {
    pair: &'p Pair,
    status: &'static str,
    totals: Totals,
}

/// One row: what a pair agreed together.
struct DealLine<'p> {
    pair: &'p Pair,
    deal: String,
    totals: Totals,
    announced: Option<Interval>,
}

impl LockIn {
    /// Terms supposed where a commitment states none.
    fn supposed(&self) -> Supposed {
        Supposed { shortest: self.shortest_term, longest: self.longest_term }
    }

    /// Customers and providers with a commitment of any status that is valid on the day.
    fn pairs(&self, view: &View<'_>, customer: Option<EntityId>, provider: Option<EntityId>) -> Vec<Pair> {
        let mut found: BTreeSet<(EntityId, EntityId)> = BTreeSet::new();
        for id in view.graph.relation_ids() {
            let relation = view.graph.relation(id);
            let commits = relation.relation_type() == RelationType::Commits && view.scope.is_valid(relation);
            let Some(to) = relation.to.filter(|_| commits) else { continue };
            let wanted = customer.is_none_or(|customer| customer == relation.from);
            match provider {
                Some(provider) if wanted && pair::controls(view.graph, &view.scope, provider, to) => {
                    found.insert((relation.from, provider));
                }
                None if wanted => {
                    found.insert((relation.from, to));
                }
                _ => {}
            }
        }
        found.into_iter().map(|(customer, provider)| Pair::collect(view, customer, provider)).collect()
    }

    fn claim_table(&self, view: &View<'_>, pairs: &[Pair]) -> Table {
        let columns = vec![
            Column::new("record", Unit::Text, "Key of the record"),
            Column::new("says", Unit::Text, "What it says"),
            Column::new("status", Unit::Text, "Its status on the day"),
            Column::new("since", Unit::Text, "From when it holds"),
            Column::new("counted", Unit::Text, "Whether it is added up, or why not"),
        ];
        let mut table = Table::new("claims", "Which records count", columns);
        for id in pairs.iter().flat_map(|pair| pair.commits.iter().chain(&pair.invests)) {
            let relation = view.graph.relation(*id);
            let status = view.scope.status_of(relation);
            let counted = if view.graph.is_inside_total_of_pair(relation, &view.scope) {
                "no: a tranche of a total"
            } else if view.scope.counts(relation) {
                "yes"
            } else if status.is_some_and(|status| view.scope.status.contains(&status)) {
                "no: confidence"
            } else {
                "no: status"
            };
            table.rows.push(vec![
                Cell::text(&relation.key),
                Cell::text(view.graph.describe_relation(relation)),
                Cell::text(status.map_or("", status_name)),
                Cell::text(relation.since.map(|since| since.to_string()).unwrap_or_default()),
                Cell::text(counted),
            ]);
        }
        table
    }

    fn say(
        &self,
        view: &View<'_>,
        lines: &[Line<'_>],
        deals: &[DealLine<'_>],
        one: bool,
        answer: &mut Answer,
    ) {
        let main = answer.tables[0].clone();
        let deal_table = answer.tables[1].clone();
        let name = |id: EntityId| view.graph.entity(id).name.clone();
        for (at, line) in lines.iter().enumerate().take(if one { 1 } else { 3 }) {
            let (customer, provider) = (name(line.pair.customer), name(line.pair.provider));
            let mut finding = FindingBuilder::new(format!("{customer} has committed "))
                .range(&main, at, "committed_low", "committed_high")
                .words(format!(" to {provider}"));
            if let Some(share) = line.pair.share_of_known(&line.totals) {
                let percent = crate::answer::format_unit(share, Unit::Share);
                finding =
                    finding.words(format!(" ({percent} of the least that its known commitments add up to)"));
            }
            finding = match line.totals.invested {
                Some(_) => finding
                    .words(format!("; {provider}'s group has put "))
                    .range(&main, at, "invested_low", "invested_high")
                    .words(" into it: commitment leverage ")
                    .range(&main, at, "leverage_low", "leverage_high")
                    .words("."),
                None => finding.words("; no investment in the other direction is known in the scope."),
            };
            answer.findings.push(finding.done());
        }
        for (at, deal) in deals.iter().enumerate().take(if one { 4 } else { 3 }) {
            if deal.totals.committed.is_none() || deal.totals.invested.is_none() {
                continue;
            }
            let finding = FindingBuilder::new(format!("The deal {} alone: ", deal.deal))
                .range(&deal_table, at, "committed_low", "committed_high")
                .words(" committed for ")
                .range(&deal_table, at, "invested_low", "invested_high")
                .words(" invested, ")
                .range(&deal_table, at, "leverage_low", "leverage_high")
                .words(".");
            answer.findings.push(finding.done());
        }
    }

    fn caveats(&self, view: &View<'_>, pairs: &[Pair], answer: &mut Answer) {
        let open =
            pairs.iter().flat_map(|pair| &pair.commits).filter(|id| term_is_open(view.graph, **id)).count();
        if open > 0 {
            let text = format!(
                "{open} commitments state no term: a year's part is given for terms of {} to {} years.",
                self.shortest_term, self.longest_term
            );
            answer.caveat("unknown-terms", text, Some(open));
        }
        let silent = pairs
            .iter()
            .flat_map(|pair| &pair.commits)
            .filter(|id| money(view.graph, view.scope.as_of, **id).is_none())
            .count();
        if silent > 0 {
            let text = format!(
                "{silent} commitments state no money (only capacity or units): they are not in the sums."
            );
            answer.caveat("unpriced-commitments", text, Some(silent));
        }
        let text = "An empty upper end means that nothing bounds it (\"more than\"); an empty leverage means that no investment is \
                    known, which is not the same as none.";
        answer.caveat("open-ends", text, None);
    }
}

fn pair_lines<'p>(view: &View<'_>, pair: &'p Pair, years: Supposed) -> Vec<Line<'p>> {
    let mut lines = vec![Line { pair, status: COUNTED, totals: pair.totals(view, &view.scope, years, None) }];
    for status in STATUSES {
        let scope = Scope { status: vec![status], ..view.scope.clone() };
        let totals = pair.totals(view, &scope, years, None);
        if totals.committed.is_some() || totals.invested.is_some() {
            lines.push(Line { pair, status: status_name(status), totals });
        }
    }
    lines
}

fn deal_lines<'p>(view: &View<'_>, pairs: &'p [Pair], years: Supposed) -> Vec<DealLine<'p>> {
    let mut lines = Vec::new();
    for pair in pairs {
        let deals: BTreeSet<&String> = pair
            .commits
            .iter()
            .chain(&pair.invests)
            .filter_map(|id| view.graph.relation(*id).deal.as_ref())
            .collect();
        for deal in deals {
            let totals = pair.totals(view, &view.scope, years, Some(deal));
            let soft = Scope { status: vec![Status::Announced, Status::Intent], ..view.scope.clone() };
            let announced = pair.totals(view, &soft, years, Some(deal)).invested;
            lines.push(DealLine { pair, deal: deal.clone(), totals, announced });
        }
    }
    lines.arrange(|a, b| {
        let key = |line: &DealLine<'_>| line.totals.committed.map_or(0.0, |c| c.low);
        key(b).total_cmp(&key(a)).then(a.deal.cmp(&b.deal))
    });
    lines
}

fn main_table(view: &View<'_>, lines: &[Line<'_>]) -> Table {
    let mut columns = vec![
        Column::new("customer", Unit::Text, "Who is committed"),
        Column::new("provider", Unit::Text, "To whom"),
    ];
    columns.extend(range_columns());
    columns.extend([
        Column::new("annual_low", Unit::UsdPerYear, "Least commitment a year, dollars"),
        Column::new(
            "annual_high",
            Unit::UsdPerYear,
            "Most commitment a year, dollars; empty where nothing bounds it",
        ),
        Column::new(
            "status",
            Unit::Text,
            "`counted`: all that the scope counts; else the records of one status",
        ),
    ]);
    let mut table = Table::new("lock-in", "Commitments against investments", columns);
    // of a pair without a record the least that was promised is nothing; the most is not known, nor what was put in without a promise
    table.left_out = Some(rows::left_out(view.graph, &[("committed_low", 0.0), ("annual_low", 0.0)]));
    for line in lines {
        let mut row =
            vec![entity_cell(view.graph, line.pair.customer), entity_cell(view.graph, line.pair.provider)];
        row.extend(range_cells(&line.totals));
        row.extend(ends(line.totals.annual));
        row.push(Cell::text(line.status));
        table.rows.push(row);
    }
    table
}

fn deal_table(view: &View<'_>, deals: &[DealLine<'_>]) -> Table {
    let mut columns = vec![
        Column::new("deal", Unit::Text, "What was agreed together"),
        Column::new("customer", Unit::Text, "Who is committed"),
        Column::new("provider", Unit::Text, "To whom"),
    ];
    columns.extend(range_columns());
    columns.push(Column::new("announced_high", Unit::Usd, "Most money announced beside, not counted"));
    let mut table = Table::new("deals", "Deals one by one", columns);
    for line in deals {
        let mut row = vec![
            Cell::text(&line.deal),
            entity_cell(view.graph, line.pair.customer),
            entity_cell(view.graph, line.pair.provider),
        ];
        row.extend(range_cells(&line.totals));
        row.push(Cell::number(line.announced.and_then(|range| range.high)));
        table.rows.push(row);
    }
    table
}
