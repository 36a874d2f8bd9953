//! The few that a column shows, and the rest as one node.

use crate::answer::{Cell, Column, Table, Unit};
use crate::graph::Graph;
use crate::model::EntityId;

/// The most nodes of a column before the rest is folded.
pub(super) const MOST_TOP: usize = 13;

/// How many nodes can be read on a page.
const PAGE: usize = 36;
/// How many names of a column can, where nothing else is asked.
const COLUMN: usize = 6;

/// The largest number of names a column, that keeps columns of these sizes on a page.
pub(super) fn top_for_a_page(sizes: &[usize]) -> usize {
    let nodes = |top: usize| -> usize {
        sizes.iter().map(|size| if *size <= top + 1 { *size } else { top + 1 }).sum()
    };
    (3..=COLUMN).rev().find(|top| nodes(*top) <= PAGE).unwrap_or(3)
}

/// What one column shows and what it folds, by position in the list of members.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Folded {
    pub shown: Vec<usize>,
    pub others: Vec<usize>,
}

/// Keeps the `top` members that stand first in `order` and all that must be kept (those first). A single member
/// is never folded: "1 other" takes as much room as its name.
pub(super) fn fold(members: &[usize], keep: impl Fn(usize) -> bool, top: usize) -> Folded {
    let (kept, rest): (Vec<usize>, Vec<usize>) = members.iter().partition(|at| keep(**at));
    let order: Vec<usize> = kept.into_iter().chain(rest).collect();
    let top = top.clamp(1, MOST_TOP);
    if order.len() <= top + 1 {
        return Folded { shown: order, others: Vec::new() };
    }
    let (shown, others) = order.split_at(top);
    Folded { shown: shown.to_vec(), others: others.to_vec() }
}

/// The sidecar without rows.
pub(super) fn sidecar(measure: &str) -> Table {
    let columns = vec![
        Column::new(
            "node",
            Unit::Text,
            "The node of the picture that stands for it; empty where it is left out",
        ),
        Column::new("entity", Unit::Text, "Who is folded or left out"),
        Column::new("kind", Unit::Text, "Its kind"),
        Column::new("value", Unit::Number, measure),
    ];
    Table::new("folded", "Not shown by name in the picture", columns)
}

/// One line of the sidecar.
pub(super) fn note(table: &mut Table, graph: &Graph, node: &str, id: EntityId, value: f64) {
    let entity = graph.entity(id);
    table.rows.push(vec![
        Cell::text(node),
        Cell::Item { key: entity.key.clone(), name: entity.name.clone() },
        Cell::text(graph.kind_of(id)),
        Cell::number(value),
    ]);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_first_and_what_must_stay() {
        let folded = fold(&[5, 6, 7, 8], |at| at == 8, 2);
        assert_eq!(folded, Folded { shown: vec![8, 5], others: vec![6, 7] });
    }

    #[test]
    fn pages_hold_what_they_hold() {
        assert_eq!(top_for_a_page(&[1, 5, 9]), COLUMN);
        // six columns of five names and "others" are 36
        assert_eq!(top_for_a_page(&[50, 50, 50, 50, 50, 50]), 5);
        assert_eq!(top_for_a_page(&[50; 30]), 3);
    }

    #[test]
    fn never_folds_one() {
        assert_eq!(fold(&[1, 2, 3], |_| false, 2).others, Vec::<usize>::new());
    }
}
