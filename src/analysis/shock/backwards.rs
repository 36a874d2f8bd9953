//! Models asked backwards: what their adapters share.

use super::super::{AnalysisError, View};
use super::{Asked, Shock, ShockModel};
use crate::answer::Answer;
use crate::matrix::Sparse;
use crate::model::EntityId;
use crate::propagation::target::ModelTarget;
use crate::scenario::Failure;

/// Caveats and evidence of a model for this shock: what it says of itself where everybody who may fail does. What it
/// says of that one run is left out.
pub(super) fn said<M: ShockModel>(view: &View<'_>, shock: &Shock) -> Result<Answer, AnalysisError> {
    let hits = shock.hits(view)?;
    let run = M::run(&Asked { view, params: shock, hits: &hits })?;
    let mut said = Answer::new("", "", "");
    said.caveats = run.caveats;
    said.caveats.retain(|caveat| !["rounds", "above-one"].contains(&caveat.code.as_str()));
    said.evidence = run.evidence;
    Ok(said)
}

/// All of them failing altogether.
pub(super) fn failing(view: &View<'_>, all: &[EntityId]) -> Vec<Failure> {
    all.iter().map(|id| Failure { entity: view.graph.entity(*id).key.clone(), loss: 1.0 }).collect()
}

/// What outages cost each member of a target, and whether the model settled.
pub(super) trait Losses: Fn(&[(EntityId, f64)]) -> (Vec<f64>, bool) + Sync {}

impl<F: Fn(&[(EntityId, f64)]) -> (Vec<f64>, bool) + Sync> Losses for F {}

/// A linear model seen from a target: losses of the members are sums of outages times responses.
///
/// `system` is `M` of `x = c + M x`; an outage `u_j` makes `c_j = u_j cause_j`, and a member loses `x / normal`. One
/// solve of the transposed system for each member gives all responses.
pub(super) fn linear(
    system: &Sparse,
    cause: &[f64],
    members: &[(EntityId, f64)],
) -> ModelTarget<impl Losses + use<>> {
    let turned = system.transposed();
    let mut settled = true;
    let mut responses: Vec<Vec<f64>> = Vec::with_capacity(members.len());
    for (id, normal) in members {
        let mut unit = vec![0.0; system.len()];
        if let Some(slot) = unit.get_mut(id.index()) {
            *slot = 1.0 / normal;
        }
        let solved = turned.solve(&unit);
        settled &= solved.converged;
        responses.push(solved.x.iter().zip(cause).map(|(reach, cause)| (reach * cause).max(0.0)).collect());
    }
    let reaches = |at: &usize| responses.iter().any(|row| row.get(*at).is_some_and(|part| *part > 0.0));
    let own = |id: &EntityId| members.iter().any(|(member, _)| member == id);
    let reaching: Vec<EntityId> =
        (0..system.len()).filter(reaches).map(EntityId::new).filter(|id| !own(id)).collect();
    // losses are capped at all of it; with one member that changes no set, with several it bends the mean
    let capped = |row: &Vec<f64>| reaching.iter().filter_map(|id| row.get(id.index())).sum::<f64>() > 1.0;
    let is_convex = responses.len() == 1 || !responses.iter().any(capped);
    ModelTarget::new(reaching, is_convex, move |outages: &[(EntityId, f64)]| {
        let lost = |row: &Vec<f64>| {
            outages.iter().map(|(id, share)| share * row.get(id.index()).copied().unwrap_or(0.0)).sum::<f64>()
        };
        (responses.iter().map(lost).collect(), settled)
    })
}
