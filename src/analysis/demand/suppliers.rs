//! Who would sell what a demand takes, and what the bills do not say.

use std::collections::{BTreeMap, BTreeSet};

use super::walk::Walk;
use crate::analysis::View;
use crate::model::{EntityId, Need, ProductId};
use crate::network::{Network, Origin, market_of};

/// One supplier's share of an input.
#[derive(Clone, Debug)]
pub(super) struct Share {
    /// `None` for vendors that nobody names.
    pub supplier: Option<EntityId>,
    pub share: f64,
    pub basis: Basis,
    pub origins: Vec<Origin>,
}

/// Where a share was taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Basis {
    /// The needs of the provider that was named.
    Provider,
    /// The latest survey of the market.
    Market,
    /// Equal parts of all known vendors: an assumption.
    Equal,
}

impl Basis {
    pub fn describe(self) -> &'static str {
        match self {
            Self::Provider => "needs of the provider",
            Self::Market => "market share",
            Self::Equal => "equal split (assumed)",
        }
    }
}

/// Who sells a product: as the provider buys it, else by market share, else all known vendors alike.
pub(super) fn shares(
    view: &View<'_>,
    network: &Network,
    provider: Option<EntityId>,
    product: ProductId,
) -> Vec<Share> {
    let own = provider.and_then(|provider| network.needs(provider).iter().find(|row| row.product == product));
    let mut all: Vec<Share> = Vec::new();
    if let Some(row) = own {
        all.extend(network.suppliers(row).iter().map(|link| Share {
            supplier: Some(link.supplier),
            share: link.share,
            basis: Basis::Provider,
            origins: network.origins(link).to_vec(),
        }));
    } else if let Some(survey) = market_of(view.graph, &view.scope, product) {
        all.extend(survey.vendors.iter().filter(|vendor| vendor.share > 0.0).map(|vendor| Share {
            supplier: Some(vendor.entity),
            share: vendor.share,
            basis: Basis::Market,
            origins: vec![Origin::Relation(vendor.relation)],
        }));
    } else {
        let vendors = &network.market(product).vendors;
        all.extend(vendors.iter().map(|vendor| Share {
            supplier: Some(vendor.entity),
            share: vendor.share,
            basis: Basis::Equal,
            origins: Vec::new(),
        }));
    }
    let rest = 1.0 - all.iter().map(|share| share.share).sum::<f64>();
    if let Some(first) = all.first()
        && rest > 1e-9
    {
        let basis = first.basis;
        all.push(Share { supplier: None, share: rest, basis, origins: Vec::new() });
    }
    all
}

/// Products that the makers of a product need and that nothing on the walk says how much of: by product.
pub(super) fn unstated(
    view: &View<'_>,
    network: &Network,
    walk: &Walk,
) -> BTreeMap<ProductId, Vec<ProductId>> {
    let mut all = BTreeMap::new();
    for product in walk.levels.keys() {
        let survey = market_of(view.graph, &view.scope, *product);
        let listed = survey.iter().flat_map(|survey| survey.vendors.iter().map(|vendor| vendor.entity));
        let makers: BTreeSet<EntityId> =
            listed.chain(network.market(*product).vendors.iter().map(|vendor| vendor.entity)).collect();
        let kinds: BTreeSet<usize> = makers.iter().map(|id| view.graph.entity(*id).kind).collect();
        let stated: BTreeSet<ProductId> =
            walk.steps.iter().filter(|step| step.product == *product).map(|step| step.input).collect();
        let said = |input: &ProductId| stated.contains(input) || walk.levels.contains_key(input);
        let needed = |input: &ProductId| {
            let by = &view.graph.product(*input).needed_by;
            kinds.iter().any(|kind| matches!(by.get(kind), Some(Need::Essential | Need::Important(_))))
        };
        let missing: Vec<ProductId> = view
            .graph
            .product_ids()
            .filter(|input| input != product && needed(input) && !said(input))
            .collect();
        if !missing.is_empty() {
            all.insert(*product, missing);
        }
    }
    all
}
