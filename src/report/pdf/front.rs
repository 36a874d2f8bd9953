//! Headline, contents and summary.

use super::flow::{ACCENT, Flow, INK, Item, RULE, SIDE, SOFT, Style, Target, Words};
use super::letters::Face;
use super::{BODY, Setter, bold, heading, plain, soft, warning};
use crate::answer::printable;

impl Setter<'_> {
    /// Headline, what it is about, front text, contents.
    pub(super) fn front(&mut self) {
        let document = self.document;
        let flow = &mut self.flow;
        flow.paragraph(&[Words::new("SUPPLY-CHAIN REPORT", Face::Bold, SOFT)], Style::of(7.6));
        flow.skip(4.0);
        let title = Style { leading: 27.0, ..Style::of(22.0) };
        flow.paragraph(&[bold(document.title)], title);
        if let Some(description) = document.description {
            flow.skip(4.0);
            flow.paragraph(&[soft(description)], Style { leading: 16.0, ..Style::of(11.0) });
        }
        flow.skip(10.0);
        flow.rule(1.4, INK);
        flow.skip(8.0);
        for (name, value) in document.facts() {
            let top = flow.y;
            flow.text(SIDE, top + 9.6, name, Face::Regular, 8.4, SOFT);
            flow.paragraph(&[bold(&value)], Style::of(8.4).indented(100.0));
        }
        if let Some(note) = document.note {
            flow.skip(6.0);
            warning(flow, note);
        }
        for text in document.front {
            flow.skip(8.0);
            flow.paragraph(&[plain(text)], Style::of(BODY));
        }
        flow.skip(20.0);
        heading(flow, "Contents");
        let entry = |flow: &mut Flow, number: &str, text: &str, place: &str| {
            let lines = flow.wrap(text, Face::Regular, 9.0, flow.width() - 60.0);
            flow.need(13.0 * lines.len() as f32);
            let top = flow.y;
            let (right, width) = (SIDE + flow.width(), flow.width());
            flow.text(SIDE, top + 9.6, number, Face::Regular, 9.0, SOFT);
            for (at, line) in lines.iter().enumerate() {
                flow.text(SIDE + 24.0, top + 9.6 + 13.0 * at as f32, line, Face::Regular, 9.0, INK);
            }
            let height = 13.0 * lines.len() as f32;
            flow.put(Item::PageOf { place: place.to_string(), x: right, y: top + height - 3.4, size: 9.0 });
            flow.link([SIDE, top, width, height], Target::Place(place.to_string()));
            flow.y = top + height;
        };
        entry(flow, "", "Summary", "summary");
        for section in document.sections {
            if let Some(chapter) = &section.chapter {
                flow.need(34.0);
                flow.skip(6.0);
                flow.paragraph(&[Words::new(printable(chapter), Face::Bold, SOFT)], Style::of(8.6));
            }
            entry(flow, &section.number.to_string(), &printable(&section.title), &section.slug);
        }
        flow.skip(6.0);
        let ends = [
            ("Not answered", "unanswered", !document.unanswered.is_empty()),
            ("Notes", "notes", !document.notes.is_empty()),
            ("Methods", "methods", document.methods),
            ("Sources", "sources", true),
            ("How to repeat this", "repeat", true),
        ];
        for (text, place, there) in ends {
            if there {
                entry(flow, "", text, place);
            }
        }
    }

    /// The first finding of each section.
    pub(super) fn summary(&mut self) {
        let document = self.document;
        let flow = &mut self.flow;
        flow.fresh();
        flow.here("summary");
        flow.mark(0, "Summary");
        heading(flow, "Summary");
        let lead = "The first finding of each question. Every number is worked out from the stated data under stated \
                    rules; each section names what it rests on.";
        flow.paragraph(&[soft(lead)], Style::of(BODY));
        flow.skip(6.0);
        for section in document.sections {
            if let Some(chapter) = &section.chapter {
                flow.need(60.0);
                flow.skip(10.0);
                flow.paragraph(&[Words::new(printable(chapter), Face::Bold, SOFT)], Style::of(8.6));
                flow.skip(3.0);
            }
            let finding = section.findings.first().map_or("No finding.", |finding| &finding.text);
            let style = Style { leading: 12.0, ..Style::of(8.6) };
            let (left, gap) = (150.0, 14.0);
            let title = printable(&section.title);
            let title = flow.wrap(&title, Face::Bold, 8.6, left - 24.0);
            let width = flow.width() - left - gap;
            let lines = flow.wrap(&printable(finding), Face::Regular, 8.6, width);
            let height = title.len().max(lines.len()) as f32 * style.leading + 6.0;
            flow.need(height.min(500.0));
            flow.rule(0.4, RULE);
            let top = flow.y + 3.0;
            let number = section.number.to_string();
            flow.text(SIDE, top + 9.2, &number, Face::Regular, 8.6, SOFT);
            for (at, line) in title.iter().enumerate() {
                let y = top + 9.2 + at as f32 * style.leading;
                flow.text(SIDE + 24.0, y, line, Face::Bold, 8.6, ACCENT);
            }
            flow.link([SIDE, top, left, height - 6.0], Target::Place(section.slug.clone()));
            if height > 500.0 {
                flow.paragraph(&[plain(finding)], style.indented(left + gap));
            } else {
                for (at, line) in lines.iter().enumerate() {
                    let y = top + 9.2 + at as f32 * style.leading;
                    flow.text(SIDE + left + gap, y, line, Face::Regular, 8.6, INK);
                }
                flow.y = top + height - 3.0;
            }
        }
    }
}
