//! Whose failure costs the whole economy how much: every entity fails once, and all are ranked.

#[cfg(feature = "cluster")]
mod shared;

use chacha20::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use serde::{Deserialize, Serialize};

use super::firm_network::{
    CascadeMode, CascadeOptions, EssentialityRule, Finals, FirmNetwork, MarketRule, StopRule,
};
use super::trail::{Trail, entity_cell};
use super::{Analysis, AnalysisError, Card, Mention, Observer, Unobserved, View};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Reach, Table, Unit};
use crate::graph::nearest;
use crate::model::EntityId;
use crate::order::Arrange;
use crate::propagation::esri::{Index, Mode, Shock, Summary, run_many};

/// Every entity's failure, ranked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct SystemicRisk {
    /// The model that carries the failures
    #[cfg_attr(feature = "cli", arg(long, value_enum, default_value = "esri"))]
    #[serde(skip_serializing_if = "FailureModel::is_default")]
    pub model: FailureModel,
    /// How long a cascade goes on [default: converged]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<CascadeMode>,
    /// Tolerance: of the stop rule in mode compatible [default: 1e-2], of the last step in mode converged [default: 1e-10]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NUMBER"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub eps: Option<f64>,
    /// The stop rule of mode compatible [default: step]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop: Option<StopRule>,
    /// Who can take a failing firm's place [default: sector]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub market: Option<MarketRule>,
    /// Which inputs are essential [default: file]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub essentiality: Option<EssentialityRule>,
    /// Whether sales and purchases outside the network count [default: none]
    #[cfg_attr(feature = "cli", arg(long, value_enum))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finals: Option<Finals>,
    /// The weight of the index that ranks [default: the first that the data have: sales, then weight, weight2; on needs
    /// known-sales, then equal]
    #[cfg_attr(feature = "cli", arg(long, value_name = "NAME"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<String>,
    /// Only so many failures, drawn with --seed; the answer says that it is a sample
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNT"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<usize>,
    /// Draws the sample
    #[cfg_attr(feature = "cli", arg(skip))]
    #[serde(skip_serializing_if = "is_zero")]
    pub seed: u64,
}

fn is_zero(seed: &u64) -> bool {
    *seed == 0
}

/// A model that can carry the failure of every entity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum FailureModel {
    /// The generalised Leontief cascade, downstream and upstream
    #[default]
    Esri,
}

impl FailureModel {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// An index above this is worth counting.
const NOTABLE: f64 = 0.01;

impl Analysis for SystemicRisk {
    const CARD: Card = Card {
        name: "systemic-risk",
        title: "Economic systemic risk of every entity",
        question: "Whose failure costs the whole economy how much, through lost inputs and through lost customers?",
        definition: "For each entity i that fails altogether: index = Σ_j v_j max(d_j, u_j) / Σ_j v_j, with the losses d for want of \
                     inputs and u for want of customers where the cascade ends, i's own loss included, and weights v (sales). \
                     Downstream and upstream indices take d or u alone. 0 to 1.",
        reads: "Bulk tables of supplies with sectors and essentiality where there are any; else needs of products, suppliers' \
                shares, market shares, revenue, and yearly payments.",
        assumptions: "No stocks, no time, no prices. A failing firm's customers turn at once to others of its sector (vendors of the \
                      product) as far as they hold the market (--market none: to nobody). The channels do not mix.",
        cost: "A cascade for each entity, side by side on all threads: for each step the links of those who have lost.",
        reference: "Diem, Borsos, Reisch, Kertész, Thurner, Scientific Reports 12:7719, 2022.",
        rests: Reach::Connected,
        example: "linchpin systemic-risk",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        self.run_observed(view, &Unobserved)
    }

    fn shares_links(&self) -> Result<(), String> {
        Ok(())
    }

    fn mentions(&mut self) -> Vec<Mention<'_>> {
        vec![Mention::Seed(&mut self.seed)]
    }

    fn can_stop(&self) -> bool {
        true
    }

    fn run_observed(&self, view: &View<'_>, observer: &dyn Observer) -> Result<Answer, AnalysisError> {
        let mut firms = FirmNetwork::build(view, &self.options())?;
        let by = self.weight_of(&firms)?;
        let whole = firms.members.len();
        if let Some(sample) = self.sample {
            self.draw(sample, &mut firms.members)?;
        }
        let drawn = firms.members.len();
        let done = fail_each(&firms, observer);
        if done.is_empty() && drawn > 0 {
            return Err(AnalysisError::NoData("no failure was carried to its end in the time".to_string()));
        }
        firms.members = done.iter().filter_map(|(at, _)| firms.members.get(*at).copied()).collect();
        let all: Vec<Summary> = done.into_iter().map(|(_, summary)| summary).collect();
        let order = order(&all, by);
        let mut title = format!("Economic systemic risk, by {}", firms.weights[by]);
        if drawn < whole {
            title.push_str(&format!(": a sample of {drawn} of {whole}"));
        }
        let mut answer = Answer::new(Self::CARD.name, title, Self::CARD.question);
        answer.tables.push(ranking(view, &firms, &all, &order, by));
        answer.tables.push(summary(&firms, &all, by));
        if firms.weights.len() > 1 {
            answer.tables.push(other_weights(view, &firms, &all, &order, by));
        }
        say(view, &firms, &order, by, &mut answer);
        answer.caveat("cascade-mode", firms.say_mode(), None);
        if drawn < whole {
            answer.caveat("sample", sampled(&all, by, (drawn, whole)), Some(drawn));
        }
        let steps = all.iter().map(|summary| summary.steps).max().unwrap_or(0) as usize;
        let residual = all.iter().map(|summary| summary.residual).fold(0.0, f64::max);
        let open = all.iter().filter(|summary| !summary.settled).count();
        if open > 0 {
            answer.status = AnswerStatus::NotConverged { residual, rounds: steps };
            let text =
                format!("{open} cascades were cut off before they settled; their indices are lower bounds.");
            answer.caveat("cut-off", text, Some(open));
        }
        if all.len() < drawn {
            let reason = format!(
                "the time was up after {} of {drawn} failures; those of wide cascades are the last to end and are missing more often",
                all.len()
            );
            answer.status = AnswerStatus::Truncated { reason };
        }
        for (code, text, count) in firms.notes.drain(..) {
            answer.caveat(code, text, count);
        }
        std::mem::take::<Trail>(&mut firms.trail).finish(view, &mut answer);
        Ok(answer)
    }
}

impl SystemicRisk {
    /// Keeps so many of the members, drawn without replacement, in their order.
    fn draw(&self, sample: usize, members: &mut Vec<EntityId>) -> Result<(), AnalysisError> {
        if sample == 0 {
            let reason = "expected 1 or more failures".to_string();
            return Err(AnalysisError::Invalid { parameter: "sample", reason });
        }
        let mut random = ChaCha8Rng::seed_from_u64(self.seed);
        let count = sample.min(members.len());
        for at in 0..count {
            // the bias of a remainder of 64 bits is below one in 2^32
            let other = at + (random.next_u64() % (members.len() - at) as u64) as usize;
            members.swap(at, other);
        }
        members.truncate(count);
        members.sort_unstable();
        Ok(())
    }

    fn options(&self) -> CascadeOptions {
        CascadeOptions {
            mode: self.mode,
            eps: self.eps,
            stop: self.stop,
            market: self.market,
            essentiality: self.essentiality,
            finals: self.finals,
        }
    }

    /// Position of the list of weights that ranks.
    fn weight_of(&self, firms: &FirmNetwork) -> Result<usize, AnalysisError> {
        let Some(name) = &self.weight else { return Ok(0) };
        let found =
            firms.weights.iter().position(|weight| weight == name || weight.replace(' ', "-") == *name);
        found.ok_or_else(|| {
            let near = nearest(name, firms.weights.iter().map(String::as_str));
            let hint = near.first().map_or(String::new(), |near| format!("; did you mean {near}?"));
            let known = firms.weights.join(", ");
            let reason = format!("there is no weight {name:?}: expected one of {known}{hint}");
            AnalysisError::Invalid { parameter: "weight", reason }
        })
    }
}

/// The failure of each member, by its place among them; those that were carried to their end in the time.
fn fail_each(firms: &FirmNetwork, observer: &dyn Observer) -> Vec<(usize, Summary)> {
    let count = firms.members.len();
    let failure = |at: usize| Shock::failure(firms.members.get(at).map_or(0, |id| id.0));
    #[cfg(feature = "cluster")]
    if let Some(crew) = observer.crew() {
        observer.begin(shared::pieces(count));
        let run = |range: std::ops::Range<usize>| {
            let failure = |at: usize| failure(range.start + at);
            let all = run_many(&firms.system, range.len(), failure, firms.mode, &Unobserved);
            all.into_iter().map(|(_, summary)| summary).collect()
        };
        return shared::share(crew, count, &run, &|| observer.done()).into_iter().enumerate().collect();
    }
    observer.begin(count);
    run_many(&firms.system, count, failure, firms.mode, observer)
}

/// What a sample says of all: its mean, with the error of drawing without replacement.
fn sampled(all: &[Summary], by: usize, (drawn, whole): (usize, usize)) -> String {
    let values: Vec<f64> = all.iter().map(|summary| index(summary, by).both).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (count - 1.0).max(1.0);
    let error = (variance / count * (1.0 - count / whole as f64).max(0.0)).sqrt();
    format!(
        "{drawn} of {whole} entities were drawn to fail, with the seed; whose failure costs most among all of them may not be among these. \
         The mean index of all is estimated as {:.4} % with a standard error of {:.4} %.",
        100.0 * mean,
        100.0 * error
    )
}

fn index(summary: &Summary, by: usize) -> Index {
    summary.index.get(by).copied().unwrap_or_default()
}

/// Positions of the members, largest index first, ties in the order of their keys.
fn order(all: &[Summary], by: usize) -> Vec<usize> {
    let rounded = |at: usize| (index(&all[at], by).both * 1e12).round();
    let mut order: Vec<usize> = (0..all.len()).collect();
    order.arrange(|a, b| rounded(*b).total_cmp(&rounded(*a)).then(a.cmp(b)));
    order
}

fn index_columns(mut columns: Vec<Column>, of: &str) -> Vec<Column> {
    let say = |what: &str| format!("Part of {of} that is lost {what}, 0 to 1, its own included");
    columns.push(Column::new(
        "index",
        Unit::Share,
        &say("if it fails, by the larger of each entity's two losses"),
    ));
    columns.push(Column::new("index_downstream", Unit::Share, &say("for want of inputs alone")));
    columns.push(Column::new("index_upstream", Unit::Share, &say("for want of customers alone")));
    columns
}

fn index_cells(index: Index) -> [Cell; 3] {
    [Cell::Number(index.both), Cell::Number(index.downstream), Cell::Number(index.upstream)]
}

fn ranking(view: &View<'_>, firms: &FirmNetwork, all: &[Summary], order: &[usize], by: usize) -> Table {
    let columns = vec![Column::new("entity", Unit::Text, "Who fails")];
    let mut columns = index_columns(columns, &firms.weights[by]);
    columns.push(Column::new("steps", Unit::Count, "Steps of the cascade; steps are not days"));
    let mut table = Table::new("systemic-risk", "Whose failure costs how much", columns);
    for at in order {
        let mut row = vec![entity_cell(view.graph, firms.members[*at])];
        row.extend(index_cells(index(&all[*at], by)));
        row.push(Cell::Number(f64::from(all[*at].steps)));
        table.rows.push(row);
    }
    table
}

fn summary(firms: &FirmNetwork, all: &[Summary], by: usize) -> Table {
    let columns = vec![
        Column::new("entities", Unit::Count, "How many failures were tried"),
        Column::new("mean_index", Unit::Share, "Mean of the index, each failure counted once, 0 to 1"),
        Column::new("notable", Unit::Count, "How many failures cost more than 1 % of the whole"),
        Column::new("links_downstream", Unit::Count, "Supplies that carry a loss to customers"),
        Column::new("links_upstream", Unit::Count, "Supplies that carry a loss to suppliers"),
        Column::new("largest_step", Unit::Number, "Largest growth of a loss in the last step of any cascade"),
        Column::new(
            "still_to_come",
            Unit::Number,
            "Largest further growth of a loss, if losses go on growing as in the last steps; empty where the steps do not shrink",
        ),
    ];
    let mut table = Table::new("summary", "All failures together", columns);
    let count = all.len();
    let values = all.iter().map(|summary| index(summary, by).both);
    let mean = values.clone().sum::<f64>() / count.max(1) as f64;
    let notable = values.filter(|value| *value > NOTABLE).count();
    let (down, up) = firms.system.links();
    table.rows.push(vec![
        Cell::Number(count as f64),
        Cell::Number(mean),
        Cell::Number(notable as f64),
        Cell::Number(down as f64),
        Cell::Number(up as f64),
        Cell::Number(all.iter().map(|summary| summary.residual).fold(0.0, f64::max)),
        Cell::number(all.iter().map(|summary| summary.remaining).fold(0.0, f64::max)),
    ]);
    table
}

fn other_weights(view: &View<'_>, firms: &FirmNetwork, all: &[Summary], order: &[usize], by: usize) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who fails"),
        Column::new("weight", Unit::Text, "What the index is weighted by"),
    ];
    let columns = index_columns(columns, "that weight");
    let mut table = Table::new("other-weights", "The same by other weights", columns);
    for at in order {
        for (list, name) in firms.weights.iter().enumerate().filter(|(list, _)| *list != by) {
            let mut row = vec![entity_cell(view.graph, firms.members[*at]), Cell::text(name)];
            row.extend(index_cells(index(&all[*at], list)));
            table.rows.push(row);
        }
    }
    table
}

fn say(view: &View<'_>, firms: &FirmNetwork, order: &[usize], by: usize, answer: &mut Answer) {
    let [table, all, ..] = answer.tables.as_slice() else { return };
    let name = |place: usize| order.get(place).map(|at| view.graph.entity(firms.members[*at]).name.clone());
    let mut findings = Vec::new();
    if let Some(first) = name(0) {
        let mut finding = FindingBuilder::new(format!("If {first} fails, "))
            .cell(table, 0, "index")
            .words(format!(" of {} is lost: ", words(&firms.weights[by])))
            .cell(table, 0, "index_downstream")
            .words(" for want of inputs, ")
            .cell(table, 0, "index_upstream")
            .words(" for want of customers");
        for place in 1..3 {
            if let Some(next) = name(place) {
                let link = if place == 1 { "; next come " } else { " and " };
                finding = finding.words(format!("{link}{next} with ")).cell(table, place, "index");
            }
        }
        findings.push(finding.words(".").done());
    }
    let finding =
        FindingBuilder::new("Of ").cell(all, 0, "entities").words(" entities, ").cell(all, 0, "notable");
    let finding = finding.words(" would each take more than 1 % of the whole with them; the mean is ").cell(
        all,
        0,
        "mean_index",
    );
    findings.push(finding.words(".").done());
    if let (Mode::Compatible(_), Some(_)) = (firms.mode, all.number(0, "still_to_come")) {
        let finding = FindingBuilder::new("Where the stop rule ends the cascades, a loss may still grow by ");
        findings
            .push(finding.cell(all, 0, "still_to_come").words(" if it goes on growing as before.").done());
    }
    answer.findings.extend(findings);
}

/// What a weight adds up to.
fn words(weight: &str) -> String {
    match weight {
        "sales" | "known sales" => format!("all {weight}"),
        "equal" => "the function of all entities, counted equally,".to_string(),
        other => format!("all {other}"),
    }
}
