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

    /// The scenario of that name, or the only one whose name begins with it and an underscore.
    pub fn scenario_meant(&self, name: &str) -> Option<&TableScenario> {
        let begins = |scenario: &&TableScenario| {
            scenario.name.strip_prefix(name).is_some_and(|rest| rest.starts_with('_'))
        };
        let mut found = self.scenarios.iter().filter(begins);
        self.scenario(name).or_else(|| found.next().filter(|_| found.next().is_none()))
    }

    /// The same with other positions of the entities; what is said of an entity that is taken away goes with it.
    pub(super) fn renumbered(self, new: impl Fn(EntityId) -> Option<EntityId>) -> Self {
        let Self { sectors, sector, figures, essentiality, scenarios } = self;
        let losses = |losses: Vec<TableLoss>| {
            let kept =
                losses.into_iter().filter_map(|loss| Some(TableLoss { entity: new(loss.entity)?, ..loss }));
            let mut kept: Vec<TableLoss> = kept.collect();
            kept.sort_by_key(|loss| loss.entity);
            kept
        };
        Self {
            sectors,
            sector: moved(sector, &new),
            figures: figures.into_iter().map(|(figure, values)| (figure, moved(values, &new))).collect(),
            essentiality,
            scenarios: scenarios
                .into_iter()
                .map(|scenario| TableScenario { name: scenario.name, losses: losses(scenario.losses) })
                .collect(),
        }
    }

    /// Makes every column at least as long as the list of entities; cells of entities that no table names are empty.
    pub fn fit(&mut self, entities: usize) {
        if !self.sector.is_empty() {
            self.sector.resize(entities.max(self.sector.len()), None);
        }
        for (_, values) in &mut self.figures {
            values.resize(entities.max(values.len()), None);
        }
    }

    /// Puts the numbers of one entity on the account of another, as when two firms become one: numbers add, the sector is
    /// that of the one that stays, and in a scenario the larger loss holds.
    pub fn join(&mut self, gone: EntityId, stays: EntityId) {
        for (_, values) in &mut self.figures {
            let more = values.get_mut(gone.index()).and_then(Option::take);
            if let (Some(more), Some(own)) = (more, values.get_mut(stays.index())) {
                *own = Some(own.unwrap_or(0.0) + more);
            }
        }
        for scenario in &mut self.scenarios {
            scenario
                .losses
                .iter_mut()
                .filter(|loss| loss.entity == gone)
                .for_each(|loss| loss.entity = stays);
            scenario.losses.sort_by_key(|loss| loss.entity);
            scenario.losses.dedup_by(|later, first| {
                let same = later.entity == first.entity;
                if same {
                    first.downstream = first.downstream.max(later.downstream);
                    first.upstream = first.upstream.max(later.upstream);
                }
                same
            });
        }
    }
}

/// A column with its cells at other positions.
fn moved<T: Copy>(column: Vec<Option<T>>, new: impl Fn(EntityId) -> Option<EntityId>) -> Vec<Option<T>> {
    let mut out: Vec<Option<T>> = Vec::with_capacity(column.len());
    for (at, cell) in column.into_iter().enumerate() {
        if let Some(place) = new(EntityId::new(at)).map(EntityId::index) {
            if out.len() <= place {
                out.resize(place + 1, None);
            }
            if let Some(slot) = out.get_mut(place) {
                *slot = cell;
            }
        }
    }
    out
}
