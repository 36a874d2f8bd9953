//! `linchpin verify`: asks again what an answer says that it was asked, and tells what differs.

use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use crate::analysis::{Ask, Unobserved, View, ron_options};
use crate::answer::{differences, to_json};
use crate::dataset::patched;
use crate::model::{Confidence, Status};
use crate::query::how_sure;
use crate::scope::ScopeSpec;
use crate::uncertainty::Uncertainty;
use crate::what_if::{Told, WhatIf};

use super::exit::{Exit, Stop};
use super::home::Home;
use super::session::Session;

/// Ask an answer again and tell what differs.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin concentration --market hbm -o hbm.json && linchpin verify hbm.json
  linchpin verify report                           every answer of a report

Ends with 0 where all are identical, with 1 where anything differs: the content of the dataset, the version of
the program, or cells, findings, caveats and evidence, each named.")]
pub struct Verify {
    /// Answers in JSON, or folders of reports
    #[arg(value_name = "ANSWER.json|REPORT", required = true)]
    answers: Vec<PathBuf>,
}

/// The folder of a report that holds its answers.
const ANSWERS: &str = "json";
/// The caveat of answers that come from the compiled-in dataset.
const COMPILED_IN: &str = "compiled-in";

/// What an answer says of how it was asked.
#[derive(Debug, Deserialize)]
struct Written {
    schema: u32,
    graph: WrittenGraph,
    scope: WrittenScope,
    query: String,
    command: String,
    seed: u64,
    #[serde(default)]
    uncertainty: Option<String>,
}

#[derive(Debug, Deserialize)]
struct WrittenGraph {
    name: String,
}

#[derive(Debug, Deserialize)]
struct WrittenScope {
    as_of: String,
    status: Vec<Status>,
    min_confidence: Confidence,
    stale_after: u32,
    #[serde(default)]
    what_if: Vec<WrittenWhatIf>,
}

#[derive(Debug, Deserialize)]
struct WrittenWhatIf {
    ron: String,
}

impl Verify {
    /// Asks all answers again.
    ///
    /// # Errors
    /// A file that cannot be read or is no answer; questions that have no answer any more count as differences.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a verification")?;
        if session.options.scope != ScopeSpec::default() {
            return Err(Stop::usage(
                "an answer is asked again as it was: --as-of, --status, --min-confidence, --stale-after and --what-if do not go with verify",
            ));
        }
        let mut files = Vec::new();
        for path in &self.answers {
            files.extend(answers(path)?);
        }
        let mut text = String::new();
        let mut differing = 0;
        for file in &files {
            let found = again(session, file)?;
            let name = file.display();
            match found.as_slice() {
                [] => text.push_str(&format!("{name}: identical\n")),
                found => {
                    differing += 1;
                    text.push_str(&format!("{name}: differs\n"));
                    found.iter().for_each(|line| text.push_str(&format!("  {line}\n")));
                }
            }
        }
        if files.len() > 1 {
            text.push_str(&format!("{} of {} answers are identical\n", files.len() - differing, files.len()));
        }
        session.write(text.as_bytes())?;
        Ok(if differing == 0 { Exit::Ok } else { Exit::Failed })
    }
}

/// The answers that a path names, in the order of their names.
fn answers(path: &Path) -> Result<Vec<PathBuf>, Stop> {
    if !path.exists() {
        return Err(Stop::usage(format!("there is no {}", path.display())));
    }
    if !path.is_dir() {
        return Ok(vec![path.to_path_buf()]);
    }
    let folder = path.join(ANSWERS);
    let failed = |error: std::io::Error| {
        Stop::usage(format!(
            "{}: expected a report with a folder {ANSWERS} of answers: {error}",
            path.display()
        ))
    };
    let entries = fs::read_dir(&folder).map_err(failed)?;
    let files = entries.flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
    files.sort();
    if files.is_empty() {
        return Err(Stop::usage(format!("{} holds no answer", folder.display())));
    }
    Ok(files)
}

/// What differs when the answer of a file is asked again.
fn again(session: &Session, file: &Path) -> Result<Vec<String>, Stop> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|error| Stop::failed(format!("{name}: {error}")))?;
    let no_answer = |error: &dyn std::fmt::Display| {
        Stop::usage(format!("{name}: expected an answer as --format json writes it: {error}"))
    };
    let was: Value = serde_json::from_str(&text).map_err(|error| no_answer(&error))?;
    let written: Written = serde_json::from_str(&text).map_err(|error| no_answer(&error))?;
    if written.schema != 1 {
        return Err(no_answer(&format!("its schema is {}, and this version reads 1", written.schema)));
    }
    let mut ask: Ask = match ron_options().from_str(&written.query) {
        Ok(ask) => ask,
        Err(error) => return Ok(vec![format!("its question is not understood by this version: {error}")]),
    };
    session.fill_ask(&mut ask)?;
    let home = home(session, &written.graph.name)?;
    let opened = session.open_at(home)?;
    let mut spec = ScopeSpec {
        as_of: Some(written.scope.as_of),
        status: written.scope.status,
        min_confidence: Some(written.scope.min_confidence),
        stale_after: Some(written.scope.stale_after),
        what_if: Vec::new(),
    };
    for own in &written.scope.what_if {
        let told: WhatIf = ron_options().from_str(&own.ron).map_err(|error| no_answer(&error))?;
        spec.what_if.push(Told::Inline(Box::new(told), None));
    }
    let plain = ask.own_graph().unwrap_or(&opened.graph);
    let graph = match patched(plain, &spec.what_if) {
        Ok(graph) => graph,
        Err(errors) => return Ok(vec![format!("its what-if cannot be made any more: {errors}")]),
    };
    let view = View { graph: &graph, scope: spec.resolve(graph.default_as_of())? };
    let how: Uncertainty = match &written.uncertainty {
        Some(text) => ron_options().from_str(text).map_err(|error| no_answer(&error))?,
        None => Uncertainty::default(),
    };
    let mut answer = match ask.run_how_sure(&view, &how, &Unobserved) {
        Ok(answer) => answer,
        Err(error) => return Ok(vec![format!("it has no answer any more: {error}")]),
    };
    let noted = was["caveats"].as_array().is_some_and(|all| all.iter().any(|own| own["code"] == COMPILED_IN));
    if let Some(note) = opened.home.note().filter(|_| noted) {
        answer.caveat(COMPILED_IN, note, None);
    }
    let mut provenance = view.provenance(&ask, written.command, written.seed);
    provenance.uncertainty = how_sure(&how);
    let again = to_json(&answer, &provenance)?;
    let is: Value = serde_json::from_str(&again).map_err(|error| Stop::failed(error.to_string()))?;
    Ok(differences(&was, &is))
}

/// The dataset that was asked: the one told, or the usual one, or the one of that name beside it.
fn home(session: &Session, name: &str) -> Result<Home, Stop> {
    let usual = session.home();
    if session.options.graph().is_some() {
        return Ok(usual);
    }
    let own = usual.load(&Unobserved)?.facts.map(|facts| facts.meta.name);
    Ok(match own.as_deref() == Some(name) {
        true => usual,
        false => Home::beside(None, name).unwrap_or(usual),
    })
}
