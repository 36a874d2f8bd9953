//! `Exposures(file)`: what one lender would lose if one borrower failed, a row.

use std::collections::HashSet;

use crate::model::{EntityId, Facts, Link, LinkKind};

use super::super::codes::Code;
use super::super::diagnostic::{Diagnostic, Span};
use super::super::lower::Ids;
use super::super::session::Session;
use super::flows::end;
use super::{Column, Table, required};

const COLUMNS: &[Column] = &[required(&["lender"]), required(&["borrower"]), required(&["exposure"])];
const LENDER: usize = 0;
const BORROWER: usize = 1;
const EXPOSURE: usize = 2;

/// Adds the exposures to the facts. Both ends must be entities: without the lender's equity an exposure says nothing.
pub fn lower(table: &Table, session: &mut Session, ids: &Ids, facts: &mut Facts) {
    let mut pairs: HashSet<(EntityId, EntityId)> = HashSet::new();
    let mut repeated: Option<(usize, Span)> = None;
    table.rows(session, COLUMNS, |session, row| {
        let from = end(session, row, LENDER, "lender", ids);
        let to = end(session, row, BORROWER, "borrower", ids);
        let weight = row.number(session, EXPOSURE, "an exposure");
        let (Some(from), Some(to), Some(weight)) = (from, to, weight) else { return };
        if from == to {
            let message = "nobody lends to itself".to_string();
            session.push(Diagnostic::new(Code::SelfRelation, row.span(None), message));
            return;
        }
        if weight > 0.0 {
            facts.links.push(Link { from, to, weight, kind: LinkKind::Exposure });
        }
        if !pairs.insert((from, to)) {
            let (count, span) = repeated.take().unwrap_or_else(|| (0, row.span(None)));
            repeated = Some((count + 1, span));
        }
    });
    if let Some((count, span)) = repeated {
        let message = format!("rows that name a pair once more: {count}; their exposures add up");
        session.push(Diagnostic::new(Code::RepeatedPair, span, message).label("the first of them"));
    }
}
