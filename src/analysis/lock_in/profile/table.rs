//! Profiles as tables and in words.

use super::super::pair::Pair;
use super::field::{Field, Standing, words};
use super::{Profile, dependence};
use crate::analysis::View;
use crate::analysis::totals::{ends, status_name};
use crate::analysis::trail::{Upon, entity_cell, origin_key};
use crate::answer::{Cell, Column, Finding, FindingBuilder, Row, Table, Unit};
use crate::graph::Graph;
use crate::model::Interval;

/// Share from which a side counts as dependent in the plane.
const DEPENDENT: f64 = 0.2;

/// The unit of a field in words.
fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::Share => "share",
        Unit::Usd => "USD",
        Unit::Ratio => "ratio",
        Unit::Years => "years",
        Unit::Months => "months",
        Unit::Count => "count",
        Unit::Hhi => "HHI, 0 to 10,000",
        _ => "",
    }
}

fn standing_name(standing: Option<Standing>) -> &'static str {
    match standing {
        None => "",
        Some(Standing::Above) => "barrier",
        Some(Standing::Below) => "below",
        Some(Standing::Undetermined) => "undetermined",
        Some(Standing::Unknown) => "unknown",
    }
}

impl Profile {
    /// The fields, each with its range, its standing, what is unknown, its statuses and its records.
    pub fn table(&self, graph: &Graph) -> Table {
        let columns = vec![
            Column::new("field", Unit::Text, "Which barrier or measure"),
            Column::new("reading", Unit::Text, "The value in words"),
            Column::new("low", Unit::Number, "Least value, in the unit of the field; empty where unknown"),
            Column::new("high", Unit::Number, "Most value; empty where nothing bounds it"),
            Column::new(
                "as_printed",
                Unit::Number,
                "On the numbers as their sources print them, without what \"more than\" and \"up to\" leave open",
            ),
            Column::new("unit", Unit::Text, "Unit of low and high; months of spend for exit cost"),
            Column::new(
                "threshold",
                Unit::Number,
                "Value from which it counts as a barrier; empty where it is none",
            ),
            Column::new(
                "standing",
                Unit::Text,
                "barrier, below, undetermined or unknown; empty where there is no threshold",
            ),
            Column::new("basis", Unit::Text, "What it is worked out from"),
            Column::new("unknown", Unit::Text, "What nobody knows that it would need; unknown is not none"),
            Column::new(
                "by_status",
                Unit::Text,
                "The same for the deals of each status alone, counted or not; only for sums of deals",
            ),
            Column::new("rests_on", Unit::Text, "Keys of the records that it is worked out from"),
        ];
        let mut table = Table::new("profile", "Lock-in profile", columns);
        for field in &self.fields {
            let split: Vec<String> = field
                .by_status
                .iter()
                .map(|(status, range)| format!("{} {}", status_name(*status), words(*range, field.unit)))
                .collect();
            let keys = field.records.iter().map(|origin| origin_key(graph, *origin));
            let text = |words: String| if words.is_empty() { Cell::Empty } else { Cell::text(words) };
            let mut row = vec![Cell::text(field.name), Cell::text(&field.reading)];
            row.extend(ends(field.range));
            row.push(Cell::number(field.printed));
            row.push(Cell::text(unit_name(field.unit)));
            row.push(Cell::number(field.threshold.map(|(threshold, _)| threshold)));
            row.push(Cell::text(standing_name(field.standing())));
            row.push(Cell::text(&field.basis));
            row.push(text(field.unknowns.join("; ")));
            row.push(text(split.join("; ")));
            row.push(Cell::Items(keys.map(|key| (key.clone(), key)).collect()));
            table.rows.push(row);
        }
        table
    }

    /// The records of the field that a row begins with.
    pub fn upon(&self, row: &Row) -> Upon {
        let name = row.first().and_then(Cell::as_key);
        let field = self.fields.iter().find(|field| Some(field.name) == name);
        let upon = field.map_or_else(Upon::default, |field| Upon::of(&field.records));
        upon.or_nothing("nothing is known that it could be worked out from")
    }

    /// The fields that are parts of a whole.
    pub fn share_table(&self) -> Table {
        let columns = vec![
            Column::new("field", Unit::Text, "Which part of what"),
            Column::new(
                "share_low",
                Unit::Share,
                "Least; 0 to 1, but a commitment may be more than a year's revenue",
            ),
            Column::new("share_high", Unit::Share, "Most; empty where nothing bounds it"),
            Column::new("as_printed", Unit::Share, "On the numbers as their sources print them"),
            Column::new("basis", Unit::Text, "What it is worked out from"),
        ];
        let mut table = Table::new("shares", "Parts of a whole in the profile", columns);
        for field in self.parts() {
            let mut row = vec![Cell::text(field.name)];
            row.extend(ends(field.range));
            row.push(Cell::number(field.printed));
            row.push(Cell::text(&field.basis));
            table.rows.push(row);
        }
        table
    }

    fn parts(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.unit == Unit::Share && field.range.is_some())
    }

    /// The fields that are sums of deals, at each status.
    pub fn status_table(&self) -> Table {
        let columns = vec![
            Column::new("field", Unit::Text, "Which measure"),
            Column::new("status", Unit::Text, "The only status that counts here"),
            Column::new("low", Unit::Number, "Least value, in the unit of the field"),
            Column::new("high", Unit::Number, "Most value; empty where nothing bounds it"),
            Column::new("unit", Unit::Text, "Unit of low and high"),
        ];
        let mut table = Table::new("profile-by-status", "Lock-in profile by status", columns);
        for field in &self.fields {
            for (status, range) in &field.by_status {
                let mut row = vec![Cell::text(field.name), Cell::text(status_name(*status))];
                row.extend(ends(Some(*range)));
                row.push(Cell::text(unit_name(field.unit)));
                table.rows.push(row);
            }
        }
        table
    }

    /// How many barriers stand.
    pub fn tally_table(&self) -> Table {
        let columns = vec![
            Column::new("barriers", Unit::Count, "Fields that are barriers from a threshold on"),
            Column::new("above", Unit::Count, "Barriers that stand, over the whole range"),
            Column::new("below", Unit::Count, "Those that do not, over the whole range"),
            Column::new("undetermined", Unit::Count, "Those whose range holds the threshold"),
            Column::new("unknown", Unit::Count, "Those without any value"),
        ];
        let mut table = Table::new("barriers", "How many barriers stand", columns);
        let tally = self.tally();
        let all: usize = tally.iter().sum();
        table.rows.push([all].into_iter().chain(tally).map(|count| Cell::Number(count as f64)).collect());
        table
    }

    /// The roll-up: how many barriers stand, and which nobody knows.
    pub fn finding(&self, tally: &Table, customer: &str, provider: &str) -> Finding {
        let named = |standing| {
            let fields = self.fields.iter().filter(|field| field.standing() == Some(standing));
            fields.map(|field| field.name).collect::<Vec<_>>().join(", ")
        };
        let some = |column: &str| tally.number(0, column).is_some_and(|count| count > 0.0);
        let mut sentence = FindingBuilder::new("Of ")
            .cell(tally, 0, "barriers")
            .words(format!(" barriers between {customer} and {provider}, "))
            .cell(tally, 0, "above")
            .words(" stand above their thresholds");
        if some("above") {
            sentence = sentence.words(format!(" ({})", named(Standing::Above)));
        }
        sentence = sentence.words(", ").cell(tally, 0, "below").words(" below");
        if some("undetermined") {
            let names = named(Standing::Undetermined);
            sentence = sentence.words(", ").cell(tally, 0, "undetermined");
            sentence = sentence.words(format!(" are undetermined ({names})"));
        }
        if some("unknown") {
            let names = named(Standing::Unknown);
            sentence = sentence.words(", ").cell(tally, 0, "unknown");
            sentence = sentence.words(format!(" are unknown ({names}): unknown is not none"));
        }
        sentence.words(".").done()
    }

    /// Sentences on the fields that people quote: what of the customer's revenue is promised away, and who needs whom.
    pub fn quotes(&self, shares: &Table, customer: &str, provider: &str) -> Vec<Finding> {
        let row = |name: &str| self.parts().position(|field| field.name == name);
        let mut found = Vec::new();
        if let Some(at) = row(dependence::PRE_ALLOCATED) {
            let mut sentence =
                FindingBuilder::new(format!("Of {customer}'s latest revenue at a yearly rate, "));
            let open = shares.number(at, "share_high").is_none();
            sentence = match shares.number(at, "as_printed") {
                Some(_) => {
                    let sentence = sentence.cell(shares, at, "as_printed");
                    let sentence = sentence.words(" is pre-allocated to ").words(provider);
                    sentence.words(" on the numbers as printed")
                }
                None => {
                    let sentence = sentence.range(shares, at, "share_low", "share_high");
                    sentence.words(" is pre-allocated to ").words(provider)
                }
            };
            if open {
                sentence = sentence.words("; \"more than\" in its sources leaves the range open");
            }
            found.push(sentence.words(".").done());
        }
        if let (Some(a), Some(b)) = (row(dependence::SPEND_SHARE), row(dependence::PROVIDER)) {
            let sentence = FindingBuilder::new(provider)
                .words(" covers ")
                .range(shares, a, "share_low", "share_high")
                .words(format!(" of the need that {customer} has for it; a year's commitment is "));
            let sentence = match shares.number(b, "as_printed") {
                Some(_) => {
                    sentence.cell(shares, b, "as_printed").words(" of the provider's revenue as printed.")
                }
                None => {
                    sentence.range(shares, b, "share_low", "share_high").words(" of the provider's revenue.")
                }
            };
            found.push(sentence.done());
        }
        found
    }
}

/// Where a pair stands in the plane of mutual dependence.
fn position(customer: Option<bool>, provider: Option<bool>) -> &'static str {
    match (customer, provider) {
        (Some(true), Some(true)) => "mutual",
        (Some(true), Some(false)) => "hostage",
        (Some(false), Some(true)) => "captive",
        (Some(false), Some(false)) => "loose",
        _ => "unknown",
    }
}

/// Every position that the two ranges allow.
fn possible(customer: Option<Interval>, provider: Option<Interval>) -> String {
    let (Some(a), Some(b)) = (customer, provider) else { return String::new() };
    let can = |range: Interval| {
        let (low, high) = (range.low >= DEPENDENT, range.high.unwrap_or(1.0) >= DEPENDENT);
        if low == high { vec![low] } else { vec![low, high] }
    };
    let all: Vec<&str> = can(a)
        .into_iter()
        .flat_map(|customer| can(b).into_iter().map(move |provider| position(Some(customer), Some(provider))))
        .collect();
    all.join(", ")
}

/// All pairs in the plane of mutual dependence.
pub fn plane(view: &View<'_>, profiles: &[(&Pair, Profile)]) -> Table {
    let columns = vec![
        Column::new("customer", Unit::Text, "Who is committed"),
        Column::new("provider", Unit::Text, "To whom"),
        Column::new(
            "spend_share",
            Unit::Share,
            "Share of the customer's need that the provider covers, least, 0 to 1",
        ),
        Column::new(
            "provider_dependence",
            Unit::Share,
            "A year's commitment over the provider's revenue, least, 0 to 1",
        ),
        Column::new(
            "position",
            Unit::Text,
            "At the least values, with 0.2 or more as dependent: hostage: the customer depends; captive: the provider does; \
             mutual; loose; unknown",
        ),
        Column::new("barriers", Unit::Count, "Barriers above their thresholds"),
        Column::new("unknown", Unit::Count, "Barriers that nobody knows"),
        Column::new("spend_share_high", Unit::Share, "The same share, most"),
        Column::new("provider_dependence_high", Unit::Share, "The same dependence, most"),
        Column::new("possible_positions", Unit::Text, "Every position that the two ranges allow"),
    ];
    let mut table = Table::new("plane", "The plane of mutual dependence", columns);
    for (pair, profile) in profiles {
        let [customer, provider] = profile.dependence();
        let [above, _, _, unknown] = profile.tally();
        let least = |range: Option<Interval>| range.map(|range| range.low);
        let depends = |range: Option<Interval>| range.map(|range| range.low >= DEPENDENT);
        let high = |range: Option<Interval>| Cell::number(range.map(|range| range.high.unwrap_or(1.0)));
        table.rows.push(vec![
            entity_cell(view.graph, pair.customer),
            entity_cell(view.graph, pair.provider),
            Cell::number(least(customer)),
            Cell::number(least(provider)),
            Cell::text(position(depends(customer), depends(provider))),
            Cell::Number(above as f64),
            Cell::Number(unknown as f64),
            high(customer),
            high(provider),
            Cell::text(possible(customer, provider)),
        ]);
    }
    table
}
