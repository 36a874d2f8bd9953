//! `Entities(file)`: one entity a row, with its kind, seat and owner.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::model::{
    Control, Detail, Dimension, Entity, Essentiality, Estimate, Facts, Figure, InputClass, Kind, Measure,
    Relation, Status, StatusChange,
};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lower::Ids;
use super::super::read::{clip, quoted};
use super::super::session::Session;
use super::{
    Bulk, BulkEntity, BulkRelation, BulkTie, Column, KIND, Row, Table, optional, required, unsourced,
};

pub const COLUMNS: &[Column] = &[
    required(&["id", "bank"]),
    optional(&["name"]),
    optional(&["kind"]),
    optional(&["sector"]),
    optional(&["country"]),
    optional(&["owner"]),
    optional(&["tier"]),
    optional(&[Figure::ALL[0].column()]),
    optional(&[Figure::ALL[1].column()]),
    optional(&[Figure::ALL[2].column()]),
    optional(&[Figure::ALL[3].column()]),
    optional(&[Figure::ALL[4].column()]),
    optional(&["part"]),
];
pub const ID: usize = 0;
const NAME: usize = 1;
const KIND_COLUMN: usize = 2;
const SECTOR: usize = 3;
const COUNTRY: usize = 4;
const OWNER: usize = 5;
const TIER: usize = 6;
/// The first of the columns of numbers, which follow in the order of [`Figure::ALL`].
const FIGURES: usize = 7;
pub const PART: usize = FIGURES + Figure::ALL.len();

/// Parts that a network is cut into at most.
pub const MOST_PARTS: u16 = 4_096;

/// Reads the entities and their owners.
pub fn declare(table: &Table, session: &mut Session, bulk: &mut Bulk) {
    table.rows(session, COLUMNS, |session, row| {
        let Some(id) = row.name(session, ID, "id") else { return };
        let tier = row.given(TIER).and_then(|_| row.number(session, TIER, "a tier"));
        let figures: [Option<f64>; Figure::ALL.len()] = std::array::from_fn(|at| {
            row.given(FIGURES + at)?;
            row.number(session, FIGURES + at, Figure::ALL[at].column())
        });
        let entity = BulkEntity {
            name: row.given(NAME).filter(|name| *name != id).map(Box::from),
            kind: bulk.word(row.given(KIND_COLUMN).or(row.given(SECTOR)).unwrap_or(KIND)),
            country: row.given(COUNTRY).map(|country| bulk.word(country)),
            tier,
            sector: row.given(SECTOR).map(|sector| bulk.word(sector)),
            part: part(session, row),
            figures: figures.iter().any(Option::is_some).then(|| Box::new(figures)),
            implied: false,
            place: row.place(),
        };
        if let Some(first) = bulk.entities.get(id) {
            let message = format!("entity `{}` is defined twice", clip(id, 60));
            let label = format!("first on line {} of `{}`", first.place.line, first.place.file);
            session.push(Diagnostic::new(Code::DuplicateId, row.span(Some(ID)), message).label(label));
            return;
        }
        bulk.entities.insert(Arc::from(id), entity);
        if let Some(owner) = row.given(OWNER)
            && owner != id
        {
            let tie = BulkTie::Owns(id.to_string());
            let relation = BulkRelation { from: owner.to_string(), tie, place: row.place() };
            bulk.relations.insert(format!("owns:{owner}:{id}"), relation);
        }
    });
}

/// The part of a row that names one.
fn part(session: &mut Session, row: &Row) -> Option<u16> {
    let text = row.given(PART)?;
    let part = text.parse().ok().filter(|part| *part < MOST_PARTS);
    if part.is_none() {
        let message =
            format!("a part is a whole number from 0 to {}; this is {}", MOST_PARTS - 1, quoted(text));
        session.push(Diagnostic::new(Code::TableRow, row.span(Some(PART)), message));
    }
    part
}

/// The entities of tables with their positions: both lists are in the order of keys.
fn placed<'b>(ids: &'b Ids, bulk: &'b Bulk) -> impl Iterator<Item = (usize, &'b BulkEntity)> {
    let mut keys = ids.entity_keys().iter().enumerate();
    bulk.entities.iter().filter_map(move |(key, entity)| Some((keys.find(|(_, own)| *own == key)?.0, entity)))
}

/// Adds sectors, numbers and classes of inputs to the facts, whose entities are complete.
fn columns(ids: &Ids, bulk: &Bulk, facts: &mut Facts) {
    let of_entities = bulk.entities.values().filter_map(|entity| entity.sector.as_ref());
    let of_classes = bulk.classes.keys().flat_map(|(supplier, customer)| [supplier, customer]);
    let mut sectors: BTreeSet<String> = of_classes.cloned().collect();
    sectors.extend(of_entities.collect::<HashSet<_>>().into_iter().map(ToString::to_string));
    let sectors: Vec<String> = sectors.into_iter().collect();
    let position =
        |name: &str| sectors.binary_search_by(|sector| sector.as_str().cmp(name)).ok().map(|at| at as u32);
    let count = facts.entities.len();
    let known = || placed(ids, bulk).filter(|(at, _)| *at < count);
    let mut sector = vec![None; count];
    for (at, entity) in known() {
        sector[at] = entity.sector.as_deref().and_then(position);
    }
    if sector.iter().any(Option::is_some) {
        facts.columns.sector = sector;
    }
    for (place, figure) in Figure::ALL.into_iter().enumerate() {
        let mut values = vec![None; count];
        for (at, entity) in known() {
            values[at] = entity.figures.as_ref().and_then(|figures| figures[place]);
        }
        if values.iter().any(Option::is_some) {
            facts.columns.figures.push((figure, values));
        }
    }
    let class = |((supplier, customer), class): (&(String, String), &InputClass)| {
        Some(Essentiality { supplier: position(supplier)?, customer: position(customer)?, class: *class })
    };
    facts.columns.essentiality = bulk.classes.iter().filter_map(class).collect();
    facts.columns.sectors = sectors;
}

/// Adds kinds, entities and their owners to the facts.
pub fn lower(ids: &Ids, bulk: &Bulk, facts: &mut Facts) {
    let kinds = bulk.kinds.iter();
    facts.kinds.extend(kinds.map(|key| Kind { key: key.clone(), name: key.clone(), tier: None }));
    facts.kinds.sort_by(|a, b| a.key.cmp(&b.key));
    facts.entities.extend(bulk.entities.iter().filter_map(|(key, entity)| {
        Some(Entity {
            key: key.to_string(),
            name: entity.name(key).to_string(),
            kind: ids.kind(&entity.kind)?,
            seat: entity.country.as_ref().map(ToString::to_string),
            production: Vec::new(),
            group: false,
            members: Vec::new(),
            needs: IndexMap::new(),
            tier: entity.tier,
            note: None,
            place: entity.place.clone(),
        })
    }));
    facts.entities.sort_by(|a, b| a.key.cmp(&b.key));
    columns(ids, bulk, facts);
    facts.relations.extend(bulk.relations.iter().filter_map(|(key, relation)| {
        let BulkTie::Owns(owned) = &relation.tie else { return None };
        let share = Measure::single(Dimension::Share, Estimate::Exact(1.0));
        Some(Relation {
            key: key.clone(),
            from: ids.entity(&relation.from)?,
            to: Some(ids.entity(owned)?),
            detail: Detail::Owns { share: Some(share), control: Control::Controlling },
            history: vec![StatusChange { status: Status::Delivered, on: None }],
            since: None,
            until: None,
            part_of: None,
            deal: None,
            evidence: unsourced(),
            place: relation.place.clone(),
        })
    }));
    facts.relations.sort_by(|a, b| a.key.cmp(&b.key));
}
