//! An entity: what it is, what it needs, its ties in both directions, its figures.

use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit};
use crate::cli::words::place_words;
use crate::model::{AttributeSubject, EntityId, Need};
use crate::network::Network;

use super::page::Page;
use super::record::Record;

/// Adds an entity to the page.
pub(super) fn show<'g>(view: &View<'g>, id: EntityId, page: &mut Page<'g>) {
    let graph = view.graph;
    let entity = graph.entity(id);
    page.subject("entity", &entity.key, &entity.name);
    let kind = graph.facts().kinds.get(entity.kind);
    let mut parts = vec![kind.map_or(String::new(), |kind| kind.name.clone())];
    parts.extend(entity.seat.as_ref().map(|seat| format!("seat {seat}")));
    if !entity.production.is_empty() {
        parts.push(format!("makes in {}", entity.production.join(", ")));
    }
    if entity.group {
        parts.push("an aggregate of several firms".to_string());
    }
    let owner = graph.ultimate_owner(id, &view.scope);
    if owner != id {
        parts.push(format!("controlled by {} ({})", graph.entity(owner).name, graph.entity(owner).key));
    }
    parts.push(place_words(&entity.place));
    page.line(parts.join(" · "));
    if !entity.members.is_empty() {
        let members: Vec<&str> = entity.members.iter().map(|id| graph.entity(*id).name.as_str()).collect();
        page.line(format!("Members: {}", members.join(", ")));
    }
    page.line(entity.note.clone().unwrap_or_default());

    page.table(needs(view, id));
    let relations =
        |ids: Vec<_>| ids.into_iter().map(|id| Record::relation(view, graph.relation(id))).collect();
    page.records("From it to others", "out", relations(graph.relations_from(id)));
    page.records("From others to it", "in", relations(graph.relations_to(id)));
    let figures = graph.attributes_of(AttributeSubject::Entity(id));
    page.records("Figures", "figure", figures.map(|figure| Record::attribute(view, figure)).collect());
}

/// What it needs, and who covers which share of that, as the answers take it.
fn needs(view: &View<'_>, id: EntityId) -> Table {
    let network = Network::build(view.graph, &view.scope);
    let columns = vec![
        Column::new("product", Unit::Text, "What it needs"),
        Column::new("need", Unit::Text, "What happens without it"),
        Column::new("supplier", Unit::Text, "Who covers it; empty for the unknown rest"),
        Column::new("share", Unit::Share, "Share of the need, 0 to 1"),
        Column::new("known_from", Unit::Text, "How the share is known"),
    ];
    let mut table = Table::new("needs", "Needs, and who covers them", columns);
    for row in network.needs(id) {
        let product = view.graph.product(row.product);
        let product = Cell::Item { key: product.key.clone(), name: product.name.clone() };
        let need = match row.need {
            Need::Essential => "essential".to_string(),
            Need::Important(weight) => format!("important ({weight})"),
            Need::Optional => "optional".to_string(),
            Need::NotNeeded => "not needed".to_string(),
        };
        for link in network.suppliers(row) {
            let supplier = view.graph.entity(link.supplier);
            table.rows.push(vec![
                product.clone(),
                Cell::text(&need),
                Cell::Item { key: supplier.key.clone(), name: supplier.name.clone() },
                Cell::Number(link.share),
                Cell::text(link.rung.describe()),
            ]);
        }
        let rest = 1.0 - row.known;
        if rest > 1e-9 {
            let unknown = Cell::text("unknown supplier");
            table.rows.push(vec![product, Cell::text(need), Cell::Empty, Cell::Number(rest), unknown]);
        }
    }
    table
}
