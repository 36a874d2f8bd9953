//! One command for each analysis, all from the registry.

use crate::analysis::{Ask, CARDS, Card, View};
use crate::dataset::patched;
use crate::query::Query;

use super::exit::{Exit, Stop};
use super::print;
use super::progress::Bar;
use super::session::Session;

/// Asks a question of the dataset.
///
/// # Errors
/// As the dataset, the analysis and the output say.
pub fn run(session: &Session, ask: &Ask) -> Result<Exit, Stop> {
    let mut ask = ask.clone();
    let own = session.fill_ask(&mut ask)?;
    let ask = &ask;
    let mut opened = session.open()?;
    let scope = session.options.scope.or(&own);
    if session.options.scope.what_if.is_empty() && !scope.what_if.is_empty() {
        opened.graph = patched(&opened.graph, &scope.what_if)?;
    }
    let view = View { graph: &opened.graph, scope: session.scope(&opened.graph, &own)? };
    let answer = {
        let bar = Bar::new(session.terminal.stderr_terminal && !session.options.quiet);
        ask.run_observed(&view, &bar)?
    };
    let mut query = Query::new(&answer.analysis, &answer.title, &answer.question, ask.clone(), scope);
    query.graph = opened.home.sibling();
    print::save(session, &query)?;
    let provenance = session.provenance(&view, ask);
    print::answer(session, &opened, answer, &provenance)
}

/// Tells each analysis' command what its card says.
pub fn describe(command: clap::Command) -> clap::Command {
    CARDS.iter().fold(command, |command, card| {
        if command.find_subcommand(card.name).is_none() {
            return command;
        }
        command.mut_subcommand(card.name, |sub| {
            sub.long_about(card.question).after_help(short(card)).after_long_help(long(card))
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
        ("Cost", card.cost),
        ("Reference", card.reference),
    ];
    let parts = parts.iter().filter(|(_, text)| !text.is_empty());
    parts.map(|(head, text)| format!("{head}:\n  {text}")).collect::<Vec<_>>().join("\n\n")
}
