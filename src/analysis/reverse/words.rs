//! Findings and caveats of a stress test asked backwards.

use super::{Least, Study};
use crate::answer::{Answer, Cell, Finding, FindingBuilder, Table};

/// A share for headings.
pub(super) fn percent(share: f64) -> String {
    format!("{} %", (share * 1000.0).round() / 10.0)
}

/// Names of a few members.
fn names(cell: Option<&Cell>) -> String {
    match cell {
        Some(Cell::Items(items)) => {
            items.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(" and ")
        }
        _ => String::new(),
    }
}

/// What was found, most important first.
pub(super) fn say(study: &Study<'_>, answer: &mut Answer) {
    let summary = super::tables::summary(study);
    let mut findings = Vec::new();
    if let (Some(sets), Some(suppliers)) = (answer.table("sets"), answer.table("suppliers")) {
        match study.found.first() {
            None => findings.push(nothing(study, &summary)),
            Some(_) => {
                findings.extend(alone(study, suppliers, &summary));
                findings.extend(together(study, sets, &summary));
                findings.extend(match study.params.by {
                    Least::Count => None,
                    Least::Size => Some(by_size(study, sets)),
                    Least::Likelihood => Some(by_likelihood(study, sets)),
                });
            }
        }
    }
    findings.extend(answer.table("distance").into_iter().flat_map(|table| distance(study, table)));
    answer.tables.push(summary);
    answer.findings.extend(findings);
}

fn nothing(study: &Study<'_>, summary: &Table) -> Finding {
    let name = &study.target.name;
    match &study.some {
        None => FindingBuilder::new("Not even the failure of all ")
            .cell(summary, 0, "candidates")
            .words(format!(" known {}, at whatever tier, costs {name} ", study.words.many))
            .cell(summary, 0, "loss_asked")
            .words(": it costs ")
            .cell(summary, 0, "loss_if_all")
            .words("."),
        Some(_) if !study.search.target.is_monotone() => FindingBuilder::new("No set of up to ")
            .cell(summary, 0, "searched")
            .words(format!(" {} that was tried costs {name} ", study.words.many))
            .cell(summary, 0, "loss_asked")
            .words("; ")
            .cell(summary, 0, "at_most")
            .words(" suffice."),
        Some(_) => FindingBuilder::new("No set of up to ")
            .cell(summary, 0, "searched")
            .words(format!(" {} costs {name} ", study.words.many))
            .cell(summary, 0, "loss_asked")
            .words("; ")
            .cell(summary, 0, "at_most")
            .words(" suffice, and no set of fewer than ")
            .cell(summary, 0, "at_least")
            .words(" does."),
    }
    .done()
}

/// Who suffices alone.
fn alone(study: &Study<'_>, suppliers: &Table, summary: &Table) -> Option<Finding> {
    let singles: Vec<usize> = (0..suppliers.rows.len())
        .filter(|row| suppliers.cell(*row, "reaches") == Some(&Cell::Flag(true)))
        .collect();
    let first = *singles.first()?;
    let name = &study.target.name;
    let finding = match singles.len() {
        1 => FindingBuilder::new(format!("One {} alone costs ", study.words.one))
            .words(format!("{name} at least "))
            .cell(summary, 0, "loss_asked")
            .words(": ")
            .cell(suppliers, first, "entity"),
        _ => FindingBuilder::new("")
            .cell(summary, 0, "of_smallest")
            .words(format!(" {} each cost {name} at least ", study.words.many))
            .cell(summary, 0, "loss_asked")
            .words(" alone, at whatever tier: most ")
            .cell(suppliers, first, "entity"),
    };
    Some(finding.words(" (").cell(suppliers, first, "loss_alone").words(").").done())
}

/// The first set of several.
fn together(study: &Study<'_>, sets: &Table, summary: &Table) -> Option<Finding> {
    let row = (0..sets.rows.len()).find(|row| sets.number(*row, "size").is_some_and(|size| size > 1.0))?;
    let begin = match summary.number(0, "smallest") {
        Some(1.0) => "Of those who do not suffice alone, ",
        _ => "Nobody alone suffices. Together, ",
    };
    let finding = FindingBuilder::new(format!(
        "{begin}{} cost {} ",
        names(sets.cell(row, "entities")),
        study.target.name
    ))
    .cell(sets, row, "loss")
    .words(": a least set of ")
    .cell(sets, row, "size")
    .words(", no part of which is enough.");
    Some(finding.done())
}

fn by_size(study: &Study<'_>, sets: &Table) -> Finding {
    let finding = FindingBuilder::new(format!("The least outage that costs {} so much: ", study.target.name));
    let size = sets.number(0, "size").unwrap_or(0.0);
    let others: Vec<&str> = match (sets.cell(0, "entities"), sets.cell(0, "partial_entity")) {
        (Some(Cell::Items(items)), Some(Cell::Item { key, .. })) => {
            items.iter().filter(|(own, _)| own != key).map(|(_, name)| name.as_str()).collect()
        }
        _ => Vec::new(),
    };
    let finding = finding.cell(sets, 0, "partial_entity").words(" loses ").cell(sets, 0, "partial_outage");
    match (others.as_slice(), size) {
        ([], 1.0) => finding.words(format!(" of its {}.", study.words.lose)),
        ([], _) => {
            finding.words(format!(" of {} each ({}).", study.words.lose, names(sets.cell(0, "entities"))))
        }
        (others, _) => finding
            .words(format!(
                " of its {} while {} fail altogether, in sum ",
                study.words.lose,
                others.join(" and ")
            ))
            .cell(sets, 0, "total_outage")
            .words(format!(" {}' worth.", study.words.many)),
    }
    .done()
}

fn by_likelihood(study: &Study<'_>, sets: &Table) -> Finding {
    FindingBuilder::new(format!(
        "The likeliest outage that costs {} so much is that of {}, with a probability of ",
        study.target.name,
        names(sets.cell(0, "entities"))
    ))
    .cell(sets, 0, "probability")
    .words(".")
    .done()
}

fn distance(study: &Study<'_>, table: &Table) -> Vec<Finding> {
    let name = &study.target.name;
    let mut findings = Vec::new();
    let row = |wanted: &dyn Fn(usize) -> bool| (0..table.rows.len()).find(|row| wanted(*row));
    let reached = |row: usize| table.number(row, "least_outage").is_some();
    let is_one = |row: usize| matches!(table.cell(row, "who"), Some(Cell::Item { .. }));
    let is_all = |row: usize| matches!(table.cell(row, "who"), Some(Cell::Text(who)) if who == "all at once");
    if let Some(all) = row(&|row| is_all(row) && reached(row)) {
        let finding = FindingBuilder::new(format!(
            "If all {} of {name}, at whatever tier, lose {} at once, ",
            study.words.many, study.words.lose
        ))
        .cell(table, all, "least_outage")
        .words(" each is enough.");
        findings.push(finding.done());
    }
    if let Some(one) = row(&|row| is_one(row) && reached(row)) {
        let finding = FindingBuilder::new(format!(
            "Of a single {}, the least that costs {name} so much is ",
            study.words.one
        ))
        .cell(table, one, "least_outage")
        .words(" of ")
        .cell(table, one, "who")
        .words(".");
        findings.push(finding.done());
    }
    findings
}

/// What has to be known before a number is used.
pub(super) fn caveats(study: &Study<'_>, answer: &mut Answer) {
    if let Some(note) = &study.target.note {
        answer.caveat("target-members", note, Some(study.target.members.len()));
    }
    let searched = study.sets.found.searched;
    let text = match study.params.by {
        Least::Size if !study.found.is_empty() => format!(
            "Sets of up to {searched} members were searched: larger ones lose more in sum than the smallest that suffice."
        ),
        _ => format!("Sets of up to {searched} members were searched."),
    };
    answer.caveat("sets-searched", text, Some(searched));
    if study.params.by == Least::Size && !study.search.target.is_convex() {
        let text = "The model's loss is no convex function of the outages: totals are those of the best rays tried (one member in \
                    part, or all alike), and smaller ones may exist.";
        answer.caveat("upper-bound", text, None);
    }
    if let Some((beyond, _)) = &study.likely {
        let text = format!(
            "Probabilities are multiplied as if outages were independent, and only entities that state one may fail. A set of \
             more than {searched} members has a probability of at most {beyond:.2e}."
        );
        answer.caveat("independent-outages", text, None);
    }
    if !study.params.among.is_empty() {
        let text = format!("Only entities of kind {} may fail.", study.params.among.join(", "));
        answer.caveat("among", text, Some(study.candidates.len()));
    }
    if study.search.target.is_monotone() {
        let text = "The model has no stocks and no time: what an outage costs is where it ends, not how long stocks carry it.";
        answer.caveat("no-stocks", text, None);
    } else {
        let text = "The search is a heuristic. A loss is that of the worst day; a greater outage can cost less than a part of it, \
                    where orders that fall away leave more for others. Every set listed costs so much, and what it costs without \
                    any one of its members does not; a set that the search did not try may be smaller.";
        answer.caveat("heuristic", text, None);
    }
}
