//! `Shocks(file)`: who loses what in which scenario, one entity a row.

use std::collections::BTreeMap;

use crate::model::{EntityId, Facts, TableLoss, TableScenario};

use super::super::codes::Code;
use super::super::diagnostic::Diagnostic;
use super::super::lower::Ids;
use super::super::read::clip;
use super::super::session::Session;
use super::flows::end;
use super::{Column, Row, Table, optional, required};

const COLUMNS: &[Column] = &[
    required(&["scenario"]),
    required(&["id", "entity"]),
    required(&["loss_d", "loss_downstream", "loss"]),
    optional(&["loss_u", "loss_upstream"]),
];
const SCENARIO: usize = 0;
const ENTITY: usize = 1;
const DOWNSTREAM: usize = 2;
const UPSTREAM: usize = 3;

/// Adds the scenarios to the facts. Where suppliers' losses are not given they are those of customers.
pub fn lower(table: &Table, session: &mut Session, ids: &Ids, facts: &mut Facts) {
    let mut all: BTreeMap<(String, EntityId), (TableLoss, u32)> = BTreeMap::new();
    table.rows(session, COLUMNS, |session, row| {
        let scenario = row.name(session, SCENARIO, "scenario");
        let entity = end(session, row, ENTITY, "entity", ids);
        let downstream = share(session, row, DOWNSTREAM);
        let upstream = match row.given(UPSTREAM) {
            Some(_) => share(session, row, UPSTREAM),
            None => downstream,
        };
        let (Some(scenario), Some(entity), Some(downstream), Some(upstream)) =
            (scenario, entity, downstream, upstream)
        else {
            return;
        };
        let key = (scenario.to_string(), entity);
        let known = facts.columns.scenario(scenario);
        let elsewhere = known.is_some_and(|known| known.losses.iter().any(|loss| loss.entity == entity));
        let first = all.get(&key).map(|(_, first)| format!("first on line {first}"));
        if let Some(label) = first.or(elsewhere.then(|| "first in another table".to_string())) {
            let message = format!(
                "scenario `{}` names `{}` twice",
                clip(scenario, 60),
                clip(ids.entity_key(entity), 60)
            );
            session.push(Diagnostic::new(Code::DuplicateId, row.span(None), message).label(label));
            return;
        }
        all.insert(key, (TableLoss { entity, downstream, upstream }, row.place().line));
    });
    for ((name, _), (loss, _)) in all {
        match facts.columns.scenarios.iter_mut().find(|scenario| scenario.name == name) {
            Some(scenario) => scenario.losses.push(loss),
            None => facts.columns.scenarios.push(TableScenario { name, losses: vec![loss] }),
        }
    }
    facts.columns.scenarios.sort_by(|a, b| a.name.cmp(&b.name));
    facts.columns.scenarios.iter_mut().for_each(|scenario| scenario.losses.sort_by_key(|loss| loss.entity));
}

fn share(session: &mut Session, row: &Row, column: usize) -> Option<f64> {
    let share = row.number(session, column, "a loss")?;
    if share > 1.0 {
        let message = format!("a loss is a share between 0 and 1; this is {share}");
        session.push(Diagnostic::new(Code::ShareRange, row.span(Some(column)), message));
        return None;
    }
    Some(share)
}
