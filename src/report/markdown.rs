//! A report as Markdown: tables of GitHub's dialect, sources as footnotes, figures as files beside.

use std::fmt::Write as _;

use super::document::Document;
use super::section::{Section, ShownPart};
use super::tables::ShownTable;
use crate::answer::{printable, unprintable};

/// The text. Where there are no files beside it, figures are told by their alternative text and the command that draws
/// them.
pub fn markdown(document: &Document<'_>, beside: bool) -> String {
    let mut out = format!("# {}\n\n", line(document.title));
    if let Some(description) = document.description {
        paragraph(&mut out, description);
    }
    document.front.iter().for_each(|text| paragraph(&mut out, text));
    for (name, value) in document.facts() {
        push(&mut out, format_args!("- {name}: **{}**\n", line(&value)));
    }
    out.push('\n');
    document.note.iter().for_each(|note| paragraph(&mut out, note));
    out.push_str("## Summary\n\n");
    let mut chapter_open = false;
    for section in document.sections {
        if let Some(chapter) = &section.chapter {
            push(&mut out, format_args!("{}**{}**\n\n", if chapter_open { "\n" } else { "" }, line(chapter)));
            chapter_open = true;
        }
        let finding = section.findings.first().map_or("No finding.", |finding| &finding.text);
        let (number, title) = (section.number, line(&section.title));
        push(&mut out, format_args!("- [{number}. {title}](#{}): {}\n", section.slug, line(finding)));
    }
    for section in document.sections {
        write_section(&mut out, document, section, beside);
    }
    if !document.unanswered.is_empty() {
        out.push_str("\n## Not answered\n\n");
        for (query, why) in document.unanswered {
            push(&mut out, format_args!("- **{}**: {}\n", line(query), line(why)));
        }
    }
    if !document.notes.is_empty() {
        out.push_str("\n## Notes\n\nConditions that several answers share.\n\n");
        for (at, note) in document.notes.iter().enumerate() {
            push(&mut out, format_args!("{}. <a id=\"note-{0}\"></a>{}\n", at + 1, line(note)));
        }
    }
    if document.methods {
        out.push_str("\n## Methods\n\n");
        for section in document.methods() {
            let card = section.card;
            push(&mut out, format_args!("### {}\n\n{}\n\n", line(card.title), line(card.question)));
            let told = [
                ("Measure", card.definition),
                ("Reads", card.reads),
                ("Supposes", card.assumptions),
                ("Comes from", card.reference),
            ];
            for (name, text) in told {
                push(&mut out, format_args!("- {name}: {}\n", line(text)));
            }
            out.push('\n');
        }
    }
    out.push_str("\n## Sources\n\n");
    for source in document.sources {
        let date = source.date.as_ref().map(|date| format!(", {}", line(date))).unwrap_or_default();
        push(
            &mut out,
            format_args!(
                "[^{}]: {}. {}{date} ({}). {}\n",
                source.number,
                line(&source.title),
                line(&source.publisher),
                source.reliability,
                address(&source.url, source.link)
            ),
        );
    }
    out.push_str("\n## How to repeat this\n\n");
    let hash = document.hash;
    paragraph(
        &mut out,
        &format!(
            "The same data, queries and engine give this report again, byte for byte. The data is {} with the content hash {hash}.",
            document.data
        ),
    );
    let commands =
        std::iter::once(document.command).chain(document.sections.iter().map(|s| s.command.as_str()));
    for command in commands {
        push(&mut out, format_args!("    {}\n", printable(command).replace(['\n', '\r'], " ")));
    }
    out
}

fn write_section(out: &mut String, document: &Document<'_>, section: &Section, beside: bool) {
    if let Some(chapter) = &section.chapter {
        push(out, format_args!("\n# {}\n", line(chapter)));
    }
    let (number, title) = (section.number, line(&section.title));
    push(out, format_args!("\n<a id=\"{}\"></a>\n\n## {number}. {title}\n\n", section.slug));
    if let Some(text) = &section.chapter_text {
        paragraph(out, text);
    }
    push(out, format_args!("*{}*\n\n", line(&section.question)));
    section.state.iter().for_each(|state| paragraph(out, &format!("**Mind:** {state}")));
    for finding in &section.findings {
        let notes: String = finding.sources.iter().map(|number| format!("[^{number}]")).collect();
        push(out, format_args!("- {}{notes}\n", line(&finding.text)));
    }
    for part in &section.parts {
        match part {
            ShownPart::Figure { number, file, command, alt, .. } => {
                if beside {
                    push(out, format_args!("\n![{}]({file})\n", line(alt)));
                } else {
                    push(out, format_args!("\n> {}\n", line(alt)));
                }
                push(out, format_args!("\n**Figure {number}.** Drawn by {}.\n", code(command)));
            }
            ShownPart::Table(table) => write_table(out, table, beside),
            ShownPart::Missing { reason } => {
                push(out, format_args!("\nThe figure could not be drawn: {}\n", line(reason)));
            }
        }
    }
    if !section.caveats.is_empty() || !section.notes.is_empty() {
        out.push_str("\n**What to mind**\n\n");
        section.caveats.iter().for_each(|caveat| push(out, format_args!("- {}\n", line(caveat))));
        if !section.notes.is_empty() {
            let notes: Vec<String> =
                section.notes.iter().map(|number| format!("[{number}](#note-{number})")).collect();
            push(out, format_args!("- Notes at the end that apply here: {}\n", notes.join(", ")));
        }
    }
    if document.evidence {
        let sources: String = section.cited.iter().map(|number| format!("[^{number}]")).collect();
        push(
            out,
            format_args!(
                "\nRests on {} records from {} sources{sources}.\n",
                section.answer.evidence.records.len(),
                section.sources
            ),
        );
    }
    let data =
        section.data.as_ref().map(|data| format!(" · Data: {} ({})", line(&data.name), data.short_hash));
    push(
        out,
        format_args!(
            "\nAs of {} · {}{} · {}\n",
            section.as_of,
            section.status,
            data.unwrap_or_default(),
            code(&section.command)
        ),
    );
}

fn write_table(out: &mut String, table: &ShownTable, beside: bool) {
    push(out, format_args!("\n**{}**\n\n", line(&table.title)));
    let heads: Vec<String> = table.heads.iter().map(|head| line(&head.text)).collect();
    push(out, format_args!("| {} |\n", heads.join(" | ")));
    let rules: Vec<&str> = table.heads.iter().map(|head| if head.number { "---:" } else { "---" }).collect();
    push(out, format_args!("| {} |\n", rules.join(" | ")));
    for row in &table.rows {
        let cells: Vec<String> = row.iter().map(|cell| line(&cell.text)).collect();
        push(out, format_args!("| {} |\n", cells.join(" | ")));
    }
    let mut notes: Vec<String> = table.notes.iter().map(|note| line(note)).collect();
    if table.rest > 0 {
        notes.insert(0, format!("{} more rows.", table.rest));
    }
    if beside {
        notes.push(format!("[All of it as CSV]({})", table.csv));
    }
    if !notes.is_empty() {
        push(out, format_args!("\n{}\n", notes.join(" ")));
    }
}

fn paragraph(out: &mut String, text: &str) {
    push(out, format_args!("{}\n\n", line(text)));
}

fn push(out: &mut String, text: std::fmt::Arguments<'_>) {
    // writing to memory does not fail
    let _ = out.write_fmt(text);
}

/// Foreign text in one line, without any meaning as markup.
fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in printable(text).chars() {
        match c {
            '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' | '\t' => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

/// A command, between more back quotes than stand in it.
fn code(text: &str) -> String {
    let text = printable(text).replace(['\n', '\r'], " ");
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let air = if longest > 0 { " " } else { "" };
    format!("{fence}{air}{text}{air}{fence}")
}

/// An address as a link where it can be one.
fn address(url: &str, link: bool) -> String {
    let plain = !url.contains(['<', '>', ' ', '\n', '"', '\\']) && !url.chars().any(unprintable);
    if link && plain { format!("<{url}>") } else { line(url) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_no_markup() {
        assert_eq!(line("a|b\n<script>*"), "a\\|b &lt;script&gt;\\*");
        assert_eq!(code("a `b`"), "`` a `b` ``");
        assert_eq!(address("https://example.org/?a=1&b", true), "<https://example.org/?a=1&b>");
    }
}
