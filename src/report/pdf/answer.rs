//! One answer: findings, figures, tables, what to mind, what it rests on.

use std::collections::VecDeque;

use super::super::section::{Section, ShownFinding, ShownPart};
use super::flow::{A4, ACCENT, BOTTOM, Flow, Item, RULE, SIDE, SOFT, Style, Target, Words};
use super::letters::Face;
use super::table::table;
use super::{BODY, Setter, bold, notes, plain, soft, warning};
use crate::answer::printable;

/// The size of the smallest text of our figures.
const FIGURE_TEXT: f32 = 9.0;
/// What text has to be printed at, at least.
const LEGIBLE: f32 = 7.0;
/// Room for a caption.
const CAPTION: f32 = 40.0;

/// A figure and what stands under it.
struct Captioned<'a> {
    /// Which of the document.
    at: usize,
    number: usize,
    command: &'a str,
    file: &'a str,
}

impl Setter<'_> {
    /// One answer.
    pub(super) fn section(&mut self, section: &Section) {
        if let Some(chapter) = &section.chapter {
            self.flow.fresh();
            self.flow.mark(0, &printable(chapter));
            let label = printable(chapter).to_uppercase();
            self.flow.paragraph(&[Words::new(label, Face::Bold, SOFT)], Style::of(8.0));
            self.flow.skip(4.0);
            if let Some(text) = &section.chapter_text {
                self.flow.paragraph(&[plain(text)], Style::of(BODY));
                self.flow.skip(8.0);
            }
        } else {
            self.flow.need(190.0);
            self.flow.skip(22.0);
        }
        self.head(section);
        let (mut turned, mut waiting, mut sheets) = (Vec::new(), VecDeque::new(), Vec::new());
        for part in &section.parts {
            match part {
                ShownPart::Figure { number, command, file, .. } => {
                    let at = self.drawn;
                    self.drawn += 1;
                    let own = Captioned { at, number: *number, command, file };
                    if self.wants_a_turned_page(at) {
                        turned.push(own);
                    } else if !waiting.is_empty() || !self.fits(&own) {
                        waiting.push_back(own);
                    }
                }
                ShownPart::Table(table) => sheets.push(table),
                ShownPart::Missing { reason } => {
                    warning(&mut self.flow, &format!("The figure could not be drawn: {reason}"));
                }
            }
        }
        let later: Vec<String> = waiting.iter().chain(&turned).map(|own| own.number.to_string()).collect();
        if !later.is_empty() {
            let (figures, follow) =
                if later.len() == 1 { ("Figure", "follows") } else { ("Figures", "follow") };
            let text = format!("{figures} {} {follow} further on.", later.join(", "));
            self.flow.paragraph(&[soft(&text)], Style::of(8.4));
        }
        for own in sheets {
            table(&mut self.flow, own, self.beside.then_some(own.csv.as_str()));
            // a figure that had no room goes where the next page has some, instead of leaving one half empty
            while waiting.front().is_some_and(|own| self.fits(own)) {
                waiting.pop_front();
            }
        }
        for own in waiting {
            if !self.fits(&own) {
                self.flow.fresh();
                self.fits(&own);
            }
        }
        self.tail(section);
        turned.iter().for_each(|own| self.turned(own));
    }

    /// Number, title, question and findings.
    fn head(&mut self, section: &Section) {
        let flow = &mut self.flow;
        flow.here(&section.slug);
        flow.mark(1, &format!("{} {}", section.number, printable(&section.title)));
        let number = Words::new(format!("{}  ", section.number), Face::Bold, ACCENT);
        flow.paragraph(&[number, bold(&section.title)], Style { leading: 18.0, ..Style::of(14.0) });
        let question = Words::new(printable(&section.question), Face::Oblique, SOFT);
        flow.paragraph(&[question], Style { leading: 13.6, ..Style::of(9.6) });
        flow.skip(6.0);
        section.state.iter().for_each(|state| warning(flow, state));
        for (at, finding) in section.findings.iter().enumerate() {
            let ShownFinding { text, sources } = finding;
            let words: Vec<Words> = std::iter::once(plain(text)).chain(notes(sources)).collect();
            let (page, top) = (flow.sheets.len(), flow.y);
            let style = if at == 0 { Style { leading: 14.2, ..Style::of(10.2) } } else { Style::of(BODY) };
            flow.paragraph(&words, style.indented(11.0));
            if flow.sheets.len() == page {
                let ink = if at == 0 { ACCENT } else { RULE };
                let height = flow.y - top;
                flow.fill([SIDE, top + 1.5, 2.0, height - 3.0], ink);
            }
            flow.skip(4.0);
        }
        flow.skip(4.0);
    }

    /// What to mind, what it rests on, how to repeat it.
    fn tail(&mut self, section: &Section) {
        let document = self.document;
        let flow = &mut self.flow;
        let small = Style { leading: 11.6, ..Style::of(8.2) };
        flow.need(50.0);
        flow.skip(6.0);
        if !section.caveats.is_empty() || !section.notes.is_empty() {
            flow.paragraph(&[bold("What to mind")], small);
            let point = |flow: &mut Flow, words: &[Words]| {
                flow.need(small.leading);
                let base = flow.y + small.leading * 0.5 + small.size * 0.36;
                flow.text(SIDE, base, "•", Face::Regular, small.size, SOFT);
                flow.paragraph(words, small.indented(9.0));
            };
            for caveat in &section.caveats {
                point(flow, &[plain(caveat)]);
            }
            if !section.notes.is_empty() {
                let mut words = vec![plain("Notes at the end that apply here too: ")];
                for (at, number) in section.notes.iter().enumerate() {
                    let gap = if at > 0 { ", " } else { "" };
                    words.push(plain(gap));
                    let target = Target::Place(format!("note-{number}"));
                    words.push(Words::new(number.to_string(), Face::Regular, ACCENT).to(target));
                }
                point(flow, &words);
            }
            flow.skip(3.0);
        }
        if document.evidence {
            let records = section.answer.evidence.records.len();
            let mut words = vec![
                bold("Evidence: "),
                plain(&format!("{records} records from {} sources", section.sources)),
            ];
            words.extend(notes(&section.cited));
            if self.beside {
                words.push(plain(&format!(". The records: {}", section.records_csv)));
            }
            words.push(plain("."));
            flow.paragraph(&words, small);
        }
        let mut words = Vec::new();
        if document.methods {
            let target = Target::Place(format!("method-{}", section.card.name));
            words.push(bold("Method: "));
            words.push(Words::new(section.card.title, Face::Regular, ACCENT).to(target));
            words.push(soft("  ·  "));
        }
        if let Some(data) = &section.data {
            words.push(soft(&format!("Data: {}, content hash {}  ·  ", data.name, data.short_hash)));
        }
        words.push(soft(&format!("As of {}  ·  {}  ·  {}", section.as_of, section.status, section.command)));
        flow.paragraph(&words, small);
    }

    fn tree(&self, at: usize) -> Option<(f32, f32)> {
        let size = self.figures.get(at)?.tree.size();
        Some((size.width(), size.height()))
    }

    /// Whether its text is too small on an upright page, and larger on one that is turned.
    fn wants_a_turned_page(&self, at: usize) -> bool {
        let Some((width, height)) = self.tree(at) else { return false };
        let upright = upright_scale(width, height);
        FIGURE_TEXT * upright < LEGIBLE && turned_scale(width, height) > upright * 1.1
    }

    /// Sets a figure where the page has room for it, a little smaller if that helps and its text stays legible. On an
    /// empty page there is always room.
    fn fits(&mut self, own: &Captioned<'_>) -> bool {
        let Some((width, height)) = self.tree(own.at) else { return true };
        let full = upright_scale(width, height);
        let least = full.min(LEGIBLE / FIGURE_TEXT);
        let scale = full.min((self.flow.room() - CAPTION) / height);
        let there = scale >= least || self.flow.is_fresh();
        if there {
            let scale = if scale > 0.0 { scale } else { full };
            self.place(own, (width * scale, height * scale));
        }
        there
    }

    fn turned(&mut self, own: &Captioned<'_>) {
        let Some((width, height)) = self.tree(own.at) else { return };
        let scale = turned_scale(width, height);
        self.flow.page((A4.1, A4.0));
        self.place(own, (width * scale, height * scale));
        self.flow.page(A4);
    }

    fn place(&mut self, own: &Captioned<'_>, (width, height): (f32, f32)) {
        let flow = &mut self.flow;
        let left = SIDE + (flow.width() - width).max(0.0) / 2.0;
        flow.skip(6.0);
        flow.put(Item::Figure { at: own.at, place: [left, flow.y, width, height] });
        flow.y += height + 4.0;
        let mut words =
            vec![bold(&format!("Figure {}. ", own.number)), soft(&format!("Drawn by {}", own.command))];
        if self.beside {
            words.push(soft(&format!("; {}", own.file)));
        }
        words.push(soft("."));
        flow.paragraph(&words, Style { leading: 11.0, ..Style::of(7.8) });
        flow.skip(8.0);
    }
}

/// The largest scale at which a figure fits an upright page, never larger than drawn.
fn upright_scale(width: f32, height: f32) -> f32 {
    let room = (A4.0 - 2.0 * SIDE, A4.1 - 2.0 * BOTTOM - 80.0);
    (room.0 / width).min(room.1 / height).min(1.0)
}

/// The same on a page that is turned.
fn turned_scale(width: f32, height: f32) -> f32 {
    let room = (A4.1 - 2.0 * SIDE, A4.0 - 2.0 * BOTTOM - 40.0);
    (room.0 / width).min(room.1 / height).min(1.0)
}
