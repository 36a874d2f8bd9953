//! Plain facts: what a dataset states, once it has been checked. Nothing here computes an answer and
//! nothing here reads a file.

mod attribute;
mod columns;
mod date;
mod entity;
mod evidence;
mod facts;
mod product;
mod quantity;
mod relation;
mod renumber;
mod rung;

pub use attribute::{Attribute, AttributeKind, AttributeSubject, Intensity};
pub use columns::{Columns, Essentiality, Figure, InputClass, TableLoss, TableScenario};
pub use date::{Date, DateError, PartialDate, years_between};
pub use entity::{Entity, Kind};
pub use evidence::{Basis, Confidence, Evidence, Place, Reliability, Source};
pub use facts::{Facts, Link, LinkKind, Meta, Renormalised, SectorAccount};
pub use product::{Need, Product};
pub use quantity::{Claim, Currency, Dimension, Estimate, Interval, Measure, Rate};
pub use relation::{
    Control, Detail, Exclusivity, FinanceKind, Instrument, Metric, Relation, RelationType, Sign, Status,
    StatusChange, Term,
};
pub use renumber::Renumber;
pub use rung::Rung;

/// Makes a dense index into one of the graph's lists: cheap to copy, useless for any other list.
macro_rules! index {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
        pub struct $name(pub u32);

        impl $name {
            /// The position in the list that this index belongs to.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The index of position `at`.
            pub fn new(at: usize) -> Self {
                Self(at as u32)
            }
        }
    };
}

index!(
    /// Position of an entity in the graph.
    EntityId
);
index!(
    /// Position of a product in the graph.
    ProductId
);
index!(
    /// Position of a relation in the graph.
    RelationId
);
index!(
    /// Position of a source in the graph.
    SourceId
);
index!(
    /// Position of an attribute in the graph.
    AttributeId
);
