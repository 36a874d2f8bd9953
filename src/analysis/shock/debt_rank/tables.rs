//! The tables of a financial contagion.

use std::collections::BTreeMap;

use super::super::stakes::{Stake, revenue, weight};
use super::Run;
use crate::analysis::trail::entity_cell;
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;

impl Run<'_> {
    pub(super) fn stress_table(&self) -> Table {
        let columns = vec![
            Column::new(
                "entity",
                Unit::Text,
                "Who loses; businesses stand on the account of the owner who controls them",
            ),
            Column::new(
                "stress",
                Unit::Share,
                "Part of its equity lost, capped at 1; empty where its equity is not known",
            ),
        ];
        let mut table = Table::new("stress", "Part of equity lost", columns);
        for id in self.everybody() {
            let stress = self.uncapped(id).map(|h| h.min(1.0));
            table.rows.push(vec![entity_cell(self.view.graph, id), Cell::number(stress)]);
        }
        table
    }

    /// Losses in money, of those who lose.
    pub(super) fn losses(&self) -> Table {
        let columns = vec![
            Column::new("entity", Unit::Text, "Who loses"),
            Column::new(
                "equity_lost",
                Unit::Usd,
                "Stakes in others that are lost (unit of the table, where it comes from one)",
            ),
            Column::new("debt_lost", Unit::Usd, "Loans, bonds, leases and other exposures that are lost"),
            Column::new(
                "backlog_lost",
                Unit::Usd,
                "Contracted sales still to come that are lost; sales, not profit",
            ),
            Column::new("deals", Unit::Count, "Deals behind these losses"),
            Column::new(
                "round_first_hit",
                Unit::Count,
                "Round of the first loss; 0 for the shock itself; rounds are not days; empty where its equity is not known",
            ),
            Column::new("equity", Unit::Usd, "Its equity, as far as anybody states it"),
            Column::new("equity_basis", Unit::Text, "How its equity is known"),
            Column::new(
                "loss_capped",
                Unit::Usd,
                "Equity lost: no more than there is; the shock itself included",
            ),
            Column::new(
                "excess_loss",
                Unit::Usd,
                "Loss beyond the equity, which falls on creditors outside the model",
            ),
            Column::new(
                "backlog_to_revenue",
                Unit::Ratio,
                "Contracted sales lost, in years of its stated revenue",
            ),
        ];
        let mut table = Table::new("losses", "Who loses what", columns);
        let mut sums: BTreeMap<EntityId, ([f64; 3], usize)> = BTreeMap::new();
        for stake in &self.stakes.all {
            let lost = self.lost(stake);
            if lost > 0.0 {
                let slot = sums.entry(stake.lender).or_default();
                if let Some(sum) = slot.0.get_mut(stake.layer as usize) {
                    *sum += lost;
                }
                slot.1 += 1;
            }
        }
        for id in self.view.graph.entity_ids().filter(|id| self.shocked(*id)) {
            sums.entry(id).or_default();
        }
        let mut order: Vec<(EntityId, ([f64; 3], usize))> = sums.into_iter().collect();
        let total = |sums: &[f64; 3]| sums.iter().sum::<f64>();
        order.arrange(|a, b| {
            let first = self.shocked(b.0).cmp(&self.shocked(a.0));
            first.then(total(&b.1.0).total_cmp(&total(&a.1.0))).then(a.0.cmp(&b.0))
        });
        for (id, ([equity, debt, backlog], deals)) in order {
            let capital = self.stakes.capital.get(id.index()).copied().flatten();
            let uncapped = self.uncapped(id).filter(|_| capital.is_some());
            let own = capital.map_or(0.0, |capital| capital.amount);
            let some = |value: f64| Cell::number((value > 0.0).then_some(value));
            let first = self.stress.first_hit.get(id.index()).copied().flatten();
            let row: Row = vec![
                entity_cell(self.view.graph, id),
                some(equity),
                some(debt),
                some(backlog),
                Cell::Number(deals as f64),
                Cell::number(first.map(f64::from)),
                Cell::number(capital.map(|capital| capital.amount)),
                capital.map_or(Cell::Empty, |capital| Cell::text(capital.basis.describe())),
                Cell::number(uncapped.map(|h| h.min(1.0) * own)),
                Cell::number(uncapped.map(|h| (h - 1.0).max(0.0) * own)),
                Cell::number(
                    revenue(self.view, id).filter(|_| backlog > 0.0).map(|revenue| backlog / revenue),
                ),
            ];
            table.rows.push(row);
        }
        table
    }

    /// The deals behind the losses, largest first.
    pub(super) fn exposures(&self) -> Table {
        let columns = vec![
            Column::new("lender", Unit::Text, "On whose account the loss comes"),
            Column::new("party", Unit::Text, "The business that made the deal"),
            Column::new("borrower", Unit::Text, "Whose failure costs it"),
            Column::new("layer", Unit::Text, "equity, debt or backlog"),
            Column::new("amount", Unit::Usd, "What is at stake: for contracts what is still to come"),
            Column::new("status", Unit::Text, "How firm the deal is"),
            Column::new("haircut", Unit::Share, "Part of it that counts, by status"),
            Column::new("lost", Unit::Usd, "What of it is lost here"),
            Column::new("record", Unit::Text, "The record; empty for a row of a bulk table"),
        ];
        let mut table = Table::new("deals", "Deals behind the losses", columns);
        let mut order: Vec<&Stake> = self.stakes.all.iter().filter(|stake| self.lost(stake) > 0.0).collect();
        order.arrange(|a, b| {
            self.lost(b).total_cmp(&self.lost(a)).then((a.lender, a.borrower).cmp(&(b.lender, b.borrower)))
        });
        for stake in order {
            let graph = self.view.graph;
            table.rows.push(vec![
                entity_cell(graph, stake.lender),
                entity_cell(graph, stake.party),
                entity_cell(graph, stake.borrower),
                Cell::text(stake.layer.describe()),
                Cell::Number(stake.amount),
                stake.status.map_or(Cell::Empty, |status| Cell::text(format!("{status:?}").to_lowercase())),
                Cell::Number(stake.haircut),
                Cell::Number(self.lost(stake)),
                stake.relation.map_or(Cell::Empty, |id| Cell::text(&graph.relation(id).key)),
            ]);
        }
        table
    }

    pub(super) fn summary(&self) -> Table {
        let columns = vec![
            Column::new("original_stress", Unit::Share, "The shock, as a part of all weight"),
            Column::new(
                "additional_stress",
                Unit::Share,
                "What contagion adds to it, capped entity by entity",
            ),
            Column::new(
                "loss_capped",
                Unit::Usd,
                "Equity lost by contagion, no more than each has (unit of the table, where it comes from one)",
            ),
            Column::new("excess_loss", Unit::Usd, "Loss beyond the equities"),
            Column::new(
                "spectral_radius",
                Unit::Number,
                "Of the leverages: from 1 on small losses grow by themselves",
            ),
            Column::new("rounds", Unit::Count, "Rounds until nothing moved; rounds are not days"),
            Column::new("residual", Unit::Number, "Largest change in the last round"),
        ];
        let mut table = Table::new("summary", "The whole", columns);
        let (mut first, mut last, mut whole, mut lost, mut excess) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for id in self.view.graph.entity_ids() {
            let capital = self.stakes.capital.get(id.index()).copied().flatten();
            let weight = weight(self.view, id, capital);
            let shock = self.shock.get(id.index()).copied().unwrap_or(0.0);
            let h = self.stress.uncapped.get(id.index()).copied().unwrap_or(0.0);
            whole += weight;
            first += weight * shock;
            last += weight * h.min(1.0);
            let own = capital.map_or(0.0, |capital| capital.amount);
            lost += own * (h.min(1.0) - shock);
            excess += own * (h - 1.0).max(0.0);
        }
        let known = self.stakes.capital.iter().any(Option::is_some);
        let part = |value: f64| Cell::number((whole > 0.0).then(|| value / whole));
        table.rows.push(vec![
            part(first),
            part(last - first),
            Cell::number(known.then_some(lost)),
            Cell::number(known.then_some(excess)),
            Cell::Number(self.radius.value()),
            Cell::Number(self.stress.rounds as f64),
            Cell::Number(self.stress.residual),
        ]);
        table
    }
}
