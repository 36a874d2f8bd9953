//! The question asked of many drawn graphs: a range for every number, and tables of those that are looked at.

use std::fmt::Display;

use super::cells::{Panel, Spot};
use super::{Uncertainty, UncertaintyError, Watch, watch};
use crate::answer::{
    Answer, AnswerStatus, Cell, Column, FindingBuilder, Limit, Range, Row, RowRange, Table, Unit,
};
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::graph::uncertain::ASSUMED;
use crate::observer::{Observer, spread};
use crate::order::Arrange;

/// Draws that are run before they are added up.
const CHUNK: usize = 256;
/// The most numbers that are kept of all draws together; beyond that the last rows get no range.
const KEPT: usize = 25_000_000;
/// The most tables of numbers that are looked at, one for each column.
const TABLES: usize = 6;
/// The most findings on ranges.
const FINDINGS: usize = 3;

/// What is drawn, and how often.
pub struct Asked<'a> {
    pub how: &'a Uncertainty,
    pub draws: &'a Draws<'a>,
    pub number: usize,
}

/// What became of all draws.
#[derive(Default)]
struct Tally {
    tried: usize,
    rejected: usize,
    rescaled: usize,
    /// Draws without an answer, and why the first has none.
    failed: usize,
    reason: Option<String>,
    /// Draws whose answer is cut short or did not settle.
    unfinished: usize,
    /// Draws with an answer.
    answered: usize,
    /// Whether the time was up before all were drawn.
    cut: bool,
}

/// A draw.
struct Run {
    tried: usize,
    rejected: usize,
    rescaled: usize,
    read: Result<Read, String>,
}

/// What was read off its answer.
struct Read {
    values: Vec<f64>,
    present: Vec<Vec<bool>>,
    complete: bool,
}

#[cfg(feature = "cluster")]
crate::travel::travels! {
    struct Run { tried, rejected, rescaled, read }
    struct Read { values, present, complete }
}

/// Adds the ranges, the tables and what they say.
///
/// # Errors
/// Numbers to look at that the answer does not have.
pub fn add<E: Display + Send>(
    asked: &Asked<'_>,
    base: &Answer,
    answer: &mut Answer,
    ask: &(impl Fn(&Graph) -> Result<Answer, E> + Sync),
    observer: &dyn Observer,
) -> Result<(), UncertaintyError> {
    let watched = watch::all(base, &asked.how.look_at)?;
    let mut spots: Vec<Spot> = watched.iter().map(|(spot, _)| *spot).collect();
    spots.sort_unstable();
    spots.dedup();
    let looked_at = spots.len();
    let all: Vec<Spot> = numbers(base).filter(|spot| spots.binary_search(spot).is_err()).collect();
    let room = (KEPT / asked.number).max(looked_at) - looked_at;
    let left_out = all.len().saturating_sub(room);
    spots.extend(all.into_iter().take(room));
    let panel = Panel::new(base, spots);
    let mut samples: Vec<Vec<f64>> = vec![Vec::with_capacity(asked.number); panel.spots.len()];
    let mut present: Vec<Vec<usize>> = base.tables.iter().map(|table| vec![0; table.rows.len()]).collect();
    let mut tally = Tally::default();
    observer.begin(asked.number);
    for first in (0..asked.number).step_by(CHUNK) {
        if observer.stopped() && tally.answered > 1 {
            tally.cut = true;
            break;
        }
        let one = |at: usize| {
            let drawn = asked.draws.draw(asked.how.seed, (first + at) as u64);
            let read = ask(&drawn.graph).map(|own| {
                let reading = panel.read(&own);
                let complete = own.status == AnswerStatus::Complete;
                Read { values: reading.values, present: reading.present, complete }
            });
            let read = read.map_err(|why| why.to_string());
            Run { tried: drawn.tried, rejected: drawn.rejected, rescaled: drawn.rescaled, read }
        };
        for run in spread(observer, CHUNK.min(asked.number - first), &one) {
            tally.tried += run.tried;
            tally.rejected += run.rejected;
            tally.rescaled += run.rescaled;
            match run.read {
                Err(reason) => {
                    tally.failed += 1;
                    tally.reason.get_or_insert(reason);
                }
                Ok(read) => {
                    tally.answered += 1;
                    tally.unfinished += usize::from(!read.complete);
                    samples.iter_mut().zip(read.values).for_each(|(all, value)| all.push(value));
                    for (counts, rows) in present.iter_mut().zip(read.present) {
                        counts.iter_mut().zip(rows).for_each(|(count, there)| *count += usize::from(there));
                    }
                }
            }
        }
    }
    samples.iter_mut().for_each(|own| {
        own.retain(|value| !value.is_nan());
        own.arrange(f64::total_cmp);
    });
    let drawn = Drawn { base, panel, samples, present, answered: tally.answered };
    drawn.write_ranges(answer);
    let tables = drawn.tables(&watched, &asked.how.look_at);
    say(&tables, tally.answered, answer);
    answer.tables.extend(tables.into_iter().map(|own| own.table));
    caveats(asked, &tally, left_out, answer);
    if tally.cut {
        let reason =
            format!("the time was up after {} of {} draws", tally.answered + tally.failed, asked.number);
        answer.status = AnswerStatus::Truncated { reason };
    }
    Ok(())
}

/// Every number of an answer.
fn numbers(answer: &Answer) -> impl Iterator<Item = Spot> + '_ {
    answer.tables.iter().enumerate().flat_map(|(at, table)| {
        table.rows.iter().enumerate().flat_map(move |(row, cells)| {
            let numeric = cells.iter().enumerate().filter(|(_, cell)| cell.as_number().is_some());
            numeric.map(move |(column, _)| Spot { table: at, row, column })
        })
    })
}

/// The quantile of sorted numbers, between neighbours in a straight line.
fn quantile(sorted: &[f64], q: f64) -> f64 {
    let at = q * sorted.len().saturating_sub(1) as f64;
    let (low, high) = (at.floor() as usize, at.ceil() as usize);
    match (sorted.get(low), sorted.get(high)) {
        (Some(a), Some(b)) if a == b => *a,
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

/// The spread of sorted numbers; nothing of none.
fn range(sorted: &[f64]) -> Option<Range> {
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    let draws = sorted.len();
    if first == last {
        return Some(Range { mean: first, sd: 0.0, q05: first, q50: first, q95: first, draws });
    }
    let mean = sorted.iter().sum::<f64>() / draws as f64;
    let square: f64 = sorted.iter().map(|value| (value - mean).powi(2)).sum();
    let [q05, q50, q95] = [0.05, 0.5, 0.95].map(|q| quantile(sorted, q));
    Some(Range { mean, sd: (square / (draws - 1) as f64).sqrt(), q05, q50, q95, draws })
}

/// A table of numbers that are looked at, all of one column.
struct Looked {
    table: Table,
    /// What the numbers measure, as in "the loss".
    heading: String,
    /// Whether a limit is counted.
    limited: bool,
}

/// What the draws gave for the cells of a panel.
struct Drawn<'a> {
    /// The answer without draws.
    base: &'a Answer,
    panel: Panel,
    /// The numbers of each cell, sorted.
    samples: Vec<Vec<f64>>,
    /// In how many draws each row of each table is there.
    present: Vec<Vec<usize>>,
    /// Draws with an answer.
    answered: usize,
}

/// Numbers of one column that are looked at, and the watch whose limit counts.
struct Group {
    table: usize,
    column: usize,
    spots: Vec<(Spot, Option<usize>)>,
}

impl Drawn<'_> {
    /// Whether the draws move a cell.
    fn moves(&self, spot: Spot, range: &Range) -> bool {
        range.sd != 0.0 || Some(range.q50) != spot.number(self.base)
    }

    fn part(&self, count: usize) -> f64 {
        count as f64 / self.answered.max(1) as f64
    }

    /// Writes the range of every cell into the tables of the answer.
    fn write_ranges(&self, answer: &mut Answer) {
        for (table, counts) in answer.tables.iter_mut().zip(&self.present) {
            let columns = table.columns.len();
            let row = |count: &usize| RowRange { present: self.part(*count), cells: vec![None; columns] };
            table.ranges = counts.iter().map(row).collect();
        }
        for (spot, sorted) in self.panel.spots.iter().zip(&self.samples) {
            let table = answer.tables.get_mut(spot.table);
            let row = table.and_then(|table| table.ranges.get_mut(spot.row));
            if let Some(cell) = row.and_then(|row| row.cells.get_mut(spot.column)) {
                *cell = range(sorted).filter(|range| self.moves(*spot, range));
            }
        }
    }

    /// A table for each column of numbers that are looked at. Without a watch, numbers that nothing moves are left out: they stand in
    /// their own tables.
    fn tables(&self, watched: &[(Spot, Option<usize>)], watches: &[Watch]) -> Vec<Looked> {
        let mut groups: Vec<Group> = Vec::new();
        for (spot, watch) in watched {
            match groups.iter_mut().find(|own| (own.table, own.column) == (spot.table, spot.column)) {
                Some(group) => group.spots.push((*spot, *watch)),
                None => {
                    let (table, column) = (spot.table, spot.column);
                    groups.push(Group { table, column, spots: vec![(*spot, *watch)] });
                }
            }
        }
        let mut tables: Vec<Looked> = Vec::new();
        for group in &groups {
            let Some(column) =
                self.base.tables.get(group.table).and_then(|own| own.columns.get(group.column))
            else {
                continue;
            };
            let limited = group.spots.iter().any(|(_, watch)| watch.is_some());
            let taken = |name: &str| {
                tables.iter().any(|own| own.table.name == name) || self.base.table(name).is_some()
            };
            let mut name =
                if tables.is_empty() { "draws".to_string() } else { format!("draws-{}", column.name) };
            while taken(&name) {
                name.push_str("-2");
            }
            let title = format!("{} over {} draws", column.heading, self.answered);
            let mut table = Table::new(&name, title, columns(column, limited));
            for (spot, watch) in &group.spots {
                let limit = watch.and_then(|at| watches.get(at)).and_then(Watch::limit);
                table.rows.extend(self.row(*spot, limit, limited, !watches.is_empty()));
            }
            if !table.rows.is_empty() && tables.len() < TABLES {
                tables.push(Looked { table, heading: column.heading.clone(), limited });
            }
        }
        tables
    }

    fn row(&self, spot: Spot, limit: Option<&Limit>, limited: bool, always: bool) -> Option<Row> {
        let sorted = self.samples.get(self.panel.spots.iter().position(|own| *own == spot)?)?;
        let range = range(sorted)?;
        if !always && !self.moves(spot, &range) {
            return None;
        }
        let number = range.draws as f64;
        let there = self.present.get(spot.table).and_then(|rows| rows.get(spot.row)).copied();
        let mut row = vec![
            Cell::text(spot.label(self.base)),
            Cell::number(spot.number(self.base)),
            Cell::Number(range.mean),
            Cell::Number(range.sd / number.sqrt()),
            Cell::Number(range.sd),
            Cell::Number(range.q05),
            Cell::Number(range.q50),
            Cell::Number(range.q95),
            Cell::Number(shortfall(sorted)),
            Cell::Number(self.part(there.unwrap_or_default())),
        ];
        if limited {
            let crossed =
                |limit: &Limit| sorted.iter().filter(|value| limit.crosses(**value)).count() as f64 / number;
            let p = limit.map(crossed);
            row.push(limit.map_or(Cell::Empty, |limit| Cell::text(limit.to_string())));
            row.push(Cell::number(p));
            row.push(Cell::number(p.map(|p| (p * (1.0 - p) / number).sqrt())));
        }
        Some(row)
    }
}

fn columns(of: &Column, limited: bool) -> Vec<Column> {
    let own = |name: &str, description: &str| {
        let mut column = Column::new(name, of.unit, description);
        let headings = [("sd", "Standard deviation"), ("q05", "5 %"), ("q50", "Median"), ("q95", "95 %")];
        if let Some((_, heading)) = headings.iter().find(|(own, _)| *own == name) {
            column.heading = heading.to_string();
        }
        column
    };
    let mut columns = vec![
        Column::new("of", Unit::Text, "Whose number it is"),
        own(&of.name, "The number with every size as it counts without draws"),
        own("mean", "Mean over the draws"),
        own("standard_error", "Standard error of that mean"),
        own("sd", "Standard deviation over the draws"),
        own("q05", "A twentieth of the draws lies below"),
        own("q50", "Half of the draws lies below"),
        own("q95", "A twentieth of the draws lies above"),
        own("expected_shortfall", "Mean of the largest twentieth of the draws"),
        Column::new("present", Unit::Share, "Share of the draws in which the row is there"),
    ];
    if limited {
        columns.push(Column::new("limit", Unit::Text, "The limit that is looked at"));
        columns.push(Column::new(
            "p_beyond",
            Unit::Share,
            "Share of the draws in which the number is beyond it",
        ));
        columns.push(Column::new("p_standard_error", Unit::Share, "Standard error of that share"));
    }
    columns
}

fn say(tables: &[Looked], answered: usize, answer: &mut Answer) {
    let rows = tables.iter().flat_map(|own| (0..own.table.rows.len()).map(move |row| (own, row)));
    let moving = rows.filter(|(own, row)| own.table.number(*row, "sd").is_some_and(|sd| sd > 0.0));
    for (own, row) in moving.take(FINDINGS) {
        let table = &own.table;
        let of = table.cell(row, "of").and_then(Cell::as_key).unwrap_or_default();
        let heading = super::moves::measured(&own.heading);
        let mut finding = FindingBuilder::new(format!("Over {answered} draws, {of}: {heading} "))
            .range(table, row, "q05", "q95")
            .words(" in nine cases of ten, ")
            .cell(table, row, "q50")
            .words(" in the middle");
        if own.limited && table.number(row, "p_beyond").is_some() {
            let limit = table.cell(row, "limit").and_then(Cell::as_key).unwrap_or_default().to_string();
            finding =
                finding.words(format!("; {limit} holds in ")).cell(table, row, "p_beyond").words(" of them");
        }
        answer.findings.push(finding.words(".").done());
    }
}

fn caveats(asked: &Asked<'_>, tally: &Tally, left_out: usize, answer: &mut Answer) {
    let (number, seed, open) = (asked.number, asked.how.seed, asked.draws.known());
    let rate = tally.rejected as f64 / tally.tried.max(1) as f64 * 100.0;
    let wholes = match tally.tried {
        0 => String::new(),
        tried => format!(
            " Shares of one whole that are more than the whole together are drawn again: {rate:.1} % of {tried} sets; {} sets \
             that never fitted are scaled down.",
            tally.rescaled
        ),
    };
    let text = format!(
        "{number} draws (seed {seed}) of {open} uncertain sizes of the dataset: {ASSUMED}.{wholes} What the question itself \
         supposes is not drawn, nor are weights that no record states."
    );
    answer.caveat("draws", text, Some(number));
    if tally.failed > 0 {
        let reason = tally.reason.as_deref().unwrap_or_default();
        let text = format!("{} draws have no answer and are left out; the first: {reason}.", tally.failed);
        answer.caveat("draws-failed", text, Some(tally.failed));
    }
    if tally.unfinished > 0 {
        let text = format!("{} draws are cut short or did not settle.", tally.unfinished);
        answer.caveat("draws-unfinished", text, Some(tally.unfinished));
    }
    if left_out > 0 {
        let text =
            format!("{left_out} numbers of the last rows have no range, as {KEPT} are kept of all draws.");
        answer.caveat("ranges-cut", text, Some(left_out));
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
        let range = range(&sorted).unwrap();
        assert!((range.mean - 0.2).abs() < 1e-15 && (range.sd - 0.025f64.sqrt()).abs() < 1e-15);
    }
}
