//! What moves a number: each uncertain fact settled at its ends, one at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

use super::cells::{Panel, Spot};
use crate::answer::{Answer, Cell, Column, Evidence, FindingBuilder, RecordRef, Table, Unit};
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::observer::{Observer, spread};
use crate::order::Arrange;

/// Facts that are shown of each number.
const SHOWN: usize = 5;
/// Main numbers: the first that facts move.
pub const MAIN: usize = 3;

/// How numbers answer to uncertain facts.
#[derive(Clone, Debug)]
pub struct Moves {
    /// The numbers.
    pub panel: Panel,
    /// What they are with every size as it counts.
    pub base: Vec<f64>,
    /// The facts that were settled, in the order of the records.
    pub facts: Vec<Moved>,
    /// Runs that gave no answer.
    pub failed: usize,
    /// Runs in which other shares of a whole had to make room.
    pub squeezed: usize,
}

/// One uncertain fact, and the numbers at each of its ends.
#[derive(Clone, Debug)]
pub struct Moved {
    /// Its position among the uncertain sizes.
    pub uncertain: usize,
    /// The ends, and the numbers at each; NaN where there is none.
    pub ends: Vec<(f64, Vec<f64>)>,
}

/// How one fact moves one number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Swing {
    /// The size at which the number is least, and the number.
    pub least: (f64, f64),
    /// The size at which it is largest, and the number.
    pub most: (f64, f64),
    /// How far apart least and largest are, the number as it counts included.
    pub size: f64,
}

impl Moved {
    /// How it moves a number; nothing where that is never there.
    pub fn swing(&self, number: usize, base: f64) -> Option<Swing> {
        let at = |(size, values): &(f64, Vec<f64>)| {
            values.get(number).copied().filter(|value| !value.is_nan()).map(|value| (*size, value))
        };
        let ends: Vec<(f64, f64)> = self.ends.iter().filter_map(at).collect();
        let least = ends.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))?;
        let most = ends.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))?;
        let (low, high) =
            if base.is_nan() { (least.1, most.1) } else { (least.1.min(base), most.1.max(base)) };
        Some(Swing { least, most, size: high - low })
    }
}

/// The positions of the uncertain sizes that the evidence of an answer holds.
fn in_evidence(draws: &Draws<'_>, evidence: &Evidence) -> Vec<usize> {
    let keys: BTreeSet<&str> = evidence.records.iter().map(|record| record.key.as_str()).collect();
    let uncertain = draws.uncertain().iter().enumerate();
    uncertain.filter(|(_, own)| keys.contains(draws.graph().record_of(own.slot))).map(|(at, _)| at).collect()
}

/// Each end of each uncertain fact that an answer rests on.
fn tasks(draws: &Draws<'_>, base: &Answer) -> Vec<(usize, f64)> {
    let ends = |at: &usize| draws.uncertain().get(*at).map(|own| own.ends()).unwrap_or_default();
    let among = in_evidence(draws, &base.evidence);
    among.iter().flat_map(|at| ends(at).into_iter().map(|end| (*at, end))).collect()
}

impl Moves {
    /// How many runs of a question [`Moves::run`] takes.
    pub fn runs(draws: &Draws<'_>, base: &Answer) -> usize {
        tasks(draws, base).len()
    }

    /// Settles each uncertain fact that an answer rests on at each of its ends, and reads the numbers.
    ///
    /// Cost: a run for each end. The observer hears of each; how many there are the caller tells.
    pub fn run<E: Display + Send>(
        draws: &Draws<'_>,
        base: &Answer,
        spots: Vec<Spot>,
        ask: &(impl Fn(&Graph) -> Result<Answer, E> + Sync),
        observer: &dyn Observer,
    ) -> Self {
        let panel = Panel::new(base, spots);
        let tasks = tasks(draws, base);
        let run = |at: usize| {
            let Some(task) = tasks.get(at) else { return (0, None) };
            let (graph, squeezed) = draws.with(&[*task]);
            (squeezed, ask(&graph).ok().map(|own| panel.read(&own).values))
        };
        let runs: Vec<(usize, Option<Vec<f64>>)> = spread(observer, tasks.len(), &run);
        let mut facts: Vec<Moved> = Vec::new();
        let (mut failed, mut tight) = (0, 0);
        for ((uncertain, end), (squeezed, values)) in tasks.into_iter().zip(runs) {
            tight += usize::from(squeezed > 0);
            let Some(values) = values else {
                failed += 1;
                continue;
            };
            match facts.last_mut().filter(|last| last.uncertain == uncertain) {
                Some(last) => last.ends.push((end, values)),
                None => facts.push(Moved { uncertain, ends: vec![(end, values)] }),
            }
        }
        let base = panel.read(base).values;
        Self { panel, base, facts, failed, squeezed: tight }
    }

    /// The same of the first few numbers that facts move, and of no others.
    pub fn of_main(mut self) -> Self {
        let moving = (0..self.panel.spots.len()).filter(|number| !self.of_number(*number).is_empty());
        let kept: Vec<usize> = moving.take(MAIN).collect();
        let pick =
            |values: &[f64]| kept.iter().map(|at| values.get(*at).copied().unwrap_or(f64::NAN)).collect();
        self.panel.spots = kept.iter().filter_map(|at| self.panel.spots.get(*at).copied()).collect();
        self.base = pick(&self.base);
        for (_, values) in self.facts.iter_mut().flat_map(|fact| &mut fact.ends) {
            *values = pick(values);
        }
        self
    }

    /// The facts that move a number, by position, with how, the largest swing first.
    pub fn of_number(&self, number: usize) -> Vec<(usize, Swing)> {
        let base = self.base.get(number).copied().unwrap_or(f64::NAN);
        let swing = |(at, fact): (usize, &Moved)| Some((at, fact.swing(number, base)?));
        let moves = |(_, swing): &(usize, Swing)| swing.size > 1e-12 * base.abs().max(f64::MIN_POSITIVE);
        let mut all: Vec<(usize, Swing)> =
            self.facts.iter().enumerate().filter_map(swing).filter(moves).collect();
        // equal swings stay in the order of the records
        all.arrange(|a, b| b.1.size.total_cmp(&a.1.size));
        all
    }
}

/// Publisher and date of the best source of a record, or what it supposes.
pub fn source(record: &RecordRef, evidence: &Evidence) -> String {
    let cited = record.sources.iter().filter_map(|key| evidence.sources.iter().find(|own| own.key == *key));
    // of equally close sources one with a date
    let best = cited.min_by_key(|own| (own.reliability, own.date.is_none()));
    match best {
        Some(own) => match &own.date {
            Some(date) => format!("{}, {date}", own.publisher),
            None => own.publisher.clone(),
        },
        None => "assumed".to_string(),
    }
}

/// The cells that say which fact it is: record, size, source, age.
pub fn fact_cells(
    draws: &Draws<'_>,
    uncertain: usize,
    evidence: &BTreeMap<&str, (&RecordRef, &Evidence)>,
) -> Vec<Cell> {
    let Some(own) = draws.uncertain().get(uncertain) else { return Vec::new() };
    let key = draws.graph().record_of(own.slot);
    let record = evidence.get(key);
    vec![
        Cell::text(key),
        Cell::text(own.field.replace('_', " ")),
        record.map_or(Cell::Empty, |(record, evidence)| Cell::text(source(record, evidence))),
        Cell::number(record.and_then(|(record, _)| record.age_months).map(f64::from)),
    ]
}

/// The columns of [`fact_cells`].
pub fn fact_columns() -> Vec<Column> {
    vec![
        Column::new("record", Unit::Text, "The record that leaves it open"),
        Column::new("size", Unit::Text, "Which of its sizes"),
        Column::new("source", Unit::Text, "Publisher and date of its best source"),
        Column::new("age", Unit::Months, "Months from what the record refers to until the day that counts"),
    ]
}

/// Records of evidence by key.
pub fn by_key(evidence: &Evidence) -> BTreeMap<&str, (&RecordRef, &Evidence)> {
    evidence.records.iter().map(|record| (record.key.as_str(), (record, evidence))).collect()
}

/// Tables of what moves each number, one for each, and the findings on them.
pub fn tell(moves: &Moves, draws: &Draws<'_>, base: &Answer, answer: &mut Answer) {
    let records = by_key(&base.evidence);
    let mut tables: Vec<Table> = Vec::new();
    for (number, spot) in moves.panel.spots.iter().enumerate() {
        let Some(column) = spot.column(base) else { continue };
        let all = moves.of_number(number);
        let name = match tables.len() {
            0 => "what-moves".to_string(),
            more => format!("what-moves-{}", more + 1),
        };
        let (of, heading) = (spot.label(base), &column.heading);
        let mut table =
            Table::new(&name, format!("What moves it. {of}: {}", heading.to_lowercase()), columns(column));
        for (at, swing) in all.iter().take(SHOWN) {
            let Some(fact) = moves.facts.get(*at) else { continue };
            let Some(open) = draws.uncertain().get(fact.uncertain) else { continue };
            let mut row = fact_cells(draws, fact.uncertain, &records);
            row.extend([
                Cell::text(open.words(swing.least.0)),
                Cell::Number(swing.least.1),
                Cell::text(open.words(swing.most.0)),
                Cell::Number(swing.most.1),
                Cell::Number(swing.size),
            ]);
            table.rows.push(row);
        }
        answer.findings.push(finding(&table, &of, heading, all.len()));
        tables.push(table);
    }
    if moves.panel.spots.is_empty() {
        let text = "No uncertain fact that the answer rests on moves a number that its findings quote.";
        answer.findings.push(FindingBuilder::new(text).done());
    }
    answer.tables.extend(tables.into_iter().filter(|table| !table.rows.is_empty()));
    caveats(moves, draws, answer);
}

/// What a column measures, in a sentence: where sizes are certain, the low and the high end are one.
pub fn measured(heading: &str) -> String {
    let words = heading.to_lowercase();
    let stem = words.strip_suffix(" low").or(words.strip_suffix(" high"));
    stem.map(str::to_string).unwrap_or(words)
}

fn columns(of: &Column) -> Vec<Column> {
    let mut columns = fact_columns();
    columns.extend([
        Column::new("at", Unit::Text, "The end at which the number is least"),
        Column::new("least", of.unit, "The number there"),
        Column::new("and_at", Unit::Text, "The end at which it is largest"),
        Column::new("most", of.unit, "The number there"),
        Column::new("swing", of.unit, "How far apart they are, the number as it counts included"),
    ]);
    columns
}

fn finding(table: &Table, of: &str, heading: &str, all: usize) -> crate::answer::Finding {
    let heading = measured(heading);
    if table.rows.is_empty() {
        let text = format!("No uncertain fact that it rests on moves this number. {of}: {heading}.");
        return FindingBuilder::new(text).done();
    }
    let word = |column: &str| table.cell(0, column).and_then(Cell::as_key).unwrap_or_default().to_string();
    let others = match all {
        1 => "nothing else moves it".to_string(),
        all => format!("{} other uncertain facts move it less", all - 1),
    };
    FindingBuilder::new(format!(
        "{of}, {heading}: most depends on the {} of {}, ",
        word("size"),
        word("record")
    ))
    .cell(table, 0, "least")
    .words(format!(" at {} and ", word("at")))
    .cell(table, 0, "most")
    .words(format!(" at {}; {others}.", word("and_at")))
    .done()
}

fn caveats(moves: &Moves, draws: &Draws<'_>, answer: &mut Answer) {
    let open = moves.facts.iter().filter_map(|fact| draws.uncertain().get(fact.uncertain));
    let (endless, disputed) =
        (open.clone().filter(|own| own.is_open()).count(), open.filter(|own| own.is_disputed()).count());
    let mut text = format!(
        "What moves the numbers: each of {} uncertain sizes in the records that the answer rests on is settled at its ends, all \
         others as they count.",
        moves.facts.len()
    );
    if disputed > 0 {
        text.push_str(&format!(" Of {disputed} on which sources disagree every statement is tried."));
    }
    if endless > 0 {
        text.push_str(&format!(
            " {endless} have no upper end and stop where \"more than\" is exceeded in one draw of twenty."
        ));
    }
    if moves.squeezed > 0 {
        text.push_str(&format!(" In {} runs the other shares of the whole make room.", moves.squeezed));
    }
    if moves.failed > 0 {
        text.push_str(&format!(" {} runs have no answer and are left out.", moves.failed));
    }
    answer.caveat("what-moves", text, Some(moves.facts.len()));
}
