//! One command for each analysis, all from the registry.

use crate::analysis::{Ask, CARDS, Card, Series, View};
use crate::dataset::patched;
use crate::query::{Query, how_sure};
use crate::scope::ScopeSpec;
use crate::uncertainty::Uncertainty;

use super::crew;
use super::exit::{Exit, Stop};
use super::print;
use super::session::{Opened, Session};

/// Asks a question of the dataset.
///
/// # Errors
/// As the dataset, the analysis and the output say.
pub fn run(session: &Session, ask: &Ask) -> Result<Exit, Stop> {
    let mut ask = ask.clone();
    let own = session.fill_ask(&mut ask)?;
    if let Some(over) = &session.over {
        ask = through_time(ask, over);
    }
    let ask = &ask;
    let scope = session.options.scope.or(&own);
    let how = session.options.uncertainty();
    let crew = crew::gather(session, &|| asked(ask, &scope, &how))?;
    let mut opened = match ask.own_graph() {
        Some(graph) => {
            let graph = patched(graph, &session.options.scope.what_if)?;
            Opened { graph, home: session.home() }
        }
        None => session.open_in(crew.line()).map_err(|stop| crew.fail(stop))?,
    };
    if session.options.scope.what_if.is_empty() && !scope.what_if.is_empty() {
        opened.graph = patched(&opened.graph, &scope.what_if)?;
    }
    let view = View { graph: &opened.graph, scope: session.scope(&opened.graph, &own)? };
    let crew = crew.join(session, &opened.graph, &|| asked(ask, &scope, &how))?;
    let answer = {
        let bar = session.bar_for(ask, &how)?.with(crew.member());
        ask.run_how_sure(&view, &how, &bar).map_err(|why| crew.fail(why.into()))?
    };
    if !crew.leave(session, &opened.graph) {
        return Ok(Exit::Ok);
    }
    let mut query = Query::new(&answer.analysis, &answer.title, &answer.question, ask.clone(), scope);
    query.graph = opened.home.sibling();
    // a seed that nothing draws with says nothing
    query.uncertainty = if how.is_asked() { how.clone() } else { Uncertainty::default() };
    print::save(session, &query)?;
    let mut provenance = session.provenance(&view, ask);
    provenance.uncertainty = how_sure(&how);
    print::answer(session, &opened, answer, &provenance)
}

/// All that an answer hangs on beside the data and the program, as text.
fn asked(ask: &Ask, scope: &ScopeSpec, how: &Uncertainty) -> String {
    let query = Query::new("", "", "", ask.clone(), scope.clone());
    format!("{query:?}, {how:?}")
}

/// The option that asks an analysis through time. Those that have an `--over` of their own keep it.
const OVER: &str = "over_days";

/// A question asked through time.
pub fn through_time(ask: Ask, over: &str) -> Ask {
    Ask::Series(Series { ask: Some(Box::new(ask)), over: over.to_string(), ..Series::default() })
}

/// The days of `--over`, where the command has that option.
pub fn over(matches: &clap::ArgMatches) -> Option<String> {
    let (_, own) = matches.subcommand()?;
    own.try_get_one::<String>(OVER).ok().flatten().cloned()
}

fn with_over(command: clap::Command) -> clap::Command {
    if command.get_arguments().any(|arg| arg.get_long() == Some("over")) {
        return command;
    }
    let help = "Ask as of many days and set the answers side by side: 2023..2026, '2023..2026 by quarter'";
    command.arg(clap::Arg::new(OVER).long("over").value_name("FROM..TO").help(help))
}

/// Tells each analysis' command what its card says.
pub fn describe(command: clap::Command) -> clap::Command {
    CARDS.iter().fold(command, |command, card| {
        if command.find_subcommand(card.name).is_none() {
            return command;
        }
        command.mut_subcommand(card.name, |sub| {
            with_over(sub).long_about(card.question).after_help(short(card)).after_long_help(long(card))
        })
    })
}

fn short(card: &Card) -> String {
    format!("Example:\n  {}\n\nMore with --help.", card.example)
}

/// The card as the end of a help text.
fn long(card: &Card) -> String {
    let parts = [
        ("Example", card.example),
        ("Definition", card.definition),
        ("Reads", card.reads),
        ("Supposes", card.assumptions),
        ("A row rests on, where it does not say more narrowly", card.rests.describe()),
        ("Cost", card.cost),
        ("Reference", card.reference),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    parts.map(|(head, text)| format!("{head}:\n  {text}")).collect::<Vec<_>>().join("\n\n")
}
