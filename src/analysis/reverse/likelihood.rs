//! How probable outages are, as far as the dataset says so.

use std::collections::BTreeMap;

use super::super::target::Target;
use super::super::trail::Trail;
use super::super::{AnalysisError, View};
use super::search::Found;
use crate::answer::{Answer, Evidence};
use crate::model::{AttributeKind, AttributeSubject, Dimension, EntityId};
use crate::order::Arrange;

/// Name of the attribute, as in `Other("outage-probability")`.
const NAME: &str = "outage-probability";

/// Probabilities of outages, and the records that state them.
pub(super) struct Stated {
    pub of: BTreeMap<EntityId, f64>,
    pub trail: Trail,
}

/// Probabilities that the candidates state.
///
/// # Errors
/// None of them states one; a value that is no probability.
pub(super) fn stated(
    view: &View<'_>,
    target: &Target,
    candidates: &[EntityId],
) -> Result<Stated, AnalysisError> {
    let kind = AttributeKind::Other(NAME.to_string());
    let mut stated = Stated { of: BTreeMap::new(), trail: Trail::default() };
    for id in candidates {
        let of = AttributeSubject::Entity(*id);
        let Some((record, attribute)) = view.graph.latest_attribute(of, &kind, None, view.scope.as_of) else {
            continue;
        };
        let share = attribute.value.as_ref().filter(|value| value.dimension == Dimension::Share);
        match share.and_then(|value| value.point()) {
            Some(probability) if probability > 0.0 && probability <= 1.0 => {
                stated.of.insert(*id, probability);
                stated.trail.attribute(record);
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
    if stated.of.is_empty() {
        return Err(AnalysisError::NoData(format!(
            "nobody upstream of {} states how probable an outage is: expected attributes (of: \"…\", what: \
             Other({NAME:?}), value: Percent(…)); without them ask --by count or --by size",
            target.name
        )));
    }
    Ok(stated)
}

/// Adds the records that state probabilities to what the model rests on.
pub(super) fn add_evidence(view: &View<'_>, trail: Trail, answer: &mut Answer) {
    let mut own = Answer::new("", "", "");
    trail.finish(view, &mut own);
    let assumed = own.evidence.records.iter().filter(|record| record.assumed.is_some()).count();
    let text = format!(
        "{} records state how probable an outage is; {assumed} of them are assumptions of the dataset.",
        own.evidence.records.len()
    );
    answer.caveat("stated-probabilities", text, Some(own.evidence.records.len()));
    (answer.evidence, _) = Evidence::merged(&[&answer.evidence, &own.evidence]);
}

/// Probability that all members fail, as independent events.
pub(super) fn fill(found: &mut [Found], stated: &Stated) {
    for set in found {
        set.probability = set.members.iter().map(|id| stated.of.get(id).copied()).product();
    }
}

/// No set of more members than `searched` is more probable than this.
pub(super) fn beyond(stated: &Stated, searched: usize) -> f64 {
    let mut all: Vec<f64> = stated.of.values().copied().collect();
    all.arrange(|a, b| b.total_cmp(a));
    if all.len() <= searched { 0.0 } else { all.iter().take(searched + 1).product() }
}
