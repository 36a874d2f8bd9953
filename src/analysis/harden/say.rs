//! The answer about single changes: tables, findings, caveats.

use super::super::trail::{entity_cell, product_cell};
use super::{Goal, Study};
use crate::answer::{Answer, AnswerStatus, Cell, Column, FindingBuilder, Table, Unit};
use crate::propagation::functional::{MOST_ROUNDS, TOLERANCE};

/// The answer, on top of what the model has to say.
pub(super) fn answer(study: &Study<'_>, said: Answer) -> Answer {
    let name = &study.target.name;
    let mut answer = Answer::new(
        "harden",
        format!("The single change that helps {name} most"),
        format!("Which single change of sourcing, by {name} or anyone upstream, helps {name} most?"),
    );
    answer.tables.push(table(study));
    answer.tables.push(summary(study));
    say(study, &mut answer);
    caveats(study, &mut answer);
    answer.caveats.extend(said.caveats);
    answer.evidence = said.evidence;
    if !study.before.has_settled() {
        answer.status = AnswerStatus::NotConverged { residual: TOLERANCE, rounds: MOST_ROUNDS };
    }
    answer
}

fn table(study: &Study<'_>) -> Table {
    let columns = vec![
        Column::new("customer", Unit::Text, "Who changes its sourcing"),
        Column::new("product", Unit::Text, "Of what"),
        Column::new(
            "change",
            Unit::Text,
            "second source: from someone who does not supply it yet; redirect: to a present supplier",
        ),
        Column::new("from", Unit::Text, "Who delivers less"),
        Column::new("to", Unit::Text, "Who delivers more"),
        Column::new("moved", Unit::Share, "Part of the need that moves, 0 to 1"),
        Column::new(
            "sum_falls",
            Unit::Number,
            "Fall of the sum of the target's losses over all single outages, in whole losses",
        ),
        Column::new("sum_falls_by", Unit::Share, "The same as a part of the sum today, 0 to 1"),
        Column::new(
            "distance",
            Unit::Share,
            "Least share that one supplier must then lose to cost the loss, 0 to 1; empty where nobody alone does",
        ),
        Column::new(
            "distance_rises",
            Unit::Share,
            "What that rises by; where nobody alone costs so much, distance counts as 1",
        ),
    ];
    let mut table = Table::new("changes", "Single changes that help, most first", columns);
    let graph = study.view.graph;
    for (change, gain) in study.best.gains.iter().take(study.params.top) {
        let Some(row) = study.network.rows().get(change.row) else { continue };
        let falls = gain.sum_falls(study.before);
        table.rows.push(vec![
            entity_cell(graph, row.entity),
            product_cell(graph, row.product),
            Cell::text(if change.is_new { "second source" } else { "redirect" }),
            entity_cell(graph, change.from),
            entity_cell(graph, change.to),
            Cell::Number(study.moved.min(change.share)),
            Cell::Number(falls),
            Cell::number((study.before.sum > 0.0).then(|| falls / study.before.sum)),
            Cell::number(gain.distance),
            Cell::Number(gain.distance_rises(study.before)),
        ]);
    }
    table
}

fn summary(study: &Study<'_>) -> Table {
    let columns = vec![
        Column::new("outages", Unit::Count, "Who may fail, 1 or more"),
        Column::new(
            "sum",
            Unit::Number,
            "Sum of the target's losses over all single outages today, in whole losses",
        ),
        Column::new("loss_asked", Unit::Share, "The loss that distances are taken to, 0 to 1"),
        Column::new(
            "distance",
            Unit::Share,
            "Least share that one supplier must lose today to cost it; empty where nobody alone does",
        ),
        Column::new("nearest", Unit::Text, "Who that is"),
        Column::new("changes", Unit::Count, "Single changes that could be made, 0 or more"),
        Column::new(
            "tried",
            Unit::Count,
            "Those carried through; the others cannot come among the best, 0 or more",
        ),
    ];
    let nearest = study.before.nearest;
    let mut table = Table::new("summary", "Today, and what was tried", columns);
    table.rows.push(vec![
        Cell::Number(study.before.len() as f64),
        Cell::Number(study.before.sum),
        Cell::Number(study.loss),
        Cell::number(nearest.map(|(share, _)| share)),
        nearest.map_or(Cell::Empty, |(_, id)| entity_cell(study.view.graph, id)),
        Cell::Number(study.known as f64),
        Cell::Number(study.best.tried as f64),
    ]);
    table
}

fn say(study: &Study<'_>, answer: &mut Answer) {
    let (Some(table), Some(summary)) = (answer.table("changes").cloned(), answer.table("summary").cloned())
    else {
        return;
    };
    let name = &study.target.name;
    if table.rows.is_empty() {
        let finding = FindingBuilder::new("None of ")
            .cell(&summary, 0, "changes")
            .words(format!(" single changes of sourcing helps {name}."));
        answer.findings.push(finding.done());
        return;
    }
    let what = |finding: FindingBuilder, row: usize| {
        finding
            .cell(&table, row, "customer")
            .words(" takes ")
            .cell(&table, row, "moved")
            .words(" of its need for ")
            .cell(&table, row, "product")
            .words(" from ")
            .cell(&table, row, "to")
            .words(" instead of ")
            .cell(&table, row, "from")
    };
    let begin = FindingBuilder::new(format!("The single change that helps {name} most: "));
    let finding = what(begin, 0);
    let finding = match study.params.by {
        Goal::Sum => finding.words(". It lowers the sum of losses over all single outages by ").cell(
            &table,
            0,
            "sum_falls_by",
        ),
        Goal::Distance => finding
            .words(". The least outage of one supplier that costs the loss asked for rises by ")
            .cell(&table, 0, "distance_rises"),
    };
    answer.findings.push(finding.words(".").done());
    let other = |row: &usize| table.cell(*row, "customer") != table.cell(0, "customer");
    if let Some(row) = (1..table.rows.len()).find(other) {
        let finding = what(FindingBuilder::new("Next, by another firm: "), row).words(", by ");
        let column = if study.params.by == Goal::Sum { "sum_falls_by" } else { "distance_rises" };
        answer.findings.push(finding.cell(&table, row, column).words(".").done());
    }
    if summary.number(0, "distance").is_some() {
        let finding = FindingBuilder::new("Today ")
            .cell(&summary, 0, "distance")
            .words(" of ")
            .cell(&summary, 0, "nearest")
            .words(format!(" is enough to cost {name} "))
            .cell(&summary, 0, "loss_asked")
            .words(".");
        answer.findings.push(finding.done());
    }
}

fn caveats(study: &Study<'_>, answer: &mut Answer) {
    if let Some(note) = &study.target.note {
        answer.caveat("target-members", note, Some(study.target.members.len()));
    }
    let text = "Changes are tried in the order of what they can do at most with what binds today, until no other can come among \
                those listed. Where suppliers supply each other in circles that order is an estimate.";
    answer.caveat("order-of-trial", text, Some(study.best.tried));
    if study.blind > 0 {
        let text = format!(
            "{} changes were left out because nothing is known about what the new supplier needs: it would look safe for want \
             of data.",
            study.blind
        );
        answer.caveat("unknown-suppliers-left-out", text, Some(study.blind));
    }
    let text = "The model has no stocks and no time: what more stock would do cannot be told by it, and is not among the changes.";
    answer.caveat("no-stocks", text, None);
    let text = "A new supplier is taken to have room for the part that moves, and to need what it needs today. Only vendors that the \
                dataset knows are tried, and groups of firms are not.";
    answer.caveat("room-assumed", text, None);
    if !study.params.among.is_empty() {
        let text = format!("Only outages of kind {} count.", study.params.among.join(", "));
        answer.caveat("among", text, Some(study.before.len()));
    }
}
