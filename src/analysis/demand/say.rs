//! What a demand comes to, in sentences.

use super::bill::Unused;
use super::price::PriceKind;
use super::walk::Walk;
use super::{Asked, Purchase};
use crate::answer::{Answer, Cell, FindingBuilder, Table};
use crate::order::Arrange;

/// Inputs named in one sentence.
const NAMED: usize = 4;
/// Suppliers named in one sentence.
const SUPPLIERS: usize = 3;

pub(super) fn findings(asked: &Asked<'_>, purchase: &Purchase, walk: &Walk, answer: &mut Answer) {
    let table = |name: &str| answer.table(name).cloned();
    let (Some(bought), Some(inputs), Some(suppliers)) =
        (table("commitment"), table("inputs"), table("suppliers"))
    else {
        return;
    };
    let (packed, missing) = (table("packed"), table("missing"));
    answer.findings.push(purchased(asked, purchase, &bought));
    if let Some(finding) = taken(&inputs) {
        answer.findings.push(finding);
    }
    if let Some(packed) = packed.filter(|packed| !packed.rows.is_empty()) {
        let mut finding = FindingBuilder::new("All of the ")
            .cell(&packed, 0, "input")
            .words("s would fill ")
            .cell(&packed, 0, "number")
            .words(" of ")
            .cell(&packed, 0, "product");
        if packed.cell(0, "variant").is_some_and(|cell| *cell != Cell::Empty) {
            finding = finding.words(" ").cell(&packed, 0, "variant");
        }
        let finding = finding.words(" (").cell(&packed, 0, "each").words(" each).");
        answer.findings.push(finding.done());
    }
    if let Some(finding) = sellers(&suppliers) {
        answer.findings.push(finding);
    }
    let gaps = missing.map_or(0, |missing| missing.rows.len());
    let reached = walk.levels.len() - 1;
    let text = match (reached, gaps) {
        (0, _) => "No record says what one unit of it takes.".to_string(),
        (_, 0) => format!("The walk reaches {reached} inputs; nothing that their makers need is left out."),
        _ => format!(
            "The walk reaches {reached} inputs; {gaps} gaps are listed in the table of what nobody states."
        ),
    };
    answer.findings.push(FindingBuilder::new(text).done());
}

fn purchased(asked: &Asked<'_>, purchase: &Purchase, bought: &Table) -> crate::answer::Finding {
    let name = &asked.view.graph.product(asked.product).name;
    let mut finding = FindingBuilder::default();
    let has = |column: &str| bought.number(0, column).is_some();
    finding = match has("money") {
        true => finding.range(bought, 0, "money_from", "money_to").words(format!(" of {name}")),
        false => finding.words(format!("So much {name}")),
    };
    if has("years") {
        finding =
            finding.words(" over ").cell(bought, 0, "years").words(" is ").cell(bought, 0, "money_per_year");
    }
    let column = if has("power") { "power" } else { "number" };
    if has(column) {
        let link = if has("years") { " and buys " } else { " buys " };
        finding = finding.words(link).cell(bought, 0, column);
        let (low, high) = (format!("{column}_from"), format!("{column}_to"));
        if bought.number(0, &low) != bought.number(0, &high) {
            finding = finding.words(" (").range(bought, 0, &low, &high).words(")");
        }
        if has("contracts") {
            finding = finding
                .words(", at the prices that ")
                .cell(bought, 0, "contracts")
                .words(" contracts imply for a megawatt and a year");
        } else if purchase.price.is_some() {
            finding = finding.words(" at the stated price");
        }
    } else {
        finding = finding.words("; no price turns it into a number");
    }
    finding.words(".").done()
}

fn taken(inputs: &Table) -> Option<crate::answer::Finding> {
    let whole =
        |row: &usize| inputs.number(*row, "quantity").is_some() && inputs.number(*row, "money").is_some();
    let rows: Vec<usize> = (0..inputs.rows.len()).filter(whole).take(NAMED).collect();
    let (last, _) = rows.split_last()?;
    let mut finding = FindingBuilder::new("That takes ");
    for row in &rows {
        let link = match (row == last, *row == rows[0]) {
            (_, true) => "",
            (true, false) => " and ",
            (false, false) => ", ",
        };
        let unit = inputs.cell(*row, "unit").and_then(Cell::as_key).unwrap_or("unit");
        let plural = if unit.chars().any(char::is_uppercase) || unit.ends_with("ch") { "" } else { "s" };
        finding = finding
            .words(link)
            .cell(inputs, *row, "quantity")
            .words(format!(" {unit}{plural} of "))
            .cell(inputs, *row, "input")
            .words(" (")
            .range(inputs, *row, "quantity_from", "quantity_to")
            .words("; ")
            .cell(inputs, *row, "money")
            .words(")");
    }
    Some(finding.words("; money of an input is inside that of what takes it.").done())
}

fn sellers(suppliers: &Table) -> Option<crate::answer::Finding> {
    let named = |row: &usize| suppliers.cell(*row, "supplier").is_some_and(|cell| *cell != Cell::Empty);
    let mut rows: Vec<usize> = (0..suppliers.rows.len()).filter(named).collect();
    rows.retain(|row| suppliers.number(*row, "money").is_some());
    let money = |row: &usize| suppliers.number(*row, "money").unwrap_or(0.0);
    rows.arrange(|a, b| money(b).total_cmp(&money(a)).then(a.cmp(b)));
    rows.truncate(SUPPLIERS);
    let mut finding = FindingBuilder::new("By shares of markets and needs, ");
    for (place, row) in rows.iter().enumerate() {
        let link = match place {
            0 => "",
            place if place + 1 == rows.len() => " and ",
            _ => ", ",
        };
        finding = finding
            .words(link)
            .cell(suppliers, *row, "supplier")
            .words(" would sell ")
            .cell(suppliers, *row, "money")
            .words(" of ")
            .cell(suppliers, *row, "input");
    }
    (!rows.is_empty()).then(|| finding.words(".").done())
}

pub(super) fn caveats(asked: &Asked<'_>, purchase: &Purchase, walk: &Walk, answer: &mut Answer) {
    let graph = asked.view.graph;
    if purchase.price.as_ref().is_some_and(|price| price.kind == PriceKind::Contracts) {
        let text = "The price of a megawatt and a year is the middle of what contracts imply, from the cheapest to the dearest; \
                    \"more than\" and \"up to\" in them are taken at the number said, so what is turned from money into power at it, or \
                    back, ranges over contracts and has no bound; --draws tells how far their sizes may move it.";
        answer.caveat("contract-prices", text, None);
    }
    if let Some(years) = purchase.years.filter(|_| purchase.supposed) {
        let text =
            format!("Nobody says over how many years: {years} is the middle term of the contracts (--over).");
        answer.caveat("supposed-term", text, None);
    }
    let text = "A range takes every step at its extreme at once; the number in between takes each at what its surest record says.";
    answer.caveat("extremes", text, None);
    let text = "One fit-out is counted: no renewal of what wears out within the years, no spares, no stock.";
    answer.caveat("one-fit-out", text, None);
    let supposed = asked.variants.supposed.iter().filter(|(product, ..)| walk.levels.contains_key(product));
    for (product, variant, others) in supposed.filter(|(_, _, others)| !others.is_empty()) {
        let text = format!(
            "{} is taken as {variant}, of which most is stated; there are also {} (--variant).",
            graph.product(*product).name,
            others.join(", ")
        );
        answer.caveat("supposed-variant", text, Some(others.len()));
    }
    let priced: std::collections::BTreeSet<_> =
        walk.levels.values().flat_map(|level| level.priced.clone()).collect();
    if !priced.is_empty() {
        let names: Vec<&str> = priced.iter().map(|id| graph.product(*id).name.as_str()).collect();
        let text = format!(
            "No unit cost is known of {}: shares of cost are taken of the price, which is an upper bound.",
            names.join(", ")
        );
        answer.caveat("cost-is-price", text, Some(names.len()));
    }
    let aside = walk.steps.iter().filter(|step| step.unused == Some(Unused::Overlaps)).count();
    if aside > 0 {
        let text = format!(
            "{aside} shares of cost are set aside: with the lines in physical units they would come to more than the whole cost. The \
             table of steps shows what they would give."
        );
        answer.caveat("overlapping-bill", text, Some(aside));
    }
    let equal = answer.table("suppliers").map_or(0, |table| {
        let basis = table.column("basis");
        let equal = |row: &&crate::answer::Row| {
            basis.and_then(|at| row.get(at)).and_then(Cell::as_key) == Some("equal split (assumed)")
        };
        table.rows.iter().filter(equal).count()
    });
    if equal > 0 {
        let text = format!("{equal} suppliers' shares are equal parts, because no survey names any.");
        answer.caveat("equal-shares", text, Some(equal));
    }
    if walk.rounds > walk.levels.len() + 2 {
        let text = format!(
            "Products take each other in a circle: {} rounds add up what one more unit takes of itself (last change {:.1e}).",
            walk.rounds, walk.residual
        );
        answer.caveat("circle", text, Some(walk.rounds));
    }
}
