//! Which single change of sourcing helps a target most.

mod changes;
mod in_time;
mod measure;
mod say;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::disruption::OverTime;
use super::percent::Percent;
use super::shock::{Shock, functional};
use super::target::{Target, kinds};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Reach};
use crate::model::EntityId;
use crate::network::Network;
use crate::propagation::functional::Settings;
use crate::propagation::target::{FunctionalTarget, TargetLoss};
use changes::changes;
use measure::{Baseline, Best};

/// Single changes of sourcing, ranked by how much they help a target.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Harden {
    /// Whom to help: an entity, all of a kind, or the members of a group
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY|KIND|GROUP"))]
    pub target: String,
    /// The loss of function that distances are taken to, as 30% or 0.3
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = LOSS))]
    pub loss: Percent,
    /// The part of a need that moves from one supplier to another, at most what that supplier has
    #[cfg_attr(feature = "cli", arg(long = "move", value_name = "SHARE", default_value_t = MOVED))]
    #[serde(rename = "move")]
    pub moved: Percent,
    /// What a change is ranked by
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Goal::Sum))]
    #[serde(skip_serializing_if = "Goal::is_sum")]
    pub by: Goal,
    /// Only outages of entities of this kind; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<String>,
    /// Only changes of the target's own needs, not of those upstream
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// List at most this many changes
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = TOP))]
    #[serde(skip_serializing_if = "is_top")]
    pub top: usize,
    /// Take the unknown part of every need as hit like the known part
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pessimistic: bool,
    /// With --days, days of stock that a change adds of one product at one firm [default: 30]
    #[cfg_attr(feature = "cli", arg(long, requires = "days"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub add_stock: Option<f64>,
    /// With --days, run the model at most this often in the search [default: 20000]
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", requires = "days"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub runs: Option<usize>,
    /// Outages in time, where they are asked for.
    #[cfg_attr(feature = "cli", command(flatten))]
    #[serde(skip_serializing_if = "OverTime::is_none")]
    pub over: OverTime,
}

/// What a change is ranked by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Goal {
    /// The sum of the target's losses over all single outages falls most
    #[default]
    Sum,
    /// The least partial outage of one supplier that costs the loss rises most
    Distance,
}

impl Goal {
    fn is_sum(&self) -> bool {
        *self == Self::Sum
    }
}

const LOSS: Percent = Percent(0.3);
const MOVED: Percent = Percent(0.2);
const TOP: usize = 25;

fn is_top(top: &usize) -> bool {
    *top == TOP
}

impl Default for Harden {
    fn default() -> Self {
        Self {
            target: String::new(),
            loss: LOSS,
            moved: MOVED,
            by: Goal::Sum,
            among: Vec::new(),
            own: false,
            top: TOP,
            pessimistic: false,
            add_stock: None,
            runs: None,
            over: OverTime::default(),
        }
    }
}

/// All that an answer is written from.
struct Study<'a> {
    view: &'a View<'a>,
    params: &'a Harden,
    target: &'a Target,
    network: &'a Network,
    loss: f64,
    moved: f64,
    before: &'a Baseline<'a>,
    /// Changes that could be made.
    known: usize,
    /// Changes left out because an essential need of the supplier that gains has no known supplier.
    blind: usize,
    /// Changes left out because the second source is of another kind.
    unlike: usize,
    best: Best,
}

impl Analysis for Harden {
    const CARD: Card = Card {
        name: "harden",
        title: "The single change that helps most",
        question: "Which single change, a second source, a share moved to another supplier or more stock, helps this target most?",
        definition: "Every change moves `move` of one need, of the target or of anyone upstream, from one known supplier to another \
                     known vendor of the product. Sum: Σ_j loss of the target where j alone fails, over all who may fail; \
                     distance: the least share t that one of them must lose for the target to lose `loss`. A gain is what \
                     the sum falls by and what the distance rises by. With --days: output lost in outages of so many days, in \
                     days of normal output, summed over all single outages; changes then are also more stock of one product at \
                     one firm.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes.",
        assumptions: "The functional model: no stocks and no time, so that more stock can be ranked with --days only, which takes \
                      the model of disruption. The new supplier has room, sells at no other terms, and itself needs what it needs today. Nobody else turns to another vendor.",
        cost: "One cascade for each outage bounds what each change can do at most; those that may be among the best are carried \
               through, with one cascade for each outage that reaches one of their two suppliers. With --days a run takes milliseconds in place of microseconds, so that a search is cut short at 20,000 of them.",
        reference: "The functional cascade after Diem et al., Scientific Reports 12:7719, 2022; changes tried one by one.",
        rests: Reach::Connected,
        example: "linchpin harden --target anthropic",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let (loss, moved) = (self.loss.above_zero("loss")?, self.moved.above_zero("move")?);
        let target = Target::find(view, &self.target)?;
        let among = kinds(view, &self.among)?;
        let network = Network::build(view.graph, &view.scope);
        let params = Shock { pessimistic: self.pessimistic, ..Shock::default() };
        let settings: Settings = functional::settings(&params);
        let here = FunctionalTarget::new(Cow::Borrowed(&network), settings, target.members.clone());
        let upstream = here.reaching();
        let mut outages = upstream.clone();
        outages.retain(|id| among.as_ref().is_none_or(|kinds| kinds.contains(&view.graph.entity(*id).kind)));
        if outages.is_empty() {
            return Err(AnalysisError::NoData(format!("nobody is known on whom {} hangs", target.name)));
        }
        let customers: Vec<EntityId> =
            target.members.iter().chain(if self.own { &[][..] } else { &upstream }).copied().collect();
        if !self.over.is_none() {
            let found = changes(view, &network, &customers);
            return in_time::answer(self, view, &target, &network, found, among.as_deref());
        }
        if let Some(parameter) = self.add_stock.map(|_| "add_stock").or(self.runs.map(|_| "runs")) {
            let reason = "only outages in time have it; expected days beside it".to_string();
            return Err(AnalysisError::Invalid { parameter, reason });
        }
        let before = Baseline::new(&network, settings, &target.members, &outages, loss);
        let changes = changes(view, &network, &customers);
        let (known, blind, unlike) = (changes.all.len(), changes.blind, changes.unlike);
        let best = before.best(self.by, changes.all, moved, self.top);
        let study = Study {
            view,
            params: self,
            target: &target,
            network: &network,
            loss,
            moved,
            before: &before,
            known,
            blind,
            unlike,
            best,
        };
        let said = functional::upstream_said(view, &params, &network, &target.members);
        Ok(say::answer(&study, said))
    }
}
