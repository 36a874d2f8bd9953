//! What bulk tables say of entities, in columns: one number an entity, not one record.

use super::EntityId;

/// Columns of bulk tables, by position of the entity. A column that no table has is absent; a cell may be empty.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize)]
pub struct Columns {
    /// Names of the sectors that any table names, in order. Names are kept as they are written: "001" is not "1".
    pub sectors: Vec<String>,
    /// Sector of each entity, as a position in `sectors`; empty where no table has sectors.
    pub sector: Vec<Option<u32>>,
    /// Numbers of each entity.
    pub figures: Vec<(Figure, Vec<Option<f64>>)>,
    /// What inputs are to customers, in the order of the sectors.
    pub essentiality: Vec<Essentiality>,
    /// Scenarios in the order of their names.
    pub scenarios: Vec<TableScenario>,
}

/// What a number of an entity is. Money is in the unit of the tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum Figure {
    /// Its weight in an index over all entities, 0 or more.
    Weight,
    /// A second such weight, as employees.
    Weight2,
    /// Sales per year, those outside the network included.
    Revenue,
    /// Costs per year, those outside the network included.
    Costs,
    /// Equity.
    Equity,
}

impl Figure {
    /// All figures, in their order.
    pub const ALL: [Self; 5] = [Self::Weight, Self::Weight2, Self::Revenue, Self::Costs, Self::Equity];

    /// Name of its column.
    pub const fn column(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::Weight2 => "weight2",
            Self::Revenue => "revenue",
            Self::Costs => "costs",
            Self::Equity => "equity",
        }
    }
}

/// What the inputs from one sector are to the customers in another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
pub struct Essentiality {
    /// Position of the supplier's sector.
    pub supplier: u32,
    /// Position of the customer's sector.
    pub customer: u32,
    /// What they are.
    pub class: InputClass,
}

/// What an input is to its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub enum InputClass {
    /// Losing it has no short-term effect; 0 in a table.
    None,
    /// Output falls with its part of all inputs; 1 in a table.
    Adds,
    /// Nothing works without it; 2 in a table.
    Essential,
}

/// A scenario of a table: who loses what.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct TableScenario {
    /// Its name.
    pub name: String,
    /// Losses in the order of the entities.
    pub losses: Vec<TableLoss>,
}

/// What one entity loses in a scenario of a table.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct TableLoss {
    /// Who loses.
    pub entity: EntityId,
    /// Share of its function that its customers feel, 0 to 1.
    pub downstream: f64,
    /// Share that its suppliers feel, 0 to 1.
    pub upstream: f64,
}

impl Columns {
    /// Whether no table says anything of this sort.
    pub fn is_empty(&self) -> bool {
        self == &Self::default()
    }

    /// A number of each entity, where any table has it.
    pub fn figure(&self, figure: Figure) -> Option<&[Option<f64>]> {
        self.figures.iter().find(|(own, _)| *own == figure).map(|(_, values)| values.as_slice())
    }

    /// The sector of an entity.
    pub fn sector_of(&self, entity: EntityId) -> Option<u32> {
        self.sector.get(entity.index()).copied().flatten()
    }

    /// What inputs from one sector are to customers in another.
    pub fn class(&self, supplier: u32, customer: u32) -> Option<InputClass> {
        let key = |entry: &Essentiality| (entry.supplier, entry.customer);
        let found = self.essentiality.binary_search_by_key(&(supplier, customer), key).ok()?;
        self.essentiality.get(found).map(|entry| entry.class)
    }

    /// The scenario of that name.
    pub fn scenario(&self, name: &str) -> Option<&TableScenario> {
        let found = self.scenarios.binary_search_by(|scenario| scenario.name.as_str().cmp(name)).ok()?;
        self.scenarios.get(found)
    }
}
