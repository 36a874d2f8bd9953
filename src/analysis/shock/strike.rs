//! What a scenario does to a network: losses of entities and cuts of deliveries.

use std::collections::BTreeMap;

use super::super::{AnalysisError, View};
use crate::model::{EntityId, RelationId};
use crate::network::{Network, Origin};
use crate::propagation::functional::{Blow, Cuts};
use crate::scenario::{EffectKind, Hits, Link};

/// Losses and cuts, ready for the functional kernel.
#[derive(Clone, Debug)]
pub struct Struck {
    /// Share of function that each entity loses by the shocks themselves; several shocks on one multiply.
    pub losses: Vec<(EntityId, f64)>,
    /// Deliveries that are cut, where any is.
    pub cuts: Option<Cuts>,
    /// What was supposed: stable code and sentence.
    pub notes: Vec<(&'static str, String)>,
}

impl Struck {
    /// Lands hits on a network. Only losses count; a model refuses changes before.
    ///
    /// Cost: one pass over the network for each shock on deliveries.
    ///
    /// # Errors
    /// A cut of deliveries of which the network has none.
    pub fn new(view: &View<'_>, network: &Network, hits: &Hits) -> Result<Self, AnalysisError> {
        let mut struck = Self { losses: Vec::new(), cuts: None, notes: Vec::new() };
        let mut whole = Vec::new();
        for hit in &hits.entities {
            let Some(lost) = hit.size.lost() else { continue };
            if hit.kind == EffectKind::SupplyCut {
                // all that it delivers, to anyone
                whole.push(Link {
                    shock: hit.shock,
                    kind: hit.kind,
                    size: hit.size,
                    product: None,
                    suppliers: Some(BTreeMap::from([(hit.entity, 1.0)])),
                    customers: None,
                });
                continue;
            }
            match struck.losses.iter_mut().find(|(entity, _)| *entity == hit.entity) {
                Some((_, loss)) => *loss = 1.0 - (1.0 - *loss) * (1.0 - lost),
                None => struck.losses.push((hit.entity, lost)),
            }
        }
        if hits.links.is_empty() && hits.relations.is_empty() && whole.is_empty() {
            return Ok(struck);
        }
        let mut cuts = Cuts::none(network);
        for link in hits.links.iter().chain(&whole) {
            if !cut_links(network, link, &mut cuts) {
                let what = hits.words.get(link.shock).map_or("a shock", String::as_str);
                return Err(nothing(format!("no supply in this scope is hit where {what}")));
            }
        }
        let mut shared = 0;
        for hit in &hits.relations {
            let Some(lost) = hit.size.lost() else { continue };
            match cut_record(network, hit.relation, lost, &mut cuts) {
                Some(more) => shared += usize::from(more),
                None => {
                    let key = &view.graph.relation(hit.relation).key;
                    return Err(nothing(format!(
                        "no share of anybody's needs rests on {key} in this scope; `linchpin show {key}` tells what it is"
                    )));
                }
            }
        }
        if shared > 0 {
            let text = format!(
                "{shared} of the records that are cut share a supply with other records: each is taken as an equal part \
                 of it."
            );
            struck.notes.push(("shared-supply", text));
        }
        struck.cuts = Some(cuts);
        Ok(struck)
    }

    /// The same where everyone hit fails altogether and every cut is a full one.
    pub fn in_full(&self) -> Self {
        let full = |part: &f64| if *part > 0.0 { 1.0 } else { 0.0 };
        let mut worst = self.clone();
        worst.losses.iter_mut().for_each(|(_, loss)| *loss = 1.0);
        if let Some(cuts) = &mut worst.cuts {
            cuts.links.iter_mut().chain(cuts.rows.iter_mut()).for_each(|part| *part = full(part));
        }
        worst
    }

    /// The blow.
    pub fn blow(&self) -> Blow<'_> {
        Blow { losses: &self.losses, missing: &[], cuts: self.cuts.as_ref() }
    }
}

fn nothing(reason: String) -> AnalysisError {
    AnalysisError::Invalid { parameter: "scenario", reason }
}

/// Adds what one shock cuts; whether it meets anything at all.
fn cut_links(network: &Network, hit: &Link, cuts: &mut Cuts) -> bool {
    let Some(lost) = hit.size.lost() else { return true };
    let mut met = false;
    for (at, row) in network.rows().iter().enumerate() {
        // a shock on a product's supply from anywhere reaches the unknown supplier as well
        let whole = hit.part(None, row.entity, row.product);
        if whole > 0.0 {
            add(&mut cuts.rows, at, whole * lost);
            met = true;
            continue;
        }
        for (link, index) in network.suppliers(row).iter().zip(network.link_range(row)) {
            let part = hit.part(Some(link.supplier), row.entity, row.product);
            if part > 0.0 {
                add(&mut cuts.links, index, part * lost);
                met = true;
            }
        }
    }
    met
}

/// Adds what the loss of a record cuts: whether its supplies rest on other records too; `None` where there are none.
fn cut_record(network: &Network, record: RelationId, lost: f64, cuts: &mut Cuts) -> Option<bool> {
    let own = Origin::Relation(record);
    let (mut met, mut shared) = (false, false);
    for (index, link) in network.links().iter().enumerate() {
        let origins = network.origins(link);
        if origins.contains(&own) {
            let records = origins.iter().filter(|origin| matches!(origin, Origin::Relation(_))).count();
            add(&mut cuts.links, index, lost / records as f64);
            (met, shared) = (true, shared || records > 1);
        }
    }
    met.then_some(shared)
}

/// Cuts more of what is left.
fn add(cuts: &mut [f64], at: usize, lost: f64) {
    if let Some(cut) = cuts.get_mut(at) {
        *cut = 1.0 - (1.0 - *cut) * (1.0 - lost);
    }
}
