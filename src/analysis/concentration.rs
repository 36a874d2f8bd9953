//! How concentrated a market is, as bounds that follow from what is known of it.

mod bounds;
mod preset;

pub use bounds::{Bounds, Part, bounds};
pub use preset::Preset;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, entity_cell, product_cell};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit, format_number};
use crate::model::{EntityId, ProductId};
use crate::network::{Survey, surveys};

/// Concentration of a market.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Concentration {
    /// The market: a product of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT", required_unless_present = "all"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// All markets, the most concentrated first
    #[cfg_attr(feature = "cli", arg(long, conflicts_with_all = ["market", "region", "variant", "period"]))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// Whose shares are added up before squaring
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = By::Entity))]
    pub by: By,
    /// The thresholds that give the label
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Preset::Us2023))]
    pub preset: Preset,
    /// The survey of this region instead of the world's
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The survey of this generation or model
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<String>,
    /// The survey of this period instead of the latest
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period: Option<String>,
}

/// Whose shares are added up before squaring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum By {
    /// Each vendor by itself.
    #[default]
    Entity,
    /// Vendors with one controlling owner are one.
    Owner,
    /// Vendors with their legal seat in one country are one.
    Country,
}

impl By {
    fn name(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Owner => "owner",
            Self::Country => "country",
        }
    }
}

impl Analysis for Concentration {
    const CARD: Card = Card {
        name: "concentration",
        title: "Concentration of a market",
        question: "How concentrated is a market, and how sure is that?",
        definition: "HHI = Σ s² over the vendors' shares s, on the scale 0 to 10,000 (and 0 to 1). Where only part of \
                     the market is known the HHI is a range: the unlisted rest as many small firms, or as one firm. \
                     Effective number = 1 / HHI. CRk = sum of the k largest known shares.",
        reads: "`Sells` relations of one survey: same market, region, variant, period and metric; `Owns` for --by owner; \
                seats for --by country.",
        assumptions: "A group counts as one firm at most and as many small ones at least. Stated ranges of shares \
                      widen the range of the HHI. Which survey is used is said in the answer.",
        cost: "One pass over the relations; exact bounds over up to 12 shares that are ranges.",
        reference: "Hirschman 1945; Herfindahl 1950; Rhoades, Federal Reserve Bulletin 79:188, 1993; thresholds as \
                    named by the preset.",
        example: "linchpin concentration --market hbm",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let (markets, title, question) = self.markets(view)?;
        let mut answer = Answer::new(Self::CARD.name, title, question);
        let mut trail = Trail::default();
        let mut rows: Vec<MarketRow> = Vec::new();
        for product in markets {
            if let Some(survey) = self.survey(view, product)? {
                rows.push(self.measure(view, product, survey));
            }
        }
        rows.sort_by(|a, b| {
            let known = |row: &MarketRow| row.bounds.hhi_low;
            known(b).total_cmp(&known(a)).then(a.product.cmp(&b.product))
        });
        if rows.is_empty() {
            return Err(AnalysisError::NoData(self.nothing(view)));
        }
        for row in &rows {
            row.survey.vendors.iter().for_each(|vendor| trail.relation(vendor.relation));
        }
        answer.tables.push(self.main_table(view, &rows));
        answer.tables.push(self.share_table(view, &rows));
        self.findings(view, &rows, &mut answer);
        self.caveats(view, &rows, &mut answer);
        trail.finish(view.graph, &mut answer);
        Ok(answer)
    }
}

/// One market, measured.
struct MarketRow {
    product: ProductId,
    survey: Survey,
    parts: Vec<Holder>,
    bounds: Bounds,
    others: usize,
}

/// Who holds a share: a vendor, an owner or a country.
struct Holder {
    cell: Cell,
    part: Part,
}

impl Concentration {
    fn markets(&self, view: &View<'_>) -> Result<(Vec<ProductId>, String, String), AnalysisError> {
        if self.all {
            let question = format!("Which markets are most concentrated, by {}?", self.by.name());
            return Ok((view.graph.product_ids().collect(), "Concentration of all markets".into(), question));
        }
        let Some(market) = &self.market else {
            let reason = "expected a market, or all: true".to_string();
            return Err(AnalysisError::Invalid { parameter: "market", reason });
        };
        let product = view.graph.find_product(market)?;
        let name = &view.graph.product(product).name;
        let question = format!("How concentrated is the market for {name}, by {}?", self.by.name());
        Ok((vec![product], format!("Concentration: {name}"), question))
    }

    fn survey(&self, view: &View<'_>, product: ProductId) -> Result<Option<Survey>, AnalysisError> {
        let fits = |survey: &Survey| {
            let same = |asked: &Option<String>, own: &Option<String>| asked.is_none() || asked == own;
            let period = self.period.is_none() || survey.period.map(|p| p.to_string()) == self.period;
            same(&self.region, &survey.region) && same(&self.variant, &survey.variant) && period
        };
        Ok(surveys(view.graph, &view.scope, product).into_iter().find(fits))
    }

    fn nothing(&self, view: &View<'_>) -> String {
        let Some(product) = self.market.as_deref().and_then(|key| view.graph.find_product(key).ok()) else {
            return "no market of this dataset has shares in the scope".to_string();
        };
        let known: Vec<String> =
            surveys(view.graph, &view.scope, product).iter().map(Survey::describe).collect();
        let name = &view.graph.product(product).name;
        if known.is_empty() {
            let surveyed =
                view.graph.product_ids().filter(|p| !surveys(view.graph, &view.scope, *p).is_empty());
            let keys: Vec<_> = surveyed.map(|p| view.graph.product(p).key.clone()).collect();
            return format!(
                "no market shares for {name} in the scope; markets with shares: {}",
                keys.join(", ")
            );
        }
        format!("no such survey of {name}; there is: {}", known.join("; "))
    }

    fn measure(&self, view: &View<'_>, product: ProductId, survey: Survey) -> MarketRow {
        let mut holders: BTreeMap<(bool, String), Holder> = BTreeMap::new();
        for vendor in &survey.vendors {
            let (key, cell, group) = self.holder(view, vendor.entity, vendor.group);
            let high = vendor.range.high.unwrap_or(1.0);
            let holder = holders
                .entry((group, key))
                .or_insert_with(|| Holder { cell, part: Part { low: 0.0, point: 0.0, high: 0.0, group } });
            holder.part.low += vendor.range.low;
            holder.part.point += vendor.share;
            holder.part.high += high;
        }
        let mut parts: Vec<Holder> = holders.into_values().collect();
        parts.sort_by(|a, b| {
            b.part.point.total_cmp(&a.part.point).then_with(|| a.cell.as_key().cmp(&b.cell.as_key()))
        });
        let bounds = bounds(&parts.iter().map(|holder| holder.part).collect::<Vec<_>>());
        let others = surveys(view.graph, &view.scope, product).len() - 1;
        MarketRow { product, survey, parts, bounds, others }
    }

    /// Key, name and whether it is a group of the one whose shares are added up.
    fn holder(&self, view: &View<'_>, vendor: EntityId, group: bool) -> (String, Cell, bool) {
        let entity = match self.by {
            By::Owner if !group => view.graph.ultimate_owner(vendor, &view.scope),
            By::Country => match &view.graph.entity(vendor).seat {
                Some(seat) => return (seat.clone(), Cell::text(seat), false),
                None => {
                    return (view.graph.entity(vendor).key.clone(), entity_cell(view.graph, vendor), true);
                }
            },
            _ => vendor,
        };
        (view.graph.entity(entity).key.clone(), entity_cell(view.graph, entity), group)
    }

    fn main_table(&self, view: &View<'_>, rows: &[MarketRow]) -> Table {
        let mut table = Table::new("concentration", "Concentration", columns());
        for row in rows {
            let b = &row.bounds;
            let top = row.parts.iter().find(|holder| !holder.part.group);
            table.rows.push(vec![
                product_cell(view.graph, row.product),
                Cell::text(self.by.name()),
                Cell::Number(b.hhi_low * 1e4),
                Cell::Number(b.hhi_high * 1e4),
                Cell::Number(b.coverage),
                Cell::number(b.effective(b.hhi_high)),
                Cell::number(b.effective(b.hhi_low)),
                Cell::Number(b.largest(1)),
                Cell::Number(b.largest(4)),
                top.map_or(Cell::Empty, |holder| holder.cell.clone()),
                Cell::text(self.preset.name()),
                Cell::text(self.preset.label(b)),
            ]);
        }
        table
    }

    fn share_table(&self, view: &View<'_>, rows: &[MarketRow]) -> Table {
        let columns = vec![
            Column::new("market", Unit::Text, "The market"),
            Column::new(self.by.name(), Unit::Text, "Who holds the share"),
            Column::new("share", Unit::Share, "Share of the market, 0 to 1: the surest and latest statement"),
            Column::new("share_low", Unit::Share, "The least that the sources allow"),
            Column::new("share_high", Unit::Share, "The most that the sources allow"),
            Column::new("group", Unit::Text, "Whether it is an aggregate of several firms"),
            Column::new("survey", Unit::Text, "Which survey the share is taken from"),
        ];
        let mut table = Table::new("shares", "Shares", columns);
        for row in rows {
            for holder in &row.parts {
                table.rows.push(vec![
                    product_cell(view.graph, row.product),
                    holder.cell.clone(),
                    Cell::Number(holder.part.point),
                    Cell::Number(holder.part.low),
                    Cell::Number(holder.part.high.min(1.0)),
                    Cell::Flag(holder.part.group),
                    Cell::text(row.survey.describe()),
                ]);
            }
        }
        table
    }

    fn findings(&self, view: &View<'_>, rows: &[MarketRow], answer: &mut Answer) {
        let table = answer.tables[0].clone();
        let mut findings = Vec::new();
        for (at, row) in rows.iter().enumerate().take(if self.all { 3 } else { 1 }) {
            let name = &view.graph.product(row.product).name;
            let scale = |v: f64| format_number(v);
            let unit = if row.bounds.hhi_low == row.bounds.hhi_high {
                scale(row.bounds.hhi_low)
            } else {
                format!("{} to {}", scale(row.bounds.hhi_low), scale(row.bounds.hhi_high))
            };
            let finding = FindingBuilder::new(format!("{name} ({}): HHI ", row.survey.describe()))
                .range(&table, at, "hhi_low", "hhi_high")
                .words(format!(" of 10,000 ({unit} of 1), with "))
                .cell(&table, at, "coverage")
                .words(" of the market known; as concentrated as ")
                .range(&table, at, "effective_low", "effective_high")
                .words(" equal vendors. The largest, ")
                .cell(&table, at, "top")
                .words(", holds ")
                .cell(&table, at, "cr1")
                .words(format!("; under {}: ", self.preset.name()))
                .cell(&table, at, "label")
                .words(".");
            findings.push(finding.done());
        }
        answer.findings = findings;
    }

    fn caveats(&self, view: &View<'_>, rows: &[MarketRow], answer: &mut Answer) {
        answer.caveat("preset", self.preset.describe(), None);
        let partial = rows.iter().filter(|row| row.bounds.coverage < 1.0 - 1e-9).count();
        if partial > 0 {
            let text = "Where the shares do not add up to the whole, the lower HHI takes the rest as many small firms \
                        and the upper takes it as one unlisted firm.";
            answer.caveat("coverage", text, Some(partial));
        }
        let inferred =
            rows.iter().flat_map(|row| &row.survey.vendors).filter(|vendor| vendor.inferred).count();
        if inferred > 0 {
            let text =
                format!("{inferred} shares are worked out from sales beside vendors whose share is stated.");
            answer.caveat("inferred-shares", text, Some(inferred));
        }
        let loose = rows.iter().filter(|row| !row.bounds.tight).count();
        if loose > 0 {
            let text = "So many shares are ranges that the upper HHI is a safe bound, not the exact maximum.";
            answer.caveat("loose-bound", text, Some(loose));
        }
        if let [row] = rows {
            if row.others > 0 && self.period.is_none() {
                let all = surveys(view.graph, &view.scope, row.product);
                let others: Vec<_> = all.iter().filter(|s| **s != row.survey).map(Survey::describe).collect();
                let text = format!("Other surveys of this market: {}.", others.join("; "));
                answer.caveat("other-surveys", text, Some(row.others));
            }
        }
    }
}

fn columns() -> Vec<Column> {
    let mut columns = vec![
        Column::new("market", Unit::Text, "The market"),
        Column::new("by", Unit::Text, "Whose shares are added up before squaring"),
        Column::new("hhi_low", Unit::Hhi, "HHI, 0 to 10,000, if the unlisted rest is many small firms"),
        Column::new("hhi_high", Unit::Hhi, "HHI, 0 to 10,000, if the unlisted rest is one firm"),
        Column::new("coverage", Unit::Share, "Share of the market that named single firms hold, 0 to 1"),
        Column::new("effective_low", Unit::Number, "Number of equal vendors with the upper HHI, 1 or more"),
        Column::new("effective_high", Unit::Number, "Number of equal vendors with the lower HHI, 1 or more"),
        Column::new("cr1", Unit::Share, "Share of the largest, 0 to 1"),
        Column::new("cr4", Unit::Share, "Share of the four largest that are known, 0 to 1"),
        Column::new("top", Unit::Text, "The largest"),
        Column::new("preset", Unit::Text, "The thresholds behind the label"),
        Column::new("label", Unit::Text, "The band, where both bounds fall in one; else undetermined"),
    ];
    for column in &mut columns {
        column.heading = column.heading.replace("Hhi", "HHI").replace("Cr", "CR");
    }
    columns
}
