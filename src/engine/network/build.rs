//! Fills the rows of a network down the ladder of weights.

use std::collections::BTreeMap;

use super::ends::{ShareRange, of_sum, of_whole};
use super::quantities::{Tie, amount_ends, tie};
use super::survey::{Survey, Vendor, market_of};
use super::{Market, MarketVendor, NeedRow, Network, Origin, Rung, SupplyLink};
use crate::graph::Graph;
use crate::model::{
    AttributeKind, AttributeSubject, Currency, Dimension, EntityId, Need, ProductId, RelationId, RelationType,
};
use crate::scope::Scope;

/// A share before it is frozen.
struct Part {
    supplier: EntityId,
    share: f64,
    rung: Rung,
    origins: Vec<Origin>,
    /// What it may be.
    range: ShareRange,
}

pub(super) fn build(graph: &Graph, scope: &Scope) -> Network {
    let (ties, not_begun) = ties(graph, scope);
    let surveys: Vec<Option<Survey>> = graph.product_ids().map(|p| market_of(graph, scope, p)).collect();
    let vendors = vendors(graph, scope);
    let mut network = Network {
        row_start: vec![0],
        rows: Vec::new(),
        links: Vec::new(),
        origins: Vec::new(),
        open: Vec::new(),
        markets: graph.product_ids().map(|p| market(graph, scope, &surveys, &vendors, p)).collect(),
        customers: Vec::new(),
        undeclared: 0,
        unplaced: 0,
        not_begun,
    };
    for entity in graph.entity_ids() {
        for (product, need) in needs(graph, entity, &ties) {
            let own = ties.get(&(entity, product)).map_or(&[][..], Vec::as_slice);
            if need == Need::Optional && !own.is_empty() && !is_declared(graph, entity, product) {
                network.undeclared += own.len();
            }
            let may_assume = need != Need::Optional;
            let survey = surveys[product.index()].as_ref().filter(|_| may_assume);
            let others = if may_assume { vendors[product.index()].as_slice() } else { &[] };
            let parts = fill(graph, scope, entity, product, own, survey, others, &mut network.unplaced);
            push_row(&mut network, entity, product, need, parts);
        }
        network.row_start.push(network.rows.len() as u32);
    }
    network.index_customers();
    network
}

/// Ties by customer and product, in the order of their relations, and how many have not begun.
pub(super) fn ties(graph: &Graph, scope: &Scope) -> (BTreeMap<(EntityId, ProductId), Vec<Tie>>, usize) {
    let mut all: BTreeMap<_, Vec<Tie>> = BTreeMap::new();
    let mut not_begun = 0;
    for id in graph.relation_ids() {
        let relation = graph.relation(id);
        if !scope.counts(relation) || graph.is_inside_total_of_pair(relation, scope) {
            continue;
        }
        if scope.is_still_to_come(relation) {
            not_begun += 1;
            continue;
        }
        if let Some((customer, product, tie)) = tie(graph, scope, id)
            && customer != tie.supplier
        {
            all.entry((customer, product)).or_default().push(tie);
        }
    }
    (all, not_begun)
}

/// Who sells a product, with the record that shows it: each vendor once, in the order of the entities.
pub(super) fn vendors(graph: &Graph, scope: &Scope) -> Vec<Vec<(EntityId, RelationId)>> {
    let mut all: Vec<BTreeMap<EntityId, RelationId>> = vec![BTreeMap::new(); graph.facts().products.len()];
    let mut add = |product: ProductId, vendor: EntityId, relation: RelationId| {
        all[product.index()].entry(vendor).or_insert(relation);
    };
    for kind in [RelationType::Supplies, RelationType::Sells, RelationType::Hosts, RelationType::Commits] {
        for (id, relation) in graph.in_scope(scope, kind) {
            let vendor = if kind == RelationType::Commits { relation.to } else { Some(relation.from) };
            if let (Some(product), Some(vendor)) = (relation.product(), vendor) {
                add(product, vendor, id);
            }
        }
    }
    all.into_iter().map(|vendors| vendors.into_iter().collect()).collect()
}

/// What an entity needs: by its kind, by itself, and what reaches it without being declared.
fn needs(
    graph: &Graph,
    entity: EntityId,
    ties: &BTreeMap<(EntityId, ProductId), Vec<Tie>>,
) -> BTreeMap<ProductId, Need> {
    let record = graph.entity(entity);
    let mut needs = BTreeMap::new();
    for product in graph.product_ids() {
        let own = record.needs.get(&product).copied();
        let of_kind = graph.product(product).needed_by.get(&record.kind).copied().filter(|_| !record.group);
        match own.or(of_kind) {
            Some(Need::NotNeeded) | None => {}
            Some(need) => {
                needs.insert(product, need);
            }
        }
    }
    let first = (entity, ProductId(0));
    let last = (entity, ProductId(u32::MAX));
    for ((_, product), _) in ties.range(first..=last) {
        let declined = record.needs.get(product) == Some(&Need::NotNeeded);
        if !declined {
            needs.entry(*product).or_insert(Need::Optional);
        }
    }
    needs
}

fn is_declared(graph: &Graph, entity: EntityId, product: ProductId) -> bool {
    let record = graph.entity(entity);
    record.needs.contains_key(&product) || graph.product(product).needed_by.contains_key(&record.kind)
}

/// The suppliers' shares of one need, from the first rung that gives any.
#[allow(clippy::too_many_arguments)]
fn fill(
    graph: &Graph,
    scope: &Scope,
    entity: EntityId,
    product: ProductId,
    ties: &[Tie],
    survey: Option<&Survey>,
    vendors: &[(EntityId, RelationId)],
    unplaced: &mut usize,
) -> Vec<Part> {
    let stated = from_shares(graph, ties);
    if !stated.is_empty() {
        *unplaced +=
            ties.iter().filter(|tie| !stated.iter().any(|part| part.supplier == tie.supplier)).count();
        return stated;
    }
    let amounts = from_amounts(graph, scope, entity, product, ties);
    if !amounts.is_empty() {
        return amounts;
    }
    let listed = |supplier: EntityId| survey.is_some_and(|s| s.vendors.iter().any(|v| v.entity == supplier));
    if !ties.is_empty() && !ties.iter().all(|tie| listed(tie.supplier)) {
        return equal_parts(ties.iter().map(|tie| (tie.supplier, tie.relation)));
    }
    if let Some(survey) = survey {
        let others = survey.vendors.iter().filter(|vendor| vendor.entity != entity && vendor.share > 0.0);
        let others: Vec<&Vendor> = others.collect();
        let own = |vendor: &&Vendor| ShareRange {
            least: vendor.range.low,
            most: vendor.range.high.unwrap_or(1.0).min(1.0),
        };
        let ranges = of_whole(&others.iter().map(own).collect::<Vec<_>>());
        return others
            .into_iter()
            .zip(ranges)
            .map(|(vendor, range)| Part {
                supplier: vendor.entity,
                share: vendor.share,
                rung: Rung::MarketShare,
                origins: vec![Origin::Relation(vendor.relation)],
                range,
            })
            .collect();
    }
    equal_parts(vendors.iter().copied().filter(|(vendor, _)| *vendor != entity))
}

/// Rung 1: of several statements about one supplier the most recent, then the first by key.
fn from_shares(graph: &Graph, ties: &[Tie]) -> Vec<Part> {
    let mut best: BTreeMap<EntityId, &Tie> = BTreeMap::new();
    let since = |tie: &Tie| graph.relation(tie.relation).since.map(|date| date.first());
    for tie in ties.iter().filter(|tie| tie.share.is_some()) {
        best.entry(tie.supplier)
            .and_modify(|at| {
                if since(tie) > since(at) {
                    *at = tie
                }
            })
            .or_insert(tie);
    }
    let total: f64 = best.values().filter_map(|tie| tie.share).sum();
    let scale = if total > 1.0 { 1.0 / total } else { 1.0 };
    let ranges = of_whole(&best.values().map(|tie| tie.share_range()).collect::<Vec<_>>());
    let part = |(tie, range): (&Tie, ShareRange)| Part {
        supplier: tie.supplier,
        share: tie.share.unwrap_or(0.0) * scale,
        rung: Rung::Stated,
        origins: vec![Origin::Relation(tie.relation)],
        range,
    };
    best.into_values().zip(ranges).map(part).collect()
}

/// Rung 2: amounts in the one dimension in which most suppliers are known, money before power before things.
fn from_amounts(
    graph: &Graph,
    scope: &Scope,
    entity: EntityId,
    product: ProductId,
    ties: &[Tie],
) -> Vec<Part> {
    let mut dimensions: Vec<(usize, &Dimension)> = Vec::new();
    for dimension in ties.iter().flat_map(|tie| tie.amounts.iter().map(|(dimension, _)| dimension)) {
        if !dimensions.iter().any(|(_, known)| *known == dimension) {
            let has = |tie: &&Tie| tie.amounts.iter().any(|(d, _)| d == dimension);
            dimensions.push((ties.iter().filter(has).count(), dimension));
        }
    }
    dimensions.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let Some((_, dimension)) = dimensions.first() else { return Vec::new() };

    let mut suppliers: BTreeMap<EntityId, (Option<f64>, Vec<Origin>)> = BTreeMap::new();
    let mut may_be: BTreeMap<EntityId, ShareRange> = BTreeMap::new();
    for tie in ties {
        let slot = suppliers.entry(tie.supplier).or_default();
        slot.1.push(Origin::Relation(tie.relation));
        if let Some((_, amount)) = tie.amounts.iter().find(|(d, _)| d == *dimension) {
            slot.0 = Some(slot.0.unwrap_or(0.0) + amount);
            let range = amount_range(graph, scope, tie.relation, dimension).with(*amount);
            let sum = may_be.entry(tie.supplier).or_insert(ShareRange::exact(0.0));
            *sum = ShareRange { least: sum.least + range.least, most: sum.most + range.most };
        }
    }
    let suppliers_number = suppliers.len() as f64;
    let known: Vec<f64> = suppliers.values().filter_map(|(amount, _)| *amount).collect();
    let sum: f64 = known.iter().sum();
    let silent = (suppliers.len() - known.len()) as f64;
    let average = sum / known.len() as f64;
    let total = total_need(graph, scope, entity, product, dimension).filter(|(total, _)| *total >= sum);
    let (whole, each_silent) = match total {
        Some((total, _)) if silent > 0.0 => (total, average.min((total - sum) / silent)),
        Some((total, _)) => (total, 0.0),
        None => (sum + silent * average, average),
    };
    let rung = if total.is_some() { Rung::Amounts } else { Rung::KnownContracts };
    let against_sum: BTreeMap<EntityId, ShareRange> =
        may_be.keys().copied().zip(of_sum(&may_be.values().copied().collect::<Vec<_>>())).collect();
    // the whole is what is known and what the silent ones have at most, or a total that is larger
    let of_known = known.len() as f64 / suppliers_number;
    let most_of_all = total_end(graph, scope, entity, product);
    let part = |(supplier, (amount, mut origins)): (EntityId, (Option<f64>, Vec<Origin>))| {
        origins.extend(total.map(|(_, origin)| origin));
        let (share, rung) = match amount {
            Some(amount) => (amount / whole, rung),
            None => (each_silent / whole, Rung::EqualSplit),
        };
        let range = match (against_sum.get(&supplier), may_be.get(&supplier)) {
            (Some(range), Some(own)) => {
                let against_total = most_of_all.map_or(f64::INFINITY, |most| own.least / most);
                ShareRange { least: (range.least * of_known).min(against_total), most: range.most }
            }
            _ => ShareRange {
                least: if most_of_all.is_some() { 0.0 } else { share },
                most: 1.0 / suppliers_number,
            },
        };
        Part { supplier, share, rung, origins, range: range.with(share) }
    };
    suppliers.into_iter().map(part).filter(|part| part.share > 0.0).collect()
}

/// What the entity is known to need of the product, in the dimension of its amounts.
fn total_need(
    graph: &Graph,
    scope: &Scope,
    entity: EntityId,
    product: ProductId,
    dimension: &Dimension,
) -> Option<(f64, Origin)> {
    let of = AttributeSubject::Entity(entity);
    let (id, attribute) = graph.latest_attribute(of, &AttributeKind::Need, Some(product), scope.as_of)?;
    let value = attribute.value.as_ref()?;
    let total = match (&value.dimension, dimension) {
        (Dimension::Money(_), Dimension::Money(currency)) if *currency == Currency::USD => {
            graph.usd_point(value, scope.as_of)? / attribute.per_years?
        }
        (own, asked) if own == asked => value.point()?,
        _ => return None,
    };
    Some((total, Origin::Attribute(id)))
}

/// The most that the entity may need of the product, in any dimension, where that is stated at all; without bound where it is not.
fn total_end(graph: &Graph, scope: &Scope, entity: EntityId, product: ProductId) -> Option<f64> {
    let of = AttributeSubject::Entity(entity);
    let (_, attribute) = graph.latest_attribute(of, &AttributeKind::Need, Some(product), scope.as_of)?;
    let value = attribute.value.as_ref()?;
    let factor = match value.dimension {
        Dimension::Money(_) => graph.usd_factor(value, scope.as_of)? / attribute.per_years?,
        _ => 1.0,
    };
    Some(value.interval().high.map_or(f64::INFINITY, |high| high * factor))
}

/// What an amount of a tie may be.
fn amount_range(graph: &Graph, scope: &Scope, relation: RelationId, dimension: &Dimension) -> ShareRange {
    let [least, most] = amount_ends(graph, scope, relation);
    let of =
        |all: &[(Dimension, f64)]| all.iter().find(|(own, _)| own == dimension).map(|(_, amount)| *amount);
    // an end of zero is no amount, and a missing upper one no bound
    ShareRange { least: of(&least).unwrap_or(0.0), most: of(&most).unwrap_or(f64::INFINITY) }
}

fn equal_parts(suppliers: impl Iterator<Item = (EntityId, RelationId)>) -> Vec<Part> {
    let mut each: BTreeMap<EntityId, Vec<Origin>> = BTreeMap::new();
    for (supplier, relation) in suppliers {
        each.entry(supplier).or_default().push(Origin::Relation(relation));
    }
    let share = 1.0 / each.len().max(1) as f64;
    let range = ShareRange::exact(share);
    let part = |(supplier, origins)| Part { supplier, share, rung: Rung::EqualSplit, origins, range };
    each.into_iter().map(part).collect()
}

fn push_row(network: &mut Network, entity: EntityId, product: ProductId, need: Need, mut parts: Vec<Part>) {
    parts.retain(|part| part.share > 0.0);
    parts.sort_by(|a, b| b.share.total_cmp(&a.share).then(a.supplier.cmp(&b.supplier)));
    let start = network.links.len() as u32;
    let known: f64 = parts.iter().map(|part| part.share).sum();
    for part in parts {
        let from = network.origins.len() as u32;
        network.origins.extend(part.origins);
        let origins = from..network.origins.len() as u32;
        let range = part.range.with(part.share);
        if range.is_open() {
            network.open.push((network.links.len() as u32, range));
        }
        network.links.push(SupplyLink {
            supplier: part.supplier,
            share: part.share,
            rung: part.rung,
            origins,
        });
    }
    let links = start..network.links.len() as u32;
    network.rows.push(NeedRow { entity, product, need, known: known.min(1.0), links });
}

fn market(
    graph: &Graph,
    scope: &Scope,
    surveys: &[Option<Survey>],
    vendors: &[Vec<(EntityId, RelationId)>],
    product: ProductId,
) -> Market {
    let spare = |entity: EntityId| {
        let of = AttributeSubject::Entity(entity);
        let (_, attribute) =
            graph.latest_attribute(of, &AttributeKind::SpareCapacity, Some(product), scope.as_of)?;
        let value = attribute.value.as_ref()?;
        (value.dimension == Dimension::Share).then(|| value.point()).flatten()
    };
    let vendor = |entity, share| MarketVendor { entity, share, spare: spare(entity) };
    match &surveys[product.index()] {
        Some(survey) => {
            let listed: f64 = survey.vendors.iter().map(|v| v.share).sum();
            let vendors = survey.vendors.iter().map(|v| vendor(v.entity, v.share)).collect();
            Market { vendors, unlisted: (1.0 - listed).max(0.0), surveyed: true }
        }
        None => {
            let all = &vendors[product.index()];
            let share = 1.0 / all.len().max(1) as f64;
            Market {
                vendors: all.iter().map(|(v, _)| vendor(*v, share)).collect(),
                unlisted: 0.0,
                surveyed: false,
            }
        }
    }
}
