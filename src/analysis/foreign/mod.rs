//! Dependence on other countries: what stops if one does, who holds the markets, and the EU's indicators.

mod countries;
mod indicators;
mod markets;
mod trade;

use serde::{Deserialize, Serialize};

use super::trail::{Trail, say_weights};
use super::{Analysis, AnalysisError, Card, View};
use crate::answer::{Answer, Cell, FindingBuilder, Reach, Table};
use crate::model::{EntityId, ProductId};
use crate::network::{CostNetwork, Network};
use crate::side_by_side::SideBySide;

/// How far an entity, or a country with all its entities, depends on other countries.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::Args))]
#[serde(deny_unknown_fields, default)]
pub struct Foreign {
    /// Whose dependence
    #[cfg_attr(feature = "cli", arg(value_name = "ENTITY", required_unless_present = "country"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// What counts as home, as a two-letter code or EU [default: the seat of the entity]; without an entity, the
    /// dependence of everyone seated there
    #[cfg_attr(feature = "cli", arg(long, value_name = "COUNTRY"))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// Members of the European Union since 1 February 2020, as ISO 3166 two-letter codes.
const EUROPEAN_UNION: [&str; 27] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT",
    "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
];

/// What counts as home.
struct Home {
    /// How it is called.
    name: String,
    countries: Vec<String>,
}

impl Home {
    fn contains(&self, country: &str) -> bool {
        self.countries.iter().any(|own| own == country)
    }

    /// Whether trade between its countries is told from trade with others.
    fn is_bloc(&self) -> bool {
        self.countries.len() > 1
    }
}

/// Below this a loss or a share is rounding.
const NOTICEABLE: f64 = 1e-12;

/// What all tables read.
struct Ground<'v> {
    view: &'v View<'v>,
    home: Home,
    /// Whose dependence: the entity, or everyone seated at home who needs or buys anything.
    focal: Vec<EntityId>,
    network: Network,
    cost: CostNetwork,
    /// Whether an entity is focal or upstream of one, along needs that bind.
    chain: Vec<bool>,
}

impl Analysis for Foreign {
    const CARD: Card = Card {
        name: "foreign",
        title: "Foreign dependence",
        question: "On which countries does an entity, or a whole country, depend: what stops if one does, and who holds the \
                   markets it needs?",
        definition: "Stop loss of a country: loss if all entities with their seat there stop at once (or lose the share of their \
                     production there). Reach share: share of cost that meets any of them. EU indicators: CDI1, HHI of imports \
                     by country of origin above 0.4; CDI2, imports from outside over all imports above 0.5 (blocs only); CDI3, \
                     imports from outside over exports above 1; each is flagged as lasting where it holds in 2 or more of 3 years.",
        reads: "Seats, `Production` attributes, needs, `Supplies`, `Commits`, `Hosts`, `Sells` with their periods; intensities.",
        assumptions: "Trade is what the dataset records in money between seats, not customs statistics: an indicator is empty, \
                      with the reason, where there is none. The seat is not the place of production; both are given. Equal parts \
                      where a firm produces in several countries in unstated shares.",
        cost: "Three cascades for each foreign country, by seat and by production; two solves for each country.",
        reference: "European Commission SWD(2021) 352 (CDI1-3); CEPII GeoDep (persistence, world supply); Vicard and Wibaux, \
                    CEPII Policy Brief 41, 2023.",
        rests: Reach::Connected,
        example: "linchpin foreign anthropic",
    };

    fn run(&self, view: &View<'_>) -> Result<Answer, AnalysisError> {
        let entity = self.entity.as_ref().map(|key| view.graph.find_entity(key)).transpose()?;
        let ground = self.ground(view, entity)?;
        let home = &ground.home.name;
        let who = entity.map_or(home.clone(), |id| view.graph.entity(id).name.clone());
        let mut answer = Answer::new(
            Self::CARD.name,
            format!("Foreign dependence of {who}"),
            format!(
                "On which countries outside {home} does {who} depend, for what, and who holds the markets?"
            ),
        );
        let mut trail = Trail::default();
        answer.tables.push(countries::table(&ground, &mut trail)?);
        let products = ground.products();
        let (markets, places) = markets::tables(&ground, &products, &mut trail);
        answer.tables.push(markets);
        answer.tables.push(indicators::table(&ground, &products, &mut trail));
        answer.tables.push(places);
        say(&who, home, &mut answer);
        caveats(&ground, entity.is_some(), &mut answer);
        for row in ground.network.rows().iter().filter(|row| row.binds() && ground.in_chain(row.entity)) {
            for link in ground.network.suppliers(row) {
                trail.link(&ground.network, row, link);
            }
        }
        for buyer in &ground.focal {
            ground.cost.of(*buyer).iter().for_each(|link| trail.cost(&ground.cost, *buyer, link));
        }
        trail.reach(["markets", "market-countries"], Reach::Named);
        trail.finish(view, &mut answer);
        Ok(answer)
    }
}

impl Foreign {
    fn ground<'v>(&self, view: &'v View<'v>, entity: Option<EntityId>) -> Result<Ground<'v>, AnalysisError> {
        let graph = view.graph;
        let home = match (&self.country, entity) {
            (Some(country), _) => home(country)?,
            (None, Some(id)) => match &graph.entity(id).seat {
                Some(seat) => home(seat)?,
                None => {
                    let reason =
                        format!("{} has no known seat: say what counts as home", graph.entity(id).name);
                    return Err(AnalysisError::Invalid { parameter: "country", reason });
                }
            },
            (None, None) => {
                let reason = "expected an entity, or a country".to_string();
                return Err(AnalysisError::Invalid { parameter: "entity", reason });
            }
        };
        let network = Network::build(graph, &view.scope);
        let cost = CostNetwork::build(graph, &view.scope, &network);
        let domestic = |id: &EntityId| {
            let entity = graph.entity(*id);
            let buys = network.needs(*id).iter().any(|row| row.binds()) || !cost.of(*id).is_empty();
            buys && !entity.group && entity.seat.as_ref().is_some_and(|seat| home.contains(seat))
        };
        let focal = match entity {
            Some(id) => vec![id],
            None => graph.entity_ids().filter(domestic).collect(),
        };
        if focal.is_empty() {
            let text =
                format!("no entity with its seat in {} needs or buys anything in the dataset", home.name);
            return Err(AnalysisError::NoData(text));
        }
        let upstream: Vec<Vec<Option<u32>>> = focal.side_by_side(|id| network.tiers_upstream(*id));
        let mut chain = vec![false; graph.len()];
        for tiers in upstream {
            for (slot, tier) in chain.iter_mut().zip(tiers) {
                *slot |= tier.is_some();
            }
        }
        Ok(Ground { view, home, focal, network, cost, chain })
    }
}

/// A country or a bloc by its code.
fn home(code: &str) -> Result<Home, AnalysisError> {
    let code = code.to_uppercase();
    if code == "EU" {
        let countries = EUROPEAN_UNION.iter().map(|country| country.to_string()).collect();
        return Ok(Home { name: "the EU".to_string(), countries });
    }
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(Home { name: code.clone(), countries: vec![code] });
    }
    let reason = format!("{code:?}: expected an ISO 3166 two-letter code such as US, or EU");
    Err(AnalysisError::Invalid { parameter: "country", reason })
}

impl Ground<'_> {
    fn in_chain(&self, id: EntityId) -> bool {
        self.chain.get(id.index()).copied().unwrap_or(false)
    }

    /// Products that the chain cannot do without, in the order of their keys.
    fn products(&self) -> Vec<ProductId> {
        let rows = self.network.rows().iter().filter(|row| row.binds() && self.in_chain(row.entity));
        let mut products: Vec<ProductId> = rows.map(|row| row.product).collect();
        products.sort_unstable();
        products.dedup();
        products
    }

    fn seat(&self, id: EntityId) -> Option<&str> {
        self.view.graph.entity(id).seat.as_deref()
    }
}

/// Row with the largest number in a column, the first of equals.
fn most(table: &Table, column: &str) -> Option<usize> {
    let rows = (0..table.rows.len()).filter_map(|at| Some((at, table.number(at, column)?)));
    rows.fold(None, |best: Option<(usize, f64)>, (at, value)| match best {
        Some((_, most)) if value <= most => best,
        _ => Some((at, value)),
    })
    .filter(|(_, value)| *value > NOTICEABLE)
    .map(|(at, _)| at)
}

fn say(who: &str, home: &str, answer: &mut Answer) {
    let mut findings = Vec::new();
    if let Some(table) = answer.table("countries") {
        if let Some(at) = most(table, "stop_loss") {
            let finding = FindingBuilder::new("If everyone with their seat in ")
                .cell(table, at, "country")
                .words(format!(" stops, {who} loses "))
                .cell(table, at, "stop_loss")
                .words(" of its function (if only production there stops, ")
                .cell(table, at, "stop_loss_production")
                .words(").");
            findings.push(finding.done());
        }
        if let Some(at) = most(table, "reach_share") {
            let finding = FindingBuilder::new("Money: ")
                .cell(table, at, "reach_share")
                .words(format!(" of {who}'s cost passes through suppliers with their seat in "))
                .cell(table, at, "country")
                .words(".");
            findings.push(finding.done());
        }
    }
    if let Some(table) = answer.table("markets")
        && let Some(at) = most(table, "largest_foreign_share")
    {
        let finding = FindingBuilder::new("Of the markets needed, ")
            .cell(table, at, "market")
            .words(" is the most foreign to one country: vendors with their seat in ")
            .cell(table, at, "largest_foreign_country")
            .words(" hold ")
            .cell(table, at, "largest_foreign_share")
            .words(format!(", vendors from {home} "))
            .cell(table, at, "home_share")
            .words(".");
        findings.push(finding.done());
    }
    if let Some(table) = answer.table("indicators") {
        let lasting = |at: &usize| table.cell(*at, "persistent") == Some(&Cell::Flag(true));
        for at in (0..table.rows.len()).filter(lasting).take(3) {
            let finding = FindingBuilder::new("")
                .cell(table, at, "product")
                .words(": ")
                .cell(table, at, "indicator")
                .words(" stands at ")
                .cell(table, at, "value")
                .words(", over its threshold of ")
                .cell(table, at, "threshold")
                .words(", and held in ")
                .cell(table, at, "years_over")
                .words(" of ")
                .cell(table, at, "years")
                .words(" years.");
            findings.push(finding.done());
        }
    }
    answer.findings = findings;
}

fn caveats(ground: &Ground<'_>, single: bool, answer: &mut Answer) {
    let in_chain = |row: &crate::network::NeedRow| row.binds() && ground.in_chain(row.entity);
    say_weights(answer, &ground.network, ground.network.rungs(in_chain));
    if !single {
        let text = format!(
            "Losses and cost shares are means over {} entities with their seat in {}, each counted once whatever its size.",
            ground.focal.len(),
            ground.home.name
        );
        answer.caveat("equal-entities", text, Some(ground.focal.len()));
    }
    let text = "A country fails with all its entities in the dataset. Stop loss takes the unknown part of every need as going on.";
    answer.caveat("joint-failure", text, None);
    let text = "Trade is what the dataset records in money between seats, per year; it is not customs statistics, and commitments \
                count as trade of the years that they cover.";
    answer.caveat("recorded-trade", text, None);
    if ground.cost.is_empty() {
        let text = "The dataset has no costs here: face value, look-through and reach share are empty.";
        answer.caveat("no-costs", text, None);
    }
    if ground.network.rows().iter().all(|row| !row.binds()) {
        let text =
            "The dataset states no needs, so nothing can be said about function: stop losses are empty.";
        answer.caveat("no-needs", text, None);
    }
    let graph = ground.view.graph;
    let seatless =
        graph.entity_ids().filter(|id| ground.in_chain(*id) && graph.entity(*id).seat.is_none()).count();
    if seatless > 0 {
        let text = format!("{seatless} entities of the chain have no known seat and are in no country.");
        answer.caveat("no-seat", text, Some(seatless));
    }
}
