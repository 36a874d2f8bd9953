//! An entity: what it is, what it needs, its ties in both directions, its figures.

use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit, format_unit};
use crate::cli::words::place_words;
use crate::model::{AttributeSubject, EntityId, Need};
use crate::network::Network;
use crate::order::Arrange;

use super::page::Page;
use super::record::Record;
use super::sketch::Sketch;

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

    let network = Network::build(view.graph, &view.scope);
    page.sketch(sketch(view, &network, id));
    page.table(needs(view, &network, id));
    let relations =
        |ids: Vec<_>| ids.into_iter().map(|id| Record::relation(view, graph.relation(id))).collect();
    page.records("From it to others", "out", relations(graph.relations_from(id)));
    page.records("From others to it", "in", relations(graph.relations_to(id)));
    let figures = graph.attributes_of(AttributeSubject::Entity(id));
    page.records("Figures", "figure", figures.map(|figure| Record::attribute(view, figure)).collect());
}

/// Its largest suppliers and the customers that lean most on it, with shares of needs.
fn sketch(view: &View<'_>, network: &Network, id: EntityId) -> Sketch {
    let name = |id: EntityId| view.graph.entity(id).name.as_str();
    let mut from: Vec<(f64, String)> = Vec::new();
    let mut to: Vec<(f64, String)> = Vec::new();
    for row in network.rows() {
        let product = &view.graph.product(row.product).name;
        for link in network.suppliers(row) {
            let share = format_unit(link.share, Unit::Share);
            if row.entity == id {
                from.push((link.share, format!("{} · {product} {share}", name(link.supplier))));
            } else if link.supplier == id {
                to.push((link.share, format!("{} · {product} {share}", name(row.entity))));
            }
        }
    }
    let ordered = |mut side: Vec<(f64, String)>| {
        side.arrange(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        side.into_iter().map(|(_, text)| text).collect()
    };
    Sketch { name: name(id).to_string(), from: ordered(from), to: ordered(to) }
}

/// What it needs, and who covers which share of that, as the answers take it.
fn needs(view: &View<'_>, network: &Network, id: EntityId) -> Table {
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
