//! What all answers share: notes, methods, sources, how to repeat it.

use super::flow::{ACCENT, SIDE, SOFT, Style, Target, Words};
use super::letters::Face;
use super::{BODY, Setter, bold, chapter, numbered, plain, soft};
use crate::answer::printable;

impl Setter<'_> {
    /// What all sections share.
    pub(super) fn end(&mut self) {
        let document = self.document;
        let flow = &mut self.flow;
        if !document.unanswered.is_empty() {
            chapter(flow, "Not answered", "unanswered");
            for (query, why) in document.unanswered {
                flow.paragraph(&[bold(&format!("{query}: ")), plain(why)], Style::of(BODY));
                flow.skip(3.0);
            }
        }
        if !document.notes.is_empty() {
            chapter(flow, "Notes", "notes");
            flow.paragraph(&[soft("Conditions that several answers share.")], Style::of(BODY));
            flow.skip(6.0);
            for (at, note) in document.notes.iter().enumerate() {
                numbered(flow, at + 1, &format!("note-{}", at + 1), &[plain(note)]);
            }
        }
        if document.methods {
            chapter(flow, "Methods", "methods");
            flow.paragraph(&[soft("How each measure of this report is defined.")], Style::of(BODY));
            for section in document.methods() {
                let card = section.card;
                flow.need(90.0);
                flow.skip(10.0);
                flow.here(&format!("method-{}", card.name));
                flow.paragraph(&[bold(card.title)], Style::of(10.4));
                flow.paragraph(&[Words::new(card.question, Face::Oblique, SOFT)], Style::of(8.8));
                flow.skip(2.0);
                let told = [
                    ("Measure", card.definition),
                    ("Reads", card.reads),
                    ("Supposes", card.assumptions),
                    ("Comes from", card.reference),
                ];
                for (name, text) in told {
                    flow.need(24.0);
                    let top = flow.y;
                    flow.text(SIDE, top + 9.2, name, Face::Regular, 8.4, SOFT);
                    flow.paragraph(&[plain(text)], Style::of(8.4).indented(62.0));
                }
            }
        }
        chapter(flow, "Sources", "sources");
        let lead = format!(
            "All {} documents that the answers rest on, in the order of first use.",
            document.sources.len()
        );
        flow.paragraph(&[soft(&lead)], Style::of(BODY));
        flow.skip(6.0);
        for source in document.sources {
            let date = source.date.as_ref().map(|date| format!(", {date}")).unwrap_or_default();
            let address = Words::new(printable(&source.url), Face::Regular, ACCENT);
            let words = [
                bold(&source.title),
                plain(&format!(". {}{date} ({}). ", source.publisher, source.reliability)),
                if source.link {
                    address.to(Target::Address(source.url.clone()))
                } else {
                    plain(&source.url)
                },
            ];
            numbered(flow, source.number, &format!("source-{}", source.number), &words);
        }
        chapter(flow, "How to repeat this", "repeat");
        let text = format!(
            "The same data, queries and engine give this report again, byte for byte. The data is {} with the content \
             hash {}; the engine is {} {}.",
            document.data, document.hash, document.engine.name, document.engine.version
        );
        flow.paragraph(&[plain(&text)], Style::of(BODY));
        for data in &document.others {
            let text = format!(
                "Where a section says so, the data is {} with the content hash {}.",
                data.name, data.hash
            );
            flow.paragraph(&[plain(&text)], Style::of(BODY));
        }
        flow.skip(6.0);
        let commands =
            std::iter::once(document.command).chain(document.sections.iter().map(|s| s.command.as_str()));
        for command in commands {
            flow.paragraph(&[soft(command)], Style { leading: 11.0, ..Style::of(7.8) });
        }
    }
}
