//! The generalised Leontief cascade: function lost for want of inputs and for want of customers.

use super::super::firm_network::{CascadeOptions, FirmNetwork};
use super::super::trail::{Trail, entity_cell};
use super::super::{AnalysisError, View};
use super::backwards::{failing, said};
use super::{Asked, BackWords, Backwards, ModelCard, Shock as Params, ShockModel, Support};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;
use crate::propagation::esri::{Cause, Shock, Trace, run, trace};
use crate::propagation::target::ModelTarget;
use crate::scenario::{EffectKind, Place, Size};

/// The generalised Leontief cascade.
pub struct Esri;

/// Below this a loss is rounding.
const NOTICEABLE: f64 = 1e-12;
/// Parts of a loss below this share of it are not listed one by one.
const LISTED: f64 = 0.01;

impl ShockModel for Esri {
    const CARD: ModelCard = ModelCard {
        name: "esri",
        question: "Who loses how much function, for want of which input and for want of which customers?",
        equations: "d_j = min(1, max(ψ_j, max over essential inputs k of Σ_i W_ij/Π_jk σ_i d_i, Σ over other inputs of W_ij/s_in_j \
                    σ_i d_i)); u_i = min(1, max(ψ_i, Σ_j W_ij/s_out_i u_j)); σ_i = min(1, s_out_i / what its market has left); \
                    functionality = 1 - max(d, u).",
        reads: "Bulk tables of supplies with sectors and essentiality where there are any; else needs of products, suppliers' \
                shares, market shares, revenue, and yearly payments.",
        assumptions: "No stocks, no time, no prices; the two channels do not mix. Customers of a failing firm turn at once to others \
                      of its sector (vendors of the product) as far as they hold the market (--market none: to nobody).",
        cost: "For each step the links of those who have lost.",
        reference: "Diem, Borsos, Reisch, Kertész, Thurner, Scientific Reports 12:7719, 2022.",
        options: &["mode", "eps", "stop", "market", "essentiality", "finals"],
        has_time: false,
    };

    fn support(kind: EffectKind, place: Place) -> Support {
        match (kind, place) {
            (EffectKind::CapacityLoss | EffectKind::Failure, Place::Entity) => Support::Native,
            // a cut of all that one delivers is felt by its customers alone, a lost demand by its suppliers alone
            (EffectKind::SupplyCut | EffectKind::DemandChange, Place::Entity) => Support::Native,
            (EffectKind::PrimaryInputChange, Place::Entity) => {
                Support::Approximated("a loss of primary inputs is taken as the same loss of capacity")
            }
            (EffectKind::PriceChange, _) => Support::Rejected("it knows what works, not what it costs"),
            (EffectKind::EquityLoss, _) => Support::Rejected("it knows what works, not what it is worth"),
            (_, Place::Link | Place::Relation) => Support::Rejected("it carries losses of entities"),
        }
    }

    fn run(asked: &Asked<'_>) -> Result<Answer, AnalysisError> {
        let (view, params) = (asked.view, asked.params);
        let options = CascadeOptions {
            mode: params.mode,
            eps: params.eps,
            stop: params.stop,
            market: params.market,
            essentiality: params.essentiality,
            finals: params.finals,
        };
        let shock = shock(asked)?;
        let mut firms = FirmNetwork::build(view, &options)?;
        let traced = trace(&firms.system, &shock, firms.mode);
        let order = order(&firms, &traced);
        let title = match asked.hits.title.is_empty() {
            true => format!("Shock: {}", what(asked)),
            false => asked.hits.title.clone(),
        };
        let mut answer = Answer::new("shock", title, format!("What happens if {}?", what(asked)));
        answer.tables.push(levels(view, &traced, &order));
        answer.tables.push(reasons(view, &firms, &traced, &order));
        answer.tables.push(causes(view, &traced, &order));
        answer.tables.push(index(&firms, &traced));
        say(asked, &firms, &shock, &traced, &order, &mut answer);
        caveats(view, &mut firms, &traced, &mut answer);
        Ok(answer)
    }

    fn backwards(view: &View<'_>, _: &Params, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
        let FirmNetwork { system, mode, members: firms, .. } =
            FirmNetwork::build(view, &CascadeOptions::default())?;
        if let Some(id) = members.iter().find(|id| !firms.contains(id)) {
            let text = format!("{} takes no part in the network of firms", view.graph.entity(*id).name);
            return Err(AnalysisError::NoData(text));
        }
        // without a way to the target they still matter: they hold part of a market
        let reaching: Vec<EntityId> = firms.into_iter().filter(|id| !members.contains(id)).collect();
        let said = match reaching.is_empty() {
            true => Answer::new("", "", ""),
            false => said::<Self>(view, &Params { fail: failing(view, &reaching), ..Params::default() })?,
        };
        let members = members.to_vec();
        let target = ModelTarget::new(reaching, false, move |outages: &[(EntityId, f64)]| {
            let losses = outages.iter().map(|(id, share)| (id.0, *share)).collect();
            let outcome = run(&system, &Shock::of(losses), mode);
            let of = |list: &[f64], id: &EntityId| list.get(id.index()).copied().unwrap_or(0.0);
            let lost = |id: &EntityId| of(&outcome.downstream, id).max(of(&outcome.upstream, id));
            (members.iter().map(lost).collect(), outcome.summary.settled)
        });
        let words = BackWords { one: "other", many: "others", ..BackWords::SUPPLIERS };
        Ok(Backwards { target: Box::new(target), said, words })
    }
}

/// The shocks in words, the first three of many.
fn what(asked: &Asked<'_>) -> String {
    let words = &asked.hits.words;
    match words.len() {
        0..=3 => words.join(" and "),
        all => format!(
            "{} and {} more shocks",
            words.iter().take(3).cloned().collect::<Vec<_>>().join(", "),
            all - 3
        ),
    }
}

/// What each channel begins with: independent shocks on the same entity multiply.
fn shock(asked: &Asked<'_>) -> Result<Shock, AnalysisError> {
    let mut shock = Shock::default();
    let add = |list: &mut Vec<(u32, f64)>, entity: EntityId, lost: f64| match list
        .iter_mut()
        .find(|(at, _)| *at == entity.0)
    {
        Some((_, loss)) => *loss = 1.0 - (1.0 - *loss) * (1.0 - lost),
        None => list.push((entity.0, lost)),
    };
    for hit in &asked.hits.entities {
        let lost = match hit.size {
            Size::Lost(lost) => lost,
            Size::Relative(change) if change <= 0.0 => -change,
            Size::Relative(_) | Size::Amount(_) => {
                let reason = format!(
                    "{} on {}: esri carries losses as a share of the normal state, expected a relative change below 0",
                    hit.kind,
                    asked.view.graph.entity(hit.entity).key
                );
                return Err(AnalysisError::Invalid { parameter: "scenario", reason });
            }
        };
        if hit.kind != EffectKind::DemandChange {
            add(&mut shock.downstream, hit.entity, lost);
        }
        if hit.kind != EffectKind::SupplyCut {
            add(&mut shock.upstream, hit.entity, lost);
        }
    }
    Ok(shock)
}

fn losses(traced: &Trace, id: EntityId) -> (f64, f64) {
    let of = |list: &[f64]| list.get(id.index()).copied().unwrap_or(0.0);
    (of(&traced.outcome.downstream), of(&traced.outcome.upstream))
}

fn loss(traced: &Trace, id: EntityId) -> f64 {
    let (down, up) = losses(traced, id);
    down.max(up)
}

/// All firms, largest loss first, ties in the order of their keys.
fn order(firms: &FirmNetwork, traced: &Trace) -> Vec<EntityId> {
    let rounded = |id: EntityId| (loss(traced, id) * 1e12).round();
    let mut order = firms.members.clone();
    order.arrange(|a, b| rounded(*b).total_cmp(&rounded(*a)).then(a.cmp(b)));
    order
}

fn levels(view: &View<'_>, traced: &Trace, order: &[EntityId]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who"),
        Column::new("h_downstream", Unit::Share, "Function left with the inputs that are left, 0 to 1"),
        Column::new("h_upstream", Unit::Share, "Function left with the customers that are left, 0 to 1"),
        Column::new("functionality", Unit::Share, "Actual over normal, 0 to 1: the smaller of the two"),
    ];
    let mut table = Table::new("shock", "What is left of everybody's function", columns);
    for id in order {
        let (down, up) = losses(traced, *id);
        let (down, up) = (1.0 - down, 1.0 - up);
        let cells = [down, up, down.min(up)].map(Cell::Number);
        table.rows.push(std::iter::once(entity_cell(view.graph, *id)).chain(cells).collect());
    }
    table
}

fn reasons(view: &View<'_>, firms: &FirmNetwork, traced: &Trace, order: &[EntityId]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new("loss", Unit::Share, "1 - functionality, 0 to 1"),
        Column::new(
            "channel",
            Unit::Text,
            "Which of its two losses is the larger: inputs (downstream) or customers (upstream)",
        ),
        Column::new("loss_downstream", Unit::Share, "Function lost for want of inputs, 0 to 1"),
        Column::new("loss_upstream", Unit::Share, "Function lost for want of customers, 0 to 1"),
        Column::new(
            "round_first_hit",
            Unit::Count,
            "Round of the first loss of either sort; 0 for the shock itself; rounds are not days",
        ),
        Column::new(
            "binding_input",
            Unit::Text,
            "The input whose shortage limits it; empty for the shock itself and where no input is short",
        ),
        Column::new(
            "main_supplier",
            Unit::Text,
            "The direct supplier through whom most of the loss of inputs comes",
        ),
        Column::new(
            "main_customer",
            Unit::Text,
            "The direct customer through whom most of the loss of customers comes",
        ),
    ];
    let mut table = Table::new("reasons", "Who is hit, when and for want of what", columns);
    for id in order.iter().filter(|id| loss(traced, **id) > NOTICEABLE) {
        let (down, up) = losses(traced, *id);
        let at = id.index();
        let first = [&traced.first_downstream, &traced.first_upstream];
        let first = first.iter().filter_map(|list| list.get(at).copied().flatten()).min();
        let binding = traced.binding.get(at).and_then(Option::as_ref);
        let name = |cause: Option<&Cause>| {
            cause.map_or(Cell::Empty, |cause| entity_cell(view.graph, EntityId(cause.firm)))
        };
        table.rows.push(vec![
            entity_cell(view.graph, *id),
            Cell::Number(down.max(up)),
            Cell::text(if down >= up { "inputs" } else { "customers" }),
            Cell::Number(down),
            Cell::Number(up),
            Cell::number(first.map(f64::from)),
            binding.map_or(Cell::Empty, |binding| firms.input(view, binding.slot)),
            name(binding.and_then(|binding| binding.suppliers.first())),
            name(traced.customers.get(at).and_then(|customers| customers.first())),
        ]);
    }
    table
}

fn causes(view: &View<'_>, traced: &Trace, order: &[EntityId]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who is hit"),
        Column::new("channel", Unit::Text, "Through lost inputs or through lost customers"),
        Column::new(
            "through",
            Unit::Text,
            "The direct supplier or customer; \"others\" stands for those below 1 % each",
        ),
        Column::new(
            "part",
            Unit::Share,
            "Function that it loses through it, 0 to 1; the parts of a channel add up to its loss",
        ),
    ];
    let mut table = Table::new("causes", "Through whom each loss comes", columns);
    for id in order.iter().filter(|id| loss(traced, **id) > NOTICEABLE) {
        let suppliers =
            traced.binding.get(id.index()).and_then(Option::as_ref).map(|binding| &binding.suppliers);
        let channels = [("inputs", suppliers), ("customers", traced.customers.get(id.index()))];
        for (channel, list) in channels.into_iter().filter_map(|(channel, list)| Some((channel, list?))) {
            let total: f64 = list.iter().map(|cause| cause.part).sum();
            let row = |through, part| {
                vec![entity_cell(view.graph, *id), Cell::text(channel), through, Cell::Number(part)]
            };
            let mut rest = 0.0;
            for cause in list {
                if cause.part >= LISTED * total {
                    table.rows.push(row(entity_cell(view.graph, EntityId(cause.firm)), cause.part));
                } else {
                    rest += cause.part;
                }
            }
            if rest > 0.0 {
                table.rows.push(row(Cell::text("others"), rest));
            }
        }
    }
    table
}

fn index(firms: &FirmNetwork, traced: &Trace) -> Table {
    let columns = vec![
        Column::new("weight", Unit::Text, "What the mean is weighted by"),
        Column::new(
            "index",
            Unit::Share,
            "Mean loss of function, by the larger of each entity's two losses, 0 to 1",
        ),
        Column::new("index_downstream", Unit::Share, "The same for want of inputs alone"),
        Column::new("index_upstream", Unit::Share, "The same for want of customers alone"),
        Column::new("steps", Unit::Count, "Steps of the cascade; steps are not days"),
        Column::new("last_step", Unit::Number, "Largest growth of a loss in the last step"),
        Column::new(
            "still_to_come",
            Unit::Number,
            "Largest further growth of a loss, if losses go on growing as in the last steps; empty where the steps do not shrink",
        ),
    ];
    let mut table = Table::new("index", "What is lost in all", columns);
    let summary = &traced.outcome.summary;
    for (name, index) in firms.weights.iter().zip(&summary.index) {
        table.rows.push(vec![
            Cell::text(name),
            Cell::Number(index.both),
            Cell::Number(index.downstream),
            Cell::Number(index.upstream),
            Cell::Number(f64::from(summary.steps)),
            Cell::Number(summary.residual),
            Cell::number(summary.remaining),
        ]);
    }
    table
}

fn say(
    asked: &Asked<'_>,
    firms: &FirmNetwork,
    shock: &Shock,
    traced: &Trace,
    order: &[EntityId],
    answer: &mut Answer,
) {
    let [_, reasons, _, index] = answer.tables.as_slice() else { return };
    let graph = asked.view.graph;
    let words = what(asked);
    let whole = firms.weights.first().map_or("", String::as_str);
    let mut findings = vec![
        FindingBuilder::new(format!("If {words}, "))
            .cell(index, 0, "index")
            .words(format!(" of function is lost, weighted by {whole}: "))
            .cell(index, 0, "index_downstream")
            .words(" for want of inputs and ")
            .cell(index, 0, "index_upstream")
            .words(" for want of customers.")
            .done(),
    ];
    let shocked = |id: EntityId| shock.downstream.iter().chain(&shock.upstream).any(|(at, _)| *at == id.0);
    let hit = order.iter().filter(|id| loss(traced, **id) > NOTICEABLE).enumerate();
    let mut named = hit.filter(|(_, id)| !shocked(**id)).take(3).peekable();
    if named.peek().is_some() {
        let mut finding = FindingBuilder::new("Beside what is hit itself, ");
        let mut first = true;
        while let Some((row, id)) = named.next() {
            let (down, up) = losses(traced, *id);
            let link = if first {
                ""
            } else if named.peek().is_some() {
                ", "
            } else {
                " and "
            };
            first = false;
            finding =
                finding.words(format!("{link}{} loses ", graph.entity(*id).name)).cell(reasons, row, "loss");
            finding = match down >= up {
                true => finding.words(" for want of ").cell(reasons, row, "binding_input"),
                false => finding.words(" for want of customers, most of it through ").cell(
                    reasons,
                    row,
                    "main_customer",
                ),
            };
        }
        findings.push(finding.words(".").done());
    }
    answer.findings.extend(findings);
}

fn caveats(view: &View<'_>, firms: &mut FirmNetwork, traced: &Trace, answer: &mut Answer) {
    let summary = &traced.outcome.summary;
    answer.caveat("cascade-mode", firms.say_mode(), None);
    let text = format!(
        "{} steps, last growth of a loss {:.1e}. Steps are not days.",
        summary.steps, summary.residual
    );
    answer.caveat("rounds", text, Some(summary.steps as usize));
    if !summary.settled {
        answer.status =
            AnswerStatus::NotConverged { residual: summary.residual, rounds: summary.steps as usize };
    }
    for (code, text, count) in firms.notes.drain(..) {
        answer.caveat(code, text, count);
    }
    std::mem::take::<Trail>(&mut firms.trail).finish(view, answer);
}
