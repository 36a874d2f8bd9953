//! All ties over which something could be supplied, each with what stands against it in a scope.

use std::collections::BTreeSet;

use super::super::View;
use crate::model::{Detail, EntityId, Need, ProductId, Relation, RelationId};
use crate::network::{CostNetwork, Network, Origin};
use crate::structure::{Digraph, Edge};

/// A tie, and why it carries nothing; no faults where it does.
pub(super) struct Tie {
    pub supplier: EntityId,
    pub customer: EntityId,
    pub product: Option<ProductId>,
    /// The record, where it is one that does not count.
    pub relation: Option<RelationId>,
    /// The records of a tie that counts.
    pub origins: Vec<Origin>,
    pub faults: Vec<Fault>,
}

/// One reason for which a tie carries nothing.
pub(super) struct Fault {
    pub reason: String,
    pub remedy: String,
}

impl Fault {
    fn new(reason: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { reason: reason.into(), remedy: remedy.into() }
    }
}

/// All ties as a graph supplier → customer; tie k is edge k.
pub(super) struct Ties {
    pub ties: Vec<Tie>,
    pub graph: Digraph,
}

impl Ties {
    pub fn collect(view: &View<'_>, network: &Network, cost: &CostNetwork) -> Self {
        let mut ties = counted(network, cost);
        let known: BTreeSet<(EntityId, EntityId, Option<ProductId>)> =
            ties.iter().map(|tie| (tie.customer, tie.supplier, tie.product)).collect();
        for id in view.graph.relation_ids() {
            let relation = view.graph.relation(id);
            let Some((customer, supplier)) = supplies(relation).filter(|(a, b)| a != b) else { continue };
            let product = relation.product();
            let tie = (customer, supplier, product);
            if known.contains(&tie) || view.graph.is_inside_total(relation, &view.scope) {
                continue;
            }
            let mut faults = out_of_scope(view, relation);
            faults.extend(no_need(view, customer, product));
            // what a tie would carry shows only once the scope and the needs count it
            if faults.is_empty() {
                faults.extend(no_share(network, customer, supplier, product));
            }
            if !faults.is_empty() {
                ties.push(Tie {
                    supplier,
                    customer,
                    product,
                    relation: Some(id),
                    origins: Vec::new(),
                    faults,
                });
            }
        }
        let edge = |tie: &Tie| Edge { from: tie.supplier.index(), to: tie.customer.index(), weight: 1.0 };
        let graph = Digraph::new(view.graph.len(), ties.iter().map(edge).collect());
        Self { ties, graph }
    }

    /// How many reasons stand against a tie.
    pub fn faults(&self, tie: usize) -> usize {
        self.ties.get(tie).map_or(0, |tie| tie.faults.len())
    }

    /// The ties that count.
    pub fn sound(&self) -> Digraph {
        let counts = |(id, edge): (usize, &Edge)| (self.faults(id) == 0).then_some(*edge);
        Digraph::new(self.graph.len(), self.graph.edges().iter().enumerate().filter_map(counts).collect())
    }
}

/// Ties that carry function or cost.
fn counted(network: &Network, cost: &CostNetwork) -> Vec<Tie> {
    let mut ties = Vec::new();
    for row in network.rows().iter().filter(|row| row.binds()) {
        for link in network.suppliers(row) {
            ties.push(Tie {
                supplier: link.supplier,
                customer: row.entity,
                product: Some(row.product),
                relation: None,
                origins: network.origins(link).to_vec(),
                faults: Vec::new(),
            });
        }
    }
    for buyer in (0..cost.len()).map(EntityId::new) {
        for link in cost.of(buyer) {
            ties.push(Tie {
                supplier: link.supplier,
                customer: buyer,
                product: None,
                relation: None,
                origins: cost.origins(link).to_vec(),
                faults: Vec::new(),
            });
        }
    }
    ties
}

/// Customer and supplier of a relation that hands something on.
fn supplies(relation: &Relation) -> Option<(EntityId, EntityId)> {
    let to = relation.to?;
    match &relation.detail {
        Detail::Supplies { .. } | Detail::Hosts { .. } | Detail::Designs { .. } | Detail::Licenses { .. } => {
            Some((to, relation.from))
        }
        Detail::Commits { .. } => Some((relation.from, to)),
        _ => None,
    }
}

/// Rules of the scope that leave the relation out.
fn out_of_scope(view: &View<'_>, relation: &Relation) -> Vec<Fault> {
    let scope = &view.scope;
    let mut faults = Vec::new();
    if let Some(since) = relation.since.filter(|since| since.first() > scope.as_of) {
        faults.push(Fault::new(format!("it begins only in {since}"), format!("--as-of {since}")));
    }
    if let Some(until) = relation.until.filter(|until| until.first() <= scope.as_of) {
        faults.push(Fault::new(format!("it ended by {until}"), format!("--as-of a day before {until}")));
    }
    match scope.status_of(relation) {
        Some(status) if !scope.status.contains(&status) => {
            let name = format!("{status:?}").to_lowercase();
            faults.push(Fault::new(
                format!("its status is {name}, which this scope does not count"),
                format!("--status with {name}"),
            ));
        }
        None => faults.push(Fault::new("it had no status yet on that day", "a later --as-of")),
        Some(_) => {}
    }
    if relation.evidence.confidence > scope.min_confidence {
        let name = format!("{:?}", relation.evidence.confidence).to_lowercase();
        faults.push(Fault::new(format!("its confidence is {name}"), format!("--min-confidence {name}")));
    }
    if scope.is_still_to_come(relation) {
        faults.push(Fault::new("its deliveries begin later", "a later --as-of"));
    }
    faults
}

/// What the customer's needs say against it.
fn no_need(view: &View<'_>, customer: EntityId, product: Option<ProductId>) -> Option<Fault> {
    let Some(product) = product else {
        return Some(Fault::new("the record names no product, so that it fills no need", "name its product"));
    };
    let record = view.graph.entity(customer);
    let kind = view.graph.kind_of(customer);
    let of_kind = view.graph.product(product).needed_by.get(&record.kind).filter(|_| !record.group);
    let name = &view.graph.product(product).name;
    match record.needs.get(&product).or(of_kind) {
        None => Some(Fault::new(
            format!("no need for {name} is declared for {} or its kind, {kind}", record.name),
            format!("needed_by with {kind}, or needs of {}", record.key),
        )),
        Some(Need::NotNeeded) => Some(Fault::new(
            format!("{} is declared not to need {name}", record.name),
            format!("needs of {}", record.key),
        )),
        Some(Need::Optional) => Some(Fault::new(
            format!("the need for {name} is optional: its loss costs no function"),
            "Essential or Important instead of Optional".to_string(),
        )),
        Some(Need::Essential | Need::Important(_)) => None,
    }
}

/// Whether the supplier carries no share of a need that counts.
fn no_share(
    network: &Network,
    customer: EntityId,
    supplier: EntityId,
    product: Option<ProductId>,
) -> Option<Fault> {
    let row = network.needs(customer).iter().find(|row| Some(row.product) == product)?;
    let named = network.suppliers(row).iter().any(|link| link.supplier == supplier);
    (!named).then(|| {
        Fault::new(
            "its share is unknown, and others' shares of the same need are known",
            "state its share_of_need or amount",
        )
    })
}
