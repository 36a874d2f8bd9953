//! What-ifs: small patches as an analyst writes them, to be reviewed line by line. Plain data; `dataset/patch`
//! makes another list of facts of them.
//!
//! ```ron
//! (
//!     title: "The Amazon-Anthropic commitment is halved",
//!     changes: [Scale(relation: "anthropic-aws-commitment-2026", by: 0.5)],
//! )
//! ```

mod told;

pub use told::{Telling, Told, ron_options};

use serde::{Deserialize, Serialize};

use crate::model::{Need, Status};

/// A patch: changes in the order in which they are made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WhatIf {
    /// A heading, as "AWS shifts 30 % of its accelerators to Trainium".
    pub title: String,
    /// What the supposition rests on, for the reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What is changed; at least one.
    pub changes: Vec<Change>,
}

/// A patch by its name, or written out.
pub type WhatIfSpec = Told<WhatIf>;

impl Told<WhatIf> {
    /// The heading; nothing where only a name is known.
    pub fn title(&self) -> Option<&str> {
        match self {
            Self::Named(_) => None,
            Self::Inline(what_if, _) => Some(&what_if.title),
        }
    }
}

impl Telling for WhatIf {
    const NOUN: &'static str = "what-if";
    const EXAMPLE: &'static str = "(title: \"…\", changes: […])";
}

/// One change to a dataset. Keys are those of the dataset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub enum Change {
    /// Takes an entity away, with all its relations and attributes.
    RemoveEntity(String),
    /// Takes a relation away; its tranches stand for themselves then.
    RemoveRelation(String),
    /// Multiplies the sizes of a relation: amounts, quantities and shares, not times or the take-or-pay part.
    Scale {
        /// The relation.
        relation: String,
        /// The factor, above 0.
        by: f64,
    },
    /// Moves part of what one supplier delivers to another supplier: the sizes of its supplies and hosting, and of the
    /// commitments made to it.
    Redirect {
        /// What is delivered.
        product: String,
        /// Who delivers less.
        from: String,
        /// Who delivers more.
        to: String,
        /// The customer; every customer where absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        customer: Option<String>,
        /// The part that moves, above 0 and at most 1.
        share: f64,
    },
    /// Adds records, written as in a dataset.
    Add(Box<Added>),
    /// Two entities become one: what the first has and does is the second's. Sizes of relations of one kind add.
    Merge {
        /// Who disappears.
        entity: String,
        /// Who takes over.
        into: String,
    },
    /// A deal's status becomes another, whatever the day.
    SetStatus {
        /// The relation.
        relation: String,
        /// The status.
        status: Status,
    },
    /// How an entity, or each of a kind, needs a product.
    SetNeed {
        /// The entity; it or the kind.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        entity: Option<String>,
        /// The kind of entity.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        kind: Option<String>,
        /// The product.
        product: String,
        /// The degree of need.
        need: Degree,
    },
}

/// Records to add, each section as a dataset's file writes it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Added {
    /// Documents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sources: Option<Raw>,
    /// Products.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub products: Option<Raw>,
    /// Entities.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entities: Option<Raw>,
    /// Relations.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relations: Option<Raw>,
    /// Attributes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Raw>,
}

impl Added {
    /// The sections that are given, by name.
    pub fn sections(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("sources", &self.sources),
            ("products", &self.products),
            ("entities", &self.entities),
            ("relations", &self.relations),
            ("attributes", &self.attributes),
        ];
        all.into_iter().filter_map(|(name, raw)| Some((name, raw.as_ref()?.0.as_str()))).collect()
    }
}

/// RON as it is written, read later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Raw(pub String);

impl Serialize for Raw {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw = ron::value::RawValue::from_ron(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<ron::value::RawValue>::deserialize(deserializer)?;
        Ok(Self(raw.get_ron().trim().to_string()))
    }
}

/// A degree of need, as a dataset writes it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub enum Degree {
    /// Nothing works without it.
    Essential,
    /// Losing all of it costs this share of function, 0 to 1.
    Important(f64),
    /// Its loss has no short-term effect.
    Optional,
    /// It is not used.
    NotNeeded,
}

impl From<Degree> for Need {
    fn from(degree: Degree) -> Self {
        match degree {
            Degree::Essential => Self::Essential,
            Degree::Important(weight) => Self::Important(weight),
            Degree::Optional => Self::Optional,
            Degree::NotNeeded => Self::NotNeeded,
        }
    }
}
