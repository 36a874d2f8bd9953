//! The saved questions at hand: of a folder, of the working directory, or of the program.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::builtin;
use crate::dataset::Diagnostic;
use crate::graph::nearest;
use crate::query::{Loaded, Query, Stories, load_dir, load_file};

use super::exit::Stop;
use super::session::Session;

/// Where saved questions are looked for when no folder is named.
const FOLDER: &str = "queries";

/// Which folder of saved questions to use.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct QueryFolder {
    /// The folder of saved queries [default: queries here, else those compiled into the program]
    #[arg(long, value_name = "DIR")]
    queries: Option<PathBuf>,
}

/// Saved questions, those that are sound and what is wrong with the others.
#[derive(Clone, Debug)]
pub struct Library {
    /// The sound ones, in the order of their names.
    pub queries: Vec<Query>,
    /// Scenarios and what-ifs.
    pub stories: Arc<Stories>,
    problems: Vec<Diagnostic>,
    place: String,
}

impl QueryFolder {
    /// Reads the questions.
    ///
    /// # Errors
    /// The folder named is not there.
    pub fn open(&self) -> Result<Library, Stop> {
        let (loaded, place) = match &self.queries {
            Some(folder) if !folder.exists() => {
                return Err(Stop::usage(format!("--queries: there is no {}", folder.display())));
            }
            Some(folder) => (load_dir(folder), folder.display().to_string()),
            None if holds_queries(Path::new(FOLDER)) => (load_dir(Path::new(FOLDER)), FOLDER.to_string()),
            None => (builtin::queries(), "the compiled-in queries".to_string()),
        };
        let Loaded { queries, stories, diagnostics } = loaded;
        Ok(Library { queries, stories: Arc::new(stories), problems: diagnostics, place })
    }

    /// The question of a file, or the one of that name.
    ///
    /// # Errors
    /// There is no such file or name, or it makes no sense, which is then told on stderr.
    pub fn find(&self, session: &Session, name: &str) -> Result<Query, Stop> {
        let path = Path::new(name);
        if !path.is_file() && !name.ends_with(".ron") {
            return self.open()?.find(session, name);
        }
        if !path.is_file() {
            return Err(Stop::usage(format!("there is no file {name}")));
        }
        let loaded = load_file(path);
        let Some(mut found) = loaded.queries.into_iter().next() else {
            session.tell_problems(&loaded.diagnostics);
            return Err(Stop::invalid(format!("{name} is no query, see above")));
        };
        found.fill(&self.open()?.stories);
        Ok(found)
    }
}

/// Whether a folder is one of saved queries and not of something else of that name.
fn holds_queries(folder: &Path) -> bool {
    let is_ron = |entry: fs::DirEntry| entry.path().extension().is_some_and(|ending| ending == "ron");
    fs::read_dir(folder).is_ok_and(|entries| entries.flatten().any(is_ron))
}

impl Library {
    /// Whether every question is sound; where not, tells what is wrong on stderr.
    ///
    /// # Errors
    /// One of them makes no sense.
    pub fn all_sound(&self, session: &Session) -> Result<(), Stop> {
        if self.problems.is_empty() {
            return Ok(());
        }
        session.tell_problems(&self.problems);
        Err(Stop::invalid(format!("{} has queries with errors, see above", self.place)))
    }

    /// The question of that name.
    ///
    /// # Errors
    /// There is none, or one that makes no sense.
    pub fn find(&self, session: &Session, name: &str) -> Result<Query, Stop> {
        if let Some(query) = self.queries.iter().find(|query| query.name == name) {
            return Ok(query.clone());
        }
        let file = format!("{name}.ron");
        let about: Vec<Diagnostic> =
            self.problems.iter().filter(|p| p.span.file.ends_with(&file)).cloned().collect();
        if !about.is_empty() {
            session.tell_problems(&about);
            return Err(Stop::invalid(format!("{name} is no query, see above")));
        }
        let near = nearest(name, self.queries.iter().map(|query| query.name.as_str()));
        let hint = if near.is_empty() {
            "`linchpin list queries` lists them".to_string()
        } else {
            format!("did you mean {}?", near.join(" or "))
        };
        Err(Stop::usage(format!("there is no query {name:?} in {}; {hint}", self.place)))
    }
}
