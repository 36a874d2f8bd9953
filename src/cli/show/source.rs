//! A source: the document, and every record that cites it.

use crate::analysis::View;
use crate::cli::words::lower;
use crate::model::SourceId;

use super::page::Page;
use super::record::Record;

/// Adds a source to the page.
pub(super) fn show<'g>(view: &View<'g>, id: SourceId, page: &mut Page<'g>) {
    let facts = view.graph.facts();
    let source = view.graph.source(id);
    page.subject("source", &source.key, &source.title);
    let day = source.date.map(|date| format!(", {date}")).unwrap_or_default();
    page.line(format!("{}{day} · {} source", source.publisher, lower(source.reliability)));
    page.line(source.url.clone());
    page.source(id);
    let cites = |record: &Record<'_>| record.sources().contains(&id);
    let relations = facts.relations.iter().map(|r| Record::relation(view, r));
    page.records("Relations that cite it", "relation", relations.filter(cites).collect());
    let attributes = facts.attributes.iter().map(|a| Record::attribute(view, a));
    page.records("Figures that cite it", "figure", attributes.filter(cites).collect());
    let intensities = facts.intensities.iter().map(|i| Record::intensity(view, i));
    page.records("Intensities that cite it", "intensity", intensities.filter(cites).collect());
}
