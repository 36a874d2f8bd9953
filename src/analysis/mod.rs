//! Questions that can be asked of a graph: one file each, and the registry.
//!
//! An analysis is a parameter struct that serves RON and the command line alike, a [`Card`] that says what
//! it answers, and a pure function from a [`View`] to an [`Answer`]. To add one: a file here and a line in
//! the `analyses!` list.

mod failing;
mod percent;
mod sourcing;
mod supply_graph;
mod target;
mod totals;
mod trail;

mod attribution;
mod chokepoints;
mod circularity;
mod concentration;
mod deals;
mod dual_source;
mod exposure;
mod foreign;
mod harden;
mod lock_in;
mod loops;
mod reverse;
mod shock;
mod stacks;
mod tiers;
mod why;
mod why_not;

pub use crate::scenario::Failure;
pub use attribution::Attribution;
pub use chokepoints::{Chokepoints, Size};
pub use circularity::Circularity;
pub use concentration::{
    Bounds, By, Concentration, Mhhi, Part, Preset, Rest, Side, bounds, bounds_with, exit, family, ownership,
    threshold,
};
pub use deals::Deals;
pub use dual_source::DualSource;
pub use exposure::{Depth, Exposure, Grouping};
pub use foreign::Foreign;
pub use harden::{Goal, Harden};
pub use lock_in::LockIn;
pub use loops::Loops;
pub use percent::Percent;
pub use reverse::{Least, Reverse};
pub use shock::{Asked, Backwards, Model, ModelCard, Shock, ShockModel, Struck, Support};
pub use stacks::Stacks;
pub use supply_graph::Basis;
pub use tiers::Tiers;
pub use trail::Trail;
pub use why::Why;
pub use why_not::WhyNot;

use serde::{Deserialize, Serialize};

use crate::answer::{Answer, EngineRef, GraphRef, Provenance, ScopeRef};
use crate::graph::{Graph, UnknownKey};
use crate::scenario::ScenarioError;
use crate::scope::Scope;

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
            /// Answers it.
            ///
            /// # Errors
            /// As the analysis says.
            pub fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
                match self {
                    $(Self::$variant(params) => params.run(view),)*
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
    /// What happens when something fails?
    Shock,
    /// Which are the smallest outages that cost a target so much?
    Reverse,
    /// Which single change of sourcing helps a target most?
    Harden,
    /// Over which links and by which ways does a loss reach a target?
    Attribution,
}

impl Ask {
    /// The question in RON, as a saved query writes it.
    pub fn to_ron(&self) -> String {
        let options = ron_options();
        options.to_string(self).unwrap_or_default()
    }
}

/// How parameters are written in RON: bare optional values, and `Concentration(market: "hbm")`.
pub fn ron_options() -> ron::Options {
    let extensions =
        ron::extensions::Extensions::IMPLICIT_SOME | ron::extensions::Extensions::UNWRAP_VARIANT_NEWTYPES;
    ron::Options::default().with_default_extension(extensions)
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
            },
            query: ask.to_ron(),
            command,
            seed,
        }
    }
}
