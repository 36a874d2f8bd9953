//! What a report asks: every query and every figure, side by side, or shared with other processes.

use crate::analysis::{Observer, View};
use crate::answer::{Answer, Provenance, Table};
use crate::diagram::view::Draw;
use crate::diagram::{Engine, Format};
use crate::graph::Graph;
use crate::observer::spread;
use crate::query::{Query, Show};

use super::Options;

/// An answer with its figures.
pub struct Answered {
    pub answer: Answer,
    pub provenance: Provenance,
    pub figures: Vec<Drawn>,
}

/// The figure of one `Show::Diagram`, in order.
pub struct Drawn {
    pub outcome: Result<Outcome, String>,
    pub command: String,
    pub warnings: Vec<String>,
}

/// A figure, what it folds, and its text.
pub struct Outcome {
    pub svg: String,
    pub folded: Table,
    pub alt: String,
}

/// A piece of the work.
enum Done {
    Answer(Box<Result<(Answer, Provenance), String>>),
    Figure(Box<Result<Drawn, String>>),
}

#[cfg(feature = "cluster")]
crate::travel::travels! {
    struct Drawn { outcome, command, warnings }
    struct Outcome { svg, folded, alt }
}
#[cfg(feature = "cluster")]
crate::travel::travels! {
    enum Done { Answer { 0: answer }, Figure { 0: figure } }
}

/// The answers to the queries with their figures, or why there is none; the observer hears of each answer and each figure.
pub fn ask(
    graph: &Graph,
    queries: &[Query],
    options: &Options,
    observer: &dyn Observer,
) -> Vec<Result<Answered, String>> {
    let work = |query| {
        let figures = figures(query, options).map(move |draw| (query, Some(draw)));
        std::iter::once((query, None)).chain(figures)
    };
    let work: Vec<(&Query, Option<&Draw>)> = queries.iter().flat_map(work).collect();
    observer.begin(work.len());
    let done = spread(observer, work.len(), &|at: usize| {
        let done = |(query, draw): &(&Query, Option<&Draw>)| match draw {
            None => Done::Answer(Box::new(answer(graph, query, options))),
            Some(draw) => Done::Figure(Box::new(figure(graph, query, draw, options))),
        };
        work.get(at).map(done)
    });
    let mut all: Vec<Result<Answered, String>> = Vec::with_capacity(queries.len());
    for done in done.into_iter().flatten() {
        match done {
            Done::Answer(answer) => {
                let bare = |(answer, provenance)| Answered { answer, provenance, figures: Vec::new() };
                all.push(answer.map(bare));
            }
            Done::Figure(drawn) => {
                // without an answer there is nothing that a figure could stand beside
                let Some(last) = all.last_mut() else { continue };
                if let Ok(answered) = last {
                    match *drawn {
                        Ok(drawn) => answered.figures.push(drawn),
                        Err(why) => *last = Err(why),
                    }
                }
            }
        }
    }
    all
}

/// The figures of a query that the report has room for.
fn figures<'q>(query: &'q Query, options: &Options) -> impl Iterator<Item = &'q Draw> + use<'q> {
    let drawn = |show: &'q Show| match show {
        Show::Diagram(draw) => Some(draw),
        _ => None,
    };
    query.show.iter().filter_map(drawn).take(options.template.cuts(&query.name).figures)
}

/// The dataset that a query asks, and the option that names it.
fn dataset<'r>(
    graph: &'r Graph,
    query: &Query,
    options: &'r Options,
) -> Result<(&'r Graph, Option<&'r String>), String> {
    match &query.graph {
        None => Ok((graph, options.option.as_ref())),
        Some(name) => match options.others.get(name) {
            Some(Ok(other)) => Ok((&other.graph, other.option.as_ref())),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("it asks the dataset {name}, which is not at hand")),
        },
    }
}

fn answer(graph: &Graph, query: &Query, options: &Options) -> Result<(Answer, Provenance), String> {
    let (graph, _) = dataset(graph, query, options)?;
    let (answer, mut provenance) = query.run(graph, &options.scope).map_err(|error| error.to_string())?;
    provenance.command.extend(options.option.iter().map(|option| format!(" {option}")));
    Ok((answer, provenance))
}

fn figure(graph: &Graph, query: &Query, draw: &Draw, options: &Options) -> Result<Drawn, String> {
    let (graph, option) = dataset(graph, query, options)?;
    let what_if = query.patched(graph, &options.scope).map_err(|error| error.to_string())?;
    let graph = what_if.as_ref().unwrap_or(graph);
    let view = query.view(graph, &options.scope).map_err(|error| error.to_string())?;
    let mut warnings = Vec::new();
    let mut command = draw.command(&view);
    let outcome = outcome(&view, draw, &command, option, &mut warnings);
    command.extend(option.map(|option| format!(" {option}")));
    Ok(Drawn { outcome, command, warnings })
}

fn outcome(
    view: &View<'_>,
    draw: &Draw,
    command: &str,
    option: Option<&String>,
    warnings: &mut Vec<String>,
) -> Result<Outcome, String> {
    let mut drawing = draw.draw(view).map_err(|error| error.to_string())?;
    option.iter().for_each(|option| drawing.name_dataset(command, option));
    let figure = drawing.figure.render(Format::Svg, Engine::Embedded).map_err(|error| error.to_string())?;
    warnings.extend(figure.warnings.iter().map(ToString::to_string));
    let svg = String::from_utf8(figure.bytes).map_err(|error| error.to_string())?;
    Ok(Outcome { svg, folded: drawing.folded, alt: drawing.figure.alt_text() })
}
