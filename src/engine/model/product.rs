//! What flows along the chain.

use indexmap::IndexMap;

use super::{Measure, Place};

/// A good or service, and at the same time the market in which it is sold.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Product {
    /// The key that relations name.
    pub key: String,
    /// How it is called in tables and diagrams.
    pub name: String,
    /// What one of it is: `chip`, `wafer`, `MW`.
    pub unit: Option<String>,
    /// Where it stands in the chain: 0 is furthest upstream.
    pub tier: Option<f64>,
    /// The market whose shares stand in where this product has no survey of its own.
    pub market: Option<super::ProductId>,
    /// Time from order to delivery.
    pub lead_time: Option<Measure>,
    /// Stock that customers typically hold, in time of use.
    pub inventory: Option<Measure>,
    /// Which kinds of entity need it (by position in the list of kinds), and how.
    pub needed_by: IndexMap<usize, Need>,
    /// A remark for the reader.
    pub note: Option<String>,
    /// Where it is written.
    #[serde(skip)]
    pub place: Place,
}

/// How an entity needs a product.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub enum Need {
    /// Nothing works without it: the scarcest essential product binds.
    Essential,
    /// Losing all of it costs this share of the entity's function, 0 to 1.
    Important(f64),
    /// Its loss has no short-term effect.
    Optional,
    /// This entity does not use it although its kind does.
    NotNeeded,
}
