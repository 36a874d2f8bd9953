//! What is measured: a market with its vendors, a supplier with its customers, or a customer's need with its
//! suppliers.

use super::holders::{Holders, Stake};
use super::{Bounds, Concentration, Rest};
use crate::analysis::trail::{entity_cell, product_cell};
use crate::analysis::{AnalysisError, View};
use crate::answer::Cell;
use crate::model::{AttributeId, EntityId, ProductId};
use crate::network::{Network, Origin, Rung, Survey, surveys};

/// Shares of one whole before they are added up.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// What the first column shows.
    pub cell: Cell,
    /// Its name for people.
    pub name: String,
    /// Which survey, or what the shares are shares of.
    pub about: String,
    /// The product, where it is one.
    pub product: Option<ProductId>,
    pub stakes: Vec<Stake>,
    /// Whether groups stand beside the others and not over them.
    pub apart: bool,
    pub origins: Vec<Origin>,
    /// Shares worked out from sales.
    pub inferred: usize,
    /// How the weights of a need are known.
    pub rungs: [usize; 5],
    /// Other surveys of the same market.
    pub others: Vec<String>,
}

impl Subject {
    pub fn new(cell: Cell, name: &str, about: String, product: Option<ProductId>) -> Self {
        Self {
            cell,
            name: name.to_string(),
            about,
            product,
            stakes: Vec::new(),
            apart: true,
            origins: Vec::new(),
            inferred: 0,
            rungs: [0; 5],
            others: Vec::new(),
        }
    }
}

/// A subject, measured.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub subject: Subject,
    pub holders: Holders,
    pub bounds: Bounds,
    /// The same if the rest belongs to the largest that is listed.
    pub to_largest: f64,
    /// Shares of the single holders, scaled to add up to one, in the order of the holders.
    pub known: Vec<f64>,
}

impl Row {
    pub fn measure(ask: &Concentration, view: &View<'_>, mut subject: Subject) -> Self {
        let (product, apart) = (subject.product, subject.apart);
        let holders = Holders::new(view, ask.by, product, &mut subject.stakes, apart);
        let bounds = holders.bounds(ask.rest());
        let to_largest = holders.bounds(Rest::Largest).hhi_high;
        let points: Vec<f64> = holders.single().map(|holder| holder.part.point).collect();
        let known = super::family::renormalised(&points);
        Self { subject, holders, bounds, to_largest, known }
    }

    /// Stakes of single firms with their shares scaled to add up to one.
    pub fn firms(&self) -> (Vec<EntityId>, Vec<f64>) {
        let single = || self.subject.stakes.iter().filter(|stake| !stake.group && stake.point > 0.0);
        let points: Vec<f64> = single().map(|stake| stake.point).collect();
        (single().map(|stake| stake.entity).collect(), super::family::renormalised(&points))
    }
}

impl Concentration {
    /// The vendors of the markets that were asked for.
    pub(super) fn markets(&self, view: &View<'_>) -> Result<Vec<Subject>, AnalysisError> {
        let products: Vec<ProductId> = match &self.market {
            Some(market) if !self.all => vec![view.graph.find_product(market)?],
            _ => view.graph.product_ids().collect(),
        };
        let found: Vec<Subject> =
            products.into_iter().filter_map(|product| self.surveyed(view, product)).collect();
        if found.is_empty() {
            return Err(AnalysisError::NoData(self.no_survey(view)));
        }
        Ok(found)
    }

    fn surveyed(&self, view: &View<'_>, product: ProductId) -> Option<Subject> {
        let all = surveys(view.graph, &view.scope, product);
        let fits = |survey: &Survey| {
            let same = |asked: &Option<String>, own: &Option<String>| asked.is_none() || asked == own;
            let period = self.period.is_none() || survey.period.map(|p| p.to_string()) == self.period;
            same(&self.region, &survey.region) && same(&self.variant, &survey.variant) && period
        };
        let at = all.iter().position(fits)?;
        let survey = all.get(at)?;
        let name = &view.graph.product(product).name;
        let cell = product_cell(view.graph, product);
        let mut subject = Subject::new(cell, name, survey.describe(), Some(product));
        subject.stakes = survey
            .vendors
            .iter()
            .map(|vendor| Stake {
                entity: vendor.entity,
                low: vendor.range.low,
                point: vendor.share,
                high: vendor.range.high.unwrap_or(1.0),
                group: vendor.group,
            })
            .collect();
        subject.origins = survey.vendors.iter().map(|vendor| Origin::Relation(vendor.relation)).collect();
        subject.inferred = survey.vendors.iter().filter(|vendor| vendor.inferred).count();
        let rest = all.iter().enumerate().filter(|(i, _)| *i != at);
        subject.others = rest.map(|(_, survey)| survey.describe()).collect();
        Some(subject)
    }

    fn no_survey(&self, view: &View<'_>) -> String {
        let Some(product) = self.market.as_deref().and_then(|key| view.graph.find_product(key).ok()) else {
            return "no market of this dataset has shares in the scope".to_string();
        };
        let known: Vec<String> =
            surveys(view.graph, &view.scope, product).iter().map(Survey::describe).collect();
        let name = &view.graph.product(product).name;
        if known.is_empty() {
            let surveyed =
                view.graph.product_ids().filter(|p| !surveys(view.graph, &view.scope, *p).is_empty());
            let keys: Vec<_> = surveyed.map(|p| view.graph.product(p).key.clone()).collect();
            return format!(
                "no market shares for {name} in the scope; markets with shares: {}",
                keys.join(", ")
            );
        }
        format!("no such survey of {name}; there is: {}", known.join("; "))
    }

    /// The suppliers of each need of one entity.
    pub(super) fn needs(
        &self,
        view: &View<'_>,
        network: &Network,
        of: EntityId,
    ) -> Result<Vec<Subject>, AnalysisError> {
        let only = self.market.as_deref().map(|key| view.graph.find_product(key)).transpose()?;
        let customer = &view.graph.entity(of).name;
        let mut found = Vec::new();
        for row in network.needs(of).iter().filter(|row| only.is_none_or(|only| only == row.product)) {
            let links = network.suppliers(row);
            if links.is_empty() {
                continue;
            }
            let name = format!("{customer}'s need for {}", view.graph.product(row.product).name);
            let mut rungs = [0; 5];
            links.iter().for_each(|link| rungs[link.rung as usize] += 1);
            let about = rung_words(rungs);
            let cell = product_cell(view.graph, row.product);
            let mut subject = Subject::new(cell, &name, about, Some(row.product));
            subject.stakes = links
                .iter()
                .map(|link| Stake {
                    entity: link.supplier,
                    low: link.share,
                    point: link.share,
                    high: link.share,
                    group: view.graph.entity(link.supplier).group,
                })
                .collect();
            subject.origins = links.iter().flat_map(|link| network.origins(link).iter().copied()).collect();
            subject.rungs = rungs;
            found.push(subject);
        }
        if found.is_empty() {
            return Err(AnalysisError::NoData(format!("no supplier of {customer} is known in the scope")));
        }
        Ok(found)
    }
}

/// How the shares of a need are known.
fn rung_words(rungs: [usize; 5]) -> String {
    let parts = Rung::ALL.iter().zip(rungs).filter(|(_, count)| *count > 0);
    parts.map(|(rung, _)| rung.describe()).collect::<Vec<_>>().join(", ")
}

/// The attributes as records of a trail.
pub(super) fn attributes(ids: &[AttributeId]) -> Vec<Origin> {
    ids.iter().map(|id| Origin::Attribute(*id)).collect()
}

/// The cell of an entity.
pub(super) fn entity(view: &View<'_>, id: EntityId) -> Cell {
    entity_cell(view.graph, id)
}
