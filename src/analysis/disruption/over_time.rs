//! Outages that last some days, seen from a target: what a disruption costs it, for searches that run many of them.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::trail::{Trail, say_weights};
use super::super::{AnalysisError, View};
use super::economy::{Economy, Shelf};
use super::params::DaysOf;
use super::{Disruption, MOST_DAYS};
use crate::answer::Answer;
use crate::model::{EntityId, ProductId};
use crate::network::{NeedRow, Network};
use crate::propagation::inventory::{Chain, Day, Event, Fade, Hit, Settings, simulate};
use crate::propagation::target::TargetLoss;

/// Outages that last some days, and the stocks that carry meanwhile. Without days there is no time.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct OverTime {
    /// Outages last so many days, and stocks carry: the model of disruption, day by day, in place of a static one
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// With --days, how many days to run [default: 365]
    #[cfg_attr(feature = "cli", arg(long, requires = "days"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub horizon: Option<u32>,
    /// With --days, days of stock of every product for which neither --stock nor the dataset says [default: 30]
    #[cfg_attr(feature = "cli", arg(long, requires = "days"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stock_days: Option<f64>,
    /// With --days, days of stock of a product: hbm=30; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT=DAYS", requires = "days"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<DaysOf>,
    /// With --days, products that last longer than the run; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "PRODUCT", requires = "days"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub durable: Vec<String>,
}

impl OverTime {
    /// Whether nothing is asked of it.
    pub(in crate::analysis) fn is_none(&self) -> bool {
        *self == Self::default()
    }

    /// The days that outages last, and those of a run.
    ///
    /// # Errors
    /// Numbers out of range.
    fn times(&self) -> Result<(f64, u32), AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        let usual = Disruption::default();
        let horizon = self.horizon.unwrap_or(usual.horizon);
        if !(1..=MOST_DAYS).contains(&horizon) {
            return Err(invalid("horizon", format!("{horizon}: expected 1 to {MOST_DAYS} days")));
        }
        match self.days {
            Some(days) if days.is_finite() && days > 0.0 => Ok((days, horizon)),
            Some(days) => Err(invalid("days", format!("{days}: expected more than 0 days"))),
            None => Err(invalid("days", "expected how many days outages last".to_string())),
        }
    }
}

/// A chain with stocks, seen from a target.
pub(in crate::analysis) struct DayByDay {
    pub economy: Economy,
    shelf: Shelf,
    settings: Settings,
    days: f64,
    horizon: usize,
    members: Vec<EntityId>,
    reaching: Vec<EntityId>,
    /// Where and how long stocks are assumed, in words.
    said: (usize, usize),
    general: f64,
}

/// What an outage of some days does to a target.
#[derive(Clone, Copy, Debug)]
pub(in crate::analysis) struct Toll {
    /// Output that it loses, in days of normal output: the mean of its members.
    pub lost: f64,
    /// Its greatest loss on any day, 0 to 1: the mean of its members on that day.
    pub worst: f64,
}

impl DayByDay {
    /// The chain of a view under the usual rules of firms.
    ///
    /// # Errors
    /// Unknown products, numbers out of range, shares that sum to more than the whole.
    pub fn new(
        view: &View<'_>,
        network: &Network,
        over: &OverTime,
        members: &[EntityId],
    ) -> Result<Self, AnalysisError> {
        let (days, horizon) = over.times()?;
        let usual = Disruption::default();
        let general = over.stock_days.unwrap_or(usual.stock_days);
        let shelf = Shelf::new(view.graph, general, &over.stock, &over.durable, 1.0)?;
        let economy = Economy::new(view, network, &shelf)?;
        let reached = upstream(&economy.chain, members);
        let reaching: Vec<EntityId> =
            view.graph.entity_ids().filter(|id| reached[id.index()] && !members.contains(id)).collect();
        let [asked, dataset, assumed] = economy.stocks;
        Ok(Self {
            settings: usual.point()?.settings(),
            said: (dataset, asked + assumed),
            economy,
            shelf,
            days,
            horizon: horizon as usize,
            members: members.to_vec(),
            reaching,
            general,
        })
    }

    /// The days on which outages hold.
    fn events(&self, outages: &[(EntityId, f64)]) -> Vec<Event> {
        let event = |(id, share): &(EntityId, f64)| Event {
            hit: Hit::Capacity(id.index()),
            size: *share,
            start: 0.0,
            days: Some(self.days),
            fade: Fade::Step,
        };
        outages.iter().map(event).collect()
    }

    /// What outages do on this chain, which may have other stocks than its own; `see` looks at each day.
    pub fn toll(&self, chain: &Chain, outages: &[(EntityId, f64)], mut see: impl FnMut(&Day<'_>)) -> Toll {
        let count = self.members.len().max(1) as f64;
        let mut toll = Toll { lost: 0.0, worst: 0.0 };
        simulate(chain, &self.settings, &self.events(outages), self.horizon, |day| {
            let lost =
                |id: &EntityId| day.output.get(id.index()).map_or(0.0, |output| (1.0 - output).max(0.0));
            let mean = self.members.iter().map(lost).sum::<f64>() / count;
            toll.lost += mean;
            toll.worst = toll.worst.max(mean);
            see(&day);
        });
        toll
    }

    /// The chain of another network of the same view, with the same stocks.
    pub fn chain_on(&self, view: &View<'_>, network: &Network) -> Option<Chain> {
        Economy::new(view, network, &self.shelf).ok().map(|economy| economy.chain)
    }

    /// The input of a firm for a product, by number.
    pub fn input(&self, firm: EntityId, product: ProductId) -> Option<usize> {
        let inputs = self.economy.chain.inputs_of(firm.index());
        inputs.into_iter().find(|at| self.economy.inputs.get(*at) == Some(&(firm, product)))
    }

    /// What has to be known of a search that runs this model, and what it rests on.
    pub fn said(&self, view: &View<'_>, network: &Network) -> Answer {
        let mut said = Answer::new("", "", "");
        let text = format!(
            "The model is that of disruption, day by day: outages of {} days, runs of {} days, preset inoue-todo with the smallest \
             relative order served first. Orders follow the output of the day before, so that who has used up a stock and makes nothing does not \
             come back: what long outages cost can be too high for that. Another rule or other stocks can change the result: see the table \
             hangs-on of disruption.",
            self.days, self.horizon
        );
        said.caveat("rules", text, None);
        let (stated, assumed) = self.said;
        let text = format!(
            "Of {} inputs, the stock of {stated} is in the dataset; the others are assumptions of the question ({} days unless it says \
             more of a product). What is stored at all is kept for two days at least.",
            stated + assumed,
            self.general
        );
        said.caveat("assumed-stocks", text, Some(assumed));
        let reached = upstream(&self.economy.chain, &self.members);
        let inputs: BTreeSet<(EntityId, ProductId)> = self.economy.inputs.iter().copied().collect();
        let counts = |row: &NeedRow| {
            inputs.contains(&(row.entity, row.product))
                && reached.get(row.entity.index()).copied().unwrap_or_default()
        };
        let mut trail = Trail::default();
        for row in network.rows().iter().filter(|row| counts(row)) {
            network.suppliers(row).iter().for_each(|link| trail.origins(network.origins(link)));
        }
        say_weights(&mut said, network, network.rungs(counts));
        trail.finish(view, &mut said);
        said
    }
}

/// Whether a firm is one of these or upstream of them, by firm.
fn upstream(chain: &Chain, members: &[EntityId]) -> Vec<bool> {
    let mut reached = vec![false; chain.firms()];
    let mut open: Vec<usize> = members.iter().map(|id| id.index()).filter(|at| *at < chain.firms()).collect();
    open.iter().for_each(|at| reached[*at] = true);
    while let Some(firm) = open.pop() {
        for link in chain.inputs_of(firm).flat_map(|input| chain.links_of(input)) {
            if let Some(supplier) = chain.supplier_of(link).filter(|supplier| !reached[*supplier]) {
                reached[supplier] = true;
                open.push(supplier);
            }
        }
    }
    reached
}

impl TargetLoss for DayByDay {
    /// The greatest loss on any day.
    fn loss(&self, outages: &[(EntityId, f64)]) -> f64 {
        self.toll(&self.economy.chain, outages, |_| {}).worst
    }

    fn reaching(&self) -> Vec<EntityId> {
        self.reaching.clone()
    }

    fn is_convex(&self) -> bool {
        false
    }

    fn has_settled(&self) -> bool {
        true
    }

    /// Orders that fall away can leave more for others: a greater outage may cost less.
    fn is_monotone(&self) -> bool {
        false
    }
}
