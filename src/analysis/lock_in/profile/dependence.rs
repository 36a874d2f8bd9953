//! Who needs whom: shares of spending and of revenue, both ways.

use super::field::Field;
use super::{Figure, Reading, quotient};
use crate::answer::Unit;
use crate::model::{AttributeKind, Detail, Interval, Rung};
use crate::network::{Origin, SupplyLink};

/// The field that says how far the customer depends.
pub const SPEND_SHARE: &str = "spend share";
/// The field that says how much of its revenue the customer has promised away.
pub const PRE_ALLOCATED: &str = "customer's revenue pre-allocated";
/// The field that says how far the provider does.
pub const PROVIDER: &str = "provider's dependence on the customer";

impl Reading<'_, '_> {
    pub fn spend_share(&self) -> Field {
        for product in self.products() {
            let needs = self.network.needs(self.pair.customer);
            let Some(row) = needs.iter().find(|row| row.product == product) else { continue };
            let links: Vec<_> =
                self.network.suppliers(row).iter().filter(|link| self.in_group(link.supplier)).collect();
            let share: f64 = links.iter().map(|link| link.share).sum();
            if share <= 0.0 {
                continue;
            }
            let rung = links.iter().map(|link| link.rung).max().map_or("", |rung| rung.describe());
            let name = &self.view.graph.product(product).name;
            let ours = |link: &&SupplyLink| self.in_group(link.supplier);
            let least = |own: bool| {
                let links = self.network.suppliers(row).iter().filter(|link| ours(link) == own);
                links.map(|link| self.least(link)).sum::<f64>()
            };
            let range = Interval { low: least(true), high: Some((1.0 - least(false)).clamp(share, 1.0)) };
            let basis = format!("share of {name}, {rung}; the unknown rest may be the provider's too");
            let rest = (row.known < 1.0 - 1e-9).then(|| format!("who supplies the rest of {name}"));
            let records = links.iter().flat_map(|link| self.network.origins(link).iter().copied());
            return Field::new(SPEND_SHARE, Unit::Share, Some(range), basis)
                .above(self.params.spend_threshold)
                .unknown(rest)
                .rests_on(records.collect::<Vec<_>>());
        }
        Field::new(SPEND_SHARE, Unit::Share, None, "no share of any need is known")
            .above(self.params.spend_threshold)
            .unknown(["the customer's need that the provider covers".to_string()])
    }

    /// The least that the source of a stated share allows; other shares are taken as they are.
    fn least(&self, link: &SupplyLink) -> f64 {
        let stated = |origin: &Origin| {
            let Origin::Relation(id) = origin else { return None };
            match &self.view.graph.relation(*id).detail {
                Detail::Supplies { share_of_need: Some(share), .. } => Some(share.interval().low),
                _ => None,
            }
        };
        let origins = self.network.origins(link).iter().filter(|_| link.rung == Rung::Stated);
        origins.filter_map(stated).fold(link.share, f64::min)
    }

    pub fn committed_share(&self) -> Field {
        let cost = self.figure(self.pair.customer, &AttributeKind::Cost, true);
        let derived = self.derived(cost, |totals, cost| quotient(totals.annual?, cost?));
        let basis = "a year's commitment over the customer's latest yearly cost";
        Field::derived("committed share of cost", Unit::Share, derived, basis)
            .above(0.5)
            .unknown(cost.is_none().then(|| "the customer's yearly cost".to_string()))
            .unknown(self.unpriced())
            .rests_on(self.commitments().into_iter().chain(cost.map(Figure::origin)))
    }

    pub fn customer_revenue(&self) -> Field {
        let revenue = self.figure(self.pair.customer, &AttributeKind::Revenue, true);
        let derived = self.derived(revenue, |totals, revenue| quotient(totals.annual?, revenue?));
        let basis = "a year's commitment over the customer's latest revenue at a yearly rate; above 1: more than it earns";
        Field::derived(PRE_ALLOCATED, Unit::Share, derived, basis)
            .above(self.params.revenue_threshold)
            .unknown(revenue.is_none().then(|| "the customer's revenue".to_string()))
            .unknown(self.unpriced())
            .rests_on(self.commitments().into_iter().chain(revenue.map(Figure::origin)))
    }

    pub fn provider_dependence(&self) -> Field {
        let revenue = self.figure_of_provider(&AttributeKind::Revenue, true);
        let derived = self.derived(revenue, |totals, revenue| {
            let range = quotient(totals.annual?, revenue?)?;
            Some(Interval {
                low: range.low.min(1.0),
                high: Some(range.high.map_or(1.0, |high| high.min(1.0))),
            })
        });
        let basis = match revenue {
            Some(figure) => {
                let name = &self.view.graph.entity(figure.of).name;
                format!("a year's commitment over the revenue of {name} at a yearly rate")
            }
            None => "a year's commitment over the provider's revenue at a yearly rate".to_string(),
        };
        Field::derived(PROVIDER, Unit::Share, derived, basis)
            .unknown(revenue.is_none().then(|| "the provider's revenue".to_string()))
            .unknown(self.unpriced())
            .rests_on(self.commitments().into_iter().chain(revenue.map(Figure::origin)))
    }
}

/// Both dependences together: their sum, their difference and their geometric mean.
pub fn mutual(customer: &Field, provider: &Field) -> [Field; 3] {
    let both = customer.range.zip(provider.range).map(|(a, b)| {
        let (a_high, b_high) = (a.high.unwrap_or(1.0), b.high.unwrap_or(1.0));
        [
            Interval { low: a.low + b.low, high: Some(a_high + b_high) },
            Interval { low: a.low - b_high, high: Some(a_high - b.low) },
            Interval { low: (a.low * b.low).sqrt(), high: Some((a_high * b_high).sqrt()) },
        ]
    });
    let [sum, difference, mean] = match both {
        Some(ranges) => ranges.map(Some),
        None => [None; 3],
    };
    let field = |name, unit, range, basis: &str| {
        Field::new(name, unit, range, basis)
            .unknown(customer.unknowns.iter().chain(&provider.unknowns).cloned())
            .rests_on(customer.records.iter().chain(&provider.records).copied())
    };
    [
        field("mutual dependence", Unit::Number, sum, "spend share plus the provider's dependence, 0 to 2"),
        field(
            "imbalance of dependence",
            Unit::Number,
            difference,
            "spend share less the provider's dependence: positive where the customer is the weaker side",
        ),
        field(
            "mutual lock-in",
            Unit::Share,
            mean,
            "geometric mean of spend share and the provider's dependence: high only where both are",
        ),
    ]
}
