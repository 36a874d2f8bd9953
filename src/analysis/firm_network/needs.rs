//! Needs of products and known payments → a network of firms that may each sell several products.
//!
//! Downstream a firm loses with the suppliers' shares of what it needs; upstream it loses with its customers' parts of its
//! revenue, as far as both are known.

use std::collections::{BTreeMap, BTreeSet};

use super::{CascadeOptions, EssentialityRule, FirmNetwork, MarketRule, Slots};
use crate::analysis::trail::{Trail, say_weights};
use crate::analysis::{AnalysisError, View};
use crate::answer::Answer;
use crate::model::{
    AttributeKind, AttributeSubject, Detail, EntityId, Measure, Need, ProductId, RelationType,
};
use crate::network::{Flows, Layer, Network};
use crate::propagation::esri::{Input, Mode, Offer, Supply, System, Want};

/// Years over which what is paid once is spread, and the term of commitments that state none.
const SPREAD: f64 = 5.0;

pub(super) fn build(
    view: &View<'_>,
    options: &CascadeOptions,
    mode: Mode,
) -> Result<FirmNetwork, AnalysisError> {
    let invalid = |parameter, reason: &str| AnalysisError::Invalid { parameter, reason: reason.to_string() };
    if options.essentiality.is_some_and(|rule| rule != EssentialityRule::File) {
        return Err(invalid(
            "essentiality",
            "this dataset's products say who needs them and how; expected file",
        ));
    }
    if options.finals.is_some() {
        return Err(invalid(
            "finals",
            "only tables of firms have revenue and costs; here known revenue always counts",
        ));
    }
    let network = Network::build(view.graph, &view.scope);
    let mut made = Made::default();
    made.supplies(view, &network, options.market.unwrap_or_default());
    let (sales, upstream) = made.wants(view);
    if made.supplies.is_empty() && made.wants.is_empty() {
        let text = "nobody is known to need what another supplies, and no payment is known against a revenue: there is nothing to \
                    carry a shock along";
        return Err(AnalysisError::NoData(text.to_string()));
    }
    let (sales, inside) = beside_subsidiaries(view, sales);
    let known = sales.iter().filter(|sales| **sales > 0.0).count();
    let equal = vec![1.0; view.graph.len()];
    let (names, weights) = if known > 0 {
        (vec!["known sales".to_string(), "equal".to_string()], vec![sales, equal])
    } else {
        (vec!["equal".to_string()], vec![equal])
    };
    let mut notes = upstream;
    let all = view.graph.len();
    let text = match known {
        0 => "No sales are known: every entity weighs the same in the index.".to_string(),
        _ => format!(
            "Weighted by known sales, which {known} of {all} entities have; the others count nothing in the index."
        ),
    };
    notes.push(("index-weights", text, Some(all - known)));
    if inside > 0 {
        let text = format!(
            "{inside} owners weigh by what their sales exceed those of the businesses that they control, so that nothing counts twice."
        );
        notes.push(("owners-net", text, Some(inside)));
    }
    let text = "Part of a need whose supplier is unknown, and part of a revenue whose customer is unknown, go on as normal: \
                losses are lower bounds.";
    notes.push(("unknown-parts", text.to_string(), None));
    let mut said = Answer::new("", "", "");
    say_weights(&mut said, &network, network.rungs(|row| row.binds()));
    let system = Input {
        firms: all,
        offers: made.offers,
        markets: made.markets,
        supplies: made.supplies,
        wants: made.wants,
        weights,
    };
    let system = System::new(system).map_err(|error| AnalysisError::NoData(error.to_string()))?;
    let groups = view.graph.entity_ids().filter(|id| view.graph.entity(*id).group).count();
    if groups > 0 {
        let text =
            format!("{groups} groups of firms supply and buy like one firm; as such they are not ranked.");
        notes.push(("groups", text, Some(groups)));
    }
    let notes = notes.into_iter().chain(said.caveats.into_iter().filter_map(|caveat| {
        // the network's own words, under their own code
        (caveat.code == "weights").then_some(("weights", caveat.text, caveat.count))
    }));
    Ok(FirmNetwork {
        system,
        mode,
        members: view.graph.entity_ids().filter(|id| !view.graph.entity(*id).group).collect(),
        weights: names,
        slots: Slots::Products,
        notes: notes.collect(),
        trail: made.trail,
    })
}

/// Sales of owners without those of the businesses that they control in the end, and how many owners that concerns.
fn beside_subsidiaries(view: &View<'_>, sales: Vec<f64>) -> (Vec<f64>, usize) {
    let mut net = sales.clone();
    let mut owners = BTreeSet::new();
    for id in view.graph.entity_ids() {
        let owner = view.graph.ultimate_owner(id, &view.scope);
        if owner != id && sales[id.index()] > 0.0 && sales[owner.index()] > 0.0 {
            net[owner.index()] = (net[owner.index()] - sales[id.index()]).max(0.0);
            owners.insert(owner);
        }
    }
    (net, owners.len())
}

/// The parts of a system as they are found.
#[derive(Default)]
struct Made {
    offers: Vec<Offer>,
    markets: Vec<f64>,
    supplies: Vec<Supply>,
    wants: Vec<Want>,
    trail: Trail,
}

type Notes = Vec<(&'static str, String, Option<usize>)>;

impl Made {
    /// Suppliers' shares of needs. An offer is what one entity sells of one product.
    fn supplies(&mut self, view: &View<'_>, network: &Network, rule: MarketRule) {
        let rows = || network.rows().iter().filter(|row| row.binds());
        let mut offered: BTreeMap<(EntityId, ProductId), u32> = BTreeMap::new();
        for row in rows() {
            for link in network.suppliers(row) {
                offered.insert((link.supplier, row.product), 0);
            }
        }
        let mut market_of: BTreeMap<ProductId, u32> = BTreeMap::new();
        if rule == MarketRule::Sector {
            for product in view.graph.product_ids().filter(|product| network.market(*product).surveyed) {
                market_of.insert(product, self.markets.len() as u32);
                self.markets.push(network.market(product).unlisted.max(0.0));
            }
        }
        // vendors of the survey that supply nobody in the network count in their market all the same
        for product in market_of.keys() {
            for vendor in &network.market(*product).vendors {
                offered.insert((vendor.entity, *product), 0);
            }
        }
        for (at, ((firm, product), position)) in offered.iter_mut().enumerate() {
            *position = at as u32;
            let vendors = &network.market(*product).vendors;
            let listed = vendors.iter().find(|vendor| vendor.entity == *firm);
            let market = market_of.get(product).copied().filter(|_| listed.is_some());
            let size = listed.filter(|_| market.is_some()).map_or(0.0, |vendor| vendor.share.max(0.0));
            self.offers.push(Offer { firm: firm.0, market, size });
        }
        for row in rows() {
            for link in network.suppliers(row) {
                let Some(offer) = offered.get(&(link.supplier, row.product)) else { continue };
                let (slot, factor) = match row.need {
                    Need::Important(weight) => (0, weight * link.share),
                    _ => (row.product.0 + 1, link.share),
                };
                self.supplies.push(Supply { offer: *offer, customer: row.entity.0, slot, factor });
                self.trail.link(network, row, link);
            }
        }
    }

    /// Customers' parts of revenue: stated ones, else known payments a year against the known revenue. Known sales, and what
    /// was supposed.
    fn wants(&mut self, view: &View<'_>) -> (Vec<f64>, Notes) {
        let (graph, scope) = (view.graph, &view.scope);
        let flows = Flows::collect(graph, scope, SPREAD, SPREAD, false);
        let mut paid: BTreeMap<(EntityId, EntityId), f64> = BTreeMap::new();
        let mut received = vec![0.0; graph.len()];
        for payment in flows.payments.iter().filter(|payment| matches!(payment.layer, Layer::Product(_))) {
            *paid.entry((payment.to, payment.from)).or_default() += payment.amount;
            received[payment.to.index()] += payment.amount;
            if let Some(relation) = payment.relation {
                self.trail.relation(relation);
            }
        }
        let mut stated: BTreeMap<(EntityId, EntityId), f64> = BTreeMap::new();
        for (id, relation) in graph.in_scope(scope, RelationType::Supplies) {
            let Detail::Supplies { share_of_revenue, .. } = &relation.detail else { continue };
            let share = share_of_revenue.as_ref().and_then(Measure::point);
            if let (Some(share), Some(customer)) = (share, relation.to)
                && !graph.is_inside_total_of_pair(relation, scope)
            {
                let known = stated.entry((relation.from, customer)).or_default();
                *known = known.max(share);
                self.trail.relation(id);
            }
        }
        let revenue = |id: EntityId| {
            let of = AttributeSubject::Entity(id);
            let (at, attribute) = graph.latest_attribute(of, &AttributeKind::Revenue, None, scope.as_of)?;
            Some((at, graph.usd_point(attribute.value.as_ref()?, scope.as_of)? / attribute.per_years?))
        };
        let (mut sales, mut without) = (received.clone(), Vec::new());
        for id in graph.entity_ids() {
            match revenue(id) {
                Some((attribute, revenue)) => {
                    self.trail.attribute(attribute);
                    sales[id.index()] = sales[id.index()].max(revenue);
                }
                None if received[id.index()] > 0.0 => without.push(id),
                None => {}
            }
        }
        let mut parts: BTreeMap<(EntityId, EntityId), f64> = BTreeMap::new();
        for ((supplier, customer), amount) in &paid {
            let has_revenue = without.binary_search(supplier).is_err();
            if has_revenue && !stated.contains_key(&(*supplier, *customer)) && supplier != customer {
                parts.insert((*supplier, *customer), amount / sales[supplier.index()]);
            }
        }
        parts.extend(stated);
        let mut sums = vec![0.0; graph.len()];
        for ((supplier, _), part) in &parts {
            sums[supplier.index()] += part;
        }
        for ((supplier, customer), part) in parts.iter().filter(|(_, part)| **part > 0.0) {
            let factor = part / sums[supplier.index()].max(1.0);
            self.wants.push(Want { supplier: supplier.0, customer: customer.0, factor });
        }
        let mut notes = Notes::new();
        let known = sums.iter().filter(|sum| **sum > 0.0).count();
        let text = format!(
            "Lost customers are felt by {known} of {} entities: those of which customers' parts of revenue are known, for {} customers in all.",
            graph.len(),
            self.wants.len()
        );
        notes.push(("known-customers", text, Some(known)));
        if !without.is_empty() {
            let names: Vec<&str> = without.iter().take(5).map(|id| graph.entity(*id).name.as_str()).collect();
            let text = format!(
                "{} entities have known sales but no known revenue, so that no customer's part is known and lost customers do not \
                 reach them: {}{}.",
                without.len(),
                names.join(", "),
                if without.len() > names.len() { " and others" } else { "" }
            );
            notes.push(("no-revenue", text, Some(without.len())));
        }
        let scaled = sums.iter().filter(|sum| **sum > 1.0 + 1e-9).count();
        if scaled > 0 {
            let text = format!(
                "For {scaled} entities the customers' parts of revenue add up to more than all; they are scaled down."
            );
            notes.push(("scaled-customers", text, Some(scaled)));
        }
        (sales, notes)
    }
}
