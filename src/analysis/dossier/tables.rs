//! What a dossier says, in tables and words.

use std::collections::{BTreeMap, BTreeSet};

use super::study::{Number, Reading, Study};
use super::{Dossier, View};
use crate::analysis::Analysis;
use crate::answer::{
    Answer, AnswerStatus, Cell, Column, Evidence, Finding, FindingBuilder, RecordRef, Rests, RestsOn, Table,
    Unit,
};
use crate::model::Date;
use crate::uncertainty::moves;

/// Things of which findings tell.
const TOLD: usize = 3;

/// The readings of a number, in the order in which they are read.
const COUNTED: [&str; 2] = ["as counted, least", "as counted, most (empty: nothing bounds it)"];
const DRAWN: [&str; 3] = ["draws: a twentieth below", "draws: the middle", "draws: a twentieth above"];
const MOVED: [&str; 2] = ["by the fact that moves it most, least", "by the fact that moves it most, most"];

/// How a row of another day is called.
fn on(day: Date, end: &str) -> String {
    format!("on {day}, {end} (empty: not known)")
}

impl Study<'_> {
    /// The answer of the dossier. `later` days were left out.
    pub fn answer(&self, view: &View<'_>, later: usize) -> Answer {
        let card = Dossier::CARD;
        let title = format!("{}: all that is known", self.base.title);
        let mut answer = Answer::new(card.name, title, card.question);
        let readings: Vec<&Reading> = self.before.iter().chain(&self.days).collect();
        let others = readings.iter().filter_map(|own| own.answer.as_ref().ok());
        let parts: Vec<&Evidence> = [&self.base].into_iter().chain(others).map(|own| &own.evidence).collect();
        let (evidence, places) = Evidence::merged(&parts);
        // an answer that a day does not have has no place of its own
        let mut next = places.iter();
        let base = next.next().cloned().unwrap_or_default();
        let place = |own: &&Reading| match own.answer {
            Ok(_) => next.next().cloned().unwrap_or_default(),
            Err(_) => Vec::new(),
        };
        let places: Vec<Vec<usize>> = readings.iter().map(place).collect();
        let numbers = self.numbers_table(&base, places.first().map(Vec::as_slice).unwrap_or_default());
        let records = self.records_table(&evidence, &numbers);
        answer.findings = self.say(&numbers, &records);
        answer.tables = vec![numbers, records];
        let mut moved = Answer::new("", "", "");
        moves::tell(&self.moves, &self.draws, &self.base, &mut moved);
        answer.tables.append(&mut moved.tables);
        answer.findings.extend(moved.findings.into_iter().filter(|own| !own.quotes.is_empty()));
        if !self.days.is_empty() {
            let own = places.iter().skip(usize::from(self.before.is_some())).map(Vec::as_slice);
            answer.tables.push(self.days_table(&own.collect::<Vec<_>>()));
        }
        answer.evidence = evidence;
        answer.caveats.clone_from(&self.base.caveats);
        let drawn = self.ranged.caveats.iter().skip(self.base.caveats.len());
        answer.caveats.extend(drawn.cloned().chain(moved.caveats));
        self.caveats(view, later, &mut answer);
        for own in [&self.base].into_iter().chain(readings.iter().filter_map(|own| own.answer.as_ref().ok()))
        {
            if own.status != AnswerStatus::Complete && answer.status == AnswerStatus::Complete {
                answer.status = own.status.clone();
            }
        }
        answer
    }

    /// Whose numbers they are, in words.
    fn label(&self, of: usize) -> String {
        self.of.get(of).map(|spot| spot.label(&self.base)).unwrap_or_default()
    }

    /// The numbers of a thing, with their positions.
    fn of_thing(&self, of: usize) -> impl Iterator<Item = (usize, &Number)> {
        self.numbers.iter().enumerate().filter(move |(_, own)| own.of == of)
    }

    /// What is measured, each once.
    fn measures(&self) -> Vec<&Number> {
        let mut all: Vec<&Number> = Vec::new();
        for own in &self.numbers {
            if !all.iter().any(|known| known.measure == own.measure && known.unit == own.unit) {
                all.push(own);
            }
        }
        all
    }

    /// The cells of one reading of a thing, a cell for each measure.
    fn cells(&self, of: usize, value: impl Fn(usize, &Number) -> Option<f64>) -> Vec<Cell> {
        let own = |measure: &&Number| {
            let mut own = self.of_thing(of);
            own.find(|(_, own)| own.measure == measure.measure && own.unit == measure.unit)
        };
        self.measures()
            .iter()
            .map(|measure| Cell::number(own(measure).and_then(|(at, own)| value(at, own))))
            .collect()
    }

    fn numbers_table(&self, base: &[usize], before: &[usize]) -> Table {
        let mut columns = vec![
            Column::new("of", Unit::Text, "Whose number it is"),
            Column::new("reading", Unit::Text, "Which of its readings"),
        ];
        for own in self.measures() {
            columns.push(measure(&own.measure, &own.heading, own));
        }
        let mut table = Table::new("numbers", "The numbers, with how sure they are", columns);
        for of in 0..self.of.len() {
            let rests = self.rests(of).map_or(Rests::Whole, |rests| rests.moved(base));
            let mut push = |reading: String, cells: Vec<Cell>, rests: &Rests| {
                let mut row = vec![Cell::text(self.label(of)), Cell::text(reading)];
                row.extend(cells);
                table.push(row, rests.clone());
            };
            for (end, words) in COUNTED.into_iter().enumerate() {
                push(words.to_string(), self.cells(of, |_, own| self.counted(own)[end]), &rests);
            }
            for (part, words) in DRAWN.into_iter().enumerate() {
                push(words.to_string(), self.cells(of, |_, own| self.spread(own)[part]), &rests);
            }
            for (end, words) in MOVED.into_iter().enumerate() {
                let value = |at: usize, own: &Number| match self.swing(at) {
                    Some(swing) => Some([swing.least.1, swing.most.1][end]),
                    None => self.counted(own)[0],
                };
                push(words.to_string(), self.cells(of, value), &rests);
            }
            if let Some(then) = &self.before {
                let none = || Rests::None(format!("no record of it counts on {}", then.day).into());
                let rests = self.rests_on(then, of).map_or_else(none, |rests| rests.moved(before));
                for (end, words) in ["least", "most"].into_iter().enumerate() {
                    push(on(then.day, words), self.cells(of, |_, own| self.on(then, own)[end]), &rests);
                }
            }
        }
        table
    }

    fn days_table(&self, places: &[&[usize]]) -> Table {
        let mut columns = vec![
            Column::new("of", Unit::Text, "Whose number it is"),
            Column::new("as_of", Unit::Text, "The day"),
        ];
        for own in self.measures() {
            for end in ["least", "most"] {
                let name = format!("{}_{end}", own.measure);
                columns.push(measure(&name, &format!("{}, {end}", own.heading), own));
            }
        }
        let mut table = Table::new("through-time", "How the numbers stood", columns);
        for of in 0..self.of.len() {
            for (reading, to) in self.days.iter().zip(places) {
                let mut row = vec![Cell::text(self.label(of)), Cell::text(reading.day.to_string())];
                let [low, high] = [0, 1].map(|end| self.cells(of, |_, own| self.on(reading, own)[end]));
                row.extend(low.into_iter().zip(high).flat_map(|(low, high)| [low, high]));
                let none = || Rests::None(format!("no record of it counts on {}", reading.day).into());
                let rests = self.rests_on(reading, of).map_or_else(none, |rests| rests.moved(to));
                table.push(row, rests);
            }
        }
        table
    }

    /// The records that the numbers rest on, in the order of their keys, with their sources and what these leave open.
    fn records_table(&self, evidence: &Evidence, numbers: &Table) -> Table {
        let columns = vec![
            Column::new("record", Unit::Text, "Key of the record"),
            Column::new("says", Unit::Text, "What it says"),
            Column::new("leaves_open", Unit::Text, "What its sources allow, where they leave a size open"),
            Column::new("sources", Unit::Text, "Title, publisher and date of each"),
            Column::new("reliability", Unit::Text, "How close its best source is to the fact"),
            Column::new("age", Unit::Months, "Months from what it refers to until the day that counts"),
            Column::new("for", Unit::Text, "Whose numbers, now or before, rest on it"),
            Column::new("since", Unit::Text, "From when it holds"),
            Column::new("confidence", Unit::Text, "How sure the author of the record is"),
        ];
        let mut table = Table::new("records", "The records and sources that they rest on", columns);
        // the same record is told once for each day that counts its age otherwise
        let mut told: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, record) in evidence.records.iter().enumerate() {
            told.entry(&record.key).or_default().push(at);
        }
        for places in told.values() {
            let latest = |at: &&usize| evidence.records.get(**at).and_then(|own| own.age_months);
            let Some(record) = places.iter().max_by_key(latest).and_then(|at| evidence.records.get(*at))
            else {
                continue;
            };
            let mut whose: Vec<&str> = Vec::new();
            for row in 0..numbers.rows.len() {
                let on = match numbers.rests_of(row) {
                    Some(Rests::Records(list)) => list.iter().any(|on| places.contains(&on.record)),
                    Some(Rests::Whole) => true,
                    _ => false,
                };
                let of = numbers.cell(row, "of").and_then(Cell::as_key).unwrap_or_default();
                if on && !whose.contains(&of) {
                    whose.push(of);
                }
            }
            if whose.is_empty() {
                continue;
            }
            table.push(
                vec![
                    Cell::text(&record.key),
                    Cell::text(&record.says),
                    self.open(&record.key),
                    sources(record, evidence),
                    record
                        .reliability
                        .map_or(Cell::Empty, |own| Cell::text(format!("{own:?}").to_lowercase())),
                    Cell::number(record.age_months.map(f64::from)),
                    Cell::text(whose.join(", ")),
                    Cell::text(record.since.clone().unwrap_or_default()),
                    Cell::text(format!("{:?}", record.confidence).to_lowercase()),
                ],
                Rests::Records(places.iter().copied().map(RestsOn::record).collect()),
            );
        }
        table
    }

    /// What the sources of a record leave open.
    fn open(&self, key: &str) -> Cell {
        let own = self.draws.uncertain().iter().filter(|own| self.draws.graph().record_of(own.slot) == key);
        let words: Vec<String> = own
            .map(|own| {
                let (size, ends) = (own.field.replace('_', " "), own.ends());
                let end = |end: Option<&f64>| end.map(|end| own.words(*end)).unwrap_or_default();
                match own.is_open() {
                    true => format!("{size} {} or more", end(ends.first())),
                    false => format!("{size} {} to {}", end(ends.first()), end(ends.last())),
                }
            })
            .collect();
        if words.is_empty() { Cell::Empty } else { Cell::text(words.join("; ")) }
    }

    /// How each number stands, how sure it is, and how it stood before; then on what all rests.
    fn say(&self, numbers: &Table, records: &Table) -> Vec<Finding> {
        let rows_each = numbers.rows.len() / self.of.len().max(1);
        let mut findings = Vec::new();
        for of in 0..self.of.len().min(TOLD) {
            let first = of * rows_each;
            let mut finding = FindingBuilder::new(format!("{}: ", self.label(of)));
            for (place, (_, own)) in self.of_thing(of).enumerate() {
                let words = if place == 0 { String::new() } else { ", ".to_string() };
                finding = finding.words(format!("{words}{} ", own.heading));
                finding = ends(finding, numbers, (first, first + 1), own);
            }
            let mut spread = self.of_thing(of).filter(|(_, own)| self.is_spread(own)).peekable();
            if spread.peek().is_some() {
                finding = finding.words(format!("; in nine of ten of {} drawn datasets ", self.drawn));
            } else {
                finding = finding.words("; no draw moves it");
            }
            for (place, (_, own)) in spread.enumerate() {
                let words = if place == 0 { String::new() } else { ", ".to_string() };
                finding = finding.words(format!("{words}{} ", own.heading));
                finding = ends(finding, numbers, (first + 2, first + 4), own);
            }
            findings.push(finding.words(".").done());
        }
        findings.extend(self.say_before(numbers, rows_each));
        let sources: BTreeSet<String> = (0..records.rows.len())
            .filter_map(|row| match records.cell(row, "sources") {
                Some(Cell::Items(items)) => Some(items.iter().map(|(key, _)| key.clone())),
                _ => None,
            })
            .flatten()
            .collect();
        let text = format!(
            "These numbers, now and before, rest on {} records from {} sources, listed below.",
            records.rows.len(),
            sources.len()
        );
        findings.push(FindingBuilder::new(text).done());
        findings
    }

    /// How all of it stood before, in a sentence.
    fn say_before(&self, numbers: &Table, rows_each: usize) -> Option<Finding> {
        let then = self.before.as_ref()?;
        let mut finding = FindingBuilder::new(format!("On {}: ", then.day));
        for of in 0..self.of.len().min(TOLD) {
            let first = of * rows_each + COUNTED.len() + DRAWN.len() + MOVED.len();
            let words = if of == 0 { "" } else { "; " };
            finding = finding.words(format!("{words}{}: ", self.label(of)));
            let known = |own: &Number| self.on(then, own).iter().any(Option::is_some);
            if !self.of_thing(of).any(|(_, own)| known(own)) {
                finding = finding.words("nothing of it is on record");
                continue;
            }
            for (place, (_, own)) in self.of_thing(of).enumerate() {
                let words = if place == 0 { String::new() } else { ", ".to_string() };
                finding = finding.words(format!("{words}{} ", own.heading));
                finding = match known(own) {
                    true => ends(finding, numbers, (first, first + 1), own),
                    false => finding.words("none known"),
                };
            }
        }
        Some(finding.words(".").done())
    }

    fn caveats(&self, view: &View<'_>, later: usize, answer: &mut Answer) {
        let readings = self.before.iter().chain(&self.days);
        let silent: Vec<&Reading> = readings.filter(|own| own.answer.is_err()).collect();
        if let Some(Reading { day, answer: Err(error), .. }) = silent.first() {
            let text = format!("{} days have no answer; on {day}: {error}.", silent.len());
            answer.caveat("no-answer", text, Some(silent.len()));
        }
        if later > 0 {
            let text = format!("{later} days after {}, the day that counts, are left out.", view.scope.as_of);
            answer.caveat("later-days", text, Some(later));
        }
        if self.of.len() > TOLD {
            let text =
                format!("The findings tell of the first {TOLD} of {}; the table has all.", self.of.len());
            answer.caveat("findings-cut", text, Some(self.of.len()));
        }
    }
}

/// A column for a measure.
fn measure(name: &str, heading: &str, own: &Number) -> Column {
    let mut column = Column::new(name, own.unit, &own.says);
    let mut letters = heading.chars();
    column.heading = letters.next().map(|c| c.to_uppercase().chain(letters).collect()).unwrap_or_default();
    column
}

/// The range between two rows of a column.
fn ends(finding: FindingBuilder, table: &Table, (low, high): (usize, usize), own: &Number) -> FindingBuilder {
    let (from, to) = (table.number(low, &own.measure), table.number(high, &own.measure));
    match (from, to) {
        (Some(from), Some(to)) if from == to => finding.cell(table, low, &own.measure),
        (Some(_), Some(_)) => {
            finding.cell(table, low, &own.measure).words(" to ").cell(table, high, &own.measure)
        }
        (Some(_), None) => finding.cell(table, low, &own.measure).words(" or more"),
        (None, Some(_)) => finding.words("at most ").cell(table, high, &own.measure),
        (None, None) => finding.words("none known"),
    }
}

/// The sources of a record, or what it supposes.
fn sources(record: &RecordRef, evidence: &Evidence) -> Cell {
    let told = |key: &String| {
        let own = evidence.sources.iter().find(|own| own.key == *key)?;
        let date = own.date.as_ref().map(|date| format!(", {date}")).unwrap_or_default();
        Some((key.clone(), format!("{} ({}{date})", own.title, own.publisher)))
    };
    let all: Vec<(String, String)> = record.sources.iter().filter_map(told).collect();
    match &record.assumed {
        _ if !all.is_empty() => Cell::Items(all),
        Some(why) => Cell::text(format!("assumed: {why}")),
        None => Cell::Empty,
    }
}
