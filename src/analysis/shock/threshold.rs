//! Cascades of failures on ties of which only the strength is known.

use super::super::trail::{Trail, entity_cell, say_weights};
use super::super::{AnalysisError, View};
use super::backwards::{failing, said};
use super::{Asked, BackWords, Backwards, ModelCard, Shock, ShockModel, Support, words};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::matrix::Sparse;
use crate::model::{EntityId, Need};
use crate::network::{CostNetwork, NeedRow, Network};
use crate::order::Arrange;
use crate::propagation::independent::{MOST_OPEN_TIES, exact, independent_cascade, open_ties, sampled};
use crate::propagation::target::{ModelTarget, leant_on};
use crate::propagation::threshold::{linear_threshold, linear_threshold_in};
use crate::scenario::{EffectKind, Place};

/// Linear threshold: an entity fails once enough of what it needs has failed.
pub struct LinearThreshold;
/// Independent cascade: every tie passes a failure on with some probability, once.
pub struct IndependentCascade;

const READS: &str = "Needs of products and suppliers' shares of them; shares of cost of bulk tables where nobody declares needs.";
/// How strengths become weights, in words.
const STRENGTH: &str = "The strength of a tie is the sum over products of the supplier's share of the need times 1 where the product is \
                        essential, its stated weight where it is important, and 0 where it is optional; the unknown part of a need never \
                        fails.";
/// Threshold where none is given: half of one essential need.
const THRESHOLD: f64 = 0.5;
/// Samples where none are asked for.
const SAMPLES: u64 = 10_000;
/// Samples for each set of outages where the question is asked backwards.
const BACKWARDS_SAMPLES: u64 = 2_000;
/// Most samples that are taken.
const MOST_SAMPLES: u64 = 10_000_000;
/// Seed of the samples.
const SEED: u64 = 0;

fn carries(kind: EffectKind, place: Place) -> Support {
    match (kind, place) {
        (EffectKind::Failure, Place::Entity) => Support::Native,
        (EffectKind::CapacityLoss, Place::Entity) => {
            Support::Approximated("an entity fails or stands, nothing in between")
        }
        _ => Support::Rejected("it carries failures of entities"),
    }
}

impl ShockModel for LinearThreshold {
    const CARD: ModelCard = ModelCard {
        name: "linear-threshold",
        question: "Who fails, and in which round, if everybody fails who has lost enough of what it needs?",
        equations: "i fails in the round after Σ over failed j of w_ji has reached θ; w_ji = Σ over products p of strength_p × share_ipj.",
        reads: READS,
        assumptions: "Essential counts 1, important its weight, optional 0; parts of unlike needs add up. Entities fail or stand, for good. \
                      One threshold for all.",
        cost: "Each tie is read once.",
        reference: "M. Granovetter, American Journal of Sociology 83:1420, 1978; D. Watts, PNAS 99:5766, 2002; D. Kempe, J. Kleinberg, É. \
                    Tardos, KDD 2003.",
        options: &["threshold"],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        carries(kind, place)
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let threshold = asked.params.threshold.unwrap_or(THRESHOLD);
        if !threshold.is_finite() || threshold <= 0.0 {
            let reason = format!("{threshold}: expected more than 0");
            return Err(AnalysisError::Invalid { parameter: "threshold", reason });
        }
        let ties = Ties::new(asked.view)?;
        let hit = losses(asked);
        let seeds: Vec<usize> =
            hit.iter().filter(|(_, lost)| *lost >= threshold).map(|(id, _)| id.index()).collect();
        if seeds.is_empty() {
            let reason = format!("nobody loses {threshold} or more, so nobody fails");
            return Err(AnalysisError::Invalid { parameter: "fail", reason });
        }
        let part = asked.view.graph.part();
        let failed = linear_threshold_in(part, &ties.weights, &vec![threshold; ties.weights.len()], &seeds);
        let columns = vec![
            Column::new("entity", Unit::Text, "Who fails"),
            Column::new(
                "round",
                Unit::Count,
                "Round in which it fails; 0 for the shock itself; rounds are not days",
            ),
            Column::new(
                "load",
                Unit::Number,
                "Strength of its ties to those that failed; it fails at the threshold",
            ),
            Column::new("strongest", Unit::Text, "The failed supplier that it leans on most"),
        ];
        let mut table = Table::new("failures", "Who fails", columns);
        let mut order: Vec<(EntityId, u32)> = failed
            .iter()
            .enumerate()
            .filter_map(|(at, round)| Some((EntityId::new(at), (*round)?)))
            .collect();
        order.arrange_by_key(|(id, round)| (*round, *id));
        // of each that fails: its load, and whom it leans on most of those that failed
        let (mut loads, mut strongest) = (vec![0.0; failed.len()], vec![f64::NAN; failed.len()]);
        for (id, _) in order.iter().filter(|(id, _)| part.holds(id.index())) {
            let down = |at: usize| failed.get(at).is_some_and(Option::is_some);
            let leaning: Vec<(usize, f64)> =
                ties.weights.row(id.index()).filter(|(at, _)| down(*at)).collect();
            let most = leaning.iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            loads[id.index()] = leaning.iter().map(|(_, weight)| weight).sum();
            strongest[id.index()] = most.map_or(f64::NAN, |(at, _)| *at as f64);
        }
        part.complete(&mut loads);
        part.complete(&mut strongest);
        for (id, round) in &order {
            let most = Some(strongest[id.index()]).filter(|at| !at.is_nan());
            table.rows.push(vec![
                entity_cell(asked.view.graph, *id),
                Cell::Number(f64::from(*round)),
                Cell::number((*round > 0).then_some(loads[id.index()])),
                most.map_or(Cell::Empty, |at| entity_cell(asked.view.graph, EntityId::new(at as usize))),
            ]);
        }
        let mut answer = Answer::new("shock", words::title(asked, "Failures"), words::question(asked));
        let rounds = order.last().map_or(0, |(_, round)| *round);
        let others = order.iter().filter(|(_, round)| *round > 0).count();
        let text = format!(
            "If {}, {others} others fail within {rounds} rounds, where losing {threshold} of one essential need is enough.",
            asked.hits.words.join(" and ")
        );
        answer.findings.push(FindingBuilder::new(text).done());
        answer.tables = vec![table];
        ties.caveats(asked, &mut answer, |id| failed.get(id.index()).is_some_and(Option::is_some));
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        let weights = Ties::new(view)?.weights;
        let reaching = leant_on(&weights, members);
        let mut said = said_of::<Self>(view, &reaching)?;
        let text =
            format!("Entities fail or stand: whoever has lost {THRESHOLD} of one essential need fails.");
        said.caveat("all-or-nothing", text, None);
        let (thresholds, members) = (vec![THRESHOLD; weights.len()], members.to_vec());
        let target = ModelTarget::new(reaching, false, move |outages: &[(EntityId, f64)]| {
            let fails = outages.iter().filter(|(_, lost)| *lost >= THRESHOLD);
            let seeds: Vec<usize> = fails.map(|(id, _)| id.index()).collect();
            let failed = linear_threshold(&weights, &thresholds, &seeds);
            let lost = |id: &EntityId| f64::from(failed.get(id.index()).is_some_and(Option::is_some));
            (members.iter().map(lost).collect(), true)
        });
        Ok(Backwards { target: Box::new(target), said, words: BackWords::SUPPLIERS })
    }
}

impl ShockModel for IndependentCascade {
    const CARD: ModelCard = ModelCard {
        name: "independent-cascade",
        question: "How probable is it that everybody fails, if each tie passes a failure on with its strength as the probability?",
        equations: "P(i fails) = share of the live-edge graphs in which a seed reaches i; a tie is live with probability min(1, w_ji).",
        reads: READS,
        assumptions: "The strength of a tie is read as a probability: essential counts 1, important its weight, optional 0, times the \
                      supplier's share. Ties are independent. A partial loss is the probability that its entity fails.",
        cost: "At most 2^20 branches where 20 ties are open, else one pass over the ties for each sample.",
        reference: "D. Kempe, J. Kleinberg, É. Tardos, KDD 2003.",
        options: &["samples"],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        carries(kind, place)
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let samples = asked.params.samples.unwrap_or(SAMPLES);
        if !(1..=MOST_SAMPLES).contains(&samples) {
            let reason = format!("{samples}: expected 1 to {MOST_SAMPLES}");
            return Err(AnalysisError::Invalid { parameter: "samples", reason });
        }
        let ties = Ties::new(asked.view)?;
        let n = asked.view.graph.len();
        // the shock is one more node, whose ties are the probabilities that it fails those it hits
        let all = passes(&ties.weights).into_iter();
        let shock = losses(asked).into_iter().map(|(id, lost)| (n, id.index(), lost));
        let network = Sparse::new(n + 1, all.chain(shock).collect::<Vec<_>>());
        let chances = independent_cascade(&network, &[n], samples, SEED);
        let columns = vec![
            Column::new("entity", Unit::Text, "Who may fail"),
            Column::new("probability", Unit::Share, "Probability that it fails, 0 to 1"),
            Column::new(
                "standard_error",
                Unit::Share,
                "Standard error of the sampled probability; empty where it is exact",
            ),
        ];
        let mut table = Table::new("failures", "Who may fail", columns);
        let chance = |id: &EntityId| chances.probability.get(id.index()).copied().unwrap_or(0.0);
        let mut order: Vec<EntityId> = asked.view.graph.entity_ids().filter(|id| chance(id) > 0.0).collect();
        order.arrange(|a, b| chance(b).total_cmp(&chance(a)).then(a.cmp(b)));
        for id in &order {
            let error = chances.error.get(id.index()).copied().filter(|_| chances.draws.is_some());
            table.rows.push(vec![
                entity_cell(asked.view.graph, *id),
                Cell::Number(chance(id)),
                Cell::number(error),
            ]);
        }
        let mut answer =
            Answer::new("shock", words::title(asked, "Probable failures"), words::question(asked));
        let columns = vec![Column::new(
            "expected",
            Unit::Number,
            "Expected number of failures, the shock itself included",
        )];
        let mut whole = Table::new("whole", "The whole", columns);
        whole.rows.push(vec![Cell::Number(chances.expected - 1.0)]);
        let hit: Vec<EntityId> = losses(asked).into_iter().map(|(id, _)| id).collect();
        let mut finding = FindingBuilder::new(format!("If {}, ", asked.hits.words.join(" and ")))
            .cell(&whole, 0, "expected")
            .words(" failures are to be expected");
        if let Some(row) = order.iter().position(|id| !hit.contains(id)) {
            finding = finding
                .words("; the likeliest elsewhere is ")
                .cell(&table, row, "entity")
                .words(" with ")
                .cell(&table, row, "probability");
        }
        answer.findings.push(finding.words(".").done());
        answer.tables = vec![table, whole];
        match chances.draws {
            None => {
                let text = format!(
                    "Exact: at most {MOST_OPEN_TIES} ties within reach are open, and all their outcomes are counted."
                );
                answer.caveat("exact", text, None);
            }
            Some(draws) => {
                let text =
                    format!("Sampled {draws} times from seed {SEED}; the table has the standard errors.");
                answer.caveat("sampled", text, Some(draws as usize));
            }
        }
        ties.caveats(asked, &mut answer, |id| chance(&id) > 0.0);
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Shock, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        let ties = Ties::new(view)?;
        let reaching = leant_on(&ties.weights, members);
        let mut said = said_of::<Self>(view, &reaching)?;
        said.caveats.retain(|caveat| !["exact", "sampled"].contains(&caveat.code.as_str()));
        let passes = passes(&ties.weights);
        let (n, all): (usize, Vec<usize>) =
            (view.graph.len(), reaching.iter().map(|id| id.index()).collect());
        // one way for all sets, or a larger one could seem less probable by the luck of the draw
        let open = open_ties(&Sparse::new(n, passes.clone()), &all) + all.len();
        let is_exact = open <= MOST_OPEN_TIES;
        let (code, text) = match is_exact {
            true => ("exact", "Probabilities are exact.".to_string()),
            false => (
                "sampled",
                format!(
                    "Probabilities are sampled {BACKWARDS_SAMPLES} times from seed {SEED}, with the same draws for every set."
                ),
            ),
        };
        said.caveat(code, text, (!is_exact).then_some(BACKWARDS_SAMPLES as usize));
        let members = members.to_vec();
        let target = ModelTarget::new(reaching, false, move |outages: &[(EntityId, f64)]| {
            let shock = outages.iter().map(|(id, lost)| (n, id.index(), *lost));
            let network = Sparse::new(n + 1, passes.iter().copied().chain(shock));
            let chances = match is_exact {
                true => exact(&network, &[n]),
                false => sampled(&network, &[n], BACKWARDS_SAMPLES, SEED),
            };
            let lost = |id: &EntityId| chances.probability.get(id.index()).copied().unwrap_or(0.0);
            (members.iter().map(lost).collect(), true)
        });
        let words = BackWords { loss: "chance to stand", ..BackWords::SUPPLIERS };
        Ok(Backwards { target: Box::new(target), said, words })
    }
}

/// Ties by who passes a failure on, to whom, and with which probability.
fn passes(weights: &Sparse) -> Vec<(usize, usize, f64)> {
    let turned = weights.transposed();
    (0..turned.len()).flat_map(|from| turned.row(from).map(move |(to, p)| (from, to, p.min(1.0)))).collect()
}

/// What a model says of itself where all of these fail; nothing where there are none.
fn said_of<M: ShockModel>(view: &View<'_>, all: &[EntityId]) -> Result<Answer, AnalysisError> {
    match all.is_empty() {
        true => Ok(Answer::new("", "", "")),
        false => said::<M>(view, &Shock { fail: failing(view, all), ..Shock::default() }),
    }
}

/// Share lost by each entity that is hit; shocks on one entity multiply.
fn losses(asked: &Asked<'_>) -> Vec<(EntityId, f64)> {
    let mut all: Vec<(EntityId, f64)> = Vec::new();
    for hit in &asked.hits.entities {
        let Some(lost) = hit.size.lost() else { continue };
        match all.iter_mut().find(|(id, _)| *id == hit.entity) {
            Some((_, known)) => *known = 1.0 - (1.0 - *known) * (1.0 - lost),
            None => all.push((hit.entity, lost)),
        }
    }
    all
}

/// Ties with their strengths, in the row of the customer.
struct Ties {
    weights: Sparse,
    network: Network,
    /// Whether strengths are shares of cost of a bulk table.
    of_cost: bool,
}

fn strength(need: Need) -> f64 {
    match need {
        Need::Essential => 1.0,
        Need::Important(weight) => weight,
        Need::Optional | Need::NotNeeded => 0.0,
    }
}

impl Ties {
    fn new(view: &View<'_>) -> Result<Self, AnalysisError> {
        let network = Network::build(view.graph, &view.scope);
        let of_row = |row: &NeedRow| {
            let strength = strength(row.need);
            let (entity, links) = (row.entity.index(), network.suppliers(row).to_vec());
            links.into_iter().map(move |link| (entity, link.supplier.index(), link.share * strength))
        };
        let entries: Vec<(usize, usize, f64)> = network.rows().iter().flat_map(of_row).collect();
        let mut weights = Sparse::new(view.graph.len(), entries);
        let of_cost = weights.entries() == 0;
        if !view.graph.part().is_whole() && !of_cost {
            let text = "needs are written out and known to all processes; leave --share links out";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        if of_cost {
            let cost = CostNetwork::build(view.graph, &view.scope, &network);
            let own = view.graph.part().own(view.graph.len()).map(EntityId::new);
            let links = own.flat_map(|id| cost.of(id).iter().map(move |link| (id, link)));
            let shares: Vec<_> =
                links.map(|(id, link)| (id.index(), link.supplier.index(), link.share)).collect();
            weights = Sparse::new(view.graph.len(), shares);
        }
        if !view.graph.part().any(weights.entries() > 0) {
            let text = "nobody in the dataset and scope is known to need anything of anybody";
            return Err(AnalysisError::NoData(text.to_string()));
        }
        Ok(Self { weights, network, of_cost })
    }

    fn caveats(&self, asked: &Asked<'_>, answer: &mut Answer, hit: impl Fn(EntityId) -> bool) {
        let mut trail = Trail::default();
        if self.of_cost {
            let text = "Nobody declares needs: the strength of a tie is the supplier's share of the customer's cost.";
            answer.caveat("strength", text, None);
        } else {
            answer.caveat("strength", STRENGTH, None);
            let counts = |row: &NeedRow| row.binds() && hit(row.entity);
            for row in self.network.rows().iter().filter(|row| counts(row)) {
                for link in self.network.suppliers(row).iter().filter(|link| hit(link.supplier)) {
                    trail.link(&self.network, row, link);
                }
            }
            say_weights(answer, &self.network, self.network.rungs(counts));
        }
        trail.finish(asked.view, answer);
    }
}
