//! A report as a paginated PDF: contents with page numbers, bookmarks, links, figures as vectors, text that can be
//! searched and copied. Set by this room alone: it is a column of paragraphs, tables and figures, and needs no more.

mod answer;
mod draw;
mod end;
mod flow;
mod front;
mod letters;
mod table;

use std::collections::BTreeSet;

use resvg::usvg::Tree;

use self::draw::About;
use self::flow::{ACCENT, Flow, INK, SIDE, SOFT, Style, Target, WARNING, Words};
use self::letters::{Face, Letters};
use super::document::Document;
use super::section::ShownPart;
use crate::answer::printable;
use crate::diagram::fonts;
use crate::side_by_side::SideBySide;

/// Size of running text.
const BODY: f32 = 9.4;

/// The file, and the characters that no font on this machine shows.
pub struct Made {
    /// The file.
    pub bytes: Vec<u8>,
    /// Characters drawn as empty boxes.
    pub missing: BTreeSet<char>,
}

/// Sets the report. `beside` says whether the tables stand in files beside it.
///
/// # Errors
/// A figure that cannot be read, or what the writer of PDF files says.
pub fn pdf(document: &Document<'_>, beside: bool) -> Result<Made, String> {
    let figures: Vec<&str> = document
        .sections
        .iter()
        .flat_map(|section| &section.parts)
        .filter_map(|part| match part {
            ShownPart::Figure { svg, .. } => Some(svg.as_str()),
            _ => None,
        })
        .collect();
    let read: Vec<fonts::Read> = figures
        .side_by_side(|svg| fonts::read(svg))
        .into_iter()
        .collect::<Result<_, _>>()
        .map_err(|e| e.to_string())?;
    let letters = Letters::new().ok_or("the linked fonts cannot be read")?;
    let mut setter = Setter { flow: Flow::new(letters), document, beside, figures: &read, drawn: 0 };
    setter.front();
    setter.summary();
    document.sections.iter().for_each(|section| setter.section(section));
    setter.end();
    let flow = setter.flow;
    let mut missing = flow.letters.missing.clone();
    read.iter().for_each(|figure| missing.extend(&figure.missing));
    let trees: Vec<Tree> = read.into_iter().map(|figure| figure.tree).collect();
    let title = printable(document.title);
    let foot = format!("{title} · {} {} · as of {}", document.data, document.short_hash, document.as_of());
    let about = About { title: &title, hash: document.hash, foot };
    Ok(Made { bytes: draw::draw(flow, &trees, &about)?, missing })
}

/// Puts a document into pages.
struct Setter<'a> {
    flow: Flow,
    document: &'a Document<'a>,
    beside: bool,
    figures: &'a [fonts::Read],
    /// How many figures are set.
    drawn: usize,
}

fn plain(text: &str) -> Words {
    Words::new(printable(text), Face::Regular, INK)
}

fn bold(text: &str) -> Words {
    Words::new(printable(text), Face::Bold, INK)
}

fn soft(text: &str) -> Words {
    Words::new(printable(text), Face::Regular, SOFT)
}

/// References to sources in rising order, each a link; neighbours as a range that leads to its first.
fn notes(sources: &[usize]) -> Vec<Words> {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for number in sources {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == *number => *last = *number,
            _ => ranges.push((*number, *number)),
        }
    }
    let mark = |(first, last): (usize, usize)| {
        let text = if first == last { format!(" [{first}]") } else { format!(" [{first}–{last}]") };
        Words::new(text, Face::Regular, ACCENT).to(Target::Place(format!("source-{first}")))
    };
    ranges.into_iter().map(mark).collect()
}

/// A heading at the place where the text is.
fn heading(flow: &mut Flow, text: &str) {
    flow.paragraph(&[bold(text)], Style { leading: 20.0, ..Style::of(14.0) });
    flow.skip(3.0);
}

/// A part at the end, on a new page.
fn chapter(flow: &mut Flow, text: &str, place: &str) {
    flow.fresh();
    flow.here(place);
    flow.mark(0, text);
    heading(flow, text);
}

/// An entry of a numbered list.
fn numbered(flow: &mut Flow, number: usize, place: &str, words: &[Words]) {
    let style = Style { leading: 11.8, ..Style::of(8.4) };
    flow.need(2.0 * style.leading);
    flow.here(place);
    let text = format!("{number}");
    let x = SIDE + 18.0 - flow.letters.width(&text, Face::Regular, style.size);
    let base = flow.y + style.leading * 0.5 + style.size * 0.36;
    flow.text(x, base, &text, Face::Regular, style.size, SOFT);
    flow.paragraph(words, style.indented(25.0));
    flow.skip(3.0);
}

/// What must not be missed.
fn warning(flow: &mut Flow, text: &str) {
    let (ground, edge) = WARNING;
    let style = Style { leading: 12.4, ..Style::of(8.8) };
    let lines = flow.wrap(&printable(text), Face::Regular, style.size, flow.width() - 20.0);
    let height = lines.len() as f32 * style.leading + 8.0;
    flow.need(height.min(400.0));
    let (top, width) = (flow.y, flow.width());
    if height < 400.0 {
        flow.fill([SIDE, top, width, height], ground);
        flow.fill([SIDE, top, 3.0, height], edge);
    }
    flow.y += 4.0;
    let width = flow.width() - 20.0;
    flow.paragraph(&[plain(text)], Style { width, ..style.indented(12.0) });
    flow.y += 4.0;
    flow.skip(6.0);
}
