//! How concentrated a market is, as bounds that follow from what is known of it: vendors, owners, countries; the
//! other side of the market; without one of them, with two of them merged, and tier by tier.

mod bounds;
mod buyers;
pub mod exit;
pub mod family;
mod holders;
mod merger;
pub mod ownership;
mod place;
mod preset;
mod sectors;
mod subject;
mod tables;
pub mod threshold;
mod tiers;
mod words;

pub use bounds::{Bounds, Part, Rest, bounds, bounds_with};
pub use ownership::Mhhi;
pub use preset::Preset;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, Upon, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, Reach};
use crate::model::EntityId;
use crate::network::{Network, surveys};
use crate::order::Arrange;

use buyers::Side as Ties;
use subject::{Row, Subject};

/// Concentration of a market.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Concentration {
    /// The market: a product of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT", required_unless_present_any = ["all", "of"]))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<String>,
    /// All markets, the most concentrated first; with --side buyers all suppliers
    #[cfg_attr(feature = "cli", arg(long, conflicts_with_all = ["market", "of", "region", "variant", "period"]))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// One entity: its suppliers need by need; with --side buyers its customers; with --per-tier its tiers
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Which side of the market: who supplies, or who buys from each supplier
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Side::Supply))]
    #[serde(skip_serializing_if = "Side::is_supply")]
    pub side: Side,
    /// Whose shares are added up before squaring
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = By::Entity))]
    pub by: By,
    /// The thresholds that give the label
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Preset::Us2023))]
    pub preset: Preset,
    /// How many of the largest the concentration ratio CRk adds up [default: 3]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NUMBER"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub k: Option<usize>,
    /// No unlisted firm holds more than this share of the market, as 0.05
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub largest_unlisted: Option<f64>,
    /// What if these merged
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "A,B"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<String>,
    /// Advanced: the modified HHI of common ownership, with control in proportion to stakes or as stated
    #[cfg_attr(
        feature = "cli",
        arg(long, value_enum, num_args = 0..=1, require_equals = true, default_missing_value = "proportional")
    )]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mhhi: Option<Mhhi>,
    /// The Gini coefficient too, which is not a measure of concentration
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub gini: bool,
    /// Concentration of each tier upstream of --of, by cost
    #[cfg_attr(feature = "cli", arg(long, requires = "of", conflicts_with_all = ["market", "side", "merge", "mhhi"]))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub per_tier: bool,
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

/// Which side of a market is measured.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Side {
    /// Who supplies.
    #[default]
    Supply,
    /// Who buys from a supplier, which is hostage to few customers.
    Buyers,
}

impl Side {
    fn is_supply(&self) -> bool {
        *self == Self::Supply
    }
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
    /// What is produced in one country is one, wherever the seat of its vendor.
    Production,
}

impl By {
    /// Name on the command line and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Entity => "entity",
            Self::Owner => "owner",
            Self::Country => "country",
            Self::Production => "production",
        }
    }
}

impl Analysis for Concentration {
    const CARD: Card = Card {
        name: "concentration",
        title: "Concentration of a market",
        question: "How concentrated is a market, and how sure is that? Who props it up, what would a merger do, and who is \
                   hostage to whom?",
        definition: "HHI = Σ s² over the vendors' shares s, on the scales 0 to 10,000 and 0 to 1. Where only part of the \
                     market is known the HHI is a range: the unlisted rest as many small firms, or as one firm, or as firms \
                     of a stated size at most. Normalised HHI = (H - 1/N) / (1 - 1/N), taken as 1 for N = 1. Effective number \
                     = 1 / HHI; Hill numbers (Σ s^q)^(1/(1-q)); Theil = ln N - Shannon, split between and within countries, \
                     owners and kinds. CRk = sum of the k largest. Leave-one-out: the HHI without one vendor. Merger: \
                     (s_a + s_b)² - s_a² - s_b². MHHI = Σ Σ s_j s_k λ_jk, λ the weight that firm j puts on k's profit.",
        reads: "`Sells` relations of one survey: same market, region, variant, period and metric; `Owns` for --by owner and \
                --mhhi; seats for --by country; `production` and `Production` attributes for --by production; \
                `SpareCapacity` for leave-one-out; `share_of_revenue`, `share_of_output` and amounts of `Supplies` with \
                `Revenue` for --side buyers; sales of bulk tables by sector where no market has a survey; needs for --of; cost shares for --per-tier.",
        assumptions: "A group counts as one firm at most and as many small ones at least; a listed member of a listed group \
                      is a part of it. Stated ranges of shares widen the range of the HHI. For countries the unknown rest \
                      may belong to the largest. Entropies, the normalised HHI, Theil, leave-one-out and MHHI take the known \
                      single firms as the whole market. Which survey is used is said in the answer.",
        cost: "One pass over the relations; exact bounds over up to 12 shares that are ranges; for each market the square of \
               its vendors.",
        reference: "Hirschman 1945; Herfindahl 1950; Rhoades, Federal Reserve Bulletin 79:188, 1993; Hill, Ecology 54:427, \
                    1973; Theil 1967; Salop and O'Brien, Antitrust Law Journal 67:559, 2000; Emerson, American Sociological \
                    Review 27:31, 1962; thresholds as named by the preset.",
        rests: Reach::Named,
        example: "linchpin concentration --market hbm",
    };

    fn shares_links(&self) -> Result<(), String> {
        match self.all && self.side == Side::Supply && self.by == By::Entity {
            true => Ok(()),
            false => {
                Err("of concentration it goes with --all by entity, over the sectors of bulk tables"
                    .to_string())
            }
        }
    }

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.check()?;
        let of = self.of.as_deref().map(|key| view.graph.find_entity(key)).transpose()?;
        let (title, question) = self.headings(view, of)?;
        let mut answer = Answer::new(Self::CARD.name, title, question);
        if let (true, Some(of)) = (self.per_tier, of) {
            self.tiers(view, of, &mut answer)?;
            name_columns(&mut answer);
            return Ok(answer);
        }
        if self.is_by_sector(view) && !self.is_surveyed(view) {
            self.sectors(view, &mut answer);
            name_columns(&mut answer);
            return Ok(answer);
        }
        let network =
            (of.is_some() || self.side == Side::Buyers).then(|| Network::build(view.graph, &view.scope));
        let (subjects, untold) = match (self.side, of, &network) {
            (Side::Buyers, ..) => self.customers(view)?,
            (Side::Supply, Some(of), Some(network)) => (self.needs(view, network, of)?, 0),
            _ => (self.markets(view)?, 0),
        };
        let mut rows: Vec<Row> =
            subjects.into_iter().map(|subject: Subject| Row::measure(self, view, subject)).collect();
        rows.arrange(|a, b| {
            let known = |row: &Row| row.bounds.hhi_low;
            known(b).total_cmp(&known(a)).then_with(|| a.subject.cell.as_key().cmp(&b.subject.cell.as_key()))
        });
        let mut trail = Trail::default();
        for row in &rows {
            trail.origins(&row.subject.origins);
            trail.origins(&subject::attributes(&row.holders.attributes));
        }
        self.fill(view, &rows, network.as_ref().map(|network| (network, of)), &mut trail, &mut answer)?;
        name_columns(&mut answer);
        self.findings(&rows, &mut answer);
        self.caveats(&rows, &mut answer);
        if untold > 0 {
            let text = format!(
                "Of {untold} more suppliers no customer's share is known: amounts without the supplier's revenue are not \
                 taken as the whole."
            );
            answer.caveat("unknown-customers", text, Some(untold));
        }
        if let (Side::Supply, Some(network)) = (self.side, &network) {
            let mut tally = [0; 5];
            for row in &rows {
                tally.iter_mut().zip(row.subject.rungs).for_each(|(sum, count)| *sum += count);
            }
            say_weights(&mut answer, network, tally);
        }
        for table in answer.tables.iter().filter(|table| !table.name.starts_with("mhhi")) {
            trail.rows(table, |_, cells| upon(&rows, cells));
        }
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

impl Concentration {
    /// Whether any market has shares in the scope.
    fn is_surveyed(&self, view: &View<'_>) -> bool {
        view.graph.product_ids().any(|product| !surveys(view.graph, &view.scope, product).is_empty())
    }
}

/// The records of the market, customer or need that a row begins with.
fn upon(rows: &[Row], cells: &[Cell]) -> Upon {
    let of = |row: &&Row| cells.first().and_then(Cell::as_key) == row.subject.cell.as_key();
    rows.iter().find(of).map_or_else(Upon::default, |row| {
        Upon::of(&row.subject.origins).origins(&subject::attributes(&row.holders.attributes))
    })
}

impl Concentration {
    /// How concentrated the unlisted rest may be.
    fn rest(&self) -> Rest {
        match (self.by, self.largest_unlisted) {
            (By::Country | By::Production, _) => Rest::Largest,
            (By::Entity | By::Owner, Some(cap)) => Rest::Capped(cap),
            (By::Entity | By::Owner, None) => Rest::OneFirm,
        }
    }

    /// Refuses parameters that make no sense together.
    fn check(&self) -> Result<(), AnalysisError> {
        let refuse =
            |parameter, reason: &str| Err(AnalysisError::Invalid { parameter, reason: reason.to_string() });
        if self.market.is_none() && !self.all && self.of.is_none() {
            return refuse("market", "expected a market, all: true, or an entity in `of`");
        }
        if self.all && (self.market.is_some() || self.of.is_some()) {
            return refuse("all", "all markets, or one, or one entity: not two of them");
        }
        if self.per_tier && (self.of.is_none() || self.side == Side::Buyers) {
            return refuse(
                "per_tier",
                "expected the entity whose tiers are meant in `of`, on the side of supply",
            );
        }
        if self.k == Some(0) {
            return refuse("k", "expected 1 or more");
        }
        if self.largest_unlisted.is_some_and(|cap| !(cap > 0.0 && cap <= 1.0)) {
            return refuse("largest_unlisted", "expected a share above 0 and at most 1");
        }
        let firms = matches!(self.by, By::Entity | By::Owner);
        if self.largest_unlisted.is_some() && !firms {
            return refuse(
                "largest_unlisted",
                "a cap on firms says nothing of countries; ask by entity or by owner",
            );
        }
        let survey = [&self.region, &self.variant, &self.period].into_iter().any(Option::is_some);
        if survey && (self.all || self.of.is_some() || self.side == Side::Buyers) {
            return refuse("region", "a region, variant or period picks a survey of one market");
        }
        if self.mhhi.is_some() && (self.side == Side::Buyers || self.of.is_some()) {
            return refuse("mhhi", "common ownership is measured among the vendors of a market");
        }
        if !self.merge.is_empty() && self.side == Side::Buyers {
            return refuse("merge", "mergers are measured on the side of supply");
        }
        Ok(())
    }

    /// Title and question of the answer.
    fn headings(&self, view: &View<'_>, of: Option<EntityId>) -> Result<(String, String), AnalysisError> {
        let market = self.market.as_deref().map(|key| view.graph.find_product(key)).transpose()?;
        let product = market.map(|id| view.graph.product(id).name.as_str());
        let entity = of.map(|id| view.graph.entity(id).name.as_str());
        let by = self.by.name();
        Ok(match (self.side, entity, product) {
            (_, Some(entity), _) if self.per_tier => (
                format!("Concentration by tier: {entity}"),
                format!("How concentrated is each tier upstream of {entity}, by {by}?"),
            ),
            (Side::Buyers, Some(entity), _) => (
                format!("Customers of {entity}"),
                format!("How concentrated are the customers of {entity}, by {by}?"),
            ),
            (Side::Buyers, None, Some(product)) => (
                format!("Customers of the suppliers of {product}"),
                format!("Which suppliers of {product} are hostage to few customers, by {by}?"),
            ),
            (Side::Buyers, None, None) => (
                "Customers of all suppliers".to_string(),
                format!("Which suppliers are hostage to few customers, by {by}?"),
            ),
            (Side::Supply, Some(entity), _) => (
                format!("Suppliers of {entity}"),
                format!("How concentrated are the suppliers of each need of {entity}, by {by}?"),
            ),
            (Side::Supply, None, Some(product)) => (
                format!("Concentration: {product}"),
                format!("How concentrated is the market for {product}, by {by}?"),
            ),
            (Side::Supply, None, None) => (
                "Concentration of all markets".to_string(),
                format!("Which markets are most concentrated, by {by}?"),
            ),
        })
    }

    /// Writes the tables.
    fn fill(
        &self,
        view: &View<'_>,
        rows: &[Row],
        network: Option<(&Network, Option<EntityId>)>,
        trail: &mut Trail,
        answer: &mut Answer,
    ) -> Result<(), AnalysisError> {
        let (theil, groups) = self.theil_tables(view, rows);
        answer.tables.push(self.main_table(rows));
        answer.tables.push(self.share_table(rows));
        answer.tables.push(self.family_table(rows));
        answer.tables.push(self.diversity_table(rows));
        answer.tables.push(self.threshold_table(rows));
        answer.tables.push(theil);
        answer.tables.push(groups);
        answer.tables.push(self.exits(rows));
        if !self.merge.is_empty() {
            answer.tables.push(self.mergers(view, rows)?);
        }
        if let Some(how) = self.mhhi {
            let (totals, weights, origins) = ownership::tables(view, rows, how);
            trail.origins(&origins);
            answer.tables.push(totals);
            answer.tables.push(weights);
        }
        match (self.side, network) {
            (Side::Buyers, Some((network, _))) => {
                let keys = rows.iter().filter_map(|row| row.subject.cell.as_key());
                let suppliers: Vec<EntityId> =
                    keys.filter_map(|key| view.graph.find_entity(key).ok()).collect();
                answer.tables.push(buyers::disclosure(view, rows));
                answer.tables.push(buyers::dependence(view, network, &Ties::Suppliers(&suppliers)));
            }
            (Side::Supply, Some((network, Some(of)))) => {
                answer.tables.push(buyers::dependence(view, network, &Ties::Customer(of)));
            }
            _ => {}
        }
        Ok(())
    }
}

/// Writes abbreviations in headings as people do.
fn name_columns(answer: &mut Answer) {
    for column in answer.tables.iter_mut().flat_map(|table| &mut table.columns) {
        let words = column.heading.split(' ').map(|word| match word.to_lowercase().as_str() {
            "hhi" => "HHI".to_string(),
            "mhhi" => "MHHI".to_string(),
            "cr1" => "CR1".to_string(),
            "cr4" => "CR4".to_string(),
            "crk" => "CRk".to_string(),
            "shannon" => "Shannon".to_string(),
            _ => word.to_string(),
        });
        column.heading = words.collect::<Vec<_>>().join(" ");
    }
}
