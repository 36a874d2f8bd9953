//! Headings and questions that models of shocks have in common.

use super::Asked;

/// A heading: the scenario's own, or who is hit.
pub(super) fn title(asked: &Asked<'_>, prefix: &str) -> String {
    if !asked.hits.title.is_empty() {
        return asked.hits.title.clone();
    }
    let mut names: Vec<&str> =
        asked.hits.entities.iter().map(|hit| asked.view.graph.entity(hit.entity).name.as_str()).collect();
    names.dedup();
    format!("{prefix}: {}", names.join(", "))
}

/// What is asked: what happens if the shocks come about.
pub(super) fn question(asked: &Asked<'_>) -> String {
    format!("What happens if {}?", asked.hits.words.join(", and "))
}
