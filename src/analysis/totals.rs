//! Sums of what was promised and put in, as ranges in dollars: shared by questions about commitments and investments.

use crate::answer::{Cell, Column, Unit};
use crate::graph::Graph;
use crate::model::{Date, Detail, Interval, Measure, RelationId, Status, Term};

/// All statuses, firmest first.
pub(super) const STATUSES: [Status; 6] =
    [Status::Delivered, Status::Funded, Status::Signed, Status::Intent, Status::Announced, Status::Lapsed];

/// A status as tables print it.
pub(super) fn status_name(status: Status) -> &'static str {
    match status {
        Status::Announced => "announced",
        Status::Intent => "intent",
        Status::Signed => "signed",
        Status::Funded => "funded",
        Status::Delivered => "delivered",
        Status::Lapsed => "lapsed",
    }
}

/// Terms supposed where a commitment states none, shortest and longest, in years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Supposed {
    pub shortest: f64,
    pub longest: f64,
}

impl Supposed {
    /// Whether they are a range of years.
    pub fn is_sound(self) -> bool {
        self.shortest > 0.0 && self.longest >= self.shortest && self.longest.is_finite()
    }

    /// The term in years, least and most, and whether it is supposed.
    pub fn years(self, term: &Term) -> (f64, f64, bool) {
        match term {
            Term::Years(n) => (*n, *n, false),
            Term::Between(a, b) => (*a, *b, false),
            Term::Open | Term::Unknown => (self.shortest, self.longest, true),
        }
    }
}

/// Sums over records; `None` where no record states a size.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Totals {
    pub committed: Option<Interval>,
    pub invested: Option<Interval>,
    pub annual: Option<Interval>,
}

impl Totals {
    /// Adds commitments and investments, at rates of the day. Each record once; tranches are the caller's business.
    pub fn of(graph: &Graph, day: Date, supposed: Supposed, ids: impl Iterator<Item = RelationId>) -> Self {
        let mut totals = Self::default();
        for id in ids {
            let Some(range) = money(graph, day, id) else { continue };
            match &graph.relation(id).detail {
                Detail::Commits { term, .. } => {
                    add(&mut totals.committed, range);
                    let (shortest, longest, _) = supposed.years(term);
                    let high = range.high.map(|high| high / shortest);
                    add(&mut totals.annual, Interval { low: range.low / longest, high });
                }
                _ => add(&mut totals.invested, range),
            }
        }
        totals
    }

    /// The same on the numbers as printed, without what "more than" and "up to" leave open; a year's part only where every
    /// term is stated.
    pub fn printed(graph: &Graph, day: Date, ids: impl Iterator<Item = RelationId>) -> Self {
        let mut totals = Self::default();
        let mut all_dated = true;
        for id in ids {
            let (Detail::Commits { spend: measure, .. } | Detail::Invests { amount: measure, .. }) =
                &graph.relation(id).detail
            else {
                continue;
            };
            let Some(size) = measure.as_ref().and_then(|measure| graph.usd_point(measure, day)) else {
                continue;
            };
            match &graph.relation(id).detail {
                Detail::Commits { term, .. } => {
                    add(&mut totals.committed, Interval::exact(size));
                    match term {
                        Term::Years(years) => add(&mut totals.annual, Interval::exact(size / years)),
                        _ => all_dated = false,
                    }
                }
                _ => add(&mut totals.invested, Interval::exact(size)),
            }
        }
        totals.annual = totals.annual.filter(|_| all_dated);
        totals
    }

    /// Committed over invested; `None` where either is unknown or nothing is invested.
    pub fn leverage(&self) -> Option<Interval> {
        let (committed, invested) = (self.committed?, self.invested?);
        let most = invested.high.filter(|high| *high > 0.0);
        let low = most.map_or(0.0, |most| committed.low / most);
        let high = committed.high.filter(|_| invested.low > 0.0).map(|high| high / invested.low);
        (invested.low > 0.0 || most.is_some()).then_some(Interval { low, high })
    }
}

fn add(sum: &mut Option<Interval>, range: Interval) {
    *sum = Some(sum.map_or(range, |sum| sum.plus(range)));
}

/// What a commitment or an investment is worth in dollars at rates of the day; `None` where it states no money.
pub(super) fn money(graph: &Graph, day: Date, id: RelationId) -> Option<Interval> {
    let (Detail::Commits { spend: measure, .. } | Detail::Invests { amount: measure, .. }) =
        &graph.relation(id).detail
    else {
        return None;
    };
    let measure = measure.as_ref().filter(|measure| measure.point().is_some())?;
    graph.usd(measure, day)
}

/// Whether a commitment of stated size states no term.
pub(super) fn term_is_open(graph: &Graph, id: RelationId) -> bool {
    let Detail::Commits { spend, term, .. } = &graph.relation(id).detail else { return false };
    spend.as_ref().and_then(Measure::point).is_some() && matches!(term, Term::Open | Term::Unknown)
}

/// The two cells of a range.
pub(super) fn ends(range: Option<Interval>) -> [Cell; 2] {
    match range {
        Some(range) => [Cell::Number(range.low), Cell::number(range.high)],
        None => [Cell::Empty, Cell::Empty],
    }
}

/// The columns of what is committed and invested, and of one over the other.
pub(super) fn range_columns() -> [Column; 6] {
    [
        Column::new("committed_low", Unit::Usd, "Least money committed, dollars"),
        Column::new(
            "committed_high",
            Unit::Usd,
            "Most money committed, dollars; empty where nothing bounds it",
        ),
        Column::new(
            "invested_low",
            Unit::Usd,
            "Least money invested in the customer, dollars; empty where none is known",
        ),
        Column::new("invested_high", Unit::Usd, "Most money invested in the customer, dollars"),
        Column::new("leverage_low", Unit::Ratio, "Least committed over most invested"),
        Column::new(
            "leverage_high",
            Unit::Ratio,
            "Most committed over least invested; empty where nothing bounds it",
        ),
    ]
}

/// The cells of [`range_columns`].
pub(super) fn range_cells(totals: &Totals) -> impl Iterator<Item = Cell> {
    [ends(totals.committed), ends(totals.invested), ends(totals.leverage())].into_iter().flatten()
}
