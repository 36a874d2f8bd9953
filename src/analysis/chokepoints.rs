//! Whose loss cannot be got round: functional chokepoints, and beside them what the plain graph shows.

mod capacity;
mod function;
mod tables;
mod whole;
mod words;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::supply_graph::{Basis, SupplyGraph};
use super::{Analysis, AnalysisError, Card, Mention, View, budget};
use crate::answer::{Answer, AnswerStatus, Reach};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};
use crate::order::Arrange;
use crate::side_by_side::SideBySide;
use crate::structure::{Dominators, Ended, Limits, VertexCut, raw, vertex_cut, vertex_cut_from_any};
use capacity::FlowDrops;
use function::{Cascade, Sets};
use whole::{Effort, Sizes, Whole};

/// Chokepoints of one entity, or of the whole system.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Chokepoints {
    /// Whose chokepoints: everything upstream of this entity; the whole system where absent
    #[cfg_attr(feature = "cli", arg(long, value_name = "ENTITY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// Also the least cut between this supplier and the entity
    #[cfg_attr(feature = "cli", arg(long, value_name = "SUPPLIER", requires = "of"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// Rank the whole system
    #[cfg_attr(feature = "cli", arg(long, conflicts_with = "of"))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub all: bool,
    /// Ties for the graph measures: needs or payments [default: function where needs bind, else cost]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub basis: Option<Basis>,
    /// How much each entity counts in a criticality
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value_t = Size::One))]
    #[serde(skip_serializing_if = "Size::is_one")]
    pub size: Size,
    /// Look for sets of suppliers of at most this many members
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = LARGEST_SET))]
    #[serde(skip_serializing_if = "is_largest_set")]
    pub largest_set: usize,
    /// List at most this many sets
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT", default_value_t = MOST_SETS))]
    #[serde(skip_serializing_if = "is_most_sets")]
    pub most: usize,
    /// Work out betweenness and criticality of all entities, however long it takes [default: on large graphs from a sample, and of the
    /// most critical]
    #[cfg_attr(feature = "cli", arg(long))]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub exact: bool,
    /// Draws the entities from which shortest ways are searched on large graphs
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
    /// Stop looking for sets after this many seconds
    #[cfg_attr(feature = "cli", arg(long, value_name = "SECONDS", default_value_t = SECONDS))]
    #[serde(skip_serializing_if = "is_seconds")]
    pub seconds: u64,
}

const LARGEST_SET: usize = 3;
const MOST_SETS: usize = 50;
const SECONDS: u64 = 10;
/// Passes over the edges that each of many least cuts is reckoned to take, and that the one from all beginnings is.
const FLOW_PASSES: usize = 20;
const CUT_PASSES: usize = 500;
/// Cascades for the search of sets; reached before the time on any usual machine, so that answers do not hang on its
/// speed.
const MOST_CASCADES: usize = 4_000;

fn is_largest_set(size: &usize) -> bool {
    *size == LARGEST_SET
}

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

fn is_most_sets(most: &usize) -> bool {
    *most == MOST_SETS
}

fn is_seconds(seconds: &u64) -> bool {
    *seconds == SECONDS
}

impl Default for Chokepoints {
    fn default() -> Self {
        Self {
            of: None,
            to: None,
            all: false,
            basis: None,
            size: Size::One,
            largest_set: LARGEST_SET,
            most: MOST_SETS,
            exact: false,
            seed: 0,
            seconds: SECONDS,
        }
    }
}

/// How much each entity counts in a criticality.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Size {
    /// All alike
    #[default]
    One,
    /// By yearly revenue, in dollars; who states none counts nothing
    Revenue,
}

impl Size {
    fn is_one(&self) -> bool {
        *self == Self::One
    }
}

/// What is known about one entity upstream of another.
struct Line {
    entity: EntityId,
    tier: Option<u32>,
    /// `None` where no need binds anywhere.
    cascade: Option<Cascade>,
    immediate_dominator: Option<EntityId>,
    dominates: usize,
    /// `None` where it supplies the focal entity directly, or is not upstream on this basis.
    cut: Option<VertexCut>,
    reach_share: Option<f64>,
    flow_drop: Option<f64>,
}

/// A cut that is shown with its members.
struct Cut {
    from: Option<EntityId>,
    cut: Option<VertexCut>,
    /// Whether there is any way at all.
    connected: bool,
}

/// Everything about one focal entity.
struct Focus {
    of: EntityId,
    lines: Vec<Line>,
    sets: Option<Sets>,
    cuts: Vec<Cut>,
    flows: FlowDrops,
    /// Measures that were not computed because the graph is too large.
    left_out: Vec<String>,
}

/// All that an answer is written from.
struct Study<'n> {
    network: &'n Network,
    cost: &'n CostNetwork,
    supply: SupplyGraph<'n>,
    sizes: Sizes,
    whole: Whole,
    /// Whether any need binds, so that function can be spoken of.
    functional: bool,
}

impl Analysis for Chokepoints {
    const CARD: Card = Card {
        name: "chokepoints",
        title: "Chokepoints",
        question: "Whose loss stops this entity, alone or together, and who matters most to the whole system?",
        definition: "Functional chokepoint: stop loss 1, where every essential input is needed and suppliers of one input stand in \
                     for each other (AND over inputs, OR over suppliers). Smallest sets: sets of suppliers whose joint loss stops \
                     the entity and no part of which does. Beside it on the plain graph (all ways alike): dominators going \
                     upstream from the buyer, least vertex cuts, articulation points and bridges without directions, \
                     shortest-path betweenness with distance = 1 / share (on large graphs estimated from a sample, with its standard error), loops, trophic levels h with (diag(u) - A - Aᵀ) h = \
                     v and incoherence F = Σ a (h_j - h_i - 1)² / Σ a. Criticality of k = Σ_i v_i R_ik over all others i, with \
                     reach share R_ik = L_ik / L_kk, L = (I - W)^-1, and size v; functional criticality = Σ_i v_i times the stop loss \
                     of i. Flow drop: part of the maximum flow into the entity that goes when k goes.",
        reads: "Needs of products, `Supplies`, `Commits`, `Hosts`, market shares, `Need` attributes; intensities and bulk \
                tables for costs; power and yearly money of ties for flows; `Revenue` for --size revenue.",
        assumptions: "The unknown part of a need goes on, unless a table says otherwise. Graph measures take one basis, needs that \
                      bind or else payments, and never mix them. A strong tie is a short one. In flows, what an entity hands on \
                      beyond what it is known to receive has a source of its own.",
        cost: "Two cascades, one least cut and one maximum flow for each entity upstream, in parallel; one shortest-path search for \
               each entity; sets by branch and bound, capped.",
        reference: "Diem et al., Scientific Reports 12:7719, 2022 (function); Cooper, Harvey and Kennedy 2001 (dominators); Menger \
                    1927 (cuts); Tarjan 1974 (bridges); Brandes 2001 (betweenness); MacKay, Johnson and Sansom, Royal Society \
                    Open Science 7:201138, 2020 (levels); Kemeny and Snell 1960 (reach share); Reiter 1987 (sets).",
        rests: Reach::Downstream,
        example: "linchpin chokepoints --of anthropic",
    };

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        vec![Mention::Seed(&mut self.seed)]
    }

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let of = self.of.as_ref().map(|key| view.graph.find_entity(key)).transpose()?;
        let to = self.to.as_ref().map(|key| view.graph.find_entity(key)).transpose()?;
        self.check(of, to)?;
        let network = Network::build(view.graph, &view.scope);
        let cost = CostNetwork::build(view.graph, &view.scope, &network);
        let supply = SupplyGraph::new(&network, &cost, self.basis);
        let sizes = Sizes::new(view, self.size);
        let whole = Whole::measure(&supply, &cost, &sizes, Effort { exact: self.exact, seed: self.seed })?;
        let functional = network.rows().iter().any(|row| row.binds() && !network.suppliers(row).is_empty());
        let study = Study { network: &network, cost: &cost, supply, sizes, whole, functional };
        match of {
            Some(of) => self.upstream(view, &study, of, to),
            None => Ok(self.system(view, &study)),
        }
    }
}

impl Chokepoints {
    fn check(&self, of: Option<EntityId>, to: Option<EntityId>) -> Result<(), AnalysisError> {
        let invalid =
            |parameter, reason: &str| Err(AnalysisError::Invalid { parameter, reason: reason.to_string() });
        if self.all && of.is_some() {
            return invalid("all", "the whole system is ranked without `of`");
        }
        if to.is_some() && of.is_none() {
            return invalid("to", "a cut has two ends: `of` is missing");
        }
        if to.is_some() && to == of {
            return invalid("to", "the two ends are the same");
        }
        Ok(())
    }

    fn limits(&self) -> Limits {
        Limits { most: self.most, work: MOST_CASCADES, time: Duration::from_secs(self.seconds) }
    }

    fn upstream(
        &self,
        view: &View<'_>,
        study: &Study<'_>,
        of: EntityId,
        to: Option<EntityId>,
    ) -> Result<Answer, AnalysisError> {
        let upstream = study.supply.graph.reversed();
        let tiers = upstream.steps_from(of.index());
        let cost_tiers = whole::cost_graph(study.cost).reversed().steps_from(of.index());
        let dominators = Dominators::from_root(&upstream, of.index());
        let dominated = dominators.dominated();
        let row = study.cost.leontief_row(of).map_err(whole::no_data)?;
        let candidates: Vec<EntityId> = view
            .graph
            .entity_ids()
            .filter(|id| *id != of && (tiers[id.index()].is_some() || cost_tiers[id.index()].is_some()))
            .collect();
        let between = study.supply.graph.induced(|node| tiers[node].is_some());
        let flows = FlowDrops::measure(view, of, &candidates);
        let cuttable = budget::affordable(FLOW_PASSES * candidates.len(), between.edges().len());
        let ties = study.network.len() + study.network.links().len();
        let cascades = study.functional && (self.exact || budget::affordable(2 * candidates.len(), ties));
        let (reach, unreached) = reach_shares(study.cost, &row, &candidates)?;
        let line = |entity: &EntityId| {
            let at = entity.index();
            let cut = tiers[at].filter(|_| cuttable).and_then(|_| vertex_cut(&between, at, of.index()));
            Line {
                entity: *entity,
                tier: tiers[at].or(cost_tiers[at]),
                cascade: cascades.then(|| Cascade::of(study.network, *entity, of, &study.sizes)),
                immediate_dominator: dominators.immediate(at).map(EntityId::new),
                dominates: dominated[at],
                cut,
                reach_share: reach[at],
                flow_drop: flows.of(*entity),
            }
        };
        let mut lines: Vec<Line> = candidates.side_by_side(line);
        order(&mut lines);
        let sets = cascades.then(|| {
            let suppliers: Vec<EntityId> = lines.iter().rev().map(|line| line.entity).collect();
            function::smallest(study.network, of, &suppliers, self.largest_set, self.limits())
        });
        let cuts =
            budget::affordable(CUT_PASSES, between.edges().len()).then(|| cuts(&between, of, to, &tiers));
        let large = |what: &str| format!("{what} left out: the graph is too large");
        let left_out = [
            (!cuttable).then(|| large("least cuts of single suppliers")),
            cuts.is_none().then(|| large("least cuts")),
            flows.left_out.then(|| large("flow drops")),
            (study.functional && !cascades).then(|| large("stop losses and smallest sets")),
            (unreached > 0).then(|| {
                format!(
                    "reach shares of {unreached} entities with the least look-through left out: a solve each"
                )
            }),
        ];
        let left_out = left_out.into_iter().flatten().collect();
        let cuts = cuts.unwrap_or_default();
        let focus = Focus { of, lines, sets, cuts, flows, left_out };
        let name = &view.graph.entity(of).name;
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Chokepoints of {name}"),
            format!(
                "Whose loss stops {name}, alone or together, and what cannot be got round upstream of it?"
            ),
        );
        answer.tables.push(tables::upstream(view, study, &focus));
        answer.tables.push(tables::sets(view, focus.sets.as_ref()));
        answer.tables.push(tables::cuts(view, &focus));
        answer.tables.push(tables::bridges(view, study, |node| tiers[node].is_some()));
        answer.tables.push(tables::loops(view, study, |node| tiers[node].is_some()));
        answer.tables.extend(tables::flows(view, &focus.flows));
        answer.tables.push(tables::order(study));
        answer.tables.push(tables::summary(study, &focus));
        words::upstream(view, &focus, &mut answer);
        words::caveats(view, study, Some(&focus), &mut answer);
        set_status(study, Some(&focus), self, &mut answer);
        Ok(answer)
    }

    fn system(&self, view: &View<'_>, study: &Study<'_>) -> Answer {
        let ids: Vec<EntityId> = view.graph.entity_ids().collect();
        let ties = study.network.len() + study.network.links().len();
        let carried = study.functional && (self.exact || budget::affordable(ids.len(), ties));
        let losses: Option<Vec<function::Weight>> = carried
            .then(|| ids.side_by_side(|entity| function::weight(study.network, *entity, &study.sizes)));
        let mut answer = Answer::new(
            Self::CARD.name,
            "Chokepoints of the whole system",
            "Who matters most to the whole system, by money that passes and by function that would be lost?",
        );
        answer.tables.push(tables::system(view, study, losses.as_deref()));
        answer.tables.push(tables::bridges(view, study, |_| true));
        answer.tables.push(tables::loops(view, study, |_| true));
        answer.tables.push(tables::order(study));
        words::system(&mut answer);
        words::caveats(view, study, None, &mut answer);
        set_status(study, None, self, &mut answer);
        if study.functional && !carried {
            let reason =
                "functional criticality left out: a cascade for each of so many entities (--exact runs them)"
                    .to_string();
            answer.status = AnswerStatus::Truncated { reason };
        }
        answer
    }
}

/// Share of the focal entity's cost that passes through each entity upstream, where money reaches it, and of how many it is not
/// worked out: those with the least look-through in loops so large that each takes a solve.
fn reach_shares(
    cost: &CostNetwork,
    row: &[f64],
    candidates: &[EntityId],
) -> Result<(Vec<Option<f64>>, usize), AnalysisError> {
    let large = cost.in_large_loops();
    let paid = candidates.iter().copied().filter(|id| row[id.index()] > 0.0);
    let (mut dear, mut asked): (Vec<EntityId>, Vec<EntityId>) = paid.partition(|id| large[id.index()]);
    dear.arrange(|a, b| row[b.index()].total_cmp(&row[a.index()]).then(a.cmp(b)));
    let most = budget::solves(cost.links_len());
    let unreached = dear.len().saturating_sub(most);
    asked.extend(dear.into_iter().take(most));
    asked.sort_unstable();
    let mut reach = vec![None; cost.len()];
    for (id, own) in asked.iter().zip(cost.leontief_diagonal_of(&asked).map_err(whole::no_data)?) {
        reach[id.index()] = Some(row[id.index()] / own);
    }
    Ok((reach, unreached))
}

/// By stop loss, then reach share, then key.
fn order(lines: &mut [Line]) {
    // values that differ by rounding count as equal, so that their order does not hang on it
    let rounded = |value: f64| (value * 1e12).round();
    let loss = |line: &Line| rounded(line.cascade.as_ref().map_or(0.0, |cascade| cascade.stop_loss));
    let reach = |line: &Line| rounded(line.reach_share.unwrap_or(0.0));
    lines.arrange(|a, b| {
        loss(b).total_cmp(&loss(a)).then(reach(b).total_cmp(&reach(a))).then(a.entity.cmp(&b.entity))
    });
}

/// The least cut from where chains begin, and from the asked supplier.
fn cuts(
    between: &crate::structure::Digraph,
    of: EntityId,
    to: Option<EntityId>,
    tiers: &[Option<u32>],
) -> Vec<Cut> {
    let upstream = |node: &usize| tiers.get(*node).is_some_and(|tier| tier.is_some_and(|steps| steps > 0));
    let beginnings: Vec<usize> = raw(between).into_iter().filter(upstream).collect();
    let mut all = vec![Cut {
        from: None,
        connected: !beginnings.is_empty(),
        cut: Some(vertex_cut_from_any(between, &beginnings, of.index())),
    }];
    if let Some(to) = to {
        let cut = vertex_cut(between, to.index(), of.index());
        all.push(Cut { from: Some(to), connected: upstream(&to.index()), cut });
    }
    all
}

fn set_status(study: &Study<'_>, focus: Option<&Focus>, asked: &Chokepoints, answer: &mut Answer) {
    let cap = focus.and_then(|focus| focus.sets.as_ref()).and_then(|sets| match sets.found.ended {
        Ended::All => None,
        Ended::Most => Some(format!("the first {} smallest sets are listed (--most)", asked.most)),
        Ended::Work => Some(format!(
            "the search for smallest sets ended after {MOST_CASCADES} cascades; all of up to {} members are listed",
            sets.found.searched
        )),
        Ended::Time => Some(format!(
            "the search for smallest sets ended after {} s (--seconds); all of up to {} members are listed",
            asked.seconds, sets.found.searched
        )),
    });
    let left_out = study.whole.left_out.iter().chain(focus.into_iter().flat_map(|focus| &focus.left_out));
    let reasons: Vec<String> = cap.into_iter().chain(left_out.cloned()).collect();
    let restless = |line: &Line| line.cascade.as_ref().is_some_and(|cascade| !cascade.converged);
    if focus.is_some_and(|focus| focus.lines.iter().any(restless)) {
        let (residual, rounds) =
            (crate::propagation::functional::TOLERANCE, crate::propagation::functional::MOST_ROUNDS);
        answer.status = AnswerStatus::NotConverged { residual, rounds };
    } else if !study.whole.trophic.converged {
        let (residual, rounds) = (study.whole.trophic.residual, study.whole.trophic.rounds);
        answer.status = AnswerStatus::NotConverged { residual, rounds };
    } else if !reasons.is_empty() {
        answer.status = AnswerStatus::Truncated { reason: reasons.join("; ") };
    }
}
