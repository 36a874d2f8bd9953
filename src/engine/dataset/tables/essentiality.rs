//! `Essentiality(file)`: what the inputs from one sector are to the customers in another, one pair a row.

use std::collections::BTreeMap;

use crate::model::InputClass;

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::read::{clip, quoted};
use super::super::session::Session;
use super::{Bulk, Column, Table, required};

const COLUMNS: &[Column] =
    &[required(&["supplier_sector"]), required(&["customer_sector"]), required(&["class"])];
const SUPPLIER: usize = 0;
const CUSTOMER: usize = 1;
const CLASS: usize = 2;

/// Reads the classes. Sectors that nobody belongs to are no fault: such tables are made for whole classifications.
pub fn declare(table: &Table, session: &mut Session, bulk: &mut Bulk) {
    let mut lines: BTreeMap<(String, String), u32> = BTreeMap::new();
    table.rows(session, COLUMNS, |session, row| {
        let supplier = row.name(session, SUPPLIER, "supplier's sector");
        let customer = row.name(session, CUSTOMER, "customer's sector");
        let class = match row.text(CLASS) {
            "0" => InputClass::None,
            "1" => InputClass::Adds,
            "2" => InputClass::Essential,
            other => {
                let message = format!("{} is no class", quoted(other));
                let problem = Diagnostic::new(Code::TableRow, row.span(Some(CLASS)), message);
                session.push(problem.expected("0 (no effect), 1 (adds to output) or 2 (essential)"));
                return;
            }
        };
        let (Some(supplier), Some(customer)) = (supplier, customer) else { return };
        let pair = (supplier.to_string(), customer.to_string());
        let line = row.place().line;
        if bulk.classes.contains_key(&pair) {
            let message = format!(
                "the class of inputs from `{}` to `{}` is given twice",
                clip(supplier, 60),
                clip(customer, 60)
            );
            let label = match lines.get(&pair) {
                Some(first) => format!("first on line {first}"),
                None => "first in another table".to_string(),
            };
            session.push(Diagnostic::new(Code::DuplicateId, row.span(None), message).label(label));
            return;
        }
        lines.insert(pair.clone(), line);
        bulk.classes.insert(pair, class);
    });
}
