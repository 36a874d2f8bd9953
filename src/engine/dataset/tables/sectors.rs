//! `Sectors(file)`: the accounts of one sector a row, which make an input-output table of the deliveries between them.

use std::collections::HashMap;

use crate::model::{EntityId, Facts, LinkKind, SectorAccount};
use crate::part::Part;

use super::super::codes::Code;
use super::super::diagnostic::{Diagnostic, Span};
use super::super::lower::Ids;
use super::super::read::clip;
use super::super::session::Session;
use super::flows::end;
use super::{Bulk, Column, Row, Table, optional, required};

const COLUMNS: &[Column] = &[
    required(&["sector", "id"]),
    required(&["gross_output"]),
    optional(&["final_demand"]),
    optional(&["value_added"]),
    optional(&["days_to_one_percent"]),
    optional(&["resilience_k_per_day"]),
];
const SECTOR: usize = 0;
const OUTPUT: usize = 1;
const DEMAND: usize = 2;
const ADDED: usize = 3;
const DAYS: usize = 4;
const RESILIENCE: usize = 5;

/// The kind of a sector that the dataset does not declare as an entity.
const SECTOR_KIND: &str = "sector";
/// Part of its output by which the accounts of a sector may miss its deliveries.
const TOLERANCE: f64 = 1e-6;

/// Makes entities of the sectors that are none yet.
pub fn declare(table: &Table, session: &mut Session, bulk: &mut Bulk) {
    let mut first: HashMap<String, u32> = HashMap::new();
    table.rows(session, COLUMNS, |session, row| {
        let Some(key) = row.given(SECTOR) else { return };
        if let Some(line) = first.get(key) {
            let message = format!("sector `{}` is given twice", clip(key, 60));
            let label = format!("first on line {line}");
            session.push(Diagnostic::new(Code::DuplicateId, row.span(Some(SECTOR)), message).label(label));
            return;
        }
        first.insert(key.to_string(), row.place().line);
        bulk.imply(key, (None, SECTOR_KIND), || row.place());
    });
}

/// Adds the accounts to the facts.
pub fn lower(table: &Table, session: &mut Session, ids: &Ids, facts: &mut Facts) {
    table.rows(session, COLUMNS, |session, row| {
        let sector = end(session, row, SECTOR, "sector", ids);
        let output = row.number(session, OUTPUT, "gross output");
        let account = SectorAccount {
            entity: sector.unwrap_or(EntityId(0)),
            gross_output: output.unwrap_or(0.0),
            final_demand: given(session, row, DEMAND, "final demand"),
            value_added: given(session, row, ADDED, "value added"),
            days_to_one_percent: above_zero(session, row, DAYS, "a time"),
            resilience_per_day: given(session, row, RESILIENCE, "a resilience"),
        };
        if sector.is_some() && output.is_some() {
            facts.sectors.push(account);
        }
    });
}

/// A number where the table gives one.
fn given(session: &mut Session, row: &Row, column: usize, what: &str) -> Option<f64> {
    row.given(column)?;
    row.number(session, column, what)
}

/// The same, where zero means nothing.
fn above_zero(session: &mut Session, row: &Row, column: usize, what: &str) -> Option<f64> {
    let value = given(session, row, column, what)?;
    if value == 0.0 {
        let message = format!("{what} must be above zero");
        session.push(Diagnostic::new(Code::Zero, row.span(Some(column)), message));
        return None;
    }
    Some(value)
}

/// Checks that what a sector delivers and takes adds up to its accounts. A table whose flows run the wrong way shows up
/// here.
pub fn balance(session: &mut Session, part: &Part, facts: &Facts) {
    let n = facts.entities.len();
    let (mut sold, mut bought) = (vec![0.0; n], vec![0.0; n]);
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Amount) {
        let slots = (sold.get_mut(link.from.index()), bought.get_mut(link.to.index()));
        if let (Some(sold), Some(bought)) = slots {
            *sold += link.weight;
            *bought += link.weight;
        }
    }
    let known = facts.sectors.iter().filter(|sector| part.holds(sector.entity.index()));
    let mut off = known.filter_map(|sector| {
        let at = sector.entity.index();
        let misses = |sum: f64| (sum - sector.gross_output).abs() > TOLERANCE * sector.gross_output.max(sum);
        let uses = sector
            .final_demand
            .map(|demand| (sold.get(at).unwrap_or(&0.0) + demand, "deliveries and final demand"));
        let costs = sector
            .value_added
            .map(|added| (bought.get(at).unwrap_or(&0.0) + added, "purchases and value added"));
        let (sum, what) = uses.into_iter().chain(costs).find(|(sum, _)| misses(*sum))?;
        Some((sector, sum, what))
    });
    if let Some((sector, sum, what)) = off.next() {
        let entity = facts.entities.get(sector.entity.index());
        let key = entity.map_or("", |entity| entity.key.as_str());
        let message = format!(
            "sectors whose accounts do not balance: {}; the {what} of `{}` add up to {sum}, its gross output is {}",
            1 + off.count(),
            clip(key, 60),
            sector.gross_output
        );
        let span =
            entity.map(|entity| Span::file(&entity.place.file)).unwrap_or_else(|| Span::file(&"".into()));
        let hint = "beside a table of sectors, `Flows` are deliveries: `from` supplies `to`";
        session.push(Diagnostic::new(Code::UnbalancedSector, span, message).hint(hint));
    }
}
