//! How probable outages are, as far as the dataset says so.

use std::collections::BTreeMap;

use super::super::target::Target;
use super::super::{AnalysisError, View};
use super::search::Found;
use crate::model::{AttributeKind, AttributeSubject, Dimension, EntityId};

/// Name of the attribute, as in `Other("outage-probability")`.
const NAME: &str = "outage-probability";

/// Probabilities that the candidates state.
///
/// # Errors
/// None of them states one; a value that is no probability.
pub(super) fn stated(
    view: &View<'_>,
    target: &Target,
    candidates: &[EntityId],
) -> Result<BTreeMap<EntityId, f64>, AnalysisError> {
    let kind = AttributeKind::Other(NAME.to_string());
    let mut stated = BTreeMap::new();
    for id in candidates {
        let of = AttributeSubject::Entity(*id);
        let Some((_, attribute)) = view.graph.latest_attribute(of, &kind, None, view.scope.as_of) else {
            continue;
        };
        let share = attribute.value.as_ref().filter(|value| value.dimension == Dimension::Share);
        match share.and_then(|value| value.point()) {
            Some(probability) if probability > 0.0 && probability <= 1.0 => {
                stated.insert(*id, probability);
            }
            _ => {
                return Err(AnalysisError::Invalid {
                    parameter: "by",
                    reason: format!(
                        "{} is no probability: expected a Share or Percent above 0 and at most 1",
                        attribute.key
                    ),
                });
            }
        }
    }
    if stated.is_empty() {
        return Err(AnalysisError::NoData(format!(
            "nobody upstream of {} states how probable an outage is: expected attributes (of: \"…\", what: \
             Other({NAME:?}), value: Percent(…)); without them ask --by count or --by size",
            target.name
        )));
    }
    Ok(stated)
}

/// Probability that all members fail, as independent events.
pub(super) fn fill(found: &mut [Found], stated: &BTreeMap<EntityId, f64>) {
    for set in found {
        set.probability = set.members.iter().map(|id| stated.get(id).copied()).product();
    }
}

/// No set of more members than `searched` is more probable than this.
pub(super) fn beyond(stated: &BTreeMap<EntityId, f64>, searched: usize) -> f64 {
    let mut all: Vec<f64> = stated.values().copied().collect();
    all.sort_by(|a, b| b.total_cmp(a));
    if all.len() <= searched { 0.0 } else { all.iter().take(searched + 1).product() }
}
