//! Bulk tables → a network of firms that each sell the product of their sector.

use super::{CascadeOptions, EssentialityRule, Finals, FirmNetwork, MarketRule, Slots};
use crate::analysis::trail::Trail;
use crate::analysis::{AnalysisError, View};
use crate::model::{Columns, EntityId, Figure, InputClass, LinkKind};
use crate::propagation::esri::{Class, Firms, FirmsError, Mode};

pub(super) fn build(
    view: &View<'_>,
    options: &CascadeOptions,
    mode: Mode,
) -> Result<FirmNetwork, AnalysisError> {
    let facts = view.graph.facts();
    let columns = &facts.columns;
    let mut notes = Vec::new();
    let links: Vec<(u32, u32, f64)> = facts
        .links
        .iter()
        .filter(|link| link.kind == LinkKind::Amount)
        .map(|link| (link.from.0, link.to.0, link.weight))
        .collect();
    let part = view.graph.part();
    let mut linked = vec![0.0; view.graph.len()];
    for end in links.iter().flat_map(|(from, to, _)| [*from, *to]) {
        linked[end as usize] = 1.0;
    }
    part.complete(&mut linked);
    let linked: Vec<bool> = linked.iter().map(|linked| *linked > 0.0).collect();
    let members: Vec<EntityId> =
        view.graph.entity_ids().filter(|id| linked[id.index()] || columns.sector_of(*id).is_some()).collect();
    let sector = sectors(view, columns, &linked)?;
    let rule = options.essentiality.unwrap_or_default();
    if rule == EssentialityRule::File && columns.essentiality.is_empty() {
        let reason = "the dataset has no table that says which inputs are essential: expected an Essentiality table in its \
                      RON file, or all-linear or all-leontief here"
            .to_string();
        return Err(AnalysisError::Invalid { parameter: "essentiality", reason });
    }
    let class = |from: u32, to: u32| match rule {
        EssentialityRule::AllLinear => Some(Class::Adds),
        EssentialityRule::AllLeontief => Some(Class::Essential),
        EssentialityRule::File => columns.class(from, to).map(|class| match class {
            InputClass::None => Class::None,
            InputClass::Adds => Class::Adds,
            InputClass::Essential => Class::Essential,
        }),
    };
    let mut firms = Firms {
        links: &links,
        sector: &sector,
        market: options.market.unwrap_or_default() == MarketRule::Sector,
        part: Some(part),
        ..Firms::default()
    };
    let (sales, purchases) = firms.turnover().map_err(no_data)?;
    let (revenue, costs) = if options.finals.unwrap_or_default() == Finals::RevenueCosts {
        let revenue = finals(columns, Figure::Revenue, &sales, mode, &mut notes)?;
        (Some(revenue), Some(finals(columns, Figure::Costs, &purchases, mode, &mut notes)?))
    } else {
        (None, None)
    };
    firms.revenue = revenue.as_deref();
    firms.costs = costs.as_deref();
    let mut names = vec!["sales".to_string()];
    let mut lists: Vec<Vec<f64>> = Vec::new();
    for figure in [Figure::Weight, Figure::Weight2] {
        let Some(values) = columns.figure(figure) else { continue };
        let absent = members.iter().filter(|id| values.get(id.index()).copied().flatten().is_none()).count();
        if absent > 0 {
            let text =
                format!("{absent} firms have no {}; they count nothing in the index by it.", figure.column());
            notes.push(("no-weight", text, Some(absent)));
        }
        let list: Vec<f64> = values.iter().map(|value| value.unwrap_or(0.0)).collect();
        if list.iter().sum::<f64>() > 0.0 {
            names.push(figure.column().to_string());
            lists.push(list);
        }
    }
    let lists: Vec<&[f64]> = lists.iter().map(Vec::as_slice).collect();
    firms.weights = &lists;
    let system = firms.freeze(class, mode).map_err(|error| match error {
        FirmsError::NoClass { supplier, customer } => {
            let name = |at: u32| columns.sectors.get(at as usize).map_or("?", String::as_str);
            AnalysisError::NoData(format!(
                "the table of essentiality has no row for inputs from sector {} to customers in sector {}, and there are such \
                 supplies",
                name(supplier),
                name(customer)
            ))
        }
        FirmsError::System(error) => no_data(error),
    })?;
    if !facts.relations.is_empty() {
        let text = format!(
            "The cascade runs on the {} supplies of the tables; records that are written out, as owners, are left out.",
            part.sum(links.iter().filter(|(_, to, _)| part.holds(*to as usize)).count() as u64)
        );
        notes.push(("tables-only", text, Some(facts.relations.len())));
    }
    Ok(FirmNetwork {
        system,
        mode,
        members,
        weights: names,
        slots: Slots::Sectors(columns.sectors.clone()),
        notes,
        trail: Trail::default(),
    })
}

fn no_data(error: impl std::fmt::Display) -> AnalysisError {
    AnalysisError::NoData(error.to_string())
}

/// Sector of each entity. Entities without links get the first, which then says nothing.
fn sectors(view: &View<'_>, columns: &Columns, linked: &[bool]) -> Result<Vec<u32>, AnalysisError> {
    let sector = |id: EntityId| match columns.sector_of(id) {
        Some(sector) => Ok(sector),
        None if !linked.get(id.index()).copied().unwrap_or(false) => Ok(0),
        None => Err(AnalysisError::NoData(format!(
            "{} has no sector: expected a column `sector` in the table of entities, with a name for everyone who sells or buys",
            view.graph.entity(id).key
        ))),
    };
    view.graph.entity_ids().map(sector).collect()
}

/// A column of the whole of sales or purchases. Where it is empty, what is known in the network stands in.
fn finals(
    columns: &Columns,
    figure: Figure,
    known: &[f64],
    mode: Mode,
    notes: &mut Vec<(&'static str, String, Option<usize>)>,
) -> Result<Vec<f64>, AnalysisError> {
    let name = figure.column();
    let Some(values) = columns.figure(figure) else {
        let reason = format!("no table of entities has a column `{name}`");
        return Err(AnalysisError::Invalid { parameter: "finals", reason });
    };
    let absent = values.iter().zip(known).filter(|(value, known)| value.is_none() && **known > 0.0).count();
    if absent > 0 {
        let text = format!("{absent} firms have no {name}; what is known in the network is taken as all.");
        notes.push(("no-finals", text, Some(absent)));
    }
    let below =
        values.iter().zip(known).filter(|(value, known)| value.is_some_and(|value| value < **known)).count();
    if below > 0 {
        let text = match mode {
            Mode::Converged(_) => format!(
                "{below} firms have {name} below what is known in the network, which is taken instead."
            ),
            Mode::Compatible(_) => format!(
                "{below} firms have {name} below what is known in the network; as in the published software more than all of \
                 their output then depends on it."
            ),
        };
        notes.push(("low-finals", text, Some(below)));
    }
    Ok(values.iter().zip(known).map(|(value, known)| value.unwrap_or(*known)).collect())
}
