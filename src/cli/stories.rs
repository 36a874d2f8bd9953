//! Scenarios and what-ifs that a command line names: files, or those of the library.

use std::path::Path;
use std::sync::Arc;

use crate::analysis::{Ask, Held, Mention, State, Variant};
use crate::dataset::{Diagnostic, PatchErrors};
use crate::graph::nearest;
use crate::query::{Saved, Stories, load_scenario, load_what_if};
use crate::scope::ScopeSpec;
use crate::what_if::Told;

use super::exit::Stop;
use super::library::QueryFolder;
use super::session::Session;

impl Session {
    /// Puts the what-ifs of the options in place of their names.
    ///
    /// # Errors
    /// There is no such file or name, or the file makes no sense, which is then told on stderr.
    pub fn fill_what_ifs(&mut self) -> Result<(), Stop> {
        if self.options.scope.what_if.iter().all(|spec| spec.open_name().is_none()) {
            return Ok(());
        }
        let library = QueryFolder::default().open()?;
        let mut what_ifs = std::mem::take(&mut self.options.scope.what_if);
        for spec in &mut what_ifs {
            self.fill_file(spec, load_what_if)?;
            library.stories.fill_what_if(spec);
            if let Some(name) = spec.open_name() {
                let near = nearest(name, library.stories.what_if_names());
                return Err(Stop::usage(format!(
                    "--what-if: there is no what-if {name:?}; {}",
                    hint(&near, "what-ifs")
                )));
            }
        }
        self.options.scope.what_if = what_ifs;
        Ok(())
    }

    /// Puts scenarios and what-ifs in place of the names that a question mentions. A name that is neither a file nor in
    /// the library stays: the dataset may have a scenario of that name. Gives the scope of the saved question in it.
    ///
    /// # Errors
    /// There is no such file, or it makes no sense, which is then told on stderr.
    pub fn fill_ask(&self, ask: &mut Ask) -> Result<ScopeSpec, Stop> {
        self.fill(ask.mentions())
    }

    /// The same for what a view mentions.
    ///
    /// # Errors
    /// As for a question.
    pub fn fill(&self, mentions: Vec<Mention<'_>>) -> Result<ScopeSpec, Stop> {
        let mut scope = None;
        let mut stories: Option<Arc<Stories>> = None;
        for mention in mentions {
            if let Mention::Seed(seed) = mention {
                if self.options.seed != 0 {
                    *seed = self.options.seed;
                }
                continue;
            }
            if stories.is_none() {
                stories = Some(QueryFolder::default().open()?.stories);
            }
            let Some(stories) = &stories else { continue };
            match mention {
                Mention::Scenario(spec) => {
                    self.fill_file(spec, load_scenario)?;
                    stories.fill_scenario(spec);
                }
                Mention::Variant(spec) => {
                    self.fill_file(spec, load_variant)?;
                    stories.fill_variant(spec);
                }
                Mention::Seed(_) => {}
                Mention::State(spec) => {
                    self.fill_dataset(spec)?;
                    stories.fill_state(spec);
                }
                Mention::Question { query, ask, scope: slot } => {
                    if let Some(name) = query.as_ref().filter(|_| ask.is_none()) {
                        let found = QueryFolder::default().find(self, name)?;
                        match slot {
                            Some(slot) => *slot = found.scope,
                            None => scope = Some(found.scope),
                        }
                        (*query, *ask) = (None, Some(Box::new(found.ask)));
                    }
                }
            }
        }
        Ok(scope.unwrap_or_default())
    }

    /// Reads the dataset that one side of a difference names: a folder, or a file that is no what-if.
    fn fill_dataset(&self, spec: &mut Told<State>) -> Result<(), Stop> {
        if let Told::Inline(state, _) = spec {
            if let (Some(dataset), None) = (&state.dataset, &state.held) {
                state.held = Some(Held::new(self.read_dataset(Path::new(dataset))?));
            }
            return state.what_if.iter_mut().try_for_each(|own| self.fill_file(own, load_what_if));
        }
        let Some(name) = spec.open_name().map(str::to_string) else { return Ok(()) };
        let path = Path::new(&name);
        if path.is_file()
            && let Ok(saved) = load_what_if(path)
        {
            let what_if = Told::Inline(Box::new(saved.told), Some(name.clone()));
            *spec = Told::Inline(Box::new(State::from(what_if)), Some(name));
        } else if path.exists() {
            let held = Some(Held::new(self.read_dataset(path)?));
            let state = State { dataset: Some(name.clone()), held, ..State::default() };
            *spec = Told::Inline(Box::new(state), Some(name));
        }
        Ok(())
    }

    /// Reads what a name stands for, where it is that of a file.
    fn fill_file<T>(
        &self,
        spec: &mut Told<T>,
        load: impl Fn(&Path) -> Result<Saved<T>, Vec<Diagnostic>>,
    ) -> Result<(), Stop> {
        let Some(name) = spec.open_name() else { return Ok(()) };
        let path = Path::new(name);
        if !path.is_file() {
            return if name.ends_with(".ron") {
                Err(Stop::usage(format!("there is no file {name}")))
            } else {
                Ok(())
            };
        }
        match load(path) {
            Ok(saved) => {
                *spec = Told::Inline(Box::new(saved.told), Some(name.to_string()));
                Ok(())
            }
            Err(problems) => {
                self.tell_problems(&problems);
                Err(Stop::invalid(format!("{name} makes no sense, see above")))
            }
        }
    }
}

/// A variant from a file: a what-if, or else a scenario.
fn load_variant(path: &Path) -> Result<Saved<Variant>, Vec<Diagnostic>> {
    let saved = |name, path, told| Saved { name, path, told };
    match (load_what_if(path), load_scenario(path)) {
        (Ok(own), _) => Ok(saved(own.name, own.path, own.told.into())),
        (_, Ok(own)) => Ok(saved(own.name, own.path, own.told.into())),
        // the file is of the sort of which it has fewer problems
        (Err(what_if), Err(scenario)) => Err(if scenario.len() < what_if.len() { scenario } else { what_if }),
    }
}

/// Which names may be meant, or how to see all.
fn hint(near: &[String], list: &str) -> String {
    match near.is_empty() {
        true => format!("`linchpin list {list}` lists them"),
        false => format!("did you mean {}?", near.join(" or ")),
    }
}

/// The scenarios of the library whose names are like one that is not known.
pub fn near_scenarios(name: &str) -> Vec<String> {
    let library = QueryFolder::default().open();
    library.map(|library| nearest(name, library.stories.scenario_names())).unwrap_or_default()
}

impl From<PatchErrors> for Stop {
    fn from(errors: PatchErrors) -> Self {
        Self::usage(errors.to_string())
    }
}
