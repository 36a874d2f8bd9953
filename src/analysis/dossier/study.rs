//! The runs of a dossier: the question as it is, on drawn datasets, with facts settled, and on other days.

use super::super::{AnalysisError, Ask, Observer, Unobserved, View};
use super::Dossier;
use crate::answer::{Answer, Range, Rests, Unit};
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::model::Date;
use crate::side_by_side::SideBySide;
use crate::uncertainty::moves::{Moves, Swing};
use crate::uncertainty::{self, Panel, Spot, Uncertainty};

/// A number that is looked at: one cell, or two that are the ends of one.
#[derive(Clone, Debug)]
pub struct Number {
    /// What it measures: the name of its column without the end.
    pub measure: String,
    /// The same for people.
    pub heading: String,
    /// What the column says.
    pub says: String,
    /// Its unit.
    pub unit: Unit,
    /// Which of the things that are looked at it is about.
    pub of: usize,
    /// Where its lower end stands among the cells that are read, or its only one.
    pub low: usize,
    /// Where its upper end does.
    pub high: Option<usize>,
}

/// The numbers of one answer: for each cell that is read its value and where it stands.
#[derive(Clone, Debug)]
pub struct Reading {
    /// The day that counted.
    pub day: Date,
    /// The answer, or why there is none.
    pub answer: Result<Answer, AnalysisError>,
    /// Where the cells stand in it.
    spots: Vec<Option<Spot>>,
}

/// All that was found out.
pub struct Study<'g> {
    /// The question's own answer.
    pub base: Answer,
    /// The numbers.
    pub numbers: Vec<Number>,
    /// Whose they are, each once: the cell of the first number of each.
    pub of: Vec<Spot>,
    /// The cells that are read.
    pub panel: Panel,
    /// The answer with ranges of its cells.
    pub ranged: Answer,
    /// What moves the lower ends.
    pub moves: Moves,
    /// What is uncertain.
    pub draws: Draws<'g>,
    /// The day before.
    pub before: Option<Reading>,
    /// Other days.
    pub days: Vec<Reading>,
    /// How many datasets were drawn.
    pub drawn: usize,
}

impl<'g> Study<'g> {
    /// Runs it.
    ///
    /// # Errors
    /// The question has no answer; numbers that the answer does not have; a number of draws that makes no sense.
    pub fn run(
        asked: &Dossier,
        ask: &Ask,
        view: &View<'g>,
        (before, days): (Option<Date>, &[Date]),
        observer: &dyn Observer,
    ) -> Result<Self, AnalysisError> {
        let base = ask.run(view)?;
        let spots = uncertainty::watched(&base, &asked.number)?;
        let spots = if asked.number.is_empty() { spots.into_iter().take(FIRST).collect() } else { spots };
        let (numbers, of, spots) = numbers(&base, &spots);
        let bare = |graph: &Graph| ask.run_bare(&View { graph, scope: view.scope.clone() }, &Unobserved);
        let mut ranged = base.clone();
        let how = Uncertainty { draws: Some(asked.drawn), seed: asked.seed, ..Uncertainty::default() };
        uncertainty::add(&how, (view.graph, &view.scope), &mut ranged, &bare, observer)?;
        let draws = Draws::new(view.graph, &view.scope);
        observer.begin(Moves::runs(&draws, &base));
        let lows = numbers.iter().filter_map(|own| spots.get(own.low).copied()).collect();
        let moves = Moves::run(&draws, &base, lows, &bare, observer);
        let panel = Panel::new(&base, spots);
        let read = |day: &Date| {
            let mut then = view.clone();
            then.scope.as_of = *day;
            let answer = ask.run(&then);
            let spots = match &answer {
                Ok(answer) => panel.find(answer),
                Err(_) => vec![None; panel.spots.len()],
            };
            Reading { day: *day, answer, spots }
        };
        let before = before.as_ref().map(read);
        let days: Vec<Reading> = days.side_by_side(read);
        // a key or parameter that makes no sense has no answer on any day; what a day does not know yet it just lacks
        for own in before.iter().chain(&days) {
            if let Err(error) = &own.answer
                && !matches!(error, AnalysisError::NoData(_))
            {
                return Err(error.clone());
            }
        }
        Ok(Self { base, numbers, of, panel, ranged, moves, draws, before, days, drawn: asked.drawn })
    }

    /// The cell of the question's answer at a place of the panel.
    fn spot(&self, at: usize) -> Option<Spot> {
        self.panel.spots.get(at).copied()
    }

    /// The two ends of a number as it counts; the same twice where it has one cell.
    pub fn counted(&self, number: &Number) -> [Option<f64>; 2] {
        let value = |at: usize| self.spot(at)?.number(&self.base);
        let low = value(number.low);
        [low, number.high.map_or(low, value)]
    }

    /// How a number is spread over the draws: a twentieth below, the middle, a twentieth above.
    pub fn spread(&self, number: &Number) -> [Option<f64>; 3] {
        let range = |at: usize| -> Option<Range> {
            let spot = self.spot(at)?;
            self.ranged.tables.get(spot.table)?.range_of(spot.row, spot.column).copied()
        };
        let low = range(number.low);
        let high = number.high.and_then(range).or(low);
        let [least, most] = self.counted(number);
        // an end that no draw moves is what it is
        let fixed = |range: Option<Range>, pick: fn(&Range) -> f64, own| range.as_ref().map(pick).or(own);
        [
            fixed(low, |own| own.q05, least),
            fixed(low, |own| own.q50, least),
            fixed(high, |own| own.q95, most.or(least)),
        ]
    }

    /// Whether the draws move a number.
    pub fn is_spread(&self, number: &Number) -> bool {
        let [low, _, high] = self.spread(number);
        low != high
    }

    /// How the fact that moves a number most does so.
    pub fn swing(&self, at: usize) -> Option<Swing> {
        self.moves.of_number(at).first().map(|(_, swing)| *swing)
    }

    /// The two ends of a number on another day; nothing where it is not known on it.
    pub fn on(&self, reading: &Reading, number: &Number) -> [Option<f64>; 2] {
        let value = |at: usize| {
            let answer = reading.answer.as_ref().ok()?;
            reading.spots.get(at).copied().flatten()?.number(answer)
        };
        let low = value(number.low);
        [low, number.high.map_or(low, value)]
    }

    /// What the row of a thing rests on, in the question's answer.
    pub fn rests(&self, of: usize) -> Option<&Rests> {
        let spot = self.of.get(of)?;
        self.base.tables.get(spot.table)?.rests_of(spot.row)
    }

    /// The same on another day; nothing where that has no such row.
    pub fn rests_on<'r>(&self, reading: &'r Reading, of: usize) -> Option<&'r Rests> {
        let number = self.numbers.iter().find(|own| own.of == of)?;
        let spot = reading.spots.get(number.low).copied().flatten()?;
        reading.answer.as_ref().ok()?.tables.get(spot.table)?.rests_of(spot.row)
    }
}

/// Numbers that are looked at where none is named.
const FIRST: usize = 3;

/// Cells as numbers: the two ends of one go together. With whose they are, and all cells that are to be read.
fn numbers(base: &Answer, spots: &[Spot]) -> (Vec<Number>, Vec<Spot>, Vec<Spot>) {
    let (mut numbers, mut of, mut cells): (Vec<Number>, Vec<Spot>, Vec<Spot>) = Default::default();
    for spot in spots {
        let Some((table, column)) = base.tables.get(spot.table).zip(spot.column(base)) else { continue };
        let stem = column.name.strip_suffix("_low").or(column.name.strip_suffix("_high"));
        let ends = stem.and_then(|stem| {
            let end = |end: &str| table.column(&format!("{stem}_{end}"));
            Some((stem, end("low")?, end("high")?))
        });
        let at = |column: usize| Spot { column, ..*spot };
        let low = ends.map_or(*spot, |(_, low, _)| at(low));
        if cells.contains(&low) {
            continue;
        }
        let same = |own: &Spot| (own.table, own.row) == (spot.table, spot.row);
        let whose = of.iter().position(same).unwrap_or_else(|| {
            of.push(*spot);
            of.len() - 1
        });
        let heading = match ends {
            Some(_) => uncertainty::moves::measured(&column.heading),
            None => column.heading.to_lowercase(),
        };
        let place = cells.len();
        cells.push(low);
        cells.extend(ends.map(|(_, _, high)| at(high)));
        numbers.push(Number {
            measure: ends.map_or(column.name.clone(), |(stem, ..)| stem.to_string()),
            heading,
            says: column.description.clone(),
            unit: column.unit,
            of: whose,
            low: place,
            high: ends.map(|_| place + 1),
        });
    }
    (numbers, of, cells)
}
