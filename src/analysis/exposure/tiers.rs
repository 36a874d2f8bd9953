//! Exposure by tier: how many stand there, and how concentrated the money is that gets that far.

use super::chain::{Chain, NOTICEABLE};
use super::lines::Line;
use super::sets::About;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::EntityId;

/// Tiers of cost are followed until less than this share of cost is left, …
const LEAST_SPEND: f64 = 1e-3;
/// … and no further than this: money that goes round in circles never ends.
const MOST_TIERS: u32 = 30;

/// Sum, HHI (0 to 10,000) of the parts over their sum, and number of parts.
pub(super) fn concentration(parts: &[f64]) -> Option<(f64, f64, usize)> {
    let total: f64 = parts.iter().sum();
    let count = parts.iter().filter(|part| **part > 0.0).count();
    let squares: f64 = parts.iter().map(|part| part * part).sum();
    (total > 0.0).then(|| (total, 10_000.0 * (squares / (total * total)).min(1.0), count))
}

/// One row for each tier, and a last one for all of them.
pub(super) fn table(chain: &Chain<'_>) -> About {
    let columns = vec![
        Column::new("tier", Unit::Count, "Number of steps upstream, 1 or more; empty for all tiers together"),
        Column::new("entities", Unit::Count, "Entities whose shortest way is that long, 0 or more"),
        Column::new(
            "chokepoints",
            Unit::Count,
            "Those without which everything stops (stop loss 1), 0 or more; empty where no needs are stated",
        ),
        Column::new("worst_stop_loss", Unit::Share, "Largest stop loss among them, 0 to 1"),
        Column::new(
            "spend_share",
            Unit::Number,
            "Sum of the row of W^tier: money that reaches that tier per unit of cost, 0 to 1; for all tiers their \
             sum, 0 or more",
        ),
        Column::new(
            "payees",
            Unit::Count,
            "Entities that this money reaches at exactly that tier, 1 or more",
        ),
        Column::new("hhi", Unit::Hhi, "Concentration of this money over them, 10,000 / payees to 10,000"),
        Column::new(
            "effective_number",
            Unit::Number,
            "10,000 / HHI: as concentrated as so many equal payees",
        ),
    ];
    let title = "By tier: how many, and how concentrated the money that gets that far";
    let mut table = Table::new("tiers", title, columns);
    let mut about = Vec::new();
    let last = chain.lines.iter().filter_map(|line| line.tier).max().unwrap_or(0);
    let mut wave = vec![0.0; chain.cost.len()];
    if let Some(start) = wave.get_mut(chain.of.index()) {
        *start = 1.0;
    }
    let mut open = !chain.cost.is_empty();
    for tier in 1..=last.max(MOST_TIERS) {
        wave = if open { chain.cost.step_upstream(&wave) } else { vec![0.0; chain.cost.len()] };
        let spend = concentration(&wave).filter(|(total, ..)| *total >= LEAST_SPEND && tier <= MOST_TIERS);
        open = open && spend.is_some();
        if !open && tier > last {
            break;
        }
        let lines: Vec<&Line> = chain.lines.iter().filter(|line| line.tier == Some(tier)).collect();
        table.rows.push(row(chain, Some(tier), &lines, spend));
        // money gets to some of them on longer ways than the shortest
        let paid = wave
            .iter()
            .enumerate()
            .filter(|(_, money)| **money > NOTICEABLE)
            .map(|(at, _)| EntityId::new(at));
        about.push(lines.iter().map(|line| line.entity).chain(paid).collect());
    }
    let mut all = chain.row.clone();
    if let Some(own) = all.get_mut(chain.of.index()) {
        *own -= 1.0;
    }
    let lines: Vec<&Line> = chain.lines.iter().collect();
    if !lines.is_empty() {
        table.rows.push(row(chain, None, &lines, concentration(&all)));
        about.push(lines.iter().map(|line| line.entity).collect());
    }
    (table, about)
}

fn row(chain: &Chain<'_>, tier: Option<u32>, lines: &[&Line], spend: Option<(f64, f64, usize)>) -> Vec<Cell> {
    let function = |value: f64| if chain.function { Cell::Number(value) } else { Cell::Empty };
    let worst = lines.iter().map(|line| line.stop_loss).fold(0.0, f64::max);
    let chokepoints = lines.iter().filter(|line| line.is_chokepoint()).count();
    vec![
        Cell::number(tier.map(f64::from)),
        Cell::Number(lines.len() as f64),
        function(chokepoints as f64),
        function(worst),
        Cell::number(spend.map(|(total, ..)| total)),
        Cell::number(spend.map(|(.., count)| count as f64)),
        Cell::number(spend.map(|(_, hhi, _)| hhi)),
        Cell::number(spend.map(|(_, hhi, _)| 10_000.0 / hhi)),
    ]
}
