//! What a disruption is asked with.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::super::AnalysisError;
use super::Disruption;
use crate::propagation::inventory::{Filling, Limit, Rationing, Settings, Split};

/// Days of something by its key: of stock of a product, or to recovery of a kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DaysOf {
    /// Key of the product or kind.
    pub key: String,
    /// Days, 0 or more.
    pub days: f64,
}

impl FromStr for DaysOf {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?}: expected a key and days of 0 or more, as in hbm=30");
        let (key, days) = text.split_once('=').ok_or_else(wrong)?;
        match days.parse::<f64>() {
            Ok(days) if days >= 0.0 && days.is_finite() && !key.is_empty() => {
                Ok(Self { key: key.to_string(), days })
            }
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for DaysOf {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<DaysOf> for String {
    fn from(days: DaysOf) -> Self {
        days.to_string()
    }
}

impl fmt::Display for DaysOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.key, self.days)
    }
}

/// A set of rules for stocks, orders and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Preset {
    /// Firms: stocks by supplier that last as long as they last, no overproduction
    InoueTodo,
    /// Sectors: stocks by product that cut output early, orders turn to suppliers that can, overproduction
    Ario,
}

/// Who is served first where there is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Rule {
    /// All in proportion to their orders
    Proportional,
    /// Firms in proportion, final demand last
    FinalLast,
    /// The smallest order relative to normal first
    SmallestFirst,
    /// The same among firms, final demand last
    SmallestFirstFinalLast,
}

impl Rule {
    /// All rules.
    pub const ALL: [Self; 4] =
        [Self::Proportional, Self::FinalLast, Self::SmallestFirst, Self::SmallestFirstFinalLast];

    /// Its name, as on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Proportional => "proportional",
            Self::FinalLast => "final-last",
            Self::SmallestFirst => "smallest-first",
            Self::SmallestFirstFinalLast => "smallest-first-final-last",
        }
    }

    fn rationing(self) -> Rationing {
        match self {
            Self::Proportional => Rationing::Proportional,
            Self::FinalLast => Rationing::FinalLast,
            Self::SmallestFirst => Rationing::SmallestFirst,
            Self::SmallestFirstFinalLast => Rationing::SmallestFirstFinalLast,
        }
    }
}

/// An assumption that can be swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum SweepBy {
    /// The inventory tolerance: 0.5, 0.7, 0.8, 0.9 and 1
    Psi,
    /// Days in which a gap of stock is to be closed: 3, 6, 15, 30, 60 and 90
    #[cfg_attr(feature = "cli", value(alias = "tau_inv"))]
    TauInv,
    /// All stocks: a quarter, half, once, twice and four times
    Stocks,
}

/// One point of a sweep.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Point {
    pub rule: Rule,
    pub psi: Option<f64>,
    pub tau: f64,
    pub factor: f64,
}

/// Days in which a gap is closed, where nothing is said: of firms, and of sectors.
const RESTORATION: [f64; 2] = [6.0, 60.0];
/// Tolerance where nothing is said.
const PSI: f64 = 0.8;

impl Disruption {
    /// The point at which the question itself stands.
    pub(super) fn point(&self) -> Result<Point, AnalysisError> {
        let invalid =
            |parameter, reason: &str| AnalysisError::Invalid { parameter, reason: reason.to_string() };
        let tolerant = self.psi.is_some() || self.sweep.contains(&SweepBy::Psi);
        // a tolerance means the rules that have one
        let ario = self.preset.map_or(tolerant, |preset| preset == Preset::Ario);
        if !ario && tolerant {
            return Err(invalid("psi", "preset inoue-todo has no inventory tolerance; preset ario does"));
        }
        if self.psi.is_some_and(|psi| !(psi > 0.0 && psi <= 1.0)) {
            return Err(invalid("psi", "expected a share above 0, at most 1"));
        }
        let tau = self.tau_inv.unwrap_or(RESTORATION[usize::from(ario)]);
        if !(tau >= 1.0 && tau.is_finite()) {
            return Err(invalid("tau_inv", "expected 1 day or more"));
        }
        let usual = if ario { Rule::Proportional } else { Rule::SmallestFirst };
        let rule = self.rationing.unwrap_or(usual);
        Ok(Point { rule, psi: ario.then(|| self.psi.unwrap_or(PSI)), tau, factor: 1.0 })
    }

    /// The points of the sweep that is asked for; every combination.
    pub(super) fn swept(&self, at: Point) -> Vec<Point> {
        let mut points = vec![at];
        let mut spread = |values: &[f64], set: fn(&mut Point, f64)| {
            let each = |point: &Point| {
                let point = *point;
                values.iter().map(move |value| {
                    let mut point = point;
                    set(&mut point, *value);
                    point
                })
            };
            points = points.iter().flat_map(each).collect();
        };
        if self.sweep.contains(&SweepBy::Psi) {
            spread(&[0.5, 0.7, 0.8, 0.9, 1.0], |point, value| point.psi = Some(value));
        }
        if self.sweep.contains(&SweepBy::TauInv) {
            spread(&[3.0, 6.0, 15.0, 30.0, 60.0, 90.0], |point, value| point.tau = value);
        }
        if self.sweep.contains(&SweepBy::Stocks) {
            spread(&[0.25, 0.5, 1.0, 2.0, 4.0], |point, value| point.factor = value);
        }
        points
    }
}

impl Point {
    /// The rules of the kernel.
    pub fn settings(&self) -> Settings {
        let rationing = self.rule.rationing();
        match self.psi {
            Some(psi) => Settings { rationing, ..Settings::ario(psi, self.tau, Split::ByCapacity) },
            // nobody gets more than was ordered
            None => Settings {
                restoration: self.tau,
                filling: Filling::Level,
                limit: Limit::Cover,
                ..Settings::inoue_todo(rationing)
            },
        }
    }
}
