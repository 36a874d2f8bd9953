//! The other side: how concentrated a supplier's customers are, and who depends more on whom.

use std::collections::BTreeMap;

use super::holders::{Holders, Stake};
use super::subject::{Row, Subject, entity};
use super::{By, Concentration};
use crate::analysis::{AnalysisError, View};
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{
    AttributeId, AttributeKind, AttributeSubject, Currency, Detail, Dimension, EntityId, Interval, LinkKind,
    Measure, ProductId, RelationId, RelationType,
};
use crate::network::{Network, Origin, Rung, amounts_of};

/// Share from which US accounting rules have a customer disclosed (ASC 280-10-50-42).
const DISCLOSED: f64 = 0.1;
/// Difference of dependence below which neither side counts as the hostage.
const BALANCED: f64 = 0.1;

/// What is known of one customer of one supplier.
#[derive(Clone, Debug)]
struct Sale {
    product: ProductId,
    point: f64,
    range: Interval,
    relation: RelationId,
}

/// All that is stated about the customers of one supplier, by customer.
#[derive(Clone, Debug, Default)]
struct Sales {
    of_revenue: BTreeMap<EntityId, Vec<Sale>>,
    of_output: BTreeMap<EntityId, Vec<Sale>>,
    /// Dollars a year that supplies state.
    amounts: BTreeMap<EntityId, (f64, Vec<RelationId>)>,
    /// Dollars a year of bulk tables.
    bulk: BTreeMap<EntityId, f64>,
    /// Products that are supplied to anybody.
    products: Vec<ProductId>,
}

/// Reads the supplies in scope, by supplier.
fn sales(view: &View<'_>) -> BTreeMap<EntityId, Sales> {
    let graph = view.graph;
    let mut all: BTreeMap<EntityId, Sales> = BTreeMap::new();
    for (id, relation) in graph.in_scope(&view.scope, RelationType::Supplies) {
        let Detail::Supplies { product, share_of_revenue, share_of_output, .. } = &relation.detail else {
            continue;
        };
        let Some(customer) = relation.to else { continue };
        if graph.is_inside_total(relation, &view.scope) {
            continue;
        }
        let sales = all.entry(relation.from).or_default();
        sales.products.push(*product);
        note(view, sales.of_revenue.entry(customer).or_default(), *product, share_of_revenue.as_ref(), id);
        note(view, sales.of_output.entry(customer).or_default(), *product, share_of_output.as_ref(), id);
        let dollars = amounts_of(graph, &view.scope, id)
            .into_iter()
            .find(|(dimension, _)| *dimension == Dimension::Money(Currency::USD));
        if let Some((_, dollars)) = dollars {
            let slot = sales.amounts.entry(customer).or_default();
            slot.0 += dollars;
            slot.1.push(id);
        }
    }
    for link in graph.facts().links.iter().filter(|link| link.kind == LinkKind::Amount) {
        *all.entry(link.from).or_default().bulk.entry(link.to).or_default() += link.weight;
    }
    all
}

/// Keeps a statement; of several about one product the most recent, then the first by key.
fn note(
    view: &View<'_>,
    sales: &mut Vec<Sale>,
    product: ProductId,
    share: Option<&Measure>,
    relation: RelationId,
) {
    let Some((share, point)) = share.and_then(|share| Some((share, share.point()?))) else { return };
    let new = Sale { product, point, range: share.interval(), relation };
    let since = |id: RelationId| view.graph.relation(id).since.map(|date| date.first());
    match sales.iter_mut().find(|sale| sale.product == product) {
        Some(old) if since(new.relation) > since(old.relation) => *old = new,
        Some(_) => {}
        None => sales.push(new),
    }
}

impl Sales {
    /// The shares of revenue, or of the output of one product, as stakes.
    fn stakes(
        &self,
        view: &View<'_>,
        from: &BTreeMap<EntityId, Vec<Sale>>,
        product: Option<ProductId>,
    ) -> (Vec<Stake>, Vec<Origin>) {
        let mut stakes = Vec::new();
        let mut origins = Vec::new();
        for (customer, all) in from {
            let fits = || all.iter().filter(|sale| product.is_none_or(|product| sale.product == product));
            if fits().next().is_none() {
                continue;
            }
            stakes.push(Stake {
                entity: *customer,
                low: fits().map(|sale| sale.range.low).sum(),
                point: fits().map(|sale| sale.point).sum(),
                high: fits().map(|sale| sale.range.high.unwrap_or(1.0)).sum::<f64>().min(1.0),
                group: view.graph.entity(*customer).group,
            });
            origins.extend(fits().map(|sale| Origin::Relation(sale.relation)));
        }
        (stakes, origins)
    }

    /// Amounts against what the supplier sells in all.
    fn by_amount(&self, view: &View<'_>, supplier: EntityId) -> Option<(Vec<Stake>, Vec<Origin>)> {
        let (revenue, attribute) = revenue(view, supplier)?;
        let sum: f64 = self.amounts.values().map(|(amount, _)| amount).sum();
        if sum <= 0.0 || sum > revenue {
            return None;
        }
        let stake = |(customer, (amount, _)): (&EntityId, &(f64, Vec<RelationId>))| {
            exact(view, *customer, amount / revenue)
        };
        let relations = self.amounts.values().flat_map(|(_, ids)| ids.iter().map(|id| Origin::Relation(*id)));
        let origins = relations.chain([Origin::Attribute(attribute)]).collect();
        Some((self.amounts.iter().map(stake).collect(), origins))
    }

    /// Amounts of bulk tables, which are taken as all that the supplier sells unless its revenue is larger.
    fn by_table(&self, view: &View<'_>, supplier: EntityId) -> Option<(Vec<Stake>, Vec<Origin>)> {
        let sum: f64 = self.bulk.values().sum();
        if sum <= 0.0 {
            return None;
        }
        let known = revenue(view, supplier).filter(|(revenue, _)| *revenue >= sum);
        let whole = known.map_or(sum, |(revenue, _)| revenue);
        let stakes = self.bulk.iter().map(|(customer, amount)| exact(view, *customer, amount / whole));
        Some((stakes.collect(), known.map(|(_, id)| Origin::Attribute(id)).into_iter().collect()))
    }

    /// The product of whose output the most is told.
    fn best_output(&self) -> Option<ProductId> {
        let mut sums: BTreeMap<ProductId, f64> = BTreeMap::new();
        for sale in self.of_output.values().flatten() {
            *sums.entry(sale.product).or_default() += sale.point;
        }
        sums.into_iter().max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0))).map(|(product, _)| product)
    }
}

fn exact(view: &View<'_>, entity: EntityId, share: f64) -> Stake {
    Stake { entity, low: share, point: share, high: share, group: view.graph.entity(entity).group }
}

/// Sales of a year in dollars, and the record that states them.
fn revenue(view: &View<'_>, supplier: EntityId) -> Option<(f64, AttributeId)> {
    let of = AttributeSubject::Entity(supplier);
    let (id, a) = view.graph.latest_attribute(of, &AttributeKind::Revenue, None, view.scope.as_of)?;
    Some((view.graph.usd_point(a.value.as_ref()?, view.scope.as_of)? / a.per_years?, id))
}

impl Concentration {
    /// The customers of one supplier, of the suppliers of a product, or of all.
    pub(super) fn customers(&self, view: &View<'_>) -> Result<(Vec<Subject>, usize), AnalysisError> {
        let graph = view.graph;
        let product = self.market.as_deref().map(|key| graph.find_product(key)).transpose()?;
        let of = self.of.as_deref().map(|key| graph.find_entity(key)).transpose()?;
        let mut found = Vec::new();
        let mut untold = 0;
        for (supplier, sales) in sales(view) {
            let sells = product.is_none_or(|product| sales.products.contains(&product));
            if graph.entity(supplier).group || of.is_some_and(|of| of != supplier) || !sells {
                continue;
            }
            match self.subject(view, supplier, &sales, product) {
                Some(subject) => found.push(subject),
                None => untold += 1,
            }
        }
        if found.is_empty() {
            let whose = of.map_or("any supplier".to_string(), |of| graph.entity(of).name.clone());
            let reason = format!(
                "no share of revenue or output, and no amount against a known revenue, tells of the customers of \
                 {whose} in the scope ({}); shares are dated, so an earlier --as-of may find some",
                view.scope.as_of
            );
            return Err(AnalysisError::NoData(reason));
        }
        Ok((found, untold))
    }

    fn subject(
        &self,
        view: &View<'_>,
        supplier: EntityId,
        sales: &Sales,
        product: Option<ProductId>,
    ) -> Option<Subject> {
        let graph = view.graph;
        let output = |product: ProductId| {
            let (stakes, origins) = sales.stakes(view, &sales.of_output, Some(product));
            let words = format!("share of output of {}", graph.product(product).name);
            (!stakes.is_empty()).then_some((stakes, origins, words))
        };
        let of_revenue = || {
            let (stakes, origins) = sales.stakes(view, &sales.of_revenue, None);
            (!stakes.is_empty()).then_some((stakes, origins, "share of revenue".to_string()))
        };
        let named = |words: &'static str| move |(stakes, origins)| (stakes, origins, words.to_string());
        let (stakes, origins, about) = product
            .and_then(output)
            .or_else(of_revenue)
            .or_else(|| sales.by_amount(view, supplier).map(named("amounts against revenue")))
            .or_else(|| sales.best_output().and_then(output))
            .or_else(|| {
                sales.by_table(view, supplier).map(named("amounts of a bulk table, taken as the whole"))
            })?;
        let name = format!("{}'s customers", graph.entity(supplier).name);
        let mut subject = Subject::new(entity(view, supplier), &name, about, None);
        subject.stakes = stakes;
        subject.origins = origins;
        // "the four largest customers" may hold those that are named
        subject.apart = false;
        Some(subject)
    }
}

/// The reading of ASC 280-10-50-42: how many customers reach a tenth of revenue, customers under common control taken
/// as one.
pub(super) fn disclosure(view: &View<'_>, rows: &[Row]) -> Table {
    let columns = vec![
        Column::new("supplier", Unit::Text, "Who sells"),
        Column::new(
            "customers_at_least",
            Unit::Count,
            "Customers that reach 10 % for certain, 0 to 10; those with one controlling owner count as one",
        ),
        Column::new(
            "customers_at_most",
            Unit::Count,
            "Most customers that can reach 10 %, those of the unknown rest included, 0 to 10",
        ),
        Column::new("their_share", Unit::Share, "Share of those that reach 10 % for certain, 0 to 1"),
        Column::new("unknown", Unit::Share, "Share of customers that nobody names, 0 to 1"),
        Column::new("basis", Unit::Text, "What the shares are shares of"),
    ];
    let mut table = Table::new("disclosure", "Customers of 10 % or more (ASC 280-10-50-42)", columns);
    for row in rows {
        let controlled = Holders::new(view, By::Owner, None, &mut row.subject.stakes.clone(), false);
        let single: Vec<_> = controlled.single().map(|holder| holder.part).collect();
        let named: f64 = single.iter().map(|part| part.point).sum();
        let sure: Vec<f64> = single.iter().filter(|p| p.low >= DISCLOSED).map(|p| p.point).collect();
        let possible = single.iter().filter(|p| p.high >= DISCLOSED).count();
        let unknown = (1.0 - named).max(0.0);
        let hidden = (unknown / DISCLOSED + 1e-9).floor();
        table.rows.push(vec![
            row.subject.cell.clone(),
            Cell::Number(sure.len() as f64),
            Cell::Number((possible as f64 + hidden).min(10.0)),
            Cell::Number(sure.iter().sum::<f64>().min(1.0) + 0.0),
            Cell::Number(unknown),
            Cell::text(&row.subject.about),
        ]);
    }
    table
}

/// Both sides of each tie of the suppliers, or of one customer: share of the customer's need, share of the supplier's
/// revenue, and who depends more.
pub(super) fn dependence(view: &View<'_>, network: &Network, of: &Side<'_>) -> Table {
    let columns = vec![
        Column::new("supplier", Unit::Text, "Who sells"),
        Column::new("customer", Unit::Text, "Who buys"),
        Column::new(
            "product",
            Unit::Text,
            "The product of which the customer takes the largest part from the supplier",
        ),
        Column::new(
            "share_of_need",
            Unit::Share,
            "Share of the customer's need for it that the supplier covers, 0 to 1",
        ),
        Column::new("need_basis", Unit::Text, "How that share is known"),
        Column::new(
            "share_of_revenue",
            Unit::Share,
            "Share of the supplier's revenue from the customer, 0 to 1",
        ),
        Column::new("mutual", Unit::Number, "Sum of both, 0 to 2; empty where one is unknown or assumed"),
        Column::new(
            "imbalance",
            Unit::Number,
            "Share of need less share of revenue, -1 to 1: above 0 the customer depends more (Emerson 1962)",
        ),
        Column::new(
            "hostage",
            Unit::Text,
            "The side that depends more by over 0.1: customer, supplier, or neither; unknown where a side is unknown or assumed",
        ),
    ];
    let mut table = Table::new("dependence", "Who depends on whom", columns);
    let all = sales(view);
    let mut pairs: BTreeMap<(EntityId, EntityId), Option<f64>> = BTreeMap::new();
    for (supplier, sales) in &all {
        for (customer, told) in &sales.of_revenue {
            let sum: f64 = told.iter().map(|sale| sale.point).sum();
            pairs.insert((*supplier, *customer), (!told.is_empty()).then_some(sum));
        }
    }
    for row in network.rows() {
        for link in network.suppliers(row) {
            if network.origins(link).iter().any(|origin| names(view, *origin, link.supplier, row.entity)) {
                pairs.entry((link.supplier, row.entity)).or_insert(None);
            }
        }
    }
    for ((supplier, customer), revenue) in pairs {
        let counts = match of {
            Side::Suppliers(suppliers) => suppliers.contains(&supplier),
            Side::Customer(of) => customer == *of,
        };
        if !counts {
            continue;
        }
        let links = network.needs(customer).iter().flat_map(|row| {
            network
                .suppliers(row)
                .iter()
                .filter(|link| link.supplier == supplier)
                .map(|link| (row.product, link))
        });
        let need = links.max_by(|a, b| a.1.share.total_cmp(&b.1.share).then(b.0.cmp(&a.0)));
        let share = need.map(|(_, link)| link.share);
        let sure = need.is_some_and(|(_, link)| link.rung <= Rung::Amounts);
        let both = share.zip(revenue).filter(|_| sure);
        let hostage = match both.map(|(need, revenue)| need - revenue) {
            Some(gap) if gap > BALANCED => "customer",
            Some(gap) if gap < -BALANCED => "supplier",
            Some(_) => "neither",
            None => "unknown",
        };
        table.rows.push(vec![
            entity(view, supplier),
            entity(view, customer),
            need.map_or(Cell::Empty, |(p, _)| crate::analysis::trail::product_cell(view.graph, p)),
            Cell::number(share),
            need.map_or(Cell::Empty, |(_, link)| Cell::text(link.rung.describe())),
            Cell::number(revenue),
            Cell::number(both.map(|(need, revenue)| need + revenue)),
            Cell::number(both.map(|(need, revenue)| need - revenue)),
            Cell::text(hostage),
        ]);
    }
    table
}

/// Whose ties are shown.
#[derive(Clone, Debug)]
pub(super) enum Side<'a> {
    /// Those of these suppliers with their customers.
    Suppliers(&'a [EntityId]),
    /// Those of one customer with its suppliers.
    Customer(EntityId),
}

/// Whether the record ties the two, so that the share is not only the market's.
fn names(view: &View<'_>, origin: Origin, supplier: EntityId, customer: EntityId) -> bool {
    let Origin::Relation(id) = origin else { return false };
    let relation = view.graph.relation(id);
    let ends = (relation.from, relation.to);
    ends == (supplier, Some(customer)) || ends == (customer, Some(supplier))
}
