//! The command line that repeats an answer: what was given, in the order of the help text, without the
//! options that only change how it is delivered.

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command};

use super::options::Options;

/// The command line behind parsed arguments.
pub fn command_line(command: &Command, matches: &ArgMatches) -> String {
    let mut words = vec![command.get_name().to_string()];
    let mut at = (command, matches);
    while let Some((name, inner)) = at.1.subcommand() {
        words.push(name.to_string());
        match at.0.find_subcommand(name) {
            Some(command) => at = (command, inner),
            None => break,
        }
    }
    let (own, shared): (Vec<&Arg>, Vec<&Arg>) = at.0.get_arguments().partition(|arg| !arg.is_global_set());
    for arg in own.into_iter().chain(shared) {
        push(&mut words, arg, at.1);
    }
    words.join(" ")
}

/// Adds one argument as it was given.
fn push(words: &mut Vec<String>, arg: &Arg, matches: &ArgMatches) {
    let id = arg.get_id().as_str();
    let given = matches!(matches.value_source(id), Some(ValueSource::CommandLine | ValueSource::EnvVariable));
    if !given || Options::DELIVERY.contains(&id) {
        return;
    }
    let name = arg.get_long().map(|long| format!("--{long}"));
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        words.extend(name);
        return;
    }
    let Some(occurrences) = matches.get_raw_occurrences(id) else { return };
    let delimiter = arg.get_value_delimiter().map(String::from);
    for values in occurrences {
        words.extend(name.clone());
        let values: Vec<String> = values.map(|value| value.to_string_lossy().into_owned()).collect();
        match &delimiter {
            Some(delimiter) => words.push(quoted(&values.join(delimiter))),
            None => words.extend(values.iter().map(|value| quoted(value))),
        }
    }
}

/// A word as a POSIX shell reads it back.
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./=:,%+@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_string();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn words_survive_a_shell() {
        assert_eq!(quoted("tsmc=0.5"), "tsmc=0.5");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's; rm"), r"'it'\''s; rm'");
    }
}
