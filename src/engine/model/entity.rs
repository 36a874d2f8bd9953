//! Who acts in the economy.

use indexmap::IndexMap;

use super::{Need, Place, ProductId};

/// A sort of entity, declared by the dataset: `lab`, `cloud`, `foundry`.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Kind {
    /// The key that entities and products name.
    pub key: String,
    /// How it is called in tables and diagrams.
    pub name: String,
    /// Where it stands in a supply map by default: 0 is furthest upstream.
    pub tier: Option<f64>,
}

/// A lab, cloud, chip designer, foundry, site, power producer, investor, regulator, or a variable of a
/// causal diagram.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Entity {
    /// The key that relations name.
    pub key: String,
    /// How it is called in tables and diagrams.
    pub name: String,
    /// Position of its kind in the graph's list of kinds.
    pub kind: usize,
    /// Country of the legal seat, as an ISO 3166 two-letter code.
    pub seat: Option<String>,
    /// Countries where it produces, as ISO 3166 two-letter codes.
    pub production: Vec<String>,
    /// An aggregate such as "Japanese makers": never squared as if it were one firm.
    pub group: bool,
    /// Keys of the members of a group, as far as they are entities of the dataset.
    pub members: Vec<super::EntityId>,
    /// What this entity needs, where it differs from its kind.
    pub needs: IndexMap<ProductId, Need>,
    /// Where it stands in a supply map, where that differs from its kind's tier.
    pub tier: Option<f64>,
    /// A remark for the reader.
    pub note: Option<String>,
    /// Where it is written.
    #[serde(skip)]
    pub place: Place,
}
