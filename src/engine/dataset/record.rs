//! The RON shape of a dataset: what may be written in a file, field by field. The checked facts are in
//! [`crate::model`]; `lower` turns the one into the other.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::model::{
    AttributeKind, Basis, Confidence, Control, Exclusivity, FinanceKind, Instrument, Metric, Reliability,
    Sign, Status,
};

/// A size as a file writes it: a unit around a number, and words of estimate around that.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum MeasureRecord {
    // money
    Usd(f64),
    Eur(f64),
    Gbp(f64),
    Jpy(f64),
    Krw(f64),
    Twd(f64),
    Cny(f64),
    /// Any other currency by its ISO 4217 code: `Money(5e9, "INR")`.
    Money(f64, String),
    // power and energy
    W(f64),
    Kw(f64),
    Mw(f64),
    Gw(f64),
    Kwh(f64),
    Mwh(f64),
    Gwh(f64),
    Twh(f64),
    // numbers of things
    Chips(f64),
    Wafers(f64),
    Units(f64),
    /// A number of anything else: `Count(8, "stacks")`.
    Count(f64, String),
    // parts of a whole
    Share(f64),
    Percent(f64),
    // time
    Days(f64),
    Weeks(f64),
    Months(f64),
    Years(f64),
    /// A plain number without unit.
    Number(f64),
    // words of estimate
    AtLeast(Box<MeasureRecord>),
    UpTo(Box<MeasureRecord>),
    Between(Box<MeasureRecord>, Box<MeasureRecord>),
    About(Box<MeasureRecord>),
    Unknown,
    /// Several statements of one size.
    Claims(Vec<ClaimRecord>),
}

/// One statement among several.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimRecord {
    pub value: MeasureRecord,
    #[serde(default)]
    pub sources: Vec<String>,
    pub assumed: Option<String>,
    pub basis: Option<Basis>,
    pub confidence: Option<Confidence>,
    pub as_of: Option<String>,
    pub note: Option<String>,
}

/// How long a promise runs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum TermRecord {
    Years(f64),
    Months(f64),
    Between(Box<TermRecord>, Box<TermRecord>),
    Open,
    Unknown,
}

/// How an entity needs a product.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum NeedRecord {
    Essential,
    Important(f64),
    Optional,
    NotNeeded,
}

/// A status and when it was reached.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusRecord {
    pub status: Status,
    pub on: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KindRecord {
    pub name: Option<String>,
    pub tier: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourceRecord {
    pub title: String,
    pub publisher: String,
    #[serde(default)]
    pub url: String,
    pub date: Option<String>,
    pub reliability: Reliability,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EntityRecord {
    pub name: Option<String>,
    pub kind: String,
    pub seat: Option<String>,
    #[serde(default)]
    pub production: Vec<String>,
    #[serde(default)]
    pub group: bool,
    #[serde(default)]
    pub members: Vec<String>,
    #[serde(default)]
    pub needs: IndexMap<String, NeedRecord>,
    pub note: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProductRecord {
    pub name: Option<String>,
    pub unit: Option<String>,
    pub tier: Option<f64>,
    pub market: Option<String>,
    pub lead_time: Option<MeasureRecord>,
    pub inventory: Option<MeasureRecord>,
    #[serde(default)]
    pub needed_by: IndexMap<String, NeedRecord>,
    pub note: Option<String>,
}

/// Adds the fields that every record with evidence shares.
macro_rules! with_evidence {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $($(#[$field_meta])* pub $field: $type,)*
            #[serde(default)]
            pub sources: Vec<String>,
            pub assumed: Option<String>,
            pub basis: Option<Basis>,
            pub confidence: Option<Confidence>,
            pub note: Option<String>,
        }

        impl $name {
            /// The fields that say what the record rests on.
            pub fn evidence(&self) -> EvidenceFields<'_> {
                EvidenceFields {
                    sources: &self.sources,
                    assumed: self.assumed.as_deref(),
                    basis: self.basis,
                    confidence: self.confidence,
                    note: self.note.as_deref(),
                }
            }
        }
    };
}

/// The evidence fields of any record.
#[derive(Clone, Copy, Debug)]
pub struct EvidenceFields<'a> {
    pub sources: &'a [String],
    pub assumed: Option<&'a str>,
    pub basis: Option<Basis>,
    pub confidence: Option<Confidence>,
    pub note: Option<&'a str>,
}

/// Adds the fields that every relation shares.
macro_rules! relation {
    ($(#[$meta:meta])* $name:ident { $($(#[$field_meta:meta])* $field:ident: $type:ty),* $(,)? }) => {
        with_evidence! {
            $(#[$meta])*
            $name {
                $($(#[$field_meta])* $field: $type,)*
                status: Option<Status>,
                #[serde(default)]
                history: Vec<StatusRecord>,
                since: Option<String>,
                until: Option<String>,
                part_of: Option<String>,
                deal: Option<String>,
            }
        }

        impl $name {
            /// The fields that every relation has beside its measures and evidence.
            pub fn common(&self) -> CommonFields<'_> {
                CommonFields {
                    status: self.status,
                    history: &self.history,
                    since: self.since.as_deref(),
                    until: self.until.as_deref(),
                    part_of: self.part_of.as_deref(),
                    deal: self.deal.as_deref(),
                    evidence: self.evidence(),
                }
            }
        }
    };
}

/// The fields that every relation has beside its measures.
#[derive(Clone, Copy, Debug)]
pub struct CommonFields<'a> {
    pub status: Option<Status>,
    pub history: &'a [StatusRecord],
    pub since: Option<&'a str>,
    pub until: Option<&'a str>,
    pub part_of: Option<&'a str>,
    pub deal: Option<&'a str>,
    pub evidence: EvidenceFields<'a>,
}

relation!(SuppliesRecord {
    from: String,
    to: String,
    product: String,
    variant: Option<String>,
    amount: Option<MeasureRecord>,
    over: Option<TermRecord>,
    quantity: Option<MeasureRecord>,
    share_of_need: Option<MeasureRecord>,
    share_of_revenue: Option<MeasureRecord>,
    share_of_output: Option<MeasureRecord>,
    exclusivity: Option<Exclusivity>,
});
relation!(CommitsRecord {
    from: String,
    to: String,
    product: String,
    spend: Option<MeasureRecord>,
    capacity: Option<MeasureRecord>,
    quantity: Option<MeasureRecord>,
    starts: Option<String>,
    term: Option<TermRecord>,
    take_or_pay: Option<MeasureRecord>,
    exclusivity: Option<Exclusivity>,
});
relation!(InvestsRecord {
    from: String,
    to: String,
    amount: Option<MeasureRecord>,
    stake: Option<MeasureRecord>,
    instrument: Option<Instrument>,
    contingent: Option<String>,
});
relation!(FinancesRecord {
    from: String,
    to: String,
    amount: Option<MeasureRecord>,
    kind: FinanceKind,
    term: Option<TermRecord>,
});
relation!(OwnsRecord {
    from: String,
    to: String,
    share: Option<MeasureRecord>,
    control: Option<Control>,
});
relation!(SellsRecord {
    from: String,
    market: String,
    variant: Option<String>,
    region: Option<String>,
    period: Option<String>,
    metric: Option<Metric>,
    share: Option<MeasureRecord>,
    amount: Option<MeasureRecord>,
});
relation!(HostsRecord {
    from: String,
    to: String,
    product: Option<String>,
    power: Option<MeasureRecord>,
    chips: Option<MeasureRecord>,
    term: Option<TermRecord>,
});
relation!(DesignsRecord {
    from: String,
    to: String,
    product: Option<String>,
    exclusivity: Option<Exclusivity>,
});
relation!(LicensesRecord {
    from: String,
    to: String,
    product: Option<String>,
    exclusivity: Option<Exclusivity>,
});
relation!(RegulatesRecord {
    from: String,
    to: Option<String>,
    product: Option<String>,
    measure: String,
    effect: Option<String>,
});
relation!(InfluencesRecord {
    from: String,
    to: String,
    sign: Sign,
    elasticity: Option<MeasureRecord>,
    delay: Option<MeasureRecord>,
});

/// A relation as a file writes it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum RelationRecord {
    Supplies(SuppliesRecord),
    Commits(CommitsRecord),
    Invests(InvestsRecord),
    Finances(FinancesRecord),
    Owns(OwnsRecord),
    Sells(SellsRecord),
    Hosts(HostsRecord),
    Designs(DesignsRecord),
    Licenses(LicensesRecord),
    Regulates(RegulatesRecord),
    Influences(InfluencesRecord),
}

with_evidence!(AttributeRecord {
    of: String,
    what: AttributeKind,
    value: Option<MeasureRecord>,
    period: Option<String>,
    per: Option<PeriodRecord>,
    product: Option<String>,
    country: Option<String>,
    variant: Option<String>,
});

/// The time that a flow covers.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
pub enum PeriodRecord {
    Month,
    Quarter,
    Half,
    Year,
}

with_evidence!(IntensityRecord {
    product: String,
    variant: Option<String>,
    input: String,
    amount: MeasureRecord,
    per: Option<String>,
});

with_evidence!(RateRecord { currency: String, usd: f64, on: String });

/// A table that a dataset names beside its RON files.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub enum TableRecord {
    Entities {
        file: String,
    },
    Supplies {
        file: String,
        #[serde(default)]
        weight: WeightRecord,
    },
    Sells {
        file: String,
    },
    Flows {
        file: String,
    },
    Exposures {
        file: String,
    },
    Sectors {
        file: String,
    },
    Essentiality {
        file: String,
    },
    Shocks {
        file: String,
    },
}

impl TableRecord {
    /// The same sort of table in another file.
    #[cfg(feature = "cluster")]
    pub fn at(&self, file: String) -> Self {
        match self {
            Self::Entities { .. } => Self::Entities { file },
            Self::Supplies { weight, .. } => Self::Supplies { file, weight: *weight },
            Self::Sells { .. } => Self::Sells { file },
            Self::Flows { .. } => Self::Flows { file },
            Self::Exposures { .. } => Self::Exposures { file },
            Self::Sectors { .. } => Self::Sectors { file },
            Self::Essentiality { .. } => Self::Essentiality { file },
            Self::Shocks { .. } => Self::Shocks { file },
        }
    }

    /// The file, beside the one that names it.
    pub fn file(&self) -> &str {
        match self {
            Self::Entities { file }
            | Self::Supplies { file, .. }
            | Self::Sells { file }
            | Self::Flows { file }
            | Self::Exposures { file }
            | Self::Sectors { file }
            | Self::Essentiality { file }
            | Self::Shocks { file } => file,
        }
    }
}

/// What the weight column of a table means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub enum WeightRecord {
    /// Money per year.
    #[default]
    Amount,
    /// The buyer's share of its total cost.
    ShareOfCost,
}
