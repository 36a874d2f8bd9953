//! Financial contagion: DebtRank over stakes, loans and contracted sales.

mod say;
mod tables;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::{AnalysisError, View};
use super::backwards::{failing, said};
use super::stakes::{Layer, Stake, Stakes};
use super::{Asked, BackWords, Backwards, ModelCard, Shock, ShockModel, Support, words};
use crate::answer::Answer;
use crate::model::EntityId;
use crate::order::Arrange;
use crate::part::{Numbers, Part, bits};
use crate::propagation::debt_rank::{Exposures, Stress, Variant};
use crate::propagation::spectral::{Radius, spectral_radius_in};
use crate::propagation::target::{ModelTarget, leant_on};
use crate::scenario::{EffectKind, Place};
use crate::structure::{Digraph, Edge, strong_in};

/// When a loss of equity is passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum ContagionVariant {
    /// Every time that it grows
    #[default]
    MultiHit,
    /// Once, when it begins
    SingleHit,
    /// Once, when all equity is lost
    Threshold,
}

impl From<ContagionVariant> for Variant {
    fn from(variant: ContagionVariant) -> Self {
        match variant {
            ContagionVariant::MultiHit => Self::MultiHit,
            ContagionVariant::SingleHit => Self::SingleHit,
            ContagionVariant::Threshold => Self::Threshold,
        }
    }
}

/// DebtRank.
pub struct DebtRank;

impl ShockModel for DebtRank {
    const CARD: ModelCard = ModelCard {
        name: "debt-rank",
        question: "Who loses how much equity when somebody fails, through stakes, loans and contracted sales?",
        equations: "h_i(t+1) = h_i(t) + Σ_j Λ_ij (min(1, h_j(t)) - min(1, h_j(t-1))), Λ_ij = X_ij / E_i, until nothing moves. Stress = \
                    min(1, h). Single-hit: everybody passes on its first loss only; threshold: only the loss of all equity.",
        reads: "`Exposures` and `equity` of bulk tables; else `Invests`, `Finances`, `Commits` (what is still to come), `Owns` with a \
                known value; `Equity`, `Valuation`.",
        assumptions: "Businesses stand on the account of the owner who controls them. Nothing is recovered. Announced deals count half, \
                      intentions a quarter. Lost contracted sales are lost equity in full, unless --backlog-loss says less. Whose equity \
                      nobody states has losses in money and passes none on.",
        cost: "For each round the lenders of those that changed.",
        reference: "Bardoscia et al., PLoS ONE 10:e0130406, 2015; Battiston et al., Scientific Reports 2:541, 2012.",
        options: &["variant", "stand_in", "backlog_loss"],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        match (kind, place) {
            (EffectKind::EquityLoss | EffectKind::Failure, Place::Entity) => Support::Native,
            (EffectKind::EquityLoss | EffectKind::Failure, _) => {
                Support::Rejected("it carries losses of entities")
            }
            _ => Support::Rejected("it knows what is owed and owned, not what is made"),
        }
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let part = asked.params.backlog_loss.unwrap_or(1.0);
        if !(0.0..=1.0).contains(&part) {
            let reason = format!("{part}: expected a share between 0 and 1");
            return Err(AnalysisError::Invalid { parameter: "backlog-loss", reason });
        }
        let part_of = asked.view.graph.part();
        let stakes = Stakes::collect(asked.view, asked.params.stand_in);
        if !part_of.is_whole() && stakes.account.iter().enumerate().any(|(at, account)| account.index() != at)
        {
            let text = "businesses of the dataset stand on the account of their owners, whose exposures may be with another process; \
                        leave --share links out";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        if !part_of.any(!stakes.all.is_empty()) {
            let text = "nobody has lent to, invested in or contracted with anybody in the dataset and scope";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        let run = Run::new(asked, stakes, part);
        let mut answer =
            Answer::new("shock", words::title(asked, "Financial contagion"), words::question(asked));
        answer.tables = vec![run.stress_table(), run.losses(), run.exposures(), run.summary()];
        run.findings(&mut answer);
        run.caveats(&mut answer);
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        let stakes = Stakes::collect(view, None);
        let column = |stake: &Stake| stakes.account_of(stake.borrower);
        let network = exposures(view, &stakes, 1.0, column);
        let accounts: Vec<EntityId> = members.iter().map(|id| stakes.account_of(*id)).collect();
        // a business that fails by itself has debts of its own, and would pass on less than with its owner
        let mut reaching = leant_on(network.leverage(), &accounts);
        reaching.retain(|id| stakes.account_of(*id) == *id);
        let fail = failing(view, &reaching);
        let mut said = match fail.is_empty() {
            true => Answer::new("", "", ""),
            false => said::<Self>(view, &Shock { fail, ..Shock::default() })?,
        };
        let text = "Whole groups fail, not single businesses of theirs.";
        said.caveat("groups-fail", text, None);
        let target = ModelTarget::new(reaching, false, move |outages: &[(EntityId, f64)]| {
            let mut shock = vec![0.0; network.leverage().len()];
            for (id, share) in outages {
                if let Some(slot) = shock.get_mut(id.index()) {
                    *slot = *share;
                }
            }
            let stress = network.propagate(&shock, Variant::MultiHit);
            let lost = |id: &EntityId| stress.uncapped.get(id.index()).copied().unwrap_or(0.0);
            (accounts.iter().map(lost).collect(), stress.converged)
        });
        let words = BackWords { one: "debtor", many: "debtors", lose: "equity", loss: "equity" };
        Ok(Backwards { target: Box::new(target), said, words })
    }
}

/// Who would lose what with whom, as parts of equity; `part` of lost contracted sales counts. Where processes share the exposures,
/// those of the lenders of this one.
fn exposures(view: &View<'_>, stakes: &Stakes, part: f64, column: impl Fn(&Stake) -> EntityId) -> Exposures {
    let equity: Vec<f64> =
        stakes.capital.iter().map(|capital| capital.map_or(0.0, |capital| capital.amount)).collect();
    let weight = |stake: &Stake| match stake.layer {
        Layer::Backlog => stake.amount * stake.haircut * part,
        _ => stake.amount * stake.haircut,
    };
    let own = stakes.all.iter().filter(|stake| view.graph.part().holds(stake.lender.index()));
    let exposures: Vec<(usize, usize, f64)> =
        own.map(|s| (s.lender.index(), column(s).index(), weight(s))).collect();
    Exposures::new(&equity, &exposures)
}

/// The spectral radius of the leverages.
fn radius(part: &Part, stakes: &Stakes, network: &Exposures) -> Radius {
    if part.is_whole() {
        return network.radius();
    }
    // every process holds the ties of its own entities both ways
    let bears = |lender: EntityId| {
        stakes.capital.get(lender.index()).copied().flatten().is_some_and(|c| c.amount > 0.0)
    };
    let ties = stakes.all.iter().filter(|stake| bears(stake.lender));
    let edge = |stake: &Stake| Edge { from: stake.lender.index(), to: stake.borrower.index(), weight: 1.0 };
    let graph = Digraph::new(network.leverage().len(), ties.map(edge).collect());
    spectral_radius_in(part, network.leverage(), &strong_in(part, &graph))
}

/// A run with all that it rests on.
struct Run<'a> {
    view: &'a View<'a>,
    asked: &'a Asked<'a>,
    stakes: Stakes,
    /// Part of lost contracted sales that counts as lost equity.
    part: f64,
    /// Businesses that are hit themselves and stand on somebody else's account: borrowers of their own.
    apart: BTreeSet<EntityId>,
    shock: Vec<f64>,
    stress: Stress,
    radius: Radius,
    /// Those who could lose and whose equity nobody states.
    unknown: usize,
}

impl<'a> Run<'a> {
    fn new(asked: &'a Asked<'a>, stakes: Stakes, part: f64) -> Self {
        let view = asked.view;
        let n = view.graph.len();
        let mut shock = vec![0.0; n];
        let mut apart = BTreeSet::new();
        for hit in &asked.hits.entities {
            if let (Some(lost), Some(slot)) = (hit.size.lost(), shock.get_mut(hit.entity.index())) {
                *slot = 1.0 - (1.0 - *slot) * (1.0 - lost);
            }
            if stakes.account_of(hit.entity) != hit.entity {
                apart.insert(hit.entity);
            }
        }
        // the debts of a business stand on its group's account, unless it is hit by itself
        let network = exposures(view, &stakes, part, |stake| match apart.contains(&stake.borrower) {
            true => stake.borrower,
            false => stakes.account_of(stake.borrower),
        });
        let variant = asked.params.variant.unwrap_or_default().into();
        let held = view.graph.part();
        let stress = network.propagate_in(held, &shock, variant);
        let radius = radius(held, &stakes, &network);
        let lenders = stakes.all.iter().map(|stake| stake.lender).filter(|id| held.holds(id.index()));
        let unknown: BTreeSet<EntityId> =
            lenders.filter(|id| stakes.capital.get(id.index()).is_none_or(Option::is_none)).collect();
        let unknown = held.sum(unknown.len() as u64) as usize;
        let mut run = Self { view, asked, stakes, part, apart, shock, stress, radius, unknown };
        run.gather();
        run
    }

    /// Where processes share the exposures, each gets those of all that lose something: they are the rows of the answer.
    fn gather(&mut self) {
        let part = self.view.graph.part();
        if part.is_whole() {
            return;
        }
        let mut mine = Vec::new();
        let of_tables = self.stakes.all.iter().filter(|stake| stake.relation.is_none());
        for stake in of_tables.filter(|stake| part.holds(stake.lender.index()) && self.lost(stake) > 0.0) {
            mine.extend(stake.lender.0.to_le_bytes());
            mine.extend(stake.borrower.0.to_le_bytes());
            mine.extend(bits(&stake.amount));
        }
        let mut all = Vec::new();
        for bytes in part.tell(&mine) {
            let mut heard = Numbers(&bytes);
            all.extend(std::iter::from_fn(|| Some((heard.half()?, heard.half()?, heard.number()?))));
        }
        // the order of links in a dataset
        all.sort_by(|a, b| (a.1, a.0).cmp(&(b.1, b.0)).then(a.2.total_cmp(&b.2)));
        let stake = |(lender, borrower, amount): (u32, u32, f64)| {
            Stake::of_table(EntityId(lender), EntityId(borrower), EntityId(lender), amount)
        };
        let mut stakes: Vec<Stake> = all.into_iter().map(stake).collect();
        stakes.extend(self.stakes.all.drain(..).filter(|stake| stake.relation.is_some()));
        self.stakes.all = stakes;
    }

    fn borrower(&self, stake: &Stake) -> EntityId {
        if self.apart.contains(&stake.borrower) {
            stake.borrower
        } else {
            self.stakes.account_of(stake.borrower)
        }
    }

    fn equity(&self, id: EntityId) -> Option<f64> {
        Some(self.stakes.capital.get(id.index()).copied().flatten()?.amount)
    }

    fn shocked(&self, id: EntityId) -> bool {
        self.shock.get(id.index()).is_some_and(|shock| *shock > 0.0)
    }

    /// Relative loss, not capped; `None` where no equity is known that it could be relative to.
    fn uncapped(&self, id: EntityId) -> Option<f64> {
        let known = self.equity(id).is_some() || self.shocked(id);
        self.stress.uncapped.get(id.index()).copied().filter(|_| known)
    }

    /// Relative loss that a borrower passes on, 0 to 1.
    fn passed(&self, id: EntityId) -> f64 {
        self.uncapped(id).unwrap_or(0.0).min(1.0)
    }

    /// Money that a stake loses.
    fn lost(&self, stake: &Stake) -> f64 {
        stake.amount * stake.haircut * self.passed(self.borrower(stake))
    }

    /// Everybody with equity, a shock or a loss: the worst hit first, then by key.
    fn everybody(&self) -> Vec<EntityId> {
        let losers = self.stakes.all.iter().filter(|stake| self.lost(stake) > 0.0);
        let mut all: BTreeSet<EntityId> = losers.map(|stake| stake.lender).collect();
        all.extend(self.view.graph.entity_ids().filter(|id| self.equity(*id).is_some() || self.shocked(*id)));
        let mut all: Vec<EntityId> = all.into_iter().collect();
        let level = |id: &EntityId| self.uncapped(*id).map_or(-1.0, |h| h.min(1.0));
        all.arrange(|a, b| level(b).total_cmp(&level(a)).then(a.cmp(b)));
        all
    }
}
