//! What firms that own shares of each other are worth once the circles are taken out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::model::{AttributeId, AttributeKind, AttributeSubject, Detail, EntityId, Figure, RelationId};
use crate::order::Arrange;
use crate::propagation::cross_holdings::{Fragility, Holdings, Valuation};
use crate::scenario::Failure;

/// Values of firms with stakes in each other, net of what they count twice.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct CrossHoldings {
    /// A firm and the share of its own assets that it loses: openai=0.5; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=LOSS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub loss: Vec<Failure>,
    /// Part of its value before the loss below which a firm fails [default: none fails]
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Part of its value before the loss that a failure costs [default: 0]
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost: Option<f64>,
}

/// How the value of a firm is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Basis {
    Table,
    Valuation,
    Equity,
    Deal,
}

impl Basis {
    fn describe(self) -> &'static str {
        match self {
            Self::Table => "equity of a table",
            Self::Valuation => "valuation",
            Self::Equity => "book equity",
            Self::Deal => "price of a deal over the stake bought",
        }
    }
}

/// A value with where it comes from.
#[derive(Clone, Copy, Debug)]
struct Value {
    amount: f64,
    basis: Basis,
    attribute: Option<AttributeId>,
    relation: Option<RelationId>,
}

/// A stake: owner, owned, share, record.
type Stake = (EntityId, EntityId, f64, RelationId);

impl Analysis for CrossHoldings {
    const CARD: Card = Card {
        name: "cross-holdings",
        title: "Value net of stakes in each other",
        question: "What is equity worth that sits in a circle, once no stake is counted twice, and who falls with whom?",
        definition: "V = C V + D p, with V the value of all shares of a firm, C_ij the share of j that i holds, and D p what each owns \
                     beside. Net value v_i = (1 - Σ_j C_ji) V_i: what belongs to holders outside. Circularity = Σ V / Σ v. After a loss of \
                     assets: V anew; a firm whose v falls below a threshold fails, pays a cost, and V anew, until nobody else fails.",
        reads: "`Owns` shares, `Invests` stakes; `Valuation`, `Equity`, `equity` of a table, and the price of deals that state money and stake.",
        assumptions: "A stated value is that of all shares, those held by others of the circle included. Firms whose value nobody states are \
                      outside. A deal's price holds for the whole firm.",
        cost: "One sparse solve for each wave of failures.",
        reference: "M. Elliott, B. Golub, M. Jackson, American Economic Review 104:3115, 2014.",
        rests: Reach::Connected,
        example: "linchpin cross-holdings --loss anthropic=50%",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        for (parameter, value) in [("threshold", self.threshold), ("cost", self.cost)] {
            if let Some(share) = value.filter(|share| !(0.0..=1.0).contains(share)) {
                let reason = format!("{share}: expected a share between 0 and 1");
                return Err(AnalysisError::Invalid { parameter, reason });
            }
        }
        let circle = Circle::collect(view)?;
        let mut losses: BTreeMap<usize, f64> = BTreeMap::new();
        for loss in &self.loss {
            let id = view.graph.find_entity(&loss.entity)?;
            let Some(at) = circle.firms.binary_search_by_key(&id, |(firm, _)| *firm).ok() else {
                let text = format!("nobody states what {} is worth", view.graph.entity(id).name);
                return Err(AnalysisError::NoData(text));
            };
            if losses.insert(at, loss.loss).is_some() {
                let reason = format!("{} is given twice", loss.entity);
                return Err(AnalysisError::Invalid { parameter: "loss", reason });
            }
        }
        circle.answer(self, view, &losses)
    }
}

/// Firms of known value and the stakes between them.
struct Circle {
    firms: Vec<(EntityId, Value)>,
    stakes: Vec<Stake>,
    /// Stakes in firms, or of owners, whose value nobody states.
    open: Vec<Stake>,
    holdings: Holdings,
}

impl Circle {
    fn collect(view: &View<'_>) -> Result<Self, AnalysisError> {
        let graph = view.graph;
        let mut stakes: BTreeMap<(EntityId, EntityId), Stake> = BTreeMap::new();
        let mut priced: BTreeMap<EntityId, Value> = BTreeMap::new();
        for id in graph.relation_ids() {
            let relation = graph.relation(id);
            let Some(to) = relation.to.filter(|_| view.scope.counts(relation)) else { continue };
            let (share, amount, rank) = match &relation.detail {
                Detail::Owns { share, .. } => (share, &None, true),
                Detail::Invests { stake, amount, .. } => (stake, amount, false),
                _ => continue,
            };
            let Some(share) = share.as_ref().and_then(|share| share.point()).filter(|share| *share > 0.0)
            else {
                continue;
            };
            // what is stated as owned goes before what single deals bought
            if rank || !stakes.contains_key(&(relation.from, to)) {
                stakes.insert((relation.from, to), (relation.from, to, share, id));
            }
            if let Some(paid) = amount.as_ref().and_then(|amount| graph.usd_point(amount, view.scope.as_of)) {
                let value =
                    Value { amount: paid / share, basis: Basis::Deal, attribute: None, relation: Some(id) };
                priced.insert(to, value);
            }
        }
        let value = |id: EntityId| known(view, id).or_else(|| priced.get(&id).copied());
        let firms: Vec<(EntityId, Value)> =
            graph.entity_ids().filter_map(|id| Some((id, value(id)?))).collect();
        if firms.is_empty() {
            let text = "nobody states what any firm is worth: no valuation, no equity, no deal with both money and stake";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        let valued: BTreeSet<EntityId> = firms.iter().map(|(id, _)| *id).collect();
        let inside = |stake: &Stake| valued.contains(&stake.0) && valued.contains(&stake.1);
        let (stakes, open): (Vec<Stake>, Vec<Stake>) = stakes.into_values().partition(inside);
        let at = |id: EntityId| firms.binary_search_by_key(&id, |(firm, _)| *firm).ok();
        let ties: Vec<(usize, usize, f64)> = stakes
            .iter()
            .filter_map(|(owner, owned, share, _)| Some((at(*owner)?, at(*owned)?, *share)))
            .collect();
        let holdings = Holdings::new(firms.len(), &ties).ok_or_else(|| {
            let text = "stakes add up to more than a whole firm, or firms own each other entirely: nobody outside owns anything";
            AnalysisError::NoData(text.to_string())
        })?;
        Ok(Self { firms, stakes, open, holdings })
    }

    /// Value of the stakes that each firm holds in others of the circle.
    fn held(&self, values: &[f64]) -> Vec<f64> {
        let at = |id: EntityId| self.firms.binary_search_by_key(&id, |(firm, _)| *firm).ok();
        let mut held = vec![0.0; self.firms.len()];
        for (owner, owned, share, _) in &self.stakes {
            let value = at(*owned).and_then(|at| values.get(at)).copied().unwrap_or(0.0);
            if let Some(slot) = at(*owner).and_then(|at| held.get_mut(at)) {
                *slot += share * value;
            }
        }
        held
    }

    fn answer(
        &self,
        params: &CrossHoldings,
        view: &View<'_>,
        losses: &BTreeMap<usize, f64>,
    ) -> Result<Answer, AnalysisError> {
        let stated: Vec<f64> = self.firms.iter().map(|(_, value)| value.amount).collect();
        let held = self.held(&stated);
        let own: Vec<f64> = stated.iter().zip(&held).map(|(value, held)| value - held).collect();
        let before = self.holdings.value(&own, &[]);
        let fragile = |value: &f64| Fragility {
            threshold: params.threshold.unwrap_or(0.0) * value,
            cost: params.cost.unwrap_or(0.0) * value,
        };
        let fragility: Vec<Fragility> = match params.threshold {
            Some(_) => before.market.iter().map(fragile).collect(),
            None => Vec::new(),
        };
        let left = |at: usize| 1.0 - losses.get(&at).copied().unwrap_or(0.0);
        let assets: Vec<f64> = own.iter().enumerate().map(|(at, own)| own * left(at)).collect();
        let after = self.holdings.value(&assets, &fragility);
        let title = "Value net of stakes in each other";
        let mut answer = Answer::new("cross-holdings", title, CrossHoldings::CARD.question);
        let table = self.table(view, &own, &held, (&before, &after), !losses.is_empty());
        let whole = whole(&before, &after);
        findings(view, self, losses, &table, &whole, &after, &mut answer);
        answer.tables = vec![table, whole];
        self.caveats(view, &own, &after, &mut answer);
        Ok(answer)
    }

    fn table(
        &self,
        view: &View<'_>,
        own: &[f64],
        held: &[f64],
        (before, after): (&Valuation, &Valuation),
        hit: bool,
    ) -> Table {
        let columns = vec![
            Column::new("entity", Unit::Text, "The firm"),
            Column::new(
                "value",
                Unit::Usd,
                "Value of all its shares, as stated (unit of the table, where it comes from one)",
            ),
            Column::new("basis", Unit::Text, "How that is known"),
            Column::new("stakes", Unit::Usd, "Of which stakes in others of the list"),
            Column::new(
                "own_assets",
                Unit::Usd,
                "What it owns beside; negative where its stakes are worth more than all of it",
            ),
            Column::new("outside", Unit::Share, "Part of its shares with holders outside the list"),
            Column::new("net_value", Unit::Usd, "What belongs to holders outside: value times that part"),
            Column::new(
                "net_value_after",
                Unit::Usd,
                "The same after the losses; empty where there are none",
            ),
            Column::new("change", Unit::Share, "Change of the net value, as a part of it"),
            Column::new("failed_in_wave", Unit::Count, "Wave in which it fails; empty where it stands"),
        ];
        let mut table = Table::new("values", "Firms and what they are worth", columns);
        let at = |values: &[f64], place: usize| values.get(place).copied();
        let mut order: Vec<usize> = (0..self.firms.len()).collect();
        let size = |place: &usize| at(&before.market, *place).unwrap_or(0.0);
        order.arrange(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
        for place in order {
            let Some((id, value)) = self.firms.get(place) else { continue };
            let (first, last) = (at(&before.market, place), at(&after.market, place).filter(|_| hit));
            let change =
                first.zip(last).filter(|(first, _)| *first > 0.0).map(|(first, last)| last / first - 1.0);
            table.rows.push(vec![
                entity_cell(view.graph, *id),
                Cell::Number(value.amount),
                Cell::text(value.basis.describe()),
                Cell::number(at(held, place)),
                Cell::number(at(own, place)),
                Cell::number(at(self.holdings.outside(), place)),
                Cell::number(first),
                Cell::number(last),
                Cell::number(change),
                Cell::number(after.failed.get(place).copied().flatten().map(f64::from)),
            ]);
        }
        table
    }

    fn caveats(&self, view: &View<'_>, own: &[f64], after: &Valuation, answer: &mut Answer) {
        if !self.open.is_empty() {
            let name = |id: &EntityId| view.graph.entity(*id).name.as_str();
            let first: Vec<String> = self
                .open
                .iter()
                .take(5)
                .map(|(owner, owned, share, _)| {
                    format!("{} {:.0} % of {}", name(owner), share * 100.0, name(owned))
                })
                .collect();
            let text = format!(
                "{} stakes are outside the sum, because nobody states what the owner or the owned firm is worth: {}{}.",
                self.open.len(),
                first.join(", "),
                if self.open.len() > first.len() { " and more" } else { "" }
            );
            answer.caveat("unknown-value", text, Some(self.open.len()));
        }
        let deals = self.firms.iter().filter(|(_, value)| value.basis == Basis::Deal).count();
        if deals > 0 {
            let text = format!(
                "{deals} firms stand at the price of one deal, which was paid for a part of them and at its time."
            );
            answer.caveat("deal-price", text, Some(deals));
        }
        let negative = own.iter().filter(|own| **own < 0.0).count();
        if negative > 0 {
            let text = format!(
                "{negative} firms are stated to be worth less than the stakes that they hold: values of unlike dates or kinds."
            );
            answer.caveat("negative-assets", text, Some(negative));
        }
        if !after.converged {
            answer.status = AnswerStatus::NotConverged { residual: after.residual, rounds: 0 };
        }
        let mut trail = Trail::default();
        for (_, value) in &self.firms {
            value.attribute.into_iter().for_each(|id| trail.attribute(id));
            value.relation.into_iter().for_each(|id| trail.relation(id));
        }
        self.stakes.iter().for_each(|(.., relation)| trail.relation(*relation));
        trail.finish(view, answer);
    }
}

/// Value of all shares of a firm: of a table, its valuation, else its equity.
fn known(view: &View<'_>, id: EntityId) -> Option<Value> {
    let tabled = view.graph.facts().columns.figure(Figure::Equity);
    if let Some(amount) = tabled.and_then(|all| all.get(id.index()).copied().flatten()).filter(|v| *v > 0.0) {
        return Some(Value { amount, basis: Basis::Table, attribute: None, relation: None });
    }
    let of = AttributeSubject::Entity(id);
    let stated = |kind: &AttributeKind, basis: Basis| {
        let (attribute, record) = view.graph.latest_attribute(of, kind, None, view.scope.as_of)?;
        let amount = view.graph.usd_point(record.value.as_ref()?, view.scope.as_of).filter(|v| *v > 0.0)?;
        Some(Value { amount, basis, attribute: Some(attribute), relation: None })
    };
    stated(&AttributeKind::Valuation, Basis::Valuation)
        .or_else(|| stated(&AttributeKind::Equity, Basis::Equity))
}

fn whole(before: &Valuation, after: &Valuation) -> Table {
    let columns = vec![
        Column::new(
            "value",
            Unit::Usd,
            "Sum of the values of all shares: stakes count again with every owner",
        ),
        Column::new("net_value", Unit::Usd, "Sum of what belongs to holders outside: every asset once"),
        Column::new("counted_twice", Unit::Usd, "The difference"),
        Column::new("circularity", Unit::Ratio, "Value over net value: 1 without stakes in each other"),
        Column::new("net_value_after", Unit::Usd, "Net value after the losses"),
        Column::new("failures", Unit::Count, "Firms that fail"),
        Column::new("residual", Unit::Number, "Residual of the solve, in dollars"),
    ];
    let mut table = Table::new("whole", "The whole", columns);
    let (book, market): (f64, f64) = (before.book.iter().sum(), before.market.iter().sum());
    table.rows.push(vec![
        Cell::Number(book),
        Cell::Number(market),
        Cell::Number(book - market),
        Cell::number(before.circularity()),
        Cell::Number(after.market.iter().sum()),
        Cell::Number(after.failed.iter().flatten().count() as f64),
        Cell::Number(after.residual),
    ]);
    table
}

fn findings(
    view: &View<'_>,
    circle: &Circle,
    losses: &BTreeMap<usize, f64>,
    table: &Table,
    whole: &Table,
    after: &Valuation,
    answer: &mut Answer,
) {
    let count = circle.firms.len();
    let finding = FindingBuilder::new(format!("The {count} firms of known value are worth "))
        .cell(whole, 0, "value")
        .words(" together, of which ")
        .cell(whole, 0, "counted_twice")
        .words(" is stakes in each other: net of those ")
        .cell(whole, 0, "net_value")
        .words(", a circularity of ")
        .cell(whole, 0, "circularity")
        .words(".");
    if circle.stakes.is_empty() {
        let text = format!(
            "No stake of the dataset lies between two firms whose value is known, so there is no circle to take out; {} stakes lack a \
             value at one end.",
            circle.open.len()
        );
        answer.findings.push(FindingBuilder::new(text).done());
    } else {
        answer.findings.push(finding.done());
    }
    if losses.is_empty() {
        return;
    }
    let name = |at: &usize| circle.firms.get(*at).map_or("", |(id, _)| view.graph.entity(*id).name.as_str());
    let hit: Vec<String> = losses
        .iter()
        .map(|(at, loss)| format!("{} loses {:.0} % of its own assets", name(at), loss * 100.0))
        .collect();
    let failed = after.failed.iter().flatten().count();
    let mut finding = FindingBuilder::new(format!("If {}, the net value falls to ", hit.join(" and ")))
        .cell(whole, 0, "net_value_after")
        .words(format!(" and {failed} fail"));
    let other = |row: &usize| {
        let key = table.cell(*row, "entity").and_then(Cell::as_key);
        let own =
            |at: &usize| circle.firms.get(*at).map(|(id, _)| view.graph.entity(*id).key.as_str()) == key;
        !losses.keys().any(own) && table.number(*row, "change").is_some_and(|change| change < -1e-12)
    };
    let mut others: Vec<usize> = (0..table.rows.len()).filter(other).collect();
    let change = |row: &usize| table.number(*row, "change").unwrap_or(0.0);
    others.arrange(|a, b| change(a).total_cmp(&change(b)).then(a.cmp(b)));
    if let Some(row) = others.first() {
        finding = finding
            .words("; of the others ")
            .cell(table, *row, "entity")
            .words(" changes most, by ")
            .cell(table, *row, "change");
    }
    answer.findings.push(finding.words(".").done());
}
