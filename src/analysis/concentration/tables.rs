//! The tables that every question about concentration has.

use std::collections::BTreeMap;

use super::family::{self, Split, split_theil};
use super::preset::Preset;
use super::subject::Row;
use super::threshold::{fall, rise};
use super::{By, Concentration, Side};
use crate::analysis::View;
use crate::answer::{Cell, Column, Table, Unit};
use crate::model::EntityId;
use crate::order::Arrange;

impl Concentration {
    /// The first table: one row for each market. Its columns are stable.
    pub(super) fn main_table(&self, rows: &[Row]) -> Table {
        let mut table = Table::new("concentration", "Concentration", self.main_columns());
        for row in rows {
            let b = &row.bounds;
            table.rows.push(vec![
                row.subject.cell.clone(),
                Cell::text(self.by.name()),
                Cell::Number(b.hhi_low * 1e4),
                Cell::Number(b.hhi_high * 1e4),
                Cell::Number(b.coverage),
                Cell::number(b.effective(b.hhi_high)),
                Cell::number(b.effective(b.hhi_low)),
                Cell::Number(b.largest(1)),
                Cell::Number(b.largest(4)),
                row.holders.single().next().map_or(Cell::Empty, |holder| holder.cell.clone()),
                Cell::text(self.preset.name()),
                Cell::text(self.preset.label(b)),
            ]);
        }
        table
    }

    /// Who holds what.
    pub(super) fn share_table(&self, rows: &[Row]) -> Table {
        let columns = vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new(self.by.name(), Unit::Text, "Who holds the share"),
            Column::new("share", Unit::Share, "Share of the market, 0 to 1: the surest and latest statement"),
            Column::new("share_low", Unit::Share, "The least that the sources allow, 0 to 1"),
            Column::new("share_high", Unit::Share, "The most that the sources allow, 0 to 1"),
            Column::new(
                "group",
                Unit::Text,
                "Whether it is an aggregate of several firms, or has no known place",
            ),
            Column::new(
                "survey",
                Unit::Text,
                "Which survey the share is taken from, or what it is a share of",
            ),
        ];
        let mut table = Table::new("shares", "Shares", columns);
        for row in rows {
            for holder in &row.holders.all {
                table.rows.push(vec![
                    row.subject.cell.clone(),
                    holder.cell.clone(),
                    Cell::Number(holder.part.point),
                    Cell::Number(holder.part.low),
                    Cell::Number(holder.part.high.min(1.0)),
                    Cell::Flag(holder.part.group),
                    Cell::text(&row.subject.about),
                ]);
            }
        }
        table
    }

    /// HHI on the scale 0 to 1, normalised, and the largest k.
    pub(super) fn family_table(&self, rows: &[Row]) -> Table {
        let columns = vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new(
                "hhi_low_unit",
                Unit::Number,
                "HHI on the scale 0 to 1 if the unlisted rest is many small firms",
            ),
            Column::new(
                "hhi_high_unit",
                Unit::Number,
                "HHI on the scale 0 to 1 if the rest is as concentrated as it may be",
            ),
            Column::new(
                "hhi_high_largest",
                Unit::Hhi,
                "HHI, 0 to 10,000, if the unlisted rest belongs to the largest listed",
            ),
            Column::new("firms", Unit::Count, "Single holders that are known, 0 or more"),
            Column::new(
                "hhi_known",
                Unit::Hhi,
                "HHI, 0 to 10,000, of the known single holders taken as the whole market",
            ),
            Column::new(
                "hhi_normalised",
                Unit::Number,
                "(H - 1/N) / (1 - 1/N) of those, 0 (equal) to 1; 0/0 for one holder, which is taken as 1",
            ),
            Column::new("effective", Unit::Number, "1 / H of those: the number of equal firms, 1 to N"),
            Column::new("k", Unit::Count, "How many the next two columns add up (--k, 3 where not given)"),
            Column::new("crk_low", Unit::Share, "The least that the k largest can hold together, 0 to 1"),
            Column::new("crk_high", Unit::Share, "The most that they can, the rest included, 0 to 1"),
        ];
        let mut table = Table::new("family", "The HHI and its relatives", columns);
        let k = self.k.unwrap_or(3);
        for row in rows {
            let b = &row.bounds;
            let known = family::hhi(&row.known);
            // those who may grow, and the rest, in the worst case or at the upper ends of their ranges
            let mut most: Vec<f64> = row.holders.parts().iter().map(|part| part.high.min(1.0)).collect();
            most.push((1.0 - row.holders.parts().iter().map(|part| part.low).sum::<f64>()).max(0.0));
            most.arrange(|x, y| y.total_cmp(x));
            let most: f64 = most.iter().take(k).sum();
            table.rows.push(vec![
                row.subject.cell.clone(),
                Cell::Number(b.hhi_low),
                Cell::Number(b.hhi_high),
                Cell::Number(row.to_largest * 1e4),
                Cell::Number(row.known.len() as f64),
                Cell::number(known.map(|hhi| hhi * 1e4)),
                Cell::number(family::normalised_hhi(&row.known)),
                Cell::number(family::hill(&row.known, 2.0)),
                Cell::Number(k as f64),
                Cell::Number(b.largest_at_least(k)),
                Cell::Number(most.min(1.0)),
            ]);
        }
        table
    }

    /// Entropies and Hill numbers.
    pub(super) fn diversity_table(&self, rows: &[Row]) -> Table {
        let mut columns = vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new("hill_0", Unit::Number, "Hill number of order 0: known single holders, 1 or more"),
            Column::new("exp_shannon", Unit::Number, "Hill number of order 1, exp(Shannon), 1 to N"),
            Column::new("hill_2", Unit::Number, "Hill number of order 2, 1 / HHI, 1 to N"),
            Column::new(
                "hill_infinity",
                Unit::Number,
                "Hill number of infinite order, 1 / largest share, 1 to N",
            ),
            Column::new("shannon", Unit::Number, "Shannon entropy, nats, 0 to ln N"),
            Column::new(
                "theil",
                Unit::Number,
                "Theil index against equal shares, ln N - Shannon, nats, 0 to ln N",
            ),
        ];
        if self.gini {
            let text = "Gini coefficient of the shares, 0 to 1 - 1/N: inequality, not concentration";
            columns.push(Column::new("gini", Unit::Number, text));
        }
        let mut table = Table::new("diversity", "Diversity of the known shares, taken as the whole", columns);
        for row in rows {
            let s = &row.known;
            let mut cells = vec![row.subject.cell.clone()];
            for order in [0.0, 1.0, 2.0, f64::INFINITY] {
                cells.push(Cell::number(family::hill(s, order)));
            }
            cells.push(Cell::number(family::shannon(s)));
            cells.push(Cell::number(family::theil(s)));
            if self.gini {
                cells.push(Cell::number(family::gini(s)));
            }
            table.rows.push(cells);
        }
        table
    }

    /// Each threshold of the preset, how far the market is from it and what it takes to cross it.
    pub(super) fn threshold_table(&self, rows: &[Row]) -> Table {
        let columns = vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new("preset", Unit::Text, "Whose threshold"),
            Column::new("dated", Unit::Text, "When it was set, as year and month"),
            Column::new("measure", Unit::Text, "hhi (0 to 10,000) or largest share (0 to 1)"),
            Column::new("threshold", Unit::Number, "The threshold, on the scale of the measure"),
            Column::new(
                "distance_low",
                Unit::Number,
                "Lower bound of the measure less the threshold; negative below it",
            ),
            Column::new(
                "distance_high",
                Unit::Number,
                "Upper bound of the measure less the threshold; negative below it",
            ),
            Column::new("side", Unit::Text, "Where both bounds are: above, below, or straddles"),
            Column::new(
                "flip_change",
                Unit::Share,
                "The least share of the market that has to change hands to reach the threshold from the nearer bound, 0 to 1; \
                 empty where the bounds straddle it",
            ),
            Column::new("flips_to", Unit::Text, "The label beyond the threshold"),
        ];
        let mut table = Table::new("thresholds", "Distance to the thresholds", columns);
        for row in rows {
            let b = &row.bounds;
            let share = self.preset == Preset::Asc28010;
            let (measure, low, high) = match share {
                true => ("largest share", b.largest_low, b.largest_high),
                false => ("hhi", b.hhi_low * 1e4, b.hhi_high * 1e4),
            };
            for (threshold, below, above) in self.preset.edges() {
                // a label includes its upper end, but a share of 10 % is one of 10 % or more
                let over =
                    |value: f64| if share { value >= threshold } else { value > threshold * (1.0 + 1e-12) };
                let (side, flip, to) = match (over(low), over(high)) {
                    (true, _) if share => {
                        // every holder of so much would have to give up what is above it
                        let cut = b.least().iter().map(|s| (s - threshold).max(0.0)).sum::<f64>();
                        ("above", Some(cut), below)
                    }
                    (true, _) => ("above", fall(b.least(), threshold / 1e4), below),
                    (false, false) if share => ("below", Some(threshold - high), above),
                    (false, false) => ("below", rise(b.worst(), threshold / 1e4).or(Some(0.0)), above),
                    (false, true) => ("straddles", None, ""),
                };
                table.rows.push(vec![
                    row.subject.cell.clone(),
                    Cell::text(self.preset.name()),
                    Cell::text(self.preset.dated()),
                    Cell::text(measure),
                    Cell::Number(threshold),
                    Cell::Number(low - threshold),
                    Cell::Number(high - threshold),
                    Cell::text(side),
                    Cell::number(flip),
                    if to.is_empty() { Cell::Empty } else { Cell::text(to) },
                ]);
            }
        }
        table
    }

    /// How much of the inequality between firms is between countries, owners and kinds.
    pub(super) fn theil_tables(&self, view: &View<'_>, rows: &[Row]) -> (Table, Table) {
        let mut splits = Table::new("theil", "Inequality between and within", self.split_columns());
        let mut groups = Table::new("theil-groups", "Inequality group by group", self.group_columns());
        for row in rows {
            let (firms, shares) = row.firms();
            if firms.is_empty() {
                continue;
            }
            for of in [By::Country, By::Owner, By::Entity] {
                let word = if of == By::Entity { "kind" } else { of.name() };
                let (cells, of, unplaced) = groups_of(view, &firms, of);
                let Split { theil, between, within, groups: parts } = split_theil(&shares, &of);
                splits.rows.push(vec![
                    row.subject.cell.clone(),
                    Cell::text(word),
                    Cell::Number(cells.len() as f64),
                    Cell::Number(theil),
                    Cell::Number(between),
                    Cell::Number(within),
                    Cell::number((theil > 1e-12).then(|| between / theil)),
                    Cell::Number(unplaced as f64),
                ]);
                for (cell, (share, firms, between, within)) in cells.into_iter().zip(parts) {
                    groups.rows.push(vec![
                        row.subject.cell.clone(),
                        Cell::text(word),
                        cell,
                        Cell::Number(share),
                        Cell::Number(firms as f64),
                        Cell::Number(between),
                        Cell::Number(within),
                    ]);
                }
            }
        }
        (splits, groups)
    }

    fn split_columns(&self) -> Vec<Column> {
        vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new(
                "grouped_by",
                Unit::Text,
                "country of seat, owner (the ultimate one), or kind of entity",
            ),
            Column::new("groups", Unit::Count, "How many groups there are, 1 or more"),
            Column::new(
                "theil",
                Unit::Number,
                "Theil index of the known single firms against equal shares, nats, 0 to ln N",
            ),
            Column::new(
                "between",
                Unit::Number,
                "Its part between the groups, nats, 0 to theil; a group of n of N firms is expected to hold n/N",
            ),
            Column::new("within", Unit::Number, "Its part within them, nats, 0 to theil"),
            Column::new(
                "between_share",
                Unit::Share,
                "between / theil, 0 to 1; empty where all firms are equal",
            ),
            Column::new("unplaced", Unit::Count, "Firms without a known group, each a group of its own"),
        ]
    }

    fn group_columns(&self) -> Vec<Column> {
        vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new("grouped_by", Unit::Text, "country, owner or kind"),
            Column::new("group", Unit::Text, "The group"),
            Column::new("share", Unit::Share, "Its share of the known firms, 0 to 1"),
            Column::new("firms", Unit::Count, "How many of the known firms are in it, 1 or more"),
            Column::new(
                "between",
                Unit::Number,
                "Its part of the index between groups, nats; negative where it holds less than n/N",
            ),
            Column::new("within", Unit::Number, "Its part of the index within groups, nats, 0 or more"),
        ]
    }

    /// What the first column holds.
    pub(super) fn first_column(&self) -> &'static str {
        match (self.side, &self.of) {
            (Side::Buyers, _) => "The supplier whose customers are counted",
            (Side::Supply, Some(_)) => "The product that is needed",
            (Side::Supply, None) => "The market",
        }
    }

    pub(super) fn main_columns(&self) -> Vec<Column> {
        let rest = match self.by {
            By::Country | By::Production => {
                "HHI, 0 to 10,000, if the unlisted and unplaced rest belongs to the largest country"
            }
            _ if self.largest_unlisted.is_some() => {
                "HHI, 0 to 10,000, if the unlisted rest is firms of the largest size that --largest-unlisted allows"
            }
            _ => "HHI, 0 to 10,000, if the unlisted rest is one firm",
        };
        vec![
            Column::new("market", Unit::Text, self.first_column()),
            Column::new("by", Unit::Text, "Whose shares are added up before squaring"),
            Column::new("hhi_low", Unit::Hhi, "HHI, 0 to 10,000, if the unlisted rest is many small firms"),
            Column::new("hhi_high", Unit::Hhi, rest),
            Column::new("coverage", Unit::Share, "Share of the market that named single firms hold, 0 to 1"),
            Column::new(
                "effective_low",
                Unit::Number,
                "Number of equal vendors with the upper HHI, 1 or more",
            ),
            Column::new(
                "effective_high",
                Unit::Number,
                "Number of equal vendors with the lower HHI, 1 or more",
            ),
            Column::new("cr1", Unit::Share, "Share of the largest, 0 to 1"),
            Column::new("cr4", Unit::Share, "Share of the four largest that are known, 0 to 1"),
            Column::new("top", Unit::Text, "The largest"),
            Column::new("preset", Unit::Text, "The thresholds behind the label"),
            Column::new("label", Unit::Text, "The band, where both bounds fall in one; else undetermined"),
        ]
    }
}

/// The groups of firms in the order of their keys, the group of each firm, and how many firms have none.
fn groups_of(view: &View<'_>, firms: &[EntityId], by: By) -> (Vec<Cell>, Vec<usize>, usize) {
    let graph = view.graph;
    let mut unplaced = 0;
    let mut keyed: Vec<((bool, String), Cell)> = Vec::with_capacity(firms.len());
    for firm in firms {
        let own = || (graph.entity(*firm).key.clone(), super::subject::entity(view, *firm));
        keyed.push(match by {
            By::Owner => {
                let owner = graph.ultimate_owner(*firm, &view.scope);
                ((false, graph.entity(owner).key.clone()), super::subject::entity(view, owner))
            }
            By::Country | By::Production => match &graph.entity(*firm).seat {
                Some(seat) => ((false, seat.clone()), Cell::text(seat)),
                None => {
                    unplaced += 1;
                    let (key, cell) = own();
                    ((true, key), cell)
                }
            },
            By::Entity => ((false, graph.kind_of(*firm).to_string()), Cell::text(graph.kind_of(*firm))),
        });
    }
    let names: BTreeMap<&(bool, String), &Cell> = keyed.iter().map(|(key, cell)| (key, cell)).collect();
    let order: BTreeMap<&(bool, String), usize> =
        names.keys().enumerate().map(|(at, key)| (*key, at)).collect();
    let of = keyed.iter().map(|(key, _)| order.get(key).copied().unwrap_or(0)).collect();
    (names.values().map(|cell| (*cell).clone()).collect(), of, unplaced)
}
