//! What a disruption comes to, in words.

use super::super::View;
use super::super::trail::{Trail, say_weights};
use super::params::Point;
use super::tables::{days_of, entities, kinds, order, varied, word};
use super::{Case, Disruption, Run};
use crate::analysis::Analysis;
use crate::answer::{Answer, FindingBuilder, Table};
use crate::model::EntityId;
use crate::propagation::inventory::Ending;

/// So many jumps of output are no single fall and rise.
const MANY_SWINGS: usize = 10;

/// A question and its runs.
pub(super) struct Answered<'a> {
    pub params: &'a Disruption,
    pub view: &'a View<'a>,
    pub case: &'a Case,
    pub run: &'a Run,
    pub point: Point,
}

impl Answered<'_> {
    /// The answer: `hangs` are the runs under other rules and stocks, `swept` those of the sweep.
    pub fn answer(&self, hangs: &[(Point, &Run)], swept: &[(Point, &Run)]) -> Answer {
        let Self { params, view, case, run, .. } = self;
        let what = case.hits.words.join("; ");
        let name = if case.hits.title.is_empty() { what.clone() } else { case.hits.title.clone() };
        let out = match (params.fail.is_empty(), params.days, params.back_over) {
            (false, Some(days), Some(over)) => format!(" for {days} days and is back over {over} more"),
            (false, Some(days), None) => format!(" for {days} days"),
            _ => String::new(),
        };
        let asked = format!("What happens, day by day from {}, if {what}{out}?", case.from);
        let mut answer = Answer::new(Disruption::CARD.name, format!("Disruption, day by day: {name}"), asked);
        let order = order(run);
        answer.tables.push(entities(view, case, run, &order));
        answer.tables.push(kinds(view, run));
        answer.tables.push(varied("hangs-on", "What the result hangs on", case, hangs));
        if !swept.is_empty() {
            answer.tables.push(varied("sweep", "Sweep of the assumptions", case, swept));
        }
        answer.tables.push(days_of(view, case, run, &order, params.every));
        self.say_arrival(&order, &mut answer);
        self.say_kind(&mut answer);
        if let Some(table) = answer.table("hangs-on").cloned() {
            self.say_range("Over four rationing rules and stocks halved to doubled", &table, &mut answer);
        }
        if let Some(table) = answer.table("sweep").cloned() {
            self.say_range("Over the sweep", &table, &mut answer);
        }
        self.caveats(&order, &mut answer);
        answer
    }

    /// Who is hit first among those who are watched.
    fn say_arrival(&self, order: &[EntityId], answer: &mut Answer) {
        let Self { case, run, view, .. } = self;
        let table = answer.tables[0].clone();
        let first = |at: &usize| order.get(*at).and_then(|id| run.courses.get(id.index())?.first_hit);
        let watched =
            (0..order.len()).filter(|at| order.get(*at).is_some_and(|id| case.watched.contains(id)));
        let Some(at) = watched.min_by_key(|at| (first(at), *at)) else {
            let text = format!("No {} loses output within the run.", self.kind_name());
            answer.findings.push(FindingBuilder::new(text).done());
            return;
        };
        let name = order.get(at).map_or("", |id| view.graph.entity(*id).name.as_str());
        let mut finding =
            FindingBuilder::new(format!("{name} is the first {} hit: after ", self.kind_name()))
                .cell(&table, at, "first_hit")
                .words(" (")
                .cell(&table, at, "first_hit_date")
                .words("), for want of ")
                .cell(&table, at, "binding_input")
                .words(" at its least. It falls to ")
                .cell(&table, at, "trough")
                .words(" of normal and loses ")
                .cell(&table, at, "lost")
                .words(" of normal output");
        finding = if table.number(at, "back").is_some() {
            finding.words("; it is back after ").cell(&table, at, "back").words(".")
        } else {
            finding.words("; it is not back at the end of the run.")
        };
        answer.findings.push(finding.done());
    }

    fn kind_name(&self) -> String {
        let kinds = &self.view.graph.facts().kinds;
        let kind = kinds.iter().find(|kind| kind.key == self.params.watch);
        kind.map_or_else(|| self.params.watch.clone(), |kind| kind.name.clone())
    }

    /// What happens to the kind that is watched.
    fn say_kind(&self, answer: &mut Answer) {
        let Some(table) = answer.table("kinds").cloned() else { return };
        let kinds = &self.view.graph.facts().kinds;
        let Some(kind) = kinds.iter().find(|kind| kind.key == self.params.watch) else { return };
        let row = table.rows.iter().position(|row| row.first().and_then(|c| c.as_key()) == Some(&kind.name));
        if let Some(row) = row {
            let finding = FindingBuilder::new(format!("Of kind {}, ", kind.name))
                .cell(&table, row, "hit")
                .words(" of ")
                .cell(&table, row, "entities")
                .words(" lose output, ")
                .cell(&table, row, "mean_lost")
                .words(" of normal output each on average; ")
                .cell(&table, row, "not_back")
                .words(" are not back at the end.");
            answer.findings.push(finding.done());
        }
    }

    /// The least and the most that other assumptions give.
    fn say_range(&self, over: &str, table: &Table, answer: &mut Answer) {
        let lost = |row: &usize| table.number(*row, "mean_lost").unwrap_or(0.0);
        let rows = 0..table.rows.len();
        let least = rows.clone().min_by(|a, b| lost(a).total_cmp(&lost(b)).then(a.cmp(b)));
        let most = rows.max_by(|a, b| lost(a).total_cmp(&lost(b)).then(b.cmp(a)));
        if most.is_some_and(|most| lost(&most) < 1e-6) {
            let text = format!("{over}, none of kind {} loses output.", self.kind_name());
            answer.findings.push(FindingBuilder::new(text).done());
        } else if let (Some(least), Some(most)) = (least, most) {
            let finding =
                FindingBuilder::new(format!("{over}, those of kind {} lose from ", self.kind_name()))
                    .cell(table, least, "mean_lost")
                    .words(" (")
                    .cell(table, least, "rationing")
                    .words(", stocks ")
                    .cell(table, least, "stocks")
                    .words(") to ")
                    .cell(table, most, "mean_lost")
                    .words(" of normal output (")
                    .cell(table, most, "rationing")
                    .words(", stocks ")
                    .cell(table, most, "stocks")
                    .words("): a single number of these is not a result.");
            answer.findings.push(finding.done());
        }
    }

    fn caveats(&self, order: &[EntityId], answer: &mut Answer) {
        let Self { params, view, case, run, .. } = self;
        let hit = |id: EntityId| run.courses.get(id.index()).is_some_and(|course| course.first_hit.is_some());
        let mut trail = Trail::default();
        for row in case.network.rows().iter().filter(|row| row.binds() && hit(row.entity)) {
            for link in case.network.suppliers(row).iter().filter(|link| hit(link.supplier)) {
                trail.link(&case.network, row, link);
            }
        }
        let [asked, dataset, general] = run.economy.stocks;
        let all = asked + dataset + general;
        let text = format!(
            "Of {all} inputs, the stock of {dataset} is in the dataset, of {asked} in the question, of {general} the general \
             assumption of {} days; what is stored at all is kept for two days at least.",
            params.stock_days
        );
        answer.caveat("assumed-stocks", text, Some(asked + general));
        if !params.durable.is_empty() {
            let text = format!(
                "Taken to last longer than the run, with orders as normal: {}.",
                params.durable.join(", ")
            );
            answer.caveat("durable", text, Some(params.durable.len()));
        }
        let [stated, equal] = run.economy.sold;
        let text = format!(
            "Of {} ties, the supplier's part of output is stated for {stated}; for {equal} it is an equal part of the rest.",
            stated + equal
        );
        answer.caveat("assumed-sales", text, Some(equal));
        let rules = match self.point {
            Point { psi: Some(psi), tau, .. } => format!("preset ario, ψ {psi}, gaps closed in {tau} days"),
            Point { tau, .. } => format!("preset inoue-todo, gaps closed in {tau} days"),
        };
        let text = format!(
            "Rules: {rules}, rationing {}. Results hang on them: see table hangs-on. Stocks that are long against the days in which gaps \
             are closed make orders swing, and output with them.",
            self.point.rule.name()
        );
        answer.caveat("rules", text, None);
        answer.caveat(
            "unknown-supplier",
            "The unknown part of a need goes on as normal, and delivers no more than that: losses are lower bounds.",
            None,
        );
        let gone = run.courses.iter().filter(|course| course.ending == Ending::Collapsed).count();
        if gone > 0 || run.ending == Ending::Collapsed {
            let text = format!(
                "{gone} entities are gone at the end although no shock holds; those who are watched end {}. Stocks that are short \
                 against the days in which gaps are closed make such ends: sweep stocks and tau-inv before use.",
                word(run.ending)
            );
            answer.caveat("collapsed", text, Some(gone));
        }
        self.say_swings(answer);
        self.say_still(answer);
        for note in &run.notes {
            answer.caveat("approximated-shock", format!("{note}."), None);
        }
        for (code, text) in &case.hits.notes {
            answer.caveat(code, text, None);
        }
        if params.every > 1 && !order.is_empty() {
            let text = format!("Table days has every {}th day; --every 1 gives all.", params.every);
            answer.caveat("sampled-days", text, None);
        }
        say_weights(answer, &case.network, case.network.rungs(|row| row.binds() && hit(row.entity)));
        trail.finish(view, answer);
    }

    /// Whose output jumps up and down, which no works does.
    fn say_swings(&self, answer: &mut Answer) {
        let Self { run, point, .. } = self;
        let swinging = run.courses.iter().filter(|course| course.swings > MANY_SWINGS).count();
        if swinging == 0 {
            return;
        }
        let who = if swinging == 1 { "one entity".to_string() } else { format!("{swinging} entities") };
        let text = format!(
            "The output of {who} jumps by more than half of normal from one day to the next, on more than {MANY_SWINGS} days: \
             orders follow the output of the day before, and gaps of stock are closed in {} days. Read their means over weeks, not \
             single days, and hold the result against a longer --tau-inv and another --rationing.",
            point.tau
        );
        answer.caveat("swings", text, Some(swinging));
    }

    /// Who orders nothing because it made nothing.
    fn say_still(&self, answer: &mut Answer) {
        let Self { view, run, point, .. } = self;
        if run.still.is_empty() || point.psi.is_some() {
            return;
        }
        let name = |(id, input): &(EntityId, usize)| {
            let product = run
                .economy
                .inputs
                .get(*input)
                .map_or("", |(_, product)| view.graph.product(*product).name.as_str());
            format!("{} ({product})", view.graph.entity(*id).name)
        };
        let named: Vec<String> = run.still.iter().take(5).map(name).collect();
        let more = if run.still.len() > named.len() { " and others" } else { "" };
        let text = format!(
            "{} of those who make nothing at the end could be served: {}{more}. Preset inoue-todo orders by the output of the day before, \
             as the published model does: who has used up a stock and makes nothing orders nothing, and does not come back by itself. \
             (Its program delivers to some who ordered nothing, which is not copied.) That they stay away follows from this rule and not \
             from the outage; preset ario orders by what is wanted.",
            run.still.len(),
            named.join(", ")
        );
        answer.caveat("standing-still", text, Some(run.still.len()));
    }
}
