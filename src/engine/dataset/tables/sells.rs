//! `Sells(file)`: one vendor's share of one market a row.

use indexmap::IndexMap;

use crate::model::{
    Detail, Dimension, Estimate, Facts, Measure, Metric, Product, Relation, Status, StatusChange,
};

use super::super::codes::Code;
use super::super::diagnostic::{Diagnostic, Span};
use super::super::lower::Ids;
use super::super::read::{Records, clip};
use super::super::session::Session;
use super::{Bulk, BulkRelation, BulkTie, Column, Table, find, required, unsourced};

const COLUMNS: &[Column] = &[required(&["market"]), required(&["vendor"]), required(&["share"])];
const MARKET: usize = 0;
const VENDOR: usize = 1;
const SHARE: usize = 2;

/// Reads the sales; markets that the dataset does not declare become products.
pub fn declare(table: &Table, session: &mut Session, records: &Records, bulk: &mut Bulk) {
    table.rows(session, COLUMNS, |session, row| {
        let market = row.name(session, MARKET, "market");
        let vendor = row.name(session, VENDOR, "vendor");
        let share = row.number(session, SHARE, "a share");
        let (Some(market), Some(vendor), Some(share)) = (market, vendor, share) else { return };
        if share > 1.0 {
            let message = format!("a share lies between 0 and 1; this is {share}");
            session.push(Diagnostic::new(Code::ShareRange, row.span(Some(SHARE)), message));
            return;
        }
        let key = format!("sells:{market}:{vendor}");
        if let Some(first) = bulk.relations.get(&key) {
            let message = format!("`{}` sells to `{}` twice", clip(vendor, 60), clip(market, 60));
            let label = format!("first on line {} of `{}`", first.place.line, first.place.file);
            session.push(Diagnostic::new(Code::DuplicateId, row.span(None), message).label(label));
            return;
        }
        if find(&records.products, market).is_none() {
            bulk.products.insert(market.to_string());
        }
        let tie = BulkTie::Sells(market.to_string(), share);
        bulk.relations.insert(key, BulkRelation { from: vendor.to_string(), tie, place: row.place() });
    });
}

/// Adds markets and sales to the facts.
pub fn lower(session: &mut Session, ids: &Ids, bulk: &Bulk, facts: &mut Facts) {
    facts.products.extend(bulk.products.iter().map(|key| Product {
        key: key.clone(),
        name: key.clone(),
        unit: None,
        tier: None,
        market: None,
        lead_time: None,
        inventory: None,
        needed_by: IndexMap::new(),
        note: None,
        place: Default::default(),
    }));
    facts.products.sort_by(|a, b| a.key.cmp(&b.key));
    for (key, relation) in &bulk.relations {
        let BulkTie::Sells(market, share) = &relation.tie else { continue };
        let Some(from) = ids.entity(&relation.from) else {
            let vendor = clip(&relation.from, 60);
            let message = format!("line {}: there is no entity `{vendor}`", relation.place.line);
            let mut problem = Diagnostic::new(Code::UnknownEntity, Span::file(&relation.place.file), message);
            problem.nearest = session.nearest(&relation.from, &[ids.entity_keys()]);
            session.push(problem);
            continue;
        };
        let Some(market) = ids.product(market) else { continue };
        facts.relations.push(Relation {
            key: key.clone(),
            from,
            to: None,
            detail: Detail::Sells {
                market,
                variant: None,
                region: None,
                period: None,
                metric: Metric::Unspecified,
                share: Some(Measure::single(Dimension::Share, Estimate::Exact(*share))),
                amount: None,
            },
            history: vec![StatusChange { status: Status::Delivered, on: None }],
            since: None,
            until: None,
            part_of: None,
            deal: None,
            evidence: unsourced(),
            place: relation.place.clone(),
        });
    }
    facts.relations.sort_by(|a, b| a.key.cmp(&b.key));
}
