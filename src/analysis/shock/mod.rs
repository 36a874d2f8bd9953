//! What happens when something fails: the parameters, what they hit, and the model that carries it. One file a
//! model; `model.rs` says how to add one.

pub(in crate::analysis) mod functional;
mod model;
mod strike;

pub use model::{Asked, Backwards, Model, ModelCard, ShockModel, Support};
pub use strike::Struck;

use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, Card, View};
use crate::answer::Answer;
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
    /// A scenario: the name of one of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
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
}

/// Options that every model uses.
const COMMON: &[&str] = &["model", "scenario", "fail"];

impl Analysis for Shock {
    const CARD: Card = Card {
        name: "shock",
        title: "A shock and whom it reaches",
        question: "What happens when something fails: who loses how much function, in which round, for want of what?",
        definition: "φ_i = min(1 - shock_i, min over essential products p of Σ_j s_ipj φ_j, 1 - Σ over important p of d_p \
                     (1 - Σ_j s_ipj φ_j)), all at once, until nothing moves. Loss = 1 - φ.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes.",
        assumptions: "No stocks, no time: rounds are steps along the chain, not days. Without --replace nobody turns to another \
                      vendor; without --pessimistic the unknown part of a need goes on.",
        cost: "For each round the needs of the customers of those that changed.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022, downstream channel, on inputs by product.",
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
        if self.fail.is_empty() && self.scenario.is_none() {
            return Err(invalid("expected a scenario, or at least one entity that fails".to_string()));
        }
        let scenario = self.scenario(view)?;
        Ok(Hits::resolve(view.graph, &view.scope, scenario, &self.fail)?)
    }

    /// The scenario, where one is given.
    fn scenario<'a>(&'a self, _view: &View<'a>) -> Result<Option<&'a Scenario>, ScenarioError> {
        match &self.scenario {
            None => Ok(None),
            Some(ScenarioSpec::Inline(scenario)) => Ok(Some(scenario)),
            Some(ScenarioSpec::Named(name)) => {
                let nearest = nearest(name, std::iter::empty());
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
    pub(super) fn check_kinds(&self, hits: &Hits) -> Result<Vec<String>, AnalysisError> {
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
