//! How much hangs on each sector of a table, whatever the shock: linkages and hypothetical extraction.

use super::economy::Economy;
use crate::analysis::View;
use crate::analysis::trail::entity_cell;
use crate::answer::{Cell, Column, Table, Unit};
use crate::order::Arrange;

/// Sectors up to which each is taken out in turn: one solve each.
const MOST_EXTRACTIONS: usize = 2_000;

/// Linkages of all sectors, and what the economy loses without each, the largest loss first.
pub(super) fn table(view: &View<'_>, economy: &Economy) -> Table {
    let columns = vec![
        Column::new("entity", Unit::Text, "The sector"),
        Column::new(
            "backward",
            Unit::Ratio,
            "Output of all for one more unit of final demand for it (column sum of the Leontief inverse)",
        ),
        Column::new(
            "forward",
            Unit::Ratio,
            "Output of all for one more unit of its primary inputs (row sum of the Ghosh inverse)",
        ),
        Column::new(
            "extraction_loss",
            Unit::Number,
            "Output per year that is lost without the sector, its own included; empty for tables of more than 2,000 sectors",
        ),
        Column::new("extraction_others", Unit::Number, "Of which in the other sectors"),
    ];
    let mut table = Table::new("linkages", "How much hangs on each sector", columns);
    let linkages = economy.io.linkages();
    let extractions =
        if economy.members().len() <= MOST_EXTRACTIONS { economy.io.extractions() } else { Vec::new() };
    for id in economy.members() {
        let extraction = extractions.get(id.index());
        table.rows.push(vec![
            entity_cell(view.graph, *id),
            Cell::number(linkages.backward.get(id.index()).copied()),
            Cell::number(linkages.forward.get(id.index()).copied()),
            Cell::number(extraction.map(|extraction| extraction.total)),
            Cell::number(extraction.map(|extraction| extraction.others)),
        ]);
    }
    let loss = |row: &[Cell]| row.get(3).and_then(Cell::as_number).unwrap_or(0.0);
    table.rows.arrange(|a, b| loss(b).total_cmp(&loss(a)));
    table
}
