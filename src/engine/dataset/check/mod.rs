//! What is wrong between records: sums of shares, ownership, tranches, exchange rates, entities that nothing
//! refers to.

mod money;
mod orphans;
mod ownership;
mod shares;
mod tranches;

use crate::model::{Facts, Relation, Status};

pub use shares::rescale as rescale_shares;

use super::diagnostic::Span;
use super::lower::{Ids, MoneyUse};
use super::read::{Records, find};
use super::session::Session;
use super::tables::Bulk;
use super::trail::Trail;

/// How far shares of one whole may add up to more than the whole: rounding in the sources.
pub const TOLERANCE: f64 = 0.02;

/// What the checks look at.
struct Context<'a> {
    session: &'a mut Session,
    records: &'a Records,
    ids: &'a Ids,
}

impl Context<'_> {
    /// A field of a relation, or its key where `field` is empty; the table's file for a row of a table.
    fn span(&self, relation: &Relation, field: &str) -> Span {
        match find(&self.records.relations, &relation.key) {
            Some(keyed) if field.is_empty() => self.session.key(keyed.mark),
            Some(keyed) => self.session.at(&Trail::record(keyed.mark).field(field)),
            None => Span::file(&relation.place.file),
        }
    }
}

/// Runs all checks between records.
pub fn check(
    session: &mut Session,
    records: &Records,
    ids: &Ids,
    bulk: &Bulk,
    money: &[MoneyUse],
    facts: &mut Facts,
) {
    let mut context = Context { session, records, ids };
    money::check(&mut context, money, facts);
    tranches::check(&mut context, facts);
    shares::check(&mut context, facts);
    ownership::check(&mut context, facts);
    orphans::check(&mut context, bulk, facts);
}

/// Whether a relation was called off.
fn lapsed(relation: &Relation) -> bool {
    relation.history.last().is_some_and(|change| change.status == Status::Lapsed)
}
