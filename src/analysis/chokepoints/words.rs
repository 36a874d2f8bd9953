//! Findings and caveats of an answer about chokepoints.

use super::super::View;
use super::super::cost_words;
use super::super::supply_graph::Basis;
use super::super::trail::{Trail, say_weights};
use super::function::Cascade;
use super::{Focus, Size, Study};
use crate::answer::{Answer, Cell, Finding, FindingBuilder, Table};
use crate::model::EntityId;
use crate::network::NeedRow;

/// A few names, and whether there are more; how many is for a cell to say.
fn names(all: &[String]) -> String {
    const SHOWN: usize = 6;
    let first = all.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    if all.len() > SHOWN { format!("{first} and others") } else { first }
}

fn members(table: &Table, row: usize) -> Vec<String> {
    match table.cell(row, "entities") {
        Some(Cell::Items(items)) => items.iter().map(|(_, name)| name.clone()).collect(),
        _ => Vec::new(),
    }
}

/// What was found about one entity, most important first.
pub(super) fn upstream(view: &View<'_>, focus: &Focus, answer: &mut Answer) {
    let name = &view.graph.entity(focus.of).name;
    let Some(main) = answer.tables.first().cloned() else { return };
    let mut findings = Vec::new();
    findings.extend(chokepoints(view, focus, answer, name));
    findings.extend(sets(answer, name));
    findings.extend(dominators(focus, &main));
    findings.extend(critical(
        &main,
        "criticality",
        "Upstream of it, the whole system's money passes most through ",
    ));
    findings.extend(cut(answer, name));
    for table in ["flow-power", "flow-money"] {
        findings.extend(flow(answer, table, name));
    }
    answer.findings.extend(findings);
}

fn chokepoints(view: &View<'_>, focus: &Focus, answer: &Answer, name: &str) -> Option<Finding> {
    let summary = answer.table("summary")?;
    let named = |holds: fn(&Cascade) -> bool| -> Vec<String> {
        let holding = focus.lines.iter().filter(|line| line.cascade.as_ref().is_some_and(holds));
        holding.map(|line| view.graph.entity(line.entity).name.clone()).collect()
    };
    summary.number(0, "functional_chokepoints")?;
    let (sure, possible) = (named(Cascade::is_chokepoint), named(Cascade::may_be_chokepoint));
    let finding = match (sure.as_slice(), possible.len() - sure.len()) {
        ([], 0) => FindingBuilder::new(format!("No single supplier at any tier stops {name} altogether.")),
        ([], _) => FindingBuilder::new(format!(
            "No single known supplier stops {name} for sure; if the unknown part of needs is hit like the known, any one of "
        ))
        .cell(summary, 0, "functional_chokepoints_high")
        .words(format!(" does: {}.", names(&possible))),
        ([one], _) => FindingBuilder::new(format!("{name} stops altogether without {one}.")),
        (many, _) => FindingBuilder::new(format!("{name} stops altogether without any one of "))
            .cell(summary, 0, "functional_chokepoints")
            .words(format!(" suppliers, at whatever tier: {}.", names(many))),
    };
    Some(finding.done())
}

fn sets(answer: &Answer, name: &str) -> Option<Finding> {
    let table = answer.table("smallest-sets")?;
    let row = (0..table.rows.len()).find(|row| table.number(*row, "size").is_some_and(|size| size > 1.0))?;
    let finding = FindingBuilder::new(format!(
        "Together, {} stop {name}: a smallest set of ",
        members(table, row).join(" and ")
    ))
    .cell(table, row, "size")
    .words(" suppliers, of whom no smaller part suffices");
    let unknown = match table.cell(row, "unknown_part").and_then(Cell::as_key) {
        Some("goes on") | None => ".",
        Some(_) => " (if the unknown part of needs is hit like the known).",
    };
    Some(finding.words(unknown).done())
}

fn dominators(focus: &Focus, table: &Table) -> Option<Finding> {
    let row =
        (0..focus.lines.len()).max_by_key(|row| (focus.lines[*row].dominates, std::cmp::Reverse(*row)))?;
    if focus.lines[row].dominates == 0 {
        return None;
    }
    let finding = FindingBuilder::new("On the plain graph, ")
        .cell(table, row, "dominates")
        .words(" entities are reached only through ")
        .cell(table, row, "entity")
        .words(".");
    Some(finding.done())
}

/// The row in which a column is largest.
fn largest(table: &Table, column: &str) -> Option<usize> {
    let value = |row: &usize| table.number(*row, column).unwrap_or(0.0);
    (0..table.rows.len())
        .max_by(|a, b| value(a).total_cmp(&value(b)).then(b.cmp(a)))
        .filter(|row| value(row) > 0.0)
}

fn critical(table: &Table, column: &str, words: &str) -> Option<Finding> {
    let row = largest(table, column)?;
    let finding = FindingBuilder::new(words)
        .cell(table, row, "entity")
        .words(": criticality ")
        .cell(table, row, column)
        .words(".");
    Some(finding.done())
}

fn cut(answer: &Answer, name: &str) -> Option<Finding> {
    let table = answer.table("cuts")?;
    let row = table.rows.len().checked_sub(1)?;
    let from = table.cell(row, "from")?;
    let finding = match (from, table.number(row, "size")) {
        (Cell::Item { name: supplier, .. }, None) => FindingBuilder::new(format!(
            "{supplier} supplies {name} directly: no loss in between parts the two."
        )),
        (Cell::Item { .. }, Some(_)) => FindingBuilder::new("To part ")
            .cell(table, row, "from")
            .words(format!(" from {name} on every way, "))
            .cell(table, row, "size")
            .words(format!(" entities must fail, as {}.", names(&members(table, row)))),
        _ => FindingBuilder::new(format!("To leave {name} no way at all to the beginnings of its chain, "))
            .cell(table, row, "size")
            .words(format!(" entities must fail, as {}.", names(&members(table, row)))),
    };
    Some(finding.done())
}

fn flow(answer: &Answer, table: &str, name: &str) -> Option<Finding> {
    let table = answer.table(table)?;
    table.rows.get(1)?;
    let finding = FindingBuilder::new("Of ")
        .cell(table, 0, "max_flow")
        .words(format!(" that is known to reach {name}, "))
        .cell(table, 1, "drop")
        .words(" (")
        .cell(table, 1, "drop_share")
        .words(") goes with ")
        .cell(table, 1, "without")
        .words(".");
    Some(finding.done())
}

/// What was found about the whole system.
pub(super) fn system(answer: &mut Answer) {
    let Some(main) = answer.tables.first().cloned() else { return };
    let money = "The whole system's money passes most through ";
    let function = "The whole system loses most function with ";
    answer.findings.extend(critical(&main, "criticality", money));
    answer.findings.extend(critical(&main, "functional_criticality", function));
    if let Some(row) = largest(&main, "stops") {
        let finding = FindingBuilder::new("Without ")
            .cell(&main, row, "entity")
            .words(", ")
            .cell(&main, row, "stops")
            .words(" other entities stop altogether.");
        answer.findings.push(finding.done());
    }
    if let Some(row) = largest(&main, "betweenness") {
        let finding = FindingBuilder::new("Most shortest ways pass ")
            .cell(&main, row, "entity")
            .words(" (betweenness ")
            .cell(&main, row, "betweenness")
            .words(").");
        answer.findings.push(finding.done());
    }
    if let Some(order) = answer.table("order").filter(|table| table.number(0, "incoherence").is_some()) {
        let finding = FindingBuilder::new("The chain's incoherence is ")
            .cell(order, 0, "incoherence")
            .words(", where nought is perfect layers and one is none, and ")
            .cell(order, 0, "in_loops")
            .words(" of ")
            .cell(order, 0, "entities")
            .words(" entities stand in a loop.");
        answer.findings.push(finding.done());
    }
}

/// What has to be known before a number is used; `focus` is absent for the whole system.
pub(super) fn caveats(view: &View<'_>, study: &Study<'_>, focus: Option<&Focus>, answer: &mut Answer) {
    let basis = study.supply.basis;
    let mut reached = vec![focus.is_none(); view.graph.len()];
    for entity in
        focus.into_iter().flat_map(|focus| focus.lines.iter().map(|line| line.entity).chain([focus.of]))
    {
        reached[entity.index()] = true;
    }
    let mut trail = Trail::default();
    let used = |row: &NeedRow| row.binds() && reached[row.entity.index()];
    for row in study.network.rows().iter().filter(|row| used(row)) {
        for link in study.network.suppliers(row) {
            trail.link(study.network, row, link);
        }
    }
    for buyer in view.graph.entity_ids().filter(|id| reached[id.index()]) {
        for link in study.cost.of(buyer) {
            trail.cost(study.cost, buyer, link);
        }
    }
    for tie in focus.into_iter().flat_map(|focus| &focus.flows.units).flat_map(|unit| &unit.ties) {
        trail.origins(tie.origin.as_slice());
    }
    for attribute in &study.sizes.attributes {
        trail.attribute(*attribute);
    }
    say_weights(answer, study.network, study.network.rungs(used));
    let text = format!(
        "Dominators, cuts, articulation points, bridges, betweenness, levels and loops are those of the {} basis: an edge is {}. All \
         ways count alike in them; only the functional columns tell inputs that are all needed from suppliers that stand in for \
         each other.",
        basis.name(),
        basis.weight()
    );
    answer.caveat("basis", text, None);
    let text = "Betweenness takes 1 / share as the distance of a tie, so that a large share is a short way; of parallel ties the \
                shortest counts.";
    answer.caveat("share-as-distance", text, None);
    let (sources, error) = (study.whole.betweenness.sources, &study.whole.betweenness.error);
    if sources < view.graph.len() {
        let largest = study.whole.betweenness.value.iter().zip(error).max_by(|a, b| a.0.total_cmp(b.0));
        let relative = largest.filter(|(value, _)| **value > 0.0).map_or(0.0, |(value, error)| error / value);
        let text = format!(
            "Betweenness is a sample: shortest ways out of {sources} of {} entities, drawn with the seed, stand for all; the largest has a \
             standard error of {:.0} %. --exact searches from all.",
            view.graph.len(),
            100.0 * relative
        );
        answer.caveat("sampled-betweenness", text, Some(sources));
    }
    if study.functional {
        let text = "Stop losses take the unknown part of a need as unaffected (stop_loss_high: as hit like the known part), and nobody \
                    turns to another vendor.";
        answer.caveat("unknown-supplier", text, None);
        unknown_sets(focus, answer);
    } else {
        let text =
            "The dataset states no needs, so nothing can be said about function: those columns are empty.";
        answer.caveat("no-needs", text, None);
    }
    say_costs(view, study, &reached, answer);
    if study.sizes.size == Size::Revenue {
        let text = format!(
            "Criticalities weigh entities by yearly revenue; {} of {} state none and count nothing. Groups and their businesses \
             may both count.",
            study.sizes.missing,
            view.graph.len()
        );
        answer.caveat("sizes", text, Some(study.sizes.missing));
    } else {
        answer.caveat("sizes", "Criticalities count every entity once.", None);
    }
    if focus.is_some_and(|focus| !focus.flows.units.is_empty()) {
        let text = "Maximum flows count ties with a stated capacity only, take all inputs as interchangeable, and give what an entity \
                    hands on beyond what it is known to receive a source of its own.";
        answer.caveat("known-capacities", text, None);
    }
    let trophic = &study.whole.trophic;
    let text =
        format!("Levels were solved in {} rounds to a residual of {:.1e}.", trophic.rounds, trophic.residual);
    answer.caveat("levels", text, Some(trophic.rounds));
    trail.finish(view, answer);
}

fn unknown_sets(focus: Option<&Focus>, answer: &mut Answer) {
    let Some(sets) = focus.and_then(|focus| focus.sets.as_ref()) else { return };
    if sets.unknown == crate::propagation::functional::UnknownSupplier::LikeKnown {
        let text = "Every essential input has an unknown part, so that no set of known suppliers stops the entity for sure: sets are given for \
                    the unknown part hit like the known part.";
        answer.caveat("sets-if-unknown-hit", text, None);
    }
    let text = format!("Sets of up to {} members were searched.", sets.found.searched);
    answer.caveat("sets-searched", text, Some(sets.found.searched));
}

fn say_costs(view: &View<'_>, study: &Study<'_>, reached: &[bool], answer: &mut Answer) {
    if study.cost.is_empty() {
        let text = "The dataset has no costs here: criticality and reach share are empty.";
        answer.caveat("no-costs", text, None);
        return;
    }
    let buyers = || (0..study.cost.len()).filter(|at| reached[*at]);
    let priced = buyers().filter(|at| !study.cost.of(EntityId::new(*at)).is_empty()).count();
    if study.supply.basis == Basis::Function {
        let all = buyers().count();
        let text = format!(
            "Costs are known for {priced} of {all} entities only: criticality and reach share see no more than their payments."
        );
        answer.caveat("partial-costs", text, Some(all - priced));
    }
    cost_words::say_costs(view, study.cost, answer);
}
