//! Who holds the markets that are needed: by country of seat and by country of production.

use std::collections::BTreeMap;

use super::super::trail::{Trail, product_cell};
use super::Ground;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::ProductId;
use crate::network::{Survey, market_of};

/// Shares of a market by country; the rest comes from nobody knows where.
#[derive(Default)]
struct Split {
    shares: BTreeMap<String, f64>,
}

impl Split {
    fn home(&self, ground: &Ground<'_>) -> f64 {
        self.shares
            .iter()
            .filter(|(country, _)| ground.home.contains(country))
            .fold(0.0, |sum, (_, share)| sum + share)
    }

    fn foreign(&self, ground: &Ground<'_>) -> f64 {
        self.shares
            .iter()
            .filter(|(country, _)| !ground.home.contains(country))
            .fold(0.0, |sum, (_, share)| sum + share)
    }

    fn unknown(&self) -> f64 {
        (1.0 - self.shares.values().sum::<f64>()).max(0.0)
    }

    fn largest_foreign(&self, ground: &Ground<'_>) -> Option<(&String, f64)> {
        let foreign = self.shares.iter().filter(|(country, _)| !ground.home.contains(country));
        foreign.fold(None, |best: Option<(&String, f64)>, (country, share)| match best {
            Some((_, most)) if *share <= most => best,
            _ => Some((country, *share)),
        })
    }

    fn hhi(&self) -> f64 {
        10_000.0 * self.shares.values().map(|share| share * share).sum::<f64>()
    }
}

/// Shares of a survey by country of seat.
pub(super) fn by_seat(ground: &Ground<'_>, survey: &Survey) -> BTreeMap<String, f64> {
    let mut shares: BTreeMap<String, f64> = BTreeMap::new();
    for vendor in &survey.vendors {
        if let Some(seat) = ground.seat(vendor.entity) {
            *shares.entry(seat.to_string()).or_default() += vendor.share;
        }
    }
    shares
}

fn by_production(ground: &Ground<'_>, survey: &Survey) -> BTreeMap<String, f64> {
    let mut shares: BTreeMap<String, f64> = BTreeMap::new();
    for vendor in &survey.vendors {
        for (country, part) in ground.view.graph.production_of(vendor.entity, &ground.view.scope).0 {
            *shares.entry(country).or_default() += vendor.share * part;
        }
    }
    shares
}

/// One row for each market needed, and one for each market and country.
pub(super) fn tables(ground: &Ground<'_>, products: &[ProductId], trail: &mut Trail) -> (Table, Table) {
    let mut markets =
        Table::new("markets", "The markets needed, by where their vendors are", market_columns());
    let mut places = Table::new("market-countries", "Each market by country", place_columns());
    let graph = ground.view.graph;
    for product in products {
        let name = product_cell(graph, *product);
        let Some(survey) = market_of(graph, &ground.view.scope, *product) else {
            let mut row = vec![name];
            row.resize(markets.columns.len(), Cell::Empty);
            if let Some(last) = row.last_mut() {
                *last = Cell::text("no survey of the market");
            }
            markets.rows.push(row);
            continue;
        };
        for vendor in &survey.vendors {
            trail.relation(vendor.relation);
        }
        let seat = Split { shares: by_seat(ground, &survey) };
        let made = Split { shares: by_production(ground, &survey) };
        let country =
            |found: Option<(&String, f64)>| found.map_or(Cell::Empty, |(country, _)| Cell::text(country));
        let (by_seat, by_made) = (seat.largest_foreign(ground), made.largest_foreign(ground));
        let placed = !made.shares.is_empty();
        let production = |value: f64| if placed { Cell::Number(value) } else { Cell::Empty };
        markets.rows.push(vec![
            name.clone(),
            Cell::text(survey.describe()),
            Cell::Number(survey.vendors.len() as f64),
            Cell::Number(seat.home(ground)),
            Cell::Number(seat.foreign(ground)),
            Cell::Number(seat.unknown()),
            country(by_seat),
            Cell::number(by_seat.map(|(_, share)| share)),
            Cell::Number(seat.hhi()),
            production(made.home(ground)),
            production(made.foreign(ground)),
            Cell::Number(made.unknown()),
            country(by_made),
            Cell::number(by_made.map(|(_, share)| share)),
            Cell::text(if survey.product == *product {
                ""
            } else {
                "shares of the market that stands in for it"
            }),
        ]);
        let mut codes: Vec<&String> = seat.shares.keys().chain(made.shares.keys()).collect();
        codes.sort_unstable();
        codes.dedup();
        for code in codes {
            places.rows.push(vec![
                name.clone(),
                Cell::text(code),
                Cell::Flag(ground.home.contains(code)),
                Cell::Number(seat.shares.get(code).copied().unwrap_or(0.0)),
                Cell::Number(made.shares.get(code).copied().unwrap_or(0.0)),
            ]);
        }
    }
    (markets, places)
}

fn market_columns() -> Vec<Column> {
    vec![
        Column::new("market", Unit::Text, "A product that the chain cannot do without"),
        Column::new("survey", Unit::Text, "The survey that is used"),
        Column::new("vendors", Unit::Count, "Vendors listed, groups included, 1 or more"),
        Column::new("home_share", Unit::Share, "Share of vendors with their seat at home, 0 to 1"),
        Column::new("foreign_share", Unit::Share, "Share of vendors with their seat elsewhere, 0 to 1"),
        Column::new(
            "unknown_share",
            Unit::Share,
            "Share of vendors that are not listed or have no known seat, 0 to 1",
        ),
        Column::new("largest_foreign_country", Unit::Text, "The foreign country whose vendors hold most"),
        Column::new("largest_foreign_share", Unit::Share, "Their share, 0 to 1"),
        Column::new(
            "hhi_country",
            Unit::Hhi,
            "HHI by country of seat, the unknown share atomised: at least, to 10,000",
        ),
        Column::new("home_production", Unit::Share, "Share made at home, as far as known, 0 to 1"),
        Column::new("foreign_production", Unit::Share, "Share made elsewhere, as far as known, 0 to 1"),
        Column::new("unknown_production", Unit::Share, "Share made nobody knows where, 0 to 1"),
        Column::new("largest_producing_country", Unit::Text, "The foreign country where most is made"),
        Column::new("largest_producing_share", Unit::Share, "The share made there, 0 to 1"),
        Column::new("note", Unit::Text, "Why cells are empty, or what stands in"),
    ]
}

fn place_columns() -> Vec<Column> {
    vec![
        Column::new("market", Unit::Text, "A product that the chain cannot do without"),
        Column::new("country", Unit::Text, "ISO 3166 two-letter code"),
        Column::new("home", Unit::Text, "Whether it is home"),
        Column::new("share_by_seat", Unit::Share, "Share of vendors with their seat there, 0 to 1"),
        Column::new("share_by_production", Unit::Share, "Share made there, as far as known, 0 to 1"),
    ]
}
