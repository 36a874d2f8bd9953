//! Scenarios and what-ifs saved beside the queries: files → a library that is looked up by name.

use super::read::{distinct, stem};
use super::sheet::File;
use crate::analysis::{Ask, Mention, State, Variant};
use crate::dataset::reading::{Section, Text, items};
use crate::dataset::{Code, Diagnostic};
use crate::scenario::{Scenario, ScenarioSpec, TimedShock};
use crate::scope::ScopeSpec;
use crate::what_if::{Change, Telling, Told, WhatIf, WhatIfSpec};

/// Which part of a library a file belongs to: the first folder on its way says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Folder {
    /// `scenarios/`
    Scenarios,
    /// `what-ifs/`
    WhatIfs,
    /// Anywhere else.
    Queries,
}

impl Folder {
    /// The part that a file belongs to, by its name relative to the library.
    pub fn of(name: &str) -> Self {
        match name.split(['/', '\\']).next() {
            Some("scenarios") if name.contains('/') => Self::Scenarios,
            Some("what-ifs") if name.contains('/') => Self::WhatIfs,
            _ => Self::Queries,
        }
    }
}

/// Something that is saved in a file of its own.
#[derive(Clone, Debug, PartialEq)]
pub struct Saved<T> {
    /// The name of its file without the ending.
    pub name: String,
    /// The file, as it was named to the reader.
    pub path: String,
    /// What it tells.
    pub told: T,
}

/// The scenarios and what-ifs of a library, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stories {
    /// Scenarios.
    pub scenarios: Vec<Saved<Scenario>>,
    /// What-ifs.
    pub what_ifs: Vec<Saved<WhatIf>>,
    /// The questions of the queries with their scopes, for questions about them.
    pub questions: Vec<Saved<(Ask, ScopeSpec)>>,
}

impl Stories {
    /// Puts them in order and reports names that stand twice, of both sorts together.
    pub(super) fn sort(&mut self, problems: &mut Vec<Diagnostic>) {
        distinct(&mut self.scenarios, "scenarios", |saved| (&saved.name, &saved.path), problems);
        distinct(&mut self.what_ifs, "what-ifs", |saved| (&saved.name, &saved.path), problems);
        let mut names: Vec<(String, String)> = Vec::new();
        names.extend(self.scenarios.iter().map(|saved| (saved.name.clone(), saved.path.clone())));
        names.extend(self.what_ifs.iter().map(|saved| (saved.name.clone(), saved.path.clone())));
        distinct(&mut names, "scenarios or what-ifs", |(name, path)| (name, path), problems);
    }

    /// The names of all scenarios.
    pub fn scenario_names(&self) -> impl Iterator<Item = &str> {
        self.scenarios.iter().map(|saved| saved.name.as_str())
    }

    /// The names of all what-ifs.
    pub fn what_if_names(&self) -> impl Iterator<Item = &str> {
        self.what_ifs.iter().map(|saved| saved.name.as_str())
    }

    /// Puts the scenario in place of its name, where it is known.
    pub fn fill_scenario(&self, spec: &mut ScenarioSpec) {
        fill(&self.scenarios, spec);
    }

    /// Puts the what-if in place of its name, where it is known.
    pub fn fill_what_if(&self, spec: &mut WhatIfSpec) {
        fill(&self.what_ifs, spec);
    }

    /// Puts scenarios and what-ifs in place of the names that a question mentions, where they are known.
    pub fn fill_ask(&self, ask: &mut Ask) {
        ask.mentions().into_iter().for_each(|mention| self.fill_mention(mention));
    }

    /// The same for one mention.
    pub fn fill_mention(&self, mention: Mention<'_>) {
        match mention {
            Mention::Scenario(spec) => self.fill_scenario(spec),
            Mention::Variant(spec) => self.fill_variant(spec),
            Mention::Seed(_) => {}
            Mention::State(spec) => self.fill_state(spec),
            Mention::Question { query, ask, scope } => {
                let found = self.questions.iter().find(|saved| query.as_ref() == Some(&saved.name));
                if let Some(found) = found.filter(|_| ask.is_none()) {
                    (*query, *ask) = (None, Some(Box::new(found.told.0.clone())));
                    scope.into_iter().for_each(|scope| scope.clone_from(&found.told.1));
                }
            }
        }
    }

    /// Puts a what-if or scenario in place of its name, and of the names in it, where they are known.
    pub fn fill_variant(&self, spec: &mut Told<Variant>) {
        if let Told::Inline(variant, _) = spec {
            variant.what_if.iter_mut().for_each(|own| self.fill_what_if(own));
            variant.scenario.iter_mut().for_each(|own| self.fill_scenario(own));
        }
        let Some(name) = spec.open_name() else { return };
        let what_if = self.what_ifs.iter().find(|saved| saved.name == name);
        let scenario = self.scenarios.iter().find(|saved| saved.name == name);
        let variant = what_if.map(|saved| saved.told.clone().into());
        if let Some(variant) = variant.or(scenario.map(|saved| saved.told.clone().into())) {
            let variant = Variant { name: Some(name.to_string()), ..variant };
            *spec = Told::Inline(Box::new(variant), Some(name.to_string()));
        }
    }

    /// Puts a what-if in place of its name, and of the names in it, where they are known.
    pub fn fill_state(&self, spec: &mut Told<State>) {
        if let Told::Inline(state, _) = spec {
            state.what_if.iter_mut().for_each(|own| self.fill_what_if(own));
        }
        let Some(name) = spec.open_name() else { return };
        if let Some(found) = self.what_ifs.iter().find(|saved| saved.name == name) {
            let what_if = Told::Inline(Box::new(found.told.clone()), Some(name.to_string()));
            *spec = Told::Inline(Box::new(State::from(what_if)), Some(name.to_string()));
        }
    }

    /// The same for the what-ifs of a scope.
    pub fn fill_scope(&self, scope: &mut ScopeSpec) {
        scope.what_if.iter_mut().for_each(|spec| self.fill_what_if(spec));
    }
}

fn fill<T: Clone>(saved: &[Saved<T>], spec: &mut Told<T>) {
    if let Some(name) = spec.open_name()
        && let Some(found) = saved.iter().find(|saved| saved.name == name)
    {
        *spec = Told::Inline(Box::new(found.told.clone()), Some(found.name.clone()));
    }
}

/// Reads a scenario file.
pub(super) fn scenario(text: &Text) -> Result<Saved<Scenario>, Vec<Diagnostic>> {
    const SECTIONS: &[&str] = &["title", "note", "shocks"];
    let mut file = File::new(text, Scenario::NOUN, SECTIONS, "a scenario has a `title` and `shocks`");
    let read = parts::<TimedShock>(&mut file, "shocks", "shocks: [(on: Entity(\"tsmc\"), what: Failure)]");
    let told = read.map(|(title, note, shocks)| Scenario { title, note, shocks });
    file.finish(told).map(|told| saved(text, told))
}

/// Reads a what-if file.
pub(super) fn what_if(text: &Text) -> Result<Saved<WhatIf>, Vec<Diagnostic>> {
    const SECTIONS: &[&str] = &["title", "note", "changes"];
    let mut file = File::new(text, WhatIf::NOUN, SECTIONS, "a what-if has a `title` and `changes`");
    let read = parts::<Change>(&mut file, "changes", "changes: [RemoveRelation(\"some-key\")]");
    let told = read.map(|(title, note, changes)| WhatIf { title, note, changes });
    file.finish(told).map(|told| saved(text, told))
}

fn saved<T>(text: &Text, told: T) -> Saved<T> {
    Saved { name: stem(&text.name).to_string(), path: text.name.to_string(), told }
}

/// Title, note and the items of a list, each read by itself.
fn parts<T: serde::de::DeserializeOwned>(
    file: &mut File<'_>,
    list: &str,
    example: &str,
) -> Option<(String, Option<String>, Vec<T>)> {
    let sections = file.outline()?;
    let text = file.text;
    let find = |name: &str| {
        let named = |section: &&Section| text.text.get(section.name.clone()) == Some(name);
        sections.iter().find(named).cloned()
    };
    let lacks = |file: &mut File<'_>, name: &str, example: &str| {
        let message = format!("the {} lacks `{name}`", file.noun);
        let problem = file.problem(Code::MissingField, 0..1, message);
        file.problems.push(problem.expected(format!("`{example},`")));
    };
    let title: Option<String> = match find("title") {
        Some(section) => file.parse_plain(&section.value),
        None => {
            lacks(file, "title", "title: \"…\"");
            None
        }
    };
    let note: Option<String> = find("note").and_then(|section| file.parse_plain(&section.value));
    let Some(section) = find(list) else {
        lacks(file, list, example);
        return None;
    };
    if !file.slice(&section.value).starts_with('[') {
        let problem = file.problem(Code::WrongType, section.value.clone(), format!("`{list}` is not a list"));
        file.problems.push(problem.expected(format!("`{example}`")));
        return None;
    }
    let (found, faults) = items(&text.text, &section.value);
    for fault in faults {
        file.push(Code::Syntax, fault.place, format!("expected {}", fault.expected));
    }
    if found.is_empty() {
        let problem = file.problem(Code::MissingField, section.value.clone(), format!("`{list}` is empty"));
        file.problems.push(problem.expected(format!("`{example}`")));
    }
    let all: Vec<T> = found.iter().filter_map(|item| file.parse_plain(item)).collect();
    Some((title?, note, all))
}
