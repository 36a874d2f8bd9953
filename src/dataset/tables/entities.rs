//! `Entities(file)`: one entity a row, with its kind, seat and owner.

use indexmap::IndexMap;

use crate::model::{
    Control, Detail, Dimension, Entity, Estimate, Facts, Kind, Measure, Relation, Status, StatusChange,
};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lower::Ids;
use super::super::read::clip;
use super::super::session::Session;
use super::{Bulk, BulkEntity, BulkRelation, BulkTie, Column, KIND, Table, optional, required, unsourced};

const COLUMNS: &[Column] = &[
    required(&["id"]),
    optional(&["name"]),
    optional(&["kind"]),
    optional(&["sector"]),
    optional(&["country"]),
    optional(&["owner"]),
    optional(&["tier"]),
];
const ID: usize = 0;
const NAME: usize = 1;
const KIND_COLUMN: usize = 2;
const SECTOR: usize = 3;
const COUNTRY: usize = 4;
const OWNER: usize = 5;
const TIER: usize = 6;

/// Reads the entities and their owners.
pub fn declare(table: &Table, session: &mut Session, bulk: &mut Bulk) {
    table.rows(session, COLUMNS, |session, row| {
        let Some(id) = row.name(session, ID, "id") else { return };
        let tier = row.given(TIER).and_then(|_| row.number(session, TIER, "a tier"));
        let entity = BulkEntity {
            name: row.given(NAME).unwrap_or(id).to_string(),
            kind: row.given(KIND_COLUMN).or(row.given(SECTOR)).unwrap_or(KIND).to_string(),
            country: row.given(COUNTRY).map(str::to_string),
            tier,
            implied: false,
            place: row.place(),
        };
        if let Some(first) = bulk.entities.get(id) {
            let message = format!("entity `{}` is defined twice", clip(id, 60));
            let label = format!("first on line {} of `{}`", first.place.line, first.place.file);
            session.push(Diagnostic::new(Code::DuplicateId, row.span(Some(ID)), message).label(label));
            return;
        }
        bulk.entities.insert(id.to_string(), entity);
        if let Some(owner) = row.given(OWNER)
            && owner != id
        {
            let tie = BulkTie::Owns(id.to_string());
            let relation = BulkRelation { from: owner.to_string(), tie, place: row.place() };
            bulk.relations.insert(format!("owns:{owner}:{id}"), relation);
        }
    });
}

/// Adds kinds, entities and their owners to the facts.
pub fn lower(ids: &Ids, bulk: &Bulk, facts: &mut Facts) {
    let kinds = bulk.kinds.iter();
    facts.kinds.extend(kinds.map(|key| Kind { key: key.clone(), name: key.clone(), tier: None }));
    facts.kinds.sort_by(|a, b| a.key.cmp(&b.key));
    facts.entities.extend(bulk.entities.iter().filter_map(|(key, entity)| {
        Some(Entity {
            key: key.clone(),
            name: entity.name.clone(),
            kind: ids.kind(&entity.kind)?,
            seat: entity.country.clone(),
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
