//! A disruption day by day: how long stocks carry, when it arrives, when it is over, and what that hangs on.

mod economy;
mod over_time;
mod params;
mod say;
mod tables;

pub(in crate::analysis) use economy::{Economy, Shelf};
pub(in crate::analysis) use over_time::DayByDay;
pub use over_time::OverTime;
pub use params::{DaysOf, Preset, Rule, SweepBy};

use jiff::ToSpan;
use serde::{Deserialize, Serialize};

use super::shock::Shock;
use super::{Analysis, AnalysisError, Card, Mention, View};
use crate::answer::{Answer, Reach};
use crate::model::{Date, EntityId};
use crate::network::Network;
use crate::propagation::inventory::{Chain, Course, Day, Ending, Event, Summary, simulate};
use crate::scenario::{Failure, Hits, Recovery, ScenarioSpec};
use crate::side_by_side::SideBySide;
use params::Point;

/// A disruption carried through stocks, day by day.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Disruption {
    /// A scenario: the name of a saved one, a file, or one of the dataset
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioSpec>,
    /// What fails and how much of its capacity it loses: tsmc=0.5, or tsmc for all of it; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY=LOSS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fail: Vec<Failure>,
    /// First day of the run, on which what fails begins to; the day that counts unless said
    #[cfg_attr(feature = "cli", arg(long, value_name = "DATE"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Days for which what fails is out; for good unless said
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<f64>,
    /// Days over which what failed comes back in a straight line after that; at once unless said
    #[cfg_attr(feature = "cli", arg(long, requires = "days"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub back_over: Option<f64>,
    /// Days to run
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 365))]
    pub horizon: u32,
    /// Kind of entity to watch
    #[cfg_attr(feature = "cli", arg(long, default_value = "lab", value_name = "KIND"))]
    pub watch: String,
    /// Rules for stocks, orders and limits [default: inoue-todo; ario where psi is given or swept]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preset: Option<Preset>,
    /// Who is served first where there is not enough; smallest-first for inoue-todo and proportional for ario unless said
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rationing: Option<Rule>,
    /// Days of stock of every product for which neither --stock nor the dataset says
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 30.0))]
    pub stock_days: f64,
    /// Days of stock of a product: hbm=30; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "PRODUCT=DAYS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stock: Vec<DaysOf>,
    /// Products that last longer than the run: what stands goes on, and orders for them too; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "PRODUCT"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub durable: Vec<String>,
    /// Days in which a gap of stock is to be closed; 6 for inoue-todo and 60 for ario unless said
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tau_inv: Option<f64>,
    /// Inventory tolerance of preset ario: output is cut where a stock is below this part of what is wanted; 0.8 unless said
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub psi: Option<f64>,
    /// Every how many days the table of days has a row
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 7))]
    pub every: u32,
    /// Assumptions to vary, in every combination: psi, tau-inv, stocks
    #[cfg_attr(feature = "cli", arg(long, value_enum, value_delimiter = ','))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sweep: Vec<SweepBy>,
}

impl Default for Disruption {
    fn default() -> Self {
        Self {
            scenario: None,
            fail: Vec::new(),
            from: None,
            days: None,
            back_over: None,
            horizon: 365,
            watch: "lab".to_string(),
            preset: None,
            rationing: None,
            stock_days: 30.0,
            stock: Vec::new(),
            durable: Vec::new(),
            tau_inv: None,
            psi: None,
            every: 7,
            sweep: Vec::new(),
        }
    }
}

/// Most days that can be run.
const MOST_DAYS: u32 = 3660;

impl Analysis for Disruption {
    const CARD: Card = Card {
        name: "disruption",
        title: "A disruption, day by day",
        question: "When does a disruption arrive at whom, how deep does it go, when is it over, and on which assumptions does \
                   that hang?",
        definition: "Each day firms use stocks, make what demand, capacity and the scarcest essential input allow, share it out, \
                     and order what they use plus a part of the gap to the stock they want. Functionality = output / normal output. \
                     Lost = Σ over days of 1 - functionality, in days of normal output. Back = first day after which it stays above \
                     99 %. Collapsed = below 0.1 % and not rising though no shock holds.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes; stocks of products \
                (`inventory`); parts of suppliers' output and revenue.",
        assumptions: "Stocks of --stock-days where nobody states them, at least two; 0 for what is used as it is made. Parts of a supplier's output that nobody \
                      states are equal parts of the rest, customers outside the graph taking one. The unknown supplier of a need \
                      goes on as normal. Capital goods are inputs like others unless --durable: output that wants them is what is added, not what stands.",
        cost: "Days times ties, for each of four rationing rules at three levels of stock, and for each point of a sweep.",
        reference: "Hallegatte, Risk Analysis 28(3), 2008, and 34(1), 2014; Henriet, Hallegatte, Tabourier, J. Econ. Dyn. Control \
                    36, 2012; Inoue, Todo, Nature Sustainability 2, 2019.",
        rests: Reach::Connected,
        example: "linchpin disruption --fail tsmc --from 2026-08-01 --days 56",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        if !(1..=MOST_DAYS).contains(&self.horizon) {
            return Err(invalid("horizon", format!("{}: expected 1 to {MOST_DAYS} days", self.horizon)));
        }
        if self.every == 0 {
            return Err(invalid("every", "expected 1 day or more".to_string()));
        }
        let case = Case::new(self, view)?;
        let point = self.point()?;
        let run = case.run(self, view, point, true)?;
        let mut points: Vec<Point> = Vec::new();
        for factor in [0.5, 1.0, 2.0] {
            points.extend(Rule::ALL.iter().map(|rule| Point { rule: *rule, factor, ..point }));
        }
        let mut swept = if self.sweep.is_empty() { Vec::new() } else { self.swept(point) };
        let hangs = points.len();
        points.append(&mut swept);
        // each run is by itself; they are collected in their order
        let runs: Result<Vec<Run>, AnalysisError> =
            points.side_by_side(|point| case.run(self, view, *point, false)).into_iter().collect();
        let runs = runs?;
        let answered = say::Answered { params: self, view, case: &case, run: &run, point };
        let varied: Vec<(Point, &Run)> = points.into_iter().zip(&runs).collect();
        let (hangs, swept) = varied.split_at(hangs.min(varied.len()));
        Ok(answered.answer(hangs, swept))
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        self.scenario.as_mut().map(Mention::Scenario).into_iter().collect()
    }

    fn scenario_slot(&mut self) -> Option<&mut Option<ScenarioSpec>> {
        Some(&mut self.scenario)
    }
}

/// What does not change between runs.
struct Case {
    network: Network,
    hits: Hits,
    from: Date,
    watched: Vec<EntityId>,
}

/// One run.
struct Run {
    economy: Economy,
    notes: Vec<String>,
    courses: Vec<Course>,
    /// How those ended who are watched, taken together.
    ending: Ending,
    /// Their mean functionality by day.
    total: Vec<f64>,
    /// Functionality, least cover of stock and unmet demand, by day and firm, where they are kept.
    days: Vec<DayRow>,
    /// Who makes nothing on the last day for want of an input that somebody could deliver, and which.
    still: Vec<(EntityId, usize)>,
}

/// One firm on one day.
struct DayRow {
    day: usize,
    firm: usize,
    output: f64,
    cover: Option<f64>,
    unmet: f64,
}

impl Case {
    fn new(params: &Disruption, view: &View<'_>) -> Result<Self, AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        let from = match &params.from {
            None => view.scope.as_of,
            Some(text) => text
                .parse::<Date>()
                .map_err(|_| invalid("from", format!("{text:?}: expected a day such as 2026-08-01")))?,
        };
        let bad = |days: &f64| !(days.is_finite() && *days > 0.0);
        if let Some(days) = params.days.iter().chain(&params.back_over).find(|days| bad(days)) {
            return Err(invalid("days", format!("{days}: expected more than 0 days")));
        }
        if params.back_over.is_some() && params.days.is_none() {
            let reason = "expected how many days the failure lasts before it comes back".to_string();
            return Err(invalid("days", reason));
        }
        let question =
            Shock { scenario: params.scenario.clone(), fail: params.fail.clone(), ..Shock::default() };
        let mut hits = question.hits(view)?;
        // single failures stand behind the shocks of the scenario
        for shock in hits.shocks.iter_mut().rev().take(params.fail.len()) {
            shock.days = params.days;
            shock.recovery = params.back_over.map_or(Recovery::Step, |days| Recovery::Linear { days });
        }
        let kinds = &view.graph.facts().kinds;
        let Some(kind) = kinds.iter().position(|kind| kind.key == params.watch) else {
            let known: Vec<&str> = kinds.iter().map(|kind| kind.key.as_str()).collect();
            let reason = format!("{:?} is no kind: expected one of {}", params.watch, known.join(", "));
            return Err(invalid("watch", reason));
        };
        let is_watched = |id: &EntityId| view.graph.entity(*id).kind == kind && !view.graph.entity(*id).group;
        let watched = view.graph.entity_ids().filter(is_watched).collect();
        Ok(Self { network: Network::build(view.graph, &view.scope), hits, from, watched })
    }

    fn run(
        &self,
        params: &Disruption,
        view: &View<'_>,
        point: Point,
        keep_days: bool,
    ) -> Result<Run, AnalysisError> {
        let shelf = Shelf::new(view.graph, params.stock_days, &params.stock, &params.durable, point.factor)?;
        let economy = Economy::new(view, &self.network, &shelf)?;
        let (events, notes): (Vec<Event>, _) = economy.events(&self.network, &shelf, &self.hits);
        let chain = &economy.chain;
        let mut size = vec![0.0; chain.firms()];
        self.watched.iter().for_each(|id| size[id.index()] = 1.0);
        let horizon = params.horizon as usize;
        let mut summary = Summary::new(size, horizon);
        let (mut days, mut still) = (Vec::new(), Vec::new());
        simulate(chain, &point.settings(), &events, horizon, |day| {
            summary.see(&day);
            if day.number + 1 == horizon {
                still = standing_still(chain, &day);
            }
            if keep_days && day.number.is_multiple_of(params.every as usize) {
                for firm in 0..chain.firms() {
                    let stored = chain.inputs_of(firm).filter(|input| chain.target(*input) > 0.0);
                    let least = stored.map(|input| day.cover[input]).reduce(f64::min);
                    let unmet = (day.demand[firm] - day.output[firm]).max(0.0);
                    let output = day.output[firm];
                    days.push(DayRow { day: day.number, firm, output, cover: least, unmet });
                }
            }
        });
        let (courses, ending, total) = summary.finish();
        Ok(Run { economy, notes, courses, ending, total, days, still })
    }

    /// The date of a day of the run.
    fn date(&self, day: usize) -> String {
        let span = i64::try_from(day).unwrap_or_default().days();
        self.from.checked_add(span).map(|date| date.to_string()).unwrap_or_default()
    }
}

/// Firms that could work and make nothing because the stock of an input is used up, though one of its suppliers could
/// deliver: nobody asks it to.
fn standing_still(chain: &Chain, day: &Day<'_>) -> Vec<(EntityId, usize)> {
    let able = |firm: usize| day.capacity.get(firm).is_some_and(|capacity| *capacity > 0.0);
    let empty =
        |input: &usize| chain.target(*input) > 0.0 && day.cover.get(*input).is_some_and(|days| *days <= 0.0);
    let served = |input: &usize| chain.links_of(*input).any(|link| chain.supplier_of(link).is_none_or(able));
    let idle = |firm: &usize| day.output.get(*firm).is_some_and(|output| *output <= 0.0) && able(*firm);
    let lacks = |firm: usize| chain.inputs_of(firm).filter(empty).find(served);
    (0..chain.firms()).filter(idle).filter_map(|firm| Some((EntityId::new(firm), lacks(firm)?))).collect()
}
