//! A product: who needs it, who sells it, what it takes, who is tied by it.

use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit};
use crate::cli::words::place_words;
use crate::graph::describe_measure;
use crate::model::{AttributeSubject, Need, ProductId, RelationType};
use crate::network::surveys;

use super::page::Page;
use super::record::Record;

/// Adds a product to the page.
pub(super) fn show<'g>(view: &View<'g>, id: ProductId, page: &mut Page<'g>) {
    let (graph, facts) = (view.graph, view.graph.facts());
    let product = graph.product(id);
    page.subject("product", &product.key, &product.name);
    let mut parts = vec!["product".to_string()];
    parts.extend(product.unit.as_ref().map(|unit| format!("counted in {unit}")));
    parts.extend(product.lead_time.as_ref().map(|time| format!("lead time {}", describe_measure(time))));
    parts.extend(product.inventory.as_ref().map(|time| format!("stock held {}", describe_measure(time))));
    parts.extend(product.market.map(|market| format!("market shares of {}", graph.product(market).name)));
    parts.push(place_words(&product.place));
    page.line(parts.join(" · "));
    page.line(product.note.clone().unwrap_or_default());
    let needed = product.needed_by.iter().filter_map(|(at, need)| {
        let kind = facts.kinds.get(*at)?;
        Some(match need {
            Need::Essential => format!("{} (essential)", kind.name),
            Need::Important(weight) => format!("{} (important, {weight})", kind.name),
            Need::Optional => format!("{} (optional)", kind.name),
            Need::NotNeeded => return None,
        })
    });
    let needed: Vec<String> = needed.collect();
    if !needed.is_empty() {
        page.line(format!("Needed by {}", needed.join(", ")));
    }

    page.table(markets(view, id));
    let about = |sells: bool| {
        let all = facts.relations.iter().filter(move |r| r.product() == Some(id));
        all.filter(move |r| (r.relation_type() == RelationType::Sells) == sells)
            .map(|r| Record::relation(view, r))
            .collect()
    };
    page.records("Sold by", "market", about(true));
    page.records("Ties about it", "tie", about(false));
    let figures = graph.attributes_of(AttributeSubject::Product(id));
    page.records("Figures", "figure", figures.map(|figure| Record::attribute(view, figure)).collect());
    let takes = facts.intensities.iter().filter(|i| i.product == id);
    page.records("What one unit takes", "takes", takes.map(|i| Record::intensity(view, i)).collect());
    let goes = facts.intensities.iter().filter(|i| i.input == id);
    page.records("What it goes into", "goes-into", goes.map(|i| Record::intensity(view, i)).collect());
}

/// The surveys of its market, the one that answers use first.
fn markets(view: &View<'_>, id: ProductId) -> Table {
    let columns = vec![
        Column::new("survey", Unit::Text, "Generation, region, period and what the share is of"),
        Column::new("used", Unit::Text, "Whether answers use this survey where nothing else is asked"),
        Column::new("vendor", Unit::Text, "Who sells"),
        Column::new("share", Unit::Share, "Share of the market, 0 to 1"),
        Column::new("share_low", Unit::Share, "The least that the sources allow"),
        Column::new("share_high", Unit::Share, "The most that the sources allow"),
    ];
    let mut table = Table::new("markets", "Market shares", columns);
    for (at, survey) in surveys(view.graph, &view.scope, id).iter().enumerate() {
        for vendor in &survey.vendors {
            let entity = view.graph.entity(vendor.entity);
            table.rows.push(vec![
                Cell::text(survey.describe()),
                Cell::Flag(at == 0),
                Cell::Item { key: entity.key.clone(), name: entity.name.clone() },
                Cell::Number(vendor.share),
                Cell::Number(vendor.range.low),
                Cell::number(vendor.range.high),
            ]);
        }
    }
    table
}
