//! Who else could serve the customer, and what ties its work to the provider's own designs.

use super::Reading;
use super::field::Field;
use crate::answer::{Unit, format_unit};
use crate::model::{EntityId, Interval};
use crate::network::{Origin, market_of};

/// Share of a market from which another vendor counts as an alternative.
const ABLE: f64 = 0.05;
/// The product whose designs bind where none is named.
const TECHNOLOGY: &str = "ai-accelerator";

impl Reading<'_, '_> {
    pub fn alternatives(&self) -> [Field; 2] {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let survey = self.products().into_iter().find_map(|product| market_of(graph, scope, product));
        let threshold = self.params.fewest_alternatives;
        let Some(survey) = survey else {
            let field = |name, unit| {
                Field::new(name, unit, None, "the market has no survey")
                    .unknown(["shares of the market's vendors".to_string()])
            };
            return [
                field("alternatives", Unit::Count).below(threshold),
                field("concentration of alternatives", Unit::Hhi),
            ];
        };
        let owner = graph.ultimate_owner(self.pair.provider, scope);
        let own = |vendor: EntityId| graph.ultimate_owner(vendor, scope) == owner;
        let others: Vec<_> =
            survey.vendors.iter().filter(|vendor| !vendor.group && !own(vendor.entity)).collect();
        let able: Vec<_> = others.iter().filter(|vendor| vendor.share >= ABLE).collect();
        let names: Vec<_> = able.iter().map(|vendor| graph.entity(vendor.entity).name.clone()).collect();
        let provider: f64 =
            survey.vendors.iter().filter(|v| !v.group && own(v.entity)).map(|v| v.share).sum();
        let known: f64 = others.iter().map(|vendor| vendor.share).sum();
        let unlisted = (1.0 - provider - known).max(0.0);
        let market = format!("{} ({})", graph.product(survey.product).name, survey.describe());
        let basis = format!(
            "vendors with {} or more of {market}: {}",
            format_unit(ABLE, Unit::Share),
            if names.is_empty() { "none listed".to_string() } else { names.join(", ") },
        );
        let rest = (unlisted > 0.005)
            .then(|| format!("who has the other {} of the market", format_unit(unlisted, Unit::Share)));
        let records = || survey.vendors.iter().map(|vendor| Origin::Relation(vendor.relation));
        let more = (unlisted / ABLE).floor();
        let range = Interval { low: able.len() as f64, high: Some(able.len() as f64 + more) };
        let alternatives = Field::new("alternatives", Unit::Count, Some(range), basis)
            .below(threshold)
            .unknown(rest.clone())
            .rests_on(records());
        let all = known + unlisted;
        let squares: f64 = others.iter().map(|vendor| (vendor.share / all).powi(2)).sum();
        let hhi = (all > 0.0)
            .then(|| Interval { low: squares * 1e4, high: Some((squares + (unlisted / all).powi(2)) * 1e4) });
        let basis = format!(
            "HHI (0 to 10,000) of {market} without the provider; the unlisted rest as many or as one"
        );
        let concentration = Field::new("concentration of alternatives", Unit::Hhi, hhi, basis)
            .unknown(rest)
            .rests_on(records());
        [alternatives, concentration]
    }

    pub fn proprietary(&self) -> Field {
        let (graph, scope) = (self.view.graph, &self.view.scope);
        let key = self.params.technology.as_deref().unwrap_or(TECHNOLOGY);
        let name = "proprietary share";
        let portable = || "which of the customer's work runs on designs that others do not offer".to_string();
        let Ok(product) = graph.find_product(key) else {
            let basis = format!("the dataset has no product {key} (--technology)");
            return Field::new(name, Unit::Share, None, basis)
                .above(self.params.proprietary_threshold)
                .unknown([portable()]);
        };
        let owner = graph.ultimate_owner(self.pair.provider, scope);
        let mut best: Option<(Interval, String, Vec<Origin>)> = None;
        for provider in graph.entity_ids().filter(|id| self.in_group(*id)) {
            let needs = self.network.needs(provider).iter();
            for row in needs.filter(|row| row.product == product) {
                let links: Vec<_> = self
                    .network
                    .suppliers(row)
                    .iter()
                    .filter(|link| graph.ultimate_owner(link.supplier, scope) == owner)
                    .collect();
                let own: f64 = links.iter().map(|link| link.share).sum();
                if own > best.as_ref().map_or(0.0, |(range, ..)| range.low) {
                    let basis = format!(
                        "part of {}'s {} that is its group's own design: what the customer runs there is built for it in \
                         proportion (a proxy)",
                        graph.entity(provider).name,
                        graph.product(product).name
                    );
                    let range = Interval { low: own, high: Some((own + 1.0 - row.known).min(1.0)) };
                    let records = links.iter().flat_map(|link| self.network.origins(link).iter().copied());
                    best = Some((range, basis, records.collect()));
                }
            }
        }
        let (range, basis, records) = match best {
            Some((range, basis, records)) => (Some(range), basis, records),
            None => (None, "own designs of the provider are not known".to_string(), Vec::new()),
        };
        Field::new(name, Unit::Share, range, basis)
            .above(self.params.proprietary_threshold)
            .unknown([portable()])
            .rests_on(records)
    }
}
