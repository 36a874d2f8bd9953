//! `Supplies(file, weight)`: one tie of a supplier to a buyer a row, with money per year or a share of the
//! buyer's total cost.

use std::collections::{BTreeMap, HashSet};

use crate::model::Renormalised;
use crate::model::{EntityId, Facts, Link, LinkKind};

use super::super::check::TOLERANCE;
use super::super::codes::Code;
use super::super::diagnostic::{Diagnostic, Span};
use super::super::lower::Ids;
use super::super::record::WeightRecord;
use super::super::session::Session;
use super::flows::{end, name};
use super::{Bulk, Column, Table, required};

const COLUMNS: &[Column] =
    &[required(&["supplier"]), required(&["buyer", "customer"]), required(&["weight"])];
const SUPPLIER: usize = 0;
const BUYER: usize = 1;
const WEIGHT: usize = 2;

/// Makes entities of the names, for a dataset that declares none.
pub fn declare(table: &Table, session: &mut Session, bulk: &mut Bulk) {
    table.rows(session, COLUMNS, |_, row| {
        for column in [SUPPLIER, BUYER] {
            name(row, column, bulk);
        }
    });
}

/// Adds the ties to the facts.
pub fn lower(
    table: &Table,
    session: &mut Session,
    ids: &Ids,
    weight: WeightRecord,
    facts: &mut Facts,
    unknown_hint: impl Fn(&mut Session),
) {
    let kind = match weight {
        WeightRecord::Amount => LinkKind::Amount,
        WeightRecord::ShareOfCost => LinkKind::CostShare,
    };
    let start = facts.links.len();
    let mut pairs: HashSet<(EntityId, EntityId)> = HashSet::new();
    let mut repeated: Option<(usize, Span)> = None;
    table.rows(session, COLUMNS, |session, row| {
        let from = end(session, row, SUPPLIER, "supplier", ids);
        let to = end(session, row, BUYER, "buyer", ids);
        if row.given(SUPPLIER).is_some() && from.is_none() || row.given(BUYER).is_some() && to.is_none() {
            unknown_hint(session);
        }
        let Some(weight) = row.number(session, WEIGHT, "a weight") else { return };
        if kind == LinkKind::CostShare && weight > 1.0 {
            let message = format!("a share of cost lies between 0 and 1; this is {weight}");
            let problem = Diagnostic::new(Code::ShareRange, row.span(Some(WEIGHT)), message);
            session.push(problem.hint("for money per year leave `weight: ShareOfCost` out"));
            return;
        }
        let (Some(from), Some(to)) = (from, to) else { return };
        if weight > 0.0 {
            facts.links.push(Link { from, to, weight, kind });
        }
        if !pairs.insert((from, to)) {
            let count = repeated.as_ref().map_or(0, |(count, _)| *count);
            let span = repeated.take().map_or_else(|| row.span(None), |(_, span)| span);
            repeated = Some((count + 1, span));
        }
    });
    if let Some((count, span)) = repeated {
        let message = format!("rows that name a pair once more: {count}; their weights add up");
        session.push(Diagnostic::new(Code::RepeatedPair, span, message).label("the first of them"));
    }
    if kind == LinkKind::CostShare {
        sums(table, session, facts, start);
    }
}

/// Checks that no buyer's shares of cost add up to more than its cost.
fn sums(table: &Table, session: &mut Session, facts: &mut Facts, start: usize) {
    let mut sums: BTreeMap<EntityId, f64> = BTreeMap::new();
    for link in facts.links.iter().skip(start) {
        *sums.entry(link.to).or_default() += link.weight;
    }
    sums.retain(|_, sum| *sum > 1.0 + 1e-9);
    for (buyer, sum) in &sums {
        let key = facts.entities.get(buyer.index()).map_or("", |entity| entity.key.as_str());
        let message = format!("the cost shares of `{key}` add up to {:.4}", sum);
        let span = Span::file(&table.file);
        if *sum > 1.0 + TOLERANCE {
            session.push(Diagnostic::new(Code::SharesAboveOne, span, message));
        } else {
            session.push(Diagnostic::new(
                Code::SharesRescaled,
                span,
                format!("{message}; they are scaled to 1"),
            ));
            let what = format!("the cost shares of {key} add up to {sum:.4}");
            facts.renormalised.push(Renormalised { what, relations: Vec::new(), stated: Vec::new() });
        }
    }
    for link in facts.links.iter_mut().skip(start) {
        if let Some(sum) = sums.get(&link.to) {
            link.weight /= sum;
        }
    }
}
