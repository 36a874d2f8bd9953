//! What an exposure finds, in sentences, and what to mind about it.

use super::super::View;
use super::super::cost_words::say_costs;
use super::super::trail::{Trail, Upon, say_weights};
use super::chain::NOTICEABLE;
use super::lines::Line;
use crate::answer::{Answer, AnswerStatus, FindingBuilder, Reach, Table};
use crate::model::EntityId;
use crate::network::{CostNetwork, Network};

/// Most chokepoints that a sentence names.
const NAMED: usize = 6;

/// A tier whose effective number is less than the first's by this factor ends the diversification.
const NARROWER: f64 = 1.5;

/// Sentences about what one entity hangs on. `lines` are those of the first table.
pub(super) fn upstream(view: &View<'_>, of: EntityId, lines: &[Line], answer: &mut Answer) {
    let name = &view.graph.entity(of).name;
    let named = |at: usize| lines.get(at).map_or("", |line| view.graph.entity(line.entity).name.as_str());
    let Some(table) = answer.table("exposure").cloned() else { return };
    let total: Vec<usize> =
        lines.iter().enumerate().filter(|(_, line)| line.is_chokepoint()).map(|(at, _)| at).collect();
    if let Some(tiers) = answer.table("tiers").cloned().filter(|_| !total.is_empty()) {
        let names: Vec<&str> = total.iter().take(NAMED).map(|at| named(*at)).collect();
        let all = tiers.rows.len().saturating_sub(1);
        let more = if total.len() > NAMED { " and others" } else { "" };
        let finding =
            FindingBuilder::new(format!("Function: {name} stops altogether without any single one of "))
                .cell(&tiers, all, "chokepoints")
                .words(format!(" suppliers, at whatever tier; among these {}{more}.", names.join(", ")));
        answer.findings.push(finding.done());
    }
    let partial = lines.iter().position(|line| !line.is_chokepoint() && line.stop_loss > NOTICEABLE);
    if let Some(at) = partial {
        let finding = FindingBuilder::new(format!("Losing {} costs {name} ", named(at)))
            .cell(&table, at, "stop_loss")
            .words(" of its function, through ")
            .cell(&table, at, "via")
            .words("; ")
            .cell(&table, at, "stop_loss_replaced")
            .words(" if customers can turn to other vendors.");
        answer.findings.push(finding.done());
    }
    let hidden = (0..lines.len())
        .filter_map(|at| Some((at, lines.get(at)?.cost.filter(|cost| cost.face_value <= NOTICEABLE)?)))
        .max_by(|(a, x), (b, y)| x.look_through.total_cmp(&y.look_through).then(b.cmp(a)));
    if let Some((at, _)) = hidden {
        let finding = FindingBuilder::new(format!("Money: {name} pays {} nothing directly, but ", named(at)))
            .cell(&table, at, "reach_share")
            .words(" of its cost passes through it (look-through ")
            .cell(&table, at, "look_through")
            .words(").");
        answer.findings.push(finding.done());
    }
    let more = [
        illusion_of_products(name, answer),
        illusion_of_money(name, answer),
        country(name, answer),
        sole(answer),
        diamond(name, answer),
    ];
    answer.findings.extend(more.into_iter().flatten());
}

type Found = Option<crate::answer::Finding>;

/// Row with the largest number in a column among those that `counts` accepts, the first of equals.
fn most(table: &Table, column: &str, counts: impl Fn(usize) -> bool) -> Option<usize> {
    let value = |at: usize| table.number(at, column);
    let rows = (0..table.rows.len()).filter(|at| counts(*at)).filter_map(|at| Some((at, value(at)?)));
    rows.fold(None, |best: Option<(usize, f64)>, (at, value)| match best {
        Some((_, most)) if value <= most => best,
        _ => Some((at, value)),
    })
    .map(|(at, _)| at)
}

/// Many suppliers near by, one further up.
fn illusion_of_products(name: &str, answer: &Answer) -> Found {
    let table = answer.table("products")?;
    let tier = |at: usize| table.number(at, "tier").unwrap_or(0.0);
    let loss = |at: usize| table.number(at, "stop_loss").unwrap_or(0.0);
    let first = most(table, "effective_number", |at| tier(at) <= 1.0 && loss(at) >= 0.5)?;
    let narrow = most(table, "hhi", |at| tier(at) >= 2.0 && loss(at) >= 0.5)?;
    let many = table.number(first, "effective_number")?;
    let few = table.number(narrow, "effective_number")?;
    if few * NARROWER > many {
        return None;
    }
    let finding = FindingBuilder::new(format!("Diversification ends upstream: {name} gets "))
        .cell(table, first, "product")
        .words(" from effectively ")
        .cell(table, first, "effective_number")
        .words(" suppliers, but at tier ")
        .cell(table, narrow, "tier")
        .words(" ")
        .cell(table, narrow, "product")
        .words(" comes from effectively ")
        .cell(table, narrow, "effective_number")
        .words(", the largest being ")
        .cell(table, narrow, "largest_supplier")
        .words(".");
    Some(finding.done())
}

/// The same by money.
fn illusion_of_money(name: &str, answer: &Answer) -> Found {
    let table = answer.table("tiers")?;
    let last = table.rows.len().checked_sub(1)?;
    let first = table.number(0, "effective_number")?;
    let narrow = most(table, "hhi", |at| at > 0 && at < last)?;
    if table.number(narrow, "effective_number")? * NARROWER > first {
        return None;
    }
    let finding = FindingBuilder::new(format!("Money: {name}'s cost goes to effectively "))
        .cell(table, 0, "effective_number")
        .words(" suppliers at tier 1, but what gets to tier ")
        .cell(table, narrow, "tier")
        .words(" goes to effectively ")
        .cell(table, narrow, "effective_number")
        .words(" (HHI ")
        .cell(table, narrow, "hhi")
        .words(" of 10,000).");
    Some(finding.done())
}

/// The foreign country on which most hangs.
fn country(name: &str, answer: &Answer) -> Found {
    let table = answer.table("countries")?;
    let foreign = |at: usize| table.cell(at, "own") == Some(&crate::answer::Cell::Flag(false));
    let at = most(table, "stop_loss", foreign).filter(|at| table.number(*at, "stop_loss") > Some(NOTICEABLE));
    if let Some(at) = at {
        let finding = FindingBuilder::new("If all suppliers with their seat in ")
            .cell(table, at, "country")
            .words(format!(" stop at once, {name} loses "))
            .cell(table, at, "stop_loss")
            .words(" of its function; the worst single one, ")
            .cell(table, at, "worst_member")
            .words(", costs ")
            .cell(table, at, "worst_stop_loss")
            .words(".");
        return Some(finding.done());
    }
    let at = most(table, "reach_share", foreign)?;
    let finding = FindingBuilder::new("")
        .cell(table, at, "reach_share")
        .words(format!(" of {name}'s cost passes through suppliers with their seat in "))
        .cell(table, at, "country")
        .words(".");
    Some(finding.done())
}

/// The nearest input with one vendor in the world, or else with one supplier.
fn sole(answer: &Answer) -> Found {
    let table = answer.table("inputs")?;
    let is = |at: usize, column: &str| table.cell(at, column) == Some(&crate::answer::Cell::Flag(true));
    let find = |column: &str| (0..table.rows.len()).find(|at| is(*at, column));
    let (at, words) = match (find("sole_source"), find("single_source")) {
        (Some(at), _) => (at, ": no other vendor exists."),
        (None, Some(at)) => (at, " alone, though other vendors exist."),
        _ => return None,
    };
    let finding = FindingBuilder::new("")
        .cell(table, at, "buyer")
        .words(" (tier ")
        .cell(table, at, "tier")
        .words(") gets ")
        .cell(table, at, "product")
        .words(" from ")
        .cell(table, at, "largest_supplier")
        .words(words);
    Some(finding.done())
}

/// Who stands behind most direct suppliers.
fn diamond(name: &str, answer: &Answer) -> Found {
    let table = answer.table("shared")?;
    let wanted = |at: usize| table.number(at, "tier").is_some_and(|tier| tier >= 2.0);
    let at = most(table, "reaches", wanted).filter(|at| table.number(*at, "reaches") >= Some(2.0))?;
    let finding = FindingBuilder::new("")
        .cell(table, at, "entity")
        .words(" stands behind ")
        .cell(table, at, "reaches")
        .words(format!(" of {name}'s direct suppliers and serves "))
        .cell(table, at, "commonality")
        .words(" of them directly.");
    Some(finding.done())
}

/// Sentences about who hangs on one entity.
pub(super) fn downstream(view: &View<'_>, to: EntityId, lines: &[Line], answer: &mut Answer) {
    let name = &view.graph.entity(to).name;
    let (Some(table), Some(summary)) = (answer.table("exposure").cloned(), answer.table("summary").cloned())
    else {
        return;
    };
    let finding = FindingBuilder::new(format!("If {name} stops and nobody replaces it, "))
        .cell(&summary, 0, "hit")
        .words(" of the ")
        .cell(&summary, 0, "entities")
        .words(" entities downstream lose function and ")
        .cell(&summary, 0, "stopped")
        .words(" stop altogether.");
    answer.findings.push(finding.done());
    for (at, line) in lines.iter().enumerate().take(3).filter(|(_, line)| line.stop_loss > NOTICEABLE) {
        let finding = FindingBuilder::new(format!("{} loses ", view.graph.entity(line.entity).name))
            .cell(&table, at, "stop_loss")
            .words(" of its function, through ")
            .cell(&table, at, "via")
            .words("; ")
            .cell(&table, at, "stop_loss_replaced")
            .words(" if customers can turn to other vendors.");
        answer.findings.push(finding.done());
    }
}

/// What both directions rest on.
pub(super) struct Ground<'a> {
    pub network: &'a Network,
    pub cost: &'a CostNetwork,
    pub tiers: &'a [Option<u32>],
    pub focus: EntityId,
    /// Whether the chain runs upstream of the focus.
    pub upstream: bool,
}

/// What rows rest on that their cells do not tell.
#[derive(Default)]
pub(super) struct Said {
    /// By table, which entities each row is about.
    pub about: Vec<(String, Vec<Vec<EntityId>>)>,
    /// What each row of the inputs rests on.
    pub inputs: Vec<Upon>,
}

/// Caveats, status and evidence.
pub(super) fn finish(
    view: &View<'_>,
    ground: &Ground<'_>,
    (lines, said): (&[Line], Said),
    answer: &mut Answer,
) {
    let Ground { network, cost, tiers, focus, upstream } = ground;
    let mut trail = Trail::default();
    // all that is collected lies on ways to or from the focus, so following it from a row's entity stays between the two
    let reach = if *upstream { Reach::Downstream } else { Reach::Upstream };
    trail.reach(["exposure", "bounds", "shared"], reach);
    // how alike two suppliers are hangs on what is upstream of both
    trail.reach(["pairs"], Reach::Upstream);
    for (row, upon) in said.inputs.into_iter().enumerate() {
        trail.row("inputs", row, upon);
    }
    for (table, rows) in said.about {
        trail.reach([table.as_str()], reach);
        rows.into_iter().enumerate().for_each(|(row, entities)| trail.about(&table, row, entities));
    }
    for (row, line) in lines.iter().enumerate() {
        trail.row("exposure", row, line.upon.clone());
    }
    let reached = |entity: EntityId| super::chain::at(tiers, entity).is_some();
    for row in network.rows().iter().filter(|row| row.binds() && reached(row.entity)) {
        for link in network.suppliers(row).iter().filter(|link| *upstream || reached(link.supplier)) {
            trail.link(network, row, link);
        }
    }
    for entity in lines.iter().filter(|line| line.cost.is_some()).map(|line| line.entity).chain([*focus]) {
        cost.of(entity).iter().for_each(|link| trail.cost(cost, entity, link));
    }
    say_weights(answer, network, network.rungs(|row| row.binds() && reached(row.entity)));
    let text = "Stop loss takes the unknown part of a need as unaffected; the table of bounds gives the loss if it is hit \
                like the known part. With replacement, other vendors take over in proportion to their market shares, \
                without limit unless their spare capacity is known.";
    answer.caveat("unknown-supplier", text, None);
    if cost.is_empty() {
        let text = "The dataset has no costs here: face value, look-through and reach share are empty.";
        answer.caveat("no-costs", text, None);
    } else {
        let without = lines.iter().filter(|line| line.cost.is_none()).count();
        if without > 0 {
            let text = format!(
                "{without} of {} entities have no known cost share: those cells are empty.",
                lines.len()
            );
            answer.caveat("partial-costs", text, Some(without));
        }
    }
    say_costs(view, cost, answer);
    if network.rows().iter().all(|row| !row.binds()) {
        let text =
            "The dataset states no needs, so nothing can be said about function: stop losses are empty.";
        answer.caveat("no-needs", text, None);
    }
    if lines.iter().any(|line| !line.converged) {
        answer.status = AnswerStatus::NotConverged {
            residual: crate::propagation::functional::TOLERANCE,
            rounds: crate::propagation::functional::MOST_ROUNDS,
        };
    }
    trail.finish(view, answer);
}
