//! What a model of shock propagation says about itself, and the registry.
//!
//! To add a model: its kernel in `propagation/` (numbers only); an adapter file beside this one with a type that
//! implements [`ShockModel`], which turns graph, scope and [`Hits`] into the kernel's inputs and its outcome into
//! tables, findings and caveats; and one line in the `models!` list below (with its `mod` in `mod.rs`). Options of
//! its own are fields of [`Shock`] that are left out of RON where they are not given; the adapter names those
//! that it uses in its card, and every other model then refuses them.

use serde::{Deserialize, Serialize};

use super::super::{AnalysisError, View};
use super::{Shock, debt_rank, esri, functional, input_output, threshold};
use crate::answer::Answer;
use crate::model::EntityId;
use crate::propagation::target::TargetLoss;
use crate::scenario::{EffectKind, Hits, Place};

/// What a model says about itself; help and documentation are made from it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ModelCard {
    /// Name on the command line.
    pub name: &'static str,
    /// The question in plain words.
    pub question: &'static str,
    /// What it computes.
    pub equations: &'static str,
    /// Which records it reads.
    pub reads: &'static str,
    /// What it supposes.
    pub assumptions: &'static str,
    /// How its time grows.
    pub cost: &'static str,
    /// Where it comes from.
    pub reference: &'static str,
    /// Options of [`Shock`] that it uses beside scenario and failures, by their names in RON.
    pub options: &'static [&'static str],
    /// Whether it knows when a shock begins and ends; others take each at its worst.
    pub has_time: bool,
}

/// Whether a model can carry a sort of shock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// As it is.
    Native,
    /// In another form, which the answer says.
    Approximated(&'static str),
    /// Not at all; the error says why.
    Rejected(&'static str),
}

/// A shock that a model is asked to carry.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The graph and the part of it that counts.
    pub view: &'a View<'a>,
    /// All parameters.
    pub params: &'a Shock,
    /// What is hit; only sorts of hit that the model supports.
    pub hits: &'a Hits,
}

/// A model of shock propagation on a graph.
pub trait ShockModel {
    /// What it says about itself.
    const CARD: ModelCard;

    /// Whether it carries a sort of shock that lands in such a place.
    fn support(kind: EffectKind, place: Place) -> Support;

    /// Carries the shock.
    ///
    /// # Errors
    /// Parameters that make no sense, or a graph with nothing to answer with.
    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError>;

    /// The model asked backwards: what any outages cost these members together. A greater outage must never cost less.
    ///
    /// # Errors
    /// Parameters that make no sense, or a graph in which the model has nothing to say of the members.
    fn backwards(view: &View<'_>, params: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError>;
}

/// A model asked backwards.
pub struct Backwards {
    /// What outages cost the target.
    pub target: Box<dyn TargetLoss>,
    /// What the model has to say of itself and what it rests on: caveats and evidence, no tables.
    pub said: Answer,
    /// What it calls things.
    pub words: BackWords,
}

/// What a model that is asked backwards calls things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BackWords {
    /// One of those who may fail.
    pub one: &'static str,
    /// Several of them.
    pub many: &'static str,
    /// What they lose.
    pub lose: &'static str,
    /// What the target loses.
    pub loss: &'static str,
}

impl BackWords {
    /// Those upstream, function for function.
    pub const SUPPLIERS: Self =
        Self { one: "supplier", many: "suppliers", lose: "function", loss: "function" };
}

/// Writes the enum of all models, its dispatch and the list of cards.
macro_rules! models {
    ($($(#[$doc:meta])* $variant:ident = $adapter:ty,)*) => {
        /// A model that carries a shock.
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
        pub enum Model {
            $($(#[$doc])* $variant,)*
        }

        impl Model {
            /// What it says about itself.
            pub fn card(self) -> &'static ModelCard {
                match self {
                    $(Self::$variant => &<$adapter>::CARD,)*
                }
            }

            /// Whether it carries a sort of shock that lands in such a place.
            pub fn support(self, kind: EffectKind, place: Place) -> Support {
                match self {
                    $(Self::$variant => <$adapter>::support(kind, place),)*
                }
            }

            /// Carries a shock.
            pub(super) fn run(self, asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
                match self {
                    $(Self::$variant => <$adapter>::run(asked),)*
                }
            }

            /// The model asked backwards.
            pub(in crate::analysis) fn backwards(
                self,
                view: &View<'_>,
                params: &Shock,
                members: &[EntityId],
            ) -> Result<Backwards, AnalysisError> {
                match self {
                    $(Self::$variant => <$adapter>::backwards(view, params, members),)*
                }
            }

            /// All models.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];
        }
    };
}

models! {
    /// Loss of function downstream, by product: the scarcest essential input binds
    #[default]
    Functional = functional::Functional,
    /// Function lost for want of inputs and of customers: the generalised Leontief cascade
    Esri = esri::Esri,
    /// Output upstream for a change of final demand
    Leontief = input_output::Leontief,
    /// Output downstream for a change of primary inputs: a bound, not a forecast
    Ghosh = input_output::Ghosh,
    /// Inoperability for a perturbation of demand, at rest or day by day
    Inoperability = input_output::Inoperability,
    /// Equity lost on stakes, loans and contracted sales
    DebtRank = debt_rank::DebtRank,
    /// Failures where only the strength of ties is known: enough failed needs
    LinearThreshold = threshold::LinearThreshold,
    /// Failures where each tie passes a failure on with some probability
    IndependentCascade = threshold::IndependentCascade,
}

impl Model {
    /// Whether nothing else was asked for.
    pub(in crate::analysis) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

impl Model {
    /// The sorts of shock that it carries, in words; `*` marks those that it carries in another form.
    pub fn carried(self) -> String {
        let places = [(Place::Entity, "entities"), (Place::Link, "deliveries"), (Place::Relation, "records")];
        let mut parts = Vec::new();
        for (place, name) in places {
            let mark = |kind: &EffectKind| match self.support(*kind, place) {
                Support::Native => Some(kind.to_string()),
                Support::Approximated(_) => Some(format!("{kind}*")),
                Support::Rejected(_) => None,
            };
            let kinds: Vec<String> = EffectKind::ALL.iter().filter_map(mark).collect();
            if !kinds.is_empty() {
                parts.push(format!("{name}: {}", kinds.join(", ")));
            }
        }
        parts.join("; ")
    }
}
