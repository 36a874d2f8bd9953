//! The tables of an answer about chokepoints.

use super::super::View;
use super::super::trail::{entity_cell, product_cell};
use super::capacity::FlowDrops;
use super::function::{Sets, Weight};
use super::{Focus, Study};
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::EntityId;
use crate::network::CapacityUnit;
use crate::order::Arrange;
use crate::propagation::functional::UnknownSupplier;

/// Columns that both main tables end with.
fn graph_columns(study: &Study<'_>) -> Vec<Column> {
    let size = if study.sizes.size == super::Size::One { Unit::Number } else { Unit::UsdPerYear };
    let mut columns = vec![
        Column::new(
            "articulation_point",
            Unit::Text,
            "Whether the graph without directions falls apart without it: yes or no",
        ),
        Column::new(
            "criticality",
            size,
            "Reach-weighted criticality by cost: sum over all other entities of size times the share of their cost that passes \
             through it, 0 or more; empty without costs",
        ),
        Column::new(
            "functional_criticality",
            size,
            "Sum over all other entities of size times the share of function that they lose if it stops, 0 or more; empty \
             without needs",
        ),
        Column::new(
            "stops",
            Unit::Count,
            "How many other entities stop altogether if it stops; empty without needs",
        ),
        Column::new(
            "betweenness",
            Unit::Number,
            "Shortest-path betweenness, distance = 1 / share, directed, ends left out, not normalised, 0 or more",
        ),
        Column::new(
            "trophic_level",
            Unit::Number,
            "Height in the chain, 0 for the lowest of its component; an edge goes up by 1 on average",
        ),
        Column::new(
            "loop",
            Unit::Text,
            "The loop (strongly connected component) that it stands in; empty for none",
        ),
    ];
    if study.whole.is_sampled() {
        columns.push(Column::new(
            "betweenness_error",
            Unit::Number,
            "Standard error of the betweenness, which is estimated from a sample of searches",
        ));
    }
    columns
}

fn graph_cells(study: &Study<'_>, entity: EntityId, weight: Option<&Weight>) -> Row {
    let (at, whole) = (entity.index(), &study.whole);
    let mut cells = vec![
        Cell::Flag(whole.separators.articulation[at]),
        Cell::number(whole.criticality.as_ref().and_then(|all| all[at])),
        Cell::number(weight.map(|weight| weight.criticality)),
        Cell::number(weight.map(|weight| weight.stops as f64)),
        Cell::Number(whole.betweenness.value[at]),
        Cell::Number(whole.trophic.levels[at]),
        whole.loop_of[at].map_or(Cell::Empty, |number| Cell::text(loop_name(number))),
    ];
    if whole.is_sampled() {
        cells.push(Cell::Number(whole.betweenness.error[at]));
    }
    cells
}

fn loop_name(number: usize) -> String {
    format!("loop-{}", number + 1)
}

/// One row for each entity upstream.
pub(super) fn upstream(view: &View<'_>, study: &Study<'_>, focus: &Focus) -> Table {
    let mut columns = vec![
        Column::new("entity", Unit::Text, "The entity upstream"),
        Column::new("tier", Unit::Count, "Least number of steps to it, 1 or more"),
        Column::new(
            "stop_loss",
            Unit::Share,
            "Share of function lost if it stops, nobody replaces it and the unknown part of needs goes on, 0 to 1; empty \
             without needs",
        ),
        Column::new(
            "stop_loss_high",
            Unit::Share,
            "The same if the unknown part of needs is hit like the known part, 0 to 1",
        ),
        Column::new(
            "functional_chokepoint",
            Unit::Text,
            "Whether stop_loss is 1: yes or no; empty without needs",
        ),
        Column::new("via", Unit::Text, "The product through which the loss binds"),
        Column::new(
            "dominator",
            Unit::Text,
            "Whether every way to some other entity upstream passes it on the plain graph: yes or no",
        ),
        Column::new(
            "immediate_dominator",
            Unit::Text,
            "The nearest entity that every way to it passes, going upstream; empty where it is not upstream on this basis",
        ),
        Column::new(
            "dominates",
            Unit::Count,
            "How many other entities can be reached only through it, 0 or more",
        ),
        Column::new(
            "min_cut",
            Unit::Count,
            "Least number of entities in between whose loss parts it from the focal entity, 1 or more; empty for a direct \
             supplier",
        ),
        Column::new(
            "reach_share",
            Unit::Share,
            "Share of the focal entity's cost that passes through it at some tier, 0 to 1; empty without costs",
        ),
        Column::new(
            "flow_drop",
            Unit::Share,
            "Part of the maximum flow into the focal entity that is lost without it, 0 to 1; empty where no capacity is known",
        ),
    ];
    columns.extend(graph_columns(study));
    let mut table = Table::new("chokepoints", "Upstream, by what stops first", columns);
    for line in &focus.lines {
        let cascade = line.cascade.as_ref();
        let mut row = vec![
            entity_cell(view.graph, line.entity),
            Cell::number(line.tier.map(f64::from)),
            Cell::number(cascade.map(|c| c.stop_loss)),
            Cell::number(cascade.map(|c| c.stop_loss_high)),
            cascade.map_or(Cell::Empty, |c| Cell::Flag(c.is_chokepoint())),
            cascade.and_then(|c| c.via).map_or(Cell::Empty, |product| product_cell(view.graph, product)),
            Cell::Flag(line.dominates > 0),
            line.immediate_dominator.map_or(Cell::Empty, |id| entity_cell(view.graph, id)),
            Cell::Number(line.dominates as f64),
            Cell::number(line.cut.as_ref().map(|cut| cut.nodes.len() as f64)),
            Cell::number(line.reach_share),
            Cell::number(line.flow_drop),
        ];
        row.extend(graph_cells(study, line.entity, cascade.map(|c| &c.weight)));
        table.rows.push(row);
    }
    table
}

/// One row for each entity, the most critical first.
pub(super) fn system(view: &View<'_>, study: &Study<'_>, losses: Option<&[Weight]>) -> Table {
    let mut columns = vec![Column::new("entity", Unit::Text, "The entity")];
    columns.extend(graph_columns(study));
    let mut table = Table::new("criticality", "Who matters to the whole system", columns);
    let weight = |id: EntityId| losses.and_then(|losses| losses.get(id.index()));
    // values that differ by rounding count as equal, relative to the largest
    let steps = |values: &mut dyn Iterator<Item = f64>| {
        let values: Vec<f64> = values.collect();
        let most = values.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
        values.into_iter().map(|value| (value / most * 1e12).round()).collect::<Vec<f64>>()
    };
    let n = view.graph.len();
    let critical = |at: usize| study.whole.criticality.as_ref().and_then(|all| all[at]).unwrap_or(0.0);
    let by_cost = steps(&mut (0..n).map(critical));
    let by_function = steps(&mut (0..n).map(|at| weight(EntityId::new(at)).map_or(0.0, |w| w.criticality)));
    let mut ids: Vec<EntityId> = view.graph.entity_ids().collect();
    ids.arrange(|a, b| {
        let (a, b) = (a.index(), b.index());
        by_cost[b].total_cmp(&by_cost[a]).then(by_function[b].total_cmp(&by_function[a])).then(a.cmp(&b))
    });
    for id in ids {
        let mut row = vec![entity_cell(view.graph, id)];
        row.extend(graph_cells(study, id, weight(id)));
        table.rows.push(row);
    }
    table
}

fn items(view: &View<'_>, nodes: &[usize]) -> Cell {
    let item = |node: &usize| {
        let entity = view.graph.entity(EntityId::new(*node));
        (entity.key.clone(), entity.name.clone())
    };
    Cell::Items(nodes.iter().map(item).collect())
}

/// The smallest sets of suppliers that stop the focal entity together.
pub(super) fn sets(view: &View<'_>, sets: Option<&Sets>) -> Table {
    let columns = vec![
        Column::new("size", Unit::Count, "How many must fail together, 1 or more"),
        Column::new("entities", Unit::Text, "Who they are; no smaller part of them suffices"),
        Column::new(
            "unknown_part",
            Unit::Text,
            "What the unknown part of needs does: goes on, or is hit like the known",
        ),
    ];
    let mut table = Table::new("smallest-sets", "Smallest sets whose joint loss stops it", columns);
    for set in sets.into_iter().flat_map(|sets| &sets.found.sets) {
        let like_known = sets.is_some_and(|sets| sets.unknown == UnknownSupplier::LikeKnown);
        table.rows.push(vec![
            Cell::Number(set.len() as f64),
            items(view, set),
            Cell::text(if like_known { "is hit like the known" } else { "goes on" }),
        ]);
    }
    table
}

/// Least cuts with their members.
pub(super) fn cuts(view: &View<'_>, focus: &Focus) -> Table {
    let columns = vec![
        Column::new(
            "from",
            Unit::Text,
            "Where ways begin: a supplier, or everyone without a supplier of their own",
        ),
        Column::new(
            "size",
            Unit::Count,
            "Least number of entities whose loss leaves no way; empty for a direct supplier",
        ),
        Column::new("entities", Unit::Text, "One such set; other sets of this size may exist"),
    ];
    let mut table = Table::new("cuts", "Least cuts on the plain graph, all ways alike", columns);
    for cut in focus.cuts.iter().filter(|cut| cut.connected) {
        let from = match cut.from {
            Some(entity) => entity_cell(view.graph, entity),
            None => Cell::text("all beginnings of the chain"),
        };
        let (size, members) = match &cut.cut {
            Some(cut) => (Cell::Number(cut.nodes.len() as f64), items(view, &cut.nodes)),
            None => (Cell::Empty, Cell::Empty),
        };
        table.rows.push(vec![from, size, members]);
    }
    table
}

/// Ties without which the graph falls apart.
pub(super) fn bridges(view: &View<'_>, study: &Study<'_>, shown: impl Fn(usize) -> bool) -> Table {
    let columns = vec![
        Column::new("supplier", Unit::Text, "Who supplies over the tie"),
        Column::new("customer", Unit::Text, "Who receives over it"),
        Column::new("product", Unit::Text, "What passes; empty on the cost basis"),
        Column::new("share", Unit::Share, "Share of the need, or of the buyer's cost, 0 to 1"),
    ];
    let title = "Bridges: ties without which the graph, taken without directions, falls apart";
    let mut table = Table::new("bridges", title, columns);
    for id in &study.whole.separators.bridges {
        let Some(edge) = study.supply.graph.edges().get(*id) else { continue };
        if shown(edge.from) && shown(edge.to) {
            table.rows.push(vec![
                entity_cell(view.graph, EntityId::new(edge.from)),
                entity_cell(view.graph, EntityId::new(edge.to)),
                study.supply.product(*id).map_or(Cell::Empty, |product| product_cell(view.graph, product)),
                Cell::Number(edge.weight),
            ]);
        }
    }
    table
}

/// Members of a loop that are listed.
const MOST_MEMBERS: usize = 1_000;

/// Strongly connected components.
pub(super) fn loops(view: &View<'_>, study: &Study<'_>, shown: impl Fn(usize) -> bool) -> Table {
    let columns = vec![
        Column::new("loop", Unit::Text, "Name of the loop, the largest first"),
        Column::new("size", Unit::Count, "How many entities it holds"),
        Column::new(
            "entities",
            Unit::Text,
            "Who they are, the first thousand: each supplies every other, through some chain",
        ),
    ];
    let mut table = Table::new("loops", "Loops: strongly connected components", columns);
    for (number, nodes) in study.whole.loops.iter().enumerate() {
        if nodes.iter().any(|node| shown(*node)) {
            table.rows.push(vec![
                Cell::text(loop_name(number)),
                Cell::Number(nodes.len() as f64),
                items(view, &nodes[..nodes.len().min(MOST_MEMBERS)]),
            ]);
        }
    }
    table
}

/// One table for each unit in which something reaches the focal entity.
pub(super) fn flows(view: &View<'_>, flows: &FlowDrops) -> Vec<Table> {
    let one = |drops: &super::capacity::UnitDrops| {
        let (name, unit, title) = match drops.unit {
            CapacityUnit::Megawatt => {
                ("flow-power", Unit::Megawatt, "Power that still reaches it without each supplier")
            }
            CapacityUnit::UsdPerYear => (
                "flow-money",
                Unit::UsdPerYear,
                "Supplies, in money a year, that still reach it without each supplier",
            ),
        };
        let columns = vec![
            Column::new("without", Unit::Text, "Who is removed; empty in the first row: nobody"),
            Column::new("max_flow", unit, "The most that can reach the focal entity, 0 or more"),
            Column::new("drop", unit, "How much less that is than with everybody, 0 or more"),
            Column::new("drop_share", Unit::Share, "The same as a part of the whole, 0 to 1"),
        ];
        let mut table = Table::new(name, title, columns);
        let row = |who: Cell, left: f64| {
            let drop = drops.whole - left;
            vec![who, Cell::Number(left), Cell::Number(drop), Cell::Number(drop / drops.whole)]
        };
        table.rows.push(row(Cell::Empty, drops.whole));
        table.rows.extend(drops.without.iter().map(|(id, left)| row(entity_cell(view.graph, *id), *left)));
        table
    };
    flows.units.iter().map(one).collect()
}

/// How many of what there are upstream.
pub(super) fn summary(study: &Study<'_>, focus: &Focus) -> Table {
    let columns = vec![
        Column::new("upstream", Unit::Count, "Entities upstream, on either basis"),
        Column::new(
            "functional_chokepoints",
            Unit::Count,
            "How many of them stop the focal entity alone; empty without needs",
        ),
        Column::new(
            "functional_chokepoints_high",
            Unit::Count,
            "How many do if the unknown part of needs is hit like the known part; empty without needs",
        ),
        Column::new("dominators", Unit::Count, "How many dominate another on the plain graph"),
        Column::new(
            "articulation_points",
            Unit::Count,
            "How many are articulation points of the whole graph",
        ),
    ];
    let mut table = Table::new("summary", "How many there are", columns);
    let count =
        |holds: &dyn Fn(&super::Line) -> bool| focus.lines.iter().filter(|line| holds(line)).count() as f64;
    let cascades = |holds: fn(&super::Cascade) -> bool| {
        let number = count(&|line| line.cascade.as_ref().is_some_and(holds));
        Cell::number(study.functional.then_some(number))
    };
    table.rows.push(vec![
        Cell::Number(focus.lines.len() as f64),
        cascades(super::Cascade::is_chokepoint),
        cascades(super::Cascade::may_be_chokepoint),
        Cell::Number(count(&|line| line.dominates > 0)),
        Cell::Number(count(&|line| study.whole.separators.articulation[line.entity.index()])),
    ]);
    table
}

/// How near the graph is to perfect layers.
pub(super) fn order(study: &Study<'_>) -> Table {
    let columns = vec![
        Column::new("entities", Unit::Count, "Entities with a tie on this basis"),
        Column::new("ties", Unit::Count, "Ties on this basis"),
        Column::new(
            "incoherence",
            Unit::Number,
            "Trophic incoherence F, 0 (every tie goes up one layer) to 1 (no layers); empty without ties",
        ),
        Column::new("loops", Unit::Count, "Strongly connected components of two or more entities"),
        Column::new("in_loops", Unit::Count, "Entities in one"),
        Column::new("residual", Unit::Number, "Largest error of a level's equation, relative to its weight"),
    ];
    let mut table = Table::new("order", "How near the chain is to perfect layers", columns);
    let graph = &study.supply.graph;
    let tied = |node: &usize| graph.out(*node).next().is_some() || graph.incoming(*node).next().is_some();
    let whole = &study.whole;
    table.rows.push(vec![
        Cell::Number((0..graph.len()).filter(tied).count() as f64),
        Cell::Number(graph.edges().len() as f64),
        Cell::number(whole.trophic.incoherence),
        Cell::Number(whole.loops.len() as f64),
        Cell::Number(whole.loops.iter().map(Vec::len).sum::<usize>() as f64),
        Cell::Number(whole.trophic.residual),
    ]);
    table
}
