//! The linear models of input-output economics as carriers of a shock.

mod backwards;
mod days;
mod economy;
mod linkages;
mod time;

use super::super::trail::{entity_cell, say_weights};
use super::super::{AnalysisError, View};
use super::{Asked, Backwards, ModelCard, Shock, ShockModel, Support, words};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::matrix::Solved;
use crate::model::EntityId;
use crate::order::Arrange;
use crate::scenario::{EffectKind, EntityHit, Place, Size};
use economy::Economy;

/// Leontief's model of demand.
pub struct Leontief;
/// Ghosh's model of supply.
pub struct Ghosh;
/// Inoperability of Haimes and Jiang.
pub struct Inoperability;

const READS: &str =
    "`Sectors` with `Flows`; else payments for products and stated revenue (as `circularity` reads them).";
const COST: &str = "One sparse solve: a few dozen passes over the deliveries.";
const RESULTS: &str =
    "Nobody is short of capacity, prices and coefficients stay as they are, and nothing takes time.";

impl ShockModel for Leontief {
    const CARD: ModelCard = ModelCard {
        name: "leontief",
        question: "Who loses how much output when final demand changes?",
        equations: "Δx = A Δx + Δy, A_ij = deliveries of i to j / output of j. Relative loss = -Δx / x.",
        reads: READS,
        assumptions: RESULTS,
        cost: COST,
        reference: "W. Leontief, Review of Economic Statistics 18:105, 1936; D. Hawkins and H. Simon, Econometrica 17:245, 1949.",
        options: &[],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        match (kind, place) {
            (EffectKind::DemandChange, Place::Entity) => Support::Native,
            (EffectKind::DemandChange, _) => {
                Support::Rejected("final demand is demand for what an entity makes")
            }
            _ => Support::Rejected("it carries changes of final demand (--demand), upstream"),
        }
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let (economy, network) = Economy::with_chain(asked.view)?;
        known(asked, &economy, |hit| matches!(hit.size, Size::Amount(_)) && economy.cost.is_some())?;
        let demand = changes(asked, &economy.final_demand);
        let solved = economy.leontief(&demand);
        let mut answer = start(asked, "Lost demand");
        finite(asked, &solved)?;
        answer.tables = vec![change_table(asked, &economy, &solved.x), diagnostics(&economy, &solved)];
        let sum: f64 = demand.iter().sum();
        say(asked, &economy, sum, "final demand", &mut answer);
        if economy.tabled {
            answer.tables.push(linkages::table(asked.view, &economy));
        }
        if economy.cost.is_some() {
            let text = "Upstream money follows the shares of cost of each tier, as if everything were sold at cost: margins go upstream \
                        too, so that losses there are upper bounds.";
            answer.caveat("cost-shares", text, None);
            let hit = |id: EntityId| solved.x.get(id.index()).is_some_and(|change| *change != 0.0);
            say_weights(&mut answer, &network, network.rungs(|row| row.binds() && hit(row.entity)));
        }
        caveats(asked, &economy, &solved, &mut answer);
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        backwards::leontief(view, members)
    }
}

impl ShockModel for Ghosh {
    const CARD: ModelCard = ModelCard {
        name: "ghosh",
        question: "Whom does a change of primary inputs reach downstream, and with how much?",
        equations: "Δx' = Δx' B + Δv', B_ij = deliveries of i to j / output of i. Relative loss = -Δx / x.",
        reads: READS,
        assumptions: "Customers replace any input by any other without loss. That is accepted for prices and disputed for quantities: \
                      read it as who is exposed, not as a forecast.",
        cost: COST,
        reference: "A. Ghosh, Economica 25:58, 1958; J. Oosterhaven, Journal of Regional Science 28:203, 1988; E. Dietzenbacher, \
                    Journal of Regional Science 37:629, 1997.",
        options: &[],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        match (kind, place) {
            (EffectKind::PrimaryInputChange, Place::Entity) => Support::Native,
            (EffectKind::CapacityLoss | EffectKind::Failure, Place::Entity) => {
                Support::Approximated("taken as a loss of primary inputs worth the same part of output")
            }
            (EffectKind::DemandChange, _) => {
                Support::Rejected("it runs downstream; lost demand runs upstream")
            }
            _ => {
                Support::Rejected("it carries changes of primary inputs (--primary) of entities, downstream")
            }
        }
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let economy = Economy::build(asked.view)?;
        known(asked, &economy, |_| false)?;
        let primary = changes(asked, &economy.value_added);
        let lost = losses(asked, |at| economy.io.output().get(at).copied().unwrap_or(0.0));
        let primary: Vec<f64> = primary.iter().zip(lost).map(|(change, lost)| change - lost).collect();
        let solved = economy.io.ghosh(&primary);
        let mut answer = start(asked, "Lost supply");
        finite(asked, &solved)?;
        answer.tables = vec![change_table(asked, &economy, &solved.x), diagnostics(&economy, &solved)];
        say(asked, &economy, primary.iter().sum(), "primary inputs", &mut answer);
        let text = "The model supposes that any input replaces any other, which is disputed for quantities: read the result as exposure, \
                    not as a forecast.";
        answer.caveat("ghosh", text, None);
        caveats(asked, &economy, &solved, &mut answer);
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        backwards::ghosh(view, members)
    }
}

impl ShockModel for Inoperability {
    const CARD: ModelCard = ModelCard {
        name: "inoperability",
        question: "What part of its normal output does everybody miss, and for how long?",
        equations: "q = A* q + c*, A*_ij = A_ij x_j / x_i, c* = -Δy / x; over time q(t+1) = q(t) + K (A* q(t) + c*(t) - q(t)), with k per day \
                    the resilience.",
        reads: "As leontief; over time also `days_to_one_percent` or `resilience_k_per_day` of every sector.",
        assumptions: "As leontief, of which it is another unit. q may exceed 1, which the answer says. Steps of one day; a continuous \
                      model would differ.",
        cost: "One sparse solve, and one pass over the deliveries for each day.",
        reference: "Y. Haimes and P. Jiang, Journal of Infrastructure Systems 7:1, 2001; C. Lian and Y. Haimes, Systems Engineering 9:241, \
                    2006.",
        options: &["days"],
        has_time: true,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        match (kind, place) {
            (EffectKind::DemandChange, Place::Entity) => Support::Native,
            (EffectKind::CapacityLoss | EffectKind::Failure, Place::Entity) => Support::Approximated(
                "taken as a perturbation of the same part of output, which runs to suppliers",
            ),
            (EffectKind::PrimaryInputChange, _) => {
                Support::Rejected("it runs upstream; lost inputs run downstream")
            }
            _ => Support::Rejected("it carries perturbations of entities"),
        }
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let economy = Economy::build(asked.view)?;
        known(asked, &economy, |_| false)?;
        let normal = economy.io.output().to_vec();
        let hit = perturbation(asked, &economy, |_| 1.0);
        let solved = economy.io.inoperability(&hit);
        finite(asked, &solved)?;
        let change: Vec<f64> = solved.x.iter().zip(&normal).map(|(q, x)| -q * x).collect();
        let mut answer = start(asked, "Inoperability");
        let over_time = asked.hits.is_timed() || asked.params.days.is_some();
        if over_time && !economy.resilience.is_empty() && !economy.io.part().is_whole() {
            let text = "days of a shock that has a time are followed with all links in one place; leave --share links out";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        if over_time && economy.resilience.is_empty() {
            let text = "no sector states how fast it recovers (`days_to_one_percent`), so the model cannot follow it over days";
            if asked.params.days.is_some() {
                return Err(AnalysisError::NoData(text.to_string()));
            }
            let text = format!("Every shock is taken at its worst and for good: {text}.");
            answer.caveat("no-time", text, None);
        }
        answer.tables = vec![change_table(asked, &economy, &change), diagnostics(&economy, &solved)];
        let sum: f64 = -hit.iter().zip(&normal).map(|(hit, x)| hit * x).sum::<f64>();
        say(asked, &economy, sum, "demand", &mut answer);
        if over_time && !economy.resilience.is_empty() {
            days::follow(asked, &economy, &mut answer);
        }
        let above = solved.x.iter().filter(|q| **q > 1.0 + 1e-12).count();
        if above > 0 {
            let text = format!(
                "{above} sectors would miss more than all of their output: the perturbation is too large for a linear model."
            );
            answer.caveat("above-one", text, Some(above));
        }
        caveats(asked, &economy, &solved, &mut answer);
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        backwards::inoperability(view, members)
    }
}

fn start(asked: &Asked<'_>, prefix: &str) -> Answer {
    Answer::new("shock", words::title(asked, prefix), words::question(asked))
}

/// Whether the output of everybody hit is known, so that a part of it means something.
fn known(
    asked: &Asked<'_>,
    economy: &Economy,
    needless: impl Fn(&EntityHit) -> bool,
) -> Result<(), AnalysisError> {
    let unknown = |hit: &&EntityHit| !needless(hit) && economy.output_of(hit.entity).is_none();
    let Some(hit) = asked.hits.entities.iter().find(unknown) else { return Ok(()) };
    let entity = asked.view.graph.entity(hit.entity);
    let text = match economy.tabled {
        true => format!("{} is no sector of the table, or has no output", entity.name),
        false => format!(
            "nothing is known of the output of {}: neither revenue nor payments with a price",
            entity.name
        ),
    };
    Err(AnalysisError::NoData(text))
}

/// Changes in money, by entity: amounts as they are, relative ones of `normal`. Shocks on one entity add up.
fn changes(asked: &Asked<'_>, normal: &[f64]) -> Vec<f64> {
    let mut all = vec![0.0; normal.len()];
    for hit in &asked.hits.entities {
        let at = hit.entity.index();
        let change = match hit.size {
            Size::Amount(amount) => amount,
            Size::Relative(share) => share * normal.get(at).copied().unwrap_or(0.0),
            Size::Lost(_) => 0.0,
        };
        if let Some(slot) = all.get_mut(at) {
            *slot += change;
        }
    }
    all
}

/// Losses as shares, times what they are shares of, by entity. Shocks on one entity multiply.
fn losses(asked: &Asked<'_>, normal: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut left = vec![1.0; asked.view.graph.len()];
    for hit in &asked.hits.entities {
        if let (Some(lost), Some(slot)) = (hit.size.lost(), left.get_mut(hit.entity.index())) {
            *slot *= 1.0 - lost;
        }
    }
    left.into_iter().enumerate().map(|(at, left)| (1.0 - left) * normal(at)).collect()
}

/// `c*` by entity, with each shock at a part of its strength.
fn perturbation(asked: &Asked<'_>, economy: &Economy, strength: impl Fn(usize) -> f64) -> Vec<f64> {
    let mut all = vec![0.0; economy.io.len()];
    let at = |values: &[f64], place: usize| values.get(place).copied().unwrap_or(0.0);
    for hit in &asked.hits.entities {
        let place = hit.entity.index();
        let output = at(economy.io.output(), place);
        let part = match hit.size {
            Size::Lost(share) => share,
            Size::Relative(share) if output > 0.0 => -share * at(&economy.final_demand, place) / output,
            Size::Amount(amount) if output > 0.0 => -amount / output,
            Size::Relative(_) | Size::Amount(_) => 0.0,
        };
        if let Some(slot) = all.get_mut(place) {
            *slot += part * strength(hit.shock);
        }
    }
    all
}

fn change_table(asked: &Asked<'_>, economy: &Economy, change: &[f64]) -> Table {
    let unit = if economy.tabled { Unit::Number } else { Unit::UsdPerYear };
    let columns = vec![
        Column::new("entity", Unit::Text, "Whose output changes"),
        Column::new(
            "change",
            unit,
            "Change of its output per year, in the unit of the table or in dollars; negative for less",
        ),
        Column::new(
            "relative_loss",
            Unit::Share,
            "Part of its normal output that it loses; negative for a gain; empty where its output is not known",
        ),
    ];
    let mut table = Table::new("change", "Whose output changes", columns);
    let of = |id: &EntityId| change.get(id.index()).copied().unwrap_or(0.0);
    let hit = |id: &EntityId| asked.hits.entities.iter().any(|hit| hit.entity == *id);
    let normal =
        |id: &EntityId| economy.normal(asked.view, *id).or(economy.output_of(*id).filter(|_| hit(id)));
    let lost = |id: &EntityId| normal(id).map(|output| 0.0 - of(id) / output);
    let mut order: Vec<EntityId> = economy.members().to_vec();
    if economy.tabled {
        let size = |id: &EntityId| lost(id).unwrap_or(0.0).abs();
        order.arrange(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    } else {
        order = asked.view.graph.entity_ids().filter(|id| of(id) != 0.0).collect();
        order.arrange(|a, b| of(b).abs().total_cmp(&of(a).abs()).then(a.cmp(b)));
    }
    for id in order {
        table.rows.push(vec![
            entity_cell(asked.view.graph, id),
            Cell::Number(of(&id)),
            Cell::number(lost(&id)),
        ]);
    }
    table
}

/// Refuses a solution that is no number: deliveries so much larger than an output that no account can hold them.
fn finite(asked: &Asked<'_>, solved: &Solved) -> Result<(), AnalysisError> {
    let Some(at) = solved.x.iter().position(|value| !value.is_finite()) else { return Ok(()) };
    let name = &asked.view.graph.entity(EntityId::new(at)).key;
    Err(AnalysisError::NoData(format!(
        "the system has no solution: the change at {name} grows beyond all numbers. Somebody's output is far smaller than its \
         inputs or deliveries; `linchpin check` names sectors whose accounts do not balance"
    )))
}

fn diagnostics(economy: &Economy, solved: &Solved) -> Table {
    let unit = if economy.tabled { Unit::Number } else { Unit::UsdPerYear };
    let columns = vec![
        Column::new("sectors", Unit::Count, "Sectors that take part"),
        Column::new("output", unit, "Their output per year"),
        Column::new("change", unit, "Change of all output per year"),
        Column::new("relative_loss", Unit::Share, "Part of all output that is lost"),
        Column::new(
            "spectral_radius_low",
            Unit::Number,
            "Spectral radius of the coefficients: at least this",
        ),
        Column::new(
            "spectral_radius_high",
            Unit::Number,
            "At most this; below 1 every demand can be met (Hawkins and Simon)",
        ),
        Column::new(
            "largest_column_sum",
            Unit::Share,
            "Largest part of its output that a sector spends on inputs",
        ),
        Column::new("residual", Unit::Number, "Largest residual of the solve, in the unit of the unknowns"),
    ];
    let mut table = Table::new("whole", "The whole, and how sound it is", columns);
    let output: f64 = economy.io.output().iter().sum();
    let radius = economy.cost.as_ref().map_or(economy.radius, |(_, radius)| *radius);
    // the unknowns of the inoperability model are parts; their change is in the first table
    table.rows.push(vec![
        Cell::Number(economy.members().len() as f64),
        Cell::Number(output),
        Cell::Empty,
        Cell::Empty,
        Cell::Number(radius.low),
        Cell::Number(radius.high),
        Cell::Number(economy.largest_column_sum()),
        Cell::Number(solved.residual),
    ]);
    table
}

fn say(asked: &Asked<'_>, economy: &Economy, sum: f64, what: &str, answer: &mut Answer) {
    let Some(change) = answer.tables.first().cloned() else { return };
    let all: f64 = (0..change.rows.len()).filter_map(|row| change.number(row, "change")).sum();
    let output: f64 = economy.io.output().iter().sum();
    if let Some(whole) = answer.tables.get_mut(1) {
        // the part of all output means something only where all output is known
        let part = (output > 0.0 && economy.cost.is_none()).then_some(-all / output);
        for (column, value) in [("change", Some(all)), ("relative_loss", part)] {
            if let (Some(at), Some(row)) = (whole.column(column), whole.rows.first_mut())
                && let Some(cell) = row.get_mut(at)
            {
                *cell = Cell::number(value);
            }
        }
    }
    let Some(whole) = answer.table("whole").cloned() else { return };
    let shocked: Vec<&str> =
        asked.hits.entities.iter().map(|hit| asked.view.graph.entity(hit.entity).key.as_str()).collect();
    let other = |row: &usize| {
        let key = change.cell(*row, "entity").and_then(Cell::as_key);
        key.is_some_and(|key| !shocked.contains(&key))
            && change.number(*row, "change").is_some_and(|change| change != 0.0)
    };
    let mut others: Vec<usize> = (0..change.rows.len()).filter(other).collect();
    let size = |row: &usize| change.number(*row, "change").unwrap_or(0.0).abs();
    others.arrange(|a, b| size(b).total_cmp(&size(a)).then(a.cmp(b)));
    let mut finding =
        FindingBuilder::new(format!("If {}, all output changes by ", asked.hits.words.join(" and ")))
            .cell(&whole, 0, "change");
    if sum != 0.0 {
        finding = finding.words(format!(", {:.2} times the change of {what} itself", all / sum));
    }
    answer.findings.push(finding.words(".").done());
    others.truncate(3);
    if let Some((last, _)) = others.split_last().map(|(last, rest)| (*last, rest)) {
        let mut finding = FindingBuilder::new("Beside those that are hit, most changes at ");
        for (place, row) in others.iter().enumerate() {
            let link = match (place, *row == last) {
                (0, _) => "",
                (_, true) => " and ",
                (_, false) => ", ",
            };
            finding =
                finding.words(link).cell(&change, *row, "entity").words(" (").cell(&change, *row, "change");
            if change.number(*row, "relative_loss").is_some() {
                finding = finding.words("; ").cell(&change, *row, "relative_loss").words(" of its output");
            }
            finding = finding.words(")");
        }
        answer.findings.push(finding.words(".").done());
    }
}

fn caveats(asked: &Asked<'_>, economy: &Economy, solved: &Solved, answer: &mut Answer) {
    if !economy.tabled {
        let lead = match economy.cost {
            Some(_) => "Outputs are those of payments and revenues that the dataset knows.",
            None => {
                "The table is made of payments that the dataset knows: most purchases of most firms are not in it, so that losses \
                 elsewhere are lower bounds."
            }
        };
        let text = format!(
            "{lead} Commitments are spread over their terms ({} years where none is stated), sums paid once over {} years.",
            economy::TERM,
            economy::SPREAD
        );
        answer.caveat("known-payments", text, Some(economy.members().len()));
        if economy.spenders > 0 {
            let text = format!(
                "{} entities spend more than they are known to sell; their output is taken as what they spend.",
                economy.spenders
            );
            answer.caveat("spenders", text, Some(economy.spenders));
        }
        if economy.unpriced > 0 {
            let text = format!("{} payments state no amount and are left out.", economy.unpriced);
            answer.caveat("unpriced", text, Some(economy.unpriced));
        }
    }
    let radius = economy.cost.as_ref().map_or(economy.radius, |(_, radius)| *radius);
    let text = format!(
        "The condition of Hawkins and Simon {}: the spectral radius of the input coefficients lies between {:.9} and {:.9} (bounds of \
         Collatz and Wielandt by power iteration on each strongly connected part).",
        if radius.below_one() == Some(true) { "holds" } else { "is too close to tell" },
        radius.low,
        radius.high
    );
    answer.caveat("hawkins-simon", text, None);
    let changed = |id: EntityId| solved.x.get(id.index()).is_some_and(|change| *change != 0.0);
    economy.trail(asked.view, changed).finish(asked.view, answer);
    if !solved.converged {
        answer.status = AnswerStatus::NotConverged { residual: solved.residual, rounds: solved.sweeps };
    }
}
