//! `linchpin report`: many answers in one document.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::query::Query;
use crate::report::{self, Asked, BUILT_IN, Dataset, Form, ReportError, Summary, Template};

use super::crew;
use super::exit::{Exit, Stop};
use super::library::QueryFolder;
use super::output;
use super::session::Session;

/// Bind the answers to saved questions into one document.
#[derive(Clone, Debug, clap::Args)]
#[command(after_help = "\
Examples:
  linchpin report                                  all saved queries, into ./report
  linchpin report -o out what-hangs-on-tsmc        one of them
  linchpin report --template brief -o brief.pdf    the first of each chapter, for print
  linchpin report --also pdf,xlsx,md               the page with all other forms beside it

Writes index.html, which needs nothing else, and beside it the tables as CSV and the figures as SVG; to a name
that ends in .html, .md, .pdf or .xlsx that form alone. A folder that holds anything but a report is left alone.
Prints the name of the page.

A template is a RON file: (title: \"…\", front: [\"…\"], chapters: [(title: \"…\", queries: [\"…\"])], each: 2, findings: 2,
figures: 1, tables: 1, rows: 6, methods: false, evidence: false). Every field may be left out.")]
pub struct Report {
    /// The queries, by name or file; all where none is given
    #[arg(value_name = "QUERY")]
    names: Vec<String>,
    /// The headline
    #[arg(long)]
    title: Option<String>,
    /// What it holds: brief, full, or a file
    #[arg(long, value_name = "brief|full|FILE.ron", default_value = "full")]
    template: String,
    /// Other forms to put beside the page
    #[arg(long, value_name = "FORM", value_delimiter = ',', value_parser = parse_form)]
    also: Vec<Form>,
    #[command(flatten)]
    from: QueryFolder,
}

/// The folder of a report where none is named.
const FOLDER: &str = "report";

/// Remarks on figures that are told one by one.
const SHOWN: usize = 3;

impl Report {
    /// Writes it.
    ///
    /// # Errors
    /// As the queries, the dataset, the template and the folder say.
    pub fn run(&self, session: &Session) -> Result<Exit, Stop> {
        session.no_answer_options("a report")?;
        let target = match &session.options.output {
            Some(path) if path.as_os_str() == "-" => {
                return Err(Stop::usage("--output: a report is a folder or a file, it cannot go to stdout"));
            }
            Some(path) => path.clone(),
            None => PathBuf::from(FOLDER),
        };
        let form = alone(&target);
        if let Some(form) = form.filter(|_| !self.also.is_empty()) {
            let ending = form.ending();
            return Err(Stop::usage(format!("--also goes with a folder; -o names one .{ending} file")));
        }
        let queries = if self.names.is_empty() {
            let library = self.from.open()?;
            library.all_sound(session)?;
            library.queries
        } else {
            self.names.iter().map(|name| self.from.find(session, name)).collect::<Result<_, _>>()?
        };
        let template = self.template(session, &queries)?;
        let opened = session.open_plain()?;
        let options = report::Options {
            title: self.title.clone(),
            template,
            also: self.also.clone(),
            scope: session.options.scope.clone(),
            command: Some(session.command.clone()),
            note: opened.home.note(),
            option: opened.home.option(),
            others: others(session, &queries),
        };
        let what = || asked(&queries, &options);
        let crew = crew::gather(session, &what)?.join(session, &opened.graph, &what)?;
        let asked = {
            let bar = session.bar().with(crew.member());
            report::ask(&opened.graph, &queries, &options, &bar)
        };
        if !crew.leave(session, &opened.graph) {
            return Ok(Exit::Ok);
        }
        let summary = write(&target, form, asked)?;
        options.note.iter().for_each(|note| session.note(note));
        tell(session, &summary);
        session.print(&format!("{}\n", summary.index.display()))?;
        let whole = summary.unanswered.is_empty();
        Ok(if session.options.strict && !whole { Exit::Incomplete } else { Exit::Ok })
    }

    /// The template, by name or from a file.
    fn template(&self, session: &Session, queries: &[Query]) -> Result<Template, Stop> {
        if let Some(template) = Template::built_in(&self.template) {
            return Ok(template);
        }
        let path = Path::new(&self.template);
        if path.extension().is_none_or(|ending| ending != "ron") {
            let known: Vec<&str> = BUILT_IN.iter().map(|(name, _)| *name).collect();
            let message = format!("--template {}: expected {} or a file", self.template, known.join(", "));
            return Err(Stop::usage(format!("{message} that ends in .ron")));
        }
        let text = std::fs::read_to_string(path)
            .map_err(|error| Stop::usage(format!("--template: cannot read {}: {error}", path.display())))?;
        Template::parse(&self.template, &text, queries).map_err(|problems| {
            session.tell_problems(&problems);
            Stop::invalid(format!("the template {} has errors, see above", path.display()))
        })
    }
}

/// All that answers and figures hang on beside the data and the program, a question a line.
fn asked(queries: &[Query], options: &report::Options) -> String {
    let mut lines =
        vec![format!("report, {:?}, {:?}, {:?}", options.template, options.scope, options.option)];
    for (name, other) in &options.others {
        let other = other.as_ref().map(|own| (own.graph.hash(), &own.option));
        lines.push(format!("dataset {name}: {other:?}"));
    }
    let line = |query: &Query| format!("{}: {}", query.name, query.to_ron().replace('\n', " "));
    lines.extend(queries.iter().map(line));
    lines.join("\n")
}

/// Writes a folder, or one form alone.
fn write(target: &Path, form: Option<Form>, asked: Asked<'_>) -> Result<Summary, Stop> {
    let Some(form) = form else { return Ok(asked.write(target)?) };
    let (bytes, mut summary) = asked.single(form)?;
    output::to_file(target, &bytes)?;
    summary.index = target.to_path_buf();
    Ok(summary)
}

/// What became of it.
fn tell(session: &Session, summary: &Summary) {
    for (query, why) in summary.unanswered.iter().chain(summary.warnings.iter().take(SHOWN)) {
        session.note(&format!("{query}: {why}"));
    }
    if summary.warnings.len() > SHOWN {
        session.note(&format!("{} more remarks on figures", summary.warnings.len() - SHOWN));
    }
    let all = summary.answered + summary.unanswered.len();
    let files = if summary.files == 1 { "1 file".to_string() } else { format!("{} files", summary.files) };
    session.note(&format!("{} of {all} questions answered, {files}", summary.answered));
}

/// The form that the name of a file says; a folder where it says none.
fn alone(path: &Path) -> Option<Form> {
    let ending = path.extension()?.to_str()?.to_ascii_lowercase();
    Form::ALL.into_iter().find(|form| form.ending() == ending).filter(|_| !path.is_dir())
}

/// A form by the ending of its files.
fn parse_form(word: &str) -> Result<Form, String> {
    let known = || Form::ALL.map(Form::ending).join(", ");
    Form::ALL
        .into_iter()
        .find(|form| form.ending() == word)
        .ok_or_else(|| format!("expected one of {}", known()))
}

/// The datasets that queries name instead of the usual one, or why they are not at hand.
fn others(session: &Session, queries: &[Query]) -> BTreeMap<String, Result<Dataset, String>> {
    let mut others = BTreeMap::new();
    for query in queries {
        let Some(name) = query.graph.as_ref().filter(|name| !others.contains_key(*name)) else { continue };
        let opened = session.open_for(query).map_err(|stop| stop.message);
        let dataset = opened.map(|opened| Dataset { option: opened.home.option(), graph: opened.graph });
        others.insert(name.clone(), dataset);
    }
    others
}

impl From<ReportError> for Stop {
    fn from(error: ReportError) -> Self {
        match error {
            ReportError::NotOurs { .. } | ReportError::Current(_) | ReportError::NoQueries => {
                Self::usage(error.to_string())
            }
            ReportError::NoAnswers(_)
            | ReportError::Io { .. }
            | ReportError::Form { .. }
            | ReportError::NotBuilt(_) => Self::failed(error.to_string()),
        }
    }
}
