//! The records that differ, as tables with their sources.

use super::super::{Trail, View};
use super::state::Stand;
use crate::answer::{Answer, Cell, Column, Evidence, Rests, RestsOn, Table, Unit};
use crate::dataset::Section;
use crate::difference::{Group, How, RecordChange};
use crate::graph::Graph;
use crate::model::AttributeId;
use crate::network::Origin;
use crate::order::Arrange;

/// The word for how a record differs.
pub fn how(how: How) -> &'static str {
    match how {
        How::Added => "added",
        How::Removed => "removed",
        How::Changed => "changed",
    }
}

/// What a change rests on: positions of its records in the evidence of the changes.
pub type Upon = Vec<Vec<usize>>;

/// The records that differ, of both sides, as evidence, and where those of each change stand in it.
pub fn evidence(old: &Stand, new: &Stand, changes: &[RecordChange]) -> (Evidence, Upon) {
    let of = |stand: &Stand| {
        let mut trail = Trail::default();
        for change in changes {
            trail.origins(&origin(&stand.graph, change).into_iter().collect::<Vec<_>>());
        }
        let mut answer = Answer::new("", "", "");
        let view: View<'_> = stand.view();
        trail.finish(&view, &mut answer);
        answer.evidence
    };
    let (old, new) = (of(old), of(new));
    let (merged, _) = Evidence::merged(&[&old, &new]);
    let place = |change: &RecordChange| {
        let own = merged.records.iter().enumerate();
        own.filter(|(_, record)| record.key == change.key && carries(change)).map(|(at, _)| at).collect()
    };
    let upon = changes.iter().map(place).collect();
    (merged, upon)
}

/// Whether records of its section have evidence of their own in answers.
fn carries(change: &RecordChange) -> bool {
    matches!(change.section, Section::Relations | Section::Attributes | Section::Intensities)
}

fn origin(graph: &Graph, change: &RecordChange) -> Option<Origin> {
    let facts = graph.facts();
    match change.section {
        Section::Relations => graph.find_relation(&change.key).ok().map(Origin::Relation),
        Section::Attributes => {
            let at = facts.attributes.binary_search_by(|own| own.key.cmp(&change.key)).ok()?;
            Some(Origin::Attribute(AttributeId::new(at)))
        }
        Section::Intensities => {
            let at = facts.intensities.binary_search_by(|own| own.key.cmp(&change.key)).ok()?;
            Some(Origin::Intensity(at as u32))
        }
        _ => None,
    }
}

/// What a record says, in a line.
fn says(graph: &Graph, change: &RecordChange) -> String {
    let facts = graph.facts();
    let name = || -> Option<String> {
        match change.section {
            Section::Entities => Some(graph.entity(graph.find_entity(&change.key).ok()?).name.clone()),
            Section::Products => Some(graph.product(graph.find_product(&change.key).ok()?).name.clone()),
            Section::Sources => Some(facts.sources.iter().find(|own| own.key == change.key)?.title.clone()),
            Section::Kinds => Some(facts.kinds.iter().find(|own| own.key == change.key)?.name.clone()),
            _ => None,
        }
    };
    match origin(graph, change) {
        Some(Origin::Relation(id)) => graph.describe_relation(graph.relation(id)),
        Some(Origin::Attribute(id)) => graph.describe_attribute(graph.attribute(id)),
        Some(Origin::Intensity(at)) => {
            facts.intensities.get(at as usize).map(|own| graph.describe_intensity(own)).unwrap_or_default()
        }
        None => name().unwrap_or_default(),
    }
}

/// Every change, field by field.
pub fn table(
    old: &Stand,
    new: &Stand,
    changes: &[RecordChange],
    upon: &Upon,
    places: Option<&Vec<usize>>,
) -> Table {
    let columns = vec![
        Column::new("change", Unit::Text, "Added, removed or changed"),
        Column::new("sort", Unit::Text, "Type of the relation, or section of the dataset"),
        Column::new("says", Unit::Text, "What the record says: as it is now, or as it was where it is gone"),
        Column::new("field", Unit::Text, "The field that differs; empty where the whole record came or went"),
        Column::new("before", Unit::Text, "What it said, as a dataset writes it"),
        Column::new("after", Unit::Text, "What it says"),
        Column::new("sources", Unit::Text, "Sources of the record, those of either side"),
        Column::new("record", Unit::Text, "Key of the record"),
    ];
    let mut table = Table::new("changes", "Facts that differ", columns);
    for (change, upon) in changes.iter().zip(upon) {
        let graph = if change.how == How::Removed { &old.graph } else { &new.graph };
        let sort = change.record().and_then(|own| own.variant).unwrap_or(change.section.noun());
        let fields: Vec<(&str, Option<&String>, Option<&String>)> = match change.fields.as_slice() {
            [] => vec![("", None, None)],
            fields => fields.iter().map(|own| (own.field, own.old.as_ref(), own.new.as_ref())).collect(),
        };
        let to = |at: &usize| places.and_then(|to| to.get(*at)).map(|at| RestsOn::record(*at));
        let mut on: Vec<RestsOn> = upon.iter().filter_map(to).collect();
        on.arrange_by_key(|on| on.record);
        let rests = match on.is_empty() {
            true => Rests::None("records of this section carry no evidence of their own".into()),
            false => Rests::Records(on),
        };
        let cell = |text: Option<&String>| text.map_or(Cell::Empty, Cell::text);
        for (field, before, after) in fields {
            let row = vec![
                Cell::text(how(change.how)),
                Cell::text(sort),
                Cell::text(says(graph, change)),
                Cell::text(field),
                cell(before),
                cell(after),
                Cell::Items(sources(old, new, change)),
                Cell::text(&change.key),
            ];
            table.push(row, rests.clone());
        }
    }
    table
}

/// The sources that a record names on either side.
fn sources(old: &Stand, new: &Stand, change: &RecordChange) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for (record, stand) in [(&change.records.0, old), (&change.records.1, new)] {
        let Some(keys) = record.as_ref().and_then(|own| own.get("sources")) else { continue };
        let keys: Vec<String> = ron::from_str(keys).unwrap_or_default();
        for key in keys {
            let own = stand.graph.facts().sources.iter().find(|own| own.key == key);
            let title = own.map_or(key.clone(), |own| own.title.clone());
            if !all.iter().any(|(known, _)| *known == key) {
                all.push((key, title));
            }
        }
    }
    all
}

/// How many records of each group came, went or changed.
pub fn counted(old: &Stand, new: &Stand, changes: &[RecordChange], groups: &[Group]) -> Table {
    let columns = vec![
        Column::new("group", Unit::Text, "What the changes have in common"),
        Column::new("added", Unit::Count, "Records that came"),
        Column::new("removed", Unit::Count, "Records that went"),
        Column::new("changed", Unit::Count, "Records that say something else"),
    ];
    let mut table = Table::new("groups", "Changes by group", columns);
    let mut rows: Vec<(usize, Vec<Cell>)> = Vec::new();
    for group in groups {
        let count = |wanted: How| {
            group.changes.iter().filter(|at| changes.get(**at).is_some_and(|own| own.how == wanted)).count()
        };
        let counts = [How::Added, How::Removed, How::Changed].map(count);
        let mut row = vec![Cell::text(group_name(old, new, group))];
        row.extend(counts.map(|count| Cell::Number(count as f64)));
        rows.push((counts.iter().sum(), row));
    }
    rows.arrange_by_key(|own| std::cmp::Reverse(own.0));
    for (_, row) in rows {
        table.push(row, Rests::None("a count of changes; the table of them names their records".into()));
    }
    table
}

/// How a group is called: the names of what it is about.
pub fn group_name(old: &Stand, new: &Stand, group: &Group) -> String {
    let name = |key: &String| {
        let of = |graph: &Graph| {
            let entity = graph.find_entity(key).ok().map(|id| graph.entity(id).name.clone());
            entity.or_else(|| graph.find_product(key).ok().map(|id| graph.product(id).name.clone()))
        };
        of(&new.graph).or_else(|| of(&old.graph)).unwrap_or_else(|| key.clone())
    };
    group.keys.iter().map(name).collect::<Vec<_>>().join(" – ")
}
