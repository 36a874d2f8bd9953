//! A stress test asked backwards: not what an outage costs, but which outages cost so much.

mod likelihood;
pub(super) mod search;
mod tables;
mod words;

use serde::{Deserialize, Serialize};

use super::disruption::{DayByDay, OverTime};
use super::percent::Percent;
use super::shock::{BackWords, Backwards, Model, Shock};
use super::target::{Target, kinds};
use super::trail::Trail;
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, AnswerStatus, Reach};
use crate::model::EntityId;
use crate::network::Network;
use crate::order::Arrange;
use crate::side_by_side::SideBySide;
use crate::structure::Ended;
use search::{Found, ROUNDING, Search, Sets};

/// The least outages that cost a target a given loss.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Reverse {
    /// Whose loss: an entity, all of a kind, or the members of a group
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY|KIND|GROUP"))]
    pub target: String,
    /// The loss of function that must be reached, as 30% or 0.3
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = LOSS))]
    pub loss: Percent,
    /// The model that carries the outages
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value = "functional"))]
    #[serde(skip_serializing_if = "Model::is_default")]
    pub model: Model,
    /// What makes a set of outages small
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Least::Count))]
    #[serde(skip_serializing_if = "Least::is_count")]
    pub by: Least,
    /// Look for sets of at most this many members
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = MAX_SET))]
    #[serde(skip_serializing_if = "is_max_set")]
    pub max_set: usize,
    /// Only entities of this kind fail; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub among: Vec<String>,
    /// Also how far the graph is from the loss: the least partial outage of one, of a kind, and of all at once
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub distance: bool,
    /// Find at most this many sets
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = MOST))]
    #[serde(skip_serializing_if = "is_most")]
    pub most: usize,
    /// Run the model at most this often in the search for sets
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = RUNS))]
    #[serde(skip_serializing_if = "is_runs")]
    pub runs: usize,
    /// Let customers turn to other vendors, in proportion to market shares
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub replace: bool,
    /// Take the unknown part of every need as hit like the known part
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pessimistic: bool,
    /// Outages in time, where they are asked for.
    #[cfg_attr(feature = "cli", command(flatten))]
    #[serde(skip_serializing_if = "OverTime::is_none")]
    pub over: OverTime,
}

/// What makes a set of outages small.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Least {
    /// How many fail altogether
    #[default]
    Count,
    /// The sum of the shares that they lose, where outages may be partial
    Size,
    /// How improbable it is that all of them fail, by what the dataset states
    Likelihood,
}

impl Least {
    fn is_count(&self) -> bool {
        *self == Self::Count
    }
}

const LOSS: Percent = Percent(0.3);
const MAX_SET: usize = 3;
const MOST: usize = 1_000;
const RUNS: usize = 20_000;

fn is_max_set(size: &usize) -> bool {
    *size == MAX_SET
}

fn is_most(most: &usize) -> bool {
    *most == MOST
}

fn is_runs(runs: &usize) -> bool {
    *runs == RUNS
}

impl Default for Reverse {
    fn default() -> Self {
        Self {
            target: String::new(),
            loss: LOSS,
            model: Model::default(),
            by: Least::Count,
            max_set: MAX_SET,
            among: Vec::new(),
            distance: false,
            most: MOST,
            runs: RUNS,
            replace: false,
            pessimistic: false,
            over: OverTime::default(),
        }
    }
}

/// All that an answer is written from.
struct Study<'a> {
    view: &'a View<'a>,
    params: &'a Reverse,
    target: &'a Target,
    search: &'a Search<'a>,
    words: BackWords,
    /// Who may fail, those whose failure alone costs most first, with that loss.
    candidates: Vec<(EntityId, f64)>,
    sets: Sets,
    found: Vec<Found>,
    /// Loss where all candidates fail.
    all: f64,
    /// A set of which no part suffices, where none was found within the limits.
    some: Option<Vec<EntityId>>,
    /// By likelihood: no set larger than those searched is likelier than this; and the records that state probabilities.
    likely: Option<(f64, Trail)>,
}

impl Analysis for Reverse {
    const CARD: Card = Card {
        name: "reverse",
        title: "Reverse stress test",
        question: "Which are the smallest outages that cost a target at least so much, and how far are we from it?",
        definition: "Least sets: sets of entities whose full outage together costs the target at least the loss asked for, and no \
                     part of which does. By size: min Σ u_i with loss(u) >= asked, 0 <= u <= 1; within a least set all but one member \
                     fail altogether and one by the share found by bisection, which is the exact optimum where loss is convex \
                     (functional without --replace), else an upper bound. By likelihood: Π p_i of independent outages. Distance: \
                     the least share t for which u = t on one supplier, on all of a kind, on all at once, costs the loss.",
        reads: "As the model; `Other(\"outage-probability\")` attributes for --by likelihood.",
        assumptions: "As the model: no stocks, no time, and a greater outage never costs less. The target itself does not fail. \
                      A kind or group loses the mean of its members. With --days outages and stocks have a time, the loss is that of \
                      the worst day, a greater outage can cost less, and the search is a heuristic.",
        cost: "By count one run of the model for each set that hits all known supports, capped; by size some 34 more for each \
               member of each set.",
        reference: "Reiter, Artificial Intelligence 32:57, 1987 (least sets by supports); Breuer, Jandačka, Rheinberger and Summer, \
                    International Journal of Central Banking 5(3), 2009 (the idea of finding the stress).",
        rests: Reach::Connected,
        example: "linchpin reverse --target openai --loss 30%",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let loss = self.loss.above_zero("loss")?;
        if self.max_set == 0 {
            return Err(AnalysisError::Invalid {
                parameter: "max-set",
                reason: "expected 1 or more".to_string(),
            });
        }
        let target = Target::find(view, &self.target)?;
        let among = kinds(view, &self.among)?;
        let backwards = self.backwards(view, &target)?;
        let search = Search { target: backwards.target.as_ref(), least: loss };
        let mut reaching = search.target.reaching();
        reaching.retain(|id| among.as_ref().is_none_or(|kinds| kinds.contains(&view.graph.entity(*id).kind)));
        if reaching.is_empty() {
            let whose = if self.among.is_empty() {
                String::new()
            } else {
                format!(" of kind {}", self.among.join(", "))
            };
            let text = format!("nobody{whose} is known whose outage costs {} anything", target.name);
            return Err(AnalysisError::NoData(text));
        }
        let study = self.study(view, &target, &search, reaching, backwards.words)?;
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("What would cost {} {}", target.name, words::percent(loss)),
            format!(
                "Which smallest outages cost {} at least {} of its {}?",
                target.name,
                words::percent(loss),
                backwards.words.loss
            ),
        );
        answer.tables.push(tables::sets(&study));
        answer.tables.push(tables::members(&study));
        if self.distance {
            answer.tables.push(tables::distance(&study));
        }
        words::say(&study, &mut answer);
        words::caveats(&study, &mut answer);
        answer.caveats.extend(backwards.said.caveats);
        answer.evidence = backwards.said.evidence;
        if let Some((_, trail)) = &study.likely {
            likelihood::add_evidence(view, trail.clone(), &mut answer);
        }
        study.set_status(&mut answer);
        Ok(answer)
    }
}

impl Reverse {
    /// The model that is asked.
    fn backwards(&self, view: &View<'_>, target: &Target) -> Result<Backwards, AnalysisError> {
        if self.over.is_none() {
            let params = self.as_shock();
            params.check_options()?;
            return self.model.backwards(view, &params, &target.members);
        }
        if !self.model.is_default() || self.replace || self.pessimistic {
            return Err(AnalysisError::Invalid {
                parameter: "days",
                reason:
                    "days ask the model of disruption; expected no model, replace or pessimistic beside it"
                        .to_string(),
            });
        }
        let network = Network::build(view.graph, &view.scope);
        let runs = DayByDay::new(view, &network, &self.over, &target.members)?;
        let said = runs.said(view, &network);
        Ok(Backwards { target: Box::new(runs), said, words: BackWords::SUPPLIERS })
    }

    /// The shock without outages, for the model's options.
    fn as_shock(&self) -> Shock {
        Shock { model: self.model, replace: self.replace, pessimistic: self.pessimistic, ..Shock::default() }
    }

    fn study<'a>(
        &'a self,
        view: &'a View<'a>,
        target: &'a Target,
        search: &'a Search<'a>,
        reaching: Vec<EntityId>,
        words: BackWords,
    ) -> Result<Study<'a>, AnalysisError> {
        let stated = match self.by {
            Least::Likelihood => Some(likelihood::stated(view, target, &reaching)?),
            Least::Count | Least::Size => None,
        };
        let may_fail = |id: &EntityId| stated.as_ref().is_none_or(|stated| stated.of.contains_key(id));
        let reaching: Vec<EntityId> = reaching.into_iter().filter(may_fail).collect();
        let losses = search.alone(&reaching);
        let mut candidates: Vec<(EntityId, f64)> = reaching.into_iter().zip(losses).collect();
        let rounded = |loss: f64| (loss / ROUNDING).round();
        candidates.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.cmp(&b.0)));
        let weakest_first: Vec<EntityId> = candidates.iter().rev().map(|(id, _)| *id).collect();
        let (sets, mut found) = self.find(search, &weakest_first);
        let mut likely = None;
        if let Some(stated) = stated {
            likelihood::fill(&mut found, &stated);
            likely = Some((likelihood::beyond(&stated, sets.found.searched), stated.trail));
        }
        self.sort(&mut found);
        let everyone: Vec<(EntityId, f64)> = weakest_first.iter().map(|id| (*id, 1.0)).collect();
        let all = search.target.loss(&everyone);
        let some = if found.is_empty() { search.some_set(&weakest_first) } else { None };
        Ok(Study { view, params: self, target, search, words, candidates, sets, found, all, some, likely })
    }

    /// The sets, with what was asked of each.
    fn find(&self, search: &Search<'_>, candidates: &[EntityId]) -> (Sets, Vec<Found>) {
        if self.by != Least::Size {
            let sets = search.sets(candidates, self.max_set, self.most, self.runs);
            let found = sets.found.sets.side_by_side(|set| search.whole(set));
            return (sets, found);
        }
        // all but one member of a least set fail altogether, so that larger sets lose more than any of fewer
        let mut largest = 1;
        let sets = loop {
            let sets = search.sets(candidates, largest, self.most, self.runs);
            if largest == self.max_set || !sets.found.sets.is_empty() || sets.found.ended != Ended::All {
                break sets;
            }
            largest += 1;
        };
        let found = sets.found.sets.side_by_side(|set| search.partial(set));
        (sets, found)
    }

    /// Smallest first; sets that are equally small by what they cost, then by their members.
    fn sort(&self, found: &mut [Found]) {
        let rounded = |value: f64| (value / ROUNDING).round();
        let total = |set: &Found| set.least.as_ref().map_or(f64::INFINITY, |least| rounded(least.total));
        found.arrange(|a, b| {
            let asked = match self.by {
                Least::Count => a.members.len().cmp(&b.members.len()),
                Least::Size => total(a).total_cmp(&total(b)),
                Least::Likelihood => b.probability.unwrap_or(0.0).total_cmp(&a.probability.unwrap_or(0.0)),
            };
            asked
                .then(a.members.len().cmp(&b.members.len()))
                .then(rounded(b.loss).total_cmp(&rounded(a.loss)))
                .then(a.members.cmp(&b.members))
        });
    }
}

impl Study<'_> {
    fn set_status(&self, answer: &mut Answer) {
        if !self.search.target.has_settled() && !self.params.model.is_default() {
            let reason = "not every run of the model came to its end within the steps allowed".to_string();
            answer.status = AnswerStatus::Truncated { reason };
        } else if !self.search.target.has_settled() {
            use crate::propagation::functional::{MOST_ROUNDS, TOLERANCE};
            answer.status = AnswerStatus::NotConverged { residual: TOLERANCE, rounds: MOST_ROUNDS };
        } else if self.sets.found.ended != Ended::All {
            let cap = match self.sets.found.ended {
                Ended::Most => format!("{} sets", self.params.most),
                _ => format!("{} runs of the model", self.params.runs),
            };
            let searched = self.sets.found.searched;
            let reason = format!(
                "the search for sets ended at {cap}: all least sets of up to {searched} are listed, of larger ones only some"
            );
            answer.status = AnswerStatus::Truncated { reason };
        }
    }
}
