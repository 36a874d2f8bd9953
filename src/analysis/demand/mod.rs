//! What a commitment takes: the bill of materials walked upstream, in units, power and money.

mod bill;
mod price;
mod range;
mod say;
mod suppliers;
mod tables;
mod unit;
mod walk;

pub use unit::Amount;

use serde::{Deserialize, Serialize};

use super::trail::Trail;
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Reach};
use crate::graph::nearest;
use crate::model::{EntityId, ProductId};
use crate::network::{Network, Origin};
use crate::order::Arrange;
use price::{Price, Variants};
use range::Range;
use walk::{Level, Walk};

/// What so much of a product takes of its inputs, and theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields)]
pub struct Demand {
    /// What is bought
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT"))]
    pub product: String,
    /// How much of it: money in all (100e9USD), power (5GW), or a number of units (1e6)
    #[cfg_attr(feature = "cli", arg(long, value_name = "AMOUNT"))]
    pub amount: Amount,
    /// Years that the purchase runs, for what is paid by the year [default: the middle term of the contracts on which its price rests]
    #[cfg_attr(feature = "cli", arg(long, value_name = "YEARS"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<f64>,
    /// Generation or model that the bills are of, as the dataset names it; may be repeated [default: of each product the one of which most is stated]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub variant: Vec<String>,
    /// Who builds: inputs that it needs itself come from its own suppliers [default: from all vendors, by market share]
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

/// The question with its keys looked up.
struct Asked<'a> {
    view: &'a View<'a>,
    params: &'a Demand,
    product: ProductId,
    provider: Option<EntityId>,
    variants: Variants,
    network: Network,
}

/// What is bought, in money and units.
struct Purchase {
    level: Level,
    /// The price that turned the one into the other.
    price: Option<Price>,
    years: Option<f64>,
    /// Whether the years were supposed.
    supposed: bool,
}

impl Analysis for Demand {
    const CARD: Card = Card {
        name: "demand",
        title: "What a commitment takes",
        question: "How much of everything upstream does a purchase take: power, chips, memory, packaging, racks, money, and from whom?",
        definition: "Level of an input = Σ over the products that take it of their level × intensity. Numbers and power times a number; a \
                     share of cost times number × unit cost (or the price, where no cost is known); money over unit price gives a number. \
                     What is rented by the year: power = money / years / price of a megawatt-year.",
        reads: "`intensities`; `UnitPrice` and `UnitCost`; `Commits` that state money, power and time; needs and market shares for the \
                suppliers.",
        assumptions: "Every unit is built as the chosen variant. One fit-out: no renewals, no spares, no stock. Where lines in physical units \
                      and shares of cost say the same twice (together more than the whole cost), the shares are set aside.",
        cost: "One pass over the bills reached for each tier; more where products take each other in circles.",
        reference: "W. Leontief, Review of Economic Statistics 18:105, 1936, on intensities by product.",
        rests: Reach::Connected,
        example: "linchpin demand --product cloud-compute --amount 100e9USD --over 10 --variant B200",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        if let Some(years) = self.over.filter(|years| !years.is_finite() || *years <= 0.0) {
            let reason = format!("{years}: expected more than 0 years");
            return Err(AnalysisError::Invalid { parameter: "over", reason });
        }
        let product = view.graph.find_product(&self.product)?;
        let provider = self.provider.as_deref().map(|key| view.graph.find_entity(key)).transpose()?;
        let variants = Variants::choose(view, &self.variant).map_err(|(name, known)| {
            let near = nearest(&name, known.iter().map(String::as_str));
            let near = if near.is_empty() { known } else { near };
            let reason = format!("there is no variant {name:?}; expected one such as {}", near.join(", "));
            AnalysisError::Invalid { parameter: "variant", reason }
        })?;
        let network = Network::build(view.graph, &view.scope);
        let asked = Asked { view, params: self, product, provider, variants, network };
        let purchase = asked.purchase()?;
        let walk = walk::walk(view, &asked.variants, product, &purchase.level);
        let name = &view.graph.product(product).name;
        let what = tables::amount_words(self.amount, view.graph.product(product));
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("What {what} of {name} takes"),
            format!("How much of everything upstream does {what} of {name} take, and from whom?"),
        );
        tables::fill(&asked, &purchase, &walk, &mut answer);
        say::findings(&asked, &purchase, &walk, &mut answer);
        say::caveats(&asked, &purchase, &walk, &mut answer);
        if !walk.converged {
            answer.status = AnswerStatus::NotConverged { residual: walk.residual, rounds: walk.rounds };
        }
        asked.trail(&purchase, &walk).finish(view, &mut answer);
        Ok(answer)
    }
}

impl Asked<'_> {
    /// Turns money into units or units into money, where a price is known.
    fn purchase(&self) -> Result<Purchase, AnalysisError> {
        let record = self.view.graph.product(self.product);
        let (base, factor) = unit::base(record);
        let price = price::price(self.view, &self.variants, self.product)
            .or_else(|| price::contracts(self.view, self.product));
        let terms = price.iter().flat_map(|price| price.contracts.iter().map(|(_, _, years)| *years));
        let mut terms: Vec<f64> = terms.collect();
        terms.arrange(f64::total_cmp);
        let rented = price.as_ref().is_some_and(|price| price.rented);
        let years = self.params.over.or_else(|| price::median(&terms).filter(|_| rented));
        let each =
            price.as_ref().map(|price| price.usd.scaled(if rented { years.unwrap_or(1.0) } else { 1.0 }));
        let mut level = Level::default();
        match self.params.amount {
            Amount::Usd(usd) => {
                level.money = Some(Range::exact(usd));
                if let Some(number) = each.and_then(|each| Range::exact(usd).over(each)) {
                    level.quantities.insert(base, number);
                }
            }
            Amount::Megawatts(_) if base != "MW" => {
                let reason = format!("{} is counted in {base}s, not in power", record.name);
                return Err(AnalysisError::Invalid { parameter: "amount", reason });
            }
            Amount::Megawatts(number) | Amount::Units(number) => {
                let own = matches!(self.params.amount, Amount::Units(_));
                let number = Range::exact(number * if own { factor } else { 1.0 });
                level.money = each.map(|each| number.times(each));
                level.quantities.insert(base, number);
            }
        }
        let supposed = self.params.over.is_none() && years.is_some();
        Ok(Purchase { level, price, years, supposed })
    }

    /// The records that the answer rests on.
    fn trail(&self, purchase: &Purchase, walk: &Walk) -> Trail {
        let mut trail = Trail::default();
        let used = walk.steps.iter().filter(|step| step.unused.is_none());
        let intensities: Vec<Origin> = used.map(|step| Origin::Intensity(step.at as u32)).collect();
        trail.origins(&intensities);
        let priced = |prices: &std::collections::BTreeMap<ProductId, Price>| -> Vec<Price> {
            prices
                .iter()
                .filter(|(product, _)| walk.levels.contains_key(product))
                .map(|(_, p)| p.clone())
                .collect()
        };
        for price in priced(&walk.prices).iter().chain(&priced(&walk.costs)).chain(&purchase.price) {
            price.attributes.iter().for_each(|id| trail.attribute(*id));
            price.contracts.iter().for_each(|(id, ..)| trail.relation(*id));
        }
        for product in walk.levels.keys().filter(|product| **product != self.product) {
            for share in suppliers::shares(self.view, &self.network, self.provider, *product) {
                trail.origins(&share.origins);
            }
        }
        trail
    }
}
