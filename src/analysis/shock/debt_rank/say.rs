//! What a financial contagion comes to, in sentences, and what it rests on.

use super::super::stakes::{Basis, Layer, Stake};
use super::Run;
use crate::analysis::trail::Trail;
use crate::answer::{Answer, AnswerStatus, Cell, FindingBuilder};
use crate::model::{EntityId, Status};
use crate::order::Arrange;
use crate::scenario::EntityHit;

/// Losers named in one sentence.
const NAMED: usize = 3;

impl Run<'_> {
    pub(super) fn findings(&self, answer: &mut Answer) {
        let (Some(losses), Some(stress), Some(summary)) = (
            answer.table("losses").cloned(),
            answer.table("stress").cloned(),
            answer.table("summary").cloned(),
        ) else {
            return;
        };
        let who = self.hit_words();
        let others: Vec<usize> =
            (0..losses.rows.len()).filter(|row| losses.number(*row, "deals") > Some(0.0)).collect();
        for (column, what) in [
            ("backlog_lost", "contracted sales still to come"),
            ("equity_lost", "stakes"),
            ("debt_lost", "what it has lent"),
        ] {
            let mut rows: Vec<usize> =
                others.iter().copied().filter(|row| losses.number(*row, column).is_some()).collect();
            let amount = |row: &usize| losses.number(*row, column).unwrap_or(0.0);
            rows.arrange(|a, b| amount(b).total_cmp(&amount(a)).then(a.cmp(b)));
            if rows.is_empty() || losses.number(rows[0], "equity").is_some() && self.is_all_tabled() {
                continue;
            }
            let more = rows.len().saturating_sub(NAMED);
            rows.truncate(NAMED);
            let mut finding = FindingBuilder::new(format!("If {who}, "));
            for (place, row) in rows.iter().enumerate() {
                let (link, verb) = match place {
                    0 => ("", " loses "),
                    place if place + 1 == rows.len() => (" and ", " "),
                    _ => (", ", " "),
                };
                finding =
                    finding.words(link).cell(&losses, *row, "entity").words(verb).cell(&losses, *row, column);
                if place == 0 {
                    finding = finding.words(format!(" of {what}"));
                }
            }
            let rest = if more > 0 {
                format!("; {more} {} less", if more == 1 { "other loses" } else { "others lose" })
            } else {
                String::new()
            };
            answer.findings.push(finding.words(format!("{rest}.")).done());
        }
        let hit = |row: &usize| {
            let key = stress.cell(*row, "entity").and_then(Cell::as_key);
            let id = key.and_then(|key| self.view.graph.find_entity(key).ok());
            id.is_some_and(|id| !self.shocked(id)) && stress.number(*row, "stress").is_some_and(|s| s > 1e-12)
        };
        let hit: Vec<usize> = (0..stress.rows.len()).filter(hit).collect();
        if let Some(worst) = hit.first() {
            let finding = FindingBuilder::new("Of those whose equity is known, ")
                .cell(&stress, *worst, "entity")
                .words(" is hit hardest and loses ")
                .cell(&stress, *worst, "stress")
                .words(format!(" of it; {} lose some. Contagion adds ", hit.len()))
                .cell(&summary, 0, "additional_stress")
                .words(" of all weight to a shock of ")
                .cell(&summary, 0, "original_stress")
                .words(".");
            answer.findings.push(finding.done());
        }
        if answer.findings.is_empty() {
            answer.findings.push(FindingBuilder::new("Nobody else loses anything.").done());
        }
    }

    /// Who is hit, in words of money: a few by name, many as the scenario says.
    fn hit_words(&self) -> String {
        let hits = &self.asked.hits;
        if hits.entities.len() > NAMED {
            return hits.words.join(" and ");
        }
        let name = |id: EntityId| self.view.graph.entity(id).name.as_str();
        let one = |hit: &EntityHit| match hit.size.lost() {
            Some(lost) if lost < 1.0 => {
                format!("{} loses {} % of its equity", name(hit.entity), (lost * 1000.0).round() / 10.0)
            }
            _ => format!("{} fails", name(hit.entity)),
        };
        hits.entities.iter().map(one).collect::<Vec<_>>().join(" and ")
    }

    /// Whether all exposures are rows of bulk tables, whose unit nobody says.
    fn is_all_tabled(&self) -> bool {
        self.stakes.all.iter().all(|stake| stake.relation.is_none())
    }

    pub(super) fn caveats(&self, answer: &mut Answer) {
        let radius = self.radius;
        let verdict = match radius.below_one() {
            Some(true) => "below 1, so that small losses die away",
            Some(false) => "1 or more, so that small losses grow until somebody has lost everything",
            None => "too close to 1 to tell whether small losses die away",
        };
        let text = format!("The spectral radius of the leverages is {:.6}: {verdict}.", radius.value());
        answer.caveat("spectral-radius", text, None);
        let unknown = self.unknown;
        if unknown > 0 {
            let text = format!(
                "Nobody states equity or valuation of {unknown} of those who could lose: their losses are in money, and they pass \
                 none on (--stand-in revenue takes a year's revenue instead)."
            );
            answer.caveat("unknown-equity", text, Some(unknown));
        }
        let basis = |basis: Basis| self.stakes.capital.iter().flatten().filter(|c| c.basis == basis).count();
        for (kind, text) in [
            (
                Basis::Valuation,
                "equities are valuations of the whole firm, which are not what a balance sheet has",
            ),
            (Basis::Revenue, "equities are one year's revenue instead: an assumption"),
        ] {
            let count = basis(kind);
            if count > 0 {
                answer.caveat("equity-basis", format!("{count} {text}."), Some(count));
            }
        }
        let backlog = self.stakes.all.iter().filter(|stake| stake.layer == Layer::Backlog).count();
        if backlog > 0 {
            let text = format!(
                "Contracted sales are sales, not profit: {:.0} % of those lost count as lost equity (--backlog-loss). Of a contract, \
                 what its term has left is at stake.",
                self.part * 100.0
            );
            answer.caveat("backlog", text, Some(backlog));
        }
        let soft = |stake: &&Stake| matches!(stake.status, Some(Status::Announced | Status::Intent));
        let soft = self.stakes.all.iter().filter(soft).count();
        if soft > 0 {
            let text = format!(
                "{soft} deals are not signed: announced ones count half, intentions a quarter (assumed)."
            );
            answer.caveat("haircut", text, Some(soft));
        }
        if self.stakes.unpriced > 0 {
            let text = format!("{} deals state no money and are left out.", self.stakes.unpriced);
            answer.caveat("unpriced", text, Some(self.stakes.unpriced));
        }
        if self.stakes.rough > 0 {
            let text = format!(
                "{} amounts are \"more than\", \"up to\" or a range, taken at the number said.",
                self.stakes.rough
            );
            answer.caveat("rough-amounts", text, Some(self.stakes.rough));
        }
        if self.stakes.marked > 0 {
            let text = format!(
                "{} stakes stand at the value of the firm instead of the money put in.",
                self.stakes.marked
            );
            answer.caveat("marked-stakes", text, Some(self.stakes.marked));
        }
        if !self.apart.is_empty() {
            let text = "A business that fails by itself costs its own creditors; what its owner loses in it is not known.";
            answer.caveat("business-fails", text, Some(self.apart.len()));
        }
        let text = format!(
            "{} in {} rounds, last change {:.1e}. Rounds are not days.",
            if self.stress.converged { "Converged" } else { "Not converged" },
            self.stress.rounds,
            self.stress.residual
        );
        if self.stress.converged {
            answer.caveat("rounds", text, Some(self.stress.rounds));
        } else {
            answer.status =
                AnswerStatus::NotConverged { residual: self.stress.residual, rounds: self.stress.rounds };
        }
        let mut trail = Trail::default();
        for stake in self.stakes.all.iter().filter(|stake| self.lost(stake) > 0.0) {
            stake.relation.into_iter().for_each(|id| trail.relation(id));
            if let Some(capital) = self.stakes.capital.get(stake.lender.index()).copied().flatten() {
                capital.attribute.into_iter().for_each(|id| trail.attribute(id));
            }
        }
        trail.finish(self.view, answer);
    }
}
