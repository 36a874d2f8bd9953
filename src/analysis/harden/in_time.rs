//! Single changes under outages that last some days: more stock beside other sourcing.

use std::collections::BTreeSet;

use super::super::disruption::DayByDay;
use super::super::target::Target;
use super::super::trail::{entity_cell, product_cell};
use super::super::{AnalysisError, View};
use super::changes::{Change, Changes};
use super::{Goal, Harden};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::{EntityId, ProductId};
use crate::network::Network;
use crate::order::Arrange;
use crate::propagation::target::TargetLoss;
use crate::side_by_side::SideBySide;

/// Losses and gains below this, in days of normal output, are none.
const NOTICEABLE: f64 = 1e-6;
/// Days of stock that a change adds unless said.
const ADDED: f64 = 30.0;
/// Changes that are carried through at once; a fixed number, so that what is carried through does not hang on the machine.
const BATCH: usize = 8;
/// Runs after which the search ends unless said.
const MOST_RUNS: usize = 20_000;

/// A change of stock or of sourcing.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    /// More stock of an input, by number.
    Stock(usize),
    /// A part of a need moves.
    Move(Change),
}

/// One outage, run before any change.
struct Outage {
    entity: EntityId,
    /// Output that the target loses, in days.
    lost: f64,
    /// Inputs that limited somebody on some day.
    binding: BTreeSet<usize>,
    /// Firms that lost output on some day.
    hit: BTreeSet<usize>,
}

/// A step with what it spares the target.
struct Gain {
    step: Step,
    /// Days of normal output spared, over all outages.
    spared: f64,
}

struct Study<'a> {
    view: &'a View<'a>,
    params: &'a Harden,
    target: &'a Target,
    network: &'a Network,
    runs: &'a DayByDay,
    added: f64,
    moved: f64,
    /// Runs after which the search ends.
    most: usize,
    outages: Vec<Outage>,
    /// Outages that cost the target nothing.
    harmless: usize,
}

/// The answer with outages in time.
pub(super) fn answer(
    params: &Harden,
    view: &View<'_>,
    target: &Target,
    network: &Network,
    found: Changes,
    among: Option<&[usize]>,
) -> Result<Answer, AnalysisError> {
    let invalid = |parameter, reason: &str| AnalysisError::Invalid { parameter, reason: reason.to_string() };
    if params.by == Goal::Distance || params.pessimistic {
        return Err(invalid(
            "days",
            "outages in time are ranked by sum; expected no distance and no pessimistic",
        ));
    }
    let added = params.add_stock.unwrap_or(ADDED);
    if !(added.is_finite() && added > 0.0) {
        return Err(invalid("add_stock", "expected more than 0 days"));
    }
    let most = params.runs.unwrap_or(MOST_RUNS);
    if most == 0 {
        return Err(invalid("runs", "expected 1 or more"));
    }
    let runs = DayByDay::new(view, network, &params.over, &target.members)?;
    let mut may_fail = runs.reaching();
    may_fail.retain(|id| among.is_none_or(|kinds| kinds.contains(&view.graph.entity(*id).kind)));
    let one = |id: &EntityId| {
        let (mut binding, mut hit) = (BTreeSet::new(), BTreeSet::new());
        let toll = runs.toll(&runs.economy.chain, &[(*id, 1.0)], |day| {
            binding.extend(day.binding.iter().flatten().map(|input| *input as usize));
            let lost = day.output.iter().enumerate().filter(|(_, output)| **output < 1.0 - NOTICEABLE);
            hit.extend(lost.map(|(firm, _)| firm));
        });
        Outage { entity: *id, lost: toll.lost, binding, hit }
    };
    let all: Vec<Outage> = may_fail.side_by_side(one);
    let (outages, harmless): (Vec<Outage>, Vec<Outage>) =
        all.into_iter().partition(|outage| outage.lost > NOTICEABLE);
    let moved = params.moved.above_zero("move")?;
    let harmless = harmless.len();
    let study = Study { view, params, target, network, runs: &runs, added, moved, most, outages, harmless };
    Ok(study.write(&found))
}

impl Study<'_> {
    /// Steps that could help, with what they can spare at most, most first.
    fn steps(&self, found: &Changes) -> Vec<(f64, Step)> {
        let inputs: BTreeSet<usize> =
            self.outages.iter().flat_map(|outage| outage.binding.iter().copied()).collect();
        let own = |input: &usize| {
            let firm = self.runs.economy.inputs.get(*input).map(|(firm, _)| *firm);
            // what is used as it is made cannot be stored
            self.runs.economy.chain.target(*input) > 0.0
                && (!self.params.own || firm.is_some_and(|firm| self.target.members.contains(&firm)))
        };
        let mut steps: Vec<Step> = inputs.iter().copied().filter(own).map(Step::Stock).collect();
        steps.extend(
            found
                .all
                .iter()
                .filter(|change| self.input_of(change).is_some_and(|at| inputs.contains(&at)))
                .map(|change| Step::Move(*change)),
        );
        let most = |step: &Step| self.met(step).map(|outage| outage.lost).sum::<f64>();
        let mut bounded: Vec<(f64, Step)> = steps.into_iter().map(|step| (most(&step), step)).collect();
        // ties stay in the order of inputs and needs
        bounded.arrange(|(a, _), (b, _)| rounded(*b).total_cmp(&rounded(*a)));
        bounded
    }

    /// Outages in which a step can tell: more stock where its input runs short, a move where one of its suppliers loses
    /// output.
    fn met<'s>(&'s self, step: &'s Step) -> impl Iterator<Item = &'s Outage> {
        self.outages.iter().filter(move |outage| match step {
            Step::Stock(input) => outage.binding.contains(input),
            Step::Move(change) => [change.from, change.to].iter().any(|id| outage.hit.contains(&id.index())),
        })
    }

    fn input_of(&self, change: &Change) -> Option<usize> {
        let row = self.network.rows().get(change.row)?;
        self.runs.input(row.entity, row.product)
    }

    /// What a step spares over all outages; nothing where it cannot be made.
    fn spared(&self, step: &Step) -> Option<f64> {
        let now = &self.runs.economy.chain;
        let chain = match step {
            Step::Stock(input) => now.with_target(*input, now.target(*input) + self.added),
            Step::Move(change) => {
                let network = self.network.redirected(change.row, change.from, change.to, self.moved)?;
                self.runs.chain_on(self.view, &network)?
            }
        };
        let one =
            |outage: &Outage| outage.lost - self.runs.toll(&chain, &[(outage.entity, 1.0)], |_| {}).lost;
        Some(self.met(step).map(one).sum())
    }

    /// The best steps, at least `top` of them where so many help; how many were tried, and whether the search came to
    /// its end.
    fn best(&self, steps: &[(f64, Step)]) -> (Vec<Gain>, usize, bool) {
        let mut gains: Vec<Gain> = Vec::new();
        let (mut tried, mut runs) = (0, 0);
        for batch in steps.chunks(BATCH) {
            let worst = gains.get(self.params.top.saturating_sub(1)).map_or(0.0, |gain| gain.spared);
            if batch.first().is_some_and(|(most, _)| *most < worst - NOTICEABLE) {
                break;
            }
            runs += batch.iter().map(|(_, step)| self.met(step).count()).sum::<usize>();
            if runs > self.most {
                return (gains, tried, false);
            }
            tried += batch.len();
            let more: Vec<Option<f64>> = batch.side_by_side(|(_, step)| self.spared(step));
            let helping = batch.iter().zip(more).filter_map(|((_, step), spared)| {
                Some(Gain { step: *step, spared: spared.filter(|spared| *spared > NOTICEABLE)? })
            });
            gains.extend(helping);
            // stable: ties stay in the order in which they were tried
            gains.arrange(|a, b| rounded(b.spared).total_cmp(&rounded(a.spared)));
        }
        (gains, tried, true)
    }

    fn write(&self, found: &Changes) -> Answer {
        let name = &self.target.name;
        let days = self.params.over.days.unwrap_or_default();
        let steps = self.steps(found);
        let (gains, tried, finished) = self.best(&steps);
        let mut answer = Answer::new(
            "harden",
            format!("The single change that helps {name} most in outages of {days} days"),
            format!(
                "Which single change, more stock or other sourcing, by {name} or anyone upstream, spares {name} most if one \
                 supplier after another is out for {days} days?"
            ),
        );
        let sum: f64 = self.outages.iter().map(|outage| outage.lost).sum();
        answer.tables.push(self.changes(&gains, sum));
        answer.tables.push(self.summary(sum, steps.len(), tried));
        self.say(finished, &mut answer);
        if let Some(note) = &self.target.note {
            answer.caveat("target-members", note, Some(self.target.members.len()));
        }
        let text = format!(
            "More stock: {} more days of one product at one firm, filled before the outage. Each outage is taken by itself. A change \
             counts in the outages in which its input runs short for anybody, or in which one of its two suppliers loses \
             output; elsewhere it is taken to change nothing.",
            self.added
        );
        answer.caveat("changes-in-time", text, None);
        let text = "The ranking is a heuristic: changes are tried in the order of what is lost in the outages in which they count, and a change that \
                    eases one shortage can, by the orders that follow, also cost somebody else or even the target. What a change listed \
                    spares is that of full runs.";
        answer.caveat("heuristic", text, Some(tried));
        if found.blind + found.unlike > 0 {
            let text = format!(
                "Left out, because they would look safe for want of data: {} changes to a supplier with an essential need of \
                 which no supplier is known, and {} second sources of another kind than the supplier that they would relieve.",
                found.blind, found.unlike
            );
            answer.caveat("changes-left-out", text, Some(found.blind + found.unlike));
        }
        let said = self.runs.said(self.view, self.network);
        answer.caveats.extend(said.caveats);
        answer.evidence = said.evidence;
        if !finished {
            let reason = format!(
                "the search ended at {} runs: {tried} of {} changes were tried, those that could spare most first; --runs sets the limit",
                self.most,
                steps.len()
            );
            answer.status = AnswerStatus::Truncated { reason };
        }
        answer
    }

    fn changes(&self, gains: &[Gain], sum: f64) -> Table {
        let columns = vec![
            Column::new("customer", Unit::Text, "Who changes something"),
            Column::new("product", Unit::Text, "Of what"),
            Column::new(
                "change",
                Unit::Text,
                "more stock; second source: from someone who does not supply it yet; redirect: to a present supplier",
            ),
            Column::new("from", Unit::Text, "Who delivers less; empty for stock"),
            Column::new("to", Unit::Text, "Who delivers more; empty for stock"),
            Column::new("moved", Unit::Share, "Part of the need that moves, 0 to 1; empty for stock"),
            Column::new("added", Unit::Days, "Days of stock that are added; empty for other sourcing"),
            Column::new(
                "spared",
                Unit::Days,
                "Fall of the output that the target loses, summed over all single outages, in days of normal output",
            ),
            Column::new("spared_share", Unit::Share, "The same as a part of the sum today, 0 to 1"),
        ];
        let mut table = Table::new("changes", "Single changes that help, most first", columns);
        let graph = self.view.graph;
        for gain in gains.iter().take(self.params.top) {
            let own: Option<(EntityId, ProductId)> = match &gain.step {
                Step::Stock(input) => self.runs.economy.inputs.get(*input).copied(),
                Step::Move(change) => {
                    self.network.rows().get(change.row).map(|row| (row.entity, row.product))
                }
            };
            let Some((firm, product)) = own else { continue };
            let [what, from, to, moved, added] = match &gain.step {
                Step::Stock(_) => [
                    Cell::text("more stock"),
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Empty,
                    Cell::Number(self.added),
                ],
                Step::Move(change) => [
                    Cell::text(if change.is_new { "second source" } else { "redirect" }),
                    entity_cell(graph, change.from),
                    entity_cell(graph, change.to),
                    Cell::Number(self.moved.min(change.share)),
                    Cell::Empty,
                ],
            };
            let share = (sum > 0.0).then(|| gain.spared / sum);
            let last = [Cell::Number(gain.spared), Cell::number(share)];
            let head = [entity_cell(graph, firm), product_cell(graph, product), what, from, to, moved, added];
            table.rows.push(head.into_iter().chain(last).collect());
        }
        table
    }

    fn summary(&self, sum: f64, known: usize, tried: usize) -> Table {
        let worst = self
            .outages
            .iter()
            .max_by(|a, b| rounded(a.lost).total_cmp(&rounded(b.lost)).then(b.entity.cmp(&a.entity)));
        let columns = vec![
            Column::new("outages", Unit::Count, "Single outages that cost the target something, 0 or more"),
            Column::new(
                "harmless",
                Unit::Count,
                "Those that cost it nothing, because stocks carry, 0 or more",
            ),
            Column::new(
                "sum",
                Unit::Days,
                "Output that the target loses today, summed over all single outages, in days of normal output",
            ),
            Column::new("worst", Unit::Text, "Whose outage costs most"),
            Column::new("worst_lost", Unit::Days, "What it costs, in days of normal output"),
            Column::new("changes", Unit::Count, "Single changes of something that runs short, 0 or more"),
            Column::new(
                "tried",
                Unit::Count,
                "Those carried through; the others cannot come among the best, 0 or more",
            ),
        ];
        let mut table = Table::new("summary", "Today, and what was tried", columns);
        table.rows.push(vec![
            Cell::Number(self.outages.len() as f64),
            Cell::Number(self.harmless as f64),
            Cell::Number(sum),
            worst.map_or(Cell::Empty, |outage| entity_cell(self.view.graph, outage.entity)),
            Cell::number(worst.map(|outage| outage.lost)),
            Cell::Number(known as f64),
            Cell::Number(tried as f64),
        ]);
        table
    }

    fn say(&self, finished: bool, answer: &mut Answer) {
        let (Some(table), Some(summary)) =
            (answer.table("changes").cloned(), answer.table("summary").cloned())
        else {
            return;
        };
        let name = &self.target.name;
        if self.outages.is_empty() {
            let finding = FindingBuilder::new("Stocks carry through all of ")
                .cell(&summary, 0, "harmless")
                .words(format!(" single outages: {name} loses nothing."));
            answer.findings.push(finding.done());
            return;
        }
        let what = |begin: &str, row: usize| {
            let finding = FindingBuilder::new(begin).cell(&table, row, "customer");
            let finding = match table.cell(row, "added") {
                Some(Cell::Number(_)) => finding
                    .words(" holds ")
                    .cell(&table, row, "added")
                    .words(" more of ")
                    .cell(&table, row, "product"),
                _ => finding
                    .words(" takes ")
                    .cell(&table, row, "moved")
                    .words(" of its need for ")
                    .cell(&table, row, "product")
                    .words(" from ")
                    .cell(&table, row, "to")
                    .words(" instead of ")
                    .cell(&table, row, "from"),
            };
            finding
                .words(", which spares ")
                .cell(&table, row, "spared_share")
                .words(" of what all single outages cost.")
                .done()
        };
        // a search that was cut short knows of those it tried
        let cut = summary.number(0, "tried") < summary.number(0, "changes") && !finished;
        match (table.rows.is_empty(), cut) {
            (true, cut) => {
                let tried = if cut { "tried" } else { "changes" };
                let of =
                    if cut { " single changes that were tried helps " } else { " single changes helps " };
                let finding = FindingBuilder::new("None of ").cell(&summary, 0, tried);
                answer.findings.push(finding.words(format!("{of}{name}.")).done());
            }
            (false, false) => {
                answer.findings.push(what(&format!("The single change that helps {name} most: "), 0));
            }
            (false, true) => {
                let begin = format!(
                    "Of the changes tried before the search was cut short, the one that helps {name} most: "
                );
                answer.findings.push(what(&begin, 0));
            }
        }
        let sort = |row: usize| matches!(table.cell(row, "added"), Some(Cell::Number(_)));
        if let Some(row) = (1..table.rows.len()).find(|row| sort(*row) != sort(0)) {
            let begin = if sort(row) { "The best of stock: " } else { "The best of sourcing: " };
            answer.findings.push(what(begin, row));
        }
        let finding = FindingBuilder::new("Today ")
            .cell(&summary, 0, "outages")
            .words(format!(" single outages cost {name} output, most that of "))
            .cell(&summary, 0, "worst")
            .words(" with ")
            .cell(&summary, 0, "worst_lost")
            .words(" of normal output; ")
            .cell(&summary, 0, "harmless")
            .words(" cost nothing, because stocks carry.");
        answer.findings.push(finding.done());
    }
}

/// Days as they are compared: what differs by less is the same.
fn rounded(days: f64) -> f64 {
    (days / NOTICEABLE).round()
}
