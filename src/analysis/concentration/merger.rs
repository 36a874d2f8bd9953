//! What a merger does to a market, and what an authority would presume of it.

use super::preset::UNDETERMINED;
use super::subject::Row;
use super::{By, Concentration, Part, bounds_with};
use crate::analysis::{AnalysisError, View};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::EntityId;

const PARAMETER: &str = "merge";

impl Concentration {
    /// One row for each market in which two or more of the parties sell.
    ///
    /// # Errors
    /// Fewer than two parties, unknown ones, a question by country, or no market in which two of them sell.
    pub(super) fn mergers(&self, view: &View<'_>, rows: &[Row]) -> Result<Table, AnalysisError> {
        let invalid = |reason: String| AnalysisError::Invalid { parameter: PARAMETER, reason };
        if !matches!(self.by, By::Entity | By::Owner) {
            return Err(invalid("firms merge, countries do not; ask by entity or by owner".into()));
        }
        let mut parties: Vec<EntityId> = Vec::new();
        for key in &self.merge {
            let id = view.graph.find_entity(key)?;
            if !parties.contains(&id) {
                parties.push(id);
            }
        }
        if parties.len() < 2 {
            return Err(invalid("expected two or more different entities, as in a,b".into()));
        }
        let mut table = Table::new("merger", "The merger", columns());
        for row in rows {
            let holders = self.parties(view, row, &parties);
            if holders.len() >= 2 {
                table.rows.push(self.merger(row, &holders));
            }
        }
        if table.rows.is_empty() {
            let names: Vec<&str> = parties.iter().map(|id| view.graph.entity(*id).name.as_str()).collect();
            let listed: Vec<String> = match rows {
                [row] => row.holders.single().filter_map(|h| h.cell.as_key().map(str::to_string)).collect(),
                _ => Vec::new(),
            };
            let there =
                if listed.is_empty() { String::new() } else { format!("; listed are {}", listed.join(", ")) };
            return Err(invalid(format!(
                "{} do not hold separate shares of one market asked for{there}",
                names.join(" and ")
            )));
        }
        Ok(table)
    }

    /// Positions of the holders that the parties are, or under --by owner belong to.
    fn parties(&self, view: &View<'_>, row: &Row, parties: &[EntityId]) -> Vec<usize> {
        let key = |party: EntityId| {
            let entity = match self.by {
                By::Owner => view.graph.ultimate_owner(party, &view.scope),
                _ => party,
            };
            view.graph.entity(entity).key.as_str()
        };
        let mut found: Vec<usize> = parties
            .iter()
            .filter_map(|party| {
                let single = |holder: &super::holders::Holder| !holder.part.group && !holder.aside;
                row.holders.all.iter().position(|h| single(h) && h.cell.as_key() == Some(key(*party)))
            })
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    fn merger(&self, row: &Row, parties: &[usize]) -> Vec<Cell> {
        let is_party = |at: &usize| parties.contains(at);
        let part = |at: usize| row.holders.all.get(at).map(|holder| holder.part);
        let own: Vec<Part> = parties.iter().filter_map(|at| part(*at)).collect();
        let sum = |of: fn(&Part) -> f64| own.iter().map(of).sum::<f64>().min(1.0);
        let merged =
            Part { low: sum(|p| p.low), point: sum(|p| p.point), high: sum(|p| p.high), group: false };
        let others = row.holders.all.iter().enumerate().filter(|(at, holder)| !holder.aside && !is_party(at));
        let parts: Vec<Part> = others.map(|(_, holder)| holder.part).chain([merged]).collect();
        let post = bounds_with(&parts, self.rest());
        let rise = |of: fn(&Part) -> f64| {
            let squares: f64 = own.iter().map(|part| of(part) * of(part)).sum();
            (sum(of) * sum(of) - squares).max(0.0) * 1e4
        };
        // where the ends of the ranges do not fit into one market, half of it each gives the most
        let most = (1.0 - 1.0 / own.len() as f64) * 1e4;
        let (low, delta) = (rise(|p| p.low), rise(|p| p.point));
        let high = if own.iter().map(|p| p.high).sum::<f64>() > 1.0 { most } else { rise(|p| p.high) };
        let verdict = self.verdict((post.hhi_low, post.hhi_high), (low, high), (merged.low, merged.high));
        let names = parties.iter().filter_map(|at| row.holders.all.get(*at)).map(|holder| &holder.cell);
        let items = names
            .filter_map(|cell| match cell {
                Cell::Item { key, name } => Some((key.clone(), name.clone())),
                _ => None,
            })
            .collect();
        vec![
            row.subject.cell.clone(),
            Cell::Items(items),
            Cell::Number(merged.point),
            Cell::Number(delta),
            Cell::Number(low),
            Cell::Number(high.max(low)),
            Cell::Number(row.bounds.hhi_low * 1e4),
            Cell::Number(row.bounds.hhi_high * 1e4),
            Cell::Number(post.hhi_low * 1e4),
            Cell::Number(post.hhi_high * 1e4),
            Cell::text(self.preset.name()),
            Cell::text(self.preset.dated()),
            Cell::text(verdict),
        ]
    }

    /// The verdict on which all ends of the ranges agree.
    fn verdict(&self, post: (f64, f64), delta: (f64, f64), share: (f64, f64)) -> &'static str {
        let mut found: Option<&'static str> = None;
        for post in [post.0, post.1] {
            for delta in [delta.0, delta.1] {
                for share in [share.0, share.1] {
                    match (self.preset.merger(post * 1e4, delta, share), found) {
                        (None, _) => return "no rule for mergers",
                        (Some(verdict), Some(other)) if verdict != other => return UNDETERMINED,
                        (Some(verdict), _) => found = Some(verdict),
                    }
                }
            }
        }
        found.unwrap_or(UNDETERMINED)
    }
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("market", Unit::Text, "The market"),
        Column::new("parties", Unit::Text, "Who merges"),
        Column::new("combined_share", Unit::Share, "What they hold together, 0 to 1"),
        Column::new(
            "delta",
            Unit::Hhi,
            "Rise of the HHI, twice the product of the shares of two, 0 to 10,000",
        ),
        Column::new("delta_low", Unit::Hhi, "The least rise that the sources allow, 0 to 10,000"),
        Column::new("delta_high", Unit::Hhi, "The most that the sources allow, 0 to 10,000"),
        Column::new("pre_low", Unit::Hhi, "HHI before, 0 to 10,000, at the least"),
        Column::new("pre_high", Unit::Hhi, "HHI before, 0 to 10,000, at the most"),
        Column::new("post_low", Unit::Hhi, "HHI after, 0 to 10,000, at the least"),
        Column::new("post_high", Unit::Hhi, "HHI after, 0 to 10,000, at the most"),
        Column::new("preset", Unit::Text, "Whose rule the verdict follows"),
        Column::new("dated", Unit::Text, "When that rule was set, as year and month"),
        Column::new(
            "verdict",
            Unit::Text,
            "What the rule presumes, where the ranges leave no doubt; else undetermined. Market definition, entry and \
             efficiencies are not considered",
        ),
    ]
}
