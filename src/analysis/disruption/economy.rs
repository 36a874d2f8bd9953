//! The needs of a graph as a chain with stocks.

use std::collections::BTreeMap;

use super::super::{AnalysisError, View};
use super::params::DaysOf;
use crate::graph::Graph;
use crate::model::{Detail, EntityId, Measure, Need, ProductId};
use crate::network::{NeedRow, Network, Origin, SupplyLink};
use crate::propagation::inventory::{Chain, ChainBuilder, Event, Fade, Hit};
use crate::scenario::{EffectKind, Hits, Recovery, Size};

/// A chain with stocks, and what its numbers stand for.
pub(in crate::analysis) struct Economy {
    /// Who supplies what to whom; firms are the entities of the graph, in their order.
    pub chain: Chain,
    /// Entity and product of each input.
    pub inputs: Vec<(EntityId, ProductId)>,
    /// How many inputs have their stock from the question, from the dataset, and from the general assumption.
    pub stocks: [usize; 3],
    /// Ties whose part of the supplier's output is stated, and those for which equal parts are assumed.
    pub sold: [usize; 2],
}

/// Least days of stock of what is stored: the day's own use and the next day's, which arrives today. With one day alone, a firm whose
/// orders follow its output would never order more than it just made do with, and no dip would ever end.
const LEAST: f64 = 2.0;

/// Days of stock of each product.
pub(in crate::analysis) struct Shelf {
    days: Vec<f64>,
    from: Vec<usize>,
    durable: Vec<bool>,
}

impl Shelf {
    /// Days of stock by product: as the question says, else as the dataset says, else the general assumption; times a
    /// factor, at least two days; 0 for what is used as it is made. What is durable is no input of a day.
    ///
    /// # Errors
    /// Unknown products and days that are no days.
    pub fn new(
        graph: &Graph,
        general: f64,
        stocks: &[DaysOf],
        durable: &[String],
        factor: f64,
    ) -> Result<Self, AnalysisError> {
        let invalid = |reason: String| AnalysisError::Invalid { parameter: "stock", reason };
        if !(general.is_finite() && general >= 0.0) {
            return Err(invalid(format!("{general} days: expected 0 or more")));
        }
        let mut stated: BTreeMap<ProductId, f64> = BTreeMap::new();
        for stock in stocks {
            let product = graph.find_product(&stock.key)?;
            if stated.insert(product, stock.days).is_some() {
                return Err(invalid(format!("{} is given twice", stock.key)));
            }
        }
        let mut stands = vec![false; graph.facts().products.len()];
        for key in durable {
            let product = graph.find_product(key)?;
            if stated.contains_key(&product) {
                return Err(invalid(format!("{key} is durable: expected no days of stock for it")));
            }
            if let Some(slot) = stands.get_mut(product.index()) {
                *slot = true;
            }
        }
        let (mut days, mut from) = (Vec::new(), Vec::new());
        for product in graph.product_ids() {
            let held = graph.product(product).inventory.as_ref().and_then(Measure::point);
            let (value, source) = match (stated.get(&product), held) {
                (Some(days), _) => (*days, 0),
                (None, Some(days)) => (days, 1),
                (None, None) => (general, 2),
            };
            days.push(if value == 0.0 { 0.0 } else { (value * factor).max(LEAST) });
            from.push(source);
        }
        Ok(Self { days, from, durable: stands })
    }

    /// Whether a shortage of a need tells within a run.
    pub fn counts(&self, row: &NeedRow) -> bool {
        row.binds() && !self.durable.get(row.product.index()).copied().unwrap_or(false)
    }
}

impl Economy {
    /// The chain of a view: a firm is an entity, an input a need that binds, and stocks are as the shelf says.
    ///
    /// # Errors
    /// Shares that sum to more than the whole.
    pub fn new(view: &View<'_>, network: &Network, shelf: &Shelf) -> Result<Self, AnalysisError> {
        let sold = Sold::new(view.graph, network, shelf);
        let mut builder = ChainBuilder::default();
        let (mut inputs, mut stocks) = (Vec::new(), [0; 3]);
        for entity in view.graph.entity_ids() {
            builder.firm();
            for row in network.needs(entity).iter().filter(|row| shelf.counts(row)) {
                let weight = match row.need {
                    Need::Important(weight) => Some(weight),
                    _ => None,
                };
                let at = row.product.index();
                builder.input(shelf.days.get(at).copied().unwrap_or(LEAST), weight);
                if let Some(count) = shelf.from.get(at).and_then(|from| stocks.get_mut(*from)) {
                    *count += 1;
                }
                inputs.push((entity, row.product));
                for link in network.suppliers(row) {
                    builder.link(link.supplier.index(), link.share, sold.part(view.graph, network, link));
                }
            }
        }
        let chain = builder.build().map_err(|error| AnalysisError::NoData(error.to_string()))?;
        Ok(Self { chain, inputs, stocks, sold: sold.counts })
    }

    /// What a scenario does to the chain, and what it carries in another form or not at all.
    pub fn events(&self, network: &Network, shelf: &Shelf, hits: &Hits) -> (Vec<Event>, Vec<String>) {
        let (mut events, mut notes) = (Vec::new(), Vec::new());
        let timed = |shock: usize, hit: Hit, size: f64| {
            let time = hits.shocks.get(shock);
            Event {
                hit,
                size,
                start: time.map_or(0.0, |time| time.start),
                days: time.and_then(|time| time.days),
                fade: fade(time.map_or(Recovery::Step, |time| time.recovery)),
            }
        };
        for hit in &hits.entities {
            let firm = hit.entity.index();
            match (hit.kind, hit.size) {
                (EffectKind::CapacityLoss | EffectKind::Failure, Size::Lost(lost)) => {
                    events.push(timed(hit.shock, Hit::Capacity(firm), lost));
                }
                (EffectKind::DemandChange, Size::Relative(change)) => {
                    events.push(timed(hit.shock, Hit::Demand(firm), change));
                }
                (EffectKind::PrimaryInputChange, Size::Relative(change)) if change <= 0.0 => {
                    events.push(timed(hit.shock, Hit::Capacity(firm), -change));
                    notes.push("less of a primary input is taken as less capacity".to_string());
                }
                (kind, _) => notes.push(format!("{kind} on an entity is not carried: it is left out")),
            }
        }
        for (input, (customer, product)) in self.inputs.iter().enumerate() {
            for link in self.chain.links_of(input) {
                let supplier = self.chain.supplier_of(link).map(EntityId::new);
                for cut in &hits.links {
                    let part = cut.part(supplier, *customer, *product);
                    if let (Some(lost), true) = (cut.size.lost(), part > 0.0) {
                        events.push(timed(cut.shock, Hit::Link(link), lost * part));
                    }
                }
            }
        }
        self.record_events(network, shelf, hits, &mut |shock, link, lost| {
            events.push(timed(shock, Hit::Link(link), lost));
        });
        notes.sort_unstable();
        notes.dedup();
        (events, notes)
    }

    /// Losses of records: of the ties that stand on them.
    fn record_events(
        &self,
        network: &Network,
        shelf: &Shelf,
        hits: &Hits,
        add: &mut impl FnMut(usize, usize, f64),
    ) {
        let rows: Vec<&NeedRow> = network.rows().iter().filter(|row| shelf.counts(row)).collect();
        for (input, row) in rows.iter().enumerate().take(self.inputs.len()) {
            for (link, tie) in self.chain.links_of(input).zip(network.suppliers(row)) {
                for hit in &hits.relations {
                    let stands = network.origins(tie).contains(&Origin::Relation(hit.relation));
                    if let (Some(lost), true) = (hit.size.lost(), stands) {
                        add(hit.shock, link, lost);
                    }
                }
            }
        }
    }
}

fn fade(recovery: Recovery) -> Fade {
    match recovery {
        Recovery::Step => Fade::Step,
        Recovery::Linear { days } => Fade::Linear(days),
        Recovery::Exponential { half_life } => Fade::Exponential(half_life),
        Recovery::Logistic { days } => Fade::Logistic(days),
    }
}

/// Which part of its output each supplier sells over a tie.
struct Sold {
    /// What each supplier's stated parts are to be divided by, and the equal part for ties without a statement.
    scale: Vec<(f64, f64)>,
    counts: [usize; 2],
}

impl Sold {
    /// Stated parts of output, or of revenue, are taken as they are (scaled down where they pass the whole). The rest goes
    /// in equal parts to the other known ties and, as one more, to customers who are not in the graph.
    fn new(graph: &Graph, network: &Network, shelf: &Shelf) -> Self {
        let mut stated = vec![0.0; network.len()];
        let mut silent = vec![0_usize; network.len()];
        let mut counts = [0; 2];
        for row in network.rows().iter().filter(|row| shelf.counts(row)) {
            for link in network.suppliers(row) {
                let at = link.supplier.index();
                match stated_part(graph, network, link) {
                    Some(part) => {
                        stated[at] += part;
                        counts[0] += 1;
                    }
                    None => {
                        silent[at] += 1;
                        counts[1] += 1;
                    }
                }
            }
        }
        let scale = stated.iter().zip(&silent).map(|(sum, silent)| {
            let left = (1.0 - sum).max(0.0);
            (sum.max(1.0), left / (*silent + 1) as f64)
        });
        Self { scale: scale.collect(), counts }
    }

    fn part(&self, graph: &Graph, network: &Network, link: &SupplyLink) -> f64 {
        let (divisor, equal) = self.scale.get(link.supplier.index()).copied().unwrap_or((1.0, 0.0));
        stated_part(graph, network, link).map_or(equal, |part| part / divisor)
    }
}

fn stated_part(graph: &Graph, network: &Network, link: &SupplyLink) -> Option<f64> {
    let part = |origin: &Origin| match origin {
        Origin::Relation(id) => match &graph.relation(*id).detail {
            Detail::Supplies { share_of_output, share_of_revenue, .. } => {
                share_of_output.as_ref().or(share_of_revenue.as_ref()).and_then(Measure::point)
            }
            _ => None,
        },
        _ => None,
    };
    network.origins(link).iter().find_map(part).filter(|part| (0.0..=1.0).contains(part))
}
