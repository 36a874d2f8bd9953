//! The tables of a demand.

use super::price::{Price, PriceKind};
use super::range::Range;
use super::suppliers::{shares, unstated};
use super::unit::{self, Amount};
use super::walk::Walk;
use super::{Asked, Purchase};
use crate::analysis::trail::{entity_cell, product_cell};
use crate::answer::{Answer, Cell, Column, Row, Table, Unit, format_unit};
use crate::graph::describe_measure;
use crate::model::{Product, ProductId};
use crate::order::Arrange;

/// An amount in words: `$100bn`, `5 GW`, `1,000,000 chips`.
pub(super) fn amount_words(amount: Amount, product: &Product) -> String {
    match amount {
        Amount::Usd(usd) => format_unit(usd, Unit::Usd),
        Amount::Megawatts(power) => format_unit(power, Unit::Megawatt),
        Amount::Units(number) => {
            format!("{} {}", format_unit(number, Unit::Quantity), product.unit.as_deref().unwrap_or("unit"))
        }
    }
}

/// Adds all tables.
pub(super) fn fill(asked: &Asked<'_>, purchase: &Purchase, walk: &Walk, answer: &mut Answer) {
    answer.tables.push(inputs(asked, walk));
    answer.tables.push(commitment(asked, purchase));
    answer.tables.push(supplier_table(asked, walk));
    answer.tables.push(steps(asked, walk));
    answer.tables.push(prices(asked, purchase, walk));
    let packed = packed(asked, walk);
    if !packed.rows.is_empty() {
        answer.tables.push(packed);
    }
    answer.tables.push(missing(asked, walk));
}

fn three(range: Option<Range>) -> [Cell; 3] {
    let high = range.and_then(|range| range.high);
    [range.map(|range| range.point), range.map(|range| range.low), high].map(Cell::number)
}

/// What is bought.
fn commitment(asked: &Asked<'_>, purchase: &Purchase) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "What is bought"),
        Column::new("money", Unit::Usd, "Money in all"),
        Column::new("money_from", Unit::Usd, "The least that the price allows"),
        Column::new("money_to", Unit::Usd, "The most"),
        Column::new("years", Unit::Years, "Years that the purchase runs; empty where it is bought at once"),
        Column::new("money_per_year", Unit::UsdPerYear, "Money over years"),
        Column::new(
            "power",
            Unit::Megawatt,
            "Power that it buys, held over the years; empty where it is not counted in power",
        ),
        Column::new("power_from", Unit::Megawatt, "At the highest price"),
        Column::new("power_to", Unit::Megawatt, "At the lowest price"),
        Column::new("number", Unit::Quantity, "Units that it buys; empty where it is counted in power"),
        Column::new("number_from", Unit::Quantity, "At the highest price"),
        Column::new("number_to", Unit::Quantity, "At the lowest price"),
        Column::new(
            "contracts",
            Unit::Count,
            "Contracts that state money, power and time and so imply the price",
        ),
    ];
    let mut table = Table::new("commitment", "What is bought", columns);
    let level = &purchase.level;
    let (base, _) = unit::base(asked.view.graph.product(asked.product));
    let number = level.quantities.get(&base).copied();
    let power = base == "MW";
    let yearly = level.money.zip(purchase.years).map(|(money, years)| money.point / years);
    let mut row: Row = vec![product_cell(asked.view.graph, asked.product)];
    row.extend(three(level.money));
    row.extend([Cell::number(purchase.years), Cell::number(yearly)]);
    row.extend(three(number.filter(|_| power)));
    row.extend(three(number.filter(|_| !power)));
    let contracts = purchase.price.as_ref().map(|price| price.contracts.len()).filter(|count| *count > 0);
    row.push(Cell::number(contracts.map(|count| count as f64)));
    table.rows.push(row);
    table
}

/// Everything that the purchase takes.
fn inputs(asked: &Asked<'_>, walk: &Walk) -> Table {
    let columns = vec![
        Column::new("input", Unit::Text, "What is taken"),
        Column::new(
            "quantity",
            Unit::Quantity,
            "How many; empty where neither a number nor a price is known",
        ),
        Column::new(
            "quantity_from",
            Unit::Quantity,
            "The least that the sources of what it takes allow, at prices of contracts as stated",
        ),
        Column::new("quantity_to", Unit::Quantity, "The most; empty without a bound"),
        Column::new("unit", Unit::Text, "What is counted"),
        Column::new("money", Unit::Usd, "What it costs its buyer, once; inputs of inputs are inside"),
        Column::new(
            "money_from",
            Unit::Usd,
            "The least that the sources of what it takes allow, at prices of contracts as stated",
        ),
        Column::new("money_to", Unit::Usd, "The most; empty without a bound"),
        Column::new("step", Unit::Count, "Steps upstream of what is bought"),
        Column::new("for", Unit::Text, "What takes it directly"),
        Column::new(
            "assumed",
            Unit::Text,
            "Records on the way that are assumptions; empty where every step is sourced",
        ),
    ];
    let mut table = Table::new("inputs", "What it takes", columns);
    let facts = asked.view.graph.facts();
    for product in order(asked, walk) {
        let Some(level) = walk.levels.get(&product) else { continue };
        let takers = walk.steps.iter().filter(|step| step.input == product && step.unused.is_none());
        let mut takers: Vec<ProductId> = takers.map(|step| step.product).collect();
        takers.dedup();
        let name = |id: &ProductId| {
            let record = asked.view.graph.product(*id);
            (record.key.clone(), record.name.clone())
        };
        let assumed = level.steps.iter().filter_map(|at| facts.intensities.get(*at));
        let assumed = assumed.filter(|intensity| intensity.evidence.assumed.is_some());
        let assumed: Vec<(String, String)> = assumed.map(|i| (i.key.clone(), i.key.clone())).collect();
        let mut units: Vec<Option<(&String, Range)>> =
            level.quantities.iter().map(|(u, r)| Some((u, *r))).collect();
        let (base, _) = unit::base(asked.view.graph.product(product));
        units.arrange_by_key(|unit| unit.is_some_and(|(unit, _)| *unit != base));
        if units.is_empty() {
            units.push(None);
        }
        for (at, unit) in units.into_iter().enumerate() {
            let mut row: Row = vec![product_cell(asked.view.graph, product)];
            row.extend(three(unit.map(|(_, range)| range)));
            row.push(unit.map_or(Cell::Empty, |(unit, _)| Cell::text(unit)));
            row.extend(three(level.money.filter(|_| at == 0)));
            row.push(Cell::Number(level.depth as f64));
            row.push(Cell::Items(takers.iter().map(name).collect()));
            row.push(Cell::Items(assumed.clone()));
            table.rows.push(row);
        }
    }
    table
}

/// Inputs: nearest first, then the dearest, then by key.
fn order(asked: &Asked<'_>, walk: &Walk) -> Vec<ProductId> {
    let mut all: Vec<ProductId> = walk.levels.keys().copied().filter(|id| *id != asked.product).collect();
    let rank = |id: &ProductId| {
        let level = walk.levels.get(id);
        (level.map_or(0, |l| l.depth), level.and_then(|l| l.money).map_or(0.0, |money| money.point))
    };
    all.arrange(|a, b| {
        let (x, y) = (rank(a), rank(b));
        x.0.cmp(&y.0).then(y.1.total_cmp(&x.1)).then(a.cmp(b))
    });
    all
}

fn supplier_table(asked: &Asked<'_>, walk: &Walk) -> Table {
    let columns = vec![
        Column::new("input", Unit::Text, "What is taken"),
        Column::new("supplier", Unit::Text, "Who sells it; empty for vendors that no survey names"),
        Column::new("share", Unit::Share, "Share of the input, 0 to 1"),
        Column::new("basis", Unit::Text, "Where the share comes from"),
        Column::new("quantity", Unit::Quantity, "How many"),
        Column::new("quantity_from", Unit::Quantity, "The least that the sources of the number allow"),
        Column::new("quantity_to", Unit::Quantity, "The most"),
        Column::new("unit", Unit::Text, "What is counted"),
        Column::new("money", Unit::Usd, "Money to this supplier, once"),
        Column::new("money_from", Unit::Usd, "The least that the sources of the amount allow"),
        Column::new("money_to", Unit::Usd, "The most"),
    ];
    let mut table = Table::new("suppliers", "At whom", columns);
    for product in order(asked, walk) {
        let Some(level) = walk.levels.get(&product) else { continue };
        let (base, _) = unit::base(asked.view.graph.product(product));
        for share in shares(asked.view, &asked.network, asked.provider, product) {
            let number = level.quantities.get(&base).map(|range| range.scaled(share.share));
            let mut row: Row = vec![
                product_cell(asked.view.graph, product),
                share.supplier.map_or(Cell::Empty, |id| entity_cell(asked.view.graph, id)),
                Cell::Number(share.share),
                Cell::text(share.basis.describe()),
            ];
            row.extend(three(number));
            row.push(if number.is_some() { Cell::text(&base) } else { Cell::Empty });
            row.extend(three(level.money.map(|money| money.scaled(share.share))));
            table.rows.push(row);
        }
    }
    table
}

/// Every statement of every bill reached, and what became of it.
fn steps(asked: &Asked<'_>, walk: &Walk) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "What takes it"),
        Column::new("input", Unit::Text, "What is taken"),
        Column::new("record", Unit::Text, "The intensity"),
        Column::new("variant", Unit::Text, "Generation or model that it is about"),
        Column::new("states", Unit::Text, "What it says one unit takes"),
        Column::new("evidence", Unit::Text, "sourced, or assumed"),
        Column::new("confidence", Unit::Text, "How sure the author is"),
        Column::new("quantity", Unit::Quantity, "What it gives by itself for the whole purchase"),
        Column::new("unit", Unit::Text, "What is counted"),
        Column::new("money", Unit::Usd, "What it gives by itself in money"),
        Column::new("used", Unit::Text, "yes, or why not"),
    ];
    let mut table = Table::new("steps", "Step by step", columns);
    for step in &walk.steps {
        let Some(intensity) = asked.view.graph.facts().intensities.get(step.at) else { continue };
        let per = intensity.per.as_deref().map(|per| format!(" ({per})")).unwrap_or_default();
        table.rows.push(vec![
            product_cell(asked.view.graph, step.product),
            product_cell(asked.view.graph, step.input),
            Cell::text(&intensity.key),
            intensity.variant.as_deref().map_or(Cell::Empty, Cell::text),
            Cell::text(format!("{}{per}", describe_measure(&intensity.amount))),
            Cell::text(if intensity.evidence.assumed.is_some() { "assumed" } else { "sourced" }),
            Cell::text(format!("{:?}", intensity.evidence.confidence).to_lowercase()),
            Cell::number(step.quantity.as_ref().map(|(range, _)| range.point)),
            step.quantity.as_ref().map_or(Cell::Empty, |(_, unit)| Cell::text(unit)),
            Cell::number(step.money.map(|money| money.point)),
            Cell::text(step.unused.map_or("yes", |why| why.describe())),
        ]);
    }
    table
}

/// Prices and costs that turned money into numbers or back.
fn prices(asked: &Asked<'_>, purchase: &Purchase, walk: &Walk) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "What it is the price of"),
        Column::new("usd", Unit::Usd, "Dollars for one unit, for one and a year where it is rented"),
        Column::new("usd_from", Unit::Usd, "The least that the sources allow"),
        Column::new("usd_to", Unit::Usd, "The most"),
        Column::new("unit", Unit::Text, "One of what"),
        Column::new("kind", Unit::Text, "price, cost to make, or what contracts imply"),
        Column::new("records", Unit::Text, "Where it is stated"),
    ];
    let mut table = Table::new("prices", "Prices used", columns);
    let graph = asked.view.graph;
    let mut add = |product: ProductId, price: &Price, usd: Range, records: Vec<String>| {
        let (base, _) = unit::base(graph.product(product));
        let mut row: Row = vec![product_cell(graph, product)];
        row.extend(three(Some(usd)));
        row.push(Cell::text(if price.rented { format!("{base}-year") } else { base }));
        row.push(Cell::text(match price.kind {
            PriceKind::Price => "price",
            PriceKind::Cost => "cost to make",
            PriceKind::Contracts => "contract",
        }));
        row.push(Cell::Items(records.iter().map(|key| (key.clone(), key.clone())).collect()));
        table.rows.push(row);
    };
    for (id, rate, _) in purchase.price.iter().flat_map(|price| &price.contracts) {
        if let Some(price) = &purchase.price {
            add(asked.product, price, Range::exact(*rate), vec![graph.relation(*id).key.clone()]);
        }
    }
    for product in walk.levels.keys() {
        let price = walk.prices.get(product);
        let cost =
            walk.costs.get(product).filter(|_| price.is_none_or(|price| price.kind != PriceKind::Cost));
        for price in price.into_iter().chain(cost) {
            let keys = price.attributes.iter().map(|id| graph.attribute(*id).key.clone()).collect();
            add(*product, price, price.usd, keys);
        }
    }
    table
}

/// How many of what the inputs are usually packed in: racks of accelerators.
fn packed(asked: &Asked<'_>, walk: &Walk) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "What would hold them"),
        Column::new("variant", Unit::Text, "Its generation or model"),
        Column::new("number", Unit::Quantity, "How many, if all of the input are in such ones"),
        Column::new("number_from", Unit::Quantity, "The least that the sources allow"),
        Column::new("number_to", Unit::Quantity, "The most"),
        Column::new("unit", Unit::Text, "What is counted"),
        Column::new("input", Unit::Text, "What they hold"),
        Column::new("each", Unit::Number, "How many one holds"),
    ];
    let mut table = Table::new("packed", "What that would be packed in", columns);
    let graph = asked.view.graph;
    for (product, bill) in walk.bills.iter().filter(|(product, _)| !walk.levels.contains_key(product)) {
        for (input, lines) in &bill.inputs {
            let (base, _) = unit::base(graph.product(*input));
            let Some(held) = walk.levels.get(input).and_then(|level| level.quantities.get(&base)) else {
                continue;
            };
            for line in lines {
                let super::bill::Takes::Quantity(each, unit) = &line.takes else { continue };
                let Some(number) = held.over(*each).filter(|_| *unit == base && base != "MW") else {
                    continue;
                };
                let variant = graph.facts().intensities.get(line.at).and_then(|i| i.variant.as_deref());
                let mut row: Row =
                    vec![product_cell(graph, *product), variant.map_or(Cell::Empty, Cell::text)];
                row.extend(three(Some(number)));
                row.push(Cell::text(unit::base(graph.product(*product)).0));
                row.extend([product_cell(graph, *input), Cell::Number(each.point)]);
                table.rows.push(row);
            }
        }
    }
    table
}

/// What nobody states.
fn missing(asked: &Asked<'_>, walk: &Walk) -> Table {
    let columns = vec![
        Column::new("product", Unit::Text, "What the gap is about"),
        Column::new("gap", Unit::Text, "What is missing"),
        Column::new("inputs", Unit::Text, "Of which inputs"),
    ];
    let mut table = Table::new("missing", "What nobody states", columns);
    let graph = asked.view.graph;
    let unstated = unstated(asked.view, &asked.network, walk);
    for product in std::iter::once(asked.product).chain(order(asked, walk)) {
        let Some(level) = walk.levels.get(&product) else { continue };
        let (base, _) = unit::base(graph.product(product));
        let counted = graph.product(product).unit.is_some();
        if product != asked.product && counted && !level.quantities.contains_key(&base) {
            let gap = format!("no number of {base}s, and no price that would give one");
            table.rows.push(vec![product_cell(graph, product), Cell::text(gap), Cell::Empty]);
        }
        if level.money.is_none() {
            let gap = "no price".to_string();
            table.rows.push(vec![product_cell(graph, product), Cell::text(gap), Cell::Empty]);
        }
        if let Some(inputs) = unstated.get(&product) {
            let names =
                inputs.iter().map(|id| (graph.product(*id).key.clone(), graph.product(*id).name.clone()));
            let gap = "its makers need these, and no record says how much of them one unit takes";
            table.rows.push(vec![
                product_cell(graph, product),
                Cell::text(gap),
                Cell::Items(names.collect()),
            ]);
        }
    }
    table
}
