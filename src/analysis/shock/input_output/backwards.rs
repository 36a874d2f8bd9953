//! The linear models asked backwards.

use super::super::super::{AnalysisError, View};
use super::super::backwards::{failing, linear, said};
use super::super::{BackWords, Backwards, Shift, Shock};
use super::economy::Economy;
use super::{Ghosh, Inoperability, Leontief};
use crate::model::EntityId;
use crate::propagation::target::TargetLoss;
use crate::scenario::Change;

/// Members whose normal output is known, with it.
fn known(
    view: &View<'_>,
    members: &[EntityId],
    normal: impl Fn(EntityId) -> Option<f64>,
) -> Result<Vec<(EntityId, f64)>, AnalysisError> {
    let known: Vec<(EntityId, f64)> =
        members.iter().filter_map(|id| Some((*id, normal(*id).filter(|output| *output > 0.0)?))).collect();
    if known.is_empty() {
        let names: Vec<&str> = members.iter().map(|id| view.graph.entity(*id).name.as_str()).collect();
        let text = format!("nothing is known of the normal output of {}", names.join(", "));
        return Err(AnalysisError::NoData(text));
    }
    Ok(known)
}

fn backwards(
    view: &View<'_>,
    members: &[EntityId],
    known: &[(EntityId, f64)],
    target: impl TargetLoss + 'static,
    words: BackWords,
    say: impl Fn(&[EntityId]) -> Result<crate::answer::Answer, AnalysisError>,
) -> Result<Backwards, AnalysisError> {
    let reaching = target.reaching();
    let mut said = match reaching.is_empty() {
        true => crate::answer::Answer::new("", "", ""),
        false => say(&reaching)?,
    };
    if known.len() < members.len() {
        let missing = |id: &&EntityId| !known.iter().any(|(member, _)| member == *id);
        let names: Vec<&str> =
            members.iter().filter(missing).map(|id| view.graph.entity(*id).name.as_str()).collect();
        let text = format!(
            "Left out of the mean, because nothing is known of their normal output: {}.",
            names.join(", ")
        );
        said.caveat("unknown-output", text, Some(names.len()));
    }
    Ok(Backwards { target: Box::new(target), said, words })
}

/// Whoever fails buys nothing any more for final demand: part of what it sells to nobody else.
pub(super) fn leontief(view: &View<'_>, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
    let (economy, _) = Economy::with_chain(view)?;
    let known = known(view, members, |id| economy.normal(view, id))?;
    let system = economy.cost.as_ref().map_or(economy.io.technical(), |(shares, _)| shares);
    let target = linear(system, &economy.final_demand, &known);
    let words = BackWords { one: "customer", many: "customers", lose: "final demand", loss: "output" };
    backwards(view, members, &known, target, words, |reaching| {
        let shift = |id: &EntityId| Shift {
            entity: view.graph.entity(*id).key.clone(),
            change: Change::Relative(-1.0),
        };
        // whose output is not known cannot lose a part of it, and has no final demand either
        let known = reaching.iter().filter(|id| economy.output_of(**id).is_some());
        said::<Leontief>(view, &Shock { demand: known.map(shift).collect(), ..Shock::default() })
    })
}

/// Whoever fails loses primary inputs worth its output.
pub(super) fn ghosh(view: &View<'_>, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
    let economy = Economy::build(view)?;
    let known = known(view, members, |id| economy.output_of(id))?;
    let target = linear(economy.io.allocation(), economy.io.output(), &known);
    let words = BackWords { loss: "output", lose: "output", ..BackWords::SUPPLIERS };
    backwards(view, members, &known, target, words, |reaching| {
        said::<Ghosh>(view, &Shock { fail: failing(view, reaching), ..Shock::default() })
    })
}

/// Whoever fails is a perturbation of the same part of its output.
pub(super) fn inoperability(view: &View<'_>, members: &[EntityId]) -> Result<Backwards, AnalysisError> {
    let economy = Economy::build(view)?;
    let known = known(view, members, |id| economy.output_of(id).map(|_| 1.0))?;
    let cause: Vec<f64> =
        economy.io.output().iter().map(|output| if *output > 0.0 { 1.0 } else { 0.0 }).collect();
    let target = linear(&economy.io.interdependency(), &cause, &known);
    let words = BackWords { one: "customer", many: "customers", lose: "output", loss: "output" };
    backwards(view, members, &known, target, words, |reaching| {
        said::<Inoperability>(view, &Shock { fail: failing(view, reaching), ..Shock::default() })
    })
}
