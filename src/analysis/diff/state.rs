//! The two sides of a difference: a day, suppositions, another dataset.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::{AnalysisError, View};
use crate::answer::{Cell, Column, Rests, Table, Unit};
use crate::dataset::{patched, snapshot};
use crate::graph::Graph;
use crate::model::{Facts, PartialDate};
use crate::scope::Scope;
use crate::what_if::{Telling, Told, WhatIfSpec};

/// What a dataset is like on one side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct State {
    /// The day that counts; that of the question where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    /// What is supposed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub what_if: Vec<WhatIfSpec>,
    /// The folder or file of another dataset; the one that is asked where absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dataset: Option<String>,
    /// That dataset, once it is read.
    #[serde(skip)]
    pub held: Option<Held>,
}

impl Telling for State {
    const NOUN: &'static str = "state of a dataset";
    const EXAMPLE: &'static str = "(as_of: \"2026-03-31\"), (what_if: [\"…\"]) or (dataset: \"…\")";
}

impl From<WhatIfSpec> for State {
    fn from(what_if: WhatIfSpec) -> Self {
        Self { what_if: vec![what_if], ..Self::default() }
    }
}

/// A dataset that has been read. Two are equal where their content is.
#[derive(Clone, Debug)]
pub struct Held(Arc<Graph>);

impl Held {
    /// Keeps a dataset.
    pub fn new(graph: Graph) -> Self {
        Self(Arc::new(graph))
    }

    /// The dataset.
    pub fn graph(&self) -> &Graph {
        &self.0
    }
}

impl PartialEq for Held {
    fn eq(&self, other: &Self) -> bool {
        self.0.hash() == other.0.hash()
    }
}

/// One side, made.
#[derive(Debug)]
pub struct Stand {
    /// How it is called.
    pub label: String,
    /// The dataset, with what is supposed.
    pub graph: Graph,
    /// What counts in it.
    pub scope: Scope,
}

impl Stand {
    /// Makes a side of the dataset that is asked.
    ///
    /// # Errors
    /// A name that is no day and was not looked up, a what-if that cannot be made.
    pub fn of(parameter: &'static str, told: &Told<State>, view: &View<'_>) -> Result<Self, AnalysisError> {
        let invalid = |reason: String| AnalysisError::Invalid { parameter, reason };
        let named;
        let state = match told {
            Told::Inline(state, _) => &**state,
            Told::Named(name) if name == "base" => {
                named = State::default();
                &named
            }
            Told::Named(name) if name.parse::<PartialDate>().is_ok() => {
                named = State { as_of: Some(name.clone()), ..State::default() };
                &named
            }
            Told::Named(name) => {
                return Err(invalid(format!(
                    "there is no {name:?}; expected a day such as 2026-03-31, the name of a what-if, the folder of a dataset, or base"
                )));
            }
        };
        let graph = match (&state.held, &state.dataset) {
            (Some(held), _) => patched(held.graph(), &view.scope.what_if)?,
            (None, Some(dataset)) => return Err(invalid(format!("the dataset {dataset} has not been read"))),
            (None, None) => view.graph.clone(),
        };
        let mut scope = view.scope.clone();
        let mut label: Vec<String> = state.dataset.iter().cloned().collect();
        if let Some(day) = &state.as_of {
            let date: PartialDate =
                day.parse().map_err(|error: crate::model::DateError| invalid(error.to_string()))?;
            scope.as_of = date.first();
            label.push(scope.as_of.to_string());
        }
        if state.what_if.is_empty() {
            if label.is_empty() {
                label.push("as it is".to_string());
            }
            return Ok(Self { label: label.join(", "), graph, scope });
        }
        let graph = patched(&graph, &state.what_if)?;
        scope.what_if.extend(state.what_if.iter().cloned());
        label.extend(state.what_if.iter().filter_map(|own| own.title().map(str::to_string)));
        Ok(Self { label: label.join(", "), graph, scope })
    }

    /// The question's view of this side.
    pub fn view(&self) -> View<'_> {
        View { graph: &self.graph, scope: self.scope.clone() }
    }
}

/// The records that are compared, and the old ones as they are on the new day.
#[derive(Debug)]
pub struct Sides {
    /// The old records.
    pub old: Facts,
    /// The new records.
    pub new: Facts,
    /// The old records, made to hold on the new day: what ended between the two has no end.
    pub carried: Facts,
}

/// What is compared: all records on one day, or else what is seen on either day.
pub fn sides(old: &Stand, new: &Stand) -> Sides {
    let (then, now) = (old.scope.as_of, new.scope.as_of);
    if then == now {
        let facts = old.graph.facts();
        return Sides { old: facts.clone(), new: new.graph.facts().clone(), carried: facts.clone() };
    }
    let everything =
        |stand: &Stand| Scope { min_confidence: crate::model::Confidence::Low, ..stand.scope.clone() };
    let past = snapshot(old.graph.facts(), &everything(old));
    let mut carried = past.clone();
    for own in &mut carried.relations {
        own.until = own.until.filter(|until| until.first() > now);
        own.since = own.since.filter(|since| since.first() <= now);
    }
    Sides { old: past, new: snapshot(new.graph.facts(), &everything(new)), carried }
}

/// The two sides in a table.
pub fn table(old: &Stand, new: &Stand) -> Table {
    let columns = vec![
        Column::new("side", Unit::Text, "Old or new"),
        Column::new("as_of", Unit::Text, "The day that counts"),
        Column::new("what_if", Unit::Text, "What is supposed"),
        Column::new("dataset", Unit::Text, "Name of the dataset"),
        Column::new("sha256", Unit::Text, "Hash of its content"),
    ];
    let mut table = Table::new("sides", "The two sides", columns);
    for (word, stand) in [("old", old), ("new", new)] {
        let what_if: Vec<&str> = stand.scope.what_if.iter().filter_map(|own| own.title()).collect();
        let row = vec![
            Cell::text(word),
            Cell::text(stand.scope.as_of.to_string()),
            Cell::text(what_if.join("; ")),
            Cell::text(&stand.graph.facts().meta.name),
            Cell::text(stand.graph.hash()),
        ];
        table.push(row, Rests::None("what is compared, not a number".into()));
    }
    table
}
