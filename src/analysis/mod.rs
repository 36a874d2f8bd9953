//! Questions that can be asked of a graph: one file each, and the registry.
//!
//! An analysis is a parameter struct that serves RON and the command line alike, a [`Card`] that says what
//! it answers, and a pure function from a [`View`] to an [`Answer`]. To add one: a file here and a line in
//! the `analyses!` list.

mod budget;
mod cost_words;
mod failing;
mod firm_network;
mod how_sure;
mod percent;
pub mod rows;
mod sourcing;
mod statements;
mod supply_graph;
mod target;
mod totals;
mod trail;

mod attribution;
mod chokepoints;
mod circularity;
mod compare;
mod concentration;
mod conflicts;
mod cross_holdings;
mod deals;
mod demand;
mod diff;
mod disruption;
mod dossier;
mod dual_source;
mod exposure;
mod foreign;
mod harden;
mod lock_in;
mod loops;
mod plausibility;
mod research_next;
mod reverse;
mod series;
mod shock;
mod stacks;
mod stale;
mod systemic_risk;
mod tiers;
mod time_to_survive;
mod why;
mod why_not;

pub use crate::observer::{Observer, Unobserved};
pub use crate::scenario::Failure;
pub use crate::what_if::ron_options;
pub use attribution::Attribution;
pub use chokepoints::{Chokepoints, Size};
pub use circularity::Circularity;
pub use compare::{Compare, Variant};
pub use concentration::{
    Bounds, By, Concentration, Mhhi, Part, Preset, Rest, Side, bounds, bounds_with, exit, family, ownership,
    threshold,
};
pub use conflicts::Conflicts;
pub use cross_holdings::CrossHoldings;
pub use deals::Deals;
pub use demand::{Amount, Demand};
pub use diff::{Asked as DiffAsked, Diff, Held, Stand, State};
pub use disruption::{DaysOf, Disruption, OverTime, Preset as StockRules, Rule as RationingRule, SweepBy};
pub use dossier::Dossier;
pub use dual_source::DualSource;
pub use exposure::{Depth, Exposure, Grouping};
pub use firm_network::{CascadeMode, EssentialityRule, Finals, MarketRule, StopRule};
pub use foreign::Foreign;
pub use harden::{Goal, Harden};
pub use lock_in::LockIn;
pub use loops::Loops;
pub use percent::Percent;
pub use plausibility::Plausibility;
pub use research_next::{Questioned, ResearchNext};
pub use reverse::{Least, Reverse};
pub use series::{Followed, Moment, Series};
pub use shock::{
    Asked, BackWords, Backwards, ContagionVariant, Model, ModelCard, Shift, Shock, ShockModel, StandIn,
    Struck, Support,
};
pub use stacks::Stacks;
pub use stale::Stale;
pub use supply_graph::Basis;
pub use systemic_risk::{FailureModel, SystemicRisk};
pub use tiers::Tiers;
pub use time_to_survive::TimeToSurvive;
pub use trail::{Carried, Trail, Upon};
pub use why::Why;
pub use why_not::WhyNot;

use serde::{Deserialize, Serialize};

use crate::answer::{Answer, EngineRef, GraphRef, Provenance, Reach, ScopeRef, WhatIfRef};
use crate::dataset::PatchErrors;
use crate::graph::{Graph, UnknownKey};
use crate::scenario::{ScenarioError, ScenarioSpec};
use crate::scope::{Scope, ScopeSpec};
use crate::what_if::{Told, WhatIfSpec};

/// A graph and the part of it that counts.
#[derive(Clone, Debug)]
pub struct View<'g> {
    /// The whole.
    pub graph: &'g Graph,
    /// The part that counts.
    pub scope: Scope,
}

/// What an analysis says about itself; help, documentation and completions are made from it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Card {
    /// Name on the command line.
    pub name: &'static str,
    /// A heading.
    pub title: &'static str,
    /// The question in plain words.
    pub question: &'static str,
    /// The measure, as a formula or in words.
    pub definition: &'static str,
    /// Which records it reads.
    pub reads: &'static str,
    /// What it supposes.
    pub assumptions: &'static str,
    /// How its time grows.
    pub cost: &'static str,
    /// Where the measure comes from.
    pub reference: &'static str,
    /// Which records a row rests on that does not say it itself.
    pub rests: Reach,
    /// A command line that works on the dataset that comes with the program.
    pub example: &'static str,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum AnalysisError {
    /// A key that the graph does not know.
    #[error(transparent)]
    UnknownKey(#[from] UnknownKey),
    /// A parameter that makes no sense.
    #[error("{parameter}: {reason}")]
    Invalid {
        /// Name of the parameter.
        parameter: &'static str,
        /// What is wrong, and what was expected.
        reason: String,
    },
    /// A scenario that makes no sense on the graph.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// A what-if that cannot be made.
    #[error(transparent)]
    WhatIf(#[from] PatchErrors),
    /// The dataset has nothing to answer it with.
    #[error("{0}")]
    NoData(String),
}

/// A question with its parameters.
pub trait Analysis {
    /// What it says about itself.
    const CARD: Card;

    /// Answers it.
    ///
    /// # Errors
    /// Unknown keys, parameters that make no sense, or nothing to answer with.
    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError>;

    /// The same, telling an observer how far it has come, where that takes long enough to be of interest.
    ///
    /// # Errors
    /// As [`Analysis::run`].
    fn run_observed(&self, view: &View<'_>, _observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        self.run(view)
    }

    /// Whether it tries one thing after another, and ends with what is there where its observer stops it.
    fn can_stop(&self) -> bool {
        false
    }

    /// Whether processes that each hold the links of a part of the entities can work it out together.
    ///
    /// # Errors
    /// What stands against it.
    fn shares_links(&self) -> Result<(), String> {
        Err(format!("{} needs all links in one place", Self::CARD.name))
    }

    /// What it mentions that may stand there by name.
    fn mentions(&mut self) -> Vec<Mention<'_>> {
        Vec::new()
    }

    /// Where its scenario stands, if it takes one.
    fn scenario_slot(&mut self) -> Option<&mut Option<ScenarioSpec>> {
        None
    }

    /// The dataset that it asks, where it names one itself.
    fn own_graph(&self) -> Option<&Graph> {
        None
    }
}

/// Something in a question that may stand there by name, to be replaced by what the name stands for.
#[derive(Debug)]
pub enum Mention<'a> {
    /// A scenario.
    Scenario(&'a mut ScenarioSpec),
    /// A what-if or scenario that is compared.
    Variant(&'a mut Told<Variant>),
    /// A day, a what-if or a dataset that is one side of a difference.
    State(&'a mut Told<State>),
    /// The seed of random draws, which a command line may give.
    Seed(&'a mut u64),
    /// A saved question.
    Question {
        /// Its name; taken away where it is found.
        query: &'a mut Option<String>,
        /// The question that it stands for.
        ask: &'a mut Option<Box<Ask>>,
        /// Where the scope of that question belongs, if it does not become that of the whole.
        scope: Option<&'a mut ScopeSpec>,
    },
}

/// Writes the enum of all questions, its dispatch and the list of cards.
macro_rules! analyses {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// A question of any kind: what a saved query asks and what a command asks.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "cli", derive(clap::Subcommand))]
        pub enum Ask {
            $($(#[$doc])* $variant($variant),)*
        }

        impl Ask {
            /// Answers it. Each row of each table says what it rests on.
            ///
            /// # Errors
            /// As the analysis says.
            pub fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
                self.run_observed(view, &Unobserved)
            }

            /// Answers it, telling an observer how far it has come.
            ///
            /// # Errors
            /// As the analysis says.
            pub fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
                let mut answer = self.run_bare(view, observer)?;
                answer.fill_rests(self.card().rests);
                Ok(answer)
            }

            /// Answers it for its numbers: rows that do not say what they rest on stay so. For runs of which numbers are read.
            ///
            /// # Errors
            /// As the analysis says.
            pub fn run_bare(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
                match self {
                    $(Self::$variant(params) => params.run_observed(view, observer),)*
                }
            }

            /// Whether it tries one thing after another, and ends with what is there where its observer stops it.
            pub fn can_stop(&self) -> bool {
                match self {
                    $(Self::$variant(params) => params.can_stop(),)*
                }
            }

            /// Whether processes that each hold the links of a part of the entities can work it out together.
            ///
            /// # Errors
            /// What stands against it.
            pub fn shares_links(&self) -> Result<(), String> {
                match self {
                    $(Self::$variant(params) => params.shares_links(),)*
                }
            }

            /// What it mentions that may stand there by name.
            pub fn mentions(&mut self) -> Vec<Mention<'_>> {
                match self {
                    $(Self::$variant(params) => params.mentions(),)*
                }
            }

            /// Where its scenario stands, if it takes one.
            pub fn scenario_slot(&mut self) -> Option<&mut Option<ScenarioSpec>> {
                match self {
                    $(Self::$variant(params) => params.scenario_slot(),)*
                }
            }

            /// The dataset that it asks, where it names one itself.
            pub fn own_graph(&self) -> Option<&Graph> {
                match self {
                    $(Self::$variant(params) => params.own_graph(),)*
                }
            }

            /// The card of the analysis that is asked.
            pub fn card(&self) -> Card {
                match self {
                    $(Self::$variant(_) => $variant::CARD,)*
                }
            }
        }

        /// The cards of all analyses.
        pub const CARDS: &[Card] = &[$($variant::CARD,)*];
    };
}

analyses! {
    /// How concentrated is a market, and how sure is that?
    Concentration,
    /// Is each input really sourced from suppliers that can fail independently?
    DualSource,
    /// What hangs on whom: what stops without it, and how much money ends there?
    Exposure,
    /// On which countries does an entity, or a whole country, depend?
    Foreign,
    /// Whose loss cannot be got round: chokepoints, smallest sets, cuts, criticality
    Chokepoints,
    /// By which routes does one hang on another?
    Why,
    /// Why does one not hang on another: which link or scope rule is missing?
    WhyNot,
    /// How far downstream does everything stand?
    Tiers,
    /// Who is bound to whom: commitments against investments
    LockIn,
    /// Which investments bought which promises, and what did a day change?
    Deals,
    /// How much of the money that leaves an entity comes back to it, and through whom?
    Circularity,
    /// Which flywheels feed on themselves, how much do they amplify, and which link drives them?
    Loops,
    /// How closed are the stacks of labs, clouds, chips and energy, and how much compute is under one roof?
    Stacks,
    /// What is equity worth that sits in a circle, once no stake is counted twice?
    CrossHoldings,
    /// What does a commitment take: power, chips, memory, packaging, racks, money, and from whom?
    Demand,
    /// What happens when something fails?
    Shock,
    /// When does a disruption arrive, how deep does it go, when is it over?
    Disruption,
    /// How long do those who matter last without each entity, against how long it takes to be back?
    TimeToSurvive,
    /// Whose failure costs the whole economy how much?
    SystemicRisk,
    /// What would the answer be under several what-ifs or scenarios?
    Compare,
    /// Which facts differ between two days, datasets or what-ifs, and what did that do to chosen numbers?
    Diff,
    /// How did the answer to a question change from day to day?
    Series,
    /// How sure is a number, on what does it rest, what would move it, and how did it stand before?
    Dossier,
    /// Which are the smallest outages that cost a target so much?
    Reverse,
    /// Which single change of sourcing helps a target most?
    Harden,
    /// Over which links and by which ways does a loss reach a target?
    Attribution,
    /// Which sizes do sources state differently?
    Conflicts,
    /// Which stated numbers cannot be true together?
    Plausibility,
    /// Which facts speak of a time long past?
    Stale,
    /// Which uncertain facts, once checked, would make the answers most sure?
    ResearchNext,
}

impl Ask {
    /// The question in RON, as a saved query writes it.
    pub fn to_ron(&self) -> String {
        let options = ron_options();
        options.to_string(self).unwrap_or_default()
    }

    /// The same with blanks between its parts, so that it may be broken into lines where it is printed.
    pub fn to_line(&self) -> String {
        let config = ron::ser::PrettyConfig::new().compact_arrays(true).compact_structs(true).new_line(" ");
        ron_options().to_string_pretty(self, config).unwrap_or_default()
    }
}

impl View<'_> {
    /// What repeats an answer to `ask` on this view.
    pub fn provenance(&self, ask: &Ask, command: String, seed: u64) -> Provenance {
        Provenance {
            engine: EngineRef::default(),
            graph: GraphRef {
                name: self.graph.facts().meta.name.clone(),
                sha256: self.graph.hash().to_string(),
            },
            scope: ScopeRef {
                as_of: self.scope.as_of.to_string(),
                status: self.scope.status.clone(),
                min_confidence: self.scope.min_confidence,
                stale_after: self.scope.stale_after,
                what_if: self.scope.what_if.iter().filter_map(what_if).collect(),
            },
            query: ask.to_ron(),
            command,
            seed,
            uncertainty: None,
        }
    }
}

/// How an answer names a what-if.
fn what_if(spec: &WhatIfSpec) -> Option<WhatIfRef> {
    match spec {
        WhatIfSpec::Named(_) => None,
        WhatIfSpec::Inline(what_if, _) => Some(WhatIfRef {
            title: what_if.title.clone(),
            ron: ron_options().to_string(what_if).unwrap_or_default(),
        }),
    }
}
