//! The rules by which a chain works, and two sets of them that programs in use have.

/// The rules by which a chain works.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Settings {
    /// How stocks limit output.
    pub limit: Limit,
    /// What a stock is kept of.
    pub stocks: Stocks,
    /// How orders are split.
    pub orders: Split,
    /// Days in which a gap of stock is to be closed, above 0.
    pub restoration: f64,
    /// Who gets what where there is not enough for all.
    pub rationing: Rationing,
    /// How the smallest relative orders are filled first.
    pub filling: Filling,
    /// How far and how fast capacity grows under scarcity; `None` for not at all.
    pub overproduction: Option<Overproduction>,
}

/// How stocks limit output.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Output is cut where a stock falls below ψ times what is wanted of it; 0 to 1.
    Tolerance(f64),
    /// Output is cut where a stock does not cover the day.
    Cover,
}

/// What a stock is kept of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stocks {
    /// Of each input: suppliers of one input stand in for each other.
    Class,
    /// Of each supplier's goods; those of one input stand in for each other when they are used, not when they are ordered.
    Supplier,
}

/// How the order for an input is split among its suppliers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Split {
    /// By the normal parts.
    Fixed,
    /// By the normal parts times what the suppliers can make of their normal output: customers turn to those who can.
    ByCapacity,
}

/// Who gets what where there is not enough for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rationing {
    /// All get the same part of their orders.
    Proportional,
    /// Firms get the same part of their orders, final demand what is left.
    FinalLast,
    /// Who ordered least, relative to normal, is served first; final demand takes part.
    SmallestFirst,
    /// The same among firms; final demand gets what is left.
    SmallestFirstFinalLast,
}

impl Rationing {
    /// All rules.
    pub const ALL: [Self; 4] =
        [Self::Proportional, Self::FinalLast, Self::SmallestFirst, Self::SmallestFirstFinalLast];

    /// Whether final demand waits for firms.
    pub(super) fn final_last(self) -> bool {
        matches!(self, Self::FinalLast | Self::SmallestFirstFinalLast)
    }

    /// Whether small orders go first.
    pub(super) fn smallest_first(self) -> bool {
        matches!(self, Self::SmallestFirst | Self::SmallestFirstFinalLast)
    }
}

/// How the smallest relative orders are filled first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filling {
    /// One level for all: everyone gets the same relative to normal, nobody more than was ordered.
    Level,
    /// In rounds, as the program of the firm-level model does. Two of its traits differ from a level: customers that order
    /// nothing take part in the first round, and final demand in all; what they get is theirs. A firm may so get more
    /// than it ordered.
    Rounds,
}

/// How far and how fast capacity grows under scarcity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overproduction {
    /// Most of normal capacity, 1 or more.
    pub most: f64,
    /// Days in which it adapts, above 0.
    pub days: f64,
}

impl Settings {
    /// The rules of ARIO with an inventory tolerance, at the level of sectors: stocks by class that cut output early,
    /// proportional rationing, 25 % more capacity within a year.
    pub fn ario(psi: f64, restoration: f64, orders: Split) -> Self {
        Self {
            limit: Limit::Tolerance(psi),
            stocks: Stocks::Class,
            orders,
            restoration,
            rationing: Rationing::Proportional,
            filling: Filling::Level,
            overproduction: Some(Overproduction { most: 1.25, days: 365.0 }),
        }
    }

    /// The rules of Inoue and Todo, at the level of firms: stocks by supplier that last as long as they last, no
    /// overproduction, gaps to be closed in 6 days, the smallest relative order first.
    pub fn inoue_todo(rationing: Rationing) -> Self {
        Self {
            limit: Limit::Cover,
            stocks: Stocks::Supplier,
            orders: Split::Fixed,
            restoration: 6.0,
            rationing,
            filling: Filling::Rounds,
            overproduction: None,
        }
    }
}
