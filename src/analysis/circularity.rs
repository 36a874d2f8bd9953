//! How much of the money that leaves an entity comes back to it, and through whom.

mod cycles;
mod funding;
mod solve;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell};
use super::{Analysis, AnalysisError, Card, Mention, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::graph::nearest;
use crate::model::{EntityId, Status};
use crate::network::{Flows, Layer};
use crate::order::Arrange;
use crate::scope::Scope;

/// Circular finance in a scope.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Circularity {
    /// Only these layers: equity, debt, or products that are paid for
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "LAYER"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<String>,
    /// Years over which sums that are paid once are spread
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 4.0))]
    pub spread: f64,
    /// Term supposed where a commitment states none, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 7.0))]
    pub supposed_term: f64,
    /// Shortest term tried where a commitment states none, for the ranges, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 3.0))]
    pub shortest_term: f64,
    /// Longest term tried where a commitment states none, for the ranges, in years
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS", default_value_t = 15.0))]
    pub longest_term: f64,
    /// Whose revenue to trace, named even where nothing is found; all sellers where not given
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<String>,
    /// Keep businesses apart from the groups that control them
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub separate: bool,
    /// Longest cycle that is listed, in payments
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 6))]
    pub longest: usize,
    /// Most cycles that are listed
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 200))]
    pub cycles: usize,
    /// Draws the entities that are solved for on large networks
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

impl Default for Circularity {
    fn default() -> Self {
        Self {
            layers: Vec::new(),
            spread: 4.0,
            supposed_term: 7.0,
            shortest_term: 3.0,
            longest_term: 15.0,
            of: Vec::new(),
            separate: false,
            longest: 6,
            cycles: 200,
            seed: 0,
        }
    }
}

impl Analysis for Circularity {
    const CARD: Card = Card {
        name: "circularity",
        title: "Circular finance",
        question: "How much of the money that leaves an entity comes back to it, and through whom?",
        definition: "P = payments / throughflow of the payer, N = (I - P)^-1. Return share = 1 - 1/N_ii: the expected part of a dollar that \
                     leaves i and comes back to i through anyone. Finn cycling index = Σ T_i (1 - 1/N_ii) / Σ T_i, with T the throughflow \
                     (the larger of money received and money paid). Funded share of i's revenue = the part that traces back to \
                     investment (equity or debt) by i's own group, or by others of its kind.",
        reads: "`Invests`, `Finances`, `Commits`, `Supplies` with money; `Revenue`, whose unexplained part comes from outside; bulk `Flows`.",
        assumptions: "Dollars mix in every account, so a share of flow is not proof of round-tripping. Sums paid once are spread over --spread \
                      years, commitments over their term or --supposed-term; ranges are the least and most over --shortest-term, --supposed-term and \
                      --longest-term, a scan and not a bound. What leaves the dataset does not come back.",
        cost: "One sparse solve for each entity, on large networks for some tens of them; listing of cycles is capped by length, number and steps.",
        reference: "Finn, Journal of Theoretical Biology 56:363, 1976; Allesina and Ulanowicz, Computational Biology and Chemistry 28:227, 2004 \
                    (the index misses some cycling: a lower measure). Borrowed from ecology.",
        rests: Reach::Connected,
        example: "linchpin circularity",
    };

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        vec![Mention::Seed(&mut self.seed)]
    }

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let terms = [
            ("spread", self.spread),
            ("supposed-term", self.supposed_term),
            ("shortest-term", self.shortest_term),
            ("longest-term", self.longest_term),
        ];
        for (parameter, years) in terms {
            if !(years > 0.0 && years.is_finite()) {
                let reason = "expected a positive number of years".to_string();
                return Err(AnalysisError::Invalid { parameter, reason });
            }
        }
        if !(self.shortest_term..=self.longest_term).contains(&self.supposed_term) {
            let reason = "expected shortest term <= supposed term <= longest term".to_string();
            return Err(AnalysisError::Invalid { parameter: "supposed-term", reason });
        }
        let account = |key: &String| {
            let id = view.graph.find_entity(key)?;
            Ok(if self.separate { id } else { view.graph.ultimate_owner(id, &view.scope) })
        };
        let of: Vec<EntityId> = self.of.iter().map(account).collect::<Result<_, AnalysisError>>()?;
        let cases = self.cases(view, &view.scope)?;
        let Some(case) = cases.first().filter(|case| !case.flows.payments.is_empty()) else {
            return Err(AnalysisError::NoData(
                "no payments between entities are known in the scope".to_string(),
            ));
        };
        let Case { flows, measured } = case;
        let mut answer = Answer::new(Self::CARD.name, Self::CARD.title, Self::CARD.question);
        answer.tables.push(main_table(view, &cases, measured));
        answer.tables.push(index_table(&cases, measured));
        let sellers = funding::sellers(view, &cases, &of);
        answer.tables.push(funding::table(view, &sellers));
        answer.tables.push(self.layer_table(view, case)?);
        answer.tables.push(self.funding_cases(view, &sellers, flows)?);
        let found = cycles::named(flows, self.longest, self.cycles);
        answer.tables.push(cycles::table(view, flows, &found));
        if measured.unknown > 0 {
            let known = measured.return_share.iter().filter(|share| !share.is_nan()).count();
            let text = format!(
                "Return shares are worked out for {known} entities, those with the most throughflow in large circles and others drawn in \
                 proportion to it; {} are left out, a solve each. The index is estimated from those drawn, with the standard error given.",
                measured.unknown
            );
            answer.caveat("sampled-returns", text.clone(), Some(measured.unknown));
            answer.status = AnswerStatus::Truncated { reason: text };
        }
        if found.truncated {
            answer.status = AnswerStatus::Truncated {
                reason: format!(
                    "listing of cycles stopped at {} cycles of up to {} payments; {}",
                    found.cycles.len(),
                    self.longest,
                    if measured.unknown > 0 {
                        "return shares are a sample, the index an estimate"
                    } else {
                        "return shares and the index are complete"
                    }
                ),
            };
        }
        if let Some((residual, rounds)) = measured.unsettled {
            let text = format!(
                "What comes back was still on its way, {residual:.1e} of a unit, when following it stopped after {rounds} rounds: \
                 some return shares are too low."
            );
            answer.caveat("returns-not-settled", text, None);
            if answer.status == AnswerStatus::Complete {
                answer.status = AnswerStatus::NotConverged { residual, rounds };
            }
        }
        self.say(&mut answer);
        self.caveats(view, flows, &mut answer);
        say_unknown(view, &of, &sellers, &mut answer);
        let mut trail = Trail::default();
        flows.payments.iter().filter_map(|payment| payment.relation).for_each(|id| trail.relation(id));
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

/// Sellers on whose revenue a finding is given.
const SELLERS_TOLD: usize = 3;

/// Payments with one term for commitments that state none, and what is measured on them.
struct Case {
    flows: Flows,
    measured: Measured,
}

impl Case {
    fn new(flows: Flows, seed: u64) -> Self {
        let measured = Measured::new(&flows, seed);
        Self { flows, measured }
    }
}

/// Throughflow and return share of every entity, and the index of the whole.
struct Measured {
    throughflow: Vec<f64>,
    /// `NaN` where it is not worked out.
    return_share: Vec<f64>,
    index: f64,
    /// Standard error of the index, where it is estimated.
    error: f64,
    /// Entities whose return share is not worked out.
    unknown: usize,
    /// Where what comes back was not followed to its end: what was still on its way, and the rounds done.
    unsettled: Option<(f64, usize)>,
}

impl Measured {
    fn new(flows: &Flows, seed: u64) -> Self {
        let throughflow = flows.throughflow();
        let returns = solve::return_shares(&flows.transition(), &throughflow, seed);
        let total: f64 = throughflow.iter().sum();
        let part = |flow: f64| if total > 0.0 { flow / total } else { 0.0 };
        let (index, error) = (part(returns.cycled), part(returns.error));
        let solve::Returns { share: return_share, unknown, unsettled, .. } = returns;
        Self { throughflow, return_share, index, error, unknown, unsettled }
    }

    /// Entities through which money passes, by what comes back to them.
    fn order(&self) -> Vec<EntityId> {
        let mut all: Vec<usize> =
            (0..self.throughflow.len()).filter(|at| self.throughflow[*at] > 0.0).collect();
        let known = |at: &usize| Some(self.return_share[*at]).filter(|share| !share.is_nan()).unwrap_or(-1.0);
        let rounded = |at: &usize| (known(at) * 1e12).round();
        all.arrange(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.cmp(b)));
        all.into_iter().map(EntityId::new).collect()
    }
}

impl Circularity {
    /// The payments with the supposed term and, where a term is unknown, with the shortest and the longest.
    fn cases(&self, view: &View<'_>, scope: &Scope) -> Result<Vec<Case>, AnalysisError> {
        let mut cases = vec![Case::new(self.flows(view, scope, self.supposed_term)?, self.seed)];
        if cases.iter().any(|case| case.flows.supposed_terms > 0) {
            for term in [self.shortest_term, self.longest_term] {
                cases.push(Case::new(self.flows(view, scope, term)?, self.seed));
            }
        }
        Ok(cases)
    }

    fn flows(&self, view: &View<'_>, scope: &Scope, term: f64) -> Result<Flows, AnalysisError> {
        let mut flows = Flows::collect(view.graph, scope, self.spread, term, !self.separate);
        if !self.layers.is_empty() {
            let wanted: Result<Vec<Layer>, AnalysisError> =
                self.layers.iter().map(|name| layer(view, name)).collect();
            let wanted = wanted?;
            flows.payments.retain(|payment| wanted.contains(&payment.layer));
        }
        Ok(flows)
    }

    /// The index with each layer left out, and with softer and harder statuses.
    fn layer_table(&self, view: &View<'_>, first: &Case) -> Result<Table, AnalysisError> {
        let columns = vec![
            Column::new("case", Unit::Text, "Which payments count"),
            Column::new("payments", Unit::Count, "How many there are"),
            Column::new("money", Unit::UsdPerYear, "What they add up to, dollars a year"),
            Column::new("cycling_index", Unit::Share, "Finn cycling index, 0 to below 1"),
        ];
        let mut table = Table::new("cases", "The cycling index by layer and status", columns);
        let mut push = |name: String, flows: &Flows| {
            let money = flows.payments.iter().map(|payment| payment.amount).sum();
            let index = if flows.payments.is_empty() {
                Cell::Empty
            } else if flows.payments == first.flows.payments && flows.inflow == first.flows.inflow {
                Cell::Number(first.measured.index)
            } else {
                Cell::Number(Measured::new(flows, self.seed).index)
            };
            let count = Cell::Number(flows.payments.len() as f64);
            table.rows.push(vec![Cell::text(name), count, Cell::Number(money), index]);
        };
        let usual = |scope: &Scope| self.flows(view, scope, self.supposed_term);
        let flows = usual(&view.scope)?;
        push("all that the scope counts".to_string(), &flows);
        let mut layers: Vec<Layer> = flows.payments.iter().map(|payment| payment.layer).collect();
        layers.sort_unstable();
        layers.dedup();
        for left_out in layers.iter().filter(|_| layers.len() > 1) {
            let mut rest = flows.clone();
            rest.payments.retain(|payment| payment.layer != *left_out);
            push(format!("without {}", layer_name(view, *left_out)), &rest);
        }
        if flows.supposed_terms > 0 {
            for term in [self.shortest_term, self.longest_term] {
                let name = format!("unknown terms of {term} years");
                push(name, &self.flows(view, &view.scope, term)?);
            }
        }
        for (name, scope) in by_firmness(&view.scope) {
            push(name.to_string(), &usual(&scope)?);
        }
        Ok(table)
    }

    /// What the sellers' revenue traces back to, with softer and harder statuses.
    fn funding_cases(
        &self,
        view: &View<'_>,
        sellers: &[funding::Seller],
        known: &Flows,
    ) -> Result<Table, AnalysisError> {
        let mut table = funding::case_table();
        let all =
            [("all that the scope counts", view.scope.clone())].into_iter().chain(by_firmness(&view.scope));
        for (name, scope) in all {
            let inner = View { graph: view.graph, scope };
            let flows = self.flows(&inner, &inner.scope, self.supposed_term)?;
            if flows.payments == known.payments && flows.inflow == known.inflow {
                table.rows.extend(sellers.iter().map(|seller| seller.case_row(view.graph, name)));
                continue;
            }
            let cases = self.cases(&inner, &inner.scope)?;
            let ids: Vec<EntityId> = sellers.iter().map(|seller| seller.entity).collect();
            for seller in funding::sellers(&inner, &cases, &ids) {
                table.rows.push(seller.case_row(view.graph, name));
            }
        }
        Ok(table)
    }

    fn say(&self, answer: &mut Answer) {
        let (main, index) = (answer.tables[0].clone(), answer.tables[1].clone());
        let funding = answer.tables[2].clone();
        let finding = FindingBuilder::new("Of all money that passes the entities of the dataset in a year (")
            .cell(&index, 0, "throughflow")
            .words("), ")
            .cell(&index, 0, "cycling_index")
            .words(" returns to where it came from (Finn cycling index).");
        answer.findings.push(finding.done());
        let telling = |at: &usize| {
            let part = |column: &str| funding.number(*at, column).is_some_and(|share| share >= 0.001);
            !self.of.is_empty() || part("funded_by_own") || part("funded_by_peers")
        };
        let many = if self.of.is_empty() { SELLERS_TOLD } else { usize::MAX };
        let mut told: Vec<usize> = (0..funding.rows.len()).filter(telling).take(many).collect();
        // the seller that leans most on its peers, wherever it stands
        let peers = |at: &usize| funding.number(*at, "funded_by_peers").unwrap_or(0.0);
        let most = (0..funding.rows.len()).filter(telling).max_by(|a, b| peers(a).total_cmp(&peers(b)));
        told.extend(most.filter(|most| !told.contains(most)));
        if self.of.is_empty() {
            returning(&main, answer);
        }
        for at in told {
            let finding = FindingBuilder::new("")
                .cell(&funding, at, "funded_by_own")
                .words(" of the revenue of ")
                .cell(&funding, at, "entity")
                .words(" (")
                .cell(&funding, at, "revenue")
                .words(") traces back to equity or debt that its group put into others; ")
                .cell(&funding, at, "funded_by_peers")
                .words(" to that of its peers. Payers with known amounts account for ")
                .cell(&funding, at, "explained")
                .words(" of it; what the group invests in a year is ")
                .cell(&funding, at, "invested_over_revenue")
                .words(" of it.");
            answer.findings.push(finding.done());
        }
    }

    fn caveats(&self, view: &View<'_>, flows: &Flows, answer: &mut Answer) {
        let text = "Money mixes in every account: a return share says how much of the flow closes, not that a deal was made for it.";
        answer.caveat("mixed-dollars", text, None);
        let text = format!(
            "Sums paid once (investments, loans, one-off orders) are spread over {} years.",
            self.spread
        );
        answer.caveat("spread", text, None);
        if !self.separate && view.graph.facts().meta.tables.is_empty() {
            let text =
                "A business that a group controls is on the group's account (--separate keeps them apart).";
            answer.caveat("consolidated", text, None);
        }
        let text = "No bound is given: what comes back hangs on every payment at once, and \"more than\" leaves payments without an upper \
                    end; sizes count as printed, and --draws tells how far they may move it.";
        answer.caveat("no-bounds", text, None);
        if flows.supposed_terms > 0 {
            let text = format!(
                "{} commitments state no term; {} years are supposed; least and most are over {} and {} years too.",
                flows.supposed_terms, self.supposed_term, self.shortest_term, self.longest_term
            );
            answer.caveat("supposed-terms", text, Some(flows.supposed_terms));
        }
        if flows.unpriced > 0 {
            let text = format!("{} deals state no money and are left out.", flows.unpriced);
            answer.caveat("unpriced", text, Some(flows.unpriced));
        }
        let mut paid = vec![false; view.graph.len()];
        flows.payments.iter().for_each(|payment| paid[payment.to.index()] = true);
        let silent = |id: &EntityId| paid[id.index()] && flows.topped_up.binary_search(id).is_err();
        let sellers: Vec<EntityId> = view.graph.entity_ids().filter(silent).collect();
        if !sellers.is_empty() && view.graph.facts().meta.tables.is_empty() {
            let text = format!(
                "{} entities that are paid state no revenue, so nothing comes to them from outside: their return shares are upper ends.",
                sellers.len()
            );
            answer.caveat("no-end-demand", text, Some(sellers.len()));
        }
    }
}

/// Sentences on the entities to which most comes back.
fn returning(main: &Table, answer: &mut Answer) {
    let telling = |at: &usize| main.number(*at, "return_share").is_some_and(|share| share > 1e-9);
    for at in (0..main.rows.len()).take(3).filter(telling) {
        let finding = FindingBuilder::new("Of a dollar that leaves ")
            .cell(main, at, "entity")
            .words(", ")
            .cell(main, at, "return_share")
            .words(" is expected to come back to it through others.");
        answer.findings.push(finding.done());
    }
}

/// Names the sellers asked for whose revenue nobody states.
fn say_unknown(view: &View<'_>, of: &[EntityId], sellers: &[funding::Seller], answer: &mut Answer) {
    let silent = of.iter().filter(|id| sellers.iter().all(|seller| seller.entity != **id));
    let names: Vec<&str> = silent.map(|id| view.graph.entity(*id).name.as_str()).collect();
    if !names.is_empty() {
        let text = format!("No revenue of known size: {}. Unknown is not none.", names.join(", "));
        answer.caveat("no-revenue", text, Some(names.len()));
    }
}

/// The layer of a name, or which names there are.
fn layer(view: &View<'_>, name: &str) -> Result<Layer, AnalysisError> {
    match name {
        "equity" => Ok(Layer::Equity),
        "debt" => Ok(Layer::Debt),
        product => view.graph.find_product(product).map(Layer::Product).map_err(|_| {
            let products = view.graph.facts().products.iter().map(|p| p.key.as_str());
            let near = nearest(product, products.chain(["equity", "debt"]));
            let hint = if near.is_empty() {
                String::new()
            } else {
                format!("; did you mean {}?", near.join(" or "))
            };
            let reason = format!("there is no layer {product:?}: expected equity, debt or a product{hint}");
            AnalysisError::Invalid { parameter: "layers", reason }
        }),
    }
}

fn layer_name(view: &View<'_>, layer: Layer) -> String {
    match layer {
        Layer::Equity => "equity".to_string(),
        Layer::Debt => "debt".to_string(),
        Layer::Product(product) => view.graph.product(product).name.clone(),
        Layer::Unspecified => "unspecified".to_string(),
    }
}

/// Ranges have columns only where some term is unknown: without one every case is the same.
fn main_table(view: &View<'_>, cases: &[Case], measured: &Measured) -> Table {
    let mut columns = vec![
        Column::new("entity", Unit::Text, "Who pays and is paid"),
        Column::new(
            "throughflow",
            Unit::UsdPerYear,
            "The larger of money received and money paid in a year, dollars",
        ),
        Column::new(
            "return_share",
            Unit::Share,
            "Expected part of a dollar leaving it that comes back, 0 to 1",
        ),
    ];
    let ranged = cases.len() > 1;
    if ranged {
        let about = ["The least over the terms tried for unknown terms", "The most over the terms tried"];
        columns.push(Column::new("return_share_least", Unit::Share, about[0]));
        columns.push(Column::new("return_share_most", Unit::Share, about[1]));
    }
    let mut table = Table::new("circularity", "What comes back", columns);
    for id in measured.order() {
        let at = id.index();
        let range = span(cases, |case| case.measured.return_share[at]).into_iter().filter(|_| ranged);
        let numbers = [measured.throughflow[at], measured.return_share[at]].into_iter().chain(range);
        table.rows.push([entity_cell(view.graph, id)].into_iter().chain(numbers.map(Cell::number)).collect());
    }
    table
}

fn index_table(cases: &[Case], measured: &Measured) -> Table {
    let columns = vec![
        Column::new("throughflow", Unit::UsdPerYear, "Money that passes all entities in a year, dollars"),
        Column::new("cycling_index", Unit::Share, "Finn cycling index, 0 to below 1"),
        Column::new("cycling_index_least", Unit::Share, "The least over the terms tried for unknown terms"),
        Column::new("cycling_index_most", Unit::Share, "The most over the terms tried for unknown terms"),
    ];
    let mut table = Table::new("index", "The whole", columns);
    let [low, high] = span(cases, |case| case.measured.index);
    let mut numbers = vec![measured.throughflow.iter().sum(), measured.index, low, high];
    if measured.unknown > 0 {
        table.columns.push(Column::new(
            "cycling_index_error",
            Unit::Share,
            "Standard error of the index, which is estimated from a sample",
        ));
        numbers.push(measured.error);
    }
    table.rows.push(numbers.into_iter().map(Cell::Number).collect());
    table
}

/// The least and the most over the cases.
fn span(cases: &[Case], value: impl Fn(&Case) -> f64) -> [f64; 2] {
    let fold = |start: f64, pick: fn(f64, f64) -> f64| cases.iter().map(&value).fold(start, pick);
    [fold(f64::INFINITY, f64::min), fold(f64::NEG_INFINITY, f64::max)]
}

/// The scope with only what is done, and with what is only said too.
fn by_firmness(scope: &Scope) -> Vec<(&'static str, Scope)> {
    let firm = vec![Status::Funded, Status::Delivered];
    let signed = Scope::DEFAULT_STATUS.to_vec();
    let soft = vec![Status::Announced, Status::Intent, Status::Signed, Status::Funded, Status::Delivered];
    [
        ("delivered and funded only", firm),
        ("signed and better", signed),
        ("with announced and intended deals", soft),
    ]
    .into_iter()
    .filter(|(_, status)| scope.status != *status)
    .map(|(name, status)| (name, Scope { status, ..scope.clone() }))
    .collect()
}
