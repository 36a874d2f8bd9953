//! What a row rests on, while it is put together.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{AttributeId, RelationId, Rung};
use crate::network::{Network, Origin, SupplyLink};

/// What a row rests on: records with parts, all records of the answer, or none for a reason.
#[derive(Clone, Debug, PartialEq)]
pub enum Upon {
    /// These records.
    Records(BTreeMap<Origin, Carried>),
    /// Every record that the answer collects.
    Whole,
    /// No record, for this reason.
    Nothing(Cow<'static, str>),
}

/// What a record carries of a row's main number.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Carried {
    /// Its part, 0 to 1, where known.
    pub part: Option<f64>,
    /// How the weight that it gives is known.
    pub rung: Option<Rung>,
}

impl Default for Upon {
    fn default() -> Self {
        Self::Records(BTreeMap::new())
    }
}

impl Upon {
    /// Every record that the answer collects.
    pub fn whole() -> Self {
        Self::Whole
    }

    /// No record, for a reason that stands alone: "a parameter".
    pub fn nothing(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::Nothing(reason.into())
    }

    /// Records without parts.
    pub fn of<'a>(origins: impl IntoIterator<Item = &'a Origin>) -> Self {
        Self::default().origins(origins)
    }

    /// Adds records without parts.
    pub fn origins<'a>(mut self, origins: impl IntoIterator<Item = &'a Origin>) -> Self {
        origins.into_iter().for_each(|origin| self.add(*origin, None, None));
        self
    }

    /// Adds a relation.
    pub fn relation(mut self, id: RelationId) -> Self {
        self.add(Origin::Relation(id), None, None);
        self
    }

    /// Adds an attribute.
    pub fn attribute(mut self, id: AttributeId) -> Self {
        self.add(Origin::Attribute(id), None, None);
        self
    }

    /// Adds the records of a share of a need, which carry `part` of the row's number.
    pub fn link(mut self, network: &Network, link: &SupplyLink, part: Option<f64>) -> Self {
        self.add_link(network, link, part);
        self
    }

    /// Adds the records of a share of a need, which carry `part` of the row's number.
    pub fn add_link(&mut self, network: &Network, link: &SupplyLink, part: Option<f64>) {
        for origin in network.origins(link) {
            self.add(*origin, part, Some(link.rung));
        }
    }

    /// Adds a record. Parts of one record add up, to 1 at most; of two rungs the less sure one counts.
    pub fn add(&mut self, origin: Origin, part: Option<f64>, rung: Option<Rung>) {
        let Self::Records(records) = self else { return };
        let slot = records.entry(origin).or_default();
        if let Some(part) = part.filter(|part| part.is_finite()) {
            slot.part = Some((slot.part.unwrap_or(0.0) + part).clamp(0.0, 1.0));
        }
        slot.rung = slot.rung.max(rung);
    }

    /// Rests on both; parts stay where they are known.
    pub fn and(mut self, other: Self) -> Self {
        match (&mut self, other) {
            (Self::Whole, _) | (_, Self::Nothing(_)) => self,
            (_, other @ Self::Whole) | (Self::Nothing(_), other) => other,
            (Self::Records(_), Self::Records(more)) => {
                more.into_iter().for_each(|(origin, carried)| self.add(origin, carried.part, carried.rung));
                self
            }
        }
    }

    /// The same records without the parts that they carry: of a row whose number is not the one that the parts are of.
    pub fn without_parts(self) -> Self {
        match self {
            Self::Records(mut records) => {
                records.values_mut().for_each(|carried| carried.part = None);
                Self::Records(records)
            }
            other => other,
        }
    }

    /// Whether it names no record and does not say why.
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Records(records) if records.is_empty())
    }

    /// The same, or no record for that reason where none is named.
    pub fn or_nothing(self, reason: &'static str) -> Self {
        if self.is_empty() { Self::nothing(reason) } else { self }
    }

    /// The records that it names, with what they carry.
    pub fn carried(&self) -> impl Iterator<Item = (Origin, Carried)> + '_ {
        let records = if let Self::Records(records) = self { Some(records) } else { None };
        records.into_iter().flatten().map(|(origin, carried)| (*origin, *carried))
    }
}
