//! Packages, statuses and changes as tables.

use super::View;
use super::package::{Link, Package};
use crate::analysis::totals::{
    STATUSES, Supposed, Totals, ends, money, range_cells, range_columns, status_name,
};
use crate::analysis::trail::entity_cell;
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::model::{EntityId, Interval, RelationId, years_between};
use crate::order::Arrange;
use crate::scope::Scope;

fn totals(view: &View<'_>, supposed: Supposed, package: &Package) -> Totals {
    package.totals(view.graph, &view.scope, view.scope.as_of, supposed)
}

/// Packages by leverage, those without one after them by what is promised and then by what is put in.
pub fn ranked(view: &View<'_>, supposed: Supposed, packages: Vec<Package>) -> Vec<Package> {
    let mut keyed: Vec<_> = packages
        .into_iter()
        .map(|package| {
            let sums = totals(view, supposed, &package);
            let low = |range: Option<Interval>| range.map_or(-1.0, |range| range.low);
            let most = sums.invested.map_or(-1.0, |range| range.high.unwrap_or(f64::MAX));
            ([low(sums.leverage()), low(sums.committed), most], package)
        })
        .collect();
    keyed.arrange(|(a, first), (b, second)| {
        let numbers = a.iter().zip(b).map(|(a, b)| b.total_cmp(a)).find(|order| order.is_ne());
        let names = || (&first.name, first.customer).cmp(&(&second.name, second.customer));
        numbers.unwrap_or_else(names)
    });
    keyed.into_iter().map(|(_, package)| package).collect()
}

/// What the numbers say about a package, in words.
fn inversion(sums: &Totals, counted: bool) -> &'static str {
    match (sums.leverage(), sums.committed, sums.invested) {
        (Some(range), ..) if range.low > 1.0 => "inverted: more promised than put in",
        (Some(Interval { high: Some(high), .. }), ..) if high < 1.0 => "more put in than promised",
        (Some(Interval { low: 1.0, high: Some(1.0) }), ..) => "as much promised as put in",
        (Some(_), ..) => "undetermined",
        (None, Some(_), _) => "no investment of known size",
        (None, None, Some(_)) => "no commitment of known size",
        (None, None, None) if counted => "no size known",
        (None, None, None) => "nothing that counts",
    }
}

fn entities<'a>(view: &View<'_>, ids: impl IntoIterator<Item = &'a EntityId>) -> Cell {
    let named = |id: &EntityId| {
        let entity = view.graph.entity(*id);
        (entity.key.clone(), entity.name.clone())
    };
    Cell::Items(ids.into_iter().map(named).collect())
}

/// Records by their keys, with what they say.
fn records(view: &View<'_>, ids: impl Iterator<Item = RelationId>) -> Cell {
    let graph = view.graph;
    let says = |id: RelationId| {
        let relation = graph.relation(id);
        (relation.key.clone(), graph.describe_relation(relation))
    };
    let all: Vec<_> = ids.map(says).collect();
    if all.is_empty() { Cell::Empty } else { Cell::Items(all) }
}

/// The table of packages.
pub fn packages(view: &View<'_>, supposed: Supposed, name: &str, title: &str, packages: &[Package]) -> Table {
    let mut columns = vec![
        Column::new("package", Unit::Text, "The deal, or the pair of groups"),
        Column::new("linked", Unit::Text, "together: one deal says so; by pair: the same two groups"),
        Column::new(
            "customer",
            Unit::Text,
            "Who promises to spend; who is invested in where nobody promises",
        ),
        Column::new("providers", Unit::Text, "To whom"),
        Column::new("investors", Unit::Text, "Who puts money into the customer"),
    ];
    columns.extend(range_columns());
    columns.extend([
        Column::new(
            "inversion",
            Unit::Text,
            "Whether more is promised back than put in, at both ends of the ranges",
        ),
        Column::new("annual_low", Unit::UsdPerYear, "Least commitment a year, dollars"),
        Column::new(
            "annual_high",
            Unit::UsdPerYear,
            "Most commitment a year, dollars; empty where nothing bounds it",
        ),
        Column::new("stake_low", Unit::Usd, "Least money that the customer put into a provider, dollars"),
        Column::new("stake_high", Unit::Usd, "Most money that the customer put into a provider, dollars"),
        Column::new("invested_since", Unit::Text, "Date of the earliest investment that counts, as precise as it is stated"),
        Column::new("committed_since", Unit::Text, "Date of the earliest commitment that counts"),
        Column::new(
            "lag_years",
            Unit::Years,
            "From the first day of one date to the first day of the other; negative where the promise came first",
        ),
        Column::new(
            "no_money_stated",
            Unit::Text,
            "Records that count and state no money; they are not in the sums",
        ),
        Column::new("not_counted", Unit::Text, "Records of the package that the scope does not count"),
    ]);
    let mut table = Table::new(name, title, columns);
    // who takes part on which side is known better on some days than on others
    table.keyed = Some(3);
    let (graph, scope) = (view.graph, &view.scope);
    for package in packages {
        let sums = totals(view, supposed, package);
        let staked = package.staked(graph, scope, scope.as_of, supposed).invested;
        let since = [&package.invests, &package.commits].map(|ids| package.since(graph, scope, ids));
        let lag =
            since[0].zip(since[1]).map(|(money, promise)| years_between(money.first(), promise.first()));
        let linked = match package.link {
            Link::Together => "together",
            Link::Pair => "by pair",
        };
        let mut row: Row = vec![
            Cell::text(&package.name),
            Cell::text(linked),
            entity_cell(graph, package.customer),
            entities(view, &package.providers),
            entities(view, &package.investors),
        ];
        row.extend(range_cells(&sums));
        let counted = package.ids().any(|id| package.counts(graph, scope, id));
        row.push(Cell::text(inversion(&sums, counted)));
        row.extend(ends(sums.annual));
        row.extend(ends(staked));
        row.extend(since.map(|day| day.map_or(Cell::Empty, |day| Cell::text(day.to_string()))));
        row.push(Cell::number(lag));
        let counts = |id: &RelationId| package.counts(graph, scope, *id);
        let silent = |id: &RelationId| counts(id) && money(graph, scope.as_of, *id).is_none();
        row.push(records(view, package.ids().filter(silent)));
        row.push(records(view, package.ids().filter(|id| !scope.counts(graph.relation(*id)))));
        table.rows.push(row);
    }
    table
}

/// Every package at every status that one of its records has.
pub fn by_status(view: &View<'_>, supposed: Supposed, packages: &[Package]) -> Table {
    let mut columns = vec![
        Column::new("package", Unit::Text, "The deal, or the pair of groups"),
        Column::new("customer", Unit::Text, "Who promises to spend"),
        Column::new(
            "status",
            Unit::Text,
            "The status on the day; statuses do not add up where a tranche is firmer than its total",
        ),
    ];
    columns.extend(range_columns());
    let mut table = Table::new("by-status", "The same by status, counted or not", columns);
    for package in packages {
        for status in STATUSES {
            let scope = Scope { status: vec![status], ..view.scope.clone() };
            let sums = package.totals(view.graph, &scope, scope.as_of, supposed);
            if sums.committed.is_some() || sums.invested.is_some() {
                let mut row = vec![Cell::text(&package.name), entity_cell(view.graph, package.customer)];
                row.push(Cell::text(status_name(status)));
                row.extend(range_cells(&sums));
                table.rows.push(row);
            }
        }
    }
    table
}

/// How many packages there are of which sort.
pub fn overview(view: &View<'_>, supposed: Supposed, packages: &[Package]) -> Table {
    let columns = vec![
        Column::new("packages", Unit::Count, "Packages with a record that counts"),
        Column::new("both_sides", Unit::Count, "With money stated on both sides"),
        Column::new(
            "inverted",
            Unit::Count,
            "Of those, with more promised than put in at both ends of the range",
        ),
        Column::new(
            "no_investment",
            Unit::Count,
            "With a commitment of known size and no investment of known size",
        ),
        Column::new(
            "no_commitment",
            Unit::Count,
            "With an investment of known size and no commitment of known size",
        ),
    ];
    let mut table = Table::new("overview", "How many of which sort", columns);
    let counted = |p: &&Package| p.ids().any(|id| p.counts(view.graph, &view.scope, id));
    let sums: Vec<Totals> = packages.iter().filter(counted).map(|p| totals(view, supposed, p)).collect();
    let count =
        |wanted: &dyn Fn(&Totals) -> bool| Cell::Number(sums.iter().filter(|s| wanted(s)).count() as f64);
    table.rows.push(vec![
        Cell::Number(sums.len() as f64),
        count(&|s| s.committed.is_some() && s.invested.is_some()),
        count(&|s| s.leverage().is_some_and(|range| range.low > 1.0)),
        count(&|s| s.committed.is_some() && s.invested.is_none()),
        count(&|s| s.committed.is_none() && s.invested.is_some()),
    ]);
    table
}

/// What a day changed between two groups.
pub struct Change<'p> {
    package: &'p Package,
    before: Totals,
    now: Totals,
    added: Vec<RelationId>,
    gone: Vec<RelationId>,
    difference: [Interval; 2],
}

/// The pairs whose counted records changed, the largest change of promises first. Both days at rates of the later one, and the
/// difference over the records that came and went, so that what stayed does not widen it.
pub fn changes<'p>(
    view: &View<'_>,
    earlier: &Scope,
    supposed: Supposed,
    pairs: &'p [Package],
) -> Vec<Change<'p>> {
    let (graph, day) = (view.graph, view.scope.as_of);
    let mut changes: Vec<Change<'p>> = pairs
        .iter()
        .filter_map(|package| {
            let then = |id: &RelationId| package.counts(graph, earlier, *id);
            let now = |id: &RelationId| package.counts(graph, &view.scope, *id);
            let all = || package.commits.iter().chain(&package.invests).copied();
            let added: Vec<_> = all().filter(|id| now(id) && !then(id)).collect();
            let gone: Vec<_> = all().filter(|id| then(id) && !now(id)).collect();
            if added.is_empty() && gone.is_empty() {
                return None;
            }
            let [plus, minus] =
                [&added, &gone].map(|ids| Totals::of(graph, day, supposed, ids.iter().copied()));
            Some(Change {
                package,
                before: package.totals(graph, earlier, day, supposed),
                now: package.totals(graph, &view.scope, day, supposed),
                added,
                gone,
                difference: [less(plus.committed, minus.committed), less(plus.invested, minus.invested)],
            })
        })
        .collect();
    let size = |change: &Change<'_>| change.difference.map(|range| range.low.abs());
    changes.arrange(|a, b| {
        let ([a0, a1], [b0, b1]) = (size(a), size(b));
        b0.total_cmp(&a0).then(b1.total_cmp(&a1)).then(a.package.name.cmp(&b.package.name))
    });
    changes
}

/// A range less another; what is in neither is nothing.
fn less(plus: Option<Interval>, minus: Option<Interval>) -> Interval {
    let none = Interval::exact(0.0);
    let (plus, minus) = (plus.unwrap_or(none), minus.unwrap_or(none));
    let low = minus.high.map_or(f64::NEG_INFINITY, |high| plus.low - high);
    Interval { low, high: plus.high.map(|high| high - minus.low) }
}

/// The table of changes; its first row adds all up.
pub fn change(view: &View<'_>, changes: &[Change<'_>]) -> Table {
    let mut columns = vec![
        Column::new("customer", Unit::Text, "Who promises to spend, or is invested in"),
        Column::new("counterparty", Unit::Text, "Providers and investors of the other group"),
    ];
    for (name, what) in [("committed", "Money committed"), ("invested", "Money invested in the customer")] {
        for (when, words) in [
            ("before", "on the earlier day"),
            ("now", "on the day"),
            ("change", "now less before, over the records that came and went"),
        ] {
            for (end, least) in [("low", "least"), ("high", "most; empty where nothing bounds it")] {
                let about = format!("{what}, dollars, {words}, {least}");
                columns.push(Column::new(&format!("{name}_{when}_{end}"), Unit::Usd, &about));
            }
        }
    }
    for (when, words) in [("before", "on the earlier day"), ("now", "on the day")] {
        for (end, least) in [("low", "least"), ("high", "most; empty where nothing bounds it")] {
            let about = format!("Committed over invested {words}, {least}");
            columns.push(Column::new(&format!("leverage_{when}_{end}"), Unit::Ratio, &about));
        }
    }
    columns.extend([
        Column::new("came", Unit::Text, "Records that count now and did not then"),
        Column::new("went", Unit::Text, "Records that counted then and do not now"),
    ]);
    let mut table = Table::new("change", "What changed between the two days", columns);
    let sum = |pick: &dyn Fn(&Change<'_>) -> Option<Interval>| {
        changes.iter().filter_map(pick).reduce(Interval::plus)
    };
    let mut all: Row = vec![Cell::text("all that changed"), Cell::Empty];
    all.extend(ends(sum(&|c| c.before.committed)));
    all.extend(ends(sum(&|c| c.now.committed)));
    all.extend(finite(sum(&|c| Some(c.difference[0]))));
    all.extend(ends(sum(&|c| c.before.invested)));
    all.extend(ends(sum(&|c| c.now.invested)));
    all.extend(finite(sum(&|c| Some(c.difference[1]))));
    all.extend(vec![Cell::Empty; 6]);
    table.rows.push(all);
    for change in changes {
        let package = change.package;
        let others: Vec<EntityId> = package.providers.union(&package.investors).copied().collect();
        let mut row: Row = vec![entity_cell(view.graph, package.customer), entities(view, &others)];
        row.extend(ends(change.before.committed));
        row.extend(ends(change.now.committed));
        row.extend(finite(Some(change.difference[0])));
        row.extend(ends(change.before.invested));
        row.extend(ends(change.now.invested));
        row.extend(finite(Some(change.difference[1])));
        row.extend(ends(change.before.leverage()));
        row.extend(ends(change.now.leverage()));
        row.push(records(view, change.added.iter().copied()));
        row.push(records(view, change.gone.iter().copied()));
        table.rows.push(row);
    }
    table
}

/// The two cells of a range whose lower end may be without bound too.
fn finite(range: Option<Interval>) -> [Cell; 2] {
    let range = range.unwrap_or(Interval::exact(0.0));
    [Cell::number(range.low), Cell::number(range.high)]
}
