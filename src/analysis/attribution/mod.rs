//! Where a loss comes from: which links carry it, and which ways it takes.

mod links;
mod routes;

use serde::{Deserialize, Serialize};

use super::percent::Percent;
use super::shock::{Shock, functional};
use super::target::Target;
use super::{Analysis, AnalysisError, Card, Mention, View};
use crate::answer::{Answer, AnswerStatus, Reach};
use crate::model::EntityId;
use crate::network::Network;
use crate::propagation::functional::{MOST_ROUNDS, Outcome, Settings, TOLERANCE, propagate};
use crate::scenario::{Failure, ScenarioSpec};

/// Where a target's loss under a shock comes from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Attribution {
    /// Whose loss: an entity, all of a kind, or the members of a group
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY|KIND|GROUP"))]
    pub target: String,
    /// A scenario: the name of a saved one, a file, or one of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME|FILE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioSpec>,
    /// What fails and how much of its function it loses: tsmc=0.5, or tsmc for all of it; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=LOSS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fail: Vec<Failure>,
    /// Share the loss among this many links, those without which it falls most
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = LINKS))]
    #[serde(skip_serializing_if = "is_links")]
    pub links: usize,
    /// List ways that carry at least this part of the loss
    #[cfg_attr(feature = "cli", arg(long, value_name = "SHARE", default_value_t = LEAST))]
    #[serde(skip_serializing_if = "is_least")]
    pub least: Percent,
    /// Take the unknown part of every need as hit like the known part
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub pessimistic: bool,
    /// Seed of the draws beyond 12 links; the command line takes it from --seed
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

const LINKS: usize = 10;
const LEAST: Percent = Percent(0.01);
/// Losses below this are none.
const NOTICEABLE: f64 = 1e-9;

fn is_links(links: &usize) -> bool {
    *links == LINKS
}

fn is_least(least: &Percent) -> bool {
    *least == LEAST
}

impl Default for Attribution {
    fn default() -> Self {
        Self {
            target: String::new(),
            scenario: None,
            fail: Vec::new(),
            links: LINKS,
            least: LEAST,
            pessimistic: false,
            seed: 0,
        }
    }
}

/// All that an answer is written from.
struct Study<'a> {
    view: &'a View<'a>,
    params: &'a Attribution,
    target: &'a Target,
    network: &'a Network,
    settings: Settings,
    shocks: Vec<(EntityId, f64)>,
    outcome: Outcome,
    /// Loss of the target, above 0.
    loss: f64,
}

impl Study<'_> {
    /// Mean loss of the members on some network.
    fn loss_on(&self, network: &Network) -> f64 {
        mean(&propagate(network, &self.shocks, self.settings), &self.target.members)
    }
}

fn mean(outcome: &Outcome, members: &[EntityId]) -> f64 {
    let lost = |id: &EntityId| outcome.functionality.get(id.index()).map_or(0.0, |level| 1.0 - level);
    members.iter().map(lost).sum::<f64>() / members.len().max(1) as f64
}

impl Analysis for Attribution {
    const CARD: Card = Card {
        name: "attribution",
        title: "Where a loss comes from",
        question: "Of a target's loss under a shock, how much goes over which link, and which ways does it take?",
        definition: "Links: Shapley value φ_e = Σ_S |S|! (k - |S| - 1)! / k! [v(S + e) - v(S)] over the k links without which the loss \
                     falls most, where v(S) is the loss if of these links only those in S pass losses on; all others always do. Parts \
                     and what goes over no such link add up to the loss. Ways: with what binds where the cascade ends, x = s + A x, \
                     and the loss is the sum over ways of the product of A along the way times s; the worth of ways left out is exact.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes.",
        assumptions: "The functional model without replacement: no stocks, no time. Only losses of entities are shared out. A link \
                      that passes nothing on counts as if its supplier worked. Ways follow what binds at the end.",
        cost: "2^k cascades up to 12 links, 200 k beyond; one cascade for each link on a way to choose them.",
        reference: "Shapley, A value for n-person games, 1953; Defourny and Thorbecke, The Economic Journal 94:111, 1984 (ways).",
        rests: Reach::Connected,
        example: "linchpin attribution --target anthropic --fail tsmc=0.5",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let least = self.least.above_zero("least")?;
        let target = Target::find(view, &self.target)?;
        let shock = Shock {
            scenario: self.scenario.clone(),
            fail: self.fail.clone(),
            pessimistic: self.pessimistic,
            ..Shock::default()
        };
        let shocks = losses(&shock, view)?;
        let network = Network::build(view.graph, &view.scope);
        let settings = functional::settings(&shock);
        let outcome = propagate(&network, &shocks, settings);
        let loss = mean(&outcome, &target.members);
        let names: Vec<&str> = shocks.iter().map(|(id, _)| view.graph.entity(*id).name.as_str()).collect();
        if loss <= NOTICEABLE {
            let text = format!("{} loses nothing where {} fails", target.name, names.join(", "));
            return Err(AnalysisError::NoData(text));
        }
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Where the loss of {} comes from if {} fails", target.name, names.join(", ")),
            format!(
                "Of what {} loses if {} fails, how much goes over which link, and which ways does it take?",
                target.name,
                names.join(", ")
            ),
        );
        let study =
            Study { view, params: self, target: &target, network: &network, settings, shocks, outcome, loss };
        links::add(&study, &mut answer);
        routes::add(&study, least, &mut answer);
        if let Some(note) = &target.note {
            answer.caveat("target-members", note, Some(target.members.len()));
        }
        let said = functional::upstream_said(view, &shock, &network, &target.members);
        answer.caveats.extend(said.caveats);
        answer.evidence = said.evidence;
        if !study.outcome.converged {
            answer.status = AnswerStatus::NotConverged { residual: TOLERANCE, rounds: MOST_ROUNDS };
        }
        Ok(answer)
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

/// What entities lose by the shocks themselves; several on one multiply.
fn losses(shock: &Shock, view: &View<'_>) -> Result<Vec<(EntityId, f64)>, AnalysisError> {
    let hits = shock.hits(view)?;
    shock.check_kinds(&hits)?;
    if !hits.links.is_empty() || !hits.relations.is_empty() {
        return Err(AnalysisError::Invalid {
            parameter: "scenario",
            reason: "only losses of entities can be shared out over links and ways; expected shocks on entities, and no \
                     supply cuts"
                .to_string(),
        });
    }
    let mut losses: Vec<(EntityId, f64)> = Vec::new();
    for hit in &hits.entities {
        let Some(lost) = hit.size.lost() else { continue };
        match losses.iter_mut().find(|(entity, _)| *entity == hit.entity) {
            Some((_, loss)) => *loss = 1.0 - (1.0 - *loss) * (1.0 - lost),
            None => losses.push((hit.entity, lost)),
        }
    }
    Ok(losses)
}
