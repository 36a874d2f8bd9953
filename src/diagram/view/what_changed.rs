//! The relations that differ between two days, datasets or what-ifs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::chart_words::whole;
use super::fold;
use super::tiers::{self, Step};
use super::ties::{Tie, tie};
use super::words::{self, Colours, count, edge_item};
use super::{Drawing, Figured, ViewCard, ViewError};
use crate::analysis::{Diff, Mention, Stand, State, View};
use crate::dataset::Section;
use crate::diagram::{Edge, Fill, Flow, Layout, LegendItem, Line, Node, Picture, Tier};
use crate::difference::{How, RecordChange};
use crate::graph::Graph;
use crate::model::Status;
use crate::order::Arrange;
use crate::what_if::Told;

/// The relations that differ between two days, datasets or what-ifs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct WhatChanged {
    /// What it was: a day, a what-if, a dataset's folder, or `base` for the dataset as it is
    #[cfg_attr(feature = "cli", arg(long, value_name = "OLD", default_value = "base"))]
    pub old: Told<State>,
    /// What it is
    #[cfg_attr(feature = "cli", arg(long, value_name = "NEW", default_value = "base"))]
    pub new: Told<State>,
    /// Only relations of this entity
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub focus: Option<String>,
    /// How many relations are drawn, the strongest first, 1 to 40 [default: 20]
    #[cfg_attr(feature = "cli", arg(long, value_name = "N"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub top: Option<usize>,
}

const USUAL: usize = 20;
const MOST: usize = 40;
const COLUMNS: usize = 5;

impl Default for WhatChanged {
    fn default() -> Self {
        let base = || Told::Named("base".to_string());
        Self { old: base(), new: base(), focus: None, top: None }
    }
}

/// One relation that differs: as an edge, and what is printed on it.
struct Changed {
    how: How,
    from: String,
    to: String,
    product_tier: Option<f64>,
    flow: Flow,
    label: String,
    tooltip: String,
    strength: f64,
}

impl Figured for WhatChanged {
    const CARD: ViewCard = ViewCard {
        name: "what-changed",
        title: "What changed",
        shows: "Relations that came, went or say something else between two days, datasets or what-ifs: solid and +, dashed and −, dotted and Δ.",
        example: "linchpin diagram what-changed --old 2026-03-31 --new 2026-07-01",
    };

    fn arguments(&self) -> Vec<String> {
        let mut words = vec!["--old".to_string(), word(&self.old), "--new".to_string(), word(&self.new)];
        words.extend(self.focus.iter().flat_map(|focus| ["--focus".to_string(), focus.clone()]));
        words.extend(self.top.iter().flat_map(|top| ["--top".to_string(), top.to_string()]));
        words
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        vec![Mention::State(&mut self.old), Mention::State(&mut self.new)]
    }

    fn draw(&self, view: &View<'_>) -> Result<Drawing, ViewError> {
        let top = whole("top", self.top, USUAL, MOST)?;
        let diff = Diff { old: self.old.clone(), new: self.new.clone(), ..Diff::default() };
        let (old, new, changes) = diff.records(view)?;
        if let Some(focus) = &self.focus
            && old.graph.find_entity(focus).is_err()
        {
            new.graph.find_entity(focus)?;
        }
        let mut all: Vec<Changed> = changes.iter().filter_map(|own| changed(&old, &new, own)).collect();
        if let Some(focus) = &self.focus {
            all.retain(|own| own.from == *focus || own.to == *focus);
        }
        if all.is_empty() {
            let text =
                format!("no relation between two entities differs between {} and {}", old.label, new.label);
            return Err(ViewError::NoData(text));
        }
        let rounded = |own: &Changed| (own.strength * 1e12).round();
        all.arrange(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.tooltip.cmp(&b.tooltip)));
        Ok(self.picture(view, &old, &new, all, top))
    }
}

/// A side as the command line writes it.
fn word(told: &Told<State>) -> String {
    match told {
        Told::Inline(state, None) => match &**state {
            State { as_of: Some(day), what_if, dataset: None, .. } if what_if.is_empty() => day.clone(),
            State { as_of: None, what_if, dataset: Some(dataset), .. } if what_if.is_empty() => {
                dataset.clone()
            }
            _ => told.word(),
        },
        _ => told.word(),
    }
}

/// A change as an edge; nothing for records that tie no two entities, and for relations that are in no picture of ties.
fn changed(old: &Stand, new: &Stand, change: &RecordChange) -> Option<Changed> {
    if change.section != Section::Relations {
        return None;
    }
    let of = |stand: &Stand| -> Option<(Tie, String, String, Option<f64>)> {
        let view = stand.view();
        let id = stand.graph.find_relation(&change.key).ok()?;
        let own = tie(&view, id)?;
        let key = |id| stand.graph.entity(id).key.clone();
        let tier = stand.graph.relation(id).product().and_then(|id| stand.graph.product(id).tier);
        let (up, down) = (key(own.up), key(own.down));
        Some((own, up, down, tier))
    };
    let (before, after) = (of(old), of(new));
    let how = match (&before, &after) {
        (None, Some(_)) => How::Added,
        (Some(_), None) => How::Removed,
        (Some(_), Some(_)) => How::Changed,
        (None, None) => return None,
    };
    let says = |side: &Option<(Tie, String, String, Option<f64>)>| {
        side.as_ref().map(|(tie, ..)| {
            let amount = tie.amounts.first().map(|amount| format!(" {amount}")).unwrap_or_default();
            let loose = tie.status.filter(|own| matches!(own, Status::Announced | Status::Intent));
            let firm = loose.map(|own| format!(" ({})", words::status_name(own))).unwrap_or_default();
            format!("{}{amount}{firm}", tie.verb)
        })
    };
    let label = match (says(&before), says(&after)) {
        (Some(was), Some(is)) if was != is => format!("Δ {was} → {is}"),
        (Some(_), Some(is)) => {
            let fields: Vec<&str> = change.fields.iter().map(|own| own.field).take(2).collect();
            format!("Δ {is} ({})", fields.join(", "))
        }
        (None, Some(is)) => format!("+ {is}"),
        (Some(was), None) => format!("− {was}"),
        (None, None) => String::new(),
    };
    let (own, from, to, product_tier) = after.or(before)?;
    let (flow, strength) = (own.flow, own.strength);
    Some(Changed { how, from, to, product_tier, flow, label, tooltip: own.says, strength })
}

fn name(graph: &Graph, key: &str) -> String {
    graph.find_entity(key).map_or(key.to_string(), |id| graph.entity(id).name.clone())
}

/// Columns from upstream to downstream, with their headings. Where an entity is in the old dataset only, all stand by their kinds.
fn spread<'g>(
    keys: &[&String],
    steps: &[Step],
    new: &'g Stand,
    side: impl Fn(&String) -> &'g Graph,
) -> (Vec<usize>, Vec<String>) {
    let members: Vec<_> = keys.iter().filter_map(|key| new.graph.find_entity(key).ok()).collect();
    let of_kind = |key: &&String| {
        let graph = side(key);
        let kind = graph.entity(graph.find_entity(key).ok()?).kind;
        graph.facts().kinds.get(kind)?.tier
    };
    let levels = match members.len() == keys.len() {
        true => tiers::levels(&new.graph, &members, steps),
        false => keys.iter().map(|key| of_kind(key).unwrap_or(0.0)).collect(),
    };
    let columns = tiers::columns(&levels, steps, &[], COLUMNS);
    let most = columns.iter().copied().max().unwrap_or(0);
    let heading = |at: usize| match at {
        0 => "upstream",
        at if at == most => "downstream",
        _ => "",
    };
    (columns, (0..=most).map(|at| heading(at).to_string()).collect())
}

fn line(how: How) -> Line {
    match how {
        How::Added => Line::Solid,
        How::Removed => Line::Dashed,
        How::Changed => Line::Dotted,
    }
}

impl WhatChanged {
    fn picture(&self, view: &View<'_>, old: &Stand, new: &Stand, all: Vec<Changed>, top: usize) -> Drawing {
        // who is in either dataset, in one of them
        let side = |key: &String| if new.graph.find_entity(key).is_ok() { &new.graph } else { &old.graph };
        let mut folded = fold::sidecar("Strength of the relation, 0 to 1");
        for own in all.iter().skip(top) {
            if let Ok(id) = side(&own.from).find_entity(&own.from) {
                fold::note(&mut folded, side(&own.from), "", id, own.strength);
            }
        }
        let shown: Vec<&Changed> = all.iter().take(top).collect();
        let keys: BTreeSet<&String> = shown.iter().flat_map(|own| [&own.from, &own.to]).collect();
        let keys: Vec<&String> = keys.into_iter().collect();
        let place = |key: &String| keys.binary_search(&key).unwrap_or(0);
        let steps: Vec<Step> = shown
            .iter()
            .map(|own| Step {
                supplier: place(&own.from),
                customer: place(&own.to),
                weight: own.strength,
                product_tier: own.product_tier,
            })
            .collect();
        let title = format!("What changed: {} to {}", old.label, new.label);
        let (columns, headings) = match &self.focus {
            Some(focus) => self.around(focus, &keys, &shown, &name(side(focus), focus)),
            None => spread(&keys, &steps, new, side),
        };
        // around one entity every line begins or ends at it: face to face there is room for what they say
        let layout = if self.focus.is_some() { Layout::Pair } else { Layout::Tiers };
        let mut picture = Picture::new(title, layout);
        picture.tiers = headings.into_iter().map(Tier::new).collect();
        let members = keys
            .iter()
            .filter(|key| self.focus.as_ref() != Some(**key))
            .filter_map(|key| new.graph.find_entity(key).ok());
        let colours = Colours::new(&new.graph, members);
        for (key, column) in keys.iter().zip(&columns) {
            let graph = side(key);
            let Ok(id) = graph.find_entity(key) else { continue };
            let mut node = Node::new(key.as_str(), &graph.entity(id).name, *column);
            node.fill = match self.focus.as_ref() == Some(*key) {
                true => Fill::Focus,
                false if new.graph.find_entity(key).is_ok() => colours.of(graph, id),
                false => Fill::Neutral,
            };
            let gone = new.graph.find_entity(key).is_err();
            let fresh = old.graph.find_entity(key).is_err();
            node.dashed = gone;
            node.thick = fresh;
            if gone || fresh {
                node.detail.push(if gone { "− gone" } else { "+ new" }.to_string());
            }
            picture.nodes.push(node);
        }
        for own in &shown {
            picture.edges.push(Edge {
                label: own.label.clone(),
                weight: own.strength,
                line: line(own.how),
                tooltip: Some(own.tooltip.clone()),
                ..Edge::new(&own.from, &own.to, own.flow)
            });
        }
        picture.legend = self.legend(&picture, &colours, new);
        let counted = |how: How| all.iter().filter(|own| own.how == how).count();
        picture.caption.push(format!(
            "Relations between two entities: {} came (+), {} went (−), {} say something else (Δ). Width: the largest stated share, or money over \
             (money + $20bn), or power over (power + 1 GW).",
            counted(How::Added),
            counted(How::Removed),
            counted(How::Changed)
        ));
        if all.len() > top {
            let more = count(all.len() - top, "weaker relation is", "weaker relations are");
            picture.caption.push(format!("{more} left out."));
        }
        picture.caption.extend(words::provenance(self, view));
        let says: Vec<String> =
            shown.iter().take(8).map(|own| format!("{}: {}", own.label, own.tooltip)).collect();
        picture.alt = Some(format!("{}. {}.", picture.title, says.join("; ")));
        Drawing { figure: picture.into(), folded }
    }

    /// Columns around one entity: what comes from, itself, what goes to; those that are empty are left out.
    fn around(
        &self,
        focus: &str,
        keys: &[&String],
        shown: &[&Changed],
        name: &str,
    ) -> (Vec<usize>, Vec<String>) {
        let place = |key: &String| match key == focus {
            true => 1,
            false if shown.iter().any(|own| own.from == *key) => 0,
            false => 2,
        };
        let places: Vec<usize> = keys.iter().map(|key| place(key)).collect();
        let used: BTreeSet<usize> = places.iter().copied().collect();
        let headings = ["from", name, "to"];
        let columns = places.iter().map(|own| used.iter().position(|at| at == own).unwrap_or(0)).collect();
        (columns, used.iter().filter_map(|at| headings.get(*at)).map(|word| word.to_string()).collect())
    }

    fn legend(&self, picture: &Picture, colours: &Colours, new: &Stand) -> Vec<LegendItem> {
        let mut items = colours.legend(&new.graph);
        let flows = [
            (Flow::Supply, "goods and services"),
            (Flow::Compute, "computing power"),
            (Flow::Capital, "money"),
            (Flow::Ownership, "ownership and control"),
            (Flow::Power, "hosting in data centres"),
            (Flow::Neutral, "rules and influence"),
        ];
        let used = |flow: Flow| picture.edges.iter().any(|edge| edge.flow == flow);
        items.extend(
            flows
                .into_iter()
                .filter(|(flow, _)| used(*flow))
                .map(|(flow, text)| edge_item(flow, Line::Solid, 0.3, text)),
        );
        for (how, text) in
            [(How::Added, "+ came"), (How::Removed, "− went"), (How::Changed, "Δ says something else")]
        {
            if picture.edges.iter().any(|edge| edge.line == line(how)) {
                items.push(edge_item(Flow::Neutral, line(how), 0.3, text));
            }
        }
        items
    }
}
