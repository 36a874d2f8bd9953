//! What a record rests on.

use crate::model::{Basis, Confidence, Evidence, SourceId};

use super::super::codes::Code;
use super::super::record::{ClaimRecord, EvidenceFields};
use super::super::trail::Trail;
use super::Lowering;

impl Lowering<'_> {
    /// The sources that a record cites.
    fn sources(&mut self, trail: &Trail, keys: &[String]) -> Vec<SourceId> {
        let field = trail.field("sources");
        let mut sources = Vec::with_capacity(keys.len());
        for (at, key) in keys.iter().enumerate() {
            match self.ids.sources.get(key) {
                Some(id) => sources.push(SourceId(id)),
                None => {
                    self.unknown(
                        &field.item(at),
                        Code::UnknownSource,
                        "source",
                        key,
                        &[&self.ids.sources.keys],
                    );
                }
            }
        }
        sources
    }

    /// The evidence of a record. To be called after its measures, whose claims may carry it.
    pub(super) fn evidence(&mut self, trail: &Trail, fields: EvidenceFields) -> Evidence {
        let mut sources = self.sources(trail, fields.sources);
        let assumed = self.reason(trail, fields.assumed);
        let own = !fields.sources.is_empty() || fields.assumed.is_some();
        if !own && self.claims_complete {
            for source in &self.claimed {
                if !sources.contains(source) {
                    sources.push(*source);
                }
            }
        } else if !own {
            let diagnostic =
                self.session.report(trail, Code::MissingEvidence, "the record does not say what it rests on");
            diagnostic.expected = Some("`sources: [\"…\"]` or `assumed: \"why\"`".to_string());
        }
        evidence(sources, assumed, fields.basis, fields.confidence, fields.note)
    }

    /// The evidence of one claim; `None` where it has none of its own.
    pub(super) fn claim_evidence(&mut self, trail: &Trail, claim: &ClaimRecord) -> Option<Evidence> {
        let sources = self.sources(trail, &claim.sources);
        let assumed = self.reason(trail, claim.assumed.as_deref());
        let silent = claim.sources.is_empty() && claim.assumed.is_none();
        if silent && claim.basis.is_none() && claim.confidence.is_none() && claim.note.is_none() {
            return None;
        }
        Some(evidence(sources, assumed, claim.basis, claim.confidence, claim.note.as_deref()))
    }

    /// The reason of an assumption, which must say something.
    fn reason(&mut self, trail: &Trail, assumed: Option<&str>) -> Option<String> {
        let reason = assumed?;
        if reason.trim().is_empty() {
            let message = "`assumed` gives no reason";
            self.session.report(&trail.field("assumed"), Code::MissingEvidence, message);
        }
        Some(reason.to_string())
    }
}

fn evidence(
    sources: Vec<SourceId>,
    assumed: Option<String>,
    basis: Option<Basis>,
    confidence: Option<Confidence>,
    note: Option<&str>,
) -> Evidence {
    let default = Evidence::usual_basis(&sources);
    Evidence {
        sources,
        assumed,
        basis: basis.unwrap_or(default),
        confidence: confidence.unwrap_or(Confidence::Medium),
        note: note.map(str::to_string),
    }
}
