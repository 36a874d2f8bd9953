//! Which fact to check next: uncertain facts by how far settling them moves the main numbers of several questions.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, Ask, Card, Mention, Observer, Unobserved, View};
use crate::answer::{
    Answer, AnswerStatus, Cell, Column, Evidence, FindingBuilder, Reach, Rests, RestsOn, Table, Unit,
};
use crate::dataset::patched;
use crate::graph::Graph;
use crate::graph::draw::Draws;
use crate::model::{Date, PartialDate};
use crate::order::Arrange;
use crate::scope::{Scope, ScopeSpec};
use crate::side_by_side::SideBySide;
use crate::uncertainty::main_numbers;
use crate::uncertainty::moves::{Moves, by_key, fact_cells, fact_columns};

/// Uncertain facts, ranked by what settling them would do to the answers of saved questions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct ResearchNext {
    /// The saved queries whose answers are to become surer: names
    #[cfg_attr(feature = "cli", arg(value_name = "QUERY", required = true))]
    pub questions: Vec<Questioned>,
}

/// One of several questions: a saved one by name, or what that stands for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Questioned {
    /// Name of the saved query.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// The scope of that question; what it leaves open is as for all.
    #[serde(skip_serializing_if = "is_open")]
    pub scope: ScopeSpec,
    /// How it is called in the answer, where it is not asked by name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
}

fn is_open(scope: &ScopeSpec) -> bool {
    *scope == ScopeSpec::default()
}

impl FromStr for Questioned {
    type Err = Infallible;

    fn from_str(name: &str) -> Result<Self, Infallible> {
        Ok(Self { query: Some(name.to_string()), title: Some(name.to_string()), ..Self::default() })
    }
}

impl Questioned {
    fn title(&self) -> String {
        let own = self.title.as_ref().or(self.query.as_ref());
        own.cloned().unwrap_or_else(|| self.ask.as_ref().map(|ask| ask.to_ron()).unwrap_or_default())
    }

    /// The question, and the scope that it has in a view.
    fn asked(&self, view: &View<'_>) -> Result<(&Ask, Scope), AnalysisError> {
        let invalid = |reason: String| AnalysisError::Invalid { parameter: "questions", reason };
        let Some(ask) = self.ask.as_deref() else {
            let name = self.query.as_deref().unwrap_or_default();
            return Err(invalid(format!(
                "there is no query {name:?}; expected the name of a saved one, or `ask`"
            )));
        };
        if matches!(ask, Ask::ResearchNext(_)) {
            return Err(invalid(format!(
                "{}: expected a question that is not itself about others",
                self.title()
            )));
        }
        let mut scope = view.scope.clone();
        if let Some(day) = &self.scope.as_of {
            let day: Result<Date, _> = day.parse::<PartialDate>().map(|date| date.first());
            scope.as_of = day.map_err(|error| invalid(error.to_string()))?;
        }
        if !self.scope.status.is_empty() {
            scope.status.clone_from(&self.scope.status);
            scope.status.sort_unstable();
            scope.status.dedup();
        }
        scope.min_confidence = self.scope.min_confidence.unwrap_or(scope.min_confidence);
        scope.stale_after = self.scope.stale_after.unwrap_or(scope.stale_after);
        scope.what_if.extend(self.scope.what_if.iter().cloned());
        Ok((ask, scope))
    }

    /// Answers it on a graph.
    fn answer(&self, graph: &Graph, (ask, scope): (&Ask, &Scope)) -> Result<Answer, AnalysisError> {
        let view = |graph| View { graph, scope: scope.clone() };
        if self.scope.what_if.is_empty() {
            return ask.run_bare(&view(graph), &Unobserved);
        }
        ask.run_bare(&view(&patched(graph, &self.scope.what_if)?), &Unobserved)
    }
}

/// A question with its answer and what moves it.
struct Studied {
    title: String,
    answer: Answer,
    moves: Moves,
}

/// What a fact does to the numbers of all questions.
#[derive(Default)]
struct Merit {
    /// Sum of the parts of themselves by which numbers move.
    sum: f64,
    /// Questions of which it moves a main number.
    questions: usize,
    /// The largest part, and of which question.
    largest: (f64, usize),
}

impl Analysis for ResearchNext {
    const CARD: Card = Card {
        name: "research-next",
        title: "What to check next",
        question: "Which uncertain facts, once checked, would make the answers to these questions most sure?",
        definition: "Merit of a fact = mean over all main numbers of min(1, swing / |number|), where swing is how far apart the number \
                     lies with the fact settled at the ends of what its sources allow, all others as they count. Main numbers: of \
                     those that the findings of an answer quote and that are no counts, the first three that a fact moves.",
        reads: "What the questions read; facts are tried that an answer rests on and that its sources leave open.",
        assumptions: "One fact at a time. An open end stops where \"more than\" is exceeded in one draw of twenty; of disputed sizes \
                      every statement is tried. A number that is zero counts as moved whole.",
        rests: Reach::Named,
        cost: "For each question a run for each end of each uncertain fact that its answer rests on.",
        reference: "One-at-a-time sensitivity, as in A. Saltelli et al., Global Sensitivity Analysis, 2008, chapter 2.",
        example: "linchpin research-next which-deals-invert-capital how-concentrated-is-hbm",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        let asked: Vec<(&Ask, Scope)> =
            self.questions.iter().map(|own| own.asked(view)).collect::<Result<_, _>>()?;
        if asked.is_empty() {
            let reason = "expected the name of at least one saved query".to_string();
            return Err(AnalysisError::Invalid { parameter: "questions", reason });
        }
        let pairs: Vec<(&Questioned, &(&Ask, Scope))> = self.questions.iter().zip(&asked).collect();
        let bases: Vec<Result<Answer, AnalysisError>> =
            pairs.side_by_side(|(own, (ask, scope))| own.answer(view.graph, (ask, scope)));
        let draws = Draws::new(view.graph, &view.scope);
        let (mut unanswered, mut answered) = (Vec::new(), Vec::new());
        for ((own, asked), base) in pairs.into_iter().zip(bases) {
            match base {
                Ok(base) => answered.push((own, asked, base)),
                Err(why) => unanswered.push((own.title(), why)),
            }
        }
        if answered.is_empty() {
            return Err(unanswered.remove(0).1);
        }
        observer.begin(answered.iter().map(|(_, _, base)| Moves::runs(&draws, base)).sum());
        let studied = answered.into_iter().map(|(own, (ask, scope), answer)| {
            let run = |graph: &Graph| own.answer(graph, (ask, scope));
            let moves = Moves::run(&draws, &answer, main_numbers(&answer), &run, observer).of_main();
            Studied { title: own.title(), answer, moves }
        });
        let studied: Vec<Studied> = studied.collect();
        Ok(answer(&draws, &studied, &unanswered))
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        fn mention(own: &mut Questioned) -> Mention<'_> {
            // the name stays as a heading once the question stands in its place
            if own.title.is_none() {
                own.title.clone_from(&own.query);
            }
            let Questioned { query, ask, scope, .. } = own;
            Mention::Question { query, ask, scope: Some(scope) }
        }
        self.questions.iter_mut().map(mention).collect()
    }
}

/// Facts by what they do, the greatest merit first, and the number of main numbers.
fn ranked(studied: &[Studied]) -> (Vec<(usize, Merit)>, usize) {
    let mut merits: BTreeMap<usize, Merit> = BTreeMap::new();
    let mut numbers = 0;
    for (question, own) in studied.iter().enumerate() {
        let mut moved: BTreeMap<usize, f64> = BTreeMap::new();
        for number in 0..own.moves.panel.spots.len() {
            numbers += 1;
            let base = own.moves.base.get(number).copied().unwrap_or(f64::NAN).abs();
            for (at, swing) in own.moves.of_number(number) {
                let Some(fact) = own.moves.facts.get(at) else { continue };
                let part = if base > 0.0 { (swing.size / base).min(1.0) } else { 1.0 };
                merits.entry(fact.uncertain).or_default().sum += part;
                let largest = moved.entry(fact.uncertain).or_default();
                *largest = largest.max(part);
            }
        }
        for (uncertain, part) in moved {
            let merit = merits.entry(uncertain).or_default();
            merit.questions += 1;
            if part > merit.largest.0 {
                merit.largest = (part, question);
            }
        }
    }
    let mut ranked: Vec<(usize, Merit)> = merits.into_iter().collect();
    // equal merits stay in the order of the records
    ranked.arrange(|a, b| b.1.sum.total_cmp(&a.1.sum));
    (ranked, numbers)
}

fn answer(draws: &Draws<'_>, studied: &[Studied], unanswered: &[(String, AnalysisError)]) -> Answer {
    let (ranked, numbers) = ranked(studied);
    let parts: Vec<&Evidence> = studied.iter().map(|own| &own.answer.evidence).collect();
    let (evidence, _) = Evidence::merged(&parts);
    let card = ResearchNext::CARD;
    let mut answer = Answer::new(card.name, card.title, card.question);
    let facts = facts(draws, studied, &ranked, numbers, &evidence);
    answer.findings.extend(say(&facts, studied.len()));
    answer.tables = vec![facts, questions(draws, studied)];
    answer.evidence = evidence;
    let runs: usize =
        studied.iter().map(|own| own.moves.facts.iter().map(|fact| fact.ends.len()).sum::<usize>()).sum();
    let text = format!(
        "{} questions with {numbers} main numbers, {runs} runs. A fact that no answer cites is not tried, nor one of which nothing is said.",
        studied.len()
    );
    answer.caveat("facts-tried", text, Some(runs));
    let failed: usize = studied.iter().map(|own| own.moves.failed).sum();
    if failed > 0 {
        answer.caveat("runs-failed", format!("{failed} runs have no answer and are left out."), Some(failed));
    }
    for (title, why) in unanswered {
        answer.caveat("unanswered", format!("{title} has no answer and is left out: {why}."), None);
    }
    for own in studied {
        if own.answer.status != AnswerStatus::Complete && answer.status == AnswerStatus::Complete {
            answer.status = own.answer.status.clone();
        }
    }
    answer
}

fn facts(
    draws: &Draws<'_>,
    studied: &[Studied],
    ranked: &[(usize, Merit)],
    numbers: usize,
    evidence: &Evidence,
) -> Table {
    let mut columns = fact_columns();
    columns.extend([
        Column::new("from", Unit::Text, "The least that its sources allow"),
        Column::new("to", Unit::Text, "The most, or where an open end stops"),
        Column::new(
            "merit",
            Unit::Share,
            "By which part of themselves the main numbers move, on average; each counts up to the whole",
        ),
        Column::new("questions", Unit::Count, "In how many questions it moves a main number"),
        Column::new("most_in", Unit::Text, "The question of which it moves a number most"),
        Column::new("moves_by", Unit::Share, "By which part of itself, up to the whole"),
    ]);
    let mut table = Table::new("facts", "Facts to check, the most telling first", columns);
    let records = by_key(evidence);
    for (uncertain, merit) in ranked {
        let Some(open) = draws.uncertain().get(*uncertain) else { continue };
        let ends = open.ends();
        let word = |end: Option<&f64>| end.map_or(Cell::Empty, |end| Cell::text(open.words(*end)));
        let mut row = fact_cells(draws, *uncertain, &records);
        let title = studied.get(merit.largest.1).map(|own| own.title.clone()).unwrap_or_default();
        row.extend([
            word(ends.first()),
            word(ends.last()),
            Cell::Number(merit.sum / numbers.max(1) as f64),
            Cell::Number(merit.questions as f64),
            Cell::text(title),
            Cell::Number(merit.largest.0),
        ]);
        let key = draws.graph().record_of(open.slot);
        let record = evidence.records.iter().position(|own| own.key == key);
        let rests = record.map_or(Rests::Whole, |at| Rests::Records(vec![RestsOn::record(at)]));
        table.push(row, rests);
    }
    table
}

fn questions(draws: &Draws<'_>, studied: &[Studied]) -> Table {
    let columns = vec![
        Column::new("question", Unit::Text, "The saved query"),
        Column::new("numbers", Unit::Count, "Main numbers that are looked at"),
        Column::new("tried", Unit::Count, "Uncertain facts that its answer rests on"),
        Column::new("move", Unit::Count, "Of these, how many move a main number"),
        Column::new("first", Unit::Text, "The fact that moves one most, as a part of that number"),
        Column::new("moves_by", Unit::Share, "By which part of itself, up to the whole"),
    ];
    let mut table = Table::new("questions", "What the questions hang on", columns);
    for own in studied {
        let (ranked, _) = ranked(std::slice::from_ref(own));
        let largest = |merit: &(usize, Merit)| merit.1.largest.0;
        let first = ranked.iter().reduce(|a, b| if largest(b) > largest(a) { b } else { a });
        let key = first
            .and_then(|(at, _)| draws.uncertain().get(*at))
            .map(|open| draws.graph().record_of(open.slot));
        table.push(
            vec![
                Cell::text(&own.title),
                Cell::Number(own.moves.panel.spots.len() as f64),
                Cell::Number(own.moves.facts.len() as f64),
                Cell::Number(ranked.len() as f64),
                key.map_or(Cell::Empty, Cell::text),
                Cell::number(first.map(largest)),
            ],
            Rests::Whole,
        );
    }
    table
}

/// The first three facts.
fn say(facts: &Table, questions: usize) -> Vec<crate::answer::Finding> {
    if facts.rows.is_empty() {
        return vec![FindingBuilder::new("No uncertain fact moves a main number of these questions.").done()];
    }
    let word = |row: usize, column: &str| {
        facts.cell(row, column).and_then(Cell::as_key).unwrap_or_default().to_string()
    };
    let finding = |row: usize| {
        FindingBuilder::new(format!(
            "{}: the {} of {} may be {} to {} and moves the main numbers by ",
            ["First", "Then", "Third"].get(row).copied().unwrap_or("Then"),
            word(row, "size"),
            word(row, "record"),
            word(row, "from"),
            word(row, "to")
        ))
        .cell(facts, row, "merit")
        .words(" on average, in ")
        .cell(facts, row, "questions")
        .words(format!(" of {questions} questions ({}).", word(row, "source")))
        .done()
    };
    (0..facts.rows.len().min(3)).map(finding).collect()
}
