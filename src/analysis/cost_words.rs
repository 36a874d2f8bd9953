//! What has to be known of shares of cost before a number that rests on them is used.

use super::View;
use crate::answer::Answer;
use crate::network::{CostNetwork, SUPPOSED_VALUE_ADDED, Wholes};

/// Says what amounts of bulk tables were taken as shares of, what was supposed, and what was scaled down.
pub(super) fn say_costs(view: &View<'_>, cost: &CostNetwork, answer: &mut Answer) {
    let Wholes { stated, sold, bought, circles } = cost.wholes();
    let all = stated + sold + bought;
    if all > 0 {
        let mut parts = Vec::new();
        if *stated > 0 {
            parts.push(format!("{stated} by their stated costs or revenue"));
        }
        if *sold > 0 {
            parts.push(format!(
                "{sold} by what they sell in the tables, of which what they do not pay on is value added"
            ));
        }
        if *bought > 0 {
            parts.push(format!(
                "{bought} by what they buy, as they sell no more than that in the tables: they are taken to keep nothing, so money \
                 that passes them is an upper bound"
            ));
        }
        let text = format!(
            "Amounts are shares of the buyer's total cost. Of {all} buyers that is known for {}.",
            parts.join("; ")
        );
        answer.caveat("total-costs", text, Some(*bought));
    }
    if !circles.is_empty() {
        let members: usize = circles.iter().map(Vec::len).sum();
        let first = circles.iter().flatten().take(4).map(|id| view.graph.entity(*id).name.clone());
        let first = first.collect::<Vec<_>>().join(", ");
        let text = format!(
            "{members} firms in {} closed circles pay all that they are known to receive to each other ({first}{}). Each is supposed to \
             keep {:.0} % as value added, about what economies keep of their gross output; a column `costs` or `revenue` of the \
             entities would say it.",
            circles.len(),
            if members > 4 { " and others" } else { "" },
            100.0 * SUPPOSED_VALUE_ADDED
        );
        answer.caveat("supposed-value-added", text, Some(members));
    }
    if cost.scaled() > 0 {
        let text = format!(
            "Cost shares of {} buyers added up to more than the whole and were scaled down.",
            cost.scaled()
        );
        answer.caveat("scaled-costs", text, Some(cost.scaled()));
    }
}
