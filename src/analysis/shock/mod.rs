//! What happens when something fails: the parameters, what they hit, and the model that carries it. One file a
//! model; `model.rs` says how to add one.

mod backwards;
mod debt_rank;
mod esri;
mod explain;
pub(in crate::analysis) mod functional;
mod input_output;
mod model;
mod shift;
mod stakes;
mod strike;
mod threshold;
mod words;

pub use debt_rank::ContagionVariant;
pub use model::{Asked, BackWords, Backwards, Model, ModelCard, ShockModel, Support};
pub use shift::Shift;
pub use stakes::StandIn;
pub use strike::Struck;

use serde::{Deserialize, Serialize};

use super::firm_network::{CascadeMode, EssentialityRule, Finals, MarketRule, StopRule};
use super::{Analysis, AnalysisError, Card, Mention, View};
use crate::answer::{Answer, Reach};
use crate::graph::{UnknownKey, nearest};
use crate::scenario::{Failure, Hits, Scenario, ScenarioError, ScenarioSpec};

/// A shock carried through the chain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Shock {
    /// The model that carries it
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value = "functional"))]
    #[serde(skip_serializing_if = "Model::is_default")]
    pub model: Model,
    /// A scenario: the name of a saved one, a file, or one of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME|FILE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioSpec>,
    /// What fails and how much of its function it loses: tsmc=0.5, or tsmc for all of it; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=LOSS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fail: Vec<Failure>,
    /// Let customers turn to other vendors, in proportion to market shares
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// Take the unknown part of every need as hit like the known part
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pessimistic: bool,
    /// esri: how long the cascade goes on [default: converged]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<CascadeMode>,
    /// esri: tolerance of the stop rule in mode compatible [default: 1e-2], of the last step in mode converged [default: 1e-10]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NUMBER"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
    /// esri: the stop rule of mode compatible [default: step]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopRule>,
    /// esri: who can take a failing firm's place [default: sector]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketRule>,
    /// esri: which inputs are essential [default: file]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub essentiality: Option<EssentialityRule>,
    /// esri: whether sales and purchases outside the network count [default: none]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finals: Option<Finals>,
    /// leontief, inoperability: change of final demand, in the money of the dataset (s03=-12.5) or in percent of it (s03=-10%);
    /// may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=CHANGE", allow_hyphen_values = true))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub demand: Vec<Shift>,
    /// ghosh: change of primary inputs (labour, capital), in money or in percent of them; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=CHANGE", allow_hyphen_values = true))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub primary: Vec<Shift>,
    /// inoperability: days to follow, where the pace of recovery is known [default: 365 where a shock has a time]
    #[cfg_attr(feature = "cli", arg(long, value_name = "DAYS"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u32>,
    /// debt-rank: when a loss is passed on [default: multi-hit]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub variant: Option<ContagionVariant>,
    /// debt-rank: what stands for equity where neither equity nor valuation is known [default: nothing: losses stay in money and stop]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stand_in: Option<StandIn>,
    /// debt-rank: part of lost contracted sales that is a loss of equity [default: 1, an upper bound]
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backlog_loss: Option<f64>,
    /// linear-threshold: failed part of one essential need at which an entity fails [default: 0.5]
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// independent-cascade: samples where the exact probabilities are out of reach [default: 10000]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NUMBER"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u64>,
    /// Tell why: the parts of the shocks and of the direct suppliers in everyone's loss
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub causes: bool,
    /// Seed of the orders that --causes draws.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

/// Options that every model uses.
const COMMON: &[&str] = &["model", "scenario", "fail", "demand", "primary", "seed"];

impl Analysis for Shock {
    const CARD: Card = Card {
        name: "shock",
        title: "A shock and whom it reaches",
        question: "What happens when something fails: who loses how much function, in which round, for want of what?",
        definition: "φ_i = min(1 - shock_i, min over essential products p of Σ_j s_ipj φ_j (1 - cut_ipj), 1 - Σ over important p \
                     of d_p (1 - Σ_j s_ipj φ_j (1 - cut_ipj))), all at once, until nothing moves. Loss = 1 - φ. With --causes: \
                     Shapley values of the shocks.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes.",
        assumptions: "No stocks, no time: rounds are steps along the chain, not days. Without --replace nobody turns to another \
                      vendor; without --pessimistic the unknown part of a need goes on.",
        cost: "For each round the needs of the customers of those that changed; as much again for each set of shocks to \
               explain.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022, downstream channel, on inputs by product; Shapley 1953.",
        rests: Reach::Connected,
        example: "linchpin shock --fail tsmc=0.5",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.check_options()?;
        let hits = self.hits(view)?;
        let approximated = self.check_kinds(&hits)?;
        let mut answer = self.model.run(&Asked { view, params: self, hits: &hits })?;
        for note in approximated {
            answer.caveat("approximated-shock", note, None);
        }
        for (code, text) in &hits.notes {
            answer.caveat(code, text, None);
        }
        if hits.is_timed() && !self.model.card().has_time {
            let text = format!(
                "Model {} has no time: every shock is taken at its worst, all of them at once, for as long as it takes to \
                 run its course. Starts, durations and recoveries are not used.",
                self.model.card().name
            );
            answer.caveat("no-time", text, None);
        }
        Ok(answer)
    }

    fn shares_links(&self) -> Result<(), String> {
        if self.causes {
            return Err("--causes needs all links in one place".to_string());
        }
        match self.model {
            Model::Inoperability if self.days.is_some() => {
                Err("--days needs all links in one place".to_string())
            }
            Model::LinearThreshold
            | Model::DebtRank
            | Model::Leontief
            | Model::Ghosh
            | Model::Inoperability => Ok(()),
            model => Err(format!(
                "of the models of shock it goes with debt-rank, ghosh, inoperability, leontief and linear-threshold; {} needs all \
                 links in one place",
                model.card().name
            )),
        }
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        let mut all: Vec<Mention<'_>> = self.scenario.as_mut().map(Mention::Scenario).into_iter().collect();
        all.push(Mention::Seed(&mut self.seed));
        all
    }

    fn scenario_slot(&mut self) -> Option<&mut Option<ScenarioSpec>> {
        Some(&mut self.scenario)
    }
}

impl Shock {
    /// What the parameters hit in a view.
    ///
    /// # Errors
    /// Unknown keys, sizes out of range, nothing that fails.
    pub fn hits(&self, view: &View<'_>) -> Result<Hits, AnalysisError> {
        let invalid = |reason: String| AnalysisError::Invalid { parameter: "fail", reason };
        for (at, failure) in self.fail.iter().enumerate() {
            view.graph.find_entity(&failure.entity)?;
            if self.fail.iter().take(at).any(|earlier| earlier.entity == failure.entity) {
                return Err(invalid(format!("{} is given twice", failure.entity)));
            }
        }
        for shift in self.demand.iter().chain(&self.primary) {
            view.graph.find_entity(&shift.entity)?;
        }
        let shifted = !self.demand.is_empty() || !self.primary.is_empty();
        if self.fail.is_empty() && self.scenario.is_none() && !shifted {
            let what = "expected a scenario, or at least one entity that fails or whose demand or primary inputs change";
            return Err(invalid(what.to_string()));
        }
        if let Some(ScenarioSpec::Named(name)) = &self.scenario
            && let Some(scenario) = view.graph.facts().columns.scenario_meant(name)
        {
            let mut hits = Hits::of_table(view.graph, scenario);
            let shifts = shift::with(None, &self.demand, &self.primary);
            hits.join(Hits::resolve(view.graph, &view.scope, shifts.as_deref(), &self.fail)?);
            return Ok(hits);
        }
        let scenario = shift::with(self.scenario(view)?, &self.demand, &self.primary);
        Ok(Hits::resolve(view.graph, &view.scope, scenario.as_deref(), &self.fail)?)
    }

    /// The scenario, where one is given.
    fn scenario<'a>(&'a self, view: &View<'a>) -> Result<Option<&'a Scenario>, ScenarioError> {
        match &self.scenario {
            None => Ok(None),
            Some(ScenarioSpec::Inline(scenario, _)) => Ok(Some(scenario)),
            Some(ScenarioSpec::Named(name)) => {
                let scenarios = &view.graph.facts().columns.scenarios;
                let known = || scenarios.iter().map(|scenario| scenario.name.as_str());
                let mut nearest = nearest(name, known());
                if nearest.is_empty() {
                    nearest = known().take(5).map(str::to_string).collect();
                }
                Err(ScenarioError::UnknownScenario(UnknownKey {
                    what: "scenario",
                    key: name.clone(),
                    nearest,
                }))
            }
        }
    }

    /// Whether the model uses every option that is given.
    pub(super) fn check_options(&self) -> Result<(), AnalysisError> {
        // what is not given is left out when the parameters are written down
        let given = serde_json::to_value(self).ok();
        let given = given.as_ref().and_then(|value| value.as_object()).into_iter().flatten();
        for (name, _) in given {
            let uses = |model: &Model| model.card().options.contains(&name.as_str());
            if COMMON.contains(&name.as_str()) || uses(&self.model) {
                continue;
            }
            let users: Vec<&str> = Model::ALL.iter().filter(|m| uses(m)).map(|m| m.card().name).collect();
            let reason = format!(
                "{} does not use {}; {} {}",
                self.model.card().name,
                name.replace('_', "-"),
                users.join(", "),
                if users.len() == 1 { "does" } else { "do" }
            );
            return Err(AnalysisError::Invalid { parameter: "model", reason });
        }
        Ok(())
    }

    /// Whether the model carries every sort of shock; the notes on those that it carries in another form.
    ///
    /// # Errors
    /// A sort of shock that it cannot carry, with the reason and the models that can.
    pub fn check_kinds(&self, hits: &Hits) -> Result<Vec<String>, AnalysisError> {
        let mut notes = Vec::new();
        for (kind, place) in hits.kinds() {
            let carries = |model: &&Model| !matches!(model.support(kind, place), Support::Rejected(_));
            match self.model.support(kind, place) {
                Support::Native => {}
                Support::Approximated(note) => notes.push(format!("{kind}: {note}")),
                Support::Rejected(why) => {
                    let others: Vec<&str> =
                        Model::ALL.iter().filter(carries).map(|m| m.card().name).collect();
                    let hint = match others.is_empty() {
                        true => String::new(),
                        false => format!("; {} can", others.join(", ")),
                    };
                    let on = match place {
                        crate::scenario::Place::Entity => "an entity",
                        crate::scenario::Place::Link => "deliveries",
                        crate::scenario::Place::Relation => "a record",
                    };
                    let reason =
                        format!("{} cannot carry {kind} on {on}: {why}{hint}", self.model.card().name);
                    return Err(AnalysisError::Invalid { parameter: "model", reason });
                }
            }
        }
        notes.dedup();
        Ok(notes)
    }
}
