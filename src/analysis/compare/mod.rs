//! The same question under several what-ifs or scenarios, side by side.

mod tables;

use serde::{Deserialize, Serialize};

use super::{Analysis, AnalysisError, Ask, Card, Mention, Observer, Unobserved, View, rows};
use crate::answer::{Answer, AnswerStatus, Column, Reach, Table};
use crate::dataset::patched;
use crate::observer::spread;
use crate::scenario::{Scenario, ScenarioSpec};
use crate::what_if::{Telling, Told, WhatIf, WhatIfSpec};

use tables::Side;

/// The same question under several what-ifs or scenarios, with differences.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Compare {
    /// The saved query whose question is asked: its name, or a file
    #[cfg_attr(feature = "cli", arg(value_name = "QUERY", required = true))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// The question itself.
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ask: Option<Box<Ask>>,
    /// What-ifs and scenarios, by name or file: a column each
    #[cfg_attr(feature = "cli", arg(value_name = "VARIANT", required = true))]
    pub variants: Vec<Told<Variant>>,
    /// The table of the answer that is compared [default: the first]
    #[cfg_attr(feature = "cli", arg(long = "of-table", value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of_table: Option<String>,
    /// The column that is compared [default: the first that changes]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
}

/// One way in which things may be otherwise: a scenario, or what-ifs, or both.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Variant {
    /// The name under which it is saved: columns are called by it, also where the answer is asked again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How it is called; the title of what it consists of where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// What the dataset would be like.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<WhatIfSpec>,
    /// What happens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scenario: Option<ScenarioSpec>,
}

impl Telling for Variant {
    const NOUN: &'static str = "variant";
    const EXAMPLE: &'static str = "(what_if: [\"…\"])";
}

impl From<WhatIf> for Variant {
    fn from(what_if: WhatIf) -> Self {
        let title = Some(what_if.title.clone());
        Self { title, what_if: vec![Told::Inline(Box::new(what_if), None)], ..Self::default() }
    }
}

impl From<Scenario> for Variant {
    fn from(scenario: Scenario) -> Self {
        let title = Some(scenario.title.clone());
        Self { title, scenario: Some(Told::Inline(Box::new(scenario), None)), ..Self::default() }
    }
}

impl Variant {
    /// How it is called.
    fn title(&self) -> String {
        let mut parts: Vec<String> = self.what_if.iter().map(told_title).collect();
        parts.extend(self.scenario.as_ref().map(|scenario| match scenario {
            Told::Named(name) => name.clone(),
            Told::Inline(scenario, _) => scenario.title.clone(),
        }));
        self.title.clone().unwrap_or_else(|| parts.join("; "))
    }
}

fn told_title(spec: &WhatIfSpec) -> String {
    match spec {
        Told::Named(name) => name.clone(),
        Told::Inline(what_if, _) => what_if.title.clone(),
    }
}

impl Analysis for Compare {
    const CARD: Card = Card {
        name: "compare",
        title: "Variants side by side",
        question: "What would the answer to a question be under several what-ifs or scenarios, and what changes most?",
        definition: "The question is asked of the dataset as it is and of each variant; change = variant - base, row by row of one \
                     column. Where the question has no answer without a scenario, the first variant is the base.",
        reads: "What the question reads.",
        assumptions: "Those of the question and of the variants; a scenario comes on top of what the question itself lets fail. A row that an answer does not have is unknown, unless its table \
                      leaves out rows whose numbers are known.",
        cost: "One answer for each variant.",
        reference: "Differences of answers; no model of its own.",
        rests: Reach::Connected,
        example: "linchpin compare what-anthropic-hangs-on aws-shifts-to-trainium",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        let (ask, sides) = self.sides(view, observer)?;
        self.answer(ask, &sides)
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        let mut all = vec![Mention::Question { query: &mut self.query, ask: &mut self.ask, scope: None }];
        all.extend(self.variants.iter_mut().map(Mention::Variant));
        all
    }
}

/// A variant and its name; a name that nobody knew may be that of a scenario of the dataset.
fn written(told: &Told<Variant>) -> (String, Variant) {
    match told {
        Told::Named(name) => {
            let scenario = Some(Told::Named(name.clone()));
            (name.clone(), Variant { title: Some(name.clone()), scenario, ..Variant::default() })
        }
        Told::Inline(variant, name) => {
            let name = name.as_ref().or(variant.name.as_ref());
            (name.cloned().unwrap_or_else(|| variant.title()), (**variant).clone())
        }
    }
}

/// The answer under one variant.
fn run(ask: &Ask, variant: &Variant, view: &View<'_>) -> Result<Answer, AnalysisError> {
    let mut ask = ask.clone();
    if let Some(scenario) = &variant.scenario {
        let name = ask.card().name;
        let Some(slot) = ask.scenario_slot() else {
            let reason =
                format!("{name} takes no scenario; expected what-ifs, or a query that asks for a shock");
            return Err(AnalysisError::Invalid { parameter: "variants", reason });
        };
        *slot = Some(scenario.clone());
    }
    if variant.what_if.is_empty() {
        return ask.run(view);
    }
    let graph = patched(view.graph, &variant.what_if)?;
    let mut scope = view.scope.clone();
    scope.what_if.extend(variant.what_if.iter().cloned());
    ask.run(&View { graph: &graph, scope })
}

impl Compare {
    /// The question, and its answers as things are and under each variant.
    fn sides(&self, view: &View<'_>, observer: &dyn Observer) -> Result<(&Ask, Vec<Side>), AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        let Some(ask) = &self.ask else {
            let name = self.query.as_deref().unwrap_or_default();
            return Err(invalid("query", format!("there is no query {name:?}; expected one, or `ask`")));
        };
        if matches!(**ask, Ask::Compare(_)) {
            return Err(invalid("query", "a comparison cannot be compared".to_string()));
        }
        if self.variants.is_empty() {
            return Err(invalid("variants", "expected at least one".to_string()));
        }
        let variants: Vec<(String, Variant)> = self.variants.iter().map(written).collect();
        let answer = |at: usize| match at.checked_sub(1).and_then(|at| variants.get(at)) {
            None => ask.run(view),
            Some((_, variant)) => run(ask, variant, view),
        };
        observer.begin(1 + variants.len());
        let answers = spread(observer, 1 + variants.len(), &|at| answer(at).ok());
        // why there is none does not travel: it is found out where it is told
        let mut answers = answers.into_iter().enumerate().map(|(at, own)| own.map_or_else(|| answer(at), Ok));
        let mut sides = Vec::new();
        // without a scenario a shock has no answer: then the first variant is what the others are held against
        let storied = variants.iter().all(|(_, variant)| variant.scenario.is_some());
        match answers.next().unwrap_or_else(|| answer(0)) {
            Ok(answer) => sides.push(Side::base("base", "As it is", answer)),
            Err(error) if !storied || variants.len() < 2 => return Err(error),
            Err(_) => {}
        }
        for ((name, variant), answer) in variants.iter().zip(answers) {
            sides.push(Side::base(name, &variant.title(), answer?));
        }
        tables::distinct(&mut sides);
        Ok((ask, sides))
    }

    /// The answers that are compared, each with what is supposed: for charts of all of them. The first is the question as
    /// it is, where it has an answer without a variant. Cost: that of the comparison.
    ///
    /// # Errors
    /// As the comparison.
    pub fn answers(&self, view: &View<'_>) -> Result<Vec<(String, Answer)>, AnalysisError> {
        let (_, sides) = self.sides(view, &Unobserved)?;
        Ok(sides.into_iter().map(|side| (side.title, side.answer)).collect())
    }

    fn answer(&self, ask: &Ask, sides: &[Side]) -> Result<Answer, AnalysisError> {
        let invalid = |parameter, reason: String| AnalysisError::Invalid { parameter, reason };
        let Some((base, others)) = sides.split_first() else {
            return Err(invalid("variants", "expected at least one".to_string()));
        };
        let pick = |answer: &Answer| rows::table(answer, self.of_table.as_deref()).cloned();
        let tables: Vec<Table> = sides.iter().map(|side| pick(&side.answer)).collect::<Result<_, _>>()?;
        let column = self.numbers(sides, &tables)?;
        let what = ask.card();
        let titles: Vec<&str> = others.iter().map(|side| side.title.as_str()).collect();
        let title = format!("{}: {} compared", base.answer.title, others.len());
        let question = format!("{} How does that change under: {}?", base.answer.question, titles.join("; "));
        let mut answer = Answer::new(Self::CARD.name, title, question);
        let compared = tables::compared(sides, &tables, &column);
        let variants = tables::variants(sides, &compared);
        answer.findings = tables::say(sides, &compared, &variants, &column);
        answer.tables = vec![compared, variants];
        let places = tables::caveats(sides, &mut answer);
        if let Some(compared) = answer.tables.first_mut() {
            tables::rests(compared, &tables, &places);
        }
        if base.name != "base" {
            let text = format!(
                "{} has no answer without a scenario, so changes are against the first variant, {}.",
                what.name, base.title
            );
            answer.caveat("base-variant", text, None);
        }
        for side in sides {
            if side.answer.status != AnswerStatus::Complete && answer.status == AnswerStatus::Complete {
                answer.status = side.answer.status.clone();
            }
        }
        Ok(answer)
    }

    /// The column that is compared.
    fn numbers(&self, sides: &[Side], tables: &[Table]) -> Result<Column, AnalysisError> {
        let columns = tables.first().map(|table| table.columns.as_slice()).unwrap_or_default();
        let changes = |c: &Column| {
            let compared = tables::compared(sides, tables, c);
            tables::changes(sides, &compared)
        };
        rows::column(columns, self.column.as_deref(), changes)
    }
}
