//! `Exposures(file)`: what one lender would lose if one borrower failed, a row.

use crate::model::{Facts, Link, LinkKind};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::session::Session;
use super::flows::{end, is_elsewhere, link};
use super::pairs::Pairs;
use super::{Column, Keep, Row, Table, required};

pub const COLUMNS: &[Column] = &[required(&["lender"]), required(&["borrower"]), required(&["exposure"])];
const LENDER: usize = 0;
const BORROWER: usize = 1;
const EXPOSURE: usize = 2;

/// Adds the exposures to the facts. Both ends must be entities: without the lender's equity an exposure says nothing.
pub fn lower(table: &Table, session: &mut Session, keep: &Keep, facts: &mut Facts) {
    let mut pairs = Pairs::of(keep.part);
    let see = |row: &Row| link(row, [LENDER, BORROWER, EXPOSURE], keep.ids);
    table.rows_seen(session, COLUMNS, see, |session, row, seen| {
        if is_elsewhere(session, row, keep, seen) {
            return;
        }
        let checked = |session: &mut Session| {
            let from = end(session, row, LENDER, "lender", keep.ids);
            let to = end(session, row, BORROWER, "borrower", keep.ids);
            let weight = row.number(session, EXPOSURE, "an exposure");
            Some((from?, to?, weight?))
        };
        let Some((from, to, weight)) = seen.or_else(|| checked(session)) else {
            pairs.skip();
            return;
        };
        if from == to {
            let message = "nobody lends to itself".to_string();
            session.push(Diagnostic::new(Code::SelfRelation, row.span(None), message));
            pairs.skip();
            return;
        }
        if weight > 0.0 {
            facts.links.push(Link { from, to, weight, kind: LinkKind::Exposure });
        }
        pairs.push(from, to);
    });
    table.warn_repeated(session, COLUMNS, &pairs, "exposures");
}
