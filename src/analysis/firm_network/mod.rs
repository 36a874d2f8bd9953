//! Which network of firms a cascade of failures runs on, and how: options as they are written, and the frozen
//! system with what was supposed to make it.

mod needs;
mod tables;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, product_cell};
use super::{AnalysisError, View};
use crate::answer::Cell;
use crate::model::{EntityId, LinkKind, ProductId};
use crate::propagation::esri::{Compatible, Converged, Mode, Stop, System};

/// How long a cascade goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum CascadeMode {
    /// To the fixed point
    #[default]
    Converged,
    /// As the published software stops, step for step
    Compatible,
}

/// The stop rule of a compatible cascade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum StopRule {
    /// No loss grew by more than eps in a step
    #[default]
    Step,
    /// The total loss grew by no more than the factor 1 + eps
    Loss,
}

/// Who can take a failing firm's place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum MarketRule {
    /// Firms of its sector, or vendors of its product, by their part of what still works
    #[default]
    Sector,
    /// Nobody
    #[cfg_attr(feature = "cli", value(name = "none"))]
    Nobody,
}

/// Which inputs are essential.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum EssentialityRule {
    /// As the dataset says
    #[default]
    File,
    /// None: all add to output
    AllLinear,
    /// All of them
    AllLeontief,
}

/// Whether sales and purchases outside the network count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Finals {
    /// No: what firms sell to each other is all
    #[default]
    #[cfg_attr(feature = "cli", value(name = "none"))]
    LeftOut,
    /// Revenue and costs of the tables are the whole
    RevenueCosts,
}

/// How a cascade runs; what is not given is the default.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct CascadeOptions {
    pub mode: Option<CascadeMode>,
    pub eps: Option<f64>,
    pub stop: Option<StopRule>,
    pub market: Option<MarketRule>,
    pub essentiality: Option<EssentialityRule>,
    pub finals: Option<Finals>,
}

/// Tolerance of the published software's stop rule.
const PUBLISHED_EPS: f64 = 1e-2;

impl CascadeOptions {
    /// The mode with its tolerances.
    fn mode(&self) -> Result<Mode, AnalysisError> {
        if let Some(eps) = self.eps.filter(|eps| !(eps.is_finite() && *eps > 0.0)) {
            let reason = format!("{eps}: expected a tolerance above 0, as 1e-2");
            return Err(AnalysisError::Invalid { parameter: "eps", reason });
        }
        match self.mode.unwrap_or_default() {
            CascadeMode::Compatible => {
                let stop = match self.stop.unwrap_or_default() {
                    StopRule::Step => Stop::Step,
                    StopRule::Loss => Stop::Loss,
                };
                Ok(Mode::Compatible(Compatible { eps: self.eps.unwrap_or(PUBLISHED_EPS), stop }))
            }
            CascadeMode::Converged if self.stop.is_some() => {
                let reason =
                    "a converged cascade has no stop rule; expected mode compatible beside it".to_string();
                Err(AnalysisError::Invalid { parameter: "stop", reason })
            }
            CascadeMode::Converged => {
                let default = Converged::default();
                Ok(Mode::Converged(Converged { tolerance: self.eps.unwrap_or(default.tolerance), ..default }))
            }
        }
    }
}

/// A network of firms, frozen.
pub(super) struct FirmNetwork {
    pub system: System,
    pub mode: Mode,
    /// Which entities are firms of it, in the order of their keys. Firm numbers are positions of entities.
    pub members: Vec<EntityId>,
    /// What each list of weights is; the first is that of the index.
    pub weights: Vec<String>,
    /// Names of the slots.
    slots: Slots,
    /// What was supposed: stable code, sentence, how many it concerns.
    pub notes: Vec<(&'static str, String, Option<usize>)>,
    /// The records that the numbers come from.
    pub trail: Trail,
}

/// What the slots of customers are.
enum Slots {
    /// Sectors by name.
    Sectors(Vec<String>),
    /// Products.
    Products,
}

impl FirmNetwork {
    /// The network of bulk tables where the dataset has any with amounts, else that of needs.
    ///
    /// # Errors
    /// Options that make no sense; nothing to make a network of.
    pub fn build(view: &View<'_>, options: &CascadeOptions) -> Result<Self, AnalysisError> {
        let mode = options.mode()?;
        let links = &view.graph.facts().links;
        let part = view.graph.part();
        if part.any(links.iter().any(|link| link.kind == LinkKind::Amount)) {
            return tables::build(view, options, mode);
        }
        if part.any(links.iter().any(|link| link.kind == LinkKind::CostShare)) {
            let text = "the tables give shares of cost; a cascade of failures needs what each sells to whom \
                        (Supplies with weight: Amount)";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        if !part.is_whole() {
            let text = "a cascade of failures along needs has no links that processes could share; leave --share links out";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        needs::build(view, options, mode)
    }

    /// The input that a slot stands for.
    pub fn input(&self, view: &View<'_>, slot: u32) -> Cell {
        let Some(at) = slot.checked_sub(1) else { return Cell::text("inputs that add up") };
        match &self.slots {
            Slots::Sectors(names) => Cell::text(names.get(at as usize).map_or("", String::as_str)),
            Slots::Products => product_cell(view.graph, ProductId(at)),
        }
    }

    /// How the cascades were run, in words.
    pub fn say_mode(&self) -> String {
        match self.mode {
            Mode::Converged(converged) => format!(
                "Run to the fixed point: no loss grows by more than {:e} in a step. The published software stops where no loss \
                 grows by more than 0.01 in a step, which lies below the fixed point, far below it where firms sell nearly all to \
                 each other, so that each step adds little and many add much (--mode compatible repeats it).",
                converged.tolerance
            ),
            Mode::Compatible(compatible) => {
                let rule = match compatible.stop {
                    Stop::Step => "no loss grew by more than that in a step",
                    Stop::Loss => "the total loss grew by no more than that part in a step",
                };
                format!(
                    "Stopped as the published software does, with eps {:e}: {rule}. The numbers are those of the stop rule, not of \
                     a fixed point, and may depend on the unit of money where a whole market fails (--mode converged does neither).",
                    compatible.eps
                )
            }
        }
    }
}
