//! Views: one file each, and the registry. A view turns a graph and a few parameters into a
//! [`Figure`], a picture or a chart, with title, legend, caption and alternative text.
//!
//! To add one: a file here with a parameter struct, a [`ViewCard`] and [`Figured::draw`], and a line in
//! the `views!` list. Shared parts: `chain` (a map of who supplies whom), `tiers` (columns), `fold` (the
//! few that are shown and the rest), `ties` (relations as edges), `words` (captions and legends),
//! `chart_words` (the same for charts), `heat` (bins of loss), `daily` (runs as lines). [`gallery`] lists a figure of each.

mod capital_inversion;
mod causal_loops;
mod chain;
mod chart_words;
mod circle;
mod daily;
mod deal_timeline;
mod dependence_plane;
mod disruption_heat;
mod disruption_panels;
mod energy_flow;
mod exposure_heat;
mod fold;
pub mod gallery;
mod heat;
mod hhi_bars;
mod money_flow;
mod neighbourhood;
mod pair;
mod roof;
mod routes;
mod shock_heat;
mod spend_landing;
mod stack_series;
mod supply_map;
mod through_time;
mod tiers;
mod ties;
mod tornado;
mod what_changed;
mod words;

pub use capital_inversion::CapitalInversion;
pub use causal_loops::CausalLoops;
pub use deal_timeline::DealTimeline;
pub use dependence_plane::DependencePlane;
pub use disruption_heat::DisruptionHeat;
pub use disruption_panels::{DisruptionPanels, Shown};
pub use energy_flow::EnergyFlow;
pub use exposure_heat::ExposureHeat;
pub use hhi_bars::HhiBars;
pub use money_flow::MoneyFlow;
pub use neighbourhood::Neighbourhood;
pub use pair::Pair;
pub use roof::Roof;
pub use routes::Routes;
pub use shock_heat::ShockHeat;
pub use spend_landing::SpendLanding;
pub use stack_series::{Measure, StackSeries};
pub use supply_map::SupplyMap;
pub use through_time::ThroughTime;
pub use tornado::Tornado;
pub use what_changed::WhatChanged;

use serde::{Deserialize, Serialize};

use super::Figure;
use crate::analysis::{AnalysisError, Mention, View, ron_options};
use crate::answer::Table;
use crate::graph::UnknownKey;

/// What a view says about itself; help and documentation are made from it.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct ViewCard {
    /// Name on the command line.
    pub name: &'static str,
    /// A heading.
    pub title: &'static str,
    /// What it shows.
    pub shows: &'static str,
    /// A command line that works on the dataset that comes with the program.
    pub example: &'static str,
}

/// Why a view has no picture.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ViewError {
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
    Scenario(#[from] crate::scenario::ScenarioError),
    /// The dataset has nothing to draw.
    #[error("{0}")]
    NoData(String),
}

impl From<AnalysisError> for ViewError {
    fn from(error: AnalysisError) -> Self {
        match error {
            AnalysisError::UnknownKey(unknown) => Self::UnknownKey(unknown),
            AnalysisError::Invalid { parameter, reason } => Self::Invalid { parameter, reason },
            AnalysisError::Scenario(error) => Self::Scenario(error),
            AnalysisError::WhatIf(errors) => Self::NoData(errors.to_string()),
            AnalysisError::NoData(text) => Self::NoData(text),
        }
    }
}

/// A figure and what it leaves out.
#[derive(Clone, Debug)]
pub struct Drawing {
    /// The figure.
    pub figure: Figure,
    /// What was folded into "others" or left out, line by line: the sidecar of the figure.
    pub folded: Table,
}

impl Drawing {
    /// Adds the option that names the dataset to the command in the caption, where that is not the usual one.
    pub fn name_dataset(&mut self, command: &str, option: &str) {
        if let Some(line) = self.figure.caption_mut().last_mut().filter(|line| *line == command) {
            line.push_str(&format!(" {option}"));
        }
    }
}

/// A view with its parameters.
pub trait Figured {
    /// What it says about itself.
    const CARD: ViewCard;

    /// The parameters as on a command line, without the program and the name of the view.
    fn arguments(&self) -> Vec<String>;

    /// Draws it.
    ///
    /// # Errors
    /// Unknown keys, parameters that make no sense, or nothing to draw.
    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError>;

    /// What it mentions that may stand there by name.
    fn mentions(&mut self) -> Vec<Mention<'_>> {
        Vec::new()
    }
}

/// Writes the enum of all views, its dispatch and the list of cards.
macro_rules! views {
    ($($(#[$doc:meta])* $variant:ident,)*) => {
        /// A view of any kind: what a saved query draws and what a command draws.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "cli", derive(clap::Subcommand))]
        pub enum Draw {
            $($(#[$doc])* $variant($variant),)*
        }

        impl Draw {
            /// The figure and what it leaves out.
            ///
            /// # Errors
            /// As the view says.
            pub fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
                match self {
                    $(Self::$variant(params) => params.draw(view),)*
                }
            }

            /// What it mentions that may stand there by name.
            pub fn mentions(&mut self) -> Vec<Mention<'_>> {
                match self {
                    $(Self::$variant(params) => params.mentions(),)*
                }
            }

            /// The card of the view.
            pub fn card(&self) -> ViewCard {
                match self {
                    $(Self::$variant(_) => $variant::CARD,)*
                }
            }

            /// The command line that draws it on this view of a graph.
            pub fn command(&self, view: &View<'_>) -> String {
                match self {
                    $(Self::$variant(params) => words::command(params, view),)*
                }
            }
        }

        /// The cards of all views.
        pub const VIEWS: &[ViewCard] = &[$($variant::CARD,)*];
    };
}

views! {
    /// Who supplies whom, by tiers from upstream to downstream
    SupplyMap,
    /// One entity and all its ties: supplies, commitments, money, ownership
    Neighbourhood,
    /// Two parties and their gears: money one way, compute the other
    Pair,
    /// Relations that came, went or changed between two days, datasets or what-ifs
    WhatChanged,
    /// Who loses how much when something fails, on the supply map
    ShockHeat,
    /// Variables, signed links and the feedback loops they close
    CausalLoops,
    /// Pairs of customer and provider by how much either depends on the other
    DependencePlane,
    /// Markets by concentration, with intervals and thresholds
    HhiBars,
    /// What is promised for each dollar put in, deal by deal
    CapitalInversion,
    /// Customers by suppliers: what each loses if the supplier stops
    ExposureHeat,
    /// Each lab's compute by the owner of its providers
    Roof,
    /// Stacks and roofs over the years
    StackSeries,
    /// The numbers of any question over many days, as lines
    ThroughTime,
    /// The facts that move a number, as bars around what it counts as
    Tornado,
    /// A disruption day by day, as a heat strip
    DisruptionHeat,
    /// A disruption day by day, or several, as small multiples
    DisruptionPanels,
    /// Who pays whom in a year, as ribbons
    MoneyFlow,
    /// The routes by which one entity hangs on another
    Routes,
    /// Power from its makers over grids and sites to labs
    EnergyFlow,
    /// Whom a lab pays, and with whom the money ends
    SpendLanding,
    /// Commitments, investments and loans by date
    DealTimeline,
}

impl Draw {
    /// The figure alone.
    ///
    /// # Errors
    /// As the view says.
    pub fn figure(&self, view: &View<'_>) -> Result<Figure, ViewError> {
        self.draw(view).map(|drawing| drawing.figure)
    }

    /// The view in RON, as a saved query writes it.
    pub fn to_ron(&self) -> String {
        ron_options().to_string(self).unwrap_or_default()
    }
}
