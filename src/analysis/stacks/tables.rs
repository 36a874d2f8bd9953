//! The tables of an answer on stacks.

use std::collections::{BTreeMap, BTreeSet};

use super::Measured;
use super::closure::{LookThrough, tier_key};
use super::groups::{Stack, tier_of};
use super::roof::{Roof, TwoSided};
use crate::analysis::View;
use crate::analysis::trail::{entity_cell, product_cell};
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::{Date, Detail, EntityId, Measure};
use crate::network::{Network, Rung};
use crate::order::Arrange;
use crate::structure::{Digraph, Edge, assortativity, communities, modularity};

fn items(view: &View<'_>, ids: impl IntoIterator<Item = EntityId>) -> Cell {
    let pair = |id: EntityId| {
        let entity = view.graph.entity(id);
        (entity.key.clone(), entity.name.clone())
    };
    let all: Vec<_> = ids.into_iter().map(pair).collect();
    if all.is_empty() { Cell::Empty } else { Cell::Items(all) }
}

/// Columns with "HHI" spelt as people write it.
fn spelt(mut columns: Vec<Column>) -> Vec<Column> {
    columns
        .iter_mut()
        .for_each(|column| column.heading = column.heading.replace("Hhi", "HHI").replace("hhi", "HHI"));
    columns
}

fn count(n: usize) -> Cell {
    Cell::Number(n as f64)
}

fn part(of: f64, whole: f64) -> Cell {
    if whole > 0.0 { Cell::Number((of / whole).clamp(0.0, 1.0)) } else { Cell::Empty }
}

/// The stacks day by day, each with its days in order.
pub(super) fn stacks_over_time(view: &View<'_>, measured: &[(Date, Measured)]) -> Table {
    let columns = vec![
        Column::new("as_of", Unit::Text, "The day"),
        Column::new("stack", Unit::Text, "The ultimate owner"),
        Column::new("tiers", Unit::Count, "Vertical span: number of tiers with an owned or tied member"),
        Column::new("members", Unit::Count, "Entities owned or tied"),
        Column::new("closure", Unit::Share, "Share of what it takes in that members supply, 0 to 1"),
        Column::new("closure_high", Unit::Share, "The same if all unknown suppliers were members, 0 to 1"),
        Column::new("tied_labs", Unit::Text, "Labs that investment and commitments tie to it (--ties)"),
    ];
    let mut table = Table::new("stacks-over-time", "Stacks over time", columns);
    for (day, one) in measured {
        let met = one.function.total();
        table.rows.push(vec![
            Cell::text(day.to_string()),
            entity_cell(view.graph, one.stack.owner),
            count(one.tiers.len()),
            count(one.stack.members().count()),
            part(met.inside, met.needs),
            part(met.inside + met.unknown, met.needs),
            items(view, one.stack.labs.iter().copied()),
        ]);
    }
    table
}

/// One row a stack, widest span first.
pub(super) fn stacks(view: &View<'_>, measured: &[Measured]) -> Table {
    let columns = vec![
        Column::new("stack", Unit::Text, "The ultimate owner"),
        Column::new("tiers", Unit::Count, "Vertical span: number of tiers with an owned or tied member"),
        Column::new(
            "closure",
            Unit::Share,
            "Share of what it takes in through all tiers that members supply, function basis, 0 to 1; unknown suppliers are outside",
        ),
        Column::new("largest_outside", Unit::Text, "The owner outside that supplies most of it"),
        Column::new("largest_outside_share", Unit::Share, "Its share of what the stack takes in, 0 to 1"),
        Column::new("closure_high", Unit::Share, "Closure if all unknown suppliers were members, 0 to 1"),
        Column::new(
            "closure_cost",
            Unit::Share,
            "Closure counted in money, 0 to 1; empty where no share of cost is known",
        ),
        Column::new("members", Unit::Count, "Entities owned or tied"),
        Column::new("tied_labs", Unit::Text, "Labs that investment and commitments tie to it (--ties)"),
        Column::new("heads", Unit::Text, "Members on the highest tier, where the look-through starts"),
    ];
    let mut table = Table::new("stacks", "Stacks", columns);
    for one in measured {
        let (function, cost) = (one.function.total(), one.cost.total());
        let outside = one.function.largest_outside();
        table.rows.push(vec![
            entity_cell(view.graph, one.stack.owner),
            count(one.tiers.len()),
            part(function.inside, function.needs),
            outside.map_or(Cell::Empty, |(owner, _)| entity_cell(view.graph, owner)),
            Cell::number(outside.map(|(_, share)| share)),
            part(function.inside + function.unknown, function.needs),
            part(cost.inside, cost.needs),
            count(one.stack.members().count()),
            items(view, one.stack.labs.iter().copied()),
            items(view, one.function.heads.iter().copied()),
        ]);
    }
    table
}

/// One row for each stack, basis and tier, from downstream.
pub(super) fn tiers(view: &View<'_>, measured: &[Measured]) -> Table {
    let columns = vec![
        Column::new("stack", Unit::Text, "The ultimate owner"),
        Column::new(
            "basis",
            Unit::Text,
            "function: tiers of products, by needs that bind; cost: tiers of suppliers, by money",
        ),
        Column::new("tier", Unit::Number, "The tier, 0 furthest upstream; empty where none is declared"),
        Column::new("members", Unit::Text, "Its members on that tier"),
        Column::new("weight", Unit::Number, "Inputs of that tier met for one unit at the head, 0 or more"),
        Column::new("closure", Unit::Share, "Share of them that members supply, 0 to 1"),
        Column::new("closure_high", Unit::Share, "The same if all unknown suppliers were members"),
        Column::new(
            "unbroken",
            Unit::Share,
            "Share of them on a way that never left the stack, 0 to closure",
        ),
    ];
    let mut table = Table::new("tiers", "Closure by tier", columns);
    for one in measured {
        let mut add = |basis: &str, through: &LookThrough| {
            for (tier, met) in through.tiers.iter().rev() {
                let here = |id: &EntityId| tier_of(view, *id).map(tier_key) == *tier && tier.is_some();
                table.rows.push(vec![
                    entity_cell(view.graph, one.stack.owner),
                    Cell::text(basis),
                    Cell::number(tier.map(|tier| tier as f64 / 1e3)),
                    items(view, one.stack.members().filter(here)),
                    Cell::Number(met.needs),
                    part(met.inside, met.needs),
                    part(met.inside + met.unknown, met.needs),
                    part(met.unbroken, met.needs),
                ]);
            }
        };
        add("function", &one.function);
        add("cost", &one.cost);
    }
    table
}

/// Links between members of different stacks that no stack holds both ends of; with a focus only its own.
pub(super) fn cross(view: &View<'_>, network: &Network, stacks: &[Stack], focus: Option<&Measured>) -> Table {
    let columns = vec![
        Column::new("from_stack", Unit::Text, "Owner of the stack that supplies, invests, lends or holds"),
        Column::new(
            "to_stack",
            Unit::Text,
            "Owner of the stack at the other end; several where a lab is tied to several",
        ),
        Column::new("link", Unit::Text, "supplies, invests, finances or holds"),
        Column::new("from", Unit::Text, "The member that does"),
        Column::new("to", Unit::Text, "The member at the other end"),
        Column::new("product", Unit::Text, "What is supplied"),
        Column::new("share", Unit::Share, "Share of the need, or stake, 0 to 1; empty where unknown"),
        Column::new("known_as", Unit::Text, "How the share is known"),
    ];
    let mut table = Table::new("cross-stack", "Links between stacks", columns);
    let of = |id: EntityId| -> Vec<EntityId> {
        stacks.iter().filter(|stack| stack.holds(id)).map(|stack| stack.owner).collect()
    };
    let sides = |from: EntityId, to: EntityId| {
        let (a, b) = (of(from), of(to));
        let apart = !a.is_empty() && !b.is_empty() && !a.iter().any(|owner| b.contains(owner));
        let asked = focus.is_none_or(|one| a.contains(&one.stack.owner) || b.contains(&one.stack.owner));
        (apart && asked).then_some((a, b))
    };
    let mut rows: Vec<(usize, f64, Row)> = Vec::new();
    let mut add = |from, to, link: &str, product: Cell, share: Option<f64>, rung: Option<Rung>| {
        if let Some((a, b)) = sides(from, to) {
            let cells = vec![
                items(view, a),
                items(view, b),
                Cell::text(link),
                entity_cell(view.graph, from),
                entity_cell(view.graph, to),
                product,
                Cell::number(share),
                rung.map_or(Cell::Empty, |rung| Cell::text(rung.describe())),
            ];
            rows.push((rung.map_or(0, |rung| rung as usize), share.unwrap_or(0.0), cells));
        }
    };
    for row in network.rows().iter().filter(|row| row.binds()) {
        for link in network.suppliers(row) {
            let product = product_cell(view.graph, row.product);
            add(link.supplier, row.entity, "supplies", product, Some(link.share), Some(link.rung));
        }
    }
    for id in view.graph.relation_ids() {
        let relation = view.graph.relation(id);
        let Some(to) = relation.to.filter(|_| view.scope.counts(relation)) else { continue };
        let (link, share) = match &relation.detail {
            Detail::Invests { stake, .. } => ("invests", stake.as_ref().and_then(Measure::point)),
            Detail::Owns { share, .. } => ("holds", share.as_ref().and_then(Measure::point)),
            Detail::Finances { .. } => ("finances", None),
            _ => continue,
        };
        add(relation.from, to, link, Cell::Empty, share, None);
    }
    rows.arrange(|a, b| a.0.cmp(&b.0).then((b.1 * 1e12).round().total_cmp(&(a.1 * 1e12).round())));
    table.rows = rows.into_iter().map(|(_, _, row)| row).collect();
    table
}

/// Modularity and assortativity of the supply links by owner, country, tier and community.
pub(super) fn structure(view: &View<'_>, network: &Network, owners: &[EntityId]) -> Table {
    let columns = vec![
        Column::new(
            "partition",
            Unit::Text,
            "What links are compared by: owner, country of seat, tier, or communities found by greedy modularity",
        ),
        Column::new("weights", Unit::Text, "all shares, or known: without market shares and equal parts"),
        Column::new("classes", Unit::Count, "How many classes the linked entities have"),
        Column::new("links", Unit::Count, "Links between entities with a class"),
        Column::new("within", Unit::Share, "Share of their weight within classes, 0 to 1"),
        Column::new("modularity", Unit::Number, "That share less what chance would give, -0.5 to 1"),
        Column::new(
            "assortativity",
            Unit::Number,
            "Modularity over the most it could be, up to 1; 0 at chance",
        ),
    ];
    let mut table = Table::new("structure", "Do links keep within owners, countries and tiers?", columns);
    for (name, worst) in [("all", Rung::EqualSplit), ("known", Rung::KnownContracts)] {
        let mut edges = Vec::new();
        for row in network.rows().iter().filter(|row| row.binds()) {
            for link in network.suppliers(row).iter().filter(|link| link.rung <= worst) {
                edges.push(Edge { from: link.supplier.index(), to: row.entity.index(), weight: link.share });
            }
        }
        let graph = Digraph::new(network.len(), edges);
        for (partition, class) in partitions(view, owners, &graph) {
            let of = |node: usize| class.get(node).copied().flatten();
            let ends =
                || graph.edges().iter().filter_map(|edge| Some((of(edge.from)?, of(edge.to)?, edge.weight)));
            let seen: BTreeSet<usize> = ends().flat_map(|(a, b, _)| [a, b]).collect();
            let whole: f64 = ends().map(|(.., weight)| weight).sum();
            let within: f64 = ends().filter(|(a, b, _)| a == b).map(|(.., weight)| weight).sum();
            table.rows.push(vec![
                Cell::text(partition),
                Cell::text(name),
                count(seen.len()),
                count(ends().count()),
                part(within, whole),
                Cell::number(modularity(&graph, &class)),
                Cell::number(assortativity(&graph, &class)),
            ]);
        }
    }
    table
}

type Partition = (&'static str, Vec<Option<usize>>);

fn partitions(view: &View<'_>, owners: &[EntityId], graph: &Digraph) -> [Partition; 4] {
    let by = |of: &dyn Fn(EntityId) -> Option<usize>| view.graph.entity_ids().map(of).collect();
    let mut seats: BTreeMap<&str, usize> = BTreeMap::new();
    for entity in &view.graph.facts().entities {
        if let Some(seat) = &entity.seat {
            let next = seats.len();
            seats.entry(seat).or_insert(next);
        }
    }
    let seat = |id: EntityId| view.graph.entity(id).seat.as_deref().and_then(|seat| seats.get(seat).copied());
    let tiers: BTreeSet<i64> =
        view.graph.entity_ids().filter_map(|id| tier_of(view, id)).map(tier_key).collect();
    let tier = |id: EntityId| {
        let own = tier_of(view, id).map(tier_key)?;
        tiers.iter().position(|tier| *tier == own)
    };
    [
        ("owner", owners.iter().map(|owner| Some(owner.index())).collect()),
        ("country", by(&seat)),
        ("tier", by(&tier)),
        ("community", communities(graph).into_iter().map(Some).collect()),
    ]
}

fn roof_cells(view: &View<'_>, roof: &Roof) -> Row {
    let (low, high) = roof.hhi();
    let largest = roof.owners.first();
    vec![
        entity_cell(view.graph, roof.lab),
        largest.map_or(Cell::Empty, |(owner, _)| entity_cell(view.graph, *owner)),
        Cell::number(largest.map(|(_, share)| *share)),
        Cell::Number(low * 1e4),
        Cell::Number(high * 1e4),
        count(roof.owners.len()),
        Cell::Number(roof.unknown),
        Cell::Number(roof.assumed),
    ]
}

fn roof_columns() -> Vec<Column> {
    vec![
        Column::new("lab", Unit::Text, "Whose compute"),
        Column::new("owner", Unit::Text, "The ultimate owner that supplies most of it"),
        Column::new("share", Unit::Share, "Share of the lab's compute under that roof, 0 to 1"),
        Column::new(
            "hhi_low",
            Unit::Hhi,
            "HHI of its compute by owner, 0 to 10,000: the least that the sources of the shares allow, the unknown rest as many small providers",
        ),
        Column::new("hhi_high", Unit::Hhi, "The most that they allow, the unknown rest as one provider"),
        Column::new("owners", Unit::Count, "Owners that supply it"),
        Column::new("unknown", Unit::Share, "Share without a named supplier, 0 to 1"),
        Column::new(
            "assumed",
            Unit::Share,
            "Share whose supplier is assumed from market shares or equal parts, 0 to 1",
        ),
    ]
}

/// One row a lab, largest share under one roof first, known ones before assumed ones.
pub(super) fn roofs(view: &View<'_>, owners: &[EntityId], roofs: &[Roof]) -> Table {
    let mut columns = roof_columns();
    columns.push(Column::new("own", Unit::Text, "Whether the lab is under the same ultimate owner"));
    let mut table = Table::new("roofs", "Compute under one roof", spelt(columns));
    let mut order: Vec<&Roof> = roofs.iter().collect();
    let top = |roof: &Roof| roof.owners.first().map_or(0.0, |(_, share)| (share * 1e12).round());
    order.arrange(|a, b| {
        b.is_known().cmp(&a.is_known()).then(top(b).total_cmp(&top(a))).then(a.lab.cmp(&b.lab))
    });
    for roof in order {
        let mut row = roof_cells(view, roof);
        let own = owners.get(roof.lab.index()).copied();
        row.push(Cell::Flag(roof.owners.first().is_some_and(|(owner, _)| Some(*owner) == own)));
        table.rows.push(row);
    }
    table
}

/// One row for each lab and owner, in the order of the labs' keys and of the shares.
pub(super) fn roof_shares(view: &View<'_>, roofs: &[Roof]) -> Table {
    let columns = vec![
        Column::new("lab", Unit::Text, "Whose compute"),
        Column::new("owner", Unit::Text, "An ultimate owner that supplies some of it"),
        Column::new("share", Unit::Share, "Share of the lab's compute under that roof, 0 to 1"),
        Column::new(
            "assumed",
            Unit::Share,
            "The part of that share that is assumed from market shares or equal parts, 0 to share",
        ),
    ];
    let mut table = Table::new("roof-shares", "All roofs of each lab", columns);
    for roof in roofs {
        for ((owner, share), assumed) in roof.owners.iter().zip(&roof.assumed_of) {
            table.rows.push(vec![
                entity_cell(view.graph, roof.lab),
                entity_cell(view.graph, *owner),
                Cell::Number(*share),
                Cell::Number(*assumed),
            ]);
        }
    }
    table
}

/// One row for each day and lab.
pub(super) fn roofs_over_time(view: &View<'_>, points: &[(Date, Vec<Roof>)]) -> Table {
    let mut columns = vec![Column::new("as_of", Unit::Text, "The day that counts")];
    columns.extend(roof_columns());
    let mut table = Table::new("roofs-over-time", "Compute under one roof, over time", spelt(columns));
    for (day, roofs) in points {
        for roof in roofs {
            let cells = [Cell::text(day.to_string())].into_iter().chain(roof_cells(view, roof));
            table.rows.push(cells.collect());
        }
    }
    table
}

/// Few hosts of few labs, one row a day.
pub(super) fn two_sided(points: &[(Date, TwoSided)], name: &str) -> Table {
    let columns = vec![
        Column::new("as_of", Unit::Text, "The day that counts"),
        Column::new("labs", Unit::Count, "Labs whose compute is mostly known"),
        Column::new("left_out", Unit::Count, "Labs whose compute is mostly assumed or unknown"),
        Column::new("providers", Unit::Count, "Ultimate owners that supply those labs"),
        Column::new("one_roof", Unit::Share, "Mean share of a lab's compute under its largest roof, 0 to 1"),
        Column::new(
            "one_roof_same",
            Unit::Share,
            "The same over labs known on every day compared, so that it is like for like; empty for a single day",
        ),
        Column::new(
            "hhi_low",
            Unit::Hhi,
            "Mean HHI of a lab's compute by owner, 0 to 10,000: the least that the sources allow, unknown rests as many small providers",
        ),
        Column::new("hhi_high", Unit::Hhi, "The most that they allow, unknown rests as one provider each"),
        Column::new(
            "top_three",
            Unit::Share,
            "Share of the labs' compute that the three largest owners hold, labs counted the same, 0 to 1",
        ),
        Column::new(
            "provider_hhi_low",
            Unit::Hhi,
            "HHI of owners over the labs' compute, 0 to 10,000: the least that the sources allow, unknown rests as many small providers",
        ),
        Column::new(
            "provider_hhi_high",
            Unit::Hhi,
            "The most that they allow, unknown rests as one provider",
        ),
        Column::new(
            "lab_hhi",
            Unit::Hhi,
            "HHI of labs among what an owner hosts, mean weighted by that, 0 to 10,000: 10,000 where each hosts one lab",
        ),
    ];
    let title =
        if name == "over-time" { "Few providers, few labs, over time" } else { "Few providers, few labs" };
    let mut table = Table::new(name, title, spelt(columns));
    let scaled = |value: Option<f64>| Cell::number(value.map(|value| value * 1e4));
    for (day, point) in points {
        table.rows.push(vec![
            Cell::text(day.to_string()),
            count(point.labs),
            count(point.left_out),
            count(point.providers),
            Cell::number(point.one_roof),
            Cell::number(point.one_roof_same),
            scaled(point.hhi.map(|(low, _)| low)),
            scaled(point.hhi.map(|(_, high)| high)),
            Cell::number(point.top_three),
            scaled(point.provider_hhi.map(|(low, _)| low)),
            scaled(point.provider_hhi.map(|(_, high)| high)),
            scaled(point.lab_hhi),
        ]);
    }
    table
}
