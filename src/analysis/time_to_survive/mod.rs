//! How long those who matter last without each entity, against how long it takes to be back.

mod plan;
mod say;

use serde::{Deserialize, Serialize};

use super::disruption::{DaysOf, Economy, Shelf};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Reach};
use crate::model::{EntityId, Need};
use crate::network::Network;
use crate::order::Arrange;
use crate::propagation::time_to_survive::SolveError;
use crate::side_by_side::SideBySide;
use plan::Cutter;

/// Time to survive, time to recover and performance impact of every stop.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct TimeToSurvive {
    /// Kind of entity whose output is to be kept up
    #[cfg_attr(feature = "cli", arg(long, default_value = "lab", value_name = "KIND"))]
    pub watch: String,
    /// Only stops of entities of these kinds; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_delimiter = ',', value_name = "KIND"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<String>,
    /// Days until who stops is back
    #[cfg_attr(feature = "cli", arg(long, default_value_t = 56.0))]
    pub ttr: f64,
    /// The same of a kind: foundry=180; may be repeated
    #[cfg_attr(feature = "cli", arg(long, value_name = "KIND=DAYS"))]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ttr_of: Vec<DaysOf>,
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
    /// Let suppliers serve whom it is best to serve, and deliver at most this multiple of normal to each; all customers
    /// alike unless said
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flex: Option<f64>,
}

impl Default for TimeToSurvive {
    fn default() -> Self {
        Self {
            watch: "lab".to_string(),
            kinds: Vec::new(),
            ttr: 56.0,
            ttr_of: Vec::new(),
            stock_days: 30.0,
            stock: Vec::new(),
            durable: Vec::new(),
            flex: None,
        }
    }
}

/// Times to recover at which rankings are compared, as multiples of what is assumed.
const ERRORS: [f64; 3] = [0.5, 1.0, 2.0];

impl Analysis for TimeToSurvive {
    const CARD: Card = Card {
        name: "time-to-survive",
        title: "Time to survive",
        question: "How long does everyone who matters keep working if one entity stops, is that longer than it takes to come back, \
                   and what is lost if not?",
        definition: "Two linear programmes for each stop. Time to survive: the longest t over which all who are watched make \
                     normal output. Impact: least output lost by them over the time to recover, in days of one's normal output. \
                     Risk exposure index = impact / largest impact. Exposed: time to survive < time to recover.",
        reads: "Essential needs of products, `Supplies`, `Commits`, `Hosts`, market shares; stocks of products (`inventory`); \
                parts of suppliers' output and revenue.",
        assumptions: "Times to recover and stocks as given. What happens over the horizon is summed, which is optimistic. Each supplier \
                      serves all its customers alike; --flex lets it serve first those on whom who is watched hangs. Important inputs \
                      do not bind; the unknown supplier goes on as normal.",
        cost: "Up to four linear programmes for each entity on which someone who is watched hangs.",
        reference: "Simchi-Levi et al., Interfaces 45(5), 375-390, 2015.",
        rests: Reach::Connected,
        example: "linchpin time-to-survive --ttr 56 --stock-days 30",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        if !(self.ttr > 0.0 && self.ttr.is_finite()) {
            return Err(invalid("ttr", format!("{}: expected more than 0 days", self.ttr)));
        }
        if let Some(flex) = self.flex.filter(|flex| !(*flex >= 1.0 && flex.is_finite())) {
            return Err(invalid("flex", format!("{flex}: expected 1 or more")));
        }
        let watch = kind_of(view, "watch", &self.watch)?;
        let mut recovery = vec![self.ttr; view.graph.facts().kinds.len()];
        for of in &self.ttr_of {
            if of.days <= 0.0 {
                return Err(invalid("ttr_of", format!("{of}: expected more than 0 days")));
            }
            if let Some(days) = recovery.get_mut(kind_of(view, "ttr_of", &of.key)?) {
                *days = of.days;
            }
        }
        let kinds: Result<Vec<usize>, AnalysisError> =
            self.kinds.iter().map(|kind| kind_of(view, "kinds", kind)).collect();
        let kinds = kinds?;
        let network = Network::build(view.graph, &view.scope);
        let shelf = Shelf::new(view.graph, self.stock_days, &self.stock, &self.durable, 1.0)?;
        let economy = Economy::new(view, &network, &shelf)?;
        let rows = network.rows().iter().filter(|row| shelf.counts(row));
        let essential = rows.map(|row| row.need == Need::Essential).collect();
        let kind = |id: &EntityId| view.graph.entity(*id).kind;
        let single = |id: &EntityId| !view.graph.entity(*id).group;
        let watched: Vec<EntityId> =
            view.graph.entity_ids().filter(|id| kind(id) == watch && single(id)).collect();
        let cutter = Cutter::new(&economy, &watched, essential, self.flex);
        let stops: Vec<EntityId> = view
            .graph
            .entity_ids()
            .filter(|id| kind(id) != watch && (kinds.is_empty() || kinds.contains(&kind(id))))
            .collect();
        // each stop is by itself; they are collected in their order
        let solved: Result<Vec<Option<Stop>>, SolveError> = stops
            .side_by_side(|id| Stop::solve(&cutter, *id, recovery.get(kind(id)).copied().unwrap_or(self.ttr)))
            .into_iter()
            .collect();
        let solved = solved.map_err(|error| AnalysisError::NoData(error.to_string()))?;
        let mut stops: Vec<Stop> = solved.into_iter().flatten().collect();
        let key = |stop: &Stop, at: usize| (stop.impact[at] * 1e6).round();
        stops.arrange(|a, b| {
            let tts = |stop: &Stop| stop.tts.unwrap_or(f64::INFINITY);
            key(b, 1).total_cmp(&key(a, 1)).then(tts(a).total_cmp(&tts(b))).then(a.entity.cmp(&b.entity))
        });
        Ok(say::answer(self, view, &network, &economy, watched.len(), &stops))
    }
}

fn kind_of(view: &View<'_>, parameter: &'static str, key: &str) -> Result<usize, AnalysisError> {
    let kinds = &view.graph.facts().kinds;
    kinds.iter().position(|kind| kind.key == key).ok_or_else(|| {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.key.as_str()).collect();
        let reason = format!("{key:?} is no kind: expected one of {}", known.join(", "));
        AnalysisError::Invalid { parameter, reason }
    })
}

/// What one stop does.
struct Stop {
    entity: EntityId,
    /// Days that those who are watched last; `None` without bound.
    tts: Option<f64>,
    ttr: f64,
    /// Output lost, in days of one's normal output, at the time to recover times each of [`ERRORS`].
    impact: [f64; 3],
    /// How many of those who are watched hang on it.
    reached: usize,
}

impl Stop {
    /// Solves a stop; nothing where nobody who is watched hangs on it.
    fn solve(cutter: &Cutter<'_>, entity: EntityId, ttr: f64) -> Result<Option<Self>, SolveError> {
        let Some(plan) = cutter.plan(entity.index()) else { return Ok(None) };
        let tts = plan.operations.survival(&[0])?;
        let mut impact = [0.0; 3];
        for (impact, error) in impact.iter_mut().zip(ERRORS) {
            let days = ttr * error;
            // who lasts that long loses nothing
            if tts.is_some_and(|tts| tts < days) {
                let lost = plan.operations.impact(&[0], days)?.0;
                *impact = if lost < 1e-7 { 0.0 } else { lost };
            }
        }
        Ok(Some(Self { entity, tts, ttr, impact, reached: plan.reached }))
    }

    fn is_exposed(&self, error: f64) -> bool {
        self.tts.is_some_and(|tts| tts < self.ttr * error)
    }
}
