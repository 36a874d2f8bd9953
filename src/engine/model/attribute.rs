//! What is known about one entity or product by itself.

use super::{EntityId, Evidence, Measure, PartialDate, Place, ProductId};

/// A dated, sourced property of an entity or a product.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Attribute {
    /// The record's key.
    pub key: String,
    /// Whose property it is.
    pub of: AttributeSubject,
    /// Which property.
    pub kind: AttributeKind,
    /// The value; absent for a country.
    pub value: Option<Measure>,
    /// The period that a flow or the day that a stock refers to.
    pub period: Option<PartialDate>,
    /// For a flow of money: years that the value covers (a quarterly figure 0.25). `None` for a stock.
    pub per_years: Option<f64>,
    /// The product that the property is about: capacity or spend for it.
    pub product: Option<ProductId>,
    /// ISO 3166 two-letter code, for `Seat` and `Production`.
    pub country: Option<String>,
    /// A generation or model: `B200`.
    pub variant: Option<String>,
    /// What it rests on.
    pub evidence: Evidence,
    /// Where it is written.
    #[serde(skip)]
    pub place: Place,
}

/// What an attribute belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, serde::Serialize)]
pub enum AttributeSubject {
    /// An entity.
    Entity(EntityId),
    /// A product.
    Product(ProductId),
}

/// Which property an attribute states.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum AttributeKind {
    /// Sales of a period.
    Revenue,
    /// Investment in plant of a period.
    Capex,
    /// Total cost of a period.
    Cost,
    /// How much of `product` the entity needs, in money per period, power or units: the denominator of its
    /// suppliers' shares.
    Need,
    /// Contracted sales not yet delivered.
    Backlog,
    /// What can be made or hosted per period, or installed power.
    Capacity,
    /// Capacity that is not in use and could replace others.
    SpareCapacity,
    /// Money owed.
    Debt,
    /// Book equity.
    Equity,
    /// Market or deal value of the whole firm.
    Valuation,
    /// Size of the market of a period.
    MarketSize,
    /// Share of its need that an entity or region cannot cover.
    Shortfall,
    /// Time from order to delivery.
    LeadTime,
    /// Stock held, in time of use.
    Inventory,
    /// What one unit costs to make.
    UnitCost,
    /// What one unit is sold for.
    UnitPrice,
    /// Power that one unit or site draws.
    Power,
    /// Units installed.
    Stock,
    /// Country of the legal seat.
    Seat,
    /// Country of production, with its share of output.
    Production,
    /// Anything else, by a kebab-case name.
    Other(String),
}

/// What one unit of a product takes of another, or what share of its cost.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Intensity {
    /// The record's key.
    pub key: String,
    /// The product that is made.
    pub product: ProductId,
    /// A generation or model of it.
    pub variant: Option<String>,
    /// What goes into it.
    pub input: ProductId,
    /// Quantity of input for one unit, money for one unit, or share of the unit's cost.
    pub amount: Measure,
    /// What one unit of the product is here, where it is not the product's own unit: `1 GW`.
    pub per: Option<String>,
    /// What it rests on.
    pub evidence: Evidence,
    /// Where it is written.
    #[serde(skip)]
    pub place: Place,
}
