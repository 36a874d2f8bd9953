//! What a number rests on, in words.

use crate::answer::render::{markdown, wrapped};
use crate::answer::{Evidence, Explained, RecordRef, RestsOn, Style, Unit, format_unit, printable};
use crate::model::Rung;

use super::SHOWN;

/// For a terminal.
pub fn explained_to_text(all: &[Explained], evidence: &Evidence, style: Style) -> String {
    let bold = |text: &str| {
        let text = printable(text);
        if style.colour { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.into_owned() }
    };
    let mut out = format!("\n{}\n", bold("What these numbers rest on"));
    for one in all {
        out.push_str(&format!("\n{}\n", bold(&heading(one))));
        lines(one).iter().for_each(|line| out.push_str(&wrapped(line, style.width)));
        for on in one.rests_on.iter().take(SHOWN) {
            if let Some(record) = evidence.records.get(on.record) {
                let line = format!("{}: {}", record.says, told(on, record).join(", "));
                out.push_str(&indented(&wrapped(&line, style.width.saturating_sub(2))));
            }
        }
        out.push_str(&more(one).map(|more| format!("  {more}\n")).unwrap_or_default());
    }
    out
}

/// For a document.
pub fn explained_to_markdown(all: &[Explained], evidence: &Evidence) -> String {
    let mut out = String::from("\n## What these numbers rest on\n");
    for one in all {
        out.push_str(&format!("\n### {}\n\n", markdown(&heading(one))));
        lines(one).iter().for_each(|line| out.push_str(&format!("- {}\n", markdown(line))));
        let shown = one.rests_on.iter().take(SHOWN);
        for (at, on) in shown.enumerate() {
            let Some(record) = evidence.records.get(on.record) else { continue };
            if at == 0 {
                out.push_str("\n| Record | Carries | Known as | Basis, confidence | Speaks of | Sources |\n");
                out.push_str("| --- | ---: | --- | --- | --- | --- |\n");
            }
            let cells = [
                record.says.clone(),
                on.part.map(|part| format_unit(part, Unit::Share)).unwrap_or_default(),
                on.rung.map(|rung| rung.describe().to_string()).unwrap_or_default(),
                basis(record),
                date(record),
                sources(record),
            ];
            out.push_str(&format!("| {} |\n", cells.map(|cell| markdown(&cell)).join(" | ")));
        }
        out.push_str(&more(one).map(|more| format!("\n{}\n", markdown(&more))).unwrap_or_default());
    }
    out
}

fn heading(one: &Explained) -> String {
    let column = one.column.replace('_', " ");
    let about = if one.about.is_empty() { format!("Row {}", one.row) } else { one.about.clone() };
    match one.value {
        Some(_) => format!("{about}: {column} {} ({}, row {})", one.shown, one.table, one.row),
        None => format!("{about} ({}, row {})", one.table, one.row),
    }
}

impl Explained {
    /// What is to be said of all its records together, in sentences.
    pub fn lines(&self) -> Vec<String> {
        lines(self)
    }
}

fn lines(one: &Explained) -> Vec<String> {
    if let Some(reason) = &one.none {
        return vec![format!("Rests on no record: {reason}.")];
    }
    let mut lines = Vec::new();
    let plural =
        |count: usize, what: &str| if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") };
    let span = one.refers_to.as_ref().map(|[first, last]| match first == last {
        true => format!(", of {first}"),
        false => format!(", of {first} to {last}"),
    });
    lines.push(format!(
        "Rests on {}{} from {}{}.",
        if one.whole { "all " } else { "" },
        plural(one.records, "record"),
        plural(one.sources, "source"),
        span.unwrap_or_default()
    ));
    let grades = ["primary", "secondary", "tertiary"].iter().zip(one.reliability);
    let grades: Vec<String> =
        grades.filter(|(_, count)| *count > 0).map(|(name, count)| format!("{count} {name}")).collect();
    if !grades.is_empty() {
        lines.push(format!("Records by their best source: {}.", grades.join(", ")));
    }
    let rungs = Rung::ALL.iter().zip(one.rungs).filter(|(_, count)| *count > 0);
    let rungs: Vec<String> = rungs.map(|(rung, count)| format!("{count} {}", rung.describe())).collect();
    if !rungs.is_empty() {
        lines.push(format!("Records that give weights: {}.", rungs.join(", ")));
    }
    if let Some(coverage) = one.coverage {
        lines.push(format!("Coverage: {} is known.", format_unit(coverage, Unit::Share)));
    }
    let sorts = [
        ("assumed", one.assumed),
        ("a weight that is assumed", one.assumed_weights),
        ("of low confidence", one.low_confidence),
        ("stale", one.stale),
    ];
    let sorts: Vec<String> = sorts
        .iter()
        .filter(|(_, own)| own.records > 0)
        .map(|(name, own)| format!("{} {name} ({})", own.share(), plural(own.records, "record")))
        .collect();
    let others = one.records - one.carrying;
    if one.by_parts && others > 0 {
        let carry = if one.carrying == 1 { "carries" } else { "carry" };
        lines.push(format!(
            "{} of them {carry} it; the others bear on other numbers of the row.",
            one.carrying
        ));
    }
    let of = if one.by_parts {
        "Of the value"
    } else {
        "Of the records, as their parts of the value are not known"
    };
    lines.push(match sorts.is_empty() {
        true => "None of it is assumed, of low confidence or stale.".to_string(),
        false => format!("{of}: {}; one or more of these: {}.", sorts.join(", "), one.doubtful.share()),
    });
    lines
}

/// What is to be said of a record beside what it says itself.
fn told(on: &RestsOn, record: &RecordRef) -> Vec<String> {
    let carries = on.part.map(|part| format!("carries {}", format_unit(part, Unit::Share)));
    let rung = on.rung.map(|rung| rung.describe().to_string());
    let parts = carries.into_iter().chain(rung).chain([basis(record), date(record), sources(record)]);
    parts.filter(|text| !text.is_empty()).collect()
}

fn basis(record: &RecordRef) -> String {
    let lower = |text: String| text.to_lowercase();
    let mut text = lower(format!("{:?}", record.basis));
    text.push_str(&format!(", {} confidence", lower(format!("{:?}", record.confidence))));
    if record.stale {
        text.push_str(", stale");
    }
    text
}

fn date(record: &RecordRef) -> String {
    record.refers_to.as_ref().or(record.since.as_ref()).map(|date| format!("of {date}")).unwrap_or_default()
}

fn sources(record: &RecordRef) -> String {
    let assumed = record.assumed.as_ref().map(|reason| format!("assumed: {reason}"));
    record.sources.iter().cloned().chain(assumed).collect::<Vec<_>>().join(", ")
}

fn more(one: &Explained) -> Option<String> {
    let more = one.rests_on.len().saturating_sub(SHOWN);
    let word = if more == 1 { "record" } else { "records" };
    (more > 0).then(|| format!("and {more} more {word} (--format json lists all)"))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}
