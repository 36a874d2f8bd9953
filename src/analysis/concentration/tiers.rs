//! Concentration of each tier upstream of one buyer, by cost.

use std::collections::BTreeMap;

use super::Concentration;
use super::holders::{Holders, Stake};
use crate::analysis::trail::Trail;
use crate::analysis::{AnalysisError, View};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};

/// Tiers that are followed, and the part of spending below which a tier is not worth a row.
const MOST_TIERS: usize = 12;
const NOTICEABLE: f64 = 1e-6;

impl Concentration {
    /// Row of `W^t` for each tier t: how much of the buyer's cost reaches it, and how concentrated it is there.
    ///
    /// # Errors
    /// An unknown entity, or one whose costs are not known.
    pub(super) fn tiers(
        &self,
        view: &View<'_>,
        of: EntityId,
        answer: &mut Answer,
    ) -> Result<(), AnalysisError> {
        let name = &view.graph.entity(of).name;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let mut table = Table::new("tiers", "Concentration by tier", self.tier_columns());
        let mut trail = Trail::default();
        let mut wave: BTreeMap<EntityId, f64> = BTreeMap::from([(of, 1.0)]);
        for tier in 1..=MOST_TIERS {
            let mut next: BTreeMap<EntityId, f64> = BTreeMap::new();
            for (buyer, weight) in &wave {
                for link in cost.of(*buyer) {
                    *next.entry(link.supplier).or_default() += weight * link.share;
                    trail.cost(&cost, *buyer, link);
                }
            }
            let total: f64 = next.values().sum();
            if total < NOTICEABLE {
                break;
            }
            let mut stakes: Vec<Stake> = next
                .iter()
                .map(|(entity, weight)| {
                    let share = weight / total;
                    let group = view.graph.entity(*entity).group;
                    Stake { entity: *entity, low: share, point: share, high: share, group }
                })
                .collect();
            let holders = Holders::new(view, self.by, None, &mut stakes, true);
            let bounds = holders.bounds(self.rest());
            let top = holders.single().next();
            table.rows.push(vec![
                Cell::Number(tier as f64),
                Cell::text(self.by.name()),
                Cell::Number(total),
                Cell::Number(holders.all.len() as f64),
                Cell::Number(bounds.hhi_low * 1e4),
                Cell::Number(bounds.hhi_high * 1e4),
                Cell::number(bounds.effective(bounds.hhi_high)),
                Cell::number(bounds.effective(bounds.hhi_low)),
                top.map_or(Cell::Empty, |holder| holder.cell.clone()),
                Cell::number(top.map(|holder| holder.part.point)),
                Cell::text(self.preset.name()),
                Cell::text(self.preset.label(&bounds)),
            ]);
            wave = next;
        }
        if table.rows.is_empty() {
            return Err(AnalysisError::NoData(format!("no cost share of {name} is known in the scope")));
        }
        let hhi = |row: usize| table.number(row, "hhi_low");
        let deepest = (0..table.rows.len())
            .max_by(|a, b| hhi(*a).unwrap_or(0.0).total_cmp(&hhi(*b).unwrap_or(0.0)).then(b.cmp(a)));
        let mut finding = FindingBuilder::new(format!("{name} spends directly on as many as "))
            .range(&table, 0, "effective_low", "effective_high")
            .words(" equal suppliers");
        if let Some(row) = deepest.filter(|row| *row > 0) {
            finding = finding
                .words(", yet in tier ")
                .cell(&table, row, "tier")
                .words(" what is left of its money goes to as many as ")
                .range(&table, row, "effective_low", "effective_high")
                .words(": ")
                .cell(&table, row, "top")
                .words(" takes ")
                .cell(&table, row, "top_share")
                .words(" of that tier");
        }
        answer.findings.push(finding.words(".").done());
        answer.caveat("preset", self.preset.describe(), None);
        let text = "A tier counts steps of payment, so that with cycles one firm may stand in several; shares are of the \
                    known spending in the tier, by cost and not by what stops without it.";
        answer.caveat("cost-basis", text, None);
        let beyond: f64 = wave.values().sum();
        if table.rows.len() == MOST_TIERS && beyond >= NOTICEABLE {
            let text = format!("The first {MOST_TIERS} tiers are shown; the money goes round further.");
            answer.caveat("tiers-shown", text, None);
        }
        answer.tables.push(table);
        trail.finish(view, answer);
        Ok(())
    }

    fn tier_columns(&self) -> Vec<Column> {
        vec![
            Column::new("tier", Unit::Count, "Steps upstream, 1 for direct suppliers"),
            Column::new("by", Unit::Text, "Whose shares are added up before squaring"),
            Column::new("spend_share", Unit::Share, "Part of the buyer's cost that reaches the tier, 0 to 1"),
            Column::new("suppliers", Unit::Count, "How many share in it"),
            Column::new(
                "hhi_low",
                Unit::Hhi,
                "HHI, 0 to 10,000, of what reaches the tier, groups as many small firms",
            ),
            Column::new(
                "hhi_high",
                Unit::Hhi,
                "HHI, 0 to 10,000, of what reaches the tier, each group as one firm",
            ),
            Column::new(
                "effective_low",
                Unit::Number,
                "Number of equal suppliers with the upper HHI, 1 or more",
            ),
            Column::new(
                "effective_high",
                Unit::Number,
                "Number of equal suppliers with the lower HHI, 1 or more",
            ),
            Column::new("top", Unit::Text, "The largest in the tier"),
            Column::new("top_share", Unit::Share, "Its share of what reaches the tier, 0 to 1"),
            Column::new("preset", Unit::Text, "The thresholds behind the label"),
            Column::new("label", Unit::Text, "The band, where both bounds fall in one; else undetermined"),
        ]
    }
}
