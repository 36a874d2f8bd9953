//! `Supplies(file, weight)`: one tie of a supplier to a buyer a row, with money per year or a share of the
//! buyer's total cost.

use std::collections::BTreeMap;

use rayon::prelude::*;

use crate::model::Renormalised;
use crate::model::{EntityId, Facts, Link, LinkKind};
use crate::part::Part;

use super::super::check::TOLERANCE;
use super::super::codes::Code;
use super::super::diagnostic::{Diagnostic, Span};
use super::super::record::WeightRecord;
use super::super::session::Session;
use super::flows::{end, is_elsewhere, link, name};
use super::pairs::Pairs;
use super::{Bulk, Column, Keep, Row, Table, order, required};

pub const COLUMNS: &[Column] =
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
    keep: &Keep,
    weight: WeightRecord,
    facts: &mut Facts,
    unknown_hint: impl Fn(&mut Session),
) {
    let kind = match weight {
        WeightRecord::Amount => LinkKind::Amount,
        WeightRecord::ShareOfCost => LinkKind::CostShare,
    };
    let start = facts.links.len();
    let mut pairs = Pairs::of(keep.part);
    let fits = |weight: f64| kind != LinkKind::CostShare || weight <= 1.0;
    let see = |row: &Row| link(row, [SUPPLIER, BUYER, WEIGHT], keep.ids).filter(|(.., weight)| fits(*weight));
    table.rows_seen(session, COLUMNS, see, |session, row, seen| {
        if is_elsewhere(session, row, keep, seen) {
            return;
        }
        let checked = |session: &mut Session| {
            let from = end(session, row, SUPPLIER, "supplier", keep.ids);
            let to = end(session, row, BUYER, "buyer", keep.ids);
            if row.given(SUPPLIER).is_some() && from.is_none() || row.given(BUYER).is_some() && to.is_none() {
                unknown_hint(session);
            }
            let weight = row.number(session, WEIGHT, "a weight")?;
            if !fits(weight) {
                let message = format!("a share of cost lies between 0 and 1; this is {weight}");
                let problem = Diagnostic::new(Code::ShareRange, row.span(Some(WEIGHT)), message);
                session.push(problem.hint("for money per year leave `weight: ShareOfCost` out"));
                return None;
            }
            Some((from?, to?, weight))
        };
        let Some((from, to, weight)) = seen.or_else(|| checked(session)) else {
            pairs.skip();
            return;
        };
        if weight > 0.0 {
            facts.links.push(Link { from, to, weight, kind });
        }
        pairs.push(from, to);
    });
    table.warn_repeated(session, COLUMNS, &pairs, "weights");
    if kind == LinkKind::CostShare {
        sums(table, session, keep.part, facts, start);
    }
}

/// Checks that no buyer's shares of cost add up to more than its cost.
fn sums(table: &Table, session: &mut Session, part: &Part, facts: &mut Facts, start: usize) {
    // sums do not hang on the order of the rows
    facts.links.get_mut(start..).unwrap_or_default().par_sort_unstable_by(order);
    let mut sums: BTreeMap<EntityId, f64> = BTreeMap::new();
    for link in facts.links.iter().skip(start).filter(|link| part.holds(link.to.index())) {
        *sums.entry(link.to).or_default() += link.weight;
    }
    sums.retain(|_, sum| *sum > 1.0 + 1e-9);
    let known: Vec<(u32, f64)> = sums.iter().map(|(buyer, sum)| (buyer.0, *sum)).collect();
    sums = part.gather(&known).into_iter().map(|(buyer, sum)| (EntityId(buyer), sum)).collect();
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
