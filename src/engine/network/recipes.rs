//! Shares of cost that follow from what products are made of.

use std::collections::BTreeMap;

use super::{Network, Origin, build};
use crate::graph::Graph;
use crate::model::{Dimension, EntityId, ProductId};
use crate::scope::Scope;

/// By buyer and supplier the share of cost and the records that it comes from.
pub(super) type ByRecipe = BTreeMap<EntityId, BTreeMap<EntityId, (f64, Vec<Origin>)>>;

/// What an entity makes costs it inputs; who supplies those inputs is in its rows.
pub(super) fn by_recipe(graph: &Graph, scope: &Scope, network: &Network) -> ByRecipe {
    let mut rows = ByRecipe::new();
    let recipes = recipes(graph);
    if recipes.is_empty() {
        return rows;
    }
    let mut made: Vec<Vec<ProductId>> = vec![Vec::new(); graph.len()];
    for (product, vendors) in build::vendors(graph, scope).into_iter().enumerate() {
        let product = ProductId::new(product);
        if recipes.contains_key(&product) {
            for (vendor, _) in vendors {
                made[vendor.index()].push(product);
            }
        }
    }
    for entity in graph.entity_ids().filter(|id| !graph.entity(*id).group) {
        let met = |product: &&ProductId| {
            let inputs = recipes.get(*product).into_iter().flat_map(BTreeMap::keys);
            inputs.into_iter().any(|input| network.needs(entity).iter().any(|row| row.product == *input))
        };
        let products: Vec<&ProductId> = made[entity.index()].iter().filter(met).collect();
        for product in &products {
            let Some(recipe) = recipes.get(*product) else { continue };
            for (input, (share, origins)) in recipe {
                let Some(row) = network.needs(entity).iter().find(|row| row.product == *input) else {
                    continue;
                };
                for link in network.suppliers(row).iter().filter(|link| link.supplier != entity) {
                    let slot = rows.entry(entity).or_default().entry(link.supplier).or_default();
                    slot.0 += share * link.share / products.len() as f64;
                    slot.1.extend(origins.iter().chain(network.origins(link)));
                }
            }
        }
    }
    rows
}

type Recipe = BTreeMap<ProductId, (f64, Vec<Origin>)>;
/// Stated cost shares of one input of one product: whether of a variant, the share, the record.
type Stated = BTreeMap<(ProductId, ProductId), Vec<(bool, f64, Origin)>>;

/// Cost share of each input of each product: the record without a variant, or else the mean over variants.
fn recipes(graph: &Graph) -> BTreeMap<ProductId, Recipe> {
    let mut all = Stated::new();
    for (at, intensity) in graph.facts().intensities.iter().enumerate() {
        if intensity.amount.dimension == Dimension::Share
            && let Some(share) = intensity.amount.point()
        {
            let entry = (intensity.variant.is_some(), share, Origin::Intensity(at as u32));
            all.entry((intensity.product, intensity.input)).or_default().push(entry);
        }
    }
    let mut recipes: BTreeMap<ProductId, Recipe> = BTreeMap::new();
    for ((product, input), entries) in all {
        let general = entries.iter().any(|(variant, ..)| !variant);
        let used: Vec<_> = entries.into_iter().filter(|(variant, ..)| !(general && *variant)).collect();
        let mean = used.iter().map(|(_, share, _)| share).sum::<f64>() / used.len() as f64;
        let origins = used.into_iter().map(|(.., origin)| origin).collect();
        recipes.entry(product).or_default().insert(input, (mean, origins));
    }
    recipes
}
