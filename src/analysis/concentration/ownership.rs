//! Common ownership: the modified HHI and the weights that firms put on each other's profits.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::subject::{Row, entity};
use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::{Control, Detail, EntityId, RelationType};
use crate::network::Origin;

/// How stakes turn into control.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "cli", derive(clap::ValueEnum))]
pub enum Mhhi {
    /// Control in proportion to the stake
    Proportional,
    /// As stated: a controlling owner decides alone, joint owners in equal parts, others in proportion
    Stated,
}

/// What an owner has of a firm: control γ and cash-flow rights β, both 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Holding {
    /// Weight in the firm's decisions.
    pub control: f64,
    /// Share of its profit.
    pub rights: f64,
}

/// `λ[j][k] = Σ_i γ_ij β_ik / Σ_i γ_ij β_ij` over owners i: the weight that firm j puts on a unit of profit of firm k,
/// 1 on its own (Salop and O'Brien, Antitrust Law Journal 67:559, 2000). Each owner is a list of firm and holding. A
/// firm without owners minds its own profit only.
///
/// ```
/// use linchpin::analysis::ownership::{Holding, weights};
/// let held = |share| Holding { control: share, rights: share };
/// let lambda = weights(2, &[vec![(0, held(0.6)), (1, held(0.4))], vec![(0, held(0.4))], vec![(1, held(0.6))]]);
/// assert!((lambda[0][1] - 0.24 / 0.52).abs() < 1e-12);
/// ```
pub fn weights(firms: usize, owners: &[Vec<(usize, Holding)>]) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; firms]; firms];
    for owner in owners {
        for (j, of_j) in owner.iter().filter(|(j, _)| *j < firms) {
            for (k, of_k) in owner.iter().filter(|(k, _)| *k < firms) {
                sums[*j][*k] += of_j.control * of_k.rights;
            }
        }
    }
    for (j, row) in sums.iter_mut().enumerate() {
        let own = row[j];
        for (k, weight) in row.iter_mut().enumerate() {
            *weight = match (j == k, own > 1e-12) {
                (true, _) => 1.0,
                (false, true) => *weight / own,
                (false, false) => 0.0,
            };
        }
    }
    sums
}

/// `MHHI = Σ_j Σ_k s_j s_k λ_jk` on the scale of the HHI, 0 to 1, which it may exceed.
pub fn modified(shares: &[f64], lambda: &[Vec<f64>]) -> f64 {
    let row = |(s, weights): (&f64, &Vec<f64>)| {
        shares.iter().zip(weights).map(|(other, weight)| s * other * weight).sum::<f64>()
    };
    shares.iter().zip(lambda).map(row).sum()
}

/// Who owns the firms of a market, as far as it is known.
struct Owners {
    held: BTreeMap<EntityId, Vec<(usize, Holding)>>,
    /// For each firm, the part whose owners nobody names.
    unnamed: Vec<f64>,
    origins: Vec<Origin>,
}

fn owners(view: &View<'_>, firms: &[EntityId], how: Mhhi) -> Owners {
    let mut stakes: Vec<BTreeMap<EntityId, (f64, Control)>> = vec![BTreeMap::new(); firms.len()];
    let mut origins = Vec::new();
    for (id, relation) in view.graph.in_scope(&view.scope, RelationType::Owns) {
        let Detail::Owns { share: Some(share), control } = &relation.detail else { continue };
        let at = relation.to.and_then(|to| firms.iter().position(|firm| *firm == to));
        let (Some(at), Some(share)) = (at, share.point()) else { continue };
        let slot = stakes[at].entry(relation.from).or_insert((0.0, *control));
        slot.0 += share;
        origins.push(Origin::Relation(id));
    }
    let mut held: BTreeMap<EntityId, Vec<(usize, Holding)>> = BTreeMap::new();
    let mut unnamed = Vec::new();
    for (at, stakes) in stakes.iter().enumerate() {
        let has = |control: Control| stakes.values().filter(|stake| stake.1 == control).count();
        for (owner, (rights, kind)) in stakes {
            let control = match (how, kind) {
                (Mhhi::Proportional, _) => *rights,
                (Mhhi::Stated, Control::Controlling) => 1.0,
                (Mhhi::Stated, _) if has(Control::Controlling) > 0 => 0.0,
                (Mhhi::Stated, Control::Joint) => 1.0 / has(Control::Joint) as f64,
                (Mhhi::Stated, Control::Minority) if has(Control::Joint) > 0 => 0.0,
                (Mhhi::Stated, Control::Minority) => *rights,
            };
            held.entry(*owner).or_default().push((at, Holding { control, rights: *rights }));
        }
        unnamed.push((1.0 - stakes.values().map(|(share, _)| share).sum::<f64>()).max(0.0));
    }
    Owners { held, unnamed, origins }
}

impl Owners {
    /// Holdings with the unnamed owners of each firm as one holder, who owns nothing else (`block`), or as many small
    /// ones who decide nothing. A firm that owns part of another one minds that part beside its own profit.
    fn with_unnamed(&self, firms: &[EntityId], how: Mhhi, block: bool) -> Vec<Vec<(usize, Holding)>> {
        let mut held = self.held.clone();
        for (at, firm) in firms.iter().enumerate() {
            let named = |(_, all): (&EntityId, &Vec<(usize, Holding)>)| {
                all.iter().filter(|(firm, _)| *firm == at).map(|(_, holding)| holding.control).sum::<f64>()
            };
            let decided = how == Mhhi::Stated && self.held.iter().map(named).sum::<f64>() >= 1.0 - 1e-12;
            let rights = self.unnamed[at];
            let control = if decided { 0.0 } else { rights };
            if rights > 0.0 && (block || held.contains_key(firm)) {
                held.entry(*firm).or_default().push((at, Holding { control, rights }));
            }
        }
        held.into_values().collect()
    }
}

/// The modified HHI of each market, the weights behind it, and the ownership records they rest on.
pub(super) fn tables(view: &View<'_>, rows: &[Row], how: Mhhi) -> (Table, Table, Vec<Origin>) {
    let mut totals = Table::new("mhhi", "Common ownership", total_columns());
    let mut matrix = Table::new("lambda", "Weights on each other's profit", weight_columns());
    let mut origins = Vec::new();
    for row in rows {
        let (firms, shares) = row.firms();
        if firms.is_empty() {
            continue;
        }
        let owners = owners(view, &firms, how);
        let dispersed = weights(firms.len(), &owners.with_unnamed(&firms, how, false));
        let block = weights(firms.len(), &owners.with_unnamed(&firms, how, true));
        let plain: f64 = shares.iter().map(|s| s * s).sum();
        let (small, one) = (modified(&shares, &dispersed), modified(&shares, &block));
        let coverage: f64 = shares.iter().zip(&owners.unnamed).map(|(s, unnamed)| s * (1.0 - unnamed)).sum();
        totals.rows.push(vec![
            row.subject.cell.clone(),
            Cell::Number(plain * 1e4),
            Cell::number(small * 1e4),
            Cell::number((small - plain) * 1e4),
            Cell::number(one * 1e4),
            Cell::number((one - plain) * 1e4),
            Cell::Number(coverage),
            Cell::text(match how {
                Mhhi::Proportional => "proportional",
                Mhhi::Stated => "stated",
            }),
        ]);
        for (j, firm) in firms.iter().enumerate() {
            for (k, other) in firms.iter().enumerate().filter(|(k, _)| *k != j) {
                matrix.rows.push(vec![
                    row.subject.cell.clone(),
                    entity(view, *firm),
                    entity(view, *other),
                    Cell::number(dispersed[j][k]),
                    Cell::number(block[j][k]),
                ]);
            }
        }
        origins.extend(owners.origins);
    }
    (totals, matrix, origins)
}

fn total_columns() -> Vec<Column> {
    vec![
        Column::new("market", Unit::Text, "The market"),
        Column::new(
            "hhi",
            Unit::Hhi,
            "HHI, 0 to 10,000, of the known single vendors taken as the whole market",
        ),
        Column::new(
            "mhhi",
            Unit::Hhi,
            "Modified HHI, 0 upwards and not bounded by 10,000, if owners whom nobody names are many small ones",
        ),
        Column::new("delta", Unit::Hhi, "mhhi less hhi: what common ownership adds, on the scale of the HHI"),
        Column::new(
            "mhhi_block",
            Unit::Hhi,
            "The same if the unnamed owners of each firm are one, who owns nothing else",
        ),
        Column::new("delta_block", Unit::Hhi, "mhhi_block less hhi, on the scale of the HHI"),
        Column::new(
            "ownership_coverage",
            Unit::Share,
            "Part of the vendors, by share, whose owners are named, 0 to 1",
        ),
        Column::new("control", Unit::Text, "How stakes turn into control: proportional or stated"),
    ]
}

fn weight_columns() -> Vec<Column> {
    vec![
        Column::new("market", Unit::Text, "The market"),
        Column::new("firm", Unit::Text, "Whose decision"),
        Column::new("other", Unit::Text, "Whose profit"),
        Column::new(
            "weight",
            Unit::Number,
            "Weight on a unit of the other's profit against 1 on its own, 0 upwards, if unnamed owners are many small ones",
        ),
        Column::new(
            "weight_block",
            Unit::Number,
            "The same if the unnamed owners of each firm are one, who owns nothing else",
        ),
    ]
}
