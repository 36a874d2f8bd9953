//! What a dataset holds, as tables.

use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{Need, RelationType};

use super::{Shown, What, no_kind};
use crate::cli::exit::Stop;
use crate::cli::words::{date, lower, optional, place};

/// The table of one section of a dataset.
pub(super) fn table(what: What, view: &View<'_>, kind: Option<&str>) -> Result<Shown, Stop> {
    match what {
        What::Entities => entities(view, kind),
        What::Products => products(view, kind),
        What::Relations => relations(view, kind),
        What::Sources if kind.is_none() => Ok(sources(view)),
        What::Kinds if kind.is_none() => Ok(kinds(view)),
        _ => Err(Stop::usage("--kind goes with entities, products and relations")),
    }
}

fn column(name: &str, description: &str) -> Column {
    Column::new(name, Unit::Text, description)
}

fn count(name: &str, description: &str) -> Column {
    Column::new(name, Unit::Count, description)
}

/// Position of a kind in the list of kinds.
fn kind_position(view: &View<'_>, kind: Option<&str>) -> Result<Option<usize>, Stop> {
    let kinds = &view.graph.facts().kinds;
    let Some(key) = kind else { return Ok(None) };
    let found = kinds.iter().position(|kind| kind.key == key);
    found.map(Some).ok_or_else(|| no_kind("kind", key, kinds.iter().map(|kind| kind.key.as_str())))
}

fn entities(view: &View<'_>, kind: Option<&str>) -> Result<Shown, Stop> {
    let wanted = kind_position(view, kind)?;
    let graph = view.graph;
    let columns = vec![
        column("key", "Key in the dataset"),
        column("name", "Name"),
        column("kind", "Kind"),
        column("seat", "Country of the legal seat"),
        column("owner", "Who controls it in the end, where that is another"),
        column("group", "Whether it is an aggregate of several firms"),
        count("relations", "Relations that it is a party to, whatever their status"),
        column("place", "File and line"),
    ];
    let mut table = Table::new("entities", "Entities", columns);
    for id in graph.entity_ids().filter(|id| wanted.is_none_or(|kind| graph.entity(*id).kind == kind)) {
        let entity = graph.entity(id);
        let owner = graph.ultimate_owner(id, &view.scope);
        let owner = (owner != id).then(|| graph.entity(owner));
        let ties = graph.relations_from(id).len() + graph.relations_to(id).len();
        table.rows.push(vec![
            Cell::text(&entity.key),
            Cell::text(&entity.name),
            Cell::text(graph.kind_of(id)),
            optional(&entity.seat),
            owner
                .map_or(Cell::Empty, |owner| Cell::Item { key: owner.key.clone(), name: owner.name.clone() }),
            Cell::Flag(entity.group),
            Cell::Number(ties as f64),
            place(&entity.place),
        ]);
    }
    Ok(Shown { table, columns: &["key", "name", "kind", "seat", "owner", "relations"], lines: false })
}

fn products(view: &View<'_>, kind: Option<&str>) -> Result<Shown, Stop> {
    let wanted = kind_position(view, kind)?;
    let facts = view.graph.facts();
    let columns = vec![
        column("key", "Key in the dataset"),
        column("name", "Name"),
        column("unit", "What one of it is"),
        column("needed_by", "Kinds of entity that need it"),
        column("essential_to", "Kinds of entity that stop without it"),
        column("market", "The market whose shares stand in for it"),
        count("vendors", "Statements of sales in its market"),
        column("place", "File and line"),
    ];
    let mut table = Table::new("products", "Products", columns);
    for id in view.graph.product_ids() {
        let product = view.graph.product(id);
        if wanted.is_some_and(|kind| !product.needed_by.contains_key(&kind)) {
            continue;
        }
        let kinds = |counts: fn(&Need) -> bool| {
            let kinds = product.needed_by.iter().filter(|(_, need)| counts(need));
            let kinds = kinds.filter_map(|(at, _)| facts.kinds.get(*at));
            Cell::Items(kinds.map(|kind| (kind.key.clone(), kind.name.clone())).collect())
        };
        let vendors = facts
            .relations
            .iter()
            .filter(|r| r.relation_type() == RelationType::Sells && r.product() == Some(id));
        table.rows.push(vec![
            Cell::text(&product.key),
            Cell::text(&product.name),
            optional(&product.unit),
            kinds(|need| *need != Need::NotNeeded),
            kinds(|need| *need == Need::Essential),
            product.market.map_or(Cell::Empty, |market| Cell::text(&view.graph.product(market).key)),
            Cell::Number(vendors.count() as f64),
            place(&product.place),
        ]);
    }
    Ok(Shown { table, columns: &["key", "name", "unit", "needed_by", "vendors"], lines: false })
}

fn relations(view: &View<'_>, kind: Option<&str>) -> Result<Shown, Stop> {
    let graph = view.graph;
    let mut types: Vec<String> = graph.facts().relations.iter().map(|r| lower(r.relation_type())).collect();
    types.sort_unstable();
    types.dedup();
    if let Some(key) = kind.filter(|key| !types.iter().any(|known| known == &key.to_lowercase())) {
        return Err(no_kind("type of relation", key, types.iter().map(String::as_str)));
    }
    let columns = vec![
        column("key", "Key in the dataset"),
        column("type", "Type of the relation"),
        column("from", "Its origin: supplier, customer of a commitment, investor, owner, vendor, site"),
        column("to", "Its other end"),
        column("product", "What flows, or the market"),
        column("says", "What it says, in a line"),
        column("status", "Status on the day"),
        column("since", "First day of validity"),
        column("until", "First day after validity"),
        column("counts", "Whether it counts in the scope"),
        column("confidence", "How sure the dataset's author is"),
        column("sources", "Documents that state it"),
        column("place", "File and line"),
    ];
    let mut table = Table::new("relations", "Relations", columns);
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        let sort = lower(relation.relation_type());
        if kind.is_some_and(|kind| kind.to_lowercase() != sort) {
            continue;
        }
        let entity = |id| {
            let entity = graph.entity(id);
            Cell::Item { key: entity.key.clone(), name: entity.name.clone() }
        };
        let sources = relation.evidence.sources.iter().map(|id| graph.source(*id));
        table.rows.push(vec![
            Cell::text(&relation.key),
            Cell::text(sort),
            entity(relation.from),
            relation.to.map_or(Cell::Empty, entity),
            relation.product().map_or(Cell::Empty, |id| {
                let product = graph.product(id);
                Cell::Item { key: product.key.clone(), name: product.name.clone() }
            }),
            Cell::text(graph.describe_relation(relation)),
            view.scope.status_of(relation).map_or(Cell::Empty, |status| Cell::text(lower(status))),
            date(relation.since),
            date(relation.until),
            Cell::Flag(view.scope.counts(relation)),
            Cell::text(lower(relation.evidence.confidence)),
            Cell::Items(sources.map(|source| (source.key.clone(), source.title.clone())).collect()),
            place(&relation.place),
        ]);
    }
    Ok(Shown { table, columns: &["key", "says", "status", "since"], lines: true })
}

fn sources(view: &View<'_>) -> Shown {
    let facts = view.graph.facts();
    let mut cited = vec![0usize; facts.sources.len()];
    let relations = facts.relations.iter().map(|r| (&r.evidence, r.detail.measures().collect::<Vec<_>>()));
    let attributes = facts.attributes.iter().map(|a| (&a.evidence, a.value.iter().collect()));
    let intensities = facts.intensities.iter().map(|i| (&i.evidence, vec![&i.amount]));
    let rates = facts.rates.iter().map(|r| (&r.evidence, Vec::new()));
    for (evidence, measures) in relations.chain(attributes).chain(intensities).chain(rates) {
        let claims = measures.iter().flat_map(|measure| measure.sources());
        let mut all: Vec<_> = evidence.sources.iter().copied().chain(claims).collect();
        all.sort_unstable();
        all.dedup();
        for id in all {
            if let Some(count) = cited.get_mut(id.index()) {
                *count += 1;
            }
        }
    }
    let columns = vec![
        column("key", "Key in the dataset"),
        column("title", "Title of the document"),
        column("publisher", "Who published it"),
        column("date", "When"),
        column("reliability", "How close it is to the facts"),
        count("records", "Records that cite it"),
        column("url", "Where it can be read"),
    ];
    let mut table = Table::new("sources", "Sources", columns);
    for (source, records) in facts.sources.iter().zip(cited) {
        table.rows.push(vec![
            Cell::text(&source.key),
            Cell::text(&source.title),
            Cell::text(&source.publisher),
            date(source.date),
            Cell::text(lower(source.reliability)),
            Cell::Number(records as f64),
            Cell::text(&source.url),
        ]);
    }
    Shown { table, columns: &["key", "title", "publisher", "date", "records"], lines: false }
}

fn kinds(view: &View<'_>) -> Shown {
    let facts = view.graph.facts();
    let columns = vec![
        column("key", "Key in the dataset"),
        column("name", "Name"),
        Column::new("tier", Unit::Number, "Column of a supply map, 0 furthest upstream"),
        count("entities", "Entities of this kind"),
    ];
    let mut table = Table::new("kinds", "Kinds", columns);
    for (at, kind) in facts.kinds.iter().enumerate() {
        let members = facts.entities.iter().filter(|entity| entity.kind == at).count();
        table.rows.push(vec![
            Cell::text(&kind.key),
            Cell::text(&kind.name),
            Cell::number(kind.tier),
            Cell::Number(members as f64),
        ]);
    }
    Shown { table, columns: &["key", "name", "tier", "entities"], lines: false }
}
