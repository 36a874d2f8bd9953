//! Dated ties between two entities.

use serde::{Deserialize, Serialize};

use super::{EntityId, Evidence, Measure, PartialDate, Place, ProductId, RelationId};

/// One dated tie with its measures, status and evidence.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Relation {
    /// The record's key.
    pub key: String,
    /// Who supplies, pays, invests, owns, sells, hosts, designs, regulates or influences.
    pub from: EntityId,
    /// The other end; a sale to a market and a rule on a product have none.
    pub to: Option<EntityId>,
    /// The type of the tie and its measures.
    pub detail: Detail,
    /// How the status went, oldest first; never empty.
    pub history: Vec<StatusChange>,
    /// First day of validity.
    pub since: Option<PartialDate>,
    /// First day after validity ("to 2032" is written `until: "2032"` and ends with that year).
    pub until: Option<PartialDate>,
    /// The total that this is a tranche of; a tranche is never added to its total.
    pub part_of: Option<RelationId>,
    /// Relations with the same deal were agreed together.
    pub deal: Option<String>,
    /// What it rests on.
    pub evidence: Evidence,
    /// Where it is written.
    #[serde(skip)]
    pub place: Place,
}

impl Relation {
    /// The type of the tie.
    pub fn relation_type(&self) -> RelationType {
        match self.detail {
            Detail::Supplies { .. } => RelationType::Supplies,
            Detail::Commits { .. } => RelationType::Commits,
            Detail::Invests { .. } => RelationType::Invests,
            Detail::Finances { .. } => RelationType::Finances,
            Detail::Owns { .. } => RelationType::Owns,
            Detail::Sells { .. } => RelationType::Sells,
            Detail::Hosts { .. } => RelationType::Hosts,
            Detail::Designs { .. } => RelationType::Designs,
            Detail::Licenses { .. } => RelationType::Licenses,
            Detail::Regulates { .. } => RelationType::Regulates,
            Detail::Influences { .. } => RelationType::Influences,
        }
    }

    /// The product that flows, where the type has one.
    pub fn product(&self) -> Option<ProductId> {
        match &self.detail {
            Detail::Supplies { product, .. } | Detail::Commits { product, .. } => Some(*product),
            Detail::Sells { market, .. } => Some(*market),
            Detail::Hosts { product, .. }
            | Detail::Designs { product, .. }
            | Detail::Licenses { product, .. }
            | Detail::Regulates { product, .. } => *product,
            _ => None,
        }
    }
}

/// The type of a relation without its measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum RelationType {
    Supplies,
    Commits,
    Invests,
    Finances,
    Owns,
    Sells,
    Hosts,
    Designs,
    Licenses,
    Regulates,
    Influences,
}

/// The type of a relation and its measures. Direction is part of the meaning.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Detail {
    /// Supplier → customer, of a product.
    Supplies {
        /// What is supplied.
        product: ProductId,
        /// A generation or model of it.
        variant: Option<String>,
        /// Money over `over`.
        amount: Option<Measure>,
        /// The time that `amount` and `quantity` cover; one year where not said.
        over: Term,
        /// Units, power or capacity over `over`.
        quantity: Option<Measure>,
        /// Share of the customer's need for the product.
        share_of_need: Option<Measure>,
        /// Share of the supplier's revenue.
        share_of_revenue: Option<Measure>,
        /// Share of the supplier's output or capacity of the product.
        share_of_output: Option<Measure>,
        /// How far the customer is bound to this supplier.
        exclusivity: Option<Exclusivity>,
    },
    /// Customer → provider: a promise to buy.
    Commits {
        /// What is to be bought.
        product: ProductId,
        /// Total money over the term.
        spend: Option<Measure>,
        /// Power reserved.
        capacity: Option<Measure>,
        /// Units ordered.
        quantity: Option<Measure>,
        /// When deliveries and payments begin, where that is after the deal.
        starts: Option<PartialDate>,
        /// How long the promise runs.
        term: Term,
        /// Share that is paid whether used or not.
        take_or_pay: Option<Measure>,
        /// How far the customer is bound to this provider.
        exclusivity: Option<Exclusivity>,
    },
    /// Investor → investee.
    Invests {
        /// Money put in.
        amount: Option<Measure>,
        /// Share of the investee obtained.
        stake: Option<Measure>,
        /// What the investor holds.
        instrument: Instrument,
        /// What has to happen first.
        contingent: Option<String>,
    },
    /// Lender → borrower.
    Finances {
        /// Money lent, leased or guaranteed.
        amount: Option<Measure>,
        /// How it is financed.
        kind: FinanceKind,
        /// How long it runs.
        term: Term,
    },
    /// Owner → owned.
    Owns {
        /// Share held.
        share: Option<Measure>,
        /// Who decides.
        control: Control,
    },
    /// Vendor → market.
    Sells {
        /// The product whose market it is.
        market: ProductId,
        /// A generation or model: a market of its own.
        variant: Option<String>,
        /// Region of the market; world where absent.
        region: Option<String>,
        /// The period that the share refers to.
        period: Option<PartialDate>,
        /// What the share is a share of.
        metric: Metric,
        /// Share of the market.
        share: Option<Measure>,
        /// Sales in the period.
        amount: Option<Measure>,
    },
    /// Site → user.
    Hosts {
        /// What the site offers.
        product: Option<ProductId>,
        /// Power for this user.
        power: Option<Measure>,
        /// Chips for this user.
        chips: Option<Measure>,
        /// How long it runs.
        term: Term,
    },
    /// Designer → client.
    Designs {
        /// What is designed.
        product: Option<ProductId>,
        /// How far the client is bound.
        exclusivity: Option<Exclusivity>,
    },
    /// Licensor → licensee.
    Licenses {
        /// What is licensed.
        product: Option<ProductId>,
        /// How far the licence excludes others.
        exclusivity: Option<Exclusivity>,
    },
    /// Authority → entity or product.
    Regulates {
        /// The product that is regulated, where it is one.
        product: Option<ProductId>,
        /// The rule, order or inquiry.
        measure: String,
        /// What it does.
        effect: Option<String>,
    },
    /// Variable → variable of a causal diagram.
    Influences {
        /// Whether both move the same way.
        sign: Sign,
        /// Relative change of the target per relative change of the origin; positive.
        elasticity: Option<Measure>,
        /// Time until the effect shows.
        delay: Option<Measure>,
    },
}

impl Detail {
    /// All sizes that the tie states.
    pub fn measures(&self) -> impl Iterator<Item = &Measure> {
        self.named_measures().into_iter().map(|(_, measure)| measure)
    }

    /// All sizes that the tie states, with the names of their fields.
    pub fn named_measures(&self) -> Vec<(&'static str, &Measure)> {
        let fields: Vec<(&'static str, &Option<Measure>)> = match self {
            Self::Supplies { amount, quantity, share_of_need, share_of_revenue, share_of_output, .. } => {
                vec![
                    ("amount", amount),
                    ("quantity", quantity),
                    ("share_of_need", share_of_need),
                    ("share_of_revenue", share_of_revenue),
                    ("share_of_output", share_of_output),
                ]
            }
            Self::Commits { spend, capacity, quantity, take_or_pay, .. } => vec![
                ("spend", spend),
                ("capacity", capacity),
                ("quantity", quantity),
                ("take_or_pay", take_or_pay),
            ],
            Self::Invests { amount, stake, .. } => vec![("amount", amount), ("stake", stake)],
            Self::Finances { amount, .. } => vec![("amount", amount)],
            Self::Owns { share, .. } => vec![("share", share)],
            Self::Sells { share, amount, .. } => vec![("share", share), ("amount", amount)],
            Self::Hosts { power, chips, .. } => vec![("power", power), ("chips", chips)],
            Self::Influences { elasticity, delay, .. } => vec![("elasticity", elasticity), ("delay", delay)],
            Self::Designs { .. } | Self::Licenses { .. } | Self::Regulates { .. } => Vec::new(),
        };
        fields.into_iter().filter_map(|(name, measure)| Some((name, measure.as_ref()?))).collect()
    }

    /// The same, to be changed.
    pub fn measures_mut(&mut self) -> Vec<&mut Measure> {
        let all = match self {
            Self::Supplies { amount, quantity, share_of_need, share_of_revenue, share_of_output, .. } => {
                vec![amount, quantity, share_of_need, share_of_revenue, share_of_output]
            }
            Self::Commits { spend, capacity, quantity, take_or_pay, .. } => {
                vec![spend, capacity, quantity, take_or_pay]
            }
            Self::Invests { amount, stake, .. } => vec![amount, stake],
            Self::Finances { amount, .. } => vec![amount],
            Self::Owns { share, .. } => vec![share],
            Self::Sells { share, amount, .. } => vec![share, amount],
            Self::Hosts { power, chips, .. } => vec![power, chips],
            Self::Influences { elasticity, delay, .. } => vec![elasticity, delay],
            Self::Designs { .. } | Self::Licenses { .. } | Self::Regulates { .. } => Vec::new(),
        };
        all.into_iter().flatten().collect()
    }

    /// The share that adds up to a whole with those of others: of a need, a market or an owned entity.
    pub fn share_of_whole(&self) -> Option<&Measure> {
        match self {
            Self::Supplies { share_of_need: share, .. }
            | Self::Sells { share, .. }
            | Self::Owns { share, .. } => share.as_ref(),
            _ => None,
        }
    }

    /// The slot of that share.
    pub fn share_of_whole_mut(&mut self) -> Option<&mut Option<Measure>> {
        match self {
            Self::Supplies { share_of_need: share, .. }
            | Self::Sells { share, .. }
            | Self::Owns { share, .. } => Some(share),
            _ => None,
        }
    }

    /// The slots of the sizes that grow with the tie: amounts, quantities and shares, without times, elasticities
    /// and the take-or-pay part.
    pub fn sizes_mut(&mut self) -> Vec<&mut Option<Measure>> {
        match self {
            Self::Supplies { amount, quantity, share_of_need, share_of_revenue, share_of_output, .. } => {
                vec![amount, quantity, share_of_need, share_of_revenue, share_of_output]
            }
            Self::Commits { spend, capacity, quantity, .. } => vec![spend, capacity, quantity],
            Self::Invests { amount, stake, .. } => vec![amount, stake],
            Self::Finances { amount, .. } => vec![amount],
            Self::Owns { share, .. } => vec![share],
            Self::Sells { share, amount, .. } => vec![share, amount],
            Self::Hosts { power, chips, .. } => vec![power, chips],
            Self::Influences { .. }
            | Self::Designs { .. }
            | Self::Licenses { .. }
            | Self::Regulates { .. } => Vec::new(),
        }
    }
}

/// How firm a deal is, in the order in which deals grow firmer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Status {
    /// Said in public, nothing signed.
    Announced,
    /// A letter of intent or another non-binding paper.
    Intent,
    /// A binding contract.
    Signed,
    /// The money or the means are there.
    Funded,
    /// Done: paid, shipped, running.
    Delivered,
    /// Over or never came about.
    Lapsed,
}

/// A status and the date from which it held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct StatusChange {
    /// The status reached.
    pub status: Status,
    /// From when; unknown dates hold from the start.
    pub on: Option<PartialDate>,
}

/// How long a promise runs, in years.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub enum Term {
    /// A known number of years.
    Years(f64),
    /// Between two numbers of years.
    Between(f64, f64),
    /// No end agreed.
    Open,
    /// Not known.
    Unknown,
}

/// How far one side is bound, weakest first. Absent means unknown, not free.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Exclusivity {
    /// Free to use others.
    NonExclusive,
    /// Right of first refusal, or preferred.
    Preferred,
    /// The main but not the only one.
    Primary,
    /// No other allowed.
    Exclusive,
}

/// What an investor holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Instrument {
    /// Shares.
    Equity,
    /// Debt that may turn into shares.
    Convertible,
    /// A right to buy shares.
    Warrant,
    /// Not known or another instrument.
    Other,
}

/// How something is financed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum FinanceKind {
    /// A loan.
    Loan,
    /// Traded debt.
    Bond,
    /// A lease.
    Lease,
    /// Credit from the seller.
    Vendor,
    /// Lending to a project, repaid from its income.
    Project,
    /// A promise to pay if another does not.
    Guarantee,
}

/// Who decides in an owned entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Control {
    /// The owner decides: counted together with the owner in competition measures.
    Controlling,
    /// Owners decide together.
    Joint,
    /// A stake without control.
    Minority,
}

/// What a market share is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Metric {
    /// Sales.
    Revenue,
    /// Units shipped.
    Shipments,
    /// Capacity to produce.
    Capacity,
    /// Units in use.
    Installed,
    /// Orders.
    Orders,
    /// Production volume.
    Production,
    /// Not said.
    Unspecified,
}

/// Whether an effect goes the same way as its cause.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Sign {
    /// Both move the same way.
    Plus,
    /// They move opposite ways.
    Minus,
}
