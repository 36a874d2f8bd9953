//! All that a dataset states, in plain lists.

use std::sync::Arc;

use super::{
    Attribute, Columns, Entity, EntityId, Intensity, Kind, PartialDate, Product, Rate, Relation, Source,
};

/// A checked dataset. Ids of the model are positions in these lists, which are ordered by key, so that
/// the split into files and their order change nothing.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Facts {
    /// Name, title and description.
    pub meta: Meta,
    /// Sorts of entity.
    pub kinds: Vec<Kind>,
    /// What flows.
    pub products: Vec<Product>,
    /// Documents.
    pub sources: Vec<Source>,
    /// Who acts.
    pub entities: Vec<Entity>,
    /// Dated ties.
    pub relations: Vec<Relation>,
    /// What is known about one entity or product by itself.
    pub attributes: Vec<Attribute>,
    /// What one unit of a product takes of another.
    pub intensities: Vec<Intensity>,
    /// Exchange rates.
    pub rates: Vec<Rate>,
    /// Links of bulk tables, in the order of their kinds, customers and suppliers. Written as none: hashed apart.
    #[serde(serialize_with = "as_none")]
    pub links: Vec<Link>,
    /// Accounts of sectors, from a table of them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sectors: Vec<SectorAccount>,
    /// What bulk tables say of entities, in columns.
    #[serde(skip_serializing_if = "Columns::is_empty")]
    pub columns: Columns,
    /// Shares that added up to slightly more than one and were scaled down.
    pub renormalised: Vec<Renormalised>,
}

/// Writes an empty list.
fn as_none<S: serde::Serializer>(_: &[Link], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(std::iter::empty::<()>())
}

/// Shares that added up to slightly more than one and were scaled down to it.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Renormalised {
    /// Which shares, and what they added up to.
    pub what: String,
    /// The relations that state them; none for rows of a bulk table.
    pub relations: Vec<super::RelationId>,
    /// The shares as they were stated, relation by relation; not part of the content, which is what they were scaled to.
    #[serde(skip)]
    pub stated: Vec<super::Measure>,
}

impl Renormalised {
    /// Whether the relations still state what scaling these shares gives, so that stating them again says the same. A
    /// what-if that changes one of them ends that.
    pub fn is_scaled_from_stated(&self, facts: &Facts) -> bool {
        let sum: f64 = self.stated.iter().filter_map(super::Measure::point).sum();
        let scaled = |(id, stated): (&super::RelationId, &super::Measure)| {
            let mut stated = stated.clone();
            stated.claims.iter_mut().for_each(|claim| claim.estimate = claim.estimate.scale(1.0 / sum));
            let relation = facts.relations.get(id.index());
            relation.and_then(|own| own.detail.share_of_whole()) == Some(&stated)
        };
        sum > 0.0
            && !self.relations.is_empty()
            && self.relations.len() == self.stated.len()
            && self.relations.iter().zip(&self.stated).all(scaled)
    }
}

/// What a dataset says about itself.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Meta {
    /// Short name.
    pub name: String,
    /// A heading.
    pub title: Option<String>,
    /// What it covers.
    pub description: Option<String>,
    /// The date that answers refer to when the user gives none.
    pub as_of: Option<PartialDate>,
    /// Names of the bulk tables that it draws on; these carry no sources.
    #[serde(skip)]
    pub tables: Vec<Arc<str>>,
}

/// One row of a bulk table that ties two entities.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Link {
    /// Supplier, or payer of a flow.
    pub from: EntityId,
    /// Customer, or receiver of a flow.
    pub to: EntityId,
    /// How much, as `kind` says.
    pub weight: f64,
    /// What the weight means.
    pub kind: LinkKind,
}

/// The accounts of one sector of an input-output table; money per year in the table's own unit.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct SectorAccount {
    /// The sector.
    pub entity: EntityId,
    /// All that it makes.
    pub gross_output: f64,
    /// The part of it that goes to those who are no sectors.
    pub final_demand: Option<f64>,
    /// Wages, profits and other primary inputs.
    pub value_added: Option<f64>,
    /// Days in which it recovers from all but 1 % of a loss of output, when nobody else is hit.
    pub days_to_one_percent: Option<f64>,
    /// How fast it recovers, per day: the coefficient of dynamic inoperability.
    pub resilience_per_day: Option<f64>,
}

/// What the weight of a link means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum LinkKind {
    /// The customer's share of total cost that goes to the supplier.
    CostShare,
    /// Money per year that the customer pays the supplier.
    Amount,
    /// Money that `from` pays `to`.
    Flow,
    /// Money that `from` has lent to `to` and loses if `to` fails.
    Exposure,
}
