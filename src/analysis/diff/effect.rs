//! What the changes did to chosen numbers: Shapley values of groups of changes.

use std::collections::HashMap;

use super::super::{AnalysisError, Ask, Observer, View, rows};
use super::changes::group_name;
use super::state::{Sides, Stand};
use super::{Asked, Diff};
use crate::answer::{Answer, Cell, Column, Rests, Row, Table, Unit};
use crate::dataset::Section;
use crate::difference::{Between, Group, Part, RecordChange};
use crate::graph::Graph;
use crate::order::Arrange;
use crate::propagation::shapley::{EXACT, ORDERS, Parts, shapley};
use crate::side_by_side::SideBySide;

/// A change below this is rounding, and so is one below this part of the numbers that it lies between.
const NOTICEABLE: f64 = 1e-12;

/// Whether a part of a change from `old` to `new` is more than rounding.
fn noticeable(part: f64, old: f64, new: f64) -> bool {
    part.abs() > NOTICEABLE * old.abs().max(new.abs()).max(1.0)
}

/// One number that changes.
#[derive(Clone, Debug)]
struct Number {
    /// Which row.
    key: Vec<String>,
    head: Row,
    old: f64,
    new: f64,
}

/// A question, its answers on both sides, and its numbers that change most.
#[derive(Debug)]
struct Effect {
    ask: Ask,
    of_table: Option<String>,
    column: Column,
    leading: usize,
    heads: Vec<Column>,
    answers: (Answer, Answer),
    numbers: Vec<Number>,
    /// Rows whose number changes but is not explained, and rows that have a number on one side only.
    left: (usize, usize),
}

/// One cause, and what it does to each number in turn.
#[derive(Debug)]
pub struct Cause {
    /// How it is called.
    pub name: String,
    /// Its part in each number; not a number where a dataset in between has none.
    pub parts: Vec<f64>,
    /// The standard errors of the parts, where orders were drawn.
    pub errors: Option<Vec<f64>>,
}

/// All questions, and what caused their changes.
#[derive(Debug, Default)]
pub struct Effects {
    effects: Vec<Effect>,
    /// The causes, in one order for all numbers.
    causes: Vec<Cause>,
    /// Groups that were put together as the others.
    joined: usize,
    runs: usize,
    drawn: bool,
    /// Datasets in between in which shares had to be scaled down.
    scaled: usize,
}

impl Effects {
    /// Asks on both sides and explains what changes.
    ///
    /// # Errors
    /// As the questions say; a query that was not found.
    pub fn of(
        diff: &Diff,
        old: &Stand,
        new: &Stand,
        sides: &Sides,
        changes: &[RecordChange],
        groups: &[Group],
        observer: &dyn Observer,
    ) -> Result<Self, AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        if diff.top == 0 || diff.groups == 0 {
            return Err(invalid(
                if diff.top == 0 { "top" } else { "groups" },
                "expected at least 1".to_string(),
            ));
        }
        let asked = |asked: &Asked| effect(asked, diff.top, old, new);
        let effects: Vec<Effect> = diff.on.side_by_side(asked).into_iter().collect::<Result<_, _>>()?;
        let mut all = Self { effects, ..Self::default() };
        if all.numbers().next().is_some() {
            all.explain(diff, old, new, sides, changes, groups, observer);
        }
        Ok(all)
    }

    fn numbers(&self) -> impl Iterator<Item = (&Effect, &Number)> {
        self.effects.iter().flat_map(|effect| effect.numbers.iter().map(move |number| (effect, number)))
    }

    /// The answers of all questions, those of the old side and of the new side in turn.
    pub fn answers(&self) -> impl Iterator<Item = &Answer> {
        self.effects.iter().flat_map(|own| [&own.answers.0, &own.answers.1])
    }

    #[allow(clippy::too_many_arguments)]
    fn explain(
        &mut self,
        diff: &Diff,
        old: &Stand,
        new: &Stand,
        sides: &Sides,
        changes: &[RecordChange],
        groups: &[Group],
        observer: &dyn Observer,
    ) {
        let between = Between::new(&sides.carried, &sides.new);
        let group_of: HashMap<(Section, &str), usize> = groups
            .iter()
            .enumerate()
            .flat_map(|(group, own)| own.changes.iter().map(move |at| (at, group)))
            .filter_map(|(at, group)| changes.get(*at).map(|own| ((own.section, own.key.as_str()), group)))
            .collect();
        // what every number is, once the changes of some groups are made, on the new day
        let value = |set: &[bool]| -> (Vec<f64>, usize) {
            let taken = |part: Part<'_>| match part {
                Part::Record(section, key) => match group_of.get(&(section, key)) {
                    Some(group) => set.get(*group).copied().unwrap_or(false),
                    // a source, or a record that is the same on both sides
                    None => true,
                },
                Part::Tables | Part::Meta => true,
            };
            let (facts, scaled) = between.facts(taken);
            let graph = Graph::new(facts, String::new());
            let view = View { graph: &graph, scope: new.scope.clone() };
            (self.effects.iter().flat_map(|own| own.values(&view)).collect(), scaled)
        };
        let (start, _) = value(&vec![false; groups.len()]);
        let (end, _) = value(&vec![true; groups.len()]);
        // who matters, alone or last: those that do not are one cause with the others that matter least
        let told: Vec<usize> = if groups.len() <= diff.groups {
            (0..groups.len()).collect()
        } else {
            let scale: Vec<f64> = start.iter().zip(&end).map(|(a, b)| (a - b).abs()).collect();
            let reach = |some: &[usize], flag: bool, from: &[f64]| -> f64 {
                let mut set = vec![!flag; groups.len()];
                for at in some {
                    if let Some(slot) = set.get_mut(*at) {
                        *slot = flag;
                    }
                }
                let (values, _) = value(&set);
                let moved = values.iter().zip(from).zip(&scale);
                let part = |((a, b), whole): ((&f64, &f64), &f64)| (a - b).abs() / whole.max(NOTICEABLE);
                moved.map(part).filter(|part| part.is_finite()).fold(0.0, f64::max)
            };
            let size = |some: &[usize]| reach(some, true, &start).max(reach(some, false, &end));
            let everyone: Vec<usize> = (0..groups.len()).collect();
            let mut effects = sizes(&everyone, &size);
            effects.arrange(|a, b| (b.1 * 1e9).round().total_cmp(&(a.1 * 1e9).round()).then(a.0.cmp(&b.0)));
            let mut order: Vec<usize> = effects.into_iter().map(|(at, _)| at).collect();
            order.truncate(diff.groups.saturating_sub(1));
            order.sort_unstable();
            order
        };
        let players = told.len() + usize::from(told.len() < groups.len());
        observer.begin(if players <= EXACT { 1 << players } else { ORDERS * (players + 1) });
        let scaled = std::sync::atomic::AtomicUsize::new(0);
        let parts: Parts = shapley(players, diff.seed, |set| {
            let others = set.get(told.len()).copied().unwrap_or(false);
            let mut flags = vec![others; groups.len()];
            for (player, group) in told.iter().enumerate() {
                if let (Some(slot), Some(flag)) = (flags.get_mut(*group), set.get(player)) {
                    *slot = *flag;
                }
            }
            let (values, rescaled) = value(&flags);
            if rescaled > 0 {
                scaled.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            }
            observer.done();
            values
        });
        let mut causes = Vec::new();
        let numbers: Vec<(f64, f64)> = self.numbers().map(|(_, number)| (number.old, number.new)).collect();
        let day: Vec<f64> = start.iter().zip(&numbers).map(|(start, (old, _))| start - old).collect();
        let same_day = old.scope.as_of == new.scope.as_of;
        let matters = |parts: &[f64]| {
            parts.iter().zip(&numbers).any(|(part, (old, new))| noticeable(*part, *old, *new))
        };
        if !same_day || matters(&day) {
            let name = if same_day { "bulk tables" } else { "the day alone" };
            causes.push(Cause { name: name.to_string(), parts: day, errors: None });
        }
        for (player, parts_of) in parts.parts.iter().enumerate() {
            let name = match told.get(player).and_then(|group| groups.get(*group)) {
                Some(group) => group_name(old, new, group),
                None => format!("{} other groups", groups.len() - told.len()),
            };
            let errors = parts.errors.as_ref().and_then(|all| all.get(player)).cloned();
            causes.push(Cause { name, parts: parts_of.clone(), errors });
        }
        let rest: Vec<f64> = end.iter().zip(&numbers).map(|(end, (_, new))| new - end).collect();
        if matters(&rest) {
            causes.push(Cause { name: "records of other days".to_string(), parts: rest, errors: None });
        }
        self.joined = groups.len() - told.len();
        self.runs = parts.runs;
        self.drawn = parts.errors.is_some();
        self.scaled = scaled.into_inner();
        self.causes = causes;
    }

    /// For each question its numbers that changed, and the parts of each cause in them. `places` says where the records of each answer
    /// stand in the evidence.
    pub fn tables(&self, places: &[Vec<usize>]) -> Vec<Table> {
        let mut tables = Vec::new();
        let mut first = 0;
        for (at, effect) in self.effects.iter().enumerate() {
            tables.push(effect.numbers_table(at, places.get(2 * at + 1)));
            let parts = effect.parts_table(at, first, &self.causes);
            if !parts.rows.is_empty() {
                tables.push(parts);
            }
            first += effect.numbers.len();
        }
        tables
    }

    /// The pairs of tables, for findings: names of the numbers' table and of the parts' table.
    pub fn names(&self) -> impl Iterator<Item = (String, String, &Column, usize)> {
        self.effects
            .iter()
            .enumerate()
            .map(|(at, own)| (numbers_name(at), parts_name(at), &own.column, own.leading))
    }

    /// What has to be known before the parts are used.
    pub fn caveats(&self, answer: &mut Answer) {
        for effect in &self.effects {
            for side in [&effect.answers.0, &effect.answers.1] {
                answer.caveats.extend(side.caveats.iter().filter(|own| own.code == "no-answer").cloned());
            }
            let (more, one_sided) = effect.left;
            let title = &effect.answers.1.title;
            if more > 0 {
                let text =
                    format!("{title}: {more} more rows change less and are not explained; --top shows more.");
                answer.caveat("more-numbers", text, Some(more));
            }
            if one_sided > 0 {
                let text = format!("{title}: {one_sided} rows have a number on one side only.");
                answer.caveat("one-sided", text, Some(one_sided));
            }
        }
        if self.causes.is_empty() {
            return;
        }
        let how = match self.drawn {
            true => format!("estimated from {ORDERS} drawn orders with standard errors"),
            false => format!("exact over all orders ({} datasets in between)", self.runs),
        };
        answer.caveat(
            "attribution",
            format!("Parts are Shapley values, {how}; they add up to the change."),
            None,
        );
        if self.joined > 0 {
            let text = format!(
                "{} groups of changes that move these numbers least, alone or last, are one cause; --groups tells more of them apart.",
                self.joined
            );
            answer.caveat("joined-groups", text, Some(self.joined));
        }
        if self.scaled > 0 {
            let text = format!(
                "In {} datasets in between, shares add up to more than their whole and are scaled down to it: changes of one market or one need depend on each other. `--by product` takes them together.",
                self.scaled
            );
            answer.caveat("scaled-in-between", text, Some(self.scaled));
        }
        let broken = self.causes.iter().flat_map(|own| &own.parts).filter(|part| part.is_nan()).count();
        if broken > 0 {
            let text =
                format!("{broken} parts are unknown, as a dataset in between has no value for the number.");
            answer.caveat("no-value-in-between", text, Some(broken));
        }
    }
}

/// The size of the effect of each group, where it has one: groups that have none together are taken to have none, and the
/// others are halved until each stands by itself.
fn sizes(some: &[usize], size: &(impl Fn(&[usize]) -> f64 + Sync)) -> Vec<(usize, f64)> {
    let own = size(some);
    match some {
        _ if own == 0.0 => Vec::new(),
        [only] => vec![(*only, own)],
        _ => {
            let (left, right) = some.split_at(some.len() / 2);
            let (mut left, right) = rayon::join(|| sizes(left, size), || sizes(right, size));
            left.extend(right);
            left
        }
    }
}

fn numbers_name(at: usize) -> String {
    format!("numbers-{}", at + 1)
}

fn parts_name(at: usize) -> String {
    format!("causes-{}", at + 1)
}

/// An answer that has the tables of another without their rows, and says why.
fn silent(other: &Answer, label: &str, why: &str) -> Answer {
    let mut answer = Answer::new(&other.analysis, &other.title, &other.question);
    answer.tables.clone_from(&other.tables);
    for table in &mut answer.tables {
        table.rows.clear();
        table.rests.clear();
        // nothing is known, rows that are left out included
        table.left_out = None;
    }
    answer.caveat("no-answer", format!("{label}: {why}."), None);
    answer
}

/// Asks on both sides.
fn effect(asked: &Asked, top: usize, old: &Stand, new: &Stand) -> Result<Effect, AnalysisError> {
    let Some(ask) = &asked.ask else {
        let name = asked.query.as_deref().unwrap_or_default();
        let reason = format!(
            "there is no query {name:?}; expected one, or a question as Concentration(market: \"hbm\")"
        );
        return Err(AnalysisError::Invalid { parameter: "on", reason });
    };
    if matches!(**ask, Ask::Diff(_)) {
        let reason = "a difference of differences makes no sense".to_string();
        return Err(AnalysisError::Invalid { parameter: "on", reason });
    }
    let answers = match (ask.run(&old.view()), ask.run(&new.view())) {
        (Ok(old), Ok(new)) => (old, new),
        // a side on which there is nothing to answer with yet, or any more
        (Err(AnalysisError::NoData(why)), Ok(new)) => (silent(&new, &old.label, &why), new),
        (Ok(own), Err(AnalysisError::NoData(why))) => {
            let none = silent(&own, &new.label, &why);
            (own, none)
        }
        (Err(error), _) | (_, Err(error)) => return Err(error),
    };
    let wanted = asked.of_table.as_deref();
    let (before, after) = (rows::table(&answers.0, wanted)?, rows::table(&answers.1, wanted)?);
    let leading = rows::leading(after);
    let change = |key: &Vec<String>, column: &str| {
        let (old, new) = (rows::value(before, key, column)?, rows::value(after, key, column)?);
        Some((old, new)).filter(|(old, new)| noticeable(new - old, *old, *new))
    };
    let mut heads: Vec<(Vec<String>, Row)> = Vec::new();
    for row in after.rows.iter().chain(&before.rows) {
        let key = rows::key(row, leading);
        if !heads.iter().any(|(known, _)| *known == key) {
            heads.push((key, row.iter().take(leading).cloned().collect()));
        }
    }
    let moves = |column: &Column| heads.iter().any(|(key, _)| change(key, &column.name).is_some());
    let column = rows::column(&after.columns, asked.column.as_deref(), moves)?;
    let mut numbers: Vec<Number> = Vec::new();
    let mut one_sided = 0;
    for (key, head) in &heads {
        let has = |table: &Table| rows::value(table, key, &column.name).is_some();
        one_sided += usize::from(has(before) != has(after));
        if let Some((old, new)) = change(key, &column.name) {
            numbers.push(Number { key: key.clone(), head: head.clone(), old, new });
        }
    }
    let size = |own: &Number| ((own.new - own.old).abs() * 1e12).round();
    numbers.arrange(|a, b| size(b).total_cmp(&size(a)));
    let more = numbers.len().saturating_sub(top);
    numbers.truncate(top);
    let heads = after.columns.iter().take(leading).cloned().collect();
    let of_table = asked.of_table.clone();
    Ok(Effect {
        ask: (**ask).clone(),
        of_table,
        column,
        leading,
        heads,
        numbers,
        left: (more, one_sided),
        answers,
    })
}

impl Effect {
    /// The numbers on another dataset; not a number where it has none.
    fn values(&self, view: &View<'_>) -> Vec<f64> {
        let nothing = || vec![f64::NAN; self.numbers.len()];
        if self.numbers.is_empty() {
            return Vec::new();
        }
        let Ok(answer) = self.ask.run(view) else { return nothing() };
        let Ok(table) = rows::table(&answer, self.of_table.as_deref()) else { return nothing() };
        let value = |own: &Number| rows::value(table, &own.key, &self.column.name).unwrap_or(f64::NAN);
        self.numbers.iter().map(value).collect()
    }

    fn numbers_table(&self, at: usize, places: Option<&Vec<usize>>) -> Table {
        let (unit, says) = (self.column.unit, self.column.description.trim_end_matches('.'));
        let mut columns = self.heads.clone();
        columns.push(Column::new("before", unit, &format!("{says}; on the old side")));
        columns.push(Column::new("after", unit, &format!("{says}; on the new side")));
        columns.push(Column::new("change", unit, "After minus before"));
        let title = format!("{}: {}", self.answers.1.title, self.column.heading.to_lowercase());
        let mut table = Table::new(&numbers_name(at), title, columns);
        let after = rows::table(&self.answers.1, self.of_table.as_deref()).ok();
        for own in &self.numbers {
            let mut row = own.head.clone();
            row.extend([own.old, own.new, own.new - own.old].map(Cell::number));
            let place = after.and_then(|after| {
                let number = after.rows.iter().position(|row| rows::key(row, self.leading) == own.key)?;
                after.rests_of(number).zip(places).map(|(rests, to)| rests.moved(to))
            });
            let rests =
                place.unwrap_or_else(|| Rests::None("the question does not say it row by row".into()));
            table.push(row, rests);
        }
        table
    }

    fn parts_table(&self, at: usize, first: usize, causes: &[Cause]) -> Table {
        let unit = self.column.unit;
        let drawn = causes.iter().any(|own| own.errors.is_some());
        let mut columns = vec![
            Column::new("number", Unit::Text, "Whose number it is"),
            Column::new("cause", Unit::Text, "The group of changes"),
            Column::new(
                "part",
                unit,
                "Its Shapley value: its effect, averaged over all orders of the groups",
            ),
            Column::new(
                "of_change",
                Unit::Share,
                "The part over the whole change; below 0 where it worked against it",
            ),
        ];
        if drawn {
            columns.push(Column::new("error", unit, "Standard error of the part; empty where it is exact"));
        }
        let mut table = Table::new(
            &parts_name(at),
            format!("What changed {}", self.column.heading.to_lowercase()),
            columns,
        );
        for (place, own) in self.numbers.iter().enumerate() {
            let part = |cause: &Cause| cause.parts.get(first + place).copied().unwrap_or(f64::NAN);
            let mut order: Vec<&Cause> = causes
                .iter()
                .filter(|cause| part(cause).is_nan() || noticeable(part(cause), own.old, own.new))
                .collect();
            order.arrange(|a, b| (part(b).abs() * 1e12).round().total_cmp(&(part(a).abs() * 1e12).round()));
            for cause in order {
                let value = part(cause);
                let mut row = vec![
                    Cell::text(rows::name(&own.head, self.leading)),
                    Cell::text(&cause.name),
                    Cell::number(value),
                    Cell::number(value / (own.new - own.old)),
                ];
                if drawn {
                    let error = cause.errors.as_ref().and_then(|all| all.get(first + place)).copied();
                    row.push(Cell::number(error));
                }
                table.push(
                    row,
                    Rests::None(
                        "a part of a change; the table of facts that differ names the records".into(),
                    ),
                );
            }
        }
        table
    }
}
