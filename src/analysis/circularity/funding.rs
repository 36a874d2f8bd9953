//! Which part of a seller's revenue traces back to its own or its peers' investment.

use super::{Case, Measured, View, solve};
use crate::analysis::trail::entity_cell;
use crate::answer::{Cell, Column, Row, Table, Unit};
use crate::graph::Graph;
use crate::model::EntityId;
use crate::network::{Flows, Layer, Payment};
use crate::order::Arrange;

/// Parts of a revenue that trace back to an investment, by layer.
#[derive(Clone, Copy, Default)]
struct Parts {
    equity: f64,
    debt: f64,
}

impl Parts {
    fn all(self) -> f64 {
        self.equity + self.debt
    }
}

/// What is known of the revenue of one seller.
pub(super) struct Seller {
    pub entity: EntityId,
    /// What it receives for sales in a year, from outside included.
    revenue: f64,
    /// The part that named payers account for.
    explained: f64,
    /// What its group puts into others in a year as equity and debt.
    invested: f64,
    own: Parts,
    peers: Parts,
    /// Least and most over the terms tried, of all own and of all of its peers.
    own_span: [f64; 2],
    peers_span: [f64; 2],
}

/// The sellers asked for, or those whose revenue investment has paid for; the largest part by own first.
pub(super) fn sellers(view: &View<'_>, cases: &[Case], of: &[EntityId]) -> Vec<Seller> {
    let Some(usual) = cases.first() else { return Vec::new() };
    let mut sells = vec![false; view.graph.len()];
    for payment in cases.iter().flat_map(|case| &case.flows.payments) {
        sells[payment.to.index()] |= matches!(payment.layer, Layer::Product(_));
    }
    let known = |id: &EntityId| sells[id.index()] || usual.flows.topped_up.binary_search(id).is_ok();
    let mut sellers: Vec<Seller> = usual
        .measured
        .order()
        .into_iter()
        .filter(|id| known(id) && (of.is_empty() || of.contains(id)))
        .filter_map(|id| seller(view, cases, id))
        .filter(|seller| !of.is_empty() || seller.own.all() > 1e-12 || seller.peers.all() > 1e-12)
        .collect();
    let rounded = |share: f64| (share * 1e12).round();
    sellers.arrange(|a, b| {
        let own = rounded(b.own.all()).total_cmp(&rounded(a.own.all()));
        own.then(rounded(b.peers.all()).total_cmp(&rounded(a.peers.all()))).then(a.entity.cmp(&b.entity))
    });
    sellers
}

fn seller(view: &View<'_>, cases: &[Case], id: EntityId) -> Option<Seller> {
    let mut found: Option<Seller> = None;
    for Case { flows, measured } in cases {
        let sold = |p: &&Payment| p.to == id && matches!(p.layer, Layer::Product(_));
        let sales: Vec<&Payment> = flows.payments.iter().filter(sold).collect();
        let paid = sales.iter().map(|p| p.amount).fold(0.0, |sum, amount| sum + amount);
        let revenue = paid + flows.inflow[id.index()];
        // rows of a bulk table do not say what is sold
        if revenue <= 0.0 || (sales.is_empty() && flows.topped_up.binary_search(&id).is_err()) {
            return None;
        }
        let [own, peers] = [true, false].map(|own| parts(view, flows, measured, id, own, &sales, revenue));
        match &mut found {
            None => {
                found = Some(Seller {
                    entity: id,
                    revenue,
                    explained: paid / revenue,
                    invested: invested(view, flows, id),
                    own,
                    peers,
                    own_span: [own.all(); 2],
                    peers_span: [peers.all(); 2],
                });
            }
            Some(seller) => {
                widen(&mut seller.own_span, own.all());
                widen(&mut seller.peers_span, peers.all());
            }
        }
    }
    found
}

/// What the group of an entity puts into others in a year.
fn invested(view: &View<'_>, flows: &Flows, id: EntityId) -> f64 {
    let group = |id: EntityId| view.graph.ultimate_owner(id, &view.scope);
    let own = |p: &&Payment| matches!(p.layer, Layer::Equity | Layer::Debt) && group(p.from) == group(id);
    flows.payments.iter().filter(own).map(|p| p.amount).fold(0.0, |sum, amount| sum + amount)
}

fn widen(span: &mut [f64; 2], value: f64) {
    *span = [span[0].min(value), span[1].max(value)];
}

/// The parts of the sales that trace back to the seller's own group, or to others of its kind.
fn parts(
    view: &View<'_>,
    flows: &Flows,
    measured: &Measured,
    id: EntityId,
    own: bool,
    sales: &[&Payment],
    revenue: f64,
) -> Parts {
    let group = |id: EntityId| view.graph.ultimate_owner(id, &view.scope);
    let kind = |id: EntityId| view.graph.entity(id).kind;
    let funder = |payer: EntityId| match own {
        true => group(payer) == group(id),
        false => group(payer) != group(id) && kind(payer) == kind(id),
    };
    let stops = |p: &Payment| matches!(p.layer, Layer::Equity | Layer::Debt) && funder(p.from);
    let of_layer = |layer: Layer| {
        let share = solve::traced(flows, &measured.throughflow, &stops, &|p| p.layer == layer);
        sales.iter().map(|sale| sale.amount * share[sale.from.index()]).sum::<f64>() / revenue
    };
    if sales.is_empty() {
        return Parts::default();
    }
    Parts { equity: of_layer(Layer::Equity), debt: of_layer(Layer::Debt) }
}

/// The table of sellers.
pub(super) fn table(view: &View<'_>, sellers: &[Seller]) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who sells"),
        Column::new(
            "revenue",
            Unit::UsdPerYear,
            "What it receives for sales, what comes from outside included",
        ),
        Column::new(
            "explained",
            Unit::Share,
            "Part that payers with known amounts account for; the rest comes from nobody knows whom and is not traced",
        ),
        Column::new(
            "invested_over_revenue",
            Unit::Share,
            "What its group puts into others in a year over that revenue: about the most that could come back of it",
        ),
        Column::new(
            "funded_by_own",
            Unit::Share,
            "Part that traces back to equity and debt from itself or its group, 0 to 1",
        ),
        Column::new("funded_by_own_least", Unit::Share, "The least over the terms tried for unknown terms"),
        Column::new("funded_by_own_most", Unit::Share, "The most over the terms tried for unknown terms"),
        Column::new("own_equity", Unit::Share, "Of that, through equity"),
        Column::new("own_debt", Unit::Share, "Of that, through debt"),
        Column::new("funded_by_peers", Unit::Share, "Part that traces back to others of its kind, 0 to 1"),
        Column::new("funded_by_peers_least", Unit::Share, "The least over the terms tried for unknown terms"),
        Column::new("funded_by_peers_most", Unit::Share, "The most over the terms tried for unknown terms"),
        Column::new("peers_equity", Unit::Share, "Of that, through equity"),
        Column::new("peers_debt", Unit::Share, "Of that, through debt"),
    ];
    let mut table = Table::new("funding", "Revenue that investment has paid for", columns);
    for seller in sellers {
        let [own, peers] = [seller.own_span, seller.peers_span];
        let numbers = [
            seller.revenue,
            seller.explained,
            seller.invested / seller.revenue,
            seller.own.all(),
            own[0],
            own[1],
            seller.own.equity,
            seller.own.debt,
            seller.peers.all(),
            peers[0],
            peers[1],
            seller.peers.equity,
            seller.peers.debt,
        ];
        let cells = numbers.into_iter().map(Cell::Number);
        table.rows.push([entity_cell(view.graph, seller.entity)].into_iter().chain(cells).collect());
    }
    table
}

/// The table of sellers under several statuses, without rows.
pub(super) fn case_table() -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "Who sells"),
        Column::new("case", Unit::Text, "Which deals count"),
        Column::new("revenue", Unit::UsdPerYear, "What it receives for sales then"),
        Column::new("funded_by_own", Unit::Share, "Part that traces back to its own group, 0 to 1"),
        Column::new("funded_by_peers", Unit::Share, "Part that traces back to others of its kind, 0 to 1"),
    ];
    Table::new("funding-cases", "Revenue that investment has paid for, by status", columns)
}

impl Seller {
    /// Its row in [`case_table`].
    pub fn case_row(&self, graph: &Graph, case: &str) -> Row {
        let numbers = [self.revenue, self.own.all(), self.peers.all()];
        let head = [entity_cell(graph, self.entity), Cell::text(case)];
        head.into_iter().chain(numbers.map(Cell::Number)).collect()
    }
}
