//! A loss shared out among the links that carry it.

use rayon::prelude::*;

use super::super::trail::{entity_cell, product_cell};
use super::{NOTICEABLE, Study};
use crate::answer::{Answer, Cell, Column, FindingBuilder, Table, Unit};
use crate::model::ProductId;
use crate::order::Arrange;
use crate::propagation::shapley::{EXACT, ORDERS, shapley};

/// Links beyond which even drawn orders take too long.
const MOST_LINKS: usize = 60;

/// A link: who supplies whom with what.
struct Tie {
    at: usize,
    row: usize,
    product: ProductId,
    /// What the loss falls by where the link passes nothing on.
    alone: f64,
}

/// The links on ways to the target that lose something, those without which the loss falls most first.
fn ties(study: &Study<'_>) -> Vec<Tie> {
    let network = study.network;
    let mut upstream = vec![false; network.len()];
    for member in &study.target.members {
        let tiers = network.tiers_upstream(*member);
        upstream.iter_mut().zip(tiers).for_each(|(on, tier)| *on |= tier.is_some());
    }
    let lost = |at: usize| study.outcome.functionality.get(at).is_some_and(|level| 1.0 - level > NOTICEABLE);
    let mut ties = Vec::new();
    for (row, need) in network.rows().iter().enumerate() {
        let on_way = need.binds() && upstream.get(need.entity.index()).copied().unwrap_or_default();
        if !on_way || !lost(need.entity.index()) {
            continue;
        }
        for (link, at) in network.suppliers(need).iter().zip(network.link_range(need)) {
            if lost(link.supplier.index()) {
                ties.push(Tie { at, row, product: need.product, alone: 0.0 });
            }
        }
    }
    ties.par_iter_mut().for_each(|tie| {
        tie.alone = study.loss - study.loss_on(&network.without_links(&[tie.at]));
    });
    let rounded = |tie: &Tie| (tie.alone / NOTICEABLE).round();
    ties.arrange(|a, b| rounded(b).total_cmp(&rounded(a)).then(a.at.cmp(&b.at)));
    ties
}

/// Adds the table of links.
pub(super) fn add(study: &Study<'_>, answer: &mut Answer) {
    let mut ties = ties(study);
    let on_ways = ties.len();
    ties.truncate(study.params.links.min(MOST_LINKS));
    let value = |set: &[bool]| {
        let gone: Vec<usize> = ties.iter().zip(set).filter(|(_, on)| !**on).map(|(tie, _)| tie.at).collect();
        vec![study.loss_on(&study.network.without_links(&gone))]
    };
    let parts = shapley(ties.len(), study.params.seed, value);
    let nothing_passes = value(&vec![false; ties.len()]).first().copied().unwrap_or(0.0);
    let columns = vec![
        Column::new(
            "supplier",
            Unit::Text,
            "Who delivers; empty for what goes over none of the links listed",
        ),
        Column::new("customer", Unit::Text, "Who receives"),
        Column::new("product", Unit::Text, "What"),
        Column::new("share", Unit::Share, "Share of the customer's need, 0 to 1"),
        Column::new(
            "part",
            Unit::Share,
            "Shapley value: part of the target's loss that the link carries; parts add up to the loss",
        ),
        Column::new("part_of_loss", Unit::Share, "The same as a share of the loss, 0 to 1"),
        Column::new(
            "standard_error",
            Unit::Share,
            "Standard error of the part; 0 where all sets of links were run",
        ),
        Column::new(
            "falls_without",
            Unit::Share,
            "What the loss falls by where only this link passes nothing on, 0 to 1",
        ),
    ];
    let mut table = Table::new("links", "What each link carries of the loss", columns);
    let mut lines: Vec<(&Tie, f64, f64)> = Vec::new();
    for (at, tie) in ties.iter().enumerate() {
        let first = |values: Option<&Vec<f64>>| values.and_then(|own| own.first()).copied().unwrap_or(0.0);
        let error = parts.errors.as_ref().map_or(0.0, |errors| first(errors.get(at)));
        lines.push((tie, first(parts.parts.get(at)), error));
    }
    let rounded = |part: f64| (part / NOTICEABLE).round();
    lines.arrange(|a, b| rounded(b.1).total_cmp(&rounded(a.1)).then(a.0.at.cmp(&b.0.at)));
    let graph = study.view.graph;
    for (tie, part, error) in &lines {
        let (Some(row), Some(link)) = (study.network.rows().get(tie.row), study.network.links().get(tie.at))
        else {
            continue;
        };
        table.rows.push(vec![
            entity_cell(graph, link.supplier),
            entity_cell(graph, row.entity),
            product_cell(graph, tie.product),
            Cell::Number(link.share),
            Cell::Number(*part),
            Cell::Number(part / study.loss),
            Cell::Number(*error),
            Cell::Number(tie.alone),
        ]);
    }
    if nothing_passes > NOTICEABLE {
        let mut rest = vec![Cell::Empty; 4];
        rest.extend([
            Cell::Number(nothing_passes),
            Cell::Number(nothing_passes / study.loss),
            Cell::Number(0.0),
            Cell::Empty,
        ]);
        table.rows.push(rest);
    }
    if let Some((row, (tie, ..))) = lines.iter().enumerate().next() {
        let finding = FindingBuilder::new("Most of the loss, ")
            .cell(&table, row, "part_of_loss")
            .words(", goes over what ")
            .cell(&table, row, "supplier")
            .words(" delivers to ")
            .cell(&table, row, "customer")
            .words(format!(" ({}).", graph.product(tie.product).name));
        answer.findings.push(finding.done());
    }
    answer.tables.push(table);
    let text = format!(
        "Of {on_ways} links that carry losses on ways to the target, the {} without which the loss falls most share it out; the \
         others pass losses on throughout.",
        ties.len()
    );
    answer.caveat("links-chosen", text, Some(ties.len()));
    if ties.len() > EXACT {
        let text = format!(
            "The parts of {} links are means over {ORDERS} drawn orders (seed {}); their standard errors are given. They add \
             up to the loss all the same.",
            ties.len(),
            study.params.seed
        );
        answer.caveat("sampled-parts", text, Some(ORDERS));
    }
}
