//! The words around pictures: captions, legends, numbers, and the colours of kinds.

use std::collections::BTreeMap;

use super::Figured;
use crate::analysis::View;
use crate::answer::EngineRef;
use crate::diagram::{Fill, Flow, LegendItem, Line, Mark, Shape};
use crate::graph::Graph;
use crate::model::{Confidence, EntityId, Status};
use crate::order::Arrange;
use crate::scope::Scope;
use crate::what_if::WhatIfSpec;

/// A share in whole percent; what is not nothing and not all is never rounded to it.
pub(super) fn percent(share: f64) -> String {
    let value = share * 100.0;
    if value > 0.0 && value < 1.0 {
        "<1 %".to_string()
    } else if value > 99.0 && value < 100.0 - 1e-9 {
        ">99 %".to_string()
    } else {
        format!("{value:.0} %")
    }
}

/// A status in a word.
pub(super) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Announced => "announced",
        Status::Intent => "intended",
        Status::Signed => "signed",
        Status::Funded => "funded",
        Status::Delivered => "delivered",
        Status::Lapsed => "lapsed",
    }
}

/// The command line that draws a view, with what differs from the graph's own day and the default statuses.
pub(super) fn command<V: Figured>(params: &V, view: &View<'_>) -> String {
    let mut words = vec!["linchpin diagram".to_string(), V::CARD.name.to_string()];
    words.extend(params.arguments().iter().map(|word| shell_word(word)));
    let scope = &view.scope;
    if scope.as_of != view.graph.default_as_of() {
        words.push(format!("--as-of {}", scope.as_of));
    }
    if scope.status != Scope::DEFAULT_STATUS {
        let names: Vec<String> = scope.status.iter().map(|s| format!("{s:?}").to_lowercase()).collect();
        words.push(format!("--status {}", names.join(",")));
    }
    if scope.min_confidence != Confidence::Low {
        words.push(format!("--min-confidence {:?}", scope.min_confidence).to_lowercase());
    }
    words.extend(scope.what_if.iter().map(|spec| format!("--what-if {}", shell_word(&spec.word()))));
    words.join(" ")
}

/// A word as a shell reads it back.
fn shell_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.,=/%:+".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_string()
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

/// The lines that end every caption: day, statuses, dataset, engine, command.
pub(super) fn provenance<V: Figured>(params: &V, view: &View<'_>) -> Vec<String> {
    let statuses: Vec<&str> = view.scope.status.iter().map(|status| status_name(*status)).collect();
    let EngineRef { name, version } = EngineRef::default();
    let hash: String = view.graph.hash().chars().take(12).collect();
    let dataset = &view.graph.facts().meta.name;
    let what_ifs: Vec<&str> = view.scope.what_if.iter().filter_map(WhatIfSpec::title).collect();
    let what_if = match what_ifs.is_empty() {
        true => String::new(),
        false => format!(" What if: {}.", list(&what_ifs, "and")),
    };
    vec![
        format!(
            "As of {}; deals {}.{what_if} Dataset {dataset}, SHA-256 {hash}…; {name} {version}.",
            view.scope.as_of,
            list(&statuses, "and")
        ),
        command(params, view),
    ]
}

/// Names in a sentence: `a, b and c`.
pub(super) fn list<T: AsRef<str>>(names: &[T], last: &str) -> String {
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    match names.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_string(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

/// A sentence with its first letter large.
pub(super) fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// A name within a sentence: its first letter small, unless the word is an acronym.
pub(super) fn uncapitalised(name: &str) -> String {
    let mut letters = name.chars();
    match (letters.next(), letters.clone().next()) {
        (Some(first), Some(second)) if second.is_lowercase() => first.to_lowercase().chain(letters).collect(),
        _ => name.to_string(),
    }
}

/// The first few names, and how many more there are.
pub(super) fn some<T: AsRef<str>>(names: &[T], shown: usize) -> String {
    if names.len() <= shown {
        return list(names, "and");
    }
    let first: Vec<&str> = names.iter().take(shown).map(AsRef::as_ref).collect();
    format!("{} and {} more", first.join(", "), names.len() - shown)
}

/// `one` or a number with `many`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

/// A legend entry for a node.
pub(super) fn node_item(shape: Shape, fill: Fill, thick: bool, dashed: bool, text: &str) -> LegendItem {
    LegendItem::new(Mark::Node { shape, fill, thick, dashed }, text)
}

/// A legend entry for an edge.
pub(super) fn edge_item(flow: Flow, line: Line, weight: f64, text: &str) -> LegendItem {
    LegendItem::new(Mark::Edge { flow, line, weight }, text)
}

/// Which kind of entity has which colour and mark in one picture: the kinds that the whole graph has
/// most of keep theirs from picture to picture, the others take what is left.
pub(super) struct Colours {
    of_kind: BTreeMap<usize, Fill>,
}

/// Kinds beyond these share the white of "other kinds": more colours cannot be told apart.
const COLOURED: usize = 7;

impl Colours {
    pub fn new(graph: &Graph, shown: impl Iterator<Item = EntityId>) -> Self {
        let everywhere = by_frequency(graph, graph.entity_ids());
        let own = |kind: &usize| everywhere.iter().take(COLOURED).position(|usual| usual == kind);
        let here = by_frequency(graph, shown);
        let coloured = &here[..here.len().min(COLOURED)];
        let mut free: Vec<usize> = (0..COLOURED).rev().collect();
        free.retain(|at| !coloured.iter().any(|kind| own(kind) == Some(*at)));
        let mut of_kind: BTreeMap<usize, Fill> = here.iter().map(|kind| (*kind, Fill::Neutral)).collect();
        for kind in coloured {
            if let Some(at) = own(kind).or_else(|| free.pop()) {
                of_kind.insert(*kind, Fill::Kind(at as u8));
            }
        }
        Self { of_kind }
    }

    pub fn of(&self, graph: &Graph, id: EntityId) -> Fill {
        self.of_kind.get(&graph.entity(id).kind).copied().unwrap_or(Fill::Neutral)
    }

    /// The legend of the colours, in their order.
    pub fn legend(&self, graph: &Graph) -> Vec<LegendItem> {
        let name = |kind: &usize| graph.facts().kinds.get(*kind).map_or("", |kind| kind.name.as_str());
        let mut coloured: Vec<(u8, &str)> = Vec::new();
        let mut others = 0;
        for (kind, fill) in &self.of_kind {
            match fill {
                Fill::Kind(at) => coloured.push((*at, name(kind))),
                _ => others += 1,
            }
        }
        coloured.sort_unstable();
        let item = |fill: Fill, text: &str| node_item(Shape::Rounded, fill, false, false, text);
        let mut items: Vec<LegendItem> =
            coloured.into_iter().map(|(at, name)| item(Fill::Kind(at), name)).collect();
        if others > 0 {
            items.push(item(Fill::Neutral, "other kinds"));
        }
        items
    }
}

/// The kinds of entities, the most frequent first.
fn by_frequency(graph: &Graph, entities: impl Iterator<Item = EntityId>) -> Vec<usize> {
    let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
    for id in entities {
        *counts.entry(graph.entity(id).kind).or_default() += 1;
    }
    let mut kinds: Vec<(usize, usize)> = counts.into_iter().collect();
    kinds.arrange_by_key(|(kind, count)| (std::cmp::Reverse(*count), *kind));
    kinds.into_iter().map(|(kind, _)| kind).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_not_rounded_to_all_or_nothing() {
        assert_eq!(percent(0.996), ">99 %");
        assert_eq!(percent(0.004), "<1 %");
        assert_eq!(percent(1.0), "100 %");
        assert_eq!(percent(0.0), "0 %");
    }

    #[test]
    fn commands_survive_a_shell() {
        assert_eq!(shell_word("tsmc=0.5"), "tsmc=0.5");
        assert_eq!(shell_word("it's"), r"'it'\''s'");
        assert_eq!(shell_word(""), "''");
    }
}
