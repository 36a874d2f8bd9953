//! Sectors of bulk tables as markets: how sales in the tables are spread over the firms of each sector.

use super::{Bounds, By, Concentration, Part, bounds};
use crate::analysis::View;
use crate::analysis::trail::{Trail, entity_cell};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::compressed::sorted;
use crate::model::{EntityId, LinkKind};
use crate::order::Arrange;

/// Sellers of a sector that are listed.
const LISTED: usize = 4;

/// One sector, measured.
struct Sector {
    name: String,
    sales: f64,
    bounds: Bounds,
    /// Largest first.
    firms: Vec<(EntityId, f64)>,
}

impl Concentration {
    /// Whether all markets are asked for by entity, and the dataset has amounts between firms of known sectors.
    pub(super) fn is_by_sector(&self, view: &View<'_>) -> bool {
        let facts = view.graph.facts();
        self.all
            && self.side == super::Side::Supply
            && self.by == By::Entity
            && self.merge.is_empty()
            && self.mhhi.is_none()
            && !facts.columns.sectors.is_empty()
            && view.graph.part().any(facts.links.iter().any(|link| link.kind == LinkKind::Amount))
    }

    /// Every sector as a market, the most concentrated first.
    ///
    /// Cost: one pass over the links, and a sort of the firms.
    pub(super) fn sectors(&self, view: &View<'_>, answer: &mut Answer) {
        let (sectors, without) = sectors(view);
        let mut main = Table::new("concentration", "Concentration", self.main_columns());
        let columns = vec![
            Column::new("market", Unit::Text, "The sector"),
            Column::new(
                "sales",
                Unit::Number,
                "What its firms sell to others in the tables, in their unit a year",
            ),
            Column::new("firms", Unit::Count, "Firms of it that sell anything, 1 or more"),
        ];
        let mut sizes = Table::new("sectors", "How large the sectors are", columns);
        let columns = vec![
            Column::new("market", Unit::Text, "The sector"),
            Column::new("entity", Unit::Text, "Who sells, the four largest of each sector"),
            Column::new("share", Unit::Share, "Share of the sector's sales in the tables, 0 to 1"),
        ];
        let mut shares = Table::new("shares", "The largest sellers", columns);
        for sector in &sectors {
            let b = &sector.bounds;
            main.rows.push(vec![
                Cell::text(&sector.name),
                Cell::text(self.by.name()),
                Cell::Number(b.hhi_low * 1e4),
                Cell::Number(b.hhi_high * 1e4),
                Cell::Number(b.coverage),
                Cell::number(b.effective(b.hhi_high)),
                Cell::number(b.effective(b.hhi_low)),
                Cell::Number(b.largest(1)),
                Cell::Number(b.largest(4)),
                sector.firms.first().map_or(Cell::Empty, |(id, _)| entity_cell(view.graph, *id)),
                Cell::text(self.preset.name()),
                Cell::text(self.preset.label(b)),
            ]);
            let count = Cell::Number(sector.firms.len() as f64);
            sizes.rows.push(vec![Cell::text(&sector.name), Cell::Number(sector.sales), count]);
            for (id, sales) in sector.firms.iter().take(LISTED) {
                let share = Cell::Number(sales / sector.sales);
                shares.rows.push(vec![Cell::text(&sector.name), entity_cell(view.graph, *id), share]);
            }
        }
        for at in (0..main.rows.len()).take(3) {
            let finding = FindingBuilder::new("Sales of ")
                .cell(&main, at, "market")
                .words(" have an HHI of ")
                .cell(&main, at, "hhi_low")
                .words(", as concentrated as ")
                .cell(&main, at, "effective_high")
                .words(" equal sellers; the largest is ")
                .cell(&main, at, "top")
                .words(" with ")
                .cell(&main, at, "cr1")
                .words(".");
            answer.findings.push(finding.done());
        }
        answer.tables.extend([main, sizes, shares]);
        let text = "A sector is taken as a market, and what its firms sell to others in the tables as all of it: sales to final users, and \
                    those of firms that are not in the tables, are not counted. Firms of one owner count each by itself.";
        answer.caveat("sectors-as-markets", text, None);
        if without > 0 {
            let text = format!("{without} sellers have no sector and are in no market.");
            answer.caveat("no-sector", text, Some(without));
        }
        Trail::default().finish(view, answer);
    }
}

/// Sectors with sales, the most concentrated first, ties by name; and how many sellers have no sector.
fn sectors(view: &View<'_>) -> (Vec<Sector>, usize) {
    let facts = view.graph.facts();
    let mut sales = vec![0.0; view.graph.len()];
    for link in facts.links.iter().filter(|link| link.kind == LinkKind::Amount && link.from != link.to) {
        sales[link.from.index()] += link.weight;
    }
    view.graph.part().complete(&mut sales);
    let sellers = || view.graph.entity_ids().filter(|id| sales[id.index()] > 0.0);
    let without = sellers().filter(|id| facts.columns.sector_of(*id).is_none()).count();
    let placed = sellers().filter_map(|id| Some((facts.columns.sector_of(id)?, id.0)));
    let placed: Vec<(u32, u32)> = placed.collect();
    let (start, firms) = sorted(facts.columns.sectors.len(), placed.into_iter());
    let mut all = Vec::new();
    for (at, name) in facts.columns.sectors.iter().enumerate() {
        let firms = &firms[start[at] as usize..start[at + 1] as usize];
        let mut firms: Vec<(EntityId, f64)> =
            firms.iter().map(|id| (EntityId(*id), sales[*id as usize])).collect();
        if firms.is_empty() {
            continue;
        }
        firms.arrange(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let whole: f64 = firms.iter().map(|(_, sales)| sales).sum();
        let part = |(_, sales): &(EntityId, f64)| {
            let share = sales / whole;
            Part { low: share, point: share, high: share, group: false }
        };
        let parts: Vec<Part> = firms.iter().map(part).collect();
        all.push(Sector { name: name.clone(), sales: whole, bounds: bounds(&parts), firms });
    }
    all.arrange(|a, b| b.bounds.hhi_low.total_cmp(&a.bounds.hhi_low).then(a.name.cmp(&b.name)));
    (all, without)
}
