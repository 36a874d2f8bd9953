//! How sure a loss is: the shock run on graphs whose sizes are drawn from what their sources allow.

use rayon::prelude::*;

use super::super::trail::entity_cell;
use super::super::{AnalysisError, View};
use super::functional::settings;
use super::strike::Struck;
use super::{Asked, Shock};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::graph::draw::{ASSUMED, Draws};
use crate::model::EntityId;
use crate::network::Network;
use crate::propagation::functional::{Outcome, propagate_blow};
use crate::scenario::Failure;

/// The most draws of one run.
const MOST: usize = 1_000_000;
/// Entities whose losses are kept where nobody names them.
const KEPT: usize = 25;
/// Draws that are run before they are added up.
const CHUNK: usize = 256;

/// Who is looked at, and above which loss.
struct Target {
    entity: EntityId,
    above: Option<f64>,
}

/// Checks the options that go with draws.
pub(super) fn check(params: &Shock) -> Result<(), AnalysisError> {
    let invalid =
        |parameter, reason: &str| Err(AnalysisError::Invalid { parameter, reason: reason.to_string() });
    match params.draws {
        Some(0 | 1) => invalid("draws", "expected at least 2"),
        Some(draws) if draws > MOST => invalid("draws", "expected at most 1000000"),
        None if !params.target.is_empty() => invalid("target", "goes with --draws"),
        _ => Ok(()),
    }
}

/// One draw: the loss of each target, whether it settled, and how hard the shares were to draw.
struct Run {
    losses: Vec<f64>,
    converged: bool,
    tried: usize,
    rejected: usize,
    rescaled: usize,
}

/// Adds the table of drawn losses.
pub(super) fn add(
    asked: &Asked<'_>,
    outcome: &Outcome,
    order: &[EntityId],
    answer: &mut Answer,
) -> Result<(), AnalysisError> {
    let Some(number) = asked.params.draws else { return Ok(()) };
    let targets = targets(asked.view, &asked.params.target, order)?;
    let draws = Draws::new(asked.view.graph);
    let mut losses: Vec<Vec<f64>> = vec![Vec::with_capacity(number); targets.len()];
    let (mut tried, mut rejected, mut rescaled, mut restless) = (0, 0, 0, 0);
    let indices: Vec<u64> = (0..number as u64).collect();
    for chunk in indices.chunks(CHUNK) {
        let runs: Vec<Result<Run, AnalysisError>> =
            chunk.par_iter().map(|index| run(asked, &draws, &targets, *index)).collect();
        for run in runs {
            let run = run?;
            losses.iter_mut().zip(run.losses).for_each(|(all, loss)| all.push(loss));
            tried += run.tried;
            rejected += run.rejected;
            rescaled += run.rescaled;
            restless += usize::from(!run.converged);
        }
    }
    let table = table(asked, outcome, &targets, losses);
    say(asked, &table, number, answer);
    answer.tables.push(table);
    let rate = if tried > 0 { rejected as f64 / tried as f64 * 100.0 } else { 0.0 };
    let text = format!(
        "{number} draws (seed {}) of {} uncertain sizes: {ASSUMED}. Shares of one whole that are more than the whole \
         together are drawn again: {rate:.1} % of {tried} sets; {rescaled} sets that never fitted are scaled down. The \
         sizes of the shocks are not drawn, nor are weights that no record states.",
        asked.params.seed,
        draws.len(),
    );
    answer.caveat("draws", text, Some(number));
    if restless > 0 {
        answer.caveat("draws-not-converged", format!("{restless} draws did not settle."), Some(restless));
    }
    Ok(())
}

fn targets(view: &View<'_>, named: &[Failure], order: &[EntityId]) -> Result<Vec<Target>, AnalysisError> {
    if named.is_empty() {
        return Ok(order.iter().take(KEPT).map(|id| Target { entity: *id, above: None }).collect());
    }
    let target = |named: &Failure| {
        let entity = view.graph.find_entity(&named.entity)?;
        Ok(Target { entity, above: (named.loss < 1.0).then_some(named.loss) })
    };
    named.iter().map(target).collect()
}

fn run(asked: &Asked<'_>, draws: &Draws<'_>, targets: &[Target], index: u64) -> Result<Run, AnalysisError> {
    let drawn = draws.draw(asked.params.seed, index);
    let view = View { graph: &drawn.graph, scope: asked.view.scope.clone() };
    let network = Network::build(&drawn.graph, &view.scope);
    let struck = Struck::new(&view, &network, asked.hits)?;
    let outcome = propagate_blow(&network, &struck.blow(), settings(asked.params));
    let loss =
        |target: &Target| 1.0 - outcome.functionality.get(target.entity.index()).copied().unwrap_or(1.0);
    Ok(Run {
        losses: targets.iter().map(loss).collect(),
        converged: outcome.converged,
        tried: drawn.tried,
        rejected: drawn.rejected,
        rescaled: drawn.rescaled,
    })
}

/// The quantile of sorted numbers, between neighbours in a straight line.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * sorted.len().saturating_sub(1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(a), Some(b)) => a + (b - a) * (at - low as f64),
        _ => 0.0,
    }
}

/// The mean of the largest twentieth, at least of the largest one.
fn shortfall(sorted: &[f64]) -> f64 {
    let number = (sorted.len() / 20).max(1).min(sorted.len());
    let worst = sorted.get(sorted.len() - number..).unwrap_or_default();
    worst.iter().sum::<f64>() / number.max(1) as f64
}

fn table(asked: &Asked<'_>, outcome: &Outcome, targets: &[Target], losses: Vec<Vec<f64>>) -> Table {
    let column = |name: &str, description: &str| Column::new(name, Unit::Share, description);
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is looked at"),
        column("loss", "Loss with every size at its most likely number, 0 to 1"),
        column("mean", "Mean loss over the draws"),
        column("standard_error", "Standard error of that mean"),
        column("q05", "A twentieth of the draws lies below"),
        column("q50", "Half of the draws lies below"),
        column("q95", "A twentieth of the draws lies above"),
        column("expected_shortfall", "Mean loss in the worst twentieth of the draws"),
        column("threshold", "The loss that --target asks about"),
        column("p_above", "Share of the draws in which the loss is more than that"),
        column("p_standard_error", "Standard error of that share"),
    ];
    let mut table = Table::new("draws", "Losses over the draws", columns);
    for (target, mut drawn) in targets.iter().zip(losses) {
        drawn.sort_by(f64::total_cmp);
        let number = drawn.len() as f64;
        let mean = drawn.iter().sum::<f64>() / number;
        let square: f64 = drawn.iter().map(|loss| (loss - mean).powi(2)).sum();
        let above =
            target.above.map(|limit| drawn.iter().filter(|loss| **loss > limit).count() as f64 / number);
        let level = outcome.functionality.get(target.entity.index()).copied().unwrap_or(1.0);
        table.rows.push(vec![
            entity_cell(asked.view.graph, target.entity),
            Cell::Number(1.0 - level),
            Cell::Number(mean),
            Cell::Number((square / (number - 1.0) / number).sqrt()),
            Cell::Number(quantile(&drawn, 0.05)),
            Cell::Number(quantile(&drawn, 0.5)),
            Cell::Number(quantile(&drawn, 0.95)),
            Cell::Number(shortfall(&drawn)),
            Cell::number(target.above),
            Cell::number(above),
            Cell::number(above.map(|p| (p * (1.0 - p) / number).sqrt())),
        ]);
    }
    table
}

fn say(asked: &Asked<'_>, table: &Table, number: usize, answer: &mut Answer) {
    let shocked = |row: usize| {
        let key = table.cell(row, "entity").and_then(Cell::as_key).unwrap_or_default();
        asked.hits.entities.iter().any(|hit| asked.view.graph.entity(hit.entity).key == key)
    };
    let name = |row: usize| match table.cell(row, "entity") {
        Some(Cell::Item { name, .. }) => name.as_str(),
        _ => "",
    };
    let rows = (0..table.rows.len()).filter(|row| !asked.params.target.is_empty() || !shocked(*row));
    for row in rows.take(3) {
        let mut finding = FindingBuilder::new(format!("Over {number} draws {} loses ", name(row)))
            .range(table, row, "q05", "q95")
            .words(" in nine cases of ten, ")
            .cell(table, row, "q50")
            .words(" in the middle, and ")
            .cell(table, row, "expected_shortfall")
            .words(" on average in the worst twentieth");
        if table.number(row, "threshold").is_some() {
            finding = finding
                .words("; it loses more than ")
                .cell(table, row, "threshold")
                .words(" in ")
                .cell(table, row, "p_above")
                .words(" of them");
        }
        answer.findings.push(finding.words(".").done());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_lie_between_neighbours() {
        let sorted = [0.0, 0.1, 0.2, 0.3, 0.4];
        assert_eq!([0.0, 0.5, 1.0].map(|q| quantile(&sorted, q)), [0.0, 0.2, 0.4]);
        assert!((quantile(&sorted, 0.05) - 0.02).abs() < 1e-15);
        assert_eq!(shortfall(&sorted), 0.4);
        let many: Vec<f64> = (0..100).map(f64::from).collect();
        assert_eq!(shortfall(&many), 97.0);
    }
}
