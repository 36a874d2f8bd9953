//! The relations that differ between two days, datasets or what-ifs.

use std::collections::{BTreeMap, BTreeSet};

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
use crate::model::Status;
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
        all.sort_by(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.tooltip.cmp(&b.tooltip)));
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
        let members: Vec<_> = keys.iter().filter_map(|key| new.graph.find_entity(key).ok()).collect();
        // an entity that only the old dataset has stands by its ties
        let levels = match members.len() == keys.len() {
            true => tiers::levels(&new.graph, &members, &steps),
            false => {
                let known: BTreeMap<&String, f64> = keys
                    .iter()
                    .filter_map(|key| {
                        let graph = side(key);
                        let kind = graph.entity(graph.find_entity(key).ok()?).kind;
                        Some((*key, graph.facts().kinds.get(kind)?.tier?))
                    })
                    .collect();
                keys.iter().map(|key| known.get(key).copied().unwrap_or(0.0)).collect()
            }
        };
        let columns = tiers::columns(&levels, &steps, &[], COLUMNS);
        let title = format!("What changed: {} to {}", old.label, new.label);
        let mut picture = Picture::new(title, Layout::Tiers);
        let most = columns.iter().copied().max().unwrap_or(0);
        picture.tiers = (0..=most)
            .map(|at| match at {
                0 => Tier::new("upstream"),
                at if at == most => Tier::new("downstream"),
                _ => Tier::new(""),
            })
            .collect();
        let colours = Colours::new(&new.graph, members.iter().copied());
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
