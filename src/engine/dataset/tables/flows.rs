//! `Flows(file)`: one payment a row, or, beside a table of sectors, one delivery. `outside` is the rest of the world; names
//! that are not entities yet become entities.

use crate::model::{EntityId, Facts, Link, LinkKind};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lower::Ids;
use super::super::read::clip;
use super::super::session::Session;
use super::{Bulk, Column, KIND, Keep, OUTSIDE, Row, Table, required};

pub const COLUMNS: &[Column] = &[required(&["from"]), required(&["to"]), required(&["value"])];
const FROM: usize = 0;
const TO: usize = 1;
const VALUE: usize = 2;

/// Reads who pays and is paid.
pub fn declare(table: &Table, session: &mut Session, bulk: &mut Bulk) {
    table.rows(session, COLUMNS, |_, row| {
        for column in [FROM, TO] {
            name(row, column, bulk);
        }
    });
}

/// Makes an entity of a name that is not one yet.
pub fn name(row: &Row, column: usize, bulk: &mut Bulk) {
    let Some(key) = row.given(column) else { return };
    let called = if key == OUTSIDE { (Some("Rest of the world"), OUTSIDE) } else { (None, KIND) };
    bulk.imply(key, called, || row.place());
}

/// Adds the payments to the facts, as links that mean what `kind` says.
pub fn lower(table: &Table, session: &mut Session, keep: &Keep, kind: LinkKind, facts: &mut Facts) {
    let see = |row: &Row| link(row, [FROM, TO, VALUE], keep.ids);
    table.rows_seen(session, COLUMNS, see, |session, row, seen| {
        if is_elsewhere(session, row, keep, seen) {
            return;
        }
        let checked = |session: &mut Session| {
            let from = end(session, row, FROM, "payer", keep.ids);
            let to = end(session, row, TO, "receiver", keep.ids);
            let weight = row.number(session, VALUE, "a payment");
            Some((from?, to?, weight?))
        };
        if let Some((from, to, weight)) = seen.or_else(|| checked(session))
            && weight > 0.0
        {
            facts.links.push(Link { from, to, weight, kind });
        }
    });
}

/// Whether neither end of a row is in the part of this process.
pub fn is_elsewhere(
    session: &mut Session,
    row: &Row,
    keep: &Keep,
    seen: Option<(EntityId, EntityId, f64)>,
) -> bool {
    let Some((from, to, _)) = seen else { return false };
    keep.check(session, row, from, to);
    !keep.part.holds(from.index()) && !keep.part.holds(to.index())
}

/// The ends and the weight of a row, by their columns, if nothing is wrong with them.
pub fn link(row: &Row, [from, to, weight]: [usize; 3], ids: &Ids) -> Option<(EntityId, EntityId, f64)> {
    let from = ids.entity(row.given(from)?)?;
    let to = ids.entity(row.given(to)?)?;
    let weight: f64 = row.text(weight).parse().ok()?;
    (weight.is_finite() && weight >= 0.0).then_some((from, to, weight))
}

/// The entity at one end of a link.
pub fn end(session: &mut Session, row: &Row, column: usize, what: &str, ids: &Ids) -> Option<EntityId> {
    let key = row.name(session, column, what)?;
    let found = ids.entity(key);
    if found.is_none() {
        let message = format!("there is no entity `{}`", clip(key, 60));
        let mut problem = Diagnostic::new(Code::UnknownEntity, row.span(Some(column)), message);
        problem.nearest = session.nearest(key, &[ids.entity_keys()]);
        session.push(problem);
    }
    found
}
